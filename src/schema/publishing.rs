//! `[publishing]`: what the outputs are marked with, and what the public version may say.
//!
//! Invariant: every list of words has built-in contents, and a key that is given replaces them.

use std::collections::BTreeSet;

use super::document::Section;
use super::partnership::Priority;
use crate::value::reference;
use crate::value::text::{fold, fold_word};

/// A format of the public version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicFormat {
    /// A workbook for Excel.
    Xlsx,
    /// A workbook in the `OpenDocument` format.
    Ods,
    /// One page.
    Html,
    /// A file a table.
    Csv,
}

impl PublicFormat {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Xlsx, Self::Ods, Self::Html, Self::Csv];

    /// The ending of its files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
            Self::Html => "html",
            Self::Csv => "csv",
        }
    }
}

/// What the public version says of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// One row a funding line.
    Lines,
    /// One row a stream.
    Streams,
    /// No table of funding.
    None,
}

/// Measures that add up: the total is the sum of the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The total's reference, as typed.
    pub total: String,
    /// Its parts' references, as typed.
    pub parts: Vec<String>,
}

impl Sum {
    /// The key of the total's reference.
    #[must_use]
    pub fn total_key(&self) -> String {
        reference::key(&self.total)
    }

    /// The keys of its parts' references.
    #[must_use]
    pub fn part_keys(&self) -> Vec<String> {
        self.parts.iter().map(|part| reference::key(part)).collect()
    }
}

/// Which counts are small, which measures are about people, and which words tell of either.
#[derive(Clone, Debug)]
pub struct SmallNumbers {
    /// The least count that is not small: 3 to 20.
    pub threshold: u32,
    /// The priorities whose measures of people are sensitive, as indexes.
    pub priorities: Vec<usize>,
    /// Keys of the references of measures that are sensitive.
    pub sensitive: Vec<String>,
    /// Keys of the references of measures that are not.
    pub not_sensitive: Vec<String>,
    /// Keys of the references of measures no value of which is shown.
    pub never: Vec<String>,
    /// Units of counts, folded; an empty one is a blank unit.
    pub count_units: Vec<String>,
    /// Words for people, folded, in the singular.
    pub people_words: Vec<String>,
    /// Words for things that may be counted, folded, in the singular.
    pub thing_words: Vec<String>,
    /// Phrases in which a number is none, folded.
    pub fixed_phrases: Vec<String>,
    /// Words that say on which side of another a figure lies, folded.
    pub comparisons: Vec<String>,
    /// Beginnings of words and phrases for matters that are sensitive, folded.
    pub topics: Vec<String>,
    /// Which measures add up.
    pub sums: Vec<Sum>,
}

impl SmallNumbers {
    /// The least count that is not small.
    #[must_use]
    pub fn least(&self) -> i64 {
        i64::from(self.threshold)
    }
}

/// What is never spoken of in public.
#[derive(Clone, Debug, Default)]
pub struct Restricted {
    /// Words and phrases beside the built-in ones, folded.
    pub words: Vec<String>,
    /// Names of operations that are public, folded.
    pub public_operations: Vec<String>,
    /// Keys of the references of actions that are left out whole.
    pub actions: Vec<String>,
}

/// What the output may be and show.
#[derive(Clone, Debug)]
pub struct Publishing {
    /// The output's marking.
    pub marking: String,
    /// Markings from lowest to highest.
    pub markings: Vec<String>,
    /// Markings no longer in use.
    pub withdrawn: Vec<String>,
    /// Telephone numbers and mailboxes that organisations publish themselves: no personal data.
    pub allowed_contacts: Vec<String>,
    /// How the files of the public version begin: small letters, figures and hyphens.
    pub name: String,
    /// Whom the public may ask; one of the allowed contacts.
    pub contact: Option<String>,
    /// In which formats the public version is written.
    pub formats: Vec<PublicFormat>,
    /// What it says of money.
    pub funding: Lines,
    /// Names of persons that may be shown, folded.
    pub allowed_names: Vec<String>,
    /// Titles that stand before a person's name.
    pub name_titles: Vec<String>,
    /// Words of roles and bodies, folded: a name with one of them is no person's.
    pub role_words: Vec<String>,
    /// Small counts.
    pub small: SmallNumbers,
    /// What is never spoken of.
    pub restricted: Restricted,
}

impl Default for Publishing {
    fn default() -> Self {
        Self {
            marking: "OFFICIAL".to_owned(),
            markings: vec!["OFFICIAL".to_owned()],
            withdrawn: Vec::new(),
            allowed_contacts: Vec::new(),
            name: "action-plan".to_owned(),
            contact: None,
            formats: PublicFormat::ALL.to_vec(),
            funding: Lines::Lines,
            allowed_names: Vec::new(),
            name_titles: NAME_TITLES.map(str::to_owned).to_vec(),
            role_words: folded_list(ROLE_WORDS.iter().copied()),
            small: SmallNumbers {
                threshold: 5,
                priorities: Vec::new(),
                sensitive: Vec::new(),
                not_sensitive: Vec::new(),
                never: Vec::new(),
                count_units: units(COUNT_UNITS.iter().copied()),
                people_words: folded_list(PEOPLE_WORDS.iter().copied()),
                thing_words: folded_list(THING_WORDS.iter().copied()),
                fixed_phrases: folded_list(FIXED_PHRASES.iter().copied()),
                comparisons: folded_list(COMPARISONS.iter().copied()),
                topics: folded_list(TOPICS.iter().copied()),
                sums: Vec::new(),
            },
            restricted: Restricted::default(),
        }
    }
}

/// Titles before a person's name.
const NAME_TITLES: [&str; 19] = [
    "Mr",
    "Mrs",
    "Ms",
    "Miss",
    "Mx",
    "Dr",
    "Rev",
    "PC",
    "PCSO",
    "WPC",
    "DC",
    "DS",
    "DI",
    "DCI",
    "Sgt",
    "Sergeant",
    "Insp",
    "Inspector",
    "Constable",
];

/// Words of roles, bodies and places to write to.
const ROLE_WORDS: &[&str] = &[
    "Manager",
    "Officer",
    "Inspector",
    "Lead",
    "Sergeant",
    "Constable",
    "Superintendent",
    "Commander",
    "Coordinator",
    "Co-ordinator",
    "Coordinators",
    "Head",
    "Director",
    "Chief",
    "Deputy",
    "Assistant",
    "Senior",
    "Principal",
    "Adviser",
    "Advisor",
    "Warden",
    "Wardens",
    "Supervisor",
    "Administrator",
    "Chair",
    "Clerk",
    "Nurse",
    "Worker",
    "Practitioner",
    "Analyst",
    "Executive",
    "Specialist",
    "Team",
    "Unit",
    "Service",
    "Services",
    "Department",
    "Office",
    "Safety",
    "Community",
    "Police",
    "Council",
    "District",
    "County",
    "Borough",
    "Housing",
    "Health",
    "Fire",
    "Rescue",
    "Partnership",
    "Board",
    "Group",
    "Project",
    "Programme",
    "Support",
    "Youth",
    "Prevention",
    "Neighbourhood",
    "Vacant",
    "Vacancy",
    "Post",
    "Engagement",
    "Development",
    "Licensing",
    "Environmental",
    "Enforcement",
    "Intervention",
    "Outreach",
    "Training",
    "Education",
    "School",
    "Trust",
    "Charity",
    "Domestic",
    "Abuse",
    "Drug",
    "Alcohol",
    "Probation",
    "Association",
    "Centre",
    "Management",
    "Managers",
    "Officers",
    "Business",
    "Operations",
    "Operational",
    "Strategic",
    "Communications",
    "Policy",
    "Public",
    "Crime",
    "Legal",
    "Finance",
    "Care",
    "Children",
    "Adult",
    "Adults",
    "Social",
    "Desk",
    "Hub",
];

/// Units of counts.
const COUNT_UNITS: &[&str] = &["count", "number", "no", "people", "cases", ""];

/// Words for people, and for what stands for people one by one.
const PEOPLE_WORDS: &[&str] = &[
    "victim",
    "survivor",
    "person",
    "people",
    "resident",
    "woman",
    "man",
    "girl",
    "boy",
    "child",
    "teenager",
    "youngster",
    "adult",
    "family",
    "household",
    "home",
    "tenant",
    "referral",
    "case",
    "disclosure",
    "client",
    "patient",
    "offender",
    "perpetrator",
    "suspect",
    "pupil",
    "student",
    "mother",
    "father",
    "parent",
    "son",
    "daughter",
    "sister",
    "brother",
    "wife",
    "husband",
    "carer",
    "individual",
    "refugee",
    "migrant",
    "complainant",
    "witness",
    "baby",
    "infant",
    "pensioner",
    "lady",
    "gentleman",
    "male",
    "female",
    "user",
    "participant",
    "attendee",
    "sleeper",
    "nominal",
    "neighbour",
    "caller",
    "mum",
    "dad",
    "grandmother",
    "grandfather",
    "grandparent",
    "grandchild",
    "granddaughter",
    "grandson",
    "sibling",
    "cousin",
    "uncle",
    "aunt",
    "niece",
    "nephew",
    "friend",
    "teen",
    "toddler",
    "newborn",
    "girlfriend",
    "boyfriend",
    "stepson",
    "stepdaughter",
    "wives",
    "lodger",
    "occupant",
    "occupier",
    "householder",
    "prisoner",
    "detainee",
    "defendant",
    "claimant",
    "applicant",
    "guest",
    "lad",
];

/// Words for things, times, places and staff that may be counted.
const THING_WORDS: &[&str] = &[
    "day",
    "week",
    "month",
    "year",
    "hour",
    "minute",
    "weekend",
    "evening",
    "morning",
    "afternoon",
    "night",
    "quarter",
    "term",
    "time",
    "occasion",
    "session",
    "course",
    "class",
    "workshop",
    "lesson",
    "meeting",
    "event",
    "conference",
    "school",
    "college",
    "venue",
    "shop",
    "store",
    "pub",
    "business",
    "practice",
    "surgery",
    "hospital",
    "clinic",
    "pharmacy",
    "church",
    "library",
    "station",
    "hotel",
    "hub",
    "centre",
    "officer",
    "volunteer",
    "staff",
    "worker",
    "warden",
    "coordinator",
    "adviser",
    "advisor",
    "champion",
    "trainer",
    "facilitator",
    "manager",
    "teacher",
    "nurse",
    "doctor",
    "professional",
    "practitioner",
    "councillor",
    "team",
    "agency",
    "organisation",
    "partner",
    "provider",
    "charity",
    "council",
    "authority",
    "district",
    "campaign",
    "leaflet",
    "poster",
    "post",
    "camera",
    "vehicle",
    "car",
    "van",
    "site",
    "location",
    "place",
    "area",
    "ward",
    "parish",
    "town",
    "village",
    "street",
    "road",
    "estate",
    "park",
    "route",
    "drop-in",
    "stall",
    "patrol",
    "operation",
    "exercise",
    "project",
    "scheme",
    "programme",
    "group",
    "panel",
    "report",
    "paper",
    "bid",
    "grant",
    "policy",
    "plan",
    "page",
    "item",
    "point",
    "question",
    "letter",
    "pack",
    "kit",
    "bag",
    "sign",
    "lock",
    "alarm",
    "light",
    "bin",
    "tonne",
    "tree",
    "room",
    "phone",
    "option",
    "theme",
    "aim",
    "objective",
    "priority",
    "action",
    "recommendation",
    "step",
    "stage",
    "phase",
    "module",
    "round",
    "pilot",
    "visit",
    "audit",
    "survey",
    "order",
    "notice",
    "advert",
    "article",
    "film",
    "video",
    "podcast",
    "festival",
    "market",
    "walk",
    "mile",
    "metre",
    "pound",
    "strand",
    "workstream",
    "date",
    "ordinator",
    "pcso",
    "sergeant",
    "inspector",
    "constable",
    "detective",
    "paramedic",
    "firefighter",
    "counsellor",
    "mentor",
    "tutor",
    "instructor",
    "therapist",
    "caseworker",
    "idva",
    "isva",
    "apprentice",
    "bench",
    "gate",
    "column",
    "bike",
    "bicycle",
    "laptop",
    "tablet",
    "computer",
    "device",
    "radio",
    "newsletter",
    "bulletin",
    "email",
    "message",
    "webinar",
    "tweet",
    "package",
    "premises",
    "licence",
    "check",
    "sweep",
    "arch",
    "hotspot",
    "banner",
    "flyer",
    "guide",
    "toolkit",
    "template",
    "document",
    "contract",
    "slot",
    "seminar",
    "forum",
    "roadshow",
    "fair",
    "fete",
    "tour",
    "display",
    "exhibition",
    "screen",
    "shelter",
    "bus",
    "train",
    "club",
    "gym",
    "cafe",
    "restaurant",
    "garage",
    "warrant",
    "injunction",
    "sector",
    "region",
    "county",
    "borough",
    "force",
    "department",
    "directorate",
    "service",
    "board",
    "committee",
    "subgroup",
    "network",
    "consortium",
    "milestone",
    "target",
    "deadline",
    "outcome",
    "output",
    "indicator",
    "measure",
    "risk",
    "role",
    "vacancy",
    "position",
    "contractor",
    "supplier",
    "consultant",
    "newspaper",
    "magazine",
    "website",
    "webpage",
    "database",
    "spreadsheet",
    "training",
    "briefing",
    "talk",
    "presentation",
    "assembly",
    "inspection",
    "review",
    "purchase",
    "defibrillator",
    "barrier",
    "bollard",
    "fence",
    "window",
    "doorbell",
    "torch",
];

/// Phrases whose number counts nothing.
const FIXED_PHRASES: &[&str] = &[
    "one stop shop",
    "one-stop",
    "one-to-one",
    "one to one",
    "1-to-1",
    "1:1",
    "1-2-1",
    "one-off",
    "one off",
    "no one",
    "one another",
    "one by one",
    "one-way",
    "two-way",
    "three-way",
    "24/7",
    "4x4",
    "single point of contact",
    "day one",
    "one day at a time",
    "at one time",
    "999 call",
    "two-tier",
    "first and foremost",
    "one in",
    "big four",
];

/// Words that set one figure against another.
const COMPARISONS: &[&str] = &[
    "more",
    "fewer",
    "less",
    "most",
    "fewest",
    "least",
    "rose",
    "risen",
    "rise",
    "rising",
    "fell",
    "fallen",
    "fall",
    "falling",
    "up",
    "down",
    "double",
    "doubled",
    "half",
    "halved",
    "twice",
    "treble",
    "trebled",
    "triple",
    "tripled",
    "same",
    "unchanged",
    "higher",
    "lower",
    "highest",
    "lowest",
    "increase",
    "increased",
    "increasing",
    "decrease",
    "decreased",
    "decline",
    "declined",
    "drop",
    "dropped",
    "grew",
    "grown",
    "growth",
    "reduced",
    "reduction",
    "busiest",
    "quietest",
    "record",
    "above",
    "below",
    "exceeded",
    "equal",
    "another",
    "extra",
    "additional",
];

/// Matters of which a small number is never told.
const TOPICS: &[&str] = &[
    "domestic abuse",
    "domestic violence",
    "stalking",
    "harassment",
    "sexual",
    "rape",
    "modern slavery",
    "slavery",
    "trafficking",
    "exploitation",
    "hate crime",
    "hate incident",
    "radicalis",
    "extremis",
    "suicide",
    "self-harm",
    "forced marriage",
    "honour-based",
    "female genital",
    "grooming",
    "cuckoo",
    "coercive",
];

fn folded_list<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    super::partnership::words(texts).to_vec()
}

fn units<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    texts.into_iter().map(fold_word).collect()
}

/// A name as an address writes it: small letters and figures with hyphens between.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in fold(text).chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// Whether a folded word is a listed one, in the singular or the plural: `families` is `family`, `women` is `woman`.
#[must_use]
pub fn is_of_word(word: &str, listed: &str) -> bool {
    if word == listed {
        return true;
    }
    if let Some(stem) = listed.strip_suffix("man")
        && word.strip_suffix("men") == Some(stem)
    {
        return true;
    }
    if let Some(stem) = listed.strip_suffix('y')
        && word.strip_suffix("ies") == Some(stem)
    {
        return true;
    }
    matches!(
        (word.strip_prefix(listed), listed),
        (Some("s" | "es" | "s'"), _) | (Some("ren"), "child")
    )
}

fn is_slug(text: &str, with_capitals: bool) -> bool {
    !text.is_empty()
        && text.split('-').all(|part| {
            !part.is_empty()
                && part.chars().all(|c| {
                    c.is_ascii_alphanumeric() && (with_capitals || !c.is_ascii_uppercase())
                })
        })
}

/// How folders of tidy data name the partnership.
pub(super) fn code(section: &Section<'_, '_>) -> String {
    let name = section.text("name").unwrap_or_default();
    let Some(code) = section.text("code") else {
        return slug(&name);
    };
    if !is_slug(&code, true) {
        section.fault(
            "code",
            format!(
                "`code` must be letters, figures and hyphens, such as \"sevenoaks\", not \"{code}\""
            ),
        );
    }
    code
}

/// A list of words that replaces the built-in one where it is given.
fn list(section: &Section<'_, '_>, key: &str, usual: Vec<String>) -> Vec<String> {
    if !section.has(key) {
        return usual;
    }
    let texts = section.texts(key);
    if texts.iter().any(|text| fold_word(text).is_empty()) {
        section.fault(key, format!("`{key}` lists an empty word"));
    }
    folded_list(texts.iter().map(String::as_str))
}

/// Keys of references.
fn references(section: &Section<'_, '_>, key: &str) -> Vec<String> {
    let mut out = Vec::new();
    for typed in section.texts(key) {
        let found = reference::key(&typed);
        if found.is_empty() {
            section.fault(key, format!("`{key}` lists an empty reference"));
        } else if out.contains(&found) {
            section.fault(key, format!("`{key}` lists {typed} twice"));
        } else {
            out.push(found);
        }
    }
    out
}

/// Reads the section; a partnership without one has the built-in contents.
pub(super) fn parse(
    root: &Section<'_, '_>,
    partnership: &str,
    priorities: &[Priority],
) -> Publishing {
    let mut usual = Publishing {
        name: slug(&format!("{partnership} action plan")),
        ..Publishing::default()
    };
    usual.small.priorities = (0..priorities.len()).collect();
    let Some(section) = root.optional_section("publishing") else {
        return usual;
    };
    let mut found = Publishing {
        marking: section.text("marking").unwrap_or(usual.marking),
        markings: section.texts("markings"),
        withdrawn: section.texts("withdrawn"),
        allowed_contacts: section.texts("allowed_contacts"),
        name: section.text("name").unwrap_or(usual.name),
        contact: section.text("contact"),
        formats: formats(&section),
        funding: funding(&section),
        allowed_names: list(&section, "allowed_names", Vec::new()),
        name_titles: usual.name_titles,
        role_words: list(&section, "role_words", usual.role_words),
        small: usual.small,
        restricted: restricted(&section),
    };
    if section.has("name_titles") {
        found.name_titles = section.texts("name_titles");
        if found
            .name_titles
            .iter()
            .any(|title| title.trim().is_empty())
        {
            section.fault("name_titles", "`name_titles` lists an empty title");
        }
    }
    if found.markings.is_empty() {
        found.markings.push(found.marking.clone());
    }
    if !found.markings.contains(&found.marking) {
        section.fault(
            "marking",
            format!(
                "`marking` is \"{}\", which is not among `markings`",
                found.marking
            ),
        );
    }
    if !is_slug(&found.name, false) || found.name.len() > 150 {
        section.fault(
            "name",
            format!(
                "`name` must be small letters, figures and hyphens, 150 at most, such as \"sevenoaks-csp-action-plan\", not \"{}\"",
                found.name
            ),
        );
    }
    if let Some(contact) = &found.contact {
        let folded = contact.to_lowercase();
        if !found
            .allowed_contacts
            .iter()
            .any(|allowed| allowed.to_lowercase() == folded)
        {
            section.fault(
                "contact",
                format!("`contact` is \"{contact}\", which is not among `allowed_contacts`"),
            );
        }
    }
    if let Some(small) = section.optional_section("small_numbers") {
        found.small = small_numbers(&small, found.small, priorities);
        small.close();
    }
    section.close();
    found
}

fn formats(section: &Section<'_, '_>) -> Vec<PublicFormat> {
    if !section.has("formats") {
        return PublicFormat::ALL.to_vec();
    }
    let mut out = Vec::new();
    for word in section.texts("formats") {
        match PublicFormat::ALL.into_iter().find(|f| f.word() == word) {
            Some(format) if out.contains(&format) => {
                section.fault("formats", format!("`formats` lists \"{word}\" twice"));
            }
            Some(format) => out.push(format),
            None => section.fault(
                "formats",
                format!(
                    "`formats` may list \"xlsx\", \"ods\", \"html\" and \"csv\", not \"{word}\""
                ),
            ),
        }
    }
    if out.is_empty() {
        section.fault("formats", "`formats` must list at least one format");
    }
    out.sort_unstable();
    out
}

fn funding(section: &Section<'_, '_>) -> Lines {
    match section.text("funding").as_deref() {
        None | Some("lines") => Lines::Lines,
        Some("streams") => Lines::Streams,
        Some("none") => Lines::None,
        Some(other) => {
            section.fault(
                "funding",
                format!("`funding` must be \"lines\", \"streams\" or \"none\", not \"{other}\""),
            );
            Lines::Lines
        }
    }
}

fn restricted(section: &Section<'_, '_>) -> Restricted {
    let Some(inner) = section.optional_section("restricted") else {
        return Restricted::default();
    };
    let found = Restricted {
        words: list(&inner, "words", Vec::new()),
        public_operations: list(&inner, "public_operations", Vec::new()),
        actions: references(&inner, "actions"),
    };
    inner.close();
    found
}

fn small_numbers(
    section: &Section<'_, '_>,
    usual: SmallNumbers,
    priorities: &[Priority],
) -> SmallNumbers {
    let threshold = section.count("threshold").unwrap_or(usual.threshold);
    if !(3..=20).contains(&threshold) {
        section.fault(
            "threshold",
            format!("`threshold` must lie from 3 to 20; it is {threshold}"),
        );
    }
    let mut own = usual.priorities;
    if section.has("priorities") {
        own.clear();
        for code in section.texts("priorities") {
            match priorities.iter().position(|p| p.code == code) {
                Some(index) if own.contains(&index) => {
                    section.fault("priorities", format!("`priorities` lists {code} twice"));
                }
                Some(index) => own.push(index),
                None => section.fault(
                    "priorities",
                    format!(
                        "`priorities` names {code}, which no [[priorities]] entry has as its code"
                    ),
                ),
            }
        }
    }
    let found = SmallNumbers {
        threshold,
        priorities: own,
        sensitive: references(section, "sensitive"),
        not_sensitive: references(section, "not_sensitive"),
        never: references(section, "never"),
        count_units: if section.has("count_units") {
            units(section.texts("count_units").iter().map(String::as_str))
        } else {
            usual.count_units
        },
        people_words: list(section, "people_words", usual.people_words),
        thing_words: list(section, "thing_words", usual.thing_words),
        fixed_phrases: list(section, "fixed_phrases", usual.fixed_phrases),
        comparisons: list(section, "comparisons", usual.comparisons),
        topics: list(section, "topics", usual.topics),
        sums: sums(section),
    };
    if let Some(both) = found
        .sensitive
        .iter()
        .find(|key| found.not_sensitive.contains(key))
    {
        section.fault(
            "not_sensitive",
            format!("{both} is listed as `sensitive` and as `not_sensitive`"),
        );
    }
    found
}

fn sums(section: &Section<'_, '_>) -> Vec<Sum> {
    let mut out: Vec<Sum> = Vec::new();
    let mut totals = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for inner in section.sections("sums") {
        let sum = Sum {
            total: inner.required_text("total"),
            parts: inner.texts("parts"),
        };
        let key = sum.total_key();
        if sum.parts.is_empty() {
            inner.fault(
                "parts",
                "`parts` must list the references that add up to the total",
            );
        }
        if !key.is_empty() && !totals.insert(key.clone()) {
            inner.fault("total", format!("{} is a total twice", sum.total));
        }
        for (typed, part) in sum.parts.iter().zip(sum.part_keys()) {
            if part.is_empty() {
                inner.fault("parts", "`parts` lists an empty reference");
            } else if part == key {
                inner.fault("parts", format!("{typed} is a part of itself"));
            } else if !taken.insert(part) {
                inner.fault(
                    "parts",
                    format!("{typed} is part of two totals, or listed twice"),
                );
            }
        }
        inner.close();
        out.push(sum);
    }
    if let Some(sum) = out.iter().find(|sum| is_circular(sum, &out)) {
        section.fault(
            "sums",
            format!("{} is, by way of its parts, a part of itself", sum.total),
        );
    }
    out
}

/// Whether a total is met again on the way up from it: a reference is a part of one total at most, so that there is one way.
fn is_circular(sum: &Sum, all: &[Sum]) -> bool {
    let start = sum.total_key();
    let mut at = start.clone();
    for _ in 0..=all.len() {
        let Some(above) = all.iter().find(|other| other.part_keys().contains(&at)) else {
            return false;
        };
        at = above.total_key();
        if at == start {
            return true;
        }
    }
    false
}
