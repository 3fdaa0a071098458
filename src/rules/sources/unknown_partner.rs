//! `S007` **unknown-partner**: nothing in the file names a configured agency.

use super::super::sink::who;
use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};
use crate::schema::Role;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S007"),
    name: "unknown-partner",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::Answer(Answer::Partner),
    summary: "No configured agency matches the file's label cell, sheet name or file name.",
    why: "Without knowing who sent it, nobody can be asked about it, and its figures would have no owner.",
    example: "`Partner: Kent Polise`.",
    fix: "Correct the name in the file, or add it to the agency's aliases in the configuration.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Name your agency in the return, beside the label Partner.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    if source.role != Role::Return
        || source.workbook().is_none()
        || source.statement.agency.is_some()
        || source.tables.is_empty()
    {
        return;
    }
    let known: Vec<&str> = facts
        .facts
        .run
        .schema
        .agencies
        .iter()
        .map(|a| a.name.as_str())
        .collect();
    let fix = format!(
        "Name one of the partnership's agencies: {}.",
        known.join(", ")
    );
    match &source.statement.partner_label {
        Some(label) => sink
            .source(source, source.place_at(label.sheet, label.at))
            .raw(label.raw.to_string())
            .report(
                format!(
                    "“{}” is not one of the partnership's agencies, so the return's owner is not known.",
                    label.text()
                ),
                fix,
            ),
        None => sink.file(facts).report(
            format!(
                "Nothing in {} says which partner it is from.",
                who(facts.facts.run.schema, source)
            ),
            fix,
        ),
    }
}
