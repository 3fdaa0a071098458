//! S: whole files, and the label cells that prove what they are.

mod damaged_sheet;
mod duplicate_file;
mod file_too_large;
mod guessed_encoding;
mod hidden_content;
mod macros_present;
mod misleading_extension;
mod missing_return;
mod no_table_found;
mod partner_mismatch;
mod passed_over;
mod password_protected;
mod superseded_return;
mod unknown_partner;
mod unknown_quarter;
mod unreadable_file;
mod wrong_quarter;

use super::{Facts, Rule};
use crate::finding::Code;
use crate::source::Source;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &unreadable_file::RULE,
    &password_protected::RULE,
    &misleading_extension::RULE,
    &file_too_large::RULE,
    &duplicate_file::RULE,
    &superseded_return::RULE,
    &unknown_partner::RULE,
    &wrong_quarter::RULE,
    &missing_return::RULE,
    &guessed_encoding::RULE,
    &macros_present::RULE,
    &hidden_content::RULE,
    &no_table_found::RULE,
    &partner_mismatch::RULE,
    &unknown_quarter::RULE,
    &damaged_sheet::RULE,
    &passed_over::RULE,
];

/// Whether a file is a copy of one before it: whatever is wrong with it is said of the first.
pub(super) fn is_copy(facts: &Facts<'_>, source: &Source) -> bool {
    duplicate_file::original(facts, source).is_some()
}

/// Whether a rule speaks of copies all the same: the one that says that they are copies.
pub(super) fn is_said_of_copies(code: Code) -> bool {
    code == duplicate_file::RULE.code
}
