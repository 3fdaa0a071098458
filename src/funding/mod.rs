//! The money: funding lines, what moved between them, what was spent and claimed, and what that leaves. Exact to the penny.
//!
//! Invariant: every penny read is accepted, held or set aside, per source and for the run; only what is accepted is in a line's figures.

mod accruals;
mod agreement;
mod balance;
mod gather;
mod streams;
mod sums;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use accruals::{Accrual, accruals};
pub use agreement::{Agreement, Disagreement, Match, MatchKind, agreement};
pub use balance::{Balance, FunderTotal, StreamTotal, Totals, balance};
pub use gather::{COUNTED, gather, refresh};
pub use sums::{Sums, sums};

use crate::reconcile::RecordRef;
use crate::record::Whole;
use crate::value::period::Quarter;
use crate::value::reference::Reference;

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

/// What becomes of what a line leaves at the year's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes back to the funder.
    Return,
    /// The funder lets it be spent next year.
    CarryForward,
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
    /// The day from which spend is allowed, where the plan says it.
    pub approved_on: Option<Date>,
    /// The plan's spend by quarter.
    pub plan_spend: [Option<Decimal>; 4],
    /// Quarters whose cell is filled and cannot be used.
    pub is_unread: [bool; 4],
    /// The plan's forecast.
    pub plan_forecast: Option<Decimal>,
    /// Match in cash: beside the grant, in no sum of it.
    pub match_cash: Option<Decimal>,
    /// What becomes of an underspend.
    pub decision: Option<Decision>,
}

impl Line {
    /// Whether it is in the totals by stream and funder: approved, where the plan tells.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        matches!(self.approval, Approval::Approved | Approval::NotJudged)
    }

    /// What the plan has for the quarters before this one; nothing where one of them cannot be read.
    #[must_use]
    pub fn earlier(&self, quarter: u8) -> Option<Decimal> {
        let before = usize::from(quarter.saturating_sub(1));
        if self.is_unread.iter().take(before).any(|unread| *unread) {
            return None;
        }
        Some(self.plan_spend.iter().take(before).flatten().sum())
    }
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

/// A document by which spend is told apart: its number and supplier, folded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document {
    /// The number's letters and figures alone, without leading zeros.
    pub number: String,
    /// The supplier's letters and figures alone; empty where none is given.
    pub supplier: String,
}

impl Document {
    /// Whether two documents are one: the same number, and suppliers that do not differ. A blank supplier is any.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.number == other.number && self.may_be_of(other)
    }

    /// Whether the suppliers do not differ.
    #[must_use]
    pub fn may_be_of(&self, other: &Self) -> bool {
        self.supplier.is_empty() || other.supplier.is_empty() || self.supplier == other.supplier
    }
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
    /// What of it a decision gave, beyond what the cell says itself.
    pub by_decision: Decimal,
    /// What the cell says by itself, where that was refused for what stands around it or for how it is shown.
    pub refused: Decimal,
    /// What kind of spend.
    pub kind: Kind,
    /// The document's date.
    pub date: Option<Date>,
    /// The document, where its number is given.
    pub document: Option<Document>,
    /// What became of its return as a whole.
    pub whole: Whole,
    /// Kept out by a finding on its row, table or return.
    pub is_held: bool,
}

impl Entry {
    /// Whether its whole return is out.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.whole != Whole::Used
    }

    /// Whether another file stands for its whole return.
    #[must_use]
    pub fn is_set_aside(&self) -> bool {
        self.whole == Whole::SetAside
    }

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
    /// What of it a decision gave, beyond what the cell says itself.
    pub by_decision: Decimal,
    /// What the cell says by itself, where that was refused for what stands around it or for how it is shown.
    pub refused: Decimal,
    /// Spend of the year so far.
    pub to_date: Option<Decimal>,
    /// The year's outturn.
    pub forecast: Option<Decimal>,
    /// Why the figures differ from the plan.
    pub explanation: Option<Arc<str>>,
    /// Whether the agency itemised its spend on the line, so that this claim's spend is not counted.
    pub is_itemised: bool,
    /// What became of its return as a whole.
    pub whole: Whole,
    /// Kept out by a finding on its row, table or return.
    pub is_held: bool,
}

impl Claim {
    /// Whether its whole return is out.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.whole != Whole::Used
    }

    /// Whether another file stands for its whole return.
    #[must_use]
    pub fn is_set_aside(&self) -> bool {
        self.whole == Whole::SetAside
    }
}

/// A document that an earlier run wrote into the plan's own Spend sheet: history, in no source's money.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its row in the plan.
    pub at: RecordRef,
    /// Who sent it.
    pub agency: Option<usize>,
    /// The quarter it was sent for.
    pub quarter: Option<Quarter>,
    /// Its line's reference.
    pub reference: Option<Reference>,
    /// Its line in the plan.
    pub line: Option<usize>,
    /// How much, where it can be read.
    pub amount: Option<Decimal>,
    /// What kind of spend.
    pub kind: Kind,
    /// The document's date.
    pub date: Option<Date>,
    /// The document, where its number is given.
    pub document: Option<Document>,
    /// Whether it counted then.
    pub counted: bool,
    /// Whether it was held then.
    pub is_held: bool,
}

/// A row of the finance system's export.
#[derive(Clone, Debug)]
pub struct Posting {
    /// Where it is.
    pub at: RecordRef,
    /// Its line's reference, as typed.
    pub reference: Option<Reference>,
    /// Its line in the plan.
    pub line: Option<usize>,
    /// The document, where its number is given.
    pub document: Option<Document>,
    /// How much, where it can be read.
    pub amount: Option<Decimal>,
    /// When it was posted.
    pub date: Option<Date>,
    /// The quarter of the year that its period is in, where the export gives periods.
    pub period: Option<u8>,
    /// The agency that was paid.
    pub payee: Option<usize>,
    /// A document's VAT in a row of its own.
    pub is_vat: bool,
    /// Kept out by a finding on its row, table or file.
    pub is_held: bool,
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
    /// Of a file that another stands for.
    pub set_aside: Decimal,
}

impl MoneyTally {
    fn add(&mut self, amount: Decimal, is_set_aside: bool, is_held: bool) {
        self.read += amount;
        if is_set_aside {
            self.set_aside += amount;
        } else if is_held {
            self.held += amount;
        } else {
            self.accepted += amount;
        }
    }

    /// Whether all that was read is used, kept out or set aside.
    #[must_use]
    pub fn ties_out(&self) -> bool {
        self.read == self.accepted + self.held + self.set_aside
    }
}

impl std::ops::AddAssign for MoneyTally {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.held += other.held;
        self.set_aside += other.set_aside;
    }
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
    /// What earlier runs wrote on the plan's Spend sheet.
    pub past: Vec<Past>,
    /// What last quarter's workbook has on its Spend sheet, where the plan has none: looked at, and in no sum of money.
    pub before: Vec<Past>,
    /// The finance system's postings.
    pub postings: Vec<Posting>,
    /// Money on returns' sheets for other quarters.
    pub restated: Decimal,
    /// What of that its cells say and is refused by name.
    restated_refused: Decimal,
    /// The year's accruals up to the run's quarter.
    pub accruals: Vec<Accrual>,
    /// Totals by stream.
    pub streams: Vec<StreamTotal>,
    /// Totals by who pays.
    pub funders: Vec<FunderTotal>,
    /// Keys of lines on plan rows that are held.
    pub held_keys: Vec<Arc<str>>,
    /// Whether the plan lists its spend by document, so that a return replaces rows and not a line's whole quarter.
    pub has_documents: bool,
    /// Lines that a virement touches whose amount or line cannot be used: what they were revised to is not known.
    pub unsettled: Vec<usize>,
    /// What charges each line, so that a line is not looked for among all rows.
    by_line: Vec<Charges>,
    /// Agencies of which a return of this run is not out as a whole.
    senders: BTreeSet<usize>,
    /// Who sent rows of spend, whatever became of them.
    spenders: BTreeSet<Option<usize>>,
}

/// The rows that charge one line, as indexes in their order.
#[derive(Clone, Debug, Default)]
struct Charges {
    entries: Vec<usize>,
    claims: Vec<usize>,
    past: Vec<usize>,
}

impl Ledger {
    /// The money of one source.
    #[must_use]
    pub fn tally(&self, source: usize) -> MoneyTally {
        let mut out = MoneyTally::default();
        // Both are in the order of the sources.
        let entries = &self.entries;
        let first = entries.partition_point(|e| e.at.source < source);
        let own = entries.iter().skip(first);
        for entry in own
            .take_while(|e| e.at.source == source)
            .filter(|e| e.is_money())
        {
            out.add(
                entry.amount.unwrap_or_default(),
                entry.is_set_aside(),
                entry.is_held,
            );
        }
        let claims = &self.claims;
        let first = claims.partition_point(|c| c.at.source < source);
        let own = claims.iter().skip(first);
        for claim in own
            .take_while(|c| c.at.source == source)
            .filter(|c| !c.is_itemised)
        {
            out.add(
                claim.this_quarter.unwrap_or_default(),
                claim.is_set_aside(),
                claim.is_held,
            );
        }
        out
    }

    /// The quarter's amounts on a line in source and row order: entries and claims that count, with their place.
    #[must_use]
    pub fn counted(&self, line: usize) -> Vec<(RecordRef, Decimal)> {
        let entries = self
            .entries_on(line)
            .filter(|e| !e.is_held && e.is_money())
            .filter_map(|e| Some((e.at, e.amount?)));
        let claims = self
            .all_claims_on(line)
            .filter(|c| !c.is_held && !c.is_itemised)
            .filter_map(|c| Some((c.at, c.this_quarter?)));
        let mut out: Vec<_> = entries.chain(claims).collect();
        out.sort_by_key(|(at, _)| *at);
        out
    }

    /// Whether a return of this run stands for what the agency sent before for the quarter.
    #[must_use]
    pub fn is_replaced(&self, agency: Option<usize>) -> bool {
        agency.is_some_and(|agency| self.senders.contains(&agency))
    }

    /// The documents of earlier quarters: those of the plan's own Spend sheet, else of last quarter's workbook.
    #[must_use]
    pub fn history(&self) -> &[Past] {
        if self.has_documents {
            &self.past
        } else {
            &self.before
        }
    }

    /// How many rows of spend and claims are held whose amount is not known: they are in the rows held, and in no sum of money.
    #[must_use]
    pub fn unknown_amounts(&self) -> usize {
        self.held_without_amount().count()
    }

    /// The same of one file.
    #[must_use]
    pub fn unknown_amounts_of(&self, source: usize) -> usize {
        self.held_without_amount()
            .filter(|at| at.source == source)
            .count()
    }

    fn held_without_amount(&self) -> impl Iterator<Item = RecordRef> {
        let entries = self
            .entries
            .iter()
            .filter(|e| e.is_held && !e.is_set_aside() && e.is_money() && e.amount.is_none());
        let claims = self.claims.iter().filter(|c| {
            c.is_held && !c.is_set_aside() && !c.is_itemised && c.this_quarter.is_none()
        });
        entries.map(|e| e.at).chain(claims.map(|c| c.at))
    }

    /// The row of spend at a place.
    #[must_use]
    pub fn entry(&self, at: RecordRef) -> Option<&Entry> {
        let index = self.entries.binary_search_by_key(&at, |entry| entry.at);
        self.entries.get(index.ok()?)
    }

    /// The claim at a place.
    #[must_use]
    pub fn claim(&self, at: RecordRef) -> Option<&Claim> {
        let index = self.claims.binary_search_by_key(&at, |claim| claim.at);
        self.claims.get(index.ok()?)
    }

    /// Every row of spend on a line, held or not, in source and row order.
    pub fn entries_on(&self, line: usize) -> impl Iterator<Item = &Entry> {
        self.by_line
            .get(line)
            .into_iter()
            .flat_map(|charges| &charges.entries)
            .filter_map(|index| self.entries.get(*index))
    }

    /// Every claim on a line, held or not, in source and row order.
    pub fn all_claims_on(&self, line: usize) -> impl Iterator<Item = &Claim> {
        self.by_line
            .get(line)
            .into_iter()
            .flat_map(|charges| &charges.claims)
            .filter_map(|index| self.claims.get(*index))
    }

    /// Notes what charges which line, and who sent anything, once all rows are gathered.
    fn index(&mut self) {
        self.by_line = vec![Charges::default(); self.lines.len()];
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(charges) = entry.line.and_then(|line| self.by_line.get_mut(line)) {
                charges.entries.push(index);
            }
        }
        for (index, claim) in self.claims.iter().enumerate() {
            if let Some(charges) = claim.line.and_then(|line| self.by_line.get_mut(line)) {
                charges.claims.push(index);
            }
        }
        for (index, past) in self.past.iter().enumerate() {
            if let Some(charges) = past.line.and_then(|line| self.by_line.get_mut(line)) {
                charges.past.push(index);
            }
        }
        let sent = self.entries.iter().filter(|e| !e.is_set_aside());
        self.spenders = sent.map(|e| e.agency).collect();
        let entries = self.entries.iter().filter(|e| !e.is_gone());
        let claims = self.claims.iter().filter(|c| !c.is_gone());
        self.senders = entries
            .filter_map(|e| e.agency)
            .chain(claims.filter_map(|c| c.agency))
            .collect();
    }

    /// The quarter's documents of the plan's own Spend sheet that no return of this run replaces.
    pub fn kept(&self, quarter: Option<Quarter>) -> impl Iterator<Item = &Past> {
        self.past
            .iter()
            .filter(move |past| self.is_kept(past, quarter))
    }

    fn is_kept(&self, past: &Past, quarter: Option<Quarter>) -> bool {
        past.quarter.is_some() && past.quarter == quarter && !self.is_replaced(past.agency)
    }

    /// Every document of the plan's own Spend sheet on a line.
    fn past_on(&self, line: usize) -> impl Iterator<Item = &Past> {
        self.by_line
            .get(line)
            .into_iter()
            .flat_map(|charges| &charges.past)
            .filter_map(|index| self.past.get(*index))
    }

    /// Those of the documents kept that are on a line.
    fn kept_on(&self, line: usize, quarter: Option<Quarter>) -> impl Iterator<Item = &Past> {
        self.past_on(line)
            .filter(move |past| self.is_kept(past, quarter))
    }

    /// The claims on a line that count, in source and row order: their forecasts always do.
    pub fn claims_on(&self, line: usize) -> impl Iterator<Item = &Claim> {
        self.all_claims_on(line).filter(|claim| !claim.is_held)
    }

    /// Whether money of the quarter on a line is held, so that what the line comes to is not settled.
    #[must_use]
    pub fn has_held_money(&self, line: usize) -> bool {
        self.entries_on(line)
            .any(|e| e.is_held && !e.is_set_aside() && e.is_money())
            || self
                .all_claims_on(line)
                .any(|c| c.is_held && !c.is_set_aside() && !c.is_itemised)
    }
}
