//! Workbooks through calamine: the only file that names it. Cells are streamed where the format allows, never as a dense range.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{
    Data, DataRef, ExcelDateTime, Range, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError,
    Xlsb, XlsbError, Xlsx, XlsxError, XlsxFormulaMetadata,
};

use super::Unreadable;
use super::biff::{self, Style};
use super::compound::{self, Compound};
use super::format::NumberFormat;
use super::limits::Limits;
use super::package::Package;
use super::sidecar::{self, Kind, Tab, names_sheet};
use super::styles::Styles;
use super::xlsb as records;
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, Extent, Figure, FileFacts, Floating,
    FloatingKind, Format, ROWS_MAX, Rgb, Shown, Untold, Visibility, Workbook, Worksheet,
};
use crate::value::{date, text::is_blank};

/// What a damaged part does to calamine is that part's fault: its panic is caught where it arises.
fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, Unreadable> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| {
        Unreadable::Damaged("the file is damaged in a way that stops it being read".to_owned())
    })
}

fn with_sheets(book: Workbook) -> Result<Workbook, Unreadable> {
    if book.sheets.is_empty() {
        return Err(Unreadable::Damaged(
            "the workbook has no worksheet".to_owned(),
        ));
    }
    Ok(book)
}

fn damaged(error: &dyn std::fmt::Display) -> Unreadable {
    Unreadable::Damaged(format!("the file is damaged: {error}"))
}

fn worksheets(sheets: &[Sheet], limits: &Limits) -> Result<Vec<Sheet>, Unreadable> {
    limits.check_sheets(sheets.len())?;
    Ok(sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .cloned()
        .collect())
}

fn visibility(sheet: &Sheet) -> Visibility {
    match sheet.visible {
        SheetVisible::Visible => Visibility::Visible,
        SheetVisible::Hidden => Visibility::Hidden,
        SheetVisible::VeryHidden => Visibility::VeryHidden,
    }
}

fn address(row: u32, column: u32) -> Option<CellAddress> {
    let column = u16::try_from(column).ok().filter(|c| *c < COLUMNS_MAX)?;
    (row < ROWS_MAX).then(|| CellAddress::new(row, column))
}

/// Shared strings, each made once.
#[derive(Default)]
struct Strings(HashMap<(usize, usize), Arc<str>>);

impl Strings {
    fn share(&mut self, text: &str) -> Arc<str> {
        let key = (text.as_ptr() as usize, text.len());
        Arc::clone(
            self.0
                .entry(key)
                .or_insert_with(|| Arc::from(super::lines(text))),
        )
    }
}

fn moment(value: ExcelDateTime, is_1904: bool) -> CellValue {
    let serial = value.as_f64();
    // Nought is what a link to a blank cell gives, and no day.
    let is_day = value.is_datetime() && serial != 0.0;
    match date::from_serial(serial, is_1904).filter(|_| is_day) {
        Some(moment) => CellValue::Date(moment),
        None if serial == 0.0 => CellValue::Number(Figure {
            number: serial,
            shown: Shown::NoDay,
        }),
        None => finite(serial),
    }
}

/// A date as XML writes it; text that is none stays text.
pub(super) fn iso(text: &str) -> CellValue {
    text.parse()
        .map(CellValue::Date)
        .or_else(|_| {
            text.parse()
                .map(|day: jiff::civil::Date| CellValue::Date(day.into()))
        })
        .unwrap_or_else(|_| CellValue::Text(text.into()))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "calamine gives whole numbers of old formats as i64; a sheet holds them as doubles"
)]
fn as_double(number: i64) -> f64 {
    number as f64
}

/// A number; what is none in a damaged or odd file is the error that a spreadsheet would show.
fn finite(number: f64) -> CellValue {
    if number.is_finite() {
        CellValue::number(number)
    } else {
        CellValue::Error("#NUM!".into())
    }
}

fn streamed(
    value: DataRef<'_>,
    has_formula: bool,
    format: Option<&NumberFormat>,
    is_1904: bool,
    strings: &mut Strings,
) -> Option<CellValue> {
    let shown = |number: f64| match format.filter(|_| number.is_finite()) {
        Some(format) => format.value(number, is_1904),
        None => finite(number),
    };
    match value {
        DataRef::Int(number) => Some(shown(as_double(number))),
        DataRef::Float(number) => Some(shown(number)),
        DataRef::String(text) if is_error(&text) => Some(CellValue::Error(text.into())),
        DataRef::SharedString(text) if is_error(text) => Some(CellValue::Error(text.into())),
        DataRef::String(text) => {
            (!text.is_empty()).then(|| CellValue::Text(super::lines(&text).into()))
        }
        DataRef::SharedString(text) => {
            (!text.is_empty()).then(|| CellValue::Text(strings.share(text)))
        }
        DataRef::Bool(flag) => Some(CellValue::Boolean(flag)),
        DataRef::DateTime(value) if format.is_some() => Some(shown(value.as_f64())),
        DataRef::DateTime(value) => Some(moment(value, is_1904)),
        DataRef::DateTimeIso(text) => Some(iso(&text)),
        DataRef::DurationIso(text) => Some(CellValue::Text(text.into())),
        DataRef::Error(error) => Some(CellValue::Error(error.to_string().into())),
        DataRef::Empty => has_formula.then_some(CellValue::NotCalculated),
    }
}

/// Reads an xlsx workbook.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn xlsx(package: &mut Package<'_>, limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut side = sidecar::read(package)?;
    limits.check_sheets(side.tabs.len())?;
    let repaired = side.repaired(package);
    let bytes = repaired.as_deref().unwrap_or(package.bytes());
    let mut book = guarded(|| Xlsx::new(Cursor::new(bytes)))?.map_err(|error| match error {
        XlsxError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let mut strings = Strings::default();
    let mut sheets = Vec::new();
    let mut total = 0;
    for tab in std::mem::take(&mut side.tabs) {
        let visibility = tab.visibility;
        let mut found = match tab.kind {
            Kind::Other => continue,
            Kind::Lost => Worksheet::damaged(
                Some(Arc::from(tab.name.as_str())),
                "the file does not hold it".to_owned(),
            ),
            Kind::Work => {
                let mut reader = SheetReader {
                    book: &mut book,
                    styles: &side.styles,
                    is_to_calculate: side.is_to_calculate,
                    limits,
                    total,
                    strings: &mut strings,
                };
                reader.read(tab)?
            }
        };
        total += found.cells().len();
        found.visibility = visibility;
        sheets.push(found);
    }
    with_sheets(Workbook {
        format: Format::Xlsx,
        sheets,
        facts: side.facts,
    })
}

/// One sheet of an xlsx workbook on the way.
struct SheetReader<'a, 'b> {
    book: &'a mut Xlsx<Cursor<&'b [u8]>>,
    styles: &'a Styles,
    is_to_calculate: bool,
    limits: &'a Limits,
    /// How many cells the sheets before it hold.
    total: usize,
    strings: &'a mut Strings,
}

impl SheetReader<'_, '_> {
    fn read(&mut self, tab: Tab) -> Result<Worksheet, Unreadable> {
        let is_1904 = self.book.has_1904_epoch();
        let name = Some(Arc::from(tab.name.as_str()));
        let around = tab.around;
        if let Some(why) = around.damage {
            return Ok(Worksheet::damaged(name, why));
        }
        let mut cells = Vec::new();
        let mut stale = Vec::new();
        let mut formats = Formats {
            by_cell: &around.formats,
            styles: self.styles,
            next: 0,
        };
        let mut is_outside = false;
        let mut sums = Vec::new();
        let mut shared = BTreeSet::new();
        let streaming = guarded(|| -> Result<Option<String>, Unreadable> {
            let mut reader = match self.book.worksheet_cells_reader(&tab.name) {
                Ok(reader) => reader,
                Err(error) => return Ok(Some(error.to_string())),
            };
            loop {
                match reader.next_cell_with_formula_metadata() {
                    Ok(Some(record)) => {
                        let (row, column) = record.pos;
                        let has_formula = record.formula.is_some();
                        let address = address(row, column);
                        let is_sum = record
                            .formula
                            .as_ref()
                            .is_some_and(|formula| adds_up(formula, &mut shared));
                        sums.extend(address.filter(|_| is_sum));
                        let format = address.and_then(|address| formats.of(address));
                        let is_stale =
                            self.is_to_calculate && has_formula && is_nothing(&record.value);
                        stale.extend(address.filter(|_| is_stale));
                        let value =
                            streamed(record.value, has_formula, format, is_1904, self.strings);
                        match (address, value) {
                            (Some(address), Some(value)) => cells.push(Cell { address, value }),
                            (None, Some(_)) => is_outside = true,
                            (_, None) => continue,
                        }
                        self.limits.check_cells(self.total + cells.len())?;
                    }
                    Ok(None) => return Ok(None),
                    Err(error) => return Ok(Some(error.to_string())),
                }
            }
        });
        let failure = match streaming {
            Ok(Err(too_large)) => return Err(too_large),
            Ok(Ok(_)) if is_outside => Some("a cell lies outside the sheet".to_owned()),
            Ok(Ok(failure)) => failure,
            Err(panicked) => Some(panicked.to_string()),
        };
        if let Some(why) = failure {
            return Ok(Worksheet::damaged(name, why));
        }
        cells.extend(around.refused);
        let is_picture = |at: CellAddress| around.pictures.binary_search(&at).is_ok();
        if !around.pictures.is_empty() {
            cells.retain(|cell| !is_picture(cell.address));
        }
        if let Some(twice) = claimed_twice(&mut cells) {
            let why = format!("the cell {twice} stands in it twice, with two values");
            return Ok(Worksheet::damaged(name, why));
        }
        let mut found = Worksheet::new(name, cells);
        found.sums = sums;
        found.fills = blank_fills(&found, around.fills);
        found.row_fills = around.row_fills;
        found.column_fills = around.column_fills;
        found.struck = filled(&found, around.struck);
        found.symbols = filled(&found, around.symbols);
        found.stale = stale;
        found.stale.sort_unstable();
        found.page_texts = around.page_texts;
        found.floating = around.floating;
        let pictures = around.pictures.into_iter().map(|at| Floating {
            over: at.into(),
            kind: FloatingKind::PictureInCell,
            text: Arc::from(""),
        });
        found.floating.extend(pictures);
        found.merged = around.merged;
        found.hidden_rows = around.hidden_rows;
        found.hidden_columns = around.hidden_columns;
        found.notes = around.notes;
        Ok(found)
    }
}

/// A cell that stands twice with different values: which of them a person sees depends on the program.
fn claimed_twice(cells: &mut [Cell]) -> Option<CellAddress> {
    if cells.is_sorted_by(|a, b| a.address < b.address) {
        return None;
    }
    cells.sort_by_key(|cell| cell.address);
    cells.windows(2).find_map(|pair| match pair {
        [a, b] if a.address == b.address && a.value != b.value => Some(a.address),
        _ => None,
    })
}

/// The number formats of a sheet's cells, asked for in the order of its part.
struct Formats<'a> {
    by_cell: &'a [(CellAddress, usize)],
    styles: &'a Styles,
    next: usize,
}

impl<'a> Formats<'a> {
    /// The cell's format, where it makes something else of a number than is stored.
    fn of(&mut self, address: CellAddress) -> Option<&'a NumberFormat> {
        let at = |index: usize| self.by_cell.get(index).map(|(at, _)| *at);
        let is_behind_last = self
            .next
            .checked_sub(1)
            .and_then(at)
            .is_none_or(|last| last < address);
        let found = match at(self.next) {
            Some(next) if next == address => self.next,
            next if is_behind_last && next.is_none_or(|next| next > address) => return None,
            _ => self
                .by_cell
                .binary_search_by_key(&address, |(at, _)| *at)
                .ok()?,
        };
        self.next = found + 1;
        let (_, style) = self.by_cell.get(found)?;
        self.styles.format(*style)
    }
}

/// What a formula's stored result is worth in a workbook that was never calculated: nought, or nothing.
fn is_nothing(value: &DataRef<'_>) -> bool {
    match value {
        DataRef::Int(number) => *number == 0,
        DataRef::Float(number) => *number == 0.0,
        DataRef::DateTime(value) => value.as_f64() == 0.0,
        DataRef::String(text) => text.is_empty(),
        DataRef::SharedString(text) => text.is_empty(),
        DataRef::Empty => true,
        DataRef::Bool(_)
        | DataRef::DateTimeIso(_)
        | DataRef::DurationIso(_)
        | DataRef::Error(_) => false,
    }
}

/// Those of some cells that hold something to be seen; of each the last that was said.
fn filled(sheet: &Worksheet, marks: Vec<(CellAddress, Extent)>) -> Vec<(CellAddress, Extent)> {
    let mut out: Vec<(CellAddress, Extent)> = marks
        .into_iter()
        .filter(|(at, _)| {
            sheet
                .value(*at)
                .is_some_and(|value| !value.as_text().is_some_and(is_blank))
        })
        .collect();
    out.reverse();
    out.dedup_by_key(|(at, _)| *at);
    out.reverse();
    out
}

/// Whether a formula adds cells up: a total is told by it, even where it leaves rows out.
fn adds_up(formula: &XlsxFormulaMetadata, shared: &mut BTreeSet<usize>) -> bool {
    let (text, index) = match formula {
        XlsxFormulaMetadata::Normal { formula } => (formula, None),
        XlsxFormulaMetadata::Shared {
            formula,
            shared_index,
            ..
        } => (formula, Some(*shared_index)),
        XlsxFormulaMetadata::SharedDerived { shared_index } => {
            return shared.contains(shared_index);
        }
        // What a later version of the library tells beside these is no sum that anybody asked about.
        _ => return false,
    };
    let upper = text.trim_start_matches(['=', '+']).to_ascii_uppercase();
    let does = ["SUM(", "SUBTOTAL(", "AGGREGATE(", "SUMIF"]
        .iter()
        .any(|name| upper.starts_with(name));
    if does {
        shared.extend(index);
    }
    does
}

/// The fills of cells that hold nothing a person sees.
fn blank_fills(sheet: &Worksheet, fills: Vec<(CellAddress, Rgb)>) -> Vec<(CellAddress, Rgb)> {
    fills
        .into_iter()
        .filter(|(at, _)| {
            sheet
                .value(*at)
                .is_none_or(|value| value.as_text().is_some_and(is_blank))
        })
        .collect()
}

/// What the records of old and of binary workbooks do not tell, or tell where nobody looks.
const UNTOLD: [Untold; 5] = [
    Untold::PartlyStruck,
    Untold::PartSymbolFonts,
    Untold::Fills,
    Untold::Floating,
    Untold::Labels,
];

/// Reads a binary workbook.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn xlsb(package: &mut Package<'_>, limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut side = records::read(package)?;
    let bytes = side.repaired.as_deref().unwrap_or(package.bytes());
    let mut book = guarded(|| Xlsb::new(Cursor::new(bytes)))?.map_err(|error| match error {
        XlsbError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let is_1904 = book.has_1904_epoch();
    let formats = formats(&side.styles, &side.formats);
    let mut strings = Strings::default();
    let mut sheets = Vec::new();
    let mut total = 0;
    let tabs = worksheets(book.sheets_metadata(), limits)?;
    for sheet in &tabs {
        let mut around = side.around.remove(&sheet.name).unwrap_or_default();
        let mut cells = Vec::new();
        let streaming = guarded(|| -> Result<Option<String>, Unreadable> {
            let mut reader = match book.worksheet_cells_reader(&sheet.name) {
                Ok(reader) => reader,
                Err(error) => return Ok(Some(error.to_string())),
            };
            loop {
                match reader.next_cell() {
                    Ok(Some(cell)) => {
                        let (row, column) = cell.get_position();
                        let style = address(row, column).and_then(|at| around.style(at));
                        let format = style.and_then(|style| formats.get(style));
                        let value = streamed(
                            cell.get_value().clone(),
                            false,
                            format,
                            is_1904,
                            &mut strings,
                        );
                        if let (Some(address), Some(value)) = (address(row, column), value) {
                            cells.push(Cell { address, value });
                        }
                        limits.check_cells(total + cells.len())?;
                    }
                    Ok(None) => return Ok(None),
                    // The records themselves tell which error it is.
                    Err(XlsbError::CellError(_)) => {}
                    Err(error) => return Ok(Some(error.to_string())),
                }
            }
        });
        let failure = match streaming {
            Ok(Err(too_large)) => return Err(too_large),
            Ok(Ok(failure)) => around.damage.clone().or(failure),
            Err(panicked) => Some(panicked.to_string()),
        };
        cells.append(&mut around.errors);
        total += cells.len();
        let mut found = finished(sheet, cells, failure, std::mem::take(&mut around.merged));
        if side.is_to_calculate {
            found.stale = std::mem::take(&mut around.noughts);
        }
        mark(&mut found, &side.styles, |at| around.style(at));
        found.page_texts = around.page_texts;
        found.notes = around.notes;
        found.hidden_rows = around.hidden_rows;
        found.hidden_columns = around.hidden_columns;
        sheets.push(found);
    }
    sheets.extend(side.lost.iter().map(|name| {
        Worksheet::damaged(
            Some(Arc::from(name.as_str())),
            "the file does not hold it".to_owned(),
        )
    }));
    with_sheets(Workbook {
        format: Format::Xlsb,
        facts: FileFacts {
            has_macros: package.names().any(|name| name.ends_with("vbaproject.bin")),
            external_links: side.external_links,
            pivot_caches: side.pivot_caches,
            list_sheets: list_sheets(&sheets, book.defined_names()),
            untold: UNTOLD.into(),
            ..FileFacts::default()
        },
        sheets,
    })
}

/// Hidden sheets that a name refers to: these formats keep dropdowns' lists behind names.
fn list_sheets(sheets: &[Worksheet], names: &[(String, String)]) -> BTreeSet<Arc<str>> {
    sheets
        .iter()
        .filter(|sheet| sheet.visibility != Visibility::Visible)
        .filter_map(|sheet| sheet.name.clone())
        .filter(|sheet| {
            names
                .iter()
                .filter(|(name, _)| !name.starts_with("_xlnm.") && name.chars().count() > 1)
                .any(|(_, formula)| names_sheet(formula, sheet))
        })
        .collect()
}

fn finished(
    sheet: &Sheet,
    cells: Vec<Cell>,
    failure: Option<String>,
    merged: Vec<CellRange>,
) -> Worksheet {
    let name = Some(Arc::from(sheet.name.as_str()));
    let mut found = match failure {
        Some(why) => Worksheet::damaged(name, why),
        None => Worksheet::new(name, cells),
    };
    found.merged = merged;
    found.visibility = visibility(sheet);
    found
}

/// The number formats of cell styles.
fn formats(styles: &[Style], codes: &BTreeMap<u16, String>) -> Vec<NumberFormat> {
    styles
        .iter()
        .map(|style| {
            let code = codes.get(&style.format).map(String::as_str);
            NumberFormat::of(u32::from(style.format), code)
        })
        .collect()
}

/// Notes which filled cells are struck, and which are in a font of pictures, where the whole cell's font says so.
fn mark(sheet: &mut Worksheet, styles: &[Style], style: impl Fn(CellAddress) -> Option<usize>) {
    if !styles
        .iter()
        .any(|style| style.font != biff::Font::default())
    {
        return;
    }
    let (mut struck, mut symbols) = (Vec::new(), Vec::new());
    for cell in sheet.cells() {
        let Some(style) = style(cell.address).and_then(|style| styles.get(style)) else {
            continue;
        };
        if style.font.is_struck {
            struck.push((cell.address, Extent::Whole));
        }
        if style.font.is_symbol {
            symbols.push((cell.address, Extent::Whole));
        }
    }
    sheet.struck = struck;
    sheet.symbols = symbols;
}

/// The filled cells of a range; `shown` says what a number there is, where the file's records tell.
fn dense(
    range: &Range<Data>,
    is_1904: bool,
    shown: impl Fn(CellAddress, f64) -> Option<CellValue>,
    limits: &Limits,
) -> Result<Vec<Cell>, Unreadable> {
    let (top, left) = range.start().unwrap_or_default();
    let mut cells = Vec::new();
    for (row, column, value) in range.used_cells() {
        let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
            continue;
        };
        let Some(address) = address(top.saturating_add(row), left.saturating_add(column)) else {
            continue;
        };
        let number = |plain: CellValue, number: f64| {
            let is_number = number.is_finite();
            is_number
                .then(|| shown(address, number))
                .flatten()
                .unwrap_or(plain)
        };
        let value = match value {
            Data::Int(found) => {
                let found = as_double(*found);
                number(CellValue::number(found), found)
            }
            Data::Float(found) => number(finite(*found), *found),
            Data::DateTime(found) => number(moment(*found, is_1904), found.as_f64()),
            Data::String(text) if text.is_empty() => continue,
            Data::String(text) if is_error(text) => CellValue::Error(text.as_str().into()),
            Data::String(text) | Data::DurationIso(text) => CellValue::Text(text.as_str().into()),
            Data::Bool(flag) => CellValue::Boolean(*flag),
            Data::DateTimeIso(text) => iso(text),
            Data::Error(error) => CellValue::Error(error.to_string().into()),
            Data::Empty => continue,
        };
        cells.push(Cell { address, value });
        limits.check_cells(cells.len())?;
    }
    Ok(cells)
}

/// Whether a text is an error value: as `OpenDocument`, text files and some old files show it, and as other programs write the newer ones.
pub(super) fn is_error(text: &str) -> bool {
    text.starts_with('#')
        && matches!(
            text,
            "#DIV/0!"
                | "#N/A"
                | "#NAME?"
                | "#NULL!"
                | "#NUM!"
                | "#REF!"
                | "#VALUE!"
                | "#SPILL!"
                | "#CALC!"
                | "#BLOCKED!"
                | "#BUSY!"
                | "#CONNECT!"
                | "#FIELD!"
                | "#GETTING_DATA"
                | "#UNKNOWN!"
        )
        || text.starts_with("Err:5")
}

/// Reads a workbook of Excel 5 to 2003.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn xls(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let file = Compound::open(bytes)?;
    let stream = match file.stream("Workbook")? {
        Some(stream) => Some(stream),
        None => file.stream("Book")?,
    };
    let stream = stream.unwrap_or_default();
    let said = compound::records(&stream);
    if said.is_protected {
        return Err(Unreadable::Protected);
    }
    let mut book = guarded(|| Xls::new(Cursor::new(bytes)))?.map_err(|error| match error {
        XlsError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let is_1904 = book.has_1904_epoch();
    let mut surroundings = biff::read(&stream);
    let formats = formats(&surroundings.styles, &surroundings.formats);
    let mut surrounding = std::mem::take(&mut surroundings.sheets).into_iter();
    let mut sheets = Vec::new();
    let mut total = 0;
    for sheet in worksheets(book.sheets_metadata(), limits)? {
        let around = surrounding.next().unwrap_or_default();
        let shown = |at: CellAddress, number: f64| {
            let format = around.style(at).and_then(|style| formats.get(style));
            format.map(|format| format.value(number, is_1904))
        };
        let merged = book
            .merge_cells_by_sheet_name(&sheet.name)
            .unwrap_or_default();
        let merged = merged
            .iter()
            .filter_map(|d| {
                Some(CellRange::new(
                    address(d.start.0, d.start.1)?,
                    address(d.end.0, d.end.1)?,
                ))
            })
            .filter(|range| range.first != range.last)
            .collect();
        let mut found = match guarded(|| book.worksheet_range(&sheet.name))? {
            Ok(range) => finished(&sheet, dense(&range, is_1904, shown, limits)?, None, merged),
            Err(error) => finished(&sheet, Vec::new(), Some(error.to_string()), merged),
        };
        mark(&mut found, &surroundings.styles, |at| around.style(at));
        found.hidden_rows = around.hidden_rows;
        found.hidden_columns = around.hidden_columns;
        found.notes = around.notes.into_iter().collect();
        found.page_texts = around.page_texts;
        found.stale = around.stale;
        total += found.cells().len();
        limits.check_cells(total)?;
        sheets.push(found);
    }
    with_sheets(Workbook {
        format: Format::Xls,
        facts: FileFacts {
            has_macros: file.has("_VBA_PROJECT_CUR"),
            external_links: said.external_links,
            pivot_caches: if file.has("_SX_DB_CUR") {
                file.count(|name| name.len() == 4 && name.bytes().all(|b| b.is_ascii_hexdigit()))
            } else {
                0
            },
            list_sheets: list_sheets(&sheets, book.defined_names()),
            untold: UNTOLD.into(),
            ..FileFacts::default()
        },
        sheets,
    })
}
