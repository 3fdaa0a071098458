//! `M409` **repeated-update**: the same text as last quarter's.

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::finding::{Code, Severity};
use crate::reconcile::RecordRef;
use crate::rules::{Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink, Words};
use crate::value::Value;
use crate::value::text::{fold_prose, may_be_same_prose};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M409"),
    name: "repeated-update",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An update is the same text as last quarter's.",
    why: "It tells the meeting nothing about this quarter.",
    example: "“Two stalls held in May.” at Q1 and again at Q2.",
    fix: "Ask what was done this quarter.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Say what was done this quarter.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let words = &facts.facts.run.schema.words;
    // Many report on one action: what stood there last quarter is folded once.
    let mut folded_past: HashMap<(RecordRef, &str), String> = HashMap::new();
    for (_, report, action, row) in facts.reports() {
        // An update that says nothing is told as such.
        let Some(text) = row
            .view()
            .text("update")
            .filter(|text| !words.says_nothing(text))
        else {
            continue;
        };
        let folded = LazyCell::new(|| fold_prose(text));
        let repeated = [
            facts.last(action, "update"),
            facts.own_last(action, report, "update"),
        ]
        .into_iter()
        .flatten()
        .find(|past| match past.cell.value() {
            Some(Value::Text(old)) => {
                may_be_same_prose(old, text)
                    && *folded_past
                        .entry((past.at, past.field))
                        .or_insert_with(|| fold_prose(old))
                        == *folded
            }
            _ => false,
        });
        let Some((past, cell)) = repeated.zip(row.cell("update")) else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = facts.past_place(&past) {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "The update on {} is word for word last quarter's.",
                action.reference
            ),
            "Ask what was done this quarter.",
        );
    }
}
