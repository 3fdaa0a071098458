//! The quarter on a page: status and success measures by priority, what changed, what is overdue, the money.

use jiff::civil::Date;

use crate::reconcile::{Action, Measure};
use crate::render::theme::SERIES;
use crate::render::{Block, Cell, Chart, ChartKind, Content, Context, Look, Page, SheetPlan};
use crate::value::amount::pounds;

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan<'static> {
    let mut blocks = vec![
        Block::Line(vec![
            Cell::text(format!("Summary, {}", context.quarter_spoken())).look(Look::Title),
        ]),
        Block::Line(vec![
            Cell::text(&context.schema.partnership.name).look(Look::Muted),
        ]),
        Block::Gap,
    ];
    blocks.extend(status(context));
    blocks.extend(measures(context));
    blocks.extend(overdue(context));
    blocks.extend(money(context));
    let mut widths = vec![46];
    widths.extend([13; 8]);
    SheetPlan {
        name: "Summary",
        about: "The quarter on a page: status and success measures by priority, what changed, what is overdue, the money.".to_owned(),
        content: Content::Page(Page { widths, blocks }),
    }
}

fn of_priority<'a>(context: &'a Context<'_>, priority: usize) -> impl Iterator<Item = &'a Action> {
    context
        .outcome
        .consolidation
        .actions
        .iter()
        .filter(move |action| action.priority == Some(priority))
}

fn heading(text: &str) -> Block {
    Block::Line(vec![Cell::text(text).look(Look::Heading)])
}

/// How many actions of each priority have each status, and what changed since the quarter before.
fn status(context: &Context<'_>) -> Vec<Block> {
    let schema = context.schema;
    let mut headings = vec!["Priority".to_owned()];
    headings.extend(schema.statuses.iter().map(|status| status.label.clone()));
    headings.extend(["No report".to_owned(), "Actions".to_owned()]);
    let counts = |actions: &[&Action]| -> Vec<Cell> {
        let mut cells: Vec<Cell> = (0..schema.statuses.len())
            .map(|status| {
                Cell::count(
                    actions
                        .iter()
                        .filter(|a| a.outcome.status == Some(status))
                        .count(),
                )
            })
            .collect();
        cells.push(Cell::count(
            actions
                .iter()
                .filter(|a| a.outcome.status.is_none())
                .count(),
        ));
        cells.push(Cell::count(actions.len()));
        cells
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for priority in 0..schema.priorities.len() {
        let actions: Vec<&Action> = of_priority(context, priority).collect();
        let mut row = vec![Cell::text(context.priority(Some(priority)))];
        row.extend(counts(&actions));
        rows.push(row);
    }
    let priorities = rows.len();
    let all: Vec<&Action> = context.outcome.consolidation.actions.iter().collect();
    let unknown: Vec<&Action> = all
        .iter()
        .filter(|a| a.priority.is_none())
        .copied()
        .collect();
    if !unknown.is_empty() {
        let mut row = vec![Cell::text("Priority not known")];
        row.extend(counts(&unknown));
        rows.push(row);
    }
    let mut total = vec![Cell::text("All actions")];
    total.extend(counts(&all));
    rows.push(
        total
            .into_iter()
            .map(|cell| cell.look(Look::Total))
            .collect(),
    );
    let alternative: Vec<String> = schema
        .statuses
        .iter()
        .enumerate()
        .map(|(index, status)| {
            format!(
                "{} {}",
                all.iter()
                    .filter(|a| a.outcome.status == Some(index))
                    .count(),
                status.label.to_lowercase()
            )
        })
        .collect();
    let series = schema
        .statuses
        .iter()
        .enumerate()
        .filter_map(|(index, status)| Some((u16::try_from(index + 1).ok()?, status.fill)))
        .collect();
    let mut out = vec![
        heading("Actions by priority and status"),
        Block::Grid { headings, rows },
    ];
    out.push(Block::Chart(Chart {
        kind: ChartKind::StackedBars,
        title: "Actions by priority and status".to_owned(),
        alternative: format!(
            "Bar chart of {} actions by priority and status: {}.",
            all.len(),
            alternative.join(", ")
        ),
        series,
        rows: u32::try_from(priorities).unwrap_or(0),
        is_money: false,
    }));
    out.push(heading("Change since last quarter"));
    out.push(change(context));
    out.push(Block::Gap);
    out
}

fn change(context: &Context<'_>) -> Block {
    let number = context.quarter_number();
    let before = |action: &Action| {
        let view = action.at.view(&context.outcome.sources, context.schema)?;
        view.choice(&format!("q{}_status", number.checked_sub(1)?))
    };
    let mut counts = [0_usize; 4];
    for action in &context.outcome.consolidation.actions {
        // The scheme is ordered best to worst.
        let slot = match (before(action), action.outcome.status) {
            (Some(old), Some(new)) if new < old => 0,
            (Some(old), Some(new)) if new == old => 1,
            (Some(_), Some(_)) => 2,
            (None, _) | (_, None) => 3,
        };
        if let Some(count) = counts.get_mut(slot) {
            *count += 1;
        }
    }
    let headings = ["", "Better", "The same", "Worse", "Not comparable"]
        .map(str::to_owned)
        .to_vec();
    let mut row = vec![Cell::text(
        "Actions whose status, against the quarter before, is",
    )];
    row.extend(counts.map(Cell::count));
    Block::Grid {
        headings,
        rows: vec![row],
    }
}

/// Whether success measures are met, by priority.
fn measures(context: &Context<'_>) -> Vec<Block> {
    const ORDER: [Measure; 4] = [
        Measure::Met,
        Measure::NotMet,
        Measure::NoData,
        Measure::NotJudged,
    ];
    let mut headings = vec!["Priority".to_owned()];
    headings.extend(ORDER.map(|measure| measure.label().to_owned()));
    let count = |actions: &[&Action]| {
        ORDER
            .map(|measure| {
                Cell::count(
                    actions
                        .iter()
                        .filter(|a| a.outcome.measure == measure)
                        .count(),
                )
            })
            .to_vec()
    };
    let mut rows: Vec<Vec<Cell>> = (0..context.schema.priorities.len())
        .map(|priority| {
            let actions: Vec<&Action> = of_priority(context, priority).collect();
            let mut row = vec![Cell::text(context.priority(Some(priority)))];
            row.extend(count(&actions));
            row
        })
        .collect();
    let all: Vec<&Action> = context.outcome.consolidation.actions.iter().collect();
    let mut total = vec![Cell::text("All actions")];
    total.extend(count(&all));
    rows.push(
        total
            .into_iter()
            .map(|cell| cell.look(Look::Total))
            .collect(),
    );
    vec![
        heading("Success measures"),
        Block::Grid { headings, rows },
        Block::Gap,
    ]
}

/// Actions past their date that are neither complete nor closed.
fn overdue(context: &Context<'_>) -> Vec<Block> {
    let as_of: Date = context.outcome.options.as_of;
    let is_done = |action: &Action| {
        action.outcome.status.is_some_and(|status| {
            matches!(context.schema.status_value(status), "complete" | "closed")
        })
    };
    let late: Vec<&Action> = context
        .outcome
        .consolidation
        .actions
        .iter()
        .filter(|a| a.due.is_some_and(|due| due < as_of) && !is_done(a))
        .collect();
    let mut out = vec![heading("Overdue")];
    if late.is_empty() {
        out.push(Block::Line(vec![Cell::text("No action is past its date.")]));
    } else {
        let headings = ["Action", "Ref", "Due", "Status"]
            .map(str::to_owned)
            .to_vec();
        let rows = late
            .iter()
            .map(|action| {
                let words = action
                    .at
                    .view(&context.outcome.sources, context.schema)
                    .and_then(|view| view.text("action"))
                    .unwrap_or_default();
                vec![
                    Cell::text(words),
                    Cell::text(&action.reference.text),
                    Cell::date(action.due),
                    context.status(action.outcome.status),
                ]
            })
            .collect();
        out.push(Block::Grid { headings, rows });
    }
    out.push(Block::Gap);
    out
}

/// The money by funding stream.
fn money(context: &Context<'_>) -> Vec<Block> {
    let ledger = &context.outcome.ledger;
    let shown: Vec<_> = ledger
        .streams
        .iter()
        .filter(|total| !total.lines.is_empty())
        .collect();
    if shown.is_empty() {
        return Vec::new();
    }
    let name = |stream: usize| {
        context
            .schema
            .streams
            .get(stream)
            .map(|stream| format!("{} ({})", stream.name, stream.funder))
            .unwrap_or_default()
    };
    let headings = [
        "Stream (funder)",
        "Award",
        "Allocated",
        "Revised",
        "Spent to date",
        "Held",
    ]
    .map(str::to_owned)
    .to_vec();
    let rows: Vec<Vec<Cell>> = shown
        .iter()
        .map(|total| {
            vec![
                Cell::text(name(total.stream)),
                Cell::money_or_blank(total.award),
                Cell::money(total.totals.allocation),
                Cell::money(total.totals.revised),
                Cell::money(total.totals.to_date),
                Cell::money(total.totals.held),
            ]
        })
        .collect();
    let told: Vec<String> = shown
        .iter()
        .map(|t| {
            format!(
                "{}: {} allocated, {} spent, {} held",
                name(t.stream),
                pounds(t.totals.revised),
                pounds(t.totals.to_date),
                pounds(t.totals.held)
            )
        })
        .collect();
    let not_approved: Vec<&str> = ledger
        .lines
        .iter()
        .enumerate()
        .filter(|(index, _)| !ledger.streams.iter().any(|s| s.lines.contains(index)))
        .map(|(_, line)| &*line.reference.text)
        .collect();
    let [revised, spent, held] = SERIES;
    let count = u32::try_from(rows.len()).unwrap_or(0);
    let mut out = vec![
        heading("Money by stream and funder"),
        Block::Grid { headings, rows },
    ];
    if !not_approved.is_empty() {
        out.push(Block::Line(vec![
            Cell::text(format!(
                "Not counted, for they are not approved or name no stream: {}.",
                not_approved.join(", ")
            ))
            .look(Look::Muted),
        ]));
    }
    out.push(Block::Chart(Chart {
        kind: ChartKind::Bars,
        title: "Money by stream, £".to_owned(),
        alternative: format!("Bar chart of money by stream. {}.", told.join("; ")),
        series: vec![(3, revised), (4, spent), (5, held)],
        rows: count,
        is_money: true,
    }));
    out
}
