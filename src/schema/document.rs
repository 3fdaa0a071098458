//! A TOML file read with positions, so that every mistake can name its line and none hides another.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use validator::{Validate, ValidationErrorsKind};

use super::Fault;
use crate::value::amount;

/// One file under inspection.
pub(crate) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    root: Spanned<DeTable<'a>>,
    faults: RefCell<Vec<Fault>>,
    /// Every key that was asked for: its section, its name and the type asked.
    keys: RefCell<BTreeSet<Asked>>,
}

/// A key that the parser asks for: the section's path, the key, and the word for its type.
pub(super) type Asked = (String, String, &'static str);

impl<'a> Document<'a> {
    /// Reads the text; syntax mistakes are faults, and what could be read is kept.
    pub(crate) fn parse(file: &'a str, text: &'a str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let document = Self {
            file,
            text,
            root,
            faults: RefCell::new(Vec::new()),
            keys: RefCell::new(BTreeSet::new()),
        };
        // One bracket left open is one mistake: what follows from it is none of the writer's.
        if let Some(error) = errors.first() {
            document.fault(
                error.span().unwrap_or(0..0),
                format!("this is no TOML: {}", error.message()),
            );
        }
        document
    }

    /// The whole file as a section.
    pub(crate) fn root(&self) -> Section<'_, 'a> {
        Section::new(
            self,
            self.root.get_ref(),
            self.root.span(),
            "this file".to_owned(),
            String::new(),
        )
    }

    /// Every key that was asked for.
    pub(super) fn keys(&self) -> BTreeSet<Asked> {
        self.keys.borrow().clone()
    }

    /// Every fault found so far.
    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }

    /// Whether the text is no TOML.
    pub(crate) fn is_faulty(&self) -> bool {
        !self.faults.borrow().is_empty()
    }

    fn line(&self, span: &Range<usize>) -> usize {
        self.text
            .get(..span.start)
            .map_or(1, |head| head.matches('\n').count() + 1)
    }

    fn fault(&self, span: Range<usize>, message: String) {
        let line = self.line(&span);
        self.faults.borrow_mut().push(Fault {
            file: self.file.to_owned(),
            line,
            message,
        });
    }
}

/// A table of the file. Keys that nobody asks for are reported when it is closed.
pub(crate) struct Section<'d, 'a> {
    document: &'d Document<'a>,
    table: &'d DeTable<'a>,
    span: Range<usize>,
    what: String,
    path: String,
    /// Its keys are the writer's own.
    is_free: Cell<bool>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'d, 'a> Section<'d, 'a> {
    fn new(
        document: &'d Document<'a>,
        table: &'d DeTable<'a>,
        span: Range<usize>,
        what: String,
        path: String,
    ) -> Self {
        Self {
            document,
            table,
            span,
            what,
            path,
            is_free: Cell::new(false),
            asked: RefCell::new(BTreeSet::new()),
        }
    }

    fn find(&self, key: &str, kind: &'static str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key.to_owned());
        if !self.is_free.get() {
            let key = (self.path.clone(), key.to_owned(), kind);
            self.document.keys.borrow_mut().insert(key);
        }
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Reports a mistake in this section, at the key if it is there.
    pub(crate) fn fault(&self, key: &str, message: impl Into<String>) {
        let span = self
            .table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map_or(self.span.clone(), |(name, _)| name.span());
        self.document.fault(span, message.into());
    }

    /// The line on which the section, or a key in it, stands.
    pub(crate) fn line(&self, key: &str) -> usize {
        let span = self
            .table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map_or(self.span.clone(), |(name, _)| name.span());
        self.document.line(&span)
    }

    /// The line on which the section begins.
    pub(crate) fn first_line(&self) -> usize {
        self.document.line(&self.span)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'a>>, wanted: &str) {
        self.document.fault(
            value.span(),
            format!(
                "`{key}` in {} must be {wanted}, not a {}",
                self.what,
                value.get_ref().type_str()
            ),
        );
    }

    /// A text that may be left out.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        let value = self.find(key, "text")?;
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(key, value, "a text in quotation marks");
        }
        text
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, key: &str) -> String {
        if self.find(key, "text").is_none() {
            self.document
                .fault(self.span.clone(), format!("{} has no `{key}`", self.what));
        }
        self.text(key).unwrap_or_default()
    }

    /// True or false, false if left out.
    pub(crate) fn flag(&self, key: &str) -> bool {
        let Some(value) = self.find(key, "flag") else {
            return false;
        };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(key, value, "true or false");
        }
        flag.unwrap_or(false)
    }

    /// A list of texts, empty if left out.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        let Some(value) = self.find(key, "texts") else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(key, value, "a list of texts");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in array {
            match item.get_ref().as_str() {
                Some(text) => out.push(text.to_owned()),
                None => self.wrong(key, item, "a list of texts"),
            }
        }
        out
    }

    /// A list of texts, or a list of such lists; empty if left out.
    pub(crate) fn text_lists(&self, key: &str) -> Vec<Vec<String>> {
        let Some(value) = self.find(key, "lists") else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(key, value, "a list of texts, or of lists of texts");
            return Vec::new();
        };
        let (mut single, mut out) = (Vec::new(), Vec::new());
        for item in array {
            if let Some(text) = item.get_ref().as_str() {
                single.push(text.to_owned());
            } else if let Some(inner) = item.get_ref().as_array() {
                let texts: Vec<String> = inner
                    .iter()
                    .filter_map(|text| text.get_ref().as_str().map(str::to_owned))
                    .collect();
                if texts.len() != inner.len() {
                    self.wrong(key, item, "a list of texts, or of lists of texts");
                }
                out.push(texts);
            } else {
                self.wrong(key, item, "a list of texts, or of lists of texts");
            }
        }
        if !single.is_empty() {
            out.insert(0, single);
        }
        out
    }

    /// The keys of this section with the list of texts of each; for free lists such as `lists` of `enum_by`.
    pub(crate) fn named_lists(self) -> Vec<(String, Vec<String>)> {
        let keys: Vec<String> = self
            .table
            .iter()
            .map(|(name, _)| name.get_ref().to_string())
            .collect();
        self.is_free.set(true);
        keys.into_iter()
            .map(|key| {
                let texts = self.texts(&key);
                (key, texts)
            })
            .collect()
    }

    /// An exact figure, given as a number or a text.
    pub(crate) fn decimal(&self, key: &str) -> Option<Decimal> {
        let value = self.find(key, "figure")?;
        let found = match value.get_ref() {
            DeValue::Integer(number) => Decimal::from_str_exact(number.as_str()).ok(),
            DeValue::Float(number) => Decimal::from_str_exact(number.as_str()).ok(),
            DeValue::String(text) => Decimal::from_str_exact(text).ok(),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                None
            }
        };
        let found = found.filter(|figure| figure.abs() < amount::LIMIT);
        if found.is_none() {
            self.wrong(key, value, "a figure below 10 to the power of 15");
        }
        found
    }

    /// A whole number from 0.
    pub(crate) fn count(&self, key: &str) -> Option<u32> {
        let value = self.find(key, "count")?;
        let found = value
            .get_ref()
            .as_integer()
            .and_then(|number| number.as_str().parse().ok());
        if found.is_none() {
            self.wrong(key, value, "a whole number");
        }
        found
    }

    /// A calendar date, given as a date or a text.
    pub(crate) fn date(&self, key: &str) -> Option<Date> {
        let value = self.find(key, "date")?;
        let found = date_of(value.get_ref());
        if found.is_none() {
            self.wrong(key, value, "a date like 2022-04-01");
        }
        found
    }

    /// A list of dates.
    pub(crate) fn dates(&self, key: &str) -> Vec<Date> {
        let Some(value) = self.find(key, "dates") else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(key, value, "a list of dates");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in array {
            match date_of(item.get_ref()) {
                Some(date) => out.push(date),
                None => self.wrong(key, item, "a list of dates like 2022-07-15"),
            }
        }
        out
    }

    /// A section inside this one; the section must be there.
    pub(crate) fn section(&self, key: &str) -> Option<Section<'d, 'a>> {
        let found = self.optional_section(key);
        if found.is_none() && !self.table.iter().any(|(name, _)| name.get_ref() == key) {
            self.document.fault(
                self.span.clone(),
                format!("{} has no section [{key}]", self.what),
            );
        }
        found
    }

    /// A section inside this one, if it is there.
    pub(crate) fn optional_section(&self, key: &str) -> Option<Section<'d, 'a>> {
        let value = self.find(key, "section")?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(
                self.document,
                table,
                value.span(),
                format!("[{key}]"),
                self.path_of(key),
            )),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                self.wrong(key, value, "a section");
                None
            }
        }
    }

    /// The sections of a list, such as `[[agencies]]`.
    pub(crate) fn sections(&self, key: &str) -> Vec<Section<'d, 'a>> {
        let Some(value) = self.find(key, "sections") else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(key, value, &format!("a list of sections [[{key}]]"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in array {
            match item.get_ref().as_table() {
                Some(table) => out.push(Section::new(
                    self.document,
                    table,
                    item.span(),
                    format!("[[{key}]]"),
                    self.path_of(key),
                )),
                None => self.wrong(key, item, &format!("a section [[{key}]]")),
            }
        }
        out
    }

    /// The keys of this section as text, each with its text value; for free lists such as `[rules]`.
    pub(crate) fn entries(&self) -> Vec<(String, String)> {
        let keys: Vec<String> = self
            .table
            .iter()
            .map(|(name, _)| name.get_ref().to_string())
            .collect();
        self.is_free.set(true);
        keys.into_iter()
            .filter_map(|key| self.text(&key).map(|value| (key, value)))
            .collect()
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// Reports what `validator` finds wrong with a value built from this section, each at its key.
    pub(crate) fn check<T: Validate>(&self, value: &T) {
        let Err(errors) = value.validate() else {
            return;
        };
        // By name: `validator` keeps them in no order.
        let errors: BTreeMap<_, _> = errors.errors().iter().collect();
        for (field, kind) in errors {
            if let ValidationErrorsKind::Field(found) = kind {
                for error in found {
                    let message = error.message.as_deref().unwrap_or(&error.code);
                    self.fault(field, format!("`{field}` in {}: {message}", self.what));
                }
            }
        }
    }

    /// Reports keys that nobody asked for, with the nearest one that exists.
    pub(crate) fn close(self) {
        let asked = self.asked.borrow();
        for (name, _) in self.table {
            let key = name.get_ref().as_ref();
            if !asked.contains(key) {
                let near = asked
                    .iter()
                    .filter(|known| strsim::normalized_damerau_levenshtein(known, key) >= 0.6)
                    .min_by(|a, b| {
                        strsim::damerau_levenshtein(a, key)
                            .cmp(&strsim::damerau_levenshtein(b, key))
                    });
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                self.document.fault(
                    name.span(),
                    format!("{} has no setting `{key}`{hint}", self.what),
                );
            }
        }
    }
}

fn date_of(value: &DeValue<'_>) -> Option<Date> {
    let text = match value {
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => return None,
    };
    text.parse().ok()
}
