//! One file a sheet of the consolidated workbook.

pub(super) mod actions;
pub(super) mod cover;
pub(super) mod decisions;
pub(super) mod findings;
pub(super) mod funding;
pub(super) mod ledger;
pub(super) mod notes;
pub(super) mod returns;
pub(super) mod sources;
pub(super) mod spend;
pub(super) mod streams;
pub(super) mod summary;
pub(super) mod updates;
pub(super) mod virements;
