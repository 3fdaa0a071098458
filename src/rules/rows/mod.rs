//! R: rows of one table.

mod against_the_other_field;
mod complete_without_evidence;
mod duplicate_reference;
mod empty_words_update;
mod lead_also_partner;
mod misfiled_action;
mod missing_lead;
mod no_next_step;
mod overdue_action;
mod row_without_reference;
mod status_contradicts_text;
mod unknown_funding_line;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &against_the_other_field::RULE,
    &duplicate_reference::RULE,
    &row_without_reference::RULE,
    &status_contradicts_text::RULE,
    &overdue_action::RULE,
    &complete_without_evidence::RULE,
    &no_next_step::RULE,
    &empty_words_update::RULE,
    &lead_also_partner::RULE,
    &misfiled_action::RULE,
    &missing_lead::RULE,
    &unknown_funding_line::RULE,
];
