//! Every partner's update, one row a report, the whole year: with last quarters' rows where the plan is our own workbook.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::grid::CellAddress;
use crate::reconcile::{Action, HELD, RecordRef, Report, records};
use crate::record::{Decoded, State, View};
use crate::render::context::shared;
use crate::render::{
    Cell, Column, ColumnKind, Content, Context, Look, Rows, SheetPlan, Table, Target, Value, a1,
};
use crate::schema::{Field, FieldKind, Owner, Role};
use crate::source::Source;
use crate::value;

/// The fields that the Action plan leads to.
pub(super) const STATUS: &str = "status";
pub(super) const VALUE: &str = "value";

/// The fields of a report that the sheet carries, in its order.
const FIELDS: [&str; 6] = [
    "update",
    STATUS,
    VALUE,
    "as_at",
    "completed_on",
    "next_steps",
];

/// The headings after the fields, which a later run carries on.
pub(super) const CARRIED: [&str; 5] = [
    "State",
    "Other columns",
    SOURCE_FILE,
    "Source cell",
    "As typed",
];

/// The heading under which rows name the file that they are from.
const SOURCE_FILE: &str = "Source file";

/// How many columns stand before the fields: reference, quarter, agency.
const BEFORE_FIELDS: usize = 3;

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let fields = context.fields("updates", &FIELDS);
    let past = history(context);
    let mut columns = vec![
        Column::new("Ref", 10, ColumnKind::Text),
        Column::new("Quarter", 13, ColumnKind::Text),
        Column::new("Agency", 24, ColumnKind::Prose),
    ];
    columns.extend(fields.iter().map(|field| {
        let (width, kind) = match field.kind {
            FieldKind::Status => (13, ColumnKind::Centred),
            FieldKind::Number => (10, ColumnKind::Number),
            FieldKind::Date => (12, ColumnKind::Date),
            _ => (
                if field.name == "update" { 60 } else { 36 },
                ColumnKind::Prose,
            ),
        };
        let column = Column {
            is_status: field.kind == FieldKind::Status,
            ..Column::new(&field.title, width, kind)
        };
        if field.kind != FieldKind::Text {
            return column;
        }
        let views = past.iter().map(|(_, view)| *view).chain(
            context
                .outcome
                .consolidation
                .reports
                .iter()
                .filter_map(|report| report.at.view(&context.outcome.sources, context.schema)),
        );
        let texts: Vec<&str> = views.filter_map(|view| view.text(&field.name)).collect();
        column.room_for(texts.into_iter())
    }));
    columns.extend([
        Column::new("State", 34, ColumnKind::Prose),
        Column::new("Other columns", 36, ColumnKind::Prose),
        Column::new("Source file", 34, ColumnKind::Prose),
        Column::new("Source cell", 20, ColumnKind::Text),
        Column::new("As typed", 40, ColumnKind::Prose),
    ]);
    let declared = declared(context, &past);
    columns.extend(declared.iter().map(|field| context.declared_column(field)));
    let sent: Vec<(usize, &Report)> = context
        .outcome
        .consolidation
        .reports
        .iter()
        .enumerate()
        .filter(|(_, report)| {
            let view = report.at.view(&context.outcome.sources, context.schema);
            view.is_some()
        })
        .collect();
    let width = columns.len();
    let rows = Rows::Drawn {
        count: past.len() + sent.len(),
        row: Box::new(move |number| {
            let row = match past.get(number) {
                Some((at, view)) => {
                    Some(carried_row(context, *at, view, &fields, &declared, width))
                }
                None => sent.get(number - past.len()).and_then(|(index, report)| {
                    sent_row(context, *index, report, &fields, &declared)
                }),
            };
            row.unwrap_or_default()
        }),
    };
    SheetPlan {
        name: "Updates",
        about: "What each partner reported, the whole year, with the cell that it came from."
            .to_owned(),
        content: Content::Table(Table {
            id: "Updates",
            columns,
            rows,
            frozen: 3,
            printed: Some(10),
            below: Vec::new(),
        }),
    }
}

/// A report of this run; `index` is its place among the reports.
fn sent_row(
    context: &Context<'_>,
    index: usize,
    report: &Report,
    fields: &[&Field],
    declared: &[&Field],
) -> Option<Vec<Cell>> {
    let view = report.at.view(&context.outcome.sources, context.schema)?;
    let action = report
        .action
        .and_then(|action| context.outcome.consolidation.actions.get(action));
    // The plan's own spelling, so that the sheet filters by one reference an action.
    let reference = action.map_or_else(|| raw_reference(&view), |a| shared(&a.reference.text));
    let mut row = vec![
        reference,
        context.quarter_cell(),
        context.agency_cell(report.agency),
    ];
    row.extend(field_cells(context, &view, fields));
    let source = context.outcome.sources.get(report.at.source);
    let let_in = context.let_in(report.at);
    row.push(if source.is_some_and(Source::is_set_aside) {
        Cell::text(context.why_set_aside(report.at)).look(Look::Muted)
    } else if report.is_held {
        Cell::text(format!("{HELD}: {}", context.why_held(report.at))).look(Look::Error)
    } else if !let_in.is_empty() {
        let used = if action.is_some_and(|a| a.outcome.update_from == Some(index)) {
            "Used"
        } else {
            "Kept"
        };
        Cell::text(format!("{used}; {}", let_in.join("; ")))
    } else if action.is_some_and(|a| a.lead.is_some() && a.lead == report.agency) {
        Cell::text("Used: lead agency")
    } else if action.is_some_and(|a| a.outcome.update_from == Some(index)) {
        Cell::text("Used: the lead agency sent no update")
    } else {
        Cell::text("Kept: supporting update")
    });
    row.push(Cell::text(other_columns(context, report.at, &view)));
    row.extend(source_cells(context, report.at, &view));
    let all: Vec<&Field> = fields.iter().chain(declared).copied().collect();
    row.push(as_typed(context, &view, &all));
    row.extend(
        declared
            .iter()
            .map(|field| context.declared_cell(&view, field)),
    );
    Some(row)
}

/// The fields that the configuration declares: the reports' own, and what reports say of a declared field of the plan that is theirs.
fn declared<'a>(context: &Context<'a>, past: &[(RecordRef, View<'_>)]) -> Vec<&'a Field> {
    let sources = &context.outcome.sources;
    let reports = &context.outcome.consolidation.reports;
    let is_said = |field: &Field| {
        let has = |view: &View<'_>| view.cell(&field.name).is_some_and(|cell| !cell.is_empty());
        past.iter().any(|(_, view)| has(view))
            || reports
                .iter()
                .filter_map(|report| report.at.view(sources, context.schema))
                .any(|view| has(&view))
    };
    let mut out = context.declared("updates");
    out.retain(|field| {
        !field.is_restated
            || (field.owner != Owner::Partnership || field.quarter.is_some()) && is_said(field)
    });
    out
}

fn raw_reference(view: &View<'_>) -> Cell {
    Cell::text(view.cell("ref").map(Decoded::raw_text).unwrap_or_default())
}

fn field_cells(
    context: &Context<'_>,
    view: &View<'_>,
    fields: &[&Field],
) -> impl Iterator<Item = Cell> {
    fields.iter().map(|field| {
        view.cell(&field.name).map_or_else(Cell::blank, |cell| {
            context.cell(cell, field.kind, &field.choices)
        })
    })
}

/// Which row of the sheet a figure of the Action plan came from.
pub(super) struct Places {
    /// How many rows of earlier runs stand above this run's reports.
    earlier: usize,
    /// This quarter's rows of earlier runs, by the action's key: who sent them and where they stand.
    of_quarter: BTreeMap<Arc<str>, Vec<(Option<usize>, usize)>>,
    /// The sheet's columns of a report's fields.
    columns: BTreeMap<&'static str, usize>,
}

impl Places {
    pub(super) fn new(context: &Context<'_>) -> Self {
        let quarter = run_quarter(context);
        let mut out = Self {
            earlier: 0,
            of_quarter: BTreeMap::new(),
            columns: context
                .fields("updates", &FIELDS)
                .iter()
                .enumerate()
                .filter_map(|(index, field)| {
                    let name = FIELDS.iter().find(|name| **name == field.name)?;
                    Some((*name, index + BEFORE_FIELDS))
                })
                .collect(),
        };
        for (_, view) in history(context) {
            if view.text("quarter") == Some(&quarter)
                && let Some(reference) = view.reference("ref")
            {
                out.of_quarter
                    .entry(Arc::clone(&reference.key))
                    .or_default()
                    .push((view.choice("agency"), out.earlier));
            }
            out.earlier += 1;
        }
        out
    }

    /// A link to the cell that a report of this run gave, else to what an earlier run of the quarter wrote, the lead's first.
    pub(super) fn of(&self, action: &Action, report: Option<usize>, field: &str) -> Option<Target> {
        let earlier = || {
            let rows = self.of_quarter.get(&action.reference.key)?;
            let of_lead = rows
                .iter()
                .find(|(agency, _)| agency.is_some() && *agency == action.lead);
            of_lead.or_else(|| rows.first()).map(|(_, row)| *row)
        };
        let row = report.map(|index| self.earlier + index).or_else(earlier)?;
        let column = *self.columns.get(field)?;
        Some(Target::Here(format!("Updates!{}", a1(row + 1, column))))
    }
}

fn run_quarter(context: &Context<'_>) -> String {
    context
        .outcome
        .options
        .quarter
        .map(|q| q.to_string())
        .unwrap_or_default()
}

/// Reports that an earlier run of this program wrote, without those that this run's returns replace.
fn history<'a>(context: &Context<'a>) -> Vec<(RecordRef, View<'a>)> {
    let quarter = run_quarter(context);
    let replaced: BTreeSet<&str> = context
        .outcome
        .consolidation
        .reports
        .iter()
        .map(|report| context.agency(report.agency))
        .collect();
    let is_replaced = |view: &View<'_>| {
        view.text("quarter").unwrap_or_default() == quarter
            && replaced.contains(context.agency(view.choice("agency")))
    };
    let sources = &context.outcome.sources;
    records(sources, context.schema, Role::Plan, "updates")
        .filter(|(_, view)| !is_replaced(view))
        .collect()
}

fn carried_row(
    context: &Context<'_>,
    at: RecordRef,
    view: &View<'_>,
    fields: &[&Field],
    declared: &[&Field],
    width: usize,
) -> Vec<Cell> {
    let mut row = vec![
        raw_reference(view),
        Cell::text(view.text("quarter").unwrap_or_default()),
        context.agency_cell(view.choice("agency")),
    ];
    row.extend(field_cells(context, view, fields));
    for heading in CARRIED {
        row.push(carried(context, at, view, heading));
    }
    row.extend(
        declared
            .iter()
            .map(|field| context.declared_cell(view, field)),
    );
    row.resize(width, Cell::blank());
    row
}

/// A cell of our own earlier workbook under one of our own headings.
pub(super) fn carried(
    context: &Context<'_>,
    at: RecordRef,
    view: &View<'_>,
    heading: &str,
) -> Cell {
    let source = context.outcome.sources.get(at.source);
    let cell =
        crate::render::context::as_found(source.and_then(|source| source.computed(view, heading)));
    if heading != SOURCE_FILE || cell.value == Value::Blank {
        return cell;
    }
    // Where the file itself is only an earlier run knew: what this run read the row from is the plan.
    let layout = &view.table.layout;
    let first = CellAddress::new(view.record.row, layout.header.first.column);
    match context.target(at.source, layout.sheet, first) {
        Some(target) => cell
            .leading(Some(target), "Open the plan at this row")
            .look(Look::Link),
        None => cell,
    }
}

/// What the row has under headings that no field knows, or beside it under none, and the sub-heading that it stands under: kept, though
/// nothing uses it.
pub(super) fn other_columns(context: &Context<'_>, at: RecordRef, view: &View<'_>) -> String {
    let Some(source) = context.outcome.sources.get(at.source) else {
        return String::new();
    };
    let (sheet, row) = (view.table.layout.sheet, view.record.row);
    let section = view.record.section.as_deref();
    let mut parts: Vec<String> = section
        .map(|section| format!("Under “{section}”"))
        .into_iter()
        .collect();
    parts.extend(view.table.layout.unknown.iter().filter_map(|unknown| {
        let address = CellAddress::new(row, unknown.heading.at.column);
        let value = source.raw(sheet, address)?.to_string();
        (!value::text::is_blank(&value))
            .then(|| format!("{}: {value}", value::text::visible(&unknown.heading.text)))
    }));
    // Figures that are compared with the amount and have no column here.
    parts.extend(["vat_amount", "gross_amount"].iter().filter_map(|name| {
        let field = view.schema.fields.get(view.schema.field(name)?)?;
        let typed = view
            .cell(name)
            .map(Decoded::raw_text)
            .filter(|text| !value::text::is_blank(text))?;
        Some(format!("{}: {typed}", field.title))
    }));
    let beside = source.layout.unheaded.iter().filter(|found| {
        found.sheet == sheet
            && found.table == at.table
            && (found.range.first.row..=found.range.last.row).contains(&row)
    });
    parts.extend(beside.filter_map(|found| {
        let address = CellAddress::new(row, found.range.first.column);
        let value = source.raw(sheet, address)?;
        Some(format!("{address}: {value}"))
    }));
    parts.join("; ")
}

/// The cells that say something in other letters than are shown here: a status in the partner's own word, a figure or a date typed as text.
pub(super) fn as_typed(context: &Context<'_>, view: &View<'_>, fields: &[&Field]) -> Cell {
    let typed = |field: &&Field| {
        let decoded = view.cell(&field.name)?;
        let crate::grid::CellValue::Text(typed) = decoded.raw.as_ref()? else {
            return None;
        };
        // Prose is shown as it was typed.
        if matches!(decoded.state, State::Value(value::Value::Text(_))) {
            return None;
        }
        let shown = match context.cell(decoded, field.kind, &field.choices).value {
            Value::Text(shown) => shown.to_string(),
            Value::Blank
            | Value::Number(_)
            | Value::Percent(_)
            | Value::Money(_)
            | Value::Date(_)
            | Value::Formula { .. }
            | Value::Link { .. }
            | Value::Linked { .. } => String::new(),
        };
        let address = view.address(&field.name)?;
        (*shown != **typed).then(|| format!("{address} “{typed}”"))
    };
    let parts: Vec<String> = fields.iter().filter_map(typed).collect();
    Cell::text(parts.join("; "))
}

/// The file, as a link to the record's first cell, and that cell.
pub(super) fn source_cells(context: &Context<'_>, at: RecordRef, view: &View<'_>) -> [Cell; 2] {
    let Some(source) = context.outcome.sources.get(at.source) else {
        return [Cell::blank(), Cell::blank()];
    };
    let (_, sheet) = source.sheet(view.table.layout.sheet);
    let cell = CellAddress::new(view.record.row, view.table.layout.header.first.column).to_string();
    let place = sheet
        .as_deref()
        .map_or_else(|| cell.clone(), |sheet| format!("{sheet}!{cell}"));
    [
        context.link(at.source, sheet.as_deref(), Some(&cell), source.file_name()),
        Cell::text(place),
    ]
}
