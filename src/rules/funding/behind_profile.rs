//! `F516` **behind-profile**: little is spent by Q3, or most of the year's spend falls in Q4.

use rust_decimal::Decimal;

use super::{implausible_amount, line_cell, lines};
use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::{percent_of, pounds};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F516"),
    name: "behind-profile",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An approved line with under 40 % spent at Q3, or over half of the year's spend in Q4; once the quarter's returns are due.",
    why: "Money that is not spent by the year's end goes back; a rush in March is questioned at audit. A stream whose year or claims are others is judged by those.",
    example: "£1,500.00 spent of £5,000.00 by the end of December.",
    fix: "Ask the delivery agency for its plan, and tell the funder early.",
    partner: Partner::OfficerOnly,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let thresholds = &facts.facts.run.schema.thresholds;
    let Some(quarter) = super::quarter(facts) else {
        return;
    };
    let run = facts.facts.run;
    let doubts = implausible_amount::Doubts::of(facts);
    for (index, line, balance) in lines(facts) {
        let Some(progress) = super::progress(facts, line) else {
            continue;
        };
        // Until the claims are due, what is not spent may only not be told yet.
        if progress.due.is_some_and(|deadline| run.as_of <= deadline) {
            continue;
        }
        // Before anybody has sent a return, a blank quarter is not a quarter without spend.
        let at = usize::from(quarter) - 1;
        let has_quarter =
            facts.facts.run.has_returns || line.plan_spend.get(at).is_some_and(Option::is_some);
        let is_known = has_quarter
            && line.earlier(quarter).is_some()
            && !facts.ledger.unsettled.contains(&index);
        if !line.is_approved() || line.allocation.is_none() || !is_known {
            continue;
        }
        let Some(cell) = line_cell(facts, line.at) else {
            continue;
        };
        let least = percent_of(balance.revised, thresholds.behind_percent);
        let most = percent_of(balance.to_date, thresholds.late_percent);
        if progress.is_three_quarters && balance.revised > Decimal::ZERO && balance.to_date < least
        {
            sink.cell(&cell).report(
                format!(
                    "{} has spent {} of {} by Q{quarter}: {} less than {} % of it.",
                    line.reference,
                    pounds(balance.to_date),
                    pounds(balance.revised),
                    pounds(least - balance.to_date),
                    thresholds.behind_percent
                ),
                "Ask the delivery agency whether the rest will be spent, and tell the funder early if not.",
            );
        } else if progress.is_last_of_many
            && balance.to_date > Decimal::ZERO
            && balance.this_quarter > most
            && !doubts.is_in_doubt(index)
        {
            sink.cell(&cell).report(
                format!(
                    "On {} {} of the year's {} falls in Q{quarter}: {} more than {} % of it.",
                    line.reference,
                    pounds(balance.this_quarter),
                    pounds(balance.to_date),
                    pounds(balance.this_quarter - most),
                    thresholds.late_percent
                ),
                "Check the dates of the documents, and be ready to explain the late spending.",
            );
        }
    }
}
