//! `F501` **unknown-line**: spend on a line that the plan does not have.

use super::{cell, charges, held_whole, plan_cell};
use crate::finding::{Code, Severity};
use crate::funding::Line;
use crate::rules::{Answer, Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::value::amount::pounds;
use crate::value::text::{fold, likeness_from};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F501"),
    name: "unknown-line",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Answer(Answer::Line),
    summary: "Spend on a funding line that the plan does not have.",
    why: "The funder approved no such line, so nothing may be claimed on it.",
    example: "An invoice against CRG-19 in a plan of nine lines.",
    fix: "Correct the line in the return, or add the approved line to the plan.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Correct the line, or tell us if the line or its delivery is new.",
    }]),
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    // Without the plan nothing is known of its lines.
    if !facts.facts.run.is_merge {
        return;
    }
    on_virements(facts, sink);
    for charge in charges(facts) {
        let Some(reference) = charge.reference.filter(|_| charge.line.is_none()) else {
            continue;
        };
        if facts.ledger.held_keys.contains(&reference.key) {
            continue;
        }
        if let Some(cell) = cell(facts, charge.at, "line") {
            let near = nearest(facts, &reference.text);
            let mut draft = held_whole(sink.cell(&cell), &cell);
            if let Some(place) = near.and_then(|line| plan_cell(facts, line.at, "project")) {
                draft = draft.related(place);
            }
            let meant = near.map(|line| {
                format!(
                    " {} “{}” may be meant.",
                    line.reference,
                    line.project.trim()
                )
            });
            draft.report(
                format!(
                    "The plan has no funding line {reference}.{}",
                    meant.unwrap_or_default()
                ),
                "Correct the line, or add it to the plan if the funder has approved it.",
            );
        }
    }
}

/// Money moved from or to a line that the plan does not have: one half of it would change a line, and the other nothing.
fn on_virements(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for virement in facts.ledger.virements.iter().filter(|found| found.counts) {
        for (field, line) in [("from_line", virement.from), ("to_line", virement.to)] {
            let Some(cell) = cell(facts, virement.at, field)
                .filter(|cell| line.is_none() && !cell.cell.is_empty())
            else {
                continue;
            };
            let view = cell.row.view();
            let Some(reference) = view.reference(field) else {
                continue;
            };
            if facts.ledger.held_keys.contains(&reference.key) {
                continue;
            }
            let near = nearest(facts, &reference.text);
            let mut draft = held_whole(sink.cell(&cell), &cell);
            if let Some(place) = near.and_then(|line| plan_cell(facts, line.at, "project")) {
                draft = draft.related(place);
            }
            draft.report(
                format!(
                    "The plan has no funding line {reference}, from or to which {} is moved. Until it has, neither allocation changes.",
                    pounds(virement.amount)
                ),
                "Correct the line, or add it to the plan if the funder has approved it.",
            );
        }
    }
}

/// Two names this alike may be meant for one another.
const ALIKE: f64 = 0.8;

/// The line whose project's name is nearest to what is typed, where one is near and no other as near. Proposed, never applied.
fn nearest<'a>(facts: &FundingFacts<'a>, typed: &str) -> Option<&'a Line> {
    let typed = fold(typed);
    let mut near: Vec<(f64, &Line)> = facts
        .ledger
        .lines
        .iter()
        .filter_map(|line| Some((likeness_from(&typed, &fold(&line.project), ALIKE)?, line)))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    match near.as_slice() {
        [(_, line)] => Some(line),
        [(best, line), (next, _), ..] if best > next => Some(line),
        _ => None,
    }
}
