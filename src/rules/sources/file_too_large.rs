//! `S004` **file-too-large**: over a stated limit.

use crate::finding::{Code, Severity};
use crate::read::Unreadable;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S004"),
    name: "file-too-large",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "A file is over a stated limit: bytes, unpacked bytes, parts, sheets or filled cells.",
    why: "A return is a few hundred kilobytes; a file far beyond that is damaged or made to do harm.",
    example: "A 1 MB file that unpacks to 1 GB.",
    fix: "Copy the filled cells into a new workbook and send that.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Send a copy that holds only the return.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    if let Err(Unreadable::TooLarge(why)) = &facts.source.read {
        sink.file(facts).report(
            format!("This file is too large to be read safely: {why}."),
            "Ask for a copy that holds only the return.",
        );
    }
}
