//! What lines, streams and funders come to, once rows are settled.

use rust_decimal::Decimal;

use super::streams::award;
use super::{Decision, Kind, Ledger, Line};
use crate::grid::CellAddress;
use crate::schema::Schema;
use crate::source::Source;
use crate::value::amount;
use crate::value::period::Quarter;

/// What a line comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Virements in.
    pub moved_in: Decimal,
    /// Virements out.
    pub moved_out: Decimal,
    /// The allocation after virements.
    pub revised: Decimal,
    /// Each quarter up to the run's.
    pub quarters: [Decimal; 4],
    /// This quarter, accepted.
    pub this_quarter: Decimal,
    /// Of the quarter, what the plan's cell holds beyond the plan's documents.
    pub beyond: Decimal,
    /// Whether returns gave this quarter's figure, not the plan's own cell.
    pub is_reported: bool,
    /// The plan's earlier quarters and this one.
    pub to_date: Decimal,
    /// Held in this quarter, of what this run's returns sent.
    pub held: Decimal,
    /// Held when the plan's own documents of the quarter were merged, and not sent again since: in no source's money.
    pub held_before: Decimal,
    /// Ordered and not yet spent.
    pub committed: Decimal,
    /// The year's outturn.
    pub forecast: Option<Decimal>,
    /// Revised less forecast: positive is an underspend.
    pub variance: Option<Decimal>,
    /// What was accrued in the year so far.
    pub accrued: Decimal,
    /// What of it credits reversed.
    pub reversed: Decimal,
}

impl Balance {
    /// What was accrued and is not reversed.
    #[must_use]
    pub fn accruals_open(&self) -> Decimal {
        self.accrued - self.reversed
    }

    /// All that is held on the line: of this run's returns, and of the plan's own documents that nobody sent again.
    #[must_use]
    pub fn all_held(&self) -> Decimal {
        self.held + self.held_before
    }
}

/// What several lines come to together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Their allocations.
    pub allocation: Decimal,
    /// Virements in.
    pub moved_in: Decimal,
    /// Virements out.
    pub moved_out: Decimal,
    /// Their allocations after virements.
    pub revised: Decimal,
    /// Each quarter up to the run's.
    pub quarters: [Decimal; 4],
    /// Their spend to date.
    pub to_date: Decimal,
    /// Money held on them.
    pub held: Decimal,
    /// Ordered and not yet spent.
    pub committed: Decimal,
    /// Their forecasts, where every line has one.
    pub forecast: Option<Decimal>,
    /// Match in cash: beside the grant, in none of the other sums.
    pub match_cash: Decimal,
    /// What is left on lines whose underspend goes back to the funder.
    pub to_return: Decimal,
    /// What is left on lines whose underspend is carried forward.
    pub to_carry: Decimal,
}

impl Totals {
    /// The sums over some lines.
    pub fn over<'a>(lines: impl Iterator<Item = (&'a Line, &'a Balance)>) -> Self {
        let mut out = Self::default();
        let mut forecast = Some(Decimal::ZERO);
        let mut any = false;
        for (line, balance) in lines {
            any = true;
            out.allocation += line.allocation.unwrap_or_default();
            out.moved_in += balance.moved_in;
            out.moved_out += balance.moved_out;
            out.revised += balance.revised;
            out.quarters
                .iter_mut()
                .zip(balance.quarters)
                .for_each(|(sum, quarter)| *sum += quarter);
            out.to_date += balance.to_date;
            out.held += balance.all_held();
            out.committed += balance.committed;
            forecast = forecast
                .zip(balance.forecast)
                .map(|(sum, forecast)| sum + forecast);
            out.match_cash += line.match_cash.unwrap_or_default();
            match line.decision {
                Some(Decision::Return) => out.to_return += balance.revised - balance.to_date,
                Some(Decision::CarryForward) => out.to_carry += balance.revised - balance.to_date,
                None => {}
            }
        }
        out.forecast = forecast.filter(|_| any);
        out
    }

    /// Revised less forecast, where every line has a forecast: positive is an underspend.
    #[must_use]
    pub fn underspend(&self) -> Option<Decimal> {
        self.forecast.map(|forecast| self.revised - forecast)
    }
}

/// What a stream comes to.
#[derive(Clone, Debug)]
pub struct StreamTotal {
    /// The stream.
    pub stream: usize,
    /// Its award: the plan's label cell, else the configuration's.
    pub award: Option<Decimal>,
    /// The label cell that says the award: file, sheet and cell of the plan.
    pub award_at: Option<(usize, usize, CellAddress)>,
    /// Lines counted: approved ones, where the plan tells.
    pub lines: Vec<usize>,
    /// What they come to.
    pub totals: Totals,
    /// The allocations of all lines but declined ones; nothing where one of them is not known.
    pub allocated: Option<Decimal>,
}

impl StreamTotal {
    /// The award less all allocations but declined ones: nought, or what is still to be allocated.
    #[must_use]
    pub fn unallocated(&self) -> Option<Decimal> {
        Some(self.award? - self.allocated?)
    }
}

/// What everything that one funder pays for comes to.
#[derive(Clone, Debug)]
pub struct FunderTotal {
    /// Who pays, as the configuration writes it.
    pub funder: String,
    /// The funder's streams, as indexes into the stream totals.
    pub streams: Vec<usize>,
    /// The awards that are known.
    pub award: Option<Decimal>,
    /// What the streams' lines come to.
    pub totals: Totals,
}

/// Adds everything up, once rows are settled.
pub fn balance(ledger: &mut Ledger, sources: &[Source], schema: &Schema, quarter: Option<Quarter>) {
    let balances: Vec<Balance> = (0..ledger.lines.len())
        .filter_map(|index| line_balance(ledger, index, quarter))
        .collect();
    ledger.balances = balances;
    ledger.accruals = super::accruals(ledger, quarter);
    for accrual in &ledger.accruals {
        if let Some(balance) = ledger.balances.get_mut(accrual.line) {
            balance.accrued += accrual.amount;
            balance.reversed += accrual.reversed;
        }
    }
    ledger.streams = (0..schema.streams.len())
        .map(|stream| stream_total(ledger, stream, sources, schema))
        .collect();
    ledger.funders = funder_totals(ledger, schema);
}

fn line_balance(ledger: &Ledger, index: usize, quarter: Option<Quarter>) -> Option<Balance> {
    let line = ledger.lines.get(index)?;
    let mut out = Balance::default();
    for virement in ledger.virements.iter().filter(|v| v.counts) {
        if virement.to == Some(index) {
            out.moved_in += virement.amount;
        }
        if virement.from == Some(index) {
            out.moved_out += virement.amount;
        }
    }
    out.revised = line.allocation.unwrap_or_default() + out.moved_in - out.moved_out;
    // Without a quarter, all of the year that the plan has is earlier.
    let before = quarter.map_or(4, |q| usize::from(q.number).saturating_sub(1));
    for (slot, spend) in out.quarters.iter_mut().zip(line.plan_spend).take(before) {
        *slot = spend.unwrap_or_default();
    }
    let (this_quarter, beyond, is_reported) = this_quarter(ledger, line, index, quarter);
    out.this_quarter = amount::to_pence(this_quarter).0;
    out.beyond = beyond;
    out.is_reported = is_reported;
    if let Some(slot) = quarter.and_then(|_| out.quarters.get_mut(before)) {
        *slot = out.this_quarter;
    }
    out.to_date = amount::to_pence(out.quarters.iter().sum()).0;
    out.held = ledger
        .entries_on(index)
        .filter(|e| e.is_held && !e.is_set_aside() && e.is_money())
        .filter_map(|e| e.amount)
        .sum::<Decimal>()
        + ledger
            .all_claims_on(index)
            .filter(|c| c.is_held && !c.is_set_aside() && !c.is_itemised)
            .filter_map(|c| c.this_quarter)
            .sum::<Decimal>();
    out.held_before = ledger
        .kept_on(index, quarter)
        .filter(|p| p.is_held && p.kind != Kind::Commitment)
        // What an agency sends again, and is held again, was not held twice.
        .filter(|p| !ledger.spenders.contains(&p.agency))
        .filter_map(|p| p.amount)
        .sum::<Decimal>();
    out.committed = ledger
        .entries_on(index)
        .filter(|e| !e.is_held && e.kind == Kind::Commitment)
        .filter_map(|e| e.amount)
        .chain(
            ledger
                .kept_on(index, quarter)
                .filter(|p| !p.is_held && p.kind == Kind::Commitment)
                .filter_map(|p| p.amount),
        )
        .sum();
    let claimed: Vec<Decimal> = ledger.claims_on(index).filter_map(|c| c.forecast).collect();
    out.forecast = if claimed.is_empty() {
        line.plan_forecast
    } else {
        Some(claimed.into_iter().sum())
    };
    out.variance = out.forecast.map(|forecast| out.revised - forecast);
    Some(out)
}

/// What the quarter comes to on a line, what of it stands in the plan's cell alone, and whether returns say so. A return replaces its agency's documents of the quarter; where
/// the plan lists none, it replaces the line's whole quarter; where nobody sent any, the plan's own figure stands.
fn this_quarter(
    ledger: &Ledger,
    line: &Line,
    index: usize,
    quarter: Option<Quarter>,
) -> (Decimal, Decimal, bool) {
    let Some(quarter) = quarter else {
        return (Decimal::ZERO, Decimal::ZERO, false);
    };
    let is_reported = ledger
        .entries_on(index)
        .any(|e| !e.is_gone() && e.is_money())
        || ledger
            .all_claims_on(index)
            .any(|c| !c.is_gone() && !c.is_itemised);
    let is_replaced = ledger
        .past_on(index)
        .any(|past| past.quarter == Some(quarter) && ledger.is_replaced(past.agency));
    let own = usize::from(quarter.number)
        .checked_sub(1)
        .and_then(|at| line.plan_spend.get(at))
        .copied()
        .flatten();
    let sent: Decimal = ledger
        .counted(index)
        .into_iter()
        .map(|(_, amount)| amount)
        .sum();
    let kept: Decimal = ledger
        .kept_on(index, Some(quarter))
        .filter(|p| p.counted)
        .filter_map(|p| p.amount)
        .sum();
    // What the plan's cell holds beyond its documents nobody itemised, and no return takes its place.
    let beyond = match own {
        Some(own) if ledger.has_documents => {
            let documents: Decimal = ledger
                .past_on(index)
                .filter(|past| past.quarter == Some(quarter) && past.counted)
                .filter_map(|past| past.amount)
                .sum();
            own - documents
        }
        Some(own) if !is_reported => own,
        Some(_) | None => Decimal::ZERO,
    };
    (sent + kept + beyond, beyond, is_reported || is_replaced)
}

fn stream_total(
    ledger: &Ledger,
    stream: usize,
    sources: &[Source],
    schema: &Schema,
) -> StreamTotal {
    let own = || {
        ledger
            .lines
            .iter()
            .zip(&ledger.balances)
            .enumerate()
            .filter(move |(_, (line, _))| line.stream == Some(stream))
    };
    let lines: Vec<usize> = own()
        .filter(|(_, (line, _))| line.is_approved())
        .map(|(index, _)| index)
        .collect();
    // A row whose line is not settled may belong to the stream: then its allocations are not known.
    let allocated = own()
        .filter(|(_, (line, _))| line.approval != super::Approval::Declined)
        .map(|(_, (line, _))| line.allocation)
        .sum::<Option<Decimal>>()
        .filter(|_| ledger.held_keys.is_empty());
    let (award, award_at) = award(stream, &ledger.lines, sources, schema);
    StreamTotal {
        stream,
        award,
        award_at,
        totals: Totals::over(
            own()
                .map(|(_, found)| found)
                .filter(|(line, _)| line.is_approved()),
        ),
        lines,
        allocated,
    }
}

/// Funders in the order of their first stream.
fn funder_totals(ledger: &Ledger, schema: &Schema) -> Vec<FunderTotal> {
    let mut out: Vec<FunderTotal> = Vec::new();
    for (index, total) in ledger.streams.iter().enumerate() {
        let Some(stream) = schema.streams.get(total.stream) else {
            continue;
        };
        match out
            .iter_mut()
            .find(|funder| funder.funder.eq_ignore_ascii_case(&stream.funder))
        {
            Some(funder) => funder.streams.push(index),
            None => out.push(FunderTotal {
                funder: stream.funder.clone(),
                streams: vec![index],
                award: None,
                totals: Totals::default(),
            }),
        }
    }
    for funder in &mut out {
        let own = || {
            funder
                .streams
                .iter()
                .filter_map(|index| ledger.streams.get(*index))
        };
        let awards: Vec<Decimal> = own().filter_map(|total| total.award).collect();
        funder.award = (!awards.is_empty()).then(|| awards.into_iter().sum());
        let lines: Vec<usize> = own()
            .flat_map(|total| total.lines.iter().copied())
            .collect();
        funder.totals = Totals::over(
            ledger
                .lines
                .iter()
                .zip(&ledger.balances)
                .enumerate()
                .filter(|(index, _)| lines.contains(index))
                .map(|(_, found)| found),
        );
    }
    out
}
