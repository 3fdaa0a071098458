//! What was accrued, and what reversed it: an accrual that nothing reverses counts its cost a second time once the invoice comes.

use rust_decimal::Decimal;

use super::{Document, Kind, Ledger};
use crate::reconcile::RecordRef;
use crate::value::period::Quarter;

/// One accrual of the year, and how much of it is reversed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrual {
    /// Its row: in a return, or on the plan's own Spend sheet.
    pub at: RecordRef,
    /// Who accrued it.
    pub agency: Option<usize>,
    /// The quarter it was accrued in.
    pub quarter: Quarter,
    /// Its line in the plan.
    pub line: usize,
    /// Its document, where it has one.
    pub document: Option<Document>,
    /// How much.
    pub amount: Decimal,
    /// How much of it credits reverse.
    pub reversed: Decimal,
}

impl Accrual {
    /// What nothing has reversed yet.
    #[must_use]
    pub fn open(&self) -> Decimal {
        self.amount - self.reversed
    }
}

/// A row of the year's spend that stands, from whichever sheet.
struct Row<'a> {
    at: RecordRef,
    agency: Option<usize>,
    quarter: Quarter,
    line: usize,
    document: Option<&'a Document>,
    amount: Decimal,
    kind: Kind,
}

/// The year's accruals up to the run's quarter, earlier quarters first, with what reverses each. A credit, or a negative amount in an
/// accrual's or actual's place, reverses what was accrued on its line under its document; under another document, what was accrued on
/// the line for the same supplier and amount.
#[must_use]
pub fn accruals(ledger: &Ledger, run: Option<Quarter>) -> Vec<Accrual> {
    let rows = rows(ledger, run);
    let mut out: Vec<Accrual> = rows
        .iter()
        .filter(|row| row.kind == Kind::Accrual && row.amount > Decimal::ZERO)
        .map(|row| Accrual {
            at: row.at,
            agency: row.agency,
            quarter: row.quarter,
            line: row.line,
            document: row.document.cloned(),
            amount: row.amount,
            reversed: Decimal::ZERO,
        })
        .collect();
    let is_reversal = |row: &&Row<'_>| {
        row.amount < Decimal::ZERO
            && matches!(row.kind, Kind::Credit | Kind::Accrual | Kind::Actual)
    };
    let mut elsewhere: Vec<&Row<'_>> = Vec::new();
    for credit in rows.iter().filter(is_reversal) {
        let mut left = -credit.amount;
        for accrual in out
            .iter_mut()
            .filter(|accrual| may_reverse(credit, accrual))
        {
            let is_same = credit
                .document
                .zip(accrual.document.as_ref())
                .is_some_and(|(a, b)| a.is_same(b));
            if is_same {
                let part = left.min(accrual.open());
                accrual.reversed += part;
                left -= part;
            }
        }
        if left == -credit.amount {
            elsewhere.push(credit);
        }
    }
    for credit in elsewhere {
        let found = out.iter_mut().find(|accrual| {
            let is_supplier = credit
                .document
                .zip(accrual.document.as_ref())
                .is_some_and(|(a, b)| !a.supplier.is_empty() && a.supplier == b.supplier);
            may_reverse(credit, accrual) && is_supplier && accrual.open() == -credit.amount
        });
        if let Some(accrual) = found {
            accrual.reversed = accrual.amount;
        }
    }
    out
}

fn may_reverse(credit: &Row<'_>, accrual: &Accrual) -> bool {
    credit.line == accrual.line
        && credit.agency == accrual.agency
        && order(accrual.quarter) <= order(credit.quarter)
}

fn order(quarter: Quarter) -> (i16, u8) {
    (quarter.year, quarter.number)
}

fn rows(ledger: &Ledger, run: Option<Quarter>) -> Vec<Row<'_>> {
    let past = ledger.history().iter().filter_map(|past| {
        let quarter = past.quarter?;
        let stands = match run {
            Some(run) if order(quarter) < order(run) => past.counted,
            Some(run) if quarter == run => past.counted && !ledger.is_replaced(past.agency),
            Some(_) => false,
            None => past.counted,
        };
        Some(Row {
            at: past.at,
            agency: past.agency,
            quarter,
            line: past.line.filter(|_| stands)?,
            document: past.document.as_ref(),
            amount: past.amount?,
            kind: past.kind,
        })
    });
    let sent = ledger.entries.iter().filter_map(|entry| {
        Some(Row {
            at: entry.at,
            agency: entry.agency,
            quarter: run?,
            line: entry.line.filter(|_| !entry.is_held)?,
            document: entry.document.as_ref(),
            amount: entry.amount?,
            kind: entry.kind,
        })
    });
    let mut out: Vec<Row<'_>> = past.chain(sent).collect();
    out.sort_by_key(|row| order(row.quarter));
    out
}
