//! One finding: what was found, where, its evidence, and what can be decided about it.

use maud::html;

use super::decisions::{Ask, form};
use super::results::Found;
use super::{Frame, Said, Step, Told, evidence, severity, spoken};
use crate::finding::Finding;

/// The page.
#[must_use]
pub fn view(
    frame: &Frame<'_>,
    found: Found<'_>,
    finding: &Finding,
    ask: Option<&Ask>,
    told: &Told,
) -> String {
    let outcome = found.outcome;
    let place = &finding.place;
    let path = place
        .source
        .and_then(|index| outcome.sources.get(index))
        .map_or("", |source| source.path.as_str());
    let related: Vec<String> = finding
        .related
        .iter()
        .map(|place| format!("{} {}", super::file_of(place, outcome), spoken(place)))
        .collect();
    let listed = found.listed();
    let here = listed.iter().position(|other| other.id == finding.id);
    let to = |index: Option<usize>| {
        let finding = listed.get(index?)?;
        Some(frame.at(&format!("results/{}", finding.id)))
    };
    let before = to(here.and_then(|here| here.checked_sub(1)));
    let after = to(here.map(|here| here + 1));
    let at = place.a1();
    let row = |field: &str, name: &str, value: &str| {
        html! { dt { (name) } dd data-field=(field) { (Said(value)) } }
    };
    let body = html! {
        article #finding data-finding=(finding.id) data-code=(finding.code.0) {
            p.found { (severity(finding)) " " (Said(&finding.message)) }
            p { b { "What to do: " } (Said(&finding.fix)) }
            @if let Some(accepted) = &finding.accepted { p.accepted { (Said(&accepted.spoken())) } }
            dl.facts {
                dt { "Severity" } dd data-field="severity" { (finding.severity.word()) }
                (row("file", "File", path))
                (row("sheet", "Sheet", place.sheet_name().unwrap_or_default()))
                (row("cell", "Cell", at.as_deref().unwrap_or_default()))
                (row("value", "Value", finding.raw.as_deref().unwrap_or_default()))
                (row("held", "Kept out", finding.held.word()))
                (row("related", "Compared with", &related.join(", ")))
            }
            p { a href=(frame.at(&format!("rules/{}", finding.code))) { "What " (finding.code.0) " means" } }
        }
        h2 { "In the file" }
        (evidence::of(finding, outcome, found.schema))
        @if evidence::is_shown(place) { p.hint { "Shown as stored; Excel may show it in another format." } }
        @if let Some(ask) = ask {
            section.ask data-about=(ask.about) {
                h2 { "Decide" }
                @if !ask.state.is_empty() { p { "State: " (Said(&ask.state)) } }
                (form(frame, ask, "finding", told))
            }
        }
        nav.turn aria-label="Findings" {
            @if let Some(before) = before { a href=(before) { "Previous" } }
            " "
            @if let Some(after) = after { a href=(after) { "Next" } }
            " "
            a href=(frame.at("results")) { "Back to the list" }
        }
    };
    let whole = spoken(place);
    let heading = format!("{} {}, {whole}", finding.code, finding.name);
    frame.page("finding", Some(Step::Results), &heading, told, &body)
}

/// What is said where a finding is there no more.
#[must_use]
pub fn gone(frame: &Frame<'_>) -> String {
    let body = html! {
        p { "What you were looking at is not among them any more: a file was corrected, or a decision settled it." }
        p { a href=(frame.at("results")) { "See the list as it is now" } }
    };
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    frame.page(
        "problem",
        Some(Step::Results),
        "The results have changed since you opened this page",
        &Told::nothing(),
        &body,
    )
}
