//! C: single cells.

mod ambiguous_date;
mod bad_format;
mod bad_pattern;
mod blank_required;
mod date_outside_year;
mod formula_error;
mod formula_like_text;
mod formula_not_calculated;
mod impossible_date;
mod out_of_range;
mod placeholder_left;
pub(super) mod reference_trap;
mod status_by_colour;
mod struck_through;
mod sub_penny_amount;
mod text_cut_off;
mod text_too_long;
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
    &date_outside_year::RULE,
    &unknown_choice::RULE,
    &formula_error::RULE,
    &formula_not_calculated::RULE,
    &text_cut_off::RULE,
    &bad_pattern::RULE,
    &out_of_range::RULE,
    &reference_trap::RULE,
    &status_by_colour::RULE,
    &sub_penny_amount::RULE,
    &formula_like_text::RULE,
    &text_too_long::RULE,
    &placeholder_left::RULE,
    &bad_format::RULE,
    &struck_through::RULE,
];
