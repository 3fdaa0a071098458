//! `M401` **action-not-in-plan**: a reported reference that the plan does not have.

use crate::finding::{Code, Severity};
use crate::reconcile::PROPOSAL_LIKENESS;
use crate::rules::{Check, Hold, MatchingFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M401"),
    name: "action-not-in-plan",
    severity: Severity::Error,
    hold: Hold::Row,
    summary: "A return reports on a reference that the plan does not have; the likeliest action is named.",
    why: "The update would vanish, and the action it was meant for would look forgotten.",
    example: "DM-27 in a plan whose last reference is DM-06.",
    fix: "Correct the reference in the return, or add the action to the plan.",
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    for report in facts
        .consolidation
        .reports
        .iter()
        .filter(|report| report.action.is_none() && !report.is_held)
    {
        let Some(row) = facts.row(report.at) else {
            continue;
        };
        let Some((cell, reference)) = row.cell("ref").zip(row.view().reference("ref")) else {
            continue;
        };
        if facts.consolidation.held_keys.contains(&reference.key) {
            continue;
        }
        let schema = facts.facts.run.schema;
        let likely = facts
            .consolidation
            .likeliest(report, facts.facts.sources, schema)
            .filter(|(_, alike)| *alike >= PROPOSAL_LIKENESS);
        let action = likely.and_then(|(index, _)| facts.consolidation.actions.get(index));
        let mut draft = sink.cell(&cell);
        let mut message = format!("The plan has no action {reference}.");
        let mut fix =
            "Correct the reference, or add the action to the plan if it is new.".to_owned();
        if let Some(action) = action {
            message = format!(
                "{message} By its wording, {} may be meant.",
                action.reference
            );
            fix = format!(
                "If {} is meant, write that; if the action is new, add it to the plan.",
                action.reference
            );
            if let Some(place) = facts.plan_place(action, "ref") {
                draft = draft.related(place);
            }
        }
        draft.report(message, fix);
    }
}
