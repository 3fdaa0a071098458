//! Cells as they were read, in a new workbook: values at their addresses, and nothing else.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::grid::{Cell, CellValue, Shown};

/// The longest text a cell holds, in UTF-16 units.
const TEXT_MAX: usize = 32_767;

/// The longest name of a sheet.
const NAME_MAX: usize = 31;

/// A sheet's name as a workbook can have it, told apart from those that are taken.
pub(super) fn sheet_name(wanted: &str, taken: &[(usize, String)]) -> String {
    let clean: String = wanted
        .chars()
        .map(|c| {
            if "[]:*?/\\".contains(c) || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect();
    let clean = clean.trim().trim_matches('\'').trim();
    let clean = match clean {
        "" => "Sheet",
        name if name.eq_ignore_ascii_case("history") => "Sheet History",
        name => name,
    };
    let mut number = 1_usize;
    loop {
        let mark = match number {
            1 => String::new(),
            number => format!(" {number}"),
        };
        let room = NAME_MAX - mark.len();
        let mut name = String::new();
        for c in clean.chars() {
            if name.encode_utf16().count() + c.len_utf16() > room {
                break;
            }
            name.push(c);
        }
        let name = format!("{}{mark}", name.trim_end());
        let is_taken = taken
            .iter()
            .any(|(_, other)| other.to_lowercase() == name.to_lowercase());
        if !is_taken {
            return name;
        }
        number += 1;
    }
}

/// Writes sheets of cells. The same cells give the same bytes.
///
/// # Errors
/// What the writing library refuses.
pub(super) fn write(sheets: &[(&str, &[Cell])]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let day = ExcelDateTime::from_ymd(1980, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&day));
    let dated = Format::new().set_num_format("yyyy-mm-dd");
    let timed = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (name, cells) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name)?;
        for cell in *cells {
            let (row, column) = (cell.address.row, cell.address.column);
            match &cell.value {
                CellValue::Text(text) | CellValue::Error(text) => {
                    sheet.write_string(row, column, &*cut(text))?;
                }
                CellValue::Number(figure) => {
                    match number_format(figure.shown) {
                        Some(code) => {
                            let format = Format::new().set_num_format(code);
                            sheet.write_number_with_format(row, column, figure.number, &format)?
                        }
                        None => sheet.write_number(row, column, figure.number)?,
                    };
                }
                CellValue::Boolean(value) => {
                    sheet.write_boolean(row, column, *value)?;
                }
                CellValue::Date(moment) => {
                    let day = moment.date();
                    let is_day = moment.time() == jiff::civil::Time::midnight();
                    let serial = crate::value::date::to_serial(*moment, false);
                    match serial {
                        Some(serial) => {
                            let format = if is_day { &dated } else { &timed };
                            sheet.write_number_with_format(row, column, serial, format)?;
                        }
                        None => {
                            sheet.write_string(row, column, day.to_string())?;
                        }
                    }
                }
                CellValue::NotCalculated => {
                    sheet.write_string(row, column, "(a formula without a result)")?;
                }
            }
        }
    }
    book.save_to_buffer()
}

fn cut(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= TEXT_MAX
        })
        .collect()
}

/// What makes of a number what a person saw; a plain one needs nothing.
fn number_format(shown: Shown) -> Option<String> {
    let code = match shown {
        Shown::Plain | Shown::NoDay => return None,
        Shown::Percent => "0.00%".to_owned(),
        Shown::PercentSign => "0.00\"%\"".to_owned(),
        Shown::Currency(currency) => format!("[${}] #,##0.00", currency.to_string().trim()),
        Shown::Divided(times) => format!("0.0{}\"k\"", ",".repeat(usize::from(times))),
        Shown::Multiplied(times) => {
            let letter = match times {
                1 => "k",
                _ => "m",
            };
            format!("0.0\"{letter}\"")
        }
        Shown::TimeOfDay => "hh:mm".to_owned(),
        Shown::Span => "[h]:mm".to_owned(),
        Shown::Nothing => ";;;".to_owned(),
        // Read again, these are refused again, as what they were.
        Shown::Another => "(0.00);0.00;0.00".to_owned(),
        Shown::Worded => "0.00\" (with words)\"".to_owned(),
    };
    Some(code)
}
