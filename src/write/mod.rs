//! Finished plans of outputs to bytes. Nothing here decides what is said, only how it is written.

pub mod csv;
pub mod html;
pub mod json;
mod link;
pub mod markdown;
mod package;
mod row;
pub mod xlsx;

/// Whether a file's bytes are a report that this program wrote, in any of its formats.
#[must_use]
pub fn is_ours(bytes: &[u8]) -> bool {
    json::is_ours(bytes) || csv::is_ours(bytes) || html::is_ours(bytes) || markdown::is_ours(bytes)
}

/// How far into a report the signs are looked for by which it is known.
const HEAD: usize = 4 << 10;

/// The beginning of a report as text.
fn head(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes))
}
