//! Decisions on whose report counts, taken up where reconciling left it open.

use super::{Action, Outcome, Report};
use crate::schema::Schema;
use crate::source::Source;

/// Takes status, update and value from the agency whose report was decided to count.
pub(super) fn conflict(
    action: &Action,
    outcome: &mut Outcome,
    reports: &[Report],
    sources: &[Source],
    schema: &Schema,
    decided: Option<usize>,
) {
    let Some(agency) = decided else {
        return;
    };
    let decided = action.reports.iter().copied().find(|index| {
        reports
            .get(*index)
            .is_some_and(|report| report.agency == Some(agency))
    });
    let Some((index, view)) =
        decided.and_then(|index| Some((index, reports.get(index)?.at.view(sources, schema)?)))
    else {
        return;
    };
    if let Some(status) = view.choice("status") {
        outcome.status = Some(status);
        outcome.status_from = Some(index);
    }
    if let Some(value) = view.amount("value") {
        outcome.value = Some(value);
        outcome.value_from = Some(index);
    }
}
