//! `F501` **unknown-line**: spend on a line that the plan does not have.

use super::{cell, held_whole};
use crate::finding::{Code, Severity};
use crate::rules::{Check, FundingFacts, Hold, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F501"),
    name: "unknown-line",
    severity: Severity::Error,
    hold: Hold::Row,
    summary: "Spend on a funding line that the plan does not have.",
    why: "The funder approved no such line, so nothing may be claimed on it.",
    example: "An invoice against CRG-19 in a plan of nine lines.",
    fix: "Correct the line in the return, or add the approved line to the plan.",
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let entries = facts
        .ledger
        .entries
        .iter()
        .map(|e| (e.at, e.line, e.reference.as_ref(), e.is_held));
    let claims = facts
        .ledger
        .claims
        .iter()
        .filter(|c| !c.is_itemised)
        .map(|c| (c.at, c.line, c.reference.as_ref(), c.is_held));
    for (at, line, reference, is_held) in entries.chain(claims) {
        let Some(reference) = reference.filter(|_| line.is_none() && !is_held) else {
            continue;
        };
        if facts.ledger.lines.is_empty()
            && facts.ledger.held_keys.is_empty()
            && !facts.facts.run.is_merge
        {
            continue;
        }
        if facts.ledger.held_keys.contains(&reference.key) {
            continue;
        }
        if let Some(cell) = cell(facts, at, "line") {
            held_whole(sink.cell(&cell), &cell).report(
                format!("The plan has no funding line {reference}."),
                "Correct the line, or add it to the plan if the funder has approved it.",
            );
        }
    }
}
