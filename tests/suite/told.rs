//! What a text tells, over many texts: every one of `tests/publish/told.txt` is withheld, every one of `clean.txt` is shown word for word.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Lead officers of the plan in which the texts stand.
const LEADS: [&str; 6] = [
    "Priya Nair",
    "Tom O'Hare",
    "Okafor, Chidi",
    "Maria de Souza",
    "Supt Ann Wexcombe",
    "Jan Holloway MBE",
];

/// Texts with the heading that each stands under.
fn texts(name: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/publish")
        .join(name);
    let mut heading = String::new();
    let mut out = Vec::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        if let Some(own) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            own.clone_into(&mut heading);
        } else if !line.is_empty() && !line.starts_with('#') {
            out.push((heading.clone(), line.to_owned()));
        }
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Publishes a plan with each text as an update of a row of its own; says which are withheld, and what the table of actions holds.
fn published(all: &[&str], measure: &str, figures: [u8; 2]) -> (Vec<bool>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = "Ref,Action,Lead agency,Lead officer,Success measure,Unit,Basis,Q1 value,Q2 value,Q2 status,Q2 update\n".to_owned();
    let kind = if measure.starts_with("Victims") {
        "DA"
    } else {
        "SAC"
    };
    for ((index, text), lead) in all.iter().enumerate().zip(LEADS.iter().cycle()) {
        let [before, now] = figures;
        writeln!(
            plan,
            "{kind}-{index:03},Do the work,DAVSS,{},{measure},count,In quarter,{before},{now},On track,{}",
            quoted(lead),
            quoted(text)
        )
        .unwrap();
    }
    fs::write(folder.path().join("plan.csv"), plan).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .current_dir(folder.path())
        .args(["publish", "plan.csv", "--quarter", "2022-23-Q2", "--as-of"])
        .args(["2022-10-20", "--earlier", "none", "-o", "out"])
        .args(["--report", "report.json", "--force"])
        .output()
        .unwrap();
    assert!(run.status.code().is_some_and(|code| code < 2), "{run:?}");
    let report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let withheld: BTreeSet<&str> = report["publication"]["withheld"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["column"] == "Update")
        .filter_map(|one| one["ref"].as_str())
        .collect();
    let is_withheld = (0..all.len())
        .map(|index| withheld.contains(format!("{kind}-{index:03}").as_str()))
        .collect();
    let table = "out/sevenoaks-csp-action-plan-2022-23-q2-actions.csv";
    let table = fs::read_to_string(folder.path().join(table)).unwrap();
    (is_withheld, table)
}

#[test]
fn texts_that_tell_are_withheld() {
    let all = texts("told.txt");
    assert!(all.len() >= 200, "{}", all.len());
    let mut missed = Vec::new();
    for (measure, figures, headings) in [
        (
            "Days held",
            [30, 40],
            &["names", "signs", "topics", "restricted"][..],
        ),
        ("Victims helped", [30, 40], &["sensitive"]),
        ("Victims helped", [30, 3], &["hidden"]),
    ] {
        let own: Vec<&str> = all
            .iter()
            .filter(|(heading, _)| headings.contains(&heading.as_str()))
            .map(|(_, text)| text.as_str())
            .collect();
        assert!(!own.is_empty());
        let (withheld, _) = published(&own, measure, figures);
        let shown = own.iter().zip(withheld).filter(|(_, is)| !is);
        missed.extend(shown.map(|(text, _)| (*text).to_owned()));
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn clean_texts_are_shown_word_for_word() {
    let all = texts("clean.txt");
    assert!(all.len() >= 200, "{}", all.len());
    let own: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
    for measure in ["Victims helped", "Days held"] {
        let (withheld, table) = published(&own, measure, [30, 40]);
        let alarms: Vec<&&str> = own
            .iter()
            .zip(withheld)
            .filter(|(text, is)| *is || !table.contains(&text.replace('"', "\"\"")))
            .map(|(text, _)| text)
            .collect();
        assert!(alarms.is_empty(), "beside {measure}: {alarms:#?}");
    }
}
