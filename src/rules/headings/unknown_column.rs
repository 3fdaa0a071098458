//! `H102` **unknown-column**: a heading matches no field and comes close to none.

use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H102"),
    name: "unknown-column",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Answer(Answer::Heading),
    summary: "A heading matches no field and is no near miss; the column is kept and used nowhere.",
    why: "What a partner wrote there counts for nothing in the result.",
    example: "A column `Cost centre` in the spend table.",
    fix: "Nothing, if it is not wanted; else add the heading to a field's aliases.",
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    for unknown in facts
        .table
        .layout
        .unknown
        .iter()
        .filter(|unknown| unknown.near.is_none() && !unknown.is_explained)
    {
        let heading = &unknown.heading;
        sink.table(facts, heading.at).key(heading.text.clone()).about(None, Some(&heading.text)).raw(raw(facts, heading.at)).report(
            format!("The column “{}” is none that the {} table knows. {}.", heading.text.replace('\n', " "), facts.schema.title, kept(facts)),
            "If it matters, add the heading to the field's aliases in the configuration; otherwise nothing.",
        );
    }
}

/// Where what stands below the heading is to be found.
fn kept(facts: &TableFacts<'_>) -> &'static str {
    match facts.schema.name.as_str() {
        "actions" | "funding_lines" | "virements" => "It is kept as it is, and used nowhere",
        "updates" => "It is kept beside each update as “Other columns”, and used nowhere",
        "spend" => "It is kept beside each document as “Other columns”, and used nowhere",
        _ => "It is used nowhere; its heading is on the Sources sheet",
    }
}

/// A heading's cell as typed.
pub(super) fn raw(facts: &TableFacts<'_>, at: crate::grid::CellAddress) -> String {
    facts
        .source
        .raw(facts.table.layout.sheet, at)
        .map(ToString::to_string)
        .unwrap_or_default()
}
