//! `M403` **reworded-action**: a partner changed something that it does not own.

use crate::finding::{Code, Severity};
use crate::reconcile::say_the_same;
use crate::rules::{CellFacts, Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink, Words};
use crate::schema::{FieldKind, Owner};
use crate::source::Source;
use crate::value::text::{contains_words, fold, visible};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M403"),
    name: "reworded-action",
    severity: Severity::Warning,
    hold: Hold::Value,
    decides: Decides::Accept,
    summary: "A return changes what the partnership owns: an action's wording, target, lead or timescale. It is a proposal, and is not applied. A wording that is only cut short is no change.",
    why: "A target that is quietly lowered, or an action that is quietly narrowed, would look met.",
    example: "The plan's target is 250; the return has 240 beside the same action.",
    fix: "Agree the change at the meeting and make it in the plan, or leave the plan as it is.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "If you want the change, ask for it at the meeting; otherwise put the plan's words back.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    of_copies(facts, sink);
    for (_, _, action, row) in facts.reports() {
        let Some(plan) = facts.row(action.at) else {
            continue;
        };
        for cell in row.cells().filter(is_the_partnerships) {
            // A blank takes nothing away; what the plan has no column for, it does not say.
            let Some(ours) = plan
                .cell(&cell.field.name)
                .filter(|_| cell.cell.value().is_some())
            else {
                continue;
            };
            // A required cell that is blank in the plan is the plan's own fault.
            let is_plans_fault =
                ours.cell.is_held() || (ours.field.constraint.required && ours.cell.is_empty());
            // A priority may stand on a banner, a sheet or a cell merged down its actions, and is compared as what it is.
            let is_changed = if cell.field.kind == FieldKind::Priority {
                action.priority.is_some() && row.view().choice(&cell.field.name) != action.priority
            } else {
                say_the_same(cell.cell, ours.cell) == Some(false) && !is_shortened(&cell, &ours)
            };
            if is_plans_fault || !is_changed {
                continue;
            }
            let what = cell.field.title.to_lowercase();
            let old = shown(&ours);
            let message = if old.is_empty() {
                format!(
                    "On {}, the return gives the {what} as “{}”; the plan has none, and keeps it so.",
                    action.reference,
                    shown(&cell)
                )
            } else {
                format!(
                    "On {}, the return gives the {what} as “{}”; the plan has “{old}”, which is kept.",
                    action.reference,
                    shown(&cell)
                )
            };
            sink.cell(&cell).related(ours.place()).report(
                message,
                "If the change is wanted, agree it at the meeting and make it in the plan; otherwise nothing is to be done.",
            );
        }
    }
}

/// Cells of the plan's funding that a copy of the plan has otherwise, but for earlier quarters.
fn of_copies(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let Some(quarter) = facts.facts.run.quarter else {
        return;
    };
    let used = |source: &&Source| !source.is_out();
    for source in facts.facts.sources.iter().filter(used) {
        let differs = source.copied.iter().flat_map(|copied| &copied.differs);
        for cell in differs.filter(|cell| cell.quarter.is_none_or(|of| of >= quarter.number)) {
            let what = cell.field.to_lowercase();
            let ours = if cell.plan_says.is_empty() {
                "the plan has none, and keeps it so".to_owned()
            } else {
                format!("the plan has “{}”, which is kept", cell.plan_says)
            };
            sink.elsewhere(facts.facts, source, cell).report(
                format!(
                    "On {}, the return gives the {what} as “{}”; {ours}.",
                    cell.subject, cell.said
                ),
                "If the change is wanted, agree it at the meeting and make it in the plan; otherwise nothing is to be done.",
            );
        }
    }
}

/// Whether a wording is only cut short: the plan's begins with it, or holds it whole.
fn is_shortened(cell: &CellFacts<'_>, ours: &CellFacts<'_>) -> bool {
    if !matches!(cell.field.name.as_str(), "action" | "objective") {
        return false;
    }
    let (own, ours) = (fold(&cell.cell.raw_text()), fold(&ours.cell.raw_text()));
    !own.is_empty() && (ours.starts_with(&own) || contains_words(&ours, &own))
}

/// A restated field of the partnership's, earlier quarters aside.
fn is_the_partnerships(cell: &CellFacts<'_>) -> bool {
    cell.field.is_restated && cell.field.owner == Owner::Partnership && cell.field.quarter.is_none()
}

/// A cell as a sentence quotes it.
fn shown(cell: &CellFacts<'_>) -> String {
    let text = visible(&cell.cell.raw_text());
    match cell.field.kind {
        FieldKind::Date | FieldKind::Timescale => text
            .parse::<jiff::civil::Date>()
            .map_or(text, crate::value::date::long),
        _ => text,
    }
}
