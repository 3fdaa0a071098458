//! Printed totals and balances: told by their words or by being the sum, and by nothing else, for a supplier may be called `Total Gas`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::header::Found;
use super::{BodyRow, OUR_HELD_ROW, RowKind, body};
use crate::grid::{Cell, CellValue, Worksheet};
use crate::schema::{Field, FieldKind, Schema, Table};
use crate::value::date::month_number;
use crate::value::text::{fold, visible};
use crate::value::{amount, period, reference};

/// A table's rows so far, to judge whether another row sums them up.
pub(super) struct Summed<'a> {
    pub(super) schema: &'a Schema,
    pub(super) sheet: &'a Worksheet,
    pub(super) found: &'a Found,
    pub(super) table: &'a Table,
    pub(super) rows: &'a [BodyRow],
    /// What is added up of these rows so far.
    pub(super) sums: &'a Sums,
}

/// Columns of a table added up as the walk down its rows goes on, so that no row is added twice however many figures are compared.
#[derive(Default)]
pub(super) struct Sums(RefCell<BTreeMap<u16, Running>>);

/// One column added up.
struct Running {
    /// How many of the table's rows are in it.
    rows: usize,
    sum: Decimal,
    /// How many figures are in the sum.
    figures: usize,
    /// Whether the sum goes back to the first row: no amount that could not be read stands in between.
    is_whole: bool,
    /// The sum and the count where earlier totals stand.
    totals: Vec<(Decimal, usize)>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            rows: 0,
            sum: Decimal::ZERO,
            figures: 0,
            is_whole: true,
            totals: Vec::new(),
        }
    }
}

impl Running {
    fn add(&mut self, row: &BodyRow, value: impl FnOnce() -> Option<Option<Decimal>>) {
        self.rows += 1;
        match row.kind {
            RowKind::Data(_) => {
                let Some(figure) = value() else {
                    return;
                };
                let sum = figure.and_then(|figure| self.sum.checked_add(figure));
                if let Some(sum) = sum {
                    self.sum = sum;
                    self.figures += 1;
                } else {
                    // Where an amount cannot be read the sum is not known.
                    *self = Self {
                        rows: self.rows,
                        is_whole: false,
                        ..Self::default()
                    };
                }
            }
            RowKind::Total => self.totals.push((self.sum, self.figures)),
            _ => {}
        }
    }

    /// Whether a figure is the sum of all the rows, or of those since an earlier total.
    fn comes_to(&self, printed: Decimal) -> bool {
        let since = self.totals.iter().rev();
        let whole = self.is_whole.then_some(&(Decimal::ZERO, 0));
        since.chain(whole).any(|(sum, figures)| {
            *figures < self.figures
                && self
                    .sum
                    .checked_sub(*sum)
                    .is_some_and(|sum| is_equal(sum, printed))
        })
    }
}

/// Words that stand beside the word of a total and say nothing of a supplier.
const FILLING: [&str; 48] = [
    "for",
    "of",
    "the",
    "this",
    "to",
    "date",
    "in",
    "all",
    "and",
    "claimed",
    "claim",
    "claims",
    "spend",
    "spent",
    "expenditure",
    "cost",
    "costs",
    "amount",
    "amounts",
    "net",
    "gross",
    "excl",
    "incl",
    "excluding",
    "including",
    "ex",
    "inc",
    "vat",
    "pcc",
    "grant",
    "funding",
    "line",
    "lines",
    "period",
    "page",
    "sheet",
    "section",
    "quarter",
    "quarterly",
    "year",
    "month",
    "income",
    "payments",
    "invoices",
    "items",
    "pounds",
    "gbp",
    "by",
];

impl Summed<'_> {
    /// Whether a row is a printed total by its words: its only text is that of one, and it has no document, date or supplier. Words that
    /// say more than a line, an agency or a period (`Sub-total: rural projects`) need the sum to prove them.
    pub(super) fn is_total<'f>(
        &self,
        row: u32,
        cells: &[&Cell],
        field_of: &impl Fn(u16) -> Option<&'f Field>,
    ) -> bool {
        let words = &self.schema.words.totals;
        let is_our_held_row = cells
            .first()
            .and_then(|cell| cell.value.as_text())
            .is_some_and(|text| text == OUR_HELD_ROW);
        if is_our_held_row {
            return true;
        }
        // Nearly every row is none: its texts neither begin nor end with the word of one.
        if !may_say(words, cells) || !self.is_bare(cells, field_of) {
            return false;
        }
        if self.says(words, row, cells, field_of) {
            return true;
        }
        let mut texts = cells.iter().filter_map(|cell| {
            let text = cell.value.as_text()?;
            amount::from_text(text).is_err().then(|| fold(text))
        });
        let is_named = texts
            .next()
            .is_some_and(|text| without_any(&text, words).is_some())
            && texts.next().is_none();
        let figures: Vec<&Cell> = cells
            .iter()
            .copied()
            .filter(|cell| {
                let kind = field_of(cell.address.column).map(|field| field.kind);
                kind == Some(FieldKind::Money) && body::figure(&cell.value).is_some()
            })
            .collect();
        is_named && !figures.is_empty() && self.are_sums(&figures)
    }

    /// Whether a row is what is left, beside its word: `Balance`, `Left to spend`.
    pub(super) fn is_balance<'f>(
        &self,
        cells: &[&Cell],
        field_of: &impl Fn(u16) -> Option<&'f Field>,
    ) -> bool {
        let words = &self.schema.words.balances;
        may_say(words, cells)
            && self.says(words, 0, cells, field_of)
            && self.is_bare(cells, field_of)
    }

    /// Whether the row's texts are one of these words and what may stand beside it.
    fn says<'f>(
        &self,
        words: &[String],
        row: u32,
        cells: &[&Cell],
        field_of: &impl Fn(u16) -> Option<&'f Field>,
    ) -> bool {
        let mut any = false;
        for cell in cells {
            let Some(text) = cell.value.as_text() else {
                continue;
            };
            if amount::from_text(text).is_ok() {
                continue;
            }
            let folded = fold(text);
            if let Some(rest) = without_any(&folded, words) {
                if any || !self.is_filling(&rest, row, cell) {
                    return false;
                }
                any = true;
            } else {
                // `INV-101` is written like a line, and is a document wherever it stands under one.
                let is_key = field_of(cell.address.column).is_none_or(|field| {
                    matches!(field.kind, FieldKind::Line | FieldKind::Reference)
                });
                if is_line(&folded) && !is_key || !self.is_filling(&folded, row, cell) {
                    return false;
                }
            }
        }
        any
    }

    /// Whether words beside a total's say only of what it is one: a line, an agency, a period, the sheet, what stands in the row above.
    fn is_filling(&self, folded: &str, row: u32, cell: &Cell) -> bool {
        let is_stream = self
            .schema
            .streams
            .iter()
            .any(|stream| fold(&stream.name) == folded || fold(&stream.code) == folded);
        if folded.is_empty()
            || is_line(folded)
            || is_stream
            || self.schema.agency_called(folded).is_some()
        {
            return true;
        }
        // A spreadsheet's own subtotal repeats the group's value: `Estate clean-up days Total`.
        let above = row.checked_sub(1).and_then(|above| {
            self.sheet
                .value(crate::grid::CellAddress::new(above, cell.address.column))
        });
        if above
            .and_then(CellValue::as_text)
            .is_some_and(|text| fold(text) == folded)
        {
            return true;
        }
        let without_period = period::mention(folded).rest;
        let sheet = fold(self.sheet.name.as_deref().unwrap_or_default());
        let title = fold(&self.table.title);
        let is_known = |word: &str| {
            FILLING.contains(&word)
                || sheet.split(' ').any(|w| w == word)
                || title.split(' ').any(|w| w == word)
                || month_number(word).is_some()
                || self
                    .found
                    .headings
                    .iter()
                    .any(|(_, heading)| fold(&heading.text).split(' ').any(|w| w == word))
        };
        let mut rest = without_period.as_str();
        for (agency, _) in self.schema.agencies_within(&without_period) {
            if let Some(name) = self.schema.agencies.get(agency).and_then(|agency| {
                agency
                    .words
                    .iter()
                    .filter(|word| crate::value::text::contains_words(&without_period, word))
                    .max_by_key(|word| word.len())
            }) {
                let left = format!(" {without_period} ").replace(&format!(" {name} "), " ");
                return left
                    .split_whitespace()
                    .all(|word| is_known(word) || is_line(word));
            }
        }
        rest = rest.trim();
        rest.is_empty()
            || rest.split(' ').all(&is_known)
            || is_line(
                &rest
                    .split(' ')
                    .filter(|word| !is_known(word))
                    .collect::<Vec<_>>()
                    .join(" "),
            )
    }

    /// Whether a row has no document, date or supplier: a date under a date, or a number under a document that is not the count of the rows.
    fn is_bare<'f>(&self, cells: &[&Cell], field_of: &impl Fn(u16) -> Option<&'f Field>) -> bool {
        cells.iter().all(|cell| {
            let kind = field_of(cell.address.column).map(|field| field.kind);
            match &cell.value {
                CellValue::Date(_) => false,
                CellValue::Number(figure) => {
                    matches!(kind, Some(FieldKind::Money | FieldKind::Number) | None)
                        || field_of(cell.address.column).is_some_and(|field| field.is_free_text)
                        || self.is_count(figure.number)
                }
                CellValue::Text(text) if kind == Some(FieldKind::Date) && body::is_date(text) => {
                    false
                }
                CellValue::Text(text) => {
                    kind.is_none_or(|kind| matches!(kind, FieldKind::Money | FieldKind::Number))
                        || amount::from_text(text).is_err()
                        || body::is_money(text)
                        || text
                            .trim()
                            .parse()
                            .is_ok_and(|number: f64| self.is_count(number))
                }
                CellValue::Boolean(_) | CellValue::Error(_) | CellValue::NotCalculated => true,
            }
        })
    }

    fn records(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.rows
            .iter()
            .filter(|row| matches!(row.kind, RowKind::Data(_)))
            .map(|row| row.row)
    }

    /// Whether a number counts the rows: all of them, or those since an earlier total.
    fn is_count(&self, number: f64) -> bool {
        let number = amount::from_number(number).ok();
        let is = |count: usize| number == Some(Decimal::from(count));
        let mut count = 0;
        for row in self.rows.iter().rev() {
            match row.kind {
                RowKind::Data(_) => count += 1,
                RowKind::Total if count > 0 && is(count) => return true,
                _ => {}
            }
        }
        count > 0 && is(count)
    }

    /// Whether figures alone under their columns are a total without its word: one of them is the sum of the rows, or a formula over them.
    pub(super) fn are_sums(&self, cells: &[&Cell]) -> bool {
        self.records().next().is_some()
            && cells.iter().any(|cell| {
                self.sheet.is_sum(cell.address)
                    || matches!(cell.value, CellValue::NotCalculated)
                    || body::figure(&cell.value)
                        .is_some_and(|printed| self.is_sum_of(cell.address.column, printed))
            })
    }

    /// Whether a figure is the sum of a column: of all the rows, or of those since an earlier total.
    fn is_sum_of(&self, column: u16, printed: Decimal) -> bool {
        let mut sums = self.sums.0.borrow_mut();
        let running = sums.entry(column).or_default();
        for row in self.rows.get(running.rows..).unwrap_or_default() {
            running.add(row, || {
                let at = crate::grid::CellAddress::new(row.row, column);
                self.sheet.value(at).map(body::figure)
            });
        }
        running.comes_to(printed)
    }
}

fn is_equal(sum: Decimal, printed: Decimal) -> bool {
    amount::to_pence(sum).0 == amount::to_pence(printed).0
}

/// A quick look: one of the texts begins with the first word of these, or ends with the last.
fn may_say(words: &[String], cells: &[&Cell]) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric();
    let begins = |text: &str, word: &str| {
        text.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    let ends = |text: &str, word: &str| {
        text.len()
            .checked_sub(word.len())
            .and_then(|at| text.get(at..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(word))
    };
    let is_edge = |a: Option<&u8>, b: Option<&u8>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    };
    cells
        .iter()
        .filter_map(|cell| cell.value.as_text())
        .any(|text| {
            let text = text.trim_matches(is_sign);
            if text.len() > TOTAL_BYTES_MAX {
                return false;
            }
            let bytes = text.as_bytes();
            !text.is_ascii()
                || words.iter().any(|word| {
                    // One letter tells nearly all of them apart.
                    let letters = word.as_bytes();
                    is_edge(bytes.first(), letters.first())
                        && word
                            .split(' ')
                            .next()
                            .is_some_and(|first| begins(text, first))
                        || is_edge(bytes.last(), letters.last())
                            && word.rsplit(' ').next().is_some_and(|last| ends(text, last))
                })
        })
}

/// No total is named in more than this.
const TOTAL_BYTES_MAX: usize = 120;

/// Whether folded words are a funding line's or action's reference: `crg 01`.
fn is_line(folded: &str) -> bool {
    let key = reference::key(folded);
    let letters = key.bytes().take_while(u8::is_ascii_alphabetic).count();
    letters <= 8
        && key.len() > letters
        && key.len() <= letters + 5
        && key.bytes().skip(letters).all(|b| b.is_ascii_digit())
        && visible(folded).split(' ').count() <= 2
}

/// What is left of a folded text without the longest of these words at its beginning or end.
fn without_any(folded: &str, words: &[String]) -> Option<String> {
    let mut known: Vec<&String> = words.iter().filter(|word| !word.is_empty()).collect();
    known.sort_by_key(|word| std::cmp::Reverse(word.len()));
    known.into_iter().find_map(|word| {
        let rest = |rest: &str| rest.trim().to_owned();
        if folded == word {
            return Some(String::new());
        }
        folded
            .strip_prefix(&format!("{word} "))
            .or_else(|| folded.strip_suffix(&format!(" {word}")))
            .map(rest)
    })
}

pub(super) fn begins_with_any(folded: &str, words: &[String]) -> bool {
    words.iter().any(|word| {
        folded
            .strip_prefix(word.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}
