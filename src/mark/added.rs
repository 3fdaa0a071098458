//! The added sheet's part: inline texts, no formula, no table, no shared text.

use std::fmt::Write as _;

use super::scan::escape;
use super::styles::Formats;
use super::workbook::DECLARATION;
use super::{List, Row};
use crate::value::told::{LIST_HEADINGS, LIST_TITLE, escaped, writable};

/// The columns' widths in characters, in the order of the headings.
const WIDTHS: [u32; 9] = [5, 11, 20, 13, 58, 50, 15, 8, 38];

/// A line's height in points, and the most that a row can have.
const LINE: u32 = 15;
const HEIGHT_MAX: u32 = 405;

/// Links on one sheet, under Excel's limit of 65,530.
const LINKS_MAX: usize = 65_000;

/// The longest text of a cell, in UTF-16 units.
const TEXT_MAX: usize = 32_000;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const MAIN_STRICT: &str = "http://purl.oclc.org/ooxml/spreadsheetml/main";

/// The sheet's part.
pub(super) fn part(list: &List, intro: &str, formats: Formats, is_strict: bool) -> Vec<u8> {
    let namespace = if is_strict { MAIN_STRICT } else { MAIN };
    let mut out = format!(
        "{DECLARATION}<worksheet xmlns=\"{namespace}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"3\" topLeftCell=\"A4\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>"
    );
    for (number, width) in (1..).zip(WIDTHS) {
        let _ = write!(
            out,
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    out.push_str("</cols><sheetData>");
    row(&mut out, 1, 20, &[("A", formats.title, LIST_TITLE)]);
    let whole = WIDTHS.iter().sum();
    row(
        &mut out,
        2,
        height([(intro, whole)].into_iter()),
        &[("A", formats.text, intro)],
    );
    let headings: Vec<(&str, usize, &str)> = LETTERS
        .into_iter()
        .zip(LIST_HEADINGS)
        .map(|(letter, heading)| (letter, formats.heading, heading))
        .collect();
    row(&mut out, 3, LINE + 3, &headings);
    for (number, item) in (1_usize..).zip(&list.rows) {
        let cells = texts(item, number);
        let [_, _, sheet, cell, found, to_do, kept_out, ..] = &cells;
        let widths = [
            (sheet, WIDTHS[2]),
            (cell, WIDTHS[3]),
            (found, WIDTHS[4]),
            (to_do, WIDTHS[5]),
            (kept_out, WIDTHS[6]),
        ];
        let high = height(widths.iter().map(|(text, width)| (text.as_str(), *width)));
        let link = if leads(item).is_some() && number <= LINKS_MAX {
            formats.link
        } else {
            formats.text
        };
        let cells: Vec<(&str, usize, &str)> = LETTERS
            .into_iter()
            .zip(&cells)
            .map(|(letter, text)| {
                let format = if letter == "D" { link } else { formats.text };
                (letter, format, text.as_str())
            })
            .collect();
        row(&mut out, number + 3, high, &cells);
    }
    out.push_str("</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A2:I2\"/></mergeCells>");
    let mut links = String::new();
    for (number, item) in (1_usize..).zip(&list.rows).take(LINKS_MAX) {
        if let Some(place) = leads(item) {
            let _ = write!(
                links,
                "<hyperlink ref=\"D{}\" location=\"{}\" display=\"{}\"/>",
                number + 3,
                escape(&place),
                escape(&item.cell)
            );
        }
    }
    if !links.is_empty() {
        let _ = write!(out, "<hyperlinks>{links}</hyperlinks>");
    }
    out.push_str(
        "<pageMargins left=\"0.4\" right=\"0.4\" top=\"0.5\" bottom=\"0.5\" header=\"0.3\" footer=\"0.3\"/><pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/></worksheet>",
    );
    out.into_bytes()
}

const LETTERS: [&str; 9] = ["A", "B", "C", "D", "E", "F", "G", "H", "I"];

/// A row's texts; the reply is the partner's.
fn texts(item: &Row, number: usize) -> [String; 9] {
    let text = |text: &str| {
        let text = writable(text);
        match text.encode_utf16().count() {
            0..=TEXT_MAX => text.into_owned(),
            _ => text.chars().take(TEXT_MAX / 2).chain(['…']).collect(),
        }
    };
    [
        number.to_string(),
        item.severity.to_owned(),
        text(&item.sheet),
        item.cell.clone(),
        text(&item.found),
        text(&item.to_do),
        item.kept_out.to_owned(),
        item.code.to_owned(),
        String::new(),
    ]
}

/// Where a row's cell leads, as a place inside the workbook.
fn leads(item: &Row) -> Option<String> {
    let range = item.leads_to?;
    Some(format!("'{}'!{range}", item.sheet.replace('\'', "''")))
}

fn row(out: &mut String, number: usize, height: u32, cells: &[(&str, usize, &str)]) {
    let _ = write!(
        out,
        "<row r=\"{number}\" ht=\"{height}\" customHeight=\"1\">"
    );
    for (letter, format, text) in cells {
        let style = match format {
            0 => String::new(),
            format => format!(" s=\"{format}\""),
        };
        if text.is_empty() {
            if *format > 0 {
                let _ = write!(out, "<c r=\"{letter}{number}\"{style}/>");
            }
        } else if *letter == "A" && number > 3 {
            let _ = write!(out, "<c r=\"{letter}{number}\"{style}><v>{text}</v></c>");
        } else {
            let _ = write!(
                out,
                "<c r=\"{letter}{number}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escape(&escaped(text))
            );
        }
    }
    out.push_str("</row>");
}

/// The height of a row that shows these texts whole, each in a column of a width, as far as a row can.
fn height<'t>(texts: impl Iterator<Item = (&'t str, u32)>) -> u32 {
    let lines = texts
        .map(|(text, width)| {
            let width = usize::try_from(width).unwrap_or(1).max(2) - 1;
            text.lines()
                .map(|line| line.chars().count().div_ceil(width).max(1))
                .sum::<usize>()
        })
        .max()
        .unwrap_or(1)
        .max(1);
    u32::try_from(lines)
        .unwrap_or(u32::MAX)
        .saturating_mul(LINE)
        .saturating_add(3)
        .min(HEIGHT_MAX)
}
