//! Small things that every reader of XML parts needs.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// An attribute by its local name, with entities resolved.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)?;
    Some(unescape(&found.value))
}

/// Whether an attribute is set as XML Schema writes true.
pub(super) fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| matches!(value.as_str(), "1" | "true" | "on"))
}

/// Text with its entities resolved.
pub(super) fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// The character that an entity stands for; unknown ones stay as they are written.
pub(super) fn entity(reference: &BytesRef<'_>, out: &mut String) {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        out.push(character);
    } else if let Some(text) = quick_xml::escape::resolve_predefined_entity(reference) {
        out.push_str(text);
    } else {
        out.push('&');
        out.push_str(reference);
        out.push(';');
    }
}

/// A reader of a part: names of elements must match, comments may hold anything.
pub(super) fn reader<R: BufRead>(part: R) -> Reader<R> {
    let mut reader = Reader::from_reader(part);
    let config = reader.config_mut();
    config.check_comments = false;
    config.trim_text(false);
    reader
}

/// What a walk over a part meets.
pub(super) enum Met<'a, 'e> {
    /// An element begins.
    Begin(&'a str, &'a BytesStart<'e>),
    /// Text inside the innermost element.
    Text(&'a str),
    /// An element ends.
    End(&'a str),
}

/// Walks a part from its root to its end.
///
/// # Errors
/// Why the part is no whole XML document.
pub(super) fn walk<R: BufRead>(part: R, mut visit: impl FnMut(Met<'_, '_>)) -> Result<(), String> {
    let mut reader = reader(part);
    let mut buffer = Vec::new();
    let mut walker = Walker::default();
    loop {
        buffer.clear();
        if let Some(end) = walker.step(reader.read_event_into(&mut buffer), &mut visit) {
            return end;
        }
    }
}

/// The same for a part that is in memory: nothing of it is copied.
///
/// # Errors
/// Why the part is no whole XML document.
pub(super) fn walk_over(part: &[u8], mut visit: impl FnMut(Met<'_, '_>)) -> Result<(), String> {
    let mut reader = reader(part);
    let mut walker = Walker::default();
    loop {
        if let Some(end) = walker.step(reader.read_event(), &mut visit) {
            return end;
        }
    }
}

/// How far a walk has come.
#[derive(Default)]
struct Walker {
    depth: usize,
    has_root: bool,
    referred: String,
}

impl Walker {
    /// Takes one step; something once the walk is over.
    fn step(
        &mut self,
        event: Result<Event<'_>, quick_xml::Error>,
        visit: &mut impl FnMut(Met<'_, '_>),
    ) -> Option<Result<(), String>> {
        match event {
            Ok(Event::Start(element)) => {
                self.depth += 1;
                self.has_root = true;
                visit(Met::Begin(element.local_name().as_ref(), &element));
            }
            Ok(Event::Empty(element)) => {
                self.has_root = true;
                visit(Met::Begin(element.local_name().as_ref(), &element));
                visit(Met::End(element.local_name().as_ref()));
            }
            Ok(Event::End(element)) => {
                self.depth = self.depth.saturating_sub(1);
                visit(Met::End(element.local_name().as_ref()));
            }
            Ok(Event::Text(text)) => visit(Met::Text(&text.xml10_content())),
            Ok(Event::CData(text)) => visit(Met::Text(&text.xml10_content())),
            Ok(Event::GeneralRef(reference)) => {
                self.referred.clear();
                entity(&reference, &mut self.referred);
                visit(Met::Text(&self.referred));
            }
            Ok(Event::Eof) if self.depth == 0 && self.has_root => return Some(Ok(())),
            Ok(Event::Eof) if self.has_root => {
                return Some(Err("its contents end too early".to_owned()));
            }
            Ok(Event::Eof) => return Some(Err("it is empty".to_owned())),
            Err(quick_xml::Error::Io(_)) => {
                return Some(Err("its contents are damaged or end too early".to_owned()));
            }
            Err(_) => return Some(Err("its contents are damaged".to_owned())),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
        }
        None
    }
}
