//! The floor: what the libraries alone cost for the same job.
//!
//! `floor dump OUT.xlsx CELLS` turns a consolidated workbook into a flat list of its cells; that is not measured.
//! `floor run CELLS OUT.xlsx PLAN RETURNS` is measured, on one thread: it reads every sheet of the plan and of each return with
//! calamine's `worksheet_range` (csv with the csv crate), and writes the listed cells, with as many distinct formats as they had,
//! by `rust_xlsxwriter` as it comes. It lays out, checks and matches nothing.

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use quick_xml::events::{BytesStart, Event};
use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::ZipArchive;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["dump", workbook, cells] => dump(workbook, cells),
        ["run", cells, output, plan, returns] => run(cells, output, plan, returns),
        _ => Err("usage: floor dump OUT.xlsx CELLS | run CELLS OUT.xlsx PLAN RETURNS".into()),
    }
}

// ---- the list of cells: a kind byte, then numbers of fixed width and texts with their length before them ----

const SHEET: u8 = 0;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;
const FORMULA: u8 = 3;
const BLANK: u8 = 4;
const BOOLEAN: u8 = 5;

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend(u32::try_from(text.len()).unwrap_or_default().to_le_bytes());
    out.extend(text.as_bytes());
}

struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(u32::from_le_bytes(self.bytes()?)).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(head).ok()
    }
}

// ---- dump ----

fn part(archive: &mut ZipArchive<File>, name: &str) -> Outcome<String> {
    let mut text = String::new();
    archive.by_name(name)?.read_to_string(&mut text)?;
    Ok(text)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(quick_xml::escape::unescape(&found.value).ok()?.into_owned())
}

/// Text of the element just opened, its children's included.
fn content(reader: &mut quick_xml::Reader<&[u8]>, of: &str) -> Outcome<String> {
    let mut out = String::new();
    loop {
        match reader.read_event()? {
            Event::Text(text) => out.push_str(&text),
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                out.push_str(&quick_xml::escape::unescape(&reference)?);
            }
            Event::End(end) if end.name().as_ref() == of => return Ok(out),
            Event::Eof => return Err("a part ends early".into()),
            _ => {}
        }
    }
}

fn shared_strings(text: &str) -> Outcome<Vec<String>> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut out = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(start) if start.name().as_ref() == "si" => {
                out.push(content(&mut reader, "si")?);
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

fn position(reference: &str) -> (u32, u16) {
    let (mut row, mut column) = (0_u32, 0_u16);
    for byte in reference.bytes() {
        if byte.is_ascii_digit() {
            row = row * 10 + u32::from(byte - b'0');
        } else {
            column = column * 26 + u16::from(byte - b'A') + 1;
        }
    }
    (row - 1, column - 1)
}

fn dump_sheet(text: &str, shared: &[String], out: &mut Vec<u8>) -> Outcome<()> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut at, mut style, mut kind) = ((0, 0), 0_u16, String::new());
    let (mut value, mut formula): (Option<String>, Option<String>) = (None, None);
    loop {
        let event = reader.read_event()?;
        let is_over = match &event {
            Event::Start(start) | Event::Empty(start) if start.name().as_ref() == "c" => {
                at = position(&attribute(start, "r").ok_or("a cell has no reference")?);
                style = attribute(start, "s").map_or(Ok(0), |s| s.parse())?;
                kind = attribute(start, "t").unwrap_or_default();
                (value, formula) = (None, None);
                matches!(event, Event::Empty(_))
            }
            Event::Start(start) if start.name().as_ref() == "v" => {
                value = Some(content(&mut reader, "v")?);
                false
            }
            Event::Start(start) if start.name().as_ref() == "f" => {
                formula = Some(content(&mut reader, "f")?);
                false
            }
            Event::Start(start) if start.name().as_ref() == "is" => {
                value = Some(content(&mut reader, "is")?);
                false
            }
            Event::End(end) => end.name().as_ref() == "c",
            Event::Eof => return Ok(()),
            _ => false,
        };
        if !is_over {
            continue;
        }
        out.push(match (&formula, &value, kind.as_str()) {
            (Some(_), ..) => FORMULA,
            (None, None, _) => BLANK,
            (None, Some(_), "s" | "str" | "inlineStr" | "e") => TEXT,
            (None, Some(_), "b") => BOOLEAN,
            (None, Some(_), _) => NUMBER,
        });
        out.extend(at.0.to_le_bytes());
        out.extend(at.1.to_le_bytes());
        out.extend(style.to_le_bytes());
        let value = value.take().unwrap_or_default();
        match (&formula, kind.as_str()) {
            (Some(formula), _) => {
                put_text(out, formula);
                put_text(out, &value);
            }
            (None, "s") => {
                let text = shared
                    .get(value.parse::<usize>()?)
                    .ok_or("no such string")?;
                put_text(out, text);
            }
            (None, "str" | "inlineStr" | "e") => put_text(out, &value),
            (None, "b") => out.push(u8::from(value == "1")),
            (None, _) if value.is_empty() => {}
            (None, _) => out.extend(value.parse::<f64>()?.to_le_bytes()),
        }
    }
}

fn dump(workbook: &str, cells: &str) -> Outcome<()> {
    let mut archive = ZipArchive::new(File::open(workbook)?)?;
    let shared = match part(&mut archive, "xl/sharedStrings.xml") {
        Ok(text) => shared_strings(&text)?,
        Err(_) => Vec::new(),
    };
    // Our own workbook's parts are numbered in the order of its sheets.
    let sheets = archive
        .file_names()
        .filter(|name| {
            name.as_ref()
                .is_ok_and(|name| name.starts_with("xl/worksheets/sheet"))
        })
        .count();
    let mut out = Vec::new();
    for number in 1..=sheets {
        out.push(SHEET);
        let text = part(&mut archive, &format!("xl/worksheets/sheet{number}.xml"))?;
        dump_sheet(&text, &shared, &mut out)?;
    }
    fs::write(cells, out)?;
    Ok(())
}

// ---- run ----

fn read(path: &Path) -> Outcome<()> {
    if path.extension().is_some_and(|extension| extension == "csv") {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::new(File::open(path)?));
        for record in reader.records() {
            black_box(record?);
        }
        return Ok(());
    }
    let mut workbook: Xlsx<_> = open_workbook(path)?;
    for name in workbook.sheet_names() {
        black_box(workbook.worksheet_range(&name)?);
    }
    Ok(())
}

fn run(cells: &str, output: &str, plan: &str, returns: &str) -> Outcome<()> {
    read(Path::new(plan))?;
    let mut paths = Vec::new();
    for entry in fs::read_dir(returns)? {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in &paths {
        read(path)?;
    }
    let cells = fs::read(cells)?;
    write(&cells, output).map_err(|error| format!("{output}: {error}").into())
}

fn write(cells: &[u8], output: &str) -> Outcome<()> {
    let mut workbook = Workbook::new();
    let mut formats: Vec<Format> = Vec::new();
    let mut cells = Cells(cells);
    let mut next = cells.bytes::<1>().map(|[kind]| kind);
    while next == Some(SHEET) {
        let sheet = workbook.add_worksheet();
        next = cells.bytes::<1>().map(|[kind]| kind);
        while let Some(kind) = next.filter(|kind| *kind != SHEET) {
            let row = u32::from_le_bytes(cells.bytes().ok_or("cut short")?);
            let column = u16::from_le_bytes(cells.bytes().ok_or("cut short")?);
            let style = u16::from_le_bytes(cells.bytes().ok_or("cut short")?);
            while formats.len() <= usize::from(style) {
                // The first is the default; bold, and a size apiece, makes the others differ.
                formats.push(match u16::try_from(formats.len())? {
                    0 => Format::new(),
                    other => Format::new().set_bold().set_font_size(f64::from(other)),
                });
            }
            let format = formats.get(usize::from(style)).ok_or("no format")?;
            match kind {
                TEXT => {
                    let text = cells.text().ok_or("cut short")?;
                    sheet.write_string_with_format(row, column, text, format)?;
                }
                NUMBER => {
                    let number = f64::from_le_bytes(cells.bytes().ok_or("cut short")?);
                    sheet.write_number_with_format(row, column, number, format)?;
                }
                FORMULA => {
                    let formula = Formula::new(cells.text().ok_or("cut short")?);
                    let formula = formula.set_result(cells.text().ok_or("cut short")?);
                    sheet.write_formula_with_format(row, column, formula, format)?;
                }
                BOOLEAN => {
                    let [truth] = cells.bytes().ok_or("cut short")?;
                    sheet.write_boolean_with_format(row, column, truth == 1, format)?;
                }
                _ => {
                    sheet.write_blank(row, column, format)?;
                }
            }
            next = cells.bytes::<1>().map(|[kind]| kind);
        }
    }
    workbook.save(output)?;
    Ok(())
}
