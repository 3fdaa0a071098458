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
