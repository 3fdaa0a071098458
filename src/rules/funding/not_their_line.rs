//! `F518` **not-their-line**: a line claimed by an agency that does not deliver it.

use super::{charges, line_cell, plan_cell};
use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F518"),
    name: "not-their-line",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A line is claimed by an agency that does not deliver it.",
    why: "The money was granted to another agency; often it is a slip in the line's number.",
    example: "Kent Police claims on the line that DAVSS delivers.",
    fix: "Correct the line, or record in the plan that the agency delivers it too.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Correct the line, or tell us if the line or its delivery is new.",
    }]),
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    for charge in charges(facts) {
        let line = charge.line.and_then(|line| facts.ledger.lines.get(line));
        let Some((line, agency)) = line.zip(charge.agency) else {
            continue;
        };
        let Some(delivery) = line.delivery.filter(|delivery| *delivery != agency) else {
            continue;
        };
        let Some(cell) = line_cell(facts, charge.at) else {
            continue;
        };
        let mut draft = sink.cell(&cell);
        if let Some(place) = plan_cell(facts, line.at, "delivery_agency") {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "{} claims on {}, which {} delivers.",
                schema.agency_name(agency),
                line.reference,
                schema.agency_name(delivery)
            ),
            "Correct the line, or record in the plan that the agency delivers it.",
        );
    }
}
