//! Rows as typed records: each cell keeps its raw value, what it means, and what is wrong with it in itself.
//!
//! Invariant: decoding never fails and never guesses. A value that cannot be read is a fault beside its raw text.

mod coerce;

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::grid::{CellAddress, CellRange, CellValue, Extent, Rgb, Workbook, Worksheet};
use crate::layout::{self, Column, Heading, RowKind, Stands, TableLayout};
use crate::schema::{Field, FieldKind, HeadingMatch, Schema, Table as TableSchema};
use crate::value::Value;
use crate::value::reference::Reference;
use crate::value::text::{fold, is_blank, visible};

/// Why a filled cell has no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// No figure.
    UnreadableNumber,
    /// A figure of a record whose fields do not stand under their headings.
    Displaced,
    /// No date.
    UnreadableDate,
    /// A date that does not exist.
    ImpossibleDate,
    /// Two readings, of which the year allows the American one, or a column that writes dates the American way.
    AmbiguousDate {
        /// The British reading.
        day_first: Date,
        /// The American reading.
        month_first: Date,
    },
    /// No listed value; the nearest one, if any comes near.
    UnknownChoice(Option<Box<Nearest>>),
    /// An error value.
    FormulaError,
    /// A formula without a stored result.
    NotCalculated,
    /// A word in a font that shows pictures for letters.
    Symbols,
    /// Not of the required shape.
    BadPattern,
    /// A reference that a spreadsheet turned into a number or date.
    ReferenceTrap,
    /// A number outside the field's limits.
    OutOfRange(Box<Decimal>),
    /// A day outside the field's limits.
    DayOutOfRange(Date),
    /// A text that does not have the form that its field asks for.
    BadFormat,
}

/// The listed word that is nearest to one that is not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest(pub String);

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Nothing, or only invisible characters.
    Blank,
    /// A word that stands for nothing: `n/a`, `tbc`.
    Missing,
    /// A form's placeholder: `Please select`.
    Placeholder,
    /// A value.
    Value(Value),
    /// Something that cannot be used.
    Fault(Fault),
}

/// What is remarkable about a cell although it has a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Remarks {
    /// Money with a third decimal: the amount before rounding.
    pub unrounded: Option<Decimal>,
    /// Text that ends exactly where a program cuts it: its length in characters.
    pub cut_at: Option<usize>,
    /// Text that a spreadsheet could run.
    pub is_formula_like: bool,
    /// Text over the field's word limit: its words.
    pub words_over: Option<usize>,
    /// A status told by the blank cell's fill.
    pub status_by_fill: Option<usize>,
    /// The merged region whose value stands for this cell too.
    pub filled_from: Option<CellRange>,
    /// Kept out of the figures by a finding.
    pub is_held: bool,
    /// A decision gave the value; what is typed in the cell stays beside it.
    pub decided: bool,
}

impl Remarks {
    const NONE: &'static Self = &Self {
        unrounded: None,
        cut_at: None,
        is_formula_like: false,
        words_over: None,
        status_by_fill: None,
        filled_from: None,
        is_held: false,
        decided: false,
    };
}

/// One cell of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The raw value, if the cell is filled.
    pub raw: Option<CellValue>,
    /// What it holds.
    pub state: State,
    /// What is remarkable, which is seldom anything: there are very many cells.
    remarks: Option<Box<Remarks>>,
}

// A county's quarter has two million cells: what is added to each is added to its memory two million times.
const _: () = assert!(size_of::<Decoded>() <= 56);

impl Decoded {
    /// What is remarkable about the cell.
    #[must_use]
    pub fn remarks(&self) -> &Remarks {
        self.remarks.as_deref().unwrap_or(Remarks::NONE)
    }

    /// Whether a finding keeps the cell out of the figures.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.remarks().is_held
    }

    /// Keeps the cell out of the figures.
    pub fn hold(&mut self) {
        self.remarks_mut().is_held = true;
    }

    /// Whether a decision gave the value.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.remarks().decided
    }

    /// Takes a value that somebody decided; what is typed in the cell stays beside it.
    pub fn decide(&mut self, value: Value) {
        self.state = State::Value(value);
        let remarks = self.remarks_mut();
        *remarks = Remarks {
            decided: true,
            is_held: remarks.is_held,
            filled_from: remarks.filled_from,
            ..Remarks::default()
        };
    }

    fn remarks_mut(&mut self) -> &mut Remarks {
        self.remarks.get_or_insert_default()
    }

    /// The value, unless it is held.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match &self.state {
            State::Value(value) if !self.is_held() => Some(value),
            State::Value(_)
            | State::Blank
            | State::Missing
            | State::Placeholder
            | State::Fault(_) => None,
        }
    }

    /// The value, held or not.
    #[must_use]
    pub fn any_value(&self) -> Option<&Value> {
        match &self.state {
            State::Value(value) => Some(value),
            State::Blank | State::Missing | State::Placeholder | State::Fault(_) => None,
        }
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(
            self.state,
            State::Blank | State::Missing | State::Placeholder
        )
    }

    /// Whether the value is a percentage to the person who wrote it.
    #[must_use]
    pub fn is_percentage(&self) -> bool {
        match &self.raw {
            Some(CellValue::Number(figure)) => figure.shown.is_percentage(),
            Some(CellValue::Text(text)) => text.trim_end().ends_with('%'),
            Some(
                CellValue::Boolean(_)
                | CellValue::Date(_)
                | CellValue::Error(_)
                | CellValue::NotCalculated,
            )
            | None => false,
        }
    }

    /// The raw value as typed.
    #[must_use]
    pub fn raw_text(&self) -> String {
        self.raw
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// What the cell says: what was decided for it, where that is a text or a reference, else as typed.
    #[must_use]
    pub fn said(&self) -> String {
        match &self.state {
            State::Value(Value::Text(text)) if self.is_decided() => text.to_string(),
            State::Value(Value::Reference(reference)) if self.is_decided() => reference.to_string(),
            _ => self.raw_text(),
        }
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The sheet's row, zero-based.
    pub row: u32,
    /// The cells, one a column of the layout, in its order.
    pub cells: Vec<Decoded>,
    /// The priority of the banner above.
    pub priority: Option<usize>,
    /// The lone text above that heads this part of the table: `Capital`, `Late invoices`.
    pub section: Option<Arc<str>>,
    /// The cell of the title above the block of the table that it stands in, where the schema has a field for that.
    pub title: Option<CellAddress>,
    /// Kept out of the figures by a finding.
    pub is_held: bool,
}

/// A printed total.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// The sheet's row, zero-based.
    pub row: u32,
    /// Its words.
    pub text: String,
    /// The cells, one a column of the layout.
    pub cells: Vec<Decoded>,
    /// How many records stand above it.
    pub records_above: usize,
    /// How many of the table's parts begin above it: each of these it may sum up, from its beginning on.
    pub parts_above: usize,
}

/// One table's records.
#[derive(Clone, Debug)]
pub struct Table {
    /// Where it is and what its headings mean.
    pub layout: TableLayout,
    /// The column in the layout of each field of the schema.
    positions: Vec<Option<usize>>,
    /// The records, from the top.
    pub records: Vec<Record>,
    /// Rows of the form that nobody had to fill in, and nobody did: what is typed in them is kept, and read by nobody.
    passed_over: Vec<Record>,
    /// Printed totals, from the top.
    pub totals: Vec<Total>,
    /// Where its parts begin among the records: at the top, below a total, a heading row, a lone text or a blank row.
    pub parts: Vec<usize>,
    /// Kept out of the figures by a finding.
    pub is_held: bool,
}

impl Table {
    /// Where in each record's cells a field is.
    #[must_use]
    pub fn position(&self, field: usize) -> Option<usize> {
        self.positions.get(field).copied().flatten()
    }

    /// A field's cell in a record.
    #[must_use]
    pub fn cell<'r>(&self, record: &'r Record, field: usize) -> Option<&'r Decoded> {
        record.cells.get(self.position(field)?)
    }

    /// The record on a row.
    #[must_use]
    pub fn record_on(&self, row: u32) -> Option<&Record> {
        let index = self.records.binary_search_by_key(&row, |record| record.row);
        self.records.get(index.ok()?)
    }

    /// What a record holds at an address, as the sheet had it; nothing where the cell itself was blank.
    #[must_use]
    pub fn raw(&self, at: CellAddress) -> Option<&CellValue> {
        let position = self
            .layout
            .columns
            .iter()
            .position(|column| column.column == at.column)?;
        let record = self
            .record_on(at.row)
            .or_else(|| self.passed_over.iter().find(|record| record.row == at.row))?;
        let cell = record.cells.get(position)?;
        cell.raw
            .as_ref()
            .filter(|_| cell.remarks().filled_from.is_none())
    }

    /// The records that are passed over.
    pub fn passed_over(&self) -> impl Iterator<Item = &Record> {
        self.passed_over.iter()
    }

    /// Every record as it was read, those that are passed over too.
    pub fn all_records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().chain(&self.passed_over)
    }

    /// A field's address in a row.
    #[must_use]
    pub fn address(&self, row: u32, field: usize) -> Option<CellAddress> {
        let column = self.layout.columns.get(self.position(field)?)?;
        match column.stands {
            Stands::InRow => Some(CellAddress::new(row, column.column)),
            Stands::At(row) => Some(CellAddress::new(row, column.column)),
            Stands::InTitle => self.record_on(row)?.title,
        }
    }

    /// Where a record's cell of a column is.
    #[must_use]
    pub fn cell_address(&self, record: &Record, column: &Column) -> CellAddress {
        match column.stands {
            Stands::InRow => CellAddress::new(record.row, column.column),
            Stands::At(row) => CellAddress::new(row, column.column),
            Stands::InTitle => record.title.unwrap_or(column.heading.at),
        }
    }

    /// Passes over the records on these rows: a form's rows that nobody had to fill in. They count as rows skipped.
    pub fn pass_over(&mut self, rows: &[u32]) {
        let records = std::mem::take(&mut self.records);
        let (passed_over, records) = records
            .into_iter()
            .partition(|record| rows.contains(&record.row));
        self.records = records;
        self.passed_over.append(&mut { passed_over });
        for row in &mut self.layout.rows {
            if rows.contains(&row.row) {
                row.kind = RowKind::PassedOver;
            }
        }
    }

    /// Rows read, accepted, skipped and held: each counted from its own end.
    #[must_use]
    pub fn tally(&self, fate: Whole) -> Tally {
        let rows = &self.layout.rows;
        let mut out = Tally {
            read: rows.iter().filter(|row| row.kind.is_row()).count(),
            skipped: rows
                .iter()
                .filter(|row| row.kind.is_row() && !matches!(row.kind, RowKind::Data(_)))
                .count(),
            ..Tally::default()
        };
        for record in &self.records {
            match fate {
                Whole::SetAside => out.skipped += 1,
                Whole::Held => out.held += 1,
                Whole::Used if self.is_held || record.is_held => out.held += 1,
                Whole::Used => out.accepted += 1,
            }
        }
        out
    }
}

/// What became of a file as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Its rows are judged one by one.
    Used,
    /// Kept out by a finding.
    Held,
    /// Another file stands for it.
    SetAside,
}

/// Rows in and out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Filled rows of the body.
    pub read: usize,
    /// Records used.
    pub accepted: usize,
    /// Totals, banners, repeated headings and notes; every row of a file that is set aside.
    pub skipped: usize,
    /// Records kept out.
    pub held: usize,
}

impl Tally {
    /// Whether all rows read are used, passed over or kept out.
    #[must_use]
    pub fn ties_out(&self) -> bool {
        self.read == self.accepted + self.skipped + self.held
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.skipped += other.skipped;
        self.held += other.held;
    }
}

/// What an answer means in a field, where it can be one of its values.
///
/// # Errors
/// Why it cannot.
pub fn answered(text: &str, field: &Field, schema: &Schema) -> Result<Value, String> {
    coerce::answered(text, field, schema)
}

/// The agencies that a cell names, with words that were decided to mean some; nothing where a word of it is still not known.
/// What the cell as a whole was decided to mean stands beside the agencies that it names itself.
#[must_use]
pub fn agencies_with(
    text: &str,
    schema: &Schema,
    decided: &[(String, Vec<usize>)],
) -> Option<Vec<usize>> {
    coerce::agencies_with(text, schema, decided)
}

/// What a cell outside the records holds as a value of a field.
#[must_use]
pub fn decoded(raw: &CellValue, field: &Field, schema: &Schema) -> Decoded {
    coerce::decode(raw, field, schema)
}

/// Decodes a table's rows.
#[must_use]
pub fn decode(workbook: &Workbook, layout: TableLayout, schema: &Schema) -> Table {
    let fields = schema
        .tables
        .get(layout.table)
        .map_or(0, |t| t.fields.len());
    let mut positions = vec![None; fields];
    for (at, column) in layout.columns.iter().enumerate() {
        if let Some(slot) = positions.get_mut(column.field) {
            *slot = Some(at);
        }
    }
    let rows = layout.rows.len();
    let mut out = Table {
        layout,
        positions,
        // Nearly every row is a record.
        records: Vec::with_capacity(rows),
        passed_over: Vec::new(),
        totals: Vec::new(),
        parts: vec![0],
        is_held: false,
    };
    let Some((table, sheet)) = schema
        .tables
        .get(out.layout.table)
        .zip(workbook.sheets.get(out.layout.sheet))
    else {
        return out;
    };
    let mut section: Option<Arc<str>> = None;
    let titled = table
        .block_title
        .as_deref()
        .and_then(|name| table.field(name));
    let titled = titled.filter(|field| out.position(*field).is_none());
    let mut title = titled.and_then(|_| title_above(sheet, &out.layout));
    let mut above = out.layout.header.last.row;
    for body_row in &out.layout.rows {
        if body_row.row > above + 1 || !matches!(body_row.kind, RowKind::Data(_) | RowKind::Total) {
            begin(&mut out.parts, out.records.len());
        }
        above = body_row.row;
        let cells = || {
            let mut cells = cells(sheet, body_row.row, &out.layout, table, schema);
            if sheet.has_fills() {
                read_fills(&mut cells, body_row.row, &out.layout, table, schema, sheet);
            }
            if !(sheet.symbols.is_empty() && sheet.stale.is_empty()) {
                distrust(&mut cells, body_row.row, &out.layout, table, sheet);
            }
            if out.layout.is_ragged(body_row.row) {
                displace(&mut cells, &out.layout, table);
            }
            cells
        };
        match body_row.kind {
            RowKind::Data(priority) => {
                out.records.push(Record {
                    row: body_row.row,
                    cells: cells(),
                    priority,
                    section: section.clone(),
                    title,
                    is_held: false,
                });
            }
            RowKind::Total => {
                let text = sheet
                    .row(body_row.row)
                    .iter()
                    .find_map(|cell| cell.value.as_text())
                    .unwrap_or_default()
                    .to_owned();
                out.totals.push(Total {
                    row: body_row.row,
                    text,
                    cells: cells(),
                    records_above: out.records.len(),
                    parts_above: out.parts.len(),
                });
                begin(&mut out.parts, out.records.len());
            }
            RowKind::SubHeading => {
                title = lone_text(sheet.row(body_row.row)).or(title);
                section = sheet
                    .row(body_row.row)
                    .iter()
                    .find_map(|cell| cell.value.as_text().filter(|text| !is_blank(text)))
                    .map(|text| visible(text).into());
            }
            RowKind::Banner(_) => {
                title = lone_text(sheet.row(body_row.row)).or(title);
                section = None;
            }
            RowKind::RepeatedHeader | RowKind::Note | RowKind::Unfilled | RowKind::PassedOver => {}
        }
    }
    if let Some(field) = titled {
        add_titles(&mut out, field, sheet, table, schema);
    }
    coerce::settle_dates(&mut out, table, schema);
    coerce::limit_days(&mut out, table);
    coerce::settle_commas(&mut out, table);
    out
}

/// The text that stands alone in a row.
fn lone_text(cells: &[crate::grid::Cell]) -> Option<CellAddress> {
    let mut filled = cells
        .iter()
        .filter(|cell| !cell.value.as_text().is_some_and(is_blank));
    let cell = filled
        .next()
        .filter(|cell| cell.value.as_text().is_some())?;
    filled
        .all(|other| other.value == cell.value)
        .then_some(cell.address)
}

/// How many rows above its headings a block's title may stand.
const TITLE_ROWS: u32 = 3;

/// The title above a table's headings.
fn title_above(sheet: &Worksheet, layout: &TableLayout) -> Option<CellAddress> {
    let first = layout.header.first.row;
    (1..=TITLE_ROWS)
        .filter_map(|up| first.checked_sub(up))
        .find_map(|row| lone_text(sheet.row(row)))
}

/// Gives each record the title of its block as a cell of its own.
fn add_titles(
    out: &mut Table,
    field: usize,
    sheet: &Worksheet,
    table: &TableSchema,
    schema: &Schema,
) {
    let Some(own) = table.fields.get(field) else {
        return;
    };
    let at = out.layout.columns.len();
    let first = out.records.iter().find_map(|record| record.title);
    let heading = first.unwrap_or(out.layout.header.first);
    let text = sheet.value(heading).map(ToString::to_string);
    out.layout.columns.push(Column {
        column: u16::MAX,
        field,
        heading: Heading {
            at: heading,
            text: text.unwrap_or_default(),
        },
        basis: HeadingMatch::Title,
        stands: Stands::InTitle,
    });
    if let Some(slot) = out.positions.get_mut(field) {
        *slot = Some(at);
    }
    for record in &mut out.records {
        let value = record.title.and_then(|title| sheet.value(title));
        record
            .cells
            .push(value.map_or_else(coerce::blank, |value| coerce::decode(value, own, schema)));
    }
    for total in &mut out.totals {
        total.cells.push(coerce::blank());
    }
}

/// The questions of one table on one sheet, as a table of one record.
#[must_use]
pub fn answered_questions(answers: &[&layout::Answer], schema: &Schema) -> Option<Table> {
    let first = answers.first()?;
    let questions = schema.tables.get(first.table)?.question_table.as_deref()?;
    let mut positions = vec![None; questions.fields.len()];
    let mut columns = Vec::new();
    let mut cells = Vec::new();
    for answer in answers {
        let Some((field, slot)) = questions
            .fields
            .get(answer.question)
            .zip(positions.get_mut(answer.question))
        else {
            continue;
        };
        *slot = Some(columns.len());
        columns.push(Column {
            column: answer.at.column,
            field: answer.question,
            heading: Heading {
                at: answer.label_at,
                text: answer.label.clone(),
            },
            basis: HeadingMatch::Title,
            stands: Stands::At(answer.at.row),
        });
        cells.push(
            answer
                .raw
                .as_ref()
                .map_or_else(coerce::blank, |raw| coerce::decode(raw, field, schema)),
        );
    }
    let last = answers.last().map_or(first.label_at, |last| last.label_at);
    let mut out = Table {
        layout: TableLayout::of_questions(
            first.table,
            first.sheet,
            CellRange::new(first.label_at, last),
            columns,
        ),
        positions,
        records: vec![Record {
            row: first.at.row,
            cells,
            priority: None,
            section: None,
            title: None,
            is_held: false,
        }],
        passed_over: Vec::new(),
        totals: Vec::new(),
        parts: vec![0],
        is_held: false,
    };
    coerce::settle_dates(&mut out, questions, schema);
    coerce::limit_days(&mut out, questions);
    Some(out)
}

/// Notes where a part of a table begins, each beginning once.
fn begin(parts: &mut Vec<usize>, at: usize) {
    if parts.last() != Some(&at) {
        parts.push(at);
    }
}

fn cells(
    sheet: &Worksheet,
    row: u32,
    layout: &TableLayout,
    table: &TableSchema,
    schema: &Schema,
) -> Vec<Decoded> {
    let filled = sheet.row(row);
    let mut next = 0;
    layout
        .columns
        .iter()
        .map(|column| {
            while filled
                .get(next)
                .is_some_and(|cell| cell.address.column < column.column)
            {
                next += 1;
            }
            let own = filled
                .get(next)
                .filter(|cell| cell.address.column == column.column)
                .map(|cell| &cell.value);
            let Some(field) = table.fields.get(column.field) else {
                return coerce::blank();
            };
            let at = CellAddress::new(row, column.column);
            let hiding = own
                .filter(|_| !sheet.merged.is_empty())
                .and_then(|_| sheet.merged_at(at))
                .filter(|range| range.first != at);
            let shown = hiding.and_then(|range| sheet.value(range.first));
            match own {
                // What a merged region hides is not read, but an amount that differs from the one shown: that is kept out by name.
                Some(value)
                    if hiding.is_some()
                        && (field.kind != FieldKind::Money || shown == Some(value)) =>
                {
                    merged(sheet, at, field, schema).unwrap_or_else(coerce::blank)
                }
                Some(value) => coerce::decode(value, field, schema),
                None => merged(sheet, CellAddress::new(row, column.column), field, schema)
                    .unwrap_or_else(coerce::blank),
            }
        })
        .collect()
}

/// Where a comma moved a record's fields, no figure of it can be taken for its column's.
fn displace(cells: &mut [Decoded], layout: &TableLayout, table: &TableSchema) {
    for (column, cell) in layout.columns.iter().zip(cells) {
        let is_figure = table
            .fields
            .get(column.field)
            .is_some_and(|field| matches!(field.kind, FieldKind::Money | FieldKind::Number));
        if is_figure && !cell.is_empty() {
            cell.state = State::Fault(Fault::Displaced);
        }
    }
}

/// Takes back what cells seem to hold: words in a font of pictures, and results of formulas that nothing has worked out.
fn distrust(
    cells: &mut [Decoded],
    row: u32,
    layout: &TableLayout,
    table: &TableSchema,
    sheet: &Worksheet,
) {
    for (column, cell) in layout.columns.iter().zip(cells) {
        let at = CellAddress::new(row, column.column);
        if sheet.is_stale(at) {
            cell.raw = Some(CellValue::NotCalculated);
            cell.state = State::Fault(Fault::NotCalculated);
            continue;
        }
        let Some(extent) = sheet.symbols_at(at).filter(|_| !cell.is_empty()) else {
            continue;
        };
        let Some(text) = cell.raw.as_ref().and_then(CellValue::as_text) else {
            continue;
        };
        let is_listed = table.fields.get(column.field).is_some_and(|field| {
            matches!(
                field.kind,
                FieldKind::Choice
                    | FieldKind::Status
                    | FieldKind::Priority
                    | FieldKind::Agency
                    | FieldKind::Agencies
            )
        });
        let is_figure = table
            .fields
            .get(column.field)
            .is_some_and(|field| matches!(field.kind, FieldKind::Money | FieldKind::Number));
        if is_listed || extent == Extent::Whole && text.contains(char::is_alphanumeric) {
            cell.state = State::Fault(Fault::Symbols);
        } else if is_figure && matches!(cell.state, State::Value(_)) {
            // `250` with a note's mark behind it is no 2501.
            cell.state = State::Fault(Fault::UnreadableNumber);
        }
    }
}

/// Gives blank status cells the status that their fill tells.
///
/// A fill that other blank cells of the row share is the sheet's decoration (a banded row, a quarter greyed out) and tells nothing.
fn read_fills(
    cells: &mut [Decoded],
    row: u32,
    layout: &TableLayout,
    table: &TableSchema,
    schema: &Schema,
    sheet: &Worksheet,
) {
    let is_status = |field: usize| {
        table
            .fields
            .get(field)
            .is_some_and(|field| field.kind == FieldKind::Status)
    };
    let others: Vec<Rgb> = layout
        .columns
        .iter()
        .filter(|column| !is_status(column.field))
        .map(|column| CellAddress::new(row, column.column))
        // A cell that is filled in may have any colour.
        .filter(|at| {
            sheet
                .value(*at)
                .is_none_or(|value| value.as_text().is_some_and(is_blank))
        })
        .filter_map(|at| sheet.fill(at))
        .collect();
    for (column, cell) in layout.columns.iter().zip(cells) {
        if cell.state != State::Blank || !is_status(column.field) {
            continue;
        }
        let told = sheet
            .fill(CellAddress::new(row, column.column))
            .filter(|fill| !others.contains(fill))
            .and_then(|fill| {
                schema
                    .statuses
                    .iter()
                    .position(|status| status.fills_read.contains(&fill))
            });
        if let Some(status) = told {
            cell.state = State::Value(Value::Choice(status));
            cell.remarks_mut().status_by_fill = Some(status);
        }
    }
}

/// A blank cell inside a merged region holds what the region holds; but an amount is there once, however many cells it spans.
fn merged(sheet: &Worksheet, at: CellAddress, field: &Field, schema: &Schema) -> Option<Decoded> {
    if sheet.merged.is_empty() || field.kind == FieldKind::Money {
        return None;
    }
    let range = sheet.merged_at(at)?;
    let mut cell = coerce::decode(sheet.value(range.first)?, field, schema);
    cell.remarks_mut().filled_from = Some(range);
    Some(cell)
}

/// A record seen with its table, so that fields can be asked for by name.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The table's schema.
    pub schema: &'a TableSchema,
    /// The table.
    pub table: &'a Table,
    /// The record.
    pub record: &'a Record,
}

impl<'a> View<'a> {
    /// The field's cell, if the table has a column for it.
    #[must_use]
    pub fn cell(&self, field: &str) -> Option<&'a Decoded> {
        self.table.cell(self.record, self.schema.field(field)?)
    }

    /// The field's address, if the table has a column for it.
    #[must_use]
    pub fn address(&self, field: &str) -> Option<CellAddress> {
        self.table
            .address(self.record.row, self.schema.field(field)?)
    }

    /// The value that may be used.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&'a Value> {
        self.cell(field)?.value()
    }

    /// Text that may be used; numbers and dates in a text column as they were typed.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&'a str> {
        match self.value(field)? {
            Value::Text(text) => Some(text),
            Value::Reference(reference) => Some(&reference.text),
            Value::References(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Timescale(_)
            | Value::Choice(_)
            | Value::Agencies(_) => None,
        }
    }

    /// A reference, held or not.
    #[must_use]
    pub fn reference(&self, field: &str) -> Option<&'a Reference> {
        match self.cell(field)?.any_value()? {
            Value::Reference(reference) => Some(reference),
            Value::Text(_)
            | Value::References(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Timescale(_)
            | Value::Choice(_)
            | Value::Agencies(_) => None,
        }
    }

    /// The funding line of the record, held or not: its reference, or where it has none its project's name.
    #[must_use]
    pub fn line(&self) -> Option<Reference> {
        let by_project = || self.text("project").map(Reference::new);
        self.reference("line")
            .cloned()
            .or_else(by_project)
            .filter(|reference| !reference.key.is_empty())
    }

    /// Money or a figure that may be used.
    #[must_use]
    pub fn amount(&self, field: &str) -> Option<Decimal> {
        amount_of(self.value(field)?)
    }

    /// Money or a figure, held or not.
    #[must_use]
    pub fn any_amount(&self, field: &str) -> Option<Decimal> {
        amount_of(self.cell(field)?.any_value()?)
    }

    /// Money or a figure as it was read, held or not, within the field's limits or not.
    #[must_use]
    pub fn figure(&self, field: &str) -> Option<Decimal> {
        let cell = self.cell(field)?;
        match &cell.state {
            State::Fault(Fault::OutOfRange(figure)) => {
                Some(crate::value::amount::to_pence(**figure).0)
            }
            _ => amount_of(cell.any_value()?),
        }
    }

    /// A date that may be used.
    #[must_use]
    pub fn date(&self, field: &str) -> Option<Date> {
        match self.value(field)? {
            Value::Date(date) => Some(*date),
            Value::Text(_)
            | Value::Reference(_)
            | Value::References(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Timescale(_)
            | Value::Choice(_)
            | Value::Agencies(_) => None,
        }
    }

    /// A listed value that may be used, as its index.
    #[must_use]
    pub fn choice(&self, field: &str) -> Option<usize> {
        match self.value(field)? {
            Value::Choice(index) => Some(*index),
            Value::Text(_)
            | Value::Reference(_)
            | Value::References(_)
            | Value::Money(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Timescale(_)
            | Value::Agencies(_) => None,
        }
    }

    /// One of the field's own choices, as its value.
    #[must_use]
    pub fn choice_value(&self, field: &str) -> Option<&'a str> {
        let index = self.choice(field)?;
        let field = self.schema.fields.get(self.schema.field(field)?)?;
        field.choices.get(index).map(|choice| choice.value.as_str())
    }

    /// Whether a field says this: a listed value by its value or label, anything else by its text.
    #[must_use]
    pub fn says(&self, name: &str, word: &str, schema: &Schema) -> bool {
        let Some((field, cell)) = self
            .schema
            .field(name)
            .and_then(|at| self.schema.fields.get(at))
            .zip(self.cell(name))
        else {
            return false;
        };
        let wanted = fold(word);
        match cell.any_value() {
            Some(Value::Choice(index)) => schema
                .choices(field)
                .get(*index)
                .is_some_and(|(value, label, _)| fold(value) == wanted || fold(label) == wanted),
            _ => fold(&cell.raw_text()) == wanted,
        }
    }

    /// What identifies the record for people and for finding ids: its key fields as typed, else all its cells.
    #[must_use]
    pub fn key(&self) -> String {
        let keys: Vec<&str> = if self.schema.primary_key.is_empty() {
            vec!["line", "document"]
        } else {
            self.schema.primary_key.iter().map(String::as_str).collect()
        };
        let typed: Vec<String> = keys
            .iter()
            .filter_map(|key| self.cell(key))
            .map(Decoded::raw_text)
            .filter(|text| !text.trim().is_empty())
            .collect();
        if typed.is_empty() {
            // What stands in the row, however many blank columns stand beside it: our own workbook has more than a plan may have.
            let said = |cell: &Decoded| match cell.any_value() {
                Some(Value::Money(amount)) => amount.normalize().to_string(),
                _ => cell.raw_text().trim().to_owned(),
            };
            let fields = self.schema.fields.iter();
            return fields
                .filter_map(|field| Some((field, said(self.cell(&field.name)?))))
                .filter(|(_, said)| !said.is_empty())
                .map(|(field, said)| format!("{}={said}", field.name))
                .collect::<Vec<_>>()
                .join("\u{1f}");
        }
        typed
            .iter()
            .map(|text| crate::value::reference::key(text))
            .collect::<Vec<_>>()
            .join("\u{1f}")
    }
}

/// The day that a value is, or by which it is due.
#[must_use]
pub fn day_of(value: &Value) -> Option<Date> {
    coerce::day_of(value)
}

/// What a cell outside a table says in pounds.
#[must_use]
pub fn pounds(value: &CellValue) -> Option<Decimal> {
    match value {
        CellValue::Number(figure) => coerce::pounds(*figure).ok(),
        CellValue::Text(text)
            if !text.contains('%') && !crate::value::amount::is_point_open(text) =>
        {
            crate::value::amount::from_text(text).ok()
        }
        CellValue::Text(_)
        | CellValue::Boolean(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => None,
    }
}

/// Money or a figure.
#[must_use]
pub fn amount_of(value: &Value) -> Option<Decimal> {
    match value {
        Value::Money(amount) | Value::Number(amount) => Some(*amount),
        Value::Text(_)
        | Value::Reference(_)
        | Value::References(_)
        | Value::Date(_)
        | Value::Timescale(_)
        | Value::Choice(_)
        | Value::Agencies(_) => None,
    }
}
