//! `C218` **placeholder-left**: a form's own words in an optional cell.

use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C218"),
    name: "placeholder-left",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A form's placeholder still stands in an optional cell (in a required one: C201).",
    why: "Printed in the plan, the form's own words look like an answer.",
    example: "`Enter text here` under Next steps.",
    fix: "Fill in the cell, or clear it.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state != State::Placeholder || facts.field.constraint.required {
        return;
    }
    sink.cell(facts).report(
        format!(
            "{} still holds the form's “{}”. It was taken as blank.",
            facts.field.title,
            facts.cell.raw_text().trim()
        ),
        "Fill in the cell, or clear it.",
    );
}
