//! Who has reported and who has not, with a sentence to send to each.

use std::fmt::Write as _;

use crate::decision;
use crate::finding::{Finding, Severity};
use crate::reconcile::Action;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::schema::Reporting;
use crate::source::{self, Receipt, ReceiptState, Source};
use crate::value;
use crate::value::date;

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan<'static> {
    let mut columns = vec![
        Column::new(decision::PARTNER, 24, ColumnKind::Prose),
        Column::new("State", 22, ColumnKind::Prose),
        Column::new("Date of return", 12, ColumnKind::Date),
        Column::new(decision::COLUMN, 12, ColumnKind::Date),
        Column::new("Actions led", 8, ColumnKind::Number),
        Column::new("Of these reported", 9, ColumnKind::Number),
        Column::new("Rows read", 7, ColumnKind::Number),
        Column::new("Rows held", 7, ColumnKind::Number),
        Column::new("Money accepted", 13, ColumnKind::Money),
        Column::new("Money held", 12, ColumnKind::Money),
        Column::new("Errors", 7, ColumnKind::Number),
        Column::new("Warnings", 9, ColumnKind::Number),
        Column::new("Sentence to send", 58, ColumnKind::Prose),
        Column::new(decision::FILE, 40, ColumnKind::Prose),
        Column::new("Expected", 11, ColumnKind::Centred),
        Column::new("Deadline", 13, ColumnKind::Date),
        Column::new("As of", 13, ColumnKind::Date),
    ];
    let has_questions = context
        .schema
        .tables
        .iter()
        .any(|table| !table.answers.is_empty());
    if has_questions {
        columns.push(Column::new("Answers", 60, ColumnKind::Prose));
    }
    let outcome = context.outcome;
    let rows: Vec<Vec<Cell>> = source::receipts(
        &outcome.sources,
        context.schema,
        outcome.options.quarter,
        outcome.options.as_of,
    )
    .iter()
    .map(|receipt| {
        let mut cells = row(context, receipt);
        if has_questions {
            cells.push(Cell::text(answers(context, receipt)));
        }
        cells
    })
    .collect();
    SheetPlan {
        name: decision::SHEET,
        about: "Who has sent a return, who has not, what was late, replaced or held, and what to write to each."
            .to_owned(),
        content: Content::Table(Table {
            id: "Returns",
            columns,
            rows: rows.into(),
            frozen: 1,
            printed: Some(13), below: Vec::new()
        }),
    }
}

/// What the return answers to the questions of the configuration, each with its cell.
fn answers(context: &Context<'_>, receipt: &Receipt<'_>) -> String {
    let Some(source) = receipt.source else {
        return String::new();
    };
    let mut out: Vec<String> = Vec::new();
    for table in &source.answers {
        let schema = context.schema.tables.get(table.layout.table);
        let Some(questions) = schema.and_then(|schema| schema.question_table.as_deref()) else {
            continue;
        };
        let cells = table.records.iter().flat_map(|record| {
            let columns = table.layout.columns.iter();
            columns.zip(&record.cells).map(move |found| (record, found))
        });
        for (record, (column, cell)) in cells {
            let Some(field) = questions.fields.get(column.field) else {
                continue;
            };
            let said = value::text::visible(&cell.raw_text());
            let said = if said.is_empty() {
                "not answered"
            } else {
                &said
            };
            let at = table.cell_address(record, column);
            out.push(format!("{}: {said} ({at})", field.title));
        }
    }
    out.join("; ")
}

fn row(context: &Context<'_>, receipt: &Receipt<'_>) -> Vec<Cell> {
    let (outcome, source) = (context.outcome, receipt.source);
    let led: Vec<&Action> = outcome
        .consolidation
        .actions
        .iter()
        .filter(|action| receipt.agency.is_some() && action.lead == receipt.agency)
        .collect();
    let reported = led
        .iter()
        .filter(|action| source.is_some_and(|source| reports_on(context, source, action)))
        .count();
    // What an earlier run received was counted by it.
    let is_counted = receipt.state != ReceiptState::Earlier;
    let tally = source.map(Source::tally);
    let money = source.map(|source| outcome.ledger.tally(source.index));
    let expected = receipt
        .agency
        .and_then(|agency| context.schema.agencies.get(agency))
        .map_or("", |agency| match agency.reporting {
            Reporting::Expected => "Yes",
            Reporting::Optional => "Optional",
        });
    let of_source = |severity| source.map(|s| Cell::count(context.count(s.index, severity)));
    vec![
        Cell::text(if receipt.agency.is_some() {
            context.agency(receipt.agency)
        } else {
            "Partner not known"
        }),
        state(context, receipt),
        Cell::date(source.and_then(|source| source.statement.returned_on)),
        Cell::date(match source {
            Some(source) => source.received_on,
            None => decision::received_on(&outcome.receipts, receipt.agency, ""),
        }),
        Cell::count(led.len()),
        if is_counted {
            Cell::count(reported)
        } else {
            Cell::blank()
        },
        tally.map_or_else(Cell::blank, |tally| Cell::count(tally.read)),
        tally.map_or_else(Cell::blank, |tally| Cell::count(tally.held)),
        Cell::money_or_blank(money.map(|money| money.accepted)),
        Cell::money_or_blank(money.map(|money| money.held)),
        of_source(Severity::Error).unwrap_or_else(Cell::blank),
        of_source(Severity::Warning).unwrap_or_else(Cell::blank),
        Cell::text(sentence(context, receipt, &led)),
        source.map_or_else(Cell::blank, |source| {
            context.link(source.index, None, None, source.file_name())
        }),
        Cell::text(expected),
        Cell::date(context.deadline()),
        Cell::date(Some(outcome.options.as_of)),
    ]
}

fn reports_on(context: &Context<'_>, source: &Source, action: &Action) -> bool {
    let reports = &context.outcome.consolidation.reports;
    action
        .reports
        .iter()
        .filter_map(|index| reports.get(*index))
        .any(|report| report.at.source == source.index)
}

fn state(context: &Context<'_>, receipt: &Receipt<'_>) -> Cell {
    if is_without_returns(context) {
        return Cell::text("No returns in this run").look(Look::Muted);
    }
    let look = match receipt.state {
        ReceiptState::Received | ReceiptState::Undated | ReceiptState::Earlier => Look::Good,
        ReceiptState::Late | ReceiptState::NotDue => Look::Warning,
        ReceiptState::Superseded | ReceiptState::NothingSent => Look::Muted,
        ReceiptState::Held | ReceiptState::Unreadable | ReceiptState::Missing => Look::Error,
    };
    Cell::text(receipt.state.label()).look(look)
}

fn is_without_returns(context: &Context<'_>) -> bool {
    context.returns().next().is_none()
}

/// What can be sent to a partner as it stands.
fn sentence(context: &Context<'_>, receipt: &Receipt<'_>, led: &[&Action]) -> String {
    if is_without_returns(context) {
        return String::new();
    }
    let quarter = context.quarter_spoken();
    let deadline = context.deadline().map(date::long).unwrap_or_default();
    let file = receipt.source.map(Source::file_name).unwrap_or_default();
    if receipt.agency.is_none() {
        return format!("{file} does not say who sent it; find out and ask that partner.");
    }
    let finding = receipt.source.and_then(|source| context.why_out(source));
    let why = finding
        .map(|finding| finding.message.as_str())
        .unwrap_or_default();
    let code = finding.map(|finding| finding.code.0).unwrap_or_default();
    let is_absent = matches!(receipt.state, ReceiptState::Missing | ReceiptState::NotDue);
    let recorded = decision::received_on(&context.outcome.receipts, receipt.agency, "");
    if let Some(day) = recorded.filter(|_| is_absent) {
        return format!(
            "Your return for {quarter} is recorded as received on {}, but it is not among our files. Please send it again.",
            date::long(day)
        );
    }
    match receipt.state {
        ReceiptState::Missing => format!(
            "Your return for {quarter} was due on {deadline} and has not reached us. Please send it, or tell us when we can expect it."
        ),
        ReceiptState::NotDue => format!(
            "Your return for {quarter} is due by {deadline}. We look forward to receiving it."
        ),
        ReceiptState::NothingSent | ReceiptState::Earlier => String::new(),
        ReceiptState::Superseded if code == "S005" => format!(
            "We have received {file} twice and have counted it once; there is nothing to do if it was sent twice."
        ),
        ReceiptState::Superseded => format!(
            "We have used your newer return for {quarter} in place of {file}. Please tell us if that is not right."
        ),
        ReceiptState::Held if code == "S006" => {
            let both: Vec<&str> = finding
                .into_iter()
                .flat_map(|finding| finding.related.iter().chain([&finding.place]))
                .filter_map(|place| context.outcome.sources.get(place.source?))
                .map(Source::file_name)
                .collect();
            format!(
                "You have sent us {}, which report the same for {quarter}, and nothing in them tells which is newer. Please tell us which of them stands.",
                both.join(" and ")
            )
        }
        ReceiptState::Held => format!(
            "We could not use {file} for {quarter}: {why} Please put this right and send it again."
        ),
        ReceiptState::Unreadable => format!(
            "We could not open {file} for {quarter}: {why} Please send it again as an .xlsx workbook without a password."
        ),
        ReceiptState::Received | ReceiptState::Late | ReceiptState::Undated => {
            received(context, receipt, led, &quarter, &deadline)
        }
    }
}

fn received(
    context: &Context<'_>,
    receipt: &Receipt<'_>,
    led: &[&Action],
    quarter: &str,
    deadline: &str,
) -> String {
    let mut out = format!("Thank you for your return for {quarter}");
    let dated = receipt
        .source
        .and_then(Source::returned_on)
        .filter(|_| receipt.state == ReceiptState::Late);
    if let Some(day) = dated {
        let is_recorded = receipt.source.is_some_and(|s| s.received_on.is_some());
        let how = if is_recorded { "received on" } else { "dated" };
        let _ = write!(
            out,
            ", {how} {}; the deadline was {deadline}",
            date::long(day)
        );
    }
    out.push('.');
    let silent: Vec<&str> = led
        .iter()
        .filter(|action| is_not_reported(context, action))
        .map(|action| &*action.reference.text)
        .collect();
    if let Some((last, others)) = silent.split_last() {
        let list = if others.is_empty() {
            (*last).to_owned()
        } else {
            format!("{} and {last}", others.join(", "))
        };
        let _ = write!(out, " Please also report on {list}, which you lead.");
    }
    let errors = receipt
        .source
        .map_or(0, |source| context.count(source.index, Severity::Error));
    match errors {
        0 => {}
        1 => {
            let _ = write!(
                out,
                " One entry in it needs correcting{}.",
                places(context, receipt)
            );
        }
        more => {
            let _ = write!(
                out,
                " {more} entries in it need correcting{}.",
                places(context, receipt)
            );
        }
    }
    if receipt.state == ReceiptState::Undated {
        out.push_str(" Please write the date of return in it next time.");
    }
    out
}

/// How many cells a sentence names.
const CELLS_NAMED_MAX: usize = 5;

/// Where the entries stand that need correcting, in the partner's own workbook: `: Spend F12, Updates C9 and C11`.
fn places(context: &Context<'_>, receipt: &Receipt<'_>) -> String {
    let is_own = |finding: &&Finding| {
        finding.severity == Severity::Error
            && finding.accepted.is_none()
            && finding.place.source == receipt.source.map(|source| source.index)
    };
    let all: Vec<String> = context
        .outcome
        .findings
        .iter()
        .filter(is_own)
        .filter_map(|finding| {
            let range = finding.place.range?;
            let sheet = finding
                .place
                .sheet
                .as_ref()
                .and_then(|(_, name)| name.clone());
            Some(match sheet {
                Some(sheet) => format!("{sheet} {range}"),
                None => range.to_string(),
            })
        })
        .collect();
    let named: Vec<&str> = all
        .iter()
        .take(CELLS_NAMED_MAX)
        .map(String::as_str)
        .collect();
    match named.split_last() {
        None => String::new(),
        Some((last, [])) => format!(": {last}"),
        Some((_, _)) if all.len() > named.len() => {
            format!(
                ": {} and {} more",
                named.join(", "),
                all.len() - named.len()
            )
        }
        Some((last, others)) => format!(": {} and {last}", others.join(", ")),
    }
}

/// Whether the catalogue's own rule says that nobody reported on an action.
fn is_not_reported(context: &Context<'_>, action: &Action) -> bool {
    let on_row = |f: &&Finding| f.code.0 == "M402";
    action
        .at
        .view(&context.outcome.sources, context.schema)
        .is_some_and(|view| {
            context
                .findings_on(action.at.source, view.table.layout.sheet, view.record.row)
                .find(on_row)
                .is_some()
        })
}
