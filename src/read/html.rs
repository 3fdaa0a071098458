//! Web pages that go by the name of a workbook, as finance and case systems export them and Excel opens them: one sheet, on which texts
//! and tables stand one below the other.
//!
//! A cell holds the text that the page shows, unless the page says which number stands behind it (`x:num`, `sdval`) or how Excel is to
//! show what is typed in it (`mso-number-format`). Page and cells are laid out as a spreadsheet lays them out, in bounded steps: cells that
//! span rows or columns are merged, a table within a cell is put in its place.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use encoding_rs::Encoding;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use super::Unreadable;
use super::css;
use super::encoding;
use super::limits::Limits;
use super::spreadsheetml::{extent, named_format};
use super::styles::is_symbol_font;
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, Extent, FileFacts, Format, ROWS_MAX,
    Span, Untold, Workbook, Worksheet,
};

/// Tables within tables beyond this depth are taken for text.
const DEPTH_MAX: usize = 12;
/// So many steps over cells that span others; far more than any page takes.
const STEPS_MAX: usize = 40_000_000;
/// The longest text of a cell, which is what a sheet holds.
const TEXT_MAX: usize = 1 << 20;

/// Reads a page.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let page = page(bytes, limits)?;
    if page.tables == 0 {
        let what = if page.is_frame {
            "the first of several web pages, and the tables are in the others; open it in Excel and save it as .xlsx"
        } else {
            "a web page without a table in it"
        };
        return Err(Unreadable::NotASpreadsheet(what.into()));
    }
    let name = page.name.map(Arc::from);
    let (mut struck, mut symbols) = (page.struck, page.symbols);
    struck.sort_unstable();
    symbols.sort_unstable();
    let mut sheet = if page.is_outside {
        Worksheet::damaged(name, "a cell lies outside the sheet".to_owned())
    } else {
        Worksheet::new(name, page.cells)
    };
    sheet.merged = page.merged;
    sheet.hidden_rows = page.hidden_rows;
    sheet.hidden_columns = page.hidden_columns;
    sheet.notes = page.notes;
    sheet.struck = struck;
    sheet.symbols = symbols;
    Ok(Workbook {
        format: Format::Html,
        sheets: vec![sheet],
        facts: FileFacts {
            guessed_encoding: page.guessed_encoding.map(Into::into),
            // What a page leaves out it cannot tell, and programs leave out different things.
            untold: Untold::ALL
                .into_iter()
                .filter(|what| *what != Untold::Merged)
                .collect(),
            ..FileFacts::default()
        },
    })
}

/// What a cell holds; nothing if it is blank.
fn value(found: &Found) -> Option<CellValue> {
    let text = found.text.as_str();
    if super::office::is_error(text) {
        return Some(CellValue::Error(text.into()));
    }
    if let Some(truth) = found.truth {
        return Some(CellValue::Boolean(truth));
    }
    let shown = || (!text.is_empty()).then(|| CellValue::Text(text.into()));
    let format = found.format.as_deref().unwrap_or_default();
    let is_text = format.trim() == "@";
    let is_general = matches!(format.trim().to_ascii_lowercase().as_str(), "" | "general");
    // Without a format of its own a cell is what the page shows; with one, Excel takes a bare number as if it were typed there.
    if is_text || is_general && !found.is_number {
        return shown();
    }
    let number = found
        .number
        .as_deref()
        .unwrap_or(text)
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    match number {
        Some(number) => Some(named_format(format).value(number, false)),
        None => shown(),
    }
}

/// A cell as the page gives it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    text: String,
    /// The number behind the text, as the page writes it.
    number: Option<String>,
    truth: Option<bool>,
    /// Whether the page says that the number is what is shown.
    is_number: bool,
    format: Option<String>,
    /// How many of its characters, white space aside, are struck, in a symbol font, and there at all.
    struck: usize,
    symbols: usize,
    characters: usize,
    /// Letters and figures in other fonts.
    letters: usize,
}

/// A page laid out.
#[derive(Debug, Default)]
struct Page {
    /// What Excel calls the sheet, where it wrote the page.
    name: Option<String>,
    cells: Vec<Cell>,
    struck: Vec<(CellAddress, Extent)>,
    symbols: Vec<(CellAddress, Extent)>,
    merged: Vec<CellRange>,
    hidden_rows: Vec<Span>,
    hidden_columns: Vec<Span>,
    notes: Vec<(CellAddress, Arc<str>)>,
    /// Whether a cell lies outside the largest sheet.
    is_outside: bool,
    tables: usize,
    /// The tables are in other files that came with the page.
    is_frame: bool,
    guessed_encoding: Option<&'static str>,
}

/// Lays a page out.
///
/// # Errors
/// `TooLarge` over a limit.
fn page(bytes: &[u8], limits: &Limits) -> Result<Page, Unreadable> {
    let (text, guessed_encoding) = decoded(bytes);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut walk = Walk::new(limits);
    for Ok(token) in Tokenizer::new_with_emitter(text.as_ref(), emitter) {
        match token {
            Token::StartTag(tag) => walk.begin(&tag),
            Token::EndTag(tag) => walk.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => walk.text(&String::from_utf8_lossy(&text)),
            Token::Comment(text) => walk.comment(&String::from_utf8_lossy(&text)),
            Token::Doctype(_) | Token::Error(_) => {}
        }
        if let Some(why) = walk.refused.take() {
            return Err(why);
        }
    }
    let mut page = walk.finish()?;
    page.guessed_encoding = guessed_encoding;
    Ok(page)
}

/// The page's text, by its mark, by what it says of itself, or as any text is told.
fn decoded(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let is_marked = Encoding::for_bom(bytes).is_some() || super::sniff::is_utf16(bytes);
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let said = head
        .find("charset=")
        .and_then(|at| head.get(at + "charset=".len()..))
        .map(|rest| rest.trim_start_matches(['"', '\'', ' ']))
        .and_then(|rest| {
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                .next()
        })
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        // A page that says this in plain bytes is in plain bytes.
        .filter(|encoding| encoding.is_ascii_compatible());
    match said {
        Some(encoding) if !is_marked => {
            let (text, _, has_errors) = encoding.decode(bytes);
            if has_errors {
                encoding::decode(bytes)
            } else {
                (text, None)
            }
        }
        _ => encoding::decode(bytes),
    }
}

/// A table on the way.
#[derive(Debug, Default)]
struct Grid {
    cells: Vec<Placed>,
    merged: Vec<CellRange>,
    hidden_rows: BTreeSet<u32>,
    /// Columns that the page hides, and those whose cells it hides one by one.
    hidden_columns: Vec<Span>,
    hidden_cells: BTreeMap<u32, usize>,
    shown_cells: BTreeSet<u32>,
    described_columns: u32,
    is_hidden: bool,
    row: Option<u32>,
    column: u32,
    /// Columns that cells of rows above reach down into, from where to where and to which row.
    reaching: Vec<(u32, u32, u32)>,
    open: Option<Open>,
    row_style: css::Style,
}

/// A cell put in its place.
#[derive(Debug)]
struct Placed {
    row: u32,
    column: u32,
    value: Option<CellValue>,
    struck: Option<Extent>,
    symbols: Option<Extent>,
    /// Tables within the cell, and the notes that it refers to: few cells have either.
    more: Option<Box<(Vec<Laid>, Vec<String>)>>,
}

impl Placed {
    fn new(row: u32, column: u32, found: &Found) -> Self {
        let value = value(found);
        let mark = |marked, unmarked| extent(marked, unmarked).filter(|_| value.is_some());
        Self {
            row,
            column,
            struck: mark(found.struck, found.characters - found.struck),
            symbols: mark(found.symbols, found.letters),
            value,
            more: None,
        }
    }

    fn inner(&self) -> &[Laid] {
        self.more.as_ref().map_or(&[], |more| more.0.as_slice())
    }
}

/// A table done: what it holds, from its own first cell on.
#[derive(Debug, Default)]
struct Laid {
    cells: Vec<Cell>,
    struck: Vec<(CellAddress, Extent)>,
    symbols: Vec<(CellAddress, Extent)>,
    merged: Vec<CellRange>,
    hidden_rows: Vec<Span>,
    hidden_columns: Vec<Span>,
    anchors: Vec<(CellAddress, String)>,
    height: u32,
    width: u32,
    is_outside: bool,
}

/// A cell on the way.
#[derive(Debug, Default)]
struct Open {
    row: u32,
    column: u32,
    found: Found,
    writing: Writing,
    style: css::Style,
    inner: Vec<Laid>,
    anchors: Vec<String>,
}

/// Text on the way: white space folded, breaks kept.
#[derive(Debug, Default)]
struct Writing {
    follows_space: bool,
    breaks: bool,
    /// Elements that strike, hide or change the font of what stands in them.
    inside: Vec<(String, css::Style)>,
}

struct Walk<'a> {
    limits: &'a Limits,
    sheet: css::Sheet,
    style_text: Option<String>,
    /// Inside an element whose text is not the page's.
    passed_over: Option<String>,
    tables: Vec<Grid>,
    table_count: usize,
    /// Tables that were begun too deep inside others.
    too_deep: usize,
    laid: Laid,
    loose: Found,
    writing: Writing,
    names: Vec<String>,
    is_frame: bool,
    in_comments: bool,
    is_in_note: bool,
    comment: Option<String>,
    comments: BTreeMap<String, String>,
    filled: usize,
    steps: usize,
    refused: Option<Unreadable>,
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes
        .get(name.as_bytes())
        .map(|value| String::from_utf8_lossy(value).into_owned())
}

fn number(tag: &StartTag<()>, name: &str) -> Option<u32> {
    attribute(tag, name)?.trim().parse().ok()
}

impl<'a> Walk<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            sheet: css::Sheet::default(),
            style_text: None,
            passed_over: None,
            tables: Vec::new(),
            table_count: 0,
            too_deep: 0,
            laid: Laid::default(),
            loose: Found::default(),
            writing: Writing::default(),
            names: Vec::new(),
            is_frame: false,
            in_comments: false,
            is_in_note: false,
            comment: None,
            comments: BTreeMap::new(),
            filled: 0,
            steps: 0,
            refused: None,
        }
    }

    fn style(&self, tag: &StartTag<()>) -> css::Style {
        let name = String::from_utf8_lossy(&tag.name);
        let mut style = self.sheet.style(
            &name,
            &attribute(tag, "class").unwrap_or_default(),
            &attribute(tag, "style").unwrap_or_default(),
        );
        if tag.attributes.contains_key(b"hidden".as_slice()) {
            style.is_hidden = Some(true);
        }
        style
    }

    fn begin(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let ends_choice = matches!(
            name.as_str(),
            "option" | "select" | "td" | "th" | "tr" | "table"
        );
        if ends_choice && matches!(self.passed_over.as_deref(), Some("option" | "a")) {
            self.passed_over = None;
        }
        if self.passed_over.is_some() {
            return;
        }
        match name.as_str() {
            "style" => self.style_text = Some(String::new()),
            "script" | "title" | "xml" | "noframes" | "template" if !tag.self_closing => {
                self.passed_over = Some(name);
            }
            "option" if !tag.attributes.contains_key(b"selected".as_slice()) => {
                self.passed_over = Some(name);
            }
            "frameset" => self.is_frame = true,
            "table" => self.begin_table(tag),
            "tr" if self.too_deep == 0 => self.begin_row(tag),
            "td" | "th" if self.too_deep == 0 => self.begin_cell(tag, &name),
            "col" => self.column(tag),
            "colgroup" if tag.attributes.contains_key(b"span".as_slice()) => self.column(tag),
            "input" => self.input(tag),
            "a" if attribute(tag, "class").is_some_and(|class| class == "msocomanchor") => {
                if let (Some(cell), Some(target)) = (self.open_cell(), attribute(tag, "href")) {
                    cell.anchors.push(target.replace("#_msocom_", ""));
                }
                self.passed_over = Some(name);
            }
            // LibreOffice writes notes into the cell, unseen until the mouse is over it.
            "comment" => {
                let id = format!("in the cell {}", self.comments.len());
                if let Some(cell) = self.open_cell() {
                    cell.anchors.push(id.clone());
                    self.comment = Some(id);
                    self.is_in_note = true;
                }
            }
            "br" => self.write_break(true),
            _ => {
                let style = self.style(tag);
                if let Some(own) = attribute(tag, "style")
                    && own.contains("mso-element:comment-list")
                {
                    self.end_text();
                    self.in_comments = true;
                }
                if self.in_comments
                    && let Some(id) = attribute(tag, "id")
                {
                    self.comment = id
                        .strip_prefix("_com_")
                        .map(str::to_owned)
                        .or(self.comment.take());
                }
                if is_block(&name) {
                    self.write_break(false);
                }
                self.enter(&name, attribute(tag, "face"), style, tag.self_closing);
            }
        }
    }

    /// Remembers an element that changes how the text in it is to be taken.
    fn enter(&mut self, name: &str, face: Option<String>, mut style: css::Style, is_empty: bool) {
        if matches!(name, "s" | "strike" | "del") {
            style.is_struck = Some(true);
        }
        if let Some(face) = face {
            style.is_symbol = Some(is_symbol_font(face.split(',').next().unwrap_or_default()));
        }
        style.format = None;
        let is_silent = style == css::Style::default();
        let is_void = is_empty
            || matches!(
                name,
                "img"
                    | "hr"
                    | "meta"
                    | "link"
                    | "wbr"
                    | "area"
                    | "base"
                    | "embed"
                    | "source"
                    | "param"
            );
        let writing = self.writing();
        let has_same = writing.inside.iter().any(|(open, _)| open == name);
        if is_void || is_silent && !has_same || writing.inside.len() >= 64 {
            return;
        }
        writing.inside.push((name.to_owned(), style));
    }

    fn end(&mut self, name: &str) {
        if let Some(over) = &self.passed_over {
            if over == name
                || matches!(name, "td" | "th" | "tr" | "table" | "select")
                    && over != "script"
                    && over != "xml"
            {
                self.passed_over = None;
            }
            if self.passed_over.is_some()
                || matches!(
                    name,
                    "option" | "a" | "script" | "xml" | "title" | "noframes" | "template"
                )
            {
                return;
            }
        }
        match name {
            "comment" => self.is_in_note = false,
            "style" => {
                if let Some(text) = self.style_text.take() {
                    self.sheet.read(&text);
                }
            }
            "table" => self.end_table(),
            "tr" if self.too_deep == 0 => self.end_row(),
            "td" | "th" if self.too_deep == 0 => self.end_cell(),
            _ => {
                if is_block(name) {
                    self.write_break(false);
                }
                let writing = self.writing();
                if let Some(at) = writing.inside.iter().rposition(|(open, _)| open == name) {
                    writing.inside.truncate(at);
                }
            }
        }
    }

    fn comment(&mut self, text: &str) {
        // Excel keeps the names of its sheets in a comment.
        for part in text.split("<x:Name>").skip(1).take(self.limits.sheets + 1) {
            if let Some((name, _)) = part.split_once("</x:Name>")
                && text.contains("<x:ExcelWorksheet>")
            {
                self.names.push(super::xml::unescape(name.trim()));
            }
        }
    }

    fn open_cell(&mut self) -> Option<&mut Open> {
        self.tables.last_mut()?.open.as_mut()
    }

    fn writing(&mut self) -> &mut Writing {
        match self.tables.last_mut().and_then(|grid| grid.open.as_mut()) {
            Some(cell) => &mut cell.writing,
            None => &mut self.writing,
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(style) = &mut self.style_text {
            style.push_str(text);
            return;
        }
        if self.passed_over.is_some() {
            return;
        }
        if self.in_comments || self.is_in_note {
            if let Some(id) = &self.comment {
                let told = self.comments.entry(id.clone()).or_default();
                if told.len() < TEXT_MAX {
                    let folded: Vec<&str> = text.split_whitespace().collect();
                    if !told.is_empty() && !folded.is_empty() {
                        told.push(' ');
                    }
                    told.push_str(&folded.join(" "));
                }
            }
            return;
        }
        match self.tables.last_mut().and_then(|grid| grid.open.as_mut()) {
            Some(cell) => write(&mut cell.found, &mut cell.writing, &cell.style, text),
            None => write(
                &mut self.loose,
                &mut self.writing,
                &css::Style::default(),
                text,
            ),
        }
    }

    /// A line's end, or that of a paragraph, which is one only between texts.
    fn write_break(&mut self, is_line: bool) {
        if self.in_comments || self.is_in_note {
            return;
        }
        match self.tables.last_mut().and_then(|grid| grid.open.as_mut()) {
            Some(cell) => {
                if is_line && cell.found.text.len() < TEXT_MAX {
                    cell.found
                        .text
                        .truncate(cell.found.text.trim_end_matches(' ').len());
                    cell.found.text.push('\n');
                    cell.writing.follows_space = true;
                } else {
                    cell.writing.breaks = true;
                }
            }
            None => self.end_text(),
        }
    }

    /// Text outside tables takes a row of its own.
    fn end_text(&mut self) {
        let found = std::mem::take(&mut self.loose);
        self.writing.follows_space = true;
        self.writing.breaks = false;
        if found.text.trim().is_empty() {
            return;
        }
        self.count();
        let row = self.laid.height;
        self.laid.height = row.saturating_add(1);
        self.laid
            .put(Placed::new(row, 0, &trimmed(found)), address(row, 0));
    }

    fn count(&mut self) {
        self.filled += 1;
        if let Err(why) = self.limits.check_cells(self.filled) {
            self.refused = Some(why);
        }
    }

    fn step(&mut self, by: usize) {
        self.steps = self.steps.saturating_add(by);
        if self.steps > STEPS_MAX {
            self.refused = Some(Unreadable::TooLarge(
                "the page has more merged and nested cells than a sheet can hold".to_owned(),
            ));
        }
    }

    fn input(&mut self, tag: &StartTag<()>) {
        let kind = attribute(tag, "type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if matches!(
            kind.as_str(),
            "" | "text" | "number" | "date" | "email" | "tel" | "url" | "search"
        ) && let Some(value) = attribute(tag, "value")
        {
            self.text(&value);
        }
    }

    fn begin_table(&mut self, tag: &StartTag<()>) {
        if self.tables.len() >= DEPTH_MAX || self.too_deep > 0 {
            self.too_deep += 1;
            self.write_break(false);
            return;
        }
        // Between the cells of a table nothing can stand: what does is put before it.
        self.end_text();
        self.table_count += 1;
        self.tables.push(Grid {
            is_hidden: self.style(tag).is_hidden == Some(true),
            ..Grid::default()
        });
    }

    fn begin_row(&mut self, tag: &StartTag<()>) {
        self.end_cell();
        self.end_text();
        let style = self.style(tag);
        let Some(grid) = self.tables.last_mut() else {
            return;
        };
        let row = grid.row.map_or(0, |row| row.saturating_add(1));
        grid.row = Some(row);
        grid.column = 0;
        grid.reaching.retain(|(_, _, last)| *last >= row);
        let steps = grid.reaching.len();
        if style.is_hidden == Some(true) {
            grid.hidden_rows.insert(row);
        }
        grid.row_style = style;
        self.step(steps + 1);
    }

    fn end_row(&mut self) {
        self.end_cell();
        self.end_text();
    }

    fn begin_cell(&mut self, tag: &StartTag<()>, name: &str) {
        self.end_cell();
        self.end_text();
        let mut style = self.style(tag);
        let spans = (
            number(tag, "colspan")
                .unwrap_or(1)
                .clamp(1, u32::from(COLUMNS_MAX)),
            // Nought is down to the table's end.
            number(tag, "rowspan").map_or(1, |rows| {
                if rows == 0 {
                    ROWS_MAX
                } else {
                    rows.min(ROWS_MAX)
                }
            }),
        );
        let mut found = Found {
            format: style.format.take().or_else(|| {
                // LibreOffice writes its language, that of the format, and the format.
                let said = attribute(tag, "sdnum")?;
                said.splitn(3, ';').nth(2).map(str::to_owned)
            }),
            ..Found::default()
        };
        if let Some(value) = attribute(tag, "x:num") {
            found.is_number = true;
            found.number = Some(value).filter(|value| !value.trim().is_empty());
        }
        if let Some(value) = attribute(tag, "sdval") {
            found.is_number = true;
            found.number = Some(value);
        }
        if let Some(value) = attribute(tag, "x:bool") {
            found.truth = match value.trim() {
                "TRUE" | "true" | "1" => Some(true),
                "FALSE" | "false" | "0" => Some(false),
                _ => None,
            };
        }
        let Some(grid) = self.tables.last_mut() else {
            // A cell without a table is text in a line of its own.
            self.enter(name, None, style, false);
            return;
        };
        let row = *grid.row.get_or_insert(0);
        let mut column = grid.column;
        let mut steps = 1;
        grid.reaching.sort_unstable();
        for (first, last, _) in &grid.reaching {
            steps += 1;
            if *first <= column && column <= *last {
                column = last.saturating_add(1);
            }
        }
        let last = column.saturating_add(spans.0 - 1);
        grid.column = last.saturating_add(1);
        if spans.1 > 1 {
            grid.reaching
                .push((column, last, row.saturating_add(spans.1 - 1)));
        }
        if spans.0 > 1 || spans.1 > 1 {
            let corner = address(row, column).zip(address(
                row.saturating_add(spans.1 - 1).min(ROWS_MAX - 1),
                last.min(u32::from(COLUMNS_MAX) - 1),
            ));
            grid.merged
                .extend(corner.map(|(first, last)| CellRange::new(first, last)));
        }
        if style.is_hidden == Some(true) {
            *grid.hidden_cells.entry(column).or_default() += 1;
        } else {
            grid.shown_cells.insert(column);
        }
        style.is_hidden = None;
        style.is_struck = style.is_struck.or(grid.row_style.is_struck);
        grid.open = Some(Open {
            row,
            column,
            found,
            style,
            writing: Writing {
                follows_space: true,
                ..Writing::default()
            },
            ..Open::default()
        });
        self.step(steps);
    }

    fn end_cell(&mut self) {
        let Some(grid) = self.tables.last_mut() else {
            return;
        };
        let Some(cell) = grid.open.take() else {
            return;
        };
        self.is_in_note = false;
        let mut placed = Placed::new(cell.row, cell.column, &trimmed(cell.found));
        if !cell.inner.is_empty() || !cell.anchors.is_empty() {
            placed.more = Some(Box::new((cell.inner, cell.anchors)));
        }
        if placed.value.is_some() || placed.more.is_some() {
            grid.cells.push(placed);
            self.count();
        }
    }

    fn column(&mut self, tag: &StartTag<()>) {
        let is_hidden = self.style(tag).is_hidden == Some(true);
        let count = number(tag, "span")
            .unwrap_or(1)
            .clamp(1, u32::from(COLUMNS_MAX));
        let Some(grid) = self.tables.last_mut() else {
            return;
        };
        let first = grid.described_columns;
        grid.described_columns = first.saturating_add(count);
        if is_hidden && first < u32::from(COLUMNS_MAX) {
            grid.hidden_columns.push(Span {
                first,
                last: grid.described_columns.min(u32::from(COLUMNS_MAX)) - 1,
            });
        }
    }

    fn end_table(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            self.write_break(false);
            return;
        }
        self.end_cell();
        self.end_text();
        let Some(grid) = self.tables.pop() else {
            return;
        };
        let laid = grid.laid();
        self.step(laid.cells.len());
        match self.tables.last_mut().and_then(|outer| outer.open.as_mut()) {
            Some(cell) => {
                cell.writing.breaks = true;
                cell.inner.push(laid);
            }
            // In a table but in none of its cells: it is put where the page has come to.
            None => self.laid.append(laid, 0),
        }
    }

    fn finish(mut self) -> Result<Page, Unreadable> {
        self.too_deep = 0;
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.end_text();
        if let Some(why) = self.refused {
            return Err(why);
        }
        let notes: BTreeMap<CellAddress, Arc<str>> = self
            .laid
            .anchors
            .iter()
            .filter_map(|(at, target)| {
                let text = self.comments.get(target)?;
                Some((*at, Arc::from(text.as_str())))
            })
            .collect();
        let has_one_name = self.names.len() == 1;
        Ok(Page {
            name: self.names.pop().filter(|_| has_one_name),
            cells: self.laid.cells,
            struck: self.laid.struck,
            symbols: self.laid.symbols,
            merged: self.laid.merged,
            hidden_rows: self.laid.hidden_rows,
            hidden_columns: self.laid.hidden_columns,
            notes: notes.into_iter().collect(),
            is_outside: self.laid.is_outside,
            tables: self.table_count,
            is_frame: self.is_frame,
            guessed_encoding: None,
        })
    }
}

/// Writes text into a cell.
fn write(found: &mut Found, writing: &mut Writing, of_cell: &css::Style, text: &str) {
    let of = |said: fn(&css::Style) -> Option<bool>| {
        writing
            .inside
            .iter()
            .rev()
            .find_map(|(_, style)| said(style))
            .or(said(of_cell))
            == Some(true)
    };
    // A strike goes through all that stands in its element, whatever the elements within say.
    let is_struck = of_cell.is_struck == Some(true)
        || writing
            .inside
            .iter()
            .any(|(_, style)| style.is_struck == Some(true));
    let is_hidden = writing
        .inside
        .iter()
        .any(|(_, style)| style.is_hidden == Some(true));
    let is_symbol = of(|style| style.is_symbol);
    if is_hidden || found.text.len() >= TEXT_MAX {
        return;
    }
    for character in text.chars() {
        if matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{c}') {
            if !writing.follows_space && !writing.breaks {
                found.text.push(' ');
            }
            writing.follows_space = true;
            continue;
        }
        if writing.breaks {
            let end = found.text.trim_end_matches(' ').len();
            found.text.truncate(end);
            if !found.text.is_empty() && !found.text.ends_with('\n') {
                found.text.push('\n');
            }
            writing.breaks = false;
        }
        writing.follows_space = false;
        found.text.push(character);
        if !character.is_whitespace() {
            found.characters += 1;
            found.struck += usize::from(is_struck);
            found.symbols += usize::from(is_symbol);
            found.letters += usize::from(!is_symbol && character.is_alphanumeric());
        }
    }
}

/// Without the white space of the page at its ends: spaces that a person typed are written otherwise.
fn trimmed(mut found: Found) -> Found {
    let text = found.text.trim_matches([' ', '\n']);
    if text.len() != found.text.len() {
        found.text = text.to_owned();
    }
    if found
        .text
        .chars()
        .all(|c| c == '\u{a0}' || c == ' ' || c == '\n')
    {
        found.text.clear();
    }
    found
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "li"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "hr"
            | "pre"
            | "blockquote"
            | "center"
            | "form"
            | "fieldset"
            | "legend"
            | "caption"
            | "body"
            | "section"
            | "header"
            | "footer"
            | "article"
            | "main"
            | "nav"
            | "aside"
            | "address"
            | "figure"
            | "figcaption"
            | "summary"
            | "details"
    )
}

fn address(row: u32, column: u32) -> Option<CellAddress> {
    let column = u16::try_from(column).ok().filter(|c| *c < COLUMNS_MAX)?;
    (row < ROWS_MAX).then(|| CellAddress::new(row, column))
}

/// How far places move that lie behind others which need more room: of each, from where on and by how much in all.
struct Moves(Vec<(u32, u32)>);

impl Moves {
    /// From the room that each place needs beyond its own.
    fn new(rooms: &BTreeMap<u32, u32>) -> Self {
        let mut by = 0_u32;
        Self(
            rooms
                .iter()
                .map(|(place, room)| {
                    by = by.saturating_add(*room);
                    (*place, by)
                })
                .collect(),
        )
    }

    fn moved(&self, place: u32) -> u32 {
        let behind = self.0.partition_point(|(from, _)| *from < place);
        let by = behind
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .map_or(0, |(_, by)| *by);
        place.saturating_add(by)
    }

    /// Where a run of places ends, which holds all the room of its last.
    fn end(&self, last: u32) -> u32 {
        self.moved(last.saturating_add(1)).saturating_sub(1)
    }
}

impl Grid {
    /// Puts the cells, and the tables within them, in their places.
    fn laid(self) -> Laid {
        let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
        for cell in self.cells.iter().filter(|cell| !cell.inner().is_empty()) {
            let own = u32::from(cell.value.is_some());
            let height: u32 = cell
                .inner()
                .iter()
                .fold(own, |sum, inner| sum.saturating_add(inner.height));
            let width = cell
                .inner()
                .iter()
                .map(|inner| inner.width)
                .max()
                .unwrap_or(0);
            let room = rows.entry(cell.row).or_insert(0_u32);
            *room = (*room).max(height.saturating_sub(1));
            let room = columns.entry(cell.column).or_insert(0_u32);
            *room = (*room).max(width.saturating_sub(1));
        }
        let (rows, columns) = (Moves::new(&rows), Moves::new(&columns));
        let place = |row: u32, column: u32| address(rows.moved(row), columns.moved(column));
        let mut out = Laid::default();
        let last_row = self.row.unwrap_or(0);
        out.height = if self.row.is_some() {
            rows.end(last_row).saturating_add(1)
        } else {
            0
        };
        for mut cell in self.cells {
            out.width = out.width.max(columns.end(cell.column).saturating_add(1));
            let at = place(cell.row, cell.column);
            let mut below = rows.moved(cell.row);
            let left = columns.moved(cell.column);
            below = below.saturating_add(u32::from(cell.value.is_some()));
            let more = cell.more.take();
            out.put(cell, at);
            let Some((inner, anchors)) = more.map(|more| *more) else {
                continue;
            };
            let anchors = anchors.into_iter();
            out.anchors
                .extend(anchors.filter_map(|target| Some((at?, target))));
            for inner in inner {
                let height = inner.height;
                out.take(inner, below, left);
                below = below.saturating_add(height);
            }
        }
        for range in self.merged {
            // A cell cannot reach beyond the table's last row.
            let last = range.last.row.min(last_row);
            let first = place(range.first.row, u32::from(range.first.column));
            let last = address(rows.end(last), columns.end(u32::from(range.last.column)));
            if let (Some(first), Some(last)) = (first, last)
                && first != last
            {
                out.merged.push(CellRange::new(first, last));
            }
        }
        let span = |moves: &Moves, first: u32, last: u32| Span {
            first: moves.moved(first),
            last: moves.end(last),
        };
        if self.is_hidden && out.height > 0 {
            out.hidden_rows.push(Span {
                first: 0,
                last: out.height - 1,
            });
        } else {
            out.hidden_rows
                .extend(self.hidden_rows.iter().map(|row| span(&rows, *row, *row)));
        }
        let hidden_whole = self
            .hidden_cells
            .keys()
            .filter(|column| !self.shown_cells.contains(*column))
            .map(|column| Span {
                first: *column,
                last: *column,
            });
        out.hidden_columns.extend(
            self.hidden_columns
                .iter()
                .copied()
                .chain(hidden_whole)
                .map(|hidden| span(&columns, hidden.first, hidden.last)),
        );
        out.hidden_columns.sort_unstable();
        out.hidden_columns.dedup();
        out
    }
}

impl Laid {
    /// Puts a cell in its place, if it holds anything and there is such a place.
    fn put(&mut self, cell: Placed, at: Option<CellAddress>) {
        let Some(value) = cell.value else {
            return;
        };
        let Some(address) = at else {
            self.is_outside = true;
            return;
        };
        self.struck
            .extend(cell.struck.map(|extent| (address, extent)));
        self.symbols
            .extend(cell.symbols.map(|extent| (address, extent)));
        self.cells.push(Cell { address, value });
    }

    /// Takes over what another table holds, from a place on.
    fn take(&mut self, other: Self, row: u32, column: u32) {
        let moved = |at: CellAddress| {
            address(
                at.row.saturating_add(row),
                u32::from(at.column).saturating_add(column),
            )
        };
        self.is_outside |= other.is_outside;
        for cell in other.cells {
            match moved(cell.address) {
                Some(address) => self.cells.push(Cell {
                    address,
                    value: cell.value,
                }),
                None => self.is_outside = true,
            }
        }
        let marks = |marks: Vec<(CellAddress, Extent)>| {
            marks
                .into_iter()
                .filter_map(|(at, extent)| Some((moved(at)?, extent)))
        };
        self.struck.extend(marks(other.struck));
        self.symbols.extend(marks(other.symbols));
        let ranges = other.merged.into_iter();
        self.merged.extend(
            ranges
                .filter_map(|range| Some(CellRange::new(moved(range.first)?, moved(range.last)?))),
        );
        self.anchors.extend(
            other
                .anchors
                .into_iter()
                .filter_map(|(at, target)| Some((moved(at)?, target))),
        );
        let shifted = |span: Span, by: u32| Span {
            first: span.first.saturating_add(by),
            last: span.last.saturating_add(by),
        };
        self.hidden_rows
            .extend(other.hidden_rows.into_iter().map(|span| shifted(span, row)));
        self.hidden_columns.extend(
            other
                .hidden_columns
                .into_iter()
                .map(|span| shifted(span, column)),
        );
    }

    /// Puts a table below what is there already.
    fn append(&mut self, other: Self, column: u32) {
        let (row, height) = (self.height, other.height);
        self.width = self.width.max(other.width);
        self.take(other, row, column);
        self.height = row.saturating_add(height);
    }
}

#[cfg(test)]
mod tests {
    use super::{decoded, read};
    use crate::grid::{Format, Worksheet};
    use crate::read::Unreadable;
    use crate::read::limits::Limits;

    fn sheet(page: &str) -> Worksheet {
        let mut book = read(page.as_bytes(), &Limits::STATED).expect("a page with a table");
        assert_eq!(book.format, Format::Html);
        book.sheets.remove(0)
    }

    fn cells(page: &str) -> Vec<String> {
        sheet(page)
            .cells()
            .iter()
            .map(|cell| {
                format!(
                    "{}={}",
                    cell.address,
                    cell.value.to_string().replace('\n', "|")
                )
            })
            .collect()
    }

    #[test]
    fn texts_and_tables_stand_one_below_the_other() {
        assert_eq!(
            cells(
                "<title>no cell</title><h1>Kent\n Police</h1>Quarter: <b>Q2</b><br>second
                <table><caption>Spend</caption><tr><th>Line<th>Amount<tr><td>A&amp;B<td>&pound;5</table>
                <table><tr><td>Ref</td><td>&nbsp;</td><td>Status</td></tr></table><p>The end"
            ),
            [
                "A1=Kent Police", "A2=Quarter: Q2", "A3=second", "A4=Spend", "A5=Line", "B5=Amount", "A6=A&B",
                "B6=£5", "A7=Ref", "C7=Status", "A8=The end"
            ]
        );
    }

    #[test]
    fn cells_that_span_others_are_merged() {
        let sheet = sheet(
            "<table><tr><td rowspan=2>a<td colspan=2>b<td>c<tr><td>d<td rowspan=9>e<tr><td>f<td>g<td>h</table>",
        );
        let found: Vec<String> = sheet
            .cells()
            .iter()
            .map(|c| format!("{}={}", c.address, c.value))
            .collect();
        assert_eq!(
            found,
            [
                "A1=a", "B1=b", "D1=c", "B2=d", "C2=e", "A3=f", "B3=g", "D3=h"
            ]
        );
        let merged: Vec<String> = sheet.merged.iter().map(ToString::to_string).collect();
        assert_eq!(merged, ["A1:A2", "B1:C1", "C2:C3"]);
    }

    #[test]
    fn a_table_within_a_cell_is_put_in_its_place() {
        // As LibreOffice lays it out: what stands behind makes room.
        assert_eq!(
            cells(
                "<table><tr><td>o1<td><table><tr><td>i1<td>i2<tr><td>i3<td>i4</table><td>o3<tr><td>p1<td colspan=2>p2</table>"
            ),
            [
                "A1=o1", "B1=i1", "C1=i2", "D1=o3", "B2=i3", "C2=i4", "A3=p1", "B3=p2"
            ]
        );
        // A table that only holds another is none to a person.
        assert_eq!(
            cells("<table><tr><td><table><tr><td>Ref<td>Status</table></table>"),
            ["A1=Ref", "B1=Status"]
        );
        assert_eq!(
            cells("<table><tr><td>above<table><tr><td>in</table>below</table>"),
            ["A1=above|below", "A2=in"]
        );
    }

    #[test]
    fn lines_within_a_cell_are_kept() {
        assert_eq!(
            cells(
                "<table><tr><td><p>one\n two</p><p>three</p><ul><li>four<li>five</ul><td>a<br>b <br> c<td> <b>x</b> y </table>"
            ),
            ["A1=one two|three|four|five", "B1=a|b|c", "C1=x y"]
        );
    }

    #[test]
    fn a_cell_means_what_the_page_says_of_it() {
        let page = r#"<style>.p{mso-number-format:0%} .t{mso-number-format:"\@"} .d{mso-number-format:"Short Date"}</style>
            <table><tr><td class=p>0.82<td class=p>82%<td class=t>0012<td class=d x:num="44743">1/7/22<td x:num>1250.5<td x:num="0.075" style="mso-number-format:'0\.0%'">7.5%
            <td>1,250<td sdval="0.5" sdnum="2057;0;0%">50%<td x:bool="TRUE">TRUE<td x:err="\#N/A">#N/A<td style='mso-number-format:"\0022€\0022\#\,\#\#0"'>300</table>"#;
        assert_eq!(
            cells(page),
            [
                "A1=82%",
                "B1=82%",
                "C1=0012",
                "D1=2022-07-01",
                "E1=1250.5",
                "F1=7.5%",
                "G1=1,250",
                "H1=50%",
                "I1=TRUE",
                "J1=#N/A",
                "K1=€300"
            ]
        );
    }

    #[test]
    fn what_is_not_shown_is_told() {
        let sheet = sheet(
            "<style>.off{display:none}</style><table><tr><td>a<td class=off>b<td>c<tr style='display:none'><td>d<td class=off>e<td>f
            <tr><td>g<span class=off> unseen</span><td class=off>h<td>i</table>",
        );
        assert_eq!(
            format!("{:?}", sheet.hidden_rows),
            "[Span { first: 1, last: 1 }]"
        );
        assert_eq!(
            format!("{:?}", sheet.hidden_columns),
            "[Span { first: 1, last: 1 }]"
        );
        assert_eq!(sheet.cells().len(), 9);
        assert_eq!(
            sheet
                .cells()
                .iter()
                .filter(|c| c.value.to_string() == "g")
                .count(),
            1
        );
    }

    #[test]
    fn strikes_and_symbols_are_told() {
        let sheet = sheet(
            "<table><tr><td><s>all of it</s><td>some <del>of it</del><td><font face=Wingdings>\u{fc}</font> yes
            <tr style='text-decoration:line-through'><td>row<td><span style='text-decoration:none'>row too</span></table>",
        );
        let told = |marks: &[(crate::grid::CellAddress, crate::grid::Extent)]| {
            let told: Vec<String> = marks
                .iter()
                .map(|(at, extent)| format!("{at} {extent:?}"))
                .collect();
            told.join(", ")
        };
        assert_eq!(told(&sheet.struck), "A1 Whole, B1 Part, A2 Whole, B2 Whole");
        assert_eq!(told(&sheet.symbols), "C1 Part");
    }

    #[test]
    fn choices_show_the_one_that_was_made() {
        assert_eq!(
            cells(
                "<table><tr><td><select><option>Green<option selected>Amber<option>Red</select><td><input value='typed'><td><input type=hidden value=x>"
            ),
            ["A1=Amber", "B1=typed"]
        );
    }

    #[test]
    fn a_page_says_how_its_letters_are_stored() {
        assert_eq!(
            decoded(b"<meta charset=windows-1252>\xa35").0,
            "<meta charset=windows-1252>£5"
        );
        assert_eq!(
            decoded("<meta charset=utf-16>£5".as_bytes()).0,
            "<meta charset=utf-16>£5"
        );
        // What it says may be wrong.
        assert_eq!(
            decoded(b"<meta charset=\"utf-8\">\xa35").0,
            "<meta charset=\"utf-8\">£5"
        );
    }

    #[test]
    fn pages_without_tables_are_no_workbooks() {
        for (page, words) in [
            ("<html><p>Hello", "without a table"),
            (
                "<html><frameset><frame src='sheet001.htm'></frameset>",
                "in the others",
            ),
        ] {
            match read(page.as_bytes(), &Limits::STATED) {
                Err(Unreadable::NotASpreadsheet(why)) => assert!(why.contains(words), "{why}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn odd_pages_are_read_in_bounded_steps() {
        let deep = "<table><tr><td>".repeat(5000);
        assert!(!cells(&deep.clone().replacen("<td>", "<td>x", 3)).is_empty());
        assert_eq!(cells(&format!("{deep}in"))[..], ["A1=in"]);
        let wide = "<tr><td rowspan=0 colspan=99999>".repeat(20_000);
        let _ = read(format!("<table>{wide}").as_bytes(), &Limits::STATED);
        let many = format!("<table><tr>{}", "<td rowspan=60000>".repeat(16_000));
        let _ = read(
            format!("{many}{}", "<tr><td>x".repeat(50_000)).as_bytes(),
            &Limits::STATED,
        );
        let rows = "<tr>".repeat(1_100_000);
        assert!(sheet(&format!("<table>{rows}<td>x")).damage.is_some());
        assert_eq!(
            cells("<td>a</td></table></tr><table></td>b<tr>c<td>d"),
            ["A1=a", "A2=b", "A3=c", "A4=d"]
        );
    }
}
