//! What was found about the stream's money, and how it was settled: by this run, and by the one that wrote the plan where it is our workbook
//! of the quarter.

use std::collections::{BTreeMap, BTreeSet};

use super::Of;
use super::papers::Paper;
use crate::finding::Finding;
use crate::grid::{CellAddress, Worksheet};
use crate::render::{Cell, Column, ColumnKind, Content, Look, SheetPlan, Table};
use crate::rules::CATALOGUE;
use crate::schema::Role;
use crate::source::Source;
use crate::value::text::{fold, visible};

/// One point, in words.
pub(super) struct Found {
    severity: String,
    code: String,
    said: String,
    place: String,
    kept_out: String,
    settled: String,
    /// Whether nothing is left to be settled.
    pub(super) is_settled: bool,
}

impl Found {
    /// Whether it is an error that still stands.
    pub(super) fn is_open_error(&self) -> bool {
        self.severity == "Error" && !self.is_settled
    }
}

pub(super) fn found(of: &Of<'_, '_>, papers: &[Paper]) -> Vec<Found> {
    let outcome = of.context.outcome;
    let places = Places::of(of, papers);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::new();
    for finding in outcome
        .findings
        .iter()
        .filter(|finding| is_of_stream(of, finding, &places))
    {
        seen.insert(finding.id.clone());
        out.push(of_run(of, finding));
    }
    let has_returns = outcome
        .sources
        .iter()
        .any(|source| source.role == Role::Return);
    let plan = outcome
        .sources
        .iter()
        .find(|source| source.role == Role::Plan);
    if let Some(plan) = plan.filter(|plan| !has_returns && is_of_quarter(of, plan)) {
        out.extend(of_workbook(of, plan, &places, &mut seen));
    }
    let order = |found: &Found| match found.severity.as_str() {
        "Error" => 0,
        "Warning" => 1,
        "Information" => 2,
        _ => 3,
    };
    out.sort_by_key(|found| (found.is_settled, order(found), found.code.clone()));
    out
}

/// Where the stream's documents stand, and those of other streams: file, sheet and row.
struct Places {
    own: BTreeSet<(String, String)>,
    others: BTreeSet<(String, String)>,
    /// Files and sheets on which a document of the stream stands.
    sheets: BTreeSet<(String, String)>,
}

impl Places {
    fn of(of: &Of<'_, '_>, papers: &[Paper]) -> Self {
        let place = |(file, cell): (String, String)| {
            let is_known = !file.is_empty() && !cell.is_empty();
            is_known.then(|| (file, row_of(&cell)))
        };
        let sheet = |(file, row): &(String, String)| (file.clone(), sheet_of(row).to_owned());
        let own: BTreeSet<_> = papers
            .iter()
            .filter_map(|paper| place(paper.source.clone()))
            .collect();
        Self {
            sheets: own.iter().map(sheet).collect(),
            others: super::papers::places_of_others(of)
                .into_iter()
                .filter_map(place)
                .collect(),
            own,
        }
    }

    /// Whether a finding is about the stream's money: it stands on one of its documents, names a line of it, or is about money on a sheet
    /// that has documents of the stream, and about no other stream's.
    fn are_about(&self, of: &Of<'_, '_>, code: &str, file: &str, cell: &str, said: &str) -> bool {
        let place = (file.to_owned(), row_of(cell));
        if self.own.contains(&place) && !code.starts_with(['M', 'R']) {
            return true;
        }
        let sheet = (file.to_owned(), sheet_of(&place.1).to_owned());
        code.starts_with('F')
            && (of.is_of_it(said)
                || self.sheets.contains(&sheet)
                    && !self.others.contains(&place)
                    && !of.is_of_others(said))
    }
}

/// `Spend!12` as its sheet.
fn sheet_of(row: &str) -> &str {
    row.rsplit_once('!').map_or("", |(sheet, _)| sheet)
}

/// `Spend!F12` as its sheet and row: `Spend!12`.
fn row_of(cell: &str) -> String {
    let (sheet, at) = cell.rsplit_once('!').unwrap_or(("", cell));
    let digits: String = at
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    format!("{sheet}!{digits}")
}

fn is_of_quarter(of: &Of<'_, '_>, plan: &Source) -> bool {
    let said = &plan.layout.made_for;
    plan.layout.is_ours
        && said.quarter == Some(of.quarter.number)
        && said.year == Some(of.quarter.year)
}

/// Whether a finding of this run is about the stream's money.
fn is_of_stream(of: &Of<'_, '_>, finding: &Finding, places: &Places) -> bool {
    let place = &finding.place;
    let file = place
        .source
        .and_then(|index| of.context.outcome.sources.get(index));
    let file = file.map_or("", Source::file_name);
    let sheet = place.sheet_name().unwrap_or_default();
    let cell = format!("{sheet}!{}", place.a1().unwrap_or_default());
    let is_of_money = matches!(finding.code.0.chars().next(), Some('C' | 'H' | 'S' | 'R'));
    places.are_about(of, finding.code.0, file, &cell, &finding.message)
        || is_on_row(of, finding)
        || is_of_money
            && finding.raw.as_deref().is_some_and(|raw| of.is_of_it(raw))
            && is_on_money(of, finding)
}

/// Whether a finding stands on the plan's row of one of the stream's lines.
fn is_on_row(of: &Of<'_, '_>, finding: &Finding) -> bool {
    let (Some(source), Some((sheet, _)), Some(range)) = (
        finding.place.source,
        &finding.place.sheet,
        finding.place.range,
    ) else {
        return false;
    };
    let outcome = of.context.outcome;
    let lines = of.rows.iter().map(|row| row.line.at);
    let virements = outcome.ledger.virements.iter();
    let virements = virements
        .filter(|v| of.has(v.from) || of.has(v.to))
        .map(|v| v.at);
    let documents = outcome
        .ledger
        .past
        .iter()
        .filter(|past| of.has(past.line))
        .map(|past| past.at);
    lines
        .chain(virements)
        .chain(documents)
        .filter(|at| at.source == source)
        .any(|at| {
            let view = at.view(&outcome.sources, of.context.schema);
            view.is_some_and(|view| {
                view.table.layout.sheet == *sheet && view.record.row == range.first.row
            })
        })
}

/// Whether a finding stands in a table of money.
fn is_on_money(of: &Of<'_, '_>, finding: &Finding) -> bool {
    let Some((source, (sheet, _))) = finding.place.source.zip(finding.place.sheet.as_ref()) else {
        return false;
    };
    let source = of.context.outcome.sources.get(source);
    source.is_some_and(|source| {
        let mut tables = source
            .tables
            .iter()
            .filter(|table| table.layout.sheet == *sheet);
        tables.any(|table| {
            let schema = of.context.schema.tables.get(table.layout.table);
            schema.is_some_and(|schema| {
                matches!(
                    schema.name.as_str(),
                    "spend" | "claims" | "funding_lines" | "virements" | "ledger"
                )
            })
        })
    })
}

/// What a rule says in general, where what it says of this case tells of another stream.
fn in_general(code: &str) -> String {
    let rule = CATALOGUE.iter().find(|rule| rule.code.0 == code);
    rule.map_or_else(String::new, |rule| {
        format!("{} Part of it is another stream’s.", rule.summary)
    })
}

fn worded(of: &Of<'_, '_>, code: &str, message: &str) -> String {
    if of.is_of_others(message) {
        in_general(code)
    } else {
        of.told(message)
    }
}

fn of_run(of: &Of<'_, '_>, finding: &Finding) -> Found {
    let outcome = of.context.outcome;
    let file = finding
        .place
        .source
        .and_then(|index| outcome.sources.get(index))
        .map_or("", Source::file_name);
    let place = [
        Some(file),
        finding.place.sheet_name(),
        finding.place.a1().as_deref(),
    ]
    .into_iter()
    .flatten()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" › ");
    let mut severity = finding.severity.word().to_owned();
    if let Some(first) = severity.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Found {
        severity,
        code: finding.code.0.to_owned(),
        said: worded(of, finding.code.0, &finding.message),
        place,
        kept_out: match finding.held {
            crate::finding::Hold::None => String::new(),
            held => format!("The {}", held.word()),
        },
        settled: finding
            .accepted
            .as_ref()
            .map(|accepted| of.told(&accepted.spoken()))
            .unwrap_or_default(),
        is_settled: finding.accepted.is_some(),
    }
}

/// A sheet of our own workbook, by its headings.
struct Written<'a> {
    sheet: &'a Worksheet,
    columns: BTreeMap<String, u16>,
}

impl<'a> Written<'a> {
    fn of(plan: &'a Source, name: &str) -> Option<Self> {
        let sheet = plan
            .workbook()?
            .sheets
            .iter()
            .find(|sheet| sheet.name.as_deref() == Some(name))?;
        let (_, cells) = sheet.rows().next()?;
        let columns = cells
            .iter()
            .filter_map(|cell| Some((fold(cell.value.as_text()?), cell.address.column)))
            .collect();
        Some(Self { sheet, columns })
    }

    fn rows(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.sheet.rows().skip(1).map(|(row, _)| row)
    }

    fn text(&self, row: u32, heading: &str) -> String {
        let column = self.columns.get(&fold(heading)).copied();
        let value = column.and_then(|column| self.sheet.value(CellAddress::new(row, column)));
        value
            .map(|value| visible(&value.to_string()))
            .unwrap_or_default()
    }
}

/// What the run that wrote the plan found and settled.
fn of_workbook(
    of: &Of<'_, '_>,
    plan: &Source,
    places: &Places,
    seen: &mut BTreeSet<String>,
) -> Vec<Found> {
    let decisions = Written::of(plan, "Decisions");
    let mut decided: BTreeMap<String, (String, bool)> = BTreeMap::new();
    if let Some(sheet) = &decisions {
        for row in sheet.rows() {
            let (decision, finding) = (sheet.text(row, "Decision"), sheet.text(row, "Finding"));
            if !decision.is_empty() && !finding.is_empty() {
                let state = sheet.text(row, "State");
                let is_settled = ["In force", "Rejected", "Noted"]
                    .iter()
                    .any(|word| state.starts_with(word));
                let parts = [
                    decision,
                    sheet.text(row, "Read it as"),
                    sheet.text(row, "Reason"),
                    sheet.text(row, "Role"),
                    state,
                ];
                let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                decided.insert(finding, (told.join("; "), is_settled));
            }
        }
    }
    let mut out = Vec::new();
    if let Some(sheet) = Written::of(plan, "Findings") {
        for row in sheet.rows() {
            let text = |heading: &str| sheet.text(row, heading);
            let (code, said, file) = (text("Code"), text("What was found"), text("File"));
            let cell = format!("{}!{}", text("Sheet"), text("Cell"));
            let is_of_stream = places.are_about(of, &code, &file, &cell, &said);
            if code.is_empty() || !is_of_stream || !seen.insert(text("Finding")) {
                continue;
            }
            let accepted = text("Accepted");
            let decision = decided.remove(&text("Finding"));
            let is_settled = !accepted.is_empty()
                || decision.as_ref().is_some_and(|(_, is_settled)| *is_settled);
            let settled = if accepted.is_empty() {
                decision.map(|(told, _)| told).unwrap_or_default()
            } else {
                accepted
            };
            out.push(Found {
                severity: text("Severity"),
                said: worded(of, &code, &said),
                code,
                place: [file, text("Sheet"), text("Cell")]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" › "),
                kept_out: text("Kept out"),
                settled: of.told(&settled),
                is_settled,
            });
        }
    }
    // What was decided of a finding that is on no list any more: noted, or mended by an answer.
    if let Some(sheet) = &decisions {
        for row in sheet.rows() {
            let text = |heading: &str| sheet.text(row, heading);
            let (question, subject, finding) = (
                text("What is to be decided"),
                text("Ref or line"),
                text("Finding"),
            );
            let cell = text("Source cell");
            let is_of_stream =
                places.are_about(of, "", &text("Source file"), &cell, "") || of.is_of_it(&subject);
            if !is_of_stream || seen.contains(&finding) {
                continue;
            }
            if let Some((told, is_settled)) = decided.remove(&finding) {
                out.push(Found {
                    severity: "Decision".to_owned(),
                    code: String::new(),
                    said: if of.is_of_others(&question) {
                        "Part of it is another stream’s.".to_owned()
                    } else {
                        of.told(&question)
                    },
                    place: [text("Source file"), cell]
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(" › "),
                    kept_out: String::new(),
                    settled: of.told(&told),
                    is_settled,
                });
            }
        }
    }
    out
}

/// The annex of what was found.
pub(super) fn sheet(found: Vec<Found>) -> SheetPlan<'static> {
    let prose = |heading: &str, width| Column::new(heading, width, ColumnKind::Prose);
    let columns = vec![
        Column::new("Severity", 11, ColumnKind::Centred),
        Column::new("Code", 6, ColumnKind::Text),
        prose("What was found", 50),
        prose("Where", 22),
        prose("Kept out", 9),
        prose("How it was settled", 37),
    ];
    let rows: Vec<Vec<Cell>> = found
        .into_iter()
        .map(|found| {
            let look = match found.severity.as_str() {
                "Error" if !found.is_settled => Look::Error,
                "Warning" if !found.is_settled => Look::Warning,
                _ => Look::Plain,
            };
            let settled = match (found.settled.is_empty(), found.is_settled) {
                (true, _) => Cell::text("Not settled").look(Look::Muted),
                (false, true) => Cell::text(&found.settled).look(Look::Good),
                (false, false) => Cell::text(&found.settled),
            };
            vec![
                Cell::text(&found.severity).look(look),
                Cell::text(&found.code),
                Cell::text(&found.said),
                Cell::text(&found.place),
                Cell::text(&found.kept_out),
                settled,
            ]
        })
        .collect();
    SheetPlan {
        name: "Found",
        about: "What was found about the stream's money, and how it was settled.".to_owned(),
        content: Content::Table(Table {
            id: "Found",
            columns,
            rows: rows.into(),
            frozen: 2,
            printed: None,
            below: Vec::new(),
        }),
    }
}
