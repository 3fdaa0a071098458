//! `C212` **out-of-range**: a number outside its field's limits.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::schema::Limit;
use crate::value::{amount, date};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C212"),
    name: "out-of-range",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Accept,
    summary: "A number or a date outside the field's minimum or maximum.",
    why: "An allocation or forecast below zero is a slip of the sign.",
    example: "A forecast of -500.",
    fix: "Correct the figure.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let constraint = &facts.field.constraint;
    let is_low = |is: &dyn Fn(Limit) -> bool| constraint.minimum.filter(|least| is(*least));
    let (value, below, what) = match &facts.cell.state {
        State::Fault(Fault::OutOfRange(figure)) => (
            amount::figure(**figure),
            is_low(&|least| matches!(least, Limit::Figure(least) if **figure < least)),
            "figure",
        ),
        State::Fault(Fault::DayOutOfRange(day)) => (
            date::long(*day),
            is_low(&|least| matches!(least, Limit::Day(least) if *day < least)),
            "date",
        ),
        State::Blank | State::Missing | State::Placeholder | State::Value(_) | State::Fault(_) => {
            return;
        }
    };
    let is_day = what == "date";
    let limit = match (below, constraint.maximum) {
        (Some(least), _) if is_day => format!("before {least}"),
        (Some(least), _) => format!("below {least}"),
        (None, Some(most)) if is_day => format!("after {most}"),
        (None, Some(most)) => format!("above {most}"),
        (None, None) => return,
    };
    sink.cell(facts).report(
        format!("{} is {value}, which is {limit}.", facts.field.title),
        format!("Correct the {what}."),
    );
}
