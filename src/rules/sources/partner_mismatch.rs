//! `S014` **partner-mismatch**: the label cell and the file's name name two agencies.

use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Facts, Hold, Partner, Rule, Sink, SourceFacts, Words};
use crate::schema::Role;
use crate::source::Source;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S014"),
    name: "partner-mismatch",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::Answer(Answer::Partner),
    summary: "A return's label cell and its file name name two different agencies.",
    why: "A form copied from another partner's return would put one agency's figures in another's name.",
    example: "`Partner: Kent Police` in `KFRS Q2 2022-23.xlsx`.",
    fix: "Find out who sent it; correct the label cell or the file's name.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "The file's name and the label cell name two different agencies.",
        fix: "Correct the cell, or tell us which agency the return is from.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let (source, schema) = (facts.source, facts.facts.run.schema);
    let Some((by_label, by_name)) = names(facts.facts, source) else {
        return;
    };
    let Some(label) = &source.statement.partner_label else {
        return;
    };
    let (label_name, file_name) = (schema.agency_name(by_label), schema.agency_name(by_name));
    sink.source(source, source.place_at(label.sheet, label.at))
        .raw(label.raw.to_string())
        .report(
            format!("The label cell says {label_name}, and the file's name says {file_name}."),
            format!("Ask who sent it. If it is from {label_name}, rename the file; if it is from {file_name}, correct this cell."),
        );
}

/// The two agencies: the label cell's and the file name's. The host in a file's name is the receiver, and says nothing of the sender.
pub(super) fn names(facts: &Facts<'_>, source: &Source) -> Option<(usize, usize)> {
    if source.role != Role::Return || source.workbook().is_none() || source.said.agency.is_some() {
        return None;
    }
    let schema = facts.run.schema;
    let said = &source.statement;
    let (by_label, by_name) = said.label_agency.zip(said.file_agency)?;
    let is_receiver = schema.agency(&schema.partnership.host) == Some(by_name);
    (by_label != by_name && !is_receiver && !said.file_agrees).then_some((by_label, by_name))
}
