//! What calamine does not show of an Excel 5 to 2003 workbook, from its records: each cell's number format and font, hidden rows and
//! columns, notes.
//!
//! Records as in \[MS-XLS\] and, for Excel 5 to 95, `OpenOffice.org`'s documentation of the Excel file format. A record that is cut short
//! or points nowhere says nothing; what calamine makes of the same file decides whether it is damaged.

use std::collections::BTreeMap;
use std::sync::Arc;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

use super::compound::number;
use super::drawings::page_text;
use super::sidecar::extend;
use super::styles::is_symbol_font;
use crate::grid::{COLUMNS_MAX, CellAddress, ROWS_MAX, Span};

const BOF: u32 = 0x0809;
const EOF: u32 = 0x000a;
const CODE_PAGE: u32 = 0x0042;
const FONT: u32 = 0x0031;
const FORMAT: u32 = 0x041e;
const XF: u32 = 0x00e0;
const SHEET: u32 = 0x0085;
const CONTINUE: u32 = 0x003c;
const ROW: u32 = 0x0208;
const COLUMNS: u32 = 0x007d;
const NOTE: u32 = 0x001c;
const OBJECT: u32 = 0x005d;
const TEXT_OBJECT: u32 = 0x01b6;
/// Cells of which each record holds one: number, short number, formula, text, text with fonts, shared text, truth or error.
const CELLS: [u32; 7] = [0x0203, 0x027e, 0x0006, 0x0204, 0x00d6, 0x00fd, 0x0205];
const FORMULA: u32 = 0x0006;
/// A formula's text, and what may stand between the two: a formula that several cells share, or one over several cells.
const STRING: u32 = 0x0207;
const BETWEEN: [u32; 3] = [0x04bc, 0x0221, 0x0236];
/// The workbook was last calculated by a program that says so; a sheet was not calculated before it was saved.
const CALCULATED_BY: u32 = 0x01c1;
const NOT_CALCULATED: u32 = 0x005e;
const MULTIPLE_RK: u32 = 0x00bd;
/// What is printed above and below each page.
const HEADER: u32 = 0x0014;
const FOOTER: u32 = 0x0015;
/// A row of fewer twips shows nothing, nor does a column of fewer parts of a character's width, of which it has 256.
const ROW_TWIPS_MIN: u16 = 20;
const COLUMN_PARTS_MIN: u16 = 26;

/// The longest text that a note is given here.
const NOTE_CHARS_MAX: usize = 32_767;

/// How a cell is shown: the number of its format, and its font.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) format: u16,
    pub(super) font: Font,
}

/// What of a font says something else than its letters do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Font {
    pub(super) is_struck: bool,
    pub(super) is_symbol: bool,
}

/// A workbook's surroundings.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The codes of the number formats that the workbook spells out.
    pub(super) formats: BTreeMap<u16, String>,
    pub(super) styles: Vec<Style>,
    /// Of each worksheet, in the order of the sheets.
    pub(super) sheets: Vec<Around>,
}

/// What surrounds a sheet's cells.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// The style of each cell, by its place in the list; sorted.
    styled: Vec<(CellAddress, u16)>,
    pub(super) hidden_rows: Vec<Span>,
    pub(super) hidden_columns: Vec<Span>,
    pub(super) notes: BTreeMap<CellAddress, Arc<str>>,
    /// Formulas whose stored result is none, or nought where the file says that nothing has worked it out.
    pub(super) stale: Vec<CellAddress>,
    /// What is printed above and below the pages, without its codes.
    pub(super) page_texts: Vec<Arc<str>>,
}

impl Around {
    /// A cell's style, by its place in the list.
    pub(super) fn style(&self, at: CellAddress) -> Option<usize> {
        let index = self.styled.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        self.styled.get(index).map(|(_, style)| usize::from(*style))
    }
}

/// Which of the two kinds of records a stream has.
#[derive(Clone, Copy, Debug)]
struct Version {
    is_8: bool,
    /// Whether a program that calculates says that it has.
    is_calculated: bool,
    encoding: &'static Encoding,
}

/// Looks through a workbook's stream.
pub(super) fn read(stream: &[u8]) -> Surroundings {
    let mut out = Surroundings::default();
    let mut records = Records { stream, at: 0 };
    let is_8 = match records.next() {
        Some((BOF, body)) => match number(body, 0, 2) {
            Some(0x0600) => true,
            Some(0x0500) => false,
            _ => return out,
        },
        _ => return out,
    };
    let mut version = Version {
        is_8,
        is_calculated: !is_8,
        encoding: WINDOWS_1252,
    };
    let mut fonts: Vec<Font> = Vec::new();
    let mut styles: Vec<(usize, u16)> = Vec::new();
    let mut sheets: Vec<usize> = Vec::new();
    for (kind, body) in records {
        match kind {
            EOF => break,
            CODE_PAGE if number(body, 0, 2) == Some(0x2710) => version.encoding = MACINTOSH,
            CALCULATED_BY => version.is_calculated = true,
            FONT => fonts.push(font(body, version)),
            FORMAT => {
                if let (Some(index), Some(code)) = (short(body, 0), format(body, version)) {
                    out.formats.insert(index, code);
                }
            }
            XF => {
                let font = usize::from(short(body, 0).unwrap_or(0));
                styles.push((font, short(body, 2).unwrap_or(0)));
            }
            // Worksheets only, as the reader counts them.
            SHEET if body.get(5) == Some(&0) => {
                let at = number(body, 0, 4).and_then(|at| usize::try_from(at).ok());
                sheets.push(at.unwrap_or(usize::MAX));
            }
            _ => {}
        }
    }
    out.styles = styles
        .into_iter()
        .map(|(font, format)| Style {
            format,
            // There is no font of the number 4: the list goes on behind it.
            font: fonts
                .get(if font > 4 { font - 1 } else { font })
                .copied()
                .unwrap_or_default(),
        })
        .collect();
    out.sheets = sheets
        .into_iter()
        .map(|at| sheet(Records { stream, at }, version))
        .collect();
    out
}

fn short(body: &[u8], at: usize) -> Option<u16> {
    number(body, at, 2).and_then(|number| u16::try_from(number).ok())
}

fn font(body: &[u8], version: Version) -> Font {
    let name = body
        .get(14)
        .and_then(|length| text(body, 15, usize::from(*length), version))
        .unwrap_or_default();
    Font {
        is_struck: short(body, 2).is_some_and(|flags| flags & 8 != 0),
        is_symbol: is_symbol_font(&name) || body.get(12) == Some(&2),
    }
}

fn format(body: &[u8], version: Version) -> Option<String> {
    if version.is_8 {
        return text(body, 4, usize::from(short(body, 2)?), version);
    }
    text(body, 3, usize::from(*body.get(2)?), version)
}

/// Text of so many characters; since Excel 97 one byte of flags stands before it.
fn text(body: &[u8], at: usize, length: usize, version: Version) -> Option<String> {
    if !version.is_8 {
        let bytes = body.get(at..at.checked_add(length)?)?;
        return Some(
            version
                .encoding
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        );
    }
    let is_wide = body.get(at)? & 1 != 0;
    let width = if is_wide { 2 } else { 1 };
    let start = at.checked_add(1)?;
    let bytes = body.get(start..start.checked_add(length.checked_mul(width)?)?)?;
    Some(letters(bytes, is_wide))
}

/// Characters of two bytes each, or of one that is the lower half of two.
fn letters(bytes: &[u8], is_wide: bool) -> String {
    if !is_wide {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| short(pair, 0))
        .collect();
    String::from_utf16_lossy(&units)
}

fn address(row: u32, column: u32) -> Option<CellAddress> {
    let column = u16::try_from(column).ok().filter(|c| *c < COLUMNS_MAX)?;
    (row < ROWS_MAX).then(|| CellAddress::new(row, column))
}

fn place(body: &[u8]) -> Option<CellAddress> {
    address(number(body, 0, 2)?, number(body, 2, 2)?)
}

/// A text object's text, of which the records that follow give a piece each.
#[derive(Default)]
struct Spoken {
    object: Option<u16>,
    missing: usize,
    text: String,
}

fn sheet(records: Records<'_>, version: Version) -> Around {
    let mut out = Around::default();
    let mut depth = 0_u32;
    let mut spoken = Spoken::default();
    let mut texts: BTreeMap<u16, String> = BTreeMap::new();
    let mut notes: Vec<(CellAddress, u16)> = Vec::new();
    let mut last_note: Option<CellAddress> = None;
    let mut is_uncalculated = false;
    // A formula whose result is a text that is to follow.
    let mut awaited: Option<CellAddress> = None;
    for (kind, body) in records {
        if kind != CONTINUE {
            spoken.missing = 0;
        }
        if kind == STRING {
            awaited = None;
        } else if !BETWEEN.contains(&kind) {
            out.stale.extend(awaited.take());
        }
        match kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            _ if depth != 1 => {}
            MULTIPLE_RK => {
                let (Some(row), Some(first)) = (number(body, 0, 2), number(body, 2, 2)) else {
                    continue;
                };
                let count = body.len().saturating_sub(6) / 6;
                for (index, column) in (0..count).zip(first..) {
                    if let (Some(at), Some(style)) =
                        (address(row, column), short(body, 4 + index * 6))
                    {
                        out.styled.push((at, style));
                    }
                }
            }
            ROW => {
                let is_nought =
                    || short(body, 6).is_some_and(|twips| twips & 0x7fff < ROW_TWIPS_MIN);
                if let (Some(row), Some(flags)) = (number(body, 0, 2), short(body, 12))
                    && (flags & 0x20 != 0 || is_nought())
                {
                    extend(&mut out.hidden_rows, row);
                }
            }
            COLUMNS => {
                let last_column = u32::from(COLUMNS_MAX) - 1;
                if let (Some(first), Some(last), Some(flags)) =
                    (number(body, 0, 2), number(body, 2, 2), short(body, 8))
                    && (flags & 1 != 0
                        || short(body, 4).is_some_and(|parts| parts < COLUMN_PARTS_MIN))
                    && first <= last.min(last_column)
                {
                    out.hidden_columns.push(Span {
                        first,
                        last: last.min(last_column),
                    });
                }
            }
            HEADER | FOOTER => {
                let coded = if version.is_8 {
                    short(body, 0).and_then(|length| text(body, 2, usize::from(length), version))
                } else {
                    body.first()
                        .and_then(|length| text(body, 1, usize::from(*length), version))
                };
                let told = page_text(&coded.unwrap_or_default());
                if !told.is_empty() && !out.page_texts.iter().any(|text| **text == *told) {
                    out.page_texts.push(told.into());
                }
            }
            OBJECT if version.is_8 => {
                // The first part of an object is common to all kinds; 25 is a note's.
                let is_note = short(body, 0) == Some(0x15) && short(body, 4) == Some(0x19);
                spoken.object = short(body, 6).filter(|_| is_note);
            }
            TEXT_OBJECT if version.is_8 => {
                spoken.text.clear();
                spoken.missing = if spoken.object.is_some() {
                    usize::from(short(body, 10).unwrap_or(0)).min(NOTE_CHARS_MAX)
                } else {
                    0
                };
            }
            CONTINUE if spoken.missing > 0 => {
                let is_wide = body.first().is_some_and(|flags| flags & 1 != 0);
                let bytes = body.get(1..).unwrap_or_default();
                let most = spoken.missing * if is_wide { 2 } else { 1 };
                let piece = letters(
                    bytes.get(..most.min(bytes.len())).unwrap_or_default(),
                    is_wide,
                );
                spoken.missing = spoken
                    .missing
                    .saturating_sub(piece.encode_utf16().count().max(1));
                spoken.text.push_str(&piece);
                if let Some(object) = spoken.object.filter(|_| spoken.missing == 0) {
                    texts.insert(object, std::mem::take(&mut spoken.text));
                }
            }
            NOTE if version.is_8 => {
                notes.extend(place(body).zip(short(body, 6)));
            }
            NOTE => {
                // A long note goes on in records of no row.
                let at = match number(body, 0, 2) {
                    Some(0xffff) => last_note,
                    _ => place(body),
                };
                last_note = at;
                if let (Some(at), Some(bytes)) = (at, body.get(6..)) {
                    let piece = version.encoding.decode_without_bom_handling(bytes).0;
                    let told = out.notes.entry(at).or_insert_with(|| Arc::from(""));
                    if told.len() < NOTE_CHARS_MAX {
                        *told = format!("{told}{piece}").into();
                    }
                }
            }
            NOT_CALCULATED => is_uncalculated = true,
            _ if CELLS.contains(&kind) => {
                if kind == FORMULA
                    && let Some(at) = place(body)
                {
                    let asks =
                        is_uncalculated || short(body, 14).is_some_and(|flags| flags & 2 != 0);
                    match body.get(6..14) {
                        Some([0, _, _, _, _, _, 0xff, 0xff]) => awaited = Some(at),
                        Some([3, _, _, _, _, _, 0xff, 0xff]) if asks || !version.is_calculated => {
                            out.stale.push(at);
                        }
                        Some([0, 0, 0, 0, 0, 0, 0, 0]) if asks => out.stale.push(at),
                        _ => {}
                    }
                }
                if let (Some(at), Some(style)) = (place(body), short(body, 4)) {
                    out.styled.push((at, style));
                }
            }
            _ => {}
        }
    }
    out.styled.sort_by_key(|(at, _)| *at);
    out.stale.extend(awaited);
    out.stale.sort_unstable();
    for (at, object) in notes {
        let text = texts.get(&object).map(String::as_str).unwrap_or_default();
        out.notes.insert(at, Arc::from(text.trim()));
    }
    out
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
        let length = usize::try_from(number(self.stream, self.at.checked_add(2)?, 2)?).ok()?;
        let start = self.at.checked_add(4)?;
        let body = self.stream.get(start..start.checked_add(length)?)?;
        self.at = start + length;
        Some((kind, body))
    }
}

#[cfg(test)]
mod tests {
    use super::{BOF, EOF, FOOTER, HEADER, ROW, SHEET, Span, read};

    fn record(out: &mut Vec<u8>, kind: u32, body: &[u8]) {
        for number in [kind, u32::try_from(body.len()).expect("it is short")] {
            out.extend(u16::try_from(number).expect("it is short").to_le_bytes());
        }
        out.extend(body);
    }

    /// A row's record: its number, its height in twips, its flags.
    fn row(number: u8, twips: u16, flags: u8) -> Vec<u8> {
        let mut body = vec![number, 0, 0, 0, 1, 0];
        body.extend(twips.to_le_bytes());
        body.extend([0, 0, 0, 0, flags, 0, 0, 0]);
        body
    }

    #[test]
    fn what_is_printed_around_the_pages_and_rows_of_no_height_are_known() {
        let mut out = Vec::new();
        record(&mut out, BOF, &[0, 6, 5, 0]);
        let sheet_at = out.len() + 4;
        record(&mut out, SHEET, &[0; 8]);
        record(&mut out, EOF, &[]);
        let start = u8::try_from(out.len()).expect("it is short");
        *out.get_mut(sheet_at).expect("it stands there") = start;
        record(&mut out, BOF, &[0, 6, 16, 0]);
        record(&mut out, HEADER, b"\x0a\x00\x00&COFFICIAL");
        record(&mut out, FOOTER, b"");
        for (number, twips, flags) in [(3, 300, 0), (4, 0, 0), (5, 5, 0x40), (7, 300, 0x20)] {
            record(&mut out, ROW, &row(number, twips, flags));
        }
        record(&mut out, EOF, &[]);
        let found = read(&out);
        let [sheet] = found.sheets.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(sheet.page_texts, ["OFFICIAL".into()]);
        assert_eq!(
            sheet.hidden_rows,
            [Span { first: 4, last: 5 }, Span { first: 7, last: 7 }]
        );
    }
}
