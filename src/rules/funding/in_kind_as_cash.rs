//! `F512` **in-kind-as-cash**: an in-kind contribution claimed as spend.

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::Kind;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F512"),
    name: "in-kind-as-cash",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "An in-kind contribution is claimed as spend.",
    why: "Time and rooms given free are match, not money paid out; the grant does not repay them.",
    example: "Twelve hours of officers' time, valued at £300.00, on the Spend sheet.",
    fix: "Take the row out of the claim, and report it as match in kind.",
    partner: Partner::AsReported,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for entry in facts
        .ledger
        .entries
        .iter()
        .filter(|entry| !entry.is_held && entry.kind == Kind::InKind)
    {
        let Some(cell) = cell(facts, entry.at, "kind") else {
            continue;
        };
        let amount = entry
            .amount
            .map(|amount| format!(" of {}", pounds(amount)))
            .unwrap_or_default();
        sink.cell(&cell).report(
            format!("A contribution in kind{amount} is entered as spend; no money was paid out."),
            "Take the row out of the claim, and report it as match in kind.",
        );
    }
}
