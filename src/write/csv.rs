//! The findings as a csv that a spreadsheet opens: one row a finding, text that no spreadsheet will run.

use std::io;

use crate::finding::Finding;
use crate::pipeline::Outcome;
use crate::value::text::is_acting;

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

/// What divides cells, whatever the one who opens the file splits at: a quotation mark protects a comma alone, for with another divider
/// it stands in the middle of a cell, where it is a letter.
const DIVIDERS: [char; 4] = [';', '\t', '\n', '\r'];

/// A cell that a spreadsheet could take for a formula gets an apostrophe in front, as OWASP's advice on csv injection has it, and so does
/// what would be a cell of its own at another divider. A plain negative figure can do nothing but be one, and stays as it is.
pub(super) fn harmless(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| DIVIDERS.contains(c) || !is_acting(*c))
        .collect();
    let is_figure = text.strip_prefix('-').is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    });
    if is_figure {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 1);
    if text.starts_with(STARTS) || starts_formula(&text) {
        out.push('\'');
    }
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if DIVIDERS.contains(&c) && starts_formula(rest) {
            out.push('\'');
        }
    }
    out
}

/// Whether a cell of this text could be taken for a formula: spaces and quotation marks before it are no protection.
fn starts_formula(text: &str) -> bool {
    let is_passed_over = |c: char| c == '"' || c.is_whitespace() && !DIVIDERS.contains(&c);
    text.trim_start_matches(is_passed_over)
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula_whatever_divides_them() {
        for (text, want) in [
            ("=1+1", "'=1+1"),
            (" =1+1", "' =1+1"),
            ("\u{200b}\u{202e}=1+1", "'=1+1"),
            ("On track;=1+1", "On track;'=1+1"),
            ("On track; \"=1+1", "On track;' \"=1+1"),
            ("On track\t@SUM(A1)\n-2;+3", "On track\t'@SUM(A1)\n'-2;'+3"),
            ("On track;;＝1", "On track;;'＝1"),
            ("-12,50", "-12,50"),
            ("a=1; b=2 - fine, -3", "a=1; b=2 - fine, -3"),
        ] {
            assert_eq!(harmless(text), want, "{text:?}");
        }
    }
}
