//! One table's schema: where it is found, its fields, and which headings mean which field.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use regex::Regex;
use rust_decimal::Decimal;

use crate::value::text::{contains_words, fold};
use crate::value::{amount, date, period};

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

/// The words for kinds, as `type` gives them; some are a kind with a constraint.
pub(super) const KINDS: [(&str, FieldKind); 18] = [
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
    ("integer", FieldKind::Number),
    ("telephone", FieldKind::Text),
    ("postcodes", FieldKind::Text),
];

impl FieldKind {
    /// The word by which a configuration asks for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("string", |(word, _)| word)
    }
}

/// The form that a text must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An e-mail address.
    Email,
    /// A full British postcode.
    Postcode,
    /// Several of them.
    Postcodes,
    /// A British telephone number, with its leading nought or +44.
    Telephone,
}

/// The words for formats.
pub(super) const FORMATS: [(&str, Format); 4] = [
    ("email", Format::Email),
    ("postcode", Format::Postcode),
    ("postcodes", Format::Postcodes),
    ("telephone", Format::Telephone),
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

/// The least or the greatest that a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Of money or a figure.
    Figure(Decimal),
    /// Of a day.
    Day(Date),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Figure(figure) => write!(f, "{}", amount::figure(*figure)),
            Self::Day(day) => write!(f, "{}", date::long(*day)),
        }
    }
}

/// What a value must satisfy, after Table Schema.
#[derive(Clone, Debug, Default)]
pub struct Constraint {
    /// A value must be there.
    pub required: bool,
    /// No two rows may share a value.
    pub unique: bool,
    /// The least figure or day.
    pub minimum: Option<Limit>,
    /// The greatest figure or day.
    pub maximum: Option<Limit>,
    /// What the text must look like.
    pub pattern: Option<Regex>,
    /// The form that the text must have.
    pub format: Option<Format>,
    /// A figure without decimals.
    pub is_whole: bool,
    /// The most words a text may have.
    pub words_maximum: Option<u32>,
    /// A value must be there where another field of the row says this.
    pub required_if: Option<Condition>,
    /// The field of the row that the value may not be above.
    pub at_most: Option<String>,
    /// The field of the row that the value may not be below.
    pub at_least: Option<String>,
    /// The field of the row that the day must come after.
    pub after: Option<String>,
    /// Another field of the row chooses what the value may be.
    pub enum_by: Option<EnumBy>,
}

/// What another field of the same row must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The other field's name.
    pub field: String,
    /// The values, of which one will do: a choice's value or label, or the text itself.
    pub values: Vec<String>,
}

/// What a value may be, as another field of the same row chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumBy {
    /// The other field's name.
    pub field: String,
    /// What the other field says, a choice's value or label or the text itself, with what the value may then be.
    pub lists: Vec<(String, Vec<String>)>,
}

/// A question of a table's sheet that has one answer, beside it or below.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked: its name, its title, its kind and what an answer must satisfy.
    pub field: Field,
    /// Whether the answer stands below and not right of the label.
    pub is_below: bool,
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
    /// Not a field that the program knows by name: it is carried, and judged by its type and constraints alone.
    pub is_declared: bool,
    /// Its line in the table's file.
    pub line: usize,
}

impl Field {
    /// Whether the configuration asks here for what else would be a person's details: an address, a number, a postcode.
    #[must_use]
    pub fn asks_for_contact(&self) -> bool {
        matches!(self.kind, FieldKind::Email | FieldKind::Postcode)
            || self.constraint.format.is_some()
    }
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
    /// Fields that together may not say the same on two rows, set by set.
    pub unique: Vec<Vec<String>>,
    /// How many filled rows the table must have.
    pub rows_minimum: u32,
    /// The field that takes the title above a block of the table.
    pub block_title: Option<String>,
    /// Folded beginnings of texts that stand between a question and its answer and only say how to answer.
    pub guidance: Vec<String>,
    /// Questions of its sheet that have one answer each.
    pub answers: Vec<Question>,
    /// The same as the fields of a table of one row, for the rules.
    pub question_table: Option<Box<Table>>,
    /// The file that describes it.
    pub file: String,
    pub(super) restates: Option<String>,
    pub(super) without: Vec<String>,
    /// The line of each key of `[table]`, for mistakes that only the whole configuration shows.
    pub(super) lines: BTreeMap<&'static str, usize>,
    pub(super) index: BTreeMap<String, (usize, HeadingMatch)>,
    pub(super) quarter_index: BTreeMap<(Option<u8>, String), usize>,
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
            .filter(|field| {
                field.constraint.required && self.block_title.as_deref() != Some(&field.name)
            })
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
