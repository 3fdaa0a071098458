//! `F506` **total-disagrees**: a printed total is not the sum of its rows.

use std::collections::{BTreeMap, BTreeSet};

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
    if table.totals.is_empty() {
        return;
    }
    let struck = struck_rows(facts);
    let columns = table.layout.columns.iter().enumerate();
    let mut raised: Vec<(usize, usize, Decimal, Decimal)> = Vec::new();
    for (position, column) in columns {
        let field = facts.schema.fields.get(column.field);
        if field.is_none_or(|field| field.kind != FieldKind::Money) {
            continue;
        }
        let sums = Sums::of(table, position, &BTreeSet::new());
        let without = (!struck.is_empty()).then(|| Sums::of(table, position, &struck));
        let mut parts = Parts::default();
        for (index, total) in table.totals.iter().enumerate() {
            parts.up_to(table, total.parts_above, &sums);
            let Some(printed) = total.cells.get(position).and_then(printed) else {
                continue;
            };
            let earlier = index
                .checked_sub(1)
                .and_then(|before| table.totals.get(before))
                .map_or(0, |before| before.records_above);
            let section = sums.between(earlier, total.records_above);
            let all = sums.between(0, total.records_above);
            // What is struck out was left out by whoever struck it.
            let without = |from| {
                let sums = without.as_ref()?;
                sums.between(from, total.records_above)
            };
            if without(0) == Some(printed) || without(earlier) == Some(printed) {
                continue;
            }
            // A part's total, the whole table's, or that of the rows below it: each is right.
            let is_section = fold(&total.text).starts_with("sub");
            let wanted = if is_section { section } else { all };
            let Some(wanted) = wanted else { continue };
            let below = || sums.between(total.records_above, table.records.len());
            if section == Some(printed)
                || parts.have_sum(printed, total.records_above, &sums)
                || total.records_above == 0 && below() == Some(printed)
            {
                continue;
            }
            raised.push((index, position, printed, wanted));
        }
    }
    // In the order of the rows.
    raised.sort_by_key(|(index, position, ..)| (*index, *position));
    for (index, position, printed, wanted) in raised {
        let Some((total, column)) = table
            .totals
            .get(index)
            .zip(table.layout.columns.get(position))
        else {
            continue;
        };
        let Some((cell, field)) = total
            .cells
            .get(position)
            .zip(facts.schema.fields.get(column.field))
        else {
            continue;
        };
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

/// A column's sums from the top, held records and commitments included, and how many amounts cannot be read: one more than there are
/// records, so that any part's sum is a difference.
struct Sums(Vec<(Decimal, usize)>);

impl Sums {
    /// Rows that are struck out may be left out.
    fn of(table: &Table, position: usize, struck: &BTreeSet<u32>) -> Self {
        let mut out = vec![(Decimal::ZERO, 0)];
        let (mut sum, mut unread) = (Decimal::ZERO, 0);
        for record in &table.records {
            match record.cells.get(position).map(|cell| &cell.state) {
                Some(State::Value(value)) => sum += amount_of(value).unwrap_or_default(),
                Some(State::Fault(Fault::OutOfRange(figure))) => sum += to_pence(**figure).0,
                Some(State::Fault(_)) => unread += 1,
                Some(State::Blank | State::Missing | State::Placeholder) | None => {}
            }
            if struck.contains(&record.row) {
                let amount = record.cells.get(position).and_then(Decoded::any_value);
                sum -= amount.and_then(amount_of).unwrap_or_default();
            }
            out.push((sum, unread));
        }
        Self(out)
    }

    /// The sum over some records; nothing where an amount among them cannot be read.
    fn between(&self, from: usize, to: usize) -> Option<Decimal> {
        let ((before, unread_before), (all, unread)) = (self.0.get(from)?, self.0.get(to)?);
        (from <= to && unread_before == unread).then(|| *all - *before)
    }
}

/// Where the parts above a total begin, by the sum up to there: the latest of those with one sum, for it has the fewest amounts that
/// cannot be read behind it.
#[derive(Default)]
struct Parts {
    by_sum: BTreeMap<Decimal, usize>,
    taken: usize,
}

impl Parts {
    fn up_to(&mut self, table: &Table, count: usize, sums: &Sums) {
        let new = table.parts.get(self.taken..count).unwrap_or_default();
        for from in new {
            if let Some((sum, _)) = sums.0.get(*from) {
                self.by_sum.insert(*sum, *from);
            }
        }
        self.taken = self.taken.max(count);
    }

    /// Whether a figure is the sum from where one of the parts begins.
    fn have_sum(&self, printed: Decimal, to: usize, sums: &Sums) -> bool {
        sums.0
            .get(to)
            .and_then(|(all, _)| self.by_sum.get(&(*all - printed)))
            .is_some_and(|from| sums.between(*from, to) == Some(printed))
    }
}
