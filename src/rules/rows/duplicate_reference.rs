//! `R301` **duplicate-reference**: the same reference on two rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Code, Severity};
use crate::record::Decoded;
use crate::rules::cells::reference_trap::is_trapped;
use crate::rules::{Answer, Check, Decides, Hold, Partner, RowFacts, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R301"),
    name: "duplicate-reference",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Answer(Answer::Row),
    summary: "The same reference stands on two rows; neither is used.",
    why: "Which of the two is meant is not for a program to say.",
    example: "ASB-03 on rows 9 and 14 of one return.",
    fix: "Correct the reference on one row, or delete the row that is left over.",
    partner: Partner::AsReported,
    check: Check::Sheets(check),
};

/// Over the whole file, for a plan may have a sheet a priority.
fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let mut seen: BTreeMap<(usize, usize, Arc<str>), RowFacts<'_>> = BTreeMap::new();
    for table in facts
        .tables()
        .filter(|table| table.schema.found_in.contains(&table.source.role))
    {
        for (index, field) in table
            .schema
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.constraint.unique)
        {
            // A row that is out already, as another quarter's, takes no other with it.
            for row in table.rows().filter(|row| !row.record.is_held) {
                let Some(reference) = row.view().reference(&field.name) else {
                    continue;
                };
                // What a spreadsheet did to a reference is C213's.
                if row.cell(&field.name).is_some_and(|cell| is_trapped(&cell)) {
                    continue;
                }
                let key = (table.table.layout.table, index, Arc::clone(&reference.key));
                let Some(first) = seen.get(&key) else {
                    seen.insert(key, row);
                    continue;
                };
                let (Some(cell), Some(first_cell)) =
                    (row.cell(&field.name), first.cell(&field.name))
                else {
                    continue;
                };
                let all = |row: &RowFacts<'_>| {
                    let typed: Vec<String> =
                        row.record.cells.iter().map(Decoded::raw_text).collect();
                    typed.join("\u{1f}")
                };
                let (here, there) = (cell.place(), first_cell.place());
                // A cell of another sheet is named with its sheet.
                let elsewhere = if here.sheet == there.sheet {
                    first_cell.address.to_string()
                } else {
                    let sheet = there.sheet_name().unwrap_or_default();
                    format!("{} on the sheet “{sheet}”", first_cell.address)
                };
                sink.cell(&cell).hold_row(first).seen(all(first)).seen(all(&row)).related(first_cell.place()).report(
                    format!("{reference} stands on two rows, here and in {elsewhere}. Neither is used."),
                    "Correct the reference on one of the rows, or delete the one that is left over.",
                );
            }
        }
    }
}
