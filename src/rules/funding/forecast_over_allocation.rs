//! `F519` **forecast-over-allocation**: the year's outturn is forecast over the revised allocation.

use rust_decimal::Decimal;

use super::{filled, lines, plan_cell};
use crate::finding::{Code, Severity};
use crate::rules::{CellFacts, Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F519"),
    name: "forecast-over-allocation",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "The forecast, which is the whole year's outturn, is over the line's revised allocation.",
    why: "What is spent over the allocation falls on the partnership.",
    example: "A forecast of £5,300.00 on a line of £5,000.00.",
    fix: "Agree a virement before the money is spent, or correct the forecast.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "With this forecast {line} comes to more than its revised allocation of {revised}.",
        fix: "Correct the forecast, or ask for a virement before the money is spent.",
    }]),
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for (index, line, balance) in lines(facts) {
        let Some(forecast) = balance
            .forecast
            .filter(|forecast| *forecast > balance.revised)
        else {
            continue;
        };
        if line.allocation.is_none() || facts.ledger.unsettled.contains(&index) {
            continue;
        }
        let Some(cell) =
            crossing(facts, index, balance.revised).or_else(|| filled(facts, line.at, "forecast"))
        else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = plan_cell(facts, line.at, "allocation") {
            draft = draft.related(place);
        }
        draft = draft
            .with("line", line.reference.to_string())
            .with("revised", pounds(balance.revised));
        draft.report(
            format!(
                "The forecast for {} of {} is {} over the revised allocation of {}.",
                line.reference,
                pounds(forecast),
                pounds(forecast - balance.revised),
                pounds(balance.revised)
            ),
            "Agree a virement before the money is spent, or correct the forecast.",
        );
    }
}

/// The claim's forecast that takes the agencies' sum over the allocation.
fn crossing<'a>(facts: &FundingFacts<'a>, line: usize, revised: Decimal) -> Option<CellFacts<'a>> {
    let mut sum = Decimal::ZERO;
    let claim = facts.ledger.claims_on(line).find(|claim| {
        sum += claim.forecast.unwrap_or_default();
        sum > revised
    })?;
    filled(facts, claim.at, "forecast")
}
