//! Which stream a block of funding lines is for, told by what stands over it: its title, a line across the table, a label.
//!
//! Invariant: nothing is taken over from another block. Where a block has a title of its own that names no stream, its stream is not known.

use super::body::is_note_text;
use super::labels::{is_known, stream_of};
use super::{RowKind, TableLayout};
use crate::grid::{CellRange, CellValue, Worksheet};
use crate::schema::Schema;
use crate::value::amount;
use crate::value::text::{fold, is_blank};

/// A part of a table under a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamBlock {
    /// The first row of which it says something, zero-based.
    pub from_row: u32,
    /// The stream that the title names; nothing where it names none that the configuration has.
    pub stream: Option<usize>,
}

/// Notes on each table that has a column for streams what the titles within and above it say.
pub(super) fn find(sheet: &Worksheet, tables: &mut [TableLayout], schema: &Schema) {
    let reaches: Vec<CellRange> = tables.iter().map(reach).collect();
    for at in 0..tables.len() {
        let Some(table) = tables.get(at) else {
            continue;
        };
        let has_streams = schema
            .tables
            .get(table.table)
            .is_some_and(|schema| schema.field("stream").is_some());
        if !has_streams {
            continue;
        }
        let found = blocks(sheet, table, at, &reaches, schema);
        if let Some(table) = tables.get_mut(at) {
            table.blocks = found;
        }
    }
}

/// From a table's headings to its last row.
fn reach(table: &TableLayout) -> CellRange {
    let last = table
        .body
        .map_or(table.header.last, |body| body.last.max(table.header.last));
    CellRange::new(table.header.first, last)
}

fn blocks(
    sheet: &Worksheet,
    table: &TableLayout,
    at: usize,
    reaches: &[CellRange],
    schema: &Schema,
) -> Vec<StreamBlock> {
    let own = reach(table);
    let overlaps = |other: &CellRange| {
        other.first.column <= own.last.column && other.last.column >= own.first.column
    };
    // What stands above another table that comes before is that one's.
    let above = reaches
        .iter()
        .enumerate()
        .filter(|(index, other)| *index != at && overlaps(other) && other.last.row < own.first.row)
        .map(|(_, other)| other.last.row + 1)
        .max()
        .unwrap_or(0);
    let is_first = above == 0;
    let mut out: Vec<StreamBlock> = Vec::new();
    let mut title = Title::default();
    for (row, cells) in sheet.rows_from(above) {
        if row > own.last.row {
            break;
        }
        let is_header = (table.header.first.row..=table.header.last.row).contains(&row);
        let kind = table
            .rows
            .binary_search_by_key(&row, |row| row.row)
            .ok()
            .and_then(|at| table.rows.get(at))
            .map(|row| row.kind);
        match kind {
            _ if is_header => {
                if row == table.header.first.row {
                    // A sheet's own title need not name a stream; that of a block further down is there to tell them apart.
                    let said = title.take();
                    out.extend(said.block(row, !is_first));
                }
            }
            Some(RowKind::RepeatedHeader) => out.extend(title.take().block(row, true)),
            Some(RowKind::Data(_) | RowKind::Total | RowKind::Unfilled | RowKind::PassedOver) => {
                title = Title::default();
            }
            Some(RowKind::Banner(_) | RowKind::SubHeading | RowKind::Note) | None => {
                let texts: Vec<&str> = cells
                    .iter()
                    .filter(|cell| {
                        !reaches
                            .iter()
                            .enumerate()
                            .any(|(index, other)| index != at && other.contains(cell.address))
                    })
                    .filter_map(|cell| match &cell.value {
                        CellValue::Text(text) if !is_blank(text) => Some(&**text),
                        _ => None,
                    })
                    .collect();
                title.read(&texts, schema);
                if let Some(stream) = title.stream
                    && row > table.header.last.row
                {
                    out.push(StreamBlock {
                        from_row: row,
                        stream: Some(stream),
                    });
                }
            }
        }
    }
    out
}

/// What stands over a block so far.
#[derive(Clone, Copy, Debug, Default)]
struct Title {
    stream: Option<usize>,
    /// Words that name no stream.
    is_other: bool,
}

impl Title {
    fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    fn read(&mut self, texts: &[&str], schema: &Schema) {
        let named = texts.iter().find_map(|text| stream_of(schema, text));
        self.stream = named.or(self.stream);
        self.is_other |= texts.iter().any(|text| is_title(text, schema));
    }

    fn block(self, from_row: u32, must_name: bool) -> Option<StreamBlock> {
        let is_said = self.stream.is_some() || must_name && self.is_other;
        is_said.then_some(StreamBlock {
            from_row,
            stream: self.stream,
        })
    }
}

/// Whether words over a block's headings may be its title: not a label, a note, an amount, or a word for what a line is.
fn is_title(text: &str, schema: &Schema) -> bool {
    let folded = fold(text);
    let is_word_of_a_line = schema.table("funding_lines").is_some_and(|(_, table)| {
        table
            .fields
            .iter()
            .flat_map(|field| &field.choices)
            .any(|choice| {
                folded
                    .split(' ')
                    .any(|word| choice.words.iter().any(|own| own == word))
            })
    });
    let is_total = schema
        .words
        .totals
        .iter()
        .chain(&schema.words.balances)
        .any(|word| folded.starts_with(word.as_str()));
    folded.chars().any(char::is_alphabetic)
        && amount::from_text(text).is_err()
        && !is_known(schema, text)
        && !is_note_text(schema, text)
        && !is_total
        && !is_word_of_a_line
        && !folded.contains("continued")
}
