//! The guarantee: what can be worked out of everything that was ever published, exactly, before anything is written.
//!
//! Who attacks knows every set, the sums, that a running total cannot fall, that `[c]` is a whole number from one on, and the rule. A cell
//! that several sets hide is one unknown, for the plan's figures are what they are; a cell that one set hides and another shows is known
//! where it is shown. What an earlier set shows and the plan now has otherwise was revised: the old figure holds in the old set alone. A
//! constraint that the true figures do not satisfy (a sum that does not add up, a total that fell, what was revised while it was hidden)
//! is none: who uses it works out what is not so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::exact::{Bound, Problem, Row, Solver};
use crate::value::period::Quarter;

/// Which of a series' figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// The year's baseline, by the calendar year in which the year starts.
    Baseline(i16),
    /// A quarter's value.
    Quarter(Quarter),
}

impl When {
    /// The column's heading.
    #[must_use]
    pub fn heading(self) -> String {
        match self {
            Self::Baseline(_) => "Baseline".to_owned(),
            Self::Quarter(quarter) => quarter.spoken(),
        }
    }
}

/// One figure of one measure, which is told by its reference's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellKey {
    /// The measure.
    pub series: Arc<str>,
    /// The column.
    pub when: When,
}

/// What a set shows of a cell; a cell that holds no figure is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// This figure.
    Figure(i64),
    /// `[c]`.
    Hidden,
}

/// What a set shows.
pub type Snapshot = BTreeMap<CellKey, Seen>;

/// Something that must not be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// A hidden figure.
    Figure(CellKey),
    /// What a running total added from one quarter to the next.
    Rise(CellKey, CellKey),
}

impl Quantity {
    /// The cell at which it is told of.
    #[must_use]
    pub fn cell(&self) -> &CellKey {
        match self {
            Self::Figure(cell) | Self::Rise(_, cell) => cell,
        }
    }
}

/// All that is known beside what is shown now.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// The least count that is not small.
    pub threshold: i64,
    /// Series that count from the year's beginning on.
    pub running: BTreeSet<Arc<str>>,
    /// Totals with their parts.
    pub sums: Vec<(Arc<str>, Vec<Arc<str>>)>,
    /// The sets that are out.
    pub earlier: Vec<Snapshot>,
    /// The true figures.
    pub truth: BTreeMap<CellKey, i64>,
    /// Figures that are in no set of now, because their action is left out of it.
    pub unseen: BTreeSet<CellKey>,
    /// What somebody accepted to be known.
    pub exempt: BTreeSet<Quantity>,
}

/// What was proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// What can be worked out too closely.
    pub leaks: Vec<Quantity>,
    /// How many hidden figures were looked at.
    pub figures: usize,
    /// How many rises.
    pub rises: usize,
    /// The fewest values that any of them can have, by the figures alone; nothing where all are without end.
    pub level1: Option<i128>,
    /// The same for those who also know the rule.
    pub level2: Option<i128>,
}

impl Proof {
    /// Takes in what was proved of other figures.
    pub fn add(&mut self, other: Self) {
        self.leaks.extend(other.leaks);
        self.figures += other.figures;
        self.rises += other.rises;
        self.level1 = narrower(self.level1, other.level1);
        self.level2 = narrower(self.level2, other.level2);
    }
}

fn narrower(a: Option<i128>, b: Option<i128>) -> Option<i128> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

/// More values than this, and a range says too little to matter.
const WIDE: i128 = 5;

/// The fewest values that must be possible for who knows the rule. A rule whose small counts are one and two leaves two.
fn least_values(threshold: i64) -> i128 {
    i128::from(threshold - 1).min(3)
}

/// A figure as the attack has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    Known(i128),
    Variable(usize),
}

/// A sum of variables, and what is to be added to it.
type Sum = (Vec<(usize, i128)>, i128);

/// The attack on some series.
struct Attack<'a> {
    knowledge: &'a Knowledge,
    now: &'a Snapshot,
    series: &'a BTreeSet<Arc<str>>,
    /// The unknown cells, each a variable.
    variables: Vec<&'a CellKey>,
    places: BTreeMap<&'a CellKey, usize>,
}

impl<'a> Attack<'a> {
    fn new(knowledge: &'a Knowledge, now: &'a Snapshot, series: &'a BTreeSet<Arc<str>>) -> Self {
        let mut out = Self {
            knowledge,
            now,
            series,
            variables: Vec::new(),
            places: BTreeMap::new(),
        };
        let hidden: BTreeSet<&CellKey> = out
            .snapshots()
            .flatten()
            .filter(|(cell, seen)| **seen == Seen::Hidden && series.contains(&cell.series))
            .map(|(cell, _)| cell)
            .filter(|cell| out.known(cell).is_none())
            .collect();
        for cell in hidden {
            out.places.insert(cell, out.variables.len());
            out.variables.push(cell);
        }
        out
    }

    fn snapshots(&self) -> impl Iterator<Item = &'a Snapshot> + use<'a> {
        std::iter::once(self.now).chain(&self.knowledge.earlier)
    }

    /// What a cell that some set hides is known to be from others.
    fn known(&self, cell: &CellKey) -> Option<i64> {
        if let Some(Seen::Figure(value)) = self.now.get(cell) {
            return Some(*value);
        }
        let truth = self.knowledge.truth.get(cell);
        self.knowledge
            .earlier
            .iter()
            .rev()
            .find_map(|set| match set.get(cell) {
                Some(Seen::Figure(value)) if truth.is_none_or(|truth| truth == value) => {
                    Some(*value)
                }
                _ => None,
            })
    }

    fn term(&self, cell: &CellKey, seen: Seen) -> Option<Term> {
        match seen {
            Seen::Figure(value) => Some(Term::Known(i128::from(value))),
            Seen::Hidden => match self.places.get(cell) {
                Some(place) => Some(Term::Variable(*place)),
                None => self.known(cell).map(|v| Term::Known(i128::from(v))),
            },
        }
    }

    /// The least that a variable can be: a cell that is not printed at all need not be one or more.
    fn least(&self, variable: usize) -> i128 {
        let Some(cell) = self.variables.get(variable) else {
            return 1;
        };
        let is_nought = self.knowledge.truth.get(*cell) == Some(&0);
        i128::from(!(is_nought || self.knowledge.unseen.contains(*cell)))
    }

    fn truth(&self, variable: usize) -> Option<i128> {
        let cell = self.variables.get(variable)?;
        self.knowledge.truth.get(*cell).map(|v| i128::from(*v))
    }

    /// A row over variables counted from their least values on; nothing where it says nothing, or where the truth is otherwise.
    fn row(&self, terms: &[(Term, i128)], bound: i128, is_equal: bool) -> Option<Row> {
        let mut rest = bound;
        let mut own: BTreeMap<usize, i128> = BTreeMap::new();
        for (term, coefficient) in terms {
            match term {
                Term::Known(value) => rest -= value * coefficient,
                Term::Variable(place) => *own.entry(*place).or_default() += coefficient,
            }
        }
        own.retain(|_, coefficient| *coefficient != 0);
        if own.is_empty() {
            return None;
        }
        let truth: Option<i128> = own
            .iter()
            .map(|(place, coefficient)| Some(self.truth(*place)? * coefficient))
            .sum();
        let holds = truth.is_none_or(|sum| if is_equal { sum == rest } else { sum <= rest });
        let from: i128 = own
            .iter()
            .map(|(place, coefficient)| self.least(*place) * coefficient)
            .sum();
        holds.then(|| Row {
            terms: own.into_iter().collect(),
            bound: rest - from,
            is_equal,
        })
    }

    /// What the figures alone say.
    fn rows(&self) -> BTreeSet<Row> {
        let mut out = BTreeSet::new();
        for set in self.snapshots() {
            for (before, after) in neighbours(set, self.series, &self.knowledge.running) {
                let pair = self
                    .term(before.0, before.1)
                    .zip(self.term(after.0, after.1));
                if let Some((before, after)) = pair {
                    out.extend(self.row(&[(before, 1), (after, -1)], 0, false));
                }
            }
            for (total, parts) in &self.knowledge.sums {
                if !self.series.contains(total) {
                    continue;
                }
                for (cell, seen) in of_series(set, total) {
                    let terms: Option<Vec<(Term, i128)>> = parts
                        .iter()
                        .map(|part| {
                            let own = CellKey {
                                series: Arc::clone(part),
                                when: cell.when,
                            };
                            let seen = set.get(&own)?;
                            Some((self.term(&own, *seen)?, 1))
                        })
                        .collect();
                    if let (Some(mut terms), Some(total)) = (terms, self.term(cell, *seen)) {
                        terms.push((total, -1));
                        out.extend(self.row(&terms, 0, true));
                    }
                }
            }
        }
        out
    }

    /// What the rule says besides: outside sums, a hidden count is small, and a hidden running total a small count above the last shown.
    fn rule(&self) -> BTreeSet<Row> {
        let mut out = BTreeSet::new();
        let small = i128::from(self.knowledge.threshold - 1);
        let is_summed = |series: &Arc<str>| {
            self.knowledge
                .sums
                .iter()
                .any(|(total, parts)| total == series || parts.contains(series))
        };
        for set in self.snapshots() {
            for (cell, seen) in set.iter().filter(|(c, _)| self.series.contains(&c.series)) {
                let Some(Term::Variable(place)) = self
                    .term(cell, *seen)
                    .filter(|_| *seen == Seen::Hidden && !is_summed(&cell.series))
                else {
                    continue;
                };
                let shown = match cell.when {
                    When::Quarter(quarter) if self.knowledge.running.contains(&cell.series) => {
                        let before = (1..quarter.number).rev().find_map(|number| {
                            let key = CellKey {
                                series: Arc::clone(&cell.series),
                                when: When::Quarter(Quarter { number, ..quarter }),
                            };
                            match set.get(&key) {
                                Some(Seen::Figure(value)) => Some(i128::from(*value)),
                                _ => None,
                            }
                        });
                        before.unwrap_or_default()
                    }
                    When::Quarter(_) | When::Baseline(_) => 0,
                };
                // Who takes the rule for what it is not works out what is not so.
                let is_so = self
                    .truth(place)
                    .is_none_or(|truth| (shown + 1..=shown + small).contains(&truth));
                if is_so {
                    let own = Term::Variable(place);
                    out.extend(self.row(&[(own, 1)], shown + small, false));
                    out.extend(self.row(&[(own, -1)], -(shown + 1), false));
                }
            }
        }
        out
    }

    /// What must not be known.
    fn quantities(&self) -> Vec<Quantity> {
        let hidden = |cell: &CellKey| self.now.get(cell) == Some(&Seen::Hidden);
        let mut out: Vec<Quantity> = self
            .now
            .keys()
            .filter(|cell| self.series.contains(&cell.series) && hidden(cell))
            .chain(self.variables.iter().copied())
            .map(|cell| Quantity::Figure(cell.clone()))
            .collect();
        for (before, after) in neighbours(self.now, self.series, &self.knowledge.running) {
            if before.1 == Seen::Hidden || after.1 == Seen::Hidden {
                out.push(Quantity::Rise(before.0.clone(), after.0.clone()));
            }
        }
        out.sort();
        out.dedup();
        out
    }

    /// A quantity as a sum of variables, and what is to be added to it.
    fn sum(&self, quantity: &Quantity) -> Option<Sum> {
        let of = |cell: &CellKey| {
            let seen = self.now.get(cell).copied().unwrap_or(Seen::Hidden);
            self.term(cell, seen)
        };
        let terms = match quantity {
            Quantity::Figure(cell) => vec![(of(cell)?, 1)],
            Quantity::Rise(before, after) => vec![(of(after)?, 1), (of(before)?, -1)],
        };
        let mut sum = Vec::new();
        let mut more = 0;
        for (term, coefficient) in terms {
            match term {
                Term::Known(value) => more += value * coefficient,
                Term::Variable(place) => {
                    sum.push((place, coefficient));
                    more += self.least(place) * coefficient;
                }
            }
        }
        Some((sum, more))
    }
}

/// The cells of a series in a set.
fn of_series<'s>(
    set: &'s Snapshot,
    series: &Arc<str>,
) -> impl Iterator<Item = (&'s CellKey, &'s Seen)> + use<'s> {
    let first = CellKey {
        series: Arc::clone(series),
        when: When::Baseline(i16::MIN),
    };
    let own = Arc::clone(series);
    set.range(first..)
        .take_while(move |(cell, _)| cell.series == own)
}

/// A cell with what a set shows of it.
type Shown<'s> = (&'s CellKey, Seen);

/// Neighbouring quarters of the running totals in a set: a quarter without a figure parts its neighbours, and the order holds across it.
fn neighbours<'s>(
    set: &'s Snapshot,
    series: &BTreeSet<Arc<str>>,
    running: &BTreeSet<Arc<str>>,
) -> Vec<(Shown<'s>, Shown<'s>)> {
    let mut out = Vec::new();
    for own in series.iter().filter(|own| running.contains(*own)) {
        let quarters: Vec<(&CellKey, Quarter, Seen)> = of_series(set, own)
            .filter_map(|(cell, seen)| match cell.when {
                When::Quarter(quarter) => Some((cell, quarter, *seen)),
                When::Baseline(_) => None,
            })
            .collect();
        for pair in quarters.windows(2) {
            if let [(before, first, a), (after, second, b)] = pair
                && first.year == second.year
            {
                out.push(((*before, *a), (*after, *b)));
            }
        }
    }
    out
}

/// Series that hang together: by sums, and each with itself.
#[must_use]
pub fn groups(knowledge: &Knowledge, now: &Snapshot) -> Vec<BTreeSet<Arc<str>>> {
    let mut all: BTreeSet<Arc<str>> = now.keys().map(|cell| Arc::clone(&cell.series)).collect();
    for set in &knowledge.earlier {
        all.extend(set.keys().map(|cell| Arc::clone(&cell.series)));
    }
    let mut out: Vec<BTreeSet<Arc<str>>> = all.into_iter().map(|own| [own].into()).collect();
    for (total, parts) in &knowledge.sums {
        let mut joined: BTreeSet<Arc<str>> = BTreeSet::new();
        out.retain(|group| {
            let is_own = group.contains(total) || parts.iter().any(|part| group.contains(part));
            if is_own {
                joined.extend(group.iter().cloned());
            }
            !is_own
        });
        if !joined.is_empty() {
            out.push(joined);
        }
    }
    out.sort();
    out
}

/// The variables that rows join, each with the first of its kind.
fn components(variables: usize, rows: &BTreeSet<Row>, sums: &[Vec<(usize, i128)>]) -> Vec<usize> {
    let root = |parent: &[usize], mut at: usize| {
        while let Some(up) = parent.get(at).copied().filter(|up| *up != at) {
            at = up;
        }
        at
    };
    let mut parent: Vec<usize> = (0..variables).collect();
    let all = rows.iter().map(|row| &row.terms).chain(sums);
    for terms in all {
        let mut own = terms.iter().map(|(variable, _)| *variable);
        let Some(first) = own.next() else { continue };
        for other in own {
            let (a, b) = (root(&parent, first), root(&parent, other));
            if let Some(slot) = parent.get_mut(a.max(b)) {
                *slot = a.min(b);
            }
        }
    }
    (0..variables).map(|at| root(&parent, at)).collect()
}

/// Proves the guarantee for some series that hang together, or names what leaks. With `is_quick`, it ends at the first leak.
#[must_use]
pub fn prove(
    knowledge: &Knowledge,
    now: &Snapshot,
    series: &BTreeSet<Arc<str>>,
    is_quick: bool,
) -> Proof {
    let attack = Attack::new(knowledge, now, series);
    let quantities = attack.quantities();
    let sums: Vec<Option<Sum>> = quantities.iter().map(|q| attack.sum(q)).collect();
    let mut out = Proof::default();
    for quantity in &quantities {
        match quantity {
            Quantity::Figure(_) => out.figures += 1,
            Quantity::Rise(..) => out.rises += 1,
        }
    }
    let is_nested = knowledge.sums.iter().any(|(total, _)| {
        series.contains(total)
            && knowledge
                .sums
                .iter()
                .any(|(_, parts)| parts.contains(total))
    });
    let figures = attack.rows();
    let rule = attack.rule();
    let mut leaks: BTreeSet<usize> = BTreeSet::new();
    for level in [1, 2] {
        let mut rows = figures.clone();
        if level == 2 {
            rows.extend(rule.iter().cloned());
        }
        let terms: Vec<Vec<(usize, i128)>> =
            sums.iter().flatten().map(|(sum, _)| sum.clone()).collect();
        let kinds = components(attack.variables.len(), &rows, &terms);
        let mut solvers: BTreeMap<usize, Solver> = BTreeMap::new();
        for (index, (quantity, sum)) in quantities.iter().zip(&sums).enumerate() {
            if knowledge.exempt.contains(quantity) {
                continue;
            }
            let Some((sum, more)) = sum else { continue };
            let range = match sum.first() {
                // All of it is known.
                None => Range::of(Bound::At(*more), Bound::At(*more)),
                Some((first, _)) => {
                    let kind = kinds.get(*first).copied().unwrap_or_default();
                    let solver = solvers
                        .entry(kind)
                        .or_insert_with(|| solver(&attack, &kinds, kind, &rows, is_nested));
                    Range {
                        solver: is_nested.then_some((&*solver, sum.as_slice(), *more)),
                        ..Range::of(
                            shifted(solver.least(sum), *more),
                            shifted(solver.greatest(sum), *more),
                        )
                    }
                }
            };
            let threshold = i128::from(knowledge.threshold);
            let is_safe = if level == 1 {
                range.has_all(threshold - 1) || range.has_more_than(WIDE)
            } else {
                range.has_more_than(least_values(knowledge.threshold) - 1)
            };
            let width = range.width();
            if level == 1 {
                out.level1 = narrower(out.level1, width);
            } else {
                out.level2 = narrower(out.level2, width);
            }
            if !is_safe {
                leaks.insert(index);
                if is_quick {
                    out.leaks.push(quantity.clone());
                    return out;
                }
            }
        }
    }
    out.leaks = leaks
        .into_iter()
        .filter_map(|index| quantities.get(index).cloned())
        .collect();
    out
}

/// The solver for the variables of one kind. Rows over what is gone from the plan, of which the truth is not known, are left out where they
/// contradict the rest.
fn solver(
    attack: &Attack<'_>,
    kinds: &[usize],
    kind: usize,
    rows: &BTreeSet<Row>,
    is_nested: bool,
) -> Solver {
    let own: Vec<usize> = (0..kinds.len())
        .filter(|v| kinds.get(*v) == Some(&kind))
        .collect();
    let rows: Vec<&Row> = rows
        .iter()
        .filter(|row| {
            row.terms
                .first()
                .is_some_and(|(variable, _)| own.contains(variable))
        })
        .collect();
    let build = |with_gone: bool| {
        let rows = rows
            .iter()
            .filter(|row| with_gone || row.terms.iter().all(|(v, _)| attack.truth(*v).is_some()))
            .map(|row| (*row).clone())
            .collect();
        Solver::new(Problem {
            variables: kinds.len(),
            rows,
            is_nested,
        })
    };
    let whole = build(true);
    if whole.is_possible() {
        whole
    } else {
        build(false)
    }
}

fn shifted(bound: Bound, by: i128) -> Bound {
    match bound {
        Bound::At(value) => Bound::At(value + by),
        other => other,
    }
}

/// A sum of variables asked of a solver, and what is to be added to it.
type Asked<'s> = (&'s Solver, &'s [(usize, i128)], i128);

/// What a quantity can be.
struct Range<'s> {
    least: Option<i128>,
    greatest: Option<i128>,
    /// It could not be found out: taken for known.
    is_unknown: bool,
    /// Where not every number between the bounds need be possible.
    solver: Option<Asked<'s>>,
}

impl Range<'_> {
    fn of(least: Bound, greatest: Bound) -> Self {
        let end = |bound: Bound| match bound {
            Bound::At(value) => Some(value),
            Bound::None | Bound::Impossible | Bound::Unknown => None,
        };
        let is_unknown = [least, greatest]
            .iter()
            .any(|bound| matches!(bound, Bound::Unknown | Bound::Impossible));
        Self {
            least: end(least),
            greatest: end(greatest),
            is_unknown,
            solver: None,
        }
    }

    fn reaches(&self, value: i128) -> bool {
        let is_within = self.least.is_none_or(|least| least <= value)
            && self.greatest.is_none_or(|greatest| value <= greatest);
        is_within
            && self
                .solver
                .is_none_or(|(solver, sum, more)| solver.reaches(sum, value - more))
    }

    /// Whether every number from one to the last can be.
    fn has_all(&self, last: i128) -> bool {
        !self.is_unknown && (1..=last).all(|value| self.reaches(value))
    }

    /// Whether more numbers than this can be.
    fn has_more_than(&self, count: i128) -> bool {
        if self.is_unknown {
            return false;
        }
        if self.solver.is_none() {
            return self.width().is_none_or(|width| width > count);
        }
        // Far enough from either end to find as many, or not at all.
        let (from, step) = match (self.least, self.greatest) {
            (Some(least), _) => (least, 1),
            (None, Some(greatest)) => (greatest, -1),
            (None, None) => (0, 1),
        };
        let mut found = 0;
        for place in 0..60 {
            if self.reaches(from + step * place) {
                found += 1;
            }
            if found > count {
                return true;
            }
        }
        false
    }

    /// How many numbers lie between the bounds; nothing where there is no end.
    fn width(&self) -> Option<i128> {
        if self.is_unknown {
            return Some(0);
        }
        Some(self.greatest? - self.least? + 1)
    }
}
