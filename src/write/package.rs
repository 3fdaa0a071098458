//! What the finished package still lacks, because the writing library cannot say it.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write as _};

use super::link::MARK;
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

/// The package with its language, its tables' whole ranges and its links' percent signs; every other part is copied as it is.
pub(super) fn completed<P: Read + Seek>(mut package: P, lacks: &Lacks) -> io::Result<Vec<u8>> {
    let size = package.seek(SeekFrom::End(0))?;
    let room = usize::try_from(size).unwrap_or_default() + 64;
    let mut archive = zip::ZipArchive::new(BufReader::new(package))?;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(room)));
    let mut met = 0;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        let name = part.name()?.into_owned();
        let is_table = name.starts_with(TABLES) && !lacks.ranges.is_empty();
        let has_links = name.starts_with(SHEETS) && lacks.has_marks;
        if name != CORE && !is_table && !has_links {
            out.raw_copy_file(part)?;
            continue;
        }
        drop(part);
        let mut text = String::new();
        archive.by_index(index)?.read_to_string(&mut text)?;
        if name == CORE {
            text = with_language(&text)?;
        } else if has_links {
            text = text.replace(MARK, "%");
        } else if let Some(range) = lacks.ranges.iter().find(|range| is_of(&text, range)) {
            let (told, whole) = (reference(range.told), reference(range.whole));
            text = text.replace(&told, &whole);
            met += 1;
        }
        // The date of the zip format's beginning, as the library has it: two runs give the same bytes.
        let options =
            zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        out.start_file(name, options)?;
        out.write_all(text.as_bytes())?;
    }
    let out = out.finish()?.into_inner();
    if met == lacks.ranges.len() {
        Ok(out)
    } else {
        Err(unexpected("a table is not where it was written"))
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
    Ok(out.finish()?.into_inner())
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
