//! What the finished package still lacks, because the writing library cannot say it.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write as _};

use super::link::MARK;
use super::long::{self, Waiting};
use crate::grid::CellRange;

/// The language that a screen reader reads the workbook in.
const LANGUAGE: &str = "en-GB";

/// The part that holds the document's properties.
const CORE: &str = "docProps/core.xml";

/// Where the parts of tables are.
const TABLES: &str = "xl/tables/";

/// Where the parts of sheets are, and of where their links lead.
const SHEETS: &str = "xl/worksheets/";

/// What the library was not told, or was told otherwise.
#[derive(Default)]
pub(super) struct Lacks {
    /// Tables that it was told short.
    pub(super) ranges: Vec<TableRange>,
    /// Sheets of which it was told the headings alone.
    pub(super) sheets: Vec<LongSheet>,
    /// Whether a link has marks in the place of percent signs.
    pub(super) has_marks: bool,
}

/// A table that the library was told short.
pub(super) struct TableRange {
    /// The table's name.
    pub(super) table: &'static str,
    /// The range that the library was told.
    pub(super) told: CellRange,
    /// The range that the table has.
    pub(super) whole: CellRange,
}

/// A sheet whose rows wait outside the library.
pub(super) struct LongSheet {
    /// Its number among the sheets, from one.
    pub(super) number: usize,
    /// Its rows and links.
    pub(super) waiting: Waiting,
    /// The range that it has.
    pub(super) whole: CellRange,
}

impl LongSheet {
    fn part(&self) -> String {
        format!("{SHEETS}sheet{}.xml", self.number)
    }

    fn relations(&self) -> String {
        format!("{SHEETS}_rels/sheet{}.xml.rels", self.number)
    }

    /// The sheet's part with its rows and links in their places.
    fn write(&mut self, told: &str, out: &mut impl io::Write) -> io::Result<()> {
        let told = long::told(told, &self.whole.to_string())
            .ok_or_else(|| unexpected("a sheet is not as it was told"))?;
        out.write_all(told.before.as_bytes())?;
        out.write_all(b"<sheetData>")?;
        out.write_all(told.heading.as_bytes())?;
        self.waiting.pour(&told.styles, out)?;
        out.write_all(b"</sheetData>")?;
        out.write_all(told.between.as_bytes())?;
        let links = &self.waiting.links.elements;
        if !links.is_empty() {
            for text in ["<hyperlinks>", links, "</hyperlinks>"] {
                out.write_all(text.as_bytes())?;
            }
        }
        out.write_all(told.after.as_bytes())
    }
}

/// The package with its long sheets' rows, its language, its tables' whole ranges and its links' percent signs; every other part is copied as it is.
pub(super) fn completed<P: Read + Seek>(
    mut package: P,
    lacks: &mut Lacks,
    level: u8,
) -> io::Result<Vec<u8>> {
    let size = package.seek(SeekFrom::End(0))?;
    let room = usize::try_from(size).unwrap_or_default() + 64;
    let mut archive = zip::ZipArchive::new(BufReader::new(package))?;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(room)));
    let mut met = 0;
    // The date of the zip format's beginning, as the library has it: two runs give the same bytes.
    let options =
        zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        let name = part.name()?.into_owned();
        let is_table = name.starts_with(TABLES) && !lacks.ranges.is_empty();
        let rows = lacks.sheets.iter().position(|sheet| sheet.part() == name);
        let links = lacks
            .sheets
            .iter()
            .position(|sheet| sheet.relations() == name);
        let is_marked = name.starts_with(SHEETS) && lacks.has_marks;
        let is_whole = rows.is_none() && links.is_none() && !is_marked;
        if name != CORE && !is_table && is_whole {
            out.raw_copy_file(part)?;
            continue;
        }
        drop(part);
        let mut text = String::new();
        archive.by_index(index)?.read_to_string(&mut text)?;
        if let Some(sheet) = rows.and_then(|at| lacks.sheets.get_mut(at)) {
            out.start_file(name, options.compression_level(Some(i64::from(level))))?;
            sheet.write(&text, &mut out)?;
            met += 1;
            continue;
        }
        if name == CORE {
            text = with_language(&text)?;
        } else if let Some(sheet) = links.and_then(|at| lacks.sheets.get(at)) {
            let (before, after) = text
                .split_once("</Relationships>")
                .ok_or_else(|| unexpected("a sheet's relations have no end"))?;
            text = format!(
                "{before}{}</Relationships>{after}",
                sheet.waiting.links.relations
            );
        } else if is_marked {
            text = text.replace(MARK, "%");
        } else if let Some(range) = lacks.ranges.iter().find(|range| is_of(&text, range)) {
            let (told, whole) = (reference(range.told), reference(range.whole));
            text = text.replace(&told, &whole);
            met += 1;
        }
        out.start_file(name, options)?;
        out.write_all(text.as_bytes())?;
    }
    let mut out = out.finish()?.into_inner();
    sign_alike(&mut out);
    if met == lacks.ranges.len() + lacks.sheets.len() {
        Ok(out)
    } else {
        Err(unexpected("a table or a sheet is not where it was written"))
    }
}

/// The package of a public workbook: its language, and nobody who edited it last.
pub(super) fn published<P: Read + Seek>(package: P) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(BufReader::new(package))?;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        if part.name()? != CORE {
            out.raw_copy_file(part)?;
            continue;
        }
        drop(part);
        let mut text = String::new();
        archive.by_index(index)?.read_to_string(&mut text)?;
        let text = with_language(&text)?;
        let (before, rest) = text
            .split_once("<cp:lastModifiedBy>")
            .ok_or_else(|| unexpected("the document's properties have no editor"))?;
        let (_, after) = rest
            .split_once("</cp:lastModifiedBy>")
            .ok_or_else(|| unexpected("the document's properties have no editor"))?;
        let options =
            zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        out.start_file(CORE, options)?;
        out.write_all(format!("{before}{after}").as_bytes())?;
    }
    let mut out = out.finish()?.into_inner();
    sign_alike(&mut out);
    Ok(out)
}

/// Where the list of entries says how long it is and where it begins, counted from the package's end.
const END_BYTES: usize = 22;

/// The system that Unix is in a package's list of entries.
const UNIX: u8 = 3;

/// Gives every entry one sign of the system that made it, so that the same inputs give the same bytes on each.
fn sign_alike(package: &mut [u8]) {
    let number = |package: &[u8], at: usize, bytes: usize| {
        let own = package.get(at..at.checked_add(bytes)?)?;
        Some(
            own.iter()
                .rev()
                .fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte)),
        )
    };
    let Some(end) = package.len().checked_sub(END_BYTES) else {
        return;
    };
    let entries = number(package, end + 10, 2).unwrap_or_default();
    let mut at = number(package, end + 16, 4).unwrap_or_default();
    for _ in 0..entries {
        if package.get(at..at + 4) != Some(b"PK\x01\x02") {
            return;
        }
        if let Some(system) = package.get_mut(at + 5) {
            *system = UNIX;
        }
        let texts = [28, 30, 32].map(|own| number(package, at + own, 2).unwrap_or_default());
        at += 46 + texts.iter().sum::<usize>();
    }
}

fn unexpected(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn with_language(core: &str) -> io::Result<String> {
    let (before, after) = core
        .split_once("<dcterms:created")
        .ok_or_else(|| unexpected("the document's properties have no date"))?;
    Ok(format!(
        "{before}<dc:language>{LANGUAGE}</dc:language><dcterms:created{after}"
    ))
}

fn is_of(text: &str, range: &TableRange) -> bool {
    text.contains(&format!("displayName=\"{}\"", range.table))
        && text.contains(&reference(range.told))
}

/// The range as a table and its filter give it.
fn reference(range: CellRange) -> String {
    format!("ref=\"{range}\"")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::sign_alike;

    #[test]
    fn every_entry_is_signed_alike_whatever_system_made_it() {
        let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["a.xml", "b/c.xml"] {
            out.start_file(name, zip::write::SimpleFileOptions::default())
                .expect("an entry");
            out.write_all(b"text").expect("its text");
        }
        let made = out.finish().expect("a package").into_inner();
        let entries = |package: &[u8]| -> Vec<usize> {
            let begin = |window: &[u8]| window == b"PK\x01\x02";
            (0..package.len() - 4)
                .filter(|at| package.get(*at..at + 4).is_some_and(begin))
                .collect()
        };
        let mut other = made.clone();
        for at in entries(&made) {
            if let Some(system) = other.get_mut(at + 5) {
                *system = 0;
            }
        }
        let mut wanted = made;
        sign_alike(&mut wanted);
        sign_alike(&mut other);
        assert_eq!(entries(&other).len(), 2);
        assert_eq!(wanted, other);
    }
}
