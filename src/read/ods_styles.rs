//! The styles of an `OpenDocument` spreadsheet that belong to a cell's meaning: number formats, strikes, symbol fonts.
//!
//! A number format is a small tree of elements there; it is put into the words of the other formats (`[$£-809]#,##0.00`), so that one
//! place decides what a format means.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use quick_xml::events::BytesStart;

use super::format::NumberFormat;
use super::styles::is_symbol_font;
use super::xml::{Met, attribute};

/// Styles made from styles made from styles, up to here.
const DEPTH_MAX: usize = 16;

/// What a style says; nothing where it is silent.
#[derive(Clone, Debug, Default)]
struct Style {
    parent: Option<String>,
    format: Option<String>,
    is_struck: Option<bool>,
    font: Option<String>,
}

/// What a cell's style, with all that it is made from, says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Meaning {
    pub(super) format: NumberFormat,
    /// Whether the style names a format at all.
    pub(super) has_format: bool,
    pub(super) is_struck: bool,
    pub(super) is_symbol: bool,
}

/// The longest text above or below a page that is kept, in bytes.
const PAGE_TEXT_MAX: usize = 4_096;

impl Page {
    fn begin(&mut self, name: &str, element: &BytesStart<'_>) {
        if let Some(text) = &mut self.text {
            match name {
                "p" | "region-left" | "region-center" | "region-right" if !text.is_empty() => {
                    text.push('\n');
                }
                "s" | "tab" => text.push(' '),
                // Only the words that somebody typed: what the program puts in is another on each page.
                "page-number" | "page-count" | "sheet-name" | "title" | "file-name" | "date"
                | "time" => self.field += 1,
                _ => {}
            }
            return;
        }
        let is_text = matches!(
            name,
            "header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first"
        );
        if is_text && attribute(element, "display").as_deref() != Some("false") {
            self.text = Some(String::new());
        }
    }

    /// The text of a header or footer that ends here.
    fn end(&mut self, name: &str) -> Option<String> {
        match name {
            "page-number" | "page-count" | "sheet-name" | "title" | "file-name" | "date"
            | "time" => {
                self.field = self.field.saturating_sub(1);
                None
            }
            "header" | "footer" | "header-left" | "footer-left" | "header-first"
            | "footer-first" => {
                let lines = self.text.take()?;
                let lines: Vec<&str> = lines
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .collect();
                (!lines.is_empty()).then(|| lines.join("\n"))
            }
            _ => None,
        }
    }
}

/// Whether a size leaves nothing to be seen: less than a point, about.
fn is_nought(size: &str) -> bool {
    let end = size
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(size.len());
    let (number, unit) = size.split_at(end);
    let least = match unit.trim() {
        "in" => 0.014,
        "cm" => 0.035,
        "mm" => 0.35,
        _ => 1.0,
    };
    number.parse::<f64>().is_ok_and(|number| number < least)
}

/// A number format on the way.
#[derive(Clone, Debug, Default)]
struct Format {
    is_percentage: bool,
    code: String,
    /// Formats for numbers that meet a condition, before the one for the rest.
    maps: Vec<(String, String)>,
    is_span: bool,
    /// The element whose text is met: a literal, or a currency's sign with its language.
    literal: Option<String>,
    language: String,
    is_currency: bool,
}

/// The styles of one document, those of its two parts one after the other.
#[derive(Debug, Default)]
pub(super) struct Styles {
    cells: HashMap<String, Style>,
    texts: HashMap<String, Style>,
    formats: HashMap<String, Format>,
    /// Fonts by the document's name for them: whether they are symbol fonts.
    faces: HashMap<String, bool>,
    hidden_tables: BTreeSet<String>,
    /// Rows and columns of no size.
    flat: BTreeSet<String>,
    /// Tables by their styles: the pages that they are printed on.
    pages: HashMap<String, String>,
    /// What is printed above and below the pages, page by page.
    page_texts: HashMap<String, Vec<Arc<str>>>,
    open_page: Option<Page>,
    default: Style,
    open: Option<Open>,
    open_format: Option<(String, Format)>,
}

/// A page on the way.
#[derive(Debug)]
struct Page {
    name: String,
    /// The text of a header or footer, while one is open, and how deep the walk is in a field of it: a page's number, a date.
    text: Option<String>,
    field: usize,
}

#[derive(Debug)]
struct Open {
    family: String,
    /// Nothing for the default of a family.
    name: Option<String>,
    style: Style,
}

impl Styles {
    /// Takes in what a walk over either part meets.
    pub(super) fn meet(&mut self, met: &Met<'_, '_>) {
        match met {
            Met::Begin(name, element) => self.begin(name, element),
            Met::Text(piece) => self.text(piece),
            Met::End(name) => self.end(name),
        }
    }

    fn begin(&mut self, name: &str, element: &BytesStart<'_>) {
        if let Some((_, format)) = &mut self.open_format {
            format.begin(name, element);
            return;
        }
        if let Some(page) = &mut self.open_page {
            page.begin(name, element);
            return;
        }
        match name {
            "master-page" => {
                self.open_page = Some(Page {
                    name: attribute(element, "name").unwrap_or_default(),
                    text: None,
                    field: 0,
                });
            }
            "style" | "default-style" => {
                let said = |name| attribute(element, name);
                if let (Some(own), Some(page)) = (said("name"), said("master-page-name")) {
                    self.pages.insert(own, page);
                }
                self.open = Some(Open {
                    family: said("family").unwrap_or_default(),
                    name: (name == "style").then(|| said("name").unwrap_or_default()),
                    style: Style {
                        parent: said("parent-style-name"),
                        format: said("data-style-name"),
                        ..Style::default()
                    },
                });
            }
            "text-properties" => {
                if let Some(open) = &mut self.open {
                    open.style.text(element);
                }
            }
            "table-properties" => {
                if let Some(Open {
                    name: Some(name), ..
                }) = &self.open
                    && attribute(element, "display").as_deref() == Some("false")
                {
                    self.hidden_tables.insert(name.clone());
                }
            }
            "table-row-properties" | "table-column-properties" => {
                let size = attribute(element, "row-height").or(attribute(element, "column-width"));
                if let Some(Open {
                    name: Some(name), ..
                }) = &self.open
                    && size.is_some_and(|size| is_nought(&size))
                {
                    self.flat.insert(name.clone());
                }
            }
            "font-face" => {
                if let Some(name) = attribute(element, "name") {
                    let family = attribute(element, "font-family").unwrap_or_default();
                    let is_said = attribute(element, "font-charset").as_deref() == Some("x-symbol");
                    let is_symbol = is_said || is_symbol_font(unquoted(&family));
                    self.faces.insert(name, is_symbol);
                }
            }
            "number-style" | "currency-style" | "percentage-style" | "date-style"
            | "time-style" | "text-style" => {
                let format = Format {
                    is_percentage: name == "percentage-style",
                    is_span: name == "time-style"
                        && attribute(element, "truncate-on-overflow").as_deref() == Some("false"),
                    ..Format::default()
                };
                self.open_format = Some((attribute(element, "name").unwrap_or_default(), format));
            }
            _ => {}
        }
    }

    fn text(&mut self, piece: &str) {
        if let Some((_, format)) = &mut self.open_format
            && let Some(literal) = &mut format.literal
            && literal.len() < 256
        {
            literal.push_str(piece);
        }
        if let Some(Page {
            text: Some(text),
            field: 0,
            ..
        }) = &mut self.open_page
            && text.len() < PAGE_TEXT_MAX
        {
            text.push_str(piece);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(page) = &mut self.open_page {
            let told = page.end(name);
            let texts = self.page_texts.entry(page.name.clone()).or_default();
            if let Some(told) = told.filter(|told| texts.iter().all(|text| **text != **told)) {
                texts.push(told.into());
            }
            if name == "master-page" {
                self.open_page = None;
            }
            return;
        }
        if let Some((_, format)) = &mut self.open_format {
            if name.ends_with("-style") {
                self.formats.extend(self.open_format.take());
            } else {
                format.end();
            }
            return;
        }
        if matches!(name, "style" | "default-style")
            && let Some(open) = self.open.take()
        {
            let styles = match open.family.as_str() {
                "table-cell" => &mut self.cells,
                "text" => &mut self.texts,
                _ => return,
            };
            match open.name {
                Some(name) => drop(styles.insert(name, open.style)),
                None if open.family == "table-cell" => self.default = open.style,
                None => {}
            }
        }
    }

    /// Whether tables of this style are hidden.
    pub(super) fn hides_table(&self, name: &str) -> bool {
        self.hidden_tables.contains(name)
    }

    /// Whether rows or columns of this style have no size.
    pub(super) fn is_flat(&self, name: &str) -> bool {
        self.flat.contains(name)
    }

    /// What is printed above and below the pages of tables of this style.
    pub(super) fn page_texts(&self, name: &str) -> Vec<Arc<str>> {
        let page = self.pages.get(name).map_or("Default", String::as_str);
        self.page_texts.get(page).cloned().unwrap_or_default()
    }

    /// What the cells of a style mean; without a name, those that have none.
    pub(super) fn cell(&self, name: Option<&str>) -> Meaning {
        let said = gathered(&self.cells, name, Some(&self.default));
        let code = said.format.and_then(|name| self.code(&name, 0));
        Meaning {
            has_format: code.as_ref().is_some_and(|code| code != "General"),
            format: code.map_or_else(NumberFormat::default, |code| NumberFormat::from_code(&code)),
            is_struck: said.is_struck == Some(true),
            is_symbol: said.font.is_some_and(|font| self.is_symbol(&font)),
        }
    }

    /// What a style of running text says of strikes and symbol fonts; nothing where it leaves the cell's.
    pub(super) fn running(&self, name: &str) -> (Option<bool>, Option<bool>) {
        let said = gathered(&self.texts, Some(name), None);
        (said.is_struck, said.font.map(|font| self.is_symbol(&font)))
    }

    fn is_symbol(&self, font: &str) -> bool {
        self.faces
            .get(font)
            .copied()
            .unwrap_or_else(|| is_symbol_font(unquoted(font)))
    }

    /// A format's code, with those for numbers that meet a condition before it.
    fn code(&self, name: &str, depth: usize) -> Option<String> {
        let format = self.formats.get(name)?;
        let mut out = String::new();
        for (condition, other) in format.maps.iter().take(3) {
            let Some(code) = self.code(other, depth + 1).filter(|_| depth < 2) else {
                continue;
            };
            let condition: String = condition
                .trim()
                .trim_start_matches("value()")
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect();
            // What is not below nought is a code's first part anyway.
            if !matches!(condition.as_str(), ">=0" | ">0") {
                let _ = write!(out, "[{}]", condition.replace("!=", "<>"));
            }
            out.push_str(code.split(';').next().unwrap_or_default());
            out.push(';');
        }
        out.push_str(&format.code);
        Some(out)
    }
}

/// A style with what it takes from those that it is made from.
fn gathered(styles: &HashMap<String, Style>, name: Option<&str>, default: Option<&Style>) -> Style {
    let mut out = Style::default();
    let mut next = name;
    for _ in 0..DEPTH_MAX {
        let Some(style) = next.and_then(|name| styles.get(name)) else {
            break;
        };
        out.fill(style);
        next = style.parent.as_deref();
    }
    if let Some(default) = default {
        out.fill(default);
    }
    out
}

fn unquoted(family: &str) -> &str {
    family
        .split(',')
        .next()
        .unwrap_or_default()
        .trim()
        .trim_matches(['\'', '"'])
}

impl Style {
    fn text(&mut self, element: &BytesStart<'_>) {
        let said = |name| attribute(element, name);
        // Either the kind of line or its look is written, or both.
        let lines = [
            said("text-line-through-style"),
            said("text-line-through-type"),
        ];
        if lines.iter().any(Option::is_some) {
            self.is_struck = Some(lines.iter().flatten().all(|line| line != "none"));
        }
        self.font = said("font-name").or_else(|| said("font-family"));
    }

    /// Takes what it does not say itself from another.
    fn fill(&mut self, other: &Self) {
        self.format = self.format.take().or_else(|| other.format.clone());
        self.is_struck = self.is_struck.or(other.is_struck);
        self.font = self.font.take().or_else(|| other.font.clone());
    }
}

impl Format {
    fn begin(&mut self, name: &str, element: &BytesStart<'_>) {
        // No format that a person made is longer.
        if self.code.len() > 512 {
            return;
        }
        let said = |name| attribute(element, name);
        let count = |name| {
            said(name)
                .and_then(|text| text.parse::<usize>().ok())
                .map(|count| count.min(20))
        };
        let is_long = said("style").as_deref() == Some("long");
        match name {
            "number" | "scientific-number" => {
                let whole = "0".repeat(count("min-integer-digits").unwrap_or(1));
                let whole = if whole.is_empty() { "#" } else { &whole };
                if said("grouping").as_deref() == Some("true") {
                    let _ = write!(self.code, "#,##{whole}");
                } else {
                    self.code.push_str(whole);
                }
                // A number of which neither is said is shown as it is.
                match count("decimal-places") {
                    Some(0) => {}
                    Some(places) => {
                        let _ = write!(self.code, ".{}", "0".repeat(places));
                    }
                    None if name == "number" && self.code == "0" => {
                        "General".clone_into(&mut self.code);
                    }
                    None => {}
                }
                if name == "scientific-number" {
                    self.code.push_str("E+00");
                }
                // What is divided for display has a comma for each thousand.
                let factor: u64 = said("display-factor")
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(1);
                let mut left = factor;
                while left >= 1000 && left.is_multiple_of(1000) {
                    self.code.push(',');
                    left /= 1000;
                }
            }
            "fraction" => self.code.push_str("# ?/?"),
            "text" => self.literal = Some(String::new()),
            "currency-symbol" => {
                self.literal = Some(String::new());
                self.is_currency = true;
                let (language, country) = (said("language"), said("country"));
                self.language = match (language.as_deref(), country.as_deref()) {
                    (Some("en"), Some("GB")) => "-809".to_owned(),
                    (Some("en"), Some("US")) => "-409".to_owned(),
                    (Some("en"), Some("IE")) => "-1809".to_owned(),
                    (Some("de"), Some("DE")) => "-407".to_owned(),
                    (Some("fr"), Some("FR")) => "-40C".to_owned(),
                    _ => String::new(),
                };
            }
            "day" => self.code.push_str(if is_long { "dd" } else { "d" }),
            "day-of-week" => self.code.push_str(if is_long { "dddd" } else { "ddd" }),
            "month" => self.code.push_str(
                match (said("textual").as_deref() == Some("true"), is_long) {
                    (true, true) => "mmmm",
                    (true, false) => "mmm",
                    (false, true) => "mm",
                    (false, false) => "m",
                },
            ),
            "year" => self.code.push_str(if is_long { "yyyy" } else { "yy" }),
            // A quarter of a year is told by its month.
            "quarter" | "era" | "week-of-year" => self.code.push('m'),
            "hours" => {
                let hours = match (self.is_span && !self.code.contains('['), is_long) {
                    (true, true) => "[hh]",
                    (true, false) => "[h]",
                    (false, true) => "hh",
                    (false, false) => "h",
                };
                self.code.push_str(hours);
            }
            "minutes" => {
                let is_first = !self.code.contains('h') && !self.code.contains('[');
                self.code
                    .push_str(match (self.is_span && is_first, is_long) {
                        (true, true) => "[mm]",
                        (true, false) => "[m]",
                        (false, true) => "mm",
                        (false, false) => "m",
                    });
            }
            "seconds" => {
                let is_first = !self.code.contains(['h', 'm', '[']);
                self.code.push_str(if self.is_span && is_first {
                    "[s]"
                } else {
                    "ss"
                });
            }
            "am-pm" => self.code.push_str("AM/PM"),
            "text-content" => self.code.push('@'),
            "map" => {
                if let (Some(condition), Some(style)) =
                    (said("condition"), said("apply-style-name"))
                {
                    self.maps.push((condition, style));
                }
            }
            _ => {}
        }
    }

    /// An element within the format ends: what stood in it is put into the code.
    fn end(&mut self) {
        let Some(literal) = self.literal.take() else {
            return;
        };
        if self.is_currency {
            let sign: String = literal
                .chars()
                .filter(|c| !matches!(c, ']' | '[' | '-'))
                .collect();
            let language = std::mem::take(&mut self.language);
            let _ = write!(self.code, "[${sign}{language}]");
            self.is_currency = false;
            return;
        }
        let mut quoted = String::new();
        for character in literal.chars() {
            if character == '%' && self.is_percentage {
                if !quoted.is_empty() {
                    let _ = write!(self.code, "\"{}\"", std::mem::take(&mut quoted));
                }
                self.code.push('%');
            } else if character != '"' {
                quoted.push(character);
            }
        }
        // Signs that a code writes without quotes.
        if quoted
            .chars()
            .all(|c| matches!(c, ' ' | '-' | '/' | ':' | '(' | ')' | '.' | ','))
            && !quoted.contains(['.', ','])
        {
            self.code.push_str(&quoted);
        } else {
            let _ = write!(self.code, "\"{quoted}\"");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Styles;
    use crate::read::xml::walk;

    #[test]
    fn what_is_printed_around_the_pages_is_that_of_the_tables_own_page() {
        let mut styles = Styles::default();
        let text = r#"<a xmlns:style="s" xmlns:text="t" xmlns:table="b" xmlns:fo="f">
            <style:style style:name="ta1" style:family="table" style:master-page-name="Marked"/>
            <style:style style:name="ro1" style:family="table-row"><style:table-row-properties style:row-height="0in"/></style:style>
            <style:style style:name="ro2" style:family="table-row"><style:table-row-properties style:row-height="0.178in"/></style:style>
            <style:master-page style:name="Default"><style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer></style:master-page>
            <style:master-page style:name="Marked">
              <style:header><style:region-left><text:p>OFFICIAL</text:p></style:region-left><style:region-right><text:p><text:date>1 June</text:date> Kent Police</text:p></style:region-right></style:header>
              <style:footer style:display="false"><text:p>SECRET</text:p></style:footer>
            </style:master-page></a>"#;
        walk(text.as_bytes(), |met| styles.meet(&met)).expect("it is whole");
        assert_eq!(styles.page_texts("ta1"), ["OFFICIAL\nKent Police".into()]);
        assert_eq!(styles.page_texts("other"), ["Page".into()]);
        assert!(styles.is_flat("ro1") && !styles.is_flat("ro2"));
    }
}
