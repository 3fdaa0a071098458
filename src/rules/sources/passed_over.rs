//! `S017` **passed-over**: a file in a returns folder that is never a return.

use crate::finding::{Code, Severity};
use crate::read::Unreadable;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S017"),
    name: "passed-over",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A file in a returns folder is a document, an e-mail, a picture, a pipe or device, or a workbook that this program wrote, and was passed over.",
    why: "A return sent as a PDF looks as if it had been merged.",
    example: "`Q2 letter.pdf` beside the returns.",
    fix: "If it is a return, ask for it as a spreadsheet; otherwise nothing.",
    partner: Partner::OfficerOnly,
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    if let (true, Err(why)) = (facts.source.is_passed_over(), &facts.source.read) {
        let fix = match why {
            Unreadable::OwnOutput => "Nothing; to merge into it, name it as the plan.",
            Unreadable::NotAFile(_) => "Take it out of the folder; a return is a file on a disk.",
            _ => "If it is a return, ask for it as a spreadsheet; otherwise nothing.",
        };
        sink.file(facts)
            .report(format!("This file was passed over: {why}."), fix);
    }
}
