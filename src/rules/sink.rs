//! Where a rule hands in its findings: bound to the rule, so that it cannot lie about its code, its level or the most it holds.

pub use crate::finding::Hold;

use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::facts::{CellFacts, Facts, RowFacts, TableFacts};
use super::partner::Filled;
use super::rest::TOLD_MAX;
use super::{Rule, SourceFacts};
use crate::finding::{Decides, Finding, Place, Severity, Told};
use crate::grid::CellRange;
use crate::publish::Target;
use crate::publish::words;
use crate::record::View;
use crate::schema::{Level, Schema, hex};
use crate::source::{Differs, Source};
use crate::value::personal::{self, Sign};

/// What a finding keeps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldTarget {
    /// A whole file.
    Return {
        /// The file.
        source: usize,
    },
    /// A whole file that another one replaces.
    Superseded {
        /// The file.
        source: usize,
    },
    /// A table of it.
    Table {
        /// The file.
        source: usize,
        /// The table in it.
        table: usize,
    },
    /// A column of a table.
    Column {
        /// The file.
        source: usize,
        /// The table in it.
        table: usize,
        /// The field.
        field: usize,
    },
    /// A record.
    Row {
        /// The file.
        source: usize,
        /// The table in it.
        table: usize,
        /// The record in it.
        record: usize,
    },
    /// One value of a record.
    Value {
        /// The file.
        source: usize,
        /// The table in it.
        table: usize,
        /// The record in it.
        record: usize,
        /// The field.
        field: usize,
    },
}

/// A cell of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellAt {
    /// The file.
    pub source: usize,
    /// The table in it.
    pub table: usize,
    /// The record in it.
    pub record: usize,
    /// The field.
    pub field: usize,
}

impl CellAt {
    fn of(cell: &CellFacts<'_>) -> Self {
        Self {
            source: cell.row.table.source.index,
            table: cell.row.table.table_index,
            record: cell.row.record_index,
            field: cell.field_index,
        }
    }
}

/// A finding with what it holds.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The finding.
    pub finding: Finding,
    /// Its id before equal ones are told apart.
    pub base: String,
    /// What is kept out because of it.
    pub holds: Vec<HoldTarget>,
    /// The cell that it is about, where it is about one of a record.
    pub cell: Option<CellAt>,
    /// What of the public version it keeps back.
    pub keeps: Option<Target>,
}

/// How many findings one rule raised on a file, and where the one is that speaks for those beyond what is told one by one.
#[derive(Default)]
struct Count {
    count: usize,
    rest: Option<usize>,
}

/// Takes one rule's findings.
pub struct Sink<'a> {
    rule: &'static Rule,
    facts: &'a Facts<'a>,
    severity: Option<Severity>,
    out: &'a mut Vec<Raised>,
    counts: BTreeMap<usize, Count>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(rule: &'static Rule, facts: &'a Facts<'a>, out: &'a mut Vec<Raised>) -> Self {
        let severity = match facts
            .run
            .schema
            .levels
            .get(rule.code.0)
            .map(|entry| entry.level)
        {
            // What goes out to the public is guarded whatever the configuration says of what goes to partners.
            None | Some(Level::Off) if facts.run.is_public && rule.code.0.starts_with('G') => {
                Some(Severity::Error)
            }
            None => Some(rule.severity),
            Some(Level::At(severity)) => Some(severity),
            Some(Level::Off) => None,
        };
        Self {
            rule,
            facts,
            severity,
            out,
            counts: BTreeMap::new(),
        }
    }

    /// The finding that speaks for those of a file that are not told one by one, once there are so many.
    fn rest(&mut self, source: Option<usize>) -> Option<&mut Raised> {
        let of = self.counts.entry(source?).or_default();
        of.count += 1;
        if of.count <= TOLD_MAX {
            return None;
        }
        if let Some(at) = of.rest {
            return self.out.get_mut(at);
        }
        of.rest = Some(self.out.len());
        None
    }

    /// Whether its rule is about what must not be passed on, whatever becomes of it.
    pub(super) fn is_governance(&self) -> bool {
        self.rule.code.0.starts_with('G')
    }

    /// A finding about a place.
    pub fn at(&mut self, place: Place) -> Draft<'_, 'a> {
        Draft {
            sink: self,
            place,
            key: String::new(),
            field: None,
            heading: None,
            raw: None,
            severity: None,
            holds: Vec::new(),
            hold: Hold::None,
            related: Vec::new(),
            covers: None,
            seen: Vec::new(),
            cell: None,
            is_plans: false,
            is_prose: false,
            case: "",
            filled: Vec::new(),
            names: None,
            keeps: None,
        }
    }

    /// A finding about a whole file, which is held if the rule holds returns.
    pub fn file(&mut self, facts: &SourceFacts<'_>) -> Draft<'_, 'a> {
        self.source(facts.source, facts.source.place())
    }

    /// A finding about a place in a file, which is held whole if the rule holds returns.
    pub fn source(&mut self, source: &Source, place: Place) -> Draft<'_, 'a> {
        let most = self.rule.hold;
        let mut draft = self.at(place);
        if most == Hold::Return {
            draft.hold = Hold::Return;
            draft.holds.push(HoldTarget::Return {
                source: source.index,
            });
        }
        draft
    }

    /// A finding about a cell of a copied plan that is not its sender's to fill in: what it says is left out already.
    pub fn elsewhere(
        &mut self,
        facts: &Facts<'_>,
        source: &Source,
        cell: &Differs,
    ) -> Draft<'_, 'a> {
        let mut draft = self.at(source.place_at(cell.sheet, cell.at)).left_out();
        draft.key = format!("{}\u{1f}{}", cell.subject, cell.field);
        draft.raw = Some(cell.said.clone());
        let plan = facts.sources.get(cell.plan).zip(cell.plan_at);
        draft
            .related
            .extend(plan.map(|(plan, at)| plan.place_at(cell.plan_sheet, at)));
        draft
    }

    /// A finding about a table's header or a heading; holds the table if the rule does.
    pub fn table(&mut self, facts: &TableFacts<'_>, at: impl Into<CellRange>) -> Draft<'_, 'a> {
        let most = self.rule.hold;
        let mut draft = self.at(facts.place(at));
        draft.key.clone_from(&facts.schema.name);
        if most == Hold::Table {
            draft = draft.hold_table(facts);
        }
        draft
    }

    /// A finding about a cell; holds its value or row as the rule does. What a return only repeats of the plan's row is not reported.
    pub fn cell(&mut self, facts: &CellFacts<'_>) -> Draft<'_, 'a> {
        let most = self.rule.hold;
        let mut draft = self.at(facts.place());
        draft.key = facts.row.view().key();
        draft.field = Some(facts.field.name.clone());
        draft.heading = Some(facts.heading.to_owned());
        draft.raw = Some(facts.cell.raw_text());
        draft.cell = Some(CellAt::of(facts));
        draft.is_plans = facts.repeats_plan();
        draft.is_prose = facts.field.is_free_text;
        match most {
            Hold::Value => draft.hold_value(facts),
            Hold::Row => draft.hold_row(&facts.row),
            Hold::None | Hold::Column | Hold::Table | Hold::Return => draft,
        }
    }
}

/// A finding in the making.
#[must_use = "a draft says nothing until it is reported"]
pub struct Draft<'s, 'a> {
    sink: &'s mut Sink<'a>,
    place: Place,
    key: String,
    field: Option<String>,
    heading: Option<String>,
    raw: Option<String>,
    severity: Option<Severity>,
    holds: Vec<HoldTarget>,
    hold: Hold,
    related: Vec<Place>,
    covers: Option<CellRange>,
    seen: Vec<String>,
    cell: Option<CellAt>,
    is_plans: bool,
    is_prose: bool,
    case: &'static str,
    filled: Vec<Filled>,
    names: Option<usize>,
    keeps: Option<Target>,
}

impl Draft<'_, '_> {
    /// What identifies the thing it is about, for the finding's id.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// The field and heading it is about.
    pub fn about(mut self, field: Option<&str>, heading: Option<&str>) -> Self {
        self.field = field.map(str::to_owned);
        self.heading = heading.map(str::to_owned);
        self
    }

    /// The raw value of the cell.
    pub fn raw(mut self, raw: impl Into<String>) -> Self {
        self.raw = Some(raw.into());
        self
    }

    /// The cell of a record that an answer would fill.
    pub fn on(mut self, cell: &CellFacts<'_>) -> Self {
        self.cell = Some(CellAt::of(cell));
        self
    }

    /// Another place that the finding compares with.
    pub fn related(mut self, place: Place) -> Self {
        self.related.push(place);
        self
    }

    /// The range that it speaks for, where that is more than its cell.
    pub fn covers(mut self, range: CellRange) -> Self {
        self.covers = (range.first != range.last).then_some(range);
        self
    }

    /// Which of the rule's cases it is, where the partner's words differ.
    pub fn case(mut self, case: &'static str) -> Self {
        self.case = case;
        self
    }

    /// What stands for a name in the partner's words: its own, or the plan's.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.filled.push((name, value.into()));
        self
    }

    /// The agency that is told, where it stands in none of its files.
    pub fn names(mut self, agency: usize) -> Self {
        self.names = Some(agency);
        self
    }

    /// Another severity than the rule's; the configuration still has the last word.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// The value is left out already: nothing of the return's own has to be kept out.
    pub fn left_out(mut self) -> Self {
        self.holds.clear();
        self.hold = Hold::Value;
        self
    }

    /// Holds nothing in this case.
    pub fn hold_nothing(mut self) -> Self {
        self.holds.clear();
        self.hold = Hold::None;
        self
    }

    /// Another value that the rule looked at: where it is another, the finding is another, and nothing decided about this one is about it.
    pub fn seen(mut self, value: impl Into<String>) -> Self {
        self.seen.push(value.into());
        self
    }

    /// Also holds another return.
    pub fn hold_return(mut self, source: usize) -> Self {
        self.holds.push(HoldTarget::Return { source });
        self.hold = Hold::Return;
        self
    }

    /// Keeps the return out as one that another replaces.
    pub fn superseded(mut self, source: &Source) -> Self {
        self.holds = vec![HoldTarget::Superseded {
            source: source.index,
        }];
        self.hold = Hold::Return;
        self
    }

    /// Holds the table.
    pub fn hold_table(mut self, facts: &TableFacts<'_>) -> Self {
        self.holds = vec![HoldTarget::Table {
            source: facts.source.index,
            table: facts.table_index,
        }];
        self.hold = Hold::Table;
        self
    }

    /// Holds a column.
    pub fn hold_column(mut self, facts: &TableFacts<'_>, field: usize) -> Self {
        self.holds.push(HoldTarget::Column {
            source: facts.source.index,
            table: facts.table_index,
            field,
        });
        self.hold = self.hold.max(Hold::Column);
        self
    }

    /// Holds the record, and any others named before.
    pub fn hold_row(mut self, row: &RowFacts<'_>) -> Self {
        self.holds.push(HoldTarget::Row {
            source: row.table.source.index,
            table: row.table.table_index,
            record: row.record_index,
        });
        self.hold = self.hold.max(Hold::Row);
        self
    }

    /// Holds one value, or the record where the schema says that it falls with this value.
    pub fn hold_value(mut self, cell: &CellFacts<'_>) -> Self {
        let row = cell.row;
        if row.table.schema.row_held_with.contains(&cell.field.name) {
            return self.hold_row(&row);
        }
        let (source, table) = (row.table.source.index, row.table.table_index);
        self.holds.push(HoldTarget::Value {
            source,
            table,
            record: row.record_index,
            field: cell.field_index,
        });
        self.hold = self.hold.max(Hold::Value);
        self
    }

    /// A text of the finding without what points to a person, wherever it was quoted from. A word that stands by itself, as references of
    /// documents and orders do, is no sign of a person where it could be such a reference.
    fn without_details(&self, text: String) -> String {
        let allowed = &self.sink.facts.run.schema.publishing.allowed_contacts;
        let is_prose = self.is_prose;
        let could_be_reference = |sign: Sign, range: &Range<usize>| {
            let word = text.get(range.clone()).unwrap_or_default();
            let before = text.get(..range.start).unwrap_or_default();
            let after = text.get(range.end..).unwrap_or_default();
            !is_prose
                && matches!(
                    sign,
                    Sign::NhsNumber | Sign::CrimeReference | Sign::Registration
                )
                && !word.contains(char::is_whitespace)
                && (before.is_empty() || before.ends_with('“'))
                && (after.is_empty() || after.starts_with('”'))
        };
        let text = personal::without(&text, allowed, could_be_reference).unwrap_or(text);
        match self.sink.facts.publication {
            Some(publication) => {
                words::without_names(&text, &publication.names, self.sink.facts.run.schema)
            }
            None => text,
        }
    }

    /// It keeps something back from the public version; a decision about it by its id publishes that.
    pub fn keeps_back(mut self, target: Target) -> Self {
        self.keeps = Some(target);
        self.is_prose = true;
        self
    }

    /// Hands the finding in: what was found, and what to do.
    pub fn report(self, message: impl Into<String>, fix: impl Into<String>) {
        let Some(level) = self.sink.severity.filter(|_| !self.is_plans) else {
            return;
        };
        let is_configured = self
            .sink
            .facts
            .run
            .schema
            .levels
            .contains_key(self.sink.rule.code.0);
        let severity = if is_configured {
            level
        } else {
            self.severity.unwrap_or(level)
        };
        if let Some(rest) = self.sink.rest(self.place.source) {
            rest.holds.extend(self.holds);
            let finding = &mut rest.finding;
            finding.rest += 1;
            finding.held = finding.held.max(self.hold);
            finding.would_hold = finding.held;
            finding.severity = finding.severity.max(severity);
            return;
        }
        let is_rest = self
            .place
            .source
            .and_then(|source| self.sink.counts.get(&source))
            .is_some_and(|of| of.count > TOLD_MAX);
        let source = self
            .place
            .source
            .and_then(|index| self.sink.facts.sources.get(index));
        let agency = source
            .and_then(|s| s.statement.agency)
            .map(|agency| self.sink.facts.run.schema.agency_code(agency).to_owned());
        let mut parts = vec![
            self.sink.rule.code.0,
            agency.as_deref().unwrap_or_default(),
            &self.key,
            self.field.as_deref().unwrap_or_default(),
            self.raw.as_deref().unwrap_or_default(),
        ];
        parts.extend(self.seen.iter().map(String::as_str));
        if is_rest {
            parts.push("and the rest");
        }
        let id = id(&parts);
        let quoted = |text: String| self.without_details(text);
        let (raw, message, fix) = (
            self.raw.clone().map(quoted),
            quoted(message.into()),
            quoted(fix.into()),
        );
        let told = self.sink.rule.partner.told(self.case, &self.filled);
        let told = told.map(|told| Told {
            message: told.message.map(|text| self.without_details(text)),
            fix: told.fix.map(|text| self.without_details(text)),
        });
        let names = self.names;
        let names = names.map(|agency| self.sink.facts.run.schema.agency_code(agency).to_owned());
        let finding = Finding {
            id: id.clone(),
            code: self.sink.rule.code,
            name: self.sink.rule.name,
            severity,
            place: self.place,
            covers: self.covers,
            agency,
            field: self.field,
            heading: self.heading,
            raw,
            message,
            fix,
            held: self.hold,
            would_hold: self.hold,
            decides: match self.keeps {
                Some(_) => Decides::Publish,
                None => self.sink.rule.decides,
            },
            accepted: None,
            related: self.related,
            told,
            names,
            rest: usize::from(is_rest),
        };
        self.sink.out.push(Raised {
            finding,
            base: id,
            holds: self.holds,
            cell: self.cell,
            keeps: self.keeps,
        });
    }
}

fn id(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0x1f]);
    }
    hex(hasher.finalize().get(..8).unwrap_or_default())
}

/// The agency of a source as a sentence names it.
#[must_use]
pub(super) fn who(schema: &Schema, source: &Source) -> String {
    source.statement.agency.map_or_else(
        || source.file_name().to_owned(),
        |agency| schema.agency_name(agency).to_owned(),
    )
}

/// A record's reference as a sentence names it.
#[must_use]
pub(super) fn record_name(view: &View<'_>) -> String {
    view.reference("ref")
        .or_else(|| view.reference("line"))
        .map_or_else(
            || format!("row {}", u64::from(view.record.row) + 1),
            ToString::to_string,
        )
}
