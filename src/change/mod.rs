//! What changed between two plans or consolidated workbooks, by reference.
//!
//! Invariant: what is only spelt otherwise is no change, and every row of both files is either paired with one or told as added or removed.

mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use words::{Piece, marked, pieces};

use crate::grid::CellAddress;
use crate::reconcile::{RecordRef, priority, say_the_same};
use crate::record::{Decoded, View};
use crate::schema::{Field, FieldKind, Schema};
use crate::source::Source;
use crate::value::text::{fold, fold_prose, visible};

/// The tables that are compared, with the field that identifies a row and the one that says what the row is about.
const COMPARED: [(&str, &str, &str); 2] = [
    ("actions", "ref", "action"),
    ("funding_lines", "line", "project"),
];

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is in the new file only.
    Added,
    /// It is in the old file only.
    Removed,
    /// It is in both, and some of its cells differ.
    Changed,
}

impl Kind {
    /// The word used on the terminal and in the workbook.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Removed => "Removed",
            Self::Changed => "Changed",
        }
    }
}

/// One cell that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellChange {
    /// The field's title, or the heading of a column that no field knows.
    pub title: String,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
    /// Whether it is running text, of which single words may have changed.
    pub is_text: bool,
    /// Where it was: sheet and cell, if it had one.
    pub old_at: String,
    /// Where it is.
    pub new_at: String,
}

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// Its reference as the newer file writes it; its place where it has none.
    pub reference: String,
    /// What it is about.
    pub about: String,
    /// What happened to it.
    pub kind: Kind,
    /// Where it stands: in the new file, or in the old one if it was removed.
    pub at: String,
    /// The cells that differ, if it is in both files.
    pub cells: Vec<CellChange>,
}

/// One table's differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableChanges {
    /// Its title.
    pub title: String,
    /// Rows in the old file and in the new one.
    pub rows: (usize, usize),
    /// Rows that differ: those of the new file in its order, then those that were removed.
    pub changes: Vec<RowChange>,
}

/// Compares two files table by table.
#[must_use]
pub fn between(old: &Source, new: &Source, schema: &Schema) -> Vec<TableChanges> {
    COMPARED
        .iter()
        .filter_map(|(name, key, about)| {
            let (_, table) = schema.table(name)?;
            let (before, after) = (rows(old, name, key, schema), rows(new, name, key, schema));
            let mut by_key: BTreeMap<&(Arc<str>, usize), &Row<'_>> =
                before.iter().map(|row| (&row.key, row)).collect();
            let mut changes = Vec::new();
            for row in &after {
                let cells = by_key
                    .remove(&row.key)
                    .map(|old_row| cells(old, new, old_row, row, &table.fields, schema));
                let kind = match &cells {
                    None => Kind::Added,
                    Some(cells) if cells.is_empty() => continue,
                    Some(_) => Kind::Changed,
                };
                changes.push(row.change(new, about, key, kind, cells.unwrap_or_default()));
            }
            for row in &before {
                if by_key.contains_key(&row.key) {
                    changes.push(row.change(old, about, key, Kind::Removed, Vec::new()));
                }
            }
            Some(TableChanges {
                title: table.title.clone(),
                rows: (before.len(), after.len()),
                changes,
            })
        })
        .collect()
}

/// A row with what identifies it: its key, and which of several rows with this key it is.
struct Row<'a> {
    key: (Arc<str>, usize),
    view: View<'a>,
}

impl Row<'_> {
    fn change(
        &self,
        source: &Source,
        about: &str,
        key: &str,
        kind: Kind,
        cells: Vec<CellChange>,
    ) -> RowChange {
        let at = place(source, &self.view, self.view.address(key));
        let typed = text_of(self.view.cell(key));
        RowChange {
            reference: if typed.is_empty() { at.clone() } else { typed },
            about: text_of(self.view.cell(about)),
            kind,
            at,
            cells,
        }
    }
}

fn rows<'a>(source: &'a Source, table: &str, key: &str, schema: &'a Schema) -> Vec<Row<'a>> {
    let mut seen: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for (index, found) in source.tables.iter().enumerate() {
        if schema
            .tables
            .get(found.layout.table)
            .is_none_or(|schema| schema.name != table)
        {
            continue;
        }
        for record in 0..found.records.len() {
            let at = RecordRef {
                source: 0,
                table: index,
                record,
            };
            let Some(view) = at.view(std::slice::from_ref(source), schema) else {
                continue;
            };
            // What cannot be read as a reference still tells rows apart by its text.
            let key = view.reference(key).map_or_else(
                || format!("?{}", fold(&text_of(view.cell(key)))).into(),
                |reference| Arc::clone(&reference.key),
            );
            let count = seen.entry(Arc::clone(&key)).or_default();
            out.push(Row {
                key: (key, *count),
                view,
            });
            *count += 1;
        }
    }
    out
}

fn cells(
    old: &Source,
    new: &Source,
    before: &Row<'_>,
    after: &Row<'_>,
    fields: &[Field],
    schema: &Schema,
) -> Vec<CellChange> {
    let mut out = Vec::new();
    for field in fields {
        let (was, is) = (before.view.cell(&field.name), after.view.cell(&field.name));
        let (mut was_text, mut is_text) = (text_of(was), text_of(is));
        if field.kind == FieldKind::Priority {
            // A banner or a sheet's name says it as well as a column does.
            let named = |view: &View<'_>| {
                let index = priority(view, view.reference("ref")?, schema)?;
                schema.priorities.get(index).map(|p| p.name.clone())
            };
            let (old_name, new_name) = (named(&before.view), named(&after.view));
            if old_name == new_name {
                continue;
            }
            was_text = old_name.unwrap_or(was_text);
            is_text = new_name.unwrap_or(is_text);
        } else if is_same(was, is) || is_one_stream(field, &was_text, &is_text, schema) {
            continue;
        }
        out.push(CellChange {
            title: field.title.clone(),
            old: was_text,
            new: is_text,
            is_text: field.kind == FieldKind::Text,
            old_at: place(old, &before.view, before.view.address(&field.name)),
            new_at: place(new, &after.view, after.view.address(&field.name)),
        });
    }
    out.extend(own_columns(old, new, before, after));
    out
}

/// Columns that no field knows are the officer's own, and are compared as text.
fn own_columns(old: &Source, new: &Source, before: &Row<'_>, after: &Row<'_>) -> Vec<CellChange> {
    let texts = |source: &Source, view: &View<'_>| -> Vec<(String, String, String)> {
        view.table
            .layout
            .unknown
            .iter()
            .map(|unknown| {
                let at = CellAddress::new(view.record.row, unknown.heading.at.column);
                let text = source
                    .raw(view.table.layout.sheet, at)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                (
                    visible(&unknown.heading.text),
                    visible(&text),
                    place(source, view, Some(at)),
                )
            })
            .collect()
    };
    let (was, is) = (texts(old, &before.view), texts(new, &after.view));
    let mut titles: Vec<&String> = was.iter().map(|(title, _, _)| title).collect();
    for (title, _, _) in &is {
        if !titles.iter().any(|other| fold(other) == fold(title)) {
            titles.push(title);
        }
    }
    titles
        .into_iter()
        .filter_map(|title| {
            let find = |side: &[(String, String, String)]| {
                side.iter()
                    .find(|(other, _, _)| fold(other) == fold(title))
                    .map_or_else(Default::default, |(_, text, at)| (text.clone(), at.clone()))
            };
            let ((old, old_at), (new, new_at)) = (find(&was), find(&is));
            (fold_prose(&old) != fold_prose(&new)).then(|| CellChange {
                title: title.clone(),
                old,
                new,
                is_text: true,
                old_at,
                new_at,
            })
        })
        .collect()
}

/// Whether two cells say the same; a column that is not there is blank.
fn is_same(was: Option<&Decoded>, is: Option<&Decoded>) -> bool {
    match (was, is) {
        (Some(was), Some(is)) => say_the_same(was, is) == Some(true),
        (Some(one), None) | (None, Some(one)) => one.is_empty(),
        (None, None) => true,
    }
}

/// Whether two texts name one stream of money; a blank one means the PCC's.
fn is_one_stream(field: &Field, was: &str, is: &str, schema: &Schema) -> bool {
    let named = schema.stream(was);
    field.name == "stream" && named.is_some() && named == schema.stream(is)
}

fn text_of(cell: Option<&Decoded>) -> String {
    visible(&cell.map(Decoded::raw_text).unwrap_or_default())
}

fn place(source: &Source, view: &View<'_>, at: Option<CellAddress>) -> String {
    let Some(at) = at else {
        return String::new();
    };
    match source.sheet(view.table.layout.sheet).1 {
        Some(sheet) => format!("{sheet}!{at}"),
        None => at.to_string(),
    }
}
