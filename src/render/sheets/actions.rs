//! The action plan: every action with all its quarters, as next quarter's plan.

use std::collections::{BTreeMap, BTreeSet};

use super::updates::{Places, STATUS, VALUE};
use crate::finding::{Hold, Severity};
use crate::reconcile::{Action, Measure, RecordRef, Report, quarter_field, records};
use crate::record::View;
use crate::render::context::{as_found, name, shared};
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

/// In which order they stand: those that are printed, and the rest. Where no measure can be judged, that is no news on paper.
type Order = (&'static [usize], &'static [usize]);
const JUDGED: Order = (&[0, 1, 2, 3, 5], &[4]);
const NOT_JUDGED: Order = (&[0, 1, 2, 5], &[3, 4]);

/// What stands in a status's place where one was sent and cannot be used, or none was.
const REPORT_HELD: &str = "Report held";
const STATUS_HELD: &str = "Status held";
const NO_STATUS: &str = "No status given";

/// Where an action of last year's plan came from: few plans have it.
const CARRIED_FROM: &str = "carried_from";

/// Fields that identify an action, before the current quarter; the rest follow it.
const IDENTITY: [&str; 8] = [
    "ref",
    "priority",
    "action",
    "lead_agency",
    "due",
    "success_measure",
    "unit",
    "target",
];

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

    let listed: Vec<(RecordRef, View<'_>)> = records(
        &context.outcome.sources,
        context.schema,
        Role::Plan,
        "actions",
    )
    .collect();
    // Quarterly targets are few plans' way.
    let has = |field: &Field| {
        let mut rows = listed.iter();
        rows.any(|(_, view)| view.cell(&field.name).is_some())
    };
    rest.retain(|field| !(is_target(field) || field.name == CARRIED_FROM) || has(field));
    let mut columns: Vec<Column> = identity
        .iter()
        .map(|field| {
            let column = column(field, context);
            let width = printed_width(field).unwrap_or(column.width);
            Column { width, ..column }
        })
        .collect();
    let actions = &context.outcome.consolidation.actions;
    let is_judged = actions
        .iter()
        .any(|action| action.outcome.measure != Measure::NotJudged);
    let updates = actions
        .iter()
        .filter_map(|action| action.outcome.update.as_deref());
    let mut computed = [
        Some(Column {
            is_status: true,
            ..Column::new(COMPUTED[0], 13, ColumnKind::Centred)
        }),
        Some(Column::new(COMPUTED[1], 40, ColumnKind::Prose).room_for(updates)),
        Some(Column::new(COMPUTED[2], 9, ColumnKind::Number)),
        Some(Column::new(COMPUTED[3], 12, ColumnKind::Centred)),
        Some(Column::new(COMPUTED[4], 11, ColumnKind::Centred)),
        Some(Column::new(COMPUTED[5], 19, ColumnKind::Prose)),
    ];
    let order = if is_judged { JUDGED } else { NOT_JUDGED };
    let (on_paper, on_screen) = order;
    columns.extend(
        on_paper
            .iter()
            .filter_map(|index| computed.get_mut(*index)?.take()),
    );
    let printed = u16::try_from(columns.len()).ok();
    columns.extend(
        on_screen
            .iter()
            .filter_map(|index| computed.get_mut(*index)?.take()),
    );
    columns.extend(rest.iter().map(|field| {
        let column = column(field, context);
        if field.kind == FieldKind::Text {
            let texts = listed.iter().filter_map(|(_, view)| view.text(&field.name));
            column.room_for(texts)
        } else {
            column
        }
    }));
    let extra = context.extra("actions", &mut columns);

    let by_row: BTreeMap<_, (usize, &Action)> = context
        .outcome
        .consolidation
        .actions
        .iter()
        .enumerate()
        .map(|(index, action)| (action.at, (index, action)))
        .collect();
    let places = Places::new(context);
    let reports = by_action(context);
    let rows = Rows::of(listed, move |(at, view)| {
        let (at, view) = (*at, *view);
        let found = by_row.get(&at).copied();
        let action = found.map(|(_, action)| action);
        let mut row: Vec<Cell> = identity
            .iter()
            .map(|field| plan_cell(context, &view, field, action))
            .collect();
        let own = found.and_then(|(index, _)| reports.get(&index));
        let own = own.map_or(&[][..], Vec::as_slice);
        let mut said = current(context, &places, action, own);
        said.push(remarks(context, at, &view, own));
        let ordered = on_paper.iter().chain(on_screen);
        row.extend(ordered.map(|index| said.get(*index).cloned().unwrap_or_else(Cell::blank)));
        row.extend(rest.iter().map(|field| match action {
            Some(action) if field.quarter == Some(quarter) && field.is_declared => {
                declared_cell(context, &view, field, action, own)
            }
            Some(action) if field.quarter == Some(quarter) && !is_target(field) => {
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
        about: format!(
            "Every action with all its quarters; the status as a word and a colour. It is next quarter's plan.{}",
            if is_judged {
                ""
            } else {
                " No success measure is judged: no action has both a target and a direction."
            }
        ),
        content: Content::Table(Table {
            id: "ActionPlan",
            columns,
            rows,
            frozen: 1,
            printed,
            below: Vec::new(),
        }),
    }
}

/// Whether a field is a quarter's target: what should be, and no report of the quarter.
fn is_target(field: &Field) -> bool {
    field
        .quarter
        .is_some_and(|of| field.name == format!("q{of}_target"))
}

/// How wide a field is that is printed: together they fit a landscape A3 page in letters that can be read.
fn printed_width(field: &Field) -> Option<u16> {
    Some(match field.name.as_str() {
        "priority" => 14,
        "action" => 32,
        "lead_agency" => 16,
        "due" => 11,
        "success_measure" => 22,
        "unit" | "target" => 9,
        _ => return None,
    })
}

pub(in crate::render) fn column(field: &Field, context: &Context<'_>) -> Column {
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
            // As wide as the current update: what is not printed shall not make a printed row higher.
            _ => (52, ColumnKind::Prose),
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
        // Where a report is beside one of an earlier run, the two together give the status.
        FieldKind::Status => outcome
            .status
            .filter(|_| !action.reports.is_empty())
            .map(|status| context.status(Some(status))),
        FieldKind::Number => outcome
            .value
            .filter(|_| !action.reports.is_empty())
            .map(|value| Cell::measure(value, is_percentage(context, action))),
        _ => outcome
            .update
            .as_ref()
            .filter(|_| !action.reports.is_empty())
            .map(shared),
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

/// A declared field's cell of the run's quarter: what the lead reported of it, else who supports it, else what the plan has.
fn declared_cell(
    context: &Context<'_>,
    view: &View<'_>,
    field: &Field,
    action: &Action,
    reports: &[&Report],
) -> Cell {
    let is_lead = |report: &&&Report| action.lead.is_some() && report.agency == action.lead;
    let used = reports.iter().filter(|report| !report.is_held);
    let ordered = used
        .clone()
        .filter(is_lead)
        .chain(used.filter(|report| !is_lead(report)));
    let base = field.name.get(3..).unwrap_or_default();
    for report in ordered {
        let Some(own) = report.at.view(&context.outcome.sources, context.schema) else {
            continue;
        };
        for name in [base, field.name.as_str()] {
            if let Some(cell) = own.cell(name).filter(|cell| cell.value().is_some()) {
                return context.cell(cell, field.kind, &field.choices);
            }
        }
    }
    plan_cell(context, view, field, Some(action))
}

/// Whether the quarter's value is a percentage to the one who gave it.
fn is_percentage(context: &Context<'_>, action: &Action) -> bool {
    let reports = &context.outcome.consolidation.reports;
    let report = action
        .outcome
        .value_from
        .and_then(|index| reports.get(index));
    let (at, field) = match report {
        Some(report) => (report.at, "value"),
        None => (action.at, quarter_field("value", context.quarter_number())),
    };
    at.view(&context.outcome.sources, context.schema)
        .and_then(|view| view.cell(field))
        .is_some_and(crate::record::Decoded::is_percentage)
}

/// How an action stands as a meeting sees it.
pub(super) struct Standing {
    /// The status to count it under: this quarter's, or Complete or Closed where it became that earlier and nobody has reported since.
    pub(super) status: Option<usize>,
    /// As the Action plan writes it.
    pub(super) cell: Cell,
}

/// How an action stands: by this quarter's status, else by what is known in its place.
pub(super) fn standing(context: &Context<'_>, action: &Action, reports: &[&Report]) -> Standing {
    if let Some(status) = action.outcome.status {
        return Standing {
            status: Some(status),
            cell: context.status(Some(status)),
        };
    }
    let unknown = |word: &str, look: Look| Standing {
        status: None,
        cell: Cell::text(word).look(look),
    };
    let carried = action
        .outcome
        .carried
        .and_then(|(number, status)| Some((number, status, context.schema.statuses.get(status)?)));
    if let Some((number, status, found)) = carried {
        return Standing {
            status: Some(status),
            cell: Cell::text(format!(
                "{} ({})",
                found.label,
                context.schema.year.quarter_name(number)
            ))
            .look(Look::Status(found.fill)),
        };
    }
    if reports.is_empty() {
        return unknown(
            said_before(context, action).unwrap_or("No report"),
            Look::Muted,
        );
    }
    if reports.iter().all(|report| report.is_held) {
        unknown(REPORT_HELD, Look::Held)
    } else if action
        .reports
        .iter()
        .any(|report| has_status(context, *report))
    {
        unknown(STATUS_HELD, Look::Held)
    } else {
        unknown(NO_STATUS, Look::Muted)
    }
}

/// What an earlier run of the quarter had to say in a status's place.
fn said_before(context: &Context<'_>, action: &Action) -> Option<&'static str> {
    let view = action.at.view(&context.outcome.sources, context.schema)?;
    let said = context
        .said_before(action.at, &view, COMPUTED[0])?
        .to_string();
    [REPORT_HELD, STATUS_HELD, NO_STATUS]
        .into_iter()
        .find(|words| *words == said)
}

fn has_status(context: &Context<'_>, report: usize) -> bool {
    context
        .outcome
        .consolidation
        .reports
        .get(report)
        .and_then(|report| report.at.view(&context.outcome.sources, context.schema))
        .and_then(|view| view.cell("status"))
        .is_some_and(|cell| !cell.is_empty())
}

/// What the quarter gives, each figure leading to the row of Updates that it came from.
fn current(
    context: &Context<'_>,
    places: &Places,
    action: Option<&Action>,
    reports: &[&Report],
) -> Vec<Cell> {
    const TIP: &str = "Go to the report on Updates";
    let Some(action) = action else {
        return vec![Cell::blank(); 5];
    };
    let outcome = &action.outcome;
    let status = standing(context, action, reports).cell;
    let status = match outcome.status {
        Some(_) => status.leading(places.of(action, outcome.status_from, STATUS), TIP),
        None => status,
    };
    let update = outcome.update.as_ref().map_or_else(Cell::blank, shared);
    let measure = match outcome.measure {
        Measure::Met | Measure::OnCourse => Cell::text(outcome.measure.label()).look(Look::Good),
        Measure::Behind | Measure::NotMet => {
            Cell::text(outcome.measure.label()).look(Look::Warning)
        }
        Measure::NoData | Measure::NotJudged => {
            Cell::text(outcome.measure.label()).look(Look::Muted)
        }
    };
    vec![
        status,
        // Its report is the status's or a neighbour of it; as a link, LibreOffice would show and print its first line only.
        update,
        outcome
            .value
            .map_or_else(Cell::blank, |value| {
                Cell::measure(value, is_percentage(context, action))
            })
            .leading(places.of(action, outcome.value_from, VALUE), TIP),
        measure,
        Cell::text(outcome.travel.label()),
    ]
}

/// Every report on each action, held ones too.
pub(super) fn by_action<'a>(context: &'a Context<'_>) -> BTreeMap<usize, Vec<&'a Report>> {
    let mut out: BTreeMap<usize, Vec<&Report>> = BTreeMap::new();
    for report in &context.outcome.consolidation.reports {
        if let Some(action) = report.action {
            out.entry(action).or_default().push(report);
        }
    }
    out
}

/// The findings on the plan's own row and on the reports of it, so that what is held is marked where it stands. A second run of the quarter
/// keeps what the first one remarked on an action that nobody has reported on since.
fn remarks(context: &Context<'_>, at: RecordRef, view: &View<'_>, reports: &[&Report]) -> Cell {
    if view.record.is_held || view.table.is_held {
        return Cell::text(format!("Held: {}", context.why_held(at))).look(Look::Error);
    }
    let on = |at: RecordRef, view: &View<'_>| -> Vec<String> {
        context
            .findings_on(at.source, view.table.layout.sheet, view.record.row)
            // A column that nobody knows is no remark on an action.
            .filter(|finding| finding.severity > Severity::Information)
            .filter(|finding| finding.accepted.is_none() || finding.held != Hold::None)
            .map(|finding| match finding.held {
                Hold::None => capital(&name(finding)),
                held @ (Hold::Value | Hold::Column | Hold::Row | Hold::Table | Hold::Return) => {
                    format!("{} held: {}", capital(held.word()), name(finding))
                }
            })
            .collect()
    };
    let mut said: BTreeSet<String> = on(at, view).into_iter().collect();
    said.extend(context.let_in(at).iter().map(|text| capital(text)));
    for report in reports {
        if let Some(view) = report.at.view(&context.outcome.sources, context.schema) {
            said.extend(on(report.at, &view));
            let let_in = context.let_in(report.at);
            said.extend(let_in.iter().map(|text| capital(text)));
        }
    }
    if said.is_empty()
        && reports.is_empty()
        && let Some(earlier) = context.said_before(at, view, COMPUTED[5])
    {
        return as_found(Some(earlier));
    }
    Cell::text(said.into_iter().collect::<Vec<_>>().join("\n"))
}

/// A text with a capital letter at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
