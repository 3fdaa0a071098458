//! In what a table's figures are given: pounds, or thousands, pence, another currency, a percentage. A heading says it, a cell that stands
//! alone over or under one, or a line for the whole sheet.
//!
//! Invariant: pounds need no word; whatever else is said is never left aside, wherever it stands.

use super::header::Found;
use super::{Column, Heading, Missing, RowKind, TableLayout, Unknown};
use crate::grid::{Cell, CellAddress, CellRange, CellValue, Worksheet};
use crate::schema::{Field, FieldKind, Schema, Table};
use crate::value::text::{fold, is_blank, visible};

/// Signs with which a heading says that what stands below is not in pounds; folding leaves them out.
pub(super) const OTHER_SIGNS: [char; 8] = ['€', '$', '¥', '￥', '₹', '₺', '₦', '%'];

/// Whether a heading names another currency than pounds, or a percentage where money is asked for: `Amount (€)` is not the field's.
pub(super) fn names_other(text: &str, field: &Field) -> bool {
    match field.kind {
        FieldKind::Money => text.contains(OTHER_SIGNS),
        FieldKind::Number => text.contains(|c| c != '%' && OTHER_SIGNS.contains(&c)),
        FieldKind::Text
        | FieldKind::Reference
        | FieldKind::Line
        | FieldKind::Lines
        | FieldKind::Date
        | FieldKind::Timescale
        | FieldKind::Choice
        | FieldKind::Status
        | FieldKind::Priority
        | FieldKind::Agency
        | FieldKind::Agencies
        | FieldKind::Email
        | FieldKind::Postcode => false,
    }
}

/// Words at a heading's end that give its figures another measure: `Amount (£k)`, `Spend £000s`, `Amount in euros`.
const MEASURES: [&str; 19] = [
    "k",
    "m",
    "p",
    "pence",
    "000",
    "000s",
    "thousand",
    "thousands",
    "million",
    "millions",
    "eur",
    "euro",
    "euros",
    "usd",
    "dollar",
    "dollars",
    "in",
    "percent",
    "per cent",
];

/// A folded heading without such words.
pub(super) fn without(folded: &str) -> &str {
    let mut rest = folded;
    while let Some(shorter) = MEASURES
        .iter()
        .find_map(|word| rest.strip_suffix(word)?.strip_suffix(' '))
    {
        rest = shorter;
    }
    rest
}

/// Whether a heading says that its figures are not in pounds, or in thousands of them.
#[must_use]
pub fn has_other_measure(text: &str) -> bool {
    let folded = fold(text);
    text.contains(OTHER_SIGNS)
        || without(&folded) != folded && !folded.ends_with(" in")
        || text
            .split(['(', ',', '\n'])
            .any(|part| stated(part) == Some(Stated::Other))
}

/// What a text says that says nothing but a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stated {
    Pounds,
    Percent,
    Other,
}

/// A measure is said in no more than so many bytes.
const STATED_BYTES_MAX: usize = 120;

/// What a text says in which figures are given, where it says nothing else: `£000`, `(€)`, `All figures in thousands`.
fn stated(text: &str) -> Option<Stated> {
    if text.len() > STATED_BYTES_MAX {
        return None;
    }
    let mut out: Option<Stated> = None;
    let plain = visible(text).to_lowercase();
    for word in plain
        .split(|c: char| c.is_whitespace() || "()[]*/-–—:.".contains(c))
        .map(|word| word.replace(['\'', '’', '‘', '`'], ""))
        .filter(|word| !word.is_empty())
    {
        let said = match word.as_str() {
            "£" | "£s" | "gbp" | "pound" | "pounds" | "sterling" => Stated::Pounds,
            "%" | "percent" | "percentage" | "percentages" => Stated::Percent,
            // `Pounds and pence` are pounds.
            "p" | "pence" if out == Some(Stated::Pounds) => Stated::Pounds,
            "€" | "€s" | "$" | "¥" | "￥" | "₹" | "₺" | "₦" | "eur" | "euro" | "euros" | "usd"
            | "us$" | "dollar" | "dollars" | "£000" | "£000s" | "£k" | "£ks" | "£m" | "k£"
            | "€000" | "€000s" | "€k" | "€m" | "$000" | "000s" | "thousand" | "thousands"
            | "million" | "millions"
            // `£ 000` is thousands, and so is `000` alone.
            | "000" | "k" | "m" | "p" | "pence" => Stated::Other,
            "all" | "figures" | "figure" | "amounts" | "amount" | "values" | "value" | "sums"
            | "sum" | "costs" | "cost" | "prices" | "spend" | "spending" | "expenditure"
            | "money" | "monetary" | "in" | "are" | "is" | "be" | "shown" | "stated" | "given"
            | "expressed" | "reported" | "quoted" | "of" | "the" | "units" | "unit"
            | "currency" | "note" | "nb" | "please" | "totals" | "table" | "below" | "above"
            | "here" | "this" | "and" | "as" | "to" | "uk" | "columns" | "column" => continue,
            _ => return None,
        };
        out = Some(match (out, said) {
            (Some(Stated::Other), _) | (_, Stated::Other) => Stated::Other,
            (Some(Stated::Percent), _) | (_, Stated::Percent) => Stated::Percent,
            (None | Some(Stated::Pounds), Stated::Pounds) => Stated::Pounds,
        });
    }
    out
}

/// Whether a line of text says for the figures around it that they are in no plain pounds: as a whole, or in a part of its own,
/// `Claim for the quarter (all figures in £000)`.
fn states_other(text: &str) -> bool {
    // Most texts have none of these in them.
    const SIGNS: [&str; 8] = [
        "£", "000", "thousand", "million", "pence", "eur", "dollar", "usd",
    ];
    let lower = text.to_lowercase();
    if !text.contains(OTHER_SIGNS) && !SIGNS.iter().any(|sign| lower.contains(sign)) {
        return false;
    }
    // A letter or a nought alone, `k` or `000`, says too little where no heading stands by it.
    let says = |part: &str| {
        let is_word = part.contains(OTHER_SIGNS)
            || part.contains('£')
            || part.chars().filter(|c| c.is_alphabetic()).count() > 1;
        is_word && stated(part) == Some(Stated::Other)
    };
    text.len() <= STATED_BYTES_MAX
        && (says(text)
            || text
                .split(['(', ')', '[', ']', ',', ';', ':', '\n', '–', '—', '|'])
                .chain(text.split(" - "))
                .chain(text.split(". "))
                .any(says))
}

/// Whether every text of a row only says measures: it belongs to the headings above.
pub(super) fn is_row_of_measures(cells: &[&Cell]) -> bool {
    !cells.is_empty()
        && cells.iter().all(|cell| {
            cell.value
                .as_text()
                .is_some_and(|text| stated(text).is_some())
        })
}

/// Gives headings the measures that stand alone in the row right below them, which is then a row of headings too: `Amount` over `£000`.
pub(super) fn take_row_below(
    sheet: &Worksheet,
    found: &mut Found,
    field_of: &mut dyn FnMut(&str) -> Option<FieldKind>,
) {
    let (first, last) = found.columns;
    let Some(row) = found.last_row.checked_add(1) else {
        return;
    };
    let cells: Vec<&Cell> = sheet
        .row(row)
        .iter()
        .filter(|cell| {
            (first..=last).contains(&cell.address.column)
                && !cell.value.as_text().is_some_and(is_blank)
        })
        .collect();
    if cells.iter().any(|cell| cell.value.as_text().is_none()) {
        return;
    }
    let mut kinds = found
        .headings
        .iter()
        .map(|(column, heading)| (*column, field_of(&heading.text)));
    let is_figure =
        |kind: Option<FieldKind>| matches!(kind, Some(FieldKind::Money | FieldKind::Number));
    let kinds: Vec<(u16, Option<FieldKind>)> = kinds.by_ref().collect();
    let kind_at = |at: u16| {
        kinds
            .iter()
            .find(|(column, _)| *column == at)
            .and_then(|(_, kind)| *kind)
    };
    let is_key = |cell: &&Cell| {
        matches!(
            kind_at(cell.address.column),
            Some(FieldKind::Reference | FieldKind::Line | FieldKind::Status)
        )
    };
    let says = |cell: &Cell| cell.value.as_text().and_then(stated);
    let is_measure =
        |cell: &&&Cell| is_figure(kind_at(cell.address.column)) && says(cell).is_some();
    let measures: Vec<&str> = cells
        .iter()
        .filter(is_measure)
        .filter_map(|cell| cell.value.as_text())
        .collect();
    // `Amount (£)` below a group heading is a heading itself.
    let is_heading = measures.iter().any(|text| field_of(text).is_some());
    if measures.is_empty() || is_heading || cells.iter().any(is_key) {
        return;
    }
    for cell in &cells {
        let Some(said) = says(cell) else { continue };
        let reach = sheet
            .merged_at(cell.address)
            .map_or(cell.address.column, |range| range.last.column);
        for (column, heading) in &mut found.headings {
            if !(cell.address.column..=reach).contains(column) {
                continue;
            }
            if *column == cell.address.column {
                heading.at = cell.address;
            }
            if said != Stated::Pounds {
                let text = cell.value.as_text().unwrap_or_default();
                heading.text = format!("{} {}", heading.text, visible(text));
            }
        }
    }
    found.upper = found
        .upper
        .drain(..)
        .chain(
            sheet
                .row(found.last_row)
                .iter()
                .filter_map(|cell| Some((cell.address.column, cell.value.as_text()?.to_owned()))),
        )
        .collect();
    found.last_row = row;
}

/// Takes money's columns from their fields where something outside the table says that their figures are in no plain pounds: a cell right
/// over the headings, or a line of text on the sheet.
pub(super) fn apply(sheet: &Worksheet, tables: &mut [TableLayout], schema: &Schema) {
    if tables.is_empty() {
        return;
    }
    let said = statements(sheet, tables);
    for (at, text, columns) in said {
        let below: Vec<usize> = tables
            .iter()
            .enumerate()
            .filter(|(_, table)| table.header.first.row > at.row)
            .map(|(index, _)| index)
            .collect();
        // A line below every table is a note on what stands above.
        let meant = if below.is_empty() {
            (0..tables.len()).collect()
        } else {
            below
        };
        for index in meant {
            let Some(layout) = tables.get_mut(index) else {
                continue;
            };
            let Some(table) = schema.tables.get(layout.table) else {
                continue;
            };
            let is_near = at.row < layout.header.first.row && layout.header.first.row - at.row <= 2;
            let over: Vec<u16> = layout
                .columns
                .iter()
                .map(|column| column.column)
                .filter(|column| is_near && columns.contains(column))
                .filter(|column| is_money(layout, *column, table))
                .collect();
            demote(layout, table, at, &text, &over);
        }
    }
}

fn is_money(layout: &TableLayout, column: u16, table: &Table) -> bool {
    layout.columns.iter().any(|own| {
        own.column == column
            && table
                .fields
                .get(own.field)
                .is_some_and(|field| field.kind == FieldKind::Money)
    })
}

/// The texts outside the tables' headings and records that say another measure than pounds, with the columns that each stands over.
fn statements(
    sheet: &Worksheet,
    tables: &[TableLayout],
) -> Vec<(CellAddress, String, std::ops::RangeInclusive<u16>)> {
    let mut out = Vec::new();
    let is_tables = |at: CellAddress| {
        tables.iter().any(|table| {
            (table.header.first.column..=table.header.last.column).contains(&at.column)
                && ((table.header.first.row..=table.header.last.row).contains(&at.row)
                    || table
                        .rows
                        .binary_search_by_key(&at.row, |row| row.row)
                        .ok()
                        .and_then(|index| table.rows.get(index))
                        .is_some_and(|row| {
                            matches!(
                                row.kind,
                                RowKind::Data(_)
                                    | RowKind::Total
                                    | RowKind::PassedOver
                                    | RowKind::RepeatedHeader
                            )
                        }))
        })
    };
    for cell in sheet.cells() {
        let Some(text) = cell.value.as_text() else {
            continue;
        };
        if text.len() > STATED_BYTES_MAX || is_tables(cell.address) || !states_other(text) {
            continue;
        }
        let reach = sheet
            .merged_at(cell.address)
            .map_or(cell.address.column, |range| range.last.column);
        out.push((cell.address, visible(text), cell.address.column..=reach));
    }
    out
}

/// Takes money's columns from their fields: those over which the text stands, or all.
fn demote(layout: &mut TableLayout, table: &Table, at: CellAddress, text: &str, over: &[u16]) {
    let is_meant = |column: &Column| {
        table
            .fields
            .get(column.field)
            .is_some_and(|field| field.kind == FieldKind::Money)
            && (over.is_empty() || over.contains(&column.column))
    };
    let (taken, kept) = std::mem::take(&mut layout.columns)
        .into_iter()
        .partition(is_meant);
    layout.columns = kept;
    let taken: Vec<Column> = taken;
    for column in taken {
        let heading = Heading {
            at: column.heading.at,
            text: format!("{} ({text}, {at})", column.heading.text),
        };
        let is_required = table
            .fields
            .get(column.field)
            .is_some_and(|field| field.constraint.required);
        if is_required {
            layout.missing.push(Missing {
                field: column.field,
                near: Some(heading.clone()),
            });
        }
        layout.unknown.push(Unknown {
            heading,
            near: (!is_required).then_some(column.field),
            is_explained: is_required,
        });
    }
    layout.missing.sort_by_key(|missing| missing.field);
    layout
        .unknown
        .sort_by_key(|unknown| unknown.heading.at.column);
}

/// Takes a column of money from its field where its heading is merged over another column of figures too: which of them is meant nobody says.
pub(super) fn share(sheet: &Worksheet, layout: &mut TableLayout, table: &Table) {
    let mut shared: Vec<(usize, CellAddress)> = Vec::new();
    for (index, column) in layout.columns.iter().enumerate() {
        let is_figure = table
            .fields
            .get(column.field)
            .is_some_and(|field| matches!(field.kind, FieldKind::Money | FieldKind::Number));
        let Some(range) = sheet
            .merged_at(column.heading.at)
            .filter(|range: &CellRange| is_figure && range.last.column > range.first.column)
        else {
            continue;
        };
        let has_figures = |at: u16| {
            layout
                .rows
                .iter()
                .filter(|row| matches!(row.kind, RowKind::Data(_)))
                .any(|row| {
                    matches!(
                        sheet.value(CellAddress::new(row.row, at)),
                        Some(CellValue::Number(_))
                    ) || sheet
                        .value(CellAddress::new(row.row, at))
                        .and_then(CellValue::as_text)
                        .is_some_and(|text| {
                            super::body::is_money(text)
                                || crate::value::amount::from_text(text).is_ok()
                        })
                })
        };
        let others: Vec<u16> = (range.first.column..=range.last.column)
            .filter(|at| {
                *at != column.column && !layout.columns.iter().any(|own| own.column == *at)
            })
            .filter(|at| has_figures(*at))
            .collect();
        if let Some(other) = others.first()
            && has_figures(column.column)
        {
            shared.push((index, CellAddress::new(column.heading.at.row, *other)));
        }
    }
    for (index, other) in shared.into_iter().rev() {
        let Some(column) = layout.columns.get(index).cloned() else {
            continue;
        };
        layout.duplicates.push(super::Duplicate {
            field: column.field,
            first: column.heading.clone(),
            later: Heading {
                at: other,
                text: column.heading.text.clone(),
            },
        });
    }
}
