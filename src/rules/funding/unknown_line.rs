//! `F501` **unknown-line**: spend on a line that the plan does not have.

use super::{cell, charges, held_whole};
use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, FundingFacts, Hold, Rule, Sink};

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
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    // Without the plan nothing is known of its lines.
    if !facts.facts.run.is_merge {
        return;
    }
    for charge in charges(facts) {
        let Some(reference) = charge.reference.filter(|_| charge.line.is_none()) else {
            continue;
        };
        if facts.ledger.held_keys.contains(&reference.key) {
            continue;
        }
        if let Some(cell) = cell(facts, charge.at, "line") {
            held_whole(sink.cell(&cell), &cell).report(
                format!("The plan has no funding line {reference}."),
                "Correct the line, or add it to the plan if the funder has approved it.",
            );
        }
    }
}
