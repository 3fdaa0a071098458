//! Who has reported and who has not.

use crate::finding::Severity;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::schema::Reporting;
use crate::source::{Source, SourceState};

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan {
    let columns = vec![
        Column::new("Partner", 30, ColumnKind::Prose),
        Column::new("Expected", 11, ColumnKind::Centred),
        Column::new("State", 26, ColumnKind::Prose),
        Column::new("Date of return", 14, ColumnKind::Date),
        Column::new("Deadline", 13, ColumnKind::Date),
        Column::new("Actions led", 10, ColumnKind::Number),
        Column::new("Of these reported", 11, ColumnKind::Number),
        Column::new("Rows read", 9, ColumnKind::Number),
        Column::new("Rows held", 9, ColumnKind::Number),
        Column::new("Money accepted", 15, ColumnKind::Money),
        Column::new("Money held", 15, ColumnKind::Money),
        Column::new("Errors", 8, ColumnKind::Number),
        Column::new("Warnings", 10, ColumnKind::Number),
        Column::new("File", 40, ColumnKind::Prose),
    ];
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (index, agency) in context.schema.agencies.iter().enumerate() {
        let own: Vec<&Source> = context
            .returns()
            .filter(|source| source.statement.agency == Some(index))
            .collect();
        let expected = if agency.reporting == Reporting::Expected {
            "Yes"
        } else {
            "Optional"
        };
        if own.is_empty() {
            rows.push(row(context, Some(index), expected, None));
        }
        rows.extend(
            own.into_iter()
                .map(|source| row(context, Some(index), expected, Some(source))),
        );
    }
    rows.extend(
        context
            .returns()
            .filter(|source| source.statement.agency.is_none())
            .map(|source| row(context, None, "", Some(source))),
    );
    SheetPlan {
        name: "Returns",
        about: "Who has sent a return, who has not, what was late or held.".to_owned(),
        content: Content::Table(Table {
            id: "Returns",
            columns,
            rows,
            frozen: 1,
            printed: None,
        }),
    }
}

fn row(
    context: &Context<'_>,
    agency: Option<usize>,
    expected: &str,
    source: Option<&Source>,
) -> Vec<Cell> {
    let outcome = context.outcome;
    let deadline = outcome
        .options
        .quarter
        .and_then(|quarter| context.schema.year.deadline(quarter));
    let led: Vec<_> = outcome
        .consolidation
        .actions
        .iter()
        .filter(|action| agency.is_some() && action.lead == agency)
        .collect();
    let reported = led
        .iter()
        .filter(|action| {
            action
                .reports
                .iter()
                .filter_map(|index| outcome.consolidation.reports.get(*index))
                .any(|report| Some(report.at.source) == source.map(|s| s.index))
        })
        .count();
    let tally = source.map(Source::tally);
    let money = source.map(|source| outcome.ledger.tally(source.index));
    let count = |severity: Severity| {
        source.map_or(0, |s| {
            outcome
                .findings
                .iter()
                .filter(|f| f.place.source == Some(s.index) && f.severity == severity)
                .count()
        })
    };
    let state = match source {
        None if expected != "Yes" => Cell::text("Nothing sent").look(Look::Muted),
        None if deadline.is_some_and(|day| outcome.options.as_of > day) => {
            Cell::text("Missing: the deadline has passed").look(Look::Error)
        }
        None => Cell::text("Not received yet").look(Look::Warning),
        Some(source) => match source.state {
            SourceState::Accepted => match (source.statement.returned_on, deadline) {
                (Some(sent), Some(deadline)) if sent > deadline => {
                    Cell::text("Received, late").look(Look::Warning)
                }
                (Some(_), _) => Cell::text("Received").look(Look::Good),
                (None, _) => Cell::text("Received, date not stated").look(Look::Good),
            },
            SourceState::Held => Cell::text("Held as a whole").look(Look::Error),
            SourceState::Superseded => Cell::text("Superseded").look(Look::Muted),
            SourceState::Unreadable => Cell::text("Cannot be read").look(Look::Error),
        },
    };
    vec![
        Cell::text(if agency.is_some() {
            context.agency(agency)
        } else {
            "Partner not known"
        }),
        Cell::text(expected),
        state,
        Cell::date(source.and_then(|source| source.statement.returned_on)),
        Cell::date(deadline),
        Cell::count(led.len()),
        Cell::count(reported),
        tally.map_or_else(Cell::blank, |tally| Cell::count(tally.read)),
        tally.map_or_else(Cell::blank, |tally| Cell::count(tally.held)),
        Cell::money_or_blank(money.map(|money| money.accepted)),
        Cell::money_or_blank(money.map(|money| money.held)),
        Cell::count(count(Severity::Error)),
        Cell::count(count(Severity::Warning)),
        source.map_or_else(Cell::blank, |source| {
            context.link(source.index, None, None, source.file_name())
        }),
    ]
}
