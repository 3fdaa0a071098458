//! The sheet that is added to a copy: everything found in the file, one row an item, and room for a reply.

use super::{Item, Kind};
use crate::finding::{Hold, Severity};
use crate::grid::CellAddress;
use crate::mark::{List, Row};

/// The added sheet's rows for these items, in their order.
#[must_use]
pub fn rows(items: &[Item], kind: Kind) -> List {
    let rows = items
        .iter()
        .map(|item| {
            let sheet = item.place.sheet_name().unwrap_or_default().to_owned();
            let (cell, leads_to) = match (&item.place.sheet, item.place.range) {
                (Some(_), Some(range)) => (range.to_string(), Some(range)),
                (Some(_), None) => (
                    "Whole sheet".to_owned(),
                    Some(CellAddress::new(0, 0).into()),
                ),
                (None, _) => ("Whole file".to_owned(), None),
            };
            Row {
                severity: severity(item.severity),
                sheet_index: item.place.sheet.as_ref().map(|(index, _)| *index),
                sheet,
                cell,
                leads_to,
                found: item.message.clone(),
                to_do: item.fix.clone(),
                kept_out: kept_out(item.held),
                code: item.code.0,
            }
        })
        .collect();
    let intro = match kind {
        Kind::Rendition => {
            "This is not your own file but a new workbook that shows what was read from it: values alone, without its formulas, formats and \
             dropdowns. The marked cells have a note that says what was found. Correct them here or in your own file, save, and send back \
             either. You may write in the column Reply."
        }
        Kind::Marked | Kind::None => {
            "This is your own file. Cells to look at are marked, with a note that says what was found; nothing else of it was changed. \
             Correct the marked cells in place, save, and send the file back under the name it has. You may write in the column Reply."
        }
    };
    List {
        intro: intro.to_owned(),
        rows,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Information => "Information",
    }
}

/// What is kept out, in words.
#[must_use]
pub(super) fn kept_out(held: Hold) -> &'static str {
    match held {
        Hold::None => "Nothing",
        Hold::Value => "The value",
        Hold::Column => "The column",
        Hold::Row => "The row",
        Hold::Table => "The table",
        Hold::Return => "The whole return",
    }
}
