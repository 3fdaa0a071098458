//! What the consolidated workbook says, as plain data: sheets, columns, rows and the role that each cell plays. How it looks is the theme's.
//!
//! Invariant: nothing is decided here that a stage or a rule has not decided; every figure comes from the outcome.

mod agenda;
mod changes;
mod context;
mod new_year;
pub mod public;
mod rows;
mod sheets;
pub mod statement;
pub mod templates;
pub mod theme;

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use agenda::{Agenda, AgendaRow, questions};
pub use changes::changes;
pub use context::Context;
pub use new_year::{NewYear, Point, new_year};
pub use rows::Rows;
pub use sheets::decisions::replaced;
pub use theme::Look;

use crate::grid::CellAddress;

/// A finished workbook, ready to be written.
#[derive(Debug)]
pub struct WorkbookPlan<'a> {
    /// Its title, for the document properties.
    pub title: String,
    /// Who it is by, for the document properties.
    pub author: String,
    /// What it is about, for the document properties.
    pub subject: String,
    /// The protective marking, shown in every sheet's header and footer.
    pub marking: String,
    /// The day it is made for: the run's, not the clock's.
    pub as_of: Date,
    /// The sheets in order.
    pub sheets: Vec<SheetPlan<'a>>,
    /// The words of the statuses with their fills, for dropdown cells that change colour.
    pub statuses: Vec<(String, crate::grid::Rgb)>,
    /// Whether only the cells to fill in can be changed, without a password: a form to be sent out.
    pub is_form: bool,
}

/// One sheet.
#[derive(Debug)]
pub struct SheetPlan<'a> {
    /// Its name.
    pub name: &'static str,
    /// What it holds, in a sentence, for the cover and for screen readers.
    pub about: String,
    /// Its content.
    pub content: Content<'a>,
}

/// A sheet is a page to be read or a table to be worked with.
#[derive(Debug)]
pub enum Content<'a> {
    /// Text, small grids and charts from top to bottom.
    Page(Page),
    /// One Excel table from A1 on.
    Table(Table<'a>),
    /// Lines of labels and their values, then one Excel table to be filled in.
    Form(Form<'a>),
}

/// A table to be filled in, with what stands above it.
#[derive(Debug)]
pub struct Form<'a> {
    /// Rows of cells from column A; cells that look like input can be changed.
    pub lines: Vec<Vec<Cell>>,
    /// The table; its columns with an entry can be changed.
    pub table: Table<'a>,
}

/// What may be entered in a column of a form, and what is said when a cell of it is chosen.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is wanted, in a sentence or two.
    pub prompt: String,
    /// What is accepted, beside the column's dropdown.
    pub check: EntryCheck,
}

/// What a form's cells accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryCheck {
    /// Anything.
    Any,
    /// A number.
    Number,
    /// A day from the first to the second.
    Dates(Date, Date),
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Column widths in characters.
    pub widths: Vec<u16>,
    /// What stands on it, from the top.
    pub blocks: Vec<Block>,
    /// Whether it is printed on one page, as long as its letters stay readable on it.
    pub is_fitted: bool,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// One row of cells from column A.
    Line(Vec<Cell>),
    /// A text in column A that wraps there.
    Paragraph(Cell),
    /// A blank row.
    Gap,
    /// A small grid with a heading row.
    Grid {
        /// Its headings.
        headings: Vec<String>,
        /// Its rows.
        rows: Vec<Vec<Cell>>,
    },
    /// A small grid whose columns are each written in a way of their own; a column without a heading is only looked at where it holds
    /// something.
    Columns {
        /// Its headings, and how what is below them is written.
        headings: Vec<(String, ColumnKind)>,
        /// Its rows.
        rows: Vec<Vec<Cell>>,
    },
    /// A chart of the grid above it.
    Chart(Chart),
}

impl Block {
    /// How many rows of the sheet it takes; a chart's are those that it covers.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Line(_) | Self::Paragraph(_) | Self::Gap => 1,
            Self::Grid { rows, .. } | Self::Columns { rows, .. } => rows.len() + 1,
            Self::Chart(_) => CHART_ROWS as usize + 2,
        }
    }
}

/// Rows that a chart covers.
pub const CHART_ROWS: u32 = 16;

/// What kind of chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// Bars of parts that make a whole.
    StackedBars,
    /// Bars side by side.
    Bars,
}

/// A chart of the grid above it: the first column names the bars.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its kind.
    pub kind: ChartKind,
    /// Its title.
    pub title: String,
    /// The same in words, for people who cannot see it.
    pub alternative: String,
    /// The grid's columns to draw, with their colours.
    pub series: Vec<(u16, crate::grid::Rgb)>,
    /// How many of the grid's rows to draw.
    pub rows: u32,
    /// Whether the figures are pounds.
    pub is_money: bool,
}

/// How a table's column is written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnKind {
    /// Short text.
    Text,
    /// Text over several lines.
    Prose,
    /// Pounds and pence.
    Money,
    /// The same with no more room than they need.
    Figure,
    /// A figure.
    Number,
    /// A date.
    Date,
    /// A short word in the middle.
    Centred,
}

/// What one cell of a column may hold.
#[derive(Clone, Debug)]
pub struct Pick {
    /// The table's row, from 0.
    pub row: u32,
    /// The words, or where they stand.
    pub from: PickFrom,
}

/// Where the words of a dropdown are from.
#[derive(Clone, Debug)]
pub enum PickFrom {
    /// These.
    Words(Vec<String>),
    /// Column A of another sheet of the workbook, below its heading.
    Sheet {
        /// The sheet.
        name: &'static str,
        /// How many rows it has.
        rows: u32,
    },
}

/// A table's column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// Its width in characters.
    pub width: u16,
    /// How it is written.
    pub kind: ColumnKind,
    /// The words its cells may hold.
    pub dropdown: Vec<String>,
    /// What single cells of it may hold, where that differs from row to row.
    pub picks: Vec<Pick>,
    /// Whether the words are statuses, so that cells take their colour.
    pub is_status: bool,
    /// The sum of the column, for the total row.
    pub total: Option<Decimal>,
    /// What may be entered, in a form.
    pub entry: Option<Entry>,
}

impl Column {
    /// A column without dropdown or total.
    #[must_use]
    pub fn new(heading: impl Into<String>, width: u16, kind: ColumnKind) -> Self {
        Self {
            heading: heading.into(),
            width,
            kind,
            dropdown: Vec::new(),
            picks: Vec::new(),
            is_status: false,
            total: None,
            entry: None,
        }
    }

    /// The same with a dropdown.
    #[must_use]
    pub fn choose(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.dropdown = words.into_iter().collect();
        self
    }

    /// The same to be filled in.
    #[must_use]
    pub fn enter(mut self, prompt: impl Into<String>, check: EntryCheck) -> Self {
        self.entry = Some(Entry {
            prompt: prompt.into(),
            check,
        });
        self
    }

    /// The same, as wide as the longest of these texts needs to be whole in the highest row: the rest would be neither seen nor printed.
    #[must_use]
    pub fn room_for<'t>(mut self, texts: impl Iterator<Item = &'t str>) -> Self {
        let needed = texts
            // Shorter ones fit in any case.
            .filter(|text| text.len() > LINES_MAX * usize::from(self.width))
            .map(|text| {
                let breaks = text.matches('\n').count().min(LINES_MAX / 2);
                text.chars().count().div_ceil(LINES_MAX - breaks)
            })
            .max()
            .and_then(|width| u16::try_from(width).ok());
        if let Some(needed) = needed {
            self.width = self.width.max(needed.min(PROSE_WIDTH_MAX));
        }
        self
    }

    /// The same with a sum below.
    #[must_use]
    pub fn sum(mut self, total: Decimal) -> Self {
        self.total = Some(total);
        self
    }
}

/// One Excel table.
#[derive(Debug)]
pub struct Table<'a> {
    /// The table's name in Excel, for formulas and screen readers.
    pub id: &'static str,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as the columns.
    pub rows: Rows<'a>,
    /// How many columns stay in sight when scrolling.
    pub frozen: u16,
    /// How many columns are printed, from the left; all, if `None`.
    pub printed: Option<u16>,
    /// A row under the total, which the table does not count among its own.
    pub below: Vec<Cell>,
}

/// How many lines of text the highest row of a spreadsheet has room for, and the widest column that is still read as one.
const LINES_MAX: usize = 31;
const PROSE_WIDTH_MAX: u16 = 150;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Blank,
    /// Text; never a formula.
    Text(Arc<str>),
    /// A figure.
    Number(Decimal),
    /// A percentage, as people say it: 82 is 82%.
    Percent(Decimal),
    /// Pounds.
    Money(Decimal),
    /// A date.
    Date(Date),
    /// A live formula with its result.
    Formula {
        /// In A1 notation, beginning with `=`.
        formula: String,
        /// Its result.
        result: Decimal,
    },
    /// Text that leads somewhere.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads.
        target: Target,
        /// What it says when pointed at.
        tip: String,
    },
    /// A figure, word or formula that leads somewhere when clicked, and stays what it is.
    Linked {
        /// What the cell holds.
        value: Box<Value>,
        /// Where it leads.
        target: Target,
        /// What it says when pointed at.
        tip: String,
    },
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A cell of this workbook: `'Action plan'!A1`.
    Here(String),
    /// A file, as its path from the workbook's folder, in plain letters, and a cell in it: `'Updates'!A8`.
    File {
        /// With forward slashes: `../returns/kent-police.xlsx`.
        path: String,
        /// Nothing for the file as a whole.
        place: Option<String>,
    },
}

impl Value {
    /// The text that is shown, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Link { text, .. } => Some(text),
            Self::Linked { value, .. } => value.as_text(),
            Self::Blank
            | Self::Number(_)
            | Self::Percent(_)
            | Self::Money(_)
            | Self::Date(_)
            | Self::Formula { .. } => None,
        }
    }
}

/// A cell with the role it plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What it holds.
    pub value: Value,
    /// Its role; the theme says how that looks.
    pub look: Look,
}

impl Cell {
    /// Nothing.
    #[must_use]
    pub fn blank() -> Self {
        Value::Blank.into()
    }

    /// Text; blank if there is none.
    #[must_use]
    pub fn text(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if text.is_empty() {
            Self::blank()
        } else {
            Value::Text(text.into()).into()
        }
    }

    /// A count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Value::Number(Decimal::from(count)).into()
    }

    /// A measured figure, with a percent sign where its writer gave it one.
    #[must_use]
    pub fn measure(figure: Decimal, is_percentage: bool) -> Self {
        if is_percentage {
            Value::Percent(figure).into()
        } else {
            Value::Number(figure).into()
        }
    }

    /// Pounds.
    #[must_use]
    pub fn money(amount: Decimal) -> Self {
        Value::Money(amount).into()
    }

    /// Pounds, or nothing.
    #[must_use]
    pub fn money_or_blank(amount: Option<Decimal>) -> Self {
        amount.map_or_else(Self::blank, Self::money)
    }

    /// A date, or nothing.
    #[must_use]
    pub fn date(day: Option<Date>) -> Self {
        day.map_or_else(Self::blank, |day| Value::Date(day).into())
    }

    /// A live formula with its result.
    #[must_use]
    pub fn formula(formula: String, result: Decimal) -> Self {
        Value::Formula { formula, result }.into()
    }

    /// A formula with an amount added to it that none of its cells holds.
    #[must_use]
    pub fn plus(mut self, amount: Decimal) -> Self {
        if let Value::Formula { formula, .. } = &mut self.value
            && !amount.is_zero()
        {
            *formula = format!("{formula}+({})", amount.normalize());
        }
        self
    }

    /// The same, leading somewhere: a blank cell leads nowhere.
    #[must_use]
    pub fn leading(mut self, target: Option<Target>, tip: &str) -> Self {
        if let (Some(target), false) = (target, self.value == Value::Blank) {
            self.value = Value::Linked {
                value: Box::new(self.value),
                target,
                tip: tip.to_owned(),
            };
        }
        self
    }

    /// The same in another role.
    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        Self {
            value,
            look: Look::Plain,
        }
    }
}

/// A cell's A1 address for a formula: zero-based row and column.
pub(crate) fn a1(row: usize, column: usize) -> String {
    CellAddress::new(
        u32::try_from(row).unwrap_or(u32::MAX),
        u16::try_from(column).unwrap_or(u16::MAX),
    )
    .to_string()
}

/// The consolidated workbook of a run.
#[must_use]
pub fn workbook<'a>(context: &'a Context<'a>) -> WorkbookPlan<'a> {
    let schema = context.schema;
    let mut sheets: Vec<SheetPlan<'_>> = [
        sheets::summary::sheet(context),
        sheets::actions::sheet(context),
        sheets::updates::sheet(context),
        sheets::decisions::sheet(context),
        sheets::funding::sheet(context),
        sheets::streams::sheet(context),
        sheets::virements::sheet(context),
        sheets::spend::sheet(context),
        sheets::findings::sheet(context),
        sheets::returns::sheet(context),
        sheets::sources::sheet(context),
        sheets::notes::sheet(context),
    ]
    .into_iter()
    // A sheet without anything to show would only be clicked at in vain.
    .filter(|sheet| !matches!(&sheet.content, Content::Table(table) if table.rows.is_empty()))
    .collect();
    if let Some(ledger) = sheets::ledger::sheet(context) {
        let behind = ["Spend", "Virements", "Streams", "Funding"]
            .iter()
            .find_map(|name| {
                let at = sheets.iter().position(|sheet| sheet.name == *name)?;
                Some(at + 1)
            });
        sheets.insert(behind.unwrap_or(sheets.len()), ledger);
    }
    sheets.insert(0, sheets::cover::sheet(context, &sheets));
    let quarter = context.quarter_spoken();
    WorkbookPlan {
        title: format!(
            "{}: consolidated action plan, {quarter}",
            schema.partnership.name
        ),
        author: schema.partnership.name.clone(),
        subject: quarter,
        marking: schema.publishing.marking.clone(),
        as_of: context.outcome.options.as_of,
        sheets,
        statuses: schema
            .statuses
            .iter()
            .map(|status| (status.label.clone(), status.fill))
            .collect(),
        is_form: false,
    }
}
