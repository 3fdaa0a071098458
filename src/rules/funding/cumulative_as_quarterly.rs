//! `F514` **cumulative-as-quarterly**: a claim's spend this quarter is its spend to date.

use super::{cell, earlier};
use crate::finding::{Code, Severity};
use crate::funding::Claim;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F514"),
    name: "cumulative-as-quarterly",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A claim gives the same figure for this quarter and to date, although earlier quarters are not nil.",
    why: "A figure for the year so far, taken for the quarter's, counts the earlier quarters twice.",
    example: "£2,400.00 this quarter and £2,400.00 to date, with £1,150.00 in the plan for Q1.",
    fix: "Give the quarter's own spend, without the quarters before it.",
    partner: Partner::AsReported,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for claim in facts
        .ledger
        .claims
        .iter()
        .filter(|c| is_cumulative(facts, c))
    {
        let Some(cell) = cell(facts, claim.at, "this_quarter") else {
            continue;
        };
        let (Some((line, before)), Some(figure)) = (earlier(facts, claim), claim.this_quarter)
        else {
            continue;
        };
        sink.cell(&cell).report(
            format!(
                "The claim on {} gives {} for this quarter and for the year to date, although the plan has {} for the earlier quarters: without them the quarter would be {}.",
                line.reference,
                pounds(figure),
                pounds(before),
                pounds(figure - before)
            ),
            "Give the quarter's own spend, without the quarters before it.",
        );
    }
}

/// Whether the claim's two figures are one although there are earlier quarters.
pub(super) fn is_cumulative(facts: &FundingFacts<'_>, claim: &Claim) -> bool {
    let Some((_, before)) = earlier(facts, claim) else {
        return false;
    };
    !claim.is_held
        && !before.is_zero()
        && claim
            .this_quarter
            .is_some_and(|figure| !figure.is_zero() && claim.to_date == Some(figure))
}
