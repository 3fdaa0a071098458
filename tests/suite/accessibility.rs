//! The consolidated workbook against the published checklist for accessible spreadsheets, read from the bytes as another program does:
//! one table a sheet, one heading row, nothing merged, blank or hidden, language and title set, charts told in words.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use csp_bridge::grid::{CellAddress, CellRange};
use csp_bridge::render::{self, Context};
use csp_bridge::{read, write};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::{case, workbook};

/// Sheets that are pages to be read; every other one is a table.
const PAGES: [&str; 2] = ["Cover", "Summary"];

/// An element with its attributes.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Element {
    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

struct Parts(BTreeMap<String, String>);

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut parts = BTreeMap::new();
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            parts.insert(name, text);
        }
        Self(parts)
    }

    fn elements(&self, part: &str) -> Vec<Element> {
        let text = &self.0[part];
        let mut reader = Reader::from_str(text);
        let mut out = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => return out,
                Event::Start(tag) | Event::Empty(tag) => out.push(Element {
                    name: tag.name().as_ref().to_owned(),
                    attributes: tag
                        .attributes()
                        .map(|attribute| attribute.unwrap())
                        .map(|attribute| {
                            (
                                attribute.key.as_ref().to_owned(),
                                attribute.value.clone().into_owned(),
                            )
                        })
                        .collect(),
                }),
                _ => {}
            }
        }
    }

    fn named(&self, part: &str, name: &str) -> Vec<Element> {
        let mut out = self.elements(part);
        out.retain(|element| element.name == name);
        out
    }

    fn starting(&self, prefix: &str) -> Vec<&str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| name.starts_with(prefix) && !name.contains("/_rels/"))
            .collect()
    }
}

/// The sample quarter's workbook, with links to its sources.
fn written() -> (Vec<u8>, Parts) {
    let outcome = workbook::run(&workbook::plan(), &workbook::returns());
    let schema = case::schema();
    let links: Vec<String> = outcome
        .sources
        .iter()
        .map(|source| format!("returns/{}", source.file_name()))
        .collect();
    let bytes =
        write::xlsx::write(&render::workbook(&Context::new(&outcome, &schema, &links))).unwrap();
    let parts = Parts::of(&bytes);
    (bytes, parts)
}

/// Sheet names with their parts, in order.
fn sheets(parts: &Parts) -> Vec<(String, String)> {
    parts
        .named("xl/workbook.xml", "sheet")
        .iter()
        .enumerate()
        .map(|(index, sheet)| {
            assert_eq!(sheet.get("state"), "", "{} is hidden", sheet.get("name"));
            (
                sheet.get("name").to_owned(),
                format!("xl/worksheets/sheet{}.xml", index + 1),
            )
        })
        .collect()
}

#[test]
fn sheets_are_named_well_and_nothing_in_them_is_hidden_or_merged() {
    let (_, parts) = written();
    let mut seen = BTreeSet::new();
    for (name, part) in sheets(&parts) {
        assert!(
            name.chars().count() <= 31
                && name.starts_with(|c: char| c.is_alphabetic())
                && name.chars().all(|c| c.is_alphanumeric() || c == ' '),
            "{name}"
        );
        assert!(seen.insert(name.to_lowercase()), "{name} stands twice");
        for element in parts.elements(&part) {
            assert_ne!(element.name, "mergeCell", "{name} has merged cells");
            let hides = matches!(element.name.as_str(), "row" | "col")
                && (!matches!(element.get("hidden"), "" | "0")
                    || !matches!(element.get("collapsed"), "" | "0")
                    || element.get("ht") == "0"
                    || element.get("width") == "0");
            assert!(!hides, "{name} hides {element:?}");
        }
    }
    for name in parts.named("xl/workbook.xml", "definedName") {
        assert!(name.get("name").starts_with("_xlnm."), "{name:?}");
    }
}

#[test]
fn a_sheet_is_one_table_with_one_heading_row_and_no_gaps() {
    let (bytes, parts) = written();
    let book = read::workbook(&bytes).unwrap();
    let mut tables = parts.starting("xl/tables/").into_iter();
    let mut ids = BTreeSet::new();
    let mut by_number: BTreeMap<usize, &str> = BTreeMap::new();
    for part in tables.by_ref() {
        let number = part
            .trim_start_matches("xl/tables/table")
            .trim_end_matches(".xml")
            .parse()
            .unwrap();
        by_number.insert(number, part);
    }
    let mut ordered = by_number.into_values();
    for ((name, part), sheet) in sheets(&parts).into_iter().zip(&book.sheets) {
        let here = parts.named(&part, "tablePart").len();
        if PAGES.contains(&name.as_str()) {
            assert_eq!(here, 0, "{name}");
            continue;
        }
        assert_eq!(here, 1, "{name} is one table");
        let part = ordered.next().unwrap();
        let table = parts.named(part, "table").pop().unwrap();
        let range: CellRange = table.get("ref").parse().unwrap();
        assert_eq!(range.first, CellAddress::new(0, 0), "{name} begins in A1");
        assert!(ids.insert(table.get("name").to_owned()));
        assert!(
            !table.get("name").contains(' ') && table.get("headerRowCount") != "0",
            "{name}"
        );
        let headings: Vec<String> = parts
            .named(part, "tableColumn")
            .iter()
            .map(|column| column.get("name").to_lowercase())
            .collect();
        let unique: BTreeSet<&String> = headings.iter().collect();
        assert!(
            unique.len() == headings.len() && headings.iter().all(|heading| !heading.is_empty()),
            "{name}: {headings:?}"
        );
        // The table is all that is on the sheet, but for the money held on no line under Funding's total: nothing else stands below or
        // beside it, and no row of it is blank.
        for cell in sheet.cells() {
            let is_below_funding = name == "Funding" && cell.address.row == range.last.row + 1;
            assert!(
                range.contains(cell.address) || is_below_funding,
                "{name}!{}",
                cell.address
            );
        }
        for row in range.first.row..=range.last.row {
            assert!(
                !sheet.row(row).is_empty(),
                "{name} row {} is blank",
                row + 1
            );
        }
    }
    assert!(ordered.next().is_none());
}

#[test]
fn sheets_print_and_scroll_with_their_headings() {
    let (_, parts) = written();
    let titles: Vec<String> = parts.0["xl/workbook.xml"]
        .split("_xlnm.Print_Titles")
        .skip(1)
        .map(|rest| rest.split("</definedName>").next().unwrap().to_owned())
        .collect();
    for (name, part) in sheets(&parts) {
        if PAGES.contains(&name.as_str()) {
            continue;
        }
        let setup = parts.named(&part, "pageSetup").pop().unwrap();
        assert_eq!(setup.get("orientation"), "landscape", "{name}");
        assert!(
            titles
                .iter()
                .any(|title| title.contains(&format!("{name}'!$1:$1"))
                    || title.contains(&format!(">{name}!$1:$1"))
                    // A sheet that is wider than its paper repeats its first columns too.
                    || title.contains(&format!(",{name}!$1:$1"))),
            "{name} does not repeat its headings: {titles:?}"
        );
        let pane = parts.named(&part, "pane").pop().unwrap();
        assert!(
            pane.get("state") == "frozen" && pane.get("ySplit") == "1",
            "{name}: {pane:?}"
        );
    }
}

#[test]
fn the_workbook_says_what_it_is_in_its_properties_and_opens_at_its_beginning() {
    let (_, parts) = written();
    let core = &parts.0["docProps/core.xml"];
    for (tag, needed) in [
        ("dc:title", "consolidated action plan, Q2 2022-23"),
        ("dc:subject", "Q2 2022-23"),
        ("dc:creator", "Community Safety Partnership"),
        ("dc:language", "en-GB"),
        ("cp:keywords", "OFFICIAL"),
    ] {
        let text = core
            .split(&format!("<{tag}>"))
            .nth(1)
            .and_then(|rest| rest.split('<').next())
            .unwrap_or_default();
        assert!(text.contains(needed), "{tag} says “{text}”");
    }
    let view = parts
        .named("xl/workbook.xml", "workbookView")
        .pop()
        .unwrap();
    assert!(matches!(view.get("activeTab"), "" | "0"), "{view:?}");
    for (index, (name, part)) in sheets(&parts).into_iter().enumerate() {
        let view = parts.named(&part, "sheetView").pop().unwrap();
        assert_eq!(view.get("tabSelected") == "1", index == 0, "{name}");
        assert!(
            matches!(view.get("topLeftCell"), "" | "A1"),
            "{name} opens at {}",
            view.get("topLeftCell")
        );
        for selection in parts.named(&part, "selection") {
            // Under frozen panes each pane names its own first cell.
            let is_home = matches!(selection.get("activeCell"), "" | "A1")
                || !selection.get("pane").is_empty();
            assert!(is_home, "{name}: {selection:?}");
        }
    }
}

#[test]
fn charts_are_told_in_words_and_nothing_leads_out_but_to_the_sources() {
    let (_, parts) = written();
    let mut charts = 0;
    for part in parts.starting("xl/drawings/drawing") {
        for drawing in parts.named(part, "xdr:cNvPr") {
            assert!(
                drawing.get("descr").chars().count() > 40,
                "a chart without words: {drawing:?}"
            );
            charts += 1;
        }
    }
    assert_eq!(charts, parts.starting("xl/charts/chart").len());
    assert!(charts > 0);
    for (name, text) in &parts.0 {
        assert!(
            ![
                "vba",
                "media",
                "externalLink",
                "customXml",
                "activeX",
                "embeddings",
                "printerSettings"
            ]
            .iter()
            .any(|word| name.contains(word)),
            "{name} is in the workbook"
        );
        if name.contains("_rels/") {
            for relation in parts.named(name, "Relationship") {
                let leads_out = relation.get("TargetMode") == "External";
                assert!(
                    !leads_out || relation.get("Target").starts_with("returns/"),
                    "{name}: {relation:?}"
                );
            }
        }
        // Nothing of the machine: no home, no user, no temporary folder.
        for word in ["/home/", "/root/", "/tmp/", "C:\\Users", "file:///"] {
            assert!(!text.contains(word), "{name} says {word}");
        }
    }
}

/// The sample's returns, filled out: each template is a form of which only the answers can be changed.
#[test]
fn templates_are_forms_with_nothing_hidden() {
    let schema = case::schema();
    let outcome = workbook::run(&workbook::plan(), &[]);
    for template in render::templates::templates(&outcome, &schema, "2022-23-Q2".parse().unwrap()) {
        let parts = Parts::of(&write::xlsx::write(&template.plan).unwrap());
        for (name, part) in sheets(&parts) {
            let protection = parts.named(&part, "sheetProtection").pop().unwrap();
            assert!(
                protection.get("sheet") == "1" && protection.get("password").is_empty(),
                "{name}: {protection:?}"
            );
            assert!(parts.named(&part, "mergeCell").is_empty());
            assert!(
                parts
                    .elements(&part)
                    .iter()
                    .all(|element| matches!(element.get("hidden"), "" | "0"))
            );
            for validation in parts.named(&part, "dataValidation") {
                assert!(
                    !validation.get("prompt").is_empty()
                        && !validation.get("promptTitle").is_empty(),
                    "{name}: {validation:?}"
                );
            }
        }
        assert!(parts.starting("xl/comments").is_empty());
    }
}
