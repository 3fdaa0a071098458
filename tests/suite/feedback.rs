//! What partners get back: words, notes, marks, and the way back. Other programs' view of it is `tests/interop/feedback.py`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use csp_bridge::grid::{CellAddress, CellRange, Workbook};
use csp_bridge::mark::{self, List, Note, SheetMarks};
use csp_bridge::read;
use csp_bridge::value::told;
use serde_json::Value;

use crate::{case, rules};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whatever a rule says to a partner, nothing in it is left to be filled in but the day that the run sets.
#[test]
fn every_word_to_a_partner_is_filled_in() {
    let schema = case::schema();
    let mut told_of = BTreeSet::new();
    for (file, text) in rules::files() {
        for case in case::parse(&text) {
            let outcome = case::run(&case, &schema);
            for finding in &outcome.findings {
                let Some(told) = &finding.told else { continue };
                told_of.insert(finding.code);
                for text in told.message.iter().chain(&told.fix) {
                    let text = text.replace("{reply by}", "");
                    assert!(
                        !text.contains('{') && !text.is_empty(),
                        "{file}, {}: {}: {text}",
                        case.title,
                        finding.code
                    );
                }
            }
        }
    }
    assert!(told_of.len() > 60, "{}", told_of.len());
}

/// The samples' job with what partners get back; the report, and where all of it is.
fn merged(folder: &Path, returns: &Path) -> Value {
    let report = folder.join("report.json");
    let status = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .arg("merge")
        .arg(root().join("samples/2022-23/action-plan.xlsx"))
        .arg(returns)
        .args(["--quarter", "2022-23-Q2", "--as-of", "2022-10-20"])
        .args(["--force", "--quiet", "--fail-on", "never", "-o"])
        .arg(folder.join("out.xlsx"))
        .arg("--report")
        .arg(&report)
        .arg("--feedback")
        .arg(folder.join("back"))
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
}

/// What is found in each file, by its name without a version mark.
fn found(report: &Value) -> BTreeSet<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|f| {
            [
                text(&f["code"]),
                text(&f["sheet"]),
                text(&f["cell"]),
                text(&f["id"]),
            ]
        })
        .collect()
}

#[test]
fn marked_copies_in_the_place_of_the_originals_give_the_same_findings() {
    let folder = tempfile::tempdir().unwrap();
    let returns = root().join("samples/2022-23/returns");
    let report = merged(folder.path(), &returns);
    // The copies take the originals' places under the originals' names.
    let again = folder.path().join("again");
    fs::create_dir(&again).unwrap();
    for entry in fs::read_dir(&returns).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, again.join(path.file_name().unwrap())).unwrap();
    }
    let mut copies = 0;
    for agency in report["feedback"].as_array().unwrap() {
        for file in agency["files"].as_array().unwrap() {
            if file["kind"] != "marked" {
                continue;
            }
            let source = report["sources"]
                .as_array()
                .unwrap()
                .iter()
                .find(|s| s["id"] == file["source"])
                .unwrap();
            let name = Path::new(source["path"].as_str().unwrap())
                .file_name()
                .unwrap();
            let copy = folder
                .path()
                .join("back")
                .join(file["path"].as_str().unwrap());
            fs::copy(copy, again.join(name)).unwrap();
            copies += 1;
        }
    }
    assert!(copies >= 5, "{copies}");
    let second = tempfile::tempdir().unwrap();
    let once_more = merged(second.path(), &again);
    assert_eq!(found(&report), found(&once_more));
    assert_eq!(report["totals"], once_more["totals"]);
}

#[test]
fn notes_say_what_was_used_and_what_to_correct() {
    let folder = tempfile::tempdir().unwrap();
    let report = merged(folder.path(), &root().join("samples/2022-23/returns"));
    let (mut asked, mut kept_out) = (0, 0);
    for agency in report["feedback"].as_array().unwrap() {
        let at = folder
            .path()
            .join("back")
            .join(agency["folder"].as_str().unwrap());
        let note = fs::read_to_string(at.join("note.txt")).unwrap();
        assert!(
            note.lines().all(|line| line.chars().count() <= 78),
            "{note}"
        );
        assert_eq!(note.matches('\n').count(), note.matches("\r\n").count());
        let words = note.split_whitespace().collect::<Vec<_>>().join(" ");
        // An amount that nobody could read is in no sum: the note says that it is kept out, too.
        let unreadable = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| {
                finding["code"] == "C202"
                    && finding["held"] == "row"
                    && finding["told"][0]["agency"] == agency["agency"]
            });
        assert_eq!(
            words.contains("1 amount kept out that could not be read"),
            unreadable,
            "{words}"
        );
        kept_out += usize::from(unreadable);
        let page = fs::read_to_string(at.join("note.html")).unwrap();
        assert!(page.contains("<html lang=\"en-GB\">") && !page.contains("<script"));
        let told = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|finding| {
                finding["told"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(move |told| (finding, told))
            });
        for (finding, told) in told.filter(|(_, told)| told["agency"] == agency["agency"]) {
            for part in ["message", "fix"] {
                assert!(words.contains(told[part].as_str().unwrap()), "{words}");
            }
            assert!(words.contains(&format!("[{}]", finding["code"].as_str().unwrap())));
            asked += 1;
        }
    }
    assert!(asked >= 12 && kept_out > 0, "{asked}, {kept_out}");
}

#[test]
fn a_clean_return_is_thanked_in_three_lines() {
    let folder = tempfile::tempdir().unwrap();
    let report = merged(folder.path(), &root().join("samples/2022-23/returns-clean"));
    let index = fs::read_to_string(folder.path().join("back/index.csv")).unwrap();
    assert_eq!(index.matches("nothing to do").count(), 10, "{index}");
    for agency in report["feedback"].as_array().unwrap() {
        let at = folder
            .path()
            .join("back")
            .join(agency["folder"].as_str().unwrap());
        assert_eq!(fs::read_dir(&at).unwrap().count(), 2, "{}", at.display());
        let note = fs::read_to_string(at.join("note.txt")).unwrap();
        assert!(note.contains("Thank you") && note.contains("There is nothing to correct."));
        assert!(
            note.lines().filter(|line| !line.is_empty()).count() <= 7,
            "{note}"
        );
    }
}

/// Every cell of every sheet, and the notes.
type Cells = BTreeMap<(usize, CellAddress), String>;

fn cells(book: &Workbook) -> Cells {
    let mut out = Cells::new();
    for (index, sheet) in book.sheets.iter().enumerate() {
        for cell in sheet.cells() {
            out.insert((index, cell.address), format!("{:?}", cell.value));
        }
    }
    out
}

#[test]
fn workbooks_of_other_programs_are_marked_and_read_the_same() {
    let list = List {
        intro: "What this is.".to_owned(),
        rows: Vec::new(),
    };
    for name in [
        "return-openpyxl.xlsx",
        "return-xlsxwriter.xlsx",
        "return-gnumeric.xlsx",
        "return-libreoffice.xlsm",
        "threaded.xlsx",
        "strict.xlsx",
        "parts-elsewhere.xlsx",
        "macros-links-pivot.xlsm",
    ] {
        let bytes = fs::read(root().join("tests/fixtures").join(name)).unwrap();
        let before = read::workbook(&bytes).unwrap();
        let at: CellAddress = "ZZ900".parse().unwrap();
        let sheets: Vec<SheetMarks> = before
            .sheets
            .iter()
            .enumerate()
            .map(|(index, sheet)| SheetMarks {
                index,
                name: sheet.name.as_deref().unwrap().to_owned(),
                areas: vec![CellRange::from(CellAddress::new(0, 0)), at.into()],
                notes: vec![Note {
                    at,
                    text: told::note("C202", "It says “30+”.", "Write a number."),
                    is_error: true,
                }],
            })
            .collect();
        let marked = match mark::mark(&bytes, &sheets, &list) {
            Ok(marked) => marked,
            Err(why) => panic!("{name}: {why}"),
        };
        assert_eq!(marked.marks, 2 * sheets.len(), "{name}");
        let after = read::workbook(&marked.bytes).unwrap();
        let (own, all) = (cells(&before), cells(&after));
        for (place, value) in &own {
            assert_eq!(all.get(place), Some(value), "{name} {place:?}");
        }
        let added = after.sheets.last().unwrap();
        assert_eq!(added.name.as_deref(), Some(told::LIST_NAME), "{name}");
        let noted = after
            .sheets
            .iter()
            .filter(|s| s.notes.iter().any(|(cell, _)| *cell == at));
        let is_strict = name == "strict.xlsx";
        assert_eq!(
            noted.count(),
            if is_strict { 0 } else { sheets.len() },
            "{name}"
        );
        assert_eq!(
            marked.without_note.len(),
            if is_strict { sheets.len() } else { 0 }
        );
        let again = mark::mark(&bytes, &sheets, &list).unwrap();
        assert!(
            again.bytes == marked.bytes,
            "{name}: other bytes the second time"
        );
    }
}
