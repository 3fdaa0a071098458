//! The whole run: the one place that names every stage and judges between them.
//!
//! Invariant: sources are in one fixed order (plan, returns by path, ledger), so that the same inputs give the same result whatever order they came in.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;
use rust_decimal::Decimal;

use crate::decision::{Decision, Decisions, Effect, Standing};
use crate::finding::{Finding, Hold};
use crate::funding::{self, Ledger, MoneyTally, Sums};
use crate::reconcile::{self, Consolidation};
use crate::record::Tally;
use crate::rules::{self, Facts, HoldTarget, PlanRows, Raised, Run};
use crate::schema::{HeadingMatch, Role, Schema};
use crate::source::{Input, Source, SourceState};
use crate::value::amount::pounds;
use crate::value::period::Quarter;
use crate::value::reference;
use crate::value::text::{counted, fold};

/// What a run is asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The quarter, if one was named.
    pub quarter: Option<Quarter>,
    /// What today is: the library knows no clock.
    pub as_of: Date,
    /// Whether returns are merged into a plan, not files checked on their own.
    pub is_merge: bool,
}

/// Everything a run gives.
#[derive(Debug)]
pub struct Outcome {
    /// What was asked.
    pub options: Options,
    /// The files, in the order of the report.
    pub sources: Vec<Source>,
    /// Actions and reports.
    pub consolidation: Consolidation,
    /// Money.
    pub ledger: Ledger,
    /// Everything found, in the order of the report.
    pub findings: Vec<Finding>,
    /// What a person had settled beforehand.
    pub decisions: Decisions,
}

impl Outcome {
    /// Rows of every source but last quarter's workbook, which is only looked at.
    #[must_use]
    pub fn rows(&self) -> Tally {
        let mut out = Tally::default();
        for source in self
            .sources
            .iter()
            .filter(|source| source.role != Role::Previous)
        {
            out += source.tally();
        }
        out
    }

    /// Money of every source.
    #[must_use]
    pub fn money(&self) -> MoneyTally {
        let mut out = MoneyTally::default();
        for source in &self.sources {
            out += self.ledger.tally(source.index);
        }
        out
    }

    /// What became of a decision in this run.
    #[must_use]
    pub fn standing(&self, schema: &Schema, decision: &Decision) -> Standing {
        if self.decisions.is_expired(decision) {
            return Standing::Expired;
        }
        let is_from = |source: &Source| {
            decision.agency.is_none() || source.statement.agency == decision.agency
        };
        let typed = fold(&decision.written.typed);
        let is_used = match &decision.effect {
            Effect::Nothing => return Standing::Noted,
            Effect::Accepted => self
                .findings
                .iter()
                .any(|finding| finding.id == decision.written.finding),
            Effect::Field { table, field } => self
                .sources
                .iter()
                .filter(|source| is_from(source))
                .flat_map(|source| &source.tables)
                .filter(|found| found.layout.table == *table)
                .flat_map(|found| &found.layout.columns)
                .any(|column| {
                    column.field == *field
                        && column.basis == HeadingMatch::Decision
                        && fold(&column.heading.text) == typed
                }),
            Effect::Choice { table, field, .. } => self
                .sources
                .iter()
                .filter(|source| is_from(source))
                .flat_map(|source| &source.tables)
                .filter(|found| found.layout.table == *table)
                .any(|found| {
                    found
                        .records
                        .iter()
                        .filter_map(|record| found.cell(record, *field))
                        .any(|cell| fold(&cell.raw_text()) == typed)
                }),
            Effect::Action(action) => self.consolidation.reports.iter().any(|report| {
                let matched = report
                    .action
                    .and_then(|index| self.consolidation.actions.get(index));
                (decision.agency.is_none() || report.agency == decision.agency)
                    && matched.is_some_and(|found| *found.reference.key == **action)
                    && report.at.view(&self.sources, schema).is_some_and(|view| {
                        view.reference("ref").is_some_and(|found| {
                            *found.key == *reference::key(&decision.written.typed)
                        })
                    })
            }),
            Effect::Agency(agency) => self.consolidation.actions.iter().any(|action| {
                *action.reference.key == *reference::key(&decision.written.subject)
                    && action.reports.len() > 1
                    && action.reports.iter().any(|index| {
                        self.consolidation
                            .reports
                            .get(*index)
                            .is_some_and(|report| report.agency == Some(*agency))
                    })
            }),
        };
        if is_used {
            Standing::InForce
        } else {
            Standing::NotUsed
        }
    }

    /// Why a file is out as a whole: the finding that holds it, on itself or, where two returns stand against each other, on the other.
    #[must_use]
    pub fn why_out(&self, source: &Source) -> Option<&Finding> {
        let whole = |finding: &&Finding| finding.held == Hold::Return && finding.accepted.is_none();
        let own = |finding: &&Finding| finding.place.source == Some(source.index);
        let of_both = |finding: &&Finding| {
            finding
                .related
                .iter()
                .any(|place| place.source == Some(source.index))
        };
        if !source.is_out() {
            return None;
        }
        let held = || self.findings.iter().filter(whole);
        held().find(own).or_else(|| held().find(of_both))
    }

    /// Both sides of every sum of the run's money.
    #[must_use]
    pub fn sums(&self) -> Sums {
        funding::sums(&self.ledger, &self.sources, self.options.quarter)
    }

    /// Where rows, pennies or cells are not accounted for, each in a sentence; nothing where the run ties out. Every side is counted from
    /// its own end, so that what was lost on the way is a difference here.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let mut out = Vec::new();
        for source in self.sources.iter().filter(|s| s.role != Role::Previous) {
            let rows = source.tally();
            if !rows.ties_out() {
                out.push(format!(
                    "{}: {} read, but {} accepted, skipped or held.",
                    source.path,
                    counted(rows.read, "row was", "rows were"),
                    rows.accepted + rows.skipped + rows.held
                ));
            }
            let money = self.ledger.tally(source.index);
            if !money.ties_out() {
                out.push(format!(
                    "{}: {} read, but {} accepted, held or set aside.",
                    source.path,
                    pounds(money.read),
                    pounds(money.accepted + money.held + money.set_aside)
                ));
            }
            let sheets = source.workbook().map_or(&[][..], |book| &book.sheets);
            for (sheet, accounts) in sheets.iter().zip(source.accounts()) {
                if !accounts.ties_out() {
                    out.push(format!(
                        "{}{}: {}, of which {} accounted for.",
                        source.path,
                        sheet
                            .name
                            .as_deref()
                            .map(|name| format!(", sheet “{name}”"))
                            .unwrap_or_default(),
                        counted(accounts.filled, "cell is filled", "cells are filled"),
                        accounts.told()
                    ));
                }
            }
        }
        let sums = self.sums();
        let mut differ = |a: Decimal, said: &str, b: Decimal, other: &str| {
            if a != b {
                out.push(format!(
                    "{} {said}, but {} {other}: they differ by {}.",
                    pounds(a),
                    pounds(b),
                    pounds((a - b).abs())
                ));
            }
        };
        if self.options.is_merge {
            differ(
                sums.money.accepted,
                "of the returns is accepted",
                sums.charged,
                "stands on the funding lines",
            );
            differ(
                sums.money.held,
                "of the returns is held",
                sums.held_on_lines + sums.held_on_no_line,
                "is held on the funding lines and on none",
            );
        }
        differ(
            sums.cells + sums.read_by_decision,
            "stands in the amount cells of the returns",
            sums.money.read + sums.commitments + sums.itemised + sums.restated,
            "was read from them",
        );
        out
    }

    /// Whether the run ties out, in a sentence: what was read and what became of it, or where it differs.
    #[must_use]
    pub fn tie_out(&self) -> String {
        let differences = self.differences();
        if !differences.is_empty() {
            return format!(
                "IT DOES NOT TIE OUT. Do not use these figures, and tell whoever looks after the program. {}",
                differences.join(" ")
            );
        }
        let (rows, sums) = (self.rows(), self.sums());
        let cells: usize = self
            .sources
            .iter()
            .filter(|source| source.role != Role::Previous)
            .flat_map(Source::accounts)
            .map(|accounts| accounts.filled)
            .sum();
        let nought = Decimal::ZERO;
        let on_no_line = if self.options.is_merge && sums.held_on_no_line != nought {
            format!(" ({} of it on no line)", pounds(sums.held_on_no_line))
        } else {
            String::new()
        };
        let aside = if sums.money.set_aside == nought {
            String::new()
        } else {
            format!(" + {} set aside", pounds(sums.money.set_aside))
        };
        format!(
            "It ties out: {} read = {} used + {} passed over (totals, banners) + {} held; {} read = {} accepted + {} held{on_no_line}{aside}; {} accounted for.",
            counted(rows.read, "row", "rows"),
            rows.accepted,
            rows.skipped,
            rows.held,
            pounds(sums.money.read),
            pounds(sums.money.accepted),
            pounds(sums.money.held),
            match cells {
                1 => "the one filled cell is".to_owned(),
                _ => format!("all {cells} filled cells are"),
            }
        )
    }

    /// Whether every row, every penny and every filled cell is accounted for.
    #[must_use]
    pub fn ties_out(&self) -> bool {
        self.differences().is_empty()
    }
}

/// Runs every stage over files that were read already, with nothing settled beforehand.
#[must_use]
pub fn run(schema: &Schema, inputs: Vec<Input>, options: Options) -> Outcome {
    run_with(schema, inputs, options, Decisions::default())
}

/// Runs every stage over files that were read already, with what a person has settled.
#[must_use]
pub fn run_with(
    schema: &Schema,
    inputs: Vec<Input>,
    options: Options,
    decisions: Decisions,
) -> Outcome {
    // Side by side, in the order of the files.
    let sources = inputs
        .into_par_iter()
        .map(|input| prepare(schema, input, options, &decisions))
        .collect();
    run_prepared(schema, sources, options, decisions)
}

/// Lays out and decodes one file of a run, which needs no other. The cells that its records hold are let go of: a file that is prepared
/// as soon as it is read never stands in memory twice.
#[must_use]
pub fn prepare(schema: &Schema, input: Input, options: Options, decisions: &Decisions) -> Source {
    let quarter = options.quarter.map(|q| q.number);
    // Its place among the files is known once all are there.
    let mut source = Source::with(0, input, schema, quarter, decisions);
    source.slim();
    source
}

/// Runs the stages after [`prepare`], over all files of a run.
#[must_use]
pub fn run_prepared(
    schema: &Schema,
    mut sources: Vec<Source>,
    options: Options,
    decisions: Decisions,
) -> Outcome {
    number(&mut sources, options);
    let has_returns = sources.iter().any(|source| source.role == Role::Return);
    let run = Run {
        schema,
        quarter: options.quarter,
        as_of: options.as_of,
        is_merge: options.is_merge,
        has_returns,
        decisions: &decisions,
    };
    let plan = &PlanRows::of(&sources, schema);
    let mut raised = Vec::new();

    let found = rules::judge_sources(&Facts {
        run,
        sources: &sources,
        plan,
    });
    hold(&mut sources, &found, schema);
    raised.extend(found);

    let found = rules::judge_records(&Facts {
        run,
        sources: &sources,
        plan,
    });
    hold(&mut sources, &found, schema);
    raised.extend(found);

    raised.extend(rules::judge_across(&Facts {
        run,
        sources: &sources,
        plan,
    }));

    let mut consolidation = Consolidation::default();
    let mut ledger = Ledger::default();
    if options.is_merge {
        consolidation = reconcile::matched(&sources, schema, options.quarter);
        reconcile::take_up_references(&mut consolidation, &sources, schema, &decisions);
        let found = rules::judge_matching(
            &Facts {
                run,
                sources: &sources,
                plan,
            },
            &consolidation,
        );
        hold(&mut sources, &found, schema);
        raised.extend(found);
        reconcile::settle(
            &mut consolidation,
            &sources,
            schema,
            options.quarter,
            &decisions,
        );

        ledger = settle_money(&mut sources, &mut raised, run, plan, None);
    } else {
        // Each file on its own: nothing is brought to the lines of another file.
        for index in 0..sources.len() {
            let own = settle_money(&mut sources, &mut raised, run, plan, Some(index));
            ledger.entries.extend(own.entries);
            ledger.claims.extend(own.claims);
        }
    }

    let findings = in_order(raised);
    Outcome {
        options,
        sources,
        consolidation,
        ledger,
        findings,
        decisions,
    }
}

/// Judges rows of money, adds up what is left, and judges the sums: of the whole run, or of one file on its own.
fn settle_money(
    sources: &mut [Source],
    raised: &mut Vec<Raised>,
    run: Run<'_>,
    plan: &PlanRows,
    only: Option<usize>,
) -> Ledger {
    let schema = run.schema;
    let of = |sources: &'_ [Source]| match only {
        Some(index) => index..index + 1,
        None => 0..sources.len(),
    };
    let mut ledger = funding::gather(sources.get(of(sources)).unwrap_or_default(), schema);
    let facts = Facts { run, sources, plan };
    let found = rules::judge_funding(&facts, &ledger, only, false);
    hold(sources, &found, schema);
    raised.extend(found);
    funding::refresh(&mut ledger, sources, schema);
    let own = sources.get(of(sources)).unwrap_or_default();
    funding::balance(&mut ledger, own, schema, run.quarter);
    let facts = Facts { run, sources, plan };
    raised.extend(rules::judge_funding(&facts, &ledger, only, true));
    ledger
}

/// Puts the files in their order: the plan first, then returns by path, code point by code point.
fn number(sources: &mut [Source], options: Options) {
    let rank = |role: Role| match role {
        Role::Plan => 0,
        Role::Return => 1,
        Role::Ledger => 2,
        Role::Previous => 3,
    };
    if options.is_merge {
        sources.sort_by(|a, b| (rank(a.role), &a.path).cmp(&(rank(b.role), &b.path)));
    }
    for (index, source) in sources.iter_mut().enumerate() {
        source.index = index;
    }
}

/// Applies what findings hold.
fn hold(sources: &mut [Source], raised: &[Raised], schema: &Schema) {
    for target in raised
        .iter()
        .filter(|r| r.finding.accepted.is_none())
        .flat_map(|r| &r.holds)
    {
        apply(sources, *target, schema);
    }
}

fn apply(sources: &mut [Source], target: HoldTarget, schema: &Schema) {
    match target {
        HoldTarget::Return { source } => {
            // The plan itself is never left out: a fault in it is written as found and marked.
            if let Some(source) = sources
                .get_mut(source)
                .filter(|s| s.state == SourceState::Accepted && s.role != Role::Plan)
            {
                source.state = SourceState::Held;
            }
        }
        HoldTarget::Superseded { source } => {
            if let Some(source) = sources.get_mut(source).filter(|s| s.role != Role::Plan) {
                source.state = SourceState::Superseded;
            }
        }
        HoldTarget::Table { source, table } => {
            if let Some(table) = sources
                .get_mut(source)
                .and_then(|s| s.tables.get_mut(table))
            {
                table.is_held = true;
            }
        }
        HoldTarget::Column {
            source,
            table,
            field,
        } => {
            let Some(table) = sources
                .get_mut(source)
                .and_then(|s| s.tables.get_mut(table))
            else {
                return;
            };
            let falls = schema.tables.get(table.layout.table).is_some_and(|s| {
                s.fields
                    .get(field)
                    .is_some_and(|field| s.row_held_with.contains(&field.name))
            });
            let Some(position) = table.position(field) else {
                return;
            };
            for record in &mut table.records {
                if let Some(cell) = record.cells.get_mut(position) {
                    cell.hold();
                }
                record.is_held |= falls;
            }
        }
        HoldTarget::Row {
            source,
            table,
            record,
        } => {
            if let Some(record) = sources
                .get_mut(source)
                .and_then(|s| s.tables.get_mut(table))
                .and_then(|t| t.records.get_mut(record))
            {
                record.is_held = true;
            }
        }
        HoldTarget::Value {
            source,
            table,
            record,
            field,
        } => {
            let Some(table) = sources
                .get_mut(source)
                .and_then(|s| s.tables.get_mut(table))
            else {
                return;
            };
            let Some(position) = table.position(field) else {
                return;
            };
            if let Some(cell) = table
                .records
                .get_mut(record)
                .and_then(|r| r.cells.get_mut(position))
            {
                cell.hold();
            }
        }
    }
}

/// The report's order: source, sheet, row, column, code. Findings that share an id are told apart by their order.
fn in_order(raised: Vec<Raised>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = raised.into_iter().map(|raised| raised.finding).collect();
    findings.sort_by(|a, b| {
        let key = |f: &Finding| {
            let sheet = f.place.sheet.as_ref().map(|(index, _)| *index);
            let first = f.place.range.map(|range| range.first);
            // What no file says comes last.
            (
                f.place.source.is_none(),
                f.place.source,
                sheet,
                first,
                f.code,
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.raw.cmp(&b.raw))
            .then_with(|| a.field.cmp(&b.field))
    });
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &mut findings {
        let count = seen.entry(finding.id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.id = format!("{}-{count}", finding.id);
        }
    }
    findings
}
