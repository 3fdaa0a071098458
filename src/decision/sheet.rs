//! Decisions as an officer takes them: the Decisions sheet of an earlier output, filled in.

use std::collections::BTreeMap;

use super::{Standing, Taken, Written, receipt, settle};
use crate::grid::{CellAddress, CellValue, Workbook, Worksheet};
use crate::schema::{Fault, Schema};
use crate::value::date::{TextDate, from_text};
use crate::value::text::{fold, visible};

/// The headings of the Decisions sheet, in its order; the sheet is written with them and read by them.
pub const HEADINGS: [&str; 17] = [
    "About",
    "Ref or line",
    "Partner",
    "What is to be decided",
    "Suggestion",
    "Read it as",
    "Decision",
    "Reason",
    "Role",
    "Until",
    "State",
    "Source file",
    "Source cell",
    "Compared with",
    "Field",
    "As typed",
    "Finding",
];

/// Reads the Decisions sheet of a workbook, and the Received column of its sheet Returns; `is_ours` says whether this program wrote the workbook.
///
/// # Errors
/// That there is no such sheet, or none of its columns: the file is not one of ours.
pub fn from_workbook(
    file: &str,
    book: &Workbook,
    is_ours: bool,
    schema: &Schema,
) -> Result<Taken, Vec<Fault>> {
    let (receipts, wrong) = if is_ours {
        receipt::received(book, schema, None)
    } else {
        Default::default()
    };
    let taken = |mut decisions: Vec<super::Decision>| {
        decisions.extend(wrong.clone());
        Taken {
            decisions,
            receipts: receipts.clone(),
        }
    };
    let fault = |message: String| Fault {
        file: file.to_owned(),
        line: 0,
        message,
    };
    let Some(sheet) = book
        .sheets
        .iter()
        .find(|sheet| sheet.name.as_deref() == Some("Decisions"))
    else {
        // An output without anything to decide has no such sheet.
        return if is_ours {
            Ok(taken(Vec::new()))
        } else {
            Err(vec![fault(
                "has no Decisions sheet: give an earlier output of this program, or a .toml file"
                    .to_owned(),
            )])
        };
    };
    let Some((header, cells)) = sheet.rows().next() else {
        return Ok(taken(Vec::new()));
    };
    let columns: BTreeMap<String, u16> = cells
        .iter()
        .filter_map(|cell| Some((fold(cell.value.as_text()?), cell.address.column)))
        .collect();
    let missing: Vec<&str> = ["About", "Decision", "Finding"]
        .into_iter()
        .filter(|heading| !columns.contains_key(&fold(heading)))
        .collect();
    if !missing.is_empty() {
        return Err(vec![fault(format!(
            "the Decisions sheet has no column {}",
            missing.join(", ")
        ))]);
    }
    let mut written = Vec::new();
    for (row, _) in sheet.rows_from(header + 1) {
        let text = |heading: &str| text(sheet, &columns, row, heading);
        let (until, fault) = match until(sheet, &columns, row) {
            Ok(until) => (until, None),
            Err(word) => (None, Some(format!("“{word}” in Until is no date"))),
        };
        written.push(Written {
            row: usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1),
            about: text("About"),
            subject: text("Ref or line"),
            partner: text("Partner"),
            question: text("What is to be decided"),
            field: text("Field"),
            typed: text("As typed"),
            read_as: text("Read it as"),
            decision: text("Decision"),
            reason: text("Reason"),
            role: text("Role"),
            until,
            finding: text("Finding"),
            asked: asked(&text("State")),
            fault,
        });
    }
    Ok(taken(settle(written, schema)))
}

/// The day on which a partner was asked, as the State column of an earlier output says it.
fn asked(state: &str) -> Option<jiff::civil::Date> {
    let day = state.strip_prefix(Standing::Asked.label())?;
    match from_text(day.trim().trim_start_matches("on ")) {
        TextDate::Certain(day) => Some(day),
        TextDate::Ambiguous { .. }
        | TextDate::MonthFirst(_)
        | TextDate::Impossible
        | TextDate::Unreadable => None,
    }
}

fn value<'a>(
    sheet: &'a Worksheet,
    columns: &BTreeMap<String, u16>,
    row: u32,
    heading: &str,
) -> Option<&'a CellValue> {
    let column = columns.get(&fold(heading))?;
    sheet.value(CellAddress::new(row, *column))
}

fn text(sheet: &Worksheet, columns: &BTreeMap<String, u16>, row: u32, heading: &str) -> String {
    value(sheet, columns, row, heading)
        .map(|value| visible(&value.to_string()))
        .unwrap_or_default()
}

/// The last day, if one is given.
///
/// # Errors
/// What stands there instead of a date.
fn until(
    sheet: &Worksheet,
    columns: &BTreeMap<String, u16>,
    row: u32,
) -> Result<Option<jiff::civil::Date>, String> {
    match value(sheet, columns, row, "Until") {
        None => Ok(None),
        Some(CellValue::Date(moment)) => Ok(Some(moment.date())),
        Some(CellValue::Text(text)) if visible(text).is_empty() => Ok(None),
        Some(CellValue::Text(text)) => match from_text(text) {
            TextDate::Certain(day)
            | TextDate::MonthFirst(day)
            | TextDate::Ambiguous { day_first: day, .. } => Ok(Some(day)),
            TextDate::Impossible | TextDate::Unreadable => Err(visible(text)),
        },
        Some(other) => Err(other.to_string()),
    }
}
