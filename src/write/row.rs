//! A finding in words, as the reports that people read tell it.

use crate::finding::{Finding, Place};
use crate::pipeline::Outcome;
use crate::schema::Schema;

/// A finding with its places and partner spelt out.
pub(super) struct FindingRow<'a> {
    /// The finding.
    pub(super) finding: &'a Finding,
    /// The partner's name; empty where no file says it.
    pub(super) partner: &'a str,
    /// The file's path as given.
    pub(super) path: &'a str,
    /// Sheet and cell: `Spend!F12`, or `whole file`.
    pub(super) place: String,
    /// The cells that it compares with.
    pub(super) related: Vec<String>,
}

impl<'a> FindingRow<'a> {
    pub(super) fn new(finding: &'a Finding, outcome: &'a Outcome, schema: &'a Schema) -> Self {
        let missing = finding
            .raw
            .as_deref()
            .filter(|_| finding.place.source.is_none());
        let partner = finding
            .agency
            .as_deref()
            .or(missing)
            .and_then(|code| schema.agency(code))
            .map_or("", |agency| schema.agency_name(agency));
        let related = finding
            .related
            .iter()
            .map(|place| format!("{} {}", path_of(place, outcome), spoken(place)))
            .collect();
        Self {
            finding,
            partner,
            path: path_of(&finding.place, outcome),
            place: spoken(&finding.place),
            related,
        }
    }
}

/// Every finding in words, in the report's order.
pub(super) fn rows<'a>(outcome: &'a Outcome, schema: &'a Schema) -> Vec<FindingRow<'a>> {
    outcome
        .findings
        .iter()
        .map(|finding| FindingRow::new(finding, outcome, schema))
        .collect()
}

fn path_of<'a>(place: &Place, outcome: &'a Outcome) -> &'a str {
    place
        .source
        .and_then(|index| outcome.sources.get(index))
        .map_or("", |source| source.path.as_str())
}

fn spoken(place: &Place) -> String {
    match (place.sheet_name(), place.a1()) {
        (Some(sheet), Some(cell)) => format!("{sheet}!{cell}"),
        (Some(sheet), None) => sheet.to_owned(),
        (None, Some(cell)) => cell,
        (None, None) if place.source.is_none() => "no file".to_owned(),
        (None, None) => "whole file".to_owned(),
    }
}

/// What the run was about, in a heading.
pub(super) fn title(outcome: &Outcome, schema: &Schema) -> String {
    let quarter = outcome
        .options
        .quarter
        .map(|quarter| format!(", {}", quarter.spoken()))
        .unwrap_or_default();
    format!("{}{quarter}", schema.partnership.name)
}
