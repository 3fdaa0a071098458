//! What calamine does not show of an xlsx workbook, from one light pass over the same package: hidden rows and columns, fills, notes,
//! merged regions, cells that it refuses, macros, links, pivot caches, and hidden sheets that only feed dropdowns.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufRead, Read as _};
use std::sync::Arc;

use jiff::Timestamp;

use quick_xml::events::BytesStart;

use super::Unreadable;
use super::drawings;
use super::package::{Allowance, Package, damaged_part};
use super::skim;
use super::styles::{self, Marks, Runs, Styles};
use super::xml::{Met, attribute, is_set, walk, walk_over};
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, Extent, FileFacts, Floating, ROWS_MAX,
    Rgb, Span, Visibility,
};

/// What a tab of the workbook leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A worksheet.
    Work,
    /// A chart, dialogue or macro sheet: it holds no table.
    Other,
    /// Nothing that is there.
    Lost,
}

/// One tab, in the workbook's order.
#[derive(Clone, Debug)]
pub(super) struct Tab {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) visibility: Visibility,
    pub(super) part: String,
    pub(super) around: Around,
    id: String,
    has_odd_state: bool,
}

/// What surrounds a sheet's cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) merged: Vec<CellRange>,
    pub(super) hidden_rows: Vec<Span>,
    pub(super) hidden_columns: Vec<Span>,
    /// Solid fills of all cells, filled or not; white for those that take away their row's or column's.
    pub(super) fills: Vec<(CellAddress, Rgb)>,
    pub(super) row_fills: Vec<(Span, Rgb)>,
    pub(super) column_fills: Vec<(Span, Rgb)>,
    /// The styles of cells whose number format makes something else of a number than calamine does.
    pub(super) formats: Vec<(CellAddress, usize)>,
    /// Cells struck through and in fonts of pictures, filled or not.
    pub(super) struck: Vec<(CellAddress, Extent)>,
    pub(super) symbols: Vec<(CellAddress, Extent)>,
    /// Cells that are a picture.
    pub(super) pictures: Vec<CellAddress>,
    pub(super) floating: Vec<Floating>,
    pub(super) page_texts: Vec<Arc<str>>,
    pub(super) notes: Vec<(CellAddress, Arc<str>)>,
    /// Cells whose stored value calamine refuses, as text or as errors.
    pub(super) refused: Vec<Cell>,
    /// Which of the part's cells those are, counted from the first.
    refused_at: BTreeSet<usize>,
    /// Why the part cannot be trusted, if it cannot.
    pub(super) damage: Option<String>,
    /// What cells and dropdowns refer to beyond their own sheet.
    formulas: Formulas,
    has_odd_dimension: bool,
    tables: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct Formulas {
    /// Hidden sheets that cells compute from, by their place among the hidden sheets.
    cells: BTreeSet<usize>,
    dropdowns: Vec<String>,
}

/// A whole workbook's surroundings.
pub(super) struct Sidecar {
    pub(super) tabs: Vec<Tab>,
    pub(super) facts: FileFacts,
    pub(super) styles: Styles,
    /// Whether the workbook asks to be calculated on opening.
    pub(super) is_to_calculate: bool,
    workbook_part: String,
    workbook: Vec<u8>,
    /// The workbook's relationships, and parts that calamine looks for under one name only, by the names they have here.
    related: BTreeMap<String, Relation>,
    misnamed: HashMap<String, String>,
}

/// What every sheet's pass needs of the workbook.
struct Book<'a> {
    styles: &'a Styles,
    marks: &'a HashMap<usize, Marks>,
    pictures: &'a BTreeSet<usize>,
    hidden: &'a [String],
}

/// A relationship's type (its last word) and target.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) kind: String,
    pub(super) target: String,
    is_external: bool,
}

/// Reads all of it.
///
/// # Errors
/// `TooLarge` over a limit, `Damaged` where a part that everything rests on is damaged.
pub(super) fn read(package: &mut Package<'_>) -> Result<Sidecar, Unreadable> {
    let root = relations(package, "_rels/.rels")?;
    let types = content_types(package)?;
    let declared = |kind: &str| {
        types
            .iter()
            .find(|(content, _)| content.ends_with(kind))
            .map(|(_, part)| part.clone())
    };
    let workbook_part = root
        .values()
        .find(|relation| relation.kind == "officeDocument")
        .map(|relation| resolve("", &relation.target))
        .filter(|part| package.has(part))
        .or_else(|| declared(".main+xml"))
        .unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let Some(workbook) = package.part(&workbook_part)? else {
        return Err(Unreadable::Damaged(
            "the file holds no workbook, or not where it says".to_owned(),
        ));
    };
    let folder = folder_of(&workbook_part).to_owned();
    let related = relations(package, &relations_of(&workbook_part))?;
    let mut tabs = Vec::new();
    let mut names: Vec<(String, String)> = Vec::new();
    let mut name: Option<(String, String)> = None;
    let mut is_to_calculate = false;
    walk(workbook.as_slice(), |met| match met {
        Met::Begin("sheet", element) => tabs.push(tab(element, &related, &folder)),
        Met::Begin("definedName", element) => {
            name = Some((
                attribute(element, "name").unwrap_or_default(),
                String::new(),
            ));
        }
        Met::Text(text) => {
            if let Some((_, value)) = name.as_mut() {
                value.push_str(text);
            }
        }
        Met::End("definedName") => names.extend(name.take()),
        Met::Begin("calcPr", element) => is_to_calculate = is_set(element, "fullCalcOnLoad"),
        Met::Begin(..) | Met::End(_) => {}
    })
    .map_err(|why| Unreadable::Damaged(format!("the list of sheets is damaged: {why}")))?;
    let mut misnamed = HashMap::new();
    let mut named = |package: &Package<'_>, kind: &str, usual: &str| {
        let usual = format!("{folder}{usual}");
        let found = related
            .values()
            .find(|relation| relation.kind == kind && !relation.is_external)
            .map(|relation| resolve(&folder, &relation.target))
            .filter(|part| package.has(part))
            .or_else(|| declared(&format!(".{kind}+xml")))
            .unwrap_or_else(|| usual.clone());
        if !found.eq_ignore_ascii_case(&usual) && package.has(&found) {
            misnamed.insert(found.to_ascii_lowercase(), usual);
        }
        found
    };
    let texts_part = named(package, "sharedStrings", "sharedStrings.xml");
    let styles_part = named(package, "styles", "styles.xml");
    let theme_part = named(package, "theme", "theme/theme1.xml");
    let (texts, has_marks) = declared_texts(package, &texts_part)?;
    if texts > 20_000_000 {
        return Err(Unreadable::TooLarge(format!(
            "the file says that it holds {texts} texts, which is more than a workbook can"
        )));
    }
    let marks = if has_marks {
        package
            .stream(&texts_part, Allowance::Texts, styles::marks)?
            .unwrap_or_default()
    } else {
        HashMap::new()
    };
    let styles = styles(package, &styles_part, &theme_part)?;
    let pictures = pictures(package, &related, &folder)?;
    let hidden: Vec<String> = tabs
        .iter()
        .filter(|tab| tab.visibility != Visibility::Visible)
        .map(|tab| tab.name.clone())
        .collect();
    let book = Book {
        styles: &styles,
        marks: &marks,
        pictures: &pictures,
        hidden: &hidden,
    };
    let mut seen = BTreeSet::new();
    for tab in &mut tabs {
        if tab.kind == Kind::Work && !package.has(&tab.part) {
            tab.kind = Kind::Lost;
        }
        if tab.kind != Kind::Work {
            continue;
        }
        tab.around = package
            .stream(&tab.part, Allowance::Cells, |part| sheet(part, &book))
            .or_else(|error| match error {
                Unreadable::TooLarge(_) => Err(error),
                other => Ok(Some(Around::damaged(other.to_string()))),
            })?
            .unwrap_or_default();
        if !seen.insert(tab.name.clone()) {
            tab.around.damage = Some("two sheets have this name".to_owned());
        }
        let own = relations(package, &relations_of(&tab.part))?;
        tab.around.notes = notes(package, &own, folder_of(&tab.part))?;
        tab.around.floating = floating(package, &own, folder_of(&tab.part))?;
        if tab.visibility != Visibility::Visible {
            tab.around.tables = tables(package, &own, folder_of(&tab.part))?;
        }
    }
    let pivot_caches = pivot_caches(package)?;
    let labels = labels(package, &root)?;
    let saved = saved(package, &root)?;
    // A link's part that nothing points to any more still carries what it pointed at.
    let orphans = package
        .names()
        .filter(|name| name.contains("externallinks/") && !name.contains("_rels/"))
        .count();
    let facts = FileFacts {
        has_macros: package.names().any(|name| name.ends_with("vbaproject.bin")),
        external_links: related
            .values()
            .filter(|relation| relation.kind == "externalLink")
            .count()
            .max(orphans),
        pivot_caches,
        list_sheets: list_sheets(&tabs, &hidden, &names),
        labels,
        saved,
        ..FileFacts::default()
    };
    Ok(Sidecar {
        tabs,
        facts,
        styles,
        is_to_calculate,
        workbook_part,
        workbook,
        related,
        misnamed,
    })
}

impl Sidecar {
    /// The package as calamine can read it, where it would refuse the whole for one tab; nothing where it reads it as it is.
    pub(super) fn repaired(&self, package: &mut Package<'_>) -> Option<Vec<u8>> {
        let is_sound = self
            .tabs
            .iter()
            .all(|tab| tab.kind == Kind::Work && !tab.has_odd_state);
        let odd: Vec<&Tab> = self
            .tabs
            .iter()
            .filter(|tab| tab.around.has_odd_dimension || !tab.around.refused_at.is_empty())
            .collect();
        // calamine takes targets as they stand, and the workbook's by its relationship alone.
        let folder = folder_of(&self.workbook_part);
        let is_plain = self.related.values().all(|relation| {
            let target = relation.target.trim_start_matches('/');
            relation.is_external
                || resolve(folder, &relation.target).ends_with(target)
                    && !target.contains("./")
                    && !target.contains('\\')
        }) && self.is_where_it_says(package);
        if is_sound && odd.is_empty() && is_plain && self.misnamed.is_empty() {
            return None;
        }
        let mut replaced = HashMap::new();
        if !is_plain {
            let (root, own) = self.plain_relations();
            replaced.insert("_rels/.rels".to_owned(), root);
            replaced.insert(relations_of(&self.workbook_part).to_ascii_lowercase(), own);
        }
        if !is_sound {
            replaced.insert(
                self.workbook_part.to_ascii_lowercase(),
                self.only_worksheets()?,
            );
        }
        for tab in odd {
            let part = package
                .stream(&tab.part, Allowance::Cells, |part| {
                    let mut out = Vec::new();
                    part.read_to_end(&mut out).map(|_| out)
                })
                .ok()??
                .ok()?;
            let part = without(&part, |name, _| name == "dimension", "")?;
            // Behind a cell that it refuses calamine counts wrong in rows whose cells have no address, so it is not shown any.
            let part = without(
                &part,
                |name, cell| name == "c" && tab.around.refused_at.contains(&cell),
                "<c/>",
            )?;
            replaced.insert(tab.part.to_ascii_lowercase(), part);
        }
        package.rewritten(&replaced, &self.misnamed)
    }

    /// Whether the package's own relationship leads to the workbook as calamine follows it.
    fn is_where_it_says(&self, package: &mut Package<'_>) -> bool {
        relations(package, "_rels/.rels").is_ok_and(|root| {
            root.values()
                .filter(|relation| relation.kind == "officeDocument")
                .all(|relation| relation.target.trim_start_matches('/') == self.workbook_part)
                && root.values().any(|r| r.kind == "officeDocument")
        })
    }

    /// The package's and the workbook's relationships with every target written out.
    fn plain_relations(&self) -> (Vec<u8>, Vec<u8>) {
        const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let line = |id: &str, kind: &str, target: &str| {
            format!(
                r#"<Relationship Id="{}" Type="{OFFICE}/{}" Target="/{}"/>"#,
                quick_xml::escape::escape(id),
                quick_xml::escape::escape(kind),
                quick_xml::escape::escape(target)
            )
        };
        let list = |lines: &[String]| {
            format!("<Relationships>{}</Relationships>", lines.concat()).into_bytes()
        };
        let folder = folder_of(&self.workbook_part);
        let own: Vec<String> = self
            .related
            .iter()
            .filter(|(_, relation)| !relation.is_external)
            .map(|(id, relation)| line(id, &relation.kind, &resolve(folder, &relation.target)))
            .collect();
        let root = line("rId1", "officeDocument", &self.workbook_part);
        (list(&[root]), list(&own))
    }

    /// The list of sheets with worksheets alone, each with what a reader needs of it.
    fn only_worksheets(&self) -> Option<Vec<u8>> {
        let bare =
            String::from_utf8(without(&self.workbook, |name, _| name == "sheet", "")?).ok()?;
        let list: Vec<String> = self
            .tabs
            .iter()
            .filter(|tab| tab.kind == Kind::Work)
            .map(|tab| {
                format!(
                    r#"<sheet name="{}" r:id="{}"/>"#,
                    quick_xml::escape::escape(tab.name.as_str()),
                    quick_xml::escape::escape(tab.id.as_str())
                )
            })
            .collect();
        let list = list.concat();
        let end = bare.find("sheets>")? + "sheets>".len();
        let (head, tail) = bare.split_at_checked(end)?;
        Some(format!("{head}{list}{tail}").into_bytes())
    }
}

/// A part without some of its elements, told by their names and by how many cells stand before them.
fn without(
    part: &[u8],
    is_unwanted: impl Fn(&str, usize) -> bool,
    instead: &str,
) -> Option<Vec<u8>> {
    use quick_xml::events::Event;
    let mut reader = super::xml::reader(part);
    let mut out = Vec::with_capacity(part.len());
    let mut kept_from = 0;
    let mut cells = 0_usize;
    let mut depth = 0_usize;
    // The depth of the element that is being left out.
    let mut leaving: Option<usize> = None;
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.local_name();
                let is_start = matches!(event, Event::Start(_));
                if leaving.is_none() && is_unwanted(name.as_ref(), cells) {
                    out.extend_from_slice(part.get(kept_from..before)?);
                    out.extend_from_slice(instead.as_bytes());
                    kept_from = after;
                    leaving = is_start.then_some(depth);
                }
                cells += usize::from(name.as_ref() == "c");
                depth += usize::from(is_start);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if leaving == Some(depth) {
                    kept_from = after;
                    leaving = None;
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    out.extend_from_slice(part.get(kept_from..)?);
    Some(out)
}

fn tab(element: &BytesStart<'_>, related: &BTreeMap<String, Relation>, folder: &str) -> Tab {
    let id = attribute(element, "id").unwrap_or_default();
    let relation = related.get(&id);
    let state = attribute(element, "state");
    let visibility = match state.as_deref() {
        Some("hidden") => Visibility::Hidden,
        Some("veryHidden") => Visibility::VeryHidden,
        _ => Visibility::Visible,
    };
    Tab {
        name: attribute(element, "name").unwrap_or_default(),
        kind: match relation.map(|r| r.kind.as_str()) {
            Some("worksheet") => Kind::Work,
            Some(_) => Kind::Other,
            None => Kind::Lost,
        },
        visibility,
        part: relation.map_or_else(String::new, |r| resolve(folder, &r.target)),
        around: Around::default(),
        id,
        has_odd_state: !matches!(
            state.as_deref(),
            None | Some("visible" | "hidden" | "veryHidden")
        ),
    }
}

pub(super) fn folder_of(part: &str) -> &str {
    part.rfind('/')
        .and_then(|at| part.get(..=at))
        .unwrap_or_default()
}

pub(super) fn relations_of(part: &str) -> String {
    let folder = folder_of(part);
    let name = part.get(folder.len()..).unwrap_or_default();
    format!("{folder}_rels/{name}.rels")
}

/// A relationship's target as a part's name.
pub(super) fn resolve(folder: &str, target: &str) -> String {
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

pub(super) fn relations(
    package: &mut Package<'_>,
    part: &str,
) -> Result<BTreeMap<String, Relation>, Unreadable> {
    let mut out = BTreeMap::new();
    let xml = package.part(part)?.unwrap_or_default();
    // A damaged list leaves its sheets without a part, and each of them is then said to be damaged.
    let _ = walk(xml.as_slice(), |met| {
        if let Met::Begin("Relationship", element) = met
            && let Some(id) = attribute(element, "Id")
        {
            let kind = attribute(element, "Type").unwrap_or_default();
            out.insert(
                id,
                Relation {
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    target: attribute(element, "Target").unwrap_or_default(),
                    is_external: attribute(element, "TargetMode").as_deref() == Some("External"),
                },
            );
        }
    });
    Ok(out)
}

/// Parts by the content type that the package declares for each.
fn content_types(package: &mut Package<'_>) -> Result<Vec<(String, String)>, Unreadable> {
    let mut out = Vec::new();
    let part = package.part("[Content_Types].xml")?.unwrap_or_default();
    let _ = walk(part.as_slice(), |met| {
        if let Met::Begin("Override", element) = met
            && let (Some(content), Some(part)) = (
                attribute(element, "ContentType"),
                attribute(element, "PartName"),
            )
        {
            out.push((content, resolve("", &part)));
        }
    });
    Ok(out)
}

/// How many texts the table of texts says it holds, for readers make room for them at once; and whether runs of any are struck through
/// or in a font of pictures.
fn declared_texts(package: &mut Package<'_>, part: &str) -> Result<(u64, bool), Unreadable> {
    // The rest of it is unpacked to know that it is sound and within limits.
    let read = package.stream(part, Allowance::Texts, |part| {
        let mut head = Vec::new();
        io::Read::take(&mut *part, 4096).read_to_end(&mut head)?;
        let mut marks = MarkSearch::default();
        io::Write::write_all(&mut marks, &head)?;
        io::copy(part, &mut marks).map(|_| (head, marks.is_found))
    })?;
    let (head, has_marks) = match read {
        None => (None, false),
        Some(Ok((head, has_marks))) => (Some(head), has_marks),
        Some(Err(_)) => return Err(damaged_part(part)),
    };
    let mut count = 0;
    let _ = walk(head.unwrap_or_default().as_slice(), |met| {
        if let Met::Begin("sst", element) = met {
            count = attribute(element, "uniqueCount")
                .and_then(|text| text.parse().ok())
                .unwrap_or(0);
        }
    });
    Ok((count, has_marks))
}

/// Looks for what only a text with a struck or symbol run holds, as the part goes by.
#[derive(Default)]
struct MarkSearch {
    is_found: bool,
    tail: Vec<u8>,
}

impl io::Write for MarkSearch {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        const SIGNS: [&[u8]; 4] = [b"strike", b"ingdings", b"ebdings", b"Symbol"];
        const LONGEST: usize = 8;
        if !self.is_found {
            let found = |bytes: &[u8]| {
                SIGNS
                    .iter()
                    .any(|sign| memchr::memmem::find(bytes, sign).is_some())
            };
            // A sign may lie over the edge of two pieces.
            self.tail.extend(piece.iter().take(LONGEST));
            self.is_found = found(&self.tail) || found(piece);
            let start = piece.len().saturating_sub(LONGEST);
            self.tail = piece.get(start..).unwrap_or_default().to_vec();
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn styles(package: &mut Package<'_>, part: &str, theme: &str) -> Result<Styles, Unreadable> {
    let styles = package.part(part)?.unwrap_or_default();
    Styles::read(&styles, true, || {
        Ok(package.part(theme)?.unwrap_or_default())
    })
}

/// Which rich values of the workbook are pictures.
fn pictures(
    package: &mut Package<'_>,
    related: &BTreeMap<String, Relation>,
    folder: &str,
) -> Result<BTreeSet<usize>, Unreadable> {
    let mut parts = Vec::new();
    for kind in ["sheetMetadata", "rdRichValue", "rdRichValueStructure"] {
        let Some(relation) = related.values().find(|relation| relation.kind == kind) else {
            return Ok(BTreeSet::new());
        };
        let part = package.part(&resolve(folder, &relation.target))?;
        parts.push(part.unwrap_or_default());
    }
    Ok(match parts.as_slice() {
        [metadata, values, structures] => drawings::pictures(metadata, values, structures),
        _ => BTreeSet::new(),
    })
}

/// What lies over a sheet's cells, in the order of its drawings.
fn floating(
    package: &mut Package<'_>,
    related: &BTreeMap<String, Relation>,
    folder: &str,
) -> Result<Vec<Floating>, Unreadable> {
    let mut out = Vec::new();
    for relation in related.values().filter(|relation| !relation.is_external) {
        if relation.kind == "drawing" {
            let part = package.part(&resolve(folder, &relation.target))?;
            out.extend(drawings::floating(&part.unwrap_or_default()));
        }
    }
    Ok(out)
}

/// Names of sensitivity labels and markings among the file's properties.
fn labels(
    package: &mut Package<'_>,
    root: &BTreeMap<String, Relation>,
) -> Result<Vec<Arc<str>>, Unreadable> {
    let mut out: Vec<Arc<str>> = Vec::new();
    for relation in root.values().filter(|r| r.kind == "custom-properties") {
        let part = package.part(&resolve("", &relation.target))?;
        let mut is_label = false;
        let mut text = String::new();
        let _ = walk(part.unwrap_or_default().as_slice(), |met| match met {
            Met::Begin("property", element) => {
                is_label = attribute(element, "name").is_some_and(|name| is_label_property(&name));
                text.clear();
            }
            Met::Text(piece) if is_label => text.push_str(piece),
            Met::End("property") if is_label && !text.trim().is_empty() => {
                out.push(text.trim().into());
            }
            Met::Begin(..) | Met::Text(_) | Met::End(_) => {}
        });
    }
    out.sort_unstable();
    out.dedup();
    Ok(out)
}

/// When the file says that it was saved last.
fn saved(
    package: &mut Package<'_>,
    root: &BTreeMap<String, Relation>,
) -> Result<Option<Timestamp>, Unreadable> {
    let mut out = None;
    for relation in root.values().filter(|r| r.kind == "core-properties") {
        let part = package.part(&resolve("", &relation.target))?;
        let mut text = String::new();
        let _ = walk(part.unwrap_or_default().as_slice(), |met| match met {
            Met::Begin("modified", _) => text.clear(),
            Met::Text(piece) => text.push_str(piece),
            Met::End("modified") => out = text.trim().parse().ok(),
            Met::Begin(..) | Met::End(_) => {}
        });
    }
    Ok(out)
}

/// Whether a file's property holds a marking: those of Microsoft's labels and of the other labelling programs in use.
pub(super) fn is_label_property(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    (name.starts_with("msip_label_") && name.ends_with("_name"))
        || ["classification", "marking", "sensitivity", "securitylabel"]
            .iter()
            .any(|word| name.contains(word))
}

/// The number of pivot caches that keep their source's rows.
fn pivot_caches(package: &mut Package<'_>) -> Result<usize, Unreadable> {
    let mut kept: Vec<String> = package
        .names()
        .filter(|name| name.contains("pivotcache/pivotcacherecords"))
        .filter(|name| !name.contains("/_rels/"))
        .map(str::to_owned)
        .collect();
    kept.sort();
    let mut count = 0;
    for part in kept {
        let head = package.stream(&part, Allowance::Cells, |part| {
            let mut head = vec![0; 2048];
            let read = part.read(&mut head).unwrap_or(0);
            head.truncate(read);
            head
        })?;
        let mut is_empty = false;
        let _ = walk(head.unwrap_or_default().as_slice(), |met| {
            if let Met::Begin("pivotCacheRecords", element) = met {
                is_empty = attribute(element, "count").as_deref() == Some("0");
            }
        });
        count += usize::from(!is_empty);
    }
    Ok(count)
}

impl Around {
    fn damaged(why: String) -> Self {
        Self {
            damage: Some(why),
            ..Self::default()
        }
    }
}

/// What a cell's value is by its type, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Number,
    /// The place of a shared text.
    Shared,
    /// A formula's text.
    Text,
    Other,
}

/// A cell on the way.
struct Open {
    address: Option<CellAddress>,
    kind: CellKind,
    holds: Holds,
    /// How many values it has.
    values: usize,
    /// Its own style, else its row's, else its column's.
    style: Option<usize>,
    /// Whether it has one of its own.
    has_style: bool,
    /// Its rich value, counted from one.
    rich: Option<usize>,
    runs: Runs,
}

/// What a cell's type attribute says of the value that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellKind {
    /// calamine reads whatever stands there.
    Read,
    /// An error value, of which calamine knows some.
    Error,
    /// A number that is declared as one.
    Number,
    /// True or false.
    Boolean,
    /// A type that calamine does not know.
    Unknown,
}

impl CellKind {
    pub(super) fn of(attribute: &str) -> Self {
        match attribute {
            "s" | "str" | "inlineStr" | "d" | "is" => Self::Read,
            "e" => Self::Error,
            "n" => Self::Number,
            "b" => Self::Boolean,
            _ => Self::Unknown,
        }
    }

    /// Whether calamine reads such a value.
    pub(super) fn is_read(self, text: &str) -> bool {
        match self {
            Self::Read => true,
            Self::Error => KNOWN_ERRORS.contains(&text),
            Self::Number => text.is_empty() || text.parse::<f64>().is_ok(),
            Self::Boolean => matches!(
                text.trim().to_ascii_lowercase().as_str(),
                "" | "0" | "1" | "true" | "false"
            ),
            Self::Unknown => false,
        }
    }
}

/// The error values that calamine knows.
const KNOWN_ERRORS: [&str; 7] = [
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
];

/// One sheet's part, from end to end.
fn sheet(part: &mut dyn BufRead, book: &Book<'_>) -> Around {
    // Most are small and are walked in memory, where nothing of them is copied.
    let mut head = Vec::new();
    let read = io::Read::take(&mut *part, IN_MEMORY_MAX).read_to_end(&mut head);
    if read.is_err() {
        return Around::damaged("its contents are damaged or end too early".to_owned());
    }
    let is_whole = part.fill_buf().is_ok_and(<[u8]>::is_empty);
    let mut out = Around::default();
    // Formulas are asked for only where a hidden sheet may be behind them.
    if is_whole && book.hidden.is_empty() {
        let mut visitor = Visitor::new(&mut out, book);
        let wants = book.wants();
        if skim::sheet(&head, &wants, |met| visitor.meet(&met)).is_some() {
            out.settle();
            return out;
        }
        out = Around::default();
    }
    let walked = {
        let mut visitor = Visitor::new(&mut out, book);
        if is_whole {
            walk_over(&head, |met| visitor.meet(&met))
        } else {
            walk(io::Read::chain(head.as_slice(), part), |met| {
                visitor.meet(&met);
            })
        }
    };
    if let Err(why) = walked {
        out.damage = Some(why);
    }
    out.settle();
    out
}

/// No more of a sheet's part than this is held at once.
const IN_MEMORY_MAX: u64 = 4 << 20;

impl Book<'_> {
    /// Which cells a quick walk has to show.
    fn wants(&self) -> skim::Wants<impl Fn(&str) -> bool> {
        skim::Wants {
            is_noted: |style: &str| {
                self.styles.is_any_noted()
                    && style.parse().is_ok_and(|style| self.styles.is_noted(style))
            },
            shared: !self.marks.is_empty(),
            unstyled: self.styles.is_any_noted(),
        }
    }
}

impl Around {
    /// Puts in order what was met in the order of the part.
    fn settle(&mut self) {
        self.fills.sort_unstable();
        self.formats.sort_unstable();
        self.struck.sort_unstable();
        self.symbols.sort_unstable();
        self.pictures.sort_unstable();
    }
}

/// Takes down what surrounds a sheet's cells.
struct Visitor<'a, 'b> {
    out: &'a mut Around,
    book: &'a Book<'b>,
    row: Option<u32>,
    column: Option<u16>,
    row_style: Option<usize>,
    /// Styles of columns, where they are of note.
    column_styles: Vec<(Span, usize)>,
    open: Option<Open>,
    text: Option<String>,
    /// In how many pieces the text came.
    pieces: usize,
    page_text: Option<String>,
    is_behind_cells: bool,
    cells: usize,
}

impl<'a, 'b> Visitor<'a, 'b> {
    fn new(out: &'a mut Around, book: &'a Book<'b>) -> Self {
        Self {
            out,
            book,
            row: None,
            column: None,
            row_style: None,
            column_styles: Vec::new(),
            open: None,
            text: None,
            pieces: 0,
            page_text: None,
            is_behind_cells: false,
            cells: 0,
        }
    }

    fn meet(&mut self, met: &Met<'_, '_>) {
        let watch = !self.book.hidden.is_empty();
        if let Some(cell) = self.open.as_mut() {
            cell.runs.meet(met);
        }
        match met {
            Met::Begin("c", element) => {
                self.cells += 1;
                self.open = Some(self.cell(element));
            }
            Met::Begin("v", _) => {
                self.text = self.open.as_ref().map(|_| String::new());
                self.pieces = 0;
                if let Some(cell) = &mut self.open {
                    cell.values += 1;
                }
            }
            Met::Text(piece) => {
                self.pieces += 1;
                if let Some(text) = self.text.as_mut().or(self.page_text.as_mut()) {
                    text.push_str(piece);
                }
            }
            Met::End("v") => self.value(),
            Met::End("c") => self.finish_cell(),
            Met::Begin("row", element) => self.begin_row(element),
            Met::Begin("f" | "formula1" | "formula2", _) if watch => {
                self.text = Some(String::new());
            }
            Met::End("f") if watch => self.formula(),
            Met::End("formula1" | "formula2") if watch => {
                self.out.formulas.dropdowns.extend(self.text.take());
            }
            Met::End("sheetData") => self.is_behind_cells = true,
            Met::Begin("col", element) => self.columns(element),
            Met::Begin("mergeCell", element) => {
                let range =
                    attribute(element, "ref").and_then(|text| text.parse::<CellRange>().ok());
                self.out
                    .merged
                    .extend(range.filter(|range| range.first != range.last));
            }
            Met::Begin("dimension", element) => {
                let range =
                    attribute(element, "ref").and_then(|text| text.parse::<CellRange>().ok());
                self.out.has_odd_dimension = !range.is_some_and(|range| {
                    range.first.row <= range.last.row && range.first.column <= range.last.column
                });
            }
            Met::Begin(name, _) if is_page_text(name) => self.page_text = Some(String::new()),
            Met::End(name) if is_page_text(name) => {
                let text = drawings::page_text(&self.page_text.take().unwrap_or_default());
                if !text.is_empty() && !self.out.page_texts.iter().any(|t| **t == *text) {
                    self.out.page_texts.push(text.into());
                }
            }
            Met::Begin(..) | Met::End(_) => {}
        }
    }

    fn begin_row(&mut self, element: &BytesStart<'_>) {
        let next = self.row.map_or(0, |row| row.saturating_add(1));
        let this = attribute(element, "r")
            .and_then(|text| text.parse::<u32>().ok())
            .and_then(|number| number.checked_sub(1))
            .unwrap_or(next);
        self.row = Some(this);
        self.column = None;
        self.row_style = None;
        if this >= ROWS_MAX {
            return;
        }
        if is_set(element, "hidden") || is_nought(element, "ht") {
            extend(&mut self.out.hidden_rows, this);
        }
        if is_set(element, "customFormat") {
            self.row_style = attribute(element, "s").and_then(|text| text.parse().ok());
            // A row's own format, with a fill or without, stands before its columns'.
            let fill = self
                .row_style
                .and_then(|style| self.book.styles.fill(style));
            if fill.is_some() || !self.out.column_fills.is_empty() {
                let fill = fill.unwrap_or(WHITE);
                match self.out.row_fills.last_mut() {
                    Some((span, last)) if span.last + 1 == this && *last == fill => {
                        span.last = this;
                    }
                    _ => self.out.row_fills.push((
                        Span {
                            first: this,
                            last: this,
                        },
                        fill,
                    )),
                }
            }
        }
    }

    fn columns(&mut self, element: &BytesStart<'_>) {
        let number = |name| attribute(element, name).and_then(|text| text.parse::<u32>().ok());
        let (Some(first), Some(last)) = (number("min"), number("max")) else {
            return;
        };
        if first < 1 || first > u32::from(COLUMNS_MAX) {
            return;
        }
        let span = Span {
            first: first - 1,
            last: last.min(u32::from(COLUMNS_MAX)).saturating_sub(1),
        };
        if is_set(element, "hidden") || is_nought(element, "width") {
            self.out.hidden_columns.push(span);
        }
        let style = number("style").and_then(|style| usize::try_from(style).ok());
        if let Some(style) = style.filter(|style| self.book.styles.is_noted(*style)) {
            self.column_styles.push((span, style));
            let fill = self.book.styles.fill(style);
            self.out.column_fills.extend(fill.map(|fill| (span, fill)));
        }
    }

    fn cell(&mut self, element: &BytesStart<'_>) -> Open {
        let mut out = Open {
            address: None,
            kind: CellKind::Read,
            holds: Holds::Number,
            values: 0,
            style: None,
            has_style: false,
            rich: None,
            runs: Runs::default(),
        };
        for found in element.attributes().with_checks(false).flatten() {
            match found.key.local_name().as_ref() {
                "r" => out.address = found.value.parse::<CellAddress>().ok(),
                "s" => {
                    out.has_style = true;
                    out.style = found.value.parse().ok();
                }
                "t" => {
                    out.kind = CellKind::of(&found.value);
                    out.holds = match &*found.value {
                        "n" => Holds::Number,
                        "s" => Holds::Shared,
                        "str" => Holds::Text,
                        _ => Holds::Other,
                    };
                }
                "vm" => out.rich = found.value.parse().ok(),
                _ => {}
            }
        }
        let next = self.column.map_or(0, |column| column.saturating_add(1));
        out.address = out
            .address
            .or_else(|| Some(CellAddress::new(self.row?, next)));
        self.column = out.address.map(|address| address.column).or(Some(next));
        if !out.has_style {
            out.style = self.row_style.or_else(|| {
                let column = u32::from(out.address?.column);
                let own = |(span, _): &&(Span, usize)| (span.first..=span.last).contains(&column);
                self.column_styles.iter().find(own).map(|(_, style)| *style)
            });
        }
        out
    }

    fn value(&mut self) {
        let (Some(cell), Some(text)) = (&self.open, self.text.take()) else {
            return;
        };
        // Of a value in pieces, parted by a comment or written with entities, calamine takes one; of two values in a cell the last.
        let is_odd = self.pieces > 1 && cell.holds != Holds::Text || cell.values > 1;
        if is_odd {
            if let Some(cell) = pieced(cell, &text) {
                self.out
                    .refused
                    .retain(|other| other.address != cell.address);
                self.out.refused.push(cell);
                self.out.refused_at.insert(self.cells - 1);
            }
            return;
        }
        if cell.kind != CellKind::Read
            && let Some(cell) = refused(cell, &text)
        {
            self.out.refused.push(cell);
            self.out.refused_at.insert(self.cells - 1);
        }
        if cell.holds == Holds::Shared
            && let Some(marks) = text
                .trim()
                .parse()
                .ok()
                .and_then(|index: usize| self.book.marks.get(&index))
        {
            self.out.mark(cell.address, *marks);
        }
    }

    fn finish_cell(&mut self) {
        let Some(cell) = self.open.take() else {
            return;
        };
        let Some(address) = cell.address else {
            return;
        };
        let styles = self.book.styles;
        if let Some(style) = cell.style.filter(|style| styles.is_noted(*style)) {
            self.out
                .fills
                .extend(styles.fill(style).map(|fill| (address, fill)));
            if cell.holds == Holds::Number && styles.format(style).is_some() {
                self.out.formats.push((address, style));
            }
            self.out.mark(
                Some(address),
                Marks {
                    struck: styles.is_struck(style).then_some(Extent::Whole),
                    symbols: styles.is_symbols(style).then_some(Extent::Whole),
                },
            );
        } else if cell.has_style
            && !(self.out.row_fills.is_empty() && self.out.column_fills.is_empty())
        {
            self.out.fills.push((address, WHITE));
        }
        self.out.mark(Some(address), cell.runs.marks());
        if cell
            .rich
            .is_some_and(|rich| self.book.pictures.contains(&rich))
        {
            self.out.pictures.push(address);
        }
    }

    fn formula(&mut self) {
        let Some(formula) = self.text.take().filter(|formula| formula.contains('!')) else {
            return;
        };
        if self.is_behind_cells {
            self.out.formulas.dropdowns.push(formula);
        } else {
            let named = self
                .book
                .hidden
                .iter()
                .enumerate()
                .filter(|(_, sheet)| names_sheet(&formula, sheet));
            self.out
                .formulas
                .cells
                .extend(named.map(|(index, _)| index));
        }
    }
}

impl Around {
    fn mark(&mut self, address: Option<CellAddress>, marks: Marks) {
        let Some(address) = address else {
            return;
        };
        self.struck
            .extend(marks.struck.map(|extent| (address, extent)));
        self.symbols
            .extend(marks.symbols.map(|extent| (address, extent)));
    }
}

/// What takes a fill away.
const WHITE: Rgb = [0xff; 3];

/// Whether a height or width leaves nothing to be seen: under a point, or a tenth of a character.
fn is_nought(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name)
        .and_then(|text| text.trim().parse::<f64>().ok())
        .is_some_and(|size| size < if name == "ht" { 1.0 } else { 0.1 })
}

fn is_page_text(name: &str) -> bool {
    matches!(
        name,
        "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter"
    )
}

/// The cell as it is to be taken where its value stands in pieces: the whole of it, where that is a number and the only one.
fn pieced(cell: &Open, text: &str) -> Option<Cell> {
    let number = text
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite());
    let value = match number.filter(|_| cell.holds == Holds::Number && cell.values == 1) {
        Some(number) => CellValue::number(number),
        None => CellValue::Error("#VALUE!".into()),
    };
    Some(Cell {
        address: cell.address?,
        value,
    })
}

/// The cell as it is to be taken where calamine refuses what it holds.
fn refused(cell: &Open, text: &str) -> Option<Cell> {
    if cell.kind.is_read(text) {
        return None;
    }
    let value = match cell.kind {
        CellKind::Error => CellValue::Error(text.into()),
        CellKind::Read | CellKind::Number | CellKind::Boolean | CellKind::Unknown => {
            match text.trim().parse() {
                Ok(number) => CellValue::number(number),
                Err(_) => CellValue::Text(text.into()),
            }
        }
    };
    Some(Cell {
        address: cell.address?,
        value,
    })
}

/// Adds a row to spans that grow from the top.
pub(super) fn extend(spans: &mut Vec<Span>, row: u32) {
    match spans.last_mut() {
        Some(span) if span.last.saturating_add(1) == row => span.last = row,
        _ => spans.push(Span {
            first: row,
            last: row,
        }),
    }
}

/// Notes and threaded comments of one sheet, by cell; a thread speaks for the note that stands in for it.
pub(super) fn notes(
    package: &mut Package<'_>,
    related: &BTreeMap<String, Relation>,
    folder: &str,
) -> Result<Vec<(CellAddress, Arc<str>)>, Unreadable> {
    let mut out: BTreeMap<CellAddress, String> = BTreeMap::new();
    let mut threads: BTreeMap<CellAddress, String> = BTreeMap::new();
    for relation in related.values().filter(|relation| !relation.is_external) {
        let (element_name, into) = match relation.kind.as_str() {
            "comments" => ("comment", &mut out),
            "threadedComment" => ("threadedComment", &mut threads),
            _ => continue,
        };
        let part = package
            .part(&resolve(folder, &relation.target))?
            .unwrap_or_default();
        let mut at: Option<CellAddress> = None;
        let mut is_text = false;
        let _ = walk(part.as_slice(), |met| match met {
            Met::Begin(name, element) if name == element_name => {
                at = attribute(element, "ref").and_then(|text| text.parse().ok());
                if let Some(text) = at.and_then(|at| into.get_mut(&at)) {
                    text.push('\n');
                }
            }
            Met::Begin("t" | "text", _) => is_text = true,
            Met::End("t" | "text") => is_text = false,
            Met::Text(piece) => {
                if let Some(at) = at.filter(|_| is_text) {
                    into.entry(at).or_default().push_str(piece);
                }
            }
            Met::End(name) if name == element_name => {
                if let Some(at) = at.take() {
                    into.entry(at).or_default();
                }
            }
            Met::Begin(..) | Met::End(_) => {}
        });
    }
    out.extend(threads);
    Ok(out
        .into_iter()
        .map(|(at, text)| (at, Arc::from(text.trim())))
        .collect())
}

/// The names of a sheet's tables.
fn tables(
    package: &mut Package<'_>,
    related: &BTreeMap<String, Relation>,
    folder: &str,
) -> Result<Vec<String>, Unreadable> {
    let mut out = Vec::new();
    for relation in related.values().filter(|relation| relation.kind == "table") {
        let part = package
            .part(&resolve(folder, &relation.target))?
            .unwrap_or_default();
        let _ = walk(part.as_slice(), |met| {
            if let Met::Begin("table", element) = met {
                out.extend(attribute(element, "displayName"));
            }
        });
    }
    Ok(out)
}

/// Hidden sheets that nothing but dropdowns and names refers to.
fn list_sheets(tabs: &[Tab], hidden: &[String], names: &[(String, String)]) -> BTreeSet<Arc<str>> {
    let own = |name: &&(String, String)| !name.0.starts_with("_xlnm.");
    let mut out = BTreeSet::new();
    for tab in tabs
        .iter()
        .filter(|tab| tab.visibility != Visibility::Visible)
    {
        let refers = |formula: &str| {
            names_sheet(formula, &tab.name)
                || tab.around.tables.iter().any(|table| {
                    formula.match_indices(table.as_str()).any(|(at, _)| {
                        formula.get(at + table.len()..).is_some_and(|rest| {
                            rest.starts_with('[') || rest.starts_with('"') || rest.is_empty()
                        })
                    })
                })
        };
        let others = || tabs.iter().filter(|other| other.name != tab.name);
        let is_named = names.iter().filter(own).any(|(_, value)| refers(value));
        let is_chosen_from = others()
            .flat_map(|other| &other.around.formulas.dropdowns)
            .any(|formula| refers(formula));
        let place = hidden.iter().position(|name| *name == tab.name);
        let is_computed_from = others()
            .flat_map(|other| &other.around.formulas.cells)
            .any(|index| Some(*index) == place);
        if (is_named || is_chosen_from) && !is_computed_from {
            out.insert(Arc::from(tab.name.as_str()));
        }
    }
    out
}

/// Whether a formula refers to a sheet, quoted or not.
pub(super) fn names_sheet(formula: &str, sheet: &str) -> bool {
    let formula = formula.to_lowercase();
    let sheet = sheet.to_lowercase();
    let quoted = format!("'{}'", sheet.replace('\'', "''"));
    let follows = |at: usize, length: usize| {
        formula
            .get(at + length..)
            .is_some_and(|rest| rest.starts_with(['!', '.']))
    };
    let stands_alone = |at: usize| {
        formula
            .get(..at)
            .and_then(|head| head.chars().next_back())
            .is_none_or(|before| !before.is_alphanumeric() && !"_.'".contains(before))
    };
    formula
        .match_indices(quoted.as_str())
        .any(|(at, found)| follows(at, found.len()))
        || formula
            .match_indices(sheet.as_str())
            .any(|(at, found)| follows(at, found.len()) && stands_alone(at))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::super::limits::Limits;
    use super::super::package::{Allowance, Package};
    use super::super::skim;
    use super::super::xml::walk_over;
    use super::{Around, Book, Visitor, styles};

    /// Workbooks of several writers, and one whose cells are all odd; whether their sheets are written in the usual way.
    const WORKBOOKS: [(&str, &[u8], bool); 7] = [
        (
            "openpyxl",
            include_bytes!("../../tests/fixtures/content-openpyxl.xlsx"),
            true,
        ),
        (
            "LibreOffice",
            include_bytes!("../../tests/fixtures/content-libreoffice.xlsx"),
            true,
        ),
        (
            "XlsxWriter",
            include_bytes!("../../tests/fixtures/content-xlsxwriter.xlsx"),
            true,
        ),
        (
            "ours",
            include_bytes!("../../samples/2022-23/consolidated.xlsx"),
            true,
        ),
        (
            "threaded",
            include_bytes!("../../tests/fixtures/threaded.xlsx"),
            true,
        ),
        (
            "uncalculated",
            include_bytes!("../../tests/fixtures/uncalculated.xlsx"),
            true,
        ),
        (
            "odd",
            include_bytes!("../../tests/fixtures/odd-cells.xlsx"),
            false,
        ),
    ];

    #[test]
    fn skimming_a_sheet_tells_what_walking_it_tells() {
        for (writer, bytes, is_usual) in WORKBOOKS {
            let mut package = Package::open(bytes, &Limits::STATED).expect("a package");
            let styles = styles(&mut package, "xl/styles.xml", "xl/theme/theme1.xml");
            let book = Book {
                styles: &styles.expect("styles"),
                marks: &HashMap::new(),
                pictures: &BTreeSet::new(),
                hidden: &[],
            };
            let parts: Vec<String> = package
                .names()
                .filter(|name| name.starts_with("xl/worksheets/sheet"))
                .map(str::to_owned)
                .collect();
            assert!(!parts.is_empty());
            for name in parts {
                let read = package.stream(&name, Allowance::Cells, |part| {
                    let mut out = Vec::new();
                    part.read_to_end(&mut out).map(|_| out)
                });
                let part = read.ok().flatten().and_then(Result::ok).expect("a part");
                let (mut quick, mut full) = (Around::default(), Around::default());
                let mut visitor = Visitor::new(&mut quick, &book);
                let skimmed = skim::sheet(&part, &book.wants(), |met| visitor.meet(&met));
                let mut visitor = Visitor::new(&mut full, &book);
                let walked = walk_over(&part, |met| visitor.meet(&met));
                assert!(skimmed.is_some() || !is_usual, "{writer} {name}");
                if skimmed.is_some() {
                    assert_eq!(walked, Ok(()), "{writer} {name}");
                    assert_eq!(format!("{quick:?}"), format!("{full:?}"), "{writer} {name}");
                }
            }
        }
    }

    /// Damage is left to the full walk.
    #[test]
    fn what_is_not_written_in_the_usual_way_is_not_skimmed() {
        let is_skimmed = |cells: &str| {
            let part = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
            let wants = skim::Wants {
                is_noted: |_: &str| false,
                shared: false,
                unstyled: false,
            };
            skim::sheet(part.as_bytes(), &wants, |_| {}).is_some()
        };
        assert!(is_skimmed(
            r#"<row r="1"><c r="A1" s="2" t="s"><v>0</v></c><c r="B1"/></row>"#
        ));
        assert!(is_skimmed(
            r#"<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve">a &amp; b</t></is></c></row><row r="2"/>"#
        ));
        assert!(is_skimmed(
            r#"<row r="1"><c r="A1"><f t="shared" si="0"/><v>1</v></c></row>"#
        ));
        for odd in [
            r#"<row r="1"><c r="A1"><v>0</v></row>"#,
            r#"<row r="1"><c r="A1"><v>0</c></row>"#,
            r#"<row r="1"><c r="A1"><v>a & b</v></c></row>"#,
            r#"<row r="1"><c r='A1'><v>0</v></c></row>"#,
            r#"<row r="1"><c r="A1 t="s"><v>0</v></c></row>"#,
            r#"<row r="1"><!-- <c r="A1"/> --></row>"#,
            r#"<row r="1"><c r="A1" t="e"><v>&amp;</v></c></row>"#,
            r#"<row r="1"><c r="A1" t="e"><v>#SPILL!</v></c></row>"#,
            r#"<row r="1"><c r="A1" t="n"><v>12 m</v></c></row>"#,
            r#"<row><c r="A1"><v>0</v></c></row>"#,
            r#"<row r="1"><c><v>0</v></c></row>"#,
            r#"<row r="1"><c r="A1" t="inlineStr"><is><r><t>rich</t></r></is></c></row>"#,
            r#"<x:row r="1"/>"#,
            r#"<row r="1">"#,
        ] {
            assert!(!is_skimmed(odd), "{odd}");
        }
    }
}
