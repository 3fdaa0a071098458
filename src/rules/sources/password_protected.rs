//! `S002` **password-protected**: an encrypted workbook.

use crate::finding::{Code, Severity};
use crate::read::Unreadable;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S002"),
    name: "password-protected",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "A workbook is encrypted: by a password, or by a sensitivity label.",
    why: "Its contents are encrypted and cannot be read without the password, or by anyone but the people the label names.",
    example: "A police return encrypted before it was mailed.",
    fix: "Open it with the password and save a copy without one; of a labelled file, ask its sender for a copy without the protection.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Save a copy without a password, and send that.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    match facts.source.read {
        Err(Unreadable::Protected) => sink.file(facts).report(
            "This workbook is protected with a password and cannot be opened.",
            "Open it with the password, save a copy without one, and run again.",
        ),
        Err(Unreadable::Labelled) => sink.file(facts).report(
            "This workbook is encrypted by a sensitivity label (rights management). It has no password: only people whom its owner's organisation knows can open it.",
            "Ask its sender for a copy without the protection: the same workbook saved under a label that does not encrypt.",
        ),
        Err(
            Unreadable::Damaged(_)
            | Unreadable::NotOpened(_)
            | Unreadable::NotASpreadsheet(_)
            | Unreadable::OwnOutput
            | Unreadable::NotAFile(_)
            | Unreadable::TooLarge(_),
        )
        | Ok(_) => {}
    }
}
