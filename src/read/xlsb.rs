//! What calamine does not show of a binary workbook, from its records: which sheets there are, formulas that end in an error, merged
//! regions, hidden rows and columns.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Read};
use std::sync::Arc;

use super::Unreadable;
use super::biff::{Font, Style};
use super::drawings::page_text;
use super::limits::Limits;
use super::package::{Allowance, Package};
use super::sidecar::{self, extend};
use super::styles::is_symbol_font;
use super::xml::{Met, attribute, walk};
use crate::grid::{COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, ROWS_MAX, Span};

const RELATIONS: &str = "xl/_rels/workbook.bin.rels";
const WORKBOOK: &str = "xl/workbook.bin";

/// What surrounds a sheet's cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) merged: Vec<CellRange>,
    pub(super) hidden_rows: Vec<Span>,
    pub(super) hidden_columns: Vec<Span>,
    /// Formulas whose stored result is an error.
    pub(super) errors: Vec<Cell>,
    pub(super) notes: Vec<(CellAddress, Arc<str>)>,
    /// The style of each cell that has another than the first, by its place in the list; sorted.
    styled: Vec<(CellAddress, u32)>,
    /// Formulas whose stored result is nought or no text.
    pub(super) noughts: Vec<CellAddress>,
    /// What is printed above and below the pages, without its codes.
    pub(super) page_texts: Vec<Arc<str>>,
    pub(super) damage: Option<String>,
}

impl Around {
    /// A cell's style, by its place in the list.
    pub(super) fn style(&self, at: CellAddress) -> Option<usize> {
        let style = self
            .styled
            .binary_search_by_key(&at, |(at, _)| *at)
            .ok()
            .and_then(|index| self.styled.get(index))
            .map_or(0, |(_, style)| *style);
        usize::try_from(style).ok()
    }
}

/// A whole workbook's surroundings.
pub(super) struct Sidecar {
    /// The codes of the number formats that the workbook spells out.
    pub(super) formats: BTreeMap<u16, String>,
    pub(super) styles: Vec<Style>,
    /// Whether the workbook asks to be calculated when it is opened.
    pub(super) is_to_calculate: bool,
    /// By the sheet's name.
    pub(super) around: BTreeMap<String, Around>,
    /// Worksheets that lead to no part.
    pub(super) lost: Vec<String>,
    pub(super) external_links: usize,
    pub(super) pivot_caches: usize,
    /// The package as calamine can read it, where it would refuse or mistake it.
    pub(super) repaired: Option<Vec<u8>>,
}

/// Reads all of it.
///
/// # Errors
/// `TooLarge` over a limit, `Damaged` where a part that everything rests on is damaged.
pub(super) fn read(package: &mut Package<'_>) -> Result<Sidecar, Unreadable> {
    package.check("xl/sharedStrings.bin", Allowance::Cells)?;
    let styles = package
        .stream("xl/styles.bin", Allowance::Cells, |part| {
            let mut out = Vec::new();
            part.read_to_end(&mut out).map(|_| out)
        })?
        .and_then(Result::ok)
        .unwrap_or_default();
    let (formats, styles) = look(&styles);
    let mut targets: BTreeMap<String, (String, String)> = BTreeMap::new();
    let xml = package.part(RELATIONS)?.unwrap_or_default();
    let _ = walk(xml.as_slice(), |met| {
        if let Met::Begin("Relationship", element) = met
            && let Some(id) = attribute(element, "Id")
        {
            let kind = attribute(element, "Type").unwrap_or_default();
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            let target = attribute(element, "Target").unwrap_or_default();
            targets.insert(id, (kind, target));
        }
    });
    let workbook = package
        .stream(WORKBOOK, Allowance::Cells, |part| {
            let mut out = Vec::new();
            part.read_to_end(&mut out).map(|_| out)
        })?
        .and_then(Result::ok)
        .ok_or_else(|| Unreadable::Damaged("the list of sheets is damaged".to_owned()))?;
    let mut out = Sidecar {
        formats,
        styles,
        is_to_calculate: false,
        around: BTreeMap::new(),
        lost: Vec::new(),
        external_links: targets
            .values()
            .filter(|(kind, _)| kind == "externalLink")
            .count(),
        pivot_caches: package
            .names()
            .filter(|name| name.contains("pivotcacherecords") && !name.contains("_rels/"))
            .count(),
        repaired: None,
    };
    // A worksheet's target as calamine takes it: below `xl`, and in a folder of this name.
    let is_plain = |target: &str| target.starts_with("worksheets/");
    let mut kept: Vec<u8> = Vec::with_capacity(workbook.len());
    let mut needs_repair = false;
    let mut rest = workbook.as_slice();
    while let Some(record) = record(&mut rest) {
        let mut keep = true;
        if record.kind == 0x9d {
            out.is_to_calculate = record.body.get(24).is_some_and(|flags| flags & 1 != 0);
        }
        if record.kind == 0x9c
            && let Some((id, name)) = bundled(record.body)
        {
            match targets.get(&id) {
                Some((kind, target)) if kind == "worksheet" => {
                    let part = part_of(target);
                    if package.has(&part) {
                        let mut around = package
                            .stream(&part, Allowance::Cells, sheet)?
                            .unwrap_or_default();
                        around.styled.sort_by_key(|(at, _)| *at);
                        around.noughts.sort_unstable();
                        around.notes = notes(package, &part)?;
                        out.around.insert(name, around);
                        needs_repair |= !is_plain(target);
                    } else {
                        out.lost.push(name);
                        keep = false;
                    }
                }
                Some(_) => keep = false,
                None if id.is_empty() => {}
                None => {
                    out.lost.push(name);
                    keep = false;
                }
            }
        }
        needs_repair |= !keep;
        if keep {
            kept.extend_from_slice(record.whole);
        }
    }
    if needs_repair {
        out.repaired = repaired(package, &targets, kept);
    }
    Ok(out)
}

fn part_of(target: &str) -> String {
    target
        .strip_prefix('/')
        .map_or_else(|| format!("xl/{target}"), str::to_owned)
}

/// The package with worksheets alone, at targets that calamine takes.
fn repaired(
    package: &mut Package<'_>,
    targets: &BTreeMap<String, (String, String)>,
    workbook: Vec<u8>,
) -> Option<Vec<u8>> {
    let list: Vec<String> = targets
        .iter()
        .filter(|(_, (kind, _))| kind == "worksheet")
        .map(|(id, (_, target))| {
            let part = part_of(target);
            let target = part.strip_prefix("xl/").unwrap_or(&part);
            format!(
                r#"<Relationship Id="{}" Target="{}"/>"#,
                quick_xml::escape::escape(id.as_str()),
                quick_xml::escape::escape(target)
            )
        })
        .collect();
    let replaced = HashMap::from([
        (WORKBOOK.to_owned(), workbook),
        (
            RELATIONS.to_owned(),
            format!("<Relationships>{}</Relationships>", list.concat()).into_bytes(),
        ),
    ]);
    package.rewritten(&replaced, &HashMap::new())
}

/// One record: its number, its body and all of its bytes.
struct Record<'a> {
    kind: u32,
    body: &'a [u8],
    whole: &'a [u8],
}

/// A number in groups of seven bits, the lowest first.
fn grouped(bytes: &mut impl Read, groups: u32) -> Option<u32> {
    let mut out = 0;
    for group in 0..groups {
        let mut byte = [0];
        bytes.read_exact(&mut byte).ok()?;
        let [byte] = byte;
        out |= u32::from(byte & 0x7f) << (7 * group);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(out)
}

fn record<'a>(rest: &mut &'a [u8]) -> Option<Record<'a>> {
    let start = *rest;
    let kind = grouped(rest, 2)?;
    let length = usize::try_from(grouped(rest, 4)?).ok()?;
    let (body, after) = rest.split_at_checked(length)?;
    *rest = after;
    let whole = start.get(..start.len() - after.len())?;
    Some(Record { kind, body, whole })
}

fn number(body: &[u8], at: usize) -> Option<u32> {
    let field: [u8; 4] = body.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(field))
}

fn wide(body: &[u8], at: usize) -> Option<(String, usize)> {
    let length = number(body, at)?;
    if length == u32::MAX {
        return Some((String::new(), at + 4));
    }
    let end = at + 4 + usize::try_from(length).ok()?.checked_mul(2)?;
    let units: Vec<u16> = body
        .get(at + 4..end)?
        .chunks_exact(2)
        .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
        .collect();
    Some((String::from_utf16_lossy(&units), end))
}

/// Number formats by their numbers, and the styles of cells.
fn look(styles: &[u8]) -> (BTreeMap<u16, String>, Vec<Style>) {
    let mut formats = BTreeMap::new();
    let mut fonts: Vec<Font> = Vec::new();
    let mut out: Vec<(usize, u16)> = Vec::new();
    let mut is_of_cells = false;
    let mut rest = styles;
    while let Some(Record { kind, body, .. }) = record(&mut rest) {
        match kind {
            0x2c => {
                if let (Some(index), Some((code, _))) = (short(body, 0), wide(body, 2)) {
                    formats.insert(index, code);
                }
            }
            0x2b => {
                let name = wide(body, 21).map_or_else(String::new, |(name, _)| name);
                fonts.push(Font {
                    is_struck: short(body, 2).is_some_and(|flags| flags & 8 != 0),
                    is_symbol: is_symbol_font(&name) || body.get(10) == Some(&2),
                });
            }
            // The styles that cells name, and not those that styles are made from.
            0x269 => is_of_cells = true,
            0x26a => is_of_cells = false,
            0x2f if is_of_cells => {
                let font = usize::from(short(body, 4).unwrap_or(0));
                out.push((font, short(body, 2).unwrap_or(0)));
            }
            _ => {}
        }
    }
    let styles = out
        .into_iter()
        .map(|(font, format)| Style {
            format,
            font: fonts.get(font).copied().unwrap_or_default(),
        })
        .collect();
    (formats, styles)
}

/// A sheet's notes: a part of records, or threads of comments, which every kind of workbook keeps as XML.
fn notes(
    package: &mut Package<'_>,
    part: &str,
) -> Result<Vec<(CellAddress, Arc<str>)>, Unreadable> {
    let related = sidecar::relations(package, &sidecar::relations_of(part))?;
    let folder = sidecar::folder_of(part);
    let mut out: BTreeMap<CellAddress, Arc<str>> = BTreeMap::new();
    for relation in related
        .values()
        .filter(|relation| relation.kind == "comments")
    {
        let records = package
            .stream(
                &sidecar::resolve(folder, &relation.target),
                Allowance::Cells,
                |part| {
                    let mut out = Vec::new();
                    part.read_to_end(&mut out).map(|_| out)
                },
            )?
            .and_then(Result::ok)
            .unwrap_or_default();
        let mut at = None;
        let mut rest = records.as_slice();
        while let Some(Record { kind, body, .. }) = record(&mut rest) {
            match kind {
                0x27b => {
                    at = number(body, 4)
                        .zip(number(body, 12))
                        .and_then(|(row, column)| address(row, column));
                    if let Some(at) = at {
                        out.entry(at).or_insert_with(|| Arc::from(""));
                    }
                }
                0x27d => {
                    if let (Some(at), Some((text, _))) = (at, wide(body, 1)) {
                        out.insert(at, Arc::from(text.trim()));
                    }
                }
                _ => {}
            }
        }
    }
    out.extend(sidecar::notes(package, &related, folder)?);
    Ok(out.into_iter().collect())
}

fn short(body: &[u8], at: usize) -> Option<u16> {
    let field: [u8; 2] = body.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(field))
}

/// A sheet's relationship and name.
fn bundled(body: &[u8]) -> Option<(String, String)> {
    let (id, end) = wide(body, 8)?;
    let (name, _) = wide(body, end)?;
    Some((id, name))
}

fn address(row: u32, column: u32) -> Option<CellAddress> {
    let column = u16::try_from(column).ok().filter(|c| *c < COLUMNS_MAX)?;
    (row < ROWS_MAX).then(|| CellAddress::new(row, column))
}

/// A row of fewer twips shows nothing, nor does a column of fewer parts of a character's width, of which it has 256.
const ROW_TWIPS_MIN: u16 = 20;
const COLUMN_PARTS_MIN: u32 = 26;

/// One sheet's records, from end to end.
fn sheet(part: &mut dyn BufRead) -> Around {
    let mut out = Around::default();
    let mut row = 0;
    let mut body = Vec::new();
    let mut part = part;
    loop {
        let (Some(kind), Some(length)) = (grouped(&mut part, 2), grouped(&mut part, 4)) else {
            out.damage = Some("its contents end too early".to_owned());
            return out;
        };
        body.clear();
        let read = part
            .take(u64::from(length))
            .read_to_end(&mut body)
            .unwrap_or(0);
        if read as u64 != u64::from(length) {
            out.damage = Some("its contents are damaged or end too early".to_owned());
            return out;
        }
        if matches!(kind, 0x02..=0x0b | 0x3e)
            && out.styled.len() <= Limits::STATED.cells
            && let (Some(column), Some(style)) = (number(&body, 0), number(&body, 4))
            && style & 0x00ff_ffff != 0
        {
            let at = address(row, column);
            out.styled.extend(at.map(|at| (at, style & 0x00ff_ffff)));
        }
        match kind {
            // A row begins; its flags tell whether it is hidden.
            0x00 => {
                row = number(&body, 0).unwrap_or(row);
                let is_hidden = body.get(11).is_some_and(|flags| flags & 0x10 != 0)
                    || short(&body, 8).is_some_and(|twips| twips < ROW_TWIPS_MIN);
                if row < ROWS_MAX && is_hidden {
                    extend(&mut out.hidden_rows, row);
                }
            }
            // A formula's text or number.
            0x08 | 0x09 => {
                let result = body.get(8..if kind == 8 { 12 } else { 16 });
                if result.is_some_and(|result| result.iter().all(|byte| *byte == 0))
                    && out.noughts.len() <= Limits::STATED.cells
                {
                    let column = number(&body, 0);
                    out.noughts
                        .extend(column.and_then(|column| address(row, column)));
                }
            }
            // An error, typed or computed.
            0x03 | 0x0b => {
                if let (Some(column), Some(code)) = (number(&body, 0), body.get(8)) {
                    out.errors.extend(address(row, column).map(|address| Cell {
                        address,
                        value: CellValue::Error(error(*code).into()),
                    }));
                }
            }
            0x3c => {
                if let (Some(first), Some(last), Some(flags)) =
                    (number(&body, 0), number(&body, 4), body.get(16))
                    && (flags & 1 != 0
                        || number(&body, 8).is_some_and(|parts| parts < COLUMN_PARTS_MIN))
                    && first < u32::from(COLUMNS_MAX)
                {
                    out.hidden_columns.push(Span {
                        first,
                        last: last.min(u32::from(COLUMNS_MAX) - 1),
                    });
                }
            }
            0xb0 => {
                let corners = (
                    number(&body, 0),
                    number(&body, 4),
                    number(&body, 8),
                    number(&body, 12),
                );
                if let (Some(top), Some(bottom), Some(left), Some(right)) = corners
                    && let (Some(first), Some(last)) = (address(top, left), address(bottom, right))
                {
                    out.merged.push(CellRange::new(first, last));
                }
            }
            // Headers and footers, of odd, even and first pages.
            0x1df => {
                let mut at = 2;
                for _ in 0..6 {
                    let Some((coded, end)) = wide(&body, at) else {
                        break;
                    };
                    at = end;
                    let told = page_text(&coded);
                    if !told.is_empty() && !out.page_texts.iter().any(|text| **text == *told) {
                        out.page_texts.push(told.into());
                    }
                }
            }
            0x82 => return out,
            _ => {}
        }
    }
}

fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        _ => "#UNKNOWN!",
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, sheet};

    fn record(out: &mut Vec<u8>, kind: &[u8], body: &[u8]) {
        out.extend(kind);
        out.push(u8::try_from(body.len()).expect("it is short"));
        out.extend(body);
    }

    fn wide(text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut out = u32::try_from(units.len())
            .expect("it is short")
            .to_le_bytes()
            .to_vec();
        out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        out
    }

    #[test]
    fn what_is_printed_around_the_pages_and_rows_of_no_height_are_known() {
        let mut out = Vec::new();
        for (row, twips) in [(3_u8, 300_u16), (4, 0)] {
            let mut body = vec![row, 0, 0, 0, 0, 0, 0, 0];
            body.extend(twips.to_le_bytes());
            body.extend([0, 0, 0]);
            record(&mut out, &[0], &body);
        }
        // A header for all pages, and no other of the six.
        let mut body = vec![0, 0];
        body.extend(wide("&L&8OFFICIAL-SENSITIVE"));
        body.extend([0xff; 20]);
        record(&mut out, &[0xdf, 3], &body);
        record(&mut out, &[0x82, 1], &[]);
        let found = sheet(&mut out.as_slice());
        assert_eq!(found.page_texts, ["OFFICIAL-SENSITIVE".into()]);
        assert_eq!(found.hidden_rows, [Span { first: 4, last: 4 }]);
        assert_eq!(found.damage, None);
    }
}
