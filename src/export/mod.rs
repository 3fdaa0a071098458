//! Tidy data: one Data Package a quarter, for whoever outgrows one workbook and uses an existing engine.
//!
//! Invariants: numbers and texts are as they were read, for this is for programs; every key that a schema names holds; nothing is sniffed, for
//! the package and the views give each column its type. A package for the public is made of the publication alone.

mod rows;
mod tables;

use std::fmt::Write as _;
use std::io;

use serde_json::{Map, Value as Json, json};

use crate::pipeline::Outcome;
use crate::schema::{Schema, slug};
use crate::value::period::Quarter;
use tables::{Column, Kind, Table, Tables};

/// The name of the file that describes a package.
pub const DESCRIPTION: &str = "datapackage.json";

/// The files of a quarter's package, by name.
///
/// # Errors
/// If a writing library refuses what it is given.
pub fn package(outcome: &Outcome, schema: &Schema) -> io::Result<Vec<(String, Vec<u8>)>> {
    let made = tables(outcome, schema);
    let mut out = vec![(DESCRIPTION.to_owned(), description(&made, outcome, schema)?)];
    for table in &made {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(table.columns.iter().map(|column| column.name.as_ref()))?;
        for row in &table.rows {
            writer.write_record(row)?;
        }
        let bytes = writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        out.push((format!("{}.csv", table.name), bytes));
    }
    Ok(out)
}

fn tables(outcome: &Outcome, schema: &Schema) -> Vec<Table> {
    let maker = Tables { outcome, schema };
    if outcome.publication.is_some() {
        vec![
            maker.agencies(),
            maker.actions(),
            maker.progress(),
            maker.funding_lines(),
            maker.line_quarters(),
        ]
    } else {
        vec![
            maker.agencies(),
            maker.actions(),
            maker.progress(),
            maker.updates(),
            maker.funding_lines(),
            maker.line_quarters(),
            maker.spend(),
            maker.virements(),
            maker.findings(),
            maker.sources(),
        ]
    }
}

fn description(made: &[Table], outcome: &Outcome, schema: &Schema) -> io::Result<Vec<u8>> {
    let quarter = outcome.options.quarter;
    let code = &schema.partnership.code;
    let spoken = quarter.map(Quarter::spoken).unwrap_or_default();
    let is_public = outcome.publication.is_some();
    let resources: Vec<Json> = made.iter().map(resource).collect();
    let whole = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": slug(&format!("{code} {}", quarter.map(|q| q.to_string()).unwrap_or_default())),
        "title": format!("{}: action plan, {spoken}", schema.partnership.name),
        "created": format!("{}T00:00:00Z", outcome.options.as_of),
        "csp": {
            "partnership": code,
            "quarter": quarter.map(|q| q.to_string()),
            "marking": schema.publishing.marking,
            "public": is_public,
        },
        "resources": resources,
    });
    let mut out = serde_json::to_vec_pretty(&whole).map_err(io::Error::other)?;
    out.push(b'\n');
    Ok(out)
}

fn resource(table: &Table) -> Json {
    let fields: Vec<Json> = table.columns.iter().map(field).collect();
    let mut own = Map::new();
    own.insert(
        "$schema".to_owned(),
        json!("https://datapackage.org/profiles/2.0/tableschema.json"),
    );
    own.insert("fields".to_owned(), json!(fields));
    own.insert("missingValues".to_owned(), json!([""]));
    own.insert("primaryKey".to_owned(), json!(table.key));
    if !table.foreign.is_empty() {
        let keys: Vec<Json> = table
            .foreign
            .iter()
            .map(|(field, resource, other)| {
                json!({
                    "fields": [field],
                    "reference": {"resource": resource.replace('_', "-"), "fields": [other]},
                })
            })
            .collect();
        own.insert("foreignKeys".to_owned(), json!(keys));
    }
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
        "name": table.name.replace('_', "-"),
        "path": format!("{}.csv", table.name),
        "type": "table",
        "title": table.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": "\"", "doubleQuote": true, "header": true},
        "schema": own,
    })
}

fn field(column: &Column) -> Json {
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(column.name));
    out.insert("type".to_owned(), json!(column.kind.word()));
    out.insert("description".to_owned(), json!(column.about));
    let mut constraints = Map::new();
    if column.is_required {
        constraints.insert("required".to_owned(), json!(true));
    }
    if column.is_unique {
        constraints.insert("unique".to_owned(), json!(true));
    }
    if !column.choices.is_empty() {
        constraints.insert("enum".to_owned(), json!(column.choices));
    }
    if let Some(pattern) = &column.pattern {
        constraints.insert("pattern".to_owned(), json!(pattern));
    }
    if !constraints.is_empty() {
        out.insert("constraints".to_owned(), Json::Object(constraints));
    }
    Json::Object(out)
}

/// One view a resource over every package of a tree, each column with its type: sniffed money would be a float.
#[must_use]
pub fn duckdb(outcome: &Outcome, schema: &Schema) -> String {
    let mut out = String::from(
        "-- Views over every package of this folder: .read it from here. Nothing is sniffed; an engine reads only the partitions asked for.\n",
    );
    for table in tables(outcome, schema) {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| format!("'{}': '{}'", column.name, column.kind.sql()))
            .collect();
        let _ = write!(
            out,
            "\nCREATE OR REPLACE VIEW {name} AS SELECT * FROM read_csv('*/*/{name}.csv', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\r\\n', nullstr = '', hive_partitioning = true, hive_types = {{'partnership': VARCHAR, 'quarter': VARCHAR}}, columns = {{{}}});\n",
            columns.join(", "),
            name = table.name,
        );
    }
    out
}

impl Kind {
    /// The type as a table schema names it.
    fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Count => "integer",
            Self::Figure | Self::Money => "number",
            Self::Day => "date",
            Self::Flag => "boolean",
        }
    }

    /// The type as an engine names it.
    fn sql(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Count => "BIGINT",
            Self::Figure => "DECIMAL(28,8)",
            Self::Money => "DECIMAL(18,2)",
            Self::Day => "DATE",
            Self::Flag => "BOOLEAN",
        }
    }
}
