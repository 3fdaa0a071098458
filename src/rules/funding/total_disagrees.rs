//! `F506` **total-disagrees**: a printed total is not the sum of its rows.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::finding::{Code, Severity};
use crate::record::{Decoded, Fault, State, Table, amount_of, pounds as pounds_of};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, TableFacts};
use crate::schema::{FieldKind, Role};
use crate::source::SourceState;
use crate::value::amount::{pounds, to_pence};
use crate::value::text::fold;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F506"),
    name: "total-disagrees",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A printed total is not the sum of its rows, hidden and held ones included.",
    why: "Either a row is missing from the sum or the total was typed; both have cost public bodies money.",
    example: "A total of £2,863.17 under rows that come to £2,683.17.",
    fix: "Correct the total, or the row that is wrong.",
    partner: Partner::AsReported,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    // The totals of our own workbook are our own formulas: they leave out what is held, and prove nothing of the plan.
    for source in facts
        .sources()
        .filter(|source| source.state == SourceState::Accepted && !source.layout.is_ours)
    {
        for (table_index, table) in source.tables.iter().enumerate() {
            let Some(schema) = facts.facts.run.schema.tables.get(table.layout.table) else {
                continue;
            };
            let own = TableFacts {
                facts: facts.facts,
                source,
                table,
                table_index,
                schema,
            };
            check_table(&own, sink);
            if schema.name == "funding_lines" && source.role == Role::Plan {
                check_lines(facts, &own, sink);
            }
        }
    }
}

/// Headings over what a plan works out itself of a line's spend.
const SPENT: [&str; 10] = [
    "total spent",
    "total spend",
    "spent",
    "spent to date",
    "spend to date",
    "total spend to date",
    "total spent to date",
    "total expenditure",
    "expenditure to date",
    "year to date",
];

/// The plan's own sums of a line, beside its quarters: what is spent, and what is left of the allocation.
fn check_lines(facts: &FundingFacts<'_>, table: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let balances = &facts.facts.run.schema.words.balances;
    for unknown in &table.table.layout.unknown {
        let folded = fold(&unknown.heading.text);
        let words = folded.trim_end_matches(['£', ' ']);
        let is_left = balances.iter().any(|word| word == words);
        if !is_left && !SPENT.contains(&words) {
            continue;
        }
        for (index, line, balance) in super::lines(facts) {
            let is_here =
                line.at.source == table.source.index && line.at.table == table.table_index;
            let row = facts.row(line.at).filter(|_| is_here);
            // What of a quarter cannot be read, or of what moved, leaves the sum open.
            let is_open = line.is_unread.iter().any(|unread| *unread)
                || facts.ledger.unsettled.contains(&index);
            let Some(row) = row.filter(|_| !is_open) else {
                continue;
            };
            let at = crate::grid::CellAddress::new(row.record.row, unknown.heading.at.column);
            let raw = table.source.raw(table.table.layout.sheet, at);
            let Some(printed) = raw.and_then(pounds_of).map(|figure| to_pence(figure).0) else {
                continue;
            };
            let spent: Decimal = line.plan_spend.iter().flatten().sum();
            let wanted = match (is_left, line.allocation) {
                (false, _) => spent,
                // Before what moved or after it: either is right.
                (true, Some(_)) if printed == balance.revised - spent => continue,
                (true, Some(allocation)) => allocation - spent,
                (true, None) => continue,
            };
            if printed == wanted {
                continue;
            }
            sink.at(table.place(at))
                .key(format!("{}\u{1f}{}", line.reference.key, unknown.heading.text))
                .about(None, Some(&unknown.heading.text))
                .raw(raw.map(ToString::to_string).unwrap_or_default())
                .seen(wanted.to_string())
                .report(
                    format!(
                        "“{}” of {} is {}, and by the line’s own figures it is {}: they differ by {}.",
                        unknown.heading.text.trim(),
                        line.reference,
                        pounds(printed),
                        pounds(wanted),
                        pounds((printed - wanted).abs())
                    ),
                    "Correct the figure, or make it a formula over the line’s cells.",
                );
        }
    }
}

fn check_table(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let table = facts.table;
    for (index, total) in table.totals.iter().enumerate() {
        let earlier = index
            .checked_sub(1)
            .and_then(|before| table.totals.get(before))
            .map_or(0, |before| before.records_above);
        let is_section = fold(&total.text).starts_with("sub");
        for (position, (column, cell)) in table.layout.columns.iter().zip(&total.cells).enumerate()
        {
            let Some(field) = facts
                .schema
                .fields
                .get(column.field)
                .filter(|field| field.kind == FieldKind::Money)
            else {
                continue;
            };
            let Some(printed) = printed(cell) else {
                continue;
            };
            let section = sum(table, position, earlier, total.records_above);
            let all = sum(table, position, 0, total.records_above);
            // What is struck out was left out by whoever struck it.
            let struck = struck_rows(facts);
            let without = |from| -> Option<Decimal> {
                let out: Decimal = table
                    .records
                    .get(from..total.records_above)?
                    .iter()
                    .filter(|record| struck.contains(&record.row))
                    .filter_map(|record| record.cells.get(position)?.any_value())
                    .filter_map(amount_of)
                    .sum();
                sum(table, position, from, total.records_above).map(|sum| sum - out)
            };
            if !struck.is_empty()
                && (without(0) == Some(printed) || without(earlier) == Some(printed))
            {
                continue;
            }
            // A part's total, the whole table's, or that of the rows below it: each is right.
            let wanted = if is_section { section } else { all };
            let Some(wanted) = wanted else { continue };
            let mut sums = total
                .parts
                .iter()
                .map(|from| sum(table, position, *from, total.records_above));
            let below = || sum(table, position, total.records_above, table.records.len());
            if section == Some(printed)
                || sums.any(|sum| sum == Some(printed))
                || total.records_above == 0 && below() == Some(printed)
            {
                continue;
            }
            let address = crate::grid::CellAddress::new(total.row, column.column);
            sink.at(facts.place(address))
                .key(format!(
                    "{}\u{1f}{}\u{1f}{}",
                    facts.schema.name, total.text, field.name
                ))
                .about(Some(&field.name), Some(&column.heading.text))
                .raw(cell.raw_text())
                .report(
                    format!(
                        "The printed total {} is not the sum of its rows, {}: they differ by {}.",
                        pounds(printed),
                        pounds(wanted),
                        pounds((printed - wanted).abs())
                    ),
                    "Correct the total, or the row that is wrong.",
                );
        }
    }
}

/// The rows of a table in which something is struck through.
fn struck_rows(facts: &TableFacts<'_>) -> BTreeSet<u32> {
    let layout = &facts.table.layout;
    let sheet = facts
        .source
        .workbook()
        .and_then(|book| book.sheets.get(layout.sheet));
    let columns = layout.header.first.column..=layout.header.last.column;
    sheet
        .filter(|sheet| !sheet.struck.is_empty())
        .map(|sheet| {
            facts
                .table
                .records
                .iter()
                .map(|record| record.row)
                .filter(|row| {
                    let mut cells = sheet.struck_in(*row).iter();
                    cells.any(|(at, _)| columns.contains(&at.column))
                })
                .collect()
        })
        .unwrap_or_default()
}

fn printed(cell: &Decoded) -> Option<Decimal> {
    match &cell.state {
        State::Value(value) => amount_of(value),
        State::Fault(Fault::OutOfRange(figure)) => Some(to_pence(**figure).0),
        State::Fault(_) | State::Blank | State::Missing | State::Placeholder => None,
    }
}

/// The sum of a column over some records, held ones and commitments included; nothing where an amount cannot be read.
fn sum(table: &Table, position: usize, from: usize, to: usize) -> Option<Decimal> {
    let mut out = Decimal::ZERO;
    for record in table.records.get(from..to)? {
        match record.cells.get(position).map(|cell| &cell.state) {
            Some(State::Value(value)) => out += amount_of(value).unwrap_or_default(),
            Some(State::Fault(Fault::OutOfRange(figure))) => out += to_pence(**figure).0,
            Some(State::Fault(_)) => return None,
            Some(State::Blank | State::Missing | State::Placeholder) | None => {}
        }
    }
    Some(out)
}
