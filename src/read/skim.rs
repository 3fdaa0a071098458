//! A quick walk over a sheet's part that is written as programs write it. The full walk meets every element; of a large sheet nearly
//! all are values that nothing but calamine asks for, and this one passes over them.

use quick_xml::events::BytesStart;

use super::xml::{Met, walk_over};

const OPENING: &str = "<sheetData>";
const CLOSING: &str = "</sheetData>";

/// Walks a sheet's part as [`walk_over`] does, but of a cell's contents meets only values whose type is spelt out. Nothing if the part
/// is damaged or not written in the usual way: what was visited then is void, and the full walk has to tell.
pub(super) fn sheet(part: &[u8], mut visit: impl FnMut(Met<'_, '_>)) -> Option<()> {
    let part = std::str::from_utf8(part).ok()?;
    let start = part.find(OPENING)?;
    let end = part.rfind(CLOSING)?;
    let (head, tail) = (part.get(..start)?, part.get(end + CLOSING.len()..)?);
    let cells = part.get(start + OPENING.len()..end)?;
    // In a comment anything may stand, the tags looked for among it.
    if [head, tail].iter().any(|around| around.contains("<!")) {
        return None;
    }
    let around = [head, "<sheetData/>", tail].concat();
    let mut is_usual = true;
    walk_over(around.as_bytes(), |met| {
        let is_cells = matches!(met, Met::Begin("sheetData", _));
        visit(met);
        if is_cells {
            is_usual &= rows(cells, &mut visit).is_some();
        }
    })
    .ok()
    .filter(|()| is_usual)
}

fn rows(mut rest: &str, visit: &mut impl FnMut(Met<'_, '_>)) -> Option<()> {
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return Some(());
        }
        let tag = Tag::read(rest, "row")?;
        visit(Met::Begin("row", &tag.element()));
        rest = tag.rest;
        while !tag.is_empty {
            rest = rest.trim_ascii_start();
            if let Some(after) = rest.strip_prefix("</row>") {
                rest = after;
                break;
            }
            rest = cell(rest, visit)?;
        }
        visit(Met::End("row"));
    }
}

/// One cell; what follows it.
fn cell<'a>(rest: &'a str, visit: &mut impl FnMut(Met<'_, '_>)) -> Option<&'a str> {
    let tag = Tag::read(rest, "c")?;
    let element = tag.element();
    visit(Met::Begin("c", &element));
    let mut rest = tag.rest;
    while !tag.is_empty {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix("</c>") {
            rest = after;
            break;
        }
        if rest.starts_with("<v") {
            let value = Tag::read(rest, "v")?;
            let (text, after) = if value.is_empty {
                ("", value.rest)
            } else {
                text(value.rest, "</v>")?
            };
            if tag.has_type() {
                // An entity would have to be resolved.
                if text.contains('&') {
                    return None;
                }
                visit(Met::Begin("v", &element));
                visit(Met::Text(text));
                visit(Met::End("v"));
            }
            rest = after;
        } else if rest.starts_with("<f") {
            rest = leaf(rest, "f", "</f>")?;
        } else if let Some(mut inside) = rest.strip_prefix("<is>") {
            loop {
                inside = inside.trim_ascii_start();
                if let Some(after) = inside.strip_prefix("</is>") {
                    rest = after;
                    break;
                }
                inside = leaf(inside, "t", "</t>")?;
            }
        } else {
            return None;
        }
    }
    visit(Met::End("c"));
    Some(rest)
}

/// An element that holds nothing but text; what follows it.
fn leaf<'a>(rest: &'a str, name: &str, closing: &str) -> Option<&'a str> {
    let tag = Tag::read(rest, name)?;
    if tag.is_empty {
        return Some(tag.rest);
    }
    text(tag.rest, closing).map(|(_, after)| after)
}

/// Text up to its element's end, which must be the next tag; and what follows that.
fn text<'a>(rest: &'a str, closing: &str) -> Option<(&'a str, &'a str)> {
    let (text, _) = rest.split_at_checked(rest.find('<')?)?;
    let is_sound = text.split('&').skip(1).all(|reference| {
        reference.split_once(';').is_some_and(|(name, _)| {
            let name = name.strip_prefix('#').unwrap_or(name);
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    });
    let after = rest.get(text.len()..)?.strip_prefix(closing)?;
    is_sound.then_some((text, after))
}

/// An opening tag.
struct Tag<'a> {
    /// What stands between the brackets.
    content: &'a str,
    name_len: usize,
    is_empty: bool,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    fn read(rest: &'a str, name: &str) -> Option<Self> {
        let inside = rest.strip_prefix('<')?;
        let (content, rest) = inside.split_at_checked(inside.find('>')?)?;
        let attributes = content.strip_prefix(name)?;
        let is_empty = attributes.ends_with('/');
        let content = content.strip_suffix('/').unwrap_or(content);
        let mut quotes = 0_usize;
        for byte in attributes.bytes() {
            match byte {
                b'"' => quotes += 1,
                // A bracket within quotes, other quotes, and references: the full walk reads those.
                b'<' | b'\'' | b'&' => return None,
                _ => {}
            }
        }
        let is_name_over = attributes.is_empty()
            || attributes.starts_with('/')
            || attributes.starts_with(|c: char| c.is_ascii_whitespace());
        (is_name_over && quotes.is_multiple_of(2)).then_some(Self {
            content,
            name_len: name.len(),
            is_empty,
            rest: rest.get(1..)?,
        })
    }

    fn element(&self) -> BytesStart<'a> {
        BytesStart::from_content(self.content, self.name_len)
    }

    /// Whether the cell says of which type it is, otherwise than that it is text.
    fn has_type(&self) -> bool {
        self.content.split_once(" t=\"").is_some_and(|(_, kind)| {
            !["s\"", "str\"", "inlineStr\""]
                .iter()
                .any(|text| kind.starts_with(text))
        })
    }
}
