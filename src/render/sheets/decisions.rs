//! The meeting's agenda: what partners disagree on, what is kept out, what may be meant, and what became of what was decided. A person
//! decides; nothing is applied by itself.
//!
//! The sheet is read again by the next run (`--decisions`), so its headings are the decision room's.

use crate::decision::{HEADINGS, Verdict};
use crate::reconcile::Report;
use crate::render::agenda::{self, Item};
use crate::render::{
    Cell, Column, ColumnKind, Content, Context, Look, Pick, Rows, SheetPlan, Table,
};
use crate::value::Value;
use crate::value::amount::{figure, pounds};

/// How wide each column is and how it is written, in the order of the headings. The printed ones fit a landscape A3 page.
const FORMS: [(u16, ColumnKind); HEADINGS.len()] = [
    (14, ColumnKind::Prose),
    (11, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (46, ColumnKind::Prose),
    (36, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (16, ColumnKind::Centred),
    (22, ColumnKind::Prose),
    (16, ColumnKind::Prose),
    (12, ColumnKind::Date),
    (12, ColumnKind::Prose),
    (28, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (28, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (22, ColumnKind::Prose),
    (20, ColumnKind::Text),
];

/// How many rows have a dropdown of their own.
const PICKS_MAX: usize = 2_000;

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let items = agenda::items(context);
    let picks: Vec<Pick> = (0..)
        .zip(items.iter().take(PICKS_MAX))
        .filter_map(|(row, item)| {
            let from = item.choices(context)?;
            Some(Pick { row, from })
        })
        .collect();
    let columns: Vec<Column> = HEADINGS
        .iter()
        .zip(FORMS)
        .map(|(heading, (width, kind))| {
            let column = Column::new(*heading, width, kind);
            match *heading {
                "Decision" => column.choose(Verdict::ALL.map(|verdict| verdict.label().to_owned())),
                "Read it as" => Column {
                    picks: picks.clone(),
                    ..column
                },
                _ => column,
            }
        })
        .collect();
    let others = replaced(context);
    let rows = Rows::Drawn {
        count: items.len() + others.len(),
        row: Box::new(move |index| match items.get(index) {
            Some(item) => row(context, item),
            None => others.get(index - items.len()).cloned().unwrap_or_default(),
        }),
    };
    SheetPlan {
        name: "Decisions",
        about: "The meeting's agenda: conflicts, what is held, near matches, what may be accepted, what became of what was decided, and what a return replaced in the plan.".to_owned(),
        content: Content::Table(Table { id: "Decisions", columns, rows, frozen: 2, printed: Some(11), below: Vec::new() }),
    }
}

fn row(context: &Context<'_>, item: &Item<'_>) -> Vec<Cell> {
    let written = item.written(context);
    let finding = item.finding();
    let source = finding
        .and_then(|finding| finding.place.source)
        .and_then(|index| context.outcome.sources.get(index));
    let a1 = finding.and_then(|finding| finding.place.a1());
    let sheet = finding.and_then(|finding| finding.place.sheet_name());
    let place = [sheet, a1.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("!");
    let read_as = Cell::text(&written.read_as);
    let (state, look) = item.state(context);
    vec![
        Cell::text(&written.about),
        Cell::text(&written.subject),
        Cell::text(&written.partner),
        Cell::text(&written.question),
        Cell::text(item.suggestion()),
        if item.takes_answer() {
            read_as.look(Look::Input)
        } else {
            read_as
        },
        Cell::text(&written.decision).look(Look::Input),
        Cell::text(&written.reason).look(Look::Input),
        Cell::text(&written.role).look(Look::Input),
        Cell::date(written.until).look(Look::Input),
        Cell::text(state).look(look),
        source.map_or_else(Cell::blank, |source| {
            context.link(source.index, sheet, a1.as_deref(), source.file_name())
        }),
        Cell::text(place),
        finding.map_or_else(Cell::blank, |finding| Cell::text(context.related(finding))),
        Cell::text(&written.field),
        Cell::text(&written.typed),
        Cell::text(&written.finding),
    ]
}

/// A field, its word, the report that gave it, and its value in the plan and now.
type Part<'a> = (
    &'a str,
    &'a str,
    Option<&'a Report>,
    Option<String>,
    Option<String>,
);

/// Filled plan cells of the quarter that a report replaced with something else: rows of the sheet that only inform.
#[must_use]
pub fn replaced(context: &Context<'_>) -> Vec<Vec<Cell>> {
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
            let mut row = vec![
                Cell::text("Replaced in the plan"),
                Cell::text(&action.reference.text),
                context.agency_cell(report.agency),
                Cell::text(format!(
                    "The plan's {word} for this quarter was “{old}”; the return says “{new}”, and the return is used."
                )),
                Cell::text("Confirm that the return is right, or ask the partner."),
                Cell::blank(),
            ];
            row.extend([(); 4].map(|()| Cell::blank()));
            row.extend([
                Cell::text("For information"),
                context.link(
                    source.index,
                    sheet.as_deref(),
                    Some(&cell),
                    source.file_name(),
                ),
                Cell::text(place),
                Cell::text(format!("the plan › {plan_cell}")),
                Cell::blank(),
                Cell::blank(),
                Cell::blank(),
            ]);
            out.push(row);
        }
    }
    out.extend(replaced_spend(context));
    out
}

/// Lines whose spend of the quarter stands in the plan and comes to something else by what partners sent.
fn replaced_spend(context: &Context<'_>) -> Vec<Vec<Cell>> {
    let number = context.quarter_number();
    let Some(at) = usize::from(number).checked_sub(1) else {
        return Vec::new();
    };
    let ledger = &context.outcome.ledger;
    let mut out = Vec::new();
    for (line, balance) in ledger.lines.iter().zip(&ledger.balances) {
        // Nought in the plan is what its form begins with.
        let Some(old) = line
            .plan_spend
            .get(at)
            .copied()
            .flatten()
            .filter(|old| !old.is_zero())
        else {
            continue;
        };
        if !balance.is_reported || old == balance.this_quarter {
            continue;
        }
        let cell = line
            .at
            .view(&context.outcome.sources, context.schema)
            .and_then(|view| view.address(&format!("q{number}_spend")))
            .map(|a| a.to_string())
            .unwrap_or_default();
        let mut row = vec![
            Cell::text("Replaced in the plan"),
            Cell::text(&line.reference.text),
            context.agency_cell(line.delivery),
            Cell::text(format!(
                "The plan's spend for this quarter was {}; what the returns say, less what is held, comes to {}, and that is used.",
                pounds(old),
                pounds(balance.this_quarter)
            )),
            Cell::text("Confirm that the returns are right, or ask the partner."),
        ];
        row.extend([(); 5].map(|()| Cell::blank()));
        row.extend([
            Cell::text("For information"),
            Cell::blank(),
            Cell::blank(),
            Cell::text(format!("the plan › {cell}")),
            Cell::blank(),
            Cell::blank(),
            Cell::blank(),
        ]);
        out.push(row);
    }
    out
}
