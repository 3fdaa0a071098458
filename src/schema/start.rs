//! A configuration to begin with: the built-in one's tables, words and statuses, with another partnership's year, agencies, priorities
//! and streams.

use super::{built_in_files, reference};
use crate::value::period::Quarter;

/// What a partnership says of itself to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its full name.
    pub name: String,
    /// The calendar year in which its year begins.
    pub year: i16,
    /// The agency that receives the returns, by code.
    pub host: String,
    /// Codes and names.
    pub agencies: Vec<(String, String)>,
    /// What references begin with, and names.
    pub priorities: Vec<(String, String)>,
    /// Codes, names, and who pays.
    pub streams: Vec<(String, String, String)>,
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// From one line of a text to another, the first included.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap_or(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let end = if to.is_empty() { None } else { rest.find(to) };
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

/// The files of the folder.
#[must_use]
pub fn start(said: &Start) -> Vec<(String, String)> {
    built_in_files()
        .into_iter()
        .map(|(name, text)| {
            let text = if name == "partnership.toml" {
                partnership(said, &text)
            } else {
                table(said, &text)
            };
            (name, text)
        })
        .chain(beside())
        .collect()
}

/// What helps to write one: the reference, and what editors complete and check by.
fn beside() -> [(String, String); 3] {
    let json = |file| reference::json_schema(file).to_string();
    [
        ("README.md".to_owned(), reference::markdown()),
        (
            "partnership.schema.json".to_owned(),
            json(reference::File::Partnership),
        ),
        ("table.schema.json".to_owned(), json(reference::File::Table)),
    ]
}

fn partnership(said: &Start, built_in: &str) -> String {
    use std::fmt::Write as _;
    let label = |year: i16| Quarter { year, number: 1 }.year_label();
    let (first, second) = (said.year, said.year + 1);
    let mut out = format!(
        "\
# {name}, {year}. Every key is told in README.md beside this file; `csp-bridge schema check` names every mistake.
#:schema ./partnership.schema.json

[partnership]
name = {quoted_name}
host = {host}            # receives the returns
ledger_agency = {host}   # whose finance system --ledger comes from
# returns_to = \"returns@example.org\"   # told on the forms

[year]
label = \"{year}\"
start = {first}-04-01
end = {second}-03-31
deadlines = [{first}-07-15, {first}-10-15, {second}-01-15, {second}-04-15]   # 15 days after each quarter; change them as agreed
# quarter_names = [\"Apr-Jun\", \"Jul-Sep\", \"Oct-Dec\", \"Jan-Mar\"]   # in headings of outputs, in place of Q1 to Q4

# The plan's priorities. `prefix` is what their actions' references begin with; `aliases` are other words for them.
",
        name = said.name.replace(['\n', '\r'], " "),
        year = label(said.year),
        quoted_name = quoted(&said.name),
        host = quoted(&said.host),
    );
    for (number, (prefix, name)) in (1..).zip(&said.priorities) {
        let _ = write!(
            out,
            "\n[[priorities]]\ncode = \"P{number}\"\nprefix = {}\nname = {}\naliases = [\"Priority {number}\"]\n",
            quoted(prefix),
            quoted(name)
        );
    }
    out.push_str("\n# Who takes part. `aliases` are other words for them in cells and file names; `reports` is \"expected\" or \"optional\".\n");
    for (code, name) in &said.agencies {
        let _ = write!(
            out,
            "\n[[agencies]]\ncode = {}\nname = {}\naliases = []\nrecovers_vat = false   # true: claims are net of VAT\nreports = \"expected\"\n",
            quoted(code),
            quoted(name)
        );
    }
    out.push('\n');
    out.push_str(between(
        built_in,
        "# Words that stand for several agencies",
        "[[statuses]]",
    ));
    out.push_str(between(
        built_in,
        "# The status scheme",
        "# Words that stand for several",
    ));
    out.push_str(between(built_in, "[[statuses]]", "# Money."));
    out.push_str("# Money: each stream with who pays. Spend outside its period is held (F504).\n");
    for (code, name, funder) in &said.streams {
        let _ = write!(
            out,
            "\n[[streams]]\ncode = {}\nname = {}\nfunder = {}\nperiod_start = {first}-04-01\nperiod_end = {second}-03-31\ntolerance = \"1.00\"\n# revenue_only = true\n# virement_needs_approval = true\n",
            quoted(code),
            quoted(name),
            quoted(funder)
        );
    }
    if said
        .streams
        .iter()
        .any(|(_, _, funder)| funder.eq_ignore_ascii_case("PCC"))
    {
        out.push_str(
            "\n# Who pays, in full words.\n\n[funders]\nPCC = \"Police and Crime Commissioner\"\n",
        );
    }
    out.push('\n');
    let rest = between(built_in, "[thresholds]", "");
    for line in rest.replace("Kent Police", "Northshire Police").lines() {
        // What is another partnership's own is left out.
        let line = match line.split([' ', '=']).next() {
            Some("allowed_contacts") => "allowed_contacts = []",
            Some("priorities") => "priorities = []",
            Some("contact") => "# contact = \"…\"",
            Some("name") => "# name = \"…\"",
            _ => line,
        };
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A table's file, with this year in its headings and references as these priorities have them.
fn table(said: &Start, text: &str) -> String {
    let label = |year: i16| Quarter { year, number: 1 }.year_label();
    let (own, last) = (label(said.year), label(said.year - 1));
    let is_dotted = !said.priorities.is_empty()
        && said
            .priorities
            .iter()
            .all(|(prefix, _)| prefix.bytes().all(|byte| byte.is_ascii_digit()));
    let mut out = format!("#:schema ./table.schema.json\n{text}")
        .replace("2022/23", &own.replace('-', "/"))
        .replace("2021/22", &last.replace('-', "/"))
        .replace("2022-23", &own)
        .replace("2021-22", &last);
    if is_dotted {
        out = out.replace(r"{prefix}[\s\p{Pd}]*\d+[a-z]?", r"{prefix}\.\d+[a-z]?");
    }
    out
}
