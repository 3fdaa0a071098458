//! Every document that a partner charged to a funding line, the whole year; held ones marked.

use super::updates::{carried, other_columns, same, source_cells};
use crate::funding::{COUNTED, HELD};
use crate::reconcile::{RecordRef, records};
use crate::record::View;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::schema::{Field, FieldKind, Role};

/// The fields of a document that the sheet carries, in its order.
const FIELDS: [&str; 9] = [
    "line",
    "project",
    "document",
    "supplier",
    "document_date",
    "amount",
    "vat_basis",
    "kind",
    "description",
];

/// Where the columns stand by which the Funding sheet adds up: quarter, line, amount, kind and state.
pub(super) const QUARTER: usize = 0;
pub(super) const LINE: usize = 2;
pub(super) const AMOUNT: usize = 7;
pub(super) const KIND: usize = 9;
pub(super) const STATE: usize = 11;

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan {
    let fields = fields(context);
    let mut columns = vec![
        Column::new("Quarter", 13, ColumnKind::Text),
        Column::new("Agency", 24, ColumnKind::Prose),
    ];
    columns.extend(fields.iter().map(|field| match field.kind {
        FieldKind::Line => Column::new(&field.title, 13, ColumnKind::Text),
        FieldKind::Date => Column::new(&field.title, 13, ColumnKind::Date),
        FieldKind::Money => Column::new(&field.title, 13, ColumnKind::Money),
        FieldKind::Choice => Column::new(&field.title, 12, ColumnKind::Text),
        _ => Column::new(
            &field.title,
            if field.name == "document" { 16 } else { 28 },
            ColumnKind::Prose,
        ),
    }));
    columns.extend([
        Column::new("State", 34, ColumnKind::Prose),
        Column::new("Other columns", 30, ColumnKind::Prose),
        Column::new("Source file", 34, ColumnKind::Prose),
        Column::new("Source cell", 18, ColumnKind::Text),
    ]);
    let rows = rows(context, &fields);
    SheetPlan {
        name: "Spend",
        about: "Each document charged to a funding line, the whole year; held ones marked."
            .to_owned(),
        content: Content::Table(Table {
            id: "Spend",
            columns,
            rows,
            frozen: 3,
            printed: Some(12),
        }),
    }
}

fn fields<'a>(context: &Context<'a>) -> Vec<&'a Field> {
    context
        .schema
        .table("spend")
        .map(|(_, table)| {
            FIELDS
                .iter()
                .filter_map(|name| table.field(name).and_then(|index| table.fields.get(index)))
                .collect()
        })
        .unwrap_or_default()
}

/// How many rows the sheet has.
pub(super) fn count(context: &Context<'_>) -> usize {
    rows(context, &fields(context)).len()
}

fn rows(context: &Context<'_>, fields: &[&Field]) -> Vec<Vec<Cell>> {
    let mut rows = history(context, fields);
    let outcome = context.outcome;
    for entry in &outcome.ledger.entries {
        let state = if entry.is_held {
            State::Held
        } else if entry.is_money() {
            State::Counted
        } else {
            State::Ordered
        };
        rows.extend(row(context, entry.at, entry.agency, fields, state));
    }
    for claim in outcome
        .ledger
        .claims
        .iter()
        .filter(|claim| !claim.is_itemised)
    {
        rows.extend(row(
            context,
            claim.at,
            claim.agency,
            fields,
            if claim.is_held {
                State::Held
            } else {
                State::Claimed
            },
        ));
    }
    rows
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    Counted,
    Ordered,
    Claimed,
}

fn row(
    context: &Context<'_>,
    at: RecordRef,
    agency: Option<usize>,
    fields: &[&Field],
    state: State,
) -> Option<Vec<Cell>> {
    let view = at.view(&context.outcome.sources, context.schema)?;
    let mut row = vec![
        Cell::text(
            context
                .outcome
                .options
                .quarter
                .map(|q| q.to_string())
                .unwrap_or_default(),
        ),
        Cell::text(context.agency(agency)),
    ];
    row.extend(
        fields
            .iter()
            .map(|field| cell(context, &view, field, state)),
    );
    row.push(match state {
        State::Held => Cell::text(format!("{HELD}: {}", context.why_held(at))).look(Look::Error),
        State::Counted => Cell::text(COUNTED),
        State::Ordered => Cell::text("Not counted: ordered, not yet spent"),
        State::Claimed => Cell::text(format!("{COUNTED}: claimed without documents")),
    });
    row.push(Cell::text(other_columns(context, at, &view)));
    row.extend(source_cells(context, at, &view));
    Some(row)
}

fn cell(context: &Context<'_>, view: &View<'_>, field: &Field, state: State) -> Cell {
    if field.name == "line"
        && let Some(cell) = line_cell(context, view)
    {
        return cell;
    }
    if state == State::Claimed || view.schema.name == "claims" {
        return match field.name.as_str() {
            "amount" => view
                .cell("this_quarter")
                .map_or_else(Cell::blank, |cell| context.cell(cell, field.kind, &[])),
            "line" | "project" => view
                .cell(&field.name)
                .map_or_else(Cell::blank, |cell| context.cell(cell, field.kind, &[])),
            "description" => view
                .cell("explanation")
                .map_or_else(Cell::blank, |cell| context.cell(cell, field.kind, &[])),
            "kind" => Cell::text("Claim"),
            _ => Cell::blank(),
        };
    }
    view.cell(&field.name).map_or_else(Cell::blank, |cell| {
        context.cell(cell, field.kind, &field.choices)
    })
}

/// The line as the plan writes it, so that the Funding sheet's formulas find it; a line that the plan does not have stays as typed.
fn line_cell(context: &Context<'_>, view: &View<'_>) -> Option<Cell> {
    let key = &view.reference("line")?.key;
    let line = context
        .outcome
        .ledger
        .lines
        .iter()
        .find(|line| line.reference.key == *key)?;
    let planned = line.at.view(&context.outcome.sources, context.schema)?;
    Some(context.cell(planned.cell("line")?, FieldKind::Line, &[]))
}

/// Documents that an earlier run of this program wrote, without those that this run's returns replace.
fn history(context: &Context<'_>, fields: &[&Field]) -> Vec<Vec<Cell>> {
    let quarter = context
        .outcome
        .options
        .quarter
        .map(|q| q.to_string())
        .unwrap_or_default();
    let mut out = Vec::new();
    for (at, view) in records(
        &context.outcome.sources,
        context.schema,
        Role::Plan,
        "spend",
    ) {
        let of = view.text("quarter").unwrap_or_default();
        if same(of, &quarter) && context.outcome.ledger.is_replaced(view.choice("agency")) {
            continue;
        }
        let mut row = vec![
            Cell::text(of),
            Cell::text(context.agency(view.choice("agency"))),
        ];
        row.extend(
            fields
                .iter()
                .map(|field| cell(context, &view, field, State::Counted)),
        );
        row.extend(
            ["State", "Other columns", "Source file", "Source cell"]
                .map(|heading| carried(context, at, &view, heading)),
        );
        out.push(row);
    }
    out
}
