//! The agenda: what only people can settle, one form a question.
//!
//! Invariant: the answers that a form offers are those that the rule's decision can have; what a decision is about comes from the run.

use maud::{Markup, html};

use super::{Frame, Said, Step, Told};
use crate::finding::{Decides, Finding};

/// How many questions stand on one page.
pub const ROWS: usize = 50;

/// Where a question stands that somebody answered after the run.
pub const SAVED: &str = "saved";

/// One question, or one decision that no question asks for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Its id: the finding's, else a number of its own.
    pub id: String,
    /// The finding, by its id, if it can be looked at.
    pub finding: Option<String>,
    /// What it is about, as the Decisions sheet says it.
    pub about: String,
    /// The action or line, and the partner.
    pub subject: String,
    /// The partner.
    pub partner: String,
    /// What is to be decided.
    pub question: String,
    /// What is suggested.
    pub suggestion: String,
    /// Where it stands, as a word for programs.
    pub standing: String,
    /// The same in words, with why.
    pub state: String,
    /// Whether letting it stand can do anything at all.
    pub may_accept: bool,
    /// What *Read it as* is asked for, if it is.
    pub wanted: Option<&'static str>,
    /// The answers that fit, with what each is called; none where a value is to be typed.
    pub choices: Vec<(String, String)>,
    /// The text that the public version withholds.
    pub shown: Option<String>,
    /// What stands in the form.
    pub typed: Typed,
    /// Whether it is a decision that nothing asks for, which can only be taken back.
    pub is_left: bool,
}

/// What is written in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// One of the decisions' words; empty is none yet.
    pub decision: String,
    /// The answer.
    pub read_as: String,
    /// Why.
    pub reason: String,
    /// In which role.
    pub role: String,
    /// The last day, as typed.
    pub until: String,
}

impl Ask {
    /// What a finding's decision can be: whether accepting it can do anything, and what it has to be read as.
    #[must_use]
    pub fn kind(finding: &Finding) -> (bool, Option<&'static str>) {
        match finding.decides {
            Decides::None => (false, None),
            Decides::Accept | Decides::Note => (true, None),
            // For a figure there are no other words.
            Decides::Publish => (
                true,
                finding
                    .raw
                    .as_ref()
                    .map(|_| "other words to publish in its place, if any"),
            ),
            Decides::Answer(kind) => (true, Some(kind.wanted())),
        }
    }

    pub(super) fn heading(&self) -> String {
        let parts: Vec<&str> = [self.subject.as_str(), &self.partner]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            self.about.clone()
        } else {
            format!("{}: {}", self.about, parts.join(", "))
        }
    }
}

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    /// The questions of this page.
    pub asks: Vec<Ask>,
    /// The page, from 1, and how many there are.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Which ones are shown: a standing, or all.
    pub standing: String,
    /// Where questions stand, and how many stand there.
    pub standings: Vec<(String, usize)>,
    /// How many decisions are not in force yet.
    pub pending: usize,
    /// What only informs: what, whose, and a sentence.
    pub informed: Vec<[String; 3]>,
}

/// How many pages so many questions take, and which of them stand on one.
#[must_use]
pub fn paged(count: usize, page: usize) -> (usize, usize, std::ops::Range<usize>) {
    let pages = count.div_ceil(ROWS).max(1);
    let page = page.clamp(1, pages);
    (page, pages, (page - 1) * ROWS..(page * ROWS).min(count))
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, agenda: &Agenda, told: &Told) -> String {
    let query = |page: usize| {
        let standing = if agenda.standing.is_empty() {
            String::new()
        } else {
            format!("standing={}&", agenda.standing)
        };
        format!("{}?{standing}page={page}", frame.at("decisions"))
    };
    let has_left = agenda.asks.iter().any(|ask| ask.is_left);
    let body = html! {
        p { "What only people can settle, in the order of a meeting's agenda. Nothing is applied by itself." }
        p #pending data-pending=(agenda.pending) {
            @match agenda.pending {
                0 => "Every decision that was taken is in force.",
                1 => "1 decision is not in force yet.",
                count => { (count) " decisions are not in force yet." }
            }
        }
        @if agenda.standings.len() > 1 {
            p.show {
                "Show: "
                a href=(frame.at("decisions")) aria-current=[agenda.standing.is_empty().then_some("true")] { "all" }
                @for (word, count) in &agenda.standings {
                    " · "
                    a href=(frame.at(&format!("decisions?standing={word}"))) aria-current=[(*word == agenda.standing).then_some("true")] {
                        (standing(word).to_lowercase()) " (" (count) ")"
                    }
                }
            }
        }
        @if agenda.asks.is_empty() && agenda.informed.is_empty() {
            p.empty { "There is nothing to settle." }
        }
        @for ask in agenda.asks.iter().filter(|ask| !ask.is_left) { (question(frame, ask, told)) }
        @if has_left {
            h2.part { "Decisions that nothing asks about now" }
            @for ask in agenda.asks.iter().filter(|ask| ask.is_left) { (left(frame, ask)) }
        }
        @if !agenda.informed.is_empty() {
            h2.part { "For information" }
            ul.informed {
                @for [subject, partner, text] in &agenda.informed {
                    li { b { (Said(subject)) ", " (Said(partner)) ": " } (Said(text)) }
                }
            }
        }
        @if agenda.pages > 1 {
            nav aria-label="Pages" {
                ol {
                    @for number in 1..=agenda.pages {
                        li { a href=(query(number)) aria-current=[(number == agenda.page).then_some("page")] { (number) } }
                    }
                }
            }
        }
    };
    frame.page("decisions", Some(Step::Decisions), "Decisions", told, &body)
}

fn question(frame: &Frame<'_>, ask: &Ask, told: &Told) -> Markup {
    html! {
        section.ask id={ "d-" (ask.id) } data-decision=(ask.id) data-about=(ask.about) data-standing=(ask.standing) {
            h2 { (Said(&ask.heading())) }
            p { span.tag data-look=(ask.standing) { (standing(&ask.standing)) } " " (Said(&ask.question)) }
            p.hint {
                @if !ask.suggestion.is_empty() { (Said(&ask.suggestion)) " " }
                @if let Some(finding) = &ask.finding { a href=(frame.at(&format!("results/{finding}"))) { "See it in the file" } }
            }
            @if matches!(ask.standing.as_str(), "not-applied" | "not-corrected" | "asked" | "expired" | "not-used") { p { (Said(&ask.state)) } }
            (form(frame, ask, "", told))
        }
    }
}

/// A decision that no row asks about now.
fn left(frame: &Frame<'_>, ask: &Ask) -> Markup {
    html! {
        section.ask id={ "d-" (ask.id) } data-decision=(ask.id) data-about=(ask.about) data-standing=(ask.standing) {
            h3 { (Said(&ask.heading())) }
            p { span.tag data-look=(ask.standing) { (standing(&ask.standing)) } " " (Said(&ask.question)) }
            p {
                (Said(&ask.typed.decision))
                @if !ask.typed.read_as.is_empty() { ", read as “" (Said(&ask.typed.read_as)) "”" }
                @if !ask.typed.reason.is_empty() { ": " (Said(&ask.typed.reason)) }
                @if !ask.typed.role.is_empty() { " (" (Said(&ask.typed.role)) ")" }
                ". " (Said(&ask.state))
            }
            form data-for=(ask.id) method="post" action=(frame.at(&format!("decisions/{}", ask.id))) {
                input type="hidden" name="decision" value="";
                button.second { "Take it back" }
            }
        }
    }
}

/// Where a question stands, in words.
pub(super) fn standing(word: &str) -> String {
    if word == SAVED {
        return "Saved, not in force yet".to_owned();
    }
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let spoken: String = first.into_iter().chain(letters).collect();
    spoken.replace('-', " ")
}

/// The form of a question; `back` is the page that it stands on, where that is not the agenda.
pub(super) fn form(frame: &Frame<'_>, ask: &Ask, back: &str, told: &Told) -> Markup {
    let id = &ask.id;
    let typed = &ask.typed;
    let field = |name: &str| format!("{name}-{id}");
    let wrong = |name: &str| told.of(&field(name));
    let verdicts = [
        ("Accept", "Accept"),
        ("Reject", "Reject"),
        ("Ask the partner", "Ask the partner"),
        ("Corrected at source", "Corrected at source"),
        ("", "Nothing yet"),
    ];
    let described = |name: &str, hint: bool| {
        let mut ids = Vec::new();
        if wrong(name).is_some() {
            ids.push(format!("{}-wrong", field(name)));
        }
        if hint {
            ids.push(format!("{}-hint", field(name)));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    let error = |name: &str| {
        html! { @if let Some(why) = wrong(name) { p.wrong id={ (field(name)) "-wrong" } { (Said(why)) } } }
    };
    html! {
        form data-for=(id) method="post" action=(frame.at(&format!("decisions/{id}"))) {
            @if !back.is_empty() { input type="hidden" name="back" value=(back); }
            fieldset id=(field("decision")) {
                legend { "What was decided?" }
                (error("decision"))
                @for (index, (value, label)) in verdicts.iter().enumerate() {
                    @if ask.may_accept || index > 0 {
                        div.radio {
                            input type="radio" id={ "v" (index) "-" (id) } name="decision" value=(value) checked[typed.decision == *value];
                            label for={ "v" (index) "-" (id) } { (label) }
                        }
                    }
                }
            }
            @if !ask.may_accept { p.hint { "Only a corrected file helps, so accepting it would do nothing." } }
            div.fields {
                @if let Some(wanted) = ask.wanted {
                    div {
                        label for=(field("read-as")) { "Read it as" }
                        (error("read-as"))
                        @if ask.choices.is_empty() {
                            input id=(field("read-as")) name="read_as" type="text" autocomplete="off" value=(Said(&typed.read_as))
                                aria-describedby=[described("read-as", true)] aria-invalid=[wrong("read-as").map(|_| "true")];
                        } @else {
                            select id=(field("read-as")) name="read_as"
                                aria-describedby=[described("read-as", true)] aria-invalid=[wrong("read-as").map(|_| "true")] {
                                option value="" {}
                                @if !typed.read_as.is_empty() && !ask.choices.iter().any(|(value, _)| *value == typed.read_as) {
                                    option value=(Said(&typed.read_as)) selected { (Said(&typed.read_as)) }
                                }
                                @for (value, label) in &ask.choices {
                                    option value=(Said(value)) selected[*value == typed.read_as] { (Said(label)) }
                                }
                            }
                        }
                        p.hint id={ (field("read-as")) "-hint" } { (wanted) }
                    }
                }
                div {
                    label for=(field("reason")) { "Reason" }
                    (error("reason"))
                    input id=(field("reason")) name="reason" type="text" autocomplete="off" value=(Said(&typed.reason))
                        aria-describedby=[described("reason", false)] aria-invalid=[wrong("reason").map(|_| "true")];
                }
                div {
                    label for=(field("role")) { "Role" }
                    (error("role"))
                    input id=(field("role")) name="role" type="text" autocomplete="off" value=(Said(&typed.role))
                        aria-describedby=[described("role", true)] aria-invalid=[wrong("role").map(|_| "true")];
                    p.hint id={ (field("role")) "-hint" } { "your role, not your name" }
                }
                div {
                    label for=(field("until")) { "Until (optional)" }
                    (error("until"))
                    input id=(field("until")) name="until" type="text" autocomplete="off" value=(Said(&typed.until))
                        aria-describedby=[described("until", true)] aria-invalid=[wrong("until").map(|_| "true")];
                    p.hint id={ (field("until")) "-hint" } { "day, month, year, such as 31/03/2023" }
                }
                div.go { button.second { "Save" } }
            }
        }
    }
}
