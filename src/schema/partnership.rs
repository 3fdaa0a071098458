//! `partnership.toml`: the year, priorities, agencies, statuses, streams, thresholds, words and rule levels.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use validator::{Validate, ValidationError};

use super::calendar::Claims;
use super::document::{Document, Section};
use super::publishing::{self, Publishing};
use super::{Fault, Level, LevelEntry};
use crate::finding::Severity;
use crate::grid::Rgb;
use crate::value::period::{self, Quarter};
use crate::value::prose;
use crate::value::reference;
use crate::value::text::{counted, fold, fold_word, letters_and_figures};
use crate::value::told;

/// Who the partnership is.
#[derive(Clone, Debug, Default, Validate)]
pub struct Partnership {
    /// Its full name.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub name: String,
    /// The agency that receives the returns, by code.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub host: String,
    /// The agency whose finance system the ledger is, by code.
    pub ledger_agency: String,
    /// The mailbox that returns are sent to, told on the forms.
    #[validate(email(message = "must be an e-mail address"))]
    pub returns_to: Option<String>,
    /// The time zone in which a moment is its day.
    pub timezone: Option<TimeZone>,
    /// How folders of tidy data name it: letters, figures and hyphens.
    pub code: String,
}

/// The partnership year.
#[derive(Clone, Debug)]
pub struct Year {
    /// As written: `2022-23`.
    pub label: String,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// The day by which each quarter's returns are due.
    pub deadlines: Vec<Date>,
    /// What the four quarters are called in headings of outputs: `Q1`, or other words such as `Apr-Jun`.
    pub quarter_names: [String; 4],
}

impl Year {
    /// What a quarter is called in headings.
    #[must_use]
    pub fn quarter_name(&self, number: u8) -> &str {
        usize::from(number)
            .checked_sub(1)
            .and_then(|at| self.quarter_names.get(at))
            .map_or("", String::as_str)
    }

    /// The year's quarter of this number.
    #[must_use]
    pub fn quarter(&self, number: u8) -> Quarter {
        Quarter {
            year: self.start.year(),
            number,
        }
    }

    /// The deadline of a quarter's returns, if it is one of this year's.
    #[must_use]
    pub fn deadline(&self, quarter: Quarter) -> Option<Date> {
        (quarter.year == self.start.year())
            .then(|| {
                self.deadlines
                    .get(usize::from(quarter.number).checked_sub(1)?)
                    .copied()
            })
            .flatten()
    }
}

/// One priority of the plan.
#[derive(Clone, Debug, Validate)]
pub struct Priority {
    /// `P1`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub code: String,
    /// The letters that its actions' references begin with.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub prefix: String,
    /// The full name.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub name: String,
    /// What it is called in few words: the full name where the configuration gives none.
    pub short_name: String,
    /// Folded words that name it.
    pub words: Arc<[String]>,
    /// Its code and prefix, folded: they name it within other words, however short they are.
    pub marks: [String; 2],
}

/// Whether a return is expected of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporting {
    /// Every quarter.
    Expected,
    /// When it has something to say.
    Optional,
}

/// One agency.
#[derive(Clone, Debug, Validate)]
pub struct Agency {
    /// `KP`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub code: String,
    /// `Kent Police`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub name: String,
    /// Folded words that name it.
    pub words: Arc<[String]>,
    /// Whether it recovers VAT and so claims net.
    pub recovers_vat: bool,
    /// Whether a return is expected.
    pub reporting: Reporting,
}

/// A word that stands for several agencies at once: `All partners`.
#[derive(Clone, Debug)]
pub struct AgencyGroup {
    /// Folded words for it.
    pub words: Arc<[String]>,
    /// The agencies that it stands for.
    pub agencies: Arc<[usize]>,
}

/// One status of the scheme.
#[derive(Clone, Debug, Validate)]
pub struct Status {
    /// `on-track`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub value: String,
    /// Which of the program's own six values it counts as: its own, where it is one of them.
    pub counts_as: String,
    /// `On track`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub label: String,
    /// Folded words that mean it.
    pub words: Arc<[String]>,
    /// The fill that the output gives it.
    pub fill: Rgb,
    /// Fills that partners use for it, the output's own among them.
    pub fills_read: Vec<Rgb>,
    /// Folded words that say the opposite when an update opens with them.
    pub contradicted_by: Vec<String>,
}

/// One stream of money.
#[derive(Clone, Debug, Validate)]
pub struct Stream {
    /// `CRG`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub code: String,
    /// Its name.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub name: String,
    /// Who pays: `PCC`, `district`, `partners`, `other`.
    #[validate(length(min = 1, message = "must not be empty"))]
    pub funder: String,
    /// The award, where it is known without the plan.
    #[validate(custom(function = "not_negative", message = "must not be below 0"))]
    pub award: Option<Decimal>,
    /// First day on which spend counts.
    pub period_start: Option<Date>,
    /// Last day on which spend counts.
    pub period_end: Option<Date>,
    /// Pounds by which allocations and award may differ.
    #[validate(custom(function = "not_negative", message = "must not be below 0"))]
    pub tolerance: Decimal,
    /// Whether capital is refused.
    pub revenue_only: bool,
    /// Whether money may move between lines only with approval.
    pub virement_needs_approval: bool,
    /// Who may approve that money moves from or to its lines; anybody, where nobody is named.
    pub approvers: Vec<String>,
    /// How often money is claimed from its funder.
    pub claims: Claims,
    /// The day by which each of its claims is due, where that is not the partnership's own.
    pub deadlines: Vec<Date>,
    /// Folded words that name it.
    pub words: Arc<[String]>,
}

/// Which line the finance system's rows of a cost centre or account are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerMap {
    /// The cost centre, by letters and figures alone; empty for any.
    pub cost_centre: String,
    /// The account, by letters and figures alone; empty for any.
    pub account: String,
    /// The line, as typed; empty where the rows are of VAT.
    pub line: String,
    /// Rows of recovered VAT: no spend.
    pub is_vat: bool,
}

/// `validator` hands over what is there; a figure left out is not checked.
fn not_negative(figure: &Decimal) -> Result<(), ValidationError> {
    if figure.is_sign_negative() && !figure.is_zero() {
        Err(ValidationError::new("range"))
    } else {
        Ok(())
    }
}

/// Figures that rules and layout compare with.
#[derive(Clone, Debug, Validate)]
pub struct Thresholds {
    /// How alike a heading and a field's name must be, in hundredths, for a near miss to be proposed.
    #[validate(range(min = 50, max = 100, message = "must lie from 50 to 100"))]
    pub near_miss_percent: u32,
    /// Days after a stream's period in which an accrual or credit may still be dated.
    pub accrual_grace_days: u32,
    /// How many times its line's revised allocation an amount is not believed.
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub implausible_times: u32,
    /// How many times the median of its line's other rows an amount is not believed.
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub implausible_median_times: u32,
    /// Hundredths of the revised allocation that should be spent by the third quarter.
    #[validate(range(max = 100, message = "must lie from 0 to 100"))]
    pub behind_percent: u32,
    /// Hundredths of the year's spend that may fall in the fourth quarter.
    #[validate(range(max = 100, message = "must lie from 0 to 100"))]
    pub late_percent: u32,
    /// Hundredths of the revised allocation by which a forecast may differ from it without an explanation.
    #[validate(range(max = 100, message = "must lie from 0 to 100"))]
    pub variance_percent: u32,
}

/// Words of label cells, folded.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Who a return is from.
    pub partner: Vec<String>,
    /// Which quarter it is for.
    pub quarter: Vec<String>,
    /// Which year it is for.
    pub year: Vec<String>,
    /// When it was sent.
    pub returned_on: Vec<String>,
    /// The same on a cover sheet or in an e-mail's head, where a date is nothing else.
    pub dated: Vec<String>,
    /// Which version it is.
    pub version: Vec<String>,
    /// A stream's award.
    pub award: Vec<String>,
    /// How the file is marked.
    pub marking: Vec<String>,
    /// Other words that label a value and are no data.
    pub other: Vec<String>,
}

/// Words with a meaning of their own.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Stand for no value, folded, where a field has no list of its own.
    pub missing: Vec<String>,
    /// Left over from a form, folded.
    pub placeholders: Vec<String>,
    /// Say that a row is a printed total, folded.
    pub totals: Vec<String>,
    /// Stand beside what is left of a sum, folded.
    pub balances: Vec<String>,
    /// Begin a line of notes, folded.
    pub notes: Vec<String>,
    /// Sheets that are passed over: by whole names, folded, or by how they begin, with an asterisk behind.
    pub ignored_sheets: Vec<String>,
    /// Updates that say nothing, folded, with every agency's and quarter's words put in.
    pub empty_updates: BTreeSet<String>,
}

/// No text longer than this is weighed as one that says nothing.
const SHORT_BYTES: usize = 80;

/// Whether a text is nothing but marks that stand for what is above: `"`, `〃`, `-"-`.
fn is_ditto(text: &str) -> bool {
    let is_mark = |c: char| "\"'”“’‘„〃″′".contains(c);
    text.len() <= 12
        && text.contains(is_mark)
        && text
            .chars()
            .all(|c| is_mark(c) || c.is_whitespace() || "-–—.,".contains(c))
}

impl Words {
    /// The entry of the ignored sheets that passes over a sheet of this folded name.
    #[must_use]
    pub fn ignores(&self, folded: &str) -> Option<&str> {
        self.ignored_sheets
            .iter()
            .find(|pattern| match pattern.strip_suffix('*') {
                Some(begins) => folded.starts_with(begins),
                None => folded == **pattern,
            })
            .map(String::as_str)
    }

    /// Whether every clause of an update says nothing: `ongoing`, `as Q1 - no change`, `see police update`.
    #[must_use]
    pub fn says_nothing(&self, text: &str) -> bool {
        is_ditto(text)
            || text.len() <= SHORT_BYTES
                && prose::says_only(text, |clause| self.empty_updates.contains(clause))
    }
}

/// How success measures are judged.
#[derive(Clone, Debug, Default, Validate)]
pub struct Measures {
    /// By how many hundredths of the target a value may lie beside it and still be in its band.
    #[validate(range(max = 100, message = "must lie from 0 to 100"))]
    pub band_percent: u32,
    /// Whether the figures of several partners add up, where the action is not listed in `summed`.
    pub is_summed: bool,
    /// Keys of the references of actions to which each partner adds its own figure.
    pub summed: Vec<String>,
}

impl Measures {
    /// Whether an action's value is the sum of what its partners report, by its reference's key.
    #[must_use]
    pub fn adds_up(&self, key: &str) -> bool {
        self.is_summed || self.summed.iter().any(|summed| summed == key)
    }
}

/// What partners get back after a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Days after the run's own day by which a corrected return is asked for.
    pub reply_days: u32,
    /// The first line of a note, `{agency}` for the partner's name.
    pub greeting: Option<String>,
    /// Whom to ask, beside the host's name: an address, a telephone number, hours.
    pub contact: Option<String>,
    /// What the partnership calls its secure route.
    pub secure_route: Option<String>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self {
            reply_days: 7,
            greeting: None,
            contact: None,
            secure_route: None,
        }
    }
}

/// Everything `partnership.toml` says.
pub(super) struct Parts {
    pub(super) partnership: Partnership,
    pub(super) year: Year,
    pub(super) priorities: Vec<Priority>,
    pub(super) agencies: Vec<Agency>,
    pub(super) agency_groups: Vec<AgencyGroup>,
    pub(super) statuses: Vec<Status>,
    pub(super) streams: Vec<Stream>,
    pub(super) funders: Vec<(String, String)>,
    pub(super) ledger_map: Vec<LedgerMap>,
    pub(super) thresholds: Thresholds,
    pub(super) measures: Measures,
    pub(super) publishing: Publishing,
    pub(super) feedback: Feedback,
    pub(super) labels: Labels,
    pub(super) words: Words,
    pub(super) levels: BTreeMap<String, LevelEntry>,
}

/// Folded words, each once, in order.
pub(super) fn words<'t>(texts: impl IntoIterator<Item = &'t str>) -> Arc<[String]> {
    let mut out: Vec<String> = Vec::new();
    for text in texts {
        let folded = fold_word(text);
        if !folded.is_empty() && !out.contains(&folded) {
            out.push(folded);
        }
    }
    out.into()
}

/// Reads `partnership.toml`.
pub(super) fn parse(text: &str, codes: &[&str], faults: &mut Vec<Fault>) -> Option<Parts> {
    let document = Document::parse("partnership.toml", text);
    if document.is_faulty() {
        faults.extend(document.into_faults());
        return None;
    }
    let parts = read(&document, codes);
    faults.extend(document.into_faults());
    Some(parts)
}

/// Everything that the document says.
pub(super) fn read(document: &Document<'_>, codes: &[&str]) -> Parts {
    let root = document.root();
    let agencies = agencies(&root);
    let year = year(&root);
    let parts = Parts {
        partnership: partnership(&root, &agencies),
        priorities: priorities(&root),
        statuses: statuses(&root),
        streams: streams(&root, &year),
        year,
        funders: Vec::new(),
        ledger_map: ledger_map(&root),
        thresholds: thresholds(&root),
        measures: measures(&root),
        publishing: Publishing::default(),
        feedback: feedback(&root),
        labels: labels(&root),
        words: special_words(&root, &agencies),
        levels: levels(&root, codes),
        agency_groups: agency_groups(&root, &agencies),
        agencies,
    };
    let parts = Parts {
        funders: funders(&root, &parts.streams),
        publishing: publishing::parse(&root, &parts.partnership.name, &parts.priorities),
        ..parts
    };
    root.close();
    parts
}

/// The time zone of this name; London's where none is named.
fn timezone(section: &Section<'_, '_>) -> Option<TimeZone> {
    let name = section.text("timezone");
    let found = TimeZone::get(name.as_deref().unwrap_or("Europe/London")).ok();
    if let (Some(name), None) = (&name, &found) {
        section.fault(
            "timezone",
            format!("\"{name}\" is no time zone's name; one is \"Europe/London\""),
        );
    }
    found
}

fn partnership(root: &Section<'_, '_>, agencies: &[Agency]) -> Partnership {
    let Some(section) = root.section("partnership") else {
        return Partnership::default();
    };
    let found = Partnership {
        name: section.required_text("name"),
        host: section.required_text("host"),
        ledger_agency: section.text("ledger_agency").unwrap_or_default(),
        returns_to: section.text("returns_to"),
        timezone: timezone(&section),
        code: publishing::code(&section),
    };
    for (key, code) in [
        ("host", &found.host),
        ("ledger_agency", &found.ledger_agency),
    ] {
        if !code.is_empty() && !agencies.iter().any(|a| a.code == *code) {
            section.fault(
                key,
                format!(
                    "`{key}` names the agency `{code}`, which no [[agencies]] entry has as its code"
                ),
            );
        }
    }
    section.check(&found);
    section.close();
    found
}

fn year(root: &Section<'_, '_>) -> Year {
    let empty = Year {
        label: String::new(),
        start: Date::constant(2000, 4, 1),
        end: Date::constant(2001, 3, 31),
        deadlines: Vec::new(),
        quarter_names: [1, 2, 3, 4].map(|number| format!("Q{number}")),
    };
    let Some(section) = root.section("year") else {
        return empty;
    };
    let label = section.required_text("label");
    for key in ["start", "end", "deadlines"] {
        if !section.has(key) {
            section.fault("", format!("[year] has no `{key}`"));
        }
    }
    let start = section.date("start");
    let end = section.date("end");
    let deadlines = section.dates("deadlines");
    if let (Some(start), Some(end)) = (start, end) {
        if end <= start {
            section.fault("end", "`end` of the year must come after its `start`");
        }
        let want = Quarter {
            year: start.year(),
            number: 1,
        }
        .year_label();
        let is_april = start.month() == 4 && start.day() == 1;
        if !is_april {
            section.fault(
                "start",
                format!("the year must start on 1 April, for its quarters do; this one starts on {start}"),
            );
        } else if end
            != start
                .saturating_add(jiff::Span::new().years(1))
                .yesterday()
                .unwrap_or(end)
        {
            section.fault(
                "end",
                format!("a year that starts on {start} ends on 31 March after it, not on {end}"),
            );
        }
        for (quarter, deadline) in (1_u8..=4).zip(&deadlines) {
            let of = Quarter {
                year: start.year(),
                number: quarter,
            };
            if is_april && *deadline <= of.end() {
                section.fault(
                    "deadlines",
                    format!("the deadline of quarter {quarter}, {deadline}, comes before the quarter has ended"),
                );
            }
        }
        if is_april && !label.is_empty() && label != want {
            section.fault(
                "label",
                format!("`label` should be \"{want}\" for a year that starts on {start}"),
            );
        }
    }
    if section.has("deadlines") && deadlines.len() != 4 {
        section.fault(
            "deadlines",
            format!(
                "`deadlines` must name four dates, one a quarter; it names {}",
                deadlines.len()
            ),
        );
    } else if !deadlines.is_sorted() {
        section.fault(
            "deadlines",
            "`deadlines` must rise from the first quarter to the fourth",
        );
    }
    let names = section.texts("quarter_names");
    let read: Vec<Option<u8>> = names
        .iter()
        .map(|name| {
            let said = period::mention(&format!("{name} x"));
            said.quarter.filter(|_| said.rest == "x")
        })
        .collect();
    if section.has("quarter_names") && read != [Some(1), Some(2), Some(3), Some(4)] {
        section.fault(
            "quarter_names",
            "`quarter_names` must be four names by which the quarters can be read again, in their order: [\"Apr-Jun\", \"Jul-Sep\", \"Oct-Dec\", \"Jan-Mar\"]",
        );
    }
    let quarter_names =
        <[String; 4]>::try_from(names).unwrap_or_else(|_| empty.quarter_names.clone());
    section.close();
    Year {
        quarter_names,
        label,
        start: start.unwrap_or(empty.start),
        end: end.unwrap_or(empty.end),
        deadlines,
    }
}

fn priorities(root: &Section<'_, '_>) -> Vec<Priority> {
    let mut out: Vec<Priority> = Vec::new();
    let mut taken = BTreeMap::new();
    for section in root.sections("priorities") {
        let (code, prefix, name) = (
            section.required_text("code"),
            section.required_text("prefix"),
            section.required_text("name"),
        );
        let short_name = section.text("short_name").unwrap_or_else(|| name.clone());
        let aliases = section.texts("aliases");
        let words = words(
            [
                code.as_str(),
                prefix.as_str(),
                name.as_str(),
                short_name.as_str(),
            ]
            .into_iter()
            .chain(aliases.iter().map(String::as_str)),
        );
        claim(&section, "aliases", &words, &code, &mut taken);
        let found = Priority {
            marks: [fold(&code), fold(&prefix)],
            code,
            prefix,
            name,
            short_name,
            words,
        };
        section.check(&found);
        section.close();
        out.push(found);
    }
    if out.is_empty() {
        root.fault(
            "priorities",
            "there must be at least one [[priorities]] entry",
        );
    }
    out
}

/// Reports a word that two entries of one list claim.
fn claim(
    section: &Section<'_, '_>,
    key: &str,
    words: &[String],
    code: &str,
    taken: &mut BTreeMap<String, String>,
) {
    for word in words {
        if let Some(other) = taken.get(word) {
            section.fault(key, format!("`{word}` is a word for both `{other}` and `{code}`; each word may mean one thing only"));
        } else {
            taken.insert(word.clone(), code.to_owned());
        }
    }
}

fn agencies(root: &Section<'_, '_>) -> Vec<Agency> {
    let mut out: Vec<Agency> = Vec::new();
    let mut taken = BTreeMap::new();
    for section in root.sections("agencies") {
        let (code, name) = (section.required_text("code"), section.required_text("name"));
        let aliases = section.texts("aliases");
        let words = words(
            [code.as_str(), name.as_str()]
                .into_iter()
                .chain(aliases.iter().map(String::as_str)),
        );
        claim(&section, "aliases", &words, &code, &mut taken);
        let reporting = match section.text("reports").as_deref() {
            None | Some("expected") => Reporting::Expected,
            Some("optional") => Reporting::Optional,
            Some(other) => {
                section.fault(
                    "reports",
                    format!("`reports` must be \"expected\" or \"optional\", not \"{other}\""),
                );
                Reporting::Expected
            }
        };
        let found = Agency {
            recovers_vat: section.flag("recovers_vat"),
            code,
            name,
            words,
            reporting,
        };
        section.check(&found);
        section.close();
        out.push(found);
    }
    if out.is_empty() {
        root.fault("agencies", "there must be at least one [[agencies]] entry");
    }
    out
}

/// What stands among a group's agencies for every one that is expected to report.
const EXPECTED: &str = "expected";

fn agency_groups(root: &Section<'_, '_>, agencies: &[Agency]) -> Vec<AgencyGroup> {
    let mut out: Vec<AgencyGroup> = Vec::new();
    for section in root.sections("agency_groups") {
        let name = section.required_text("name");
        let aliases = section.texts("aliases");
        let words = words(std::iter::once(name.as_str()).chain(aliases.iter().map(String::as_str)));
        for word in words.iter() {
            if let Some(agency) = agencies.iter().find(|agency| agency.words.contains(word)) {
                section.fault(
                    "aliases",
                    format!("`{word}` names the agency {} already", agency.code),
                );
            } else if out.iter().any(|group| group.words.contains(word)) {
                section.fault("aliases", format!("`{word}` names another group already"));
            }
        }
        let codes = section.texts("agencies");
        if codes.is_empty() {
            section.fault(
                "agencies",
                format!("`agencies` must list codes of agencies, or \"{EXPECTED}\""),
            );
        }
        let mut found: Vec<usize> = Vec::new();
        for code in &codes {
            let own = |(index, agency): (usize, &Agency)| {
                let is_one = if code == EXPECTED {
                    agency.reporting == Reporting::Expected
                } else {
                    agency.code == *code
                };
                is_one.then_some(index)
            };
            let before = found.len();
            found.extend(agencies.iter().enumerate().filter_map(own));
            if found.len() == before {
                section.fault(
                    "agencies",
                    format!("`agencies` names the agency `{code}`, which no [[agencies]] entry has as its code"),
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        section.close();
        out.push(AgencyGroup {
            words,
            agencies: found.into(),
        });
    }
    out
}

const STATUS_VALUES: [&str; 6] = [
    "closed",
    "complete",
    "on-track",
    "not-started",
    "at-risk",
    "off-track",
];

/// The order of the statuses that is not the writer's to choose: done, well, in danger, failing. Not started may stand anywhere.
fn ranks(value: &str) -> Option<u8> {
    match value {
        "closed" | "complete" => Some(0),
        "on-track" => Some(1),
        "at-risk" => Some(2),
        "off-track" => Some(3),
        _ => None,
    }
}

fn statuses(root: &Section<'_, '_>) -> Vec<Status> {
    let mut out: Vec<Status> = Vec::new();
    let mut taken = BTreeMap::new();
    for section in root.sections("statuses") {
        let (value, label) = (
            section.required_text("value"),
            section.required_text("label"),
        );
        let counts_as = section.text("counts_as");
        let is_own = STATUS_VALUES.contains(&value.as_str());
        match &counts_as {
            Some(word) if is_own && *word != value => section.fault(
                "counts_as",
                format!("`{value}` is one of the program's own statuses and counts as itself"),
            ),
            Some(word) if !STATUS_VALUES.contains(&word.as_str()) => section.fault(
                "counts_as",
                format!(
                    "`counts_as` must be one of {}, not \"{word}\"",
                    STATUS_VALUES.join(", ")
                ),
            ),
            None if !is_own && !value.is_empty() => section.fault(
                "value",
                format!(
                    "`{value}` is no status this program knows: use {}, or say which of them it counts as: counts_as = \"on-track\"",
                    STATUS_VALUES.join(", ")
                ),
            ),
            Some(_) | None => {}
        }
        let counts_as = counts_as.unwrap_or_else(|| value.clone());
        if let Some(better) = out.iter().find(|other| {
            matches!((ranks(&counts_as), ranks(&other.counts_as)), (Some(own), Some(above)) if own < above)
        }) {
            section.fault(
                "value",
                format!(
                    "statuses are listed from best to worst, for of two the later is shown: `{value}` stands below `{}`",
                    better.value
                ),
            );
        }
        if out.iter().any(|status| status.value == value) {
            section.fault("value", format!("the status `{value}` is given twice"));
        }
        let synonyms = section.texts("synonyms");
        let words = words(
            [value.as_str(), label.as_str()]
                .into_iter()
                .chain(synonyms.iter().map(String::as_str)),
        );
        claim(&section, "synonyms", &words, &value, &mut taken);
        let fill =
            colour(&section, "fill", &section.required_text("fill")).unwrap_or([255, 255, 255]);
        let mut fills_read = vec![fill];
        fills_read.extend(
            section
                .texts("fills_read")
                .iter()
                .filter_map(|text| colour(&section, "fills_read", text)),
        );
        for fill in &fills_read {
            if told::is_like_mark(*fill) {
                section.fault(
                    "fill",
                    "this fill is that of the marks in partners' own files (F3C9FF), or looks like it: choose another",
                );
            }
        }
        let found = Status {
            value,
            counts_as,
            label,
            words,
            fill,
            fills_read,
            contradicted_by: folded(&section, "contradicted_by"),
        };
        section.check(&found);
        section.close();
        out.push(found);
    }
    if out.is_empty() {
        root.fault("statuses", "there must be at least one [[statuses]] entry");
    }
    out
}

fn colour(section: &Section<'_, '_>, key: &str, text: &str) -> Option<Rgb> {
    let digits = text.trim_start_matches('#');
    let byte = |from: usize| {
        digits
            .get(from..from + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    let found = (digits.len() == 6)
        .then(|| Some([byte(0)?, byte(2)?, byte(4)?]))
        .flatten();
    if found.is_none() {
        section.fault(
            key,
            format!("`{key}` must be a colour like #C6EFCE, not \"{text}\""),
        );
    }
    found
}

fn ledger_map(root: &Section<'_, '_>) -> Vec<LedgerMap> {
    let mut out = Vec::new();
    for section in root.sections("ledger_map") {
        let code = |key: &str| {
            let text = section.text(key).unwrap_or_default();
            letters_and_figures(&reference::key(&text))
        };
        let found = LedgerMap {
            cost_centre: code("cost_centre"),
            account: code("account"),
            line: section.text("line").unwrap_or_default(),
            is_vat: section.flag("vat"),
        };
        if found.cost_centre.is_empty() && found.account.is_empty() {
            section.fault(
                "cost_centre",
                "a [[ledger_map]] entry needs a `cost_centre` or an `account`",
            );
        }
        if found.line.is_empty() != found.is_vat {
            section.fault(
                "line",
                "a [[ledger_map]] entry needs either a `line` or `vat = true`",
            );
        }
        section.close();
        out.push(found);
    }
    out
}

fn streams(root: &Section<'_, '_>, year: &Year) -> Vec<Stream> {
    let mut out: Vec<Stream> = Vec::new();
    let mut taken = BTreeMap::new();
    for section in root.sections("streams") {
        let (code, name) = (section.required_text("code"), section.required_text("name"));
        let aliases = section.texts("aliases");
        let words = words(
            [code.as_str(), name.as_str()]
                .into_iter()
                .chain(aliases.iter().map(String::as_str)),
        );
        claim(&section, "aliases", &words, &code, &mut taken);
        let found = Stream {
            code,
            name,
            funder: section.required_text("funder"),
            award: section.decimal("award"),
            period_start: section.date("period_start"),
            period_end: section.date("period_end"),
            tolerance: section.decimal("tolerance").unwrap_or(Decimal::ONE),
            revenue_only: section.flag("revenue_only"),
            virement_needs_approval: section.flag("virement_needs_approval"),
            approvers: section.texts("approvers"),
            claims: claims(&section),
            deadlines: section.dates("deadlines"),
            words,
        };
        if let (Some(start), Some(end)) = (found.period_start, found.period_end)
            && end < start
        {
            section.fault(
                "period_end",
                "`period_end` must not come before `period_start`",
            );
        }
        check_deadlines(&section, &found, year);
        section.check(&found);
        section.close();
        out.push(found);
    }
    if out.is_empty() {
        root.fault("streams", "there must be at least one [[streams]] entry");
    }
    out
}

fn claims(section: &Section<'_, '_>) -> Claims {
    let Some(word) = section.text("claims") else {
        return Claims::default();
    };
    let found = Claims::ALL.into_iter().find(|claims| claims.word() == word);
    if found.is_none() {
        section.fault(
            "claims",
            format!(
                "`claims` must be \"quarterly\", \"half-yearly\" or \"monthly\", not \"{word}\""
            ),
        );
    }
    found.unwrap_or_default()
}

/// A deadline for each claim, in their order, and none before its claim's period ends.
fn check_deadlines(section: &Section<'_, '_>, stream: &Stream, year: &Year) {
    if stream.deadlines.is_empty() {
        return;
    }
    let periods = stream.claim_periods(year);
    if stream.deadlines.len() != periods.len() {
        section.fault(
            "deadlines",
            format!(
                "`deadlines` has {}, but the stream makes {}, {}: one day for each",
                counted(stream.deadlines.len(), "day", "days"),
                counted(periods.len(), "claim", "claims"),
                stream.claims.word()
            ),
        );
    }
    for (day, period) in stream.deadlines.iter().zip(&periods) {
        if *day < period.end {
            section.fault(
                "deadlines",
                format!(
                    "the deadline {day} comes before its claim's period ends, on {}",
                    period.end
                ),
            );
        }
    }
}

/// Who pays, in full words, by what `funder` of the streams says.
fn funders(root: &Section<'_, '_>, streams: &[Stream]) -> Vec<(String, String)> {
    let Some(section) = root.optional_section("funders") else {
        return Vec::new();
    };
    let found = section.entries();
    for (code, _) in &found {
        if !streams
            .iter()
            .any(|stream| stream.funder.eq_ignore_ascii_case(code))
        {
            section.fault(code, format!("no stream has the funder `{code}`"));
        }
    }
    section.close();
    found
}

fn thresholds(root: &Section<'_, '_>) -> Thresholds {
    let usual = Thresholds {
        near_miss_percent: 80,
        accrual_grace_days: 31,
        implausible_times: 10,
        implausible_median_times: 100,
        behind_percent: 40,
        late_percent: 50,
        variance_percent: 10,
    };
    let Some(section) = root.optional_section("thresholds") else {
        return usual;
    };
    let found = Thresholds {
        near_miss_percent: section
            .count("near_miss_percent")
            .unwrap_or(usual.near_miss_percent),
        accrual_grace_days: section
            .count("accrual_grace_days")
            .unwrap_or(usual.accrual_grace_days),
        implausible_times: section
            .count("implausible_times")
            .unwrap_or(usual.implausible_times),
        implausible_median_times: section
            .count("implausible_median_times")
            .unwrap_or(usual.implausible_median_times),
        behind_percent: section
            .count("behind_percent")
            .unwrap_or(usual.behind_percent),
        late_percent: section.count("late_percent").unwrap_or(usual.late_percent),
        variance_percent: section
            .count("variance_percent")
            .unwrap_or(usual.variance_percent),
    };
    section.check(&found);
    section.close();
    found
}

fn feedback(root: &Section<'_, '_>) -> Feedback {
    let usual = Feedback::default();
    let Some(section) = root.optional_section("feedback") else {
        return usual;
    };
    let text = |key: &str| {
        let text = section.text(key)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let found = Feedback {
        reply_days: section.count("reply_days").unwrap_or(usual.reply_days),
        greeting: text("greeting"),
        contact: text("contact"),
        secure_route: text("secure_route"),
    };
    if found.reply_days > 366 {
        section.fault("reply_days", "`reply_days` is at most 366");
    }
    section.close();
    found
}

fn folded(section: &Section<'_, '_>, key: &str) -> Vec<String> {
    let texts = section.texts(key);
    words(texts.iter().map(String::as_str)).to_vec()
}

/// Names, folded; an asterisk at a name's end is kept.
fn patterns(section: &Section<'_, '_>, key: &str) -> Vec<String> {
    let texts = section.texts(key);
    let pattern = |text: &String| match text.trim_end().strip_suffix('*') {
        Some(begins) => fold(begins) + "*",
        None => fold(text),
    };
    texts.iter().map(pattern).collect()
}

/// What a cover sheet or an e-mail writes before its date, unless the configuration says otherwise.
const DATED: [&str; 2] = ["date", "sent"];

fn labels(root: &Section<'_, '_>) -> Labels {
    let Some(section) = root.section("labels") else {
        return Labels::default();
    };
    let found = Labels {
        partner: folded(&section, "partner"),
        quarter: folded(&section, "quarter"),
        year: folded(&section, "year"),
        returned_on: folded(&section, "returned_on"),
        dated: if section.has("dated") {
            folded(&section, "dated")
        } else {
            DATED.map(str::to_owned).to_vec()
        },
        version: folded(&section, "version"),
        award: folded(&section, "award"),
        marking: folded(&section, "marking"),
        other: folded(&section, "other"),
    };
    section.close();
    found
}

fn special_words(root: &Section<'_, '_>, agencies: &[Agency]) -> Words {
    let Some(section) = root.section("words") else {
        return Words::default();
    };
    let found = Words {
        missing: section
            .texts("missing")
            .iter()
            .map(|word| fold_word(word))
            .collect(),
        placeholders: folded(&section, "placeholders"),
        totals: folded(&section, "totals"),
        balances: folded(&section, "balance_words"),
        notes: folded(&section, "notes"),
        ignored_sheets: patterns(&section, "ignored_sheets"),
        empty_updates: empty_updates(&section, agencies),
    };
    section.close();
    found
}

fn measures(root: &Section<'_, '_>) -> Measures {
    let usual = Measures::default();
    let Some(section) = root.optional_section("measures") else {
        return usual;
    };
    let is_summed = match section.text("several").as_deref() {
        None | Some("lead") => false,
        Some("sum") => true,
        Some(other) => {
            section.fault(
                "several",
                format!("`several` must be \"lead\" or \"sum\", not \"{other}\""),
            );
            false
        }
    };
    let found = Measures {
        band_percent: section.count("band_percent").unwrap_or(usual.band_percent),
        is_summed,
        summed: section
            .texts("summed")
            .iter()
            .map(|typed| reference::key(typed))
            .collect(),
    };
    section.check(&found);
    section.close();
    found
}

/// Periods that an update may point back to: `as Q1`, `as last quarter`.
const PERIODS: [&str; 14] = [
    "q1",
    "q2",
    "q3",
    "q4",
    "quarter 1",
    "quarter 2",
    "quarter 3",
    "quarter 4",
    "qtr 1",
    "qtr 2",
    "qtr 3",
    "qtr 4",
    "last quarter",
    "previous quarter",
];

/// The phrases as configured, with every agency's names and every period put in for `{agency}` and `{quarter}`.
fn empty_updates(section: &Section<'_, '_>, agencies: &[Agency]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for text in section.texts("empty_updates") {
        let fill = |mark: &str, words: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            words.map(|word| fold(&text.replace(mark, word))).collect()
        };
        if text.contains("{agency}") {
            let mut names = agencies
                .iter()
                .flat_map(|agency| agency.words.iter().map(String::as_str));
            out.extend(fill("{agency}", &mut names));
        } else if text.contains("{quarter}") {
            out.extend(fill("{quarter}", &mut PERIODS.into_iter()));
        } else {
            out.insert(fold(&text));
        }
    }
    out
}

fn levels(root: &Section<'_, '_>, codes: &[&str]) -> BTreeMap<String, LevelEntry> {
    let Some(section) = root.optional_section("rules") else {
        return BTreeMap::new();
    };
    let mut out = BTreeMap::new();
    for (code, word) in section.entries() {
        if !codes.contains(&code.as_str()) {
            section.fault(
                &code,
                format!("`{code}` is no rule of this program; `csp-bridge rules` lists them"),
            );
        }
        let level = match word.as_str() {
            "off" => Some(Level::Off),
            other => Severity::from_word(other).map(Level::At),
        };
        match level {
            Some(level) => {
                out.insert(code.clone(), LevelEntry { level, line: section.line(&code) });
            }
            None => section.fault(&code, format!("the level of `{code}` must be \"error\", \"warning\", \"information\" or \"off\", not \"{word}\"")),
        }
    }
    section.close();
    out
}
