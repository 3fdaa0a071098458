//! What a person settles is taken up by the next run, shown, carried forward, and dropped when its day is past.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const SETTLED: &str = r#"
[[decisions]]
about = "reference"
partner = "Kent Police"
field = "updates.ref"
typed = "DM-13"
read_as = "DM-03"
decision = "Accept"
reason = "Confirmed by telephone"
role = "CSP officer"

[[decisions]]
about = "word"
partner = "KP"
field = "updates.status"
typed = "Ongoing"
read_as = "On track"
decision = "Accept"
reason = "That is what they mean by it"
role = "CSP officer"
until = 2023-03-31

[[decisions]]
about = "heading"
partner = "WKHA"
field = "updates"
typed = "Estate"
read_as = "Objective"
decision = "Accept"
reason = "Their estates stand for the aim"
role = "CSP officer"

[[decisions]]
about = "conflict"
action = "ASB-01"
read_as = "West Kent Housing Association"
decision = "Accept"
reason = "Their count is the audited one"
role = "Meeting"
"#;

struct Run {
    folder: TempDir,
    output: Output,
}

impl Run {
    fn report(&self) -> Value {
        serde_json::from_slice(&fs::read(self.folder.path().join("report.json")).unwrap()).unwrap()
    }

    fn codes(&self) -> Vec<String> {
        let report = self.report();
        let findings = report["findings"].as_array().unwrap();
        let codes = findings
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_owned());
        codes.collect()
    }

    fn err(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }
}

fn merge(name: &str, decisions: Option<&[u8]>) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23");
    let mut command = Command::new(env!("CARGO_BIN_EXE_csp-bridge"));
    command
        .current_dir(folder.path())
        .arg("merge")
        .arg(samples.join("action-plan.xlsx"))
        .arg(samples.join("returns"))
        .args(["--quarter", "2022-23-Q2", "--as-of", "2022-10-20"])
        .args(["-o", "out.xlsx", "--report", "report.json"]);
    if let Some(bytes) = decisions {
        fs::write(folder.path().join(name), bytes).unwrap();
        command.args(["--decisions", name]);
    }
    let output = command.output().unwrap();
    Run { folder, output }
}

fn action<'r>(report: &'r Value, reference: &str) -> &'r Value {
    let actions = report["actions"].as_array().unwrap();
    actions
        .iter()
        .find(|action| action["ref"] == reference)
        .unwrap()
}

#[test]
fn suggestions_taken_up_raise_nothing_and_are_used() {
    let before = merge("", None);
    for code in ["M401", "C207", "M404", "H102"] {
        assert!(before.codes().contains(&code.to_owned()), "{code}");
    }
    let after = merge("settled.toml", Some(SETTLED.as_bytes()));
    for code in ["M401", "C207", "H102"] {
        assert!(!after.codes().contains(&code.to_owned()), "{code}");
    }
    let report = after.report();
    assert_eq!(action(&report, "VAWG-02")["status"], "on-track");
    assert_eq!(action(&report, "ASB-01")["value"], "74");
    let reported = &action(&report, "DM-03")["reports"][0];
    assert_eq!(reported["agency"], "KP");
    let basis = report["sources"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|source| source["agency"] == "WKHA")
        .flat_map(|source| source["tables"].as_array().unwrap())
        .flat_map(|table| table["columns"].as_array().unwrap())
        .find(|column| column["heading"] == "Estate")
        .map(|column| column["basis"].clone());
    assert_eq!(basis, Some("decision".into()));
    assert!(
        after.out().contains("4 decisions in force, 0 not used"),
        "{}",
        after.out()
    );
}

/// Accepted on the sheet, a finding stands with its reason and releases what it held; it is back the day after its last.
#[test]
fn an_accepted_finding_stands_until_its_day() {
    let before = merge("", None).report();
    let finding = before["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["code"] == "F502")
        .unwrap();
    let toml = |until: &str| {
        format!(
            "[[decisions]]\nfinding = {}\ndecision = \"Accept\"\nreason = \"Approved by e-mail\"\nrole = \"Finance officer\"\nuntil = {until}\n",
            finding["id"]
        )
    };
    let held = |report: &Value| {
        report["totals"]["money"]["held"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let accepted = merge("d.toml", Some(toml("2022-10-20").as_bytes()));
    let report = accepted.report();
    let found = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["code"] == "F502")
        .unwrap();
    assert_eq!(found["accepted"]["reason"], "Approved by e-mail");
    assert_eq!(found["accepted"]["role"], "Finance officer");
    assert_eq!(found["accepted"]["until"], "2022-10-20");
    assert_ne!(held(&report), held(&before));

    let expired = merge("d.toml", Some(toml("2022-10-19").as_bytes()));
    assert_eq!(held(&expired.report()), held(&before));
    assert!(expired.out().contains("1 expired"), "{}", expired.out());
}

/// The output carries its decisions, so that next quarter's run needs the workbook alone.
#[test]
fn decisions_are_carried_forward_by_the_workbook() {
    let first = merge("settled.toml", Some(SETTLED.as_bytes()));
    let bytes = fs::read(first.folder.path().join("out.xlsx")).unwrap();
    let second = merge("earlier.xlsx", Some(&bytes));
    assert_eq!(first.codes(), second.codes(), "{}", second.err());
    assert!(
        second.out().contains("4 decisions in force"),
        "{}",
        second.out()
    );
}

#[test]
fn mistakes_stop_the_run_and_are_named_all_at_once() {
    let wrong = SETTLED
        .replace("Kent Police", "Kent Polise")
        .replace("until = 2023-03-31", "untill = 2023-03-31")
        .replace(
            "decision = \"Accept\"\nreason = \"Their count",
            "decision = \"Perhaps\"\nreason = \"Their count",
        );
    let run = merge("d.toml", Some(wrong.as_bytes()));
    assert_eq!(run.output.status.code(), Some(3));
    for part in ["Kent Polise", "untill", "did you mean `until`", "Perhaps"] {
        assert!(run.err().contains(part), "{part}: {}", run.err());
    }
    let plan =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23/action-plan.xlsx"))
            .unwrap();
    let run = merge("plan.xlsx", Some(&plan));
    assert_eq!(run.output.status.code(), Some(3));
    assert!(run.err().contains("no Decisions sheet"), "{}", run.err());
}
