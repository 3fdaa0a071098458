//! Label cells: `Partner: Kent Police` beside or in one cell; and what names and titles say.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Covered, TableLayout, Title, is_hidden, outside};
use crate::grid::{Cell, CellAddress, CellValue, Worksheet};
use crate::schema::Schema;
use crate::value::date::{self, TextDate};
use crate::value::period::{self, Mention};
use crate::value::text::{contains_words, fold, is_blank, visible};

/// What a label cell is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Who the file is from.
    Partner,
    /// Which quarter it is for.
    Quarter,
    /// Which year it is for.
    Year,
    /// When it was sent.
    ReturnedOn,
    /// A date: of return, on a cover sheet and in an e-mail's head.
    Dated,
    /// Which version it is.
    Version,
    /// A stream's award.
    Award,
    /// Something else.
    Other,
}

/// A label and its value.
#[derive(Clone, Debug)]
pub struct Label {
    /// What it is about.
    pub kind: LabelKind,
    /// The sheet's index.
    pub sheet: usize,
    /// The cell of the label itself.
    pub label_at: CellAddress,
    /// The cell that holds the value: the label's own, or the one beside it.
    pub at: CellAddress,
    /// The value without the label.
    pub value: CellValue,
    /// The value's cell as found.
    pub raw: CellValue,
    /// The stream that a text before the label names: `Crime Reduction Grant | Grant awarded | 39,661`.
    pub stream: Option<usize>,
}

/// The last day of a period told in days: `01/07/2022 - 30/09/2022`, `quarter ended 30 September 2022`, `Sept 2022`.
fn last_day(text: &str) -> Option<jiff::civil::Date> {
    let last = [" to ", " - ", "–", "—", " until "]
        .iter()
        .find_map(|between| text.rsplit_once(between))
        .map_or(text, |(_, last)| last);
    let behind_words = ["ended", "ending", "end"].iter().find_map(|word| {
        let at = last.to_ascii_lowercase().rfind(&format!("{word} "))?;
        last.get(at + word.len()..)
    });
    match date::deadline_from_text(behind_words.unwrap_or(last)) {
        // What names no year comes back in the year 0 or 1.
        TextDate::Certain(day) | TextDate::MonthFirst(day) if day.year() > 1 => Some(day),
        TextDate::Ambiguous { day_first, .. } => Some(day_first),
        TextDate::Certain(_)
        | TextDate::MonthFirst(_)
        | TextDate::Impossible
        | TextDate::Unreadable => None,
    }
}

/// The first day of a period told in days.
fn first_day(text: &str) -> Option<jiff::civil::Date> {
    let (first, _) = [" to ", " - ", "–", "—", " until "]
        .iter()
        .find_map(|between| text.split_once(between))?;
    let first = first
        .trim()
        .trim_start_matches("from ")
        .trim_start_matches("From ");
    match date::from_text(first) {
        TextDate::Certain(day) | TextDate::MonthFirst(day) => Some(day),
        TextDate::Ambiguous { day_first, .. } => Some(day_first),
        TextDate::Impossible | TextDate::Unreadable => None,
    }
}

impl Label {
    /// The value as text.
    #[must_use]
    pub fn text(&self) -> String {
        visible(&self.value.to_string())
    }

    /// What the value says of a period. A bare `2` beside `Quarter` is the second.
    #[must_use]
    pub fn period(&self) -> Mention {
        let text = self.text();
        let mut said = period::mention(&text);
        if said.quarter.is_none() {
            said.quarter = match text.as_str() {
                "1" => Some(1),
                "2" => Some(2),
                "3" => Some(3),
                "4" => Some(4),
                _ => None,
            };
        }
        if said.quarter.is_none()
            && said.span.is_none()
            && let Some(day) = self.date().or_else(|| last_day(&text))
        {
            // `Quarter ending 30/09/2022`
            let number = |day: jiff::civil::Date| (day.month() + 8) % 12 / 3 + 1;
            said.quarter = u8::try_from(number(day)).ok();
            said.year = Some(partnership_year(day));
            // `01/04/2022 - 30/09/2022`
            let first =
                first_day(&text).filter(|first| partnership_year(*first) == partnership_year(day));
            let span = first.and_then(|first| {
                Some((
                    u8::try_from(number(first)).ok()?,
                    u8::try_from(number(day)).ok()?,
                ))
            });
            said.span = span.filter(|(from, to)| from < to && (*from, *to) != (1, 4));
        }
        said
    }

    /// The value as a date.
    #[must_use]
    pub fn date(&self) -> Option<jiff::civil::Date> {
        match &self.value {
            CellValue::Date(moment) => Some(moment.date()),
            CellValue::Text(text) => match date::from_text(text) {
                TextDate::Certain(day) | TextDate::MonthFirst(day) => Some(day),
                TextDate::Ambiguous { day_first, .. } => Some(day_first),
                TextDate::Impossible | TextDate::Unreadable => None,
            },
            CellValue::Number(_)
            | CellValue::Boolean(_)
            | CellValue::Error(_)
            | CellValue::NotCalculated => None,
        }
    }

    /// The value as the start of a partnership year: `2022-23`, or `2022` alone.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        let text = self.text();
        period::mention(&text).year.or_else(|| {
            text.parse()
                .ok()
                .filter(|year| (1990..=2199).contains(year))
                .or_else(|| self.date().map(partnership_year))
        })
    }
}

/// The calendar year in which the April to March year of a day starts.
fn partnership_year(day: jiff::civil::Date) -> i16 {
    if day.month() <= 3 {
        day.year() - 1
    } else {
        day.year()
    }
}

/// No label is longer than this, with its value.
const LABEL_BYTES_MAX: usize = 200;

/// Finds the label cells of a sheet outside its tables.
pub(super) fn find(
    index: usize,
    sheet: &Worksheet,
    covered: &Covered,
    schema: &Schema,
) -> Vec<Label> {
    let mut out = Vec::new();
    for (row, cells) in sheet.rows() {
        let mut cells = outside(cells, &covered.columns(row));
        // A block's title may stand before its label: `Crime Reduction Grant | Grant awarded | 39,661`.
        let titled = titled(&cells, schema);
        if titled.is_some() {
            cells.remove(0);
        }
        if cells.is_empty() {
            continue;
        }
        let below = outside(sheet.row(row + 1), &covered.columns(row + 1));
        let further = outside(sheet.row(row + 2), &covered.columns(row + 2));
        if are_headings(&cells, &below, &further, schema) {
            continue;
        }
        let plain = may_stand_plain(&cells, schema)
            && (below.len() < 2
                || proves_itself(&cells, schema)
                || covered.has_header(row + 1)
                || below.first().is_some_and(|cell| is_label(cell, schema))
                || self::titled(&below, schema).is_some()
                || cells.iter().all(|cell| is_label(cell, schema)));
        for (at, cell) in cells.iter().enumerate() {
            let CellValue::Text(text) = &cell.value else {
                continue;
            };
            // What stands beside a label is its value, whatever it looks like.
            let is_value = out
                .last()
                .is_some_and(|label: &Label| label.at == cell.address);
            if text.len() > LABEL_BYTES_MAX || is_value {
                continue;
            }
            let found = label(
                index,
                cell,
                text,
                Around {
                    right: cells
                        .iter()
                        .skip(at + 1)
                        .find(|right| !is_hidden(sheet, right.address))
                        .copied(),
                    below: below
                        .iter()
                        .find(|under| under.address.column == cell.address.column)
                        .filter(|under| !begins_list(under, &further, schema))
                        .filter(|under| !is_hidden(sheet, under.address))
                        .copied(),
                    sender: sender(
                        sheet,
                        cell.address,
                        cells.get(at + 1..).unwrap_or_default(),
                        covered,
                        schema,
                    ),
                    plain,
                },
                schema,
            );
            out.extend(found.map(|label| Label {
                stream: titled,
                ..label
            }));
        }
    }
    out
}

/// How many rows below its label a sender may stand.
const SENDER_ROWS: u32 = 3;

/// The nearest cell right of a label, else below it, that names an agency: never past another label, and never a hidden one.
fn sender<'a>(
    sheet: &'a Worksheet,
    label: CellAddress,
    right: &[&'a Cell],
    covered: &Covered,
    schema: &Schema,
) -> Option<&'a Cell> {
    let names = |cell: &&Cell| {
        let text = cell.value.as_text();
        !is_hidden(sheet, cell.address)
            && text.is_some_and(|text| schema.agency_called(&fold(text)).is_some())
    };
    let beside = right
        .iter()
        .take_while(|cell| !is_label(cell, schema))
        .copied()
        .find(names);
    let under = |row: u32| {
        let cells = outside(sheet.row(row), &covered.columns(row));
        cells
            .into_iter()
            .find(|cell| cell.address.column == label.column)
    };
    beside.or_else(|| {
        let below: Vec<&Cell> = (1..=SENDER_ROWS)
            .filter_map(|down| under(label.row.checked_add(down)?))
            .take_while(|cell| !is_label(cell, schema))
            .collect();
        let mut named = below.into_iter().filter(names);
        // A list of agencies, one below the other, names nobody.
        let first = named.next()?;
        named.next().is_none().then_some(first)
    })
}

/// The stream that a row's first cell names, where a label and its value follow.
fn titled(cells: &[&Cell], schema: &Schema) -> Option<usize> {
    match cells {
        [title, label, _, ..] if is_label(label, schema) => title
            .value
            .as_text()
            .and_then(|text| stream_of(schema, text)),
        _ => None,
    }
}

/// Whether labels stand side by side, each without a value between them: `Agency | Name | Role` heads a table that nobody knows. A form
/// may be laid out so too, with one row of values below: labels of who and when alone, or with a quarter below its label.
fn are_headings(cells: &[&Cell], below: &[&Cell], further: &[&Cell], schema: &Schema) -> bool {
    let known = |cell: &Cell| {
        let text = cell.value.as_text()?;
        kind(&fold(text), schema)
    };
    let is_pair = cells.windows(2).any(|pair| match pair {
        [a, b] => {
            a.address.column + 1 == b.address.column && known(a).is_some() && known(b).is_some()
        }
        _ => false,
    });
    if !is_pair {
        return false;
    }
    let under = |row: &[&Cell], at: CellAddress| {
        row.iter()
            .find(|cell| cell.address.column == at.column)
            .map(|cell| cell.value.clone())
    };
    let is_one_row = |at: CellAddress| under(further, at).is_none();
    let is_form = cells
        .iter()
        .all(|cell| known(cell).is_some() && is_one_row(cell.address))
        && (cells
            .iter()
            .all(|cell| known(cell).is_some_and(says_something))
            || cells.iter().any(|cell| {
                known(cell) == Some(LabelKind::Quarter)
                    && under(below, cell.address)
                        .is_some_and(|value| value.as_text().is_some_and(is_a_quarter))
            }));
    !is_form
}

/// Whether a cell is the first of a list of agencies, one below the other, and no label's value.
fn begins_list(cell: &Cell, further: &[&Cell], schema: &Schema) -> bool {
    let names_agency = |cell: &Cell| {
        cell.value
            .as_text()
            .is_some_and(|text| schema.agency_called(&fold(text)).is_some())
    };
    names_agency(cell)
        && further
            .iter()
            .any(|next| next.address.column == cell.address.column && names_agency(next))
}

/// The lines above a sheet's first table that stand alone in their row and name a quarter, labels aside.
pub(super) fn titles(
    index: usize,
    sheet: &Worksheet,
    table: Option<&TableLayout>,
    labels: &[Label],
) -> Vec<Title> {
    let Some(table) = table else {
        return Vec::new();
    };
    sheet
        .rows()
        .take_while(|(row, _)| *row < table.header.first.row)
        .filter_map(|(_, cells)| {
            let [cell] = cells else { return None };
            let text = cell
                .value
                .as_text()
                .filter(|text| text.len() <= LABEL_BYTES_MAX)?;
            let is_label = labels
                .iter()
                .any(|label| label.sheet == index && label.at == cell.address);
            let said = period::mention(text);
            (!is_label && said.quarter.is_some()).then_some(Title {
                sheet: index,
                at: cell.address,
                said,
            })
        })
        .collect()
}

fn is_label(cell: &Cell, schema: &Schema) -> bool {
    cell.value.as_text().is_some_and(|text| {
        text.len() <= LABEL_BYTES_MAX
            && (kind(&fold(text), schema).is_some() || visible(text).contains([':', '：']))
    })
}

/// Whether label words without a colon count in this row: `Quarter | Q2` alone or in pairs.
fn may_stand_plain(cells: &[&Cell], schema: &Schema) -> bool {
    !cells.is_empty()
        && (cells.len() <= 2 || cells.iter().step_by(2).all(|cell| is_label(cell, schema)))
}

/// Whether a row is a label and a value that only such a label has: `Partner | Kent Police`, `Quarter | Q2 2022-23`. No headings say that.
fn proves_itself(cells: &[&Cell], schema: &Schema) -> bool {
    let [label, value] = cells else {
        return false;
    };
    let Some((label, value)) = label.value.as_text().zip(value.value.as_text()) else {
        return false;
    };
    match kind(&fold(label), schema) {
        Some(LabelKind::Partner) => {
            let name = fold(value);
            schema
                .agencies
                .iter()
                .any(|agency| agency.words.contains(&name))
        }
        Some(LabelKind::Quarter) => is_a_quarter(value),
        Some(
            LabelKind::Year
            | LabelKind::ReturnedOn
            | LabelKind::Version
            | LabelKind::Award
            | LabelKind::Dated
            | LabelKind::Other,
        )
        | None => false,
    }
}

/// Whether a text says a quarter and nothing else.
fn is_a_quarter(text: &str) -> bool {
    let said = period::mention(text);
    said.quarter.is_some() && said.rest.is_empty()
}

/// Whether a text asks for a quarter in words of its own: `Return for quarter`, `Quarter and year`, `Claim period`.
fn asks_for_quarter(folded: &str) -> bool {
    let mut words = folded.split(' ');
    words.clone().count() <= LABEL_WORDS_MAX
        && words.any(|word| matches!(word, "quarter" | "period" | "qtr"))
        && period::mention(folded).quarter.is_none()
}

/// A row's cells without labels and their values that each stand before a gap: `Quarter | Q2 2022-23 | | Line | Amount` beside a table whose
/// headings stand in that row.
pub(super) fn past_labels<'a>(cells: &'a [Cell], schema: &Schema) -> &'a [Cell] {
    let mut rest = cells;
    while let [label, value, next, ..] = rest {
        let is_apart = label.address.column + 1 == value.address.column
            && value.address.column + 1 < next.address.column;
        if !is_apart || !proves_itself(&[label, value], schema) {
            break;
        }
        rest = rest.get(2..).unwrap_or_default();
    }
    rest
}

/// A label of a form has no more words than this.
const LABEL_WORDS_MAX: usize = 6;

/// Whether a row holds nothing but labels and their values, so that it cannot be headings: `Quarter: | Q2 2022-23`, or such pairs.
pub(super) fn is_label_row(cells: &[Cell], schema: &Schema) -> bool {
    let filled = || {
        cells
            .iter()
            .filter(|cell| !cell.value.as_text().is_some_and(is_blank))
    };
    let count = filled().take(LABEL_PAIRS_MAX * 2 + 1).count();
    if count < 2 || !count.is_multiple_of(2) || count > LABEL_PAIRS_MAX * 2 {
        return false;
    }
    let (labels, values) = (filled().step_by(2), filled().skip(1).step_by(2));
    labels.zip(values).all(|(label, value)| {
        let Some(text) = label.value.as_text() else {
            return false;
        };
        if visible(text).ends_with([':', '：']) {
            return true;
        }
        match kind(&fold(text), schema) {
            None => false,
            // In a row of headings `Quarter` stands beside another heading, not beside a period.
            Some(LabelKind::Quarter | LabelKind::Year) if count > 2 => {
                let said = period::mention(&value.value.to_string());
                said.quarter.is_some()
                    || said.year.is_some()
                    || !matches!(value.value, CellValue::Text(_))
            }
            Some(LabelKind::Other | LabelKind::Dated) => count == 2,
            Some(_) => true,
        }
    })
}

/// Whether cells under a table's headings are nothing but labels and their values: each label known or ending in a colon.
pub(super) fn are_pairs(cells: &[&Cell], schema: &Schema) -> bool {
    let is_label = |cell: &&Cell| {
        cell.value.as_text().is_some_and(|text| {
            text.len() <= LABEL_BYTES_MAX
                && (text.trim_end().ends_with([':', '：']) || kind(&fold(text), schema).is_some())
        })
    };
    cells.len().is_multiple_of(2)
        && cells.len() <= LABEL_PAIRS_MAX * 2
        && cells.iter().step_by(2).all(is_label)
}

/// More labels than this do not stand in one row.
const LABEL_PAIRS_MAX: usize = 4;

/// What stands around a cell that may be a label.
#[derive(Clone, Copy)]
struct Around<'a> {
    right: Option<&'a Cell>,
    below: Option<&'a Cell>,
    /// The nearest cell right of it or below it that names an agency, past whatever is no label.
    sender: Option<&'a Cell>,
    /// A label word without a colon counts here.
    plain: bool,
}

/// A value stands no further from its label than this.
const LABEL_REACH: u16 = 3;

fn label(
    index: usize,
    cell: &Cell,
    text: &Arc<str>,
    around: Around<'_>,
    schema: &Schema,
) -> Option<Label> {
    let both = |kind: LabelKind, value: &str| Label {
        kind,
        sheet: index,
        label_at: cell.address,
        at: cell.address,
        value: CellValue::Text(visible(value).into()),
        raw: cell.value.clone(),
        stream: None,
    };
    if let Some((head, tail)) = text.split_once([':', '：'])
        && !is_blank(tail)
        && let Some(kind) = kind(&fold(head), schema).or_else(|| {
            (asks_for_quarter(&fold(head)) && is_a_quarter(tail)).then_some(LabelKind::Quarter)
        })
    {
        return Some(both(kind, tail));
    }
    let folded = fold(text);
    let is_marked = visible(text).ends_with([':', '：']);
    // A label in words that nobody foresaw is told by its value.
    let own_words = || {
        let beside = around
            .right
            .filter(|right| right.address.column <= cell.address.column.saturating_add(LABEL_REACH))
            .filter(|right| right.value.as_text().is_some_and(is_a_quarter))?;
        asks_for_quarter(&folded).then(|| Label {
            kind: LabelKind::Quarter,
            sheet: index,
            label_at: cell.address,
            at: beside.address,
            value: beside.value.clone(),
            raw: beside.value.clone(),
            stream: None,
        })
    };
    if kind(&folded, schema).is_none()
        && let Some(label) = own_words()
    {
        return Some(label);
    }
    let Some(kind) = kind(&folded, schema)
        .filter(|kind| is_marked || (around.plain && *kind != LabelKind::Other))
        .filter(|kind| *kind != LabelKind::Dated || is_marked || is_beside_date(around.right))
        .or(is_marked.then_some(LabelKind::Other))
    else {
        // `Quarter ending 30 September 2022`, `Reporting period Jul-Sep 2022`: label and value in one cell, without a colon.
        if !around.plain {
            return None;
        }
        return schema
            .labels
            .quarter
            .iter()
            .filter_map(|word| begun_with(text, word))
            .map(|value| both(LabelKind::Quarter, &value))
            .find(|label| label.period().quarter.is_some());
    };
    let is_value = |cell: &&Cell| {
        !cell
            .value
            .as_text()
            .is_some_and(|text| is_known(schema, text) || visible(text).ends_with(':'))
    };
    let beside = around
        .right
        .filter(|right| right.address.column <= cell.address.column.saturating_add(LABEL_REACH))
        .filter(is_value)
        .or(around
            .below
            .filter(is_value)
            .filter(|_| says_something(kind)));
    // Past `please select`, `see list` and the like, the sender is the agency that is named.
    let names = |cell: &&Cell| {
        let text = cell.value.as_text();
        text.is_some_and(|text| schema.agency_called(&fold(text)).is_some())
    };
    let beside = match (beside, around.sender) {
        (Some(own), Some(sender)) if kind == LabelKind::Partner && !names(&own) => Some(sender),
        (None, Some(sender)) if kind == LabelKind::Partner => Some(sender),
        (own, _) => own,
    }?;
    Some(Label {
        kind,
        sheet: index,
        label_at: cell.address,
        at: beside.address,
        value: beside.value.clone(),
        raw: beside.value.clone(),
        stream: None,
    })
}

/// What follows a label's words at the beginning of a text, as typed; all of it where the last word is part of the value (`Quarter 2`).
fn begun_with(text: &str, word: &str) -> Option<String> {
    let shown = visible(text);
    let count = word.split(' ').count();
    let words: Vec<&str> = shown.split_whitespace().collect();
    let (head, tail) = words.split_at_checked(count)?;
    if fold(&head.join(" ")) != word || tail.is_empty() {
        return None;
    }
    Some(if word.ends_with("quarter") {
        shown
    } else {
        tail.join(" ")
    })
}

/// Whether a label says who, when or which by itself, wherever it stands.
fn says_something(kind: LabelKind) -> bool {
    !matches!(kind, LabelKind::Other | LabelKind::Dated)
}

fn is_beside_date(right: Option<&Cell>) -> bool {
    right.is_some_and(|cell| match &cell.value {
        CellValue::Date(_) => true,
        CellValue::Text(text) => matches!(
            date::from_text(text),
            TextDate::Certain(_) | TextDate::MonthFirst(_) | TextDate::Ambiguous { .. }
        ),
        CellValue::Number(_)
        | CellValue::Boolean(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => false,
    })
}

/// Whether a text is a label that the schema knows.
pub(super) fn is_known(schema: &Schema, text: &str) -> bool {
    kind(&fold(text), schema).is_some()
}

/// Whether a text is a label that says who, when or which: `Partner`, `Reporting period`.
pub(super) fn is_label_text(schema: &Schema, text: &str) -> bool {
    kind(&fold(text), schema).is_some_and(says_something)
}

fn kind(folded: &str, schema: &Schema) -> Option<LabelKind> {
    let labels = &schema.labels;
    [
        (&labels.partner, LabelKind::Partner),
        (&labels.quarter, LabelKind::Quarter),
        (&labels.year, LabelKind::Year),
        (&labels.returned_on, LabelKind::ReturnedOn),
        (&labels.version, LabelKind::Version),
        (&labels.award, LabelKind::Award),
        (&labels.dated, LabelKind::Dated),
        (&labels.marking, LabelKind::Other),
        (&labels.other, LabelKind::Other),
    ]
    .into_iter()
    .find(|(words, _)| words.iter().any(|word| word == folded))
    .map(|(_, kind)| kind)
}

/// More words than this are a sentence, and no title.
const TITLE_WORDS_MAX: usize = 9;

/// The stream that a title names: by its words alone, or among others of a title (`PCC Crime Reduction Grant 2022-23`); of two, none.
#[must_use]
pub fn stream_of(schema: &Schema, text: &str) -> Option<usize> {
    if text.len() > LABEL_BYTES_MAX {
        return None;
    }
    let bare = period::mention(text).rest;
    let folded = fold(&bare);
    let shown = visible(text);
    if folded.is_empty()
        || folded.split(' ').count() > TITLE_WORDS_MAX
        || shown.ends_with(['.', ',', ';'])
    {
        return None;
    }
    let exact = |words: &str| {
        schema
            .streams
            .iter()
            .position(|stream| stream.words.iter().any(|word| word == words))
    };
    if let Some(found) = exact(&folded).or_else(|| exact(&fold(text))) {
        return Some(found);
    }
    // A code is told from a common word by how it is written.
    let is_code = |code: &str| {
        shown
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == code)
            && shown.chars().any(char::is_lowercase)
            && code
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let mut named = schema.streams.iter().enumerate().filter(|(_, stream)| {
        is_code(&stream.code)
            || stream
                .words
                .iter()
                .any(|word| word.contains(' ') && contains_words(&folded, word))
    });
    let (first, _) = named.next()?;
    named.next().is_none().then_some(first)
}

/// The priority that a banner, title or cell names: by code, prefix, name or alias, or a code and a name together.
#[must_use]
pub fn priority_of(schema: &Schema, text: &str) -> Option<usize> {
    if !schema.may_begin_priority(text) {
        return None;
    }
    let folded = fold(text);
    if folded.is_empty() {
        return None;
    }
    if let Some(found) = schema.priority_called(&folded) {
        return Some(found);
    }
    // `P1: Serious and …`, `Priority 2 - Anti-Social Behaviour`, `ASB - Anti-Social Behaviour`: a word for it, then another word for the same.
    schema.priorities.iter().position(|p| {
        p.words.iter().any(|word| {
            folded
                .strip_prefix(word.as_str())
                .and_then(|rest| rest.strip_prefix(' '))
                .is_some_and(|rest| p.words.iter().any(|w| w == rest))
        })
    })
}

/// The priority that a sheet's name, or a title above its table, says.
pub(super) fn sheet_priority(sheet: &Worksheet, header_row: u32, schema: &Schema) -> Option<usize> {
    let name = fold(sheet.name.as_deref().unwrap_or_default());
    let by_name = priority_of(schema, &name).or_else(|| {
        let mut named = schema.priorities.iter().enumerate().filter(|(_, p)| {
            p.marks.iter().any(|word| contains_words(&name, word))
                || p.words
                    .iter()
                    .any(|word| word.len() > 4 && contains_words(&name, word))
        });
        // A name that says two priorities says none.
        named
            .next()
            .filter(|_| named.next().is_none())
            .map(|(index, _)| index)
    });
    by_name.or_else(|| {
        sheet
            .rows()
            .take_while(|(row, _)| *row < header_row)
            .flat_map(|(_, cells)| cells)
            .filter_map(|cell| cell.value.as_text())
            .find_map(|text| priority_of(schema, text))
    })
}

/// The agency that a sheet's or file's name contains, the longest name winning; the host only where nobody else is named.
#[must_use]
pub fn agency_in_name(schema: &Schema, name: &str) -> Option<usize> {
    let folded = fold(name);
    let host = schema.agency(&schema.partnership.host);
    let mut best: Option<(usize, usize)> = None;
    for (index, length) in schema.agencies_within(&folded) {
        let beats = match best {
            None => true,
            Some((other, _)) if Some(other) == host => true,
            Some((_, longest)) => length > longest && Some(index) != host,
        };
        if beats {
            best = Some((index, length));
        }
    }
    best.map(|(index, _)| index)
}

/// The agency that sheet names give: by name or code anywhere in one (`KP Q2`), or by an alias that is all there is beside the period and
/// the table's word (`Sevenoaks DC`, `Police updates`). Names that give two agencies give none; the host's counts only where it is the only one.
#[must_use]
pub fn agency_in_sheet_names<'a>(
    schema: &Schema,
    names: impl Iterator<Item = &'a str>,
) -> Option<usize> {
    let host = schema.agency(&schema.partnership.host);
    let mut found = BTreeSet::new();
    for name in names {
        let folded = fold(name);
        let bare = bare_sheet_name(schema, name);
        let titled = schema.agencies_titled_within(&folded);
        let first = titled.keys().next().copied();
        found.extend(first.into_iter().chain(schema.agency_called(&bare)).min());
    }
    if found.len() > 1 {
        found.retain(|agency| Some(*agency) != host);
    }
    let mut found = found.into_iter();
    found.next().filter(|_| found.next().is_none())
}

/// A sheet's name, folded, without what it says of a period, of the table it holds, of versions and copies: `Police updates Q2 FINAL (2)` is `police`.
fn bare_sheet_name(schema: &Schema, name: &str) -> String {
    let rest = period::mention(name).rest;
    let is_word_for_table = |word: &str| {
        schema
            .tables
            .iter()
            .any(|table| table.sheets.iter().any(|pattern| pattern == word))
    };
    let is_version = |word: &str| {
        matches!(word, "final" | "draft" | "copy" | "of" | "form")
            || word
                .trim_start_matches('v')
                .bytes()
                .all(|b| b.is_ascii_digit())
    };
    rest.split(' ')
        .filter(|word| !is_word_for_table(word) && !is_version(word))
        .collect::<Vec<_>>()
        .join(" ")
}
