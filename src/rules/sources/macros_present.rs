//! `S011` **macros-present**: the workbook carries a VBA project.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S011"),
    name: "macros-present",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A workbook carries macros. They were not run and are not carried over.",
    why: "Macros can do harm to whoever opens the file, and figures that only a macro fills in may be out of date.",
    example: "A return in a macro-enabled template.",
    fix: "Ask for the return as .xlsx; do not enable the macros.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Send the next return as .xlsx, without macros.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    if facts
        .source
        .workbook()
        .is_some_and(|book| book.facts.has_macros)
    {
        sink.file(facts).report(
            "This workbook carries macros. They were not run, and nothing of them is in the result.",
            "Open it without enabling macros, and ask for the next return as .xlsx.",
        );
    }
}
