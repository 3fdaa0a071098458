//! `S001` **unreadable-file**: damaged, cut short, empty, or no spreadsheet at all.

use crate::finding::{Code, Severity};
use crate::read::Unreadable;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S001"),
    name: "unreadable-file",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "A file is damaged, cut short, empty, or not a spreadsheet.",
    why: "Nothing in it can be used, and a return that silently drops out looks like a partner that had nothing to say.",
    example: "A return saved half-way through an e-mail download.",
    fix: "Ask for the file again; open it yourself first to see that it opens.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Open it, save it again as an .xlsx workbook, and send that.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Err(why) = &facts.source.read else { return };
    if facts.source.is_passed_over() {
        return;
    }
    if *why == Unreadable::OwnOutput {
        sink.file(facts).report(
            format!("This file was named as a return and is none: {why}."),
            "Leave it out; to merge into it, name it as the plan, and to compare with it, name it with --previous.",
        );
    } else if matches!(why, Unreadable::NotAFile(_)) {
        sink.file(facts).report(
            format!("This was named as a return and is no file: {why}."),
            "Name the spreadsheet itself, saved on a disk.",
        );
    } else if matches!(why, Unreadable::NotOpened(_)) {
        // Nothing of it was seen, so that there is nothing to tell its partner.
        sink.file(facts).case("not opened").report(
            format!("This file cannot be read: {why}."),
            "See that it opens on this computer, close it there, and run again.",
        );
    } else if matches!(why, Unreadable::Damaged(_) | Unreadable::NotASpreadsheet(_)) {
        sink.file(facts).report(
            format!("This file cannot be read: {why}."),
            "Ask the partner to send it again as an .xlsx workbook.",
        );
    }
}
