//! The program as a person or a script meets it: exit codes, sentences, and outputs that appear whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23")
}

pub(crate) fn run(folder: &Path, args: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = Said {
        code: output.status.code(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    };
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said
}

/// A folder with the sample plan and its clean returns.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        samples().join("action-plan.xlsx"),
        folder.path().join("plan.xlsx"),
    )
    .unwrap();
    fs::create_dir(folder.path().join("returns")).unwrap();
    for entry in fs::read_dir(samples().join("returns-clean")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(
            &path,
            folder
                .path()
                .join("returns")
                .join(path.file_name().unwrap()),
        )
        .unwrap();
    }
    folder
}

const JOB: [&str; 9] = [
    "merge",
    "plan.xlsx",
    "returns",
    "--quarter",
    "2022-23-Q2",
    "--as-of",
    "2022-10-20",
    "-o",
    "out.xlsx",
];

fn job(change: &[(&str, &str)], more: &[&str]) -> Vec<String> {
    let replaced = JOB.iter().map(|arg| {
        change
            .iter()
            .find(|(old, _)| old == arg)
            .map_or(*arg, |(_, new)| *new)
    });
    replaced
        .chain(more.iter().copied())
        .map(str::to_owned)
        .collect()
}

fn merge(folder: &Path, change: &[(&str, &str)], more: &[&str]) -> Said {
    let args = job(change, more);
    run(folder, &args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn names(folder: &Path) -> Vec<String> {
    let mut out: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    out.sort();
    out
}

#[test]
fn a_clean_quarter_exits_with_nought_and_says_so() {
    let folder = folder();
    let said = merge(
        folder.path(),
        &[],
        &["--report", "report.json", "--report", "report.csv"],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("10 returns merged into 40 actions."),
        "{}",
        said.out
    );
    assert!(said.out.contains("It ties out:"), "{}", said.out);
    assert_eq!(
        names(folder.path()),
        [
            "out.xlsx",
            "plan.xlsx",
            "report.csv",
            "report.json",
            "returns"
        ]
    );
}

#[test]
fn inputs_are_never_touched_and_the_old_output_is_kept() {
    let folder = folder();
    let before = fs::read(folder.path().join("plan.xlsx")).unwrap();
    assert_eq!(merge(folder.path(), &[], &[]).code, Some(0));
    let first = fs::read(folder.path().join("out.xlsx")).unwrap();
    let refused = merge(folder.path(), &[], &[]);
    assert_eq!(refused.code, Some(5));
    assert!(refused.err.contains("--force"), "{}", refused.err);
    assert_eq!(merge(folder.path(), &[], &["--force"]).code, Some(0));
    assert_eq!(
        names(folder.path()),
        ["out.before.xlsx", "out.xlsx", "plan.xlsx", "returns"]
    );
    assert!(first == fs::read(folder.path().join("out.before.xlsx")).unwrap());
    assert!(
        first == fs::read(folder.path().join("out.xlsx")).unwrap(),
        "the same inputs gave different bytes"
    );
    assert!(before == fs::read(folder.path().join("plan.xlsx")).unwrap());
}

#[test]
fn one_job_and_many_give_the_same_bytes() {
    let folder = folder();
    for entry in fs::read_dir(samples().join("returns")).unwrap() {
        let path = entry.unwrap().path();
        let returns = folder.path().join("returns");
        fs::copy(&path, returns.join(path.file_name().unwrap())).unwrap();
    }
    // More than any system would start.
    let outputs = ["1", "2", "8", "100000"].map(|jobs| {
        let said = merge(
            folder.path(),
            &[],
            &["--report", "report.json", "--force", "--jobs", jobs],
        );
        assert_eq!(said.code, Some(1), "{}", said.err);
        ["out.xlsx", "report.json"].map(|name| fs::read(folder.path().join(name)).unwrap())
    });
    let [one, two, many, absurd] = outputs;
    assert!(one == two && two == many && many == absurd);
}

#[test]
fn bad_input_gets_a_sentence() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("empty.xlsx"), b"").unwrap();
    fs::write(
        path.join("cut.xlsx"),
        &fs::read(path.join("plan.xlsx")).unwrap()[..4000],
    )
    .unwrap();
    fs::write(path.join("minutes.pdf"), b"%PDF-1.7 and so on").unwrap();
    fs::create_dir(path.join("nothing")).unwrap();
    // One without a table that a plan may have, whatever the order of its folder.
    let some_return = path.join("returns/DAVSS quarter 2 2022-23.xlsx");
    let some_return = some_return.to_str().unwrap();
    for (change, code, word) in [
        (("plan.xlsx", "absent.xlsx"), 4, "is not there"),
        (("plan.xlsx", "empty.xlsx"), 4, "cannot be read"),
        (("plan.xlsx", "cut.xlsx"), 4, "cannot be read"),
        (("plan.xlsx", "minutes.pdf"), 4, "PDF"),
        (("plan.xlsx", some_return), 4, "no table of actions"),
        (("returns", "absent"), 4, "is not there"),
        (("returns", "nothing"), 4, "no return was found"),
        (("out.xlsx", "plan.xlsx"), 2, "one of the inputs"),
        (("out.xlsx", "out.docx"), 2, ".xlsx"),
        (("out.xlsx", "absent/out.xlsx"), 5, "folder is not there"),
        (("2022-23-Q2", "the second"), 2, "quarter"),
    ] {
        let said = merge(path, &[change], &[]);
        assert_eq!(said.code, Some(code), "{change:?}: {}", said.err);
        assert!(said.err.contains(word), "{change:?}: {}", said.err);
        assert!(!path.join("out.xlsx").exists());
    }
}

#[test]
fn a_bad_return_is_a_finding_and_the_run_goes_on() {
    let folder = folder();
    let returns = folder.path().join("returns");
    fs::write(
        returns.join("broken q2 2022-23.xlsx"),
        b"PK\x03\x04 and then nothing",
    )
    .unwrap();
    fs::write(returns.join("~$lock.xlsx"), b"lock").unwrap();
    fs::write(returns.join("photo.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    let said = merge(folder.path(), &[], &[]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(
        said.out.contains("10 returns merged into 40 actions."),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("S001") && said.out.contains("S017"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("lock"), "{}", said.out);
}

#[test]
fn an_output_among_the_returns_is_passed_over() {
    let folder = folder();
    let inside = [("out.xlsx", "returns/out.xlsx")];
    assert_eq!(merge(folder.path(), &inside, &[]).code, Some(0));
    assert_eq!(merge(folder.path(), &inside, &["--force"]).code, Some(0));
}

/// An output that is one of the inputs, by whatever name, is refused before anything is read or written.
#[test]
fn no_output_is_an_input_by_any_name() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let refused = |change: &[(&str, &str)], more: &[&str]| {
        let content = |name: &str| fs::read(at("returns").join(name)).unwrap();
        let before: Vec<Vec<u8>> = names(&at("returns")).iter().map(|n| content(n)).collect();
        let (all, inside) = (names(folder.path()), names(&at("returns")));
        let said = merge(folder.path(), change, &[&["--force"], more].concat());
        assert_eq!(said.code, Some(2), "{change:?} {more:?}: {}", said.err);
        assert!(said.err.contains("one of the inputs"), "{}", said.err);
        assert_eq!(
            (all, inside.clone()),
            (names(folder.path()), names(&at("returns")))
        );
        assert!(before == inside.iter().map(|n| content(n)).collect::<Vec<_>>());
    };
    fs::copy(at("returns/kfrs-2022-23-q2.xlsx"), at("kfrs.before.xlsx")).unwrap();
    fs::copy(at("plan.xlsx"), at("old.before.xlsx")).unwrap();
    // As it is, round a corner, in other letters.
    for name in [
        "returns/kfrs-2022-23-q2.xlsx",
        "returns/../returns/./kfrs-2022-23-q2.xlsx",
        "returns/KFRS-2022-23-Q2.XLSX",
        "PLAN.xlsx",
    ] {
        refused(&[("out.xlsx", name)], &[]);
    }
    // The old workbook would be kept where an input stands.
    refused(
        &[("plan.xlsx", "old.before.xlsx"), ("out.xlsx", "old.xlsx")],
        &[],
    );
    refused(
        &[("returns", "kfrs.before.xlsx"), ("out.xlsx", "kfrs.xlsx")],
        &[],
    );
    fs::rename(at("kfrs.before.xlsx"), at("returns/kfrs.before.xlsx")).unwrap();
    refused(&[("out.xlsx", "returns/kfrs.xlsx")], &[]);
    // Reports and decisions.
    refused(&[], &["--report", "returns/cgl-sevenoaks-2022-23-q2.csv"]);
    fs::write(at("returns/mine.toml"), "year = 2022").unwrap();
    refused(&[], &["--decisions-out", "returns/mine.toml"]);
    fs::remove_file(at("returns/mine.toml")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("returns/kfrs-2022-23-q2.xlsx", at("soft.xlsx")).unwrap();
        fs::hard_link(at("returns/kfrs-2022-23-q2.xlsx"), at("hard.xlsx")).unwrap();
        std::os::unix::fs::symlink("returns", at("post")).unwrap();
        for name in ["soft.xlsx", "hard.xlsx", "post/kfrs-2022-23-q2.xlsx"] {
            refused(&[("out.xlsx", name)], &[]);
        }
        fs::remove_file(at("hard.xlsx")).unwrap();
        fs::remove_file(at("soft.xlsx")).unwrap();
    }
}

/// What an earlier run left among the returns is no return; of reports it is replaced, of workbooks it is told.
#[test]
fn what_a_run_left_among_the_returns_is_ours() {
    let folder = folder();
    let inside = [("out.xlsx", "returns/out.xlsx")];
    let reports = ["a.json", "a.csv", "a.html", "a.md"].map(|name| format!("returns/{name}"));
    let more: Vec<&str> = reports.iter().flat_map(|name| ["--report", name]).collect();
    assert_eq!(merge(folder.path(), &inside, &more).code, Some(0));
    // Of three runs there is an old workbook, and the one that the second kept.
    for _ in 0..2 {
        let said = merge(folder.path(), &inside, &[&["--force"], &more[..]].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(said.out.contains("10 returns merged"), "{}", said.out);
        assert!(said.out.contains("S017"), "{}", said.out);
    }
    assert!(names(&folder.path().join("returns")).contains(&"out.before.xlsx".to_owned()));
}

/// What Windows' command line makes of a folder's name that ends in a backslash before its closing mark is explained.
#[test]
fn a_name_that_swallowed_the_options_behind_it_is_explained() {
    let folder = folder();
    let swallowed = "returns\" --quarter 2022-23-Q2 -o out.xlsx";
    let said = run(folder.path(), &["merge", "plan.xlsx", swallowed]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--quarter <QUARTER>"), "{}", said.err);
    assert!(said.err.contains("takes the mark with it"), "{}", said.err);
    // Without such a mark nothing is added.
    let said = run(folder.path(), &["merge", "plan.xlsx", "returns"]);
    assert_eq!(said.code, Some(2));
    assert!(!said.err.contains("quotation mark"), "{}", said.err);
}

/// Configurations as Windows' editors save them: line ends of two signs, a byte order mark, names in capitals; in another encoding they
/// are refused in words that help.
#[test]
fn a_configuration_saved_by_another_editor_is_read() {
    let folder = folder();
    let said = run(folder.path(), &["schema", "export", "mine"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mine = folder.path().join("mine");
    let before = run(folder.path(), &["schema", "check", "mine"]);
    for name in names(&mine) {
        let text = fs::read_to_string(mine.join(&name)).unwrap();
        fs::remove_file(mine.join(&name)).unwrap();
        let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        fs::write(mine.join(name.replace(".toml", ".TOML")), text).unwrap();
    }
    let said = run(folder.path(), &["schema", "check", "mine"]);
    assert_eq!((said.code, said.out), (before.code, before.out));
    let name = names(&mine).remove(0);
    let text = fs::read_to_string(mine.join(&name)).unwrap();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(mine.join(&name), wide).unwrap();
    let said = run(folder.path(), &["schema", "check", "mine"]);
    assert_eq!(said.code, Some(3));
    assert!(said.err.contains(&name), "{}", said.err);
    assert!(said.err.contains("the encoding UTF-8"), "{}", said.err);
}

/// One bad thing among the returns is one finding, and the rest is merged.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_opened() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let pipe = |name: &str| {
        let made = Command::new("mkfifo").arg(at(name)).status().unwrap();
        assert!(made.success());
    };
    pipe("returns/pipe.xlsx");
    pipe("named.xlsx");
    let _socket = std::os::unix::net::UnixListener::bind(at("returns/socket.csv")).unwrap();
    symlink("nowhere.xlsx", at("returns/astray.xlsx")).unwrap();
    symlink("nowhere.xlsx", at("astray.xlsx")).unwrap();
    symlink("/dev/zero", at("returns/endless.xlsx")).unwrap();
    symlink("..", at("returns/above")).unwrap();
    fs::create_dir(at("returns/shut")).unwrap();
    fs::set_permissions(at("returns/shut"), fs::Permissions::from_mode(0o000)).unwrap();
    let large = fs::File::create(at("returns/large.xlsx")).unwrap();
    large.set_len(40 << 30).unwrap();

    let more = ["named.xlsx", "astray.xlsx", "--report", "report.json"];
    let said = merge(folder.path(), &[], &more);
    fs::set_permissions(at("returns/shut"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.out.contains("10 returns merged"), "{}", said.out);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(at("report.json")).unwrap()).unwrap();
    let codes_of = |path: &str| {
        let found = report["findings"].as_array().unwrap().iter();
        let own = found.filter(|finding| finding["path"] == path);
        own.map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (path, code) in [
        ("returns/pipe.xlsx", "S017"),
        ("returns/socket.csv", "S017"),
        ("returns/endless.xlsx", "S017"),
        ("returns/above", "S017"),
        ("named.xlsx", "S001"),
        ("returns/astray.xlsx", "S001"),
        ("astray.xlsx", "S001"),
        ("returns/large.xlsx", "S004"),
    ] {
        assert_eq!(codes_of(path), [code], "{path}");
    }
    // Nothing is shut to the administrator.
    let shut = codes_of("returns/shut");
    assert!(shut.is_empty() || shut == ["S001"], "{shut:?}");

    let plan = merge(
        folder.path(),
        &[("plan.xlsx", "named.xlsx"), ("out.xlsx", "a.xlsx")],
        &[],
    );
    assert_eq!(plan.code, Some(4), "{}", plan.err);
    let decisions = merge(
        folder.path(),
        &[("out.xlsx", "a.xlsx")],
        &["--decisions", "named.xlsx"],
    );
    assert_eq!(decisions.code, Some(3), "{}", decisions.err);
    pipe("pipe.md");
    let report = merge(
        folder.path(),
        &[("out.xlsx", "a.xlsx")],
        &["--report", "pipe.md"],
    );
    assert_eq!(report.code, Some(5), "{}", report.err);
}

/// Nothing from a file acts on a terminal, or is a formula or markup in a report.
#[test]
fn nothing_hostile_comes_out() {
    let folder = folder();
    let hostile = "Ref,Update,Status,Measure value\nSAC-01,Three stalls were held.,\"On\u{202e} track\u{1b}[2J\u{7};=cmd|'/C calc'!A0\",90\n\
        SAC-02,Forty bicycles were marked.,\"Fine\u{2066}\t@SUM(A1)\",40\n";
    fs::write(folder.path().join("returns/KCC Q2 2022-23 b.csv"), hostile).unwrap();
    let reports = [
        "--report", "a.csv", "--report", "a.md", "--report", "a.html",
    ];
    let said = merge(folder.path(), &[], &reports);
    assert!(said.out.contains("C207"), "{}", said.out);
    let acts = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t' | '\r')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(
        !said.out.contains(acts) && !said.err.contains(acts),
        "{}",
        said.out
    );
    for name in ["a.csv", "a.md", "a.html"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains("C207") && !text.contains(acts), "{name}");
    }
    // Whatever the one who opens it splits at.
    let csv = fs::read_to_string(folder.path().join("a.csv")).unwrap();
    for divider in [',', ';', '\t'] {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader
            .delimiter(divider as u8)
            .flexible(true)
            .has_headers(false);
        for row in reader.from_reader(csv.as_bytes()).records() {
            for cell in &row.unwrap() {
                assert!(!cell.starts_with(['=', '@', '+']), "{divider:?}: {cell}");
            }
        }
    }
}

/// A report replaces no file of somebody's.
#[test]
fn a_report_replaces_only_a_report() {
    let folder = folder();
    for name in ["notes.md", "list.csv", "page.html", "data.json"] {
        fs::write(folder.path().join(name), "# Ours\n\nThree things to do.").unwrap();
        let said = merge(folder.path(), &[], &["--report", name]);
        assert_eq!(said.code, Some(5), "{name}: {}", said.out);
        assert!(said.err.contains(name), "{}", said.err);
        let said = run(folder.path(), &["check", "returns", "--report", name]);
        assert_eq!(said.code, Some(5), "{name}: {}", said.out);
        assert!(!folder.path().join("out.xlsx").exists());
        let said = merge(folder.path(), &[], &["--force", "--report", name]);
        assert_eq!(said.code, Some(0), "{name}: {}", said.err);
        let said = run(folder.path(), &["check", "returns", "--report", name]);
        assert_ne!(said.code, Some(5), "{name}: {}", said.err);
        fs::remove_file(folder.path().join("out.xlsx")).unwrap();
    }
}

#[test]
fn the_level_that_fails_can_be_chosen() {
    let folder = folder();
    let pencil = fs::read_dir(folder.path().join("returns"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .min()
        .unwrap();
    fs::remove_file(pencil).unwrap();
    // A missing return after the deadline is an error, before it no more than information.
    assert_eq!(merge(folder.path(), &[], &[]).code, Some(1));
    assert_eq!(
        merge(folder.path(), &[], &["--force", "--fail-on", "never"]).code,
        Some(0)
    );
    assert_eq!(
        merge(folder.path(), &[("2022-10-20", "2022-10-12")], &["--force"]).code,
        Some(0)
    );
    assert_eq!(
        merge(
            folder.path(),
            &[("2022-10-20", "2022-10-12")],
            &["--force", "--fail-on", "warning"]
        )
        .code,
        Some(0)
    );
}

#[test]
fn a_plan_alone_is_checked_and_rewritten() {
    let folder = folder();
    let said = run(
        folder.path(),
        &[
            "merge",
            "plan.xlsx",
            "--quarter",
            "2022-23-Q2",
            "--as-of",
            "2022-10-20",
            "-o",
            "out.xlsx",
        ],
    );
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("0 returns merged into 40 actions."),
        "{}",
        said.out
    );
}

#[test]
fn files_are_checked_and_inspected_on_their_own() {
    let folder = folder();
    let said = run(
        folder.path(),
        &[
            "check",
            "plan.xlsx",
            "returns",
            "--as-of",
            "2022-10-20",
            "--report",
            "check.json",
        ],
    );
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("plan.xlsx: plan"), "{}", said.out);
    let said = run(folder.path(), &["inspect", "plan.xlsx"]);
    assert_eq!(said.code, Some(0));
    assert!(
        said.out.contains("Table Action plan with headings in"),
        "{}",
        said.out
    );
}

#[test]
fn the_configuration_is_exported_checked_and_every_mistake_told() {
    let folder = folder();
    let path = folder.path();
    assert_eq!(run(path, &["schema", "export", "mine"]).code, Some(0));
    assert_eq!(run(path, &["schema", "check", "mine"]).code, Some(0));
    assert_eq!(merge(path, &[], &["--schema", "mine"]).code, Some(0));
    let file = path.join("mine/partnership.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replace("recovers_vat = true", "recovers_vatt = true")
            .replace("near_miss_percent = 80", "near_miss_percent = 800"),
    )
    .unwrap();
    let said = run(path, &["schema", "check", "mine"]);
    assert_eq!(said.code, Some(3));
    assert!(
        said.err.matches("recovers_vatt").count() == 4 && said.err.contains("near_miss_percent"),
        "{}",
        said.err
    );
    assert!(said.err.contains("partnership.toml:"), "{}", said.err);
    assert_eq!(
        merge(path, &[], &["--schema", "mine", "--force"]).code,
        Some(3)
    );
}

#[test]
fn the_catalogue_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(folder.path(), &["rules"]);
    assert!(said.code == Some(0) && said.out.contains("C202"));
    let said = run(folder.path(), &["explain", "c202"]);
    assert!(
        said.code == Some(0) && said.out.contains("What to do"),
        "{}",
        said.err
    );
    assert_eq!(run(folder.path(), &["explain", "X999"]).code, Some(2));
    assert!(
        run(folder.path(), &["completions", "bash"])
            .out
            .contains("csp-bridge")
    );
    let manual = run(folder.path(), &["man"]).out;
    for word in [
        ".TH csp-bridge",
        "csp\\-bridge merge",
        "csp\\-bridge templates",
        "csp\\-bridge schema export",
        "\\-\\-fail\\-on",
        "EXIT STATUS",
        "FILE FORMATS",
    ] {
        assert!(manual.contains(word), "the manual lacks {word}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = run(folder.path(), &["completions", shell]);
        assert!(
            said.code == Some(0) && said.out.contains("templates"),
            "{shell}"
        );
    }
}

#[test]
fn reports_are_written_in_every_format_that_is_offered_and_no_other() {
    let folder = folder();
    let said = merge(
        folder.path(),
        &[],
        &[
            "--report", "a.html", "--report", "a.md", "--report", "a.csv",
        ],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    for (name, word) in [
        ("a.html", "Nothing was found"),
        ("a.md", "Nothing was found"),
        ("a.csv", "Severity"),
    ] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains(word), "{name}");
    }
    let said = merge(folder.path(), &[], &["--force", "--report", "a.docx"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains(".html"), "{}", said.err);
}

#[test]
fn return_workbooks_are_written_and_replaced_only_when_asked() {
    let folder = folder();
    let path = folder.path();
    let job = [
        "templates",
        "plan.xlsx",
        "--quarter",
        "2022-23-Q2",
        "-o",
        "to-send",
        "--as-of",
        "2022-10-01",
    ];
    let said = run(path, &job);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let written = names(&path.join("to-send"));
    assert_eq!(written.len(), 10, "{written:?}");
    assert!(written.contains(&"kent-police-return-2022-23-q2.xlsx".to_owned()));
    let file = path.join("to-send/kent-police-return-2022-23-q2.xlsx");
    let first = fs::read(&file).unwrap();
    let said = run(path, &job);
    assert_eq!(said.code, Some(5));
    assert!(said.err.contains("--force"), "{}", said.err);
    fs::write(&file, b"something else").unwrap();
    let again: Vec<&str> = job.iter().copied().chain(["--force"]).collect();
    assert_eq!(run(path, &again).code, Some(0));
    assert!(
        first == fs::read(&file).unwrap(),
        "the same plan gave different bytes"
    );
    let nowhere = [
        "templates",
        "absent.xlsx",
        "--quarter",
        "2022-23-Q2",
        "-o",
        "x",
    ];
    assert_eq!(run(path, &nowhere).code, Some(4));
    assert!(!path.join("x").exists());
}

#[test]
fn last_quarters_workbook_is_looked_at_and_has_to_be_readable() {
    let folder = folder();
    let first = merge(folder.path(), &[], &[]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    let next = [
        "merge",
        "out.xlsx",
        "--quarter",
        "2022-23-Q3",
        "--as-of",
        "2023-01-05",
        "--previous",
        "out.xlsx",
        "-o",
        "next.xlsx",
    ];
    let next = run(folder.path(), &next);
    assert_eq!(next.code, Some(0), "{}{}", next.out, next.err);
    // Time goes on: what the plan itself has overdue or behind is said, but nothing of its history.
    assert!(next.out.contains("0 errors"), "{}", next.out);
    assert!(!next.out.contains(" M4"), "{}", next.out);
    fs::write(folder.path().join("old.xlsx"), "%PDF-1.7 and so on").unwrap();
    let unreadable = merge(
        folder.path(),
        &[("out.xlsx", "again.xlsx")],
        &["--previous", "old.xlsx"],
    );
    assert_eq!(unreadable.code, Some(4));
    assert!(
        unreadable
            .err
            .contains("last quarter's workbook old.xlsx cannot be read"),
        "{}",
        unreadable.err
    );
    let missing = merge(
        folder.path(),
        &[("out.xlsx", "again.xlsx")],
        &["--previous", "none.xlsx"],
    );
    assert_eq!(missing.code, Some(4));
    assert!(missing.err.contains("is not there"), "{}", missing.err);
    let onto = merge(folder.path(), &[], &["--previous", "out.xlsx", "--force"]);
    assert_eq!(onto.code, Some(2), "{}", onto.err);
}

#[test]
fn diff_says_what_changed_and_its_exit_code_whether_anything_did() {
    let folder = folder();
    assert_eq!(merge(folder.path(), &[], &[]).code, Some(0));
    let same = run(folder.path(), &["diff", "plan.xlsx", "plan.xlsx"]);
    assert_eq!(same.code, Some(0), "{}", same.err);
    assert!(
        same.out.contains("Action plan: the same (40 rows)."),
        "{}",
        same.out
    );
    let args = ["diff", "plan.xlsx", "out.xlsx", "-o", "changes.xlsx"];
    let changed = run(folder.path(), &args);
    assert_eq!(changed.code, Some(1), "{}", changed.err);
    assert!(
        changed.out.contains("Q2 status: nothing → On track"),
        "{}",
        changed.out
    );
    let written = crate::workbook::text_of(&folder.path().join("changes.xlsx"));
    assert!(
        written.iter().any(|line| line.ends_with("Q2 status")),
        "{written:#?}"
    );
    assert_eq!(
        run(folder.path(), &args).code,
        Some(5),
        "it is there already"
    );
    let onto = ["diff", "plan.xlsx", "out.xlsx", "-o", "out.xlsx", "--force"];
    assert_eq!(run(folder.path(), &onto).code, Some(2));
    assert_eq!(
        run(folder.path(), &["diff", "plan.xlsx", "none.xlsx"]).code,
        Some(4)
    );
}

/// Found by fuzzing: an old workbook of 6 KB that makes its reader ask for more memory than there is. The child that reads it ends, the run does not.
#[cfg(unix)]
#[test]
fn a_file_that_asks_for_too_much_memory_ends_its_child_and_not_the_run() {
    let folder = folder();
    let hungry = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/child/hungry.xls");
    fs::copy(hungry, folder.path().join("returns/hungry.xls")).unwrap();
    let said = merge(folder.path(), &[], &[]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(
        said.out.contains("S001") && said.out.contains("10 returns merged"),
        "{}",
        said.out
    );
}

/// A fault of the program itself, at every stage: one sentence, its own exit code, and nothing half-written.
#[test]
fn a_fault_of_the_program_is_told_in_a_sentence_and_leaves_nothing_half_written() {
    let folder = folder();
    fs::write(folder.path().join("out.xlsx"), "the old one").unwrap();
    let there = || {
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let before = there();
    for (stage, doing) in [
        ("read", "reading "),
        ("judge", "checking what it had read"),
        ("make", "making the workbook"),
        ("report", "making a report"),
        ("place", "writing the outputs"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
            .current_dir(folder.path())
            .env("CSP_BRIDGE_FAIL_AT", stage)
            .args(JOB)
            .args(["--force", "--report", "report.json"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(70), "{stage}: {said}");
        assert!(
            said.contains(doing)
                && said.contains("nothing was written")
                && said.lines().count() == 1,
            "{stage}: {said}"
        );
        assert!(output.stdout.is_empty(), "{stage}");
        assert_eq!(there(), before, "{stage}");
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("out.xlsx")).unwrap(),
        "the old one"
    );
}

/// A run that does not tie out says so before anything else, and its exit code is 1 whatever else was asked.
#[test]
fn figures_that_do_not_tie_out_come_first_and_count() {
    let folder = folder();
    let output = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .current_dir(folder.path())
        .env("CSP_BRIDGE_LOSE_A_PENNY", "1")
        .args(JOB)
        .args(["--fail-on", "never"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let first = said.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("IT DOES NOT TIE OUT") && first.ends_with("they differ by £0.01."),
        "{said}"
    );
    assert!(!said.contains("It ties out"), "{said}");
}

/// Our own workbook among the returns is told and passed over; named as a return, it is none.
#[test]
fn our_own_workbook_is_no_return() {
    let folder = folder();
    assert_eq!(merge(folder.path(), &[], &[]).code, Some(0));
    fs::copy(
        folder.path().join("out.xlsx"),
        folder.path().join("returns/consolidated.xlsx"),
    )
    .unwrap();
    let plain = merge(folder.path(), &[("out.xlsx", "plain.xlsx")], &[]);
    assert_eq!(plain.code, Some(0), "{}", plain.out);
    assert!(plain.out.contains("S017"), "{}", plain.out);
    assert!(plain.out.contains("10 returns merged"), "{}", plain.out);
    let named = [("returns", "out.xlsx"), ("out.xlsx", "again.xlsx")];
    let named = merge(folder.path(), &named, &[]);
    assert_eq!(named.code, Some(1), "{}", named.err);
    assert!(named.out.contains("S001"), "{}", named.out);
}

#[test]
fn forms_are_made_for_the_partners_that_are_named() {
    let folder = folder();
    let make = |output: &str, of: &[&str]| {
        let mut args = vec![
            "templates",
            "plan.xlsx",
            "--quarter",
            "2022-23-Q2",
            "-o",
            output,
        ];
        args.extend(of.iter().flat_map(|agency| ["--for", agency]));
        let said = run(folder.path(), &args);
        let names = fs::read_dir(folder.path().join(output)).map_or(0, Iterator::count);
        (said, names)
    };
    let (said, count) = make("one", &["KP"]);
    assert_eq!((said.code, count), (Some(0), 1), "{}", said.err);
    let (said, count) = make("two", &["kent police", "Kenward Trust"]);
    assert_eq!((said.code, count), (Some(0), 2), "{}", said.err);
    let (said, count) = make("none", &["Kent Constabulary of Old"]);
    assert_eq!((said.code, count), (Some(2), 0));
    assert!(said.err.contains("KP (Kent Police)"), "{}", said.err);
}

#[test]
fn the_manual_explains_its_words() {
    let page = run(&samples(), &["man"]).out;
    let words = page.split(".SH \"WORDS\"").nth(1).unwrap();
    for word in ["held", "virement", "forecast, variance", "ties out"] {
        assert!(words.contains(&format!("\\fB{word}\\fR")), "{word}");
    }
}

/// What could not be opened on this computer is the officer's business: its partner is told nothing, for nothing of it was seen.
#[cfg(unix)]
#[test]
fn what_could_not_be_opened_is_said_to_the_officer_alone() {
    let folder = tempfile::tempdir().unwrap();
    let returns = folder.path().join("returns");
    fs::create_dir(&returns).unwrap();
    std::os::unix::fs::symlink(
        folder.path().join("gone.xlsx"),
        returns.join("kent-police-q2-2022-23.xlsx"),
    )
    .unwrap();
    let report = folder.path().join("report.json");
    let run = Command::new(env!("CARGO_BIN_EXE_csp-bridge"))
        .current_dir(folder.path())
        .arg("merge")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/2022-23/action-plan.xlsx"))
        .args(["returns", "--quarter", "2022-23-Q2", "--as-of"])
        .args(["2022-10-20", "-o", "out.xlsx", "--report", "report.json"])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    let found = report["findings"].as_array().unwrap();
    let unread = found
        .iter()
        .find(|finding| finding["code"] == "S001")
        .unwrap();
    assert!(
        unread["message"]
            .as_str()
            .unwrap()
            .contains("link to a file")
    );
    assert!(unread["fix"].as_str().unwrap().contains("on this computer"));
    assert!(unread["told"].is_null(), "{unread}");
}
