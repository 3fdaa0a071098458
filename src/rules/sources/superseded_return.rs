//! `S006` **superseded-return**: a newer return reports the same.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::sink::{record_name, who};
use super::{duplicate_file, partner_mismatch, wrong_quarter};
use crate::finding::{Code, Severity};
use crate::record::{Decoded, View};
use crate::rules::{
    Answer, Check, Decides, Facts, Hold, Partner, RowFacts, Rule, Sink, SourceFacts, Words,
};
use crate::schema::Role;
use crate::source::{Source, Statement, Version};
use crate::value::amount::pounds;
use crate::value::{date, reference};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S006"),
    name: "superseded-return",
    severity: Severity::Warning,
    hold: Hold::Return,
    decides: Decides::Answer(Answer::File),
    summary: "A newer return from the same partner reports the same actions, documents or claims; an error where nothing tells which is newer.",
    why: "A corrected return must replace the first one; both together would count its money twice.",
    example: "`Kent Police Q2.xlsx` and `Kent Police Q2 v2.xlsx`, both with a row for SAC-01.",
    fix: "Nothing, if the newer one is right. Where nothing tells, ask the partner which stands and remove the other.",
    partner: Partner::Worded(&[Words {
        case: "neither is newer",
        message: "You sent {own file} and {other file}, which report the same, and nothing tells which is newer. Neither was used.",
        fix: "Tell us which of the two stands.",
    }]),
    check: Check::Files(check),
};

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.run.schema;
    let returns = standing(facts);
    for (at, own) in returns.iter().enumerate() {
        let source = own.source;
        if let Some(newest) = newest(&returns, own, facts) {
            let is_decided = newest.stands_over.contains(&source.index);
            let evidence = age(newest, source).map(|(_, evidence)| evidence);
            let why = match evidence {
                Some(Evidence::Date) => newest
                    .returned_on()
                    .map(|day| format!("it is dated {}", date::long(day)))
                    .unwrap_or_default(),
                Some(Evidence::Version) => "it states a later version".to_owned(),
                Some(Evidence::Name) => "its name carries a later mark".to_owned(),
                Some(Evidence::Day) => "its name carries a later day".to_owned(),
                None => String::new(),
            };
            sink.source(source, source.place())
                .key(&source.sha256)
                .superseded(source)
                .case("replaced")
                .related(newest.place())
                .report(
                    if is_decided {
                        format!(
                            "{} reports the same in {}, and it was decided that that file stands. This one was set aside.",
                            who(schema, source),
                            newest.path
                        )
                    } else {
                    format!(
                        "{} reports the same in {}, which is newer: {why}. This file was replaced by it and set aside.{}",
                        who(schema, source),
                        newest.path,
                        only_here(&returns, own, facts)
                    )
                    },
                    "If the newer file is right, nothing. If this one should stand, remove the other and run again.",
                );
            continue;
        }
        let equal = returns
            .iter()
            .take(at)
            .find(|other| own.is_rival(other, facts) && newest(&returns, other, facts).is_none());
        if let Some(other) = equal {
            sink.source(source, source.place())
.key(&source.sha256)
                .severity(Severity::Error)
                .case("neither is newer")
                .with("own file", other.source.file_name())
                .with("other file", source.file_name())
                .hold_return(other.source.index)
                .related(other.source.place())
                .report(
                    format!(
                        "{} reports the same here and in {}, and nothing tells which is newer. Neither was used.",
                        who(schema, source),
                        other.source.path
                    ),
                    "Ask the partner which of the two stands; remove the other, or have a date of return or a version written in both.",
                );
        }
    }
}

/// A return that another of its partner may replace.
struct Standing<'a> {
    source: &'a Source,
    /// What it reports: the table and the reference, or the line and document, of each row that says something.
    reported: BTreeSet<(usize, String)>,
}

impl Standing<'_> {
    /// Whether another return of the same partner and quarter reports something of what this one reports.
    fn is_rival(&self, other: &Self, facts: &Facts<'_>) -> bool {
        let (a, b) = (&self.source.statement, &other.source.statement);
        self.source.index != other.source.index
            && a.agency == b.agency
            && is_same_period(facts, a, b)
            && !self.reported.is_disjoint(&other.reported)
    }
}

/// The returns that may stand, with what they report; a partner's only one has no rival.
fn standing<'a>(facts: &Facts<'a>) -> Vec<Standing<'a>> {
    let all: Vec<&Source> = facts
        .sources
        .iter()
        .filter(|source| may_stand(facts, source))
        .collect();
    let has_another = |source: &Source| {
        all.iter().any(|other| {
            other.index != source.index && other.statement.agency == source.statement.agency
        })
    };
    all.iter()
        .filter(|source| has_another(source))
        .map(|source| Standing {
            source,
            reported: reported(facts, source),
        })
        .collect()
}

/// Whether a file is a return of a known partner for the run's quarter, as far as it says.
fn may_stand(facts: &Facts<'_>, source: &Source) -> bool {
    source.role == Role::Return
        && source.workbook().is_some()
        && source.statement.agency.is_some()
        && duplicate_file::original(facts, source).is_none()
        && partner_mismatch::names(facts, source).is_none()
        && !wrong_quarter::says_another(facts, source)
}

/// In a run for a quarter, what says nothing is taken as that quarter's; without one, only the same words are the same.
fn is_same_period(facts: &Facts<'_>, a: &Statement, b: &Statement) -> bool {
    facts.run.quarter.is_some()
        || (a.quarter.is_some()
            && a.quarter == b.quarter
            && (a.year == b.year || a.year.is_none() || b.year.is_none()))
}

fn reported(facts: &Facts<'_>, source: &Source) -> BTreeSet<(usize, String)> {
    let facts = SourceFacts { facts, source };
    let mut out = BTreeSet::new();
    for table in facts.tables() {
        out.extend(
            table
                .rows()
                .filter_map(|row| Some((table.table.layout.table, subject(&row)?))),
        );
    }
    out
}

/// What a row reports on, unless it only names it: a form's row that was left empty reports nothing.
fn subject(row: &RowFacts<'_>) -> Option<String> {
    let keys = &row.table.schema.primary_key;
    let keys: Vec<&str> = if keys.is_empty() {
        vec!["line", "document"]
    } else {
        keys.iter().map(String::as_str).collect()
    };
    let says_something = row.cells().any(|cell| {
        !cell.cell.is_empty()
            && !cell.field.is_restated
            && !keys.contains(&cell.field.name.as_str())
    });
    if !says_something {
        return None;
    }
    let view = row.view();
    let parts: Option<Vec<String>> = keys.iter().map(|key| part(&view, key)).collect();
    parts.map(|parts| parts.join("\u{1f}"))
}

fn part(view: &View<'_>, field: &str) -> Option<String> {
    if let Some(reference) = view.reference(field) {
        return Some(reference.key.to_string());
    }
    let cell = view.cell(field).filter(|cell| !cell.is_empty())?;
    Some(reference::key(&cell.raw_text()))
}

fn is_newer(a: &Source, b: &Source) -> bool {
    age(a, b).is_some_and(|(order, _)| order == Ordering::Greater)
}

/// How many of the rows that only an older return holds are named.
const NAMED_MAX: usize = 6;

/// What only the older return holds, and the newer ones leave out: the rows, and what they claim.
fn only_here(returns: &[Standing<'_>], own: &Standing<'_>, facts: &Facts<'_>) -> String {
    let newer = |key: &(usize, String)| {
        returns
            .iter()
            .filter(|other| is_newer(other.source, own.source) && own.is_rival(other, facts))
            .any(|other| other.reported.contains(key))
    };
    let mut names = Vec::new();
    let mut money = Decimal::ZERO;
    let source = SourceFacts {
        facts,
        source: own.source,
    };
    for table in source.tables() {
        for row in table.rows() {
            let Some(subject) = subject(&row) else {
                continue;
            };
            if newer(&(table.table.layout.table, subject)) {
                continue;
            }
            let view = row.view();
            let document = view.cell("document").map(Decoded::raw_text);
            names.push(
                [Some(record_name(&view)), document]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" "),
            );
            let is_order = view.choice_value("kind") == Some("commitment");
            let amount = view
                .any_amount("amount")
                .or_else(|| view.any_amount("this_quarter"));
            money += amount.filter(|_| !is_order).unwrap_or_default();
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    let mut out = format!(" Only this file holds {}", names.join(", "));
    if more > 0 {
        let _ = write!(out, " and {more} more");
    }
    if !money.is_zero() {
        let _ = write!(out, ", with {}", pounds(money));
    }
    out + ": none of that was used."
}

/// The newest of the rivals that are newer than a return.
fn newest<'a>(
    returns: &[Standing<'a>],
    own: &Standing<'a>,
    facts: &Facts<'_>,
) -> Option<&'a Source> {
    let is_newer = |a: &Source, b: &Source| {
        if a.stands_over.contains(&b.index) {
            return true;
        }
        !b.stands_over.contains(&a.index) && is_newer(a, b)
    };
    returns
        .iter()
        .filter(|other| is_newer(other.source, own.source) && own.is_rival(other, facts))
        .map(|other| other.source)
        .reduce(|a, b| if is_newer(b, a) { b } else { a })
}

/// On what it rests that one return is newer than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    /// Their stated dates.
    Date,
    /// Their stated versions.
    Version,
    /// The marks in their names.
    Name,
    /// The days in their names.
    Day,
}

/// How a return stands to another in time. The first that differs decides: the day that both state, the version, the mark in the name,
/// the day in the name.
fn age(newer: &Source, older: &Source) -> Option<(Ordering, Evidence)> {
    let (a, b) = (&newer.statement, &older.statement);
    let days = |a: Option<Date>, b: Option<Date>| match (a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => Ordering::Equal,
    };
    let (mark, other) = (&a.name_mark, &b.name_mark);
    let by_name = versions(mark.version.as_ref(), other.version.as_ref())
        .then_with(|| mark.is_corrected.cmp(&other.is_corrected));
    [
        (
            days(newer.returned_on(), older.returned_on()),
            Evidence::Date,
        ),
        (
            versions(a.version.as_ref(), b.version.as_ref()),
            Evidence::Version,
        ),
        (by_name, Evidence::Name),
        (days(mark.day, other.day), Evidence::Day),
    ]
    .into_iter()
    .find(|(order, _)| *order != Ordering::Equal)
}

/// Beside a second version, a file without a mark is the first.
fn versions(a: Option<&Version>, b: Option<&Version>) -> Ordering {
    let first = Version::first();
    a.unwrap_or(&first).cmp(b.unwrap_or(&first))
}
