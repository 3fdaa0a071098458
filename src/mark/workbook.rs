//! The list of sheets, relationships and content types: one entry more in each.

use std::fmt::Write as _;

use super::Unmarkable;
use super::scan::{ById, Edits, Element, Part, escape};
use crate::value::told::LIST_NAME;

/// A sheet as the workbook lists it.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) id: String,
}

/// The workbook's sheets, and whether it is Strict Open XML.
pub(super) fn listed(part: &Part<'_>) -> Result<(Vec<Listed>, bool), Unmarkable> {
    let outline = part.outline(2)?;
    let root = outline.first();
    let is_strict = root.is_some_and(|root| {
        super::scan::declared(root.raw, root.prefix())
            .is_some_and(|namespace| namespace.starts_with("http://purl.oclc.org/"))
    });
    let sheets = sheets(&outline)
        .map(|sheet| Listed {
            name: sheet.attribute("name").unwrap_or_default(),
            id: sheet.attribute("id").unwrap_or_default(),
        })
        .collect();
    Ok((sheets, is_strict))
}

fn list<'o, 'a>(outline: &'o [Element<'a>]) -> Option<&'o Element<'a>> {
    let prefix = outline.first()?.prefix();
    outline
        .iter()
        .find(|e| e.depth == 1 && e.local() == "sheets" && e.prefix() == prefix)
}

fn sheets<'o, 'a>(outline: &'o [Element<'a>]) -> impl Iterator<Item = &'o Element<'a>> {
    let within = list(outline).map(|list| list.open.end..list.close.start);
    outline.iter().filter(move |e| {
        e.depth == 2
            && e.local() == "sheet"
            && within
                .as_ref()
                .is_some_and(|within| within.contains(&e.open.start))
    })
}

/// The first name of the added sheet that no sheet has, whatever its case.
pub(super) fn free_name(listed: &[Listed]) -> String {
    let is_taken = |name: &str| {
        listed
            .iter()
            .any(|sheet| sheet.name.to_lowercase() == name.to_lowercase())
    };
    let mut name = LIST_NAME.to_owned();
    let mut number = 2;
    while is_taken(&name) {
        name = format!("{LIST_NAME} {number}");
        number += 1;
    }
    name
}

/// Lists one sheet more, last.
pub(super) fn add_sheet(
    part: &Part<'_>,
    name: &str,
    id: &str,
    is_strict: bool,
) -> Result<Vec<u8>, Unmarkable> {
    let outline = part.outline(2)?;
    let (Some(root), Some(list)) = (outline.first(), list(&outline)) else {
        return Err(Unmarkable::new("it lists no sheets"));
    };
    let last = sheets(&outline).last();
    let highest = sheets(&outline)
        .filter_map(|sheet| sheet.attribute("sheetId")?.parse::<u64>().ok())
        .max()
        .unwrap_or(0);
    let by_id = ById::like(
        last.map(|sheet| sheet.raw),
        &[root.raw, list.raw],
        is_strict,
    );
    let element = last.map_or_else(
        || format!("{}sheet", root.prefix()),
        |sheet| sheet.qualified().to_owned(),
    );
    let mut edits = Edits::default();
    list.push_child(
        &format!(
            "<{element} name=\"{}\" sheetId=\"{}\"{}/>",
            escape(name),
            highest + 1,
            by_id.attribute(id)
        ),
        &mut edits,
    );
    Ok(part.with(edits))
}

/// A relationship.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type.
    pub(super) kind: String,
    pub(super) target: String,
    pub(super) is_external: bool,
}

/// The relationships that a part lists.
pub(super) fn relations(part: &Part<'_>) -> Result<Vec<Relation>, Unmarkable> {
    let outline = part.outline(1)?;
    Ok(outline
        .iter()
        .filter(|e| e.local() == "Relationship")
        .map(|e| Relation {
            id: e.attribute("Id").unwrap_or_default(),
            kind: e
                .attribute("Type")
                .and_then(|kind| kind.rsplit('/').next().map(str::to_owned))
                .unwrap_or_default(),
            target: e.attribute("Target").unwrap_or_default(),
            is_external: e.attribute("TargetMode").as_deref() == Some("External"),
        })
        .collect())
}

/// Ids that no relationship has.
pub(super) fn free_ids(relations: &[Relation], count: usize) -> Vec<String> {
    let is_taken = |id: &str| relations.iter().any(|r| r.id.eq_ignore_ascii_case(id));
    (relations.len() + 1..)
        .map(|number| format!("rId{number}"))
        .filter(|id| !is_taken(id))
        .take(count)
        .collect()
}

/// A relationship that is put in: its id, type and target.
pub(super) type NewRelation = (String, String, String);

/// Lists relationships more.
pub(super) fn add_relations(part: &Part<'_>, new: &[NewRelation]) -> Result<Vec<u8>, Unmarkable> {
    let outline = part.outline(0)?;
    let root = outline
        .first()
        .ok_or_else(|| Unmarkable::new("a list of relationships is empty"))?;
    let mut edits = Edits::default();
    root.push_child(&entries(new, root.prefix()), &mut edits);
    Ok(part.with(edits))
}

/// A list of relationships where there was none.
pub(super) fn new_relations(new: &[NewRelation]) -> Vec<u8> {
    format!(
        "{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{}</Relationships>",
        entries(new, "")
    )
    .into_bytes()
}

pub(super) const DECLARATION: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

fn entries(new: &[NewRelation], p: &str) -> String {
    let mut out = String::new();
    for (id, kind, target) in new {
        let _ = write!(
            out,
            "<{p}Relationship Id=\"{}\" Type=\"{}\" Target=\"{}\"/>",
            escape(id),
            escape(kind),
            escape(target)
        );
    }
    out
}

const VML: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";

/// Says of what kind the new parts are: overrides, each a name and a type, and drawings of notes.
pub(super) fn add_types(
    part: &Part<'_>,
    overrides: &[(String, &str)],
    drawings: &[String],
) -> Result<Vec<u8>, Unmarkable> {
    let outline = part.outline(1)?;
    let root = outline
        .first()
        .ok_or_else(|| Unmarkable::new("its list of content types is empty"))?;
    let p = root.prefix();
    let mut put = String::new();
    let usual = outline.iter().find(|e| {
        e.local() == "Default"
            && e.attribute("Extension")
                .is_some_and(|extension| extension.eq_ignore_ascii_case("vml"))
    });
    if !drawings.is_empty() && usual.is_none() {
        let _ = write!(put, "<{p}Default Extension=\"vml\" ContentType=\"{VML}\"/>");
    }
    let is_other = usual.is_some_and(|e| e.attribute("ContentType").as_deref() != Some(VML));
    let drawings = drawings
        .iter()
        .filter(|_| is_other)
        .map(|name| (name.clone(), VML));
    for (name, kind) in overrides.iter().cloned().chain(drawings) {
        let _ = write!(
            put,
            "<{p}Override PartName=\"/{}\" ContentType=\"{kind}\"/>",
            escape(&name)
        );
    }
    let mut edits = Edits::default();
    root.push_child(&put, &mut edits);
    Ok(part.with(edits))
}
