//! S: whole files, and the label cells that prove what they are.

mod damaged_sheet;
mod file_too_large;
mod misleading_extension;
mod missing_return;
mod no_table_found;
mod passed_over;
mod password_protected;
mod unknown_partner;
mod unknown_quarter;
mod unreadable_file;
mod wrong_quarter;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &unreadable_file::RULE,
    &password_protected::RULE,
    &misleading_extension::RULE,
    &file_too_large::RULE,
    &unknown_partner::RULE,
    &wrong_quarter::RULE,
    &missing_return::RULE,
    &no_table_found::RULE,
    &unknown_quarter::RULE,
    &damaged_sheet::RULE,
    &passed_over::RULE,
];
