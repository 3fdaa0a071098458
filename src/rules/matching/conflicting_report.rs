//! `M404` **conflicting-report**: two agencies report differently on one action.

use rust_decimal::Decimal;

use crate::finding::{Code, Severity};
use crate::reconcile::Action;
use crate::rules::{
    Answer, Check, Decides, Hold, MatchingFacts, Partner, RowFacts, Rule, Sink, Words,
};
use crate::value::amount;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M404"),
    name: "conflicting-report",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Agency),
    summary: "Two agencies report different values or statuses for one action.",
    why: "The meeting must know that partners differ before it hears either figure.",
    example: "The police report On track and the council At risk for SAC-01.",
    fix: "Settle it with both; until then the worst status is shown, and the lead's value.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "On {ref}, another agency reports a different {what} from yours. {outcome}",
        fix: "Check yours and tell us how it was counted; we will settle it with both.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    for action in &facts.consolidation.actions {
        let told: Vec<Told<'_>> = action
            .reports
            .iter()
            .filter_map(|index| facts.consolidation.reports.get(*index))
            .filter_map(|report| {
                let row = facts.row(report.at)?;
                Some(Told {
                    agency: report.agency,
                    status: row.view().choice("status"),
                    value: row.view().amount("value"),
                    row,
                })
            })
            .collect();
        if told.len() < 2 {
            continue;
        }
        // The first to say anything stands, and every later one is compared with it. Figures that add up do not contradict each other.
        let valued = told
            .iter()
            .find(|t| t.value.is_some())
            .filter(|_| !schema.measures.adds_up(&action.reference.key));
        let rated = told.iter().find(|t| t.status.is_some());
        for later in &told {
            let value = valued.filter(|first| {
                first.agency != later.agency && later.value.is_some() && later.value != first.value
            });
            let status = rated.filter(|first| {
                first.agency != later.agency
                    && later.status.is_some()
                    && later.status != first.status
            });
            compare(facts, sink, action, later, value, status);
        }
    }
}

/// What one agency says on an action.
struct Told<'a> {
    agency: Option<usize>,
    status: Option<usize>,
    value: Option<Decimal>,
    row: RowFacts<'a>,
}

fn compare(
    facts: &MatchingFacts<'_>,
    sink: &mut Sink<'_>,
    action: &Action,
    later: &Told<'_>,
    value: Option<&Told<'_>>,
    status: Option<&Told<'_>>,
) {
    let schema = facts.facts.run.schema;
    let name = |told: &Told<'_>| {
        told.agency
            .map_or("another partner", |agency| schema.agency_name(agency))
    };
    let is_lead = |told: &Told<'_>| action.lead.is_some() && told.agency == action.lead;
    let settled = facts
        .consolidation
        .decided
        .get(&action.reference.key)
        .copied();
    let mut said = Vec::new();
    if let Some(first) = value
        && let Some((a, b)) = first.value.zip(later.value)
    {
        let outcome = match settled {
            Some(agency) => {
                format!("As decided, {} counts.", schema.agency_name(agency))
            }
            None if is_lead(first) => "The lead's value is used.".to_owned(),
            None => "Neither value is used.".to_owned(),
        };
        said.push(format!(
            "{} reports {} and {} {}. {outcome}",
            name(first),
            amount::figure(a),
            name(later),
            amount::figure(b)
        ));
    }
    if let Some(first) = status
        && let Some((a, b)) = first.status.zip(later.status)
    {
        let outcome = match settled {
            Some(agency) => format!("As decided, {} counts.", schema.agency_name(agency)),
            None => format!("The worse, {}, is shown.", schema.status_label(a.max(b))),
        };
        said.push(format!(
            "{} says {} and {} {}. {outcome}",
            name(first),
            schema.status_label(a),
            name(later),
            schema.status_label(b)
        ));
    }
    let (field, Some(first)) = (
        if value.is_some() { "value" } else { "status" },
        value.or(status),
    ) else {
        return;
    };
    let (Some(cell), Some(first_cell)) = (later.row.cell(field), first.row.cell(field)) else {
        return;
    };
    let both = |told: &Told<'_>| {
        let of = |field: &str| told.row.cell(field).map(|cell| cell.cell.raw_text());
        format!(
            "{:?}\u{1f}{}\u{1f}{}",
            told.agency.map(|agency| schema.agency_code(agency)),
            of("status").unwrap_or_default(),
            of("value").unwrap_or_default()
        )
    };
    let mut draft = sink
        .cell(&cell)
        .seen(both(first))
        .seen(both(later))
        .related(first_cell.place());
    if value.is_none() {
        draft = draft.hold_nothing().severity(Severity::Warning);
    } else if !is_lead(first) {
        draft = draft.hold_value(&first_cell);
    }
    let figure = match (value.is_some(), settled, value.is_some_and(is_lead)) {
        (false, ..) => "",
        (true, Some(_), _) => "As decided, one of them is used.",
        (true, None, true) => "The lead's is used.",
        (true, None, false) => "Neither is used.",
    };
    let (what, outcome) = match (value.is_some(), status.is_some(), settled) {
        (true, true, None) => (
            "figure and status",
            format!("{figure} Of the statuses the worse is shown."),
        ),
        (true, true, Some(_)) => ("figure and status", figure.to_owned()),
        (true, false, _) => ("figure", figure.to_owned()),
        (false, _, Some(_)) => ("status", "As decided, one of them is shown.".to_owned()),
        (false, _, None) => ("status", "The worse is shown.".to_owned()),
    };
    let draft = draft
        .with("ref", action.reference.to_string())
        .with("what", what)
        .with("outcome", outcome);
    draft.report(
        format!("On {}: {}", action.reference, said.join(" ")),
        "Settle it with both partners and record the decision.",
    );
}
