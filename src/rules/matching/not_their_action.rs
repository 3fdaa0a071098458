//! `M405` **not-their-action**: an agency reports on an action that it neither leads nor supports.

use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{Check, Decides, Hold, MatchingFacts, RowFacts, Rule, Sink};

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
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    for (_, report, action, row) in facts.reports() {
        let (Some(agency), Some(lead)) = (report.agency, action.lead) else {
            continue;
        };
        let is_theirs = agency == lead || action.partners.contains(&agency);
        let is_told = facts
            .row(action.at)
            .is_some_and(|plan| tells_partners(&plan));
        if is_theirs || !is_told {
            continue;
        }
        let Some(cell) = row.cell("ref") else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = facts.plan_place(action, "partners") {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "{} reports on {}, which {} leads; the plan does not name {} as a partner. The row is kept as a supporting update.",
                schema.agency_name(agency),
                action.reference,
                schema.agency_name(lead),
                schema.agency_name(agency),
            ),
            format!(
                "Check the reference with {}, or add it to the action's partners in the plan.",
                schema.agency_name(agency)
            ),
        );
    }
}

/// Whether the plan says who supports the action: it has the column, and the cell can be read.
fn tells_partners(plan: &RowFacts<'_>) -> bool {
    plan.cell("partners")
        .is_some_and(|cell| !matches!(cell.cell.state, State::Fault(_)) && !cell.cell.is_held())
}
