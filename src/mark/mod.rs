//! Marks in a partner's own workbook, by putting bytes in: cells marked, notes beside them, and one sheet more that lists what was found.
//!
//! Invariant: nothing of the partner's is taken out or moved. What cannot be marked so is not marked at all, and why is said.

mod added;
mod comments;
mod patch;
mod scan;
mod sheet;
mod styles;
mod vml;
mod workbook;

use crate::grid::{CellAddress, CellRange};

pub use patch::mark;

/// What is marked on one sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetMarks {
    /// The sheet's place among the workbook's worksheets.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// The marked areas, each once.
    pub areas: Vec<CellRange>,
    /// The notes, one a cell.
    pub notes: Vec<Note>,
}

/// A note on a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The cell.
    pub at: CellAddress,
    /// What it says.
    pub text: String,
    /// Whether it tells an error: these go first where there is no room for all.
    pub is_error: bool,
}

/// A marked cell without a note of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutNote {
    /// The sheet.
    pub sheet: String,
    /// The cell.
    pub cell: CellAddress,
    /// Why.
    pub why: &'static str,
}

/// The sheet that is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// What it is and what to do, in a few sentences.
    pub intro: String,
    /// One row for each item.
    pub rows: Vec<Row>,
}

/// One row of the added sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How bad it is, as a word.
    pub severity: &'static str,
    /// The sheet's place among the workbook's worksheets.
    pub sheet_index: Option<usize>,
    /// The sheet.
    pub sheet: String,
    /// The cell as it is shown.
    pub cell: String,
    /// Where the cell's link leads on that sheet.
    pub leads_to: Option<CellRange>,
    /// What was found.
    pub found: String,
    /// What to do.
    pub to_do: String,
    /// What is kept out.
    pub kept_out: &'static str,
    /// The rule's code.
    pub code: &'static str,
}

/// A marked copy.
#[derive(Clone, Debug)]
pub struct Marked {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many areas are marked.
    pub marks: usize,
    /// How many notes were put in.
    pub notes: usize,
    /// The marked cells without one.
    pub without_note: Vec<WithoutNote>,
}

/// Why a workbook cannot be marked, so that the sentence “It is not your file: …” can end in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmarkable(pub String);

impl Unmarkable {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// The most notes on one sheet.
pub const NOTES_MAX: usize = 1_000;
