//! `M404` **conflicting-report**: two agencies report differently on one action.

use rust_decimal::Decimal;

use crate::finding::{Code, Severity};
use crate::reconcile::Action;
use crate::rules::{Check, Hold, MatchingFacts, RowFacts, Rule, Sink};
use crate::value::amount;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M404"),
    name: "conflicting-report",
    severity: Severity::Error,
    hold: Hold::Value,
    summary: "Two agencies report different values or statuses for one action.",
    why: "The meeting must know that partners differ before it hears either figure.",
    example: "The police report On track and the council At risk for SAC-01.",
    fix: "Settle it with both; until then the worst status is shown, and the lead's value.",
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    for action in &facts.consolidation.actions {
        let rows: Vec<(RowFacts<'_>, Option<usize>)> = action
            .reports
            .iter()
            .filter_map(|index| facts.consolidation.reports.get(*index))
            .filter_map(|report| Some((facts.row(report.at)?, report.agency)))
            .collect();
        let Some(((first, first_agency), others)) = rows.split_first() else {
            continue;
        };
        for (other, agency) in others.iter().filter(|(_, agency)| agency != first_agency) {
            compare(
                facts,
                sink,
                action,
                (first, *first_agency),
                (other, *agency),
            );
        }
    }
}

fn compare(
    facts: &MatchingFacts<'_>,
    sink: &mut Sink<'_>,
    action: &Action,
    first: (&RowFacts<'_>, Option<usize>),
    other: (&RowFacts<'_>, Option<usize>),
) {
    let schema = facts.facts.run.schema;
    let name = |agency: Option<usize>| {
        agency.map_or("another partner", |agency| schema.agency_name(agency))
    };
    let (mine, theirs) = (name(first.1), name(other.1));
    let values: Option<(Decimal, Decimal)> = first
        .0
        .view()
        .amount("value")
        .zip(other.0.view().amount("value"))
        .filter(|(a, b)| a != b);
    let statuses: Option<(usize, usize)> = first
        .0
        .view()
        .choice("status")
        .zip(other.0.view().choice("status"))
        .filter(|(a, b)| a != b);
    let mut said = Vec::new();
    if let Some((a, b)) = values {
        let outcome = if first.1 == action.lead && action.lead.is_some() {
            "The lead's value is used."
        } else {
            "Neither value is used."
        };
        said.push(format!(
            "{mine} reports {} and {theirs} {}. {outcome}",
            amount::figure(a),
            amount::figure(b)
        ));
    }
    if let Some((a, b)) = statuses {
        said.push(format!(
            "{mine} says {} and {theirs} {}. The worse, {}, is shown.",
            schema.status_label(a),
            schema.status_label(b),
            schema.status_label(a.max(b))
        ));
    }
    let field = if values.is_some() { "value" } else { "status" };
    if said.is_empty() {
        return;
    }
    let (Some(cell), Some(first_cell)) = (other.0.cell(field), first.0.cell(field)) else {
        return;
    };
    let mut draft = sink.cell(&cell).related(first_cell.place());
    if values.is_none() {
        draft = draft.hold_nothing().severity(Severity::Warning);
    } else if first.1 != action.lead || action.lead.is_none() {
        draft = draft.hold_value(&first_cell);
    }
    draft.report(
        format!("On {}: {}", action.reference, said.join(" ")),
        "Settle it with both partners and record the decision.",
    );
}
