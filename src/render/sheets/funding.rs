//! The funding lines: what each may spend, has spent, and is left with. Sums are live formulas whose stored results are this program's own.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{spend, virements};
use crate::funding::{Approval, Balance, COUNTED, Claim, Line};
use crate::layout::OUR_HELD_ROW;
use crate::reconcile::{HELD, RecordRef, records};
use crate::record::View;
use crate::render::{
    Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table, Value, a1,
};
use crate::schema::{Field, Role};
use crate::value::amount::{plain, times};
use crate::value::period::Quarter;

/// How the Spend sheet's State begins for what is ordered.
const NOT_COUNTED: &str = "Not counted";

/// The headings of what is said of a line in words.
const EXPLANATION: &str = "Explanation";
const SOURCES: &str = "Sources";

/// One column of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Field(&'static str),
    MovedIn,
    MovedOut,
    Revised,
    Quarter(u8),
    ToDate,
    Held,
    Committed,
    Forecast,
    Variance,
    Percent,
    Remaining,
    Accrued,
    Reversed,
    AccrualsOpen,
    Explanation,
    Sources,
}

/// What the first page shows of a line, from the left.
const PRINTED: [Part; 20] = [
    Part::Field("line"),
    Part::Field("project"),
    Part::Field("stream"),
    Part::Field("delivery_agency"),
    Part::Field("approval"),
    Part::Field("allocation"),
    Part::MovedIn,
    Part::MovedOut,
    Part::Revised,
    Part::Quarter(1),
    Part::Quarter(2),
    Part::Quarter(3),
    Part::Quarter(4),
    Part::ToDate,
    Part::Held,
    Part::Committed,
    Part::Forecast,
    Part::Variance,
    Part::Percent,
    Part::Remaining,
];

/// What follows on the second.
const FURTHER: [Part; 9] = [
    Part::Field("approved_on"),
    Part::Field("kind"),
    Part::Field("match_cash"),
    Part::Field("decision"),
    Part::Accrued,
    Part::Reversed,
    Part::AccrualsOpen,
    Part::Explanation,
    Part::Sources,
];

/// The columns in use: a plan that does not tell approval gets no such column, for a blank there would mean "proposed" next quarter.
pub(super) fn parts(context: &Context<'_>) -> Vec<Part> {
    let tells = |field: &str| match field {
        "approval" => context
            .outcome
            .ledger
            .lines
            .iter()
            .any(|line| line.approval != Approval::NotJudged),
        "approved_on" | "kind" | "match_cash" => context
            .outcome
            .sources
            .iter()
            .filter(|source| source.role == Role::Plan)
            .flat_map(|source| source.tables_named(context.schema, "funding_lines"))
            .any(|table| {
                context
                    .schema
                    .table("funding_lines")
                    .and_then(|(_, schema)| table.position(schema.field(field)?))
                    .is_some()
            }),
        _ => true,
    };
    // What is nought or blank on every line is no news on paper: it follows on the screen.
    let ledger = &context.outcome.ledger;
    let sums = context.outcome.sums();
    let is_quiet = |part: &Part| {
        let nought =
            |of: &dyn Fn(&Balance) -> Decimal| ledger.balances.iter().all(|b| of(b).is_zero());
        match part {
            Part::MovedIn | Part::MovedOut => nought(&|b| b.moved_in) && nought(&|b| b.moved_out),
            Part::Held => {
                nought(&Balance::all_held)
                    && (sums.held_on_no_line + sums.held_before_on_no_line).is_zero()
            }
            Part::Committed => nought(&|b| b.committed),
            Part::Forecast | Part::Variance => ledger.balances.iter().all(|b| b.forecast.is_none()),
            _ => false,
        }
    };
    let (quiet, told): (Vec<Part>, Vec<Part>) = PRINTED.into_iter().partition(is_quiet);
    told.into_iter()
        .chain(quiet)
        .chain(FURTHER)
        .filter(|part| !matches!(part, Part::Field(name) if !tells(name)))
        .collect()
}

/// A row of the plan's funding lines, with what it comes to unless it is held.
pub(in crate::render) type PlanRow<'a> = (RecordRef, View<'a>, Option<(&'a Line, &'a Balance)>);

/// The lines in the sheet's order: every plan row, held ones too.
pub(in crate::render) fn plan_rows<'a>(context: &'a Context<'_>) -> Vec<PlanRow<'a>> {
    let ledger = &context.outcome.ledger;
    let by_row: BTreeMap<RecordRef, (&Line, &Balance)> = ledger
        .lines
        .iter()
        .zip(&ledger.balances)
        .map(|(line, balance)| (line.at, (line, balance)))
        .collect();
    records(
        &context.outcome.sources,
        context.schema,
        Role::Plan,
        "funding_lines",
    )
    .map(|(at, view)| (at, view, by_row.get(&at).copied()))
    .collect()
}

/// A column of a sheet, all its rows, for a formula.
pub(in crate::render) fn column_range(sheet: &str, column: usize, rows: usize) -> String {
    format!(
        "{sheet}!{}:{}",
        absolute(&a1(1, column)),
        absolute(&a1(rows, column))
    )
}

/// `F2` as `$F$2`.
pub(in crate::render) fn absolute(a1: &str) -> String {
    let split = a1.find(|c: char| c.is_ascii_digit()).unwrap_or(a1.len());
    let (letters, digits) = a1.split_at(split);
    format!("${letters}${digits}")
}

/// A word of a field's choices as the sheets write it.
pub(in crate::render) fn word<'a>(
    context: &Context<'a>,
    table: &str,
    field: &str,
    value: &'a str,
) -> &'a str {
    context
        .schema
        .table(table)
        .and_then(|(_, table)| table.fields.get(table.field(field)?))
        .and_then(|field| field.choices.iter().find(|choice| choice.value == value))
        .map_or(value, |choice| choice.label.as_str())
}

/// What the formulas add up from: the Spend and Virements sheets.
struct Live {
    spend: usize,
    virements: usize,
    quarter: String,
    ordered: String,
    places: spend::Places,
}

impl Live {
    fn new(context: &Context<'_>) -> Self {
        Self {
            spend: spend::count(context),
            virements: records(
                &context.outcome.sources,
                context.schema,
                Role::Plan,
                "virements",
            )
            .count(),
            quarter: context
                .outcome
                .options
                .quarter
                .map(|quarter| quarter.to_string())
                .unwrap_or_default(),
            ordered: word(context, "spend", "kind", "commitment").to_owned(),
            places: spend::Places::new(context),
        }
    }

    /// The quarter's amounts on a line whose state begins so: orders, or all but orders.
    fn spend(&self, line: &str, state: &str, is_order: bool, result: Decimal) -> Cell {
        if self.spend == 0 {
            return Cell::money(result);
        }
        let range = |column: usize| column_range("Spend", column, self.spend);
        let sign = if is_order { "=" } else { "<>" };
        Cell::formula(
            format!(
                "=SUMPRODUCT(({}={line})*({}=\"{}\")*(LEFT({},{})=\"{state}\")*({}{sign}\"{}\"),{})",
                range(spend::LINE),
                range(spend::QUARTER),
                self.quarter,
                range(spend::STATE),
                state.len(),
                range(spend::KIND),
                self.ordered,
                range(spend::AMOUNT),
            ),
            result,
        )
    }

    /// What moved to or from a line; a figure where the sheet spells the line otherwise than here, for a formula would not find it.
    fn moved(
        &self,
        context: &Context<'_>,
        field: &str,
        own: &Line,
        line: &str,
        result: Decimal,
    ) -> Cell {
        let places = ["state", "amount", field].map(|name| virements::position(context, name));
        let [Some(state), Some(amount), Some(from_or_to)] = places else {
            return Cell::money(result);
        };
        let is_spelled_alike = records(
            &context.outcome.sources,
            context.schema,
            Role::Plan,
            "virements",
        )
        .filter_map(|(_, view)| view.reference(field))
        .filter(|reference| reference.key == own.reference.key)
        .all(|reference| reference.text.eq_ignore_ascii_case(&own.reference.text));
        if self.virements == 0 || !is_spelled_alike {
            return Cell::money(result);
        }
        let range = |column: usize| column_range("Virements", column, self.virements);
        Cell::formula(
            format!(
                "=SUMPRODUCT(({}={line})*({}=\"{COUNTED}\"),{})",
                range(from_or_to),
                range(state),
                range(amount)
            ),
            result,
        )
    }
}

/// What a quarter's column shows: what was settled up to the run's quarter, the plan's own after it.
pub(super) fn shown(
    context: &Context<'_>,
    number: u8,
    line: &Line,
    balance: &Balance,
) -> Option<Decimal> {
    let at = usize::from(number).checked_sub(1)?;
    // A quarter that nobody reported, and that is blank in the plan, stays blank: nought would say that nothing was spent.
    let is_blank = line.plan_spend.get(at).copied().flatten().is_none();
    let is_known = balance.is_reported || !is_blank || !balance.this_quarter.is_zero();
    if is_own_quarter(context, number) && is_known {
        return Some(balance.this_quarter);
    }
    line.plan_spend.get(at).copied().flatten()
}

/// Spend to date in hundredths of the revised allocation, to one decimal, which is written also where it is nought: a column of them lines
/// up at the point.
pub(in crate::render) fn percent(to_date: Decimal, revised: Decimal) -> Option<Decimal> {
    let share = times(to_date, 100).checked_div(revised)?;
    let mut share = share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    share.rescale(1);
    Some(share)
}

/// Where a part stands on the sheet.
pub(super) fn position(parts: &[Part], part: Part) -> usize {
    parts.iter().position(|p| *p == part).unwrap_or_default()
}

pub(in crate::render) fn sheet(context: &Context<'_>) -> SheetPlan<'static> {
    let parts = parts(context);
    let schema = context
        .schema
        .table("funding_lines")
        .map(|(_, table)| table);
    let field = |name: &str| schema.and_then(|table| table.fields.get(table.field(name)?));
    let plan_rows = plan_rows(context);
    let live = Live::new(context);
    // Where the figures come from is for the screen.
    let printed = u16::try_from(position(&parts, Part::Sources)).ok();
    let sums: Vec<Option<Decimal>> = parts.iter().map(|part| sum(context, *part)).collect();
    let mut columns: Vec<Column> = parts
        .iter()
        .zip(&sums)
        .map(|(part, total)| column(*part, *total, &field))
        .collect();
    let declared = context.declared("funding_lines");
    columns.extend(declared.iter().map(|field| context.declared_column(field)));
    let extra = context.extra("funding_lines", &mut columns);
    let rows: Vec<Vec<Cell>> = plan_rows
        .iter()
        .enumerate()
        .map(|(index, (at, view, found))| {
            let mut row: Vec<Cell> = parts
                .iter()
                .map(|part| {
                    let cell = cell(
                        context,
                        &live,
                        *part,
                        &parts,
                        index + 1,
                        view,
                        *found,
                        &field,
                    );
                    traced(
                        context,
                        &live,
                        *part,
                        *at,
                        view,
                        found.map(|(line, _)| line),
                        cell,
                    )
                })
                .collect();
            row.extend(
                declared
                    .iter()
                    .map(|field| context.declared_cell(view, field)),
            );
            row.extend(extra.cells(*at, view));
            if found.is_none() {
                for cell in &mut row {
                    cell.look = Look::Held;
                }
                if let Some(first) = row.first_mut() {
                    first.look = Look::Error;
                }
            }
            row
        })
        .collect();
    let held = context.outcome.sums();
    let on_no_line = held.held_on_no_line + held.held_before_on_no_line;
    let below: Vec<Cell> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| match part {
            _ if at == 0 => Cell::text(OUR_HELD_ROW),
            Part::Held if on_no_line.is_zero() => Cell::money(on_no_line),
            Part::Held => Cell::money(on_no_line).look(Look::Held),
            _ => Cell::blank(),
        })
        .collect();
    SheetPlan {
        name: "Funding",
        about: "Each funding line: allocation, virements, revised allocation, spend by quarter and to date, held money, forecast and variance.".to_owned(),
        content: Content::Table(Table { id: "Funding", columns, rows: rows.into(), frozen: 2, printed, below }),
    }
}

fn column<'f>(
    part: Part,
    total: Option<Decimal>,
    field: &impl Fn(&str) -> Option<&'f Field>,
) -> Column {
    let column = match part {
        Part::Field(name) => {
            let title = field(name).map_or(name, |f| f.title.as_str());
            match name {
                "line" => Column::new(title, 11, ColumnKind::Text),
                "allocation" | "match_cash" => Column::new(title, 12, ColumnKind::Money),
                "approved_on" => Column::new(title, 13, ColumnKind::Date),
                "approval" | "kind" | "decision" => Column::new(title, 11, ColumnKind::Centred)
                    .choose(
                        field(name)
                            .map(|f| {
                                f.choices
                                    .iter()
                                    .map(|choice| choice.label.clone())
                                    .collect::<Vec<_>>()
                            })
                            .unwrap_or_default(),
                    ),
                "stream" => Column::new(title, 10, ColumnKind::Centred),
                "delivery_agency" => Column::new(title, 18, ColumnKind::Prose),
                _ => Column::new(title, 22, ColumnKind::Prose),
            }
        }
        Part::MovedIn => Column::new("Virements in", 12, ColumnKind::Money),
        Part::MovedOut => Column::new("Virements out", 12, ColumnKind::Money),
        Part::Revised => Column::new("Revised allocation", 12, ColumnKind::Money),
        Part::Quarter(number) => {
            let title = field(&format!("q{number}_spend"))
                .map_or_else(|| format!("Q{number} spend"), |f| f.title.clone());
            Column::new(title, 12, ColumnKind::Money)
        }
        Part::ToDate => Column::new("Spend to date", 12, ColumnKind::Money),
        Part::Held => Column::new("Held", 12, ColumnKind::Money),
        Part::Committed => Column::new("Committed", 12, ColumnKind::Money),
        Part::Forecast => Column::new("Forecast outturn", 12, ColumnKind::Money),
        Part::Variance => Column::new("Variance", 12, ColumnKind::Money),
        Part::Percent => Column::new("Percentage spent", 11, ColumnKind::Number),
        Part::Remaining => Column::new("Remaining", 12, ColumnKind::Money),
        Part::Accrued => Column::new("Accruals raised", 12, ColumnKind::Money),
        Part::Reversed => Column::new("Accruals reversed", 12, ColumnKind::Money),
        Part::AccrualsOpen => Column::new("Accruals open", 12, ColumnKind::Money),
        Part::Explanation => Column::new(EXPLANATION, 40, ColumnKind::Prose),
        Part::Sources => Column::new(SOURCES, 44, ColumnKind::Prose),
    };
    match total {
        Some(total) => column.sum(total),
        None => column,
    }
}

/// A quarter's figure, leading to the first document or claim that it adds up, else to the plan's cell; held money to the first held one.
fn traced(
    context: &Context<'_>,
    live: &Live,
    part: Part,
    at: RecordRef,
    view: &View<'_>,
    line: Option<&Line>,
    cell: Cell,
) -> Cell {
    let ledger = &context.outcome.ledger;
    let Some(index) = line.and_then(|line| ledger.lines.iter().position(|l| l.at == line.at))
    else {
        return cell;
    };
    match part {
        Part::Quarter(number) => {
            let quarter = context
                .outcome
                .options
                .quarter
                .map(|run| Quarter { number, ..run });
            if let Some(target) = quarter.and_then(|quarter| live.places.counted(index, quarter)) {
                return cell.leading(Some(target), "Go to the documents on Spend");
            }
            let target = view
                .address(&format!("q{number}_spend"))
                .and_then(|address| context.target(at.source, view.table.layout.sheet, address));
            cell.leading(target, "Open the plan at this figure")
        }
        Part::Held => cell.leading(live.places.held(index), "Go to what is held on Spend"),
        Part::Field(_)
        | Part::MovedIn
        | Part::MovedOut
        | Part::Revised
        | Part::ToDate
        | Part::Committed
        | Part::Forecast
        | Part::Variance
        | Part::Percent
        | Part::Remaining
        | Part::Accrued
        | Part::Reversed
        | Part::AccrualsOpen
        | Part::Explanation
        | Part::Sources => cell,
    }
}

/// What a money column comes to over every line that is not held.
fn sum(context: &Context<'_>, part: Part) -> Option<Decimal> {
    let ledger = &context.outcome.ledger;
    let each = |amount: &dyn Fn(&Line, &Balance) -> Option<Decimal>| {
        Some(
            ledger
                .lines
                .iter()
                .zip(&ledger.balances)
                .filter_map(|(l, b)| amount(l, b))
                .sum(),
        )
    };
    match part {
        Part::Field("allocation") => each(&|line, _| line.allocation),
        Part::Field("match_cash") => each(&|line, _| line.match_cash),
        Part::Field(_) | Part::Percent | Part::Explanation | Part::Sources => None,
        Part::MovedIn => each(&|_, b| Some(b.moved_in)),
        Part::MovedOut => each(&|_, b| Some(b.moved_out)),
        Part::Revised => each(&|_, b| Some(b.revised)),
        Part::Quarter(number) => each(&|line, b| shown(context, number, line, b)),
        Part::ToDate => each(&|_, b| Some(b.to_date)),
        Part::Held => each(&|_, b| Some(b.all_held())),
        Part::Committed => each(&|_, b| Some(b.committed)),
        // A forecast of some lines is no forecast of all.
        Part::Forecast | Part::Variance if ledger.balances.iter().any(|b| b.forecast.is_none()) => {
            None
        }
        Part::Forecast => each(&|_, b| b.forecast),
        Part::Variance => each(&|_, b| b.variance),
        Part::Accrued => each(&|_, b| Some(b.accrued)),
        Part::Reversed => each(&|_, b| Some(b.reversed)),
        Part::AccrualsOpen => each(&|_, b| Some(b.accruals_open())),
        Part::Remaining => each(&|_, b| Some(b.revised - b.to_date)),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a cell of the sheet depends on its row, its column and what the formulas reach"
)]
fn cell<'f>(
    context: &Context<'_>,
    live: &Live,
    part: Part,
    parts: &[Part],
    row: usize,
    view: &View<'_>,
    found: Option<(&Line, &Balance)>,
    field: &impl Fn(&str) -> Option<&'f Field>,
) -> Cell {
    let at = |part: Part| a1(row, position(parts, part));
    let as_planned = |name: &str| {
        let decoded = view.cell(name)?;
        let schema = field(name)?;
        Some(context.cell(decoded, schema.kind, &schema.choices)).map(|cell| {
            if decoded.is_held() || found.is_none() {
                uncounted(cell)
            } else {
                cell
            }
        })
    };
    let Some((line, balance)) = found else {
        // A held row is written as found; nothing is worked out from it.
        return match part {
            Part::Field(name) => as_planned(name).unwrap_or_else(Cell::blank),
            Part::Quarter(number) => {
                as_planned(&format!("q{number}_spend")).unwrap_or_else(Cell::blank)
            }
            Part::Forecast => as_planned("forecast").unwrap_or_else(Cell::blank),
            Part::MovedIn
            | Part::MovedOut
            | Part::Revised
            | Part::ToDate
            | Part::Held
            | Part::Committed
            | Part::Variance
            | Part::Percent
            | Part::Remaining
            | Part::Accrued
            | Part::Reversed
            | Part::AccrualsOpen
            | Part::Explanation
            | Part::Sources => Cell::blank(),
        };
    };
    match part {
        Part::Field("stream") => match line
            .stream
            .and_then(|stream| context.schema.streams.get(stream))
        {
            Some(stream) => Cell::text(&stream.code),
            None => as_planned("stream").unwrap_or_else(Cell::blank),
        },
        // A line without a code is called by its project, here and on Spend.
        Part::Field("line") => match as_planned("line") {
            Some(cell) if cell.value != Value::Blank => cell,
            _ => Cell::text(&*line.reference.text),
        },
        Part::Field("approval") => {
            let planned = as_planned("approval").unwrap_or_else(Cell::blank);
            if planned.value == Value::Blank && line.approval == Approval::Proposed {
                Cell::text("Proposed")
            } else {
                planned
            }
        }
        Part::Field(name) => as_planned(name).unwrap_or_else(Cell::blank),
        Part::MovedIn => live.moved(
            context,
            "to_line",
            line,
            &at(Part::Field("line")),
            balance.moved_in,
        ),
        Part::MovedOut => live.moved(
            context,
            "from_line",
            line,
            &at(Part::Field("line")),
            balance.moved_out,
        ),
        Part::Revised => {
            let (allocation, moved_in, moved_out) = (
                at(Part::Field("allocation")),
                at(Part::MovedIn),
                at(Part::MovedOut),
            );
            if line.allocation.is_some() {
                Cell::formula(
                    format!("={allocation}+{moved_in}-{moved_out}"),
                    balance.revised,
                )
            } else {
                Cell::money(balance.revised)
            }
        }
        Part::Quarter(number) if is_own_quarter(context, number) && balance.is_reported => live
            .spend(
                &at(Part::Field("line")),
                COUNTED,
                false,
                balance.this_quarter,
            )
            .plus(balance.beyond),
        // Not reported: the plan's own figure; earlier and later quarters are the plan's in any case.
        Part::Quarter(number) => shown(context, number, line, balance).map_or_else(
            || as_planned(&format!("q{number}_spend")).unwrap_or_else(Cell::blank),
            Cell::money,
        ),
        Part::ToDate => {
            let formula = format!(
                "=SUM({}:{})",
                at(Part::Quarter(1)),
                at(Part::Quarter(context.quarter_number()))
            );
            let cell = Cell::formula(formula, balance.to_date);
            if balance.to_date > balance.revised {
                cell.look(Look::Error)
            } else {
                cell
            }
        }
        Part::Held => {
            let held = balance.all_held();
            let cell = live.spend(&at(Part::Field("line")), HELD, false, held);
            if held.is_zero() {
                cell
            } else {
                cell.look(Look::Held)
            }
        }
        Part::Committed => live.spend(
            &at(Part::Field("line")),
            NOT_COUNTED,
            true,
            balance.committed,
        ),
        // The plan's own forecast is written as found where it is held.
        Part::Forecast => match (balance.forecast, view.cell("forecast")) {
            (None, Some(decoded)) if decoded.is_held() => {
                as_planned("forecast").unwrap_or_else(Cell::blank)
            }
            (forecast, _) => Cell::money_or_blank(forecast),
        },
        Part::Variance => match balance.variance {
            Some(variance) => {
                let cell = Cell::formula(
                    format!("={}-{}", at(Part::Revised), at(Part::Forecast)),
                    variance,
                );
                if variance.is_sign_negative() && !variance.is_zero() {
                    cell.look(Look::Error)
                } else {
                    cell
                }
            }
            None => Cell::blank(),
        },
        Part::Percent => {
            percent(balance.to_date, balance.revised).map_or_else(Cell::blank, |share| {
                let (spent, revised) = (at(Part::ToDate), at(Part::Revised));
                Cell::formula(
                    format!("=IF({revised}=0,0,ROUND(100*{spent}/{revised},1))"),
                    share,
                )
            })
        }
        Part::Remaining => Cell::formula(
            format!("={}-{}", at(Part::Revised), at(Part::ToDate)),
            balance.revised - balance.to_date,
        ),
        Part::Accrued => Cell::money(balance.accrued),
        Part::Reversed => Cell::money(balance.reversed),
        Part::AccrualsOpen => Cell::formula(
            format!("={}-{}", at(Part::Accrued), at(Part::Reversed)),
            balance.accruals_open(),
        ),
        Part::Explanation => Cell::text(explanations(context, line).join("\n")),
        Part::Sources => Cell::text(
            said_before(context, line, SOURCES).unwrap_or_else(|| sources(context, line)),
        ),
    }
}

fn is_own_quarter(context: &Context<'_>, number: u8) -> bool {
    number == context.quarter_number() && context.outcome.options.quarter.is_some()
}

/// Whether a return of this run speaks of a line's money.
fn is_reported_on(context: &Context<'_>, line: &Line) -> bool {
    let ledger = &context.outcome.ledger;
    let index = ledger.lines.iter().position(|other| other.at == line.at);
    ledger.entries.iter().any(|entry| entry.line == index)
        || ledger.claims.iter().any(|claim| claim.line == index)
}

/// What an earlier run of the quarter said of a line in words, where nobody has reported on it since.
fn said_before(context: &Context<'_>, line: &Line, heading: &str) -> Option<String> {
    let view = line.at.view(&context.outcome.sources, context.schema)?;
    let said = context.said_before(line.at, &view, heading)?;
    (!is_reported_on(context, line)).then(|| said.to_string())
}

/// Why the claims on a line differ from the plan, in the claims' own words.
pub(in crate::render) fn explanations(context: &Context<'_>, line: &Line) -> Vec<String> {
    if let Some(said) = said_before(context, line, EXPLANATION) {
        return vec![said];
    }
    claims_on(context, line)
        .filter_map(|claim| claim.explanation.as_deref())
        .map(str::to_owned)
        .collect()
}

fn claims_on<'a>(context: &Context<'a>, line: &Line) -> impl Iterator<Item = &'a Claim> {
    let ledger = &context.outcome.ledger;
    let index = ledger.lines.iter().position(|other| other.at == line.at);
    ledger
        .claims
        .iter()
        .filter(move |claim| index.is_some() && claim.line == index && !claim.is_held)
}

/// Where a line's figures come from: how many documents of whom, and the claims by cell.
fn sources(context: &Context<'_>, line: &Line) -> String {
    let ledger = &context.outcome.ledger;
    let index = ledger.lines.iter().position(|other| other.at == line.at);
    let mut documents: BTreeMap<usize, usize> = BTreeMap::new();
    for entry in ledger
        .entries
        .iter()
        .filter(|e| index.is_some() && e.line == index)
    {
        *documents.entry(entry.at.source).or_default() += 1;
    }
    let place = |at: RecordRef, field: &str| {
        let source = context.outcome.sources.get(at.source)?;
        let view = at.view(&context.outcome.sources, context.schema)?;
        let address = view.address(field)?;
        let (_, sheet) = source.sheet(view.table.layout.sheet);
        let sheet = sheet.map(|sheet| format!("{sheet}!")).unwrap_or_default();
        Some(format!("{} {sheet}{address}", source.file_name()))
    };
    let mut out: Vec<String> = place(line.at, "line").into_iter().collect();
    out.extend(documents.iter().filter_map(|(source, count)| {
        let source = context.outcome.sources.get(*source)?;
        let rows = if *count == 1 { "row" } else { "rows" };
        Some(format!("{count} Spend {rows} from {}", source.file_name()))
    }));
    out.extend(claims_on(context, line).filter_map(|claim| place(claim.at, "line")));
    out.join("\n")
}

/// A held amount is shown as text, so that the sheet's live sums leave it out as the stored ones do.
fn uncounted(cell: Cell) -> Cell {
    match cell.value {
        Value::Money(amount) | Value::Number(amount) => Cell::text(plain(amount)).look(cell.look),
        Value::Percent(percent) => Cell::text(format!("{percent}%")).look(cell.look),
        Value::Blank
        | Value::Text(_)
        | Value::Date(_)
        | Value::Formula { .. }
        | Value::Link { .. }
        | Value::Linked { .. } => cell,
    }
}
