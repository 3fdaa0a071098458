//! Which figures are hidden: the small, the small rises, the listed, and as few others as the guarantee needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::proof::{CellKey, Knowledge, Proof, Quantity, Seen, Snapshot, When, groups, prove};
use crate::value::period::Quarter;

/// Why a figure is hidden. The public is never told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is a small count.
    Small,
    /// It is a small count above another that is shown.
    Rise,
    /// Its measure is never shown.
    Listed,
    /// It protects another.
    Protects,
}

impl Why {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Rise => "rise",
            Self::Listed => "listed",
            Self::Protects => "protects",
        }
    }
}

/// The whole figures of one measure.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Its reference's key.
    pub series: Arc<str>,
    /// Whether a small count of it is hidden.
    pub is_sensitive: bool,
    /// Whether no value of it is shown.
    pub is_never: bool,
    /// Whether its action is left out of the set.
    pub is_left_out: bool,
    /// Its figures.
    pub cells: BTreeMap<When, i64>,
    /// Those that somebody decided to show.
    pub accepted: BTreeSet<When>,
}

/// What is hidden, and what that proves.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The hidden cells.
    pub hidden: BTreeMap<CellKey, Why>,
    /// The proof.
    pub proof: Proof,
    /// What can be worked out too closely whatever is hidden now.
    pub unmet: Vec<Quantity>,
}

/// Chooses what is hidden. `known` holds all but the true figures, which are the measures' own.
#[must_use]
pub fn choose(mut known: Knowledge, measures: &[Measured]) -> Choice {
    let mut out = Choice::default();
    let mut now = Snapshot::new();
    let mut fixed: BTreeSet<CellKey> = BTreeSet::new();
    for measure in measures {
        for (when, value) in &measure.cells {
            let cell = CellKey {
                series: Arc::clone(&measure.series),
                when: *when,
            };
            known.truth.insert(cell.clone(), *value);
            if measure.is_left_out {
                known.unseen.insert(cell.clone());
                now.insert(cell, Seen::Hidden);
                continue;
            }
            if *value == 0 || measure.accepted.contains(when) {
                fixed.insert(cell.clone());
            }
            now.insert(cell, Seen::Figure(*value));
        }
    }
    for measure in measures.iter().filter(|measure| !measure.is_left_out) {
        for (when, why) in by_rule(measure, &known) {
            let cell = CellKey {
                series: Arc::clone(&measure.series),
                when,
            };
            now.insert(cell.clone(), Seen::Hidden);
            out.hidden.insert(cell, why);
        }
    }
    // Hiding again what is out and has not changed hides nothing.
    for set in &known.earlier {
        for (cell, seen) in set {
            if let Seen::Figure(value) = seen
                && known.truth.get(cell) == Some(value)
            {
                fixed.insert(cell.clone());
            }
        }
    }
    for group in groups(&known, &now) {
        for whens in slices(&known, &now, &group) {
            let part = only(&known, &group, &whens);
            let mut own: Snapshot = now
                .iter()
                .filter(|(cell, _)| group.contains(&cell.series) && whens.contains(&cell.when))
                .map(|(cell, seen)| (cell.clone(), *seen))
                .collect();
            let (more, unmet) = protect(&part, &own, &group, &fixed);
            for cell in more {
                own.insert(cell.clone(), Seen::Hidden);
                out.hidden.insert(cell, Why::Protects);
            }
            let mut part = part;
            part.exempt.extend(unmet.iter().cloned());
            out.unmet.extend(unmet);
            out.proof.add(prove(&part, &own, &group, false));
        }
    }
    out.unmet.sort();
    out
}

/// What the rule itself hides of a measure.
fn by_rule(measure: &Measured, known: &Knowledge) -> BTreeMap<When, Why> {
    let mut out = BTreeMap::new();
    let is_small = |value: i64| (1..known.threshold).contains(&value);
    if measure.is_never {
        out.extend(
            measure
                .cells
                .keys()
                .filter(|when| !measure.accepted.contains(*when))
                .map(|when| (*when, Why::Listed)),
        );
        return out;
    }
    if !measure.is_sensitive {
        return out;
    }
    let is_running = known.running.contains(&measure.series);
    let mut shown: BTreeMap<When, i64> = measure
        .cells
        .iter()
        .filter(|(when, _)| measure.accepted.contains(*when))
        .map(|(when, value)| (*when, *value))
        .collect();
    for (when, value) in &measure.cells {
        if *value == 0 || measure.accepted.contains(when) {
            continue;
        }
        if is_small(*value) {
            out.insert(*when, Why::Small);
            continue;
        }
        let When::Quarter(quarter) = *when else {
            continue;
        };
        if is_running {
            let of_year =
                |other: &When| matches!(other, When::Quarter(q) if q.year == quarter.year);
            let beside = shown
                .iter()
                .filter(|(other, _)| of_year(other))
                .map(|(_, value)| *value);
            let published = published(measure, known, quarter);
            if beside
                .chain(published)
                .any(|other| is_small((value - other).abs()))
            {
                out.insert(*when, Why::Rise);
                continue;
            }
        }
        shown.insert(*when, *value);
    }
    out
}

/// What was published of a running total for other quarters of a year.
fn published(measure: &Measured, known: &Knowledge, quarter: Quarter) -> Vec<i64> {
    let mut out = Vec::new();
    for set in &known.earlier {
        for number in (1..=4).filter(|number| *number != quarter.number) {
            let cell = CellKey {
                series: Arc::clone(&measure.series),
                when: When::Quarter(Quarter { number, ..quarter }),
            };
            if let Some(Seen::Figure(value)) = set.get(&cell) {
                out.push(*value);
            }
        }
    }
    out
}

/// The columns of a group that hang together: a baseline stands alone; quarters hang together within a year where a total runs over them.
fn slices(known: &Knowledge, now: &Snapshot, group: &BTreeSet<Arc<str>>) -> Vec<BTreeSet<When>> {
    let is_running = group.iter().any(|series| known.running.contains(series));
    let mut out: BTreeMap<(i16, u8), BTreeSet<When>> = BTreeMap::new();
    for (cell, _) in known.earlier.iter().flatten().chain(now) {
        if !group.contains(&cell.series) {
            continue;
        }
        let slice = match cell.when {
            When::Baseline(year) => (year, 0),
            When::Quarter(quarter) if is_running => (quarter.year, 9),
            When::Quarter(quarter) => (quarter.year, quarter.number),
        };
        out.entry(slice).or_default().insert(cell.when);
    }
    out.into_values().collect()
}

/// What is known of some series in some columns.
fn only(known: &Knowledge, group: &BTreeSet<Arc<str>>, whens: &BTreeSet<When>) -> Knowledge {
    let is_own = |cell: &CellKey| group.contains(&cell.series) && whens.contains(&cell.when);
    Knowledge {
        threshold: known.threshold,
        running: known
            .running
            .iter()
            .filter(|series| group.contains(*series))
            .cloned()
            .collect(),
        sums: known
            .sums
            .iter()
            .filter(|(total, _)| group.contains(total))
            .cloned()
            .collect(),
        earlier: known
            .earlier
            .iter()
            .map(|set| {
                set.iter()
                    .filter(|(cell, _)| is_own(cell))
                    .map(|(cell, seen)| (cell.clone(), *seen))
                    .collect()
            })
            .collect(),
        truth: known
            .truth
            .iter()
            .filter(|(cell, _)| is_own(cell))
            .map(|(cell, value)| (cell.clone(), *value))
            .collect(),
        unseen: known.unseen.iter().filter(|c| is_own(c)).cloned().collect(),
        exempt: known.exempt.clone(),
    }
}

/// How many sets of cells are tried before the shorter way is taken.
const TRIES_MAX: usize = 4_000;

/// The fewest further cells that protect what is hidden, of as few the smallest in sum, then the first by reference and quarter; and what
/// leaks even if all that can be hidden is.
fn protect(
    known: &Knowledge,
    now: &Snapshot,
    group: &BTreeSet<Arc<str>>,
    fixed: &BTreeSet<CellKey>,
) -> (Vec<CellKey>, Vec<Quantity>) {
    if prove(known, now, group, true).leaks.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut candidates: Vec<(i64, CellKey)> = now
        .iter()
        .filter_map(|(cell, seen)| match seen {
            Seen::Figure(value) if !fixed.contains(cell) => Some((*value, cell.clone())),
            Seen::Figure(_) | Seen::Hidden => None,
        })
        .collect();
    candidates.sort_by(|a, b| a.1.cmp(&b.1));
    let with = |cells: &[&CellKey]| {
        let mut out = now.clone();
        for cell in cells {
            out.insert((*cell).clone(), Seen::Hidden);
        }
        out
    };
    let all: Vec<&CellKey> = candidates.iter().map(|(_, cell)| cell).collect();
    let unmet = prove(known, &with(&all), group, false).leaks;
    let mut known = known.clone();
    known.exempt.extend(unmet.iter().cloned());
    let is_safe = |cells: &[&CellKey]| prove(&known, &with(cells), group, true).leaks.is_empty();
    if is_safe(&[]) {
        return (Vec::new(), unmet);
    }
    let mut tries = 0;
    for size in 1..=candidates.len() {
        let Some(sets) = choices(&candidates, size, TRIES_MAX - tries) else {
            break;
        };
        for set in sets {
            tries += 1;
            let cells: Vec<&CellKey> = set
                .iter()
                .filter_map(|index| candidates.get(*index))
                .map(|(_, cell)| cell)
                .collect();
            if is_safe(&cells) {
                return (cells.into_iter().cloned().collect(), unmet);
            }
        }
    }
    (greedy(&known, now, group, &candidates), unmet)
}

/// Every choice of so many cells, the smallest in sum first, then in order; nothing where there are more than can be tried.
fn choices(candidates: &[(i64, CellKey)], size: usize, most: usize) -> Option<Vec<Vec<usize>>> {
    let mut out: Vec<(i64, Vec<usize>)> = vec![(0, Vec::new())];
    for _ in 0..size {
        let mut next = Vec::new();
        for (sum, set) in &out {
            let from = set.last().map_or(0, |last| last + 1);
            for (index, (value, _)) in candidates.iter().enumerate().skip(from) {
                let mut set = set.clone();
                set.push(index);
                next.push((sum + value, set));
            }
            if next.len() > most.saturating_mul(8).max(40_000) {
                return None;
            }
        }
        out = next;
    }
    if out.len() > most {
        return None;
    }
    out.sort();
    Some(out.into_iter().map(|(_, set)| set).collect())
}

/// Cells one by one, each time the one that leaves the fewest leaks, then those taken back that are not needed after all.
fn greedy(
    known: &Knowledge,
    now: &Snapshot,
    group: &BTreeSet<Arc<str>>,
    candidates: &[(i64, CellKey)],
) -> Vec<CellKey> {
    let mut hidden = now.clone();
    let mut taken: Vec<(i64, CellKey)> = Vec::new();
    let mut left: Vec<&(i64, CellKey)> = candidates.iter().collect();
    while !prove(known, &hidden, group, true).leaks.is_empty() {
        let best = left
            .iter()
            .enumerate()
            .map(|(index, (value, cell))| {
                let mut tried = hidden.clone();
                tried.insert(cell.clone(), Seen::Hidden);
                let leaks = prove(known, &tried, group, false).leaks.len();
                (leaks, *value, index)
            })
            .min();
        let Some((_, _, index)) = best else { break };
        let own = left.remove(index).clone();
        hidden.insert(own.1.clone(), Seen::Hidden);
        taken.push(own);
    }
    taken.sort_by(|a, b| b.cmp(a));
    let mut out = Vec::new();
    for (value, cell) in taken {
        hidden.insert(cell.clone(), Seen::Figure(value));
        if !prove(known, &hidden, group, true).leaks.is_empty() {
            hidden.insert(cell.clone(), Seen::Hidden);
            out.push(cell);
        }
    }
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(series: &str, figures: &[i64], is_sensitive: bool) -> Measured {
        Measured {
            series: series.into(),
            is_sensitive,
            cells: (1..)
                .zip(figures)
                .map(|(number, value)| (When::Quarter(Quarter { year: 2022, number }), *value))
                .collect(),
            ..Measured::default()
        }
    }

    fn known(running: &[&str], sums: &[(&str, &[&str])]) -> Knowledge {
        Knowledge {
            threshold: 5,
            running: running.iter().map(|s| Arc::from(*s)).collect(),
            sums: sums
                .iter()
                .map(|(total, parts)| {
                    (
                        Arc::from(*total),
                        parts.iter().map(|part| Arc::from(*part)).collect(),
                    )
                })
                .collect(),
            ..Knowledge::default()
        }
    }

    /// What is hidden: `A:Q1 small`.
    fn hidden(choice: &Choice) -> Vec<String> {
        assert!(choice.proof.leaks.is_empty(), "{:?}", choice.proof);
        choice
            .hidden
            .iter()
            .map(|(cell, why)| {
                let When::Quarter(quarter) = cell.when else {
                    panic!()
                };
                format!("{}:Q{} {}", cell.series, quarter.number, why.word())
            })
            .collect()
    }

    #[test]
    fn small_counts_are_hidden_and_noughts_shown() {
        let found = choose(known(&[], &[]), &[measure("A", &[3, 0, 5, 12], true)]);
        assert_eq!(hidden(&found), ["A:Q1 small"]);
        let found = choose(known(&[], &[]), &[measure("A", &[3, 0, 5, 12], false)]);
        assert!(hidden(&found).is_empty());
    }

    #[test]
    fn small_rises_are_hidden() {
        let found = choose(known(&["A"], &[]), &[measure("A", &[7, 9, 9, 14], true)]);
        assert_eq!(hidden(&found), ["A:Q2 rise", "A:Q3 rise"]);
        let found = choose(known(&["A"], &[]), &[measure("A", &[7, 7, 12, 40], true)]);
        assert!(hidden(&found).is_empty());
    }

    #[test]
    fn a_part_is_not_worked_out_from_its_total() {
        let measures = [
            measure("A", &[3], true),
            measure("B", &[20], false),
            measure("C", &[8], false),
            measure("T", &[31], false),
        ];
        let found = choose(known(&[], &[("T", &["A", "B", "C"])]), &measures);
        assert_eq!(hidden(&found), ["A:Q1 small", "C:Q1 protects"]);
        assert!(found.unmet.is_empty());
        assert_eq!(found.proof.level1, Some(10));
    }

    #[test]
    fn what_is_out_cannot_be_taken_back() {
        let mut before = known(&[], &[("T", &["A", "B"])]);
        let cell = |series: &str| CellKey {
            series: series.into(),
            when: When::Quarter(Quarter {
                year: 2022,
                number: 1,
            }),
        };
        before.earlier = vec![
            [(cell("B"), Seen::Figure(20)), (cell("T"), Seen::Figure(23))]
                .into_iter()
                .collect(),
        ];
        let measures = [
            measure("A", &[3], true),
            measure("B", &[20], false),
            measure("T", &[23], false),
        ];
        let found = choose(before, &measures);
        assert_eq!(found.unmet, [Quantity::Figure(cell("A"))]);
    }

    #[test]
    fn two_hundred_hidden_figures_are_proved_at_once() {
        let mut measures = Vec::new();
        let mut sums: Vec<(Arc<str>, Vec<Arc<str>>)> = Vec::new();
        for group in 0..10 {
            let parts: Vec<Arc<str>> = (0..6).map(|p| format!("P{group}-{p}").into()).collect();
            let mut total = [0; 4];
            for (place, part) in (0..).zip(&parts) {
                let figures: Vec<i64> = (1..=4)
                    .map(|q| if place < 5 { q } else { 20 * q })
                    .collect();
                for (slot, figure) in total.iter_mut().zip(&figures) {
                    *slot += figure;
                }
                measures.push(measure(part, &figures, true));
            }
            let name = format!("T{group}");
            measures.push(measure(&name, &total, true));
            sums.push((name.into(), parts));
        }
        let known = Knowledge {
            threshold: 5,
            running: measures.iter().map(|m| Arc::clone(&m.series)).collect(),
            sums,
            ..Knowledge::default()
        };
        let found = choose(known, &measures);
        assert!(found.hidden.len() >= 200, "{}", found.hidden.len());
        assert!(found.proof.leaks.is_empty() && found.unmet.is_empty());
    }
}
