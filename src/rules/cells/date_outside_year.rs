//! `C206` **date-outside-year**: a date that the plan's year does not hold.

use jiff::civil::Date;

use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::value::Value;
use crate::value::date::{Timescale, long};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C206"),
    name: "date-outside-year",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Answer(Answer::Value),
    summary: "A timescale or completion date outside the plan's year, or data dated outside the year and its last deadline.",
    why: "A year mistyped in January, or a template of last year, makes an action look overdue or never due.",
    example: "A timescale of 30/09/2023 in the plan for 2022-23.",
    fix: "Check the year of the date.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let State::Value(Value::Date(day) | Value::Timescale(Timescale::By(day))) = &facts.cell.state
    else {
        return;
    };
    // A date that a partner would have in the plan is a proposal, and M403's.
    if facts.field.is_restated {
        return;
    }
    let year = &facts.row.table.facts.run.schema.year;
    let last: Date = match facts.field.name.as_str() {
        "due" | "completed_on" => year.end,
        // The last quarter's data may be drawn until its return is due.
        "as_at" => year.deadlines.last().copied().unwrap_or(year.end),
        _ => return,
    };
    if (year.start..=last).contains(day) {
        return;
    }
    sink.cell(facts).report(
        format!(
            "{} is {}, outside {} to {}.",
            facts.field.title,
            long(*day),
            long(year.start),
            long(last)
        ),
        "Check the year of the date. If it is right, nothing need be done.",
    );
}
