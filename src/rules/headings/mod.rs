//! H: sheets, headings and layout.

mod duplicate_column;
mod missing_column;
mod near_miss_heading;
mod stray_cell;
mod table_not_read;
mod unknown_column;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &missing_column::RULE,
    &unknown_column::RULE,
    &duplicate_column::RULE,
    &near_miss_heading::RULE,
    &table_not_read::RULE,
    &stray_cell::RULE,
];
