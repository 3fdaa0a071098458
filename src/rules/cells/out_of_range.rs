//! `C212` **out-of-range**: a number outside its field's limits.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::value::amount;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C212"),
    name: "out-of-range",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Accept,
    summary: "A number outside the field's minimum or maximum.",
    why: "An allocation or forecast below zero is a slip of the sign.",
    example: "A forecast of -500.",
    fix: "Correct the figure.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let State::Fault(Fault::OutOfRange(figure)) = &facts.cell.state else {
        return;
    };
    let constraint = &facts.field.constraint;
    let limit = match (constraint.minimum, constraint.maximum) {
        (Some(minimum), _) if **figure < minimum => format!("below {}", amount::figure(minimum)),
        (_, Some(maximum)) => format!("above {}", amount::figure(maximum)),
        (_, None) => return,
    };
    sink.cell(facts).report(
        format!(
            "{} is {}, which is {limit}.",
            facts.field.title,
            amount::figure(**figure)
        ),
        "Correct the figure.",
    );
}
