//! One table's file, read: its fields, what their values must satisfy, and its questions.
//!
//! Invariant: a key, constraint or name that would do nothing here is a mistake; nothing is read and then left unused.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;

use super::document::{Document, Section};
use super::partnership::{Parts, words};
use super::table::{
    Choice, Condition, Constraint, EnumBy, FORMATS, Field, FieldKind, Format, KINDS, Limit, Owner,
    Question, Role, Table,
};
use super::{Fault, known};
use crate::value::text::{fold, fold_word};

/// The most words of a text whose field gives no limit of its own.
const TEXT_WORDS_MAXIMUM: u32 = 250;

/// A heading longer than this, in characters, is never looked at.
pub(super) const HEADING_CHARS_MAX: usize = 1000;

/// Reads one table's file; nothing where a mistake in it lets no table be had.
pub(super) fn parse(
    file: &str,
    text: &str,
    parts: &Parts,
    faults: &mut Vec<Fault>,
) -> Option<Table> {
    let document = Document::parse(file, text);
    if document.is_faulty() {
        faults.extend(document.into_faults());
        return None;
    }
    let table = read(&document, parts, file);
    faults.extend(document.into_faults());
    table
}

/// The table that a file describes.
pub(super) fn read(document: &Document<'_>, parts: &Parts, file: &str) -> Option<Table> {
    let root = document.root();
    let table = table(&root, parts, file);
    root.close();
    table
}

/// The keys of `[table]` whose lines later mistakes name.
const LINES: [&str; 10] = [
    "name",
    "title",
    "sheets",
    "primary_key",
    "row_held_with",
    "unfilled_without",
    "prefilled",
    "unique",
    "without",
    "block_title",
];

fn table(root: &Section<'_, '_>, parts: &Parts, file: &str) -> Option<Table> {
    let section = root.section("table")?;
    let name = section.required_text("name");
    let mut found_in = Vec::new();
    for word in section.texts("found_in") {
        match [Role::Plan, Role::Return, Role::Ledger]
            .into_iter()
            .find(|role| role.word() == word)
        {
            Some(role) => found_in.push(role),
            None => section.fault(
                "found_in",
                format!("`found_in` may name \"plan\", \"return\" and \"ledger\", not \"{word}\""),
            ),
        }
    }
    if found_in.is_empty() {
        section.fault(
            "found_in",
            "`found_in` must say where the table is looked for: \"plan\", \"return\" or \"ledger\"",
        );
    }
    let owner = if found_in.contains(&Role::Plan) {
        Owner::Partnership
    } else {
        Owner::Partner
    };
    let mut fields: Vec<Field> = Vec::new();
    for entry in root.sections("fields") {
        let line = entry.first_line();
        for field in field(&entry, parts, &name, owner) {
            if let Some(other) = fields.iter().find(|f| f.name == field.name) {
                entry.fault(
                    "name",
                    format!(
                        "the field `{}` is given twice, here and in line {}",
                        field.name, other.line
                    ),
                );
            } else {
                fields.push(Field { line, ..field });
            }
        }
        entry.close();
    }
    let answers: Vec<Question> = root
        .sections("answers")
        .into_iter()
        .filter_map(|entry| question(entry, parts, &name))
        .collect();
    if fields.is_empty() && answers.is_empty() {
        root.fault(
            "fields",
            "there must be at least one [[fields]] entry, or a question: [[answers]]",
        );
    }
    if section.has("guidance") && answers.is_empty() {
        section.fault(
            "guidance",
            "`guidance` does nothing in a table without [[answers]]",
        );
    }
    let sheets = section.texts("sheets");
    for (sheet, pattern) in sheets.iter().map(|sheet| (sheet, fold(sheet))) {
        if pattern.is_empty() {
            section.fault(
                "sheets",
                format!("`sheets` names \"{sheet}\", which no sheet's name could match"),
            );
        } else if let Some(ignored) = parts.words.ignores(&pattern) {
            section.fault(
                "sheets",
                format!("`sheets` names \"{sheet}\", which `ignored_sheets` of partnership.toml passes over already by \"{ignored}\""),
            );
        }
    }
    let mut row_held_with = section.texts("row_held_with");
    for own in known::held_whole(&name) {
        if !row_held_with.iter().any(|field| field == own) {
            row_held_with.push((*own).to_owned());
        }
    }
    let own_headings = builtin_computed(&name);
    let computed = section.texts("computed");
    let found = Table {
        title: section.required_text("title"),
        found_in,
        sheets: words(sheets.iter().map(String::as_str)).to_vec(),
        primary_key: section.texts("primary_key"),
        row_held_with,
        unfilled_without: section.texts("unfilled_without"),
        prefilled: section.texts("prefilled"),
        computed: words(computed.iter().chain(&own_headings).map(String::as_str)).to_vec(),
        unique: section.text_lists("unique"),
        rows_minimum: section.count("rows_minimum").unwrap_or_default(),
        block_title: section.text("block_title"),
        restates: section.text("restates"),
        guidance: words(section.texts("guidance").iter().map(String::as_str)).to_vec(),
        without: section.texts("without"),
        answers,
        question_table: None,
        file: file.to_owned(),
        lines: LINES.iter().map(|key| (*key, section.line(key))).collect(),
        name,
        fields,
        index: BTreeMap::new(),
        quarter_index: BTreeMap::new(),
    };
    section.close();
    Some(found)
}

/// The headings that this program's own sheets give the figures it works out, whatever configuration is in force.
fn builtin_computed(table: &str) -> Vec<String> {
    let file = format!("{table}.toml");
    super::built_in_files()
        .into_iter()
        .filter(|(name, _)| *name == file)
        .flat_map(|(name, text)| {
            let document = Document::parse(&name, &text);
            let section = document.root().section("table");
            section.map_or_else(Vec::new, |section| section.texts("computed"))
        })
        .collect()
}

/// A question with its one answer: a field that stands outside the table's rows.
fn question(entry: Section<'_, '_>, parts: &Parts, table: &str) -> Option<Question> {
    let is_below = match entry.text("answer").as_deref() {
        None | Some("right") => false,
        Some("below") => true,
        Some(other) => {
            entry.fault(
                "answer",
                format!("`answer` must be \"right\" or \"below\" of its label, not \"{other}\""),
            );
            false
        }
    };
    let line = entry.first_line();
    // A question is found by its own words alone: its name is often the sheet's title, too.
    let asked = words(
        std::iter::once(entry.text("title").unwrap_or_default())
            .chain(entry.texts("aliases"))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str),
    );
    let field = field(&entry, parts, table, Owner::Partner)
        .into_iter()
        .next()
        .map(|field| Field {
            headings: asked,
            ..field
        });
    for key in ["quarterly", "quarter_aliases", "owner"] {
        if entry.has(key) {
            entry.fault(
                key,
                format!(
                    "a question has one answer, in one place: `{key}` does nothing in [[answers]]"
                ),
            );
        }
    }
    if field.as_ref().is_some_and(|field| field.constraint.unique) {
        entry.fault(
            "constraints",
            "a question has one answer: `unique` does nothing in [[answers]]",
        );
    }
    entry.close();
    field.map(|field| Question {
        field: Field { line, ..field },
        is_below,
    })
}

/// The kind and what its word says beside it.
fn kind(section: &Section<'_, '_>) -> (FieldKind, Option<Format>, bool) {
    let word = section.required_text("type");
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) else {
        if !word.is_empty() {
            let known: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
            section.fault(
                "type",
                format!("`{word}` is no type: use {}", known.join(", ")),
            );
        }
        return (FieldKind::Text, None, false);
    };
    let format = match word.as_str() {
        "telephone" => Some(Format::Telephone),
        "postcodes" => Some(Format::Postcodes),
        _ => None,
    };
    (*kind, format, word == "integer")
}

/// Says that a key does nothing for a field of this type.
fn only_for(section: &Section<'_, '_>, key: &str, is_honoured: bool, types: &str) {
    if section.has(key) && !is_honoured {
        section.fault(
            key,
            format!("`{key}` does nothing here: it is for fields of type {types}"),
        );
    }
}

fn field(section: &Section<'_, '_>, parts: &Parts, table: &str, usual: Owner) -> Vec<Field> {
    let name = section.required_text("name");
    let title = section.required_text("title");
    let (mut kind, format, is_whole) = kind(section);
    let aliases = section.texts("aliases");
    let quarter_aliases = section.texts("quarter_aliases");
    let is_quarterly = section.flag("quarterly");
    let is_free_text = section.flag("free_text");
    let allows_thousands = section.flag("thousands");
    let owner = match section.text("owner").as_deref() {
        None => usual,
        Some("partnership") => Owner::Partnership,
        Some("lead") => Owner::Lead,
        Some("partner") => Owner::Partner,
        Some("finance") => Owner::Finance,
        Some(other) => {
            section.fault("owner", format!("`owner` must be \"partnership\", \"lead\", \"partner\" or \"finance\", not \"{other}\""));
            usual
        }
    };
    let missing: Arc<[String]> = if section.has("missing_values") {
        section
            .texts("missing_values")
            .iter()
            .map(|word| fold_word(word))
            .collect()
    } else {
        parts.words.missing.clone().into()
    };
    let zero = section
        .texts("zero_values")
        .iter()
        .map(|word| fold_word(word))
        .collect();
    let continuous = words(
        section
            .texts("continuous_values")
            .iter()
            .map(String::as_str),
    );
    let mut choices = choices(section);
    if kind == FieldKind::Choice && choices.is_empty() {
        section.fault(
            "choices",
            "a field of type \"choice\" needs [[fields.choices]]",
        );
    }
    let is_figure = matches!(kind, FieldKind::Money | FieldKind::Number);
    only_for(section, "choices", kind == FieldKind::Choice, "\"choice\"");
    only_for(section, "thousands", is_figure, "\"money\" and \"number\"");
    only_for(
        section,
        "zero_values",
        is_figure,
        "\"money\" and \"number\"",
    );
    only_for(
        section,
        "continuous_values",
        kind == FieldKind::Timescale,
        "\"timescale\"",
    );
    only_for(section, "free_text", kind == FieldKind::Text, "\"string\"");
    if is_quarterly && section.has("quarter_aliases") {
        section.fault(
            "quarter_aliases",
            "`quarter_aliases` does nothing beside `quarterly`: the `aliases` of a quarterly field are without their quarter already",
        );
    }
    reachable(section, &title, &aliases, kind, is_quarterly);
    let mut constraint = Constraint::default();
    if let Some(own) = section.optional_section("constraints") {
        let listed;
        (constraint, listed) = constraints(own, parts, kind);
        if !listed.is_empty() {
            kind = FieldKind::Choice;
            choices = listed;
        }
    }
    constraint.format = constraint.format.or(format);
    constraint.is_whole |= is_whole;
    if kind == FieldKind::Text {
        constraint.words_maximum.get_or_insert(TEXT_WORDS_MAXIMUM);
    }
    let is_declared = |name: &str| known::is_table(table) && known::field(table, name).is_none();
    let one = |name: String, title: String, quarter: Option<u8>| {
        let spoken = name.replace('_', " ");
        Field {
            headings: words(
                [title.as_str(), spoken.as_str()].into_iter().chain(
                    if is_quarterly {
                        &[]
                    } else {
                        aliases.as_slice()
                    }
                    .iter()
                    .map(String::as_str),
                ),
            ),
            quarter_headings: quarter_words(if is_quarterly {
                &aliases
            } else {
                &quarter_aliases
            }),
            is_of_quarter: !is_quarterly && !quarter_aliases.is_empty(),
            is_declared: is_declared(&name),
            name,
            title,
            kind,
            constraint: constraint.clone(),
            quarter,
            owner,
            missing: Arc::clone(&missing),
            zero: Arc::clone(&zero),
            continuous: Arc::clone(&continuous),
            choices: choices.clone(),
            is_restated: false,
            is_free_text,
            allows_thousands,
            line: 0,
        }
    };
    if is_quarterly {
        (1..=4)
            .map(|q| {
                one(
                    format!("q{q}_{name}"),
                    format!("{} {}", parts.year.quarter_name(q), title.to_lowercase()),
                    Some(q),
                )
            })
            .collect()
    } else {
        vec![one(name, title, None)]
    }
}

/// Says which title or alias no heading could ever match.
fn reachable(
    section: &Section<'_, '_>,
    title: &str,
    aliases: &[String],
    kind: FieldKind,
    is_quarterly: bool,
) {
    for (key, word) in std::iter::once(("title", title))
        .chain(aliases.iter().map(|alias| ("aliases", alias.as_str())))
    {
        let is_bare = is_quarterly && key == "aliases" && word.is_empty();
        let why = if word.chars().count() > HEADING_CHARS_MAX {
            "it is longer than 1,000 characters"
        } else if fold(word).is_empty() && !is_bare && !(word == "£" || word == "#") {
            "there is no letter and no figure in it"
        } else if (kind == FieldKind::Money && word.contains(['€', '$', '¥', '%']))
            || (kind == FieldKind::Number && word.contains(['€', '$', '¥']))
        {
            "such a heading says that its figures are not what the type says"
        } else {
            continue;
        };
        if !word.is_empty() || key == "aliases" {
            section.fault(
                key,
                format!("no heading could match \"{}\": {why}", shortened(word)),
            );
        }
    }
}

fn shortened(word: &str) -> String {
    let short: String = word.chars().take(60).collect();
    if short.len() < word.len() {
        short + "…"
    } else {
        short
    }
}

/// Like `words`, but an empty alias is kept: a bare `Quarter 1` may name a field.
fn quarter_words(aliases: &[String]) -> Arc<[String]> {
    let mut out: Vec<String> = Vec::new();
    for alias in aliases {
        let folded = fold(alias);
        if !out.contains(&folded) {
            out.push(folded);
        }
    }
    out.into()
}

fn choices(section: &Section<'_, '_>) -> Vec<Choice> {
    let mut out: Vec<Choice> = Vec::new();
    for entry in section.sections("choices") {
        let (value, label) = (entry.required_text("value"), entry.required_text("label"));
        let synonyms = entry.texts("synonyms");
        let words = words(
            [value.as_str(), label.as_str()]
                .into_iter()
                .chain(synonyms.iter().map(String::as_str)),
        );
        let shared = |choice: &Choice| {
            let word = choice.words.iter().find(|word| words.contains(word));
            word.map(|word| (word.clone(), choice.value.clone()))
        };
        if let Some((word, other)) = out.iter().find_map(shared) {
            entry.fault(
                "synonyms",
                format!(
                    "`{value}` and `{other}` share the word `{word}`; each word may mean one thing only"
                ),
            );
        }
        entry.close();
        out.push(Choice {
            value,
            label,
            words,
        });
    }
    out
}

/// The choices that a plain list gives: each is its own value and label.
fn listed(section: &Section<'_, '_>) -> Vec<Choice> {
    let mut out: Vec<Choice> = Vec::new();
    for text in section.texts("enum") {
        let words = words([text.as_str()]);
        if words.is_empty() || out.iter().any(|choice| choice.words == words) {
            section.fault(
                "enum",
                format!("`enum` has \"{text}\" twice, or nothing can match it"),
            );
        } else {
            out.push(Choice {
                value: text.clone(),
                label: text,
                words,
            });
        }
    }
    out
}

fn constraints(
    section: Section<'_, '_>,
    parts: &Parts,
    kind: FieldKind,
) -> (Constraint, Vec<Choice>) {
    let is_text = kind == FieldKind::Text;
    let is_figure = matches!(kind, FieldKind::Money | FieldKind::Number);
    let is_day = matches!(kind, FieldKind::Date | FieldKind::Timescale);
    let is_written = is_text || matches!(kind, FieldKind::Reference | FieldKind::Line);
    for key in ["minimum", "maximum", "at_most", "at_least"] {
        only_for(
            &section,
            key,
            is_figure || is_day,
            "\"money\", \"number\", \"integer\", \"date\" and \"timescale\"",
        );
    }
    only_for(&section, "after", is_day, "\"date\" and \"timescale\"");
    only_for(
        &section,
        "pattern",
        is_written,
        "\"string\", \"reference\" and \"line\"",
    );
    for key in ["format", "words_maximum", "enum", "enum_by"] {
        only_for(&section, key, is_text, "\"string\"");
    }
    let pattern = section.text("pattern").and_then(|text| {
        let prefixes: Vec<String> = parts
            .priorities
            .iter()
            .map(|p| regex::escape(&p.prefix))
            .collect();
        let full = format!(
            "^(?i:{})$",
            text.replace("{prefix}", &format!("(?:{})", prefixes.join("|")))
        );
        match Regex::new(&full) {
            Ok(regex) => Some(regex),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim();
                section.fault(
                    "pattern",
                    format!("`pattern` is no regular expression: {why}"),
                );
                None
            }
        }
    });
    let limit = |key: &str| -> Option<Limit> {
        if is_day {
            section.date(key).map(Limit::Day)
        } else {
            section.decimal(key).map(Limit::Figure)
        }
    };
    let (minimum, maximum) = (limit("minimum"), limit("maximum"));
    let format = section.text("format").and_then(|word| {
        let found = FORMATS.iter().find(|(known, _)| *known == word);
        if found.is_none() {
            let known: Vec<&str> = FORMATS.iter().map(|(word, _)| *word).collect();
            section.fault(
                "format",
                format!("`{word}` is no format: use {}", known.join(", ")),
            );
        }
        found.map(|(_, format)| *format)
    });
    let found = Constraint {
        required: section.flag("required"),
        unique: section.flag("unique"),
        minimum,
        maximum,
        format,
        is_whole: false,
        words_maximum: section.count("words_maximum"),
        required_if: section
            .optional_section("required_if")
            .map(|entry| condition(entry)),
        at_most: section.text("at_most"),
        at_least: section.text("at_least"),
        after: section.text("after"),
        enum_by: section.optional_section("enum_by").map(|entry| {
            let found = EnumBy {
                field: entry.required_text("field"),
                lists: entry
                    .section("lists")
                    .map(Section::named_lists)
                    .unwrap_or_default(),
            };
            entry.close();
            found
        }),
        pattern,
    };
    let is_crossed = match (found.minimum, found.maximum) {
        (Some(Limit::Figure(least)), Some(Limit::Figure(most))) => least > most,
        (Some(Limit::Day(least)), Some(Limit::Day(most))) => least > most,
        (Some(_) | None, Some(_) | None) => false,
    };
    if is_crossed {
        section.fault("maximum", "`maximum` must not be below `minimum`");
    }
    if found.required && found.required_if.is_some() {
        section.fault(
            "required_if",
            "`required_if` does nothing beside `required = true`",
        );
    }
    let listed = if is_text {
        listed(&section)
    } else {
        Vec::new()
    };
    section.close();
    (found, listed)
}

fn condition(entry: Section<'_, '_>) -> Condition {
    let field = entry.required_text("field");
    let mut values = entry.texts("in");
    values.extend(entry.text("equals"));
    if values.is_empty() {
        entry.fault(
            "in",
            "`required_if` must say at which words the value is needed: in = [\"Yes\"]",
        );
    }
    entry.close();
    Condition { field, values }
}
