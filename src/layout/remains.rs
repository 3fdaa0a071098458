//! What is on a sheet beside its tables and labels: markings, blocks that are no known table, stray figures.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts::{Fate, Taking};
use super::{Layout, RowKind, TableLayout, Unheaded, body, is_ignored_sheet};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::{FieldKind, Schema};
use crate::value::amount;
use crate::value::text::{fold, is_blank, visible};

/// Takes every cell of a sheet, and adds what remains beside tables and labels to the layout.
pub(super) fn find(
    index: usize,
    sheet: &Worksheet,
    tables: &[TableLayout],
    schema: &Schema,
    out: &mut Layout,
) {
    if is_ignored_sheet(schema, sheet.name.as_deref().unwrap_or_default()) {
        for (_, cells) in sheet.rows() {
            for cell in cells.iter().filter(|cell| cell.is_filled()) {
                let text = cell.value.as_text();
                if text.is_some_and(|text| marking_of(schema, text).is_some()) {
                    out.markings.push((index, cell.address));
                }
            }
        }
        return;
    }
    let labelled: BTreeSet<CellAddress> = out
        .labels
        .iter()
        .filter(|label| label.sheet == index)
        .flat_map(|label| [label.at, label.label_at])
        .collect();
    let named = named(sheet, tables);
    let mut taking = Taking::of(sheet);
    let mut rest: Vec<&Cell> = Vec::new();
    let mut beside = Beside::new(tables);
    let mut nth = 0;
    for (row, cells) in sheet.rows() {
        let here = beside.row(row);
        for cell in cells {
            let at = nth;
            nth += 1;
            if !cell.is_filled() {
                continue;
            }
            if let Some(fate) = here.fate(cell) {
                taking.take_nth(at, fate);
            } else if named.contains(&cell.address) {
                taking.take_nth(at, Fate::Named);
            } else if cell
                .value
                .as_text()
                .is_some_and(|text| marking_of(schema, text).is_some())
            {
                out.markings.push((index, cell.address));
                let is_value = labelled.contains(&cell.address);
                taking.take_nth(at, if is_value { Fate::Label } else { Fate::Text });
            } else if labelled.contains(&cell.address) {
                taking.take_nth(at, Fate::Label);
            } else {
                rest.push(cell);
            }
        }
    }
    for run in unsplit(&rest, schema) {
        rest.retain(|cell| !run.contains(cell.address));
        for row in run.first.row..=run.last.row {
            taking.take(CellAddress::new(row, run.first.column), Fate::Named);
        }
        out.unread.push((index, run, run.first));
    }
    take_row_numbers(tables, &mut rest, &mut taking);
    let money = tables.iter().any(|table| is_of_money(table, schema));
    let first_table = out.tables.len();
    let mut unread: Vec<CellRange> = Vec::new();
    for block in blocks(&rest) {
        if let Some(table) = beside.neighbour(&block) {
            let stands_apart = bounds(&block).first.column > table.1.header.last.column + 1
                || bounds(&block).last.column + 1 < table.1.header.first.column;
            let is_apart = stands_apart && is_block(&block);
            if !is_apart {
                take_beside(index, first_table, table, &block, schema, &mut taking, out);
                continue;
            }
        }
        if is_block(&block) {
            if is_key(&block, schema) {
                take_words(index, &block, sheet, money, schema, &mut taking, out);
            } else if are_labels(&block, schema) {
                take_words(index, &block, sheet, false, schema, &mut taking, out);
            } else {
                for cell in &block {
                    taking.take(cell.address, Fate::Named);
                }
                unread.push(bounds(&block));
            }
            continue;
        }
        take_words(index, &block, sheet, money, schema, &mut taking, out);
    }
    for table in tables {
        for at in &table.alone {
            let is_money = is_of_money(table, schema)
                && !matches!(sheet.value(*at), Some(CellValue::Error(_)));
            if is_money {
                let table = first_table
                    + tables
                        .iter()
                        .position(|other| other.header == table.header)
                        .unwrap_or(0);
                out.unheaded.push(Unheaded {
                    sheet: index,
                    table,
                    range: (*at).into(),
                    is_amount: true,
                });
            } else {
                out.strays.push((index, *at));
            }
        }
    }
    join_runs(&mut out.unheaded);
    out.strays.sort_unstable();
    out.strays.dedup();
    for range in join(unread) {
        let first = sheet
            .row(range.first.row)
            .iter()
            .find(|cell| range.contains(cell.address) && cell.is_filled())
            .map_or(range.first, |cell| cell.address);
        out.unread.push((index, range, first));
    }
    if let Some(slot) = out.accounts.get_mut(index) {
        *slot = taking.into_accounts();
    }
}

/// How whole records are parted in one cell: by a sign, or by several spaces.
const PARTS: [&str; 5] = [",", ";", "\t", "|", "  "];

/// The pieces of a text that a sign parts.
fn pieces<'t>(text: &'t str, sign: &'t str) -> impl Iterator<Item = &'t str> + Clone {
    text.split(sign)
        .map(|piece| piece.trim_matches(['"', ' ']))
        .filter(move |piece| !piece.is_empty() || sign != "  ")
}

/// Runs of cells of one column that hold the headings and rows of a table, each row unsplit in its one cell: a text file pasted as it was.
fn unsplit(cells: &[&Cell], schema: &Schema) -> Vec<CellRange> {
    // Three fields are named, and they are most of the pieces.
    let are_headings = |text: &str, sign: &str| {
        let named = |piece: &&str| {
            schema.may_be_heading(piece) && schema.headings_called(&fold(piece)).is_some()
        };
        let count = pieces(text, sign).take(HEADINGS_MAX).count();
        count >= 3 && {
            let known = pieces(text, sign).take(HEADINGS_MAX).filter(named).count();
            known >= 3 && known * 2 > count
        }
    };
    let mut out: Vec<CellRange> = Vec::new();
    for cell in cells {
        let Some(text) = cell
            .value
            .as_text()
            .filter(|text| text.len() >= UNSPLIT_BYTES_MIN)
        else {
            continue;
        };
        if out.iter().any(|run| run.contains(cell.address)) {
            continue;
        }
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let Some(sign) = PARTS.iter().find(|sign| are_headings(first, sign)) else {
            continue;
        };
        let wanted = pieces(first, sign).count();
        let is_row = |text: &str| pieces(text, sign).count() * 2 >= wanted;
        let mut last = cell.address;
        let below = |at: CellAddress| {
            let next = CellAddress::new(at.row + 1, at.column);
            let index = cells
                .binary_search_by_key(&next, |cell| cell.address)
                .ok()?;
            let cell = cells.get(index)?;
            cell.value
                .as_text()
                .filter(|text| is_row(text))
                .map(|_| next)
        };
        while let Some(next) = below(last) {
            last = next;
        }
        if last != cell.address || lines.next().is_some_and(is_row) {
            out.push(CellRange::new(cell.address, last));
        }
    }
    out
}

/// The shortest text that could be three headings.
const UNSPLIT_BYTES_MIN: usize = 8;

/// So many pieces of a text are looked at.
const HEADINGS_MAX: usize = 64;

/// The cells under headings that findings name, for they are in no row.
fn named(sheet: &Worksheet, tables: &[TableLayout]) -> BTreeSet<CellAddress> {
    let mut out = BTreeSet::new();
    for table in tables {
        out.extend(table.alone.iter().copied());
        for range in table.not_taken.iter().map(|found| found.range) {
            let own = sheet.row(range.first.row).iter();
            out.extend(
                own.map(|cell| cell.address)
                    .filter(|at| range.contains(*at)),
            );
        }
    }
    out
}

/// Whether a table's rows are money: then an amount beside them is one that somebody meant to be in a sum.
fn is_of_money(table: &TableLayout, schema: &Schema) -> bool {
    schema.tables.get(table.table).is_some_and(|table| {
        table
            .fields
            .iter()
            .any(|field| field.kind == FieldKind::Money && field.constraint.required)
    })
}

/// The rows of a sheet's tables, asked for from the top.
struct Beside<'a> {
    tables: &'a [TableLayout],
    next: Vec<usize>,
}

/// What one sheet row is to the tables.
struct Here<'a> {
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    table: &'a TableLayout,
    kind: PartKind,
}

#[derive(Clone, Copy)]
enum PartKind {
    Header,
    Row(RowKind),
    Balance,
}

impl<'a> Beside<'a> {
    fn new(tables: &'a [TableLayout]) -> Self {
        Self {
            tables,
            next: vec![0; tables.len()],
        }
    }

    fn row(&mut self, row: u32) -> Here<'a> {
        let mut parts = Vec::new();
        for (table, next) in self.tables.iter().zip(&mut self.next) {
            if (table.header.first.row..=table.header.last.row).contains(&row) {
                parts.push(Part {
                    table,
                    kind: PartKind::Header,
                });
                continue;
            }
            while table.rows.get(*next).is_some_and(|own| own.row < row) {
                *next += 1;
            }
            if let Some(own) = table.rows.get(*next).filter(|own| own.row == row) {
                parts.push(Part {
                    table,
                    kind: PartKind::Row(own.kind),
                });
            } else if table.balances.binary_search(&row).is_ok() {
                parts.push(Part {
                    table,
                    kind: PartKind::Balance,
                });
            }
        }
        Here { parts }
    }

    /// The table beside whose rows a block stands, with its place among the sheet's tables: the one whose columns are nearest.
    fn neighbour(&self, block: &[&Cell]) -> Option<(usize, &'a TableLayout)> {
        let (from, to) = (bounds(block).first, bounds(block).last);
        let is_beside = |table: &TableLayout| {
            block.iter().any(|cell| {
                table
                    .rows
                    .binary_search_by_key(&cell.address.row, |row| row.row)
                    .ok()
                    .and_then(|at| table.rows.get(at))
                    .is_some_and(|row| row.kind.is_row())
            })
        };
        // What stands below a table, in its own columns, is not beside the one that goes on next to it.
        let is_below_another = |own: &TableLayout| {
            self.tables.iter().any(|table| {
                let (first, last) = (table.header.first.column, table.header.last.column);
                let is_next_to = last < own.header.first.column || own.header.last.column < first;
                is_next_to
                    && table.header.last.row < from.row
                    && first <= from.column
                    && to.column <= last
            })
        };
        self.tables
            .iter()
            .enumerate()
            .filter(|(_, table)| is_beside(table) && !is_below_another(table))
            .min_by_key(|(_, table)| {
                let (first, last) = (table.header.first.column, table.header.last.column);
                from.column
                    .saturating_sub(last)
                    .max(first.saturating_sub(to.column))
            })
    }
}

impl Here<'_> {
    /// What a table makes of a cell in this row, if it is the table's.
    fn fate(&self, cell: &Cell) -> Option<Fate> {
        let column = cell.address.column;
        self.parts.iter().find_map(|part| {
            let header = part.table.header;
            // What is beyond the headings of a record with too many fields is told of with it.
            if part.table.is_ragged(cell.address.row) && column > header.last.column {
                return Some(Fate::Named);
            }
            if !(header.first.column..=header.last.column).contains(&column) {
                return None;
            }
            match part.kind {
                PartKind::Header | PartKind::Row(RowKind::RepeatedHeader) => Some(Fate::Heading),
                PartKind::Row(RowKind::Total) => Some(Fate::Total),
                PartKind::Balance => Some(Fate::Label),
                PartKind::Row(RowKind::Data(_) | RowKind::Unfilled | RowKind::PassedOver) => {
                    is_headed(part.table, column).then_some(Fate::Row)
                }
                PartKind::Row(RowKind::Banner(_) | RowKind::SubHeading | RowKind::Note) => {
                    cell.value.as_text().map(|_| Fate::Text)
                }
            }
        })
    }
}

/// Whether a heading stands over a column of a table.
fn is_headed(table: &TableLayout, column: u16) -> bool {
    table.columns.iter().any(|own| own.column == column)
        || table
            .unknown
            .iter()
            .any(|own| own.heading.at.column == column)
        || table.computed.iter().any(|own| own.at.column == column)
        || table
            .duplicates
            .iter()
            .any(|own| own.first.at.column == column || own.later.at.column == column)
}

/// Takes what stands beside or between a table's rows under no heading, column by column.
fn take_beside(
    index: usize,
    first_table: usize,
    (nth, table): (usize, &TableLayout),
    block: &[&Cell],
    schema: &Schema,
    taking: &mut Taking<'_>,
    out: &mut Layout,
) {
    let columns: BTreeSet<u16> = block.iter().map(|cell| cell.address.column).collect();
    // A label and its value may stand beside the rows, too.
    let mut labelled = BTreeSet::new();
    for row in rows(block) {
        if let [label, value] = row
            && let Some(text) = label.value.as_text()
            && visible(text).ends_with([':', '：'])
        {
            labelled.extend([label.address, value.address]);
        }
    }
    for at in &labelled {
        taking.take(*at, Fate::Label);
    }
    for column in columns {
        let own: Vec<&Cell> = block
            .iter()
            .copied()
            .filter(|cell| cell.address.column == column && !labelled.contains(&cell.address))
            .collect();
        if are_row_numbers(&own, table) {
            for cell in own {
                taking.take(cell.address, Fate::Text);
            }
            continue;
        }
        for cell in own {
            let is_beside = table
                .rows
                .binary_search_by_key(&cell.address.row, |row| row.row)
                .is_ok();
            let is_amount = match &cell.value {
                CellValue::Number(_) => true,
                CellValue::Text(text) => amount::from_text(text).is_ok(),
                CellValue::Boolean(_)
                | CellValue::Date(_)
                | CellValue::Error(_)
                | CellValue::NotCalculated => false,
            };
            let unheaded = |is_amount| Unheaded {
                sheet: index,
                table: first_table + nth,
                range: cell.address.into(),
                is_amount,
            };
            match &cell.value {
                _ if is_amount && is_of_money(table, schema) => out.unheaded.push(unheaded(true)),
                CellValue::Text(_) if !is_amount && is_beside => out.unheaded.push(unheaded(false)),
                CellValue::Text(_) if !is_amount => {
                    taking.take(cell.address, Fate::Text);
                    continue;
                }
                _ => out.strays.push((index, cell.address)),
            }
            taking.take(cell.address, Fate::Named);
        }
    }
}

/// Takes the numbers that count a table's rows, however those are parted: a column under no heading of 1, 2, 3 …
fn take_row_numbers(tables: &[TableLayout], rest: &mut Vec<&Cell>, taking: &mut Taking<'_>) {
    let mut columns: BTreeMap<(usize, u16), Vec<&Cell>> = BTreeMap::new();
    for cell in rest.iter().copied() {
        let column = cell.address.column;
        let nearest = tables
            .iter()
            .enumerate()
            .filter(|(_, table)| {
                let rows = &table.rows;
                rows.binary_search_by_key(&cell.address.row, |row| row.row)
                    .is_ok()
            })
            .min_by_key(|(_, table)| {
                let (first, last) = (table.header.first.column, table.header.last.column);
                column
                    .saturating_sub(last)
                    .max(first.saturating_sub(column))
            });
        if let Some((index, _)) = nearest.filter(|(_, table)| !is_headed(table, column)) {
            columns.entry((index, column)).or_default().push(cell);
        }
    }
    for ((index, _), own) in &columns {
        let counts = tables
            .get(*index)
            .is_some_and(|table| are_row_numbers(own, table));
        if !counts {
            continue;
        }
        for cell in own {
            taking.take(cell.address, Fate::Text);
        }
        // Both are in the order of the sheet.
        rest.retain(|cell| {
            own.binary_search_by_key(&cell.address, |taken| taken.address)
                .is_err()
        });
    }
}

/// Whether cells beside a table's rows only count them: 1, 2, 3 …, one after the other.
fn are_row_numbers(cells: &[&Cell], table: &TableLayout) -> bool {
    let numbers: Option<Vec<u32>> = cells
        .iter()
        .map(|cell| match &cell.value {
            CellValue::Number(number) => format!("{number}").parse().ok(),
            CellValue::Text(text) => visible(text).trim_end_matches(['.', ')']).parse().ok(),
            CellValue::Boolean(_)
            | CellValue::Date(_)
            | CellValue::Error(_)
            | CellValue::NotCalculated => None,
        })
        .collect();
    let records = table
        .rows
        .iter()
        .filter(|row| matches!(row.kind, RowKind::Data(_) | RowKind::Unfilled))
        .count();
    numbers.is_some_and(|numbers| {
        numbers.first() == Some(&1)
            && numbers
                .windows(2)
                .all(|pair| matches!(pair, [a, b] if *b == a + 1))
            && (numbers.len() >= 2 || records == 1)
    })
}

/// Takes labels with their values, words, and figures that stand alone.
fn take_words(
    index: usize,
    block: &[&Cell],
    sheet: &Worksheet,
    money: bool,
    schema: &Schema,
    taking: &mut Taking<'_>,
    out: &mut Layout,
) {
    for row in rows(block) {
        let pair = match row {
            [a, b] => label_and_value(a, b),
            _ => None,
        };
        for cell in row {
            let is_words = cell
                .value
                .as_text()
                .is_some_and(|text| !is_amount_text(text));
            if let Some((label, value)) = pair {
                let is_known = label.value.as_text().is_some_and(|text| {
                    visible(text).ends_with([':', '：'])
                        || super::labels::is_known(schema, text)
                        || schema.words.balances.contains(&fold(text))
                });
                let says_money =
                    || label.value.as_text().is_some_and(is_of_costs) || is_in_pence(value);
                if is_known
                    || !is_money_value(
                        value,
                        money || matches!(value.value, CellValue::Number(_)) && says_money(),
                    )
                {
                    taking.take(cell.address, Fate::Label);
                    continue;
                }
            }
            if is_words {
                taking.take(cell.address, Fate::Text);
                continue;
            }
            // A figure right under a word that stands alone is that word's.
            let is_under_word = !money && row.len() == 1 && is_below_a_word(sheet, cell.address);
            if is_under_word {
                taking.take(cell.address, Fate::Label);
            } else {
                out.strays.push((index, cell.address));
                taking.take(cell.address, Fate::Named);
            }
        }
    }
}

/// Two cells of which one is a text and the other its value.
fn label_and_value<'c>(a: &'c Cell, b: &'c Cell) -> Option<(&'c Cell, &'c Cell)> {
    let is_words = |cell: &Cell| {
        cell.value
            .as_text()
            .is_some_and(|text| !is_amount_text(text))
    };
    if is_words(a) {
        Some((a, b))
    } else if is_words(b) {
        Some((b, a))
    } else {
        None
    }
}

/// Words for what costs money.
const COSTS: [&str; 26] = [
    "cost",
    "costs",
    "spend",
    "spent",
    "paid",
    "payment",
    "payments",
    "total",
    "claim",
    "claimed",
    "fee",
    "fees",
    "hire",
    "invoice",
    "invoices",
    "grant",
    "amount",
    "expenditure",
    "purchase",
    "purchases",
    "expenses",
    "price",
    "charge",
    "charges",
    "refund",
    "salary",
];

/// Whether a word beside a figure says that it is money.
fn is_of_costs(text: &str) -> bool {
    text.contains('£') || fold(text).split(' ').any(|word| COSTS.contains(&word))
}

/// Whether a number has pence: one or two figures behind the point and no more.
fn is_in_pence(cell: &Cell) -> bool {
    match &cell.value {
        CellValue::Number(figure) => amount::from_number(figure.number)
            .is_ok_and(|exact| exact.scale() == 2 && amount::to_pence(exact).0 == exact),
        CellValue::Text(_)
        | CellValue::Boolean(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => false,
    }
}

/// Whether a text is an amount and nothing else: `£500`, `1,250.00`, `12`.
fn is_amount_text(text: &str) -> bool {
    amount::from_text(text).is_ok() && !visible(text).starts_with('0')
}

/// Whether a value looks like money: written as such, or a figure on a sheet of money.
fn is_money_value(cell: &Cell, money: bool) -> bool {
    match &cell.value {
        CellValue::Number(_) => money,
        CellValue::Text(text) => {
            amount::from_text(text).is_ok() && (money || body::is_money(text) && text.contains('£'))
        }
        CellValue::Boolean(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => false,
    }
}

fn is_below_a_word(sheet: &Worksheet, at: CellAddress) -> bool {
    at.row
        .checked_sub(1)
        .and_then(|row| sheet.value(CellAddress::new(row, at.column)))
        .and_then(CellValue::as_text)
        .is_some_and(|text| !is_blank(text) && !is_amount_text(text))
}

/// Whether a block is nothing but labels beside their values, one pair a row.
fn are_labels(block: &[&Cell], schema: &Schema) -> bool {
    rows(block).all(|row| match row {
        [one] => one.value.as_text().is_some(),
        [label, _] => label.value.as_text().is_some_and(|text| {
            visible(text).ends_with([':', '：']) || super::labels::is_known(schema, text)
        }),
        _ => false,
    })
}

/// Runs of adjoining cells of a column are one.
fn join_runs(found: &mut Vec<Unheaded>) {
    found.sort_by_key(|one| {
        (
            one.sheet,
            one.table,
            one.is_amount,
            one.range.first.column,
            one.range.first.row,
        )
    });
    let mut out: Vec<Unheaded> = Vec::with_capacity(found.len());
    for one in found.drain(..) {
        match out.last_mut() {
            Some(above)
                if (above.sheet, above.table, above.is_amount)
                    == (one.sheet, one.table, one.is_amount)
                    && above.range.first.column == one.range.first.column
                    && above.range.last.row + 1 == one.range.first.row =>
            {
                above.range.last.row = one.range.last.row;
            }
            _ => out.push(one),
        }
    }
    *found = out;
}

/// Adds the markings under the last record, in rows of a table that are no records.
pub(super) fn markings_in_notes(
    index: usize,
    sheet: &Worksheet,
    tables: &[TableLayout],
    schema: &Schema,
    out: &mut Layout,
) {
    let notes = tables
        .iter()
        .flat_map(|table| &table.rows)
        .filter(|row| row.kind == RowKind::Note);
    for cell in notes.flat_map(|row| sheet.row(row.row)) {
        let is_marking = cell
            .value
            .as_text()
            .is_some_and(|text| marking_of(schema, text).is_some());
        if is_marking && !out.markings.contains(&(index, cell.address)) {
            out.markings.push((index, cell.address));
        }
    }
}

/// Blocks that one blank row parts are one, where they take up the same columns.
fn join(mut ranges: Vec<CellRange>) -> Vec<CellRange> {
    let mut out: Vec<CellRange> = Vec::new();
    ranges.sort_unstable_by_key(|range| (range.first.column, range.last.column, range.first.row));
    for range in ranges {
        match out.last_mut() {
            Some(above)
                if above.first.column == range.first.column
                    && above.last.column == range.last.column
                    && above.last.row + 2 == range.first.row =>
            {
                above.last.row = range.last.row;
            }
            _ => out.push(range),
        }
    }
    out.sort_unstable();
    out
}

/// What the Government Security Classifications let stand behind a marking: `OFFICIAL-SENSITIVE PERSONAL`.
const DESCRIPTORS: [&str; 3] = ["COMMERCIAL", "LOCSEN", "PERSONAL"];

/// The longest text in which a marking is looked for.
const MARKING_BYTES: usize = 120;

/// The marking that a cell outside the tables gives: alone, behind its label (`Marking: OFFICIAL`), with a handling instruction, or at either end of a title.
///
/// Beside other words a marking counts in capitals only, and set apart by a sign: a title that begins with `Protect` is none.
#[must_use]
pub fn marking_of<'s>(schema: &'s Schema, text: &str) -> Option<&'s str> {
    if text.len() > MARKING_BYTES || !may_hold_marking(schema, text) {
        return None;
    }
    let publishing = &schema.publishing;
    // Most texts have no marking's first word in them.
    let lower = text.to_lowercase();
    let may_be = publishing
        .markings
        .iter()
        .chain(&publishing.withdrawn)
        .filter_map(|marking| marking.split(|c: char| !c.is_alphanumeric()).next())
        .any(|word| word.is_empty() || lower.contains(&word.to_lowercase()));
    if !may_be {
        return None;
    }
    let plain = visible(text);
    let mut known: Vec<(&str, Vec<String>)> = publishing
        .markings
        .iter()
        .chain(&publishing.withdrawn)
        .map(|marking| {
            let words = fold(marking).split(' ').map(str::to_owned).collect();
            (marking.as_str(), words)
        })
        .collect();
    // The longest first: OFFICIAL-SENSITIVE before OFFICIAL.
    known.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
    let whole = fold(&plain);
    if let Some((marking, _)) = known.iter().find(|(_, words)| words.join(" ") == whole) {
        return Some(marking);
    }
    let behind_label = plain
        .split_once([':', '：'])
        .filter(|(head, _)| schema.labels.marking.contains(&fold(head)))
        .map(|(_, tail)| tail);
    let is_label = behind_label.is_some();
    let plain = behind_label.unwrap_or(&plain);
    known.iter().find_map(|(marking, words)| {
        let is_there = at_start(plain, words, is_label) || (!is_label && at_end(plain, words));
        is_there.then_some(*marking)
    })
}

/// A quick look, for nearly no text holds a marking: whether a letter begins a word in it that begins a marking.
fn may_hold_marking(schema: &Schema, text: &str) -> bool {
    let publishing = &schema.publishing;
    let letters = || {
        let all = publishing.markings.iter().chain(&publishing.withdrawn);
        all.filter_map(|marking| marking.chars().find(|c| c.is_alphanumeric()))
    };
    let shortest = publishing
        .markings
        .iter()
        .chain(&publishing.withdrawn)
        .map(|marking| marking.chars().filter(|c| c.is_alphanumeric()).count())
        .min();
    shortest.is_some_and(|shortest| text.len() >= shortest)
        && text.chars().any(|c| {
            letters().any(|own| own.eq_ignore_ascii_case(&c) || !c.is_ascii() || !own.is_ascii())
        })
}

/// The words of a text with the signs that follow each.
fn words_and_gaps(text: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    while !rest.is_empty() {
        let word = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let (head, tail) = rest.split_at(word);
        let gap = tail.find(char::is_alphanumeric).unwrap_or(tail.len());
        let (gap, next) = tail.split_at(gap);
        out.push((head, gap));
        rest = next;
    }
    out
}

fn is_apart(gap: &str) -> bool {
    gap.chars().any(|c| !c.is_whitespace())
}

/// Whether these words stand as one in a run, in capitals unless a label stands before them.
fn are(found: &[(&str, &str)], words: &[String], is_label: bool) -> bool {
    found.len() == words.len()
        && found.iter().zip(words).all(|((word, _), wanted)| {
            word.to_lowercase() == *wanted && (is_label || !word.chars().any(char::is_lowercase))
        })
}

fn at_start(text: &str, words: &[String], is_label: bool) -> bool {
    let found = words_and_gaps(text);
    let Some((head, tail)) = found.split_at_checked(words.len()) else {
        return false;
    };
    let ends_apart = head.last().is_some_and(|(_, gap)| is_apart(gap))
        || tail.iter().all(|(word, _)| DESCRIPTORS.contains(word));
    are(head, words, is_label) && (is_label || ends_apart)
}

fn at_end(text: &str, words: &[String]) -> bool {
    let found = words_and_gaps(text);
    let Some((head, tail)) = found
        .len()
        .checked_sub(words.len())
        .and_then(|at| found.split_at_checked(at))
    else {
        return false;
    };
    are(tail, words, false) && head.last().is_none_or(|(_, gap)| is_apart(gap))
}

/// Groups of cells that touch, corners included.
fn blocks<'a>(cells: &[&'a Cell]) -> Vec<Vec<&'a Cell>> {
    let mut left: BTreeMap<CellAddress, &'a Cell> =
        cells.iter().map(|cell| (cell.address, *cell)).collect();
    let mut out = Vec::new();
    while let Some((_, start)) = left.pop_first() {
        let mut group = vec![start];
        let mut next = 0;
        while let Some(at) = group.get(next).map(|cell| cell.address) {
            next += 1;
            for row in at.row.saturating_sub(1)..=at.row + 1 {
                for column in at.column.saturating_sub(1)..=at.column + 1 {
                    group.extend(left.remove(&CellAddress::new(row, column)));
                }
            }
        }
        group.sort_unstable_by_key(|cell| cell.address);
        out.push(group);
    }
    out
}

/// The block's cells by row.
fn rows<'b, 'a>(block: &'b [&'a Cell]) -> impl Iterator<Item = &'b [&'a Cell]> {
    block.chunk_by(|a, b| a.address.row == b.address.row)
}

/// Two rows, one below the other, with two cells each.
fn is_block(block: &[&Cell]) -> bool {
    let mut above = None;
    for row in rows(block).filter(|row| row.len() >= 2) {
        let at = row.first().map_or(0, |cell| cell.address.row);
        if above == at.checked_sub(1) && above.is_some() {
            return true;
        }
        above = Some(at);
    }
    false
}

/// A key to the statuses, or notes: nothing that anybody reports.
fn is_key(block: &[&Cell], schema: &Schema) -> bool {
    let begins_as_note = block
        .first()
        .and_then(|cell| cell.value.as_text())
        .is_some_and(|text| body::is_note_text(schema, text));
    begins_as_note
        || rows(block).all(|row| {
            row.iter()
                .filter_map(|cell| cell.value.as_text())
                .map(fold)
                .any(|text| {
                    schema
                        .statuses
                        .iter()
                        .any(|status| status.words.contains(&text))
                })
        })
}

fn bounds(block: &[&Cell]) -> CellRange {
    let rows = || block.iter().map(|cell| cell.address.row);
    let columns = || block.iter().map(|cell| cell.address.column);
    CellRange::new(
        CellAddress::new(rows().min().unwrap_or(0), columns().min().unwrap_or(0)),
        CellAddress::new(rows().max().unwrap_or(0), columns().max().unwrap_or(0)),
    )
}

#[cfg(test)]
mod tests {
    use super::marking_of;
    use crate::schema;

    #[test]
    fn markings_are_known_wherever_they_stand() {
        let schema = schema::built_in(&[]).expect("the built-in configuration is valid");
        for (text, want) in [
            ("OFFICIAL", Some("OFFICIAL")),
            ("Official-Sensitive", Some("OFFICIAL-SENSITIVE")),
            ("OFFICIAL SENSITIVE", Some("OFFICIAL-SENSITIVE")),
            ("[OFFICIAL - SENSITIVE]", Some("OFFICIAL-SENSITIVE")),
            (
                "OFFICIAL-SENSITIVE (when complete)",
                Some("OFFICIAL-SENSITIVE"),
            ),
            ("OFFICIAL-SENSITIVE - PERSONAL", Some("OFFICIAL-SENSITIVE")),
            ("OFFICIAL-SENSITIVE PERSONAL", Some("OFFICIAL-SENSITIVE")),
            ("OFFICIAL-SENSITIVE COMMERCIAL", Some("OFFICIAL-SENSITIVE")),
            ("OFFICIAL PERSONNEL LIST", None),
            ("Marking: official-sensitive", Some("OFFICIAL-SENSITIVE")),
            ("Protective marking: RESTRICTED", Some("RESTRICTED")),
            (
                "Kent Police return – OFFICIAL-SENSITIVE",
                Some("OFFICIAL-SENSITIVE"),
            ),
            ("NOT PROTECTIVELY MARKED", Some("NOT PROTECTIVELY MARKED")),
            ("RESTRICTED: Q2 return", Some("RESTRICTED")),
            ("Protect our parishes", None),
            ("PROTECT OUR PARISHES", None),
            ("Official return of Kent Police", None),
            ("The area is restricted", None),
            ("Secret Santa - Q3", None),
        ] {
            assert_eq!(marking_of(&schema, text), want, "{text}");
        }
    }
}
