//! Which rows are heading rows, and what each heading means.

use std::collections::{BTreeMap, BTreeSet};

use super::{Column, Context, Duplicate, Heading, Missing, TableLayout, Unknown, labels};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::{Role, Schema, Table};
use crate::value::period;
use crate::value::text::{fold, is_blank, likeness};

/// A heading row taken for a table.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The table schema's index.
    pub(super) table: usize,
    /// The first heading row.
    pub(super) first_row: u32,
    /// The last heading row: the next one where headings stand over two rows.
    pub(super) last_row: u32,
    /// The first and last column that belong to the table.
    pub(super) columns: (u16, u16),
    /// The headings, from the left.
    pub(super) headings: Vec<(u16, Heading)>,
}

/// The heading rows of one sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// Those taken, from the top.
    pub(super) taken: Vec<Found>,
    /// The best row not taken, with how many of its headings resolved.
    pub(super) runner_up: Option<(u32, usize)>,
}

/// A heading longer than this is a sentence.
const HEADING_CHARS_MAX: usize = 120;

/// Finds the heading rows of a sheet.
pub(super) fn find(sheet: &Worksheet, context: Context<'_>, is_ours: bool) -> Headers {
    let allowed: Vec<usize> = context
        .schema
        .tables
        .iter()
        .enumerate()
        .filter(|(_, table)| match context.role {
            // In our own workbook a sheet's name says what it is: its Updates and Spend are the plan's history.
            Some(Role::Plan | Role::Previous) | None if is_ours => {
                sheet.name.as_deref() == Some(table.title.as_str())
            }
            Some(Role::Plan | Role::Previous) => table.found_in.contains(&Role::Plan),
            Some(role) => table.found_in.contains(&role),
            None => true,
        })
        .map(|(index, _)| index)
        .collect();
    let mut memo = Memo {
        schema: context.schema,
        seen: BTreeMap::new(),
    };
    let mut out = scan(sheet, &allowed, &mut memo, Ground::Headings);
    // A sheet named for a table is that table even where most of its required headings are missing; but a row that stands on its headings comes first.
    let unmet = |table: &usize| {
        let named = context
            .schema
            .tables
            .get(*table)
            .is_some_and(|t| t.matches_sheet(sheet.name.as_deref().unwrap_or_default()));
        named && !out.taken.iter().any(|found| found.table == *table)
    };
    let named: Vec<usize> = allowed.iter().copied().filter(unmet).collect();
    if !named.is_empty() {
        let first = out.taken.first().map_or(u32::MAX, |found| found.first_row);
        let by_name = scan(sheet, &named, &mut memo, Ground::SheetName);
        let found = by_name
            .taken
            .into_iter()
            .find(|found| found.last_row < first);
        out.taken.splice(0..0, found);
    }
    out
}

/// On what ground a row is taken for a heading row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    /// At least half of a table's required fields are there.
    Headings,
    /// The sheet's name says which table it holds.
    SheetName,
}

fn scan(sheet: &Worksheet, allowed: &[usize], memo: &mut Memo<'_>, ground: Ground) -> Headers {
    let mut out = Headers::default();
    let mut rows = sheet.rows().peekable();
    let mut skip = None;
    while let Some((row, cells)) = rows.next() {
        if skip == Some(row) || labels::is_label_row(cells, memo.schema) {
            continue;
        }
        let below = rows
            .peek()
            .filter(|(next, _)| *next == row + 1)
            .map(|(_, cells)| *cells);
        if !is_promising(cells, memo)
            && !below.is_some_and(|below| has_group(cells) && is_promising(below, memo))
        {
            continue;
        }
        let single = headings_of(cells);
        let single_score = best(&single, allowed, memo);
        let double = below.map(|below| two_rows(cells, below, allowed, memo));
        let double_score = double
            .as_ref()
            .map(|headings| best(headings, allowed, memo));
        let below_score = below.map(|below| best(&headings_of(below), allowed, memo));
        let is_double = double_score.as_ref().is_some_and(|d| {
            d.resolved > single_score.resolved
                && below_score.as_ref().is_none_or(|b| d.resolved > b.resolved)
        });
        let headings = if is_double {
            double.unwrap_or_default()
        } else {
            single
        };
        let last_row = if is_double { row + 1 } else { row };
        let accepted = accept(&headings, allowed, memo, ground);
        if accepted.is_empty() {
            let resolved = if is_double {
                double_score.map_or(0, |s| s.resolved)
            } else {
                single_score.resolved
            };
            if resolved >= 2 && out.runner_up.is_none_or(|(_, best)| resolved > best) {
                out.runner_up = Some((row, resolved));
            }
            continue;
        }
        let mut taken = false;
        for (table, headings) in accepted {
            let Some(columns) = headings
                .first()
                .zip(headings.last())
                .map(|(a, b)| (a.0, b.0))
            else {
                continue;
            };
            let found = Found {
                table,
                first_row: row,
                last_row,
                columns,
                headings,
            };
            if !repeats(&out.taken, &found) {
                out.taken.push(found);
                taken = true;
            }
        }
        if taken && is_double {
            skip = Some(row + 1);
        }
    }
    out
}

/// Which fields a heading text may name, by table; each text is looked up once.
struct Memo<'a> {
    schema: &'a Schema,
    seen: BTreeMap<String, Vec<Option<usize>>>,
}

impl Memo<'_> {
    fn fields(&mut self, text: &str) -> &[Option<usize>] {
        if !self.seen.contains_key(text) {
            let year = self.schema.year.start.year();
            let found = self
                .schema
                .tables
                .iter()
                .map(|table| {
                    table
                        .match_heading(text, year, None)
                        .map(|(field, _)| field)
                })
                .collect();
            self.seen.insert(text.to_owned(), found);
        }
        self.seen.get(text).map_or(&[], Vec::as_slice)
    }

    fn field(&mut self, text: &str, table: usize) -> Option<usize> {
        self.fields(text).get(table).copied().flatten()
    }
}

fn heading_text(cell: &Cell) -> Option<&str> {
    match &cell.value {
        // An error value that came through as text, such as `#REF!`, is no heading called Ref.
        CellValue::Text(text) => (text.len() <= HEADING_CHARS_MAX
            && !is_blank(text)
            && !(text.starts_with('#') && text.trim_end().ends_with(['!', '?'])))
        .then_some(&**text),
        CellValue::Number(_)
        | CellValue::Boolean(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => None,
    }
}

/// A quick look: two texts at least, and one of the first few names a field of some table.
fn is_promising(cells: &[Cell], memo: &mut Memo<'_>) -> bool {
    if cells.len() < 2 {
        return false;
    }
    let mut texts = cells.iter().filter_map(heading_text);
    let looked: Vec<&str> = texts.by_ref().take(6).collect();
    looked.len() >= 2
        && looked
            .into_iter()
            .any(|text| memo.fields(text).iter().any(Option::is_some))
}

/// Whether a row carries a group heading such as `Quarter 1`.
fn has_group(cells: &[Cell]) -> bool {
    cells
        .iter()
        .filter_map(heading_text)
        .any(|text| period::mention(text).quarter.is_some())
}

fn headings_of(cells: &[Cell]) -> Vec<(u16, Heading)> {
    cells
        .iter()
        .filter_map(|cell| {
            heading_text(cell).map(|text| {
                (
                    cell.address.column,
                    Heading {
                        at: cell.address,
                        text: text.to_owned(),
                    },
                )
            })
        })
        .collect()
}

/// Reads two rows as one heading row: `Quarter 1` over `Update | RAG | Figure`, and headings merged down over both.
fn two_rows(
    upper: &[Cell],
    lower: &[Cell],
    allowed: &[usize],
    memo: &mut Memo<'_>,
) -> Vec<(u16, Heading)> {
    let tops = headings_of(upper);
    let subs = headings_of(lower);
    let mut out = Vec::new();
    let columns: BTreeSet<u16> = tops
        .iter()
        .chain(&subs)
        .map(|(column, _)| *column)
        .collect();
    for column in columns {
        let sub = subs.iter().find(|(c, _)| *c == column).map(|(_, h)| h);
        let own_top = tops.iter().find(|(c, _)| *c == column).map(|(_, h)| h);
        let spanning = tops
            .iter()
            .rev()
            .find(|(c, _)| *c <= column)
            .map(|(_, h)| h);
        let Some(sub) = sub else {
            out.extend(own_top.map(|h| (column, h.clone())));
            continue;
        };
        let mut text = sub.text.clone();
        if let Some(top) = spanning {
            let joined = format!("{} {}", top.text, sub.text);
            let is_quarter = period::mention(&top.text).quarter.is_some();
            let joins = allowed
                .iter()
                .any(|table| memo.field(&joined, *table).is_some());
            let alone = allowed
                .iter()
                .any(|table| memo.field(&sub.text, *table).is_some());
            if is_quarter || (joins && !alone) {
                text = joined;
            }
        }
        out.push((column, Heading { at: sub.at, text }));
    }
    out
}

/// How well a row of headings suits its best table.
#[derive(Clone, Debug, Default)]
struct Score {
    table: Option<usize>,
    resolved: usize,
}

/// How many distinct fields, and how many required ones, the headings name in a table.
fn resolved(headings: &[(u16, Heading)], table: usize, memo: &mut Memo<'_>) -> (usize, usize) {
    let fields: BTreeSet<usize> = headings
        .iter()
        .filter_map(|(_, h)| memo.field(&h.text, table))
        .collect();
    let schema = memo.schema.tables.get(table);
    let required = fields
        .iter()
        .filter(|f| {
            schema
                .and_then(|t| t.fields.get(**f))
                .is_some_and(|f| f.constraint.required)
        })
        .count();
    (fields.len(), required)
}

fn best(headings: &[(u16, Heading)], allowed: &[usize], memo: &mut Memo<'_>) -> Score {
    let mut found = Score::default();
    let mut found_key = (false, 0, 0);
    for table in allowed {
        let (count, required) = resolved(headings, *table, memo);
        let wanted = memo
            .schema
            .tables
            .get(*table)
            .map_or(0, Table::required_count);
        let share = (required * 100).checked_div(wanted).unwrap_or(100);
        let key = (share >= 50, count, share);
        if count > 0 && key > found_key {
            found_key = key;
            found = Score {
                table: Some(*table),
                resolved: count,
            };
        }
    }
    found
}

/// A table with the headings taken for it.
type Claim = (usize, Vec<(u16, Heading)>);

/// The table or tables that a row of headings is taken for, each with its headings.
fn accept(
    headings: &[(u16, Heading)],
    allowed: &[usize],
    memo: &mut Memo<'_>,
    ground: Ground,
) -> Vec<Claim> {
    let joint = best(headings, allowed, memo);
    // Tables side by side: split at a gap where two different tables resolve more than one would.
    let mut split: Option<(usize, Vec<Claim>)> = None;
    for (index, pair) in headings.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        if right.0 <= left.0 + 1 {
            continue;
        }
        let (head, tail) = headings.split_at(index + 1);
        let (a, b) = (best(head, allowed, memo), best(tail, allowed, memo));
        let (Some(first), Some(second)) = (a.table, b.table) else {
            continue;
        };
        let total = a.resolved + b.resolved;
        let is_sound = first != second
            && is_table(head, first, memo, Ground::Headings)
            && is_table(tail, second, memo, Ground::Headings);
        if is_sound
            && total > joint.resolved
            && split.as_ref().is_none_or(|(best, _)| total > *best)
        {
            split = Some((total, vec![(first, head.to_vec()), (second, tail.to_vec())]));
        }
    }
    if let Some((_, tables)) = split {
        return tables;
    }
    if let Some(table) = joint.table
        && is_table(headings, table, memo, ground)
    {
        return vec![(table, headings.to_vec())];
    }
    Vec::new()
}

fn is_table(
    headings: &[(u16, Heading)],
    table: usize,
    memo: &mut Memo<'_>,
    ground: Ground,
) -> bool {
    let (count, required) = resolved(headings, table, memo);
    let wanted = memo
        .schema
        .tables
        .get(table)
        .map_or(0, Table::required_count);
    count >= 2 && (required * 2 >= wanted || ground == Ground::SheetName)
}

/// Whether a heading row repeats one above it: the same table in the same columns, nearly the same words.
fn repeats(taken: &[Found], found: &Found) -> bool {
    taken.iter().rev().any(|above| {
        above.table == found.table && {
            let same = found
                .headings
                .iter()
                .filter(|(column, heading)| {
                    above
                        .headings
                        .iter()
                        .any(|(c, h)| c == column && fold(&h.text) == fold(&heading.text))
                })
                .count();
            same * 2 > found.headings.len()
        }
    })
}

/// What a file says of itself that bears on its headings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    /// The quarter it reports on.
    pub(super) quarter: Option<u8>,
    /// Whether this program wrote it, so that its computed columns are known.
    pub(super) is_ours: bool,
}

/// Gives each heading its field, once the file's own quarter is known.
pub(super) fn resolve(
    index: usize,
    sheet: &Worksheet,
    found: &Found,
    schema: &Schema,
    own: Own,
) -> TableLayout {
    let (first, last) = found.columns;
    let mut out = TableLayout {
        table: found.table,
        sheet: index,
        header: CellRange::new(
            CellAddress::new(found.first_row, first),
            CellAddress::new(found.last_row, last),
        ),
        body: None,
        columns: Vec::new(),
        unknown: Vec::new(),
        computed: Vec::new(),
        missing: Vec::new(),
        duplicates: Vec::new(),
        rows: Vec::new(),
        priority: labels::sheet_priority(sheet, found.first_row, schema),
    };
    let Some(table) = schema.tables.get(found.table) else {
        return out;
    };
    let year = schema.year.start.year();
    for (column, heading) in &found.headings {
        match table.match_heading(&heading.text, year, own.quarter) {
            Some((field, basis)) => place(
                &mut out,
                Column {
                    column: *column,
                    field,
                    heading: heading.clone(),
                    basis,
                },
            ),
            None if own.is_ours && table.is_computed(&heading.text) => {
                out.computed.push(heading.clone());
            }
            None => out.unknown.push(Unknown {
                heading: heading.clone(),
                near: None,
                is_explained: false,
            }),
        }
    }
    propose(&mut out, table, schema);
    out
}

fn place(out: &mut TableLayout, column: Column) {
    if let Some(first) = out.columns.iter().find(|c| c.field == column.field) {
        out.duplicates.push(Duplicate {
            field: column.field,
            first: first.heading.clone(),
            later: column.heading,
        });
        return;
    }
    if let Some(earlier) = out.duplicates.iter().find(|d| d.field == column.field) {
        let first = earlier.first.clone();
        out.duplicates.push(Duplicate {
            field: column.field,
            first,
            later: column.heading,
        });
        return;
    }
    out.columns.push(column);
}

/// Names what is missing, and headings that come close to a field without a column. Proposed, never applied.
fn propose(out: &mut TableLayout, table: &Table, schema: &Schema) {
    let threshold = f64::from(schema.thresholds.near_miss_percent);
    let has_column = |field: usize| {
        out.columns.iter().any(|c| c.field == field)
            || out.duplicates.iter().any(|d| d.field == field)
    };
    let vacant: Vec<usize> = (0..table.fields.len())
        .filter(|f| !has_column(*f))
        .collect();
    let mut proposals: Vec<(usize, usize, f64)> = Vec::new();
    for (at, unknown) in out.unknown.iter().enumerate() {
        for field in &vacant {
            let alike = table
                .fields
                .get(*field)
                .map_or(0.0, |f| closeness(&unknown.heading.text, f));
            if percent(alike) >= threshold {
                proposals.push((at, *field, alike));
            }
        }
    }
    proposals.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut fields_taken: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, field, _) in proposals {
        if !fields_taken.contains_key(&field) && !fields_taken.values().any(|taken| *taken == at) {
            fields_taken.insert(field, at);
        }
    }
    for field in vacant {
        let is_required = table
            .fields
            .get(field)
            .is_some_and(|f| f.constraint.required);
        let near = fields_taken.get(&field).copied();
        if is_required {
            let heading = near.and_then(|at| out.unknown.get_mut(at)).map(|unknown| {
                unknown.is_explained = true;
                unknown.heading.clone()
            });
            out.missing.push(Missing {
                field,
                near: heading,
            });
        } else if let Some(unknown) = near.and_then(|at| out.unknown.get_mut(at)) {
            unknown.near = Some(field);
        }
    }
}

#[expect(clippy::float_arithmetic, reason = "a likeness is no money")]
fn percent(alike: f64) -> f64 {
    alike * 100.0
}

/// How close a heading comes to one of a field's names.
fn closeness(text: &str, field: &crate::schema::Field) -> f64 {
    let folded = fold(text);
    let plain = field
        .headings
        .iter()
        .map(|heading| likeness(&folded, heading))
        .fold(0.0, f64::max);
    let said = period::mention(text);
    if said.quarter.is_none() || said.quarter != field.quarter {
        return plain;
    }
    let quarterly = field
        .quarter_headings
        .iter()
        .filter(|h| !h.is_empty())
        .map(|heading| likeness(&said.rest, heading))
        .fold(0.0, f64::max);
    plain.max(quarterly)
}
