//! `S013` **no-table-found**: no sheet holds a table that the configuration knows.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S013"),
    name: "no-table-found",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "No sheet of a file holds a table that this configuration knows.",
    why: "The file was read, but nothing in it could be recognised, so nothing of it is in the result.",
    example: "A return written as a letter, or with headings that nobody else uses.",
    fix: "Use the partnership's headings, or add the partner's own headings to the configuration's aliases.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Put the headings in one row, such as Ref, Progress this quarter, Status.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Some(workbook) = facts
        .source
        .workbook()
        .filter(|_| facts.source.tables.is_empty())
    else {
        return;
    };
    if workbook.sheets.iter().any(|sheet| sheet.damage.is_some()) {
        return;
    }
    let open = workbook
        .sheets
        .iter()
        .find_map(|sheet| sheet.delimited.as_deref()?.quotes.first())
        .map(|quote| {
            format!(
                " The quotation mark at the beginning of {} is not closed where its text ends: the headings may have been read as part of it.",
                quote.at
            )
        })
        .unwrap_or_default();
    sink.file(facts).report(
        format!(
            "No table with the partnership's headings was found on any visible sheet of this file.{open}"
        ),
        "Check that the headings are there in one row, such as Ref, Progress this quarter, Status; `csp-bridge inspect` shows what was seen.",
    );
}
