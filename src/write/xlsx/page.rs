//! A page: blocks one below the other, and its charts.

use rust_xlsxwriter::{
    Chart as XlsxChart, ChartAxisCrossing, ChartDataLabel, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartSolidFill, ChartType, Worksheet, XlsxError,
};

use super::Writer;
use super::format::{bordered, colour, heading_format, kind_of};
use super::height::{height, lines, points, wrapped};
use super::limits::{ALTERNATIVE_MAX, shortened};
use crate::render::theme::{self, Look};
use crate::render::{
    Block, CHART_ROWS, Cell, Chart, ChartKind, ColumnKind, Page, SheetPlan, Value,
};

/// The widest page, in characters, that can be read on an upright A4 page: no letter under seven points, also where a wider font stands in
/// for ours.
const UPRIGHT_WIDTH_MAX: u32 = 104;

/// The highest sheet, in points, that can be read on one A4 page that lies: no letter under eight points.
const FITTED_HEIGHT_MAX: f64 = 636.0;

impl Writer<'_> {
    pub(super) fn page(
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
    pub(super) fn columns(
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
