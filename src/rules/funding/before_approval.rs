//! `F524` **before-approval**: a document dated before the line was approved.

use super::{cell, outside_period, plan_cell};
use crate::finding::{Code, Severity};
use crate::funding::Approval;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::date::long;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F524"),
    name: "before-approval",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "A document is dated before the line's stated approval date.",
    why: "Spend before the funder has agreed to the project is not paid.",
    example: "An invoice of 2 July on a line approved on 14 July.",
    fix: "Correct the date, or take the document out of the claim.",
    partner: Partner::AsReported,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for entry in facts.ledger.entries.iter().filter(|entry| !entry.is_held) {
        let line = entry
            .line
            .and_then(|line| facts.ledger.lines.get(line))
            .filter(|line| {
                // What is not approved at all, or outside the period as well, is said by its own rule.
                !matches!(line.approval, Approval::Proposed | Approval::Declined)
            });
        let Some((line, date)) = line.zip(entry.date) else {
            continue;
        };
        let Some(approved) = line.approved_on.filter(|approved| date < *approved) else {
            continue;
        };
        if outside_period::is_outside(facts, entry) {
            continue;
        }
        let Some(cell) = cell(facts, entry.at, "document_date") else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = plan_cell(facts, line.at, "approved_on") {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "The document is dated {}, and {} was approved on {}.",
                long(date),
                line.reference,
                long(approved)
            ),
            "Correct the date, or take the document out of the claim.",
        );
    }
}
