//! Decisions brought to what was found: which finding each is about, what it changes, and what became of it.
//!
//! Invariant: a decision that lacks what it needs changes nothing and says why; one that is about a finding releases that finding alone,
//! but for what a word or a heading means, which holds wherever its partner writes it.

mod answer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use answer::fitting_lines;

use crate::decision::{About, Decision, Decisions, Reading, Standing, Verdict, Verdicted};
use crate::finding::{Acceptance, Answer, Code, Decides, Finding, Hold, Place};
use crate::grid::CellAddress;
use crate::publish::Target;
use crate::reconcile::Consolidation;
use crate::record::{Decoded, Fault, Record, State, Table, View, answered};
use crate::rules::{CellAt, HoldTarget, Raised, Rule};
use crate::schema::{Role, Schema};
use crate::source::{Said, Source, field_called, word};
use crate::value::Value;
use crate::value::date::long;
use crate::value::period::Quarter;
use crate::value::reference;
use crate::value::text::{fold, visible};

/// What a decision changes in what was read.
#[derive(Clone, Debug)]
pub enum Change {
    /// A cell has this value.
    Cell {
        /// Which.
        at: CellAt,
        /// What it is.
        value: Value,
    },
    /// A word means this, wherever its partner writes it.
    Word(Reading),
    /// A heading names a field; without one, the first of two headings keeps theirs.
    Heading {
        /// The file.
        source: usize,
        /// The table in it.
        table: usize,
        /// The heading's cell.
        at: CellAddress,
        /// The field.
        field: Option<usize>,
    },
    /// A file is from this agency, or for this quarter.
    Said {
        /// The file.
        source: usize,
        /// What was decided of it.
        said: Said,
    },
    /// A file stands, and another does not.
    Stands {
        /// The one that stands.
        source: usize,
        /// The other one.
        over: usize,
    },
    /// An agency's report on an action counts.
    Counts {
        /// The action's key.
        action: Arc<str>,
        /// The agency.
        agency: usize,
    },
    /// Something is shown to the public after all, in other words where they are given.
    Publish(Target, Option<String>),
}

/// What a decision does to a finding.
#[derive(Clone, Debug, Default)]
struct Effect {
    changes: Vec<Change>,
    /// What stays out all the same: the row or file that does not stand.
    keeps: Vec<HoldTarget>,
    lasting: Lasting,
}

/// What becomes of a finding whose decision took effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lasting {
    /// It is there still, accepted.
    #[default]
    Stays,
    /// What it found is no more, yet it is told, accepted.
    Told,
    /// What it found is no more, and neither is it.
    Gone,
}

/// A finding in a stage, with what was done about it before the stage was judged again.
#[derive(Clone, Debug)]
pub struct Considered {
    /// The finding and what it holds.
    pub raised: Raised,
    lasting: Option<Lasting>,
}

impl Considered {
    /// Whether nothing is left to be judged about it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.lasting.is_some()
    }
}

/// What became of the decisions of a run.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Of each decision, in their order.
    pub states: Vec<Verdicted>,
    /// Findings that an answer mended, with the decision that did.
    pub answered: Vec<(Finding, usize)>,
    /// The decision about each finding, by its id.
    pub by_finding: BTreeMap<String, usize>,
}

/// The decisions of a run while it goes on.
#[derive(Debug)]
pub struct Settlement<'a> {
    decisions: &'a Decisions,
    schema: &'a Schema,
    quarter: Option<Quarter>,
    is_merge: bool,
    readings: Vec<Reading>,
    states: Vec<Option<Verdicted>>,
    applied: BTreeSet<usize>,
    /// Which decision says that which file stands over which.
    stands: Vec<(usize, usize, usize)>,
    answered: Vec<(Finding, usize)>,
    by_finding: BTreeMap<String, usize>,
    seen: BTreeMap<String, usize>,
    stage: usize,
    stage_of: BTreeMap<usize, usize>,
    /// The cells whose rows were let in, by decision: another finding may keep them out all the same.
    let_in: Vec<(usize, CellAt)>,
}

/// What other words for a text of the public version would tell, in words that go on from “it”.
pub type Tells<'w> = dyn Fn(&Target, &str) -> Option<String> + 'w;

/// What a decision is looked at with.
struct World<'w> {
    tells: &'w Tells<'w>,
    sources: &'w [Source],
    schema: &'w Schema,
    quarter: Option<Quarter>,
    is_merge: bool,
}

impl<'a> Settlement<'a> {
    /// Nothing found yet.
    #[must_use]
    pub fn new(
        decisions: &'a Decisions,
        schema: &'a Schema,
        quarter: Option<Quarter>,
        is_merge: bool,
    ) -> Self {
        Self {
            decisions,
            schema,
            quarter,
            is_merge,
            readings: decisions.readings().to_vec(),
            states: vec![None; decisions.all().len()],
            applied: BTreeSet::new(),
            stands: Vec::new(),
            answered: Vec::new(),
            by_finding: BTreeMap::new(),
            seen: BTreeMap::new(),
            stage: 0,
            stage_of: BTreeMap::new(),
            let_in: Vec::new(),
        }
    }

    /// What is known of words and headings by now.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Brings the decisions to what a stage found, beside what was settled before it was judged again, and gives what they change. Once
    /// that is nothing, the stage is done.
    pub fn consider(
        &mut self,
        found: Vec<Raised>,
        before: Vec<Considered>,
        sources: &[Source],
        tells: &Tells<'_>,
    ) -> (Vec<Considered>, Vec<Change>) {
        let mut all: Vec<Considered> = found
            .into_iter()
            .map(|raised| Considered {
                raised,
                lasting: None,
            })
            .chain(before)
            .collect();
        self.number(&mut all);
        let mut changes = Vec::new();
        if self.decisions.all().is_empty() {
            return (all, changes);
        }
        let by_id: BTreeMap<String, usize> = all
            .iter()
            .enumerate()
            .map(|(index, considered)| (considered.raised.finding.id.clone(), index))
            .collect();
        let world = World {
            tells,
            sources,
            schema: self.schema,
            quarter: self.quarter,
            is_merge: self.is_merge,
        };
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let decisions = self.decisions;
        for (index, decision) in decisions.all().iter().enumerate() {
            let hits = hits(decision, &all, &by_id, &world);
            let Some(first) = hits.first().copied() else {
                continue;
            };
            // What singled out a finding of an earlier stage is not about another one.
            if decision.written.finding.is_empty()
                && self
                    .stage_of
                    .get(&index)
                    .is_some_and(|of| *of != self.stage)
            {
                continue;
            }
            self.stage_of.insert(index, self.stage);
            for hit in &hits {
                if let Some(considered) = all.get(*hit) {
                    let id = considered.raised.finding.id.clone();
                    self.by_finding.entry(id).or_insert(index);
                }
            }
            if self.decisions.is_expired(decision) {
                continue;
            }
            if self.applied.contains(&index) {
                for hit in &hits {
                    // Of two files, the one that does not stand is told of below.
                    let is_open = |c: &&mut Considered| {
                        c.lasting.is_none()
                            && c.raised.finding.decides != Decides::Answer(Answer::File)
                    };
                    if let Some(considered) = all.get_mut(*hit).filter(is_open) {
                        accept(
                            &mut considered.raised,
                            decision.written.acceptance(),
                            Vec::new(),
                        );
                    }
                    taken.insert(*hit, index);
                }
                continue;
            }
            let (standing, why, effect) =
                self.weigh(index, decision, &hits, first, &all, &taken, &world);
            if let Some(effect) = effect {
                for hit in &hits {
                    taken.insert(*hit, index);
                    let Some(considered) = all.get_mut(*hit) else {
                        continue;
                    };
                    if considered.lasting.is_some() {
                        continue;
                    }
                    accept(
                        &mut considered.raised,
                        decision.written.acceptance(),
                        effect.keeps.clone(),
                    );
                    if effect.lasting != Lasting::Stays {
                        considered.lasting = Some(effect.lasting);
                    }
                }
                if !effect.changes.is_empty() {
                    self.applied.insert(index);
                }
                for change in &effect.changes {
                    match change {
                        Change::Stands { source, over } => {
                            self.stands.push((index, *source, *over));
                        }
                        Change::Word(reading) => self.readings.push(reading.clone()),
                        Change::Cell { .. }
                        | Change::Heading { .. }
                        | Change::Said { .. }
                        | Change::Counts { .. }
                        | Change::Publish(..) => {}
                    }
                }
                changes.extend(effect.changes);
            }
            let id = all.get(first).map(|c| c.raised.finding.id.clone());
            if let Some(slot) = self.states.get_mut(index) {
                *slot = Some(Verdicted {
                    standing,
                    why,
                    finding: id,
                });
            }
        }
        self.set_aside(&mut all);
        (all, changes)
    }

    /// The file that another was decided to stand over stays out, by that decision.
    fn set_aside(&self, all: &mut [Considered]) {
        for (decision, source, over) in &self.stands {
            for considered in all.iter_mut().filter(|c| c.lasting.is_none()) {
                let finding = &considered.raised.finding;
                let is_this = finding.decides == Decides::Answer(Answer::File)
                    && finding.place.source == Some(*over)
                    && finding.related.iter().any(|r| r.source == Some(*source));
                if let Some(decision) = self.decisions.all().get(*decision).filter(|_| is_this) {
                    let keeps = considered.raised.holds.clone();
                    accept(&mut considered.raised, decision.written.acceptance(), keeps);
                    considered.raised.finding.held = considered.raised.finding.would_hold;
                }
            }
        }
    }

    /// What a stage found in the end: what answers mended is set aside.
    pub fn close(&mut self, all: Vec<Considered>) -> Vec<Raised> {
        let mut out = Vec::with_capacity(all.len());
        self.stage += 1;
        for considered in all {
            *self.seen.entry(considered.raised.base.clone()).or_default() += 1;
            let finding = &considered.raised.finding;
            if let (Some(decision), Some(cell)) =
                (self.by_finding.get(&finding.id), considered.raised.cell)
                && finding.would_hold != Hold::None
                && !matches!(finding.decides, Decides::Answer(Answer::Row | Answer::File))
            {
                self.let_in.push((*decision, cell));
            }
            if considered.lasting == Some(Lasting::Gone) {
                let finding = considered.raised.finding;
                if let Some(decision) = self.by_finding.get(&finding.id) {
                    self.answered.push((finding, *decision));
                }
            } else {
                out.push(considered.raised);
            }
        }
        out
    }

    /// What became of every decision, once all stages are done.
    #[must_use]
    pub fn finish(self, sources: &[Source]) -> Settled {
        let states = self
            .states
            .iter()
            .zip(self.decisions.all())
            .enumerate()
            .map(|(index, (state, decision))| {
                let finding = state.as_ref().and_then(|state| state.finding.clone());
                let of = |standing: Standing, why: String| Verdicted {
                    standing,
                    why,
                    finding: finding.clone(),
                };
                if self.decisions.is_expired(decision) {
                    let day = decision.written.until.map(long).unwrap_or_default();
                    return of(Standing::Expired, format!("its last day was {day}"));
                }
                if let Some(fault) = &decision.fault {
                    return of(Standing::NotApplied, fault.clone());
                }
                let is_used = sources.iter().any(|source| source.used.contains(&index));
                if is_used {
                    return of(Standing::InForce, String::new());
                }
                if let Some((other, is_same)) = self.spoken_for(index, sources) {
                    if is_same {
                        return of(Standing::InForce, String::new());
                    }
                    return of(
                        Standing::NotApplied,
                        format!("the decision in row {other} settles this already"),
                    );
                }
                if let Some(state) = state {
                    let mut state = state.clone();
                    if state.standing == Standing::InForce
                        && self.is_held_by_another(index, sources)
                    {
                        "another finding still keeps its row out".clone_into(&mut state.why);
                    }
                    return state;
                }
                if let Some(why) = self.unreadable(index) {
                    return of(Standing::NotApplied, why);
                }
                of(
                    Standing::NotUsed,
                    "nothing in this run calls for it".to_owned(),
                )
            })
            .collect();
        Settled {
            states,
            answered: self.answered,
            by_finding: self.by_finding,
        }
    }

    /// Whether what a decision let in is kept out by something else.
    fn is_held_by_another(&self, decision: usize, sources: &[Source]) -> bool {
        self.let_in
            .iter()
            .filter(|(own, _)| *own == decision)
            .any(|(_, at)| {
                let table = sources
                    .get(at.source)
                    .and_then(|source| source.tables.get(at.table));
                table.is_some_and(|table| {
                    table.is_held || table.records.get(at.record).is_some_and(|r| r.is_held)
                })
            })
    }

    /// The decision that was used for the same word or heading, by its row, and whether it says the same.
    fn spoken_for(&self, index: usize, sources: &[Source]) -> Option<(usize, bool)> {
        let own = self.readings.iter().find(|r| r.decision == index)?;
        let other = self.readings.iter().find(|other| {
            other.decision != index
                && other.is_heading == own.is_heading
                && (other.table, other.field, &other.typed) == (own.table, own.field, &own.typed)
                && (other.agency.is_none() || own.agency.is_none() || other.agency == own.agency)
                && sources
                    .iter()
                    .any(|source| source.used.contains(&other.decision))
        })?;
        let row = self.decisions.all().get(other.decision)?.written.row;
        Some((row, fold(&other.read_as) == fold(&own.read_as)))
    }

    /// Why a word or heading cannot be read as its decision says, whether or not it was met.
    fn unreadable(&self, index: usize) -> Option<String> {
        let reading = self.readings.iter().find(|r| r.decision == index)?;
        if reading.is_heading {
            let found = field_called(self.schema, reading.table, &reading.read_as);
            return found
                .is_none()
                .then(|| format!("“{}” is no field of the table", reading.read_as));
        }
        word(reading, self.schema).err()
    }

    /// Tells findings apart that have one id, in the order of their addresses.
    fn number(&self, all: &mut [Considered]) {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, considered) in all.iter().enumerate() {
            let base = considered.raised.base.as_str();
            groups.entry(base).or_default().push(index);
        }
        let several: Vec<(String, Vec<usize>)> = groups
            .into_iter()
            .filter(|(base, own)| own.len() > 1 || self.seen.contains_key(*base))
            .map(|(base, own)| (base.to_owned(), own))
            .collect();
        for (base, mut own) in several {
            own.sort_by(|a, b| {
                let key = |index: &usize| {
                    all.get(*index)
                        .map(|c| order(&c.raised.finding))
                        .unwrap_or_default()
                };
                key(a).cmp(&key(b))
            });
            let before = self.seen.get(&base).copied().unwrap_or_default();
            for (place, index) in own.into_iter().enumerate() {
                if let Some(considered) = all.get_mut(index) {
                    let number = before + place + 1;
                    considered.raised.finding.id = if number == 1 {
                        base.clone()
                    } else {
                        format!("{base}-{number}")
                    };
                }
            }
        }
    }

    /// What is to be made of a decision, the findings that it is about being known.
    #[expect(
        clippy::too_many_arguments,
        reason = "all that is known of a decision and of what was found beside it"
    )]
    fn weigh(
        &self,
        index: usize,
        decision: &Decision,
        hits: &[usize],
        first: usize,
        all: &[Considered],
        taken: &BTreeMap<usize, usize>,
        world: &World<'_>,
    ) -> (Standing, String, Option<Effect>) {
        let not = |why: String| (Standing::NotApplied, why, None);
        let Some(raised) = all.get(first).map(|considered| &considered.raised) else {
            return not(String::new());
        };
        let (Some(verdict), None) = (decision.verdict, &decision.fault) else {
            return not(decision.fault.clone().unwrap_or_default());
        };
        let is_reading = matches!(
            raised.finding.decides,
            Decides::Answer(Answer::Word | Answer::Heading)
        );
        if hits.len() > 1 && !is_reading {
            return not(format!(
                "it fits {} findings; name the one that is meant by its id",
                hits.len()
            ));
        }
        if let Some(other) = taken.get(&first).filter(|other| **other != index) {
            let row = self
                .decisions
                .all()
                .get(*other)
                .map_or(0, |d| d.written.row);
            return not(format!("the decision in row {row} settles this already"));
        }
        match verdict {
            Verdict::Reject => return (Standing::Rejected, String::new(), None),
            Verdict::Ask => {
                let day = decision.written.asked.unwrap_or(self.decisions.as_of());
                return (Standing::Asked, format!("on {}", long(day)), None);
            }
            Verdict::Corrected => {
                return (
                    Standing::NotCorrected,
                    "it is still there in the file that was sent".to_owned(),
                    None,
                );
            }
            Verdict::Accept => {}
        }
        let finding = &raised.finding;
        let read_as = visible(&decision.written.read_as);
        let holds_nothing = finding.would_hold == Hold::None;
        match finding.decides {
            Decides::None => not(
                "only a corrected file helps: nothing that is decided here can let it in"
                    .to_owned(),
            ),
            Decides::Publish => publish(raised, &read_as, world),
            Decides::Accept | Decides::Note | Decides::Answer(_)
                if holds_nothing && read_as.is_empty() =>
            {
                (Standing::Noted, String::new(), Some(Effect::default()))
            }
            Decides::Accept | Decides::Note if !read_as.is_empty() => not(
                "“Read it as” has no place here: what was found is accepted as it stands or not at all"
                    .to_owned(),
            ),
            Decides::Note => (Standing::Noted, String::new(), Some(Effect::default())),
            Decides::Accept => match let_in(raised, world) {
                Ok(effect) => (Standing::InForce, String::new(), Some(effect)),
                Err(why) => not(why),
            },
            Decides::Answer(kind) if read_as.is_empty() => {
                not(format!("“Read it as” has to give {}", kind.wanted()))
            }
            Decides::Answer(kind) => {
                let own: Vec<&Raised> = hits
                    .iter()
                    .filter_map(|hit| all.get(*hit))
                    .map(|considered| &considered.raised)
                    .collect();
                match answer::effect(index, decision, kind, &read_as, &own, world) {
                    Ok(effect) => (Standing::InForce, String::new(), Some(effect)),
                    Err(why) => not(why),
                }
            }
        }
    }
}

/// Applies a change.
pub fn apply(
    change: Change,
    sources: &mut [Source],
    consolidation: &mut Consolidation,
    settlement: &Settlement<'_>,
) {
    let schema = settlement.schema;
    match change {
        Change::Cell { at, value } => {
            let cell = sources
                .get_mut(at.source)
                .and_then(|source| source.tables.get_mut(at.table))
                .and_then(|table| {
                    let position = table.position(at.field)?;
                    table.records.get_mut(at.record)?.cells.get_mut(position)
                });
            if let Some(cell) = cell {
                cell.decide(value);
            }
        }
        Change::Word(reading) => {
            for source in sources.iter_mut() {
                source.decide_words(schema, std::slice::from_ref(&reading));
            }
        }
        Change::Heading {
            source,
            table,
            at,
            field,
        } => {
            if let Some(source) = sources.get_mut(source) {
                // What cannot be was found out before.
                let _ = source.decide_heading(table, at, field, schema, settlement.readings());
            }
        }
        Change::Said { source, said } => {
            let quarter = settlement.quarter.map(|quarter| quarter.number);
            if let Some(source) = sources.get_mut(source) {
                let said = Said {
                    agency: said.agency.or(source.said.agency),
                    quarter: said.quarter.or(source.said.quarter),
                };
                source.decide(said, schema, quarter, settlement.readings());
            }
        }
        Change::Stands { source, over } => {
            if let Some(source) = sources.get_mut(source) {
                source.stands_over.push(over);
            }
        }
        Change::Counts { action, agency } => {
            consolidation.decided.insert(action, agency);
        }
        // The public version is no part of what was read: its stage takes it up.
        Change::Publish(..) => {}
    }
}

/// Lets a finding stand; what it keeps out all the same stays out.
fn accept(raised: &mut Raised, by: Acceptance, keeps: Vec<HoldTarget>) {
    raised.finding.accepted = Some(by);
    raised.finding.held = if keeps.is_empty() {
        Hold::None
    } else {
        raised.finding.would_hold
    };
    raised.holds = keeps;
}

/// Publishes what was kept back, as it is or in other words that tell nothing.
fn publish(
    raised: &Raised,
    read_as: &str,
    world: &World<'_>,
) -> (Standing, String, Option<Effect>) {
    let not = |why: String| (Standing::NotApplied, why, None);
    let Some(target) = &raised.keeps else {
        return not("nothing is kept back by it".to_owned());
    };
    if !read_as.is_empty() && !matches!(target, Target::Text(..)) {
        return not(
            "“Read it as” has no place here: a figure is shown as it is or not at all".to_owned(),
        );
    }
    if let Some(why) = (world.tells)(target, read_as).filter(|_| !read_as.is_empty()) {
        return not(format!(
            "the other wording {why}, so the text stays withheld"
        ));
    }
    let wording = (!read_as.is_empty()).then(|| read_as.to_owned());
    let effect = Effect {
        changes: vec![Change::Publish(target.clone(), wording)],
        ..Effect::default()
    };
    (Standing::InForce, String::new(), Some(effect))
}

/// Lets a held thing in as it stands, where nothing is missing in it.
fn let_in(raised: &Raised, world: &World<'_>) -> Result<Effect, String> {
    let finding = &raised.finding;
    let cell = raised.cell.and_then(|at| cell_at(world.sources, at));
    match (finding.code.0, raised.cell, cell) {
        // The plan is to have what the return proposes.
        ("M403", _, Some(cell)) => {
            let place = finding.related.first();
            let at = place.and_then(|place| locate(place, world));
            let (Some(at), Some(value)) = (at, cell.any_value()) else {
                return Err("the plan has no cell that could take the proposal".to_owned());
            };
            Ok(Effect {
                changes: vec![Change::Cell {
                    at,
                    value: value.clone(),
                }],
                lasting: Lasting::Told,
                ..Effect::default()
            })
        }
        (_, Some(at), Some(cell)) => match &cell.state {
            State::Fault(Fault::OutOfRange(figure)) => Ok(Effect {
                changes: vec![Change::Cell {
                    at,
                    value: answer::amount(at, **figure, world),
                }],
                lasting: Lasting::Told,
                ..Effect::default()
            }),
            State::Fault(_) => {
                Err("the cell cannot be read, so there is nothing to let in".to_owned())
            }
            State::Value(_) | State::Blank | State::Missing | State::Placeholder => {
                Ok(Effect::default())
            }
        },
        _ => Ok(Effect::default()),
    }
}

/// The findings that a decision is about; of a word or a heading, all that are about it.
fn hits(
    decision: &Decision,
    all: &[Considered],
    by_id: &BTreeMap<String, usize>,
    world: &World<'_>,
) -> Vec<usize> {
    let written = &decision.written;
    let mut out: Vec<usize> = if written.finding.is_empty() {
        if is_silent(decision) {
            return Vec::new();
        }
        (0..all.len())
            .filter(|index| {
                all.get(*index)
                    .is_some_and(|considered| fits(decision, &considered.raised, world))
            })
            .collect()
    } else {
        by_id.get(&written.finding).copied().into_iter().collect()
    };
    let Some(first) = out.first().and_then(|index| all.get(*index)) else {
        return out;
    };
    if matches!(
        first.raised.finding.decides,
        Decides::Answer(Answer::Word | Answer::Heading)
    ) && out.len() == 1
    {
        let same = |other: &Considered| is_same_word(&first.raised, &other.raised, world);
        out = (0..all.len())
            .filter(|index| all.get(*index).is_some_and(same))
            .collect();
    }
    out
}

/// Whether a decision says nothing by which it could be brought to a finding.
fn is_silent(decision: &Decision) -> bool {
    let written = &decision.written;
    decision.about.is_none()
        && [
            &written.subject,
            &written.question,
            &written.typed,
            &written.field,
        ]
        .iter()
        .all(|text| text.is_empty())
}

/// Whether two findings are about one word or heading of one field and partner.
fn is_same_word(a: &Raised, b: &Raised, world: &World<'_>) -> bool {
    let (first, second) = (&a.finding, &b.finding);
    let table = |raised: &Raised| answer::schema_table(raised, world);
    first.code == second.code
        && first.agency == second.agency
        && first.field == second.field
        && fold(first.raw.as_deref().unwrap_or_default())
            == fold(second.raw.as_deref().unwrap_or_default())
        && fold(first.heading.as_deref().unwrap_or_default())
            == fold(second.heading.as_deref().unwrap_or_default())
        && table(a) == table(b)
}

/// Whether a decision that names no id is about a finding: all that it says is so.
fn fits(decision: &Decision, raised: &Raised, world: &World<'_>) -> bool {
    let (written, finding) = (&decision.written, &raised.finding);
    // What goes to the public is decided on by its id alone.
    if raised.keeps.is_some() {
        return false;
    }
    if decision.about.is_some_and(|said| about(finding) != said) {
        return false;
    }
    if let Some(agency) = decision.agency
        && partner(finding, world.schema) != Some(agency)
    {
        return false;
    }
    if !written.subject.is_empty() {
        let own = subject(finding, world.sources, world.schema);
        if reference::key(&own) != reference::key(&written.subject) {
            return false;
        }
    }
    if let Some((table, field)) = decision.field {
        let named = field.and_then(|field| world.schema.tables.get(table)?.fields.get(field));
        if answer::schema_table(raised, world).is_some_and(|own| own != table)
            || named.is_some_and(|named| finding.field.as_deref() != Some(named.name.as_str()))
        {
            return false;
        }
    }
    if !written.typed.is_empty() {
        let typed = fold(&written.typed);
        let said = [finding.raw.as_deref(), finding.heading.as_deref()];
        let is_part = finding.decides == Decides::Answer(Answer::Word)
            && finding
                .raw
                .as_deref()
                .is_some_and(|raw| crate::value::text::contains_words(&fold(raw), &typed));
        if !is_part && !said.iter().flatten().any(|text| fold(text) == typed) {
            return false;
        }
    }
    written.question.is_empty()
        || fold(&written.question).starts_with(&fold(&finding.message))
        || fold(&finding.message).starts_with(&fold(&written.question))
}

/// What kind of decision a finding asks for.
#[must_use]
pub fn about(finding: &Finding) -> About {
    about_what(finding.decides, finding.code, finding.would_hold)
}

/// What kind of decision a rule's findings ask for, where they hold as much as they can.
#[must_use]
pub fn about_rule(rule: &Rule) -> About {
    about_what(rule.decides, rule.code, rule.hold)
}

/// What a decision about a rule's findings can do, in a sentence.
#[must_use]
pub fn does(rule: &Rule) -> String {
    match rule.decides {
        Decides::Accept if rule.code.0 == "M403" => {
            "Accept, with a reason and a role, applies what is proposed to the plan.".to_owned()
        }
        Decides::Accept => {
            "Accept, with a reason and a role, lets what is kept out in as it stands; where nothing is kept out it records the reason."
                .to_owned()
        }
        Decides::Answer(kind) => {
            let without = if rule.hold == Hold::None {
                "without it the reason is recorded"
            } else {
                "without it nothing changes, unless nothing is kept out: then the reason is recorded"
            };
            format!(
                "Accept, with a reason, a role and “Read it as” giving {}; {without}.",
                kind.wanted()
            )
        }
        Decides::Note => "Accept, with a reason and a role, records the reason.".to_owned(),
        Decides::Publish => "Accept, with a reason and a role and by the finding's id, publishes what is withheld as it is; for a text, “Read it as” gives other words that are published in its place, if they tell nothing either."
            .to_owned(),
        Decides::None => "Nothing: only a corrected file helps.".to_owned(),
    }
}

fn about_what(decides: Decides, code: Code, hold: Hold) -> About {
    match (decides, code.0, hold) {
        (Decides::Answer(Answer::Agency), ..) => About::Conflict,
        (Decides::Answer(Answer::Reference), ..) => About::Reference,
        (Decides::Answer(Answer::Line), ..) => About::Line,
        (Decides::Answer(Answer::Word), ..) => About::Word,
        (Decides::Answer(Answer::Heading), ..) => About::Heading,
        (Decides::Answer(Answer::Value), ..) => About::Value,
        (Decides::Answer(Answer::Partner), ..) => About::Agency,
        (Decides::Answer(Answer::Quarter), ..) => About::Quarter,
        (Decides::Answer(Answer::File), ..) => About::File,
        (Decides::Answer(Answer::Row), ..) => About::Row,
        (_, "M403" | "M411", _) => About::Proposal,
        (_, "S009", _) => About::MissingReturn,
        (_, _, Hold::Return) => About::HeldReturn,
        (_, _, Hold::Table) => About::HeldTable,
        (_, _, Hold::Column) => About::HeldColumns,
        (_, _, Hold::Row) => About::HeldRow,
        (_, _, Hold::Value) => About::HeldValue,
        (_, _, Hold::None) => About::Finding,
    }
}

/// The agency that a finding is about: who sent the file, or sent none.
#[must_use]
pub fn partner(finding: &Finding, schema: &Schema) -> Option<usize> {
    let code = finding
        .agency
        .as_deref()
        .or_else(|| finding.raw.as_deref().filter(|_| finding.code.0 == "S009"))?;
    schema.agency(code)
}

/// The reference or line of the row that a finding is on.
#[must_use]
pub fn subject(finding: &Finding, sources: &[Source], schema: &Schema) -> String {
    let found = row_of(&finding.place, sources, schema);
    found.map_or_else(String::new, |(view, ..)| {
        ["ref", "line"]
            .iter()
            .find_map(|field| view.cell(field))
            .map(Decoded::raw_text)
            .unwrap_or_default()
    })
}

/// The record on which a place lies, with its table's and its own index.
fn row_of<'s>(
    place: &Place,
    sources: &'s [Source],
    schema: &'s Schema,
) -> Option<(View<'s>, usize, usize)> {
    let source = sources.get(place.source?)?;
    let (sheet, _) = place.sheet.as_ref()?;
    let at = place.range?.first;
    let has_column = |table: &Table| table.layout.columns.iter().any(|c| c.column == at.column);
    let mut own: Vec<(usize, &Table)> = source
        .tables
        .iter()
        .enumerate()
        .filter(|(_, table)| table.layout.sheet == *sheet)
        .collect();
    // Of tables side by side, the one that has the column.
    own.sort_by_key(|(_, table)| !has_column(table));
    own.into_iter().find_map(|(index, table)| {
        let record = record_on(table, at.row)?;
        let view = View {
            schema: schema.tables.get(table.layout.table)?,
            table,
            record: table.records.get(record)?,
        };
        Some((view, index, record))
    })
}

/// The record of a row: a table's records are in the order of its rows.
fn record_on(table: &Table, row: u32) -> Option<usize> {
    table
        .records
        .binary_search_by_key(&row, |record: &Record| record.row)
        .ok()
}

/// The cell of a record at a place.
fn locate(place: &Place, world: &World<'_>) -> Option<CellAt> {
    let (view, table, record) = row_of(place, world.sources, world.schema)?;
    let column = place.range?.first.column;
    let field = view
        .table
        .layout
        .columns
        .iter()
        .find(|c| c.column == column)?
        .field;
    Some(CellAt {
        source: place.source?,
        table,
        record,
        field,
    })
}

fn cell_at(sources: &[Source], at: CellAt) -> Option<&Decoded> {
    let table = sources.get(at.source)?.tables.get(at.table)?;
    table.cell(table.records.get(at.record)?, at.field)
}

/// The order of findings: source, sheet, row, column; what no file says comes last.
#[must_use]
pub fn order(finding: &Finding) -> (bool, Option<usize>, Option<usize>, Option<CellAddress>) {
    finding.order()
}

/// Whether the role of a finding's file is the plan.
fn is_plan(source: usize, world: &World<'_>) -> bool {
    world
        .sources
        .get(source)
        .is_some_and(|source| source.role == Role::Plan)
}

/// A field's value that was answered.
fn value_of(text: &str, at: CellAt, world: &World<'_>) -> Result<Value, String> {
    let field = world
        .sources
        .get(at.source)
        .and_then(|source| source.tables.get(at.table))
        .and_then(|table| world.schema.tables.get(table.layout.table))
        .and_then(|table| table.fields.get(at.field))
        .ok_or("the field is not there any more")?;
    answered(text, field, world.schema)
}
