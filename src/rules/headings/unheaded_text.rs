//! `H111` **unheaded-text**: text beside or between a table's rows under no heading.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H111"),
    name: "unheaded-text",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Text stands beside or between a table's rows under no heading; it is kept beside the row.",
    why: "People write what matters beside the form: `Please leave this one out`.",
    example: "A remark in column I beside a row of spend whose headings end at column H.",
    fix: "Read it, and do what it asks; give the column a heading if it belongs to the return.",
    partner: Partner::OfficerOnly,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    for found in source.layout.unheaded.iter().filter(|one| !one.is_amount) {
        let raw = source
            .raw(found.sheet, found.range.first)
            .map(CellValue::to_string)
            .unwrap_or_default();
        sink.at(source.place_at(found.sheet, found.range.first))
            .key(facts.outside_key(found.sheet, found.range))
            .covers(found.range)
            .raw(raw.clone())
            .report(
                format!(
                    "“{}” stands beside the rows under no heading. It is kept beside its row as “Other columns”, and used nowhere.",
                    raw.replace('\n', " ")
                ),
                "Read what it says, and act on it; give the column a heading if it belongs to the return.",
            );
    }
}
