//! What is to be decided, what was decided and what became of it: the rows of the Decisions sheet and of a file of decisions.

use std::collections::BTreeSet;

use super::{Context, Look, PickFrom};
use crate::decision::{Decision, Question, Standing, Written};
use crate::finding::{Answer, Decides, Finding, Hold, Severity};
use crate::record::{Fault, State, Table};
use crate::schema::{FieldKind, Role};
use crate::settlement::{about, fitting_lines, subject};
use crate::source::Source;
use crate::value::text::{fold, likeness};

/// One row of the agenda.
#[derive(Debug)]
pub(super) struct Item<'a> {
    finding: Option<&'a Finding>,
    decision: Option<usize>,
}

/// The agenda: what is open first, then what was settled; conflicts, held money and held rows before wording.
pub(super) fn items<'a>(context: &Context<'a>) -> Vec<Item<'a>> {
    let outcome = context.outcome;
    let settled = &outcome.settled;
    let mut out: Vec<Item<'a>> = outcome
        .findings
        .iter()
        .chain(settled.answered.iter().map(|(finding, _)| finding))
        .map(|finding| Item {
            finding: Some(finding),
            decision: settled.by_finding.get(&finding.id).copied(),
        })
        .collect();
    out.sort_by_cached_key(|item| {
        (
            item.is_settled(context),
            item.rank(context),
            item.finding.and_then(|finding| context.partner(finding)),
        )
    });
    // What was decided before and is about nothing that was found stays on the list, for it may be what keeps a finding away.
    let mut shown: BTreeSet<usize> = out.iter().filter_map(|item| item.decision).collect();
    let mut alike: BTreeSet<[&str; 5]> = BTreeSet::new();
    for (index, decision) in outcome.decisions.all().iter().enumerate() {
        let written = &decision.written;
        let is_reading = decision
            .about
            .is_some_and(crate::decision::About::is_reading);
        let is_new = !is_reading
            || alike.insert([
                &written.field,
                &written.typed,
                &written.partner,
                &written.read_as,
                &written.decision,
            ]);
        if shown.insert(index) && is_new && stays(context, index, decision) {
            out.push(Item {
                finding: None,
                decision: Some(index),
            });
        }
    }
    out
}

/// Whether a decision that is about nothing on the agenda is carried on: in the next quarter, only what a word or a heading means is.
fn stays(context: &Context<'_>, index: usize, decision: &Decision) -> bool {
    let outcome = context.outcome;
    let is_old = outcome
        .options
        .quarter
        .is_some_and(|quarter| outcome.decisions.is_of_another(quarter));
    let standing = outcome
        .settled
        .states
        .get(index)
        .map(|state| state.standing);
    !is_old
        || decision
            .about
            .is_some_and(crate::decision::About::is_reading)
            && standing != Some(Standing::Expired)
}

/// The agenda as a list whose rows are worked out one by one: thousands may be on it, and fifty on a page.
#[derive(Debug)]
pub struct Agenda<'a>(Vec<Item<'a>>);

/// One row of the agenda, in full.
#[derive(Clone, Debug)]
pub struct AgendaRow<'a> {
    /// The finding that it is about; nothing for a decision that is about nothing that was found.
    pub finding: Option<&'a Finding>,
    /// The decision as it is written or to be written; its *Read it as* is the likeliest answer where nobody decided yet.
    pub written: Written,
    /// What is to be done about it.
    pub suggestion: String,
    /// What became of the decision about it; nothing while it is open.
    pub standing: Option<Standing>,
    /// The same in words, with why.
    pub state: String,
    /// The answers that fit, each with what it is called where that says more; none where a value is to be typed.
    pub choices: Vec<(String, String)>,
}

impl<'a> Agenda<'a> {
    /// The agenda of a run: the rows of the Decisions sheet in its order, but for those that only inform.
    #[must_use]
    pub fn of(context: &Context<'a>) -> Self {
        Self(items(context))
    }

    /// What each row is about, in order.
    #[must_use]
    pub fn findings(&self) -> impl ExactSizeIterator<Item = Option<&'a Finding>> {
        self.0.iter().map(|item| item.finding)
    }

    /// The decision of a row, by its place among those of the run.
    #[must_use]
    pub fn decision(&self, index: usize) -> Option<usize> {
        self.0.get(index)?.decision
    }

    /// What became of the decision of a row; nothing while it is open.
    #[must_use]
    pub fn standing(&self, index: usize, context: &Context<'a>) -> Option<Standing> {
        self.0.get(index)?.standing(context)
    }

    /// A row.
    #[must_use]
    pub fn row(&self, index: usize, context: &Context<'a>) -> Option<AgendaRow<'a>> {
        let item = self.0.get(index)?;
        Some(AgendaRow {
            finding: item.finding,
            written: item.written(context),
            suggestion: item.suggestion(),
            standing: item.standing(context),
            state: item.state(context).0,
            choices: match item.choices(context) {
                Some(PickFrom::Words(words)) => {
                    words.into_iter().map(|word| (word.clone(), word)).collect()
                }
                Some(PickFrom::Sheet { .. }) => actions(context),
                None => Vec::new(),
            },
        })
    }
}

/// The plan's references, each with its wording.
fn actions(context: &Context<'_>) -> Vec<(String, String)> {
    let actions = context.outcome.consolidation.actions.iter();
    actions
        .map(|action| {
            let reference = action.reference.text.to_string();
            let wording = action
                .at
                .view(&context.outcome.sources, context.schema)
                .and_then(|view| Some(view.text("action")?.to_owned()))
                .unwrap_or_default();
            let label = format!("{reference}: {}", wording.replace('\n', " "));
            (reference, label)
        })
        .collect()
}

/// Every question and decision of a run, for a file of decisions.
#[must_use]
pub fn questions(context: &Context<'_>) -> Vec<Question> {
    items(context)
        .iter()
        .map(|item| {
            let mut notes = Vec::new();
            if let Some(finding) = item.finding {
                let source = finding
                    .place
                    .source
                    .and_then(|index| context.outcome.sources.get(index));
                let place = [
                    source.map(|source| source.path.as_str()),
                    finding.place.sheet_name(),
                    finding.place.a1().as_deref(),
                ]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" › ");
                notes.push(format!("{} {place}", finding.code));
            }
            notes.push(item.suggestion());
            if let Some(PickFrom::Words(words)) = item.choices(context) {
                notes.push(format!("read_as is one of: {}", words.join(" | ")));
            }
            notes.push(item.state(context).0);
            notes.retain(|note| !note.is_empty());
            let mut written = item.written(context);
            if let Some(said) = crate::decision::about_of(&written.about) {
                said.word().clone_into(&mut written.about);
            }
            Question { written, notes }
        })
        .collect()
}

impl<'a> Item<'a> {
    pub(super) fn finding(&self) -> Option<&'a Finding> {
        self.finding
    }

    fn decided<'c>(&self, context: &'c Context<'_>) -> Option<&'c Decision> {
        context.outcome.decisions.all().get(self.decision?)
    }

    fn standing(&self, context: &Context<'_>) -> Option<Standing> {
        let settled = &context.outcome.settled;
        settled
            .states
            .get(self.decision?)
            .map(|state| state.standing)
    }

    /// Whether nothing is left to be settled about it.
    fn is_settled(&self, context: &Context<'_>) -> bool {
        self.standing(context).is_some_and(Standing::is_settled)
    }

    /// What needs settling first: conflicts, money that is held, rows that are held; wording last.
    fn rank(&self, context: &Context<'_>) -> u8 {
        let Some(finding) = self.finding else {
            return u8::MAX;
        };
        let is_money = is_money(context, finding);
        match (finding.decides, finding.would_hold) {
            (Decides::Answer(Answer::Agency), _) => 0,
            (_, Hold::Return) => 1,
            (_, Hold::Table | Hold::Column) if is_money => 1,
            (_, Hold::Row | Hold::Value) if is_money => 2,
            (_, Hold::Table | Hold::Column) => 3,
            (_, Hold::Row) => 4,
            (Decides::Answer(Answer::Word), _) => 6,
            (Decides::Answer(Answer::Heading), _) => 8,
            (_, Hold::None) if finding.severity == Severity::Information => 10,
            (_, _) if matches!(finding.code.0, "M403" | "M411") => 9,
            (_, Hold::Value) => 5,
            (_, Hold::None) => 7,
        }
    }

    /// Whether *Read it as* is to be filled in.
    pub(super) fn takes_answer(&self) -> bool {
        self.finding
            .is_none_or(|finding| matches!(finding.decides, Decides::Answer(_) | Decides::Publish))
    }

    /// What is to be done about it.
    pub(super) fn suggestion(&self) -> String {
        let Some(finding) = self.finding else {
            return String::new();
        };
        match finding.decides {
            Decides::None => format!("{} Only a corrected file helps.", finding.fix),
            Decides::Accept | Decides::Answer(_) | Decides::Note | Decides::Publish => {
                finding.fix.clone()
            }
        }
    }

    /// The decision as it is written or to be written.
    pub(super) fn written(&self, context: &Context<'_>) -> Written {
        let before = self.decided(context).map(|decision| &decision.written);
        let Some(finding) = self.finding else {
            return before.cloned().unwrap_or_default();
        };
        let offer = offer(context, finding);
        let read_as = match before {
            Some(before) => before.read_as.clone(),
            None => offer.likeliest,
        };
        let text = |of: fn(&Written) -> &String| before.map(of).cloned().unwrap_or_default();
        Written {
            row: 0,
            about: about(finding).label().to_owned(),
            subject: subject(finding, &context.outcome.sources, context.schema),
            partner: context.agency(context.partner(finding)).to_owned(),
            question: format!("{}{}", finding.message, offer.evidence),
            field: offer.field,
            typed: offer.typed,
            read_as,
            decision: text(|w| &w.decision),
            reason: text(|w| &w.reason),
            role: text(|w| &w.role),
            until: before.and_then(|before| before.until),
            finding: finding.id.clone(),
            asked: before.and_then(|before| {
                let is_asked = self.standing(context) == Some(Standing::Asked);
                before
                    .asked
                    .or(is_asked.then_some(context.outcome.options.as_of))
            }),
            fault: None,
        }
    }

    /// The state in words, with why, and how it looks.
    pub(super) fn state(&self, context: &Context<'_>) -> (String, Look) {
        let settled = &context.outcome.settled;
        let Some(state) = self
            .decision
            .and_then(|decision| settled.states.get(decision))
        else {
            return ("Open".to_owned(), Look::Plain);
        };
        let label = state.standing.label();
        let text = match (state.why.as_str(), state.standing) {
            ("", _) => label.to_owned(),
            (why, Standing::Asked) => format!("{label} {why}"),
            (why, _) => format!("{label}: {why}"),
        };
        let look = match state.standing {
            Standing::InForce | Standing::Noted => Look::Good,
            Standing::NotApplied
            | Standing::NotCorrected
            | Standing::NotUsed
            | Standing::Expired => Look::Warning,
            Standing::Rejected | Standing::Asked => Look::Plain,
        };
        (text, look)
    }

    /// The answers that fit.
    pub(super) fn choices(&self, context: &Context<'_>) -> Option<PickFrom> {
        let finding = self.finding?;
        let Decides::Answer(kind) = finding.decides else {
            return None;
        };
        choices(context, finding, kind)
    }
}

/// Whether a finding is about money.
fn is_money(context: &Context<'_>, finding: &Finding) -> bool {
    let table = source_of(context, finding)
        .and_then(|source| table_of(source, finding))
        .and_then(|table| context.schema.tables.get(table.layout.table));
    table.is_some_and(|table| {
        table
            .fields
            .iter()
            .any(|field| field.kind == FieldKind::Money && field.constraint.required)
    })
}

fn source_of<'a>(context: &Context<'a>, finding: &Finding) -> Option<&'a Source> {
    context.outcome.sources.get(finding.place.source?)
}

/// The table that a finding lies in.
fn table_of<'s>(source: &'s Source, finding: &Finding) -> Option<&'s Table> {
    let (sheet, _) = finding.place.sheet.as_ref()?;
    let at = finding.place.range?.first;
    source.tables.iter().find(|table| {
        table.layout.sheet == *sheet
            && (table.layout.header.contains(at)
                || table.layout.body.is_some_and(|body| body.contains(at)))
    })
}

/// What a finding is about, and what is likely meant.
#[derive(Default)]
struct Offer {
    field: String,
    typed: String,
    likeliest: String,
    evidence: String,
}

fn offer(context: &Context<'_>, finding: &Finding) -> Offer {
    let Decides::Answer(kind) = finding.decides else {
        return Offer::default();
    };
    let source = source_of(context, finding);
    let table = source.and_then(|source| table_of(source, finding));
    let schema = table.and_then(|table| context.schema.tables.get(table.layout.table));
    let field = schema.and_then(|schema| {
        let index = schema.field(finding.field.as_deref()?)?;
        schema.fields.get(index)
    });
    let mut out = Offer::default();
    let typed = || finding.raw.clone().unwrap_or_default().trim().to_owned();
    if let (Some(schema), Some(field)) = (schema, field)
        && kind != Answer::Heading
    {
        out.field = format!("{}.{}", schema.name, field.name);
        out.typed = typed();
    }
    match kind {
        Answer::Heading => {
            if let (Some(schema), Some(table), Some(source)) = (schema, table, source) {
                out.field.clone_from(&schema.name);
                out.typed = finding
                    .heading
                    .clone()
                    .unwrap_or_default()
                    .replace('\n', " ");
                // The field that the heading comes close to; a heading that is close to none proposes nothing.
                if matches!(finding.code.0, "H101" | "H104") && finding.heading.is_some() {
                    out.likeliest = field.map(|field| field.title.clone()).unwrap_or_default();
                }
                out.evidence = evidence(source, table, finding);
            }
        }
        Answer::Word => {
            if let (Some(table), Some(schema)) = (table, schema) {
                out.likeliest = nearest(table, finding, schema).unwrap_or_default();
            }
        }
        Answer::Reference => {
            out.likeliest = finding
                .related
                .first()
                .filter(|_| finding.code.0 == "M401")
                .and_then(|place| {
                    let plan = context.outcome.sources.get(place.source?)?;
                    plan.raw(place.sheet.as_ref()?.0, place.range?.first)
                })
                .map(ToString::to_string)
                .unwrap_or_default();
        }
        Answer::Quarter if finding.would_hold != Hold::None => {
            out.likeliest = context
                .outcome
                .options
                .quarter
                .map(|quarter| quarter.to_string())
                .unwrap_or_default();
        }
        Answer::Partner if finding.code.0 == "S007" => {
            out.likeliest = near_agency(context, &typed()).unwrap_or_default();
        }
        Answer::File if finding.severity < Severity::Error => {
            out.likeliest = finding
                .related
                .first()
                .and_then(|place| context.outcome.sources.get(place.source?))
                .map(|source| source.file_name().to_owned())
                .unwrap_or_default();
        }
        // The one that was saved later, where both say when they were.
        Answer::File => out.likeliest = saved_later(context, finding).unwrap_or_default(),
        // Where the lead is one of the two, its figure is what is used until somebody says otherwise.
        Answer::Agency if finding.would_hold != Hold::None => {
            let outcome = context.outcome;
            let own = subject(finding, &outcome.sources, context.schema);
            let key = crate::value::reference::key(&own);
            let lead = outcome
                .consolidation
                .actions
                .iter()
                .find(|action| *action.reference.key == *key)
                .and_then(|action| action.lead);
            let is_one = std::iter::once(&finding.place)
                .chain(&finding.related)
                .filter_map(|place| outcome.sources.get(place.source?)?.statement.agency)
                .any(|agency| Some(agency) == lead);
            if is_one {
                context.agency(lead).clone_into(&mut out.likeliest);
            }
        }
        Answer::Value
        | Answer::Line
        | Answer::Row
        | Answer::Agency
        | Answer::Quarter
        | Answer::Partner => {}
    }
    out
}

/// The name of the file, of those that stand against each other, that was saved later than all others; nothing where one does not say when.
fn saved_later(context: &Context<'_>, finding: &Finding) -> Option<String> {
    let places = std::iter::once(&finding.place).chain(&finding.related);
    let mut saved = Vec::new();
    for place in places {
        let source = context.outcome.sources.get(place.source?)?;
        saved.push((source.workbook()?.facts.saved?, source.file_name()));
    }
    saved.sort();
    match saved.as_slice() {
        [.., (before, _), (last, name)] if before < last => Some((*name).to_owned()),
        _ => None,
    }
}

/// What stands below a heading, in a sentence.
fn evidence(source: &Source, table: &Table, finding: &Finding) -> String {
    let Some(heading) = table
        .layout
        .unknown
        .iter()
        .map(|unknown| &unknown.heading)
        .find(|heading| Some(heading.text.as_str()) == finding.heading.as_deref())
    else {
        return String::new();
    };
    let samples: Vec<String> = table
        .records
        .iter()
        .filter_map(|record| {
            let at = crate::grid::CellAddress::new(record.row, heading.at.column);
            source.raw(table.layout.sheet, at)
        })
        .map(|value| format!("“{}”", shortened(&value.to_string())))
        .take(3)
        .collect();
    if samples.is_empty() {
        String::new()
    } else {
        format!(" Below it stand {}.", samples.join(", "))
    }
}

/// A sample value that fits beside others.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let plain = text.replace('\n', " ");
    if plain.chars().count() <= CHARS_MAX {
        return plain;
    }
    plain.chars().take(CHARS_MAX).chain(['…']).collect()
}

/// The listed word nearest to the one that a finding is about. Beside agencies that the cell names already, it is read for the one
/// that it does not.
fn nearest(table: &Table, finding: &Finding, schema: &crate::schema::Table) -> Option<String> {
    let record = table.record_on(finding.place.range?.first.row)?;
    let field = schema.field(finding.field.as_deref()?)?;
    match &table.cell(record, field)?.state {
        State::Fault(Fault::UnknownChoice(near)) => near.as_ref().map(|near| near.0.clone()),
        // It was read as decided: what was proposed is not needed any more.
        State::Value(_) | State::Blank | State::Missing | State::Placeholder | State::Fault(_) => {
            None
        }
    }
}

/// How alike a name must be to an agency's to be proposed.
const NAME_LIKENESS: f64 = 0.75;

fn near_agency(context: &Context<'_>, typed: &str) -> Option<String> {
    let folded = fold(typed.rsplit(':').next().unwrap_or(typed));
    if folded.is_empty() {
        return None;
    }
    let mut best: Option<(f64, &str)> = None;
    for agency in &context.schema.agencies {
        let alike = agency
            .words
            .iter()
            .map(|word| likeness(&folded, word))
            .fold(0.0, f64::max);
        if alike >= NAME_LIKENESS && best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, &agency.name));
        }
    }
    best.map(|(_, name)| name.to_owned())
}

fn choices(context: &Context<'_>, finding: &Finding, kind: Answer) -> Option<PickFrom> {
    let words = |words: Vec<String>| (!words.is_empty()).then_some(PickFrom::Words(words));
    let sources = &context.outcome.sources;
    let source = source_of(context, finding);
    let table = source.and_then(|source| table_of(source, finding));
    let schema = table.and_then(|table| context.schema.tables.get(table.layout.table));
    let field = schema.and_then(|schema| {
        let index = schema.field(finding.field.as_deref()?)?;
        schema.fields.get(index)
    });
    let is_plans = source.is_some_and(|source| source.role == Role::Plan);
    let agencies = || {
        context
            .schema
            .agencies
            .iter()
            .map(|agency| {
                // A name with a comma in it would be two words of the list.
                if agency.name.contains(',') {
                    agency.code.clone()
                } else {
                    agency.name.clone()
                }
            })
            .collect::<Vec<_>>()
    };
    let places = || std::iter::once(&finding.place).chain(&finding.related);
    match kind {
        Answer::Word | Answer::Value => {
            let field = field?;
            match field.kind {
                FieldKind::Agency | FieldKind::Agencies => words(agencies()),
                FieldKind::Line => lines(context),
                _ => words(
                    context
                        .schema
                        .choices(field)
                        .into_iter()
                        .map(|(_, label, _)| label)
                        .collect(),
                ),
            }
        }
        Answer::Heading => {
            let (table, schema) = (table?, schema?);
            if finding.code.0 == "H101" && finding.heading.is_none() {
                return words(
                    table
                        .layout
                        .unknown
                        .iter()
                        .map(|unknown| unknown.heading.text.replace('\n', " "))
                        .collect(),
                );
            }
            if finding.code.0 == "H103" {
                return words(places().filter_map(crate::finding::Place::a1).collect());
            }
            let taken: BTreeSet<usize> = table
                .layout
                .columns
                .iter()
                .map(|column| column.field)
                .collect();
            let mut titles: Vec<String> = schema
                .fields
                .iter()
                .enumerate()
                .filter(|(index, _)| !taken.contains(index))
                .map(|(_, field)| field.title.clone())
                .collect();
            // The likeliest first: a dropdown holds only so many words.
            titles.sort_by_key(|title| Some(title) != field.map(|field| &field.title));
            words(titles)
        }
        Answer::Reference if is_plans => None,
        Answer::Reference => {
            let rows = context.outcome.consolidation.actions.len();
            let rows = u32::try_from(rows).unwrap_or(u32::MAX);
            (rows > 0).then_some(PickFrom::Sheet {
                name: "Action plan",
                rows,
            })
        }
        Answer::Line => lines(context),
        Answer::Row => words(places().filter_map(crate::finding::Place::a1).collect()),
        Answer::File => words(
            places()
                .filter_map(|place| sources.get(place.source?))
                .map(|source| source.file_name().to_owned())
                .collect(),
        ),
        Answer::Partner => {
            if finding.code.0 == "S014"
                && let Some(source) = source
            {
                let said = &source.statement;
                let two = [said.label_agency, said.file_agency];
                return words(
                    two.into_iter()
                        .flatten()
                        .map(|agency| context.schema.agency_name(agency).to_owned())
                        .collect(),
                );
            }
            words(agencies())
        }
        Answer::Quarter => {
            let quarter = context.outcome.options.quarter?;
            words(vec![quarter.to_string()])
        }
        Answer::Agency => words(
            places()
                .filter_map(|place| sources.get(place.source?)?.statement.agency)
                .map(|agency| context.schema.agency_name(agency).to_owned())
                .collect(),
        ),
    }
}

/// The plan's funding lines.
fn lines(context: &Context<'_>) -> Option<PickFrom> {
    let lines = fitting_lines(&context.outcome.sources, context.schema);
    (!lines.is_empty()).then_some(PickFrom::Words(lines))
}
