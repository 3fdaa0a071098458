//! Whether the records of delimited text stand as their table's headings do: which have more fields, and whether a quotation mark took in
//! what it was not meant to.

use super::{OpenQuote, Ragged, RowKind, TableLayout};
use crate::grid::{CellAddress, CellValue, Delimited, QuoteEnd, Worksheet};
use crate::schema::{Field, FieldKind, Schema, Table};
use crate::value::text::{fold, is_blank, visible};
use crate::value::{amount, date, reference};

/// Notes on the tables of a sheet of delimited text what is wrong with how it was written.
pub(super) fn judge(sheet: &Worksheet, tables: &mut [TableLayout], schema: &Schema) {
    let Some(delimited) = sheet.delimited.as_deref() else {
        return;
    };
    for table in tables.iter_mut() {
        table.ragged = ragged(sheet, table, delimited, schema);
    }
    // What stands after the first such mark is read as its fault makes it.
    let first = loose(delimited, tables)
        .into_iter()
        .chain(swallowing(sheet, tables, delimited, schema))
        .min();
    if let Some(at) = first {
        let lines = sheet
            .value(at)
            .and_then(CellValue::as_text)
            .map_or(0, |text| text.trim_end().lines().skip(1).count());
        if let Some(table) = of(tables, at) {
            table.open_quote = Some(OpenQuote { at, lines });
        }
    }
}

/// The table to which a row belongs: the last that begins above it, else the first one.
fn of(tables: &mut [TableLayout], at: CellAddress) -> Option<&mut TableLayout> {
    let index = tables
        .iter()
        .rposition(|table| table.header.first.row <= at.row)
        .unwrap_or(0);
    tables.get_mut(index)
}

/// How many fields the heading record has.
fn width(table: &TableLayout, delimited: &Delimited) -> u32 {
    (table.header.first.row..=table.header.last.row)
        .map(|row| delimited.width(row))
        .max()
        .unwrap_or_default()
}

fn ragged(
    sheet: &Worksheet,
    table: &TableLayout,
    delimited: &Delimited,
    schema: &Schema,
) -> Vec<Ragged> {
    let width = width(table, delimited);
    let rows = || {
        table
            .rows
            .iter()
            .filter(|row| matches!(row.kind, RowKind::Data(_) | RowKind::Total))
            .map(|row| row.row)
    };
    let longer = || rows().filter(|row| delimited.width(*row) > width);
    let are_usual = || longer().count() * 2 > rows().count();
    // A figure in two pieces pushes what stands behind it one field on, which shows where the last field was not blank, or where it pushes
    // a figure to where words stand.
    let is_filled = |at: CellAddress| {
        let value = sheet.value(at).and_then(CellValue::as_text);
        value.is_some_and(|text| !is_blank(text))
    };
    let field_of = |at: CellAddress| field_at(table, schema, at.column);
    let shifted = rows()
        .filter(|row| delimited.width(*row) <= width)
        .filter_map(|row| {
            let last = CellAddress::new(row, table.header.last.column);
            let (first, told_by) = second_piece(sheet, row, table, schema)
                .filter(|at| !is_filled(last) || field_of(*at).is_some_and(is_worded))
                .map(|at| (at, at))
                .or_else(|| piece_before_figures(sheet, row, table, schema))?;
            let is_alone = rows()
                .filter(|other| *other != row)
                .filter_map(|other| sheet.value(CellAddress::new(other, told_by.column)))
                .filter_map(CellValue::as_text)
                .all(|text| {
                    amount::from_text(text).is_err() || field_of(told_by).is_some_and(is_of_vat)
                });
            is_alone.then(|| Ragged {
                row,
                first,
                fields: delimited.width(row),
                headings: width,
            })
        });
    let mut out: Vec<Ragged> = longer()
        .filter_map(|row| {
            let beyond = sheet.row(row).iter().find(|cell| {
                cell.address.column > table.header.last.column
                    && !cell.value.as_text().is_some_and(is_blank)
            });
            let first = match beyond {
                Some(cell) => cell.address,
                // A blank field more says nothing by itself, but for a figure in two pieces.
                None if !are_usual() => second_piece(sheet, row, table, schema)?,
                None => return None,
            };
            Some(Ragged {
                row,
                first,
                fields: delimited.width(row),
                headings: width,
            })
        })
        .chain(shifted)
        .collect();
    out.sort_by_key(|ragged| ragged.row);
    out
}

/// The field of a column.
fn field_at<'a>(table: &TableLayout, schema: &'a Schema, column: u16) -> Option<&'a Field> {
    let found = table.columns.iter().find(|own| own.column == column)?;
    schema.tables.get(table.table)?.fields.get(found.field)
}

/// Whether a field is the VAT in pounds.
fn is_of_vat(field: &Field) -> bool {
    field.name == "vat_amount"
}

/// The piece behind the comma of `1,590.00`, where it stands under a heading that is no figure's.
fn second_piece(
    sheet: &Worksheet,
    row: u32,
    table: &TableLayout,
    schema: &Schema,
) -> Option<CellAddress> {
    let own = schema.tables.get(table.table)?;
    let field_at = |column: u16| field_at(table, schema, column);
    let text = |at: CellAddress| sheet.value(at).and_then(CellValue::as_text).map(visible);
    table.columns.iter().find_map(|column| {
        let field = own.fields.get(column.field)?;
        let at = CellAddress::new(row, column.column);
        let next = CellAddress::new(row, column.column.checked_add(1)?);
        // More VAT than there is to tax is no VAT.
        let is_more_than_its_sum = || {
            let read = |at| amount::from_text(&text(at)?).ok();
            field_at(next.column).is_some_and(is_of_vat)
                && read(at).zip(read(next)).is_some_and(|(sum, vat)| vat > sum)
        };
        let is_cut = is_figure(field)
            && (!field_at(next.column).is_some_and(is_figure) || is_more_than_its_sum())
            && text(at).is_some_and(|text| is_first_piece(&text))
            && text(next).is_some_and(|text| is_last_piece(&text));
        is_cut.then_some(next)
    })
}

/// The piece behind the comma of a figure whose neighbour is a figure, too, and the figure that it pushed to where words stand: the row as it
/// is has such a one, and the row with the two pieces as one has none, nor words under a figure's heading.
fn piece_before_figures(
    sheet: &Worksheet,
    row: u32,
    table: &TableLayout,
    schema: &Schema,
) -> Option<(CellAddress, CellAddress)> {
    let own = schema.tables.get(table.table)?;
    let text = |column: u16| {
        let value = sheet.value(CellAddress::new(row, column))?;
        value.as_text().map(visible).filter(|text| !text.is_empty())
    };
    let fields = || {
        table
            .columns
            .iter()
            .filter_map(|column| Some((column.column, own.fields.get(column.field)?)))
    };
    let is_amount = |text: &str| amount::from_text(text).is_ok();
    fields().find_map(|(column, field)| {
        let next = column.checked_add(1)?;
        let is_cut = is_figure(field)
            && text(column).is_some_and(|text| is_first_piece(&text))
            && text(next).is_some_and(|text| is_last_piece(&text));
        if !is_cut {
            return None;
        }
        let behind = || fields().filter(|(at, _)| *at > column);
        let (pushed, _) = behind()
            .filter(|(_, field)| is_worded(field))
            .find(|(at, _)| text(*at).is_some_and(|text| is_amount(&text)))?;
        let fits = behind().all(|(at, field)| {
            let moved = at.checked_add(1).and_then(text);
            moved.is_none_or(|text| {
                is_amount(&text) == is_figure(field) || !is_figure(field) && !is_worded(field)
            })
        });
        fits.then(|| (CellAddress::new(row, next), CellAddress::new(row, pushed)))
    })
}

/// Whether a field holds words: free text, or a word of a list.
fn is_worded(field: &Field) -> bool {
    field.is_free_text
        || matches!(
            field.kind,
            FieldKind::Choice | FieldKind::Status | FieldKind::Agency | FieldKind::Priority
        )
}

fn is_figure(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Money | FieldKind::Number)
}

fn is_first_piece(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '£', '(', ' ']);
    (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_last_piece(text: &str) -> bool {
    let figure = text.trim_end_matches([')', '-', ' ']);
    let (whole, pence) = figure.split_once('.').unwrap_or((figure, ""));
    whole.len() == 3
        && whole
            .bytes()
            .chain(pence.bytes())
            .all(|b| b.is_ascii_digit())
}

/// The first quotation mark that is not closed where a field ends.
fn loose(delimited: &Delimited, tables: &[TableLayout]) -> Option<CellAddress> {
    delimited
        .quotes
        .iter()
        .find(|quote| match quote.end {
            QuoteEnd::Never | QuoteEnd::AtAnother | QuoteEnd::AfterLines => true,
            // `"Smith, Jones" Ltd` in a row that has all of its fields is a name.
            QuoteEnd::AfterFields => tables.iter().any(|table| {
                table.rows.iter().any(|row| row.row == quote.at.row)
                    && delimited.width(quote.at.row) < width(table, delimited)
            }),
        })
        .map(|quote| quote.at)
}

/// The first field whose text holds whole records of its table.
fn swallowing(
    sheet: &Worksheet,
    tables: &[TableLayout],
    delimited: &Delimited,
    schema: &Schema,
) -> Option<CellAddress> {
    tables.iter().find_map(|layout| {
        let table = schema.tables.get(layout.table)?;
        let view = View {
            sheet,
            layout,
            table,
            delimited,
            schema,
        };
        let lines = layout
            .rows
            .iter()
            .flat_map(|row| sheet.row(row.row))
            .filter(|cell| {
                cell.value.as_text().is_some_and(|text| {
                    text.contains(['\n', '\r']) && view.holds(cell.address, text)
                })
            })
            .map(|cell| cell.address);
        // A record between quotation marks as a whole is one field of its row, and looks like a line of text.
        let whole = sheet
            .rows_from(layout.header.last.row + 1)
            .filter_map(|(_, cells)| match cells {
                [cell] => Some(cell),
                _ => None,
            })
            .filter(|cell| {
                cell.value.as_text().is_some_and(|text| {
                    text.contains(delimited.delimiter)
                        && view.is_record(&view.fields(text).collect::<Vec<_>>())
                })
            })
            .map(|cell| cell.address);
        lines.chain(whole).min()
    })
}

struct View<'a> {
    sheet: &'a Worksheet,
    layout: &'a TableLayout,
    table: &'a Table,
    delimited: &'a Delimited,
    schema: &'a Schema,
}

impl View<'_> {
    /// Whether the lines of a field's text are records: the first completes its own row, and one further down is a row of the table.
    fn holds(&self, at: CellAddress, text: &str) -> bool {
        let lines: Vec<&str> = text.lines().collect();
        let Some(([first, ..], [.., last])) = Some((lines.as_slice(), lines.as_slice())) else {
            return false;
        };
        let cells = |columns: std::ops::Range<u16>| {
            columns.map(|column| {
                self.sheet
                    .value(CellAddress::new(at.row, column))
                    .and_then(CellValue::as_text)
                    .unwrap_or_default()
            })
        };
        let end = u16::try_from(self.delimited.width(at.row)).unwrap_or(u16::MAX);
        let opening: Vec<&str> = cells(0..at.column).chain(self.fields(first)).collect();
        if !self.is_as_wide(&opening) {
            return false;
        }
        let closing: Vec<&str> = self
            .fields(last)
            .chain(cells(at.column.saturating_add(1)..end))
            .collect();
        let between = lines.get(1..lines.len().saturating_sub(1));
        self.is_record(&closing)
            || between
                .unwrap_or_default()
                .iter()
                .any(|line| self.is_record(&self.fields(line).collect::<Vec<_>>()))
    }

    fn fields<'t>(&self, line: &'t str) -> impl Iterator<Item = &'t str> + use<'t> {
        line.split(self.delimited.delimiter)
            .map(|field| field.trim_matches(['"', ' ']))
    }

    /// Whether a line has a field for every heading, and nothing beyond them.
    fn is_as_wide(&self, fields: &[&str]) -> bool {
        let headings = usize::from(self.layout.header.last.column) + 1;
        fields.len() >= headings
            && fields
                .get(headings..)
                .is_some_and(|beyond| beyond.iter().all(|field| is_blank(field)))
    }

    /// Whether a line reads as a record: it is as wide, its keys look like keys, and what must be there reads as its column's kind.
    fn is_record(&self, fields: &[&str]) -> bool {
        self.is_as_wide(fields)
            && self.layout.columns.iter().all(|column| {
                let Some(field) = self.table.fields.get(column.field) else {
                    return true;
                };
                let text = fields
                    .get(usize::from(column.column))
                    .copied()
                    .unwrap_or_default();
                if self.table.is_key(field) {
                    return looks_like_key(&CellValue::Text(text.into()), field);
                }
                !field.constraint.required
                    || is_blank(text)
                    || reads(self.schema, &CellValue::Text(text.into()), field) != Some(false)
            })
    }
}

/// Whether a value reads as its field's kind; nothing for kinds that any text suits.
fn reads(schema: &Schema, value: &CellValue, field: &Field) -> Option<bool> {
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
                schema
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
