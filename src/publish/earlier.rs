//! A set that is out: what `publish` wrote before, read back from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::proof::{CellKey, Seen, Snapshot, When};
use crate::grid::Workbook;
use crate::read::{self, Unreadable};
use crate::value::period::{self, Quarter};
use crate::value::reference;
use crate::value::text::{fold, visible};

/// A set that is out.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its quarter.
    pub quarter: Quarter,
    /// The day it was made for.
    pub as_of: Date,
    /// The partnership's name.
    pub partnership: String,
    /// Its threshold.
    pub threshold: u32,
    /// The figures that it shows, whole ones or not.
    pub figures: BTreeMap<CellKey, Decimal>,
    /// The whole figures that it shows, and what it hides.
    pub seen: Snapshot,
    /// The keys of its running totals.
    pub running: BTreeSet<Arc<str>>,
    /// Its sums: totals with their parts.
    pub sums: Vec<(Arc<str>, Vec<Arc<str>>)>,
}

/// A table as rows of text, its headings first.
type Rows = Vec<Vec<String>>;

/// `[c]`: hidden.
pub const CONFIDENTIAL: &str = "[c]";
/// `[x]`: not available.
pub const NOT_AVAILABLE: &str = "[x]";
/// `[z]`: not applicable.
pub const NOT_APPLICABLE: &str = "[z]";

/// Topics and items of the Notes.
pub mod notes {
    /// What the set is.
    pub const PUBLICATION: &str = "Publication";
    /// Whose it is.
    pub const PARTNERSHIP: &str = "Partnership";
    /// Its quarter.
    pub const QUARTER: &str = "Quarter";
    /// The day it is of.
    pub const AS_OF: &str = "As of";
    /// The least count that is not small.
    pub const THRESHOLD: &str = "Threshold";
    /// Measures that add up.
    pub const SUM: &str = "Sum";
}

/// Reads a set from its files, whichever of the four formats are there.
///
/// # Errors
/// Why it is no set, in words that go on from the folder's name.
pub fn parse(files: &[(String, Vec<u8>)]) -> Result<Earlier, String> {
    parse_with(files, &read::workbook)
}

/// The same, with workbooks read by whoever asks: the page reads every file apart.
///
/// # Errors
/// Why it is no set, in words that go on from the folder's name.
pub fn parse_with(
    files: &[(String, Vec<u8>)],
    read: &dyn Fn(&[u8]) -> Result<Workbook, Unreadable>,
) -> Result<Earlier, String> {
    let (measures, notes) = tables(files, read)?;
    let said = |item: &str| {
        notes
            .iter()
            .find(|row| cell(row, 0) == notes::PUBLICATION && cell(row, 1) == item)
            .map(|row| cell(row, 2).to_owned())
            .ok_or_else(|| format!("its notes do not say “{item}”"))
    };
    let quarter = said(notes::QUARTER)?;
    let mention = period::mention(&quarter);
    let quarter = mention
        .year
        .zip(mention.quarter)
        .map(|(year, number)| Quarter { year, number })
        .ok_or_else(|| format!("its notes give no quarter: “{quarter}”"))?;
    let as_of = said(notes::AS_OF)?;
    let as_of: Date = as_of
        .parse()
        .map_err(|_| format!("its notes give no day: “{as_of}”"))?;
    let threshold = said(notes::THRESHOLD)?;
    let threshold = threshold
        .parse()
        .map_err(|_| format!("its notes give no threshold: “{threshold}”"))?;
    let mut out = Earlier {
        quarter,
        as_of,
        partnership: said(notes::PARTNERSHIP)?,
        threshold,
        figures: BTreeMap::new(),
        seen: Snapshot::new(),
        running: BTreeSet::new(),
        sums: Vec::new(),
    };
    for row in notes.iter().filter(|row| cell(row, 0) == notes::SUM) {
        let note = cell(row, 2).trim_start_matches('\'').trim();
        let parts = note.trim_start_matches('=').split(" + ");
        out.sums.push((
            reference::key(cell(row, 1)).into(),
            parts.map(|part| reference::key(part).into()).collect(),
        ));
    }
    figures(&measures, &mut out)?;
    Ok(out)
}

fn cell(row: &[String], index: usize) -> &str {
    row.get(index).map_or("", |text| text.trim())
}

fn figures(measures: &Rows, out: &mut Earlier) -> Result<(), String> {
    let Some((headings, rows)) = measures.split_first() else {
        return Err("its table of measures is empty".to_owned());
    };
    let column = |name: &str| {
        headings
            .iter()
            .position(|heading| heading.trim() == name)
            .ok_or_else(|| format!("its table of measures has no column {name}"))
    };
    let (reference, basis, baseline) = (column("Ref")?, column("Basis")?, column("Baseline")?);
    let mut columns = vec![(baseline, When::Baseline(out.quarter.year))];
    for (index, heading) in headings.iter().enumerate() {
        let quarter = (1..=4)
            .map(|number| Quarter {
                year: out.quarter.year,
                number,
            })
            .find(|quarter| heading.trim() == quarter.spoken());
        columns.extend(quarter.map(|quarter| (index, When::Quarter(quarter))));
    }
    if columns.len() != usize::from(out.quarter.number) + 1 {
        return Err(
            "its table of measures does not have the year's quarters up to its own".to_owned(),
        );
    }
    for row in rows {
        let series: Arc<str> = reference::key(cell(row, reference)).into();
        if series.is_empty() {
            return Err("its table of measures has a row without a reference".to_owned());
        }
        if fold(cell(row, basis)) == "year to date" {
            out.running.insert(Arc::clone(&series));
        }
        for (index, when) in &columns {
            let key = CellKey {
                series: Arc::clone(&series),
                when: *when,
            };
            let text = cell(row, *index);
            if text == CONFIDENTIAL {
                out.seen.insert(key, Seen::Hidden);
                continue;
            }
            if matches!(text, NOT_AVAILABLE | NOT_APPLICABLE) {
                continue;
            }
            let figure = Decimal::from_str_exact(text)
                .map_err(|_| format!("its table of measures has “{text}” for a figure"))?
                .normalize();
            if let Some(whole) = whole(figure) {
                out.seen.insert(key.clone(), Seen::Figure(whole));
            }
            out.figures.insert(key, figure);
        }
    }
    Ok(())
}

/// A figure that counts: whole, and not negative.
#[must_use]
pub fn whole(figure: Decimal) -> Option<i64> {
    (figure.is_integer() && !figure.is_sign_negative() || figure.is_zero())
        .then(|| figure.to_i64())
        .flatten()
}

fn tables(
    files: &[(String, Vec<u8>)],
    read: &dyn Fn(&[u8]) -> Result<Workbook, Unreadable>,
) -> Result<(Rows, Rows), String> {
    let ending = |end: &str| {
        files
            .iter()
            .find(|(name, _)| name.to_lowercase().ends_with(end))
    };
    if let (Some(measures), Some(notes)) = (ending("-measures.csv"), ending("-notes.csv")) {
        return Ok((csv_rows(&measures.1)?, csv_rows(&notes.1)?));
    }
    for end in [".xlsx", ".ods"] {
        if let Some((name, bytes)) = ending(end) {
            let book = read(bytes).map_err(|why| format!("{name} cannot be read: {why}"))?;
            return Ok((sheet(&book, "Measures")?, sheet(&book, "Notes")?));
        }
    }
    if let Some((name, bytes)) = ending(".html") {
        let text =
            String::from_utf8(bytes.clone()).map_err(|_| format!("{name} is not text in UTF-8"))?;
        return Ok((html_rows(&text, "measures")?, html_rows(&text, "notes")?));
    }
    Err("it holds no set that `publish` wrote: there are no files of measures and notes".to_owned())
}

fn csv_rows(bytes: &[u8]) -> Result<Rows, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a table is not text in UTF-8".to_owned())?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|why| format!("a table cannot be read: {why}"))?;
            Ok(record.iter().map(str::to_owned).collect())
        })
        .collect()
}

/// A sheet's table: what stands below the lines above it, from its headings on.
fn sheet(book: &Workbook, name: &str) -> Result<Rows, String> {
    let sheet = book
        .sheets
        .iter()
        .find(|sheet| sheet.name.as_deref() == Some(name))
        .ok_or_else(|| format!("it has no sheet {name}"))?;
    let rows: Rows = sheet
        .rows()
        .skip_while(|(_, cells)| cells.len() < 2)
        .map(|(_, cells)| {
            let mut out: Vec<String> = Vec::new();
            for own in cells {
                out.resize(usize::from(own.address.column), String::new());
                out.push(visible(&own.value.to_string()));
            }
            out
        })
        .collect();
    Ok(rows)
}

/// A page's table of this id; our own pages have no markup within cells but line breaks.
fn html_rows(page: &str, id: &str) -> Result<Rows, String> {
    let start = page
        .find(&format!("<table id=\"{id}\""))
        .ok_or_else(|| format!("its page has no table {id}"))?;
    let rest = page.get(start..).unwrap_or_default();
    let table = rest.split("</table>").next().unwrap_or_default();
    let mut out = Rows::new();
    for row in table.split("<tr>").skip(1) {
        let mut cells = Vec::new();
        let mut rest = row;
        while let Some(at) = rest.find("<t") {
            rest = rest.get(at + 2..).unwrap_or_default();
            let Some(close) = rest.find('>') else { break };
            rest = rest.get(close + 1..).unwrap_or_default();
            let text = rest.split("</t").next().unwrap_or_default();
            cells.push(
                text.replace("<br>", "\n")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&#39;", "'")
                    .replace("&amp;", "&"),
            );
            rest = rest.get(text.len()..).unwrap_or_default();
        }
        out.push(cells);
    }
    Ok(out)
}
