//! M: returns against the plan.

mod action_not_in_plan;
mod action_not_reported;
mod conflicting_report;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &action_not_in_plan::RULE,
    &action_not_reported::RULE,
    &conflicting_report::RULE,
];
