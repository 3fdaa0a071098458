//! The quarter on a page: status and success measures by priority, what changed, what is overdue, the money.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::actions::{Standing, by_action, standing};
use super::funding;
use crate::funding::Totals;
use crate::reconcile::{Action, Measure, RecordRef, quarter_field};
use crate::render::theme::{NO_STATUS, SERIES};
use crate::render::{
    Block, Cell, Chart, ChartKind, Content, Context, Look, Page, SheetPlan, Value,
};
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
    let all = all(context);
    blocks.extend(status(context, &all));
    blocks.extend(measures(context, &all));
    blocks.extend(money(context));
    // Lists of any length come last, so that what everybody looks for stays on the first page.
    blocks.extend(overdue(context, &all));
    blocks.extend(change(context, &all));
    let mut widths = vec![46];
    widths.extend([13; 8]);
    SheetPlan {
        name: "Summary",
        about: "The quarter on a page: status and success measures by priority, what changed, what is overdue, the money.".to_owned(),
        content: Content::Page(Page {
            widths,
            blocks,
            is_fitted: false,
        }),
    }
}

fn heading(text: &str) -> Block {
    Block::Line(vec![Cell::text(text).look(Look::Heading)])
}

/// How many characters of an action's wording a list shows.
const WORDING_MAX: usize = 100;

/// An action with how it stands.
struct Stood<'a> {
    action: &'a Action,
    standing: Standing,
}

fn all<'a>(context: &Context<'a>) -> Vec<Stood<'a>> {
    let actions = &context.outcome.consolidation.actions;
    let reports = by_action(context);
    actions
        .iter()
        .enumerate()
        .map(|(index, action)| Stood {
            action,
            standing: standing(
                context,
                action,
                reports.get(&index).map_or(&[][..], Vec::as_slice),
            ),
        })
        .collect()
}

/// A grid's rows of counts: one a priority, one for actions of none if there are any, and one for all.
fn by_priority(
    context: &Context<'_>,
    all: &[Stood<'_>],
    count: impl Fn(&[&Stood<'_>]) -> Vec<Cell>,
) -> Vec<Vec<Cell>> {
    let row = |name: String, of: &dyn Fn(&Stood<'_>) -> bool| {
        let own: Vec<&Stood<'_>> = all.iter().filter(|stood| of(stood)).collect();
        let mut cells = vec![Cell::text(name)];
        cells.extend(count(&own));
        cells
    };
    let mut rows: Vec<Vec<Cell>> = (0..context.schema.priorities.len())
        .map(|priority| {
            row(context.priority(Some(priority)), &|stood| {
                stood.action.priority == Some(priority)
            })
        })
        .collect();
    if all.iter().any(|stood| stood.action.priority.is_none()) {
        rows.push(row("Priority not known".to_owned(), &|stood| {
            stood.action.priority.is_none()
        }));
    }
    let total = row("All actions".to_owned(), &|_| true);
    rows.push(
        total
            .into_iter()
            .map(|cell| cell.look(Look::Total))
            .collect(),
    );
    rows
}

/// How many actions of each priority have each status.
fn status(context: &Context<'_>, all: &[Stood<'_>]) -> Vec<Block> {
    let schema = context.schema;
    let mut headings = vec!["Priority".to_owned()];
    headings.extend(schema.statuses.iter().map(|status| status.label.clone()));
    headings.extend(["No status".to_owned(), "Actions".to_owned()]);
    let with = |of: &[&Stood<'_>], status: Option<usize>| {
        of.iter()
            .filter(|stood| stood.standing.status == status)
            .count()
    };
    let rows = by_priority(context, all, |own| {
        let known = (0..schema.statuses.len()).map(|status| with(own, Some(status)));
        known
            .chain([with(own, None), own.len()])
            .map(Cell::count)
            .collect()
    });
    // The scheme is ordered best to worst; what is drawn grey has no status.
    let series = schema
        .statuses
        .iter()
        .map(|status| status.fill)
        .chain([NO_STATUS])
        .zip(1..)
        .map(|(fill, column)| (column, fill))
        .collect();
    let told = |of: &[&Stood<'_>]| -> String {
        let known = schema
            .statuses
            .iter()
            .enumerate()
            .map(|(index, status)| (with(of, Some(index)), status.label.to_lowercase()));
        let parts: Vec<String> = known
            .chain([(with(of, None), "without a status".to_owned())])
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        parts.join(", ")
    };
    let every: Vec<&Stood<'_>> = all.iter().collect();
    let is_behind = |stood: &Stood<'_>| {
        stood.standing.status.is_some_and(|status| {
            matches!(schema.status_counts_as(status), "at-risk" | "off-track")
        })
    };
    let behind = all.iter().filter(|stood| is_behind(stood)).count();
    let where_behind: Vec<String> = schema
        .priorities
        .iter()
        .enumerate()
        .map(|(index, priority)| {
            let own = all
                .iter()
                .filter(|stood| stood.action.priority == Some(index) && is_behind(stood));
            (own.count(), &priority.code)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, code)| format!("{code} {count}"))
        .collect();
    let where_behind = if where_behind.is_empty() {
        "None is at risk or off track.".to_owned()
    } else {
        format!("At risk or off track: {}.", where_behind.join(", "))
    };
    let drawn = rows.len().saturating_sub(1);
    vec![
        heading("Actions by priority and status"),
        Block::Grid { headings, rows },
        Block::Chart(Chart {
            kind: ChartKind::StackedBars,
            title: format!(
                "{behind} of {} actions are at risk or off track",
                every.len()
            ),
            alternative: format!(
                "Stacked bar chart of {} actions by priority and status: {}. {where_behind}",
                every.len(),
                told(&every),
            ),
            series,
            rows: u32::try_from(drawn).unwrap_or(0),
            is_money: false,
        }),
    ]
}

/// What moved since the quarter before: how many by priority, and which.
fn change(context: &Context<'_>, all: &[Stood<'_>]) -> Vec<Block> {
    let mut out = vec![heading("Change since last quarter")];
    let Some(last) = context.quarter_number().checked_sub(1).filter(|n| *n > 0) else {
        out.push(Block::Line(vec![Cell::text(
            "This is the first quarter of the year: there is nothing to compare with.",
        )]));
        out.push(Block::Gap);
        return out;
    };
    let before = |stood: &Stood<'_>| {
        stood
            .action
            .at
            .view(&context.outcome.sources, context.schema)?
            .choice(quarter_field("status", last))
    };
    // The scheme is ordered best to worst.
    let moved = |stood: &Stood<'_>| Some(stood.standing.status?.cmp(&before(stood)?));
    let headings = ["Priority", "Better", "The same", "Worse", "Not comparable"]
        .map(str::to_owned)
        .to_vec();
    let rows = by_priority(context, all, |own| {
        [
            Some(Ordering::Less),
            Some(Ordering::Equal),
            Some(Ordering::Greater),
            None,
        ]
        .map(|way| Cell::count(own.iter().filter(|stood| moved(stood) == way).count()))
        .to_vec()
    });
    out.push(Block::Grid { headings, rows });
    out.push(Block::Gap);
    // Worse ones first: they are what the meeting asks about.
    let of = |way: Ordering| all.iter().filter(move |stood| moved(stood) == Some(way));
    let listed: Vec<Vec<Cell>> = of(Ordering::Greater)
        .map(|stood| (stood, "Worse"))
        .chain(of(Ordering::Less).map(|stood| (stood, "Better")))
        .map(|(stood, word)| {
            vec![
                Cell::text(wording(context, stood.action)),
                Cell::text(&stood.action.reference.text),
                Cell::text(word),
                context.status(before(stood)),
                stood.standing.cell.clone(),
            ]
        })
        .collect();
    if !listed.is_empty() {
        let headings = [
            "Action",
            "Ref",
            "Change",
            context.schema.year.quarter_name(last),
            context.schema.year.quarter_name(last + 1),
        ]
        .map(str::to_owned)
        .to_vec();
        out.push(Block::Grid {
            headings,
            rows: listed,
        });
        out.push(Block::Gap);
    }
    out
}

/// The beginning of an action's wording: its reference leads to the rest.
fn wording(context: &Context<'_>, action: &Action) -> String {
    let view = action.at.view(&context.outcome.sources, context.schema);
    let words = view
        .as_ref()
        .and_then(|view| view.text("action"))
        .unwrap_or_default();
    if words.chars().count() <= WORDING_MAX {
        return words.to_owned();
    }
    let kept: String = words.chars().take(WORDING_MAX).collect();
    let end = kept.rfind(' ').unwrap_or(kept.len());
    format!("{} …", kept.get(..end).unwrap_or(&kept))
}

/// Whether success measures are met, by priority.
fn measures(context: &Context<'_>, all: &[Stood<'_>]) -> Vec<Block> {
    const ORDER: [Measure; 6] = [
        Measure::Met,
        Measure::OnCourse,
        Measure::Behind,
        Measure::NotMet,
        Measure::NoData,
        Measure::NotJudged,
    ];
    let mut headings = vec!["Priority".to_owned()];
    headings.extend(ORDER.map(|measure| measure.label().to_owned()));
    headings.push("Actions".to_owned());
    let rows = by_priority(context, all, |own| {
        let judged = |measure: Measure| {
            own.iter()
                .filter(|stood| stood.action.outcome.measure == measure)
                .count()
        };
        ORDER
            .map(judged)
            .into_iter()
            .chain([own.len()])
            .map(Cell::count)
            .collect()
    });
    vec![
        heading("Success measures, against the year's targets"),
        Block::Grid { headings, rows },
        Block::Gap,
    ]
}

/// Actions past their date, as the rule on them says.
fn overdue(context: &Context<'_>, all: &[Stood<'_>]) -> Vec<Block> {
    let is_overdue = |stood: &&Stood<'_>| {
        let of = |at: RecordRef| {
            at.view(&context.outcome.sources, context.schema)
                .is_some_and(|view| {
                    context
                        .findings_on(at.source, view.table.layout.sheet, view.record.row)
                        .any(|finding| finding.code.0 == "R304")
                })
        };
        let reports = &context.outcome.consolidation.reports;
        of(stood.action.at)
            || stood
                .action
                .reports
                .iter()
                .filter_map(|index| reports.get(*index))
                .any(|report| of(report.at))
    };
    let mut late: Vec<&Stood<'_>> = all.iter().filter(is_overdue).collect();
    late.sort_by_key(|stood| stood.action.due);
    let mut out = vec![heading("Overdue actions")];
    if late.is_empty() {
        out.push(Block::Line(vec![Cell::text(
            "None: every action whose date has passed is complete or closed, or its report is held.",
        )]));
    } else {
        let headings = ["Action", "Ref", "Lead", "Due", "Status"]
            .map(str::to_owned)
            .to_vec();
        let rows = late
            .iter()
            .map(|stood| {
                vec![
                    Cell::text(wording(context, stood.action)),
                    Cell::text(&stood.action.reference.text),
                    context.agency_cell(stood.action.lead),
                    Cell::date(stood.action.due),
                    stood.standing.cell.clone(),
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
    let mut headings = [
        "Stream (funder)",
        "Award",
        "Allocated",
        "Revised",
        "Spent to date",
        "% spent",
        "Held",
        "Forecast",
        "Underspend",
    ]
    .map(str::to_owned)
    .to_vec();
    let row = |name: String, award: Option<Decimal>, totals: &Totals| {
        vec![
            Cell::text(name),
            Cell::money_or_blank(award),
            Cell::money(totals.allocation),
            Cell::money(totals.revised),
            Cell::money(totals.to_date),
            funding::percent(totals.to_date, totals.revised)
                .map_or_else(Cell::blank, |share| Value::Number(share).into()),
            Cell::money(totals.held),
            Cell::money_or_blank(totals.forecast),
            Cell::money_or_blank(totals.underspend()),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = shown
        .iter()
        .map(|total| row(name(total.stream), total.award, &total.totals))
        .collect();
    let count = u32::try_from(rows.len()).unwrap_or(0);
    rows.extend(
        ledger
            .funders
            .iter()
            .filter(|funder| {
                let has_lines = |index: &usize| {
                    ledger
                        .streams
                        .get(*index)
                        .is_some_and(|total| !total.lines.is_empty())
                };
                funder.streams.iter().any(has_lines)
            })
            .map(|funder| {
                let name = format!("All from {}", context.schema.funder_name(&funder.funder));
                row(name, funder.award, &funder.totals)
                    .into_iter()
                    .map(|cell| cell.look(Look::Total))
                    .collect()
            }),
    );
    // Where nobody forecasts there is nothing to show, and Streams says which lines lack it.
    let is_blank = |column: usize| {
        rows.iter().all(|row| {
            row.get(column)
                .is_none_or(|cell| cell.value == Value::Blank)
        })
    };
    let forecast = headings.len().saturating_sub(2);
    if is_blank(forecast) && is_blank(forecast + 1) {
        headings.truncate(forecast);
        for row in &mut rows {
            row.truncate(forecast);
        }
    }
    let (planned, used) = shown
        .iter()
        .fold((Decimal::ZERO, Decimal::ZERO), |(planned, used), total| {
            (planned + total.totals.revised, used + total.totals.to_date)
        });
    let told: Vec<String> = shown
        .iter()
        .map(|t| {
            let code = context.schema.streams.get(t.stream).map_or("", |s| &s.code);
            format!(
                "{code}: {} of {} spent, {} held",
                pounds(t.totals.to_date),
                pounds(t.totals.revised),
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
        title: format!("{} of {} is spent", pounds(used), pounds(planned)),
        alternative: format!("Bar chart of money by stream. {}.", told.join("; ")),
        series: vec![(3, revised), (4, spent), (6, held)],
        rows: count,
        is_money: true,
    }));
    out
}
