//! `F515` **underspend-undecided**: the year ends, and nobody has said what becomes of what is left.

use rust_decimal::Decimal;

use super::{cell, line_cell, lines};
use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F515"),
    name: "underspend-undecided",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "At the year's end a line has allocation left, with neither a return to the funder nor a carry-forward decided.",
    why: "Grant that is neither spent nor agreed to be kept is owed to the funder. A stream whose year ends on another day is judged by that.",
    example: "£156.00 left on CRG-04 in the Q4 plan, and the decision is blank.",
    fix: "Decide whether it is returned or carried forward, with the funder's agreement in writing.",
    partner: Partner::OfficerOnly,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for (_, line, balance) in lines(facts) {
        if !super::progress(facts, line).is_some_and(|progress| progress.is_end) {
            continue;
        }
        let left = balance.revised - balance.to_date;
        let decision = cell(facts, line.at, "decision");
        // A decision that cannot be read is told of at its own cell.
        let is_unread = decision
            .as_ref()
            .is_some_and(|c| matches!(c.cell.state, State::Fault(_)));
        if !line.is_approved()
            || line.allocation.is_none()
            || left <= Decimal::ZERO
            || line.decision.is_some()
            || is_unread
        {
            continue;
        }
        let Some(cell) = line_cell(facts, line.at) else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(decision) = decision {
            draft = draft.related(decision.place());
        }
        draft.report(
            format!(
                "{} has spent {} of {}: {} is left, and nothing says whether it is returned or carried forward.",
                line.reference,
                pounds(balance.to_date),
                pounds(balance.revised),
                pounds(left)
            ),
            "Write Return or Carry forward in the plan's Decision column, as agreed with the funder.",
        );
    }
}
