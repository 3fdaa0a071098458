//! What a sentence of an update says: its first clause, and whether it opens with given words.
//!
//! Invariant: only words at the very start count, and only where they are said of the whole, so that `no delays` and `one session cancelled` say nothing.

use super::text::fold;

/// Words that may stand before what is said, without changing it: `The project has been delayed`.
const OPENERS: [&str; 46] = [
    "the",
    "this",
    "our",
    "it",
    "we",
    "has",
    "have",
    "had",
    "been",
    "was",
    "is",
    "are",
    "were",
    "be",
    "currently",
    "still",
    "unfortunately",
    "sadly",
    "regrettably",
    "update",
    "status",
    "progress",
    "action",
    "project",
    "work",
    "works",
    "delivery",
    "scheme",
    "programme",
    "activity",
    "initiative",
    "task",
    "pilot",
    "campaign",
    "launch",
    "rollout",
    "start",
    "all",
    "everything",
    "whole",
    "entire",
    "now",
    "again",
    "formally",
    "on",
    "item",
];

/// Words that may follow: `delayed by the contractor`, but not `delayed kit has come`.
const FOLLOWERS: [&str; 52] = [
    "by",
    "until",
    "till",
    "due",
    "because",
    "after",
    "as",
    "for",
    "since",
    "from",
    "to",
    "at",
    "on",
    "in",
    "and",
    "with",
    "pending",
    "owing",
    "while",
    "whilst",
    "when",
    "this",
    "last",
    "again",
    "indefinitely",
    "following",
    "temporarily",
    "further",
    "slightly",
    "start",
    "yet",
    "but",
    "so",
    "though",
    "although",
    "awaiting",
    "now",
    "early",
    "ahead",
    "successfully",
    "fully",
    "all",
    "entirely",
    "completely",
    "altogether",
    "before",
    "during",
    "over",
    "subject",
    "through",
    "via",
    "within",
];

/// The text up to its first full stop, comma, colon, semicolon, bracket, line break or dash.
#[must_use]
pub fn first_clause(text: &str) -> &str {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| match c {
            '.' | ',' | ':' | ';' | '!' | '?' | '\n' | '(' | '–' | '—' => true,
            '-' => {
                text.get(..*at).is_some_and(|before| before.ends_with(' '))
                    && text
                        .get(at + 1..)
                        .is_some_and(|after| after.starts_with(' '))
            }
            _ => false,
        })
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Whether a clause says one of these folded phrases of the whole action.
#[must_use]
pub fn opens_with(clause: &str, phrases: &[String]) -> bool {
    let folded = fold(clause);
    let mut rest = folded.as_str();
    loop {
        let says = phrases.iter().any(|phrase| {
            rest.strip_prefix(phrase.as_str()).is_some_and(|tail| {
                // `not started the course` is still not started.
                let is_negation = phrase.starts_with("not ") || phrase.starts_with("yet ");
                let next = tail.split_whitespace().next();
                tail.is_empty()
                    || (tail.starts_with(' ')
                        && (is_negation || next.is_none_or(|word| FOLLOWERS.contains(&word))))
            })
        });
        if says {
            return true;
        }
        let Some((first, tail)) = rest.split_once(' ') else {
            return false;
        };
        if !OPENERS.contains(&first) {
            return false;
        }
        rest = tail;
    }
}

/// Whether every clause of a text is one of these folded phrases, so that it says nothing else.
#[must_use]
pub fn says_only(text: &str, is_listed: impl Fn(&str) -> bool) -> bool {
    let whole = fold(text);
    if is_listed(&whole) {
        return true;
    }
    let mut any = false;
    for clause in text.split(['.', ',', ':', ';', '!', '\n', '–', '—', '-', '/']) {
        let folded = fold(clause);
        if folded.is_empty() {
            continue;
        }
        if !is_listed(&folded) {
            return false;
        }
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::{first_clause, opens_with, says_only};

    #[test]
    fn opposites_are_heard_at_the_start_only() {
        let phrases: Vec<String> = ["not started", "delayed", "cancelled"]
            .map(str::to_owned)
            .into();
        for text in [
            "Not started: the hall is shut.",
            "Delayed by the contractor until winter.",
            "The project has been cancelled, and the money returned.",
            "Cancelled.",
            "Work has not started on the gates",
            "Delayed",
            "Unfortunately delayed due to staffing; new dates agreed.",
            "This action is delayed - funding came late",
        ] {
            assert!(opens_with(first_clause(text), &phrases), "{text}");
        }
        for text in [
            "No delays.",
            "One session cancelled, the rest went ahead.",
            "Not delayed by the snow",
            "Delayed kit has now arrived and is in use.",
            "Cancelled sessions were rebooked in June.",
            "Two visits were cancelled by bad weather",
            "12 people helped; one session delayed.",
            "On track. Not started in Swanley yet.",
        ] {
            assert!(!opens_with(first_clause(text), &phrases), "{text}");
        }
    }

    #[test]
    fn empty_words_are_empty_in_every_clause() {
        let listed = |clause: &str| matches!(clause, "ongoing" | "no change" | "as q1");
        assert!(says_only("Ongoing - no change.", listed));
        assert!(says_only("as Q1", listed));
        assert!(!says_only("Ongoing: 40 visits made", listed));
        assert!(!says_only("", listed));
    }
}
