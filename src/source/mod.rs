//! One input file and all that was found in it: who it is from, which quarter it says, its tables.
//!
//! Invariant: a source's identity rests on what the file says (label cell, sheet name, file name, in that order), never on its place in a folder.

mod amounts;
mod decided;
mod marked;
mod receipt;
mod strangers;
mod version;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::decision::{Decisions, Reading};
use crate::finding::Place;
use crate::grid::{CellAddress, CellRange, CellValue, Format, Visibility, Workbook};
use crate::layout::{self, Accounts, Label, LabelKind, Layout, TableLayout};
use crate::read::{Limits, Size, Unreadable};
use crate::record::{State, Table, Tally, View, Whole};
use crate::schema::{Role, Schema};
use crate::value::period;
use crate::value::text::{contains_words, fold};

pub use amounts::money as money_said;
pub use decided::{Said, field_called, word};
pub use receipt::{Receipt, ReceiptState, receipts, sent_before};
pub use strangers::{Of, Stranger};
pub use version::{NameMark, Version, next_version};

/// A file as handed to the pipeline: read already, in this process or another.
#[derive(Debug)]
pub struct Input {
    /// Its path as given on the command line, with forward slashes.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Its role, where the command line says it.
    pub role: Option<Role>,
    /// Whether it was met in a folder, not named on the command line.
    pub is_from_folder: bool,
    /// What reading it gave.
    pub read: Result<Workbook, Unreadable>,
}

/// What became of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Its accepted rows are in the figures.
    Accepted,
    /// Kept out as a whole by a finding.
    Held,
    /// Set aside: sent twice, or replaced by a newer return.
    Superseded,
    /// Not read.
    Unreadable,
}

impl SourceState {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What a file says of who sent it and for when.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The label cell that names the partner.
    pub partner_label: Option<Label>,
    /// The agency it names, if it is one.
    pub label_agency: Option<usize>,
    /// The agency that the file's name names.
    pub file_agency: Option<usize>,
    /// Whether the file's name also names the label's agency, beside any other.
    pub file_agrees: bool,
    /// The agency taken.
    pub agency: Option<usize>,
    /// The quarter that the first speaker says.
    pub quarter: Option<u8>,
    /// The year that the first speaker says.
    pub year: Option<i16>,
    /// The first and last of several quarters that the first label says.
    pub span: Option<(u8, u8)>,
    /// A further label cell that names another agency than the partner's, the host aside.
    pub other_partner: Option<(Label, usize)>,
    /// A sheet with tables whose name names another agency than the partner's label, the host aside.
    pub other_sheet: Option<(usize, usize)>,
    /// The label cell that says the quarter, where a label does.
    pub quarter_label: Option<Label>,
    /// The label cell that says the year, where a label does.
    pub year_label: Option<Label>,
    /// The stated date of return.
    pub returned_on: Option<Date>,
    /// The stated version.
    pub version: Option<Version>,
    /// How the file's name is marked: a version, a word, a date.
    pub name_mark: NameMark,
}

/// A return that is a copy of the plan, with its sender's cells filled in.
#[derive(Clone, Debug, Default)]
pub struct Copied {
    /// Sheets that are the plan's: nothing of them is read or told of.
    pub sheets: BTreeSet<usize>,
    /// Cells of the plan's funding that the copy has otherwise, and that are not its sender's to fill in.
    pub differs: Vec<Differs>,
}

/// A cell of a copy that says something else than the plan's.
#[derive(Clone, Debug)]
pub struct Differs {
    /// The sheet.
    pub sheet: usize,
    /// The cell.
    pub at: CellAddress,
    /// The line that it is about.
    pub subject: String,
    /// What it says.
    pub said: String,
    /// The plan's field.
    pub field: String,
    /// The quarter of that field, if it has one and it is not the run's.
    pub quarter: Option<u8>,
    /// The plan's file.
    pub plan: usize,
    /// Its sheet.
    pub plan_sheet: usize,
    /// Its cell.
    pub plan_at: Option<CellAddress>,
    /// What that says.
    pub plan_says: String,
}

/// One input file.
#[derive(Debug)]
pub struct Source {
    /// Its index in the run.
    pub index: usize,
    /// Its path as given.
    pub path: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Its role.
    pub role: Role,
    /// Whether it was met in a folder, not named on the command line.
    pub is_from_folder: bool,
    /// Its content, or why there is none. In a run the cells of its records are held in these alone: ask `raw` for a cell.
    pub read: Result<Workbook, Unreadable>,
    /// Where things are in it.
    pub layout: Layout,
    /// Who it is from and for when.
    pub statement: Statement,
    /// Its tables' records.
    pub tables: Vec<Table>,
    /// Its questions with their answers, a table of one record for each table and sheet.
    pub answers: Vec<Table>,
    /// Tables on sheets for other quarters, beside those for the run's own: no part of the return, and compared with the plan's history.
    pub restated: Vec<Table>,
    /// Rows that by a column of their own are not of this return: another quarter's, or another partner's.
    pub strangers: Vec<Stranger>,
    /// Whether it is a copy of the plan, once the plan was looked at.
    pub copied: Option<Copied>,
    /// What the amount cells of a return say, added up by column before its rows were built.
    pub amounts: Decimal,
    /// What became of it.
    pub state: SourceState,
    /// On which day it arrived, where the officer has recorded that.
    pub received_on: Option<Date>,
    /// What was decided of it as a whole.
    pub said: Said,
    /// The files of which it was decided that this one stands and they do not.
    pub stands_over: Vec<usize>,
    /// Which decisions on words and headings were used in it, by their place.
    pub used: BTreeSet<usize>,
}

impl Source {
    /// Lays out and decodes a file, with nothing settled beforehand.
    #[must_use]
    pub fn new(index: usize, input: Input, schema: &Schema, quarter: Option<u8>) -> Self {
        Self::with(index, input, schema, quarter, &Decisions::default())
    }

    /// Lays out and decodes a file, with what a person has settled.
    #[must_use]
    pub fn with(
        index: usize,
        input: Input,
        schema: &Schema,
        quarter: Option<u8>,
        decisions: &Decisions,
    ) -> Self {
        Self::laid_out(
            index,
            input,
            schema,
            quarter,
            decisions.readings(),
            Said::default(),
        )
    }

    fn laid_out(
        index: usize,
        input: Input,
        schema: &Schema,
        quarter: Option<u8>,
        readings: &[Reading],
        said: Said,
    ) -> Self {
        let mut input = input;
        let mut used = BTreeSet::new();
        // What this program wrote it worked out, whatever the file asks of the next one that opens it.
        if let Ok(workbook) = &mut input.read
            && input.role != Some(Role::Return)
            && layout::is_our_workbook(workbook)
        {
            for sheet in &mut workbook.sheets {
                sheet.stale.clear();
            }
        }
        if let Ok(workbook) = &mut input.read {
            marked::take_out(workbook);
        }
        let file_name = file_name(&input.path).to_owned();
        let mut context = layout::Context {
            schema,
            role: input.role,
            file_name: &file_name,
            quarter,
            may_be_ours: matches!(input.role, None | Some(Role::Plan | Role::Previous)),
            said: said.quarter,
        };
        // What an earlier run wrote, met among the returns, would report every partner's quarter a second time.
        let is_return = input.role == Some(Role::Return);
        if is_return && input.read.as_ref().is_ok_and(layout::is_our_whole_workbook) {
            input.read = Err(Unreadable::OwnOutput);
        }
        let mut layout = Layout::default();
        let mut tables = Vec::new();
        let mut answers = Vec::new();
        let mut restated = Vec::new();
        let mut statement = Statement {
            file_agency: layout::agency_in_name(schema, layout::stem(&file_name)),
            name_mark: NameMark::of(layout::stem(&file_name)),
            ..Statement::default()
        };
        statement.agency = statement.file_agency;
        let mut state = SourceState::Unreadable;
        if let Ok(workbook) = &input.read {
            state = SourceState::Accepted;
            layout = layout::interpret(workbook, context);
            let is_plan = |layout: &Layout| {
                let mut tables = layout.tables.iter().map(|table| table.table);
                tables.any(|table| is_of_plan(schema, table))
            };
            if layout.is_ours && !is_plan(&layout) {
                // A file that holds no plan is none of ours, whatever its cells say.
                context.may_be_ours = false;
                layout = layout::interpret(workbook, context);
            }
            for (accounts, sheet) in layout.accounts.iter_mut().zip(&workbook.sheets) {
                accounts.ignored += sheet.ours;
            }
            answers = layout
                .answers
                .chunk_by(|a, b| (a.table, a.sheet) == (b.table, b.sheet))
                .filter_map(|own| {
                    crate::record::answered_questions(&own.iter().collect::<Vec<_>>(), schema)
                })
                .collect();
            statement = state_identity(workbook, &layout, context);
            statement.agency = said.agency.or(statement.agency);
        }
        let too_much =
            Limits::STATED.check_tables(layout.tables.len(), slots(layout.tables.iter()));
        if let Err(why) = too_much {
            input.read = Err(why);
            layout = Layout::default();
            state = SourceState::Unreadable;
        }
        if let Ok(workbook) = &input.read {
            (restated, layout.tables) = std::mem::take(&mut layout.tables)
                .into_iter()
                .map(|found| (layout.other_quarters.contains_key(&found.sheet), found))
                .fold(
                    (Vec::new(), Vec::new()),
                    |(mut other, mut own), (is_other, found)| {
                        if is_other {
                            other.push(crate::record::decode(workbook, found, schema));
                        } else {
                            own.push(found);
                        }
                        (other, own)
                    },
                );
            tables = std::mem::take(&mut layout.tables)
                .into_iter()
                .map(|mut found| {
                    decided::headings(&mut found, statement.agency, schema, readings, &mut used);
                    let mut table = crate::record::decode(workbook, found, schema);
                    decided::words(&mut table, statement.agency, schema, readings, &mut used);
                    table
                })
                .collect();
        }
        // A file that is named as a document and holds no table is what its name says, however damaged or plain.
        if let Some(kind) = document_kind(&file_name)
            && input.is_from_folder
            && tables.is_empty()
            && !input
                .read
                .as_ref()
                .is_err_and(Unreadable::is_never_a_return)
            && input
                .read
                .as_ref()
                .map_or(true, |book| book.format == Format::Csv)
        {
            input.read = Err(Unreadable::NotASpreadsheet(kind.into()));
            layout = Layout::default();
            state = SourceState::Unreadable;
        }
        let role = input.role.unwrap_or_else(|| role_of(&tables, schema));
        let strangers = match &input.read {
            Ok(workbook) if role == Role::Return => {
                strangers::find(workbook, &tables, &statement, &said, schema, quarter)
            }
            Ok(_) | Err(_) => Vec::new(),
        };
        if role == Role::Return
            && let Some(agency) = statement.agency
        {
            for table in &mut tables {
                let rows = unfilled(table, schema, agency, statement.quarter.or(quarter));
                table.pass_over(&rows);
            }
        }
        let mut out = Self {
            index,
            path: input.path,
            sha256: input.sha256,
            role,
            is_from_folder: input.is_from_folder,
            read: input.read,
            layout,
            statement,
            tables,
            answers,
            restated,
            strangers,
            copied: None,
            amounts: Decimal::ZERO,
            state,
            received_on: None,
            said,
            stands_over: Vec::new(),
            used,
        };
        out.add_up(schema);
        out
    }

    /// Adds up what the amount cells of a return say, while its sheets are whole.
    fn add_up(&mut self, schema: &Schema) {
        self.amounts = Decimal::ZERO;
        let Ok(workbook) = &self.read else { return };
        let tables = self.tables.iter().chain(&self.restated);
        for table in tables.filter(|_| self.role == Role::Return) {
            if let Some(sheet) = workbook.sheets.get(table.layout.sheet) {
                self.amounts += amounts::of_table(sheet, &table.layout, schema);
            }
        }
    }

    /// Takes it for a copy of the plan: the plan's sheets are passed over, and tables that only repeat the plan's are no part of the return.
    pub fn set_copied(&mut self, copied: Copied, repeated: &BTreeSet<usize>) {
        let tables = std::mem::take(&mut self.tables);
        for (index, table) in tables.into_iter().enumerate() {
            if repeated.contains(&index) {
                self.restated.push(table);
            } else {
                self.tables.push(table);
            }
        }
        for index in &copied.sheets {
            if let Some(accounts) = self.layout.accounts.get_mut(*index) {
                *accounts = accounts.of_a_file_passed_over();
            }
        }
        let is_read = |sheet: usize| !copied.sheets.contains(&sheet);
        self.layout.unread.retain(|(sheet, _, _)| is_read(*sheet));
        self.layout.strays.retain(|(sheet, _)| is_read(*sheet));
        self.layout.unheaded.retain(|found| is_read(found.sheet));
        self.strangers.clear();
        self.copied = Some(copied);
    }

    /// The workbook, if it could be read.
    #[must_use]
    pub fn workbook(&self) -> Option<&Workbook> {
        self.read.as_ref().ok()
    }

    /// The file's name without its folder.
    #[must_use]
    pub fn file_name(&self) -> &str {
        file_name(&self.path)
    }

    /// A sheet's index and name, for places.
    #[must_use]
    pub fn sheet(&self, index: usize) -> (usize, Option<Arc<str>>) {
        (
            index,
            self.workbook()
                .and_then(|book| book.sheets.get(index))
                .and_then(|sheet| sheet.name.clone()),
        )
    }

    /// Whether it was met in a folder and is of a kind that never is a return. A picture named `return.xlsx` was meant as one.
    #[must_use]
    pub fn is_passed_over(&self) -> bool {
        let is_kind_of_return = || {
            let extension = extension(self.file_name());
            Format::ALL
                .iter()
                .any(|format| format.extensions().contains(&extension.as_str()))
        };
        self.is_from_folder
            && match &self.read {
                Err(Unreadable::OwnOutput | Unreadable::NotAFile(_)) => true,
                Err(why) => why.is_never_a_return() && !is_kind_of_return(),
                Ok(_) => false,
            }
    }

    /// The whole file as a place.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::file(self.index)
    }

    /// A cell or range of a sheet as a place.
    #[must_use]
    pub fn place_at(&self, sheet: usize, range: impl Into<CellRange>) -> Place {
        Place {
            source: Some(self.index),
            sheet: Some(self.sheet(sheet)),
            range: Some(range.into()),
        }
    }

    /// The day of return: as the officer recorded it, else as the file states it.
    #[must_use]
    pub fn returned_on(&self) -> Option<Date> {
        self.received_on.or(self.statement.returned_on)
    }

    /// Whether nothing of this return is used.
    #[must_use]
    pub fn is_out(&self) -> bool {
        self.state != SourceState::Accepted
    }

    /// What became of it as a whole.
    #[must_use]
    pub fn fate(&self) -> Whole {
        match self.state {
            SourceState::Accepted => Whole::Used,
            SourceState::Superseded => Whole::SetAside,
            SourceState::Held | SourceState::Unreadable => Whole::Held,
        }
    }

    /// What became of the filled cells of each sheet, in the workbook's order.
    #[must_use]
    pub fn accounts(&self) -> Vec<Accounts> {
        let accounts = self.layout.accounts.iter();
        accounts
            .map(|accounts| {
                if self.tables.is_empty() {
                    accounts.of_a_file_passed_over()
                } else if self.is_out() {
                    accounts.of_a_file_set_aside()
                } else {
                    accounts.clone()
                }
            })
            .collect()
    }

    /// Rows of all tables.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut out = Tally::default();
        for table in &self.tables {
            out += table.tally(self.fate());
        }
        out
    }

    /// Whether it was sent twice, or replaced by a newer return: it will never come in.
    #[must_use]
    pub fn is_set_aside(&self) -> bool {
        self.state == SourceState::Superseded
    }

    /// The tables of this schema name.
    pub fn tables_named<'a>(
        &'a self,
        schema: &'a Schema,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Table> {
        self.tables.iter().filter(move |table| {
            schema
                .tables
                .get(table.layout.table)
                .is_some_and(|t| t.name == name)
        })
    }

    /// The raw value of a cell, whether the sheet or a record holds it.
    #[must_use]
    pub fn raw(&self, sheet: usize, at: CellAddress) -> Option<&CellValue> {
        self.workbook()?.sheets.get(sheet)?.value(at).or_else(|| {
            self.tables
                .iter()
                .chain(&self.restated)
                .filter(|table| table.layout.sheet == sheet)
                .find_map(|table| table.raw(at))
        })
    }

    /// What an earlier run of this program wrote in a record's row under one of its own headings.
    #[must_use]
    pub fn computed(&self, view: &View<'_>, heading: &str) -> Option<&CellValue> {
        let layout = &view.table.layout;
        let mut own = layout.computed.iter();
        let found = own.find(|found| found.text.eq_ignore_ascii_case(heading))?;
        let at = CellAddress::new(view.record.row, found.at.column);
        self.raw(layout.sheet, at)
    }

    /// What it takes of what all files of a run may hold: its cells, those of its tables' rows counted again, and these rows.
    #[must_use]
    pub fn size(&self) -> Size {
        let tables = || {
            let all = self.tables.iter().chain(&self.restated);
            all.map(|table| &table.layout)
        };
        Size {
            cells: self
                .workbook()
                .map_or(0, Workbook::size)
                .saturating_add(slots(tables())),
            rows: tables().map(|table| table.rows.len()).sum(),
        }
    }

    /// Lets go of the cells that its records hold too, once nothing is to be laid out any more.
    pub fn slim(&mut self) {
        let Ok(workbook) = &mut self.read else {
            return;
        };
        for (index, sheet) in workbook.sheets.iter_mut().enumerate() {
            let tables: Vec<&Table> = self
                .tables
                .iter()
                .chain(&self.restated)
                .filter(|table| table.layout.sheet == index)
                .collect();
            sheet.retain(|cell| !tables.iter().any(|table| table.raw(cell.address).is_some()));
        }
    }
}

/// What the records of tables take up: their rows times their columns.
fn slots<'t>(tables: impl Iterator<Item = &'t TableLayout>) -> usize {
    tables
        .map(|table| table.rows.len().saturating_mul(table.columns.len()))
        .fold(0, usize::saturating_add)
}

/// A path's last part.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a table is one that plans have.
fn is_of_plan(schema: &Schema, table: usize) -> bool {
    let found = schema.tables.get(table);
    found.is_some_and(|table| table.found_in.first() == Some(&Role::Plan))
}

/// A file's role, told by its tables: a plan has actions or funding lines, a ledger postings; anything else is a return.
fn role_of(tables: &[Table], schema: &Schema) -> Role {
    let roles = |role: Role| {
        tables
            .iter()
            .filter(|t| {
                schema
                    .tables
                    .get(t.layout.table)
                    .is_some_and(|s| s.found_in.first() == Some(&role))
            })
            .count()
    };
    if roles(Role::Plan) > 0 {
        Role::Plan
    } else if roles(Role::Ledger) > roles(Role::Return) {
        Role::Ledger
    } else {
        Role::Return
    }
}

/// Rows of a pre-filled form that its sender left as they were, where nothing was due: another agency leads the action, or
/// it was complete or closed the quarter before. A row that is blank although a report was due stays a record.
fn unfilled(table: &Table, schema: &Schema, agency: usize, quarter: Option<u8>) -> Vec<u32> {
    let Some(found) = schema
        .tables
        .get(table.layout.table)
        .filter(|found| found.fields.iter().any(|field| field.is_restated))
    else {
        return Vec::new();
    };
    let before = quarter
        .and_then(|quarter| quarter.checked_sub(1))
        .map(|quarter| format!("q{quarter}_status"));
    let is_unfilled = |view: &View<'_>| {
        let is_blank = found
            .fields
            .iter()
            .filter(|field| {
                !field.is_restated
                    && !found.primary_key.contains(&field.name)
                    && !found.prefilled.contains(&field.name)
            })
            .filter_map(|field| view.cell(&field.name))
            .all(|cell| cell.state == State::Blank);
        let is_led_elsewhere = match view.cell("lead_agency").map(|cell| &cell.state) {
            // A form that says who leads says here that it is not its sender.
            Some(State::Blank) => true,
            Some(_) => view
                .choice("lead_agency")
                .is_some_and(|lead| lead != agency),
            None => false,
        };
        let was_done = before
            .as_ref()
            .and_then(|field| view.choice(field))
            .is_some_and(|status| matches!(schema.status_counts_as(status), "complete" | "closed"));
        let has_key = found.primary_key.iter().all(|key| {
            view.cell(key)
                .is_some_and(|cell| cell.any_value().is_some())
        });
        has_key && is_blank && (is_led_elsewhere || was_done)
    };
    table
        .records
        .iter()
        .filter(|record| {
            is_unfilled(&View {
                schema: found,
                table,
                record,
            })
        })
        .map(|record| record.row)
        .collect()
}

/// The letters behind a file name's last dot, lower case.
fn extension(file_name: &str) -> String {
    file_name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default()
}

/// What a file is by its name, where that is a kind that never is a return.
fn document_kind(file_name: &str) -> Option<&'static str> {
    Some(match extension(file_name).as_str() {
        "pdf" => "a PDF document; ask for the spreadsheet itself",
        "doc" | "docx" | "docm" | "dot" | "dotx" => "a Word document",
        "rtf" => "a rich text document",
        "odt" => "a Writer document",
        "ppt" | "pptx" | "odp" => "a presentation document",
        "msg" | "eml" => "an e-mail; take the spreadsheet out of it and send that",
        "jpg" | "jpeg" | "png" | "gif" | "bmp" | "tif" | "tiff" | "heic" | "webp" => "a picture",
        _ => return None,
    })
}

fn state_identity(workbook: &Workbook, layout: &Layout, context: layout::Context<'_>) -> Statement {
    let schema = context.schema;
    let mut out = Statement::default();
    let mut dated = None;
    let mut labels = layout.labels.clone();
    labels.sort_by_key(|label| (label.sheet, label.at));
    for label in labels {
        // What a sheet for another quarter says of itself is not the return's, but for who sent it.
        let is_for_another = layout.other_quarters.contains_key(&label.sheet);
        match label.kind {
            LabelKind::Quarter | LabelKind::Year | LabelKind::ReturnedOn | LabelKind::Version
                if is_for_another => {}
            LabelKind::Partner if says_who(&label, schema) => {
                // The first that names an agency; where none does, the first.
                let agency = agency_called(schema, &label.text());
                let is_other = |own: usize, other: usize| {
                    own != other && Some(other) != schema.agency(&schema.partnership.host)
                };
                if let (Some(own), Some(other)) = (out.label_agency, agency)
                    && is_other(own, other)
                    && out.other_partner.is_none()
                {
                    out.other_partner = Some((label.clone(), other));
                }
                if out.partner_label.is_none() || (out.label_agency.is_none() && agency.is_some()) {
                    out.label_agency = agency;
                    out.partner_label = Some(label);
                }
            }
            LabelKind::Quarter => {
                let said = label.period();
                let speaks = said.quarter.is_some() || said.year.is_some() || said.span.is_some();
                if out.quarter_label.is_none() && speaks {
                    out.quarter_label = Some(label);
                }
            }
            LabelKind::Year if out.year_label.is_none() && label.year().is_some() => {
                out.year_label = Some(label);
            }
            LabelKind::ReturnedOn => {
                let day = || version::day_in_name(&label.text());
                out.returned_on = out.returned_on.or_else(|| label.date()).or_else(day);
            }
            LabelKind::Dated if is_head(workbook, layout, label.sheet) => {
                dated = dated
                    .or_else(|| label.date())
                    .or_else(|| version::day_in_name(&label.text()));
            }
            LabelKind::Version => {
                out.version = out.version.or_else(|| version::in_label(&label.text()));
            }
            LabelKind::Partner
            | LabelKind::Year
            | LabelKind::Award
            | LabelKind::Dated
            | LabelKind::Other => {}
        }
    }
    out.returned_on = out.returned_on.or(dated);
    let said = layout::stated_period(layout, workbook, context);
    out.quarter = said.quarter;
    out.year = said.year;
    out.span = said.span;
    let stem = layout::stem(context.file_name);
    out.name_mark = NameMark::of(stem);
    out.file_agency = layout::agency_in_name(schema, stem);
    out.file_agrees = out
        .label_agency
        .and_then(|agency| schema.agencies.get(agency))
        .is_some_and(|agency| {
            let name = fold(stem);
            agency.words.iter().any(|word| contains_words(&name, word))
        });
    out.other_sheet = out.label_agency.and_then(|own| {
        let host = schema.agency(&schema.partnership.host);
        let mut tables = layout.tables.iter();
        tables.find_map(|table| {
            let name = workbook.sheets.get(table.sheet)?.name.as_deref()?;
            let named = layout::agency_in_sheet_names(schema, std::iter::once(name))?;
            (named != own && Some(named) != host).then_some((table.sheet, named))
        })
    });
    out.agency = match &out.partner_label {
        Some(_) => out.label_agency,
        None => sheet_agency(workbook, schema, out.file_agency).or(out.file_agency),
    };
    out
}

/// Whether a sheet is a cover, with no table on it, or begins as an e-mail does: there a date is the day of return.
fn is_head(workbook: &Workbook, layout: &Layout, index: usize) -> bool {
    let mut own = layout.tables.iter().filter(|table| table.sheet == index);
    let Some(first) = own.next().map(|table| table.header.first.row) else {
        return true;
    };
    let begins = |text: &str| {
        let folded = fold(text);
        text.contains(':')
            && MAIL_HEADS
                .iter()
                .any(|word| folded.split(' ').next() == Some(*word))
    };
    workbook.sheets.get(index).is_some_and(|sheet| {
        sheet
            .rows()
            .take_while(|(row, _)| *row < first)
            .flat_map(|(_, cells)| cells)
            .filter_map(|cell| cell.value.as_text())
            .any(begins)
    })
}

/// What only an e-mail's head begins with.
const MAIL_HEADS: [&str; 2] = ["from", "subject"];

/// Whether a partner's label cell was filled in, and with something else than the name of the partnership itself.
fn says_who(label: &Label, schema: &Schema) -> bool {
    let folded = fold(&label.text());
    !folded.is_empty()
        && !schema.words.placeholders.contains(&folded)
        && !schema.words.missing.contains(&folded)
        && folded != fold(&schema.partnership.name)
}

fn agency_called(schema: &Schema, name: &str) -> Option<usize> {
    schema.agency_called(&fold(name))
}

/// The agency that the visible sheets' names give. The host's name may be the receiver's, so a file name that names somebody else comes before it.
fn sheet_agency(workbook: &Workbook, schema: &Schema, file: Option<usize>) -> Option<usize> {
    let names = workbook
        .sheets
        .iter()
        .filter(|sheet| sheet.visibility == Visibility::Visible)
        .filter_map(|sheet| sheet.name.as_deref());
    let host = schema.agency(&schema.partnership.host);
    layout::agency_in_sheet_names(schema, names)
        .filter(|found| Some(*found) != host || file.is_none_or(|file| Some(file) == host))
}

/// Which speaker a period rests on, for `inspect`: what each says.
#[must_use]
pub fn period_speakers(source: &Source) -> Vec<(String, period::Mention)> {
    let mut out = Vec::new();
    for label in &source.layout.labels {
        if label.kind == LabelKind::Quarter {
            out.push((format!("label {}", label.at), label.period()));
        } else if label.kind == LabelKind::Year {
            let said = period::Mention {
                year: label.year(),
                ..period::Mention::default()
            };
            out.push((format!("label {}", label.at), said));
        }
    }
    if let Some(workbook) = source.workbook() {
        for sheet in &workbook.sheets {
            let name = sheet.name.as_deref().unwrap_or_default();
            out.push((format!("sheet {name}"), period::mention(name)));
        }
    }
    out.push((
        "file name".to_owned(),
        period::mention(layout::stem(source.file_name())),
    ));
    for title in &source.layout.titles {
        out.push((format!("title {}", title.at), title.said.clone()));
    }
    out.retain(|(_, said)| said.quarter.is_some() || said.year.is_some());
    out
}
