//! The funding lines: what each may spend, has spent, and is left with. Sums are live formulas whose stored results are this program's own.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::funding::{Approval, Balance, Line};
use crate::reconcile::{RecordRef, records};
use crate::record::View;
use crate::render::{
    Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table, Value, a1,
};
use crate::schema::{Field, Role};
use crate::value::amount::plain;

/// One column of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Field(&'static str),
    MovedIn,
    MovedOut,
    Revised,
    Quarter(u8),
    ToDate,
    Held,
    Committed,
    Forecast,
    Variance,
}

const PARTS: [Part; 21] = [
    Part::Field("line"),
    Part::Field("project"),
    Part::Field("stream"),
    Part::Field("delivery_agency"),
    Part::Field("allocation"),
    Part::Field("approval"),
    Part::Field("approved_on"),
    Part::Field("kind"),
    Part::MovedIn,
    Part::MovedOut,
    Part::Revised,
    Part::Quarter(1),
    Part::Quarter(2),
    Part::Quarter(3),
    Part::Quarter(4),
    Part::ToDate,
    Part::Held,
    Part::Committed,
    Part::Forecast,
    Part::Variance,
    Part::Field("match_cash"),
];

/// The columns in use: a plan that does not tell approval gets no such column, for a blank there would mean "proposed" next quarter.
pub(super) fn parts(context: &Context<'_>) -> Vec<Part> {
    let tells = |field: &str| match field {
        "approval" => context
            .outcome
            .ledger
            .lines
            .iter()
            .any(|line| line.approval != Approval::NotJudged),
        "approved_on" | "kind" | "match_cash" => context
            .outcome
            .sources
            .iter()
            .filter(|source| source.role == Role::Plan)
            .flat_map(|source| source.tables_named(context.schema, "funding_lines"))
            .any(|table| {
                context
                    .schema
                    .table("funding_lines")
                    .and_then(|(_, schema)| table.position(schema.field(field)?))
                    .is_some()
            }),
        _ => true,
    };
    let mut out: Vec<Part> = PARTS
        .into_iter()
        .filter(|part| !matches!(part, Part::Field(name) if !tells(name)))
        .collect();
    out.push(Part::Field("decision"));
    out
}

/// A row of the plan's funding lines, with what it comes to unless it is held.
pub(super) type PlanRow<'a> = (RecordRef, View<'a>, Option<(&'a Line, &'a Balance)>);

/// The lines in the sheet's order: every plan row, held ones too.
pub(super) fn plan_rows<'a>(context: &'a Context<'_>) -> Vec<PlanRow<'a>> {
    let ledger = &context.outcome.ledger;
    let by_row: BTreeMap<RecordRef, (&Line, &Balance)> = ledger
        .lines
        .iter()
        .zip(&ledger.balances)
        .map(|(line, balance)| (line.at, (line, balance)))
        .collect();
    records(
        &context.outcome.sources,
        context.schema,
        Role::Plan,
        "funding_lines",
    )
    .map(|(at, view)| (at, view, by_row.get(&at).copied()))
    .collect()
}

/// Where a part stands on the sheet.
pub(super) fn position(parts: &[Part], part: Part) -> usize {
    parts.iter().position(|p| *p == part).unwrap_or_default()
}

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan {
    let parts = parts(context);
    let schema = context
        .schema
        .table("funding_lines")
        .map(|(_, table)| table);
    let field = |name: &str| schema.and_then(|table| table.fields.get(table.field(name)?));
    let plan_rows = plan_rows(context);
    let sums: Vec<Option<Decimal>> = parts.iter().map(|part| sum(context, *part)).collect();
    let mut columns = parts
        .iter()
        .zip(&sums)
        .map(|(part, total)| column(*part, *total, &field))
        .collect();
    let extra = context.extra("funding_lines", &mut columns);
    let rows = plan_rows
        .iter()
        .enumerate()
        .map(|(index, (at, view, found))| {
            let mut row: Vec<Cell> = parts
                .iter()
                .map(|part| cell(context, *part, &parts, index + 1, view, *found, &field))
                .collect();
            row.extend(extra.cells(*at, view));
            if found.is_none() {
                for cell in &mut row {
                    cell.look = Look::Held;
                }
                if let Some(first) = row.first_mut() {
                    first.look = Look::Error;
                }
            }
            row
        })
        .collect();
    SheetPlan {
        name: "Funding",
        about: "Each funding line: allocation, virements, revised allocation, spend by quarter and to date, held money, forecast and variance.".to_owned(),
        content: Content::Table(Table { id: "Funding", columns, rows, frozen: 2, printed: None }),
    }
}

fn column<'f>(
    part: Part,
    total: Option<Decimal>,
    field: &impl Fn(&str) -> Option<&'f Field>,
) -> Column {
    let column = match part {
        Part::Field(name) => {
            let title = field(name).map_or(name, |f| f.title.as_str());
            match name {
                "line" => Column::new(title, 13, ColumnKind::Text),
                "allocation" | "match_cash" => Column::new(title, 12, ColumnKind::Money),
                "approved_on" => Column::new(title, 13, ColumnKind::Date),
                "approval" | "kind" | "decision" => Column::new(title, 11, ColumnKind::Centred)
                    .choose(
                        field(name)
                            .map(|f| {
                                f.choices
                                    .iter()
                                    .map(|choice| choice.label.clone())
                                    .collect::<Vec<_>>()
                            })
                            .unwrap_or_default(),
                    ),
                "stream" => Column::new(title, 10, ColumnKind::Centred),
                _ => Column::new(title, 22, ColumnKind::Prose),
            }
        }
        Part::MovedIn => Column::new("Virements in", 12, ColumnKind::Money),
        Part::MovedOut => Column::new("Virements out", 12, ColumnKind::Money),
        Part::Revised => Column::new("Revised allocation", 12, ColumnKind::Money),
        Part::Quarter(number) => Column::new(format!("Q{number} spend"), 12, ColumnKind::Money),
        Part::ToDate => Column::new("Spend to date", 12, ColumnKind::Money),
        Part::Held => Column::new("Held", 12, ColumnKind::Money),
        Part::Committed => Column::new("Committed", 12, ColumnKind::Money),
        Part::Forecast => Column::new("Forecast outturn", 12, ColumnKind::Money),
        Part::Variance => Column::new("Variance", 12, ColumnKind::Money),
    };
    match total {
        Some(total) => column.sum(total),
        None => column,
    }
}

/// What a money column comes to over every line that is not held.
fn sum(context: &Context<'_>, part: Part) -> Option<Decimal> {
    let ledger = &context.outcome.ledger;
    let each = |amount: &dyn Fn(&Line, &Balance) -> Option<Decimal>| {
        Some(
            ledger
                .lines
                .iter()
                .zip(&ledger.balances)
                .filter_map(|(l, b)| amount(l, b))
                .sum(),
        )
    };
    match part {
        Part::Field("allocation") => each(&|line, _| line.allocation),
        Part::Field(_) => None,
        Part::MovedIn => each(&|_, b| Some(b.moved_in)),
        Part::MovedOut => each(&|_, b| Some(b.moved_out)),
        Part::Revised => each(&|_, b| Some(b.revised)),
        Part::Quarter(number) => each(&|_, b| b.quarters.get(usize::from(number) - 1).copied()),
        Part::ToDate => each(&|_, b| Some(b.to_date)),
        Part::Held => each(&|_, b| Some(b.held)),
        Part::Committed => each(&|_, b| Some(b.committed)),
        Part::Forecast => each(&|_, b| b.forecast),
        Part::Variance => each(&|_, b| b.variance),
    }
}

fn cell<'f>(
    context: &Context<'_>,
    part: Part,
    parts: &[Part],
    row: usize,
    view: &View<'_>,
    found: Option<(&Line, &Balance)>,
    field: &impl Fn(&str) -> Option<&'f Field>,
) -> Cell {
    let at = |part: Part| a1(row, position(parts, part));
    let as_planned = |name: &str| {
        let decoded = view.cell(name)?;
        let schema = field(name)?;
        Some(context.cell(decoded, schema.kind, &schema.choices)).map(|cell| {
            if decoded.is_held || found.is_none() {
                uncounted(cell)
            } else {
                cell
            }
        })
    };
    let Some((line, balance)) = found else {
        // A held row is written as found; nothing is worked out from it.
        return match part {
            Part::Field(name) => as_planned(name).unwrap_or_else(Cell::blank),
            Part::Quarter(number) => {
                as_planned(&format!("q{number}_spend")).unwrap_or_else(Cell::blank)
            }
            Part::Forecast => as_planned("forecast").unwrap_or_else(Cell::blank),
            Part::MovedIn
            | Part::MovedOut
            | Part::Revised
            | Part::ToDate
            | Part::Held
            | Part::Committed
            | Part::Variance => Cell::blank(),
        };
    };
    match part {
        Part::Field("stream") => match line
            .stream
            .and_then(|stream| context.schema.streams.get(stream))
        {
            Some(stream) => Cell::text(&stream.code),
            None => as_planned("stream").unwrap_or_else(Cell::blank),
        },
        Part::Field("approval") => {
            let planned = as_planned("approval").unwrap_or_else(Cell::blank);
            if planned.value == Value::Blank && line.approval == Approval::Proposed {
                Cell::text("Proposed")
            } else {
                planned
            }
        }
        Part::Field(name) => as_planned(name).unwrap_or_else(Cell::blank),
        Part::MovedIn => Cell::money(balance.moved_in),
        Part::MovedOut => Cell::money(balance.moved_out),
        Part::Revised => {
            let (allocation, moved_in, moved_out) = (
                at(Part::Field("allocation")),
                at(Part::MovedIn),
                at(Part::MovedOut),
            );
            if line.allocation.is_some() {
                Cell::formula(
                    format!("={allocation}+{moved_in}-{moved_out}"),
                    balance.revised,
                )
            } else {
                Cell::money(balance.revised)
            }
        }
        Part::Quarter(number) => quarter_cell(context, number, line, balance, &as_planned),
        Part::ToDate => {
            let formula = format!(
                "=SUM({}:{})",
                at(Part::Quarter(1)),
                at(Part::Quarter(context.quarter_number()))
            );
            let cell = Cell::formula(formula, balance.to_date);
            if balance.to_date > balance.revised {
                cell.look(Look::Error)
            } else {
                cell
            }
        }
        Part::Held if balance.held.is_zero() => Cell::money(balance.held),
        Part::Held => Cell::money(balance.held).look(Look::Held),
        Part::Committed => Cell::money(balance.committed),
        Part::Forecast => Cell::money_or_blank(balance.forecast),
        Part::Variance => match balance.variance {
            Some(variance) => {
                let cell = Cell::formula(
                    format!("={}-{}", at(Part::Revised), at(Part::Forecast)),
                    variance,
                );
                if variance.is_sign_negative() && !variance.is_zero() {
                    cell.look(Look::Error)
                } else {
                    cell
                }
            }
            None => Cell::blank(),
        },
    }
}

/// A held amount is shown as text, so that the sheet's live sums leave it out as the stored ones do.
fn uncounted(cell: Cell) -> Cell {
    match cell.value {
        Value::Money(amount) | Value::Number(amount) => Cell::text(plain(amount)).look(cell.look),
        Value::Blank
        | Value::Text(_)
        | Value::Date(_)
        | Value::Formula { .. }
        | Value::Link { .. } => cell,
    }
}

/// Earlier quarters as the plan has them, this one as settled, later ones as the plan has them.
fn quarter_cell(
    context: &Context<'_>,
    number: u8,
    line: &Line,
    balance: &Balance,
    as_planned: &impl Fn(&str) -> Option<Cell>,
) -> Cell {
    let own = context.quarter_number();
    // With no returns the plan is only written again, and a quarter that is blank in it stays blank.
    let is_merged = context.returns().next().is_some();
    if number == own && context.outcome.options.quarter.is_some() && is_merged {
        return Cell::money(balance.this_quarter);
    }
    let planned = line
        .plan_spend
        .get(usize::from(number) - 1)
        .copied()
        .flatten();
    planned.map_or_else(
        || as_planned(&format!("q{number}_spend")).unwrap_or_else(Cell::blank),
        Cell::money,
    )
}
