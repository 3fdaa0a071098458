//! Which stream each of the plan's lines belongs to, and what was awarded to it.
//!
//! Invariant: money is never taken to a funder because nothing says whose it is. Where several streams have lines, a line that nothing tells of belongs to none.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Line;
use crate::grid::CellAddress;
use crate::layout::{Label, LabelKind, RowKind, stream_of};
use crate::record::View;
use crate::schema::{Role, Schema};
use crate::source::Source;
use crate::value::amount;

/// What a line's row says of its stream, before the others are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Its own cell; nothing where the configuration has no such stream.
    Cell(Option<usize>),
    /// The title of its block; nothing where it names no stream.
    Title(Option<usize>),
    /// Nothing at all.
    Nothing,
}

impl Said {
    pub(super) fn of(view: &View<'_>, schema: &Schema) -> Self {
        if let Some(cell) = view.cell("stream").filter(|cell| !cell.is_empty()) {
            return Self::Cell(schema.stream(&cell.raw_text()));
        }
        match view.table.layout.block_of(view.record.row) {
            Some(block) => Self::Title(block.stream),
            None => Self::Nothing,
        }
    }
}

/// Gives each line its stream: what its cell says, else its block's title, else its sheet's name, else the only stream that the PCC pays
/// for, where no other has lines.
pub(super) fn settle(lines: &mut [Line], said: &[Said], sources: &[Source], schema: &Schema) {
    let told = |said: &Said| match said {
        Said::Cell(stream) | Said::Title(stream) => *stream,
        Said::Nothing => None,
    };
    // Titles that name nothing are those of themes, unless others of the plan name streams.
    let are_titles_of_streams = said.iter().any(|said| matches!(said, Said::Title(Some(_))));
    let known: BTreeSet<usize> = said.iter().filter_map(told).collect();
    let by_sheet: Vec<Option<usize>> = lines
        .iter()
        .map(|line| {
            let source = sources.iter().find(|s| s.index == line.at.source)?;
            let sheet = source.tables.get(line.at.table)?.layout.sheet;
            let name = source.workbook()?.sheets.get(sheet)?.name.as_deref()?;
            stream_of(schema, name).or_else(|| schema.stream_named_in(name))
        })
        .collect();
    let on_sheet = |line: &Line| {
        let source = sources.iter().find(|s| s.index == line.at.source)?;
        Some((
            line.at.source,
            source.tables.get(line.at.table)?.layout.sheet,
        ))
    };
    let places: Vec<Option<(usize, usize)>> = lines.iter().map(on_sheet).collect();
    let mut found: Vec<Option<usize>> = said.iter().map(told).collect();
    for at in 0..lines.len() {
        let is_open = match said.get(at) {
            Some(Said::Nothing) => true,
            Some(Said::Title(None)) => !are_titles_of_streams,
            Some(Said::Cell(_) | Said::Title(Some(_))) | None => false,
        };
        if !is_open {
            continue;
        }
        // A sheet's name tells of its lines only where none of them says otherwise.
        let named = by_sheet.get(at).copied().flatten().filter(|stream| {
            said.iter()
                .zip(&places)
                .filter(|(_, place)| Some(*place) == places.get(at))
                .all(|(said, _)| match said {
                    Said::Cell(told) | Said::Title(told @ Some(_)) => *told == Some(*stream),
                    Said::Title(None) | Said::Nothing => true,
                })
        });
        if let Some(slot) = found.get_mut(at) {
            *slot = named;
        }
    }
    let others: BTreeSet<usize> = known
        .into_iter()
        .chain(found.iter().flatten().copied())
        .collect();
    let only = schema.only_pcc_stream();
    let default = only.filter(|only| others.iter().all(|stream| stream == only));
    for ((line, found), said) in lines.iter_mut().zip(found).zip(said) {
        let may_default = match said {
            Said::Nothing => true,
            Said::Title(None) => !are_titles_of_streams,
            Said::Cell(_) | Said::Title(Some(_)) => false,
        };
        line.stream = found.or(default.filter(|_| may_default));
    }
}

/// An award, and the label cell that says it: file, sheet and cell of the plan.
pub(super) type Award = (Option<Decimal>, Option<(usize, usize, CellAddress)>);

/// A stream's award: the plan's label, else the configuration's.
pub(super) fn award(stream: usize, lines: &[Line], sources: &[Source], schema: &Schema) -> Award {
    for source in sources.iter().filter(|source| source.role == Role::Plan) {
        let labels = source.layout.labels.iter();
        for label in labels.filter(|label| label.kind == LabelKind::Award) {
            if stream_of_label(label, source, lines, schema) != Some(stream) {
                continue;
            }
            if let Some(found) = crate::record::pounds(&label.value) {
                return (
                    Some(amount::to_pence(found).0),
                    Some((source.index, label.sheet, label.at)),
                );
            }
        }
    }
    (schema.streams.get(stream).and_then(|s| s.award), None)
}

/// Whose award a label tells: the stream named before it, else that of the lines in the block below it. Where these are of several, or
/// there are none, it is the only one that the PCC pays for.
fn stream_of_label(
    label: &Label,
    source: &Source,
    lines: &[Line],
    schema: &Schema,
) -> Option<usize> {
    if label.stream.is_some() {
        return label.stream;
    }
    let headed = source.tables.iter().enumerate().filter(|(_, table)| {
        table.layout.sheet == label.sheet
            && schema
                .tables
                .get(table.layout.table)
                .is_some_and(|table| table.name == "funding_lines")
    });
    let mut below: Option<(u32, usize)> = None;
    for (index, table) in headed {
        let repeated = table
            .layout
            .rows
            .iter()
            .filter(|row| row.kind == RowKind::RepeatedHeader)
            .map(|row| row.row);
        for row in repeated.chain([table.layout.header.first.row]) {
            if row >= label.label_at.row && below.is_none_or(|(nearest, _)| row < nearest) {
                below = Some((row, index));
            }
        }
    }
    let Some((from, table)) = below else {
        return schema.only_pcc_stream();
    };
    let rows = source.tables.get(table).map_or(&[][..], |t| &t.layout.rows);
    let until = rows
        .iter()
        .find(|row| row.row > from && row.kind == RowKind::RepeatedHeader)
        .map_or(u32::MAX, |row| row.row);
    let own = lines.iter().filter(|line| {
        line.at.source == source.index
            && line.at.table == table
            && source
                .tables
                .get(table)
                .and_then(|t| t.records.get(line.at.record))
                .is_some_and(|record| (from..until).contains(&record.row))
    });
    let streams: BTreeSet<Option<usize>> = own.map(|line| line.stream).collect();
    match streams.into_iter().collect::<Vec<_>>().as_slice() {
        [stream] => *stream,
        _ => schema.only_pcc_stream(),
    }
}
