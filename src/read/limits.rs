//! How much a file may be before it is refused. Each limit has its reason; a partner's return is a few hundred kilobytes.

use std::time::Duration;

use super::Unreadable;

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
    /// How long a file may take that is read in a process of its own.
    pub time: Duration,
    /// How much memory that process may ask for.
    pub memory_bytes: u64,
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
        cells: 5_000_000,
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
