//! A workbook's package with what is put in: every other part is copied as it is packed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use zip::ZipArchive;
use zip::write::SimpleFileOptions;

use super::scan::{Part, RELATIONSHIPS, RELATIONSHIPS_STRICT};
use super::sheet::Sheet;
use super::styles::{self, Locks};
use super::workbook::{self, NewRelation, Relation};
use super::{
    List, Marked, NOTES_MAX, Note, SheetMarks, Unmarkable, WithoutNote, added, comments, vml,
};
use crate::grid::CellAddress;

const TYPES: &str = "[Content_Types].xml";
const SHEET_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
const COMMENTS_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";

/// Why a cell has no note of ours.
const HAS_OWN: &str = "has a note of its own";
const TOO_MANY: &str = "the sheet has 1,000 notes already";
const NO_PLACE: &str = "the file is Strict Open XML, which has no place for notes";

/// Marks a workbook.
///
/// # Errors
/// Why it cannot be marked without changing what is the partner's.
pub fn mark(bytes: &[u8], sheets: &[SheetMarks], list: &List) -> Result<Marked, Unmarkable> {
    let mut package = Package::open(bytes)?;
    let root = package.relations("_rels/.rels")?;
    let book_part = root
        .iter()
        .find(|r| r.kind == "officeDocument" && !r.is_external)
        .map(|r| resolve("", &r.target))
        .filter(|part| package.has(part))
        .ok_or_else(|| Unmarkable::new("it does not say which of its parts is the workbook"))?;
    let folder = folder_of(&book_part).to_owned();
    let book = package.read(&book_part)?;
    let (listed, is_strict) = workbook::listed(&Part::new(&book_part, &book)?)?;
    let book_relations_part = relations_of(&book_part);
    let book_relations = package.relations(&book_relations_part)?;
    let styles_part = book_relations
        .iter()
        .find(|r| r.kind == "styles" && !r.is_external)
        .map(|r| resolve(&folder, &r.target))
        .filter(|part| package.has(part))
        .ok_or_else(|| Unmarkable::new("it has no part for styles"))?;
    let styles = package.read(&styles_part)?;
    let (styles, formats, locks) = styles::add(&Part::new(&styles_part, &styles)?)?;
    package.change(&styles_part, styles);

    let kind = |kind: &str| {
        let base = if is_strict {
            RELATIONSHIPS_STRICT
        } else {
            RELATIONSHIPS
        };
        format!("{base}/{kind}")
    };
    let mut marking = Marking {
        package,
        folder: folder.clone(),
        blocks: BTreeSet::new(),
        types: Vec::new(),
        drawings: Vec::new(),
        is_strict,
        mark: formats.mark,
        locks,
        notes: 0,
        without_note: Vec::new(),
        locked: Vec::new(),
    };
    marking.blocks = marking.package.blocks()?;
    let mut marks = 0;
    for wanted in sheets {
        let relation = listed
            .iter()
            .find(|sheet| sheet.name == wanted.name)
            .and_then(|sheet| book_relations.iter().find(|r| r.id == sheet.id))
            .filter(|r| !r.is_external)
            .ok_or_else(|| {
                Unmarkable::new(format!("its sheet “{}” is not where it says", wanted.name))
            })?;
        if relation.kind != "worksheet" {
            return Err(Unmarkable::new(format!(
                "its sheet “{}” is of another kind",
                wanted.name
            )));
        }
        marking.sheet(wanted, &resolve(&folder, &relation.target))?;
        marks += wanted.areas.len();
    }

    let name = workbook::free_name(&listed);
    let list_part = marking
        .package
        .free(&format!("{folder}worksheets/sheet"), ".xml");
    let intro = marking.intro(&list.intro);
    let part = added::part(list, &intro, formats, is_strict);
    marking.package.put(list_part.clone(), part);
    marking.types.push((list_part.clone(), SHEET_TYPE));
    let id = workbook::free_ids(&book_relations, 1).concat();
    let book = workbook::add_sheet(&Part::new(&book_part, &book)?, &name, &id, is_strict)?;
    marking.package.change(&book_part, book);
    let relation: NewRelation = (id, kind("worksheet"), relative(&folder, &list_part));
    marking
        .package
        .add_relations(&book_relations_part, &[relation])?;

    let Marking {
        mut package,
        types,
        drawings,
        notes,
        without_note,
        ..
    } = marking;
    let listed_types = package.read(TYPES)?;
    let listed_types = workbook::add_types(&Part::new(TYPES, &listed_types)?, &types, &drawings)?;
    package.change(TYPES, listed_types);
    Ok(Marked {
        bytes: package.written()?,
        marks,
        notes,
        without_note,
    })
}

/// A workbook while its sheets are marked.
struct Marking<'a> {
    package: Package<'a>,
    folder: String,
    /// Blocks of shapes' ids that are taken.
    blocks: BTreeSet<u64>,
    types: Vec<(String, &'static str)>,
    drawings: Vec<String>,
    is_strict: bool,
    mark: usize,
    locks: Locks,
    notes: usize,
    without_note: Vec<WithoutNote>,
    locked: Vec<(String, CellAddress)>,
}

impl Marking<'_> {
    fn sheet(&mut self, wanted: &SheetMarks, part_name: &str) -> Result<(), Unmarkable> {
        let bytes = self.package.read(part_name)?;
        let asked: BTreeSet<CellAddress> = wanted.areas.iter().map(|area| area.first).collect();
        let sheet = Sheet::read(Part::new(part_name, &bytes)?, &asked)?;
        for at in &asked {
            if sheet
                .style_if_protected(*at)
                .is_some_and(|style| self.locks.is_locked(style))
            {
                self.locked.push((wanted.name.clone(), *at));
            }
        }
        let relations_part = relations_of(part_name);
        let relations = if self.package.has(&relations_part) {
            self.package.relations(&relations_part)?
        } else {
            Vec::new()
        };
        let folder = folder_of(part_name).to_owned();
        let own = |kind: &str| {
            relations
                .iter()
                .filter(|r| r.kind == kind && !r.is_external)
                .map(|r| resolve(&folder, &r.target))
                .next()
        };
        let comments_part = own("comments").filter(|part| self.package.has(part));
        let notes = self.chosen(wanted, comments_part.as_deref(), own("threadedComment"))?;
        if notes.is_empty() {
            let part = sheet.marked(&wanted.areas, self.mark, None, self.is_strict);
            self.package.change(part_name, part);
            return Ok(());
        }
        self.notes += notes.len();
        let mut ids = workbook::free_ids(&relations, 2).into_iter();
        let mut new: Vec<NewRelation> = Vec::new();
        let mut relate = |kind: &str, target: &str| {
            let id = ids.next().unwrap_or_default();
            new.push((
                id.clone(),
                format!("{RELATIONSHIPS}/{kind}"),
                relative(&folder, target),
            ));
            id
        };
        if let Some(part) = &comments_part {
            let old = self.package.read(part)?;
            let put = comments::add(&Part::new(part, &old)?, &notes)?;
            self.package.change(part, put);
        } else {
            let part = self
                .package
                .free(&format!("{}comments", self.folder), ".xml");
            self.package.put(part.clone(), comments::new(&notes));
            relate("comments", &part);
            self.types.push((part, COMMENTS_TYPE));
        }
        let block = self.blocks.last().map_or(1, |last| last + 1);
        self.blocks.insert(block);
        let mut link = None;
        if let Some(id) = &sheet.drawing {
            let part = relations
                .iter()
                .find(|r| r.id == *id && !r.is_external)
                .map(|r| resolve(&folder, &r.target))
                .filter(|part| self.package.has(part))
                .ok_or_else(|| Unmarkable::new("the drawing of its notes is not where it says"))?;
            let old = self.package.read(&part)?;
            let put = vml::add(&old, &notes, block, &sheet.grid)?;
            self.package.change(&part, put);
        } else {
            let part = self
                .package
                .free(&format!("{}drawings/vmlDrawing", self.folder), ".vml");
            self.package
                .put(part.clone(), vml::new(&notes, block, &sheet.grid));
            link = Some(relate("vmlDrawing", &part));
            self.drawings.push(part);
        }
        let part = sheet.marked(&wanted.areas, self.mark, link.as_deref(), self.is_strict);
        self.package.change(part_name, part);
        if !new.is_empty() {
            self.package.add_relations(&relations_part, &new)?;
        }
        Ok(())
    }

    /// The notes that a sheet has room for: not where it has its own, and errors first where there are too many.
    fn chosen<'n>(
        &mut self,
        wanted: &'n SheetMarks,
        comments: Option<&str>,
        threads: Option<String>,
    ) -> Result<Vec<&'n Note>, Unmarkable> {
        let mut taken: BTreeSet<CellAddress> = BTreeSet::new();
        let threads = threads.filter(|part| self.package.has(part));
        for part in comments.into_iter().chain(threads.as_deref()) {
            let bytes = self.package.read(part)?;
            taken.extend(comments::cells(&Part::new(part, &bytes)?)?);
        }
        let mut out: Vec<&Note> = Vec::new();
        let mut without = |note: &Note, why: &'static str| {
            self.without_note.push(WithoutNote {
                sheet: wanted.name.clone(),
                cell: note.at,
                why,
            });
        };
        let mut free: Vec<&Note> = Vec::new();
        for note in &wanted.notes {
            if taken.contains(&note.at) {
                without(note, HAS_OWN);
            } else if self.is_strict {
                without(note, NO_PLACE);
            } else {
                free.push(note);
            }
        }
        free.sort_by_key(|note| (!note.is_error, note.at));
        for (number, note) in free.into_iter().enumerate() {
            if number < NOTES_MAX {
                out.push(note);
            } else {
                without(note, TOO_MANY);
            }
        }
        out.sort_by_key(|note| note.at);
        self.without_note
            .sort_by(|a, b| (&a.sheet, a.cell).cmp(&(&b.sheet, b.cell)));
        Ok(out)
    }

    /// What the added sheet says of itself: where there are no notes, and which cells are locked.
    fn intro(&self, intro: &str) -> String {
        let mut out = intro.to_owned();
        for why in [HAS_OWN, TOO_MANY, NO_PLACE] {
            let cells = self
                .without_note
                .iter()
                .filter(|cell| cell.why == why)
                .map(|cell| (cell.sheet.as_str(), cell.cell));
            let said = match why {
                HAS_OWN => "These marked cells have a note of their own, and none of ours",
                TOO_MANY => "Notes stop at 1,000 a sheet; these marked cells have none",
                _ => {
                    "The file is Strict Open XML, which has no place for notes; these marked cells have none"
                }
            };
            say(&mut out, said, cells);
        }
        let locked = self.locked.iter().map(|(sheet, at)| (sheet.as_str(), *at));
        say(
            &mut out,
            "These marked cells are locked by the sheet's protection, which was left as it is",
            locked,
        );
        out
    }
}

/// Names cells in a sentence, as many as a cell has room for.
fn say<'c>(out: &mut String, said: &str, cells: impl Iterator<Item = (&'c str, CellAddress)>) {
    const ROOM: usize = 12_000;
    let mut text = String::new();
    let mut last = "";
    let mut more = 0_usize;
    for (sheet, at) in cells {
        if text.len() > ROOM {
            more += 1;
        } else if sheet == last {
            let _ = write!(text, ", {at}");
        } else {
            let gap = if text.is_empty() { "" } else { "; " };
            let _ = write!(text, "{gap}{sheet} {at}");
            last = sheet;
        }
    }
    if text.is_empty() {
        return;
    }
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    let _ = write!(out, "\n{said}: {text}.");
}

/// The package, with what was changed and put in so far.
struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The parts by their names as they are compared.
    parts: HashMap<String, usize>,
    changed: BTreeMap<usize, Vec<u8>>,
    /// New parts in the order in which they were put in.
    new: Vec<(String, Vec<u8>)>,
}

impl<'a> Package<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, Unmarkable> {
        let unpacked = |_| Unmarkable::new("it cannot be unpacked");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unpacked)?;
        let mut parts = HashMap::new();
        for index in 0..archive.len() {
            let part = archive.by_index_raw(index).map_err(unpacked)?;
            let name = part.name().map_err(unpacked)?.into_owned();
            parts.insert(plain(&name), index);
        }
        if parts.keys().any(|name| name.starts_with("_xmlsignatures/")) {
            return Err(Unmarkable::new(
                "it carries a digital signature, which any change would break",
            ));
        }
        Ok(Self {
            archive,
            parts,
            changed: BTreeMap::new(),
            new: Vec::new(),
        })
    }

    fn has(&self, name: &str) -> bool {
        let name = plain(name);
        self.parts.contains_key(&name) || self.new.iter().any(|(new, _)| plain(new) == name)
    }

    /// A part as it is now.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, Unmarkable> {
        let missing = || Unmarkable::new(format!("its part {name} is not there"));
        if let Some((_, bytes)) = self.new.iter().find(|(new, _)| plain(new) == plain(name)) {
            return Ok(bytes.clone());
        }
        let index = *self.parts.get(&plain(name)).ok_or_else(missing)?;
        if let Some(bytes) = self.changed.get(&index) {
            return Ok(bytes.clone());
        }
        let mut part = self.archive.by_index(index).map_err(|_| missing())?;
        let mut out = Vec::with_capacity(usize::try_from(part.size()).unwrap_or(0).min(64 << 20));
        part.read_to_end(&mut out).map_err(|_| missing())?;
        Ok(out)
    }

    fn change(&mut self, name: &str, bytes: Vec<u8>) {
        if let Some(index) = self.parts.get(&plain(name)) {
            self.changed.insert(*index, bytes);
        } else if let Some((_, old)) = self
            .new
            .iter_mut()
            .find(|(new, _)| plain(new) == plain(name))
        {
            *old = bytes;
        }
    }

    fn put(&mut self, name: String, bytes: Vec<u8>) {
        self.new.push((name, bytes));
    }

    /// A name that no part has.
    fn free(&self, before: &str, behind: &str) -> String {
        let mut number = 1_usize;
        loop {
            let name = format!("{before}{number}{behind}");
            if !self.has(&name) {
                return name;
            }
            number += 1;
        }
    }

    fn relations(&mut self, name: &str) -> Result<Vec<Relation>, Unmarkable> {
        let bytes = self.read(name)?;
        workbook::relations(&Part::new(name, &bytes)?)
    }

    fn add_relations(&mut self, name: &str, new: &[NewRelation]) -> Result<(), Unmarkable> {
        if self.has(name) {
            let bytes = self.read(name)?;
            let bytes = workbook::add_relations(&Part::new(name, &bytes)?, new)?;
            self.change(name, bytes);
        } else {
            self.put(name.to_owned(), workbook::new_relations(new));
        }
        Ok(())
    }

    /// The blocks of shapes' ids that the workbook's drawings use.
    fn blocks(&mut self) -> Result<BTreeSet<u64>, Unmarkable> {
        let mut names: Vec<String> = self
            .parts
            .keys()
            // Names are compared in lower case.
            .filter(|name| name.rsplit_once('.').is_some_and(|(_, of)| of == "vml"))
            .cloned()
            .collect();
        names.sort();
        let mut out = BTreeSet::new();
        for name in names {
            out.extend(vml::blocks(&self.read(&name)?));
        }
        Ok(out)
    }

    /// The package written: parts that did not change as they are packed, in their order.
    fn written(mut self) -> Result<Vec<u8>, Unmarkable> {
        let failed = |_| Unmarkable::new("its copy could not be packed");
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .system(zip::System::Unix)
            .compression_method(zip::CompressionMethod::Deflated);
        for index in 0..self.archive.len() {
            match self.changed.remove(&index) {
                None => {
                    let part = self.archive.by_index_raw(index).map_err(failed)?;
                    out.raw_copy_file(part).map_err(failed)?;
                }
                Some(bytes) => {
                    let name = self
                        .archive
                        .name_for_index(index)
                        .and_then(Result::ok)
                        .ok_or_else(|| Unmarkable::new("a part of it has no name"))?
                        .into_owned();
                    out.start_file(name.as_str(), options).map_err(failed)?;
                    out.write_all(&bytes)
                        .map_err(|_| Unmarkable::new("its copy could not be packed"))?;
                }
            }
        }
        for (name, bytes) in &self.new {
            out.start_file(name.as_str(), options).map_err(failed)?;
            out.write_all(bytes)
                .map_err(|_| Unmarkable::new("its copy could not be packed"))?;
        }
        Ok(out.finish().map_err(failed)?.into_inner())
    }
}

/// A part's name as readers compare it.
fn plain(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_ascii_lowercase()
}

fn folder_of(part: &str) -> &str {
    part.rfind('/')
        .and_then(|at| part.get(..=at))
        .unwrap_or_default()
}

fn relations_of(part: &str) -> String {
    let folder = folder_of(part);
    let name = part.get(folder.len()..).unwrap_or_default();
    format!("{folder}_rels/{name}.rels")
}

/// A relationship's target as a part's name.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let joined = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}{target}"),
    };
    let mut out: Vec<&str> = Vec::new();
    for piece in joined.split('/') {
        match piece {
            "." | "" => {}
            ".." => {
                out.pop();
            }
            piece => out.push(piece),
        }
    }
    out.join("/")
}

/// A part's name as a target seen from a folder.
fn relative(folder: &str, part: &str) -> String {
    if let Some(below) = part.strip_prefix(folder) {
        return below.to_owned();
    }
    let from: Vec<&str> = folder
        .split('/')
        .filter(|piece| !piece.is_empty())
        .collect();
    let to: Vec<&str> = part.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut out: Vec<&str> = vec![".."; from.len() - shared];
    out.extend(to.iter().skip(shared));
    out.join("/")
}
