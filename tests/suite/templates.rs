//! Return workbooks: filled in through the grid as a partner would, they merge without a finding.

use csp_bridge::grid::{Cell, CellAddress, CellValue, Workbook, Worksheet};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::render::templates::{Template, templates};
use csp_bridge::schema::Role;
use csp_bridge::source::Input;
use csp_bridge::value::date::{TextDate, deadline_from_text};
use csp_bridge::{read, write};
use jiff::civil::{Date, date};

use crate::{case, workbook};

const AS_OF: Date = date(2022, 10, 12);

fn made() -> Vec<Template> {
    let outcome = workbook::run(&workbook::plan(), &[]);
    templates(&outcome, &case::schema(), "2022-23-Q2".parse().unwrap())
}

fn merged(returns: Vec<(String, Workbook)>) -> Outcome {
    let input = |path: String, role, read| Input {
        sha256: path.clone(),
        path,
        role: Some(role),
        is_from_folder: false,
        read: Ok(read),
    };
    let mut inputs = vec![input(
        "plan.xlsx".to_owned(),
        Role::Plan,
        read::workbook(&workbook::plan()).unwrap(),
    )];
    inputs.extend(
        returns
            .into_iter()
            .map(|(path, book)| input(path, Role::Return, book)),
    );
    let options = Options {
        quarter: "2022-23-Q2".parse().ok(),
        as_of: AS_OF,
        is_merge: true,
    };
    pipeline::run(&case::schema(), inputs, options)
}

fn told(outcome: &Outcome) -> Vec<String> {
    outcome
        .findings
        .iter()
        .map(|f| {
            format!(
                "{} {:?} {:?} {}",
                f.code,
                f.place.sheet_name(),
                f.place.a1(),
                f.message
            )
        })
        .collect()
}

fn column(sheet: &Worksheet, row: u32, heading: &str) -> u16 {
    sheet
        .row(row)
        .iter()
        .find(|cell| cell.value.as_text() == Some(heading))
        .unwrap_or_else(|| panic!("no column {heading}"))
        .address
        .column
}

fn heading_row(sheet: &Worksheet, first: &str) -> u32 {
    sheet
        .rows()
        .find(|(_, cells)| cells[0].value.as_text() == Some(first))
        .unwrap()
        .0
}

fn with(sheet: &Worksheet, entries: Vec<(u32, u16, CellValue)>) -> Worksheet {
    let mut cells = sheet.cells().to_vec();
    for (row, column, value) in entries {
        let address = CellAddress::new(row, column);
        cells.retain(|cell| cell.address != address);
        cells.push(Cell { address, value });
    }
    cells.sort_by_key(|cell| cell.address);
    Worksheet::new(sheet.name.clone(), cells)
}

fn text(text: impl AsRef<str>) -> CellValue {
    CellValue::Text(text.as_ref().into())
}

fn day(day: Date) -> CellValue {
    CellValue::Date(day.at(0, 0, 0, 0))
}

/// A partner's answers: every open action that it leads; nothing on the others.
fn fill(template: &Template) -> Workbook {
    let schema = case::schema();
    let name = schema.agency_name(template.agency);
    let mut book = read::workbook(&write::xlsx::write(&template.plan).unwrap()).unwrap();
    for sheet in &mut book.sheets {
        match sheet.name.as_deref() {
            Some("Updates") => {
                let head = heading_row(sheet, "Ref");
                let at = |heading: &str| column(sheet, head, heading);
                let said = |row: u32, heading: &str| {
                    sheet.value(CellAddress::new(row, at(heading))).cloned()
                };
                let mut entries = vec![(3, 1, day(date(2022, 10, 10)))];
                let rows: Vec<u32> = sheet.rows_from(head + 1).map(|(row, _)| row).collect();
                for row in rows {
                    let leads = said(row, "Lead agency").is_some_and(|v| v.as_text() == Some(name));
                    let is_done =
                        said(row, "Q1 status").is_some_and(|v| v.as_text() == Some("Complete"));
                    if !leads || is_done {
                        continue;
                    }
                    let is_over = match said(row, "Timescale") {
                        Some(CellValue::Date(due)) => due.date() < AS_OF,
                        Some(CellValue::Text(words)) => {
                            matches!(&*words, "Q1" | "Q2")
                                || matches!(deadline_from_text(&words), TextDate::Certain(due) if due.year() > 1 && due < AS_OF)
                        }
                        _ => false,
                    };
                    entries.push((
                        row,
                        at("Progress this quarter"),
                        text(format!(
                            "{row} visits were made and {} people seen.",
                            row + 7
                        )),
                    ));
                    entries.push((
                        row,
                        at("Status"),
                        text(if is_over { "Complete" } else { "On track" }),
                    ));
                    if is_over {
                        entries.push((row, at("Completed on"), day(date(2022, 9, 20))));
                    }
                }
                *sheet = with(sheet, entries);
            }
            Some("Spend") => {
                let head = heading_row(sheet, "Funding line");
                let line = sheet
                    .cells()
                    .iter()
                    .filter_map(|cell| cell.value.as_text())
                    .find(|said| said.contains(" left of "))
                    .and_then(|said| said.split(' ').next())
                    .map(str::to_owned);
                let Some(line) = line else { continue };
                let entries = [
                    ("Funding line", text(line)),
                    ("Document ref", text(format!("INV-{}", template.agency))),
                    ("Document date", day(date(2022, 9, 14))),
                    ("Amount", CellValue::number(45.5)),
                    ("VAT basis", text("Net")),
                    ("Kind", text("Actual")),
                ];
                let entries = entries
                    .into_iter()
                    .map(|(heading, value)| (head + 1, column(sheet, head, heading), value))
                    .collect();
                *sheet = with(sheet, entries);
            }
            _ => {}
        }
    }
    book
}

#[test]
fn filled_in_honestly_they_merge_without_a_finding() {
    let returns = made()
        .iter()
        .map(|template| (format!("returns/{}", template.file_name), fill(template)))
        .collect();
    let outcome = merged(returns);
    assert_eq!(told(&outcome), Vec::<String>::new());
    assert!(outcome.ties_out());
    assert!(outcome.money().accepted > rust_decimal::Decimal::ZERO);
    let reported = outcome
        .consolidation
        .actions
        .iter()
        .filter(|action| !action.reports.is_empty())
        .count();
    assert!(reported > 30, "{reported} actions are reported on");
}

#[test]
fn an_action_that_its_lead_left_blank_is_asked_for() {
    let made = made();
    let template = &made[1];
    let book = read::workbook(&write::xlsx::write(&template.plan).unwrap()).unwrap();
    let outcome = merged(vec![(format!("returns/{}", template.file_name), book)]);
    let asked: Vec<&str> = outcome
        .findings
        .iter()
        .filter(|f| f.place.source == Some(1))
        .map(|f| f.code.0)
        .collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|code| *code == "C201"),
        "{asked:?}"
    );
    // Two for each open action that it leads, none for those it supports.
    assert_eq!(asked.len() % 2, 0);
    let tally = outcome.sources[1].tally();
    assert_eq!(tally.read, template.actions);
    assert!(tally.skipped > 0);
}
