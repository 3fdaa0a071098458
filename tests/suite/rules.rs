//! Every `tests/rules/*.md`: each case gives exactly the findings it lists.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use csp_bridge::grid::{Cell, CellAddress, CellValue, Worksheet};
use csp_bridge::layout::OUR_MARK;

use crate::case;

pub(crate) fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut out: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .filter(|(name, _)| name != "plan" && name != "README")
        .collect();
    out.sort();
    out
}

#[test]
fn cases_give_the_findings_they_list() {
    let schema = case::schema();
    let mut wrong = String::new();
    for (name, text) in files() {
        for case in case::parse(&text) {
            let expected = case
                .findings
                .clone()
                .unwrap_or_else(|| panic!("{name}: “{}” lists no findings", case.title));
            let outcome = case::run(&case, &schema);
            let is_about_missing = name.starts_with("S009");
            let found: Vec<String> = outcome
                .findings
                .iter()
                .filter(|f| is_about_missing || f.code.0 != "S009")
                .map(|finding| case::line(finding, &outcome))
                .collect();
            let usual = expected.iter().map(|line| case::usual(line).to_owned());
            let mut sorted = (usual.collect::<Vec<_>>(), found.clone());
            sorted.0.sort();
            sorted.1.sort();
            if sorted.0 != sorted.1 {
                let _ = writeln!(
                    wrong,
                    "\n{name}: {}\n  expected\n    {}\n  found\n    {}",
                    case.title,
                    expected.join("\n    "),
                    found.join("\n    ")
                );
                for finding in outcome
                    .findings
                    .iter()
                    .filter(|f| is_about_missing || f.code.0 != "S009")
                {
                    let _ = writeln!(wrong, "      {}", finding.message);
                }
            }
            for unmet in case::unmet(&case, &outcome, &schema) {
                let _ = writeln!(wrong, "\n{name}: {}\n    {unmet}", case.title);
            }
            assert!(
                outcome.ties_out(),
                "{name}: {} does not tie out",
                case.title
            );
            let ids: BTreeSet<&str> = outcome.findings.iter().map(|f| f.id.as_str()).collect();
            assert_eq!(
                ids.len(),
                outcome.findings.len(),
                "{name}: {} gives two findings one id",
                case.title
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A return is a return whatever it says: this program's mark on a Cover of its own changes no finding.
#[test]
fn our_mark_in_a_return_changes_nothing() {
    let schema = case::schema();
    for (name, text) in files() {
        let marked = case::parse(&text).into_iter().map(with_mark);
        for (plain, marked) in case::parse(&text).into_iter().zip(marked) {
            let found = |case: &case::Case| -> Vec<String> {
                let outcome = case::run(case, &schema);
                let all = outcome.findings.iter();
                all.map(|finding| case::line(finding, &outcome)).collect()
            };
            assert_eq!(found(&marked), found(&plain), "{name}: {}", plain.title);
        }
    }
}

/// Puts the mark on a sheet called Cover into every workbook that is sent as a return.
fn with_mark(mut case: case::Case) -> case::Case {
    let mark = |sheet: &str, row: u32| {
        let cell = Cell {
            address: CellAddress::new(row, 0),
            value: CellValue::Text(OUR_MARK.into()),
        };
        Worksheet::new(Some(sheet.into()), vec![cell])
    };
    for (name, file) in &mut case.files {
        let is_return = !["plan", "previous", "ledger"]
            .iter()
            .any(|role| name.starts_with(role));
        if let case::File::Sheets(sheets) = file
            && is_return
            && sheets.iter().all(|sheet| sheet.name.is_some())
        {
            sheets.push(mark("Cover", 3));
        }
    }
    case
}

/// A rule's file has a case that fires and a near miss that does not.
#[test]
fn every_rule_has_a_case_that_fires_and_a_near_miss() {
    for (name, text) in files() {
        let Some((code, _)) = name.split_once('-') else {
            panic!("{name} names no code")
        };
        let cases = case::parse(&text);
        let fires = |case: &case::Case| {
            case.findings
                .iter()
                .flatten()
                .any(|line| line.split(' ').nth(1) == Some(code))
        };
        assert!(cases.iter().any(fires), "{name} has no case that fires");
        assert!(
            cases.iter().any(|case| !fires(case)),
            "{name} has no near miss"
        );
    }
}
