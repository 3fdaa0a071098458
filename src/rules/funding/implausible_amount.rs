//! `F508` **implausible-amount**: ten times the line's allocation, or a hundred times its usual row.

use rust_decimal::Decimal;

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::Ledger;
use crate::reconcile::RecordRef;
use crate::rules::{Check, FundingFacts, Hold, Rule, Sink};
use crate::schema::Thresholds;
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F508"),
    name: "implausible-amount",
    severity: Severity::Warning,
    hold: Hold::None,
    summary: "An amount ten times the line's revised allocation or more, or a hundred times the median of its other rows.",
    why: "A figure this far off is nearly always a lost decimal point.",
    example: "£59,395.00 keyed for £593.95 on a line of £5,000.00.",
    fix: "Compare the amount with the document.",
    check: Check::FundingTotal(check),
};

/// How many other rows a median needs to say something.
const ROWS_FOR_A_MEDIAN: usize = 4;

/// Against what an amount is implausible.
enum Measure {
    Allocation(Decimal),
    Median(Decimal),
}

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let thresholds = &facts.facts.run.schema.thresholds;
    for (at, amount) in amounts(facts.ledger) {
        let Some(measure) = measure(facts.ledger, thresholds, at, amount) else {
            continue;
        };
        let Some(cell) = cell(facts, at, "amount").or_else(|| cell(facts, at, "this_quarter"))
        else {
            continue;
        };
        let line = cell
            .row
            .view()
            .reference("line")
            .map(ToString::to_string)
            .unwrap_or_default();
        let (what, against) = match measure {
            Measure::Allocation(revised) => ("the revised allocation", revised),
            Measure::Median(median) => ("the middle amount of the line's other rows", median),
        };
        sink.cell(&cell).report(
            format!(
                "{} on {line} is far over {what}, {}: the difference is {}.",
                pounds(amount),
                pounds(against),
                pounds((amount.abs() - against).abs())
            ),
            "Compare the amount with the document: a decimal point may be missing.",
        );
    }
}

/// Whether an amount that is counted is implausible: then this is what is said of it, not that it takes the line over.
pub(super) fn is_implausible(
    ledger: &Ledger,
    thresholds: &Thresholds,
    at: RecordRef,
    amount: Decimal,
) -> bool {
    measure(ledger, thresholds, at, amount).is_some()
}

/// Whether one of a line's amounts is implausible, so that what the line comes to says nothing yet.
pub(super) fn is_in_doubt(facts: &FundingFacts<'_>, line: usize) -> bool {
    let thresholds = &facts.facts.run.schema.thresholds;
    facts
        .ledger
        .counted(line)
        .into_iter()
        .any(|(at, amount)| is_implausible(facts.ledger, thresholds, at, amount))
}

/// The amounts that are judged: rows of spend and orders, and claims that stand for them.
fn amounts(ledger: &Ledger) -> Vec<(RecordRef, Decimal)> {
    let entries = ledger
        .entries
        .iter()
        .filter(|e| !e.is_held)
        .filter_map(|e| Some((e.at, e.amount?)));
    let claims = ledger
        .claims
        .iter()
        .filter(|c| !c.is_held && !c.is_itemised)
        .filter_map(|c| Some((c.at, c.this_quarter?)));
    entries.chain(claims).collect()
}

fn measure(
    ledger: &Ledger,
    thresholds: &Thresholds,
    at: RecordRef,
    amount: Decimal,
) -> Option<Measure> {
    let size = amount.abs();
    let entry = ledger.entries.iter().find(|e| e.at == at);
    let claim = ledger.claims.iter().find(|c| c.at == at);
    let line = entry.map_or_else(|| claim.and_then(|c| c.line), |e| e.line);
    // Without an allocation that can be read, what was moved to the line is no measure of anything.
    let revised = line
        .filter(|line| {
            let line = ledger.lines.get(*line);
            line.is_some_and(|line| line.allocation.is_some())
        })
        .and_then(|line| ledger.balances.get(line))
        .map(|balance| balance.revised)
        .filter(|revised| *revised > Decimal::ZERO);
    if let Some(revised) = revised
        && size >= revised * Decimal::from(thresholds.implausible_times)
    {
        return Some(Measure::Allocation(revised));
    }
    let key = &entry?.reference.as_ref()?.key;
    let mut others: Vec<Decimal> = ledger
        .entries
        .iter()
        .filter(|e| e.at != at && !e.is_held)
        .filter(|e| e.reference.as_ref().is_some_and(|r| r.key == *key))
        .filter_map(|e| e.amount)
        .map(|amount| amount.abs())
        .collect();
    if others.len() < ROWS_FOR_A_MEDIAN {
        return None;
    }
    others.sort_unstable();
    let middle = others.len() / 2;
    let upper = *others.get(middle)?;
    let lower = *others.get(if others.len().is_multiple_of(2) {
        middle - 1
    } else {
        middle
    })?;
    let median = (upper + lower) / Decimal::TWO;
    (median > Decimal::ZERO && size >= median * Decimal::from(thresholds.implausible_median_times))
        .then_some(Measure::Median(median))
}
