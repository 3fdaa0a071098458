//! One return by several programs in every format: the same records and findings, less what a format cannot tell.

use std::fs;
use std::path::Path;

use csp_bridge::grid::{Format, Untold, Workbook};
use csp_bridge::pipeline::{self, Options};
use csp_bridge::read;
use csp_bridge::schema::{self, Role};
use csp_bridge::source::Input;
use jiff::civil::date;

/// Programs that left out of a file what its format could tell.
const LEFT_OUT: [(&str, Untold); 1] = [("return-xlwt.xls", Untold::Notes)];

/// What a file comes to: its records, and its findings by code and place.
fn read_as_return(name: &str, workbook: Workbook) -> (Vec<String>, Vec<(String, String)>) {
    let schema = schema::built_in(&csp_bridge::rules::codes()).unwrap();
    let input = Input {
        path: format!("returns/{name}"),
        sha256: String::new(),
        role: Some(Role::Return),
        is_from_folder: false,
        read: Ok(workbook),
    };
    let options = Options {
        quarter: "2022-23-Q2".parse().ok(),
        as_of: date(2022, 10, 20),
        is_merge: false,
    };
    let outcome = pipeline::run(&schema, vec![input], options);
    assert!(outcome.ties_out(), "{name}");
    let records = outcome.sources[0]
        .tables
        .iter()
        .flat_map(|table| &table.records)
        .map(|record| {
            let cells: Vec<String> = record
                .cells
                .iter()
                .map(|cell| format!("{:?}", cell.state))
                .collect();
            format!("row {}: {}", record.row + 1, cells.join(" | "))
        })
        .collect();
    let findings = outcome
        .findings
        .iter()
        .map(|finding| {
            let place = finding.place.range.map(|range| range.to_string());
            (finding.code.0.to_owned(), place.unwrap_or_default())
        })
        .collect();
    (records, findings)
}

#[test]
fn one_return_comes_to_the_same_in_every_format() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let open = |name: &str| read::workbook(&fs::read(folder.join(name)).unwrap()).unwrap();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("return-"))
        .collect();
    names.sort();
    assert!(names.len() >= 13, "{names:?}");
    let (records, findings) = read_as_return("return-openpyxl.xlsx", open("return-openpyxl.xlsx"));
    let codes: Vec<&str> = findings.iter().map(|(code, _)| code.as_str()).collect();
    // A hidden row, a note, a struck row, euros.
    for code in ["H105", "H108", "C220", "C202"] {
        assert!(codes.contains(&code), "{findings:?}");
    }
    for name in names {
        let book = open(&name);
        let format = book.format;
        let mut untold = book.facts.untold.clone();
        // A page tells what its program puts into it, and this one's puts in all.
        if format == Format::Html {
            untold.clear();
        }
        untold.extend(
            LEFT_OUT
                .iter()
                .filter(|(file, _)| *file == name)
                .map(|(_, what)| *what),
        );
        let is_told = |code: &str| {
            let needed = match code {
                "H105" => Untold::HiddenRows,
                "H108" => Untold::Notes,
                "C220" => Untold::Struck,
                // How letters are stored is asked of texts alone.
                "S010" => return false,
                _ => return true,
            };
            !untold.contains(&needed)
        };
        let (own_records, own_findings) = read_as_return(&name, book);
        assert_eq!(own_records, records, "{name}");
        let kept = |findings: &[(String, String)]| -> Vec<(String, String)> {
            findings
                .iter()
                .filter(|(code, _)| is_told(code))
                .cloned()
                .collect()
        };
        assert_eq!(kept(&own_findings), kept(&findings), "{name}");
    }
}
