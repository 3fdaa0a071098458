//! What is on a sheet beside its tables and labels: markings, blocks that are no known table, stray figures.

use std::collections::{BTreeMap, BTreeSet};

use super::{Covered, Layout, RowKind, TableLayout, body, is_ignored_sheet, outside};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::Schema;
use crate::value::text::{fold, is_blank, visible};

/// Adds what remains of a sheet to the layout.
pub(super) fn find(
    index: usize,
    sheet: &Worksheet,
    covered: &Covered,
    schema: &Schema,
    out: &mut Layout,
) {
    let labelled: BTreeSet<CellAddress> = out
        .labels
        .iter()
        .filter(|label| label.sheet == index)
        .flat_map(|label| [label.at, label.label_at])
        .collect();
    let mut rest: Vec<&Cell> = Vec::new();
    for (row, cells) in sheet.rows() {
        for cell in outside(cells, &covered.columns(row)) {
            let text = cell.value.as_text();
            if text.is_some_and(|text| marking_of(schema, text).is_some()) {
                out.markings.push((index, cell.address));
            } else if !labelled.contains(&cell.address) {
                rest.push(cell);
            }
        }
    }
    if is_ignored_sheet(schema, sheet.name.as_deref().unwrap_or_default()) {
        return;
    }
    let mut unread: Vec<CellRange> = Vec::new();
    for block in blocks(&rest) {
        if is_block(&block) && !is_key(&block, schema) {
            unread.push(bounds(&block));
            continue;
        }
        for cell in block {
            let is_figure = matches!(cell.value, CellValue::Number(_) | CellValue::Error(_));
            if is_figure && !is_beside_text(sheet, cell.address) {
                out.strays.push((index, cell.address));
            }
        }
    }
    out.strays.sort_unstable();
    for range in join(unread) {
        let first = sheet
            .row(range.first.row)
            .iter()
            .find(|cell| {
                range.contains(cell.address) && !cell.value.as_text().is_some_and(is_blank)
            })
            .map_or(range.first, |cell| cell.address);
        out.unread.push((index, range, first));
    }
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
    if text.len() > MARKING_BYTES {
        return None;
    }
    let plain = visible(text);
    let publishing = &schema.publishing;
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
