//! `C214` **status-by-colour**: a status told by a cell's colour alone.

use crate::finding::{Code, Severity};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C214"),
    name: "status-by-colour",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A blank status cell whose fill is one that the configuration gives a status; merged with that status.",
    why: "A colour is lost when a sheet is printed, sorted or copied, and not everybody can tell it.",
    example: "A status cell left blank and filled amber.",
    fix: "Write the word in the cell.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let Some(status) = facts.cell.remarks().status_by_fill else {
        return;
    };
    let label = facts.row.table.facts.run.schema.status_label(status);
    sink.cell(facts).report(
        format!(
            "{} has a colour and no word. By its colour it was taken as {label}.",
            facts.field.title
        ),
        format!("Write {label} in the cell, or the right status if that is another."),
    );
}
