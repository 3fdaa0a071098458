//! Runs and what they come to, in `tests/sums/`: what is held and what is not, edges, deadlines, signs and rounding.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::case;

#[test]
fn runs_come_to_what_their_cases_say() {
    let schema = case::schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sums");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = String::new();
    for file in files {
        for case in case::parse(&fs::read_to_string(&file).unwrap()) {
            let outcome = case::run(&case, &schema);
            assert!(outcome.ties_out(), "{} does not tie out", case.title);
            let ids: BTreeSet<&str> = outcome.findings.iter().map(|f| f.id.as_str()).collect();
            let title = &case.title;
            assert_eq!(ids.len(), outcome.findings.len(), "{title}: one id twice");
            let found = outcome.findings.iter();
            let mut found: Vec<String> = found.map(|f| case::line(f, &outcome)).collect();
            // Who sent nothing is told where a case asks for it.
            let listed = case.findings.iter().flatten();
            let mut listed: Vec<String> = listed.map(|l| case::usual(l).to_owned()).collect();
            if !listed.iter().any(|line| line.contains(" S009 ")) {
                found.retain(|line| !line.contains(" S009 "));
            }
            found.sort();
            listed.sort();
            if case.findings.is_some() && found != listed {
                let found = found.join("\n    ");
                let _ = writeln!(wrong, "\n{}: found\n    {found}", case.title);
            }
            for unmet in case::unmet(&case, &outcome, &schema) {
                let _ = writeln!(wrong, "\n{}: {unmet}", case.title);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
