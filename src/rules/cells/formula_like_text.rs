//! `C216` **formula-like-text**: a text that a spreadsheet could run.

use crate::finding::{Code, Severity};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C216"),
    name: "formula-like-text",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A text that a spreadsheet could run as a formula; written as text.",
    why: "Copied into another workbook or saved as csv, it may fetch data or start a program.",
    example: "`=HYPERLINK(\"http://example.org\")` typed as text.",
    fix: "Put the text in words.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.remarks().is_formula_like {
        sink.cell(facts).report(
            format!(
                "{} begins like a formula. It was kept as plain text.",
                facts.field.title
            ),
            "Begin the text with a word, so that no program takes it for a formula.",
        );
    }
}
