//! Normal forms by which headings, words and names are compared.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

pub use crate::grid::{is_blank, is_invisible};

/// The text without invisible characters and outer white space; inner white space as typed.
#[must_use]
pub fn visible(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    text.chars()
        .filter(|c| !is_invisible(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether a character acts on what shows it instead of being shown: it moves a cursor, starts an escape, ends a line, turns what is
/// around it round, or hides.
#[must_use]
pub fn is_acting(c: char) -> bool {
    c.is_control()
        || is_invisible(c)
        || matches!(
            c,
            '\u{61c}' | '\u{180e}' | '\u{2028}' | '\u{2029}' | '\u{2065}' | '\u{206a}'..='\u{206f}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a name without its extension is one that Windows keeps for a device, as `con` and `LPT1`: no file may have it.
#[must_use]
pub fn is_device(stem: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let letters = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    stem.len() - letters.len() <= 1
        && DEVICES
            .iter()
            .any(|device| device.eq_ignore_ascii_case(letters))
}

/// A text on one line in which nothing acts on a screen.
#[must_use]
pub fn one_line(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_acting(*c))
        .collect();
    collapse(&shown)
}

/// The text in one case, for comparing names as spreadsheets do: letters of every language, nothing else left out.
#[must_use]
pub fn caseless(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Units that a heading may carry in brackets without changing what it is.
const UNITS: [&str; 8] = ["£", "gbp", "s", "%", "no", "number", "pounds", "es"];

/// The normal form of a heading or a word: lower case, one space between words, `&` as `and`, no punctuation, no unit in brackets.
///
/// `Lead\nAgency:` and `lead agency *` are the same; so are `Amount (£)` and `Amount`, `Success Measure(s)` and `success measure`.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let lower: String = compatible(text)
        .chars()
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

/// The text in Unicode's compatible form, which most texts are in already.
fn compatible(text: &str) -> Cow<'_, str> {
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// `fold` for plain text, in one pass: nearly every cell is that.
fn fold_ascii(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'(' if let Some(end) = unit_end(text, at) => {
                gap = true;
                at = end;
                continue;
            }
            b'&' => {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str("and");
                gap = true;
            }
            b'\'' => {}
            b'.' if is_within_plain_initials(bytes, at) => {}
            byte if byte.is_ascii_alphanumeric() => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(char::from(byte.to_ascii_lowercase()));
            }
            _ => gap = true,
        }
        at += 1;
    }
    if out.is_empty() && text.contains('#') {
        return "#".to_owned();
    }
    out
}

/// Where a unit in brackets that begins here ends.
fn unit_end(text: &str, at: usize) -> Option<usize> {
    let (inside, _) = text.get(at + 1..)?.split_once(')')?;
    let unit = inside.trim();
    UNITS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(unit))
        .then_some(at + inside.len() + 2)
}

/// `is_within_initials` for plain text.
fn is_within_plain_initials(bytes: &[u8], at: usize) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied();
    let is_single = |letter: Option<u8>, next: Option<u8>| {
        letter.is_some_and(|b| b.is_ascii_alphabetic())
            && !next.is_some_and(|b| b.is_ascii_alphanumeric())
    };
    is_single(byte(at.checked_sub(1)), byte(at.checked_sub(2)))
        && is_single(byte(at.checked_add(1)), byte(at.checked_add(2)))
}

/// The normal form of a word that may be a sign: `N/A` folds as any word does, while `-` and a tick stay what they are.
#[must_use]
pub fn fold_word(text: &str) -> String {
    let folded = fold(text);
    if folded.is_empty() {
        visible(text)
    } else {
        folded
    }
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

/// The normal form of running text: case, white space, dashes, quotes and a last full stop folded, so that two copies of a sentence compare equal.
#[must_use]
pub fn fold_prose(text: &str) -> String {
    if text.is_ascii() {
        let mut out = String::with_capacity(text.len());
        let mut gap = false;
        for byte in text.bytes() {
            if char::from(byte).is_whitespace() {
                gap = true;
                continue;
            }
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(char::from(byte.to_ascii_lowercase()));
        }
        return without_full_stop(out);
    }
    let plain: String = compatible(text)
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '−' => '-',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    without_full_stop(collapse(&plain))
}

/// A sentence ends where it ends, with its full stop or without; dots that trail off are kept.
fn without_full_stop(mut text: String) -> String {
    if text.ends_with('.') && !text.ends_with("..") {
        text.pop();
    }
    text
}

/// A text as its letters are meant: letters in disguise and wide figures as plain ones, quotes and dashes of one kind, nothing invisible.
#[must_use]
pub fn plain(text: &str) -> String {
    let visible = visible(text);
    if visible.is_ascii() {
        return visible;
    }
    visible
        .nfkc()
        .map(|c| match c {
            '\u{2010}' | '\u{2011}' | '−' => '-',
            '‘' | '’' | 'ʼ' => '\'',
            '“' | '”' => '"',
            c => c,
        })
        .collect()
}

/// Whether two running texts are the same once folded.
#[must_use]
pub fn is_same_prose(a: &str, b: &str) -> bool {
    a == b || may_be_same_prose(a, b) && fold_prose(a) == fold_prose(b)
}

/// Whether two texts may have one normal form as running text: a quick look, without making either.
#[must_use]
pub fn may_be_same_prose(a: &str, b: &str) -> bool {
    if !a.is_ascii() || !b.is_ascii() {
        return true;
    }
    let (mut a, mut b) = (letters(a), letters(b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (one, other) if one == other => {}
            // White space aside they differ by a last full stop at most.
            _ => return a.next().is_none() && b.next().is_none(),
        }
    }
}

/// Plain text's letters in lower case, without white space.
fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes()
        .filter(|byte| !char::from(*byte).is_whitespace())
        .map(|byte| byte.to_ascii_lowercase())
}

/// What is left of a text without spaces and punctuation: `KPF-22` and `KPF/22` are one number.
#[must_use]
pub fn letters_and_figures(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How alike two folded texts are, 0 to 1: the better of the words in their order and the words sorted.
#[must_use]
pub fn likeness(a: &str, b: &str) -> f64 {
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    };
    let alike = strsim::normalized_damerau_levenshtein(a, b);
    let (first, second) = (sorted(a), sorted(b));
    if first == a && second == b {
        return alike;
    }
    alike.max(strsim::normalized_damerau_levenshtein(&first, &second))
}

/// How alike two folded texts are, if they are at least that much alike: texts of very different lengths are not compared at all.
#[must_use]
#[expect(
    clippy::float_arithmetic,
    reason = "likeness is a share of a length, and no money"
)]
pub fn likeness_from(a: &str, b: &str, least: f64) -> Option<f64> {
    let of = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let (first, second) = (of(a), of(b));
    // What one is longer by, it differs by.
    if f64::from(first.abs_diff(second)) > (1.0 - least) * f64::from(first.max(second)) + 1e-9 {
        return None;
    }
    let alike = likeness(a, b);
    (alike >= least).then_some(alike)
}

/// A wording ready to be compared with many others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    folded: String,
    sorted: String,
    characters: u32,
    /// The words as numbers, in order.
    words: Vec<u32>,
    /// How often characters occur, in a few heaps: two texts are at least as far apart as their heaps.
    heaps: [u16; HEAPS],
}

const HEAPS: usize = 32;

/// A word as a number (FNV-1a).
fn number_of(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

impl Wording {
    /// Folds a text for comparison.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = fold_prose(text);
        let mut words: Vec<&str> = folded.split(' ').collect();
        words.sort_unstable();
        let sorted = words.join(" ");
        let mut numbers: Vec<u32> = words.iter().map(|word| number_of(word)).collect();
        numbers.sort_unstable();
        let mut heaps = [0_u16; HEAPS];
        let mut characters = 0_u32;
        for c in folded.chars() {
            characters = characters.saturating_add(1);
            if let Some(heap) = heaps.get_mut(u32::from(c) as usize % HEAPS) {
                *heap = heap.saturating_add(1);
            }
        }
        Self {
            folded,
            sorted,
            characters,
            words: numbers,
            heaps,
        }
    }

    /// About how many words two wordings share: a quick hint at which one to compare first.
    #[must_use]
    pub fn shared_words(&self, other: &Self) -> usize {
        let mut theirs = other.words.iter().peekable();
        self.words
            .iter()
            .filter(|word| {
                while theirs.next_if(|other| other < word).is_some() {}
                theirs.next_if_eq(word).is_some()
            })
            .count()
    }

    /// Whether there are no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// How alike two wordings are, 0 to 1, if they are at least that much alike; most pairs are told apart without being compared.
    #[must_use]
    #[expect(
        clippy::float_arithmetic,
        reason = "likeness is a share of a length, and no money"
    )]
    pub fn likeness_from(&self, other: &Self, least: f64) -> Option<f64> {
        if self.folded == other.folded {
            return Some(1.0);
        }
        let longest = self.characters.max(other.characters);
        let allowed = (1.0 - least) * f64::from(longest) + 1e-9;
        if f64::from(self.characters.abs_diff(other.characters)) > allowed {
            return None;
        }
        let (mut more, mut fewer) = (0_u32, 0_u32);
        for (a, b) in self.heaps.iter().zip(&other.heaps) {
            more += u32::from(a.saturating_sub(*b));
            fewer += u32::from(b.saturating_sub(*a));
        }
        if f64::from(more.max(fewer)) > allowed {
            return None;
        }
        let alike = strsim::normalized_damerau_levenshtein(&self.folded, &other.folded).max(
            strsim::normalized_damerau_levenshtein(&self.sorted, &other.sorted),
        );
        (alike >= least).then_some(alike)
    }
}

/// A number of things, in words: `1 row`, `2 rows`.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
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
    use super::{
        Wording, contains_words, fold, fold_prose, is_blank, likeness, may_be_same_prose, visible,
    };

    #[test]
    fn the_quick_look_at_prose_passes_over_no_pair_that_is_the_same() {
        let pieces = ["", " ", "a", "B", "b", ".", "\n", "c."];
        let texts: Vec<String> = (0..8_usize.pow(3))
            .map(|number| {
                let piece = |place| pieces.get(number / 8_usize.pow(place) % 8).copied();
                (0..3).filter_map(piece).collect()
            })
            .collect();
        for a in &texts {
            for b in &texts {
                let is_same = fold_prose(a) == fold_prose(b);
                assert!(!is_same || may_be_same_prose(a, b), "{a:?} {b:?}");
            }
        }
        assert!(!may_be_same_prose(
            "Two stalls held",
            "Two stalls were held"
        ));
    }

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

    /// The long way round: a character that folds away makes the text no plain one.
    fn the_long_way(text: &str) -> (String, String) {
        let marked = format!("{text}\u{200b}");
        (fold(&marked), fold_prose(&marked))
    }

    #[test]
    fn plain_text_folds_as_any_other() {
        for text in [
            "Lead\nAgency: *",
            "Success Measure(s)",
            "Amount ( GBP )",
            "R.A.G. status",
            "a.b",
            "ab.c",
            "a.bc",
            ".a",
            "a.",
            "a.b.c.",
            "(s)",
            "(#)",
            "# *",
            "Stalking&Harassment & more&",
            "&",
            "it's",
            "' '",
            "(unclosed",
            "(no) (number) (nothing)",
            "a\u{b}b\u{c}c\td\u{1c}e",
            "",
            "  x  ",
            "C(es)D",
            "1.2",
            "U.K",
        ] {
            assert_eq!(
                (fold(text), fold_prose(text)),
                the_long_way(text),
                "{text:?}"
            );
        }
    }

    #[test]
    fn invisible_text_is_blank() {
        assert!(is_blank(" \u{a0}\u{200b}\n"));
        assert_eq!(visible("\u{feff} On track "), "On track");
    }

    #[test]
    fn wordings_are_as_alike_as_their_texts() {
        let texts = [
            "Run crime prevention stalls at five town markets",
            "Run crime prevention stall at five town market",
            "At five town markets run crime prevention stalls",
            "Run the weekly one stop shop",
            "Keep the café’s door open",
            "Keep the cafe's door open – weekly",
            "",
        ];
        for a in texts {
            for b in texts {
                let plain = likeness(&fold_prose(a), &fold_prose(b));
                for least in [0.0, 0.5, 0.75, 0.92] {
                    let found = Wording::new(a).likeness_from(&Wording::new(b), least);
                    assert_eq!(found, (plain >= least).then_some(plain), "{a} | {b}");
                }
            }
        }
    }

    #[test]
    fn words_are_whole_words() {
        assert!(contains_words("q2 kent police", "kent police"));
        assert!(!contains_words("q2 kps return", "kp"));
    }
}
