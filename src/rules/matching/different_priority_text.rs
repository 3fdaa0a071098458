//! `M411` **different-priority-text**: a return words a priority otherwise than the plan.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, MatchingFacts, Partner, Rule, Sink};
use crate::schema::Priority;
use crate::value::text::{fold, visible};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M411"),
    name: "different-priority-text",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A return's priority is the plan's in other words; the plan's words are kept.",
    why: "The partner may work from an older plan.",
    example: "“Substance Misuse” where the plan says “Drug Misuse & County Lines”.",
    fix: "Nothing is to be done; the partner may be sent the plan's words.",
    partner: Partner::OfficerOnly,
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    for (_, _, action, row) in facts.reports() {
        let Some((cell, ours)) = row
            .cell("priority")
            .zip(facts.row(action.at).and_then(|plan| plan.cell("priority")))
        else {
            continue;
        };
        let Some(priority) = row
            .view()
            .choice("priority")
            .filter(|theirs| {
                facts
                    .row(action.at)
                    .and_then(|plan| plan.view().choice("priority"))
                    == Some(*theirs)
            })
            .and_then(|index| schema.priorities.get(index))
        else {
            continue;
        };
        // In a plan that this program wrote the words are the program's, not the officer's.
        if ours.row.table.source.layout.is_ours {
            continue;
        }
        let theirs = worded(&cell.cell.raw_text(), priority);
        let plans = worded(&ours.cell.raw_text(), priority);
        if theirs.is_empty() || plans.is_empty() || theirs == plans {
            continue;
        }
        sink.cell(&cell).related(ours.place()).report(
            format!(
                "On {}, the return calls the priority “{}”; the plan says “{}”. They are the same priority, and the plan's words are kept.",
                action.reference,
                visible(&cell.cell.raw_text()),
                visible(&ours.cell.raw_text())
            ),
            "Nothing is to be done; the partner may be sent the plan's words.",
        );
    }
}

/// A priority's words without its number, code or prefix: `P2: Anti-Social Behaviour` and `Anti-Social Behaviour` are worded alike.
fn worded(text: &str, priority: &Priority) -> String {
    let folded = fold(text);
    let (code, prefix) = (fold(&priority.code), fold(&priority.prefix));
    let number: String = code.chars().filter(char::is_ascii_digit).collect();
    let numbered = format!("priority {number}");
    let mut rest = folded.as_str();
    for mark in [&numbered, &code, &prefix] {
        if rest == mark {
            return String::new();
        }
        if let Some(tail) = rest
            .strip_prefix(mark.as_str())
            .and_then(|tail| tail.strip_prefix(' '))
        {
            rest = tail;
        }
    }
    rest.to_owned()
}
