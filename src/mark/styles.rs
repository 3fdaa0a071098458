//! The look of a mark, and of the added sheet, at the ends of the workbook's lists of formats.

use super::Unmarkable;
use super::scan::{Edits, Element, Part};
use crate::grid::Rgb;
use crate::value::told::{MARK_BORDER, MARK_FILL, MARK_TEXT};

/// From so many formats on none is added: Excel holds 65,490.
const FORMATS_MAX: usize = 60_000;

/// What stands before the list of the formats of marks.
const BEFORE_DXFS: [&str; 7] = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
];

/// Where the formats stand that were put in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formats {
    /// The mark's, among those of conditional formats.
    pub(super) mark: usize,
    pub(super) title: usize,
    pub(super) heading: usize,
    pub(super) text: usize,
    pub(super) link: usize,
}

/// Which formats of cells let a cell be changed on a protected sheet.
#[derive(Debug, Default)]
pub(super) struct Locks {
    unlocked: Vec<bool>,
}

impl Locks {
    pub(super) fn is_locked(&self, style: usize) -> bool {
        !self.unlocked.get(style).copied().unwrap_or(false)
    }
}

/// Puts the formats in.
pub(super) fn add(part: &Part<'_>) -> Result<(Vec<u8>, Formats, Locks), Unmarkable> {
    let outline = part.outline(3)?;
    let root = outline
        .first()
        .ok_or_else(|| Unmarkable::new("its list of styles is empty"))?;
    let p = root.prefix();
    let mut edits = Edits::default();
    let named = |name: &str| {
        outline
            .iter()
            .find(|e| e.depth == 1 && e.local() == name && e.prefix() == p)
    };
    let mark = dxf(p);
    let mark = if let Some(dxfs) = named("dxfs") {
        dxfs.push_child(&mark, &mut edits);
        dxfs.set("count", &(dxfs.children + 1).to_string(), &mut edits);
        dxfs.children
    } else {
        let before = outline
            .iter()
            .rfind(|e| e.depth == 1 && BEFORE_DXFS.contains(&e.local()));
        let put = format!("<{p}dxfs count=\"1\">{mark}</{p}dxfs>");
        match before {
            Some(before) => edits.insert(before.end(), &put),
            None => root.push_child(&put, &mut edits),
        }
        0
    };
    let mut formats = Formats {
        mark,
        title: 0,
        heading: 0,
        text: 0,
        link: 0,
    };
    let base = named("cellStyleXfs").is_some_and(|list| list.children > 0);
    if let (Some(fonts), Some(xfs)) = (named("fonts"), named("cellXfs"))
        && xfs.children < FORMATS_MAX
    {
        let like = first_font(&outline, fonts);
        fonts.push_child(
            &format!(
                "<{p}font><{p}b/>{like}</{p}font><{p}font><{p}u/>{}</{p}font>",
                like.replace("<!--colour-->", &format!("<{p}color rgb=\"FF0B4F9E\"/>"))
            )
            .replace("<!--colour-->", ""),
            &mut edits,
        );
        fonts.set("count", &(fonts.children + 2).to_string(), &mut edits);
        let (bold, link) = (fonts.children, fonts.children + 1);
        let base = if base { " xfId=\"0\"" } else { "" };
        let xf = |font: usize, is_wrapped: bool| {
            let applied = if font == 0 { "" } else { " applyFont=\"1\"" };
            let wrap = if is_wrapped { " wrapText=\"1\"" } else { "" };
            format!(
                "<{p}xf numFmtId=\"0\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\"{base}{applied} applyAlignment=\"1\"><{p}alignment vertical=\"top\"{wrap}/></{p}xf>"
            )
        };
        let put = [xf(bold, false), xf(bold, true), xf(0, true), xf(link, true)].concat();
        xfs.push_child(&put, &mut edits);
        xfs.set("count", &(xfs.children + 4).to_string(), &mut edits);
        formats.title = xfs.children;
        formats.heading = xfs.children + 1;
        formats.text = xfs.children + 2;
        formats.link = xfs.children + 3;
    }
    Ok((part.with(edits), formats, locks(&outline)))
}

/// The size and name of the workbook's own first font, with a place for a colour before the name.
fn first_font(outline: &[Element<'_>], fonts: &Element<'_>) -> String {
    let p = fonts.prefix();
    let own = outline
        .iter()
        .skip_while(|e| e.open.start < fonts.open.end)
        .take_while(|e| e.depth > 1)
        .enumerate();
    let mut size = "11".to_owned();
    let mut name = "Calibri".to_owned();
    for (index, element) in own {
        if element.depth == 2 && index > 0 {
            break;
        }
        let value = element.attribute("val");
        match (element.local(), value) {
            ("sz", Some(value)) if value.parse::<f64>().is_ok() => size = value,
            ("name", Some(value)) => name = value,
            _ => {}
        }
    }
    format!(
        "<{p}sz val=\"{size}\"/><!--colour--><{p}name val=\"{}\"/>",
        super::scan::escape(&name)
    )
}

/// Which of the cells' formats are unlocked.
fn locks(outline: &[Element<'_>]) -> Locks {
    let mut out = Locks::default();
    let mut is_inside = false;
    for element in outline {
        match (element.depth, element.local()) {
            (1, name) => is_inside = name == "cellXfs",
            (2, "xf") if is_inside => out.unlocked.push(false),
            (3, "protection") if is_inside => {
                let is_unlocked = element
                    .attribute("locked")
                    .is_some_and(|value| matches!(value.as_str(), "0" | "false"));
                if let Some(last) = out.unlocked.last_mut() {
                    *last = is_unlocked;
                }
            }
            _ => {}
        }
    }
    out
}

fn argb(colour: Rgb) -> String {
    let [red, green, blue] = colour;
    format!("FF{red:02X}{green:02X}{blue:02X}")
}

/// The mark: a fill, bold letters and a thin border.
fn dxf(p: &str) -> String {
    let (fill, text, border) = (argb(MARK_FILL), argb(MARK_TEXT), argb(MARK_BORDER));
    let side =
        |name: &str| format!("<{p}{name} style=\"thin\"><{p}color rgb=\"{border}\"/></{p}{name}>");
    format!(
        "<{p}dxf><{p}font><{p}b/><{p}color rgb=\"{text}\"/></{p}font><{p}fill><{p}patternFill patternType=\"solid\"><{p}fgColor rgb=\"{fill}\"/><{p}bgColor rgb=\"{fill}\"/></{p}patternFill></{p}fill><{p}border>{}{}{}{}</{p}border></{p}dxf>",
        side("left"),
        side("right"),
        side("top"),
        side("bottom")
    )
}
