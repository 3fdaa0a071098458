//! Questions that stand outside the tables' rows, each with its one answer: beside it or below it.
//!
//! Invariant: an answer is never taken from across another label, and never from a hidden cell.

use std::collections::BTreeMap;

use super::{Covered, is_hidden, labels, outside};
use crate::grid::{Cell, CellAddress, CellValue, Worksheet};
use crate::schema::Schema;
use crate::value::text::{fold, is_blank, visible};

/// A question that was found, with its answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The table schema's index.
    pub table: usize,
    /// The question's index in it.
    pub question: usize,
    /// The sheet's index.
    pub sheet: usize,
    /// The question's own cell.
    pub label_at: CellAddress,
    /// The question as it stands there.
    pub label: String,
    /// The answer's cell.
    pub at: CellAddress,
    /// What stands in it, if anything does.
    pub raw: Option<CellValue>,
}

/// A question that must be answered and that its sheet does not ask.
#[derive(Clone, Copy, Debug)]
pub struct Unasked {
    /// The table schema's index.
    pub table: usize,
    /// The question's index in it.
    pub question: usize,
    /// The sheet's index.
    pub sheet: usize,
}

/// How far below its question an answer may stand, guidance between them counted.
const ROWS_BELOW: u32 = 8;

/// The questions of a sheet.
pub(super) fn find(
    index: usize,
    sheet: &Worksheet,
    covered: &Covered,
    schema: &Schema,
) -> (Vec<Answer>, Vec<Unasked>) {
    let name = sheet.name.as_deref().unwrap_or_default();
    let (mut out, mut unasked) = (Vec::new(), Vec::new());
    for (at, table) in schema.tables.iter().enumerate() {
        let is_named = table.matches_sheet(name);
        if table.answers.is_empty() || !(is_named || table.sheets.is_empty()) {
            continue;
        }
        let mut questions: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, question) in table.answers.iter().enumerate() {
            for heading in question.field.headings.iter() {
                questions.insert(heading, number);
            }
        }
        let asked = |cell: &Cell| {
            let text = cell.value.as_text()?;
            questions.get(fold(text).as_str()).copied()
        };
        let is_label = |cell: &Cell| {
            asked(cell).is_some()
                || cell.value.as_text().is_some_and(|text| {
                    labels::is_known(schema, text) || visible(text).ends_with([':', '：'])
                })
        };
        let mut found: BTreeMap<usize, Answer> = BTreeMap::new();
        for (row, cells) in sheet.rows() {
            for cell in outside(cells, &covered.columns(row)) {
                let Some(question) = asked(cell).filter(|question| !found.contains_key(question))
                else {
                    continue;
                };
                let Some(wanted) = table.answers.get(question) else {
                    continue;
                };
                let label = sheet.merged_at(cell.address);
                let (last_row, last_column) = label
                    .map_or((cell.address.row, cell.address.column), |range| {
                        (range.last.row, range.last.column)
                    });
                let next = if wanted.is_below {
                    CellAddress::new(last_row.saturating_add(1), cell.address.column)
                } else {
                    CellAddress::new(cell.address.row, last_column.saturating_add(1))
                };
                let (next, answer) = if wanted.is_below {
                    below(sheet, next, &table.guidance)
                } else {
                    let right = sheet.row(row).iter().find(|right| {
                        right.address.column > last_column
                            && is_shown(sheet, right)
                            && !is_guidance(right, &table.guidance)
                    });
                    (next, right)
                };
                let next = match answer {
                    // What stands there is the next question: this one has no answer.
                    Some(answer) if wanted.is_below && is_label(answer) => {
                        CellAddress::new(last_row.saturating_add(1), cell.address.column)
                    }
                    Some(_) | None => next,
                };
                let answer = answer.filter(|answer| !is_label(answer));
                found.insert(
                    question,
                    Answer {
                        table: at,
                        question,
                        sheet: index,
                        label_at: cell.address,
                        label: visible(cell.value.as_text().unwrap_or_default()),
                        at: answer.map_or(next, |answer| answer.address),
                        raw: answer.map(|answer| answer.value.clone()),
                    },
                );
            }
        }
        // A sheet that asks none of them is another one, unless its name says that it is theirs.
        if is_named || !found.is_empty() {
            let missing = table
                .answers
                .iter()
                .enumerate()
                .filter(|(number, question)| {
                    question.field.constraint.required && !found.contains_key(number)
                });
            unasked.extend(missing.map(|(question, _)| Unasked {
                table: at,
                question,
                sheet: index,
            }));
        }
        out.extend(found.into_values());
    }
    out.sort_by_key(|answer| (answer.table, answer.sheet, answer.label_at));
    (out, unasked)
}

/// The answer below a question: past guidance that stands above it, and a blank row at most. Guidance behind a blank row ends the question:
/// the blank was its answer. Where there is none, the cell that should hold it.
fn below<'s>(
    sheet: &'s Worksheet,
    first: CellAddress,
    guidance: &[String],
) -> (CellAddress, Option<&'s Cell>) {
    let mut blank: Option<CellAddress> = None;
    for row in first.row..first.row.saturating_add(ROWS_BELOW) {
        let at = CellAddress::new(row, first.column);
        let cell = sheet
            .row(row)
            .iter()
            .find(|cell| cell.address.column == first.column)
            .filter(|cell| is_shown(sheet, cell));
        match (cell, blank) {
            (Some(cell), None) if is_guidance(cell, guidance) => {}
            (Some(cell), Some(blank)) if is_guidance(cell, guidance) => return (blank, None),
            (Some(cell), _) => return (cell.address, Some(cell)),
            (None, None) => blank = Some(at),
            (None, Some(blank)) => return (blank, None),
        }
    }
    (blank.unwrap_or(first), None)
}

/// Whether a cell only says how to answer: it begins as the configuration says that such texts do.
fn is_guidance(cell: &Cell, guidance: &[String]) -> bool {
    cell.value.as_text().is_some_and(|text| {
        let folded = fold(text);
        guidance
            .iter()
            .any(|begins| folded.starts_with(begins.as_str()))
    })
}

/// Whether a person sees something in a cell.
fn is_shown(sheet: &Worksheet, cell: &Cell) -> bool {
    let is_hidden_by_merge = sheet
        .merged_at(cell.address)
        .is_some_and(|range| range.first != cell.address);
    !is_hidden_by_merge
        && !is_hidden(sheet, cell.address)
        && !cell.value.as_text().is_some_and(is_blank)
}
