//! R: rows of one table.

mod duplicate_reference;
mod missing_lead;
mod row_without_reference;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &duplicate_reference::RULE,
    &row_without_reference::RULE,
    &missing_lead::RULE,
];
