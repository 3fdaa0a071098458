//! The house, held by tests: which room may look into which, which file names which library, what is registered where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use csp_bridge::rules::CATALOGUE;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// Source without comments, so that a link in documentation is no import.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

fn name(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/")
}

/// The rooms in their order: each may look into those before it.
const ORDER: [&str; 23] = [
    "watch",
    "grid",
    "value",
    "finding",
    "schema",
    "decision",
    "read",
    "layout",
    "record",
    "source",
    "reconcile",
    "change",
    "funding",
    "publish",
    "rules",
    "settlement",
    "pipeline",
    "mark",
    "feedback",
    "render",
    "write",
    "export",
    "page",
];

#[test]
fn imports_go_one_way() {
    let rank: BTreeMap<&str, usize> = ORDER
        .iter()
        .enumerate()
        .map(|(index, name)| (*name, index))
        .collect();
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let file = name(&path);
        let Some(room) = file
            .split('/')
            .nth(1)
            .map(|part| part.trim_end_matches(".rs"))
            .filter(|room| rank.contains_key(room))
        else {
            continue;
        };
        for part in code(&path).split("crate::").skip(1) {
            let named: String = part
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            assert!(
                rank.contains_key(named.as_str()) || named.is_empty(),
                "{file} names crate::{named}, which is no room of the house"
            );
            if rank.get(named.as_str()) > rank.get(room) {
                wrong.push(format!("{file} looks up into {named}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_and_the_disk_are_named_in_one_place() {
    let only: [(&str, &str); 12] = [
        ("calamine::", "src/read/"),
        ("rust_xlsxwriter", "src/write/"),
        ("std::fs", "src/bin/"),
        ("std::env", "src/bin/"),
        ("jiff::Zoned", "src/bin/"),
        ("SystemTime", "src/bin/"),
        ("maud::", "src/page/"),
        ("hyper::", "src/bin/csp-bridge/serve/"),
        ("hyper_util::", "src/bin/csp-bridge/serve/"),
        ("tokio::", "src/bin/csp-bridge/serve/"),
        ("multer::", "src/bin/csp-bridge/serve/"),
        ("opener::", "src/bin/csp-bridge/serve/"),
    ];
    for path in rust_files(&root().join("src")) {
        let (file, text) = (name(&path), code(&path));
        for (word, place) in only {
            assert!(
                !text.contains(word) || file.starts_with(place),
                "{file} names {word}, which belongs in {place}"
            );
        }
    }
}

/// What a partner writes is text on the page: nothing there can be put in as markup.
#[test]
fn nothing_on_the_page_goes_past_the_escaping() {
    for path in rust_files(&root().join("src/page")) {
        let text = code(&path);
        for word in ["PreEscaped", "Display for Said"] {
            assert!(!text.contains(word), "{} has {word}", name(&path));
        }
    }
}

#[test]
fn findings_are_made_by_rules_alone() {
    for path in rust_files(&root().join("src")) {
        let file = name(&path);
        let makes = code(&path).contains("Finding {") && !file.starts_with("src/finding/");
        let builds = makes
            && code(&path).lines().any(|line| {
                line.trim_end().ends_with("Finding {")
                    && !line.contains("struct")
                    && !line.contains("impl")
            });
        assert!(
            !builds || file.starts_with("src/rules/"),
            "{file} makes a finding"
        );
    }
}

#[test]
fn codes_are_unique_and_in_order() {
    let codes: Vec<&str> = CATALOGUE.iter().map(|rule| rule.code.0).collect();
    let mut sorted = codes.clone();
    let order = |code: &&str| ("SHCRMFG".find(&code[..1]), (*code).to_owned());
    sorted.sort_by_key(order);
    sorted.dedup();
    assert_eq!(codes, sorted);
}

/// Rule files = catalogue = cases = the README's table.
#[test]
fn rules_cases_and_readme_agree() {
    let catalogue: BTreeSet<String> = CATALOGUE
        .iter()
        .map(|rule| format!("{} {}", rule.code, rule.name))
        .collect();
    let files: BTreeSet<String> = rust_files(&root().join("src/rules"))
        .iter()
        .filter(|path| {
            let file = name(path);
            file.split('/').count() == 4 && !file.ends_with("/mod.rs")
        })
        .filter(|path| code(path).contains("RULE: Rule"))
        .map(|path| {
            path.file_stem()
                .unwrap()
                .to_string_lossy()
                .replace('_', "-")
        })
        .collect();
    let names: BTreeSet<String> = CATALOGUE.iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(
        files, names,
        "a rule's file is named for it, and is in the catalogue"
    );

    let cases: BTreeSet<String> = crate::rules::files()
        .iter()
        .map(|(name, _)| name.replacen('-', " ", 1))
        .collect();
    assert_eq!(
        cases, catalogue,
        "every rule has a file of cases in tests/rules, and every such file a rule"
    );

    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(
        readme.contains(&rules_table()),
        "the README's table of rules is not the catalogue's; `cargo test --test suite regenerate_the_rules_in_the_readme -- --ignored` writes it anew"
    );
}

/// The README's table of rules, from the catalogue.
fn rules_table() -> String {
    let mut out = "| code | name | severity | what it finds |\n|--|--|--|--|\n".to_owned();
    for rule in CATALOGUE {
        let (code, name, severity) = (rule.code, rule.name, rule.severity.word());
        let _ = writeln!(out, "| {code} | {name} | {severity} | {} |", rule.summary);
    }
    out
}

/// Not a test: the one command that writes the README's table of rules anew.
#[test]
#[ignore = "writes README.md"]
fn regenerate_the_rules_in_the_readme() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once("<!-- rules:").unwrap();
    let (mark, rest) = rest.split_once('\n').unwrap();
    let (_, tail) = rest.split_once("<!-- end of rules -->").unwrap();
    let table = rules_table();
    fs::write(
        path,
        format!("{head}<!-- rules:{mark}\n{table}<!-- end of rules -->{tail}"),
    )
    .unwrap();
}

#[test]
fn every_rule_explains_itself() {
    for rule in CATALOGUE {
        for (what, text) in [
            ("summary", rule.summary),
            ("why", rule.why),
            ("example", rule.example),
            ("fix", rule.fix),
        ] {
            assert!(
                text.len() > 10 && text.ends_with(['.', '?', '”', ')']),
                "{} has no proper {what}: {text}",
                rule.code
            );
        }
    }
}
