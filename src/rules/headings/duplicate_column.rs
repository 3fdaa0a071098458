//! `H103` **duplicate-column**: two headings claim one field.

use super::unknown_column::raw;
use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Partner, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H103"),
    name: "duplicate-column",
    severity: Severity::Error,
    hold: Hold::Column,
    decides: Decides::Answer(Answer::Heading),
    summary: "Two headings claim one field; neither is used.",
    why: "Picking one of them would be a guess, and the wrong one looks just as good.",
    example: "`Update` and `Progress` in one table.",
    fix: "Keep one of the columns, or give the other its own heading.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    for duplicate in &facts.table.layout.duplicates {
        let Some(field) = facts.schema.fields.get(duplicate.field) else {
            continue;
        };
        let mut draft = sink
            .table(facts, duplicate.later.at)
            .key(field.name.clone())
            .about(Some(&field.name), Some(&duplicate.later.text))
            .raw(raw(facts, duplicate.later.at))
            .related(facts.place(duplicate.first.at));
        draft = if field.constraint.required {
            draft.hold_table(facts)
        } else {
            draft.hold_column(facts, duplicate.field)
        };
        draft.report(
            format!(
                "“{}” in {} and “{}” in {} both claim {}. Neither is used.",
                duplicate.first.text.replace('\n', " "),
                duplicate.first.at,
                duplicate.later.text.replace('\n', " "),
                duplicate.later.at,
                field.title
            ),
            format!(
                "Keep one column for {}, and head the other for what it holds.",
                field.title
            ),
        );
    }
}
