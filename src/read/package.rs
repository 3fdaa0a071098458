//! Zip packages before a reader opens them: limits on what they inflate to, parts that would be read twice or not at all.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::Unreadable;
use super::limits::Limits;
use crate::grid::Format;

/// Checks the package's directory and the parts that a reader trusts.
///
/// # Errors
/// `TooLarge` over a limit; `Damaged` where a reader would lose something or never end.
pub(super) fn preflight(bytes: &[u8], format: Format, limits: &Limits) -> Result<(), Unreadable> {
    let damaged = |what: &str| Unreadable::Damaged(what.to_owned());
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|_| damaged("the file is damaged or was cut short: it cannot be unpacked"))?;
    if archive.len() > limits.members {
        return Err(Unreadable::TooLarge(format!(
            "the file has {} parts; the limit is {}",
            archive.len(),
            limits.members
        )));
    }
    let mut names = BTreeSet::new();
    for name in archive.file_names().flatten() {
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(Unreadable::Damaged(format!(
                "the file holds two parts called {name}, so it is not clear which is meant"
            )));
        }
    }
    // The directory's sizes can lie, so each part is inflated up to what is left of the limit.
    let declared: u64 = (0..archive.len())
        .filter_map(|index| archive.by_index_raw(index).ok().map(|part| part.size()))
        .sum();
    check_inflated(declared, bytes.len(), limits)?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let part = archive
            .by_index(index)
            .map_err(|_| damaged("a part of the file is damaged"))?;
        let name = part.name().unwrap_or_default().to_ascii_lowercase();
        let extension = name.rsplit('.').next().unwrap_or_default();
        let is_read = matches!(extension, "xml" | "bin" | "rels");
        if !is_read {
            continue;
        }
        let mut left = part.take(limits.inflated_bytes.saturating_sub(total) + 1);
        if format == Format::Ods && name == "content.xml" {
            let mut xml = Vec::new();
            left.read_to_end(&mut xml)
                .map_err(|_| damaged("the file's contents are damaged"))?;
            total += xml.len() as u64;
            check_inflated(total, bytes.len(), limits)?;
            well_formed(&xml)?;
            continue;
        }
        total += std::io::copy(&mut left, &mut std::io::sink())
            .map_err(|_| damaged("a part of the file is damaged"))?;
        check_inflated(total, bytes.len(), limits)?;
    }
    Ok(())
}

fn check_inflated(total: u64, packed: usize, limits: &Limits) -> Result<(), Unreadable> {
    let packed = packed as u64;
    if total > limits.inflated_bytes {
        return Err(Unreadable::TooLarge(format!(
            "the file unpacks to more than {} MB, which is the limit",
            limits.inflated_bytes >> 20
        )));
    }
    // Small files may pack well by chance; only a large result is a threat.
    if total > (64 << 20) && total / packed.max(1) > limits.ratio {
        return Err(Unreadable::TooLarge(format!(
            "the file unpacks to {} times its size; the limit is {}",
            total / packed.max(1),
            limits.ratio
        )));
    }
    Ok(())
}

/// XML that ends before its root does would keep calamine's ods reader waiting for ever.
fn well_formed(xml: &[u8]) -> Result<(), Unreadable> {
    let mut reader = Reader::from_reader(xml);
    let mut depth = 0_u32;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if depth == 0 => return Ok(()),
            Ok(Event::Eof) | Err(_) => {
                return Err(Unreadable::Damaged(
                    "the file's contents end too early or are damaged".to_owned(),
                ));
            }
            Ok(_) => {}
        }
    }
}

/// One part of a package, if it is there, readable and no larger than this.
pub(super) fn part(bytes: &[u8], name: &str, bytes_max: u64) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let index = (0..archive.len()).find(|index| {
        archive
            .name_for_index(*index)
            .and_then(Result::ok)
            .is_some_and(|n| n.trim_start_matches('/').eq_ignore_ascii_case(name))
    })?;
    let mut out = Vec::new();
    archive
        .by_index(index)
        .ok()?
        .take(bytes_max)
        .read_to_end(&mut out)
        .ok()?;
    Some(out)
}

/// Where `needle` begins in `hay`.
pub(super) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len().max(1))
        .position(|window| window == needle)
}

fn attribute(element: &quick_xml::events::BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.as_ref() == name || a.key.local_name().as_ref() == name)?;
    Some(unescape(&found.value))
}

fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Every element of a part, as its local name and attributes; damaged XML ends the walk early.
fn elements(xml: &[u8], mut visit: impl FnMut(&str, &quick_xml::events::BytesStart<'_>)) {
    let mut reader = Reader::from_reader(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                visit(element.local_name().as_ref(), &element);
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The part of the package that each sheet of an xlsx workbook is in, by the sheet's name.
pub(super) fn sheet_parts(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    const BYTES_MAX: u64 = 16 << 20;
    let mut targets = std::collections::BTreeMap::new();
    elements(
        &part(bytes, "xl/_rels/workbook.xml.rels", BYTES_MAX).unwrap_or_default(),
        |name, element| {
            if name == "Relationship"
                && let (Some(id), Some(target)) =
                    (attribute(element, "Id"), attribute(element, "Target"))
            {
                let target = target
                    .strip_prefix('/')
                    .map_or_else(|| format!("xl/{target}"), str::to_owned);
                targets.insert(id, target);
            }
        },
    );
    let mut out = std::collections::BTreeMap::new();
    elements(
        &part(bytes, "xl/workbook.xml", BYTES_MAX).unwrap_or_default(),
        |name, element| {
            if name == "sheet"
                && let (Some(sheet), Some(id)) =
                    (attribute(element, "name"), attribute(element, "id"))
                && let Some(target) = targets.get(&id)
            {
                out.insert(sheet, target.clone());
            }
        },
    );
    out
}

/// The merged regions of a sheet's part. They stand behind its cells, so only the end is parsed.
pub(super) fn merged(xml: &[u8]) -> Vec<crate::grid::CellRange> {
    let mut out = Vec::new();
    let Some(start) = find_last(xml, b"mergeCells") else {
        return out;
    };
    let tail = xml
        .get(..start)
        .map_or(0, |head| head.iter().rposition(|b| *b == b'<').unwrap_or(0));
    let first = find(xml, b"<mergeCells").unwrap_or(tail);
    elements(xml.get(first..).unwrap_or_default(), |name, element| {
        if name == "mergeCell"
            && let Some(range) = attribute(element, "ref").and_then(|text| text.parse().ok())
        {
            out.push(range);
        }
    });
    out
}

fn find_last(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .rposition(|window| window == needle)
}

/// Cells whose stored value calamine refuses: error values it does not list, and numbers that are none.
pub(super) fn refused_cells(xml: &[u8]) -> Vec<crate::grid::Cell> {
    use crate::grid::{Cell, CellAddress, CellValue};
    const KNOWN: [&str; 8] = [
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#GETTING_DATA",
    ];
    let mut out = Vec::new();
    let mut reader = Reader::from_reader(xml);
    let mut cell: Option<(CellAddress, String)> = None;
    let mut text: Option<String> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => match element.local_name().as_ref() {
                "c" => {
                    let address = attribute(&element, "r").and_then(|r| r.parse().ok());
                    cell = address
                        .map(|address| (address, attribute(&element, "t").unwrap_or_default()));
                }
                "v" => text = Some(String::new()),
                _ => {}
            },
            Ok(Event::Text(chunk)) => {
                if let Some(text) = text.as_mut() {
                    text.push_str(&unescape(&chunk));
                }
            }
            Ok(Event::End(element)) if element.local_name().as_ref() == "v" => {
                if let (Some((address, kind)), Some(text)) = (cell.take(), text.take()) {
                    let is_error = kind == "e" && !KNOWN.contains(&text.as_str());
                    let is_no_number = (kind.is_empty() || kind == "n")
                        && text.trim().parse::<f64>().is_err()
                        && !text.trim().is_empty();
                    if is_error {
                        out.push(Cell {
                            address,
                            value: CellValue::Error(text.into()),
                        });
                    } else if is_no_number {
                        out.push(Cell {
                            address,
                            value: CellValue::Text(text.into()),
                        });
                    }
                }
            }
            Ok(Event::Eof) | Err(_) => return out,
            Ok(_) => {}
        }
    }
}
