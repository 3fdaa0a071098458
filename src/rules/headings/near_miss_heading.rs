//! `H104` **near-miss-heading**: a heading comes close to an optional field that found no column.

use super::unknown_column::raw;
use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Partner, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H104"),
    name: "near-miss-heading",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Answer(Answer::Heading),
    summary: "A heading that matches no field is close to the name of an optional field that found no column.",
    why: "The column is probably meant, but it was left out: a likeness is proposed, never applied.",
    example: "`Nxt steps`.",
    fix: "Correct the heading, or confirm it on the Decisions sheet.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    // A copy of the plan has the plan's columns, where they are told of.
    if facts.source.copied.is_some() {
        return;
    }
    for unknown in &facts.table.layout.unknown {
        let Some(field) = unknown.near.and_then(|near| facts.schema.fields.get(near)) else {
            continue;
        };
        let heading = &unknown.heading;
        sink.table(facts, heading.at)
            .key(heading.text.clone())
            .about(Some(&field.name), Some(&heading.text))
            .raw(raw(facts, heading.at))
            .report(
                format!(
                    "The heading “{}” may mean {}. The column was left out.",
                    heading.text.replace('\n', " "),
                    field.title
                ),
                format!("If it is meant, head the column “{}”.", field.title),
            );
    }
}
