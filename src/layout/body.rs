//! Which rows under a heading row are records, and where the table ends.

use super::header::{Found, Headers, is_same_heading};
use super::{BodyRow, RowKind, TableLayout, labels};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::{Field, FieldKind, Schema, Table};
use crate::value::text::{fold, is_blank, visible};
use crate::value::{amount, date, reference};

/// Reads the body below a heading row into the table's rows.
pub(super) fn read(
    sheet: &Worksheet,
    layout: &mut TableLayout,
    found: &Found,
    headers: &Headers,
    schema: &Schema,
) {
    let Some(table) = schema.tables.get(found.table) else {
        return;
    };
    let (first, last) = found.columns;
    let stop = headers
        .taken
        .iter()
        .filter(|other| {
            other.first_row > found.last_row && other.columns.0 <= last && other.columns.1 >= first
        })
        .map(|other| other.first_row)
        .min()
        .unwrap_or(u32::MAX);
    let view = View {
        layout,
        table,
        schema,
        found,
    };
    let mut rows: Vec<BodyRow> = Vec::new();
    // Rows that are part of the table only if records follow.
    let mut pending: Vec<BodyRow> = Vec::new();
    let mut banner = None;
    let mut previous = found.last_row;
    for (row, cells) in sheet.rows_from(found.last_row + 1) {
        if row >= stop {
            break;
        }
        let cells: Vec<&Cell> = within(cells, first, last).collect();
        if cells.is_empty() {
            continue;
        }
        let after_gap = row > previous + 1;
        let is_start = rows.is_empty();
        previous = row;
        let kind = match view.classify(&cells, banner, after_gap, is_start) {
            Verdict::End => break,
            Verdict::Row(kind) => kind,
        };
        if let RowKind::Banner(priority) = kind {
            banner = Some(priority);
        }
        // Notes and lone figures at the end are no part of the table; between records they are, and a figure is then a record's.
        let is_figure = view.is_lone_figure(&cells);
        if kind == RowKind::Note || is_figure && matches!(kind, RowKind::Data(_)) {
            pending.push(BodyRow { row, kind });
            continue;
        }
        rows.append(&mut pending);
        rows.push(BodyRow { row, kind });
    }
    // A figure further down stands by itself, whatever column it is in.
    if let Some(total) = pending.first()
        && rows
            .last()
            .is_some_and(|last| total.row - last.row <= WORDLESS_TOTAL_WITHIN)
        && view.is_wordless_total(sheet, total.row, &rows)
    {
        rows.push(BodyRow {
            row: total.row,
            kind: RowKind::Total,
        });
    }
    view.name_last_total(sheet, &mut rows);
    while rows
        .last()
        .is_some_and(|last| matches!(last.kind, RowKind::Banner(_) | RowKind::RepeatedHeader))
        && rows.len() > 1
    {
        rows.pop();
    }
    layout.body = rows.first().zip(rows.last()).map(|(a, b)| {
        CellRange::new(
            CellAddress::new(a.row, first),
            CellAddress::new(b.row, last),
        )
    });
    rows.shrink_to_fit();
    layout.rows = rows;
}

/// A total without its word stands right under its rows, or behind one blank row.
const WORDLESS_TOTAL_WITHIN: u32 = 2;

fn within(cells: &[Cell], first: u16, last: u16) -> impl Iterator<Item = &Cell> {
    cells.iter().filter(move |cell| {
        (first..=last).contains(&cell.address.column) && !cell.value.as_text().is_some_and(is_blank)
    })
}

enum Verdict {
    Row(RowKind),
    End,
}

struct View<'a> {
    layout: &'a TableLayout,
    table: &'a Table,
    schema: &'a Schema,
    found: &'a Found,
}

impl View<'_> {
    fn field_at(&self, column: u16) -> Option<&Field> {
        let index = self
            .layout
            .columns
            .iter()
            .find(|c| c.column == column)?
            .field;
        self.table.fields.get(index)
    }

    fn classify(
        &self,
        cells: &[&Cell],
        banner: Option<usize>,
        after_gap: bool,
        is_start: bool,
    ) -> Verdict {
        let data = Verdict::Row(RowKind::Data(banner));
        let Some(first) = cells.first() else {
            return Verdict::End;
        };
        let has_key = self.has_key(cells);
        if has_key && cells.len() > 1 && !self.is_total(cells) {
            return data;
        }
        if self.is_repeated_header(cells) {
            return Verdict::Row(RowKind::RepeatedHeader);
        }
        if self.is_unfilled(cells) {
            return Verdict::Row(RowKind::Unfilled);
        }
        if let Some(text) = first.value.as_text()
            && !self.is_reference(first)
            && (cells.len() == 1 || cells.iter().all(|c| c.value.as_text() == Some(text)))
            && let Some(priority) = labels::priority_of(self.schema, text)
        {
            return Verdict::Row(RowKind::Banner(priority));
        }
        if self.is_total(cells) {
            return Verdict::Row(RowKind::Total);
        }
        if cells.len() == 1 {
            return self.lone(first, has_key, after_gap, banner);
        }
        if after_gap && !is_start && !self.fits(cells) {
            return Verdict::End;
        }
        if self.is_note(first) && !self.fits(cells) {
            return Verdict::Row(RowKind::Note);
        }
        data
    }

    /// A row of one filled cell: a record only if it is a reference, or a value under a heading right below the records.
    fn lone(&self, cell: &Cell, has_key: bool, after_gap: bool, banner: Option<usize>) -> Verdict {
        let data = Verdict::Row(RowKind::Data(banner));
        let Some(field) = self.field_at(cell.address.column) else {
            return if after_gap {
                Verdict::End
            } else {
                Verdict::Row(RowKind::Note)
            };
        };
        if has_key {
            return data;
        }
        let is_key_column = self.table.is_key(field);
        let is_text = matches!(cell.value, CellValue::Text(_));
        let is_date = matches!(cell.value, CellValue::Date(_));
        if after_gap && (is_text || is_date || is_key_column) {
            return Verdict::End;
        }
        let is_first_column = cell.address.column == self.found.columns.0;
        if is_key_column || self.is_note(cell) || is_text && is_first_column {
            Verdict::Row(RowKind::Note)
        } else {
            data
        }
    }

    /// Whether a key column holds something that looks like a key.
    fn has_key(&self, cells: &[&Cell]) -> bool {
        cells.iter().any(|cell| {
            self.field_at(cell.address.column)
                .is_some_and(|field| self.table.is_key(field) && looks_like_key(&cell.value, field))
        })
    }

    /// Whether a cell under a key column is written as its schema's pattern says: no banner, whatever it names.
    fn is_reference(&self, cell: &Cell) -> bool {
        let pattern = self
            .field_at(cell.address.column)
            .and_then(|field| field.constraint.pattern.as_ref());
        cell.value
            .as_text()
            .is_some_and(|text| pattern.is_some_and(|pattern| pattern.is_match(&visible(text))))
    }

    /// A row whose first word is `Total` or the like, with at most one text beside it.
    fn is_total(&self, cells: &[&Cell]) -> bool {
        let mut words = cells
            .iter()
            .filter_map(|cell| cell.value.as_text())
            .filter(|text| amount::from_text(text).is_err());
        words
            .next()
            .is_some_and(|text| is_total_text(self.schema, text))
            && words.count() <= 1
    }

    /// Whether all the cells by which the schema knows a filled line are blank or hold a form's placeholder.
    fn is_unfilled(&self, cells: &[&Cell]) -> bool {
        let names = &self.table.unfilled_without;
        let is_theirs = |cell: &&&Cell| {
            self.field_at(cell.address.column)
                .is_some_and(|field| names.contains(&field.name))
        };
        let is_placeholder = |cell: &&Cell| {
            cell.value
                .as_text()
                .is_some_and(|text| self.schema.words.placeholders.contains(&fold(text)))
        };
        !names.is_empty() && cells.iter().filter(is_theirs).all(is_placeholder)
    }

    fn is_repeated_header(&self, cells: &[&Cell]) -> bool {
        let texts = || {
            cells.iter().filter_map(|cell| {
                cell.value
                    .as_text()
                    .map(|text| (cell.address.column, fold(text)))
            })
        };
        let same = texts()
            .filter(|(column, text)| {
                self.found
                    .headings
                    .iter()
                    .any(|(at, heading)| at == column && is_same_heading(text, &heading.text))
            })
            .count();
        let is_upper = |(column, text): &(u16, String)| {
            self.found
                .upper
                .iter()
                .any(|(at, heading)| at == column && fold(heading) == *text)
        };
        same >= 2 && same * 2 > cells.len() || texts().filter(is_upper).count() == cells.len()
    }

    fn is_note(&self, cell: &Cell) -> bool {
        let Some(text) = cell.value.as_text() else {
            return false;
        };
        visible(text).ends_with(':') || is_note_text(self.schema, text)
    }

    /// Whether the row's cells read as what their columns hold, so that it belongs to the table even behind a blank row.
    fn fits(&self, cells: &[&Cell]) -> bool {
        if self.has_key(cells) {
            return true;
        }
        let mut good = 0;
        let mut bad = 0;
        for cell in cells {
            let Some(field) = self.field_at(cell.address.column) else {
                continue;
            };
            match self.reads(&cell.value, field) {
                Some(true) => good += 1,
                Some(false) => bad += 1,
                None => {}
            }
        }
        good > 0 && good >= bad
    }

    /// Whether a value reads as its field's kind; nothing for kinds that any text suits.
    fn reads(&self, value: &CellValue, field: &Field) -> Option<bool> {
        let text = value.as_text();
        match field.kind {
            FieldKind::Money | FieldKind::Number => Some(
                matches!(value, CellValue::Number(_))
                    || text.is_some_and(|t| amount::from_text(t).is_ok()),
            ),
            FieldKind::Date | FieldKind::Timescale => Some(
                matches!(value, CellValue::Date(_))
                    || text.is_some_and(|t| date::from_text(t) != date::TextDate::Unreadable),
            ),
            FieldKind::Status | FieldKind::Choice | FieldKind::Priority | FieldKind::Agency => {
                let folded = fold(text?);
                Some(
                    self.schema
                        .choices(field)
                        .iter()
                        .any(|(_, _, words)| words.contains(&folded)),
                )
            }
            FieldKind::Text
            | FieldKind::Reference
            | FieldKind::Line
            | FieldKind::Lines
            | FieldKind::Agencies
            | FieldKind::Email
            | FieldKind::Postcode => None,
        }
    }

    /// One figure, or an error where one should be, in a row of its own, under a heading that is no key's.
    fn is_lone_figure(&self, cells: &[&Cell]) -> bool {
        matches!(cells, [cell] if matches!(cell.value, CellValue::Number(_) | CellValue::Error(_))
            && self.field_at(cell.address.column).is_some_and(|field| !self.table.is_key(field)))
    }

    /// A last row that holds nothing but figures under money columns is a total without its word.
    fn name_last_total(&self, sheet: &Worksheet, rows: &mut [BodyRow]) {
        let Some((last, above)) = rows.split_last_mut() else {
            return;
        };
        if matches!(last.kind, RowKind::Data(_)) && self.is_wordless_total(sheet, last.row, above) {
            last.kind = RowKind::Total;
        }
    }

    /// Whether a row under these holds nothing but figures in money columns.
    fn is_wordless_total(&self, sheet: &Worksheet, row: u32, above: &[BodyRow]) -> bool {
        let records = above
            .iter()
            .filter(|row| matches!(row.kind, RowKind::Data(_)))
            .count();
        let (first, last) = self.found.columns;
        records >= 2
            && within(sheet.row(row), first, last).all(|cell| {
                matches!(cell.value, CellValue::Number(_))
                    && self
                        .field_at(cell.address.column)
                        .is_some_and(|field| field.kind == FieldKind::Money)
            })
    }
}

/// Whether a value could be a key: a number, a date (a reference that a spreadsheet turned into one), or text with a digit in it and few words.
fn looks_like_key(value: &CellValue, field: &Field) -> bool {
    match value {
        CellValue::Text(text) => {
            if let Some(pattern) = &field.constraint.pattern
                && pattern.is_match(&visible(text))
            {
                return true;
            }
            let key = reference::key(text);
            key.len() <= 16
                && key.chars().any(|c| c.is_ascii_digit())
                && visible(text).split_whitespace().count() <= 3
        }
        CellValue::Number(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => true,
        CellValue::Boolean(_) => false,
    }
}

/// Whether a text begins a total row.
#[must_use]
pub fn is_total_text(schema: &Schema, text: &str) -> bool {
    begins_with_any(&fold(text), &schema.words.totals)
}

/// Whether a text begins a note, a key or a sign-off.
pub(super) fn is_note_text(schema: &Schema, text: &str) -> bool {
    begins_with_any(&fold(text), &schema.words.notes)
}

fn begins_with_any(folded: &str, words: &[String]) -> bool {
    words.iter().any(|word| {
        folded
            .strip_prefix(word.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}
