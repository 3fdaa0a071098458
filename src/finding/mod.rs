//! Something to tell a person: what was found, exactly where, how bad it is, and what to do.
//!
//! Invariant: a finding always has a place, even if the place is the whole file or an agency that sent none.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use crate::grid::{CellAddress, CellRange};

/// How much a finding matters; ordered from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was changed or left out.
    Information,
    /// Merged, but a person should look.
    Warning,
    /// The figure or text cannot be trusted or is kept out.
    Error,
}

impl Severity {
    /// The word used in reports and in configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity that a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Information, Self::Warning, Self::Error]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

/// What stays out of the consolidated figures until a finding is fixed or accepted; ordered from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Nothing.
    None,
    /// One cell's value.
    Value,
    /// A column.
    Column,
    /// A row.
    Row,
    /// A table.
    Table,
    /// The whole return.
    Return,
}

impl Hold {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Value => "value",
            Self::Column => "column",
            Self::Row => "row",
            Self::Table => "table",
            Self::Return => "return",
        }
    }
}

/// Where a finding points: a cell, a range, a sheet, a file, or no file at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index of the source in the run; `None` for what no file says.
    pub source: Option<usize>,
    /// The sheet's position in the workbook and its name; the name is `None` for a csv.
    pub sheet: Option<(usize, Option<Arc<str>>)>,
    /// The cell or range.
    pub range: Option<CellRange>,
}

impl Place {
    /// No file: an agency that sent nothing.
    #[must_use]
    pub fn nowhere() -> Self {
        Self {
            source: None,
            sheet: None,
            range: None,
        }
    }

    /// A whole file.
    #[must_use]
    pub fn file(source: usize) -> Self {
        Self {
            source: Some(source),
            sheet: None,
            range: None,
        }
    }

    /// The cell or range as A1.
    #[must_use]
    pub fn a1(&self) -> Option<String> {
        self.range.map(|range| range.to_string())
    }

    /// The sheet's name, if it has one.
    #[must_use]
    pub fn sheet_name(&self) -> Option<&str> {
        self.sheet.as_ref().and_then(|(_, name)| name.as_deref())
    }
}

/// A rule's stable code, such as `C202`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a decision about a finding can do; each rule says it in its own file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decides {
    /// Accept lets the held thing in as it stands.
    Accept,
    /// Accept with *Read it as* gives what is missing.
    Answer(Answer),
    /// Nothing is held: Accept records the reason.
    Note,
    /// Accept publishes what was withheld as it is, or other words that *Read it as* gives.
    Publish,
    /// Only a corrected file helps.
    None,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A value of the cell's field.
    Value,
    /// The listed value that a word means.
    Word,
    /// The field that a heading names.
    Heading,
    /// The action that a row is on.
    Reference,
    /// The funding line that a row charges.
    Line,
    /// The row that stands.
    Row,
    /// The file that stands.
    File,
    /// The agency that sent the file.
    Partner,
    /// The quarter that the file is for.
    Quarter,
    /// The agency whose figure counts.
    Agency,
}

impl Answer {
    /// What *Read it as* has to hold, in a sentence.
    #[must_use]
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Value => "the value that the cell is to hold",
            Self::Word => "the listed word that is meant",
            Self::Heading => "the field that the heading names",
            Self::Reference => "the reference of the action that is meant",
            Self::Line => "the funding line that is meant",
            Self::Row => "the cell, such as A9, whose row stands",
            Self::File => "the name of the file that stands",
            Self::Partner => "the agency that sent the file",
            Self::Quarter => "the quarter that the file is for",
            Self::Agency => "the agency whose figure counts",
        }
    }
}

/// Somebody's decision to let a finding stand for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Why.
    pub reason: String,
    /// In which role.
    pub role: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
}

impl Acceptance {
    /// Who let the finding stand, why and for how long, in a sentence.
    #[must_use]
    pub fn spoken(&self) -> String {
        let or = |text: &str, other: &str| {
            if text.trim().is_empty() {
                other.to_owned()
            } else {
                text.trim().trim_end_matches('.').to_owned()
            }
        };
        let until = self
            .until
            .map(|day| format!(" until {}", crate::value::date::long(day)))
            .unwrap_or_default();
        format!(
            "Accepted by {}{until}: {}.",
            or(&self.role, "somebody who gave no role"),
            or(&self.reason, "no reason was given")
        )
    }
}

impl Finding {
    /// Where it stands among others in a report: by file, sheet, row and column; what is in no file comes last.
    #[must_use]
    pub fn order(&self) -> (bool, Option<usize>, Option<usize>, Option<CellAddress>) {
        let sheet = self.place.sheet.as_ref().map(|(index, _)| *index);
        let first = self.place.range.map(|range| range.first);
        (self.place.source.is_none(), self.place.source, sheet, first)
    }

    /// Whether somebody put on record why it may stand, and nothing is kept out by it: it is on no list, and counted.
    #[must_use]
    pub fn is_noted(&self) -> bool {
        self.accepted.is_some() && self.would_hold == Hold::None
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable across inserted rows: a hash of code, agency, record key and raw value.
    pub id: String,
    /// The rule's code.
    pub code: Code,
    /// The rule's name.
    pub name: &'static str,
    /// How bad it is, after the configuration's levels.
    pub severity: Severity,
    /// The primary place.
    pub place: Place,
    /// The range that it speaks for, where that is more than its place.
    pub covers: Option<CellRange>,
    /// The agency whose file it is in, by code.
    pub agency: Option<String>,
    /// The field's name, where a field is concerned.
    pub field: Option<String>,
    /// The heading as found.
    pub heading: Option<String>,
    /// The cell's raw value, as typed.
    pub raw: Option<String>,
    /// What was found.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// What is kept out because of it now.
    pub held: Hold,
    /// What would be kept out if nobody had decided on it.
    pub would_hold: Hold,
    /// What a decision about it can do.
    pub decides: Decides,
    /// Set where somebody accepted it.
    pub accepted: Option<Acceptance>,
    /// Other cells that the finding compares with.
    pub related: Vec<Place>,
    /// How many findings it speaks for, where those of its code on its file are too many to be told one by one; else nought.
    pub rest: usize,
    /// What the partner is told of it; `None` where it is the officer's business alone.
    pub told: Option<Told>,
    /// The agency that is told, by code, where the finding stands in none of its files.
    pub names: Option<String>,
}

/// A partner's words for a finding, where they are other than the report's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What was found; `None` for the report's message.
    pub message: Option<String>,
    /// What to do; `None` for the report's. `{reply by}` stands for the day that a run sets.
    pub fix: Option<String>,
}
