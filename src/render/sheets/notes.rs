//! How the figures came about: rules that fired, the status scheme, the method, the configuration.

use std::collections::{BTreeMap, BTreeSet};

use crate::grid::{Format, Untold};
use crate::render::context::severity;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::rules::{CATALOGUE, rule};
use crate::schema::Role;
use crate::source::Source;
use crate::value::amount::pounds;
use crate::value::date::long;

/// What the figures mean, in the words of the method.
const METHOD: [(&str, &str); 10] = [
    (
        "Matching",
        "A reported row belongs to the plan's action with the same reference; case, spaces, hyphens and leading zeros do not matter. Likeness proposes, it never merges.",
    ),
    (
        "Status",
        "Where partners report different statuses for one action, the worst is shown and the difference is on the Decisions sheet.",
    ),
    (
        "Update",
        "The lead agency's text, else the first supporting partner's. All of them are on the Updates sheet.",
    ),
    (
        "Figure",
        "The lead agency's figure. Where only supporting partners reported and they differ, no figure is used.",
    ),
    (
        "Success measure",
        "The figure against the target, by whether higher or lower is better. Not judged without a target or a direction.",
    ),
    (
        "Spend to date",
        "The plan's earlier quarters and this quarter's accepted spend. A return's spend replaces what the plan has for this quarter.",
    ),
    (
        "Claims",
        "A claim counts only where the partner sent no documents for the line. Orders not yet spent are no spend.",
    ),
    (
        "Held",
        "A held row or value is shown and counted as held, and is in no other figure until it is corrected or accepted.",
    ),
    (
        "Blank cells",
        "A blank cell holds nothing: nobody reported it, or it does not apply. An action that nobody reported on says No report, one whose report is kept out says Report held, and one that was complete before says so with its quarter; a figure of zero says 0.",
    ),
    (
        "Money",
        "Pounds and pence, exact. An amount with a third decimal is rounded to the nearest penny, half a penny up (of a negative amount, down), each row before any sum.",
    ),
];

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan<'static> {
    let schema = context.schema;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut push = |topic: &str, item: Cell, text: String| {
        rows.push(vec![Cell::text(topic), item, Cell::text(text)]);
    };
    for (item, text) in METHOD {
        push("Method", Cell::text(item), text.to_owned());
    }
    for status in &schema.statuses {
        let words: Vec<&str> = status.words.iter().map(String::as_str).collect();
        push(
            "Status scheme",
            Cell::text(&status.label).look(Look::Status(status.fill)),
            format!("Also read: {}", words.join(", ")),
        );
    }
    let mut fired: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &context.outcome.findings {
        *fired.entry(finding.code.0).or_default() += 1;
    }
    for (code, count) in &fired {
        if let Some(rule) = rule(code) {
            let level = context
                .outcome
                .findings
                .iter()
                .filter(|f| f.code.0 == *code)
                .map(|f| f.severity)
                .max()
                .unwrap_or(rule.severity);
            push(
                "Rules that fired",
                severity(level),
                format!(
                    "{} ({code}), {}: {}",
                    rule.name.replace('-', " "),
                    times(*count),
                    rule.summary
                ),
            );
        }
    }
    if fired.is_empty() {
        push(
            "Rules that fired",
            Cell::text("None"),
            "Nothing was found that needs anybody's attention.".to_owned(),
        );
    }
    for (item, text) in not_known(context) {
        push("Not known", Cell::text(item), text);
    }
    push(
        "Rules",
        Cell::text("In force"),
        format!(
            "{} rules were judged; “csp-bridge explain CODE” says of each what it looks for, why, and what to do.",
            CATALOGUE.len()
        ),
    );
    for total in &context.outcome.ledger.streams {
        let Some(stream) = schema.streams.get(total.stream) else {
            continue;
        };
        let has_lines = context
            .outcome
            .ledger
            .lines
            .iter()
            .any(|line| line.stream == Some(total.stream));
        if has_lines && total.award.is_none() && stream.funder.eq_ignore_ascii_case("PCC") {
            push("Funding", Cell::text(&stream.name), "The plan states no award for this stream (a cell such as “Grant awarded” beside the amount), so its allocations are not compared with one.".to_owned());
        }
    }
    for (item, text) in accruals(context) {
        push("Accruals", Cell::text(item), text);
    }
    push("Configuration", Cell::text("Name"), schema.name.clone());
    push(
        "Configuration",
        Cell::text("SHA-256"),
        schema.sha256.clone(),
    );
    push(
        "Configuration",
        Cell::text("Year"),
        format!("{} to {}", long(schema.year.start), long(schema.year.end)),
    );
    push(
        "Program",
        Cell::text("Version"),
        format!("csp-bridge {}", env!("CARGO_PKG_VERSION")),
    );
    let columns = vec![
        Column::new("Topic", 20, ColumnKind::Text),
        Column::new("Item", 26, ColumnKind::Prose),
        Column::new("Note", 110, ColumnKind::Prose),
    ];
    SheetPlan {
        name: "Notes",
        about: "The method, the status scheme, the rules that fired, the configuration in force."
            .to_owned(),
        content: Content::Table(Table {
            id: "Notes",
            columns,
            rows: rows.into(),
            frozen: 0,
            printed: None,
            below: Vec::new(),
        }),
    }
}

/// What was accrued and is not reversed: to be reversed beside its invoice, or carried into the next year's books.
fn accruals(context: &Context<'_>) -> Vec<(String, String)> {
    let outcome = context.outcome;
    let is_year_end = outcome.options.quarter.is_some_and(|run| run.number == 4);
    let open = outcome
        .ledger
        .accruals
        .iter()
        .filter(|accrual| !accrual.open().is_zero());
    open.map(|accrual| {
        let line = outcome.ledger.lines.get(accrual.line);
        let view = accrual.at.view(&outcome.sources, context.schema);
        let typed = |field: &str| {
            let cell = view.and_then(|view| view.cell(field));
            cell.map(|cell| cell.raw_text().trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let document = typed("document").unwrap_or_else(|| "no document".to_owned());
        let supplier = typed("supplier").map(|name| format!(" of {name}"));
        let what = if is_year_end {
            "is open at the year’s end"
        } else {
            "is not reversed yet"
        };
        (
            line.map(|line| line.reference.to_string())
                .unwrap_or_default(),
            format!(
                "{} of {} that {} accrued in {} for {document}{} {what}.",
                pounds(accrual.open()),
                pounds(accrual.amount),
                context.agency(accrual.agency),
                accrual.quarter.spoken(),
                supplier.unwrap_or_default(),
            ),
        )
    })
    .collect()
}

fn untold_by(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "What an Excel workbook does not tell",
        Format::Xlsb => "What a binary workbook does not tell",
        Format::Xls => "What an old Excel workbook does not tell",
        Format::Ods => "What an OpenDocument workbook does not tell",
        Format::Csv => "What a text file does not tell",
        Format::Html => "What a web page does not tell",
        Format::SpreadsheetMl => "What an Excel 2003 XML workbook does not tell",
    }
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// What could not be told of some files, for their formats do not say it or this run did not have it.
fn not_known(context: &Context<'_>) -> Vec<(&'static str, String)> {
    let outcome = context.outcome;
    let mut out = Vec::new();
    // Files of one format cannot tell the same things, and are named together.
    let mut untold: BTreeMap<(Format, &BTreeSet<Untold>), Vec<&str>> = BTreeMap::new();
    for source in &outcome.sources {
        if source.role == Role::Previous {
            continue;
        }
        if let Some(book) = source
            .workbook()
            .filter(|book| !book.facts.untold.is_empty())
        {
            let key = (book.format, &book.facts.untold);
            untold.entry(key).or_default().push(source.file_name());
        }
    }
    for ((format, things), names) in untold {
        let things: Vec<&str> = things.iter().map(|what| what.words()).collect();
        out.push((
            untold_by(format),
            format!("Not told by {}: {}.", names.join(", "), things.join("; ")),
        ));
    }
    let undated: Vec<&str> = context
        .returns()
        .filter(|source| source.returned_on().is_none() && !source.is_out())
        .map(Source::file_name)
        .collect();
    if !undated.is_empty() {
        out.push((
            "Whether a return was late",
            format!(
                "These returns do not say when they were sent: {}.",
                undated.join(", ")
            ),
        ));
    }
    if outcome
        .sources
        .iter()
        .all(|source| source.role != Role::Ledger)
    {
        out.push((
            "The ledger",
            "No export of the finance system was given to this run, so claims were not compared with it.".to_owned(),
        ));
    }
    let ledger = &outcome.ledger;
    let is_later = outcome.options.quarter.is_some_and(|run| run.number > 1);
    if is_later && outcome.options.is_merge && !ledger.has_documents && ledger.before.is_empty() {
        out.push((
            "Accruals of earlier quarters",
            "Neither the plan nor a previous workbook lists the documents of earlier quarters, so actuals were not compared with what was accrued for them.".to_owned(),
        ));
    }
    out
}
