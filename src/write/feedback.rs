//! What partners get back, as files: notes, copies with marks, and the officer's index.

use std::io;

use super::cells;
use crate::feedback::{self, Feedback, File, Folder, Item, Kind, Made};
use crate::grid::{Format, Visibility, Workbook};
use crate::mark::{self, List, SheetMarks};
use crate::pipeline::Outcome;
use crate::schema::Schema;
use crate::source::Source;

/// A file of more filled cells than this is not shown anew.
pub const RENDITION_CELLS_MAX: usize = 200_000;

/// Where the files that came in are found again: the bytes of a source, and what reading bytes gives.
pub struct Originals<'a> {
    /// A source's bytes, as they were read; `None` where they are not there any more.
    pub bytes: &'a (dyn Fn(&Source) -> Option<Vec<u8>> + Sync),
    /// Reads bytes once more, as the run did.
    pub read: &'a (dyn Fn(&[u8]) -> Option<Workbook> + Sync),
}

/// Makes what goes back for one file, if something is to be marked in it.
#[must_use]
pub fn copy(
    items: &[Item],
    file: &File,
    outcome: &Outcome,
    originals: &Originals<'_>,
) -> (Made, Option<Vec<u8>>) {
    let none = |why: &str| {
        let why = (!why.is_empty()).then(|| why.to_owned());
        (
            Made {
                why,
                ..Made::default()
            },
            None,
        )
    };
    let Some(source) = outcome.sources.get(file.source).filter(|_| file.is_to_mark) else {
        return none("");
    };
    let Some(bytes) = (originals.bytes)(source) else {
        return none("the file was changed or taken away while the program ran");
    };
    let marks = feedback::marks(items, source);
    let why = match source.workbook().map(|book| book.format) {
        Some(Format::Xlsx) => {
            let list = feedback::list_rows(items, Kind::Marked);
            match mark::mark(&bytes, &marks, &list) {
                Ok(marked) => {
                    let name = format!("{}.{}", file.stem, file.extension);
                    return (Made::marked(name, &marked), Some(marked.bytes));
                }
                Err(why) => why.to_string(),
            }
        }
        Some(Format::Csv) => "a csv file has no place for marks".to_owned(),
        Some(Format::Xls) => "a workbook in the old .xls format cannot be marked".to_owned(),
        Some(Format::Xlsb) => "a binary workbook (.xlsb) cannot be marked".to_owned(),
        Some(Format::Ods) => "an OpenDocument spreadsheet cannot be marked".to_owned(),
        Some(Format::Html) => "a web page cannot be marked".to_owned(),
        Some(Format::SpreadsheetMl) => {
            "a workbook of Excel 2003 as XML cannot be marked".to_owned()
        }
        None => return none("it could not be read"),
    };
    let Some(book) = (originals.read)(&bytes) else {
        return none(&why);
    };
    let filled: usize = visible(&book).map(|(_, sheet)| sheet.filled()).sum();
    if filled > RENDITION_CELLS_MAX {
        return none(&format!(
            "{why}, and with more than 200,000 filled cells it is too large to be shown anew"
        ));
    }
    match rendition(items, marks, &book, source) {
        Some(marked) => {
            let made = Made {
                kind: Kind::Rendition,
                why: Some(why),
                ..Made::marked(format!("{}.xlsx", file.stem), &marked)
            };
            (made, Some(marked.bytes))
        }
        None => none(&why),
    }
}

fn visible(book: &Workbook) -> impl Iterator<Item = (usize, &crate::grid::Worksheet)> {
    book.sheets
        .iter()
        .enumerate()
        .filter(|(_, sheet)| sheet.visibility == Visibility::Visible && sheet.damage.is_none())
}

/// A new workbook that shows what was read, marked as the partner's own would be.
fn rendition(
    items: &[Item],
    marks: Vec<SheetMarks>,
    book: &Workbook,
    source: &Source,
) -> Option<mark::Marked> {
    let stem = crate::layout::stem(source.file_name());
    let mut names: Vec<(usize, String)> = Vec::new();
    for (index, sheet) in visible(book) {
        let wanted = sheet.name.as_deref().unwrap_or(stem);
        let name = cells::sheet_name(wanted, &names);
        names.push((index, name));
    }
    let name_of = |index: usize| {
        let mut own = names.iter();
        own.find(|(at, _)| *at == index)
            .map(|(_, name)| name.clone())
    };
    let sheets: Vec<(&str, &[crate::grid::Cell])> = visible(book)
        .zip(&names)
        .map(|((_, sheet), (_, name))| (name.as_str(), sheet.cells()))
        .collect();
    let bytes = cells::write(&sheets).ok()?;
    let marks: Vec<SheetMarks> = marks
        .into_iter()
        .filter_map(|marks| {
            Some(SheetMarks {
                name: name_of(marks.index)?,
                ..marks
            })
        })
        .collect();
    let mut list: List = feedback::list_rows(items, Kind::Rendition);
    for row in &mut list.rows {
        match row.sheet_index.map(name_of) {
            Some(Some(name)) => row.sheet = name,
            // What is not shown anew has no place to lead to.
            Some(None) => row.leads_to = None,
            None => {}
        }
    }
    mark::mark(&bytes, &marks, &list).ok()
}

/// The note of a folder as text and as a page, once its copies are made.
#[must_use]
pub fn notes(
    feedback: &Feedback,
    folder: &Folder,
    outcome: &Outcome,
    schema: &Schema,
) -> [(String, Vec<u8>); 2] {
    let text = feedback::text(feedback, folder, outcome, schema);
    let html = feedback::html(feedback, folder, outcome, schema);
    [
        (format!("{}/note.txt", folder.name), text.into_bytes()),
        (format!("{}/note.html", folder.name), html.into_bytes()),
    ]
}

/// One agency's whole folder as files, each with its path below the place where all folders stand: to be zipped, or shown.
/// `index` counts the folders of `feedback`, which learns what was made.
#[must_use]
pub fn folder(
    feedback: &mut Feedback,
    index: usize,
    outcome: &Outcome,
    schema: &Schema,
    originals: &Originals<'_>,
) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let Some(folder) = feedback.folders.get(index) else {
        return out;
    };
    let mut made_all = Vec::new();
    for file in &folder.files {
        let items = feedback::items_of(Some(folder), file, outcome);
        let (made, bytes) = copy(&items, file, outcome, originals);
        if let (Some(name), Some(bytes)) = (&made.name, bytes) {
            out.push((format!("{}/{name}", folder.name), bytes));
        }
        made_all.push(made);
    }
    if let Some(folder) = feedback.folders.get_mut(index) {
        for (file, made) in folder.files.iter_mut().zip(made_all) {
            file.made = made;
        }
    }
    if let Some(folder) = feedback.folders.get(index) {
        out.extend(notes(feedback, folder, outcome, schema));
    }
    out
}

/// The officer's index: one row an agency. UTF-8 with a byte order mark so that Excel reads it as such.
///
/// # Errors
/// If the writing library refuses a record.
pub fn index(feedback: &Feedback, outcome: &Outcome, schema: &Schema) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record([
        "code", "name", "folder", "files", "errors", "warnings", "state", "reply by", "send",
    ])?;
    for folder in &feedback.folders {
        let Some(agency) = folder.agency else {
            continue;
        };
        let files: Vec<&str> = folder
            .files
            .iter()
            .filter_map(|file| file.made.name.as_deref())
            .collect();
        let send = if folder.needs_secure_route(outcome) {
            feedback::secure_route(schema)
        } else {
            String::new()
        };
        let cells = [
            schema.agency_code(agency).to_owned(),
            schema.agency_name(agency).to_owned(),
            folder.name.clone(),
            files.join("; "),
            folder.errors().to_string(),
            folder.warnings().to_string(),
            folder.state.words().to_owned(),
            feedback.reply_by.to_string(),
            send,
        ];
        writer.write_record(cells.map(|text| super::csv::harmless(&text)))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
