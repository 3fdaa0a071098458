//! What an answer changes, kind by kind; and why it cannot.

use rust_decimal::Decimal;

use super::{Change, Effect, Lasting, World, cell_at, is_plan, value_of};
use crate::decision::{Decision, Reading};
use crate::finding::{Answer, Place};
use crate::grid::CellAddress;
use crate::layout::Heading;
use crate::reconcile::records;
use crate::record::agencies_with;
use crate::rules::{CellAt, HoldTarget, Raised};
use crate::schema::{FieldKind, Role, Schema};
use crate::source::{Said, Source, field_called, word};
use crate::value::Value;
use crate::value::period::{Quarter, mention};
use crate::value::reference::{self, Reference};
use crate::value::text::fold;

/// What an answer does to the findings that it is about.
pub(super) fn effect(
    decision: usize,
    written: &Decision,
    kind: Answer,
    read_as: &str,
    own: &[&Raised],
    world: &World<'_>,
) -> Result<Effect, String> {
    let raised = *own.first().ok_or("it is not there any more")?;
    match kind {
        Answer::Value => of_cell(raised, read_as, world),
        Answer::Reference => {
            let at = raised.cell.ok_or("there is no cell to take it")?;
            let value = reference_of(at, read_as, world)?;
            Ok(gone(Change::Cell { at, value }))
        }
        Answer::Line => {
            let at = raised.cell.ok_or("there is no cell to take it")?;
            let value = Value::Reference(line_called(read_as, world)?);
            Ok(gone(Change::Cell { at, value }))
        }
        Answer::Word => meaning(decision, written, read_as, raised, world),
        Answer::Heading => {
            let mut changes = Vec::new();
            for raised in own {
                changes.push(heading(raised, read_as, world)?);
            }
            Ok(Effect {
                changes,
                lasting: Lasting::Gone,
                ..Effect::default()
            })
        }
        Answer::Row => row(raised, read_as),
        Answer::File => file(raised, read_as, world),
        Answer::Partner => {
            let agency = world
                .schema
                .agency_called(&fold(read_as))
                .ok_or_else(|| format!("“{read_as}” is not one of the partnership's agencies"))?;
            said(
                raised,
                Said {
                    agency: Some(agency),
                    quarter: None,
                },
            )
        }
        Answer::Quarter => {
            let quarter = quarter(read_as, world)?;
            if let Some(own) = world.quarter
                && raised.finding.code.0 == "S008"
                && own != quarter
            {
                return Err(format!(
                    "the return stays out of this run, which is for {}",
                    own.spoken()
                ));
            }
            said(
                raised,
                Said {
                    agency: None,
                    quarter: Some(quarter),
                },
            )
        }
        Answer::Agency => counts(raised, read_as, world),
    }
}

fn gone(change: Change) -> Effect {
    Effect {
        changes: vec![change],
        lasting: Lasting::Gone,
        ..Effect::default()
    }
}

fn said(raised: &Raised, said: Said) -> Result<Effect, String> {
    let source = raised
        .finding
        .place
        .source
        .ok_or("there is no file that it is about")?;
    Ok(gone(Change::Said { source, said }))
}

/// An amount or figure as the value of its cell's field.
pub(super) fn amount(at: CellAt, figure: Decimal, world: &World<'_>) -> Value {
    let kind = world
        .sources
        .get(at.source)
        .and_then(|source| source.tables.get(at.table))
        .and_then(|table| world.schema.tables.get(table.layout.table))
        .and_then(|table| table.fields.get(at.field))
        .map(|field| field.kind);
    if kind == Some(FieldKind::Money) {
        Value::Money(figure)
    } else {
        Value::Number(figure)
    }
}

fn of_cell(raised: &Raised, read_as: &str, world: &World<'_>) -> Result<Effect, String> {
    let at = raised.cell.ok_or("there is no cell to take it")?;
    let value = match value_of(read_as, at, world)? {
        Value::Reference(_) if field_kind(at, world) == Some(FieldKind::Line) => {
            Value::Reference(line_called(read_as, world)?)
        }
        Value::Reference(_) => reference_of(at, read_as, world)?,
        Value::Date(day) if raised.finding.code.0 == "C206" => {
            let year = &world.schema.year;
            if !(year.start..=year.end).contains(&day) {
                return Err(format!("“{read_as}” is outside the plan's year as well"));
            }
            Value::Date(day)
        }
        value => value,
    };
    Ok(gone(Change::Cell { at, value }))
}

fn field_kind(at: CellAt, world: &World<'_>) -> Option<FieldKind> {
    let table = world.sources.get(at.source)?.tables.get(at.table)?;
    let schema = world.schema.tables.get(table.layout.table)?;
    Some(schema.fields.get(at.field)?.kind)
}

/// The reference of an action, for a row that has none that can be used.
fn reference_of(at: CellAt, read_as: &str, world: &World<'_>) -> Result<Value, String> {
    let Value::Reference(wanted) = value_of(read_as, at, world)? else {
        return Err(format!("“{read_as}” is no reference"));
    };
    if world.is_merge && !is_plan(at.source, world) {
        let known = records(world.sources, world.schema, Role::Plan, "actions").any(|(_, view)| {
            !view.record.is_held
                && !view.table.is_held
                && view
                    .reference("ref")
                    .is_some_and(|own| own.key == wanted.key)
        });
        if !known {
            return Err(format!(
                "the plan has no action “{wanted}” that can be used"
            ));
        }
    }
    let Some(source) = world.sources.get(at.source) else {
        return Err("the file is not there any more".to_owned());
    };
    let schema = source.tables.get(at.table).map(|table| table.layout.table);
    for (index, table) in source.tables.iter().enumerate() {
        if Some(table.layout.table) != schema {
            continue;
        }
        let other = table.records.iter().enumerate().find(|(record, own)| {
            (index, *record) != (at.table, at.record)
                && table
                    .cell(own, at.field)
                    .and_then(|cell| cell.any_value())
                    .is_some_and(
                        |value| matches!(value, Value::Reference(other) if other.key == wanted.key),
                    )
        });
        if let Some((_, other)) = other {
            return Err(format!(
                "{wanted} stands in row {} of the file already",
                u64::from(other.row) + 1
            ));
        }
    }
    Ok(Value::Reference(wanted))
}

/// The plan's line that an answer names: by its reference, else by its project.
fn line_called(read_as: &str, world: &World<'_>) -> Result<Reference, String> {
    let wanted = reference::key(read_as);
    let mut by_project = Vec::new();
    let mut has_plan = false;
    for (_, view) in records(world.sources, world.schema, Role::Plan, "funding_lines") {
        has_plan = true;
        let Some(line) = view
            .line()
            .filter(|_| !view.record.is_held && !view.table.is_held)
        else {
            continue;
        };
        if *line.key == *wanted {
            return Ok(line);
        }
        if view
            .text("project")
            .is_some_and(|text| fold(text) == fold(read_as))
        {
            by_project.push(line);
        }
    }
    match by_project.as_slice() {
        [line] => Ok(line.clone()),
        _ if !has_plan && !world.is_merge => Ok(Reference::new(read_as)),
        _ => Err(format!(
            "the plan has no funding line “{read_as}” that can be used"
        )),
    }
}

/// The plan's lines that an answer may name.
#[must_use]
pub fn fitting_lines(sources: &[Source], schema: &Schema) -> Vec<String> {
    records(sources, schema, Role::Plan, "funding_lines")
        .filter(|(_, view)| !view.record.is_held && !view.table.is_held)
        .filter_map(|(_, view)| view.line().map(|line| line.to_string()))
        .collect()
}

/// What a word means, wherever its partner writes it in the field.
fn meaning(
    decision: usize,
    written: &Decision,
    read_as: &str,
    raised: &Raised,
    world: &World<'_>,
) -> Result<Effect, String> {
    let at = raised.cell.ok_or("there is no cell to take it")?;
    let table = world
        .sources
        .get(at.source)
        .and_then(|source| source.tables.get(at.table))
        .map(|table| table.layout.table)
        .ok_or("the table is not there any more")?;
    let typed = if written.written.typed.is_empty() {
        cell_at(world.sources, at)
            .map(crate::record::Decoded::raw_text)
            .unwrap_or_default()
    } else {
        written.written.typed.clone()
    };
    let reading = Reading {
        decision,
        is_heading: false,
        agency: world
            .sources
            .get(at.source)
            .and_then(|source| source.statement.agency),
        table,
        field: Some(at.field),
        typed: fold(&typed),
        read_as: read_as.to_owned(),
    };
    if let Value::Agencies(agencies) = word(&reading, world.schema)? {
        let raw = cell_at(world.sources, at)
            .map(crate::record::Decoded::raw_text)
            .unwrap_or_default();
        let known = [(reading.typed.clone(), agencies.to_vec())];
        if agencies_with(&raw, world.schema, &known).is_none() {
            return Err(format!("another word in “{raw}” is not an agency either"));
        }
    }
    Ok(Effect {
        changes: vec![Change::Word(reading)],
        lasting: Lasting::Gone,
        ..Effect::default()
    })
}

/// The index of the table schema that a finding lies in.
pub(super) fn schema_table(raised: &Raised, world: &World<'_>) -> Option<usize> {
    if let Some(at) = raised.cell {
        let table = world.sources.get(at.source)?.tables.get(at.table)?;
        return Some(table.layout.table);
    }
    let (source, table) = table_of(&raised.finding.place, world)?;
    Some(world.sources.get(source)?.tables.get(table)?.layout.table)
}

/// The table whose header a place lies on.
fn table_of(place: &Place, world: &World<'_>) -> Option<(usize, usize)> {
    let source = place.source?;
    let (sheet, _) = place.sheet.as_ref()?;
    let at = place.range?.first;
    let tables = &world.sources.get(source)?.tables;
    let index = tables
        .iter()
        .position(|table| table.layout.sheet == *sheet && table.layout.header.contains(at))?;
    Some((source, index))
}

/// The field that a heading names.
fn heading(raised: &Raised, read_as: &str, world: &World<'_>) -> Result<Change, String> {
    let finding = &raised.finding;
    let (source, table) =
        table_of(&finding.place, world).ok_or("the table is not there any more")?;
    let own = world
        .sources
        .get(source)
        .and_then(|source| source.tables.get(table))
        .ok_or("the table is not there any more")?;
    let layout = &own.layout;
    let called = field_called(world.schema, layout.table, read_as);
    let wanted = finding.field.as_deref().and_then(|name| {
        world
            .schema
            .tables
            .get(layout.table)
            .and_then(|table| table.field(name))
    });
    let is_named =
        |heading: &&Heading| fold(&heading.text) == fold(read_as) || is_cell(heading.at, read_as);
    let (at, field) = if finding.code.0 == "H101" {
        // Either the field of the heading that may be meant, or the heading that is meant.
        let near = finding.related.first().and_then(|place| place.range);
        let unknown = layout.unknown.iter().map(|unknown| &unknown.heading);
        match (unknown.clone().find(is_named), near) {
            (Some(heading), _) => (heading.at, wanted),
            (None, Some(near)) if called.is_some() && called == wanted => (near.first, wanted),
            (None, _) => {
                return Err(format!(
                    "“{read_as}” is no heading of this table that is free"
                ));
            }
        }
    } else {
        let at = finding
            .place
            .range
            .map(|range| range.first)
            .ok_or("the heading is not there any more")?;
        let double = layout
            .duplicates
            .iter()
            .find(|double| double.later.at == at);
        match double {
            Some(double) if is_cell(double.first.at, read_as) => (at, None),
            Some(double) if is_cell(double.later.at, read_as) => (at, Some(double.field)),
            Some(double) if called.is_none() && is_named(&&double.first) => (at, None),
            Some(_) | None => {
                let field =
                    called.ok_or_else(|| format!("“{read_as}” is no field of the table"))?;
                (at, Some(field))
            }
        }
    };
    let may = world
        .sources
        .get(source)
        .map(|source| source.may_decide_heading(table, at, field));
    match may {
        Some(Ok(())) => Ok(Change::Heading {
            source,
            table,
            at,
            field,
        }),
        Some(Err(why)) => Err(why.to_owned()),
        None => Err("the file is not there any more".to_owned()),
    }
}

/// Whether an answer names a cell: `A9`, `$A$9`, `Updates!A9`.
fn is_cell(at: CellAddress, read_as: &str) -> bool {
    let plain = read_as.rsplit('!').next().unwrap_or(read_as);
    plain
        .trim()
        .replace('$', "")
        .eq_ignore_ascii_case(&at.to_string())
}

/// The row that stands: of two, the one whose cell is named. The other stays out.
fn row(raised: &Raised, read_as: &str) -> Result<Effect, String> {
    let finding = &raised.finding;
    let names = |place: &Place| {
        let is_sheet = match read_as.rsplit_once('!') {
            Some((sheet, _)) => place
                .sheet_name()
                .is_some_and(|own| fold(own) == fold(sheet.trim_matches('\''))),
            None => true,
        };
        is_sheet
            && place
                .range
                .is_some_and(|range| is_cell(range.first, read_as))
    };
    let own = raised.cell.ok_or("there is no row to take it")?;
    let is_own = |target: &HoldTarget| {
        matches!(target, HoldTarget::Row { source, table, record }
            if (*source, *table, *record) == (own.source, own.table, own.record))
    };
    let stands_here = names(&finding.place);
    let stands_there = finding.related.iter().any(names);
    let keeps: Vec<HoldTarget> = match (stands_here, stands_there) {
        (true, false) => raised
            .holds
            .iter()
            .copied()
            .filter(|t| !is_own(t))
            .collect(),
        (false, true) => raised.holds.iter().copied().filter(is_own).collect(),
        (true, true) => return Err("both rows have that cell; name its sheet too".to_owned()),
        (false, false) => {
            let cells: Vec<String> = std::iter::once(&finding.place)
                .chain(&finding.related)
                .filter_map(Place::a1)
                .collect();
            return Err(format!("“{read_as}” is neither of {}", cells.join(" and ")));
        }
    };
    Ok(Effect {
        keeps,
        ..Effect::default()
    })
}

/// The file that stands: of two, the one that is named. The other is set aside.
fn file(raised: &Raised, read_as: &str, world: &World<'_>) -> Result<Effect, String> {
    let finding = &raised.finding;
    let own = finding.place.source;
    let other = finding.related.first().and_then(|place| place.source);
    let (Some(own), Some(other)) = (own, other) else {
        return Err("the files are not there any more".to_owned());
    };
    let wanted = read_as.replace('\\', "/");
    let is_named = |index: usize, by_path: bool| {
        world.sources.get(index).is_some_and(|source| {
            if by_path {
                source.path == wanted
            } else {
                fold(source.file_name()) == fold(&wanted)
            }
        })
    };
    let named = |by_path: bool| (is_named(own, by_path), is_named(other, by_path));
    let (source, over) = match (named(true), named(false)) {
        ((true, false), _) | ((false, false), (true, false)) => (own, other),
        ((false, true), _) | ((false, false), (false, true)) => (other, own),
        ((true, true), _) | ((false, false), (true, true)) => {
            return Err("both files have that name; give the path".to_owned());
        }
        ((false, false), (false, false)) => {
            let names: Vec<&str> = [own, other]
                .into_iter()
                .filter_map(|index| world.sources.get(index))
                .map(Source::file_name)
                .collect();
            return Err(format!("“{read_as}” is neither {}", names.join(" nor ")));
        }
    };
    Ok(Effect {
        changes: vec![Change::Stands { source, over }],
        ..Effect::default()
    })
}

fn quarter(read_as: &str, world: &World<'_>) -> Result<Quarter, String> {
    let found = mention(read_as);
    let number = found
        .quarter
        .ok_or_else(|| format!("“{read_as}” is no quarter"))?;
    Ok(match found.year {
        Some(year) => Quarter { year, number },
        None => world.schema.year.quarter(number),
    })
}

/// The agency whose figure counts: one of the two that differ.
fn counts(raised: &Raised, read_as: &str, world: &World<'_>) -> Result<Effect, String> {
    let agency = world
        .schema
        .agency_called(&fold(read_as))
        .ok_or_else(|| format!("“{read_as}” is not one of the partnership's agencies"))?;
    let finding = &raised.finding;
    let reporters: Vec<usize> = std::iter::once(&finding.place)
        .chain(&finding.related)
        .filter_map(|place| world.sources.get(place.source?)?.statement.agency)
        .collect();
    if !reporters.contains(&agency) {
        let names: Vec<&str> = reporters
            .iter()
            .map(|agency| world.schema.agency_name(*agency))
            .collect();
        return Err(format!(
            "{} is neither {}",
            world.schema.agency_name(agency),
            names.join(" nor ")
        ));
    }
    let at = raised.cell.ok_or("there is no action that it is about")?;
    let action = world
        .sources
        .get(at.source)
        .and_then(|source| source.tables.get(at.table))
        .and_then(|table| {
            let record = table.records.get(at.record)?;
            let schema = world.schema.tables.get(table.layout.table)?;
            let field = schema.field("ref")?;
            match table.cell(record, field)?.any_value()? {
                Value::Reference(reference) => Some(reference.key.clone()),
                _ => None,
            }
        })
        .ok_or("there is no action that it is about")?;
    Ok(Effect {
        changes: vec![Change::Counts { action, agency }],
        ..Effect::default()
    })
}
