//! `H101` **missing-column**: a required field has no column.

use crate::finding::{Code, Severity};
use crate::layout::has_other_measure;
use crate::rules::{Answer, Check, Decides, Hold, Partner, Rule, Sink, TableFacts};
use crate::schema::FieldKind;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H101"),
    name: "missing-column",
    severity: Severity::Error,
    hold: Hold::Table,
    decides: Decides::Answer(Answer::Heading),
    summary: "A required field has no column; one finding, not one a row. Updates without a column for the text are a warning where statuses are there.",
    why: "Without it the rows cannot be used, and filling them by position is how ranks once became scores.",
    example: "The heading `Staus`, and no `Status`.",
    fix: "Add the column, or correct its heading.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    for missing in &facts.table.layout.missing {
        let Some(field) = facts.schema.fields.get(missing.field) else {
            continue;
        };
        let mut message = format!(
            "The {} table has no column for {}.",
            facts.schema.title, field.title
        );
        let mut fix = format!("Add a column headed “{}”.", field.title);
        if let Some(near) = &missing.near {
            let text = near.text.replace('\n', " ");
            if field.kind == FieldKind::Money && has_other_measure(&near.text) {
                message = format!(
                    "{message} The heading “{text}” in {} says that its figures are no plain pounds.",
                    near.at
                );
                fix = format!(
                    "Give the figures in pounds, under the heading “{}”.",
                    field.title
                );
            } else {
                message = format!(
                    "{message} The heading “{text}” in {} may be meant.",
                    near.at
                );
                fix = format!("If “{text}” is meant, head the column “{}”.", field.title);
            }
        }
        let mut draft = sink.table(facts, facts.table.layout.header).about(
            Some(&field.name),
            missing.near.as_ref().map(|near| near.text.as_str()),
        );
        if let Some(near) = &missing.near {
            draft = draft.related(facts.place(near.at));
        }
        // Statuses alone say how the plan stands.
        let is_status_only = facts.schema.name == "updates"
            && field.name == "update"
            && facts
                .schema
                .field("status")
                .is_some_and(|status| facts.table.position(status).is_some());
        if is_status_only {
            draft = draft.hold_nothing().severity(Severity::Warning);
            message = format!("{message} The statuses are merged, without a word beside them.");
        }
        draft.report(message, fix);
    }
}
