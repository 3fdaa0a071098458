//! `R307` **empty-words-update**: an update that says nothing.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R307"),
    name: "empty-words-update",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An update that says nothing: `ongoing`, `as above`, `as Q1`, `no change`, `see police update`.",
    why: "The reader learns nothing, and a reference to another document is lost once the rows are merged.",
    example: "An update that reads only `Ongoing`.",
    fix: "Ask what happened in the quarter.",
    partner: Partner::AsReported,
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    if row.table.schema.name != "updates" {
        return;
    }
    let words = &row.table.facts.run.schema.words;
    let says_nothing = row
        .view()
        .text("update")
        .is_some_and(|text| words.says_nothing(text));
    let Some(cell) = row.cell("update").filter(|_| says_nothing) else {
        return;
    };
    sink.cell(&cell).report(
        format!("The update says only “{}”.", cell.cell.raw_text().trim()),
        "Say in a sentence what happened in the quarter.",
    );
}
