//! What the format's cells, links and headers hold: text by its length, figures by their digits, days by the calendar that spreadsheets know.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_xlsxwriter::ExcelDateTime;

/// Links on one sheet, under Excel's limit of 65,530; more are written as text.
pub(super) const LINKS_MAX: usize = 65_000;

/// What a link says when pointed at, in UTF-16 units at most.
pub(super) const TIP_MAX: usize = 255;

/// The longest text a cell holds, in UTF-16 units.
pub(super) const TEXT_MAX: usize = 32_767;

/// The longest list of words that a dropdown can carry in itself.
pub(super) const DROPDOWN_MAX: usize = 255;

/// The longest text that tells a chart in words.
pub(super) const ALTERNATIVE_MAX: usize = 255;

/// The first whole number with more digits than a spreadsheet's numbers carry exactly, which is 15.
pub(super) const DIGITS_END: u128 = 1_000_000_000_000_000;

/// The figure, if a spreadsheet holds it exactly.
pub(super) fn held(number: Decimal) -> Option<Decimal> {
    let number = number.normalize();
    (number.mantissa().unsigned_abs() < DIGITS_END).then_some(number)
}

/// The same as a spreadsheet holds it.
pub(super) fn exact(number: Decimal) -> Option<f64> {
    // The nearest double, as a spreadsheet would read it.
    held(number)?
        .to_string()
        .parse()
        .ok()
        .filter(|f: &f64| f.is_finite())
}

/// A day as a spreadsheet counts it; before 1900 it has none.
pub(super) fn serial(day: jiff::civil::Date) -> Option<ExcelDateTime> {
    ExcelDateTime::from_ymd(
        day.year().try_into().ok()?,
        day.month().try_into().ok()?,
        day.day().try_into().ok()?,
    )
    .ok()
}

/// Text that fits a cell; what is cut off says so.
pub(super) fn fit(text: &str) -> Cow<'_, str> {
    // No text has more units than bytes.
    if text.len() <= TEXT_MAX || text.encode_utf16().count() <= TEXT_MAX {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut units = 0;
    for c in text.chars() {
        units += c.len_utf16();
        if units > TEXT_MAX - 30 {
            break;
        }
        out.push(c);
    }
    out.push_str(" … (too long for a cell)");
    Cow::Owned(out)
}

/// The beginning of a text, of so many UTF-16 units at most.
pub(super) fn units(text: &str, most: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= most
        })
        .collect()
}

/// A text of so many characters at most, cut after a word.
pub(super) fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(2)).collect();
    let end = kept.rfind(' ').unwrap_or(kept.len());
    format!("{} …", kept.get(..end).unwrap_or(&kept))
}

/// A header or footer, left side first; what is too long would be dropped without a word.
pub(super) fn header(text: &str) -> String {
    format!("&L{text}").chars().take(250).collect()
}

/// A text in a header, where `&` begins an instruction.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&&")
}
