//! References of actions and funding lines, and when two of them are the same.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::text;

/// A reference as typed, with the key by which it is compared. One word wide: there is a value in every cell of every record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(Arc<Spelling>);

/// How a reference is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Spelling {
    /// As typed, without outer and invisible space.
    pub text: Arc<str>,
    /// The comparison key.
    pub key: Arc<str>,
}

impl Deref for Reference {
    type Target = Spelling;

    fn deref(&self) -> &Spelling {
        &self.0
    }
}

impl Reference {
    /// Reads a text as a reference.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self(Arc::new(Spelling {
            text: text::visible(typed).into(),
            key: key(typed).into(),
        }))
    }

    /// The letters before the first digit, in upper case.
    #[must_use]
    pub fn prefix(&self) -> &str {
        let end = self
            .key
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(self.key.len());
        self.key.get(..end).unwrap_or_default()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The key of a reference: case, spaces, hyphens and leading zeros folded, never across a dot.
///
/// `asb 3`, `ASB-03` and `ASB003` share a key; `1.1` and `1.10` do not, nor do `1-2` and `12`.
#[must_use]
pub fn key(typed: &str) -> String {
    let mut out = String::with_capacity(typed.len());
    let mut separated = false;
    let mut after_dot = false;
    for c in typed.chars().filter(|c| !text::is_invisible(*c)) {
        if c.is_whitespace() || matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}' | '−') {
            separated = !out.is_empty();
            continue;
        }
        let c = c.to_ascii_uppercase();
        let ends_in_digit = out.ends_with(|last: char| last.is_ascii_digit());
        if separated && ends_in_digit && c.is_ascii_digit() {
            out.push('-');
        }
        if c.is_ascii_digit() && (!ends_in_digit || separated) {
            after_dot = out.ends_with('.');
        }
        if c.is_ascii_digit() && !after_dot && out.ends_with('0') && starts_number(&out) {
            out.pop();
        }
        separated = false;
        out.push(c);
    }
    out
}

/// Whether the text ends in a lone zero that begins a number.
fn starts_number(text: &str) -> bool {
    let mut back = text.chars().rev().skip(1);
    back.next().is_none_or(|c| !c.is_ascii_digit() && c != '.')
}

#[cfg(test)]
mod tests {
    use super::{Reference, key};

    #[test]
    fn spellings_of_one_reference_share_a_key() {
        for text in ["ASB-03", "asb 3", "ASB003", "Asb–3", " asb-0003\u{200b}"] {
            assert_eq!(key(text), "ASB3", "{text}");
        }
        assert_eq!(Reference::new("vawg 05").prefix(), "VAWG");
        assert_eq!(key("CRG-10"), "CRG10");
        assert_eq!(key("ASB-00"), "ASB0");
    }

    #[test]
    fn dots_and_hyphened_numbers_keep_references_apart() {
        assert_ne!(key("1.1"), key("1.10"));
        assert_ne!(key("1.01"), key("1.1"));
        assert_ne!(key("1-2"), key("12"));
        assert_eq!(key("1 - 02"), key("1-2"));
        assert_ne!(key("ASB-10"), key("ASB-1"));
    }
}
