//! Pages without a list of anything: the start, the goodbye, and what is said of a request that cannot be answered.

use maud::html;

use super::{Frame, Told, document};

/// The first page of a session.
#[must_use]
pub fn start(frame: &Frame<'_>, told: &Told) -> String {
    let frame = Frame {
        next: None,
        ..frame.clone()
    };
    let body = html! {
        p.lead { "You need the partnership's action plan and the returns that partners have sent you, as they are: Excel, OpenDocument or csv." }
        p.next { a.button href=(frame.at("files")) { "Start" } }
        h2 { "What happens" }
        ol.plain {
            li { "You add the plan and the returns. Each is recognised at once: who sent it, for which quarter, what is in it." }
            li { "They are checked, and merged into the plan. What cannot be trusted is kept out and named, with its cell." }
            li { "You settle what only people can settle, and run again." }
            li { "You download one consolidated workbook, with every figure traceable to the cell it came from." }
        }
        h2 { "Your files stay on this computer" }
        p {
            "They are in the program's memory while it runs and nowhere else; no file of yours is on disk until you download it. "
            "Nothing is remembered from quarter to quarter, for last quarter's workbook carries everything, decisions included."
        }
        p { b { "Closed this page by accident?" } " Your work is still there: go to the csp-bridge window and press Enter." }
    };
    frame.page("start", None, "Merge this quarter's returns", told, &body)
}

/// The goodbye.
#[must_use]
pub fn stopped(marking: &str) -> String {
    let inner = html! {
        main #main tabindex="-1" {
            h1 { "csp-bridge has stopped" }
            p { "You can close this page." }
            p { "What you downloaded is safe. The program keeps nothing else." }
        }
    };
    document(
        "stopped",
        "csp-bridge has stopped – csp-bridge",
        marking,
        false,
        &inner,
    )
}

/// What happened to a request that cannot be answered, and what to do: a heading and paragraphs.
#[must_use]
pub fn problem(marking: &str, heading: &str, paragraphs: &[&str]) -> String {
    let inner = html! {
        main #main tabindex="-1" {
            h1 { (heading) }
            @for paragraph in paragraphs { p { (*paragraph) } }
        }
    };
    document(
        "problem",
        &format!("{heading} – csp-bridge"),
        marking,
        false,
        &inner,
    )
}
