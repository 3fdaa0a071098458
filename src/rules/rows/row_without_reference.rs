//! `R302` **row-without-reference**: a row with content and no reference.

use crate::finding::{Code, Severity};
use crate::record::Decoded;
use crate::rules::{Answer, Check, Decides, Hold, Partner, RowFacts, Rule, Sink};
use crate::schema::FieldKind;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R302"),
    name: "row-without-reference",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Answer(Answer::Reference),
    summary: "A row has content and no reference.",
    why: "What it says belongs to an action, but nothing tells which.",
    example: "An update typed on a new line with the first cell left empty.",
    fix: "Write the action's reference in the row.",
    partner: Partner::AsReported,
    check: Check::Row(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let Some(cell) = row
        .cells()
        .find(|cell| cell.field.kind == FieldKind::Reference && cell.field.constraint.required)
    else {
        return;
    };
    if cell.cell.is_empty()
        && row
            .record
            .cells
            .iter()
            .any(|other| !Decoded::is_empty(other))
    {
        sink.cell(&cell).report(
            "This row has content and no reference, so it cannot be brought to its action.",
            "Write the action's reference in the row.",
        );
    }
}
