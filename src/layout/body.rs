//! Which rows under a heading row are records, and what the other cells under it are.
//!
//! Invariant: a table goes on below blank rows, lone texts and repeated headings, until another table or the end of the sheet. Below its
//! headings a value of its own column's type makes a row, however few its cells; what is no row is told apart by name, never passed over.

use rust_decimal::Decimal;

use super::header::{Found, Headers, is_same_heading};
use super::measure::{has_other_measure, is_row_of_measures};
use super::totals::{self, Summed, Sums};
use super::{BodyRow, NotTaken, RowKind, TableLayout, Why, labels};
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
        .min();
    let view = View {
        columns: fields_by_column(layout, table, found),
        year: schema.year.start.year(),
        table,
        schema,
        found,
        sheet,
        // What stands over another kind of table is that one's.
        stop: headers
            .taken
            .iter()
            .filter(|other| other.table == found.table && Some(other.first_row) == stop)
            .map(|other| other.first_row)
            .next(),
        has_streams: table.field("stream").is_some(),
    };
    let mut walk = Walk::new(found.last_row);
    for (row, cells) in sheet.rows_from(found.last_row + 1) {
        if stop.is_some_and(|stop| row >= stop) {
            break;
        }
        let cells: Vec<&Cell> = within(cells, first, last).collect();
        if cells.is_empty() {
            continue;
        }
        view.step(&mut walk, row, &cells);
    }
    if let Some(stop) = stop {
        walk.drop_title(stop);
    }
    view.find_hidden(&mut walk);
    layout.body = walk.rows.first().zip(walk.rows.last()).map(|(a, b)| {
        CellRange::new(
            CellAddress::new(a.row, first),
            CellAddress::new(b.row, last),
        )
    });
    walk.rows.shrink_to_fit();
    layout.rows = walk.rows;
    layout.balances = walk.balances;
    layout.not_taken = walk.not_taken;
    layout.alone = walk.alone;
}

fn within(cells: &[Cell], first: u16, last: u16) -> impl Iterator<Item = &Cell> {
    cells.iter().filter(move |cell| {
        (first..=last).contains(&cell.address.column) && !cell.value.as_text().is_some_and(is_blank)
    })
}

/// Where the walk down a table's body is.
struct Walk {
    rows: Vec<BodyRow>,
    /// What is added up of them.
    sums: Sums,
    /// Rows that are part of the table only if records follow.
    pending: Vec<BodyRow>,
    /// Texts that go on, and what stands in the wrong column.
    not_taken: Vec<NotTaken>,
    /// Amounts alone under their column that are not the sum of the rows.
    alone: Vec<CellAddress>,
    /// Rows of a balance beside its word.
    balances: Vec<u32>,
    banner: Option<usize>,
    /// The last filled row within the table's columns.
    previous: u32,
    /// How many records there are.
    records: usize,
    /// Below a key, notes or a block of another kind.
    elsewhere: Option<Elsewhere>,
}

/// What the walk is inside of that is none of the table's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// A key or notes: up to the next blank row.
    Notes,
    /// A block under headings of its own: up to the table's own headings again.
    Foreign,
}

impl Walk {
    fn new(header: u32) -> Self {
        Self {
            rows: Vec::new(),
            sums: Sums::default(),
            pending: Vec::new(),
            not_taken: Vec::new(),
            alone: Vec::new(),
            balances: Vec::new(),
            banner: None,
            previous: header,
            records: 0,
            elsewhere: None,
        }
    }

    fn push(&mut self, row: u32, kind: RowKind) {
        self.rows.append(&mut self.pending);
        self.rows.push(BodyRow { row, kind });
    }

    /// The lone texts right above another table are its title, and go on with nothing.
    fn drop_title(&mut self, stop: u32) {
        let mut above = stop;
        while let Some(last) = self.not_taken.last() {
            let near = above - last.range.last.row <= if above == stop { 2 } else { 1 };
            let begins = self
                .not_taken
                .len()
                .checked_sub(2)
                .and_then(|at| self.not_taken.get(at))
                .is_none_or(|before| before.range.last.row + 1 < last.range.first.row);
            let is_title = last.why == Why::GoesOn && near && (last.after_gap || !begins);
            if !is_title {
                return;
            }
            above = last.range.first.row;
            self.not_taken.pop();
        }
    }
}

/// What one row of cells is.
enum Verdict {
    Row(RowKind),
    /// Part of the table if records follow.
    Maybe(RowKind),
    NotTaken(Why),
    Alone,
    Balance,
    /// No part of the table: notes, a key, labels, a block of another kind.
    Outside(Option<Elsewhere>),
}

struct View<'a> {
    /// The field of each column from the table's first on, and whether a heading stands over it.
    columns: Vec<Over<'a>>,
    year: i16,
    table: &'a Table,
    schema: &'a Schema,
    found: &'a Found,
    sheet: &'a Worksheet,
    /// The row at which another table of the kind begins, where it is the next.
    stop: Option<u32>,
    /// Whether the table's rows belong to streams, which the titles of its blocks may say.
    has_streams: bool,
}

/// What stands over a column.
#[derive(Clone, Copy)]
enum Over<'a> {
    Field(&'a Field),
    /// A heading without a field.
    Heading,
    Nothing,
}

fn fields_by_column<'a>(layout: &TableLayout, table: &'a Table, found: &Found) -> Vec<Over<'a>> {
    let (first, last) = found.columns;
    (first..=last)
        .map(|column| {
            let field = layout
                .columns
                .iter()
                .find(|c| c.column == column)
                .and_then(|c| table.fields.get(c.field));
            match field {
                Some(field) => Over::Field(field),
                None if found.headings.iter().any(|(at, _)| *at == column) => Over::Heading,
                None => Over::Nothing,
            }
        })
        .collect()
}

/// How a value stands to its own column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    /// A reference, line, document date or status: makes a row wherever it stands alone.
    Strong,
    /// An amount, a figure or something key-like: makes a row with another cell.
    Weak,
    /// Text where any text may stand, a word for nothing.
    Plain,
    /// A figure, date or amount where its column holds something else.
    Misplaced,
}

impl View<'_> {
    fn over(&self, column: u16) -> Over<'_> {
        column
            .checked_sub(self.found.columns.0)
            .and_then(|at| self.columns.get(usize::from(at)))
            .copied()
            .unwrap_or(Over::Nothing)
    }

    fn field_at(&self, column: u16) -> Option<&Field> {
        match self.over(column) {
            Over::Field(field) => Some(field),
            Over::Heading | Over::Nothing => None,
        }
    }

    fn step(&self, walk: &mut Walk, row: u32, cells: &[&Cell]) {
        let after_gap = row > walk.previous + 1;
        walk.previous = row;
        if after_gap && walk.elsewhere == Some(Elsewhere::Notes) {
            walk.elsewhere = None;
        }
        match self.classify(walk, row, cells, after_gap) {
            Verdict::Row(kind) => {
                if let RowKind::Banner(priority) = kind {
                    walk.banner = Some(priority);
                }
                walk.elsewhere = None;
                if matches!(kind, RowKind::Banner(_) | RowKind::RepeatedHeader) && walk.records > 0
                {
                    walk.pending.push(BodyRow { row, kind });
                } else {
                    walk.records += usize::from(matches!(kind, RowKind::Data(_)));
                    walk.push(row, kind);
                }
            }
            Verdict::Maybe(kind) => walk.pending.push(BodyRow { row, kind }),
            Verdict::NotTaken(why) => {
                let headed = self.headed(cells);
                if let Some((first, last)) = headed.first().zip(headed.last()) {
                    walk.not_taken.push(NotTaken {
                        range: CellRange::new(first.address, last.address),
                        why,
                        after_gap,
                        holds: None,
                    });
                }
            }
            Verdict::Alone => walk
                .alone
                .extend(self.headed(cells).iter().map(|cell| cell.address)),
            Verdict::Balance => walk.balances.push(row),
            Verdict::Outside(elsewhere) => walk.elsewhere = elsewhere.or(walk.elsewhere),
        }
    }

    /// The cells that a heading stands over.
    fn headed<'c>(&self, cells: &[&'c Cell]) -> Vec<&'c Cell> {
        cells
            .iter()
            .copied()
            .filter(|cell| !matches!(self.over(cell.address.column), Over::Nothing))
            .collect()
    }

    fn classify(&self, walk: &Walk, row: u32, cells: &[&Cell], after_gap: bool) -> Verdict {
        let headed = self.headed(cells);
        let Some(first) = headed.first().copied() else {
            // Beside or between the columns: told with what stands beside the rows.
            return Verdict::Outside(None);
        };
        let is_below_headings = || {
            walk.pending
                .last()
                .or(walk.rows.last())
                .is_some_and(|last| last.kind == RowKind::RepeatedHeader && last.row + 1 == row)
        };
        if self.is_repeated_header(cells) || is_below_headings() && is_row_of_measures(cells) {
            return Verdict::Row(RowKind::RepeatedHeader);
        }
        if walk.elsewhere == Some(Elsewhere::Foreign) {
            return Verdict::Outside(None);
        }
        let own: Vec<Own> = headed.iter().map(|cell| self.own(cell)).collect();
        let is_strong = own.contains(&Own::Strong);
        if walk.elsewhere == Some(Elsewhere::Notes) && !(is_strong && headed.len() > 1) {
            return Verdict::Outside(None);
        }
        let data = Verdict::Row(RowKind::Data(walk.banner));
        let is_reference = || headed.iter().any(|cell| self.is_reference(cell));
        if self.is_unfilled(&headed)
            || self.is_left_as_made(&headed)
            || self.is_empty_line(&headed, &own)
        {
            return Verdict::Row(RowKind::Unfilled);
        }
        if let Some(text) = first.value.as_text()
            && (headed.len() == 1 || headed.iter().all(|c| c.value.as_text() == Some(text)))
            && !is_reference()
            && let Some(priority) = labels::priority_of(self.schema, text)
        {
            return Verdict::Row(RowKind::Banner(priority));
        }
        if self.has_streams && !is_strong && self.is_block_title(walk, row, &headed, after_gap) {
            return Verdict::Outside(None);
        }
        let summed = Summed {
            schema: self.schema,
            sheet: self.sheet,
            found: self.found,
            table: self.table,
            rows: &walk.rows,
            sums: &walk.sums,
        };
        let field_of = |column: u16| self.field_at(column);
        if summed.is_total(row, &headed, &field_of) && !is_reference() {
            return Verdict::Row(RowKind::Total);
        }
        if summed.is_balance(&headed, &field_of) {
            return Verdict::Balance;
        }
        if self.is_labels(&headed) && !is_reference() {
            return Verdict::Outside(None);
        }
        if let [cell] = headed.as_slice() {
            return self.lone(
                walk,
                cell,
                own.first().copied().unwrap_or(Own::Plain),
                after_gap,
            );
        }
        let are_figures = headed.iter().all(|cell| self.is_lone_figure(cell));
        if are_figures {
            return if summed.are_sums(&headed) {
                Verdict::Row(RowKind::Total)
            } else if is_strong || walk.records == 0 {
                data
            } else {
                Verdict::Alone
            };
        }
        let next = self.sheet.row(row + 1);
        if !is_strong
            && self.is_foreign_header(&headed, next, after_gap || !walk.pending.is_empty())
        {
            return Verdict::Outside(Some(Elsewhere::Foreign));
        }
        if !is_strong && after_gap && self.is_key(&headed) {
            return Verdict::Outside(Some(Elsewhere::Notes));
        }
        if !is_strong && after_gap && walk.records > 0 && self.is_amount_beside_words(&headed) {
            return Verdict::Outside(None);
        }
        if is_strong || own.contains(&Own::Weak) {
            return data;
        }
        // A row that fills every column that must be filled is a record, whatever its first word is.
        if self.fills_required(&headed) {
            return data;
        }
        if self.is_note(first) {
            return if after_gap {
                Verdict::Outside(Some(Elsewhere::Notes))
            } else {
                Verdict::Maybe(RowKind::Note)
            };
        }
        let is_free = headed.iter().all(|cell| self.is_free_text(cell));
        // `Finance Manager | 12/01/2023`: a text alone beside its value.
        let is_signed = walk.records > 0
            && matches!(headed.as_slice(), [name, value] if name.value.as_text().is_some()
                && name.address.column + 1 == value.address.column
                && (matches!(value.value, CellValue::Date(_)) || value.value.as_text().is_some_and(is_date)))
            && own == [Own::Plain, Own::Misplaced];
        if is_signed {
            return Verdict::Outside(None);
        }
        if !after_gap && walk.elsewhere.is_none() {
            return if own.contains(&Own::Misplaced) && !is_free && walk.records > 0 {
                Verdict::NotTaken(Why::Misplaced)
            } else {
                data
            };
        }
        if is_free {
            Verdict::NotTaken(Why::GoesOn)
        } else {
            // A block of its own, or words: what stands outside the table, up to the next blank row.
            Verdict::Outside(Some(Elsewhere::Notes))
        }
    }

    /// Whether a row is a block's title or a label of it: it names a stream, or stands between a block's end and the headings of the next;
    /// and it says nothing that only a line has.
    fn is_block_title(&self, walk: &Walk, row: u32, headed: &[&Cell], after_gap: bool) -> bool {
        let is_of_a_line = |cell: &&Cell| {
            let kind = self.field_at(cell.address.column).map(|field| field.kind);
            matches!(
                kind,
                Some(FieldKind::Agency | FieldKind::Choice | FieldKind::Date)
            ) && match &cell.value {
                CellValue::Date(_) => true,
                CellValue::Text(text) => {
                    amount::from_text(text).is_err()
                        && !totals::begins_with_any(&fold(text), &self.schema.words.totals)
                        && !labels::is_known(self.schema, text)
                        && labels::stream_of(self.schema, text).is_none()
                }
                CellValue::Number(_)
                | CellValue::Boolean(_)
                | CellValue::Error(_)
                | CellValue::NotCalculated => false,
            }
        };
        if headed.iter().any(is_of_a_line) {
            return false;
        }
        let names_stream = headed.iter().any(|cell| {
            let is_own_column = self
                .field_at(cell.address.column)
                .is_some_and(|field| field.name == "stream");
            !is_own_column
                && cell
                    .value
                    .as_text()
                    .is_some_and(|text| labels::stream_of(self.schema, text).is_some())
        });
        let is_apart = after_gap
            || walk
                .rows
                .last()
                .is_none_or(|last| last.kind == RowKind::Total || last.row + 1 < row);
        let is_total = headed
            .iter()
            .filter_map(|cell| cell.value.as_text())
            .any(|text| totals::begins_with_any(&fold(text), &self.schema.words.totals));
        if names_stream && !is_total {
            return true;
        }
        // `Total budget` over a block is its award, under one it is the sum of its rows.
        let is_award = headed
            .iter()
            .filter_map(|cell| cell.value.as_text())
            .any(|text| labels::is_known(self.schema, text));
        let is_told = !is_total || (names_stream || is_award) && !self.are_sums(walk, headed);
        is_told && is_apart && self.stands_over_headings(row)
    }

    fn are_sums(&self, walk: &Walk, cells: &[&Cell]) -> bool {
        let figures: Vec<&Cell> = cells
            .iter()
            .copied()
            .filter(|cell| self.is_lone_figure(cell))
            .collect();
        let summed = Summed {
            schema: self.schema,
            sheet: self.sheet,
            found: self.found,
            table: self.table,
            rows: &walk.rows,
            sums: &walk.sums,
        };
        !figures.is_empty() && summed.are_sums(&figures)
    }

    /// Whether nothing but titles and labels stands between a row and the headings of the next block.
    fn stands_over_headings(&self, row: u32) -> bool {
        let (first, last) = self.found.columns;
        let mut before = row;
        for (next, cells) in self.sheet.rows_from(row + 1) {
            let cells: Vec<&Cell> = within(cells, first, last).collect();
            if self.stop == Some(next) {
                return next <= before + 2;
            }
            if cells.is_empty() {
                continue;
            }
            if next > before + 2 || next > row + TITLE_ROWS_MAX {
                return false;
            }
            if self.is_repeated_header(&cells) {
                return true;
            }
            if self
                .headed(&cells)
                .iter()
                .any(|cell| self.own(cell) == Own::Strong)
            {
                return false;
            }
            before = next;
        }
        false
    }

    /// A row of one cell under a heading.
    fn lone(&self, walk: &Walk, cell: &Cell, own: Own, after_gap: bool) -> Verdict {
        if own == Own::Strong {
            return Verdict::Row(RowKind::Data(walk.banner));
        }
        let text = cell.value.as_text();
        if self.is_lone_figure(cell) {
            let summed = Summed {
                schema: self.schema,
                sheet: self.sheet,
                found: self.found,
                table: self.table,
                rows: &walk.rows,
                sums: &walk.sums,
            };
            return if summed.are_sums(&[cell]) {
                Verdict::Row(RowKind::Total)
            } else {
                Verdict::Alone
            };
        }
        let Some(text) = text.filter(|_| own != Own::Misplaced) else {
            return match &cell.value {
                // An error where a figure should be is a stray one.
                CellValue::Error(_) | CellValue::NotCalculated if own == Own::Weak => {
                    Verdict::Alone
                }
                _ => Verdict::NotTaken(Why::Misplaced),
            };
        };
        if self.is_packed(text) {
            return Verdict::NotTaken(Why::Packed);
        }
        if self.is_free_text(cell) {
            let is_first = cell.address.column == self.found.columns.0;
            if is_note_alone(self.schema, text) {
                return Verdict::Outside(Some(Elsewhere::Notes));
            }
            if text.trim_start().starts_with(['*', '†']) || visible(text).ends_with([':', '：'])
            {
                return Verdict::Outside(None);
            }
            return if is_first && after_gap {
                Verdict::Maybe(RowKind::SubHeading)
            } else {
                Verdict::NotTaken(Why::GoesOn)
            };
        }
        if is_note_text(self.schema, text) && after_gap {
            return Verdict::Outside(is_note_alone(self.schema, text).then_some(Elsewhere::Notes));
        }
        if self.is_note(cell) {
            Verdict::Maybe(RowKind::Note)
        } else {
            Verdict::Maybe(RowKind::SubHeading)
        }
    }

    /// Whether a text is a whole record in one cell, as a csv opened the wrong way gives it: as many pieces as half of the headings, among
    /// them a reference or line and a date or an amount.
    fn is_packed(&self, text: &str) -> bool {
        [',', ';', '\t', '|'].iter().any(|sign| {
            let pieces: Vec<&str> = text.split(*sign).map(str::trim).collect();
            let reads = |kinds: &[FieldKind]| {
                pieces.iter().any(|piece| {
                    self.table
                        .fields
                        .iter()
                        .filter(|field| kinds.contains(&field.kind))
                        .any(|field| is_plainly(piece, field))
                })
            };
            pieces.len() >= 3
                && pieces.len() * 2 >= self.found.headings.len()
                && reads(&[FieldKind::Reference, FieldKind::Line])
                && (reads(&[FieldKind::Date, FieldKind::Money, FieldKind::Number])
                    || pieces
                        .iter()
                        .any(|piece| self.schema.status_called(&fold(piece)).is_some()))
        })
    }

    /// How a value stands to its own column.
    fn own(&self, cell: &Cell) -> Own {
        let Some(field) = self.field_at(cell.address.column) else {
            return Own::Plain;
        };
        let own = self.own_kind(cell, field);
        // A word for nothing is no value, whatever it looks like.
        let is_nothing = || {
            cell.value.as_text().is_some_and(|text| {
                text.len() <= WORD_BYTES_MAX && {
                    let plain = crate::value::text::fold_word(text);
                    field.missing.contains(&plain)
                        || self.schema.words.placeholders.contains(&plain)
                }
            })
        };
        if own != Own::Plain && is_nothing() {
            return Own::Plain;
        }
        own
    }

    fn own_kind(&self, cell: &Cell, field: &Field) -> Own {
        match field.kind {
            FieldKind::Reference | FieldKind::Line => key_like(&cell.value, field),
            FieldKind::Money | FieldKind::Number => match &cell.value {
                CellValue::Number(_) | CellValue::Error(_) | CellValue::NotCalculated => Own::Weak,
                CellValue::Text(text) if is_figure_like(text) => Own::Weak,
                CellValue::Text(text) if is_date(text) => Own::Misplaced,
                CellValue::Text(_) => Own::Plain,
                CellValue::Date(_) | CellValue::Boolean(_) => Own::Misplaced,
            },
            FieldKind::Date | FieldKind::Timescale => match &cell.value {
                CellValue::Date(_) => Own::Strong,
                CellValue::Text(text) if is_date(text) => Own::Strong,
                CellValue::Text(text) if is_money(text) => Own::Misplaced,
                CellValue::Text(_) => Own::Plain,
                CellValue::Error(_) | CellValue::NotCalculated => Own::Weak,
                CellValue::Number(_) | CellValue::Boolean(_) => Own::Misplaced,
            },
            FieldKind::Status => match &cell.value {
                CellValue::Text(text)
                    if self
                        .schema
                        .status_called(&crate::value::text::fold_word(text))
                        .is_some() =>
                {
                    Own::Strong
                }
                CellValue::Text(text) if is_money(text) || is_date(text) => Own::Misplaced,
                CellValue::Text(_) => Own::Plain,
                CellValue::Error(_) | CellValue::NotCalculated => Own::Weak,
                CellValue::Number(_) | CellValue::Date(_) | CellValue::Boolean(_) => Own::Misplaced,
            },
            FieldKind::Text
            | FieldKind::Lines
            | FieldKind::Choice
            | FieldKind::Priority
            | FieldKind::Agency
            | FieldKind::Agencies
            | FieldKind::Email
            | FieldKind::Postcode => match &cell.value {
                CellValue::Text(text) if is_money(text) && !field.is_free_text => Own::Misplaced,
                CellValue::Text(_) | CellValue::Error(_) | CellValue::NotCalculated => Own::Plain,
                CellValue::Number(_) | CellValue::Date(_) | CellValue::Boolean(_) => Own::Misplaced,
            },
        }
    }

    fn is_free_text(&self, cell: &Cell) -> bool {
        self.field_at(cell.address.column)
            .is_some_and(|field| field.is_free_text)
            && cell.value.as_text().is_some()
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

    /// Whether all the cells by which the schema knows a filled line are blank or hold a form's placeholder.
    fn is_unfilled(&self, cells: &[&Cell]) -> bool {
        let names = &self.table.unfilled_without;
        let is_theirs = |cell: &&&Cell| {
            self.field_at(cell.address.column)
                .is_some_and(|field| names.contains(&field.name))
        };
        !names.is_empty()
            && cells
                .iter()
                .filter(is_theirs)
                .all(|cell| self.is_placeholder(cell))
    }

    /// Whether a line of our own form holds nothing but what the form came with: figures filled in beforehand, the key, and its name.
    fn is_left_as_made(&self, cells: &[&Cell]) -> bool {
        let names = &self.table.prefilled;
        let fields = || {
            let of = |cell: &&Cell| self.field_at(cell.address.column);
            cells.iter().map(of)
        };
        !names.is_empty()
            && fields()
                .flatten()
                .any(|field| names.contains(&field.name) && field.kind == FieldKind::Money)
            && fields().all(|field| {
                field.is_some_and(|field| {
                    names.contains(&field.name)
                        || self.table.is_key(field)
                        || field.kind == FieldKind::Text && !field.is_free_text
                })
            })
    }

    fn is_placeholder(&self, cell: &Cell) -> bool {
        cell.value
            .as_text()
            .filter(|text| text.len() <= WORD_BYTES_MAX)
            .is_some_and(|text| self.schema.words.placeholders.contains(&fold(text)))
    }

    /// A line of a form or of links that nobody filled in: nothing but placeholders, noughts and the words that a form fills in beforehand.
    fn is_empty_line(&self, cells: &[&Cell], own: &[Own]) -> bool {
        let is_nought = |cell: &Cell| match &cell.value {
            CellValue::Number(figure) => figure.number == 0.0,
            CellValue::Text(text) => {
                may_be_figure(text) && amount::from_text(text).is_ok_and(|figure| figure.is_zero())
            }
            CellValue::Boolean(is) => !is,
            CellValue::Date(moment) => moment.date().year() <= 1900,
            CellValue::Error(_) | CellValue::NotCalculated => false,
        };
        let mut noughts = 0;
        let mut placeholders = 0;
        let mut keys = 0;
        for (cell, own) in cells.iter().zip(own) {
            let kind = self.field_at(cell.address.column).map(|field| field.kind);
            if self.is_placeholder(cell) {
                placeholders += 1;
            } else if is_nought(cell) {
                noughts += 1;
            } else if *own == Own::Strong
                && matches!(kind, Some(FieldKind::Reference | FieldKind::Line))
            {
                keys += 1;
            } else if kind != Some(FieldKind::Choice) {
                return false;
            }
        }
        // A reference beside placeholders is a form's own; beside a nought it is somebody's nought.
        let is_unused_form = placeholders > 0 && noughts == 0 && placeholders + keys == cells.len();
        is_unused_form || keys == 0 && noughts + placeholders > 0
    }

    /// Whether each heading stands again in its own column: by its words, or by the field that they name.
    fn is_repeated_header(&self, cells: &[&Cell]) -> bool {
        if cells.iter().any(|cell| cell.value.as_text().is_none()) {
            return false;
        }
        let texts = || {
            cells.iter().filter_map(|cell| {
                cell.value
                    .as_text()
                    .map(|text| (cell.address.column, text, fold(text)))
            })
        };
        let is_same = |(column, text, folded): &(u16, &str, String)| {
            self.found
                .headings
                .iter()
                .filter(|(at, _)| at == column)
                .filter(|(_, heading)| has_other_measure(text) == has_other_measure(&heading.text))
                .any(|(_, heading)| {
                    is_same_heading(folded, &heading.text)
                        || self.schema.may_be_heading(text)
                            && self
                                .table
                                .match_heading(text, self.year, None)
                                .zip(self.table.match_heading(&heading.text, self.year, None))
                                .is_some_and(|((a, _), (b, _))| a == b)
                })
        };
        let is_upper = |(column, _, folded): &(u16, &str, String)| {
            self.found
                .upper
                .iter()
                .any(|(at, heading)| at == column && fold(heading) == *folded)
        };
        let enough = cells.len() >= 2 && cells.len() * 2 > self.found.headings.len();
        enough && texts().all(|text| is_same(&text)) || texts().all(|text| is_upper(&text))
    }

    fn is_note(&self, cell: &Cell) -> bool {
        let Some(text) = cell.value.as_text() else {
            return false;
        };
        // Where people write freely an update may begin so: `Key worker started in June`.
        visible(text).ends_with(':')
            || if self.is_free_text(cell) {
                is_note_alone(self.schema, text)
            } else {
                is_note_text(self.schema, text)
            }
    }

    /// Whether a row has a cell under every heading that must be filled, of which there are two at least.
    fn fills_required(&self, cells: &[&Cell]) -> bool {
        let required = self.table.fields.iter().filter(|field| {
            field.constraint.required
                && self.table.block_title.as_deref() != Some(field.name.as_str())
        });
        let is_filled = |wanted: &Field| {
            cells.iter().any(|cell| {
                let own = self.field_at(cell.address.column);
                own.is_some_and(|field| field.name == wanted.name)
            })
        };
        let mut count = 0;
        required.inspect(|_| count += 1).all(is_filled) && count >= 2
    }

    /// `Cash in the tin | 26.77` below a table of money: words alone, and beside them an amount that is not the one which a row of the table
    /// must have. Taken for a row, what it holds would be in no sum and nobody would be asked about it.
    fn is_amount_beside_words(&self, cells: &[&Cell]) -> bool {
        let [words, amount] = cells else {
            return false;
        };
        let is_needed = |field: &Field| field.constraint.required && field.kind == FieldKind::Money;
        words.address.column + 1 == amount.address.column
            && words.value.as_text().is_some_and(|text| !is_money(text))
            && match &amount.value {
                CellValue::Number(_) => true,
                CellValue::Text(text) => is_money(text),
                CellValue::Boolean(_)
                | CellValue::Date(_)
                | CellValue::Error(_)
                | CellValue::NotCalculated => false,
            }
            && self
                .field_at(amount.address.column)
                .is_some_and(|field| !is_needed(field))
            && self.table.fields.iter().any(is_needed)
    }

    /// Whether a row is nothing but labels and their values: `Date of return: | 12/10/2022`.
    fn is_labels(&self, cells: &[&Cell]) -> bool {
        // Most rows are records, and a record of many cells does not begin with a colon.
        let begins = |cell: &&&Cell| {
            let text = cell.value.as_text();
            text.is_some_and(|text| text.trim_end().ends_with([':', '：']))
        };
        cells.len() >= 2
            && (cells.len() <= 4 || cells.first().as_ref().is_some_and(begins))
            && labels::are_pairs(cells, self.schema)
    }

    /// Whether a row is one of a key: a status word beside its colour, and no figure.
    fn is_key(&self, cells: &[&Cell]) -> bool {
        cells.len() >= 2
            && cells.iter().all(|cell| cell.value.as_text().is_some())
            && cells.iter().any(|cell| {
                cell.value.as_text().is_some_and(|text| {
                    self.schema
                        .status_called(&crate::value::text::fold_word(text))
                        .is_some()
                })
            })
    }

    /// Whether a row of texts is the headings of a block of another kind: short words over every cell of the row right below.
    fn is_foreign_header(&self, cells: &[&Cell], next: &[Cell], stands_apart: bool) -> bool {
        let (first, last) = self.found.columns;
        let below: Vec<&Cell> = within(next, first, last).collect();
        let is_short = |cell: &&Cell| {
            cell.value.as_text().is_some_and(|text| {
                text.chars().count() <= 60
                    && !is_figure_like(text)
                    && !visible(text).ends_with(['.', ':'])
            })
        };
        stands_apart
            && cells.len() >= 2
            && cells.iter().all(is_short)
            && !cells.iter().all(|cell| self.is_free_text(cell))
            && below.len() >= 2
            && below.iter().all(|under| {
                cells
                    .iter()
                    .any(|cell| cell.address.column == under.address.column)
            })
            && below.iter().any(|under| {
                under
                    .value
                    .as_text()
                    .is_none_or(|text| amount::from_text(text).is_ok())
            })
    }

    /// A figure under a heading that holds figures.
    fn is_lone_figure(&self, cell: &Cell) -> bool {
        let is_figures = self
            .field_at(cell.address.column)
            .is_some_and(|field| matches!(field.kind, FieldKind::Money | FieldKind::Number));
        is_figures
            && match &cell.value {
                CellValue::Number(_) | CellValue::NotCalculated => true,
                CellValue::Text(text) => amount::from_text(text).is_ok(),
                CellValue::Boolean(_) | CellValue::Date(_) | CellValue::Error(_) => false,
            }
    }

    /// Names the values that a merged region hides, unless they equal the one shown.
    fn find_hidden(&self, walk: &mut Walk) {
        let (first, last) = self.found.columns;
        let mut hidden = Vec::new();
        for range in &self.sheet.merged {
            let shown = self.sheet.value(range.first);
            for (row, cells) in self.sheet.rows_from(range.first.row) {
                if row > range.last.row {
                    break;
                }
                let is_row = walk
                    .rows
                    .binary_search_by_key(&row, |row| row.row)
                    .ok()
                    .and_then(|at| walk.rows.get(at))
                    .is_some_and(|row| matches!(row.kind, RowKind::Data(_)));
                for cell in within(cells, first, last) {
                    let is_hidden = range.contains(cell.address) && cell.address != range.first;
                    if is_row && is_hidden && shown != Some(&cell.value) {
                        hidden.push(NotTaken {
                            range: cell.address.into(),
                            why: Why::Hidden,
                            after_gap: false,
                            holds: Some(row),
                        });
                    }
                }
            }
        }
        walk.not_taken.extend(hidden);
        walk.not_taken.sort_by_key(|found| found.range);
    }
}

/// No block has more rows of title and labels than this above its headings.
const TITLE_ROWS_MAX: u32 = 6;

pub(super) fn is_date(text: &str) -> bool {
    text.len() <= WORD_BYTES_MAX && date::from_text(text) != date::TextDate::Unreadable
}

/// A form's word and a word for nothing have no more bytes than this, and neither has a figure.
const WORD_BYTES_MAX: usize = 48;

/// Whether a text could be a figure at all.
fn may_be_figure(text: &str) -> bool {
    text.len() <= WORD_BYTES_MAX && text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a text is an amount of money: a figure with a pound sign or pence.
pub(super) fn is_money(text: &str) -> bool {
    may_be_figure(text)
        && amount::from_text(text).is_ok()
        && (text.contains('£')
            || text.to_ascii_uppercase().contains("GBP")
            || text.contains('.')
            || text.contains(','))
}

/// Whether a text reads as a figure, or was meant as one: `£1,2500`, `c. 3k`.
fn is_figure_like(text: &str) -> bool {
    if !may_be_figure(text) {
        return false;
    }
    if amount::from_text(text).is_ok() {
        return true;
    }
    let plain = visible(text);
    plain.chars().any(|c| c.is_ascii_digit())
        && plain.split_whitespace().count() <= 3
        && !is_date(text)
}

/// Whether a text is plainly a value of a field, and no heading: a reference, a line, a date or an amount under its own heading.
pub(super) fn is_plainly(text: &str, field: &Field) -> bool {
    match field.kind {
        FieldKind::Reference | FieldKind::Line => {
            key_like(&CellValue::Text(text.into()), field) == Own::Strong
        }
        FieldKind::Money | FieldKind::Number => amount::from_text(text).is_ok(),
        FieldKind::Date => {
            text.trim_start().starts_with(|c: char| c.is_ascii_digit()) && is_date(text)
        }
        FieldKind::Text
        | FieldKind::Lines
        | FieldKind::Timescale
        | FieldKind::Choice
        | FieldKind::Status
        | FieldKind::Priority
        | FieldKind::Agency
        | FieldKind::Agencies
        | FieldKind::Email
        | FieldKind::Postcode => false,
    }
}

/// How a value under a key column stands to it: written as a key, perhaps one, or text.
fn key_like(value: &CellValue, field: &Field) -> Own {
    match value {
        CellValue::Text(text) => {
            let plain = visible(text);
            if let Some(pattern) = &field.constraint.pattern {
                if pattern.is_match(&plain) {
                    return Own::Strong;
                }
            } else if is_line_shaped(&plain) {
                return Own::Strong;
            }
            let key = reference::key(text);
            if key.len() <= 16
                && key.chars().any(|c| c.is_ascii_digit())
                && plain.split_whitespace().count() <= 3
            {
                Own::Weak
            } else {
                Own::Plain
            }
        }
        CellValue::Number(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => Own::Weak,
        CellValue::Boolean(_) => Own::Misplaced,
    }
}

/// Words that number something else than a line: `Page 2`, `Table 1`.
const NUMBERED: [&str; 16] = [
    "q", "qtr", "quarter", "fy", "page", "sheet", "table", "part", "appendix", "note", "figure",
    "version", "issue", "annex", "section", "v",
];

/// Whether a text is written as funding lines are: letters, then a number (`CRG-01`, `crg 1`).
fn is_line_shaped(text: &str) -> bool {
    let letters: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = text.get(letters.len()..).unwrap_or_default();
    let digits = rest.trim_start_matches([' ', '-', '–', '_', '/', '.']);
    let is_number = !digits.is_empty()
        && digits.len() <= 5
        && digits
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .bytes()
            .all(|b| b.is_ascii_digit())
        && digits.starts_with(|c: char| c.is_ascii_digit());
    // `July 2022`, `Autumn 2022`
    let is_year = rest.starts_with(' ')
        && digits
            .parse()
            .is_ok_and(|number: u32| (1990..=2099).contains(&number));
    (1..=8).contains(&letters.len())
        && is_number
        && !is_year
        && !NUMBERED.contains(&letters.to_ascii_lowercase().as_str())
}

/// Whether a text begins a note, a key or a sign-off.
pub(super) fn is_note_text(schema: &Schema, text: &str) -> bool {
    totals::begins_with_any(&fold(text), &schema.words.notes)
}

/// Whether a text is the word of a note or key and nothing else, or that word before a colon.
fn is_note_alone(schema: &Schema, text: &str) -> bool {
    let head = text.split_once([':', '：']).map_or(text, |(head, _)| head);
    schema.words.notes.contains(&fold(head))
}

/// A number as the sums see it.
pub(super) fn figure(value: &CellValue) -> Option<Decimal> {
    match value {
        CellValue::Number(figure) => amount::from_number(figure.number).ok(),
        CellValue::Text(text) => amount::from_text(text).ok(),
        CellValue::Boolean(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => None,
    }
}
