//! `H115` **amount-outside-table**: an amount beside the rows of money under no heading, or alone below them.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H115"),
    name: "amount-outside-table",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An amount stands beside or between rows of money under no heading, or alone below them without being their sum.",
    why: "Somebody meant it as money, and it is in no sum.",
    example: "£500 in column I beside a row of spend whose headings end at column H.",
    fix: "Put it in a row of its own under the headings, or delete it.",
    partner: Partner::AsReported,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    for found in source.layout.unheaded.iter().filter(|one| one.is_amount) {
        let raw = source
            .raw(found.sheet, found.range.first)
            .map(CellValue::to_string)
            .unwrap_or_default();
        let is_run = found.range.first != found.range.last;
        let what = if is_run {
            format!("The figures in {} stand", found.range)
        } else {
            format!("“{raw}” stands")
        };
        let pronoun = if is_run { "They are" } else { "It is" };
        sink.at(source.place_at(found.sheet, found.range.first))
            .key(facts.outside_key(found.sheet, found.range))
            .covers(found.range)
            .raw(raw)
            .report(
                format!("{what} beside or below the rows of money under no heading of the table. {pronoun} in no sum."),
                "Put each amount in a row of its own under the headings, or delete it if it is left over.",
            );
    }
}
