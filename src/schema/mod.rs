//! The partnership's configuration: the year, who takes part, the money streams, and one table schema for each kind of table.
//!
//! Invariant: a `Schema` has been validated as a whole; every name that one part uses, another part declares.

mod builtin;
mod calendar;
mod document;
pub mod known;
mod partnership;
mod publishing;
mod put_back;
pub mod reference;
mod start;
mod table;
mod tables;
mod whole;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

pub use builtin::{BUILT_IN_NAME, built_in, built_in_files};
pub use calendar::{ClaimPeriod, Claims, Progress};
pub(crate) use document::{Document, Section};
pub use partnership::{
    Agency, AgencyGroup, Feedback, Labels, LedgerMap, Measures, Partnership, Priority, Reporting,
    Status, Stream, Thresholds, Words, Year,
};
pub use publishing::{
    Lines, PublicFormat, Publishing, Restricted, SmallNumbers, Sum, is_of_word, slug,
};
use sha2::{Digest, Sha256};
pub use start::{Start, start};
pub use table::{
    Choice, Condition, Constraint, EnumBy, Field, FieldKind, Format, HeadingMatch, Limit, Owner,
    Question, Role, Table,
};

use crate::finding::Severity;
use crate::value::period;
use crate::value::text::fold;
use partnership::Parts;

/// One mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.message)
        } else {
            write!(f, "{}:{}: {}", self.file, self.line, self.message)
        }
    }
}

/// The level at which a rule reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    Off,
    /// At this severity.
    At(Severity),
}

/// A rule level as configured, with the line that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelEntry {
    /// The level.
    pub level: Level,
    /// The line in `partnership.toml`.
    pub line: usize,
}

/// The whole configuration in force.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The folder's name.
    pub name: String,
    /// SHA-256 of all its files, hexadecimal.
    pub sha256: String,
    /// Who hosts the partnership.
    pub partnership: Partnership,
    /// The partnership year.
    pub year: Year,
    /// Priorities in their order.
    pub priorities: Vec<Priority>,
    /// Agencies in their order.
    pub agencies: Vec<Agency>,
    /// Words that stand for several agencies at once.
    pub agency_groups: Vec<AgencyGroup>,
    /// Statuses from best to worst.
    pub statuses: Vec<Status>,
    /// Money streams.
    pub streams: Vec<Stream>,
    /// Who pays, in full words, by what the streams' funder says.
    pub funders: Vec<(String, String)>,
    /// Which lines the finance system's cost centres and accounts are.
    pub ledger_map: Vec<LedgerMap>,
    /// Figures that rules compare with.
    pub thresholds: Thresholds,
    /// How success measures are judged.
    pub measures: Measures,
    /// Marking and suppression.
    pub publishing: Publishing,
    /// What partners get back after a merge.
    pub feedback: Feedback,
    /// Words for label cells.
    pub labels: Labels,
    /// Words that stand for nothing, totals, placeholders.
    pub words: Words,
    /// Levels by rule code.
    pub levels: BTreeMap<String, LevelEntry>,
    /// The table schemas.
    pub tables: Vec<Table>,
    names: Names,
}

/// Which word means what, so that a cell's word is looked up and not searched for.
#[derive(Clone, Debug, Default)]
struct Names {
    agencies: HashMap<String, Vec<usize>>,
    /// Agencies by their full names and codes.
    agency_titles: HashMap<String, Vec<usize>>,
    /// The most words that an agency's name has.
    agency_words: usize,
    agency_codes: HashMap<String, usize>,
    statuses: HashMap<String, usize>,
    priorities: HashMap<String, usize>,
    /// The first words of the priorities' names.
    priority_starts: HashSet<String>,
    headings: HashMap<String, Box<[Option<usize>]>>,
    /// The first words of headings.
    heading_starts: HashSet<String>,
    /// Headings longer than most, or that stand over several rows.
    long_headings: Vec<String>,
}

/// Headings longer than this, in bytes and folded, are kept beside the others to be looked for.
const LONG_HEADING_BYTES: usize = 80;

/// No heading is longer than this, in bytes: 1,000 characters of up to four bytes.
const HEADING_BYTES_MAX: usize = 4000;

impl Names {
    fn of(parts: &Parts, tables: &[Table]) -> Self {
        let mut out = Self::default();
        for (index, agency) in parts.agencies.iter().enumerate() {
            out.agency_codes.entry(agency.code.clone()).or_insert(index);
            for word in agency.words.iter() {
                out.agency_words = out.agency_words.max(word.split(' ').count());
                out.agencies.entry(word.clone()).or_default().push(index);
            }
            for title in [&agency.name, &agency.code] {
                let title = fold(title);
                out.agency_words = out.agency_words.max(title.split(' ').count());
                if !title.is_empty() {
                    out.agency_titles.entry(title).or_default().push(index);
                }
            }
        }
        for (index, status) in parts.statuses.iter().enumerate() {
            for word in status.words.iter() {
                out.statuses.entry(word.clone()).or_insert(index);
            }
        }
        for (index, priority) in parts.priorities.iter().enumerate() {
            for word in priority.words.iter() {
                out.priorities.entry(word.clone()).or_insert(index);
                let first = word.split(' ').next().unwrap_or_default();
                out.priority_starts.insert(first.to_owned());
            }
        }
        for (index, table) in tables.iter().enumerate() {
            let starts = table
                .heading_words()
                .filter_map(|text| text.split(' ').next());
            out.heading_starts.extend(starts.map(str::to_owned));
            let long = table
                .heading_words()
                .filter(|text| text.len() > LONG_HEADING_BYTES);
            out.long_headings.extend(long.map(str::to_owned));
            for (heading, field) in table
                .exact_headings()
                .filter(|(heading, _)| !heading.is_empty())
            {
                let fields = out
                    .headings
                    .entry(heading.to_owned())
                    .or_insert_with(|| vec![None; tables.len()].into());
                if let Some(slot) = fields.get_mut(index) {
                    *slot = Some(field);
                }
            }
        }
        out
    }

    /// What these words name anywhere in a folded text, each with the length of its longest name there.
    fn within(&self, names: &HashMap<String, Vec<usize>>, folded: &str) -> BTreeMap<usize, usize> {
        let mut out: BTreeMap<usize, usize> = BTreeMap::new();
        let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
        for start in starts {
            let rest = folded.get(start..).unwrap_or_default();
            let ends = rest
                .match_indices(' ')
                .map(|(at, _)| at)
                .chain(std::iter::once(rest.len()));
            for name in ends
                .take(self.agency_words)
                .filter_map(|end| rest.get(..end))
            {
                for named in names.get(name).into_iter().flatten() {
                    let longest = out.entry(*named).or_default();
                    *longest = name.len().max(*longest);
                }
            }
        }
        out
    }
}

impl Schema {
    /// The configuration in a folder's files, given as name and text; all mistakes at once.
    ///
    /// `codes` are the rule codes that `[rules]` may name.
    ///
    /// # Errors
    /// Every mistake found, by file and line.
    pub fn parse(
        name: &str,
        files: &[(String, String)],
        codes: &[&str],
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut hasher = Sha256::new();
        let mut sorted: Vec<&(String, String)> = files
            .iter()
            .filter(|(file, _)| Path::new(file).extension().is_some_and(|e| e == "toml"))
            .collect();
        sorted.sort();
        for (file, text) in &sorted {
            hasher.update(file.as_bytes());
            hasher.update([0]);
            hasher.update(text.as_bytes());
            hasher.update([0]);
        }
        let Some((_, text)) = sorted.iter().find(|(file, _)| file == "partnership.toml") else {
            return Err(vec![Fault {
                file: "partnership.toml".to_owned(),
                line: 0,
                message: "is missing: it holds the partnership, its year, priorities, agencies, statuses and streams".to_owned(),
            }]);
        };
        let Some(parts) = partnership::parse(text, codes, &mut faults) else {
            // Without it nothing can be said of the tables but where they are no TOML.
            for (file, text) in sorted.iter().filter(|(file, _)| file != "partnership.toml") {
                let document = Document::parse(file, text);
                faults.extend(document.into_faults());
            }
            faults.sort();
            return Err(faults);
        };
        let mut tables = Vec::new();
        let mut are_all_read = true;
        for (file, text) in sorted.iter().filter(|(file, _)| file != "partnership.toml") {
            match tables::parse(file, text, &parts, &mut faults) {
                Some(table) => tables.push(table),
                None => are_all_read = false,
            }
        }
        whole::link(&mut tables, are_all_read, &mut faults);
        if tables.is_empty() && are_all_read {
            faults.push(Fault {
                file: name.to_owned(),
                line: 0,
                message:
                    "describes no table: each table has a file of its own beside partnership.toml"
                        .to_owned(),
            });
        }
        if !faults.is_empty() {
            faults.sort();
            faults.dedup();
            return Err(faults);
        }
        let names = Names::of(&parts, &tables);
        Ok(Self {
            name: name.to_owned(),
            sha256: hex(&hasher.finalize()),
            partnership: parts.partnership,
            year: parts.year,
            priorities: parts.priorities,
            agencies: parts.agencies,
            agency_groups: parts.agency_groups,
            statuses: parts.statuses,
            streams: parts.streams,
            funders: parts.funders,
            ledger_map: parts.ledger_map,
            thresholds: parts.thresholds,
            measures: parts.measures,
            publishing: parts.publishing,
            feedback: parts.feedback,
            labels: parts.labels,
            words: parts.words,
            levels: parts.levels,
            tables,
            names,
        })
    }

    /// What is no mistake in the configuration and yet worth knowing, each in a sentence.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        whole::notes(&self.tables)
    }

    /// The table of this name, and its index.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<(usize, &Table)> {
        self.tables
            .iter()
            .enumerate()
            .find(|(_, table)| table.name == name)
    }

    /// The agency of this code.
    #[must_use]
    pub fn agency(&self, code: &str) -> Option<usize> {
        self.names.agency_codes.get(code).copied()
    }

    /// The agency that a folded text names.
    #[must_use]
    pub fn agency_called(&self, folded: &str) -> Option<usize> {
        self.names.agencies.get(folded)?.first().copied()
    }

    /// The agencies that a folded word stands for, where it stands for several.
    #[must_use]
    pub fn agency_group(&self, folded: &str) -> Option<&[usize]> {
        let mut groups = self.agency_groups.iter();
        let group = groups.find(|group| group.words.iter().any(|word| word == folded))?;
        Some(&group.agencies)
    }

    /// The agencies that a folded text's words name anywhere, in their order, each with the length of its longest name there.
    #[must_use]
    pub fn agencies_within(&self, folded: &str) -> BTreeMap<usize, usize> {
        self.names.within(&self.names.agencies, folded)
    }

    /// The same for their full names and codes alone.
    #[must_use]
    pub fn agencies_titled_within(&self, folded: &str) -> BTreeMap<usize, usize> {
        self.names.within(&self.names.agency_titles, folded)
    }

    /// The most words that an agency's name has.
    #[must_use]
    pub fn agency_words(&self) -> usize {
        self.names.agency_words
    }

    /// The status that a folded word means.
    #[must_use]
    pub fn status_called(&self, folded: &str) -> Option<usize> {
        self.names.statuses.get(folded).copied()
    }

    /// The priority that a folded text names in so many words.
    #[must_use]
    pub fn priority_called(&self, folded: &str) -> Option<usize> {
        self.names.priorities.get(folded).copied()
    }

    /// Whether a text as typed may begin with a priority's name: a quick look at its first word.
    #[must_use]
    pub fn may_begin_priority(&self, typed: &str) -> bool {
        let first = typed.split_ascii_whitespace().next().unwrap_or_default();
        // A bracket can hold a unit, which is passed over with all that is in it; signs alone are passed over, too.
        let has_letter = first.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if !typed.is_ascii() || first.contains('(') || !has_letter {
            return true;
        }
        let folded = fold(first);
        let word = folded.split(' ').next().unwrap_or_default();
        self.names.priority_starts.contains(word)
    }

    /// Whether a text as typed may be a heading that names a field: a quick look at its first word. Nearly no text of a table's body
    /// may.
    #[must_use]
    pub fn may_be_heading(&self, typed: &str) -> bool {
        let end = typed.find(|c: char| !c.is_ascii_alphanumeric());
        let (word, rest) = typed
            .split_at_checked(end.unwrap_or(typed.len()))
            .unwrap_or_default();
        // What folds into something else than its own letters is looked at whole.
        if !typed.is_ascii() || word.is_empty() || rest.starts_with(['\'', '.']) {
            return true;
        }
        let word = word.to_ascii_lowercase();
        self.names.heading_starts.contains(&word) || period::may_name_period(&word)
    }

    /// Whether a long text as typed is a heading of the configuration, or part of one that stands over several rows.
    #[must_use]
    pub fn is_long_heading(&self, typed: &str) -> bool {
        if self.names.long_headings.is_empty() || typed.len() > HEADING_BYTES_MAX {
            return false;
        }
        let folded = fold(typed);
        let mut long = self.names.long_headings.iter();
        !folded.is_empty() && long.any(|heading| heading.contains(&folded))
    }

    /// The field of each table that a folded heading names by itself, whatever it says of a period.
    #[must_use]
    pub fn headings_called(&self, folded: &str) -> Option<&[Option<usize>]> {
        self.names.headings.get(folded).map(AsRef::as_ref)
    }

    /// The status of this value.
    #[must_use]
    pub fn status(&self, value: &str) -> Option<usize> {
        self.statuses
            .iter()
            .position(|status| status.value == value)
    }

    /// The stream that a cell names; a blank one means the only stream that the PCC pays for.
    #[must_use]
    pub fn stream(&self, named: &str) -> Option<usize> {
        let folded = fold(named);
        if folded.is_empty() {
            return self.only_pcc_stream();
        }
        self.streams
            .iter()
            .position(|stream| stream.words.contains(&folded))
    }

    /// The stream that one word of a sheet's name is a name of: `PCC funding`, `CRG`; of two, none.
    #[must_use]
    pub fn stream_named_in(&self, sheet: &str) -> Option<usize> {
        let folded = fold(sheet);
        let mut named = self.streams.iter().enumerate().filter(|(_, stream)| {
            folded
                .split(' ')
                .any(|word| stream.words.iter().any(|own| own == word))
        });
        let (first, _) = named.next()?;
        named.next().is_none().then_some(first)
    }

    /// The stream that the PCC pays for, if there is just one.
    #[must_use]
    pub fn only_pcc_stream(&self) -> Option<usize> {
        let mut pcc = self
            .streams
            .iter()
            .enumerate()
            .filter(|(_, stream)| stream.funder.eq_ignore_ascii_case("PCC"));
        let (first, _) = pcc.next()?;
        pcc.next().is_none().then_some(first)
    }

    /// The code of an agency.
    #[must_use]
    pub fn agency_code(&self, agency: usize) -> &str {
        self.agencies.get(agency).map_or("", |a| a.code.as_str())
    }

    /// The name of an agency.
    #[must_use]
    pub fn agency_name(&self, agency: usize) -> &str {
        self.agencies.get(agency).map_or("", |a| a.name.as_str())
    }

    /// The label of a status.
    #[must_use]
    pub fn status_label(&self, status: usize) -> &str {
        self.statuses.get(status).map_or("", |s| s.label.as_str())
    }

    /// Whether nothing more is to come on an action of this status.
    #[must_use]
    pub fn is_over(&self, status: usize) -> bool {
        matches!(self.status_counts_as(status), "complete" | "closed")
    }

    /// Which of the program's own six a status counts as.
    #[must_use]
    pub fn status_counts_as(&self, status: usize) -> &str {
        self.statuses
            .get(status)
            .map_or("", |s| s.counts_as.as_str())
    }

    /// Who pays, in full words where the configuration gives them.
    #[must_use]
    pub fn funder_name(&self, funder: &str) -> String {
        let named = self
            .funders
            .iter()
            .find(|(code, _)| code.eq_ignore_ascii_case(funder));
        if let Some((_, name)) = named {
            return name.clone();
        }
        let mut letters = funder.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default()
    }

    /// The value of a status.
    #[must_use]
    pub fn status_value(&self, status: usize) -> &str {
        self.statuses.get(status).map_or("", |s| s.value.as_str())
    }

    /// The words that a choice field accepts, as value, label and folded words.
    #[must_use]
    pub fn choices(&self, field: &Field) -> Vec<(String, String, Arc<[String]>)> {
        match field.kind {
            FieldKind::Status => self
                .statuses
                .iter()
                .map(|s| (s.value.clone(), s.label.clone(), s.words.clone()))
                .collect(),
            FieldKind::Priority => self
                .priorities
                .iter()
                .map(|p| (p.code.clone(), p.name.clone(), p.words.clone()))
                .collect(),
            FieldKind::Agency | FieldKind::Agencies => self
                .agencies
                .iter()
                .map(|a| (a.code.clone(), a.name.clone(), a.words.clone()))
                .collect(),
            FieldKind::Choice => field
                .choices
                .iter()
                .map(|c| (c.value.clone(), c.label.clone(), c.words.clone()))
                .collect(),
            FieldKind::Text
            | FieldKind::Reference
            | FieldKind::Line
            | FieldKind::Lines
            | FieldKind::Money
            | FieldKind::Number
            | FieldKind::Date
            | FieldKind::Timescale
            | FieldKind::Email
            | FieldKind::Postcode => Vec::new(),
        }
    }
}

/// Every key that the parser asks for in these files.
fn keys_asked(
    files: &[(String, String)],
    codes: &[&str],
) -> Vec<(reference::File, String, String, &'static str)> {
    let mut out = Vec::new();
    let Some((_, text)) = files.iter().find(|(file, _)| file == "partnership.toml") else {
        return out;
    };
    let document = Document::parse("partnership.toml", text);
    let parts = partnership::read(&document, codes);
    let keys = document.keys().into_iter();
    out.extend(
        keys.map(|(section, key, takes)| (reference::File::Partnership, section, key, takes)),
    );
    for (file, text) in files.iter().filter(|(file, _)| file != "partnership.toml") {
        let document = Document::parse(file, text);
        let _ = tables::read(&document, &parts, file);
        let keys = document.keys().into_iter();
        out.extend(keys.map(|(section, key, takes)| (reference::File::Table, section, key, takes)));
    }
    out.sort();
    out.dedup();
    out
}

/// Bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}
