//! Days of receipt as the officer records them: `[[receipts]]` in a file of decisions, the Received column of the sheet Returns.
//!
//! Invariant: a record speaks for one agency or one file, of one quarter. One that names neither, or no day, is a fault of its own and dates
//! nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use super::text::quoted;
use super::{Decision, Written};
use crate::grid::{CellAddress, CellValue, Workbook};
use crate::schema::{Document, Schema, Section};
use crate::value::date::{self, TextDate};
use crate::value::period::Quarter;
use crate::value::text::{fold, visible};

/// The sheet that lists who has sent what.
pub const SHEET: &str = "Returns";
/// Its column in which the officer writes the day on which a return arrived.
pub const COLUMN: &str = "Received";
/// Its columns that say whose return it is, and which file.
pub const PARTNER: &str = "Partner";
/// See [`PARTNER`].
pub const FILE: &str = "File";

/// The day on which a return arrived, as somebody recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Whose return, if that is said.
    pub agency: Option<usize>,
    /// The file's name without its folder; empty where the record is of all that the agency sent.
    pub file: String,
    /// Of which quarter; the run's, where nothing is said.
    pub quarter: Option<Quarter>,
    /// The day.
    pub day: Date,
}

impl Received {
    /// Whether it dates a file of an agency: by its name or, where it names none, by the agency.
    #[must_use]
    pub fn is_of(&self, agency: Option<usize>, file: &str) -> bool {
        if self.file.is_empty() {
            return self.agency.is_some() && self.agency == agency;
        }
        self.file.eq_ignore_ascii_case(file) && (self.agency.is_none() || self.agency == agency)
    }
}

/// What is recorded of a file: its own record before its agency's, the last of equals.
#[must_use]
pub fn received_on(all: &[Received], agency: Option<usize>, file: &str) -> Option<Date> {
    let of = |is_named: bool| {
        all.iter()
            .rev()
            .find(|one| one.file.is_empty() != is_named && one.is_of(agency, file))
    };
    of(true).or_else(|| of(false)).map(|one| one.day)
}

/// A record that dates nothing, as a decision that could not be applied: told wherever decisions are.
fn faulty(row: usize, partner: &str, typed: &str, why: String) -> Decision {
    Decision {
        written: Written {
            row,
            partner: partner.to_owned(),
            question: "On which day a return was received".to_owned(),
            typed: typed.to_owned(),
            decision: COLUMN.to_owned(),
            fault: Some(why.clone()),
            ..Written::default()
        },
        about: None,
        verdict: None,
        agency: None,
        field: None,
        fault: Some(why),
    }
}

/// The records of a parsed file of decisions, and those that say nothing usable.
pub(super) fn of_document(
    document: &Document<'_>,
    schema: &Schema,
) -> (Vec<Received>, Vec<Decision>) {
    let (mut out, mut wrong) = (Vec::new(), Vec::new());
    for entry in document.root().sections("receipts") {
        let row = entry.first_line();
        let text = |keys: [&str; 2]| {
            keys.into_iter()
                .filter(|key| entry.has(key))
                .find_map(|key| entry.text(key))
                .unwrap_or_default()
        };
        let partner = text(["partner", "agency"]);
        let file = text(["file", "path"]);
        let quarter = text(["quarter", "quarter"]);
        let day = ["received", "received_on", "date"]
            .into_iter()
            .filter(|key| entry.has(key))
            .find_map(|key| entry.date(key));
        let agency = schema
            .agency(&partner)
            .or_else(|| schema.agency_called(&fold(&partner)));
        let mut why = Vec::new();
        if !partner.is_empty() && agency.is_none() {
            why.push(format!(
                "“{partner}” is not one of the partnership's agencies"
            ));
        }
        if partner.is_empty() && file.is_empty() {
            why.push("a receipt names a partner or a file".to_owned());
        }
        let spoken = quarter.parse::<Quarter>().ok();
        if !quarter.is_empty() && spoken.is_none() {
            why.push(format!(
                "“{quarter}” is no quarter; write it like 2022-23-Q2"
            ));
        }
        // That a day is wrongly written is told at its line, by the document itself.
        if day.is_none()
            && !["received", "received_on", "date"]
                .iter()
                .any(|key| entry.has(key))
        {
            why.push("a receipt has a day: received = 2022-10-12".to_owned());
        }
        for note in ["reason", "role", "note"] {
            if entry.has(note) {
                let _ = entry.text(note);
            }
        }
        entry.close();
        match day {
            Some(day) if why.is_empty() => out.push(Received {
                agency,
                file: file_name(&file).to_owned(),
                quarter: spoken,
                day,
            }),
            _ if why.is_empty() => {}
            _ => wrong.push(faulty(row, &partner, &file, why.join("; "))),
        }
    }
    (out, wrong)
}

/// A fault that the document told of a receipt.
pub(super) fn faulty_at(row: usize, why: &str) -> Decision {
    faulty(row, "", "", why.to_owned())
}

/// The lines of a parsed file on which receipts begin.
pub(super) fn lines(document: &Document<'_>) -> Vec<usize> {
    let entries = document.root().sections("receipts");
    entries.iter().map(Section::first_line).collect()
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Reads the Received column of the sheet Returns of an earlier output; `quarter` is the one that the output was made for.
#[must_use]
pub fn received(
    book: &Workbook,
    schema: &Schema,
    quarter: Option<Quarter>,
) -> (Vec<Received>, Vec<Decision>) {
    let (mut out, mut wrong) = (Vec::new(), Vec::new());
    let named = |name: &str| book.sheets.iter().find(|s| s.name.as_deref() == Some(name));
    let Some(sheet) = named(SHEET) else {
        return (out, wrong);
    };
    let Some((header, cells)) = sheet.rows().next() else {
        return (out, wrong);
    };
    let columns: BTreeMap<String, u16> = cells
        .iter()
        .filter_map(|cell| Some((fold(cell.value.as_text()?), cell.address.column)))
        .collect();
    let Some(column) = columns.get(&fold(COLUMN)) else {
        return (out, wrong);
    };
    for (row, _) in sheet.rows_from(header + 1) {
        let text = |heading: &str| {
            columns
                .get(&fold(heading))
                .and_then(|column| sheet.value(CellAddress::new(row, *column)))
                .map(|value| visible(&value.to_string()))
                .unwrap_or_default()
        };
        let Some(value) = sheet.value(CellAddress::new(row, *column)) else {
            continue;
        };
        let day = match value {
            CellValue::Date(moment) => Some(moment.date()),
            CellValue::Text(text) if visible(text).is_empty() => continue,
            CellValue::Text(text) => match date::from_text(text) {
                TextDate::Certain(day)
                | TextDate::MonthFirst(day)
                | TextDate::Ambiguous { day_first: day, .. } => Some(day),
                TextDate::Impossible | TextDate::Unreadable => None,
            },
            _ => None,
        };
        let (partner, file) = (text(PARTNER), text(FILE));
        let agency = schema.agency_called(&fold(&partner));
        match day {
            Some(day) if agency.is_some() || !file.is_empty() => out.push(Received {
                agency,
                file,
                quarter,
                day,
            }),
            Some(_) => wrong.push(faulty(
                number(row),
                &partner,
                &value.to_string(),
                format!("“{partner}” is not one of the partnership's agencies"),
            )),
            None => wrong.push(faulty(
                number(row),
                &partner,
                &value.to_string(),
                format!(
                    "“{}” in {COLUMN} on the sheet {SHEET} is no date",
                    visible(&value.to_string())
                ),
            )),
        }
    }
    (out, wrong)
}

fn number(row: u32) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1)
}

/// Writes records so that they are read again with nothing changed.
#[must_use]
pub fn receipts_to_toml(all: &[Received], schema: &Schema) -> String {
    let mut out = String::new();
    for one in all {
        out.push_str("\n[[receipts]]\n");
        if let Some(agency) = one.agency {
            let _ = writeln!(out, "partner = {}", quoted(schema.agency_code(agency)));
        }
        if !one.file.is_empty() {
            let _ = writeln!(out, "file = {}", quoted(&one.file));
        }
        if let Some(quarter) = one.quarter {
            let _ = writeln!(out, "quarter = {}", quoted(&quarter.to_string()));
        }
        let _ = writeln!(out, "received = {}", one.day);
    }
    out
}
