//! Returns against the plan: which report is on which action, and what the quarter's status, update and value are.
//!
//! Invariant: a report reaches an action by its reference only; likeness proposes, it never merges. Earlier quarters are not touched.

mod alike;
mod copies;
mod decided;
mod history;
mod measure;
mod restated;
mod unasked;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use alike::say_the_same;
pub use copies::{says_something, settle_copies};
pub use history::{HELD, History, Over, Past, before, over_before, quarter_field};
pub use measure::{Measure, Travel};
pub use restated::pass_over_restated;
pub use unasked::pass_over;

use crate::grid::{CellAddress, CellValue};
use crate::record::{Record, Table, View};
use crate::schema::{Role, Schema, Table as TableSchema};
use crate::source::Source;
use crate::value::date::Timescale;
use crate::value::period::Quarter;
use crate::value::reference::Reference;
use crate::value::text::Wording;
use crate::value::{Value, reference};

/// Where a record is in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// The file.
    pub source: usize,
    /// The table in it.
    pub table: usize,
    /// The record in it.
    pub record: usize,
}

impl RecordRef {
    /// The record with its table and schema.
    #[must_use]
    pub fn view<'a>(self, sources: &'a [Source], schema: &'a Schema) -> Option<View<'a>> {
        let table: &Table = sources.get(self.source)?.tables.get(self.table)?;
        let record: &Record = table.records.get(self.record)?;
        let schema: &TableSchema = schema.tables.get(table.layout.table)?;
        Some(View {
            schema,
            table,
            record,
        })
    }
}

/// One action of the plan.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its row in the plan.
    pub at: RecordRef,
    /// Its reference.
    pub reference: Reference,
    /// Its priority.
    pub priority: Option<usize>,
    /// The agency that leads it.
    pub lead: Option<usize>,
    /// The agencies that support it.
    pub partners: Vec<usize>,
    /// The wording, for likeness.
    pub wording: Wording,
    /// When it is due.
    pub due: Option<Date>,
    /// Its reports, the lead's first, then by source and row.
    pub reports: Vec<usize>,
    /// The quarter's outcome, once settled.
    pub outcome: Outcome,
}

impl Action {
    /// Orders the reports: the lead's first, the others by source and row.
    fn put_lead_first(&mut self, reports: &[Report]) {
        let lead = self.lead;
        self.reports.sort_by_key(|index| {
            let is_others = reports
                .get(*index)
                .is_none_or(|report| lead.is_none() || report.agency != lead);
            (is_others, *index)
        });
    }
}

/// What the quarter gives for an action.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The status, as an index into the scheme.
    pub status: Option<usize>,
    /// The update's text.
    pub update: Option<Arc<str>>,
    /// The measured value.
    pub value: Option<Decimal>,
    /// Whether the success measure is met.
    pub measure: Measure,
    /// How the value stands against last quarter's.
    pub travel: Travel,
    /// The status, where it is Complete or Closed of an earlier quarter and nobody has said another since, with that quarter's number.
    pub carried: Option<(u8, usize)>,
    /// The report that gave the status, if one did.
    pub status_from: Option<usize>,
    /// The report that gave the update, if one did.
    pub update_from: Option<usize>,
    /// The report that gave the value, if one did.
    pub value_from: Option<usize>,
}

impl Outcome {
    /// The status that stands: the quarter's own, else the one that is carried forward.
    #[must_use]
    pub fn standing(&self) -> Option<usize> {
        self.status
            .or_else(|| self.carried.map(|(_, status)| status))
    }
}

/// One row of a return's updates.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where it is.
    pub at: RecordRef,
    /// Who sent it.
    pub agency: Option<usize>,
    /// The action it is on.
    pub action: Option<usize>,
    /// Whether its row, table or return is held.
    pub is_held: bool,
    /// The action that its wording most likely means, once somebody asked.
    likeliest: OnceLock<Option<(usize, f64)>>,
}

/// Actions and their reports.
#[derive(Clone, Debug, Default)]
pub struct Consolidation {
    /// The plan's actions in its order, held rows aside.
    pub actions: Vec<Action>,
    /// Every row of updates in the returns.
    pub reports: Vec<Report>,
    /// Keys of references on plan rows that are held.
    pub held_keys: Vec<Arc<str>>,
    /// The plan's rows whose reference is missing or cannot be read: nothing can be matched to them, and their agencies report on them.
    pub unnamed: Vec<Action>,
    /// Earlier quarters.
    pub history: History,
    /// The agency whose report on an action was decided to count, by the action's reference.
    pub decided: BTreeMap<Arc<str>, usize>,
}

impl Consolidation {
    /// The action that a held or unmatched report most likely means, by its wording, with how alike the two are: at least enough to be
    /// proposed. Of two that are equally alike, the one that the reporting agency leads.
    #[must_use]
    pub fn likeliest(
        &self,
        report: &Report,
        sources: &[Source],
        schema: &Schema,
    ) -> Option<(usize, f64)> {
        *report
            .likeliest
            .get_or_init(|| self.look_for_likeliest(report, sources, schema))
    }

    fn look_for_likeliest(
        &self,
        report: &Report,
        sources: &[Source],
        schema: &Schema,
    ) -> Option<(usize, f64)> {
        let view = report.at.view(sources, schema)?;
        let words = Wording::new(
            &view
                .cell("action")
                .map(crate::record::Decoded::raw_text)
                .unwrap_or_default(),
        );
        if words.is_empty() {
            return None;
        }
        // The one that shares most words first: once it is found, nearly all others are told apart without being compared.
        let first = self
            .actions
            .iter()
            .enumerate()
            .max_by_key(|(index, action)| (words.shared_words(&action.wording), Reverse(*index)))
            .map(|(index, _)| index);
        let others = (0..self.actions.len()).filter(|index| Some(*index) != first);
        let mut best: Option<(usize, f64, bool)> = None;
        for index in first.into_iter().chain(others) {
            let Some(action) = self.actions.get(index) else {
                continue;
            };
            let least = best.map_or(PROPOSAL_LIKENESS, |(_, most, _)| most);
            let Some(alike) = words.likeness_from(&action.wording, least) else {
                continue;
            };
            let is_theirs = action.lead.is_some() && action.lead == report.agency;
            let is_better = best.is_none_or(|(at, most, was_theirs)| {
                let order =
                    |alike: f64, is_theirs: bool, at: usize| (alike, is_theirs, Reverse(at));
                order(alike, is_theirs, index) > order(most, was_theirs, at)
            });
            if is_better {
                best = Some((index, alike, is_theirs));
            }
        }
        best.map(|(index, alike, _)| (index, alike))
    }

    /// Whether a report speaks for its action in a field: the lead's does, else the first that says anything there.
    ///
    /// What another partner says beside it is compared with it, not with last quarter.
    #[must_use]
    pub fn speaks_for(
        &self,
        action: &Action,
        report: usize,
        field: &str,
        sources: &[Source],
        schema: &Schema,
    ) -> bool {
        // The lead's reports stand first.
        let speaker = action.reports.iter().copied().find(|index| {
            self.reports
                .get(*index)
                .and_then(|report| report.at.view(sources, schema))
                .is_some_and(|view| view.value(field).is_some())
        });
        speaker == Some(report)
    }
}

/// How alike two wordings must be for one to be proposed for the other.
pub const PROPOSAL_LIKENESS: f64 = 0.75;

/// How alike two wordings must be to be the same words with a slip of the pen.
pub const SAME_WORDING_LIKENESS: f64 = 0.92;

/// Matches every report to its action by reference.
#[must_use]
pub fn matched(sources: &[Source], schema: &Schema, quarter: Option<Quarter>) -> Consolidation {
    let mut out = Consolidation {
        history: History::gather(sources, schema, quarter),
        ..Consolidation::default()
    };
    let mut by_key: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for (at, view) in records(sources, schema, Role::Plan, "actions") {
        let Some(reference) = view.reference("ref") else {
            out.unnamed
                .push(action(at, &view, &Reference::new(""), schema));
            continue;
        };
        if view.record.is_held || view.table.is_held {
            out.held_keys.push(Arc::clone(&reference.key));
            // `1.10` kept as the number 1.1 is held, and its agency reports on 1.10.
            if view
                .cell("ref")
                .is_some_and(|cell| matches!(cell.raw, Some(CellValue::Number(_))))
            {
                out.unnamed.push(action(at, &view, reference, schema));
            }
            continue;
        }
        by_key
            .entry(Arc::clone(&reference.key))
            .or_insert(out.actions.len());
        out.actions.push(action(at, &view, reference, schema));
    }
    for (at, view) in records(sources, schema, Role::Return, "updates") {
        let Some(source) = sources.get(at.source) else {
            continue;
        };
        let key = view.reference("ref").map(|r| Arc::clone(&r.key));
        let action = key.as_ref().and_then(|key| by_key.get(key)).copied();
        let is_held = source.is_out() || view.table.is_held || view.record.is_held;
        out.reports.push(Report {
            at,
            agency: source.statement.agency,
            action,
            is_held,
            likeliest: OnceLock::new(),
        });
    }
    for (index, report) in out.reports.iter().enumerate() {
        if let Some(action) = report
            .action
            .filter(|_| !report.is_held)
            .and_then(|action| out.actions.get_mut(action))
        {
            action.reports.push(index);
        }
    }
    out.reports.shrink_to_fit();
    for action in &mut out.actions {
        action.put_lead_first(&out.reports);
    }
    let senders: BTreeSet<usize> = out.reports.iter().filter_map(|r| r.agency).collect();
    out.history.replace(|agency| senders.contains(&agency));
    out
}

/// Takes out of the matching what was held since, and settles each action's status, update and value.
pub fn settle(
    consolidation: &mut Consolidation,
    sources: &[Source],
    schema: &Schema,
    quarter: Option<Quarter>,
) {
    for report in &mut consolidation.reports {
        let is_held = report
            .at
            .view(sources, schema)
            .is_none_or(|view| view.record.is_held || view.table.is_held);
        report.is_held = is_held || sources.get(report.at.source).is_none_or(Source::is_out);
    }
    let reports = &consolidation.reports;
    // A status that was sent and is kept out leaves open what stands.
    let said: BTreeSet<usize> = reports
        .iter()
        .filter(|report| says_status(report, sources, schema))
        .filter_map(|report| report.action)
        .collect();
    for (index, action) in consolidation.actions.iter_mut().enumerate() {
        action
            .reports
            .retain(|index| reports.get(*index).is_some_and(|report| !report.is_held));
        let mut found = outcome(action, reports, sources, schema, quarter);
        if !action.reports.is_empty() {
            let earlier: Vec<_> = consolidation.history.earlier(action).collect();
            beside_earlier(&mut found, action, reports, &earlier, sources, schema);
        }
        let decided = consolidation.decided.get(&action.reference.key).copied();
        decided::conflict(action, &mut found, reports, sources, schema, decided);
        if found.status.is_none() && !said.contains(&index) {
            let over = quarter.and_then(|quarter| {
                let history = &consolidation.history;
                history.over_before(action, quarter, sources, schema)
            });
            found.carried = over.map(|over| (over.quarter, over.status));
        }
        if let (Some(plan), Some(quarter)) = (action.at.view(sources, schema), quarter) {
            found.measure = measure::judge(&plan, found.value, &schema.measures, quarter.number);
        }
        action.outcome = found;
        action.outcome.travel = quarter.map_or(Travel::NotJudged, |quarter| {
            let past = |quarter: Quarter| {
                let shown = consolidation
                    .history
                    .shown(action, "value", quarter, sources, schema)?;
                crate::record::amount_of(shown.cell.value()?)
            };
            measure::travel(action, quarter, &past, sources, schema)
        });
    }
}

/// Whether a report has something in its status cell, held or not.
fn says_status(report: &Report, sources: &[Source], schema: &Schema) -> bool {
    report
        .at
        .view(sources, schema)
        .and_then(|view| view.cell("status"))
        .is_some_and(|cell| !cell.is_empty())
}

/// The status that an action's reports give, and the report that gives it: the worst, the lead's where several say the same.
#[must_use]
pub fn shown_status(
    action: &Action,
    reports: &[Report],
    sources: &[Source],
    schema: &Schema,
) -> Option<(usize, usize)> {
    let mut worst: Option<(usize, usize)> = None;
    for index in &action.reports {
        let status = reports
            .get(*index)
            .and_then(|report| report.at.view(sources, schema))
            .and_then(|view| view.choice("status"));
        if let Some(status) = status
            && worst.is_none_or(|(other, _)| status > other)
        {
            worst = Some((status, *index));
        }
    }
    worst
}

fn outcome(
    action: &Action,
    reports: &[Report],
    sources: &[Source],
    schema: &Schema,
    quarter: Option<Quarter>,
) -> Outcome {
    let mut out = Outcome::default();
    let views: Vec<(usize, View<'_>, bool)> = action
        .reports
        .iter()
        .filter_map(|index| {
            let report = reports.get(*index)?;
            Some((
                *index,
                report.at.view(sources, schema)?,
                action.lead.is_some() && report.agency == action.lead,
            ))
        })
        .collect();
    if let Some((status, report)) = shown_status(action, reports, sources, schema) {
        out.status = Some(status);
        out.status_from = Some(report);
    }
    for (index, view, _) in &views {
        if out.update.is_none()
            && let Some(Value::Text(text)) = view.value("update")
        {
            out.update = Some(Arc::clone(text));
            out.update_from = Some(*index);
        }
    }
    let values: Vec<(usize, Decimal, bool)> = views
        .iter()
        .filter_map(|(index, view, is_lead)| Some((*index, view.amount("value")?, *is_lead)))
        .collect();
    if schema.measures.adds_up(&action.reference.key) {
        out.value_from = values.first().map(|(index, _, _)| *index);
        out.value = out
            .value_from
            .map(|_| values.iter().map(|(_, value, _)| *value).sum());
    } else {
        let agreed = values
            .first()
            .filter(|first| values.iter().all(|other| other.1 == first.1));
        if let Some((index, value, _)) = values.iter().find(|(_, _, is_lead)| *is_lead).or(agreed) {
            out.value = Some(*value);
            out.value_from = Some(*index);
        }
    }
    if let (Some(quarter), Some(plan)) = (quarter, action.at.view(sources, schema)) {
        // What was reported and is kept out is not made good with what the plan had before: that would look like the report.
        let is_reported = |field: &str| {
            views
                .iter()
                .any(|(_, view, _)| view.cell(field).is_some_and(|cell| !cell.is_empty()))
        };
        let field = |name: &str| quarter_field(name, quarter.number);
        if !is_reported("status") {
            out.status = plan.choice(field("status"));
        }
        if !is_reported("update") {
            out.update = plan.text(field("update")).map(Arc::from);
        }
        if !is_reported("value") {
            out.value = plan.amount(field("value"));
        }
    }
    out
}

/// A late return is merged into what an earlier run of the quarter made: reports that stand there count as if they were sent with it.
fn beside_earlier(
    out: &mut Outcome,
    action: &Action,
    reports: &[Report],
    earlier: &[(usize, RecordRef)],
    sources: &[Source],
    schema: &Schema,
) {
    let views: Vec<(View<'_>, bool)> = earlier
        .iter()
        .filter_map(|(agency, at)| Some((at.view(sources, schema)?, action.lead == Some(*agency))))
        .collect();
    // The worst status of all.
    if let Some(worst) = views
        .iter()
        .filter_map(|(view, _)| view.choice("status"))
        .max()
        && out.status_from.is_some()
        && out.status.is_some_and(|status| worst > status)
    {
        out.status = Some(worst);
        out.status_from = None;
    }
    let is_leads = |report: Option<usize>| {
        report
            .and_then(|index| reports.get(index))
            .is_some_and(|report| action.lead.is_some() && report.agency == action.lead)
    };
    let of_lead = || {
        views
            .iter()
            .find(|(_, is_lead)| *is_lead)
            .map(|(view, _)| view)
    };
    if let Some(text) = of_lead().and_then(|view| view.text("update"))
        && out.update_from.is_some()
        && !is_leads(out.update_from)
    {
        out.update = Some(Arc::from(text));
        out.update_from = None;
    }
    if out.value_from.is_none() {
        return;
    }
    if schema.measures.adds_up(&action.reference.key) {
        let others = views.iter().filter_map(|(view, _)| view.amount("value"));
        out.value = out.value.map(|own| own + others.sum::<Decimal>());
        return;
    }
    match of_lead().and_then(|view| view.amount("value")) {
        Some(value) if !is_leads(out.value_from) => {
            out.value = Some(value);
            out.value_from = None;
        }
        None if !is_leads(out.value_from) => {
            // Supporting partners alone: they agree, or none is used.
            let mut others = views.iter().filter_map(|(view, _)| view.amount("value"));
            if others.any(|other| Some(other) != out.value) {
                out.value = None;
                out.value_from = None;
            }
        }
        Some(_) | None => {}
    }
}

/// The records of a table in the files of a role.
pub fn records<'a>(
    sources: &'a [Source],
    schema: &'a Schema,
    role: Role,
    table: &'a str,
) -> impl Iterator<Item = (RecordRef, View<'a>)> {
    sources
        .iter()
        .filter(move |source| source.role == role)
        .flat_map(move |source| {
            source
                .tables
                .iter()
                .enumerate()
                .flat_map(move |(table_index, found)| {
                    let schema = schema
                        .tables
                        .get(found.layout.table)
                        .filter(|schema| schema.name == table);
                    schema.into_iter().flat_map(move |schema| {
                        found
                            .records
                            .iter()
                            .enumerate()
                            .map(move |(record_index, record)| {
                                (
                                    RecordRef {
                                        source: source.index,
                                        table: table_index,
                                        record: record_index,
                                    },
                                    View {
                                        schema,
                                        table: found,
                                        record,
                                    },
                                )
                            })
                    })
                })
        })
}

fn action(at: RecordRef, view: &View<'_>, reference: &Reference, schema: &Schema) -> Action {
    let partners = match view.value("partners") {
        Some(Value::Agencies(agencies)) => agencies.to_vec(),
        Some(
            Value::Text(_)
            | Value::Reference(_)
            | Value::References(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Timescale(_)
            | Value::Choice(_),
        )
        | None => Vec::new(),
    };
    Action {
        at,
        reference: reference.clone(),
        priority: priority(view, reference, schema),
        lead: view.choice("lead_agency"),
        partners,
        wording: Wording::new(view.text("action").unwrap_or_default()),
        due: due(view),
        reports: Vec::new(),
        outcome: Outcome::default(),
    }
}

/// A row's deadline, if it has one.
#[must_use]
pub fn due(view: &View<'_>) -> Option<Date> {
    match view.value("due") {
        Some(Value::Timescale(Timescale::By(day)) | Value::Date(day)) => Some(*day),
        Some(
            Value::Timescale(Timescale::Continuous)
            | Value::Text(_)
            | Value::Reference(_)
            | Value::References(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Choice(_)
            | Value::Agencies(_),
        )
        | None => None,
    }
}

/// A row's priority: its own column, else the banner above it, else its sheet, else the reference's prefix.
#[must_use]
pub fn priority(view: &View<'_>, reference: &Reference, schema: &Schema) -> Option<usize> {
    view.choice("priority")
        .or(view.record.priority)
        .or(view.table.layout.priority)
        .or_else(|| priority_of_prefix(reference, schema))
}

/// The priority whose references begin with these letters.
#[must_use]
pub fn priority_of_prefix(reference: &Reference, schema: &Schema) -> Option<usize> {
    let prefix = reference.prefix();
    schema.priorities.iter().position(|p| {
        let own = reference::key(&p.prefix);
        // Letters are compared as a whole. A prefix with a figure in it (`1.`) goes before the action's number.
        let is_before_number = || {
            let rest = reference.key.strip_prefix(own.as_str());
            rest.and_then(|rest| rest.chars().next())
                .is_some_and(|next| {
                    if own.ends_with(|last: char| last.is_ascii_digit()) {
                        matches!(next, '.' | '-')
                    } else {
                        next.is_ascii_digit()
                    }
                })
        };
        own == prefix || own.contains(|c: char| c.is_ascii_digit()) && is_before_number()
    })
}

/// The address of a field on an action's plan row.
#[must_use]
pub fn plan_address(
    action: &Action,
    sources: &[Source],
    schema: &Schema,
    field: &str,
) -> Option<CellAddress> {
    action.at.view(sources, schema)?.address(field)
}
