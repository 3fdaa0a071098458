//! Who has sent what: one entry for each return, and one for each agency that sent none.
//!
//! Invariant: every agency and every return is in the list, an agency's together, in the configuration's order.

use jiff::civil::Date;

use super::{Source, SourceState};
use crate::schema::{Reporting, Role, Schema};
use crate::value::period::Quarter;

/// Where a return stands, or the want of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptState {
    /// Used, and dated by the deadline.
    Received,
    /// Used, and dated after the deadline.
    Late,
    /// Used, and not dated.
    Undated,
    /// Replaced by a newer one.
    Superseded,
    /// Kept out as a whole.
    Held,
    /// Cannot be read.
    Unreadable,
    /// Expected, not there, and the deadline has passed.
    Missing,
    /// Expected, not there, and there is time yet.
    NotDue,
    /// Not there and not expected.
    NothingSent,
}

impl ReceiptState {
    /// How a list heads it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::Late => "Received late",
            Self::Undated => "Received, date not stated",
            Self::Superseded => "Superseded",
            Self::Held => "Held as a whole",
            Self::Unreadable => "Cannot be read",
            Self::Missing => "Missing: the deadline has passed",
            Self::NotDue => "Not received, not due yet",
            Self::NothingSent => "Nothing sent (optional)",
        }
    }
}

/// One return, or an agency without one.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The agency, where it is known.
    pub agency: Option<usize>,
    /// The return.
    pub source: Option<&'a Source>,
    /// How it stands.
    pub state: ReceiptState,
}

/// Who has sent what, as of a day.
#[must_use]
pub fn receipts<'a>(
    sources: &'a [Source],
    schema: &Schema,
    quarter: Option<Quarter>,
    as_of: Date,
) -> Vec<Receipt<'a>> {
    let deadline = quarter.and_then(|quarter| schema.year.deadline(quarter));
    let of = |agency: Option<usize>| {
        sources
            .iter()
            .filter(move |source| {
                source.role == Role::Return
                    && !source.is_passed_over()
                    && source.statement.agency == agency
            })
            .map(move |source| Receipt {
                agency,
                source: Some(source),
                state: state(source, deadline),
            })
    };
    let mut out = Vec::new();
    for (index, agency) in schema.agencies.iter().enumerate() {
        let before = out.len();
        out.extend(of(Some(index)));
        if out.len() > before {
            continue;
        }
        let state = match agency.reporting {
            Reporting::Optional => ReceiptState::NothingSent,
            Reporting::Expected if deadline.is_some_and(|day| as_of > day) => ReceiptState::Missing,
            Reporting::Expected => ReceiptState::NotDue,
        };
        out.push(Receipt {
            agency: Some(index),
            source: None,
            state,
        });
    }
    out.extend(of(None));
    out
}

fn state(source: &Source, deadline: Option<Date>) -> ReceiptState {
    match source.state {
        SourceState::Accepted => match (source.statement.returned_on, deadline) {
            (Some(sent), Some(deadline)) if sent > deadline => ReceiptState::Late,
            (Some(_), _) => ReceiptState::Received,
            (None, _) => ReceiptState::Undated,
        },
        SourceState::Held => ReceiptState::Held,
        SourceState::Superseded => ReceiptState::Superseded,
        SourceState::Unreadable => ReceiptState::Unreadable,
    }
}
