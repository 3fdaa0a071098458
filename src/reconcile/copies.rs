//! Returns that are copies of the plan with one partner's cells filled in: what is filled is the return, the rest is the plan's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{RecordRef, quarter_field, records, say_the_same, unasked};
use crate::grid::{CellAddress, CellValue};
use crate::record::{Decoded, Table, View, decoded};
use crate::schema::{Role, Schema};
use crate::source::{Copied, Differs, Source};
use crate::value::Value;
use crate::value::amount;
use crate::value::period;
use crate::value::text::fold;

/// What is found to be a copy, and what becomes of its parts.
#[derive(Default)]
struct Found {
    source: usize,
    /// Rows that say nothing, by table.
    passed_over: Vec<(usize, Vec<u32>)>,
    /// Tables of the plan's funding, whose printed totals are the plan's.
    funding: Vec<usize>,
    /// Tables that only repeat the plan's.
    repeated: BTreeSet<usize>,
    copied: Copied,
}

/// Tells the returns that are copies of the plan, and passes over what in them is the plan's.
pub fn settle_copies(sources: &mut [Source], schema: &Schema, quarter: u8) {
    let plan = Plan::of(sources, schema);
    let found: Vec<Found> = sources
        .iter()
        .filter(|source| source.role == Role::Return && source.copied.is_none())
        .filter(|source| is_copy(source, &plan, sources, schema))
        .map(|source| look(source, &plan, sources, schema, quarter))
        .collect();
    for found in found {
        let Some(source) = sources.get_mut(found.source) else {
            continue;
        };
        for (table, rows) in &found.passed_over {
            if let Some(table) = source.tables.get_mut(*table) {
                table.pass_over(rows);
            }
        }
        for table in &found.funding {
            if let Some(table) = source.tables.get_mut(*table) {
                table.totals.clear();
            }
        }
        source.set_copied(found.copied, &found.repeated);
    }
}

/// Whether a row of a copy says anything of the quarter that the plan does not say already.
#[must_use]
pub fn says_something(view: &View<'_>, plan: Option<&View<'_>>, quarter: u8) -> bool {
    let keys = &view.schema.primary_key;
    view.schema
        .fields
        .iter()
        .filter(|field| !field.is_restated && !keys.contains(&field.name))
        .filter_map(|field| Some((field, view.cell(&field.name)?)))
        .filter(|(_, cell)| !cell.is_empty())
        .any(|(field, cell)| {
            let ours = match field.name.as_str() {
                name @ ("update" | "status" | "value") => {
                    plan.and_then(|plan| plan.cell(quarter_field(name, quarter)))
                }
                _ => None,
            };
            ours.is_none_or(|ours| say_the_same(cell, ours) != Some(true))
        })
}

/// Where the plan's actions and lines stand, and what its sheets are called.
struct Plan {
    actions: BTreeMap<Arc<str>, RecordRef>,
    lines: BTreeMap<Arc<str>, RecordRef>,
    /// Lines by the folded names of their projects; none where two have the same.
    projects: BTreeMap<String, Option<RecordRef>>,
    /// Folded names; whether it holds funding lines.
    sheets: BTreeMap<String, bool>,
    /// Whether it is an earlier output, which no longer has the sheets of the officer's own plan.
    is_ours: bool,
}

impl Plan {
    fn of(sources: &[Source], schema: &Schema) -> Self {
        let by_key = |table: &'static str, field: &'static str| {
            let mut out = BTreeMap::new();
            for (at, view) in records(sources, schema, Role::Plan, table) {
                if let Some(reference) = view.reference(field) {
                    out.entry(Arc::clone(&reference.key)).or_insert(at);
                }
            }
            out
        };
        let mut projects: BTreeMap<String, Option<RecordRef>> = BTreeMap::new();
        for (at, view) in records(sources, schema, Role::Plan, "funding_lines") {
            let name = fold(view.text("project").unwrap_or_default());
            if !name.is_empty() {
                projects
                    .entry(name)
                    .and_modify(|found| *found = None)
                    .or_insert(Some(at));
            }
        }
        let mut sheets = BTreeMap::new();
        for source in sources.iter().filter(|source| source.role == Role::Plan) {
            let names = source.workbook().map_or(&[][..], |book| &book.sheets);
            for (index, sheet) in names.iter().enumerate() {
                let has_lines = source
                    .tables_named(schema, "funding_lines")
                    .any(|table| table.layout.sheet == index);
                let name = fold(sheet.name.as_deref().unwrap_or_default());
                *sheets.entry(name).or_default() |= has_lines;
            }
        }
        Self {
            actions: by_key("actions", "ref"),
            lines: by_key("funding_lines", "line"),
            projects,
            sheets,
            is_ours: sources
                .iter()
                .any(|source| source.role == Role::Plan && source.layout.is_ours),
        }
    }

    /// The line of the plan that a row is on: by its code, else by its project.
    fn line(&self, view: &View<'_>) -> Option<RecordRef> {
        // Without a code's column the project stands in its place.
        let line = view.line()?;
        let by_project = || self.projects.get(&fold(&line.text)).copied().flatten();
        self.lines.get(&line.key).copied().or_else(by_project)
    }

    fn action<'a>(
        &self,
        view: &View<'_>,
        sources: &'a [Source],
        schema: &'a Schema,
    ) -> Option<View<'a>> {
        let reference = view.reference("ref")?;
        self.actions.get(&reference.key)?.view(sources, schema)
    }
}

/// The records of a table.
fn rows<'a>(table: &'a Table, schema: &'a Schema) -> impl Iterator<Item = View<'a>> {
    let schema = schema.tables.get(table.layout.table);
    schema.into_iter().flat_map(move |schema| {
        table.records.iter().map(move |record| View {
            schema,
            table,
            record,
        })
    })
}

/// A copy has a quarter's column beside its actions, and an action that its agency neither leads nor supports, or the plan's own sheet of
/// funding lines beside it.
fn is_copy(source: &Source, plan: &Plan, sources: &[Source], schema: &Schema) -> bool {
    let Some(agency) = source.statement.agency.filter(|_| !source.is_out()) else {
        return false;
    };
    let is_of_others = |view: &View<'_>| {
        plan.action(view, sources, schema)
            .is_some_and(|action| !is_theirs(&action, agency))
    };
    let has_funding = source.tables_named(schema, "claims").any(|table| {
        let (_, name) = source.sheet(table.layout.sheet);
        let name = fold(name.as_deref().unwrap_or_default());
        plan.sheets.get(&name) == Some(&true) && is_of_funding(table, schema)
    });
    source.tables_named(schema, "updates").any(|table| {
        let layout = &table.layout;
        let headings = layout.columns.iter().map(|column| &column.heading);
        let has_quarter = headings
            .chain(layout.unknown.iter().map(|unknown| &unknown.heading))
            .any(|heading| period::mention(&heading.text).quarter.is_some());
        let found = schema.tables.get(table.layout.table);
        let has_others = || {
            table.all_records().any(|record| {
                found.is_some_and(|schema| {
                    let view = View {
                        schema,
                        table,
                        record,
                    };
                    is_of_others(&view)
                })
            })
        };
        has_quarter && (has_funding || has_others())
    })
}

/// Whether an agency leads or supports an action of the plan.
fn is_theirs(action: &View<'_>, agency: usize) -> bool {
    action.choice("lead_agency") == Some(agency)
        || matches!(action.value("partners"), Some(Value::Agencies(partners)) if partners.contains(&agency))
}

fn look(source: &Source, plan: &Plan, sources: &[Source], schema: &Schema, quarter: u8) -> Found {
    let mut out = Found {
        source: source.index,
        ..Found::default()
    };
    let sheet_name = |index: usize| {
        let (_, name) = source.sheet(index);
        fold(name.as_deref().unwrap_or_default())
    };
    let mut own_sheets = BTreeSet::new();
    for (index, table) in source.tables.iter().enumerate() {
        let Some(found) = schema.tables.get(table.layout.table) else {
            continue;
        };
        let sheet = table.layout.sheet;
        match found.name.as_str() {
            "updates" => {
                own_sheets.insert(sheet);
                let silent = rows(table, schema)
                    .filter(|view| {
                        plan.action(view, sources, schema).is_some_and(|action| {
                            !says_something(view, Some(&action), quarter)
                                && unasked::restates_nothing_else(view, &action)
                        })
                    })
                    .map(|view| view.record.row)
                    .collect();
                out.passed_over.push((index, silent));
            }
            "claims"
                if plan.sheets.get(&sheet_name(sheet)) == Some(&true)
                    || is_of_funding(table, schema) =>
            {
                if table.layout.missing.is_empty() {
                    own_sheets.insert(sheet);
                    out.funding.push(index);
                    let silent = claims(source, index, plan, sources, schema, quarter, &mut out);
                    out.passed_over.push((index, silent));
                } else {
                    // The plan has no column for the quarter's spend, so there is nothing to fill in.
                    out.repeated.insert(index);
                }
            }
            "spend"
                if plan.sheets.contains_key(&sheet_name(sheet))
                    && repeats_plan(table, sources, schema) =>
            {
                out.repeated.insert(index);
            }
            _ => {
                own_sheets.insert(sheet);
            }
        }
    }
    let sheets = source.workbook().map_or(0, |book| book.sheets.len());
    out.copied.sheets = (0..sheets)
        .filter(|index| !own_sheets.contains(index))
        .filter(|index| {
            plan.sheets.contains_key(&sheet_name(*index))
                || plan.is_ours && is_words_only(source, *index)
        })
        .collect();
    out
}

/// Whether a sheet holds nothing but words: contacts, a glossary. Figures on it might be somebody's report.
fn is_words_only(source: &Source, sheet: usize) -> bool {
    source
        .workbook()
        .and_then(|book| book.sheets.get(sheet))
        .is_some_and(|sheet| {
            sheet
                .cells()
                .iter()
                .all(|cell| matches!(&cell.value, CellValue::Text(text) if amount::from_text(text).is_err()))
        })
}

/// Whether a table of claims has the plan's own columns: an allocation is nobody's claim.
fn is_of_funding(table: &Table, schema: &Schema) -> bool {
    let Some((_, lines)) = schema.table("funding_lines") else {
        return false;
    };
    let year = schema.year.start.year();
    table.layout.unknown.iter().any(|unknown| {
        lines
            .match_heading(&unknown.heading.text, year, None)
            .and_then(|(field, _)| lines.fields.get(field))
            .is_some_and(|field| field.name == "allocation")
    })
}

/// Whether all documents of a table stand in the plan's own Spend sheet.
fn repeats_plan(table: &Table, sources: &[Source], schema: &Schema) -> bool {
    let said = |view: &View<'_>| -> Vec<String> {
        ["line", "document", "supplier", "amount"]
            .iter()
            .map(|field| view.cell(field).map(Decoded::raw_text).unwrap_or_default())
            .collect()
    };
    let ours: BTreeSet<Vec<String>> = records(sources, schema, Role::Plan, "spend")
        .map(|(_, view)| said(&view))
        .collect();
    rows(table, schema).all(|view| ours.contains(&said(&view)))
}

/// The rows of the plan's funding that claim nothing: lines of others, and blank ones. What else they say differently is noted.
fn claims(
    source: &Source,
    index: usize,
    plan: &Plan,
    sources: &[Source],
    schema: &Schema,
    quarter: u8,
    out: &mut Found,
) -> Vec<u32> {
    let Some((table, agency)) = source.tables.get(index).zip(source.statement.agency) else {
        return Vec::new();
    };
    let mut silent = Vec::new();
    for view in rows(table, schema) {
        let Some((at, ours)) = plan
            .line(&view)
            .and_then(|at| Some((at, at.view(sources, schema)?)))
        else {
            // A line that the plan does not have is told of as one.
            continue;
        };
        differing(source, &view, at, &ours, schema, out);
        let spent = view.cell("this_quarter");
        let is_blank = spent.is_none_or(Decoded::is_empty);
        let delivery = ours.choice("delivery_agency");
        let field = format!("q{quarter}_spend");
        let is_plans = spent
            .zip(ours.cell(&field))
            .is_some_and(|(own, ours)| say_the_same(own, ours) == Some(true));
        let is_others = delivery.is_some_and(|delivery| delivery != agency);
        if is_others && !is_blank && !is_plans {
            note(source, &view, "this_quarter", at, &field, &ours, out);
        }
        if is_blank || is_others || delivery.is_none() && is_plans {
            silent.push(view.record.row);
        }
    }
    silent
}

/// Notes what a row of the plan's funding says differently under the plan's other headings.
fn differing(
    source: &Source,
    view: &View<'_>,
    at: RecordRef,
    ours: &View<'_>,
    schema: &Schema,
    out: &mut Found,
) {
    let year = schema.year.start.year();
    for unknown in &view.table.layout.unknown {
        let heading = &unknown.heading;
        let field = ours
            .schema
            .match_heading(&heading.text, year, None)
            .and_then(|(field, _)| ours.schema.fields.get(field));
        let cell = CellAddress::new(view.record.row, heading.at.column);
        let (Some(field), Some(raw)) = (field, source.raw(view.table.layout.sheet, cell)) else {
            continue;
        };
        let own = decoded(raw, field, schema);
        let Some(plans) = ours.cell(&field.name).filter(|_| !own.is_empty()) else {
            continue;
        };
        // An earlier output writes a stream by its code.
        let stream = |cell: &Decoded| schema.stream(&cell.raw_text());
        let is_same_stream =
            field.name == "stream" && stream(&own).is_some() && stream(&own) == stream(plans);
        if say_the_same(&own, plans) == Some(false) && !is_same_stream {
            out.copied.differs.push(Differs {
                sheet: view.table.layout.sheet,
                at: cell,
                subject: view.text("line").unwrap_or_default().to_owned(),
                said: own.raw_text(),
                field: field.title.clone(),
                quarter: field.quarter,
                plan: at.source,
                plan_sheet: ours.table.layout.sheet,
                plan_at: ours.address(&field.name),
                plan_says: plans.raw_text(),
            });
        }
    }
}

/// Notes a cell of a claim's own field that is another's to fill in.
fn note(
    source: &Source,
    view: &View<'_>,
    own: &str,
    at: RecordRef,
    field: &str,
    ours: &View<'_>,
    out: &mut Found,
) {
    debug_assert_eq!(out.source, source.index);
    if let (Some(cell), Some(address)) = (view.cell(own), view.address(own)) {
        let titled = ours.schema.field(field);
        let titled = titled.and_then(|index| ours.schema.fields.get(index));
        out.copied.differs.push(Differs {
            sheet: view.table.layout.sheet,
            at: address,
            subject: view.text("line").unwrap_or_default().to_owned(),
            said: cell.raw_text(),
            field: titled.map(|field| field.title.clone()).unwrap_or_default(),
            // The run's own: no history, and a proposal.
            quarter: None,
            plan: at.source,
            plan_sheet: ours.table.layout.sheet,
            plan_at: ours.address(field),
            plan_says: ours.cell(field).map(Decoded::raw_text).unwrap_or_default(),
        });
    }
}
