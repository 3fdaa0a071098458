//! `C217` **text-too-long**: a text over its field's word limit.

use crate::finding::{Code, Severity};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C217"),
    name: "text-too-long",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A text over the field's word limit.",
    why: "The meeting reads a line or two an action; a page hides what matters.",
    example: "An update of 700 words, pasted from a report.",
    fix: "Ask for a shorter text.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let Some((words, most)) = facts
        .cell
        .remarks()
        .words_over
        .zip(facts.field.constraint.words_maximum)
    else {
        return;
    };
    sink.cell(facts).report(
        format!(
            "{} has {words} words; the limit is {most}. It was kept whole.",
            facts.field.title
        ),
        format!("Shorten it to {most} words or fewer."),
    );
}
