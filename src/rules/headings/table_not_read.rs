//! `H107` **table-not-read**: a block of cells that is no known table.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H107"),
    name: "table-not-read",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A block of two by two cells or more on a visible sheet is no table that the configuration knows.",
    why: "Whatever stands there is not in the result.",
    example: "A second table of visit counts under the updates.",
    fix: "Look at it; if it belongs in the return, move it under the known headings.",
    partner: Partner::AsReported,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    for (sheet, range, first) in &source.layout.unread {
        let raw = source
            .raw(*sheet, *first)
            .map(CellValue::to_string)
            .unwrap_or_default();
        let (message, fix) = if range.first.column == range.last.column {
            (
                format!(
                    "The cells {range} hold a table's headings and rows, each row whole in one cell. They were not read."
                ),
                "Part them into columns (in Excel: Data, Text to Columns) under the known headings.",
            )
        } else {
            (
                format!(
                    "The cells {range} look like a table, but not one that is known. They were not read."
                ),
                "If they belong in the plan or return, put them under the known headings; otherwise nothing.",
            )
        };
        sink.at(source.place_at(*sheet, *first))
            .key(facts.outside_key(*sheet, *range))
            .raw(raw)
            .covers(*range)
            .report(message, fix);
    }
}
