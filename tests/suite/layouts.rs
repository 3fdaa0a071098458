//! Layouts as people make them, in `tests/layouts/`: what is seen of each file, and that nothing is found in it.
//!
//! A line of a case's block `layout` is a return's file with its agency and quarter, or one of its tables:
//! `Updates: updates in A5:E5, rows 6 8; 7 banner; 9 total`. The plan's tables are told only where the case has a plan of its own.

use std::fs;
use std::path::Path;

use csp_bridge::layout::RowKind;
use csp_bridge::pipeline::Outcome;
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::Source;

use crate::case;

#[test]
fn every_layout_reads_as_its_case_says() {
    let schema = case::schema();
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut files: Vec<_> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for case in case::parse(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            let outcome = case::run(&case, &schema);
            let has_plan = case.files.keys().any(|name| name.starts_with("plan"));
            let said = describe(&outcome, &schema, has_plan);
            let wanted = case.layout.clone().unwrap_or_default();
            let found: Vec<String> = outcome
                .findings
                .iter()
                .filter(|finding| finding.code.to_string() != "S009")
                .map(|finding| case::line(finding, &outcome))
                .collect();
            let wanted_findings = case.findings.clone().unwrap_or_default();
            if said != wanted || found != wanted_findings {
                wrong.push(format!(
                    "{name}, {}:\n  said\n    {}\n  wanted\n    {}\n  findings\n    {}\n  wanted\n    {}",
                    case.title,
                    said.join("\n    "),
                    wanted.join("\n    "),
                    found.join("\n    "),
                    wanted_findings.join("\n    "),
                ));
            }
        }
    }
    assert!(seen > 0, "there are no layouts in tests/layouts");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn describe(outcome: &Outcome, schema: &Schema, has_plan: bool) -> Vec<String> {
    outcome
        .sources
        .iter()
        .filter(|source| source.role != Role::Plan || has_plan)
        .flat_map(|source| source_lines(source, schema))
        .collect()
}

fn source_lines(source: &Source, schema: &Schema) -> Vec<String> {
    let mut out = Vec::new();
    let said = &source.statement;
    let agency = said
        .agency
        .map_or("nobody", |agency| schema.agencies[agency].code.as_str());
    let quarter = said
        .quarter
        .map_or("no quarter".to_owned(), |q| format!("Q{q}"));
    let year = said
        .year
        .map_or("no year".to_owned(), |year| year.to_string());
    out.push(if source.role == Role::Plan {
        source.file_name().to_owned()
    } else {
        format!("{}: {agency} {quarter} {year}", source.file_name())
    });
    for table in &source.tables {
        let (_, sheet) = source.sheet(table.layout.sheet);
        let rows = |wanted: &dyn Fn(RowKind) -> bool| {
            table
                .layout
                .rows
                .iter()
                .filter(|row| wanted(row.kind))
                .map(|row| (row.row + 1).to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mut line = format!(
            "{}: {} in {}, rows {}",
            sheet.as_deref().unwrap_or("text"),
            schema.tables[table.layout.table].name,
            table.layout.header,
            rows(&|kind| matches!(kind, RowKind::Data(_)))
        );
        let mut add = |word: &str, rows: String| {
            if !rows.is_empty() {
                line = format!("{line}; {rows} {word}");
            }
        };
        add("banner", rows(&|kind| matches!(kind, RowKind::Banner(_))));
        add("total", rows(&|kind| kind == RowKind::Total));
        add(
            "headings again",
            rows(&|kind| kind == RowKind::RepeatedHeader),
        );
        add("unfilled", rows(&|kind| kind == RowKind::Unfilled));
        add("sub-heading", rows(&|kind| kind == RowKind::SubHeading));
        add("note", rows(&|kind| kind == RowKind::Note));
        out.push(line);
    }
    out
}
