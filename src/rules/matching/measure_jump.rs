//! `M410` **measure-jump**: a measure is ten times, or a tenth of, what it was.

use crate::finding::{Code, Severity};
use crate::record::amount_of;
use crate::rules::matching::cumulative_fell;
use crate::rules::{Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink, Words};
use crate::value::{Decimal, amount};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M410"),
    name: "measure-jump",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A measure is 10 times, or a tenth of, last quarter's, and one of the two is at least 20.",
    why: "A slipped digit, or another area's or period's figure, looks just like that.",
    example: "42 at Q1 and 420 at Q2.",
    fix: "Ask the agency to confirm the figure.",
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

/// How many times last quarter's value is a jump.
const TIMES: Decimal = Decimal::TEN;
/// Below this, both values are too small for the factor to mean anything.
const LEAST: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    for (index, report, action, row) in facts.reports() {
        // A year-to-date value that fell is told as that.
        if cumulative_fell::fall(facts, index, report, action, &row).is_some() {
            continue;
        }
        let Some((now, past)) = row
            .view()
            .amount("value")
            .zip(facts.last_of(index, report, action, "value"))
        else {
            continue;
        };
        let Some(then) = past.cell.value().and_then(amount_of) else {
            continue;
        };
        let (small, large) = (now.abs().min(then.abs()), now.abs().max(then.abs()));
        let jumps = small
            .checked_mul(TIMES)
            .is_some_and(|ten_times| !small.is_zero() && large >= LEAST && large >= ten_times);
        let Some(cell) = row.cell("value").filter(|_| jumps) else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = facts.past_place(&past) {
            draft = draft.related(place);
        }
        draft = match cumulative_fell::basis(facts, action) {
            Some(basis) => draft.with("basis", basis),
            None => draft.case("no basis"),
        };
        draft.report(
            format!(
                "On {}, the value is {}; last quarter it was {}.",
                action.reference,
                amount::figure(now),
                amount::figure(then)
            ),
            "Ask the agency to confirm the figure: its digits, its area and its period.",
        );
    }
}
