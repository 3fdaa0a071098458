//! What a person settles is taken up by the next run, shown, carried forward, and dropped when its day is past.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use csp_bridge::decision::Standing;
use csp_bridge::finding::{Answer, Decides, Hold};
use csp_bridge::pipeline::Outcome;
use csp_bridge::render::{self, Context};
use csp_bridge::schema::Schema;
use csp_bridge::value::Decimal;
use rayon::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::case;

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
        after.out().contains("4 decisions in force."),
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

/// A word that fits nothing is that decision's own fault: it changes nothing, says why, and the others hold.
#[test]
fn mistakes_are_the_decisions_own_and_are_told() {
    let wrong = SETTLED
        .replace("Kent Police", "Kent Polise")
        .replace("until = 2023-03-31", "untill = 2023-03-31")
        .replace(
            "decision = \"Accept\"\nreason = \"Their count",
            "decision = \"Perhaps\"\nreason = \"Their count",
        );
    let run = merge("d.toml", Some(wrong.as_bytes()));
    assert_eq!(run.output.status.code(), Some(1));
    for part in ["Kent Polise", "untill", "did you mean `until`", "Perhaps"] {
        assert!(run.out().contains(part), "{part}: {}", run.out());
    }
    let report = run.report();
    let states: Vec<&str> = report["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states,
        ["not-applied", "not-applied", "in-force", "not-applied"]
    );
    assert_eq!(report["decisions"][0]["row"], 2);

    // Expired is expired, whatever else it says.
    let expired = wrong.replace(
        "decision = \"Perhaps\"",
        "until = 2022-03-31\ndecision = \"Perhaps\"",
    );
    let run = merge("d.toml", Some(expired.as_bytes()));
    assert_eq!(run.report()["decisions"][3]["state"], "expired");
}

/// Only a file that cannot be understood at all stops the run.
#[test]
fn what_is_no_file_of_decisions_stops_the_run() {
    let run = merge("d.toml", Some(b"[[decisions]\nabout = \"word\"\n"));
    assert_eq!(run.output.status.code(), Some(3), "{}", run.err());
    let plan =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23/action-plan.xlsx"))
            .unwrap();
    let run = merge("plan.xlsx", Some(&plan));
    assert_eq!(run.output.status.code(), Some(3));
    assert!(run.err().contains("no Decisions sheet"), "{}", run.err());
}

/// The words in which a case names what a run comes to.
fn results(outcome: &Outcome, schema: &Schema) -> Vec<String> {
    let mut out = Vec::new();
    for action in &outcome.consolidation.actions {
        let said = &action.outcome;
        if said.status_from.is_some() || said.value_from.is_some() || said.update_from.is_some() {
            let value = said.value.map(|v| format!(" {}", v.normalize()));
            out.push(format!(
                "{} {}{}",
                action.reference,
                said.status.map_or("-", |s| schema.status_value(s)),
                value.unwrap_or_default()
            ));
        }
    }
    for (line, balance) in outcome.ledger.lines.iter().zip(&outcome.ledger.balances) {
        if !balance.this_quarter.is_zero() || !balance.held.is_zero() {
            out.push(format!(
                "{} {:.2} held {:.2}",
                line.reference, balance.this_quarter, balance.held
            ));
        }
    }
    let money = outcome.money();
    if !money.read.is_zero() {
        out.push(format!(
            "money {:.2} accepted {:.2} held {:.2}",
            money.read, money.accepted, money.held
        ));
    }
    out
}

/// Every `tests/decisions/*.md`: what was settled does what it says, and the rest stays as it is.
#[test]
fn cases_of_decisions_come_out_as_they_list() {
    let schema = case::schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = String::new();
    for file in files {
        for case in case::parse(&fs::read_to_string(&file).unwrap()) {
            let outcome = case::run(&case, &schema);
            let states: Vec<String> = outcome
                .settled
                .states
                .iter()
                .map(|state| match state.why.as_str() {
                    "" => state.standing.word().to_owned(),
                    why => format!("{}: {why}", state.standing.word()),
                })
                .collect();
            let findings: Vec<String> = outcome
                .findings
                .iter()
                .filter(|f| f.code.0 != "S009" && f.code.0 != "M402")
                .map(|finding| {
                    let accepted = finding.accepted.as_ref().map_or("", |_| " accepted");
                    format!("{}{accepted}", case::line(finding, &outcome))
                })
                .collect();
            assert!(outcome.ties_out(), "{} does not tie out", case.title);
            for sheet in &case.sheets {
                let said = crate::sheets::rows(&outcome, &schema, &sheet.sheet, &sheet.columns);
                assert_eq!(said, sheet.rows, "{}: {}", case.title, sheet.sheet);
            }
            for (what, expected, found) in [
                ("states", Some(&case.states), states),
                ("findings", case.findings.as_ref(), findings),
                (
                    "result",
                    (!case.result.is_empty()).then_some(&case.result),
                    results(&outcome, &schema),
                ),
            ] {
                if expected.is_some_and(|expected| *expected != found) {
                    let _ = writeln!(
                        wrong,
                        "\n{}: {what}\n  expected\n    {}\n  found\n    {}",
                        case.title,
                        expected
                            .map(|lines| lines.join("\n    "))
                            .unwrap_or_default(),
                        found.join("\n    ")
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A report without what it says of decisions.
fn figures(outcome: &Outcome, schema: &Schema) -> Value {
    let mut report: Value =
        serde_json::from_slice(&csp_bridge::write::json::report(outcome, schema)).unwrap();
    report.as_object_mut().unwrap().remove("decisions");
    if let Some(withheld) = report.pointer_mut("/publication/withheld") {
        for text in withheld.as_array_mut().unwrap() {
            text.as_object_mut().unwrap().remove("decision");
        }
    }
    report
}

/// What of the accepted money is charged to no line.
fn uncharged(outcome: &Outcome) -> Decimal {
    let lines = 0..outcome.ledger.lines.len();
    let charged: Decimal = lines
        .flat_map(|line| outcome.ledger.counted(line))
        .map(|(_, amount)| amount)
        .sum();
    outcome.money().accepted - charged
}

fn one(finding: &str, read_as: &str, decision: &str) -> String {
    let read_as = read_as.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "[[decisions]]\nfinding = \"{finding}\"\nread_as = \"{read_as}\"\ndecision = \"{decision}\"\nreason = \"Settled\"\nrole = \"Officer\"\n"
    )
}

/// Every finding of every rule's cases, decided alone: with no answer, with the likeliest, with each that is offered, and with nonsense.
/// Rows and money tie; no other finding is accepted with it; what was not applied changed nothing.
#[test]
fn one_decision_changes_one_finding() {
    let schema = case::schema();
    let found: Vec<(Vec<String>, BTreeMap<&str, usize>)> = crate::rules::files()
        .into_par_iter()
        .map(|(name, text)| decided_alone(&name, &text, &schema))
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (state, count) in found.iter().flat_map(|(_, counts)| counts) {
        *counts.entry(state).or_default() += count;
    }
    let wrong: Vec<&String> = found.iter().flat_map(|(wrong, _)| wrong).collect();
    for standing in ["in-force", "not-applied", "noted"] {
        assert!(counts[standing] > 100, "{counts:?}");
    }
    assert!(
        wrong.is_empty(),
        "{} of {counts:?}:\n{wrong:#?}",
        wrong.len()
    );
}

/// What goes wrong with the findings of one file of cases, each decided alone; and how many decisions came to which state.
fn decided_alone(
    name: &str,
    text: &str,
    schema: &Schema,
) -> (Vec<String>, BTreeMap<&'static str, usize>) {
    let mut wrong: Vec<String> = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in case::parse(text)
        .iter()
        .filter(|case| case.schema.is_empty())
    {
        let before = case::run(case, schema);
        let all: String = render::questions(&Context::new(&before, schema, &[]))
            .iter()
            .map(|question| {
                one(
                    &question.written.finding,
                    &question.written.read_as,
                    "Accept",
                )
            })
            .collect();
        let after = case::run_with(case, schema, &all);
        let is_merge = after.options.is_merge;
        if !after.ties_out() || is_merge && uncharged(&after) != uncharged(&before) {
            wrong.push(format!("{name}: {}: all at once do not tie", case.title));
        }
        let untouched = figures(&before, schema);
        let questions = render::questions(&Context::new(&before, schema, &[]));
        let mut missing = 0;
        for finding in &before.findings {
            // Who sent nothing is one thing for every partner.
            missing += usize::from(finding.code.0 == "S009");
            if finding.code.0 == "S009" && missing > 1 {
                continue;
            }
            let question = questions
                .iter()
                .find(|question| question.written.finding == finding.id)
                .unwrap_or_else(|| panic!("{name}: {} is no question", finding.code));
            let mut answers = vec![String::new(), "!?".to_owned()];
            answers.push(question.written.read_as.clone());
            let offered = question
                .notes
                .iter()
                .find_map(|note| note.strip_prefix("read_as is one of: "));
            answers.extend(
                offered
                    .into_iter()
                    .flat_map(|words| words.split(" | "))
                    .take(4)
                    .map(str::to_owned),
            );
            if matches!(finding.decides, Decides::Answer(_)) {
                answers.extend(["12.50", "2022-09-30", "CRG-01", "SAC-01"].map(str::to_owned));
            }
            answers.sort();
            answers.dedup();
            for answer in answers {
                let after = case::run_with(case, schema, &one(&finding.id, &answer, "Accept"));
                let state = &after.settled.states[0];
                *counts.entry(state.standing.word()).or_default() += 1;
                let what = format!(
                    "{name}: {}: {} as “{answer}”: {}",
                    case.title,
                    finding.code,
                    state.standing.word()
                );
                let mut say = |fault: &str| wrong.push(format!("{what}: {fault}"));
                if !after.ties_out() {
                    say("does not tie out");
                }
                let is_merge = after.options.is_merge;
                if is_merge && uncharged(&after) != uncharged(&before) {
                    say("lets money in on no line");
                }
                let is_reading = matches!(
                    finding.decides,
                    Decides::Answer(Answer::Word | Answer::Heading)
                );
                let accepted: Vec<&str> = after
                    .findings
                    .iter()
                    .filter(|f| f.accepted.is_some())
                    .map(|f| f.code.0)
                    .collect();
                if accepted.len() > 1 && !is_reading {
                    say(&format!("accepts {accepted:?}"));
                }
                match state.standing {
                    Standing::NotApplied => {
                        if figures(&after, schema) != untouched {
                            say("changes something");
                        }
                        if state.why.is_empty() {
                            say("does not say why");
                        }
                    }
                    Standing::Noted => {
                        let mut noted = figures(&after, schema);
                        for found in noted["findings"].as_array_mut().unwrap() {
                            found["accepted"] = Value::Null;
                        }
                        if noted != untouched || accepted.len() != 1 {
                            say("changes a figure");
                        }
                    }
                    Standing::InForce => {
                        let is_there = after.findings.iter().any(|f| f.id == finding.id);
                        if is_there && accepted.is_empty() {
                            say("leaves the finding as it was");
                        }
                        if finding.would_hold == Hold::None
                            && matches!(finding.decides, Decides::Accept)
                        {
                            say("releases what is not held");
                        }
                    }
                    Standing::Rejected
                    | Standing::Asked
                    | Standing::NotCorrected
                    | Standing::NotUsed
                    | Standing::Expired => {
                        say("is another state than Accept can have");
                    }
                }
            }
            // These are one thing for every rule: one finding of a case shows it.
            if finding.id != before.findings[0].id {
                continue;
            }
            for (decision, standing) in [
                ("Reject", Standing::Rejected),
                ("Ask the partner", Standing::Asked),
                ("Corrected at source", Standing::NotCorrected),
            ] {
                let after = case::run_with(case, schema, &one(&finding.id, "", decision));
                if after.settled.states[0].standing != standing
                    || figures(&after, schema) != untouched
                {
                    wrong.push(format!(
                        "{name}: {}: {} {decision} changes something",
                        case.title, finding.code
                    ));
                }
            }
        }
    }
    (wrong, counts)
}

/// The agenda begins with what needs settling, conflicts, held money and held rows before wording; what is settled stands below.
#[test]
fn the_agenda_stands_in_its_order() {
    let schema = case::schema();
    let text = "## Mixed\n\n| kent-police-q2-2022-23.xlsx › Updates | A | B | C | D | E |\n|---|---|---|---|---|---|\n| 2 | Ref | Progress this quarter | Status | Measure value | Nxt steps |\n| 3 | SAC-01 | Three stalls. | On track | 74 | · |\n| 4 | DA-09 | Six times. | Ongoing | · | · |\n\n| kent-police-q2-2022-23.xlsx › Spend | A | B | C | D | E | F |\n|---|---|---|---|---|---|---|\n| 1 | Funding line | Document ref | Supplier | Document date | Amount (£) | VAT basis |\n| 2 | CRG-03 | INV-1 | A Ltd | 2022-07-14 | 10 | Net |\n| 3 | CRG-77 | INV-2 | A Ltd | 2022-07-14 | 10 | Net |\n\n| davss-q2-2022-23.xlsx › Updates | A | B | C | D |\n|---|---|---|---|---|\n| 2 | Ref | Progress this quarter | Status | Measure value |\n| 3 | SAC-01 | Three stalls. | On track | 70 |\n";
    let case = &case::parse(text)[0];
    let outcome = case::run_with(
        case,
        &schema,
        "[[decisions]]\nabout = \"held-row\"\naction = \"CRG-03\"\ndecision = \"Accept\"\nreason = \"Agreed\"\nrole = \"Officer\"\n\n[[decisions]]\nabout = \"line\"\ndecision = \"Ask the partner\"\n",
    );
    let columns = ["About", "Ref or line", "Decision", "State"].map(str::to_owned);
    let rows = crate::sheets::rows(&outcome, &schema, "Decisions", &columns);
    let rows: Vec<&String> = rows
        .iter()
        .filter(|row| !row.starts_with("Missing return") && !row.starts_with("Finding"))
        .collect();
    assert_eq!(
        rows,
        [
            "Conflict | SAC-01 | · | Open",
            "Unknown line | CRG-77 | Ask the partner | Asked on 20 October 2022",
            "Unmatched row | DA-09 | · | Open",
            "Unknown word | DA-09 | · | Open",
            "Heading | · | · | Open",
            "Held row | CRG-03 | Accept | In force",
        ]
    );
}

/// At the next quarter what is settled, expired or unused has left the sheet; what words and headings mean stays until its day.
#[test]
fn the_next_quarter_begins_with_what_words_and_headings_mean() {
    let first = merge("settled.toml", Some(SETTLED.as_bytes()));
    let folder = first.folder.path();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23");
    let next = |as_of: &str, out: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
            .current_dir(folder)
            .args(["merge", "out.xlsx"])
            .arg(samples.join("returns/KCC Community Safety Q2 2022-23.xlsx"))
            .args(["--quarter", "2022-23-Q3", "--as-of", as_of, "-o", out])
            .args([
                "--decisions",
                "out.xlsx",
                "--decisions-out",
                "next.toml",
                "--force",
            ])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("not used"), "{output:?}");
        fs::read_to_string(folder.join("next.toml")).unwrap()
    };
    let kept = next("2023-01-10", "q3.xlsx");
    assert!(kept.contains("typed = \"Estate\""), "{kept}");
    assert!(kept.contains("typed = \"Ongoing\""), "{kept}");
    assert!(!kept.contains("Confirmed by telephone"), "{kept}");
    assert!(!kept.contains("Their count is the audited one"), "{kept}");
    let later = next("2023-04-01", "q3.xlsx");
    assert!(later.contains("typed = \"Estate\""), "{later}");
    assert!(!later.contains("typed = \"Ongoing\""), "{later}");
}

/// Equal findings have ids of their own, and accepting one releases that one.
#[test]
fn equal_findings_are_told_apart() {
    let (schema, text) = (
        case::schema(),
        "## Twice more\n\n| kent-police-q2-2022-23.xlsx › Spend | A | B | C | D | E | F |\n|---|---|---|---|---|---|---|\n| 1 | Funding line | Document ref | Supplier | Document date | Amount (£) | VAT basis |\n| 2 | CRG-01 | INV-1 | A Ltd | 2022-07-14 | 10 | Net |\n| 3 | CRG-01 | INV-1 | A Ltd | 2022-07-14 | 10 | Net |\n| 4 | CRG-01 | INV-1 | A Ltd | 2022-07-14 | 10 | Net |\n",
    );
    let case = &case::parse(text)[0];
    let before = case::run(case, &schema);
    let ids: Vec<&str> = before
        .findings
        .iter()
        .filter(|f| f.code.0 == "F505")
        .map(|f| f.id.as_str())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let after = case::run_with(case, &schema, &one(id, "", "Accept"));
        let still: Vec<bool> = after
            .findings
            .iter()
            .filter(|f| f.code.0 == "F505")
            .map(|f| f.accepted.is_some() == (f.id == id))
            .collect();
        assert_eq!(still, [true, true]);
        assert_eq!(after.money().held, Decimal::new(1000, 2));
    }
}

/// Every question of a run can be written as a decision to fill in; read back, nothing has changed.
#[test]
fn questions_are_written_and_read_back_with_nothing_changed() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23");
    fs::write(folder.path().join("settled.toml"), SETTLED).unwrap();
    let run = |decisions: &str, report: &str, out: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
            .current_dir(folder.path())
            .arg("merge")
            .arg(samples.join("action-plan.xlsx"))
            .arg(samples.join("returns"))
            .args([
                "--quarter",
                "2022-23-Q2",
                "--as-of",
                "2022-10-20",
                "--force",
            ])
            .args(["-o", "out.xlsx", "--report", report])
            .args(["--decisions", decisions, "--decisions-out", out])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let mut report: Value =
            serde_json::from_slice(&fs::read(folder.path().join(report)).unwrap()).unwrap();
        let states: Vec<Value> = report["decisions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|decision| decision["state"].clone())
            .collect();
        report.as_object_mut().unwrap().remove("decisions");
        (report, states)
    };
    let (first, states) = run("settled.toml", "1.json", "questions.toml");
    let (second, again) = run("questions.toml", "2.json", "more.toml");
    assert_eq!(first, second);
    assert_eq!(states, again);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("questions.toml"), read("more.toml"));
    let findings = first["findings"].as_array().unwrap();
    for finding in findings {
        let id = finding["id"].as_str().unwrap();
        assert!(read("questions.toml").contains(id), "{finding}");
    }
}
