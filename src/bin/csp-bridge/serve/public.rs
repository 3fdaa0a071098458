//! The public version on the page: what is out is said, it is made, and what is withheld is settled.

use std::sync::Arc;

use csp_bridge::finding::Finding;
use csp_bridge::page::decisions::{Typed, paged};
use csp_bridge::page::downloads::Item;
use csp_bridge::page::{self, Problem, Step, Told, publish};
use hyper::StatusCode;

use super::answer::{Answer, Brought, broken, frame};
use super::asks::{Asks, Row};
use super::made::{self, zipped_parts};
use super::session::{Asked, PublicVersion, Session, publish_command};
use super::work::Failed;
use super::{App, lock};

/// The page as it is, with what was typed into one of its forms.
pub(super) fn view(
    app: &App,
    session: &Session,
    page: usize,
    typed: Option<(&str, &Typed)>,
    told: &Told,
) -> String {
    let frame = frame(app, session);
    if session.done.is_none() {
        return page::empty(&frame, Step::Downloads, told);
    }
    let Some(public) = &session.public else {
        return publish::view(&frame, None, told);
    };
    let asks = Asks::of(session, &public.done, &app.schema);
    let rows = rows(&asks, public);
    let page = typed
        .and_then(|(id, _)| rows.iter().position(|row| row.id == id))
        .map_or(page, |at| at / page::decisions::ROWS + 1);
    let (page, pages, range) = paged(rows.len(), page);
    let shown = rows.get(range).unwrap_or_default();
    let version = publish::Version {
        outcome: &public.done.outcome,
        is_stopped: public.is_stopped,
        is_current: session.is_public_current(),
        items: items(public),
        asks: shown.iter().map(|row| asks.ask_with(row, typed)).collect(),
        paged: (rows.len(), page, pages),
        command: publish_command(&public.done.asked, public.sets.len()),
    };
    publish::view(&frame, Some(&version), told)
}

/// The questions of a public version: texts first, then figures.
pub(super) fn rows<'a>(asks: &'a Asks<'_>, public: &PublicVersion) -> Vec<&'a Row> {
    let finding = |row: &Row| -> Option<&Finding> {
        let id = row.finding.as_deref()?;
        let found = public.done.outcome.finding(id)?;
        publish::is_asked(found).then_some(found)
    };
    let mut out: Vec<&Row> = asks.rows.iter().filter(|r| finding(r).is_some()).collect();
    out.sort_by_key(|row| finding(row).is_some_and(|finding| finding.raw.is_none()));
    out
}

fn items(public: &PublicVersion) -> Vec<Item> {
    let sum = public.files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut out = Vec::new();
    if !public.is_stopped {
        out.push(Item {
            name: "public.zip".to_owned(),
            title: "Public version".to_owned(),
            about: "The workbooks, the page and the tables, all with the same cells. Keep it: next quarter's is made beside it.".to_owned(),
            bytes: sum,
            preview: None,
        });
    }
    out.push(Item {
        name: "publication.json".to_owned(),
        title: "publication.json".to_owned(),
        about:
            "What is withheld and why, for programs. It holds what the public must not see: keep it inside the partnership."
                .to_owned(),
        bytes: public.record.len(),
        preview: None,
    });
    out
}

/// Makes the version.
pub(super) fn make(app: &Arc<App>, brought: Brought) -> Answer {
    let said = |name: &str, value: &str| {
        let mut all = brought.form.iter().chain(&brought.sent.said);
        all.any(|(own, text)| own == name && text == value)
    };
    let (is_none, is_again) = (said("earlier", "none"), said("again", "yes"));
    let problem = |text: &str| vec![Problem::at("earlier-files", text)];
    let (asked, before, problems) = {
        let session = lock(&app.session);
        let Some(done) = &session.done else {
            return Answer::See("publish".to_owned());
        };
        let asked = Asked {
            kept: session.kept.clone(),
            receipts: session.receipts(),
            ..done.asked.clone()
        };
        let before = session
            .public
            .as_ref()
            .map(|public| Arc::clone(&public.sets));
        let has_files = !brought.sent.files.is_empty();
        let problems = if session.mark() != done.asked.mark {
            vec![Problem::at(
                "",
                "Files have changed since the last run. Run again first, so that the public version is of the same files",
            )]
        } else if is_none && has_files {
            problem(
                "It is one or the other: sets that are out, or that nothing has been published before",
            )
        } else if is_again && before.is_some() || is_none || has_files {
            Vec::new()
        } else {
            problem("Say what is out already: add every public version, or say that there is none")
        };
        (asked, before, problems)
    };
    if !problems.is_empty() {
        return wrong(app, problems);
    }
    let mut files = Vec::new();
    for file in brought.sent.files {
        match file.bytes {
            Some(bytes) => files.push((file.name, bytes)),
            None => {
                return wrong(
                    app,
                    problem(&format!(
                        "{} is larger than the limit for a file",
                        file.name
                    )),
                );
            }
        }
    }
    let own = Arc::clone(app);
    let made = app.worker.ask(move || {
        let sets = match before.filter(|_| is_again) {
            Some(before) => before,
            None => Arc::new(made::earlier_sets(files, &own.schema)?),
        };
        made::publish(asked, sets, &own.schema).map_err(|why| match why {
            Failed::Because(why) => why,
            Failed::Stopped => "It was stopped.".to_owned(),
        })
    });
    let public = match made {
        Ok(Ok(public)) => public,
        Ok(Err(why)) => return wrong(app, problem(&why)),
        Err(why) => return broken(app, why),
    };
    let said = if public.is_stopped {
        "Nothing may be written yet."
    } else {
        "The public version is made."
    };
    let mut session = lock(&app.session);
    session.public = Some(Arc::new(public));
    session.told = Some(("publish", Told::done(said)));
    Answer::See("publish".to_owned())
}

fn wrong(app: &App, problems: Vec<Problem>) -> Answer {
    let session = lock(&app.session);
    let text = view(app, &session, 1, None, &Told::wrong(problems));
    Answer::Page(StatusCode::UNPROCESSABLE_ENTITY, text)
}

/// What can be saved of it: only of a version of what the session holds now.
pub(super) fn download(app: &App, name: &str) -> Option<(String, Vec<u8>)> {
    let public = {
        let session = lock(&app.session);
        session
            .public
            .clone()
            .filter(|_| session.is_public_current())?
    };
    let quarter = public.done.asked.quarter.spoken();
    match name {
        "public.zip" if !public.is_stopped => {
            let bytes = zipped_parts(&public.files).ok()?;
            Some((format!("Public version {quarter}.zip"), bytes))
        }
        "publication.json" => Some((name.to_owned(), public.record.clone())),
        _ => None,
    }
}
