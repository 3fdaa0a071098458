//! `C201` **blank-required**: a required cell holds nothing.

use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Rule, Sink};
use crate::schema::FieldKind;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C201"),
    name: "blank-required",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A required cell is blank, or holds only invisible characters, a word for nothing, or a form's placeholder.",
    why: "The plan cannot be brought up to date from a row that leaves out what it was sent for.",
    example: "A status left at `Please select`.",
    fix: "Ask the partner for the missing entry.",
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if !is_required(facts) || !facts.cell.is_empty() || says_it_elsewhere(facts) {
        return;
    }
    let what = match facts.cell.state {
        State::Placeholder => format!(
            "{} still holds the form's “{}”.",
            facts.field.title,
            facts.cell.raw_text().trim()
        ),
        State::Missing => format!(
            "{} says only “{}”, and it is needed.",
            facts.field.title,
            facts.cell.raw_text().trim()
        ),
        State::Blank | State::Value(_) | State::Fault(_) => {
            format!("{} is blank, and it is needed.", facts.field.title)
        }
    };
    sink.cell(facts)
        .report(what, format!("Fill in {}.", facts.field.title));
}

/// Always, or because another cell of the row says what makes it so.
fn is_required(facts: &CellFacts<'_>) -> bool {
    let constraint = &facts.field.constraint;
    constraint.required
        || constraint.required_if.as_ref().is_some_and(|condition| {
            let schema = facts.row.table.facts.run.schema;
            facts
                .row
                .view()
                .says(&condition.field, &condition.equals, schema)
        })
}

/// A blank reference is R302's, a blank lead R310's, and a completed row without evidence R305's.
fn says_it_elsewhere(facts: &CellFacts<'_>) -> bool {
    let view = facts.row.view();
    let schema = facts.row.table.facts.run.schema;
    if facts.field.kind == FieldKind::Reference
        || (facts.field.name == "lead_agency" && facts.row.table.is_plan())
    {
        return true;
    }
    facts.field.name == "update"
        && view
            .cell("value")
            .is_none_or(crate::record::Decoded::is_empty)
        && view
            .choice("status")
            .is_some_and(|status| schema.status_value(status) == "complete")
}
