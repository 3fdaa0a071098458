//! Ordinary notes, which every program shows: at the end of a sheet's own, or in a new part.

use std::fmt::Write as _;

use super::scan::{Edits, Part, escape};
use super::workbook::DECLARATION;
use super::{Note, Unmarkable};
use crate::grid::CellAddress;
use crate::value::told::{escaped, writable};

const AUTHOR: &str = "csp-bridge";

/// The cells that a part of notes or of threads speaks of.
pub(super) fn cells(part: &Part<'_>) -> Result<Vec<CellAddress>, Unmarkable> {
    let mut out = Vec::new();
    part.walk(|tag| {
        if matches!(tag.local(), "comment" | "threadedComment")
            && let Some(at) = super::scan::attribute(tag.raw, "ref")
        {
            out.extend(at.replace('$', "").parse::<CellAddress>().ok());
        }
    })?;
    Ok(out)
}

/// Puts notes behind the sheet's own.
pub(super) fn add(part: &Part<'_>, notes: &[&Note]) -> Result<Vec<u8>, Unmarkable> {
    let outline = part.outline(2)?;
    let named = |name: &str| outline.iter().find(|e| e.depth == 1 && e.local() == name);
    let root = outline
        .first()
        .ok_or_else(|| Unmarkable::new("a list of notes is empty"))?;
    let p = root.prefix();
    let mut edits = Edits::default();
    let author = format!("<{p}author>{AUTHOR}</{p}author>");
    let authors = named("authors");
    let number = authors.map_or(0, |authors| authors.children);
    let list = entries(notes, p, number);
    match (authors, named("commentList")) {
        (Some(authors), Some(comments)) => {
            authors.push_child(&author, &mut edits);
            comments.push_child(&list, &mut edits);
        }
        (Some(authors), None) => {
            authors.push_child(&author, &mut edits);
            edits.insert(
                authors.end(),
                &format!("<{p}commentList>{list}</{p}commentList>"),
            );
        }
        (None, Some(comments)) => {
            edits.insert(
                comments.open.start,
                &format!("<{p}authors>{author}</{p}authors>"),
            );
            comments.push_child(&list, &mut edits);
        }
        (None, None) => root.push_child(
            &format!("<{p}authors>{author}</{p}authors><{p}commentList>{list}</{p}commentList>"),
            &mut edits,
        ),
    }
    Ok(part.with(edits))
}

/// A part of notes where there was none.
pub(super) fn new(notes: &[&Note]) -> Vec<u8> {
    format!(
        "{DECLARATION}<comments xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><authors><author>{AUTHOR}</author></authors><commentList>{}</commentList></comments>",
        entries(notes, "", 0)
    )
    .into_bytes()
}

fn entries(notes: &[&Note], p: &str, author: usize) -> String {
    let mut out = String::new();
    for note in notes {
        let _ = write!(
            out,
            "<{p}comment ref=\"{}\" authorId=\"{author}\"><{p}text><{p}t xml:space=\"preserve\">{}</{p}t></{p}text></{p}comment>",
            note.at,
            escape(&escaped(&writable(&note.text)))
        );
    }
    out
}
