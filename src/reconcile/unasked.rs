//! Rows of returns in which nothing was asked and nothing was said: they are passed over, and what stood before stands.

use std::collections::HashMap;
use std::sync::Arc;

use super::{RecordRef, over_before, records, say_the_same};
use crate::grid::CellAddress;
use crate::record::View;
use crate::schema::{Role, Schema};
use crate::source::Source;
use crate::value::text::is_blank;

/// Passes over the blank rows of actions that were Complete or Closed in an earlier quarter.
pub fn pass_over(sources: &mut [Source], schema: &Schema, quarter: u8) {
    let rows_of = |role: Role| -> HashMap<Arc<str>, RecordRef> {
        let mut out = HashMap::new();
        for (at, view) in records(sources, schema, role, "actions") {
            if let Some(reference) = view.reference("ref") {
                out.entry(Arc::clone(&reference.key)).or_insert(at);
            }
        }
        out
    };
    let (plan, previous) = (rows_of(Role::Plan), rows_of(Role::Previous));
    let mut found: Vec<(RecordRef, u32)> = Vec::new();
    for (at, view) in records(sources, schema, Role::Return, "updates") {
        let Some(reference) = view.reference("ref").filter(|_| is_blank_row(&view)) else {
            continue;
        };
        let Some(own) = plan.get(&reference.key).copied() else {
            continue;
        };
        let earlier = previous.get(&reference.key).copied();
        if over_before(own, earlier, quarter, sources, schema).is_some()
            && own
                .view(sources, schema)
                .is_some_and(|plan| restates_nothing_else(&view, &plan))
            && !is_more_beside(sources, at, &view)
        {
            found.push((at, view.record.row));
        }
    }
    for (at, row) in found {
        let table = sources
            .get_mut(at.source)
            .and_then(|source| source.tables.get_mut(at.table));
        if let Some(table) = table {
            table.pass_over(&[row]);
        }
    }
}

/// Whether a row says nothing of the quarter.
fn is_blank_row(view: &View<'_>) -> bool {
    let keys = &view.schema.primary_key;
    view.schema
        .fields
        .iter()
        .filter(|field| !field.is_restated && !keys.contains(&field.name))
        .filter_map(|field| view.cell(&field.name))
        .all(crate::record::Decoded::is_empty)
}

/// Whether what a row restates of the plan is what the plan says: what differs is to be told of.
pub(super) fn restates_nothing_else(view: &View<'_>, plan: &View<'_>) -> bool {
    view.schema
        .fields
        .iter()
        .filter(|field| field.is_restated)
        .all(
            |field| match (view.cell(&field.name), plan.cell(&field.name)) {
                (Some(own), Some(ours)) => own.is_empty() || say_the_same(own, ours) != Some(false),
                (Some(_), None) | (None, _) => true,
            },
        )
}

/// Whether something stands in the row under a heading that the schema does not know.
fn is_more_beside(sources: &[Source], at: RecordRef, view: &View<'_>) -> bool {
    let Some(source) = sources.get(at.source) else {
        return false;
    };
    let layout = &view.table.layout;
    // In a copy of the plan it is the plan's.
    source.copied.is_none()
        && layout.unknown.iter().any(|unknown| {
            let cell = CellAddress::new(view.record.row, unknown.heading.at.column);
            source
                .raw(layout.sheet, cell)
                .is_some_and(|value| !value.as_text().is_some_and(is_blank))
        })
}
