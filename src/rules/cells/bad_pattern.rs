//! `C211` **bad-pattern**: a text that does not look like what it should.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C211"),
    name: "bad-pattern",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Answer(Answer::Reference),
    summary: "A reference, as text, that does not look like one.",
    why: "The row cannot be brought to its action.",
    example: "`ASB three`.",
    fix: "Write the reference as the plan has it.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::BadPattern) {
        sink.cell(facts).report(
            format!(
                "“{}” does not look like a reference of this plan.",
                facts.cell.raw_text().trim()
            ),
            "Write the reference as the plan has it.",
        );
    }
}
