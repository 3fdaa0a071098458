//! `R304` **overdue-action**: the due day has passed and the action is neither Complete nor Closed.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use crate::finding::{Code, Severity};
use crate::reconcile::{self, Action};
use crate::rules::{CellFacts, Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink, Words};
use crate::schema::Role;
use crate::value::date::long;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R304"),
    name: "overdue-action",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "The plan's due date is before the as-of date and the status is not Complete or Closed; an action due on the year's last day only once the last quarter's deadline has passed.",
    why: "A date that has passed without a word is the first thing a meeting asks about.",
    example: "On track, due 30 June 2022, reported on 20 October 2022.",
    fix: "Ask for a new date, or for the status to be brought up to date.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Bring the status up to date, or ask for a new date.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let as_of = facts.facts.run.as_of;
    // Who was given the whole year reports on it with the last quarter.
    let year = &facts.facts.run.schema.year;
    let is_year_open = year.deadlines.last().is_some_and(|last| as_of <= *last);
    let in_doubt = LazyCell::new(|| InDoubt::of(facts));
    for (index, action) in facts.consolidation.actions.iter().enumerate() {
        let Some(due) = action
            .due
            .filter(|due| *due < as_of && !(*due == year.end && is_year_open))
        else {
            continue;
        };
        let Some((cell, status)) = status(facts, &in_doubt, index, action) else {
            continue;
        };
        let schema = facts.facts.run.schema;
        if status
            .is_some_and(|status| matches!(schema.status_counts_as(status), "complete" | "closed"))
        {
            continue;
        }
        let shown = status.map_or_else(
            || "no status is given".to_owned(),
            |status| format!("its status is {}", schema.status_label(status)),
        );
        sink.cell(&cell).report(
            format!(
                "{} was due by {}, and {shown}.",
                action.reference,
                long(due)
            ),
            "Bring the status up to date, or agree a new date and write it in the plan.",
        );
    }
}

/// The cell that speaks for an action's status, and the status: the reported one that is shown, else the plan's latest.
///
/// Nothing where what was reported is held or cannot be read: the finding that says so speaks.
fn status<'a, F: FnOnce() -> InDoubt>(
    facts: &MatchingFacts<'a>,
    in_doubt: &LazyCell<InDoubt, F>,
    index: usize,
    action: &Action,
) -> Option<(CellFacts<'a>, Option<usize>)> {
    let schema = facts.facts.run.schema;
    let consolidation = facts.consolidation;
    if !action.reports.is_empty() {
        let shown =
            reconcile::shown_status(action, &consolidation.reports, facts.facts.sources, schema);
        let Some((status, report)) = shown else {
            // A comment leaves what was over before as it was.
            let over = facts.over_before(action)?;
            return Some((facts.row(action.at)?.cell("due")?, Some(over.status)));
        };
        let row = facts.row(consolidation.reports.get(report)?.at)?;
        return Some((row.cell("status")?, Some(status)));
    }
    let is_lead_out = action.lead.is_some_and(|lead| in_doubt.out.contains(&lead));
    let is_held = in_doubt.reported.contains(&index)
        || action.lead.is_some_and(|lead| {
            in_doubt.of_agency.contains(&lead) || in_doubt.likely.contains(&(lead, index))
        });
    if is_lead_out || is_held {
        return None;
    }
    let row = facts.row(action.at)?;
    let last = facts.facts.run.quarter.map_or(4, |q| q.number);
    let latest = (1..=last)
        .rev()
        .find_map(|q| row.view().choice(&format!("q{q}_status")))
        .or_else(|| facts.over_before(action).map(|over| over.status));
    Some((row.cell("due")?, latest))
}

/// What returns say, or may say, of actions without any report that counts.
#[derive(Default)]
struct InDoubt {
    /// Agencies of which a return is out as a whole.
    out: BTreeSet<usize>,
    /// Actions that some row names.
    reported: BTreeSet<usize>,
    /// Agencies of which a row is held that may be on any action.
    of_agency: BTreeSet<usize>,
    /// Agencies with the actions that a row of theirs means by its wording.
    likely: BTreeSet<(usize, usize)>,
}

impl InDoubt {
    fn of(facts: &MatchingFacts<'_>) -> Self {
        let (schema, sources) = (facts.facts.run.schema, facts.facts.sources);
        let consolidation = facts.consolidation;
        let mut out = Self {
            out: sources
                .iter()
                .filter(|source| source.role == Role::Return && source.is_out())
                .filter_map(|source| source.statement.agency)
                .collect(),
            ..Self::default()
        };
        for report in &consolidation.reports {
            if let Some(index) = report.action {
                out.reported.insert(index);
                continue;
            }
            let Some(agency) = report.agency else {
                continue;
            };
            // A row without a reference that can be used may be on any action, unless its wording says otherwise.
            match consolidation.likeliest(report, sources, schema) {
                Some((index, alike)) if alike >= reconcile::PROPOSAL_LIKENESS => {
                    out.likely.insert((agency, index));
                }
                None if report.is_held => {
                    out.of_agency.insert(agency);
                }
                Some(_) | None => {}
            }
        }
        out
    }
}
