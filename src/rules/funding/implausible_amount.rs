//! `F508` **implausible-amount**: ten times the line's allocation, or a hundred times its usual row.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::Ledger;
use crate::reconcile::RecordRef;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::schema::Thresholds;
use crate::value::amount::{pounds, times};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F508"),
    name: "implausible-amount",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An amount ten times the line's revised allocation or more, or a hundred times the median of its other rows.",
    why: "A figure this far off is nearly always a lost decimal point.",
    example: "£59,395.00 keyed for £593.95 on a line of £5,000.00.",
    fix: "Compare the amount with the document.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "{amount} on {line} is far more than the line can bear.",
        fix: "Compare it with the document: a decimal point may be missing.",
    }]),
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
    let doubts = Doubts::of(facts);
    for (at, amount) in amounts(facts.ledger) {
        let Some(measure) = doubts.measure(at, amount) else {
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
        let draft = sink.cell(&cell).with("amount", pounds(amount));
        draft.with("line", line.as_str()).report(
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

/// What tells which amounts are implausible: the lines' balances, and the sizes of what is charged to each line.
pub(super) struct Doubts<'a> {
    ledger: &'a Ledger,
    thresholds: &'a Thresholds,
    /// By the line's key, from the smallest.
    sizes: BTreeMap<&'a str, Vec<Decimal>>,
}

impl<'a> Doubts<'a> {
    /// Looks at every row of spend once.
    pub(super) fn of(facts: &FundingFacts<'a>) -> Self {
        let mut sizes: BTreeMap<&str, Vec<Decimal>> = BTreeMap::new();
        for entry in facts.ledger.entries.iter().filter(|e| !e.is_held) {
            if let (Some(reference), Some(amount)) = (&entry.reference, entry.amount) {
                sizes.entry(&reference.key).or_default().push(amount.abs());
            }
        }
        for sizes in sizes.values_mut() {
            sizes.sort_unstable();
        }
        Self {
            ledger: facts.ledger,
            thresholds: &facts.facts.run.schema.thresholds,
            sizes,
        }
    }

    /// Whether an amount that is counted is implausible: then this is what is said of it, not that it takes the line over.
    pub(super) fn is_implausible(&self, at: RecordRef, amount: Decimal) -> bool {
        self.measure(at, amount).is_some()
    }

    /// Whether one of a line's amounts is implausible, so that what the line comes to says nothing yet.
    pub(super) fn is_in_doubt(&self, line: usize) -> bool {
        self.ledger
            .counted(line)
            .into_iter()
            .any(|(at, amount)| self.is_implausible(at, amount))
    }

    fn measure(&self, at: RecordRef, amount: Decimal) -> Option<Measure> {
        let size = amount.abs();
        let entry = self.ledger.entry(at);
        let line = match entry {
            Some(entry) => entry.line,
            None => self.ledger.claim(at).and_then(|claim| claim.line),
        };
        // Without an allocation that can be read, what was moved to the line is no measure of anything.
        let revised = line
            .filter(|line| {
                let line = self.ledger.lines.get(*line);
                line.is_some_and(|line| line.allocation.is_some())
            })
            .and_then(|line| self.ledger.balances.get(line))
            .map(|balance| balance.revised)
            .filter(|revised| *revised > Decimal::ZERO);
        if let Some(revised) = revised
            && size >= times(revised, self.thresholds.implausible_times)
        {
            return Some(Measure::Allocation(revised));
        }
        let entry = entry?;
        let all = self.sizes.get(&*entry.reference.as_ref()?.key)?;
        // The amount is not measured against itself.
        let own = entry
            .amount
            .filter(|_| !entry.is_held)
            .and_then(|own| all.binary_search(&own.abs()).ok());
        let count = all.len() - usize::from(own.is_some());
        if count < ROWS_FOR_A_MEDIAN {
            return None;
        }
        let other = |index: usize| {
            let is_behind = own.is_some_and(|own| index >= own);
            all.get(index + usize::from(is_behind)).copied()
        };
        let middle = count / 2;
        let upper = other(middle)?;
        let lower = other(if count.is_multiple_of(2) {
            middle - 1
        } else {
            middle
        })?;
        let median = (upper + lower) / Decimal::TWO;
        (median > Decimal::ZERO && size >= times(median, self.thresholds.implausible_median_times))
            .then_some(Measure::Median(median))
    }
}
