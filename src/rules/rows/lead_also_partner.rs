//! `R308` **lead-also-partner**: the lead agency is listed again as a partner.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};
use crate::value::Value;
use crate::value::text::{contains_words, fold};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R308"),
    name: "lead-also-partner",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "The lead agency is listed again as a partner.",
    why: "Another agency was probably meant, and it will not be asked.",
    example: "Led by Kent Police, with partners `Kent Police / DAVSS`.",
    fix: "Correct the partners, or the lead.",
    partner: Partner::OfficerOnly,
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    if !row.table.is_plan() {
        return;
    }
    let view = row.view();
    let (Some(cell), Some(lead), Some(Value::Agencies(partners))) = (
        row.cell("partners"),
        view.choice("lead_agency"),
        view.value("partners"),
    ) else {
        return;
    };
    // “All partners” counts the lead in without naming it.
    let schema = row.table.facts.run.schema;
    let folded = fold(&cell.cell.raw_text());
    let has_group = schema
        .agency_groups
        .iter()
        .flat_map(|group| group.words.iter())
        .any(|word| contains_words(&folded, word));
    let is_named = !has_group || schema.agencies_within(&folded).contains_key(&lead);
    if partners.contains(&lead) && is_named {
        sink.cell(&cell).report(
            format!(
                "{} leads {} and is listed among its partners as well.",
                row.table.facts.run.schema.agency_name(lead),
                crate::rules::sink::record_name(&view)
            ),
            "Take it out of the partners, or put in the agency that was meant.",
        );
    }
}
