//! H: sheets, headings and layout.

mod amount_outside_table;
mod cell_note;
mod duplicate_column;
mod floating_text;
mod hidden_columns;
mod hidden_rows;
mod merged_fill;
mod missing_column;
mod near_miss_heading;
mod ragged_row;
mod row_not_taken;
mod stray_cell;
mod table_not_read;
mod unclosed_quote;
mod unheaded_text;
mod unknown_column;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &missing_column::RULE,
    &unknown_column::RULE,
    &duplicate_column::RULE,
    &near_miss_heading::RULE,
    &hidden_rows::RULE,
    &hidden_columns::RULE,
    &table_not_read::RULE,
    &cell_note::RULE,
    &merged_fill::RULE,
    &stray_cell::RULE,
    &unheaded_text::RULE,
    &floating_text::RULE,
    &ragged_row::RULE,
    &unclosed_quote::RULE,
    &amount_outside_table::RULE,
    &row_not_taken::RULE,
];
