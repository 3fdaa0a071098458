//! The documents of a stream's lines up to the quarter, and what stands in the plan without any.

use rust_decimal::Decimal;

use super::Of;
use crate::funding::{COUNTED, Kind};
use crate::reconcile::{HELD, RecordRef};
use crate::record::View;
use crate::render::Cell;
use crate::schema::FieldKind;
use crate::value::period::Quarter;

/// How a row's State begins for what is ordered and not yet spent.
pub(super) const ORDERED: &str = "Ordered";

/// One row of the annex.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all but one may be so together"
)]
pub(super) struct Paper {
    pub(super) quarter: Quarter,
    /// Its line, as an index into the ledger's.
    pub(super) line: usize,
    pub(super) agency: Option<usize>,
    pub(super) document: Cell,
    pub(super) supplier: Cell,
    pub(super) date: Cell,
    pub(super) vat: Cell,
    pub(super) kind: Cell,
    pub(super) description: Cell,
    /// How much, where it can be read.
    pub(super) amount: Option<Decimal>,
    /// The amount as it stands.
    pub(super) shown: Cell,
    /// Whether it is in the line's figures.
    pub(super) counts: bool,
    /// Whether it is kept out until it is settled.
    pub(super) is_held: bool,
    /// Whether it is an order.
    pub(super) is_order: bool,
    /// Whether somebody sent it, and it is no sum that the plan has without documents.
    pub(super) is_document: bool,
    pub(super) state: String,
    /// Where it stands: the file, and the cell.
    pub(super) source: (String, String),
}

/// Every document of the stream's lines up to the quarter, earlier quarters first, and where the plan's figure of a quarter is more or less
/// than its documents, that difference as a row of its own: the rows that count come to the lines' figures.
pub(super) fn papers(of: &Of<'_, '_>) -> Vec<Paper> {
    let ledger = &of.context.outcome.ledger;
    let run = of.quarter;
    let order = |quarter: Quarter| (quarter.year, quarter.number);
    let mut out: Vec<Paper> = Vec::new();
    for past in &ledger.past {
        let (Some(line), Some(quarter)) =
            (past.line.filter(|line| of.has(Some(*line))), past.quarter)
        else {
            continue;
        };
        // What an agency sends again, and is held again, was not held twice.
        let is_sent_again = || {
            let mut sent = ledger.entries.iter().filter(|entry| !entry.is_set_aside());
            past.is_held && sent.any(|entry| entry.agency == past.agency)
        };
        let is_gone = quarter == run && (ledger.is_replaced(past.agency) || is_sent_again());
        if order(quarter) > order(run) || quarter.year != run.year || is_gone {
            continue;
        }
        let Some(mut paper) = paper(of, past.at, line, past.agency, quarter, "amount") else {
            continue;
        };
        let said = carried(of, past.at, "State");
        paper.amount = past.amount;
        paper.is_order = past.kind == Kind::Commitment;
        paper.counts = past.counted && !paper.is_order;
        paper.is_held = past.is_held;
        paper.state = state(&paper, said);
        paper.source = (
            carried(of, past.at, "Source file"),
            carried(of, past.at, "Source cell"),
        );
        out.push(paper);
    }
    for entry in ledger.entries.iter().filter(|entry| !entry.is_set_aside()) {
        let Some(line) = entry.line.filter(|line| of.has(Some(*line))) else {
            continue;
        };
        let Some(mut paper) = paper(of, entry.at, line, entry.agency, run, "amount") else {
            continue;
        };
        paper.amount = entry.amount;
        paper.is_order = !entry.is_money();
        paper.counts = !entry.is_held && entry.is_money();
        paper.is_held = entry.is_held;
        paper.state = sent(of, entry.at, &paper);
        out.push(paper);
    }
    let claims = ledger
        .claims
        .iter()
        .filter(|claim| !claim.is_itemised && !claim.is_set_aside());
    for claim in claims {
        let Some(line) = claim.line.filter(|line| of.has(Some(*line))) else {
            continue;
        };
        let Some(mut paper) = paper(of, claim.at, line, claim.agency, run, "this_quarter") else {
            continue;
        };
        paper.amount = claim.this_quarter;
        paper.counts = !claim.is_held;
        paper.is_held = claim.is_held;
        paper.kind = Cell::text("Claim");
        paper.description = text(of, claim.at, "explanation");
        paper.state = sent(of, claim.at, &paper);
        out.push(paper);
    }
    let beyond: Vec<Paper> = of
        .quarters()
        .flat_map(|quarter| of.rows.iter().map(move |row| (quarter, row)))
        .filter_map(|(quarter, row)| {
            let at = usize::from(quarter.number).checked_sub(1)?;
            let figure = row.balance.quarters.get(at)?;
            let documents: Decimal = out
                .iter()
                .filter(|paper| paper.line == row.index && paper.quarter == quarter && paper.counts)
                .filter_map(|paper| paper.amount)
                .sum();
            let left = *figure - documents;
            (!left.is_zero()).then(|| without_documents(of, row.index, quarter, left, documents))
        })
        .collect();
    out.extend(beyond);
    let place = |line: usize| of.rows.iter().position(|row| row.index == line);
    out.sort_by_key(|paper| (order(paper.quarter), place(paper.line), !paper.is_document));
    out
}

/// Where the documents of other streams' lines stand, of this run and of those before it.
pub(super) fn places_of_others(of: &Of<'_, '_>) -> Vec<(String, String)> {
    let context = of.context;
    let ledger = &context.outcome.ledger;
    let is_other = |line: Option<usize>| line.is_some() && !of.has(line);
    let past = ledger.past.iter().filter(|past| is_other(past.line));
    let past = past.map(|past| {
        (
            carried(of, past.at, "Source file"),
            carried(of, past.at, "Source cell"),
        )
    });
    let entries = ledger
        .entries
        .iter()
        .map(|entry| (entry.line, entry.at, "amount"));
    let claims = ledger
        .claims
        .iter()
        .map(|claim| (claim.line, claim.at, "this_quarter"));
    let sent = entries.chain(claims).filter(|(line, _, _)| is_other(*line));
    let sent = sent.filter_map(|(_, at, field)| {
        let view = at.view(&context.outcome.sources, context.schema)?;
        Some(place(of, at, &view, field))
    });
    past.chain(sent).collect()
}

/// What the plan has for a quarter beside its documents.
fn without_documents(
    of: &Of<'_, '_>,
    line: usize,
    quarter: Quarter,
    left: Decimal,
    documents: Decimal,
) -> Paper {
    let said = if documents.is_zero() {
        "The plan's figure for the quarter, without documents"
    } else if left.is_sign_negative() {
        "The plan's figure for the quarter is less than its documents come to"
    } else {
        "What the plan's figure for the quarter is over its documents"
    };
    let agency = of
        .context
        .outcome
        .ledger
        .lines
        .get(line)
        .and_then(|line| line.delivery);
    Paper {
        quarter,
        line,
        agency,
        document: Cell::blank(),
        supplier: Cell::blank(),
        date: Cell::blank(),
        vat: Cell::blank(),
        kind: Cell::text("Plan figure"),
        description: Cell::text(said),
        amount: Some(left),
        shown: Cell::money(left),
        counts: true,
        is_held: false,
        is_order: false,
        is_document: false,
        state: format!("{COUNTED}: without documents"),
        source: (String::new(), String::new()),
    }
}

fn paper(
    of: &Of<'_, '_>,
    at: RecordRef,
    line: usize,
    agency: Option<usize>,
    quarter: Quarter,
    amount: &str,
) -> Option<Paper> {
    let context = of.context;
    let view = at.view(&context.outcome.sources, context.schema)?;
    let cell = |field: &str| {
        let schema = view
            .schema
            .field(field)
            .and_then(|at| view.schema.fields.get(at));
        match view.cell(field).zip(schema) {
            Some((cell, schema)) => context.cell(cell, schema.kind, &schema.choices),
            None => Cell::blank(),
        }
    };
    let plain = |field: &str| Cell {
        look: crate::render::Look::Plain,
        ..cell(field)
    };
    Some(Paper {
        quarter,
        line,
        agency,
        document: as_told(of, plain("document")),
        supplier: as_told(of, plain("supplier")),
        date: plain("document_date"),
        vat: plain("vat_basis"),
        kind: plain("kind"),
        description: as_told(of, plain("description")),
        amount: None,
        shown: plain(amount),
        counts: false,
        is_held: false,
        is_order: false,
        is_document: true,
        state: String::new(),
        source: place(of, at, &view, amount),
    })
}

/// A cell's text as a funder may see it.
fn as_told(of: &Of<'_, '_>, cell: Cell) -> Cell {
    match cell.value.as_text() {
        Some(text) => Cell::text(of.told(text)),
        None => cell,
    }
}

fn text(of: &Of<'_, '_>, at: RecordRef, field: &str) -> Cell {
    let view = at.view(&of.context.outcome.sources, of.context.schema);
    let cell = view.and_then(|view| view.cell(field));
    cell.map_or_else(Cell::blank, |cell| {
        as_told(of, of.context.cell(cell, FieldKind::Text, &[]))
    })
}

fn place(of: &Of<'_, '_>, at: RecordRef, view: &View<'_>, field: &str) -> (String, String) {
    let Some(source) = of.context.outcome.sources.get(at.source) else {
        return (String::new(), String::new());
    };
    let (_, sheet) = source.sheet(view.table.layout.sheet);
    let sheet = sheet.map(|sheet| format!("{sheet}!")).unwrap_or_default();
    let cell = view
        .address(field)
        .map(|address| format!("{sheet}{address}"));
    (source.file_name().to_owned(), cell.unwrap_or_default())
}

/// What an earlier run wrote of a document under one of its own headings.
fn carried(of: &Of<'_, '_>, at: RecordRef, heading: &str) -> String {
    let context = of.context;
    let view = at.view(&context.outcome.sources, context.schema);
    let source = context.outcome.sources.get(at.source);
    source
        .zip(view)
        .and_then(|(source, view)| source.computed(&view, heading))
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn state(paper: &Paper, said: String) -> String {
    match (paper.is_order, paper.is_held) {
        (true, false) => format!("{ORDERED}: not yet spent, in no figure"),
        // An order that is held is in no line's held money.
        (true, true) => format!("{ORDERED}; {}", said.to_lowercase()),
        (false, _) => said,
    }
}

fn sent(of: &Of<'_, '_>, at: RecordRef, paper: &Paper) -> String {
    if paper.is_held {
        return state(paper, format!("{HELD}: {}", of.context.why_held(at)));
    }
    if paper.is_order {
        return state(paper, String::new());
    }
    std::iter::once(COUNTED.to_owned())
        .chain(of.context.let_in(at))
        .collect::<Vec<_>>()
        .join("; ")
}

impl Paper {
    /// The figure as the annex shows it: a money value that counts is a number; what does not is shown as found.
    pub(super) fn figure(&self) -> Cell {
        self.amount.map_or_else(|| self.shown.clone(), Cell::money)
    }
}
