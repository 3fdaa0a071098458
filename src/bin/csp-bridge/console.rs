//! What an officer reads on the terminal.

use std::fmt::{self, Write as _};
use std::path::Path;

use csp_bridge::change::{Kind, TableChanges, marked};
use csp_bridge::decision::Standing;
use csp_bridge::feedback::{Feedback, State};
use csp_bridge::finding::{Finding, Severity};
use csp_bridge::layout::{self, Accounts, Fate, RowKind};
use csp_bridge::pipeline::Outcome;
use csp_bridge::record::Whole;
use csp_bridge::render::templates::Template;
use csp_bridge::rules::{CATALOGUE, Decides, Partner, Rule};
use csp_bridge::schema::{Role, Schema};
use csp_bridge::settlement;
use csp_bridge::source::{self, ReceiptState, Source, SourceState, period_speakers};
use csp_bridge::value::date;
use csp_bridge::value::text::{counted as plural, one_line};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::files::Step;

/// Fewer files and bytes than these are read before anybody wonders.
const FILES_SHOWN: usize = 20;
const BYTES_SHOWN: u64 = 4 << 20;

/// A bar on a terminal, when the work takes long enough to be wondered about.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(files: usize, bytes: u64, quiet: bool) -> Self {
        let target = if quiet || files < FILES_SHOWN && bytes < BYTES_SHOWN {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(files as u64), target);
        let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = write!(out, "{:.0} a second", state.per_sec());
        };
        let style =
            ProgressStyle::with_template("Reading {pos} of {len} files ({rate}) {wide_bar} {msg}");
        let style = style.map(|style| style.with_key("rate", rate));
        Self(style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style)))
    }

    /// Says which file is read now, or that one more is done.
    pub(crate) fn step(&self, path: &Path, step: Step) {
        match step {
            Step::Begun => self.0.set_message(
                path.file_name()
                    .map(|name| one_line(&name.to_string_lossy()))
                    .unwrap_or_default(),
            ),
            Step::Done => self.0.inc(1),
        }
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// After a merge: what was merged, what is held and why, who is missing, whether it ties out.
pub(crate) fn merge(outcome: &Outcome, schema: &Schema, output: &Path) -> String {
    let mut out = String::new();
    alarm(&mut out, outcome);
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
    if returns().next().is_some() {
        receipts(&mut out, outcome, schema);
    }
    findings(&mut out, outcome, |finding| finding.code.0 != "S009");
    decisions(&mut out, outcome);
    tie_out(&mut out, outcome);
    let _ = writeln!(out, "\nWritten: {}", output.display());
    out
}

/// Who has sent what, and why a return is out.
fn receipts(out: &mut String, outcome: &Outcome, schema: &Schema) {
    let options = outcome.options;
    let due = options
        .quarter
        .and_then(|quarter| schema.year.deadline(quarter))
        .map(|day| format!("due by {}, ", date::long(day)))
        .unwrap_or_default();
    let _ = writeln!(out, "\nReturns, {due}as of {}:", date::long(options.as_of));
    let mut listed = source::receipts(&outcome.sources, schema, options.quarter, options.as_of);
    listed.sort_by_key(|receipt| receipt.state);
    for alike in listed.chunk_by(|a, b| a.state == b.state) {
        let Some(state) = alike.first().map(|receipt| receipt.state) else {
            continue;
        };
        match state {
            ReceiptState::Superseded | ReceiptState::Held | ReceiptState::Unreadable => {
                let _ = writeln!(out, "  {}:", state.label());
                for source in alike.iter().filter_map(|receipt| receipt.source) {
                    let why = outcome
                        .why_out(source)
                        .map_or("", |finding| finding.message.as_str());
                    let _ = writeln!(out, "    {}: {}", one_line(&source.path), one_line(why));
                }
            }
            ReceiptState::Received
            | ReceiptState::Late
            | ReceiptState::Earlier
            | ReceiptState::Undated
            | ReceiptState::Missing
            | ReceiptState::NotDue
            | ReceiptState::NothingSent => {
                let mut names: Vec<&str> = alike
                    .iter()
                    .map(|receipt| {
                        receipt
                            .agency
                            .map_or("partner not known", |agency| schema.agency_name(agency))
                    })
                    .collect();
                names.dedup();
                let _ = writeln!(out, "  {}: {}.", state.label(), names.join(", "));
            }
        }
    }
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
        plural(
            count(Severity::Information),
            "point for information",
            "points for information"
        )
    );
    let mut path = None;
    let noted = outcome.noted();
    if noted > 0 {
        let _ = writeln!(
            out,
            "{} not listed: a decision notes why.",
            plural(noted, "finding is", "findings are")
        );
    }
    let mut shown: Vec<&Finding> = outcome
        .findings
        .iter()
        .filter(|f| wanted(f) && !f.is_noted())
        .collect();
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
            let _ = writeln!(out, "\n{}", one_line(path.map_or("", String::as_str)));
        }
        let place = match (finding.place.sheet_name(), finding.place.a1()) {
            (Some(sheet), Some(cell)) => format!("{sheet}!{cell}"),
            (Some(sheet), None) => sheet.to_owned(),
            (None, Some(cell)) => cell,
            (None, None) => "whole file".to_owned(),
        };
        let _ = writeln!(
            out,
            "  {:<11} {} {}: {}",
            finding.severity.word(),
            finding.code,
            one_line(&place),
            one_line(&finding.message)
        );
        match &finding.accepted {
            None => {
                let _ = writeln!(out, "  {:<11} {}", "", one_line(&finding.fix));
            }
            Some(accepted) => {
                let _ = writeln!(out, "  {:<11} {}", "", one_line(&accepted.spoken()));
            }
        }
    }
    if total > shown.len() {
        let _ = writeln!(
            out,
            "\n{} more are on the Findings sheet and in the reports.",
            total - shown.len()
        );
    }
}

/// What became of the decisions taken before: each state is counted, and those that did nothing are named, with why.
pub(crate) fn decisions(out: &mut String, outcome: &Outcome) {
    let all = outcome.decisions.all();
    if all.is_empty() {
        return;
    }
    let states = &outcome.settled.states;
    let count = |wanted: Standing| states.iter().filter(|s| s.standing == wanted).count();
    let others: Vec<String> = Standing::ALL
        .into_iter()
        .skip(1)
        .filter(|standing| count(*standing) > 0)
        .map(|standing| format!(", {} {}", count(standing), standing.label().to_lowercase()))
        .collect();
    let _ = writeln!(
        out,
        "\n{} in force{}.",
        plural(count(Standing::InForce), "decision", "decisions"),
        others.concat()
    );
    for (decision, state) in all.iter().zip(states) {
        if matches!(
            state.standing,
            Standing::InForce | Standing::Noted | Standing::Rejected
        ) {
            continue;
        }
        let written = &decision.written;
        let what = [
            &written.subject,
            &written.typed,
            &written.question,
            &written.finding,
        ]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", String::as_str);
        let _ = writeln!(
            out,
            "  {} (row {}{}{}): {}",
            state.standing.label(),
            written.row,
            if what.is_empty() { "" } else { ", " },
            one_line(what),
            state.why
        );
    }
}

fn tie_out(out: &mut String, outcome: &Outcome) {
    if outcome.ties_out() {
        let _ = writeln!(out, "\n{}", outcome.tie_out());
    }
}

/// Where a run does not tie out, that comes before anything else.
pub(crate) fn alarm(out: &mut String, outcome: &Outcome) {
    if outcome.ties_out() {
        return;
    }
    let _ = writeln!(out, "{}\n", one_line(&outcome.tie_out()));
}

/// Whether what is said begins with that.
pub(crate) fn is_alarm(said: &str) -> bool {
    said.starts_with("IT DOES NOT TIE OUT")
}

/// After a check.
pub(crate) fn check(outcome: &Outcome, schema: &Schema) -> String {
    let mut out = String::new();
    alarm(&mut out, outcome);
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
        let _ = writeln!(
            out,
            "{}: {}{who}: {what}.",
            one_line(&source.path),
            source.role.word()
        );
    }
    findings(&mut out, outcome, |_| true);
    decisions(&mut out, outcome);
    out
}

/// What changed between two files.
pub(crate) fn changes(
    old: &Source,
    new: &Source,
    changes: &[TableChanges],
    output: Option<&Path>,
) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "From {} to {}", old.path, new.path);
    for table in changes {
        let count = |kind: Kind| table.changes.iter().filter(|c| c.kind == kind).count();
        if table.changes.is_empty() {
            let _ = writeln!(
                out,
                "\n{}: the same ({}).",
                table.title,
                plural(table.rows.1, "row", "rows")
            );
            continue;
        }
        let _ = writeln!(
            out,
            "\n{}: {} changed, {} added, {} removed; {} before, {} now.",
            table.title,
            count(Kind::Changed),
            count(Kind::Added),
            count(Kind::Removed),
            plural(table.rows.0, "row", "rows"),
            table.rows.1
        );
        for change in &table.changes {
            let _ = writeln!(
                out,
                "  {}  {} ({})  {}",
                change.reference,
                change.kind.word().to_lowercase(),
                change.at,
                one_line(&change.about)
            );
            for cell in &change.cells {
                let what = if cell.is_text {
                    one_line(&marked(&cell.old, &cell.new))
                } else {
                    let shown = |text: &str| {
                        if text.is_empty() {
                            "nothing".to_owned()
                        } else {
                            one_line(text)
                        }
                    };
                    format!("{} → {}", shown(&cell.old), shown(&cell.new))
                };
                let _ = writeln!(out, "    {}: {what}", cell.title);
            }
        }
    }
    if let Some(output) = output {
        let _ = writeln!(out, "\nWritten: {}", output.display());
    }
    out
}

/// After writing templates: one line a partner, and what of the plan no partner is asked about.
pub(crate) fn templates(
    outcome: &Outcome,
    schema: &Schema,
    made: &[Template],
    folder: &Path,
) -> String {
    let mut out = String::new();
    for template in made {
        let _ = writeln!(
            out,
            "{}: {}, {}: {}",
            schema.agency_name(template.agency),
            plural(template.actions, "action", "actions"),
            plural(template.lines, "funding line", "funding lines"),
            folder.join(&template.file_name).display()
        );
    }
    let unasked: Vec<&str> = outcome
        .consolidation
        .actions
        .iter()
        .filter(|action| action.lead.is_none())
        .map(|action| action.reference.text.as_ref())
        .collect();
    if !unasked.is_empty() {
        let _ = writeln!(
            out,
            "\nNo lead agency can be told for {}, so nobody is asked to lead on it.",
            unasked.join(", ")
        );
    }
    let held: usize = outcome
        .sources
        .iter()
        .map(|source| source.tally().held)
        .sum();
    if held > 0 {
        let _ = writeln!(
            out,
            "\n{} of the plan cannot be trusted and nobody is asked about: run `csp-bridge check` on the plan first.",
            plural(held, "row", "rows")
        );
    }
    let _ = writeln!(
        out,
        "\n{} written to {}.",
        plural(made.len(), "return workbook", "return workbooks"),
        folder.display()
    );
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

/// Which table a row's headings come nearest to, and which of its required headings are missing.
pub(crate) fn why_no_table(source: &Source, sheet: usize, row: u32, schema: &Schema) -> String {
    let Some(sheet) = source.workbook().and_then(|book| book.sheets.get(sheet)) else {
        return String::new();
    };
    let year = schema.year.start.year();
    let texts: Vec<&str> = sheet
        .row(row)
        .iter()
        .filter_map(|cell| cell.value.as_text())
        .collect();
    let known = |table: &csp_bridge::schema::Table| -> Vec<usize> {
        let mut out: Vec<usize> = texts
            .iter()
            .filter_map(|text| table.match_heading(text, year, None))
            .map(|(field, _)| field)
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    };
    let role = match source.role {
        Role::Previous => Role::Plan,
        role => role,
    };
    let nearest = schema
        .tables
        .iter()
        .filter(|table| table.found_in.contains(&role))
        .map(|table| (known(table), table))
        .max_by_key(|(known, _)| known.len());
    let Some((known, table)) = nearest.filter(|(known, _)| !known.is_empty()) else {
        return ": none of its headings is one of this configuration’s".to_owned();
    };
    let missing: Vec<&str> = table
        .fields
        .iter()
        .enumerate()
        .filter(|(at, field)| field.constraint.required && !known.contains(at))
        .map(|(_, field)| field.title.as_str())
        .collect();
    let missing = if missing.is_empty() {
        "two known headings are needed at least".to_owned()
    } else {
        format!("without {}", missing.join(", "))
    };
    format!("; nearest to {}, {missing}", table.title)
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
    file_facts(out, workbook);
    inspect_statement(out, source, schema);
    let accounts = source.accounts();
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let state = match sheet.visibility {
            csp_bridge::grid::Visibility::Visible
                if layout::is_ignored_sheet(schema, sheet.name.as_deref().unwrap_or_default()) =>
            {
                ", by its name looked at for labels only"
            }
            csp_bridge::grid::Visibility::Visible => "",
            csp_bridge::grid::Visibility::Hidden => ", hidden: not read",
            csp_bridge::grid::Visibility::VeryHidden => ", very hidden: not read",
        };
        let _ = writeln!(
            out,
            "\n  Sheet {}: {}{state}",
            sheet.name.as_deref().unwrap_or("(text)"),
            plural(sheet.filled(), "filled cell", "filled cells")
        );
        if let Some(accounts) = accounts.get(index) {
            accounted(out, accounts);
        }
        surroundings(out, sheet);
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
            for twice in &table.layout.duplicates {
                let _ = writeln!(
                    out,
                    "      {} “{}” and {} “{}” both claim {}: neither is used",
                    twice.first.at,
                    one_line(&twice.first.text),
                    twice.later.at,
                    one_line(&twice.later.text),
                    found
                        .fields
                        .get(twice.field)
                        .map_or("", |f| f.title.as_str())
                );
            }
            for heading in &table.layout.computed {
                let _ = writeln!(
                    out,
                    "      {} “{}” is worked out by this program: passed over",
                    heading.at,
                    one_line(&heading.text)
                );
            }
            for missing in &table.layout.missing {
                let near = missing
                    .near
                    .as_ref()
                    .map(|near| format!("; {} “{}” may be meant", near.at, one_line(&near.text)))
                    .unwrap_or_default();
                let _ = writeln!(
                    out,
                    "      no column for {}, which is needed{near}",
                    found
                        .fields
                        .get(missing.field)
                        .map_or("", |f| f.title.as_str())
                );
            }
            if let Some(priority) = table.layout.priority.and_then(|p| schema.priorities.get(p)) {
                let _ = writeln!(
                    out,
                    "      priority by the sheet's name or title: {}",
                    priority.name
                );
            }
            let tally = table.tally(Whole::Used);
            let _ = writeln!(
                out,
                "      {} read: {}, {} passed over",
                plural(tally.read, "row", "rows"),
                plural(tally.accepted + tally.held, "record", "records"),
                tally.skipped
            );
            for (kind, why) in [
                (Passed::Total, "printed total"),
                (Passed::Banner, "priority's banner"),
                (Passed::Headings, "headings again"),
                (Passed::SubHeading, "sub-heading"),
                (Passed::Note, "note"),
                (Passed::Unfilled, "line of the form that nobody filled in"),
                (
                    Passed::NothingDue,
                    "row of the form in which nothing was due",
                ),
            ] {
                let rows: Vec<u32> = table
                    .layout
                    .rows
                    .iter()
                    .filter(|row| Passed::of(row.kind) == Some(kind))
                    .map(|row| row.row + 1)
                    .collect();
                if !rows.is_empty() {
                    let _ = writeln!(out, "      passed over as {why}: {}", row_list(&rows));
                }
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
                "    Row {} was weighed as headings too and not taken: {} known{}",
                u64::from(runner.row) + 1,
                plural(runner.resolved, "heading", "headings"),
                why_no_table(source, index, runner.row, schema)
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
                "    Not read: {range} looks like a table, but not one that is known{}",
                why_no_table(source, index, range.first.row, schema)
            );
        }
        for (_, at) in source
            .layout
            .strays
            .iter()
            .filter(|(sheet, _)| *sheet == index)
        {
            let _ = writeln!(out, "    Not read: the figure in {at} stands by itself");
        }
    }
}

/// What became of a sheet's filled cells, and what each outside the tables was taken for.
fn accounted(out: &mut String, accounts: &Accounts) {
    let parts: Vec<String> = [
        (accounts.rows, "in rows"),
        (accounts.headings, "in headings"),
        (accounts.totals, "in totals"),
        (accounts.labels, "labels and their values"),
        (accounts.text, "words"),
        (accounts.named, "named below or by findings"),
        (accounts.ignored, "passed over"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    if !parts.is_empty() {
        let _ = writeln!(out, "    Of these {}", parts.join(", "));
    }
    for (fate, what) in [
        (Fate::Label, "labels and their values"),
        (Fate::Text, "words"),
        (Fate::Named, "outside, and named by a finding"),
    ] {
        let runs: Vec<String> = accounts
            .outside
            .iter()
            .filter(|(_, of)| *of == fate)
            .map(|(run, _)| run.to_string())
            .collect();
        if runs.is_empty() {
            continue;
        }
        let more = runs.len().saturating_sub(RUNS_MAX);
        let shown = runs.get(..RUNS_MAX.min(runs.len())).unwrap_or_default();
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let _ = writeln!(out, "      {what}: {}{rest}", shown.join(", "));
    }
}

/// More runs of cells than this are not listed.
const RUNS_MAX: usize = 40;

/// What the file carries beside its cells.
fn file_facts(out: &mut String, workbook: &csp_bridge::grid::Workbook) {
    let facts = &workbook.facts;
    let mut carried = Vec::new();
    if facts.has_macros {
        carried.push("macros, which are never run".to_owned());
    }
    if facts.external_links > 0 {
        carried.push(plural(
            facts.external_links,
            "link to another workbook",
            "links to other workbooks",
        ));
    }
    if facts.pivot_caches > 0 {
        carried.push(plural(
            facts.pivot_caches,
            "pivot table's copy of its source rows",
            "pivot tables' copies of their source rows",
        ));
    }
    if !carried.is_empty() {
        let _ = writeln!(out, "  It carries {}.", carried.join(", "));
    }
    if !facts.list_sheets.is_empty() {
        let names: Vec<&str> = facts.list_sheets.iter().map(AsRef::as_ref).collect();
        let _ = writeln!(
            out,
            "  Hidden sheets that only feed dropdowns or names: {}.",
            names.join(", ")
        );
    }
    if let Some(encoding) = &facts.guessed_encoding {
        let _ = writeln!(out, "  Its characters had to be guessed: {encoding}.");
    }
}

/// What is hidden, noted and merged on a sheet.
fn surroundings(out: &mut String, sheet: &csp_bridge::grid::Worksheet) {
    use csp_bridge::grid::{CellAddress, Span};
    let spans = |spans: &[Span], name: &dyn Fn(u32) -> String| {
        spans
            .iter()
            .map(|span| match (name(span.first), name(span.last)) {
                (first, last) if first == last => first,
                (first, last) => format!("{first} to {last}"),
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !sheet.hidden_rows.is_empty() {
        let rows = spans(&sheet.hidden_rows, &|row| (u64::from(row) + 1).to_string());
        let _ = writeln!(out, "    hidden rows, read all the same: {rows}");
    }
    if !sheet.hidden_columns.is_empty() {
        let columns = spans(&sheet.hidden_columns, &|column| {
            CellAddress::column_letters(u16::try_from(column).unwrap_or(u16::MAX))
        });
        let _ = writeln!(out, "    hidden columns, read all the same: {columns}");
    }
    if !sheet.merged.is_empty() {
        let _ = writeln!(
            out,
            "    {}",
            plural(sheet.merged.len(), "merged region", "merged regions")
        );
    }
    for (at, text) in &sheet.notes {
        let _ = writeln!(out, "    note on {at}: {}", text.replace('\n', " / "));
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
    let about = settlement::about_rule(rule);
    let kind = format!(
        "{} (about = \"{}\"; on the sheet “{}”).",
        match rule.decides {
            Decides::Accept => "accept",
            Decides::Answer(_) => "answer",
            Decides::Note => "note",
            Decides::Publish => "accept, or answer with other words",
            Decides::None => "none",
        },
        about.word(),
        about.label()
    );
    format!(
        "{} {} ({}; keeps out: {})\n\nWhat it finds\n  {}\n\nWhy it matters\n  {}\n\nExample\n  {}\n\nWhat to do\n  {}\n\nWhat the partner is told\n{}\nWhat a decision does\n  {kind} {}\n",
        rule.code,
        rule.name,
        rule.severity.word(),
        rule.hold.word(),
        rule.summary,
        rule.why,
        rule.example,
        rule.fix,
        told(rule),
        settlement::does(rule)
    )
}

/// The partner's words for a rule, each case on lines of its own.
fn told(rule: &Rule) -> String {
    let cases = match rule.partner {
        Partner::OfficerOnly => return "  Nothing: it is for the officer.\n".to_owned(),
        Partner::AsReported => return "  What the report says.\n".to_owned(),
        Partner::Worded(cases) => cases,
    };
    let mut out = String::new();
    for words in cases {
        let or = |text: &'static str, other| if text.is_empty() { other } else { text };
        if !words.case.is_empty() {
            let _ = writeln!(out, "  ({})", words.case);
        }
        let _ = writeln!(
            out,
            "  {}\n  {}",
            or(words.message, "What the report says was found."),
            or(words.fix, "What the report says is to be done.")
        );
    }
    out
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

/// Why a row is no record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passed {
    Total,
    Banner,
    Headings,
    SubHeading,
    Note,
    Unfilled,
    NothingDue,
}

impl Passed {
    fn of(kind: RowKind) -> Option<Self> {
        Some(match kind {
            RowKind::Data(_) => return None,
            RowKind::Total => Self::Total,
            RowKind::Banner(_) => Self::Banner,
            RowKind::RepeatedHeader => Self::Headings,
            RowKind::SubHeading => Self::SubHeading,
            RowKind::Note => Self::Note,
            RowKind::Unfilled => Self::Unfilled,
            RowKind::PassedOver => Self::NothingDue,
        })
    }
}

/// `row 4`, `rows 4, 9 to 12`.
fn row_list(rows: &[u32]) -> String {
    let runs: Vec<String> = rows
        .chunk_by(|a, b| a + 1 == *b)
        .filter_map(|run| match run {
            [] => None,
            [one] => Some(one.to_string()),
            [first, .., last] => Some(format!("{first} to {last}")),
        })
        .collect();
    let word = if rows.len() == 1 { "row" } else { "rows" };
    format!("{word} {}", runs.join(", "))
}

/// Who and when a file says it is for, on what evidence, and where its speakers disagree.
fn inspect_statement(out: &mut String, source: &Source, schema: &Schema) {
    let said = &source.statement;
    let name = |agency: usize| schema.agency_name(agency).to_owned();
    let who = said.agency.map_or("not known".to_owned(), name);
    let ground = match (&said.partner_label, said.agency) {
        (Some(label), _) => format!(", by the label cell {} “{}”", label.at, label.text()),
        (None, Some(agency)) if Some(agency) == said.file_agency => {
            ", by a sheet's name or the file's".to_owned()
        }
        (None, Some(_)) => ", by a sheet's name".to_owned(),
        (None, None) => String::new(),
    };
    let _ = writeln!(out, "  Partner: {who}{ground}");
    if let (Some(agency), Some(file)) = (said.agency, said.file_agency)
        && agency != file
    {
        let _ = writeln!(out, "    the file's name says {}", name(file));
    }
    let speakers = period_speakers(source);
    for (speaker, period) in &speakers {
        let quarter = period.quarter.map(|q| format!(" Q{q}")).unwrap_or_default();
        let year = period
            .year
            .map(|year| format!(" {year}-{:02}", (year + 1) % 100))
            .unwrap_or_default();
        let _ = writeln!(out, "  Period by {speaker}:{quarter}{year}");
    }
    let differ = speakers.iter().any(|(_, period)| {
        period.quarter.is_some_and(|q| Some(q) != said.quarter)
            || period.year.is_some_and(|year| Some(year) != said.year)
    });
    if differ {
        let quarter = said.quarter.map(|q| format!(" Q{q}")).unwrap_or_default();
        let year = said
            .year
            .map(|year| format!(" {year}-{:02}", (year + 1) % 100))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "  These disagree; the first that speaks counts:{quarter}{year}"
        );
    }
}

/// What partners get back, for the officer who sends it.
pub(crate) fn feedback(told: &Feedback, outcome: &Outcome, schema: &Schema, dir: &Path) -> String {
    let of = |state: State| {
        let folders = told.folders.iter();
        folders.filter(|folder| folder.state == state).count()
    };
    let mut out = format!(
        "Feedback: {}: {} to correct, {} with nothing to do, {} without a return. Corrections are asked for by {}.\n",
        dir.display(),
        of(State::ToCorrect),
        of(State::NothingToDo),
        of(State::NoReturn),
        date::long(told.reply_by)
    );
    let unknown = told.unknown.len();
    if unknown > 0 {
        let _ = writeln!(
            out,
            "  {} whose sender is not known: see not-known.",
            plural(unknown, "return", "returns")
        );
    }
    for folder in &told.folders {
        if folder.needs_secure_route(outcome) {
            let _ = writeln!(
                out,
                "  {}: {}.",
                folder.name,
                csp_bridge::feedback::secure_route(schema)
            );
        }
    }
    out
}
