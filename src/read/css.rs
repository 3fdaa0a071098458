//! What a web page's style rules say that belongs to a cell's meaning: number formats, strikes, symbol fonts, what is not shown.
//!
//! Only rules for an element, a class, or an element of a class are taken; spreadsheets write no others for their cells.

use std::collections::HashMap;

use super::styles::is_symbol_font;

/// What a rule, or a cell's own style, says; nothing where it is silent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// The number format, as Excel names or spells it.
    pub(super) format: Option<String>,
    pub(super) is_struck: Option<bool>,
    pub(super) is_symbol: Option<bool>,
    pub(super) is_hidden: Option<bool>,
}

impl Style {
    /// Takes over what a rule that comes later says.
    fn add(&mut self, later: &Self) {
        if later.format.is_some() {
            self.format.clone_from(&later.format);
        }
        self.is_struck = later.is_struck.or(self.is_struck);
        self.is_symbol = later.is_symbol.or(self.is_symbol);
        self.is_hidden = later.is_hidden.or(self.is_hidden);
    }
}

/// The rules of a page.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// By selector: `td`, `.xl65`, `td.xl65`.
    rules: HashMap<String, Style>,
}

impl Sheet {
    /// Takes in the rules of one `style` element.
    pub(super) fn read(&mut self, text: &str) {
        let text = without_comments(text);
        let mut rest = text.as_str();
        while let Some((selectors, after)) = rest.split_once('{') {
            let end = declarations_end(after);
            let (body, next) = after.split_at_checked(end).unwrap_or((after, ""));
            rest = next.get(1..).unwrap_or_default();
            let style = declared(body);
            if style == Style::default() {
                continue;
            }
            let selectors = selectors.rsplit(['}', ';']).next().unwrap_or_default();
            for selector in selectors.split(',') {
                let selector = selector.trim().to_ascii_lowercase();
                if !selector.is_empty() && !selector.contains(char::is_whitespace) {
                    self.rules.entry(selector).or_default().add(&style);
                }
            }
        }
    }

    /// The style of an element with these classes and this style of its own.
    pub(super) fn style(&self, element: &str, classes: &str, own: &str) -> Style {
        let mut out = Style::default();
        let mut add = |selector: &str| {
            if let Some(style) = self.rules.get(selector) {
                out.add(style);
            }
        };
        if !self.rules.is_empty() {
            add(element);
            for class in classes.split_whitespace().take(16) {
                let class = class.to_ascii_lowercase();
                add(&format!(".{class}"));
                add(&format!("{element}.{class}"));
            }
        }
        if !own.is_empty() {
            out.add(&declared(own));
        }
        out
    }
}

/// Where a rule's declarations end: at a bracket outside quotes.
fn declarations_end(text: &str) -> usize {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' | b'\'' if quote == Some(byte) => quote = None,
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            b'}' if quote.is_none() => return at,
            _ => {}
        }
    }
    text.len()
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.replace("<!--", " ").replace("-->", " ")
}

/// Declarations, parted at semicolons outside quotes.
fn declared(body: &str) -> Style {
    let mut out = Style::default();
    let mut from = 0;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, byte) in body.bytes().chain([b';']).enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' | b'\'' if quote == Some(byte) => quote = None,
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            b';' if quote.is_none() || at == body.len() => {
                if let Some((name, value)) = body.get(from..at).and_then(|one| one.split_once(':'))
                {
                    declare(&mut out, name, value.trim());
                }
                from = at + 1;
            }
            _ => {}
        }
    }
    out
}

fn declare(out: &mut Style, name: &str, value: &str) {
    let lower = value.to_ascii_lowercase();
    match name.trim().to_ascii_lowercase().as_str() {
        "mso-number-format" => out.format = Some(unescaped(value)),
        "text-decoration" | "text-decoration-line" => {
            out.is_struck = Some(lower.contains("line-through"));
        }
        "display" => out.is_hidden = Some(lower.starts_with("none")),
        "visibility" if lower.starts_with("collapse") => out.is_hidden = Some(true),
        "font-family" => {
            let first = lower.split(',').next().unwrap_or_default();
            out.is_symbol = Some(is_symbol_font(first.trim_matches(['"', '\'', ' '])));
        }
        "mso-font-charset" if lower == "2" => out.is_symbol = Some(true),
        _ => {}
    }
}

/// A number format as a style sheet quotes it: `\0022` is a character by its number, `\#` the character behind.
fn unescaped(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value);
    let mut out = String::new();
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let four = rest.as_str().get(..4).unwrap_or_default();
        let numbered = (four.len() == 4 && four.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| u32::from_str_radix(four, 16).ok().and_then(char::from_u32))
            .flatten();
        if let Some(numbered) = numbered {
            out.push(numbered);
            rest = rest.as_str().get(4..).unwrap_or_default().chars();
        } else {
            out.extend(rest.next());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Sheet, Style};

    #[test]
    fn rules_of_a_spreadsheets_page_are_read() {
        let mut sheet = Sheet::default();
        sheet.read(
            r#"<!--table {mso-displayed-decimal-separator:"\.";}
            .xl65 {mso-style-parent:style0; mso-number-format:"\0022£\0022\#\,\#\#0\.00";}
            .xl66, td.xl67 {mso-number-format:Percent; text-decoration:line-through;}
            /* no } rule */ tr.gone {display:none} .sym{font-family:"Wingdings 2"; mso-font-charset:2;}
            .long { mso-number-format:"dd\\-mmm\\-yy\;\@"; }-->"#,
        );
        let format = |classes: &str| sheet.style("td", classes, "").format.unwrap_or_default();
        assert_eq!(format("xl65"), "\"£\"#,##0.00");
        assert_eq!(format("other xl66"), "Percent");
        assert_eq!(format("long"), "dd\\-mmm\\-yy;@");
        assert_eq!(sheet.style("td", "xl67", "").is_struck, Some(true));
        assert_eq!(sheet.style("tr", "gone", "").is_hidden, Some(true));
        assert_eq!(sheet.style("td", "gone", "").is_hidden, None);
        assert_eq!(sheet.style("td", "sym", "").is_symbol, Some(true));
        assert_eq!(
            sheet.style("td", "xl66", r"mso-number-format:'\@';text-decoration:none"),
            Style {
                format: Some("@".to_owned()),
                is_struck: Some(false),
                ..Style::default()
            }
        );
    }

    #[test]
    fn broken_rules_are_passed_over() {
        for text in [
            "{",
            "}",
            "a{b:c",
            "a{\"",
            "/*",
            "td{mso-number-format:'\\",
            "\u{e9}{display:none}",
        ] {
            Sheet::default().read(text);
            let _ = Sheet::default().style("td", "", text);
        }
    }
}
