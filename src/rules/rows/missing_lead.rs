//! `R310` **missing-lead**: a plan action that nobody leads.

use crate::finding::{Code, Severity};
use crate::record::Decoded;
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R310"),
    name: "missing-lead",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A plan action has no lead agency.",
    why: "Nobody is asked for its update, and no report can be the lead's.",
    example: "A new action added at a meeting, its lead to be agreed.",
    fix: "Agree a lead and write it in the plan.",
    partner: Partner::OfficerOnly,
    check: Check::Row(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    if !row.table.is_plan() || row.table.schema.name != "actions" {
        return;
    }
    let Some(cell) = row
        .cell("lead_agency")
        .filter(|cell| Decoded::is_empty(cell.cell))
    else {
        return;
    };
    let name = crate::rules::sink::record_name(&row.view());
    sink.cell(&cell).report(
        format!("{name} has no lead agency, so nobody is asked for its update."),
        "Agree a lead and write it in the plan.",
    );
}
