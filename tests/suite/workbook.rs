//! The consolidated workbook as another reader sees it, and as next quarter's plan.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csp_bridge::grid::Workbook;
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::render::{self, Context};
use csp_bridge::schema::Role;
use csp_bridge::source::Input;
use csp_bridge::value::amount::plain;
use csp_bridge::{read, write};
use jiff::civil::date;

use crate::case;

/// Every filled cell of a workbook, in a line each.
pub(crate) fn text_of(path: &Path) -> Vec<String> {
    lines(&read::workbook(&fs::read(path).unwrap()).unwrap())
}

fn lines(book: &Workbook) -> Vec<String> {
    let cells = book
        .sheets
        .iter()
        .flat_map(|sheet| sheet.cells().iter().map(move |cell| (sheet, cell)));
    cells
        .map(|(sheet, cell)| {
            format!(
                "{}!{} {}",
                sheet.name.as_deref().unwrap_or_default(),
                cell.address,
                cell.value
            )
        })
        .collect()
}

fn input(path: &str, role: Role, bytes: &[u8]) -> Input {
    Input {
        path: path.to_owned(),
        sha256: format!("{:064}", bytes.len()),
        role: Some(role),
        is_from_folder: false,
        read: read::workbook(bytes),
    }
}

fn options() -> Options {
    Options {
        quarter: "2022-23-Q2".parse().ok(),
        as_of: date(2022, 10, 20),
        is_merge: true,
    }
}

pub(crate) fn returns() -> Vec<(String, Vec<u8>)> {
    returns_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23/returns"))
}

fn returns_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(path).unwrap(),
            )
        })
        .collect()
}

pub(crate) fn plan() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23/action-plan.xlsx"))
        .unwrap()
}

pub(crate) fn run(plan: &[u8], returns: &[(String, Vec<u8>)]) -> Outcome {
    let mut inputs = vec![input("plan.xlsx", Role::Plan, plan)];
    inputs.extend(
        returns
            .iter()
            .map(|(name, bytes)| input(name, Role::Return, bytes)),
    );
    pipeline::run(&case::schema(), inputs, options())
}

fn bytes(outcome: &Outcome) -> Vec<u8> {
    let schema = case::schema();
    write::xlsx::write(&render::workbook(&Context::new(outcome, &schema, &[]))).unwrap()
}

#[test]
fn sheets_stand_in_their_order() {
    let book = read::workbook(&bytes(&run(&plan(), &returns()))).unwrap();
    let names: Vec<&str> = book
        .sheets
        .iter()
        .filter_map(|sheet| sheet.name.as_deref())
        .collect();
    assert_eq!(
        names,
        [
            "Cover",
            "Summary",
            "Action plan",
            "Updates",
            "Decisions",
            "Funding",
            "Streams",
            "Virements",
            "Spend",
            "Findings",
            "Returns",
            "Sources",
            "Notes"
        ]
    );
}

#[test]
fn two_runs_give_the_same_bytes_in_whatever_order_the_files_come() {
    let (plan, mut files) = (plan(), returns());
    let first = run(&plan, &files);
    files.reverse();
    let second = run(&plan, &files);
    assert!(bytes(&first) == bytes(&second), "the workbooks differ");
    let schema = case::schema();
    assert!(
        write::json::report(&first, &schema) == write::json::report(&second, &schema),
        "the reports differ"
    );
}

/// Stored results of live formulas are what a reader that does not recalculate shows.
#[test]
fn the_funding_sheet_shows_what_the_report_says() {
    let outcome = run(&plan(), &returns());
    let book = read::workbook(&bytes(&outcome)).unwrap();
    let sheet = book
        .sheets
        .iter()
        .find(|sheet| sheet.name.as_deref() == Some("Funding"))
        .unwrap();
    let headings: BTreeMap<String, u16> = sheet
        .row(0)
        .iter()
        .map(|cell| (cell.value.to_string(), cell.address.column))
        .collect();
    let shown = |row: u32, heading: &str| {
        let at = csp_bridge::grid::CellAddress::new(row, headings[heading]);
        sheet
            .value(at)
            .map(ToString::to_string)
            .unwrap_or_default()
            .parse::<f64>()
            .ok()
    };
    for (row, (line, balance)) in
        (1..).zip(outcome.ledger.lines.iter().zip(&outcome.ledger.balances))
    {
        let told = |amount: rust_decimal::Decimal| amount.to_string().parse::<f64>().ok();
        assert_eq!(
            shown(row, "Revised allocation"),
            told(balance.revised),
            "{}",
            line.reference.text
        );
        assert_eq!(
            shown(row, "Spend to date"),
            told(balance.to_date),
            "{}",
            line.reference.text
        );
        assert_eq!(
            shown(row, "Q2 spend"),
            told(balance.this_quarter),
            "{}",
            line.reference.text
        );
        assert_eq!(
            shown(row, "Variance"),
            balance.variance.and_then(told),
            "{}",
            line.reference.text
        );
    }
}

/// What a run gives for each action and line.
fn outcomes(outcome: &Outcome) -> Vec<String> {
    let actions = outcome.consolidation.actions.iter().map(|a| {
        format!(
            "{} {:?} {:?} {:?}",
            a.reference.text, a.outcome.status, a.outcome.update, a.outcome.value
        )
    });
    let lines = outcome
        .ledger
        .lines
        .iter()
        .zip(&outcome.ledger.balances)
        .map(|(l, b)| {
            format!(
                "{} {:?} {} {} {} {} {:?}",
                l.reference.text,
                l.allocation.map(plain),
                plain(b.revised),
                plain(b.this_quarter),
                plain(b.to_date),
                plain(b.all_held()),
                b.forecast.map(plain)
            )
        });
    actions.chain(lines).collect()
}

/// Any one return may come late: merged into the workbook that the others made, it gives what all give together, and nobody is missing.
#[test]
fn a_late_return_changes_only_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23/returns-clean");
    let all: Vec<(String, Vec<u8>)> = returns_in(&folder);
    let together = outcomes(&run(&plan(), &all));
    for late in [0, 4, 7] {
        let (last, others): (Vec<_>, Vec<_>) = all
            .iter()
            .cloned()
            .enumerate()
            .partition(|(index, _)| *index == late);
        let files = |list: Vec<(usize, (String, Vec<u8>))>| -> Vec<(String, Vec<u8>)> {
            list.into_iter().map(|(_, file)| file).collect()
        };
        let early = bytes(&run(&plan(), &files(others)));
        let last = files(last);
        let after = run(&early, &last);
        let name = &last[0].0;
        let said: Vec<String> = after.findings.iter().map(|f| f.message.clone()).collect();
        assert!(said.is_empty(), "{name}: {said:#?}");
        assert_eq!(outcomes(&after), together, "{name}");
    }
}

/// Its own output as the next plan: the same actions and money, nothing found that was not found before, and the sheets cell for cell.
#[test]
fn it_is_the_next_plan() {
    let first = run(&plan(), &returns());
    let written = bytes(&first);
    let second = run(&written, &[]);
    assert_eq!(outcomes(&first), outcomes(&second));
    let errors: Vec<String> = second
        .findings
        .iter()
        .map(|f| format!("{} {}", f.code, f.message))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let sheets = |bytes: &[u8]| -> Vec<String> {
        let carried = [
            "Action plan!",
            "Funding!",
            "Virements!",
            "Updates!",
            "Spend!",
        ];
        lines(&read::workbook(bytes).unwrap())
            .into_iter()
            .filter(|line| carried.iter().any(|name| line.starts_with(name)))
            .collect()
    };
    let (one, two) = (sheets(&written), sheets(&bytes(&second)));
    let remarks: Vec<(&String, &String)> = one.iter().zip(&two).filter(|(a, b)| a != b).collect();
    assert!(remarks.is_empty() && one.len() == two.len(), "{remarks:#?}");
}

#[test]
fn text_from_a_partner_is_never_a_formula() {
    let markdown = "## case\n\n| kent-police-q2-2022-23.xlsx › Updates | A | B | C |\n|---|---|---|---|\n| 1 | Ref | Update | Status |\n| 2 | SAC-01 | =HYPERLINK(\"http://example.org\",\"click\") | On track |\n";
    let case = case::parse(markdown).pop().unwrap();
    let outcome = case::run(&case, &case::schema());
    let bytes = bytes(&outcome);
    let book = read::workbook(&bytes).unwrap();
    let told = lines(&book)
        .into_iter()
        .filter(|line| line.contains("HYPERLINK"))
        .count();
    assert!(told >= 2, "the text is on the Action plan and on Updates");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        let _ = std::io::Read::read_to_string(&mut part, &mut text);
        assert!(
            !text.contains("<f>HYPERLINK"),
            "a partner's text became a formula"
        );
    }
}

/// Some programs save a workbook without its formulas' results: the quarter's spend is worked out again from the Spend sheet.
#[test]
fn results_that_another_program_dropped_are_worked_out_again() {
    let first = run(&plan(), &returns());
    let mut book = read::workbook(&bytes(&first)).unwrap();
    for sheet in &mut book.sheets {
        if sheet.name.as_deref() != Some("Funding") {
            continue;
        }
        let column = sheet
            .row(0)
            .iter()
            .find(|cell| cell.value.as_text() == Some("Q2 spend"))
            .unwrap()
            .address
            .column;
        let cells = sheet.cells().iter().cloned().map(|mut cell| {
            if cell.address.column == column && cell.address.row > 0 {
                cell.value = csp_bridge::grid::CellValue::NotCalculated;
            }
            cell
        });
        *sheet = csp_bridge::grid::Worksheet::new(sheet.name.clone(), cells.collect());
    }
    let input = Input {
        read: Ok(book),
        ..input("plan.xlsx", Role::Plan, b"")
    };
    let second = pipeline::run(&case::schema(), vec![input], options());
    let codes: Vec<&str> = second.findings.iter().map(|f| f.code.0).collect();
    assert!(!codes.contains(&"C209"), "{codes:?}");
    let spent = |outcome: &Outcome| -> Vec<String> {
        let balances = outcome.ledger.balances.iter();
        balances.map(|balance| plain(balance.to_date)).collect()
    };
    assert_eq!(spent(&first), spent(&second));
}

/// A landscape A3 page is some 400 mm wide between its margins, and a letter of ten points goes into a column two millimetres a character:
/// what is wider would be printed in letters under seven points, where a wider font stands in for ours.
#[test]
fn what_a_meeting_reads_prints_in_letters_that_can_be_read() {
    let outcome = run(&plan(), &returns());
    let schema = case::schema();
    let context = Context::new(&outcome, &schema, &[]);
    let book = render::workbook(&context);
    for name in ["Action plan", "Updates", "Decisions", "Spend", "Findings"] {
        let sheet = book.sheets.iter().find(|sheet| sheet.name == name).unwrap();
        let render::Content::Table(table) = &sheet.content else {
            panic!("{name} is no table");
        };
        let printed = usize::from(table.printed.unwrap());
        let width: u16 = table.columns[..printed]
            .iter()
            .map(|column| column.width)
            .sum();
        assert!(width <= 232, "{name} is {width} characters wide");
    }
}

#[test]
fn the_printed_plan_says_what_is_measured_and_in_what() {
    let outcome = run(&plan(), &returns());
    let schema = case::schema();
    let context = Context::new(&outcome, &schema, &[]);
    let printed = |context: &Context<'_>| -> Vec<String> {
        let book = render::workbook(context);
        let sheet = book.sheets.iter().find(|sheet| sheet.name == "Action plan");
        let render::Content::Table(table) = &sheet.unwrap().content else {
            panic!("no table");
        };
        let count = usize::from(table.printed.unwrap());
        table.columns[..count]
            .iter()
            .map(|column| column.heading.clone())
            .collect()
    };
    let headings = printed(&context);
    for heading in [
        "Success measure",
        "Unit",
        "Target",
        "Current value",
        "Success measure met",
    ] {
        assert!(
            headings.iter().any(|found| found == heading),
            "{headings:?}"
        );
    }
    // Where nothing can be judged, the column that would say so in every row is not printed.
    let mut unjudged = run(&plan(), &returns());
    for action in &mut unjudged.consolidation.actions {
        action.outcome.measure = csp_bridge::reconcile::Measure::NotJudged;
    }
    let headings = printed(&Context::new(&unjudged, &schema, &[]));
    assert!(
        !headings.iter().any(|found| found == "Success measure met"),
        "{headings:?}"
    );
    assert!(
        headings.iter().any(|found| found == "Remarks"),
        "{headings:?}"
    );
}
