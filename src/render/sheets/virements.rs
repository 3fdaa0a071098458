//! Money moved between funding lines.

use crate::funding::COUNTED;
use crate::reconcile::{HELD, records};
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::schema::{FieldKind, Role};

/// Where a column stands on the sheet: a field of the table, or its state, which comes after them all.
pub(super) fn position(context: &Context<'_>, field: &str) -> Option<usize> {
    let (_, table) = context.schema.table("virements")?;
    if field == "state" {
        return Some(table.fields.len());
    }
    table.fields.iter().position(|f| f.name == field)
}

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan<'static> {
    let fields = context
        .schema
        .table("virements")
        .map(|(_, table)| table.fields.iter().collect::<Vec<_>>())
        .unwrap_or_default();
    let mut columns: Vec<Column> = fields
        .iter()
        .map(|field| match field.kind {
            FieldKind::Money => Column::new(&field.title, 14, ColumnKind::Money),
            FieldKind::Date => Column::new(&field.title, 14, ColumnKind::Date),
            FieldKind::Line => Column::new(&field.title, 14, ColumnKind::Text),
            _ => Column::new(&field.title, 30, ColumnKind::Prose),
        })
        .collect();
    columns.push(Column::new("State", 30, ColumnKind::Prose));
    let extra = context.extra("virements", &mut columns);
    let rows: Vec<Vec<Cell>> = records(
        &context.outcome.sources,
        context.schema,
        Role::Plan,
        "virements",
    )
    .map(|(at, view)| {
        let mut row: Vec<Cell> = fields
            .iter()
            .map(|field| {
                view.cell(&field.name).map_or_else(Cell::blank, |cell| {
                    context.cell(cell, field.kind, &field.choices)
                })
            })
            .collect();
        let counts = context
            .outcome
            .ledger
            .virements
            .iter()
            .any(|virement| virement.at == at && virement.counts);
        row.push(if counts {
            Cell::text(COUNTED)
        } else {
            Cell::text(format!("{HELD}: {}", context.why_held(at))).look(Look::Error)
        });
        row.extend(extra.cells(at, &view));
        row
    })
    .collect();
    SheetPlan {
        name: "Virements",
        about: "Money moved between funding lines, with who approved it.".to_owned(),
        content: Content::Table(Table {
            id: "Virements",
            columns,
            rows: rows.into(),
            frozen: 1,
            printed: None,
            below: Vec::new(),
        }),
    }
}
