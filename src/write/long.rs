//! The rows of a long sheet, in the letters of the format.
//!
//! The writing library notes every cell, height and link of a sheet in maps before it writes them. Of a sheet of thousands of rows it is
//! told the headings and one specimen of each style; the rows go to scratch from here, and into the finished package (`package.rs`) with
//! the numbers that the library gave the specimens' styles.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufWriter, Seek as _, Write};

use quick_xml::escape::escape;
use rust_decimal::Decimal;
use tempfile::SpooledTempFile;

use super::link::Lead;
use crate::grid::CellAddress;

/// Comes before a style's own number in the rows as they wait, where no text has it: control characters are written out.
const STYLE: u8 = 1;

/// Bytes that are read and written at a time.
const GATHERED: usize = 1 << 16;

/// Bytes of one sheet's rows that stay in memory; what is longer goes to a file without a name.
const KEPT: usize = 1 << 20;

/// Spaces at an end that a reader of the format would drop.
const SPACES: [char; 3] = ['\t', '\n', ' '];

/// What kind of relation a link to a file is.
const RELATION: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink";

/// The height that a row has where none is given, in pixels.
const USUAL_PIXELS: u32 = 20;

/// The rows of one sheet as they are written; `S` tells styles apart.
pub(super) struct Rows<S> {
    scratch: SpooledTempFile,
    /// What waits to go to scratch.
    text: String,
    styles: BTreeMap<S, u16>,
    columns: Vec<String>,
    row: u32,
    /// The same in figures, as each of its cells has it.
    row_figures: String,
    links: Links,
}

impl<S: Ord + Copy> Rows<S> {
    /// Rows of so many columns.
    pub(super) fn new(columns: usize) -> Self {
        Self {
            scratch: SpooledTempFile::new(KEPT),
            text: String::new(),
            styles: BTreeMap::new(),
            columns: (0..u16::try_from(columns).unwrap_or(u16::MAX))
                .map(CellAddress::column_letters)
                .collect(),
            row: 0,
            row_figures: String::new(),
            links: Links::default(),
        }
    }

    /// Begins a row, counted from nought, with its height in points where it has one of its own.
    pub(super) fn begin(&mut self, row: u32, height: Option<f64>) {
        self.row = row + 1;
        self.row_figures.clear();
        let _ = write!(self.row_figures, "{}", self.row);
        let _ = write!(self.text, "<row r=\"{}\"", self.row_figures);
        if let Some(height) = height.and_then(pixels) {
            let _ = write!(self.text, " ht=\"{height}\" customHeight=\"1\"");
        }
        self.text.push('>');
    }

    /// Ends the row at hand.
    ///
    /// # Errors
    /// If the scratch is full.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.text.push_str("</row>");
        if self.text.len() < GATHERED {
            return Ok(());
        }
        self.set_aside()
    }

    /// Puts what was gathered into scratch.
    fn set_aside(&mut self) -> io::Result<()> {
        self.scratch.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    /// A cell with nothing in it.
    pub(super) fn blank(&mut self, column: u16, style: S) {
        self.open(column, style);
        self.text.push_str("/>");
    }

    /// A cell with a figure.
    pub(super) fn number(&mut self, column: u16, style: S, number: impl std::fmt::Display) {
        self.open(column, style);
        let _ = write!(self.text, "><v>{number}</v></c>");
    }

    /// A cell with a live formula, which begins with `=`, and its result.
    pub(super) fn formula(&mut self, column: u16, style: S, formula: &str, result: Decimal) {
        self.open(column, style);
        self.text.push_str("><f>");
        push_escaped(&mut self.text, formula.strip_prefix('=').unwrap_or(formula));
        let _ = write!(self.text, "</f><v>{}</v></c>", result.normalize());
    }

    /// A cell with text, which fits a cell.
    pub(super) fn text(&mut self, column: u16, style: S, text: &str) {
        self.open(column, style);
        self.text.push_str(" t=\"inlineStr\"><is><t");
        if text.starts_with(SPACES) || text.ends_with(SPACES) {
            self.text.push_str(" xml:space=\"preserve\"");
        }
        self.text.push('>');
        push_escaped(&mut self.text, text);
        self.text.push_str("</t></is></c>");
    }

    /// Has a cell of the row at hand lead somewhere. `display` is what the link is called where the cell's own value is no text.
    pub(super) fn link(&mut self, column: u16, lead: Lead<'_>, display: Option<&str>, tip: &str) {
        let cell = CellAddress::new(self.row.saturating_sub(1), column);
        self.links.push(cell, lead, display, tip);
    }

    fn open(&mut self, column: u16, style: S) {
        let next = u16::try_from(self.styles.len()).unwrap_or(u16::MAX);
        let number = *self.styles.entry(style).or_insert(next);
        self.text.push_str("<c r=\"");
        if let Some(name) = self.columns.get(usize::from(column)) {
            self.text.push_str(name);
        }
        self.text.push_str(&self.row_figures);
        self.text.push_str("\" s=\"");
        self.text.push(char::from(STYLE));
        // Two digits of 128, so that the text stays one.
        for digit in [number >> 7, number & 0x7F] {
            self.text
                .push(char::from(u8::try_from(digit).unwrap_or_default()));
        }
        self.text.push('"');
    }

    /// The rows, with the styles that they have in the order of their numbers.
    ///
    /// # Errors
    /// If the scratch is full, or there are more styles than the format has.
    pub(super) fn finish(mut self) -> io::Result<(Waiting, Vec<S>)> {
        let mut styles: Vec<(u16, S)> = self.styles.iter().map(|(s, n)| (*n, *s)).collect();
        styles.sort_unstable();
        if styles.len() > STYLES_MAX {
            return Err(io::Error::other(
                "a sheet has more styles than are told apart",
            ));
        }
        self.set_aside()?;
        self.scratch.rewind()?;
        let waiting = Waiting {
            rows: self.scratch,
            links: self.links,
        };
        Ok((
            waiting,
            styles.into_iter().map(|(_, style)| style).collect(),
        ))
    }
}

/// Styles that two digits of 128 tell apart.
const STYLES_MAX: usize = 128 * 128;

/// The rows of a sheet in scratch, and its links.
pub(super) struct Waiting {
    rows: SpooledTempFile,
    pub(super) links: Links,
}

impl Waiting {
    /// Writes the rows with the numbers that their styles have in the package.
    ///
    /// # Errors
    /// If the scratch cannot be read, or what it goes to not written.
    pub(super) fn pour(&mut self, styles: &[String], out: &mut impl Write) -> io::Result<()> {
        let mut rows = io::BufReader::with_capacity(GATHERED, &mut self.rows);
        let mut out = BufWriter::with_capacity(GATHERED, out);
        loop {
            let waiting = rows.fill_buf()?;
            if waiting.is_empty() {
                return out.flush();
            }
            let end = memchr::memchr(STYLE, waiting);
            let plain = end.unwrap_or(waiting.len());
            out.write_all(waiting.get(..plain).unwrap_or_default())?;
            rows.consume(plain);
            if end.is_some() {
                let mut mark = [0; 3];
                io::Read::read_exact(&mut rows, &mut mark)?;
                let [_, high, low] = mark.map(usize::from);
                let style = styles
                    .get(high << 7 | low)
                    .ok_or_else(|| io::Error::other("a cell has a style that nobody gave"))?;
                out.write_all(style.as_bytes())?;
            }
        }
    }
}

/// The links of one long sheet. The library gives each link a relation of its own; here those to one file share one.
#[derive(Default)]
pub(super) struct Links {
    /// The elements, one after another.
    pub(super) elements: String,
    /// The relations that they name, as elements.
    pub(super) relations: String,
    /// The files that they lead to, each with the number of its relation.
    files: HashMap<String, usize>,
}

impl Links {
    fn push(&mut self, cell: CellAddress, lead: Lead<'_>, display: Option<&str>, tip: &str) {
        let _ = write!(self.elements, "<hyperlink ref=\"{cell}\"");
        if let Some(file) = lead.file {
            let next = self.files.len() + 1;
            let number = if let Some(number) = self.files.get(&file) {
                *number
            } else {
                let _ = write!(
                    self.relations,
                    "<Relationship Id=\"file{next}\" Type=\"{RELATION}\" Target=\"{}\" TargetMode=\"External\"/>",
                    escape(file.as_str())
                );
                self.files.insert(file, next);
                next
            };
            let _ = write!(self.elements, " r:id=\"file{number}\"");
        }
        let display = display.unwrap_or_default();
        for (name, value) in [
            ("location", lead.place),
            ("tooltip", tip),
            ("display", display),
        ] {
            if !value.is_empty() {
                let value = if value.contains('\n') {
                    Cow::Owned(value.replace('\n', " "))
                } else {
                    Cow::Borrowed(value)
                };
                for piece in [" ", name, "=\"", &escape(value), "\""] {
                    self.elements.push_str(piece);
                }
            }
        }
        self.elements.push_str("/>");
    }
}

/// A row's height as the library rounds and writes it: whole pixels, in points; nothing for the usual one.
#[expect(clippy::float_arithmetic, reason = "a row's height is no money")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the highest row has 545 pixels"
)]
fn pixels(points: f64) -> Option<f64> {
    let pixels = (points * 4.0 / 3.0).round() as u32;
    (pixels != USUAL_PIXELS).then(|| f64::from(pixels) * 0.75)
}

/// Adds a text as the data of an element, as Excel writes it: what the format cannot hold as `_xHHHH_`, and what only looks so escaped.
fn push_escaped(out: &mut String, text: &str) {
    let is_odd = |byte: u8| {
        (byte < b' ' && byte != b'\t' && byte != b'\n')
            || matches!(byte, b'&' | b'<' | b'>' | b'_' | 0xEF)
    };
    if !text.bytes().any(is_odd) {
        out.push_str(text);
        return;
    }
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                let _ = write!(out, "_x{:04X}_", u32::from(c));
            }
            '_' if looks_escaped(text.get(at..).unwrap_or_default()) => out.push_str("_x005F_"),
            _ => out.push(c),
        }
    }
}

/// Whether a text begins as an escape does, `_x0041_`.
fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.get(..2) == Some(b"_x")
        && bytes.get(6) == Some(&b'_')
        && bytes
            .get(2..6)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// The parts of a sheet as the library wrote it, with its heading row and one specimen of each style below it.
pub(super) struct Told<'a> {
    /// All before the rows, the dimension as told.
    pub(super) before: Cow<'a, str>,
    /// The heading row.
    pub(super) heading: &'a str,
    /// The specimens' numbers, in their order.
    pub(super) styles: Vec<String>,
    /// What comes after the rows and before the links.
    pub(super) between: &'a str,
    /// What comes after the links.
    pub(super) after: &'a str,
}

/// Takes a sheet apart that was told its headings and, in the first column below them, its specimens.
pub(super) fn told<'a>(text: &'a str, whole: &str) -> Option<Told<'a>> {
    let (before, rest) = text.split_once("<sheetData>")?;
    let (rows, after) = rest.split_once("</sheetData>")?;
    let heading = rows.split_inclusive("</row>").next()?;
    let styles = rows
        .get(heading.len()..)?
        .split_inclusive("</row>")
        .map(|row| {
            let (_, number) = row.split_once(" s=\"")?;
            Some(number.split_once('"')?.0.to_owned())
        })
        .collect::<Option<Vec<String>>>()?;
    let links = ["<printOptions", "<pageMargins"]
        .iter()
        .find_map(|element| after.find(element))?;
    let (start, rest) = before.split_once("<dimension ref=\"")?;
    let (_, rest) = rest.split_once('"')?;
    Some(Told {
        before: Cow::Owned(format!("{start}<dimension ref=\"{whole}\"{rest}")),
        heading,
        styles,
        between: after.get(..links)?,
        after: after.get(links..)?,
    })
}
