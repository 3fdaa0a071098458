//! `F510` **capital-on-revenue**: a capital item on a stream that pays for revenue only.

use super::{cell, stream};
use crate::finding::{Code, Severity};
use crate::funding::Kind;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F510"),
    name: "capital-on-revenue",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "A capital item is charged to a stream that pays for revenue only.",
    why: "The grant's terms allow revenue spending only; a capital item is refused at audit.",
    example: "A camera marked Capital on the Crime Reduction Grant.",
    fix: "Charge it to a stream that pays for capital, or correct the kind.",
    partner: Partner::AsReported,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for entry in facts
        .ledger
        .entries
        .iter()
        .filter(|entry| !entry.is_held && entry.kind == Kind::Capital)
    {
        let Some(stream) = stream(facts, entry.line).filter(|stream| stream.revenue_only) else {
            continue;
        };
        let Some(cell) = cell(facts, entry.at, "kind") else {
            continue;
        };
        let amount = entry
            .amount
            .map(|amount| format!(" of {}", pounds(amount)))
            .unwrap_or_default();
        sink.cell(&cell).report(
            format!(
                "A capital item{amount} is charged to the {}, which pays for revenue only.",
                stream.name
            ),
            "Charge it to a stream that pays for capital, or correct the kind.",
        );
    }
}
