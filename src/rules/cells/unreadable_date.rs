//! `C203` **unreadable-date**: text that is no date.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C203"),
    name: "unreadable-date",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A text that is no date where a date is needed.",
    why: "Whether spend falls in the grant period, or an action is overdue, hangs on the date.",
    example: "`end of Q4` as a document date.",
    fix: "Type the day, such as 30/09/2022.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::UnreadableDate) {
        sink.cell(facts).report(
            format!(
                "“{}” cannot be read as a date.",
                facts.cell.raw_text().trim()
            ),
            "Type the day as a date, such as 30/09/2022.",
        );
    }
}
