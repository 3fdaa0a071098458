//! A partnership of another kind, by its configuration alone: `tests/schemas/northbridge/`, two quarters, the second on the first's workbook.

use std::fs;
use std::path::{Path, PathBuf};

use csp_bridge::export;
use csp_bridge::pipeline::Outcome;
use csp_bridge::render::{self, Context};
use csp_bridge::schema::Schema;
use csp_bridge::{rules, write};

use crate::case::{self, File};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/northbridge")
}

fn schema() -> Schema {
    let mut files: Vec<(String, String)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    Schema::parse("northbridge", &files, &rules::codes())
        .unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[test]
fn two_quarters_of_another_kind_of_partnership_come_to_what_they_should() {
    let schema = schema();
    let text = fs::read_to_string(folder().join("quarters.md")).unwrap();
    let mut before: Option<Vec<u8>> = None;
    let mut wrong = Vec::new();
    for mut quarter in case::parse(&text) {
        if let Some(bytes) = before.take() {
            let book = csp_bridge::read::workbook(&bytes).unwrap();
            quarter
                .files
                .insert("plan.xlsx".to_owned(), File::Sheets(book.sheets));
        }
        let outcome = case::run(&quarter, &schema);
        assert!(
            outcome.ties_out(),
            "{}: {:?}",
            quarter.title,
            outcome.differences()
        );
        carries_its_own_columns(&outcome, &schema);
        let mut found: Vec<String> = outcome
            .findings
            .iter()
            .map(|finding| case::line(finding, &outcome))
            .collect();
        let mut listed: Vec<String> = quarter
            .findings
            .iter()
            .flatten()
            .map(|line| case::usual(line).to_owned())
            .collect();
        found.sort();
        listed.sort();
        if found != listed {
            wrong.push(format!(
                "{}: found {found:#?}, listed {listed:#?}",
                quarter.title
            ));
        }
        wrong.extend(
            case::unmet(&quarter, &outcome, &schema)
                .into_iter()
                .map(|unmet| format!("{}: {unmet}", quarter.title)),
        );
        before = Some(
            write::xlsx::write(&render::workbook(&Context::new(&outcome, &schema, &[]))).unwrap(),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tidy data has what the configuration declares, under its name and with its values.
fn carries_its_own_columns(outcome: &Outcome, schema: &Schema) {
    let files = export::package(outcome, schema).unwrap();
    let (_, bytes) = files.iter().find(|(name, _)| name == "spend.csv").unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let at = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "cost_code")
        .unwrap();
    let codes: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[at].to_owned())
        .filter(|code| !code.is_empty())
        .collect();
    assert!(codes.iter().any(|code| code.starts_with("CC")), "{codes:?}");
    let (_, about) = files
        .iter()
        .find(|(name, _)| name == export::DESCRIPTION)
        .unwrap();
    assert!(String::from_utf8_lossy(about).contains("cost_code"));
}
