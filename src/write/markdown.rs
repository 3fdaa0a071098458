//! The findings as Markdown: what people paste into a mail, by partner and file.
//!
//! Invariant: text from a file is shown as it is; it makes no heading, link, table or markup of its own.

use std::fmt::Write as _;

use super::row::{FindingRow, rows, title};
use crate::finding::{Hold, Severity};
use crate::pipeline::Outcome;
use crate::schema::Schema;
use crate::value::text::{counted, is_acting};

/// The findings, grouped by partner and file; errors first.
#[must_use]
pub fn findings(outcome: &Outcome, schema: &Schema) -> Vec<u8> {
    let rows = rows(outcome, schema);
    let count = |severity: Severity| {
        rows.iter()
            .filter(|row| row.finding.severity == severity)
            .count()
    };
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", text(&title(outcome, schema)));
    let _ = writeln!(
        out,
        "{}, {}, {}. {}",
        counted(count(Severity::Error), "error", "errors"),
        counted(count(Severity::Warning), "warning", "warnings"),
        counted(
            count(Severity::Information),
            "point for information",
            "points for information"
        ),
        text(&outcome.tie_out())
    );
    if rows.is_empty() {
        out.push_str("\nNothing was found that needs anybody's attention.\n");
    }
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for row in &rows {
        if !groups.contains(&(row.partner, row.path)) {
            groups.push((row.partner, row.path));
        }
    }
    for group in groups {
        let heading = match group {
            ("", "") => "The partnership".to_owned(),
            (partner, "") => partner.to_owned(),
            ("", path) => path.to_owned(),
            (partner, path) => format!("{partner}: {path}"),
        };
        let _ = writeln!(out, "\n## {}\n", text(&heading));
        let mut members: Vec<&FindingRow<'_>> = rows
            .iter()
            .filter(|row| (row.partner, row.path) == group)
            .collect();
        // Stable: within a severity the report's order stays.
        members.sort_by_key(|row| std::cmp::Reverse(row.finding.severity));
        for row in members {
            one(&mut out, row);
        }
    }
    out.into_bytes()
}

/// Whether a file is a report of ours: a title, and below it how many findings there are, as no other text counts them.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    let head = super::head(bytes);
    let mut lines = head.lines().filter(|line| !line.is_empty());
    let is_titled = lines.next().is_some_and(|line| line.starts_with("# "));
    let mut counts = lines.next().unwrap_or_default().splitn(3, ", ");
    let mut is_count = |words: &[&str]| {
        counts.next().is_some_and(|count| {
            let rest = count.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
            let rest_is = |word: &&str| rest.trim_start().starts_with(word);
            rest.len() < count.len() && words.iter().any(rest_is)
        })
    };
    // Earlier versions said notes.
    is_titled && is_count(&["error"]) && is_count(&["warning"]) && is_count(&["point", "note"])
}

fn one(out: &mut String, row: &FindingRow<'_>) {
    let finding = row.finding;
    let _ = write!(
        out,
        "- **{} {}**, {}: {} {}",
        finding.severity.word(),
        finding.code,
        text(&row.place),
        text(&finding.message),
        text(&finding.fix)
    );
    if finding.held != Hold::None {
        let _ = write!(out, " Kept out: the {}.", finding.held.word());
    }
    if !row.related.is_empty() {
        let _ = write!(out, " Compared with {}.", text(&row.related.join(", ")));
    }
    if let Some(accepted) = &finding.accepted {
        let _ = write!(
            out,
            " Accepted by {}: {}",
            text(&accepted.role),
            text(&accepted.reason)
        );
    }
    let _ = writeln!(out, " ({}, {})", finding.name, finding.id);
}

/// Text in which nothing is markup: one line, with a backslash before what Markdown would act on, addresses included.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut last = ' ';
    for c in raw.chars() {
        let is_break = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if !is_break && is_acting(c) {
            continue;
        }
        let c = if is_break { ' ' } else { c };
        // `#` and `-` act only where a line begins, and no text begins one; a bare address would become a link.
        let acts = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@'
        ) || (c == '/' && last == ':')
            || (c == '.' && out.to_ascii_lowercase().ends_with("www"));
        if acts {
            out.push('\\');
        }
        if !(c == ' ' && last == ' ' && !out.is_empty()) {
            out.push(c);
        }
        last = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            text("<b>[x](http://example.org)</b>\n# *hi* | a_b"),
            r"\<b\>\[x\](http:\//example.org)\</b\> # \*hi\* \| a\_b"
        );
        assert_eq!(text("£1,250.00 – fine."), "£1,250.00 – fine.");
        assert_eq!(text("On\u{202e} track\u{1b}[2J\u{2066}"), "On track \\[2J");
    }
}
