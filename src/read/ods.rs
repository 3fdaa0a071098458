//! `OpenDocument` spreadsheets, streamed from their content: pretty-printed or not, packed or flat, repeated rows and columns kept sparse.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::BufRead;
use std::rc::Rc;
use std::sync::Arc;

use quick_xml::events::BytesStart;

use super::Unreadable;
use super::format::NumberFormat;
use super::limits::Limits;
use super::ods_styles::{Meaning, Styles};
use super::package::{Allowance, Package};
use super::sidecar::{extend, names_sheet};
use super::xml::{Met, attribute, walk};
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellRange, CellValue, Extent, Figure, FileFacts, Format,
    ROWS_MAX, Shown, Span, Untold, Visibility, Workbook, Worksheet,
};

/// Reads a packed document.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn read(package: &mut Package<'_>, limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut styles = Styles::default();
    // Styles that have a name of their own stand in a part of their own; where it is damaged, cells that use them are as they are stored.
    if let Some(common) = package.part("styles.xml")? {
        let _ = walk(common.as_slice(), |met| styles.meet(&met));
    }
    package
        .stream("content.xml", Allowance::Cells, |part| {
            document(part, styles, limits)
        })?
        .unwrap_or_else(|| Err(Unreadable::Damaged("the file has no contents".to_owned())))
}

/// Reads a document that is one flat XML file.
///
/// # Errors
/// Why not, in plain words.
pub(super) fn read_flat(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    document(bytes, Styles::default(), limits)
}

fn document(part: impl BufRead, styles: Styles, limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut reader = Reader::new(styles, *limits);
    let walked = walk(part, |met| match met {
        Met::Begin(name, element) => reader.begin(name, element),
        Met::Text(text) => reader.text(text),
        Met::End(name) => reader.end(name),
    });
    if let Some(why) = reader.refused {
        return Err(why);
    }
    walked.map_err(|why| Unreadable::Damaged(format!("the file is damaged: {why}")))?;
    if reader.sheets.is_empty() {
        return Err(Unreadable::Damaged(
            "the document has no sheet in it".to_owned(),
        ));
    }
    let list_sheets = list_sheets(&reader.sheets, &reader.references, &reader.formulas);
    Ok(Workbook {
        format: Format::Ods,
        sheets: reader.sheets,
        facts: FileFacts {
            external_links: reader.external.len(),
            list_sheets,
            untold: BTreeSet::from([
                Untold::Fills,
                Untold::Floating,
                Untold::Labels,
                Untold::Recalculation,
            ]),
            ..FileFacts::default()
        },
    })
}

/// Hidden sheets that only dropdowns and names refer to.
fn list_sheets(
    sheets: &[Worksheet],
    references: &[String],
    formulas: &[String],
) -> BTreeSet<Arc<str>> {
    sheets
        .iter()
        .filter(|sheet| sheet.visibility != Visibility::Visible)
        .filter_map(|sheet| sheet.name.clone())
        .filter(|name| {
            references.iter().any(|text| names_sheet(text, name))
                && !formulas.iter().any(|text| names_sheet(text, name))
        })
        .collect()
}

/// How many characters of a cell's text a mark is on, and how many not; of those outside runs, the cell's style decides.
#[derive(Clone, Copy, Default)]
struct Mark {
    on: usize,
    off: usize,
    open: usize,
}

impl Mark {
    fn count(&mut self, said: Option<bool>, characters: usize) {
        *match said {
            Some(true) => &mut self.on,
            Some(false) => &mut self.off,
            None => &mut self.open,
        } += characters;
    }

    /// How much of the text the mark is on.
    fn extent(self, of_style: bool) -> Option<Extent> {
        let (on, off) = if of_style {
            (self.on + self.open, self.off)
        } else {
            (self.on, self.off + self.open)
        };
        match (on, off) {
            (0, _) => None,
            (_, 0) => Some(Extent::Whole),
            _ => Some(Extent::Part),
        }
    }
}

/// Which of a cell's characters are struck, and which are in a symbol font.
#[derive(Clone, Copy, Default)]
struct Marks {
    struck: Mark,
    symbol: Mark,
}

impl Marks {
    fn count(&mut self, piece: &str, runs: &[(Option<bool>, Option<bool>)]) {
        let characters = piece.chars().filter(|c| !c.is_whitespace()).count();
        self.struck
            .count(runs.iter().rev().find_map(|run| run.0), characters);
        // What is no letter says nothing against a font of pictures.
        let said = runs.iter().rev().find_map(|run| run.1);
        let letters = piece.chars().filter(|c| c.is_alphanumeric()).count();
        self.symbol.count(
            said,
            if said == Some(true) {
                characters
            } else {
                letters
            },
        );
    }
}

/// Where the walk is.
struct Reader {
    limits: Limits,
    depth: usize,
    /// Elements inside this depth are passed over: shapes, forms, tracked changes, copies of other documents.
    passed_over: Option<usize>,
    styles: Styles,
    /// What the cells of a style mean, each looked up once.
    meanings: HashMap<String, Rc<Meaning>>,
    /// What cells without a style mean.
    plain: Option<Rc<Meaning>>,
    /// Whether styles are being met, and not yet sheets.
    is_in_styles: bool,
    /// Groups of rows, and of columns, that are folded away, one within another.
    folded_rows: usize,
    folded_columns: usize,
    groups: Vec<bool>,
    sheets: Vec<Worksheet>,
    references: Vec<String>,
    formulas: Vec<String>,
    external: BTreeSet<String>,
    filled: usize,
    refused: Option<Unreadable>,
    sheet: Option<Sheet>,
    cell: Option<Open>,
}

/// A sheet on the way.
#[derive(Default)]
struct Sheet {
    name: String,
    is_hidden: bool,
    page_texts: Vec<Arc<str>>,
    row: u32,
    rows_repeated: u32,
    column: u32,
    /// Columns described so far, for those that are hidden.
    columns: u32,
    /// The styles that columns give their cells, by the first of them.
    column_styles: Vec<(u32, Option<Rc<Meaning>>)>,
    row_style: Option<Rc<Meaning>>,
    cells: Vec<Cell>,
    row_from: usize,
    merged: Vec<CellRange>,
    hidden_rows: Vec<Span>,
    hidden_columns: Vec<Span>,
    notes: BTreeMap<CellAddress, Arc<str>>,
    struck: Vec<(CellAddress, Extent)>,
    symbols: Vec<(CellAddress, Extent)>,
    is_outside: bool,
}

/// A cell on the way.
#[derive(Default)]
struct Open {
    repeated: u32,
    columns_spanned: u32,
    rows_spanned: u32,
    kind: String,
    is_error: bool,
    value: Option<String>,
    has_formula: bool,
    text: Paragraphs,
    note: Option<Paragraphs>,
    is_in_note: bool,
    meaning: Option<Rc<Meaning>>,
    currency: Option<String>,
    /// What runs of text say of strikes and symbol fonts, innermost last.
    runs: Vec<(Option<bool>, Option<bool>)>,
    marks: Marks,
}

impl Open {
    /// Whether nothing can come of it.
    fn is_blank(&self) -> bool {
        self.kind.is_empty() && self.text.text.is_empty() && !self.has_formula && !self.is_error
    }
}

/// Text as paragraphs give it: white space folded as the format says, spaces and breaks where they are spelled out.
#[derive(Default)]
struct Paragraphs {
    text: String,
    count: usize,
    is_inside: bool,
    /// Whether white space that follows is folded away.
    follows_space: bool,
}

impl Paragraphs {
    fn begin(&mut self) {
        if self.count > 0 {
            self.text.push('\n');
        }
        self.count += 1;
        self.is_inside = true;
        self.follows_space = true;
    }

    fn push(&mut self, piece: &str) {
        if !self.is_inside {
            return;
        }
        for character in piece.chars() {
            if matches!(character, ' ' | '\t' | '\r' | '\n') {
                if !self.follows_space {
                    self.text.push(' ');
                }
                self.follows_space = true;
            } else {
                self.text.push(character);
                self.follows_space = false;
            }
        }
    }

    fn spell(&mut self, character: char, times: usize) {
        if self.is_inside {
            self.text.extend(std::iter::repeat_n(character, times));
            self.follows_space = false;
        }
    }
}

/// A count that an attribute gives; one where it gives none.
fn count(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
        .max(1)
}

fn is_hidden(element: &BytesStart<'_>) -> bool {
    matches!(
        attribute(element, "visibility").as_deref(),
        Some("collapse" | "filter")
    )
}

impl Reader {
    fn new(styles: Styles, limits: Limits) -> Self {
        Self {
            limits,
            depth: 0,
            passed_over: None,
            styles,
            meanings: HashMap::new(),
            plain: None,
            is_in_styles: false,
            folded_rows: 0,
            folded_columns: 0,
            groups: Vec::new(),
            sheets: Vec::new(),
            references: Vec::new(),
            formulas: Vec::new(),
            external: BTreeSet::new(),
            filled: 0,
            refused: None,
            sheet: None,
            cell: None,
        }
    }

    fn begin(&mut self, name: &str, element: &BytesStart<'_>) {
        self.depth += 1;
        if self.passed_over.is_some() || self.refused.is_some() {
            return;
        }
        if matches!(
            name,
            "styles" | "automatic-styles" | "master-styles" | "font-face-decls"
        ) {
            self.is_in_styles = true;
        }
        if self.is_in_styles {
            self.styles.meet(&Met::Begin(name, element));
            return;
        }
        match name {
            "tracked-changes" | "dde-links" | "shapes" | "forms" | "scenario" | "frame"
            | "custom-shape" | "rect" | "line" | "g" | "control" | "detective" => {
                self.passed_over = Some(self.depth);
            }
            "content-validation" => self.references.extend(attribute(element, "condition")),
            "named-range" => self
                .references
                .extend(attribute(element, "cell-range-address")),
            "named-expression" => self.references.extend(attribute(element, "expression")),
            "table-source" => self.external.extend(attribute(element, "href")),
            "table" => self.table(element),
            "table-row-group" | "table-column-group" => {
                let is_folded = attribute(element, "display").as_deref() == Some("false");
                self.groups.push(is_folded);
                *self.folded(name) += usize::from(is_folded);
            }
            "table-column" => self.columns(element),
            "table-row" => {
                let is_folded = self.folded_rows > 0;
                let is_flat = self.is_flat(element);
                let style = attribute(element, "default-cell-style-name");
                let style = style.map(|style| self.meaning(&style));
                if let Some(sheet) = &mut self.sheet {
                    sheet.row_style = style;
                    sheet.rows_repeated = count(element, "number-rows-repeated");
                    sheet.column = 0;
                    sheet.row_from = sheet.cells.len();
                    let last = sheet
                        .row
                        .saturating_add(sheet.rows_repeated - 1)
                        .min(ROWS_MAX - 1);
                    if (is_folded || is_flat || is_hidden(element)) && sheet.row < ROWS_MAX {
                        extend(&mut sheet.hidden_rows, sheet.row);
                        if let Some(span) = sheet.hidden_rows.last_mut() {
                            span.last = last;
                        }
                    }
                }
            }
            "table-cell" | "covered-table-cell" => {
                if self.sheet.is_some() && self.cell.is_none() {
                    self.open(element);
                } else {
                    self.passed_over = Some(self.depth);
                }
            }
            _ => self.inside(name, element),
        }
    }

    fn table(&mut self, element: &BytesStart<'_>) {
        let name = attribute(element, "name").unwrap_or_default();
        // A copy of another document's sheet, kept for formulas that refer to it.
        if name.starts_with("'file:") || name.contains("://") {
            self.external
                .extend(name.split('#').next().map(str::to_owned));
            self.passed_over = Some(self.depth);
            return;
        }
        if self.sheet.is_some() {
            self.passed_over = Some(self.depth);
            return;
        }
        if let Err(why) = self.limits.check_sheets(self.sheets.len() + 1) {
            self.refused = Some(why);
            return;
        }
        let style = attribute(element, "style-name").unwrap_or_default();
        self.sheet = Some(Sheet {
            name,
            page_texts: self.styles.page_texts(&style),
            is_hidden: self.styles.hides_table(&style)
                || attribute(element, "display").as_deref() == Some("false"),
            ..Sheet::default()
        });
    }

    /// Whether a row or column has no size.
    fn is_flat(&self, element: &BytesStart<'_>) -> bool {
        attribute(element, "style-name").is_some_and(|style| self.styles.is_flat(&style))
    }

    /// What the cells of a style mean.
    fn meaning(&mut self, style: &str) -> Rc<Meaning> {
        if let Some(known) = self.meanings.get(style) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.styles.cell(Some(style)));
        self.meanings.insert(style.to_owned(), Rc::clone(&found));
        found
    }

    /// How many groups of this kind are folded away here.
    fn folded(&mut self, name: &str) -> &mut usize {
        if name == "table-row-group" {
            &mut self.folded_rows
        } else {
            &mut self.folded_columns
        }
    }

    fn columns(&mut self, element: &BytesStart<'_>) {
        let is_folded = self.folded_columns > 0 || self.is_flat(element);
        let style = attribute(element, "default-cell-style-name");
        let style = style.map(|style| self.meaning(&style));
        let Some(sheet) = &mut self.sheet else {
            return;
        };
        let first = sheet.columns;
        if first < u32::from(COLUMNS_MAX) {
            sheet.column_styles.push((first, style));
        }
        sheet.columns = first.saturating_add(count(element, "number-columns-repeated"));
        if (is_folded || is_hidden(element)) && first < u32::from(COLUMNS_MAX) {
            sheet.hidden_columns.push(Span {
                first,
                last: (sheet.columns - 1).min(u32::from(COLUMNS_MAX) - 1),
            });
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) {
        let mut cell = Open {
            repeated: 1,
            columns_spanned: 1,
            rows_spanned: 1,
            ..Open::default()
        };
        for found in element.attributes().with_checks(false).flatten() {
            let value = || super::xml::unescape(&found.value);
            let number = || found.value.parse::<u32>().unwrap_or(1).max(1);
            match found.key.as_ref() {
                key if key.ends_with(":number-columns-repeated") => cell.repeated = number(),
                key if key.ends_with(":number-columns-spanned") => cell.columns_spanned = number(),
                key if key.ends_with(":number-rows-spanned") => cell.rows_spanned = number(),
                "calcext:value-type" => cell.is_error = found.value == "error",
                key if key.ends_with(":style-name") => {
                    cell.meaning = Some(self.meaning(&found.value));
                }
                key if key.ends_with(":currency") => cell.currency = Some(value()),
                key if key.ends_with(":value-type") => cell.kind = value(),
                key if key.ends_with(":formula") => {
                    cell.has_formula = true;
                    let formula = value();
                    if let Some(book) = formula
                        .split("'#")
                        .next()
                        .filter(|_| formula.contains("'file:"))
                    {
                        let at = book.rfind("'file:").unwrap_or(0);
                        self.external
                            .insert(book.get(at..).unwrap_or_default().to_owned());
                    }
                    if formula.contains('.') && self.formulas.last() != Some(&formula) {
                        self.formulas.push(formula);
                    }
                }
                key if key.ends_with(":value")
                    || key.ends_with(":date-value")
                    || key.ends_with(":time-value")
                    || key.ends_with(":boolean-value")
                    || key.ends_with(":string-value") =>
                {
                    cell.value = Some(value());
                }
                _ => {}
            }
        }
        self.cell = Some(cell);
    }

    /// An element inside a cell.
    fn inside(&mut self, name: &str, element: &BytesStart<'_>) {
        let Some(cell) = &mut self.cell else {
            return;
        };
        if name == "annotation" {
            cell.is_in_note = true;
            cell.note = Some(Paragraphs::default());
            return;
        }
        let into = match &mut cell.note {
            Some(note) if cell.is_in_note => note,
            _ => &mut cell.text,
        };
        match name {
            "p" | "h" => into.begin(),
            "s" => {
                let times = usize::try_from(count(element, "c")).unwrap_or(1);
                into.spell(' ', times.min(32_767));
            }
            "span" | "a" if !cell.is_in_note && cell.runs.len() < 64 => {
                let run = attribute(element, "style-name").map(|style| self.styles.running(&style));
                cell.runs.push(run.unwrap_or_default());
            }
            "tab" => into.spell('\t', 1),
            "line-break" => into.spell('\n', 1),
            _ => {}
        }
    }

    fn text(&mut self, piece: &str) {
        if self.passed_over.is_some() {
            return;
        }
        if self.is_in_styles {
            self.styles.meet(&Met::Text(piece));
            return;
        }
        if let Some(cell) = &mut self.cell {
            match &mut cell.note {
                Some(note) if cell.is_in_note => note.push(piece),
                _ => {
                    cell.marks.count(piece, &cell.runs);
                    cell.text.push(piece);
                }
            }
        }
    }

    fn end(&mut self, name: &str) {
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        if let Some(from) = self.passed_over {
            if depth == from {
                self.passed_over = None;
            }
            return;
        }
        if self.refused.is_some() {
            return;
        }
        if self.is_in_styles {
            self.styles.meet(&Met::End(name));
            if matches!(
                name,
                "styles" | "automatic-styles" | "master-styles" | "font-face-decls"
            ) {
                self.is_in_styles = false;
            }
            return;
        }
        match name {
            "table-row-group" | "table-column-group" => {
                let is_folded = self.groups.pop().unwrap_or(false);
                let folded = self.folded(name);
                *folded = folded.saturating_sub(usize::from(is_folded));
            }
            "span" | "a" => {
                if let Some(cell) = self.cell.as_mut().filter(|cell| !cell.is_in_note) {
                    cell.runs.pop();
                }
            }
            "annotation" => {
                if let Some(cell) = &mut self.cell {
                    cell.is_in_note = false;
                }
            }
            "p" | "h" => {
                if let Some(cell) = &mut self.cell {
                    match &mut cell.note {
                        Some(note) if cell.is_in_note => note.is_inside = false,
                        _ => cell.text.is_inside = false,
                    }
                }
            }
            "table-cell" | "covered-table-cell" => self.close(),
            "table-row" => self.end_row(),
            "table" => self.end_table(),
            _ => {}
        }
    }

    fn close(&mut self) {
        let (Some(cell), Some(sheet)) = (self.cell.take(), &mut self.sheet) else {
            return;
        };
        let first = sheet.column;
        sheet.column = first.saturating_add(cell.repeated);
        let at = address(sheet.row, first);
        if let Some(at) = at {
            if cell.columns_spanned > 1 || cell.rows_spanned > 1 {
                let last = address(
                    sheet
                        .row
                        .saturating_add(cell.rows_spanned - 1)
                        .min(ROWS_MAX - 1),
                    first
                        .saturating_add(cell.columns_spanned - 1)
                        .min(u32::from(COLUMNS_MAX) - 1),
                );
                sheet
                    .merged
                    .extend(last.map(|last| CellRange::new(at, last)));
            }
            if let Some(note) = &cell.note {
                sheet.notes.insert(at, Arc::from(note.text.trim()));
            }
        }
        if cell.is_blank() {
            return;
        }
        // Repeated cells may lie under columns of several styles; that of the first stands for all.
        let of_column = || {
            let behind = sheet
                .column_styles
                .partition_point(|(from, _)| *from <= first);
            sheet.column_styles.get(behind.checked_sub(1)?)?.1.clone()
        };
        let meaning = cell
            .meaning
            .clone()
            .or_else(|| sheet.row_style.clone())
            .or_else(of_column)
            .unwrap_or_else(|| {
                let plain = self
                    .plain
                    .get_or_insert_with(|| Rc::new(self.styles.cell(None)));
                Rc::clone(plain)
            });
        let meaning = meaning.as_ref();
        let Some(value) = value(cell.kind.as_str(), &cell, meaning) else {
            return;
        };
        let struck = cell.marks.struck.extent(meaning.is_struck);
        let symbol = cell.marks.symbol.extent(meaning.is_symbol);
        let end = sheet.column;
        let repeated = end.min(u32::from(COLUMNS_MAX)).saturating_sub(first) as usize;
        if let Err(why) = self
            .limits
            .check_cells(self.filled.saturating_add(repeated))
        {
            self.refused = Some(why);
            return;
        }
        for column in first..end {
            let Some(address) = address(sheet.row, column) else {
                sheet.is_outside = true;
                break;
            };
            sheet.struck.extend(struck.map(|extent| (address, extent)));
            sheet.symbols.extend(symbol.map(|extent| (address, extent)));
            sheet.cells.push(Cell {
                address,
                value: value.clone(),
            });
            self.filled += 1;
        }
        if let Err(why) = self.limits.check_cells(self.filled) {
            self.refused = Some(why);
        }
    }

    fn end_row(&mut self) {
        let Some(sheet) = &mut self.sheet else {
            return;
        };
        let row = sheet.row;
        sheet.row = row.saturating_add(sheet.rows_repeated);
        let filled = sheet
            .cells
            .get(sheet.row_from..)
            .unwrap_or_default()
            .to_vec();
        if filled.is_empty() {
            return;
        }
        let of_row = |marked: &[(CellAddress, Extent)]| -> Vec<(CellAddress, Extent)> {
            let from = marked.partition_point(|(at, _)| at.row < row);
            marked.get(from..).unwrap_or_default().to_vec()
        };
        let (struck, symbols) = (of_row(&sheet.struck), of_row(&sheet.symbols));
        // What would be too much is not unfolded first.
        let below = sheet
            .row
            .min(ROWS_MAX)
            .saturating_sub(row.saturating_add(1));
        let below = filled.len().saturating_mul(below as usize);
        self.filled = self.filled.saturating_add(below);
        if let Err(why) = self.limits.check_cells(self.filled) {
            self.refused = Some(why);
            return;
        }
        for next in row.saturating_add(1)..sheet.row {
            if next >= ROWS_MAX {
                sheet.is_outside = true;
                return;
            }
            sheet.cells.extend(filled.iter().map(|cell| Cell {
                address: CellAddress::new(next, cell.address.column),
                value: cell.value.clone(),
            }));
            let below =
                |(at, extent): &(CellAddress, Extent)| (CellAddress::new(next, at.column), *extent);
            sheet.struck.extend(struck.iter().map(below));
            sheet.symbols.extend(symbols.iter().map(below));
        }
    }

    fn end_table(&mut self) {
        let Some(sheet) = self.sheet.take() else {
            return;
        };
        let name = Some(Arc::from(sheet.name.as_str()));
        let mut out = if sheet.is_outside {
            Worksheet::damaged(name, "a cell lies outside the sheet".to_owned())
        } else {
            Worksheet::new(name, sheet.cells)
        };
        if sheet.is_hidden {
            out.visibility = Visibility::Hidden;
        }
        out.page_texts = sheet.page_texts;
        out.merged = sheet.merged;
        out.hidden_rows = sheet.hidden_rows;
        out.hidden_columns = sheet.hidden_columns;
        out.notes = sheet.notes.into_iter().collect();
        out.struck = sheet.struck;
        out.symbols = sheet.symbols;
        self.sheets.push(out);
    }
}

fn address(row: u32, column: u32) -> Option<CellAddress> {
    let column = u16::try_from(column).ok().filter(|c| *c < COLUMNS_MAX)?;
    (row < ROWS_MAX).then(|| CellAddress::new(row, column))
}

/// What a cell holds; nothing if it is blank.
fn value(kind: &str, cell: &Open, meaning: &Meaning) -> Option<CellValue> {
    let text = cell.text.text.as_str();
    let shown = || (!text.is_empty()).then(|| CellValue::Text(text.into()));
    if cell.is_error || super::office::is_error(text) {
        let text = if text.is_empty() { "#VALUE!" } else { text };
        return Some(CellValue::Error(text.into()));
    }
    let stored = cell.value.as_deref();
    let missing = || {
        if cell.has_formula && text.is_empty() {
            Some(CellValue::NotCalculated)
        } else {
            shown()
        }
    };
    match kind {
        "float" | "percentage" | "currency" => match stored
            .and_then(|v| v.trim().parse::<f64>().ok())
            .filter(|number| number.is_finite())
        {
            Some(number) => Some(format(kind, cell, meaning).value(number, false)),
            None => missing(),
        },
        "date" => match stored {
            Some(moment) => Some(super::office::iso(moment)),
            None => missing(),
        },
        "time" => match stored.and_then(days) {
            Some(days) => Some(time(days, meaning)),
            None => shown().or_else(|| stored.map(|v| CellValue::Text(v.into()))),
        },
        "boolean" => match stored {
            Some("true") => Some(CellValue::Boolean(true)),
            Some("false") => Some(CellValue::Boolean(false)),
            _ => missing(),
        },
        "string" => shown().or_else(|| {
            stored
                .filter(|text| !text.is_empty())
                .map(|text| CellValue::Text(text.into()))
        }),
        _ => missing(),
    }
}

/// The format of a number: its style's, or where that makes nothing of it, what the cell itself says that it is.
fn format<'a>(kind: &str, cell: &Open, meaning: &'a Meaning) -> Cow<'a, NumberFormat> {
    if !meaning.format.is_plain() {
        return Cow::Borrowed(&meaning.format);
    }
    match (kind, cell.currency.as_deref()) {
        ("percentage", _) => Cow::Owned(NumberFormat::from_code("0%")),
        // A style with a sign that stands for pounds says it better than the cell, of which programs leave the first currency there was.
        ("currency", Some(currency))
            if !meaning.has_format && currency.bytes().all(|b| b.is_ascii_alphabetic()) =>
        {
            Cow::Owned(NumberFormat::from_code(&format!("[${currency}]0.00")))
        }
        _ => Cow::Borrowed(&meaning.format),
    }
}

/// A time, which is one of the day unless its format or its length says otherwise.
fn time(days: f64, meaning: &Meaning) -> CellValue {
    let is_of_day = (0.0..1.0).contains(&days);
    match meaning.format.value(days, false) {
        CellValue::Number(figure) if figure.shown == Shown::Span => CellValue::Number(figure),
        _ => CellValue::Number(Figure {
            number: days,
            shown: if is_of_day {
                Shown::TimeOfDay
            } else {
                Shown::Span
            },
        }),
    }
}

/// A length of time as XML writes it (`PT36H30M00S`), in days.
#[expect(
    clippy::float_arithmetic,
    reason = "a sheet counts time in days and parts of days"
)]
fn days(text: &str) -> Option<f64> {
    let (sign, rest) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.trim()),
    };
    let mut rest = rest.strip_prefix('P')?;
    let mut seconds = 0.0;
    let mut is_time = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            is_time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))?;
        let (number, after) = rest.split_at_checked(end)?;
        let number: f64 = number.replace(',', ".").parse().ok()?;
        let mut letters = after.chars();
        let unit = match (is_time, letters.next()?) {
            (false, 'D') => 86_400.0,
            (true, 'H') => 3600.0,
            (true, 'M') => 60.0,
            (true, 'S') => 1.0,
            // Years and months have no length.
            _ => return None,
        };
        seconds += number * unit;
        rest = letters.as_str();
    }
    let days = sign * seconds / 86_400.0;
    days.is_finite().then_some(days)
}
