//! What a cell can mean: exact money, dates, reporting periods, references, and the normal forms by which text is compared.
//!
//! Invariant: nothing here guesses. A text that could mean two things is an error that says so.

pub mod amount;
pub mod date;
pub mod period;
pub mod personal;
pub mod prose;
pub mod reference;
pub mod text;
pub mod told;

use std::sync::Arc;

use jiff::civil::Date;
pub use rust_decimal::Decimal;

use date::Timescale;
use reference::Reference;

/// A decoded value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text as typed.
    Text(Arc<str>),
    /// An action's or line's reference.
    Reference(Reference),
    /// Several references in one cell.
    References(Box<[Reference]>),
    /// Pounds, two decimals.
    Money(Decimal),
    /// A measured figure.
    Number(Decimal),
    /// A calendar date.
    Date(Date),
    /// A deadline: a date, or none because the action runs all year.
    Timescale(Timescale),
    /// An index into the list that the field names: its own choices, or the configured statuses, priorities or agencies.
    Choice(usize),
    /// Several agencies in one cell, as indexes into the configured agencies.
    Agencies(Box<[usize]>),
}
