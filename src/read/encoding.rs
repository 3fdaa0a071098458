//! How a text file stores its letters: marked, UTF-8, or one of the code pages of this country's machines, told by what its letters say.
//!
//! A byte above the plain ones stands for another character in every code page. Read in the wrong one it gives letters where nobody
//! writes them (`partnerÕs`, `œ50`), in the right one what people write (`partner’s`, `£50`); so each code page is tried and judged by
//! the neighbours of its characters.

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The upper half of the code page of MS-DOS in America.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// The upper half of the code page of MS-DOS in Western Europe.
const CODE_PAGE_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// So many characters decide; the rest of a long file follows them.
const JUDGED_MAX: usize = 20_000;

/// What a text may be stored in, the likelier first: of two that say the same of it the earlier is taken.
const CANDIDATES: [Candidate; 5] = [
    Candidate::Windows,
    Candidate::Macintosh,
    Candidate::Dos850,
    Candidate::Dos437,
    Candidate::Mixed,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Candidate {
    Windows,
    Macintosh,
    Dos850,
    Dos437,
    /// UTF-8 with letters of Windows among it, as two files joined give it.
    Mixed,
}

impl Candidate {
    fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows-1252",
            Self::Macintosh => "Mac Roman, as Macintosh computers write it",
            Self::Dos850 => "code page 850, as MS-DOS programs write it",
            Self::Dos437 => "code page 437, as MS-DOS programs write it",
            Self::Mixed => "UTF-8 with some letters in Windows-1252",
        }
    }

    fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Windows => WINDOWS_1252.decode_without_bom_handling(bytes).0,
            Self::Macintosh => MACINTOSH.decode_without_bom_handling(bytes).0,
            Self::Dos850 => Cow::Owned(by_table(bytes, CODE_PAGE_850)),
            Self::Dos437 => Cow::Owned(by_table(bytes, CODE_PAGE_437)),
            Self::Mixed => {
                let mut out = String::with_capacity(bytes.len());
                for chunk in bytes.utf8_chunks() {
                    out.push_str(chunk.valid());
                    out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
                }
                Cow::Owned(out)
            }
        }
    }
}

fn by_table(bytes: &[u8], table: &str) -> String {
    let table: Vec<char> = table.chars().collect();
    bytes
        .iter()
        .map(|byte| match byte.checked_sub(0x80) {
            None => char::from(*byte),
            Some(index) => table
                .get(usize::from(index))
                .copied()
                .unwrap_or(char::REPLACEMENT_CHARACTER),
        })
        .collect()
}

/// The text, and the name of its encoding where that had to be guessed.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return (text, None);
    }
    if super::sniff::is_utf16(bytes) {
        let encoding = if bytes.first() == Some(&0) {
            UTF_16BE
        } else {
            UTF_16LE
        };
        return (
            encoding.decode_without_bom_handling(bytes).0,
            Some(encoding.name()),
        );
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), None);
    }
    let (found, is_plain) = told_by_letters(bytes);
    (found.decode(bytes), (!is_plain).then(|| found.name()))
}

/// The code page whose letters make most sense, and whether it is the usual one beyond doubt.
fn told_by_letters(bytes: &[u8]) -> (Candidate, bool) {
    let sample = sample(bytes);
    let read = CANDIDATES.map(|candidate| candidate.decode(&sample));
    let senses = [0, 1, 2, 3, 4].map(|at: usize| read.get(at).map_or(0, |text| sense(text)));
    // What most machines here write has a start. Macintosh programs of old end lines with a return alone, and nobody else does; those of
    // MS-DOS never do.
    let has_returns = bytes.contains(&b'\r');
    let has_bare_returns = has_returns && !bytes.contains(&b'\n');
    let start = |candidate| match candidate {
        Candidate::Windows => 2,
        Candidate::Macintosh if has_bare_returns => 3,
        Candidate::Dos850 if has_returns && !has_bare_returns => 1,
        Candidate::Macintosh | Candidate::Dos850 | Candidate::Dos437 | Candidate::Mixed => 0,
    };
    let mut best = (Candidate::Windows, i64::MIN, "");
    let mut has_rival = false;
    for ((candidate, sense), text) in CANDIDATES.into_iter().zip(senses).zip(&read) {
        let score = sense + start(candidate);
        if score > best.1 {
            best = (candidate, score, text);
            has_rival = false;
        } else {
            has_rival |= score == best.1 && best.2 != *text;
        }
    }
    // The five bytes that Windows-1252 leaves undefined tell that the text is something else.
    let is_clean = !bytes
        .iter()
        .any(|b| matches!(b, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d));
    // Where the usual one makes no sense of the letters, or another makes as much, it is a guess as well.
    let is_plain = best.0 == Candidate::Windows && is_clean && best.1 >= 0 && !has_rival;
    (best.0, is_plain)
}

/// Only the letters in doubt and what stands around them, so that a long file is judged in no time.
fn sample(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut taken_to = 0;
    let doubtful = bytes.iter().enumerate().filter(|(_, byte)| **byte >= 0x80);
    for (at, _) in doubtful.take(JUDGED_MAX) {
        let from = at.saturating_sub(2);
        if from > taken_to {
            // What is left out stands between fields.
            out.push(b'\t');
        }
        let from = from.max(taken_to);
        taken_to = bytes.len().min(at + 3);
        out.extend_from_slice(bytes.get(from..taken_to).unwrap_or_default());
    }
    out
}

/// How much sense the characters above the plain ones make where they stand.
fn sense(text: &str) -> i64 {
    let characters: Vec<char> = text.chars().collect();
    let at = |index: Option<usize>| {
        index
            .and_then(|index| characters.get(index))
            .copied()
            .unwrap_or('\n')
    };
    characters
        .iter()
        .enumerate()
        .filter(|(_, character)| !character.is_ascii())
        .map(|(index, character)| {
            let before = at(index.checked_sub(1));
            let after = at(Some(index + 1));
            let further = at(Some(index + 2));
            weight(before, *character, after, further)
        })
        .sum()
}

/// The sense of one character between its neighbours: above nought where people write it so, below where they never do.
fn weight(before: char, character: char, after: char, further: char) -> i64 {
    let is_edge = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';' | '|' | '"' | '(' | ')' | '.' | ':' | '\'' | '!' | '?' | '/' | '-' | '…'
            )
    };
    match character {
        '£' | '€' => {
            let is_amount = after.is_ascii_digit()
                || matches!(after, ' ' | '-' | '.' | '\u{a0}') && further.is_ascii_digit();
            if is_amount || before == '(' && after == ')' {
                4
            } else if before.is_ascii_digit()
                || is_edge(before) && is_edge(after)
                || matches!(after, 'k' | 'K' | 'm' | 'M')
            {
                2
            } else {
                -1
            }
        }
        // Within a word, and after the plural's s.
        '’' if before.is_alphabetic() && after.is_alphabetic() => 4,
        '’' if before.is_alphanumeric() => 2,
        '’' | '‘' if is_edge(before) && after.is_alphanumeric() => 2,
        '“' if is_edge(before) && (after.is_alphanumeric() || matches!(after, '£' | '‘')) => 3,
        '”' if !before.is_whitespace() && is_edge(after) => 3,
        '–' | '—' if before == ' ' && after == ' ' => 3,
        '–' | '—' if before.is_ascii_digit() && (after.is_ascii_digit() || after == '£') => 3,
        '–' | '—' if !before.is_whitespace() && !after.is_whitespace() => 1,
        '–' | '—' if is_edge(before) || is_edge(after) => 1,
        '…' if before.is_alphanumeric() || is_edge(before) => 2,
        '•' | '·' | '▪' | '■' if is_edge(before) && (is_edge(after) || after.is_alphabetic()) => {
            2
        }
        // A space that does not break stands between words here far oftener than an accent stands within one.
        '\u{a0}' if before.is_alphanumeric() && after.is_alphanumeric() => 3,
        '\u{a0}' => 2,
        '°' | 'º' if before.is_ascii_digit() || before == ' ' && after == 'C' => 2,
        '½' | '¼' | '¾'
            if (before.is_ascii_digit() || is_edge(before)) && !after.is_alphabetic() =>
        {
            2
        }
        '²' | '³' if before.is_alphabetic() && !after.is_alphabetic() => 2,
        '±' | '×' | '÷' | '§' | '¢' | '¥' | '≥' | '≤'
            if after.is_ascii_digit() || after == ' ' && further.is_ascii_digit() =>
        {
            2
        }
        '×' | '÷' if before.is_ascii_digit() || is_edge(before) && is_edge(after) => 1,
        '®' | '™' if before.is_alphanumeric() && !after.is_alphanumeric() => 2,
        '©' if is_edge(before) => 1,
        'ª' | 'º' | 'ı' | 'ƒ' => -2,
        'Ð' | 'ð' | 'Þ' | 'þ' => -3,
        letter if letter.is_alphabetic() => word(before, letter, after),
        // Signs that people in offices do not write, lines of boxes, what no code page defines.
        '\u{80}'..='\u{9f}' | '\u{fffd}' => -6,
        '\u{2500}'..='\u{259f}' | '\u{f8ff}' => -4,
        _ => -2,
    }
}

/// A letter with an accent, or a foreign one, in its word.
fn word(before: char, letter: char, after: char) -> i64 {
    let is_latin = matches!(letter, '\u{c0}'..='\u{17f}');
    if !is_latin {
        return -2;
    }
    let stands_beside_figure = before.is_ascii_digit() || after.is_ascii_digit();
    if stands_beside_figure || !before.is_alphabetic() && !after.is_alphabetic() {
        return -3;
    }
    // Seldom met here, and what other code pages' letters turn into.
    if matches!(letter, 'š' | 'ž' | 'œ' | 'Š' | 'Ž' | 'Œ' | 'ÿ' | 'Ÿ') {
        return if letter.is_uppercase() && before.is_lowercase() {
            -3
        } else {
            0
        };
    }
    if letter.is_lowercase() {
        // `café`, `naïve`, `élan`; never `LAúNCH`, `CAFê` or `MondayñFriday`.
        let is_among_capitals = before.is_uppercase() && !after.is_lowercase();
        return if is_among_capitals || after.is_uppercase() {
            -2
        } else {
            2
        };
    }
    // `Élan`, `CAFÉ`; never `cafÉ`.
    if before.is_lowercase() {
        -3
    } else if !before.is_alphabetic() && after.is_uppercase() {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::{CODE_PAGE_437, CODE_PAGE_850, decode};

    /// A text as a machine that knows this code page stores it.
    fn stored(text: &str, page: &str) -> Vec<u8> {
        let mac;
        let table: Vec<char> = match page {
            "437" => CODE_PAGE_437.chars().collect(),
            "850" => CODE_PAGE_850.chars().collect(),
            name => {
                let all: Vec<u8> = (0x80..=0xff).collect();
                let encoding = if name == "mac" {
                    encoding_rs::MACINTOSH
                } else {
                    encoding_rs::WINDOWS_1252
                };
                mac = encoding.decode_without_bom_handling(&all).0.into_owned();
                mac.chars().collect()
            }
        };
        text.chars()
            .map(|character| {
                if character.is_ascii() {
                    return u8::try_from(character).expect("plain");
                }
                let index = table.iter().position(|c| *c == character);
                u8::try_from(index.expect("a character of this page") + 0x80).expect("a byte")
            })
            .collect()
    }

    const WRITTEN: [(&str, &[&str]); 15] = [
        (
            "Ref,Amount (£)\nCRG-01,£250\n",
            &["1252", "mac", "437", "850"],
        ),
        (
            "The partner’s stalls – three of them – were held\n",
            &["1252", "mac"],
        ),
        ("Partners’ “open evening”, 10–12 July…\n", &["1252", "mac"]),
        (
            "Café Nero gave £50 and the naïve élan of Zoë\n",
            &["1252", "mac", "437", "850"],
        ),
        (
            "CAFÉ owners, one of them in Besançon\n",
            &["1252", "mac", "850"],
        ),
        ("Kept at 20°C for 2½ hours\n", &["1252", "437", "850"]),
        ("• two patrols\n• one stall\n", &["1252", "mac"]),
        (
            "costs £ 1,250.00 and £.50\n",
            &["1252", "mac", "437", "850"],
        ),
        ("it’s\n", &["1252", "mac"]),
        ("£1k\n", &["1252", "mac", "437", "850"]),
        ("one – two\n", &["1252", "mac"]),
        ("‘Night walk’ held\n", &["1252", "mac"]),
        ("Spend €40 on it\n", &["1252", "mac"]),
        ("Siân’s café: £30\n", &["1252", "mac"]),
        ("Siân gave £30\n", &["1252", "mac", "437", "850"]),
    ];

    #[test]
    fn code_pages_are_told_by_what_their_letters_say() {
        for (text, pages) in WRITTEN {
            for page in pages {
                let bytes = stored(text, page);
                let (read, guessed) = decode(&bytes);
                assert_eq!(read, text, "{page}");
                let says_the_same = *page == "mac" && bytes == stored(text, "1252");
                assert_eq!(
                    guessed.is_some(),
                    *page != "1252" && !says_the_same,
                    "{page} {text} {guessed:?}"
                );
            }
        }
    }

    #[test]
    fn bare_returns_speak_for_a_macintosh() {
        // On Windows the byte is Ñ, on a Macintosh a dash, and either may begin a word.
        let doubtful = b"Ref,Update\rSAC-01,\xd0A stall\r";
        assert_eq!(decode(doubtful).0, "Ref,Update\rSAC-01,–A stall\r");
    }

    #[test]
    fn what_is_marked_or_plain_is_no_guess() {
        assert_eq!(decode(b"\xef\xbb\xbf\xc2\xa35"), ("£5".into(), None));
        assert_eq!(decode(b"\xa35"), ("£5".into(), None));
        assert_eq!(decode(b"\xff\xfe\xa3\x005\x00"), ("£5".into(), None));
        assert!(decode(b"\x81\xa3").1.is_some());
        // UTF-8 with one line out of another file.
        assert_eq!(
            decode(b"caf\xc3\xa9 gave \xc2\xa350\npartner\x92s\n"),
            (
                "café gave £50\npartner’s\n".into(),
                Some("UTF-8 with some letters in Windows-1252")
            )
        );
    }
}
