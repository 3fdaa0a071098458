//! The annexes: each document, each accrual with what reversed it, and what was found.

use rust_decimal::Decimal;

use super::Of;
use super::found::Found;
use super::papers::Paper;
use crate::funding::{Accrual, COUNTED};
use crate::reconcile::HELD;
use crate::render::{Cell, Column, ColumnKind, Content, Look, SheetPlan, Table};
use crate::value::period::Quarter;

/// The annexes' names, which formulas of the statement reach into.
pub(super) const DOCUMENTS: &str = "Documents";
pub(super) const ACCRUALS: &str = "Accruals";

/// Where the columns of the documents stand by which the statement adds up.
pub(super) const QUARTER: usize = 0;
pub(super) const LINE: usize = 1;
pub(super) const AMOUNT: usize = 6;
pub(super) const STATE: usize = 10;

/// Where the columns of the accruals stand by which the statement adds up.
pub(super) const ACCRUED_LINE: usize = 1;
pub(super) const RAISED: usize = 6;
pub(super) const REVERSED: usize = 7;
pub(super) const OPEN: usize = 8;

/// The annexes that have anything to show.
pub(super) fn sheets(
    of: &Of<'_, '_>,
    papers: &[Paper],
    found: Vec<Found>,
) -> Vec<SheetPlan<'static>> {
    let all = [
        documents(of, papers),
        accruals_sheet(of),
        super::found::sheet(found),
    ];
    all.into_iter()
        .filter(|sheet| !matches!(&sheet.content, Content::Table(table) if table.rows.is_empty()))
        .collect()
}

/// The stream's accruals up to the quarter.
pub(super) fn accruals<'a>(of: &'a Of<'_, '_>) -> impl Iterator<Item = &'a Accrual> {
    let accruals = of.context.outcome.ledger.accruals.iter();
    accruals.filter(|accrual| of.has(Some(accrual.line)))
}

fn line_cell(of: &Of<'_, '_>, line: usize) -> Cell {
    let line = of.context.outcome.ledger.lines.get(line);
    line.map_or_else(Cell::blank, |line| Cell::text(&*line.reference.text))
}

fn quarter_cell(quarter: Quarter) -> Cell {
    Cell::text(quarter.to_string())
}

fn documents(of: &Of<'_, '_>, papers: &[Paper]) -> SheetPlan<'static> {
    let prose = |heading: &str, width| Column::new(heading, width, ColumnKind::Prose);
    let columns = vec![
        Column::new("Quarter", 11, ColumnKind::Text),
        Column::new("Funding line", 8, ColumnKind::Prose),
        prose("Agency", 16),
        prose("Document ref", 13),
        prose("Supplier", 15),
        Column::new("Document date", 10, ColumnKind::Date),
        Column::new("Amount", 11, ColumnKind::Money),
        prose("VAT basis", 6),
        prose("Kind", 9),
        prose("Description", 18),
        prose("State", 18),
        prose("Source file", 34),
        Column::new("Source cell", 18, ColumnKind::Text),
    ];
    let rows: Vec<Vec<Cell>> = papers
        .iter()
        .map(|paper| {
            let look = if paper.state.starts_with(COUNTED) {
                Look::Plain
            } else if paper.state.starts_with(HELD) {
                Look::Held
            } else {
                Look::Muted
            };
            vec![
                quarter_cell(paper.quarter),
                line_cell(of, paper.line),
                of.context.agency_cell(paper.agency),
                paper.document.clone(),
                paper.supplier.clone(),
                paper.date.clone(),
                paper.figure(),
                paper.vat.clone(),
                paper.kind.clone(),
                paper.description.clone(),
                Cell::text(&paper.state).look(look),
                Cell::text(&paper.source.0),
                Cell::text(&paper.source.1),
            ]
        })
        .collect();
    SheetPlan {
        name: DOCUMENTS,
        about: "Each document charged to a line of the stream up to this quarter, and what the plan has without documents; what is counted comes to the lines' figures.".to_owned(),
        content: Content::Table(Table {
            id: DOCUMENTS,
            columns,
            rows: rows.into(),
            frozen: 2,
            printed: Some(11),
            below: Vec::new(),
        }),
    }
}

fn accruals_sheet(of: &Of<'_, '_>) -> SheetPlan<'static> {
    let prose = |heading: &str, width| Column::new(heading, width, ColumnKind::Prose);
    let money = |heading: &str| Column::new(heading, 12, ColumnKind::Money);
    let sum = |amount: &dyn Fn(&Accrual) -> Decimal| accruals(of).map(amount).sum();
    let columns = vec![
        Column::new("Quarter", 11, ColumnKind::Text),
        Column::new("Funding line", 8, ColumnKind::Prose),
        prose("Agency", 16),
        prose("Document ref", 14),
        prose("Supplier", 16),
        prose("Description", 19),
        money("Raised").sum(sum(&|a| a.amount)),
        money("Reversed").sum(sum(&|a| a.reversed)),
        money("Outstanding").sum(sum(&|a| a.open())),
        prose("State", 18),
    ];
    let rows: Vec<Vec<Cell>> = accruals(of)
        .enumerate()
        .map(|(index, accrual)| {
            let view = accrual
                .at
                .view(&of.context.outcome.sources, of.context.schema);
            let said = |field: &str| {
                let cell = view.and_then(|view| view.cell(field));
                cell.map(|cell| of.told(&cell.raw_text()))
                    .unwrap_or_default()
            };
            let at = |column| crate::render::a1(index + 1, column);
            let (state, look) = match accrual.open() {
                open if open.is_zero() => ("Reversed", Look::Plain),
                _ if accrual.quarter.number == 4 => {
                    ("Outstanding at the year's end", Look::Warning)
                }
                _ if accrual.quarter == of.quarter => ("Of this quarter", Look::Plain),
                _ => ("Outstanding from an earlier quarter", Look::Warning),
            };
            vec![
                quarter_cell(accrual.quarter),
                line_cell(of, accrual.line),
                of.context.agency_cell(accrual.agency),
                Cell::text(said("document")),
                Cell::text(said("supplier")),
                Cell::text(said("description")),
                Cell::money(accrual.amount),
                Cell::money(accrual.reversed),
                Cell::formula(format!("={}-{}", at(RAISED), at(REVERSED)), accrual.open()),
                Cell::text(state).look(look),
            ]
        })
        .collect();
    SheetPlan {
        name: ACCRUALS,
        about:
            "Each accrual of the year so far, what credits reversed of it, and what is outstanding."
                .to_owned(),
        content: Content::Table(Table {
            id: ACCRUALS,
            columns,
            rows: rows.into(),
            frozen: 2,
            printed: None,
            below: Vec::new(),
        }),
    }
}
