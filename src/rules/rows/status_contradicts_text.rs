//! `R303` **status-contradicts-text**: the update's first clause says the opposite of the status.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink, Words};
use crate::value::prose;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R303"),
    name: "status-contradicts-text",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "The update's first clause says the opposite of the status.",
    why: "One of the two was not brought up to date, and the meeting would hear whichever it looks at.",
    example: "On track beside “Delayed by the contractor until spring”.",
    fix: "Ask the partner which of the two holds.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Say which of the two holds, and correct the other.",
    }]),
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let view = row.view();
    let (Some(cell), Some(status), Some(update)) = (
        row.cell("status"),
        view.choice("status"),
        view.text("update"),
    ) else {
        return;
    };
    let schema = row.table.facts.run.schema;
    let Some(status) = schema.statuses.get(status) else {
        return;
    };
    let clause = prose::first_clause(update);
    if prose::opens_with(clause, &status.contradicted_by) {
        sink.cell(&cell).report(
            format!(
                "The status is {}, but the update begins “{}”.",
                status.label,
                clause.trim()
            ),
            "Ask the partner which of the two holds, and correct the other.",
        );
    }
}
