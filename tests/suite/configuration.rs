//! The language of the configuration: its reference is what the parser does, and nothing in it can be lost without a word.
//!
//! `cargo test --test suite configuration -- --ignored` writes the reference and the JSON Schemas anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use csp_bridge::rules;
use csp_bridge::schema::reference::{self, File, KEYS, Key};
use csp_bridge::schema::{self, Schema};
use toml::{Table, Value};

use crate::program::{run, samples};

/// A small configuration into which every example of the reference fits.
const PARTNERSHIP: &str = r##"
[partnership]
name = "Northbridge Safer Communities Partnership"
host = "NCC"

[year]
label = "2025-26"
start = 2025-04-01
end = 2026-03-31
deadlines = [2025-07-15, 2025-10-15, 2026-01-15, 2026-04-15]

[[priorities]]
code = "P1"
prefix = "1"
name = "One"

[[priorities]]
code = "P2"
prefix = "2"
name = "Two"

[[agencies]]
code = "NCC"
name = "Northbridge City Council"

[[agencies]]
code = "NSP"
name = "Northshire Police"

[[agency_groups]]
name = "All partners"
agencies = ["expected"]

[[statuses]]
value = "on-track"
label = "Green"
fill = "#C6E0B4"

[[statuses]]
value = "off-track"
label = "Red"
fill = "#F8B4A8"

[[streams]]
code = "VRU"
name = "Violence Reduction Unit"
funder = "PCC"
period_start = 2025-04-01
period_end = 2026-03-31

[[streams]]
code = "SS"
name = "Safer Streets"
funder = "Home Office"

[labels]

[words]
ignored_sheets = ["Guidance"]
"##;

const TABLE: &str = r#"
[table]
name = "things"
title = "Things"
found_in = ["return"]
sheets = ["things"]

[[fields]]
name = "first"
title = "First"
type = "string"

[[fields]]
name = "second"
title = "Second"
type = "choice"
choices = [{ value = "yes", label = "Yes" }, { value = "no", label = "No" }]

[[fields]]
name = "amount"
title = "Amount of it"
type = "number"

[[fields]]
name = "day"
title = "Day"
type = "date"

[[fields]]
name = "tested"
title = "Tested"
type = "string"

[[answers]]
name = "second"
title = "Is it so"
type = "choice"
choices = [{ value = "yes", label = "Yes" }, { value = "no", label = "No" }]

[[answers]]
name = "amount"
title = "How much"
type = "number"

[[answers]]
name = "day"
title = "On which day"
type = "date"

[[answers]]
name = "tested"
title = "What is tested"
type = "string"
"#;

fn table(text: &str) -> Table {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The configuration with a snippet put into its section.
fn with(key: &Key, snippet: &str, of: &str) -> Vec<(String, String)> {
    let (mut partnership, mut things) = (table(PARTNERSHIP), table(TABLE));
    let root = match key.file {
        File::Partnership => &mut partnership,
        File::Table => &mut things,
    };
    let mut at = root;
    for part in key.section.split('.').filter(|part| !part.is_empty()) {
        let is_list = matches!(
            part,
            "priorities"
                | "agencies"
                | "agency_groups"
                | "statuses"
                | "streams"
                | "ledger_map"
                | "fields"
                | "answers"
                | "choices"
                | "sums"
        );
        let usual = match part {
            "required_if" => table("field = \"second\"\nin = [\"Yes\"]"),
            "enum_by" => table("field = \"second\"\nlists = { Yes = [\"One\"] }"),
            _ => Table::new(),
        };
        if part == "choices" {
            at.insert("type".to_owned(), Value::String("choice".to_owned()));
            let both = "choices = [{ value = \"1\", label = \"1st\" }, { value = \"second\", label = \"Second\" }]";
            at.extend(table(both));
        }
        let entry = at.entry(part).or_insert_with(|| {
            if is_list {
                Value::Array(vec![Value::Table(Table::new())])
            } else {
                Value::Table(usual)
            }
        });
        at = match entry {
            // Of fields and questions the last is the one to try things on.
            Value::Array(list) => {
                let last = list.len() - 1;
                list.get_mut(if matches!(part, "fields" | "answers") {
                    last
                } else {
                    0
                })
            }
            other => Some(other),
        }
        .and_then(Value::as_table_mut)
        .unwrap();
        if matches!(part, "fields" | "answers") && !of.is_empty() {
            at.insert("type".to_owned(), Value::String(of.to_owned()));
        }
    }
    at.extend(table(snippet));
    vec![
        ("partnership.toml".to_owned(), partnership.to_string()),
        ("things.toml".to_owned(), things.to_string()),
    ]
}

#[test]
fn every_example_of_the_reference_parses_and_every_mistake_is_caught() {
    let mut wrong = String::new();
    for key in &KEYS {
        let name = format!("{:?} [{}] {}", key.file, key.section, key.key);
        if !key.example.is_empty()
            && let Err(faults) =
                Schema::parse("tried", &with(key, key.example, key.of), &rules::codes())
        {
            let _ = writeln!(wrong, "{name}: the example is refused: {faults:?}");
        }
        if Schema::parse("tried", &with(key, key.mistake, ""), &rules::codes()).is_ok() {
            let _ = writeln!(wrong, "{name}: the mistake is let through");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_reference_has_every_key_that_the_parser_asks_for() {
    let mut asked: BTreeSet<(File, String, String)> = BTreeSet::new();
    let mut types: BTreeSet<(File, String, String, &str)> = BTreeSet::new();
    for key in KEYS.iter().filter(|key| !key.example.is_empty()) {
        for (file, section, name, takes) in
            reference::asked(&with(key, key.example, key.of), &rules::codes())
        {
            asked.insert((file, section.clone(), name.clone()));
            types.insert((file, section, name, takes));
        }
    }
    // What questions cannot have is asked for so that it can be refused.
    asked.retain(|(_, section, key)| {
        !(section == "answers" && matches!(key.as_str(), "owner" | "quarterly" | "quarter_aliases")
            || section == "answers.constraints" && key == "unique")
    });
    let told: BTreeSet<(File, String, String)> = KEYS
        .iter()
        .map(|key| (key.file, key.section.to_owned(), key.key.to_owned()))
        .collect();
    let differ: Vec<_> = told.symmetric_difference(&asked).collect();
    assert!(differ.is_empty(), "told or asked, and not both: {differ:?}");
    for key in &KEYS {
        let own = (
            key.file,
            key.section.to_owned(),
            key.key.to_owned(),
            key.takes,
        );
        assert!(
            types.contains(&own),
            "{own:?} is asked for under another type"
        );
    }
}

fn generated() -> [(PathBuf, String); 3] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let json = |file| serde_json::to_string_pretty(&reference::json_schema(file)).unwrap() + "\n";
    [
        (folder.join("README.md"), reference::markdown()),
        (
            folder.join("partnership.schema.json"),
            json(File::Partnership),
        ),
        (folder.join("table.schema.json"), json(File::Table)),
    ]
}

#[test]
fn the_reference_and_the_json_schemas_are_the_committed_ones() {
    for (path, text) in generated() {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "{} is not what src/schema/reference.rs makes; write it anew",
            path.display()
        );
    }
}

#[test]
#[ignore = "writes the committed reference"]
fn write_the_reference() {
    for (path, text) in generated() {
        fs::write(path, text).unwrap();
    }
}

/// One bracket left open, one mistake.
#[test]
fn a_bracket_left_open_is_one_mistake() {
    for (file, _) in schema::built_in_files() {
        let files: Vec<(String, String)> = schema::built_in_files()
            .into_iter()
            .map(|(name, text)| {
                let text = if name == file {
                    text.replacen("[\"", "\"", 1)
                } else {
                    text
                };
                (name, text)
            })
            .collect();
        let faults = Schema::parse("tried", &files, &rules::codes()).unwrap_err();
        assert_eq!(faults.len(), 1, "{file}: {faults:?}");
        assert_eq!(faults[0].file, file);
        assert!(faults[0].line > 0);
    }
}

/// The built-in files, each parsed.
fn built_in() -> Vec<(String, Table)> {
    schema::built_in_files()
        .into_iter()
        .map(|(name, text)| (name, table(&text)))
        .collect()
}

fn written(files: &[(String, Table)]) -> Vec<(String, String)> {
    files
        .iter()
        .map(|(name, file)| (name.clone(), file.to_string()))
        .collect()
}

/// The figures of a small quarter under a configuration in a folder.
fn figures(folder: &Path, schema: Option<&Path>) -> serde_json::Value {
    let sample = |name: &str| samples().join(name).to_string_lossy().into_owned();
    let (plan, police, council) = (
        sample("action-plan.xlsx"),
        sample("returns-clean/Kent Police Q2 return (Jul-Sep 2022).xlsx"),
        sample("returns-clean/SDC return Q2 2022-23.xlsx"),
    );
    let mut args = vec![
        "merge",
        &plan,
        &police,
        &council,
        "--quarter",
        "2022-23-Q2",
        "--as-of",
        "2022-10-20",
        "-o",
        "o.xlsx",
        "--force",
        "--report",
        "r.json",
        "--fail-on",
        "never",
        "--quiet",
    ];
    let named = schema.map(|path| path.to_string_lossy().into_owned());
    if let Some(named) = &named {
        args.extend(["--schema", named]);
    }
    let said = run(folder, &args);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("r.json")).unwrap()).unwrap();
    let mut actions = report["actions"].clone();
    for action in actions.as_array_mut().unwrap() {
        action.as_object_mut().unwrap().remove("reports");
    }
    serde_json::json!([actions, report["funding"], report["totals"]])
}

/// A field that the program lives by is not lost without a word: renamed, retyped or removed, it is a mistake, or no figure is another.
#[test]
fn no_built_in_field_can_be_lost_in_silence() {
    let all = built_in();
    let mut silent: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (index, (file, toml)) in all.iter().enumerate() {
        let Some(fields) = toml.get("fields").and_then(Value::as_array) else {
            continue;
        };
        for at in 0..fields.len() {
            let name = fields[at]["name"].as_str().unwrap().to_owned();
            let kind = fields[at]["type"].as_str().unwrap().to_owned();
            // Where themes lead, the plan has no lead agency: the contract lets it be left out.
            if name == "lead_agency" && file == "actions.toml" {
                continue;
            }
            let retyped = if kind == "string" { "number" } else { "string" };
            for what in ["removed", "renamed", "renamed with its title", "retyped"] {
                let mut files = all.clone();
                let list = files[index].1["fields"].as_array_mut().unwrap();
                let field = list[at].as_table_mut().unwrap();
                match what {
                    "removed" => {
                        list.remove(at);
                    }
                    "renamed" => {
                        field.insert("name".to_owned(), Value::String(format!("{name}_2")));
                    }
                    "renamed with its title" => {
                        field.insert("name".to_owned(), Value::String("quite_other".to_owned()));
                        field.insert("title".to_owned(), Value::String("Quite other".to_owned()));
                    }
                    _ => {
                        field.insert("type".to_owned(), Value::String(retyped.to_owned()));
                        for key in [
                            "choices",
                            "zero_values",
                            "continuous_values",
                            "free_text",
                            "thousands",
                        ] {
                            field.remove(key);
                        }
                        if let Some(constraints) =
                            field.get_mut("constraints").and_then(Value::as_table_mut)
                        {
                            for key in ["minimum", "maximum", "words_maximum", "pattern"] {
                                constraints.remove(key);
                            }
                        }
                    }
                }
                // A list that names the field loses it too, so that the loss alone is judged.
                if what != "retyped"
                    && let Some(table) = files[index].1["table"].as_table_mut()
                {
                    for key in ["primary_key", "row_held_with", "prefilled"] {
                        if let Some(list) = table.get_mut(key).and_then(Value::as_array_mut) {
                            list.retain(|own| own.as_str() != Some(&name));
                        }
                    }
                }
                let files = written(&files);
                if Schema::parse("tried", &files, &rules::codes()).is_ok() {
                    silent.push((format!("{file}: {name} {what}"), files));
                }
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let usual = figures(folder.path(), None);
    let mut wrong = Vec::new();
    for (what, files) in silent {
        let dir = folder.path().join("schema");
        fs::create_dir_all(&dir).unwrap();
        for (name, text) in files {
            fs::write(dir.join(name), text).unwrap();
        }
        if figures(folder.path(), Some(&dir)) != usual {
            wrong.push(what);
        }
    }
    assert!(
        wrong.is_empty(),
        "figures changed without a word: {wrong:#?}"
    );
}

/// What the stages ask for by name is among the names that a configuration is held to.
#[test]
fn every_field_that_the_stages_ask_for_is_known() {
    let asks = regex::Regex::new(
        r#"\.(?:cell|text|value|choice|date|amount|any_amount|figure|reference|choice_value|address|says)\(\s*"([a-z_0-9]+)""#,
    )
    .unwrap();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut unknown = BTreeSet::new();
    for room in [
        "reconcile",
        "funding",
        "rules",
        "render",
        "change",
        "publish",
        "settlement",
        "source",
        "record",
    ] {
        for path in crate::architecture::rust_files(&src.join(room)) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for found in asks.captures_iter(code) {
                let name = found[1].to_owned();
                let is_known = schema::known::TABLES
                    .iter()
                    .any(|(table, _)| schema::known::field(table, &name).is_some());
                if !is_known {
                    unknown.insert((name, path.display().to_string()));
                }
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "asked for by name and not in src/schema/known.rs: {unknown:?}"
    );
}
