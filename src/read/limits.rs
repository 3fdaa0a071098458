//! How much a file may be before it is refused. Each limit has its reason; a partner's return is a few hundred kilobytes.

use super::Unreadable;

/// The limits in force.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file as sent.
    pub file_bytes: usize,
    /// Bytes of all its parts inflated: what a reader may have to hold.
    pub inflated_bytes: u64,
    /// Inflated bytes for each byte sent; text in a spreadsheet seldom packs 100 to 1.
    pub ratio: u64,
    /// Parts in the package.
    pub members: usize,
    /// Sheets.
    pub sheets: usize,
    /// Filled cells in the file.
    pub cells: usize,
}

impl Limits {
    /// The limits of this program.
    pub const STATED: Self = Self {
        file_bytes: 100 << 20,
        inflated_bytes: 1 << 30,
        ratio: 500,
        members: 10_000,
        sheets: 500,
        cells: 5_000_000,
    };

    /// # Errors
    /// `TooLarge` over the limit.
    pub(super) fn check_size(&self, bytes: usize) -> Result<(), Unreadable> {
        if bytes > self.file_bytes {
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
