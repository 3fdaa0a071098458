//! F: funding lines, to the penny.

mod line_overspent;
mod outside_period;
mod total_disagrees;
mod unapproved_line;
mod unknown_line;

use super::sink::Draft;
use super::{CellFacts, FundingFacts, Rule};
use crate::finding::Place;
use crate::reconcile::RecordRef;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &unknown_line::RULE,
    &unapproved_line::RULE,
    &line_overspent::RULE,
    &outside_period::RULE,
    &total_disagrees::RULE,
];

/// A field's cell in a row of money.
fn cell<'a>(facts: &FundingFacts<'a>, at: RecordRef, field: &str) -> Option<CellFacts<'a>> {
    facts.row(at)?.cell(field)
}

/// A field's cell in the plan, as a place.
fn plan_cell(facts: &FundingFacts<'_>, at: RecordRef, field: &str) -> Option<Place> {
    cell(facts, at, field).map(|cell| cell.place())
}

/// Holds the row of this cell.
fn held_whole<'s, 'a>(draft: Draft<'s, 'a>, cell: &CellFacts<'_>) -> Draft<'s, 'a> {
    draft.hold_nothing().hold_row(&cell.row)
}
