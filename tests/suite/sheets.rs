//! Sheets of the output, in `tests/sheets/`: what some of their columns say for a case that people can read.

use std::fs;
use std::path::Path;

use csp_bridge::pipeline::Outcome;
use csp_bridge::render::{self, Cell, Content, Context, Target, Value};
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
            let unmet = case::unmet(&case, &outcome, &schema);
            wrong.extend(unmet.iter().map(|unmet| format!("{}: {unmet}", case.title)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Some columns of a sheet, a row a line.
pub(crate) fn rows(
    outcome: &Outcome,
    schema: &Schema,
    sheet: &str,
    columns: &[String],
) -> Vec<String> {
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
    let at: Vec<(usize, bool)> = columns
        .iter()
        .map(|name| {
            let target = name.strip_suffix(" →");
            let name = target.unwrap_or(name);
            let index = table
                .columns
                .iter()
                .position(|column| column.heading == name)
                .unwrap_or_else(|| panic!("{sheet} has no column {name}"));
            (index, target.is_some())
        })
        .collect();
    table
        .rows
        .iter()
        .map(|row| {
            let cells = at.iter().map(|(index, is_target)| {
                if *is_target {
                    target(&row[*index].value)
                } else {
                    text(&row[*index])
                }
            });
            cells.collect::<Vec<_>>().join(" | ")
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
        Value::Percent(percent) => format!("{percent}%"),
        Value::Date(day) => day.to_string(),
        Value::Formula { result, .. } => result.to_string(),
        Value::Link { text, .. } => text.clone(),
    }
}

/// Where a cell leads.
fn target(value: &Value) -> String {
    match value {
        Value::Linked { target, .. } | Value::Link { target, .. } => match target {
            Target::Here(place) => place.clone(),
            Target::File { path, place } => {
                format!("{path} {}", place.as_deref().unwrap_or_default())
            }
        },
        _ => "·".to_owned(),
    }
}
