//! The money, to the penny: fixtures with the arithmetic of real grants, and random quarters against an independent sum.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use csp_bridge::grid::{Cell, CellAddress, CellValue, FileFacts, Format, Workbook, Worksheet};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::Input;
use csp_bridge::value::amount::plain;
use csp_bridge::{read, render, write};
use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::case;

/// Read once: a thousand quarters share it.
static SCHEMA: LazyLock<Schema> = LazyLock::new(case::schema);

const FIXTURES: &str = include_str!("../fixtures/funding.md");

/// Runs the fixture of this title.
fn fixture(title: &str) -> Outcome {
    let case = case::parse(FIXTURES)
        .into_iter()
        .find(|case| case.title == title)
        .unwrap_or_else(|| panic!("no fixture “{title}”"));
    let outcome = case::run(&case, &case::schema());
    assert!(outcome.ties_out(), "{title} does not tie out");
    outcome
}

/// The message of the one finding with this code.
fn message(outcome: &Outcome, code: &str) -> String {
    let found: Vec<&str> = outcome
        .findings
        .iter()
        .filter(|finding| finding.code.0 == code)
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(found.len(), 1, "{code}: {found:?}");
    found[0].to_owned()
}

#[test]
fn an_award_of_which_156_pounds_are_left() {
    let outcome = fixture("Nine lines of 39,505.00 against 39,661.00");
    let stream = &outcome.ledger.streams[0];
    assert_eq!(stream.award.map(plain).as_deref(), Some("39661.00"));
    assert_eq!(plain(stream.totals.allocation), "39505.00");
    assert_eq!(stream.unallocated().map(plain).as_deref(), Some("156.00"));
    let said = message(&outcome, "F507");
    for figure in ["£39,505.00", "£39,661.00", "£156.00"] {
        assert!(said.contains(figure), "{said}");
    }
}

#[test]
fn a_split_into_thirds_is_a_pound_short_and_says_so() {
    let outcome = fixture("Two thirds and one third of 39,661.00");
    let stream = &outcome.ledger.streams[0];
    assert_eq!(plain(stream.totals.allocation), "39660.00");
    assert_eq!(stream.unallocated().map(plain).as_deref(), Some("1.00"));
    let said = message(&outcome, "F507");
    assert!(
        said.contains("£1.00 apart") && said.contains("Nothing was adjusted"),
        "{said}"
    );
}

#[test]
fn a_fifth_off_leaves_a_penny_to_be_named() {
    let outcome = fixture("53,591.18 less a fifth, published as 42,872.95");
    assert_eq!(
        outcome.ledger.streams[0]
            .unallocated()
            .map(plain)
            .as_deref(),
        Some("0.01")
    );
    assert!(message(&outcome, "F507").contains("£0.01 apart"));
}

#[test]
fn a_line_is_overspent_by_a_penny() {
    let outcome = fixture("Over by one penny");
    let balance = &outcome.ledger.balances[0];
    assert_eq!(plain(balance.to_date), "5000.01");
    let said = message(&outcome, "F503");
    for figure in ["£5,000.01", "£0.01", "£5,000.00"] {
        assert!(said.contains(figure), "{said}");
    }
}

#[test]
fn a_credit_corrects_an_earlier_quarter() {
    let outcome = fixture("A credit for an earlier quarter");
    let balance = &outcome.ledger.balances[0];
    assert_eq!(plain(balance.this_quarter), "-45.00");
    assert_eq!(plain(balance.to_date), "955.50");
    assert!(outcome.findings.iter().all(|f| f.code.0 == "S009"));
}

#[test]
fn match_is_kept_apart_and_totals_go_by_funder() {
    let outcome = fixture("Three funders, a virement and match");
    let funder = |name: &str| {
        outcome
            .ledger
            .funders
            .iter()
            .find(|funder| funder.funder == name)
            .unwrap()
    };
    let pcc = &funder("PCC").totals;
    assert_eq!(plain(pcc.allocation), "8000.00");
    assert_eq!(plain(pcc.revised), "8000.00");
    assert_eq!(plain(pcc.to_date), "1750.00");
    assert_eq!(plain(pcc.match_cash), "400.00");
    assert_eq!(plain(funder("district").totals.to_date), "300.00");
    let (first, second) = (&outcome.ledger.balances[0], &outcome.ledger.balances[1]);
    assert_eq!(plain(first.revised), "4850.00");
    assert_eq!(plain(second.revised), "3150.00");
    // A proposed line keeps its allocation, and is in no total.
    assert_eq!(
        outcome.ledger.lines[3].allocation.map(plain).as_deref(),
        Some("900.00")
    );
}

/// The workbook of one quarter is the plan of the next: its Spend sheet remembers what was claimed.
#[test]
fn a_document_of_an_earlier_quarter_is_remembered() {
    let first = fixture("Three funders, a virement and match");
    let schema = case::schema();
    let context = render::Context::new(&first, &schema, &[]);
    let bytes = write::xlsx::write(&render::workbook(&context)).unwrap();
    let again = |number: &str, line: &str| {
        let rows = [
            [
                "Funding line",
                "Document ref",
                "Supplier",
                "Document date",
                "VAT basis",
                "Kind",
            ],
            [
                line,
                number,
                "Example Print Ltd",
                "2022-10-14",
                "Net",
                "Actual",
            ],
        ];
        let mut rows: Vec<Vec<CellValue>> = rows.iter().map(|row| headings(row)).collect();
        rows[0].push(text("Amount"));
        rows[1].push(money(25_000));
        let plan = Input {
            read: read::workbook(&bytes),
            ..input("plan.xlsx", Role::Plan, Vec::new())
        };
        let sent = input(
            "kent-police-q3-2022-23.xlsx",
            Role::Return,
            vec![sheet("Spend", rows)],
        );
        pipeline::run(
            &schema,
            vec![plan, sent],
            Options {
                quarter: "2022-23-Q3".parse().ok(),
                as_of: date(2023, 1, 10),
                is_merge: true,
            },
        )
    };
    // Another line of another quarter is claimed twice all the same.
    let outcome = again("inv 100", "CRG-02");
    let found: Vec<_> = outcome
        .findings
        .iter()
        .filter(|f| f.code.0 == "F505")
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].related[0].sheet_name(), Some("Spend"));
    assert!(
        found[0].message.contains("for Q2 2022-23"),
        "{}",
        found[0].message
    );
    assert_eq!(plain(outcome.ledger.balances[1].held), "250.00");
    assert!(
        again("INV-200", "CRG-02")
            .findings
            .iter()
            .all(|f| f.code.0 != "F505")
    );
}

/// One row of spend as it is made up: line, pence, kind, whether its date is in the period.
#[derive(Clone, Debug)]
struct Made {
    line: usize,
    pence: i64,
    kind: &'static str,
    in_period: bool,
}

/// Approved, approved, proposed, declined; the last number is no line of the plan.
const APPROVED: [bool; 4] = [true, true, false, false];

fn made() -> impl Strategy<Value = Made> {
    (
        0_usize..5,
        -90_000_i64..900_000,
        prop::sample::select(vec![
            "Actual",
            "Actual",
            "Accrual",
            "Credit",
            "Commitment",
            "Capital",
            "In kind",
        ]),
        prop::bool::weighted(0.8),
    )
        .prop_map(|(line, pence, kind, in_period)| Made {
            line,
            pence,
            kind,
            in_period,
        })
}

/// Whether the row is kept out, by the terms of the grant and nothing of the program's.
fn is_kept_out(row: &Made) -> bool {
    let is_unpaid = !APPROVED.get(row.line).copied().unwrap_or(false);
    let wrong_sign = match row.kind {
        "Credit" => row.pence > 0,
        _ => row.pence < 0,
    };
    is_unpaid || !row.in_period || wrong_sign || matches!(row.kind, "Capital" | "In kind")
}

fn text(text: &str) -> CellValue {
    CellValue::Text(text.into())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::float_arithmetic,
    reason = "pence as a spreadsheet holds them"
)]
fn money(pence: i64) -> CellValue {
    CellValue::number(pence as f64 / 100.0)
}

fn sheet(name: &str, rows: Vec<Vec<CellValue>>) -> Worksheet {
    let mut cells = Vec::new();
    for (row, values) in (0..).zip(rows) {
        for (column, value) in (0..).zip(values) {
            cells.push(Cell {
                address: CellAddress::new(row, column),
                value,
            });
        }
    }
    Worksheet::new(Some(Arc::from(name)), cells)
}

fn input(path: &str, role: Role, sheets: Vec<Worksheet>) -> Input {
    Input {
        path: path.to_owned(),
        sha256: format!("{:0>64}", path.len()),
        role: Some(role),
        is_from_folder: false,
        read: Ok(Workbook {
            format: Format::Xlsx,
            sheets,
            facts: FileFacts::default(),
        }),
    }
}

fn headings(words: &[&str]) -> Vec<CellValue> {
    words.iter().map(|word| text(word)).collect()
}

fn quarter(
    allocations: &[i64; 4],
    first: &[i64; 4],
    moved: i64,
    files: &[Vec<Made>; 2],
) -> Outcome {
    let actions = sheet(
        "Action plan",
        vec![
            headings(&["Ref", "Action", "Lead agency"]),
            headings(&["SAC-01", "Run stalls", "Kent Police"]),
        ],
    );
    let mut lines = vec![headings(&[
        "Funding line",
        "Project",
        "Allocation",
        "Approval",
        "Q1 spend",
    ])];
    for (at, approval) in ["Approved", "Agreed", "Proposed", "Declined"]
        .iter()
        .enumerate()
    {
        lines.push(vec![
            text(&format!("CRG-0{}", at + 1)),
            text("A project"),
            money(allocations[at]),
            text(approval),
            money(first[at]),
        ]);
    }
    let virements = sheet(
        "Virements",
        vec![
            headings(&["From line", "To line", "Amount", "Approved by"]),
            vec![text("CRG-01"), text("CRG-02"), money(moved), text("OPCC")],
        ],
    );
    let mut inputs = vec![input(
        "plan.xlsx",
        Role::Plan,
        vec![actions, sheet("PCC Funding", lines), virements],
    )];
    let names = ["davss-q2-2022-23.xlsx", "kent-police-q2-2022-23.xlsx"];
    for (number, (name, rows)) in names.iter().zip(files).enumerate() {
        let mut spend = vec![headings(&[
            "Funding line",
            "Document ref",
            "Document date",
            "Amount",
            "Kind",
        ])];
        for (at, row) in rows.iter().enumerate() {
            spend.push(vec![
                text(&format!("crg {}", row.line + 1)),
                // Letters keep the numbers apart: leading zeros do not.
                text(&format!("D{number}-{at}X")),
                text(if row.in_period {
                    "2022-08-14"
                } else {
                    "2021-08-14"
                }),
                money(row.pence),
                text(row.kind),
            ]);
        }
        inputs.push(input(name, Role::Return, vec![sheet("Spend", spend)]));
    }
    pipeline::run(
        &SCHEMA,
        inputs,
        Options {
            quarter: "2022-23-Q2".parse().ok(),
            as_of: date(2022, 10, 20),
            is_merge: true,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pence are added up here as whole numbers, from what was made up, by nothing that the program has.
    #[test]
    fn no_penny_is_off_in_a_thousand_quarters(
        allocations in prop::array::uniform4(1_i64..2_000_000),
        first in prop::array::uniform4(0_i64..200_000),
        moved in 1_i64..90_000,
        one in prop::collection::vec(made(), 1..9),
        two in prop::collection::vec(made(), 1..9),
    ) {
        let files = [one, two];
        let outcome = quarter(&allocations, &first, moved, &files);
        let pence = |pence: i64| plain(Decimal::new(pence, 2));
        let all = || files.iter().flatten();
        for (at, balance) in outcome.ledger.balances.iter().enumerate() {
            let own = || all().filter(|row| row.line == at && row.kind != "Commitment");
            let sum = |held: bool| own().filter(|row| is_kept_out(row) == held).map(|row| row.pence).sum::<i64>();
            let ordered: i64 = all().filter(|row| row.line == at && row.kind == "Commitment" && !is_kept_out(row)).map(|row| row.pence).sum();
            let is_reported = own().next().is_some();
            prop_assert_eq!(balance.is_reported, is_reported);
            prop_assert_eq!(plain(balance.this_quarter), pence(sum(false)));
            prop_assert_eq!(plain(balance.held), pence(sum(true)));
            prop_assert_eq!(plain(balance.to_date), pence(sum(false) + first[at]));
            prop_assert_eq!(plain(balance.committed), pence(ordered));
            let revised = allocations[at] + match at { 0 => -moved, 1 => moved, _ => 0 };
            prop_assert_eq!(plain(balance.revised), pence(revised));
        }
        let mut by_path: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for (name, rows) in ["davss-q2-2022-23.xlsx", "kent-police-q2-2022-23.xlsx"].into_iter().zip(&files) {
            for row in rows.iter().filter(|row| row.kind != "Commitment") {
                let (accepted, held) = by_path.entry(name).or_default();
                *(if is_kept_out(row) { held } else { accepted }) += row.pence;
            }
        }
        for source in &outcome.sources {
            let (accepted, held) = by_path.get(source.path.as_str()).copied().unwrap_or_default();
            let money = outcome.ledger.tally(source.index);
            prop_assert_eq!(plain(money.accepted), pence(accepted));
            prop_assert_eq!(plain(money.held), pence(held));
            prop_assert_eq!(plain(money.read), pence(accepted + held));
        }
        let total: i64 = by_path.values().map(|(accepted, held)| accepted + held).sum();
        prop_assert_eq!(plain(outcome.money().read), pence(total));
        // Streams come to what their approved lines come to.
        let approved: i64 = all().filter(|row| row.line < 2 && row.kind != "Commitment" && !is_kept_out(row)).map(|row| row.pence).sum();
        prop_assert_eq!(plain(outcome.ledger.streams[0].totals.to_date), pence(approved + first[0] + first[1]));
    }
}
