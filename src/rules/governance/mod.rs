//! G: information governance.

use super::Rule;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[];
