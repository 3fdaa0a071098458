//! The public version as an accessible workbook: one table a sheet, nothing but text and figures. Beside `xlsx/` the only file that names
//! the writing library.

use std::io::Cursor;

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table, TableColumn, TableStyle, Workbook,
    Worksheet, XlsxError,
};

use super::{package, public};
use crate::render::public::{PublicSet, PublicTable, Value};

/// The font of every cell, and its size in points.
const FONT: (&str, u16) = ("Arial", 12);

/// What a line of text adds to a row's height, in points, and the most that a row can have.
const LINE: u32 = 16;
const HEIGHT_MAX: u32 = 409;

/// How wide column A of a page of lines is, in characters.
const PAGE_WIDTH: u16 = 90;

/// The workbook's bytes; the same set gives the same bytes.
///
/// # Errors
/// If the set breaks a limit of the format.
pub(super) fn write(set: &PublicSet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let day = set.as_of;
    let created = ExcelDateTime::from_ymd(
        day.year().try_into().unwrap_or(2000),
        day.month().try_into().unwrap_or(1),
        day.day().try_into().unwrap_or(1),
    )?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(&set.title)
            .set_subject(set.quarter.spoken())
            .set_author(&set.partnership)
            .set_creation_datetime(&created),
    );
    let plain = Format::new()
        .set_font_name(FONT.0)
        .set_font_size(FONT.1)
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let formats = Formats {
        title: plain.clone().set_bold().set_font_size(FONT.1 + 3),
        heading: plain.clone().set_bold(),
        money: plain
            .clone()
            .set_num_format("#,##0.00")
            .set_align(FormatAlign::Right),
        number: plain.clone().set_align(FormatAlign::Right),
        plain,
    };
    let cover = workbook.add_worksheet();
    cover.set_name("Cover")?;
    cover.set_column_width(0, PAGE_WIDTH)?;
    line(cover, 0, &set.title, &formats.title)?;
    for (row, text) in (1..).zip(&set.cover) {
        line(cover, row, text, &formats.plain)?;
    }
    cover.set_active(true);
    cover
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0);
    table(
        workbook.add_worksheet(),
        set,
        &public::contents(set),
        &formats,
    )?;
    for own in &set.tables {
        table(workbook.add_worksheet(), set, own, &formats)?;
    }
    let bytes = workbook.save_to_buffer()?;
    Ok(package::published(Cursor::new(bytes))?)
}

struct Formats {
    title: Format,
    heading: Format,
    plain: Format,
    number: Format,
    money: Format,
}

/// A line of text in column A, as high as it needs to be.
fn line(sheet: &mut Worksheet, row: u32, text: &str, format: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, 0, text, format)?;
    sheet.set_row_height(row, height(public::lines([(text, PAGE_WIDTH)].into_iter())))?;
    Ok(())
}

fn height(lines: usize) -> u32 {
    u32::try_from(lines)
        .unwrap_or(HEIGHT_MAX)
        .saturating_mul(LINE)
        .saturating_add(6)
        .min(HEIGHT_MAX)
}

fn table(
    sheet: &mut Worksheet,
    set: &PublicSet,
    own: &PublicTable,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name(own.name)?;
    for (column, (_, width)) in (0..).zip(&own.columns) {
        sheet.set_column_width(column, *width)?;
    }
    let above = public::above(set, own);
    // The lines stand in column A, whose width is the table's: they run over the empty cells beside them.
    for (row, text) in (0..).zip(&above) {
        let format = if row == 0 {
            formats.title.clone()
        } else {
            formats.plain.clone()
        };
        sheet.write_string_with_format(row, 0, text, &format.unset_text_wrap())?;
        sheet.set_row_height(row, if row == 0 { 24 } else { 18 })?;
    }
    let top = u32::try_from(above.len()).unwrap_or_default();
    let widths: Vec<u16> = own.columns.iter().map(|(_, width)| *width).collect();
    let mut headings = Vec::new();
    for (column, (heading, _)) in (0..).zip(&own.columns) {
        sheet.write_string_with_format(top, column, heading, &formats.heading)?;
        headings.push(
            TableColumn::new()
                .set_header(heading)
                .set_header_format(&formats.heading),
        );
    }
    let texts = own
        .columns
        .iter()
        .map(|(heading, width)| (heading.as_str(), *width));
    sheet.set_row_height(top, height(public::lines(texts)))?;
    for (row, cells) in (top + 1..).zip(&own.rows) {
        for (column, value) in (0..).zip(cells) {
            match value {
                Value::Text(text) => {
                    sheet.write_string_with_format(row, column, text, &formats.plain)?;
                }
                Value::Number(number) => match exact(*number) {
                    Some(number) => {
                        sheet.write_number_with_format(row, column, number, &formats.number)?;
                    }
                    None => {
                        sheet.write_string_with_format(
                            row,
                            column,
                            value.plain(),
                            &formats.plain,
                        )?;
                    }
                },
                Value::Money(money) => match exact(*money) {
                    Some(number) => {
                        sheet.write_number_with_format(row, column, number, &formats.money)?;
                    }
                    None => {
                        sheet.write_string_with_format(
                            row,
                            column,
                            value.plain(),
                            &formats.plain,
                        )?;
                    }
                },
            }
        }
        let texts: Vec<(String, u16)> = cells
            .iter()
            .zip(&widths)
            .map(|(value, width)| (value.plain(), *width))
            .collect();
        let lines = public::lines(texts.iter().map(|(text, width)| (text.as_str(), *width)));
        sheet.set_row_height(row, height(lines))?;
    }
    let last = top + u32::try_from(own.rows.len()).unwrap_or_default();
    let last_column = u16::try_from(own.columns.len().saturating_sub(1)).unwrap_or_default();
    let marked = Table::new()
        .set_name(public::table_name(set, own))
        .set_autofilter(false)
        .set_banded_rows(false)
        .set_style(TableStyle::None)
        .set_columns(&headings);
    sheet.add_table(top, 0, last, last_column, &marked)?;
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0);
    Ok(())
}

/// A figure as a spreadsheet's number, where it holds it to the last digit.
fn exact(number: rust_decimal::Decimal) -> Option<f64> {
    (number.mantissa().unsigned_abs() < 1_000_000_000_000_000)
        .then(|| number.to_f64())
        .flatten()
}
