//! M: returns against the plan.

mod action_not_in_plan;
mod action_not_reported;
mod conflicting_report;
mod cumulative_fell;
mod different_priority_text;
mod history_changed;
mod measure_jump;
mod not_their_action;
mod repeated_update;
mod reworded_action;
mod status_reopened;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &action_not_in_plan::RULE,
    &action_not_reported::RULE,
    &reworded_action::RULE,
    &conflicting_report::RULE,
    &not_their_action::RULE,
    &history_changed::RULE,
    &cumulative_fell::RULE,
    &status_reopened::RULE,
    &repeated_update::RULE,
    &measure_jump::RULE,
    &different_priority_text::RULE,
];
