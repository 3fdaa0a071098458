//! A quick walk over a sheet's part that is written as programs write it. The full walk meets every element; of a large sheet nearly
//! all are plain cells that nothing but calamine asks for, and this one passes over them.

use quick_xml::events::BytesStart;

use super::sidecar::CellKind;
use super::xml::{Met, walk_over};

const OPENING: &str = "<sheetData>";
const CLOSING: &str = "</sheetData>";

/// Which cells are met.
pub(super) struct Wants<N> {
    /// Whether a style, as a cell's attribute writes it, is of note.
    pub(super) is_noted: N,
    /// Those whose text is shared, with which one it is.
    pub(super) shared: bool,
    /// Those without a style of their own, which may have their row's or column's.
    pub(super) unstyled: bool,
}

/// Walks a sheet's part as [`walk_over`] does, but of its cells meets only those that are wanted, and of its rows those that are hidden
/// or have a format. Nothing if the part
/// is damaged, not written in the usual way or holds a value that calamine refuses: what was visited then is void, and the full walk
/// has to tell.
pub(super) fn sheet(
    part: &[u8],
    wants: &Wants<impl Fn(&str) -> bool>,
    mut visit: impl FnMut(Met<'_, '_>),
) -> Option<()> {
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
            is_usual &= rows(cells, wants, &mut visit).is_some();
        }
    })
    .ok()
    .filter(|()| is_usual)
}

fn rows(
    mut rest: &str,
    wants: &Wants<impl Fn(&str) -> bool>,
    visit: &mut impl FnMut(Met<'_, '_>),
) -> Option<()> {
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return Some(());
        }
        let tag = Tag::read(rest, "row")?;
        let (mut has_number, mut is_of_note) = (false, false);
        tag.attributes(|name, value| {
            has_number |= name == "r";
            is_of_note |= matches!(name, "hidden" | "customFormat");
            // A row too low to be seen is hidden, too.
            is_of_note |= name == "ht" && value.starts_with('0');
        })?;
        if !has_number {
            return None;
        }
        if is_of_note {
            visit(Met::Begin("row", &tag.element()));
        }
        rest = tag.rest;
        let mut is_open = !tag.is_empty;
        while is_open {
            rest = rest.trim_ascii_start();
            match rest.strip_prefix("</row>") {
                Some(after) => (rest, is_open) = (after, false),
                None => rest = cell(rest, wants, visit)?,
            }
        }
    }
}

/// One cell; what follows it.
fn cell<'a>(
    rest: &'a str,
    wants: &Wants<impl Fn(&str) -> bool>,
    visit: &mut impl FnMut(Met<'_, '_>),
) -> Option<&'a str> {
    let tag = Tag::read(rest, "c")?;
    let (mut has_address, mut kind, mut is_wanted) = (false, CellKind::Read, false);
    let (mut has_style, mut is_shared, mut is_text) = (false, false, false);
    tag.attributes(|name, value| match name {
        "r" => has_address = true,
        "t" => {
            kind = CellKind::of(value);
            is_shared = wants.shared && value == "s";
            is_text = value == "str";
        }
        "s" => {
            has_style = true;
            is_wanted |= (wants.is_noted)(value);
        }
        "vm" => is_wanted = true,
        _ => {}
    })?;
    is_wanted |= is_shared || wants.unstyled && !has_style;
    if !has_address {
        return None;
    }
    if is_wanted {
        visit(Met::Begin("c", &tag.element()));
    }
    let mut rest = tag.rest;
    let mut is_open = !tag.is_empty;
    let mut has_value = false;
    while is_open {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix("</c>") {
            (rest, is_open) = (after, false);
        } else if rest.starts_with("<v") {
            let value = Tag::read(rest, "v")?;
            let (text, after) = if value.is_empty {
                ("", value.rest)
            } else {
                text(value.rest, "</v>")?
            };
            // An entity would have to be resolved first, and a cell has one value.
            let is_odd = has_value || !is_text && text.contains('&');
            if is_odd || kind != CellKind::Read && !kind.is_read(text) {
                return None;
            }
            has_value = true;
            if is_shared {
                visit(Met::Begin("v", &value.element()));
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
    if is_wanted {
        visit(Met::End("c"));
    }
    Some(rest)
}

/// An element that holds nothing but text; what follows it.
fn leaf<'a>(rest: &'a str, name: &str, closing: &str) -> Option<&'a str> {
    let tag = Tag::read(rest, name)?;
    tag.attributes(|_, _| {})?;
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
        let is_empty = content.ends_with('/');
        let content = content.strip_suffix('/').unwrap_or(content);
        let attributes = content.strip_prefix(name)?;
        let is_name_over =
            attributes.is_empty() || attributes.starts_with(|c: char| c.is_ascii_whitespace());
        is_name_over.then_some(Self {
            content,
            name_len: name.len(),
            is_empty,
            rest: rest.get(1..)?,
        })
    }

    /// The tag's attributes. Other quotes, references and brackets within a value are left to the full walk.
    fn attributes(&self, mut visit: impl FnMut(&'a str, &'a str)) -> Option<()> {
        let mut rest = self.content.get(self.name_len..)?.trim_ascii_start();
        while !rest.is_empty() {
            let (name, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            let is_plain = |text: &str| !text.bytes().any(|byte| b"<&'\"=".contains(&byte));
            if !is_plain(name) || !is_plain(value) {
                return None;
            }
            visit(name, value);
            rest = after.trim_ascii_start();
        }
        Some(())
    }

    fn element(&self) -> BytesStart<'a> {
        BytesStart::from_content(self.content, self.name_len)
    }
}
