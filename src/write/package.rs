//! What the finished package still lacks, because the writing library cannot say it.

use std::io::{BufReader, Cursor, Read, Seek, SeekFrom, Write as _};

use crate::grid::CellRange;

/// The language that a screen reader reads the workbook in.
const LANGUAGE: &str = "en-GB";

/// The part that holds the document's properties.
const CORE: &str = "docProps/core.xml";

/// Where the parts of tables are.
const TABLES: &str = "xl/tables/";

/// A table that the library was told short.
pub(super) struct TableRange {
    /// The table's name.
    pub(super) table: &'static str,
    /// The range that the library was told.
    pub(super) told: CellRange,
    /// The range that the table has.
    pub(super) whole: CellRange,
}

/// The package with its language and its tables' whole ranges; every other part is copied as it is. Nothing if the archive is not as
/// expected, or a table is not found.
pub(super) fn completed<P: Read + Seek>(mut package: P, ranges: &[TableRange]) -> Option<Vec<u8>> {
    let size = package.seek(SeekFrom::End(0)).ok()?;
    let room = usize::try_from(size).ok()? + 64;
    let mut archive = zip::ZipArchive::new(BufReader::new(package)).ok()?;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(room)));
    let mut met = 0;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let is_table = name.starts_with(TABLES) && !ranges.is_empty();
        if name != CORE && !is_table {
            out.raw_copy_file(part).ok()?;
            continue;
        }
        drop(part);
        let mut text = String::new();
        archive
            .by_index(index)
            .ok()?
            .read_to_string(&mut text)
            .ok()?;
        if name == CORE {
            text = with_language(&text)?;
        } else if let Some(range) = ranges.iter().find(|range| is_of(&text, range)) {
            let (told, whole) = (reference(range.told), reference(range.whole));
            text = text.replace(&told, &whole);
            met += 1;
        }
        // The date of the zip format's beginning, as the library has it: two runs give the same bytes.
        let options =
            zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        out.start_file(name, options).ok()?;
        out.write_all(text.as_bytes()).ok()?;
    }
    let out = out.finish().ok()?.into_inner();
    (met == ranges.len()).then_some(out)
}

fn with_language(core: &str) -> Option<String> {
    let (before, after) = core.split_once("<dcterms:created")?;
    Some(format!(
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
