//! C: single cells.

mod ambiguous_date;
mod bad_pattern;
mod blank_required;
mod formula_error;
mod formula_not_calculated;
mod impossible_date;
mod out_of_range;
mod reference_trap;
mod sub_penny_amount;
mod unknown_choice;
mod unreadable_date;
mod unreadable_number;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &blank_required::RULE,
    &unreadable_number::RULE,
    &unreadable_date::RULE,
    &ambiguous_date::RULE,
    &impossible_date::RULE,
    &unknown_choice::RULE,
    &formula_error::RULE,
    &formula_not_calculated::RULE,
    &bad_pattern::RULE,
    &out_of_range::RULE,
    &reference_trap::RULE,
    &sub_penny_amount::RULE,
];
