//! `S005` **duplicate-file**: the same bytes as a file before it.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Facts, Hold, Partner, Rule, Sink, SourceFacts};
use crate::schema::{Level, Role};
use crate::source::Source;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S005"),
    name: "duplicate-file",
    severity: Severity::Warning,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "A file holds the same bytes as an earlier file of the run; it is counted once.",
    why: "Counted twice, every pound in it would be claimed twice.",
    example: "A return saved from two e-mails under two names.",
    fix: "Nothing, if it was sent twice: delete one of the copies. If another file was meant, ask for it.",
    partner: Partner::OfficerOnly,
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Some(original) = original(facts.facts, facts.source) else {
        return;
    };
    sink.file(facts).key(&facts.source.sha256).superseded(facts.source).related(original.place()).report(
        format!(
            "This file is the same, byte for byte, as {}. It was set aside, so that nothing counts twice.",
            original.path
        ),
        "If it was sent twice, delete one of the copies. If another file was meant, ask the partner for it.",
    );
}

/// The earlier file that this one is a copy of. A file that cannot be read is told of as such, whatever else has its bytes.
pub(super) fn original<'a>(facts: &Facts<'a>, source: &Source) -> Option<&'a Source> {
    let is_off = facts
        .run
        .schema
        .levels
        .get(RULE.code.0)
        .is_some_and(|entry| entry.level == Level::Off);
    if is_off || source.workbook().is_none() {
        return None;
    }
    facts.sources.iter().take(source.index).find(|earlier| {
        earlier.sha256 == source.sha256
            && (source.role == Role::Return || earlier.role == source.role)
    })
}
