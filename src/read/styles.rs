//! The cell styles of an xlsx workbook: fill, number format, strike and font of each, and the same of runs inside shared texts.

use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

use quick_xml::events::BytesStart;

use super::Unreadable;
use super::colours::Palette;
use super::format::NumberFormat;
use super::xml::{Met, attribute, walk};
use crate::grid::{Extent, Rgb};
use crate::value::text::is_blank;

/// All cell styles of a workbook.
#[derive(Clone, Debug, Default)]
pub(super) struct Styles {
    palette: Palette,
    by_style: Vec<Style>,
    /// Whether any style is worth a look at the cells that have it.
    is_any_noted: bool,
}

/// One style, its fill aside.
#[derive(Clone, Debug, Default)]
struct Style {
    /// Only where a number is not shown as it is, nor as a plain date.
    format: Option<NumberFormat>,
    is_struck: bool,
    is_symbols: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Font {
    is_struck: bool,
    is_symbols: bool,
    /// Above or below the line, or white on white: a mark of a note, or hidden.
    is_raised: bool,
}

impl Styles {
    /// Reads styles, and the theme if a fill takes its colour from it; what is damaged there gives nothing. `are_dates_known` says that
    /// calamine finds the same part, and so tells plain dates by itself.
    ///
    /// # Errors
    /// If the theme cannot be had.
    pub(super) fn read(
        styles: &[u8],
        are_dates_known: bool,
        theme: impl FnOnce() -> Result<Vec<u8>, Unreadable>,
    ) -> Result<Self, Unreadable> {
        let palette = Palette::read(styles, theme)?;
        let mut codes: BTreeMap<u32, String> = BTreeMap::new();
        let mut fonts: Vec<Font> = Vec::new();
        let mut cells: Vec<(u32, usize)> = Vec::new();
        let mut inside = "";
        let _ = walk(styles, |met| match met {
            Met::Begin("numFmts", _) => inside = "numFmts",
            Met::Begin("fonts", _) => inside = "fonts",
            Met::Begin("cellXfs", _) => inside = "cellXfs",
            Met::End("numFmts" | "fonts" | "cellXfs") => inside = "",
            Met::Begin("numFmt", element) if inside == "numFmts" => {
                if let (Some(id), Some(code)) = (
                    number(element, "numFmtId"),
                    attribute(element, "formatCode"),
                ) {
                    codes.insert(id, code);
                }
            }
            Met::Begin("font", _) if inside == "fonts" => fonts.push(Font::default()),
            Met::Begin(property, element) if inside == "fonts" => {
                if let Some(font) = fonts.last_mut() {
                    font.take(property, element);
                }
            }
            Met::Begin("xf", element) if inside == "cellXfs" => cells.push((
                number(element, "numFmtId").unwrap_or(0),
                number(element, "fontId")
                    .and_then(|font| usize::try_from(font).ok())
                    .unwrap_or(0),
            )),
            Met::Begin(..) | Met::End(_) | Met::Text(_) => {}
        });
        let format = |id: u32| {
            let code = codes.get(&id).map(String::as_str);
            let format = NumberFormat::of(id, code);
            let is_read = format.is_plain()
                || are_dates_known && format.is_date() && NumberFormat::is_usual_date(id, code);
            (!is_read).then_some(format)
        };
        let by_style: Vec<Style> = cells
            .into_iter()
            .map(|(id, font)| {
                let font = fonts.get(font).copied().unwrap_or_default();
                Style {
                    format: format(id),
                    is_struck: font.is_struck,
                    is_symbols: font.is_symbols,
                }
            })
            .collect();
        Ok(Self {
            is_any_noted: palette.has_fills() || by_style.iter().any(Style::is_noted),
            palette,
            by_style,
        })
    }

    /// Whether a style is worth a look at the cells that have it.
    pub(super) fn is_noted(&self, style: usize) -> bool {
        self.is_any_noted
            && (self.palette.fill(style).is_some()
                || self.by_style.get(style).is_some_and(Style::is_noted))
    }

    /// Whether any style is.
    pub(super) fn is_any_noted(&self) -> bool {
        self.is_any_noted
    }

    /// The fill of a cell style.
    pub(super) fn fill(&self, style: usize) -> Option<Rgb> {
        self.palette.fill(style)
    }

    /// The number format of a cell style, where it makes something else of a number than calamine does.
    pub(super) fn format(&self, style: usize) -> Option<&NumberFormat> {
        self.by_style.get(style)?.format.as_ref()
    }

    /// Whether a cell style strikes its text through.
    pub(super) fn is_struck(&self, style: usize) -> bool {
        self.by_style
            .get(style)
            .is_some_and(|style| style.is_struck)
    }

    /// Whether a cell style's font shows pictures for letters.
    pub(super) fn is_symbols(&self, style: usize) -> bool {
        self.by_style
            .get(style)
            .is_some_and(|style| style.is_symbols)
    }
}

impl Style {
    fn is_noted(&self) -> bool {
        self.format.is_some() || self.is_struck || self.is_symbols
    }
}

impl Font {
    /// Takes in one property of a font, of a style or of a run.
    fn take(&mut self, property: &str, element: &BytesStart<'_>) {
        match property {
            "strike" => self.is_struck = is_on(element),
            "name" | "rFont" => {
                self.is_symbols |= attribute(element, "val").is_some_and(|n| is_symbol_font(&n));
            }
            "vertAlign" => {
                let value = attribute(element, "val");
                self.is_raised |= matches!(value.as_deref(), Some("superscript" | "subscript"));
            }
            "color" => {
                let value = attribute(element, "rgb");
                self.is_raised |= value.is_some_and(|rgb| rgb.eq_ignore_ascii_case("FFFFFFFF"));
            }
            "charset" => self.is_symbols |= attribute(element, "val").as_deref() == Some("2"),
            _ => {}
        }
    }
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.trim().parse().ok()
}

/// A property that is on by being there, unless it says otherwise.
fn is_on(element: &BytesStart<'_>) -> bool {
    attribute(element, "val").is_none_or(|value| !matches!(value.as_str(), "0" | "false" | "off"))
}

/// Whether a font has pictures where others have letters, so that what is stored is not what is seen.
pub(super) fn is_symbol_font(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.starts_with("wingdings")
        || matches!(
            name.as_str(),
            "webdings" | "symbol" | "marlett" | "zapfdingbats" | "zapf dingbats" | "monotype sorts"
        )
}

/// How much of a text is struck through or in a font of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) struck: Option<Extent>,
    pub(super) symbols: Option<Extent>,
}

/// The runs of one text on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    font: Font,
    is_text: bool,
    is_phonetic: bool,
    /// Of what people see: all, struck through, in a font of pictures.
    seen: [bool; 3],
    /// Whether something seen is not struck through, and something is in letters.
    plain: [bool; 2],
    /// Whether figures are among what stands above or below the line or is hidden.
    has_raised: bool,
}

impl Runs {
    /// Takes in what a walk meets inside a text.
    pub(super) fn meet(&mut self, met: &Met<'_, '_>) {
        match met {
            Met::Begin("r", _) | Met::End("r") => self.font = Font::default(),
            Met::Begin("rPh", _) => self.is_phonetic = true,
            Met::End("rPh") => self.is_phonetic = false,
            Met::Begin("t", _) => self.is_text = true,
            Met::End("t") => self.is_text = false,
            Met::Begin(property, element) => self.font.take(property, element),
            Met::Text(piece) if self.is_text && !self.is_phonetic && !is_blank(piece) => {
                let [all, struck, symbols] = &mut self.seen;
                *all = true;
                *struck |= self.font.is_struck;
                *symbols |= self.font.is_symbols;
                self.has_raised |=
                    self.font.is_raised && piece.contains(|c: char| c.is_ascii_digit());
                let [unstruck, letters] = &mut self.plain;
                *unstruck |= !self.font.is_struck;
                *letters |= !self.font.is_symbols && piece.contains(char::is_alphanumeric);
            }
            Met::Text(_) | Met::End(_) => {}
        }
    }

    /// What they come to.
    pub(super) fn marks(&self) -> Marks {
        let extent = |is_some: bool, is_some_not: bool| {
            is_some.then_some(if is_some_not {
                Extent::Part
            } else {
                Extent::Whole
            })
        };
        let ([_, struck, symbols], [unstruck, letters]) = (self.seen, self.plain);
        Marks {
            struck: extent(struck, unstruck),
            symbols: extent(symbols, letters).or_else(|| self.has_raised.then_some(Extent::Part)),
        }
    }
}

/// The marks of shared texts, by their place in the table of texts: only those that have any.
pub(super) fn marks(part: &mut dyn BufRead) -> HashMap<usize, Marks> {
    let mut out = HashMap::new();
    let mut next = 0_usize;
    let mut runs: Option<Runs> = None;
    let _ = walk(part, |met| match met {
        Met::Begin("si", _) => runs = Some(Runs::default()),
        Met::End("si") => {
            let marks = runs.take().map(|runs| runs.marks()).unwrap_or_default();
            if marks != Marks::default() {
                out.insert(next, marks);
            }
            next += 1;
        }
        met => {
            if let Some(runs) = runs.as_mut() {
                runs.meet(&met);
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::{Extent, Marks, Styles, is_symbol_font, marks};

    #[test]
    fn a_style_leads_to_its_format_and_font() {
        let styles = br#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0,&quot;k&quot;"/><numFmt numFmtId="165" formatCode="dd/mm/yyyy"/></numFmts>
            <fonts><font><sz val="11"/></font><font><strike/></font><font><strike val="0"/><name val="Wingdings 2"/></font></fonts>
            <cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="164" fontId="1"/><xf numFmtId="165" fontId="2"/><xf numFmtId="9"/></cellXfs></styleSheet>"#;
        let read = |known| Styles::read(styles, known, || Ok(Vec::new())).expect("no theme");
        let styles = read(true);
        assert!(!styles.is_noted(0) && styles.is_noted(1) && styles.is_noted(3));
        assert!(styles.is_struck(1) && !styles.is_struck(2) && styles.is_symbols(2));
        assert!(styles.format(2).is_none() && styles.format(3).is_some());
        assert!(read(false).format(2).is_some());
    }

    #[test]
    fn runs_of_a_text_tell_how_much_of_it_is_struck() {
        let texts = br#"<sst><si><t>plain</t></si>
            <si><r><rPr><strike/></rPr><t>300</t></r><r><rPr/><t xml:space="preserve"> 250</t></r></si>
            <si><r><rPr><strike val="1"/></rPr><t>gone</t></r><r><t xml:space="preserve"> </t></r></si>
            <si><r><rPr><strike val="0"/><rFont val="Webdings"/></rPr><t>a</t></r><r><t>!</t></r></si></sst>"#;
        let found = marks(&mut texts.as_slice());
        let struck = |extent| Marks {
            struck: Some(extent),
            symbols: None,
        };
        assert_eq!(found.len(), 3);
        assert_eq!(found.get(&1), Some(&struck(Extent::Part)));
        assert_eq!(found.get(&2), Some(&struck(Extent::Whole)));
        assert_eq!(
            found.get(&3).and_then(|marks| marks.symbols),
            Some(Extent::Whole)
        );
    }

    #[test]
    fn fonts_of_pictures_are_known() {
        assert!(is_symbol_font("Wingdings 3") && is_symbol_font("webdings"));
        assert!(!is_symbol_font("Segoe UI Symbol") && !is_symbol_font("Calibri"));
    }
}
