//! Which cells of an Excel 5 to 95 workbook are dates: calamine reads that version's number formats as if they were Excel 97's.
//!
//! Records as in \[MS-XLS\] and, for this version, OpenOffice.org's documentation of the Excel file format, sections 5.49 and 5.115.

use std::collections::{BTreeMap, BTreeSet};

use super::compound::number;
use crate::grid::{COLUMNS_MAX, CellAddress};

/// The date cells of each sheet, in the order of the sheets.
pub(super) type Dated = Vec<BTreeSet<CellAddress>>;

const BOF: u32 = 0x0809;
const EOF: u32 = 0x000a;
const FORMAT: u32 = 0x041e;
const XF: u32 = 0x00e0;
const SHEET: u32 = 0x0085;
const NUMBER: u32 = 0x0203;
const RK: u32 = 0x027e;
const FORMULA: u32 = 0x0006;
const MULTIPLE_RK: u32 = 0x00bd;

/// Looks through a workbook's stream; nothing for any version but this one.
pub(super) fn dated(stream: &[u8]) -> Option<Dated> {
    let mut records = Records { stream, at: 0 };
    let (kind, body) = records.next()?;
    if kind != BOF || number(body, 0, 2) != Some(0x0500) {
        return None;
    }
    let mut formats: BTreeMap<u32, bool> = BTreeMap::new();
    let mut cells: Vec<u32> = Vec::new();
    let mut sheets: Vec<usize> = Vec::new();
    for (kind, body) in records {
        match kind {
            EOF => break,
            FORMAT => {
                if let (Some(index), Some(code)) = (number(body, 0, 2), body.get(3..)) {
                    formats.insert(index, is_date_code(code));
                }
            }
            XF => cells.push(number(body, 2, 2).unwrap_or(0)),
            // Worksheets only, as the reader counts them.
            SHEET if body.get(5) == Some(&0) => {
                let at = number(body, 0, 4).and_then(|at| usize::try_from(at).ok());
                sheets.push(at.unwrap_or(usize::MAX));
            }
            _ => {}
        }
    }
    let is_date: Vec<bool> = cells
        .iter()
        .map(|format| {
            formats
                .get(format)
                .copied()
                .unwrap_or(matches!(format, 14..=22 | 45..=47))
        })
        .collect();
    let sheet = |at: &usize| date_cells(Records { stream, at: *at }, &is_date);
    Some(sheets.iter().map(sheet).collect())
}

fn date_cells(records: Records<'_>, is_date: &[bool]) -> BTreeSet<CellAddress> {
    let mut out = BTreeSet::new();
    let mut depth = 0_u32;
    for (kind, body) in records {
        match kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            NUMBER | RK | FORMULA if depth == 1 => {
                add(&mut out, body, 2, 4, is_date);
            }
            MULTIPLE_RK if depth == 1 => {
                let first = number(body, 2, 2).unwrap_or(0);
                let count = body.len().saturating_sub(6) / 6;
                for (index, column) in (0..count).zip(first..) {
                    let format = number(body, 4 + index * 6, 2);
                    insert(&mut out, number(body, 0, 2), Some(column), format, is_date);
                }
            }
            _ => {}
        }
    }
    out
}

fn add(
    out: &mut BTreeSet<CellAddress>,
    body: &[u8],
    column_at: usize,
    format_at: usize,
    is_date: &[bool],
) {
    insert(
        out,
        number(body, 0, 2),
        number(body, column_at, 2),
        number(body, format_at, 2),
        is_date,
    );
}

fn insert(
    out: &mut BTreeSet<CellAddress>,
    row: Option<u32>,
    column: Option<u32>,
    format: Option<u32>,
    is_date: &[bool],
) {
    let format = format.and_then(|format| usize::try_from(format).ok());
    let column = column
        .and_then(|column| u16::try_from(column).ok())
        .filter(|column| *column < COLUMNS_MAX);
    if let (Some(row), Some(column), Some(true)) =
        (row, column, format.and_then(|at| is_date.get(at).copied()))
    {
        out.insert(CellAddress::new(row, column));
    }
}

/// Whether a number format's first section writes a date: a letter for day, month or year outside quotes and brackets.
fn is_date_code(code: &[u8]) -> bool {
    let mut bytes = code.iter().map(u8::to_ascii_lowercase);
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                bytes.by_ref().find(|b| *b == b'"');
            }
            b'[' => {
                bytes.by_ref().find(|b| *b == b']');
            }
            b'\\' | b'_' | b'*' => {
                bytes.next();
            }
            // The next section, or `General`.
            b';' | b'g' => return false,
            b'd' | b'm' | b'y' => return true,
            _ => {}
        }
    }
    false
}

/// The records of a stream from a place on.
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = number(self.stream, self.at, 2)?;
        let length = usize::try_from(number(self.stream, self.at + 2, 2)?).ok()?;
        let start = self.at + 4;
        let body = self.stream.get(start..start + length)?;
        self.at = start + length;
        Some((kind, body))
    }
}

#[cfg(test)]
mod tests {
    use super::is_date_code;

    #[test]
    fn formats_tell_dates_from_money() {
        for code in ["dd/mm/yyyy", "d-mmm-yy", "[$-809]d mmmm yyyy", "mm/dd/yy"] {
            assert!(is_date_code(code.as_bytes()), "{code}");
        }
        for code in [
            "General",
            "\"days\" 0",
            "#,##0.00",
            "[Red]0.00;(0.00)",
            "0.00_d",
        ] {
            assert!(!is_date_code(code.as_bytes()), "{code}");
        }
        assert!(!is_date_code(b"\xa3#,##0.00;(\xa3#,##0.00)"));
    }
}
