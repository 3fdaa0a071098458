//! What is known of the quarter before: the plan's own columns first, then what an earlier run of this program wrote.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, RecordRef, records};
use crate::record::{Decoded, View};
use crate::schema::{Role, Schema};
use crate::source::Source;
use crate::value::Value;
use crate::value::period::Quarter;

/// How the State of a row of updates, spend or virements begins where the row is held.
pub const HELD: &str = "Held";

/// Where earlier quarters of an action stand.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Each action's row in last quarter's consolidated workbook.
    previous: BTreeMap<Arc<str>, RecordRef>,
    /// Each agency's own report of last quarter, by the action's key, from a consolidated workbook.
    reports: BTreeMap<(Arc<str>, usize), RecordRef>,
    /// What an earlier run of this quarter took up and wrote into the plan's own Updates sheet, by the action's key, the agency with it.
    earlier: BTreeMap<Arc<str>, Vec<(usize, RecordRef)>>,
}

/// A cell of last quarter.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Its row.
    pub at: RecordRef,
    /// The name of its field.
    pub field: &'static str,
    /// What it holds.
    pub cell: &'a Decoded,
}

/// A status of an earlier quarter after which nothing more is to come: it stands until somebody reports another.
#[derive(Clone, Copy, Debug)]
pub struct Over<'a> {
    /// The quarter's number.
    pub quarter: u8,
    /// The status, as an index into the scheme.
    pub status: usize,
    /// Where it stands.
    pub past: Past<'a>,
}

/// The name of an action's field of a quarter, for the three fields that stand once a quarter.
#[must_use]
pub fn quarter_field(field: &str, quarter: u8) -> &'static str {
    match (field, quarter) {
        ("status", 1) => "q1_status",
        ("status", 2) => "q2_status",
        ("status", 3) => "q3_status",
        ("status", _) => "q4_status",
        ("value", 1) => "q1_value",
        ("value", 2) => "q2_value",
        ("value", 3) => "q3_value",
        ("value", _) => "q4_value",
        (_, 1) => "q1_update",
        (_, 2) => "q2_update",
        (_, 3) => "q3_update",
        (_, _) => "q4_update",
    }
}

/// The quarter before, in the same year: a new year's plan begins without history.
#[must_use]
pub fn before(quarter: Quarter) -> Option<Quarter> {
    (quarter.number > 1).then(|| Quarter {
        number: quarter.number - 1,
        ..quarter
    })
}

impl History {
    /// Finds what earlier runs wrote.
    pub(super) fn gather(sources: &[Source], schema: &Schema, quarter: Option<Quarter>) -> Self {
        let mut out = Self::default();
        for (at, view) in records(sources, schema, Role::Previous, "actions") {
            if let Some(reference) = view.reference("ref") {
                out.previous.entry(Arc::clone(&reference.key)).or_insert(at);
            }
        }
        let Some(quarter) = quarter else {
            return out;
        };
        let last = before(quarter);
        for role in [Role::Plan, Role::Previous] {
            for (at, view) in records(sources, schema, role, "updates") {
                let of: Option<Quarter> = view.text("quarter").and_then(|text| text.parse().ok());
                let (Some(reference), Some(agency)) =
                    (view.reference("ref"), view.choice("agency"))
                else {
                    continue;
                };
                // What was held then was in no figure, and is nothing to compare with.
                if of.is_none() || is_held(at, &view, sources) {
                    continue;
                }
                let key = Arc::clone(&reference.key);
                if of == last {
                    out.reports.entry((key, agency)).or_insert(at);
                } else if of == Some(quarter) && role == Role::Plan {
                    out.earlier.entry(key).or_default().push((agency, at));
                }
            }
        }
        out
    }

    /// Forgets what an agency sent before for this quarter, for it has sent something now.
    pub(super) fn replace(&mut self, is_replaced: impl Fn(usize) -> bool) {
        for rows in self.earlier.values_mut() {
            rows.retain(|(agency, _)| !is_replaced(*agency));
        }
    }

    /// What an earlier run of this quarter took up for an action and nobody has sent anew, in the sheet's order.
    pub fn earlier(&self, action: &Action) -> impl Iterator<Item = (usize, RecordRef)> {
        self.earlier
            .get(&action.reference.key)
            .into_iter()
            .flatten()
            .copied()
    }

    /// An action's row in last quarter's consolidated workbook.
    #[must_use]
    pub fn previous(&self, action: &Action) -> Option<RecordRef> {
        self.previous.get(&action.reference.key).copied()
    }

    /// What is shown for an action in a quarter, where it can be read: the plan's cell, else that of last quarter's consolidated workbook.
    #[must_use]
    pub fn shown<'a>(
        &self,
        action: &Action,
        field: &str,
        quarter: Quarter,
        sources: &'a [Source],
        schema: &'a Schema,
    ) -> Option<Past<'a>> {
        let field = quarter_field(field, quarter.number);
        shown_on(action.at, self.previous(action), field, sources, schema)?.ok()
    }

    /// What made an action Complete or Closed before a quarter, where nothing later opened it again.
    #[must_use]
    pub fn over_before<'a>(
        &self,
        action: &Action,
        quarter: Quarter,
        sources: &'a [Source],
        schema: &'a Schema,
    ) -> Option<Over<'a>> {
        over_before(
            action.at,
            self.previous(action),
            quarter.number,
            sources,
            schema,
        )
    }

    /// What an agency itself reported last quarter, where a consolidated workbook tells.
    #[must_use]
    pub fn reported<'a>(
        &self,
        action: &Action,
        agency: Option<usize>,
        field: &'static str,
        sources: &'a [Source],
        schema: &'a Schema,
    ) -> Option<Past<'a>> {
        let at = *self
            .reports
            .get(&(Arc::clone(&action.reference.key), agency?))?;
        let view: View<'a> = at.view(sources, schema)?;
        let cell = view.cell(field)?;
        cell.value()?;
        Some(Past { at, field, cell })
    }
}

/// The cell of a field on the plan's row, or else on that of last quarter's consolidated workbook: the first that is filled.
///
/// # Errors
/// It cannot be used. A plan's cell is then not made good from elsewhere: somebody has to look at it.
fn shown_on<'a>(
    plan: RecordRef,
    previous: Option<RecordRef>,
    field: &'static str,
    sources: &'a [Source],
    schema: &'a Schema,
) -> Option<Result<Past<'a>, Past<'a>>> {
    let filled = |at: RecordRef| -> Option<Past<'a>> {
        let cell = at.view(sources, schema)?.cell(field)?;
        (!cell.is_empty()).then_some(Past { at, field, cell })
    };
    let past = filled(plan).or_else(|| filled(previous?))?;
    Some(match past.cell.value() {
        Some(_) => Ok(past),
        None => Err(past),
    })
}

/// What made the action of these rows Complete or Closed before a quarter: the latest status of the earlier quarters, if it is one of these.
#[must_use]
pub fn over_before<'a>(
    plan: RecordRef,
    previous: Option<RecordRef>,
    quarter: u8,
    sources: &'a [Source],
    schema: &'a Schema,
) -> Option<Over<'a>> {
    let (number, latest) = (1..quarter).rev().find_map(|number| {
        let field = quarter_field("status", number);
        Some((number, shown_on(plan, previous, field, sources, schema)?))
    })?;
    let past = latest.ok()?;
    match past.cell.value()? {
        Value::Choice(status) if schema.is_over(*status) => Some(Over {
            quarter: number,
            status: *status,
            past,
        }),
        _ => None,
    }
}

/// Whether the run that wrote a row of updates held it.
fn is_held(at: RecordRef, view: &View<'_>, sources: &[Source]) -> bool {
    sources
        .get(at.source)
        .and_then(|source| source.computed(view, "State"))
        .is_some_and(|state| state.to_string().starts_with(HELD))
}
