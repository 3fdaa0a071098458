//! What can be saved: the run's own bytes, and what is made of them when it is asked for.

use std::sync::{Arc, Mutex};

use csp_bridge::page::downloads::{Downloads, Item};
use csp_bridge::page::{self, Step, Told};
use csp_bridge::value::period::Quarter;

use super::answer::{Answer, broken, frame, nothing_here};
use super::made::{self, zipped, zipped_parts};
use super::session::{Done, Templates, command, to_toml};
use super::work::{self, Broken};
use super::{App, lock};

/// The returns to send out for a quarter, made once a run.
fn templates(app: &Arc<App>, done: &Arc<Done>, quarter: Quarter) -> Result<Arc<Templates>, Broken> {
    if let Some(made) = lock(&done.templates).get(&quarter) {
        return Ok(Arc::clone(made));
    }
    let (own, run) = (Arc::clone(app), Arc::clone(done));
    let made = app
        .worker
        .ask(move || Arc::new(work::templates(&run, quarter, &own.schema)))?;
    lock(&done.templates).insert(quarter, Arc::clone(&made));
    Ok(made)
}

/// What is made of a run once, when it is first asked for.
fn once<T: Send + Sync + 'static>(
    app: &Arc<App>,
    done: &Arc<Done>,
    slot: impl Fn(&Done) -> &Mutex<Option<Arc<T>>>,
    make: impl FnOnce(&Done, &csp_bridge::schema::Schema) -> T + Send + 'static,
) -> Result<Arc<T>, Broken> {
    if let Some(made) = lock(slot(done)).as_ref() {
        return Ok(Arc::clone(made));
    }
    let (own, run) = (Arc::clone(app), Arc::clone(done));
    let made = app.worker.ask(move || Arc::new(make(&run, &own.schema)))?;
    *lock(slot(done)) = Some(Arc::clone(&made));
    Ok(made)
}

/// The quarter after a run's, in the year of the configuration.
fn next_quarter(app: &App, quarter: Quarter) -> Quarter {
    app.schema.year.quarter((quarter.number + 1).min(4))
}

/// The page of what can be saved.
pub(super) fn downloads(app: &Arc<App>, quarter: &str) -> Answer {
    let done = {
        let session = lock(&app.session);
        match &session.done {
            Some(done) => Arc::clone(done),
            None => {
                return Answer::page(page::empty(
                    &frame(app, &session),
                    Step::Downloads,
                    &Told::nothing(),
                ));
            }
        }
    };
    let quarter: Quarter = quarter
        .parse()
        .ok()
        .filter(|quarter| (1..=4).any(|number| app.schema.year.quarter(number) == *quarter))
        .unwrap_or_else(|| next_quarter(app, done.asked.quarter));
    let made = match templates(app, &done, quarter) {
        Ok(made) => made,
        Err(why) => return broken(app, why),
    };
    let back = once(app, &done, |done| &done.given_back, work::given_back);
    let stated = once(app, &done, |done| &done.statements, made::statements);
    let export = once(
        app,
        &done,
        |done| &done.export,
        |done, schema| made::export(&done.outcome, schema),
    );
    let (back, stated, export) = match (back, stated, export) {
        (Ok(back), Ok(stated), Ok(export)) => (back, stated, export),
        (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => return broken(app, why),
    };
    let session = lock(&app.session);
    let item = |name: &str, title: &str, about: &str, bytes: usize| Item {
        name: name.to_owned(),
        title: title.to_owned(),
        about: about.to_owned(),
        bytes,
        preview: None,
    };
    let size = |name: &str| done.output(name).map_or(0, <[u8]>::len);
    let mut items = vec![item(
        "consolidated.xlsx",
        &done.saved_as(),
        "The consolidated workbook. Next quarter's run starts from it.",
        size("consolidated.xlsx"),
    )];
    for (name, about) in [
        (
            "report.json",
            "Everything that was found and every figure, for programs.",
        ),
        (
            "findings.html",
            "The findings as one page, to read, filter and print.",
        ),
        (
            "findings.csv",
            "The findings as a table, for a spreadsheet.",
        ),
        (
            "findings.md",
            "The findings as text, for notes and e-mails.",
        ),
    ] {
        items.push(item(name, name, about, size(name)));
    }
    items.push(item(
        "decisions.toml",
        "decisions.toml",
        "What was decided, as text that can be reviewed and given to a later run.",
        to_toml(&session.kept, &session.receipts(), &app.schema).len(),
    ));
    let all: usize = items.iter().map(|item| item.bytes).sum();
    items.push(item("all.zip", "all.zip", "All of these in one file.", all));
    let list = match made.as_ref() {
        Err(why) => Err(why.clone()),
        Ok(made) => {
            let mut out = vec![item(
                &format!("templates/{quarter}.zip"),
                &format!("All returns for {}", quarter.spoken()),
                "Every partner's return in one file.",
                made.iter().map(|(_, _, bytes)| bytes.len()).sum(),
            )];
            for (agency, name, bytes) in made {
                out.push(item(
                    &format!("templates/{quarter}/{name}"),
                    app.schema.agency_name(*agency),
                    "A return to be filled in.",
                    bytes.len(),
                ));
            }
            Ok(out)
        }
    };
    let sum = |files: &[(String, Vec<u8>)]| files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut given: Vec<Item> = back
        .folders
        .iter()
        .map(|(code, name, files)| {
            let about = "Its note, and its file with the cells marked.";
            let note = files.iter().find(|(path, _)| path.ends_with("note.txt"));
            Item {
                preview: note.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()),
                ..item(&format!("feedback/{code}.zip"), name, about, sum(files))
            }
        })
        .collect();
    if !given.is_empty() {
        let all = given.iter().map(|item| item.bytes).sum();
        let about = "Every partner's, with an index for you: it is not to be sent on.";
        given.insert(0, item("feedback.zip", "Everybody's feedback", about, all));
    }
    let data = export.as_ref().as_ref().map(|bytes| {
        let about = "The quarter as tidy tables, for analysts. It is internal: names and texts are in it as they are.";
        item("export.zip", "Tidy data", about, bytes.len())
    });
    let statements = match stated.as_ref() {
        Err(why) => Err(why.clone()),
        Ok(made) => Ok(made
            .iter()
            .flat_map(|(stem, name, workbook, page)| {
                [
                    item(
                        &format!("statement/{stem}.xlsx"),
                        &format!("{name}, workbook"),
                        "The funder's statement, with live formulas and lines to sign.",
                        workbook.len(),
                    ),
                    item(
                        &format!("statement/{stem}.html"),
                        &format!("{name}, page"),
                        "The same to read and print.",
                        page.len(),
                    ),
                ]
            })
            .collect()),
    };
    let shown = Downloads {
        given,
        data: data.into_iter().collect(),
        statements,
        items,
        quarter,
        templates: list,
        command: command(&done),
        pending: session.pending(),
    };
    Answer::page(page::downloads::view(
        &frame(app, &session),
        &shown,
        &Told::nothing(),
    ))
}

/// One file of it.
pub(super) fn download(app: &Arc<App>, name: &str) -> Answer {
    let (done, toml) = {
        let session = lock(&app.session);
        (
            session.done.clone(),
            to_toml(&session.kept, &session.receipts(), &app.schema),
        )
    };
    let give = |saved: String, bytes: Vec<u8>| Answer::Download {
        kind: kind(&saved),
        name: saved,
        bytes: bytes.into(),
    };
    if name == "decisions.toml" {
        return give(name.to_owned(), toml.into_bytes());
    }
    let Some(done) = done else {
        return nothing_here(app);
    };
    if let Some(bytes) = done.output(name) {
        let saved = if name == "consolidated.xlsx" {
            done.saved_as()
        } else {
            name.to_owned()
        };
        return give(saved, bytes.to_vec());
    }
    if name == "all.zip" {
        let mut parts: Vec<(String, &[u8])> = Vec::new();
        for (own, bytes) in &done.outputs {
            let saved = if *own == "consolidated.xlsx" {
                done.saved_as()
            } else {
                (*own).to_owned()
            };
            parts.push((saved, bytes));
        }
        parts.push(("decisions.toml".to_owned(), toml.as_bytes()));
        return match zipped(&parts) {
            Ok(bytes) => give(
                format!("Everything {}.zip", done.asked.quarter.spoken()),
                bytes,
            ),
            Err(_) => broken(app, Broken),
        };
    }
    if name == "export.zip" {
        let made = once(
            app,
            &done,
            |done| &done.export,
            |done, schema| made::export(&done.outcome, schema),
        );
        let saved = format!("Data {}.zip", done.asked.quarter.spoken());
        return match made.as_deref() {
            Ok(Some(bytes)) => give(saved, bytes.clone()),
            Ok(None) | Err(_) => broken(app, Broken),
        };
    }
    if let Some(file) = name.strip_prefix("statement/") {
        let made = match once(app, &done, |done| &done.statements, made::statements) {
            Ok(made) => made,
            Err(why) => return broken(app, why),
        };
        let wanted = file.rsplit_once('.');
        let found = made.as_ref().as_ref().ok().into_iter().flatten();
        let mut found = found.filter(|(stem, ..)| wanted.is_some_and(|(own, _)| own == stem));
        return match (found.next(), wanted) {
            (Some((_, _, workbook, _)), Some((_, "xlsx"))) => {
                give(file.to_owned(), workbook.clone())
            }
            (Some((_, _, _, page)), Some((_, "html"))) => give(file.to_owned(), page.clone()),
            _ => nothing_here(app),
        };
    }
    if let Some((saved, bytes)) = super::public::download(app, name) {
        return give(saved, bytes);
    }
    if name == "feedback.zip" || name.starts_with("feedback/") {
        return feedback(app, &done, name);
    }
    let Some(rest) = name.strip_prefix("templates/") else {
        return nothing_here(app);
    };
    let (quarter, file) = match rest.split_once('/') {
        Some((quarter, file)) => (quarter, Some(file)),
        None => match rest.strip_suffix(".zip") {
            Some(quarter) => (quarter, None),
            None => return nothing_here(app),
        },
    };
    let known = (1..=4).map(|number| app.schema.year.quarter(number));
    let Some(quarter) = known.into_iter().find(|known| known.to_string() == quarter) else {
        return nothing_here(app);
    };
    let made = match templates(app, &done, quarter) {
        Ok(made) => made,
        Err(why) => return broken(app, why),
    };
    let Ok(made) = made.as_ref() else {
        return nothing_here(app);
    };
    if let Some(file) = file {
        return made.iter().find(|(_, own, _)| own == file).map_or_else(
            || nothing_here(app),
            |(_, own, bytes)| give(own.clone(), bytes.clone()),
        );
    }
    let parts: Vec<(String, &[u8])> = made
        .iter()
        .map(|(_, own, bytes)| (own.clone(), bytes.as_slice()))
        .collect();
    match zipped(&parts) {
        Ok(bytes) => give(format!("Returns {}.zip", quarter.spoken()), bytes),
        Err(_) => broken(app, Broken),
    }
}

/// One partner's folder, or all of them with what is the officer's own.
fn feedback(app: &Arc<App>, done: &Arc<Done>, name: &str) -> Answer {
    let made = match once(app, done, |done| &done.given_back, work::given_back) {
        Ok(made) => made,
        Err(why) => return broken(app, why),
    };
    let quarter = done.asked.quarter.spoken();
    let one = name
        .strip_prefix("feedback/")
        .and_then(|name| name.strip_suffix(".zip"));
    let mut folders = made.folders.iter();
    let (saved, parts) = match one {
        Some(code) => match folders.find(|(own, ..)| own == code) {
            Some((_, name, files)) => (format!("Feedback {name} {quarter}.zip"), files.clone()),
            None => return nothing_here(app),
        },
        None if name == "feedback.zip" => {
            let all = folders.flat_map(|(_, _, files)| files).chain(&made.beside);
            (format!("Feedback {quarter}.zip"), all.cloned().collect())
        }
        None => return nothing_here(app),
    };
    match zipped_parts(&parts) {
        Ok(bytes) => Answer::Download {
            kind: kind(&saved),
            name: saved,
            bytes: bytes.into(),
        },
        Err(_) => broken(app, Broken),
    }
}

/// What a browser is told that a file is.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "zip" => "application/zip",
        _ => "text/plain; charset=utf-8",
    }
}
