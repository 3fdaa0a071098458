//! `H109` **merged-fill**: a merged cell of a table's body was filled down or across.

use std::collections::BTreeMap;

use crate::finding::{Code, Severity};
use crate::grid::{CellAddress, CellRange, CellValue};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H109"),
    name: "merged-fill",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A merged cell in a table's body was read as the value of every row or column that it covers.",
    why: "A merged cell belongs to its first row alone as far as the file tells; that it speaks for the others is how people mean it, not what it says.",
    example: "`On track` merged down over three actions.",
    fix: "Nothing, if it was meant so; better to unmerge the cells and fill in each.",
    partner: Partner::OfficerOnly,
    check: Check::Table(check),
};

/// Fields that plans merge down their actions, as a banner beside them.
const MERGED_DOWN: [&str; 2] = ["priority", "objective"];

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let mut fills: BTreeMap<(CellAddress, CellAddress), Fill<'_>> = BTreeMap::new();
    for row in facts.rows() {
        for cell in row.cells() {
            let Some(range) = cell.cell.remarks().filled_from else {
                continue;
            };
            let is_banner = MERGED_DOWN.contains(&cell.field.name.as_str())
                && range.first.column == range.last.column;
            if is_banner {
                continue;
            }
            fills
                .entry((range.first, range.last))
                .or_insert_with(|| Fill {
                    range,
                    key: row.view().key(),
                    heading: cell.heading,
                    field: &cell.field.name,
                });
        }
    }
    for fill in fills.values() {
        let raw = facts
            .source
            .raw(facts.table.layout.sheet, fill.range.first)
            .map(CellValue::to_string)
            .unwrap_or_default();
        sink.table(facts, fill.range)
            .key(fill.key.clone())
            .about(Some(fill.field), Some(fill.heading))
            .raw(raw.clone())
            .report(
                format!(
                    "The cells {} are merged. “{}” was read for each of them.",
                    fill.range,
                    raw.replace('\n', " ")
                ),
                "If it holds for all of them, nothing; else unmerge the cells and fill in each.",
            );
    }
}

/// A merged region that stands for more than its first cell.
struct Fill<'a> {
    range: CellRange,
    key: String,
    heading: &'a str,
    field: &'a str,
}
