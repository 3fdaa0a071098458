//! `C219` **bad-format**: an e-mail address or postcode that is none.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::schema::FieldKind;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C219"),
    name: "bad-format",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "An e-mail address, postcode or other formatted value that does not validate.",
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
    let what = if facts.field.kind == FieldKind::Email {
        "an e-mail address"
    } else {
        "a full postcode"
    };
    sink.cell(facts).report(
        format!("“{}” is not {what}.", facts.cell.raw_text().trim()),
        format!("Write {what} that is complete, or clear the cell."),
    );
}
