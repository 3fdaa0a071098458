//! `F523` **unexplained-variance**: at half-year and year end a line is more than a tenth off, and the claim does not say why.

use rust_decimal::Decimal;

use super::{filled, implausible_amount, line_cell, lines};
use crate::finding::{Code, Severity};
use crate::funding::Claim;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::value::amount::{percent_of, pounds};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F523"),
    name: "unexplained-variance",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "At Q2 the forecast, at Q4 the spend, differs from the revised allocation by more than 10 % with no explanation.",
    why: "The half-year and year-end returns to the funder must explain the differences. A stream whose year is another is judged at the half and the end of that.",
    example: "A forecast of £4,000.00 on a line of £5,000.00, with the explanation left blank.",
    fix: "Write in the claim why the figures differ.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "On {line} the claim differs from the revised allocation by more than {percent} % and gives no explanation.",
        fix: "Write in the claim why.",
    }]),
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let percent = facts.facts.run.schema.thresholds.variance_percent;
    let Some(quarter) = super::quarter(facts) else {
        return;
    };
    let doubts = implausible_amount::Doubts::of(facts);
    for (index, line, balance) in lines(facts) {
        // At half of the year what is expected counts, at its end what was spent.
        let is_half = match super::progress(facts, line) {
            Some(progress) if progress.is_half || progress.is_end => progress.is_half,
            _ => continue,
        };
        let claims: Vec<&Claim> = facts.ledger.claims_on(index).collect();
        let forecasts: Vec<Decimal> = claims.iter().filter_map(|c| c.forecast).collect();
        let figure = if is_half {
            (!forecasts.is_empty()).then(|| forecasts.into_iter().sum::<Decimal>())
        } else {
            // Held and implausible money is for its own finding to settle before anybody explains what is left.
            (!facts.ledger.has_held_money(index)
                && !doubts.is_in_doubt(index)
                && line.earlier(quarter).is_some())
            .then_some(balance.to_date)
        };
        let (Some(figure), Some(claim)) = (figure, claims.last()) else {
            continue;
        };
        let difference = (figure - balance.revised).abs();
        let allowed = percent_of(balance.revised.abs(), percent);
        let is_explained = claims.iter().any(|claim| claim.explanation.is_some());
        if difference <= allowed
            || is_explained
            || line.allocation.is_none()
            || facts.ledger.unsettled.contains(&index)
        {
            continue;
        }
        let Some(cell) = filled(facts, claim.at, "forecast").or_else(|| line_cell(facts, claim.at))
        else {
            continue;
        };
        let what = if is_half { "forecast" } else { "spend" };
        let draft = sink.cell(&cell);
        let draft = draft
            .with("line", line.reference.to_string())
            .with("percent", percent.to_string());
        draft.report(
            format!(
                "The {what} of {} on {} differs from the revised allocation of {} by {}, more than {percent} %, and the claim gives no explanation.",
                pounds(figure),
                line.reference,
                pounds(balance.revised),
                pounds(difference)
            ),
            "Write in the claim why the figures differ: the return to the funder asks for it.",
        );
    }
}
