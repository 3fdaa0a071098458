//! The meeting's agenda: what partners disagree on, what is kept out, what may be meant. A person decides; nothing is applied by itself.

use crate::finding::{Finding, Hold};
use crate::reconcile::Report;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::value::Value;
use crate::value::amount::figure;

/// What may be decided.
const CHOICES: [&str; 4] = ["Accept", "Reject", "Ask the partner", "Corrected at source"];

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan {
    let columns = vec![
        Column::new("About", 20, ColumnKind::Text),
        Column::new("Ref or line", 11, ColumnKind::Text),
        Column::new("Partner", 22, ColumnKind::Prose),
        Column::new("What is to be decided", 62, ColumnKind::Prose),
        Column::new("Suggestion", 46, ColumnKind::Prose),
        Column::new("Source file", 32, ColumnKind::Prose),
        Column::new("Source cell", 20, ColumnKind::Text),
        Column::new("Compared with", 32, ColumnKind::Prose),
        Column::new("Decision", 18, ColumnKind::Centred).choose(CHOICES.map(str::to_owned)),
        Column::new("Reason", 34, ColumnKind::Prose),
        Column::new("Role", 22, ColumnKind::Prose),
        Column::new("Until", 13, ColumnKind::Date),
        Column::new("Finding", 20, ColumnKind::Text),
    ];
    let mut rows: Vec<Vec<Cell>> = context
        .outcome
        .findings
        .iter()
        .filter_map(|finding| Some(row(context, finding, about(finding)?)))
        .collect();
    rows.extend(replaced(context));
    SheetPlan {
        name: "Decisions",
        about: "The meeting's agenda: conflicts, what is held, near matches, and what a return replaced in the plan.".to_owned(),
        content: Content::Table(Table { id: "Decisions", columns, rows, frozen: 2, printed: Some(12) }),
    }
}

/// What kind of decision a finding asks for, if it asks for one.
fn about(finding: &Finding) -> Option<&'static str> {
    match (finding.code.0, finding.held) {
        ("M404", _) => Some("Conflict"),
        ("M401", _) => Some("Unmatched row"),
        ("M403" | "M411" | "M405", _) => Some("Proposal"),
        ("H104", _) => Some("Near match"),
        (_, Hold::Return) => Some("Held return"),
        (_, Hold::Table) => Some("Held table"),
        (_, Hold::Column) => Some("Held columns"),
        (_, Hold::Row) => Some("Held row"),
        (_, Hold::Value) => Some("Held value"),
        (_, Hold::None) => None,
    }
}

fn row(context: &Context<'_>, finding: &Finding, about: &'static str) -> Vec<Cell> {
    let source = finding
        .place
        .source
        .and_then(|index| context.outcome.sources.get(index));
    let a1 = finding.place.a1();
    let sheet = finding.place.sheet_name();
    let place = [sheet, a1.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("!");
    let related: Vec<String> = finding
        .related
        .iter()
        .map(|place| {
            let file = place
                .source
                .and_then(|index| context.outcome.sources.get(index))
                .map_or("", |source| source.file_name());
            [Some(file), place.sheet_name(), place.a1().as_deref()]
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" › ")
        })
        .collect();
    vec![
        Cell::text(about),
        Cell::text(key(context, finding)),
        Cell::text(
            context.agency(
                finding
                    .agency
                    .as_deref()
                    .and_then(|code| context.schema.agency(code)),
            ),
        ),
        Cell::text(&finding.message),
        Cell::text(&finding.fix),
        source.map_or_else(Cell::blank, |source| {
            context.link(source.index, sheet, a1.as_deref(), source.file_name())
        }),
        Cell::text(place),
        Cell::text(related.join("\n")),
        Cell::blank().look(Look::Input),
        Cell::blank().look(Look::Input),
        Cell::blank().look(Look::Input),
        Cell::blank().look(Look::Input),
        Cell::text(&finding.id),
    ]
}

/// The reference or line of the row that a finding is on.
fn key(context: &Context<'_>, finding: &Finding) -> String {
    let (Some(source), Some((sheet, _)), Some(range)) = (
        finding
            .place
            .source
            .and_then(|i| context.outcome.sources.get(i)),
        &finding.place.sheet,
        finding.place.range,
    ) else {
        return String::new();
    };
    for table in source
        .tables
        .iter()
        .filter(|table| table.layout.sheet == *sheet)
    {
        let Some(schema) = context.schema.tables.get(table.layout.table) else {
            continue;
        };
        let Some(record) = table
            .records
            .iter()
            .find(|record| record.row == range.first.row)
        else {
            continue;
        };
        let view = crate::record::View {
            schema,
            table,
            record,
        };
        return ["ref", "line"]
            .iter()
            .find_map(|field| view.cell(field))
            .map(crate::record::Decoded::raw_text)
            .unwrap_or_default();
    }
    String::new()
}

/// A field, its word, the report that gave it, and its value in the plan and now.
type Part<'a> = (
    &'a str,
    &'a str,
    Option<&'a Report>,
    Option<String>,
    Option<String>,
);

/// Filled plan cells of the quarter that a report replaced with something else.
fn replaced(context: &Context<'_>) -> Vec<Vec<Cell>> {
    let number = context.quarter_number();
    let mut out = Vec::new();
    for action in &context.outcome.consolidation.actions {
        let Some(plan) = action.at.view(&context.outcome.sources, context.schema) else {
            continue;
        };
        let result = &action.outcome;
        let found = |index: Option<usize>| {
            index.and_then(|index| context.outcome.consolidation.reports.get(index))
        };
        let parts: [Part<'_>; 3] = [
            (
                "status",
                "status",
                found(result.status_from),
                plan.choice(&format!("q{number}_status"))
                    .map(|s| context.schema.status_label(s).to_owned()),
                result
                    .status
                    .map(|s| context.schema.status_label(s).to_owned()),
            ),
            (
                "update",
                "update",
                found(result.update_from),
                plan.text(&format!("q{number}_update")).map(str::to_owned),
                result.update.as_ref().map(ToString::to_string),
            ),
            (
                "value",
                "figure",
                found(result.value_from),
                plan.value(&format!("q{number}_value"))
                    .and_then(|value| match value {
                        Value::Number(number) => Some(figure(*number)),
                        _ => None,
                    }),
                result.value.map(figure),
            ),
        ];
        for (field, word, report, old, new) in parts {
            let (Some(report), Some(old), Some(new)) = (report, old, new) else {
                continue;
            };
            if old == new {
                continue;
            }
            let Some(view) = report.at.view(&context.outcome.sources, context.schema) else {
                continue;
            };
            let Some(source) = context.outcome.sources.get(report.at.source) else {
                continue;
            };
            let (_, sheet) = source.sheet(view.table.layout.sheet);
            let cell = view
                .address(field)
                .map(|a| a.to_string())
                .unwrap_or_default();
            let plan_cell = plan
                .address(&format!("q{number}_{field}"))
                .map(|a| a.to_string())
                .unwrap_or_default();
            let place = sheet
                .as_deref()
                .map_or_else(|| cell.clone(), |sheet| format!("{sheet}!{cell}"));
            out.push(vec![
                Cell::text("Replaced in the plan"),
                Cell::text(&action.reference.text),
                Cell::text(context.agency(report.agency)),
                Cell::text(format!("The plan's {word} for this quarter was “{old}”; the return says “{new}”, and the return is used.")),
                Cell::text("Confirm that the return is right, or ask the partner."),
                context.link(source.index, sheet.as_deref(), Some(&cell), source.file_name()),
                Cell::text(place),
                Cell::text(format!("the plan › {plan_cell}")),
                Cell::blank().look(Look::Input),
                Cell::blank().look(Look::Input),
                Cell::blank().look(Look::Input),
                Cell::blank().look(Look::Input),
                Cell::blank(),
            ]);
        }
    }
    out
}
