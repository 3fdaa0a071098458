//! The files of the public version, each format from the same tables.

use std::io;

use super::{csv, ods, public_html, xlsx_public};
use crate::render::public::{PublicSet, PublicTable, Value};
use crate::schema::PublicFormat;

/// A file of the public version: its name and bytes.
pub type PublicFile = (String, Vec<u8>);

/// Every file of the set, in the order of their names.
///
/// # Errors
/// If a writing library refuses what it is given.
pub fn files(set: &PublicSet) -> io::Result<Vec<PublicFile>> {
    let mut out = Vec::new();
    for format in &set.formats {
        let named = |bytes: Vec<u8>| (format!("{}.{}", set.stem, format.word()), bytes);
        match format {
            PublicFormat::Xlsx => {
                out.push(named(xlsx_public::write(set).map_err(io::Error::other)?));
            }
            PublicFormat::Ods => out.push(named(ods::write(set)?)),
            PublicFormat::Html => out.push(named(public_html::page(set).into_bytes())),
            PublicFormat::Csv => {
                for table in &set.tables {
                    let name = format!("{}-{}.csv", set.stem, table.name.to_lowercase());
                    out.push((name, table_csv(table)?));
                }
            }
        }
    }
    out.sort();
    Ok(out)
}

/// A table as a csv that a spreadsheet opens: UTF-8 with a byte order mark, text that no spreadsheet will run.
fn table_csv(table: &PublicTable) -> io::Result<Vec<u8>> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record(table.columns.iter().map(|(heading, _)| heading.as_str()))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|value| csv::harmless(&value.plain())))?;
    }
    writer
        .into_inner()
        .map_err(::csv::IntoInnerError::into_error)
}

/// How many lines the highest cell of a row fills, by the widths of its columns.
pub(super) fn lines<'t>(cells: impl Iterator<Item = (&'t str, u16)>) -> usize {
    cells
        .map(|(text, width)| {
            let width = usize::from(width.max(4)) - 2;
            text.split('\n')
                .map(|line| wrapped(line, width))
                .sum::<usize>()
        })
        .max()
        .unwrap_or(1)
        .max(1)
}

/// How many lines a text fills where its words are not broken.
fn wrapped(line: &str, width: usize) -> usize {
    let (mut lines, mut used) = (1, 0);
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines += 1;
            used = 0;
        }
        used += length + usize::from(used > 0);
        while used > width {
            lines += 1;
            used -= width;
        }
    }
    lines
}

/// The table of what is where.
pub(super) fn contents(set: &PublicSet) -> PublicTable {
    PublicTable {
        name: "Contents",
        title: "Contents".to_owned(),
        about: "The worksheets and what each holds.".to_owned(),
        columns: vec![
            ("Worksheet".to_owned(), 18),
            ("What it holds".to_owned(), 90),
        ],
        rows: set
            .tables
            .iter()
            .map(|table| {
                [table.name.to_owned(), table.about.clone()]
                    .map(Value::Text)
                    .to_vec()
            })
            .collect(),
    }
}

/// The lines above a sheet's table: title, how many tables, shorthand, source.
pub(super) fn above(set: &PublicSet, table: &PublicTable) -> Vec<String> {
    let mut out = vec![
        table.title.clone(),
        "This worksheet contains one table.".to_owned(),
    ];
    if table.name != "Contents" {
        out.push(set.shorthand.clone());
        out.push(set.source.clone());
    }
    out
}

/// A table's name for spreadsheets: `Actions_2022_23_Q2`.
pub(super) fn table_name(set: &PublicSet, table: &PublicTable) -> String {
    format!(
        "{}_{}_Q{}",
        table.name,
        set.quarter.year_label().replace('-', "_"),
        set.quarter.number
    )
}
