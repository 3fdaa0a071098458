//! `S015` **unknown-quarter**: nothing in a return says which quarter it is for.

use super::wrong_quarter;
use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};
use crate::schema::Role;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S015"),
    name: "unknown-quarter",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Answer(Answer::Quarter),
    summary: "Nothing in a return says which quarter it is for; it is taken as the run's.",
    why: "Last quarter's return sent again would pass unnoticed.",
    example: "A file called `KP return.xlsx` with no quarter in any label or sheet name.",
    fix: "Ask for the quarter in the label cell, such as `Quarter: Q2 2022-23`.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Write the quarter in the return, beside the label Quarter.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    let Some(quarter) = facts.facts.run.quarter.filter(|_| {
        source.role == Role::Return && source.workbook().is_some() && !source.tables.is_empty()
    }) else {
        return;
    };
    // A year that is another than the run's is told by S008.
    if source.statement.quarter.is_none()
        && source.statement.agency.is_some()
        && !wrong_quarter::says_another(facts.facts, source)
    {
        sink.file(facts).report(
            format!("Nothing in this return says which quarter it is for. It was taken as {}.", quarter.spoken()),
            "Check that it is this quarter's, and ask for the quarter to be written in it next time.",
        );
    }
}
