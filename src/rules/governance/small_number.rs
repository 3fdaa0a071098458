//! `G602` **small-number**: a small count of people, in a figure or in words, that the public must not learn.

use crate::finding::{Code, Place, Severity};
use crate::publish::choose::Why;
use crate::publish::proof::Quantity;
use crate::publish::{Known, Publication, Target, Text, words};
use crate::rules::{Check, Decides, Facts, Hold, Partner, Rule, Sink};
use crate::schema::{Role, Schema};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("G602"),
    name: "small-number",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Publish,
    summary: "When publishing: a small count of people on a sensitive measure, a small rise, or what would give one away is hidden (information); a text that tells one is withheld, and what was published before gives one away (errors).",
    why: "In one district, two or three people can be told apart, by those who know them and by those who harmed them.",
    example: "Three referrals in the quarter, or an update that says that a young woman was moved.",
    fix: "Nothing is to be done about a hidden figure; say a text in other words, or accept it with a reason and a role.",
    partner: Partner::OfficerOnly,
    check: Check::Published(check),
};

/// What a text tells, in words that go on from its column's name.
pub(super) fn tells(
    schema: &Schema,
    publication: &Publication,
    text: &Text,
    words: &str,
) -> Option<String> {
    words::small_number(words, publication.beside(text), &schema.publishing.small)
        .map(str::to_owned)
}

fn check(facts: &Facts<'_>, publication: &Publication, sink: &mut Sink<'_>) {
    figures(publication, sink);
    super::judge_texts(publication, sink, RULE.code.0, |text, words| {
        tells(facts.run.schema, publication, text, words)
    });
    for known in &publication.known {
        known_all_the_same(facts, known, sink);
    }
}

fn figures(publication: &Publication, sink: &mut Sink<'_>) {
    for action in &publication.actions {
        for figure in &action.figures {
            let Some(place) = figure.place.clone() else {
                continue;
            };
            let why = match figure.why {
                Some(Why::Small) => "it is a small count of people",
                Some(Why::Rise) => "it lies a small count of people from another that is shown",
                Some(Why::Listed) => "the configuration lists its measure as never shown",
                Some(Why::Protects) => "another hidden figure could be worked out from it",
                None if figure.is_accepted => "somebody decided about it",
                None => continue,
            };
            let column = figure.when.heading();
            let message = if figure.why.is_some() {
                format!(
                    "The figure of {} for {column} is hidden from the public: {why}.",
                    action.reference
                )
            } else {
                format!(
                    "The figure of {} for {column} is shown to the public: {why}.",
                    action.reference
                )
            };
            sink.at(place.clone())
                .key(format!("{}\u{1f}{column}", action.key))
                .about(Some("value"), Some(&column))
                // Another figure asks for another decision.
                .seen(
                    figure
                        .value
                        .map(|value| value.to_string())
                        .unwrap_or_default(),
                )
                .severity(Severity::Information)
                .keeps_back(Target::Figure(place))
                .report(
                    message,
                    "Nothing: it is dealt with. Accept, with a reason and a role, shows it.",
                );
        }
    }
}

fn known_all_the_same(facts: &Facts<'_>, known: &Known, sink: &mut Sink<'_>) {
    let plan = facts
        .sources
        .iter()
        .find(|source| source.role == Role::Plan);
    let place = known
        .place
        .clone()
        .or_else(|| plan.map(|plan| Place::file(plan.index)))
        .unwrap_or_else(Place::nowhere);
    let column = known.quantity.cell().when.heading();
    let what = match &known.quantity {
        Quantity::Figure(_) => format!("the hidden figure of {} for {column}", known.reference),
        Quantity::Rise(before, _) => format!(
            "how many {} added from {} to {column}",
            known.reference,
            before.when.heading()
        ),
    };
    let sets = match known.sets.as_slice() {
        [] => "what has to be shown".to_owned(),
        [one] => format!("what was published for {one}"),
        more => format!("what was published for {}", more.join(", ")),
    };
    let message = if known.is_contradiction {
        format!(
            "The running total of {} for {column} lies below one that was published for an earlier quarter and is not revised ({sets}). Nothing was written.",
            known.reference
        )
    } else {
        format!(
            "{what} can be worked out from {sets}, whatever is hidden now. Nothing was written."
        )
    };
    let fix = if known.is_contradiction {
        "Correct the figure, or revise the earlier one; or accept it with a reason and a role."
    } else {
        "Accept it with a reason and a role if it may be known: what is out cannot be taken back. Or leave the action out."
    };
    sink.at(place)
        .key(format!("{:?}", known.quantity))
        .about(Some("value"), Some(&column))
        .seen("known")
        .keeps_back(Target::Known(known.quantity.clone()))
        .report(capital(&message), fix);
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
