//! Streams and funders: subtotals, award, underspend, and the check row that is zero.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::funding::{self, Part};
use crate::funding::{Approval, Balance, Line};
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table, a1};

/// The money columns that are summed, in their order on this sheet.
const SUMMED: [Part; 5] = [
    Part::Field("allocation"),
    Part::Revised,
    Part::ToDate,
    Part::Held,
    Part::Forecast,
];

/// The sheet's first summed column, and the two that follow from the sums.
const FIRST_SUM: usize = 4;
const AWARD: usize = 3;

type Row<'a> = (&'a Line, &'a Balance);

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan {
    let ledger = &context.outcome.ledger;
    let lines: Vec<Row<'_>> = ledger.lines.iter().zip(&ledger.balances).collect();
    let counts = |line: &Line| matches!(line.approval, Approval::Approved | Approval::NotJudged);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut listed = [Decimal::ZERO; SUMMED.len()];
    let mut list = |own: &[Row<'_>]| {
        listed
            .iter_mut()
            .zip(SUMMED)
            .for_each(|(total, part)| *total += sum(part, own));
    };
    let mut funders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for total in &ledger.streams {
        let Some(stream) = context.schema.streams.get(total.stream) else {
            continue;
        };
        let own: Vec<Row<'_>> = lines
            .iter()
            .filter(|(line, _)| line.stream == Some(total.stream) && counts(line))
            .copied()
            .collect();
        if own.is_empty() && total.award.is_none() {
            continue;
        }
        list(&own);
        let row = rows.len() + 1;
        funders.entry(stream.funder.clone()).or_default().push(row);
        let mut cells = vec![
            Cell::text("Stream"),
            Cell::text(format!("{} {}", stream.code, stream.name)),
            Cell::count(own.len()),
            Cell::money_or_blank(total.award),
        ];
        cells.extend(
            SUMMED
                .iter()
                .map(|part| from_funding(context, *part, &own, &stream.code)),
        );
        cells.push(underspend(row, &own));
        cells.push(unallocated(row, total.award, &own));
        rows.push(cells);
    }
    let rest: [(&str, Vec<Row<'_>>); 2] = [
        (
            "Approved lines whose stream is not known",
            lines
                .iter()
                .filter(|(line, _)| line.stream.is_none() && counts(line))
                .copied()
                .collect(),
        ),
        (
            "Lines not approved: in no stream's total",
            lines
                .iter()
                .filter(|(line, _)| !counts(line))
                .copied()
                .collect(),
        ),
    ];
    for (name, own) in rest {
        if own.is_empty() {
            continue;
        }
        list(&own);
        let mut cells = vec![
            Cell::text("Other lines"),
            Cell::text(name),
            Cell::count(own.len()),
            Cell::blank(),
        ];
        cells.extend(SUMMED.iter().map(|part| Cell::money(sum(*part, &own))));
        cells.push(underspend(rows.len() + 1, &own));
        cells.push(Cell::blank());
        rows.push(cells);
    }
    let last = rows.len();
    for (funder, members) in &funders {
        rows.push(funder_row(context, funder, members, &lines, counts));
    }
    if !lines.is_empty() {
        rows.push(check_row(context, last, &lines, listed));
    }
    let money = |heading: &str| Column::new(heading, 15, ColumnKind::Money);
    let columns = vec![
        Column::new("Level", 13, ColumnKind::Text),
        Column::new("Name", 42, ColumnKind::Prose),
        Column::new("Lines", 8, ColumnKind::Number),
        money("Award"),
        money("Allocated"),
        money("Revised allocation"),
        money("Spend to date"),
        money("Held"),
        money("Forecast outturn"),
        money("Expected underspend"),
        money("Award not allocated"),
    ];
    SheetPlan {
        name: "Streams",
        about: "Subtotals by stream and funder, the award, the expected underspend, and a check row that must be zero.".to_owned(),
        content: Content::Table(Table { id: "Streams", columns, rows, frozen: 2, printed: None }),
    }
}

fn amount(part: Part, (line, balance): Row<'_>) -> Decimal {
    match part {
        Part::Field(_) => line.allocation.unwrap_or_default(),
        Part::Revised => balance.revised,
        Part::ToDate => balance.to_date,
        Part::Held => balance.held,
        Part::Forecast => balance.forecast.unwrap_or_default(),
        Part::MovedIn | Part::MovedOut | Part::Quarter(_) | Part::Committed | Part::Variance => {
            Decimal::ZERO
        }
    }
}

fn sum(part: Part, lines: &[Row<'_>]) -> Decimal {
    lines.iter().map(|row| amount(part, *row)).sum()
}

/// A column of the Funding sheet, all its rows.
fn range(context: &Context<'_>, part: Part) -> String {
    let column = funding::position(&funding::parts(context), part);
    let last = funding::plan_rows(context).len();
    format!(
        "Funding!{}:{}",
        absolute(&a1(1, column)),
        absolute(&a1(last, column))
    )
}

/// `F2` as `$F$2`.
fn absolute(a1: &str) -> String {
    let split = a1.find(|c: char| c.is_ascii_digit()).unwrap_or(a1.len());
    let (letters, digits) = a1.split_at(split);
    format!("${letters}${digits}")
}

/// A stream's sum, live from the Funding sheet.
fn from_funding(context: &Context<'_>, part: Part, own: &[Row<'_>], code: &str) -> Cell {
    let result = sum(part, own);
    let mut formula = format!(
        "=SUMIFS({},{},\"{code}\"",
        range(context, part),
        range(context, Part::Field("stream"))
    );
    if funding::parts(context).contains(&Part::Field("approval")) {
        let approved = context
            .schema
            .table("funding_lines")
            .and_then(|(_, table)| table.fields.get(table.field("approval")?))
            .and_then(|field| {
                field
                    .choices
                    .iter()
                    .find(|choice| choice.value == "approved")
            })
            .map_or("Approved", |choice| choice.label.as_str());
        let _ = write!(
            formula,
            ",{},\"{approved}\"",
            range(context, Part::Field("approval"))
        );
    }
    formula.push(')');
    Cell::formula(formula, result)
}

/// Revised less forecast over the lines, where every line has a forecast.
fn underspend(row: usize, own: &[Row<'_>]) -> Cell {
    if own.is_empty() || own.iter().any(|(_, balance)| balance.forecast.is_none()) {
        return Cell::blank();
    }
    let result = sum(Part::Revised, own) - sum(Part::Forecast, own);
    Cell::formula(
        format!("={}-{}", a1(row, FIRST_SUM + 1), a1(row, FIRST_SUM + 4)),
        result,
    )
}

fn unallocated(row: usize, award: Option<Decimal>, own: &[Row<'_>]) -> Cell {
    award.map_or_else(Cell::blank, |award| {
        Cell::formula(
            format!("={}-{}", a1(row, AWARD), a1(row, FIRST_SUM)),
            award - sum(Part::Field("allocation"), own),
        )
    })
}

fn funder_row(
    context: &Context<'_>,
    funder: &str,
    members: &[usize],
    lines: &[Row<'_>],
    counts: impl Fn(&Line) -> bool,
) -> Vec<Cell> {
    let is_own = |line: &Line| {
        line.stream
            .and_then(|s| context.schema.streams.get(s))
            .is_some_and(|stream| stream.funder == funder)
    };
    let own: Vec<Row<'_>> = lines
        .iter()
        .filter(|(line, _)| is_own(line) && counts(line))
        .copied()
        .collect();
    let add = |column: usize| {
        format!(
            "={}",
            members
                .iter()
                .map(|row| a1(*row, column))
                .collect::<Vec<_>>()
                .join("+")
        )
    };
    let awards: Vec<Decimal> = context
        .outcome
        .ledger
        .streams
        .iter()
        .filter(|total| {
            context
                .schema
                .streams
                .get(total.stream)
                .is_some_and(|stream| stream.funder == funder)
        })
        .filter_map(|total| total.award)
        .collect();
    let name = if funder.eq_ignore_ascii_case("PCC") {
        "Police and Crime Commissioner".to_owned()
    } else {
        format!(
            "{}{}",
            funder.get(..1).unwrap_or_default().to_uppercase(),
            funder.get(1..).unwrap_or_default()
        )
    };
    let mut cells = vec![
        Cell::text("Funder"),
        Cell::text(name),
        Cell::count(own.len()),
    ];
    cells.push(if awards.is_empty() {
        Cell::blank()
    } else {
        Cell::formula(add(AWARD), awards.iter().sum())
    });
    cells.extend(
        SUMMED
            .iter()
            .enumerate()
            .map(|(index, part)| Cell::formula(add(FIRST_SUM + index), sum(*part, &own))),
    );
    cells.extend([Cell::blank(), Cell::blank()]);
    cells
        .into_iter()
        .map(|cell| cell.look(Look::Total))
        .collect()
}

/// Everything on the Funding sheet less everything above: nought, or a line was counted twice or not at all.
fn check_row(
    context: &Context<'_>,
    last: usize,
    lines: &[Row<'_>],
    listed: [Decimal; SUMMED.len()],
) -> Vec<Cell> {
    let name = "The Funding sheet less the streams and other lines above: must be nought";
    let mut cells = vec![
        Cell::text("Check"),
        Cell::text(name),
        Cell::count(lines.len()),
        Cell::blank(),
    ];
    for (index, (part, listed)) in SUMMED.iter().zip(listed).enumerate() {
        let column = FIRST_SUM + index;
        let above = format!("SUM({}:{})", a1(1, column), a1(last, column));
        cells.push(Cell::formula(
            format!("=ROUND(SUM({})-{above},2)", range(context, *part)),
            sum(*part, lines) - listed,
        ));
    }
    cells.extend([Cell::blank(), Cell::blank()]);
    cells
        .into_iter()
        .map(|cell| cell.look(Look::Total))
        .collect()
}
