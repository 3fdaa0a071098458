//! `M405` **not-their-action**: an agency reports on an action that it neither leads nor supports.

use crate::finding::{Code, Severity};
use crate::reconcile::{Action, Report};
use crate::record::State;
use crate::rules::{Check, Decides, Hold, MatchingFacts, Partner, RowFacts, Rule, Sink, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M405"),
    name: "not-their-action",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An agency reports on an action that it neither leads nor supports; the row is kept as a supporting update.",
    why: "The reference may be a slip, or the plan may have to name the agency as a partner.",
    example: "The fire service reports on a police action that names no partners.",
    fix: "Check the reference with the agency, or add the agency to the action's partners in the plan.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "You report on {ref}; the plan names you neither as its lead nor as a partner.",
        fix: "Check the reference, or tell us that you take part.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    let mut others: Vec<(&Report, &Action, RowFacts<'_>, usize, usize)> = Vec::new();
    for (_, report, action, row) in facts.reports() {
        let (Some(agency), Some(lead)) = (report.agency, action.lead) else {
            continue;
        };
        let is_theirs = agency == lead || action.partners.contains(&agency);
        let is_told = facts
            .row(action.at)
            .is_some_and(|plan| tells_partners(&plan));
        if !is_theirs && is_told && row.says_something() {
            others.push((report, action, row, agency, lead));
        }
    }
    let is_of_copy = |source: usize| {
        let source = facts.facts.sources.get(source);
        source.is_some_and(|source| source.copied.is_some())
    };
    for (index, (report, action, row, agency, lead)) in others.iter().enumerate() {
        let Some(cell) = row.cell("ref") else {
            continue;
        };
        let name = schema.agency_name(*agency);
        let mut draft = sink.cell(&cell);
        if let Some(place) = facts.plan_place(action, "partners") {
            draft = draft.related(place);
        }
        if !is_of_copy(report.at.source) {
            draft.with("ref", action.reference.to_string()).report(
                format!(
                    "{name} reports on {}, which {} leads; the plan does not name {name} as a partner. The row is kept as a supporting update.",
                    action.reference,
                    schema.agency_name(*lead),
                ),
                format!(
                    "Check the reference with {name}, or add it to the action's partners in the plan."
                ),
            );
            continue;
        }
        // A copy of the plan has everybody's rows: one word for all that were filled in.
        let of_file = |other: &(&Report, &Action, RowFacts<'_>, usize, usize)| {
            other.0.at.source == report.at.source
        };
        if others.iter().take(index).any(of_file) {
            continue;
        }
        let all: Vec<String> = others
            .iter()
            .filter(|other| of_file(other))
            .map(|(_, action, ..)| action.reference.to_string())
            .collect();
        draft.with("ref", all.join(", ")).report(
            format!(
                "{name} sent a copy of the plan in which rows of actions are filled in that it neither leads nor supports: {}. They are kept as supporting updates.",
                all.join(", ")
            ),
            format!(
                "Ask {name} whether it meant these rows, or add it to the actions' partners in the plan."
            ),
        );
    }
}

/// Whether the plan says who supports the action: it has the column, and the cell can be read.
fn tells_partners(plan: &RowFacts<'_>) -> bool {
    plan.cell("partners")
        .is_some_and(|cell| !matches!(cell.cell.state, State::Fault(_)) && !cell.cell.is_held())
}
