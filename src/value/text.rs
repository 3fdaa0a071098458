//! Normal forms by which headings, words and names are compared.

use unicode_normalization::UnicodeNormalization;

/// Characters that take no room on a screen: zero-width, byte order mark, soft hyphen, bidirectional marks.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Whether a text shows nothing: white space of any kind and invisible characters only.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || is_invisible(c) || c.is_control())
}

/// The text without invisible characters and outer white space; inner white space as typed.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Units that a heading may carry in brackets without changing what it is.
const UNITS: [&str; 9] = ["£", "gbp", "s", "%", "£k", "no", "number", "pounds", "es"];

/// The normal form of a heading or a word: lower case, one space between words, `&` as `and`, no punctuation, no unit in brackets.
///
/// `Lead\nAgency:` and `lead agency *` are the same; so are `Amount (£)` and `Amount`, `Success Measure(s)` and `success measure`.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ') {
        return collapse(text.to_ascii_lowercase().as_str());
    }
    let lower: String = text
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .collect();
    let mut out = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '('
            && let Some((inside, tail)) = after.split_once(')')
            && UNITS.contains(&inside.trim())
        {
            out.push(' ');
            rest = tail;
            continue;
        }
        match c {
            '&' => out.push_str(" and "),
            '\'' | '’' | '‘' => {}
            '.' if is_within_initials(&lower, lower.len() - rest.len()) => {}
            c if c.is_alphanumeric() => out.push(c),
            _ => out.push(' '),
        }
        rest = after;
    }
    let folded = collapse(&out);
    // A heading that is nothing but a sign is that sign, whatever stands around it: `#`, `# *`, `(£)`.
    if folded.is_empty()
        && let Some(sign) = lower.chars().find(|c| matches!(c, '#' | '£'))
    {
        return sign.to_string();
    }
    folded
}

/// Whether the full stop at this byte stands between single letters: `R.A.G.` is `rag`.
fn is_within_initials(text: &str, at: usize) -> bool {
    let (before, after) = (text.get(..at), text.get(at + 1..));
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    let is_single = |[letter, next]: [Option<char>; 2]| {
        letter.is_some_and(char::is_alphabetic) && !next.is_some_and(char::is_alphanumeric)
    };
    let (mut left, mut right) = (before.chars().rev(), after.chars());
    is_single([left.next(), left.next()]) && is_single([right.next(), right.next()])
}

fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The normal form of running text: case, white space, dashes and quotes folded, so that two copies of a sentence compare equal.
#[must_use]
pub fn fold_prose(text: &str) -> String {
    let plain: String = text
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '−' => '-',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    collapse(&plain)
}

/// How alike two folded texts are, 0 to 1: the better of the words in their order and the words sorted.
#[must_use]
pub fn likeness(a: &str, b: &str) -> f64 {
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    };
    strsim::normalized_damerau_levenshtein(a, b).max(strsim::normalized_damerau_levenshtein(
        &sorted(a),
        &sorted(b),
    ))
}

/// Whether `needle`'s words stand side by side in `hay`; both folded.
#[must_use]
pub fn contains_words(hay: &str, needle: &str) -> bool {
    if needle.is_empty() {
        return false;
    }
    let hay = format!(" {hay} ");
    hay.contains(&format!(" {needle} "))
}

#[cfg(test)]
mod tests {
    use super::{contains_words, fold, is_blank, visible};

    #[test]
    fn headings_fold_to_one_form() {
        for text in [
            "Lead agency",
            "LEAD\nAGENCY:",
            "lead\u{a0}agency *",
            " Lead\u{200b} Agency ",
            "Lead-Agency",
        ] {
            assert_eq!(fold(text), "lead agency");
        }
        assert_eq!(fold("Amount (£)"), "amount");
        assert_eq!(fold("Success Measure(s)"), "success measure");
        assert_eq!(fold("Revenue / Capital"), "revenue capital");
        assert_eq!(fold("Stalking & Harassment"), "stalking and harassment");
        assert_eq!(fold("Match (cash)"), "match cash");
        assert_eq!(fold("#"), "#");
        assert_eq!(fold("# *"), "#");
        assert_eq!(fold("R.A.G. status"), "rag status");
        assert_eq!(fold("Ref.No."), "ref no");
    }

    #[test]
    fn invisible_text_is_blank() {
        assert!(is_blank(" \u{a0}\u{200b}\n"));
        assert_eq!(visible("\u{feff} On track "), "On track");
    }

    #[test]
    fn words_are_whole_words() {
        assert!(contains_words("q2 kent police", "kent police"));
        assert!(!contains_words("q2 kps return", "kp"));
    }
}
