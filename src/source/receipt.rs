//! Who has sent what: one entry for each return, and one for each agency that sent none.
//!
//! Invariant: every agency and every return is in the list, an agency's together, in the configuration's order.

use jiff::civil::Date;

use super::{Source, SourceState};
use crate::record::View;
use crate::schema::{Reporting, Role, Schema};
use crate::value::period::Quarter;

/// The tables of a consolidated workbook that say who sent what, and for which quarter.
const HISTORY: [&str; 2] = ["updates", "spend"];

/// Where a return stands, or the want of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptState {
    /// Used, and dated by the deadline.
    Received,
    /// Used, and dated after the deadline.
    Late,
    /// Used, and not dated.
    Undated,
    /// Not in this run: its rows of the quarter stand in the plan, where an earlier run wrote them.
    Earlier,
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
    /// The word used for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Late => "late",
            Self::Undated => "undated",
            Self::Earlier => "earlier",
            Self::Superseded => "superseded",
            Self::Held => "held",
            Self::Unreadable => "unreadable",
            Self::Missing => "missing",
            Self::NotDue => "not-due",
            Self::NothingSent => "nothing-sent",
        }
    }

    /// How a list heads it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::Late => "Received late",
            Self::Undated => "Received, date not stated",
            Self::Earlier => "Received in an earlier run",
            Self::Superseded => "Set aside",
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
            _ if quarter.is_some_and(|quarter| sent_before(sources, schema, quarter, index)) => {
                ReceiptState::Earlier
            }
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

/// Whether an agency's rows of the quarter stand in the plan's own history: an earlier run merged its return.
#[must_use]
pub fn sent_before(sources: &[Source], schema: &Schema, quarter: Quarter, agency: usize) -> bool {
    let is_of_quarter = |view: &View<'_>| {
        view.choice("agency") == Some(agency)
            && view.text("quarter").and_then(|text| text.parse().ok()) == Some(quarter)
    };
    sources
        .iter()
        .filter(|source| source.role == Role::Plan && source.layout.is_ours)
        .flat_map(|source| &source.tables)
        .any(|table| {
            schema
                .tables
                .get(table.layout.table)
                .filter(|schema| HISTORY.contains(&schema.name.as_str()))
                .is_some_and(|schema| {
                    table.records.iter().any(|record| {
                        is_of_quarter(&View {
                            schema,
                            table,
                            record,
                        })
                    })
                })
        })
}

fn state(source: &Source, deadline: Option<Date>) -> ReceiptState {
    match source.state {
        SourceState::Accepted => match (source.returned_on(), deadline) {
            (Some(sent), Some(deadline)) if sent > deadline => ReceiptState::Late,
            (Some(_), _) => ReceiptState::Received,
            (None, _) => ReceiptState::Undated,
        },
        SourceState::Held => ReceiptState::Held,
        SourceState::Superseded => ReceiptState::Superseded,
        SourceState::Unreadable => ReceiptState::Unreadable,
    }
}
