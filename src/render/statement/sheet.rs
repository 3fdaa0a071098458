//! The statement itself, two pages: what the stream comes to line by line, and what is left, with its reconciliation and lines to sign.
//!
//! Each page is a sheet of its own: a spreadsheet that fits a sheet's width to its paper knows no pages of one's own.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::annex::{self, ACCRUALS, DOCUMENTS};
use super::found::Found;
use super::papers::Paper;
use super::{Of, Row};
use crate::funding::{Approval, COUNTED, Decision};
use crate::reconcile::{HELD, RecordRef, records};
use crate::render::sheets::funding;
use crate::render::{Block, Cell, ColumnKind, Content, Look, Page, SheetPlan, Value, a1};
use crate::schema::{ClaimPeriod, Role};
use crate::value::amount::pounds;
use crate::value::date::long;
use crate::value::period::Quarter;
use crate::value::text::counted;

/// The two sheets' names.
const FIRST: &str = "Statement";
const SECOND: &str = "Reconciliation";

/// How wide a sheet may be, in characters, for its text to be printed in eight points and more, also where a wider font stands in for ours.
const WIDTH: u16 = 136;

/// The columns that all grids share before those of money: a line, words, and a word or two.
const LINE_WIDTH: u16 = 7;
const WORD_WIDTH: u16 = 10;

/// The first of the columns of money.
const MONEY: usize = 3;

/// How many columns of money there are.
const AMOUNTS: usize = 8;

/// The columns of the first grid of lines.
const ALLOCATION: usize = 3;
const MOVED: usize = 4;
const REVISED: usize = 5;
const FIRST_QUARTER: usize = 6;
const TO_DATE: usize = 10;

/// The columns of the second.
const SPENT: usize = 3;
const OPEN: usize = 5;
const HELD_MONEY: usize = 6;
const COMMITTED: usize = 7;
const FORECAST: usize = 8;
const VARIANCE: usize = 9;
const LEFT: usize = 10;

/// The sheet in the making, which knows the row that it is at.
struct Sheet<'s, 'a, 'c> {
    of: &'s Of<'a, 'c>,
    name: &'static str,
    papers: &'s [Paper],
    blocks: Vec<Block>,
    row: usize,
}

/// Where a grid's rows stand: the sheet, the first, and how many.
#[derive(Clone, Copy)]
struct Place {
    sheet: &'static str,
    first: usize,
    rows: usize,
}

impl Place {
    fn sum(self, column: usize) -> String {
        format!("SUM({})", self.range(column))
    }

    fn range(self, column: usize) -> String {
        let last = self.first + self.rows.saturating_sub(1);
        let (first, last) = (a1(self.first, column), a1(last, column));
        format!(
            "{}!{}:{}",
            self.sheet,
            funding::absolute(&first),
            funding::absolute(&last)
        )
    }
}

/// A virement of the stream, as one of its sides.
struct Moved {
    line: usize,
    other: String,
    amount: Option<Decimal>,
    is_in: bool,
    state: String,
    counts: bool,
}

pub(super) fn sheets(
    of: &Of<'_, '_>,
    papers: &[Paper],
    found: &[Found],
) -> [SheetPlan<'static>; 2] {
    let page = |name| Sheet {
        of,
        name,
        papers,
        blocks: Vec::new(),
        row: 0,
    };
    let moved = moved(of);
    let mut first = page(FIRST);
    first.head();
    let summary = first.reserve_summary();
    let lines = first.lines(&moved);
    let mut second = page(SECOND);
    second.push(heading(&format!(
        "{}, {}",
        of.stream.name,
        of.quarter.spoken()
    )));
    let left = second.left(lines);
    let check = second.reconciliation(lines, left, &moved);
    second.found(found);
    second.signatures();
    first.fill_summary(summary, lines, left, check);
    [
        first.made(format!(
            "What the {} comes to, line by line.",
            of.stream.name
        )),
        second.made(
            "What is outstanding and left on each line, the reconciliation, and lines to sign."
                .to_owned(),
        ),
    ]
}

/// The columns' widths: those of money hold the largest amount, and words what is left.
fn widths(of: &Of<'_, '_>) -> Vec<u16> {
    let amounts = of
        .rows
        .iter()
        .flat_map(|row| [row.balance.revised, row.balance.to_date]);
    let totals = [
        of.total.award,
        of.total.allocated,
        Some(of.total.totals.revised),
        Some(of.total.totals.to_date),
    ];
    let largest = amounts
        .chain(totals.into_iter().flatten())
        .map(|amount| amount.abs())
        .max()
        .unwrap_or_default();
    let pounds: u16 = if largest >= Decimal::from(10_000_000) {
        13
    } else if largest >= Decimal::from(1_000_000) {
        12
    } else if largest >= Decimal::from(100_000) {
        11
    } else {
        10
    };
    let money = u16::try_from(AMOUNTS).unwrap_or_default() * pounds;
    let words = WIDTH
        .saturating_sub(LINE_WIDTH + WORD_WIDTH + money)
        .max(20);
    let text = [LINE_WIDTH, words, WORD_WIDTH];
    text.into_iter()
        .chain(std::iter::repeat_n(pounds, AMOUNTS))
        .collect()
}

fn heading(text: &str) -> Block {
    Block::Line(vec![Cell::text(text).look(Look::Heading)])
}

/// Blank cells before the columns of money.
fn blanks(count: usize) -> Vec<Cell> {
    std::iter::repeat_with(Cell::blank).take(count).collect()
}

fn total(cells: Vec<Cell>) -> Vec<Cell> {
    cells
        .into_iter()
        .map(|cell| cell.look(Look::Total))
        .collect()
}

impl Sheet<'_, '_, '_> {
    fn push(&mut self, block: Block) {
        self.row += block.rows();
        self.blocks.push(block);
    }

    fn made(self, about: String) -> SheetPlan<'static> {
        SheetPlan {
            name: self.name,
            about,
            content: Content::Page(Page {
                widths: widths(self.of),
                blocks: self.blocks,
                is_fitted: true,
            }),
        }
    }

    /// A grid; where its rows will stand.
    fn grid(&mut self, headings: Vec<(String, ColumnKind)>, rows: Vec<Vec<Cell>>) -> Place {
        let place = Place {
            sheet: self.name,
            first: self.row + 1,
            rows: rows.len(),
        };
        self.push(Block::Columns { headings, rows });
        place
    }

    fn head(&mut self) {
        let of = self.of;
        let schema = of.context.schema;
        let outcome = of.context.outcome;
        self.push(Block::Line(vec![
            Cell::text(format!("Statement of the {}", of.stream.name)).look(Look::Title),
        ]));
        self.push(Block::Line(vec![
            Cell::text(format!(
                "{}, for the {}",
                schema.partnership.name,
                schema.funder_name(&of.stream.funder)
            ))
            .look(Look::Heading),
        ]));
        self.push(Block::Line(vec![
            Cell::text(&schema.publishing.marking).look(Look::Marking),
        ]));
        if !outcome.ties_out() {
            self.push(Block::Line(vec![
                Cell::text(outcome.tie_out()).look(Look::Error),
            ]));
        }
        let (start, end) = of.stream.whole(&schema.year);
        let progress = of.stream.progress(&schema.year, of.quarter);
        let what = if progress.is_end {
            "Year-end statement"
        } else if progress.is_half {
            "Half-year statement"
        } else {
            "Statement"
        };
        let periods = of.stream.claim_periods(&schema.year);
        let next = periods.iter().find(|period| period.end >= of.quarter.end());
        let due = next.map_or_else(String::new, |period| {
            let due = period
                .due
                .map(|day| format!(", due {}", long(day)))
                .unwrap_or_default();
            format!("; this claim is to {}{due}", long(period.end))
        });
        self.push(Block::Line(vec![Cell::text(format!(
            "{what} to the end of {} ({}). Funding period: {} to {}, claimed {}{due}.",
            of.quarter.spoken(),
            long(of.quarter.end()),
            long(start),
            long(end),
            of.stream.claims.word(),
        ))]));
        let plan = outcome
            .sources
            .iter()
            .find(|source| source.role == Role::Plan);
        let mut made = format!(
            "Made for {} from {}, schema {}. Revenue only: {}. Virements need the funder’s approval: {}.",
            long(outcome.options.as_of),
            plan.map_or("the plan", |plan| plan.file_name()),
            schema.name,
            yes_or_no(of.stream.revenue_only),
            yes_or_no(of.stream.virement_needs_approval),
        );
        if let Some(plan) = plan.filter(|plan| plan.layout.is_ours) {
            let said = &plan.layout.made_for;
            let later = said
                .quarter
                .zip(said.year)
                .map(|(number, year)| Quarter { year, number })
                .filter(|said| *said != of.quarter);
            if let Some(later) = later {
                let _ = write!(
                    made,
                    " That is the workbook of {}: allocations, approvals, virements, forecasts and decisions are as they stand in it.",
                    later.spoken()
                );
            }
        }
        self.push(Block::Line(vec![Cell::text(made).look(Look::Muted)]));
    }

    /// The summary stands above what it adds up: its place is kept, and filled once the rest has its rows.
    fn reserve_summary(&mut self) -> usize {
        let at = self.blocks.len();
        for _ in 0..2 {
            self.push(Block::Columns {
                headings: vec![(String::new(), ColumnKind::Figure)],
                rows: vec![Vec::new()],
            });
        }
        self.push(Block::Gap);
        at
    }

    fn fill_summary(&mut self, at: usize, lines: Grid, left: Grid, check: Place) {
        let of = self.of;
        let totals = &of.total.totals;
        let money = |names: [&str; AMOUNTS]| -> Vec<(String, ColumnKind)> {
            blank_headings(MONEY)
                .into_iter()
                .chain(names.map(|name| (name.to_owned(), ColumnKind::Figure)))
                .collect()
        };
        // The summary's two rows stand below their headings, one grid after the other.
        let first = self.row_of(at) + 1;
        let waiting = lines
            .others
            .map_or_else(|| "0".to_owned(), |place| place.sum(ALLOCATION));
        let declined: Decimal = of
            .others()
            .filter(|row| row.line.approval == Approval::Declined)
            .filter_map(|row| row.line.allocation)
            .sum();
        let proposed: Decimal = of
            .others()
            .filter(|row| row.line.approval != Approval::Declined)
            .filter_map(|row| row.line.allocation)
            .sum();
        let unallocated = of.total.unallocated();
        let less_declined = if declined.is_zero() {
            String::new()
        } else {
            format!("-{}", declined.normalize())
        };
        let mut upper = blanks(MONEY);
        if let Some(words) = upper.get_mut(1) {
            *words = Cell::text("What the grant comes to").look(Look::Heading);
        }
        upper.extend([
            Cell::money_or_blank(of.total.award),
            Cell::formula(format!("={}", lines.total(ALLOCATION)), totals.allocation),
            Cell::formula(format!("={waiting}{less_declined}"), proposed),
            unallocated.map_or_else(Cell::blank, |result| {
                Cell::formula(
                    format!(
                        "={}-{}-{}",
                        a1(first, MONEY),
                        a1(first, MONEY + 1),
                        a1(first, MONEY + 2)
                    ),
                    result,
                )
            }),
            Cell::formula(format!("={}", lines.total(REVISED)), totals.revised),
            Cell::formula(format!("={}", lines.total(TO_DATE)), totals.to_date),
            Cell::formula(
                format!("={}", left.total(LEFT)),
                totals.revised - totals.to_date,
            ),
            Cell::formula(format!("={}", left.total(HELD_MONEY)), totals.held),
        ]);
        let word = |decision: &'static str| {
            funding::word(of.context, "funding_lines", "decision", decision).to_owned()
        };
        let decided = |decision: &'static str| {
            left.approved.map_or_else(
                || "=0".to_owned(),
                |place| {
                    format!(
                        "=SUMPRODUCT(({}=\"{}\")*1,{})",
                        place.range(2),
                        word(decision),
                        place.range(LEFT)
                    )
                },
            )
        };
        let lower_row = first + 2;
        let rest = totals.revised - totals.to_date - totals.to_return - totals.to_carry;
        let mut lower = blanks(MONEY);
        lower.extend([
            totals.forecast.map_or_else(Cell::blank, |forecast| {
                Cell::formula(format!("={}", left.total(FORECAST)), forecast)
            }),
            totals.underspend().map_or_else(Cell::blank, |result| {
                Cell::formula(format!("={}", left.total(VARIANCE)), result)
            }),
            Cell::formula(decided("return"), totals.to_return),
            Cell::formula(decided("carry-forward"), totals.to_carry),
            Cell::formula(
                format!(
                    "={}-{}-{}",
                    a1(first, MONEY + 6),
                    a1(lower_row, MONEY + 2),
                    a1(lower_row, MONEY + 3)
                ),
                rest,
            ),
            Cell::formula(format!("={}", left.total(OPEN)), of.open_accruals()),
            Cell::formula(format!("={}", left.total(COMMITTED)), totals.committed),
            Cell::formula(format!("=SUM({})", check.range(MONEY + 2)), Decimal::ZERO),
        ]);
        if let Some(block) = self.blocks.get_mut(at) {
            *block = Block::Columns {
                headings: money([
                    "Award",
                    "Allocated",
                    "Not yet approved",
                    "Not allocated",
                    "Revised allocation",
                    "Spend to date",
                    "Left to spend",
                    "Held, not in figures",
                ]),
                rows: vec![upper],
            };
        }
        if let Some(block) = self.blocks.get_mut(at + 1) {
            *block = Block::Columns {
                headings: money([
                    "Forecast outturn",
                    "Expected underspend",
                    "To return",
                    "To carry forward",
                    "Left, undecided",
                    "Accruals outstanding",
                    "Committed, not spent",
                    "Differ by",
                ]),
                rows: vec![lower],
            };
        }
    }

    /// The row at which a block begins.
    fn row_of(&self, block: usize) -> usize {
        self.blocks.iter().take(block).map(Block::rows).sum()
    }

    fn range(&self, column: usize) -> String {
        funding::column_range(DOCUMENTS, column, self.papers.len())
    }

    /// A line's rows of the annex of a quarter whose state begins so.
    fn of_documents(&self, line: &str, quarter: Quarter, state: &str, result: Decimal) -> Cell {
        if self.papers.is_empty() {
            return Cell::money(result);
        }
        Cell::formula(
            format!(
                "=SUMPRODUCT(({}={line})*({}=\"{quarter}\")*(LEFT({},{})=\"{state}\"),{})",
                self.range(annex::LINE),
                self.range(annex::QUARTER),
                self.range(annex::STATE),
                state.len(),
                self.range(annex::AMOUNT),
            ),
            result,
        )
    }

    /// The first grid: each line's allocation, what moved, and spend by quarter; below it the virements that moved it.
    fn lines(&mut self, moved: &[Moved]) -> Grid {
        let of = self.of;
        let mut headings: Vec<(String, ColumnKind)> = vec![
            ("Line".to_owned(), ColumnKind::Prose),
            ("Project, and who delivers it".to_owned(), ColumnKind::Prose),
            ("Approval".to_owned(), ColumnKind::Prose),
            ("Allocation".to_owned(), ColumnKind::Figure),
            ("Virements, net".to_owned(), ColumnKind::Figure),
            ("Revised allocation".to_owned(), ColumnKind::Figure),
        ];
        headings.extend((1..=4).map(|number| (format!("Q{number} spend"), ColumnKind::Figure)));
        headings.push(("Spend to date".to_owned(), ColumnKind::Figure));
        self.push(heading("Lines: allocation and spend"));
        let first = self.row + 1;
        // The virements stand below this grid, whose height is known.
        let count = of.rows.len() + 1;
        let virements = Place {
            sheet: self.name,
            first: first + count + 3,
            rows: moved.len(),
        };
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let row_at = |index: usize| first + index + usize::from(index >= of.approved);
        for (index, row) in of.rows.iter().enumerate() {
            if index == of.approved {
                rows.push(self.lines_total(first));
            }
            rows.push(self.line(row, row_at(index), virements));
        }
        if of.rows.len() == of.approved {
            rows.push(self.lines_total(first));
        }
        let place = self.grid(headings, rows);
        self.push(Block::Gap);
        self.push(heading("Virements, and who approved them"));
        let grid = Grid::of(of, place);
        if moved.is_empty() {
            self.push(Block::Line(vec![Cell::text("None.")]));
        } else {
            self.virements(moved);
        }
        grid
    }

    fn lines_total(&self, first: usize) -> Vec<Cell> {
        let of = self.of;
        let totals = &of.total.totals;
        let place = Place {
            sheet: self.name,
            first,
            rows: of.approved,
        };
        let sum = |column: usize, result: Decimal| {
            if of.approved == 0 {
                Cell::money(result)
            } else {
                Cell::formula(format!("={}", place.sum(column)), result)
            }
        };
        let mut cells = vec![Cell::text("Total"), Cell::text(of.counted())];
        cells.extend(blanks(1));
        cells.extend([
            sum(ALLOCATION, totals.allocation),
            sum(MOVED, totals.moved_in - totals.moved_out),
            sum(REVISED, totals.revised),
        ]);
        for (number, amount) in (1_u8..).zip(totals.quarters) {
            let column = FIRST_QUARTER + usize::from(number) - 1;
            cells.push(if number <= of.quarter.number {
                sum(column, amount)
            } else {
                Cell::blank()
            });
        }
        cells.push(sum(TO_DATE, totals.to_date));
        total(cells)
    }

    fn line(&self, row: &Row<'_>, at: usize, virements: Place) -> Vec<Cell> {
        let of = self.of;
        let (line, balance) = (row.line, row.balance);
        let cell = |column: usize| a1(at, column);
        let net = balance.moved_in - balance.moved_out;
        let mut out = vec![
            Cell::text(&*line.reference.text),
            Cell::text(
                [
                    of.told(&line.project),
                    of.context.agency(line.delivery).to_owned(),
                ]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join("\n"),
            ),
            approval(of, row),
            Cell::money_or_blank(line.allocation),
            if virements.rows == 0 {
                Cell::money(net)
            } else {
                // In less out, of what counts.
                let of_line = format!(
                    "({}={})*({}=\"{COUNTED}\")",
                    virements.range(0),
                    cell(0),
                    virements.range(2)
                );
                Cell::formula(
                    format!(
                        "=SUMPRODUCT({of_line},{})-SUMPRODUCT({of_line},{})",
                        virements.range(MONEY),
                        virements.range(MONEY + 1)
                    ),
                    net,
                )
            },
            Cell::formula(
                format!("={}+{}", cell(ALLOCATION), cell(MOVED)),
                balance.revised,
            ),
        ];
        for (number, amount) in (1_u8..).zip(balance.quarters) {
            let quarter = Quarter {
                number,
                ..of.quarter
            };
            out.push(if number <= of.quarter.number {
                self.of_documents(&cell(0), quarter, COUNTED, amount)
            } else {
                Cell::blank()
            });
        }
        let last = FIRST_QUARTER + usize::from(of.quarter.number) - 1;
        let to_date = Cell::formula(
            format!("=SUM({}:{})", cell(FIRST_QUARTER), cell(last)),
            balance.to_date,
        );
        out.push(if balance.to_date > balance.revised {
            to_date.look(Look::Error)
        } else {
            to_date
        });
        out
    }

    fn virements(&mut self, moved: &[Moved]) -> Place {
        let headings = vec![
            ("Line".to_owned(), ColumnKind::Prose),
            ("From or to, and approved by".to_owned(), ColumnKind::Prose),
            ("State".to_owned(), ColumnKind::Prose),
            ("In".to_owned(), ColumnKind::Figure),
            ("Out".to_owned(), ColumnKind::Figure),
        ];
        let lines = &self.of.context.outcome.ledger.lines;
        let rows = moved
            .iter()
            .map(|moved| {
                let amount = Cell::money_or_blank(moved.amount);
                let (into, out) = if moved.is_in {
                    (amount, Cell::blank())
                } else {
                    (Cell::blank(), amount)
                };
                let state = Cell::text(&moved.state);
                vec![
                    lines
                        .get(moved.line)
                        .map_or_else(Cell::blank, |line| Cell::text(&*line.reference.text)),
                    Cell::text(&moved.other),
                    if moved.counts {
                        state
                    } else {
                        state.look(Look::Held)
                    },
                    into,
                    out,
                ]
            })
            .collect();
        self.grid(headings, rows)
    }

    /// The second grid: what is outstanding, forecast and left on each line, and what becomes of it.
    fn left(&mut self, lines: Grid) -> Grid {
        let of = self.of;
        let headings = [
            ("Line", ColumnKind::Prose),
            ("Explanation of the difference", ColumnKind::Prose),
            ("Decision", ColumnKind::Prose),
            ("Spend to date", ColumnKind::Figure),
            ("% spent", ColumnKind::Number),
            ("Accruals outstanding", ColumnKind::Figure),
            ("Held", ColumnKind::Figure),
            ("Committed", ColumnKind::Figure),
            ("Forecast outturn", ColumnKind::Figure),
            ("Variance", ColumnKind::Figure),
            ("Left to spend", ColumnKind::Figure),
        ]
        .map(|(text, kind)| (text.to_owned(), kind));
        self.push(heading("Lines: outstanding, forecast and what is left"));
        let first = self.row + 1;
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for (index, row) in of.rows.iter().enumerate() {
            if index == of.approved {
                rows.push(self.left_total(first, lines));
            }
            let shift = usize::from(index >= of.approved) + index;
            rows.push(self.left_on(row, first + shift, lines, lines.place.first + shift));
        }
        if of.rows.len() == of.approved {
            rows.push(self.left_total(first, lines));
        }
        let place = self.grid(headings.to_vec(), rows);
        let note = of.without_forecast();
        if !note.is_empty() {
            self.push(Block::Line(vec![Cell::text(note).look(Look::Muted)]));
        }
        self.push(Block::Gap);
        Grid::of(of, place)
    }

    fn left_total(&self, first: usize, lines: Grid) -> Vec<Cell> {
        let of = self.of;
        let totals = &of.total.totals;
        let place = Place {
            sheet: self.name,
            first,
            rows: of.approved,
        };
        let sum = |column: usize, result: Decimal| {
            if of.approved == 0 {
                Cell::money(result)
            } else {
                Cell::formula(format!("={}", place.sum(column)), result)
            }
        };
        let maybe = |column: usize, result: Option<Decimal>| {
            result.map_or_else(Cell::blank, |result| sum(column, result))
        };
        total(vec![
            Cell::text("Total"),
            Cell::text(of.counted()),
            Cell::blank(),
            sum(SPENT, totals.to_date),
            percent(
                &lines.total(REVISED),
                &a1(first + of.approved, SPENT),
                totals.to_date,
                totals.revised,
            ),
            sum(OPEN, of.open_accruals()),
            sum(HELD_MONEY, totals.held),
            sum(COMMITTED, totals.committed),
            maybe(FORECAST, totals.forecast),
            maybe(VARIANCE, totals.underspend()),
            sum(LEFT, totals.revised - totals.to_date),
        ])
    }

    fn left_on(&self, row: &Row<'_>, at: usize, lines: Grid, above: usize) -> Vec<Cell> {
        let of = self.of;
        let (line, balance) = (row.line, row.balance);
        let cell = |column: usize| a1(at, column);
        let revised = lines.cell(above, REVISED);
        let mut explained: Vec<String> = funding::explanations(of.context, line)
            .iter()
            .map(|text| of.told(text))
            .collect();
        if let Some(beside) = line.match_cash.filter(|amount| !amount.is_zero()) {
            explained.push(format!("Match (cash), beside: {}.", pounds(beside)));
        }
        let decision = match line.decision {
            Some(Decision::Return) => "return",
            Some(Decision::CarryForward) => "carry-forward",
            None => "",
        };
        let decided = if decision.is_empty() {
            let is_needed = of
                .stream
                .progress(&of.context.schema.year, of.quarter)
                .is_end
                && balance.revised > balance.to_date;
            if is_needed {
                Cell::text("Not decided").look(Look::Warning)
            } else {
                Cell::blank()
            }
        } else {
            Cell::text(funding::word(
                of.context,
                "funding_lines",
                "decision",
                decision,
            ))
        };
        let count = annex::accruals(of).count();
        let open = if count == 0 {
            Cell::money(balance.accruals_open())
        } else {
            let range = |column| funding::column_range(ACCRUALS, column, count);
            Cell::formula(
                format!(
                    "=SUMPRODUCT(({}={})*1,{})",
                    range(annex::ACCRUED_LINE),
                    cell(0),
                    range(annex::OPEN)
                ),
                balance.accruals_open(),
            )
        };
        let held = self.of_documents(&cell(0), of.quarter, HELD, balance.all_held());
        let held = if balance.all_held().is_zero() {
            held
        } else {
            held.look(Look::Held)
        };
        let variance = balance.variance.map_or_else(Cell::blank, |variance| {
            let cell = Cell::formula(format!("={revised}-{}", cell(FORECAST)), variance);
            if variance.is_sign_negative() && !variance.is_zero() {
                cell.look(Look::Error)
            } else {
                cell
            }
        });
        vec![
            Cell::text(&*line.reference.text),
            Cell::text(explained.join("\n")),
            decided,
            Cell::formula(format!("={}", lines.cell(above, TO_DATE)), balance.to_date),
            percent(&revised, &cell(SPENT), balance.to_date, balance.revised),
            open,
            held,
            Cell::money(balance.committed),
            Cell::money_or_blank(balance.forecast),
            variance,
            Cell::formula(
                format!("={revised}-{}", cell(SPENT)),
                balance.revised - balance.to_date,
            ),
        ]
    }

    /// Each side added up from its own end; every difference is nought.
    fn reconciliation(&mut self, lines: Grid, left: Grid, moved: &[Moved]) -> Place {
        let of = self.of;
        let totals = &of.total.totals;
        let claims = self.claims(lines);
        self.push(heading(&format!(
            "Reconciliation, each side added up by itself; and claims, {}",
            of.stream.claims.word()
        )));
        let mut headings = blank_headings(1);
        headings.push(("What".to_owned(), ColumnKind::Prose));
        headings.extend(blank_headings(1));
        headings.extend(
            ["On the lines", "In annexes", "Difference"]
                .map(|text| (text.to_owned(), ColumnKind::Figure)),
        );
        if !claims.is_empty() {
            headings.extend(blank_headings(1));
            headings.extend(
                ["Claim from", "To", "Due"].map(|text| (text.to_owned(), ColumnKind::Date)),
            );
            headings.push(("Spend".to_owned(), ColumnKind::Figure));
        }
        let first = self.row + 1;
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let mut add = |what: &str, one: Cell, other: Cell, difference: Decimal| {
            let at = first + rows.len();
            let mut cells = vec![Cell::blank(), Cell::text(what), Cell::blank()];
            let cell = Cell::formula(
                format!("=ROUND({}-{},2)", a1(at, MONEY), a1(at, MONEY + 1)),
                difference,
            );
            cells.extend([
                one,
                other,
                cell.look(if difference.is_zero() {
                    Look::Good
                } else {
                    Look::Error
                }),
            ]);
            rows.push(cells);
        };
        let all: Vec<&Row<'_>> = of.rows.iter().collect();
        let both = |grid: Grid, column: usize| match grid.others {
            Some(others) => format!("={}+{}", grid.total(column), others.sum(column)),
            None => format!("={}", grid.total(column)),
        };
        let spent: Decimal = all.iter().map(|row| row.balance.to_date).sum();
        let papers: Decimal = self
            .papers
            .iter()
            .filter(|p| p.counts)
            .filter_map(|p| p.amount)
            .sum();
        add(
            "Spend to date, and documents counted",
            Cell::formula(both(lines, TO_DATE), spent),
            self.of_state(COUNTED, None, papers),
            spent - papers,
        );
        let held: Decimal = all.iter().map(|row| row.balance.all_held()).sum();
        let held_papers: Decimal = self
            .papers
            .iter()
            .filter(|p| p.is_held && !p.is_order && p.quarter == of.quarter)
            .filter_map(|p| p.amount)
            .sum();
        add(
            "Held, and documents held this quarter",
            Cell::formula(both(left, HELD_MONEY), held),
            self.of_state(HELD, Some(of.quarter), held_papers),
            held - held_papers,
        );
        let open: Decimal = all.iter().map(|row| row.balance.accruals_open()).sum();
        let (raised, reversed) = annex::accruals(of).fold(
            (Decimal::ZERO, Decimal::ZERO),
            |(raised, reversed), accrual| (raised + accrual.amount, reversed + accrual.reversed),
        );
        let count = annex::accruals(of).count();
        add(
            "Accruals open, and raised less reversed",
            Cell::formula(both(left, OPEN), open),
            if count == 0 {
                Cell::money(raised - reversed)
            } else {
                let sum =
                    |column| format!("SUM({})", funding::column_range(ACCRUALS, column, count));
                Cell::formula(
                    format!("={}-{}", sum(annex::RAISED), sum(annex::REVERSED)),
                    raised - reversed,
                )
            },
            open - (raised - reversed),
        );
        let net: Decimal = all
            .iter()
            .map(|row| row.balance.moved_in - row.balance.moved_out)
            .sum();
        let listed: Decimal = moved
            .iter()
            .filter(|moved| moved.counts)
            .filter_map(|moved| {
                moved
                    .amount
                    .map(|amount| if moved.is_in { amount } else { -amount })
            })
            .sum();
        add(
            "Virements, and the list of them",
            Cell::formula(both(lines, MOVED), net),
            Cell::money(listed),
            net - listed,
        );
        add(
            "Revised less spend, and left to spend",
            Cell::formula(
                format!("={}-{}", lines.total(REVISED), lines.total(TO_DATE)),
                totals.revised - totals.to_date,
            ),
            Cell::formula(
                format!("={}", left.total(LEFT)),
                totals.revised - totals.to_date,
            ),
            Decimal::ZERO,
        );
        let checks = rows.len();
        // Claims stand beside.
        for (index, claim) in claims.into_iter().enumerate() {
            if rows.len() <= index {
                rows.push(blanks(6));
            }
            if let Some(row) = rows.get_mut(index) {
                row.push(Cell::blank());
                row.extend(claim);
            }
        }
        let place = Place {
            rows: checks,
            ..self.grid(headings, rows)
        };
        let earlier: Decimal = self
            .papers
            .iter()
            .filter(|p| p.is_held && !p.is_order && p.quarter != of.quarter)
            .filter_map(|p| p.amount)
            .sum();
        if !earlier.is_zero() {
            self.push(Block::Line(vec![
                Cell::text(format!(
                    "Held since earlier quarters and not settled, in no figure: {}.",
                    pounds(earlier)
                ))
                .look(Look::Warning),
            ]));
        }
        self.push(Block::Gap);
        place
    }

    fn of_state(&self, state: &str, quarter: Option<Quarter>, result: Decimal) -> Cell {
        if self.papers.is_empty() {
            return Cell::money(result);
        }
        let when = quarter
            .map(|quarter| format!("*({}=\"{quarter}\")", self.range(annex::QUARTER)))
            .unwrap_or_default();
        Cell::formula(
            format!(
                "=SUMPRODUCT((LEFT({},{})=\"{state}\"){when}*1,{})",
                self.range(annex::STATE),
                state.len(),
                self.range(annex::AMOUNT)
            ),
            result,
        )
    }

    /// What falls to each claim that has begun: by quarters where its period begins and ends with one, else by the documents' dates.
    fn claims(&self, lines: Grid) -> Vec<[Cell; 4]> {
        let of = self.of;
        let year = &of.context.schema.year;
        let begun: Vec<ClaimPeriod> = of
            .stream
            .claim_periods(year)
            .into_iter()
            .filter(|period| period.start <= of.quarter.end())
            .collect();
        let quarters: Vec<Quarter> = (1..=4).map(|number| year.quarter(number)).collect();
        let whole = |start, end| {
            quarters.iter().any(|q| q.start() == start) && quarters.iter().any(|q| q.end() == end)
        };
        let mut own = begun.iter().filter(|period| period.end >= year.start);
        let is_by_quarter = own.all(|period| whole(period.start, period.end));
        let mut told = Decimal::ZERO;
        let mut rows: Vec<[Cell; 4]> = Vec::new();
        for period in &begun {
            let spend = if period.end < year.start {
                // Its money is in an earlier plan.
                Cell::blank()
            } else if is_by_quarter {
                let within: Vec<usize> = (0..usize::from(of.quarter.number))
                    .filter(|at| {
                        quarters
                            .get(*at)
                            .is_some_and(|q| period.start <= q.start() && q.end() <= period.end)
                    })
                    .collect();
                let spend: Decimal = within
                    .iter()
                    .filter_map(|at| of.total.totals.quarters.get(*at))
                    .sum();
                told += spend;
                let cells: Vec<String> = within
                    .iter()
                    .map(|at| lines.total(FIRST_QUARTER + at))
                    .collect();
                Cell::formula(format!("={}", cells.join("+")), spend)
            } else {
                let dated = self
                    .papers
                    .iter()
                    .filter(|paper| paper.counts && self.is_approved(paper.line));
                let spend: Decimal = dated
                    .filter(|paper| matches!(paper.date.value, Value::Date(day) if (period.start..=period.end).contains(&day)))
                    .filter_map(|paper| paper.amount)
                    .sum();
                told += spend;
                Cell::money(spend)
            };
            rows.push([
                Cell::date(Some(period.start)),
                Cell::date(Some(period.end)),
                Cell::date(period.due),
                spend,
            ]);
        }
        let rest = of.total.totals.to_date - told;
        if !rest.is_zero() {
            rows.push([
                Cell::text("No date"),
                Cell::text("in these"),
                Cell::blank(),
                Cell::money(rest),
            ]);
        }
        rows
    }

    fn is_approved(&self, line: usize) -> bool {
        self.of
            .rows
            .iter()
            .any(|row| row.index == line && row.line.is_approved())
    }

    fn found(&mut self, found: &[Found]) {
        let errors = found.iter().filter(|found| found.is_open_error()).count();
        let open = found.iter().filter(|found| !found.is_settled).count();
        let text = match (found.len(), open) {
            (0, _) => "Nothing was found about this stream’s money.".to_owned(),
            (all, 0) => format!(
                "{} about this stream’s money, all settled: the sheet Found says how.",
                counted(all, "point was found", "points were found")
            ),
            (all, open) => format!(
                "{} about this stream’s money, of which {open} not settled ({}): see the sheet Found.",
                counted(all, "point was found", "points were found"),
                counted(errors, "error", "errors")
            ),
        };
        let look = if errors > 0 { Look::Error } else { Look::Plain };
        self.push(Block::Line(vec![Cell::text(text).look(look)]));
        let ledger = &self.of.context.outcome.ledger;
        let unsettled = self
            .of
            .rows
            .iter()
            .filter(|row| ledger.unsettled.contains(&row.index))
            .count();
        if unsettled > 0 {
            self.push(Block::Line(vec![
                Cell::text(format!(
                    "A virement of {} cannot be used as it stands, so that its revised allocation is not settled.",
                    counted(unsettled, "line", "lines")
                ))
                .look(Look::Warning),
            ]));
        }
        self.push(Block::Gap);
    }

    fn signatures(&mut self) {
        self.push(heading("Signed"));
        let headings = vec![
            (String::new(), ColumnKind::Prose),
            ("For".to_owned(), ColumnKind::Prose),
            ("Name".to_owned(), ColumnKind::Prose),
            (String::new(), ColumnKind::Prose),
            ("Role".to_owned(), ColumnKind::Prose),
            (String::new(), ColumnKind::Prose),
            ("Signature".to_owned(), ColumnKind::Prose),
            (String::new(), ColumnKind::Prose),
            (String::new(), ColumnKind::Prose),
            ("Date".to_owned(), ColumnKind::Prose),
        ];
        let rows = [
            "Prepared for the partnership",
            "Checked: agrees with the accounts (section 151 officer or delegate)",
            "Received for the funder",
        ]
        .map(|who| {
            let mut cells = vec![Cell::blank(), Cell::text(who)];
            cells.extend(std::iter::repeat_with(|| Cell::blank().look(Look::Input)).take(8));
            cells
        });
        self.grid(headings, rows.to_vec());
    }
}

/// A grid of lines: approved ones, their total, then the others.
#[derive(Clone, Copy)]
struct Grid {
    place: Place,
    approved: Option<Place>,
    others: Option<Place>,
}

impl Grid {
    fn of(of: &Of<'_, '_>, place: Place) -> Self {
        let others = of.rows.len() - of.approved;
        Self {
            place,
            approved: (of.approved > 0).then_some(Place {
                rows: of.approved,
                ..place
            }),
            others: (others > 0).then_some(Place {
                first: place.first + of.approved + 1,
                rows: others,
                ..place
            }),
        }
    }

    /// A cell of the grid, as a formula on any sheet names it.
    fn cell(self, row: usize, column: usize) -> String {
        format!("{}!{}", self.place.sheet, a1(row, column))
    }

    /// A cell of its total.
    fn total(self, column: usize) -> String {
        let approved = self.approved.map_or(0, |place| place.rows);
        self.cell(self.place.first + approved, column)
    }
}

fn blank_headings(count: usize) -> Vec<(String, ColumnKind)> {
    std::iter::repeat_with(|| (String::new(), ColumnKind::Prose))
        .take(count)
        .collect()
}

fn yes_or_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn percent(revised: &str, spent: &str, to_date: Decimal, of: Decimal) -> Cell {
    funding::percent(to_date, of).map_or_else(Cell::blank, |share| {
        Cell::formula(
            format!("=IF({revised}=0,0,ROUND(100*{spent}/{revised},1))"),
            share,
        )
    })
}

fn approval(of: &Of<'_, '_>, row: &Row<'_>) -> Cell {
    let said = |value| funding::word(of.context, "funding_lines", "approval", value);
    let (word, look) = match row.line.approval {
        Approval::NotJudged => ("Not stated", Look::Muted),
        Approval::Approved => (said("approved"), Look::Plain),
        Approval::Proposed => (said("proposed"), Look::Warning),
        Approval::Declined => (said("declined"), Look::Warning),
    };
    let day = row
        .line
        .approved_on
        .map(|day| day.strftime("\n%d/%m/%Y").to_string());
    Cell::text(format!("{word}{}", day.unwrap_or_default())).look(look)
}

/// The virements of the stream's lines, each side that is the stream's own; another stream's side is not named.
fn moved(of: &Of<'_, '_>) -> Vec<Moved> {
    let context = of.context;
    let outcome = context.outcome;
    let mut out = Vec::new();
    for (at, view) in records(&outcome.sources, context.schema, Role::Plan, "virements") {
        let Some(virement) = outcome
            .ledger
            .virements
            .iter()
            .find(|virement| virement.at == at)
        else {
            continue;
        };
        let said = |field: &str| {
            view.cell(field)
                .map(|cell| of.told(&cell.raw_text()))
                .unwrap_or_default()
        };
        let by: Vec<String> = [
            said("approved_by"),
            view.date("approved_on")
                .map(|day| day.strftime("%d/%m/%Y").to_string())
                .unwrap_or_default(),
        ]
        .into_iter()
        .filter(|text| !text.trim().is_empty())
        .collect();
        let by = if by.is_empty() {
            "no approval is recorded".to_owned()
        } else {
            by.join(", ")
        };
        let other = |line: Option<usize>, word: &str| -> String {
            let found = line.and_then(|line| outcome.ledger.lines.get(line));
            match found {
                Some(line) if line.stream == Some(of.index) => format!("{word} {}", line.reference),
                Some(line) => {
                    let stream = line
                        .stream
                        .and_then(|stream| context.schema.streams.get(stream));
                    let is_same = stream.is_some_and(|stream| {
                        stream.funder.eq_ignore_ascii_case(&of.stream.funder)
                    });
                    if is_same {
                        format!("{word} another stream of the same funder")
                    } else {
                        format!("{word} a stream of another funder")
                    }
                }
                None => format!("{word} a line that the plan does not have"),
            }
        };
        let state = if virement.counts {
            COUNTED.to_owned()
        } else {
            format!("{HELD}: {}", why(of, at))
        };
        let sides = [
            (virement.from, virement.to, false),
            (virement.to, virement.from, true),
        ];
        for (own, far, is_in) in sides {
            let Some(line) = own.filter(|line| of.has(Some(*line))) else {
                continue;
            };
            out.push(Moved {
                line,
                other: format!("{}; {by}", other(far, if is_in { "From" } else { "To" })),
                amount: Some(virement.amount),
                is_in,
                state: state.clone(),
                counts: virement.counts,
            });
        }
    }
    out
}

fn why(of: &Of<'_, '_>, at: RecordRef) -> String {
    of.context.why_held(at)
}

impl<'a> Of<'a, '_> {
    /// The lines that are not approved.
    fn others(&self) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter().filter(|row| !row.line.is_approved())
    }

    /// What of the approved lines' accruals nothing has reversed.
    fn open_accruals(&self) -> Decimal {
        let approved = self.rows.iter().filter(|row| row.line.is_approved());
        approved.map(|row| row.balance.accruals_open()).sum()
    }

    /// How many lines the totals add up, and whose are not in them.
    fn counted(&self) -> String {
        let approved = counted(self.approved, "approved line", "approved lines");
        match self.rows.len() - self.approved {
            0 => approved,
            _ => format!("{approved}; others below"),
        }
    }

    fn without_forecast(&self) -> String {
        let without: Vec<String> = self
            .rows
            .iter()
            .filter(|row| row.line.is_approved() && row.balance.forecast.is_none())
            .map(|row| row.line.reference.to_string())
            .collect();
        if without.is_empty() {
            return String::new();
        }
        format!(
            "No forecast of the grant is given: these lines have none: {}.",
            without.join(", ")
        )
    }
}
