//! What can be saved: the workbook first, reports, decisions, and the returns to send out.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Frame, Said, Step, Told};
use crate::value::period::Quarter;

/// A file that can be saved.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name in the address.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// What can be read of it before it is saved.
    pub preview: Option<String>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Downloads {
    /// The workbook, then the others.
    pub items: Vec<Item>,
    /// The quarter for which returns are sent out.
    pub quarter: Quarter,
    /// What each partner gets back, and all of it together.
    pub given: Vec<Item>,
    /// The tidy data.
    pub data: Vec<Item>,
    /// What funders are sent; or why there is nothing.
    pub statements: Result<Vec<Item>, String>,
    /// A return for each partner, and all of them together; or why there is none.
    pub templates: Result<Vec<Item>, String>,
    /// The same from a terminal.
    pub command: String,
    /// How many decisions are not in force yet.
    pub pending: usize,
}

/// A size as people say it.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{} MB", bytes.div_ceil(1_000_000)),
    }
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, downloads: &Downloads, told: &Told) -> String {
    let year = &frame.schema.year;
    let body = html! {
        @if downloads.pending > 0 {
            p.note {
                @if downloads.pending == 1 { "1 decision is" } @else { (downloads.pending) " decisions are" }
                " not in force in these files yet: run again first."
            }
        }
        @for (index, item) in downloads.items.iter().enumerate() {
            @if index == 1 { h2 { "Reports and decisions" } }
            (line(frame, item, index == 0))
            @if index == 0 {
                p.hint {
                    "Save it in the folder that holds your folder of returns, and its links lead to them. "
                    "If Excel opens it in Protected View, press Enable Editing: this computer made it."
                }
            }
        }
        @if !downloads.given.is_empty() {
            h2 { "What partners get back" }
            p { "Nothing is mailed. Send each folder to its own partner and to nobody else." }
            @for item in &downloads.given { (line(frame, item, false)) }
        }
        h2 { "Statements for funders" }
        @match &downloads.statements {
            Ok(items) => { @for item in items { (line(frame, item, false)) } },
            Err(why) => p.empty { (Said(why)) },
        }
        h2 { "For the public, and for analysts" }
        p { a #publish href=(frame.at("publish")) { "Public version" } " What goes with committee papers: you say what is out already, and settle what is withheld." }
        @for item in &downloads.data { (line(frame, item, false)) }
        h2 { "Returns to send out" }
        form #template-form method="get" action=(frame.at("downloads")) {
            div.fields {
                div {
                    label for="template-quarter" { "Returns to send out for" }
                    select #template-quarter name="quarter" {
                        @for number in 1..=4 {
                            @let quarter = year.quarter(number);
                            option value=(quarter.to_string()) selected[quarter == downloads.quarter] { (quarter.spoken()) }
                        }
                    }
                }
                div.go { button.second { "Show" } }
            }
        }
        @match &downloads.templates {
            Ok(items) => { @for item in items { (line(frame, item, false)) } },
            Err(why) => p.empty { (Said(why)) },
        }
        details {
            summary { "The same from a terminal" }
            p { "In a folder with the plan, and your returns in a folder " code { "returns" } " beside it:" }
            pre #command tabindex="0" { (Said(&downloads.command)) }
        }
    };
    frame.page("downloads", Some(Step::Downloads), "Downloads", told, &body)
}

pub(super) fn line(frame: &Frame<'_>, item: &Item, is_first: bool) -> Markup {
    html! {
        p.download {
            a.button[is_first] data-download=(item.name) href=(frame.at(&format!("download/{}", encoded(&item.name)))) { (Said(&item.title)) }
            " " span.size { (size(item.bytes)) } " " (Said(&item.about))
        }
        @if let Some(preview) = &item.preview {
            details.preview {
                summary { "Read the note to " (Said(&item.title)) }
                pre tabindex="0" { (Said(preview)) }
            }
        }
    }
}

/// A name as part of an address: the slashes in it stay.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
