//! Next year's plan: what goes on, with its money and its outturn; what is left to settle; and nothing found in it that is not on that list.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::program::run;
use rust_xlsxwriter::Workbook;

/// The built-in configuration set on by a year: no fifth priority, other letters for the sixth, one partner gone.
fn next(folder: &Path) {
    assert_eq!(run(folder, &["schema", "export", "next"]).code, Some(0));
    let file = folder.join("next/partnership.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    for (old, new) in [
        ("label = \"2022-23\"", "label = \"2023-24\""),
        ("2022-04-01", "2023-04-01"),
        ("2023-03-31", "2024-03-31"),
        (
            "[2022-07-15, 2022-10-15, 2023-01-15, 2023-04-15]",
            "[2023-07-15, 2023-10-15, 2024-01-15, 2024-04-15]",
        ),
        ("prefix = \"DM\"", "prefix = \"SUB\""),
    ] {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    let cut = |text: &str, from: &str, to: &str| {
        let (head, rest) = text.split_once(from).unwrap();
        let at = rest.find(to).unwrap();
        format!("{head}{}", &rest[at..])
    };
    // Nothing else may speak of the priority that goes.
    text = text.replace(", \"P5\"", "");
    text = cut(
        &text,
        "[[priorities]]\ncode = \"P5\"",
        "[[priorities]]\ncode = \"P6\"",
    );
    text = cut(&text, "[[agencies]]\ncode = \"KWT\"", "# The status");
    fs::write(file, text).unwrap();
}

fn plan(folder: &Path) {
    let mut book = Workbook::new();
    let write = |book: &mut Workbook, name: &str, rows: &[Vec<&str>]| {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, text) in cells
                .iter()
                .enumerate()
                .filter(|(_, text)| !text.is_empty())
            {
                let (row, column) = (u32::try_from(row).unwrap(), u16::try_from(column).unwrap());
                match text.parse::<f64>() {
                    Ok(figure) => sheet.write_number(row, column, figure).unwrap(),
                    Err(_) => sheet.write_string(row, column, *text).unwrap(),
                };
            }
        }
    };
    let heads = "Ref|Priority|Action|Lead agency|Partners|Funding lines|Timescale|Success measure|Unit|Basis|Polarity|Baseline|Target|Q1 status|Q4 update|Q4 status|Q4 value";
    let rows: Vec<Vec<&str>> = [
        heads,
        "SAC-01|P1|Mark vehicles|Kent Police|SDC; Kenward Trust|CRG-01; CRG-02|Ongoing|Vehicles|number|Year to date|Higher|300|450||Forty days held.|On track|412",
        "SAC-02|P1|Run days of action|Kent Police|||31 March 2023|Days|number|In quarter|Higher|3|8||Two held.|On track|2",
        "SAC-03|P1|Widen the radio scheme|SDC|||Ongoing|||||||Complete|||",
        "VAWG-01|P5|Ask where people feel unsafe|SDC|||Ongoing|Answers|number|Snapshot|Higher|10|20||Asked.|On track|17",
        "DM-01|P6|Open a drop-in|Kenward Trust|||Ongoing|||||||| Opened.|On track|",
    ]
    .iter()
    .map(|row| row.split('|').collect())
    .collect();
    write(&mut book, "Action plan", &rows);
    let rows: Vec<Vec<&str>> = [
        "Funding line|Project|Stream|Delivery agency|Allocation|Approval|Q1 spend|Q2 spend|Q3 spend|Q4 spend|Decision",
        "CRG-01|Marking kits|CRG|Kent Police|1000|Approved|100.10|200|300|99.4|Carry forward",
        "CRG-02|Camera hire|CRG|SDC|500|Approved|500|0|0|0|",
        "CRG-03|Training|CRG|SDC|250|Approved|0|0|0|200|Return",
        "CRG-04|Drop-ins|CRG|SDC|80|Approved|0|0|0|60|",
    ]
    .iter()
    .map(|row| row.split('|').collect())
    .collect();
    write(&mut book, "PCC Funding", &rows);
    book.save(folder.join("plan.xlsx")).unwrap();
}

/// A sheet of a workbook as text, row by row under its headings.
fn sheet(file: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let book = csp_bridge::read::workbook(&fs::read(file).unwrap()).unwrap();
    let found = book.sheets.iter().find(|s| s.name.as_deref() == Some(name));
    let Some(found) = found else {
        return Vec::new();
    };
    let mut rows = found.rows();
    let heads: BTreeMap<u16, String> = rows
        .next()
        .map(|(_, cells)| {
            cells
                .iter()
                .map(|cell| (cell.address.column, cell.value.to_string()))
                .collect()
        })
        .unwrap_or_default();
    rows.map(|(_, cells)| {
        cells
            .iter()
            .filter_map(|cell| {
                Some((
                    heads.get(&cell.address.column)?.clone(),
                    cell.value.to_string(),
                ))
            })
            .collect()
    })
    .collect()
}

fn of<'a>(row: &'a BTreeMap<String, String>, heading: &str) -> &'a str {
    row.get(heading).map_or("", String::as_str)
}

#[test]
fn a_new_year_carries_what_goes_on_and_lists_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    next(at);
    plan(at);
    let make = [
        "new-year",
        "plan.xlsx",
        "--schema",
        "next",
        "-o",
        "new.xlsx",
        "--as-of",
        "2023-04-20",
    ];
    let said = run(at, &make);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.starts_with("3 actions carried from 2022-23 to 2023-24; 1 is complete or closed.\n£300.50 brought forward on 1 line.\n"), "{}", said.out);

    let actions = sheet(&at.join("new.xlsx"), "Action plan");
    let told: Vec<String> = actions
        .iter()
        .map(|row| {
            [
                "Ref",
                "Carried from",
                "Lead agency",
                "Partners",
                "Funding line(s)",
                "Timescale",
                "Basis",
                "Baseline",
                "Target",
                "Q4 value",
            ]
            .map(|heading| of(row, heading))
            .join("|")
        })
        .collect();
    assert_eq!(
        told,
        [
            "SAC-01|2022-23 SAC-01|Kent Police|Sevenoaks District Council|CRG-01|Ongoing|Year to date|412|450|",
            "SAC-02|2022-23 SAC-02|Kent Police||||In quarter||8|",
            "|2022-23 DM-01||||Ongoing||||",
        ]
    );
    let lines = sheet(&at.join("new.xlsx"), "Funding");
    assert_eq!(lines.len(), 1);
    assert_eq!(
        of(&lines[0], "Project"),
        "Marking kits (brought forward from 2022-23)"
    );
    assert_eq!(of(&lines[0], "Allocation"), "300.5");
    assert_eq!(of(&lines[0], "Q1 spend"), "");

    let points = sheet(&at.join("new.xlsx"), "To settle");
    for (subject, said) in [
        ("CRG-02", "spent to the penny"),
        ("CRG-03", "£50.00 goes back to the funder"),
        ("CRG-04", "£20.00 is left, and neither"),
        ("SAC-01", "Partners: Kenward Trust"),
        ("SAC-01", "Funding line(s): CRG-02"),
        ("SAC-02", "The timescale was 31 March 2023"),
        (
            "SAC-02",
            "The baseline is left blank: the basis “In quarter”",
        ),
        (
            "VAWG-01",
            "is none of 2023-24, so the action is not in the new plan. Lead agency: SDC.",
        ),
        ("DM-01", "does not begin with the letters"),
        ("DM-01", "Lead agency: Kenward Trust"),
    ] {
        let is_there = points.iter().any(|row| {
            of(row, "Ref or line") == subject && of(row, "What is to be settled").contains(said)
        });
        assert!(is_there, "{subject}: {said}\n{points:#?}");
    }

    // What a first merge finds is on the list, by rule and cell, and nothing else is found.
    let merge = [
        "merge",
        "new.xlsx",
        "--quarter",
        "2023-24-Q1",
        "--schema",
        "next",
        "-o",
        "q1.xlsx",
        "--as-of",
        "2023-05-01",
        "--report",
        "q1.json",
        "--quiet",
    ];
    assert_eq!(run(at, &merge).code, Some(1));
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(at.join("q1.json")).unwrap()).unwrap();
    for finding in report["findings"].as_array().unwrap() {
        let cell = format!(
            "{}!{}",
            finding["sheet"].as_str().unwrap_or_default(),
            finding["cell"].as_str().unwrap_or_default()
        );
        let is_named = points
            .iter()
            .any(|row| of(row, "Rule") == finding["code"] && of(row, "Cell") == cell);
        assert!(is_named, "{finding}");
    }
    // Where it came from is carried through the year.
    let carried = sheet(&at.join("q1.xlsx"), "Action plan");
    assert_eq!(of(&carried[0], "Carried from"), "2022-23 SAC-01");
}

#[test]
fn a_new_year_needs_a_later_year_and_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    plan(at);
    assert_eq!(run(at, &["schema", "export", "same"]).code, Some(0));
    let said = run(
        at,
        &[
            "new-year",
            "plan.xlsx",
            "--schema",
            "same",
            "--from",
            "same",
            "-o",
            "new.xlsx",
        ],
    );
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("set the [year]"), "{}", said.err);
    next(at);
    let said = run(
        at,
        &[
            "new-year",
            "plan.xlsx",
            "--schema",
            "next",
            "-o",
            "plan.xlsx",
            "--force",
        ],
    );
    assert_eq!(said.code, Some(2), "{}", said.err);
    let said = run(
        at,
        &[
            "new-year",
            "gone.xlsx",
            "--schema",
            "next",
            "-o",
            "new.xlsx",
        ],
    );
    assert_eq!(said.code, Some(4), "{}", said.err);
}
