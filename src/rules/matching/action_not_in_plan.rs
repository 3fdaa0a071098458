//! `M401` **action-not-in-plan**: a reported reference that the plan does not have.

use std::collections::BTreeSet;

use crate::finding::{Code, Severity};
use crate::reconcile::{Action, PROPOSAL_LIKENESS, Report};
use crate::rules::{Answer, Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink, Words};
use crate::value::text::Wording;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M401"),
    name: "action-not-in-plan",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Answer(Answer::Reference),
    summary: "A return reports on a reference that the plan does not have; the likeliest action is named.",
    why: "The update would vanish, and the action it was meant for would look forgotten.",
    example: "DM-27 in a plan whose last reference is DM-06.",
    fix: "Correct the reference in the return, or add the action to the plan.",
    partner: Partner::Worded(&[
        Words {
            case: "",
            message: "",
            fix: "If {suggestion} is meant, write that; if the action is new, tell us.",
        },
        Words {
            case: "no suggestion",
            message: "",
            fix: "Check the reference; if the action is new, tell us.",
        },
    ]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let spared = on_unnamed(facts);
    for (index, report) in unmatched(facts) {
        let Some(row) = facts.row(report.at) else {
            continue;
        };
        let Some((cell, reference)) = row.cell("ref").zip(row.view().reference("ref")) else {
            continue;
        };
        if facts.consolidation.held_keys.contains(&reference.key) {
            continue;
        }
        if spared.contains(&index) {
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
            draft = draft.with("suggestion", action.reference.to_string());
            if let Some(place) = facts.plan_place(action, "ref") {
                draft = draft.related(place);
            }
        } else {
            draft = draft.case("no suggestion");
        }
        draft.report(message, fix);
    }
}

/// The reports that reached no action of the plan and are not held, with their index.
fn unmatched<'a>(facts: &MatchingFacts<'a>) -> impl Iterator<Item = (usize, &'a Report)> + use<'a> {
    facts
        .consolidation
        .reports
        .iter()
        .enumerate()
        .filter(|(_, report)| report.action.is_none() && !report.is_held)
}

/// The reports that are on plan rows whose own reference is at fault, one a row, the lead's before a supporter's: that fault is told in the plan.
fn on_unnamed(facts: &MatchingFacts<'_>) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for action in &facts.consolidation.unnamed {
        let is_leads = |report: &Report| action.lead.is_none() || report.agency == action.lead;
        let is_supporters = |report: &Report| {
            report
                .agency
                .is_some_and(|agency| action.partners.contains(&agency))
        };
        let on = |is_theirs: &dyn Fn(&Report) -> bool| {
            unmatched(facts)
                .filter(|(index, report)| !out.contains(index) && is_theirs(report))
                .find(|(_, report)| is_worded_so(facts, report, action))
        };
        if let Some((index, _)) = on(&is_leads).or_else(|| on(&is_supporters)) {
            out.insert(index);
        }
    }
    out
}

/// Whether a report's wording, where it gives one, is that of a plan's row.
fn is_worded_so(facts: &MatchingFacts<'_>, report: &Report, action: &Action) -> bool {
    let theirs = facts
        .row(report.at)
        .and_then(|row| row.cell("action"))
        .map(|cell| Wording::new(&cell.cell.raw_text()));
    theirs
        .filter(|theirs| !theirs.is_empty() && !action.wording.is_empty())
        .is_none_or(|theirs| {
            theirs
                .likeness_from(&action.wording, PROPOSAL_LIKENESS)
                .is_some()
        })
}
