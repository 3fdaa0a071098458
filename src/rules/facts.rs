//! The read-only views that each kind of rule receives.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::finding::Place;
use crate::funding::Ledger;
use crate::grid::{CellAddress, CellRange};
use crate::publish::Publication;
use crate::reconcile::{
    Action, Consolidation, Over, Past, RecordRef, Report, over_before, records, says_something,
};
use crate::record::{Decoded, Record, Table, View};
use crate::schema::{Field, Role, Schema, Table as TableSchema};
use crate::source::Source;
use crate::value::period::Quarter;
use crate::value::reference::Reference;
use crate::value::text::is_same_prose;

/// What the run was asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The configuration in force.
    pub schema: &'a Schema,
    /// The quarter, if one was named.
    pub quarter: Option<Quarter>,
    /// What today is.
    pub as_of: Date,
    /// Whether returns are merged into a plan, not files checked on their own.
    pub is_merge: bool,
    /// Whether returns were given.
    pub has_returns: bool,
    /// Whether what is made of it is for the public.
    pub is_public: bool,
}

/// Where the actions of the plan and of last quarter's workbook stand, by reference: found once, since holding a row does not move it.
#[derive(Clone, Debug, Default)]
pub struct PlanRows {
    plan: HashMap<Arc<str>, RecordRef>,
    previous: HashMap<Arc<str>, RecordRef>,
}

impl PlanRows {
    /// The first row of each reference in the plan, held or not.
    #[must_use]
    pub fn of(sources: &[Source], schema: &Schema) -> Self {
        let mut out = Self::default();
        for (role, rows) in [
            (Role::Plan, &mut out.plan),
            (Role::Previous, &mut out.previous),
        ] {
            for (at, view) in records(sources, schema, role, "actions") {
                if let Some(reference) = view.reference("ref") {
                    rows.entry(Arc::clone(&reference.key)).or_insert(at);
                }
            }
        }
        out
    }
}

/// Everything read.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the run was asked to do.
    pub run: Run<'a>,
    /// The files.
    pub sources: &'a [Source],
    /// Where the plan's actions stand in them.
    pub plan: &'a PlanRows,
    /// What would be shown to the public, once that is known.
    pub publication: Option<&'a Publication>,
}

impl<'a> Facts<'a> {
    /// The plan's row of an action, held or not.
    #[must_use]
    pub fn plan_action(&'a self, reference: &Reference) -> Option<RowFacts<'a>> {
        row(self, *self.plan.plan.get(&reference.key)?)
    }

    /// What made the plan's action Complete or Closed before the run's quarter.
    #[must_use]
    pub fn over_before(&'a self, reference: &Reference) -> Option<Over<'a>> {
        let quarter = self.run.quarter.filter(|_| self.run.is_merge)?;
        over_before(
            *self.plan.plan.get(&reference.key)?,
            self.plan.previous.get(&reference.key).copied(),
            quarter.number,
            self.sources,
            self.run.schema,
        )
    }
}

/// One file.
#[derive(Clone, Copy, Debug)]
pub struct SourceFacts<'a> {
    /// Everything read.
    pub facts: &'a Facts<'a>,
    /// The file.
    pub source: &'a Source,
}

impl<'a> SourceFacts<'a> {
    /// What identifies cells outside the rows for finding ids: the sheet, the record above them and all that they say.
    #[must_use]
    pub fn outside_key(&self, sheet: usize, range: CellRange) -> String {
        let (_, name) = self.source.sheet(sheet);
        let above = self
            .tables()
            .filter(|table| table.table.layout.sheet == sheet)
            .filter_map(|table| {
                let before = table
                    .table
                    .records
                    .partition_point(|record| record.row <= range.first.row);
                let index = before.checked_sub(1)?;
                table.rows().nth(index)
            })
            .max_by_key(|row| row.record.row)
            .map(|row| row.view().key());
        let mut parts = vec![
            name.as_deref().unwrap_or_default().to_owned(),
            above.unwrap_or_default(),
        ];
        if let Some(sheet) = self
            .source
            .workbook()
            .and_then(|book| book.sheets.get(sheet))
        {
            for (row, cells) in sheet.rows_from(range.first.row) {
                if row > range.last.row {
                    break;
                }
                let own = cells.iter().filter(|cell| range.contains(cell.address));
                parts.extend(own.map(|cell| cell.value.to_string()));
            }
        }
        if parts.len() == 2 {
            // The record holds what a merged region hides.
            parts.extend(self.source.raw(sheet, range.first).map(ToString::to_string));
        }
        parts.join("\u{1f}")
    }

    /// The questions of the file with their answers, each sheet's a table of one row.
    pub fn answers(&self) -> impl Iterator<Item = TableFacts<'a>> + use<'a> {
        let (facts, source) = (self.facts, self.source);
        source.answers.iter().filter_map(move |table| {
            let schema = facts.run.schema.tables.get(table.layout.table)?;
            Some(TableFacts {
                facts,
                source,
                table,
                // No table of the file: nothing of it is held.
                table_index: usize::MAX,
                schema: schema.question_table.as_deref()?,
            })
        })
    }

    /// The file's tables.
    pub fn tables(&self) -> impl Iterator<Item = TableFacts<'a>> + use<'a> {
        let (facts, source) = (self.facts, self.source);
        source
            .tables
            .iter()
            .enumerate()
            .filter_map(move |(table_index, table)| {
                let schema = facts.run.schema.tables.get(table.layout.table)?;
                Some(TableFacts {
                    facts,
                    source,
                    table,
                    table_index,
                    schema,
                })
            })
    }
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct TableFacts<'a> {
    /// Everything read.
    pub facts: &'a Facts<'a>,
    /// The file.
    pub source: &'a Source,
    /// The table.
    pub table: &'a Table,
    /// Its index in the file.
    pub table_index: usize,
    /// Its schema.
    pub schema: &'a TableSchema,
}

impl<'a> TableFacts<'a> {
    /// The records.
    pub fn rows(&self) -> impl Iterator<Item = RowFacts<'a>> + use<'a> {
        let table = *self;
        self.table
            .records
            .iter()
            .enumerate()
            .map(move |(record_index, record)| RowFacts {
                table,
                record,
                record_index,
            })
    }

    /// A cell or range of the table's sheet as a place.
    #[must_use]
    pub fn place(&self, at: impl Into<CellRange>) -> Place {
        self.source.place_at(self.table.layout.sheet, at)
    }

    /// Whether the table is what an earlier run of this program wrote of earlier returns.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.source.layout.is_ours && !self.schema.found_in.contains(&Role::Plan)
    }

    /// Whether the table is in the plan.
    #[must_use]
    pub fn is_plan(&self) -> bool {
        self.source.role == Role::Plan
    }
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct RowFacts<'a> {
    /// Its table.
    pub table: TableFacts<'a>,
    /// The record.
    pub record: &'a Record,
    /// Its index in the table.
    pub record_index: usize,
}

impl<'a> RowFacts<'a> {
    /// The record with its schema.
    #[must_use]
    pub fn view(&self) -> View<'a> {
        View {
            schema: self.table.schema,
            table: self.table.table,
            record: self.record,
        }
    }

    /// The cells that have a field.
    pub fn cells(&self) -> impl Iterator<Item = CellFacts<'a>> + use<'a> {
        let row = *self;
        self.table
            .table
            .layout
            .columns
            .iter()
            .zip(&self.record.cells)
            .filter_map(move |(column, cell)| {
                let field = row.table.schema.fields.get(column.field)?;
                Some(CellFacts {
                    row,
                    field,
                    field_index: column.field,
                    cell,
                    address: row.table.table.cell_address(row.record, column),
                    heading: &column.heading.text,
                })
            })
    }

    /// Whether the csv that the record is from was written so that its values may stand under the wrong headings.
    #[must_use]
    pub fn is_out_of_place(&self) -> bool {
        let layout = &self.table.table.layout;
        layout.open_quote.is_some() || layout.is_ragged(self.record.row)
    }

    /// Whether a row of a copied plan was filled in for the run's quarter; any other return's row is there to say something.
    #[must_use]
    pub fn says_something(&self) -> bool {
        let facts = self.table.facts;
        let (Some(_), Some(quarter)) = (&self.table.source.copied, facts.run.quarter) else {
            return true;
        };
        let view = self.view();
        let plan = view
            .reference("ref")
            .and_then(|reference| facts.plan_action(reference))
            .map(|plan| plan.view());
        says_something(&view, plan.as_ref(), quarter.number)
    }

    /// Whether the record or its table is kept out.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.record.is_held || self.table.table.is_held
    }

    /// The cell of a field, if the table has a column for it.
    #[must_use]
    pub fn cell(&self, name: &str) -> Option<CellFacts<'a>> {
        let field = self.table.schema.field(name)?;
        let position = self.table.table.position(field)?;
        self.cells().nth(position)
    }
}

/// One cell of a record.
#[derive(Clone, Copy, Debug)]
pub struct CellFacts<'a> {
    /// Its record.
    pub row: RowFacts<'a>,
    /// Its field.
    pub field: &'a Field,
    /// The field's index.
    pub field_index: usize,
    /// What it holds.
    pub cell: &'a Decoded,
    /// Where it is.
    pub address: CellAddress,
    /// Its heading.
    pub heading: &'a str,
}

impl CellFacts<'_> {
    /// Whether a return only repeats what the plan's own row says: a fault in it is the plan's.
    #[must_use]
    pub fn repeats_plan(&self) -> bool {
        if !self.field.is_restated {
            return false;
        }
        let Some(reference) = self.row.view().reference("ref") else {
            return false;
        };
        let Some(plan) = self.row.table.facts.plan_action(reference) else {
            return false;
        };
        // As typed: the same value in other words is told by M411.
        plan.cell(&self.field.name)
            .is_some_and(|own| is_same_prose(&own.cell.raw_text(), &self.cell.raw_text()))
    }

    /// The cell as a place.
    #[must_use]
    pub fn place(&self) -> Place {
        self.row.table.place(self.address)
    }
}

/// Reports against the plan.
#[derive(Clone, Copy, Debug)]
pub struct MatchingFacts<'a> {
    /// Everything read.
    pub facts: &'a Facts<'a>,
    /// Actions and their reports.
    pub consolidation: &'a Consolidation,
}

/// Money.
#[derive(Clone, Copy, Debug)]
pub struct FundingFacts<'a> {
    /// Everything read.
    pub facts: &'a Facts<'a>,
    /// Lines, spend and claims.
    pub ledger: &'a Ledger,
    /// The one source that is judged on its own, where it is not the whole run.
    pub only: Option<usize>,
}

/// A record of the run with everything around it.
fn row<'a>(facts: &'a Facts<'a>, at: RecordRef) -> Option<RowFacts<'a>> {
    let source = facts.sources.get(at.source)?;
    let table = source.tables.get(at.table)?;
    let schema = facts.run.schema.tables.get(table.layout.table)?;
    let record = table.records.get(at.record)?;
    Some(RowFacts {
        table: TableFacts {
            facts,
            source,
            table,
            table_index: at.table,
            schema,
        },
        record,
        record_index: at.record,
    })
}

impl<'a> MatchingFacts<'a> {
    /// A record of the run.
    #[must_use]
    pub fn row(&self, at: RecordRef) -> Option<RowFacts<'a>> {
        row(self.facts, at)
    }

    /// The reports that reached an action and are not held, with their index.
    pub fn reports(
        &self,
    ) -> impl Iterator<Item = (usize, &'a Report, &'a Action, RowFacts<'a>)> + use<'a, '_> {
        self.consolidation
            .reports
            .iter()
            .enumerate()
            .filter(|(_, report)| !report.is_held)
            .filter_map(|(index, report)| {
                let action = self.consolidation.actions.get(report.action?)?;
                Some((index, report, action, self.row(report.at)?))
            })
    }

    /// What the plan, or else last quarter's workbook, shows for an action in the quarter before.
    #[must_use]
    pub fn last(&self, action: &Action, field: &str) -> Option<Past<'a>> {
        let last = crate::reconcile::before(self.facts.run.quarter?)?;
        self.consolidation.history.shown(
            action,
            field,
            last,
            self.facts.sources,
            self.facts.run.schema,
        )
    }

    /// What an agency itself reported on an action in the quarter before.
    #[must_use]
    pub fn own_last(
        &self,
        action: &Action,
        report: &Report,
        field: &'static str,
    ) -> Option<Past<'a>> {
        self.consolidation.history.reported(
            action,
            report.agency,
            field,
            self.facts.sources,
            self.facts.run.schema,
        )
    }

    /// Whether a report says anything: a row of a copied plan that was left as it was does not.
    #[must_use]
    pub fn says_something(&self, report: &Report) -> bool {
        self.row(report.at).is_none_or(|row| row.says_something())
    }

    /// Whether a report speaks for its action in a field.
    #[must_use]
    pub fn speaks_for(&self, report: usize, action: &Action, field: &str) -> bool {
        self.consolidation.speaks_for(
            action,
            report,
            field,
            self.facts.sources,
            self.facts.run.schema,
        )
    }

    /// Last quarter's cell that a report's is to be compared with: what was shown, for the report that speaks for the action; else only
    /// what the agency itself reported, for a supporting partner's figure is not the lead's.
    #[must_use]
    pub fn last_of(
        &self,
        index: usize,
        report: &Report,
        action: &Action,
        field: &'static str,
    ) -> Option<Past<'a>> {
        self.speaks_for(index, action, field)
            .then(|| self.last(action, field))
            .flatten()
            .or_else(|| self.own_last(action, report, field))
    }

    /// What made an action Complete or Closed before the run's quarter.
    #[must_use]
    pub fn over_before(&self, action: &Action) -> Option<Over<'a>> {
        self.consolidation.history.over_before(
            action,
            self.facts.run.quarter?,
            self.facts.sources,
            self.facts.run.schema,
        )
    }

    /// A cell of last quarter as a place.
    #[must_use]
    pub fn past_place(&self, past: &Past<'_>) -> Option<Place> {
        self.row(past.at)?.cell(past.field).map(|cell| cell.place())
    }

    /// A field's cell on an action's plan row, as a place.
    #[must_use]
    pub fn plan_place(&self, action: &Action, field: &str) -> Option<Place> {
        self.row(action.at)?.cell(field).map(|cell| cell.place())
    }
}

impl<'a> FundingFacts<'a> {
    /// The sources whose money is judged.
    pub fn sources(&self) -> impl Iterator<Item = &'a Source> + use<'a> {
        let only = self.only;
        self.facts
            .sources
            .iter()
            .filter(move |source| only.is_none_or(|only| source.index == only))
    }

    /// A record of the run.
    #[must_use]
    pub fn row(&self, at: RecordRef) -> Option<RowFacts<'a>> {
        row(self.facts, at)
    }
}
