//! Rows of a return that by a column of their own are another quarter's, or another partner's.
//!
//! Invariant: what a row says of itself comes before what its file says; nothing is moved to where it might belong.

use super::{Said, Statement};
use crate::grid::{CellAddress, CellValue, Workbook};
use crate::record::Table;
use crate::schema::{FieldKind, Schema};
use crate::value::period::{self, Mention};
use crate::value::text::{fold, visible};

/// A row that is not of its return.
#[derive(Clone, Debug)]
pub struct Stranger {
    /// The table's place among the file's.
    pub table: usize,
    /// The sheet's row, zero-based.
    pub row: u32,
    /// The cell that says so.
    pub at: CellAddress,
    /// What it says.
    pub said: String,
    /// Whose, or of when.
    pub of: Of,
}

/// What a row says that it is of.
#[derive(Clone, Debug)]
pub enum Of {
    /// Another agency than the one that sent the return.
    Agency(usize),
    /// Another quarter or year than the run's.
    Period(Mention),
}

/// Headings over the agency that a row is of.
const AGENCIES: [&str; 15] = [
    "agency",
    "partner",
    "partner agency",
    "partner name",
    "agency name",
    "organisation",
    "organization",
    "organisation name",
    "reporting agency",
    "reporting partner",
    "reported by",
    "submitted by",
    "claimed by",
    "claiming agency",
    "claimant",
];

/// Headings over the quarter that a row is of.
const PERIODS: [&str; 11] = [
    "quarter",
    "qtr",
    "period",
    "reporting period",
    "reporting quarter",
    "claim period",
    "claim quarter",
    "financial quarter",
    "financial period",
    "quarter claimed",
    "period claimed",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Agency,
    Period,
}

/// The rows of a return's tables that are not of it.
pub(super) fn find(
    workbook: &Workbook,
    tables: &[Table],
    statement: &Statement,
    said: &Said,
    schema: &Schema,
    quarter: Option<u8>,
) -> Vec<Stranger> {
    let mut out = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let Some(sheet) = workbook.sheets.get(table.layout.sheet) else {
            continue;
        };
        for (column, kind) in columns(table, schema) {
            for record in &table.records {
                let at = CellAddress::new(record.row, column);
                let Some(value) = sheet.value(at) else {
                    continue;
                };
                let of = match kind {
                    Kind::Agency => of_agency(value, statement, said, schema),
                    Kind::Period => of_period(value, said, schema, quarter),
                };
                out.extend(of.map(|of| Stranger {
                    table: index,
                    row: record.row,
                    at,
                    said: visible(&value.to_string()),
                    of,
                }));
            }
        }
    }
    out
}

/// The columns that say of whom or of when each row is.
fn columns(table: &Table, schema: &Schema) -> Vec<(u16, Kind)> {
    let kind = |heading: &str| {
        let folded = fold(heading);
        if AGENCIES.contains(&folded.as_str()) {
            Some(Kind::Agency)
        } else if PERIODS.contains(&folded.as_str()) {
            Some(Kind::Period)
        } else {
            None
        }
    };
    let fields = schema.tables.get(table.layout.table).map(|own| &own.fields);
    let known = table.layout.columns.iter().filter_map(|column| {
        let field = fields?.get(column.field)?;
        let kind = match field.name.as_str() {
            "agency" if field.kind == FieldKind::Agency => Kind::Agency,
            "quarter" => Kind::Period,
            _ => return None,
        };
        Some((column.column, kind))
    });
    let unknown = table
        .layout
        .unknown
        .iter()
        .filter_map(|unknown| Some((unknown.heading.at.column, kind(&unknown.heading.text)?)));
    known.chain(unknown).collect()
}

/// The agency that a cell names, where that is another than the sender: somebody who said whose the file is said it of all its rows.
fn of_agency(value: &CellValue, statement: &Statement, said: &Said, schema: &Schema) -> Option<Of> {
    let own = statement.agency.filter(|_| said.agency.is_none())?;
    let named = schema.agency_called(&fold(value.as_text()?))?;
    (named != own).then_some(Of::Agency(named))
}

/// The quarter that a cell names, where that is another than the run's.
fn of_period(value: &CellValue, said: &Said, schema: &Schema, quarter: Option<u8>) -> Option<Of> {
    let own = quarter.filter(|_| said.quarter.is_none())?;
    let text = visible(&value.to_string());
    let mut named = period::mention(&text);
    if named.quarter.is_none() && named.span.is_none() {
        named.quarter = match text.as_str() {
            "1" => Some(1),
            "2" => Some(2),
            "3" => Some(3),
            "4" => Some(4),
            _ => None,
        };
    }
    let is_other_year = named
        .year
        .is_some_and(|year| year != schema.year.start.year());
    let speaks = named.quarter.is_some() || named.span.is_some();
    let is_other = named.span.is_some()
        || named.quarter.is_some_and(|named| named != own)
        || is_other_year && speaks;
    is_other.then_some(Of::Period(named))
}
