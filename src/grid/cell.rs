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
    /// A number that the file does not mark as a date.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A number that the file formats as a date (both date systems), or a date that it writes as one.
    Date(DateTime),
    /// An error value such as `#REF!`.
    Error(Arc<str>),
    /// A formula without a stored result.
    NotCalculated,
}

impl CellValue {
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

/// The raw value as findings quote it: text as typed, numbers in their shortest form, dates in ISO form.
impl fmt::Display for CellValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Error(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
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
