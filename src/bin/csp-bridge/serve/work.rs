//! The one worker: it reads files and runs, one job at a time, while the page goes on answering.
//!
//! Invariant: a panic in a job is that job's answer, and leaves the session as it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use csp_bridge::decision::{Decisions, Standing};
use csp_bridge::feedback;
use csp_bridge::page::files::{FileFacts, FileRole};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::publish::earlier::Earlier;
use csp_bridge::read::{self, Unreadable};
use csp_bridge::render;
use csp_bridge::schema::{Role, Schema, hex};
use csp_bridge::source::{Input, Source};
use csp_bridge::value::period::Quarter;
use csp_bridge::watch::{Step, Stopped, Watch};
use csp_bridge::write::{self, Report, xlsx::Unwritten};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::super::child;
use super::super::fault::{Stage, during};
use super::answer::{Read, decisions_in};
use super::session::{Asked, Done, GivenBack, Progress, RunFile, Templates, decisions};
use super::{App, lock, made};

/// What a read file may take on the wire to be kept for the next run; a larger one is read again.
const WIRE_BYTES: usize = 8 << 20;

type Job = Box<dyn FnOnce() + Send>;

/// Where jobs are handed in.
#[derive(Clone, Debug)]
pub(super) struct Worker(Sender<Job>);

/// The job's thread fell over: what was asked was not done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

impl Worker {
    /// Starts the worker.
    pub(super) fn start() -> std::io::Result<Self> {
        let (to, from): (Sender<Job>, Receiver<Job>) = channel();
        std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || {
                for job in from {
                    // What a job was asked for by hears of its end by the channel that closes.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })?;
        Ok(Self(to))
    }

    /// Hands in a job and goes on.
    pub(super) fn begin(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.0.send(Box::new(job));
    }

    /// Hands in a job and waits for what it gives.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Broken> {
        let (to, from) = channel();
        self.begin(move || {
            let _ = to.send(job());
        });
        from.recv().map_err(|_| Broken)
    }
}

/// A file that was looked at: read once, apart, and understood in its role.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) name: String,
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) sha256: String,
    /// What reading it gave; not kept where it is large.
    pub(super) wire: Option<Arc<Vec<u8>>>,
    pub(super) role: FileRole,
    pub(super) facts: FileFacts,
    /// What was decided in it, where that is what it is for.
    pub(super) decisions: Option<Read>,
}

/// A file's name and bytes, what reading it gave, and what it tells with no role given.
type Seen = (String, Vec<u8>, Vec<u8>, Option<FileFacts>);

/// Reads files apart, side by side, and understands each in the role that it is given; where none is, it tells its own, beside the plan
/// that is there.
pub(super) fn look(
    files: Vec<(String, Vec<u8>)>,
    role: Option<FileRole>,
    has_plan: bool,
    app: &App,
    quarter: u8,
) -> Vec<Looked> {
    let schema = &app.schema;
    let read: Vec<Seen> = files
        .into_par_iter()
        .map(|(name, bytes)| {
            let wire = child::wire(&bytes, &AtomicBool::new(false)).unwrap_or_default();
            let told = role
                .is_none()
                .then(|| facts(&name, None, &wire, schema, quarter));
            (name, bytes, wire, told)
        })
        .collect();
    let mut has_plan = has_plan;
    let roles: Vec<FileRole> = read
        .iter()
        .map(|(.., told)| {
            let own = match (role, told) {
                (Some(role), _) => role,
                (None, Some(told)) => match told.role(schema) {
                    // Of two workbooks of ours the second is last quarter's; any other second plan waits for a person to say.
                    Some(FileRole::Plan) if told.is_ours && has_plan => FileRole::Previous,
                    Some(role) => role,
                    None => FileRole::Return,
                },
                (None, None) => FileRole::Return,
            };
            has_plan |= own == FileRole::Plan;
            own
        })
        .collect();
    read.into_par_iter()
        .zip(roles)
        .map(|((name, bytes, wire, _), role)| {
            let (facts, decisions) = if role == FileRole::Decisions {
                let read = decisions_in(&name, &wire, app);
                (FileFacts::of_decisions(&read), Some(read))
            } else {
                (facts(&name, Some(role), &wire, schema, quarter), None)
            };
            Looked {
                sha256: hex(&Sha256::digest(&bytes)),
                bytes: Arc::new(bytes),
                wire: (wire.len() <= WIRE_BYTES).then(|| Arc::new(wire)),
                name,
                role,
                facts,
                decisions,
            }
        })
        .collect()
}

/// What a file tells in a role; one that makes the program fall over is told as damaged.
pub(super) fn facts(
    name: &str,
    role: Option<FileRole>,
    wire: &[u8],
    schema: &Schema,
    quarter: u8,
) -> FileFacts {
    let read = from_wire(wire);
    catch_unwind(AssertUnwindSafe(|| {
        let input = Input {
            path: name.to_owned(),
            sha256: String::new(),
            role: role.and_then(FileRole::in_run),
            is_from_folder: role == Some(FileRole::Return),
            read,
        };
        FileFacts::of(input, schema, quarter)
    }))
    .unwrap_or_else(|_| FileFacts {
        unreadable: Some(Unreadable::Damaged(
            "the program itself failed at it; tell who looks after the program".to_owned(),
        )),
        ..FileFacts::default()
    })
}

pub(super) fn from_wire(wire: &[u8]) -> Result<csp_bridge::grid::Workbook, Unreadable> {
    read::from_wire(wire).unwrap_or_else(|| {
        Err(Unreadable::Damaged(
            "the file is damaged in a way that stops it being read".to_owned(),
        ))
    })
}

/// A file's content: as it was kept, or read apart once more.
pub(super) fn wire_of(
    kept: Option<&Arc<Vec<u8>>>,
    bytes: &[u8],
    stop: &AtomicBool,
) -> Result<Arc<Vec<u8>>, Stopped> {
    match kept {
        Some(wire) => Ok(Arc::clone(wire)),
        None => child::wire(bytes, stop).map(Arc::new).ok_or(Stopped),
    }
}

/// Why a run gave nothing.
#[derive(Debug)]
pub(super) enum Failed {
    /// Somebody stopped it.
    Stopped,
    /// In a sentence.
    Because(String),
}

impl From<Stopped> for Failed {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// The sentence for a fault of the program itself.
fn broke(doing: &str, is_file: bool) -> Failed {
    let then = if is_file {
        " Take that file out and run again, and tell who looks after the program."
    } else {
        " Tell who looks after the program."
    };
    Failed::Because(format!(
        "Something went wrong in the program itself while it {doing}. Your files and decisions are still here.{then}"
    ))
}

pub(super) fn sources(
    files: &[RunFile],
    schema: &Schema,
    options: Options,
    decisions: &Decisions,
    progress: &Progress,
) -> Result<Vec<Source>, Failed> {
    files
        .par_iter()
        .map(|file| {
            if progress.stop.load(Ordering::Relaxed) {
                return Err(Failed::Stopped);
            }
            file.name.clone_into(&mut lock(&progress.at).now);
            let wire = wire_of(file.wire.as_ref(), &file.bytes, &progress.stop)?;
            let path = file.role.path(&file.name);
            let source = catch_unwind(AssertUnwindSafe(|| {
                during(Stage::Read(std::path::Path::new(&path)), || {
                    let input = Input {
                        path: path.clone(),
                        sha256: file.sha256.clone(),
                        role: file.role.in_run(),
                        is_from_folder: file.role == FileRole::Return,
                        read: from_wire(&wire),
                    };
                    pipeline::prepare(schema, input, options, decisions)
                })
            }))
            .map_err(|_| broke(&format!("read {}", file.name), true))?;
            lock(&progress.at).done += 1;
            Ok(source)
        })
        .collect()
}

/// A whole run: the same stages and gates as on the command line, and the same bytes.
pub(super) fn run(asked: Asked, schema: &Schema, progress: &Progress) -> Result<Done, Failed> {
    let options = asked.options();
    let decisions = decisions(&asked, schema).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failed::Because(format!(
            "The decisions cannot be understood: {}",
            said.join("; ")
        ))
    })?;
    let step = |step: Step| lock(&progress.at).step = step;
    let watch = Watch::new(&step, &progress.stop);
    watch.step(Step::Reading)?;
    let sources = sources(&asked.files, schema, options, &decisions, progress)?;
    if let Some(why) = pipeline::lacks_file(&sources) {
        return Err(Failed::Because(sentence(&why)));
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        during(Stage::Judge, || {
            pipeline::run_watched(schema, sources, options, decisions, &watch)
        })
    }))
    .map_err(|_| broke("compared the files with the plan", false))??;
    if let Some(why) = outcome.lacks_actions(schema) {
        return Err(Failed::Because(sentence(&why)));
    }
    let outputs = catch_unwind(AssertUnwindSafe(|| outputs(&outcome, schema, &watch)))
        .map_err(|_| broke("wrote the workbook", false))??;
    Ok(Done {
        outputs,
        ..Done::bare(asked, outcome)
    })
}

fn outputs(
    outcome: &Outcome,
    schema: &Schema,
    watch: &Watch<'_>,
) -> Result<Vec<(&'static str, Vec<u8>)>, Failed> {
    // As the command line would link to them from the folder that it is told in.
    let links: Vec<String> = outcome.sources.iter().map(|s| s.path.clone()).collect();
    let workbook = during(Stage::Make, || {
        write::consolidated(outcome, schema, &links, watch)
    });
    let workbook = workbook.map_err(|why| match why {
        Unwritten::Stopped(Stopped) => Failed::Stopped,
        Unwritten::Limit(error) => {
            Failed::Because(format!("The workbook could not be made: {error}."))
        }
    })?;
    let mut out = vec![("consolidated.xlsx", workbook)];
    for (name, report) in [
        ("report.json", Report::Json),
        ("findings.html", Report::Html),
        ("findings.csv", Report::Csv),
        ("findings.md", Report::Markdown),
    ] {
        watch.go_on()?;
        let bytes = during(Stage::Report, || report.bytes(outcome, schema));
        let bytes = bytes
            .map_err(|error| Failed::Because(format!("{name} could not be made: {error}.")))?;
        out.push((name, bytes));
    }
    Ok(out)
}

pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let mut out: String = first.into_iter().collect();
    out.extend(letters);
    if !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}

/// What the last of these decisions would come to in the run that was done last; in a public version, where the sets that are out are given.
pub(super) fn weigh(
    done: &Done,
    kept: &[super::session::Kept],
    sets: Option<&[Earlier]>,
    schema: &Schema,
) -> Option<(Standing, String)> {
    let asked = Asked {
        kept: kept.to_vec(),
        ..done.asked.clone()
    };
    let outcome = if let Some(sets) = sets {
        made::publication(&asked, sets, schema).ok()?
    } else {
        let options = asked.options();
        let decisions = decisions(&asked, schema).ok()?;
        let progress = Progress::nothing();
        let sources = sources(&asked.files, schema, options, &decisions, &progress).ok()?;
        pipeline::run_prepared(schema, sources, options, decisions)
    };
    let state = outcome.settled.states.last()?;
    Some((state.standing, sentence(&state.why)))
}

/// What each partner gets back, as the command line makes it; the files that were added are marked in copies of them.
pub(super) fn given_back(done: &Done, schema: &Schema) -> GivenBack {
    let outcome = &done.outcome;
    let (quarter, as_of) = (done.asked.quarter, done.asked.as_of);
    let reply_by = feedback::reply_by(schema, quarter, as_of);
    let mut all = feedback::gather(outcome, schema, quarter, reply_by);
    let bytes = |source: &Source| {
        let mut files = done.asked.files.iter();
        let file = files.find(|file| file.role.path(&file.name) == source.path)?;
        Some(file.bytes.to_vec())
    };
    let read = |bytes: &[u8]| {
        let wire = child::wire(bytes, &AtomicBool::new(false))?;
        from_wire(&wire).ok()
    };
    let originals = write::feedback::Originals {
        bytes: &bytes,
        read: &read,
    };
    let mut out = GivenBack::default();
    for index in 0..all.folders.len() {
        let files = write::feedback::folder(&mut all, index, outcome, schema, &originals);
        let Some(folder) = all.folders.get(index) else {
            continue;
        };
        if let Some(agency) = folder.agency {
            let code = schema.agency_code(agency).to_owned();
            let name = schema.agency_name(agency).to_owned();
            out.folders.push((code, name, files));
        }
    }
    if let Some(file) = &all.plan {
        let items = feedback::items_of(None, file, outcome);
        let (made, bytes) = write::feedback::copy(&items, file, outcome, &originals);
        if let (Some(name), Some(bytes)) = (&made.name, bytes) {
            out.beside.push((format!("plan/{name}"), bytes));
        }
    }
    // A sender that is not known is written to by hand: the text is enough.
    for folder in &all.unknown {
        let [text, _] = write::feedback::notes(&all, folder, outcome, schema);
        out.beside.push(text);
    }
    if let Ok(index) = write::feedback::index(&all, outcome, schema) {
        out.beside.push(("index.csv".to_owned(), index));
    }
    out
}

/// The returns to send out for a quarter, from the workbook that the run gave, as the command line makes them.
pub(super) fn templates(done: &Done, quarter: Quarter, schema: &Schema) -> Templates {
    let workbook = done.output("consolidated.xlsx").unwrap_or_default();
    let wire = child::wire(workbook, &AtomicBool::new(false)).unwrap_or_default();
    let options = Options {
        quarter: Some(quarter),
        as_of: done.asked.as_of,
        is_merge: true,
    };
    let decisions = Decisions::default();
    let input = Input {
        path: done.saved_as(),
        sha256: hex(&Sha256::digest(workbook)),
        role: Some(Role::Plan),
        is_from_folder: false,
        read: from_wire(&wire),
    };
    let sources = vec![pipeline::prepare(schema, input, options, &decisions)];
    if let Some(why) = pipeline::lacks_file(&sources) {
        return Err(sentence(&why));
    }
    let outcome = pipeline::run_prepared(schema, sources, options, decisions);
    if let Some(why) = outcome.lacks_actions(schema) {
        return Err(sentence(&why));
    }
    let made = render::templates::templates(&outcome, schema, quarter);
    if made.is_empty() {
        return Err(
            "No action of the plan names a partner that the configuration knows, so there is nobody to ask."
                .to_owned(),
        );
    }
    made.into_iter()
        .map(|template| {
            let bytes = write::xlsx::write(&template.plan)
                .map_err(|error| format!("{} could not be made: {error}.", template.file_name))?;
            Ok((template.agency, template.file_name, bytes))
        })
        .collect()
}
