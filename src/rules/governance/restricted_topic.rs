//! `G603` **restricted-topic**: a text for the public names what is not spoken of there.

use crate::finding::{Code, Severity};
use crate::publish::{Publication, words};
use crate::rules::{Check, Decides, Facts, Hold, Partner, Rule, Sink};
use crate::schema::Schema;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("G603"),
    name: "restricted-topic",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Publish,
    summary: "When publishing: a text names MARAC, MAPPA, Channel, a domestic abuse related death review, a named operation, or what the configuration lists.",
    why: "That a case is heard, or an operation runs, can put a person or the work at risk.",
    example: "An update that says that two cases went to MARAC.",
    fix: "Say it in other words, or accept it with a reason and a role.",
    partner: Partner::OfficerOnly,
    check: Check::Published(check),
};

/// What a text tells, in words that go on from its column's name.
pub(super) fn tells(schema: &Schema, words: &str) -> Option<String> {
    words::restricted(words, &schema.publishing).map(|named| format!("names {named}"))
}

fn check(facts: &Facts<'_>, publication: &Publication, sink: &mut Sink<'_>) {
    super::judge_texts(publication, sink, RULE.code.0, |_, words| {
        tells(facts.run.schema, words)
    });
}
