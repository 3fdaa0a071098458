//! Zip packages: the directory read once, no part inflated beyond a stated limit, no part that would be read twice or not at all.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

use super::Unreadable;
use super::limits::Limits;

/// A package opened, and what reading from it has cost so far.
pub(super) struct Package<'a> {
    bytes: &'a [u8],
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Parts by their names in lower case with forward slashes.
    parts: HashMap<String, usize>,
    meter: Meter,
}

/// How many markup tags a part may hold: what a reader makes of each differs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Allowance {
    /// Lists that a person or a program keeps short: sheets, styles, relationships.
    Short,
    /// The texts of a workbook's cells, which are all held at once.
    Texts,
    /// A sheet's cells, which are streamed and counted one by one.
    Cells,
}

impl<'a> Package<'a> {
    /// Opens a package and checks its directory.
    ///
    /// # Errors
    /// `TooLarge` over a limit; `Damaged` where it cannot be unpacked or a reader would lose something.
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Unreadable> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
            Unreadable::Damaged(
                "the file is damaged or was cut short: it cannot be unpacked".to_owned(),
            )
        })?;
        if archive.len() > limits.members {
            return Err(Unreadable::TooLarge(format!(
                "the file has {} parts; the limit is {}",
                archive.len(),
                limits.members
            )));
        }
        let mut declared = 0_u64;
        let mut parts = HashMap::new();
        for index in 0..archive.len() {
            let Ok(part) = archive.by_index_raw(index) else {
                continue;
            };
            declared = declared.saturating_add(part.size());
            if let Ok(name) = part.name() {
                let name = plain(&name);
                if parts.insert(name.clone(), index).is_some() {
                    return Err(twice(&name));
                }
            }
        }
        // The library keeps the last of two parts with one name and says nothing; the directory itself tells.
        if let Some(name) = named_twice(bytes) {
            return Err(twice(&name));
        }
        let meter = Meter {
            limits: *limits,
            packed: bytes.len() as u64,
            inflated: 0,
            exceeded: None,
        };
        meter.check(declared)?;
        Ok(Self {
            bytes,
            archive,
            parts,
            meter,
        })
    }

    /// The file's bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The parts' names, in lower case with forward slashes, in no particular order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Whether the package has this part.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&plain(name))
    }

    /// Hands a part to a reader of it; nothing if there is no such part.
    ///
    /// # Errors
    /// `TooLarge` over a limit; otherwise what the reader makes of it.
    pub(super) fn stream<T>(
        &mut self,
        name: &str,
        allowance: Allowance,
        read: impl FnOnce(&mut dyn BufRead) -> T,
    ) -> Result<Option<T>, Unreadable> {
        let Some(index) = self.parts.get(&plain(name)).copied() else {
            return Ok(None);
        };
        let Ok(part) = self.archive.by_index(index) else {
            return Err(damaged_part(name));
        };
        let mut guarded = BufReader::with_capacity(
            32 << 10,
            Guard {
                inner: part,
                meter: &mut self.meter,
                tags_left: allowance.tags(),
                run: 0,
            },
        );
        let out = read(&mut guarded);
        drop(guarded);
        match self.meter.exceeded.take() {
            Some(why) => Err(why),
            None => Ok(Some(out)),
        }
    }

    /// A whole part that is meant to be short; nothing if there is none.
    ///
    /// # Errors
    /// `TooLarge` over a limit, `Damaged` where it cannot be unpacked.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        let read = self.stream(name, Allowance::Short, |part| {
            let mut out = Vec::new();
            part.read_to_end(&mut out).map(|_| out)
        })?;
        match read {
            None => Ok(None),
            Some(Ok(bytes)) => Ok(Some(bytes)),
            Some(Err(_)) => Err(damaged_part(name)),
        }
    }

    /// Unpacks a part that another reader will read, to know that it is sound and within limits.
    ///
    /// # Errors
    /// `TooLarge` over a limit, `Damaged` where it cannot be unpacked.
    pub(super) fn check(&mut self, name: &str, allowance: Allowance) -> Result<(), Unreadable> {
        match self.stream(name, allowance, |part| io::copy(part, &mut io::sink()))? {
            Some(Err(_)) => Err(damaged_part(name)),
            None | Some(Ok(_)) => Ok(()),
        }
    }

    /// The package written anew, unpacked, with some of its parts replaced and some under other names, given as they are compared.
    pub(super) fn rewritten(
        &mut self,
        replaced: &HashMap<String, Vec<u8>>,
        renamed: &HashMap<String, String>,
    ) -> Option<Vec<u8>> {
        use io::Write as _;
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        for index in 0..self.archive.len() {
            let name = self.archive.name_for_index(index)?.ok()?.into_owned();
            let name_plain = plain(&name);
            let new_name = renamed.get(&name_plain);
            if let Some(part) = replaced.get(&name_plain) {
                out.start_file(new_name.unwrap_or(&name).as_str(), options)
                    .ok()?;
                out.write_all(part).ok()?;
            } else if let Some(new_name) = new_name {
                out.raw_copy_file_rename(self.archive.by_index_raw(index).ok()?, new_name.as_str())
                    .ok()?;
            } else if !renamed.values().any(|new| plain(new) == name_plain) {
                out.raw_copy_file(self.archive.by_index_raw(index).ok()?)
                    .ok()?;
            }
        }
        Some(out.finish().ok()?.into_inner())
    }
}

impl Allowance {
    fn tags(self) -> u64 {
        match self {
            Self::Short => 2_000_000,
            Self::Texts => 24_000_000,
            Self::Cells => u64::MAX,
        }
    }
}

/// What is said of a part that cannot be unpacked.
pub(super) fn damaged_part(name: &str) -> Unreadable {
    Unreadable::Damaged(format!("the part {name} of the file is damaged"))
}

/// A part's name as readers compare it.
fn plain(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_ascii_lowercase()
}

fn twice(name: &str) -> Unreadable {
    Unreadable::Damaged(format!(
        "the file holds two parts called {name}, so it is not clear which is meant"
    ))
}

/// A name that the central directory lists more than once.
fn named_twice(bytes: &[u8]) -> Option<String> {
    const END: &[u8] = b"PK\x05\x06";
    let number = |at: usize, width: usize| -> Option<usize> {
        let field = bytes.get(at..at.checked_add(width)?)?;
        Some(
            field
                .iter()
                .rev()
                .fold(0, |sum, byte| (sum << 8) | usize::from(*byte)),
        )
    };
    let tail = bytes.len().saturating_sub(66_000);
    let end = tail + bytes.get(tail..)?.windows(4).rposition(|w| w == END)?;
    let mut at = end.checked_sub(number(end + 12, 4)?)?;
    let mut seen = std::collections::BTreeSet::new();
    while bytes.get(at..at + 4)? == b"PK\x01\x02" {
        let (name, extra, comment) = (
            number(at + 28, 2)?,
            number(at + 30, 2)?,
            number(at + 32, 2)?,
        );
        let raw = bytes.get(at + 46..at + 46 + name)?;
        let name_plain = plain(&String::from_utf8_lossy(raw));
        if !seen.insert(name_plain.clone()) {
            return Some(name_plain);
        }
        at += 46 + name + extra + comment;
    }
    None
}

/// What has been inflated from one package.
struct Meter {
    limits: Limits,
    packed: u64,
    inflated: u64,
    exceeded: Option<Unreadable>,
}

impl Meter {
    fn check(&self, inflated: u64) -> Result<(), Unreadable> {
        if inflated > self.limits.inflated_bytes {
            return Err(Unreadable::TooLarge(format!(
                "the file unpacks to more than {} MB, which is the limit",
                self.limits.inflated_bytes >> 20
            )));
        }
        let ratio = inflated / self.packed.max(1);
        // Small files may pack well by chance; only a large result is a threat.
        if inflated > self.limits.ratio_from && ratio > self.limits.ratio {
            return Err(Unreadable::TooLarge(format!(
                "the file unpacks to {ratio} times its size; the limit is {}",
                self.limits.ratio
            )));
        }
        Ok(())
    }
}

/// A part as it is inflated: the directory's sizes can lie, so every byte is counted.
struct Guard<'m, R> {
    inner: R,
    meter: &'m mut Meter,
    tags_left: u64,
    run: u64,
}

impl<R> Guard<'_, R> {
    fn count(&mut self, chunk: &[u8]) -> Result<(), Unreadable> {
        self.meter.inflated = self.meter.inflated.saturating_add(chunk.len() as u64);
        self.meter.check(self.meter.inflated)?;
        let tags = chunk
            .iter()
            .fold(0_u64, |tags, byte| tags + u64::from(*byte == b'<'));
        self.tags_left = self.tags_left.checked_sub(tags).ok_or_else(|| {
            Unreadable::TooLarge(
                "the file has far more styles, texts or sheets than a workbook can hold".to_owned(),
            )
        })?;
        // Readers hold the text between two tags at once.
        self.run = match chunk.iter().rposition(|byte| *byte == b'<') {
            Some(last) => (chunk.len() - last) as u64,
            None => self.run.saturating_add(chunk.len() as u64),
        };
        if self.run > self.meter.limits.text_bytes {
            return Err(Unreadable::TooLarge(format!(
                "the file holds a single text of more than {} MB; a cell holds 32,767 characters",
                self.meter.limits.text_bytes >> 20
            )));
        }
        Ok(())
    }
}

impl<R: Read> Read for Guard<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Err(why) = self.count(buffer.get(..read).unwrap_or_default()) {
            self.meter.exceeded = Some(why);
            return Err(io::Error::other("over a limit"));
        }
        Ok(read)
    }
}
