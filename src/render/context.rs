//! What the sheets ask of a run again and again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Cell, Column, ColumnKind, Look, Target, Value};
use crate::finding::{Finding, Hold, Severity};
use crate::grid::{CellAddress, CellValue, Shown};
use crate::layout::Heading;
use crate::pipeline::Outcome;
use crate::reconcile::RecordRef;
use crate::record::{Decoded, State, Table, View};
use crate::schema::{Field, FieldKind, Role, Schema};
use crate::source::Source;
use crate::value::text::{caseless, visible};
use crate::value::{self, Decimal};

/// A run with its configuration, and where its inputs are as seen from the output.
#[derive(Debug)]
pub struct Context<'a> {
    /// What the run gave.
    pub outcome: &'a Outcome,
    /// The configuration in force.
    pub schema: &'a Schema,
    /// Each source's path from the output's folder, for links.
    pub links: &'a [String],
    rows: BTreeMap<(usize, usize, u32), Vec<usize>>,
    wider: Wider,
    counts: BTreeMap<(usize, Severity), usize>,
    answered: BTreeMap<(usize, usize, u32), Vec<usize>>,
    words: Words,
}

/// Cells that stand in row after row, made once.
#[derive(Debug)]
struct Words {
    quarter: Cell,
    agencies: Vec<Cell>,
    statuses: Vec<Cell>,
}

impl Words {
    fn new(outcome: &Outcome, schema: &Schema) -> Self {
        let quarter = outcome.options.quarter;
        let names = (0..schema.agencies.len()).map(|agency| Cell::text(schema.agency_name(agency)));
        let statuses = schema.statuses.iter();
        Self {
            quarter: Cell::text(quarter.map(|q| q.to_string()).unwrap_or_default()),
            agencies: names.collect(),
            statuses: statuses
                .map(|status| Cell::text(&status.label).look(Look::Status(status.fill)))
                .collect(),
        }
    }
}

/// The first finding that holds more than its own row, by what it holds: looked up for every held row.
#[derive(Debug, Default)]
struct Wider {
    /// A file, on itself.
    own: BTreeMap<usize, usize>,
    /// A file, on the one that stands against it.
    against: BTreeMap<usize, usize>,
    /// A table or column of a sheet.
    sheets: BTreeMap<(usize, usize), usize>,
    /// A row that another one of the file is compared with.
    partners: BTreeMap<(usize, u32), usize>,
    /// Rows of a file beyond those that are told one by one.
    rests: BTreeMap<usize, usize>,
}

impl Wider {
    fn add(&mut self, index: usize, finding: &Finding) {
        let related = &finding.related;
        let own = finding.place.source;
        if let Some(source) = own.filter(|_| finding.rest > 0 && finding.held != Hold::None) {
            self.rests.entry(source).or_insert(index);
        }
        match finding.held {
            Hold::Return => {
                if let Some(source) = own {
                    self.own.entry(source).or_insert(index);
                }
                for source in related.iter().filter_map(|place| place.source) {
                    self.against.entry(source).or_insert(index);
                }
            }
            Hold::Table | Hold::Column => {
                if let (Some(source), Some((sheet, _))) = (own, &finding.place.sheet) {
                    self.sheets.entry((source, *sheet)).or_insert(index);
                }
            }
            Hold::Row => {
                for range in related.iter().filter_map(|place| place.range) {
                    if let Some(source) = own {
                        let partner = (source, range.first.row);
                        self.partners.entry(partner).or_insert(index);
                    }
                }
            }
            Hold::Value | Hold::None => {}
        }
    }
}

impl<'a> Context<'a> {
    /// Prepares a run for rendering.
    #[must_use]
    pub fn new(outcome: &'a Outcome, schema: &'a Schema, links: &'a [String]) -> Self {
        let mut rows: BTreeMap<(usize, usize, u32), Vec<usize>> = BTreeMap::new();
        let mut wider = Wider::default();
        let mut counts: BTreeMap<(usize, Severity), usize> = BTreeMap::new();
        for (index, finding) in outcome.findings.iter().enumerate() {
            wider.add(index, finding);
            let place = &finding.place;
            if let Some(source) = place.source {
                *counts.entry((source, finding.severity)).or_default() += 1;
            }
            let (Some(source), Some((sheet, _)), Some(range)) =
                (place.source, &place.sheet, place.range)
            else {
                continue;
            };
            rows.entry((source, *sheet, range.first.row))
                .or_default()
                .push(index);
        }
        let mut answered: BTreeMap<(usize, usize, u32), Vec<usize>> = BTreeMap::new();
        for (index, (finding, _)) in outcome.settled.answered.iter().enumerate() {
            let place = &finding.place;
            if let (Some(source), Some((sheet, _)), Some(range)) =
                (place.source, &place.sheet, place.range)
            {
                let row = (source, *sheet, range.first.row);
                answered.entry(row).or_default().push(index);
            }
        }
        Self {
            outcome,
            schema,
            links,
            rows,
            wider,
            counts,
            answered,
            words: Words::new(outcome, schema),
        }
    }

    /// How many findings of a severity a file has.
    #[must_use]
    pub fn count(&self, source: usize, severity: Severity) -> usize {
        self.counts
            .get(&(source, severity))
            .copied()
            .unwrap_or_default()
    }

    /// Some fields of a table, in this order; those that it does not have are left out.
    #[must_use]
    pub fn fields(&self, table: &str, names: &[&str]) -> Vec<&'a Field> {
        let Some((_, table)) = self.schema.table(table) else {
            return Vec::new();
        };
        names
            .iter()
            .filter_map(|name| table.fields.get(table.field(name)?))
            .collect()
    }

    /// The fields of a table that the program does not know by name: they are carried.
    #[must_use]
    pub fn declared(&self, table: &str) -> Vec<&'a Field> {
        let Some((_, table)) = self.schema.table(table) else {
            return Vec::new();
        };
        table
            .fields
            .iter()
            .filter(|field| field.is_declared)
            .collect()
    }

    /// A declared field's column.
    pub(super) fn declared_column(&self, field: &Field) -> Column {
        super::sheets::actions::column(field, self)
    }

    /// A row's cell of a declared field.
    pub(super) fn declared_cell(&self, view: &View<'_>, field: &Field) -> Cell {
        view.cell(&field.name).map_or_else(Cell::blank, |cell| {
            self.cell(cell, field.kind, &field.choices)
        })
    }

    /// The run's quarter, for people.
    #[must_use]
    pub fn quarter_spoken(&self) -> String {
        self.outcome
            .options
            .quarter
            .map(value::period::Quarter::spoken)
            .unwrap_or_default()
    }

    /// The run's quarter, 1 to 4.
    #[must_use]
    pub fn quarter_number(&self) -> u8 {
        self.outcome
            .options
            .quarter
            .map_or(1, |quarter| quarter.number)
    }

    /// The day by which the run's returns are due.
    #[must_use]
    pub fn deadline(&self) -> Option<jiff::civil::Date> {
        self.outcome
            .options
            .quarter
            .and_then(|quarter| self.schema.year.deadline(quarter))
    }

    /// Why a return is out as a whole: the finding that holds it.
    #[must_use]
    pub fn why_out(&self, source: &Source) -> Option<&'a Finding> {
        if !source.is_out() {
            return None;
        }
        let index = self
            .wider
            .own
            .get(&source.index)
            .or_else(|| self.wider.against.get(&source.index))?;
        self.outcome.findings.get(*index)
    }

    /// An agency's full name.
    #[must_use]
    pub fn agency(&self, agency: Option<usize>) -> &'a str {
        agency.map_or("", |agency| self.schema.agency_name(agency))
    }

    /// An agency's full name, as a cell.
    #[must_use]
    pub fn agency_cell(&self, agency: Option<usize>) -> Cell {
        let cell = agency.and_then(|agency| self.words.agencies.get(agency));
        cell.cloned().unwrap_or_else(Cell::blank)
    }

    /// The run's quarter as the configuration spells it, as a cell.
    #[must_use]
    pub fn quarter_cell(&self) -> Cell {
        self.words.quarter.clone()
    }

    /// A priority's code and short name.
    #[must_use]
    pub fn priority(&self, priority: Option<usize>) -> String {
        priority
            .and_then(|index| self.schema.priorities.get(index))
            .map(|p| format!("{} {}", p.code, p.short_name))
            .unwrap_or_default()
    }

    /// A status as its word in its colour.
    #[must_use]
    pub fn status(&self, status: Option<usize>) -> Cell {
        let cell = status.and_then(|index| self.words.statuses.get(index));
        cell.cloned().unwrap_or_else(Cell::blank)
    }

    /// The findings on a row of an input.
    pub fn findings_on(
        &self,
        source: usize,
        sheet: usize,
        row: u32,
    ) -> impl Iterator<Item = &'a Finding> + use<'a, '_> {
        self.rows
            .get(&(source, sheet, row))
            .into_iter()
            .flatten()
            .filter_map(|index| self.outcome.findings.get(*index))
    }

    /// Why a record's file was set aside: sent twice, or replaced by a newer one.
    #[must_use]
    pub fn why_set_aside(&self, at: RecordRef) -> String {
        let why = self
            .outcome
            .sources
            .get(at.source)
            .and_then(|source| self.why_out(source));
        why.map_or_else(
            || "Set aside".to_owned(),
            |finding| format!("Set aside: {}", name(finding)),
        )
    }

    /// What of a record was let in by a decision: as it stood, or with what somebody answered.
    #[must_use]
    pub fn let_in(&self, at: RecordRef) -> Vec<String> {
        let Some(view) = at.view(&self.outcome.sources, self.schema) else {
            return Vec::new();
        };
        let sheet = view.table.layout.sheet;
        let mut out: Vec<String> = self
            .findings_on(at.source, sheet, view.record.row)
            .filter(|f| f.accepted.is_some() && f.held == Hold::None && f.would_hold != Hold::None)
            .map(|f| format!("accepted: {}", name(f)))
            .collect();
        let row = (at.source, sheet, view.record.row);
        let answered = self.answered.get(&row).into_iter().flatten();
        let settled: Vec<String> = answered
            .filter_map(|index| self.outcome.settled.answered.get(*index))
            .map(|(finding, _)| format!("settled: {}", name(finding)))
            .collect();
        if settled.is_empty() && view.record.cells.iter().any(Decoded::is_decided) {
            out.push("settled: read as decided".to_owned());
        }
        out.extend(settled);
        out
    }

    /// Why a record is kept out, or what in it is: the codes and names of the findings that hold something.
    #[must_use]
    pub fn why_held(&self, at: RecordRef) -> String {
        let Some(view) = at.view(&self.outcome.sources, self.schema) else {
            return String::new();
        };
        let sheet = view.table.layout.sheet;
        let said: Vec<String> = self
            .findings_on(at.source, sheet, view.record.row)
            .filter(|f| f.held != Hold::None)
            .map(name)
            .collect();
        if !said.is_empty() {
            return said.join("; ");
        }
        // Held with its file, its table, its column or its partner row.
        if let Some(finding) = self
            .outcome
            .sources
            .get(at.source)
            .and_then(|source| self.why_out(source))
        {
            return name(finding);
        }
        let of_sheet = self.wider.sheets.get(&(at.source, sheet));
        let of_partner = self.wider.partners.get(&(at.source, view.record.row));
        let wider = of_sheet
            .into_iter()
            .chain(of_partner)
            .min()
            .or_else(|| self.wider.rests.get(&at.source))
            .and_then(|index| self.outcome.findings.get(*index));
        wider.map(name).unwrap_or_default()
    }

    /// A plan cell as the workbook writes it: listed values by their word, the rest as found.
    #[must_use]
    pub fn cell(
        &self,
        decoded: &Decoded,
        kind: FieldKind,
        choices: &[crate::schema::Choice],
    ) -> Cell {
        let look = if decoded.is_held() {
            Look::Held
        } else {
            Look::Plain
        };
        let cell = match &decoded.state {
            State::Blank => Cell::blank(),
            State::Missing | State::Placeholder | State::Fault(_) => as_found(decoded.raw.as_ref()),
            State::Value(value) if decoded.is_decided() && self.decided(value).is_some() => {
                Cell::text(self.decided(value).unwrap_or_default())
            }
            State::Value(value) => match value {
                value::Value::Choice(index) => match kind {
                    FieldKind::Status => {
                        return if decoded.is_held() {
                            as_found(decoded.raw.as_ref()).look(look)
                        } else {
                            self.status(Some(*index))
                        };
                    }
                    FieldKind::Agency => self.agency_cell(Some(*index)),
                    FieldKind::Priority => Cell::text(self.priority(Some(*index))),
                    FieldKind::Choice => {
                        Cell::text(choices.get(*index).map_or("", |choice| &choice.label))
                    }
                    FieldKind::Text
                    | FieldKind::Reference
                    | FieldKind::Line
                    | FieldKind::Lines
                    | FieldKind::Money
                    | FieldKind::Number
                    | FieldKind::Date
                    | FieldKind::Timescale
                    | FieldKind::Agencies
                    | FieldKind::Email
                    | FieldKind::Postcode => as_found(decoded.raw.as_ref()),
                },
                value::Value::Money(amount) => Cell::money(*amount),
                value::Value::Number(number) => Cell::measure(*number, decoded.is_percentage()),
                value::Value::Date(day) => Cell::date(Some(*day)),
                // `Q2` or `by the end of March` stays as the officer wrote it.
                value::Value::Timescale(_)
                | value::Value::Text(_)
                | value::Value::Reference(_)
                | value::Value::References(_)
                | value::Value::Agencies(_) => as_found(decoded.raw.as_ref()),
            },
        };
        if cell.look == Look::Plain {
            cell.look(look)
        } else {
            cell
        }
    }

    /// A value that somebody decided, where a cell otherwise shows what was typed.
    fn decided(&self, value: &value::Value) -> Option<String> {
        match value {
            value::Value::Text(text) => Some(text.to_string()),
            value::Value::Reference(reference) => Some(reference.to_string()),
            value::Value::Agencies(agencies) => {
                let names = agencies
                    .iter()
                    .map(|agency| self.schema.agency_name(*agency));
                Some(names.collect::<Vec<_>>().join("; "))
            }
            value::Value::Timescale(value::date::Timescale::By(day)) => {
                Some(value::date::long(*day))
            }
            value::Value::Timescale(value::date::Timescale::Continuous)
            | value::Value::References(_)
            | value::Value::Money(_)
            | value::Value::Number(_)
            | value::Value::Date(_)
            | value::Value::Choice(_) => None,
        }
    }

    /// Adds columns for headings of the plan that no field knows: what an officer wrote is kept, though nothing uses it.
    pub(super) fn extra(&self, table: &str, columns: &mut Vec<Column>) -> Extra<'a> {
        let mut headings: Vec<(Unknown, String)> = Vec::new();
        let mut seen: HashSet<Unknown> = HashSet::new();
        for source in self
            .outcome
            .sources
            .iter()
            .filter(|source| source.role == Role::Plan)
        {
            for table in source.tables_named(self.schema, table) {
                for (unknown, heading) in unknown_headings(table) {
                    if seen.insert(unknown.clone()) {
                        headings.push((unknown, visible(&heading.text)));
                    }
                }
            }
        }
        let mut taken: HashSet<String> = columns
            .iter()
            .map(|column| caseless(&column.heading))
            .collect();
        for (_, heading) in &headings {
            // An Excel table has no two headings alike, and `Variance` may be the officer's as well as ours.
            let mut title = heading.clone();
            while !taken.insert(caseless(&title)) {
                title.push_str(" (plan)");
            }
            columns.push(Column::new(title, 24, ColumnKind::Prose));
        }
        let headings = headings.into_iter().map(|(unknown, _)| unknown).collect();
        Extra {
            outcome: self.outcome,
            headings,
        }
    }

    /// What an earlier run of the same quarter wrote in a computed column of a plan row, where the plan is its workbook.
    #[must_use]
    pub fn said_before(
        &self,
        at: RecordRef,
        view: &View<'_>,
        heading: &str,
    ) -> Option<&'a CellValue> {
        let source = self.outcome.sources.get(at.source)?;
        let quarter = self.outcome.options.quarter?;
        let said = &source.layout.made_for;
        let is_rerun = source.layout.is_ours
            && said.quarter == Some(quarter.number)
            && said.year == Some(quarter.year);
        source.computed(view, heading).filter(|_| is_rerun)
    }

    /// Whom a finding is to be taken up with: who sent the file, who sent none, or who leads the action that nobody reported on.
    #[must_use]
    pub fn partner(&self, finding: &Finding) -> Option<usize> {
        if let Some(agency) = finding.agency.as_deref() {
            return self.schema.agency(agency);
        }
        match finding.code.0 {
            "S009" => self.schema.agency(finding.raw.as_deref()?),
            "M402" | "R304" => {
                let (sheet, _) = finding.place.sheet.as_ref()?;
                let row = finding.place.range?.first.row;
                let is_this = |action: &&crate::reconcile::Action| {
                    Some(action.at.source) == finding.place.source
                        && action
                            .at
                            .view(&self.outcome.sources, self.schema)
                            .is_some_and(|view| {
                                view.table.layout.sheet == *sheet && view.record.row == row
                            })
                };
                self.outcome
                    .consolidation
                    .actions
                    .iter()
                    .find(is_this)?
                    .lead
            }
            _ => None,
        }
    }

    /// The other cells that a finding compares with, a line each.
    #[must_use]
    pub fn related(&self, finding: &Finding) -> String {
        let place = |place: &crate::finding::Place| {
            let file = place
                .source
                .and_then(|index| self.outcome.sources.get(index))
                .map_or("", |source| source.file_name());
            [Some(file), place.sheet_name(), place.a1().as_deref()]
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" › ")
        };
        let places: Vec<String> = finding.related.iter().map(place).collect();
        places.join("\n")
    }

    /// The sources that are returns, passed-over files aside.
    pub fn returns(&self) -> impl Iterator<Item = &'a Source> + use<'a> {
        self.outcome
            .sources
            .iter()
            .filter(|source| source.role == Role::Return && !source.is_passed_over())
    }

    /// Where a link to a file leads, or to one of its cells.
    fn leads_to(&self, source: usize, sheet: Option<&str>, a1: Option<&str>) -> Option<Target> {
        let path = self.links.get(source).filter(|path| !path.is_empty())?;
        let place = match (sheet, a1) {
            (Some(sheet), a1) => Some(format!(
                "'{}'!{}",
                sheet.replace('\'', "''"),
                a1.unwrap_or("A1")
            )),
            // A text file opens as one sheet, whatever that is called.
            (None, a1) => a1.map(str::to_owned),
        };
        Some(Target::File {
            path: path.clone(),
            place,
        })
    }

    /// Where a link to a cell of an input leads.
    #[must_use]
    pub fn target(&self, source: usize, sheet: usize, at: CellAddress) -> Option<Target> {
        let (_, name) = self.outcome.sources.get(source)?.sheet(sheet);
        self.leads_to(source, name.as_deref(), Some(&at.to_string()))
    }

    /// A file's name as a link to one of its cells.
    #[must_use]
    pub fn link(&self, source: usize, sheet: Option<&str>, a1: Option<&str>, text: &str) -> Cell {
        let Some(target) = self.leads_to(source, sheet, a1) else {
            return Cell::text(text);
        };
        let tip = format!("Open {text}");
        Cell {
            value: Value::Link {
                text: text.to_owned(),
                target,
                tip,
            },
            look: Look::Link,
        }
    }
}

/// Columns of the plan that no field knows.
#[derive(Debug)]
pub(super) struct Extra<'a> {
    outcome: &'a Outcome,
    headings: Vec<Unknown>,
}

/// A heading as Excel tells it from others, and how many of its table's are alike before it: each is a column of its own.
type Unknown = (String, usize);

impl Extra<'_> {
    /// A row's cells in these columns.
    pub(super) fn cells(&self, at: RecordRef, view: &View<'_>) -> Vec<Cell> {
        let own: HashMap<Unknown, &Heading> = unknown_headings(view.table).into_iter().collect();
        let cell = |heading: &Unknown| {
            let found = own.get(heading)?;
            let address = CellAddress::new(view.record.row, found.at.column);
            self.outcome
                .sources
                .get(at.source)?
                .raw(view.table.layout.sheet, address)
        };
        self.headings
            .iter()
            .map(|heading| as_found(cell(heading)))
            .collect()
    }
}

/// Headings without a field, and those that two columns claim.
fn unknown_headings(table: &Table) -> Vec<(Unknown, &Heading)> {
    let layout = &table.layout;
    let all = layout.unknown.iter().map(|unknown| &unknown.heading).chain(
        layout
            .duplicates
            .iter()
            .flat_map(|double| [&double.first, &double.later]),
    );
    let mut seen = HashSet::new();
    let mut alike: HashMap<String, usize> = HashMap::new();
    all.filter(|heading| seen.insert(heading.at))
        .map(|heading| {
            let key = caseless(&visible(&heading.text));
            let count = alike.entry(key.clone()).or_default();
            let before = *count;
            *count += 1;
            ((key, before), heading)
        })
        .collect()
}

/// How a finding is named in a few words: `duplicate reference (R301)`.
pub(super) fn name(finding: &Finding) -> String {
    format!("{} ({})", finding.name.replace('-', " "), finding.code)
}

/// A raw value as it was found: dates and figures as such, everything else as text.
pub(super) fn as_found(raw: Option<&CellValue>) -> Cell {
    match raw {
        None => Cell::blank(),
        Some(CellValue::Text(text)) => shared(text),
        Some(CellValue::Number(figure)) => value::amount::from_number(figure.number).map_or_else(
            |_| Cell::text(figure.to_string()),
            |number| match figure.shown {
                Shown::Plain | Shown::Worded | Shown::NoDay => Value::Number(number).into(),
                Shown::Percent => number.checked_mul(Decimal::ONE_HUNDRED).map_or_else(
                    || Cell::text(figure.to_string()),
                    |percent| Value::Percent(percent.normalize()).into(),
                ),
                Shown::PercentSign => Value::Percent(number).into(),
                // As a person saw it: as a bare number it would be another amount next quarter.
                Shown::Currency(_)
                | Shown::Divided(_)
                | Shown::Multiplied(_)
                | Shown::TimeOfDay
                | Shown::Span
                | Shown::Another
                | Shown::Nothing => Cell::text(figure.to_string()),
            },
        ),
        Some(CellValue::Date(moment)) => Cell::date(Some(moment.date())),
        Some(other @ (CellValue::Boolean(_) | CellValue::Error(_) | CellValue::NotCalculated)) => {
            Cell::text(visible(&other.to_string()))
        }
    }
}

/// A severity as its word in its colour.
pub(super) fn severity(severity: Severity) -> Cell {
    match severity {
        Severity::Error => Cell::text("Error").look(Look::Error),
        Severity::Warning => Cell::text("Warning").look(Look::Warning),
        Severity::Information => Cell::text("Information").look(Look::Muted),
    }
}

/// Text shared with the outcome.
pub(super) fn shared(text: &Arc<str>) -> Cell {
    if text.is_empty() {
        Cell::blank()
    } else {
        Value::Text(Arc::clone(text)).into()
    }
}
