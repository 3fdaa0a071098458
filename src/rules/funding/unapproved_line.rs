//! `F502` **unapproved-line**: spend on a line still proposed, or declined.

use super::{charges, held_whole, line_cell, plan_cell};
use crate::finding::{Code, Severity};
use crate::funding::Approval;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F502"),
    name: "unapproved-line",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "Spend on a line that the funder has not approved, or has declined.",
    why: "Projects are approved one by one; spend before approval is not paid.",
    example: "Four of five projects agreed in July, and an invoice on the fifth.",
    fix: "Record the approval in the plan, or take the spend out of the claim.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Take the spend out until the line is approved, or tell us if it has been.",
    }]),
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for charge in charges(facts) {
        let Some(line) = charge.line.and_then(|line| facts.ledger.lines.get(line)) else {
            continue;
        };
        if !matches!(line.approval, Approval::Proposed | Approval::Declined) {
            continue;
        }
        let Some(cell) = line_cell(facts, charge.at) else {
            continue;
        };
        let mut draft = held_whole(sink.cell(&cell), &cell);
        if let Some(place) = plan_cell(facts, line.at, "approval") {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "{} is {} in the plan, so nothing may be claimed on it yet.",
                line.reference,
                line.approval.label().to_lowercase()
            ),
            "Record the funder's approval in the plan, or take the spend out of the claim.",
        );
    }
}
