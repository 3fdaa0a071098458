//! What this program lives by: every table and field that it asks for by name, with the kinds that it can work with.
//!
//! Invariant: a configuration that reached a run has every name here under its kind, or says in `without` that it does without it. Whatever
//! else a configuration declares is carried and judged, and nothing here knows its name.

use super::table::FieldKind;
use crate::value::text::fold;

/// Whether a table can be without a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing of the table could be used.
    Always,
    /// Figures would be others: a table says in `without` that it does without it.
    Told,
    /// It may be left out.
    Free,
}

/// A field that the program asks for by name.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The table.
    pub table: &'static str,
    /// The field; of a quarterly one what follows `q1_`.
    pub field: &'static str,
    /// Whether it stands once a quarter.
    pub is_quarterly: bool,
    /// The kind that it must have.
    pub kind: FieldKind,
    /// Whether the table can be without it.
    pub need: Need,
    /// The values that its choices may have; any, where there are none here.
    pub values: &'static [&'static str],
    /// What would be lost without it, as the rest of a sentence that begins with “without it”.
    pub loss: &'static str,
}

impl Known {
    /// The name as the configuration's own words give it: `q1_update` to `q4_update` is `update`, quarterly.
    fn is(&self, table: &str, field: &str) -> bool {
        if self.table != table {
            return false;
        }
        if !self.is_quarterly {
            return self.field == field;
        }
        let mut letters = field.chars();
        letters.next() == Some('q')
            && matches!(letters.next(), Some('1'..='4'))
            && letters.next() == Some('_')
            && letters.as_str() == self.field
    }
}

impl Known {
    /// Whether this is the title that the built-in configuration gives it.
    #[must_use]
    pub fn is_titled(&self, title: &str) -> bool {
        TITLES.iter().any(|(table, field, own)| {
            (*table, *field) == (self.table, self.field) && fold(own) == fold(title)
        })
    }
}

const fn one(
    table: &'static str,
    field: &'static str,
    kind: FieldKind,
    need: Need,
    loss: &'static str,
) -> Known {
    Known {
        table,
        field,
        is_quarterly: false,
        kind,
        need,
        values: &[],
        loss,
    }
}

const fn quarterly(known: Known) -> Known {
    Known {
        is_quarterly: true,
        ..known
    }
}

const fn of(known: Known, values: &'static [&'static str]) -> Known {
    Known { values, ..known }
}

use FieldKind::{
    Agencies, Agency, Choice, Date, Line, Lines, Money, Number, Priority, Reference, Status, Text,
    Timescale,
};
use Need::{Always, Free, Told};

/// The tables that the program knows, with what they hold, in words.
pub const TABLES: [(&str, &str); 7] = [
    ("actions", "the plan's actions"),
    ("updates", "what partners report on actions"),
    ("funding_lines", "the plan's funding lines"),
    ("virements", "money moved between funding lines"),
    ("spend", "the documents that partners charge"),
    ("claims", "what partners claim line by line"),
    ("ledger", "the finance system's postings"),
];

/// Every field that the program asks for by name.
pub static FIELDS: [Known; 82] = [
    one(
        "actions",
        "ref",
        Reference,
        Always,
        "no report could be brought to its action",
    ),
    one(
        "actions",
        "priority",
        Priority,
        Told,
        "no column of the plan could say an action's priority",
    ),
    one(
        "actions",
        "objective",
        Text,
        Free,
        "objectives would not be read",
    ),
    one(
        "actions",
        "action",
        Text,
        Always,
        "the wording of the actions would not be read",
    ),
    one(
        "actions",
        "lead_agency",
        Agency,
        Free,
        "no action would have a lead",
    ),
    of(
        one(
            "actions",
            "publish",
            Choice,
            Free,
            "no column of the plan could keep an action out of the public version",
        ),
        &["yes", "no"],
    ),
    of(
        one(
            "actions",
            "sensitive",
            Choice,
            Free,
            "no column of the plan could say that a measure's small counts are sensitive",
        ),
        &["yes", "no"],
    ),
    one(
        "actions",
        "carried_from",
        Text,
        Free,
        "where an action was carried over from would not be read",
    ),
    one(
        "actions",
        "lead_officer",
        Text,
        Free,
        "lead officers would not be read",
    ),
    one(
        "actions",
        "partners",
        Agencies,
        Told,
        "nobody would support an action",
    ),
    one(
        "actions",
        "funding_lines",
        Lines,
        Told,
        "the lines that actions name would not be compared with the plan's",
    ),
    one(
        "actions",
        "due",
        Timescale,
        Told,
        "no action could be overdue",
    ),
    one(
        "actions",
        "success_measure",
        Text,
        Free,
        "success measures would not be read",
    ),
    one("actions", "unit", Text, Free, "units would not be read"),
    of(
        one(
            "actions",
            "basis",
            Choice,
            Told,
            "running totals could not be told from other figures",
        ),
        &["in-quarter", "year-to-date", "snapshot", "rolling"],
    ),
    of(
        one(
            "actions",
            "polarity",
            Choice,
            Told,
            "no success measure could be judged",
        ),
        &["higher", "lower", "band", "context"],
    ),
    one(
        "actions",
        "baseline",
        Number,
        Free,
        "baselines would not be read",
    ),
    one(
        "actions",
        "target",
        Number,
        Told,
        "no success measure could be judged",
    ),
    quarterly(one(
        "actions",
        "target",
        Number,
        Free,
        "quarterly targets would not be read",
    )),
    quarterly(one(
        "actions",
        "update",
        Text,
        Told,
        "the updates that the plan has already would not be read, nor the new ones written",
    )),
    quarterly(one(
        "actions",
        "status",
        Status,
        Told,
        "the statuses that the plan has already would not be read, nor the new ones written",
    )),
    quarterly(one(
        "actions",
        "value",
        Number,
        Told,
        "the values that the plan has already would not be read, nor the new ones written",
    )),
    one(
        "updates",
        "ref",
        Reference,
        Always,
        "no report could be brought to its action",
    ),
    one(
        "updates",
        "update",
        Text,
        Always,
        "what partners did would not be read",
    ),
    one(
        "updates",
        "status",
        Status,
        Always,
        "statuses would not be read",
    ),
    one(
        "updates",
        "value",
        Number,
        Told,
        "the values of success measures would not be read",
    ),
    one(
        "updates",
        "as_at",
        Date,
        Told,
        "the day to which a figure runs would not be read",
    ),
    one(
        "updates",
        "completed_on",
        Date,
        Told,
        "the day on which an action was completed would not be read",
    ),
    one(
        "updates",
        "next_steps",
        Text,
        Told,
        "next steps would not be read",
    ),
    one(
        "updates",
        "agency",
        Agency,
        Always,
        "earlier quarters' updates could not be read again from the consolidated workbook",
    ),
    one(
        "updates",
        "quarter",
        Text,
        Always,
        "earlier quarters' updates could not be read again from the consolidated workbook",
    ),
    one(
        "updates",
        "form_last_update",
        Text,
        Free,
        "forms would not show what was said last quarter",
    ),
    one(
        "funding_lines",
        "line",
        Line,
        Always,
        "no spend could be brought to its line",
    ),
    one(
        "funding_lines",
        "project",
        Text,
        Told,
        "no line could be told by its project",
    ),
    one(
        "funding_lines",
        "stream",
        Text,
        Told,
        "no column of the plan could say a line's stream",
    ),
    one(
        "funding_lines",
        "delivery_agency",
        Agency,
        Told,
        "nobody would deliver a line",
    ),
    one(
        "funding_lines",
        "allocation",
        Money,
        Always,
        "there would be no allocation to charge",
    ),
    of(
        one(
            "funding_lines",
            "approval",
            Choice,
            Told,
            "spend on a line that is not approved would count",
        ),
        &["proposed", "approved", "declined"],
    ),
    one(
        "funding_lines",
        "approved_on",
        Date,
        Told,
        "spend before a line's approval would count",
    ),
    of(
        one(
            "funding_lines",
            "kind",
            Choice,
            Told,
            "revenue lines could not be told from capital ones",
        ),
        &["revenue", "capital"],
    ),
    quarterly(one(
        "funding_lines",
        "spend",
        Money,
        Always,
        "what the plan's earlier quarters spent would not be read",
    )),
    one(
        "funding_lines",
        "forecast",
        Money,
        Told,
        "the plan's forecasts would not be read",
    ),
    one(
        "funding_lines",
        "match_cash",
        Money,
        Told,
        "match money would not be read",
    ),
    of(
        one(
            "funding_lines",
            "decision",
            Choice,
            Told,
            "what becomes of an underspend would not be read",
        ),
        &["return", "carry-forward"],
    ),
    one(
        "virements",
        "from_line",
        Line,
        Always,
        "money could not be taken from its line",
    ),
    one(
        "virements",
        "to_line",
        Line,
        Always,
        "money could not be brought to its line",
    ),
    one("virements", "amount", Money, Always, "no money would move"),
    one(
        "virements",
        "approved_by",
        Text,
        Told,
        "no virement could be approved",
    ),
    one(
        "virements",
        "approved_on",
        Date,
        Told,
        "the day of a virement's approval would not be read",
    ),
    one(
        "spend",
        "line",
        Line,
        Always,
        "no document could be brought to its line",
    ),
    one(
        "spend",
        "project",
        Text,
        Told,
        "no document could be brought to its line by its project",
    ),
    one(
        "spend",
        "document",
        Text,
        Always,
        "no document could be told from another",
    ),
    one(
        "spend",
        "supplier",
        Text,
        Told,
        "one invoice claimed twice could not be told",
    ),
    one(
        "spend",
        "document_date",
        Date,
        Always,
        "no document could be told to lie in its stream's period",
    ),
    one("spend", "amount", Money, Always, "no spend would be read"),
    one(
        "spend",
        "vat_amount",
        Money,
        Free,
        "an amount's VAT would not be compared with it",
    ),
    one(
        "spend",
        "gross_amount",
        Money,
        Free,
        "an amount's gross would not be compared with it",
    ),
    of(
        one(
            "spend",
            "vat_basis",
            Choice,
            Told,
            "gross amounts could not be told from net ones",
        ),
        &["net", "gross", "exempt"],
    ),
    of(
        one(
            "spend",
            "kind",
            Choice,
            Told,
            "orders, accruals, credits and help in kind would all count as paid",
        ),
        &[
            "actual",
            "accrual",
            "credit",
            "commitment",
            "capital",
            "in-kind",
        ],
    ),
    one(
        "spend",
        "description",
        Text,
        Told,
        "what was bought would not be read",
    ),
    one(
        "spend",
        "agency",
        Agency,
        Always,
        "earlier quarters' documents could not be read again from the consolidated workbook",
    ),
    one(
        "spend",
        "quarter",
        Text,
        Always,
        "earlier quarters' documents could not be read again from the consolidated workbook",
    ),
    one(
        "claims",
        "line",
        Line,
        Always,
        "no claim could be brought to its line",
    ),
    one(
        "claims",
        "project",
        Text,
        Told,
        "no claim could be brought to its line by its project",
    ),
    one(
        "claims",
        "this_quarter",
        Money,
        Always,
        "no claim would be read",
    ),
    one(
        "claims",
        "to_date",
        Money,
        Told,
        "what was claimed to date would not be compared",
    ),
    one(
        "claims",
        "forecast",
        Money,
        Told,
        "no forecast of a partner would be read",
    ),
    one(
        "claims",
        "explanation",
        Text,
        Told,
        "explanations of variances would not be read",
    ),
    one(
        "claims",
        "form_allocation",
        Money,
        Free,
        "forms would not show a line's allocation",
    ),
    one(
        "claims",
        "form_earlier",
        Money,
        Free,
        "forms would not show what was spent before",
    ),
    one(
        "ledger",
        "posting_date",
        Date,
        Always,
        "no posting could be told to lie in its quarter",
    ),
    one(
        "ledger",
        "line",
        Line,
        Always,
        "no posting could be brought to its line",
    ),
    one(
        "ledger",
        "document",
        Text,
        Always,
        "no posting could be brought to its claim",
    ),
    one(
        "ledger",
        "amount",
        Money,
        Always,
        "no posting would be read",
    ),
    one(
        "ledger",
        "supplier",
        Text,
        Told,
        "postings could not be told by their supplier",
    ),
    one(
        "ledger",
        "description",
        Text,
        Told,
        "what a posting is for would not be read",
    ),
    one(
        "ledger",
        "period",
        Text,
        Free,
        "a posting's period would not be read",
    ),
    one(
        "ledger",
        "project",
        Text,
        Free,
        "no posting could be brought to its line by its project",
    ),
    one(
        "ledger",
        "cost_centre",
        Text,
        Free,
        "no posting could be brought to its line by its cost centre",
    ),
    one(
        "ledger",
        "account",
        Text,
        Free,
        "no posting could be brought to its line by its account",
    ),
    one(
        "ledger",
        "debit",
        Money,
        Free,
        "debits could not be told from credits",
    ),
    one(
        "ledger",
        "credit",
        Money,
        Free,
        "credits could not be told from debits",
    ),
];

/// The fields of a table without which a row of money is held whole: a configuration may add to them.
#[must_use]
pub fn held_whole(table: &str) -> &'static [&'static str] {
    match table {
        "spend" => &["line", "document", "document_date", "amount", "kind"],
        "claims" => &["line", "this_quarter"],
        _ => &[],
    }
}

/// Every field that the program asks for by name.
pub fn all() -> impl Iterator<Item = &'static Known> {
    FIELDS.iter()
}

/// Those of one table.
pub fn of_table(table: &str) -> impl Iterator<Item = &'static Known> {
    all().filter(move |known| known.table == table)
}

/// The known field of this name, `q1_update` by its whole name.
#[must_use]
pub fn field(table: &str, field: &str) -> Option<&'static Known> {
    all().find(|known| known.is(table, field))
}

/// Whether the program knows a table of this name.
#[must_use]
pub fn is_table(name: &str) -> bool {
    TABLES.iter().any(|(known, _)| *known == name)
}

/// The titles by which outsiders know the fields, where they are other words than the name.
const TITLES: [(&str, &str, &str); 19] = [
    ("actions", "funding_lines", "Funding line(s)"),
    ("actions", "due", "Timescale"),
    ("updates", "update", "Progress this quarter"),
    ("updates", "value", "Measure value"),
    ("updates", "as_at", "Data as at"),
    ("updates", "form_last_update", "What you said last quarter"),
    ("funding_lines", "line", "Funding line"),
    ("funding_lines", "kind", "Revenue/capital"),
    ("funding_lines", "forecast", "Forecast outturn"),
    ("funding_lines", "match_cash", "Match (cash)"),
    ("spend", "line", "Funding line"),
    ("spend", "document", "Document ref"),
    ("claims", "line", "Funding line"),
    ("claims", "this_quarter", "Spend this quarter"),
    ("claims", "to_date", "Spend to date"),
    ("claims", "form_allocation", "Allocation for the year"),
    (
        "claims",
        "form_earlier",
        "Spent to date before this quarter",
    ),
    ("ledger", "line", "Funding line"),
    ("ledger", "document", "Document ref"),
];
