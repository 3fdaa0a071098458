//! The public version: what is out already, what would be shown, and what is withheld until somebody settles it.
//!
//! Invariant: nothing can be saved here that was made of other files or decisions than those that the session holds now.

use maud::{Markup, html};

use super::decisions::{Ask, form, standing};
use super::downloads::{Item, line};
use super::{Frame, Said, Step, Told};
use crate::finding::{Finding, Severity};
use crate::pipeline::Outcome;
use crate::value::text::counted;

/// A public version that was made.
#[derive(Clone, Debug)]
pub struct Version<'a> {
    /// The merge in memory that it is of.
    pub outcome: &'a Outcome,
    /// Whether nothing may be written.
    pub is_stopped: bool,
    /// Whether it is of the files and decisions as they are now.
    pub is_current: bool,
    /// What can be saved of it.
    pub items: Vec<Item>,
    /// What is withheld or hidden, one form each: texts before figures.
    pub asks: Vec<Ask>,
    /// How many there are in all, the page from 1, and how many pages.
    pub paged: (usize, usize, usize),
    /// The same from a terminal.
    pub command: String,
}

/// What is to be decided about a finding of the public version.
#[must_use]
pub fn is_asked(finding: &Finding) -> bool {
    finding.decides == crate::finding::Decides::Publish
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, version: Option<&Version<'_>>, told: &Told) -> String {
    let mut frame = frame.clone();
    frame.next = Some(match version {
        Some(version) if !version.is_current => (
            "#make-again".to_owned(),
            "To do: make it again, for something has changed".to_owned(),
        ),
        Some(version) => match version.asks.iter().find(|ask| is_open_text(ask)) {
            Some(ask) => (
                format!("#d-{}", ask.id),
                "To do: settle the first text that is withheld".to_owned(),
            ),
            None if version.is_stopped => (
                "#stopped-by".to_owned(),
                "To do: see why nothing may be written".to_owned(),
            ),
            None => (
                "#public-files".to_owned(),
                "To do: save the public version".to_owned(),
            ),
        },
        None => (
            "#publish-form".to_owned(),
            "To do: say what is out already".to_owned(),
        ),
    });
    let body = html! {
        p { "What goes with committee papers: no officer's name, nothing that points to a person, and no small count on a sensitive measure, nor one that could be worked back from all that was ever published. What is withheld stays withheld until it is settled here." }
        @if let Some(version) = version { (made(&frame, version, told)) }
        (earlier(&frame, version.is_some(), told))
    };
    frame.page(
        "publish",
        Some(Step::Downloads),
        "Public version",
        told,
        &body,
    )
}

fn is_open_text(ask: &Ask) -> bool {
    ask.standing == "open" && ask.shown.is_some()
}

/// The form that says what is out and makes the version.
fn earlier(frame: &Frame<'_>, is_made: bool, told: &Told) -> Markup {
    let wrong = told.of("earlier-files");
    html! {
        form #publish-form method="post" action=(frame.at("publish")) enctype="multipart/form-data" {
            h2 { @if is_made { "Make it anew" } @else { "What is out already" } }
            p { "What is out cannot be taken back, and without it nothing can be guaranteed: earlier quarters, this quarter's first version, last year's." }
            label for="earlier-files" { "Public versions that are out" }
            @if let Some(why) = wrong { p.wrong #earlier-files-wrong { (Said(why)) } }
            p.hint #earlier-files-hint { "Each as the zip that was saved from this page, or all the files of its folder." }
            input #earlier-files type="file" name="earlier" multiple
                aria-describedby=(if wrong.is_some() { "earlier-files-wrong earlier-files-hint" } else { "earlier-files-hint" });
            div.radio {
                input type="checkbox" #earlier-none name="earlier" value="none";
                label for="earlier-none" { "Nothing has been published before" }
            }
            button.second[is_made] { "Make the public version" }
        }
    }
}

fn made(frame: &Frame<'_>, version: &Version<'_>, told: &Told) -> Markup {
    let outcome = version.outcome;
    let (texts, figures): (Vec<&Ask>, Vec<&Ask>) =
        version.asks.iter().partition(|ask| ask.shown.is_some());
    let (total, page, pages) = version.paged;
    html! {
        section #published data-written=(if version.is_stopped { "no" } else { "yes" }) data-current=(if version.is_current { "yes" } else { "no" }) {
            h2 { "What was made" }
            @for sentence in sentences(outcome) { p { (sentence) } }
            @if version.is_stopped {
                p #stopped-by { "Nothing may be written, for what stands here would be known all the same." }
                ul {
                    @for finding in stopping(outcome) { li { (Said(&finding.message)) " " span.code { (finding.code.0) } } }
                    @if !outcome.ties_out() { li { (Said(&outcome.tie_out())) } }
                }
            }
            @if version.is_current {
                div #public-files { @for (index, item) in version.items.iter().enumerate() { (line(frame, item, index == 0 && !version.is_stopped)) } }
            } @else {
                form #make-again method="post" action=(frame.at("publish")) {
                    p { "Files or decisions have changed since this version was made, so it can no longer be saved." }
                    input type="hidden" name="again" value="yes";
                    button { "Make it again" }
                }
            }
            details {
                summary { "The same from a terminal" }
                p { "With each earlier version in a folder of its own:" }
                pre #publish-command tabindex="0" { (Said(&version.command)) }
            }
        }
        @if total == 0 { p.empty #withheld-none { "Nothing is withheld and no figure is hidden." } }
        @if !texts.is_empty() {
            h2.part #withheld { "Texts that are withheld" }
            p { "Accept publishes a text as it is; with other words in “Read it as” those are published in its place, if they tell nothing either. Anything else keeps it back." }
            @for ask in texts { (withheld(frame, ask, told)) }
        }
        @if !figures.is_empty() {
            h2.part #hidden { "Figures that are hidden" }
            p { "They are dealt with, and nothing has to be decided." }
            @for ask in figures { (withheld(frame, ask, told)) }
        }
        @if pages > 1 {
            nav aria-label="Pages" {
                ol {
                    @for number in 1..=pages {
                        li { a href=(frame.at(&format!("publish?page={number}"))) aria-current=[(number == page).then_some("page")] { (number) } }
                    }
                }
            }
        }
    }
}

fn withheld(frame: &Frame<'_>, ask: &Ask, told: &Told) -> Markup {
    html! {
        section.ask id={ "d-" (ask.id) } data-decision=(ask.id) data-about=(ask.about) data-standing=(ask.standing) {
            h3 { (Said(&ask.heading())) }
            p { span.tag data-look=(ask.standing) { (standing(&ask.standing)) } " " (Said(&ask.question)) }
            @if let Some(text) = &ask.shown { p.found { "“" (Said(text)) "”" } }
            @if ask.shown.is_none() { p.hint { (Said(&ask.suggestion)) } }
            @if matches!(ask.standing.as_str(), "not-applied" | "not-corrected" | "asked" | "expired" | "not-used") { p { (Said(&ask.state)) } }
            (form(frame, ask, "publish", told))
        }
    }
}

/// What stops the version: what is known all the same, and markings that nobody accepted.
fn stopping(outcome: &Outcome) -> impl Iterator<Item = &Finding> {
    outcome.findings.iter().filter(|finding| {
        finding.accepted.is_none()
            && (finding.code.0 == "G604"
                || finding.code.0 == "G602"
                    && finding.severity == Severity::Error
                    && finding.raw.is_none())
    })
}

/// What is shown, hidden and proved, a sentence each.
fn sentences(outcome: &Outcome) -> Vec<String> {
    let Some(publication) = &outcome.publication else {
        return Vec::new();
    };
    let mut out = vec![format!(
        "{} {} withheld.",
        publication.counts(),
        counted(publication.texts_withheld(), "text is", "texts are"),
    )];
    out.push(if publication.earlier.is_empty() {
        "Made on the word that nothing was published before.".to_owned()
    } else {
        format!(
            "Made beside what is out: {}.",
            publication.earlier.join(", ")
        )
    });
    out.extend(publication.proved());
    out.extend(publication.percentages());
    out
}
