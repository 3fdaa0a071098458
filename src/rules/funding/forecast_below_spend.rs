//! `F521` **forecast-below-spend**: the year's outturn is forecast below what is spent already.

use super::{filled, implausible_amount, lines};
use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F521"),
    name: "forecast-below-spend",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "The forecast outturn is below what is already spent.",
    why: "Either the forecast is for the rest of the year only, or the spend is wrong.",
    example: "A forecast of £2,000.00 with £2,455.50 spent by Q2.",
    fix: "Give the whole year's outturn, spend so far included.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "This forecast is below what is already spent on {line}.",
        fix: "Give the whole year's outturn, spend so far included.",
    }]),
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let doubts = implausible_amount::Doubts::of(facts);
    for (index, line, balance) in lines(facts) {
        let Some(forecast) = balance
            .forecast
            .filter(|forecast| *forecast < balance.to_date)
        else {
            continue;
        };
        if doubts.is_in_doubt(index) {
            continue;
        }
        let Some(cell) = facts
            .ledger
            .claims_on(index)
            .filter(|claim| claim.forecast.is_some())
            .last()
            .and_then(|claim| filled(facts, claim.at, "forecast"))
            .or_else(|| filled(facts, line.at, "forecast"))
        else {
            continue;
        };
        let draft = sink.cell(&cell).with("line", line.reference.to_string());
        draft.report(
            format!(
                "The forecast for {} of {} is {} below the {} that is already spent.",
                line.reference,
                pounds(forecast),
                pounds(balance.to_date - forecast),
                pounds(balance.to_date)
            ),
            "Give the whole year's outturn, spend so far included.",
        );
    }
}
