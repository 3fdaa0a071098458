//! Writes a quarter of a given size: a plan, its partners' returns and the configuration that names them.
//!
//! `workload S|M|L|XL DIR [--clean]` gives `DIR/plan.xlsx`, `DIR/returns/` and `DIR/schema/`. The same size gives the same content.
//! One row in twenty of the returns carries a fault; with `--clean` none does, and a merge must then find nothing at all.

#![expect(
    clippy::print_stdout,
    reason = "a program of its own that says what it wrote"
)]

use std::error::Error;
use std::fs;
use std::path::Path;

use csp_bridge::schema::built_in_files;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How much work there is.
struct Size {
    actions: usize,
    returns: usize,
    updates: usize,
    spends: usize,
    /// Funding lines that each partner delivers.
    lines: usize,
}

impl Size {
    fn named(name: &str) -> Option<Self> {
        let of = |actions, returns, updates, spends, lines| Self {
            actions,
            returns,
            updates,
            spends,
            lines,
        };
        match name {
            "S" => Some(of(60, 12, 14, 6, 1)),
            "M" => Some(of(600, 120, 70, 30, 1)),
            "L" => Some(of(6_000, 1_000, 140, 60, 1)),
            "XL" => Some(of(20_000, 1, 20_000, 180_000, 50)),
            _ => None,
        }
    }
}

/// One row in twenty is at fault.
const FAULT_EVERY: usize = 20;

/// The priorities' prefixes and names, as the built-in configuration has them.
const PRIORITIES: [(&str, &str); 6] = [
    ("SAC", "Serious and Acquisitive Crime"),
    ("ASB", "Anti-Social Behaviour"),
    ("DA", "Domestic Abuse"),
    ("SG", "Safeguarding"),
    ("VAWG", "Violence against Women & Girls"),
    ("DM", "Drug Misuse"),
];

const WHO: [&str; 6] = [
    "The neighbourhood team",
    "The youth outreach workers",
    "The support service",
    "The wardens",
    "The housing officers",
    "The volunteers",
];
const DID: [&str; 6] = [
    "ran weekly sessions with local residents",
    "visited households after each report",
    "held joint patrols in the town centre",
    "trained front-line staff and managers",
    "met schools and community groups",
    "gave crime prevention advice to shopkeepers",
];
const WITH: [&str; 6] = [
    "and referrals came in at a steady pace",
    "and feedback from the people who took part was good",
    "with help from two other services in the district",
    "and the agreed measures were put in place",
    "while the mailing list for the newsletter grew",
    "and numbers taking part rose over the summer",
];
const SUPPLIERS: [&str; 5] = [
    "Weald Training Services",
    "Darent Print and Design",
    "North Downs Security Equipment",
    "Medway Valley Catering",
    "Hollybush Venue Hire",
];

/// A linear congruential generator: the same numbers everywhere, and no dependency.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let index = self.below(words.len());
        words.get(index).copied().unwrap_or_default()
    }

    fn sentence(&mut self, opening: &str) -> String {
        format!(
            "{opening}: {} {} {}. {} {} on {} occasions.",
            self.of(&WHO),
            self.of(&DID),
            self.of(&WITH),
            self.of(&WHO),
            self.of(&DID),
            3 + self.below(40)
        )
    }
}

/// A value of a cell, whatever the format.
enum Value {
    Blank,
    Text(String),
    Number(usize),
    Money(Decimal),
    /// Days after 30 June 2022.
    Day(usize),
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As a spreadsheet saves it to text.
    fn plain(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Money(amount) => format!("{amount:.2}"),
            Self::Day(day) => {
                let (month, day) = month_and_day(*day);
                format!("{day:02}/{month:02}/2022")
            }
        }
    }
}

fn month_and_day(day: usize) -> (u8, u8) {
    let (month, day) = match day {
        ..=31 => (7, day),
        32..=62 => (8, day - 31),
        _ => (9, day - 62),
    };
    (month, u8::try_from(day).unwrap_or(1))
}

/// The looks of the cells that are no plain text.
struct Formats {
    heading: Format,
    money: Format,
    date: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            heading: Format::new().set_bold().set_text_wrap(),
            money: Format::new().set_num_format("£#,##0.00"),
            date: Format::new().set_num_format("dd/mm/yyyy"),
        }
    }

    fn row(&self, sheet: &mut Worksheet, row: u32, values: &[Value]) -> Result<(), XlsxError> {
        for (column, value) in (0..).zip(values) {
            match value {
                Value::Blank => {}
                Value::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Value::Number(number) => {
                    sheet.write_number(row, column, u32::try_from(*number).unwrap_or_default())?;
                }
                Value::Money(amount) => {
                    let amount = amount.to_f64().unwrap_or_default();
                    sheet.write_number_with_format(row, column, amount, &self.money)?;
                }
                Value::Day(day) => {
                    let (month, day) = month_and_day(*day);
                    let date = ExcelDateTime::from_ymd(2022, month, day)?;
                    sheet.write_datetime_with_format(row, column, &date, &self.date)?;
                }
            }
        }
        Ok(())
    }

    fn headings(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        headings: &[&str],
    ) -> Result<(), XlsxError> {
        for (column, heading) in (0..).zip(headings) {
            sheet.write_string_with_format(row, column, *heading, &self.heading)?;
        }
        Ok(())
    }
}

/// One action of the plan.
struct Action {
    reference: String,
    priority: usize,
    lead: usize,
    partners: Vec<usize>,
    status: &'static str,
    /// The measure's value of quarter 1, to which quarter 2 adds.
    value: usize,
}

fn code(agency: usize) -> String {
    format!("T{:04}", agency + 1)
}

fn agency_name(agency: usize) -> String {
    format!("Trust {:04}", agency + 1)
}

fn line_name(line: usize) -> String {
    format!("CRG-{:04}", line + 1)
}

/// The plan's actions, and for each agency the ones it reports on: those it leads, then those it supports.
fn actions(size: &Size) -> (Vec<Action>, Vec<Vec<usize>>) {
    let mut number = [0_usize; PRIORITIES.len()];
    let mut actions: Vec<Action> = (0..size.actions)
        .map(|index| {
            let priority = index * PRIORITIES.len() / size.actions;
            let prefix = PRIORITIES.get(priority).map_or("", |(prefix, _)| *prefix);
            let count = number.get_mut(priority).map_or(0, |count| {
                *count += 1;
                *count
            });
            Action {
                reference: format!("{prefix}-{count:04}"),
                priority,
                lead: index % size.returns,
                partners: Vec::new(),
                status: match index % 10 {
                    0 => "At risk",
                    1 => "Complete",
                    2 => "Not started",
                    _ => "On track",
                },
                value: 20 + index % 60,
            }
        })
        .collect();
    let mut reported: Vec<Vec<usize>> = (0..size.returns)
        .map(|agency| (agency..size.actions).step_by(size.returns).collect())
        .collect();
    for (agency, list) in reported.iter_mut().enumerate() {
        let start = agency * size.actions / size.returns;
        for step in 0..size.actions {
            if list.len() >= size.updates {
                break;
            }
            let index = (start + step) % size.actions;
            if let Some(action) = actions.get_mut(index)
                && action.lead != agency
            {
                action.partners.push(agency);
                list.push(index);
            }
        }
    }
    (actions, reported)
}

fn saved(mut workbook: Workbook, path: &Path) -> Outcome<()> {
    workbook.set_properties(
        // Otherwise the clock's: two workloads would differ.
        &DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2022, 10, 1)?),
    );
    workbook.save(path)?;
    Ok(())
}

fn plan(size: &Size, actions: &[Action], path: &Path) -> Outcome<()> {
    let mut random = Random(7);
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Action plan")?;
    sheet.write_string(0, 0, "Community safety action plan 2022-23")?;
    formats.headings(
        sheet,
        2,
        &[
            "Ref",
            "Action",
            "Lead agency",
            "Partners",
            "Funding line(s)",
            "Timescale",
            "Success measure",
            "Basis",
            "Polarity",
            "Target",
            "Q1 update",
            "Q1 status",
            "Q1 value",
            "Q2 update",
            "Q2 status",
            "Q2 value",
        ],
    )?;
    let mut row = 3;
    let mut priority = None;
    for (index, action) in actions.iter().enumerate() {
        if priority != Some(action.priority) {
            priority = Some(action.priority);
            let name = PRIORITIES
                .get(action.priority)
                .map_or("", |(_, name)| *name);
            // A banner across the table.
            sheet.merge_range(row, 0, row, 15, name, &formats.heading)?;
            row += 1;
        }
        let partners: Vec<String> = action.partners.iter().map(|a| agency_name(*a)).collect();
        formats.row(
            sheet,
            row,
            &[
                Value::text(&action.reference),
                Value::text(random.sentence("To make the district safer")),
                Value::text(agency_name(action.lead)),
                Value::text(partners.join("; ")),
                Value::text(line_name(index % (size.returns * size.lines))),
                Value::text("31/03/2023"),
                Value::text("People reached"),
                Value::text("Year to date"),
                Value::text("Higher"),
                Value::Number(action.value * 3),
                Value::text(random.sentence("First quarter")),
                Value::text(match action.status {
                    "Complete" | "At risk" => "On track",
                    other => other,
                }),
                Value::Number(action.value),
            ],
        )?;
        row += 1;
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("PCC Funding")?;
    sheet.write_string(0, 0, "Crime reduction grant 2022-23")?;
    formats.headings(
        sheet,
        2,
        &[
            "Funding line",
            "Project",
            "Delivery agency",
            "Allocation",
            "Approval",
            "Approved on",
            "Q1 spend",
            "Forecast outturn",
        ],
    )?;
    let april = ExcelDateTime::from_ymd(2022, 4, 1)?;
    for (row, line) in (3..).zip(0..size.returns * size.lines) {
        // The most that a row spends is £200.
        let allocation = Decimal::from(size.spends / size.lines * 400);
        formats.row(
            sheet,
            row,
            &[
                Value::text(line_name(line)),
                Value::text(format!("Project {:04}", line + 1)),
                Value::text(agency_name(line / size.lines)),
                Value::Money(allocation),
                Value::text("Approved"),
                Value::Blank,
                Value::Money(Decimal::from(40 * (size.spends / size.lines))),
                Value::Money(allocation),
            ],
        )?;
        sheet.write_datetime_with_format(row, 5, &april, &formats.date)?;
    }
    saved(workbook, path)
}

const UPDATE_HEADINGS: [&str; 7] = [
    "Action No.",
    "Progress this quarter",
    "RAG",
    "Figure",
    "Data as at",
    "Completed on",
    "Next steps",
];

const SPEND_HEADINGS: [&str; 8] = [
    "Funding line",
    "Project",
    "Invoice no",
    "Supplier",
    "Invoice date",
    "Amount (£)",
    "VAT basis",
    "Description",
];

/// Counts rows of the whole quarter, so that faults are spread evenly over it.
struct Faults {
    rows: usize,
    is_clean: bool,
}

impl Faults {
    /// Which of `kinds` faults the next row carries, if any.
    fn next(&mut self, kinds: usize) -> Option<usize> {
        let (block, place) = (self.rows / FAULT_EVERY, self.rows % FAULT_EVERY);
        self.rows += 1;
        // Another place in each block: returns of twenty rows would otherwise have all faults in one of their tables.
        let is_due = !self.is_clean && place == block * 7 % FAULT_EVERY;
        is_due.then_some(block % kinds)
    }
}

fn update_row(
    action: &Action,
    agency: usize,
    random: &mut Random,
    fault: Option<usize>,
) -> Vec<Value> {
    let is_lead = action.lead == agency;
    let is_complete = action.status == "Complete";
    vec![
        Value::text(if fault == Some(0) {
            "ASB-99999"
        } else {
            &action.reference
        }),
        if fault == Some(1) {
            Value::Blank
        } else {
            Value::text(random.sentence("This quarter"))
        },
        Value::text(match (fault, action.status) {
            (Some(2), _) => "Going well",
            (_, "On track") => "Green",
            (_, status) => status,
        }),
        match (is_lead, fault) {
            (true, Some(3)) => Value::text("about 30"),
            (true, _) => Value::Number(action.value + 5 + random.below(15)),
            // Only the lead has the measure: two figures would be a conflict.
            (false, _) => Value::Blank,
        },
        if fault == Some(3) && !is_lead {
            Value::text("31/09/2022")
        } else {
            Value::Day(92)
        },
        if is_complete && is_lead {
            Value::Day(1 + random.below(92))
        } else {
            Value::Blank
        },
        if is_complete {
            Value::Blank
        } else {
            Value::text(random.sentence("Next quarter"))
        },
    ]
}

fn spend_row(line: usize, document: &str, random: &mut Random, fault: Option<usize>) -> Vec<Value> {
    let pence = i64::try_from(2_000 + random.below(18_000)).unwrap_or_default();
    vec![
        Value::text(if fault == Some(0) {
            "CRG-99999".to_owned()
        } else {
            line_name(line)
        }),
        Value::text(format!("Project {:04}", line + 1)),
        Value::text(document),
        Value::text(random.of(&SUPPLIERS)),
        match fault {
            Some(1) => Value::text("31/09/2022"),
            Some(2) => Value::text("14/02/2021"),
            _ => Value::Day(1 + random.below(92)),
        },
        if fault == Some(3) {
            Value::text("£1,2500")
        } else {
            Value::Money(Decimal::new(pence, 2))
        },
        Value::text("Net"),
        Value::text(random.of(&DID)),
    ]
}

/// What one return holds.
struct Return {
    labels: Vec<[Value; 2]>,
    updates: Vec<Vec<Value>>,
    spends: Vec<Vec<Value>>,
}

fn csv(content: &Return, path: &Path) -> Outcome<()> {
    let mut out = csv::WriterBuilder::new().flexible(true).from_path(path)?;
    let mut line = |values: &[Value]| out.write_record(values.iter().map(Value::plain));
    for label in &content.labels {
        line(label)?;
    }
    // A blank row, as a spreadsheet saves it.
    line(&[Value::Blank, Value::Blank])?;
    line(&UPDATE_HEADINGS.map(Value::text))?;
    for row in &content.updates {
        line(row)?;
    }
    line(&[Value::Blank, Value::Blank])?;
    line(&SPEND_HEADINGS.map(Value::text))?;
    for row in &content.spends {
        line(row)?;
    }
    out.flush()?;
    Ok(())
}

fn xlsx(content: &Return, is_one_sheet: bool, path: &Path) -> Outcome<()> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(if is_one_sheet { "Return" } else { "Updates" })?;
    let mut row = 0;
    for label in &content.labels {
        formats.row(sheet, row, label)?;
        row += 1;
    }
    row += 1;
    formats.headings(sheet, row, &UPDATE_HEADINGS)?;
    for values in &content.updates {
        row += 1;
        formats.row(sheet, row, values)?;
    }
    let (sheet, mut row) = if is_one_sheet {
        (sheet, row + 2)
    } else {
        let sheet = workbook.add_worksheet();
        sheet.set_name("Spend")?;
        (sheet, 0)
    };
    formats.headings(sheet, row, &SPEND_HEADINGS)?;
    for values in &content.spends {
        row += 1;
        formats.row(sheet, row, values)?;
    }
    saved(workbook, path)
}

fn returns(
    size: &Size,
    actions: &[Action],
    reported: &[Vec<usize>],
    is_clean: bool,
    folder: &Path,
) -> Outcome<()> {
    let mut random = Random(11);
    let mut faults = Faults { rows: 0, is_clean };
    for (agency, list) in reported.iter().enumerate() {
        let updates = list
            .iter()
            .filter_map(|index| actions.get(*index))
            .map(|action| update_row(action, agency, &mut random, faults.next(4)))
            .collect();
        let spends = (0..size.spends)
            .map(|index| {
                let line = agency * size.lines + index % size.lines;
                let document = format!("INV-{:04}-{:06}", agency + 1, index + 1);
                spend_row(line, &document, &mut random, faults.next(4))
            })
            .collect();
        let content = Return {
            labels: vec![
                [Value::text("Partner:"), Value::text(agency_name(agency))],
                [Value::text("Quarter:"), Value::text("Q2 2022/23")],
                [Value::text("Date of return:"), Value::text("07/10/2022")],
            ],
            updates,
            spends,
        };
        let stem = format!("{}-q2", code(agency).to_lowercase());
        // A third as text, a third as one sheet, a third as two; the one large return as two.
        match (agency + 2) % 3 {
            0 => csv(&content, &folder.join(format!("{stem}.csv")))?,
            kind => xlsx(&content, kind == 1, &folder.join(format!("{stem}.xlsx")))?,
        }
    }
    Ok(())
}

/// The built-in configuration with as many agencies as there are returns, and the host, which sends none.
fn schema(size: &Size, folder: &Path) -> Outcome<()> {
    for (name, text) in built_in_files() {
        let text = if name == "partnership.toml" {
            let (before, rest) = text.split_once("[[agencies]]").ok_or("no agencies")?;
            let (_, after) = rest.split_once("[[statuses]]").ok_or("no statuses")?;
            let agency = |code: &str, name: &str, reports: &str| {
                format!(
                    "[[agencies]]\ncode = \"{code}\"\nname = \"{name}\"\naliases = []\nrecovers_vat = false\nreports = \"{reports}\"\n\n"
                )
            };
            let agencies: String = (0..size.returns)
                .map(|index| agency(&code(index), &agency_name(index), "expected"))
                .collect();
            let host = agency("SDC", "Sevenoaks District Council", "optional");
            format!("{before}{host}{agencies}[[statuses]]{after}")
        } else {
            text
        };
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder, flags @ ..] = arguments.as_slice() else {
        return Err("usage: workload S|M|L|XL DIR [--clean]".into());
    };
    let size = Size::named(name).ok_or("the size is S, M, L or XL")?;
    let folder = Path::new(folder);
    let is_clean = flags.iter().any(|flag| flag == "--clean");
    fs::create_dir_all(folder.join("returns"))?;
    fs::create_dir_all(folder.join("schema"))?;
    let (actions, reported) = actions(&size);
    schema(&size, &folder.join("schema"))?;
    plan(&size, &actions, &folder.join("plan.xlsx"))?;
    returns(
        &size,
        &actions,
        &reported,
        is_clean,
        &folder.join("returns"),
    )?;
    println!(
        "{name}: {} actions, {} returns of {} rows",
        size.actions,
        size.returns,
        size.updates + size.spends
    );
    Ok(())
}
