//! `M408` **status-reopened**: an action that was over is not any more.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink, Words};
use crate::value::Value;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M408"),
    name: "status-reopened",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An action was Complete or Closed before and is reported as something else now.",
    why: "Either it was called complete too soon, or the status is a slip.",
    example: "Complete at Q1, On track at Q2.",
    fix: "Ask the lead agency which is right.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Tell us whether the action was opened again, or correct the status.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    for (index, report, action, row) in facts.reports() {
        let last = facts.last_of(index, report, action, "status");
        // Complete stands until somebody says otherwise: it may be two quarters old.
        let before = facts
            .over_before(action)
            .filter(|_| last.is_none() && facts.speaks_for(index, action, "status"));
        let past = last.or(before.map(|over| over.past));
        let Some((now, past)) = row.view().choice("status").zip(past) else {
            continue;
        };
        let Some(Value::Choice(then)) = past.cell.value() else {
            continue;
        };
        if !schema.is_over(*then) || schema.is_over(now) {
            continue;
        }
        let Some(cell) = row.cell("status") else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = facts.past_place(&past) {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "{} was {} {} and is now reported as {}.",
                action.reference,
                schema.status_label(*then),
                before.map_or_else(
                    || "last quarter".to_owned(),
                    |over| format!("in Q{}", over.quarter)
                ),
                schema.status_label(now)
            ),
            "Ask the lead agency whether the action was opened again, or which of the two is a slip.",
        );
    }
}
