//! `S008` **wrong-quarter**: the return says another quarter or year than the run's.

use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Facts, Hold, Partner, Rule, Sink, SourceFacts, Words};
use crate::schema::Role;
use crate::source::Source;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S008"),
    name: "wrong-quarter",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::Answer(Answer::Quarter),
    summary: "A return says a quarter or year other than the one being merged.",
    why: "Last quarter's figures under this quarter's heading are wrong and look right.",
    example: "`Quarter: Q1 2022-23` in a return for Q2.",
    fix: "Ask for the right quarter's return, or correct the label if only that is wrong.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Send the return for {quarter}, or correct the period if only that is wrong.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let (source, said) = (facts.source, &facts.source.statement);
    let Some(quarter) = facts
        .facts
        .run
        .quarter
        .filter(|_| says_another(facts.facts, source))
    else {
        return;
    };
    let wrong_quarter = said.quarter.is_some_and(|q| q != quarter.number);
    let says = match (said.quarter, said.year) {
        (Some(number), Some(year)) => crate::value::period::Quarter { year, number }.spoken(),
        (Some(number), None) => format!("Q{number}"),
        (None, Some(year)) => crate::value::period::Quarter { year, number: 1 }.year_label(),
        (None, None) => return,
    };
    // The label that says what is wrong: the year's own, else the quarter's where it speaks of it.
    let label = if wrong_quarter {
        said.quarter_label
            .as_ref()
            .filter(|label| label.period().quarter.is_some())
    } else {
        said.quarter_label
            .as_ref()
            .filter(|label| label.period().year.is_some())
            .or(said.year_label.as_ref())
    };
    let message = format!(
        "This return says it is for {says}; this run is for {}.",
        quarter.spoken()
    );
    let fix = format!(
        "Ask for the return for {}, or correct the period in the file if only that is wrong.",
        quarter.spoken()
    );
    match label {
        Some(label) => sink
            .source(source, source.place_at(label.sheet, label.at))
            .with("quarter", quarter.spoken())
            .raw(label.raw.to_string())
            .report(message, fix),
        None => sink
            .file(facts)
            .with("quarter", quarter.spoken())
            .report(message, fix),
    }
}

/// Whether a return says another quarter or year than the run's.
pub(super) fn says_another(facts: &Facts<'_>, source: &Source) -> bool {
    let said = &source.statement;
    facts.run.quarter.is_some_and(|quarter| {
        source.role == Role::Return
            && source.workbook().is_some()
            && !source.tables.is_empty()
            && (said.quarter.is_some_and(|q| q != quarter.number)
                || said.year.is_some_and(|y| y != quarter.year))
    })
}
