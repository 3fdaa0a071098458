//! The local page: what a session holds and what a run gave, as HTML. Every view is a function from facts to a text; nothing is judged here.
//!
//! Invariant: every text goes into a page as [`Said`] or through the macro that escapes; what is markup is written here and nowhere else.

pub mod decisions;
pub mod downloads;
pub mod evidence;
pub mod files;
pub mod finding;
pub mod money;
pub mod plain;
pub mod publish;
pub mod results;
pub mod rules;
pub mod run;

use maud::{DOCTYPE, Markup, Render, html};

use crate::finding::{Finding, Place};
use crate::pipeline::Outcome;
use crate::schema::Schema;
use crate::value::period::Quarter;
use crate::value::text::is_acting;

/// Text from a file or a person, shown as text: escaped, and without characters that act and are not seen. It has no `Display`, so that
/// it cannot be made a part of markup by mistake.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a>(pub &'a str);

impl Render for Said<'_> {
    fn render_to(&self, buffer: &mut String) {
        for c in self.0.chars() {
            match c {
                '&' => buffer.push_str("&amp;"),
                '<' => buffer.push_str("&lt;"),
                '>' => buffer.push_str("&gt;"),
                '"' => buffer.push_str("&quot;"),
                '\n' | '\t' => buffer.push(c),
                _ if is_acting(c) => {}
                _ => buffer.push(c),
            }
        }
    }
}

/// The steps of the work, as the navigation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Files are added.
    Files,
    /// What was found.
    Results,
    /// What only people can settle.
    Decisions,
    /// The money.
    Money,
    /// What is saved.
    Downloads,
}

impl Step {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Files, "files", "Files"),
        (Self::Results, "results", "Results"),
        (Self::Decisions, "decisions", "Decisions"),
        (Self::Money, "money", "Money"),
        (Self::Downloads, "downloads", "Downloads"),
    ];
}

/// Something to put right, with the field that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field's id, without a number sign; empty where there is no field.
    pub field: String,
    /// What is wrong, in a sentence.
    pub text: String,
}

impl Problem {
    /// A problem of a field.
    #[must_use]
    pub fn at(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            text: text.into(),
        }
    }
}

/// What stands first on a page: what is to be put right, or what was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What went wrong; where there is something, what was done is told beside it.
    pub problems: Vec<Problem>,
    /// What was done.
    pub notices: Vec<String>,
}

impl Told {
    /// Nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// What was done.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            problems: Vec::new(),
            notices: vec![text.into()],
        }
    }

    /// What is to be put right.
    #[must_use]
    pub fn wrong(problems: Vec<Problem>) -> Self {
        Self {
            problems,
            notices: Vec::new(),
        }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        let mut all = self.problems.iter();
        all.find(|problem| problem.field == field)
            .map(|problem| problem.text.as_str())
    }
}

/// What every page of a session shows.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// The part of the path that only this session's pages know.
    pub key: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// The configuration in force.
    pub schema: &'a Schema,
    /// Whether files or decisions differ from those of the last run, with that run's quarter and day as typed.
    pub changed: Option<(Quarter, &'a str)>,
    /// The first thing that is still to be done: where, and in words.
    pub next: Option<(String, String)>,
}

impl Frame<'_> {
    /// The address of a page of the session.
    #[must_use]
    pub fn at(&self, page: &str) -> String {
        format!("/{}/{page}", self.key)
    }

    /// A whole page.
    fn page(
        &self,
        kind: &str,
        step: Option<Step>,
        heading: &str,
        told: &Told,
        body: &Markup,
    ) -> String {
        let is_wrong = !told.problems.is_empty();
        let title = if is_wrong {
            format!("Error: {heading} – csp-bridge")
        } else {
            format!("{heading} – csp-bridge")
        };
        let inner = html! {
            nav aria-label="Steps" {
                ol {
                    @for (own, page, name) in Step::ALL {
                        li { a href=(self.at(page)) aria-current=[(Some(own) == step).then_some("page")] { (name) } }
                    }
                }
            }
            main #main tabindex="-1" {
                (summary(told))
                h1 { (Said(heading)) }
                @if let (Some((quarter, as_of)), false) = (&self.changed, kind == "files" || heading == run::RUNNING) {
                    div #changed {
                        p { "Files or decisions have changed since this run." }
                        form method="post" action=(self.at("run")) {
                            input type="hidden" name="quarter" value=(quarter.to_string());
                            input type="hidden" name="as_of" value=(Said(as_of));
                            button { "Run again" }
                        }
                    }
                }
                @if let Some((href, text)) = &self.next {
                    p.next { a href=(href) { (text) } }
                }
                (body)
            }
            footer {
                p {
                    "csp-bridge " (self.version) " · configuration " (Said(&self.schema.name)) " · "
                    a href=(self.at("rules")) { "Rules" }
                }
                div.last {
                    form method="post" action=(self.at("clear")) { button.quiet { "Forget everything" } }
                    form method="post" action=(self.at("stop")) { button.quiet { "Stop csp-bridge" } }
                }
            }
        };
        document(kind, &title, &self.schema.publishing.marking, true, &inner)
    }
}

/// The outermost part of every page; the script keeps a page that is open in touch with the program.
fn document(kind: &str, title: &str, marking: &str, is_alive: bool, inner: &Markup) -> String {
    let refreshes = kind == "run" && title.starts_with(run::RUNNING);
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                title { (Said(title)) }
                link rel="icon" href="/static/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/static/app.css";
                @if is_alive { script src="/static/app.js" defer {} }
                // Without the script the page of a run asks again by itself.
                @if refreshes { noscript { meta http-equiv="refresh" content="2"; } }
            }
            body data-page=(kind) {
                a.skip href="#main" { "Skip to main content" }
                header {
                    p.name { "csp-bridge" }
                    p { "Runs on this computer only. Nothing is sent anywhere." }
                    p #marking { (Said(marking)) }
                }
                (inner)
            }
        }
    }
    .into_string()
}

/// What stands first in the page.
fn summary(told: &Told) -> Markup {
    html! {
        @if !told.problems.is_empty() {
            div #error-summary tabindex="-1" autofocus {
                div role="alert" {
                    h2 { "There is a problem" }
                    ul {
                        @for problem in &told.problems {
                            li {
                                @if problem.field.is_empty() { (Said(&problem.text)) }
                                @else { a href={ "#" (Said(&problem.field)) } { (Said(&problem.text)) } }
                            }
                        }
                    }
                    @for notice in &told.notices { p { (Said(notice)) } }
                }
            }
        } @else if !told.notices.is_empty() {
            div #notice role="status" tabindex="-1" autofocus {
                @for notice in &told.notices { p { (Said(notice)) } }
            }
        }
    }
}

/// A wide table in a part of the page that scrolls by itself, also with the keyboard.
fn wide(caption_id: &str, table: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(caption_id) { (table) }
    }
}

/// What stands instead of results before the first run.
fn nothing_yet(frame: &Frame<'_>) -> Markup {
    html! {
        p #nothing-yet { "Nothing has been run yet. " a href=(frame.at("files")) { "Go and add what there is" } "." }
    }
}

/// Before the first run, the page of a step says so.
#[must_use]
pub fn empty(frame: &Frame<'_>, step: Step, told: &Told) -> String {
    let (kind, heading) = Step::ALL
        .iter()
        .find(|(own, ..)| *own == step)
        .map_or(("", ""), |(_, page, name)| (*page, *name));
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    frame.page(kind, Some(step), heading, told, &nothing_yet(&frame))
}

/// A place as people say it: `Spend!G4`, a sheet's name, or the whole file.
fn spoken(place: &Place) -> String {
    match (place.sheet_name(), place.a1()) {
        (Some(sheet), Some(cell)) => format!("{sheet}!{cell}"),
        (Some(sheet), None) => sheet.to_owned(),
        (None, Some(cell)) => cell,
        (None, None) if place.source.is_none() => "No file".to_owned(),
        (None, None) => "Whole file".to_owned(),
    }
}

/// The name of the file that a place is in; empty where it is in none.
fn file_of<'a>(place: &Place, outcome: &'a Outcome) -> &'a str {
    place
        .source
        .and_then(|index| outcome.sources.get(index))
        .map_or("", |source| source.file_name())
}

/// How a severity is shown: a word, with a colour beside it.
fn severity(finding: &Finding) -> Markup {
    let word = finding.severity.word();
    let shown = match word {
        "error" => "Error",
        "warning" => "Warning",
        _ => "Note",
    };
    html! { span.tag data-look=(word) { (shown) } }
}

#[cfg(test)]
mod tests {
    use super::Said;
    use maud::Render as _;

    #[test]
    fn nothing_that_a_partner_writes_is_markup() {
        let text = "<script>\"x\"</script> & 'y'\u{202e}\u{0}";
        assert_eq!(
            Said(text).render().into_string(),
            "&lt;script&gt;&quot;x&quot;&lt;/script&gt; &amp; 'y'"
        );
    }
}
