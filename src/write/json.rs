//! The JSON report: a frozen format of its own, converted from the outcome, so that a change inside never changes it.

use serde::Serialize;

use crate::feedback::Feedback;
use crate::finding::{Decides, Finding, Place};
use crate::funding::{MoneyTally, Sums};
use crate::pipeline::Outcome;
use crate::publish::Publication;
use crate::record::{Table, Tally};
use crate::schema::Schema;
use crate::settlement;
use crate::source::Source;
use crate::value::amount;

/// The format's name and version.
pub const FORMAT: &str = "csp-bridge-report/1";

/// Whether a file is a report of ours: of this version of the format or another.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    let name = FORMAT.trim_end_matches(|c: char| c.is_ascii_digit());
    let head = super::head(bytes);
    let first = head.trim_start().strip_prefix('{').map(str::trim_start);
    let value = first.and_then(|first| first.strip_prefix("\"format\""));
    value.is_some_and(|value| {
        value
            .trim_start_matches(|c: char| c == ':' || c.is_whitespace())
            .trim_start_matches('"')
            .starts_with(name)
    })
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    run: RunPart<'a>,
    sources: Vec<SourcePart<'a>>,
    findings: Vec<FindingPart<'a>>,
    actions: Vec<ActionPart<'a>>,
    funding: Vec<LinePart<'a>>,
    decisions: Vec<DecisionPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Vec<FolderPart<'a>>>,
    totals: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<PublicationPart<'a>>,
}

#[derive(Serialize)]
struct PublicationPart<'a> {
    files: Vec<FilePart<'a>>,
    earlier: &'a [String],
    threshold: u32,
    check_base: usize,
    actions_left_out: usize,
    hidden: Vec<HiddenPart<'a>>,
    withheld: Vec<WithheldPart<'a>>,
    proof: ProofPart,
}

#[derive(Serialize)]
struct FilePart<'a> {
    path: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct HiddenPart<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    column: String,
    why: &'static str,
}

#[derive(Serialize)]
struct WithheldPart<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    column: &'a str,
    finding: Option<&'a str>,
    decision: Option<&'static str>,
}

#[derive(Serialize)]
struct ProofPart {
    figures: usize,
    rises: usize,
    narrowest: NarrowestPart,
}

#[derive(Serialize)]
struct NarrowestPart {
    level1: Option<i128>,
    level2: Option<i128>,
}

#[derive(Serialize)]
struct FolderPart<'a> {
    agency: &'a str,
    folder: &'a str,
    reply_by: String,
    files: Vec<CopyPart<'a>>,
}

#[derive(Serialize)]
struct CopyPart<'a> {
    source: String,
    path: Option<String>,
    kind: &'static str,
    why: Option<&'a str>,
    marks: usize,
    notes: usize,
    without_note: Vec<WithoutNotePart<'a>>,
}

#[derive(Serialize)]
struct WithoutNotePart<'a> {
    sheet: &'a str,
    cell: String,
    why: &'static str,
}

#[derive(Clone, Serialize)]
struct ToldPart<'a> {
    agency: &'a str,
    message: &'a str,
    fix: &'a str,
    sheet: Option<&'a str>,
    cell: Option<String>,
}

#[derive(Serialize)]
struct DecisionPart<'a> {
    row: usize,
    about: &'a str,
    subject: String,
    partner: &'a str,
    finding: &'a str,
    decision: &'a str,
    read_as: &'a str,
    state: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct RunPart<'a> {
    quarter: Option<String>,
    as_of: String,
    schema: SchemaPart<'a>,
    version: &'static str,
}

#[derive(Serialize)]
struct SchemaPart<'a> {
    name: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct SourcePart<'a> {
    id: String,
    path: &'a str,
    sha256: &'a str,
    role: &'static str,
    format: Option<&'static str>,
    agency: Option<&'a str>,
    quarter: Option<String>,
    state: &'static str,
    tables: Vec<TablePart<'a>>,
    cells: Vec<CellsPart<'a>>,
    money: MoneyPart,
}

#[derive(Serialize)]
struct CellsPart<'a> {
    sheet: Option<&'a str>,
    visible: &'static str,
    filled: usize,
    rows: usize,
    headings: usize,
    labels: usize,
    totals: usize,
    text: usize,
    named: usize,
    ignored: usize,
}

#[derive(Serialize)]
struct TablePart<'a> {
    table: &'a str,
    sheet: Option<&'a str>,
    header: String,
    body: Option<String>,
    columns: Vec<ColumnPart<'a>>,
    rows: RowsPart,
}

#[derive(Serialize)]
struct ColumnPart<'a> {
    field: &'a str,
    heading: &'a str,
    cell: String,
    basis: &'static str,
}

#[derive(Serialize)]
struct RowsPart {
    read: usize,
    accepted: usize,
    skipped: usize,
    held: usize,
}

impl From<Tally> for RowsPart {
    fn from(tally: Tally) -> Self {
        Self {
            read: tally.read,
            accepted: tally.accepted,
            skipped: tally.skipped,
            held: tally.held,
        }
    }
}

#[derive(Serialize)]
struct MoneyPart {
    read: String,
    accepted: String,
    held: String,
    set_aside: String,
}

impl From<MoneyTally> for MoneyPart {
    fn from(tally: MoneyTally) -> Self {
        Self {
            read: amount::plain(tally.read),
            accepted: amount::plain(tally.accepted),
            held: amount::plain(tally.held),
            set_aside: amount::plain(tally.set_aside),
        }
    }
}

#[derive(Serialize)]
struct SumsPart {
    #[serde(flatten)]
    money: MoneyPart,
    held_on_no_line: String,
    charged: String,
    from_plan: String,
    cells: String,
    read_by_decision: String,
    commitments: String,
    itemised: String,
    restated: String,
}

impl From<Sums> for SumsPart {
    fn from(sums: Sums) -> Self {
        Self {
            money: sums.money.into(),
            held_on_no_line: amount::plain(sums.held_on_no_line),
            charged: amount::plain(sums.charged),
            from_plan: amount::plain(sums.from_plan),
            cells: amount::plain(sums.cells),
            read_by_decision: amount::plain(sums.read_by_decision),
            commitments: amount::plain(sums.commitments),
            itemised: amount::plain(sums.itemised),
            restated: amount::plain(sums.restated),
        }
    }
}

#[derive(Serialize)]
struct FindingPart<'a> {
    id: &'a str,
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    source: Option<String>,
    path: Option<&'a str>,
    sheet: Option<&'a str>,
    cell: Option<String>,
    field: Option<&'a str>,
    heading: Option<&'a str>,
    raw: Option<&'a str>,
    message: &'a str,
    fix: &'a str,
    held: &'static str,
    covers: Option<String>,
    would_hold: &'static str,
    accepted: Option<AcceptedPart<'a>>,
    related: Vec<PlacePart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<Vec<ToldPart<'a>>>,
}

#[derive(Serialize)]
struct AcceptedPart<'a> {
    reason: &'a str,
    role: &'a str,
    until: Option<String>,
}

#[derive(Serialize)]
struct PlacePart<'a> {
    path: Option<&'a str>,
    sheet: Option<&'a str>,
    cell: Option<String>,
}

#[derive(Serialize)]
struct ActionPart<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    priority: Option<&'a str>,
    status: Option<&'a str>,
    update: Option<&'a str>,
    value: Option<String>,
    measure: &'static str,
    reports: Vec<ReportPart<'a>>,
}

#[derive(Serialize)]
struct ReportPart<'a> {
    agency: Option<&'a str>,
    status: Option<&'a str>,
    path: &'a str,
    sheet: Option<&'a str>,
    row: u64,
}

#[derive(Serialize)]
struct LinePart<'a> {
    line: &'a str,
    allocation: Option<String>,
    revised: String,
    this_quarter: String,
    to_date: String,
    forecast: Option<String>,
    variance: Option<String>,
    held: String,
}

#[derive(Serialize)]
struct Totals {
    rows: RowsPart,
    money: SumsPart,
    ties_out: bool,
}

/// The report as JSON, indented, ending in a line break.
#[must_use]
pub fn report(outcome: &Outcome, schema: &Schema) -> Vec<u8> {
    report_with(outcome, schema, None)
}

/// The same with what partners got back, where they got something.
#[must_use]
pub fn report_with(outcome: &Outcome, schema: &Schema, feedback: Option<&Feedback>) -> Vec<u8> {
    let mut told = feedback.map(|feedback| told(feedback, outcome, schema));
    let report = Report {
        format: FORMAT,
        run: RunPart {
            quarter: outcome.options.quarter.map(|q| q.to_string()),
            as_of: outcome.options.as_of.to_string(),
            schema: SchemaPart {
                name: &schema.name,
                sha256: &schema.sha256,
            },
            version: env!("CARGO_PKG_VERSION"),
        },
        sources: outcome
            .sources
            .iter()
            .map(|source| source_part(source, outcome, schema))
            .collect(),
        findings: outcome
            .findings
            .iter()
            .enumerate()
            .map(|(index, finding)| FindingPart {
                told: told
                    .as_mut()
                    .map(|told| told.get_mut(index).map(std::mem::take).unwrap_or_default()),
                ..finding_part(finding, outcome)
            })
            .collect(),
        actions: actions(outcome, schema),
        funding: lines(outcome),
        decisions: decisions(outcome, schema),
        feedback: feedback.map(|feedback| folders(feedback, schema)),
        totals: Totals {
            rows: outcome.rows().into(),
            money: outcome.sums().into(),
            ties_out: outcome.ties_out(),
        },
        publication: outcome
            .publication
            .as_ref()
            .map(|publication| publication_part(publication, outcome)),
    };
    // Every part is a plain struct with string keys, so serialising cannot fail.
    let mut out = serde_json::to_vec_pretty(&report).unwrap_or_default();
    out.push(b'\n');
    out
}

fn publication_part<'a>(publication: &'a Publication, outcome: &'a Outcome) -> PublicationPart<'a> {
    let hidden = publication.actions.iter().flat_map(|action| {
        action.figures.iter().filter_map(|figure| {
            Some(HiddenPart {
                reference: &action.reference,
                column: figure.when.heading(),
                why: figure.why?.word(),
            })
        })
    });
    let withheld = publication.withheld.iter().filter_map(|(index, code)| {
        let text = publication.texts.get(*index)?;
        let finding = outcome.findings.iter().find(|f| {
            f.code.0 == *code
                && f.place == text.place
                && f.decides == Decides::Publish
                && f.raw.is_some()
        });
        let decision = finding
            .and_then(|finding| outcome.settled.by_finding.get(&finding.id))
            .and_then(|decision| outcome.settled.states.get(*decision));
        Some(WithheldPart {
            reference: &text.reference,
            column: text.column,
            finding: finding.map(|finding| finding.id.as_str()),
            decision: decision.map(|state| state.standing.word()),
        })
    });
    PublicationPart {
        files: publication
            .files
            .iter()
            .map(|(path, sha256)| FilePart { path, sha256 })
            .collect(),
        earlier: &publication.earlier,
        threshold: publication.threshold,
        check_base: publication.check_base,
        actions_left_out: publication.left_out,
        hidden: hidden.collect(),
        withheld: withheld.collect(),
        proof: ProofPart {
            figures: publication.proof.figures,
            rises: publication.proof.rises,
            narrowest: NarrowestPart {
                level1: publication.proof.level1,
                level2: publication.proof.level2,
            },
        },
    }
}

/// What became of what was decided, in the order in which it is written.
fn decisions<'a>(outcome: &'a Outcome, schema: &'a Schema) -> Vec<DecisionPart<'a>> {
    let all = outcome.decisions.all().iter();
    all.zip(&outcome.settled.states)
        .map(|(decision, state)| {
            let written = &decision.written;
            let id = state.finding.as_deref().unwrap_or(&written.finding);
            let finding = outcome.finding(id);
            let about = decision
                .about
                .or_else(|| finding.map(settlement::about))
                .map_or(written.about.as_str(), |about| about.word());
            let subject = if written.subject.is_empty() {
                finding
                    .map(|finding| settlement::subject(finding, &outcome.sources, schema))
                    .unwrap_or_default()
            } else {
                written.subject.clone()
            };
            let agency = decision
                .agency
                .or_else(|| finding.and_then(|finding| settlement::partner(finding, schema)));
            DecisionPart {
                row: written.row,
                about,
                subject,
                partner: agency.map_or(written.partner.as_str(), |agency| {
                    schema.agency_code(agency)
                }),
                finding: id,
                decision: decision
                    .verdict
                    .map_or(written.decision.as_str(), |verdict| verdict.word()),
                read_as: &written.read_as,
                state: state.standing.word(),
                why: &state.why,
            }
        })
        .collect()
}

/// How reports name a source.
fn id(index: usize) -> String {
    format!("s{}", index + 1)
}

fn source_part<'a>(source: &'a Source, outcome: &Outcome, schema: &'a Schema) -> SourcePart<'a> {
    let quarter = source
        .statement
        .quarter
        .map(|number| match source.statement.year {
            Some(year) => crate::value::period::Quarter { year, number },
            None => schema.year.quarter(number),
        });
    SourcePart {
        id: id(source.index),
        path: &source.path,
        sha256: &source.sha256,
        role: source.role.word(),
        format: source.workbook().map(|book| book.format.word()),
        agency: source
            .statement
            .agency
            .map(|agency| schema.agency_code(agency)),
        quarter: quarter.map(|q| q.to_string()),
        state: source.state.word(),
        tables: source
            .tables
            .iter()
            .map(|table| table_part(source, table, schema))
            .collect(),
        cells: cells(source),
        money: outcome.ledger.tally(source.index).into(),
    }
}

/// What became of the filled cells of each sheet.
fn cells(source: &Source) -> Vec<CellsPart<'_>> {
    let sheets = source.workbook().map_or(&[][..], |book| &book.sheets);
    sheets
        .iter()
        .zip(source.accounts())
        .map(|(sheet, accounts)| CellsPart {
            sheet: sheet.name.as_deref(),
            visible: sheet.visibility.word(),
            filled: accounts.filled,
            rows: accounts.rows,
            headings: accounts.headings,
            labels: accounts.labels,
            totals: accounts.totals,
            text: accounts.text,
            named: accounts.named,
            ignored: accounts.ignored,
        })
        .collect()
}

fn table_part<'a>(source: &'a Source, table: &'a Table, schema: &'a Schema) -> TablePart<'a> {
    let found = schema.tables.get(table.layout.table);
    let sheet = source
        .workbook()
        .and_then(|book| book.sheets.get(table.layout.sheet))
        .and_then(|sheet| sheet.name.as_deref());
    TablePart {
        table: found.map_or("", |t| t.name.as_str()),
        sheet,
        header: table.layout.header.to_string(),
        body: table.layout.body.map(|body| body.to_string()),
        columns: table
            .layout
            .columns
            .iter()
            .map(|column| ColumnPart {
                field: found
                    .and_then(|t| t.fields.get(column.field))
                    .map_or("", |f| f.name.as_str()),
                heading: &column.heading.text,
                cell: column.heading.at.to_string(),
                basis: column.basis.word(),
            })
            .collect(),
        rows: table.tally(source.fate()).into(),
    }
}

fn path_of<'a>(place: &Place, outcome: &'a Outcome) -> Option<&'a str> {
    place
        .source
        .and_then(|index| outcome.sources.get(index))
        .map(|source| source.path.as_str())
}

fn finding_part<'a>(finding: &'a Finding, outcome: &'a Outcome) -> FindingPart<'a> {
    FindingPart {
        id: &finding.id,
        code: finding.code.0,
        name: finding.name,
        severity: finding.severity.word(),
        source: finding.place.source.map(id),
        path: path_of(&finding.place, outcome),
        sheet: finding.place.sheet_name(),
        cell: finding.place.a1(),
        field: finding.field.as_deref(),
        heading: finding.heading.as_deref(),
        raw: finding.raw.as_deref(),
        message: &finding.message,
        fix: &finding.fix,
        held: finding.held.word(),
        covers: finding.covers.map(|range| range.to_string()),
        would_hold: finding.would_hold.word(),
        accepted: finding.accepted.as_ref().map(|a| AcceptedPart {
            reason: &a.reason,
            role: &a.role,
            until: a.until.map(|d| d.to_string()),
        }),
        related: finding
            .related
            .iter()
            .map(|place| PlacePart {
                path: path_of(place, outcome),
                sheet: place.sheet_name(),
                cell: place.a1(),
            })
            .collect(),
        told: None,
    }
}

/// Who is told what of each finding.
fn told<'a>(
    feedback: &'a Feedback,
    outcome: &Outcome,
    schema: &'a Schema,
) -> Vec<Vec<ToldPart<'a>>> {
    let mut out = vec![Vec::new(); outcome.findings.len()];
    for folder in &feedback.folders {
        let Some(agency) = folder.agency else {
            continue;
        };
        for item in &folder.items {
            if let Some(told) = out.get_mut(item.finding) {
                told.push(ToldPart {
                    agency: schema.agency_code(agency),
                    message: &item.message,
                    fix: &item.fix,
                    sheet: item.place.sheet_name(),
                    cell: item.place.a1(),
                });
            }
        }
    }
    out
}

/// What went back to each agency.
fn folders<'a>(feedback: &'a Feedback, schema: &'a Schema) -> Vec<FolderPart<'a>> {
    let folders = feedback.folders.iter();
    folders
        .filter_map(|folder| {
            let files = folder.files.iter().map(|file| CopyPart {
                source: id(file.source),
                path: file
                    .made
                    .name
                    .as_ref()
                    .map(|name| format!("{}/{name}", folder.name)),
                kind: file.made.kind.word(),
                why: file.made.why.as_deref(),
                marks: file.made.marks,
                notes: file.made.notes,
                without_note: file
                    .made
                    .without_note
                    .iter()
                    .map(|cell| WithoutNotePart {
                        sheet: &cell.sheet,
                        cell: cell.cell.to_string(),
                        why: cell.why,
                    })
                    .collect(),
            });
            Some(FolderPart {
                agency: schema.agency_code(folder.agency?),
                folder: &folder.name,
                reply_by: feedback.reply_by.to_string(),
                files: files.collect(),
            })
        })
        .collect()
}

fn actions<'a>(outcome: &'a Outcome, schema: &'a Schema) -> Vec<ActionPart<'a>> {
    outcome
        .consolidation
        .actions
        .iter()
        .map(|action| {
            let result = &action.outcome;
            let reports = action.reports.iter().filter_map(|index| {
                let report = outcome.consolidation.reports.get(*index)?;
                let view = report.at.view(&outcome.sources, schema)?;
                let source = outcome.sources.get(report.at.source)?;
                Some(ReportPart {
                    agency: report.agency.map(|agency| schema.agency_code(agency)),
                    status: view
                        .choice("status")
                        .map(|status| schema.status_value(status)),
                    path: &source.path,
                    sheet: source
                        .workbook()?
                        .sheets
                        .get(view.table.layout.sheet)?
                        .name
                        .as_deref(),
                    row: u64::from(view.record.row) + 1,
                })
            });
            ActionPart {
                reference: &action.reference.text,
                priority: action
                    .priority
                    .and_then(|p| schema.priorities.get(p))
                    .map(|p| p.code.as_str()),
                status: result.standing().map(|status| schema.status_value(status)),
                update: result.update.as_deref(),
                value: result.value.map(amount::figure),
                measure: result.measure.word(),
                reports: reports.collect(),
            }
        })
        .collect()
}

fn lines(outcome: &Outcome) -> Vec<LinePart<'_>> {
    outcome
        .ledger
        .lines
        .iter()
        .zip(&outcome.ledger.balances)
        .map(|(line, balance)| LinePart {
            line: &line.reference.text,
            allocation: line.allocation.map(amount::plain),
            revised: amount::plain(balance.revised),
            this_quarter: amount::plain(balance.this_quarter),
            to_date: amount::plain(balance.to_date),
            forecast: balance.forecast.map(amount::plain),
            variance: balance.variance.map(amount::plain),
            held: amount::plain(balance.held),
        })
        .collect()
}
