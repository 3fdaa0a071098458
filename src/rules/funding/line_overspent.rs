//! `F503` **line-overspent**: spend to date over the revised allocation.

use rust_decimal::Decimal;

use super::{cell, filled, implausible_amount, lines, plan_cell};
use crate::finding::{Code, Severity};
use crate::funding::{Balance, Line};
use crate::reconcile::RecordRef;
use crate::rules::{CellFacts, Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F503"),
    name: "line-overspent",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Spend to date is over the line's revised allocation.",
    why: "The funder pays no more than it allocated; the rest falls on the partnership.",
    example: "£5,600.00 spent on a line of £5,000.00.",
    fix: "Agree a virement, or find other money for the difference.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "This takes {line} over its revised allocation of {revised}.",
        fix: "Check the amount; no more can be paid on the line without a virement.",
    }]),
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let doubts = implausible_amount::Doubts::of(facts);
    for (index, line, balance) in lines(facts) {
        if line.allocation.is_none()
            || balance.to_date <= balance.revised
            || facts.ledger.unsettled.contains(&index)
        {
            continue;
        }
        let earlier: Decimal = balance.to_date - balance.this_quarter;
        let crossing = if earlier > balance.revised {
            None
        } else {
            crossing(facts, index, earlier, balance.revised)
        };
        // An amount that is implausible in itself is told of as that.
        if crossing.is_some_and(|(at, amount)| doubts.is_implausible(at, amount)) {
            continue;
        }
        let place = crossing.and_then(|(at, _)| {
            cell(facts, at, "amount").or_else(|| cell(facts, at, "this_quarter"))
        });
        let cell = place.or_else(|| plan_crossing(facts, line, balance));
        let Some(cell) = cell.or_else(|| facts.row(line.at)?.cell("allocation")) else {
            continue;
        };
        let mut draft = sink.cell(&cell).key(line.reference.key.to_string());
        if let Some(place) = plan_cell(facts, line.at, "allocation") {
            draft = draft.related(place);
        }
        draft = draft
            .with("line", line.reference.to_string())
            .with("revised", pounds(balance.revised));
        draft.report(
            format!(
                "On {} spend to date {} is {} over the revised allocation of {}.",
                line.reference,
                pounds(balance.to_date),
                pounds(balance.to_date - balance.revised),
                pounds(balance.revised)
            ),
            "Agree a virement, or find other money for the difference.",
        );
    }
}

/// The quarter's amount that takes the line over its allocation for good.
fn crossing(
    facts: &FundingFacts<'_>,
    line: usize,
    earlier: Decimal,
    revised: Decimal,
) -> Option<(RecordRef, Decimal)> {
    let mut sum = earlier;
    let mut found = None;
    for (at, amount) in facts.ledger.counted(line) {
        let was_within = sum <= revised;
        sum += amount;
        if was_within && sum > revised {
            found = Some((at, amount));
        }
    }
    found
}

/// The plan's own cell whose quarter takes the line over for good.
fn plan_crossing<'a>(
    facts: &FundingFacts<'a>,
    line: &Line,
    balance: &Balance,
) -> Option<CellFacts<'a>> {
    let mut sum = Decimal::ZERO;
    let mut found = None;
    for (quarter, spend) in (1_u8..).zip(balance.quarters) {
        let was_within = sum <= balance.revised;
        sum += spend;
        if was_within && sum > balance.revised {
            found = Some(quarter);
        }
    }
    filled(facts, line.at, &format!("q{}_spend", found?))
}
