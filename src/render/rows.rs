//! A table's rows, of which a long sheet is never whole in memory.

use std::borrow::Cow;
use std::fmt;

use super::Cell;

/// A table's rows: made beforehand, or each at the moment when it is written.
pub enum Rows<'a> {
    /// Made.
    Made(Vec<Vec<Cell>>),
    /// Made when asked for.
    Drawn {
        /// How many there are.
        count: usize,
        /// The row of a number, the same however often it is asked for.
        row: Box<dyn Fn(usize) -> Vec<Cell> + 'a>,
    },
}

impl<'a> Rows<'a> {
    /// A row for each item of a list, made when it is asked for.
    pub fn of<T: 'a>(items: Vec<T>, row: impl Fn(&T) -> Vec<Cell> + 'a) -> Self {
        Self::Drawn {
            count: items.len(),
            row: Box::new(move |index| items.get(index).map(&row).unwrap_or_default()),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Made(rows) => rows.len(),
            Self::Drawn { count, .. } => *count,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, [Cell]>> {
        (0..self.len()).map(|index| match self {
            Self::Made(rows) => Cow::Borrowed(rows.get(index).map_or(&[][..], Vec::as_slice)),
            Self::Drawn { row, .. } => Cow::Owned(row(index)),
        })
    }
}

impl From<Vec<Vec<Cell>>> for Rows<'_> {
    fn from(rows: Vec<Vec<Cell>>) -> Self {
        Self::Made(rows)
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
