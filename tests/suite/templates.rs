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

/// The first line on a Spend sheet that may be claimed on.
fn open_line(sheet: &Worksheet) -> Option<String> {
    sheet
        .cells()
        .iter()
        .filter_map(|cell| cell.value.as_text())
        .find(|said| said.contains(" left of "))
        .and_then(|said| said.split(' ').next())
        .map(str::to_owned)
}

/// A form as it is sent out.
fn blank(template: &Template) -> Workbook {
    read::workbook(&write::xlsx::write(&template.plan).unwrap()).unwrap()
}

fn sheet<'a>(book: &'a Workbook, name: &str) -> &'a Worksheet {
    book.sheets
        .iter()
        .find(|sheet| sheet.name.as_deref() == Some(name))
        .unwrap_or_else(|| panic!("no sheet {name}"))
}

/// Every text of a sheet, in its order.
fn texts(sheet: &Worksheet) -> String {
    let texts = sheet.cells().iter().filter_map(|cell| cell.value.as_text());
    texts.collect::<Vec<_>>().join("\n")
}

/// The plan with some cells of its two tables changed, by the row's key and the column's heading.
fn plan_with(change: impl Fn(&str, &str) -> Option<CellValue>) -> Workbook {
    let mut book = read::workbook(&workbook::plan()).unwrap();
    for sheet in &mut book.sheets {
        let Some((head, headings)) = sheet.rows().find_map(|(row, cells)| {
            let is_head = matches!(cells[0].value.as_text(), Some("Ref" | "Funding line"));
            is_head.then(|| (row, cells.to_vec()))
        }) else {
            continue;
        };
        // Some headings stand over several columns, with words of their own below.
        let below = sheet.row(head + 1);
        let title = |column: u16| {
            let above = headings
                .iter()
                .rfind(|heading| heading.address.column <= column)
                .map(|heading| heading.value.to_string());
            let below = below.iter().find(|cell| cell.address.column == column);
            let parts = above
                .into_iter()
                .chain(below.map(|cell| cell.value.to_string()));
            parts.collect::<Vec<_>>().join(" ")
        };
        let last = below
            .iter()
            .chain(&headings)
            .map(|cell| cell.address.column);
        let last = last.max().unwrap_or_default();
        let mut entries = Vec::new();
        for (row, cells) in sheet.rows_from(head + 1) {
            let Some(key) = cells[0].value.as_text().filter(|_| cells.len() > 3) else {
                continue;
            };
            for column in 0..=last {
                if let Some(value) = change(key, &title(column)) {
                    entries.push((row, column, value));
                }
            }
        }
        *sheet = with(sheet, entries);
    }
    book
}

/// The forms of a plan.
fn made_from(plan: Workbook, quarter: &str) -> Vec<Template> {
    let input = Input {
        path: "plan.xlsx".to_owned(),
        sha256: String::new(),
        role: Some(Role::Plan),
        is_from_folder: false,
        read: Ok(plan),
    };
    let options = Options {
        quarter: quarter.parse().ok(),
        as_of: AS_OF,
        is_merge: true,
    };
    let outcome = pipeline::run(&case::schema(), vec![input], options);
    templates(&outcome, &case::schema(), quarter.parse().unwrap())
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
                let mut entries = vec![
                    (3, 1, day(date(2022, 10, 10))),
                    (4, 1, text("Head of Community Safety")),
                    (5, 1, day(date(2022, 10, 9))),
                ];
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
                let Some(line) = open_line(sheet) else {
                    continue;
                };
                let entries = [
                    ("Funding line", text(line)),
                    ("Document ref", text(format!("INV-{}", template.agency))),
                    ("Document date", day(date(2022, 9, 14))),
                    ("Amount", CellValue::number(45.5)),
                    ("VAT basis", text("Net")),
                    ("Kind", text("Actual")),
                ];
                let mut entries: Vec<_> = entries
                    .into_iter()
                    .map(|(heading, value)| (head + 1, column(sheet, head, heading), value))
                    .collect();
                // A spreadsheet works the total out anew.
                entries.push((head - 1, 1, CellValue::number(45.5)));
                *sheet = with(sheet, entries);
            }
            Some("Claim") => {
                let head = heading_row(sheet, "Funding line");
                let before = column(sheet, head, "Spent to date before this quarter");
                let Some(CellValue::Number(before)) =
                    sheet.value(CellAddress::new(head + 1, before))
                else {
                    continue;
                };
                let before: rust_decimal::Decimal = before.number.to_string().parse().unwrap();
                let to_date = before + rust_decimal::Decimal::new(4550, 2);
                let to_date = to_date.to_string().parse().unwrap();
                let whole = column(sheet, head, "Allocation for the year");
                let whole = sheet.value(CellAddress::new(head + 1, whole)).cloned();
                let entries = [
                    ("Spend this quarter", CellValue::number(45.5)),
                    ("Spend to date", CellValue::number(to_date)),
                    ("Forecast", whole.unwrap()),
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

#[test]
fn a_claim_that_nobody_filled_in_is_no_row() {
    let made = made();
    let template = made.iter().find(|template| template.lines > 1).unwrap();
    let book = blank(template);
    let claim = sheet(&book, "Claim");
    let head = heading_row(claim, "Funding line");
    let filled: Vec<Vec<String>> = claim
        .rows_from(head + 1)
        .map(|(_, cells)| cells.iter().map(|cell| cell.value.to_string()).collect())
        .collect();
    // Line, project, allocation, and what was spent before; nothing to be deleted.
    assert!(
        !filled.is_empty() && filled.iter().all(|row| row.len() == 4),
        "{filled:?}"
    );
    let outcome = merged(vec![(format!("returns/{}", template.file_name), book)]);
    let claims = outcome.sources[1]
        .tables_named(&case::schema(), "claims")
        .map(|table| table.records.len())
        .sum::<usize>();
    assert_eq!(claims, 0);
    assert!(outcome.ties_out());
    let about_claim = told(&outcome)
        .into_iter()
        .filter(|said| said.contains("Claim"));
    assert_eq!(about_claim.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Near miss: a partner's own claim without a figure is asked about.
#[test]
fn a_line_of_a_claim_with_a_forecast_alone_is_a_row() {
    let made = made();
    let template = made.iter().find(|template| template.lines > 1).unwrap();
    let mut book = blank(template);
    for sheet in &mut book.sheets {
        if sheet.name.as_deref() == Some("Claim") {
            let head = heading_row(sheet, "Funding line");
            let forecast = column(sheet, head, "Forecast");
            *sheet = with(sheet, vec![(head + 1, forecast, CellValue::number(100.0))]);
        }
    }
    let outcome = merged(vec![(format!("returns/{}", template.file_name), book)]);
    let asked = outcome
        .findings
        .iter()
        .any(|f| f.code.0 == "C201" && f.place.sheet_name() == Some("Claim"));
    assert!(asked, "{:?}", told(&outcome));
}

#[test]
fn a_form_says_what_was_said_and_since_when_an_action_is_done() {
    let plan = plan_with(|key, heading| match (key, heading) {
        ("SAC-01", "Quarter 1 RAG" | "Quarter 2 RAG") => Some(text("Complete")),
        ("SAC-01", "Quarter 2 Update") => Some(text("The last of the kits was fitted.")),
        _ => None,
    });
    let lead = {
        let outcome = workbook::run(&workbook::plan(), &[]);
        let actions = outcome.consolidation.actions;
        actions
            .iter()
            .find(|action| &*action.reference.text == "SAC-01")
            .unwrap()
            .lead
            .unwrap()
    };
    let made = made_from(plan, "2022-23-Q3");
    let template = made
        .iter()
        .find(|template| template.agency == lead)
        .unwrap();
    let book = blank(template);
    let updates = sheet(&book, "Updates");
    let head = heading_row(updates, "Ref");
    let last = column(updates, head, "What you said last quarter");
    assert_eq!(last + 1, column(updates, head, "Progress this quarter"));
    let (row, _) = updates
        .rows_from(head + 1)
        .find(|(_, cells)| cells[0].value.as_text() == Some("SAC-01"))
        .unwrap_or_else(|| panic!("{}", texts(updates)));
    let said = updates
        .value(CellAddress::new(row, last))
        .unwrap()
        .to_string();
    assert_eq!(
        said,
        "Complete since Q1: this row may stay blank.\nThe last of the kits was fitted."
    );
}

#[test]
fn a_partner_with_funding_lines_alone_gets_a_form_that_says_who_it_is() {
    // A delivery agency that neither leads nor supports an action.
    let newcomer = "Kenward Trust";
    let plan = plan_with(|_, heading| match heading {
        "Lead agency" => Some(text("Kent Police")),
        "Supporting partners" => Some(text("Sevenoaks District Council")),
        _ => None,
    });
    let made = made_from(plan, "2022-23-Q2");
    let template = made
        .iter()
        .find(|template| case::schema().agency_name(template.agency) == newcomer)
        .unwrap();
    assert_eq!((template.actions, template.lines), (0, 1));
    let book = blank(template);
    let names: Vec<_> = book
        .sheets
        .iter()
        .filter_map(|s| s.name.as_deref())
        .collect();
    assert_eq!(names, ["Guidance", "Spend", "Claim"]);
    let spend = texts(sheet(&book, "Spend"));
    for label in [
        "Partner:\nKenward Trust",
        "Quarter:\nQ2 2022-23",
        "Date of return:",
        "Signed off by (role):",
        "Total of the amounts below:",
    ] {
        assert!(spend.contains(label), "{spend}");
    }
    let guidance = texts(sheet(&book, "Guidance"));
    assert!(!guidance.contains("action"), "{guidance}");
    assert!(guidance.contains("15 October 2022"), "{guidance}");
    // Its name says nothing here: the sheet does.
    let outcome = merged(vec![("returns/form.xlsx".to_owned(), book)]);
    let of_form: Vec<_> = outcome
        .findings
        .iter()
        .filter(|f| f.place.source == Some(1))
        .map(|f| f.code.0)
        .collect();
    assert_eq!(of_form, Vec::<&str>::new());
    assert_eq!(outcome.sources[1].statement.agency, Some(template.agency));
}

#[test]
fn a_form_says_where_it_is_to_be_sent() {
    let mut schema = case::schema();
    schema.partnership.returns_to = Some("community.safety@example.org".to_owned());
    let outcome = workbook::run(&workbook::plan(), &[]);
    let made = templates(&outcome, &schema, "2022-23-Q2".parse().unwrap());
    for template in &made {
        let guidance = texts(sheet(&blank(template), "Guidance"));
        assert!(
            guidance.contains(
                "to Sevenoaks District Council, community.safety@example.org, by 15 October 2022."
            ),
            "{guidance}"
        );
    }
}
