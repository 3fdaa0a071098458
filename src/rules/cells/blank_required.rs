//! `C201` **blank-required**: a required cell holds nothing.

use crate::finding::{Code, Place, Severity};
use crate::layout::TOLD_BY;
use crate::record::{Decoded, State};
use crate::rules::{
    Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, TableFacts,
};
use crate::schema::FieldKind;
use crate::value::text::counted;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C201"),
    name: "blank-required",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A required cell is blank, or holds only invisible characters, a word for nothing, or a form's placeholder. An action that was Complete or Closed before may be left blank; who supports it may comment without a status. A table with fewer filled rows than it must have says so at its headings.",
    why: "The plan cannot be brought up to date from a row that leaves out what it was sent for.",
    example: "A status left at `Please select`.",
    fix: "Ask the partner for the missing entry.",
    partner: Partner::AsReported,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    for table in facts.tables().filter(|table| !table.is_history()) {
        of_table(&table, sink);
    }
    for answers in facts.answers() {
        of_table(&answers, sink);
    }
    for missing in &facts.source.layout.unasked {
        let table = facts.facts.run.schema.tables.get(missing.table);
        let question = table.and_then(|table| table.answers.get(missing.question));
        let Some(question) = question else { continue };
        let place = Place {
            source: Some(facts.source.index),
            sheet: Some(facts.source.sheet(missing.sheet)),
            range: None,
        };
        let title = &question.field.title;
        sink.at(place)
            .key(title)
            .about(Some(&question.field.name), None)
            .report(
                format!("The sheet does not ask “{title}”, and the answer is needed."),
                "Put the question back as the form has it, with its answer.",
            );
    }
}

fn of_table(table: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let wanted = table.schema.rows_minimum;
    let rows = table.table.records.len();
    if rows < usize::try_from(wanted).unwrap_or(usize::MAX) {
        let header = table.table.layout.header;
        sink.table(table, header).hold_nothing().report(
            format!(
                "{} has {}, and at least {} needed.",
                table.schema.title,
                if rows == 0 {
                    "no filled row".to_owned()
                } else {
                    counted(rows, "filled row", "filled rows")
                },
                if wanted == 1 {
                    "one is".to_owned()
                } else {
                    format!("{wanted} are")
                }
            ),
            format!("Fill in {}.", table.schema.title),
        );
    }
    for row in table.rows().filter(|row| !row.is_out_of_place()) {
        row.cells().for_each(|cell| judge(&cell, sink));
    }
}

fn judge(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if !is_required(facts)
        || !facts.cell.is_empty()
        || says_it_elsewhere(facts)
        || is_not_asked(facts)
    {
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
            let view = facts.row.view();
            condition
                .values
                .iter()
                .any(|word| view.says(&condition.field, word, schema))
        })
}

/// Nobody is asked again what became of an action that was over before; nor for a status beside a comment on an action of another's.
fn is_not_asked(facts: &CellFacts<'_>) -> bool {
    if facts.row.table.schema.name != "updates" || facts.row.table.is_history() {
        return false;
    }
    let view = facts.row.view();
    let run = facts.row.table.facts;
    if matches!(facts.field.name.as_str(), "update" | "status") && !facts.row.says_something() {
        return true;
    }
    let Some(reference) = view.reference("ref") else {
        return false;
    };
    let is_empty = |field: &str| view.cell(field).is_none_or(Decoded::is_empty);
    match facts.field.name.as_str() {
        "update" | "status" if run.over_before(reference).is_some() => {
            is_empty("status")
                || view
                    .choice("status")
                    .is_some_and(|status| run.run.schema.is_over(status))
        }
        "status" => {
            let lead = run
                .plan_action(reference)
                .and_then(|plan| plan.view().choice("lead_agency"));
            let is_comment = is_empty("value") && !is_empty("update");
            is_comment && lead.is_some() && lead != facts.row.table.source.statement.agency
        }
        _ => false,
    }
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
    // In a ledger another cell of the row may tell it: the day its period, the line its cost centre, the amount its debit or credit.
    if facts.row.table.schema.name == "ledger" {
        let told_by = TOLD_BY.iter().find(|(field, _)| *field == facts.field.name);
        let mut others = told_by.into_iter().flat_map(|(_, others)| *others);
        if others.any(|other| view.cell(other).is_some_and(|cell| !cell.is_empty())) {
            return true;
        }
    }
    // A line without a code is told by its project.
    if facts.field.name == "line" && view.cell("project").is_some_and(|cell| !cell.is_empty()) {
        return true;
    }
    facts.field.name == "update"
        && view.cell("value").is_none_or(Decoded::is_empty)
        && view
            .choice("status")
            .is_some_and(|status| schema.status_counts_as(status) == "complete")
}
