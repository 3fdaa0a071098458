//! Every document that a partner charged to a funding line, the whole year; held ones marked.

use std::collections::BTreeMap;

use super::updates::{CARRIED, as_typed, carried, other_columns, source_cells};
use crate::funding::{COUNTED, Claim};
use crate::reconcile::{HELD, RecordRef, records};
use crate::record::View;
use crate::render::{
    Cell, Column, ColumnKind, Content, Context, Look, Rows, SheetPlan, Table, Target, a1,
};
use crate::schema::{Field, FieldKind, Role};
use crate::value::period::Quarter;

/// The fields of a document that the sheet carries, in its order.
const FIELDS: [&str; 9] = [
    "line",
    "project",
    "document",
    "supplier",
    "document_date",
    "amount",
    "vat_basis",
    "kind",
    "description",
];

/// Where the columns stand by which the Funding sheet adds up: quarter, line, amount, kind and state.
pub(super) const QUARTER: usize = 0;
pub(super) const LINE: usize = 2;
pub(super) const AMOUNT: usize = 7;
pub(super) const KIND: usize = 9;
pub(super) const STATE: usize = 11;

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let fields = context.fields("spend", &FIELDS);
    let mut columns = vec![
        Column::new("Quarter", 13, ColumnKind::Text),
        Column::new("Agency", 19, ColumnKind::Prose),
    ];
    columns.extend(fields.iter().map(|field| match field.kind {
        FieldKind::Line => Column::new(&field.title, 13, ColumnKind::Text),
        FieldKind::Date => Column::new(&field.title, 13, ColumnKind::Date),
        FieldKind::Money => Column::new(&field.title, 13, ColumnKind::Money),
        FieldKind::Choice => Column::new(&field.title, 12, ColumnKind::Text),
        _ => Column::new(
            &field.title,
            match field.name.as_str() {
                "document" => 15,
                "description" => 26,
                _ => 23,
            },
            ColumnKind::Prose,
        ),
    }));
    columns.extend([
        Column::new("State", 30, ColumnKind::Prose),
        Column::new("Other columns", 30, ColumnKind::Prose),
        Column::new("Source file", 34, ColumnKind::Prose),
        Column::new("Source cell", 18, ColumnKind::Text),
        Column::new("As typed", 36, ColumnKind::Prose),
    ]);
    let declared = context.declared("spend");
    columns.extend(declared.iter().map(|field| context.declared_column(field)));
    let lines = Lines::new(context);
    let rows = Rows::of(listed(context), move |(document, agency)| match document {
        Document::Past(at) => past_row(context, *at, &fields, &declared, &lines),
        Document::Sent(at, state) => {
            row(context, *at, *agency, (&fields, &declared), *state, &lines).unwrap_or_default()
        }
    });
    SheetPlan {
        name: "Spend",
        about: "Each document charged to a funding line, the whole year; held ones marked."
            .to_owned(),
        content: Content::Table(Table {
            id: "Spend",
            columns,
            rows,
            frozen: 3,
            printed: Some(12),
            below: Vec::new(),
        }),
    }
}

/// How many rows the sheet has.
pub(super) fn count(context: &Context<'_>) -> usize {
    listed(context).len()
}

/// Where the quarters' amounts of each line begin on the sheet, and where this quarter's held ones do: a link to the cell.
pub(super) struct Places {
    counted: BTreeMap<(usize, Quarter), usize>,
    held: BTreeMap<usize, usize>,
}

impl Places {
    pub(super) fn new(context: &Context<'_>) -> Self {
        let mut out = Self {
            counted: BTreeMap::new(),
            held: BTreeMap::new(),
        };
        let ledger = &context.outcome.ledger;
        let run = context.outcome.options.quarter;
        // In the order of the sheet's rows.
        let mut is_replaced = replaced(context);
        let past = ledger
            .past
            .iter()
            .filter(|past| !is_replaced(past.quarter, past.agency))
            .map(|past| (past.line, past.quarter, past.counted, past.is_held));
        let entries = ledger.entries.iter().map(|e| {
            let is_held = e.is_held && !e.is_set_aside() && e.is_money();
            (e.line, run, !e.is_held && e.is_money(), is_held)
        });
        let claims = ledger
            .claims
            .iter()
            .filter(|claim| is_listed(context, claim))
            .map(|claim| {
                let is_held = claim.is_held && !claim.is_set_aside();
                let counts = !claim.is_held && !claim.is_itemised;
                (claim.line, run, counts, is_held && !claim.is_itemised)
            });
        for (row, (line, quarter, counts, is_held)) in past.chain(entries).chain(claims).enumerate()
        {
            let (Some(line), Some(quarter)) = (line, quarter) else {
                continue;
            };
            if counts {
                out.counted.entry((line, quarter)).or_insert(row);
            }
            if is_held && Some(quarter) == run {
                out.held.entry(line).or_insert(row);
            }
        }
        out
    }

    pub(super) fn counted(&self, line: usize, quarter: Quarter) -> Option<Target> {
        self.counted.get(&(line, quarter)).map(|row| target(*row))
    }

    pub(super) fn held(&self, line: usize) -> Option<Target> {
        self.held.get(&line).map(|row| target(*row))
    }
}

fn target(row: usize) -> Target {
    Target::Here(format!("Spend!{}", a1(row + 1, AMOUNT)))
}

/// Whether this run's returns stand for what the plan's own sheet has of an agency for a quarter: looked up once an agency.
fn replaced<'a>(
    context: &'a Context<'_>,
) -> impl FnMut(Option<Quarter>, Option<usize>) -> bool + use<'a> {
    let outcome = context.outcome;
    let mut known: BTreeMap<Option<usize>, bool> = BTreeMap::new();
    move |quarter, agency| {
        quarter.is_some()
            && quarter == outcome.options.quarter
            && *known
                .entry(agency)
                .or_insert_with(|| outcome.ledger.is_replaced(agency))
    }
}

/// A document of this run, or one that an earlier run wrote.
enum Document {
    Past(RecordRef),
    Sent(RecordRef, State),
}

/// Whether a claim is a row: one that stands for itself, and one beside its documents that says what only it declares.
fn is_listed(context: &Context<'_>, claim: &Claim) -> bool {
    if !claim.is_itemised {
        return true;
    }
    let says = |view: View<'_>| {
        let declared = context.declared("claims");
        declared
            .iter()
            .any(|field| view.cell(&field.name).is_some_and(|cell| !cell.is_empty()))
    };
    claim
        .at
        .view(&context.outcome.sources, context.schema)
        .is_some_and(says)
}

/// The sheet's documents, with who sent them.
fn listed(context: &Context<'_>) -> Vec<(Document, Option<usize>)> {
    let outcome = context.outcome;
    let mut out = history(context);
    let entries = outcome.ledger.entries.iter().map(|entry| {
        let state = if entry.is_set_aside() {
            State::SetAside
        } else if entry.is_held {
            State::Held
        } else if entry.is_money() {
            State::Counted
        } else {
            State::Ordered
        };
        (entry.at, state, entry.agency)
    });
    let claims = outcome.ledger.claims.iter();
    let claims = claims
        .filter(|claim| is_listed(context, claim))
        .map(|claim| {
            let state = if claim.is_itemised {
                State::Itemised
            } else if claim.is_set_aside() {
                State::SetAside
            } else if claim.is_held {
                State::Held
            } else {
                State::Claimed
            };
            (claim.at, state, claim.agency)
        });
    out.extend(
        entries
            .chain(claims)
            .filter(|(at, _, _)| at.view(&outcome.sources, context.schema).is_some())
            .map(|(at, state, agency)| (Document::Sent(at, state), agency)),
    );
    out
}

/// The plan's lines as the plan writes them: by their key, and in their order.
struct Lines<'a>(BTreeMap<&'a str, Cell>, Vec<Option<Cell>>);

impl<'a> Lines<'a> {
    fn new(context: &Context<'a>) -> Self {
        let mut out = BTreeMap::new();
        for line in &context.outcome.ledger.lines {
            // The first of a key speaks, whether or not it can be shown.
            let entry = out.entry(&*line.reference.key);
            entry.or_insert_with(|| {
                let view = line.at.view(&context.outcome.sources, context.schema)?;
                let cell = view.cell("line").filter(|cell| !cell.is_empty());
                Some(cell.map_or_else(
                    || Cell::text(&*line.reference.text),
                    |cell| context.cell(cell, FieldKind::Line, &[]),
                ))
            });
        }
        let lines = context.outcome.ledger.lines.iter();
        let in_order = lines.map(|line| out.get(&*line.reference.key).cloned().flatten());
        let in_order = in_order.collect();
        let shown = out.into_iter();
        Self(
            shown.filter_map(|(key, cell)| Some((key, cell?))).collect(),
            in_order,
        )
    }

    /// The line as the plan writes it, so that the Funding sheet's formulas find it; a line that the plan does not have stays as typed.
    fn cell(&self, view: &View<'_>, line: Option<usize>) -> Option<Cell> {
        let found = line.and_then(|line| self.1.get(line)).cloned().flatten();
        found.or_else(|| self.0.get(&*view.line()?.key).cloned())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    SetAside,
    Held,
    Counted,
    Ordered,
    Claimed,
    Itemised,
}

fn row(
    context: &Context<'_>,
    at: RecordRef,
    agency: Option<usize>,
    (fields, declared): (&[&Field], &[&Field]),
    state: State,
    lines: &Lines<'_>,
) -> Option<Vec<Cell>> {
    let view = at.view(&context.outcome.sources, context.schema)?;
    let ledger = &context.outcome.ledger;
    let line = match ledger.entry(at) {
        Some(entry) => entry.line,
        None => ledger.claim(at).and_then(|claim| claim.line),
    };
    let own = lines.cell(&view, line);
    let mut row = vec![context.quarter_cell(), context.agency_cell(agency)];
    row.extend(
        fields
            .iter()
            .map(|field| cell(context, &view, field, state, own.as_ref())),
    );
    let mut said = context.let_in(at);
    let mut with = |text: &str| {
        let parts = std::iter::once(text.to_owned()).chain(std::mem::take(&mut said));
        Cell::text(parts.collect::<Vec<_>>().join("; "))
    };
    row.push(match state {
        State::SetAside => Cell::text(context.why_set_aside(at)).look(Look::Muted),
        State::Held => Cell::text(format!("{HELD}: {}", context.why_held(at))).look(Look::Error),
        State::Counted => with(COUNTED),
        State::Ordered => with("Not counted: ordered, not yet spent"),
        State::Claimed => with(&format!("{COUNTED}: claimed without documents")),
        State::Itemised => with("Not counted: the documents of the claim are"),
    });
    row.push(Cell::text(other_columns(context, at, &view)));
    row.extend(source_cells(context, at, &view));
    let all: Vec<&Field> = fields.iter().chain(declared).copied().collect();
    row.push(as_typed(context, &view, &all));
    row.extend(
        declared
            .iter()
            .map(|field| context.declared_cell(&view, field)),
    );
    Some(row)
}

fn cell(
    context: &Context<'_>,
    view: &View<'_>,
    field: &Field,
    state: State,
    own: Option<&Cell>,
) -> Cell {
    if field.name == "line"
        && let Some(cell) = own
    {
        return cell.clone();
    }
    if matches!(state, State::Claimed | State::Itemised) || view.schema.name == "claims" {
        return match field.name.as_str() {
            "amount" => view
                .cell("this_quarter")
                .map_or_else(Cell::blank, |cell| context.cell(cell, field.kind, &[])),
            "line" | "project" => view
                .cell(&field.name)
                .map_or_else(Cell::blank, |cell| context.cell(cell, field.kind, &[])),
            "description" => view
                .cell("explanation")
                .map_or_else(Cell::blank, |cell| context.cell(cell, field.kind, &[])),
            "kind" => Cell::text("Claim"),
            _ => Cell::blank(),
        };
    }
    view.cell(&field.name).map_or_else(Cell::blank, |cell| {
        context.cell(cell, field.kind, &field.choices)
    })
}

/// Documents that an earlier run of this program wrote, without those that this run's returns replace.
fn history(context: &Context<'_>) -> Vec<(Document, Option<usize>)> {
    let outcome = context.outcome;
    let mut is_replaced = replaced(context);
    records(&outcome.sources, context.schema, Role::Plan, "spend")
        .filter(move |(_, view)| {
            let of = view.text("quarter").and_then(|text| text.parse().ok());
            !is_replaced(of, view.choice("agency"))
        })
        .map(|(at, view)| (Document::Past(at), view.choice("agency")))
        .collect()
}

fn past_row(
    context: &Context<'_>,
    at: RecordRef,
    fields: &[&Field],
    declared: &[&Field],
    lines: &Lines<'_>,
) -> Vec<Cell> {
    let Some(view) = at.view(&context.outcome.sources, context.schema) else {
        return Vec::new();
    };
    let mut row = vec![
        Cell::text(view.text("quarter").unwrap_or_default()),
        context.agency_cell(view.choice("agency")),
    ];
    let past = &context.outcome.ledger.past;
    let line = past.binary_search_by_key(&at, |past| past.at).ok();
    let own = lines.cell(
        &view,
        line.and_then(|at| past.get(at)).and_then(|past| past.line),
    );
    row.extend(
        fields
            .iter()
            .map(|field| cell(context, &view, field, State::Counted, own.as_ref())),
    );
    row.extend(CARRIED.map(|heading| carried(context, at, &view, heading)));
    row.extend(
        declared
            .iter()
            .map(|field| context.declared_cell(&view, field)),
    );
    row
}
