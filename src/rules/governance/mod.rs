//! G: information governance.

mod marking_differs;
mod personal_data;
mod restricted_topic;
mod small_number;

use std::collections::BTreeSet;

use super::{Facts, Rule, Sink};
use crate::publish::{Publication, Target, Text};

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &personal_data::RULE,
    &small_number::RULE,
    &restricted_topic::RULE,
    &marking_differs::RULE,
];

/// What is to be done about a text that is withheld.
const FIX: &str = "Decide on it by its id: Accept publishes it as it is, and with other words under “Read it as” those. Until then it is withheld.";

/// What a text of the public version would tell in these words, by the first rule that speaks, in words that go on from “it”.
#[must_use]
pub fn telling(
    facts: &Facts<'_>,
    publication: &Publication,
    text: &Text,
    words: &str,
) -> Option<(&'static str, String)> {
    let schema = facts.run.schema;
    let all = [
        ("G601", personal_data::tells(facts, words)),
        (
            "G602",
            small_number::tells(schema, publication, text, words),
        ),
        ("G603", restricted_topic::tells(schema, words)),
    ];
    all.into_iter()
        .find_map(|(code, tells)| tells.map(|tells| (code, tells)))
}

/// Which texts are withheld, each with the rule: those that tell something and that nobody decided to show, and other words that tell again.
#[must_use]
pub fn withheld(
    facts: &Facts<'_>,
    publication: &Publication,
    is_released: impl Fn(&Target) -> bool,
) -> BTreeSet<(usize, &'static str)> {
    let schema = facts.run.schema;
    let mut out = BTreeSet::new();
    for (index, text) in publication.texts.iter().enumerate() {
        let words = text.shown();
        let all = [
            ("G601", personal_data::tells(facts, words).is_some()),
            (
                "G602",
                small_number::tells(schema, publication, text, words).is_some(),
            ),
            ("G603", restricted_topic::tells(schema, words).is_some()),
        ];
        for (code, tells) in all {
            let is_decided =
                text.wording.is_none() && is_released(&Target::Text(text.place.clone(), code));
            if tells && !is_decided {
                out.insert((index, code));
            }
        }
    }
    out
}

/// One finding a text that tells something, or about which it was decided that other words stand for it.
fn judge_texts(
    publication: &Publication,
    sink: &mut Sink<'_>,
    code: &'static str,
    tells: impl Fn(&Text, &str) -> Option<String>,
) {
    for text in &publication.texts {
        // Where other words stand for it, the finding about which that was decided is told, and no other.
        if text.wording.as_ref().is_some_and(|(own, _)| *own != code) {
            continue;
        }
        let Some(told) = tells(text, &text.said) else {
            continue;
        };
        sink.at(text.place.clone())
            .key(crate::value::reference::key(&text.reference))
            .about(Some(text.field), Some(text.column))
            .raw(&text.said)
            // What was noted about it for partners is no leave to publish it.
            .seen("public")
            .keeps_back(Target::Text(text.place.clone(), code))
            .report(
                format!(
                    "{} of {} {told}. It is withheld from the public version.",
                    text.column, text.reference
                ),
                FIX,
            );
    }
}
