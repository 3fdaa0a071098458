//! A workbook as one self-contained page: the same figures, to be read, printed or sent on.
//!
//! Invariant: every text goes through `escape`; the page loads nothing and runs nothing.

use std::fmt::Write as _;

use super::html::{MARK, STYLE, escape};
use crate::render::theme::Look;
use crate::render::{Block, Cell, ColumnKind, Content, SheetPlan, Table, Value, WorkbookPlan};
use crate::value::amount::{figure, pounds};
use crate::value::date::long;

/// What a page of figures needs beyond what every page has.
const MORE: &str = "
table{font-size:.85rem;margin:.5rem 0 1rem;width:auto;min-width:50%}
tr.total td{font-weight:700;background:#e7ebf3}td.held{background:#ede0f3}td.good{background:#e2f0d9;color:#1b5e20}
td.sign{background:#fffbe6;min-width:7rem;height:2rem}
@page{size:A4 landscape;margin:12mm}
@media print{table{font-size:8pt;width:100%}section{break-before:page}h2{break-after:avoid}}
";

/// The page.
#[must_use]
pub fn page(plan: &WorkbookPlan<'_>) -> Vec<u8> {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n{MARK}\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <title>{}</title>\n<style>{STYLE}{MORE}</style>\n</head>\n<body>\n<main>\n",
        escape(&plan.title)
    );
    for sheet in &plan.sheets {
        match &sheet.content {
            Content::Page(page) => {
                for block in &page.blocks {
                    of_block(&mut out, block);
                }
            }
            Content::Table(table) => of_table(&mut out, sheet, table),
            Content::Form(form) => of_table(&mut out, sheet, &form.table),
        }
    }
    let _ = write!(
        out,
        "<p class=\"marking\">{}</p>\n</main>\n</body>\n</html>\n",
        escape(&plan.marking)
    );
    out.into_bytes()
}

fn of_block(out: &mut String, block: &Block) {
    match block {
        Block::Gap | Block::Chart(_) => {}
        Block::Paragraph(cell) => of_line(out, std::slice::from_ref(cell)),
        Block::Line(cells) => of_line(out, cells),
        Block::Grid { headings, rows } => {
            let headings: Vec<_> = headings
                .iter()
                .map(|text| (text.as_str(), ColumnKind::Prose))
                .collect();
            grid(out, "", &headings, &slices(rows));
        }
        Block::Columns { headings, rows } => {
            let headings: Vec<_> = headings
                .iter()
                .map(|(text, kind)| (text.as_str(), *kind))
                .collect();
            grid(out, "", &headings, &slices(rows));
        }
    }
}

fn of_line(out: &mut String, cells: &[Cell]) {
    let text: Vec<String> = cells
        .iter()
        .map(|cell| shown(cell, ColumnKind::Prose))
        .filter(|text| !text.is_empty())
        .collect();
    let look = cells.first().map_or(Look::Plain, |cell| cell.look);
    let text = escape(&text.join(" "));
    if text.is_empty() {
        return;
    }
    let _ = match look {
        Look::Title => writeln!(out, "<h1>{text}</h1>"),
        Look::Heading => writeln!(out, "<h2>{text}</h2>"),
        Look::Marking => writeln!(out, "<p class=\"marking\">{text}</p>"),
        Look::Error => writeln!(out, "<p class=\"alarm\" role=\"alert\">{text}</p>"),
        Look::Muted => writeln!(out, "<p><small>{text}</small></p>"),
        _ => writeln!(out, "<p>{text}</p>"),
    };
}

fn of_table(out: &mut String, sheet: &SheetPlan<'_>, table: &Table<'_>) {
    let headings: Vec<_> = table
        .columns
        .iter()
        .map(|column| (column.heading.as_str(), column.kind))
        .collect();
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(sheet.name));
    let mut rows: Vec<Vec<Cell>> = table.rows.iter().map(|row| row.to_vec()).collect();
    if table.columns.iter().any(|column| column.total.is_some()) {
        let totals = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| match column.total {
                Some(total) => Cell::money(total).look(Look::Total),
                None if at == 0 => Cell::text("Total").look(Look::Total),
                None => Cell::blank().look(Look::Total),
            });
        rows.push(totals.collect());
    }
    grid(out, &sheet.about, &headings, &slices(&rows));
    out.push_str("</section>\n");
}

fn slices(rows: &[Vec<Cell>]) -> Vec<&[Cell]> {
    rows.iter().map(Vec::as_slice).collect()
}

/// A table; a column without a heading that holds nothing is left out.
fn grid(out: &mut String, caption: &str, headings: &[(&str, ColumnKind)], rows: &[&[Cell]]) {
    let is_used = |at: usize, heading: &str| {
        !heading.is_empty()
            || rows.iter().any(|row| {
                row.get(at)
                    .is_some_and(|cell| cell.value != Value::Blank || cell.look == Look::Input)
            })
    };
    let used: Vec<bool> = headings
        .iter()
        .enumerate()
        .map(|(at, (heading, _))| is_used(at, heading))
        .collect();
    out.push_str("<table>\n");
    if !caption.is_empty() {
        let _ = writeln!(out, "<caption>{}</caption>", escape(caption));
    }
    out.push_str("<thead><tr>");
    for ((heading, kind), _) in headings.iter().zip(&used).filter(|(_, used)| **used) {
        let class = if is_figure(*kind) { " class=\"n\"" } else { "" };
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escape(heading));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        let is_total = row.first().is_some_and(|cell| cell.look == Look::Total);
        out.push_str(if is_total {
            "<tr class=\"total\">"
        } else {
            "<tr>"
        });
        let cells = row.iter().map(Some).chain(std::iter::repeat(None));
        for (((_, kind), _), cell) in headings
            .iter()
            .zip(&used)
            .zip(cells)
            .filter(|((_, used), _)| **used)
        {
            let look = cell.map_or(Look::Plain, |cell| cell.look);
            let class = match look {
                Look::Held => "held",
                Look::Error => "error",
                Look::Warning => "warning",
                Look::Good => "good",
                Look::Input => "sign",
                _ => "",
            };
            let class = if is_figure(*kind) {
                format!("n {class}")
            } else {
                class.to_owned()
            };
            let text = cell
                .map(|cell| escape(&shown(cell, *kind)))
                .unwrap_or_default();
            let _ = match class.trim() {
                "" => write!(out, "<td>{text}</td>"),
                class => write!(out, "<td class=\"{class}\">{text}</td>"),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn is_figure(kind: ColumnKind) -> bool {
    matches!(
        kind,
        ColumnKind::Money | ColumnKind::Figure | ColumnKind::Number
    )
}

/// A cell as the workbook shows it.
fn shown(cell: &Cell, kind: ColumnKind) -> String {
    fn value(of: &Value, kind: ColumnKind) -> String {
        match of {
            Value::Blank => String::new(),
            Value::Text(text) => text.to_string(),
            Value::Link { text, .. } => text.clone(),
            Value::Number(number) => figure(*number),
            Value::Percent(number) => format!("{}%", figure(*number)),
            Value::Money(amount) => pounds(*amount),
            Value::Formula { result, .. } if kind == ColumnKind::Number => figure(*result),
            Value::Formula { result, .. } => pounds(*result),
            Value::Date(day) => long(*day),
            Value::Linked { value: inner, .. } => value(inner, kind),
        }
    }
    value(&cell.value, kind)
}
