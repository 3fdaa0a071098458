//! `H102` **unknown-column**: a heading matches no field and comes close to none.

use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Partner, Rule, Sink, TableFacts};
use crate::value::date::month_number;
use crate::value::text::fold;

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
    partner: Partner::OfficerOnly,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    // A copy of the plan has the plan's columns.
    if facts.source.copied.is_some() {
        return;
    }
    for unknown in facts
        .table
        .layout
        .unknown
        .iter()
        .filter(|unknown| unknown.near.is_none() && !unknown.is_explained)
        .filter(|unknown| !is_month_of_quarter(facts, &unknown.heading.text))
    {
        let heading = &unknown.heading;
        sink.table(facts, heading.at).key(heading.text.clone()).about(None, Some(&heading.text)).raw(raw(facts, heading.at)).report(
            format!("The column “{}” is not one that the {} table has. {}.", heading.text.replace('\n', " "), facts.schema.title, kept(facts)),
            "If it matters, add the heading to the field's aliases in the configuration; otherwise nothing.",
        );
    }
}

/// Whether a heading is a month of the quarter that the table reports on: its figures stand beside the quarter's, and are no news.
fn is_month_of_quarter(facts: &TableFacts<'_>, heading: &str) -> bool {
    let folded = fold(heading);
    let words = folded.split(' ');
    let month = words.clone().find_map(month_number);
    let is_alone = words.clone().count() <= MONTH_WORDS_MAX
        && words.filter(|word| month_number(word).is_some()).count() == 1;
    let number = facts.source.statement.quarter;
    let number = number.or(facts.facts.run.quarter.map(|quarter| quarter.number));
    let Some((month, number)) = month.zip(number).filter(|_| is_alone) else {
        return false;
    };
    // April to June are the first quarter.
    let of = (i16::from(month) + 8) % 12 / 3 + 1;
    of == i16::from(number)
}

/// A month's heading has no more words than this: `July 2022 spend`.
const MONTH_WORDS_MAX: usize = 3;

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
