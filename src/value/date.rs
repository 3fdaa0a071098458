//! Calendar dates as British officers write them.

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::{Offset, TimeZone};

/// What a text date turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextDate {
    /// One reading only.
    Certain(Date),
    /// Figures that can be read day first or month first.
    Ambiguous {
        /// The British reading.
        day_first: Date,
        /// The American reading.
        month_first: Date,
    },
    /// Figures that only the American order can read.
    MonthFirst(Date),
    /// The shape of a date, but no such day.
    Impossible,
    /// No date at all.
    Unreadable,
}

/// A deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timescale {
    /// By this day.
    By(Date),
    /// All year: `ongoing`, `throughout`.
    Continuous,
}

/// The months, in small letters.
pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month that a word names, in full or cut to three letters or more (`Sept` too).
#[must_use]
pub fn month_number(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.');
    if word.len() < 3 {
        return None;
    }
    let index = MONTHS.iter().position(|month| {
        month
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    })?;
    i8::try_from(index + 1).ok()
}

/// Reads a date typed as text; day first where figures alone leave it open.
#[must_use]
pub fn from_text(text: &str) -> TextDate {
    let plain = super::text::visible(text).replace(['\u{a0}', '\n'], " ");
    let plain = plain.trim();
    if let Some(found) = iso(plain) {
        return found;
    }
    let plain = without_time(plain);
    let parts: Vec<&str> = plain
        .split(['/', '.', '-', '–', ' ', ','])
        .filter(|p| !p.is_empty())
        .collect();
    let mut parts = parts.as_slice();
    if let [first, rest @ ..] = parts
        && rest.len() >= 3
        && is_weekday(first)
    {
        parts = rest;
    }
    if let [first, middle, rest @ ..] = parts
        && middle.eq_ignore_ascii_case("of")
        && let [month, year] = rest
    {
        return named(first, month, year);
    }
    if let [one] = parts {
        // `31Mar2023`
        return glued(one).map_or(TextDate::Unreadable, |[day, month, year]| {
            named(day, month, year)
        });
    }
    let [a, b, c] = parts else {
        return TextDate::Unreadable;
    };
    match (figure(a, 2), figure(b, 2), year_of(c)) {
        (Some(first), Some(second), Some(year)) => figures(first, second, year),
        _ if month_number(b).is_some() => named(a, b, c),
        _ if month_number(a).is_some() => named(b, a, c),
        _ => TextDate::Unreadable,
    }
}

/// A date without the time of day that an export put behind it: `31/03/2023 00:00`.
fn without_time(text: &str) -> &str {
    text.match_indices(' ')
        .filter_map(|(at, _)| text.split_at_checked(at))
        .find(|(day, time)| day.len() >= 6 && time_of_day(time).is_some())
        .map_or(text, |(day, _)| day)
}

/// A time of day as exports write it, and how far before or behind UTC it is told, where that is said: `09:30`, `11.59 pm`,
/// `00:00:00.000Z`, `23:30 +0100`.
fn time_of_day(text: &str) -> Option<(Time, Option<Offset>)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || ":.".contains(c)))
        .unwrap_or(text.len());
    let (clock, tail) = text.split_at(end);
    let (clock, fraction) = match clock.matches(':').count() {
        2 => clock.split_once('.').unwrap_or((clock, "0")),
        _ => (clock, "0"),
    };
    let parts: Vec<&str> = clock.split([':', '.']).collect();
    let is_plain = (2..=3).contains(&parts.len())
        && parts
            .iter()
            .all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
        && fraction.bytes().all(|b| b.is_ascii_digit());
    if !is_plain {
        return None;
    }
    let mut figures = parts.iter().map(|part| part.parse::<i8>().unwrap_or(-1));
    let (mut hour, minute, second) = (
        figures.next()?,
        figures.next()?,
        figures.next().unwrap_or(0),
    );
    let mut tail = tail.trim();
    let half = tail.get(..2).map(str::to_ascii_lowercase);
    if let Some(half) = half.filter(|half| matches!(half.as_str(), "am" | "pm")) {
        tail = tail.get(2..)?.trim();
        hour = match (half.as_str(), hour) {
            ("am", 12) => 0,
            ("pm", 1..=11) => hour + 12,
            _ => hour,
        };
    }
    let offset = match tail {
        "" => None,
        _ => Some(offset(tail)?),
    };
    // The end of a day, as some exports write it.
    let hour = if hour == 24 { 0 } else { hour };
    Some((Time::new(hour, minute, second, 0).ok()?, offset))
}

/// `Z`, `UTC`, `BST`, `+01:00`, `-0500`.
fn offset(text: &str) -> Option<Offset> {
    match text.to_ascii_uppercase().as_str() {
        "Z" | "UTC" | "GMT" => return Some(Offset::UTC),
        "BST" => return Offset::from_seconds(3600).ok(),
        _ => {}
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.parse().unwrap_or(0);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// The day that a time stamp with a zone falls on in another: `2022-03-31T23:30:00Z` is 1 April in London. Nothing where no zone is told.
#[must_use]
pub fn day_in_zone(text: &str, zone: &TimeZone) -> Option<Date> {
    let plain = super::text::visible(text).replace('\u{a0}', " ");
    let (day, rest) = plain.trim().split_once(['T', ' '])?;
    let (time, offset) = time_of_day(rest)?;
    let TextDate::Certain(day) = from_text(day) else {
        return None;
    };
    let moment = offset?.to_timestamp(day.to_datetime(time)).ok()?;
    Some(zone.to_datetime(moment).date())
}

/// Whether a text is a date in figures alone, whose order could be in doubt: neither a month's name nor the year first.
#[must_use]
pub fn is_in_figures(text: &str) -> bool {
    !super::text::visible(text).contains(|c: char| c.is_alphabetic() && c != 'T' && c != 'Z')
        && iso(super::text::visible(text).trim()).is_none()
        && from_text(text) != TextDate::Unreadable
}

/// Whether a text is a date that names its month.
#[must_use]
pub fn names_its_month(text: &str) -> bool {
    from_text(text) != TextDate::Unreadable
        && text
            .split(|c: char| !c.is_alphabetic())
            .any(|word| month_number(word).is_some())
}

/// The same day with its day and month exchanged, where that is another day.
#[must_use]
pub fn exchanged(day: Date) -> Option<Date> {
    Date::new(day.year(), day.day(), day.month())
        .ok()
        .filter(|other| *other != day)
}

/// Day, month and year of a text that writes them without anything between.
fn glued(text: &str) -> Option<[&str; 3]> {
    let day_end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (day, rest) = text.split_at(day_end);
    let month_end = rest.find(|c: char| !c.is_ascii_alphabetic())?;
    let (month, year) = rest.split_at(month_end);
    Some([day, month, year])
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = word.to_lowercase();
    word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(word.as_str()))
}

/// `2022-07-15`, with or without a time of day behind it.
fn iso(text: &str) -> Option<TextDate> {
    let head = text.get(..10)?;
    let tail = text.get(10..).unwrap_or_default();
    // What stands behind a day must be its time: a second day makes a range.
    let is_time = tail
        .strip_prefix(['T', ' '])
        .is_some_and(|time| time_of_day(time).is_some());
    if !(tail.is_empty() || is_time) {
        return None;
    }
    let mut parts = head.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || month.len() != 2 || day.len() != 2 || parts.next().is_some() {
        return None;
    }
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Some(Date::new(year, month, day).map_or(TextDate::Impossible, TextDate::Certain))
}

fn figures(first: i8, second: i8, year: i16) -> TextDate {
    let day_first = Date::new(year, second, first);
    let month_first = Date::new(year, first, second);
    match (day_first, month_first) {
        (Ok(day_first), Ok(month_first)) if day_first != month_first => TextDate::Ambiguous {
            day_first,
            month_first,
        },
        (Ok(date), _) => TextDate::Certain(date),
        (Err(_), Ok(date)) => TextDate::MonthFirst(date),
        (Err(_), Err(_)) => TextDate::Impossible,
    }
}

fn named(day: &str, month: &str, year: &str) -> TextDate {
    let lower = day.to_lowercase();
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| lower.strip_suffix(suffix))
        .unwrap_or(&lower);
    match (figure(digits, 2), month_number(month), year_of(year)) {
        (Some(day), Some(month), Some(year)) => {
            Date::new(year, month, day).map_or(TextDate::Impossible, TextDate::Certain)
        }
        _ => TextDate::Unreadable,
    }
}

fn figure(text: &str, longest: usize) -> Option<i8> {
    (text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// A four-figure year, or a two-figure one of this century.
fn year_of(text: &str) -> Option<i16> {
    let digits = text.trim_start_matches(['\'', '’']);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        4 => (1900..=2199).contains(&year).then_some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// Reads a deadline typed as text: a date, or a month, a quarter or a year of which the last day counts.
///
/// What names no year comes back in the year 0 or 1, for the caller knows the plan's.
#[must_use]
pub fn deadline_from_text(text: &str) -> TextDate {
    const LEADS: [&str; 9] = [
        "by", "the", "end", "of", "in", "during", "before", "until", "due",
    ];
    let mut rest = text.trim();
    loop {
        match from_text(rest) {
            TextDate::Unreadable => {}
            found => return found,
        }
        if let Some(day) = month_from_text(rest).or_else(|| without_year(rest)) {
            return TextDate::Certain(day);
        }
        let said = super::period::mention(rest);
        if let Some(number) = said
            .quarter
            .filter(|_| said.rest.is_empty() && is_one_quarter(rest))
        {
            let year = said.year.unwrap_or(0);
            return TextDate::Certain(super::period::Quarter { year, number }.end());
        }
        let Some((first, tail)) = rest.split_once([' ', '\u{a0}']) else {
            return TextDate::Unreadable;
        };
        if !LEADS.contains(&first.to_lowercase().as_str()) {
            return TextDate::Unreadable;
        }
        rest = tail.trim_start();
    }
}

/// Whether a text names one quarter only: `Q1-Q4` names two.
fn is_one_quarter(text: &str) -> bool {
    let folded = super::text::fold(text);
    folded
        .split(' ')
        .filter(|word| word.starts_with('q'))
        .count()
        <= 1
}

/// A day and month, or a month alone, in the year 0 or 1: `31 March`, `March`.
fn without_year(text: &str) -> Option<Date> {
    let plain = super::text::visible(text).replace('\u{a0}', " ");
    let parts: Vec<&str> = plain.split([' ', '-']).filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [month] => Date::new(1, month_number(month)?, 1)
            .ok()
            .map(Date::last_of_month),
        [day, month] | [day, "of", month] => match named(day, month, "2023") {
            TextDate::Certain(found) => Date::new(1, found.month(), found.day()).ok(),
            TextDate::Ambiguous { .. }
            | TextDate::MonthFirst(_)
            | TextDate::Impossible
            | TextDate::Unreadable => None,
        },
        _ => None,
    }
}

/// The month and year that a text such as `March 2023` or `Mar-23` names.
#[must_use]
pub fn month_from_text(text: &str) -> Option<Date> {
    let plain = super::text::visible(text).replace('\u{a0}', " ");
    let parts: Vec<&str> = plain
        .split(['/', '-', ' ', ',', '–'])
        .filter(|p| !p.is_empty())
        .collect();
    let [month, year] = parts.as_slice() else {
        return None;
    };
    let first = Date::new(year_of(year)?, month_number(month)?, 1).ok()?;
    Some(first.last_of_month())
}

/// A spreadsheet's serial number as a moment, in its 1900 or 1904 date system; `None` outside the years a sheet can hold.
///
/// The 1900 system has a 29 February that never was (serial 60): serials before it count from 31 December 1899, it and later ones from the day before.
#[must_use]
#[expect(
    clippy::float_arithmetic,
    reason = "serial dates are floats by definition; nothing here is money"
)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the whole part is bounded above by the check on the first line"
)]
pub fn from_serial(serial: f64, is_1904: bool) -> Option<DateTime> {
    if !serial.is_finite() || !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let mut days = serial.trunc() as i64;
    let mut seconds = (serial.fract() * 86_400.0).round() as i64;
    if seconds >= 86_400 {
        days += 1;
        seconds = 0;
    }
    let epoch = if is_1904 {
        date(1904, 1, 1)
    } else if days < 60 {
        date(1899, 12, 31)
    } else {
        date(1899, 12, 30)
    };
    let day = epoch.checked_add(jiff::Span::new().days(days)).ok()?;
    let time = Time::midnight()
        .checked_add(jiff::Span::new().seconds(seconds))
        .ok()?;
    Some(day.to_datetime(time))
}

/// The serial number under which a spreadsheet keeps a moment; the way back from [`from_serial`].
#[must_use]
#[expect(
    clippy::float_arithmetic,
    reason = "serial dates are floats by definition; nothing here is money"
)]
pub fn to_serial(moment: DateTime, is_1904: bool) -> Option<f64> {
    let epoch = if is_1904 {
        date(1904, 1, 1)
    } else if moment.date() < date(1900, 3, 1) {
        date(1899, 12, 31)
    } else {
        date(1899, 12, 30)
    };
    let since = moment.duration_since(epoch.to_datetime(Time::midnight()));
    let serial = since.as_secs_f64() / 86_400.0;
    (serial >= 0.0).then_some(serial)
}

/// A date as a sentence writes it: `20 October 2022`.
#[must_use]
pub fn long(day: Date) -> String {
    let month = usize::try_from(day.month())
        .ok()
        .and_then(|m| MONTHS.get(m.wrapping_sub(1)))
        .copied()
        .unwrap_or_default();
    let mut letters = month.chars();
    let initial: String = letters
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{} {initial}{} {}", day.day(), letters.as_str(), day.year())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{TextDate, deadline_from_text, from_serial, from_text, long, month_from_text};

    #[test]
    fn british_dates_are_read() {
        let want = TextDate::Certain(date(2023, 3, 31));
        for text in [
            "31/03/2023",
            "31/3/23",
            "31-03-2023",
            "31.03.2023",
            "2023-03-31",
            "2023-03-31T00:00:00",
            "31 March 2023",
            "31st March 2023",
            "31 Mar 23",
            "31-Mar-2023",
            "Friday 31 March 2023",
            "31st of March 2023",
            "March 31, 2023",
            " 31\u{a0}March 2023 ",
            "31 MAR 2023",
        ] {
            assert_eq!(from_text(text), want, "{text}");
        }
        assert_eq!(
            from_text("1 Sept 2022"),
            TextDate::Certain(date(2022, 9, 1))
        );
    }

    #[test]
    fn what_is_open_or_wrong_is_said() {
        assert_eq!(
            from_text("04/07/2022"),
            TextDate::Ambiguous {
                day_first: date(2022, 7, 4),
                month_first: date(2022, 4, 7)
            }
        );
        assert_eq!(
            from_text("07/14/2022"),
            TextDate::MonthFirst(date(2022, 7, 14))
        );
        assert_eq!(from_text("05/05/2022"), TextDate::Certain(date(2022, 5, 5)));
        for text in ["31/06/2022", "30 February 2023", "2022-02-31", "32/13/2022"] {
            assert_eq!(from_text(text), TextDate::Impossible, "{text}");
        }
        for text in [
            "end of Q4",
            "March",
            "ongoing",
            "Mar-22",
            "2022",
            "",
            "1/2/3/4",
            "44784",
        ] {
            assert_eq!(from_text(text), TextDate::Unreadable, "{text}");
        }
    }

    #[test]
    fn deadlines_are_days_months_and_quarters() {
        for (text, want) in [
            ("31/03/2023", date(2023, 3, 31)),
            ("by 31 March 2023", date(2023, 3, 31)),
            ("By the end of March 2023", date(2023, 3, 31)),
            ("end of Sept 2022", date(2022, 9, 30)),
            ("Mar-23", date(2023, 3, 31)),
            ("Q2 2022/23", date(2022, 9, 30)),
            ("end of Q4 2022-23", date(2023, 3, 31)),
            ("Jul–Sep 2022", date(2022, 9, 30)),
            ("31 March", date(1, 3, 31)),
            ("March", date(1, 3, 31)),
            ("Q4", date(1, 3, 31)),
            ("Q3", date(0, 12, 31)),
        ] {
            assert_eq!(deadline_from_text(text), TextDate::Certain(want), "{text}");
        }
        for text in [
            "Q1-Q4",
            "end of term",
            "soon",
            "the end",
            "May we",
            "2022",
            "12",
        ] {
            assert_eq!(deadline_from_text(text), TextDate::Unreadable, "{text}");
        }
    }

    #[test]
    fn exports_and_forms_write_dates_their_own_way() {
        for text in [
            "31/03/2023 00:00",
            "31/03/2023 14:30:00",
            "31/03/2023 2:30 PM",
            "31Mar2023",
            "31-mar-23",
            "Fri, 31st March 2023",
            "31/Mar/2023",
            "31st Mar ’23",
        ] {
            assert_eq!(
                from_text(text),
                TextDate::Certain(date(2023, 3, 31)),
                "{text}"
            );
        }
    }

    #[test]
    fn serials_of_both_systems() {
        assert_eq!(
            from_serial(44784.0, false).map(jiff::civil::DateTime::date),
            Some(date(2022, 8, 11))
        );
        assert_eq!(
            from_serial(43322.0, true).map(jiff::civil::DateTime::date),
            Some(date(2022, 8, 11))
        );
        assert_eq!(
            from_serial(1.0, false).map(jiff::civil::DateTime::date),
            Some(date(1900, 1, 1))
        );
        assert_eq!(from_serial(-1.0, false), None);
        assert_eq!(from_serial(f64::NAN, false), None);
    }

    #[test]
    fn months_and_sentences() {
        assert_eq!(month_from_text("Mar-23"), Some(date(2023, 3, 31)));
        assert_eq!(month_from_text("February 2023"), Some(date(2023, 2, 28)));
        assert_eq!(long(date(2022, 10, 20)), "20 October 2022");
    }
}
