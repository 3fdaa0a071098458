//! Decisions as a reviewable text: the same columns as the Decisions sheet, in TOML.

use super::{About, Decision, Written, settle};
use crate::schema::{Document, Fault, Schema};

/// Reads decisions from TOML: a list of `[[decisions]]`.
///
/// # Errors
/// Every mistake, by file and line.
pub fn from_toml(file: &str, text: &str, schema: &Schema) -> Result<Vec<Decision>, Vec<Fault>> {
    let document = Document::parse(file, text);
    let mut written = Vec::new();
    {
        let root = document.root();
        for entry in root.sections("decisions") {
            let about = match entry.text("about").as_deref() {
                Some("heading") => About::Heading,
                Some("word") => About::Word,
                Some("reference") => About::Reference,
                Some("conflict") => About::Conflict,
                Some("finding") | None => About::Finding,
                Some(other) => {
                    entry.fault("about", format!("`about` must be \"heading\", \"word\", \"reference\", \"conflict\" or \"finding\", not \"{other}\""));
                    About::Finding
                }
            };
            let line = entry.line("decision");
            let optional = |key: &str| entry.text(key).unwrap_or_default();
            let row = Written {
                about: about.label().to_owned(),
                subject: optional("action"),
                partner: optional("partner"),
                question: optional("question"),
                field: optional("field"),
                typed: optional("typed"),
                read_as: optional("read_as"),
                decision: entry.required_text("decision"),
                reason: optional("reason"),
                role: optional("role"),
                until: entry.date("until"),
                finding: optional("finding"),
            };
            entry.close();
            let place = Fault {
                file: file.to_owned(),
                line,
                message: String::new(),
            };
            written.push((row, place));
        }
        root.close();
    }
    let mut faults = document.into_faults();
    match settle(written, schema) {
        Ok(decisions) if faults.is_empty() => Ok(decisions),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            faults.sort();
            Err(faults)
        }
    }
}
