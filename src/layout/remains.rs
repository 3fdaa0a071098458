//! What is on a sheet beside its tables and labels: markings, blocks that are no known table, stray figures.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layout, TableLayout, covers, is_ignored_sheet};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::Schema;
use crate::value::text::{fold, is_blank, visible};

/// Adds what remains of a sheet to the layout.
pub(super) fn find(
    index: usize,
    sheet: &Worksheet,
    tables: &[TableLayout],
    schema: &Schema,
    out: &mut Layout,
) {
    let mut rest: Vec<&Cell> = Vec::new();
    for cell in sheet.cells() {
        if tables.iter().any(|table| covers(table, cell.address))
            || cell.value.as_text().is_some_and(is_blank)
        {
            continue;
        }
        if cell
            .value
            .as_text()
            .is_some_and(|text| is_marking(schema, text))
        {
            out.markings.push((index, cell.address));
            continue;
        }
        let is_label = out.labels.iter().any(|label| {
            label.sheet == index && (label.at == cell.address || label.label_at == cell.address)
        });
        if !is_label {
            rest.push(cell);
        }
    }
    if is_ignored_sheet(schema, sheet.name.as_deref().unwrap_or_default()) {
        return;
    }
    let blocks = blocks(&rest);
    for block in &blocks {
        if is_block(block) && !is_key(block, schema) {
            let range = bounds(block);
            let first = block
                .iter()
                .map(|cell| cell.address)
                .min()
                .unwrap_or(range.first);
            out.unread.push((index, range, first));
        }
    }
    for cell in rest {
        let is_figure = matches!(cell.value, CellValue::Number(_) | CellValue::Error(_));
        let in_block = out
            .unread
            .iter()
            .any(|(sheet, range, _)| *sheet == index && range.contains(cell.address));
        if is_figure && !in_block && !is_beside_text(sheet, cell.address) {
            out.strays.push((index, cell.address));
        }
    }
}

fn is_marking(schema: &Schema, text: &str) -> bool {
    let plain = visible(text);
    let folded = fold(&plain);
    plain.len() < 60
        && schema
            .publishing
            .markings
            .iter()
            .chain(&schema.publishing.withdrawn)
            .any(|marking| fold(marking) == folded)
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
        out.push(group);
    }
    out
}

/// Two rows, one below the other, with two cells each.
fn is_block(block: &[&Cell]) -> bool {
    let mut rows: Vec<u32> = block.iter().map(|cell| cell.address.row).collect();
    rows.sort_unstable();
    let wide: Vec<u32> = rows
        .chunk_by(|a, b| a == b)
        .filter(|run| run.len() >= 2)
        .filter_map(|run| run.first().copied())
        .collect();
    wide.windows(2)
        .any(|pair| matches!(pair, [a, b] if *b == a + 1))
}

/// A key to the statuses, or notes: nothing that anybody reports.
fn is_key(block: &[&Cell], schema: &Schema) -> bool {
    let first = block
        .iter()
        .min_by_key(|cell| cell.address)
        .and_then(|cell| cell.value.as_text())
        .map(fold)
        .unwrap_or_default();
    if schema
        .words
        .notes
        .iter()
        .any(|word| first == *word || first.starts_with(&format!("{word} ")))
    {
        return true;
    }
    let rows: BTreeSet<u32> = block.iter().map(|cell| cell.address.row).collect();
    rows.iter().all(|row| {
        block
            .iter()
            .filter(|cell| cell.address.row == *row)
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

/// Whether a text stands next to a cell, left, right or above: then the figure is explained.
fn is_beside_text(sheet: &Worksheet, at: CellAddress) -> bool {
    let text = |row: Option<u32>, column: Option<u16>| {
        row.zip(column)
            .and_then(|(row, column)| sheet.value(CellAddress::new(row, column)))
            .and_then(CellValue::as_text)
            .is_some_and(|text| !is_blank(text))
    };
    text(Some(at.row), at.column.checked_sub(1))
        || text(Some(at.row), at.column.checked_add(1))
        || text(at.row.checked_sub(1), Some(at.column))
}
