//! `C210` **text-cut-off**: a text that ends exactly where programs cut texts off.

use crate::finding::{Code, Severity};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C210"),
    name: "text-cut-off",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A text of exactly 255 or 32,767 characters: the lengths at which forms and cells cut a text off.",
    why: "The end of the partner's sentence may be missing, and nobody sees it.",
    example: "An update that a form cut after 255 characters, in the middle of a word.",
    fix: "Ask the partner for the whole text.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "See whether the end of the text is missing, and put it back.",
    }]),
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let Some(length) = facts.cell.remarks().cut_at else {
        return;
    };
    let length = if length == 255 { "255" } else { "32,767" };
    sink.cell(facts).report(
        format!(
            "{} ends at exactly {length} characters, where forms and cells cut texts off.",
            facts.field.title
        ),
        "Compare the end of the text with the partner's own copy.",
    );
}
