//! `H116` **row-not-taken**: cells under a table's headings that are in none of its rows, or that a merged region hides.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::layout::{NotTaken, Why};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink, TableFacts};
use crate::schema::FieldKind;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H116"),
    name: "row-not-taken",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Answer(Answer::Value),
    summary: "Cells below or between a table's rows are in none of them: text that goes on, a figure in the wrong column, or a value that a merged cell hides.",
    why: "What a person typed there is not in the result.",
    example: "The second half of an update, typed in the row below it; £900 under a merged £100.",
    fix: "Put it into the row it belongs to, under its heading.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    for found in &facts.table.layout.not_taken {
        let sheet = facts.table.layout.sheet;
        let raw = source
            .raw(sheet, found.range.first)
            .map(CellValue::to_string)
            .unwrap_or_default();
        let key = crate::rules::SourceFacts {
            facts: facts.facts,
            source,
        }
        .outside_key(sheet, found.range);
        let said = raw.replace('\n', " ");
        let hidden = hidden_amount(facts, found);
        let mut draft = sink
            .at(facts.place(found.range))
            .key(key)
            .covers(found.range)
            .raw(raw);
        if let Some(cell) = &hidden {
            // What somebody said the amount is, stands.
            if cell.cell.is_decided() {
                continue;
            }
            draft = draft
                .on(cell)
                .about(Some(&cell.field.name), Some(cell.heading))
                .hold_value(cell);
        }
        let (message, fix) = match found.why {
            Why::GoesOn => (
                format!(
                    "“{said}” stands in a row of its own. It looks as if it goes on from the row above, and was not read."
                ),
                "Put it into the cell above that it belongs to, or give it a reference of its own.",
            ),
            Why::Packed => (
                format!(
                    "“{said}” looks like a whole row typed or pasted into one cell. It was not read."
                ),
                "Part it into the columns of the table, one value under each heading.",
            ),
            Why::Misplaced => (
                format!(
                    "“{said}” stands under the table in a column that holds something else, in a row with nothing of its own. It was not read."
                ),
                "Move it to the row and the heading it belongs to, or delete it if it is left over.",
            ),
            Why::Hidden if hidden.is_some() => (
                format!(
                    "“{said}” is hidden by a merged cell that shows another value. It is kept out of the sums."
                ),
                "Unmerge the cells, and give each row its own amount.",
            ),
            Why::Hidden => (
                format!(
                    "“{said}” is hidden by a merged cell that shows another value. What is shown was read."
                ),
                "Unmerge the cells, and give each row its own value.",
            ),
        };
        draft.report(message, fix);
    }
}

/// The cell of money that a merged region hides, if that is what was found.
fn hidden_amount<'a>(facts: &TableFacts<'a>, found: &NotTaken) -> Option<CellFacts<'a>> {
    let row = found.holds?;
    facts
        .rows()
        .find(|own| own.record.row == row)?
        .cells()
        .find(|cell| cell.address == found.range.first && cell.field.kind == FieldKind::Money)
}
