//! Decisions as a reviewable text: the same columns as the Decisions sheet, in TOML.

use std::fmt::Write as _;

use super::{Taken, Written, receipt, settle};
use crate::schema::{Document, Fault, Schema};

/// Reads decisions from TOML: lists of `[[decisions]]` and of `[[receipts]]`. What is wrong within one is its own fault.
///
/// # Errors
/// Every mistake by file and line, where the text as a whole cannot be understood.
pub fn from_toml(file: &str, text: &str, schema: &Schema) -> Result<Taken, Vec<Fault>> {
    let document = Document::parse(file, text);
    if document.is_faulty() {
        return Err(document.into_faults());
    }
    let mut written: Vec<Written> = Vec::new();
    {
        let root = document.root();
        for entry in root.sections("decisions") {
            let optional = |key: &str| entry.text(key).unwrap_or_default();
            written.push(Written {
                row: entry.first_line(),
                about: optional("about"),
                subject: optional("action"),
                partner: optional("partner"),
                question: optional("question"),
                field: optional("field"),
                typed: optional("typed"),
                read_as: optional("read_as"),
                decision: optional("decision"),
                reason: optional("reason"),
                role: optional("role"),
                until: entry.date("until"),
                finding: optional("finding"),
                asked: entry.date("asked"),
                fault: None,
            });
            entry.close();
        }
        let _ = root.sections("receipts");
        root.close();
    }
    let (receipts, mut wrong) = receipt::of_document(&document, schema);
    let lines = receipt::lines(&document);
    let mut faults = Vec::new();
    for fault in document.into_faults() {
        let receipt = lines.iter().rev().find(|line| **line <= fault.line);
        let own = written
            .iter_mut()
            .rev()
            .find(|decision| decision.row <= fault.line);
        if let Some(line) = receipt
            && own.as_ref().is_none_or(|decision| decision.row < *line)
        {
            wrong.push(receipt::faulty_at(*line, &fault.message));
            continue;
        }
        match own {
            Some(decision) => {
                let said = decision.fault.get_or_insert_default();
                if !said.is_empty() {
                    said.push_str("; ");
                }
                said.push_str(&fault.message);
            }
            None => faults.push(fault),
        }
    }
    if faults.is_empty() {
        let mut decisions = settle(written, schema);
        decisions.extend(wrong);
        Ok(Taken {
            decisions,
            receipts,
        })
    } else {
        Err(faults)
    }
}

/// What stands above the decisions in a file that is to be filled in.
const HEAD: &str = "\
# Decisions for csp-bridge: every question of the run, and what was settled before.
# Fill in `decision` (Accept, Reject, Ask the partner, Corrected at source); with Accept also `reason` and `role`, and `read_as`
# where it is named. An entry whose `decision` is empty is left aside. `until` (2023-03-31) is the last day on which a decision holds.
# On which day a return arrived that does not say so: [[receipts]] with `partner` or `file`, and `received` (2022-10-12).
";

/// Whether a text is a file of decisions that [`to_toml`] wrote.
#[must_use]
pub fn is_ours(text: &[u8]) -> bool {
    let first = HEAD.lines().next().unwrap_or_default();
    text.starts_with(first.as_bytes())
}

/// One decision to be filled in, or taken already, as TOML.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The decision as far as it is written.
    pub written: Written,
    /// What helps to take it, a line each.
    pub notes: Vec<String>,
}

/// Writes decisions so that [`from_toml`] reads them again with nothing changed.
#[must_use]
pub fn to_toml(questions: &[Question]) -> String {
    let mut out = HEAD.to_owned();
    for question in questions {
        let written = &question.written;
        out.push('\n');
        for note in question.notes.iter().flat_map(|note| note.lines()) {
            let plain: String = note.chars().filter(|c| !c.is_control()).collect();
            let _ = writeln!(out, "# {plain}");
        }
        out.push_str("[[decisions]]\n");
        let decision = Some(&written.decision);
        for (key, value) in [
            ("about", Some(&written.about)),
            ("action", Some(&written.subject)),
            ("partner", Some(&written.partner)),
            ("question", Some(&written.question)),
            ("field", Some(&written.field)),
            ("typed", Some(&written.typed)),
            ("finding", Some(&written.finding)),
            ("read_as", Some(&written.read_as)),
            ("decision", decision),
            ("reason", Some(&written.reason)),
            ("role", Some(&written.role)),
        ] {
            let Some(value) = value else { continue };
            if !value.is_empty() || key == "decision" {
                let _ = writeln!(out, "{key} = {}", quoted(value));
            }
        }
        for (key, day) in [("until", written.until), ("asked", written.asked)] {
            if let Some(day) = day {
                let _ = writeln!(out, "{key} = {day}");
            }
        }
    }
    out
}

/// A basic string of TOML, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
