//! Bytes to a workbook: what the content is, whether it is safe to open, and every filled cell at its true address.
//!
//! Invariant: reading gives a workbook or a reason in plain words; it does not panic, and nothing is inflated beyond a stated limit.

mod biff;
mod colours;
mod compound;
mod css;
mod drawings;
mod encoding;
mod format;
mod html;
mod limits;
mod ods;
mod ods_styles;
mod office;
mod package;
mod sidecar;
mod skim;
mod sniff;
mod spreadsheetml;
mod styles;
mod text;
mod xlsb;
mod xml;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use limits::{Limits, Room, RunLimits, Size};
pub use sniff::{Content, sniff};

use serde::{Deserialize, Serialize};

use crate::grid::{Format, Workbook};
use package::Package;

/// Why a file could not be read, in words for an officer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Damaged, cut short, empty, or no spreadsheet.
    #[error("{0}")]
    Damaged(String),
    /// It could not be opened: another program holds it, the system lets nobody read it, it is gone. What is in it is not known.
    #[error("{0}")]
    NotOpened(String),
    /// Something else than a spreadsheet, named for a person.
    #[error("the file is {0}")]
    NotASpreadsheet(Cow<'static, str>),
    /// A workbook that this program wrote, where a partner's was looked for.
    #[error("it is a consolidated workbook that this program wrote")]
    OwnOutput,
    /// No file at all: a pipe, a socket, a device. It was not opened.
    #[error("it is {0}, which is never opened")]
    NotAFile(&'static str),
    /// Encrypted.
    #[error("the file is protected with a password")]
    Protected,
    /// Encrypted by a sensitivity label, for people whom the organisation knows: there is no password.
    #[error("the file is protected by a sensitivity label")]
    Labelled,
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
            Self::OwnOutput | Self::NotAFile(_) => true,
            Self::Damaged(_)
            | Self::NotOpened(_)
            | Self::Protected
            | Self::Labelled
            | Self::TooLarge(_) => false,
        }
    }
}

/// Reads a file by its content.
///
/// # Errors
/// Why not, in plain words.
pub fn workbook(bytes: &[u8]) -> Result<Workbook, Unreadable> {
    workbook_within(bytes, Limits::STATED)
}

/// The same within other limits than the stated ones, such as what is left of a run's.
///
/// # Errors
/// Why not, in plain words.
pub fn workbook_within(bytes: &[u8], limits: Limits) -> Result<Workbook, Unreadable> {
    limits.check_size(bytes.len() as u64)?;
    // A reader's panic on a damaged file is that file's finding, not the run's end.
    catch_unwind(AssertUnwindSafe(|| by_content(bytes, &limits))).unwrap_or_else(|_| {
        Err(Unreadable::Damaged(
            "the file is damaged in a way that stops it being read".to_owned(),
        ))
    })
}

fn by_content(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    if sniff::is_package(bytes) {
        let mut package = Package::open(bytes, limits)?;
        return match sniff::package(&mut package)? {
            Content::Sheet(Format::Xlsb) => office::xlsb(&mut package, limits),
            Content::Sheet(Format::Ods) => ods::read(&mut package, limits),
            Content::Sheet(_) => office::xlsx(&mut package, limits),
            other => Err(refusal(other)),
        };
    }
    match sniff(bytes) {
        Content::Sheet(Format::Xls) => office::xls(bytes, limits),
        Content::Sheet(Format::Ods) => ods::read_flat(bytes, limits),
        Content::Sheet(Format::Html) => html::read(bytes, limits),
        Content::Sheet(Format::SpreadsheetMl) => spreadsheetml::read(bytes, limits),
        Content::Sheet(_) => text::read(bytes, limits),
        other => Err(refusal(other)),
    }
}

/// A text with its line ends as people mean them: a carriage return, and the escape that some programs leave of one, are line ends or
/// the first half of one.
fn lines(text: &str) -> Cow<'_, str> {
    const ESCAPES: [&str; 2] = ["_x000D_", "_x000d_"];
    let has_escape = text.contains("_x000") && ESCAPES.iter().any(|escape| text.contains(escape));
    if !has_escape && memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let plain = ESCAPES
        .iter()
        .fold(text.to_owned(), |text, escape| text.replace(escape, "\r"));
    Cow::Owned(plain.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The text of a field that a program wrote as a formula so that a spreadsheet would leave it alone: `="007"`.
fn unwrapped(field: &str) -> Option<String> {
    let inside = field.trim().strip_prefix("=\"")?.strip_suffix('"')?;
    let plain = inside.replace("\"\"", "");
    (!plain.contains('"')).then(|| inside.replace("\"\"", "\""))
}

fn refusal(content: Content) -> Unreadable {
    match content {
        Content::Protected => Unreadable::Protected,
        Content::Labelled => Unreadable::Labelled,
        Content::Empty => Unreadable::Damaged("the file is empty".to_owned()),
        Content::Other(what) => Unreadable::NotASpreadsheet(what.into()),
        Content::Sheet(_) => Unreadable::Damaged("the file is damaged".to_owned()),
    }
}

/// Whether a file is of a kind that should be read in a process of its own: one that its reader holds whole, and in which damage can ask
/// for more memory or time than there is.
#[must_use]
pub fn wants_own_process(bytes: &[u8]) -> bool {
    sniff::is_compound(bytes) && sniff(bytes) == Content::Sheet(Format::Xls)
}

/// A reason as it crosses from one process to another.
#[derive(Serialize, Deserialize)]
enum Reason {
    Damaged(String),
    NotASpreadsheet(String),
    Protected,
    Labelled,
    TooLarge(String),
}

/// What reading gave, as one process hands it to another.
#[must_use]
pub fn to_wire(read: Result<Workbook, Unreadable>) -> Vec<u8> {
    let read = read.map_err(|why| match why {
        Unreadable::NotASpreadsheet(what) => Reason::NotASpreadsheet(what.into_owned()),
        Unreadable::Protected => Reason::Protected,
        Unreadable::Labelled => Reason::Labelled,
        Unreadable::TooLarge(why) => Reason::TooLarge(why),
        other => Reason::Damaged(other.to_string()),
    });
    serde_json::to_vec(&read).unwrap_or_default()
}

/// What another process read; nothing if it did not finish.
#[must_use]
pub fn from_wire(bytes: &[u8]) -> Option<Result<Workbook, Unreadable>> {
    let read: Result<Workbook, Reason> = serde_json::from_slice(bytes).ok()?;
    Some(read.map_err(|why| match why {
        Reason::Damaged(why) => Unreadable::Damaged(why),
        Reason::NotASpreadsheet(what) => Unreadable::NotASpreadsheet(what.into()),
        Reason::Protected => Unreadable::Protected,
        Reason::Labelled => Unreadable::Labelled,
        Reason::TooLarge(why) => Unreadable::TooLarge(why),
    }))
}

#[cfg(test)]
mod tests {
    use super::{lines, unwrapped};

    #[test]
    fn line_ends_are_line_ends_however_they_are_written() {
        for text in ["a\nb", "a\r\nb", "a\rb", "a_x000D_\nb", "a_x000d_b"] {
            assert_eq!(lines(text), "a\nb", "{text:?}");
        }
        assert_eq!(lines("a _x000A_ b"), "a _x000A_ b");
    }

    #[test]
    fn a_text_written_as_a_formula_is_the_text() {
        assert_eq!(unwrapped("=\"SAC-01\""), Some("SAC-01".to_owned()));
        assert_eq!(
            unwrapped("=\"the \"\"best\"\" stall\""),
            Some("the \"best\" stall".to_owned())
        );
        for formula in ["=\"a\"&\"b\"", "=A1", "\"a\"", "=\"a"] {
            assert_eq!(unwrapped(formula), None, "{formula}");
        }
    }
}
