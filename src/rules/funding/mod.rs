//! F: funding lines, to the penny.

mod accrual_not_reversed;
mod award_not_allocated;
mod before_approval;
mod behind_profile;
mod capital_on_revenue;
mod claim_disagrees;
mod cumulative_as_quarterly;
mod duplicate_claim;
mod forecast_below_spend;
mod forecast_over_allocation;
mod implausible_amount;
mod in_kind_as_cash;
mod ledger_mismatch;
mod line_overspent;
mod not_their_line;
mod outside_period;
mod spend_fell;
mod total_disagrees;
mod unapproved_line;
mod unapproved_virement;
mod underspend_undecided;
mod unexplained_variance;
mod unknown_line;
mod unknown_stream;
mod vat_basis_missing;
mod virement_across_funders;
mod wrong_sign;

use super::sink::Draft;
use super::{CellFacts, FundingFacts, Rule};
use crate::finding::Place;
use crate::funding::{Balance, Claim, Line};
use crate::reconcile::RecordRef;
use crate::schema::{Progress, Stream};
use crate::value::reference::Reference;

/// In the order of their codes.
pub(super) const RULES: &[&Rule] = &[
    &unknown_line::RULE,
    &unapproved_line::RULE,
    &line_overspent::RULE,
    &outside_period::RULE,
    &duplicate_claim::RULE,
    &total_disagrees::RULE,
    &award_not_allocated::RULE,
    &implausible_amount::RULE,
    &wrong_sign::RULE,
    &capital_on_revenue::RULE,
    &vat_basis_missing::RULE,
    &in_kind_as_cash::RULE,
    &unapproved_virement::RULE,
    &cumulative_as_quarterly::RULE,
    &underspend_undecided::RULE,
    &behind_profile::RULE,
    &ledger_mismatch::RULE,
    &not_their_line::RULE,
    &forecast_over_allocation::RULE,
    &claim_disagrees::RULE,
    &forecast_below_spend::RULE,
    &spend_fell::RULE,
    &unexplained_variance::RULE,
    &before_approval::RULE,
    &unknown_stream::RULE,
    &accrual_not_reversed::RULE,
    &virement_across_funders::RULE,
];

/// A field's cell in a row of money.
fn cell<'a>(facts: &FundingFacts<'a>, at: RecordRef, field: &str) -> Option<CellFacts<'a>> {
    facts.row(at)?.cell(field)
}

/// A field's cell in a row of money, if it is filled.
fn filled<'a>(facts: &FundingFacts<'a>, at: RecordRef, field: &str) -> Option<CellFacts<'a>> {
    cell(facts, at, field).filter(|cell| !cell.cell.is_empty())
}

/// A field's cell in the plan, as a place.
fn plan_cell(facts: &FundingFacts<'_>, at: RecordRef, field: &str) -> Option<Place> {
    cell(facts, at, field).map(|cell| cell.place())
}

/// Where a row of money says which line it is on: its code, else its project.
fn line_cell<'a>(facts: &FundingFacts<'a>, at: RecordRef) -> Option<CellFacts<'a>> {
    filled(facts, at, "line")
        .or_else(|| filled(facts, at, "project"))
        .or_else(|| cell(facts, at, "line"))
}

/// Holds the row of this cell.
fn held_whole<'s, 'a>(draft: Draft<'s, 'a>, cell: &CellFacts<'_>) -> Draft<'s, 'a> {
    draft.hold_nothing().hold_row(&cell.row)
}

/// The plan's lines with what they come to.
fn lines<'a>(facts: &FundingFacts<'a>) -> impl Iterator<Item = (usize, &'a Line, &'a Balance)> {
    facts
        .ledger
        .lines
        .iter()
        .zip(&facts.ledger.balances)
        .enumerate()
        .map(|(index, (line, balance))| (index, line, balance))
}

/// The stream of a line.
fn stream<'a>(facts: &FundingFacts<'a>, line: Option<usize>) -> Option<&'a Stream> {
    let stream = facts.ledger.lines.get(line?)?.stream?;
    facts.facts.run.schema.streams.get(stream)
}

/// The quarter, 1 to 4, if one was named.
fn quarter(facts: &FundingFacts<'_>) -> Option<u8> {
    facts.facts.run.quarter.map(|quarter| quarter.number)
}

/// How far the year of a line's stream is by the end of the run's quarter; the partnership's own, where nothing tells the stream.
fn progress(facts: &FundingFacts<'_>, line: &Line) -> Option<Progress> {
    let (quarter, schema) = (facts.facts.run.quarter?, facts.facts.run.schema);
    let stream = line.stream.and_then(|stream| schema.streams.get(stream));
    // A configuration that is not the year's says nothing of its days.
    let stream = stream.filter(|_| quarter.year == schema.year.start.year());
    Some(stream.map_or_else(
        || schema.year.progress(quarter),
        |stream| stream.progress(&schema.year, quarter),
    ))
}

/// A claim's line in the plan, and what the plan has for the quarters before this one.
fn earlier<'a>(
    facts: &FundingFacts<'a>,
    claim: &Claim,
) -> Option<(&'a Line, rust_decimal::Decimal)> {
    let line = facts.ledger.lines.get(claim.line?)?;
    Some((line, line.earlier(quarter(facts)?)?))
}

/// A row that charges a line: itemised spend, or a claim that stands for it.
struct Charge<'a> {
    at: RecordRef,
    agency: Option<usize>,
    line: Option<usize>,
    reference: Option<&'a Reference>,
}

/// The rows that charge a line and are not held: itemised spend, then claims without any.
fn charges<'a>(facts: &FundingFacts<'a>) -> impl Iterator<Item = Charge<'a>> {
    let entries = facts
        .ledger
        .entries
        .iter()
        .filter(|entry| !entry.is_held)
        .map(|e| Charge {
            at: e.at,
            agency: e.agency,
            line: e.line,
            reference: e.reference.as_ref(),
        });
    let claims = facts
        .ledger
        .claims
        .iter()
        .filter(|claim| !claim.is_itemised && !claim.is_held)
        .map(|c| Charge {
            at: c.at,
            agency: c.agency,
            line: c.line,
            reference: c.reference.as_ref(),
        });
    entries.chain(claims)
}
