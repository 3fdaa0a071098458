//! OLE compound files (old Office files, and encrypted new ones): the directory and the workbook's stream, in bounded steps.
//!
//! Invariant: a chain of sectors is never followed further than the file has sectors, so that a loop in it is damage, not a hang.

use super::Unreadable;

const NONE: u32 = 0xffff_fffa;

/// A compound file whose directory has been read.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    entries: Vec<Entry>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    mini_cutoff: usize,
}

/// A stream or storage.
struct Entry {
    name: String,
    start: u32,
    size: usize,
    is_stream: bool,
}

/// Up to four bytes, the smallest first.
pub(super) fn number(bytes: &[u8], at: usize, width: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |sum, byte| (sum << 8) | u32::from(*byte)),
    )
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .filter_map(|chunk| number(chunk, 0, 4))
}

fn broken(what: &str) -> Unreadable {
    Unreadable::Damaged(format!("the file is damaged or was cut short: {what}"))
}

impl<'a> Compound<'a> {
    /// Reads the header, the allocation tables and the directory.
    ///
    /// # Errors
    /// `Damaged` where they lead nowhere or in a circle.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let head = || broken("its first bytes are incomplete");
        let shift = number(bytes, 30, 2).ok_or_else(head)?;
        if !matches!(shift, 9 | 12) {
            return Err(broken("its sectors have no usual size"));
        }
        let mut out = Self {
            bytes,
            sector: 1 << shift,
            fat: Vec::new(),
            entries: Vec::new(),
            mini_fat: Vec::new(),
            mini: Vec::new(),
            mini_cutoff: 4096,
        };
        let mut tables: Vec<u32> = numbers(bytes.get(76..512).ok_or_else(head)?).collect();
        let mut next = number(bytes, 68, 4).ok_or_else(head)?;
        let mut steps = 0;
        while next < NONE {
            steps += 1;
            if steps > out.sectors() {
                return Err(broken("its table of sectors runs in a circle"));
            }
            tables.extend(numbers(
                out.at(next)
                    .ok_or_else(|| broken("a table of sectors is missing"))?,
            ));
            next = tables.pop().unwrap_or(NONE);
        }
        for table in tables.into_iter().filter(|table| *table < NONE) {
            // A table that is not there leaves its sectors without a next one, which only matters if they are used.
            let part: Vec<u32> = out
                .at(table)
                .map(|part| numbers(part).collect())
                .unwrap_or_default();
            out.fat.extend(part);
            if out.fat.len() > out.sectors() + out.sector {
                break;
            }
        }
        let directory = out.chain(number(bytes, 48, 4).ok_or_else(head)?, usize::MAX)?;
        out.entries = directory.chunks_exact(128).filter_map(entry).collect();
        if let Some(root) = out.entries.first() {
            let (start, size) = (root.start, root.size);
            let mini_start = number(bytes, 60, 4).unwrap_or(NONE);
            if mini_start < NONE && start < NONE {
                let table = out.chain(mini_start, usize::MAX)?;
                out.mini_fat = numbers(&table).collect();
                out.mini = out.chain(start, size)?;
            }
        }
        Ok(out)
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector + 1
    }

    fn at(&self, sector: u32) -> Option<&'a [u8]> {
        let start = (usize::try_from(sector).ok()?.checked_add(1)?).checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|part| !part.is_empty())
    }

    /// A chain of sectors, up to so many bytes.
    fn chain(&self, start: u32, bytes_max: usize) -> Result<Vec<u8>, Unreadable> {
        let mut out = Vec::new();
        let mut next = start;
        let mut steps = 0;
        while next < NONE && out.len() < bytes_max {
            steps += 1;
            if steps > self.sectors() {
                return Err(broken("its sectors run in a circle"));
            }
            let part = self
                .at(next)
                .ok_or_else(|| broken("a sector lies beyond its end"))?;
            out.extend_from_slice(part);
            next = usize::try_from(next)
                .ok()
                .and_then(|next| self.fat.get(next))
                .copied()
                .unwrap_or(NONE);
        }
        out.truncate(bytes_max);
        Ok(out)
    }

    /// Whether there is a stream or storage of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Whether a stream or storage has a name that passes a test.
    pub(super) fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        self.entries.iter().any(|entry| test(&entry.name))
    }

    /// The streams whose storage cannot be told apart from others', counted by a test of their names.
    pub(super) fn count(&self, test: impl Fn(&str) -> bool) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.is_stream && test(&entry.name))
            .count()
    }

    /// A stream's bytes.
    ///
    /// # Errors
    /// `Damaged` where its sectors lead nowhere or in a circle.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        let Some(entry) = self
            .entries
            .iter()
            .find(|entry| entry.is_stream && entry.name.eq_ignore_ascii_case(name))
        else {
            return Ok(None);
        };
        if entry.size >= self.mini_cutoff {
            return self.chain(entry.start, entry.size).map(Some);
        }
        let mut out = Vec::new();
        let mut next = entry.start;
        let mut steps = 0;
        while next < NONE && out.len() < entry.size {
            steps += 1;
            let part = usize::try_from(next)
                .ok()
                .and_then(|next| next.checked_mul(64))
                .and_then(|at| self.mini.get(at..self.mini.len().min(at + 64)))
                .filter(|part| !part.is_empty() && steps <= self.mini.len() / 64 + 1)
                .ok_or_else(|| broken("a short stream leads nowhere"))?;
            out.extend_from_slice(part);
            next = usize::try_from(next)
                .ok()
                .and_then(|next| self.mini_fat.get(next))
                .copied()
                .unwrap_or(NONE);
        }
        out.truncate(entry.size);
        Ok(Some(out))
    }
}

fn entry(raw: &[u8]) -> Option<Entry> {
    let length = usize::try_from(number(raw, 64, 2)?).ok()?.min(64);
    let kind = *raw.get(66)?;
    if kind == 0 {
        return None;
    }
    let units: Vec<u16> = raw
        .get(..length)?
        .chunks_exact(2)
        .filter_map(|pair| number(pair, 0, 2).and_then(|unit| u16::try_from(unit).ok()))
        .take_while(|unit| *unit != 0)
        .collect();
    Some(Entry {
        name: String::from_utf16_lossy(&units),
        start: number(raw, 116, 4)?,
        size: usize::try_from(number(raw, 120, 4)?).ok()?,
        is_stream: kind == 2,
    })
}

/// What the records of an xls workbook say beyond its cells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Records {
    /// Encrypted or obfuscated, by whatever method.
    pub(super) is_protected: bool,
    /// Links to other workbooks.
    pub(super) external_links: usize,
}

/// Looks through the records that stand before the first sheet.
pub(super) fn records(stream: &[u8]) -> Records {
    let mut out = Records::default();
    let mut at = 0_usize;
    while let (Some(kind), Some(length)) = (number(stream, at, 2), number(stream, at + 2, 2)) {
        let length = usize::try_from(length).unwrap_or(0);
        let body = stream.get(at + 4..at + 4 + length).unwrap_or_default();
        match kind {
            0x0a => break,
            0x2f => out.is_protected = true,
            // A book that formulas refer to; this one and add-ins carry a mark instead of a name.
            0x01ae if !matches!(number(body, 2, 2), Some(0x0401 | 0x3a01) | None) => {
                out.external_links += 1;
            }
            _ => {}
        }
        at += 4 + length;
    }
    out
}

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    reason = "a test that looks past the end should stop where it is"
)]
mod tests {
    use super::Compound;

    #[test]
    fn a_circle_of_sectors_is_damage() {
        let mut bytes = vec![0_u8; 512 * 4];
        bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
        bytes[30] = 9;
        bytes[48..52].copy_from_slice(&1_u32.to_le_bytes());
        bytes[60..64].copy_from_slice(&u32::MAX.to_le_bytes());
        bytes[68..72].copy_from_slice(&u32::MAX.to_le_bytes());
        bytes[76..512].fill(0xff);
        bytes[76..80].copy_from_slice(&0_u32.to_le_bytes());
        bytes[512..1024].fill(0xff);
        // The directory's sector is followed by itself.
        bytes[516..520].copy_from_slice(&1_u32.to_le_bytes());
        assert!(Compound::open(&bytes).is_err());
    }
}
