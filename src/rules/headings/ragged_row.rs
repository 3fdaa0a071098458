//! `H113` **ragged-row**: a record of a csv has more fields than its headings.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H113"),
    name: "ragged-row",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::None,
    summary: "A row of a csv has more fields than its headings, so that what it holds stands in the wrong columns.",
    why: "A comma in a figure or text that is not in quotation marks parts it in two: £1,590.00 is read as £1, and what follows as something else.",
    example: "`CRG-01,INV-7,Acme,2022-08-01,1,590.00` under five headings.",
    fix: "Put the value that holds the comma in quotation marks, or save the file from the spreadsheet again.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    // Where a quotation mark moved the fields, its own finding speaks.
    if facts.table.layout.open_quote.is_some() {
        return;
    }
    for ragged in &facts.table.layout.ragged {
        let raw = facts
            .source
            .raw(facts.table.layout.sheet, ragged.first)
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = format!(
            "This row has {} fields where its headings have {}, so that what it holds may stand in the wrong columns: probably a comma in a figure or text that is not in quotation marks. None of its figures was used.",
            ragged.fields, ragged.headings
        );
        let message = if ragged.fields > ragged.headings {
            message
        } else {
            "This row has a figure in two fields, as a comma that is not in quotation marks parts it, so that what it holds stands in the wrong columns. None of its figures was used.".to_owned()
        };
        let mut draft = sink.table(facts, ragged.first).key("total").raw(raw);
        let record = facts
            .table
            .records
            .binary_search_by_key(&ragged.row, |record| record.row);
        if let Ok(record_index) = record
            && let Some(record) = facts.table.records.get(record_index)
        {
            let row = RowFacts {
                table: *facts,
                record,
                record_index,
            };
            draft = draft.key(row.view().key()).hold_row(&row);
        }
        draft.report(
            message,
            "Put the value that holds the comma in quotation marks, or save the file from the spreadsheet again, and run again.",
        );
    }
}
