//! What changed between two files, as a workbook of its own.

use jiff::civil::Date;

use super::{Cell, Column, ColumnKind, Content, SheetPlan, Table, WorkbookPlan};
use crate::change::{TableChanges, marked};
use crate::schema::Schema;

/// The workbook that `diff` writes: one row a changed cell, or an added or removed row.
#[must_use]
pub fn changes(
    found: &[TableChanges],
    old: &str,
    new: &str,
    schema: &Schema,
    as_of: Date,
) -> WorkbookPlan<'static> {
    let columns = vec![
        Column::new("Table", 16, ColumnKind::Text),
        Column::new("Ref or line", 12, ColumnKind::Text),
        Column::new("About", 40, ColumnKind::Prose),
        Column::new("Change", 11, ColumnKind::Centred),
        Column::new("Column", 18, ColumnKind::Text),
        Column::new("Was", 44, ColumnKind::Prose),
        Column::new("Is now", 44, ColumnKind::Prose),
        Column::new("Changed words", 52, ColumnKind::Prose),
        Column::new("Old cell", 22, ColumnKind::Text),
        Column::new("New cell", 22, ColumnKind::Text),
    ];
    let mut rows = Vec::new();
    for table in found {
        for change in &table.changes {
            let start = || {
                vec![
                    Cell::text(&table.title),
                    Cell::text(&change.reference),
                    Cell::text(&change.about),
                    Cell::text(change.kind.word()),
                ]
            };
            if change.cells.is_empty() {
                let is_old = change.kind == crate::change::Kind::Removed;
                let mut row = start();
                row.extend(vec![Cell::blank(); 4]);
                row.push(Cell::text(if is_old { &change.at } else { "" }));
                row.push(Cell::text(if is_old { "" } else { &change.at }));
                rows.push(row);
            }
            for cell in &change.cells {
                let mut row = start();
                row.extend([
                    Cell::text(&cell.title),
                    Cell::text(&cell.old),
                    Cell::text(&cell.new),
                    Cell::text(if cell.is_text {
                        marked(&cell.old, &cell.new)
                    } else {
                        String::new()
                    }),
                    Cell::text(&cell.old_at),
                    Cell::text(&cell.new_at),
                ]);
                rows.push(row);
            }
        }
    }
    WorkbookPlan {
        title: format!("{}: what changed", schema.partnership.name),
        author: schema.partnership.name.clone(),
        subject: format!("{old} and {new}"),
        marking: schema.publishing.marking.clone(),
        as_of,
        sheets: vec![SheetPlan {
            name: "Changes",
            about: format!("What changed from {old} to {new}."),
            content: Content::Table(Table {
                id: "Changes",
                columns,
                rows: rows.into(),
                frozen: 2,
                printed: Some(8),
                below: Vec::new(),
            }),
        }],
        statuses: Vec::new(),
        is_form: false,
    }
}
