//! Next year's plan: what is not finished goes on, with what is left of its money; what has no place in the new year is listed.
//!
//! Invariant: nothing of an action or line that goes on is dropped without a row on the sheet To settle, and no reference, day or amount is
//! made up: where the new year's configuration leaves one open, the cell stays blank and is listed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::context::as_found;
use super::sheets::funding::plan_rows;
use super::{
    Block, Cell, Column, ColumnKind, Content, Context, Look, Page, SheetPlan, Table, Target, Value,
    WorkbookPlan,
};
use crate::finding::Finding;
use crate::funding::Decision;
use crate::layout::OUR_MARK;
use crate::reconcile::{Action, RecordRef, priority_of_prefix, quarter_field, records};
use crate::record::{State, View};
use crate::schema::{Field, FieldKind, Role, Schema};
use crate::value::amount::pounds;
use crate::value::date::{Timescale, long};
use crate::value::text::{counted, fold, visible};
use crate::value::{self};

/// Something that a person has to settle before the new plan is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is about.
    pub about: &'static str,
    /// The reference or line of the year that ends.
    pub subject: String,
    /// Its wording or name.
    pub title: String,
    /// What is open.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// The rule that speaks of it when the new plan is merged, if one does.
    pub code: String,
    /// The cell of the new plan, if it is about one.
    pub cell: String,
}

/// Next year's plan, and what it came to.
#[derive(Debug)]
pub struct NewYear {
    /// The workbook.
    pub plan: WorkbookPlan<'static>,
    /// How many actions go on.
    pub carried: usize,
    /// How many are complete or closed.
    pub over: usize,
    /// How many lines bring money forward.
    pub brought: usize,
    /// How much.
    pub money: Decimal,
    /// What is to be settled.
    pub points: Vec<Point>,
}

/// The sheet that lists what is to be settled.
const TO_SETTLE: &str = "To settle";

/// The next plan of the partnership: from the year that `context` sums up to the year of `next`. `found` is what a run over the result found.
#[must_use]
pub fn new_year(context: &Context<'_>, next: &Schema, found: &[Finding]) -> NewYear {
    let mut made = Making {
        context,
        next,
        year: context.schema.year.label.clone(),
        points: Vec::new(),
        brought: Vec::new(),
    };
    made.is_last();
    let funding = made.funding();
    let (actions, carried, over) = made.actions();
    for finding in found {
        made.points.push(point(finding));
    }
    let money = made.brought.iter().map(|(_, amount)| *amount).sum();
    let brought = made.brought.len();
    let points = made.points;
    let mut sheets = vec![actions];
    sheets.push(funding);
    sheets.push(to_settle(&points));
    sheets
        .retain(|sheet| !matches!(&sheet.content, Content::Table(table) if table.rows.is_empty()));
    let counts = Counts {
        carried,
        over,
        brought,
        money,
        points: points.len(),
    };
    sheets.insert(0, cover(context, next, &sheets, &counts));
    NewYear {
        plan: WorkbookPlan {
            title: format!("{}: action plan {}", next.partnership.name, next.year.label),
            author: next.partnership.name.clone(),
            subject: next.year.label.clone(),
            marking: next.publishing.marking.clone(),
            as_of: context.outcome.options.as_of,
            sheets,
            statuses: next
                .statuses
                .iter()
                .map(|status| (status.label.clone(), status.fill))
                .collect(),
            is_form: false,
        },
        carried,
        over,
        brought,
        money,
        points,
    }
}

/// A finding on the new plan as something to settle.
fn point(finding: &Finding) -> Point {
    let sheet = finding.place.sheet.as_ref();
    let sheet = sheet.and_then(|(_, name)| name.clone()).unwrap_or_default();
    let cell = finding
        .place
        .range
        .map(|range| format!("{sheet}!{range}"))
        .unwrap_or_default();
    Point {
        about: "Finding",
        subject: String::new(),
        title: finding.heading.as_deref().unwrap_or_default().to_owned(),
        what: finding.message.clone(),
        fix: finding.fix.clone(),
        code: finding.code.0.to_owned(),
        cell,
    }
}

struct Making<'a> {
    context: &'a Context<'a>,
    next: &'a Schema,
    /// The year that ends.
    year: String,
    points: Vec<Point>,
    /// The lines that bring money forward, by the key of their reference.
    brought: Vec<(String, Decimal)>,
}

/// Whose cell is being carried, for what is told of it.
struct Subject {
    about: &'static str,
    named: String,
    title: String,
}

impl Making<'_> {
    fn tell(&mut self, subject: &Subject, what: impl Into<String>, fix: impl Into<String>) {
        self.points.push(Point {
            about: subject.about,
            subject: subject.named.clone(),
            title: subject.title.clone(),
            what: what.into(),
            fix: fix.into(),
            code: String::new(),
            cell: String::new(),
        });
    }

    /// An outturn is the whole year's.
    fn is_last(&mut self) {
        let context = self.context;
        let plans = context.outcome.sources.iter();
        for source in plans.filter(|source| source.role == Role::Plan && source.layout.is_ours) {
            if let Some(quarter) = source
                .layout
                .made_for
                .quarter
                .filter(|quarter| *quarter < 4)
            {
                let subject = Subject {
                    about: "Workbook",
                    named: String::new(),
                    title: source.file_name().to_owned(),
                };
                self.tell(
                    &subject,
                    format!("The workbook was made for Q{quarter} of {}: what came later in the year is not in it.", self.year),
                    "Give the workbook of Q4, once its returns are merged.",
                );
            }
        }
    }

    /// The fields of a table of the new year that a plan is begun with: those of no quarter.
    fn fields(&self, table: &str) -> Vec<Field> {
        self.next
            .table(table)
            .map(|(_, table)| table.fields.clone())
            .unwrap_or_default()
    }

    fn actions(&mut self) -> (SheetPlan<'static>, usize, usize) {
        let fields = self.fields("actions");
        let is_written = |field: &&Field| {
            // A quarter's own target is of the year that ends.
            field
                .quarter
                .is_none_or(|of| field.name != format!("q{of}_target"))
        };
        let mut written: Vec<&Field> = fields.iter().filter(is_written).collect();
        written.sort_by_key(|field| field.quarter);
        let mut columns: Vec<Column> = written
            .iter()
            .map(|field| column(field, self.next))
            .collect();
        let has_origin = written.iter().any(|field| field.name == "carried_from");
        if !has_origin {
            columns.push(Column::new("Carried from", 16, ColumnKind::Text));
        }
        let context = self.context;
        let extra = context.extra("actions", &mut columns);
        let by_row: BTreeMap<RecordRef, &Action> = context
            .outcome
            .consolidation
            .actions
            .iter()
            .map(|action| (action.at, action))
            .collect();
        let (mut rows, mut over) = (Vec::new(), 0);
        let sources = &context.outcome.sources;
        for (at, view) in records(sources, context.schema, Role::Plan, "actions") {
            let action = by_row.get(&at).copied();
            let standing = action.and_then(|action| action.outcome.standing());
            if standing.is_some_and(|status| context.schema.is_over(status)) {
                over += 1;
                continue;
            }
            let subject = Subject {
                about: "Action",
                named: shown(&view, "ref"),
                title: shown(&view, "action"),
            };
            let Some(priority) = self.priority(action, &view, &subject) else {
                continue;
            };
            let mut row: Vec<Cell> = Vec::new();
            for field in &written {
                row.push(match field.name.as_str() {
                    _ if field.quarter.is_some() => Cell::blank(),
                    "ref" => self.reference(&view, priority, &subject),
                    "priority" => priority
                        .and_then(|index| self.next.priorities.get(index))
                        .map_or_else(Cell::blank, |p| {
                            Cell::text(format!("{} {}", p.code, p.short_name))
                        }),
                    "carried_from" => self.origin(&subject),
                    "baseline" => self.baseline(&view, &subject),
                    "due" => self.due(&view, &subject),
                    _ => self.carried(&view, "actions", field, &subject),
                });
            }
            if !has_origin {
                row.push(self.origin(&subject));
            }
            row.extend(extra.cells(at, &view));
            rows.push(row);
        }
        let carried = rows.len();
        let sheet = SheetPlan {
            name: "Action plan",
            about: format!(
                "The actions of {} that are not complete or closed, their quarters empty.",
                self.year
            ),
            content: Content::Table(Table {
                id: "ActionPlan",
                columns,
                rows: rows.into(),
                frozen: 1,
                printed: None,
                below: Vec::new(),
            }),
        };
        (sheet, carried, over)
    }

    fn origin(&self, subject: &Subject) -> Cell {
        Cell::text(format!("{} {}", self.year, subject.named).trim())
    }

    /// The new year's priority of the same code; `None` where the new year has none, so that the action has no place in it.
    #[expect(
        clippy::option_option,
        reason = "an action without a priority is told from one whose priority is gone"
    )]
    fn priority(
        &mut self,
        action: Option<&Action>,
        view: &View<'_>,
        subject: &Subject,
    ) -> Option<Option<usize>> {
        let old = action
            .and_then(|action| action.priority)
            .or(view.record.priority)
            .or(view.table.layout.priority);
        let old = old.and_then(|index| self.context.schema.priorities.get(index));
        let Some(old) = old else {
            self.tell(
                subject,
                "No priority is known for this action.",
                "Give it one in the new plan.",
            );
            return Some(None);
        };
        let found = self.next.priorities.iter().position(|p| p.code == old.code);
        if found.is_none() {
            self.tell(
                subject,
                format!(
                    "Its priority {} {} is none of {}, so the action is not in the new plan. {}",
                    old.code,
                    old.short_name,
                    self.next.year.label,
                    whole(view)
                ),
                "Add it to the new plan under another priority, or let it end.",
            );
        }
        found.map(Some)
    }

    /// The reference, where its letters are those of its priority in the new year; else nothing, for numbers are given by people.
    fn reference(&mut self, view: &View<'_>, priority: Option<usize>, subject: &Subject) -> Cell {
        let Some(reference) = view.reference("ref") else {
            self.tell(
                subject,
                "The action has no reference that can be used.",
                "Give it one in the new plan.",
            );
            return Cell::blank();
        };
        if priority.is_some() && priority_of_prefix(reference, self.next) == priority {
            return Cell::text(&*reference.text);
        }
        let prefix = priority
            .and_then(|index| self.next.priorities.get(index))
            .map_or("", |priority| priority.prefix.as_str());
        self.points.push(Point {
            about: subject.about,
            subject: subject.named.clone(),
            title: subject.title.clone(),
            what: format!(
                "The reference {reference} does not begin with the letters of its priority in {}, so it is left blank.",
                self.next.year.label
            ),
            fix: if prefix.is_empty() {
                "Give the action its new reference.".to_owned()
            } else {
                format!("Give the action a new reference that begins with {prefix}.")
            },
            code: "R302".to_owned(),
            cell: String::new(),
        });
        Cell::blank()
    }

    /// The year's outturn, where the measure's basis makes the last figure one.
    fn baseline(&mut self, view: &View<'_>, subject: &Subject) -> Cell {
        let figures: Vec<String> = (1..=4)
            .filter_map(|quarter| {
                let said = shown(view, quarter_field("value", quarter));
                (!said.is_empty()).then(|| format!("Q{quarter} {said}"))
            })
            .collect();
        let last = view.cell(quarter_field("value", 4));
        let outturn = last.filter(|cell| !cell.is_held() && cell.value().is_some());
        let before = shown(view, "baseline");
        let (table, field) = (self.context.schema.table("actions"), "basis");
        let basis = table
            .and_then(|(_, table)| table.fields.get(table.field(field)?))
            .and_then(|field| {
                let word = field.choices.get(view.choice("basis")?)?;
                Some((word.value.clone(), word.label.clone()))
            });
        let allows = basis
            .as_ref()
            .is_some_and(|(value, _)| value != "in-quarter");
        if let Some(cell) = outturn.filter(|_| allows) {
            return self
                .context
                .cell(cell, FieldKind::Number, &[])
                .look(Look::Plain);
        }
        if figures.is_empty() && before.is_empty() && shown(view, "target").is_empty() {
            return Cell::blank();
        }
        let why = match &basis {
            _ if figures.is_empty() => format!("no figure was reported in {}", self.year),
            None => "the measure has no basis that says how the quarters make a year".to_owned(),
            Some((_, label)) if !allows => {
                format!("the basis “{label}” makes no figure for the year")
            }
            Some(_) => "there is no figure for Q4".to_owned(),
        };
        let told = if figures.is_empty() {
            String::new()
        } else {
            format!(" Reported: {}.", figures.join(", "))
        };
        let earlier = if before.is_empty() {
            String::new()
        } else {
            format!(" The baseline was {before}.")
        };
        self.tell(
            subject,
            format!("The baseline is left blank: {why}.{told}{earlier}"),
            "Write in the baseline, if the measure needs one.",
        );
        Cell::blank()
    }

    /// The timescale, where it reaches into the new year or means all year.
    fn due(&mut self, view: &View<'_>, subject: &Subject) -> Cell {
        let Some(cell) = view.cell("due").filter(|cell| !cell.is_empty()) else {
            return Cell::blank();
        };
        let end = self.context.schema.year.end;
        let goes_on = match cell.value() {
            Some(value::Value::Timescale(Timescale::Continuous)) => true,
            Some(value::Value::Timescale(Timescale::By(day)) | value::Value::Date(day)) => {
                *day > end
            }
            _ => false,
        };
        if goes_on && !cell.is_held() {
            return self.context.cell(cell, FieldKind::Timescale, &[]);
        }
        self.tell(
            subject,
            format!(
                "The timescale was {}, in {}; it is left blank.",
                shown(view, "due"),
                self.year
            ),
            "Set the new timescale.",
        );
        Cell::blank()
    }

    /// Any other cell, by its field's kind; what the new year does not know is told and left blank.
    fn carried(
        &mut self,
        view: &View<'_>,
        table: &'static str,
        field: &Field,
        subject: &Subject,
    ) -> Cell {
        let Some(cell) = view.cell(&field.name).filter(|cell| !cell.is_empty()) else {
            return Cell::blank();
        };
        let old_schema = self.context.schema;
        let old = old_schema
            .table(table)
            .and_then(|(_, table)| table.fields.get(table.field(&field.name)?));
        let raw = shown(view, &field.name);
        let missing = |made: &mut Self, what: &str| {
            made.tell(
                subject,
                format!("{}: {what} is left out.", field.title),
                "Fill it in, or change the new configuration.",
            );
            Cell::blank()
        };
        if matches!(cell.state, State::Missing | State::Placeholder) {
            return as_found(cell.raw.as_ref());
        }
        let Some(found) = cell.value().filter(|_| !cell.is_held()) else {
            return missing(self, &format!("“{raw}”, which could not be read,"));
        };
        match (field.kind, found) {
            (FieldKind::Agency, value::Value::Choice(agency)) => {
                let code = old_schema.agency_code(*agency);
                match self.next.agency(code) {
                    Some(agency) => Cell::text(self.next.agency_name(agency)),
                    None => missing(
                        self,
                        &format!("{raw}, which is no partner of {},", self.next.year.label),
                    ),
                }
            }
            (FieldKind::Agencies, value::Value::Agencies(agencies)) => {
                if self.next.agency_group(&fold(&raw)).is_some() {
                    return Cell::text(raw);
                }
                let (mut names, mut gone) = (Vec::new(), Vec::new());
                for agency in agencies {
                    match self.next.agency(old_schema.agency_code(*agency)) {
                        Some(agency) => names.push(self.next.agency_name(agency).to_owned()),
                        None => gone.push(old_schema.agency_name(*agency).to_owned()),
                    }
                }
                if !gone.is_empty() {
                    missing(
                        self,
                        &format!(
                            "{}, which is no partner of {},",
                            gone.join(", "),
                            self.next.year.label
                        ),
                    );
                }
                Cell::text(names.join("; "))
            }
            (FieldKind::Choice, value::Value::Choice(index)) => {
                let old = old.and_then(|field| field.choices.get(*index));
                let found =
                    old.and_then(|old| field.choices.iter().find(|new| new.value == old.value));
                match found {
                    Some(choice) => Cell::text(&choice.label),
                    None => missing(self, &format!("“{raw}”, which is no longer a choice,")),
                }
            }
            (FieldKind::Lines, value::Value::References(lines)) => {
                let (mut kept, mut gone) = (Vec::new(), Vec::new());
                for line in lines {
                    let is_brought = self.brought.iter().any(|(key, _)| **key == *line.key);
                    let list = if is_brought { &mut kept } else { &mut gone };
                    list.push(line.to_string());
                }
                if !gone.is_empty() {
                    missing(
                        self,
                        &format!("{}, which brings nothing forward,", gone.join(", ")),
                    );
                }
                Cell::text(kept.join("; "))
            }
            (FieldKind::Money | FieldKind::Number | FieldKind::Date, _) => {
                self.context.cell(cell, field.kind, &[])
            }
            _ => as_found(cell.raw.as_ref()),
        }
    }

    /// The lines whose rest is carried forward.
    fn funding(&mut self) -> SheetPlan<'static> {
        const TOLD: [&str; 3] = ["approval", "kind", "match_cash"];
        let context = self.context;
        let rows_of_plan = plan_rows(context);
        let fields = self.fields("funding_lines");
        let tells = |name: &str| {
            let mut rows = rows_of_plan.iter();
            rows.any(|(_, view, _)| view.cell(name).is_some())
        };
        let written: Vec<&Field> = fields
            .iter()
            .filter(|field| match field.name.as_str() {
                "approved_on" | "decision" | "forecast" | "match_cash" => false,
                name if TOLD.contains(&name) => tells(name),
                _ => true,
            })
            .collect();
        let columns: Vec<Column> = written
            .iter()
            .map(|field| column(field, self.next))
            .collect();
        let mut rows = Vec::new();
        for (_, view, found) in &rows_of_plan {
            let subject = Subject {
                about: "Funding line",
                named: view
                    .line()
                    .map_or_else(|| shown(view, "line"), |line| line.to_string()),
                title: shown(view, "project"),
            };
            let Some((line, balance)) = found else {
                self.tell(
                    &subject,
                    "The line is held in this year's plan, so nothing of it is brought forward.",
                    "Settle it in this year's plan, and add to the new plan what is left.",
                );
                continue;
            };
            let left = balance.revised - balance.to_date;
            if balance.all_held() != Decimal::ZERO {
                self.tell(
                    &subject,
                    format!(
                        "{} is held on the line and counted as not spent.",
                        pounds(balance.all_held())
                    ),
                    "Settle it before the amount brought forward is final.",
                );
            }
            let says = match line.decision {
                _ if left.is_zero() => {
                    "It is spent to the penny; nothing is brought forward.".to_owned()
                }
                _ if left < Decimal::ZERO => {
                    format!(
                        "It is overspent by {}; nothing is brought forward.",
                        pounds(-left)
                    )
                }
                Some(Decision::CarryForward) => String::new(),
                Some(Decision::Return) => format!("{} goes back to the funder.", pounds(left)),
                None => format!(
                    "{} is left, and neither a return to the funder nor a carry-forward is decided.",
                    pounds(left)
                ),
            };
            if !says.is_empty() {
                self.tell(
                    &subject,
                    says,
                    "Add the line to the new plan with its new allocation, if it goes on.",
                );
                continue;
            }
            let stream = line
                .stream
                .and_then(|stream| context.schema.streams.get(stream));
            let new_stream = stream
                .and_then(|stream| self.next.streams.iter().find(|new| new.code == stream.code));
            if let (Some(stream), None) = (stream, new_stream) {
                self.tell(
                    &subject,
                    format!(
                        "{} is carried forward, but {} is no stream of {}, so the line is not in the new plan.",
                        pounds(left),
                        stream.name,
                        self.next.year.label
                    ),
                    "Add the stream to the new configuration and run again, or add the line by hand.",
                );
                continue;
            }
            let mut row = Vec::new();
            for field in &written {
                row.push(match field.name.as_str() {
                    _ if field.quarter.is_some() => Cell::blank(),
                    "line" => Cell::text(&subject.named),
                    "project" => Cell::text(format!(
                        "{} (brought forward from {})",
                        if line.project.is_empty() {
                            &subject.named
                        } else {
                            &*line.project
                        },
                        self.year
                    )),
                    "stream" => {
                        new_stream.map_or_else(Cell::blank, |stream| Cell::text(&stream.name))
                    }
                    "allocation" => Cell::money(left),
                    _ => self.carried(view, "funding_lines", field, &subject),
                });
            }
            rows.push(row);
            if let Some(line) = view.line() {
                self.brought.push((line.key.to_string(), left));
            }
        }
        SheetPlan {
            name: "Funding",
            about: format!(
                "What is carried forward from {}, line by line. Add the new year's lines and allocations here.",
                self.year
            ),
            content: Content::Table(Table {
                id: "Funding",
                columns,
                rows: rows.into(),
                frozen: 1,
                printed: None,
                below: Vec::new(),
            }),
        }
    }
}

/// What the plan says of an action beside its reference, its wording and its quarters.
fn whole(view: &View<'_>) -> String {
    let said: Vec<String> = view
        .schema
        .fields
        .iter()
        .filter(|field| {
            field.quarter.is_none() && !["ref", "action", "priority"].contains(&field.name.as_str())
        })
        .map(|field| (field, shown(view, &field.name)))
        .filter(|(_, text)| !text.is_empty())
        .map(|(field, text)| format!("{}: {text}.", field.title))
        .collect();
    said.join(" ")
}

/// What a cell shows, in one line.
fn shown(view: &View<'_>, field: &str) -> String {
    view.cell(field)
        .and_then(|cell| cell.raw.as_ref())
        .map(|raw| match raw {
            crate::grid::CellValue::Date(moment) => long(moment.date()),
            other => visible(&other.to_string()),
        })
        .unwrap_or_default()
}

fn column(field: &Field, next: &Schema) -> Column {
    let (width, kind) = match field.kind {
        FieldKind::Reference => (9, ColumnKind::Text),
        FieldKind::Line | FieldKind::Lines => (12, ColumnKind::Text),
        FieldKind::Money => (13, ColumnKind::Money),
        FieldKind::Number => (10, ColumnKind::Number),
        FieldKind::Date | FieldKind::Timescale => (12, ColumnKind::Date),
        FieldKind::Status => (13, ColumnKind::Centred),
        FieldKind::Choice => (13, ColumnKind::Text),
        FieldKind::Agency => (18, ColumnKind::Prose),
        FieldKind::Priority | FieldKind::Agencies | FieldKind::Email | FieldKind::Postcode => {
            (22, ColumnKind::Prose)
        }
        FieldKind::Text => match field.name.as_str() {
            "action" => (42, ColumnKind::Prose),
            "lead_officer" | "unit" | "carried_from" => (16, ColumnKind::Prose),
            _ if field.quarter.is_some() => (40, ColumnKind::Prose),
            _ => (30, ColumnKind::Prose),
        },
    };
    let words: Vec<String> = match field.kind {
        FieldKind::Status => next.statuses.iter().map(|s| s.label.clone()).collect(),
        FieldKind::Agency => next.agencies.iter().map(|a| a.name.clone()).collect(),
        FieldKind::Choice => field.choices.iter().map(|c| c.label.clone()).collect(),
        _ => Vec::new(),
    };
    Column {
        is_status: field.kind == FieldKind::Status,
        ..Column::new(&field.title, width, kind).choose(words)
    }
}

fn to_settle(points: &[Point]) -> SheetPlan<'static> {
    let columns = vec![
        Column::new("About", 14, ColumnKind::Text),
        Column::new("Ref or line", 12, ColumnKind::Text),
        Column::new("Action or project", 40, ColumnKind::Prose),
        Column::new("What is to be settled", 60, ColumnKind::Prose),
        Column::new("What to do", 44, ColumnKind::Prose),
        Column::new("Rule", 8, ColumnKind::Centred),
        Column::new("Cell", 20, ColumnKind::Text),
    ];
    let rows: Vec<Vec<Cell>> = points
        .iter()
        .map(|point| {
            vec![
                Cell::text(point.about),
                Cell::text(&point.subject),
                Cell::text(&point.title),
                Cell::text(&point.what),
                Cell::text(&point.fix),
                Cell::text(&point.code),
                Cell::text(&point.cell),
            ]
        })
        .collect();
    SheetPlan {
        name: TO_SETTLE,
        about: "What has no place in the new year yet, what was left blank, and what a first merge would say of this plan."
            .to_owned(),
        content: Content::Table(Table {
            id: "ToSettle",
            columns,
            rows: rows.into(),
            frozen: 1,
            printed: None,
            below: Vec::new(),
        }),
    }
}

struct Counts {
    carried: usize,
    over: usize,
    brought: usize,
    money: Decimal,
    points: usize,
}

fn cover(
    context: &Context<'_>,
    next: &Schema,
    sheets: &[SheetPlan<'_>],
    counts: &Counts,
) -> SheetPlan<'static> {
    let line = |cells: Vec<Cell>| Block::Line(cells);
    let pair =
        |label: &str, value: Cell| Block::Line(vec![Cell::text(label).look(Look::Label), value]);
    let year = &context.schema.year.label;
    let from = context
        .outcome
        .sources
        .iter()
        .find(|source| source.role == Role::Plan)
        .map(|source| source.file_name().to_owned())
        .unwrap_or_default();
    let mut blocks = vec![
        line(vec![Cell::text(&next.partnership.name).look(Look::Title)]),
        line(vec![
            Cell::text(format!("Action plan {}", next.year.label)).look(Look::Heading),
        ]),
        line(vec![
            Cell::text(&next.publishing.marking).look(Look::Marking),
        ]),
        Block::Gap,
        pair("Made for", Cell::text(long(context.outcome.options.as_of))),
        pair("Carried from", Cell::text(format!("{from}, {year}"))),
        pair(
            "Actions",
            Cell::text(format!(
                "{} carried; {} complete or closed in {year} and left there",
                counts.carried, counts.over
            )),
        ),
        pair(
            "Money",
            Cell::text(if counts.brought == 0 {
                "Nothing is brought forward".to_owned()
            } else {
                format!(
                    "{} brought forward on {}",
                    pounds(counts.money),
                    counted(counts.brought, "line", "lines")
                )
            }),
        ),
        pair(
            TO_SETTLE,
            Cell::text(if counts.points == 0 {
                "Nothing".to_owned()
            } else {
                counted(
                    counts.points,
                    "point, listed on the sheet of that name",
                    "points, listed on the sheet of that name",
                )
            }),
        ),
        Block::Gap,
        line(vec![Cell::text("What is inside").look(Look::Heading)]),
    ];
    blocks.extend(sheets.iter().map(|sheet| {
        let link = Value::Link {
            text: sheet.name.to_owned(),
            target: Target::Here(format!("'{}'!A1", sheet.name)),
            tip: format!("Go to {}", sheet.name),
        };
        Block::Line(vec![
            Cell {
                value: link,
                look: Look::Link,
            },
            Cell::text(&sheet.about),
        ])
    }));
    blocks.extend([
        Block::Gap,
        line(vec![Cell::text(OUR_MARK).look(Look::Muted)]),
    ]);
    SheetPlan {
        name: "Cover",
        about: "What this workbook is.".to_owned(),
        content: Content::Page(Page {
            widths: vec![20, 84],
            blocks,
            is_fitted: false,
        }),
    }
}
