//! Every finding, update, spend row and source leads to its file and cell, as the package says it: where a link leads is looked up on
//! the disk, from where the workbook is saved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;

use csp_bridge::read;
use csp_bridge::render::{
    Cell, Column, ColumnKind, Content, Look, SheetPlan, Table, Target, Value, WorkbookPlan,
};
use csp_bridge::write::xlsx;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::program::{run, samples};

/// A cell's link: the file that its address names, and the place in it.
#[derive(Debug)]
struct Link {
    file: String,
    place: Option<String>,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).unwrap()?;
    Some(
        quick_xml::escape::unescape(&found.value)
            .unwrap()
            .into_owned(),
    )
}

/// The elements of a part, those without content too.
fn elements(package: &Path, part: &str) -> Vec<BytesStart<'static>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(package).unwrap()).unwrap();
    let mut text = String::new();
    let Ok(mut part) = archive.by_name(part) else {
        return Vec::new();
    };
    part.read_to_string(&mut text).unwrap();
    let mut reader = Reader::from_str(&text);
    let mut out = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => out.push(element.into_owned()),
            Event::Eof => return out,
            _ => {}
        }
    }
}

/// What stands for the letters of an address: `%20` is a space.
fn unescaped(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The links to other files of one sheet of a workbook, by cell; `number` is the sheet's place in the workbook, from 1.
fn links(package: &Path, number: usize) -> BTreeMap<String, Link> {
    let rels = format!("xl/worksheets/_rels/sheet{number}.xml.rels");
    let targets: BTreeMap<String, String> = elements(package, &rels)
        .iter()
        .filter(|element| attribute(element, "TargetMode").as_deref() == Some("External"))
        .map(|element| {
            let target = attribute(element, "Target").unwrap();
            // A second hash, or a scheme, and the address would not be what it seems.
            assert!(!target.contains(['#', '?', ' ']), "{target}");
            (attribute(element, "Id").unwrap(), unescaped(&target))
        })
        .collect();
    elements(package, &format!("xl/worksheets/sheet{number}.xml"))
        .iter()
        .filter(|element| element.name().as_ref() == "hyperlink")
        .filter_map(|element| {
            let file = targets.get(&attribute(element, "r:id")?)?.clone();
            let place = attribute(element, "location");
            Some((attribute(element, "ref").unwrap(), Link { file, place }))
        })
        .collect()
}

/// Each sheet's rows as headings and their texts.
fn rows(package: &Path) -> BTreeMap<String, (usize, Vec<BTreeMap<String, String>>)> {
    let book = read::workbook(&fs::read(package).unwrap()).unwrap();
    let mut out = BTreeMap::new();
    for (index, sheet) in book.sheets.iter().enumerate() {
        let headings: BTreeMap<u16, String> = sheet
            .row(0)
            .iter()
            .map(|cell| (cell.address.column, cell.value.to_string()))
            .collect();
        let rows = sheet.rows_from(1).map(|(_, cells)| {
            let cells = cells.iter().filter_map(|cell| {
                let heading = headings.get(&cell.address.column)?;
                Some([
                    (heading.clone(), cell.value.to_string()),
                    (format!("{heading} at"), cell.address.to_string()),
                ])
            });
            cells.flatten().collect()
        });
        let name = sheet.name.as_deref().unwrap_or_default().to_owned();
        out.insert(name, (index + 1, rows.collect()));
    }
    out
}

/// Names as people give them, and as they break addresses.
const NAMES: [&str; 10] = [
    "Q2 return.xlsx",
    "O'Brien & sons.xlsx",
    "spend £500.xlsx",
    "no. #3.xlsx",
    "#4.xlsx",
    "100% done %20.xlsx",
    "50%.xlsx",
    "[draft] {2} ^`.xlsx",
    "Äpfel – Übersicht.csv",
    "a+b=c,d;e@f!g$.csv",
];

/// Names that Windows does not have.
#[cfg(unix)]
const ODD: [&str; 5] = [
    "say \"Q2\".xlsx",
    "what?.xlsx",
    "1<2>3|4*.xlsx",
    "x:y.xlsx",
    "http:q2.xlsx",
];
#[cfg(not(unix))]
const ODD: [&str; 0] = [];

/// A run whose returns have these names, its workbook in a folder beside theirs; what its links lead to is checked on the way.
fn every_row_leads_to_its_cell(place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir_all(folder.join("returns")).unwrap();
    fs::create_dir_all(folder.join(place)).unwrap();
    fs::copy(
        samples().join("action-plan.xlsx"),
        folder.join("plan #1.xlsx"),
    )
    .unwrap();
    let (mut books, mut texts) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(samples().join("returns")).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path.extension().is_some_and(|e| e == "csv");
        if is_text { &mut texts } else { &mut books }.push(path);
    }
    books.sort();
    texts.sort();
    let mut names = BTreeSet::new();
    for name in NAMES.iter().chain(&ODD) {
        let from = if Path::new(name).extension().is_some_and(|e| e == "csv") {
            &mut texts
        } else {
            &mut books
        };
        if let Some(path) = from.pop() {
            fs::copy(path, folder.join("returns").join(name)).unwrap();
            names.insert(*name);
        }
    }
    let output = folder.join(place).join("out.xlsx");
    let said = run(
        folder,
        &[
            "merge",
            "plan #1.xlsx",
            "returns",
            "--quarter",
            "2022-23-Q2",
            "--as-of",
            "2022-10-20",
            "-o",
            output.to_str().unwrap(),
            "--quiet",
        ],
    );
    assert!(output.is_file(), "{}", said.err);
    let mut met = BTreeSet::new();
    let mut count = 0;
    let sheets = rows(&output);
    for (sheet, file, at) in [
        ("Findings", "File", "Cell"),
        ("Updates", "Source file", "Source cell"),
        ("Spend", "Source file", "Source cell"),
        ("Sources", "File", ""),
        ("Returns", "File", ""),
    ] {
        let (number, rows) = &sheets[sheet];
        let links = links(&output, *number);
        for row in rows {
            let Some(name) = row.get(file) else { continue };
            let cell = &row[&format!("{file} at")];
            let link = links
                .get(cell)
                .unwrap_or_else(|| panic!("{sheet}!{cell} “{name}” leads nowhere"));
            let to = folder.join(place).join(&link.file);
            assert!(to.is_file(), "{sheet}!{cell} leads to {link:?}");
            let told = to.file_name().unwrap().to_string_lossy().into_owned();
            assert!(name.ends_with(&told), "{sheet}!{cell} “{name}”: {link:?}");
            let cell = row.get(at).map(|cell| cell.rsplit('!').next().unwrap());
            assert_eq!(
                link.place
                    .as_deref()
                    .map(|place| place.rsplit('!').next().unwrap()),
                cell,
                "{sheet} {row:?}"
            );
            met.insert(told);
            count += 1;
        }
    }
    assert!(count > 60, "{count} links");
    for name in names {
        assert!(met.contains(name), "nothing leads to {name}");
    }
}

#[test]
fn every_row_leads_to_its_cell_from_the_folder_of_the_returns() {
    every_row_leads_to_its_cell("returns/2022-23 #2");
}

#[test]
fn every_row_leads_to_its_cell_from_a_folder_beside_them() {
    every_row_leads_to_its_cell("board papers/Q2 – 50% [final]");
}

/// A workbook of one sheet with one link.
fn linked(path: &str, place: Option<&str>) -> Vec<u8> {
    let cell = Cell {
        value: Value::Link {
            text: "the text".to_owned(),
            target: Target::File {
                path: path.to_owned(),
                place: place.map(str::to_owned),
            },
            tip: "£".repeat(400),
        },
        look: Look::Link,
    };
    xlsx::write(&WorkbookPlan {
        title: "Links".to_owned(),
        author: "A partnership".repeat(40),
        subject: "Quarter 2".to_owned(),
        marking: "OFFICIAL".to_owned(),
        as_of: jiff::civil::date(2022, 10, 20),
        sheets: vec![SheetPlan {
            name: "Links",
            about: "A link.".to_owned(),
            content: Content::Table(Table {
                id: "Links",
                columns: vec![Column::new("File", 30, ColumnKind::Prose)],
                rows: vec![vec![cell]].into(),
                frozen: 1,
                printed: None,
                below: Vec::new(),
            }),
        }],
        statuses: Vec::new(),
        is_form: false,
    })
    .unwrap()
}

#[test]
fn what_cannot_be_linked_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let long = "a".repeat(2_100);
    for (path, place, leads) in [
        ("returns/kent-police.xlsx", Some("'Updates'!A8"), true),
        ("returns/kent-police.xlsx", None, true),
        ("", None, false),
        ("a\\b.xlsx", None, false),
        ("a\nb.xlsx", None, false),
        ("a\u{E025}b.xlsx", None, false),
        (long.as_str(), None, false),
        ("a.xlsx", Some(long.as_str()), false),
    ] {
        let package = folder.path().join("one.xlsx");
        fs::write(&package, linked(path, place)).unwrap();
        let found = links(&package, 1);
        assert_eq!(found.len(), usize::from(leads), "{path:?} {place:?}");
        let book = read::workbook(&fs::read(&package).unwrap()).unwrap();
        assert_eq!(book.sheets[0].row(1)[0].value.as_text(), Some("the text"));
        if leads {
            assert_eq!(found["A2"].file, path);
            assert_eq!(found["A2"].place.as_deref(), place);
        }
    }
}
