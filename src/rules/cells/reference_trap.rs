//! `C213` **reference-trap**: a reference that a spreadsheet turned into a number or date.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{CellFacts, Check, Hold, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C213"),
    name: "reference-trap",
    severity: Severity::Error,
    hold: Hold::Row,
    summary: "A reference that a spreadsheet turned into a number or a date.",
    why: "Action 1.10 becomes 1.1, and its news lands on another action.",
    example: "`1-2` stored as 1 February.",
    fix: "Format the column as text, then type the reference again.",
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::ReferenceTrap) {
        sink.cell(facts).report(
            format!("The reference is stored as the number or date “{}”, so which action is meant is not sure.", facts.cell.raw_text()),
            "Format the column as text, then type the reference again.",
        );
    }
}
