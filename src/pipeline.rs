//! The whole run: the one place that names every stage and judges between them.
//!
//! Invariant: sources are in one fixed order (plan, returns by path, ledger), so that the same inputs give the same result whatever order they came in.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::Date;
use rayon::prelude::*;
use rust_decimal::Decimal;

use crate::decision::{self, Decision, Decisions, Received};
use crate::finding::{Finding, Hold};
use crate::funding::{self, Ledger, MoneyTally, Sums};
use crate::layout;
use crate::publish::earlier::Earlier;
use crate::publish::{self, Publication, Released, Target};
use crate::read::{Limits, Room};
use crate::reconcile::{self, Consolidation};
use crate::record::Tally;
use crate::rules::{self, Facts, HoldTarget, PlanRows, Raised, Run};
use crate::schema::{Role, Schema};
use crate::settlement::{self, Change, Settled, Settlement};
use crate::source::{Input, Source, SourceState};
use crate::value::amount::pounds;
use crate::value::period::Quarter;
use crate::value::text::counted;
use crate::watch::{Step, Stopped, Watch};

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
    /// When returns of the quarter arrived, as the officer recorded it.
    pub receipts: Vec<Received>,
    /// What became of that.
    pub settled: Settled,
    /// What may be shown to the public, where that was asked.
    pub publication: Option<Publication>,
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

    /// Why nothing can be made of the run: a file that it cannot do without holds no actions; nothing where each does.
    #[must_use]
    pub fn lacks_actions(&self, schema: &Schema) -> Option<String> {
        self.sources.iter().find_map(|source| {
            let what = needed(source.role)?;
            let has_actions = source.tables_named(schema, "actions").next().is_some();
            (!has_actions).then(|| {
                format!(
                    "no table of actions was found in {what} {}. It needs headings such as Ref, Action and Lead agency in one row; `csp-bridge inspect` shows what was seen.",
                    source.path
                )
            })
        })
    }

    /// A finding by its id, those that an answer mended among them.
    #[must_use]
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        let answered = self.settled.answered.iter().map(|(finding, _)| finding);
        let mut all = self.findings.iter().chain(answered);
        all.find(|finding| finding.id == id)
    }

    /// How many findings are noted: they are on no list.
    #[must_use]
    pub fn noted(&self) -> usize {
        self.findings.iter().filter(|f| f.is_noted()).count()
    }

    /// Why a file is out as a whole: the finding that holds it, on itself or, where two returns stand against each other, on the other.
    #[must_use]
    pub fn why_out(&self, source: &Source) -> Option<&Finding> {
        let whole = |finding: &&Finding| finding.held == Hold::Return;
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
        let unknown = match self.ledger.unknown_amounts() {
            0 => String::new(),
            rows => format!(
                ", and {} without an amount that could be read",
                counted(rows, "held row", "held rows")
            ),
        };
        let aside = if sums.money.set_aside == nought {
            String::new()
        } else {
            format!(" + {} set aside", pounds(sums.money.set_aside))
        };
        format!(
            "It ties out: {} read = {} used + {} passed over (totals, banners) + {} held; {} read = {} accepted + {} held{on_no_line}{aside}{unknown}; {} accounted for.",
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

/// What a file is called in a sentence, where the run cannot do without it.
fn needed(role: Role) -> Option<&'static str> {
    match role {
        Role::Plan => Some("the plan"),
        Role::Previous => Some("last quarter's workbook"),
        Role::Return | Role::Ledger => None,
    }
}

/// Why no run can be made of these files: one that it cannot do without cannot be read; nothing where each can.
#[must_use]
pub fn lacks_file(sources: &[Source]) -> Option<String> {
    sources.iter().find_map(|source| {
        let (what, why) = (needed(source.role)?, source.read.as_ref().err()?);
        Some(format!("{what} {} cannot be read: {why}", source.path))
    })
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
    sources: Vec<Source>,
    options: Options,
    decisions: Decisions,
) -> Outcome {
    match run_watched(schema, sources, options, decisions, &Watch::nobody()) {
        Ok(outcome) => outcome,
        Err(Stopped) => unreachable!("a run that nobody watches is stopped by nobody"),
    }
}

/// The same, with somebody looking on, who may stop it between two stages.
///
/// # Errors
/// That it was stopped.
pub fn run_watched(
    schema: &Schema,
    sources: Vec<Source>,
    options: Options,
    decisions: Decisions,
    watch: &Watch<'_>,
) -> Result<Outcome, Stopped> {
    run_stages(schema, sources, options, decisions, None, watch)
}

/// The same, and then what of it may be shown to the public beside the sets that are out.
///
/// # Errors
/// That it was stopped.
pub fn publish(
    schema: &Schema,
    sources: Vec<Source>,
    options: Options,
    decisions: Decisions,
    earlier: &[Earlier],
    watch: &Watch<'_>,
) -> Result<Outcome, Stopped> {
    run_stages(schema, sources, options, decisions, Some(earlier), watch)
}

fn run_stages(
    schema: &Schema,
    mut sources: Vec<Source>,
    options: Options,
    decisions: Decisions,
    earlier: Option<&[Earlier]>,
    watch: &Watch<'_>,
) -> Result<Outcome, Stopped> {
    watch.step(Step::Judging)?;
    number(&mut sources, options);
    pass_over(&mut sources, schema, options);
    let (receipts, wrong) = receipts(&sources, schema, options, &decisions);
    let decisions = decisions.with(wrong);
    let mut stages = Stages {
        schema,
        options,
        watch,
        receipts,
        plan: PlanRows::of(&sources, schema),
        sources,
        consolidation: Consolidation::default(),
        ledger: Ledger::default(),
        settlement: Settlement::new(&decisions, schema, options.quarter, options.is_merge),
        raised: Vec::new(),
        earlier,
        released: Released::new(),
        publication: None,
    };
    stages.receive();
    stages.judge(&|stages| rules::judge_sources(&stages.facts()), &|_| {})?;
    let found = RefCell::new(Some(stages.judge_records_within_limits(&decisions)));
    stages.judge(
        &|stages| {
            let found = found.take();
            found.unwrap_or_else(|| rules::judge_records(&stages.facts()))
        },
        &|_| {},
    )?;
    stages.judge(&|stages| rules::judge_across(&stages.facts()), &|_| {})?;

    let mut ledger = Ledger::default();
    if options.is_merge {
        stages.consolidation = reconcile::matched(&stages.sources, schema, options.quarter);
        stages.judge(
            &|stages| rules::judge_matching(&stages.facts(), &stages.consolidation),
            &Stages::match_again,
        )?;
        reconcile::settle(
            &mut stages.consolidation,
            &stages.sources,
            schema,
            options.quarter,
        );
        stages.settle_money(None)?;
        ledger = std::mem::take(&mut stages.ledger);
    } else {
        // Each file on its own: nothing is brought to the lines of another file.
        for index in 0..stages.sources.len() {
            stages.settle_money(Some(index))?;
            let own = std::mem::take(&mut stages.ledger);
            ledger.entries.extend(own.entries);
            ledger.claims.extend(own.claims);
        }
    }

    stages.publish(&ledger)?;
    let Stages {
        sources,
        consolidation,
        settlement,
        raised,
        publication,
        receipts,
        ..
    } = stages;
    let settled = settlement.finish(&sources);
    Ok(Outcome {
        options,
        sources,
        consolidation,
        ledger,
        findings: in_order(raised),
        decisions,
        receipts,
        settled,
        publication,
    })
}

/// A run between its stages: each is judged, what was decided of its findings is taken up, and what they hold is kept out of the next.
struct Stages<'a> {
    schema: &'a Schema,
    options: Options,
    watch: &'a Watch<'a>,
    receipts: Vec<Received>,
    plan: PlanRows,
    sources: Vec<Source>,
    consolidation: Consolidation,
    ledger: Ledger,
    settlement: Settlement<'a>,
    raised: Vec<Raised>,
    /// The sets that are out, where the run is for the public.
    earlier: Option<&'a [Earlier]>,
    released: Released,
    publication: Option<Publication>,
}

impl Stages<'_> {
    fn facts(&self) -> Facts<'_> {
        facts(
            self.schema,
            self.options,
            &self.sources,
            &self.plan,
            self.publication.as_ref(),
            self.earlier.is_some(),
        )
    }

    /// Judges the records. Files whose findings are more than all files of a run may have together are refused, in the order of the
    /// sources, and the others are merged.
    fn judge_records_within_limits(&mut self, decisions: &Decisions) -> Vec<Raised> {
        let most = Limits::STATED.run.findings;
        let (mut found, beyond) = rules::judge_records_within(&self.facts(), most);
        let mut refused = BTreeSet::new();
        for index in beyond {
            let Some(source) = self.sources.get_mut(index).filter(|s| s.role != Role::Plan) else {
                continue;
            };
            let input = Input {
                path: source.path.clone(),
                sha256: source.sha256.clone(),
                role: Some(source.role),
                is_from_folder: source.is_from_folder,
                read: Err(Room::full(&format!("{most} findings"))),
            };
            *source = prepare(self.schema, input, self.options, decisions);
            source.index = index;
            refused.insert(index);
        }
        if !refused.is_empty() {
            self.plan = PlanRows::of(&self.sources, self.schema);
            let told = rules::judge_sources(&self.facts()).into_iter();
            found.extend(told.filter(|raised| {
                let of = raised.finding.place.source;
                raised.finding.held == Hold::Return && of.is_some_and(|of| refused.contains(&of))
            }));
        }
        found
    }

    /// Judges a stage, again and again while what was decided changes what it rests on, and keeps out what is held in the end.
    fn judge(
        &mut self,
        stage: &dyn Fn(&Self) -> Vec<Raised>,
        anew: &dyn Fn(&mut Self),
    ) -> Result<(), Stopped> {
        let mut before = Vec::new();
        loop {
            self.watch.go_on()?;
            let found = rules::bounded(stage(self));
            let Self {
                schema,
                options,
                sources,
                plan,
                publication,
                settlement,
                earlier,
                ..
            } = &mut *self;
            let facts = facts(
                schema,
                *options,
                sources,
                plan,
                publication.as_ref(),
                earlier.is_some(),
            );
            let tells = |target: &Target, words: &str| tells(&facts, target, words);
            let (all, changes) = settlement.consider(found, before, sources, &tells);
            if changes.is_empty() {
                let found = self.settlement.close(all);
                hold(&mut self.sources, &found, self.schema);
                self.raised.extend(found);
                return Ok(());
            }
            self.apply(changes);
            anew(self);
            before = all
                .into_iter()
                .filter(settlement::Considered::is_done)
                .collect();
        }
    }

    /// Says what may be shown to the public, and judges it; again, while it is decided that more is.
    fn publish(&mut self, ledger: &Ledger) -> Result<(), Stopped> {
        let (Some(_), Some(_)) = (self.earlier, self.options.quarter) else {
            return Ok(());
        };
        self.draft(ledger);
        self.judge(
            &|stages| rules::judge_published(&stages.facts()),
            &|stages| {
                stages.draft(ledger);
            },
        )?;
        let withheld = self.publication.as_ref().map(|publication| {
            let is_released = |target: &Target| self.released.contains_key(target);
            rules::withheld(&self.facts(), publication, is_released)
        });
        if let Some((publication, withheld)) = self.publication.as_mut().zip(withheld) {
            publication.withheld = withheld;
        }
        Ok(())
    }

    fn draft(&mut self, ledger: &Ledger) {
        let (Some(earlier), Some(quarter)) = (self.earlier, self.options.quarter) else {
            return;
        };
        let made = publish::publication(&publish::Inputs {
            sources: &self.sources,
            consolidation: &self.consolidation,
            ledger,
            schema: self.schema,
            quarter,
            earlier,
            released: &self.released,
        });
        self.publication = Some(made);
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            if let Change::Publish(target, wording) = &change {
                self.released.insert(target.clone(), wording.clone());
                continue;
            }
            settlement::apply(
                change,
                &mut self.sources,
                &mut self.consolidation,
                &self.settlement,
            );
        }
        pass_over(&mut self.sources, self.schema, self.options);
        self.receive();
        self.plan = PlanRows::of(&self.sources, self.schema);
    }

    /// Dates returns by what the officer recorded of them.
    fn receive(&mut self) {
        for source in self.sources.iter_mut().filter(|s| s.role == Role::Return) {
            let name = source.file_name().to_owned();
            source.received_on =
                decision::received_on(&self.receipts, source.statement.agency, &name);
        }
    }

    /// Matches reports to actions anew, after a decision brought some elsewhere.
    fn match_again(&mut self) {
        let decided = std::mem::take(&mut self.consolidation.decided);
        self.consolidation = reconcile::matched(&self.sources, self.schema, self.options.quarter);
        self.consolidation.decided = decided;
    }

    /// Judges rows of money, adds up what is left, and judges the sums: of the whole run, or of one file on its own.
    fn settle_money(&mut self, only: Option<usize>) -> Result<(), Stopped> {
        let gather = |stages: &mut Self| {
            stages.ledger = funding::gather(own(&stages.sources, only), stages.schema);
        };
        gather(self);
        self.judge(
            &|stages| rules::judge_funding(&stages.facts(), &stages.ledger, only, false),
            &gather,
        )?;
        funding::refresh(&mut self.ledger, &self.sources, self.schema);
        funding::balance(
            &mut self.ledger,
            own(&self.sources, only),
            self.schema,
            self.options.quarter,
        );
        self.judge(
            &|stages| rules::judge_funding(&stages.facts(), &stages.ledger, only, true),
            &|_| {},
        )
    }
}

/// What the rules look at.
fn facts<'a>(
    schema: &'a Schema,
    options: Options,
    sources: &'a [Source],
    plan: &'a PlanRows,
    publication: Option<&'a Publication>,
    is_public: bool,
) -> Facts<'a> {
    let has_returns = sources.iter().any(|source| source.role == Role::Return);
    Facts {
        run: Run {
            schema,
            quarter: options.quarter,
            as_of: options.as_of,
            is_merge: options.is_merge,
            has_returns,
            is_public,
        },
        sources,
        plan,
        publication,
    }
}

/// What other words for a text of the public version would tell.
fn tells(facts: &Facts<'_>, target: &Target, words: &str) -> Option<String> {
    let publication = facts.publication?;
    let Target::Text(place, _) = target else {
        return None;
    };
    let text = publication.texts.iter().find(|text| text.place == *place)?;
    rules::telling(facts, publication, text, words).map(|(_, told)| told)
}

/// What is recorded of the days on which the quarter's returns arrived: on the sheet Returns of a plan that an earlier run for the same
/// quarter wrote, and among the decisions, which speak last.
fn receipts(
    sources: &[Source],
    schema: &Schema,
    options: Options,
    decisions: &Decisions,
) -> (Vec<Received>, Vec<Decision>) {
    let (mut out, mut wrong) = (Vec::new(), Vec::new());
    let Some(quarter) = options.quarter else {
        return (out, wrong);
    };
    for source in sources.iter().filter(|source| source.role == Role::Plan) {
        if let Some(book) = source.workbook().filter(|_| source.layout.is_ours) {
            let made_for = layout::made_for(book);
            if made_for.quarter == Some(quarter.number) && made_for.year == Some(quarter.year) {
                let (days, faulty) = decision::received(book, schema, Some(quarter));
                out.extend(days);
                wrong.extend(faulty);
            }
        }
    }
    out.extend(decisions.receipts(quarter));
    (out, wrong)
}

/// Passes over the rows of returns in which nothing was asked and nothing was said, as the plan tells.
fn pass_over(sources: &mut [Source], schema: &Schema, options: Options) {
    if let Some(quarter) = options.quarter.filter(|_| options.is_merge) {
        reconcile::settle_copies(sources, schema, quarter.number);
        reconcile::pass_over_restated(sources, schema, quarter.number);
        reconcile::pass_over(sources, schema, quarter.number);
    }
}

/// All files of a run, or the one that is judged on its own.
fn own(sources: &[Source], only: Option<usize>) -> &[Source] {
    match only {
        Some(index) => sources.get(index..index + 1).unwrap_or_default(),
        None => sources,
    }
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
    for target in raised.iter().flat_map(|r| &r.holds) {
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

/// The report's order: source, sheet, row, column, code.
fn in_order(raised: Vec<Raised>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = raised.into_iter().map(|raised| raised.finding).collect();
    findings.sort_by(|a, b| {
        settlement::order(a)
            .cmp(&settlement::order(b))
            .then_with(|| a.code.cmp(&b.code))
            .then_with(|| a.raw.cmp(&b.raw))
            .then_with(|| a.field.cmp(&b.field))
    });
    findings
}
