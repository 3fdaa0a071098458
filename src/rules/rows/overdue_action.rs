//! `R304` **overdue-action**: the due day has passed and the action is neither Complete nor Closed.

use crate::finding::{Code, Severity};
use crate::reconcile::{self, Action};
use crate::rules::{CellFacts, Check, Hold, MatchingFacts, Rule, Sink};
use crate::schema::Role;
use crate::source::Source;
use crate::value::date::long;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R304"),
    name: "overdue-action",
    severity: Severity::Warning,
    hold: Hold::None,
    summary: "The plan's due date is before the as-of date and the status is not Complete or Closed.",
    why: "A date that has passed without a word is the first thing a meeting asks about.",
    example: "On track, due 30 June 2022, reported on 20 October 2022.",
    fix: "Ask for a new date, or for the status to be brought up to date.",
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let as_of = facts.facts.run.as_of;
    for action in &facts.consolidation.actions {
        let Some(due) = action.due.filter(|due| *due < as_of) else {
            continue;
        };
        let Some((cell, status)) = status(facts, action) else {
            continue;
        };
        let schema = facts.facts.run.schema;
        if status.is_some_and(|status| matches!(schema.status_value(status), "complete" | "closed"))
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
fn status<'a>(
    facts: &MatchingFacts<'a>,
    action: &Action,
) -> Option<(CellFacts<'a>, Option<usize>)> {
    let schema = facts.facts.run.schema;
    let consolidation = facts.consolidation;
    if !action.reports.is_empty() {
        let (status, report) =
            reconcile::shown_status(action, &consolidation.reports, facts.facts.sources, schema)?;
        let row = facts.row(consolidation.reports.get(report)?.at)?;
        return Some((row.cell("status")?, Some(status)));
    }
    let is_of_lead = |agency: Option<usize>| agency.is_some() && agency == action.lead;
    let is_lead_out = facts.facts.sources.iter().any(|source: &Source| {
        source.role == Role::Return && is_of_lead(source.statement.agency) && source.is_out()
    });
    let is_this = |index: usize| {
        consolidation
            .actions
            .get(index)
            .is_some_and(|other| other.at == action.at)
    };
    let is_held = consolidation.reports.iter().any(|report| {
        if let Some(index) = report.action {
            return is_this(index);
        }
        if !is_of_lead(report.agency) {
            return false;
        }
        // A row without a reference that can be used may be on this action, unless its wording says otherwise.
        match consolidation.likeliest(report, facts.facts.sources, schema) {
            Some((index, alike)) => alike >= reconcile::PROPOSAL_LIKENESS && is_this(index),
            None => report.is_held,
        }
    });
    if is_lead_out || is_held {
        return None;
    }
    let row = facts.row(action.at)?;
    let last = facts.facts.run.quarter.map_or(4, |q| q.number);
    let latest = (1..=last)
        .rev()
        .find_map(|q| row.view().choice(&format!("q{q}_status")));
    Some((row.cell("due")?, latest))
}
