//! `C202` **unreadable-number**: money or a figure that would need a guess.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Rule, Sink};
use crate::schema::FieldKind;
use crate::value::amount;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C202"),
    name: "unreadable-number",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "Money or a number that cannot be read without guessing.",
    why: "A figure read wrongly is worse than one left out: it adds up.",
    example: "`£1,2500`, `c. 3k`, `12-14`, `30+`.",
    fix: "Type one plain figure; put words in a text column.",
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::UnreadableNumber) {
        let (what, like) = if facts.field.kind == FieldKind::Money {
            ("an amount", "1250.00")
        } else {
            ("a number", "42")
        };
        let raw = facts.cell.raw_text();
        let is_too_large = match &facts.cell.raw {
            Some(CellValue::Number(figure)) => amount::from_number(figure.number).is_err(),
            Some(CellValue::Text(text)) => amount::is_beyond_limit(text),
            _ => false,
        };
        let why = if is_too_large {
            format!(
                "is too large to be {what}: figures of 1,000,000,000,000,000 and over are not read"
            )
        } else {
            format!("cannot be read as {what} without guessing")
        };
        sink.cell(facts).report(
            format!("“{}” {why}.", raw.trim()),
            format!("Type one plain figure, such as {like}; words belong in a text column."),
        );
    }
}
