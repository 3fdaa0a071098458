//! What each route answers, once the guard has let a request in. All of it is done apart from the sockets.

use std::sync::Arc;

use bytes::Bytes;
use csp_bridge::decision::{self, Standing};
use csp_bridge::page::decisions::Typed;
use csp_bridge::page::files::{FileFacts, FileRole, FileState, Files};
use csp_bridge::page::results::{Filter, Found};
use csp_bridge::page::{self, Frame, Problem, Step, Told};
use csp_bridge::read::Limits;
use csp_bridge::rules;
use csp_bridge::value::date::{TextDate, from_text};
use csp_bridge::value::period::Quarter;
use csp_bridge::value::text::{counted, one_line, visible};
use hyper::StatusCode;
use jiff::civil::Date;

use super::asks::{Asks, Row};
use super::guard::Route;
use super::session::{
    Asked, BYTES_MAX, Done, FILES_MAX, Held, Progress, RunFile, RunState, Session,
};
use super::upload::{Sent, SentFile};
use super::work::{self, Broken, Failed, Looked, facts, look, wire_of};
use super::{App, lock};

/// How long a run may take before its own page is shown, so that a short one leads to its results at once.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(250);

/// An answer, before it has headers.
#[derive(Debug)]
pub(super) enum Answer {
    Page(StatusCode, String),
    /// A page under another address of the session.
    See(String),
    Json(Vec<u8>),
    Download {
        name: String,
        kind: &'static str,
        bytes: Bytes,
    },
    /// The goodbye, after which the program ends.
    Stopped(String),
}

impl Answer {
    pub(super) fn page(text: String) -> Self {
        Self::Page(StatusCode::OK, text)
    }
}

/// What came with a request.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) is_head: bool,
    pub(super) query: Vec<(String, String)>,
    pub(super) form: Vec<(String, String)>,
    pub(super) sent: Sent,
}

impl Brought {
    fn typed(&self, name: &str) -> &str {
        let mut all = self.form.iter();
        all.find(|(own, _)| own == name)
            .map_or("", |(_, value)| value.as_str())
    }

    fn asked(&self, name: &str) -> &str {
        let mut all = self.query.iter();
        all.find(|(own, _)| own == name)
            .map_or("", |(_, value)| value.as_str())
    }
}

/// The page for an address where nothing is.
pub(super) fn nothing_here(app: &App) -> Answer {
    Answer::Page(
        StatusCode::NOT_FOUND,
        page::plain::problem(
            &app.schema.publishing.marking,
            "There is nothing here",
            &[
                "There is nothing here. If you came from an old tab or a bookmark: csp-bridge was started again since. Use the window it opened.",
            ],
        ),
    )
}

/// A form that does not say what it is to say.
fn not_understood(app: &App) -> Answer {
    Answer::Page(
        StatusCode::BAD_REQUEST,
        page::plain::problem(
            &app.schema.publishing.marking,
            "That could not be understood",
            &["The form does not say what the file is. Go back and choose it again."],
        ),
    )
}

pub(super) fn broken(app: &App, _: Broken) -> Answer {
    Answer::Page(
        StatusCode::INTERNAL_SERVER_ERROR,
        page::plain::problem(
            &app.schema.publishing.marking,
            "Something went wrong in the program itself",
            &[
                "Your files and decisions are still here. Go back and try again, and tell who looks after the program.",
            ],
        ),
    )
}

/// A day as people type it; nothing where nothing is typed.
pub(super) fn day(text: &str) -> Result<Option<Date>, String> {
    if visible(text).is_empty() {
        return Ok(None);
    }
    match from_text(text) {
        TextDate::Certain(day) | TextDate::Ambiguous { day_first: day, .. } => Ok(Some(day)),
        TextDate::MonthFirst(_) | TextDate::Impossible | TextDate::Unreadable => Err(format!(
            "“{}” is no day. Write day, month and year, such as 31/03/2023",
            visible(text)
        )),
    }
}

/// Answers a request.
pub(super) fn to(app: &Arc<App>, route: Route, brought: Brought) -> Answer {
    if matches!(
        route,
        Route::Start
            | Route::Results
            | Route::Finding(_)
            | Route::Decisions
            | Route::Money
            | Route::Downloads
            | Route::Publish
            | Route::MakePublic
            | Route::Received
            | Route::Rules
            | Route::Rule(_)
            | Route::AddFiles
            | Route::FileRole(_)
            | Route::FileRemove(_)
            | Route::StartRun
            | Route::Decide(_)
    ) && !brought.is_head
    {
        // What was told on a page is told until another one is opened.
        let own = match route {
            Route::Decisions => "decisions",
            Route::Finding(_) => "finding",
            Route::Publish => "publish",
            _ => "",
        };
        let mut session = lock(&app.session);
        if session.told.as_ref().is_some_and(|(page, _)| *page != own) {
            session.told = None;
        }
    }
    match route {
        Route::Enter(_) | Route::Static(_) => nothing_here(app),
        Route::Start => with(app, |app, session| {
            Answer::page(page::plain::start(&frame(app, session), &Told::nothing()))
        }),
        Route::Files => with(app, |app, session| {
            let told = told(session, "files");
            Answer::page(files(app, session, &told))
        }),
        Route::AddFiles => add(app, brought.sent),
        Route::FileRole(id) => file_role(app, &id, brought.typed("role")),
        Route::FileRemove(id) => file_remove(app, &id),
        Route::Run => run(app),
        Route::StartRun => start_run(app, &brought),
        Route::Cancel => cancel(app),
        Route::Results => with_run(app, Step::Results, |app, session, done| {
            let mut filter = Filter::default();
            for (name, value) in &brought.query {
                filter.take(name, value);
            }
            let asks = Asks::of(session, done, &app.schema);
            let decided = asks.decided();
            let frame = framed(app, session, Some(&asks));
            let found = found(app, done, &decided);
            Answer::page(page::results::view(
                &frame,
                found,
                &filter,
                &Told::nothing(),
            ))
        }),
        Route::Finding(id) => with_run(app, Step::Results, |app, session, done| {
            let told = told(session, "finding");
            finding(app, session, done, &id, None, &told, StatusCode::OK)
        }),
        Route::Decisions => with_run(app, Step::Decisions, |app, session, done| {
            let told = told(session, "decisions");
            let page = brought.asked("page").parse().unwrap_or(1);
            let standing = brought.asked("standing");
            Answer::page(decisions(app, session, done, (page, standing), None, &told))
        }),
        Route::Decide(id) => decide(app, &id, &brought),
        Route::Money => with_run(app, Step::Money, |app, session, done| {
            let asks = Asks::of(session, done, &app.schema);
            let frame = framed(app, session, Some(&asks));
            Answer::page(page::money::view(&frame, &done.outcome, &Told::nothing()))
        }),
        Route::Downloads => super::downloads::downloads(app, brought.asked("quarter")),
        Route::Publish => with(app, |app, session| {
            let told = told(session, "publish");
            let page = brought.asked("page").parse().unwrap_or(1);
            Answer::page(super::public::view(app, session, page, None, &told))
        }),
        Route::MakePublic => super::public::make(app, brought),
        Route::Received => received(app, &brought),
        Route::Rules => with(app, |app, session| {
            Answer::page(page::rules::all(&frame(app, session)))
        }),
        Route::Rule(code) => match rules::rule(&code) {
            Some(rule) => with(app, |app, session| {
                Answer::page(page::rules::one(&frame(app, session), rule))
            }),
            None => nothing_here(app),
        },
        Route::Download(name) => super::downloads::download(app, &name),
        Route::State => Answer::Json(super::state::state(app)),
        Route::Clear => {
            lock(&app.session).clear(default_quarter(app));
            Answer::See(String::new())
        }
        Route::Stop => Answer::Stopped(page::plain::stopped(&app.schema.publishing.marking)),
    }
}

fn with(app: &App, view: impl FnOnce(&App, &Session) -> Answer) -> Answer {
    let session = lock(&app.session);
    view(app, &session)
}

/// A page of the last run; before the first one it says so.
fn with_run(
    app: &App,
    step: Step,
    view: impl FnOnce(&App, &Session, &Arc<Done>) -> Answer,
) -> Answer {
    with(app, |app, session| match &session.done {
        Some(done) => view(app, session, done),
        None => Answer::page(page::empty(&frame(app, session), step, &Told::nothing())),
    })
}

fn told(session: &Session, page: &str) -> Told {
    let told = session.told.as_ref().filter(|(own, _)| *own == page);
    told.map(|(_, told)| told.clone()).unwrap_or_default()
}

pub(super) fn frame<'a>(app: &'a App, session: &'a Session) -> Frame<'a> {
    let asks = session
        .done
        .as_ref()
        .map(|done| Asks::of(session, done, &app.schema));
    framed(app, session, asks.as_ref())
}

fn framed<'a>(app: &'a App, session: &'a Session, asks: Option<&Asks<'_>>) -> Frame<'a> {
    let at = |page: &str| format!("/{}/{page}", app.key);
    let has_plan = session.files.iter().any(|f| f.role == FileRole::Plan);
    let changed = session
        .done
        .as_ref()
        .filter(|_| session.is_changed())
        .map(|done| (done.asked.quarter, done.asked.typed_day.as_str()));
    let next = match asks {
        None if has_plan => (at("files#run-form"), "To do: run the check".to_owned()),
        None => (
            at("files"),
            "To do: bring in the plan and what partners sent".to_owned(),
        ),
        Some(_) if changed.is_some() => (
            at("files#run-form"),
            "To do: run it again, or look at what has changed".to_owned(),
        ),
        Some(asks) => match (asks.open(), asks.first_open()) {
            (count, Some(first)) if count > 0 => (
                at(&format!(
                    "results/{}",
                    first.finding.as_deref().unwrap_or_default()
                )),
                format!(
                    "To do: {} to settle, the first one now",
                    counted(count, "question", "questions")
                ),
            ),
            _ => (at("downloads"), "To do: save the workbook".to_owned()),
        },
    };
    Frame {
        key: &app.key,
        version: env!("CARGO_PKG_VERSION"),
        schema: &app.schema,
        changed,
        next: Some(next),
    }
}

fn files(app: &App, session: &Session, told: &Told) -> String {
    files_typed(app, session, told, &[])
}

/// The files, with the days of receipt as they were typed.
fn files_typed(app: &App, session: &Session, told: &Told, typed: &[(String, String)]) -> String {
    let beside = session.beside();
    let mut rows = session.rows(&beside);
    for row in &mut rows {
        let mut all = typed.iter();
        if let Some((_, typed)) = all.find(|(name, _)| name == row.id) {
            typed.clone_into(&mut row.received);
        }
    }
    let files = Files {
        rows,
        quarter: session.quarter,
        as_of: &session.typed_day,
    };
    page::files::view(&frame(app, session), &files, told)
}

fn found<'a>(
    app: &'a App,
    done: &'a Done,
    decided: &'a std::collections::BTreeSet<String>,
) -> Found<'a> {
    Found {
        outcome: &done.outcome,
        schema: &app.schema,
        decided,
    }
}

/// The quarter that ended last; before the year's first has ended, the first.
pub(super) fn default_quarter(app: &App) -> Quarter {
    last_ended(&app.schema, super::super::today())
}

pub(super) fn last_ended(schema: &csp_bridge::schema::Schema, today: Date) -> Quarter {
    let mut latest_first = (1..=4).rev().map(|number| schema.year.quarter(number));
    latest_first
        .find(|quarter| quarter.end() < today)
        .unwrap_or_else(|| schema.year.quarter(1))
}

/// Why a file is never taken in, whatever it is meant as: a program's own leavings.
fn left_out(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    if name.starts_with("~$") {
        return Some("it is Excel's lock file, and shows that somebody has the workbook open.");
    }
    if name.starts_with('.') {
        return Some("it is a hidden file.");
    }
    if matches!(lower.as_str(), "thumbs.db" | "desktop.ini") {
        return Some("Windows keeps it for itself.");
    }
    if lower.ends_with(".before.xlsx") {
        return Some("it is an older version of a workbook that this program wrote.");
    }
    None
}

/// A limit in words.
fn megabytes(bytes: usize) -> String {
    format!("{} MB", bytes / 1_000_000)
}

/// Adds files: each is read once, apart, and understood in its role.
fn add(app: &Arc<App>, sent: Sent) -> Answer {
    let role = match sent.role.as_str() {
        "auto" => None,
        word => match FileRole::from_word(word) {
            Some(role) => Some(role),
            None => {
                return not_understood(app);
            }
        },
    };
    let field = match role {
        Some(FileRole::Return) | None => "return-files",
        Some(FileRole::Plan) => "plan-file",
        Some(FileRole::Previous) => "previous-file",
        Some(FileRole::Ledger) => "ledger-file",
        Some(FileRole::Decisions) => "decisions-file",
    };
    let mut told = Told::nothing();
    let mut wanted = Vec::new();
    for name in &sent.unread {
        told.problems.push(Problem::at(
            field,
            format!(
                "{name} could not be read from your disk. It may have been saved, moved or renamed since you chose it, or another program has it locked. Close it in Excel and choose it again."
            ),
        ));
    }
    if sent.files.is_empty() && sent.unread.is_empty() {
        told.problems.push(Problem::at(
            field,
            match role {
                Some(FileRole::Plan) => "Choose the action plan first",
                _ => "Choose a file first",
            },
        ));
    }
    let (mut count, mut size, quarter, has_plan) = {
        let session = lock(&app.session);
        (
            session.files.len(),
            session.files.iter().map(|f| f.bytes.len()).sum::<usize>(),
            session.quarter.number,
            session.files.iter().any(|f| f.role == FileRole::Plan),
        )
    };
    for SentFile { name, bytes } in sent.files {
        if let Some(why) = left_out(&name) {
            told.notices.push(format!("{name} was left out: {why}"));
            continue;
        }
        let Some(bytes) = bytes else {
            told.problems.push(Problem::at(
                field,
                format!(
                    "{name} is larger than {} MB, which is the limit for a file",
                    Limits::STATED.file_bytes >> 20
                ),
            ));
            continue;
        };
        if count >= FILES_MAX || size + bytes.len() > BYTES_MAX {
            told.problems.push(Problem::at(
                field,
                format!(
                    "{name} was not added: a session holds {FILES_MAX} files and {} at most",
                    megabytes(BYTES_MAX)
                ),
            ));
            continue;
        }
        count += 1;
        size += bytes.len();
        wanted.push((name, bytes));
    }
    if !wanted.is_empty() {
        let (of_toml, of_books): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(name, _)| {
            matches!(role, Some(FileRole::Decisions) | None) && is_toml(name)
        });
        // All of the reading and laying out is done before the session is taken hold of: it goes on answering.
        let own = Arc::clone(app);
        let looked = app
            .worker
            .ask(move || (look(of_books, role, has_plan, &own, quarter), of_toml));
        let (books, tomls) = match looked {
            Ok(looked) => looked,
            Err(why) => return broken(app, why),
        };
        let mut session = lock(&app.session);
        let mut added = Added {
            is_named: role.is_some(),
            ..Added::default()
        };
        for looked in books {
            take(&mut session, looked, &mut added);
        }
        for (name, bytes) in tomls {
            take_toml(app, &mut session, &name, bytes, &mut added);
        }
        told.notices.extend(added.left);
        told.notices.extend(added.replaced);
        let rows: Vec<String> = added.ids;
        let beside = session.beside();
        let shown = session.rows(&beside);
        let mut look_at = 0;
        for row in shown
            .iter()
            .filter(|row| rows.iter().any(|id| id == row.id))
        {
            let (state, note, _) = row.state(&app.schema, session.quarter);
            match state {
                FileState::Ready => {}
                FileState::Attention => look_at += 1,
                FileState::Refused => told.problems.push(Problem::at(
                    field,
                    format!("{} cannot be used. {note}", row.name),
                )),
            }
        }
        told.problems.extend(added.problems);
        if !rows.is_empty() {
            let files = counted(rows.len(), "file added", "files added");
            let needs = match look_at {
                0 => String::new(),
                1 => " 1 needs a look.".to_owned(),
                more => format!(" {more} need a look."),
            };
            told.notices.insert(0, format!("{files}.{needs}"));
        }
    }
    lock(&app.session).told = Some(("files", told));
    Answer::See("files".to_owned())
}

fn is_toml(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| end.eq_ignore_ascii_case("toml"))
}

/// What came of adding files.
#[derive(Default)]
struct Added {
    /// Whether a person said what they are: a plan then takes the place of the one that is there.
    is_named: bool,
    ids: Vec<String>,
    replaced: Vec<String>,
    left: Vec<String>,
    problems: Vec<Problem>,
}

/// Takes a file in, in the place of the one that it replaces.
fn take(session: &mut Session, looked: Looked, added: &mut Added) {
    let Looked {
        name,
        bytes,
        sha256,
        wire,
        role,
        facts,
        decisions,
    } = looked;
    let decisions = decisions.and_then(|read| read_decisions(&name, read, added));
    let held = Held {
        id: String::new(),
        name,
        role,
        bytes,
        sha256,
        wire,
        facts,
        received: None,
    };
    if role == FileRole::Return
        && let Some(other) = session.same_as(&held)
    {
        added.left.push(format!(
            "{} was left out: it is the same file as {}.",
            held.name, other.name
        ));
        return;
    }
    place(session, held, decisions, added);
}

pub(super) type Read = Result<decision::Taken, Vec<csp_bridge::schema::Fault>>;

/// The decisions of a workbook.
pub(super) fn decisions_in(name: &str, wire: &[u8], app: &App) -> Read {
    let fault = |message: String| {
        vec![csp_bridge::schema::Fault {
            file: name.to_owned(),
            line: 0,
            message,
        }]
    };
    let book = csp_bridge::read::from_wire(wire)
        .unwrap_or_else(|| {
            Err(csp_bridge::read::Unreadable::Damaged(
                "the file is damaged".to_owned(),
            ))
        })
        .map_err(|why| fault(why.to_string()))?;
    let is_ours = csp_bridge::layout::is_our_workbook(&book);
    let said = csp_bridge::layout::made_for(&book);
    let mut taken = decision::from_workbook(name, &book, is_ours, &app.schema)?;
    // A day that names no quarter is of the one that the workbook was made for.
    let quarter = said.quarter.zip(said.year);
    for one in &mut taken.receipts {
        one.quarter = one
            .quarter
            .or(quarter.map(|(number, year)| Quarter { year, number }));
    }
    Ok(taken)
}

fn take_toml(app: &App, session: &mut Session, name: &str, bytes: Vec<u8>, added: &mut Added) {
    let read: Read = match std::str::from_utf8(&bytes) {
        Ok(text) => decision::from_toml(name, text, &app.schema),
        Err(_) => Err(vec![csp_bridge::schema::Fault {
            file: name.to_owned(),
            line: 0,
            message: "it is not text in UTF-8".to_owned(),
        }]),
    };
    let facts = FileFacts::of_decisions(&read);
    let decisions = read_decisions(name, read, added);
    let held = Held {
        id: String::new(),
        name: name.to_owned(),
        role: FileRole::Decisions,
        sha256: csp_bridge::schema::hex(&super::guard::hash_bytes(&bytes)),
        bytes: Arc::new(bytes),
        wire: None,
        facts,
        received: None,
    };
    place(session, held, decisions, added);
}

/// What of a file of decisions can be kept: what has a fault that only its file can carry is told and left out.
fn read_decisions(name: &str, read: Read, added: &mut Added) -> Option<Keeps> {
    let all = read.ok()?;
    let mut kept = Vec::new();
    for decision in all.decisions {
        match &decision.written.fault {
            Some(fault) => added.problems.push(Problem::at(
                "decisions-file",
                format!(
                    "What stands in row {} of {name} was left out: {fault}",
                    decision.written.row
                ),
            )),
            None => kept.push(decision.written),
        }
    }
    Some((kept, all.receipts))
}

/// Decisions and days of receipt that are to be kept.
type Keeps = (Vec<decision::Written>, Vec<decision::Received>);

fn place(session: &mut Session, mut held: Held, decisions: Option<Keeps>, added: &mut Added) {
    let is_one = matches!(
        held.role,
        FileRole::Previous | FileRole::Ledger | FileRole::Decisions
    ) || held.role == FileRole::Plan && added.is_named;
    let before = session
        .files
        .iter()
        .position(|file| file.role == held.role && (is_one || file.name == held.name));
    held.id = session.file_id();
    let id = held.id.clone();
    if let Some(before) = before {
        let old = session.files.remove(before);
        session.forget_said(&old.id);
        added.ids.retain(|id| *id != old.id);
        added.replaced.push(if old.name == held.name {
            format!("{} replaced the one of that name.", held.name)
        } else {
            format!("{} replaced {}.", held.name, old.name)
        });
        session.files.insert(before, held);
    } else {
        session.files.push(held);
    }
    let (decisions, receipts) = decisions.unwrap_or_default();
    let receipts = receipts.into_iter().map(|one| (id.clone(), one));
    session.said_received.extend(receipts);
    for written in decisions {
        let is_known = session
            .kept
            .iter()
            .any(|kept| !written.finding.is_empty() && kept.written.finding == written.finding);
        // One that was made here replaces the one of its finding.
        if !is_known {
            session.add_kept(written, Some(id.clone()));
        }
    }
    added.ids.push(id);
}

fn file_role(app: &Arc<App>, id: &str, word: &str) -> Answer {
    let Some(role) = FileRole::from_word(word) else {
        return not_understood(app);
    };
    let found = {
        let session = lock(&app.session);
        let file = session.files.iter().find(|file| file.id == id);
        file.map(|file| {
            (
                file.name.clone(),
                Arc::clone(&file.bytes),
                file.wire.clone(),
            )
        })
    };
    let Some((name, bytes, wire)) = found else {
        return nothing_here(app);
    };
    let (schema, quarter) = (Arc::clone(&app.schema), lock(&app.session).quarter.number);
    let own = Arc::clone(app);
    let named = name.clone();
    let read = app.worker.ask(move || {
        let stop = std::sync::atomic::AtomicBool::new(false);
        let wire = wire_of(wire.as_ref(), &bytes, &stop).unwrap_or_default();
        if role == FileRole::Decisions {
            let read = if is_toml(&named) {
                decision::from_toml(&named, &String::from_utf8_lossy(&bytes), &own.schema)
            } else {
                decisions_in(&named, &wire, &own)
            };
            return (FileFacts::of_decisions(&read), read.ok());
        }
        (facts(&named, Some(role), &wire, &schema, quarter), None)
    });
    let (told, decisions) = match read {
        Ok(read) => read,
        Err(why) => return broken(app, why),
    };
    let mut session = lock(&app.session);
    let Some(file) = session.files.iter_mut().find(|file| file.id == id) else {
        return nothing_here(app);
    };
    file.role = role;
    file.facts = told;
    session.forget_said(id);
    let taken = decisions.unwrap_or_default();
    let receipts = taken.receipts.into_iter().map(|one| (id.to_owned(), one));
    session.said_received.extend(receipts);
    for decision in taken.decisions {
        if decision.written.fault.is_none() {
            session.add_kept(decision.written, Some(id.to_owned()));
        }
    }
    let said = format!("{name} is now taken as: {}.", role.label());
    session.told = Some(("files", Told::done(said)));
    Answer::See("files".to_owned())
}

fn file_remove(app: &App, id: &str) -> Answer {
    let mut session = lock(&app.session);
    let Some(at) = session.files.iter().position(|file| file.id == id) else {
        return nothing_here(app);
    };
    let file = session.files.remove(at);
    session.forget_said(id);
    session.told = Some(("files", Told::done(format!("{} was removed.", file.name))));
    Answer::See("files".to_owned())
}

/// Keeps the days on which returns arrived.
fn received(app: &App, brought: &Brought) -> Answer {
    let mut session = lock(&app.session);
    let mut problems = Vec::new();
    let mut days = Vec::new();
    for file in session.files.iter().filter(|f| f.role == FileRole::Return) {
        let mut all = brought.form.iter();
        let Some((_, typed)) = all.find(|(name, _)| *name == file.id) else {
            continue;
        };
        match day(typed) {
            Ok(day) => days.push((file.id.clone(), day)),
            Err(why) => problems.push(Problem::at(format!("received-{}", file.id), why)),
        }
    }
    if !problems.is_empty() {
        let told = Told::wrong(problems);
        let text = files_typed(app, &session, &told, &brought.form);
        return Answer::Page(StatusCode::UNPROCESSABLE_ENTITY, text);
    }
    for (id, day) in days {
        let file = session.files.iter_mut().find(|file| file.id == id);
        if let Some(file) = file {
            file.received = day;
        }
    }
    session.told = Some(("files", Told::done("The days of receipt were kept.")));
    Answer::See("files".to_owned())
}

fn start_run(app: &Arc<App>, brought: &Brought) -> Answer {
    let mut session = lock(&app.session);
    if session.state == RunState::Running {
        return Answer::See("run".to_owned());
    }
    let mut problems = Vec::new();
    let plans: Vec<&Held> = session
        .files
        .iter()
        .filter(|file| file.role == FileRole::Plan)
        .collect();
    match plans.as_slice() {
        [] => problems.push(Problem::at("plan-file", "Add the action plan")),
        [plan] => {
            if let Some(why) = &plan.facts.unreadable {
                problems.push(Problem::at(
                    "plan-file",
                    format!("The plan {} cannot be read: {why}", plan.name),
                ));
            }
        }
        several => {
            let names: Vec<&str> = several.iter().map(|file| file.name.as_str()).collect();
            problems.push(Problem::at(
                "plan-file",
                format!(
                    "There are {} plans: {}. Say which one is the plan, or remove the others",
                    several.len(),
                    names.join(", ")
                ),
            ));
        }
    }
    for (role, field, what) in [
        (
            FileRole::Previous,
            "previous-file",
            "workbooks of last quarter's",
        ),
        (FileRole::Ledger, "ledger-file", "ledger exports"),
    ] {
        let count = session.files.iter().filter(|f| f.role == role).count();
        if count > 1 {
            problems.push(Problem::at(
                field,
                format!("There are {count} {what}. Keep one, and remove the others"),
            ));
        }
    }
    let typed = brought.typed("quarter").trim();
    let quarter: Option<Quarter> = if typed.is_empty() {
        Some(session.quarter)
    } else {
        typed.parse().ok()
    };
    let quarter =
        quarter.filter(|quarter| (1..=4).any(|number| app.schema.year.quarter(number) == *quarter));
    match quarter {
        Some(quarter) => session.quarter = quarter,
        None => problems.push(Problem::at(
            "quarter",
            format!("Choose a quarter of {}", app.schema.year.label),
        )),
    }
    brought
        .typed("as_of")
        .trim()
        .clone_into(&mut session.typed_day);
    let as_of = match day(&session.typed_day) {
        Ok(day) => day.unwrap_or_else(super::super::today),
        Err(why) => {
            problems.push(Problem::at("as-of", why));
            super::super::today()
        }
    };
    if !problems.is_empty() {
        let told = Told::wrong(problems);
        return Answer::Page(
            StatusCode::UNPROCESSABLE_ENTITY,
            files(app, &session, &told),
        );
    }
    session.number += 1;
    let asked = Asked {
        number: session.number,
        quarter: session.quarter,
        typed_day: session.typed_day.clone(),
        as_of,
        files: session
            .run_files()
            .map(|file| RunFile {
                name: file.name.clone(),
                role: file.role,
                bytes: Arc::clone(&file.bytes),
                sha256: file.sha256.clone(),
                wire: file.wire.clone(),
            })
            .collect(),
        kept: session.kept.clone(),
        receipts: session.receipts(),
        mark: session.mark(),
    };
    let progress = Arc::new(Progress::nothing());
    lock(&progress.at).total = asked.files.len();
    session.progress = Arc::clone(&progress);
    session.state = RunState::Running;
    session.message = None;
    drop(session);
    let own = Arc::clone(app);
    app.worker.begin(move || {
        let number = asked.number;
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            work::run(asked, &own.schema, &progress)
        }));
        let mut session = lock(&own.session);
        let is_ours = session.number == number && session.state == RunState::Running;
        let before = match result {
            Ok(Ok(done)) if is_ours => {
                session.state = RunState::Done;
                session.done.replace(Arc::new(done))
            }
            Ok(Err(Failed::Because(why))) if is_ours => {
                session.state = RunState::Failed;
                session.message = Some(why);
                None
            }
            Ok(Err(Failed::Stopped)) if is_ours => {
                session.state = RunState::Cancelled;
                None
            }
            Err(_) if is_ours => {
                session.state = RunState::Failed;
                session.message = Some(
                    "Something went wrong in the program itself. Your files and decisions are still here. Tell who looks after the program."
                        .to_owned(),
                );
                None
            }
            Ok(_) | Err(_) => None,
        };
        drop(session);
        own.ended.notify_all();
        drop(before);
    });
    Answer::See("run".to_owned())
}

fn run(app: &App) -> Answer {
    // A short run leads to its results at once.
    let session = lock(&app.session);
    let waited = app.ended.wait_timeout_while(session, PATIENCE, |session| {
        session.state == RunState::Running
    });
    let (session, _) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
    match session.state {
        RunState::Running => {
            let at = lock(&session.progress.at).clone();
            let status = page::run::status(at.step, at.done, at.total, &one_line(&at.now));
            let progress = page::run::Progress {
                done: at.done,
                total: at.total,
                status: &status,
            };
            Answer::page(page::run::running(&frame(app, &session), progress))
        }
        RunState::Done => Answer::See("results".to_owned()),
        RunState::Failed => Answer::page(page::run::failed(
            &frame(app, &session),
            session.message.as_deref().unwrap_or_default(),
        )),
        RunState::Cancelled | RunState::None => Answer::See("files".to_owned()),
    }
}

fn cancel(app: &App) -> Answer {
    let mut session = lock(&app.session);
    if session.state == RunState::Running {
        session
            .progress
            .stop
            .store(true, std::sync::atomic::Ordering::Relaxed);
        session.state = RunState::Cancelled;
        session.told = Some((
            "files",
            Told::done("The run was cancelled. Nothing has changed."),
        ));
    }
    Answer::See("run".to_owned())
}

fn finding(
    app: &App,
    session: &Session,
    done: &Done,
    id: &str,
    typed: Option<&Typed>,
    told: &Told,
    status: StatusCode,
) -> Answer {
    let asks = Asks::of(session, done, &app.schema);
    let mut frame = framed(app, session, Some(&asks));
    let Some(finding) = done.outcome.finding(id) else {
        return Answer::Page(StatusCode::NOT_FOUND, page::finding::gone(&frame));
    };
    // On the page of a question, deciding it is what is to be done.
    if asks.first_open().is_some_and(|row| row.id == id) {
        frame.next = Some((
            format!("#decision-{id}"),
            "To do: settle this one".to_owned(),
        ));
    }
    let mut ask = asks
        .rows
        .iter()
        .find(|row| row.finding.as_deref() == Some(id))
        .map(|row| asks.ask(row));
    if let (Some(ask), Some(typed)) = (&mut ask, typed) {
        typed.clone_into(&mut ask.typed);
    }
    let decided = asks.decided();
    let found = found(app, asks.done(), &decided);
    Answer::Page(
        status,
        page::finding::view(&frame, found, finding, ask.as_ref(), told),
    )
}

fn decisions(
    app: &App,
    session: &Session,
    done: &Done,
    (page, standing): (usize, &str),
    typed: Option<(&str, &Typed)>,
    told: &Told,
) -> String {
    let asks = Asks::of(session, done, &app.schema);
    let wanted: Vec<&Row> = asks
        .rows
        .iter()
        .filter(|row| standing.is_empty() || row.standing == standing)
        .collect();
    // What was typed is shown on the page where its question stands.
    let page = typed
        .and_then(|(id, _)| wanted.iter().position(|row| row.id == id))
        .map_or(page, page_of);
    let (page, pages, range) = page::decisions::paged(wanted.len(), page);
    let shown = wanted.get(range).unwrap_or_default();
    let mut frame = framed(app, session, Some(&asks));
    if let Some(first) = shown.iter().find(|row| row.standing == "open") {
        frame.next = Some((
            format!("#d-{}", first.id),
            "To do: the first question that is open".to_owned(),
        ));
    }
    let agenda = page::decisions::Agenda {
        asks: shown.iter().map(|row| asks.ask_with(row, typed)).collect(),
        page,
        pages,
        standing: standing.to_owned(),
        standings: standings(&asks.rows),
        pending: session.pending(),
        informed: if page == pages && standing.is_empty() {
            asks.informed()
        } else {
            Vec::new()
        },
    };
    page::decisions::view(&frame, &agenda, told)
}

/// Where questions stand, in the order in which that is met, and how many stand there.
fn standings(rows: &[Row]) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for row in rows {
        match out.iter_mut().find(|(word, _)| *word == row.standing) {
            Some((_, count)) => *count += 1,
            None => out.push((row.standing.clone(), 1)),
        }
    }
    out
}

/// The page on which a question stands, from 1.
fn page_of(index: usize) -> usize {
    index / page::decisions::ROWS + 1
}

/// Keeps a decision, or says what it lacks. What it is about is the run's, never the browser's.
fn decide(app: &Arc<App>, id: &str, brought: &Brought) -> Answer {
    let typed = Typed {
        decision: brought.typed("decision").trim().to_owned(),
        read_as: one_line(brought.typed("read_as")).trim().to_owned(),
        reason: one_line(brought.typed("reason")).trim().to_owned(),
        role: one_line(brought.typed("role")).trim().to_owned(),
        until: brought.typed("until").trim().to_owned(),
    };
    let is_on_finding = brought.typed("back") == "finding";
    let is_public = brought.typed("back") == "publish";
    let session = lock(&app.session);
    let public = session.public.clone().filter(|_| is_public);
    let run = if is_public {
        public.as_ref().map(|public| Arc::clone(&public.done))
    } else {
        session.done.clone()
    };
    let Some(done) = run else {
        return nothing_here(app);
    };
    let asks = Asks::of(&session, &done, &app.schema);
    let own = public
        .as_ref()
        .map(|public| super::public::rows(&asks, public));
    let place = own
        .as_ref()
        .and_then(|own| own.iter().position(|row| row.id == id));
    let Some((place, row)) = asks
        .rows
        .iter()
        .enumerate()
        .find(|(_, row)| row.id == id)
        .map(|(at, row)| (place.unwrap_or(at), row.clone()))
        .filter(|_| own.is_none() || place.is_some())
    else {
        let frame = framed(app, &session, Some(&asks));
        return Answer::Page(StatusCode::NOT_FOUND, page::finding::gone(&frame));
    };
    let ask = asks.ask(&row);
    let before = asks.written(&row);
    let as_of = done.asked.as_of;
    drop(asks);
    let page = match (is_public, is_on_finding) {
        (true, _) => "publish",
        (false, true) => "finding",
        (false, false) => "decisions",
    };
    let back = if is_on_finding && row.finding.is_some() {
        format!("results/{id}")
    } else {
        let list = if is_public { "publish" } else { "decisions" };
        match page_of(place) {
            1 => format!("{list}#d-{id}"),
            page => format!("{list}?page={page}#d-{id}"),
        }
    };
    let wrong = |session: &Session, problems: Vec<Problem>| {
        let told = Told::wrong(problems);
        if is_public {
            let text = super::public::view(app, session, 1, Some((id, &typed)), &told);
            return Answer::Page(StatusCode::UNPROCESSABLE_ENTITY, text);
        }
        if is_on_finding {
            return finding(
                app,
                session,
                &done,
                id,
                Some(&typed),
                &told,
                StatusCode::UNPROCESSABLE_ENTITY,
            );
        }
        let text = decisions(app, session, &done, (1, ""), Some((id, &typed)), &told);
        Answer::Page(StatusCode::UNPROCESSABLE_ENTITY, text)
    };
    if typed.decision.is_empty() {
        let mut session = session;
        session.kept.retain(|kept| Some(kept.serial) != row.kept);
        let said = if row.kept.is_some() {
            "The decision was taken back."
        } else {
            "Nothing was decided yet."
        };
        session.told = Some((page, Told::done(said)));
        return Answer::See(back);
    }
    let field = |name: &str| format!("{name}-{id}");
    let mut problems = Vec::new();
    let until = match day(&typed.until) {
        Ok(day) => day,
        Err(why) => {
            problems.push(Problem::at(field("until"), why));
            None
        }
    };
    let verdict = decision::Verdict::ALL
        .into_iter()
        .find(|verdict| verdict.label() == typed.decision);
    let is_accept = verdict == Some(decision::Verdict::Accept);
    let holds = row
        .finding
        .as_deref()
        .and_then(|id| done.outcome.finding(id))
        .is_some_and(|finding| {
            finding.would_hold != csp_bridge::finding::Hold::None
                && !page::publish::is_asked(finding)
        });
    if verdict.is_none() {
        problems.push(Problem::at(
            field("decision"),
            "Choose one of the decisions",
        ));
    }
    if is_accept {
        if !ask.may_accept {
            problems.push(Problem::at(
                field("decision"),
                "Only a corrected file helps: nothing that is decided here can let it in",
            ));
        }
        if typed.read_as.is_empty()
            && holds
            && let Some(wanted) = ask.wanted
        {
            problems.push(Problem::at(
                field("read-as"),
                format!("“Read it as” has to give {wanted}"),
            ));
        }
        if typed.reason.is_empty() {
            problems.push(Problem::at(field("reason"), "Accept needs a reason"));
        }
        if typed.role.is_empty() {
            problems.push(Problem::at(field("role"), "Accept needs a role"));
        }
    }
    if !problems.is_empty() {
        return wrong(&session, problems);
    }
    let written = decision::Written {
        row: 0,
        read_as: if ask.wanted.is_some() {
            typed.read_as.clone()
        } else {
            String::new()
        },
        decision: typed.decision.clone(),
        reason: typed.reason.clone(),
        role: typed.role.clone(),
        until,
        asked: (verdict == Some(decision::Verdict::Ask)).then_some(as_of),
        fault: None,
        ..before
    };
    let mut session = session;
    // Whether it can do what it says is the run's to tell.
    if is_accept && row.finding.is_some() {
        let mut trial = session.kept.clone();
        trial.retain(|kept| {
            Some(kept.serial) != row.kept && kept.written.finding != written.finding
        });
        trial.push(super::session::Kept {
            serial: 0,
            written: written.clone(),
            from: None,
        });
        drop(session);
        let (own, run) = (Arc::clone(app), Arc::clone(&done));
        let sets = public.as_ref().map(|public| Arc::clone(&public.sets));
        let weighed = app.worker.ask(move || {
            let sets = sets.as_ref().map(|sets| sets.as_slice());
            work::weigh(&run, &trial, sets, &own.schema)
        });
        session = lock(&app.session);
        match weighed {
            Ok(Some((Standing::NotApplied, why))) => {
                let at = if ask.wanted.is_some() {
                    "read-as"
                } else {
                    "decision"
                };
                return wrong(&session, vec![Problem::at(field(at), why)]);
            }
            Ok(_) => {}
            Err(why) => return broken(app, why),
        }
    }
    if !typed.role.is_empty() {
        typed.role.clone_into(&mut session.last_role);
    }
    session.keep(written, row.kept);
    let said = match session.pending() {
        0 => "Saved.".to_owned(),
        _ if is_public => "Saved. It counts once the version is made again.".to_owned(),
        _ => "Saved. It is in force once you run again.".to_owned(),
    };
    session.told = Some((page, Told::done(said)));
    Answer::See(back)
}
