//! What an officer reads on the terminal.

use std::fmt::Write as _;
use std::path::Path;

use csp_bridge::finding::{Finding, Severity};
use csp_bridge::layout::RowKind;
use csp_bridge::pipeline::Outcome;
use csp_bridge::rules::{CATALOGUE, Rule};
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::{Source, SourceState, period_speakers};
use csp_bridge::value::amount::pounds;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on a terminal, when the work takes long enough to be wondered about.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(files: usize, quiet: bool) -> Self {
        let target = if quiet || files < 20 {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(files as u64), target);
        let style = ProgressStyle::with_template(
            "Reading {pos} of {len} files ({per_sec}) {wide_bar} {msg}",
        );
        Self(style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style)))
    }

    pub(crate) fn tick(&self, path: &Path) {
        self.0.set_message(
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
        );
        self.0.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// After a merge: what was merged, what is held and why, who is missing, whether it ties out.
pub(crate) fn merge(outcome: &Outcome, schema: &Schema, output: &Path) -> String {
    let mut out = String::new();
    let returns = || {
        outcome
            .sources
            .iter()
            .filter(|source| source.role == Role::Return && !source.is_passed_over())
    };
    let merged = returns()
        .filter(|source| source.state == SourceState::Accepted)
        .count();
    let quarter = outcome
        .options
        .quarter
        .map(csp_bridge::value::period::Quarter::spoken)
        .unwrap_or_default();
    let _ = writeln!(out, "{}, {quarter}", schema.partnership.name);
    let _ = writeln!(
        out,
        "{} merged into {}.",
        plural(merged, "return", "returns"),
        plural(outcome.consolidation.actions.len(), "action", "actions")
    );
    let kept_out: Vec<&Source> = returns()
        .filter(|source| source.state != SourceState::Accepted)
        .collect();
    if !kept_out.is_empty() {
        let _ = writeln!(out, "\nKept out as a whole:");
        for source in kept_out {
            let why = outcome
                .findings
                .iter()
                .find(|f| f.place.source == Some(source.index) && f.severity == Severity::Error);
            let _ = writeln!(
                out,
                "  {}: {}",
                source.path,
                why.map_or("", |finding| finding.message.as_str())
            );
        }
    }
    let missing: Vec<&Finding> = outcome
        .findings
        .iter()
        .filter(|f| f.code.0 == "S009")
        .collect();
    if !missing.is_empty() {
        let names: Vec<String> = missing
            .iter()
            .filter_map(|f| f.raw.as_deref())
            .map(|code| {
                schema
                    .agency(code)
                    .map_or(code.to_owned(), |a| schema.agency_name(a).to_owned())
            })
            .collect();
        let _ = writeln!(out, "\nNo return yet from: {}.", names.join(", "));
    }
    findings(&mut out, outcome, |finding| finding.code.0 != "S009");
    tie_out(&mut out, outcome);
    let _ = writeln!(out, "\nWritten: {}", output.display());
    out
}

fn findings(out: &mut String, outcome: &Outcome, wanted: impl Fn(&Finding) -> bool) {
    const SHOWN: usize = 40;
    let count = |severity: Severity| {
        outcome
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    };
    let _ = writeln!(
        out,
        "\n{}, {}, {}.",
        plural(count(Severity::Error), "error", "errors"),
        plural(count(Severity::Warning), "warning", "warnings"),
        plural(count(Severity::Information), "note", "notes")
    );
    let mut path = None;
    let mut shown: Vec<&Finding> = outcome.findings.iter().filter(|f| wanted(f)).collect();
    let total = shown.len();
    // With many findings the errors come first, so that the list stays readable.
    if total > SHOWN {
        shown.retain(|f| f.severity == Severity::Error);
        shown.truncate(SHOWN);
    }
    for finding in &shown {
        let source = finding
            .place
            .source
            .and_then(|source| outcome.sources.get(source));
        if source.map(|s| &s.path) != path {
            path = source.map(|s| &s.path);
            let _ = writeln!(out, "\n{}", path.map_or("", String::as_str));
        }
        let place = match (finding.place.sheet_name(), finding.place.a1()) {
            (Some(sheet), Some(cell)) => format!("{sheet}!{cell}"),
            (Some(sheet), None) => sheet.to_owned(),
            (None, Some(cell)) => cell,
            (None, None) => "whole file".to_owned(),
        };
        let _ = writeln!(
            out,
            "  {:<11} {} {place}: {}",
            finding.severity.word(),
            finding.code,
            finding.message
        );
        let _ = writeln!(out, "  {:<11} {}", "", finding.fix);
    }
    if total > shown.len() {
        let _ = writeln!(
            out,
            "\n{} more are on the Findings sheet and in the reports.",
            total - shown.len()
        );
    }
}

fn tie_out(out: &mut String, outcome: &Outcome) {
    let (rows, money) = (outcome.rows(), outcome.money());
    let verdict = if outcome.ties_out() {
        "It ties out"
    } else {
        "IT DOES NOT TIE OUT"
    };
    let _ = writeln!(
        out,
        "\n{verdict}: {} rows read = {} used + {} passed over (totals, banners) + {} held; {} read = {} accepted + {} held.",
        rows.read,
        rows.accepted,
        rows.skipped,
        rows.held,
        pounds(money.read),
        pounds(money.accepted),
        pounds(money.held)
    );
}

/// After a check.
pub(crate) fn check(outcome: &Outcome, schema: &Schema) -> String {
    let mut out = String::new();
    for source in &outcome.sources {
        let tables: Vec<&str> = source
            .tables
            .iter()
            .filter_map(|t| schema.tables.get(t.layout.table))
            .map(|t| t.title.as_str())
            .collect();
        let what = if tables.is_empty() {
            "no known table".to_owned()
        } else {
            tables.join(", ")
        };
        let who = source.statement.agency.map_or(String::new(), |agency| {
            format!(", from {}", schema.agency_name(agency))
        });
        let _ = writeln!(out, "{}: {}{who}: {what}.", source.path, source.role.word());
    }
    findings(&mut out, outcome, |_| true);
    out
}

/// What is seen in one file.
pub(crate) fn inspect(outcome: &Outcome, schema: &Schema) -> String {
    let mut out = String::new();
    for source in &outcome.sources {
        inspect_source(&mut out, source, schema);
    }
    out
}

fn inspect_source(out: &mut String, source: &Source, schema: &Schema) {
    let _ = writeln!(out, "{}", source.path);
    let workbook = match &source.read {
        Ok(workbook) => workbook,
        Err(why) => {
            let _ = writeln!(out, "  cannot be read: {why}");
            return;
        }
    };
    let _ = writeln!(
        out,
        "  Format: {}. Taken as a {}.",
        workbook.format.word(),
        source.role.word()
    );
    let said = &source.statement;
    let who = said.agency.map_or("not known".to_owned(), |agency| {
        schema.agency_name(agency).to_owned()
    });
    let _ = writeln!(out, "  Partner: {who}");
    for (speaker, period) in period_speakers(source) {
        let quarter = period.quarter.map(|q| format!("Q{q}")).unwrap_or_default();
        let year = period.year.map(|year| year.to_string()).unwrap_or_default();
        let _ = writeln!(out, "  Period by {speaker}: {quarter} {year}");
    }
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let state = match sheet.visibility {
            csp_bridge::grid::Visibility::Visible => "",
            csp_bridge::grid::Visibility::Hidden => ", hidden: not read",
            csp_bridge::grid::Visibility::VeryHidden => ", very hidden: not read",
        };
        let _ = writeln!(
            out,
            "\n  Sheet {}: {}{state}",
            sheet.name.as_deref().unwrap_or("(text)"),
            plural(sheet.cells().len(), "filled cell", "filled cells")
        );
        if let Some(damage) = &sheet.damage {
            let _ = writeln!(out, "    damaged: {damage}");
        }
        for table in source
            .tables
            .iter()
            .filter(|table| table.layout.sheet == index)
        {
            let Some(found) = schema.tables.get(table.layout.table) else {
                continue;
            };
            let body = table
                .layout
                .body
                .map_or("no rows".to_owned(), |body| body.to_string());
            let _ = writeln!(
                out,
                "    Table {} with headings in {}, rows in {body}",
                found.title, table.layout.header
            );
            for column in &table.layout.columns {
                let field = found
                    .fields
                    .get(column.field)
                    .map_or("", |f| f.title.as_str());
                let heading = column.heading.text.replace('\n', " ");
                let _ = writeln!(
                    out,
                    "      {} “{heading}” is {field} (by {})",
                    column.heading.at,
                    column.basis.word()
                );
            }
            for unknown in &table.layout.unknown {
                let near = unknown
                    .near
                    .and_then(|near| found.fields.get(near))
                    .map_or(String::new(), |f| format!("; may mean {}", f.title));
                let _ = writeln!(
                    out,
                    "      {} “{}” is not known{near}",
                    unknown.heading.at,
                    unknown.heading.text.replace('\n', " ")
                );
            }
            for missing in &table.layout.missing {
                let _ = writeln!(
                    out,
                    "      no column for {}",
                    found
                        .fields
                        .get(missing.field)
                        .map_or("", |f| f.title.as_str())
                );
            }
            let tally = table.tally(false);
            let _ = writeln!(
                out,
                "      {} read: {} records, {} passed over",
                plural(tally.read, "row", "rows"),
                tally.accepted + tally.held,
                tally.skipped
            );
            for row in &table.layout.rows {
                let why = match row.kind {
                    RowKind::Data(_) => continue,
                    RowKind::Total => "a printed total",
                    RowKind::Banner(_) => "a priority's banner",
                    RowKind::RepeatedHeader => "the headings again",
                    RowKind::Note => "a note",
                    RowKind::Unfilled => "a line of the form that nobody filled in",
                };
                let _ = writeln!(
                    out,
                    "      row {} passed over: {why}",
                    u64::from(row.row) + 1
                );
            }
        }
        for runner in source
            .layout
            .runners_up
            .iter()
            .filter(|runner| runner.sheet == index)
        {
            let _ = writeln!(
                out,
                "    Row {} was weighed as headings and not taken: {} resolved",
                u64::from(runner.row) + 1,
                plural(runner.resolved, "heading", "headings")
            );
        }
        for (_, range, _) in source
            .layout
            .unread
            .iter()
            .filter(|(sheet, _, _)| *sheet == index)
        {
            let _ = writeln!(
                out,
                "    Not read: {range} looks like a table, but not one that is known"
            );
        }
    }
}

/// The catalogue.
pub(crate) fn rules() -> String {
    let mut out = String::new();
    for rule in CATALOGUE {
        let _ = writeln!(
            out,
            "{}  {:<24} {:<12} {}",
            rule.code,
            rule.name,
            rule.severity.word(),
            rule.summary
        );
    }
    out
}

/// One rule.
pub(crate) fn explain(rule: &Rule) -> String {
    format!(
        "{} {} ({}; keeps out: {})\n\nWhat it finds\n  {}\n\nWhy it matters\n  {}\n\nExample\n  {}\n\nWhat to do\n  {}\n",
        rule.code,
        rule.name,
        rule.severity.word(),
        rule.hold.word(),
        rule.summary,
        rule.why,
        rule.example,
        rule.fix
    )
}

/// The configuration in force.
pub(crate) fn schema(schema: &Schema) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} ({})\nYear {}: {} to {}",
        schema.partnership.name, schema.name, schema.year.label, schema.year.start, schema.year.end
    );
    let _ = writeln!(out, "\nPriorities");
    for priority in &schema.priorities {
        let _ = writeln!(
            out,
            "  {} {:<5} {}",
            priority.code, priority.prefix, priority.name
        );
    }
    let _ = writeln!(out, "\nAgencies");
    for agency in &schema.agencies {
        let vat = if agency.recovers_vat {
            ", recovers VAT"
        } else {
            ""
        };
        let _ = writeln!(out, "  {:<6} {}{vat}", agency.code, agency.name);
    }
    let _ = writeln!(out, "\nStatuses, best to worst");
    for status in &schema.statuses {
        let _ = writeln!(out, "  {:<12} {}", status.value, status.label);
    }
    for table in &schema.tables {
        let _ = writeln!(out, "\nTable {}", table.title);
        for field in table.fields.iter().filter(|field| !field.is_restated) {
            let required = if field.constraint.required {
                " (required)"
            } else {
                ""
            };
            let _ = writeln!(out, "  {:<18} {}{required}", field.name, field.title);
        }
    }
    out
}
