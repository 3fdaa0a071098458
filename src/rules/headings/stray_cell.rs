//! `H110` **stray-cell**: a number, date, error value or amount that fits nowhere.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H110"),
    name: "stray-cell",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A number, a date, an error value or an amount stands outside every table and is no label's value.",
    why: "A figure typed in the wrong place is in no sum.",
    example: "A lone 1250 in column Z.",
    fix: "Delete it, or move it to where it belongs.",
    partner: Partner::OfficerOnly,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    for (sheet, at) in &source.layout.strays {
        let raw = source
            .raw(*sheet, *at)
            .map(CellValue::to_string)
            .unwrap_or_default();
        sink.at(source.place_at(*sheet, *at))
            .key(facts.outside_key(*sheet, (*at).into()))
            .raw(raw.clone())
            .report(
                format!("“{raw}” stands outside every table and was not read."),
                "Delete it if it is left over, or move it to where it belongs.",
            );
    }
}
