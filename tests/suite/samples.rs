//! `samples/` does what it says: the clean returns raise nothing, the others exactly the faults that their list names, and the committed
//! outputs are what the program writes today.
//!
//! `cargo test --test suite samples -- --ignored` writes the committed outputs anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The job as the README runs it, from the project's folder.
fn merge(returns: &str, output: &Path, report: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .current_dir(root())
        .args([
            "merge",
            "samples/2022-23/action-plan.xlsx",
            returns,
            "--quarter",
            "2022-23-Q2",
            "--as-of",
            "2022-10-20",
            "--force",
            "-o",
        ])
        .arg(output)
        .arg("--report")
        .arg(report)
        .output()
        .unwrap()
}

fn outputs(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("consolidated.xlsx"), folder.join("report.json"))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn clean_returns_raise_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (workbook, report) = outputs(folder.path());
    let run = merge("samples/2022-23/returns-clean", &workbook, &report);
    let findings = read(&report)["findings"].as_array().unwrap().clone();
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(run.status.code(), Some(0));
}

#[test]
fn faulty_returns_raise_exactly_the_faults_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (workbook, report) = outputs(folder.path());
    let run = merge("samples/2022-23/returns", &workbook, &report);
    assert_eq!(run.status.code(), Some(1));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<[String; 4]> = read(&report)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            [
                text(f, "path").replace("samples/2022-23/", ""),
                text(f, "sheet"),
                text(f, "cell"),
                text(f, "code"),
            ]
        })
        .collect();
    let mut listed: Vec<[String; 4]> =
        csv::Reader::from_path(root().join("samples/2022-23/faults.csv"))
            .unwrap()
            .records()
            .map(|record| record.unwrap())
            .map(|record| [0, 1, 2, 3].map(|column| record[column].to_owned()))
            .collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}

#[test]
fn committed_outputs_are_what_the_program_writes() {
    let folder = tempfile::tempdir_in(root().join("samples/2022-23")).unwrap();
    let (workbook, report) = outputs(folder.path());
    merge("samples/2022-23/returns", &workbook, &report);
    let kept = outputs(&root().join("samples/2022-23"));
    let again = "; `cargo test --test suite samples -- --ignored` writes it anew";
    assert!(
        read(&report) == read(&kept.1),
        "samples/2022-23/report.json differs from what the program writes{again}"
    );
    // Links lead from the workbook's own folder, so the copy in another folder is compared by what its sheets say.
    let (new, old) = (
        crate::workbook::text_of(&workbook),
        crate::workbook::text_of(&kept.0),
    );
    for (new, old) in new.iter().zip(&old) {
        assert!(
            new == old,
            "samples/2022-23/consolidated.xlsx says “{old}”, and the program writes “{new}”{again}"
        );
    }
    assert_eq!(
        new.len(),
        old.len(),
        "samples/2022-23/consolidated.xlsx differs{again}"
    );
}

/// Not a test: the one command that writes the committed outputs anew.
#[test]
#[ignore = "writes samples/2022-23/consolidated.xlsx and report.json"]
fn regenerate() {
    let (workbook, report) = outputs(&root().join("samples/2022-23"));
    let _ = fs::remove_file(&workbook);
    let run = merge("samples/2022-23/returns", &workbook, &report);
    assert_eq!(
        run.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

/// What the public gets of the clean quarter, made by the command that `samples/README.md` gives.
fn publish(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .current_dir(root())
        .args([
            "publish",
            "samples/2022-23/action-plan.xlsx",
            "samples/2022-23/returns-clean",
            "--quarter",
            "2022-23-Q2",
            "--as-of",
            "2022-10-20",
            "--earlier",
            "none",
            "--force",
            "-o",
        ])
        .arg(folder)
        .output()
        .unwrap()
}

fn set(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect();
    out.sort();
    out
}

#[test]
fn the_committed_public_version_is_what_the_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("public");
    let run = publish(&made);
    assert_eq!(run.status.code(), Some(1), "one text awaits a decision");
    let (new, old) = (set(&made), set(&root().join("samples/2022-23/public/q2")));
    let names = |set: &[(String, Vec<u8>)]| -> Vec<String> {
        set.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&new), names(&old));
    for ((name, new), (_, old)) in new.iter().zip(&old) {
        assert!(
            new == old,
            "samples/2022-23/public/q2/{name} differs from what the program writes; `cargo test --test suite samples -- --ignored` writes it anew"
        );
    }
}

/// Not a test: the one command that writes the committed public version anew.
#[test]
#[ignore = "writes samples/2022-23/public/q2"]
fn regenerate_public() {
    let made = root().join("samples/2022-23/public/q2");
    let _ = fs::remove_dir_all(&made);
    publish(&made);
}
