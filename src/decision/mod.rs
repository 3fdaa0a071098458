//! What a person has settled: answers given, suggestions taken up, findings accepted for a while.
//!
//! Invariant: a decision says whose it is, why and until when; nothing here is inferred. A word in it that fits nothing is that decision's
//! own fault: it changes nothing and says why. Only a file that cannot be understood at all stops the run.

mod receipt;
mod sheet;
mod text;

use jiff::civil::Date;

pub use receipt::{
    COLUMN, FILE, PARTNER, Received, SHEET, receipts_to_toml, received, received_on,
};
pub use sheet::{HEADINGS, from_workbook};
pub use text::{Question, from_toml, is_ours, to_toml};

use crate::finding::Acceptance;
use crate::schema::Schema;
use crate::value::period::{Mention, Quarter};
use crate::value::text::{fold, visible};

/// What somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The suggestion is taken up, the answer given, or the finding may stand.
    Accept,
    /// It is not.
    Reject,
    /// The partner is to be asked first.
    Ask,
    /// The partner has corrected its file.
    Corrected,
}

impl Verdict {
    /// Every verdict, in the order of the dropdown.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Reject, Self::Ask, Self::Corrected];

    /// The words in the Decision column.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Accept => "Accept",
            Self::Reject => "Reject",
            Self::Ask => "Ask the partner",
            Self::Corrected => "Corrected at source",
        }
    }

    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Ask => "ask",
            Self::Corrected => "corrected",
        }
    }

    fn from_words(words: &str) -> Option<Self> {
        let folded = fold(words);
        Self::ALL
            .into_iter()
            .find(|verdict| fold(verdict.label()) == folded || verdict.word() == folded)
            .or(match folded.as_str() {
                "accepted" | "yes" | "agreed" | "agree" => Some(Self::Accept),
                "rejected" | "no" => Some(Self::Reject),
                "asked" | "ask partner" => Some(Self::Ask),
                _ => None,
            })
    }
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Two reports that differ.
    Conflict,
    /// A reference that may be an action's.
    Reference,
    /// A funding line that the plan does not have.
    Line,
    /// A word that may be a listed one.
    Word,
    /// A heading that may be a field's.
    Heading,
    /// A value that is missing or cannot be read.
    Value,
    /// Who sent a file.
    Agency,
    /// Which quarter a file is for.
    Quarter,
    /// Which of two files stands.
    File,
    /// Which of two rows stands.
    Row,
    /// A change that a partner proposes.
    Proposal,
    /// A return that did not come.
    MissingReturn,
    /// A return that is kept out.
    HeldReturn,
    /// A table that is kept out.
    HeldTable,
    /// Columns that are kept out.
    HeldColumns,
    /// A row that is kept out.
    HeldRow,
    /// A value that is kept out.
    HeldValue,
    /// A finding that holds nothing.
    Finding,
}

impl About {
    /// Everything that a decision may be about.
    pub const ALL: [Self; 18] = [
        Self::Conflict,
        Self::Reference,
        Self::Line,
        Self::Word,
        Self::Heading,
        Self::Value,
        Self::Agency,
        Self::Quarter,
        Self::File,
        Self::Row,
        Self::Proposal,
        Self::MissingReturn,
        Self::HeldReturn,
        Self::HeldTable,
        Self::HeldColumns,
        Self::HeldRow,
        Self::HeldValue,
        Self::Finding,
    ];

    /// The word used in reports and in a file of decisions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Reference => "reference",
            Self::Line => "line",
            Self::Word => "word",
            Self::Heading => "heading",
            Self::Value => "value",
            Self::Agency => "agency",
            Self::Quarter => "quarter",
            Self::File => "file",
            Self::Row => "row",
            Self::Proposal => "proposal",
            Self::MissingReturn => "missing-return",
            Self::HeldReturn => "held-return",
            Self::HeldTable => "held-table",
            Self::HeldColumns => "held-columns",
            Self::HeldRow => "held-row",
            Self::HeldValue => "held-value",
            Self::Finding => "finding",
        }
    }

    /// The words in the About column.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Conflict => "Conflict",
            Self::Reference => "Unmatched row",
            Self::Line => "Unknown line",
            Self::Word => "Unknown word",
            Self::Heading => "Heading",
            Self::Value => "Value",
            Self::Agency => "Who sent it",
            Self::Quarter => "Quarter",
            Self::File => "Two files",
            Self::Row => "Two rows",
            Self::Proposal => "Proposal",
            Self::MissingReturn => "Missing return",
            Self::HeldReturn => "Held return",
            Self::HeldTable => "Held table",
            Self::HeldColumns => "Held columns",
            Self::HeldRow => "Held row",
            Self::HeldValue => "Held value",
            Self::Finding => "Finding",
        }
    }

    fn from_words(words: &str) -> Option<Self> {
        let folded = fold(words);
        Self::ALL
            .into_iter()
            .find(|about| fold(about.label()) == folded || fold(about.word()) == folded)
            // As earlier outputs wrote it.
            .or((folded == "near match").then_some(Self::Heading))
    }

    /// Whether the decision says what a word or a heading means, wherever its partner writes it.
    #[must_use]
    pub fn is_reading(self) -> bool {
        matches!(self, Self::Word | Self::Heading)
    }
}

/// What a decision is about, by the word or label that says it.
#[must_use]
pub fn about_of(words: &str) -> Option<About> {
    About::from_words(words)
}

/// One decision as written, before it is checked against anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The sheet's row, or the line of a TOML file.
    pub row: usize,
    /// What it is about, in words.
    pub about: String,
    /// The action or line it concerns.
    pub subject: String,
    /// The partner, by code, name or alias; nothing for all.
    pub partner: String,
    /// What was to be decided, as it was put.
    pub question: String,
    /// The table and field: `updates.status`.
    pub field: String,
    /// The heading, word or value as typed.
    pub typed: String,
    /// What it is to be read as.
    pub read_as: String,
    /// The decision.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// In which role.
    pub role: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// The finding's id.
    pub finding: String,
    /// On which day the partner was asked, as an earlier output noted it.
    pub asked: Option<Date>,
    /// What in it cannot be understood.
    pub fault: Option<String>,
}

impl Written {
    /// Who let something stand, why and until when.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        Acceptance {
            reason: self.reason.clone(),
            role: self.role.clone(),
            until: self.until,
        }
    }
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// As it was written, to be carried forward.
    pub written: Written,
    /// What it is about, if it says so.
    pub about: Option<About>,
    /// What was decided, if that is one of the words.
    pub verdict: Option<Verdict>,
    /// The partner it is about; all of them, if none is named.
    pub agency: Option<usize>,
    /// The table and the field that it names.
    pub field: Option<(usize, Option<usize>)>,
    /// Why nothing can be done with it, whatever the run finds.
    pub fault: Option<String>,
}

/// What a decision says of a word or a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Which decision it is, by its place among them.
    pub decision: usize,
    /// Whether it is of a heading; else it is of a word.
    pub is_heading: bool,
    /// Whose; everybody's, if it is nobody's.
    pub agency: Option<usize>,
    /// The table schema's index.
    pub table: usize,
    /// The field that holds the word.
    pub field: Option<usize>,
    /// The word or heading, folded.
    pub typed: String,
    /// What it is to be read as.
    pub read_as: String,
}

impl Reading {
    /// Whether it speaks of what a partner wrote in a table.
    #[must_use]
    pub fn is_for(&self, agency: Option<usize>, table: usize, is_heading: bool) -> bool {
        self.is_heading == is_heading
            && self.table == table
            && (self.agency.is_none() || self.agency == agency)
    }
}

/// What became of a decision in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It took effect.
    InForce,
    /// It could not take effect, and changed nothing.
    NotApplied,
    /// The finding stands, and is settled as that.
    Rejected,
    /// The partner was asked.
    Asked,
    /// It was said to be corrected, and is there all the same.
    NotCorrected,
    /// The reason is on record; nothing was kept out.
    Noted,
    /// Nothing in this run called for it.
    NotUsed,
    /// Its last day is past.
    Expired,
}

impl Standing {
    /// Every state, in the order in which a summary counts them.
    pub const ALL: [Self; 8] = [
        Self::InForce,
        Self::Noted,
        Self::Rejected,
        Self::Asked,
        Self::NotApplied,
        Self::NotCorrected,
        Self::NotUsed,
        Self::Expired,
    ];

    /// The word in the State column.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "In force",
            Self::NotApplied => "Not applied",
            Self::Rejected => "Rejected",
            Self::Asked => "Asked",
            Self::NotCorrected => "Not corrected",
            Self::Noted => "Noted",
            Self::NotUsed => "Not used",
            Self::Expired => "Expired",
        }
    }

    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::NotApplied => "not-applied",
            Self::Rejected => "rejected",
            Self::Asked => "asked",
            Self::NotCorrected => "not-corrected",
            Self::Noted => "noted",
            Self::NotUsed => "not-used",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing is left to be settled.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::InForce | Self::Rejected | Self::Noted)
    }
}

/// What became of a decision, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicted {
    /// The state.
    pub standing: Standing,
    /// Why it did nothing, or what is to be known of it; empty where there is nothing to say.
    pub why: String,
    /// The finding that it is about, if one was found.
    pub finding: Option<String>,
}

/// What an officer has put down: what was decided, and which return arrived on which day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// When returns arrived.
    pub receipts: Vec<Received>,
}

impl From<Vec<Decision>> for Taken {
    fn from(decisions: Vec<Decision>) -> Self {
        Self {
            decisions,
            receipts: Vec::new(),
        }
    }
}

/// The decisions that a run knows, and the day it plays on.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    all: Vec<Decision>,
    receipts: Vec<Received>,
    as_of: Date,
    made_for: Mention,
    readings: Vec<Reading>,
}

impl Decisions {
    /// Decisions seen on a day: those whose last day is past count no more.
    #[must_use]
    pub fn on(taken: impl Into<Taken>, as_of: Date) -> Self {
        let Taken {
            decisions: all,
            receipts,
        } = taken.into();
        let mut out = Self {
            all,
            receipts,
            as_of,
            made_for: Mention::default(),
            readings: Vec::new(),
        };
        out.readings = (0..out.all.len())
            .filter_map(|index| out.reading(index))
            .collect();
        out
    }

    /// The same and more, but for what is among them already.
    #[must_use]
    pub fn with(mut self, more: Vec<Decision>) -> Self {
        let known = self.all.len();
        for decision in more {
            if !self.all.iter().take(known).any(|own| *own == decision) {
                self.all.push(decision);
            }
        }
        let added = known..self.all.len();
        let readings: Vec<Reading> = added.filter_map(|index| self.reading(index)).collect();
        self.readings.extend(readings);
        self
    }

    /// The same, taken in a run for the quarter that this says.
    #[must_use]
    pub fn made_for(mut self, said: Mention) -> Self {
        self.made_for = said;
        self
    }

    /// Whether the decisions were taken in a run for another quarter than this one.
    #[must_use]
    pub fn is_of_another(&self, quarter: Quarter) -> bool {
        self.made_for.quarter.is_some_and(|q| q != quarter.number)
            || self.made_for.year.is_some_and(|year| year != quarter.year)
    }

    /// When returns of a quarter arrived, as recorded; what does not say its quarter is of the one that the decisions were taken for.
    #[must_use]
    pub fn receipts(&self, quarter: Quarter) -> Vec<Received> {
        let is_for = |one: &&Received| match one.quarter {
            Some(said) => said == quarter,
            None => !self.is_of_another(quarter),
        };
        self.receipts.iter().filter(is_for).cloned().collect()
    }

    /// Every record of a day of receipt, of whichever quarter.
    #[must_use]
    pub fn all_receipts(&self) -> &[Received] {
        &self.receipts
    }

    /// Every decision, in the order written.
    #[must_use]
    pub fn all(&self) -> &[Decision] {
        &self.all
    }

    /// What today is.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// Whether a decision's last day is past.
    #[must_use]
    pub fn is_expired(&self, decision: &Decision) -> bool {
        decision
            .written
            .until
            .is_some_and(|until| until < self.as_of)
    }

    /// What the decisions say of words and headings, as far as that is known before anything is found.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    fn reading(&self, index: usize) -> Option<Reading> {
        let decision = self.all.get(index)?;
        let written = &decision.written;
        let about = decision.about.filter(|about| about.is_reading())?;
        let (table, field) = decision.field?;
        let is_heading = about == About::Heading;
        let is_usable = decision.verdict == Some(Verdict::Accept)
            && decision.fault.is_none()
            && !self.is_expired(decision)
            && !written.typed.is_empty()
            && !written.read_as.is_empty()
            && (is_heading || field.is_some());
        is_usable.then(|| Reading {
            decision: index,
            is_heading,
            agency: decision.agency,
            table,
            field,
            typed: fold(&written.typed),
            read_as: written.read_as.clone(),
        })
    }
}

/// Brings written decisions to the configuration; rows without a decision are left aside. What cannot be understood in one is its own
/// fault, and no other's.
fn settle(written: Vec<Written>, schema: &Schema) -> Vec<Decision> {
    written
        .into_iter()
        .filter(|row| !row.decision.trim().is_empty() || row.fault.is_some())
        // How an earlier output told of a day of receipt that it could not take: the day itself is on the sheet Returns.
        .filter(|row| row.decision != COLUMN)
        .map(|row| decision(row, schema))
        .collect()
}

fn decision(written: Written, schema: &Schema) -> Decision {
    let mut faults: Vec<String> = written.fault.iter().cloned().collect();
    let verdict = Verdict::from_words(&written.decision);
    if verdict.is_none() {
        let words: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.label()).collect();
        faults.push(if written.decision.trim().is_empty() {
            format!("no decision is given: {}", words.join(", "))
        } else {
            format!(
                "“{}” is none of the decisions: {}",
                written.decision,
                words.join(", ")
            )
        });
    }
    let about = About::from_words(&written.about);
    if about.is_none() && !written.about.trim().is_empty() {
        let words: Vec<&str> = About::ALL.iter().map(|about| about.word()).collect();
        faults.push(format!(
            "“{}” is nothing that a decision is about: {}",
            written.about,
            words.join(", ")
        ));
    }
    let mut agency = None;
    if !written.partner.trim().is_empty() {
        agency = schema.agency_called(&fold(&written.partner));
        if agency.is_none() {
            faults.push(format!(
                "“{}” is not one of the partnership's agencies",
                written.partner
            ));
        }
    }
    let mut field = None;
    if !written.field.trim().is_empty() {
        field = field_named(&written.field, schema);
        if field.is_none() {
            faults.push(format!(
                "“{}” names no field; write it like `updates.status`",
                written.field
            ));
        }
    }
    if verdict == Some(Verdict::Accept) {
        let lacks = |text: &str| visible(text).is_empty();
        match (lacks(&written.reason), lacks(&written.role)) {
            (true, true) => faults.push("Accept needs a reason and a role".to_owned()),
            (true, false) => faults.push("Accept needs a reason".to_owned()),
            (false, true) => faults.push("Accept needs a role".to_owned()),
            (false, false) => {}
        }
    }
    let fault = (!faults.is_empty()).then(|| faults.join("; "));
    Decision {
        written,
        about,
        verdict,
        agency,
        field,
        fault,
    }
}

/// The table and the field that `updates.status` names; `updates` names a table alone.
fn field_named(words: &str, schema: &Schema) -> Option<(usize, Option<usize>)> {
    let (table, name) = match words.split_once('.') {
        Some((table, name)) => (table, Some(name.trim())),
        None => (words, None),
    };
    let (index, found) = schema.table(table.trim())?;
    match name {
        None => Some((index, None)),
        Some(name) => Some((index, Some(found.field(name)?))),
    }
}
