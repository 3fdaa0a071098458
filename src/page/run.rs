//! How far a run is, and why one failed.

use maud::html;

use super::{Frame, Problem, Told};

/// What the page of a run that goes on is called.
pub(super) const RUNNING: &str = "Checking and merging";

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Files read.
    pub done: usize,
    /// Files in the run.
    pub total: usize,
    /// What is being done, in a sentence.
    pub status: &'a str,
}

/// What is being done, in a sentence.
#[must_use]
pub fn status(step: crate::watch::Step, done: usize, total: usize, now: &str) -> String {
    use crate::watch::Step;
    match step {
        Step::Reading if now.is_empty() => format!("Reading {total} files"),
        Step::Reading => format!("Reading {} of {total}: {now}", (done + 1).min(total)),
        Step::Judging => "Comparing with the plan".to_owned(),
        Step::Writing => "Writing the workbook".to_owned(),
    }
}

/// A run that goes on.
#[must_use]
pub fn running(frame: &Frame<'_>, progress: Progress<'_>) -> String {
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    // Reading is most of it; a third is left for what comes after.
    let total = progress.total.max(1) * 3 / 2 + 1;
    let body = html! {
        p { label for="progress" { "Progress" } }
        progress #progress max=(total) value=(progress.done) { (progress.done) " of " (progress.total) }
        p #run-status role="status" { (super::Said(progress.status)) }
        form method="post" action=(frame.at("run/cancel")) { button.second { "Cancel" } }
    };
    frame.page(
        "run",
        Some(super::Step::Files),
        RUNNING,
        &Told::nothing(),
        &body,
    )
}

/// A run that could not be done.
#[must_use]
pub fn failed(frame: &Frame<'_>, why: &str) -> String {
    let body = html! {
        p.next { a href=(frame.at("files")) { "Go back and look at what was added" } }
        p { "The results of the last run, if there is one, still stand." }
    };
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    let told = Told::wrong(vec![Problem::at("", why)]);
    frame.page(
        "run",
        Some(super::Step::Files),
        "It could not be done",
        &told,
        &body,
    )
}
