//! The findings as a csv that a spreadsheet opens: one row a finding, text that no spreadsheet will run.

use std::io;

use crate::finding::Finding;
use crate::pipeline::Outcome;

const HEADINGS: [&str; 14] = [
    "Severity",
    "Code",
    "Name",
    "Agency",
    "File",
    "Sheet",
    "Cell",
    "Field",
    "Value found",
    "What was found",
    "What to do",
    "Kept out",
    "Accepted",
    "Id",
];

/// The findings, UTF-8 with a byte order mark so that Excel reads it as such.
///
/// # Errors
/// If the writing library refuses a record.
pub fn findings(outcome: &Outcome) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record(HEADINGS)?;
    for finding in &outcome.findings {
        writer.write_record(row(finding, outcome).map(|text| harmless(&text)))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// Whether a file is a report of ours.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    let head = super::head(bytes);
    let first = head.trim_start_matches('\u{feff}').lines().next();
    first.is_some_and(|first| first.split(',').eq(HEADINGS))
}

fn row(finding: &Finding, outcome: &Outcome) -> [String; 14] {
    let path = finding
        .place
        .source
        .and_then(|source| outcome.sources.get(source))
        .map(|source| source.path.clone());
    [
        finding.severity.word().to_owned(),
        finding.code.to_string(),
        finding.name.to_owned(),
        finding.agency.clone().unwrap_or_default(),
        path.unwrap_or_default(),
        finding.place.sheet_name().unwrap_or_default().to_owned(),
        finding.place.a1().unwrap_or_default(),
        finding.field.clone().unwrap_or_default(),
        finding.raw.clone().unwrap_or_default(),
        finding.message.clone(),
        finding.fix.clone(),
        finding.held.word().to_owned(),
        finding
            .accepted
            .as_ref()
            .map(|a| a.reason.clone())
            .unwrap_or_default(),
        finding.id.clone(),
    ]
}

/// Characters with which a spreadsheet begins a formula, the wide ones of East Asian keyboards among them.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet could take for a formula gets an apostrophe in front, as OWASP's advice on csv injection has it. A
/// plain negative figure can do nothing but be one, and stays as it is.
fn harmless(text: &str) -> String {
    let is_figure = text.strip_prefix('-').is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    });
    if text.starts_with(STARTS) && !is_figure {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
