//! Rows of returns that by a column of their own are of an earlier quarter and say what the plan has of it: they are passed over.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{quarter_field, records, say_the_same};
use crate::record::View;
use crate::schema::{Role, Schema};
use crate::source::{Of, Source};
use crate::value::period;
use crate::value::reference::Reference;
use crate::value::text::letters_and_figures;

/// What the plan has of earlier quarters' money: by line and quarter, and by the documents of its Spend sheet.
struct Before {
    by_line: BTreeMap<(String, u8), Decimal>,
    documents: Vec<(String, u8, String, Decimal)>,
}

impl Before {
    fn of(sources: &[Source], schema: &Schema) -> Self {
        let mut out = Self {
            by_line: BTreeMap::new(),
            documents: Vec::new(),
        };
        for (_, view) in records(sources, schema, Role::Plan, "funding_lines") {
            let Some(line) = view.line() else { continue };
            for quarter in 1..=4 {
                if let Some(spend) = view.amount(&format!("q{quarter}_spend")) {
                    out.by_line.insert((line.key.to_string(), quarter), spend);
                }
            }
        }
        for (_, view) in records(sources, schema, Role::Plan, "spend") {
            let said = period::mention(view.text("quarter").unwrap_or_default());
            if let (Some(line), Some(quarter), Some(amount)) =
                (view.line(), said.quarter, view.amount("amount"))
            {
                let document = (line.key.to_string(), quarter, document(&view), amount);
                out.documents.push(document);
            }
        }
        out
    }
}

fn document(view: &View<'_>) -> String {
    letters_and_figures(view.text("document").unwrap_or_default())
}

/// The amount of a row of money.
fn amount(view: &View<'_>) -> Option<Decimal> {
    match view.schema.name.as_str() {
        "spend" => view.amount("amount"),
        "claims" => view.amount("this_quarter"),
        _ => None,
    }
}

/// Passes over the rows for earlier quarters of this year that say no more than the plan.
pub fn pass_over_restated(sources: &mut [Source], schema: &Schema, quarter: u8) {
    let year = schema.year.start.year();
    if sources.iter().all(|source| source.strangers.is_empty()) {
        return;
    }
    let before = Before::of(sources, schema);
    let mut found: Vec<(usize, usize, Vec<u32>)> = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        for (index, table) in source.tables.iter().enumerate() {
            let Some(own) = schema.tables.get(table.layout.table) else {
                continue;
            };
            let rows: Vec<(u8, View<'_>)> = source
                .strangers
                .iter()
                .filter(|stranger| stranger.table == index)
                .filter_map(|stranger| {
                    let Of::Period(said) = &stranger.of else {
                        return None;
                    };
                    let of = said.quarter.filter(|of| *of < quarter)?;
                    let is_ours = said.span.is_none() && said.year.is_none_or(|said| said == year);
                    let record = table
                        .records
                        .iter()
                        .find(|record| record.row == stranger.row)?;
                    is_ours.then_some((
                        of,
                        View {
                            schema: own,
                            table,
                            record,
                        },
                    ))
                })
                .collect();
            let same = if own.name == "updates" {
                rows.iter()
                    .filter(|(of, view)| is_said_of_action(sources, schema, *of, view))
                    .map(|(_, view)| view.record.row)
                    .collect()
            } else {
                same_money(&rows, &before)
            };
            if !same.is_empty() {
                found.push((at, index, same));
            }
        }
    }
    for (at, index, rows) in found {
        if let Some(table) = sources
            .get_mut(at)
            .and_then(|source| source.tables.get_mut(index))
        {
            table.pass_over(&rows);
        }
    }
}

/// Whether the plan says the same of an action's quarter.
fn is_said_of_action(sources: &[Source], schema: &Schema, of: u8, view: &View<'_>) -> bool {
    let Some(reference) = view.reference("ref") else {
        return false;
    };
    records(sources, schema, Role::Plan, "actions")
        .find(|(_, plan)| {
            plan.reference("ref")
                .is_some_and(|own| own.key == reference.key)
        })
        .is_some_and(|(_, plan)| {
            ["update", "status", "value"].into_iter().all(|field| {
                let (own, ours) = (view.cell(field), plan.cell(quarter_field(field, of)));
                match (own, ours) {
                    (Some(own), _) if own.is_empty() => true,
                    (Some(own), Some(ours)) => say_the_same(own, ours) == Some(true),
                    (Some(_), None) => false,
                    (None, _) => true,
                }
            })
        })
}

/// The rows of money that the plan has: line by line those that come to its spend of the quarter, else those whose document it lists.
fn same_money(rows: &[(u8, View<'_>)], before: &Before) -> Vec<u32> {
    let mut by_line: BTreeMap<(String, u8), (Decimal, Vec<u32>)> = BTreeMap::new();
    let mut out = Vec::new();
    for (of, view) in rows {
        let line: Option<Reference> = view.line();
        let (Some(line), Some(amount)) = (line, amount(view)) else {
            continue;
        };
        let is_listed = before
            .documents
            .iter()
            .any(|(key, quarter, document, paid)| {
                *key == *line.key
                    && quarter == of
                    && *paid == amount
                    && (view.schema.name == "claims" || *document == self::document(view))
            });
        if is_listed {
            out.push(view.record.row);
            continue;
        }
        let entry = by_line.entry((line.key.to_string(), *of)).or_default();
        entry.0 = entry.0.saturating_add(amount);
        entry.1.push(view.record.row);
    }
    for (key, (sum, rows)) in by_line {
        if before.by_line.get(&key) == Some(&sum) {
            out.extend(rows);
        }
    }
    out
}
