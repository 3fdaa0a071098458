//! Where a link leads, in the letters that spreadsheets and the writing library understand.

use std::fmt::Write as _;

use crate::render::Target;

/// The longest address of a file, and of a cell in it, in UTF-16 units: Excel's limit.
const ADDRESS_MAX: usize = 2_080;

/// Stands for a percent sign where the library would write it out as a letter of the name; the finished package has the sign.
pub(super) const MARK: char = '\u{E025}';

/// Escapes by which the library knows that an address is written out already.
const KNOWN: [&str; 11] = [
    "%20", "%25", "%22", "%60", "%3C", "%3E", "%5B", "%5D", "%5E", "%7B", "%7D",
];

/// An address as the library takes it.
pub(super) struct Address {
    pub(super) written: String,
    /// Whether it has marks.
    pub(super) is_marked: bool,
}

/// Where a link leads, in the letters of the format.
pub(super) struct Lead<'a> {
    /// The file's relative path, escaped; nothing for the workbook itself.
    pub(super) file: Option<String>,
    /// The place in it; may be empty.
    pub(super) place: &'a str,
}

/// Where a target is; nothing if no link can lead there: a name with a character that no address carries, or one too long.
pub(super) fn lead(target: &Target) -> Option<Lead<'_>> {
    match target {
        Target::Here(place) => is_short(place).then_some(Lead { file: None, place }),
        Target::File { path, place } => {
            let place = place.as_deref().unwrap_or_default();
            let is_odd = |c: char| c.is_control() || matches!(c, '\\' | MARK | '\u{FFFD}');
            if path.is_empty() || path.contains(is_odd) || place.contains(char::is_control) {
                return None;
            }
            let file = escaped(path);
            (is_short(&file) && is_short(place)).then_some(Lead {
                file: Some(file),
                place,
            })
        }
    }
}

/// The same as the library takes it.
pub(super) fn address(target: &Target) -> Option<Address> {
    let Lead { file, place } = lead(target)?;
    let Some(mut written) = file else {
        return Some(Address {
            written: format!("internal:{place}"),
            is_marked: false,
        });
    };
    let is_marked = written.contains('%') && !KNOWN.iter().any(|known| written.contains(known));
    if is_marked {
        written = written.replace('%', &MARK.to_string());
    }
    // The library takes a path after this scheme as it is: a relative one is written without the scheme.
    let mut written = format!("file:///{written}");
    if !place.is_empty() {
        written.push('#');
        written.push_str(place);
    }
    Some(Address { written, is_marked })
}

fn is_short(text: &str) -> bool {
    // No text has more units than bytes.
    text.len() <= ADDRESS_MAX || text.encode_utf16().count() <= ADDRESS_MAX
}

/// Whether a letter stands in an address as itself.
fn is_plain(c: char) -> bool {
    let is_sign = || {
        matches!(
            c,
            '/' | '-'
                | '.'
                | '_'
                | '~'
                | '!'
                | '$'
                | '&'
                | '\''
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | ':'
                | '@'
        )
    };
    c.is_ascii_alphanumeric() || is_sign() || !c.is_ascii() && !c.is_whitespace()
}

/// A relative path as an address: letters of all languages as they are, what would end or divide an address escaped.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 2);
    // A colon in the first part would make what is before it a scheme, or a drive.
    if path
        .split('/')
        .next()
        .is_some_and(|part| part.contains(':'))
    {
        out.push_str("./");
    }
    for c in path.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
