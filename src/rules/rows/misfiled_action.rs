//! `R309` **misfiled-action**: the reference belongs to another priority than the row.

use crate::finding::{Code, Severity};
use crate::reconcile;
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R309"),
    name: "misfiled-action",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "The reference's prefix belongs to another priority than the row's.",
    why: "The action is counted under a priority that it does not serve, or its reference is a slip.",
    example: "DA-04 under Drug Misuse.",
    fix: "Move the row, or correct its reference or priority.",
    partner: Partner::AsReported,
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let schema = row.table.facts.run.schema;
    let view = row.view();
    let (Some(cell), Some(reference)) = (row.cell("ref"), view.reference("ref")) else {
        return;
    };
    // A return's banners follow the partner's convenience, and a priority that it would change is a proposal.
    if !row.table.is_plan() {
        return;
    }
    let (Some(own), Some(filed)) = (
        reconcile::priority_of_prefix(reference, schema),
        reconcile::priority(&view, reference, schema),
    ) else {
        return;
    };
    if own == filed {
        return;
    }
    let name = |index: usize| {
        schema
            .priorities
            .get(index)
            .map_or("", |priority| priority.short_name.as_str())
    };
    sink.cell(&cell).report(
        format!(
            "{reference} stands under {}, but its letters are those of {}.",
            name(filed),
            name(own)
        ),
        "Move the row to its priority, or correct the reference.",
    );
}
