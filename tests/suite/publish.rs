//! `publish` and `export` from outside, and the guarantee by an attack of another make: every whole number tried.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use csp_bridge::publish::choose::{Measured, choose};
use csp_bridge::publish::proof::{Knowledge, When};
use csp_bridge::value::period::Quarter;
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

const HEADINGS: &str = "Ref,Action,Lead agency,Lead officer,Success measure,Unit,Basis,Target,Publish,Q1 value,Q2 value,Q1 status,Q2 status,Q2 update";

struct Place {
    folder: TempDir,
}

impl Place {
    /// A plan of these rows, each behind its headings.
    fn new(rows: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = Self { folder };
        out.plan(rows);
        out
    }

    fn plan(&self, rows: &[&str]) {
        fs::write(
            self.path("plan.csv"),
            format!("{HEADINGS}\n{}\n", rows.join("\n")),
        )
        .unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
            .current_dir(self.folder.path())
            .args(words)
            .output()
            .unwrap()
    }

    fn publish(&self, more: &[&str]) -> Output {
        let mut words = vec![
            "publish",
            "plan.csv",
            "--quarter",
            "2022-23-Q2",
            "--as-of",
            "2022-10-20",
            "-o",
            "out",
            "--report",
            "report.json",
            "--force",
        ];
        words.extend(more);
        self.run(&words)
    }

    fn report(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("report.json")).unwrap()).unwrap()
    }

    /// A table of the set, as text.
    fn table(&self, folder: &str, name: &str) -> String {
        let file = format!("sevenoaks-csp-action-plan-2022-23-q2-{name}.csv");
        fs::read_to_string(self.path(folder).join(file)).unwrap()
    }

    fn configure(&self, change: impl Fn(String) -> String) {
        self.run(&["schema", "export", "own"]);
        let path = self.path("own/partnership.toml");
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect()
}

const ROWS: [&str; 3] = [
    "DA-01,Run the one stop shop,DAVSS,Priya Nair,Victims helped,count,In quarter,40,,3,12,On track,On track,Work goes on.",
    "DA-02,Offer places in a refuge,DAVSS,Services Manager,Families housed,count,Year to date,20,,7,9,On track,On track,Three families were housed.",
    "SAC-01,Hold days of action,Kent Police,Rural Lead,Days held,count,Year to date,8,,1,3,On track,At risk,Two days were held with Priya Nair.",
];

#[test]
fn a_set_holds_its_files_and_nothing_that_it_must_not() {
    let place = Place::new(&ROWS);
    let output = place.publish(&["--earlier", "none"]);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    let files = bytes_of(&place.path("out"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let stem = "sevenoaks-csp-action-plan-2022-23-q2";
    let want: Vec<String> = [
        "-actions.csv",
        "-measures.csv",
        "-notes.csv",
        "-summary.csv",
        ".html",
        ".ods",
        ".xlsx",
    ]
    .iter()
    .map(|end| format!("{stem}{end}"))
    .collect();
    assert_eq!(names, want);
    let measures = place.table("out", "measures");
    assert!(
        measures.contains(
            "DA-01,Domestic Abuse,Victims helped,count,In quarter,[z],[x],40,[c],12,[z],[c],[z]"
        ),
        "{measures}"
    );
    assert!(
        measures.contains(
            "DA-02,Domestic Abuse,Families housed,count,Year to date,[z],[x],20,7,[c],[c],[c],[z]"
        ),
        "{measures}"
    );
    assert!(
        measures.contains("SAC-01") && measures.contains(",1,3,"),
        "{measures}"
    );
    let actions = place.table("out", "actions");
    assert!(
        !actions.contains("Nair") && !actions.contains("Three families"),
        "{actions}"
    );
    let report = place.report();
    let publication = &report["publication"];
    assert_eq!(publication["hidden"][0]["why"], "small");
    assert_eq!(publication["hidden"][1]["why"], "rise");
    assert_eq!(publication["withheld"].as_array().unwrap().len(), 2);
    assert_eq!(publication["proof"]["figures"], 2);
    let text = said(&output);
    assert!(text.contains("keep it inside the partnership"), "{text}");
    // The same inputs give the same bytes; the old set is kept.
    place.publish(&["--earlier", "none"]);
    assert_eq!(bytes_of(&place.path("out")), files);
    assert_eq!(bytes_of(&place.path("out.before")), files);
}

/// The finding's id at a column.
fn withheld(report: &Value, reference: &str) -> String {
    let all = report["publication"]["withheld"].as_array().unwrap();
    let own = all.iter().find(|one| one["ref"] == reference).unwrap();
    own["finding"].as_str().unwrap().to_owned()
}

#[test]
fn decisions_publish_what_they_say_and_nothing_else() {
    let place = Place::new(&ROWS);
    place.publish(&["--earlier", "none"]);
    let id = withheld(&place.report(), "DA-02");
    let decide = |extra: &str| {
        let text = format!(
            "[[decisions]]\nabout = \"finding\"\nfinding = \"{id}\"\ndecision = \"accept\"\n{extra}\n"
        );
        fs::write(place.path("d.toml"), text).unwrap();
        place.publish(&["--earlier", "none", "--decisions", "d.toml"]);
        let state = place.report()["decisions"][0]["state"]
            .as_str()
            .unwrap()
            .to_owned();
        (state, place.table("out", "actions"))
    };
    let settled = "reason = \"Told by the press\"\nrole = \"Manager\"";
    let (state, actions) = decide(settled);
    assert!(
        state == "in-force" && actions.contains("Three families were housed."),
        "{state} {actions}"
    );
    let (state, actions) = decide(&format!("{settled}\nread_as = \"Families were housed.\""));
    assert!(
        state == "in-force" && actions.contains(",Families were housed."),
        "{state} {actions}"
    );
    assert!(!actions.contains("Three families"));
    for (extra, want) in [
        (
            format!("{settled}\nread_as = \"Two families were housed.\""),
            "not-applied",
        ),
        (
            format!("{settled}\nread_as = \"Numbers rose.\""),
            "not-applied",
        ),
        (format!("{settled}\nuntil = 2022-10-01"), "expired"),
        ("role = \"Manager\"".to_owned(), "not-applied"),
    ] {
        let (state, actions) = decide(&extra);
        assert_eq!(state, want, "{extra}");
        assert!(
            !actions.contains("families were housed") && !actions.contains("Numbers rose"),
            "{actions}"
        );
    }
    // A figure: it is shown, and what was hidden beside it is proved anew.
    let figures: Vec<Value> = place.report()["findings"].as_array().unwrap().clone();
    let figure = figures
        .iter()
        .find(|f| f["code"] == "G602" && f["severity"] == "information" && f["cell"] == "J2")
        .unwrap();
    assert!(figure["raw"].is_null());
    let id = figure["id"].as_str().unwrap();
    fs::write(place.path("d.toml"), format!("[[decisions]]\nabout = \"finding\"\nfinding = \"{id}\"\ndecision = \"accept\"\n{settled}\n")).unwrap();
    place.publish(&["--earlier", "none", "--decisions", "d.toml"]);
    assert!(place.table("out", "measures").contains(",40,3,12,"));
}

#[test]
fn what_is_left_out_is_nowhere() {
    let place = Place::new(&[
        ROWS[0],
        "DA-09,Bring cases to a panel,DAVSS,,Victims helped,count,In quarter,40,No,6,12,On track,On track,Work goes on.",
        "SAC-07,Share learning,Kent Police,,Days held,count,In quarter,40,,6,12,On track,On track,It was heard at MARAC.",
    ]);
    place.publish(&["--earlier", "none"]);
    for name in ["actions", "measures", "notes"] {
        let text = place.table("out", name);
        assert!(!text.contains("DA-09") && !text.contains("MARAC"), "{text}");
    }
    assert!(
        place
            .table("out", "notes")
            .contains("1 action of the plan is not shown.")
    );
    assert_eq!(place.report()["publication"]["actions_left_out"], 1);
}

#[test]
fn bad_input_gets_its_code_and_a_sentence() {
    let place = Place::new(&ROWS);
    let none = ["--earlier", "none"];
    let refused = |output: Output, want: i32, word: &str| {
        let text = said(&output);
        assert_eq!(code(&output), Some(want), "{text}");
        assert!(text.contains(word), "{word}: {text}");
    };
    refused(place.publish(&[]), 2, "--earlier");
    refused(
        place.publish(&["--earlier", "none", "q1"]),
        2,
        "one or the other",
    );
    refused(place.publish(&["--earlier", "nowhere"]), 4, "nowhere");
    fs::create_dir(place.path("empty")).unwrap();
    refused(place.publish(&["--earlier", "empty"]), 4, "no set");
    refused(
        place.publish(&["--earlier", "none", "--report", "out/r.json"]),
        2,
        "lies in",
    );
    refused(
        place.run(&["publish", "plan.csv", "-o", "out", "--earlier", "none"]),
        2,
        "--quarter",
    );
    refused(
        place.run(&[
            "publish",
            "none.csv",
            "--quarter",
            "2022-23-Q2",
            "-o",
            "out",
            "--earlier",
            "none",
        ]),
        4,
        "none.csv",
    );
    assert!(!place.path("out").exists());
    place.publish(&none);
    let again = [
        "publish",
        "plan.csv",
        "--quarter",
        "2022-23-Q2",
        "-o",
        "out",
        "--earlier",
        "none",
    ];
    refused(place.run(&again), 5, "--force");
    refused(place.publish(&["--earlier", "out"]), 2, "would be replaced");
    refused(
        place.publish(&["--earlier", "out.before"]),
        2,
        "would be replaced",
    );
    // Another partnership's, and another threshold's.
    fs::rename(place.path("out"), place.path("q2")).unwrap();
    place.configure(|text| text.replace("threshold = 5 ", "threshold = 7 "));
    refused(
        place.publish(&["--earlier", "q2", "--schema", "own"]),
        4,
        "threshold of 5",
    );
    fs::remove_dir_all(place.path("own")).unwrap();
    place.configure(|text| {
        text.replace(
            "name = \"Sevenoaks District Community",
            "name = \"Otherplace Community",
        )
    });
    refused(
        place.publish(&["--earlier", "q2", "--schema", "own"]),
        4,
        "another partnership",
    );
    // Mistakes in the configuration, each with its line.
    for (from, to, word) in [
        ("threshold = 5 ", "threshold = 2 ", "from 3 to 20"),
        ("priorities = [\"P3\", ", "priorities = [\"P33\", ", "P33"),
        ("formats = [\"xlsx\", ", "formats = [\"pdf\", ", "pdf"),
        ("funding = \"lines\"", "funding = \"all\"", "all"),
        (
            "name = \"sevenoaks-csp-action-plan\"",
            "name = \"Sevenoaks Plan\"",
            "small letters",
        ),
        (
            "contact = \"community.safety@",
            "contact = \"somebody@",
            "allowed_contacts",
        ),
        ("never = []", "nevver = []", "never"),
        (
            "# [[publishing.small_numbers.sums]]\n# total = \"VAWG-03\"\n# parts = [\"VAWG-01\", \"VAWG-02\"]",
            "[[publishing.small_numbers.sums]]\ntotal = \"A-1\"\nparts = [\"B-1\", \"B-1\"]",
            "two totals",
        ),
    ] {
        fs::remove_dir_all(place.path("own")).unwrap();
        place.configure(|text| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let output = place.run(&["schema", "check", "own"]);
        let text = said(&output);
        assert_eq!(code(&output), Some(3), "{to}: {text}");
        assert!(
            text.contains(word) && text.contains("partnership.toml:"),
            "{word}: {text}"
        );
    }
}

#[test]
fn what_is_out_stops_what_would_give_it_away() {
    let place = Place::new(&[
        "DA-01,Run the one stop shop,DAVSS,,Victims helped,count,In quarter,40,,9,12,On track,On track,Work goes on.",
        "DA-02,Run the helpline,DAVSS,,Victims advised,count,In quarter,40,,8,12,On track,On track,Work goes on.",
        "DA-03,Both together,DAVSS,,Victims in all,count,In quarter,40,,17,24,On track,On track,Work goes on.",
    ]);
    let output = place.publish(&["--earlier", "none"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    fs::rename(place.path("out"), place.path("first")).unwrap();
    // The quarter's figure is revised to a small one: the total and the other part, which are out, would tell it.
    place.plan(&[
        "DA-01,Run the one stop shop,DAVSS,,Victims helped,count,In quarter,40,,9,3,On track,On track,Work goes on.",
        "DA-02,Run the helpline,DAVSS,,Victims advised,count,In quarter,40,,8,21,On track,On track,Work goes on.",
        "DA-03,Both together,DAVSS,,Victims in all,count,In quarter,40,,17,24,On track,On track,Work goes on.",
    ]);
    place.configure(|text| {
        text.replace("# What is not spoken of in public", "[[publishing.small_numbers.sums]]\ntotal = \"DA-03\"\nparts = [\"DA-01\", \"DA-02\"]\n\n# What is not spoken of in public")
    });
    let output = place.publish(&["--earlier", "first", "--schema", "own"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let measures = place.table("out", "measures");
    assert!(
        measures.contains("9,[c],[c],[c],[r] Q2 2022-23") && measures.contains("8,[c],"),
        "{measures}"
    );
    fs::remove_dir_all(place.path("out")).unwrap();
    // Had the other part not been revised, nothing could protect it.
    place.plan(&[
        "DA-01,Run the one stop shop,DAVSS,,Victims helped,count,In quarter,40,,9,3,On track,On track,Work goes on.",
        "DA-02,Run the helpline,DAVSS,,Victims advised,count,In quarter,40,,8,12,On track,On track,Work goes on.",
        "DA-03,Both together,DAVSS,,Victims in all,count,In quarter,40,,17,15,On track,On track,Work goes on.",
    ]);
    let output = place.publish(&["--earlier", "first", "--schema", "own"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert!(place.table("out", "measures").contains("17,[c]"));
    fs::remove_dir_all(place.path("out")).unwrap();
    // A small count that was published is out, whatever is hidden now.
    place.plan(&["DA-01,Run the one stop shop,DAVSS,,Days,count,In quarter,40,,9,3,On track,On track,Work goes on."]);
    place.publish(&["--earlier", "none"]);
    fs::rename(place.path("out"), place.path("second")).unwrap();
    place.plan(&["DA-01,Run the one stop shop,DAVSS,,Victims helped,count,In quarter,40,,9,3,On track,On track,Work goes on."]);
    let output = place.publish(&["--earlier", "second"]);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    assert!(!place.path("out").exists());
    let report = place.report();
    let found = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["severity"] == "error")
        .unwrap();
    assert!(
        found["code"] == "G602"
            && found["cell"] == "K2"
            && found["message"].as_str().unwrap().contains("2022-23-Q2"),
        "{found}"
    );
    let id = found["id"].as_str().unwrap();
    fs::write(place.path("d.toml"), format!("[[decisions]]\nabout = \"finding\"\nfinding = \"{id}\"\ndecision = \"accept\"\nreason = \"It is out\"\nrole = \"Manager\"\n")).unwrap();
    let output = place.publish(&["--earlier", "second", "--decisions", "d.toml"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert!(place.path("out").exists());
}

#[test]
fn sets_are_read_back_from_any_format_and_in_any_order() {
    let place = Place::new(&ROWS);
    place.publish(&["--earlier", "none"]);
    fs::rename(place.path("out"), place.path("all")).unwrap();
    let mut made = Vec::new();
    for kind in ["csv", "xlsx", "ods", "html"] {
        let own = place.path(kind);
        fs::create_dir(&own).unwrap();
        for (name, bytes) in bytes_of(&place.path("all")) {
            if name.ends_with(kind) {
                fs::write(own.join(name), bytes).unwrap();
            }
        }
        let output = place.publish(&["--earlier", kind]);
        assert!(place.path("out").exists(), "{kind}: {}", said(&output));
        made.push(bytes_of(&place.path("out")));
        fs::remove_dir_all(place.path("out")).unwrap();
    }
    assert!(made.windows(2).all(|pair| pair[0] == pair[1]));
    for order in [["all", "csv"], ["csv", "all"]] {
        place.publish(&["--earlier", order[0], order[1]]);
        made.push(bytes_of(&place.path("out")));
    }
    assert!(made[4] == made[5]);
}

#[test]
fn a_killed_run_leaves_a_whole_folder_or_none() {
    let place = Place::new(&ROWS);
    place.publish(&["--earlier", "none"]);
    let whole = bytes_of(&place.path("out"));
    for wait in (0..24).map(|step| step * 12) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
            .current_dir(place.folder.path())
            .args([
                "publish",
                "plan.csv",
                "--quarter",
                "2022-23-Q2",
                "--as-of",
                "2022-10-20",
                "-o",
                "out",
                "--earlier",
                "none",
                "--force",
                "--quiet",
            ])
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        let _ = child.wait();
        if place.path("out").exists() {
            assert_eq!(bytes_of(&place.path("out")), whole, "after {wait} ms");
        }
    }
}

#[test]
fn packages_stand_beside_each_other_and_a_run_replaces_its_own() {
    let place = Place::new(&ROWS);
    let export = |more: &[&str]| {
        let mut words = vec!["export", "plan.csv", "--as-of", "2022-10-20", "-o", "tidy"];
        words.extend(more);
        let output = place.run(&words);
        assert_ne!(code(&output), Some(2), "{}", said(&output));
        output
    };
    export(&["--quarter", "2022-23-Q1"]);
    let output = export(&["--quarter", "2022-23-Q2"]);
    assert!(said(&output).contains("internal"), "{}", said(&output));
    let own = |quarter: &str| {
        place.path(&format!(
            "tidy/partnership=sevenoaks-district-community-safety-partnership/quarter={quarter}"
        ))
    };
    let (first, second) = (bytes_of(&own("2022-23-Q1")), bytes_of(&own("2022-23-Q2")));
    assert_eq!(second.len(), 11);
    let description: Value = serde_json::from_slice(&second["datapackage.json"]).unwrap();
    assert_eq!(description["csp"]["public"], false);
    export(&["--quarter", "2022-23-Q2"]);
    assert_eq!(bytes_of(&own("2022-23-Q1")), first);
    assert_eq!(bytes_of(&own("2022-23-Q2")), second);
    let beside: Vec<_> = fs::read_dir(own("2022-23-Q2").parent().unwrap())
        .unwrap()
        .collect();
    assert_eq!(beside.len(), 2);
    // What is for the public holds what the set shows.
    let output = place.run(&[
        "export",
        "plan.csv",
        "--quarter",
        "2022-23-Q2",
        "-o",
        "open",
        "--public",
        "--earlier",
        "none",
    ]);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    let open = bytes_of(&place.path(
        "open/partnership=sevenoaks-district-community-safety-partnership/quarter=2022-23-Q2",
    ));
    let progress = String::from_utf8(open["progress.csv"].clone()).unwrap();
    assert!(
        progress.contains("DA-01,2022-23-Q1,,,,,c\r\n"),
        "{progress}"
    );
    assert!(!progress.contains("Three families"), "{progress}");
    let actions = String::from_utf8(open["actions.csv"].clone()).unwrap();
    assert!(
        !actions.contains("lead_officer") && !actions.contains("Nair"),
        "{actions}"
    );
    // Internal and public packages do not stand in one tree.
    let output = place.run(&[
        "export",
        "plan.csv",
        "--quarter",
        "2022-23-Q1",
        "-o",
        "open",
    ]);
    assert_eq!(code(&output), Some(5), "{}", said(&output));
    let output = place.run(&[
        "export",
        "plan.csv",
        "--quarter",
        "2022-23-Q2",
        "-o",
        "open",
        "--public",
    ]);
    assert_eq!(code(&output), Some(2), "{}", said(&output));
}

/// Every whole number tried: what each hidden figure and rise of two parts and their total can be.
fn tried(
    parts: &[Vec<i64>; 2],
    hidden: &dyn Fn(usize, usize) -> bool,
    running: bool,
    most: i64,
) -> BTreeMap<String, BTreeSet<i64>> {
    let quarters = parts[0].len();
    let total: Vec<i64> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
    let choices = |part: usize, quarter: usize| -> Vec<i64> {
        if hidden(part, quarter) {
            (1..=most).collect()
        } else {
            vec![parts[part][quarter]]
        }
    };
    let mut columns: Vec<Vec<(i64, i64)>> = Vec::new();
    for (quarter, sum) in total.iter().enumerate() {
        let mut own = Vec::new();
        for a in choices(0, quarter) {
            for b in choices(1, quarter) {
                let fits = if hidden(2, quarter) {
                    a + b >= 1
                } else {
                    a + b == *sum
                };
                if fits {
                    own.push((a, b));
                }
            }
        }
        columns.push(own);
    }
    let mut out: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    let mut stack: Vec<Vec<(i64, i64)>> = vec![Vec::new()];
    while let Some(known) = stack.pop() {
        if known.len() == quarters {
            for (quarter, (a, b)) in known.iter().enumerate() {
                for (who, value) in [*a, *b, a + b].into_iter().enumerate() {
                    if hidden(who, quarter) {
                        out.entry(format!("{who} Q{quarter}"))
                            .or_default()
                            .insert(value);
                    }
                    if running && quarter > 0 && (hidden(who, quarter) || hidden(who, quarter - 1))
                    {
                        let (c, d) = known[quarter - 1];
                        let before = [c, d, c + d][who];
                        out.entry(format!("{who} rise to Q{quarter}"))
                            .or_default()
                            .insert(value - before);
                    }
                }
            }
            continue;
        }
        for (a, b) in &columns[known.len()] {
            let rises = !running || known.last().is_none_or(|(c, d)| c <= a && d <= b);
            if rises {
                let mut more = known.clone();
                more.push((*a, *b));
                stack.push(more);
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// What the program hides holds against an attack that tries every number.
    #[test]
    fn what_is_hidden_holds_against_every_number(
        first in prop::collection::vec(0_i64..9, 2),
        second in prop::collection::vec(0_i64..14, 2),
        running in any::<bool>(),
    ) {
        let sum = |values: &[i64]| -> Vec<i64> {
            let mut total = 0;
            values.iter().map(|v| { total += v; if running { total } else { *v } }).collect()
        };
        let parts = [sum(&first), sum(&second)];
        let total: Vec<i64> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
        let names: [Arc<str>; 3] = ["A".into(), "B".into(), "T".into()];
        let when = |quarter: usize| When::Quarter(Quarter { year: 2022, number: u8::try_from(quarter + 1).unwrap() });
        let measures: Vec<Measured> = [&parts[0], &parts[1], &total]
            .into_iter()
            .zip(&names)
            .map(|(values, name)| Measured {
                series: Arc::clone(name),
                is_sensitive: true,
                cells: values.iter().enumerate().map(|(q, v)| (when(q), *v)).collect(),
                ..Measured::default()
            })
            .collect();
        let known = Knowledge {
            threshold: 5,
            running: if running { names.iter().cloned().collect() } else { BTreeSet::new() },
            sums: vec![(Arc::clone(&names[2]), vec![Arc::clone(&names[0]), Arc::clone(&names[1])])],
            ..Knowledge::default()
        };
        let choice = choose(known, &measures);
        prop_assert!(choice.unmet.is_empty() && choice.proof.leaks.is_empty());
        let hidden = |who: usize, quarter: usize| {
            choice.hidden.keys().any(|cell| cell.series == names[who] && cell.when == when(quarter))
        };
        for (what, values) in tried(&parts, &hidden, running, 34) {
            let is_safe = (1..5).all(|value| values.contains(&value)) || values.len() > 5;
            prop_assert!(is_safe, "{what} is one of {values:?}: {parts:?} {:?}", choice.hidden);
        }
    }
}
