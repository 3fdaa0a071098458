//! `S010` **guessed-encoding**: a text file whose encoding nothing proves.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S010"),
    name: "guessed-encoding",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A text file is neither UTF-8, nor marked, nor what Excel writes in this country; its encoding was guessed.",
    why: "Letters with accents and the pound sign may have come out as other letters.",
    example: "A csv from an old DOS program, in which `£` is the character 156.",
    fix: "Look at names and pound signs in it; ask for .xlsx, or for a csv saved as UTF-8.",
    partner: Partner::OfficerOnly,
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Some(encoding) = facts
        .source
        .workbook()
        .and_then(|book| book.facts.guessed_encoding.as_deref())
    else {
        return;
    };
    sink.file(facts).report(
        format!("Nothing in this text file says how its letters are stored. It was read as {encoding}."),
        "Check names with accents and pound signs; ask for an .xlsx workbook, or a csv saved as UTF-8.",
    );
}
