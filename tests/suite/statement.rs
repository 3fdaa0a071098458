//! What a funder is sent: the consolidated workbook's figures to the penny, nothing of another stream, and a reconciliation of noughts.

use std::fs;

use csp_bridge::grid::{CellAddress, CellValue, Workbook, Worksheet};
use csp_bridge::read;
use tempfile::TempDir;

use crate::program::{run, samples};

/// A folder with the sample quarter's workbook, made from the returns with faults.
fn quarter() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        samples().join("action-plan.xlsx"),
        folder.path().join("plan.xlsx"),
    )
    .unwrap();
    let returns = samples().join("returns");
    let said = run(
        folder.path(),
        &[
            "merge",
            "plan.xlsx",
            returns.to_str().unwrap(),
            "--quarter",
            "2022-23-Q2",
            "--as-of",
            "2022-10-20",
            "-o",
            "q2.xlsx",
            "--fail-on",
            "never",
        ],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    folder
}

fn book(folder: &TempDir, name: &str) -> Workbook {
    read::workbook(&fs::read(folder.path().join(name)).unwrap()).unwrap()
}

fn sheet<'a>(book: &'a Workbook, name: &str) -> &'a Worksheet {
    book.sheets
        .iter()
        .find(|sheet| sheet.name.as_deref() == Some(name))
        .unwrap()
}

fn figure(sheet: &Worksheet, row: u32, column: u16) -> Option<String> {
    match sheet.value(CellAddress::new(row, column)) {
        Some(CellValue::Number(figure)) => Some(figure.number.to_string()),
        _ => None,
    }
}

fn nought() -> String {
    "0".to_owned()
}

/// The row and column of a text, from a row on.
fn find(sheet: &Worksheet, text: &str, from: u32) -> CellAddress {
    sheet
        .cells()
        .iter()
        .filter(|cell| cell.address.row >= from)
        .find(|cell| cell.value.as_text() == Some(text))
        .unwrap_or_else(|| panic!("no “{text}”"))
        .address
}

#[test]
fn a_statement_says_what_the_workbook_says() {
    let folder = quarter();
    let said = run(
        folder.path(),
        &[
            "statement",
            "q2.xlsx",
            "-o",
            "to-send",
            "--as-of",
            "2022-10-20",
        ],
    );
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("on no statement: £347.80"),
        "{}",
        said.out
    );
    let consolidated = book(&folder, "q2.xlsx");
    let (funding, stated) = (
        sheet(&consolidated, "Funding"),
        book(&folder, "to-send/CRG.xlsx"),
    );
    let (first, second) = (
        sheet(&stated, "Statement"),
        sheet(&stated, "Reconciliation"),
    );
    let lines = find(first, "Line", 0);
    let left = find(second, "Line", 0);
    let mut compared = 0;
    for row in 1..20 {
        let Some(line) = funding
            .value(CellAddress::new(row, 0))
            .and_then(CellValue::as_text)
        else {
            continue;
        };
        if !line.starts_with("CRG-") {
            continue;
        }
        for (heading, sheet, top) in [
            ("Allocation", first, lines.row),
            ("Revised allocation", first, lines.row),
            ("Q1 spend", first, lines.row),
            ("Q2 spend", first, lines.row),
            ("Spend to date", first, lines.row),
            ("Held", second, left.row),
            ("Committed", second, left.row),
            ("Forecast outturn", second, left.row),
            ("Variance", second, left.row),
        ] {
            let theirs = figure(funding, row, find(funding, heading, 0).column);
            let column = find(sheet, heading, top).column;
            let ours = figure(sheet, find(sheet, line, top + 1).row, column);
            assert_eq!(
                theirs.unwrap_or_else(nought),
                ours.unwrap_or_else(nought),
                "{line} {heading}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 81);
    let check = find(second, "Difference", 0);
    for row in check.row + 1..check.row + 6 {
        assert_eq!(
            figure(second, row, check.column),
            Some(nought()),
            "row {row}"
        );
    }
    let found: Vec<&str> = sheet(&stated, "Found")
        .cells()
        .iter()
        .filter_map(|cell| cell.value.as_text())
        .collect();
    assert!(
        ["F502", "F504", "F506", "C202"]
            .iter()
            .all(|code| found.contains(code)),
        "what is held, and a total that disagrees, is told: {found:?}"
    );
    assert!(!found.contains(&"M404"), "what is no money is not");
}

#[test]
fn nothing_of_another_stream_is_stated() {
    let folder = quarter();
    run(
        folder.path(),
        &[
            "statement",
            "q2.xlsx",
            "-o",
            "to-send",
            "--as-of",
            "2022-10-20",
        ],
    );
    let names = |start: &str| format!("{start}-0");
    for (own, other) in [("CRG", names("CORE")), ("CORE", names("CRG"))] {
        let stated = book(&folder, &format!("to-send/{own}.xlsx"));
        for cell in stated.sheets.iter().flat_map(Worksheet::cells) {
            let text = cell.value.to_string();
            assert!(!text.contains(&other), "{own}: {text}");
        }
        let page = fs::read_to_string(folder.path().join(format!("to-send/{own}.html"))).unwrap();
        assert!(!page.contains(&other), "{own}.html");
        assert!(page.contains("OFFICIAL") && !page.contains("<script"));
    }
}

#[test]
fn statements_are_replaced_only_when_that_is_asked_for() {
    let folder = quarter();
    let job = [
        "statement",
        "q2.xlsx",
        "--stream",
        "CRG",
        "-o",
        "to-send",
        "--as-of",
        "2022-10-20",
    ];
    assert_eq!(run(folder.path(), &job).code, Some(0));
    let first = fs::read(folder.path().join("to-send/CRG.xlsx")).unwrap();
    assert!(!folder.path().join("to-send/CORE.xlsx").exists());
    assert_eq!(run(folder.path(), &job).code, Some(5));
    let forced: Vec<&str> = job.iter().copied().chain(["--force"]).collect();
    assert_eq!(run(folder.path(), &forced).code, Some(0));
    assert_eq!(
        fs::read(folder.path().join("to-send/CRG.xlsx")).unwrap(),
        first,
        "the same bytes"
    );
    assert_eq!(
        fs::read(folder.path().join("to-send/CRG.before.xlsx")).unwrap(),
        first
    );
}

#[test]
fn a_stream_that_is_not_there_is_told() {
    let folder = quarter();
    let said = run(
        folder.path(),
        &["statement", "q2.xlsx", "--stream", "XYZ", "-o", "to-send"],
    );
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("CRG (Crime Reduction Grant)"),
        "{}",
        said.err
    );
    let said = run(
        folder.path(),
        &["statement", "q2.xlsx", "--stream", "OTHER", "-o", "to-send"],
    );
    assert_eq!(said.code, Some(4), "{}", said.err);
    let said = run(
        folder.path(),
        &["statement", "no-plan.xlsx", "-o", "to-send"],
    );
    assert_eq!(said.code, Some(4));
    assert!(!folder.path().join("to-send").exists());
}
