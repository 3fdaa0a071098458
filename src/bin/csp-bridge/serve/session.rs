//! What one start of the program holds, and nothing else does: files, decisions, the last run. All of it is in memory.
//!
//! Invariant: a page is drawn from this alone, so that two tabs never differ; a job that fails leaves it as it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use csp_bridge::decision::{self, Decisions, Question, Received, Taken, Written};
use csp_bridge::page::Told;
use csp_bridge::page::files::{FileFacts, FileRole, FileRow};
use csp_bridge::pipeline::{Options, Outcome};
use csp_bridge::publish::earlier::Earlier;
use csp_bridge::schema::{Fault, Schema};
use csp_bridge::value::period::Quarter;
use csp_bridge::watch::Step;
use jiff::civil::Date;

/// The most that a session holds.
pub(super) const FILES_MAX: usize = 1_000;
pub(super) const BYTES_MAX: usize = 500_000_000;

/// A file of the session.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: FileRole,
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) sha256: String,
    /// What reading it gave, as the reading process said it; not kept where it is large.
    pub(super) wire: Option<Arc<Vec<u8>>>,
    pub(super) facts: FileFacts,
    /// The day on which it arrived, as somebody wrote it here.
    pub(super) received: Option<Date>,
}

/// A decision that is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) serial: usize,
    pub(super) written: Written,
    /// The file that it came from, if it was not taken here.
    pub(super) from: Option<String>,
}

impl Kept {
    /// Whether another is the same decision, wherever it stands in a file.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let plain = |kept: &Self| Written {
            row: 0,
            ..kept.written.clone()
        };
        plain(self) == plain(other)
    }
}

/// A file as a run reads it.
#[derive(Clone, Debug)]
pub(super) struct RunFile {
    pub(super) name: String,
    pub(super) role: FileRole,
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) sha256: String,
    pub(super) wire: Option<Arc<Vec<u8>>>,
}

/// What a run is asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) number: usize,
    pub(super) quarter: Quarter,
    /// The day as typed; empty is today.
    pub(super) typed_day: String,
    pub(super) as_of: Date,
    pub(super) files: Vec<RunFile>,
    pub(super) kept: Vec<Kept>,
    /// On which days returns arrived.
    pub(super) receipts: Vec<Received>,
    /// Files, roles and decisions in short, to tell whether they have changed since.
    pub(super) mark: Vec<(String, &'static str, String)>,
}

impl Asked {
    pub(super) fn options(&self) -> Options {
        Options {
            quarter: Some(self.quarter),
            as_of: self.as_of,
            is_merge: true,
        }
    }
}

/// How far the run is.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) stop: AtomicBool,
    pub(super) at: Mutex<At>,
}

#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) step: Step,
    pub(super) done: usize,
    pub(super) total: usize,
    pub(super) now: String,
}

/// Where the last run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunState {
    None,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl RunState {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The last finished run: what it was asked, what it gave.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) asked: Asked,
    pub(super) outcome: Outcome,
    /// By the names under which they are downloaded.
    pub(super) outputs: Vec<(&'static str, Vec<u8>)>,
    /// Returns to send out, by quarter, once asked for.
    pub(super) templates: Mutex<BTreeMap<Quarter, Arc<Templates>>>,
    /// What partners get back, once asked for.
    pub(super) given_back: Mutex<Option<Arc<GivenBack>>>,
    /// What funders are sent, once asked for.
    pub(super) statements: Mutex<Option<Arc<Statements>>>,
    /// The tidy data as a zip, once asked for; nothing where it could not be made.
    pub(super) export: Mutex<Option<Arc<Option<Vec<u8>>>>>,
}

/// A public version, and what it was made of.
#[derive(Debug)]
pub(super) struct PublicVersion {
    /// The run of which it is: the merge in memory, with its agenda.
    pub(super) done: Arc<Done>,
    /// The sets that are out.
    pub(super) sets: Arc<Vec<Earlier>>,
    /// Its files; none where nothing may be written.
    pub(super) files: Parts,
    /// Whether nothing may be written.
    pub(super) is_stopped: bool,
    /// The record of what is withheld, for the partnership alone.
    pub(super) record: Vec<u8>,
}

/// What each partner gets back.
#[derive(Debug, Default)]
pub(super) struct GivenBack {
    /// By the agency's code, its name, and its folder's files by their paths.
    pub(super) folders: Vec<(String, String, Parts)>,
    /// What stands beside the folders: the officer's own.
    pub(super) beside: Parts,
}

/// What funders are sent: the file's stem, the stream's name, the workbook and the page; or why there is nothing.
pub(super) type Statements = Result<Vec<(String, String, Vec<u8>, Vec<u8>)>, String>;

/// Files by their paths.
pub(super) type Parts = Vec<(String, Vec<u8>)>;

/// Returns to send out for a quarter: agency, file name, bytes; or why there is none.
pub(super) type Templates = Result<Vec<(usize, String, Vec<u8>)>, String>;

impl Done {
    /// A run without outputs.
    pub(super) fn bare(asked: Asked, outcome: Outcome) -> Self {
        Self {
            asked,
            outcome,
            outputs: Vec::new(),
            templates: Mutex::default(),
            given_back: Mutex::default(),
            statements: Mutex::default(),
            export: Mutex::default(),
        }
    }

    /// The workbook's name when it is saved.
    pub(super) fn saved_as(&self) -> String {
        format!("Consolidated {}.xlsx", self.asked.quarter.spoken())
    }

    pub(super) fn output(&self, name: &str) -> Option<&[u8]> {
        let mut all = self.outputs.iter();
        all.find(|(own, _)| *own == name)
            .map(|(_, bytes)| bytes.as_slice())
    }
}

/// Everything.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) files: Vec<Held>,
    next_file: usize,
    pub(super) kept: Vec<Kept>,
    next_kept: usize,
    /// Days of receipt that a file of decisions says, with the file's id.
    pub(super) said_received: Vec<(String, Received)>,
    pub(super) quarter: Quarter,
    pub(super) typed_day: String,
    pub(super) last_role: String,
    /// What happened, to be told on the page it is for until another page is opened.
    pub(super) told: Option<(&'static str, Told)>,
    pub(super) state: RunState,
    pub(super) number: usize,
    pub(super) progress: Arc<Progress>,
    pub(super) message: Option<String>,
    pub(super) done: Option<Arc<Done>>,
    /// The public version that was made last.
    pub(super) public: Option<Arc<PublicVersion>>,
}

impl Session {
    pub(super) fn new(quarter: Quarter) -> Self {
        Self {
            files: Vec::new(),
            next_file: 1,
            kept: Vec::new(),
            next_kept: 1,
            said_received: Vec::new(),
            quarter,
            typed_day: String::new(),
            last_role: String::new(),
            told: None,
            state: RunState::None,
            number: 0,
            progress: Arc::new(Progress::nothing()),
            message: None,
            done: None,
            public: None,
        }
    }

    /// Forgets everything that was brought or decided.
    pub(super) fn clear(&mut self, quarter: Quarter) {
        self.progress
            .stop
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let (number, next_file, next_kept) = (self.number, self.next_file, self.next_kept);
        *self = Self::new(quarter);
        // A job that is still on is known by its number, and a form of before by its file's.
        (self.number, self.next_file, self.next_kept) = (number, next_file, next_kept);
    }

    pub(super) fn file_id(&mut self) -> String {
        self.next_file += 1;
        format!("f{}", self.next_file - 1)
    }

    /// Keeps a decision in the place of the one of its finding, or of the one that it is.
    pub(super) fn keep(&mut self, written: Written, instead_of: Option<usize>) {
        let at = self.kept.iter().position(|kept| {
            Some(kept.serial) == instead_of
                || !written.finding.is_empty() && kept.written.finding == written.finding
        });
        match at.and_then(|at| self.kept.get_mut(at)) {
            Some(kept) => kept.written = written,
            None => self.add_kept(written, None),
        }
    }

    pub(super) fn add_kept(&mut self, written: Written, from: Option<String>) {
        let kept = Kept {
            serial: self.next_kept,
            written,
            from,
        };
        self.next_kept += 1;
        // Those of a file come before what was taken here.
        let at = if kept.from.is_some() {
            self.kept.iter().take_while(|k| k.from.is_some()).count()
        } else {
            self.kept.len()
        };
        self.kept.insert(at, kept);
    }

    /// Files, roles and decisions in short.
    pub(super) fn mark(&self) -> Vec<(String, &'static str, String)> {
        let mut out: Vec<_> = self
            .run_files()
            .map(|file| (file.name.clone(), file.role.word(), file.sha256.clone()))
            .collect();
        out.sort();
        out
    }

    /// Whether files, roles or decisions differ from those of the last finished run.
    pub(super) fn is_changed(&self) -> bool {
        self.done.as_ref().is_some_and(|done| {
            let same = self.kept.len() == done.asked.kept.len()
                && self
                    .kept
                    .iter()
                    .zip(&done.asked.kept)
                    .all(|(own, run)| own.is_same(run));
            !same || self.mark() != done.asked.mark || self.receipts() != done.asked.receipts
        })
    }

    /// On which days returns arrived: what a file of decisions says, then what was written here, which speaks last.
    pub(super) fn receipts(&self) -> Vec<Received> {
        let said = self.said_received.iter().map(|(_, one)| one.clone());
        let own = self.files.iter().filter(|f| f.role == FileRole::Return);
        let own = own.filter_map(|file| {
            Some(Received {
                agency: None,
                file: file.name.clone(),
                quarter: None,
                day: file.received?,
            })
        });
        said.chain(own).collect()
    }

    /// Forgets what a file of decisions said.
    pub(super) fn forget_said(&mut self, id: &str) {
        self.kept.retain(|kept| kept.from.as_deref() != Some(id));
        self.said_received.retain(|(from, _)| from != id);
    }

    /// Whether the public version is of the run, the files and the decisions as they are now.
    pub(super) fn is_public_current(&self) -> bool {
        let (Some(public), Some(done)) = (&self.public, &self.done) else {
            return false;
        };
        let own = &public.done.asked;
        own.quarter == done.asked.quarter
            && own.as_of == done.asked.as_of
            && own.mark == self.mark()
            && own.receipts == self.receipts()
            && own.kept.len() == self.kept.len()
            && own.kept.iter().zip(&self.kept).all(|(a, b)| a.is_same(b))
    }

    /// How many decisions are in no run yet.
    pub(super) fn pending(&self) -> usize {
        let in_run = |kept: &&Kept| {
            self.done
                .as_ref()
                .is_some_and(|done| done.asked.kept.iter().any(|run| run.is_same(kept)))
        };
        self.kept.iter().filter(|kept| !in_run(kept)).count()
    }

    /// The files that a run reads: not decisions, nor a return that is the plan, the ledger or last quarter's workbook once more.
    pub(super) fn run_files(&self) -> impl Iterator<Item = &Held> {
        self.files.iter().filter(|file| {
            file.role.in_run().is_some()
                && !(file.role == FileRole::Return && self.same_as(file).is_some())
        })
    }

    /// The plan, ledger or previous workbook whose bytes a return has.
    pub(super) fn same_as(&self, file: &Held) -> Option<&Held> {
        self.files.iter().find(|other| {
            matches!(
                other.role,
                FileRole::Plan | FileRole::Ledger | FileRole::Previous
            ) && other.sha256 == file.sha256
        })
    }

    /// The files as the page lists them, in the order of what they are, each with what is wrong with it beside the others.
    pub(super) fn beside(&self) -> Vec<Option<String>> {
        let count = |role: FileRole| self.files.iter().filter(|f| f.role == role).count();
        self.files
            .iter()
            .map(|file| match file.role {
                FileRole::Plan if count(FileRole::Plan) > 1 => Some(
                    "There is more than one plan. Say which one it is, or remove the other."
                        .to_owned(),
                ),
                FileRole::Previous if count(FileRole::Previous) > 1 => {
                    Some("There is more than one workbook of last quarter's.".to_owned())
                }
                FileRole::Ledger if count(FileRole::Ledger) > 1 => {
                    Some("There is more than one ledger export.".to_owned())
                }
                FileRole::Return => self.same_as(file).map(|other| {
                    format!("It is the same file as {}, and is left out.", other.name)
                }),
                FileRole::Plan | FileRole::Previous | FileRole::Ledger | FileRole::Decisions => {
                    None
                }
            })
            .collect()
    }

    pub(super) fn rows<'a>(&'a self, beside: &'a [Option<String>]) -> Vec<FileRow<'a>> {
        let mut rows: Vec<FileRow<'a>> = self
            .files
            .iter()
            .zip(beside)
            .map(|(file, beside)| FileRow {
                id: &file.id,
                name: &file.name,
                role: file.role,
                facts: &file.facts,
                received: file
                    .received
                    .map(csp_bridge::value::date::long)
                    .unwrap_or_default(),
                beside: beside.as_deref(),
            })
            .collect();
        rows.sort_by_key(|row| FileRole::ALL.iter().position(|role| *role == row.role));
        rows
    }
}

impl Progress {
    pub(super) fn nothing() -> Self {
        Self {
            stop: AtomicBool::new(false),
            at: Mutex::new(At {
                step: Step::Reading,
                done: 0,
                total: 0,
                now: String::new(),
            }),
        }
    }
}

/// Decisions and days of receipt as a file of them.
pub(super) fn to_toml(kept: &[Kept], receipts: &[Received], schema: &Schema) -> String {
    let questions: Vec<Question> = kept
        .iter()
        .map(|kept| Question {
            written: kept.written.clone(),
            notes: Vec::new(),
        })
        .collect();
    decision::to_toml(&questions) + &decision::receipts_to_toml(receipts, schema)
}

/// Decisions as a run takes them up: read from the very text that can be downloaded.
pub(super) fn decisions(asked: &Asked, schema: &Schema) -> Result<Decisions, Vec<Fault>> {
    if asked.kept.is_empty() && asked.receipts.is_empty() {
        return Ok(Decisions::on(Taken::default(), asked.as_of));
    }
    let text = to_toml(&asked.kept, &asked.receipts, schema);
    let all = decision::from_toml("decisions.toml", &text, schema)?;
    Ok(Decisions::on(all, asked.as_of))
}

/// The same from a terminal.
pub(super) fn command(done: &Done) -> String {
    let mut out = "csp-bridge merge".to_owned();
    out.push_str(&inputs(&done.asked, &format!("\"{}\"", done.saved_as())));
    for report in [
        "report.json",
        "findings.html",
        "findings.csv",
        "findings.md",
    ] {
        let _ = write!(out, " --report {report}");
    }
    out
}

/// A public version from a terminal, beside the sets that are out.
pub(super) fn publish_command(asked: &Asked, sets: usize) -> String {
    let earlier = if sets == 0 {
        "none".to_owned()
    } else {
        (1..=sets).fold(String::new(), |mut out, set| {
            let gap = if set == 1 { "" } else { " " };
            let _ = write!(out, "{gap}earlier-{set}");
            out
        })
    };
    format!(
        "csp-bridge publish{} --earlier {earlier}",
        inputs(asked, "public")
    )
}

/// What a run was asked, as arguments, with where it goes.
fn inputs(asked: &Asked, output: &str) -> String {
    let of = |role: FileRole| asked.files.iter().find(|file| file.role == role);
    let quoted = |name: &str| {
        let is_plain = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte));
        if is_plain {
            name.to_owned()
        } else {
            format!("\"{}\"", name.replace('"', "\\\""))
        }
    };
    let mut out = String::new();
    if let Some(plan) = of(FileRole::Plan) {
        out.push(' ');
        out.push_str(&quoted(&plan.name));
    }
    if of(FileRole::Return).is_some() {
        out.push_str(" returns");
    }
    let _ = write!(
        out,
        " --quarter {} --as-of {} -o {output}",
        asked.quarter, asked.as_of
    );
    for (role, option) in [
        (FileRole::Previous, "--previous"),
        (FileRole::Ledger, "--ledger"),
    ] {
        if let Some(file) = of(role) {
            let _ = write!(out, " {option} {}", quoted(&file.name));
        }
    }
    if !asked.kept.is_empty() || !asked.receipts.is_empty() {
        out.push_str(" --decisions decisions.toml");
    }
    out
}
