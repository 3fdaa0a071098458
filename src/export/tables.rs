//! What each resource holds: its columns, keys and rows.

use std::borrow::Cow;

use crate::pipeline::Outcome;
use crate::schema::{Reporting, Schema};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Count,
    /// A figure.
    Figure,
    /// Pounds and pence.
    Money,
    /// A day.
    Day,
    /// True or false.
    Flag,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    pub(super) about: Cow<'static, str>,
    pub(super) is_required: bool,
    pub(super) is_unique: bool,
    pub(super) choices: Vec<String>,
    pub(super) pattern: Option<String>,
}

impl Column {
    pub(super) fn new(
        name: impl Into<Cow<'static, str>>,
        kind: Kind,
        about: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: name.into(),
            kind,
            about: about.into(),
            is_required: false,
            is_unique: false,
            choices: Vec::new(),
            pattern: None,
        }
    }

    pub(super) fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub(super) fn unique(mut self) -> Self {
        self.is_required = true;
        self.is_unique = true;
        self
    }

    pub(super) fn one_of<T: Into<String>>(mut self, choices: impl IntoIterator<Item = T>) -> Self {
        self.choices = choices.into_iter().map(Into::into).collect();
        self
    }

    pub(super) fn like(mut self, pattern: impl Into<String>) -> Self {
        self.pattern = Some(pattern.into());
        self
    }
}

/// A resource.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) key: Vec<&'static str>,
    pub(super) columns: Vec<Column>,
    /// Fields that point to another resource's.
    pub(super) foreign: Vec<(&'static str, &'static str, &'static str)>,
    pub(super) rows: Vec<Vec<String>>,
}

/// A run, of which tables are made.
pub(super) struct Tables<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) schema: &'a Schema,
}

/// A quarter as the columns write it.
pub(super) const QUARTER: &str = "^[0-9]{4}-[0-9]{2}-Q[1-4]$";

impl Tables<'_> {
    pub(super) fn is_public(&self) -> bool {
        self.outcome.publication.is_some()
    }

    pub(super) fn agencies(&self) -> Table {
        let rows = self.schema.agencies.iter().map(|agency| {
            let reports = match agency.reporting {
                Reporting::Expected => "expected",
                Reporting::Optional => "optional",
            };
            vec![
                agency.code.clone(),
                agency.name.clone(),
                reports.to_owned(),
                agency.recovers_vat.to_string(),
            ]
        });
        Table {
            name: "agencies",
            title: "The partnership's agencies",
            key: vec!["code"],
            columns: vec![
                Column::new("code", Kind::Text, "The agency's code").unique(),
                Column::new("name", Kind::Text, "Its name").required(),
                Column::new(
                    "reports",
                    Kind::Text,
                    "Whether a return is expected every quarter",
                )
                .required()
                .one_of(["expected", "optional"]),
                Column::new(
                    "recovers_vat",
                    Kind::Flag,
                    "Whether it recovers VAT and so claims net",
                )
                .required(),
            ],
            foreign: Vec::new(),
            rows: rows.collect(),
        }
    }

    pub(super) fn statuses(&self) -> Vec<String> {
        self.schema
            .statuses
            .iter()
            .map(|status| status.value.clone())
            .collect()
    }

    pub(super) fn choices(&self, table: &str, field: &str) -> Vec<String> {
        self.schema
            .table(table)
            .and_then(|(_, table)| table.fields.get(table.field(field)?))
            .map(|field| field.choices.iter().map(|c| c.value.clone()).collect())
            .unwrap_or_default()
    }
}
