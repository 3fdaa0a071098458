//! `F522` **spend-fell**: a claim's spend to date is below the plan's earlier quarters.

use rust_decimal::Decimal;

use super::{earlier, filled};
use crate::finding::{Code, Severity};
use crate::funding::{Claim, Kind};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F522"),
    name: "spend-fell",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A claim's spend to date is below the plan's earlier quarters, with no credit.",
    why: "Spend of a year cannot fall unless money came back, and then there is a document.",
    example: "£990.00 to date at Q2, with £1,000.00 in the plan for Q1.",
    fix: "Correct the figure to date, or send the credit that explains it.",
    partner: Partner::AsReported,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for claim in facts.ledger.claims.iter().filter(|c| has_fallen(facts, c)) {
        let (Some((line, before)), Some(to_date)) = (earlier(facts, claim), claim.to_date) else {
            continue;
        };
        let Some(cell) = filled(facts, claim.at, "to_date") else {
            continue;
        };
        sink.cell(&cell).report(
            format!(
                "The claim on {} gives {} to date, which is {} below the {} that the plan has for earlier quarters, and there is no credit.",
                line.reference,
                pounds(to_date),
                pounds(before - to_date),
                pounds(before)
            ),
            "Correct the figure to date, or send the credit that explains it.",
        );
    }
}

/// Whether the claim's figure to date is below the earlier quarters although no money came back.
pub(super) fn has_fallen(facts: &FundingFacts<'_>, claim: &Claim) -> bool {
    let (Some((_, before)), Some(line)) = (earlier(facts, claim), claim.line) else {
        return false;
    };
    let has_credit = facts.ledger.entries_on(line).any(|entry| {
        !entry.is_gone()
            && (entry.kind == Kind::Credit
                || entry.amount.is_some_and(|amount| amount < Decimal::ZERO))
    }) || claim
        .this_quarter
        .is_some_and(|figure| figure < Decimal::ZERO && !claim.is_itemised);
    !claim.is_held && !has_credit && claim.to_date.is_some_and(|figure| figure < before)
}
