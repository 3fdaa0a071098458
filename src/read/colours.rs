//! The colours of an xlsx workbook's cell styles: direct solid fills, whether they are written out, indexed or taken from the theme.

use quick_xml::events::BytesStart;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::xml::{Met, attribute, walk};
use crate::grid::Rgb;

/// The solid fill of each cell style.
#[derive(Clone, Debug, Default)]
pub(super) struct Palette {
    by_style: Vec<Option<Rgb>>,
    has_fills: bool,
}

/// A colour as a style writes it.
#[derive(Clone, Copy, Debug)]
enum Colour {
    Plain(Rgb),
    Indexed(usize),
    Theme(usize, Tint),
}

/// How much lighter (above nought) or darker a theme colour is made, in millionths.
type Tint = i64;

const WHOLE: i64 = 1_000_000;

impl Palette {
    /// Reads styles, and the theme if a fill takes its colour from it; what is damaged there gives no fill.
    ///
    /// # Errors
    /// If the theme cannot be had.
    pub(super) fn read<E>(
        styles: &[u8],
        theme: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let mut indexed: Vec<Rgb> = Vec::new();
        let mut fills: Vec<Option<Colour>> = Vec::new();
        let mut by_style: Vec<usize> = Vec::new();
        let mut inside: &str = "";
        let mut is_solid = false;
        let _ = walk(styles, |met| match met {
            Met::Begin("fills", _) => inside = "fills",
            Met::Begin("cellXfs", _) => inside = "cellXfs",
            Met::Begin("indexedColors", _) => inside = "indexedColors",
            Met::End("fills" | "cellXfs" | "indexedColors") => inside = "",
            Met::Begin("fill", _) if inside == "fills" => {
                fills.push(None);
                is_solid = false;
            }
            Met::Begin("patternFill", element) if inside == "fills" => {
                is_solid = attribute(element, "patternType").as_deref() == Some("solid");
            }
            Met::Begin("fgColor", element) if inside == "fills" && is_solid => {
                if let Some(fill) = fills.last_mut() {
                    *fill = colour(element);
                }
            }
            Met::Begin("rgbColor", element) if inside == "indexedColors" => {
                indexed.push(
                    attribute(element, "rgb")
                        .and_then(|text| hexadecimal(&text))
                        .unwrap_or_default(),
                );
            }
            Met::Begin("xf", element) if inside == "cellXfs" => {
                by_style.push(
                    attribute(element, "fillId")
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(0),
                );
            }
            Met::Begin(..) | Met::End(_) | Met::Text(_) => {}
        });
        let is_of_theme = |fill: &Option<Colour>| matches!(fill, Some(Colour::Theme(..)));
        let theme = if fills.iter().any(is_of_theme) {
            theme_colours(&theme()?)
        } else {
            Vec::new()
        };
        let resolve = |colour: Colour| match colour {
            Colour::Plain(rgb) => Some(rgb),
            Colour::Indexed(index) => indexed
                .get(index)
                .copied()
                .or_else(|| INDEXED.get(index).map(|rgb| unpacked(*rgb))),
            Colour::Theme(index, tint) => theme.get(index).map(|rgb| tinted(*rgb, tint)),
        };
        let by_style: Vec<Option<Rgb>> = by_style
            .into_iter()
            .map(|fill| fills.get(fill).copied().flatten().and_then(resolve))
            // White is how people take a fill away.
            .map(|fill| fill.filter(|rgb| *rgb != [0xff; 3]))
            .collect();
        Ok(Self {
            has_fills: by_style.iter().any(Option::is_some),
            by_style,
        })
    }

    /// Whether any style fills its cells.
    pub(super) fn has_fills(&self) -> bool {
        self.has_fills
    }

    /// The fill of a cell style.
    pub(super) fn fill(&self, style: usize) -> Option<Rgb> {
        self.by_style.get(style).copied().flatten()
    }
}

fn colour(element: &BytesStart<'_>) -> Option<Colour> {
    if let Some(rgb) = attribute(element, "rgb") {
        return hexadecimal(&rgb).map(Colour::Plain);
    }
    if let Some(theme) = attribute(element, "theme") {
        let tint = attribute(element, "tint")
            .and_then(|text| {
                Decimal::from_str_exact(&text)
                    .or_else(|_| Decimal::from_scientific(&text))
                    .or_else(|_| text.parse())
                    .ok()
            })
            .and_then(|tint| (tint * Decimal::from(WHOLE)).round().to_i64())
            .unwrap_or(0);
        return Some(Colour::Theme(theme.parse().ok()?, tint));
    }
    let index = attribute(element, "indexed")?.parse().ok()?;
    // 64 is the system's window text.
    (index != 64).then_some(Colour::Indexed(index))
}

/// `FFC000` or `FFFFC000`.
fn hexadecimal(text: &str) -> Option<Rgb> {
    let start = text.len().checked_sub(6)?;
    u32::from_str_radix(text.get(start..)?, 16)
        .ok()
        .map(unpacked)
}

fn unpacked(rgb: u32) -> Rgb {
    let [_, red, green, blue] = rgb.to_be_bytes();
    [red, green, blue]
}

/// The theme's colours in the order in which styles count them: light and dark change places.
fn theme_colours(theme: &[u8]) -> Vec<Rgb> {
    let mut out: Vec<Rgb> = Vec::new();
    let mut is_inside = false;
    let _ = walk(theme, |met| match met {
        Met::Begin("clrScheme", _) => is_inside = true,
        Met::End("clrScheme") => is_inside = false,
        Met::Begin("srgbClr", element) if is_inside => {
            out.extend(attribute(element, "val").and_then(|text| hexadecimal(&text)));
        }
        Met::Begin("sysClr", element) if is_inside => {
            out.extend(attribute(element, "lastClr").and_then(|text| hexadecimal(&text)));
        }
        Met::Begin(..) | Met::End(_) | Met::Text(_) => {}
    });
    if out.len() < 12 {
        out = OFFICE.iter().map(|rgb| unpacked(*rgb)).collect();
    }
    for pair in [(0, 1), (2, 3)] {
        out.swap(pair.0, pair.1);
    }
    out
}

/// A colour made lighter or darker as Excel does: its lightness moves towards white or black, its hue and saturation stay.
fn tinted(rgb: Rgb, tint: Tint) -> Rgb {
    let tint = tint.clamp(-WHOLE, WHOLE);
    let parts = rgb.map(i64::from);
    let (low, high) = parts.iter().fold((255, 0), |(low, high), part| {
        (low.min(*part), high.max(*part))
    });
    // Twice the lightness, and how far saturation reaches at that lightness; both for 0 to 255 and both before and after.
    let light = low + high;
    let moved = if tint < 0 {
        light * (WHOLE + tint)
    } else {
        light * (WHOLE - tint) + 510 * tint
    };
    let reach = 255 - (light - 255).abs();
    let reach_moved = 255 * WHOLE - (moved - 255 * WHOLE).abs();
    parts.map(|part| {
        let distance = ((2 * part - light) * reach_moved)
            .checked_div(reach)
            .unwrap_or(0);
        let part = (moved + distance + WHOLE) / (2 * WHOLE);
        u8::try_from(part.clamp(0, 255)).unwrap_or(u8::MAX)
    })
}

/// The Office theme, for workbooks without one: dark 1, light 1, dark 2, light 2, six accents, two links.
const OFFICE: [u32; 12] = [
    0x00_0000, 0xff_ffff, 0x44_546a, 0xe7_e6e6, 0x44_72c4, 0xed_7d31, 0xa5_a5a5, 0xff_c000,
    0x5b_9bd5, 0x70_ad47, 0x05_63c1, 0x95_4f72,
];

/// The palette of Excel 97, to which indexes still point.
const INDEXED: [u32; 64] = [
    0x00_0000, 0xff_ffff, 0xff_0000, 0x00_ff00, 0x00_00ff, 0xff_ff00, 0xff_00ff, 0x00_ffff,
    0x00_0000, 0xff_ffff, 0xff_0000, 0x00_ff00, 0x00_00ff, 0xff_ff00, 0xff_00ff, 0x00_ffff,
    0x80_0000, 0x00_8000, 0x00_0080, 0x80_8000, 0x80_0080, 0x00_8080, 0xc0_c0c0, 0x80_8080,
    0x99_99ff, 0x99_3366, 0xff_ffcc, 0xcc_ffff, 0x66_0066, 0xff_8080, 0x00_66cc, 0xcc_ccff,
    0x00_0080, 0xff_00ff, 0xff_ff00, 0x00_ffff, 0x80_0080, 0x80_0000, 0x00_8080, 0x00_00ff,
    0x00_ccff, 0xcc_ffff, 0xcc_ffcc, 0xff_ff99, 0x99_ccff, 0xff_99cc, 0xcc_99ff, 0xff_cc99,
    0x33_66ff, 0x33_cccc, 0x99_cc00, 0xff_cc00, 0xff_9900, 0xff_6600, 0x66_6699, 0x96_9696,
    0x00_3366, 0x33_9966, 0x00_3300, 0x33_3300, 0x99_3300, 0x99_3366, 0x33_3399, 0x33_3333,
];

#[cfg(test)]
mod tests {
    use super::{Palette, hexadecimal, tinted};

    #[test]
    fn tints_are_those_that_excel_shows() {
        let green = [0x70, 0xad, 0x47];
        assert_eq!(tinted(green, 0), green);
        let near = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1);
        assert!(near(tinted(green, 399_975), [0xa9, 0xd0, 0x8e]));
        assert!(near(tinted(green, 799_981), [0xe2, 0xef, 0xda]));
        assert!(near(tinted(green, -249_977), [0x54, 0x82, 0x35]));
        assert_eq!(tinted([0; 3], 500_000), [0x80; 3]);
    }

    #[test]
    fn a_style_leads_to_its_solid_fill() {
        let styles = br#"<styleSheet><fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
            <fill><patternFill patternType="solid"><fgColor rgb="FFFFC000"/><bgColor indexed="64"/></patternFill></fill>
            <fill><patternFill patternType="solid"><fgColor theme="9"/></patternFill></fill>
            <fill><patternFill patternType="solid"><fgColor indexed="10"/></patternFill></fill></fills>
            <cellXfs><xf fillId="0"/><xf fillId="2"/><xf fillId="3"/><xf fillId="4"/></cellXfs></styleSheet>"#;
        let palette =
            Palette::read(styles, || Ok::<_, ()>(Vec::new())).expect("no theme is asked for");
        assert_eq!(palette.fill(0), None);
        assert_eq!(palette.fill(1), hexadecimal("FFC000"));
        assert_eq!(palette.fill(2), hexadecimal("70AD47"));
        assert_eq!(palette.fill(3), hexadecimal("FF0000"));
        assert_eq!(palette.fill(9), None);
    }
}
