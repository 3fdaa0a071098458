//! `C220` **struck-through**: a cell of a table's row whose text is struck through.

use crate::finding::{Code, Severity};
use crate::grid::{CellValue, Extent};
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};
use crate::value::text::visible;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C220"),
    name: "struck-through",
    severity: Severity::Warning,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "A filled cell of a table's row is struck through, whole or in part; in spend and claims the row is kept out.",
    why: "People strike through what no longer counts, and leave it to be seen.",
    example: "A spend row of £300, struck through because the order was cancelled.",
    fix: "Delete what no longer counts, or take the strike away from what does.",
    partner: Partner::AsReported,
    check: Check::Row(check),
};

/// Tables in which a struck row may be money that was never spent.
const HELD: [&str; 2] = ["spend", "claims"];

/// One finding a row, at its first such cell.
fn check(facts: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let layout = &facts.table.table.layout;
    let Some(sheet) = facts
        .table
        .source
        .workbook()
        .and_then(|book| book.sheets.get(layout.sheet))
    else {
        return;
    };
    let row = facts.record.row;
    let columns = layout.header.first.column..=layout.header.last.column;
    let Some((at, extent)) = sheet
        .struck_in(row)
        .iter()
        .find(|(at, _)| columns.contains(&at.column))
    else {
        return;
    };
    let column = layout
        .columns
        .iter()
        .find(|column| column.column == at.column);
    let field = column
        .and_then(|column| facts.table.schema.fields.get(column.field))
        .map(|field| field.name.as_str());
    let heading = column
        .map(|column| column.heading.text.as_str())
        .or_else(|| {
            layout
                .unknown
                .iter()
                .find(|unknown| unknown.heading.at.column == at.column)
                .map(|unknown| unknown.heading.text.as_str())
        });
    let raw = facts
        .table
        .source
        .raw(layout.sheet, *at)
        .map(CellValue::to_string)
        .unwrap_or_default();
    let is_held = HELD.contains(&facts.table.schema.name.as_str());
    let draft = sink
        .at(facts.table.place(*at))
        .key(format!(
            "{}\u{1f}{}",
            facts.view().key(),
            heading.unwrap_or_default()
        ))
        .about(field, heading)
        .raw(raw.clone());
    let draft = if is_held {
        draft.hold_row(facts)
    } else {
        draft
    };
    let quoted: String = visible(&raw).chars().take(QUOTED_CHARS_MAX).collect();
    let what = match extent {
        Extent::Whole => format!("“{quoted}” is struck through."),
        Extent::Part => format!("Part of “{quoted}” is struck through."),
    };
    let then = if is_held {
        "What is struck through no longer counts, so the row stays out of the figures unless somebody accepts it."
    } else {
        "It was read all the same."
    };
    draft.report(
        format!("{what} {then}"),
        "Delete what no longer counts, or take the strike away from what does, and send it again.",
    );
}

/// A longer text is quoted in part.
const QUOTED_CHARS_MAX: usize = 80;
