//! The money: funding lines, what moved between them, what was spent and claimed, and what that leaves. Exact to the penny.
//!
//! Invariant: every penny read is accepted or held, per source and for the run; a held penny is in no line's figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::grid::CellAddress;
use crate::layout::LabelKind;
use crate::reconcile::{RecordRef, records};
use crate::record::View;
use crate::schema::{Role, Schema};
use crate::source::Source;
use crate::value::amount;
use crate::value::period::Quarter;
use crate::value::reference::Reference;
use crate::value::text::fold;

/// Where a line stands with its funder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// The plan has no column for it.
    NotJudged,
    /// Waiting; a blank cell is that too.
    Proposed,
    /// Agreed.
    Approved,
    /// Refused.
    Declined,
}

impl Approval {
    /// The word that a sheet and a sentence use.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NotJudged => "",
            Self::Proposed => "Proposed",
            Self::Approved => "Approved",
            Self::Declined => "Declined",
        }
    }
}

/// What kind of spend a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Paid; a blank kind is this.
    Actual,
    /// Due for the quarter, not yet invoiced.
    Accrual,
    /// Money back.
    Credit,
    /// Ordered: no spend yet.
    Commitment,
    /// A capital item.
    Capital,
    /// Time or goods: no money.
    InKind,
}

/// One funding line of the plan.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its row in the plan.
    pub at: RecordRef,
    /// Its reference.
    pub reference: Reference,
    /// The project's name.
    pub project: Arc<str>,
    /// Its stream.
    pub stream: Option<usize>,
    /// The agency that delivers it.
    pub delivery: Option<usize>,
    /// Its allocation, before virements.
    pub allocation: Option<Decimal>,
    /// Where it stands with the funder.
    pub approval: Approval,
    /// The plan's spend by quarter.
    pub plan_spend: [Option<Decimal>; 4],
    /// The plan's forecast.
    pub plan_forecast: Option<Decimal>,
}

/// Money moved between lines.
#[derive(Clone, Debug)]
pub struct Virement {
    /// Its row in the plan.
    pub at: RecordRef,
    /// The line it left.
    pub from: Option<usize>,
    /// The line it went to.
    pub to: Option<usize>,
    /// How much.
    pub amount: Decimal,
    /// Whether it counts: not held, and approved where the stream asks for that.
    pub counts: bool,
}

/// One row of itemised spend.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it is.
    pub at: RecordRef,
    /// Who sent it.
    pub agency: Option<usize>,
    /// Its line's reference, as typed.
    pub reference: Option<Reference>,
    /// Its line in the plan.
    pub line: Option<usize>,
    /// How much, where it can be read.
    pub amount: Option<Decimal>,
    /// What kind of spend.
    pub kind: Kind,
    /// The document's date.
    pub date: Option<Date>,
    /// Kept out by a finding on its row, table or return.
    pub is_held: bool,
}

impl Entry {
    /// Whether the amount is money of the quarter: not an order.
    #[must_use]
    pub fn is_money(&self) -> bool {
        self.kind != Kind::Commitment
    }
}

/// One row of a claim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Where it is.
    pub at: RecordRef,
    /// Who sent it.
    pub agency: Option<usize>,
    /// Its line's reference, as typed.
    pub reference: Option<Reference>,
    /// Its line in the plan.
    pub line: Option<usize>,
    /// Spend this quarter.
    pub this_quarter: Option<Decimal>,
    /// The year's outturn.
    pub forecast: Option<Decimal>,
    /// Whether the agency itemised its spend on the line, so that this claim's spend is not counted.
    pub is_itemised: bool,
    /// Kept out by a finding on its row, table or return.
    pub is_held: bool,
}

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
    /// The plan's earlier quarters and this one.
    pub to_date: Decimal,
    /// Held in this quarter.
    pub held: Decimal,
    /// Ordered and not yet spent.
    pub committed: Decimal,
    /// The year's outturn.
    pub forecast: Option<Decimal>,
    /// Revised less forecast: positive is an underspend.
    pub variance: Option<Decimal>,
}

/// Money in and out of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MoneyTally {
    /// Read.
    pub read: Decimal,
    /// Used.
    pub accepted: Decimal,
    /// Kept out.
    pub held: Decimal,
}

impl MoneyTally {
    fn add(&mut self, amount: Decimal, is_held: bool) {
        self.read += amount;
        if is_held {
            self.held += amount;
        } else {
            self.accepted += amount;
        }
    }
}

impl std::ops::AddAssign for MoneyTally {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.held += other.held;
    }
}

/// What a stream comes to.
#[derive(Clone, Debug)]
pub struct StreamTotal {
    /// The stream.
    pub stream: usize,
    /// Its award: the plan's label cell, else the configuration's.
    pub award: Option<Decimal>,
    /// The label cell that says the award: sheet and cell of the plan.
    pub award_at: Option<(usize, usize, CellAddress)>,
    /// Lines counted: approved ones, where the plan tells.
    pub lines: Vec<usize>,
    /// Their allocations.
    pub allocation: Decimal,
    /// Their allocations after virements.
    pub revised: Decimal,
    /// Their spend to date.
    pub to_date: Decimal,
    /// Money held on them.
    pub held: Decimal,
}

/// All the money of a run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The plan's lines in its order.
    pub lines: Vec<Line>,
    /// What each comes to.
    pub balances: Vec<Balance>,
    /// Money moved.
    pub virements: Vec<Virement>,
    /// Itemised spend, by source and row.
    pub entries: Vec<Entry>,
    /// Claims, by source and row.
    pub claims: Vec<Claim>,
    /// Totals by stream.
    pub streams: Vec<StreamTotal>,
    /// Keys of lines on plan rows that are held.
    pub held_keys: Vec<Arc<str>>,
}

impl Ledger {
    /// The money of one source.
    #[must_use]
    pub fn tally(&self, source: usize) -> MoneyTally {
        let mut out = MoneyTally::default();
        for entry in self
            .entries
            .iter()
            .filter(|e| e.at.source == source && e.is_money())
        {
            out.add(entry.amount.unwrap_or_default(), entry.is_held);
        }
        for claim in self
            .claims
            .iter()
            .filter(|c| c.at.source == source && !c.is_itemised)
        {
            out.add(claim.this_quarter.unwrap_or_default(), claim.is_held);
        }
        out
    }

    /// The quarter's amounts on a line in source and row order: entries and claims that count, with their place.
    #[must_use]
    pub fn counted(&self, line: usize) -> Vec<(RecordRef, Decimal)> {
        let entries = self
            .entries
            .iter()
            .filter(|e| e.line == Some(line) && !e.is_held && e.is_money())
            .filter_map(|e| Some((e.at, e.amount?)));
        let claims = self
            .claims
            .iter()
            .filter(|c| c.line == Some(line) && !c.is_held && !c.is_itemised)
            .filter_map(|c| Some((c.at, c.this_quarter?)));
        let mut out: Vec<_> = entries.chain(claims).collect();
        out.sort_by_key(|(at, _)| *at);
        out
    }
}

/// Gathers lines, virements, spend and claims from what was read. Nothing is added up yet.
#[must_use]
pub fn gather(sources: &[Source], schema: &Schema) -> Ledger {
    let mut out = Ledger::default();
    for (at, view) in records(sources, schema, Role::Plan, "funding_lines") {
        let Some(reference) = view.reference("line") else {
            continue;
        };
        if view.record.is_held || view.table.is_held {
            out.held_keys.push(Arc::clone(&reference.key));
            continue;
        }
        out.lines.push(line(at, &view, reference, schema));
    }
    let by_key: BTreeMap<Arc<str>, usize> = out
        .lines
        .iter()
        .enumerate()
        .rev()
        .map(|(index, line)| (Arc::clone(&line.reference.key), index))
        .collect();
    let find = |reference: Option<&Reference>| reference.and_then(|r| by_key.get(&r.key)).copied();
    for (at, view) in records(sources, schema, Role::Plan, "virements") {
        let Some(amount) = view.amount("amount") else {
            continue;
        };
        let (from, to) = (
            find(view.reference("from_line")),
            find(view.reference("to_line")),
        );
        out.virements.push(Virement {
            at,
            from,
            to,
            amount,
            counts: !view.record.is_held && !view.table.is_held,
        });
    }
    for (at, view) in records(sources, schema, Role::Return, "spend") {
        let Some(source) = sources.get(at.source) else {
            continue;
        };
        let reference = view.reference("line").cloned();
        out.entries.push(Entry {
            at,
            agency: source.statement.agency,
            line: find(reference.as_ref()),
            reference,
            amount: view.any_amount("amount"),
            kind: kind(&view),
            date: view.date("document_date"),
            is_held: is_out(source, &view),
        });
    }
    for (at, view) in records(sources, schema, Role::Return, "claims") {
        let Some(source) = sources.get(at.source) else {
            continue;
        };
        let reference = view.reference("line").cloned();
        let key = reference.as_ref().map(|r| Arc::clone(&r.key));
        let is_itemised = out.entries.iter().any(|e| {
            e.agency == source.statement.agency
                && e.reference.as_ref().map(|r| Arc::clone(&r.key)) == key
                && key.is_some()
        });
        out.claims.push(Claim {
            at,
            agency: source.statement.agency,
            line: find(reference.as_ref()),
            reference,
            this_quarter: view.any_amount("this_quarter"),
            forecast: view.amount("forecast"),
            is_itemised,
            is_held: is_out(source, &view),
        });
    }
    out
}

/// Takes out what was held since it was gathered.
pub fn refresh(ledger: &mut Ledger, sources: &[Source], schema: &Schema) {
    let held = |at: RecordRef| {
        let view = at.view(sources, schema);
        view.is_none_or(|view| {
            sources
                .get(at.source)
                .is_none_or(|source| is_out(source, &view))
        })
    };
    ledger
        .entries
        .iter_mut()
        .for_each(|entry| entry.is_held = held(entry.at));
    ledger
        .claims
        .iter_mut()
        .for_each(|claim| claim.is_held = held(claim.at));
    ledger
        .virements
        .iter_mut()
        .for_each(|virement| virement.counts = virement.counts && !held(virement.at));
}

fn is_out(source: &Source, view: &View<'_>) -> bool {
    source.is_out() || view.table.is_held || view.record.is_held
}

fn kind(view: &View<'_>) -> Kind {
    match view.choice_value("kind") {
        Some("accrual") => Kind::Accrual,
        Some("credit") => Kind::Credit,
        Some("commitment") => Kind::Commitment,
        Some("capital") => Kind::Capital,
        Some("in-kind") => Kind::InKind,
        _ => Kind::Actual,
    }
}

fn line(at: RecordRef, view: &View<'_>, reference: &Reference, schema: &Schema) -> Line {
    let approval = match view.cell("approval") {
        None => Approval::NotJudged,
        Some(_) => match view.choice_value("approval") {
            Some("approved") => Approval::Approved,
            Some("declined") => Approval::Declined,
            _ => Approval::Proposed,
        },
    };
    Line {
        at,
        reference: reference.clone(),
        project: view.text("project").unwrap_or_default().into(),
        stream: stream(view, schema),
        delivery: view.choice("delivery_agency"),
        allocation: view.amount("allocation"),
        approval,
        plan_spend: [1, 2, 3, 4].map(|q| view.amount(&format!("q{q}_spend"))),
        plan_forecast: view.amount("forecast"),
    }
}

/// A line's stream: the one its cell names, else the only one that the PCC pays for.
fn stream(view: &View<'_>, schema: &Schema) -> Option<usize> {
    if let Some(text) = view.text("stream") {
        let folded = fold(text);
        return schema
            .streams
            .iter()
            .position(|s| s.words.contains(&folded));
    }
    let mut pcc = schema
        .streams
        .iter()
        .enumerate()
        .filter(|(_, s)| s.funder.eq_ignore_ascii_case("PCC"));
    pcc.next()
        .filter(|_| pcc.next().is_none())
        .map(|(index, _)| index)
}

/// Adds everything up, once rows are settled.
pub fn balance(ledger: &mut Ledger, sources: &[Source], schema: &Schema, quarter: Option<Quarter>) {
    let number = quarter.map_or(0, |q| usize::from(q.number));
    let balances: Vec<Balance> = (0..ledger.lines.len())
        .filter_map(|index| line_balance(ledger, index, number))
        .collect();
    ledger.balances = balances;
    ledger.streams = (0..schema.streams.len())
        .map(|stream| stream_total(ledger, stream, sources, schema))
        .collect();
}

fn line_balance(ledger: &Ledger, index: usize, number: usize) -> Option<Balance> {
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
    for (slot, spend) in out
        .quarters
        .iter_mut()
        .zip(line.plan_spend)
        .take(number.saturating_sub(1))
    {
        *slot = spend.unwrap_or_default();
    }
    // A return's spend replaces what the plan has for the quarter; where nobody sent any, the plan's own stands.
    let own = number
        .checked_sub(1)
        .and_then(|at| line.plan_spend.get(at))
        .copied()
        .flatten();
    let is_reported = ledger.entries.iter().any(|e| e.line == Some(index))
        || ledger
            .claims
            .iter()
            .any(|c| c.line == Some(index) && !c.is_itemised);
    out.this_quarter = if is_reported {
        ledger
            .counted(index)
            .into_iter()
            .map(|(_, amount)| amount)
            .sum()
    } else {
        own.unwrap_or_default()
    };
    if let Some(slot) = number
        .checked_sub(1)
        .and_then(|at| out.quarters.get_mut(at))
    {
        *slot = out.this_quarter;
    }
    out.to_date = out.quarters.iter().sum();
    out.held = ledger
        .entries
        .iter()
        .filter(|e| e.line == Some(index) && e.is_held && e.is_money())
        .filter_map(|e| e.amount)
        .sum::<Decimal>()
        + ledger
            .claims
            .iter()
            .filter(|c| c.line == Some(index) && c.is_held && !c.is_itemised)
            .filter_map(|c| c.this_quarter)
            .sum::<Decimal>();
    out.committed = ledger
        .entries
        .iter()
        .filter(|e| e.line == Some(index) && !e.is_held && e.kind == Kind::Commitment)
        .filter_map(|e| e.amount)
        .sum();
    let claimed: Vec<Decimal> = ledger
        .claims
        .iter()
        .filter(|c| c.line == Some(index) && !c.is_held)
        .filter_map(|c| c.forecast)
        .collect();
    out.forecast = if claimed.is_empty() {
        line.plan_forecast
    } else {
        Some(claimed.into_iter().sum())
    };
    out.variance = out.forecast.map(|forecast| out.revised - forecast);
    Some(out)
}

fn stream_total(
    ledger: &Ledger,
    stream: usize,
    sources: &[Source],
    schema: &Schema,
) -> StreamTotal {
    let counts = |line: &Line| matches!(line.approval, Approval::NotJudged | Approval::Approved);
    let lines: Vec<usize> = ledger
        .lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.stream == Some(stream) && counts(l))
        .map(|(index, _)| index)
        .collect();
    let (award, award_at) = award(stream, sources, schema);
    let balances = || lines.iter().filter_map(|index| ledger.balances.get(*index));
    StreamTotal {
        stream,
        award,
        award_at,
        allocation: lines
            .iter()
            .filter_map(|index| ledger.lines.get(*index)?.allocation)
            .sum(),
        revised: balances().map(|b| b.revised).sum(),
        to_date: balances().map(|b| b.to_date).sum(),
        held: balances().map(|b| b.held).sum(),
        lines,
    }
}

/// The plan's label cell gives the award of the only stream that the PCC pays for; the configuration gives the rest.
fn award(
    stream: usize,
    sources: &[Source],
    schema: &Schema,
) -> (Option<Decimal>, Option<(usize, usize, CellAddress)>) {
    let configured = schema.streams.get(stream).and_then(|s| s.award);
    let mut pcc = schema
        .streams
        .iter()
        .enumerate()
        .filter(|(_, s)| s.funder.eq_ignore_ascii_case("PCC"));
    let is_only = pcc.next().is_some_and(|(index, _)| index == stream) && pcc.next().is_none();
    if !is_only {
        return (configured, None);
    }
    for source in sources.iter().filter(|source| source.role == Role::Plan) {
        for label in source
            .layout
            .labels
            .iter()
            .filter(|label| label.kind == LabelKind::Award)
        {
            let read = match &label.value {
                crate::grid::CellValue::Number(number) => amount::from_number(*number).ok(),
                crate::grid::CellValue::Text(text) => amount::from_text(text).ok(),
                crate::grid::CellValue::Boolean(_)
                | crate::grid::CellValue::Date(_)
                | crate::grid::CellValue::Error(_)
                | crate::grid::CellValue::NotCalculated => None,
            };
            if let Some(found) = read {
                return (
                    Some(amount::to_pence(found).0),
                    Some((source.index, label.sheet, label.at)),
                );
            }
        }
    }
    (configured, None)
}
