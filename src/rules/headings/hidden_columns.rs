//! `H106` **hidden-columns**: columns of a table that are hidden.

use std::collections::BTreeMap;

use super::unknown_column::raw;
use crate::finding::{Code, Severity};
use crate::layout::Heading;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H106"),
    name: "hidden-columns",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Columns inside a table are hidden; they were read all the same.",
    why: "Whoever checks the return by eye does not see what stands in them.",
    example: "The column `Next steps` hidden to make the sheet fit a page.",
    fix: "Unhide the columns and look whether they belong in the return.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let layout = &facts.table.layout;
    let Some(sheet) = facts
        .source
        .workbook()
        .and_then(|book| book.sheets.get(layout.sheet))
    else {
        return;
    };
    let headings = layout
        .columns
        .iter()
        .map(|column| &column.heading)
        .chain(layout.unknown.iter().map(|unknown| &unknown.heading))
        .chain(&layout.computed)
        .chain(
            layout
                .duplicates
                .iter()
                .flat_map(|double| [&double.first, &double.later]),
        );
    let hidden: BTreeMap<u16, &Heading> = headings
        .filter(|heading| sheet.is_column_hidden(heading.at.column))
        .map(|heading| (heading.at.column, heading))
        .collect();
    let Some(first) = hidden.values().next() else {
        return;
    };
    let names: Vec<String> = hidden
        .values()
        .map(|heading| format!("“{}” ({})", heading.text.replace('\n', " "), heading.at))
        .collect();
    let what = if names.len() == 1 {
        format!("The column {} is hidden. It was", names.concat())
    } else {
        format!("The columns {} are hidden. They were", names.join(", "))
    };
    sink.table(facts, first.at)
        .key(first.text.clone())
        .about(None, Some(&first.text))
        .raw(raw(facts, first.at))
        .report(
            format!("{what} read all the same."),
            "Unhide them and look whether what stands there belongs in the return.",
        );
}
