//! `S002` **password-protected**: an encrypted workbook.

use crate::finding::{Code, Severity};
use crate::read::Unreadable;
use crate::rules::{Check, Decides, Hold, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S002"),
    name: "password-protected",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "A workbook is protected with a password.",
    why: "Its contents are encrypted and cannot be read without the password.",
    example: "A police return encrypted before it was mailed.",
    fix: "Open it with the password, save a copy without one, and run again.",
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    if matches!(facts.source.read, Err(Unreadable::Protected)) {
        sink.file(facts).report(
            "This workbook is protected with a password and cannot be opened.",
            "Open it with the password, save a copy without one, and run again.",
        );
    }
}
