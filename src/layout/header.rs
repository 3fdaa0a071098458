//! Which rows are heading rows, and what each heading means.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Column, Context, Duplicate, Heading, Missing, Stands, TableLayout, Unknown, body, labels,
    measure,
};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::{Field, FieldKind, Role, Schema, Table};
use crate::value::period;
use crate::value::text::{fold, is_blank, likeness, visible};

/// A heading row taken for a table.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The table schema's index.
    pub(super) table: usize,
    /// The first heading row.
    pub(super) first_row: u32,
    /// The last heading row: a later one where headings stand over two rows or three.
    pub(super) last_row: u32,
    /// The first and last column that belong to the table.
    pub(super) columns: (u16, u16),
    /// The headings, from the left.
    pub(super) headings: Vec<(u16, Heading)>,
    /// The texts of the rows above the last, where headings stand over two rows or three.
    pub(super) upper: Vec<(u16, String)>,
}

/// The heading rows of one sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// Those taken, from the top.
    pub(super) taken: Vec<Found>,
    /// The best row not taken, with how many of its headings resolved.
    pub(super) runner_up: Option<(u32, usize)>,
}

/// A text longer than this, in bytes, is a sentence and no heading, unless the configuration has a heading that says it.
const HEADING_BYTES_MAX: usize = 120;

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
    let mut memo = Memo::new(context.schema);
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
    // The row below was looked at already when its turn comes.
    let mut looked_at: Option<(u32, bool)> = None;
    while let Some((row, cells)) = rows.next() {
        let below = rows
            .peek()
            .filter(|(next, _)| *next == row + 1)
            .map(|(_, cells)| *cells);
        let is_own = match looked_at.take() {
            Some((looked, is_own)) if looked == row => is_own,
            _ => is_promising(cells, memo),
        };
        let is_below = below.is_some_and(|below| is_promising(below, memo));
        looked_at = below.map(|_| (row + 1, is_below));
        let is_worth = is_own || is_below && has_group(cells, memo.schema);
        if !is_worth || labels::is_label_row(cells, memo.schema) {
            continue;
        }
        // The lower row of headings that stand over two rows is no heading row itself, and neither is a record of a table beside.
        let free = |at: u32, cells: &[Cell], memo: &mut Memo<'_>| {
            let spent = spent(&out.taken, at, cells, memo);
            let is_free = |column: u16| {
                !spent
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&column))
            };
            // Headings have no figures and no dates among them.
            let holds_values = at > row
                && cells.iter().any(|cell| {
                    is_free(cell.address.column)
                        && matches!(cell.value, CellValue::Number(_) | CellValue::Date(_))
                });
            let mut headings = headings_of(cells, memo.schema);
            headings.retain(|(column, _)| !holds_values && is_free(*column));
            headings
        };
        let lower = free(row + 1, below.unwrap_or_default(), memo);
        let third = match below {
            Some(_) if !lower.is_empty() => free(row + 2, sheet.row(row + 2), memo),
            _ => Vec::new(),
        };
        let fourth = if third.is_empty() {
            Vec::new()
        } else {
            free(row + 3, sheet.row(row + 3), memo)
        };
        let lines = Lines {
            row,
            upper: free(row, cells, memo),
            lower,
            third,
            fourth,
            sheet,
        };
        let weighed = lines.weigh(&out.taken, allowed, memo, ground);
        let mut taken = false;
        for found in weighed.found {
            // A table beside that begins a row later is taken there.
            if found.first_row == row
                && !repeats(&out.taken, &found, memo)
                && !is_record(&out.taken, &found, cells, memo)
            {
                out.taken.push(found);
                taken = true;
            }
        }
        if taken {
            continue;
        }
        let resolved = weighed.resolved.max(lines.resolved(allowed, memo));
        if resolved >= 2 && out.runner_up.is_none_or(|(_, best)| resolved > best) {
            out.runner_up = Some((row, resolved));
        }
    }
    out
}

/// A row that may hold headings, with the rows below it.
struct Lines<'a> {
    row: u32,
    upper: Vec<(u16, Heading)>,
    lower: Vec<(u16, Heading)>,
    third: Vec<(u16, Heading)>,
    fourth: Vec<(u16, Heading)>,
    sheet: &'a Worksheet,
}

/// What a row is worth as headings.
#[derive(Default)]
struct Weighed {
    found: Vec<Found>,
    /// How many headings the best way to cut the row resolves.
    resolved: usize,
}

/// The best reading of some columns as one table's headings.
struct Claim {
    found: Found,
    resolved: usize,
}

/// A way to cut a row's pieces into tables: headings resolved, tables and columns counted downwards, and the tables.
type Cut = (usize, isize, isize, Vec<Found>);

/// More blocks of headings than this in one row are not told apart.
const PIECES_MAX: usize = 16;

impl Lines<'_> {
    /// The table or tables that the row's headings are taken for: side by side where blank columns part them and that resolves more.
    fn weigh(
        &self,
        taken: &[Found],
        allowed: &[usize],
        memo: &mut Memo<'_>,
        ground: Ground,
    ) -> Weighed {
        let pieces = self.pieces();
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Weighed::default();
        };
        let whole = self.claim((first.0, last.1), allowed, memo, ground);
        if pieces.len() == 1 || pieces.len() > PIECES_MAX {
            return Weighed {
                found: whole.into_iter().map(|claim| claim.found).collect(),
                resolved: 0,
            };
        }
        // The best way to cut the row's pieces into tables: the most headings resolved, then the fewest tables, then the fewest columns.
        let mut best: Vec<Cut> = vec![(0, 0, 0, Vec::new())];
        for end in 0..pieces.len() {
            let mut here = best.get(end).cloned().unwrap_or_default();
            for start in 0..=end {
                let (Some(from), Some(to), Some(before)) =
                    (pieces.get(start), pieces.get(end), best.get(start))
                else {
                    continue;
                };
                let is_all = start == 0 && end + 1 == pieces.len();
                let ground = if is_all { ground } else { Ground::Headings };
                let Some(claim) = self
                    .claim((from.0, to.1), allowed, memo, ground)
                    // Half a table is no table: each of several needs what its rows are known by.
                    .filter(|claim| is_all || has_key(&claim.found, memo))
                else {
                    continue;
                };
                let width = isize::try_from(end - start).unwrap_or(0);
                let score = (before.0 + claim.resolved, before.1 - 1, before.2 - width);
                if score > (here.0, here.1, here.2) {
                    let mut found = before.3.clone();
                    found.push(claim.found);
                    here = (score.0, score.1, score.2, found);
                }
            }
            best.push(here);
        }
        let (resolved, _, _, mut found) = best.pop().unwrap_or_default();
        let claimed: Vec<(u16, u16)> = found.iter().map(|found| found.columns).collect();
        for found in &mut found {
            self.widen(found, &pieces, &claimed, taken, memo.schema);
        }
        Weighed { found, resolved }
    }

    /// Runs of columns that are filled in either row, parted by blank ones.
    fn pieces(&self) -> Vec<(u16, u16)> {
        let columns: BTreeSet<u16> = self
            .upper
            .iter()
            .chain(&self.lower)
            .map(|(column, _)| *column)
            .collect();
        let mut out: Vec<(u16, u16)> = Vec::new();
        for column in columns {
            match out.last_mut() {
                Some((_, last)) if *last + 1 == column => *last = column,
                _ => out.push((column, column)),
            }
        }
        out
    }

    fn within(&self, (first, last): (u16, u16)) -> [Vec<(u16, Heading)>; 4] {
        let part = |headings: &[(u16, Heading)]| {
            headings
                .iter()
                .filter(|(column, _)| (first..=last).contains(column))
                .cloned()
                .collect()
        };
        [
            part(&self.upper),
            part(&self.lower),
            part(&self.third),
            part(&self.fourth),
        ]
    }

    /// How many of the row's headings resolve, alone or with the row below: asked only of rows that are not taken.
    fn resolved(&self, allowed: &[usize], memo: &mut Memo<'_>) -> usize {
        let (upper, lower) = (&self.upper, &self.lower);
        let double = two_rows(self.sheet, upper, lower, allowed, memo);
        best(upper, allowed, memo)
            .resolved
            .max(best(&double.headings, allowed, memo).resolved)
    }

    /// What these columns are as one table: headings in the row, over both rows, or in the row below alone.
    fn claim(
        &self,
        columns: (u16, u16),
        allowed: &[usize],
        memo: &mut Memo<'_>,
        ground: Ground,
    ) -> Option<Claim> {
        let [upper, lower, third, fourth] = self.within(columns);
        let triple = deep_rows(self.sheet, &[&upper, &lower, &third], allowed, memo);
        let quadruple = deep_rows(
            self.sheet,
            &[&upper, &lower, &third, &fourth],
            allowed,
            memo,
        );
        let double = two_rows(self.sheet, &upper, &lower, allowed, memo);
        let has_groups = double.groups > 0;
        let double = double.headings;
        let scores = [&upper, &double, &lower, &triple, &quadruple]
            .map(|headings| best(headings, allowed, memo));
        let [
            single_score,
            double_score,
            lower_score,
            triple_score,
            quadruple_score,
        ] = scores;
        let others = [&single_score, &double_score, &lower_score];
        let (headings, rows, score) = if others
            .iter()
            .chain(std::iter::once(&&triple_score))
            .all(|other| quadruple_score.resolved > other.resolved)
        {
            (quadruple, (self.row, self.row + 3), quadruple_score)
        } else if others
            .iter()
            .all(|other| triple_score.resolved > other.resolved)
        {
            (triple, (self.row, self.row + 2), triple_score)
        } else if !upper.is_empty()
            && double_score.resolved > single_score.resolved
            && (double_score.resolved > lower_score.resolved
                || has_groups && double_score.resolved == lower_score.resolved)
        {
            (double, (self.row, self.row + 1), double_score)
        } else if upper.is_empty() || self.are_groups(&upper, &lower_score, &single_score) {
            (lower, (self.row + 1, self.row + 1), lower_score)
        } else {
            (upper, (self.row, self.row), single_score)
        };
        let table = score.table?;
        if !is_table(&headings, table, memo, ground) {
            return None;
        }
        let columns = (headings.first()?.0, headings.last()?.0);
        let over = [&self.upper, &self.lower, &self.third];
        let depth = usize::try_from(rows.1 - rows.0).unwrap_or(0);
        let upper: Vec<(u16, String)> = over
            .into_iter()
            .take(depth)
            .flatten()
            .map(|(column, heading)| (*column, heading.text.clone()))
            .collect();
        let mut found = Found {
            table,
            first_row: rows.0,
            last_row: rows.1,
            columns,
            headings,
            upper,
        };
        measure::take_row_below(self.sheet, &mut found, &mut |text| {
            let field = memo.field(text, table)?;
            Some(memo.schema.tables.get(table)?.fields.get(field)?.kind)
        });
        Some(Claim {
            found,
            resolved: score.resolved,
        })
    }

    /// Whether the upper row's headings only group those below: each merged over several columns, and fewer of them known.
    fn are_groups(&self, upper: &[(u16, Heading)], lower: &Score, single: &Score) -> bool {
        lower.resolved > single.resolved
            && upper.iter().all(|(_, heading)| {
                let merged = self.sheet.merged_at(heading.at);
                merged.is_some_and(|range| range.last.column > range.first.column)
            })
    }

    /// Takes in headings that nobody knows behind a single blank column: a spacer, not the end of the table.
    fn widen(
        &self,
        found: &mut Found,
        pieces: &[(u16, u16)],
        claimed: &[(u16, u16)],
        taken: &[Found],
        schema: &Schema,
    ) {
        let overlaps = |a: (u16, u16), b: (u16, u16)| a.0 <= b.1 && b.0 <= a.1;
        loop {
            let next = pieces.iter().find(|(first, last)| {
                let beside = *first == found.columns.1.saturating_add(2)
                    || last.saturating_add(2) == found.columns.0;
                let is_others = taken.iter().any(|other| {
                    overlaps((*first, *last), other.columns)
                        && !overlaps(found.columns, other.columns)
                });
                let is_claimed = claimed
                    .iter()
                    .any(|columns| overlaps((*first, *last), *columns));
                beside && !is_others && !is_claimed
            });
            let Some((first, last)) = next.copied() else {
                return;
            };
            let mut more: Vec<(u16, Heading)> = Vec::new();
            let rows = [
                (found.last_row > self.row).then_some(&self.lower),
                (found.first_row == self.row).then_some(&self.upper),
            ];
            for (column, heading) in rows.into_iter().flatten().flatten() {
                let is_new = !more.iter().any(|(taken, _)| taken == column);
                if (first..=last).contains(column) && is_new {
                    more.push((*column, heading.clone()));
                }
            }
            let is_note = |heading: &Heading| {
                body::is_note_text(schema, &heading.text)
                    || labels::is_label_text(schema, &heading.text)
            };
            if more.is_empty() || more.iter().any(|(_, heading)| is_note(heading)) {
                return;
            }
            found.headings.extend(more);
            found.headings.sort_by_key(|(column, _)| *column);
            found.columns = (found.columns.0.min(first), found.columns.1.max(last));
        }
    }
}

/// Which fields a heading text may name, by table; each text is looked up once.
struct Memo<'a> {
    schema: &'a Schema,
    /// What texts that name something name.
    named: Vec<Box<[Option<usize>]>>,
    /// Where among those a text is, or that it names nothing.
    seen: HashMap<String, Option<usize>>,
}

/// The texts of body rows repeat themselves; no more of them are kept than this.
const KEPT_TEXTS_MAX: usize = 4096;

impl<'a> Memo<'a> {
    fn new(schema: &'a Schema) -> Self {
        Self {
            schema,
            named: Vec::new(),
            seen: HashMap::new(),
        }
    }

    /// What a text names, to be asked for by table; nothing if it names no field.
    fn naming(&mut self, text: &str) -> Option<usize> {
        if let Some(known) = self.seen.get(text) {
            return *known;
        }
        let found = self.look_up(text).map(|fields| {
            self.named.push(fields);
            self.named.len() - 1
        });
        // Most texts of a sheet are no headings: long ones among them are not kept.
        if found.is_some() || text.len() <= 24 && self.seen.len() < KEPT_TEXTS_MAX {
            self.seen.insert(text.to_owned(), found);
        }
        found
    }

    /// The field that a naming means in a table.
    fn in_table(&self, naming: Option<usize>, table: usize) -> Option<usize> {
        self.named.get(naming?)?.get(table).copied().flatten()
    }

    fn look_up(&self, text: &str) -> Option<Box<[Option<usize>]>> {
        let folded = fold(text);
        let said = period::may_name_period(&folded).then(|| period::mention_in(&folded));
        let year = self.schema.year.start.year();
        let mut found: Box<[Option<usize>]> = match said.filter(|said| said.quarter.is_some()) {
            None => self.schema.headings_called(&folded)?.into(),
            Some(said) => self
                .schema
                .tables
                .iter()
                .map(|table| {
                    table
                        .match_folded(&folded, &said, year, None)
                        .map(|(field, _)| field)
                })
                .collect(),
        };
        if text.contains(measure::OTHER_SIGNS) {
            for (table, found) in self.schema.tables.iter().zip(&mut found) {
                let field = found.and_then(|field| table.fields.get(field));
                if field.is_some_and(|field| measure::names_other(text, field)) {
                    *found = None;
                }
            }
        }
        found.iter().any(Option::is_some).then_some(found)
    }

    fn field(&mut self, text: &str, table: usize) -> Option<usize> {
        let naming = self.naming(text);
        self.in_table(naming, table)
    }
}

fn heading_text<'c>(cell: &'c Cell, schema: &Schema) -> Option<&'c str> {
    match &cell.value {
        // An error value that came through as text, such as `#REF!`, is no heading called Ref.
        CellValue::Text(text) => ((text.len() <= HEADING_BYTES_MAX
            || schema.is_long_heading(text))
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

/// A quick look: two of the row's first texts name fields.
fn is_promising(cells: &[Cell], memo: &mut Memo<'_>) -> bool {
    cells.len() >= 2
        && cells
            .iter()
            .filter_map(|cell| heading_text(cell, memo.schema))
            .take(LOOKED_AT)
            .filter(|text| memo.schema.may_be_heading(text) && memo.naming(text).is_some())
            .nth(1)
            .is_some()
}

/// So many texts of a row are looked at before it is weighed as headings.
const LOOKED_AT: usize = 12;

/// Whether a row carries a group heading such as `Quarter 1`.
fn has_group(cells: &[Cell], schema: &Schema) -> bool {
    cells
        .iter()
        .filter_map(|cell| heading_text(cell, schema))
        .any(|text| period::mention(text).quarter.is_some())
}

fn headings_of(cells: &[Cell], schema: &Schema) -> Vec<(u16, Heading)> {
    labels::past_labels(cells, schema)
        .iter()
        .filter_map(|cell| {
            heading_text(cell, schema).map(|text| {
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

/// Two rows read as one heading row.
struct TwoRows {
    headings: Vec<(u16, Heading)>,
    /// How many headings of the upper row belong to one right below: `Quarter 2` over `Update`, and not over `Ref` as a title stands.
    groups: usize,
}

/// The heading of a column; headings stand from the left.
fn at(headings: &[(u16, Heading)], column: u16) -> Option<&Heading> {
    let index = headings.binary_search_by_key(&column, |(own, _)| *own);
    headings.get(index.ok()?).map(|(_, heading)| heading)
}

/// The heading of a column or the nearest one left of it.
fn up_to(headings: &[(u16, Heading)], column: u16) -> Option<&Heading> {
    let index = headings.partition_point(|(own, _)| *own <= column);
    let (_, heading) = headings.get(index.checked_sub(1)?)?;
    Some(heading)
}

/// Reads two rows as one heading row: `Quarter 1` over `Update | RAG | Figure`, and headings merged down over both.
fn two_rows(
    sheet: &Worksheet,
    tops: &[(u16, Heading)],
    subs: &[(u16, Heading)],
    allowed: &[usize],
    memo: &mut Memo<'_>,
) -> TwoRows {
    let mut out = Vec::new();
    let mut groups = 0;
    let columns: BTreeSet<u16> = tops.iter().chain(subs).map(|(column, _)| *column).collect();
    // One heading of the upper row may stand over many.
    let mut of_quarter: Option<(CellAddress, bool)> = None;
    for column in columns {
        let sub = at(subs, column);
        let own_top = at(tops, column);
        // A merged heading ends where its cell does; one that is not merged runs on to the next.
        let spanning = up_to(tops, column).filter(|h| spans(sheet, h.at, column));
        let Some(sub) = sub else {
            out.extend(own_top.map(|h| (column, h.clone())));
            continue;
        };
        let mut text = sub.text.clone();
        if let Some(top) = spanning {
            let joined = format!("{} {}", top.text, sub.text);
            let is_quarter = match of_quarter {
                Some((at, is_quarter)) if at == top.at => is_quarter,
                _ => period::mention(&top.text).quarter.is_some(),
            };
            of_quarter = Some((top.at, is_quarter));
            let (both, own) = (memo.naming(&joined), memo.naming(&sub.text));
            let names = |naming, table: &usize| memo.in_table(naming, *table).is_some();
            let joins = allowed
                .iter()
                .any(|table| names(both, table) && (is_quarter || !names(own, table)));
            let alone = allowed.iter().any(|table| names(own, table));
            if joins || is_quarter && !alone {
                text = joined;
                groups += usize::from(joins && top.at.column == column);
            }
        }
        out.push((column, Heading { at: sub.at, text }));
    }
    TwoRows {
        headings: out,
        groups,
    }
}

/// Reads three rows or four as one heading row: a year over its quarters over `Actual | Forecast`. What stands over a heading always
/// belongs to it.
fn deep_rows(
    sheet: &Worksheet,
    rows: &[&[(u16, Heading)]],
    allowed: &[usize],
    memo: &mut Memo<'_>,
) -> Vec<(u16, Heading)> {
    let Some((last, over)) = rows.split_last() else {
        return Vec::new();
    };
    if rows.iter().any(|row| row.is_empty()) {
        return Vec::new();
    }
    let both = over.iter().skip(1).fold(
        over.first().map_or(Vec::new(), |row| row.to_vec()),
        |upper, lower| joined(sheet, &upper, lower),
    );
    two_rows(sheet, &both, last, allowed, memo).headings
}

/// The headings of two rows, each of the lower with what stands over it.
fn joined(
    sheet: &Worksheet,
    upper: &[(u16, Heading)],
    lower: &[(u16, Heading)],
) -> Vec<(u16, Heading)> {
    let mut both: Vec<(u16, Heading)> = upper.to_vec();
    both.retain(|(column, _)| at(lower, *column).is_none());
    for (column, sub) in lower {
        let top = up_to(upper, *column).filter(|top| spans(sheet, top.at, *column));
        let text = top.map_or_else(
            || sub.text.clone(),
            |top| format!("{} {}", top.text, sub.text),
        );
        both.push((*column, Heading { at: sub.at, text }));
    }
    both.sort_by_key(|(column, _)| *column);
    both
}

/// Whether a heading reaches to a column: a merged one to the end of its cell, one that is not merged to the next.
fn spans(sheet: &Worksheet, top: CellAddress, column: u16) -> bool {
    sheet
        .merged_at(top)
        .is_none_or(|range| range.last.column >= column)
}

/// How well a row of headings suits its best table.
#[derive(Clone, Debug, Default)]
struct Score {
    table: Option<usize>,
    resolved: usize,
}

/// What each of the headings names.
fn namings(headings: &[(u16, Heading)], memo: &mut Memo<'_>) -> Vec<Option<usize>> {
    let texts = headings.iter().map(|(_, heading)| &heading.text);
    texts.map(|text| memo.naming(text)).collect()
}

/// How many distinct fields, and how many required ones, the headings name in a table.
fn resolved(namings: &[Option<usize>], table: usize, memo: &Memo<'_>) -> (usize, usize) {
    let fields: BTreeSet<usize> = namings
        .iter()
        .filter_map(|naming| memo.in_table(*naming, table))
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
    let namings = namings(headings, memo);
    for table in allowed {
        let (count, required) = resolved(&namings, *table, memo);
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

fn is_table(
    headings: &[(u16, Heading)],
    table: usize,
    memo: &mut Memo<'_>,
    ground: Ground,
) -> bool {
    let namings = namings(headings, memo);
    let (count, required) = resolved(&namings, table, memo);
    let wanted = memo
        .schema
        .tables
        .get(table)
        .map_or(0, Table::required_count);
    let told = told_by_others(headings, table, memo);
    count >= 2 && ((required + told) * 2 >= wanted || ground == Ground::SheetName)
}

/// How a finance system's export tells what a ledger needs, by other columns: the amount by debit and credit, the day by a period, the
/// line by a cost centre.
pub const TOLD_BY: [(&str, &[&str]); 3] = [
    ("amount", &["debit", "credit"]),
    ("posting_date", &["period"]),
    ("line", &["cost_centre"]),
];

/// How many required fields that no heading names are told by others.
fn told_by_others(headings: &[(u16, Heading)], table: usize, memo: &mut Memo<'_>) -> usize {
    let Some(schema) = memo.schema.tables.get(table) else {
        return 0;
    };
    if schema.field("debit").is_none() {
        return 0;
    }
    let named: BTreeSet<&str> = headings
        .iter()
        .filter_map(|(_, heading)| memo.field(&heading.text, table))
        .filter_map(|field| schema.fields.get(field))
        .map(|field| field.name.as_str())
        .collect();
    TOLD_BY
        .iter()
        .filter(|(field, others)| {
            !named.contains(field) && others.iter().any(|other| named.contains(other))
        })
        .count()
}

/// Whether one of the headings names a field by which the table's rows are known.
fn has_key(found: &Found, memo: &mut Memo<'_>) -> bool {
    let Some(table) = memo.schema.tables.get(found.table) else {
        return false;
    };
    let mut keys = table.key_fields().peekable();
    keys.peek().is_none()
        || found.headings.iter().any(|(_, heading)| {
            memo.field(&heading.text, found.table)
                .and_then(|field| table.fields.get(field))
                .is_some_and(|field| table.is_key(field))
        })
}

/// So many of the tables above are asked about a row: those further up have others below them.
const REMEMBERED: usize = 64;

/// The columns of a row that belong to tables taken already: in the rows of their headings, and where the row is a record of theirs.
fn spent(taken: &[Found], row: u32, cells: &[Cell], memo: &mut Memo<'_>) -> Vec<(u16, u16)> {
    taken
        .iter()
        .rev()
        .take(REMEMBERED)
        .filter(|found| {
            let is_header = found.first_row < row && row <= found.last_row;
            is_header || found.last_row < row && holds_values(found, cells, memo)
        })
        .map(|found| found.columns)
        .collect()
}

/// Whether a row holds values under a table's headings, which headings never are: a number, a date, a line or reference, an amount.
fn holds_values(found: &Found, cells: &[Cell], memo: &mut Memo<'_>) -> bool {
    let (first, last) = found.columns;
    cells
        .iter()
        .filter(|cell| (first..=last).contains(&cell.address.column))
        .any(|cell| match &cell.value {
            CellValue::Text(text) if is_blank(text) => false,
            CellValue::Text(text) => {
                at(&found.headings, cell.address.column).is_some_and(|heading| {
                    memo.field(&heading.text, found.table)
                        .and_then(|field| memo.schema.tables.get(found.table)?.fields.get(field))
                        .is_some_and(|field| body::is_plainly(text, field))
                })
            }
            CellValue::Number(_) | CellValue::Date(_) => true,
            CellValue::Boolean(_) | CellValue::Error(_) | CellValue::NotCalculated => false,
        })
}

/// Whether a row begins with a reference of a table above it, as its schema writes them: a record there, whatever its words could be as headings.
fn is_record(taken: &[Found], found: &Found, cells: &[Cell], memo: &mut Memo<'_>) -> bool {
    taken
        .iter()
        .rev()
        .take(REMEMBERED)
        .filter(|above| {
            above.last_row < found.first_row
                && above.columns.0 <= found.columns.1
                && found.columns.0 <= above.columns.1
        })
        .any(|above| {
            above.headings.iter().any(|(column, heading)| {
                let pattern = memo
                    .field(&heading.text, above.table)
                    .and_then(|field| memo.schema.tables.get(above.table)?.fields.get(field))
                    .and_then(|field| field.constraint.pattern.as_ref());
                pattern.is_some_and(|pattern| {
                    cells
                        .iter()
                        .filter(|cell| cell.address.column == *column)
                        .filter_map(|cell| cell.value.as_text())
                        .any(|text| pattern.is_match(&visible(text)))
                })
            })
        })
}

/// Whether a heading row repeats one above it: every heading the same, or the same field, in the same column. One that differs is another table's.
fn repeats(taken: &[Found], found: &Found, memo: &mut Memo<'_>) -> bool {
    taken.iter().rev().take(REMEMBERED).any(|above| {
        above.table == found.table
            && found.headings.len() * 2 > above.headings.len()
            && found.headings.iter().all(|(column, heading)| {
                let field = memo.field(&heading.text, found.table);
                at(&above.headings, *column).is_some_and(|other| {
                    measure::has_other_measure(&heading.text)
                        == measure::has_other_measure(&other.text)
                        && (is_same_heading(&fold(&heading.text), &other.text)
                            || field.is_some() && field == memo.field(&other.text, found.table))
                })
            })
            && !lacks_a_heading(above, found, memo)
    })
}

/// Whether a row that would repeat the headings above has none where money or what a row must have stands: what is below it there may be anything.
fn lacks_a_heading(above: &Found, found: &Found, memo: &mut Memo<'_>) -> bool {
    // Of headings over several rows one may be repeated alone.
    above.first_row == above.last_row
        && above.headings.iter().any(|(column, heading)| {
            let field = memo.field(&heading.text, above.table).and_then(|field| {
                memo.schema
                    .tables
                    .get(above.table)
                    .and_then(|table| table.fields.get(field))
            });
            field.is_some_and(|field| field.constraint.required || field.kind == FieldKind::Money)
                && !found.headings.iter().any(|(at, _)| at == column)
        })
}

/// Whether a folded text is a heading again, or the lower part of one that stands over two rows.
pub(super) fn is_same_heading(folded: &str, heading: &str) -> bool {
    let heading = fold(heading);
    heading == folded
        || heading
            .strip_suffix(folded)
            .is_some_and(|upper| upper.ends_with(' '))
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
        balances: Vec::new(),
        not_taken: Vec::new(),
        alone: Vec::new(),
        ragged: Vec::new(),
        open_quote: None,
        priority: labels::sheet_priority(sheet, found.first_row, schema),
        blocks: Vec::new(),
    };
    let Some(table) = schema.tables.get(found.table) else {
        return out;
    };
    let year = schema.year.start.year();
    for (column, heading) in &found.headings {
        let named = table
            .match_heading(&heading.text, year, own.quarter)
            .filter(|(field, _)| {
                let field = table.fields.get(*field);
                field.is_none_or(|field| !measure::names_other(&heading.text, field))
            });
        let named = named.map(|(field, basis)| {
            let is_basis = table
                .fields
                .get(field)
                .is_some_and(|field| field.name == "vat_basis");
            let amount = table
                .field("vat_amount")
                .filter(|_| is_basis && holds_amounts(sheet, *column, found));
            (amount.unwrap_or(field), basis)
        });
        match named {
            Some((field, basis)) => place(
                &mut out,
                Column {
                    column: *column,
                    field,
                    heading: heading.clone(),
                    basis,
                    stands: Stands::InRow,
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
    tell_by_another(&mut out, table, "line", &["project", "cost_centre"]);
    propose(&mut out, table, schema);
    out
}

/// Where a table has no column for a field, another of its columns tells it: the project's name its funding line.
fn tell_by_another(out: &mut TableLayout, table: &Table, name: &str, others: &[&str]) {
    let Some(field) = table.field(name) else {
        return;
    };
    let is_told = out.columns.iter().any(|column| column.field == field)
        || out.duplicates.iter().any(|double| double.field == field);
    let at = others.iter().find_map(|other| {
        let other = table.field(other)?;
        out.columns.iter().position(|column| column.field == other)
    });
    if let Some(at) = at.filter(|_| !is_told)
        && let Some(column) = out.columns.get(at)
    {
        let told = Column {
            field,
            ..column.clone()
        };
        // Behind the other's own, which what stands in the column is judged by.
        out.columns.insert(at + 1, told);
    }
}

/// Whether a field that has no column is told by others: a ledger's amount by debit and credit, its day by a period.
fn is_told_by_others(out: &TableLayout, table: &Table, field: usize) -> bool {
    let name = table.fields.get(field).map(|field| field.name.as_str());
    let others = TOLD_BY
        .iter()
        .find(|(own, _)| Some(*own) == name)
        .map_or(&[][..], |(_, others)| *others);
    others.iter().any(|other| {
        table
            .field(other)
            .is_some_and(|other| out.columns.iter().any(|column| column.field == other))
    })
}

/// Whether a column's cells below the headings are amounts, and not words: `VAT` heads a basis or a sum.
fn holds_amounts(sheet: &Worksheet, column: u16, found: &Found) -> bool {
    let mut amounts = 0_usize;
    let mut words = 0_usize;
    for (_, cells) in sheet.rows_from(found.last_row + 1) {
        let Some(cell) = cells.iter().find(|cell| cell.address.column == column) else {
            continue;
        };
        match &cell.value {
            CellValue::Number(figure) if !figure.shown.is_percentage() => amounts += 1,
            CellValue::Text(text) if body::is_money(text) => amounts += 1,
            CellValue::Text(text) if is_blank(text) => {}
            _ => words += 1,
        }
    }
    amounts > words
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

/// So many headings without a field are compared with the fields that lack one: nobody means more of them by a slip of the pen.
const PROPOSED_MAX: usize = 300;

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
    for (at, unknown) in out.unknown.iter().take(PROPOSED_MAX).enumerate() {
        let text = &unknown.heading.text;
        let (folded, said) = (fold(text), period::mention(text));
        for field in &vacant {
            let alike = table
                .fields
                .get(*field)
                .map_or(0.0, |f| closeness(&folded, &said, f));
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
            // The title above each block says it, and no column has to.
            .is_some_and(|f| {
                f.constraint.required && table.block_title.as_deref() != Some(f.name.as_str())
            })
            && !is_told_by_others(out, table, field);
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
fn closeness(folded: &str, said: &period::Mention, field: &Field) -> f64 {
    let folded = measure::without(folded);
    let plain = field
        .headings
        .iter()
        .map(|heading| likeness(folded, heading))
        .fold(0.0, f64::max);
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
