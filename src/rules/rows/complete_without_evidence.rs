//! `R305` **complete-without-evidence**: Complete with neither update nor value.

use crate::finding::{Code, Severity};
use crate::record::Decoded;
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R305"),
    name: "complete-without-evidence",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An action is Complete with no update text and no measure value, in a return or in any quarter of the plan up to the run's.",
    why: "The partnership answers for what it says is done, and there is nothing to show for it.",
    example: "A row with the reference, `Complete`, and nothing else.",
    fix: "Ask what was delivered, and when.",
    partner: Partner::AsReported,
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    match row.table.schema.name.as_str() {
        // What it was completed on was judged when it was.
        "updates" if was_complete(row) => {}
        "updates" => judge(row, sink, ["status", "update", "value"].map(str::to_owned)),
        "actions" => {
            let last = row.table.facts.run.quarter.map_or(4, |q| q.number);
            for quarter in 1..=last {
                judge(
                    row,
                    sink,
                    ["status", "update", "value"].map(|field| format!("q{quarter}_{field}")),
                );
                if is_complete(row, &format!("q{quarter}_status")) {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Whether an earlier quarter of the plan says Complete already.
fn was_complete(row: &RowFacts<'_>) -> bool {
    let facts = row.table.facts;
    let Some((quarter, reference)) = facts.run.quarter.zip(row.view().reference("ref").cloned())
    else {
        return false;
    };
    facts.plan_action(&reference).is_some_and(|plan| {
        (1..quarter.number).any(|number| is_complete(&plan, &format!("q{number}_status")))
    })
}

fn is_complete(row: &RowFacts<'_>, status: &str) -> bool {
    let schema = row.table.facts.run.schema;
    row.view()
        .choice(status)
        .is_some_and(|status| schema.status_counts_as(status) == "complete")
}

fn judge(row: &RowFacts<'_>, sink: &mut Sink<'_>, [status, update, value]: [String; 3]) {
    let view = row.view();
    let Some(cell) = row.cell(&status) else {
        return;
    };
    let is_complete = is_complete(row, &status);
    // A plan without columns for either has no room for evidence.
    let evidence = [view.cell(&update), view.cell(&value)];
    let has_room = evidence.iter().any(Option::is_some);
    if is_complete && has_room && evidence.into_iter().flatten().all(Decoded::is_empty) {
        sink.cell(&cell).report(
            format!(
                "{} is Complete, with no update and no figure to show for it.",
                crate::rules::sink::record_name(&view)
            ),
            "Say in the update what was delivered, and when.",
        );
    }
}
