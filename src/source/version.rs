//! Version marks: what `v2`, `corrected` or a day in a file's name or `Version: 2` in a label cell says, so that two versions can be put in order.

use std::ops::Range;

use jiff::civil::Date;

use crate::value::date;

/// A version number, part by part, without zeros at its end: `2.1` comes after `2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u16>);

impl Version {
    /// What a file without any mark is, beside one that is marked.
    #[must_use]
    pub fn first() -> Self {
        Self(vec![1])
    }
}

/// What a file's name says of how new the file is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameMark {
    /// Its version number.
    pub version: Option<Version>,
    /// Whether a word says that it is not the first: `corrected`.
    pub is_corrected: bool,
    /// The last day that it names.
    pub day: Option<Date>,
}

impl NameMark {
    /// What a name without its extension says.
    #[must_use]
    pub fn of(stem: &str) -> Self {
        Self {
            version: in_name(stem),
            is_corrected: runs(stem)
                .iter()
                .any(|run| CORRECTED.contains(&run.as_str())),
            day: day_in_name(stem),
        }
    }
}

/// Words of a name that tell a file from a first one.
const CORRECTED: [&str; 8] = [
    "corrected",
    "correction",
    "revised",
    "amended",
    "amendment",
    "resubmission",
    "resubmitted",
    "resubmit",
];

/// The last day in a file's name, year first or day first: `2022-10-12`, `12.10.2022`, `20221012`, `12 Oct 2022`.
pub(super) fn day_in_name(stem: &str) -> Option<Date> {
    let runs = runs(stem);
    let parts: Vec<&str> = runs.iter().flat_map(|run| run.split('.')).collect();
    let figure = |text: &str| text.parse::<i16>().ok();
    let year = |text: &str| figure(text).filter(|_| text.len() == 4);
    let small = |text: &str| {
        let figure: i8 = text.parse().ok()?;
        (text.len() <= 2).then_some(figure)
    };
    let month = |text: &str| small(text).or_else(|| date::month_number(text));
    let joined = parts.iter().enumerate().filter_map(|(at, text)| {
        let day = (text.len() == 8).then(|| {
            let (y, m, d) = (text.get(..4)?, text.get(4..6)?, text.get(6..)?);
            Date::new(year(y)?, small(m)?, small(d)?).ok()
        });
        Some((at, day.flatten()?))
    });
    let parted = parts.windows(3).enumerate().filter_map(|(at, three)| {
        let [a, b, c] = three else { return None };
        let named = |y: &str, m: &str, d: &str| Date::new(year(y)?, month(m)?, small(d)?).ok();
        Some((at, named(a, b, c).or_else(|| named(c, b, a))?))
    });
    joined
        .chain(parted)
        .max_by_key(|(at, _)| *at)
        .map(|(_, day)| day)
}

/// Words that stand before a version number.
const MARKS: [&str; 5] = ["v", "ver", "version", "rev", "revision"];

/// The last mark of a file's name: `Kent Police Q2 v2`, `q2-return_version 2.1`. A mark is a word and a number, so `(2)` is none.
pub(super) fn in_name(stem: &str) -> Option<Version> {
    let runs = runs(stem);
    runs.windows(2).rev().find_map(|pair| match pair {
        [word, digits] if MARKS.contains(&word.as_str()) => number(digits),
        _ => None,
    })
}

/// What a version's label cell says: a bare number, or a mark.
pub(super) fn in_label(text: &str) -> Option<Version> {
    let runs = runs(text);
    // A date holds several numbers and is no version.
    let numbers = runs.iter().filter(|run| is_number(run)).count();
    runs.first()
        .filter(|_| numbers == 1)
        .and_then(|first| number(first))
        .or_else(|| in_name(text))
}

fn is_number(run: &str) -> bool {
    run.starts_with(|c: char| c.is_ascii_digit())
}

/// `2`, `2.1`, `2.0`. Four digits in front are a year.
fn number(run: &str) -> Option<Version> {
    let mut parts = Vec::new();
    for part in run.split('.') {
        if part.len() > 3 {
            return None;
        }
        parts.push(part.parse().ok()?);
    }
    while parts.len() > 1 && parts.last() == Some(&0) {
        parts.pop();
    }
    Some(Version(parts))
}

/// A text as runs of letters and runs of digits, lower case; a point between digits belongs to them.
fn runs(text: &str) -> Vec<String> {
    placed_runs(text).into_iter().map(|(_, run)| run).collect()
}

/// The same, each with where it stands.
fn placed_runs(text: &str) -> Vec<(Range<usize>, String)> {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Kind {
        Letters,
        Digits,
        Other,
    }
    let mut out: Vec<(Range<usize>, String)> = Vec::new();
    let mut last = Kind::Other;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let is_point = c == '.'
            && last == Kind::Digits
            && rest.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let kind = if c.is_ascii_digit() || is_point {
            Kind::Digits
        } else if c.is_alphabetic() {
            Kind::Letters
        } else {
            Kind::Other
        };
        if kind != Kind::Other {
            if kind != last {
                out.push((at..at, String::new()));
            }
            if let Some((place, run)) = out.last_mut() {
                place.end = at + c.len_utf8();
                run.extend(c.to_lowercase());
            }
        }
        last = kind;
    }
    out
}

/// A file's name without its extension and its version mark, and the whole number that makes it newer: one without a mark is the first.
#[must_use]
pub fn next_version(stem: &str) -> (String, u16) {
    let runs = placed_runs(stem);
    let mark = runs.windows(2).rev().find_map(|pair| match pair {
        [(from, word), (to, digits)] if MARKS.contains(&word.as_str()) => {
            let Version(parts) = number(digits)?;
            Some((from.start..to.end, parts.first().copied().unwrap_or(1)))
        }
        _ => None,
    });
    let Some((place, number)) = mark else {
        return (stem.to_owned(), 2);
    };
    let is_between = |c: char| c.is_whitespace() || "_-.,()[]".contains(c);
    let (head, tail) = (
        stem.get(..place.start).unwrap_or_default(),
        stem.get(place.end..).unwrap_or_default(),
    );
    let (head, tail) = (
        head.trim_end_matches(is_between),
        tail.trim_matches(is_between),
    );
    let name = if tail.is_empty() {
        head.to_owned()
    } else if head.is_empty() {
        tail.to_owned()
    } else {
        let between = if stem.contains(' ') { ' ' } else { '_' };
        format!("{head}{between}{tail}")
    };
    (name, number.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::{NameMark, Version, in_label, in_name};

    fn version(parts: &[u16]) -> Version {
        Version(parts.to_vec())
    }

    #[test]
    fn marks_in_names_are_words_with_numbers() {
        assert_eq!(in_name("Kent Police Q2 2022-23 v2"), Some(version(&[2])));
        assert_eq!(
            in_name("kent-police-2022-23-q2_V02.1"),
            Some(version(&[2, 1]))
        );
        assert_eq!(in_name("KP Q2v3 final"), Some(version(&[3])));
        assert_eq!(in_name("KP return version 2.0"), Some(version(&[2])));
        assert_eq!(in_name("KP Q2 v1 rev 4"), Some(version(&[4])));
        for none in ["KP Q2 (2)", "KP Q2 2022-23", "Kent v 2022", "KP Q2 final"] {
            assert_eq!(in_name(none), None, "{none}");
        }
    }

    #[test]
    fn names_are_marked_by_words_and_days_too() {
        let day = |stem: &str| NameMark::of(stem).day.map(|day| day.to_string());
        for stem in [
            "KP Q2 2022-23 2022-10-12",
            "kp_20221012",
            "KP 12.10.2022 Q2",
            "Kent Police 12 Oct 2022",
            "KP 2022-10-06 sent 12-10-2022",
        ] {
            assert_eq!(day(stem).as_deref(), Some("2022-10-12"), "{stem}");
        }
        for stem in [
            "KP Q2 2022-23",
            "2022-23-Q2 KP v2",
            "KP 1 2 2022-23",
            "KP 2022",
        ] {
            let found = day(stem).filter(|day| day != "2022-02-01");
            assert_eq!(found, None, "{stem}");
        }
        assert!(NameMark::of("KP Q2 (Corrected)").is_corrected);
        assert!(!NameMark::of("House of Correctional Studies").is_corrected);
    }

    #[test]
    fn labels_say_a_bare_number_too() {
        assert_eq!(in_label("2"), Some(version(&[2])));
        assert_eq!(in_label("1.0 (final)"), Some(version(&[1])));
        assert_eq!(in_label("v3, after comments"), Some(version(&[3])));
        assert_eq!(in_label("14/10/2022"), None);
        assert_eq!(in_label("Final"), None);
        assert!(version(&[2, 1]) > version(&[2]));
    }
}
