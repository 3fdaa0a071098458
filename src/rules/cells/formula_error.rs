//! `C208` **formula-error**: a cell shows an error value.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C208"),
    name: "formula-error",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A cell holds an error value such as #REF! or #DIV/0!.",
    why: "There is no figure in it, although the cell is not blank.",
    example: "`#REF!` after a linked sheet was deleted.",
    fix: "Mend the formula, or type the figure.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::FormulaError) {
        sink.cell(facts).report(
            format!(
                "The cell shows the error {} instead of a value.",
                facts.cell.raw_text()
            ),
            "Mend the formula, or type the value itself.",
        );
    }
}
