//! `S014` **partner-mismatch**: the label cell and the file's name name two agencies.

use std::collections::BTreeMap;

use crate::finding::{Code, Place, Severity};
use crate::rules::{Answer, Check, Decides, Facts, Hold, Partner, Rule, Sink, SourceFacts, Words};
use crate::schema::Role;
use crate::source::{Of, Source, Stranger};

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
    partner: Partner::Worded(&[
        Words {
            case: "",
            message: "The file's name and the label cell name two different agencies.",
            fix: "Correct the cell, or tell us which agency the return is from.",
        },
        Words {
            case: "another in the file",
            message: "",
            fix: "Send a return of your own alone, or correct this cell.",
        },
    ]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let (source, schema) = (facts.source, facts.facts.run.schema);
    if source.role != Role::Return || source.workbook().is_none() || source.said.agency.is_some() {
        return;
    }
    on_rows(facts, sink);
    in_the_file(facts, sink);
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

/// Another label cell, or a sheet with tables, that names another agency than the partner's own label.
fn in_the_file(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let (source, schema) = (facts.source, facts.facts.run.schema);
    let said = &source.statement;
    let Some(own) = said.label_agency.filter(|_| !source.tables.is_empty()) else {
        return;
    };
    let own = schema.agency_name(own);
    let fix = |other: &str| {
        format!("Ask for a return of each: what is {other}'s cannot be told from what is {own}'s.")
    };
    if let Some((label, other)) = &said.other_partner {
        let other = schema.agency_name(*other);
        let message = format!(
            "One label cell says {own}, and this one says {other}: two partners in one file."
        );
        let mut draft = sink
            .source(source, source.place_at(label.sheet, label.at))
            .case("another in the file")
            .raw(label.raw.to_string());
        if let Some(first) = &said.partner_label {
            draft = draft.related(source.place_at(first.sheet, first.at));
        }
        draft.report(message, fix(other));
    } else if let Some((sheet, other)) = said.other_sheet {
        let other = schema.agency_name(other);
        let place = Place {
            source: Some(source.index),
            sheet: Some(source.sheet(sheet)),
            range: None,
        };
        sink.source(source, place).case("another in the file").report(
            format!("The label cell says {own}, and this sheet is named for {other}: two partners in one file."),
            fix(other),
        );
    }
}

/// Rows that by a column of their own are another agency's.
fn on_rows(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let (source, schema) = (facts.source, facts.facts.run.schema);
    let Some(own) = source.statement.agency.filter(|_| source.copied.is_none()) else {
        return;
    };
    let strangers: BTreeMap<(usize, u32), (&Stranger, usize)> = source
        .strangers
        .iter()
        .filter_map(|stranger| match stranger.of {
            Of::Agency(other) => Some(((stranger.table, stranger.row), (stranger, other))),
            Of::Period(_) => None,
        })
        .collect();
    if strangers.is_empty() {
        return;
    }
    for row in facts.tables().flat_map(|table| table.rows()) {
        let found = strangers.get(&(row.table.table_index, row.record.row));
        let Some((stranger, other)) = found.copied() else {
            continue;
        };
        let (own, other) = (schema.agency_name(own), schema.agency_name(other));
        sink.at(row.table.place(stranger.at))
            .hold_row(&row)
            .key(row.view().key())
            .case("another in the file")
            .raw(stranger.said.clone())
            .report(
                format!("This row says that it is of {other}; the return is from {own}. It is taken as neither's."),
                format!("Ask {other} for a return of its own, or correct this cell if the row is {own}'s."),
            );
    }
}
