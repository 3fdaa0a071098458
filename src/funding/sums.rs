//! The sums that must tie, each added up from its own end: what the cells say, what was read, what stands on the lines.
//!
//! Invariant: nothing here is worked out from its opposite. A side that is short stays short, and is told.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Kind, Ledger, MoneyTally};
use crate::source::Source;
use crate::value::period::Quarter;

/// Both sides of each sum of a run's money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// What the sources' money comes to: read, accepted, held, set aside.
    pub money: MoneyTally,
    /// What the lines have for the quarter, less what of it stands in the plan.
    pub charged: Decimal,
    /// The quarter's spend that stands in the plan and that no return of this run replaced.
    pub from_plan: Decimal,
    /// What is held on the plan's lines.
    pub held_on_lines: Decimal,
    /// What is held and on no line of the plan.
    pub held_on_no_line: Decimal,
    /// What was held on no line when the plan's own documents of the quarter were merged, and was not sent again since.
    pub held_before_on_no_line: Decimal,
    /// What the amount cells of the returns say, added up by column before rows were built.
    pub cells: Decimal,
    /// What decisions gave for amounts, less what their cells say themselves.
    pub read_by_decision: Decimal,
    /// Orders: no spend yet.
    pub commitments: Decimal,
    /// Claims whose documents were sent too.
    pub itemised: Decimal,
    /// What restates another quarter.
    pub restated: Decimal,
}

/// Adds up a run's money from both ends.
#[must_use]
pub fn sums(ledger: &Ledger, sources: &[Source], quarter: Option<Quarter>) -> Sums {
    let mut out = Sums::default();
    for source in sources {
        out.money += ledger.tally(source.index);
        out.cells += source.amounts;
    }
    out.restated = ledger.restated;
    out.cells -= ledger.restated_refused;
    out.from_plan = from_plan(ledger, quarter);
    let this_quarter: Decimal = ledger.balances.iter().map(|b| b.this_quarter).sum();
    out.charged = this_quarter - out.from_plan;
    out.held_on_lines = ledger.balances.iter().map(|b| b.held).sum();
    for entry in &ledger.entries {
        let amount = entry.amount.unwrap_or_default();
        out.read_by_decision += entry.by_decision;
        out.cells -= entry.refused;
        if !entry.is_money() {
            out.commitments += amount;
        } else if entry.is_held && entry.line.is_none() && !entry.is_set_aside() {
            out.held_on_no_line += amount;
        }
    }
    for claim in &ledger.claims {
        let amount = claim.this_quarter.unwrap_or_default();
        out.read_by_decision += claim.by_decision;
        out.cells -= claim.refused;
        if claim.is_itemised {
            out.itemised += amount;
        } else if claim.is_held && claim.line.is_none() && !claim.is_set_aside() {
            out.held_on_no_line += amount;
        }
    }
    out.held_before_on_no_line = ledger
        .kept(quarter)
        .filter(|p| p.is_held && p.line.is_none() && p.kind != Kind::Commitment)
        .filter(|p| !ledger.spenders.contains(&p.agency))
        .filter_map(|p| p.amount)
        .sum();
    out
}

/// What of the quarter stands in the plan, added up from the plan's own cells: its documents of agencies that sent nothing now, and what
/// a line's cell holds beyond all its documents; where the plan lists no documents, the cells of lines on which nobody reported.
fn from_plan(ledger: &Ledger, quarter: Option<Quarter>) -> Decimal {
    let Some(quarter) = quarter else {
        return Decimal::ZERO;
    };
    let at = usize::from(quarter.number).saturating_sub(1);
    // What the plan's documents of the quarter come to on each line, and what of that is replaced.
    let mut documents: BTreeMap<usize, (Decimal, Decimal)> = BTreeMap::new();
    for past in &ledger.past {
        let Some(line) = past
            .line
            .filter(|_| past.counted && past.quarter == Some(quarter))
        else {
            continue;
        };
        let amount = past.amount.unwrap_or_default();
        let (all, gone) = documents.entry(line).or_default();
        *all += amount;
        if ledger.is_replaced(past.agency) {
            *gone += amount;
        }
    }
    let entries = ledger
        .entries
        .iter()
        .filter(|e| !e.is_gone() && e.is_money());
    let claims = ledger
        .claims
        .iter()
        .filter(|c| !c.is_gone() && !c.is_itemised);
    let reported: BTreeSet<usize> = entries
        .filter_map(|e| e.line)
        .chain(claims.filter_map(|c| c.line))
        .collect();
    let mut out = Decimal::ZERO;
    for (index, line) in ledger.lines.iter().enumerate() {
        let own = line.plan_spend.get(at).copied().flatten();
        let (all, gone) = documents.get(&index).copied().unwrap_or_default();
        out += match own {
            Some(own) if ledger.has_documents => own - gone,
            Some(own) if !reported.contains(&index) => own,
            Some(_) | None => all - gone,
        };
    }
    out
}
