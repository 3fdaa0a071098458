//! Judgement: the catalogue of everything this program can say about a workbook, and the only place where findings are made.
//!
//! Invariant: stages state facts, rules judge them. A rule's predicate and what it holds are written once, in its file.

mod catalogue;
mod cells;
mod facts;
mod funding;
mod governance;
mod headings;
mod matching;
mod partner;
mod rest;
mod rows;
mod sink;
mod sources;

pub use catalogue::{CATALOGUE, codes, rule};
pub use facts::{
    CellFacts, Facts, FundingFacts, MatchingFacts, PlanRows, RowFacts, Run, SourceFacts, TableFacts,
};
pub use governance::{telling, withheld};
pub use partner::{Partner, Words};
pub use rest::bounded;
pub use sink::{CellAt, Hold, HoldTarget, Raised, Sink};

use rayon::prelude::*;

pub use crate::finding::{Answer, Decides};

use crate::finding::{Code, Severity};
use crate::funding::Ledger;
use crate::publish::Publication;
use crate::reconcile::Consolidation;
use crate::schema::Role;
use crate::source::{Source, SourceState};

/// One rule: what it says, how bad that is, what it holds, and its predicate.
#[derive(Debug)]
pub struct Rule {
    /// Its code, never reused.
    pub code: Code,
    /// Its name, which states the fault.
    pub name: &'static str,
    /// Its severity, unless the configuration says otherwise or the case is milder.
    pub severity: Severity,
    /// The most it holds.
    pub hold: Hold,
    /// What a decision about it can do.
    pub decides: Decides,
    /// What it finds, in a sentence.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A case, as a person would meet it.
    pub example: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// What the partner is told whose file it is in.
    pub partner: Partner,
    /// The predicate.
    pub check: Check,
}

/// On what a rule looks.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// One file and what it says of itself; judged first, for it may hold the whole return.
    Source(fn(&SourceFacts<'_>, &mut Sink<'_>)),
    /// The files of the run beside each other; judged with them.
    Files(fn(&Facts<'_>, &mut Sink<'_>)),
    /// What is in one file beside its tables.
    Sheets(fn(&SourceFacts<'_>, &mut Sink<'_>)),
    /// One table's headings and rows as a whole.
    Table(fn(&TableFacts<'_>, &mut Sink<'_>)),
    /// One record.
    Row(fn(&RowFacts<'_>, &mut Sink<'_>)),
    /// Values of one record against each other; judged once it is known what is held, and only on records that are not.
    Across(fn(&RowFacts<'_>, &mut Sink<'_>)),
    /// One cell of a record.
    Cell(fn(&CellFacts<'_>, &mut Sink<'_>)),
    /// Who sent what, over the whole run.
    Run(fn(&Facts<'_>, &mut Sink<'_>)),
    /// Reports against the plan.
    Matching(fn(&MatchingFacts<'_>, &mut Sink<'_>)),
    /// Single rows of money.
    FundingRow(fn(&FundingFacts<'_>, &mut Sink<'_>)),
    /// Sums of money.
    FundingTotal(fn(&FundingFacts<'_>, &mut Sink<'_>)),
    /// What would be shown to the public, where that is made.
    Published(fn(&Facts<'_>, &Publication, &mut Sink<'_>)),
    /// What is in one file beside its tables, as partners get it; and what would be shown to the public, in its place.
    Guarded {
        /// As partners get it.
        sheets: fn(&SourceFacts<'_>, &mut Sink<'_>),
        /// As the public would.
        published: fn(&Facts<'_>, &Publication, &mut Sink<'_>),
    },
}

/// Judges the files themselves.
#[must_use]
pub fn judge_sources(facts: &Facts<'_>) -> Vec<Raised> {
    let mut out = Vec::new();
    let judged: Vec<(&Source, bool)> = facts
        .sources
        .iter()
        // Last quarter's workbook was judged when it was made.
        .filter(|source| source.role != Role::Previous)
        .map(|source| (source, sources::is_copy(facts, source)))
        .collect();
    for rule in CATALOGUE {
        let mut sink = Sink::new(rule, facts, &mut out);
        match rule.check {
            Check::Source(check) => judged
                .iter()
                .filter(|(_, is_copy)| !is_copy || sources::is_said_of_copies(rule.code))
                .map(|(source, _)| *source)
                .for_each(|source| check(&SourceFacts { facts, source }, &mut sink)),
            Check::Files(check) => check(facts, &mut sink),
            Check::Sheets(_)
            | Check::Table(_)
            | Check::Row(_)
            | Check::Across(_)
            | Check::Cell(_)
            | Check::Run(_)
            | Check::Matching(_)
            | Check::FundingRow(_)
            | Check::FundingTotal(_)
            | Check::Published(_)
            | Check::Guarded { .. } => {}
        }
    }
    out
}

/// Judges headings, cells and rows of every file that is not out as a whole.
#[must_use]
pub fn judge_records(facts: &Facts<'_>) -> Vec<Raised> {
    judge_records_within(facts, usize::MAX).0
}

/// The same, up to so many findings, in the order of the files; then the files whose findings do not fit any more, of which nothing is
/// told here.
#[must_use]
pub fn judge_records_within(facts: &Facts<'_>, most: usize) -> (Vec<Raised>, Vec<usize>) {
    // Side by side, a few files at a time, so that what does not fit is not kept for long; what is found stands in the order of the files.
    const AT_A_TIME: usize = 64;
    let (mut out, mut beyond) = (Vec::new(), Vec::new());
    for sources in facts.sources.chunks(AT_A_TIME) {
        let found: Vec<(usize, Vec<Raised>)> = sources
            .par_iter()
            .filter(|source| is_judged(facts, source) && source.role != Role::Previous)
            .map(|source| {
                let mut out = Vec::new();
                judge_source_records(facts, source, &mut out);
                (source.index, bounded(out))
            })
            .collect();
        for (source, mut found) in found {
            if out.len().saturating_add(found.len()) <= most {
                out.append(&mut found);
            } else {
                beyond.push(source);
            }
        }
    }
    (out, beyond)
}

/// Whether a file's cells are judged: it is not out as a whole, or is checked on its own and only does not say who sent it.
fn is_judged(facts: &Facts<'_>, source: &Source) -> bool {
    let is_only_unsigned = !facts.run.is_merge
        && source.state == SourceState::Held
        && source.role == Role::Return
        && source.statement.agency.is_none();
    source.state == SourceState::Accepted || is_only_unsigned
}

fn judge_source_records(facts: &Facts<'_>, source: &Source, out: &mut Vec<Raised>) {
    for rule in CATALOGUE {
        let mut sink = Sink::new(rule, facts, out);
        match rule.check {
            Check::Sheets(check) => check(&SourceFacts { facts, source }, &mut sink),
            // What goes to the public is judged once it is known what that is.
            Check::Guarded { sheets, .. } if !facts.run.is_public => {
                sheets(&SourceFacts { facts, source }, &mut sink);
            }
            _ => {}
        }
    }
    for (table_index, table) in source.tables.iter().enumerate() {
        let Some(schema) = facts.run.schema.tables.get(table.layout.table) else {
            continue;
        };
        let table_facts = TableFacts {
            facts,
            source,
            table,
            table_index,
            schema,
        };
        // Rows that an earlier run judged already.
        if table_facts.is_history() {
            continue;
        }
        judge_table(&table_facts, out);
    }
    for answers in (SourceFacts { facts, source }).answers() {
        judge_cells(&answers, out);
    }
}

/// Judges answers as cells are judged.
fn judge_cells(table: &TableFacts<'_>, out: &mut Vec<Raised>) {
    for rule in CATALOGUE {
        let mut sink = Sink::new(rule, table.facts, out);
        match rule.check {
            Check::Cell(check) => {
                for row in table.rows() {
                    row.cells().for_each(|cell| check(&cell, &mut sink));
                }
            }
            Check::Source(_)
            | Check::Files(_)
            | Check::Sheets(_)
            | Check::Table(_)
            | Check::Row(_)
            | Check::Across(_)
            | Check::Run(_)
            | Check::Published(_)
            | Check::Guarded { .. }
            | Check::Matching(_)
            | Check::FundingRow(_)
            | Check::FundingTotal(_) => {}
        }
    }
}

/// Judges a table's headings, rows and cells in one pass over them; what is raised stands in the order of the rules.
fn judge_table(table: &TableFacts<'_>, out: &mut Vec<Raised>) {
    let facts = table.facts;
    let mut raised: Vec<Vec<Raised>> = CATALOGUE.iter().map(|_| Vec::new()).collect();
    let mut rows: Vec<RowCheck<'_>> = Vec::new();
    let mut cells: Vec<CellCheck<'_>> = Vec::new();
    for (rule, raised) in CATALOGUE.iter().zip(&mut raised) {
        let mut sink = Sink::new(rule, facts, raised);
        match rule.check {
            Check::Table(check) => check(table, &mut sink),
            Check::Row(check) => rows.push((check, sink)),
            Check::Cell(check) => cells.push((check, sink)),
            Check::Source(_)
            | Check::Files(_)
            | Check::Sheets(_)
            | Check::Across(_)
            | Check::Run(_)
            | Check::Matching(_)
            | Check::FundingRow(_)
            | Check::FundingTotal(_)
            | Check::Published(_)
            | Check::Guarded { .. } => {}
        }
    }
    for row in table.rows() {
        // What stands in the wrong column is told of already; what must not be passed on is told of wherever it stands.
        let is_out_of_place = row.is_out_of_place();
        for (check, sink) in &mut rows {
            if !is_out_of_place || sink.is_governance() {
                check(&row, sink);
            }
        }
        for cell in row.cells() {
            for (check, sink) in &mut cells {
                if !is_out_of_place || sink.is_governance() {
                    check(&cell, sink);
                }
            }
        }
    }
    drop((rows, cells));
    out.extend(raised.into_iter().flatten());
}

/// A rule of one record, and where what it raises goes.
type RowCheck<'a> = (fn(&RowFacts<'_>, &mut Sink<'_>), Sink<'a>);

/// A rule of one cell, and where what it raises goes.
type CellCheck<'a> = (fn(&CellFacts<'_>, &mut Sink<'_>), Sink<'a>);

/// Judges the values of each record against each other, records aside that are held by what was judged before.
#[must_use]
pub fn judge_across(facts: &Facts<'_>) -> Vec<Raised> {
    facts
        .sources
        .par_iter()
        .filter(|source| is_judged(facts, source))
        .flat_map_iter(|source| {
            let mut out = Vec::new();
            judge_source_across(facts, source, &mut out);
            out
        })
        .collect()
}

fn judge_source_across(facts: &Facts<'_>, source: &Source, out: &mut Vec<Raised>) {
    for table in (SourceFacts { facts, source }).tables() {
        if table.is_history() {
            continue;
        }
        for rule in CATALOGUE {
            let Check::Across(check) = rule.check else {
                continue;
            };
            let mut sink = Sink::new(rule, facts, out);
            table
                .rows()
                .filter(|row| !row.is_held())
                .for_each(|row| check(&row, &mut sink));
        }
    }
}

/// Judges reports against the plan, and who sent nothing.
#[must_use]
pub fn judge_matching(facts: &Facts<'_>, consolidation: &Consolidation) -> Vec<Raised> {
    let mut out = Vec::new();
    for rule in CATALOGUE {
        let mut sink = Sink::new(rule, facts, &mut out);
        match rule.check {
            Check::Run(check) => check(facts, &mut sink),
            Check::Matching(check) => check(
                &MatchingFacts {
                    facts,
                    consolidation,
                },
                &mut sink,
            ),
            Check::Source(_)
            | Check::Files(_)
            | Check::Sheets(_)
            | Check::Table(_)
            | Check::Row(_)
            | Check::Across(_)
            | Check::Cell(_)
            | Check::FundingRow(_)
            | Check::FundingTotal(_)
            | Check::Published(_)
            | Check::Guarded { .. } => {}
        }
    }
    out
}

/// Judges what would be shown to the public.
#[must_use]
pub fn judge_published(facts: &Facts<'_>) -> Vec<Raised> {
    let mut out = Vec::new();
    let Some(publication) = facts.publication else {
        return out;
    };
    for rule in CATALOGUE {
        let mut sink = Sink::new(rule, facts, &mut out);
        match rule.check {
            Check::Published(check)
            | Check::Guarded {
                published: check, ..
            } => check(facts, publication, &mut sink),
            _ => {}
        }
    }
    out
}

/// Judges single rows of money, or their sums once those rows are settled; of all sources, or of one on its own.
#[must_use]
pub fn judge_funding(
    facts: &Facts<'_>,
    ledger: &Ledger,
    only: Option<usize>,
    sums: bool,
) -> Vec<Raised> {
    let mut out = Vec::new();
    let funding = FundingFacts {
        facts,
        ledger,
        only,
    };
    for rule in CATALOGUE {
        let mut sink = Sink::new(rule, facts, &mut out);
        match rule.check {
            Check::FundingRow(check) if !sums => check(&funding, &mut sink),
            Check::FundingTotal(check) if sums => check(&funding, &mut sink),
            Check::FundingRow(_)
            | Check::FundingTotal(_)
            | Check::Source(_)
            | Check::Files(_)
            | Check::Sheets(_)
            | Check::Table(_)
            | Check::Row(_)
            | Check::Across(_)
            | Check::Cell(_)
            | Check::Run(_)
            | Check::Matching(_)
            | Check::Published(_)
            | Check::Guarded { .. } => {}
        }
    }
    out
}
