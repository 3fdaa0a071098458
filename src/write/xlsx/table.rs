//! A table: its headings, filter and totals, what its cells accept, and its rows, which wait outside the library where they are many.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, DataValidation, DataValidationErrorStyle,
    DataValidationRule, ExcelDateTime, Format, Formula, Table as XlsxTable, TableColumn,
    TableFunction, TableStyle, Worksheet, XlsxError,
};

use super::format::{Number, Style, bordered, colour, format, heading_format, number, usual};
use super::height::{height, lines, wrapped};
use super::limits::{DROPDOWN_MAX, LINKS_MAX, TIP_MAX, exact, fit, held, serial, units};
use super::{PAPERS, Run, Writer};
use crate::grid::{CellAddress, CellRange};
use crate::render::theme::Look;
use crate::render::{
    Cell, Column, ColumnKind, EntryCheck, PickFrom, SheetPlan, Table, Target, Value,
};
use crate::write::link;
use crate::write::long::{Rows, Waiting};
use crate::write::package::{LongSheet, TableRange};

/// The widest sheet, in characters, that can be read on an A4 page that lies: no letter under seven points, also where a wider font stands
/// in for ours.
const A4_WIDTH_MAX: u32 = 155;

/// The widest sheet that is printed on one A3 page; a wider one goes on two side by side.
const A3_WIDTH_MAX: u32 = 260;

/// How many lines of a cell that is not printed are in sight, where what is printed of its row needs fewer.
const BESIDE_LINES: usize = 3;

/// Lines of text that a form's row has room for, at least.
const ANSWER_LINES: usize = 4;

/// Rows of one sheet from which the finished package waits in a scratch file, too, and rows are given no height.
const HUGE_ROWS: usize = 50_000;

impl Writer<'_> {
    pub(super) fn table(
        &mut self,
        worksheet: &mut Worksheet,
        sheet: &SheetPlan<'_>,
        table: &Table<'_>,
        top: u32,
    ) -> Result<(), XlsxError> {
        let last_row = top.saturating_add(u32::try_from(table.rows.len()).unwrap_or(u32::MAX));
        let last_column = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let mut links = 0;
        for (column, plan) in (0..).zip(&table.columns) {
            worksheet.set_column_width(column, f64::from(plan.width))?;
        }
        let widths: Vec<u16> = table
            .columns
            .iter()
            .map(|column| {
                if matches!(column.kind, ColumnKind::Text) {
                    u16::MAX
                } else {
                    column.width
                }
            })
            .collect();
        // The table and its headings first: a sheet that is written row by row never comes back to them.
        let has_total = table.columns.iter().any(|column| column.total.is_some());
        let columns: Vec<TableColumn> = (0_u16..)
            .zip(&table.columns)
            .map(|(index, column)| table_column(index, column, has_total, (top + 1, last_row)))
            .collect();
        let style = XlsxTable::new()
            .set_name(table.id)
            .set_style(TableStyle::Light1)
            .set_banded_rows(false)
            .set_total_row(has_total)
            .set_columns(&columns)
            .set_alt_text(&sheet.about);
        let last = if has_total { last_row + 1 } else { last_row };
        // The library notes each cell of a table, lest another should overlap it: of a long one it is told the beginning.
        let told = if self.waits.is_some() { top + 1 } else { last };
        worksheet.add_table(top, 0, told, last_column, &style)?;
        if told != last {
            let range = |last| {
                CellRange::new(
                    CellAddress::new(top, 0),
                    CellAddress::new(last, last_column),
                )
            };
            self.lacks.ranges.push(TableRange {
                table: table.id,
                told: range(told),
                whole: range(last),
            });
        }
        let needed = table
            .columns
            .iter()
            .map(|column| wrapped(&column.heading, usize::from(column.width)))
            .max();
        worksheet.set_row_height(top, height(needed.unwrap_or(1)).max(32.0))?;
        let printed = table.printed.map_or(widths.len(), usize::from);
        if let Some(number) = self.waits {
            let waiting = self.wait(worksheet, table, &widths, printed)?;
            let end = last_row + u32::from(!table.below.is_empty());
            self.lacks.sheets.push(LongSheet {
                number,
                waiting,
                whole: CellRange::new(CellAddress::new(0, 0), CellAddress::new(end, last_column)),
            });
        } else {
            let usual = usual(&table.columns);
            let mut runs: Vec<Run> = Vec::new();
            for (row, cells) in (top + 1..).zip(table.rows.iter()) {
                if let Some(height) = self.height(&cells, &widths, printed) {
                    worksheet.set_row_height(row, height)?;
                }
                let kinds = cells.iter().zip(&table.columns);
                let cells: Vec<_> = kinds.map(|(cell, plan)| (cell, plan.kind)).collect();
                runs.extend(self.row(worksheet, row, &cells, &usual, &mut links)?);
            }
            // The cells look as their columns usually do, then as they themselves do; the columns keep no format, for it would show below
            // the table.
            for (column, style) in (0..).zip(&usual) {
                if !table.rows.is_empty() {
                    let format = self.formats.of(*style);
                    worksheet.set_range_format(top + 1, column, last_row, column, format)?;
                }
            }
            self.dress(worksheet, &runs)?;
            if !table.below.is_empty() {
                let kinds = table.below.iter().zip(&table.columns);
                let cells: Vec<_> = kinds.map(|(cell, plan)| (cell, plan.kind)).collect();
                let runs = self.row(worksheet, last + 1, &cells, &usual, &mut links)?;
                self.dress(worksheet, &runs)?;
            }
        }
        if has_total {
            let label = bordered(format(Look::Total, ColumnKind::Text, Number::General));
            let total_format = bordered(format(Look::Total, ColumnKind::Money, Number::Money));
            for (column, plan) in (0..).zip(&table.columns) {
                match plan.total.filter(|total| exact(*total).is_some()) {
                    // A table's totals are stored as nought unless they are told.
                    Some(total) => {
                        worksheet.set_formula_result(last, column, total.normalize().to_string());
                        worksheet.set_cell_format(last, column, &total_format)?;
                    }
                    None => {
                        worksheet.set_cell_format(last, column, &label)?;
                    }
                }
            }
        }
        self.choices(worksheet, table, (top + 1, last_row))?;
        worksheet.set_landscape().set_repeat_rows(top, top)?;
        let printed = table
            .columns
            .iter()
            .take(table.printed.map_or(usize::MAX, usize::from));
        let width = printed.map(|column| u32::from(column.width)).sum::<u32>();
        if width > A4_WIDTH_MAX {
            worksheet.set_paper_size(PAPERS.1);
        }
        if let Some(last) = table.frozen.checked_sub(1).filter(|_| width > A3_WIDTH_MAX) {
            // The second page begins with what tells the rows apart.
            worksheet
                .set_print_fit_to_pages(2, 0)
                .set_repeat_columns(0, last)?;
        }
        worksheet.set_freeze_panes(top + 1, table.frozen)?;
        if let Some(printed) = table.printed.and_then(|printed| printed.checked_sub(1)) {
            let end = last + u32::from(!table.below.is_empty());
            worksheet.set_print_area(0, 0, end, printed.min(last_column))?;
        }
        Ok(())
    }

    /// Writes a long table's rows to scratch, and has the library write one specimen of each of their styles in the first column.
    pub(super) fn wait(
        &mut self,
        worksheet: &mut Worksheet,
        table: &Table<'_>,
        widths: &[u16],
        printed: usize,
    ) -> Result<Waiting, XlsxError> {
        let mut rows = Rows::new(table.columns.len());
        let mut links = 0;
        // Rows of a sheet that nobody prints fit themselves when it is opened.
        let is_huge = table.rows.len() >= HUGE_ROWS;
        let below = (!table.below.is_empty()).then_some(Cow::Borrowed(&table.below[..]));
        let ends = table.rows.len();
        for (index, cells) in table.rows.iter().chain(below).enumerate() {
            let height = if is_huge || index == ends {
                None
            } else {
                self.height(&cells, widths, printed)
            };
            rows.begin(u32::try_from(index + 1).unwrap_or(u32::MAX), height);
            for (column, (cell, plan)) in (0..).zip(cells.iter().zip(&table.columns)) {
                let style = (cell.look, plan.kind, number(&cell.value, plan.kind), true);
                put(&mut rows, column, &cell.value, style, &mut links);
            }
            rows.end()?;
        }
        let (waiting, styles) = rows.finish()?;
        for (row, style) in (1..).zip(styles) {
            worksheet.write_blank(row, 0, self.formats.of(style))?;
        }
        Ok(waiting)
    }

    /// How high a row must be: spreadsheets fit heights to text only where none is set, and not all of them do. A form's blank rows grow
    /// as they are filled; its other rows leave room for an answer.
    pub(super) fn height(&self, cells: &[Cell], widths: &[u16], printed: usize) -> Option<f64> {
        let is_blank = || cells.iter().all(|cell| cell.value == Value::Blank);
        if self.plan.is_form && is_blank() {
            return None;
        }
        let room = if self.plan.is_form { ANSWER_LINES } else { 1 };
        // What is not printed makes no printed row much higher.
        let on_paper = lines(
            cells.get(..printed).unwrap_or(cells),
            widths.get(..printed).unwrap_or(widths),
        );
        let beside = lines(cells, widths).min(on_paper.max(BESIDE_LINES));
        Some(height(on_paper.max(beside).max(room)))
    }

    /// Dropdowns, and the colours of statuses that follow when another word is chosen.
    pub(super) fn choices(
        &self,
        worksheet: &mut Worksheet,
        table: &Table<'_>,
        (first_row, last_row): (u32, u32),
    ) -> Result<(), XlsxError> {
        for (column, plan) in (0..).zip(&table.columns) {
            let length = plan
                .dropdown
                .iter()
                .map(|word| word.encode_utf16().count() + 1)
                .sum::<usize>();
            let is_plain = plan.dropdown.iter().all(|word| !word.contains(','));
            let has_list = !plan.dropdown.is_empty() && length <= DROPDOWN_MAX && is_plain;
            if has_list || plan.entry.is_some() {
                let mut validation = match plan.entry.as_ref().map(|entry| entry.check) {
                    _ if has_list => DataValidation::new()
                        .allow_list_strings(&plan.dropdown)?
                        .set_error_style(DataValidationErrorStyle::Warning)
                        .set_error_title("Not on the list")?
                        .set_error_message("Please choose one of the words on the list.")?,
                    Some(check) => checked(check)?,
                    None => continue,
                };
                if let Some(entry) = &plan.entry {
                    validation = validation
                        .set_input_title(plan.heading.chars().take(32).collect::<String>())?
                        .set_input_message(entry.prompt.chars().take(255).collect::<String>())?;
                }
                worksheet.add_data_validation(first_row, column, last_row, column, &validation)?;
            }
            for pick in &plan.picks {
                let row = first_row + pick.row;
                if let Some(list) = picked(&pick.from)? {
                    worksheet.add_data_validation(row, column, row, column, &list)?;
                }
            }
            if plan.is_status {
                for (word, fill) in &self.plan.statuses {
                    let rule = ConditionalFormatCell::new()
                        .set_rule(ConditionalFormatCellRule::EqualTo(format!(
                            "\"{}\"",
                            word.replace('"', "\"\"")
                        )))
                        .set_format(Format::new().set_background_color(colour(*fill)));
                    worksheet.add_conditional_format(first_row, column, last_row, column, &rule)?;
                }
            }
        }
        Ok(())
    }
}

/// Writes what a cell of a long table holds, as `Writer::value` has the library do.
fn put(rows: &mut Rows<Style>, column: u16, value: &Value, style: Style, links: &mut usize) {
    match value {
        Value::Blank => rows.blank(column, style),
        Value::Text(text) => rows.text(column, style, &fit(text)),
        Value::Number(number) | Value::Money(number) => match held(*number) {
            Some(number) => rows.number(column, style, number),
            None => rows.text(column, style, &number.to_string()),
        },
        Value::Percent(percent) => match held(*percent / Decimal::ONE_HUNDRED) {
            Some(number) => rows.number(column, style, number),
            None => rows.text(column, style, &format!("{percent}%")),
        },
        Value::Date(day) => match serial(*day) {
            Some(serial) => rows.number(column, style, serial.to_excel()),
            None => rows.text(column, style, &day.to_string()),
        },
        Value::Formula { formula, result } => match held(*result) {
            Some(result) => rows.formula(column, style, formula, result),
            None => rows.text(column, style, &result.to_string()),
        },
        Value::Link { text, target, tip } => {
            rows.text(column, style, &fit(text));
            lead(rows, column, target, (None, tip), links);
        }
        Value::Linked { value, target, tip } => {
            put(rows, column, value, style, links);
            let display = value.as_text().is_none().then_some(tip.as_str());
            lead(rows, column, target, (display, tip), links);
        }
    }
}

/// Has a cell of a long table lead somewhere, if a link can.
fn lead(
    rows: &mut Rows<Style>,
    column: u16,
    target: &Target,
    (display, tip): (Option<&str>, &str),
    links: &mut usize,
) {
    if let Some(lead) = link::lead(target).filter(|_| *links < LINKS_MAX) {
        *links += 1;
        rows.link(column, lead, display, &units(tip, TIP_MAX));
    }
}

/// The dropdown of one cell. What is not on it may be typed all the same: what does not fit is told by the next run.
fn picked(from: &PickFrom) -> Result<Option<DataValidation>, XlsxError> {
    let list = match from {
        PickFrom::Words(words) => {
            let mut length = 0;
            let fitting: Vec<&str> = words
                .iter()
                .filter(|word| !word.contains(','))
                .take_while(|word| {
                    length += word.encode_utf16().count() + 1;
                    length <= DROPDOWN_MAX
                })
                .map(String::as_str)
                .collect();
            if fitting.is_empty() {
                return Ok(None);
            }
            DataValidation::new().allow_list_strings(&fitting)?
        }
        PickFrom::Sheet { rows: 0, .. } => return Ok(None),
        PickFrom::Sheet { name, rows } => DataValidation::new()
            .allow_list_formula(format!("='{name}'!$A$2:$A${}", rows + 1).as_str().into()),
    };
    Ok(Some(
        list.set_error_style(DataValidationErrorStyle::Information)
            .set_error_title("Not on the list")?
            .set_error_message("The next run says whether this can be meant.")?,
    ))
}

/// What a form's column accepts; the message says what to do.
fn checked(check: EntryCheck) -> Result<DataValidation, XlsxError> {
    let day = |day: jiff::civil::Date| {
        ExcelDateTime::from_ymd(
            day.year().try_into().unwrap_or(1900),
            day.month().try_into().unwrap_or(1),
            day.day().try_into().unwrap_or(1),
        )
    };
    match check {
        EntryCheck::Any => Ok(DataValidation::new().allow_any_value()),
        EntryCheck::Number => DataValidation::new()
            .allow_decimal_number(DataValidationRule::Between(-1e12, 1e12))
            .set_error_title("Not a number")?
            .set_error_message(
                "Please enter a number alone, without words or a pound sign. Remarks go in another column.",
            ),
        EntryCheck::Dates(first, last) => DataValidation::new()
            .allow_date(DataValidationRule::Between(day(first)?, day(last)?))
            .set_error_title("Not a date in the period")?
            .set_error_message(format!(
                "Please enter a date from {} to {}, such as {}.",
                first.strftime("%d/%m/%Y"),
                last.strftime("%d/%m/%Y"),
                first.strftime("%d/%m/%Y")
            )),
    }
}

fn table_column(
    index: u16,
    column: &Column,
    has_total: bool,
    (first_row, last_row): (u32, u32),
) -> TableColumn {
    let out = TableColumn::new()
        .set_header(&column.heading)
        .set_header_format(heading_format(column.kind));
    match column.total {
        Some(_) => {
            // Plain addresses: LibreOffice does not read a bare `[Spend to date]` there.
            let body = CellRange::new(
                CellAddress::new(first_row, index),
                CellAddress::new(last_row, index),
            );
            out.set_total_function(TableFunction::Custom(Formula::new(format!(
                "SUBTOTAL(109,{body})"
            ))))
        }
        None if has_total && index == 0 => out.set_total_label("Total"),
        None => out,
    }
}
