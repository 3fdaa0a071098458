//! A workbook as it was found: sheets, filled cells and their absolute addresses, independent of any reading library.
//!
//! Invariant: a cell is stored once, at the address a person sees in the spreadsheet, and cells are sorted by row, then column.

mod a1;
mod cell;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

pub use a1::{COLUMNS_MAX, CellAddress, CellRange, ROWS_MAX};
pub use cell::{Cell, CellValue, Currency, Figure, Shown, is_blank, is_invisible};
use serde::{Deserialize, Serialize};

/// What kind of file the content is (never what its name says).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// Office Open XML workbook, with or without macros, template or strict.
    Xlsx,
    /// Binary Office workbook.
    Xlsb,
    /// Excel 5 to 2003 workbook.
    Xls,
    /// `OpenDocument` spreadsheet.
    Ods,
    /// Delimited text.
    Csv,
    /// A web page whose tables a spreadsheet opens as a sheet.
    Html,
    /// A workbook of Excel 2002 or 2003 as one XML file.
    SpreadsheetMl,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Xlsx,
        Self::Xlsb,
        Self::Xls,
        Self::Ods,
        Self::Csv,
        Self::Html,
        Self::SpreadsheetMl,
    ];

    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::SpreadsheetMl => "spreadsheetml",
        }
    }

    /// The file extensions under which this content is expected, lower case.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Xlsx => &["xlsx", "xlsm", "xltx", "xltm", "xlam"],
            Self::Xlsb => &["xlsb"],
            Self::Xls => &["xls", "xlt", "xla"],
            Self::Ods => &["ods", "ots", "fods"],
            Self::Csv => &["csv", "tsv", "tab", "txt"],
            Self::Html => &["html", "htm"],
            Self::SpreadsheetMl => &["xml"],
        }
    }
}

/// Whether a person opening the workbook sees the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// Shown as a tab.
    Visible,
    /// Hidden; can be unhidden from the menu.
    Hidden,
    /// Hidden so that the menu does not list it.
    VeryHidden,
}

impl Visibility {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Hidden => "hidden",
            Self::VeryHidden => "very-hidden",
        }
    }
}

/// A run of rows or columns, both ends included, zero-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The first row or column.
    pub first: u32,
    /// The last row or column.
    pub last: u32,
}

/// A fill colour as red, green and blue.
pub type Rgb = [u8; 3];

/// How delimited text was built, beyond the cells that it gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delimited {
    /// What parts the fields.
    pub delimiter: char,
    /// How many fields the records have, blank ones counted: each number with the row from which on it holds.
    widths: Vec<(u32, u32)>,
    /// Quotation marks that were not closed as they should be, from the top.
    pub quotes: Vec<LooseQuote>,
}

impl Delimited {
    /// Text whose fields are parted by this.
    #[must_use]
    pub fn by(delimiter: char) -> Self {
        Self {
            delimiter,
            ..Self::default()
        }
    }

    /// Notes how many fields the record on a row has, from the top.
    pub fn add_width(&mut self, row: u32, width: u32) {
        if self.widths.last().is_none_or(|(_, last)| *last != width) {
            self.widths.push((row, width));
        }
    }

    /// How many fields the record on a row has.
    #[must_use]
    pub fn width(&self, row: u32) -> u32 {
        let after = self.widths.partition_point(|(first, _)| *first <= row);
        after
            .checked_sub(1)
            .and_then(|index| self.widths.get(index))
            .map_or(0, |(_, width)| *width)
    }
}

/// A quotation mark that opens a field of delimited text and is not closed as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseQuote {
    /// The cell in which it opens.
    pub at: CellAddress,
    /// What is wrong with its end.
    pub end: QuoteEnd,
}

/// How a quoted field ends that does not end as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuoteEnd {
    /// Not at all: it takes in the rest of the file.
    Never,
    /// Where another field begins: the mark that ends it was meant to open that one.
    AtAnother,
    /// Within a text, after line breaks.
    AfterLines,
    /// Within a text, after delimiters on the same line.
    AfterFields,
}

/// How much of a cell's text something is true of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Extent {
    /// Of some of it.
    Part,
    /// Of all of it.
    Whole,
}

/// What lies over a sheet's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FloatingKind {
    /// A text box, or a shape with text.
    Text,
    /// A button or another control: its caption is none of the table's.
    Control,
    /// A picture in a cell, which stands there instead of a value.
    PictureInCell,
}

/// Something that lies over the cells, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Floating {
    /// The cells that it covers; the first is the one that it is fixed to.
    pub over: CellRange,
    /// What it is.
    pub kind: FloatingKind,
    /// Its text, or a picture's alternative text.
    pub text: Arc<str>,
}

/// What a reader could not find out about a file's cells, so that Notes can say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Untold {
    /// Number formats: percentages, currencies, spans of time.
    NumberFormats,
    /// Hidden rows.
    HiddenRows,
    /// Hidden columns.
    HiddenColumns,
    /// Notes and comments.
    Notes,
    /// Text struck through.
    Struck,
    /// Text struck through in part of a cell.
    PartlyStruck,
    /// Fonts of pictures.
    SymbolFonts,
    /// Fonts of pictures in part of a cell.
    PartSymbolFonts,
    /// Fills, by which a status may be told.
    Fills,
    /// Merged regions.
    Merged,
    /// Text boxes and shapes.
    Floating,
    /// Page headers and footers.
    PageTexts,
    /// Sensitivity labels.
    Labels,
    /// Whether the workbook asks to be calculated on opening.
    Recalculation,
}

impl Untold {
    /// All that there is to find out.
    pub const ALL: [Self; 14] = [
        Self::NumberFormats,
        Self::HiddenRows,
        Self::HiddenColumns,
        Self::Notes,
        Self::Struck,
        Self::PartlyStruck,
        Self::SymbolFonts,
        Self::PartSymbolFonts,
        Self::Fills,
        Self::Merged,
        Self::Floating,
        Self::PageTexts,
        Self::Labels,
        Self::Recalculation,
    ];

    /// It in a sentence's words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NumberFormats => {
                "how numbers are shown where the cell itself does not say it (percentages, currencies, lengths of time)"
            }
            Self::HiddenRows => "hidden rows",
            Self::HiddenColumns => "hidden columns",
            Self::Notes => "notes on cells",
            Self::Struck => "text struck through",
            Self::PartlyStruck => "text struck through in part of a cell",
            Self::SymbolFonts => "letters in a font of pictures",
            Self::PartSymbolFonts => "letters in a font of pictures in part of a cell",
            Self::Fills => "a status told by a cell's colour alone",
            Self::Merged => "merged cells",
            Self::Floating => "text boxes and shapes",
            Self::PageTexts => "page headers and footers",
            Self::Labels => "sensitivity labels",
            Self::Recalculation => "whether results were calculated when the file was saved",
        }
    }
}

/// One sheet: its filled cells and what is known about their surroundings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Worksheet {
    /// The tab's name; `None` for a csv.
    pub name: Option<Arc<str>>,
    /// Whether the tab is shown.
    pub visibility: Visibility,
    cells: Vec<Cell>,
    row_starts: Vec<(u32, usize)>,
    filled: usize,
    /// Cells whose formula adds others up, where the format tells.
    pub sums: Vec<CellAddress>,
    /// Merged regions, where the format tells.
    pub merged: Vec<CellRange>,
    /// Rows hidden by hand or by a filter, where the format tells.
    pub hidden_rows: Vec<Span>,
    /// Hidden columns, where the format tells.
    pub hidden_columns: Vec<Span>,
    /// Notes and comments, where the format tells.
    pub notes: Vec<(CellAddress, Arc<str>)>,
    /// Fills of cells that hold no value, where the format tells; white is what takes away the fill of the row or column.
    pub fills: Vec<(CellAddress, Rgb)>,
    /// How the records were written, where the file is delimited text.
    #[serde(default)]
    pub delimited: Option<Box<Delimited>>,
    /// What rows give their cells that have no format of their own.
    pub row_fills: Vec<(Span, Rgb)>,
    /// What columns give their cells that have no format of their own, nor their row's.
    pub column_fills: Vec<(Span, Rgb)>,
    /// Filled cells whose text is struck through, by address.
    pub struck: Vec<(CellAddress, Extent)>,
    /// Filled cells with text in a font of pictures (Wingdings, Webdings, Symbol), by address.
    pub symbols: Vec<(CellAddress, Extent)>,
    /// Text boxes, shapes, buttons and pictures that lie over the cells, in the file's order.
    pub floating: Vec<Floating>,
    /// Texts of page headers and footers, without their codes.
    pub page_texts: Vec<Arc<str>>,
    /// Formulas with a stored 0 or blank in a workbook that asks to be calculated on opening, by address.
    pub stale: Vec<CellAddress>,
    /// How many of its filled cells this program wrote into a partner's file, to say what was found in it: they are passed over.
    #[serde(default)]
    pub ours: usize,
    /// What the partner wrote beside them, by address.
    #[serde(default)]
    pub replies: Vec<(CellAddress, Arc<str>)>,
    /// Why the sheet could not be read, if it could not.
    pub damage: Option<String>,
}

impl Worksheet {
    /// A visible sheet of these cells, which are sorted here; a later cell at the same address replaces an earlier one.
    #[must_use]
    pub fn new(name: Option<Arc<str>>, mut cells: Vec<Cell>) -> Self {
        if !cells.is_sorted_by(|a, b| a.address < b.address) {
            cells.sort_by_key(|cell| cell.address);
            cells.reverse();
            cells.dedup_by_key(|cell| cell.address);
            cells.reverse();
        }
        Self {
            name,
            visibility: Visibility::Visible,
            row_starts: row_starts(&cells),
            filled: cells.iter().filter(|cell| cell.is_filled()).count(),
            sums: Vec::new(),
            cells,
            merged: Vec::new(),
            hidden_rows: Vec::new(),
            hidden_columns: Vec::new(),
            notes: Vec::new(),
            fills: Vec::new(),
            delimited: None,
            row_fills: Vec::new(),
            column_fills: Vec::new(),
            struck: Vec::new(),
            symbols: Vec::new(),
            floating: Vec::new(),
            page_texts: Vec::new(),
            stale: Vec::new(),
            ours: 0,
            replies: Vec::new(),
            damage: None,
        }
    }

    /// A sheet that could not be read.
    #[must_use]
    pub fn damaged(name: Option<Arc<str>>, why: String) -> Self {
        let mut sheet = Self::new(name, Vec::new());
        sheet.damage = Some(why);
        sheet
    }

    /// How many filled cells the reader found, counted before anything was understood and whatever was let go of since.
    #[must_use]
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// Whether a cell's formula adds others up.
    #[must_use]
    pub fn is_sum(&self, at: CellAddress) -> bool {
        self.sums.contains(&at)
    }

    /// Lets go of the cells that are not to be kept.
    pub fn retain(&mut self, keep: impl FnMut(&Cell) -> bool) {
        let mut cells = std::mem::take(&mut self.cells);
        cells.retain(keep);
        cells.shrink_to_fit();
        self.row_starts = row_starts(&cells);
        self.cells = cells;
    }

    /// Takes cells back that were let go of.
    pub fn put_back(&mut self, cells: Vec<Cell>) {
        if cells.is_empty() {
            return;
        }
        self.cells.extend(cells);
        self.cells.sort_by_key(|cell| cell.address);
        self.cells.dedup_by_key(|cell| cell.address);
        self.row_starts = row_starts(&self.cells);
    }

    /// Every filled cell, by row, then column.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The rows that hold something, from the top.
    #[must_use]
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, &[Cell])> + '_ {
        (0..self.row_starts.len()).filter_map(|index| self.nth_row(index))
    }

    /// The rows from this one on that hold something.
    pub fn rows_from(&self, row: u32) -> impl Iterator<Item = (u32, &[Cell])> + '_ {
        let start = self.row_starts.partition_point(|(r, _)| *r < row);
        (start..self.row_starts.len()).filter_map(|index| self.nth_row(index))
    }

    fn nth_row(&self, index: usize) -> Option<(u32, &[Cell])> {
        let (row, start) = self.row_starts.get(index)?;
        let end = self
            .row_starts
            .get(index + 1)
            .map_or(self.cells.len(), |(_, end)| *end);
        Some((*row, self.cells.get(*start..end)?))
    }

    /// The filled cells of one row.
    #[must_use]
    pub fn row(&self, row: u32) -> &[Cell] {
        self.row_starts
            .binary_search_by_key(&row, |(r, _)| *r)
            .ok()
            .and_then(|index| self.nth_row(index))
            .map_or(&[], |(_, cells)| cells)
    }

    /// The value at an address, if the cell is filled.
    #[must_use]
    pub fn value(&self, address: CellAddress) -> Option<&CellValue> {
        let cells = self.row(address.row);
        let index = cells
            .binary_search_by_key(&address.column, |cell| cell.address.column)
            .ok()?;
        cells.get(index).map(|cell| &cell.value)
    }

    /// The merged region that this address lies in.
    #[must_use]
    pub fn merged_at(&self, address: CellAddress) -> Option<CellRange> {
        self.merged
            .iter()
            .copied()
            .find(|range| range.contains(address))
    }

    /// The fill of a cell that holds no value: its own, else its row's, else its column's.
    #[must_use]
    pub fn fill(&self, address: CellAddress) -> Option<Rgb> {
        if let Ok(at) = self.fills.binary_search_by_key(&address, |(at, _)| *at) {
            return self.fills.get(at).map(|(_, fill)| *fill);
        }
        let of = |fills: &[(Span, Rgb)], index: u32| {
            fills
                .iter()
                .find(|(span, _)| (span.first..=span.last).contains(&index))
                .map(|(_, fill)| *fill)
        };
        of(&self.row_fills, address.row)
            .or_else(|| of(&self.column_fills, u32::from(address.column)))
    }

    /// Whether anything is filled.
    #[must_use]
    pub fn has_fills(&self) -> bool {
        !(self.fills.is_empty() && self.row_fills.is_empty() && self.column_fills.is_empty())
    }

    /// How much of a cell's text is in a font of pictures.
    #[must_use]
    pub fn symbols_at(&self, address: CellAddress) -> Option<Extent> {
        let at = self
            .symbols
            .binary_search_by_key(&address, |(at, _)| *at)
            .ok()?;
        self.symbols.get(at).map(|(_, extent)| *extent)
    }

    /// The cells of a row whose text is struck through.
    #[must_use]
    pub fn struck_in(&self, row: u32) -> &[(CellAddress, Extent)] {
        let start = self.struck.partition_point(|(at, _)| at.row < row);
        let end = self.struck.partition_point(|(at, _)| at.row <= row);
        self.struck.get(start..end).unwrap_or_default()
    }

    /// Whether a formula's stored result is no more than what stood there before anything was worked out.
    #[must_use]
    pub fn is_stale(&self, address: CellAddress) -> bool {
        self.stale.binary_search(&address).is_ok()
    }

    /// Whether a column is hidden.
    #[must_use]
    pub fn is_column_hidden(&self, column: u16) -> bool {
        self.hidden_columns
            .iter()
            .any(|span| (span.first..=span.last).contains(&u32::from(column)))
    }
}

/// Where each row that holds something begins among the cells.
fn row_starts(cells: &[Cell]) -> Vec<(u32, usize)> {
    let mut out: Vec<(u32, usize)> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        if out.last().is_none_or(|(row, _)| *row != cell.address.row) {
            out.push((cell.address.row, index));
        }
    }
    out
}

/// What a whole file says of itself beyond its cells.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FileFacts {
    /// The workbook carries a VBA project.
    pub has_macros: bool,
    /// The workbook links to other workbooks.
    pub external_links: usize,
    /// Pivot caches that keep source rows.
    pub pivot_caches: usize,
    /// Hidden sheets that only feed dropdowns or names.
    pub list_sheets: BTreeSet<Arc<str>>,
    /// Names of sensitivity labels in the file's properties.
    pub labels: Vec<Arc<str>>,
    /// When the program that wrote it says that it was saved last.
    pub saved: Option<Timestamp>,
    /// What the reader could not find out.
    pub untold: BTreeSet<Untold>,
    /// The encoding of a text file that had to be guessed.
    pub guessed_encoding: Option<Cow<'static, str>>,
}

/// A file read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Workbook {
    /// What the content is.
    pub format: Format,
    /// Its worksheets in tab order; chart, dialogue and macro sheets are left out.
    pub sheets: Vec<Worksheet>,
    /// What the file says beyond its cells.
    pub facts: FileFacts,
}

impl Workbook {
    /// What it takes up: its cells, each of 64 bytes of text and each note counting as one more. A text that many cells share counts in
    /// each, for it is written into each.
    #[must_use]
    pub fn size(&self) -> usize {
        let cells = self.sheets.iter().flat_map(Worksheet::cells);
        let texts = cells.map(|cell| 1 + cell.value.as_text().map_or(0, |text| text.len() / 64));
        let notes = self.sheets.iter().map(|sheet| sheet.notes.len());
        texts.chain(notes).fold(0, usize::saturating_add)
    }
}
