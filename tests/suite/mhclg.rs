//! A public return of another programme, read by a schema of ours: `tests/schemas/mhclg/`, with no line of Rust for it.
//!
//! The two workbooks are not kept here. The test reads them from the folder that `CSP_BRIDGE_CORPUS` names, else from
//! `../shared/corpus`; without them it says so and passes.

use std::path::{Path, PathBuf};
use std::process::Command;

fn corpus(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CSP_BRIDGE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let file = folder.join(name);
    file.exists().then_some(file)
}

/// The findings on cells: code, sheet and cell.
fn findings(name: &str) -> Option<Vec<String>> {
    let file = corpus(name)?;
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let done = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .arg("check")
        .arg(file)
        .arg("--schema")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/mhclg"))
        .arg("--report")
        .arg(&report)
        .args(["--fail-on", "never", "--quiet"])
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let word = |finding: &serde_json::Value, key: &str| {
        finding[key].as_str().unwrap_or_default().to_owned()
    };
    Some(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| word(finding, "code").starts_with('C'))
            .map(|finding| {
                format!(
                    "{} {}!{}",
                    word(finding, "code"),
                    word(finding, "sheet"),
                    word(finding, "cell")
                )
            })
            .collect(),
    )
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "a test that does nothing should say so"
)]
fn the_planted_faults_of_a_public_return_are_found_by_a_schema_alone() {
    let sound = findings("funding-servic__PF_Round_1_Success.xlsx");
    let faulty = findings("funding-servic__PF_Round_1_General_Validation_Failures.xlsx");
    let (Some(sound), Some(faulty)) = (sound, faulty) else {
        println!("passed over: the public returns are not here (set CSP_BRIDGE_CORPUS)");
        return;
    };
    assert_eq!(sound, Vec::<String>::new());
    assert_eq!(
        faulty,
        [
            "C219 Admin!B24",
            "C219 Admin!B29",
            "C201 Progress!B6",
            "C202 Outputs!G20",
            "C212 Finances!J47",
            "C207 Risks!F9"
        ]
    );
}
