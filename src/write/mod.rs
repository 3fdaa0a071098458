//! Finished plans of outputs to bytes. Nothing here decides what is said, only how it is written.

mod cells;
pub mod csv;
pub mod feedback;
pub mod html;
pub mod json;
mod link;
mod long;
pub mod markdown;
mod ods;
mod package;
pub mod page;
pub mod public;
mod public_html;
mod row;
pub mod xlsx;
mod xlsx_public;

use std::io;

use crate::pipeline::Outcome;
use crate::render::{self, Context};
use crate::schema::Schema;
use crate::watch::Watch;

/// A format in which a run's findings are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For browsers.
    Html,
    /// For notes.
    Markdown,
}

impl Report {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Json, Self::Csv, Self::Html, Self::Markdown];

    /// The extension that a file of the format has, in small letters.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Markdown => "md",
        }
    }

    /// The format that a file's extension names, in any case.
    #[must_use]
    pub fn by_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_lowercase();
        Self::ALL
            .into_iter()
            .find(|report| report.extension() == extension)
    }

    /// Whether a file's bytes are a report that this program wrote in the format.
    fn wrote(self, bytes: &[u8]) -> bool {
        match self {
            Self::Json => json::is_ours(bytes),
            Self::Csv => csv::is_ours(bytes),
            Self::Html => html::is_ours(bytes),
            Self::Markdown => markdown::is_ours(bytes),
        }
    }

    /// The report's bytes.
    ///
    /// # Errors
    /// If they cannot be made.
    pub fn bytes(self, outcome: &Outcome, schema: &Schema) -> io::Result<Vec<u8>> {
        match self {
            Self::Json => Ok(json::report(outcome, schema)),
            Self::Csv => csv::findings(outcome),
            Self::Html => Ok(html::findings(outcome, schema)),
            Self::Markdown => Ok(markdown::findings(outcome, schema)),
        }
    }
}

/// The consolidated workbook of a run; `links` are the paths of its files as seen from the workbook's folder.
///
/// # Errors
/// If it breaks a limit of the format, or was stopped.
pub fn consolidated(
    outcome: &Outcome,
    schema: &Schema,
    links: &[String],
    watch: &Watch<'_>,
) -> Result<Vec<u8>, xlsx::Unwritten> {
    let context = Context::new(outcome, schema, links);
    xlsx::write_watched(&render::workbook(&context), watch)
}

/// Whether a file's bytes are a report that this program wrote, in any of its formats.
#[must_use]
pub fn is_ours(bytes: &[u8]) -> bool {
    Report::ALL.into_iter().any(|report| report.wrote(bytes))
}

/// How far into a report the signs are looked for by which it is known.
const HEAD: usize = 4 << 10;

/// The beginning of a report as text.
fn head(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes))
}
