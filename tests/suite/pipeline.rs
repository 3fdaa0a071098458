//! Properties of a whole run, whatever the sheets look like.

use std::sync::Arc;

use csp_bridge::finding::Finding;
use csp_bridge::grid::{Cell, CellAddress, CellValue, FileFacts, Format, Workbook, Worksheet};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::schema::Role;
use csp_bridge::source::Input;
use jiff::civil::date;
use proptest::prelude::*;

use crate::case;

/// Rows of a return: reference, update, status, figure, and a line of spend.
type Row = (&'static str, &'static str, &'static str, &'static str);
type Spend = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn row() -> impl Strategy<Value = Row> {
    (
        prop::sample::select(vec!["SAC-01", "DA-01", "sac 1", "SAC-99", "", "ten"]),
        prop::sample::select(vec![
            "Three stalls were held in July.",
            "",
            "Eleven visits were made.",
        ]),
        prop::sample::select(vec![
            "On track", "Green", "Amber", "Ongoing", "", "Complete",
        ]),
        prop::sample::select(vec!["12", "1,090", "c. 3k", "", "#REF!"]),
    )
}

fn spend() -> impl Strategy<Value = Spend> {
    (
        prop::sample::select(vec!["CRG-01", "crg 1", "CRG-03", "CRG-77", ""]),
        prop::sample::select(vec!["INV-1", "INV-2", "INV-3", ""]),
        prop::sample::select(vec![
            "14/07/2022",
            "31/09/2022",
            "2022-08-01",
            "14/07/2019",
            "",
        ]),
        prop::sample::select(vec![
            "£250.00",
            "10.005",
            "99999999.99",
            "£1,2500",
            "(12.50)",
            "",
            "0.1",
        ]),
        prop::sample::select(vec![
            "Actual",
            "Commitment",
            "Credit",
            "In kind",
            "",
            "Whatever",
        ]),
    )
}

fn put(cells: &mut Vec<Cell>, row: u32, column: u16, text: &str) {
    let value = match text {
        "" => return,
        "#REF!" => CellValue::Error(text.into()),
        _ => match text.parse::<f64>() {
            Ok(number) => CellValue::number(number),
            Err(_) => CellValue::Text(text.into()),
        },
    };
    cells.push(Cell {
        address: CellAddress::new(row, column),
        value,
    });
}

/// A return whose tables begin some rows down and some columns in.
fn partner(rows: &[Row], spend: &[Spend], down: u32, across: u16) -> Workbook {
    let mut updates = Vec::new();
    put(&mut updates, 0, 0, "Quarterly return, Q2 2022-23");
    for (column, heading) in
        (across..).zip(["Ref", "Progress this quarter", "Status", "Measure value"])
    {
        put(&mut updates, 2 + down, column, heading);
    }
    for (at, (reference, update, status, figure)) in (3 + down..).zip(rows) {
        for (column, text) in (across..).zip([*reference, *update, *status, *figure]) {
            put(&mut updates, at, column, text);
        }
    }
    let mut money = Vec::new();
    for (column, heading) in (across..).zip([
        "Funding line",
        "Document ref",
        "Document date",
        "Amount",
        "Kind",
    ]) {
        put(&mut money, down, column, heading);
    }
    for (at, (line, document, day, amount, kind)) in (1 + down..).zip(spend) {
        for (column, text) in (across..).zip([*line, *document, *day, *amount, *kind]) {
            put(&mut money, at, column, text);
        }
    }
    let sheet = |name: &str, cells| Worksheet::new(Some(Arc::from(name)), cells);
    Workbook {
        format: Format::Xlsx,
        sheets: vec![sheet("Updates", updates), sheet("Spend", money)],
        facts: FileFacts::default(),
    }
}

fn run(workbook: Workbook) -> Outcome {
    let shared = case::parse(include_str!("../rules/plan.md")).pop().unwrap();
    let Some(case::File::Sheets(sheets)) = shared.files.get("plan.xlsx") else {
        panic!("the shared plan has sheets")
    };
    let plan = Workbook {
        format: Format::Xlsx,
        sheets: sheets.clone(),
        facts: FileFacts::default(),
    };
    let input = |path: &str, role, workbook| Input {
        path: path.to_owned(),
        sha256: path.to_owned(),
        role: Some(role),
        is_from_folder: false,
        read: Ok(workbook),
    };
    let inputs = vec![
        input("plan.xlsx", Role::Plan, plan),
        input("kent-police-q2-2022-23.xlsx", Role::Return, workbook),
    ];
    pipeline::run(
        &case::schema(),
        inputs,
        Options {
            quarter: "2022-23-Q2".parse().ok(),
            as_of: date(2022, 10, 20),
            is_merge: true,
        },
    )
}

/// A finding with its place moved up and left again.
fn back(finding: &Finding, down: u32, across: u16) -> String {
    let moves = finding.place.source == Some(1);
    let place = finding.place.range.map(|range| {
        let shift = |at: CellAddress| {
            if moves {
                format!("{}:{}", at.row - down, at.column - across)
            } else {
                at.to_string()
            }
        };
        format!("{} {}", shift(range.first), shift(range.last))
    });
    format!(
        "{} {} {:?} {place:?} {:?} {}",
        finding.id,
        finding.code,
        finding.place.sheet_name(),
        finding.raw,
        finding.held.word()
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_money_tie_out(rows in prop::collection::vec(row(), 0..6), spend in prop::collection::vec(spend(), 0..6)) {
        let outcome = run(partner(&rows, &spend, 0, 0));
        prop_assert!(outcome.ties_out());
        for source in &outcome.sources {
            let (tally, money) = (source.tally(), outcome.ledger.tally(source.index));
            prop_assert_eq!(tally.read, tally.accepted + tally.skipped + tally.held);
            prop_assert_eq!(money.read, money.accepted + money.held);
        }
        // What the lines show is what was accepted: nothing appears and nothing vanishes between a return and the Funding sheet.
        let shown: rust_decimal::Decimal = outcome.ledger.balances.iter().map(|balance| balance.this_quarter).sum();
        prop_assert_eq!(shown, outcome.money().accepted);
    }

    #[test]
    fn addresses_move_with_inserted_rows_and_columns(
        rows in prop::collection::vec(row(), 1..6),
        spend in prop::collection::vec(spend(), 1..6),
        down in 0_u32..40,
        across in 0_u16..5,
    ) {
        let plain: Vec<String> = run(partner(&rows, &spend, 0, 0)).findings.iter().map(|f| back(f, 0, 0)).collect();
        let moved: Vec<String> = run(partner(&rows, &spend, down, across)).findings.iter().map(|f| back(f, down, across)).collect();
        prop_assert_eq!(plain, moved);
    }
}
