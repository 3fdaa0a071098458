//! `M407` **cumulative-fell**: a year-to-date value is lower than last quarter's.

use crate::finding::{Code, Severity};
use crate::reconcile::{Action, Past, Report};
use crate::record::amount_of;
use crate::rules::{
    CellFacts, Check, Decides, Hold, MatchingFacts, Partner, RowFacts, Rule, Sink, Words,
};
use crate::value::{Decimal, amount};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M407"),
    name: "cumulative-fell",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Accept,
    summary: "A value that counts from the start of the year is lower than last quarter's.",
    why: "Such a figure can only rise: either the quarter's own figure was sent, or one of the two is wrong.",
    example: "A year-to-date count of 90 at Q1 and 35 at Q2.",
    fix: "Ask for the figure for the year so far, or correct the earlier quarter.",
    partner: Partner::Worded(&[
        Words {
            case: "",
            message: "",
            fix: "Give the figure on the measure's basis, {basis}; if last quarter's was wrong, tell us.",
        },
        Words {
            case: "no basis",
            message: "",
            fix: "Give the figure on the measure's basis; if last quarter's was wrong, tell us.",
        },
    ]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    for (index, report, action, row) in facts.reports() {
        let Some(fall) = fall(facts, index, report, action, &row) else {
            continue;
        };
        let mut draft = sink.cell(&fall.cell);
        if let Some(place) = facts.past_place(&fall.past) {
            draft = draft.related(place);
        }
        draft = match basis(facts, action) {
            Some(basis) => draft.with("basis", basis),
            None => draft.case("no basis"),
        };
        draft.report(
            format!(
                "On {}, the value for the year so far is {}; last quarter it was {}, and such a figure cannot fall.",
                action.reference,
                amount::figure(fall.now),
                amount::figure(fall.then)
            ),
            "Ask whether this is the quarter's own figure; the figure for the year so far is needed. If last quarter's was wrong, correct the plan.",
        );
    }
}

/// The basis of an action's measure as the plan writes it, if it does.
pub(super) fn basis(facts: &MatchingFacts<'_>, action: &Action) -> Option<String> {
    let text = facts.row(action.at)?.cell("basis")?.cell.raw_text();
    let text = text.trim().to_lowercase();
    (!text.is_empty()).then_some(text)
}

/// A year-to-date value below last quarter's.
pub(super) struct Fall<'a> {
    pub(super) cell: CellFacts<'a>,
    pub(super) past: Past<'a>,
    pub(super) now: Decimal,
    pub(super) then: Decimal,
}

/// Whether a report's value fell although it counts from the start of the year.
pub(super) fn fall<'a>(
    facts: &MatchingFacts<'a>,
    index: usize,
    report: &Report,
    action: &Action,
    row: &RowFacts<'a>,
) -> Option<Fall<'a>> {
    let plan = facts.row(action.at)?;
    if plan.view().choice_value("basis") != Some("year-to-date") {
        return None;
    }
    let now = row.view().amount("value")?;
    let past = facts.last_of(index, report, action, "value")?;
    let then = amount_of(past.cell.value()?)?;
    let cell = row.cell("value")?;
    (now < then).then_some(Fall {
        cell,
        past,
        now,
        then,
    })
}
