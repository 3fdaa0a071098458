//! `F520` **claim-disagrees**: a claim is not the sum of its agency's itemised spend, or not that plus the earlier quarters.

use rust_decimal::Decimal;

use super::{cell, cumulative_as_quarterly, earlier, filled, spend_fell};
use crate::finding::{Code, Severity};
use crate::funding::{Claim, Entry};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F520"),
    name: "claim-disagrees",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A claim's spend this quarter is not the sum of its documents, or its spend to date not that and the plan's earlier quarters.",
    why: "One of the two figures is wrong, and the funder is sent both.",
    example: "£1,259.90 claimed for the quarter over documents that come to £1,250.00.",
    fix: "Correct the claim, or the document that is wrong or missing.",
    partner: Partner::AsReported,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for claim in facts.ledger.claims.iter().filter(|claim| !claim.is_held) {
        let Some(line) = claim.reference.as_ref() else {
            continue;
        };
        // Without documents the quarter's figure is the claim's own.
        let itemised = if claim.is_itemised {
            itemised(facts, claim)
        } else {
            claim.this_quarter
        };
        let Some(itemised) = itemised else { continue };
        let is_cumulative = cumulative_as_quarterly::is_cumulative(facts, claim);
        let quarter = claim
            .this_quarter
            .filter(|figure| *figure != itemised && !is_cumulative);
        if let Some((figure, cell)) = quarter.zip(cell(facts, claim.at, "this_quarter")) {
            sink.cell(&cell).seen(itemised.to_string()).report(
                format!(
                    "The claim on {line} gives {} for this quarter, and its documents come to {}: they differ by {}.",
                    pounds(figure),
                    pounds(itemised),
                    pounds((figure - itemised).abs())
                ),
                "Correct the claim, or the document that is wrong or missing.",
            );
        }
        let Some((_, before)) = earlier(facts, claim) else {
            continue;
        };
        let (Some(to_date), Some(cell)) = (claim.to_date, filled(facts, claim.at, "to_date"))
        else {
            continue;
        };
        // A sum that holds with the claim's own figure for the quarter has no fault of its own.
        let is_own_sum = claim.this_quarter.map(|figure| figure + before) == Some(to_date);
        let is_told = spend_fell::has_fallen(facts, claim)
            || is_cumulative && !claim.is_itemised
            || quarter.is_some() && is_own_sum;
        if to_date != before + itemised && !is_told {
            sink.cell(&cell).seen(before.to_string()).seen(itemised.to_string()).report(
                format!(
                    "The claim on {line} gives {} to date, and {} in the plan's earlier quarters with {} this quarter come to {}: they differ by {}.",
                    pounds(to_date),
                    pounds(before),
                    pounds(itemised),
                    pounds(before + itemised),
                    pounds((to_date - before - itemised).abs())
                ),
                "Correct the figure to date, or ask for the plan's earlier quarter to be put right.",
            );
        }
    }
}

/// The agency's documents on the line, held ones too; nothing where an amount cannot be read.
fn itemised(facts: &FundingFacts<'_>, claim: &Claim) -> Option<Decimal> {
    let key = &claim.reference.as_ref()?.key;
    let is_own = |entry: &&Entry| {
        entry.at.source == claim.at.source
            || !entry.is_gone() && claim.agency.is_some() && entry.agency == claim.agency
    };
    let sum = |entries: &mut dyn Iterator<Item = &Entry>| {
        entries
            .filter(is_own)
            .filter(|e| e.is_money() && e.reference.as_ref().is_some_and(|r| r.key == *key))
            .map(|e| e.amount)
            .sum()
    };
    match claim.line {
        Some(line) => sum(&mut facts.ledger.entries_on(line)),
        None => sum(&mut facts.ledger.entries.iter()),
    }
}
