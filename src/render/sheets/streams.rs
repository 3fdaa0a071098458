//! Streams and funders: subtotals, award, underspend, what the half-year and year-end return asks, and the check row that is zero.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::funding::{self, Part};
use crate::funding::{Balance, FunderTotal, Line, StreamTotal, Totals};
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table, a1};
use crate::value::amount::pounds;
use crate::value::text::fold;

/// The money columns that are summed from the Funding sheet, in their order on this sheet, with their headings.
const SUMMED: [(Part, &str); 17] = [
    (Part::Field("allocation"), "Allocated"),
    (Part::Revised, "Revised allocation"),
    (Part::ToDate, "Spend to date"),
    (Part::Remaining, "Left to spend"),
    (Part::Forecast, "Forecast outturn"),
    (Part::Quarter(1), "Q1 spend"),
    (Part::Quarter(2), "Q2 spend"),
    (Part::Quarter(3), "Q3 spend"),
    (Part::Quarter(4), "Q4 spend"),
    (Part::MovedIn, "Virements in"),
    (Part::MovedOut, "Virements out"),
    (Part::Held, "Held"),
    (Part::Accrued, "Accruals raised"),
    (Part::Reversed, "Accruals reversed"),
    (Part::AccrualsOpen, "Accruals open"),
    (Part::Committed, "Committed"),
    (Part::Field("match_cash"), "Match (cash), beside the grant"),
];

/// How many of the sums are on the page of the half-year and year-end return, before what follows from them.
const ON_PAGE: usize = 5;

/// What follows from the sums: underspend, percentage, to return, to carry forward, not allocated, explanation.
const FOLLOWING: usize = 6;

/// The award stands before the sums.
const AWARD: usize = 3;
const FIRST_SUM: usize = 4;

type Row<'a> = (&'a Line, &'a Balance);

/// The sheet in the making: what every row needs.
struct Sums<'a, 'c> {
    context: &'a Context<'c>,
    lines: Vec<Row<'a>>,
    parts: Vec<Part>,
    summed: Vec<(Part, &'static str)>,
    has_approval: bool,
}

/// The column of a sum.
fn column(index: usize) -> usize {
    if index < ON_PAGE {
        FIRST_SUM + index
    } else {
        FIRST_SUM + FOLLOWING + index
    }
}

/// Moves the sums that are not on the return's page behind what follows from the sums.
fn arranged<T>(mut cells: Vec<T>, sums: usize) -> Vec<T> {
    let behind: Vec<T> = cells.drain(FIRST_SUM + ON_PAGE..FIRST_SUM + sums).collect();
    cells.extend(behind);
    cells
}

impl Sums<'_, '_> {
    /// Where a summed part stands on this sheet.
    fn at(&self, part: Part) -> usize {
        let position = self.summed.iter().position(|(p, _)| *p == part);
        column(position.unwrap_or_default())
    }

    /// A column of the Funding sheet, all its rows.
    fn range(&self, part: Part) -> String {
        let rows = funding::plan_rows(self.context).len();
        funding::column_range("Funding", funding::position(&self.parts, part), rows)
    }

    fn sum(&self, part: Part, lines: &[Row<'_>]) -> Decimal {
        lines
            .iter()
            .map(|(line, balance)| self.amount(part, line, balance))
            .sum()
    }

    fn amount(&self, part: Part, line: &Line, balance: &Balance) -> Decimal {
        match part {
            Part::Field("allocation") => line.allocation.unwrap_or_default(),
            Part::Field("match_cash") => line.match_cash.unwrap_or_default(),
            Part::Revised => balance.revised,
            Part::Quarter(number) => {
                funding::shown(self.context, number, line, balance).unwrap_or_default()
            }
            Part::ToDate => balance.to_date,
            Part::Held => balance.all_held(),
            Part::Committed => balance.committed,
            Part::Forecast => balance.forecast.unwrap_or_default(),
            Part::Remaining => balance.revised - balance.to_date,
            Part::MovedIn => balance.moved_in,
            Part::MovedOut => balance.moved_out,
            Part::Accrued => balance.accrued,
            Part::Reversed => balance.reversed,
            Part::AccrualsOpen => balance.accruals_open(),
            Part::Field(_) | Part::Variance | Part::Percent | Part::Explanation | Part::Sources => {
                Decimal::ZERO
            }
        }
    }

    /// A sum over the Funding sheet's lines of a stream that are approved, and that one of the words of another column holds for.
    fn of_stream(&self, part: Part, code: &str, also: Option<(Part, &str)>) -> String {
        let mut out = format!(
            "SUMIFS({},{},\"{code}\"",
            self.range(part),
            self.range(Part::Field("stream"))
        );
        if self.has_approval {
            let approved = funding::word(self.context, "funding_lines", "approval", "approved");
            let _ = write!(
                out,
                ",{},\"{approved}\"",
                self.range(Part::Field("approval"))
            );
        }
        if let Some((column, word)) = also {
            let _ = write!(out, ",{},\"{word}\"", self.range(column));
        }
        out.push(')');
        out
    }

    /// The sums, then what follows from them.
    fn row(
        &self,
        row: usize,
        own: &[Row<'_>],
        formula: impl Fn(usize, Part) -> String,
    ) -> Vec<Cell> {
        let totals = Totals::over(own.iter().copied());
        // A forecast of some lines is no forecast of all.
        let mut cells: Vec<Cell> = self
            .summed
            .iter()
            .enumerate()
            .map(|(index, (part, _))| {
                if *part == Part::Forecast && totals.forecast.is_none() {
                    return Cell::blank();
                }
                Cell::formula(formula(column(index), *part), self.sum(*part, own))
            })
            .collect();
        let cell = |part: Part| a1(row, self.at(part));
        let (revised, forecast) = (cell(Part::Revised), cell(Part::Forecast));
        cells.push(totals.underspend().map_or_else(Cell::blank, |result| {
            Cell::formula(format!("={revised}-{forecast}"), result)
        }));
        let spent = cell(Part::ToDate);
        cells.push(
            funding::percent(totals.to_date, totals.revised).map_or_else(Cell::blank, |share| {
                Cell::formula(
                    format!("=IF({revised}=0,0,ROUND(100*{spent}/{revised},1))"),
                    share,
                )
            }),
        );
        cells
    }

    /// Which lines have no forecast, and explanations of differences in the claims' own words, by line.
    fn explained(&self, own: &[Row<'_>]) -> Vec<String> {
        let without: Vec<&str> = own
            .iter()
            .filter(|(_, balance)| balance.forecast.is_none())
            .map(|(line, _)| &*line.reference.text)
            .collect();
        let lacking = (!without.is_empty()).then(|| {
            format!(
                "No forecast: these lines have none: {}.",
                without.join(", ")
            )
        });
        let explained = own.iter().flat_map(|(line, _)| {
            funding::explanations(self.context, line)
                .into_iter()
                .map(|text| format!("{}: {text}", line.reference))
        });
        lacking.into_iter().chain(explained).collect()
    }
}

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan<'static> {
    let ledger = &context.outcome.ledger;
    let parts = funding::parts(context);
    let sums = Sums {
        context,
        lines: ledger.lines.iter().zip(&ledger.balances).collect(),
        summed: SUMMED
            .into_iter()
            .filter(|(part, _)| parts.contains(part))
            .collect(),
        has_approval: parts.contains(&Part::Field("approval")),
        parts,
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    // The row of each stream that is shown.
    let mut shown: Vec<(usize, usize)> = Vec::new();
    for total in &ledger.streams {
        let has_lines = ledger
            .lines
            .iter()
            .any(|line| line.stream == Some(total.stream));
        if has_lines || total.award.is_some() {
            shown.push((total.stream, rows.len() + 1));
            rows.extend(stream_row(&sums, total, rows.len() + 1));
        }
    }
    rows.extend(other_rows(&sums, rows.len() + 1));
    let last = rows.len();
    for funder in &ledger.funders {
        let members: Vec<usize> = funder
            .streams
            .iter()
            .filter_map(|index| ledger.streams.get(*index))
            .filter_map(|total| shown.iter().find(|(stream, _)| *stream == total.stream))
            .map(|(_, row)| *row)
            .collect();
        if !members.is_empty() {
            rows.push(funder_row(&sums, funder, &members, rows.len() + 1));
        }
    }
    if !sums.lines.is_empty() {
        rows.push(check_row(&sums, last));
    }
    let count = sums.summed.len();
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|row| arranged(row, count)).collect();
    let money = |heading: &str| Column::new(heading, 12, ColumnKind::Money);
    let mut columns = vec![
        Column::new("Level", 11, ColumnKind::Text),
        Column::new("Name", 30, ColumnKind::Prose),
        Column::new("Lines", 7, ColumnKind::Number),
        money("Award"),
    ];
    columns.extend(sums.summed.iter().map(|(_, heading)| money(heading)));
    columns.extend([
        money("Expected underspend"),
        Column::new("Percentage spent", 11, ColumnKind::Number),
        money("To return"),
        money("To carry forward"),
        money("Award not allocated"),
        Column::new("Explanation of differences", 40, ColumnKind::Prose),
    ]);
    let columns = arranged(columns, count);
    SheetPlan {
        name: "Streams",
        about: "Each stream and funder for the half-year and year-end return: award, planned and actual, projected outturn, underspend, what explains the differences; and a check row that must be zero.".to_owned(),
        content: Content::Table(Table { id: "Streams", columns, rows: rows.into(), frozen: 2, printed: u16::try_from(FIRST_SUM + ON_PAGE + FOLLOWING).ok(), below: Vec::new() }),
    }
}

fn stream_row(sums: &Sums<'_, '_>, total: &StreamTotal, row: usize) -> Option<Vec<Cell>> {
    let stream = sums.context.schema.streams.get(total.stream)?;
    let own: Vec<Row<'_>> = sums
        .lines
        .iter()
        .filter(|(line, _)| line.stream == Some(total.stream) && line.is_approved())
        .copied()
        .collect();
    let mut cells = vec![
        Cell::text("Stream"),
        Cell::text(named(&stream.code, &stream.name)),
        Cell::count(own.len()),
        Cell::money_or_blank(total.award),
    ];
    let code = stream.code.as_str();
    cells.extend(sums.row(row, &own, |_, part| {
        format!("={}", sums.of_stream(part, code, None))
    }));
    for (decision, result) in [
        ("return", total.totals.to_return),
        ("carry-forward", total.totals.to_carry),
    ] {
        let word = funding::word(sums.context, "funding_lines", "decision", decision);
        let decided = Some((Part::Field("decision"), word));
        cells.push(Cell::formula(
            format!("={}", sums.of_stream(Part::Remaining, code, decided)),
            result,
        ));
    }
    let mut notes = sums.explained(&own);
    if total.award.is_none() {
        notes.insert(
            0,
            "No award is known: neither the plan nor the configuration gives it.".to_owned(),
        );
    }
    cells.push(match total.unallocated() {
        None => Cell::blank(),
        Some(result) => {
            if !result.is_zero() && result.abs() <= stream.tolerance {
                notes.insert(
                    0,
                    format!(
                        "Award and allocations are {} apart, within the rounding of {} that is allowed; nothing was adjusted.",
                        pounds(result.abs()),
                        pounds(stream.tolerance)
                    ),
                );
            }
            Cell::formula(format!("={}-{}", a1(row, AWARD), allocated(sums, code)), result)
        }
    });
    cells.push(Cell::text(notes.join("\n")));
    Some(cells)
}

/// All allocations of a stream but those of declined lines.
fn allocated(sums: &Sums<'_, '_>, code: &str) -> String {
    let range = sums.range(Part::Field("allocation"));
    let stream = sums.range(Part::Field("stream"));
    if !sums.has_approval {
        return format!("SUMIFS({range},{stream},\"{code}\")");
    }
    let declined = funding::word(sums.context, "funding_lines", "approval", "declined");
    format!(
        "SUMIFS({range},{stream},\"{code}\",{},\"<>{declined}\")",
        sums.range(Part::Field("approval"))
    )
}

/// Lines that no stream's total has: approved ones whose stream is not known, and those that are not approved.
fn other_rows(sums: &Sums<'_, '_>, first: usize) -> Vec<Vec<Cell>> {
    let approval = sums.range(Part::Field("approval"));
    let approved = funding::word(sums.context, "funding_lines", "approval", "approved");
    let unknown: Vec<Row<'_>> = sums
        .lines
        .iter()
        .filter(|(line, _)| line.stream.is_none() && line.is_approved())
        .copied()
        .collect();
    let waiting: Vec<Row<'_>> = sums
        .lines
        .iter()
        .filter(|(line, _)| !line.is_approved())
        .copied()
        .collect();
    let codes: Vec<String> = sums
        .context
        .schema
        .streams
        .iter()
        .map(|stream| {
            format!(
                "({}<>\"{}\")",
                sums.range(Part::Field("stream")),
                stream.code
            )
        })
        .collect();
    let mut outside = codes.join("*");
    if sums.has_approval {
        let _ = write!(outside, "*({approval}=\"{approved}\")");
    }
    let mut rows = Vec::new();
    if !unknown.is_empty() {
        rows.push((
            "Stream not known",
            unknown,
            Box::new(|range: String| format!("=SUMPRODUCT({outside},{range})"))
                as Box<dyn Fn(String) -> String + '_>,
        ));
    }
    if !waiting.is_empty() {
        rows.push((
            "Lines not approved: in no stream's total",
            waiting,
            Box::new(|range: String| format!("=SUMIFS({range},{approval},\"<>{approved}\")")),
        ));
    }
    rows.into_iter()
        .enumerate()
        .map(|(index, (name, own, formula))| {
            let mut cells = vec![
                Cell::text("Other lines"),
                Cell::text(name),
                Cell::count(own.len()),
                Cell::blank(),
            ];
            cells.extend(sums.row(first + index, &own, |_, part| formula(sums.range(part))));
            cells.extend([Cell::blank(), Cell::blank(), Cell::blank()]);
            cells.push(Cell::text(sums.explained(&own).join("\n")));
            cells
        })
        .collect()
}

/// A stream's code and name; a name that begins with the code says both.
fn named(code: &str, name: &str) -> String {
    let begins = fold(name)
        .split(' ')
        .next()
        .is_some_and(|first| first == fold(code));
    if begins {
        name.to_owned()
    } else {
        format!("{code} {name}")
    }
}

fn funder_row(
    sums: &Sums<'_, '_>,
    funder: &FunderTotal,
    members: &[usize],
    row: usize,
) -> Vec<Cell> {
    let own: Vec<Row<'_>> = sums
        .lines
        .iter()
        .filter(|(line, _)| {
            line.is_approved()
                && line
                    .stream
                    .and_then(|stream| sums.context.schema.streams.get(stream))
                    .is_some_and(|stream| stream.funder.eq_ignore_ascii_case(&funder.funder))
        })
        .copied()
        .collect();
    let add = |column: usize| {
        members
            .iter()
            .map(|row| a1(*row, column))
            .collect::<Vec<_>>()
            .join("+")
    };
    let name = sums.context.schema.funder_name(&funder.funder);
    let mut cells = vec![
        Cell::text("Funder"),
        Cell::text(name),
        Cell::count(own.len()),
        funder.award.map_or_else(Cell::blank, |award| {
            Cell::formula(format!("={}", add(AWARD)), award)
        }),
    ];
    cells.extend(sums.row(row, &own, |column, _| format!("={}", add(column))));
    // After the sums stand the underspend and the percentage.
    let decided = FIRST_SUM + ON_PAGE + 2;
    for (index, result) in [funder.totals.to_return, funder.totals.to_carry]
        .into_iter()
        .enumerate()
    {
        cells.push(Cell::formula(format!("={}", add(decided + index)), result));
    }
    cells.extend([Cell::blank(), Cell::blank()]);
    cells
        .into_iter()
        .map(|cell| cell.look(Look::Total))
        .collect()
}

/// Everything on the Funding sheet less everything above: nought, or a line was counted twice or not at all.
fn check_row(sums: &Sums<'_, '_>, last: usize) -> Vec<Cell> {
    let counted = |line: &Line| {
        !line.is_approved()
            || line.stream.is_none_or(|stream| {
                sums.context
                    .outcome
                    .ledger
                    .streams
                    .iter()
                    .any(|total| total.stream == stream)
            })
    };
    let listed: Vec<Row<'_>> = sums
        .lines
        .iter()
        .filter(|(line, _)| counted(line))
        .copied()
        .collect();
    let mut cells = vec![
        Cell::text("Check"),
        Cell::text("The Funding sheet less the streams and other lines above: must be zero"),
        Cell::count(sums.lines.len()),
        Cell::blank(),
    ];
    for (index, (part, _)) in sums.summed.iter().enumerate() {
        let column = column(index);
        let above = format!("SUM({}:{})", a1(1, column), a1(last, column));
        let lacks = sums
            .lines
            .iter()
            .any(|(_, balance)| balance.forecast.is_none());
        if *part == Part::Forecast && lacks {
            cells.push(Cell::blank());
            continue;
        }
        cells.push(Cell::formula(
            format!("=ROUND(SUM({})-{above},2)", sums.range(*part)),
            sums.sum(*part, &sums.lines) - sums.sum(*part, &listed),
        ));
    }
    cells.extend(std::iter::repeat_with(Cell::blank).take(FOLLOWING));
    cells
        .into_iter()
        .map(|cell| cell.look(Look::Total))
        .collect()
}
