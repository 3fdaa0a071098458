//! `C202` **unreadable-number**: money or a figure that would need a guess.

use crate::finding::{Code, Severity};
use crate::grid::{CellValue, Shown};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
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
    example: "`£1,2500`, `c. 3k`, `12-14`, `30+`, `£1.250`; an amount shown as €300 or 3.5k.",
    fix: "Type one plain figure; put words in a text column.",
    partner: Partner::AsReported,
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
        let raw = raw.trim();
        match facts.cell.raw.as_ref().and_then(shown_as) {
            Some(shown) => sink.cell(facts).report(
                format!("“{raw}” is shown as {shown}, so it cannot be taken for {what}."),
                format!(
                    "Write {what}, such as {like}, in a plain number format, and send it again."
                ),
            ),
            None if is_too_large => sink.cell(facts).report(
                format!("“{raw}” is too large to be {what}: figures of 1,000,000,000,000,000 and over are not read."),
                format!("Type one plain figure, such as {like}; words belong in a text column."),
            ),
            None if facts.field.constraint.is_whole => sink.cell(facts).report(
                format!("“{raw}” cannot be read as a whole number."),
                format!("Type one whole figure, such as {like}; words belong in a text column."),
            ),
            None => sink.cell(facts).report(
                format!("“{raw}” cannot be read as {what} without guessing."),
                format!("Type one plain figure, such as {like}; words belong in a text column."),
            ),
        }
    }
}

/// What a cell's number format makes of it, in words.
fn shown_as(raw: &CellValue) -> Option<&'static str> {
    match raw {
        CellValue::Number(figure) => Some(match figure.shown {
            Shown::Plain => return None,
            Shown::Percent | Shown::PercentSign => "a percentage",
            Shown::Currency(_) => "an amount in another currency than pounds",
            Shown::Divided(_) | Shown::Multiplied(_) => "thousands or millions",
            Shown::TimeOfDay => "a time of day",
            Shown::Span => "a length of time",
            Shown::NoDay => "a date that does not exist",
            Shown::Nothing => "nothing: its number format hides it",
            Shown::Another => "another figure, by a sign or digits of its number format",
            Shown::Worded => "more than a figure, by the words of its number format",
        }),
        CellValue::Date(_) => Some("a date"),
        CellValue::Text(_)
        | CellValue::Boolean(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => None,
    }
}
