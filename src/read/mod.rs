//! Bytes to a workbook: what the content is, whether it is safe to open, and every filled cell at its true address.
//!
//! Invariant: reading gives a workbook or a reason in plain words; it does not panic, and nothing is inflated beyond a stated limit.

mod limits;
mod office;
mod package;
mod sniff;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use limits::Limits;
pub use sniff::{Content, sniff};

use crate::grid::{Format, Workbook};

/// Why a file could not be read, in words for an officer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Damaged, cut short, empty, or no spreadsheet.
    #[error("{0}")]
    Damaged(String),
    /// Something else than a spreadsheet, named for a person.
    #[error("the file is {0}, not a spreadsheet")]
    NotASpreadsheet(&'static str),
    /// Encrypted.
    #[error("the file is protected with a password")]
    Protected,
    /// Over a stated limit.
    #[error("{0}")]
    TooLarge(String),
}

impl Unreadable {
    /// Whether the file is of a kind that never is a return: a document, an e-mail, a picture.
    #[must_use]
    pub fn is_never_a_return(&self) -> bool {
        match self {
            Self::NotASpreadsheet(what) => {
                ["document", "e-mail", "picture", "presentation", "message"]
                    .iter()
                    .any(|kind| what.contains(kind))
            }
            Self::Damaged(_) | Self::Protected | Self::TooLarge(_) => false,
        }
    }
}

/// Reads a file by its content.
///
/// # Errors
/// Why not, in plain words.
pub fn workbook(bytes: &[u8]) -> Result<Workbook, Unreadable> {
    let limits = Limits::STATED;
    limits.check_size(bytes.len())?;
    let content = sniff(bytes);
    // A reader's panic on a damaged file is that file's finding, not the run's end.
    catch_unwind(AssertUnwindSafe(|| match content {
        Content::Sheet(Format::Csv) => text::read(bytes),
        Content::Sheet(format @ (Format::Xlsx | Format::Xlsb | Format::Ods)) => {
            package::preflight(bytes, format, &limits)?;
            office::read(bytes, format, &limits)
        }
        Content::Sheet(Format::Xls) => office::read(bytes, Format::Xls, &limits),
        Content::Protected => Err(Unreadable::Protected),
        Content::Empty => Err(Unreadable::Damaged("the file is empty".to_owned())),
        Content::Other(what) => Err(Unreadable::NotASpreadsheet(what)),
    }))
    .unwrap_or_else(|_| {
        Err(Unreadable::Damaged(
            "the file is damaged in a way that stops it being read".to_owned(),
        ))
    })
}
