//! The rows of the resources that are made of the run.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::tables::{Column, Kind, QUARTER, Table, Tables};
use crate::funding::{Approval, Decision, Kind as SpendKind, Line};
use crate::publish::earlier::{CONFIDENTIAL, NOT_APPLICABLE, NOT_AVAILABLE};
use crate::publish::proof::When;
use crate::publish::{self, Owner, Shown};
use crate::reconcile::{Action, Measure, RecordRef, quarter_field, records};
use crate::record::{Decoded, View, Whole};
use crate::schema::{Field, FieldKind, Role};
use crate::source::Source;
use crate::value::amount;
use crate::value::date::Timescale;
use crate::value::period::Quarter;
use crate::value::reference::Reference;
use crate::value::{self, Value};

fn money(amount: Option<Decimal>) -> String {
    amount.map(amount::plain).unwrap_or_default()
}

fn figure(number: Option<Decimal>) -> String {
    number.map(amount::figure).unwrap_or_default()
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// A text as it was typed, without what would act on a screen.
fn typed(cell: Option<&Decoded>) -> String {
    cell.filter(|cell| !cell.is_empty())
        .map(|cell| publish::clean(&cell.said()))
        .unwrap_or_default()
}

/// Adds the columns of declared fields; one that has the name of a column is told apart from it.
fn add_columns(columns: &mut Vec<Column>, declared: &[&Field]) {
    for field in declared {
        let kind = match field.kind {
            FieldKind::Money => Kind::Money,
            FieldKind::Number => Kind::Figure,
            FieldKind::Date => Kind::Day,
            _ => Kind::Text,
        };
        let mut name = field.name.clone();
        while columns.iter().any(|column| *column.name == name) {
            name.insert_str(0, "own_");
        }
        columns.push(Column::new(name, kind, field.title.clone()));
    }
}

/// What a row holds in declared fields.
fn add_cells(row: &mut Vec<String>, view: Option<&View<'_>>, declared: &[&Field]) {
    row.extend(declared.iter().map(|field| {
        let Some(view) = view else {
            return String::new();
        };
        match field.kind {
            FieldKind::Money => money(view.amount(&field.name)),
            FieldKind::Number => figure(view.amount(&field.name)),
            FieldKind::Date => day(view.date(&field.name)),
            _ => typed(view.cell(&field.name)),
        }
    }));
}

fn source(index: usize) -> String {
    format!("s{}", index + 1)
}

/// Where a row is, and what is typed in it.
struct Place<'a> {
    view: View<'a>,
    source: &'a Source,
    sheet: String,
    cell: String,
}

impl<'a> Tables<'a> {
    fn agency(&self, agency: Option<usize>) -> String {
        agency
            .map(|own| self.schema.agency_code(own).to_owned())
            .unwrap_or_default()
    }

    /// The fields of some tables that the program does not know by name: an internal export carries them, and the public never has them.
    fn declared(&self, tables: &[&str]) -> Vec<&'a Field> {
        let mut out: Vec<&Field> = Vec::new();
        if self.is_public() {
            return out;
        }
        let tables = tables.iter().filter_map(|table| self.schema.table(table));
        for field in tables.flat_map(|(_, table)| &table.fields) {
            if field.is_declared && out.iter().all(|own| own.name != field.name) {
                out.push(field);
            }
        }
        out
    }

    fn quarters(&self) -> Vec<Quarter> {
        self.outcome.options.quarter.map_or_else(Vec::new, |run| {
            (1..=run.number)
                .map(|number| Quarter { number, ..run })
                .collect()
        })
    }

    fn place(&self, at: RecordRef) -> Option<Place<'a>> {
        let view = at.view(&self.outcome.sources, self.schema)?;
        let source = self.outcome.sources.get(at.source)?;
        let (_, sheet) = source.sheet(view.table.layout.sheet);
        let first = view
            .table
            .layout
            .columns
            .iter()
            .map(|column| column.column)
            .min()
            .unwrap_or_default();
        let cell = crate::grid::CellAddress::new(view.record.row, first);
        Some(Place {
            view,
            source,
            sheet: sheet.map(|name| name.to_string()).unwrap_or_default(),
            cell: cell.to_string(),
        })
    }

    /// The reference as the plan types it, where the plan has it.
    fn reference(&self, typed: Option<&Reference>) -> String {
        let found = typed.and_then(|typed| {
            self.outcome
                .consolidation
                .actions
                .iter()
                .find(|action| action.reference.key == typed.key)
        });
        found
            .map(|action| action.reference.text.to_string())
            .unwrap_or_default()
    }

    fn line_name(&self, line: Option<usize>) -> String {
        line.and_then(|line| self.outcome.ledger.lines.get(line))
            .map(|line| line.reference.text.to_string())
            .unwrap_or_default()
    }

    /// The actions, in the plan's order; for the public those that are shown.
    fn all(&self) -> Vec<(Option<&'a Shown>, &'a Action)> {
        let actions = &self.outcome.consolidation.actions;
        let mut seen = BTreeSet::new();
        match &self.outcome.publication {
            Some(publication) => publication
                .actions
                .iter()
                .filter_map(|shown| Some((Some(shown), actions.get(shown.action)?)))
                .collect(),
            None => actions
                .iter()
                .filter(|action| seen.insert(Arc::clone(&action.reference.key)))
                .map(|action| (None, action))
                .collect(),
        }
    }

    /// A text of an action: as it is, or for the public as far as it is shown.
    fn text(
        &self,
        shown: Option<usize>,
        view: &View<'_>,
        field: &str,
        column: &'static str,
    ) -> String {
        let (Some(publication), Some(index)) = (&self.outcome.publication, shown) else {
            return typed(view.cell(field));
        };
        match publication.text(Owner::Action(index), column) {
            Some((text, found)) if !publication.is_withheld(text) => publish::clean(found.shown()),
            _ => String::new(),
        }
    }

    pub(super) fn actions(&self) -> Table {
        let is_public = self.is_public();
        let mut columns = vec![
            Column::new("ref", Kind::Text, "The action's reference").unique(),
            Column::new("priority", Kind::Text, "Its priority's code")
                .one_of(self.schema.priorities.iter().map(|p| p.code.clone())),
            Column::new("objective", Kind::Text, "What it is for"),
            Column::new("action", Kind::Text, "What is done"),
            Column::new("lead_agency", Kind::Text, "Who leads it"),
        ];
        if !is_public {
            columns.push(Column::new(
                "lead_officer",
                Kind::Text,
                "The officer who leads it",
            ));
        }
        columns.extend([
            Column::new(
                "partners",
                Kind::Text,
                "Agencies that support it, by code, joined by “; ”",
            ),
            Column::new(
                "funding_lines",
                Kind::Text,
                "Its funding lines, joined by “; ”",
            ),
            Column::new("due", Kind::Day, "The day by which it is due"),
            Column::new(
                "due_text",
                Kind::Text,
                "When it is due, as the plan says it",
            ),
            Column::new("success_measure", Kind::Text, "How success is measured"),
            Column::new("unit", Kind::Text, "In what"),
            Column::new("basis", Kind::Text, "Over what time")
                .one_of(self.choices("actions", "basis")),
            Column::new("polarity", Kind::Text, "Which way is better")
                .one_of(self.choices("actions", "polarity")),
            Column::new("baseline", Kind::Figure, "Where it began"),
            Column::new("target", Kind::Figure, "What is aimed at"),
        ]);
        if !is_public {
            columns.push(Column::new(
                "sensitive",
                Kind::Flag,
                "Whether the measure is of people who must not be known",
            ));
        }
        let declared = self.declared(&["actions"]);
        add_columns(&mut columns, &declared);
        let mut rows = Vec::new();
        for (index, (shown, action)) in self.all().into_iter().enumerate() {
            let Some(view) = action.at.view(&self.outcome.sources, self.schema) else {
                continue;
            };
            let place = shown.map(|_| index);
            let text = |field: &str, column: &'static str| self.text(place, &view, field, column);
            let priority = action
                .priority
                .and_then(|own| self.schema.priorities.get(own))
                .map(|own| own.code.clone())
                .unwrap_or_default();
            let partners: Vec<String> = action
                .partners
                .iter()
                .map(|agency| self.schema.agency_code(*agency).to_owned())
                .collect();
            let lines = match view.value("funding_lines") {
                Some(Value::References(all)) => all
                    .iter()
                    .map(|own| own.text.to_string())
                    .collect::<Vec<_>>()
                    .join("; "),
                Some(Value::Reference(own)) => own.text.to_string(),
                _ => String::new(),
            };
            let due_text = text("due", "Timescale");
            let due = match view.value("due") {
                Some(Value::Timescale(Timescale::By(day)) | Value::Date(day)) => Some(*day),
                _ => None,
            }
            // A day that stands in a withheld text is withheld with it.
            .filter(|_| !is_public || !due_text.is_empty());
            let choice = |field: &str| view.choice_value(field).unwrap_or_default().to_owned();
            let baseline = match shown {
                Some(shown) => shown
                    .figures
                    .iter()
                    .find(|f| matches!(f.when, When::Baseline(_)) && f.why.is_none())
                    .and_then(|figure| figure.value),
                None => view.amount("baseline"),
            };
            let mut row = vec![
                action.reference.text.to_string(),
                priority,
                text("objective", "Objective"),
                text("action", "Action"),
                self.agency(action.lead),
            ];
            if !is_public {
                row.push(typed(view.cell("lead_officer")));
            }
            row.extend([
                partners.join("; "),
                lines,
                day(due),
                due_text,
                text("success_measure", "Success measure"),
                text("unit", "Unit"),
                choice("basis"),
                choice("polarity"),
                figure(baseline),
                figure(view.amount("target")),
            ]);
            if !is_public {
                let is_sensitive = publish::is_sensitive(
                    &view,
                    &action.reference.key,
                    action.priority,
                    self.schema,
                );
                row.push(is_sensitive.to_string());
            }
            add_cells(&mut row, Some(&view), &declared);
            rows.push(row);
        }
        Table {
            name: "actions",
            title: "The plan's actions",
            key: vec!["ref"],
            columns,
            foreign: vec![("lead_agency", "agencies", "code")],
            rows,
        }
    }

    pub(super) fn progress(&self) -> Table {
        let measures = [
            Measure::Met,
            Measure::OnCourse,
            Measure::Behind,
            Measure::NotMet,
            Measure::NoData,
            Measure::NotJudged,
        ]
        .map(Measure::word);
        let mut columns = vec![
            Column::new("ref", Kind::Text, "The action's reference").required(),
            Column::new("for_quarter", Kind::Text, "The quarter")
                .required()
                .like(QUARTER),
            Column::new("status", Kind::Text, "How it stood").one_of(self.statuses()),
            Column::new("value", Kind::Figure, "The measured value"),
            Column::new(
                "measure",
                Kind::Text,
                "Whether the success measure was met; of the run's quarter",
            )
            .one_of(measures),
            Column::new("update", Kind::Text, "What was done"),
        ];
        if self.is_public() {
            columns.push(
                Column::new(
                    "shorthand",
                    Kind::Text,
                    "Why there is no value: c confidential, x not available, z not applicable",
                )
                .one_of(["c", "x", "z"]),
            );
        }
        let mut rows = Vec::new();
        for (index, (shown, action)) in self.all().into_iter().enumerate() {
            let Some(view) = action.at.view(&self.outcome.sources, self.schema) else {
                continue;
            };
            for quarter in self.quarters() {
                let is_run = Some(quarter) == self.outcome.options.quarter;
                let row = match shown {
                    Some(shown) => self.shown_progress(index, shown, action, quarter, is_run),
                    None => self.own_progress(action, &view, quarter, is_run),
                };
                rows.push(row);
            }
        }
        Table {
            name: "progress",
            title: "How each action stood in each quarter, as consolidated",
            key: vec!["ref", "for_quarter"],
            columns,
            foreign: vec![("ref", "actions", "ref")],
            rows,
        }
    }

    fn own_progress(
        &self,
        action: &Action,
        view: &View<'_>,
        quarter: Quarter,
        is_run: bool,
    ) -> Vec<String> {
        let field = |name: &str| quarter_field(name, quarter.number);
        let outcome = &action.outcome;
        let (status, value, update) = if is_run {
            (
                outcome.standing(),
                outcome.value,
                outcome
                    .update
                    .as_deref()
                    .map(publish::clean)
                    .unwrap_or_default(),
            )
        } else {
            (
                view.choice(field("status")),
                view.amount(field("value")),
                typed(view.cell(field("update"))),
            )
        };
        vec![
            action.reference.text.to_string(),
            quarter.to_string(),
            status
                .map(|status| self.schema.status_value(status).to_owned())
                .unwrap_or_default(),
            figure(value),
            if is_run {
                outcome.measure.word().to_owned()
            } else {
                String::new()
            },
            update,
        ]
    }

    /// As the published set shows it: of earlier quarters the figures alone.
    fn shown_progress(
        &self,
        index: usize,
        shown: &Shown,
        action: &Action,
        quarter: Quarter,
        is_run: bool,
    ) -> Vec<String> {
        let own = shown.figure(When::Quarter(quarter));
        let is_hidden = own.is_some_and(|figure| figure.why.is_some());
        let value = own.filter(|_| !is_hidden).and_then(|figure| figure.value);
        let shorthand = match (is_hidden, value, shown.has_measure) {
            (true, ..) => CONFIDENTIAL,
            (_, Some(_), _) => "",
            (_, None, true) => NOT_AVAILABLE,
            (_, None, false) => NOT_APPLICABLE,
        };
        let status = action.outcome.standing().filter(|_| is_run);
        let update = self
            .outcome
            .publication
            .as_ref()
            .filter(|_| is_run)
            .and_then(|publication| {
                let (text, found) = publication.text(Owner::Action(index), "Update")?;
                (!publication.is_withheld(text)).then(|| publish::clean(found.shown()))
            });
        vec![
            shown.reference.to_string(),
            quarter.to_string(),
            status
                .map(|status| self.schema.status_value(status).to_owned())
                .unwrap_or_default(),
            figure(value),
            if is_run && !is_hidden {
                action.outcome.measure.word().to_owned()
            } else {
                String::new()
            },
            update.unwrap_or_default(),
            shorthand.trim_matches(['[', ']']).to_owned(),
        ]
    }

    pub(super) fn updates(&self) -> Table {
        let declared = self.declared(&["updates"]);
        let mut columns = vec![
            Column::new("no", Kind::Count, "The row's number in this table").unique(),
            Column::new("source", Kind::Text, "The file it is from").required(),
            Column::new("sheet", Kind::Text, "The sheet"),
            Column::new("cell", Kind::Text, "The row's first cell").required(),
            Column::new("ref", Kind::Text, "The action, where the plan has it"),
            Column::new("ref_as_typed", Kind::Text, "The reference as typed"),
            Column::new("agency", Kind::Text, "Who reported"),
            Column::new("for_quarter", Kind::Text, "The quarter").like(QUARTER),
            Column::new("update", Kind::Text, "What was done"),
            Column::new("status", Kind::Text, "How it stood").one_of(self.statuses()),
            Column::new("value", Kind::Figure, "The measured value"),
            Column::new("as_at", Kind::Day, "The day that the value is of"),
            Column::new(
                "completed_on",
                Kind::Day,
                "The day on which it was completed",
            ),
            Column::new("next_steps", Kind::Text, "What is to come"),
            Column::new("state", Kind::Text, "What became of the row")
                .required()
                .one_of(["used", "held", "set-aside", "unmatched", "from-plan"]),
        ];
        add_columns(&mut columns, &declared);
        let mut rows = Vec::new();
        let run = self.outcome.options.quarter;
        let reports = self
            .outcome
            .consolidation
            .reports
            .iter()
            .map(|report| (report.at, report.agency, Some(report)));
        let past = records(&self.outcome.sources, self.schema, Role::Plan, "updates")
            .map(|(at, view)| (at, view.choice("agency"), None));
        for (at, agency, report) in reports.chain(past) {
            let Some(place) = self.place(at) else {
                continue;
            };
            let view = &place.view;
            let state = match report {
                None => "from-plan",
                Some(_) if place.source.fate() == Whole::SetAside => "set-aside",
                Some(report) if report.is_held => "held",
                Some(report) if report.action.is_none() => "unmatched",
                Some(_) => "used",
            };
            let quarter = match report {
                Some(_) => run.map(|q| q.to_string()),
                None => view.text("quarter").map(str::to_owned),
            };
            let mut row = vec![
                (rows.len() + 1).to_string(),
                source(at.source),
                place.sheet.clone(),
                place.cell.clone(),
                self.reference(view.reference("ref")),
                typed(view.cell("ref")),
                self.agency(agency),
                quarter.unwrap_or_default(),
                typed(view.cell("update")),
                view.choice("status")
                    .map(|status| self.schema.status_value(status).to_owned())
                    .unwrap_or_default(),
                figure(view.amount("value")),
                day(view.date("as_at")),
                day(view.date("completed_on")),
                typed(view.cell("next_steps")),
                state.to_owned(),
            ];
            add_cells(&mut row, Some(view), &declared);
            rows.push(row);
        }
        Table {
            name: "updates",
            title: "What agencies reported, a row each",
            key: vec!["no"],
            columns,
            foreign: vec![
                ("source", "sources", "id"),
                ("ref", "actions", "ref"),
                ("agency", "agencies", "code"),
            ],
            rows,
        }
    }

    /// The plan's lines, each once.
    fn lines(&self) -> Vec<(usize, &'a Line)> {
        let mut seen = BTreeSet::new();
        self.outcome
            .ledger
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| seen.insert(line.reference.text.to_string()))
            .collect()
    }

    pub(super) fn funding_lines(&self) -> Table {
        let declared = self.declared(&["funding_lines"]);
        let mut columns = vec![
            Column::new("line", Kind::Text, "The funding line's reference").unique(),
            Column::new("project", Kind::Text, "The project's name"),
            Column::new("stream", Kind::Text, "The stream's code")
                .one_of(self.schema.streams.iter().map(|s| s.code.clone())),
            Column::new("funder", Kind::Text, "Who pays"),
            Column::new("delivery_agency", Kind::Text, "Who delivers it"),
            Column::new("allocation", Kind::Money, "Before virements"),
            Column::new("revised", Kind::Money, "After approved virements"),
            Column::new("approval", Kind::Text, "Where it stands with its funder")
                .one_of(["proposed", "approved", "declined"]),
            Column::new("approved_on", Kind::Day, "The day of its approval"),
            Column::new("kind", Kind::Text, "Revenue or capital")
                .one_of(self.choices("funding_lines", "kind")),
            Column::new("match_cash", Kind::Money, "Match in cash, beside the grant"),
            Column::new("forecast", Kind::Money, "The year's outturn"),
            Column::new("to_date", Kind::Money, "Spend of the year so far"),
            Column::new("held", Kind::Money, "Spend that is kept out"),
            Column::new(
                "variance",
                Kind::Money,
                "Revised less forecast: above nought is an underspend",
            ),
            Column::new("decision", Kind::Text, "What becomes of what is left")
                .one_of(["return", "carry-forward"]),
        ];
        add_columns(&mut columns, &declared);
        let mut rows = Vec::new();
        for (index, line) in self.lines() {
            let Some(balance) = self.outcome.ledger.balances.get(index) else {
                continue;
            };
            let view = line.at.view(&self.outcome.sources, self.schema);
            let stream = line.stream.and_then(|own| self.schema.streams.get(own));
            let is_settled = !self.outcome.ledger.unsettled.contains(&index);
            let project = match &self.outcome.publication {
                Some(publication) => publication
                    .text(Owner::Line(index), "Project")
                    .filter(|(text, _)| !publication.is_withheld(*text))
                    .map(|(_, text)| publish::clean(text.shown()))
                    .unwrap_or_default(),
                None => publish::clean(&line.project),
            };
            let approval = match line.approval {
                Approval::NotJudged => "",
                Approval::Proposed => "proposed",
                Approval::Approved => "approved",
                Approval::Declined => "declined",
            };
            let decision = match line.decision {
                Some(Decision::Return) => "return",
                Some(Decision::CarryForward) => "carry-forward",
                None => "",
            };
            let mut row = vec![
                line.reference.text.to_string(),
                project,
                stream.map(|own| own.code.clone()).unwrap_or_default(),
                stream.map(|own| own.funder.clone()).unwrap_or_default(),
                self.agency(line.delivery),
                money(line.allocation),
                money(
                    line.allocation
                        .filter(|_| is_settled)
                        .map(|_| balance.revised),
                ),
                approval.to_owned(),
                day(line.approved_on),
                view.and_then(|view| view.choice_value("kind"))
                    .unwrap_or_default()
                    .to_owned(),
                money(line.match_cash),
                money(balance.forecast),
                money(Some(balance.to_date)),
                money(Some(balance.all_held())),
                money(balance.variance.filter(|_| is_settled)),
                decision.to_owned(),
            ];
            add_cells(&mut row, view.as_ref(), &declared);
            rows.push(row);
        }
        Table {
            name: "funding_lines",
            title: "The plan's funding lines",
            key: vec!["line"],
            columns,
            foreign: vec![("delivery_agency", "agencies", "code")],
            rows,
        }
    }

    pub(super) fn line_quarters(&self) -> Table {
        let mut rows = Vec::new();
        for (index, line) in self.lines() {
            let balance = self.outcome.ledger.balances.get(index);
            for (place, quarter) in self.quarters().into_iter().enumerate() {
                let is_run = Some(quarter) == self.outcome.options.quarter;
                let is_unread = line.is_unread.get(place).copied().unwrap_or_default()
                    && !(is_run && balance.is_some_and(|own| own.is_reported));
                let spent = balance.and_then(|own| own.quarters.get(place).copied());
                rows.push(vec![
                    line.reference.text.to_string(),
                    quarter.to_string(),
                    money(spent.filter(|_| !is_unread)),
                ]);
            }
        }
        Table {
            name: "line_quarters",
            title: "What was spent on each line in each quarter",
            key: vec!["line", "for_quarter"],
            columns: vec![
                Column::new("line", Kind::Text, "The funding line").required(),
                Column::new("for_quarter", Kind::Text, "The quarter")
                    .required()
                    .like(QUARTER),
                Column::new("spend", Kind::Money, "What was spent"),
            ],
            foreign: vec![("line", "funding_lines", "line")],
            rows,
        }
    }

    pub(super) fn spend(&self) -> Table {
        let declared = self.declared(&["spend", "claims"]);
        let mut columns = vec![
            Column::new("no", Kind::Count, "The row's number in this table").unique(),
            Column::new("source", Kind::Text, "The file it is from").required(),
            Column::new("sheet", Kind::Text, "The sheet"),
            Column::new("cell", Kind::Text, "The row's first cell").required(),
            Column::new("line", Kind::Text, "The funding line, where the plan has it"),
            Column::new("line_as_typed", Kind::Text, "The line as typed"),
            Column::new("agency", Kind::Text, "Who claimed"),
            Column::new("for_quarter", Kind::Text, "The quarter").like(QUARTER),
            Column::new("document", Kind::Text, "The document"),
            Column::new("supplier", Kind::Text, "The supplier"),
            Column::new("document_date", Kind::Day, "The document's date"),
            Column::new("amount", Kind::Money, "How much"),
            Column::new("vat_basis", Kind::Text, "Net, gross or exempt")
                .one_of(self.choices("spend", "vat_basis")),
            Column::new("kind", Kind::Text, "What kind of spend; a claim without documents: claim")
                .required()
                .one_of(["actual", "accrual", "credit", "commitment", "capital", "in-kind", "claim"]),
            Column::new("description", Kind::Text, "What for"),
            Column::new("state", Kind::Text, "counted: in the figures of this quarter's run; held: kept out; set-aside: another file stands for it; not-counted: itemised elsewhere; from-plan: counted in an earlier run, and standing in the plan")
                .required()
                .one_of(["counted", "held", "set-aside", "not-counted", "from-plan"]),
        ];
        add_columns(&mut columns, &declared);
        let run = self.outcome.options.quarter;
        let ledger = &self.outcome.ledger;
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut push = |at: RecordRef,
                        line: Option<usize>,
                        reference: Option<&Reference>,
                        agency: Option<usize>,
                        quarter: Option<Quarter>,
                        amount: Option<Decimal>,
                        kind: &str,
                        state: &str| {
            let Some(place) = self.place(at) else { return };
            let view = &place.view;
            let mut row = vec![
                (rows.len() + 1).to_string(),
                source(at.source),
                place.sheet.clone(),
                place.cell.clone(),
                self.line_name(line),
                reference
                    .map(|own| own.text.to_string())
                    .unwrap_or_default(),
                self.agency(agency),
                quarter.map(|own| own.to_string()).unwrap_or_default(),
                typed(view.cell("document")),
                typed(view.cell("supplier")),
                day(view.date("document_date")),
                money(amount),
                view.choice_value("vat_basis")
                    .unwrap_or_default()
                    .to_owned(),
                kind.to_owned(),
                typed(view.cell("description")),
                state.to_owned(),
            ];
            add_cells(&mut row, Some(view), &declared);
            rows.push(row);
        };
        let whole = |is_set_aside: bool, is_held: bool| match (is_set_aside, is_held) {
            (true, _) => "set-aside",
            (_, true) => "held",
            _ => "counted",
        };
        for entry in &ledger.entries {
            let state = whole(entry.is_set_aside(), entry.is_held);
            let reference = entry.reference.as_ref();
            push(
                entry.at,
                entry.line,
                reference,
                entry.agency,
                run,
                entry.amount,
                word(entry.kind),
                state,
            );
        }
        for claim in &ledger.claims {
            let state = if claim.is_itemised && !claim.is_set_aside() {
                "not-counted"
            } else {
                whole(claim.is_set_aside(), claim.is_held)
            };
            let reference = claim.reference.as_ref();
            push(
                claim.at,
                claim.line,
                reference,
                claim.agency,
                run,
                claim.this_quarter,
                "claim",
                state,
            );
        }
        for past in &ledger.past {
            let state = if past.is_held {
                "held"
            } else if past.counted {
                "from-plan"
            } else {
                "not-counted"
            };
            let is_claim = past.document.is_none() && past.kind == SpendKind::Actual && {
                let place = self.place(past.at);
                place.is_some_and(|place| {
                    value::text::fold(&typed(place.view.cell("kind"))) == "claim"
                })
            };
            let kind = if is_claim { "claim" } else { word(past.kind) };
            push(
                past.at,
                past.line,
                past.reference.as_ref(),
                past.agency,
                past.quarter,
                past.amount,
                kind,
                state,
            );
        }
        Table {
            name: "spend",
            title: "What was spent, a row a document or claim",
            key: vec!["no"],
            columns,
            foreign: vec![
                ("source", "sources", "id"),
                ("line", "funding_lines", "line"),
                ("agency", "agencies", "code"),
            ],
            rows,
        }
    }

    pub(super) fn virements(&self) -> Table {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for virement in &self.outcome.ledger.virements {
            let view = virement.at.view(&self.outcome.sources, self.schema);
            let is_held = view.is_some_and(|view| view.record.is_held || view.table.is_held);
            let state = match (is_held, virement.counts) {
                (true, _) => "held",
                (_, true) => "counted",
                _ => "not-counted",
            };
            rows.push(vec![
                (rows.len() + 1).to_string(),
                self.line_name(virement.from),
                self.line_name(virement.to),
                money(Some(virement.amount)),
                view.map(|view| typed(view.cell("approved_by")))
                    .unwrap_or_default(),
                view.map(|view| day(view.date("approved_on")))
                    .unwrap_or_default(),
                state.to_owned(),
            ]);
        }
        Table {
            name: "virements",
            title: "Money moved between lines",
            key: vec!["no"],
            columns: vec![
                Column::new("no", Kind::Count, "The row's number in this table").unique(),
                Column::new("from_line", Kind::Text, "The line it left"),
                Column::new("to_line", Kind::Text, "The line it went to"),
                Column::new("amount", Kind::Money, "How much").required(),
                Column::new("approved_by", Kind::Text, "Who approved it"),
                Column::new("approved_on", Kind::Day, "When"),
                Column::new("state", Kind::Text, "What became of it")
                    .required()
                    .one_of(["counted", "held", "not-counted"]),
            ],
            foreign: vec![
                ("from_line", "funding_lines", "line"),
                ("to_line", "funding_lines", "line"),
            ],
            rows,
        }
    }

    pub(super) fn findings(&self) -> Table {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for finding in &self.outcome.findings {
            let place = &finding.place;
            let accepted = finding.accepted.as_ref();
            let own = |text: &Option<String>| text.clone().unwrap_or_default();
            rows.push(vec![
                (rows.len() + 1).to_string(),
                finding.id.clone(),
                finding.code.to_string(),
                finding.name.to_owned(),
                finding.severity.word().to_owned(),
                place.source.map(source).unwrap_or_default(),
                own(&finding.agency),
                place.sheet_name().unwrap_or_default().to_owned(),
                place.a1().unwrap_or_default(),
                own(&finding.field),
                own(&finding.heading),
                own(&finding.raw),
                finding.message.clone(),
                finding.fix.clone(),
                finding.held.word().to_owned(),
                accepted.map(|by| by.reason.clone()).unwrap_or_default(),
                accepted.map(|by| by.role.clone()).unwrap_or_default(),
                accepted.map(|by| day(by.until)).unwrap_or_default(),
            ]);
        }
        Table {
            name: "findings",
            title: "What was found",
            key: vec!["no"],
            columns: vec![
                Column::new("no", Kind::Count, "The row's number in this table").unique(),
                Column::new("id", Kind::Text, "Stable over runs").unique(),
                Column::new("code", Kind::Text, "The rule")
                    .required()
                    .like("^[A-Z][0-9]{3}$"),
                Column::new("name", Kind::Text, "The rule's name").required(),
                Column::new("severity", Kind::Text, "How bad it is")
                    .required()
                    .one_of(["error", "warning", "information"]),
                Column::new("source", Kind::Text, "The file"),
                Column::new("agency", Kind::Text, "Whose file"),
                Column::new("sheet", Kind::Text, "The sheet"),
                Column::new("cell", Kind::Text, "The cell or range"),
                Column::new("field", Kind::Text, "The field"),
                Column::new("heading", Kind::Text, "The heading as found"),
                Column::new("raw", Kind::Text, "What the cell says"),
                Column::new("message", Kind::Text, "What was found").required(),
                Column::new("fix", Kind::Text, "What to do"),
                Column::new("held", Kind::Text, "What is kept out")
                    .required()
                    .one_of(["none", "value", "column", "row", "table", "return"]),
                Column::new("accepted_reason", Kind::Text, "Why somebody let it stand"),
                Column::new("accepted_role", Kind::Text, "In which role"),
                Column::new("accepted_until", Kind::Day, "Until when"),
            ],
            foreign: vec![("source", "sources", "id"), ("agency", "agencies", "code")],
            rows,
        }
    }

    pub(super) fn sources(&self) -> Table {
        let mut rows = Vec::new();
        for own in &self.outcome.sources {
            let tally = own.tally();
            let sums = self.outcome.ledger.tally(own.index);
            let quarter = own
                .statement
                .quarter
                .map(|number| match own.statement.year {
                    Some(year) => Quarter { year, number },
                    None => self.schema.year.quarter(number),
                });
            // Last quarter's workbook is only looked at: it is in no sum of rows.
            let is_read = own.role != Role::Previous;
            let count = |count: usize| {
                if is_read {
                    count.to_string()
                } else {
                    String::new()
                }
            };
            rows.push(vec![
                source(own.index),
                own.file_name().to_owned(),
                own.sha256.clone(),
                own.role.word().to_owned(),
                own.workbook()
                    .map(|book| book.format.word().to_owned())
                    .unwrap_or_default(),
                self.agency(own.statement.agency),
                quarter.map(|q| q.to_string()).unwrap_or_default(),
                own.state.word().to_owned(),
                count(tally.read),
                count(tally.accepted),
                count(tally.skipped),
                count(tally.held),
                money(is_read.then_some(sums.read)),
                money(is_read.then_some(sums.accepted)),
                money(is_read.then_some(sums.held)),
            ]);
        }
        Table {
            name: "sources",
            title: "The files of the run",
            key: vec!["id"],
            columns: vec![
                Column::new("id", Kind::Text, "The file's id in the run").unique(),
                Column::new("file", Kind::Text, "Its name").required(),
                Column::new("sha256", Kind::Text, "Of its bytes").like("^[0-9a-f]{64}$"),
                Column::new("role", Kind::Text, "What it is")
                    .required()
                    .one_of(["plan", "return", "ledger", "previous"]),
                Column::new("format", Kind::Text, "Its format"),
                Column::new("agency", Kind::Text, "Who sent it"),
                Column::new("for_quarter", Kind::Text, "The quarter that it says").like(QUARTER),
                Column::new("state", Kind::Text, "What became of it")
                    .required()
                    .one_of(["accepted", "held", "superseded", "unreadable"]),
                Column::new("rows_read", Kind::Count, "Rows read"),
                Column::new("rows_accepted", Kind::Count, "Rows used"),
                Column::new("rows_skipped", Kind::Count, "Rows passed over"),
                Column::new("rows_held", Kind::Count, "Rows kept out"),
                Column::new("money_read", Kind::Money, "Money read"),
                Column::new("money_accepted", Kind::Money, "Money used"),
                Column::new("money_held", Kind::Money, "Money kept out"),
            ],
            foreign: vec![("agency", "agencies", "code")],
            rows,
        }
    }
}

fn word(kind: SpendKind) -> &'static str {
    match kind {
        SpendKind::Actual => "actual",
        SpendKind::Accrual => "accrual",
        SpendKind::Credit => "credit",
        SpendKind::Commitment => "commitment",
        SpendKind::Capital => "capital",
        SpendKind::InKind => "in-kind",
    }
}
