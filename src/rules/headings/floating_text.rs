//! `H112` **floating-text**: a text box or shape over a table, or one that speaks of its rows.

use std::collections::BTreeSet;

use crate::finding::{Code, Severity};
use crate::grid::{CellRange, Floating, FloatingKind, Visibility};
use crate::layout::TableLayout;
use crate::record::Table;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};
use crate::schema::{FieldKind, Role};
use crate::value::amount;
use crate::value::personal;
use crate::value::reference;
use crate::value::text::visible;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H112"),
    name: "floating-text",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A text box or shape lies over a table, or names an amount, a reference, a line or a document of it; or a picture stands in a cell of it.",
    why: "What is written on a shape, or shown by a picture, is in no cell and was not merged.",
    example: "A text box over the spend table: `£300 of INV-103 was refunded`.",
    fix: "Put what matters into a cell of its row.",
    partner: Partner::OfficerOnly,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    let Some(book) = source
        .workbook()
        .filter(|_| matches!(source.role, Role::Plan | Role::Return))
    else {
        return;
    };
    for (index, sheet) in book.sheets.iter().enumerate() {
        if sheet.visibility != Visibility::Visible || sheet.floating.is_empty() {
            continue;
        }
        let tables: Vec<&Table> = source
            .tables
            .iter()
            .filter(|table| table.layout.sheet == index)
            .collect();
        let lies_over = |floating: &Floating| {
            tables
                .iter()
                .any(|table| lies_over(floating.over, &table.layout))
        };
        let keys = if tables.is_empty() {
            BTreeSet::new()
        } else {
            keys(facts, &tables)
        };
        for floating in &sheet.floating {
            let text = visible(&floating.text);
            let place = source.place_at(index, floating.over.first);
            match floating.kind {
                FloatingKind::PictureInCell if lies_over(floating) => {
                    sink.at(place).key(floating.over.to_string()).report(
                        "This cell holds a picture, which cannot be read.",
                        "Look at it, and write what it shows into the cell.",
                    );
                }
                FloatingKind::Text
                    if lies_over(floating)
                        || !tables.is_empty() && (has_amount(&text) || names_any(&text, &keys)) =>
                {
                    let allowed = &facts.facts.run.schema.publishing.allowed_contacts;
                    // Before it is cut: half a number is not known for one.
                    let whole = personal::without(&text, allowed, |_, _| false);
                    let quoted = whole.as_ref().unwrap_or(&text);
                    let quoted: String = quoted.chars().take(QUOTED_CHARS_MAX).collect();
                    sink.at(place).key(text.clone()).raw(text.clone()).report(
                        format!(
                            "A text box or shape here says “{}”. What is written on shapes is not merged.",
                            quoted.replace('\n', " ")
                        ),
                        "Read it, and put what matters into a cell of its row.",
                    );
                }
                FloatingKind::Control | FloatingKind::PictureInCell | FloatingKind::Text => {}
            }
        }
    }
}

/// A longer text is quoted in part; the Sources sheet has it whole.
const QUOTED_CHARS_MAX: usize = 160;

fn lies_over(over: CellRange, layout: &TableLayout) -> bool {
    let last = layout.body.map_or(layout.header.last, |body| body.last);
    over.first.row <= last.row
        && over.last.row >= layout.header.first.row
        && over.first.column <= layout.header.last.column.max(last.column)
        && over.last.column >= layout.header.first.column
}

/// What the rows of tables are known by: references, lines and documents.
fn keys(facts: &SourceFacts<'_>, tables: &[&Table]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for table in tables {
        let Some(schema) = facts.facts.run.schema.tables.get(table.layout.table) else {
            continue;
        };
        let named: Vec<usize> = schema
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| {
                matches!(field.kind, FieldKind::Reference | FieldKind::Line)
                    || field.name == "document"
            })
            .filter_map(|(index, _)| table.position(index))
            .collect();
        for record in &table.records {
            out.extend(
                named
                    .iter()
                    .filter_map(|at| record.cells.get(*at))
                    .map(|cell| reference::key(&cell.raw_text()))
                    .filter(|key| is_telling(key)),
            );
        }
    }
    out
}

/// Whether a key is more than a short number that any text may hold.
fn is_telling(key: &str) -> bool {
    key.len() >= 3
        && key.contains(|c: char| c.is_ascii_digit())
        && key.contains(|c: char| c.is_alphabetic())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || ",;:()[]“”\"".contains(c))
        .map(|word| word.trim_end_matches(['.', '!', '?']))
        .filter(|word| !word.is_empty())
}

/// Whether a text holds an amount of money.
fn has_amount(text: &str) -> bool {
    words(&text.replace("£ ", "£"))
        .any(|word| word.contains('£') && amount::from_text(word).is_ok())
}

/// Whether a text names one of these.
fn names_any(text: &str, keys: &BTreeSet<String>) -> bool {
    words(text).any(|word| keys.contains(&reference::key(word)))
}
