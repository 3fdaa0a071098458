//! Decisions on which action a reference means and whose report counts, taken up where reconciling left them open.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Consolidation, Outcome, Report};
use crate::decision::Decisions;
use crate::schema::Schema;
use crate::source::Source;

/// Brings reports whose reference the plan does not have to the action that was decided for it.
pub fn references(
    consolidation: &mut Consolidation,
    sources: &[Source],
    schema: &Schema,
    decisions: &Decisions,
) {
    if decisions.all().is_empty() {
        return;
    }
    let by_key: BTreeMap<Arc<str>, usize> = consolidation
        .actions
        .iter()
        .enumerate()
        .rev()
        .map(|(index, action)| (Arc::clone(&action.reference.key), index))
        .collect();
    for (index, report) in consolidation.reports.iter_mut().enumerate() {
        if report.action.is_some() || report.is_held {
            continue;
        }
        let decided = report
            .at
            .view(sources, schema)
            .and_then(|view| view.reference("ref"))
            .and_then(|reference| decisions.action(report.agency, &reference.key))
            .and_then(|key| by_key.get(key))
            .copied();
        let Some(decided) = decided else { continue };
        report.action = Some(decided);
        if let Some(action) = consolidation.actions.get_mut(decided) {
            action.reports.push(index);
        }
    }
    for action in &mut consolidation.actions {
        action.put_lead_first(&consolidation.reports);
    }
}

/// Takes status, update and value from the agency whose report was decided to count.
pub(super) fn conflict(
    action: &Action,
    outcome: &mut Outcome,
    reports: &[Report],
    sources: &[Source],
    schema: &Schema,
    decisions: &Decisions,
) {
    let Some((agency, _)) = decisions.conflict(&action.reference.key) else {
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
