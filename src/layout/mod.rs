//! Where things are on a sheet: tables under titles and labels, which heading means which field, which rows are data.
//!
//! Invariant: layout states facts and never fails; what it could not place is a fact too. Addresses come from the grid, never from counting.

mod accounts;
mod answers;
mod blocks;
mod body;
mod header;
mod labels;
mod measure;
mod remains;
mod structure;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use crate::grid::{COLUMNS_MAX, Cell, CellAddress, CellRange, Visibility, Workbook, Worksheet};
use crate::schema::{HeadingMatch, Role, Schema};
use crate::value::period::{self, Mention};
use crate::value::text::{fold, is_blank};
use header::Headers;

pub use accounts::{Accounts, Fate};
pub use answers::{Answer, Unasked};
pub use blocks::StreamBlock;
pub use header::TOLD_BY;
pub use labels::{Label, LabelKind, agency_in_name, agency_in_sheet_names, priority_of, stream_of};
pub use measure::has_other_measure;
pub use remains::marking_of;

/// A heading as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The lowest filled cell of the heading.
    pub at: CellAddress,
    /// Its text; with headings over two rows, both texts.
    pub text: String,
}

/// A column whose heading names a field.
#[derive(Clone, Debug)]
pub struct Column {
    /// The sheet's column, zero-based.
    pub column: u16,
    /// The field's index in its table schema.
    pub field: usize,
    /// The heading.
    pub heading: Heading,
    /// On what ground.
    pub basis: HeadingMatch,
    /// Where its cells stand.
    pub stands: Stands,
}

/// Where a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Each in its record's row.
    InRow,
    /// In one row, whatever the record's: a question's answer.
    At(u32),
    /// In the title above each block of the table.
    InTitle,
}

/// A required field without a column.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The field's index.
    pub field: usize,
    /// A heading that may be meant.
    pub near: Option<Heading>,
}

/// Two headings for one field.
#[derive(Clone, Debug)]
pub struct Duplicate {
    /// The field's index.
    pub field: usize,
    /// The heading further left.
    pub first: Heading,
    /// The other one.
    pub later: Heading,
}

/// A heading that matches no field.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// The heading.
    pub heading: Heading,
    /// The optional field without a column that it is close to.
    pub near: Option<usize>,
    /// It was named in a finding on a required field, and says nothing more.
    pub is_explained: bool,
}

/// What a row of a table's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A record; the priority of the banner above it, if any.
    Data(Option<usize>),
    /// A printed total.
    Total,
    /// A priority's name across the table.
    Banner(usize),
    /// The heading row again.
    RepeatedHeader,
    /// A text alone in its row above records: `Capital`, `Late invoices`.
    SubHeading,
    /// A line of text that is no record.
    Note,
    /// A line of the form that nobody filled in: no row at all.
    Unfilled,
    /// A row of the form in which nothing was due and nothing was filled in.
    PassedOver,
}

impl RowKind {
    /// Whether it is a row of the table: a form's unused line is none.
    #[must_use]
    pub fn is_row(self) -> bool {
        self != Self::Unfilled
    }
}

/// Why cells under a table's headings are in none of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Text that goes on from the row above.
    GoesOn,
    /// A figure, date or amount in a column of another kind, in a row that holds nothing of its own.
    Misplaced,
    /// A whole record in one cell.
    Packed,
    /// A value that a merged region hides.
    Hidden,
}

/// Cells under a table's headings that are in none of its rows.
#[derive(Clone, Copy, Debug)]
pub struct NotTaken {
    /// The cells, first to last.
    pub range: CellRange,
    /// Why not.
    pub why: Why,
    /// Whether a blank row stands above them.
    pub(crate) after_gap: bool,
    /// The table's row on which a merged region hides the value.
    pub holds: Option<u32>,
}

/// What stands beside or between a table's rows under no heading.
#[derive(Clone, Copy, Debug)]
pub struct Unheaded {
    /// The sheet's index.
    pub sheet: usize,
    /// The table's index in the layout.
    pub table: usize,
    /// A run of adjoining cells of a column.
    pub range: CellRange,
    /// Whether they are amounts beside money's rows, and not text.
    pub is_amount: bool,
}

/// A filled row of a table's body.
#[derive(Clone, Copy, Debug)]
pub struct BodyRow {
    /// The sheet's row, zero-based.
    pub row: u32,
    /// What it is.
    pub kind: RowKind,
}

/// A record of delimited text that has more fields than its headings, so that what it holds may stand in the wrong columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ragged {
    /// The sheet's row, zero-based.
    pub row: u32,
    /// The first field that is too many.
    pub first: CellAddress,
    /// How many fields the record has, blank ones counted.
    pub fields: u32,
    /// How many the heading record has.
    pub headings: u32,
}

/// A quotation mark in delimited text that took in what it was not meant to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenQuote {
    /// The cell in which it opens.
    pub at: CellAddress,
    /// How many lines beyond its own it took in.
    pub lines: usize,
}

/// One table found.
#[derive(Clone, Debug)]
pub struct TableLayout {
    /// The table schema's index.
    pub table: usize,
    /// The sheet's index in the workbook.
    pub sheet: usize,
    /// From the first to the last heading, over both rows where there are two.
    pub header: CellRange,
    /// From the first to the last row of the body.
    pub body: Option<CellRange>,
    /// Columns with a field, from the left.
    pub columns: Vec<Column>,
    /// Headings without a field.
    pub unknown: Vec<Unknown>,
    /// Headings of figures that this program works out itself: passed over.
    pub computed: Vec<Heading>,
    /// Required fields without a column.
    pub missing: Vec<Missing>,
    /// Fields that two headings claim.
    pub duplicates: Vec<Duplicate>,
    /// The filled rows of the body.
    pub rows: Vec<BodyRow>,
    /// Rows of what is left, beside its word.
    pub balances: Vec<u32>,
    /// Cells under the headings that are in none of the rows.
    pub not_taken: Vec<NotTaken>,
    /// Figures alone under their column that are not the sum of the rows.
    pub alone: Vec<CellAddress>,
    /// Records with more fields than headings, from the top.
    pub ragged: Vec<Ragged>,
    /// The first quotation mark that took in what it was not meant to.
    pub open_quote: Option<OpenQuote>,
    /// The priority that the sheet's name or title says.
    pub priority: Option<usize>,
    /// Parts of the table under titles that say which stream they are for, from the top.
    pub blocks: Vec<StreamBlock>,
}

impl TableLayout {
    /// Questions as a table of one record, whose cells stand each in its own row.
    pub(crate) fn of_questions(
        table: usize,
        sheet: usize,
        header: CellRange,
        columns: Vec<Column>,
    ) -> Self {
        Self {
            table,
            sheet,
            header,
            body: None,
            columns,
            unknown: Vec::new(),
            computed: Vec::new(),
            missing: Vec::new(),
            duplicates: Vec::new(),
            rows: Vec::new(),
            balances: Vec::new(),
            not_taken: Vec::new(),
            alone: Vec::new(),
            ragged: Vec::new(),
            open_quote: None,
            priority: None,
            blocks: Vec::new(),
        }
    }

    /// Whether the record on a row has more fields than the headings.
    #[must_use]
    pub fn is_ragged(&self, row: u32) -> bool {
        self.ragged
            .binary_search_by_key(&row, |ragged| ragged.row)
            .is_ok()
    }

    /// The titled part of the table that a row stands in, if titles part it.
    #[must_use]
    pub fn block_of(&self, row: u32) -> Option<StreamBlock> {
        let own = self.blocks.iter().rev();
        own.copied().find(|block| block.from_row <= row)
    }
}

/// A line of text above a sheet's first table that names a period: `Quarterly return, Q2 2022-23`.
#[derive(Clone, Debug)]
pub struct Title {
    /// The sheet's index.
    pub sheet: usize,
    /// The cell.
    pub at: CellAddress,
    /// What it says.
    pub said: Mention,
}

/// A line of the first table's rival, for `inspect`.
#[derive(Clone, Debug)]
pub struct RunnerUp {
    /// The sheet's index.
    pub sheet: usize,
    /// The header row, zero-based.
    pub row: u32,
    /// How many headings resolved.
    pub resolved: usize,
}

/// What was found in one file.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The tables, by sheet and row.
    pub tables: Vec<TableLayout>,
    /// The label cells, by sheet and row.
    pub labels: Vec<Label>,
    /// Questions with their answers, by table, sheet and row.
    pub answers: Vec<Answer>,
    /// Questions that must be answered and that their sheets do not ask.
    pub unasked: Vec<Unasked>,
    /// Lines of text above a sheet's first table that name a period.
    pub titles: Vec<Title>,
    /// Cells outside the records that give a marking.
    pub markings: Vec<(usize, CellAddress)>,
    /// Blocks of cells that are no known table.
    pub unread: Vec<(usize, CellRange, CellAddress)>,
    /// Numbers, dates, errors and amounts outside everything.
    pub strays: Vec<(usize, CellAddress)>,
    /// What stands beside or between the rows of tables under no heading.
    pub unheaded: Vec<Unheaded>,
    /// What became of the filled cells of each sheet, in the workbook's order.
    pub accounts: Vec<Accounts>,
    /// Header rows that were weighed and not taken.
    pub runners_up: Vec<RunnerUp>,
    /// Whether the workbook is one that this program wrote.
    pub is_ours: bool,
    /// The quarter for which it did.
    pub made_for: Mention,
    /// Sheets that by their names are for other quarters, beside one for the run's own, and for which: what they hold is history.
    pub other_quarters: BTreeMap<usize, Mention>,
}

/// The words on a Cover sheet by which this program knows its own workbook.
pub const OUR_MARK: &str = "csp-bridge consolidated workbook, format 1";

/// The label before the quarter on our own Cover sheet.
pub const OUR_QUARTER: &str = "Quarter";

/// How the Funding sheet names what is held and on no line of the plan; by these words a total's row.
pub const OUR_HELD_ROW: &str = "Held, on no line of the plan";

/// Sheets of our own workbook that describe the run and are no part of the plan.
pub const OUR_REPORT_SHEETS: [&str; 10] = [
    "Cover",
    "Summary",
    "Decisions",
    "Streams",
    "Ledger",
    "Findings",
    "Returns",
    "Sources",
    "Notes",
    "To settle",
];

impl Layout {
    /// A question and its answer are a label and its value, whatever words they are in.
    fn label_answers(&mut self, answers: &[Answer]) {
        for answer in answers {
            let is_label = self
                .labels
                .iter()
                .any(|label| label.sheet == answer.sheet && label.label_at == answer.label_at);
            if let Some(raw) = answer.raw.as_ref().filter(|_| !is_label) {
                self.labels.push(Label {
                    kind: LabelKind::Other,
                    sheet: answer.sheet,
                    label_at: answer.label_at,
                    at: answer.at,
                    value: raw.clone(),
                    raw: raw.clone(),
                    stream: None,
                });
            }
        }
    }
}

/// Whether a cell stands in a hidden row or column, where the format tells.
fn is_hidden(sheet: &Worksheet, at: CellAddress) -> bool {
    let within = |spans: &[crate::grid::Span], number: u32| {
        spans
            .iter()
            .any(|span| (span.first..=span.last).contains(&number))
    };
    within(&sheet.hidden_rows, at.row) || within(&sheet.hidden_columns, u32::from(at.column))
}

/// What the caller knows about a file before its layout is told.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The configuration.
    pub schema: &'a Schema,
    /// The file's role, if it was given.
    pub role: Option<Role>,
    /// The file's name, without its folder.
    pub file_name: &'a str,
    /// The run's quarter number, if there is one.
    pub quarter: Option<u8>,
    /// Whether the file may be one that this program wrote: a return never is, whatever its cells say.
    pub may_be_ours: bool,
    /// The period that somebody decided the file is for, whatever it says itself.
    pub said: Option<period::Quarter>,
}

/// The sheet of our own workbook that carries the mark.
const OUR_COVER: &str = "Cover";

/// Sheets of our own workbook that carry the plan and its year.
const OUR_PLAN_SHEETS: [&str; 5] = ["Action plan", "Updates", "Funding", "Virements", "Spend"];

/// Whether this program wrote a workbook: its Cover carries the mark, and the sheets of a plan are there.
#[must_use]
pub fn is_our_workbook(workbook: &Workbook) -> bool {
    our_cover(workbook).is_some() && OUR_PLAN_SHEETS.iter().any(|name| has_sheet(workbook, name))
}

/// The sheets that this program always writes: one without anything to show is left out.
const OUR_SURE_SHEETS: [&str; 5] = ["Cover", "Summary", "Action plan", "Sources", "Notes"];

/// Whether a workbook is one that this program wrote, whole: with every sheet that it always writes.
#[must_use]
pub fn is_our_whole_workbook(workbook: &Workbook) -> bool {
    our_cover(workbook).is_some() && OUR_SURE_SHEETS.iter().all(|name| has_sheet(workbook, name))
}

fn has_sheet(workbook: &Workbook, name: &str) -> bool {
    let mut sheets = workbook.sheets.iter();
    sheets.any(|sheet| sheet.name.as_deref() == Some(name))
}

/// The Cover with the mark, and which sheet it is.
fn our_cover(workbook: &Workbook) -> Option<(usize, &Worksheet)> {
    workbook.sheets.iter().enumerate().find(|(_, sheet)| {
        sheet.name.as_deref() == Some(OUR_COVER)
            && sheet
                .cells()
                .iter()
                .any(|cell| cell.value.as_text() == Some(OUR_MARK))
    })
}

/// The quarter that our own cover says a workbook was made for.
#[must_use]
pub fn made_for(workbook: &Workbook) -> Mention {
    let Some(cover) = workbook
        .sheets
        .first()
        .filter(|_| is_our_workbook(workbook))
    else {
        return Mention::default();
    };
    cover
        .rows()
        .find_map(|(_, cells)| match cells {
            [label, value] if label.value.as_text() == Some(OUR_QUARTER) => value.value.as_text(),
            _ => None,
        })
        .map(period::mention)
        .unwrap_or_default()
}

/// Finds the tables, labels and what is left over.
#[must_use]
pub fn interpret(workbook: &Workbook, context: Context<'_>) -> Layout {
    let is_ours = context.may_be_ours && is_our_workbook(workbook);
    let mut out = Layout {
        is_ours,
        ..Layout::default()
    };
    let read: Vec<bool> = workbook
        .sheets
        .iter()
        .map(|sheet| {
            let name = sheet.name.as_deref().unwrap_or_default();
            let is_report = is_ours && OUR_REPORT_SHEETS.contains(&name);
            sheet.visibility == Visibility::Visible && sheet.damage.is_none() && !is_report
        })
        .collect();
    // Which rows are records does not wait for the quarter that labels say, so tables come first: a label inside a table is a cell of it.
    let mut own = header::Own {
        quarter: context.quarter,
        is_ours,
    };
    let mut sheets = Vec::new();
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        if read.get(index) != Some(&true) {
            continue;
        }
        // An example in the guidance is no table, and its labels say nothing of the file.
        if is_ignored_sheet(context.schema, sheet.name.as_deref().unwrap_or_default()) {
            sheets.push((index, Headers::default(), Vec::new()));
            continue;
        }
        let headers = header::find(sheet, context, is_ours);
        let tables = tables(index, sheet, &headers, context.schema, own);
        let covered = Covered::new(&tables);
        out.labels
            .extend(labels::find(index, sheet, &covered, context.schema));
        let (answers, unasked) = answers::find(index, sheet, &covered, context.schema);
        out.label_answers(&answers);
        out.answers.extend(answers);
        out.unasked.extend(unasked);
        out.titles
            .extend(labels::titles(index, sheet, tables.first(), &out.labels));
        sheets.push((index, headers, tables));
    }
    if is_ours && let Some((index, cover)) = our_cover(workbook) {
        // Of our own cover only the award is the plan's; the rest describes the run.
        out.labels.extend(
            labels::find(index, cover, &Covered::default(), context.schema)
                .into_iter()
                .filter(|label| label.kind == LabelKind::Award),
        );
        out.made_for = made_for(workbook);
    }
    let with_tables = |index: &usize| {
        sheets
            .iter()
            .any(|(at, _, tables)| at == index && !tables.is_empty())
    };
    out.other_quarters = other_quarters(workbook, &out, with_tables, context);
    let said = stated_period(&out, workbook, context);
    own.quarter = said.quarter.or(context.quarter);
    out.accounts = workbook.sheets.iter().map(Accounts::ignored).collect();
    for (index, headers, mut found) in sheets {
        let Some(sheet) = workbook.sheets.get(index) else {
            continue;
        };
        let its_own = header::Own {
            quarter: out
                .other_quarters
                .get(&index)
                .map_or(own.quarter, |said| said.quarter),
            ..own
        };
        if its_own.quarter != context.quarter {
            found = tables(index, sheet, &headers, context.schema, its_own);
        }
        out.runners_up
            .extend(headers.runner_up.map(|(row, resolved)| RunnerUp {
                sheet: index,
                row,
                resolved,
            }));
        remains::find(index, sheet, &found, context.schema, &mut out);
        remains::markings_in_notes(index, sheet, &found, context.schema, &mut out);
        out.tables.extend(found);
    }
    out
}

/// The sheets with tables that by their names are for other quarters than the run's, beside one for the run's own: by its name, or one
/// that names none in a file whose labels or name say the run's.
fn other_quarters(
    workbook: &Workbook,
    layout: &Layout,
    has_tables: impl Fn(&usize) -> bool,
    context: Context<'_>,
) -> BTreeMap<usize, Mention> {
    let year = context.schema.year.start.year();
    if context.role != Some(Role::Return) || context.quarter.is_none() {
        return BTreeMap::new();
    }
    let said: Vec<(usize, Mention)> = workbook
        .sheets
        .iter()
        .enumerate()
        .filter(|(index, _)| has_tables(index))
        .map(|(index, sheet)| {
            let name = sheet.name.as_deref().unwrap_or_default();
            (index, period_of_sheet(name, context.schema))
        })
        .collect();
    let is_own = |said: &Mention| {
        said.quarter == context.quarter && said.year.is_none_or(|said| said == year)
    };
    let is_said_of_file = || {
        let mut labels = layout.labels.iter();
        let by_label = labels.find_map(|label| {
            let said = (label.kind == LabelKind::Quarter).then(|| label.period())?;
            said.quarter.is_some().then_some(said)
        });
        let said = by_label.unwrap_or_else(|| period::mention(stem(context.file_name)));
        is_own(&said)
    };
    let has_own = said.iter().any(|(_, said)| is_own(said))
        || said.iter().any(|(_, said)| said.quarter.is_none()) && is_said_of_file();
    if !has_own {
        return BTreeMap::new();
    }
    said.into_iter()
        .filter(|(_, said)| said.quarter.is_some() && !is_own(said))
        .collect()
}

/// What a sheet's name says of a period: a quarter, or a month beside words for what stands there, `Spend April`.
fn period_of_sheet(name: &str, schema: &Schema) -> Mention {
    let said = period::mention(name);
    if said.quarter.is_some() || said.span.is_some() {
        return said;
    }
    let is_of_a_table = |word: &str| {
        word.is_empty()
            || MONTHLY.contains(&word)
            || schema.tables.iter().any(|table| table.matches_sheet(word))
    };
    period::month_mention(name)
        .filter(|month| month.rest.split(' ').all(is_of_a_table))
        .unwrap_or(said)
}

/// Words that stand beside a month in a sheet's name.
const MONTHLY: [&str; 9] = [
    "month", "monthly", "costs", "cost", "sheet", "data", "return", "returns", "payments",
];

fn tables(
    index: usize,
    sheet: &Worksheet,
    headers: &Headers,
    schema: &Schema,
    own: header::Own,
) -> Vec<TableLayout> {
    let mut tables: Vec<TableLayout> = headers
        .taken
        .iter()
        .map(|found| {
            let mut table = header::resolve(index, sheet, found, schema, own);
            body::read(sheet, &mut table, found, headers, schema);
            if let Some(schema) = schema.tables.get(found.table) {
                measure::share(sheet, &mut table, schema);
            }
            table
        })
        .collect();
    structure::judge(sheet, &mut tables, schema);
    measure::apply(sheet, &mut tables, schema);
    blocks::find(sheet, &mut tables, schema);
    tables
}

/// The cells of a sheet that belong to its tables: their heading rows and the rows that are theirs, and none between.
#[derive(Clone, Debug, Default)]
struct Covered {
    tables: Vec<Reach>,
    /// Rows with more fields than headings: what is beyond these is told of already.
    ragged: BTreeSet<u32>,
}

/// Where one table's cells are.
#[derive(Clone, Debug)]
struct Reach {
    header: CellRange,
    rows: Vec<u32>,
}

impl Covered {
    fn new(tables: &[TableLayout]) -> Self {
        let reach = |table: &TableLayout| Reach {
            header: table.header,
            rows: table
                .rows
                .iter()
                .map(|row| row.row)
                .chain(table.not_taken.iter().map(|found| found.range.first.row))
                .chain(table.alone.iter().map(|at| at.row))
                .chain(table.balances.iter().copied())
                .collect::<BTreeSet<u32>>()
                .into_iter()
                .collect(),
        };
        Self {
            tables: tables.iter().map(reach).collect(),
            ragged: tables
                .iter()
                .flat_map(|table| table.ragged.iter().map(|ragged| ragged.row))
                .collect(),
        }
    }

    /// The columns of a row that belong to tables.
    fn columns(&self, row: u32) -> Vec<(u16, u16)> {
        if self.ragged.contains(&row) {
            return vec![(0, COLUMNS_MAX)];
        }
        self.tables
            .iter()
            .filter(|reach| {
                (reach.header.first.row..=reach.header.last.row).contains(&row)
                    || reach.rows.binary_search(&row).is_ok()
            })
            .map(|reach| (reach.header.first.column, reach.header.last.column))
            .collect()
    }

    /// Whether headings stand in a row.
    fn has_header(&self, row: u32) -> bool {
        self.tables
            .iter()
            .any(|reach| (reach.header.first.row..=reach.header.last.row).contains(&row))
    }
}

/// The cells of a row outside these columns that show something.
fn outside<'a>(cells: &'a [Cell], columns: &[(u16, u16)]) -> Vec<&'a Cell> {
    cells
        .iter()
        .filter(|cell| {
            !columns
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&cell.address.column))
                && !cell.value.as_text().is_some_and(is_blank)
        })
        .collect()
}

/// What the file says of its period: the first of label cells, sheet names, file name and titles that speaks, for quarter and year each.
#[must_use]
pub fn stated_period(layout: &Layout, workbook: &Workbook, context: Context<'_>) -> Mention {
    if let Some(decided) = context.said {
        return Mention {
            quarter: Some(decided.number),
            year: Some(decided.year),
            ..Mention::default()
        };
    }
    let mut said = Mention::default();
    let add = |said: &mut Mention, found: &Mention| {
        said.quarter = said.quarter.or(found.quarter);
        said.year = said.year.or(found.year);
    };
    let is_for_another = |sheet: usize| layout.other_quarters.contains_key(&sheet);
    for label in &layout.labels {
        match label.kind {
            _ if is_for_another(label.sheet) => {}
            LabelKind::Quarter => {
                let period = label.period();
                if said.quarter.is_none() {
                    said.span = said.span.or(period.span);
                }
                add(&mut said, &period);
            }
            LabelKind::Year => said.year = said.year.or_else(|| label.year()),
            LabelKind::Partner
            | LabelKind::ReturnedOn
            | LabelKind::Version
            | LabelKind::Award
            | LabelKind::Dated
            | LabelKind::Other => {}
        }
    }
    let visible = workbook.sheets.iter().enumerate().filter(|(index, sheet)| {
        sheet.visibility == Visibility::Visible && !is_for_another(*index)
    });
    for (_, sheet) in visible {
        add(
            &mut said,
            &period::mention(sheet.name.as_deref().unwrap_or_default()),
        );
    }
    add(&mut said, &period::mention(stem(context.file_name)));
    for title in &layout.titles {
        if !is_for_another(title.sheet) {
            add(&mut said, &title.said);
        }
    }
    said
}

/// A file's name without its extension.
#[must_use]
pub fn stem(file_name: &str) -> &str {
    file_name
        .rsplit_once('.')
        .map_or(file_name, |(stem, _)| stem)
}

/// Whether the configuration says to pass over a sheet of this name: by its whole name, or by how it begins (`Guidance*`).
#[must_use]
pub fn is_ignored_sheet(schema: &Schema, name: &str) -> bool {
    let folded = fold(name);
    schema
        .words
        .ignored_sheets
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(begins) => folded.starts_with(begins),
            None => folded == *pattern,
        })
}
