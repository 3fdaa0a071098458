//! What this program writes into a partner's own file, and how it knows it again: the note on a cell, and the added sheet.
//!
//! Invariant: a note is known by its text alone, for programs drop the author on saving; one that somebody changed is that person's.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::grid::Rgb;

/// The fill of a marked cell. No status of a scheme may have it, or one that looks like it.
pub const MARK_FILL: Rgb = [0xf3, 0xc9, 0xff];

/// The letters of a marked cell, and its border.
pub const MARK_TEXT: Rgb = [0x3f, 0x00, 0x71];
/// The border of a marked cell.
pub const MARK_BORDER: Rgb = [0x70, 0x30, 0xa0];

/// Below this many steps in each of red, green and blue two fills look alike.
const ALIKE: u8 = 24;

/// Whether a fill could be taken for the mark's.
#[must_use]
pub fn is_like_mark(fill: Rgb) -> bool {
    fill.iter()
        .zip(MARK_FILL)
        .all(|(a, b)| a.abs_diff(b) < ALIKE)
}

/// What stands in A1 of the added sheet.
pub const LIST_TITLE: &str = "csp-bridge: findings on this file";

/// The name of the added sheet, where it is free.
pub const LIST_NAME: &str = "csp-bridge findings";

/// The headings in row 3 of the added sheet.
pub const LIST_HEADINGS: [&str; 9] = [
    "No.",
    "Severity",
    "Sheet",
    "Cell",
    "What was found",
    "What to do",
    "Kept out",
    "Code",
    "Reply",
];

/// A text without what XML 1.0 has no characters for.
#[must_use]
pub fn writable(text: &str) -> Cow<'_, str> {
    let is_writable = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_writable) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_writable(*c)).collect())
    }
}

/// A text on one line, as a note has it: runs of white space as one space.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let text = writable(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What tells whether a note still says what this program wrote.
#[must_use]
fn check(message: &str, fix: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(message.as_bytes());
    hasher.update(b"\n");
    hasher.update(fix.as_bytes());
    let mut out = String::new();
    for byte in hasher.finalize().iter().take(4) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// One item of a note: message, fix, and the line by which it is known again.
#[must_use]
pub fn note(code: &str, message: &str, fix: &str) -> String {
    let (message, fix) = (on_one_line(message), on_one_line(fix));
    let check = check(&message, &fix);
    format!("{message}\n{fix}\n(csp-bridge {code} {check})")
}

/// What is left of a note without the items that this program wrote; nothing where it is all ours.
#[must_use]
pub fn without_ours(text: &str) -> Cow<'_, str> {
    if !text.contains("(csp-bridge ") {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split(['\n', '\r']).collect();
    let is_ours = |at: usize| {
        let (Some([message, fix]), Some(last)) = (
            at.checked_sub(2).and_then(|first| lines.get(first..at)),
            lines.get(at),
        ) else {
            return false;
        };
        said_check(last).is_some_and(|said| {
            let holds =
                |message: &str, fix: &str| said == check(&on_one_line(message), &on_one_line(fix));
            holds(message, fix) || holds(&unescaped(message), &unescaped(fix))
        })
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut at = lines.len();
    while let Some(last) = at.checked_sub(1) {
        if is_ours(last) {
            at -= 3;
            continue;
        }
        kept.extend(lines.get(last));
        at = last;
    }
    kept.reverse();
    Cow::Owned(kept.join("\n").trim().to_owned())
}

/// The check that a line gives, where it is the last of an item of ours.
fn said_check(line: &str) -> Option<&str> {
    let inside = line
        .trim()
        .strip_prefix("(csp-bridge ")?
        .strip_suffix(')')?;
    let mut words = inside.split_whitespace();
    let (_, check, None) = (words.next()?, words.next()?, words.next()) else {
        return None;
    };
    Some(check)
}

/// A text with the escapes of spreadsheets resolved, which some programs hand on as they stand.
fn unescaped(text: &str) -> Cow<'_, str> {
    const UNDERSCORE: &str = "_x005F_";
    if text.contains(UNDERSCORE) {
        Cow::Owned(text.replace(UNDERSCORE, "_"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text as the parts of a workbook write it: a literal `_x0041_` would be read as a letter.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    let is_escape = |at: usize| {
        let rest = text.as_bytes().get(at..at + 7);
        rest.is_some_and(|rest| {
            rest.starts_with(b"_x")
                && rest.ends_with(b"_")
                && rest.iter().skip(2).take(4).all(u8::is_ascii_hexdigit)
        })
    };
    if !text.match_indices("_x").any(|(at, _)| is_escape(at)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        if c == '_' && is_escape(at) {
            out.push_str("_x005F");
        }
        out.push(c);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{escaped, is_like_mark, note, without_ours};

    #[test]
    fn a_note_of_ours_is_known_by_its_text() {
        let ours = note("C202", "It  says\n“30+”.", "Write a number.");
        assert!(ours.starts_with("It says “30+”.\nWrite a number.\n(csp-bridge C202 "));
        assert_eq!(without_ours(&ours), "");
        let two = format!("{ours}\n\n{}", note("C201", "Blank.", "Fill it in."));
        assert_eq!(without_ours(&two), "");
        let with_own = format!("Ring me about this.\n{ours}\nAnd this.");
        assert_eq!(without_ours(&with_own), "Ring me about this.\nAnd this.");
        assert_eq!(without_ours(&ours.replace('\n', "\r\n")), "");
    }

    #[test]
    fn a_note_that_somebody_changed_is_theirs() {
        let ours = note("C202", "It says “30+”.", "Write a number.");
        for changed in [
            ours.replace("30+", "31+"),
            ours.replace("a number", "no number"),
            "Pay it.\nNow.\n(csp-bridge C202 00000000)".to_owned(),
        ] {
            assert_eq!(without_ours(&changed), changed);
        }
    }

    #[test]
    fn what_reads_like_an_escape_is_written_as_text() {
        assert_eq!(
            escaped("a_x0041_b _x00_ _y0041_"),
            "a_x005F_x0041_b _x00_ _y0041_"
        );
        let ours = note("C207", "“_x0041_” is no status.", "Choose one.");
        assert_eq!(without_ours(&escaped(&ours)), "");
    }

    #[test]
    fn a_fill_near_the_mark_is_told() {
        assert!(is_like_mark([0xf3, 0xc9, 0xff]) && is_like_mark([0xf0, 0xd0, 0xf8]));
        assert!(!is_like_mark([0xff, 0xff, 0xff]) && !is_like_mark([0xff, 0xc7, 0xce]));
    }
}
