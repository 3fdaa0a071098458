//! Where things stand changes addresses and nothing else: blank rows and columns, the order of columns, names of sheets.

use std::sync::{Arc, LazyLock};

use csp_bridge::finding::Place;
use csp_bridge::grid::{Cell, CellAddress, CellValue, FileFacts, Format, Workbook, Worksheet};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::Input;
use jiff::civil::date;
use proptest::prelude::*;

use crate::case;

static SCHEMA: LazyLock<Schema> = LazyLock::new(case::schema);

/// A return with a title, labels, a banner, faults, a total and a note: rows of text, `·` a blank.
const SHEET: [&str; 17] = [
    "Sevenoaks District Community Safety Partnership",
    "Partner:|Kent Police",
    "Quarter:|Q2 2022-23",
    "",
    "Ref|Update|Status|Measure value|Next steps",
    "Priority 1: Serious and Acquisitive Crime",
    "SAC-01|Three stalls were held.|On track|ninety|Two more",
    "DA-01|Officers attended six times.|Ongoing|6|·",
    "SAC-77|Bicycles were marked.|On track|5|·",
    "",
    "Funding line|Document ref|Document date|Amount (£)|VAT basis",
    "CRG-01|INV-1|14/07/2022|£1,2500|Net",
    "CRG-77|INV-2|31/09/2022|20|Net",
    "CRG-01|INV-3|15/08/2022|30|Net",
    "Total|·|·|99|·",
    "",
    "Note: figures are provisional.",
];

fn value(text: &str) -> Option<CellValue> {
    match text {
        "" | "·" => None,
        _ => Some(
            text.parse()
                .map_or_else(|_| CellValue::Text(text.into()), CellValue::number),
        ),
    }
}

/// The return, with `rows` blank rows before this row and `columns` blank columns before this column.
fn sheet(name: &str, above: (u32, u32), before: (u16, u16), order: &[usize]) -> Worksheet {
    let mut cells = Vec::new();
    for (row, line) in (0..).zip(SHEET) {
        let texts: Vec<&str> = line.split('|').collect();
        let is_table = texts.len() == 5;
        for column in 0..texts.len() {
            let text = if is_table {
                texts[order[column]]
            } else {
                texts[column]
            };
            let at = u16::try_from(column).unwrap();
            cells.extend(value(text).map(|value| Cell {
                address: CellAddress::new(
                    moved(row, above),
                    at + if at >= before.0 { before.1 } else { 0 },
                ),
                value,
            }));
        }
    }
    Worksheet::new(Some(name.into()), cells)
}

fn moved(row: u32, (from, by): (u32, u32)) -> u32 {
    if row >= from { row + by } else { row }
}

fn run(sheet: Worksheet) -> Outcome {
    let plan = case::parse(include_str!("../rules/plan.md")).pop().unwrap();
    let case::File::Sheets(sheets) = &plan.files["plan.xlsx"] else {
        panic!("the shared plan cannot be read");
    };
    let input = |path: &str, role: Role, sheets: Vec<Worksheet>| Input {
        path: path.to_owned(),
        sha256: format!("{:0>64}", path.len()),
        role: Some(role),
        is_from_folder: false,
        read: Ok(Workbook {
            format: Format::Xlsx,
            sheets,
            facts: FileFacts::default(),
        }),
    };
    pipeline::run(
        &SCHEMA,
        vec![
            input("plan.xlsx", Role::Plan, sheets.clone()),
            input("returns/form.xlsx", Role::Return, vec![sheet]),
        ],
        Options {
            quarter: "2022-23-Q2".parse().ok(),
            as_of: date(2022, 10, 20),
            is_merge: true,
        },
    )
}

/// The return's findings by code and place, and the run's figures.
fn told(outcome: &Outcome) -> (Vec<(String, Option<Place>)>, String) {
    let findings = outcome
        .findings
        .iter()
        .map(|finding| {
            let place = (finding.place.source == Some(1)).then(|| finding.place.clone());
            (finding.code.to_string(), place)
        })
        .collect();
    let figures = format!("{:?} {:?}", outcome.rows(), outcome.money());
    (findings, figures)
}

const IN_ORDER: [usize; 5] = [0, 1, 2, 3, 4];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn blank_rows_move_every_address_by_their_number(from in prop::sample::select(vec![0_u32, 1, 3, 4, 9, 10, 15]), by in 1_u32..40) {
        let (was, figures) = told(&run(sheet("Form", (0, 0), (0, 0), &IN_ORDER)));
        let (is, figures_moved) = told(&run(sheet("Form", (from, by), (0, 0), &IN_ORDER)));
        let expected: Vec<(String, Option<Place>)> = was
            .into_iter()
            .map(|(code, place)| {
                let place = place.map(|mut place| {
                    if let Some(range) = &mut place.range {
                        range.first.row = moved(range.first.row, (from, by));
                        range.last.row = moved(range.last.row, (from, by));
                    }
                    place
                });
                (code, place)
            })
            .collect();
        prop_assert_eq!(is, expected);
        prop_assert_eq!(figures_moved, figures);
    }

    #[test]
    fn blank_columns_move_every_address_by_their_number(by in 1_u16..60) {
        let (was, figures) = told(&run(sheet("Form", (0, 0), (0, 0), &IN_ORDER)));
        let (is, figures_moved) = told(&run(sheet("Form", (0, 0), (0, by), &IN_ORDER)));
        let expected: Vec<(String, Option<Place>)> = was
            .into_iter()
            .map(|(code, place)| {
                let place = place.map(|mut place| {
                    if let Some(range) = &mut place.range {
                        range.first.column += by;
                        range.last.column += by;
                    }
                    place
                });
                (code, place)
            })
            .collect();
        prop_assert_eq!(is, expected);
        prop_assert_eq!(figures_moved, figures);
    }

    #[test]
    fn a_blank_column_in_the_table_changes_no_figure(at in 1_u16..5) {
        let (was, figures) = told(&run(sheet("Form", (0, 0), (0, 0), &IN_ORDER)));
        let (is, figures_moved) = told(&run(sheet("Form", (0, 0), (at, 1), &IN_ORDER)));
        let codes = |findings: &[(String, Option<Place>)]| -> Vec<String> {
            findings.iter().map(|(code, _)| code.clone()).collect()
        };
        prop_assert_eq!(codes(&is), codes(&was));
        prop_assert_eq!(figures_moved, figures);
    }

    #[test]
    fn the_order_of_columns_and_the_sheets_name_change_no_figure(
        order in Just(IN_ORDER.to_vec()).prop_shuffle(),
        name in prop::sample::select(vec!["Form", "Sheet1", "Crime", "Q2 FINAL v3 (2)", "Updates"]),
    ) {
        let (was, figures) = told(&run(sheet("Form", (0, 0), (0, 0), &IN_ORDER)));
        let (is, figures_moved) = told(&run(sheet(name, (0, 0), (0, 0), &order)));
        let codes = |findings: &[(String, Option<Place>)]| {
            let mut codes: Vec<String> = findings.iter().map(|(code, _)| code.clone()).collect();
            codes.sort();
            codes
        };
        prop_assert_eq!(codes(&is), codes(&was));
        prop_assert_eq!(figures_moved, figures);
    }
}

/// Headings as people type them are the same headings.
#[test]
fn how_a_heading_is_typed_changes_nothing() {
    let (_, figures) = told(&run(sheet("Form", (0, 0), (0, 0), &IN_ORDER)));
    for typed in [
        str::to_uppercase as fn(&str) -> String,
        |text| format!("{text} *"),
        |text| format!(" {text}:"),
        |text| text.replace(' ', "\u{a0}"),
        |text| text.replace(' ', "\n"),
        |text| text.replace(' ', " \u{200b}"),
    ] {
        let plain = sheet("Form", (0, 0), (0, 0), &IN_ORDER);
        let cells = plain
            .cells()
            .iter()
            .map(|cell| {
                let is_heading = [4, 10].contains(&cell.address.row);
                let value = match &cell.value {
                    CellValue::Text(text) if is_heading => CellValue::Text(Arc::from(typed(text))),
                    other => other.clone(),
                };
                Cell {
                    address: cell.address,
                    value,
                }
            })
            .collect();
        let (_, figures_typed) = told(&run(Worksheet::new(Some("Form".into()), cells)));
        assert_eq!(figures_typed, figures);
    }
}
