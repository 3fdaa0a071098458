//! `C207` **unknown-choice**: a listed value that no synonym covers.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::schema::FieldKind;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C207"),
    name: "unknown-choice",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Word),
    summary: "A status, agency, priority or other listed value that no synonym covers; the nearest is named.",
    why: "`Ongoing` does not say whether an action is on track, and a guess would be the program's word, not the partner's.",
    example: "A status of `Ongoing`; a tick in Wingdings, which is stored as the letter P.",
    fix: "Use one of the listed words, or add the word to the synonyms in the configuration.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let nearest = match &facts.cell.state {
        State::Fault(Fault::UnknownChoice(nearest)) => nearest,
        State::Fault(Fault::Symbols) => {
            let raw = facts.cell.raw_text();
            sink.cell(facts).report(
                format!(
                    "“{}” is in a font that shows pictures for letters, so that what is seen is not what is stored.",
                    raw.trim()
                ),
                format!("Write {} in words, in an ordinary font.", facts.field.title),
            );
            return;
        }
        State::Blank | State::Missing | State::Placeholder | State::Value(_) | State::Fault(_) => {
            return;
        }
    };
    let schema = facts.row.table.facts.run.schema;
    let what = match facts.field.kind {
        FieldKind::Status => "partnership's statuses",
        FieldKind::Priority => "partnership's priorities",
        FieldKind::Agency | FieldKind::Agencies => "partnership's agencies",
        FieldKind::Text
        | FieldKind::Reference
        | FieldKind::Line
        | FieldKind::Lines
        | FieldKind::Money
        | FieldKind::Number
        | FieldKind::Date
        | FieldKind::Timescale
        | FieldKind::Choice
        | FieldKind::Email
        | FieldKind::Postcode => "words listed for it",
    };
    let near = nearest
        .as_ref()
        .map(|near| format!(" The nearest is “{}”.", near.0))
        .unwrap_or_default();
    let labels: Vec<String> = schema
        .choices(facts.field)
        .into_iter()
        .map(|(_, label, _)| label)
        .collect();
    sink.cell(facts).report(
        format!(
            "“{}” under {} is not one of the {what}.{near}",
            facts.cell.raw_text().trim(),
            facts.field.title
        ),
        format!("Use one of: {}.", labels.join(", ")),
    );
}
