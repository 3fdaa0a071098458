//! The findings beyond a thousand of one code on one file: one more speaks for them all, so that a file of faults is told in a list that
//! somebody can read, and in memory that is bounded.
//!
//! Invariant: nothing that a finding holds is let go of because it is not told by itself.

use std::collections::BTreeMap;

use super::sink::Raised;
use crate::finding::{Code, Decides};
use crate::value::text::counted;

/// So many findings of one code on one file are told one by one.
pub(super) const TOLD_MAX: usize = 1_000;

/// What a stage raised, each code of each file told a thousand times and, where there is more, once more at the next cell for all the
/// rest. That one cannot be accepted, and what the rest hold stays held.
#[must_use]
pub fn bounded(mut found: Vec<Raised>) -> Vec<Raised> {
    let mut groups: BTreeMap<(usize, Code), usize> = BTreeMap::new();
    for raised in &found {
        if let Some(key) = key(raised) {
            *groups.entry(key).or_default() += 1;
        }
    }
    groups.retain(|_, count| *count > TOLD_MAX);
    for group in groups.into_keys() {
        found = with_rest(found, group);
    }
    found
}

/// The file and code of a finding; what is in no file is told one by one.
fn key(raised: &Raised) -> Option<(usize, Code)> {
    let finding = &raised.finding;
    finding.place.source.map(|source| (source, finding.code))
}

fn with_rest(found: Vec<Raised>, group: (usize, Code)) -> Vec<Raised> {
    let (mut own, mut out): (Vec<Raised>, Vec<Raised>) = found
        .into_iter()
        .partition(|raised| key(raised) == Some(group));
    // A sink's own rest stands behind what it told: in the order of the cells, after all that is told by itself.
    own.sort_by(|a, b| {
        (a.finding.rest > 0)
            .cmp(&(b.finding.rest > 0))
            .then_with(|| a.finding.order().cmp(&b.finding.order()))
    });
    let mut beyond = own.split_off(TOLD_MAX.min(own.len())).into_iter();
    out.append(&mut own);
    let first = beyond.next().map(|first| {
        beyond.fold(first, |mut rest, one| {
            if one.finding.order() < rest.finding.order() {
                // The next cell is the first of those that are not told.
                let mut one = one;
                one.take_in(rest);
                return one;
            }
            rest.take_in(one);
            rest
        })
    });
    out.extend(first.map(spoken));
    out
}

/// The one that speaks for the rest.
fn spoken(mut raised: Raised) -> Raised {
    let count = raised.finding.rest.max(1);
    raised.finding.rest = count;
    raised.cell = None;
    let finding = &mut raised.finding;
    finding.decides = Decides::None;
    finding.covers = None;
    finding.related.clear();
    let (count, are) = match count {
        1 => ("One".to_owned(), "is"),
        _ => (counted(count, "", "").trim_end().to_owned(), "are"),
    };
    let beyond = |message: &str| {
        format!(
            "{count} more like the {TOLD_MAX} before {are} in this file, from this cell on, and {are} not told one by one. Of this cell: {message}"
        )
    };
    finding.message = beyond(&finding.message);
    if let Some(message) = finding.told.as_mut().and_then(|told| told.message.as_mut()) {
        *message = beyond(message);
    }
    finding.fix = format!(
        "These can be put right in the file alone; often one cause is behind all of them. {}",
        finding.fix
    );
    raised
}

impl Raised {
    /// Speaks for another finding too.
    pub(super) fn take_in(&mut self, mut other: Self) {
        self.holds.append(&mut other.holds);
        let (own, other) = (&mut self.finding, &other.finding);
        own.rest = own.rest.max(1) + other.rest.max(1);
        own.held = own.held.max(other.held);
        own.would_hold = own.would_hold.max(other.would_hold);
        own.severity = own.severity.max(other.severity);
    }
}
