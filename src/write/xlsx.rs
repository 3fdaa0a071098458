//! The consolidated workbook as xlsx bytes. The only file that names the writing library, and knows its traps.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    Chart as XlsxChart, ChartAxisCrossing, ChartDataLabel, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartSolidFill, ChartType, Color, ConditionalFormatCell,
    ConditionalFormatCellRule, DataValidation, DataValidationErrorStyle, DataValidationRule,
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatUnderline, Formula,
    ProtectionOptions, Table as XlsxTable, TableColumn, TableFunction, TableStyle, Url, Workbook,
    Worksheet, XlsxError,
};

use super::link::{self, Address};
use super::long::{Rows, Waiting};
use super::package::{self, Lacks, LongSheet, TableRange};
use crate::grid::{CellAddress, CellRange, Rgb};
use crate::render::theme::{self, Look};
use crate::render::{
    Block, CHART_ROWS, Cell, Chart, ChartKind, Column, ColumnKind, Content, EntryCheck, Form, Page,
    PickFrom, SheetPlan, Table, Target, Value, WorkbookPlan,
};
use crate::watch::{Step, Stopped, Watch};

/// Links on one sheet, under Excel's limit of 65,530; more are written as text.
const LINKS_MAX: usize = 65_000;

/// What a link says when pointed at, in UTF-16 units at most.
const TIP_MAX: usize = 255;

/// The longest text a cell holds, in UTF-16 units.
const TEXT_MAX: usize = 32_767;

/// The longest list of words that a dropdown can carry in itself.
const DROPDOWN_MAX: usize = 255;

/// The first whole number with more digits than a spreadsheet's numbers carry exactly, which is 15.
const DIGITS_END: u128 = 1_000_000_000_000_000;

/// A4, and A3 for sheets that could not be read on it.
const PAPERS: (u8, u8) = (9, 8);

/// The widest page, in characters, that can be read on an upright A4 page, and the widest sheet on one that lies: no letter under seven
/// points, also where a wider font stands in for ours.
const UPRIGHT_WIDTH_MAX: u32 = 104;
const A4_WIDTH_MAX: u32 = 155;

/// The widest sheet that is printed on one A3 page; a wider one goes on two side by side.
const A3_WIDTH_MAX: u32 = 260;

/// The highest sheet, in points, that can be read on one A4 page that lies: no letter under eight points.
const FITTED_HEIGHT_MAX: f64 = 636.0;

/// How many lines of a cell that is not printed are in sight, where what is printed of its row needs fewer.
const BESIDE_LINES: usize = 3;

/// A row's least height, what each line of text adds, and the most that a row can have, in points.
const ROW_HEIGHT: (f64, f64, f64) = (4.0, 13.0, 409.0);

/// Lines of text that a form's row has room for, at least.
const ANSWER_LINES: usize = 4;

/// How hard the parts are packed, of 9: a level 3 file is a tenth larger than the usual level 6 and takes a quarter less time to write.
const ZIP_LEVEL: u8 = 2;

/// Rows from which a sheet's rows are written here (`long.rs`), and not held by the library: a partnership's own quarter stays below it.
const LONG_ROWS: usize = 500;

/// Rows of one sheet from which the finished package waits in a scratch file, too, and rows are given no height.
const HUGE_ROWS: usize = 50_000;

/// The longest text that tells a chart in words.
const ALTERNATIVE_MAX: usize = 255;

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
        formats: Formats {
            is_form: plan.is_form,
            made: BTreeMap::new(),
        },
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

/// What a cell's format depends on, the last being whether it stands in a table.
type Style = (Look, ColumnKind, Number, bool);

/// Neighbours in a row that look alike.
struct Run {
    row: u32,
    first: u16,
    last: u16,
    style: Style,
}

/// Each format that cells share, made once.
struct Formats {
    is_form: bool,
    made: BTreeMap<Style, Format>,
}

impl Formats {
    fn of(&mut self, style: Style) -> &Format {
        let (look, kind, number, on_table) = style;
        let is_open = self.is_form && look == Look::Input;
        self.made.entry(style).or_insert_with(|| {
            let mut out = format(look, kind, number);
            if is_open {
                out = out.set_unlocked();
            }
            if on_table { bordered(out) } else { out }
        })
    }
}

/// Which number format a cell needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Number {
    General,
    Integer,
    Decimal,
    Tenth,
    Percent,
    WholePercent,
    Money,
    Date,
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

    fn page(
        &mut self,
        worksheet: &mut Worksheet,
        sheet: &SheetPlan<'_>,
        page: &Page,
    ) -> Result<(), XlsxError> {
        let width: u32 = page.widths.iter().map(|width| u32::from(*width)).sum();
        if width > UPRIGHT_WIDTH_MAX {
            worksheet.set_landscape();
        } else {
            worksheet.set_portrait();
        }
        worksheet.set_screen_gridlines(false);
        for (column, width) in (0..).zip(&page.widths) {
            worksheet.set_column_width(column, f64::from(*width))?;
        }
        let mut row = 0;
        let mut links = 0;
        let mut grid = (0, 0);
        for block in &page.blocks {
            match block {
                Block::Gap => row += 1,
                Block::Paragraph(cell) => {
                    let at = (row, 0);
                    self.cell(worksheet, at, cell, (ColumnKind::Prose, false), &mut links)?;
                    let lines = lines(std::slice::from_ref(cell), &page.widths);
                    worksheet.set_row_height(row, height(lines))?;
                    row += 1;
                }
                Block::Line(cells) => {
                    // A single text runs over its neighbours; beside a label it wraps in its own cell.
                    let kind = if cells.len() > 1 {
                        ColumnKind::Prose
                    } else {
                        ColumnKind::Text
                    };
                    for (column, cell) in (0..).zip(cells) {
                        // A figure beside its label stands by it.
                        let is_figure = matches!(
                            cell.value,
                            Value::Money(_) | Value::Number(_) | Value::Percent(_)
                        );
                        let kind = if is_figure { ColumnKind::Date } else { kind };
                        self.cell(worksheet, (row, column), cell, (kind, false), &mut links)?;
                    }
                    let points = cells
                        .iter()
                        .map(|cell| theme::style(cell.look).points)
                        .max()
                        .unwrap_or_default();
                    let lines = if cells.len() > 1 {
                        lines(cells, &page.widths)
                    } else {
                        1
                    };
                    worksheet
                        .set_row_height(row, height(lines).max(f64::from(points + points / 2)))?;
                    row += 1;
                }
                Block::Grid { headings, rows } => {
                    for (column, text) in (0_u16..).zip(headings) {
                        let kind = rows
                            .iter()
                            .filter_map(|cells| cells.get(usize::from(column)))
                            .find(|cell| cell.value != Value::Blank)
                            .filter(|_| column > 0)
                            .map_or(ColumnKind::Prose, |cell| kind_of(&cell.value));
                        worksheet.write_string_with_format(
                            row,
                            column,
                            text,
                            &bordered(heading_format(kind)),
                        )?;
                    }
                    let most = headings.iter().zip(&page.widths);
                    let most = most.map(|(text, width)| wrapped(text, usize::from(*width)));
                    worksheet.set_row_height(row, height(most.max().unwrap_or(1)))?;
                    grid = (row, row + 1);
                    row += 1;
                    for cells in rows {
                        worksheet.set_row_height(row, height(lines(cells, &page.widths)))?;
                        let kinds = cells.iter().enumerate().map(|(column, cell)| {
                            if column == 0 {
                                (cell, ColumnKind::Prose)
                            } else {
                                (cell, kind_of(&cell.value))
                            }
                        });
                        let cells: Vec<_> = kinds.collect();
                        let runs = self.row(worksheet, row, &cells, &[], &mut links)?;
                        self.dress(worksheet, &runs)?;
                        row += 1;
                    }
                }
                Block::Columns { headings, rows } => {
                    self.columns(worksheet, row, headings, rows, &page.widths, &mut links)?;
                    row += u32::try_from(rows.len() + 1).unwrap_or(u32::MAX);
                }
                Block::Chart(chart) => {
                    row += 1;
                    insert_chart(worksheet, sheet.name, chart, grid, row, page)?;
                    row += CHART_ROWS + 1;
                }
            }
        }
        if page.is_fitted && points(&page.blocks, &page.widths) <= FITTED_HEIGHT_MAX {
            worksheet.set_print_fit_to_pages(1, 1);
        }
        Ok(())
    }

    /// A grid whose columns are each written in a way of their own.
    fn columns(
        &mut self,
        worksheet: &mut Worksheet,
        top: u32,
        headings: &[(String, ColumnKind)],
        rows: &[Vec<Cell>],
        widths: &[u16],
        links: &mut usize,
    ) -> Result<(), XlsxError> {
        let mut most = 1;
        for (column, (text, kind)) in (0_u16..).zip(headings) {
            let width = widths.get(usize::from(column)).copied().unwrap_or_default();
            most = most.max(wrapped(text, usize::from(width)));
            if !text.is_empty() {
                let format = bordered(heading_format(*kind));
                worksheet.write_string_with_format(top, column, text, &format)?;
            }
        }
        worksheet.set_row_height(top, height(most))?;
        for (row, cells) in (top + 1..).zip(rows) {
            worksheet.set_row_height(row, height(lines(cells, widths)))?;
            for (column, (cell, (heading, kind))) in (0_u16..).zip(cells.iter().zip(headings)) {
                let is_empty =
                    heading.is_empty() && cell.value == Value::Blank && cell.look == Look::Plain;
                if !is_empty {
                    self.cell(worksheet, (row, column), cell, (*kind, true), links)?;
                }
            }
        }
        Ok(())
    }

    fn table(
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
    fn wait(
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
    fn height(&self, cells: &[Cell], widths: &[u16], printed: usize) -> Option<f64> {
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
    fn choices(
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

/// A day as a spreadsheet counts it; before 1900 it has none.
fn serial(day: jiff::civil::Date) -> Option<ExcelDateTime> {
    ExcelDateTime::from_ymd(
        day.year().try_into().ok()?,
        day.month().try_into().ok()?,
        day.day().try_into().ok()?,
    )
    .ok()
}

/// A link as the library takes it.
fn url(address: Address, text: &str, tip: &str) -> Url {
    Url::new(address.written)
        .set_text(fit(text))
        .set_tip(units(tip, TIP_MAX))
}

/// The beginning of a text, of so many UTF-16 units at most.
fn units(text: &str, most: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= most
        })
        .collect()
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

fn insert_chart(
    worksheet: &mut Worksheet,
    sheet: &str,
    chart: &Chart,
    (heading, first): (u32, u32),
    row: u32,
    page: &Page,
) -> Result<(), XlsxError> {
    if chart.rows == 0 {
        return Ok(());
    }
    let last = first + chart.rows - 1;
    let mut out = XlsxChart::new(match chart.kind {
        ChartKind::StackedBars => ChartType::BarStacked,
        ChartKind::Bars => ChartType::Bar,
    });
    for (column, fill) in &chart.series {
        let series = out.add_series();
        series
            .set_name((sheet, heading, *column))
            .set_categories((sheet, first, 0, last, 0))
            .set_values((sheet, first, *column, last, *column))
            .set_gap(60)
            .set_format(
                ChartFormat::new()
                    .set_solid_fill(ChartSolidFill::new().set_color(colour(*fill)))
                    // Light fills are told apart by their outline.
                    .set_border(
                        ChartLine::new()
                            .set_color(colour([0x59, 0x59, 0x59]))
                            .set_width(0.5),
                    ),
            );
        if chart.kind == ChartKind::StackedBars {
            series.set_overlap(100);
            let mut label = ChartDataLabel::new();
            label.show_value().set_num_format(theme::COUNT_FORMAT);
            series.set_data_label(&label);
        }
    }
    out.title()
        .set_name(&chart.title)
        .set_font(ChartFont::new().set_bold().set_size(12));
    // A longer text would be dropped as a whole.
    out.set_alt_text(shortened(&chart.alternative, ALTERNATIVE_MAX));
    out.legend().set_position(ChartLegendPosition::Bottom);
    // The first row of the grid at the top, as it is read, and the figures below. A bar chart's categories are on its y axis here.
    out.y_axis()
        .set_reverse()
        .set_crossing(ChartAxisCrossing::Max);
    if chart.is_money {
        out.x_axis().set_num_format(theme::AXIS_MONEY_FORMAT);
    } else {
        out.x_axis().set_num_format(theme::INTEGER_FORMAT);
    }
    let width: u32 = page
        .widths
        .iter()
        .map(|width| u32::from(*width) * 7 + 5)
        .sum();
    out.set_width(width.min(960)).set_height(CHART_ROWS * 20);
    worksheet.insert_chart(row, 0, &out)?;
    Ok(())
}

fn kind_of(value: &Value) -> ColumnKind {
    match value {
        Value::Money(_) | Value::Formula { .. } => ColumnKind::Money,
        Value::Number(_) | Value::Percent(_) => ColumnKind::Number,
        Value::Date(_) => ColumnKind::Date,
        Value::Blank | Value::Text(_) | Value::Link { .. } => ColumnKind::Centred,
        Value::Linked { value, .. } => kind_of(value),
    }
}

/// How most cells of each column look.
fn usual(columns: &[Column]) -> Vec<Style> {
    let style = |column: &Column| {
        let number = match column.kind {
            ColumnKind::Money | ColumnKind::Figure => Number::Money,
            ColumnKind::Number => Number::Integer,
            ColumnKind::Date => Number::Date,
            ColumnKind::Text | ColumnKind::Prose | ColumnKind::Centred => Number::General,
        };
        (Look::Plain, column.kind, number, true)
    };
    columns.iter().map(style).collect()
}

fn number(value: &Value, kind: ColumnKind) -> Number {
    match value {
        Value::Linked { value, .. } => number(value, kind),
        Value::Formula { .. } if kind == ColumnKind::Number => Number::Tenth,
        Value::Money(_) | Value::Formula { .. } => Number::Money,
        Value::Number(number) if number.fract().is_zero() => Number::Integer,
        Value::Number(_) => Number::Decimal,
        Value::Percent(percent) if percent.fract().is_zero() => Number::WholePercent,
        Value::Percent(_) => Number::Percent,
        Value::Date(_) => Number::Date,
        Value::Blank if matches!(kind, ColumnKind::Money | ColumnKind::Figure) => Number::Money,
        Value::Blank if kind == ColumnKind::Number => Number::Integer,
        Value::Blank if kind == ColumnKind::Date => Number::Date,
        Value::Blank | Value::Text(_) | Value::Link { .. } => Number::General,
    }
}

fn format(look: Look, kind: ColumnKind, number: Number) -> Format {
    let style = theme::style(look);
    let mut out = Format::new()
        .set_font_name(theme::FONT)
        .set_font_size(style.points)
        .set_font_color(colour(style.ink))
        .set_align(FormatAlign::Top);
    if let Some(fill) = style.fill {
        out = out.set_background_color(colour(fill));
    }
    if style.is_bold {
        out = out.set_bold();
    }
    if style.is_underlined {
        out = out.set_underline(FormatUnderline::Single);
    }
    out = match kind {
        ColumnKind::Text => out,
        ColumnKind::Prose => out.set_text_wrap(),
        ColumnKind::Centred => out.set_align(FormatAlign::Center).set_text_wrap(),
        ColumnKind::Figure => match number {
            Number::General => out.set_text_wrap(),
            _ => out.set_align(FormatAlign::Right),
        },
        ColumnKind::Money | ColumnKind::Number => match number {
            // A word among figures stands to the left, so that it is not taken for one.
            Number::General => out.set_text_wrap(),
            Number::Integer
            | Number::Decimal
            | Number::Tenth
            | Number::Percent
            | Number::WholePercent
            | Number::Money
            // To the very edge: not every spreadsheet keeps an indent, and a total has to stand under its figures.
            | Number::Date => out.set_align(FormatAlign::Right),
        },
        ColumnKind::Date => out.set_align(FormatAlign::Left).set_text_wrap(),
    };
    match number {
        Number::General => out,
        Number::Integer => out.set_num_format(theme::INTEGER_FORMAT),
        Number::Decimal => out.set_num_format(theme::NUMBER_FORMAT),
        Number::Tenth => out.set_num_format(theme::TENTH_FORMAT),
        Number::Percent => out.set_num_format(theme::PERCENT_FORMAT),
        Number::WholePercent => out.set_num_format(theme::WHOLE_PERCENT_FORMAT),
        Number::Money => out.set_num_format(theme::MONEY_FORMAT),
        Number::Date => out.set_num_format(theme::DATE_FORMAT),
    }
}

fn bordered(format: Format) -> Format {
    format
        .set_border(FormatBorder::Thin)
        .set_border_color(colour(theme::LINE))
}

/// Headings stand as what is below them does.
fn heading_format(kind: ColumnKind) -> Format {
    let style = theme::heading();
    let mut out = Format::new()
        .set_font_name(theme::FONT)
        .set_font_size(style.points)
        .set_font_color(colour(style.ink))
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    if let Some(fill) = style.fill {
        out = out.set_background_color(colour(fill));
    }
    if style.is_bold {
        out = out.set_bold();
    }
    match kind {
        ColumnKind::Money | ColumnKind::Number => out.set_align(FormatAlign::Right).set_indent(1),
        ColumnKind::Figure => out.set_align(FormatAlign::Right),
        ColumnKind::Centred => out.set_align(FormatAlign::Center),
        ColumnKind::Text | ColumnKind::Prose | ColumnKind::Date => out,
    }
}

fn colour([red, green, blue]: Rgb) -> Color {
    Color::RGB(u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue))
}

/// How high a page's rows are together, charts aside.
#[expect(clippy::float_arithmetic, reason = "a page's height is no money")]
fn points(blocks: &[Block], widths: &[u16]) -> f64 {
    const GAP: f64 = 15.0;
    let mut out = 0.0;
    for block in blocks {
        match block {
            Block::Gap | Block::Chart(_) => out += GAP,
            Block::Paragraph(cell) => out += height(lines(std::slice::from_ref(cell), widths)),
            Block::Line(cells) => {
                let points = cells
                    .iter()
                    .map(|cell| theme::style(cell.look).points)
                    .max();
                let points = points.unwrap_or_default();
                out += height(1).max(f64::from(points + points / 2));
            }
            Block::Grid { rows, .. } => {
                out += height(2)
                    + rows
                        .iter()
                        .map(|cells| height(lines(cells, widths)))
                        .sum::<f64>();
            }
            Block::Columns { headings, rows } => {
                let of = headings
                    .iter()
                    .zip(widths)
                    .map(|((text, _), width)| wrapped(text, usize::from(*width)));
                out += height(of.max().unwrap_or(1));
                out += rows
                    .iter()
                    .map(|cells| height(lines(cells, widths)))
                    .sum::<f64>();
            }
        }
    }
    out
}

/// How many lines the cells of a row need in columns of these widths.
fn lines(cells: &[Cell], widths: &[u16]) -> usize {
    let of = |(cell, width): (&Cell, &u16)| {
        let text = cell.value.as_text().unwrap_or_default();
        // Letters are narrower than the digit that widths are counted in, by a sixth and more.
        let width = usize::from(*width) * 23 / 20;
        // Most cells are short: no more bytes than a line has letters.
        if text.len() <= width && !text.contains('\n') {
            return 1;
        }
        text.split('\n').map(|line| wrapped(line, width)).sum()
    };
    cells.iter().zip(widths).map(of).max().unwrap_or(1)
}

/// How many lines a paragraph takes: words are not broken unless they are longer than a line.
fn wrapped(paragraph: &str, width: usize) -> usize {
    let mut lines = 1;
    let mut used = 0;
    let mut take = |length: usize| {
        if used > 0 && used + 1 + length > width {
            lines += 1;
            used = 0;
        }
        used += length + usize::from(used > 0);
        if used > width && width > 0 {
            lines += (used - 1) / width;
            used = (used - 1) % width + 1;
        }
    };
    let is_plain = paragraph.is_ascii();
    let mut rest = paragraph.as_bytes();
    loop {
        let end = memchr::memchr(b' ', rest);
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        take(if is_plain {
            word.len()
        } else {
            // A letter of several bytes is counted by its first.
            word.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
        });
        match after.get(1..) {
            Some(next) => rest = next,
            None => return lines,
        }
    }
}

#[expect(clippy::float_arithmetic, reason = "a row's height is no money")]
fn height(lines: usize) -> f64 {
    let (least, line, most) = ROW_HEIGHT;
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    (least + line * f64::from(lines)).min(most)
}

/// The figure, if a spreadsheet holds it exactly.
fn held(number: Decimal) -> Option<Decimal> {
    let number = number.normalize();
    (number.mantissa().unsigned_abs() < DIGITS_END).then_some(number)
}

/// The same as a spreadsheet holds it.
fn exact(number: Decimal) -> Option<f64> {
    // The nearest double, as a spreadsheet would read it.
    held(number)?
        .to_string()
        .parse()
        .ok()
        .filter(|f: &f64| f.is_finite())
}

/// Text that fits a cell; what is cut off says so.
fn fit(text: &str) -> Cow<'_, str> {
    // No text has more units than bytes.
    if text.len() <= TEXT_MAX || text.encode_utf16().count() <= TEXT_MAX {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut units = 0;
    for c in text.chars() {
        units += c.len_utf16();
        if units > TEXT_MAX - 30 {
            break;
        }
        out.push(c);
    }
    out.push_str(" … (too long for a cell)");
    Cow::Owned(out)
}

/// A text of so many characters at most, cut after a word.
fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(2)).collect();
    let end = kept.rfind(' ').unwrap_or(kept.len());
    format!("{} …", kept.get(..end).unwrap_or(&kept))
}

/// A header or footer, left side first; what is too long would be dropped without a word.
fn header(text: &str) -> String {
    format!("&L{text}").chars().take(250).collect()
}

/// A text in a header, where `&` begins an instruction.
fn escape(text: &str) -> String {
    text.replace('&', "&&")
}
