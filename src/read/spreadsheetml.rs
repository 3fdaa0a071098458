//! Workbooks of Excel 2002 and 2003 as one XML file (`SpreadsheetML` 2003), which case and finance systems still write under the name of
//! an `.xls`: one pass over it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::Encoding;
use quick_xml::events::BytesStart;

use super::Unreadable;
use super::format::NumberFormat;
use super::limits::Limits;
use super::sidecar::names_sheet;
use super::styles::is_symbol_font;
use super::xml::{Met, attribute, is_set, walk_over};
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, Extent, FileFacts, Format, ROWS_MAX,
    Span, Untold, Visibility, Workbook, Worksheet,
};
use crate::value::date;

/// A cell's style, with what it takes from its parent.
#[derive(Clone, Debug, Default)]
struct Style {
    format: Option<Rc<NumberFormat>>,
    is_struck: Option<bool>,
    is_symbol: Option<bool>,
    parent: Option<String>,
}

/// A sheet on the way.
#[derive(Default)]
struct Sheet {
    name: String,
    visibility: Option<Visibility>,
    row: Option<u32>,
    column: Option<u32>,
    row_span: u32,
    row_style: Option<String>,
    described_column: u32,
    column_styles: Vec<(Span, String)>,
    cells: Vec<Cell>,
    merged: Vec<CellRange>,
    hidden_rows: Vec<Span>,
    hidden_columns: Vec<Span>,
    notes: BTreeMap<CellAddress, String>,
    struck: Vec<(CellAddress, Extent)>,
    symbols: Vec<(CellAddress, Extent)>,
    is_outside: bool,
}

/// A cell on the way.
#[derive(Default)]
struct Open {
    at: Option<CellAddress>,
    style: Option<String>,
    has_formula: bool,
    kind: Option<String>,
    text: String,
    struck: usize,
    symbols: usize,
    characters: usize,
    /// Letters and figures in other fonts.
    letters: usize,
}

/// What the text that is met belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    Nothing,
    Data,
    Note,
    /// The element that says whether a sheet is shown, or names a book that formulas refer to.
    Visible,
    Link,
    Dropdown,
}

struct Reader<'a> {
    limits: &'a Limits,
    styles: HashMap<String, Style>,
    style: Option<String>,
    into: Into,
    word: String,
    sheets: Vec<Worksheet>,
    sheet: Option<Sheet>,
    cell: Option<Open>,
    /// Elements of rich text that strike or change the font, innermost last.
    rich: Vec<(String, Option<bool>, Option<bool>)>,
    note: Option<CellAddress>,
    filled: usize,
    is_1904: bool,
    links: BTreeSet<String>,
    references: Vec<String>,
    formulas: Vec<String>,
    refused: Option<Unreadable>,
}

/// Reads a workbook that is one XML file.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let text = decoded(bytes);
    let mut reader = Reader {
        limits,
        styles: HashMap::new(),
        style: None,
        into: Into::Nothing,
        word: String::new(),
        sheets: Vec::new(),
        sheet: None,
        cell: None,
        rich: Vec::new(),
        note: None,
        filled: 0,
        is_1904: false,
        links: BTreeSet::new(),
        references: Vec::new(),
        formulas: Vec::new(),
        refused: None,
    };
    let walked = walk_over(text.as_bytes(), |met| {
        if reader.refused.is_some() {
            return;
        }
        match met {
            Met::Begin(name, element) => reader.begin(name, element),
            Met::Text(piece) => reader.text(piece),
            Met::End(name) => reader.end(name),
        }
    });
    if let Some(why) = reader.refused {
        return Err(why);
    }
    walked.map_err(|why| Unreadable::Damaged(format!("the file is damaged: {why}")))?;
    if reader.sheets.is_empty() {
        return Err(Unreadable::Damaged(
            "the workbook has no worksheet".to_owned(),
        ));
    }
    let list_sheets = reader
        .sheets
        .iter()
        .filter(|sheet| sheet.visibility != Visibility::Visible)
        .filter_map(|sheet| sheet.name.clone())
        .filter(|name| {
            reader.references.iter().any(|text| names_sheet(text, name))
                && !reader.formulas.iter().any(|text| names_sheet(text, name))
        })
        .collect();
    Ok(Workbook {
        format: Format::SpreadsheetMl,
        sheets: reader.sheets,
        facts: FileFacts {
            external_links: reader.links.len(),
            list_sheets,
            untold: BTreeSet::from([
                Untold::Fills,
                Untold::Floating,
                Untold::PageTexts,
                Untold::Labels,
            ]),
            ..FileFacts::default()
        },
    })
}

/// The file's text: by its mark, as its first line says, or UTF-8.
fn decoded(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let said = head
        .split_once("encoding=")
        .map(|(_, rest)| rest.trim_start_matches(['"', '\'']))
        .and_then(|rest| rest.split(['"', '\'']).next())
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .filter(|encoding| encoding.is_ascii_compatible());
    match said {
        Some(encoding) if Encoding::for_bom(bytes).is_none() => encoding.decode(bytes).0,
        _ => super::encoding::decode(bytes).0,
    }
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.trim().parse().ok()
}

/// A place as the file counts, from one; the next one where it does not say.
fn index(element: &BytesStart<'_>, next: u32) -> u32 {
    number(element, "Index")
        .and_then(|index| index.checked_sub(1))
        .unwrap_or(next)
}

fn address(row: u32, column: u32) -> Option<CellAddress> {
    let column = u16::try_from(column).ok().filter(|c| *c < COLUMNS_MAX)?;
    (row < ROWS_MAX).then(|| CellAddress::new(row, column))
}

impl Reader<'_> {
    fn begin(&mut self, name: &str, element: &BytesStart<'_>) {
        self.into = match name {
            "Visible" => Into::Visible,
            "Path" => Into::Link,
            "Value" if self.sheet.is_some() && self.cell.is_none() => Into::Dropdown,
            _ => self.into,
        };
        if matches!(self.into, Into::Visible | Into::Link | Into::Dropdown) {
            self.word.clear();
        }
        match name {
            "Style" => {
                let id = attribute(element, "ID").unwrap_or_default();
                self.styles.insert(
                    id.clone(),
                    Style {
                        parent: attribute(element, "Parent"),
                        ..Style::default()
                    },
                );
                self.style = Some(id);
            }
            "NumberFormat" => {
                if let Some(style) = self.style.as_ref().and_then(|id| self.styles.get_mut(id)) {
                    style.format = Some(Rc::new(
                        attribute(element, "Format")
                            .map_or_else(NumberFormat::default, |name| named_format(&name)),
                    ));
                }
            }
            "Font" if self.cell.is_none() => {
                if let Some(style) = self.style.as_ref().and_then(|id| self.styles.get_mut(id)) {
                    style.is_struck = Some(is_set(element, "StrikeThrough"));
                    style.is_symbol = attribute(element, "FontName").map(|name| {
                        is_symbol_font(&name)
                            || attribute(element, "CharSet").as_deref() == Some("2")
                    });
                }
            }
            "Date1904" => self.is_1904 = true,
            "NamedRange" => self.references.extend(attribute(element, "RefersTo")),
            "Worksheet" => self.begin_sheet(element),
            "Column" => self.column(element),
            "Row" => self.row(element),
            "Cell" => self.begin_cell(element),
            "Comment" => {
                self.note = self.cell.as_ref().and_then(|cell| cell.at);
                if let (Some(at), Some(sheet)) = (self.note, &mut self.sheet) {
                    sheet.notes.entry(at).or_default();
                }
            }
            "Data" if self.note.is_some() => self.into = Into::Note,
            "Data" => {
                if let Some(cell) = &mut self.cell {
                    cell.kind = attribute(element, "Type");
                    self.into = Into::Data;
                }
            }
            _ if self.into == Into::Data && self.rich.len() < 64 => {
                let is_struck = matches!(name, "S" | "s" | "Strike" | "Del").then_some(true);
                let font = attribute(element, "Face").map(|face| is_symbol_font(&face));
                self.rich.push((name.to_owned(), is_struck, font));
            }
            _ => {}
        }
    }

    fn begin_sheet(&mut self, element: &BytesStart<'_>) {
        if let Err(why) = self.limits.check_sheets(self.sheets.len() + 1) {
            self.refused = Some(why);
            return;
        }
        self.sheet = Some(Sheet {
            name: attribute(element, "Name").unwrap_or_default(),
            ..Sheet::default()
        });
    }

    fn column(&mut self, element: &BytesStart<'_>) {
        let Some(sheet) = &mut self.sheet else {
            return;
        };
        let first = index(element, sheet.described_column);
        let last = first.saturating_add(number(element, "Span").unwrap_or(0));
        sheet.described_column = last.saturating_add(1);
        if first >= u32::from(COLUMNS_MAX) {
            return;
        }
        let span = Span {
            first,
            last: last.min(u32::from(COLUMNS_MAX) - 1),
        };
        if is_set(element, "Hidden") {
            sheet.hidden_columns.push(span);
        }
        // Beyond so many no sheet has columns.
        if let Some(style) = attribute(element, "StyleID")
            && sheet.column_styles.len() < 1024
        {
            sheet.column_styles.push((span, style));
        }
    }

    fn row(&mut self, element: &BytesStart<'_>) {
        let Some(sheet) = &mut self.sheet else {
            return;
        };
        let next = sheet.row.map_or(0, |row| {
            row.saturating_add(1).saturating_add(sheet.row_span)
        });
        let row = index(element, next);
        sheet.row = Some(row);
        sheet.row_span = number(element, "Span").unwrap_or(0);
        sheet.row_style = attribute(element, "StyleID");
        sheet.column = None;
        if is_set(element, "Hidden") && row < ROWS_MAX {
            let last = row.saturating_add(sheet.row_span).min(ROWS_MAX - 1);
            sheet.hidden_rows.push(Span { first: row, last });
        }
    }

    fn begin_cell(&mut self, element: &BytesStart<'_>) {
        let Some(sheet) = &mut self.sheet else {
            return;
        };
        let next = sheet.column.map_or(0, |column| column.saturating_add(1));
        let column = index(element, next);
        let row = sheet.row.unwrap_or(0);
        let (right, down) = (
            number(element, "MergeAcross").unwrap_or(0),
            number(element, "MergeDown").unwrap_or(0),
        );
        let last = column.saturating_add(right);
        sheet.column = Some(last);
        let at = address(row, column);
        if let Some(at) = at
            && (right > 0 || down > 0)
        {
            let corner = address(
                row.saturating_add(down).min(ROWS_MAX - 1),
                last.min(u32::from(COLUMNS_MAX) - 1),
            );
            sheet
                .merged
                .extend(corner.map(|corner| CellRange::new(at, corner)));
        }
        let of_column = || {
            sheet
                .column_styles
                .iter()
                .find(|(span, _)| (span.first..=span.last).contains(&column))
                .map(|(_, style)| style.clone())
        };
        let formula = attribute(element, "Formula");
        let cell = Open {
            at,
            style: attribute(element, "StyleID")
                .or_else(|| sheet.row_style.clone())
                .or_else(of_column),
            has_formula: formula.is_some(),
            ..Open::default()
        };
        if let Some(formula) = formula.filter(|formula| formula.contains('!'))
            && self.formulas.last() != Some(&formula)
        {
            self.formulas.push(formula);
        }
        self.cell = Some(cell);
        self.rich.clear();
    }

    fn text(&mut self, piece: &str) {
        match self.into {
            Into::Data => {
                let is_whole = |said: fn(&Style) -> Option<bool>| {
                    let style = self.cell.as_ref().and_then(|cell| cell.style.clone());
                    self.of_style(style.as_deref(), said) == Some(true)
                };
                let is_struck = is_whole(|style| style.is_struck)
                    || self.rich.iter().any(|(_, struck, _)| *struck == Some(true));
                let is_symbol = self
                    .rich
                    .iter()
                    .rev()
                    .find_map(|(_, _, font)| *font)
                    .unwrap_or_else(|| is_whole(|style| style.is_symbol));
                if let Some(cell) = &mut self.cell {
                    cell.text.push_str(piece);
                    let count = piece.chars().filter(|c| !c.is_whitespace()).count();
                    cell.characters += count;
                    cell.struck += if is_struck { count } else { 0 };
                    if is_symbol {
                        cell.symbols += count;
                    } else {
                        cell.letters += piece.chars().filter(|c| c.is_alphanumeric()).count();
                    }
                }
            }
            Into::Note => {
                if let (Some(at), Some(sheet)) = (self.note, &mut self.sheet) {
                    sheet.notes.entry(at).or_default().push_str(piece);
                }
            }
            Into::Visible | Into::Link | Into::Dropdown => self.word.push_str(piece),
            Into::Nothing => {}
        }
    }

    /// What a style says, or the one that it is made from.
    fn of_style<T>(&self, id: Option<&str>, said: impl Fn(&Style) -> Option<T>) -> Option<T> {
        let mut id = id.unwrap_or("Default");
        for _ in 0..16 {
            let style = self.styles.get(id)?;
            if let Some(found) = said(style) {
                return Some(found);
            }
            id = match style.parent.as_deref() {
                Some(parent) => parent,
                None if id == "Default" => return None,
                None => "Default",
            };
        }
        None
    }
}

impl Reader<'_> {
    fn end(&mut self, name: &str) {
        match name {
            "Visible" => {
                let state = match self.word.trim() {
                    "SheetHidden" => Some(Visibility::Hidden),
                    "SheetVeryHidden" => Some(Visibility::VeryHidden),
                    _ => None,
                };
                if let Some(sheet) = &mut self.sheet {
                    sheet.visibility = state.or(sheet.visibility);
                }
                self.into = Into::Nothing;
            }
            "Path" => {
                self.links.insert(std::mem::take(&mut self.word));
                self.into = Into::Nothing;
            }
            "Value" if self.into == Into::Dropdown => {
                self.references.push(std::mem::take(&mut self.word));
                self.into = Into::Nothing;
            }
            "Style" => self.style = None,
            "Data" => self.into = Into::Nothing,
            "Comment" => self.note = None,
            "Cell" => self.end_cell(),
            "Worksheet" => self.end_sheet(),
            _ => {
                if self.into == Into::Data
                    && self.rich.last().is_some_and(|(open, ..)| open == name)
                {
                    self.rich.pop();
                }
            }
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else {
            return;
        };
        let format = self.of_style(cell.style.as_deref(), |style| style.format.clone());
        let format = format.unwrap_or_default();
        let Some(sheet) = self.sheet.as_mut() else {
            return;
        };
        let Some(value) = value(&cell, &format, self.is_1904) else {
            return;
        };
        match cell.at {
            Some(address) => {
                sheet.struck.extend(
                    extent(cell.struck, cell.characters - cell.struck)
                        .map(|extent| (address, extent)),
                );
                sheet
                    .symbols
                    .extend(extent(cell.symbols, cell.letters).map(|extent| (address, extent)));
                sheet.cells.push(Cell { address, value });
            }
            None => sheet.is_outside = true,
        }
        self.filled += 1;
        if let Err(why) = self.limits.check_cells(self.filled) {
            self.refused = Some(why);
        }
    }

    fn end_sheet(&mut self) {
        let Some(sheet) = self.sheet.take() else {
            return;
        };
        let name = Some(Arc::from(sheet.name.as_str()));
        let mut out = if sheet.is_outside {
            Worksheet::damaged(name, "a cell lies outside the sheet".to_owned())
        } else {
            Worksheet::new(name, sheet.cells)
        };
        out.visibility = sheet.visibility.unwrap_or(Visibility::Visible);
        out.merged = sheet.merged;
        out.hidden_rows = sheet.hidden_rows;
        out.hidden_columns = sheet.hidden_columns;
        out.notes = sheet
            .notes
            .into_iter()
            .map(|(at, text)| (at, Arc::from(text.trim())))
            .collect();
        // A file may give its cells in any order.
        out.struck = sheet.struck;
        out.struck.sort_unstable();
        out.symbols = sheet.symbols;
        out.symbols.sort_unstable();
        self.sheets.push(out);
    }
}

/// How much of a text that is, of which so many characters are marked and so many not.
pub(super) fn extent(marked: usize, unmarked: usize) -> Option<Extent> {
    match (marked, unmarked) {
        (0, _) => None,
        (_, 0) => Some(Extent::Whole),
        _ => Some(Extent::Part),
    }
}

/// What a cell holds; nothing if it is blank.
fn value(cell: &Open, format: &NumberFormat, is_1904: bool) -> Option<CellValue> {
    let text = cell.text.as_str();
    let number = || {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
    };
    let shown = || (!text.is_empty()).then(|| CellValue::Text(text.into()));
    match cell.kind.as_deref() {
        None => (cell.has_formula && text.is_empty()).then_some(CellValue::NotCalculated),
        Some("Number") => match number() {
            Some(number) => Some(format.value(number, is_1904)),
            None => shown(),
        },
        Some("DateTime") => match super::office::iso(text.trim()) {
            // A time of day stands on the day that the calendar begins with.
            CellValue::Date(moment) if !format.is_date() && !format.is_plain() => {
                let value =
                    date::to_serial(moment, is_1904).map(|serial| format.value(serial, is_1904));
                Some(value.unwrap_or(CellValue::Date(moment)))
            }
            other => (!text.is_empty()).then_some(other),
        },
        Some("Boolean") => match text.trim() {
            "1" | "true" => Some(CellValue::Boolean(true)),
            "0" | "false" => Some(CellValue::Boolean(false)),
            _ => shown(),
        },
        Some("Error") => Some(CellValue::Error(
            if text.is_empty() {
                "#VALUE!"
            } else {
                text.trim()
            }
            .into(),
        )),
        Some(_) => shown(),
    }
}

/// A number format by the name that Excel writes for it in XML and on web pages, or by its code.
pub(super) fn named_format(name: &str) -> NumberFormat {
    match name.trim().to_ascii_lowercase().as_str() {
        "" | "general" | "general number" | "fixed" | "standard" | "scientific" | "currency"
        | "text" => NumberFormat::default(),
        "percent" => NumberFormat::of(9, None),
        "general date" => NumberFormat::of(22, None),
        "long date" | "medium date" | "short date" => NumberFormat::of(14, None),
        "long time" | "medium time" | "short time" => NumberFormat::of(21, None),
        "euro currency" => NumberFormat::from_code("[$€-2]#,##0.00"),
        "yes/no" => NumberFormat::from_code("\"Yes\";\"Yes\";\"No\""),
        "true/false" => NumberFormat::from_code("\"True\";\"True\";\"False\""),
        "on/off" => NumberFormat::from_code("\"On\";\"On\";\"Off\""),
        _ => NumberFormat::from_code(name),
    }
}
