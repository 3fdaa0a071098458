//! What each partner hears after a merge: what was used, what was kept out and why, and what to do by when, as plain data.
//!
//! Invariant: what one agency is told is its own or everybody's. Nothing of another return, of the ledger or of an earlier workbook is in
//! a folder, and paths are base names.

mod list;
mod name;
mod note;

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::finding::{Code, Finding, Hold, Place, Severity};
use crate::grid::{CellAddress, CellRange, Visibility};
use crate::mark::{Marked, Note, SheetMarks, WithoutNote};
use crate::pipeline::Outcome;
use crate::schema::{Reporting, Role, Schema};
use crate::source::Source;
use crate::value::period::Quarter;
use crate::value::told;

pub use list::rows as list_rows;
pub use note::{html, text};

/// Everything that partners get back after one run.
#[derive(Debug)]
pub struct Feedback {
    /// The run's quarter.
    pub quarter: Quarter,
    /// The day by which corrections are asked for.
    pub reply_by: Date,
    /// One for each agency that reports or sent a return, in the configuration's order.
    pub folders: Vec<Folder>,
    /// The plan, if something was found in it: the officer's own.
    pub plan: Option<File>,
    /// Returns whose sender is not known.
    pub unknown: Vec<Folder>,
}

/// What one agency gets.
#[derive(Debug)]
pub struct Folder {
    /// The agency; `None` where the sender is not known.
    pub agency: Option<usize>,
    /// The folder's name, with forward slashes.
    pub name: String,
    /// What is asked of it.
    pub state: State,
    /// The returns that it sent, in the order of the report.
    pub files: Vec<File>,
    /// What it is told, errors first.
    pub items: Vec<Item>,
}

/// What is asked of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Something is to be corrected.
    ToCorrect,
    /// Its return is in, and nothing is to be done.
    NothingToDo,
    /// It sent none.
    NoReturn,
}

impl State {
    /// The words used in the index.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ToCorrect => "to correct",
            Self::NothingToDo => "nothing to do",
            Self::NoReturn => "no return",
        }
    }
}

/// One file that came in, and what goes back for it.
#[derive(Clone, Debug)]
pub struct File {
    /// The source in the run.
    pub source: usize,
    /// The name of what goes back, without its extension.
    pub stem: String,
    /// The extension of a marked copy; a rendition has `xlsx`.
    pub extension: &'static str,
    /// Whether something is to be marked in it.
    pub is_to_mark: bool,
    /// What was made of it.
    pub made: Made,
}

/// What goes back for a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// What kind it is.
    pub kind: Kind,
    /// Its name, if there is one.
    pub name: Option<String>,
    /// Why it is no marked copy, where something is to be marked.
    pub why: Option<String>,
    /// How many places are marked.
    pub marks: usize,
    /// How many cells have a note of ours.
    pub notes: usize,
    /// The marked cells that have none.
    pub without_note: Vec<WithoutNote>,
}

/// What kind of copy goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The partner's own file, marked.
    Marked,
    /// A new workbook that shows what was read.
    Rendition,
    /// None.
    #[default]
    None,
}

impl Kind {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Rendition => "rendition",
            Self::None => "none",
        }
    }
}

/// One thing told to one partner.
#[derive(Clone, Debug)]
pub struct Item {
    /// The finding, by its place in the report.
    pub finding: usize,
    /// Its code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where, in a file of the partner's; nowhere for what is not in its return.
    pub place: Place,
    /// The heading of the place's column, where it has one.
    pub heading: Option<String>,
    /// What was found, in the partner's words.
    pub message: String,
    /// What to do, in the partner's words.
    pub fix: String,
    /// What is kept out.
    pub held: Hold,
}

impl Item {
    /// The cell or range as A1.
    #[must_use]
    pub fn a1(&self) -> Option<String> {
        self.place.a1()
    }
}

/// The day by which corrections are asked for, where none is named: so many days after the run's, or the quarter's deadline if that is later.
#[must_use]
pub fn reply_by(schema: &Schema, quarter: Quarter, as_of: Date) -> Date {
    let days = i64::from(schema.feedback.reply_days);
    let day = as_of.checked_add(days.days()).unwrap_or(as_of);
    let deadline = schema.year.deadline(quarter);
    deadline.map_or(day, |deadline| deadline.max(day))
}

/// Gathers what every partner is told of a run.
#[must_use]
pub fn gather(outcome: &Outcome, schema: &Schema, quarter: Quarter, reply_by: Date) -> Feedback {
    let senders = senders(outcome, schema);
    let told = told_items(outcome, schema, &senders, reply_by);
    let returns = || {
        let sources = outcome.sources.iter();
        sources.filter(|source| source.role == Role::Return && !source.is_passed_over())
    };
    let mut taken: BTreeSet<String> = ["plan", "not-known", "index.csv"].map(str::to_owned).into();
    let mut folders = Vec::new();
    for (index, agency) in schema.agencies.iter().enumerate() {
        let sent: Vec<&Source> = returns()
            .filter(|source| sent_by(&senders, source) == Some(index))
            .collect();
        if sent.is_empty() && agency.reporting != Reporting::Expected {
            continue;
        }
        let items: Vec<Item> = told
            .iter()
            .filter(|(to, _)| *to == index)
            .map(|(_, item)| item.clone())
            .collect();
        let has_sent = !sent.is_empty()
            || crate::source::sent_before(&outcome.sources, schema, quarter, index);
        folders.push(folder(
            Some(index),
            name::folder(&agency.code, &mut taken),
            has_sent,
            &sent,
            items,
        ));
    }
    let unknown = unknown(outcome, &senders, reply_by);
    Feedback {
        quarter,
        reply_by,
        folders,
        plan: plan(outcome),
        unknown,
    }
}

/// A folder, with what goes back for each file named.
fn folder(
    agency: Option<usize>,
    name: String,
    has_sent: bool,
    sent: &[&Source],
    mut items: Vec<Item>,
) -> Folder {
    items.sort_by_key(order);
    let mut taken = BTreeSet::new();
    let files = sent
        .iter()
        .map(|source| {
            let is_to_mark = agency.is_some()
                && items.iter().any(|item| {
                    item.place.source == Some(source.index) && item.place.range.is_some()
                });
            let extension = name::extension(source);
            File {
                source: source.index,
                stem: name::next_version(source.file_name(), &mut taken),
                extension,
                is_to_mark,
                made: Made::default(),
            }
        })
        .collect();
    let state = match (has_sent, items.is_empty()) {
        (false, _) => State::NoReturn,
        (true, true) => State::NothingToDo,
        (true, false) => State::ToCorrect,
    };
    Folder {
        agency,
        name,
        state,
        files,
        items,
    }
}

/// The order of a note and of a list: errors first, then file, sheet, row and column; what stands in no file after what does.
fn order(item: &Item) -> impl Ord + use<> {
    let place = &item.place;
    (
        std::cmp::Reverse(item.severity),
        place.source.is_none(),
        place.source,
        place.sheet.as_ref().map(|(index, _)| *index),
        place.range,
        item.code,
        item.finding,
    )
}

/// The agency that sent each file, where that is known.
fn senders(outcome: &Outcome, schema: &Schema) -> Vec<Option<usize>> {
    let open: BTreeSet<usize> = outcome
        .findings
        .iter()
        .filter(|finding| matches!(finding.code.0, "S007" | "S014"))
        .filter_map(|finding| finding.place.source)
        .collect();
    let sources = outcome.sources.iter();
    sources
        .map(|source| sender(source, schema).filter(|_| !open.contains(&source.index)))
        .collect()
}

/// The agency that a file says it is from: one that names two may be either's.
fn sender(source: &Source, schema: &Schema) -> Option<usize> {
    // The same where a copy of another file is told as that alone.
    let said = &source.statement;
    let names_two = source.said.agency.is_none()
        && !said.file_agrees
        && said.label_agency.is_some()
        && said.file_agency.is_some()
        && said.label_agency != said.file_agency;
    let names_host = said
        .file_agency
        .is_some_and(|agency| schema.agency_code(agency) == schema.partnership.host);
    said.agency.filter(|_| !names_two || names_host)
}

fn sent_by(senders: &[Option<usize>], source: &Source) -> Option<usize> {
    senders.get(source.index).copied().flatten()
}

/// Whether anybody is to hear of a finding: it is an error or a warning, or a return that is not there, and nobody has let it stand.
fn is_told(finding: &Finding) -> bool {
    finding.accepted.is_none()
        && (finding.severity >= Severity::Warning || finding.code.0 == "S009")
}

/// Every item with the agency that is told.
fn told_items(
    outcome: &Outcome,
    schema: &Schema,
    senders: &[Option<usize>],
    reply_by: Date,
) -> Vec<(usize, Item)> {
    let mut out = Vec::new();
    for (index, finding) in outcome.findings.iter().enumerate() {
        if !is_told(finding) {
            continue;
        }
        let Some((message, fix)) = words(finding, reply_by) else {
            continue;
        };
        let item = |place: Place| Item {
            finding: index,
            code: finding.code,
            severity: finding.severity,
            // The heading is the finding's own cell's, and nobody else's.
            heading: finding.heading.clone().filter(|_| place == finding.place),
            place,
            message: message.clone(),
            fix: fix.clone(),
            held: finding.held,
        };
        if let Some(named) = &finding.names {
            // It stands in no file of the agency's.
            let agency = schema.agencies.iter().position(|a| a.code == *named);
            out.extend(agency.map(|agency| (agency, item(Place::nowhere()))));
            continue;
        }
        // Each of the two that contradict each other at its own cell.
        let also = if finding.code.0 == "M404" {
            finding.related.as_slice()
        } else {
            &[]
        };
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for place in std::iter::once(&finding.place).chain(also) {
            let source = place
                .source
                .and_then(|source| outcome.sources.get(source))
                .filter(|source| source.role == Role::Return);
            let agency = source.and_then(|source| sent_by(senders, source));
            if let Some(agency) = agency.filter(|agency| told.insert(*agency)) {
                out.push((agency, item(place.clone())));
            }
        }
    }
    out
}

/// A finding's words for the partner; nothing where it is the officer's business alone.
fn words(finding: &Finding, reply_by: Date) -> Option<(String, String)> {
    let told = finding.told.as_ref()?;
    let message = told.message.as_ref().unwrap_or(&finding.message);
    let fix = told.fix.as_ref().unwrap_or(&finding.fix);
    let day = crate::value::date::long(reply_by);
    Some((message.clone(), fix.replace("{reply by}", &day)))
}

/// Returns whose sender is not known, each with what is asked about it.
fn unknown(outcome: &Outcome, senders: &[Option<usize>], reply_by: Date) -> Vec<Folder> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for source in &outcome.sources {
        if source.role != Role::Return
            || source.is_passed_over()
            || sent_by(senders, source).is_some()
        {
            continue;
        }
        let own =
            outcome.findings.iter().enumerate().filter(|(_, finding)| {
                finding.place.source == Some(source.index) && is_told(finding)
            });
        let items = own
            .filter_map(|(index, finding)| {
                let (message, fix) = words(finding, reply_by)?;
                Some(Item {
                    finding: index,
                    code: finding.code,
                    severity: finding.severity,
                    place: finding.place.clone(),
                    heading: finding.heading.clone(),
                    message,
                    fix,
                    held: finding.held,
                })
            })
            .collect();
        let name = format!("not-known/{}", name::stem(source.file_name(), &mut taken));
        out.push(folder(None, name, true, &[source], items));
    }
    out
}

/// The plan, with everything found in it in the report's words: the officer's own copy.
fn plan(outcome: &Outcome) -> Option<File> {
    let source = outcome.sources.iter().find(|s| s.role == Role::Plan)?;
    let own = plan_items(outcome, source.index);
    let is_to_mark = own.iter().any(|item| item.place.range.is_some());
    is_to_mark.then(|| File {
        source: source.index,
        stem: format!(
            "{} (marked)",
            name::stem(source.file_name(), &mut BTreeSet::new())
        ),
        extension: name::extension(source),
        is_to_mark,
        made: Made::default(),
    })
}

fn plan_items(outcome: &Outcome, source: usize) -> Vec<Item> {
    let own =
        outcome.findings.iter().enumerate().filter(|(_, finding)| {
            finding.place.source == Some(source) && finding.accepted.is_none()
        });
    let mut items: Vec<Item> = own
        .map(|(index, finding)| Item {
            finding: index,
            code: finding.code,
            severity: finding.severity,
            place: finding.place.clone(),
            heading: finding.heading.clone(),
            message: finding.message.clone(),
            fix: finding.fix.clone(),
            held: finding.held,
        })
        .collect();
    items.sort_by_key(order);
    items
}

/// What is listed on the sheet that is added to a copy of a file: the file's own items, and those that stand in no file.
#[must_use]
pub fn items_of(folder: Option<&Folder>, file: &File, outcome: &Outcome) -> Vec<Item> {
    match folder {
        Some(folder) => folder
            .items
            .iter()
            .filter(|item| item.place.source.is_none_or(|source| source == file.source))
            .cloned()
            .collect(),
        None => plan_items(outcome, file.source),
    }
}

/// Where a file is marked, and the notes beside the marks, sheet by sheet.
#[must_use]
pub fn marks(items: &[Item], source: &Source) -> Vec<SheetMarks> {
    let mut out: BTreeMap<usize, SheetMarks> = BTreeMap::new();
    let mut own: Vec<&Item> = items
        .iter()
        .filter(|item| item.place.source == Some(source.index))
        .collect();
    // The order of the report: a cell's note tells its items in it.
    own.sort_by_key(|item| item.finding);
    for item in own {
        let (Some((index, name)), Some(range)) = (&item.place.sheet, item.place.range) else {
            continue;
        };
        let sheet = source.workbook().and_then(|book| book.sheets.get(*index));
        let merged = sheet.and_then(|sheet| sheet.merged_at(range.first));
        let area = merged.map_or(range, |merged| around(range, merged));
        let marks = out.entry(*index).or_insert_with(|| SheetMarks {
            index: *index,
            name: name.as_deref().unwrap_or_default().to_owned(),
            areas: Vec::new(),
            notes: Vec::new(),
        });
        marks.areas.push(area);
        let text = told::note(item.code.0, &item.message, &item.fix);
        marks.notes.push(Note {
            at: area.first,
            text,
            is_error: item.severity == Severity::Error,
        });
    }
    for marks in out.values_mut() {
        marks.areas.sort_unstable();
        marks.areas.dedup();
        // Those of one cell are one note, in the order of the report.
        marks.notes.sort_by_key(|note| note.at);
        marks.notes.dedup_by(|later, first| {
            let is_one = later.at == first.at;
            if is_one {
                first.text = format!("{}\n\n{}", first.text, later.text);
                first.is_error |= later.is_error;
            }
            is_one
        });
    }
    out.into_values().collect()
}

/// The smallest rectangle that holds both.
fn around(a: CellRange, b: CellRange) -> CellRange {
    CellRange::new(
        CellAddress::new(
            a.first.row.min(b.first.row),
            a.first.column.min(b.first.column),
        ),
        CellAddress::new(a.last.row.max(b.last.row), a.last.column.max(b.last.column)),
    )
}

impl Folder {
    /// How many of its items are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        let is_error = |item: &&Item| item.severity == Severity::Error;
        self.items.iter().filter(is_error).count()
    }

    /// How many of its items are warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        let is_warning = |item: &&Item| item.severity == Severity::Warning;
        self.items.iter().filter(is_warning).count()
    }

    /// Whether what goes back carries what is not for open mail: a hidden sheet of the partner's own file, or details that point to a person.
    #[must_use]
    pub fn needs_secure_route(&self, outcome: &Outcome) -> bool {
        self.files
            .iter()
            .filter(|file| file.made.kind != Kind::None)
            .any(|file| {
                let book = outcome.sources.get(file.source).and_then(Source::workbook);
                let has_hidden = book.is_some_and(|book| {
                    book.sheets
                        .iter()
                        .any(|sheet| sheet.visibility != Visibility::Visible)
                });
                let has_details = self
                    .items
                    .iter()
                    .any(|item| item.code.0 == "G601" && item.place.source == Some(file.source));
                has_details || has_hidden && file.made.kind == Kind::Marked
            })
    }
}

/// What is said of a folder that carries what is not for open mail.
#[must_use]
pub fn secure_route(schema: &Schema) -> String {
    let said = "send by the secure route: it carries what the partner's own file carries";
    match &schema.feedback.secure_route {
        Some(route) => format!("{said} ({route})"),
        None => said.to_owned(),
    }
}

impl Made {
    /// A marked copy.
    #[must_use]
    pub fn marked(name: String, marked: &Marked) -> Self {
        Self {
            kind: Kind::Marked,
            name: Some(name),
            why: None,
            marks: marked.marks,
            notes: marked.notes,
            without_note: marked.without_note.clone(),
        }
    }
}
