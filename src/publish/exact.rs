//! Exact bounds of whole numbers under sums and orders: what can be worked out of figures that are not shown.
//!
//! The constraints that publishing asks of are equalities and orders with coefficients of one. With one level of sums they are two laminar
//! families (the totals of one quarter over parts, and the quarters of one series), which make a network matrix: it is totally unimodular,
//! so that the linear programme's bounds are whole and every whole number between them is reached. Where sums are sums of sums that no
//! longer holds, and the bounds are found by branching. The simplex method is run on whole numbers with a common denominator (Edmonds),
//! so that nothing is ever rounded; where a number outgrows its word, or the branching its limit, the answer is that nothing is known, and
//! who asked must take that as a leak.

/// A sum of variables with coefficients, at most or exactly a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Variables with their coefficients, in the order of the variables.
    pub terms: Vec<(usize, i128)>,
    /// The number.
    pub bound: i128,
    /// Whether the sum is exactly the number; else it is at most that.
    pub is_equal: bool,
}

/// Whole numbers, each from nought on, under rows.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// How many variables there are.
    pub variables: usize,
    /// What holds of them.
    pub rows: Vec<Row>,
    /// Whether sums of sums are among the rows, so that bounds have to be branched for.
    pub is_nested: bool,
}

/// What is known of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It reaches this, and nothing beyond.
    At(i128),
    /// It has no end.
    None,
    /// No numbers satisfy the rows.
    Impossible,
    /// It could not be found out.
    Unknown,
}

/// How many branches are tried for one bound.
const BRANCHES_MAX: usize = 400;

/// How many pivots are made for one bound.
const PIVOTS_MAX: usize = 20_000;

/// A problem in a form in which bound after bound can be asked of it.
#[derive(Clone, Debug)]
pub struct Solver {
    start: Option<Tableau>,
    is_possible: bool,
    problem: Problem,
}

impl Solver {
    /// Finds a point that satisfies the rows, if there is one.
    #[must_use]
    pub fn new(problem: Problem) -> Self {
        let found = Tableau::feasible(&problem);
        Self {
            is_possible: !matches!(found, Err(Bound::Impossible)),
            start: found.ok(),
            problem,
        }
    }

    /// Whether any numbers satisfy the rows, fractions among them.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.is_possible
    }

    /// The greatest value of a sum of variables.
    #[must_use]
    pub fn greatest(&self, sum: &[(usize, i128)]) -> Bound {
        let Some(start) = &self.start else {
            return if self.is_possible {
                Bound::Unknown
            } else {
                Bound::Impossible
            };
        };
        let mut left = BRANCHES_MAX;
        greatest(&self.problem, start, sum, None, &mut left)
    }

    /// The least value of a sum of variables.
    #[must_use]
    pub fn least(&self, sum: &[(usize, i128)]) -> Bound {
        let negated: Vec<(usize, i128)> = sum.iter().map(|(v, c)| (*v, -c)).collect();
        match self.greatest(&negated) {
            Bound::At(value) => Bound::At(-value),
            other => other,
        }
    }

    /// Whether a sum of variables can be exactly this.
    #[must_use]
    pub fn reaches(&self, sum: &[(usize, i128)], value: i128) -> bool {
        let mut problem = self.problem.clone();
        let mut terms = sum.to_vec();
        terms.sort_unstable();
        problem.rows.push(Row {
            terms,
            bound: value,
            is_equal: true,
        });
        matches!(Self::new(problem).greatest(&[]), Bound::At(_) | Bound::None)
    }
}

/// Branches while the best point has a fraction in it.
fn greatest(
    problem: &Problem,
    start: &Tableau,
    sum: &[(usize, i128)],
    best: Option<i128>,
    left: &mut usize,
) -> Bound {
    let mut tableau = start.clone();
    let Some(top) = tableau.maximise(sum) else {
        return Bound::Unknown;
    };
    let Some((numerator, denominator)) = top else {
        return Bound::None;
    };
    let whole = numerator.div_euclid(denominator);
    if best.is_some_and(|best| whole <= best) {
        return Bound::Impossible;
    }
    let Some((variable, below)) = tableau.fraction(problem.variables) else {
        return if numerator % denominator == 0 {
            Bound::At(whole)
        } else {
            Bound::Unknown
        };
    };
    let mut best = best;
    let mut found = Bound::Impossible;
    for is_above in [false, true] {
        if *left == 0 {
            return Bound::Unknown;
        }
        *left -= 1;
        let mut branch = problem.clone();
        branch.rows.push(if is_above {
            Row {
                terms: vec![(variable, -1)],
                bound: -(below + 1),
                is_equal: false,
            }
        } else {
            Row {
                terms: vec![(variable, 1)],
                bound: below,
                is_equal: false,
            }
        });
        let bound = match Tableau::feasible(&branch) {
            Ok(start) => greatest(&branch, &start, sum, best, left),
            Err(bound) => bound,
        };
        match bound {
            Bound::At(value) if best.is_none_or(|best| value > best) => {
                best = Some(value);
                found = Bound::At(value);
            }
            Bound::At(_) | Bound::Impossible => {}
            Bound::None => return Bound::None,
            Bound::Unknown => return Bound::Unknown,
        }
    }
    found
}

/// A simplex tableau in whole numbers: each entry is to be divided by `denominator`.
#[derive(Clone, Debug)]
struct Tableau {
    /// A row a constraint: its coefficients over all columns, the right side last.
    rows: Vec<Vec<i128>>,
    /// The variable that stands for each row.
    basis: Vec<usize>,
    denominator: i128,
    /// Columns that may enter: artificial ones do not.
    columns: usize,
}

impl Tableau {
    /// A point that satisfies the rows, or why there is none.
    fn feasible(problem: &Problem) -> Result<Self, Bound> {
        let slacks = problem.rows.iter().filter(|row| !row.is_equal).count();
        let columns = problem.variables + slacks;
        let mut needs = Vec::new();
        let mut rows: Vec<Vec<i128>> = Vec::new();
        let mut basis = Vec::new();
        let mut slack = problem.variables;
        for (index, row) in problem.rows.iter().enumerate() {
            let mut out = vec![0; columns];
            for (variable, coefficient) in &row.terms {
                if let Some(slot) = out.get_mut(*variable) {
                    *slot += coefficient;
                }
            }
            let mut stands = None;
            if !row.is_equal {
                if let Some(slot) = out.get_mut(slack) {
                    *slot = 1;
                }
                stands = Some(slack);
                slack += 1;
            }
            let mut bound = row.bound;
            if bound < 0 {
                for entry in &mut out {
                    *entry = -*entry;
                }
                bound = -bound;
                stands = None;
            }
            out.push(bound);
            rows.push(out);
            if let Some(slack) = stands {
                basis.push(slack);
            } else {
                basis.push(usize::MAX);
                needs.push(index);
            }
        }
        let total = columns + needs.len();
        for row in &mut rows {
            let bound = row.pop().unwrap_or_default();
            row.resize(total, 0);
            row.push(bound);
        }
        for (place, index) in needs.iter().enumerate() {
            if let Some(slot) = rows
                .get_mut(*index)
                .and_then(|row| row.get_mut(columns + place))
            {
                *slot = 1;
            }
            if let Some(slot) = basis.get_mut(*index) {
                *slot = columns + place;
            }
        }
        let mut out = Self {
            rows,
            basis,
            denominator: 1,
            columns: total,
        };
        if !needs.is_empty() {
            let artificial: Vec<(usize, i128)> = (columns..total).map(|c| (c, -1)).collect();
            match out.maximise(&artificial) {
                Some(Some((0, _))) => {}
                Some(_) => return Err(Bound::Impossible),
                None => return Err(Bound::Unknown),
            }
            // An artificial variable that is still in the basis is nought: it leaves for any other, or its row says nothing.
            let mut index = 0;
            while index < out.rows.len() {
                let is_artificial = out.basis.get(index).is_some_and(|b| *b >= columns);
                if !is_artificial {
                    index += 1;
                    continue;
                }
                let entering = out
                    .rows
                    .get(index)
                    .and_then(|row| row.iter().take(columns).position(|entry| *entry != 0));
                if let Some(column) = entering {
                    out.pivot(index, column).ok_or(Bound::Unknown)?;
                    index += 1;
                } else {
                    out.rows.remove(index);
                    out.basis.remove(index);
                }
            }
            for row in &mut out.rows {
                let bound = row.pop().unwrap_or_default();
                row.truncate(columns);
                row.push(bound);
            }
        }
        out.columns = columns;
        Ok(out)
    }

    /// Exchanges a column for the variable of a row; nothing where a number outgrows its word.
    fn pivot(&mut self, at: usize, column: usize) -> Option<()> {
        let pivot_row = self.rows.get(at)?.clone();
        let pivot = *pivot_row.get(column)?;
        let (sign, pivot) = if pivot < 0 { (-1, -pivot) } else { (1, pivot) };
        let pivot_row: Vec<i128> = pivot_row.into_iter().map(|entry| entry * sign).collect();
        let denominator = self.denominator;
        for (index, row) in self.rows.iter_mut().enumerate() {
            if index == at {
                continue;
            }
            let factor = *row.get(column)?;
            if factor == 0 && pivot == denominator {
                continue;
            }
            for (entry, own) in row.iter_mut().zip(&pivot_row) {
                let value = entry
                    .checked_mul(pivot)?
                    .checked_sub(factor.checked_mul(*own)?)?;
                *entry = value / denominator;
            }
        }
        *self.rows.get_mut(at)? = pivot_row;
        *self.basis.get_mut(at)? = column;
        self.denominator = pivot;
        Some(())
    }

    /// Goes to the greatest value of a sum: as a fraction, or nothing where it has no end. Nothing at all where that could not be found
    /// out. Bland's rule: it always ends.
    #[expect(
        clippy::option_option,
        reason = "whether it could be found out, and whether there is an end"
    )]
    fn maximise(&mut self, sum: &[(usize, i128)]) -> Option<Option<(i128, i128)>> {
        let mut costs = vec![0_i128; self.columns];
        for (variable, coefficient) in sum {
            *costs.get_mut(*variable)? += coefficient;
        }
        let cost =
            |variable: usize, costs: &[i128]| costs.get(variable).copied().unwrap_or_default();
        for _ in 0..PIVOTS_MAX {
            // What a column would add: its own cost less what it takes from the basis, times the denominator.
            let weights: Vec<i128> = self.basis.iter().map(|b| cost(*b, &costs)).collect();
            let paying: Vec<(i128, &Vec<i128>)> = weights
                .iter()
                .copied()
                .zip(&self.rows)
                .filter(|(weight, _)| *weight != 0)
                .collect();
            let mut entering = None;
            for column in 0..self.columns {
                let mut gain = cost(column, &costs).checked_mul(self.denominator)?;
                for (weight, row) in &paying {
                    let entry = row.get(column).copied().unwrap_or_default();
                    gain = gain.checked_sub(weight.checked_mul(entry)?)?;
                }
                if gain > 0 {
                    entering = Some(column);
                    break;
                }
            }
            let Some(column) = entering else {
                let mut value = 0_i128;
                for (weight, row) in &paying {
                    value = value.checked_add(weight.checked_mul(*row.last()?)?)?;
                }
                return Some(Some((value, self.denominator)));
            };
            let mut leaving: Option<(usize, i128, i128)> = None;
            for (index, row) in self.rows.iter().enumerate() {
                let entry = *row.get(column)?;
                if entry <= 0 {
                    continue;
                }
                let bound = *row.last()?;
                let is_better = match leaving {
                    None => true,
                    Some((other, over, under)) => {
                        let (own, best) = (bound.checked_mul(under)?, over.checked_mul(entry)?);
                        own < best || own == best && self.basis.get(index) < self.basis.get(other)
                    }
                };
                if is_better {
                    leaving = Some((index, bound, entry));
                }
            }
            let Some((index, ..)) = leaving else {
                return Some(None);
            };
            self.pivot(index, column)?;
        }
        None
    }

    /// A variable of the problem that is no whole number here, with the whole number below it.
    fn fraction(&self, variables: usize) -> Option<(usize, i128)> {
        self.basis
            .iter()
            .zip(&self.rows)
            .filter(|(variable, _)| **variable < variables)
            .find_map(|(variable, row)| {
                let value = *row.last()?;
                (value % self.denominator != 0)
                    .then(|| (*variable, value.div_euclid(self.denominator)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(terms: &[(usize, i128)], bound: i128, is_equal: bool) -> Row {
        Row {
            terms: terms.to_vec(),
            bound,
            is_equal,
        }
    }

    #[test]
    fn bounds_are_exact() {
        // x + y = 7, x <= z, z <= 4.
        let solver = Solver::new(Problem {
            variables: 3,
            rows: vec![
                row(&[(0, 1), (1, 1)], 7, true),
                row(&[(0, 1), (2, -1)], 0, false),
                row(&[(2, 1)], 4, false),
            ],
            is_nested: false,
        });
        assert_eq!(solver.greatest(&[(0, 1)]), Bound::At(4));
        assert_eq!(solver.least(&[(1, 1)]), Bound::At(3));
        assert_eq!(solver.greatest(&[(1, 1), (0, -1)]), Bound::At(7));
        assert!(solver.reaches(&[(0, 1)], 2) && !solver.reaches(&[(0, 1)], 5));
    }

    #[test]
    fn what_has_no_end_and_what_cannot_be_are_told_apart() {
        let open = Solver::new(Problem {
            variables: 2,
            rows: vec![row(&[(0, -1), (1, 1)], 0, false)],
            is_nested: false,
        });
        assert_eq!(open.greatest(&[(0, 1)]), Bound::None);
        assert_eq!(open.least(&[(0, 1)]), Bound::At(0));
        let none = Solver::new(Problem {
            variables: 1,
            rows: vec![row(&[(0, 1)], 2, true), row(&[(0, 1)], 3, true)],
            is_nested: false,
        });
        assert!(!none.is_possible());
        assert_eq!(none.greatest(&[(0, 1)]), Bound::Impossible);
    }

    #[test]
    fn fractions_are_branched_away() {
        // x + y = 3, y + z = 3, x + z = 3 has only the fraction 3/2; with <= each is at most 3, and the sum of all at most 4.
        let triangle = |is_equal| Problem {
            variables: 3,
            rows: vec![
                row(&[(0, 1), (1, 1)], 3, is_equal),
                row(&[(1, 1), (2, 1)], 3, is_equal),
                row(&[(0, 1), (2, 1)], 3, is_equal),
            ],
            is_nested: true,
        };
        let all = [(0, 1), (1, 1), (2, 1)];
        assert_eq!(Solver::new(triangle(false)).greatest(&all), Bound::At(4));
        assert_eq!(
            Solver::new(triangle(true)).greatest(&all),
            Bound::Impossible
        );
    }
}
