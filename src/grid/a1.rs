//! Cell addresses as people write them: `B7`, `A1:D9`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Rows of the largest grid (Excel 2007 and later).
pub const ROWS_MAX: u32 = 1_048_576;
/// Columns of the largest grid.
pub const COLUMNS_MAX: u16 = 16_384;

/// A cell's place on its sheet, zero-based inside and A1 outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellAddress {
    /// Zero-based row: row 1 is 0.
    pub row: u32,
    /// Zero-based column: column A is 0.
    pub column: u16,
}

impl CellAddress {
    /// The cell at a zero-based row and column.
    #[must_use]
    pub fn new(row: u32, column: u16) -> Self {
        Self { row, column }
    }

    /// The column as letters.
    #[must_use]
    pub fn column_letters(column: u16) -> String {
        let mut rest = u32::from(column) + 1;
        let mut letters = Vec::new();
        while rest > 0 {
            let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
            letters.push(char::from(b'A' + digit));
            rest = (rest - 1) / 26;
        }
        letters.iter().rev().collect()
    }
}

impl fmt::Display for CellAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            Self::column_letters(self.column),
            u64::from(self.row) + 1
        )
    }
}

/// Why a text is no A1 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cell address")]
pub struct NotAnAddress;

impl FromStr for CellAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let split = text
            .find(|c: char| c.is_ascii_digit())
            .ok_or(NotAnAddress)?;
        let (letters, digits) = text.split_at(split);
        if letters.is_empty() || letters.len() > 3 || digits.len() > 7 {
            return Err(NotAnAddress);
        }
        let mut column = 0_u32;
        for letter in letters.bytes() {
            if !letter.is_ascii_alphabetic() {
                return Err(NotAnAddress);
            }
            column = column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        }
        let row: u32 = digits.parse().map_err(|_| NotAnAddress)?;
        let column = u16::try_from(column - 1).map_err(|_| NotAnAddress)?;
        if row == 0 || row > ROWS_MAX || column >= COLUMNS_MAX {
            return Err(NotAnAddress);
        }
        Ok(Self::new(row - 1, column))
    }
}

/// A rectangle of cells, both corners included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellRange {
    /// Top left.
    pub first: CellAddress,
    /// Bottom right.
    pub last: CellAddress,
}

impl CellRange {
    /// The rectangle between two corners.
    #[must_use]
    pub fn new(first: CellAddress, last: CellAddress) -> Self {
        Self { first, last }
    }

    /// Whether the cell lies inside.
    #[must_use]
    pub fn contains(&self, address: CellAddress) -> bool {
        (self.first.row..=self.last.row).contains(&address.row)
            && (self.first.column..=self.last.column).contains(&address.column)
    }
}

impl From<CellAddress> for CellRange {
    fn from(address: CellAddress) -> Self {
        Self::new(address, address)
    }
}

impl fmt::Display for CellRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}:{}", self.first, self.last)
        }
    }
}

impl FromStr for CellRange {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        match text.split_once(':') {
            None => Ok(Self::from(text.parse::<CellAddress>()?)),
            Some((first, last)) => Ok(Self::new(first.parse()?, last.parse()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CellAddress, CellRange};

    #[test]
    fn addresses_survive_a_round_trip() {
        for text in ["A1", "Z9", "AA10", "XFD1048576", "BC27"] {
            let address: CellAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
        }
        assert_eq!(
            "A6:H6".parse::<CellRange>().map(|r| r.to_string()),
            Ok("A6:H6".to_owned())
        );
    }

    #[test]
    fn what_lies_outside_the_grid_is_no_address() {
        for text in [
            "",
            "A0",
            "XFE1",
            "A1048577",
            "7",
            "A",
            "A-1",
            "ZZZZ1",
            "A99999999999",
        ] {
            assert!(text.parse::<CellAddress>().is_err(), "{text}");
        }
    }
}
