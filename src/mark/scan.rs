//! A part of a package as text with places: what stands where, and what is put in where.
//!
//! Invariant: bytes are only put in, but for the value of an attribute that is named and the slash of an element that gets its first child.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::Unmarkable;

/// The namespaces of workbooks and of relationships, as they usually are and in Strict Open XML.
pub(super) const RELATIONSHIPS: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
pub(super) const RELATIONSHIPS_STRICT: &str =
    "http://purl.oclc.org/ooxml/officeDocument/relationships";

const BOM: &str = "\u{feff}";

/// A part that can be changed.
pub(super) struct Part<'a> {
    name: &'a str,
    has_bom: bool,
    pub(super) text: &'a str,
}

impl<'a> Part<'a> {
    /// Takes a part that is UTF-8.
    pub(super) fn new(name: &'a str, bytes: &'a [u8]) -> Result<Self, Unmarkable> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Unmarkable::new(format!("its part {name} is not in UTF-8")))?;
        let bare = text.strip_prefix(BOM);
        let out = Self {
            name,
            has_bom: bare.is_some(),
            text: bare.unwrap_or(text),
        };
        let declaration = out
            .text
            .strip_prefix("<?xml")
            .and_then(|rest| rest.split_once("?>"));
        if let Some((declaration, _)) = declaration
            && let Some((_, encoding)) = declaration.split_once("encoding")
        {
            let encoding = encoding.to_ascii_lowercase();
            if !encoding.contains("utf-8") && !encoding.contains("ascii") {
                return Err(Unmarkable::new(format!("its part {name} is not in UTF-8")));
            }
        }
        Ok(out)
    }

    fn damaged(&self) -> Unmarkable {
        Unmarkable::new(format!("its part {} is no well-formed XML", self.name))
    }

    /// Goes over the part's tags from its root to its end.
    pub(super) fn walk(&self, mut visit: impl FnMut(&Tag<'a>)) -> Result<(), Unmarkable> {
        let mut reader = Reader::from_str(self.text);
        let config = reader.config_mut();
        config.check_comments = false;
        config.trim_text(false);
        let mut depth = 0_usize;
        let mut has_root = false;
        let place = |position: u64| usize::try_from(position).unwrap_or(usize::MAX);
        loop {
            let from = place(reader.buffer_position());
            let event = reader.read_event().map_err(|_| self.damaged())?;
            let to = place(reader.buffer_position());
            let kind = match event {
                Event::Start(_) => TagKind::Start,
                Event::Empty(_) => TagKind::Empty,
                Event::End(_) => TagKind::End,
                Event::DocType(_) => {
                    return Err(Unmarkable::new(format!(
                        "its part {} declares a document type",
                        self.name
                    )));
                }
                Event::Eof if depth == 0 && has_root => return Ok(()),
                Event::Eof => return Err(self.damaged()),
                _ => continue,
            };
            let raw = self.text.get(from..to).ok_or_else(|| self.damaged())?;
            if kind == TagKind::End {
                depth = depth.checked_sub(1).ok_or_else(|| self.damaged())?;
            } else if depth == 0 && has_root {
                return Err(self.damaged());
            }
            has_root = true;
            visit(&Tag {
                kind,
                depth,
                at: from,
                raw,
            });
            if kind == TagKind::Start {
                depth += 1;
            }
        }
    }

    /// The part's elements down to a depth, in their order.
    pub(super) fn outline(&self, depth_max: usize) -> Result<Vec<Element<'a>>, Unmarkable> {
        let mut out: Vec<Element<'a>> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        self.walk(|tag| {
            if tag.depth > depth_max {
                return;
            }
            if tag.kind == TagKind::End {
                if let Some(element) = open.pop().and_then(|index| out.get_mut(index)) {
                    element.close = tag.at..tag.at + tag.raw.len();
                }
                return;
            }
            if let Some(parent) = open.last().and_then(|index| out.get_mut(*index)) {
                parent.children += 1;
            }
            let end = tag.at + tag.raw.len();
            out.push(Element {
                depth: tag.depth,
                raw: tag.raw,
                open: tag.at..end,
                close: end..end,
                is_empty: tag.kind == TagKind::Empty,
                children: 0,
            });
            if tag.kind == TagKind::Start {
                open.push(out.len() - 1);
            }
        })?;
        // Children of the deepest elements that are listed are counted too.
        Ok(out)
    }

    /// The part with what is put in.
    pub(super) fn with(&self, mut edits: Edits) -> Vec<u8> {
        edits.0.sort_by_key(|edit| edit.place.start);
        let mut out = String::with_capacity(self.text.len() + 1024);
        if self.has_bom {
            out.push_str(BOM);
        }
        let mut from = 0;
        for edit in edits.0 {
            out.push_str(self.text.get(from..edit.place.start).unwrap_or_default());
            out.push_str(&edit.put);
            from = edit.place.end;
        }
        out.push_str(self.text.get(from..).unwrap_or_default());
        out.into_bytes()
    }
}

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    Start,
    Empty,
    End,
}

/// A tag as it stands in its part.
pub(super) struct Tag<'a> {
    pub(super) kind: TagKind,
    /// The root's is 0.
    pub(super) depth: usize,
    /// Where it begins.
    pub(super) at: usize,
    /// The whole of it, from `<` to `>`.
    pub(super) raw: &'a str,
}

impl<'a> Tag<'a> {
    /// Its name without a prefix.
    pub(super) fn local(&self) -> &'a str {
        local(qualified(self.raw))
    }

    /// Its name's prefix with the colon, or nothing.
    pub(super) fn prefix(&self) -> &'a str {
        prefix(qualified(self.raw))
    }

    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.at + self.raw.len()
    }
}

/// An element of a part's outline.
pub(super) struct Element<'a> {
    pub(super) depth: usize,
    pub(super) raw: &'a str,
    pub(super) open: Range<usize>,
    pub(super) close: Range<usize>,
    is_empty: bool,
    /// How many elements stand in it.
    pub(super) children: usize,
}

impl<'a> Element<'a> {
    /// Its name with its prefix.
    pub(super) fn qualified(&self) -> &'a str {
        qualified(self.raw)
    }

    /// Its name without one.
    pub(super) fn local(&self) -> &'a str {
        local(self.qualified())
    }

    /// The prefix with its colon, or nothing.
    pub(super) fn prefix(&self) -> &'a str {
        prefix(self.qualified())
    }

    /// An attribute's value by its local name, entities resolved.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        attribute(self.raw, name)
    }

    /// Puts something in behind its last child; an empty element is opened for it.
    pub(super) fn push_child(&self, put: &str, edits: &mut Edits) {
        if self.is_empty {
            let slash = self.open.end.saturating_sub(2);
            edits.replace(
                slash..self.open.end,
                format!(">{put}</{}>", self.qualified()),
            );
        } else {
            edits.insert(self.close.start, put);
        }
    }

    /// Puts another value in the place of an attribute's, if it has the attribute.
    pub(super) fn set(&self, name: &str, value: &str, edits: &mut Edits) {
        if let Some(found) = attributes(self.raw).find(|a| local(a.name) == name) {
            let place = self.open.start + found.place.start..self.open.start + found.place.end;
            edits.replace(place, value.to_owned());
        }
    }

    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.close.end
    }
}

/// What is put into a part.
#[derive(Default)]
pub(super) struct Edits(Vec<Edit>);

struct Edit {
    place: Range<usize>,
    put: String,
}

impl Edits {
    pub(super) fn insert(&mut self, at: usize, put: &str) {
        self.replace(at..at, put.to_owned());
    }

    pub(super) fn replace(&mut self, place: Range<usize>, put: String) {
        self.0.push(Edit { place, put });
    }
}

fn qualified(raw: &str) -> &str {
    let name = raw.trim_start_matches(['<', '/']);
    let end = name
        .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
        .unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

pub(super) fn local(qualified: &str) -> &str {
    qualified.rsplit(':').next().unwrap_or(qualified)
}

fn prefix(qualified: &str) -> &str {
    qualified
        .find(':')
        .and_then(|at| qualified.get(..=at))
        .unwrap_or_default()
}

/// An attribute of a tag: its name with its prefix, and where its value stands in the tag.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) place: Range<usize>,
    pub(super) value: &'a str,
}

/// The attributes of a tag, in their order.
pub(super) fn attributes(raw: &str) -> impl Iterator<Item = Attribute<'_>> {
    let mut at = raw.find(|c: char| c.is_whitespace()).unwrap_or(raw.len());
    std::iter::from_fn(move || {
        let rest = raw.get(at..)?;
        let (name, behind) = rest.split_once('=')?;
        let name = name.trim();
        let quote_at = behind.find(['"', '\''])?;
        let quote = behind.get(quote_at..)?.chars().next()?;
        let start = at + rest.len() - behind.len() + quote_at + 1;
        let length = raw.get(start..)?.find(quote)?;
        let place = start..start + length;
        at = place.end + 1;
        Some(Attribute {
            name,
            value: raw.get(place.clone())?,
            place,
        })
    })
}

/// A tag's attribute by its local name, entities resolved. A namespace is none.
pub(super) fn attribute(raw: &str, name: &str) -> Option<String> {
    let found = attributes(raw).find(|a| local(a.name) == name && !a.name.starts_with("xmlns"))?;
    Some(resolved(found.value))
}

/// A text with its entities resolved.
pub(super) fn resolved(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// The namespace that a tag declares for a prefix; the default one for none.
pub(super) fn declared(raw: &str, prefix: &str) -> Option<String> {
    let wanted = match prefix.trim_end_matches(':') {
        "" => "xmlns".to_owned(),
        prefix => format!("xmlns:{prefix}"),
    };
    let found = attributes(raw).find(|a| a.name == wanted)?;
    Some(resolved(found.value))
}

/// The attribute by which an element names a relationship, and what declares its prefix, where the tags around it do not.
pub(super) struct ById {
    prefix: String,
    declares: Option<String>,
}

impl ById {
    /// As a sibling writes it, seen from the elements that stand around both.
    pub(super) fn like(sibling: Option<&str>, around: &[&str], is_strict: bool) -> Self {
        let usual = if is_strict {
            RELATIONSHIPS_STRICT
        } else {
            RELATIONSHIPS
        };
        let used = sibling.and_then(|raw| {
            let found = attributes(raw).find(|a| {
                local(a.name) == "id" && a.name.contains(':') && !a.name.starts_with("xmlns")
            })?;
            let prefix = found.name.split_once(':')?.0.to_owned();
            let own = declared(raw, &prefix);
            Some((prefix, own))
        });
        let bound = |prefix: &str| around.iter().rev().find_map(|raw| declared(raw, prefix));
        let (prefix, namespace) = match used {
            Some((prefix, Some(own))) => (prefix, own),
            Some((prefix, None)) => {
                let namespace = bound(&prefix).unwrap_or_else(|| usual.to_owned());
                (prefix, namespace)
            }
            None => {
                let declared = around.iter().flat_map(|raw| attributes(raw)).find_map(|a| {
                    let prefix = a.name.strip_prefix("xmlns:")?;
                    (resolved(a.value) == usual).then(|| prefix.to_owned())
                });
                (declared.unwrap_or_else(|| "r".to_owned()), usual.to_owned())
            }
        };
        let is_in_scope = bound(&prefix).is_some_and(|bound| bound == namespace);
        Self {
            declares: (!is_in_scope).then_some(namespace),
            prefix,
        }
    }

    /// The attribute for an id.
    pub(super) fn attribute(&self, id: &str) -> String {
        let prefix = &self.prefix;
        let declares = self
            .declares
            .as_ref()
            .map(|namespace| format!(" xmlns:{prefix}=\"{}\"", escape(namespace)))
            .unwrap_or_default();
        format!("{declares} {prefix}:id=\"{}\"", escape(id))
    }
}

/// A text as markup writes it.
pub(super) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
