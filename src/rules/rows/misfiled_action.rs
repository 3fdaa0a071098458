//! `R309` **misfiled-action**: the reference belongs to another priority than the row.

use crate::finding::{Code, Severity};
use crate::reconcile;
use crate::rules::{Check, Hold, RowFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R309"),
    name: "misfiled-action",
    severity: Severity::Warning,
    hold: Hold::None,
    summary: "The reference's prefix belongs to another priority than the row's.",
    why: "The action is counted under a priority that it does not serve, or its reference is a slip.",
    example: "DA-04 under Drug Misuse.",
    fix: "Move the row, or correct its reference or priority.",
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let schema = row.table.facts.run.schema;
    let view = row.view();
    let (Some(cell), Some(reference)) = (row.cell("ref"), view.reference("ref")) else {
        return;
    };
    // A return's banners follow the partner's convenience; only a priority that it writes beside the reference is its word.
    let filed = if row.table.is_plan() {
        reconcile::priority(&view, reference, schema)
    } else {
        view.choice("priority")
    };
    let (Some(own), Some(filed)) = (reconcile::priority_of_prefix(reference, schema), filed) else {
        return;
    };
    if own == filed {
        return;
    }
    // What a return repeats of the plan is the plan's fault.
    let is_plans = !row.table.is_plan()
        && row.table.facts.plan_action(reference).is_some_and(|plan| {
            reconcile::priority(&plan.view(), reference, schema) == Some(filed)
        });
    if is_plans {
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
