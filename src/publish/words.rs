//! What a text tells: a person's name, a restricted matter, a small number of people.
//!
//! Invariant: a number is counted unless something says that it counts no people; silence of a rule is never a reason to publish.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::schema::{Publishing, Schema, SmallNumbers, is_of_word};
use crate::value::date::MONTHS;
use crate::value::text::{contains_words, fold, plain};

/// A pattern that never fails at run time: a test compiles every one.
type Pattern = LazyLock<Option<Regex>>;

/// A word of a text: letters and figures alone.
#[derive(Clone, Debug)]
struct Token {
    /// In small letters, without an owner's `'s`.
    lower: String,
    range: Range<usize>,
    is_capital: bool,
}

/// The words of a text that was made plain.
fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut start = None;
    let mut add = |range: Range<usize>| {
        let word = text.get(range.clone()).unwrap_or_default();
        let bare = word.trim_end_matches('\'');
        let bare = bare.strip_suffix("'s").unwrap_or(bare);
        out.push(Token {
            lower: bare.to_lowercase(),
            is_capital: bare.chars().next().is_some_and(char::is_uppercase),
            range,
        });
    };
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        // An apostrophe within a word belongs to it.
        let is_inner = c == '\'' && before.is_alphanumeric();
        if c.is_alphanumeric() || is_inner {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            add(from..at);
        }
        before = c;
    }
    if let Some(from) = start {
        add(from..text.len());
    }
    out
}

/// Words that say a number from one on.
const UNITS: [&str; 20] = [
    "nought",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const LARGE: [&str; 6] = [
    "hundred",
    "thousand",
    "million",
    "hundreds",
    "thousands",
    "millions",
];

/// Months, by their names and short names.
const MONTH: &str = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|january|february|april|june|july|august|september|october|november|december|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER)\b";

/// What holds figures and counts nothing: money, shares, dates, years, times, ordinals, decimals, thousands, references.
static NO_COUNTS: LazyLock<Vec<(Regex, bool)>> = LazyLock::new(|| {
    let day = r"\d{1,2}(?:st|nd|rd|th)?";
    let number = r"(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)";
    [
        r"£\s?\d[\d,]*(?:\.\d+)?\s?(?:k|m|bn|million|thousand)?\b".to_owned(),
        format!(r"(?i)\b{number}\s?(?:pounds?|pence|gbp|p|k)\b"),
        r"(?i)\b\d{1,3}(?:,\d{3})+(?:\.\d+)?\b".to_owned(),
        format!(r"(?i)\b{number}\s?(?:%|per\s?cent\b|percent\b|percentage\b)"),
        r"(?i)\b\d+(?:st|nd|rd|th)\b".to_owned(),
        // 14 and 15 July; 3 to 7 May 2022; 25 November.
        format!(
            r"\b(?:{day}\s*(?:,|and|&|to|until|or|-|–|—)\s*)*{day}\s+(?:of\s+)?{MONTH}(?:,?\s+\d{{4}})?"
        ),
        // July 14, 2022; July 14 and 15: not `In July 3 women`.
        format!(r"\b{MONTH}\s+{day}(?:,?\s+\d{{4}}\b|\s*[).;,]|\s*$|\s+(?:and|to|until)\s+{day}\b)"),
        r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b".to_owned(),
        r"\b\d{1,2}-\d{1,2}-\d{2,4}\b".to_owned(),
        r"\b\d{4}-\d{2}-\d{2}\b".to_owned(),
        r"\b\d{1,2}/0\d\b".to_owned(),
        r"\b(?:0[1-9]|1\d|2\d|3[01])/(?:0[1-9]|1[0-2])\b".to_owned(),
        r"\b(?:19|20)\d{2}\s?[/–-]\s?\d{2,4}\b".to_owned(),
        r"\b(?:19|20)\d{2}\b".to_owned(),
        r"\b(?:1\d|2\d|3\d)[/-](?:1\d|2\d|3\d)\b".to_owned(),
        r"(?i)\bbetween\s+\d{1,2}(?:[:.]\d{2})?\s+and\s+\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|noon|midnight)\b".to_owned(),
        r"(?i)\b\d{1,2}(?:[:.]\d{2})?\s?(?:-|–|to|until|till)\s?\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|noon|midnight)\b".to_owned(),
        r"(?i)\b\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|a\.m|p\.m|o'?clock)\b".to_owned(),
        r"(?i)\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+o'?clock\b".to_owned(),
        r"\b\d{1,2}:\d{2}\b".to_owned(),
        r"\b\d+\.\d+\b".to_owned(),
        // Two thirds of the route: a share, as a percentage is.
        r"(?i)\b(?:one|two|three|four|five|six|seven|eight|nine|[1-9])[\s-](?:half|halves|thirds?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b".to_owned(),
        // References: DA-03, Q2, A25, TN13, Covid-19. `x3` is a count.
        r"\b[A-Z]{1,8}[-–/]?\d+[a-zA-Z]?\b".to_owned(),
        r"\b[A-Z][a-z]+-\d+\b".to_owned(),
        r"\b[a-wyz]\d+\b".to_owned(),
        r"\bX-\d+\b".to_owned(),
    ]
    .iter()
    // Those that also know numbers in words are looked for where no figure stands.
    .filter_map(|pattern| Some((Regex::new(pattern).ok()?, pattern.contains("one|"))))
    .collect()
});

/// How many patterns there are: one that does not compile would let figures pass as counts, never the other way.
#[cfg(test)]
const NO_COUNT_PATTERNS: usize = 26;

/// Words behind which a number names one of several things and counts none.
const NAMED_BY_NUMBER: &[&str] = &[
    "phase",
    "stage",
    "step",
    "tier",
    "level",
    "part",
    "section",
    "sections",
    "number",
    "no",
    "nos",
    "year",
    "week",
    "day",
    "zone",
    "unit",
    "chapter",
    "page",
    "pages",
    "item",
    "appendix",
    "annex",
    "schedule",
    "room",
    "floor",
    "block",
    "flat",
    "route",
    "bus",
    "junction",
    "grade",
    "band",
    "category",
    "priority",
    "priorities",
    "objective",
    "action",
    "actions",
    "quarter",
    "quarters",
    "version",
    "lot",
    "table",
    "figure",
    "strand",
    "pillar",
    "ward",
    "cohort",
    "wave",
    "module",
    "session",
    "lesson",
    "box",
    "question",
    "form",
    "article",
    "cycle",
    "term",
    "platform",
    "area",
    "sector",
    "point",
    "recommendation",
    "line",
    "option",
    "class",
    "key",
    "paragraph",
    "clause",
    "round",
    "workstream",
    "theme",
    "bay",
    "gate",
    "plot",
    "channel",
    "ks",
    "yr",
];

/// Verbs of coming and going, and of what people do one by one.
const COMING: &[&str] = &[
    "attended",
    "attends",
    "attend",
    "attending",
    "came",
    "comes",
    "come",
    "joined",
    "joins",
    "left",
    "leaves",
    "moved",
    "went",
    "goes",
    "gone",
    "returned",
    "arrived",
    "entered",
    "fled",
    "withdrew",
    "disclosed",
    "reported",
    "engaged",
    "engages",
    "started",
    "began",
    "completed",
    "finished",
    "dropped",
    "referred",
    "contacted",
    "called",
    "presented",
    "accepted",
    "declined",
    "refused",
    "lives",
    "lived",
    "died",
    "stayed",
    "visited",
    "registered",
    "signed",
    "enrolled",
    "graduated",
    "moves",
    "remains",
    "remained",
    "received",
    "sought",
    "asked",
    "told",
    "spoke",
    "agreed",
    "made",
];

/// What stands before `one`, `single`, `sole` and `both` that count.
const BEFORE_ONE: &[&str] = &["only", "just", "and"];

/// What stands behind them.
const AFTER_ONE: &[&str] = &[
    "has", "had", "was", "is", "of", "more", "other", "new", "male", "female",
];

/// What stands behind a person of whom something is told.
const TOLD_OF: &[&str] = &["was", "has", "had", "who", "whose", "aged", "is"];

/// A number that a text has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    value: u64,
    /// The tokens that say it.
    first: usize,
    last: usize,
    /// Whether it is a word that counts only beside people: one, single, sole, both.
    is_soft: bool,
}

fn is_listed(word: &str, list: &[&str]) -> bool {
    list.contains(&word)
}

fn is_any_of(word: &str, listed: &[String]) -> bool {
    listed.iter().any(|own| is_of_word(word, own))
}

/// Whether a word is one for people.
fn is_people(word: &str, small: &SmallNumbers) -> bool {
    is_any_of(word, &small.people_words)
}

/// Whether a text has a word for people.
#[must_use]
pub fn has_people(text: &str, small: &SmallNumbers) -> bool {
    let text = plain(text);
    tokens(&text).iter().any(|t| is_people(&t.lower, small))
}

/// Whether a text speaks of a sensitive matter.
#[must_use]
pub fn has_topic(text: &str, small: &SmallNumbers) -> bool {
    let text = plain(text);
    let lower = text.to_lowercase();
    let is_there = |topic: &String| {
        let first = topic.split(|c: char| !c.is_alphanumeric()).next();
        first.is_some_and(|first| lower.contains(first))
    };
    if !small.topics.iter().any(is_there) {
        return false;
    }
    let words = tokens(&text);
    small.topics.iter().any(|topic| {
        let wanted: Vec<&str> = topic
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .collect();
        let Some((last, head)) = wanted.split_last() else {
            return false;
        };
        words.windows(wanted.len()).any(|window| {
            let mut own = window.iter();
            head.iter()
                .all(|word| own.next().is_some_and(|token| token.lower == **word))
                && own
                    .next()
                    .is_some_and(|token| token.lower.starts_with(*last))
        })
    })
}

/// The tokens of a text that stand in a fixed phrase.
fn fixed(words: &[Token], small: &SmallNumbers) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for phrase in &small.fixed_phrases {
        let wanted: Vec<&str> = phrase
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .collect();
        if wanted.is_empty() {
            continue;
        }
        for (start, window) in words.windows(wanted.len()).enumerate() {
            if window.iter().zip(&wanted).all(|(t, w)| t.lower == **w) {
                out.extend(start..start + wanted.len());
            }
        }
    }
    out
}

/// `x3`, `3x`, `3no.` and `3` are three.
fn figure(lower: &str) -> Option<u64> {
    let bare = lower
        .strip_prefix('x')
        .or_else(|| lower.strip_suffix('x'))
        .or_else(|| lower.strip_suffix("no"))
        .or_else(|| lower.strip_suffix("nos"))
        .unwrap_or(lower);
    (!bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit()))
        .then(|| bare.parse().unwrap_or(u64::MAX))
}

/// Whether a word says a number, or stands for one.
fn is_number_word(word: &str) -> bool {
    UNITS.contains(&word)
        || TENS.contains(&word)
        || matches!(
            word,
            "dozen" | "zero" | "couple" | "pair" | "single" | "sole" | "both" | "twins" | "twin"
        )
}

/// A number's word and how many tokens it takes.
fn worded(words: &[Token], at: usize) -> Option<(u64, usize)> {
    let lower = |index: usize| words.get(index).map_or("", |t| t.lower.as_str());
    let unit = |word: &str| UNITS.iter().position(|u| *u == word).map(|v| v as u64);
    let tens = TENS
        .iter()
        .position(|t| *t == lower(at))
        .map(|v| (v as u64 + 2) * 10);
    let (mut value, mut taken) = match tens {
        Some(tens) => match unit(lower(at + 1)).filter(|v| (1..10).contains(v)) {
            Some(more) => (tens + more, 2),
            None => (tens, 1),
        },
        None => match lower(at) {
            "dozen" => (12, 1),
            "zero" => (0, 1),
            "couple" | "pair" => (2, 1),
            word => (unit(word).filter(|v| *v > 0)?, 1),
        },
    };
    if is_listed(lower(at + taken), &LARGE) {
        value = value.saturating_mul(100).max(100);
        taken += 1;
        // Three hundred and twelve.
        let joined = usize::from(lower(at + taken) == "and");
        if let Some((_, more)) = worded(words, at + taken + joined) {
            taken += joined + more;
        }
    }
    Some((value, taken))
}

/// The numbers of a text that count something, things that are known for things left out.
fn numbers(text: &str, words: &[Token], small: &SmallNumbers) -> Vec<Number> {
    // Most texts have no number at all, and are not searched for what counts nothing.
    let may_count = |token: &Token| {
        token.lower.bytes().any(|b| b.is_ascii_digit()) || is_number_word(&token.lower)
    };
    if !words.iter().any(may_count) {
        return Vec::new();
    }
    let has_figures = text.bytes().any(|b| b.is_ascii_digit());
    let none: Vec<Range<usize>> = NO_COUNTS
        .iter()
        .filter(|(_, is_of_words)| has_figures || *is_of_words)
        .flat_map(|(regex, _)| regex.find_iter(text).map(|found| found.range()))
        .collect();
    let fixed = fixed(words, small);
    let mut out = Vec::new();
    let mut at = 0;
    // The last number that named one of several things.
    let mut is_name = None;
    while let Some(token) = words.get(at) {
        let (value, taken) = match figure(&token.lower) {
            Some(value) => (Some(value), 1),
            None => worded(words, at).map_or((None, 1), |(value, taken)| (Some(value), taken)),
        };
        let soft = match token.lower.as_str() {
            "single" | "sole" => Some(1),
            "both" => Some(2),
            _ => None,
        };
        let is_twins = matches!(token.lower.as_str(), "twins" | "twin");
        let value = value.or(soft).or(is_twins.then_some(2));
        if let Some(value) = value {
            let number = Number {
                value,
                first: at,
                last: at + taken - 1,
                is_soft: soft.is_some() || token.lower == "one" && taken == 1,
            };
            let lies_in = |range: &Range<usize>| {
                range.start <= token.range.start && token.range.start < range.end
            };
            let is_named = is_named(&number, text, words, small, is_name);
            is_name = is_named.then_some(number.last);
            let counts = !none.iter().any(lies_in)
                && !fixed.contains(&at)
                && !is_named
                && !counts_things(&number, text, words, small)
                && (!number.is_soft || is_beside_people(&number, words, small));
            if counts || is_twins {
                out.push(number);
            }
        }
        at += taken.max(1);
    }
    out
}

/// Whether a number names one of several things: `phase 2`, `wards 3 and 4`, `items 1 to 3`; `name` is where the last such number stands.
fn is_named(
    number: &Number,
    text: &str,
    words: &[Token],
    small: &SmallNumbers,
    name: Option<usize>,
) -> bool {
    let Some((before, token)) = number
        .first
        .checked_sub(1)
        .and_then(|before| Some((words.get(before)?, words.get(number.first)?)))
    else {
        return false;
    };
    let gap = |from: &Token| {
        text.get(from.range.end..token.range.start)
            .unwrap_or_default()
    };
    let is_beside = gap(before)
        .trim_matches(['.', ' ', ':', '\u{a0}'])
        .is_empty();
    if is_beside && is_listed(&before.lower, NAMED_BY_NUMBER) {
        return true;
    }
    // `Sessions 2 women left`: of several things a number is a name only where no people follow it.
    let mut next = words.iter().skip(number.last + 1).take(3);
    let is_of_people = words
        .get(number.last + 1)
        .is_some_and(|next| is_listed(&next.lower, COMING))
        || next.any(|next| is_people(&next.lower, small));
    let is_plural = || {
        let one = before.lower.strip_suffix('s');
        is_beside && one.is_some_and(|one| is_listed(one, NAMED_BY_NUMBER))
    };
    let goes_on = || {
        name.and_then(|last| words.get(last)).is_some_and(|last| {
            let between = gap(last).trim();
            matches!(
                between,
                "," | "and" | ", and" | "&" | "to" | "or" | "-" | "–"
            )
        })
    };
    !is_of_people && (is_plural() || goes_on())
}

/// Words between a number and a word for things that part the two: `3 this week`, `1-2 a month`, `two seen at the clinic` count no weeks, months
/// or clinics.
const PARTING: &[&str] = &[
    "a", "an", "each", "every", "per", "this", "that", "last", "next", "in", "at", "on", "during",
    "since", "within", "after", "before", "by", "from",
];

/// Whether a number counts things: a word for them is among its next three, with none for people before it. What follows a verb of coming
/// and going is where people came to: `two attended the session`. A name of several words is one: `two Public Spaces Protection Orders`.
fn counts_things(number: &Number, text: &str, words: &[Token], small: &SmallNumbers) -> bool {
    let (mut taken, mut was_capital) = (0, false);
    for (at, token) in words.iter().enumerate().skip(number.last + 1) {
        let is_next = at == number.last + 1;
        if !(was_capital && token.is_capital) {
            taken += 1;
        }
        was_capital = token.is_capital;
        let follows = text
            .get(token.range.end..)
            .and_then(|rest| rest.chars().next());
        // `Two on-site visits`.
        let is_parting = is_listed(&token.lower, PARTING) && follows != Some('-');
        // `Victim-led sessions`, `in-person talks`: of people by the word alone.
        let is_compound = follows == Some('-')
            || token.lower == "person"
                && text
                    .get(..token.range.start)
                    .is_some_and(|before| before.to_lowercase().ends_with("in-"));
        if taken > 3
            || is_parting
            || is_people(&token.lower, small) && !is_compound
            || is_next && is_listed(&token.lower, COMING)
        {
            return false;
        }
        let is_day = || {
            let day = token.lower.strip_suffix('s');
            is_next && day.is_some_and(|day| is_listed(day, &DAYS))
        };
        if is_any_of(&token.lower, &small.thing_words) || is_day() {
            return true;
        }
    }
    false
}

/// Whether a word such as `one` or `both` stands so that it counts people.
fn is_beside_people(number: &Number, words: &[Token], small: &SmallNumbers) -> bool {
    let near = words
        .iter()
        .skip(number.last + 1)
        .take(3)
        .chain(words.iter().take(number.first).rev().take(3));
    let before = number.first.checked_sub(1).and_then(|at| words.get(at));
    let after = words.get(number.last + 1);
    near.into_iter().any(|t| is_people(&t.lower, small))
        || before.is_some_and(|t| is_listed(&t.lower, BEFORE_ONE))
        || after.is_some_and(|t| is_listed(&t.lower, AFTER_ONE) || is_listed(&t.lower, COMING))
}

/// The sentences of a text.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '!', '?', ';'])
        .flat_map(|part| part.split(". "))
        .filter(|part| !part.trim().is_empty())
}

/// What a text is looked at for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// It is of an action whose measure is sensitive.
    pub is_sensitive: bool,
    /// A figure of the action is hidden.
    pub has_hidden: bool,
}

/// Why a text tells a small number, if it does, in words that go on from “It”.
#[must_use]
pub fn small_number(text: &str, beside: Beside, small: &SmallNumbers) -> Option<&'static str> {
    let text = plain(text);
    let is_topical = has_topic(&text, small);
    if beside == Beside::default() && !is_topical {
        return None;
    }
    let words = tokens(&text);
    let found = numbers(&text, &words, small);
    let is_small = |number: &Number| (1..u64::from(small.threshold)).contains(&number.value);
    if beside.is_sensitive {
        if found.iter().any(is_small) {
            return Some("tells a small number beside a measure of people");
        }
        if has_one_person(&words, small) {
            return Some("tells of one person beside a measure of people");
        }
    }
    if beside.has_hidden {
        if !found.is_empty() {
            return Some("has a number beside a figure that is hidden");
        }
        if words.iter().any(|t| small.comparisons.contains(&t.lower)) {
            return Some("compares beside a figure that is hidden");
        }
    }
    let tells = |sentence: &str| {
        has_topic(sentence, small) && {
            let words = tokens(sentence);
            let found = numbers(sentence, &words, small);
            found
                .iter()
                .filter(|number| is_small(number))
                .any(|number| {
                    let mut next = words.iter().skip(number.last + 1).take(3);
                    next.any(|t| is_people(&t.lower, small))
                })
        }
    };
    (is_topical && sentences(&text).any(tells))
        .then_some("tells a small number of people in a sensitive matter")
}

/// `a woman aged …`, `another resident came …`.
fn has_one_person(words: &[Token], small: &SmallNumbers) -> bool {
    let is_article = |t: &Token| matches!(t.lower.as_str(), "a" | "an" | "another");
    words.iter().enumerate().any(|(at, token)| {
        is_article(token)
            && (at + 1..=at + 5).any(|person| {
                let Some(own) = words.get(person) else {
                    return false;
                };
                small.people_words.contains(&own.lower)
                    && own.lower != "people"
                    && words.get(person + 1).is_some_and(|next| {
                        is_listed(&next.lower, TOLD_OF) || is_listed(&next.lower, COMING)
                    })
            })
    })
}

/// Phrases that name a restricted matter, in any case.
const RESTRICTED: &[&str] = &[
    "multi agency risk assessment conference",
    "multi agency risk assessment conferences",
    "multiagency risk assessment conference",
    "multi agency public protection",
    "multiagency public protection",
    "domestic homicide review",
    "domestic homicide reviews",
    "domestic abuse related death review",
    "domestic abuse related death reviews",
];

static ACRONYM: Pattern = LazyLock::new(|| {
    Regex::new(r"\b(?:MARAC|MAPPA|DARDR|DHR)S?s?\b|\b(?:M\.\s?A\.\s?R\.\s?A\.\s?C|M\.\s?A\.\s?P\.\s?P\.\s?A|D\.\s?A\.\s?R\.\s?D\.\s?R|D\.\s?H\.\s?R)\b").ok()
});

static CHANNEL: Pattern = LazyLock::new(|| {
    Regex::new(r"\bC(?:hannel|HANNEL)\s+(?i:multi-?\s?agency\s+)?(?i:panels?|cases?|referrals?|programmes?|process(?:es)?|chairs?|interventions?)\b|\bP(?:revent|REVENT)(?:'s)?\s*(?:,|/|&|and|-|–)?\s*C(?:hannel|HANNEL)\b").ok()
});

static OPERATION: Pattern = LazyLock::new(|| {
    Regex::new(r#"(?:^|[^\p{L}-])(?:Operation|OPERATION|Ops?\.?|OP)\s+["'(]?(\p{Lu}[\p{L}'-]*)"#)
        .ok()
});

/// Words behind Operation that make no name of it.
const NO_OPERATION: &[&str] = &[
    "manager", "managers", "centre", "room", "team", "teams", "director", "officer", "officers",
    "lead", "group", "board", "plan", "order", "support", "services", "hours", "unit", "command",
    "model", "days", "day", "staff", "and", "of", "the", "in", "for", "costs", "meeting", "level",
];

/// A restricted matter that a text names, in words that go on from “It names”.
#[must_use]
pub fn restricted(text: &str, publishing: &Publishing) -> Option<String> {
    let text = plain(text);
    let found = |pattern: &Pattern| {
        let regex = pattern.as_ref()?;
        Some(regex.find(&text)?.as_str().to_owned())
    };
    if let Some(word) = found(&ACRONYM) {
        return Some(word);
    }
    let folded = fold(&text).replace('-', " ");
    if let Some(phrase) = RESTRICTED
        .iter()
        .find(|phrase| contains_words(&folded, phrase))
    {
        return Some((*phrase).to_owned());
    }
    if found(&CHANNEL).is_some() {
        return Some("the Channel programme".to_owned());
    }
    if let Some(word) = publishing
        .restricted
        .words
        .iter()
        .find(|word| contains_words(&folded, word))
    {
        return Some(format!("“{word}”, which the configuration lists"));
    }
    let operations = OPERATION.as_ref()?;
    operations.captures_iter(&text).find_map(|found| {
        let name = found.get(1)?;
        let folded = fold(name.as_str());
        let rest = fold(text.get(name.start()..).unwrap_or_default());
        let is_common = is_listed(&folded, NO_OPERATION)
            || publishing.role_words.contains(&folded)
            || is_any_of(&folded, &publishing.small.thing_words);
        let is_public = publishing
            .restricted
            .public_operations
            .iter()
            .any(|public| {
                let bare = public
                    .strip_prefix("operation ")
                    .or_else(|| public.strip_prefix("op "))
                    .unwrap_or(public);
                rest == bare || rest.starts_with(&format!("{bare} "))
            });
        (!is_common && !is_public).then(|| "an operation by its name".to_owned())
    })
}

/// Names of persons that stand in Lead officer cells.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Whole names, in small letters, one space between words.
    whole: BTreeSet<String>,
    /// Last words, as written.
    last: BTreeSet<String>,
}

fn is_capitalised(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.'))
}

/// Letters behind a name for what its bearer was given.
fn is_honour(word: &str) -> bool {
    let bare = word.replace('.', "");
    matches!(
        bare.as_str(),
        "MBE"
            | "OBE"
            | "CBE"
            | "BEM"
            | "QPM"
            | "KPM"
            | "KFSM"
            | "QFSM"
            | "JP"
            | "DL"
            | "PhD"
            | "MSc"
            | "BSc"
            | "BA"
            | "MA"
            | "RN"
            | "RGN"
    )
}

fn is_rank(word: &str) -> bool {
    matches!(
        fold(word).as_str(),
        "superintendent"
            | "supt"
            | "commander"
            | "cdr"
            | "councillor"
            | "cllr"
            | "ch"
            | "chief"
            | "ci"
            | "det"
    )
}

/// Words with capitals, small words of a surname aside: `Maria de Souza`.
fn is_name(words: &[&str]) -> bool {
    let is_small = |word: &&&str| is_listed(word, PARTICLES);
    words.first().is_some_and(|word| is_capitalised(word))
        && words.last().is_some_and(|word| is_capitalised(word))
        && words
            .iter()
            .filter(|word| !is_small(word))
            .all(|word| is_capitalised(word))
}

impl Names {
    /// The names in a Lead officer cell: two to four words with capitals, none of them one of a role or a body; behind a title, one will do.
    pub fn add(&mut self, cell: &str, schema: &Schema, bodies: &BTreeSet<String>) {
        let publishing = &schema.publishing;
        let text = plain(cell);
        // `Nair, Priya`.
        let turned = match text.split_once(',') {
            Some((last, first)) if [last, first].iter().all(|word| is_capitalised(word.trim())) => {
                format!("{} {}", first.trim(), last.trim())
            }
            _ => text,
        };
        let parts = turned
            .split(['\n', ',', ';', '/', '&', '(', ')', '|', ':', '–', '—', '\t'])
            .flat_map(|part| part.split(" and "))
            .flat_map(|part| part.split(" - "));
        for part in parts {
            let mut words: Vec<&str> = part.split_whitespace().collect();
            let is_title = |word: &&str| -> bool {
                let bare = word.trim_end_matches('.');
                publishing
                    .name_titles
                    .iter()
                    .any(|title| title.eq_ignore_ascii_case(bare))
            };
            let before = words.len();
            // `Det Insp Jane Green`: what stands before the last title is rank.
            if let Some(title) = words.iter().rposition(is_title) {
                words.drain(..=title);
            }
            let is_titled = words.len() < before;
            // `Jan Holloway MBE`.
            while words.len() > 2 && words.last().is_some_and(|word| is_honour(word)) {
                words.pop();
            }
            // `Superintendent Ann Wexcombe`: a rank that is no title to the public.
            if words.len() > 2
                && let Some(rank) = words
                    .iter()
                    .take(words.len() - 2)
                    .rposition(|word| is_rank(word))
            {
                words.drain(..=rank);
            }
            let has_role = words
                .iter()
                .any(|word| publishing.role_words.contains(&fold(word)));
            let is_body = words.iter().all(|word| bodies.contains(&fold(word)))
                || schema.agency_called(&fold(part)).is_some();
            let least = if is_titled { 1 } else { 2 };
            if !(least..=4).contains(&words.len()) || !is_name(&words) || has_role || is_body {
                continue;
            }
            let folded = fold(&words.join(" "));
            let Some(last) = words.last() else { continue };
            let is_allowed = publishing
                .allowed_names
                .iter()
                .any(|own| *own == folded || *own == fold(last));
            if !is_allowed {
                if words.len() > 1 {
                    self.whole.insert(words.join(" ").to_lowercase());
                }
                self.last.insert(last.trim_end_matches('.').to_owned());
            }
        }
    }
}

/// Small words that belong to a surname.
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "das", "do", "dos", "du", "la",
    "le", "al", "el", "bin", "bint", "ibn", "ter", "ten", "st",
];

/// Whether a title stands at a word, and how many words more it takes: `PC`, `PCs` of several, `P.C.` and `D/S`.
fn titled(text: &str, words: &[Token], at: usize, publishing: &Publishing) -> Option<usize> {
    let titles = &publishing.name_titles;
    let written = |token: &Token| text.get(token.range.clone()).unwrap_or_default();
    let first = words.get(at)?;
    let own = written(first);
    let is_title = |word: &str| {
        titles
            .iter()
            .any(|title| title == word || title.to_uppercase() == word)
    };
    let is_several = own.strip_suffix('s').is_some_and(|one| {
        let folk = ["Mr", "Mrs", "Ms", "Miss", "Mx", "Rev"];
        is_title(one) && !folk.contains(&one)
    });
    if is_title(own) || is_several {
        return Some(0);
    }
    if own.len() > 1 || !first.is_capital {
        return None;
    }
    let mut joined = own.to_owned();
    let mut end = first.range.end;
    for (more, token) in words.iter().skip(at + 1).take(3).enumerate() {
        let gap = text.get(end..token.range.start)?;
        if !matches!(gap, "." | "/") || written(token).len() > 1 {
            return None;
        }
        joined.push_str(written(token));
        end = token.range.end;
        if titles.contains(&joined) {
            return Some(more + 1);
        }
    }
    None
}

/// Where a text names a person: behind a title, or as a Lead officer cell does.
#[must_use]
pub fn names(text: &str, names: &Names, schema: &Schema) -> Vec<Range<usize>> {
    let publishing = &schema.publishing;
    let mut out = Vec::new();
    let is_allowed = |name: &str| {
        let folded = fold(name);
        publishing
            .allowed_names
            .iter()
            .any(|own| *own == folded || own.split(' ').next_back() == Some(folded.as_str()))
    };
    let words = tokens(text);
    for (at, token) in words.iter().enumerate() {
        let Some(more) = titled(text, &words, at, publishing) else {
            continue;
        };
        let Some(title) = words.get(at + more) else {
            continue;
        };
        // A collar number may stand between.
        let is_number =
            |t: &Token| t.lower.len() >= 3 && t.lower.chars().all(|c| c.is_ascii_digit());
        let mut skip = usize::from(words.get(at + more + 1).is_some_and(is_number));
        // `Mr van Houten`, `Mrs de la Cruz`.
        while words
            .get(at + more + 1 + skip)
            .is_some_and(|t| !t.is_capital && is_listed(&t.lower, PARTICLES))
        {
            skip += 1;
        }
        let Some(next) = words.get(at + more + 1 + skip) else {
            continue;
        };
        let behind = words.get(at + more + 1).unwrap_or(next);
        let is_near = text
            .get(title.range.end..behind.range.start)
            .unwrap_or_default()
            .chars()
            .all(|c| c == '.' || c.is_whitespace());
        let name = text.get(next.range.clone()).unwrap_or_default();
        let before = at
            .checked_sub(1)
            .and_then(|before| words.get(before))
            .map(|before| format!("{} {}", before.lower, token.lower));
        // `Sevenoaks DC Wardens` names a council.
        let is_body = before.is_some_and(|pair| schema.agency_called(&fold(&pair)).is_some());
        let is_role = publishing.role_words.contains(&next.lower)
            || publishing
                .name_titles
                .iter()
                .any(|t| t.eq_ignore_ascii_case(name));
        let word = next.lower.as_str();
        let is_calendar = MONTHS.contains(&word) || DAYS.contains(&word);
        if is_near && next.is_capital && !is_body && !is_role && !is_calendar && !is_allowed(name) {
            out.push(token.range.start..next.range.end);
        }
    }
    let lower = text.to_lowercase();
    // Small letters that are longer than the capitals they stand for would shift what follows.
    if lower.len() == text.len() {
        let mut seen: String = lower
            .chars()
            .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
            .collect();
        if seen.len() != lower.len() {
            seen = lower;
        }
        for name in &names.whole {
            for (at, found) in seen.match_indices(name.as_str()) {
                let is_whole = !ends_word(seen.get(..at).unwrap_or_default())
                    && !starts_word(seen.get(at + found.len()..).unwrap_or_default());
                if is_whole {
                    out.push(at..at + found.len());
                }
            }
        }
    }
    for token in words.iter().filter(|token| token.is_capital) {
        let word = text.get(token.range.clone()).unwrap_or_default();
        let bare = word
            .trim_end_matches('\'')
            .trim_end_matches("'s")
            .trim_end_matches("'S");
        if names
            .last
            .iter()
            .any(|own| own == bare || own.to_uppercase() == bare)
        {
            out.push(token.range.clone());
        }
    }
    // `Smith-Jones` is two tokens.
    for own in names
        .last
        .iter()
        .filter(|own| own.contains(['-', '\'', '.']))
    {
        for (at, found) in text.match_indices(own.as_str()) {
            out.push(at..at + found.len());
        }
    }
    out.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    out
}

/// A text in which what names a person is replaced.
#[must_use]
pub fn without_names(text: &str, own: &Names, schema: &Schema) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for range in names(text, own, schema) {
        if range.start >= done {
            out.push_str(text.get(done..range.start).unwrap_or_default());
            out.push_str("[a person's name]");
        }
        done = done.max(range.end);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

fn ends_word(text: &str) -> bool {
    text.ends_with(char::is_alphanumeric)
}

fn starts_word(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric)
}

/// The days of the week, in small letters.
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Whether a text names a person.
#[must_use]
pub fn has_name(text: &str, own: &Names, schema: &Schema) -> bool {
    !names(&plain(text), own, schema).is_empty()
}

/// The folded words of the partnership's bodies and places: a name made of these alone is no person's.
#[must_use]
pub fn bodies(schema: &Schema) -> BTreeSet<String> {
    let names = schema.agencies.iter().flat_map(|agency| {
        [agency.name.clone()]
            .into_iter()
            .chain(agency.words.iter().cloned())
    });
    let others = [schema.partnership.name.clone()];
    let priorities = schema.priorities.iter().map(|p| p.name.clone());
    let streams = schema.streams.iter().map(|s| s.name.clone());
    names
        .chain(others)
        .chain(priorities)
        .chain(streams)
        .flat_map(|name| {
            fold(&name)
                .split(' ')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]
mod tests {
    use super::*;
    use crate::schema;

    fn built_in() -> Schema {
        schema::built_in(&["G601"]).unwrap()
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(NO_COUNTS.len(), NO_COUNT_PATTERNS);
        for pattern in [&ACRONYM, &CHANNEL, &OPERATION] {
            assert!(pattern.is_some());
        }
    }

    fn tells(text: &str, is_sensitive: bool, has_hidden: bool) -> bool {
        let small = built_in().publishing.small;
        small_number(
            text,
            Beside {
                is_sensitive,
                has_hidden,
            },
            &small,
        )
        .is_some()
    }

    #[test]
    fn small_numbers_of_people_are_told() {
        for text in [
            "Three women were helped.",
            "We helped 3 of them.",
            "x3 referrals",
            "3x referrals",
            "1-2 disclosures",
            "Victims seen (2).",
            "A couple came forward.",
            "Both women stayed.",
            "Twins were placed.",
            "Only one remains.",
            "One disclosed.",
            "A young woman was moved to a refuge.",
            "Another resident who lives alone",
            "a child aged six",
            "In July 3 women disclosed.",
            "Two attended the session.",
            "3/4 women stayed",
            "② women",
            "one more joined",
            "One of the women",
            "1 more than last time",
            "just one",
            "Two home visits",
            "a sole survivor",
        ] {
            assert!(tells(text, true, false), "{text}");
        }
    }

    #[test]
    fn numbers_of_things_are_none() {
        for text in [
            "Two sessions were held on 3 and 4 May.",
            "Three new officers joined the team.",
            "3 training sessions",
            "Phase 2 of the work began on 1 July 2022 at 2pm.",
            "£3 a head; 4% of the budget; the 2nd group; DA-03, Q2, A25, M25, TN13 and P3.",
            "The one stop shop and one-to-one work go on.",
            "A one-off event",
            "No one came.",
            "1,204 visits in 2022/23; 2.5 hours each",
            "Tier 2 and level 3",
            "two peer workers appointed",
            "One of the venues closed",
            "24/7 helpline",
            "Section 21 notices",
            "a single point of contact",
            "from 10am to 2pm",
            "Year 4 lessons",
            "14/07 and 01/08",
            "Both sessions went well.",
            "A home visit was offered.",
            "seven schools and 276 pupils",
        ] {
            assert!(!tells(text, true, false), "{text}");
        }
    }

    #[test]
    fn a_hidden_figure_is_not_told_by_the_text_beside_it() {
        assert!(tells("27 referrals came in.", false, true));
        assert!(tells("Numbers rose over the summer.", false, true));
        assert!(!tells("Work goes on with the refuge.", false, true));
        assert!(!tells(
            "The meeting of 14 July agreed the plan.",
            false,
            true
        ));
        assert!(tells(
            "Domestic abuse: two victims were rehoused.",
            false,
            false
        ));
        assert!(!tells(
            "Domestic abuse: two courses for staff. Three people came to the fair.",
            false,
            false
        ));
    }

    #[test]
    fn restricted_matters_are_named() {
        let publishing = built_in().publishing;
        for text in [
            "Heard at MARAC.",
            "The multi-agency risk assessment conference met.",
            "a Channel panel met",
            "Prevent and Channel",
            "Operation Sceptre ran in May.",
            "Op Sceptre",
            "a DHR is under way",
            "Domestic Homicide Review",
            "MAPPA nominals",
        ] {
            assert!(restricted(text, &publishing).is_some(), "{text}");
        }
        for text in [
            "The English Channel",
            "a channel for complaints",
            "They channel funds",
            "Operations Manager",
            "Operation Manager",
            "The operation ran in May.",
            "Co-op Foods",
            "Channel Tunnel works",
            "The operation Kent Police led",
            "Maraca",
            "a channel of referral",
        ] {
            assert!(restricted(text, &publishing).is_none(), "{text}");
        }
    }

    #[test]
    fn names_are_met_behind_titles_and_as_lead_officers() {
        let schema = built_in();
        let mut own = Names::default();
        for cell in [
            "Priya Nair",
            "Sgt Wren",
            "Licensing Manager, Tom O'Hare",
            "Neighbourhood Inspector",
            "Group Manager, West Kent",
            "Detective Inspector, Vulnerability",
            "Kent Police",
            "Head of Probation Delivery Unit",
            "ann-marie lower",
            "Okafor, Chidi",
            "Resettlement Lead",
        ] {
            own.add(cell, &schema, &bodies(&schema));
        }
        for text in [
            "Ask Priya Nair.",
            "priya nair led it",
            "Nair's report",
            "NAIR said",
            "PC Green came",
            "Mrs. Adams",
            "DC 12345 Holt",
            "Wren went",
            "Tom O'Hare",
            "Ask Okafor",
            "Dr Who",
            "Inspector Lynley",
        ] {
            assert!(has_name(text, &own, &schema), "{text}");
        }
        for text in [
            "Kent Police",
            "West Kent",
            "the wren and the nightingale",
            "Sevenoaks DC Wardens",
            "a PC was lent",
            "PC and laptop",
            "Miss Saturday's session",
            "Inspector Lead",
            "The Neighbourhood Inspector came",
            "Community Safety Manager",
        ] {
            assert!(!has_name(text, &own, &schema), "{text}");
        }
    }
}
