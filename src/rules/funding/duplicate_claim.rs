//! `F505` **duplicate-claim**: the same document claimed before.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::{Document, Entry, Kind};
use crate::reconcile::RecordRef;
use crate::rules::sink::who;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, RowFacts, Rule, Sink, Words};
use crate::value::amount::pounds;
use crate::value::period::Quarter;
use crate::value::reference::Reference;
use crate::value::text::likeness_from;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F505"),
    name: "duplicate-claim",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "The same supplier, document and amount were claimed before: on the line, by another partner, in another quarter or on another stream; or, as a warning, all but the document’s number.",
    why: "One invoice paid twice by the funder has to be paid back, and is what an auditor looks for first.",
    example: "INV-2043 of Example Print Ltd for £180.00, in Kent Police's return and again in the council's.",
    fix: "Take the document out of one of the claims, or correct its number or amount.",
    partner: Partner::Worded(&[
        Words {
            case: "own",
            message: "{document} for {amount} stands twice in what you claimed.",
            fix: "Take out one of the two, or correct its number or amount.",
        },
        Words {
            case: "other",
            message: "{document} for {amount} was claimed before, by another partner or in another quarter.",
            fix: "Check the number and the amount, and tell us what you find.",
        },
        Words {
            case: "alike",
            message: "{document} for {amount} resembles another that was claimed.",
            fix: "Check that it is not the same cost.",
        },
    ]),
    check: Check::FundingRow(check),
};

/// A document met before.
struct Seen<'a> {
    at: RecordRef,
    agency: Option<usize>,
    line: Option<&'a Reference>,
    document: &'a Document,
    sort: Sort,
    quarter: Option<Quarter>,
    is_past: bool,
}

/// What is compared with what: an accrual and its later actual or credit are no duplicate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Paid,
    Accrued,
    Credited,
}

fn sort(kind: Kind) -> Option<Sort> {
    match kind {
        Kind::Actual | Kind::Capital => Some(Sort::Paid),
        Kind::Accrual => Some(Sort::Accrued),
        Kind::Credit => Some(Sort::Credited),
        // An order stays open from quarter to quarter, and what is in kind is held anyway.
        Kind::Commitment | Kind::InKind => None,
    }
}

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let ledger = facts.ledger;
    let run = facts.facts.run.quarter;
    let mut seen = Met::default();
    for past in ledger.past.iter().filter(|past| past.counted) {
        let is_earlier = past
            .quarter
            .zip(run)
            .is_some_and(|(q, run)| (q.year, q.number) < (run.year, run.number));
        let is_kept = past.quarter == run && !ledger.is_replaced(past.agency);
        if !is_earlier && !is_kept {
            continue;
        }
        if let (Some(document), Some(amount), Some(sort)) =
            (&past.document, past.amount, sort(past.kind))
        {
            seen.push(
                amount,
                past.date,
                Seen {
                    at: past.at,
                    agency: past.agency,
                    line: past.reference.as_ref(),
                    document,
                    sort,
                    quarter: past.quarter,
                    is_past: true,
                },
            );
        }
    }
    for entry in ledger.entries.iter().filter(|entry| !entry.is_held) {
        let (Some(document), Some(amount), Some(sort)) =
            (&entry.document, entry.amount, sort(entry.kind))
        else {
            continue;
        };
        if amount.is_zero() {
            continue;
        }
        let reversals = if amount > Decimal::ZERO {
            let sorts = [Sort::Paid, Sort::Accrued, Sort::Credited];
            sorts
                .into_iter()
                .map(|sort| seen.count(document, -amount, sort))
                .sum()
        } else {
            0
        };
        let same = seen.count(document, amount, sort);
        // Claimed, credited and claimed again is one claim.
        if same > reversals {
            let before: Vec<&Seen<'_>> = seen
                .of(document, amount, sort)
                .take(LOOKED_AT_MAX)
                .collect();
            report(facts, entry, amount, &before, same, sink);
        } else if same == 0
            && let Some(other) = seen.near(document, amount, entry.date, sort)
        {
            report_near(facts, entry, amount, other, sink);
        }
        let own = Seen {
            at: entry.at,
            agency: entry.agency,
            line: entry.reference.as_ref(),
            document,
            sort,
            quarter: run,
            is_past: false,
        };
        seen.push(amount, entry.date, own);
    }
}

/// So many claims of one document and amount, or of one day and amount, are looked at: beyond that nobody could tell them apart.
const LOOKED_AT_MAX: usize = 100;

/// The documents met so far.
#[derive(Default)]
struct Met<'a> {
    all: Vec<Seen<'a>>,
    by_number: BTreeMap<(&'a str, Decimal), Alike<'a>>,
    by_day: BTreeMap<(Date, Decimal), Vec<usize>>,
}

/// Documents of one number and amount, by supplier and sort; under no supplier, all of the sort.
type Alike<'a> = BTreeMap<(Option<&'a str>, Sort), Vec<usize>>;

impl<'a> Met<'a> {
    fn push(&mut self, amount: Decimal, date: Option<Date>, seen: Seen<'a>) {
        let at = self.all.len();
        let document = seen.document;
        let alike = self
            .by_number
            .entry((document.number.as_str(), amount))
            .or_default();
        for supplier in [Some(document.supplier.as_str()), None] {
            alike.entry((supplier, seen.sort)).or_default().push(at);
        }
        if let Some(date) = date {
            self.by_day.entry((date, amount)).or_default().push(at);
        }
        self.all.push(seen);
    }

    /// Where those of the same document, amount and sort are: of the same supplier, and of none. A blank supplier is any.
    fn places(&self, document: &'a Document, amount: Decimal, sort: Sort) -> [&[usize]; 2] {
        let alike = self.by_number.get(&(document.number.as_str(), amount));
        let of = |supplier: Option<&'a str>| {
            alike
                .and_then(|alike| alike.get(&(supplier, sort)))
                .map_or(&[][..], Vec::as_slice)
        };
        match document.supplier.as_str() {
            "" => [of(None), &[]],
            supplier => [of(Some(supplier)), of(Some(""))],
        }
    }

    /// Those of the same document, amount and sort, in the order in which they were met.
    fn of(
        &self,
        document: &'a Document,
        amount: Decimal,
        sort: Sort,
    ) -> impl Iterator<Item = &Seen<'a>> {
        let [mut own, mut blank] = self.places(document, amount, sort);
        std::iter::from_fn(move || {
            let list = match (own.first(), blank.first()) {
                (Some(a), Some(b)) if b < a => &mut blank,
                (None, _) => &mut blank,
                _ => &mut own,
            };
            let (next, rest) = list.split_first()?;
            *list = rest;
            self.all.get(*next)
        })
    }

    /// How many of the same document, amount and sort there are.
    fn count(&self, document: &'a Document, amount: Decimal, sort: Sort) -> usize {
        let places = self.places(document, amount, sort);
        places.iter().map(|list| list.len()).sum()
    }

    /// The first of the same amount and day, of a supplier that is alike, under another number.
    fn near(
        &self,
        document: &Document,
        amount: Decimal,
        date: Option<Date>,
        sort: Sort,
    ) -> Option<&Seen<'a>> {
        self.by_day
            .get(&(date?, amount))?
            .iter()
            .take(LOOKED_AT_MAX)
            .filter_map(|at| self.all.get(*at))
            .find(|seen| {
                seen.sort == sort
                    && seen.document.number != document.number
                    && are_alike(&seen.document.supplier, &document.supplier)
            })
    }
}

/// Whether two suppliers' letters and figures are those of one, or nearly.
fn are_alike(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && (a == b || likeness_from(a, b, ALIKE).is_some())
}

/// Two suppliers this alike may be one, written in two ways.
const ALIKE: f64 = 0.85;

fn report_near(
    facts: &FundingFacts<'_>,
    entry: &Entry,
    amount: Decimal,
    other: &Seen<'_>,
    sink: &mut Sink<'_>,
) {
    let (Some(cell), Some(row)) = (cell(facts, entry.at, "document"), facts.row(other.at)) else {
        return;
    };
    let mut draft = sink
        .cell(&cell)
        .severity(Severity::Warning)
        .hold_nothing()
        .seen(amount.to_string());
    let Some(first) = row.cell("document") else {
        return;
    };
    let typed = first.cell.raw_text().trim().to_owned();
    draft = draft.seen(typed.clone()).related(first.place());
    draft = draft
        .case("alike")
        .with("document", cell.cell.raw_text().trim())
        .with("amount", pounds(amount));
    draft.report(
        format!(
            "{} for {} has the same amount, date and supplier as {typed}, under another number. Both are counted.",
            cell.cell.raw_text().trim(),
            pounds(amount)
        ),
        "Check that these are two documents; if they are one, take a row out.",
    );
}

fn report(
    facts: &FundingFacts<'_>,
    entry: &Entry,
    amount: Decimal,
    before: &[&Seen<'_>],
    count: usize,
    sink: &mut Sink<'_>,
) {
    let Some(cell) = cell(facts, entry.at, "document") else {
        return;
    };
    let key = |reference: Option<&Reference>| reference.map(|r| Arc::clone(&r.key));
    let is_one_return = |other: &Seen<'_>| {
        !other.is_past
            && (other.at.source == entry.at.source
                || entry.agency.is_some() && other.agency == entry.agency)
    };
    let is_split =
        |other: &Seen<'_>| is_one_return(other) && key(other.line) != key(entry.reference.as_ref());
    // One document on two lines of a return may be shared between them; anywhere else it is claimed twice.
    let are_too_many = count > before.len();
    let twice = before.iter().find(|other| !is_split(other) || are_too_many);
    let Some(first) = twice.or_else(|| before.first()) else {
        return;
    };
    let typed_in = |row: &RowFacts<'_>| {
        let of = |field: &str| row.cell(field).map(|cell| cell.cell.raw_text());
        ["line", "document", "supplier", "document_date"]
            .map(|field| of(field).unwrap_or_default())
            .join("\u{1f}")
    };
    let mut draft = sink
        .cell(&cell)
        .seen(amount.to_string())
        .seen(typed_in(&cell.row));
    if twice.is_none() {
        draft = draft.severity(Severity::Warning).hold_nothing();
    }
    let Some(row) = facts.row(first.at) else {
        return;
    };
    draft = draft.seen(typed_in(&row));
    if let Some(other) = row.cell("document") {
        draft = draft.related(other.place());
    }
    let schema = facts.facts.run.schema;
    let by = if first.is_past {
        first
            .agency
            .map_or("a partner", |agency| schema.agency_name(agency))
            .to_owned()
    } else {
        who(schema, row.table.source)
    };
    let line = first
        .line
        .map(|line| format!(" on {line}"))
        .unwrap_or_default();
    let when = first
        .quarter
        .filter(|_| first.is_past)
        .map(|quarter| format!(" for {}", quarter.spoken()))
        .unwrap_or_default();
    let typed = cell.cell.raw_text();
    draft = draft
        .case(if is_one_return(first) { "own" } else { "other" })
        .with("document", typed.trim())
        .with("amount", pounds(amount));
    if twice.is_none() {
        draft.report(
            format!(
                "{typed} for {} stands on two lines of this return: here and{line}. The amounts are counted on both.",
                pounds(amount)
            ),
            "If the document is shared between the lines, give each its part; otherwise take one of the rows out.",
        );
    } else {
        draft.report(
            format!(
                "{typed} for {} was claimed before: by {by}{line}{when}. Counted twice it would be {}, which is {} too much.",
                pounds(amount),
                pounds(amount + amount),
                pounds(amount)
            ),
            "Take the document out of one of the claims, or correct its number or amount.",
        );
    }
}
