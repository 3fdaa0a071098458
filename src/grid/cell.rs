//! What one cell holds.

use std::fmt;
use std::sync::Arc;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::CellAddress;

/// A filled cell at its absolute address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Where it is.
    pub address: CellAddress,
    /// What it holds.
    pub value: CellValue,
}

impl Cell {
    /// Whether a person would say that something stands in it: text that shows something, a number, a date, true or false, an error, a formula.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !self.value.as_text().is_some_and(is_blank)
    }
}

/// A cell's stored value, as the file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CellValue {
    /// Text, exactly as typed.
    Text(Arc<str>),
    /// A number that the file does not mark as a date, and what its format makes of it.
    Number(Figure),
    /// True or false.
    Boolean(bool),
    /// A number that the file formats as a date (both date systems), or a date that it writes as one.
    Date(DateTime),
    /// An error value such as `#REF!`.
    Error(Arc<str>),
    /// A formula without a stored result.
    NotCalculated,
}

/// A stored number with what its format makes of it for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The number as it is stored.
    pub number: f64,
    /// What a person sees instead.
    pub shown: Shown,
}

impl From<f64> for Figure {
    fn from(number: f64) -> Self {
        Self {
            number,
            shown: Shown::Plain,
        }
    }
}

/// What a number format makes of a number, where that is more than rounding, separators or a pound sign.
///
/// Dates are [`CellValue::Date`]; a format that shows words and no number makes the cell [`CellValue::Text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shown {
    /// The number, as pounds, or among words that say no more: `0.00`, `£#,##0`, `0.00" paid"`.
    #[default]
    Plain,
    /// A hundred times the number, with a percent sign: 0.82 is 82%.
    Percent,
    /// The number itself with a percent sign as a mere letter: `0"%"`, under which 82 is 82%.
    PercentSign,
    /// An amount of another currency than pounds.
    Currency(Currency),
    /// The number divided by a thousand this many times, with or without a letter for it: `0.0,"k"`.
    Divided(u8),
    /// The number itself with a letter that makes so many thousands of thousands of it: `0.0"k"`, under which 3.5 says 3,500.
    Multiplied(u8),
    /// A time of day: `hh:mm`.
    TimeOfDay,
    /// A length of time, counted in days: `[h]:mm`.
    Span,
    /// A date, of a number that is no day: below nought, or beyond the calendar.
    NoDay,
    /// Nothing: the format leaves the cell blank to the eye (`;;;`).
    Nothing,
    /// Another figure: with a sign that it does not have, or further digits: `(0)`, `0"CR"`, `0"0"`.
    Another,
    /// The number among words that no amount of pounds has: `0" pence"`, `"c. "0`, `0" sessions"`.
    Worded,
}

impl Shown {
    /// Whether the number is a percentage to a person.
    #[must_use]
    pub fn is_percentage(self) -> bool {
        matches!(self, Self::Percent | Self::PercentSign)
    }
}

/// A currency other than pounds: its three letters, or a sign that several share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// What a sign or code in a number format stands for; nothing for pounds.
    #[must_use]
    pub fn of(sign: &str) -> Option<Self> {
        let sign = sign.trim();
        let code = match sign {
            "£" | "GBP" | "" => return None,
            "€" => *b"EUR",
            "¥" | "￥" => *b"JPY",
            "₹" => *b"INR",
            "₺" => *b"TRY",
            "₽" => *b"RUB",
            "₩" => *b"KRW",
            "₪" => *b"ILS",
            "₴" => *b"UAH",
            "₦" => *b"NGN",
            "zł" => *b"PLN",
            "Kč" => *b"CZK",
            "Ft" => *b"HUF",
            "lei" => *b"RON",
            "R$" => *b"BRL",
            "$" | "US$" => *b"USD",
            "Fr." | "Fr" | "SFr." => *b"CHF",
            _ => match sign.as_bytes() {
                [a, b, c] if sign.bytes().all(|byte| byte.is_ascii_alphabetic()) => [
                    a.to_ascii_uppercase(),
                    b.to_ascii_uppercase(),
                    c.to_ascii_uppercase(),
                ],
                _ => *b"???",
            },
        };
        (code != *b"GBP").then_some(Self(code))
    }
}

/// The sign that people write before an amount, or the code where they have none of their own.
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            b"EUR" => f.write_str("€"),
            b"USD" => f.write_str("$"),
            b"JPY" => f.write_str("¥"),
            b"INR" => f.write_str("₹"),
            b"???" => f.write_str("¤"),
            code => write!(f, "{} ", String::from_utf8_lossy(code)),
        }
    }
}

/// The number as a person reads it, unrounded: `82%`, `€300`, `3.5k`, `36:30`. A text of it is as little an amount as the cell is.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.shown {
            Shown::Percent => write!(f, "{}%", hundredfold(number)),
            Shown::PercentSign => write!(f, "{number}%"),
            Shown::Currency(currency) if number < 0.0 => {
                write!(f, "-{currency}{}", number.abs())
            }
            Shown::Currency(currency) => write!(f, "{currency}{number}"),
            Shown::TimeOfDay => clock(f, number.rem_euclid(1.0)),
            Shown::Span => clock(f, number),
            Shown::Divided(times) => write!(f, "{}{}", divided(number, times), letter(times)),
            Shown::Multiplied(times) => write!(f, "{number}{}", letter(times)),
            Shown::Nothing => write!(f, "{number} (hidden)"),
            Shown::Another => write!(f, "{number} (shown otherwise)"),
            Shown::Plain | Shown::Worded | Shown::NoDay => write!(f, "{number}"),
        }
    }
}

/// A hundred times a number, to the 15 digits that a spreadsheet keeps: 0.07 is 7 and not 7.000000000000001.
#[expect(
    clippy::float_arithmetic,
    reason = "only to be quoted; figures are decimals made elsewhere"
)]
fn hundredfold(number: f64) -> f64 {
    let product = number * 100.0;
    format!("{product:.14e}").parse().unwrap_or(product)
}

/// A number without so many thousands.
#[expect(clippy::float_arithmetic, reason = "only to be quoted")]
fn divided(number: f64, times: u8) -> f64 {
    let quotient = number / 1000_f64.powi(i32::from(times));
    format!("{quotient:.14e}").parse().unwrap_or(quotient)
}

/// The letter for so many thousands.
fn letter(times: u8) -> &'static str {
    match times {
        1 => "k",
        2 => "m",
        3 => "bn",
        _ => " (scaled)",
    }
}

/// Days as hours and minutes, and seconds where there are any.
#[expect(clippy::float_arithmetic, reason = "only to be quoted")]
fn clock(f: &mut fmt::Formatter<'_>, days: f64) -> fmt::Result {
    let seconds = (days.abs() * 86_400.0).round();
    let sign = if days < 0.0 && seconds > 0.0 { "-" } else { "" };
    let hours = (seconds / 3600.0).floor();
    let minutes = ((seconds - hours * 3600.0) / 60.0).floor();
    let rest = seconds - hours * 3600.0 - minutes * 60.0;
    write!(f, "{sign}{hours:02}:{minutes:02}")?;
    if rest > 0.0 {
        write!(f, ":{rest:02}")?;
    }
    Ok(())
}

// There are two million cells in a county's quarter.
const _: () = assert!(size_of::<CellValue>() <= 24);

impl CellValue {
    /// A number that is shown as it is.
    #[must_use]
    pub fn number(number: f64) -> Self {
        Self::Number(number.into())
    }

    /// Text or nothing.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_)
            | Self::Boolean(_)
            | Self::Date(_)
            | Self::Error(_)
            | Self::NotCalculated => None,
        }
    }
}

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

/// The raw value as findings quote it: text as typed, numbers in their shortest form with the sign that they are shown with, dates in
/// ISO form.
impl fmt::Display for CellValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Error(text) => f.write_str(text),
            Self::Number(figure) => write!(f, "{figure}"),
            Self::Boolean(true) => f.write_str("TRUE"),
            Self::Boolean(false) => f.write_str("FALSE"),
            Self::Date(moment) if moment.time() == jiff::civil::Time::midnight() => {
                write!(f, "{}", moment.date())
            }
            Self::Date(moment) => write!(f, "{moment}"),
            Self::NotCalculated => Ok(()),
        }
    }
}
