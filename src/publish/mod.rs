//! The public version: what of the plan may be shown, which figures are hidden, and the proof that none can be worked out.
//!
//! A stage like the others: it states facts (which texts would be shown and where each is from, which figures are hidden and why, what can be
//! worked out all the same), and rules judge. What a text tells is a rule's to say; the words for it are in [`words`].
//!
//! - [`earlier`] reads back what was published before. [`choose`] hides figures by the five rules. [`proof`] attacks what is left with all
//!   that is known, in exact whole numbers ([`exact`]).
//!
//! Invariants: nothing is shown that is not in this stage's lists, each with the cell it came from; a figure is hidden or proved safe, and
//! what cannot be made safe is named before anything is written.

mod account;
pub mod choose;
pub mod earlier;
pub mod exact;
pub mod proof;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::finding::Place;
use crate::funding::Ledger;
use crate::reconcile::{Action, Consolidation, RecordRef, quarter_field};
use crate::record::View;
use crate::schema::{Lines, Schema};
use crate::source::Source;
use crate::value::Value;
use crate::value::date::{Timescale, long};
use crate::value::period::Quarter;
use crate::value::text::{fold_word, is_acting};
use choose::{Choice, Measured, Why};
use earlier::{Earlier, whole};
use proof::{CellKey, Knowledge, Proof, Quantity, When};
use words::{Beside, Names};

/// What a decision about the public version is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A text, by its cell and the rule that withholds it.
    Text(Place, &'static str),
    /// A hidden figure, by its cell.
    Figure(Place),
    /// What can be worked out because of what is out.
    Known(Quantity),
}

/// What somebody decided to show, with other words for it where they were given.
pub type Released = BTreeMap<Target, Option<String>>;

/// Whose row a text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// An action, by its place among those shown.
    Action(usize),
    /// A funding line, by its place in the ledger.
    Line(usize),
}

/// A text that would be shown.
#[derive(Clone, Debug)]
pub struct Text {
    /// The cell it is from.
    pub place: Place,
    /// Whose row it stands in.
    pub owner: Owner,
    /// The field it is of, in the file that it is from.
    pub field: &'static str,
    /// The column in which it would be shown.
    pub column: &'static str,
    /// Its row's reference, as typed.
    pub reference: Arc<str>,
    /// What the cell says.
    pub said: String,
    /// What is to be published in its place, and the rule about whose finding that was decided.
    pub wording: Option<(&'static str, String)>,
}

impl Text {
    /// What would be shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.wording
            .as_ref()
            .map_or(self.said.as_str(), |(_, text)| text.as_str())
    }
}

/// A figure of a measure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its column.
    pub when: When,
    /// The cell it is from.
    pub place: Option<Place>,
    /// What it is, where it may be used.
    pub value: Option<Decimal>,
    /// Why it is hidden.
    pub why: Option<Why>,
    /// Whether somebody decided to show it.
    pub is_accepted: bool,
    /// Whether it differs from what was published.
    pub is_revised: bool,
}

/// An action that is shown.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the measure"
)]
pub struct Shown {
    /// Its row in the plan.
    pub at: RecordRef,
    /// Its place among the actions.
    pub action: usize,
    /// Its reference's key.
    pub key: Arc<str>,
    /// Its reference, as typed.
    pub reference: Arc<str>,
    /// Its priority.
    pub priority: Option<usize>,
    /// Whether its measure is of people who must not be known.
    pub is_sensitive: bool,
    /// Whether its measure is a count.
    pub is_count: bool,
    /// Whether its measure is a running total.
    pub is_running: bool,
    /// Whether it has a measure at all.
    pub has_measure: bool,
    /// The measure's figures: the baseline, then the quarters up to the run's.
    pub figures: Vec<Figure>,
}

impl Shown {
    /// A figure by its column.
    #[must_use]
    pub fn figure(&self, when: When) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.when == when)
    }

    /// Whether a figure of it is hidden.
    #[must_use]
    pub fn has_hidden(&self) -> bool {
        self.figures.iter().any(|figure| figure.why.is_some())
    }
}

/// Something that is known, or contradicted, because of what was published before.
#[derive(Clone, Debug)]
pub struct Known {
    /// What.
    pub quantity: Quantity,
    /// The cell at which it is told.
    pub place: Option<Place>,
    /// The reference of its measure, as typed.
    pub reference: Arc<str>,
    /// The sets that show it, by quarter.
    pub sets: Vec<String>,
    /// Whether a running total was published above a later one.
    pub is_contradiction: bool,
    /// Whether somebody decided to let it be.
    pub is_accepted: bool,
}

/// What may be shown, and what is hidden.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The sets that are out, by quarter.
    pub earlier: Vec<String>,
    /// The least count that is not small.
    pub threshold: u32,
    /// The actions, by priority and then in the plan's order.
    pub actions: Vec<Shown>,
    /// How many actions are left out whole.
    pub left_out: usize,
    /// How many rows of the plan are not used, because of what was found in them.
    pub unused: usize,
    /// The texts that would be shown.
    pub texts: Vec<Text>,
    /// Where each of them is, by whose row it stands in and its column.
    index: BTreeMap<(Owner, &'static str), usize>,
    /// The cells that they are from.
    places: BTreeSet<Place>,
    /// The measures that add up, all of whose actions are shown.
    pub sums: Vec<(Arc<str>, Vec<Arc<str>>)>,
    /// Measures of people whose figures are shares, rates or averages.
    pub check_base: usize,
    /// What is known all the same, or contradicts what is out.
    pub known: Vec<Known>,
    /// What was proved.
    pub proof: Proof,
    /// Names of persons, from Lead officer cells.
    pub names: Names,
    /// The files that were made of it, as paths with their SHA-256: told by whoever writes them.
    pub files: Vec<(String, String)>,
    /// Which texts are withheld, each with the rule: settled once the rules have judged.
    pub withheld: BTreeSet<(usize, &'static str)>,
}

impl Publication {
    /// Whether a text is withheld.
    #[must_use]
    pub fn is_withheld(&self, text: usize) -> bool {
        self.withheld
            .range((text, "")..)
            .next()
            .is_some_and(|(own, _)| *own == text)
    }

    /// A text by whose row it is of and the column in which it is shown, with its place among the texts.
    #[must_use]
    pub fn text(&self, owner: Owner, column: &'static str) -> Option<(usize, &Text)> {
        let index = *self.index.get(&(owner, column))?;
        Some((index, self.texts.get(index)?))
    }

    /// Whether a cell's text would be shown.
    #[must_use]
    pub fn shows(&self, place: &Place) -> bool {
        self.places.contains(place)
    }

    /// What a text is beside.
    #[must_use]
    pub fn beside(&self, text: &Text) -> Beside {
        match text.owner {
            Owner::Action(index) => {
                self.actions
                    .get(index)
                    .map_or_else(Beside::default, |own| Beside {
                        is_sensitive: own.is_sensitive && own.is_count,
                        has_hidden: own.has_hidden(),
                    })
            }
            Owner::Line(_) => Beside::default(),
        }
    }

    /// Whether nothing may be written, because of what can be worked out from what is out.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.known.iter().any(|known| !known.is_accepted)
    }
}

/// What the stage looks at.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The files.
    pub sources: &'a [Source],
    /// Actions and reports.
    pub consolidation: &'a Consolidation,
    /// Money.
    pub ledger: &'a Ledger,
    /// The configuration in force.
    pub schema: &'a Schema,
    /// The run's quarter.
    pub quarter: Quarter,
    /// The sets that are out.
    pub earlier: &'a [Earlier],
    /// What somebody decided to show.
    pub released: &'a Released,
}

/// Says what may be shown, and hides what may not be known.
#[must_use]
pub fn publication(inputs: &Inputs<'_>) -> Publication {
    let schema = inputs.schema;
    let mut out = Publication {
        threshold: schema.publishing.small.threshold,
        unused: inputs.consolidation.held_keys.len() + unnamed(inputs),
        names: names(inputs.sources, schema),
        ..Publication::default()
    };
    let mut sets: Vec<&Earlier> = inputs.earlier.iter().collect();
    sets.sort_by(|a, b| {
        let key = |set: &Earlier| (set.quarter, set.as_of);
        (key(a), &a.figures, a.seen.len()).cmp(&(key(b), &b.figures, b.seen.len()))
    });
    out.earlier = sets.iter().map(|set| set.quarter.to_string()).collect();
    out.earlier.dedup();
    let mut left_out: Vec<(Arc<str>, Vec<Figure>)> = Vec::new();
    let mut order: Vec<(usize, &Action, View<'_>)> = inputs
        .consolidation
        .actions
        .iter()
        .enumerate()
        .filter_map(|(index, action)| {
            let view = action.at.view(inputs.sources, schema)?;
            Some((index, action, view))
        })
        .collect();
    order.sort_by_key(|(index, action, _)| (action.priority.unwrap_or(usize::MAX), *index));
    for (index, action, view) in order {
        let figures = figures(inputs, action, &view);
        if is_left_out(&view, &action.reference.key, schema) {
            out.left_out += 1;
            left_out.push((Arc::clone(&action.reference.key), figures));
            continue;
        }
        let place = out.actions.len();
        let shown = shown(inputs, index, action, &view, figures);
        texts(inputs, action, &view, place, &mut out.texts);
        out.actions.push(shown);
    }
    if schema.publishing.funding == Lines::Lines {
        for (index, line) in inputs.ledger.lines.iter().enumerate() {
            let Some(view) = line.at.view(inputs.sources, schema) else {
                continue;
            };
            for (field, column) in [("line", "Funding line"), ("project", "Project")] {
                push_text(
                    inputs,
                    (line.at, &view, field),
                    Owner::Line(index),
                    column,
                    &line.reference.text,
                    &mut out.texts,
                );
            }
        }
    }
    out.index = out
        .texts
        .iter()
        .enumerate()
        .map(|(index, text)| ((text.owner, text.column), index))
        .collect();
    out.places = out.texts.iter().map(|text| text.place.clone()).collect();
    for text in &mut out.texts {
        text.wording = ["G601", "G602", "G603"].into_iter().find_map(|code| {
            let target = Target::Text(text.place.clone(), code);
            Some((code, inputs.released.get(&target)?.clone()?))
        });
    }
    hide(inputs, &sets, &left_out, &mut out);
    let is_base = |action: &&Shown| {
        action.is_sensitive && !action.is_count && action.figures.iter().any(|f| f.value.is_some())
    };
    out.check_base = out.actions.iter().filter(is_base).count();
    out
}

/// Rows of the plan that have no reference to be known by.
fn unnamed(inputs: &Inputs<'_>) -> usize {
    let held = &inputs.consolidation.held_keys;
    let own = inputs.consolidation.unnamed.iter();
    own.filter(|action| !held.contains(&action.reference.key))
        .count()
}

/// Every person's name that stands in a Lead officer cell.
#[must_use]
pub fn names(sources: &[Source], schema: &Schema) -> Names {
    let mut out = Names::default();
    let bodies = words::bodies(schema);
    for source in sources {
        for table in &source.tables {
            let Some(found) = schema.tables.get(table.layout.table) else {
                continue;
            };
            let Some(field) = found.field("lead_officer") else {
                continue;
            };
            for record in table.all_records() {
                if let Some(cell) = table.cell(record, field) {
                    out.add(&cell.said(), schema, &bodies);
                }
            }
        }
    }
    out
}

/// Whether an action is left out whole: by the configuration, or by the plan's own column. What is written there and is no Yes counts as No.
fn is_left_out(view: &View<'_>, key: &str, schema: &Schema) -> bool {
    let publishing = &schema.publishing;
    publishing.restricted.actions.iter().any(|own| own == key)
        || view
            .cell("publish")
            .is_some_and(|cell| !cell.is_empty() && view.choice_value("publish") != Some("yes"))
}

/// Where a field of a row stands; where the row has no such cell, its reference does.
fn place_of(sources: &[Source], at: RecordRef, view: &View<'_>, field: &str) -> Option<Place> {
    let address = view
        .address(field)
        .or_else(|| view.address("ref"))
        .or_else(|| view.address("line"))?;
    Some(
        sources
            .get(at.source)?
            .place_at(view.table.layout.sheet, address),
    )
}

/// A text as it is shown: nothing in it but letters, spaces and line breaks.
#[must_use]
pub fn clean(text: &str) -> String {
    let kept: String = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || !is_acting(*c))
        .collect();
    kept.trim().to_owned()
}

fn push_text(
    inputs: &Inputs<'_>,
    (at, view, field): (RecordRef, &View<'_>, &'static str),
    owner: Owner,
    column: &'static str,
    reference: &Arc<str>,
    out: &mut Vec<Text>,
) {
    let Some(cell) = view
        .cell(field)
        .filter(|cell| !cell.is_empty() && !cell.is_held())
    else {
        return;
    };
    let said = match cell.value() {
        Some(Value::Timescale(Timescale::By(day)) | Value::Date(day))
            if !matches!(cell.raw, Some(crate::grid::CellValue::Text(_))) =>
        {
            long(*day)
        }
        Some(_) => clean(&cell.said()),
        None => return,
    };
    if let Some(place) = place_of(inputs.sources, at, view, field).filter(|_| !said.is_empty()) {
        out.push(Text {
            place,
            owner,
            field,
            column,
            reference: Arc::clone(reference),
            said,
            wording: None,
        });
    }
}

/// The texts of an action.
fn texts(inputs: &Inputs<'_>, action: &Action, view: &View<'_>, place: usize, out: &mut Vec<Text>) {
    let owner = Owner::Action(place);
    let reference = &action.reference.text;
    for (field, column) in [
        ("objective", "Objective"),
        ("action", "Action"),
        ("due", "Timescale"),
        ("success_measure", "Success measure"),
        ("unit", "Unit"),
    ] {
        push_text(
            inputs,
            (action.at, view, field),
            owner,
            column,
            reference,
            out,
        );
    }
    let Some(update) = action.outcome.update.as_deref() else {
        return;
    };
    let from = action
        .outcome
        .update_from
        .and_then(|index| inputs.consolidation.reports.get(index))
        .and_then(|report| {
            Some((
                report.at,
                report.at.view(inputs.sources, inputs.schema)?,
                "update",
            ))
        });
    let (at, own, field) = from.unwrap_or((
        action.at,
        *view,
        quarter_field("update", inputs.quarter.number),
    ));
    let said = clean(update);
    if let Some(place) = place_of(inputs.sources, at, &own, field).filter(|_| !said.is_empty()) {
        out.push(Text {
            place,
            owner,
            field,
            column: "Update",
            reference: Arc::clone(reference),
            said,
            wording: None,
        });
    }
}

/// The figures of an action's measure.
fn figures(inputs: &Inputs<'_>, action: &Action, view: &View<'_>) -> Vec<Figure> {
    let year = inputs.quarter.year;
    let figure = |when, place, value| Figure {
        when,
        place,
        value,
        why: None,
        is_accepted: false,
        is_revised: false,
    };
    let mut out = vec![figure(
        When::Baseline(year),
        place_of(inputs.sources, action.at, view, "baseline"),
        view.amount("baseline").map(|value| value.normalize()),
    )];
    for number in 1..=inputs.quarter.number {
        let when = When::Quarter(Quarter { year, number });
        let field = quarter_field("value", number);
        let (place, value) = if number == inputs.quarter.number {
            let report = action
                .outcome
                .value_from
                .and_then(|index| inputs.consolidation.reports.get(index))
                .and_then(|report| {
                    Some((report.at, report.at.view(inputs.sources, inputs.schema)?))
                });
            let place = match report {
                Some((at, own)) => place_of(inputs.sources, at, &own, "value"),
                None => place_of(inputs.sources, action.at, view, field),
            };
            (place, action.outcome.value)
        } else {
            (
                place_of(inputs.sources, action.at, view, field),
                view.amount(field),
            )
        };
        out.push(figure(when, place, value.map(|value| value.normalize())));
    }
    out
}

/// Whether a percent sign or a word stands for a share.
fn is_share(view: &View<'_>, quarter: Quarter) -> bool {
    let fields = (1..=quarter.number)
        .map(|number| quarter_field("value", number))
        .chain(["baseline", "target"]);
    fields
        .filter_map(|field| view.cell(field))
        .any(crate::record::Decoded::is_percentage)
}

/// Whether an action's measure is of people who must not be known: by the first that speaks of the plan's own column, the configuration's
/// lists, its priority and its words.
#[must_use]
pub fn is_sensitive(view: &View<'_>, key: &str, priority: Option<usize>, schema: &Schema) -> bool {
    let small = &schema.publishing.small;
    let measure = view.text("success_measure").unwrap_or_default();
    let wording = view.text("action").unwrap_or_default();
    let lists = |list: &[String]| list.iter().any(|own| own.as_str() == key);
    let said = view.cell("sensitive").filter(|cell| !cell.is_empty());
    match said {
        // What is written there and is no No counts as Yes.
        Some(_) => view.choice_value("sensitive") != Some("no"),
        None if lists(&small.sensitive) => true,
        None if lists(&small.not_sensitive) => false,
        None => {
            let is_prioritised = priority.is_some_and(|own| small.priorities.contains(&own));
            is_prioritised && words::has_people(measure, small)
                || [measure, wording]
                    .iter()
                    .any(|text| words::has_topic(text, small))
                    && [measure, wording]
                        .iter()
                        .any(|text| words::has_people(text, small))
        }
    }
}

fn shown(
    inputs: &Inputs<'_>,
    index: usize,
    action: &Action,
    view: &View<'_>,
    figures: Vec<Figure>,
) -> Shown {
    let small = &inputs.schema.publishing.small;
    let unit = view.text("unit").map(fold_word).unwrap_or_default();
    let is_unit = small
        .count_units
        .iter()
        .chain(&small.people_words)
        .any(|own| *own == unit || !own.is_empty() && crate::schema::is_of_word(&unit, own));
    let is_count = is_unit
        && !is_share(view, inputs.quarter)
        && figures
            .iter()
            .filter_map(|figure| figure.value)
            .all(|value| whole(value).is_some());
    let measure = view.text("success_measure").unwrap_or_default();
    let key = &action.reference.key;
    let is_sensitive = is_sensitive(view, key, action.priority, inputs.schema);
    let has_measure = !measure.is_empty()
        || view.amount("target").is_some()
        || figures.iter().any(|figure| figure.value.is_some());
    Shown {
        at: action.at,
        action: index,
        key: Arc::clone(key),
        reference: Arc::clone(&action.reference.text),
        priority: action.priority,
        is_sensitive,
        is_count,
        is_running: view.choice_value("basis") == Some("year-to-date"),
        has_measure,
        figures,
    }
}

/// Hides what the rules hide and what protects it.
fn hide(
    inputs: &Inputs<'_>,
    sets: &[&Earlier],
    left_out: &[(Arc<str>, Vec<Figure>)],
    out: &mut Publication,
) {
    let small = &inputs.schema.publishing.small;
    let mut sums: BTreeSet<(Arc<str>, Vec<Arc<str>>)> = small
        .sums
        .iter()
        .map(|sum| {
            (
                Arc::from(sum.total_key()),
                sum.part_keys().into_iter().map(Arc::from).collect(),
            )
        })
        .collect();
    let own = |key: &Arc<str>| out.actions.iter().find(|action| action.key == *key);
    out.sums = sums
        .iter()
        .filter_map(|(total, parts)| {
            let parts: Option<Vec<Arc<str>>> = parts
                .iter()
                .map(|part| Some(Arc::clone(&own(part)?.reference)))
                .collect();
            Some((Arc::clone(&own(total)?.reference), parts?))
        })
        .collect();
    sums.extend(sets.iter().flat_map(|set| set.sums.iter().cloned()));
    let mut measures: Vec<Measured> = Vec::new();
    let mut running: BTreeSet<Arc<str>> = sets
        .iter()
        .flat_map(|set| set.running.iter().cloned())
        .collect();
    let cells = |figures: &[Figure]| -> BTreeMap<When, i64> {
        figures
            .iter()
            .filter_map(|figure| Some((figure.when, whole(figure.value?)?)))
            .collect()
    };
    for action in &mut out.actions {
        let is_never = small.never.iter().any(|own| own.as_str() == &*action.key);
        for figure in &mut action.figures {
            let target = figure.place.clone().map(Target::Figure);
            figure.is_accepted = target.is_some_and(|target| inputs.released.contains_key(&target));
            // Shares and averages are no part of the proof, and hidden all the same.
            if is_never && figure.value.is_some() && !figure.is_accepted {
                figure.why = Some(Why::Listed);
            }
        }
        if action.is_running {
            running.insert(Arc::clone(&action.key));
        } else {
            running.remove(&action.key);
        }
        measures.push(Measured {
            series: Arc::clone(&action.key),
            is_sensitive: action.is_sensitive && action.is_count,
            is_never,
            is_left_out: false,
            cells: cells(&action.figures),
            accepted: action
                .figures
                .iter()
                .filter(|figure| figure.is_accepted)
                .map(|figure| figure.when)
                .collect(),
        });
    }
    for (key, figures) in left_out {
        measures.push(Measured {
            series: Arc::clone(key),
            is_left_out: true,
            cells: cells(figures),
            ..Measured::default()
        });
    }
    let sums: Vec<(Arc<str>, Vec<Arc<str>>)> = sums.into_iter().collect();
    measures.retain(|measure| {
        let is_summed = sums
            .iter()
            .any(|(total, parts)| *total == measure.series || parts.contains(&measure.series));
        let was_hidden = sets.iter().any(|set| {
            set.seen
                .iter()
                .any(|(cell, seen)| cell.series == measure.series && *seen == proof::Seen::Hidden)
        });
        is_summed
            || was_hidden
            || !measure.is_left_out && (measure.is_sensitive || measure.is_never)
    });
    let known = Knowledge {
        threshold: small.least(),
        running,
        sums,
        earlier: sets.iter().map(|set| set.seen.clone()).collect(),
        exempt: inputs
            .released
            .keys()
            .filter_map(|target| match target {
                Target::Known(quantity) => Some(quantity.clone()),
                Target::Text(..) | Target::Figure(_) => None,
            })
            .collect(),
        ..Knowledge::default()
    };
    let contradictions = contradictions(&measures, &known);
    let exempt = known.exempt.clone();
    let found: Choice = choose::choose(known, &measures);
    for action in &mut out.actions {
        for figure in &mut action.figures {
            let cell = CellKey {
                series: Arc::clone(&action.key),
                when: figure.when,
            };
            figure.why = figure.why.or(found.hidden.get(&cell).copied());
            let before = sets.iter().rev().find_map(|set| {
                // A set that hid it last says nothing of what it is.
                set.figures.get(&cell)
            });
            figure.is_revised = before.is_some_and(|before| figure.value != Some(*before));
        }
    }
    let accepted = exempt
        .iter()
        .map(|quantity| (quantity.clone(), true, false));
    let unmet = found.unmet.iter().map(|q| (q.clone(), false, false));
    let against = contradictions
        .into_iter()
        .map(|q| (q.clone(), exempt.contains(&q), true));
    let mut all: Vec<(Quantity, bool, bool)> = against.chain(accepted).chain(unmet).collect();
    let mut seen = BTreeSet::new();
    all.retain(|(quantity, ..)| seen.insert(quantity.clone()));
    for (quantity, is_accepted, is_contradiction) in all {
        let cell = quantity.cell();
        let action = out.actions.iter().find(|action| action.key == cell.series);
        out.known.push(Known {
            place: action.and_then(|action| {
                action
                    .figure(cell.when)
                    .and_then(|figure| figure.place.clone())
                    .or_else(|| action.figures.first()?.place.clone())
            }),
            reference: action.map_or_else(
                || Arc::clone(&cell.series),
                |action| Arc::clone(&action.reference),
            ),
            sets: showing(sets, &quantity, &small.sums),
            quantity,
            is_contradiction,
            is_accepted,
        });
    }
    out.proof = found.proof;
}

/// The sets that show something of a measure, or of one that it is added up with.
fn showing(sets: &[&Earlier], quantity: &Quantity, sums: &[crate::schema::Sum]) -> Vec<String> {
    let series = &quantity.cell().series;
    let is_beside = |key: &str| {
        key == &**series
            || sums.iter().any(|sum| {
                let all: Vec<String> = std::iter::once(sum.total_key())
                    .chain(sum.part_keys())
                    .collect();
                all.iter().any(|own| own == key) && all.iter().any(|own| own.as_str() == &**series)
            })
    };
    let mut out: Vec<String> = sets
        .iter()
        .filter(|set| set.seen.keys().any(|cell| is_beside(&cell.series)))
        .map(|set| set.quarter.to_string())
        .collect();
    out.dedup();
    out
}

/// Running totals that were published, stand as they were, and are above a later one.
fn contradictions(measures: &[Measured], known: &Knowledge) -> Vec<Quantity> {
    let mut out = Vec::new();
    for measure in measures
        .iter()
        .filter(|m| m.is_sensitive && known.running.contains(&m.series))
    {
        let cell = |when: When| CellKey {
            series: Arc::clone(&measure.series),
            when,
        };
        for (when, value) in &measure.cells {
            let When::Quarter(quarter) = when else {
                continue;
            };
            let is_out = known
                .earlier
                .iter()
                .rev()
                .find_map(|set| match set.get(&cell(*when)) {
                    Some(proof::Seen::Figure(value)) => Some(*value),
                    _ => None,
                })
                == Some(*value);
            let later = measure.cells.iter().find(|(other, less)| {
                matches!(other, When::Quarter(q) if q.year == quarter.year && q.number > quarter.number)
                    && *less < value
            });
            if let (true, Some((later, _))) = (is_out, later) {
                out.push(Quantity::Rise(cell(*when), cell(*later)));
            }
        }
    }
    out
}

/// The agencies that a row names as partners.
#[must_use]
pub fn partners(view: &View<'_>) -> Option<Vec<usize>> {
    match view.value("partners")? {
        Value::Agencies(agencies) => Some(agencies.to_vec()),
        _ => None,
    }
}
