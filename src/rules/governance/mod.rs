//! G: information governance.

mod marking_differs;
mod personal_data;

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[&personal_data::RULE, &marking_differs::RULE];
