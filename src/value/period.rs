//! Reporting periods: quarters of an April to March year, in the spellings people use.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};

use super::date::month_number;
use super::text;

/// One quarter of one partnership year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    /// The calendar year in which the partnership year starts.
    pub year: i16,
    /// 1 to 4.
    pub number: u8,
}

impl Quarter {
    /// The first day.
    #[must_use]
    pub fn start(self) -> Date {
        let (year, month) = match self.number {
            1 => (self.year, 4),
            2 => (self.year, 7),
            3 => (self.year, 10),
            _ => (self.year.saturating_add(1), 1),
        };
        date(year, month, 1)
    }

    /// The last day.
    #[must_use]
    pub fn end(self) -> Date {
        let start = self.start();
        start
            .checked_add(jiff::Span::new().months(2))
            .unwrap_or(start)
            .last_of_month()
    }

    /// The partnership year as people write it: `2022-23`.
    #[must_use]
    pub fn year_label(self) -> String {
        format!("{}-{:02}", self.year, (i32::from(self.year) + 1) % 100)
    }

    /// The quarter as a sentence writes it: `Q2 2022-23`.
    #[must_use]
    pub fn spoken(self) -> String {
        format!("Q{} {}", self.number, self.year_label())
    }
}

/// `2022-23-Q2`.
impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-Q{}", self.year_label(), self.number)
    }
}

/// Why a text is no quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quarter: write it like 2022-23-Q2")]
pub struct NotAQuarter;

impl FromStr for Quarter {
    type Err = NotAQuarter;

    fn from_str(text: &str) -> Result<Self, NotAQuarter> {
        let found = mention(text);
        match (found.quarter, found.year) {
            (Some(number), Some(year)) => Ok(Self { year, number }),
            _ => Err(NotAQuarter),
        }
    }
}

/// What a text says of a period: a quarter, a year, both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mention {
    /// The quarter's number.
    pub quarter: Option<u8>,
    /// The calendar year in which the partnership year starts.
    pub year: Option<i16>,
    /// The first and the last quarter, where more than one is named and not all four: `Apr – Sep 2022`, `Q2 and Q3`.
    pub span: Option<(u8, u8)>,
    /// The folded words that say nothing of a period.
    pub rest: String,
}

impl Mention {
    /// Takes a quarter that is named, the first or a further one.
    fn take(&mut self, quarter: u8) {
        let first = *self.quarter.get_or_insert(quarter);
        self.reach(first, quarter);
    }

    /// Notes that quarters from one to another are named.
    fn reach(&mut self, from: u8, to: u8) {
        let (low, high) = self.span.unwrap_or((from, from));
        let (low, high) = (low.min(from).min(to), high.max(from).max(to));
        self.span = (low != high).then_some((low, high));
    }
}

/// Reads what a heading, label, sheet name or file name says of a period: `Q2 2022/23`, `2022-23 Quarter 2`, `Jul–Sep 2022`, `2nd quarter`.
#[must_use]
pub fn mention(typed: &str) -> Mention {
    mention_in(&text::fold(typed))
}

/// The same for a text that was folded already.
#[must_use]
pub fn mention_in(folded: &str) -> Mention {
    // Most texts name no period: no word of theirs could begin one.
    if !may_name_period(folded) {
        return Mention {
            rest: folded.to_owned(),
            ..Mention::default()
        };
    }
    let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).collect();
    let mut rest: Vec<&str> = Vec::new();
    let mut found = Mention::default();
    let mut calendar: Option<i16> = None;
    let mut month_quarter: Option<u8> = None;
    let mut words = words.as_slice();
    while let [word, tail @ ..] = words {
        let mut used = 1;
        if let Some(quarter) = quarter_word(word) {
            found.take(quarter);
        } else if let Some((quarter, year)) = glued(word) {
            found.take(quarter);
            found.year = found.year.or(year);
        } else if matches!(*word, "quarter" | "qtr" | "q" | "quarters") {
            match tail.first().and_then(|next| number_word(next)) {
                Some(quarter) => {
                    found.take(quarter);
                    used = 2;
                }
                None => rest.push(word),
            }
        } else if let Some(quarter) = number_word(word).filter(|_| {
            tail.first()
                .is_some_and(|next| matches!(*next, "quarter" | "qtr"))
        }) {
            found.take(quarter);
            used = 2;
        } else if let Some((from, to, count)) = month_run(words) {
            if from == to {
                found.take(from);
                month_quarter = month_quarter.or(Some(from));
            } else {
                found.reach(from, to);
                month_quarter = month_quarter.or(Some(from));
            }
            used = count;
        } else if let Some((from, to, count)) = half(words) {
            found.reach(from, to);
            used = count;
        } else if let Some((year, count, is_range)) = year_run(words) {
            if is_range {
                found.year = found.year.or(Some(year));
            } else {
                calendar = calendar.or(Some(year));
            }
            used = count;
        } else if *word == "fy" {
        } else {
            rest.push(word);
        }
        words = words.get(used..).unwrap_or_default();
    }
    if found.year.is_none()
        && let Some(year) = calendar
    {
        // A single year beside months is the calendar's: January to March 2023 is in 2022-23. Elsewhere it says too little.
        found.year = month_quarter.map(|quarter| match quarter {
            4 => year.saturating_sub(1),
            _ => year,
        });
    }
    // All four are the year.
    found.span = found.span.filter(|span| *span != (1, 4));
    found.rest = rest.join(" ");
    found
}

/// The quarter of a month that a name gives where it gives no quarter, with what else it says: `Spend April`, `July 2022`.
#[must_use]
pub fn month_mention(typed: &str) -> Option<Mention> {
    let folded = text::fold(typed);
    let mut months = folded
        .split(' ')
        .filter_map(|word| Some((word, month_number(word)?)));
    let (word, month) = months.next()?;
    if months.next().is_some() {
        return None;
    }
    let quarter = match month {
        4..=6 => 1,
        7..=9 => 2,
        10..=12 => 3,
        _ => 4,
    };
    let mut out = Mention {
        quarter: Some(quarter),
        ..Mention::default()
    };
    let mut rest = Vec::new();
    for other in folded.split(' ').filter(|other| *other != word) {
        let year: Option<i16> = match (other.len(), other.parse::<i16>()) {
            (4, Ok(year)) if (1990..=2199).contains(&year) => Some(year),
            (2, Ok(year)) => Some(2000 + year),
            _ => None,
        };
        match year {
            // The calendar's: January 2023 is in 2022-23.
            Some(year) => out.year = Some(if quarter == 4 { year - 1 } else { year }),
            None => rest.push(other),
        }
    }
    out.rest = rest.join(" ");
    Some(out)
}

/// Whether a folded text has a word that could begin a period; most have none.
#[must_use]
pub fn may_name_period(folded: &str) -> bool {
    folded.split(' ').any(may_begin_period)
}

/// Whether a word can be part of what names a period: a quarter, a figure, a month, or `fy`.
fn may_begin_period(word: &str) -> bool {
    let Some(first) = word.bytes().next() else {
        return false;
    };
    first.is_ascii_digit()
        || first == b'q'
        || word == "fy"
        || matches!(word, "h1" | "h2")
        || (word.len() >= 3 && b"jfmasond".contains(&first) && month_number(word).is_some())
        || matches!(
            word.trim_start_matches('0'),
            "one" | "first" | "two" | "second" | "three" | "third" | "four" | "fourth"
        )
        || (word.contains('q') && word.bytes().any(|b| b.is_ascii_digit()))
}

fn quarter_word(word: &str) -> Option<u8> {
    let digits = ["quarter", "qtr", "qu", "q"]
        .iter()
        .find_map(|head| word.strip_prefix(head))?;
    let digits = digits.trim_start_matches('0');
    match digits {
        "1" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        _ => None,
    }
}

/// `2022q2`, `202223q2`, `q22223` is not read: only the year in front.
fn glued(word: &str) -> Option<(u8, Option<i16>)> {
    let at = word.find('q')?;
    let (year, quarter) = word.split_at(at);
    let quarter = quarter_word(quarter)?;
    if year.len() == 6 || year.len() == 4 {
        return Some((
            quarter,
            year.get(..4)
                .and_then(|y| y.parse().ok())
                .filter(|y| (1990..=2199).contains(y)),
        ));
    }
    None
}

fn number_word(word: &str) -> Option<u8> {
    match word.trim_start_matches('0') {
        "1" | "1st" | "one" | "first" => Some(1),
        "2" | "2nd" | "two" | "second" => Some(2),
        "3" | "3rd" | "three" | "third" => Some(3),
        "4" | "4th" | "four" | "fourth" => Some(4),
        _ => None,
    }
}

/// `jul sep`, `july to september`, `apr may jun`, `april to september`: the first and last quarter and how many words say so. A year
/// between the months is passed over.
fn month_run(words: &[&str]) -> Option<(u8, u8, usize)> {
    let first = month_number(words.first()?)?;
    let mut last = None;
    for (index, word) in words.iter().enumerate().skip(1).take(4) {
        if let Some(month) = month_number(word) {
            last = Some((month, index + 1));
        } else if !matches!(*word, "to" | "and" | "until" | "through")
            && word.parse::<i16>().is_err()
        {
            break;
        }
    }
    let (last, used) = last?;
    let from = match first {
        4 => 1,
        7 => 2,
        10 => 3,
        1 => 4,
        _ => return None,
    };
    let to = match last {
        6 => 1,
        9 => 2,
        12 => 3,
        3 => 4,
        _ => return None,
    };
    // The whole year is no quarter.
    (from <= to && (from, to) != (1, 4)).then_some((from, to, used))
}

/// `h1`, `first half`: the quarters of half a year, and how many words say so.
fn half(words: &[&str]) -> Option<(u8, u8, usize)> {
    let of = |number: u8| if number == 1 { (1, 2) } else { (3, 4) };
    let (number, used) = match words {
        ["h1", ..] => (1, 1),
        ["h2", ..] => (2, 1),
        [word, "half", ..] => (number_word(word).filter(|number| *number <= 2)?, 2),
        _ => return None,
    };
    let (from, to) = of(number);
    Some((from, to, used))
}

/// `2022 23`, `2022 2023`, `22 23`, `202223`, or a single year; the start year, the words used, and whether it was a range.
fn year_run(words: &[&str]) -> Option<(i16, usize, bool)> {
    let word = words.first()?;
    if !word.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i32 = word.parse().ok()?;
    let short = |year: i32| i16::try_from(year).ok();
    match word.len() {
        6 => {
            let (start, end) = (number / 100, number % 100);
            ((1990..=2199).contains(&start) && (start + 1) % 100 == end)
                .then(|| short(start).map(|y| (y, 1, true)))
                .flatten()
        }
        4 if (1990..=2199).contains(&number) => {
            let next: Option<i32> = words
                .get(1)
                .filter(|w| matches!(w.len(), 2 | 4))
                .and_then(|w| w.parse().ok());
            let follows = next.is_some_and(|next| next == number + 1 || next == (number + 1) % 100);
            short(number).map(|year| {
                if follows {
                    (year, 2, true)
                } else {
                    (year, 1, false)
                }
            })
        }
        4 => {
            let (start, end) = (number / 100, number % 100);
            (end == start + 1 && start >= 10)
                .then(|| short(2000 + start).map(|y| (y, 1, true)))
                .flatten()
        }
        2 => {
            let next: i32 = words.get(1).filter(|w| w.len() == 2)?.parse().ok()?;
            (next == number + 1)
                .then(|| short(2000 + number).map(|y| (y, 2, true)))
                .flatten()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Quarter, mention, month_mention};

    #[test]
    fn usual_spellings_name_one_quarter() {
        for text in [
            "2022-23-Q2",
            "Q2 2022/23",
            "2022-23 Quarter 2",
            "Jul–Sep 2022",
            "July to September 2022",
            "Quarter 2 2022-23",
            "Q2 22/23",
            "2nd quarter 2022-2023",
            "Second Quarter, 2022 - 23",
            "QTR 2 2022/23",
            "kent-police-2022-23-q2",
            "Q2 FY 2022/23",
            "202223Q2",
            "Q2 (Jul-Sep) 2022/23",
            "Jul - Sept 2022",
            "July 2022 to September 2022",
            "Q02 2022/23",
        ] {
            let found = mention(text);
            assert_eq!((found.quarter, found.year), (Some(2), Some(2022)), "{text}");
        }
        assert_eq!(mention("January - March 2023").year, Some(2022));
    }

    #[test]
    fn several_quarters_are_a_span() {
        for (text, span) in [
            ("Apr - Sep 2022", Some((1, 2))),
            ("April to September 2022", Some((1, 2))),
            ("Q2 and Q3", Some((2, 3))),
            ("Q1-Q2 2022/23", Some((1, 2))),
            ("H1 2022-23", Some((1, 2))),
            ("Second half of 2022-23", Some((3, 4))),
            ("July to December 2022", Some((2, 3))),
            ("April 2022 to March 2023", None),
            ("Q1-Q4 2022-23", None),
            ("Q2 (Jul-Sep) 2022/23", None),
            ("Quarter 2 of 2022-23, July to September", None),
        ] {
            assert_eq!(mention(text).span, span, "{text}");
        }
        assert_eq!(mention("Apr - Sep 2022").year, Some(2022));
        assert_eq!(mention("Apr - Sep 2022").quarter, None);
    }

    #[test]
    fn a_month_alone_is_of_its_quarter() {
        let said =
            |text: &str| month_mention(text).map(|said| (said.quarter, said.year, said.rest));
        assert_eq!(said("Spend April"), Some((Some(1), None, "spend".into())));
        assert_eq!(said("Jan 2023"), Some((Some(4), Some(2022), String::new())));
        assert_eq!(said("July 22"), Some((Some(2), Some(2022), String::new())));
        assert_eq!(said("April and May"), None);
        assert_eq!(said("Spend"), None);
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        assert_eq!(mention("Q2 Updates").year, None);
        assert_eq!(mention("Q2 Updates").rest, "updates");
        assert_eq!(mention("Action Plan 2022-23").quarter, None);
        assert_eq!(mention("Quarterly return").quarter, None);
        assert_eq!(mention("May we").quarter, None);
        assert_eq!(mention("Q2 FINAL v3 (2)").quarter, Some(2));
        assert_eq!(mention("Apr-Jun update").rest, "update");
    }

    #[test]
    fn quarters_know_their_days() {
        let q4 = Quarter {
            year: 2022,
            number: 4,
        };
        assert_eq!(
            (q4.start(), q4.end()),
            (date(2023, 1, 1), date(2023, 3, 31))
        );
        assert_eq!(q4.to_string(), "2022-23-Q4");
    }
}
