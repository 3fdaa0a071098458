//! The catalogue of rules, and one rule.

use maud::html;

use super::{Frame, Told, wide};
use crate::rules::{CATALOGUE, Hold, Rule};

/// Every rule.
#[must_use]
pub fn all(frame: &Frame<'_>) -> String {
    let table = html! {
        table #rules {
            caption #rules-caption { "What is checked" }
            thead { tr { th scope="col" { "Code" } th scope="col" { "Name" } th scope="col" { "Severity" } th scope="col" { "What it finds" } } }
            tbody {
                @for rule in CATALOGUE {
                    tr data-code=(rule.code.0) {
                        th scope="row" { a href=(frame.at(&format!("rules/{}", rule.code))) { (rule.code.0) } }
                        td { (rule.name) }
                        td { (rule.severity.word()) }
                        td { (rule.summary) }
                    }
                }
            }
        }
    };
    let body = html! {
        p { "Every rule has a code. What is found is told with its code, its cell, and what to do." }
        (wide("rules-caption", &table))
    };
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    frame.page("rules", None, "Rules", &Told::nothing(), &body)
}

/// One rule.
#[must_use]
pub fn one(frame: &Frame<'_>, rule: &Rule) -> String {
    let holds = match rule.hold {
        Hold::None => "Nothing is kept out because of it.".to_owned(),
        hold => format!("Until it is settled, it keeps out: the {}.", hold.word()),
    };
    let body = html! {
        p { span.tag data-look=(rule.severity.word()) { (rule.severity.word()) } " " (holds) }
        h2 { "What it finds" } p { (rule.summary) }
        h2 { "Why it matters" } p { (rule.why) }
        h2 { "Example" } p { (rule.example) }
        h2 { "What to do" } p { (rule.fix) }
        h2 { "What a decision does" } p { (crate::settlement::does(rule)) }
        p { a href=(frame.at("rules")) { "The whole list" } }
    };
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    let heading = format!("{} {}", rule.code, rule.name);
    frame.page("rule", None, &heading, &Told::nothing(), &body)
}
