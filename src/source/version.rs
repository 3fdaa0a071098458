//! Version marks: what `v2` in a file's name or `Version: 2` in a label cell says, so that two versions can be put in order.

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
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Kind {
        Letters,
        Digits,
        Other,
    }
    let mut out: Vec<String> = Vec::new();
    let mut last = Kind::Other;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_point =
            c == '.' && last == Kind::Digits && rest.peek().is_some_and(char::is_ascii_digit);
        let kind = if c.is_ascii_digit() || is_point {
            Kind::Digits
        } else if c.is_alphabetic() {
            Kind::Letters
        } else {
            Kind::Other
        };
        if kind != Kind::Other {
            if kind != last {
                out.push(String::new());
            }
            if let Some(run) = out.last_mut() {
                run.extend(c.to_lowercase());
            }
        }
        last = kind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Version, in_label, in_name};

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
    fn labels_say_a_bare_number_too() {
        assert_eq!(in_label("2"), Some(version(&[2])));
        assert_eq!(in_label("1.0 (final)"), Some(version(&[1])));
        assert_eq!(in_label("v3, after comments"), Some(version(&[3])));
        assert_eq!(in_label("14/10/2022"), None);
        assert_eq!(in_label("Final"), None);
        assert!(version(&[2, 1]) > version(&[2]));
    }
}
