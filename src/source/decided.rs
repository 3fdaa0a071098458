//! What was decided of a file: what a partner's headings and words mean, who sent it, for when, and instead of which other it stands.

use std::collections::BTreeSet;

use super::Source;
use crate::decision::Reading;
use crate::grid::{Cell, CellAddress};
use crate::layout::{Column, TableLayout};
use crate::record::{Fault, State, Table, agencies_with, answered};
use crate::schema::{FieldKind, HeadingMatch, Schema};
use crate::value::Value;
use crate::value::period::Quarter;
use crate::value::text::fold;

/// What was decided of a file as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Who sent it.
    pub agency: Option<usize>,
    /// For when.
    pub quarter: Option<Quarter>,
}

/// The field that an answer names in a table: by title, name or any of its headings.
#[must_use]
pub fn field_called(schema: &Schema, table: usize, words: &str) -> Option<usize> {
    let folded = fold(words);
    let table = schema.tables.get(table)?;
    let titled = table
        .fields
        .iter()
        .position(|field| fold(&field.title) == folded || field.name == words.trim());
    titled.or_else(|| {
        table
            .match_heading(words, schema.year.start.year(), None)
            .map(|(field, _)| field)
    })
}

/// What a word was decided to mean, as a value of its field.
///
/// # Errors
/// Why the answer cannot be that.
pub fn word(reading: &Reading, schema: &Schema) -> Result<Value, String> {
    let field = reading
        .field
        .and_then(|field| schema.tables.get(reading.table)?.fields.get(field))
        .ok_or_else(|| "the word's field is not named".to_owned())?;
    match answered(&reading.read_as, field, schema)? {
        value @ (Value::Choice(_) | Value::Agencies(_)) => Ok(value),
        Value::Text(_)
        | Value::Reference(_)
        | Value::References(_)
        | Value::Money(_)
        | Value::Number(_)
        | Value::Date(_)
        | Value::Timescale(_) => Err(format!("{} holds no listed words", field.title)),
    }
}

/// Gives headings without a field the field that was decided for them; which decisions were used is noted.
pub(super) fn headings(
    table: &mut TableLayout,
    agency: Option<usize>,
    schema: &Schema,
    readings: &[Reading],
    used: &mut BTreeSet<usize>,
) {
    let own: Vec<&Reading> = readings
        .iter()
        .filter(|reading| reading.is_for(agency, table.table, true))
        .collect();
    if own.is_empty() {
        return;
    }
    let headings: Vec<(CellAddress, String)> = table
        .unknown
        .iter()
        .map(|unknown| &unknown.heading)
        .chain(table.duplicates.iter().map(|double| &double.later))
        .map(|heading| (heading.at, fold(&heading.text)))
        .collect();
    for (at, text) in headings {
        let found = own.iter().find(|reading| reading.typed == text);
        let Some((reading, field)) = found.and_then(|reading| {
            Some((
                reading,
                field_called(schema, table.table, &reading.read_as)?,
            ))
        }) else {
            continue;
        };
        if name_heading(table, at, field).is_ok() {
            used.insert(reading.decision);
        }
    }
}

/// Takes a heading for a field.
///
/// # Errors
/// Why it cannot be that.
pub(super) fn name_heading(
    table: &mut TableLayout,
    at: CellAddress,
    field: usize,
) -> Result<(), &'static str> {
    const TAKEN: &str = "another column holds that field already";
    let double = table.duplicates.iter().position(|d| d.later.at == at);
    let is_unknown = table.unknown.iter().any(|unknown| unknown.heading.at == at);
    let is_own_double = double
        .and_then(|index| table.duplicates.get(index))
        .is_some_and(|double| double.field == field);
    if !is_own_double
        && (table.columns.iter().any(|column| column.field == field)
            || table.duplicates.iter().any(|d| d.field == field))
    {
        return Err(TAKEN);
    }
    let heading = if let Some(index) = double {
        if table
            .duplicates
            .iter()
            .filter(|d| {
                table
                    .duplicates
                    .get(index)
                    .is_some_and(|own| own.field == d.field)
            })
            .count()
            > 1
        {
            return Err("more than two columns claim the field");
        }
        let double = table.duplicates.remove(index);
        if is_own_double {
            // The other column is no field's any more.
            table.columns.retain(|column| column.field != field);
            table.unknown.push(crate::layout::Unknown {
                heading: double.first,
                near: None,
                is_explained: true,
            });
        }
        double.later
    } else if is_unknown {
        let index = table
            .unknown
            .iter()
            .position(|unknown| unknown.heading.at == at)
            .unwrap_or_default();
        table.unknown.remove(index).heading
    } else {
        return Err("the heading is not there, or names a field already");
    };
    table.missing.retain(|missing| missing.field != field);
    table.columns.push(Column {
        column: heading.at.column,
        field,
        heading,
        basis: HeadingMatch::Decision,
        stands: crate::layout::Stands::InRow,
    });
    table.columns.sort_by_key(|column| column.column);
    Ok(())
}

/// Lets the first of two headings that claim one field have it.
pub(super) fn keep_first(table: &mut TableLayout, at: CellAddress) -> Result<(), &'static str> {
    let index = table
        .duplicates
        .iter()
        .position(|double| double.later.at == at)
        .ok_or("the heading is not there any more")?;
    let double = table.duplicates.remove(index);
    table.unknown.push(crate::layout::Unknown {
        heading: double.later,
        near: None,
        is_explained: true,
    });
    for column in &mut table.columns {
        if column.field == double.field {
            column.basis = HeadingMatch::Decision;
        }
    }
    Ok(())
}

/// Gives words that no synonym covers the listed value that was decided for them; which decisions were used is noted.
pub(super) fn words(
    table: &mut Table,
    agency: Option<usize>,
    schema: &Schema,
    readings: &[Reading],
    used: &mut BTreeSet<usize>,
) {
    let own = readings
        .iter()
        .filter(|reading| reading.is_for(agency, table.layout.table, false));
    let mut by_field: Vec<(usize, Vec<(&Reading, Value)>)> = Vec::new();
    for reading in own {
        let (Some(field), Ok(value)) = (reading.field, word(reading, schema)) else {
            continue;
        };
        match by_field.iter_mut().find(|(of, _)| *of == field) {
            Some((_, list)) => list.push((reading, value)),
            None => by_field.push((field, vec![(reading, value)])),
        }
    }
    for (field, list) in by_field {
        let Some(position) = table.position(field) else {
            continue;
        };
        let is_list = schema
            .tables
            .get(table.layout.table)
            .and_then(|table| table.fields.get(field))
            .is_some_and(|field| field.kind == FieldKind::Agencies);
        let several: Vec<(String, Vec<usize>)> = list
            .iter()
            .filter_map(|(reading, value)| match value {
                Value::Agencies(agencies) => Some((reading.typed.clone(), agencies.to_vec())),
                _ => None,
            })
            .collect();
        for record in &mut table.records {
            let Some(cell) = record.cells.get_mut(position) else {
                continue;
            };
            if !matches!(
                cell.state,
                State::Fault(Fault::UnknownChoice(_) | Fault::Symbols)
            ) {
                continue;
            }
            let typed = cell.raw_text();
            if is_list {
                let Some(agencies) = agencies_with(&typed, schema, &several) else {
                    continue;
                };
                let folded = fold(&typed);
                used.extend(
                    list.iter()
                        .filter(|(reading, _)| {
                            crate::value::text::contains_words(&folded, &reading.typed)
                        })
                        .map(|(reading, _)| reading.decision),
                );
                cell.decide(Value::Agencies(agencies.into()));
            } else if let Some((reading, value)) = list
                .iter()
                .find(|(reading, _)| reading.typed == fold(&typed))
            {
                used.insert(reading.decision);
                cell.decide(value.clone());
            }
        }
    }
}

impl Source {
    /// Puts the cells that its records hold back onto their sheets, so that it can be laid out again.
    fn restore(&mut self) {
        let Ok(workbook) = &mut self.read else {
            return;
        };
        for (index, sheet) in workbook.sheets.iter_mut().enumerate() {
            let mut cells: Vec<Cell> = Vec::new();
            for table in self
                .tables
                .iter()
                .chain(&self.restated)
                .filter(|table| table.layout.sheet == index)
            {
                for record in table.all_records() {
                    for (column, cell) in table.layout.columns.iter().zip(&record.cells) {
                        let address = CellAddress::new(record.row, column.column);
                        if let Some(value) = table.raw(address) {
                            debug_assert_eq!(cell.raw.as_ref(), Some(value));
                            cells.push(Cell {
                                address,
                                value: value.clone(),
                            });
                        }
                    }
                }
            }
            sheet.put_back(cells);
        }
    }

    /// Lays the file out again as one of which this was decided.
    pub fn decide(
        &mut self,
        said: Said,
        schema: &Schema,
        quarter: Option<u8>,
        readings: &[Reading],
    ) {
        self.restore();
        let read = std::mem::replace(
            &mut self.read,
            Err(crate::read::Unreadable::NotASpreadsheet("a file".into())),
        );
        let input = super::Input {
            path: std::mem::take(&mut self.path),
            sha256: std::mem::take(&mut self.sha256),
            role: Some(self.role),
            is_from_folder: self.is_from_folder,
            read,
        };
        let stands_over = std::mem::take(&mut self.stands_over);
        *self = Self::laid_out(self.index, input, schema, quarter, readings, said);
        self.stands_over = stands_over;
        self.slim();
    }

    /// Takes a heading of a table for a field, or, where no field is named, lets the first of two headings have theirs.
    ///
    /// # Errors
    /// Why it cannot be that; then nothing is changed.
    pub fn decide_heading(
        &mut self,
        table: usize,
        at: CellAddress,
        field: Option<usize>,
        schema: &Schema,
        readings: &[Reading],
    ) -> Result<(), &'static str> {
        let own = self
            .tables
            .get(table)
            .ok_or("the table is not there any more")?;
        let mut layout = own.layout.clone();
        match field {
            Some(field) => name_heading(&mut layout, at, field)?,
            None => keep_first(&mut layout, at)?,
        }
        self.restore();
        if let (Ok(workbook), Some(own)) = (&self.read, self.tables.get_mut(table)) {
            let mut anew = crate::record::decode(workbook, layout, schema);
            words(
                &mut anew,
                self.statement.agency,
                schema,
                readings,
                &mut self.used,
            );
            *own = anew;
        }
        self.add_up(schema);
        self.slim();
        Ok(())
    }

    /// Whether a heading of a table can be taken for a field.
    ///
    /// # Errors
    /// Why it cannot be that.
    pub fn may_decide_heading(
        &self,
        table: usize,
        at: CellAddress,
        field: Option<usize>,
    ) -> Result<(), &'static str> {
        let own = self
            .tables
            .get(table)
            .ok_or("the table is not there any more")?;
        let mut layout = own.layout.clone();
        match field {
            Some(field) => name_heading(&mut layout, at, field),
            None => keep_first(&mut layout, at),
        }
    }

    /// Reads words of its tables as they were decided.
    pub fn decide_words(&mut self, schema: &Schema, readings: &[Reading]) {
        for table in &mut self.tables {
            words(
                table,
                self.statement.agency,
                schema,
                readings,
                &mut self.used,
            );
        }
    }
}
