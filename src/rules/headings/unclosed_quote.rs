//! `H114` **unclosed-quote**: a quotation mark of a csv took in what it was not meant to.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H114"),
    name: "unclosed-quote",
    severity: Severity::Error,
    hold: Hold::Table,
    decides: Decides::None,
    summary: "A quotation mark in a csv is closed by no other, or the text that it opens holds whole rows.",
    why: "Everything up to the next quotation mark is read as one text: rows vanish in it, and nothing shows that they were there.",
    example: "`CRG-01,\"6 inch nails,250.00`, and the rows below it in one cell.",
    fix: "Delete the mark or close it, or save the file from the spreadsheet again.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let Some(open) = facts.table.layout.open_quote else {
        return;
    };
    let raw = facts
        .source
        .raw(facts.table.layout.sheet, open.at)
        .map(ToString::to_string)
        .unwrap_or_default();
    let taken = match open.lines {
        0 => "what follows it was".to_owned(),
        1 => "the line below was".to_owned(),
        lines => format!("the {lines} lines below were"),
    };
    sink.table(facts, open.at)
        .raw(raw.lines().next().unwrap_or_default())
        .report(
            format!(
                "The quotation mark at the beginning of {} is not closed where its text ends, so that {taken} read as part of it. None of this table was used.",
                open.at
            ),
            "Delete the quotation mark or close it, or save the file from the spreadsheet again, and run again.",
        );
}
