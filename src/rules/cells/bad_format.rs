//! `C219` **bad-format**: a text that does not have the form that it should.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::schema::{FieldKind, Format};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C219"),
    name: "bad-format",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "An e-mail address, postcode, telephone number or other formatted value that does not validate, or a text against its pattern.",
    why: "A letter to a mistyped address never arrives.",
    example: "`csu(at)example.org` as an e-mail address.",
    fix: "Correct the entry.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state != State::Fault(Fault::BadFormat) {
        return;
    }
    let typed = facts.cell.raw_text();
    let typed = typed.trim();
    let (what, wanted) = match (facts.field.kind, facts.field.constraint.format) {
        (FieldKind::Email, _) | (_, Some(Format::Email)) => ("an e-mail address", "it whole"),
        (FieldKind::Postcode, _) | (_, Some(Format::Postcode)) => ("a full postcode", "it whole"),
        (_, Some(Format::Postcodes)) => (
            "a list of full postcodes",
            "each one whole, with commas between",
        ),
        (_, Some(Format::Telephone)) => (
            "a telephone number",
            "it whole, with its first nought, in a cell that is formatted as text",
        ),
        (_, None) => {
            sink.cell(facts).report(
                format!(
                    "“{typed}” does not have the form that {} must have.",
                    facts.field.title
                ),
                format!("Correct {}, or clear the cell.", facts.field.title),
            );
            return;
        }
    };
    sink.cell(facts).report(
        format!("“{typed}” is not {what}."),
        format!("Write {wanted}, or clear the cell."),
    );
}
