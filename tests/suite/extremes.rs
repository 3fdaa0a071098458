//! No number ends the run: the largest, the smallest and what is none, in every cell that holds a figure.

use csp_bridge::grid::{Cell, CellAddress, CellValue, Worksheet};
use csp_bridge::pipeline::Outcome;
use csp_bridge::render::{self, Context};
use csp_bridge::schema::Schema;
use csp_bridge::value::amount;
use csp_bridge::write;

use crate::case::{self, Case, File};

/// A quarter with every field of money and number; `@` is a cell to try.
const QUARTER: &str = "
## A quarter

| plan.xlsx › Action plan | A | B | C | D | E | F | G | H | I | J | K | L | M |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| 1 | Ref | Action | Lead agency | Timescale | Unit | Basis | Polarity | Baseline | Target | Q1 value | Q2 value | Q3 value | Q4 value |
| 2 | SAC-01 | Run stalls | Kent Police | 2023-03-31 | Stalls | Year to date | Band | @ | @ | @ | @ | @ | @ |
| 3 | DA-01 | Run the shop | Kent Police | 2023-03-31 | Visits | In quarter | Lower | @ | @ | @ | @ | @ | @ |

| plan.xlsx › PCC Funding | A | B | C | D | E | F | G | H | I | J | K | L | M |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| 1 | Award | @ | | | | | | | | | | | |
| 3 | Funding line | Project | Delivery agency | Allocation (£) | Approval | Q1 spend | Q2 spend | Q3 spend | Q4 spend | Forecast outturn | Match (cash) | Decision | Stream |
| 4 | CRG-01 | Kits | Kent Police | @ | Approved | @ | @ | @ | @ | @ | @ | Return | · |
| 5 | CRG-02 | Stalls | SDC | @ | Approved | @ | @ | @ | @ | @ | @ | Carry forward | · |

| plan.xlsx › Virements | A | B | C | D | E |
|---|---|---|---|---|---|
| 1 | From line | To line | Amount | Approved by | Approved on |
| 2 | CRG-01 | CRG-02 | @ | The board | 2022-07-01 |

| previous.xlsx › Action plan | A | B | C | D | E | F |
|---|---|---|---|---|---|---|
| 1 | Ref | Action | Lead agency | Timescale | Target | Q1 value |
| 2 | SAC-01 | Run stalls | Kent Police | 2023-03-31 | @ | @ |

| kent-police-q2-2022-23.xlsx › Updates | A | B | C | D | E | F |
|---|---|---|---|---|---|---|
| 1 | Ref | Progress this quarter | Status | Measure value | Target | Q1 value |
| 2 | SAC-01 | Stalls were held in May. | On track | @ | @ | @ |
| 3 | DA-01 | The shop was open. | On track | @ | @ | @ |

| kent-police-q2-2022-23.xlsx › Spend | A | B | C | D | E | F | G | H |
|---|---|---|---|---|---|---|---|---|
| 1 | Funding line | Document ref | Supplier | Document date | Amount (£) | VAT basis | Kind | VAT amount |
| 2 | CRG-01 | INV-1 | Acme | 2022-07-14 | @ | Net | Actual | @ |
| 3 | CRG-01 | INV-2 | Acme | 2022-07-15 | @ | Net | Credit | @ |
| 4 | CRG-01 | INV-3 | Acme | 2022-07-16 | @ | Net | Commitment | @ |
| 5 | CRG-01 | INV-4 | Acme | 2022-07-17 | @ | Net | Actual | @ |
| 6 | CRG-01 | INV-5 | Acme | 2022-07-18 | @ | Net | Actual | @ |
| 7 | CRG-01 | INV-6 | Acme | 2022-07-19 | @ | Net | Actual | @ |
| 8 | Total | · | · | · | @ | · | · | · |

| sdc-q2-2022-23.xlsx › Claims | A | B | C | D | E |
|---|---|---|---|---|---|
| 1 | Funding line | Spend this quarter | Spend to date | Forecast | Explanation |
| 2 | CRG-02 | @ | @ | @ | · |

| ledger.xlsx › Ledger | A | B | C | D | E |
|---|---|---|---|---|---|
| 1 | Posting date | Funding line | Document ref | Supplier | Amount |
| 2 | 2022-07-20 | CRG-01 | INV-1 | Acme | @ |
| 3 | 2022-07-20 | CRG-02 | INV-9 | Acme | @ |
";

const TOO_LARGE: [f64; 6] = [1e15, -1e15, 1e27, -1e27, 1e28, 1e300];

fn extremes() -> Vec<CellValue> {
    let numbers = TOO_LARGE
        .into_iter()
        .chain([
            999_999_999_999_999.0,
            -999_999_999_999_999.0,
            1e14,
            5.5e-17,
            -1e-300,
            0.0,
            f64::NAN,
            f64::INFINITY,
        ])
        .map(|number| CellValue::Number(number.into()));
    let texts = [
        "999999999999999.99",
        "-999999999999999.99",
        "1000000000000000",
        "£1,000,000,000,000,000,000,000,000,000.00",
        "(79228162514264337593543950335)",
        "0.0000000000000000000000000001",
        "NaN",
        "-inf",
        "1e27",
        "999999999999999k",
    ]
    .map(|text| CellValue::Text(text.into()));
    numbers.chain(texts).collect()
}

/// Where the cells to try are: file, sheet and address, in their order.
fn tried(case: &Case) -> Vec<(String, usize, CellAddress)> {
    let mut out = Vec::new();
    for (name, file) in &case.files {
        let File::Sheets(sheets) = file else { continue };
        for (index, sheet) in sheets.iter().enumerate() {
            let own = sheet.cells().iter();
            let own = own.filter(|cell| cell.value.as_text() == Some("@"));
            out.extend(own.map(|cell| (name.clone(), index, cell.address)));
        }
    }
    out
}

/// The quarter with a value in these cells, and an ordinary figure in the others.
fn with(value: &CellValue, is_tried: impl Fn(&str, usize, CellAddress) -> bool) -> Case {
    let mut case = case::parse(QUARTER).pop().unwrap();
    for (name, file) in &mut case.files {
        let File::Sheets(sheets) = file else { continue };
        for (index, sheet) in sheets.iter_mut().enumerate() {
            let cells = sheet.cells().iter().map(|cell| Cell {
                address: cell.address,
                value: match cell.value.as_text() {
                    Some("@") if is_tried(name, index, cell.address) => value.clone(),
                    Some("@") => CellValue::Number(100.0.into()),
                    _ => cell.value.clone(),
                },
            });
            *sheet = Worksheet::new(sheet.name.clone(), cells.collect());
        }
    }
    case
}

fn run(case: &Case, schema: &Schema) -> Outcome {
    let outcome = case::run(case, schema);
    assert!(outcome.ties_out(), "{:?}", outcome.money());
    assert!(!write::json::report(&outcome, schema).is_empty());
    outcome
}

#[test]
fn a_figure_in_one_cell_ends_nothing_and_is_refused_by_name_where_it_is_too_large() {
    let schema = case::schema();
    let cells = tried(&case::parse(QUARTER).pop().unwrap());
    assert_eq!(cells.len(), 54);
    for (name, sheet, at) in &cells {
        for value in extremes() {
            let case = with(&value, |file, index, address| {
                (file, index, address) == (name, *sheet, *at)
            });
            let outcome = run(&case, &schema);
            let is_too_large = match &value {
                CellValue::Number(figure) => amount::from_number(figure.number).is_err(),
                CellValue::Text(text) => amount::is_beyond_limit(text),
                _ => false,
            };
            let is_judged = name != "previous.xlsx" && at.to_string() != "B1"
                // Totals are compared, and what says nothing that can be compared is not.
                && at.to_string() != "E8"
                // No field of the configuration: kept as it is.
                && !(name.starts_with("kent") && *sheet == 1 && at.column == 7);
            let is_told = outcome.findings.iter().any(|finding| {
                finding.code.0 == "C202"
                    && finding.place.a1() == Some(at.to_string())
                    && finding
                        .place
                        .source
                        .is_some_and(|source| outcome.sources[source].file_name() == name)
            });
            if is_too_large && is_judged {
                assert!(is_told, "{name} {at} {value}");
            }
        }
    }
}

#[test]
fn figures_in_every_cell_at_once_end_nothing() {
    let schema = case::schema();
    for value in extremes() {
        for (command, quarter) in [
            ("merge", "2022-23-Q2"),
            ("merge", "2022-23-Q4"),
            ("check", ""),
        ] {
            let mut case = with(&value, |_, _, _| true);
            case.run.insert("command".to_owned(), command.to_owned());
            case.run.insert("quarter".to_owned(), quarter.to_owned());
            case.run.insert("as of".to_owned(), "2023-05-20".to_owned());
            let outcome = run(&case, &schema);
            if command == "merge" {
                let links = vec![String::new(); outcome.sources.len()];
                let context = Context::new(&outcome, &schema, &links);
                let workbook = write::xlsx::write(&render::workbook(&context));
                assert!(workbook.is_ok(), "{value}");
                assert!(!write::html::findings(&outcome, &schema).is_empty());
            }
        }
    }
}
