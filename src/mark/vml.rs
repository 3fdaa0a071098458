//! The shapes in which notes are shown. What is there is never parsed: Excel's own drawings need not be well-formed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use memchr::memmem;

use super::sheet::Grid;
use super::{Note, Unmarkable};

/// How many ids of shapes go with one number of an id map.
const BLOCK: u64 = 1024;

const PREFIXES: [(&str, &str); 3] = [
    ("v", "urn:schemas-microsoft-com:vml"),
    ("o", "urn:schemas-microsoft-com:office:office"),
    ("x", "urn:schemas-microsoft-com:office:excel"),
];

/// The blocks of ids that a drawing uses.
pub(super) fn blocks(part: &[u8]) -> BTreeSet<u64> {
    const SHAPE: &[u8] = b"_x0000_s";
    let mut out = BTreeSet::new();
    for at in memmem::find_iter(part, SHAPE) {
        let digits = part.get(at + SHAPE.len()..).unwrap_or_default();
        out.extend(leading(digits).map(|id| id / BLOCK));
    }
    for at in memmem::find_iter(part, b"idmap") {
        let (_, data) = data(part, at).unwrap_or_default();
        for number in data.split(|byte| *byte == b',') {
            out.extend(leading(number.trim_ascii()));
        }
    }
    out
}

fn leading(digits: &[u8]) -> Option<u64> {
    let end = digits
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(digits.len());
    std::str::from_utf8(digits.get(..end.min(12))?)
        .ok()?
        .parse()
        .ok()
}

/// The value of the `data` of an id map, and where it ends.
fn data(part: &[u8], at: usize) -> Option<(usize, &[u8])> {
    let rest = part.get(at..)?;
    let rest = rest.get(..memchr::memchr(b'>', rest)?)?;
    let found = memmem::find(rest, b"data=")? + b"data=".len();
    let quote = *rest.get(found)?;
    let value = rest.get(found + 1..)?;
    let length = value.iter().position(|byte| *byte == quote)?;
    Some((at + found + 1 + length, value.get(..length)?))
}

/// Puts shapes behind those of a drawing.
pub(super) fn add(
    part: &[u8],
    notes: &[&Note],
    block: u64,
    grid: &Grid,
) -> Result<Vec<u8>, Unmarkable> {
    let Some(end) = memmem::rfind(part, b"</xml>") else {
        return Err(Unmarkable::new(
            "the drawing of its notes does not end as it should",
        ));
    };
    let root_end = memmem::find(part, b"<xml")
        .and_then(|at| Some(at + memchr::memchr(b'>', part.get(at..)?)?))
        .unwrap_or(0);
    let root = part.get(..root_end).unwrap_or_default();
    let declares: String = PREFIXES
        .iter()
        .filter(|(prefix, _)| memmem::find(root, format!("xmlns:{prefix}=").as_bytes()).is_none())
        .fold(String::new(), |mut out, (prefix, namespace)| {
            let _ = write!(out, " xmlns:{prefix}=\"{namespace}\"");
            out
        });
    let mut put = String::new();
    let map = memmem::find(part, b"idmap").and_then(|at| data(part, at));
    if map.is_none() {
        let _ = write!(
            put,
            "<o:shapelayout v:ext=\"edit\"{declares}><o:idmap v:ext=\"edit\" data=\"{block}\"/></o:shapelayout>"
        );
    }
    if memmem::find(part, b"id=\"_x0000_t202\"").is_none() {
        put.push_str(&shape_type(&declares));
    }
    shapes(&mut put, notes, block, &declares, grid);
    let mut out = Vec::with_capacity(part.len() + put.len() + 16);
    let mut from = 0;
    if let Some((at, _)) = map.filter(|(at, _)| *at < end) {
        out.extend_from_slice(part.get(..at).unwrap_or_default());
        out.extend_from_slice(format!(",{block}").as_bytes());
        from = at;
    }
    out.extend_from_slice(part.get(from..end).unwrap_or_default());
    out.extend_from_slice(put.as_bytes());
    out.extend_from_slice(part.get(end..).unwrap_or_default());
    Ok(out)
}

/// A drawing where there was none.
pub(super) fn new(notes: &[&Note], block: u64, grid: &Grid) -> Vec<u8> {
    let declares: String = PREFIXES
        .iter()
        .fold(String::new(), |mut out, (prefix, namespace)| {
            let _ = write!(out, " xmlns:{prefix}=\"{namespace}\"");
            out
        });
    let mut out = format!(
        "<xml{declares}><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" data=\"{block}\"/></o:shapelayout>{}",
        shape_type("")
    );
    shapes(&mut out, notes, block, "", grid);
    out.push_str("</xml>");
    out.into_bytes()
}

fn shape_type(declares: &str) -> String {
    format!(
        "<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"{declares}><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>"
    )
}

fn shapes(out: &mut String, notes: &[&Note], block: u64, declares: &str, grid: &Grid) {
    for (number, note) in (1_u64..).zip(notes) {
        let lines: usize = note
            .text
            .lines()
            .map(|line| line.chars().count().div_ceil(CHARACTERS).max(1))
            .sum();
        let height = u32::try_from(lines)
            .unwrap_or(u32::MAX)
            .saturating_mul(LINE)
            .saturating_add(LINE)
            .clamp(HEIGHT_MIN, HEIGHT_MAX);
        let anchor = grid.anchor(note.at, WIDTH, height);
        let _ = write!(
            out,
            "<v:shape id=\"_x0000_s{}\" type=\"#_x0000_t202\" style=\"position:absolute;margin-left:60pt;margin-top:2pt;width:{}pt;height:{}pt;z-index:{number};visibility:hidden\" fillcolor=\"#ffffe1\" o:insetmode=\"auto\"{declares}><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\"><div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{}</x:Row><x:Column>{}</x:Column></x:ClientData></v:shape>",
            block * BLOCK + number,
            WIDTH * 3 / 4,
            height * 3 / 4,
            note.at.row,
            note.at.column
        );
    }
}

/// A note's width and a line's height in pixels, and about how many characters a line has.
const WIDTH: u32 = 320;
const LINE: u32 = 17;
const CHARACTERS: usize = 46;
const HEIGHT_MIN: u32 = 75;
const HEIGHT_MAX: u32 = 480;
