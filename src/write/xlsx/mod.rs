//! The consolidated workbook as xlsx bytes. The only room that names the writing library, and knows its traps.

mod format;
mod height;
mod limits;
mod page;
mod table;

use std::io::Cursor;

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Formula, ProtectionOptions, Url, Workbook, Worksheet, XlsxError,
};

use self::format::{Formats, Style, number};
use self::height::height;
use self::limits::{LINKS_MAX, TIP_MAX, escape, exact, fit, header, serial, units};
use super::link::{self, Address};
use super::package::{self, Lacks};
use crate::render::theme::{self, Look};
use crate::render::{Cell, ColumnKind, Content, Form, SheetPlan, Value, WorkbookPlan};
use crate::watch::{Step, Stopped, Watch};

/// A4, and A3 for sheets that could not be read on it.
const PAPERS: (u8, u8) = (9, 8);

/// How hard the parts are packed, of 9: a level 3 file is a tenth larger than the usual level 6 and takes a quarter less time to write.
const ZIP_LEVEL: u8 = 2;

/// Rows from which a sheet's rows are written here (`long.rs`), and not held by the library: a partnership's own quarter stays below it.
const LONG_ROWS: usize = 500;

/// Why a workbook was not made.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// The plan breaks a limit of the format.
    #[error(transparent)]
    Limit(#[from] XlsxError),
    /// Somebody asked for it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// The workbook's bytes; the same plan gives the same bytes.
///
/// # Errors
/// If the plan breaks a limit of the format.
pub fn write(plan: &WorkbookPlan<'_>) -> Result<Vec<u8>, XlsxError> {
    match write_watched(plan, &Watch::nobody()) {
        Ok(bytes) => Ok(bytes),
        Err(Unwritten::Limit(error)) => Err(error),
        Err(Unwritten::Stopped(Stopped)) => {
            unreachable!("a workbook that nobody watches is stopped by nobody")
        }
    }
}

/// The same, with somebody looking on, who may stop it between two sheets.
///
/// # Errors
/// If the plan breaks a limit of the format, or the work was stopped.
pub fn write_watched(plan: &WorkbookPlan<'_>, watch: &Watch<'_>) -> Result<Vec<u8>, Unwritten> {
    watch.step(Step::Writing)?;
    if plan.sheets.iter().any(is_long) {
        // A system without room for scratch fails: the workbook is then made in memory, where any other fault comes again.
        match written(plan, is_long, watch) {
            Err(Unwritten::Limit(_)) => {}
            done => return done,
        }
    }
    written(plan, |_| false, watch)
}

/// Whether a sheet's rows wait in scratch, and not in the library. Beyond what stays in memory the scratch is a file without a name, which
/// the system forgets with the program, so that nothing goes in or out by it.
fn is_long(sheet: &SheetPlan<'_>) -> bool {
    match &sheet.content {
        Content::Table(table) => {
            rows(sheet) >= LONG_ROWS && table.columns.iter().all(|column| column.total.is_none())
        }
        Content::Page(_) | Content::Form(_) => false,
    }
}

fn rows(sheet: &SheetPlan<'_>) -> usize {
    match &sheet.content {
        Content::Table(table) => table.rows.len(),
        Content::Page(_) | Content::Form(_) => 0,
    }
}

fn written(
    plan: &WorkbookPlan<'_>,
    is_waiting: impl Fn(&SheetPlan<'_>) -> bool,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, Unwritten> {
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(ZIP_LEVEL);
    let (year, month, day) = (plan.as_of.year(), plan.as_of.month(), plan.as_of.day());
    let created = ExcelDateTime::from_ymd(
        year.try_into().unwrap_or(2000),
        month.try_into().unwrap_or(1),
        day.try_into().unwrap_or(1),
    )?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(&plan.title)
            .set_subject(&plan.subject)
            .set_author(&plan.author)
            .set_keywords(&plan.marking)
            // Otherwise the clock's: two runs would differ.
            .set_creation_datetime(&created),
    );
    let mut writer = Writer {
        plan,
        formats: Formats::new(plan.is_form),
        waits: None,
        lacks: Lacks::default(),
    };
    for (number, sheet) in (1..).zip(&plan.sheets) {
        watch.go_on()?;
        writer.waits = is_waiting(sheet).then_some(number);
        writer.sheet(workbook.add_worksheet(), sheet)?;
    }
    workbook.worksheet_from_index(0)?.set_active(true);
    let package = workbook.save_to_buffer()?;
    drop(workbook);
    let done = package::completed(Cursor::new(package), &mut writer.lacks, ZIP_LEVEL);
    Ok(done.map_err(XlsxError::from)?)
}

struct Writer<'a> {
    plan: &'a WorkbookPlan<'a>,
    formats: Formats,
    /// The number of the sheet at hand, if its rows wait outside the library.
    waits: Option<usize>,
    /// What the package still lacks when the library has made it.
    lacks: Lacks,
}

/// Neighbours in a row that look alike.
struct Run {
    row: u32,
    first: u16,
    last: u16,
    style: Style,
}

impl Writer<'_> {
    fn sheet(&mut self, worksheet: &mut Worksheet, sheet: &SheetPlan<'_>) -> Result<(), XlsxError> {
        worksheet.set_name(sheet.name)?;
        worksheet
            .set_paper_size(PAPERS.0)
            .set_print_fit_to_pages(1, 0)
            .set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        worksheet.set_header(header(&self.plan.marking));
        worksheet.set_footer(header(&format!(
            "{} – &A&R&P of &N",
            escape(&self.plan.subject)
        )));
        match &sheet.content {
            Content::Page(page) => self.page(worksheet, sheet, page)?,
            Content::Table(table) => self.table(worksheet, sheet, table, 0)?,
            Content::Form(form) => self.form(worksheet, sheet, form)?,
        }
        if self.plan.is_form {
            // No password: it keeps wording and layout from slipping, and keeps nobody out.
            worksheet.protect_with_options(&ProtectionOptions {
                format_columns: true,
                format_rows: true,
                use_autofilter: true,
                ..ProtectionOptions::new()
            });
        }
        Ok(())
    }

    fn form(
        &mut self,
        worksheet: &mut Worksheet,
        sheet: &SheetPlan<'_>,
        form: &Form<'_>,
    ) -> Result<(), XlsxError> {
        let mut links = 0;
        for (row, cells) in (0..).zip(&form.lines) {
            let points = cells
                .iter()
                .map(|cell| theme::style(cell.look).points)
                .max()
                .unwrap_or_default();
            worksheet.set_row_height(row, height(1).max(f64::from(points + points / 2)))?;
            for (column, cell) in (0..).zip(cells) {
                let place = (ColumnKind::Text, cell.look == Look::Input);
                self.cell(worksheet, (row, column), cell, place, &mut links)?;
            }
        }
        let top = u32::try_from(form.lines.len()).unwrap_or(u32::MAX);
        self.table(worksheet, sheet, &form.table, top)
    }

    /// Writes a row's cells from its first column on; the runs of cells that wait for a format of their own, because they do not look as
    /// their columns usually do. The library looks a format up by hashing the whole of it, so that cells are given theirs together.
    fn row(
        &mut self,
        worksheet: &mut Worksheet,
        row: u32,
        cells: &[(&Cell, ColumnKind)],
        usual: &[Style],
        links: &mut usize,
    ) -> Result<Vec<Run>, XlsxError> {
        let mut out: Vec<Run> = Vec::new();
        for (column, (cell, kind)) in (0..).zip(cells) {
            let style = (cell.look, *kind, number(&cell.value, *kind), true);
            // Blank cells come with their format.
            if cell.value != Value::Blank || column == 0 {
                self.value(worksheet, (row, column), &cell.value, style, links)?;
            }
            let is_dressed = usual.get(usize::from(column)) == Some(&style);
            match out.last_mut() {
                _ if is_dressed => {}
                Some(run) if run.style == style && run.last + 1 == column => run.last = column,
                _ => out.push(Run {
                    row,
                    first: column,
                    last: column,
                    style,
                }),
            }
        }
        Ok(out)
    }

    fn dress(&mut self, worksheet: &mut Worksheet, runs: &[Run]) -> Result<(), XlsxError> {
        for run in runs {
            let format = self.formats.of(run.style);
            worksheet.set_range_format(run.row, run.first, run.row, run.last, format)?;
        }
        Ok(())
    }

    fn cell(
        &mut self,
        worksheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: &Cell,
        (kind, on_table): (ColumnKind, bool),
        links: &mut usize,
    ) -> Result<(), XlsxError> {
        let style = (cell.look, kind, number(&cell.value, kind), on_table);
        if !self.value(worksheet, (row, column), &cell.value, style, links)? {
            worksheet.set_cell_format(row, column, self.formats.of(style))?;
        }
        Ok(())
    }

    /// Writes what a cell holds; whether it came with its format.
    fn value(
        &mut self,
        worksheet: &mut Worksheet,
        (row, column): (u32, u16),
        value: &Value,
        style: Style,
        links: &mut usize,
    ) -> Result<bool, XlsxError> {
        match value {
            Value::Blank => {
                worksheet.write_blank(row, column, self.formats.of(style))?;
                return Ok(true);
            }
            Value::Text(text) => worksheet.write_string(row, column, fit(text))?,
            Value::Number(number) | Value::Money(number) => match exact(*number) {
                Some(number) => worksheet.write_number(row, column, number)?,
                None => worksheet.write_string(row, column, number.to_string())?,
            },
            Value::Percent(percent) => {
                // A shift of the point: exact in a decimal.
                match exact(*percent / Decimal::ONE_HUNDRED) {
                    Some(number) => worksheet.write_number(row, column, number)?,
                    None => worksheet.write_string(row, column, format!("{percent}%"))?,
                }
            }
            Value::Date(day) => match serial(*day) {
                Some(serial) => worksheet.write_datetime(row, column, &serial)?,
                None => worksheet.write_string(row, column, day.to_string())?,
            },
            Value::Formula { formula, result } => match exact(*result) {
                Some(_) => worksheet.write_formula(
                    row,
                    column,
                    Formula::new(formula).set_result(result.normalize().to_string()),
                )?,
                None => worksheet.write_string(row, column, result.to_string())?,
            },
            Value::Link { text, target, tip } => {
                let address = link::address(target).filter(|_| *links < LINKS_MAX);
                if let Some(address) = address {
                    *links += 1;
                    self.lacks.has_marks |= address.is_marked;
                    let url = url(address, text, tip);
                    worksheet.write_url_with_format(row, column, url, self.formats.of(style))?;
                    return Ok(true);
                }
                // A path too long or odd for a link is still worth reading.
                worksheet.write_string(row, column, fit(text))?
            }
            Value::Linked { value, target, tip } => {
                let text = value.as_text();
                let address = link::address(target).filter(|_| *links < LINKS_MAX);
                if let Some(address) = address {
                    *links += 1;
                    self.lacks.has_marks |= address.is_marked;
                    let url = url(address, text.unwrap_or(tip), tip);
                    worksheet.write_url_with_format(row, column, url, self.formats.of(style))?;
                    // The library writes links as text; what else the cell holds is written over it and keeps the link.
                    if text.is_some() {
                        return Ok(true);
                    }
                }
                return self.value(worksheet, (row, column), value, style, links);
            }
        };
        Ok(false)
    }
}

/// A link as the library takes it.
fn url(address: Address, text: &str, tip: &str) -> Url {
    Url::new(address.written)
        .set_text(fit(text))
        .set_tip(units(tip, TIP_MAX))
}
