//! One table's schema: where it is found, its fields, and which headings mean which field.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use rust_decimal::Decimal;

use super::Fault;
use super::document::{Document, Section};
use super::partnership::{Parts, words};
use crate::value::period;
use crate::value::text::{contains_words, fold, fold_word};

/// The kind of file in which a table is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The partnership's action plan.
    Plan,
    /// A partner's quarterly return.
    Return,
    /// The finance system's export.
    Ledger,
    /// Last quarter's consolidated workbook.
    Previous,
}

impl Role {
    /// The word used in reports and configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Return => "return",
            Self::Ledger => "ledger",
            Self::Previous => "previous",
        }
    }
}

/// What a field's cells hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// An action's reference.
    Reference,
    /// A funding line's reference.
    Line,
    /// Several funding lines.
    Lines,
    /// Pounds and pence.
    Money,
    /// A figure.
    Number,
    /// A date.
    Date,
    /// A date, a quarter, a month or words that mean all year.
    Timescale,
    /// One of the field's own choices.
    Choice,
    /// One of the configured statuses.
    Status,
    /// One of the configured priorities.
    Priority,
    /// One of the configured agencies.
    Agency,
    /// Several of the configured agencies.
    Agencies,
    /// An e-mail address.
    Email,
    /// A postcode.
    Postcode,
}

const KINDS: [(&str, FieldKind); 15] = [
    ("string", FieldKind::Text),
    ("reference", FieldKind::Reference),
    ("line", FieldKind::Line),
    ("lines", FieldKind::Lines),
    ("money", FieldKind::Money),
    ("number", FieldKind::Number),
    ("date", FieldKind::Date),
    ("timescale", FieldKind::Timescale),
    ("choice", FieldKind::Choice),
    ("status", FieldKind::Status),
    ("priority", FieldKind::Priority),
    ("agency", FieldKind::Agency),
    ("agencies", FieldKind::Agencies),
    ("email", FieldKind::Email),
    ("postcode", FieldKind::Postcode),
];

/// Who may change a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The partnership: wording, target, lead, timescale.
    Partnership,
    /// The agency that leads the action.
    Lead,
    /// Any agency that reports on the action.
    Partner,
    /// The finance officer.
    Finance,
}

/// One accepted value of a choice field.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value as reports write it.
    pub value: String,
    /// The word as the workbook writes it.
    pub label: String,
    /// Folded words that mean it.
    pub words: Arc<[String]>,
}

/// What a value must satisfy, after Table Schema.
#[derive(Clone, Debug, Default)]
pub struct Constraint {
    /// A value must be there.
    pub required: bool,
    /// No two rows may share a value.
    pub unique: bool,
    /// The least number or amount.
    pub minimum: Option<Decimal>,
    /// The greatest number or amount.
    pub maximum: Option<Decimal>,
    /// What the text must look like.
    pub pattern: Option<Regex>,
    /// The most words a text may have.
    pub words_maximum: Option<u32>,
    /// A value must be there where another field of the row says this.
    pub required_if: Option<Condition>,
}

/// What another field of the same row must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The other field's name.
    pub field: String,
    /// The value: a choice's value or label, or the text itself.
    pub equals: String,
}

/// One field of a table.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a yes or no of the configuration's own, under its own name there"
)]
pub struct Field {
    /// Its name in reports: `lead_agency`, `q1_update`.
    pub name: String,
    /// Its heading in our own workbooks.
    pub title: String,
    /// What its cells hold.
    pub kind: FieldKind,
    /// What a value must satisfy.
    pub constraint: Constraint,
    /// Folded titles and aliases by which a heading names it.
    pub headings: Arc<[String]>,
    /// Folded words that name it when the heading also names its quarter.
    pub quarter_headings: Arc<[String]>,
    /// The quarter, for a field that the table has once a quarter.
    pub quarter: Option<u8>,
    /// A heading that names the return's own quarter means this field.
    pub is_of_quarter: bool,
    /// Who may change it.
    pub owner: Owner,
    /// Words that stand for no value.
    pub missing: Arc<[String]>,
    /// Words that stand for nought.
    pub zero: Arc<[String]>,
    /// Words in a timescale that mean all year.
    pub continuous: Arc<[String]>,
    /// The accepted values of a choice.
    pub choices: Vec<Choice>,
    /// Copied from the table that this one restates.
    pub is_restated: bool,
    /// Running text, in which personal data is looked for.
    pub is_free_text: bool,
    /// `£1.2k` is read as 1,200.
    pub allows_thousands: bool,
}

/// On what ground a heading was taken for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadingMatch {
    /// The field's title or name.
    Title,
    /// One of its aliases.
    Alias,
    /// A decision that somebody recorded.
    Decision,
}

impl HeadingMatch {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Alias => "alias",
            Self::Decision => "decision",
        }
    }
}

/// One table's schema.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name in reports: `actions`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// In which files it is looked for.
    pub found_in: Vec<Role>,
    /// Folded words in a sheet's name that make its first block this table.
    pub sheets: Vec<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Names of the fields that identify a row.
    pub primary_key: Vec<String>,
    /// A row with a held value here is held whole.
    pub row_held_with: Vec<String>,
    /// A row in which all of these are blank or a form's placeholder is a line of the form that nobody filled in.
    pub unfilled_without: Vec<String>,
    /// Fields that only this program's own forms have, filled in beforehand: a row with nothing else but its key is a line that nobody
    /// filled in.
    pub prefilled: Vec<String>,
    /// Folded headings of figures that this program computed itself: known, and passed over.
    pub computed: Vec<String>,
    restates: Option<String>,
    index: BTreeMap<String, (usize, HeadingMatch)>,
    quarter_index: BTreeMap<(Option<u8>, String), usize>,
}

impl Table {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// How many fields must have a column.
    #[must_use]
    pub fn required_count(&self) -> usize {
        self.fields
            .iter()
            .filter(|field| field.constraint.required)
            .count()
    }

    /// The fields by which a record is known: the primary key, else the reference or line fields.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| self.is_key(field))
    }

    /// Whether a record is known by this field.
    #[must_use]
    pub fn is_key(&self, field: &Field) -> bool {
        !field.is_restated
            && (self.primary_key.contains(&field.name)
                || matches!(field.kind, FieldKind::Reference | FieldKind::Line))
    }

    /// The field that a heading names; `quarter` is the quarter that the file reports on, if it is known.
    ///
    /// Where the table restates the plan, `Q2 status` in a return for the second quarter is that return's own status, in any other a restated one.
    #[must_use]
    pub fn match_heading(
        &self,
        heading: &str,
        year: i16,
        quarter: Option<u8>,
    ) -> Option<(usize, HeadingMatch)> {
        self.match_folded(&fold(heading), &period::mention(heading), year, quarter)
    }

    /// The same for a heading that was folded already, with what it says of a period.
    #[must_use]
    pub fn match_folded(
        &self,
        folded: &str,
        said: &period::Mention,
        year: i16,
        quarter: Option<u8>,
    ) -> Option<(usize, HeadingMatch)> {
        if folded.is_empty() {
            return None;
        }
        let exact = self.index.get(folded).copied();
        let Some(number) = said.quarter else {
            return exact;
        };
        let is_other_year = said.year.is_some_and(|said| said != year);
        if !is_other_year
            && quarter.is_none_or(|own| own == number)
            && let Some(field) = self.quarter_index.get(&(None, said.rest.clone()))
        {
            return Some((*field, HeadingMatch::Alias));
        }
        if exact.is_some() || is_other_year {
            return exact;
        }
        self.quarter_index
            .get(&(Some(number), said.rest.clone()))
            .map(|field| (*field, HeadingMatch::Alias))
    }

    /// The folded headings that name a field whatever they say of a period.
    pub(super) fn exact_headings(&self) -> impl Iterator<Item = (&str, usize)> {
        self.index
            .iter()
            .map(|(heading, (field, _))| (heading.as_str(), *field))
    }

    /// All folded headings that name a field, those without their period that name it for a quarter among them.
    pub(super) fn heading_words(&self) -> impl Iterator<Item = &str> {
        let quarterly = self.quarter_index.keys().map(|(_, rest)| rest.as_str());
        self.index.keys().map(String::as_str).chain(quarterly)
    }

    /// Whether a heading is one of this program's own computed figures.
    #[must_use]
    pub fn is_computed(&self, heading: &str) -> bool {
        self.computed.contains(&fold(heading))
    }

    /// Whether a sheet's name says that it holds this table.
    #[must_use]
    pub fn matches_sheet(&self, name: &str) -> bool {
        let folded = fold(name);
        self.sheets
            .iter()
            .any(|pattern| contains_words(&folded, pattern))
    }
}

/// The most words of a text whose field gives no limit of its own.
const TEXT_WORDS_MAXIMUM: u32 = 250;

/// Reads one table's file.
pub(super) fn parse(
    file: &str,
    text: &str,
    parts: &Parts,
    faults: &mut Vec<Fault>,
) -> Option<Table> {
    let document = Document::parse(file, text);
    let table = {
        let root = document.root();
        let table = table(&root, parts);
        root.close();
        table
    };
    let found = document.into_faults();
    let sound = found.is_empty();
    faults.extend(found);
    table.filter(|_| sound)
}

fn table(root: &Section<'_, '_>, parts: &Parts) -> Option<Table> {
    let section = root.section("table")?;
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
    let mut fields: Vec<Field> = Vec::new();
    for entry in root.sections("fields") {
        for field in field(entry, parts) {
            if fields.iter().any(|f| f.name == field.name) {
                root.fault(
                    "fields",
                    format!("the field `{}` is given twice", field.name),
                );
            }
            fields.push(field);
        }
    }
    if fields.is_empty() {
        root.fault("fields", "there must be at least one [[fields]] entry");
    }
    let table = Table {
        name: section.required_text("name"),
        title: section.required_text("title"),
        found_in,
        sheets: words(section.texts("sheets").iter().map(String::as_str)).to_vec(),
        primary_key: section.texts("primary_key"),
        row_held_with: section.texts("row_held_with"),
        unfilled_without: section.texts("unfilled_without"),
        prefilled: section.texts("prefilled"),
        computed: words(section.texts("computed").iter().map(String::as_str)).to_vec(),
        restates: section.text("restates"),
        fields,
        index: BTreeMap::new(),
        quarter_index: BTreeMap::new(),
    };
    for (key, names) in [
        ("primary_key", &table.primary_key),
        ("row_held_with", &table.row_held_with),
        ("unfilled_without", &table.unfilled_without),
        ("prefilled", &table.prefilled),
    ] {
        for name in names {
            if table.field(name).is_none() {
                section.fault(
                    key,
                    format!("`{key}` names `{name}`, which is no field of this table"),
                );
            }
        }
    }
    for field in &table.fields {
        if let Some(condition) = &field.constraint.required_if
            && table.field(&condition.field).is_none()
        {
            root.fault(
                "fields",
                format!(
                    "`{}` is required if `{}` says something, which is no field of this table",
                    field.name, condition.field
                ),
            );
        }
    }
    section.close();
    Some(table)
}

fn field(section: Section<'_, '_>, parts: &Parts) -> Vec<Field> {
    let name = section.required_text("name");
    let title = section.required_text("title");
    let kind_word = section.required_text("type");
    let kind = KINDS
        .iter()
        .find(|(word, _)| *word == kind_word)
        .map_or_else(
            || {
                if !kind_word.is_empty() {
                    let known: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
                    section.fault(
                        "type",
                        format!("`{kind_word}` is no type: use {}", known.join(", ")),
                    );
                }
                FieldKind::Text
            },
            |(_, kind)| *kind,
        );
    let aliases = section.texts("aliases");
    let quarter_aliases = section.texts("quarter_aliases");
    let is_quarterly = section.flag("quarterly");
    let is_free_text = section.flag("free_text");
    let allows_thousands = section.flag("thousands");
    let owner = match section.text("owner").as_deref() {
        None | Some("partnership") => Owner::Partnership,
        Some("lead") => Owner::Lead,
        Some("partner") => Owner::Partner,
        Some("finance") => Owner::Finance,
        Some(other) => {
            section.fault("owner", format!("`owner` must be \"partnership\", \"lead\", \"partner\" or \"finance\", not \"{other}\""));
            Owner::Partnership
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
    let choices = choices(&section);
    if kind == FieldKind::Choice && choices.is_empty() {
        section.fault(
            "choices",
            "a field of type \"choice\" needs [[fields.choices]]",
        );
    }
    let mut constraint = section
        .optional_section("constraints")
        .map(|c| constraints(c, parts))
        .unwrap_or_default();
    if kind == FieldKind::Text {
        constraint.words_maximum.get_or_insert(TEXT_WORDS_MAXIMUM);
    }
    section.close();
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
        }
    };
    if is_quarterly {
        (1..=4)
            .map(|q| {
                one(
                    format!("q{q}_{name}"),
                    format!("Q{q} {}", title.to_lowercase()),
                    Some(q),
                )
            })
            .collect()
    } else {
        vec![one(name, title, None)]
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
        if let Some(other) = out
            .iter()
            .find(|choice| choice.words.iter().any(|word| words.contains(word)))
        {
            entry.fault(
                "synonyms",
                format!(
                    "`{value}` and `{}` share a word; each word may mean one thing only",
                    other.value
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

fn constraints(section: Section<'_, '_>, parts: &Parts) -> Constraint {
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
                section.fault(
                    "pattern",
                    format!("`pattern` is no regular expression: {error}"),
                );
                None
            }
        }
    });
    let found = Constraint {
        required: section.flag("required"),
        unique: section.flag("unique"),
        minimum: section.decimal("minimum"),
        maximum: section.decimal("maximum"),
        words_maximum: section.count("words_maximum"),
        required_if: section.optional_section("required_if").map(|condition| {
            let found = Condition {
                field: condition.required_text("field"),
                equals: condition.required_text("equals"),
            };
            condition.close();
            found
        }),
        pattern,
    };
    if let (Some(minimum), Some(maximum)) = (found.minimum, found.maximum)
        && minimum > maximum
    {
        section.fault("maximum", "`maximum` must not be below `minimum`");
    }
    section.close();
    found
}

/// Copies restated fields across and builds the heading indexes, once every table is known.
pub(super) fn link(tables: &mut [Table], parts: &Parts, faults: &mut Vec<Fault>) {
    let _ = parts;
    let sources: BTreeMap<String, Vec<Field>> = tables
        .iter()
        .map(|t| (t.name.clone(), t.fields.clone()))
        .collect();
    for table in tables.iter_mut() {
        if let Some(source) = table.restates.clone() {
            match sources.get(&source) {
                None => faults.push(Fault {
                    file: format!("{}.toml", table.name),
                    line: 0,
                    message: format!(
                        "`restates` names the table `{source}`, which no file describes"
                    ),
                }),
                Some(fields) => restate(table, fields),
            }
        }
        index(table, faults);
    }
}

fn restate(table: &mut Table, fields: &[Field]) {
    for field in fields {
        if table.field(&field.name).is_some() {
            continue;
        }
        let mut copy = field.clone();
        copy.constraint.required = false;
        copy.constraint.required_if = None;
        copy.constraint.unique = false;
        copy.is_restated = true;
        // What the table calls something itself is not also the restated field's.
        let own: Vec<String> = table
            .fields
            .iter()
            .filter(|f| !f.is_restated)
            .flat_map(|f| f.headings.iter().cloned())
            .collect();
        copy.headings = copy
            .headings
            .iter()
            .filter(|heading| !own.contains(heading))
            .cloned()
            .collect();
        table.fields.push(copy);
    }
}

fn index(table: &mut Table, faults: &mut Vec<Fault>) {
    for (at, field) in table.fields.iter().enumerate() {
        let title = fold(&field.title);
        let name = field.name.replace('_', " ");
        for heading in field.headings.iter() {
            let basis = if *heading == title || *heading == name {
                HeadingMatch::Title
            } else {
                HeadingMatch::Alias
            };
            if let Some((other, _)) = table.index.insert(heading.clone(), (at, basis)) {
                let other = table.fields.get(other).map_or("", |f| f.name.as_str());
                faults.push(Fault {
                    file: format!("{}.toml", table.name),
                    line: 0,
                    message: format!(
                        "the heading `{heading}` is claimed by both `{other}` and `{}`",
                        field.name
                    ),
                });
            }
        }
        for heading in field.quarter_headings.iter() {
            let key = if field.is_of_quarter {
                None
            } else {
                field.quarter
            };
            table
                .quarter_index
                .entry((key, heading.clone()))
                .or_insert(at);
        }
    }
}
