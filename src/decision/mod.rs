//! What a person has settled: suggestions taken up, conflicts decided, findings accepted for a while.
//!
//! Invariant: a decision says whose it is, why and until when; nothing here is inferred. A mistake in it stops the run, as one in the
//! configuration does, with the cell or line and what was meant.

mod sheet;
mod text;

use jiff::civil::Date;

pub use sheet::{HEADINGS, from_workbook};
pub use text::from_toml;

use crate::finding::Acceptance;
use crate::schema::{Fault, Schema};
use crate::value::reference;
use crate::value::text::{fold, visible};

/// What somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The suggestion is taken up, or the finding may stand.
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

    fn from_words(words: &str) -> Option<Self> {
        let folded = fold(words);
        Self::ALL
            .into_iter()
            .find(|verdict| fold(verdict.label()) == folded)
            .or(match folded.as_str() {
                "accepted" | "yes" | "agreed" | "agree" => Some(Self::Accept),
                "rejected" | "no" => Some(Self::Reject),
                "ask" => Some(Self::Ask),
                "corrected" => Some(Self::Corrected),
                _ => None,
            })
    }
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A heading that may be a field's.
    Heading,
    /// A word that may be a listed one.
    Word,
    /// A reference that may be an action's.
    Reference,
    /// Two reports that differ.
    Conflict,
    /// A finding that may stand.
    Finding,
}

impl About {
    /// The words in the About column of those that have their own.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Heading => "Near match",
            Self::Word => "Unknown word",
            Self::Reference => "Unmatched row",
            Self::Conflict => "Conflict",
            Self::Finding => "Finding",
        }
    }

    fn from_words(words: &str) -> Self {
        let folded = fold(words);
        [Self::Heading, Self::Word, Self::Reference, Self::Conflict]
            .into_iter()
            .find(|about| fold(about.label()) == folded)
            .unwrap_or(Self::Finding)
    }
}

/// One decision as written, before it is checked against the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
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
    /// The heading, word or reference as typed.
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
}

/// What a decision changes when it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// This heading is this field's.
    Field {
        /// The table schema's index.
        table: usize,
        /// The field's index in it.
        field: usize,
    },
    /// This word is this choice.
    Choice {
        /// The table schema's index.
        table: usize,
        /// The field's index in it.
        field: usize,
        /// The choice's index.
        choice: usize,
    },
    /// This reference is this action's, by its key.
    Action(String),
    /// This agency's report is used.
    Agency(usize),
    /// The finding may stand.
    Accepted,
    /// Nothing: rejected, or to be asked.
    Nothing,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// As it was written, to be carried forward.
    pub written: Written,
    /// What it is about.
    pub about: About,
    /// What was decided.
    pub verdict: Verdict,
    /// The partner it is about; all of them, if none is named.
    pub agency: Option<usize>,
    /// What it changes.
    pub effect: Effect,
}

/// What became of a decision in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was used.
    InForce,
    /// Nothing in this run called for it.
    NotUsed,
    /// Its last day is past.
    Expired,
    /// It asks for nothing: rejected, to be asked, corrected.
    Noted,
}

impl Standing {
    /// The word in the State column.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "In force",
            Self::NotUsed => "Not used this time",
            Self::Expired => "Expired",
            Self::Noted => "Noted",
        }
    }
}

/// The decisions that a run knows, and the day it plays on.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    all: Vec<Decision>,
    as_of: Date,
}

impl Decisions {
    /// Decisions seen on a day: those whose last day is past count no more.
    #[must_use]
    pub fn on(all: Vec<Decision>, as_of: Date) -> Self {
        Self { all, as_of }
    }

    /// Every decision, in the order written.
    #[must_use]
    pub fn all(&self) -> &[Decision] {
        &self.all
    }

    /// Whether a decision's last day is past.
    #[must_use]
    pub fn is_expired(&self, decision: &Decision) -> bool {
        decision
            .written
            .until
            .is_some_and(|until| until < self.as_of)
    }

    fn in_force(&self) -> impl Iterator<Item = &Decision> {
        self.all
            .iter()
            .filter(|decision| !self.is_expired(decision))
    }

    fn of(&self, about: About, agency: Option<usize>) -> impl Iterator<Item = &Decision> {
        self.in_force().filter(move |decision| {
            decision.about == about && (decision.agency.is_none() || decision.agency == agency)
        })
    }

    /// The field that a partner's heading was decided to be.
    #[must_use]
    pub fn heading(&self, agency: Option<usize>, table: usize, heading: &str) -> Option<usize> {
        let folded = fold(heading);
        self.of(About::Heading, agency)
            .find_map(|decision| match decision.effect {
                Effect::Field { table: of, field }
                    if of == table && fold(&decision.written.typed) == folded =>
                {
                    Some(field)
                }
                _ => None,
            })
    }

    /// The listed value that a partner's word was decided to be.
    #[must_use]
    pub fn choice(
        &self,
        agency: Option<usize>,
        (table, field): (usize, usize),
        word: &str,
    ) -> Option<usize> {
        let folded = fold(word);
        self.of(About::Word, agency)
            .find_map(|decision| match decision.effect {
                Effect::Choice {
                    table: of,
                    field: in_field,
                    choice,
                } if of == table
                    && in_field == field
                    && fold(&decision.written.typed) == folded =>
                {
                    Some(choice)
                }
                _ => None,
            })
    }

    /// The key of the action that a partner's reference was decided to mean.
    #[must_use]
    pub fn action(&self, agency: Option<usize>, key: &str) -> Option<&str> {
        self.of(About::Reference, agency)
            .find_map(|decision| match &decision.effect {
                Effect::Action(action) if reference::key(&decision.written.typed) == key => {
                    Some(action.as_str())
                }
                _ => None,
            })
    }

    /// The agency whose report on an action was decided to count, by the action's key, and who decided it.
    #[must_use]
    pub fn conflict(&self, action: &str) -> Option<(usize, Acceptance)> {
        self.in_force()
            .filter(|decision| decision.about == About::Conflict)
            .find_map(|decision| match decision.effect {
                Effect::Agency(agency) if reference::key(&decision.written.subject) == action => {
                    Some((agency, decision.written.acceptance()))
                }
                _ => None,
            })
    }

    /// Why a finding may stand, if somebody said so.
    #[must_use]
    pub fn acceptance(&self, finding: &str) -> Option<Acceptance> {
        self.in_force()
            .find(|decision| {
                decision.written.finding == finding && decision.effect == Effect::Accepted
            })
            .map(|decision| decision.written.acceptance())
    }
}

impl Written {
    fn acceptance(&self) -> Acceptance {
        Acceptance {
            reason: self.reason.clone(),
            role: self.role.clone(),
            until: self.until,
        }
    }
}

/// Checks written decisions against the configuration; rows without a decision are left aside.
///
/// # Errors
/// Every mistake, at the place that `place` names for it.
fn settle(written: Vec<(Written, Fault)>, schema: &Schema) -> Result<Vec<Decision>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut out = Vec::new();
    for (row, place) in written {
        if row.decision.trim().is_empty() {
            continue;
        }
        match decision(row, schema) {
            Ok(decision) => out.push(decision),
            Err(message) => faults.push(Fault { message, ..place }),
        }
    }
    if faults.is_empty() {
        Ok(out)
    } else {
        Err(faults)
    }
}

fn decision(written: Written, schema: &Schema) -> Result<Decision, String> {
    let verdict = Verdict::from_words(&written.decision).ok_or_else(|| {
        let words: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.label()).collect();
        format!(
            "the decision “{}” is none of: {}",
            written.decision,
            words.join(", ")
        )
    })?;
    let about = About::from_words(&written.about);
    let agency = if written.partner.trim().is_empty() {
        None
    } else {
        Some(agency_named(&written.partner, schema)?)
    };
    let effect = if verdict == Verdict::Accept {
        effect(&written, about, schema)?
    } else {
        Effect::Nothing
    };
    Ok(Decision {
        written,
        about,
        verdict,
        agency,
        effect,
    })
}

fn agency_named(words: &str, schema: &Schema) -> Result<usize, String> {
    let folded = fold(words);
    schema
        .agencies
        .iter()
        .position(|agency| agency.words.contains(&folded))
        .ok_or_else(|| format!("“{words}” is no agency of the partnership"))
}

fn effect(written: &Written, about: About, schema: &Schema) -> Result<Effect, String> {
    let read_as = visible(&written.read_as);
    let needs = |what: &str| {
        if read_as.is_empty() {
            Err(format!("“Read it as” must say which {what} is meant"))
        } else {
            Ok(())
        }
    };
    match about {
        About::Heading => {
            let table = table_named(&written.field, schema)?;
            needs("field")?;
            let folded = fold(&read_as);
            let found = schema.tables.get(table).and_then(|t| {
                t.fields.iter().position(|field| {
                    fold(&field.title) == folded || field.name == read_as.as_str()
                })
            });
            let field =
                found.ok_or_else(|| format!("“{read_as}” is no field of the table in “Field”"))?;
            Ok(Effect::Field { table, field })
        }
        About::Word => {
            let table = table_named(&written.field, schema)?;
            needs("listed word")?;
            let name = written.field.split_once('.').map_or("", |(_, name)| name);
            let (field, found) = schema
                .tables
                .get(table)
                .and_then(|t| {
                    let index = t.field(name.trim())?;
                    Some((index, t.fields.get(index)?))
                })
                .ok_or_else(|| format!("“{}” is no field", written.field))?;
            let folded = fold(&read_as);
            let choice = schema
                .choices(found)
                .iter()
                .position(|(_, _, words)| words.contains(&folded))
                .ok_or_else(|| format!("“{read_as}” is no word that {} may hold", found.title))?;
            Ok(Effect::Choice {
                table,
                field,
                choice,
            })
        }
        About::Reference | About::Conflict if read_as.is_empty() => Ok(Effect::Accepted),
        About::Reference => Ok(Effect::Action(reference::key(&read_as))),
        About::Conflict => Ok(Effect::Agency(agency_named(&read_as, schema)?)),
        About::Finding if written.finding.trim().is_empty() => {
            Err("an accepted finding needs its id in “Finding”".to_owned())
        }
        About::Finding => Ok(Effect::Accepted),
    }
}

fn table_named(field: &str, schema: &Schema) -> Result<usize, String> {
    let name = field.split_once('.').map_or(field, |(table, _)| table);
    schema
        .table(name.trim())
        .map(|(index, _)| index)
        .ok_or_else(|| format!("“{field}” names no table; write it like `updates.status`"))
}
