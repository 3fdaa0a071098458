//! Sheets of the output, in `tests/sheets/`: what some of their columns say for a case that people can read.

use std::fs;
use std::path::Path;

use csp_bridge::pipeline::Outcome;
use csp_bridge::render::{self, Cell, Content, Context, Value};
use csp_bridge::schema::Schema;

use crate::case;

#[test]
fn sheets_say_what_their_cases_list() {
    let schema = case::schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sheets");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in files {
        for case in case::parse(&fs::read_to_string(&file).unwrap()) {
            let outcome = case::run(&case, &schema);
            assert!(outcome.ties_out(), "{} does not tie out", case.title);
            for expected in &case.sheets {
                let said = rows(&outcome, &schema, &expected.sheet, &expected.columns);
                if said != expected.rows {
                    wrong.push(format!(
                        "{}, {}:\n  says\n    {}\n  should say\n    {}",
                        case.title,
                        expected.sheet,
                        said.join("\n    "),
                        expected.rows.join("\n    ")
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Some columns of a sheet, a row a line.
fn rows(outcome: &Outcome, schema: &Schema, sheet: &str, columns: &[String]) -> Vec<String> {
    let context = Context::new(outcome, schema, &[]);
    let plan = render::workbook(&context);
    let content = &plan
        .sheets
        .iter()
        .find(|found| found.name == sheet)
        .unwrap()
        .content;
    let Content::Table(table) = content else {
        panic!("{sheet} is no table")
    };
    let at: Vec<usize> = columns
        .iter()
        .map(|name| {
            table
                .columns
                .iter()
                .position(|column| column.heading == *name)
                .unwrap_or_else(|| panic!("{sheet} has no column {name}"))
        })
        .collect();
    table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = at.iter().map(|index| text(&row[*index])).collect();
            cells.join(" | ")
        })
        .collect()
}

fn text(cell: &Cell) -> String {
    shown(&cell.value)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Linked { value, .. } => shown(value),
        Value::Blank => "·".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Number(figure) | Value::Money(figure) => figure.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Formula { result, .. } => result.to_string(),
        Value::Link { text, .. } => text.clone(),
    }
}
