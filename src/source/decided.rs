//! Decisions on what a partner's headings and words mean, taken up where the stages left them open.

use crate::decision::Decisions;
use crate::layout::{Column, TableLayout};
use crate::record::{Fault, State, Table};
use crate::schema::{HeadingMatch, Schema};
use crate::value::Value;

/// Gives headings without a field the field that was decided for them.
pub(super) fn headings(table: &mut TableLayout, agency: Option<usize>, decisions: &Decisions) {
    let mut unknown = Vec::new();
    for heading in std::mem::take(&mut table.unknown) {
        let field = decisions
            .heading(agency, table.table, &heading.heading.text)
            .filter(|field| !table.columns.iter().any(|column| column.field == *field));
        let Some(field) = field else {
            unknown.push(heading);
            continue;
        };
        table.missing.retain(|missing| missing.field != field);
        table.columns.push(Column {
            column: heading.heading.at.column,
            field,
            heading: heading.heading,
            basis: HeadingMatch::Decision,
        });
    }
    table.unknown = unknown;
    table.columns.sort_by_key(|column| column.column);
}

/// Gives words that no synonym covers the listed value that was decided for them.
pub(super) fn words(
    table: &mut Table,
    agency: Option<usize>,
    schema: &Schema,
    decisions: &Decisions,
) {
    let Some(fields) = schema
        .tables
        .get(table.layout.table)
        .map(|schema| schema.fields.len())
    else {
        return;
    };
    for field in 0..fields {
        let Some(position) = table.position(field) else {
            continue;
        };
        for record in &mut table.records {
            let Some(cell) = record.cells.get_mut(position) else {
                continue;
            };
            if matches!(cell.state, State::Fault(Fault::UnknownChoice(_)))
                && let Some(choice) =
                    decisions.choice(agency, (table.layout.table, field), &cell.raw_text())
            {
                cell.state = State::Value(Value::Choice(choice));
            }
        }
    }
}
