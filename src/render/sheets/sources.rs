//! Every input file: what it is, what was found in it, and what was read from where.

use crate::grid::{CellAddress, FloatingKind, Span, Visibility};
use crate::record;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Rows, SheetPlan, Table};
use crate::source::Source;
use crate::value::text::visible;

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let columns = vec![
        // Wide enough for a path: LibreOffice does not break the text of a link.
        Column::new("File", 58, ColumnKind::Prose),
        Column::new("Role", 8, ColumnKind::Text),
        Column::new("Partner", 20, ColumnKind::Prose),
        Column::new("State", 11, ColumnKind::Text),
        Column::new("Table", 13, ColumnKind::Text),
        Column::new("Sheet", 15, ColumnKind::Prose),
        Column::new("Headings in", 11, ColumnKind::Text),
        Column::new("Rows in", 11, ColumnKind::Text),
        Column::new("Rows read", 7, ColumnKind::Number),
        Column::new("Accepted", 9, ColumnKind::Number),
        Column::new("Passed over", 8, ColumnKind::Number),
        Column::new("Held", 6, ColumnKind::Number),
        Column::new("Money read", 12, ColumnKind::Money),
        Column::new("Money accepted", 12, ColumnKind::Money),
        Column::new("Money held", 11, ColumnKind::Money),
        Column::new("Money set aside", 11, ColumnKind::Money),
        Column::new(
            "Filled cells, and what became of them",
            60,
            ColumnKind::Prose,
        ),
        Column::new("Format", 8, ColumnKind::Text),
        Column::new(
            "Headings and what they were taken for",
            84,
            ColumnKind::Prose,
        ),
        Column::new("Headings not known", 30, ColumnKind::Prose),
        Column::new("Hidden, not read, and notes", 70, ColumnKind::Prose),
        Column::new("SHA-256", 68, ColumnKind::Text),
    ];
    let mut listed: Vec<(&Source, Option<&record::Table>, bool)> = Vec::new();
    for source in &context.outcome.sources {
        if source.tables.is_empty() {
            listed.push((source, None, true));
        }
        let tables = source.tables.iter().enumerate();
        listed.extend(tables.map(|(index, table)| (source, Some(table), index == 0)));
    }
    let rows = Rows::of(listed, |(source, table, is_first)| {
        row(context, source, *table, *is_first)
    });
    SheetPlan {
        name: "Sources",
        about: "Every file that was read: its tables, which heading was taken for what, rows and money in and out.".to_owned(),
        content: Content::Table(Table { id: "Sources", columns, rows, frozen: 1, printed: Some(15), below: Vec::new() }),
    }
}

fn row(
    context: &Context<'_>,
    source: &Source,
    table: Option<&record::Table>,
    is_first: bool,
) -> Vec<Cell> {
    let schema = table.and_then(|table| context.schema.tables.get(table.layout.table));
    let sheet = table
        .map(|table| {
            source
                .sheet(table.layout.sheet)
                .1
                .map(|name| name.to_string())
                .unwrap_or_default()
        })
        .unwrap_or_default();
    // Last quarter's workbook is only looked at: its rows are in no total.
    let tally = table
        .filter(|_| source.role != crate::schema::Role::Previous)
        .map(|table| table.tally(source.fate()));
    // Money is told once a file, on its first row, so that the column adds up.
    let money = is_first.then(|| context.outcome.ledger.tally(source.index));
    let count = |of: fn(&record::Tally) -> usize| {
        tally
            .as_ref()
            .map_or_else(Cell::blank, |tally| Cell::count(of(tally)))
    };
    vec![
        context.link(source.index, None, None, &source.path),
        Cell::text(source.role.word()),
        Cell::text(
            context.agency(
                source
                    .statement
                    .agency
                    .filter(|_| source.role == crate::schema::Role::Return),
            ),
        ),
        Cell::text(source.state.word()),
        Cell::text(schema.map_or("", |schema| &schema.title)),
        Cell::text(sheet),
        Cell::text(
            table
                .map(|table| table.layout.header.to_string())
                .unwrap_or_default(),
        ),
        Cell::text(
            table
                .and_then(|table| table.layout.body)
                .map(|body| body.to_string())
                .unwrap_or_default(),
        ),
        count(|tally| tally.read),
        count(|tally| tally.accepted),
        count(|tally| tally.skipped),
        count(|tally| tally.held),
        Cell::money_or_blank(money.map(|money| money.read)),
        Cell::money_or_blank(money.map(|money| money.accepted)),
        Cell::money_or_blank(money.map(|money| money.held)),
        Cell::money_or_blank(money.map(|money| money.set_aside)),
        Cell::text(if is_first {
            cells(source)
        } else {
            String::new()
        }),
        Cell::text(source.workbook().map_or("", |book| book.format.word())),
        Cell::text(
            table
                .map(|table| headings(context, table))
                .unwrap_or_default(),
        ),
        Cell::text(table.map(unknown).unwrap_or_default()),
        Cell::text(if is_first {
            notes(source)
        } else {
            String::new()
        }),
        Cell::text(&source.sha256),
    ]
}

/// What became of the filled cells, a line a sheet.
fn cells(source: &Source) -> String {
    let sheets = source.workbook().map_or(&[][..], |book| &book.sheets);
    let lines = sheets
        .iter()
        .zip(source.accounts())
        .map(|(sheet, accounts)| {
            let parts: Vec<String> = [
                (accounts.rows, "in rows"),
                (accounts.headings, "in headings"),
                (accounts.labels, "labels and their values"),
                (accounts.totals, "in totals"),
                (accounts.text, "words"),
                (accounts.named, "named by findings"),
                (accounts.ignored, "passed over"),
            ]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
            let name = sheet.name.as_deref().unwrap_or("Text");
            if parts.is_empty() {
                format!("{name}: {}", accounts.filled)
            } else {
                format!("{name}: {} = {}", accounts.filled, parts.join(" + "))
            }
        });
    lines.collect::<Vec<_>>().join("\n")
}

fn headings(context: &Context<'_>, table: &record::Table) -> String {
    let Some(schema) = context.schema.tables.get(table.layout.table) else {
        return String::new();
    };
    let parts = table.layout.columns.iter().filter_map(|column| {
        let field = schema.fields.get(column.field)?;
        Some(format!(
            "{} “{}” is {}",
            column.heading.at,
            visible(&column.heading.text),
            field.title
        ))
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn unknown(table: &record::Table) -> String {
    let parts = table.layout.unknown.iter().map(|unknown| {
        format!(
            "{} “{}”",
            unknown.heading.at,
            visible(&unknown.heading.text)
        )
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// What was not read, what is hidden, and notes on cells.
fn notes(source: &Source) -> String {
    let workbook = match &source.read {
        Ok(workbook) => workbook,
        Err(why) => return why.to_string(),
    };
    let mut out: Vec<String> = Vec::new();
    let facts = &workbook.facts;
    if facts.has_macros {
        out.push("Carries macros, which were not run".to_owned());
    }
    if facts.external_links > 0 {
        out.push(format!(
            "Links to other workbooks: {}, not followed",
            facts.external_links
        ));
    }
    if facts.pivot_caches > 0 {
        out.push(format!(
            "Source rows kept behind pivot tables: {}, not read",
            facts.pivot_caches
        ));
    }
    if let Some(encoding) = &facts.guessed_encoding {
        out.push(format!("Letters read as {encoding}, which is a guess"));
    }
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let name = sheet.name.as_deref().unwrap_or_default();
        if sheet.visibility != Visibility::Visible {
            let what = if facts.list_sheets.contains(name) {
                "is hidden, only feeds lists"
            } else {
                "is hidden"
            };
            out.push(format!("Sheet “{name}” {what} and was not read"));
        }
        if let Some(damage) = &sheet.damage {
            out.push(format!("Sheet “{name}” cannot be read: {damage}"));
        }
        if !sheet.hidden_rows.is_empty() {
            out.push(format!(
                "{name} has hidden rows: {}",
                rows(&sheet.hidden_rows)
            ));
        }
        if !sheet.hidden_columns.is_empty() {
            out.push(format!(
                "{name} has hidden columns: {}",
                columns(&sheet.hidden_columns)
            ));
        }
        out.extend(
            source
                .layout
                .unread
                .iter()
                .filter(|(at, _, _)| *at == index)
                .map(|(_, range, _)| {
                    format!("{name} {range} looks like a table that is not known")
                }),
        );
        out.extend(
            sheet
                .notes
                .iter()
                .map(|(at, text)| format!("Note on {name} {at}: {text}")),
        );
        out.extend(
            sheet
                .replies
                .iter()
                .map(|(at, text)| format!("Reply on {name} {at}: {text}")),
        );
        out.extend(
            sheet
                .floating
                .iter()
                .filter(|floating| floating.kind == FloatingKind::Text)
                .map(|floating| {
                    format!(
                        "Text box on {name} {}: {}",
                        floating.over.first, floating.text
                    )
                }),
        );
        out.extend(sheet.page_texts.iter().map(|text| {
            format!(
                "Page header or footer of {name}: {}",
                text.replace('\n', " ")
            )
        }));
    }
    out.join("; ")
}

fn rows(spans: &[Span]) -> String {
    listed(spans, |row| (u64::from(row) + 1).to_string())
}

fn columns(spans: &[Span]) -> String {
    listed(spans, |column| {
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        let at = CellAddress::new(0, column).to_string();
        at.trim_end_matches('1').to_owned()
    })
}

/// A few runs, and how many more there are.
fn listed(spans: &[Span], name: impl Fn(u32) -> String) -> String {
    const SHOWN: usize = 12;
    let mut parts: Vec<String> = spans
        .iter()
        .take(SHOWN)
        .map(|span| {
            if span.first == span.last {
                name(span.first)
            } else {
                format!("{} to {}", name(span.first), name(span.last))
            }
        })
        .collect();
    if spans.len() > SHOWN {
        parts.push(format!("and {} more", spans.len() - SHOWN));
    }
    parts.join(", ")
}
