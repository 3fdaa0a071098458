//! Which words of a text changed.

use std::fmt::Write as _;

use crate::value::text::fold_prose;

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words that stayed.
    Kept(Vec<&'a str>),
    /// Words that went, and words that came in their place; one of the two may be empty.
    Swapped(Vec<&'a str>, Vec<&'a str>),
}

/// Above so many words on both sides multiplied, the whole text is told as swapped: nobody reads such a comparison word by word.
const MOST: usize = 4_000_000;

/// The texts as words that stayed and words that changed.
#[must_use]
pub fn pieces<'a>(old: &'a str, new: &'a str) -> Vec<Piece<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old.split_whitespace().collect(),
        new.split_whitespace().collect(),
    );
    if old.len().saturating_mul(new.len()) > MOST {
        return vec![Piece::Swapped(old, new)];
    }
    let folded = |words: &[&str]| -> Vec<String> { words.iter().map(|w| fold_prose(w)).collect() };
    let (old_keys, new_keys) = (folded(&old), folded(&new));
    let lengths = common(&old_keys, &new_keys);
    let mut out: Vec<Piece<'a>> = Vec::new();
    let (mut i, mut j) = (0, 0);
    loop {
        match (old.get(i), new.get(j)) {
            (Some(_), Some(word)) if old_keys.get(i) == new_keys.get(j) => {
                keep(&mut out, word);
                i += 1;
                j += 1;
            }
            (Some(gone), Some(_)) if length(&lengths, i + 1, j) >= length(&lengths, i, j + 1) => {
                swap(&mut out, Some(gone), None);
                i += 1;
            }
            (_, Some(word)) => {
                swap(&mut out, None, Some(word));
                j += 1;
            }
            (Some(gone), None) => {
                swap(&mut out, Some(gone), None);
                i += 1;
            }
            (None, None) => break,
        }
    }
    out
}

/// A text with its changes marked: `Run stalls at [five → three] town markets`.
#[must_use]
pub fn marked(old: &str, new: &str) -> String {
    let mut out = String::new();
    for piece in pieces(old, new) {
        if !out.is_empty() {
            out.push(' ');
        }
        let written = match piece {
            Piece::Kept(words) => write!(out, "{}", words.join(" ")),
            Piece::Swapped(gone, come) if gone.is_empty() => write!(out, "[+ {}]", come.join(" ")),
            Piece::Swapped(gone, come) if come.is_empty() => write!(out, "[– {}]", gone.join(" ")),
            Piece::Swapped(gone, come) => write!(out, "[{} → {}]", gone.join(" "), come.join(" ")),
        };
        // Writing to a string cannot fail.
        debug_assert!(written.is_ok());
    }
    out
}

fn keep<'a>(out: &mut Vec<Piece<'a>>, word: &'a str) {
    if let Some(Piece::Kept(words)) = out.last_mut() {
        words.push(word);
    } else {
        out.push(Piece::Kept(vec![word]));
    }
}

fn swap<'a>(out: &mut Vec<Piece<'a>>, gone: Option<&'a str>, come: Option<&'a str>) {
    if let Some(Piece::Swapped(old, new)) = out.last_mut() {
        old.extend(gone);
        new.extend(come);
    } else {
        out.push(Piece::Swapped(
            gone.into_iter().collect(),
            come.into_iter().collect(),
        ));
    }
}

/// How many words the rests of two texts have in common, for every pair of beginnings.
fn common(old: &[String], new: &[String]) -> Vec<Vec<u32>> {
    let mut out = vec![vec![0; new.len() + 1]];
    for word in old.iter().rev() {
        let below = out.last().cloned().unwrap_or_default();
        let mut row = vec![0; new.len() + 1];
        let mut right = 0;
        for (j, other) in new.iter().enumerate().rev() {
            let at = |column: usize| below.get(column).copied().unwrap_or_default();
            let best = if word == other {
                at(j + 1) + 1
            } else {
                at(j).max(right)
            };
            if let Some(cell) = row.get_mut(j) {
                *cell = best;
            }
            right = best;
        }
        out.push(row);
    }
    out.reverse();
    out
}

fn length(lengths: &[Vec<u32>], i: usize, j: usize) -> u32 {
    lengths
        .get(i)
        .and_then(|row| row.get(j))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn changes_are_marked_word_by_word() {
        for (old, new, want) in [
            (
                "Run stalls at five town markets",
                "Run stalls at three town markets",
                "Run stalls at [five → three] town markets",
            ),
            (
                "Run the shop",
                "Run the weekly shop",
                "Run the [+ weekly] shop",
            ),
            (
                "Run the weekly shop",
                "Run the shop",
                "Run the [– weekly] shop",
            ),
            ("", "Run the shop", "[+ Run the shop]"),
            ("Run the shop", "", "[– Run the shop]"),
            ("It’s  open", "it's open", "it's open"),
            ("a b c", "x y z", "[a b c → x y z]"),
        ] {
            assert_eq!(marked(old, new), want);
        }
    }
}
