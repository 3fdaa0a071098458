//! What the public version says, as plain tables: the same for every format that it is written in.
//!
//! Invariant: every cell is made of what the publication's stage lets be shown; none is blank.

use std::fmt::Write as _;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::funding::Totals;
use crate::pipeline::Outcome;
use crate::publish::earlier::{CONFIDENTIAL, NOT_APPLICABLE, NOT_AVAILABLE, notes};
use crate::publish::proof::When;
use crate::publish::{self, Figure, Owner, Publication, Shown};
use crate::reconcile::{Action, Measure, Travel};
use crate::record::View;
use crate::schema::{Lines, PublicFormat, Schema};
use crate::value::amount;
use crate::value::date::long;
use crate::value::period::Quarter;
use crate::value::text::counted;

/// What a cell of the public version holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, or shorthand in a figure's place.
    Text(String),
    /// A figure.
    Number(Decimal),
    /// Pounds.
    Money(Decimal),
}

impl Value {
    /// As a text file writes it.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => amount::figure(*number),
            Self::Money(money) => amount::plain(*money),
        }
    }
}

/// A table of the public version.
#[derive(Clone, Debug)]
pub struct PublicTable {
    /// Its name: `Summary`.
    pub name: &'static str,
    /// Its title, which stands above it.
    pub title: String,
    /// What it holds, in a sentence.
    pub about: String,
    /// Its headings with the width of each column in characters.
    pub columns: Vec<(String, u16)>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
}

/// The public version.
#[derive(Clone, Debug)]
pub struct PublicSet {
    /// How its files begin: `sevenoaks-csp-action-plan-2022-23-q2`.
    pub stem: String,
    /// Its title.
    pub title: String,
    /// The partnership's name.
    pub partnership: String,
    /// The quarter.
    pub quarter: Quarter,
    /// The day it is of.
    pub as_of: Date,
    /// Lines of the cover, below the title.
    pub cover: Vec<String>,
    /// What the shorthand means, in a line.
    pub shorthand: String,
    /// Where the figures are from, in a line.
    pub source: String,
    /// The formats asked for.
    pub formats: Vec<PublicFormat>,
    /// The tables, in order.
    pub tables: Vec<PublicTable>,
    /// How it is going, a priority a paragraph, with its name.
    pub words: Vec<(String, String)>,
    /// The statuses' labels with their colours, best first.
    pub statuses: Vec<(String, crate::grid::Rgb)>,
}

impl PublicSet {
    /// A table by its name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&PublicTable> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// What a status is called where there is none.
pub const NO_REPORT: &str = "No report";

/// The public version of a run, where it was asked for.
#[must_use]
pub fn public(outcome: &Outcome, schema: &Schema) -> Option<PublicSet> {
    let publication = outcome.publication.as_ref()?;
    let quarter = outcome.options.quarter?;
    let maker = Maker {
        outcome,
        schema,
        publication,
        quarter,
    };
    let name = &schema.partnership.name;
    let mut tables = vec![maker.summary(), maker.actions(), maker.measures()];
    tables.extend(maker.funding());
    tables.push(maker.notes());
    Some(PublicSet {
        stem: format!(
            "{}-{}-q{}",
            schema.publishing.name,
            quarter.year_label(),
            quarter.number
        ),
        title: format!("{name}: action plan, {}", quarter.spoken()),
        partnership: name.clone(),
        quarter,
        as_of: outcome.options.as_of,
        cover: maker.cover(),
        shorthand: format!(
            "Shorthand: {CONFIDENTIAL} is confidential, {NOT_AVAILABLE} not available, {NOT_APPLICABLE} not applicable and [r] revised. The worksheet Notes says more."
        ),
        source: format!("Source: {name}, {}.", quarter.spoken()),
        formats: schema.publishing.formats.clone(),
        words: maker.words(),
        tables,
        statuses: schema
            .statuses
            .iter()
            .map(|status| (status.label.clone(), status.fill))
            .collect(),
    })
}

fn text(said: impl Into<String>) -> Value {
    Value::Text(said.into())
}

fn confidential() -> Value {
    text(CONFIDENTIAL)
}

fn not_available() -> Value {
    text(NOT_AVAILABLE)
}

fn not_applicable() -> Value {
    text(NOT_APPLICABLE)
}

fn columns(all: &[(&str, u16)]) -> Vec<(String, u16)> {
    all.iter()
        .map(|(heading, width)| ((*heading).to_owned(), *width))
        .collect()
}

struct Maker<'a> {
    outcome: &'a Outcome,
    schema: &'a Schema,
    publication: &'a Publication,
    quarter: Quarter,
}

impl<'a> Maker<'a> {
    fn action(&self, shown: &Shown) -> Option<&'a Action> {
        self.outcome.consolidation.actions.get(shown.action)
    }

    fn view(&self, shown: &Shown) -> Option<View<'a>> {
        shown.at.view(&self.outcome.sources, self.schema)
    }

    fn priority(&self, priority: Option<usize>) -> String {
        priority
            .and_then(|index| self.schema.priorities.get(index))
            .map_or_else(|| "No priority".to_owned(), |own| own.short_name.clone())
    }

    /// A text, unless it is withheld or there is none.
    fn text(&self, owner: Owner, column: &'static str, none: Value) -> Value {
        match self.publication.text(owner, column) {
            Some((index, _)) if self.publication.is_withheld(index) => confidential(),
            Some((_, found)) => text(publish::clean(found.shown())),
            None => none,
        }
    }

    fn status(&self, shown: &Shown) -> &'a str {
        self.action(shown)
            .and_then(|action| action.outcome.standing())
            .map_or(NO_REPORT, |status| self.schema.status_label(status))
    }

    fn quarters(&self) -> Vec<Quarter> {
        (1..=self.quarter.number)
            .map(|number| Quarter {
                number,
                ..self.quarter
            })
            .collect()
    }

    /// What Measure met says.
    fn met(&self, shown: &Shown) -> Value {
        let own = shown.figure(When::Quarter(self.quarter));
        if own.is_some_and(|figure| figure.why.is_some()) {
            return confidential();
        }
        match self.action(shown).map(|action| action.outcome.measure) {
            Some(Measure::NotJudged) | None => not_applicable(),
            Some(judged) => text(judged.label()),
        }
    }

    /// How the quarter's value stands against last quarter's; of a running total what each quarter added is compared.
    fn change(&self, shown: &Shown) -> Value {
        let back = |by: u8| {
            let number = self.quarter.number.checked_sub(by).filter(|n| *n > 0)?;
            shown.figure(When::Quarter(Quarter {
                number,
                ..self.quarter
            }))
        };
        if back(1).is_none() {
            return not_applicable();
        }
        let reach = if shown.is_running { 3 } else { 2 };
        let is_hidden = (0..reach)
            .filter_map(back)
            .any(|figure| figure.why.is_some());
        if is_hidden {
            return confidential();
        }
        match self.action(shown).map(|action| action.outcome.travel) {
            Some(Travel::NotJudged) | None => not_available(),
            Some(travel) => text(travel.label()),
        }
    }

    fn summary(&self) -> PublicTable {
        let mut headings = vec![
            ("Priority".to_owned(), 34),
            ("Actions shown".to_owned(), 12),
        ];
        let statuses: Vec<&str> = self
            .schema
            .statuses
            .iter()
            .map(|status| status.label.as_str())
            .chain([NO_REPORT])
            .collect();
        headings.extend(statuses.iter().map(|label| ((*label).to_owned(), 12)));
        headings.extend(columns(&[
            ("Measures met", 12),
            ("Measures not met", 12),
            ("Measures with no data", 12),
            ("Measures hidden", 12),
        ]));
        let mut rows = Vec::new();
        let mut all: Vec<Option<usize>> = (0..self.schema.priorities.len()).map(Some).collect();
        if self
            .publication
            .actions
            .iter()
            .any(|a| a.priority.is_none())
        {
            all.push(None);
        }
        for priority in all {
            let own: Vec<&Shown> = self
                .publication
                .actions
                .iter()
                .filter(|action| action.priority == priority)
                .collect();
            let count = |is: &dyn Fn(&Shown) -> bool| {
                Value::Number(Decimal::from(own.iter().filter(|a| is(a)).count()))
            };
            let mut row = vec![
                text(self.priority(priority)),
                Value::Number(Decimal::from(own.len())),
            ];
            row.extend(
                statuses
                    .iter()
                    .map(|label| count(&|action| self.status(action) == *label)),
            );
            let met =
                |word: &str| count(&|action| action.has_measure && self.met(action) == text(word));
            row.extend([
                met(Measure::Met.label()),
                met(Measure::NotMet.label()),
                met(Measure::NoData.label()),
                met(CONFIDENTIAL),
            ]);
            rows.push(row);
        }
        PublicTable {
            name: "Summary",
            title: format!("How the plan stands, by priority, {}", self.quarter.spoken()),
            about: "How many actions are shown under each priority, how they stand, and how many success measures are met.".to_owned(),
            columns: headings,
            rows,
        }
    }

    fn actions(&self) -> PublicTable {
        let rows = self
            .publication
            .actions
            .iter()
            .enumerate()
            .map(|(index, shown)| {
                let owner = Owner::Action(index);
                let view = self.view(shown);
                let lead = self
                    .action(shown)
                    .and_then(|action| action.lead)
                    .map_or_else(not_available, |lead| text(self.schema.agency_name(lead)));
                let partners = match view.as_ref().and_then(publish::partners) {
                    Some(partners) if !partners.is_empty() => {
                        let names: Vec<&str> = partners
                            .iter()
                            .map(|agency| self.schema.agency_name(*agency))
                            .collect();
                        text(names.join("; "))
                    }
                    None if view
                        .as_ref()
                        .and_then(|view| view.cell("partners"))
                        .is_some_and(|cell| !cell.is_empty()) =>
                    {
                        not_available()
                    }
                    Some(_) | None => not_applicable(),
                };
                vec![
                    text(publish::clean(&shown.reference)),
                    text(self.priority(shown.priority)),
                    self.text(owner, "Objective", not_available()),
                    self.text(owner, "Action", not_available()),
                    lead,
                    partners,
                    self.text(owner, "Timescale", not_available()),
                    text(self.status(shown)),
                    self.text(owner, "Update", not_available()),
                ]
            });
        PublicTable {
            name: "Actions",
            title: format!("The actions and how they stand, {}", self.quarter.spoken()),
            about: "What is to be done under each priority, who leads it, how it stands and what was done in the quarter.".to_owned(),
            columns: columns(&[
                ("Ref", 10),
                ("Priority", 24),
                ("Objective", 28),
                ("Action", 44),
                ("Lead agency", 22),
                ("Partners", 28),
                ("Timescale", 18),
                ("Status", 16),
                ("Update", 60),
            ]),
            rows: rows.collect(),
        }
    }

    fn figure(figure: Option<&Figure>) -> Value {
        match figure {
            Some(figure) if figure.why.is_some() => confidential(),
            Some(Figure {
                value: Some(value), ..
            }) => Value::Number(*value),
            Some(_) | None => not_available(),
        }
    }

    fn measures(&self) -> PublicTable {
        let mut headings = columns(&[
            ("Ref", 10),
            ("Priority", 24),
            ("Success measure", 40),
            ("Unit", 12),
            ("Basis", 14),
            ("Better is", 12),
            ("Baseline", 12),
            ("Target", 12),
        ]);
        headings.extend(self.quarters().into_iter().map(|q| (q.spoken(), 12)));
        headings.extend(columns(&[
            ("Measure met", 14),
            ("Change since last quarter", 16),
            ("Notes", 24),
        ]));
        let mut rows: Vec<Vec<Value>> = self
            .publication
            .actions
            .iter()
            .enumerate()
            .filter(|(_, shown)| shown.has_measure)
            .map(|(index, shown)| self.measure(index, shown))
            .collect();
        if rows.is_empty() {
            rows.push(vec![not_applicable(); headings.len()]);
        }
        PublicTable {
            name: "Measures",
            title: format!(
                "The success measures and their figures, {}",
                self.quarter.spoken()
            ),
            about: "How success is measured, what is aimed at, and each quarter's figure."
                .to_owned(),
            columns: headings,
            rows,
        }
    }

    fn measure(&self, index: usize, shown: &Shown) -> Vec<Value> {
        let owner = Owner::Action(index);
        let view = self.view(shown);
        let choice = |field: &str, none: Value| {
            let label = view.as_ref().and_then(|view| {
                let own = view.choice(field)?;
                let found = view.schema.fields.get(view.schema.field(field)?)?;
                Some(found.choices.get(own)?.label.clone())
            });
            label.map_or(none, text)
        };
        let is_share = view.as_ref().is_some_and(|view| {
            ["baseline", "target"]
                .into_iter()
                .chain(
                    self.quarters()
                        .iter()
                        .map(|q| crate::reconcile::quarter_field("value", q.number)),
                )
                .filter_map(|field| view.cell(field))
                .any(crate::record::Decoded::is_percentage)
        });
        let unit = if is_share { text("%") } else { not_available() };
        let target = view
            .as_ref()
            .and_then(|view| view.amount("target"))
            .map_or_else(
                || {
                    let is_context = view.as_ref().and_then(|view| view.choice_value("polarity"))
                        == Some("context");
                    if is_context {
                        not_applicable()
                    } else {
                        not_available()
                    }
                },
                |target| Value::Number(target.normalize()),
            );
        let baseline = shown.figure(When::Baseline(self.quarter.year));
        let mut row = vec![
            text(publish::clean(&shown.reference)),
            text(self.priority(shown.priority)),
            self.text(owner, "Success measure", not_available()),
            self.text(owner, "Unit", unit),
            choice("basis", not_available()),
            choice("polarity", not_applicable()),
            Self::figure(baseline),
            target,
        ];
        row.extend(
            self.quarters()
                .into_iter()
                .map(|quarter| Self::figure(shown.figure(When::Quarter(quarter)))),
        );
        let revised: Vec<String> = shown
            .figures
            .iter()
            .filter(|figure| figure.is_revised)
            .map(|figure| format!("[r] {}", figure.when.heading()))
            .collect();
        row.extend([
            self.met(shown),
            self.change(shown),
            if revised.is_empty() {
                not_applicable()
            } else {
                text(revised.join("; "))
            },
        ]);
        row
    }

    fn funding(&self) -> Option<PublicTable> {
        let by_streams = match self.schema.publishing.funding {
            Lines::None => return None,
            Lines::Lines => false,
            Lines::Streams => true,
        };
        if self.outcome.ledger.lines.is_empty() {
            return None;
        }
        let mut headings = if by_streams {
            columns(&[("Stream", 34)])
        } else {
            columns(&[
                ("Funding line", 14),
                ("Project", 40),
                ("Stream", 28),
                ("Delivery agency", 28),
            ])
        };
        headings.extend(columns(&[("Allocation", 14), ("Revised", 14)]));
        headings.extend(self.quarters().into_iter().map(|q| (q.spoken(), 14)));
        headings.extend(columns(&[
            ("Spend to date", 14),
            ("Forecast", 14),
            ("Variance", 14),
        ]));
        let rows = if by_streams {
            self.streams()
        } else {
            self.lines()
        };
        Some(PublicTable {
            name: "Funding",
            title: format!("Funding and spend in pounds, {}", self.quarter.spoken()),
            about: "What each funding line was given, what was spent in each quarter, what is expected by the end of the year and what that leaves. A variance above nought is an underspend.".to_owned(),
            columns: headings,
            rows,
        })
    }

    fn lines(&self) -> Vec<Vec<Value>> {
        let ledger = &self.outcome.ledger;
        let lines = ledger.lines.iter().zip(&ledger.balances).enumerate();
        lines
            .map(|(index, (line, balance))| {
                let owner = Owner::Line(index);
                let is_settled = !ledger.unsettled.contains(&index);
                let money =
                    |amount: Option<Decimal>| amount.map_or_else(not_available, Value::Money);
                let stream = line.stream.and_then(|own| self.schema.streams.get(own));
                let mut row = vec![
                    self.text(
                        owner,
                        "Funding line",
                        text(publish::clean(&line.reference.text)),
                    ),
                    self.text(owner, "Project", not_available()),
                    stream.map_or_else(not_available, |own| text(own.name.clone())),
                    line.delivery
                        .map_or_else(not_available, |own| text(self.schema.agency_name(own))),
                    money(line.allocation),
                    money(
                        line.allocation
                            .filter(|_| is_settled)
                            .map(|_| balance.revised),
                    ),
                ];
                let mut is_known = true;
                for (place, quarter) in self.quarters().into_iter().enumerate() {
                    let is_run = quarter == self.quarter;
                    let is_unread = line.is_unread.get(place).copied().unwrap_or_default()
                        && !(is_run && balance.is_reported);
                    is_known &= !is_unread;
                    let spent = balance.quarters.get(place).copied();
                    row.push(money(spent.filter(|_| !is_unread)));
                }
                row.extend([
                    money(is_known.then_some(balance.to_date)),
                    money(balance.forecast),
                    money(balance.variance.filter(|_| is_settled)),
                ]);
                row
            })
            .collect()
    }

    fn streams(&self) -> Vec<Vec<Value>> {
        let ledger = &self.outcome.ledger;
        let all: Vec<_> = ledger.lines.iter().zip(&ledger.balances).collect();
        let mut streams: Vec<Option<usize>> = all.iter().map(|(line, _)| line.stream).collect();
        streams.sort_by_key(|stream| stream.unwrap_or(usize::MAX));
        streams.dedup();
        streams
            .into_iter()
            .map(|stream| {
                let own = all.iter().copied();
                let totals = Totals::over(
                    own.filter(|(line, _)| line.stream == stream && line.is_approved()),
                );
                let name = stream
                    .and_then(|own| self.schema.streams.get(own))
                    .map_or_else(|| "Stream not known".to_owned(), |own| own.name.clone());
                let mut row = vec![
                    text(name),
                    Value::Money(totals.allocation),
                    Value::Money(totals.revised),
                ];
                row.extend(
                    totals
                        .quarters
                        .iter()
                        .take(usize::from(self.quarter.number))
                        .map(|spent| Value::Money(*spent)),
                );
                let forecast = totals.forecast;
                row.push(Value::Money(totals.to_date));
                row.push(forecast.map_or_else(not_available, Value::Money));
                row.push(forecast.map_or_else(not_available, |forecast| {
                    Value::Money(totals.revised - forecast)
                }));
                row
            })
            .collect()
    }

    /// When the next set is due.
    fn next(&self) -> String {
        let next = Quarter {
            number: self.quarter.number + 1,
            ..self.quarter
        };
        self.schema.year.deadline(next).map_or_else(
            || "With the next year's action plan.".to_owned(),
            |day| {
                format!(
                    "After {}; partners report on that quarter by {}.",
                    next.spoken(),
                    long(day)
                )
            },
        )
    }

    fn cover(&self) -> Vec<String> {
        let name = &self.schema.partnership.name;
        let mut out = vec![
            format!("Published by: {name}"),
            format!("Quarter: {}", self.quarter.spoken()),
            format!("As of: {}", long(self.outcome.options.as_of)),
        ];
        if let Some(contact) = &self.schema.publishing.contact {
            out.push(format!("Contact: {contact}"));
        }
        out.push(format!("Next update: {}", self.next()));
        out.push(
            "What is here: What the partnership set out to do this year, how each action stands, what was measured and what was spent. Small counts of people, and whatever would give one away, are not shown."
                .to_owned(),
        );
        out
    }

    fn notes(&self) -> PublicTable {
        let small = &self.schema.publishing.small;
        let threshold = small.threshold;
        let mut rows: Vec<[String; 3]> = Vec::new();
        let mut add = |topic: &str, item: &str, note: String| {
            rows.push([topic.to_owned(), item.to_owned(), note]);
        };
        add(
            notes::PUBLICATION,
            notes::PARTNERSHIP,
            self.schema.partnership.name.clone(),
        );
        add(notes::PUBLICATION, notes::QUARTER, self.quarter.spoken());
        add(
            notes::PUBLICATION,
            notes::AS_OF,
            self.outcome.options.as_of.to_string(),
        );
        add(notes::PUBLICATION, notes::THRESHOLD, threshold.to_string());
        if let Some(contact) = &self.schema.publishing.contact {
            add(notes::PUBLICATION, "Contact", contact.clone());
        }
        add(notes::PUBLICATION, "Next update", self.next());
        add(
            "Shorthand",
            CONFIDENTIAL,
            "Confidential: a small count of people, a figure from which one could be worked out, or a text that is withheld. Which of these is not said.".to_owned(),
        );
        add(
            "Shorthand",
            NOT_AVAILABLE,
            "Not available: nobody has given it, or what was given cannot be used yet.".to_owned(),
        );
        add("Shorthand", NOT_APPLICABLE, "Not applicable.".to_owned());
        add(
            "Shorthand",
            "[r]",
            "Revised: the figure is another than the one published before.".to_owned(),
        );
        add(
            "Method",
            "Small counts",
            format!(
                "On measures of people in sensitive matters a count from 1 to {} is hidden, and nought is shown. A total that runs over the year is shown only where it differs from every other that is shown by nought or by {threshold} or more. Other figures are hidden where a hidden one could be worked out from them.",
                threshold - 1
            ),
        );
        add(
            "Method",
            "Rounding",
            "No figure is rounded or altered: what is shown is what the plan holds.".to_owned(),
        );
        add(
            "Method",
            "Measure met",
            "The quarter's figure against the target. A total that runs over the year is On course or Behind until the year's target is reached or the year is over; these are counted neither as met nor as not met on the Summary.".to_owned(),
        );
        add(
            "Method",
            "Change since last quarter",
            "Better, worse or the same by what is wanted; of a total that runs over the year, what each quarter added is compared.".to_owned(),
        );
        add(
            "Method",
            "Several agencies",
            "A figure is the partnership's own; where several agencies report on an action, their separate figures are not shown.".to_owned(),
        );
        if self.publication.check_base > 0 {
            add(
                "Method",
                "Percentages",
                "Percentages, rates and averages are shown; how many people stand behind them is not known from this plan.".to_owned(),
            );
        }
        add(
            "Method",
            "What is not covered",
            "What other bodies publish, what people know from their own lives, a partner that takes its own figure off a total, and sums paid a head can tell more than these pages do.".to_owned(),
        );
        for (total, parts) in &self.publication.sums {
            let parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
            add(notes::SUM, total, format!("= {}", parts.join(" + ")));
        }
        add(
            "Not shown",
            "Actions",
            match self.publication.left_out {
                0 => "Every action of the plan is shown.".to_owned(),
                1 => "1 action of the plan is not shown.".to_owned(),
                more => format!("{more} actions of the plan are not shown."),
            },
        );
        let texts: std::collections::BTreeSet<usize> = self
            .publication
            .withheld
            .iter()
            .map(|(index, _)| *index)
            .collect();
        add(
            "Not shown",
            "Texts",
            match texts.len() {
                0 => "No text is withheld.".to_owned(),
                1 => format!("1 text is withheld, and stands as {CONFIDENTIAL}."),
                more => format!("{more} texts are withheld, and stand as {CONFIDENTIAL}."),
            },
        );
        if self.publication.unused > 0 {
            add(
                "Not shown",
                "Rows in question",
                format!(
                    "{} of the plan cannot be used until a question about it is settled.",
                    counted(self.publication.unused, "row", "rows")
                ),
            );
        }
        PublicTable {
            name: "Notes",
            title: format!(
                "Notes on the figures and the method, {}",
                self.quarter.spoken()
            ),
            about: "What the shorthand means, how the figures were made, and what is not shown."
                .to_owned(),
            columns: columns(&[("Topic", 16), ("Item", 28), ("Note", 90)]),
            rows: rows
                .into_iter()
                .map(|row| row.into_iter().map(text).collect())
                .collect(),
        }
    }

    /// How each priority is going, in a few sentences made of what is shown.
    fn words(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (index, priority) in self.schema.priorities.iter().enumerate() {
            let own: Vec<&Shown> = self
                .publication
                .actions
                .iter()
                .filter(|action| action.priority == Some(index))
                .collect();
            let labels: Vec<&str> = self
                .schema
                .statuses
                .iter()
                .map(|status| status.label.as_str())
                .chain([NO_REPORT])
                .collect();
            let stand: Vec<(usize, String)> = labels
                .iter()
                .map(|label| {
                    let count = own.iter().filter(|a| self.status(a) == *label).count();
                    let label = label.split(" (").next().unwrap_or(label).to_lowercase();
                    let label = if label == "no report" {
                        "without a report".to_owned()
                    } else {
                        label
                    };
                    (count, label)
                })
                .collect();
            let mut said = match own.len() {
                0 => "No action is shown.".to_owned(),
                1 => format!("Its one action is {}.", only(&stand)),
                more => format!("Of its {more} actions, {}.", told(&stand)),
            };
            let measured: Vec<String> = own
                .iter()
                .filter(|action| action.has_measure)
                .map(|action| self.met(action).plain())
                .collect();
            let of = |word: &str| measured.iter().filter(|own| own.as_str() == word).count();
            let judged: Vec<(usize, String)> = [
                (Measure::Met.label(), "met"),
                (Measure::OnCourse.label(), "on course"),
                (
                    Measure::Behind.label(),
                    "behind where they should be by now",
                ),
                (Measure::NotMet.label(), "not met"),
                (Measure::NoData.label(), "without a figure"),
                (CONFIDENTIAL, "not shown"),
            ]
            .into_iter()
            .map(|(word, spoken)| (of(word), spoken.to_owned()))
            .collect();
            if judged.iter().any(|(count, _)| *count > 0) {
                let _ = write!(said, " Of its success measures, {}.", told(&judged));
            }
            out.push((priority.short_name.clone(), said));
        }
        out
    }
}

/// `4 are on track, 1 is at risk and 2 are complete`; nought is not told.
fn told(all: &[(usize, String)]) -> String {
    let parts: Vec<String> = all
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, label)| format!("{count} {} {label}", if *count == 1 { "is" } else { "are" }))
        .collect();
    listed(&parts)
}

/// How the only one stands.
fn only(all: &[(usize, String)]) -> &str {
    all.iter()
        .find(|(count, _)| *count > 0)
        .map_or("", |(_, label)| label)
}

/// `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, head)) => format!("{} and {last}", head.join(", ")),
    }
}
