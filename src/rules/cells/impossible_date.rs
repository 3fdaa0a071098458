//! `C205` **impossible-date**: a day that does not exist.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C205"),
    name: "impossible-date",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A date that does not exist.",
    why: "The day or the month is a slip, and nobody but the writer knows which.",
    example: "`31/06/2022`.",
    fix: "Correct the day or the month.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::ImpossibleDate) {
        sink.cell(facts).report(
            format!(
                "“{}” is a day that does not exist.",
                facts.cell.raw_text().trim()
            ),
            "Correct the day or the month.",
        );
    }
}
