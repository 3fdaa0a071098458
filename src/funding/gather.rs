//! Lines, virements, spend, claims, history and postings from what was read. Nothing is added up here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::streams::{self, Said};
use super::{
    Approval, Claim, Decision, Document, Entry, Kind, Ledger, Line, Past, Posting, Virement,
};
use crate::grid::CellValue;
use crate::reconcile::{HELD, RecordRef, records};
use crate::record::{Decoded, Fault, State, View};
use crate::schema::{Role, Schema};
use crate::source::{Source, money_said};
use crate::value::date::month_number;
use crate::value::period;
use crate::value::reference::{self, Reference};
use crate::value::text::{fold, fold_prose, is_blank, letters_and_figures};

/// How the Spend sheet's State begins where the amount counts: the sheet's formulas and the next run's history go by it.
pub const COUNTED: &str = "Counted";

/// Gathers the money of these sources: all of a run, or one that is checked on its own.
#[must_use]
pub fn gather(sources: &[Source], schema: &Schema) -> Ledger {
    let mut out = Ledger::default();
    let mut said = Vec::new();
    for (at, view) in records(sources, schema, Role::Plan, "funding_lines") {
        let Some(reference) = view.line() else {
            continue;
        };
        if view.record.is_held || view.table.is_held {
            out.held_keys.push(Arc::clone(&reference.key));
            let project = view.text("project").map(reference::key);
            out.held_keys.extend(project.map(Arc::from));
            continue;
        }
        out.lines.push(line(at, &view, &reference));
        said.push(Said::of(&view, schema));
    }
    streams::settle(&mut out.lines, &said, sources, schema);
    let lines = Lines::of(&out.lines);
    for (at, view) in records(sources, schema, Role::Plan, "virements") {
        let (from, to) = (
            lines.find(view.reference("from_line"), None),
            lines.find(view.reference("to_line"), None),
        );
        let is_out = view.record.is_held || view.table.is_held;
        let amount = view.amount("amount");
        if is_out || amount.is_none() {
            out.unsettled.extend([from, to].into_iter().flatten());
        }
        let Some(amount) = amount else { continue };
        out.virements.push(Virement {
            at,
            from,
            to,
            amount,
            counts: !is_out,
        });
    }
    out.has_documents = sources
        .iter()
        .filter(|source| source.role == Role::Plan)
        .any(|source| source.tables_named(schema, "spend").next().is_some());
    out.past = records(sources, schema, Role::Plan, "spend")
        .map(|(at, view)| past(at, &view, sources, &lines))
        .collect();
    out.before = records(sources, schema, Role::Previous, "spend")
        .map(|(at, view)| past(at, &view, sources, &lines))
        .collect();
    work_out(&mut out, sources, schema);
    out.postings = records(sources, schema, Role::Ledger, "ledger")
        .filter_map(|(at, view)| Some(posting(at, &view, source_of(sources, at)?, &lines, schema)))
        .collect();
    for (at, view) in records(sources, schema, Role::Return, "spend") {
        let Some(source) = source_of(sources, at) else {
            continue;
        };
        let (line, reference) = lines.of_row(&view);
        out.entries.push(Entry {
            at,
            agency: source.statement.agency,
            line,
            reference,
            amount: view.figure("amount"),
            by_decision: by_decision(&view, "amount"),
            refused: refused(&view, "amount"),
            kind: kind(&view),
            date: view.date("document_date"),
            document: document(&view),
            whole: source.fate(),
            is_held: is_out(source, &view),
        });
    }
    hold_on_held_lines(&mut out);
    out.entries.shrink_to_fit();
    let itemised = Itemised::of(&out.entries);
    for (at, view) in records(sources, schema, Role::Return, "claims") {
        let Some(source) = source_of(sources, at) else {
            continue;
        };
        let (line, reference) = lines.of_row(&view);
        let is_itemised = reference
            .as_ref()
            .is_some_and(|reference| itemised.covers(at, source, reference));
        out.claims.push(Claim {
            at,
            agency: source.statement.agency,
            line,
            reference,
            this_quarter: view.figure("this_quarter"),
            by_decision: by_decision(&view, "this_quarter"),
            refused: refused(&view, "this_quarter"),
            to_date: view.amount("to_date"),
            forecast: view.amount("forecast"),
            explanation: view
                .text("explanation")
                .filter(|text| !is_blank(text))
                .map(Into::into),
            is_itemised,
            whole: source.fate(),
            is_held: is_out(source, &view),
        });
    }
    hold_on_held_lines(&mut out);
    for view in restated(sources, schema) {
        let amount = if view.schema.name == "spend" {
            "amount"
        } else {
            "this_quarter"
        };
        out.restated += view.figure(amount).unwrap_or_default();
        out.restated_refused += refused(&view, amount);
    }
    out.index();
    out
}

/// Rows of spend and claims on returns' sheets for other quarters, and those of a copied plan that are no claim.
fn restated<'a>(sources: &'a [Source], schema: &'a Schema) -> impl Iterator<Item = View<'a>> {
    let returns = || sources.iter().filter(|source| source.role == Role::Return);
    let others = returns()
        .flat_map(|source| &source.restated)
        .flat_map(|table| table.all_records().map(move |record| (table, record)));
    let passed_over = returns()
        .flat_map(|source| &source.tables)
        .flat_map(|table| table.passed_over().map(move |record| (table, record)));
    others
        .chain(passed_over)
        .filter_map(|(table, record)| {
            Some(View {
                schema: schema.tables.get(table.layout.table)?,
                table,
                record,
            })
        })
        .filter(|view| matches!(view.schema.name.as_str(), "spend" | "claims"))
}

/// The plan's lines by the names that rows of money give them.
struct Lines {
    references: Vec<Reference>,
    by_key: BTreeMap<Arc<str>, usize>,
    /// Nothing where two lines have the project's name.
    by_project: BTreeMap<String, Option<usize>>,
}

impl Lines {
    fn of(lines: &[Line]) -> Self {
        let mut by_project: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            let name = fold(&line.project);
            if !name.is_empty() {
                by_project
                    .entry(name)
                    .and_modify(|found| *found = None)
                    .or_insert(Some(index));
            }
        }
        Self {
            references: lines.iter().map(|line| line.reference.clone()).collect(),
            by_key: lines
                .iter()
                .enumerate()
                .rev()
                .map(|(index, line)| (Arc::clone(&line.reference.key), index))
                .collect(),
            by_project,
        }
    }

    /// The line of this reference; of this project, where the reference is a project's name or no reference at all.
    fn find(&self, reference: Option<&Reference>, project: Option<&str>) -> Option<usize> {
        let called = |name: &str| self.by_project.get(&fold(name)).copied().flatten();
        match reference {
            Some(reference) => self
                .by_key
                .get(&reference.key)
                .copied()
                .or_else(|| called(&reference.text))
                .or_else(|| {
                    project
                        .filter(|_| !is_code(&reference.text))
                        .and_then(called)
                }),
            None => project.and_then(called),
        }
    }

    /// The line that a row of money is on, and its reference: the plan's where the project's name told it, else as typed.
    fn of_row(&self, view: &View<'_>) -> (Option<usize>, Option<Reference>) {
        let typed = view.line();
        let line = self.find(view.reference("line"), view.text("project"));
        let own = line.and_then(|line| self.references.get(line));
        match (own, typed) {
            (Some(own), Some(typed)) if own.key != typed.key => (line, Some(own.clone())),
            (Some(own), None) => (line, Some(own.clone())),
            (_, typed) => (line, typed),
        }
    }
}

/// Whether a text is written as a line's code: one that the plan does not have is not told by the project beside it.
fn is_code(text: &str) -> bool {
    text.len() <= 16
        && text.split_whitespace().count() <= 2
        && text.chars().any(|c| c.is_ascii_digit())
}

/// For which lines spend rows were sent, orders aside: by file, and by agency in files that no other stands for.
struct Itemised {
    by_source: BTreeSet<(usize, Arc<str>)>,
    by_agency: BTreeSet<(usize, Arc<str>)>,
}

impl Itemised {
    fn of(entries: &[Entry]) -> Self {
        let keyed = || {
            entries
                .iter()
                .filter(|entry| entry.is_money())
                .filter_map(|entry| Some((entry, Arc::clone(&entry.reference.as_ref()?.key))))
        };
        Self {
            by_source: keyed().map(|(entry, key)| (entry.at.source, key)).collect(),
            by_agency: keyed()
                .filter(|(entry, _)| !entry.is_set_aside())
                .filter_map(|(entry, key)| Some((entry.agency?, key)))
                .collect(),
        }
    }

    /// Whether the agency sent spend rows for the line, in this file or in another that no other stands for.
    fn covers(&self, at: RecordRef, source: &Source, reference: &Reference) -> bool {
        let key = || Arc::clone(&reference.key);
        self.by_source.contains(&(at.source, key()))
            || source
                .statement
                .agency
                .is_some_and(|agency| self.by_agency.contains(&(agency, key())))
    }
}

/// Takes out what was held since it was gathered.
pub fn refresh(ledger: &mut Ledger, sources: &[Source], schema: &Schema) {
    let held = |at: RecordRef| {
        let view = at.view(sources, schema);
        view.is_none_or(|view| {
            sources
                .get(at.source)
                .is_none_or(|source| is_out(source, &view))
        })
    };
    ledger
        .entries
        .iter_mut()
        .for_each(|entry| entry.is_held = held(entry.at));
    ledger
        .claims
        .iter_mut()
        .for_each(|claim| claim.is_held = held(claim.at));
    ledger
        .virements
        .iter_mut()
        .for_each(|virement| virement.counts = virement.counts && !held(virement.at));
    hold_on_held_lines(ledger);
}

/// Money on a line whose own row in the plan is held has no line to stand on: it waits with it, and nobody who sent it is at fault.
fn hold_on_held_lines(ledger: &mut Ledger) {
    let keys = &ledger.held_keys;
    let waits = |line: Option<usize>, reference: Option<&Reference>| {
        line.is_none() && reference.is_some_and(|reference| keys.contains(&reference.key))
    };
    for entry in &mut ledger.entries {
        entry.is_held |= waits(entry.line, entry.reference.as_ref());
    }
    for claim in &mut ledger.claims {
        claim.is_held |= waits(claim.line, claim.reference.as_ref());
    }
}

/// The source of a record, whether all of a run or one alone is looked at.
fn source_of(sources: &[Source], at: RecordRef) -> Option<&Source> {
    // All of a run, where each file stands at its index, or one alone.
    let own = |source: &&Source| source.index == at.source;
    sources
        .get(at.source)
        .filter(own)
        .or_else(|| sources.iter().find(own))
}

/// What a decision gave for an amount, less what its cell says by itself.
fn by_decision(view: &View<'_>, name: &str) -> Decimal {
    if view.cell(name).is_some_and(Decoded::is_decided) {
        view.figure(name).unwrap_or_default() - said(view, name)
    } else {
        Decimal::ZERO
    }
}

/// What an amount's cell says by itself, where it is refused by name for what stands around it or for how it is shown: it is in no sum.
fn refused(view: &View<'_>, name: &str) -> Decimal {
    match view.cell(name).map(|cell| &cell.state) {
        Some(State::Fault(fault)) if !matches!(fault, Fault::OutOfRange(_)) => said(view, name),
        Some(
            State::Fault(_) | State::Value(_) | State::Blank | State::Missing | State::Placeholder,
        )
        | None => Decimal::ZERO,
    }
}

/// What an amount's cell says by itself.
fn said(view: &View<'_>, name: &str) -> Decimal {
    let field = view
        .schema
        .field(name)
        .and_then(|at| view.schema.fields.get(at));
    let raw = view.cell(name).and_then(|cell| cell.raw.as_ref());
    raw.zip(field)
        .and_then(|(raw, field)| money_said(raw, field))
        .unwrap_or_default()
}

fn is_out(source: &Source, view: &View<'_>) -> bool {
    source.is_out() || view.table.is_held || view.record.is_held
}

fn kind(view: &View<'_>) -> Kind {
    match view.choice_value("kind") {
        Some("accrual") => Kind::Accrual,
        Some("credit") => Kind::Credit,
        Some("commitment") => Kind::Commitment,
        Some("capital") => Kind::Capital,
        Some("in-kind") => Kind::InKind,
        _ => Kind::Actual,
    }
}

/// A row of the finance system's export: its line by its code or project, else by what its cost centre and account are mapped to.
fn posting(
    at: RecordRef,
    view: &View<'_>,
    source: &Source,
    lines: &Lines,
    schema: &Schema,
) -> Posting {
    let code = |field: &str| {
        let cell = view.cell(field)?;
        let code = letters_and_figures(&reference::key(&cell.raw_text()));
        (!code.is_empty()).then_some(code)
    };
    let is = |wanted: &str, typed: Option<&String>| {
        wanted.is_empty() || typed.is_some_and(|typed| typed == wanted)
    };
    let (centre, account) = (
        code("cost_centre").or_else(|| code("line")),
        code("account"),
    );
    let mapped = schema
        .ledger_map
        .iter()
        .filter(|map| is(&map.cost_centre, centre.as_ref()) && is(&map.account, account.as_ref()))
        // What names both says more.
        .max_by_key(|map| {
            usize::from(!map.cost_centre.is_empty()) + usize::from(!map.account.is_empty())
        });
    let by_map = mapped
        .filter(|map| !map.is_vat)
        .map(|map| Reference::new(&map.line));
    let (line, reference) = match lines.of_row(view) {
        (None, typed) => match by_map {
            Some(own) => (lines.find(Some(&own), None), Some(own)),
            None => (None, typed),
        },
        told => told,
    };
    let supplier = view.text("supplier").unwrap_or_default();
    Posting {
        at,
        line,
        reference,
        document: document(view),
        amount: posted(view),
        date: view.date("posting_date"),
        period: view.cell("period").and_then(period_of),
        payee: schema.agency_called(&fold(supplier)),
        is_vat: mapped.is_some_and(|map| map.is_vat) || is_vat(view),
        is_held: is_out(source, view),
    }
}

/// A posting's amount: as it stands, else its debit less its credit. Nothing where one of them cannot be read.
fn posted(view: &View<'_>) -> Option<Decimal> {
    let is_given = |name: &str| view.cell(name).is_some_and(|cell| !cell.is_empty());
    let has_sides = is_given("debit") || is_given("credit");
    if view.cell("amount").is_some() && (is_given("amount") || !has_sides) {
        return view.amount("amount");
    }
    let side = |name: &str| match view.cell(name) {
        None => Some(Decimal::ZERO),
        Some(cell) if cell.is_empty() => Some(Decimal::ZERO),
        Some(_) => view.amount(name),
    };
    Some(side("debit")? - side("credit")?)
}

/// Whether a row says that it is a document's VAT: its description or account begins with that word.
fn is_vat(view: &View<'_>) -> bool {
    ["description", "account"].iter().any(|field| {
        let text = view.cell(field).map(Decoded::raw_text).unwrap_or_default();
        let folded = fold(&text);
        folded == "vat" || folded.starts_with("vat ") || folded.starts_with("input vat")
    })
}

/// The quarter of the year that a posting's period is in: a financial period's number, a month's name, or a day. `2022/06` may be June or the
/// sixth period, and says neither.
fn period_of(cell: &Decoded) -> Option<u8> {
    let of_period = |number: u8| match number {
        1..=12 => Some((number - 1) / 3 + 1),
        // What is booked after the twelfth period is still the year's.
        13..=16 => Some(4),
        _ => None,
    };
    let of_month = |month: i8| of_period((u8::try_from(month).ok()? + 8) % 12 + 1);
    if let Some(CellValue::Date(moment)) = &cell.raw {
        return of_month(moment.date().month());
    }
    let text = fold(&cell.raw_text());
    if let Some(quarter) = period::mention(&text).quarter {
        return Some(quarter);
    }
    let number = ["period ", "per ", "p ", "p"]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(&text);
    if let Ok(number) = number.parse::<u8>() {
        return of_period(number);
    }
    of_month(text.split(' ').find_map(month_number)?)
}

/// Our own Funding sheet works a quarter's spend out from the Spend sheet beside it. Where another program saved the workbook and dropped the
/// results, they are worked out again from the same rows.
fn work_out(ledger: &mut Ledger, sources: &[Source], schema: &Schema) {
    for (index, line) in ledger.lines.iter_mut().enumerate() {
        let is_ours = source_of(sources, line.at).is_some_and(|source| source.layout.is_ours);
        let Some(view) = line.at.view(sources, schema).filter(|_| is_ours) else {
            continue;
        };
        for (number, spend) in (1_u8..).zip(&mut line.plan_spend) {
            let is_dropped = view
                .cell(&format!("q{number}_spend"))
                .is_some_and(|cell| cell.state == State::Fault(Fault::NotCalculated));
            if is_dropped {
                let counted = ledger.past.iter().filter(|past| {
                    past.line == Some(index)
                        && past.counted
                        && past.quarter.is_some_and(|quarter| quarter.number == number)
                });
                *spend = Some(counted.filter_map(|past| past.amount).sum());
            }
        }
    }
}

/// The document's number and supplier, where there is a number.
fn document(view: &View<'_>) -> Option<Document> {
    let cell = view.cell("document")?;
    cell.any_value()?;
    let number = letters_and_figures(&reference::key(&cell.said()));
    let supplier = view.text("supplier").map(fold_prose).unwrap_or_default();
    let mut supplier = letters_and_figures(&supplier);
    if NOBODY.contains(&supplier.as_str()) {
        supplier.clear();
    }
    (!number.is_empty()).then_some(Document { number, supplier })
}

/// What is written where a supplier is not named: it may be anybody.
const NOBODY: [&str; 14] = [
    "na",
    "nil",
    "none",
    "tbc",
    "tba",
    "tbd",
    "unknown",
    "notknown",
    "notstated",
    "notgiven",
    "various",
    "asabove",
    "seeabove",
    "ditto",
];

fn past(at: RecordRef, view: &View<'_>, sources: &[Source], lines: &Lines) -> Past {
    let (line, reference) = lines.of_row(view);
    let state = source_of(sources, at)
        .and_then(|source| source.computed(view, "State"))
        .map(ToString::to_string)
        .unwrap_or_default();
    Past {
        at,
        agency: view.choice("agency"),
        quarter: view.text("quarter").and_then(|text| text.parse().ok()),
        line,
        reference,
        amount: view.any_amount("amount"),
        kind: kind(view),
        date: view.date("document_date"),
        document: document(view),
        counted: state.starts_with(COUNTED),
        is_held: state.starts_with(HELD),
    }
}

fn line(at: RecordRef, view: &View<'_>, reference: &Reference) -> Line {
    let is_unread = |cell: Option<&Decoded>| {
        cell.is_some_and(|cell| cell.is_held() || matches!(cell.state, State::Fault(_)))
    };
    let approval = match view.cell("approval") {
        None => Approval::NotJudged,
        // Its own finding speaks; the returns that claim on the line are not at fault.
        cell if is_unread(cell) => Approval::NotJudged,
        Some(_) => match view.choice_value("approval") {
            Some("approved") => Approval::Approved,
            Some("declined") => Approval::Declined,
            _ => Approval::Proposed,
        },
    };
    Line {
        at,
        reference: reference.clone(),
        project: view.text("project").unwrap_or_default().into(),
        // Settled once all lines are known.
        stream: None,
        delivery: view.choice("delivery_agency"),
        allocation: view.amount("allocation"),
        approval,
        approved_on: view.date("approved_on"),
        plan_spend: [1, 2, 3, 4].map(|q| view.amount(&format!("q{q}_spend"))),
        is_unread: [1, 2, 3, 4].map(|q| is_unread(view.cell(&format!("q{q}_spend")))),
        plan_forecast: view.amount("forecast"),
        match_cash: view.amount("match_cash"),
        decision: match view.choice_value("decision") {
            Some("return") => Some(Decision::Return),
            Some("carry-forward") => Some(Decision::CarryForward),
            _ => None,
        },
    }
}
