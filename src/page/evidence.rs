//! The cell that a finding is about, among its neighbours, as the file has them.
//!
//! Invariant: what is shown at an address is what the reader found there ([`Source::raw`]), quoted as findings quote it; what is left out
//! is said.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{Said, spoken, wide};
use crate::finding::{Finding, Place};
use crate::grid::{CellAddress, CellRange, CellValue, Span, Worksheet};
use crate::pipeline::Outcome;
use crate::record::Table;
use crate::schema::Schema;
use crate::source::Source;

/// How many rows and columns stand around a cell, and how much of a range is shown.
const ROWS_AROUND: u32 = 3;
const COLUMNS_AROUND: u16 = 2;
const ROWS_MAX: u32 = 9;
const COLUMNS_MAX: u16 = 12;

/// How many of the cells that a finding compares with are shown.
const RELATED: usize = 3;

/// How much of the cell itself and of its neighbours is shown, in characters.
const OWN_CHARS: usize = 2_000;
const OTHER_CHARS: usize = 60;

/// The evidence of a finding: its place, then those that it compares with.
#[must_use]
pub fn of(finding: &Finding, outcome: &Outcome, schema: &Schema) -> Markup {
    let places = std::iter::once(&finding.place).chain(finding.related.iter().take(RELATED));
    html! {
        @for (index, place) in places.enumerate() {
            @if let Some(source) = place.source.and_then(|index| outcome.sources.get(index)) {
                @match (&place.sheet, place.range) {
                    (Some((sheet, name)), Some(range)) => (table(source, *sheet, name.as_deref(), range, index, schema)),
                    (Some((_, Some(name))), None) => p.whole { "It is about the whole sheet “" (Said(name)) "” of " (Said(source.file_name())) "." },
                    (_, _) => p.whole { "It is about the whole file " (Said(source.file_name())) "." },
                }
            }
        }
        @if finding.place.source.is_none() { p.whole { "No file says this: it is about what was not sent." } }
        @if finding.related.len() > RELATED {
            p { "It compares with more: " (Said(&rest(finding))) "." }
        }
    }
}

fn rest(finding: &Finding) -> String {
    let rest = finding.related.iter().skip(RELATED);
    rest.map(spoken).collect::<Vec<_>>().join(", ")
}

/// Which rows and columns of a sheet are shown.
struct Window {
    rows: BTreeSet<u32>,
    columns: BTreeSet<u16>,
}

impl Window {
    fn around(range: CellRange, table: Option<&Table>, schema: &Schema) -> Self {
        let last_row = range
            .last
            .row
            .min(range.first.row.saturating_add(ROWS_MAX - 1));
        let last_column = range
            .last
            .column
            .min(range.first.column.saturating_add(COLUMNS_MAX - 1));
        let mut rows: BTreeSet<u32> = (range.first.row.saturating_sub(ROWS_AROUND)
            ..=last_row
                .saturating_add(ROWS_AROUND)
                .min(crate::grid::ROWS_MAX - 1))
            .collect();
        let mut columns: BTreeSet<u16> = (range.first.column.saturating_sub(COLUMNS_AROUND)
            ..=last_column
                .saturating_add(COLUMNS_AROUND)
                .min(crate::grid::COLUMNS_MAX - 1))
            .collect();
        if let Some(table) = table {
            let header = table.layout.header;
            rows.extend(header.first.row..=header.last.row.min(header.first.row.saturating_add(4)));
            let own = schema.tables.get(table.layout.table);
            let key = table.layout.columns.iter().find(|column| {
                own.and_then(|own| own.fields.get(column.field))
                    .is_some_and(|field| matches!(field.name.as_str(), "ref" | "line"))
            });
            columns.extend(key.map(|column| column.column));
        }
        Self { rows, columns }
    }
}

/// The table of a sheet that a place is in.
fn table_at(source: &Source, sheet: usize, range: CellRange) -> Option<&Table> {
    let mut own = source.tables.iter().chain(&source.restated);
    own.find(|table| {
        table.layout.sheet == sheet
            && (table.layout.header.contains(range.first)
                || table
                    .layout
                    .body
                    .is_some_and(|body| body.contains(range.first)))
    })
}

fn table(
    source: &Source,
    sheet: usize,
    name: Option<&str>,
    range: CellRange,
    index: usize,
    schema: &Schema,
) -> Markup {
    let window = Window::around(range, table_at(source, sheet, range), schema);
    let worksheet = source.workbook().and_then(|book| book.sheets.get(sheet));
    let id = format!("evidence-{index}");
    let at = range.first.to_string();
    let missing = gaps(&window.columns);
    let drawn = html! {
        table.evidence data-file=(Said(source.file_name())) data-sheet=(Said(name.unwrap_or_default())) data-cell=(range.to_string()) {
            caption id=(id) {
                @if let Some(name) = name { (Said(name)) " in " }
                (Said(source.file_name())) ", around " (at)
            }
            thead { tr {
                td {}
                @for column in &window.columns {
                    th scope="col" {
                        (CellAddress::column_letters(*column))
                        @if worksheet.is_some_and(|sheet| sheet.is_column_hidden(*column)) { " hidden" }
                    }
                }
            } }
            tbody {
                @for (row, before) in window.rows.iter().zip(std::iter::once(None).chain(window.rows.iter().map(Some))) {
                    @if let Some(before) = before.filter(|before| **before + 1 < *row) {
                        tr.gap { td colspan=(window.columns.len() + 1) { (not_shown("row", &(before + 2).to_string(), &row.to_string())) } }
                    }
                    tr {
                        th scope="row" {
                            (u64::from(*row) + 1)
                            @if worksheet.is_some_and(|sheet| is_hidden(&sheet.hidden_rows, *row)) { " hidden" }
                        }
                        @for column in &window.columns {
                            (cell(source, worksheet, sheet, CellAddress::new(*row, *column), range, index == 0))
                        }
                    }
                }
            }
        }
    };
    html! {
        (wide(&id, &drawn))
        @if !missing.is_empty() { p.hint { (missing.join("; ")) "." } }
    }
}

fn not_shown(what: &str, first: &str, last: &str) -> String {
    if first == last {
        format!("{what} {first} not shown")
    } else {
        format!("{what}s {first} to {last} not shown")
    }
}

/// What columns are left out between those that are shown.
fn gaps(columns: &BTreeSet<u16>) -> Vec<String> {
    let all: Vec<u16> = columns.iter().copied().collect();
    all.windows(2)
        .filter_map(|pair| match pair {
            [a, b] if a + 1 < *b => Some(not_shown(
                "column",
                &CellAddress::column_letters(a + 1),
                &CellAddress::column_letters(b - 1),
            )),
            _ => None,
        })
        .collect()
}

fn is_hidden(spans: &[Span], row: u32) -> bool {
    spans
        .iter()
        .any(|span| (span.first..=span.last).contains(&row))
}

fn cell(
    source: &Source,
    worksheet: Option<&Worksheet>,
    sheet: usize,
    at: CellAddress,
    range: CellRange,
    is_primary: bool,
) -> Markup {
    let is_own = range.contains(at);
    let is_first = at == range.first;
    let merged = worksheet
        .and_then(|sheet| sheet.merged_at(at))
        .filter(|merged| merged.first == at && merged.first != merged.last);
    let value = source
        .raw(sheet, at)
        .map(|value| {
            let most = if is_own { OWN_CHARS } else { OTHER_CHARS };
            match value {
                CellValue::NotCalculated => "formula without a result".to_owned(),
                value => shortened(&value.to_string(), most),
            }
        })
        .unwrap_or_default();
    html! {
        td data-at=(at.to_string()) data-here[is_own] id=[(is_first && is_primary).then_some("here")] {
            span.value { (Said(&value)) }
            @if is_first { span.hidden { " (this cell)" } }
            @if let Some(merged) = merged { span.merged { " merged " (merged.to_string()) } }
        }
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}

/// Whether a place can be shown as a table.
#[must_use]
pub fn is_shown(place: &Place) -> bool {
    place.source.is_some() && place.sheet.is_some() && place.range.is_some()
}
