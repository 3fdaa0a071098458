//! Pre-filled returns: what each partner is asked, as workbooks in which only the answers can be changed.
//!
//! Invariant: a template that is filled in honestly merges without a finding. What it restates of the plan is restated word for
//! word, and only where nothing is the matter with it; a row that nobody has to fill in may stay blank.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Block, Cell, Column, ColumnKind, Content, Context, EntryCheck, Form, Look, Page, SheetPlan,
    Table, WorkbookPlan, a1,
};
use crate::funding::{Approval, Line};
use crate::pipeline::Outcome;
use crate::reconcile::{Action, before, quarter_field};
use crate::record::{State, View};
use crate::schema::{self, Field, FieldKind, Owner, Schema};
use crate::value;
use crate::value::amount::pounds;
use crate::value::date::long;
use crate::value::period::Quarter;
use crate::value::text::fold;

/// Rows of the Spend sheet: a form's table does not grow by itself where the sheet is protected.
const SPEND_ROWS: usize = 60;

/// Rows of the Claim sheet beside one for each line.
const SPARE_CLAIM_ROWS: usize = 4;

/// What a return shows of the plan beside the reference, in this order.
const RESTATED: [&str; 7] = [
    "action",
    "lead_agency",
    "due",
    "success_measure",
    "unit",
    "basis",
    "target",
];

/// What it shows of last quarter: a partner cannot carry a figure on without knowing what it reported.
const LAST_QUARTER: [&str; 2] = ["status", "value"];

/// How wide the guidance is, in characters: whole on an upright page, whatever font stands in for ours.
const GUIDANCE_WIDTH: u16 = 76;

/// A return to be filled in.
#[derive(Debug)]
pub struct Template {
    /// Whose it is.
    pub agency: usize,
    /// The file's name.
    pub file_name: String,
    /// How many actions it asks about.
    pub actions: usize,
    /// How many funding lines it asks about.
    pub lines: usize,
    /// Its content.
    pub plan: WorkbookPlan<'static>,
}

/// A return for every agency that leads or supports an action, or delivers a funding line; in the configuration's order.
#[must_use]
pub fn templates(outcome: &Outcome, schema: &Schema, quarter: Quarter) -> Vec<Template> {
    let context = Context::new(outcome, schema, &[]);
    (0..schema.agencies.len())
        .filter_map(|agency| {
            let asked = Asked {
                context: &context,
                schema,
                quarter,
                agency,
                actions: actions(outcome, agency),
                lines: lines(outcome, agency),
            };
            (!asked.actions.is_empty() || !asked.lines.is_empty()).then(|| asked.template())
        })
        .collect()
}

/// The actions of an agency in the plan's order: those that it leads, then those that it supports.
fn actions(outcome: &Outcome, agency: usize) -> Vec<&Action> {
    let all = &outcome.consolidation.actions;
    let leads = |action: &&Action| action.lead == Some(agency);
    all.iter()
        .filter(leads)
        .chain(
            all.iter()
                .filter(|action| !leads(action) && action.partners.contains(&agency)),
        )
        .collect()
}

/// The funding lines that an agency delivers, with what is left of each before this quarter.
fn lines(outcome: &Outcome, agency: usize) -> Vec<(&Line, Decimal, Decimal)> {
    outcome
        .ledger
        .lines
        .iter()
        .zip(&outcome.ledger.balances)
        .filter(|(line, _)| line.delivery == Some(agency))
        .map(|(line, balance)| {
            let spent = balance.to_date - balance.this_quarter;
            (line, balance.revised, balance.revised - spent)
        })
        .collect()
}

/// Whether spend on a line may be claimed.
fn is_open(line: &Line) -> bool {
    matches!(line.approval, Approval::Approved | Approval::NotJudged)
}

/// What one agency is asked.
struct Asked<'a> {
    context: &'a Context<'a>,
    schema: &'a Schema,
    quarter: Quarter,
    agency: usize,
    actions: Vec<&'a Action>,
    lines: Vec<(&'a Line, Decimal, Decimal)>,
}

impl Asked<'_> {
    fn template(&self) -> Template {
        let name = self.schema.agency_name(self.agency);
        let quarter = self.quarter.spoken();
        let has_actions = !self.actions.is_empty();
        let mut sheets = vec![self.guidance()];
        if has_actions {
            sheets.extend(self.updates());
        }
        if !self.lines.is_empty() {
            // Who sends what and when stands on the first sheet to be filled in, whichever that is.
            sheets.extend(self.spend(!has_actions));
            sheets.extend(self.claim());
        }
        Template {
            agency: self.agency,
            file_name: format!(
                "{}-return-{}.xlsx",
                fold(name).replace(' ', "-"),
                self.quarter.to_string().to_lowercase()
            ),
            actions: self.actions.len(),
            lines: self.lines.len(),
            plan: WorkbookPlan {
                title: format!("{name}: return for {quarter}"),
                author: self.schema.partnership.name.clone(),
                subject: quarter,
                marking: self.schema.publishing.marking.clone(),
                as_of: self.context.outcome.options.as_of,
                sheets,
                statuses: self
                    .schema
                    .statuses
                    .iter()
                    .map(|status| (status.label.clone(), status.fill))
                    .collect(),
                is_form: true,
            },
        }
    }

    /// What is wanted, in one column of text: nothing there can be taken for a table.
    fn guidance(&self) -> SheetPlan<'static> {
        let schema = self.schema;
        let name = schema.agency_name(self.agency);
        let host = schema
            .agency(&schema.partnership.host)
            .map_or(schema.partnership.name.as_str(), |host| {
                schema.agency_name(host)
            });
        let heading = |text: &str| Block::Paragraph(Cell::text(text).look(Look::Heading));
        let said = |text: String| Block::Paragraph(Cell::text(text));
        let by = self
            .deadline()
            .map_or(String::new(), |day| format!(" by {}", long(day)));
        let address = schema
            .partnership
            .returns_to
            .as_deref()
            .map_or(String::new(), |address| format!(", {address},"));
        let mut blocks = vec![
            Block::Paragraph(
                Cell::text(format!("{name}, return for {}", self.quarter.spoken()))
                    .look(Look::Title),
            ),
            said(schema.partnership.name.clone()),
            Block::Paragraph(Cell::text(&schema.publishing.marking).look(Look::Marking)),
            said(format!(
                "Please fill in the pale yellow cells on the other sheets, and send this workbook to {host}{address}{by}."
            )),
            said("Before it is sent, whoever may speak for you says so under “Signed off by”, with a role and a day.".to_owned()),
            said("Everything else is locked, without a password, so that no wording moves by mistake. Please do not rename sheets or change headings.".to_owned()),
        ];
        if !self.actions.is_empty() {
            blocks.push(heading("Updates"));
            let leads = self
                .actions
                .iter()
                .filter(|action| action.lead == Some(self.agency))
                .count();
            let order = match (leads, self.actions.len() - leads) {
                (_, 0) => "Each row is an action that you lead.",
                (0, _) => {
                    "Each row is an action that you support: you may add to what its lead reports, and leave blank what you have nothing to add to."
                }
                _ => {
                    "Each row is an action of the plan: first those that you lead, then those that you support."
                }
            };
            blocks.push(said(format!(
                "{order} Say what was done from {} to {} and what came of it, and choose a status.",
                long(self.quarter.start()),
                long(self.quarter.end())
            )));
            blocks.push(said("An update that would read the same next quarter tells the meeting nothing. Where a status is behind, say what happens next.".to_owned()));
            blocks.push(said("Give a measure as a figure alone, on the basis shown: a figure for the year to date takes last quarter's on. Where it is not known, leave it blank.".to_owned()));
            blocks.push(said("You may leave blank: actions that another partner leads and on which you have nothing to add, and actions that were complete or closed in an earlier quarter, which say so. Every other row needs both progress and status.".to_owned()));
            blocks.push(said("Please name nobody who could be recognised: no names, addresses, telephone numbers or case references.".to_owned()));
        }
        if !self.lines.is_empty() {
            blocks.push(heading("Spend"));
            blocks.push(said("Please give each document a row of its own: an invoice, a payroll journal, a credit note. Nothing spent: leave the sheet empty. Time and goods given in kind are not spend.".to_owned()));
            let recovers = schema
                .agencies
                .get(self.agency)
                .is_some_and(|agency| agency.recovers_vat);
            blocks.push(said(if recovers {
                "You recover VAT, so please give every amount net of it.".to_owned()
            } else {
                "Where you cannot recover VAT, give the amount with it.".to_owned()
            }));
            blocks.push(heading("Claim"));
            blocks.push(said("Each of your funding lines has a row, with its allocation and what was spent before this quarter. Please add what you spent this quarter, what that comes to since the year began, and what you expect to have spent by its end. Please explain a forecast that differs from the allocation. The sheet may stay empty if Spend says it all and nothing has changed.".to_owned()));
            blocks.push(heading("Your funding lines"));
            blocks.extend(self.left().into_iter().map(said));
        }
        SheetPlan {
            name: "Guidance",
            about: "What is wanted, sheet by sheet.".to_owned(),
            content: Content::Page(Page {
                widths: vec![GUIDANCE_WIDTH],
                blocks,
                is_fitted: false,
            }),
        }
    }

    fn deadline(&self) -> Option<Date> {
        let index = usize::from(self.quarter.number).checked_sub(1)?;
        self.schema.year.deadlines.get(index).copied()
    }

    /// What is left of each line, a sentence each.
    fn left(&self) -> Vec<String> {
        self.lines
            .iter()
            .map(|(line, revised, left)| {
                let name = if line.project.is_empty() {
                    line.reference.text.to_string()
                } else {
                    format!("{} ({})", line.reference.text, line.project)
                };
                match line.approval {
                    Approval::Declined => format!("{name} was declined: nothing can be claimed on it."),
                    Approval::Proposed => format!(
                        "{name} is not approved yet: please claim nothing on it until it is. {} is proposed.",
                        pounds(*revised)
                    ),
                    Approval::Approved | Approval::NotJudged => format!(
                        "{name} has {} left of {} at the start of this quarter.",
                        pounds(*left),
                        pounds(*revised)
                    ),
                }
            })
            .collect()
    }

    /// The lines above a form's table: a title, and on the first sheet who sends what and when.
    fn above(&self, title: &str, with_labels: bool) -> Vec<Vec<Cell>> {
        let labels = &self.schema.labels;
        let label = |words: &[String], otherwise: &str| {
            let word = words.first().map_or(otherwise, String::as_str);
            let mut letters = word.chars();
            let initial: String = letters
                .next()
                .map(|letter| letter.to_uppercase().to_string())
                .unwrap_or_default();
            Cell::text(format!("{initial}{}:", letters.as_str())).look(Look::Label)
        };
        let mut out = vec![vec![Cell::text(title).look(Look::Title)]];
        if with_labels {
            out.extend([
                vec![
                    label(&labels.partner, "partner"),
                    Cell::text(self.schema.agency_name(self.agency)),
                ],
                vec![
                    label(&labels.quarter, "quarter"),
                    Cell::text(self.quarter.spoken()),
                ],
                vec![
                    label(&labels.returned_on, "date of return"),
                    Cell::blank().look(Look::Input),
                ],
                vec![
                    Cell::text("Signed off by (role):").look(Look::Label),
                    Cell::blank().look(Look::Input),
                ],
                vec![
                    Cell::text("Signed off on:").look(Look::Label),
                    Cell::blank().look(Look::Input),
                ],
            ]);
        }
        out
    }

    fn updates(&self) -> Option<SheetPlan<'static>> {
        let (_, table) = self.schema.table("updates")?;
        let views: Vec<(View<'_>, &Action)> = self
            .actions
            .iter()
            .filter_map(|action| {
                let view = action.at.view(&self.context.outcome.sources, self.schema)?;
                Some((view, *action))
            })
            .collect();
        let before = self.quarter.number.saturating_sub(1);
        let last_quarter: Vec<String> = LAST_QUARTER
            .iter()
            .filter(|_| before > 0)
            .map(|field| format!("q{before}_{field}"))
            .collect();
        let mut columns = Vec::new();
        let mut cells: Vec<Vec<Cell>> = views.iter().map(|_| Vec::new()).collect();
        for field in &table.fields {
            if table.primary_key.contains(&field.name) {
                columns.push(Column::new(&field.title, 16, ColumnKind::Text));
                for (row, (_, action)) in cells.iter_mut().zip(&views) {
                    row.push(Cell::text(&action.reference.text));
                }
            }
        }
        let restated = RESTATED
            .iter()
            .copied()
            .chain(last_quarter.iter().map(String::as_str))
            .filter_map(|name| table.fields.get(table.field(name)?))
            .filter(|field| field.is_restated);
        for field in restated {
            let shown: Vec<Cell> = views
                .iter()
                .map(|(view, action)| self.restated(view, action, field))
                .collect();
            if shown.iter().all(|cell| *cell == Cell::blank()) {
                continue;
            }
            columns.push(shown_column(field));
            for (row, cell) in cells.iter_mut().zip(shown) {
                row.push(cell);
            }
        }
        if let Some(field) = table
            .fields
            .get(table.field("form_last_update").unwrap_or(usize::MAX))
        {
            let said: Vec<String> = views
                .iter()
                .map(|(view, action)| self.last_update(view, action))
                .collect();
            if said.iter().any(|text| !text.is_empty()) {
                let column = Column::new(&field.title, 30, ColumnKind::Prose);
                columns.push(column.room_for(said.iter().map(String::as_str)));
                for (row, text) in cells.iter_mut().zip(&said) {
                    row.push(Cell::text(text));
                }
            }
        }
        let entered: Vec<&Field> = table
            .fields
            .iter()
            .filter(|field| {
                let is_own = !field.is_restated
                    || field.is_declared
                        && field.quarter.is_none_or(|of| {
                            let base = field.name.get(3..).unwrap_or_default();
                            of == self.quarter.number && table.field(base).is_none()
                        });
                is_own
                    && field.owner != Owner::Partnership
                    && !table.primary_key.contains(&field.name)
            })
            .collect();
        for field in entered {
            columns.push(self.entry_column(field));
            for row in &mut cells {
                row.push(Cell::blank().look(Look::Input));
            }
        }
        Some(SheetPlan {
            name: "Updates",
            about: "Your progress this quarter, each action in a row.".to_owned(),
            content: Content::Form(Form {
                lines: self.above("Updates", true),
                table: Table {
                    id: "Updates",
                    columns,
                    rows: cells.into(),
                    frozen: 1,
                    printed: None,
                    below: Vec::new(),
                },
            }),
        })
    }

    /// What the agency itself said of an action last quarter, and since when the action is done.
    fn last_update(&self, view: &View<'_>, action: &Action) -> String {
        let outcome = self.context.outcome;
        let (sources, schema) = (&outcome.sources, self.schema);
        let history = &outcome.consolidation.history;
        let agency = Some(self.agency);
        let own = history.reported(action, agency, "update", sources, schema);
        let of_lead = || {
            let before = before(self.quarter).filter(|_| action.lead == agency)?;
            view.text(quarter_field("update", before.number))
        };
        let text = match own.as_ref().and_then(|past| past.cell.value()) {
            Some(value::Value::Text(text)) => Some(text.to_string()),
            _ => of_lead().map(str::to_owned),
        };
        let over = |quarter| history.over_before(action, quarter, sources, schema);
        let done = over(self.quarter).map(|last| {
            let mut since = last.quarter;
            while let Some(earlier) = over(Quarter {
                number: since,
                ..self.quarter
            })
            .filter(|earlier| earlier.status == last.status)
            {
                since = earlier.quarter;
            }
            let label = schema.status_label(last.status);
            format!("{label} since Q{since}: this row may stay blank.")
        });
        done.into_iter().chain(text).collect::<Vec<_>>().join("\n")
    }

    /// A cell of the plan word for word; blank where something is the matter with it, so that it is not asked about twice.
    fn restated(&self, view: &View<'_>, action: &Action, field: &Field) -> Cell {
        let Some((cell, address)) = view.cell(&field.name).zip(view.address(&field.name)) else {
            return Cell::blank();
        };
        let is_sound = matches!(cell.state, State::Value(_))
            && !cell.is_held()
            && self
                .context
                .findings_on(action.at.source, view.table.layout.sheet, address.row)
                // A deadline that has passed, say, is no fault of what stands in the cell.
                .filter(|finding| finding.code.0.starts_with(['C', 'G']))
                .filter_map(|finding| finding.place.range)
                .all(|range| !range.contains(address));
        if is_sound {
            self.context.cell(cell, field.kind, &field.choices)
        } else {
            Cell::blank()
        }
    }

    fn spend(&self, with_labels: bool) -> Option<SheetPlan<'static>> {
        let (_, table) = self.schema.table("spend")?;
        let mut lines = self.above("Spend", with_labels);
        lines.extend(self.left().into_iter().map(|line| vec![Cell::text(line)]));
        let fields = entered(table);
        if let Some(amount) = fields.iter().position(|field| field.name == "amount") {
            // Below this line come the headings.
            let first = lines.len() + 2;
            let sum = format!(
                "=SUM({}:{})",
                a1(first, amount),
                a1(first + SPEND_ROWS - 1, amount)
            );
            lines.push(vec![
                Cell::text("Total of the amounts below:").look(Look::Label),
                Cell::formula(sum, Decimal::ZERO).look(Look::Total),
            ]);
        }
        let columns: Vec<Column> = fields
            .iter()
            .map(|field| self.entry_column(field))
            .collect();
        let row = vec![Cell::blank().look(Look::Input); columns.len()];
        Some(form(
            "Spend",
            "Your spend this quarter, each document in a row.",
            lines,
            (columns, vec![row; SPEND_ROWS]),
        ))
    }

    /// The claim: each line that may be claimed on is there already, with what is needed to fill in the rest.
    fn claim(&self) -> Option<SheetPlan<'static>> {
        let (_, table) = self.schema.table("claims")?;
        let open: Vec<&(&Line, Decimal, Decimal)> = self
            .lines
            .iter()
            .filter(|(line, _, _)| is_open(line))
            .collect();
        let shown =
            |field: &Field| field.name == "project" || table.prefilled.contains(&field.name);
        let (key, rest): (Vec<&Field>, Vec<&Field>) = entered(table)
            .into_iter()
            .partition(|field| field.name == "line");
        let beforehand = table.fields.iter().filter(|field| shown(field));
        let fields: Vec<&Field> = key.into_iter().chain(beforehand).chain(rest).collect();
        let columns = fields
            .iter()
            .map(|field| match field.kind {
                FieldKind::Money if shown(field) => {
                    Column::new(&field.title, 16, ColumnKind::Money)
                }
                _ if shown(field) => Column::new(&field.title, 30, ColumnKind::Prose),
                _ => self.entry_column(field),
            })
            .collect();
        let cell = |field: &Field, line: Option<&&(&Line, Decimal, Decimal)>| {
            let Some((line, revised, left)) = line else {
                let look = if shown(field) {
                    Look::Plain
                } else {
                    Look::Input
                };
                return Cell::blank().look(look);
            };
            match field.name.as_str() {
                "line" => Cell::text(&line.reference.text),
                "project" => Cell::text(&line.project),
                "form_allocation" => Cell::money(*revised),
                "form_earlier" => Cell::money(*revised - *left),
                _ => Cell::blank().look(Look::Input),
            }
        };
        let rows = open
            .iter()
            .map(Some)
            .chain([None; SPARE_CLAIM_ROWS])
            .map(|line| fields.iter().map(|field| cell(field, line)).collect())
            .collect();
        Some(form(
            "Claim",
            "Your claim and forecast, each funding line in a row.",
            self.above("Claim and forecast", false),
            (columns, rows),
        ))
    }

    /// A column to fill in: its dropdown, what it accepts, and what it says when a cell is chosen.
    fn entry_column(&self, field: &Field) -> Column {
        let schema = self.schema;
        let (width, kind, check) = match field.kind {
            FieldKind::Money => (14, ColumnKind::Money, EntryCheck::Number),
            FieldKind::Number => (10, ColumnKind::Number, EntryCheck::Number),
            FieldKind::Date => {
                let (first, last) = self.period(field);
                (12, ColumnKind::Date, EntryCheck::Dates(first, last))
            }
            FieldKind::Line => (16, ColumnKind::Text, EntryCheck::Any),
            FieldKind::Status => (13, ColumnKind::Centred, EntryCheck::Any),
            // Together with what is shown they fit a landscape A3 page in letters that can be read.
            FieldKind::Text if field.is_free_text => (40, ColumnKind::Prose, EntryCheck::Any),
            FieldKind::Text
            | FieldKind::Reference
            | FieldKind::Lines
            | FieldKind::Timescale
            | FieldKind::Choice
            | FieldKind::Agency
            | FieldKind::Agencies
            | FieldKind::Priority
            | FieldKind::Email
            | FieldKind::Postcode => (18, ColumnKind::Prose, EntryCheck::Any),
        };
        let words: Vec<String> = match field.kind {
            FieldKind::Line => self
                .lines
                .iter()
                .filter(|(line, _, _)| is_open(line))
                .map(|(line, _, _)| line.reference.text.to_string())
                .collect(),
            FieldKind::Status | FieldKind::Choice | FieldKind::Agency => schema
                .choices(field)
                .into_iter()
                .map(|(_, label, _)| label)
                .collect(),
            FieldKind::Text
            | FieldKind::Reference
            | FieldKind::Lines
            | FieldKind::Money
            | FieldKind::Number
            | FieldKind::Date
            | FieldKind::Timescale
            | FieldKind::Priority
            | FieldKind::Agencies
            | FieldKind::Email
            | FieldKind::Postcode => Vec::new(),
        };
        Column {
            is_status: field.kind == FieldKind::Status,
            ..Column::new(&field.title, width, kind)
                .choose(words)
                .enter(prompt(field), check)
        }
    }

    /// In which days a date of a return may lie.
    fn period(&self, field: &Field) -> (Date, Date) {
        let year = &self.schema.year;
        match field.name.as_str() {
            "as_at" => {
                let last = year.deadlines.last().copied().unwrap_or(year.end);
                (year.start, last.max(year.end))
            }
            "document_date" => self.spend_period(),
            _ => (year.start, year.end),
        }
    }

    /// From the first day of any of the agency's streams to the last, with the days of grace that an accrual has.
    fn spend_period(&self) -> (Date, Date) {
        let year = &self.schema.year;
        let streams = || {
            self.lines
                .iter()
                .filter_map(|(line, _, _)| self.schema.streams.get(line.stream?))
        };
        let first = streams()
            .map(|stream| stream.period_start.unwrap_or(year.start))
            .min();
        let last = streams()
            .map(|stream| stream.period_end.unwrap_or(year.end))
            .max()
            .unwrap_or(year.end);
        let grace = jiff::Span::new().days(i64::from(self.schema.thresholds.accrual_grace_days));
        (
            first.unwrap_or(year.start),
            last.checked_add(grace).unwrap_or(last),
        )
    }
}

/// The fields of a table that a partner fills in.
fn entered(table: &schema::Table) -> Vec<&Field> {
    let is_theirs = |field: &&Field| field.owner != Owner::Partnership && field.name != "project";
    table.fields.iter().filter(is_theirs).collect()
}

/// A sheet to be filled in.
fn form(
    name: &'static str,
    about: &str,
    lines: Vec<Vec<Cell>>,
    (columns, rows): (Vec<Column>, Vec<Vec<Cell>>),
) -> SheetPlan<'static> {
    SheetPlan {
        name,
        about: about.to_owned(),
        content: Content::Form(Form {
            lines,
            table: Table {
                id: name,
                columns,
                rows: rows.into(),
                frozen: 1,
                printed: None,
                below: Vec::new(),
            },
        }),
    }
}

/// What is said when a cell of the column is chosen.
fn prompt(field: &Field) -> String {
    let said = match field.name.as_str() {
        "update" => "What was done this quarter, and what came of it.",
        "status" => "Choose from the list. Behind plan? Say the next steps as well.",
        "value" => "The figure alone, on the basis shown. Leave blank if it is not known.",
        "as_at" => "The day to which the figure runs, such as 30/09/2022.",
        "completed_on" => "Only for an action that is complete: the day on which it was.",
        "next_steps" => "What happens next, and by when.",
        "line" => "Choose one of your funding lines.",
        "document" => "The number on the invoice, journal or credit note.",
        "document_date" => "The date on the document.",
        "amount" => "Pounds and pence. A credit is negative.",
        "vat_basis" => "Net: without VAT. Gross: with VAT. Exempt: none was charged.",
        "kind" => "Blank means an actual payment.",
        "this_quarter" => "What was spent on the line this quarter; 0 if nothing.",
        "to_date" => "What was spent on the line since the year began.",
        "forecast" => "What will have been spent on the line by the end of the year.",
        "explanation" => {
            "Why the forecast, or the spend at the year's end, differs from the allocation, if it does."
        }
        _ => match field.kind {
            FieldKind::Money => "Pounds and pence.",
            FieldKind::Number => "A figure alone.",
            FieldKind::Date => "A date.",
            FieldKind::Status | FieldKind::Choice | FieldKind::Agency => "Choose from the list.",
            FieldKind::Text
            | FieldKind::Reference
            | FieldKind::Line
            | FieldKind::Lines
            | FieldKind::Timescale
            | FieldKind::Priority
            | FieldKind::Agencies
            | FieldKind::Email
            | FieldKind::Postcode => "Optional.",
        },
    };
    match field
        .constraint
        .words_maximum
        .filter(|_| field.is_free_text)
    {
        Some(most) => format!("{said} {most} words at most."),
        None => said.to_owned(),
    }
}

/// A column of the plan, shown and locked.
fn shown_column(field: &Field) -> Column {
    let (width, kind) = match field.kind {
        FieldKind::Status => (12, ColumnKind::Centred),
        FieldKind::Number | FieldKind::Money => (9, ColumnKind::Number),
        FieldKind::Date | FieldKind::Timescale => (11, ColumnKind::Date),
        FieldKind::Text if field.name == "action" => (34, ColumnKind::Prose),
        FieldKind::Text if field.name == "unit" => (9, ColumnKind::Prose),
        FieldKind::Text => (22, ColumnKind::Prose),
        FieldKind::Reference
        | FieldKind::Line
        | FieldKind::Lines
        | FieldKind::Agency
        | FieldKind::Priority
        | FieldKind::Agencies
        | FieldKind::Email
        | FieldKind::Postcode => (15, ColumnKind::Prose),
        FieldKind::Choice => (11, ColumnKind::Prose),
    };
    Column::new(&field.title, width, kind)
}
