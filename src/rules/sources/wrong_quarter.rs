//! `S008` **wrong-quarter**: the return says another quarter or year than the run's.

use std::collections::BTreeMap;

use crate::finding::{Code, Severity};
use crate::rules::{
    Answer, Check, Decides, Facts, Hold, Partner, RowFacts, Rule, Sink, SourceFacts, Words,
};
use crate::schema::Role;
use crate::source::{Of, Source, Stranger};

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
    on_rows(facts, sink);
    let (source, said) = (facts.source, &facts.source.statement);
    let Some(quarter) = facts
        .facts
        .run
        .quarter
        .filter(|_| says_another(facts.facts, source))
    else {
        return;
    };
    let wrong_quarter = said.span.is_some() || said.quarter.is_some_and(|q| q != quarter.number);
    let says = match said.span {
        Some((from, to)) => format!("Q{from} to Q{to}"),
        None => String::new(),
    };
    let says = match (said.quarter, said.year) {
        _ if !says.is_empty() => says,
        (Some(number), Some(year)) => crate::value::period::Quarter { year, number }.spoken(),
        (Some(number), None) => format!("Q{number}"),
        (None, Some(year)) => crate::value::period::Quarter { year, number: 1 }.year_label(),
        (None, None) => return,
    };
    // The label that says what is wrong: the year's own, else the quarter's where it speaks of it.
    let label = if wrong_quarter {
        said.quarter_label.as_ref().filter(|label| {
            let period = label.period();
            period.quarter.is_some() || period.span.is_some()
        })
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
            && (said.span.is_some()
                || said.quarter.is_some_and(|q| q != quarter.number)
                || said.year.is_some_and(|y| y != quarter.year))
    })
}

/// Rows that by a column of their own are of another quarter, and do not say what the plan has of it already.
fn on_rows(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    let Some(quarter) = facts.facts.run.quarter else {
        return;
    };
    if says_another(facts.facts, source) || source.copied.is_some() {
        return;
    }
    let strangers: BTreeMap<(usize, u32), &Stranger> = source
        .strangers
        .iter()
        .filter(|stranger| matches!(stranger.of, Of::Period(_)))
        .map(|stranger| ((stranger.table, stranger.row), stranger))
        .collect();
    if strangers.is_empty() {
        return;
    }
    let is_stranger = |row: &RowFacts<'_>| strangers.get(&(row.table.table_index, row.record.row));
    let rows = || facts.tables().flat_map(|table| table.rows());
    let own = rows().filter(|row| is_stranger(row).is_none()).count();
    let has_passed = source
        .tables
        .iter()
        .any(|table| table.passed_over().next().is_some());
    for row in rows() {
        let Some(stranger) = is_stranger(&row) else {
            continue;
        };
        let place = row.table.place(stranger.at);
        let fix = format!(
            "If it belongs to {}, correct this cell; else take the row out, or put it with the quarter that it is of.",
            quarter.spoken()
        );
        if own == 0 && !has_passed {
            sink.source(source, place).with("quarter", quarter.spoken()).raw(stranger.said.clone()).report(
                format!(
                    "Every row says another quarter or year than the run's, this one “{}”; this run is for {}.",
                    stranger.said,
                    quarter.spoken()
                ),
                fix,
            );
            return;
        }
        sink.at(place)
            .hold_row(&row)
            .key(row.view().key())
            .with("quarter", quarter.spoken())
            .raw(stranger.said.clone())
            .report(
                format!(
                    "This row says “{}”; this run is for {}. The plan does not have the same for that quarter, so it is neither counted here nor there.",
                    stranger.said,
                    quarter.spoken()
                ),
                fix,
            );
    }
}
