//! The action plan: every action with all its quarters, as next quarter's plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Hold;
use crate::reconcile::{Action, RecordRef, records};
use crate::record::View;
use crate::render::context::{as_found, shared};
use crate::render::{
    Cell, Column, ColumnKind, Content, Context, Look, Rows, SheetPlan, Table, Value,
};
use crate::schema::{Field, FieldKind, Role};

/// Headings of what this program works out: passed over when the workbook is the next plan.
const COMPUTED: [&str; 6] = [
    "Current status",
    "Current update",
    "Current value",
    "Success measure met",
    "Direction",
    "Remarks",
];

/// Fields that identify an action, before the current quarter; the rest follow it.
const IDENTITY: [&str; 6] = ["ref", "priority", "action", "lead_agency", "due", "target"];

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let quarter = context.quarter_number();
    let schema = context.schema.table("actions").map(|(_, table)| table);
    let fields: Vec<&Field> = schema
        .map(|table| table.fields.iter().collect())
        .unwrap_or_default();
    let identity: Vec<&Field> = IDENTITY
        .iter()
        .filter_map(|name| fields.iter().find(|f| f.name == *name).copied())
        .collect();
    let mut rest: Vec<&Field> = fields
        .iter()
        .filter(|f| !IDENTITY.contains(&f.name.as_str()))
        .copied()
        .collect();
    rest.sort_by_key(|field| field.quarter);

    let mut columns: Vec<Column> = identity
        .iter()
        .map(|field| column(field, context))
        .collect();
    columns.extend([
        Column {
            is_status: true,
            ..Column::new(COMPUTED[0], 13, ColumnKind::Centred)
        },
        Column::new(COMPUTED[1], 52, ColumnKind::Prose),
        Column::new(COMPUTED[2], 10, ColumnKind::Number),
        Column::new(COMPUTED[3], 12, ColumnKind::Centred),
        Column::new(COMPUTED[4], 11, ColumnKind::Centred),
        Column::new(COMPUTED[5], 28, ColumnKind::Prose),
    ]);
    let printed = u16::try_from(columns.len()).ok();
    columns.extend(rest.iter().map(|field| column(field, context)));
    let extra = context.extra("actions", &mut columns);

    let by_row: BTreeMap<_, &Action> = context
        .outcome
        .consolidation
        .actions
        .iter()
        .map(|action| (action.at, action))
        .collect();
    let listed: Vec<(RecordRef, View<'_>)> = records(
        &context.outcome.sources,
        context.schema,
        Role::Plan,
        "actions",
    )
    .collect();
    let rows = Rows::of(listed, move |(at, view)| {
        let (at, view) = (*at, *view);
        let action = by_row.get(&at).copied();
        let mut row: Vec<Cell> = identity
            .iter()
            .map(|field| plan_cell(context, &view, field, action))
            .collect();
        row.extend(current(context, action, &view));
        row.push(remarks(context, at, &view, action));
        row.extend(rest.iter().map(|field| match action {
            Some(action) if field.quarter == Some(quarter) => {
                quarter_cell(context, &view, field, action)
            }
            _ => plan_cell(context, &view, field, action),
        }));
        row.extend(extra.cells(at, &view));
        if view.record.is_held || view.table.is_held {
            for cell in &mut row {
                cell.look = if cell.look == Look::Error {
                    Look::Error
                } else {
                    Look::Held
                };
            }
        }
        row
    });
    SheetPlan {
        name: "Action plan",
        about: "Every action with all its quarters; the status as a word and a colour. It is next quarter's plan.".to_owned(),
        content: Content::Table(Table { id: "ActionPlan", columns, rows, frozen: 1, printed }),
    }
}

fn column(field: &Field, context: &Context<'_>) -> Column {
    let schema = context.schema;
    let (width, kind) = match field.kind {
        FieldKind::Reference => (9, ColumnKind::Text),
        FieldKind::Line | FieldKind::Lines => (12, ColumnKind::Text),
        FieldKind::Money => (13, ColumnKind::Money),
        FieldKind::Number => (10, ColumnKind::Number),
        FieldKind::Date | FieldKind::Timescale => (12, ColumnKind::Date),
        FieldKind::Status => (13, ColumnKind::Centred),
        FieldKind::Choice => (13, ColumnKind::Text),
        FieldKind::Agency => (18, ColumnKind::Prose),
        FieldKind::Priority | FieldKind::Agencies | FieldKind::Email | FieldKind::Postcode => {
            (22, ColumnKind::Prose)
        }
        FieldKind::Text => match field.name.as_str() {
            "action" => (42, ColumnKind::Prose),
            "lead_officer" | "unit" => (16, ColumnKind::Prose),
            "objective" | "success_measure" => (30, ColumnKind::Prose),
            _ => (44, ColumnKind::Prose),
        },
    };
    let words: Vec<String> = match field.kind {
        FieldKind::Status => schema.statuses.iter().map(|s| s.label.clone()).collect(),
        FieldKind::Agency => schema.agencies.iter().map(|a| a.name.clone()).collect(),
        FieldKind::Choice => field
            .choices
            .iter()
            .map(|choice| choice.label.clone())
            .collect(),
        _ => Vec::new(),
    };
    Column {
        is_status: field.kind == FieldKind::Status,
        ..Column::new(&field.title, width, kind).choose(words)
    }
}

/// A field of the plan's row; the row's priority is written out even where a banner or sheet said it.
fn plan_cell(
    context: &Context<'_>,
    view: &View<'_>,
    field: &Field,
    action: Option<&Action>,
) -> Cell {
    let cell = view.cell(&field.name).map_or_else(Cell::blank, |decoded| {
        context.cell(decoded, field.kind, &field.choices)
    });
    if field.kind == FieldKind::Priority && cell.value == Value::Blank {
        let priority = action.map_or(
            view.record.priority.or(view.table.layout.priority),
            |action| action.priority,
        );
        return Cell::text(context.priority(priority));
    }
    cell
}

/// A cell of the run's quarter: what the reports gave, else what the plan has.
fn quarter_cell(context: &Context<'_>, view: &View<'_>, field: &Field, action: &Action) -> Cell {
    let outcome = &action.outcome;
    let reported = match field.kind {
        FieldKind::Status => outcome.status_from.map(|_| context.status(outcome.status)),
        FieldKind::Number => outcome
            .value_from
            .and(outcome.value)
            .map(|value| Value::Number(value).into()),
        _ => outcome.update_from.and(outcome.update.as_ref()).map(shared),
    };
    reported.unwrap_or_else(|| {
        // Two partners differ on the value and the lead did not report: neither is used, and the plan's old one would mislead.
        let is_contested = field.kind == FieldKind::Number
            && outcome.value.is_none()
            && !action.reports.is_empty();
        if is_contested {
            Cell::blank()
        } else {
            plan_cell(context, view, field, Some(action))
        }
    })
}

fn current(context: &Context<'_>, action: Option<&Action>, view: &View<'_>) -> Vec<Cell> {
    let Some(action) = action else {
        return vec![Cell::blank(); 5];
    };
    let outcome = &action.outcome;
    let status = match outcome.status {
        Some(_) => context.status(outcome.status),
        None => Cell::text("No report").look(Look::Muted),
    };
    let update = match (&outcome.update, view.text("action")) {
        (Some(text), _) => shared(text),
        (None, _) => Cell::blank(),
    };
    let measure = match outcome.measure {
        crate::reconcile::Measure::Met => Cell::text(outcome.measure.label()).look(Look::Good),
        crate::reconcile::Measure::NotMet => {
            Cell::text(outcome.measure.label()).look(Look::Warning)
        }
        crate::reconcile::Measure::NoData | crate::reconcile::Measure::NotJudged => {
            Cell::text(outcome.measure.label()).look(Look::Muted)
        }
    };
    vec![
        status,
        update,
        outcome
            .value
            .map_or_else(Cell::blank, |value| Value::Number(value).into()),
        measure,
        Cell::text(outcome.travel.label()),
    ]
}

/// The findings on the plan's own row, so that what is held is marked where it stands. A second run of the quarter keeps what the first one
/// remarked on an action that nobody has reported on since.
fn remarks(context: &Context<'_>, at: RecordRef, view: &View<'_>, action: Option<&Action>) -> Cell {
    if view.record.is_held || view.table.is_held {
        return Cell::text(format!("Held: {}", context.why_held(at))).look(Look::Error);
    }
    let said: BTreeSet<String> = context
        .findings_on(at.source, view.table.layout.sheet, view.record.row)
        .map(|f| {
            format!(
                "{}{} {}",
                if f.held == Hold::None {
                    ""
                } else {
                    "Held value: "
                },
                f.code,
                f.name
            )
        })
        .collect();
    if said.is_empty()
        && action.is_some_and(|action| action.reports.is_empty())
        && let Some(earlier) = context.said_before(at, view, COMPUTED[5])
    {
        return as_found(Some(earlier));
    }
    Cell::text(said.into_iter().collect::<Vec<_>>().join("; "))
}
