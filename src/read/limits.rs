//! How much a file may be before it is refused. Each limit has its reason; a partner's return is a few hundred kilobytes.

use std::time::Duration;

use super::Unreadable;

/// What all files of a run may hold together. It is filled in the order of the sources; a file that does not fit any more is refused, and
/// the others are merged.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// Cells, each of 64 bytes of text counting as one more, with what the records take up.
    pub cells: usize,
    /// Rows of tables: a sheet of the output cannot hold more.
    pub rows: usize,
    /// Findings.
    pub findings: usize,
    /// A file of so many cells is read, whatever was spent on larger ones before it.
    pub small: usize,
}

/// The limits in force.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file as sent.
    pub file_bytes: usize,
    /// Bytes of its parts inflated: what a reader may have to hold.
    pub inflated_bytes: u64,
    /// Inflated bytes for each byte sent.
    pub ratio: u64,
    /// From how many inflated bytes the ratio is judged.
    pub ratio_from: u64,
    /// Bytes of one text inside a part.
    pub text_bytes: u64,
    /// Parts in the package.
    pub members: usize,
    /// Sheets.
    pub sheets: usize,
    /// Filled cells in the file.
    pub cells: usize,
    /// Tables in the file.
    pub tables: usize,
    /// Rows of its tables times their columns: what its records take up, filled or not.
    pub slots: usize,
    /// What all files of a run may hold together.
    pub run: RunLimits,
    /// How long a file may take that is read in a process of its own.
    pub time: Duration,
    /// How much memory that process may ask for.
    pub memory_bytes: u64,
}

/// What a file takes of what all files of a run may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Its cells, as [`RunLimits::cells`] counts them.
    pub cells: usize,
    /// The rows of its tables.
    pub rows: usize,
}

/// What is left of what all files of a run may hold.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    left: Size,
    /// How many cells may still be read, those of refused files among them.
    work: usize,
}

impl Default for Room {
    fn default() -> Self {
        let most = Limits::STATED.run;
        Self {
            left: Size {
                cells: most.cells,
                rows: most.rows,
            },
            work: most.cells.saturating_mul(2),
        }
    }
}

impl Room {
    /// How many cells the next file may have. Once large files have used up what may be read, a small one is read all the same.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.left.cells.min(self.work.max(Limits::STATED.run.small))
    }

    /// Takes a file in, or says why it is refused; what was read of it is spent in either case.
    ///
    /// # Errors
    /// `TooLarge` where it does not fit any more.
    pub fn take(&mut self, size: Size) -> Result<(), Unreadable> {
        let most = Limits::STATED.run;
        let may = self.cells();
        self.work = self.work.saturating_sub(size.cells.min(may));
        if size.cells > may {
            return Err(Self::full(&format!("{} cells", most.cells)));
        }
        if size.rows > self.left.rows {
            return Err(Self::full(&format!("{} rows of tables", most.rows)));
        }
        self.left.cells -= size.cells;
        self.left.rows -= size.rows;
        Ok(())
    }

    /// Why a file is refused that would be fine by itself.
    #[must_use]
    pub fn full(most: &str) -> Unreadable {
        Unreadable::TooLarge(format!(
            "with the files taken before it, it is over what all files of a run may hold together, {most}"
        ))
    }
}

impl Limits {
    /// The limits of this program.
    pub const STATED: Self = Self {
        file_bytes: 100 << 20,
        inflated_bytes: 512 << 20,
        ratio: 150,
        ratio_from: 64 << 20,
        text_bytes: 16 << 20,
        members: 10_000,
        sheets: 500,
        cells: 2_500_000,
        tables: 1_000,
        slots: 6_000_000,
        run: RunLimits {
            cells: 12_000_000,
            rows: 1_000_000,
            findings: 250_000,
            small: 5_000,
        },
        time: Duration::from_secs(20),
        memory_bytes: 1_400 << 20,
    };

    /// Every limit with its reason, for the help and the manual.
    #[must_use]
    pub fn spoken(&self) -> Vec<(String, &'static str)> {
        vec![
            (
                format!("{} MB as sent", self.file_bytes >> 20),
                "a return is a few hundred kilobytes",
            ),
            (
                format!("{} MB unpacked", self.inflated_bytes >> 20),
                "a reader may have to hold all of it",
            ),
            (
                format!(
                    "{} times its size unpacked, from {} MB on",
                    self.ratio,
                    self.ratio_from >> 20
                ),
                "sheets seldom pack 50 to 1; far more is made to do harm",
            ),
            (
                format!("{} MB for one text", self.text_bytes >> 20),
                "a cell holds 32,767 characters",
            ),
            (
                format!("{} parts", self.members),
                "a workbook has a few for each sheet and picture",
            ),
            (
                format!("{} sheets", self.sheets),
                "nobody can look through more",
            ),
            (
                format!("{} filled cells", self.cells),
                "a quarter's plan has some thousands",
            ),
            (
                format!(
                    "{} tables, and {} cells of their rows, blank ones counted",
                    self.tables, self.slots
                ),
                "a return has one or two tables",
            ),
            (
                format!(
                    "{} cells, {} rows of tables and {} findings in all files of a run together",
                    self.run.cells, self.run.rows, self.run.findings
                ),
                "the memory of one machine, and what a sheet can hold; files are taken in their order, and one that does not fit any more is refused by name",
            ),
            (
                format!(
                    "{} seconds and {} MB of memory for an old .xls workbook",
                    self.time.as_secs(),
                    self.memory_bytes >> 20
                ),
                "damaged ones can keep a reader busy for ever; they are read in a process of their own (on Windows with the time limit alone)",
            ),
        ]
    }

    /// Whether a file may be read, by its size alone.
    ///
    /// # Errors
    /// `TooLarge` over the limit.
    pub fn check_size(&self, bytes: u64) -> Result<(), Unreadable> {
        if bytes > self.file_bytes as u64 {
            return Err(Unreadable::TooLarge(format!(
                "the file is {} MB; the limit is {} MB",
                bytes >> 20,
                self.file_bytes >> 20
            )));
        }
        Ok(())
    }

    /// # Errors
    /// `TooLarge` over the limit.
    pub(super) fn check_sheets(&self, sheets: usize) -> Result<(), Unreadable> {
        if sheets > self.sheets {
            return Err(Unreadable::TooLarge(format!(
                "the workbook has {sheets} sheets; the limit is {}",
                self.sheets
            )));
        }
        Ok(())
    }

    /// Whether what was found in a file may be read into records: its tables, and the cells of their rows.
    ///
    /// # Errors
    /// `TooLarge` over the limit.
    pub fn check_tables(&self, tables: usize, slots: usize) -> Result<(), Unreadable> {
        if tables > self.tables {
            return Err(Unreadable::TooLarge(format!(
                "it has {tables} tables; the limit is {}",
                self.tables
            )));
        }
        if slots > self.slots {
            return Err(Unreadable::TooLarge(format!(
                "the rows of its tables have {slots} cells, blank ones counted; the limit is {}",
                self.slots
            )));
        }
        Ok(())
    }

    /// # Errors
    /// `TooLarge` over the limit.
    pub(super) fn check_cells(&self, cells: usize) -> Result<(), Unreadable> {
        if cells > self.cells {
            return Err(Unreadable::TooLarge(format!(
                "the file has more than {} filled cells, which is the limit",
                self.cells
            )));
        }
        Ok(())
    }
}
