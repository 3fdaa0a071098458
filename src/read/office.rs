//! Workbooks through calamine: the only file that names it. Cells are streamed where the format allows, never as a dense range.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, OdsError, Range, Reader, Sheet, SheetType, SheetVisible,
    Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::Unreadable;
use super::limits::Limits;
use super::package;
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, FileFacts, Format, ROWS_MAX, Visibility,
    Workbook, Worksheet,
};
use crate::value::date;

/// Reads a workbook of a known format.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Workbook, Unreadable> {
    let book = match format {
        Format::Xlsx => xlsx(bytes, limits),
        Format::Xlsb => xlsb(bytes, limits),
        Format::Xls => xls(bytes, limits),
        Format::Ods => ods(bytes, limits),
        Format::Csv => Err(Unreadable::Damaged("the file is text".to_owned())),
    }?;
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
    if sheets.len() > limits.sheets {
        return Err(Unreadable::TooLarge(format!(
            "the workbook has {} sheets; the limit is {}",
            sheets.len(),
            limits.sheets
        )));
    }
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
        Arc::clone(self.0.entry(key).or_insert_with(|| Arc::from(text)))
    }
}

fn moment(value: ExcelDateTime, is_1904: bool) -> CellValue {
    let serial = value.as_f64();
    match date::from_serial(serial, is_1904).filter(|_| value.is_datetime()) {
        Some(moment) => CellValue::Date(moment),
        None => CellValue::Number(serial),
    }
}

fn iso(text: &str) -> CellValue {
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
fn whole(number: i64) -> CellValue {
    CellValue::Number(number as f64)
}

fn streamed(
    value: DataRef<'_>,
    has_formula: bool,
    is_1904: bool,
    strings: &mut Strings,
) -> Option<CellValue> {
    match value {
        DataRef::Int(number) => Some(whole(number)),
        DataRef::Float(number) => Some(CellValue::Number(number)),
        DataRef::String(text) => (!text.is_empty()).then(|| CellValue::Text(text.into())),
        DataRef::SharedString(text) => {
            (!text.is_empty()).then(|| CellValue::Text(strings.share(text)))
        }
        DataRef::Bool(flag) => Some(CellValue::Boolean(flag)),
        DataRef::DateTime(value) => Some(moment(value, is_1904)),
        DataRef::DateTimeIso(text) => Some(iso(&text)),
        DataRef::DurationIso(text) => Some(CellValue::Text(text.into())),
        DataRef::Error(error) => Some(CellValue::Error(error.to_string().into())),
        DataRef::Empty => has_formula.then_some(CellValue::NotCalculated),
    }
}

fn xlsx(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let is_1904 = book.has_1904_epoch();
    let parts = package::sheet_parts(bytes);
    let mut strings = Strings::default();
    let mut sheets = Vec::new();
    let mut total = 0;
    for sheet in worksheets(book.sheets_metadata(), limits)? {
        let name: Arc<str> = Arc::from(sheet.name.as_str());
        let mut cells = Vec::new();
        let mut refused = 0_usize;
        let mut failure = None;
        match book.worksheet_cells_reader(&sheet.name) {
            Ok(mut reader) => loop {
                match reader.next_cell_with_formula_metadata() {
                    Ok(Some(record)) => {
                        let (row, column) = record.pos;
                        let Some(value) = streamed(
                            record.value,
                            record.formula.is_some(),
                            is_1904,
                            &mut strings,
                        ) else {
                            continue;
                        };
                        match address(row, column) {
                            Some(address) => cells.push(Cell { address, value }),
                            None => failure = Some("a cell lies outside the sheet".to_owned()),
                        }
                        limits.check_cells(total + cells.len())?;
                    }
                    Ok(None) => break,
                    // One cell that calamine does not know (a new error value, say): the next one can still be read.
                    Err(error) => {
                        refused += 1;
                        if refused > 100_000
                            || matches!(error, XlsxError::Xml(_) | XlsxError::XmlEof(_))
                        {
                            failure = Some(error.to_string());
                            break;
                        }
                    }
                }
            },
            Err(error) => failure = Some(error.to_string()),
        }
        let xml = parts
            .get(sheet.name.as_str())
            .and_then(|part| package::part(bytes, part, limits.inflated_bytes))
            .unwrap_or_default();
        if refused > 0 && failure.is_none() {
            cells.extend(package::refused_cells(&xml));
        }
        total += cells.len();
        let mut found = match failure {
            Some(why) => Worksheet::damaged(Some(name), why),
            None => Worksheet::new(Some(name), cells),
        };
        found.merged = package::merged(&xml);
        found.visibility = visibility(&sheet);
        sheets.push(found);
    }
    Ok(Workbook {
        format: Format::Xlsx,
        sheets,
        facts: FileFacts::default(),
    })
}

fn xlsb(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut book: Xlsb<_> = Xlsb::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsbError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let is_1904 = book.has_1904_epoch();
    let mut strings = Strings::default();
    let mut sheets = Vec::new();
    let mut total = 0;
    for sheet in worksheets(book.sheets_metadata(), limits)? {
        let mut cells = Vec::new();
        let mut failure = None;
        match book.worksheet_cells_reader(&sheet.name) {
            Ok(mut reader) => loop {
                match reader.next_cell() {
                    Ok(Some(cell)) => {
                        let (row, column) = cell.get_position();
                        let value =
                            streamed(cell.get_value().clone(), false, is_1904, &mut strings);
                        if let (Some(address), Some(value)) = (address(row, column), value) {
                            cells.push(Cell { address, value });
                        }
                        limits.check_cells(total + cells.len())?;
                    }
                    Ok(None) => break,
                    Err(error) => {
                        failure = Some(error.to_string());
                        break;
                    }
                }
            },
            Err(error) => failure = Some(error.to_string()),
        }
        total += cells.len();
        sheets.push(finished(&sheet, cells, failure, Vec::new()));
    }
    Ok(Workbook {
        format: Format::Xlsb,
        sheets,
        facts: FileFacts::default(),
    })
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

fn dense(range: &Range<Data>, is_1904: bool, limits: &Limits) -> Result<Vec<Cell>, Unreadable> {
    let (top, left) = range.start().unwrap_or_default();
    let mut cells = Vec::new();
    for (row, column, value) in range.used_cells() {
        let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
            continue;
        };
        let Some(address) = address(top.saturating_add(row), left.saturating_add(column)) else {
            continue;
        };
        let value = match value {
            Data::Int(number) => whole(*number),
            Data::Float(number) => CellValue::Number(*number),
            Data::String(text) if text.is_empty() => continue,
            Data::String(text) if is_error(text) => CellValue::Error(text.as_str().into()),
            Data::String(text) | Data::DurationIso(text) => CellValue::Text(text.as_str().into()),
            Data::Bool(flag) => CellValue::Boolean(*flag),
            Data::DateTime(value) => moment(*value, is_1904),
            Data::DateTimeIso(text) => iso(text),
            Data::Error(error) => CellValue::Error(error.to_string().into()),
            Data::Empty => continue,
        };
        cells.push(Cell { address, value });
        limits.check_cells(cells.len())?;
    }
    Ok(cells)
}

/// calamine gives an ods file's error values as their text.
fn is_error(text: &str) -> bool {
    matches!(
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
    ) || text.starts_with("Err:5")
}

fn xls(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let is_1904 = book.has_1904_epoch();
    let mut sheets = Vec::new();
    for sheet in worksheets(book.sheets_metadata(), limits)? {
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
            .collect();
        sheets.push(match book.worksheet_range(&sheet.name) {
            Ok(range) => finished(&sheet, dense(&range, is_1904, limits)?, None, merged),
            Err(error) => finished(&sheet, Vec::new(), Some(error.to_string()), merged),
        });
    }
    Ok(Workbook {
        format: Format::Xls,
        sheets,
        facts: FileFacts::default(),
    })
}

fn ods(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|error| match error {
        OdsError::Password => Unreadable::Protected,
        other => damaged(&other),
    })?;
    let mut sheets = Vec::new();
    for sheet in worksheets(book.sheets_metadata(), limits)? {
        sheets.push(match book.worksheet_range(&sheet.name) {
            Ok(range) => finished(&sheet, dense(&range, false, limits)?, None, Vec::new()),
            Err(error) => finished(&sheet, Vec::new(), Some(error.to_string()), Vec::new()),
        });
    }
    Ok(Workbook {
        format: Format::Ods,
        sheets,
        facts: FileFacts::default(),
    })
}
