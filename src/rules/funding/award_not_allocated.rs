//! `F507` **award-not-allocated**: a stream's allocations do not come to its award.

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::Approval;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F507"),
    name: "award-not-allocated",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A stream's allocations, declined lines aside, do not come to its award.",
    why: "Money that no line has goes back to the funder; money that two lines have is not there.",
    example: "Nine lines of £39,505.00 against an award of £39,661.00: £156.00 is not allocated.",
    fix: "Allocate the rest, or agree with the funder that it is returned.",
    partner: Partner::OfficerOnly,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for total in &facts.ledger.streams {
        let (Some(award), Some(allocated)) = (total.award, total.allocated) else {
            continue;
        };
        let Some(stream) = facts.facts.run.schema.streams.get(total.stream) else {
            continue;
        };
        let first =
            facts.ledger.lines.iter().find(|line| {
                line.stream == Some(total.stream) && line.approval != Approval::Declined
            });
        let (Some(line), false) = (first, award == allocated) else {
            continue;
        };
        let Some(cell) = cell(facts, line.at, "allocation") else {
            continue;
        };
        let difference = (award - allocated).abs();
        let is_rounding = difference <= stream.tolerance;
        let is_over = allocated > award;
        let severity = match (is_rounding, is_over) {
            (true, _) => Severity::Information,
            (false, true) => Severity::Error,
            (false, false) => Severity::Warning,
        };
        let mut draft = sink.cell(&cell).key(stream.code.clone()).severity(severity);
        if let Some((source, sheet, at)) = total.award_at
            && let Some(source) = facts.facts.sources.iter().find(|s| s.index == source)
        {
            draft = draft.related(source.place_at(sheet, at));
        }
        let (sum, award) = (pounds(allocated), pounds(award));
        let (name, by) = (&stream.name, pounds(difference));
        if is_rounding {
            draft.report(
                format!(
                    "The lines of the {name} come to {sum} and the award is {award}: {by} apart, which is within the rounding of {} that is allowed. Nothing was adjusted.",
                    pounds(stream.tolerance)
                ),
                "Nothing need be done; the difference is shown on the Streams sheet.",
            );
        } else if is_over {
            draft.report(
                format!("The lines of the {name} come to {sum}, which is {by} over the award of {award}."),
                "Correct an allocation or the award: no more can be paid than was awarded.",
            );
        } else {
            draft.report(
                format!("The lines of the {name} come to {sum}, which is {by} short of the award of {award}."),
                "Allocate the rest, or agree with the funder that it is returned.",
            );
        }
    }
}
