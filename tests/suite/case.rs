//! Cases as Markdown: small sheets, and the findings they give.
//!
//! A sheet is a table whose first heading cell names its file and tab (`kent-police.xlsx › Updates`), whose other heading cells are
//! column letters, and whose first column is the row number. A file named `plan…` is the plan, one named `previous…` last quarter's
//! workbook, one named `ledger…` the ledger; every other one is a return, in `returns/`.
//! In a cell: `·` or nothing is blank; `12.5` a number; `2022-08-14` a date; `#REF!` an error value; `=` a formula without a stored
//! result; `'12` text; `<br>` a line break; `0.82 shown percent` a number that its format shows otherwise (`percent`, `percent sign`,
//! `EUR` or another currency, `thousands`, `with k`, `time`, `span`, `hidden`,
//! `otherwise`, `with words`); `TRUE` and `FALSE` are themselves. Everything else is text
//! as it stands. Above the table, `merged A5:A7` lists merged cells,
//! and `fills C5 FFC000` blank cells with their colours.
//!
//! A fenced block `csv kent-police.csv` is that file as it stands, read as the program reads it: for what a table cannot show, such as
//! quotation marks and missing commas.
//!
//! A fenced block `schema updates` is added to the end of that table's file in the built-in configuration.
//!
//! A fenced block `facts` says what a table cannot: `kent-police.xlsx › Updates: hidden rows 4-5`, `hidden columns C`, `hidden`,
//! `very hidden`, `note D4 Ask first`, `struck A4`, `partly struck A4`, `symbols C5`, `partly symbols C5`, `text box B6:D8 £300 late`,
//! `button B6:D8 Send`, `picture C4`, `page text OFFICIAL`, `never calculated E2`; and of a whole file `kent-police.xlsx: macros`, `external link`, `pivot cache`, `list sheet Lists`,
//! `encoding IBM850`, `label Official Sensitive`, `saved 2022-10-12T09:00:00Z`, `content csv`, `named on the command line`, `same bytes as other.xlsx`.
//!
//! A block `sheet Returns: Partner; State` lists these columns of a sheet of the output, a row a line; `Held →` is where the cells of
//! that column lead.
//!
//! A line of `findings` says severity, code, place, the quoted figure and what is held. Behind these it may say more, which holds only
//! where it stands: ` related plan.xlsx › Action plan!E2; …` lists the places compared with, all of them; ` covers A3:C5` the range that
//! the finding speaks for; ` says over the revised allocation` a piece of its sentence.
//!
//! A block `sums` says what a run comes to, as the report has it: `line CRG-01: this_quarter 250.00; held 0.00`, `action SAC-01: value 42`,
//! `money: read 250.00; set_aside 0.00`, `rows: held 1`, `kent-police.xlsx: state held; tables.spend.rows.held 2`.
//!
//! In `tests/decisions/`, a block `decisions` is what was settled, as a file of decisions; `states` what becomes of each, with why; and
//! `result` what actions (`ASB-01 on-track 42`), lines (`CRG-01 250.00 held 0.00`) and the money of the run come to.
//!
//! A fenced block `files` has a line a file that cannot be read; a block `run` changes the quarter, the day, or the command;
//! (`command: publish` is a run for the public, with nothing published before);
//! a block `findings` is all that the case gives; in `tests/layouts/`, a block `layout` is what is seen of the files. Missing returns (S009) are left out unless the case is about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use csp_bridge::finding::{Finding, Place};
use csp_bridge::grid::{
    Cell, CellAddress, CellRange, CellValue, Currency, Extent, Figure, FileFacts, Floating,
    FloatingKind, Format, Rgb, Shown, Span, Visibility, Workbook, Worksheet,
};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::read::Unreadable;
use csp_bridge::rules;
use csp_bridge::schema::{self, Role, Schema};
use csp_bridge::source::Input;
use csp_bridge::write;
use jiff::civil::date;
use serde_json::Value as Json;

/// One case of a file.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) facts: BTreeMap<String, Facts>,
    pub(crate) run: BTreeMap<String, String>,
    /// Additions to the configuration, by table.
    pub(crate) schema: BTreeMap<String, String>,
    pub(crate) findings: Option<Vec<String>>,
    pub(crate) layout: Option<Vec<String>>,
    pub(crate) sheets: Vec<Expected>,
    pub(crate) sums: Vec<String>,
    /// What was settled, as a file of decisions, and what becomes of each.
    pub(crate) decisions: String,
    pub(crate) states: Vec<String>,
    /// Lines of actions and funding lines in the result.
    pub(crate) result: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum File {
    Sheets(Vec<Worksheet>),
    Unreadable(Unreadable),
}

/// Some columns of a sheet of the output, and what they hold, a row a line.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) sheet: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<String>,
}

/// What is known of a file beyond its cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    file: FileFacts,
    content: Option<Format>,
    is_named: bool,
    same_as: Option<String>,
}

pub(crate) fn schema() -> Schema {
    schema::built_in(&rules::codes()).unwrap()
}

/// The cases of a Markdown file: one a `##` heading.
pub(crate) fn parse(markdown: &str) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    let mut lines = markdown.lines().peekable();
    let mut merged: Vec<CellRange> = Vec::new();
    let mut fills: Vec<(CellAddress, Rgb)> = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            out.push(Case {
                title: title.to_owned(),
                ..Case::default()
            });
        }
        let Some(case) = out.last_mut() else { continue };
        if let Some(list) = line.strip_prefix("merged ") {
            merged = list
                .split_whitespace()
                .map(|range| range.trim_end_matches(',').parse().unwrap())
                .collect();
        } else if let Some(list) = line.strip_prefix("fills ") {
            let words: Vec<&str> = list.split_whitespace().collect();
            fills = words
                .chunks(2)
                .map(|pair| (pair[0].parse().unwrap(), colour(pair[1])))
                .collect();
        } else if line.starts_with('|') {
            let mut table = vec![line];
            while let Some(next) = lines.next_if(|next| next.starts_with('|')) {
                table.push(next);
            }
            let sheet = add_sheet(case, &table);
            sheet.merged = std::mem::take(&mut merged);
            sheet.fills = std::mem::take(&mut fills);
        } else if let Some(kind) = line.strip_prefix("```") {
            let mut block: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.starts_with("```"))
                .collect();
            if let Some(name) = kind.strip_prefix("csv ") {
                let read = csp_bridge::read::workbook((block.join("\n") + "\n").as_bytes());
                let file = read.map_or_else(File::Unreadable, |book| File::Sheets(book.sheets));
                case.files.insert(name.trim().to_owned(), file);
                continue;
            }
            block.retain(|line| !line.trim().is_empty());
            add_block(case, kind.trim(), &block);
        }
    }
    out
}

fn add_block(case: &mut Case, kind: &str, block: &[&str]) {
    match kind {
        "findings" => case.findings = Some(block.iter().map(|line| (*line).to_owned()).collect()),
        _ if kind.starts_with("sheet ") => {
            let (sheet, columns) = kind["sheet ".len()..].split_once(':').unwrap();
            case.sheets.push(Expected {
                sheet: sheet.trim().to_owned(),
                columns: columns
                    .split(';')
                    .map(|name| name.trim().to_owned())
                    .collect(),
                rows: block.iter().map(|line| (*line).to_owned()).collect(),
            });
        }
        "sums" => case
            .sums
            .extend(block.iter().map(|line| (*line).to_owned())),
        "decisions" => case.decisions = block.join("\n"),
        "states" => case.states = block.iter().map(|line| (*line).to_owned()).collect(),
        "result" => case.result = block.iter().map(|line| (*line).to_owned()).collect(),
        "layout" => case.layout = Some(block.iter().map(|line| (*line).to_owned()).collect()),
        "run" => {
            for line in block {
                let (key, value) = line
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{}: no colon in {line}", case.title));
                case.run
                    .insert(key.trim().to_owned(), value.trim().to_owned());
            }
        }
        "facts" => {
            for line in block {
                let (subject, fact) = line
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{}: no colon in {line}", case.title));
                match subject.split_once('›') {
                    Some((file, tab)) => sheet_fact(case, file.trim(), tab.trim(), fact.trim()),
                    None => file_fact(case, subject.trim(), fact.trim()),
                }
            }
        }
        "files" => {
            for line in block {
                let (name, what) = line
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{}: no colon in {line}", case.title));
                let why = match what.trim() {
                    "damaged" => Unreadable::Damaged("the file is damaged".to_owned()),
                    "protected" => Unreadable::Protected,
                    "labelled" => Unreadable::Labelled,
                    "too large" => Unreadable::TooLarge(
                        "the file holds 5,000,000 filled cells; the limit is 2,000,000".to_owned(),
                    ),
                    "a picture" => Unreadable::NotASpreadsheet("a picture".into()),
                    "a PDF document" => Unreadable::NotASpreadsheet("a PDF document".into()),
                    other => panic!("{}: no such fault: {other}", case.title),
                };
                case.files
                    .insert(name.trim().to_owned(), File::Unreadable(why));
            }
        }
        _ if kind.starts_with("schema ") => {
            let table = kind.trim_start_matches("schema ").to_owned();
            case.schema.insert(table, block.join("\n"));
        }
        other => panic!("{}: no such block: {other}", case.title),
    }
}

fn sheet_fact(case: &mut Case, file: &str, tab: &str, fact: &str) {
    let Some(File::Sheets(sheets)) = case.files.get_mut(file) else {
        panic!("{}: a fact about {file}, which has no sheets", case.title)
    };
    let sheet = sheets
        .iter_mut()
        .find(|sheet| sheet.name.as_deref() == Some(tab))
        .unwrap_or_else(|| panic!("{}: {file} has no sheet {tab}", case.title));
    // Rows as people count them, columns by their letters.
    let index = |text: &str| -> u32 {
        text.parse::<u32>().map_or_else(
            |_| u32::from(format!("{text}1").parse::<CellAddress>().unwrap().column),
            |row| row - 1,
        )
    };
    let spans = |list: &str| -> Vec<Span> {
        list.split_whitespace()
            .map(|run| {
                let (first, last) = run.split_once('-').unwrap_or((run, run));
                Span {
                    first: index(first),
                    last: index(last),
                }
            })
            .collect()
    };
    if fact == "hidden" {
        sheet.visibility = Visibility::Hidden;
    } else if fact == "very hidden" {
        sheet.visibility = Visibility::VeryHidden;
    } else if let Some(list) = fact.strip_prefix("hidden rows ") {
        sheet.hidden_rows = spans(list);
    } else if let Some(list) = fact.strip_prefix("hidden columns ") {
        sheet.hidden_columns = spans(list);
    } else if let Some((at, text)) = fact.strip_prefix("note ").and_then(|n| n.split_once(' ')) {
        sheet.notes.push((at.parse().unwrap(), text.into()));
    } else if let Some(list) = fact.strip_prefix("struck ") {
        mark(&mut sheet.struck, list, Extent::Whole);
    } else if let Some(list) = fact.strip_prefix("partly struck ") {
        mark(&mut sheet.struck, list, Extent::Part);
    } else if let Some(list) = fact.strip_prefix("symbols ") {
        mark(&mut sheet.symbols, list, Extent::Whole);
    } else if let Some(list) = fact.strip_prefix("partly symbols ") {
        mark(&mut sheet.symbols, list, Extent::Part);
    } else if let Some((over, text)) = fact
        .strip_prefix("text box ")
        .and_then(|f| f.split_once(' '))
    {
        sheet
            .floating
            .push(floating(over, FloatingKind::Text, text));
    } else if let Some((over, text)) = fact.strip_prefix("button ").and_then(|f| f.split_once(' '))
    {
        sheet
            .floating
            .push(floating(over, FloatingKind::Control, text));
    } else if let Some(at) = fact.strip_prefix("picture ") {
        sheet
            .floating
            .push(floating(at, FloatingKind::PictureInCell, ""));
    } else if let Some(text) = fact.strip_prefix("page text ") {
        sheet.page_texts.push(text.into());
    } else if let Some(list) = fact.strip_prefix("never calculated ") {
        sheet.stale.extend(addresses(list));
        sheet.stale.sort_unstable();
    } else {
        panic!("{}: no such fact of a sheet: {fact}", case.title);
    }
}

fn addresses(list: &str) -> impl Iterator<Item = CellAddress> {
    list.split_whitespace().map(|at| at.parse().unwrap())
}

fn mark(marks: &mut Vec<(CellAddress, Extent)>, list: &str, extent: Extent) {
    marks.extend(addresses(list).map(|at| (at, extent)));
    marks.sort_unstable();
}

fn floating(over: &str, kind: FloatingKind, text: &str) -> Floating {
    Floating {
        over: over.parse().unwrap(),
        kind,
        text: text.into(),
    }
}

fn file_fact(case: &mut Case, file: &str, fact: &str) {
    let facts = case.facts.entry(file.to_owned()).or_default();
    match fact {
        "macros" => facts.file.has_macros = true,
        "external link" => facts.file.external_links += 1,
        "pivot cache" => facts.file.pivot_caches += 1,
        "named on the command line" => facts.is_named = true,
        "encoding IBM850" => facts.file.guessed_encoding = Some("IBM850".into()),
        _ => {
            if let Some(sheet) = fact.strip_prefix("list sheet ") {
                facts.file.list_sheets.insert(sheet.into());
            } else if let Some(when) = fact.strip_prefix("saved ") {
                facts.file.saved = Some(when.parse().unwrap());
            } else if let Some(label) = fact.strip_prefix("label ") {
                facts.file.labels.push(label.into());
            } else if let Some(format) = fact.strip_prefix("content ") {
                facts.content = Some(format_of(format));
            } else if let Some(other) = fact.strip_prefix("same bytes as ") {
                facts.same_as = Some(other.to_owned());
            } else {
                panic!("{}: no such fact of a file: {fact}", case.title);
            }
        }
    }
}

fn colour(digits: &str) -> Rgb {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    [byte(0), byte(2), byte(4)]
}

fn cells_of(line: &str) -> Vec<String> {
    line.trim()
        .trim_start_matches('|')
        .trim_end_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

fn add_sheet<'c>(case: &'c mut Case, table: &[&str]) -> &'c mut Worksheet {
    let head = cells_of(table[0]);
    let (file, tab) = head[0]
        .split_once('›')
        .map_or((head[0].as_str(), None), |(file, tab)| {
            (file.trim(), Some(tab.trim()))
        });
    let mut cells = Vec::new();
    let mut damage = None;
    for line in table.iter().skip(2) {
        let row = cells_of(line);
        if row[0] == "damaged" {
            damage = Some("the sheet's XML is cut short".to_owned());
            continue;
        }
        for (letter, text) in head.iter().zip(&row).skip(1) {
            let address: CellAddress = format!("{letter}{}", row[0])
                .parse()
                .unwrap_or_else(|_| panic!("{}: {letter}{} is no address", case.title, row[0]));
            cells.extend(value(text).map(|value| Cell { address, value }));
        }
    }
    let name: Option<Arc<str>> = tab
        .filter(|_| format_of(file) != Format::Csv)
        .map(Into::into);
    let mut sheet = Worksheet::new(name, cells);
    sheet.damage = damage;
    match case
        .files
        .entry(file.to_owned())
        .or_insert_with(|| File::Sheets(Vec::new()))
    {
        File::Sheets(sheets) => {
            sheets.push(sheet);
            sheets.last_mut().unwrap()
        }
        File::Unreadable(_) => panic!("{}: {file} has sheets and cannot be read", case.title),
    }
}

fn value(text: &str) -> Option<CellValue> {
    let plain_number = !text.is_empty()
        && text
            .trim_start_matches('-')
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.')
        && text.parse::<f64>().is_ok();
    match text {
        "" | "·" => None,
        "=" => Some(CellValue::NotCalculated),
        "#REF!" | "#DIV/0!" | "#N/A" | "#VALUE!" | "#NAME?" | "#SPILL!" => {
            Some(CellValue::Error(text.into()))
        }
        "TRUE" | "FALSE" => Some(CellValue::Boolean(text == "TRUE")),
        _ if text.contains(" shown ") => Some(shown(text)),
        _ if plain_number => text.parse().ok().map(CellValue::number),
        _ => {
            let iso = text.len() == 10 && text.as_bytes()[4] == b'-';
            if iso && let Ok(day) = text.parse::<jiff::civil::Date>() {
                return Some(CellValue::Date(day.at(0, 0, 0, 0)));
            }
            let text = text.strip_prefix('\'').unwrap_or(text);
            Some(CellValue::Text(
                text.replace("<br>", "\n").replace("\\_", "_").into(),
            ))
        }
    }
}

/// `0.82 shown percent`
fn shown(text: &str) -> CellValue {
    let (number, shown) = text.split_once(" shown ").unwrap();
    let shown = match shown {
        "percent" => Shown::Percent,
        "percent sign" => Shown::PercentSign,
        "thousands" => Shown::Divided(1),
        "with k" => Shown::Multiplied(1),
        "time" => Shown::TimeOfDay,
        "span" => Shown::Span,
        "hidden" => Shown::Nothing,
        "otherwise" => Shown::Another,
        "with words" => Shown::Worded,
        code => Shown::Currency(Currency::of(code).unwrap()),
    };
    CellValue::Number(Figure {
        number: number.parse().unwrap(),
        shown,
    })
}

fn format_of(name: &str) -> Format {
    match name.rsplit('.').next().unwrap() {
        "csv" => Format::Csv,
        "ods" => Format::Ods,
        "xls" => Format::Xls,
        _ => Format::Xlsx,
    }
}

/// Files as the pipeline takes them; where no plan is given, the shared one.
fn inputs(case: &Case, is_merge: bool) -> Vec<Input> {
    let shared = parse(include_str!("../rules/plan.md")).pop().unwrap();
    let has_plan = case.files.keys().any(|name| name.starts_with("plan"));
    let files = case
        .files
        .iter()
        .chain(shared.files.iter().filter(|_| is_merge && !has_plan));
    files
        .map(|(name, file)| {
            let is_plan = name.starts_with("plan");
            let role = if is_plan {
                Role::Plan
            } else if name.starts_with("previous") {
                Role::Previous
            } else if name.starts_with("ledger") {
                Role::Ledger
            } else {
                Role::Return
            };
            let facts = case.facts.get(name).cloned().unwrap_or_default();
            let format = facts.content.unwrap_or_else(|| format_of(name));
            Input {
                path: if role == Role::Plan || role == Role::Previous {
                    name.clone()
                } else {
                    format!("returns/{name}")
                },
                sha256: format!("{:0>64}", facts.same_as.as_ref().unwrap_or(name)),
                role: is_merge.then_some(role),
                is_from_folder: !facts.is_named,
                read: match file {
                    File::Sheets(sheets) => Ok(Workbook {
                        format,
                        sheets: sheets.clone(),
                        facts: facts.file,
                    }),
                    File::Unreadable(why) => Err(why.clone()),
                },
            }
        })
        .collect()
}

/// The built-in configuration with a case's additions.
fn extended(additions: &BTreeMap<String, String>) -> Schema {
    let mut files = schema::built_in_files();
    for (table, text) in additions {
        let file = format!("{table}.toml");
        let (_, whole) = files.iter_mut().find(|(name, _)| *name == file).unwrap();
        whole.push('\n');
        whole.push_str(text);
        whole.push('\n');
    }
    Schema::parse(schema::BUILT_IN_NAME, &files, &rules::codes())
        .unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Runs a case.
pub(crate) fn run(case: &Case, schema: &Schema) -> Outcome {
    run_with(case, schema, &case.decisions)
}

/// Runs a case with what was settled, as a file of decisions.
pub(crate) fn run_with(case: &Case, schema: &Schema, decisions: &str) -> Outcome {
    let own = (!case.schema.is_empty()).then(|| extended(&case.schema));
    let schema = own.as_ref().unwrap_or(schema);
    let is_merge = case
        .run
        .get("command")
        .is_none_or(|command| command == "merge" || command == "publish");
    let quarter = case.run.get("quarter").map_or_else(
        || is_merge.then(|| "2022-23-Q2".parse().unwrap()),
        |quarter| quarter.parse().ok(),
    );
    let as_of = case
        .run
        .get("as of")
        .map_or(date(2022, 10, 20), |day| day.parse().unwrap());
    let decisions = csp_bridge::decision::from_toml("decisions.toml", decisions, schema)
        .unwrap_or_else(|faults| panic!("{}: {faults:?}", case.title));
    let options = Options {
        quarter,
        as_of,
        is_merge,
    };
    let decisions = csp_bridge::decision::Decisions::on(decisions, as_of);
    let is_public = case.run.get("command").is_some_and(|c| c == "publish");
    if is_public {
        let sources = inputs(case, is_merge)
            .into_iter()
            .map(|input| pipeline::prepare(schema, input, options, &decisions))
            .collect();
        let watch = csp_bridge::watch::Watch::nobody();
        return pipeline::publish(schema, sources, options, decisions, &[], &watch).unwrap();
    }
    pipeline::run_with(schema, inputs(case, is_merge), options, decisions)
}

/// What a line of `findings` says beyond severity, code, place, figure and hold.
#[derive(Debug, Default)]
struct Pins<'a> {
    related: Option<Vec<&'a str>>,
    covers: Option<&'a str>,
    says: Option<&'a str>,
}

/// A line of `findings` without what it says beyond the usual, and that.
fn pinned(line: &str) -> (&str, Pins<'_>) {
    let (rest, says) = cut(line, " says ");
    let (rest, covers) = cut(rest, " covers ");
    let (rest, related) = cut(rest, " related ");
    let related = related.map(|list| list.split("; ").collect());
    (
        rest,
        Pins {
            related,
            covers,
            says,
        },
    )
}

fn cut<'a>(line: &'a str, word: &str) -> (&'a str, Option<&'a str>) {
    line.rsplit_once(word)
        .map_or((line, None), |(head, tail)| (head, Some(tail)))
}

/// The usual part of a line of `findings`.
pub(crate) fn usual(line: &str) -> &str {
    pinned(line).0
}

/// What a case says of its run, beside the findings that it lists, and the run does not bear out.
pub(crate) fn unmet(case: &Case, outcome: &Outcome, schema: &Schema) -> Vec<String> {
    let own = (!case.schema.is_empty()).then(|| extended(&case.schema));
    let schema = own.as_ref().unwrap_or(schema);
    let report = write::json::report(outcome, schema);
    let report: Json = serde_json::from_slice(&report).unwrap();
    let mut out = Vec::new();
    for line in case.findings.iter().flatten() {
        let (usual, pins) = pinned(line);
        let found: Vec<usize> = (0..outcome.findings.len())
            .filter(|index| self::line(&outcome.findings[*index], outcome) == usual)
            .collect();
        let meets = |index: &usize| {
            let finding = &outcome.findings[*index];
            let related: Vec<String> = finding
                .related
                .iter()
                .map(|found| place(found, outcome))
                .collect();
            let covers = report["findings"][*index]["covers"].as_str();
            pins.related
                .as_ref()
                .is_none_or(|wanted| *wanted == related)
                && pins.covers.is_none_or(|wanted| covers == Some(wanted))
                && pins
                    .says
                    .is_none_or(|wanted| finding.message.contains(wanted))
        };
        if !found.iter().any(meets) {
            let said = found.iter().map(|index| {
                let finding = &outcome.findings[*index];
                let related = finding.related.iter().map(|found| place(found, outcome));
                let related: Vec<String> = related.collect();
                format!("related {}; {}", related.join("; "), finding.message)
            });
            let said: Vec<String> = said.collect();
            out.push(format!("{line}\n      but: {}", said.join("\n      ")));
        }
    }
    for line in &case.sums {
        let (subject, wanted) = line.split_once(": ").unwrap();
        let part = subject_of(&report, subject)
            .unwrap_or_else(|| panic!("{}: the report has no {subject}", case.title));
        for pair in wanted.split("; ") {
            let (path, wanted) = pair.trim().split_once(' ').unwrap();
            let found = path.split('.').try_fold(part, step);
            let found = found.map_or_else(|| "nothing".to_owned(), plainly);
            if found != wanted {
                out.push(format!("{subject}: {path} is {found}, not {wanted}"));
            }
        }
    }
    for expected in &case.sheets {
        let said = crate::sheets::rows(outcome, schema, &expected.sheet, &expected.columns);
        if said != expected.rows {
            out.push(format!(
                "{}:\n  says\n    {}\n  should say\n    {}",
                expected.sheet,
                said.join("\n    "),
                expected.rows.join("\n    ")
            ));
        }
    }
    out
}

/// The part of a report that a line of `sums` is about.
fn subject_of<'r>(report: &'r Json, subject: &str) -> Option<&'r Json> {
    let with = |list: &'r Json, key: &str, wanted: &str| {
        let mut list = list.as_array()?.iter();
        list.find(|part| part[key] == wanted)
    };
    if let Some(line) = subject.strip_prefix("line ") {
        return with(&report["funding"], "line", line);
    }
    if let Some(action) = subject.strip_prefix("action ") {
        return with(&report["actions"], "ref", action);
    }
    if matches!(subject, "money" | "rows") {
        return report["totals"].get(subject);
    }
    let mut sources = report["sources"].as_array()?.iter();
    sources.find(|source| {
        let path = source["path"].as_str().unwrap_or_default();
        csp_bridge::source::file_name(path) == subject
    })
}

/// One step down: a field of an object, or the table or sheet of a list that has this name.
fn step<'r>(part: &'r Json, name: &str) -> Option<&'r Json> {
    match part.as_array() {
        Some(list) => list
            .iter()
            .find(|part| part["table"] == name || part["sheet"] == name),
        None => part.get(name),
    }
}

fn plainly(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A finding in one line: `error C202 returns/kent-police.xlsx › Spend!F12 “£1,2500” holds row`.
pub(crate) fn line(finding: &Finding, outcome: &Outcome) -> String {
    let place = place(&finding.place, outcome);
    let raw = finding
        .raw
        .as_ref()
        .filter(|raw| !raw.is_empty())
        .map(|raw| format!(" “{}”", raw.replace('\n', "<br>")))
        .unwrap_or_default();
    let held = match finding.held.word() {
        "none" => String::new(),
        word => format!(" holds {word}"),
    };
    format!(
        "{} {} {place}{raw}{held}",
        finding.severity.word(),
        finding.code
    )
}

/// A place as a case writes it: `kent-police.xlsx › Spend!F12`.
fn place(place: &Place, outcome: &Outcome) -> String {
    let path = place
        .source
        .map_or("-", |source| outcome.sources[source].file_name());
    match (place.sheet_name(), place.a1()) {
        (Some(sheet), Some(cell)) => format!("{path} › {sheet}!{cell}"),
        (Some(sheet), None) => format!("{path} › {sheet}"),
        (None, Some(cell)) => format!("{path} › {cell}"),
        (None, None) => path.to_owned(),
    }
}
