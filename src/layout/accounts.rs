//! What became of every filled cell of a sheet: the answer to figures that vanish.
//!
//! Invariant: a cell has one fate, given by whoever took it. There is no fate for the rest: a cell that nobody took stays untaken, the
//! sum falls short of what the reader counted, and the run does not tie out.

use crate::grid::{CellAddress, CellRange, Worksheet};

/// What became of a filled cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody took it.
    Untaken,
    /// In a heading row, repeated and group headings too.
    Heading,
    /// In a total's or subtotal's row.
    Total,
    /// Under a heading, in a table's row.
    Row,
    /// A label, or the value of one.
    Label,
    /// A finding stands on it or on its run.
    Named,
    /// Titles, banners, keys, notes and guidance, and row numbers.
    Text,
}

/// How many filled cells of a sheet became what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// What the reader counted.
    pub filled: usize,
    /// In heading rows.
    pub headings: usize,
    /// In rows of totals.
    pub totals: usize,
    /// In rows of tables.
    pub rows: usize,
    /// Labels and their values.
    pub labels: usize,
    /// Named by a finding.
    pub named: usize,
    /// Words.
    pub text: usize,
    /// On a sheet, or in a file, that is passed over.
    pub ignored: usize,
    /// What the cells outside the rows, headings and totals of tables were taken for, in runs from the top.
    pub outside: Vec<(CellRange, Fate)>,
}

impl Accounts {
    /// A sheet of which every cell is passed over.
    pub(super) fn ignored(sheet: &Worksheet) -> Self {
        Self {
            filled: sheet.filled(),
            ignored: sheet.cells().iter().filter(|cell| cell.is_filled()).count(),
            ..Self::default()
        }
    }

    /// Notes a cell outside tables, joining it to the run beside or above it.
    fn add_outside(&mut self, at: CellAddress, fate: Fate) {
        if let Some((run, of)) = self.outside.last_mut() {
            let is_beside = run.last.row == at.row && run.last.column + 1 == at.column;
            let is_below = run.first.column == run.last.column
                && run.first.column == at.column
                && run.last.row + 1 == at.row;
            if *of == fate && (is_beside && run.first.row == run.last.row || is_below) {
                run.last = at;
                return;
            }
        }
        self.outside.push((at.into(), fate));
    }

    /// All that is accounted for.
    #[must_use]
    pub fn told(&self) -> usize {
        self.headings
            + self.totals
            + self.rows
            + self.labels
            + self.named
            + self.text
            + self.ignored
    }

    /// Whether every filled cell is accounted for.
    #[must_use]
    pub fn ties_out(&self) -> bool {
        self.filled == self.told()
    }

    /// The same for a file of which nothing is used but what its tables hold: what stands outside is passed over.
    #[must_use]
    pub fn of_a_file_set_aside(&self) -> Self {
        Self {
            named: 0,
            text: 0,
            ignored: self.ignored + self.named + self.text,
            ..self.clone()
        }
    }

    /// The same for a file of which nothing is used at all.
    #[must_use]
    pub fn of_a_file_passed_over(&self) -> Self {
        Self {
            filled: self.filled,
            ignored: self.told(),
            ..Self::default()
        }
    }
}

/// The cells of one sheet while they are being taken.
pub(super) struct Taking<'a> {
    sheet: &'a Worksheet,
    fates: Vec<Fate>,
}

impl<'a> Taking<'a> {
    pub(super) fn of(sheet: &'a Worksheet) -> Self {
        Self {
            sheet,
            fates: vec![Fate::Untaken; sheet.cells().len()],
        }
    }

    /// Takes the cell at a place among the sheet's cells, unless somebody took it before.
    pub(super) fn take_nth(&mut self, index: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(index)
            && *slot == Fate::Untaken
        {
            *slot = fate;
        }
    }

    /// Takes the cell at an address, unless somebody took it before.
    pub(super) fn take(&mut self, at: CellAddress, fate: Fate) {
        if let Ok(index) = self
            .sheet
            .cells()
            .binary_search_by_key(&at, |cell| cell.address)
        {
            self.take_nth(index, fate);
        }
    }

    /// What became of the sheet's cells.
    pub(super) fn into_accounts(self) -> Accounts {
        let mut out = Accounts {
            filled: self.sheet.filled(),
            ..Accounts::default()
        };
        for (cell, fate) in self.sheet.cells().iter().zip(&self.fates) {
            if !cell.is_filled() {
                continue;
            }
            match fate {
                Fate::Untaken => {}
                Fate::Heading => out.headings += 1,
                Fate::Total => out.totals += 1,
                Fate::Row => out.rows += 1,
                Fate::Label => out.labels += 1,
                Fate::Named => out.named += 1,
                Fate::Text => out.text += 1,
            }
            if matches!(fate, Fate::Label | Fate::Named | Fate::Text) {
                out.add_outside(cell.address, *fate);
            }
        }
        out
    }
}
