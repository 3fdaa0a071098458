//! What a run found, by partner: whether it ties out, who has sent what, and every finding with its cell.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{Frame, Said, Step, Told, file_of, severity, spoken, wide};
use crate::finding::{Finding, Hold, Severity};
use crate::pipeline::Outcome;
use crate::rules::CATALOGUE;
use crate::schema::{Role, Schema};
use crate::settlement::{partner, subject};
use crate::source::{SourceState, receipts};
use crate::value::amount::pounds;
use crate::value::text::counted;

/// How many findings stand on one page.
const ROWS: usize = 200;

/// What the partnership's own files are called as a choice.
const OWN: &str = "own";
/// And files of which nobody knows who sent them.
const UNKNOWN: &str = "unknown";

/// Which findings are to be shown, as the address says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A severity's word.
    pub severity: String,
    /// An agency's code.
    pub partner: String,
    /// A rule's code.
    pub code: String,
    /// `open`, `decided` or `accepted`.
    pub standing: String,
    /// Words that stand in the finding.
    pub words: String,
    /// Which page, from 1.
    pub page: usize,
}

impl Filter {
    /// Takes one part of an address's query.
    pub fn take(&mut self, name: &str, value: &str) {
        let value = value.trim();
        match name {
            "severity" => value.clone_into(&mut self.severity),
            "partner" => value.clone_into(&mut self.partner),
            "code" => value.clone_into(&mut self.code),
            "standing" => value.clone_into(&mut self.standing),
            "words" => value.clone_into(&mut self.words),
            "page" => self.page = value.parse().unwrap_or(1),
            _ => {}
        }
    }

    /// The query of another page under the same choice.
    fn query(&self, page: usize) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("severity", &self.severity),
            ("partner", &self.partner),
            ("code", &self.code),
            ("standing", &self.standing),
            ("words", &self.words),
        ] {
            if !value.is_empty() {
                out.append_pair(name, value);
            }
        }
        out.append_pair("page", &page.to_string());
        out.finish()
    }
}

/// A run with what is decided by now.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// What it gave.
    pub outcome: &'a Outcome,
    /// The configuration.
    pub schema: &'a Schema,
    /// The findings about which a decision is kept, in force or not yet.
    pub decided: &'a BTreeSet<String>,
}

impl<'a> Found<'a> {
    /// Where a finding stands: `accepted`, `decided` or `open`.
    #[must_use]
    pub fn standing(&self, finding: &Finding) -> &'static str {
        if finding.accepted.is_some() {
            "accepted"
        } else if self.decided.contains(&finding.id)
            || self.outcome.settled.by_finding.contains_key(&finding.id)
        {
            "decided"
        } else {
            "open"
        }
    }

    /// Whose section a finding stands in: the rank in the list, the code for programs, the words for people.
    #[must_use]
    pub fn section(&self, finding: &Finding) -> (usize, &'a str, &'a str) {
        let role = finding
            .place
            .source
            .and_then(|index| self.outcome.sources.get(index))
            .map(|source| source.role);
        if matches!(role, Some(Role::Plan | Role::Ledger | Role::Previous)) {
            return (0, "", "The partnership's own files");
        }
        match partner(finding, self.schema) {
            Some(agency) => (
                agency + 1,
                self.schema.agency_code(agency),
                self.schema.agency_name(agency),
            ),
            None if role.is_none() => (0, "", "The partnership's own files"),
            None => (usize::MAX, UNKNOWN, "Partner not known"),
        }
    }

    /// The findings in the order of the page: by section, then as the report has them. Those that a decision notes are left out.
    #[must_use]
    pub fn listed(&self) -> Vec<&'a Finding> {
        self.in_order(|finding| !finding.is_noted())
    }

    fn in_order(&self, wanted: impl Fn(&Finding) -> bool) -> Vec<&'a Finding> {
        let outcome: &'a Outcome = self.outcome;
        let mut out: Vec<&'a Finding> = outcome.findings.iter().filter(|f| wanted(f)).collect();
        out.sort_by_key(|finding| self.section(finding).0);
        out
    }

    /// Whether a finding is one of those that are to be shown.
    fn is_wanted(&self, finding: &Finding, filter: &Filter) -> bool {
        let is = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        let (_, code, name) = self.section(finding);
        let own = if code.is_empty() { OWN } else { code };
        is(&filter.severity, finding.severity.word())
            && is(&filter.partner, own)
            && is(&filter.code, finding.code.0)
            && is(&filter.standing, self.standing(finding))
            && (filter.words.is_empty() || self.says(finding, name, &filter.words))
    }

    fn says(&self, finding: &Finding, name: &str, words: &str) -> bool {
        let words = words.to_lowercase();
        let subject = subject(finding, &self.outcome.sources, self.schema);
        let place = spoken(&finding.place);
        [
            finding.message.as_str(),
            &finding.fix,
            finding.raw.as_deref().unwrap_or_default(),
            finding.heading.as_deref().unwrap_or_default(),
            file_of(&finding.place, self.outcome),
            &place,
            finding.code.0,
            finding.name,
            name,
            &subject,
        ]
        .iter()
        .any(|text| text.to_lowercase().contains(&words))
    }
}

/// How many findings there are: errors, warnings and notes that nobody accepted, and those that somebody did.
#[must_use]
pub fn counts(outcome: &Outcome) -> [usize; 4] {
    let mut out = [0; 4];
    for finding in &outcome.findings {
        let slot = match (&finding.accepted, finding.severity) {
            (Some(_), _) => 3,
            (None, Severity::Error) => 0,
            (None, Severity::Warning) => 1,
            (None, Severity::Information) => 2,
        };
        if let Some(count) = out.get_mut(slot) {
            *count += 1;
        }
    }
    out
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, found: Found<'_>, filter: &Filter, told: &Told) -> String {
    let outcome = found.outcome;
    let ties = outcome.ties_out();
    let all = if filter.standing == "accepted" {
        found.in_order(|_| true)
    } else {
        found.listed()
    };
    let total = all.len();
    let wanted: Vec<&Finding> = all
        .into_iter()
        .filter(|finding| found.is_wanted(finding, filter))
        .collect();
    let shown = wanted.len();
    let pages = shown.div_ceil(ROWS).max(1);
    let page = filter.page.clamp(1, pages);
    let from = (page - 1) * ROWS;
    let on_page: Vec<&Finding> = wanted.iter().skip(from).take(ROWS).copied().collect();
    // How many each section has in all, though a page may show a part.
    let mut in_section: BTreeMap<usize, usize> = BTreeMap::new();
    for finding in &wanted {
        *in_section.entry(found.section(finding).0).or_default() += 1;
    }
    let [errors, warnings, notes, accepted] = counts(outcome);
    let noted = outcome.noted();
    let quarter = outcome
        .options
        .quarter
        .map(crate::value::period::Quarter::spoken)
        .unwrap_or_default();
    let body = html! {
        p #tie-out data-ties=(if ties { "yes" } else { "no" }) { (Said(&outcome.tie_out())) }
        p #counts data-errors=(errors) data-warnings=(warnings) data-notes=(notes) data-accepted=(accepted) {
            @if outcome.findings.is_empty() {
                "Nothing was found that needs anybody's attention."
            } @else {
                (counted(errors, "error", "errors")) ", " (counted(warnings, "warning", "warnings")) ", " (counted(notes, "note", "notes")) "."
                @if accepted > 0 { " " (accepted) " accepted." }
            }
        }
        @if noted > 0 {
            p {
                (counted(noted, "finding is", "findings are")) " not listed: a decision notes why. "
                a href=(frame.at("results?standing=accepted")) { "Show what is accepted" } "."
            }
        }
        (returns(found))
        @if !outcome.findings.is_empty() {
            h2.part { "What was found" }
            (filters(frame, found, filter))
            p #shown data-shown=(shown) data-total=(total) { (shown) " of " (counted(total, "finding", "findings")) }
            @for section in on_page.chunk_by(|a, b| found.section(a).0 == found.section(b).0) {
                @if let Some(first) = section.first() {
                    @let (rank, code, name) = found.section(first);
                    @let count = in_section.get(&rank).copied().unwrap_or_default();
                    section data-partner=(code) {
                        h2 { (Said(name)) ": " (counted(count, "finding", "findings")) }
                        (wide(&format!("found-{}", if code.is_empty() { OWN } else { code }), &table(frame, found, code, name, section)))
                    }
                }
            }
            @if pages > 1 {
                nav aria-label="Pages" {
                    ol {
                        @for number in 1..=pages {
                            li { a href={ (frame.at("results")) "?" (filter.query(number)) } aria-current=[(number == page).then_some("page")] { (number) } }
                        }
                    }
                }
            }
        }
    };
    let heading = format!("Results, {quarter}");
    frame.page("results", Some(Step::Results), &heading, told, &body)
}

fn table(
    frame: &Frame<'_>,
    found: Found<'_>,
    code: &str,
    name: &str,
    findings: &[&Finding],
) -> Markup {
    html! {
        table.findings {
            caption id={ "found-" (if code.is_empty() { OWN } else { code }) } { "Findings: " (Said(name)) }
            thead { tr {
                @for heading in ["Severity", "Where", "What was found", "What to do", "Kept out", "Standing"] {
                    th scope="col" { (heading) }
                }
            } }
            tbody {
                @for finding in findings {
                    tr data-finding=(finding.id) data-code=(finding.code.0) data-severity=(finding.severity.word())
                        data-held=(finding.held.word()) data-standing=(found.standing(finding)) {
                        td { (severity(finding)) }
                        th scope="row" {
                            a href=(frame.at(&format!("results/{}", finding.id))) { (Said(&spoken(&finding.place))) }
                            span.file { (Said(file_of(&finding.place, found.outcome))) }
                        }
                        td { (Said(&finding.message)) span.code { (finding.code.0) " " (finding.name) } }
                        td { (Said(&finding.fix)) }
                        td { (held(finding.held)) }
                        td { (standing_words(found.standing(finding))) }
                    }
                }
            }
        }
    }
}

/// What is kept out, in a word.
fn held(hold: Hold) -> &'static str {
    match hold {
        Hold::None => "nothing",
        Hold::Value | Hold::Column | Hold::Row | Hold::Table | Hold::Return => hold.word(),
    }
}

fn standing_words(standing: &str) -> &'static str {
    match standing {
        "accepted" => "Accepted",
        "decided" => "Decided",
        _ => "Open",
    }
}

/// Who has sent what.
fn returns(found: Found<'_>) -> Markup {
    let (outcome, schema) = (found.outcome, found.schema);
    let options = outcome.options;
    let listed = receipts(&outcome.sources, schema, options.quarter, options.as_of);
    let of = |index: usize, severity: Severity| {
        let own = outcome.findings.iter();
        own.filter(|f| f.place.source == Some(index) && f.severity == severity)
            .count()
    };
    let table = html! {
        table #returns {
            caption #returns-caption { "Who has sent what" }
            thead { tr {
                @for heading in ["Partner", "State", "Rows read", "used", "held", "Money held", "Errors", "Warnings"] {
                    th scope="col" { (heading) }
                }
            } }
            tbody {
                @for receipt in &listed {
                    @let code = receipt.agency.map_or("", |agency| schema.agency_code(agency));
                    tr data-agency=(code) data-receipt=(receipt.state.word()) {
                        th scope="row" {
                            @if let Some(agency) = receipt.agency { (Said(schema.agency_name(agency))) } @else { "Partner not known" }
                            @if let Some(source) = receipt.source { span.file { (Said(source.file_name())) } }
                        }
                        td {
                            (receipt.state.label())
                            @if let Some(why) = receipt.source.filter(|s| s.state != SourceState::Accepted).and_then(|s| outcome.why_out(s)) {
                                span.file { (Said(&why.message)) }
                            }
                        }
                        @if let Some(source) = receipt.source {
                            @let rows = source.tally();
                            @let money = outcome.ledger.tally(source.index);
                            td.n { (rows.read) } td.n { (rows.accepted) } td.n { (rows.held) }
                            td.n { (pounds(money.held)) }
                            td.n { (of(source.index, Severity::Error)) } td.n { (of(source.index, Severity::Warning)) }
                        } @else {
                            td.n {} td.n {} td.n {} td.n {} td.n {} td.n {}
                        }
                    }
                }
            }
        }
    };
    html! { (wide("returns-caption", &table)) }
}

fn filters(frame: &Frame<'_>, found: Found<'_>, filter: &Filter) -> Markup {
    let outcome = found.outcome;
    let codes: BTreeSet<&str> = outcome.findings.iter().map(|f| f.code.0).collect();
    let partners: BTreeMap<usize, (&str, &str)> = outcome
        .findings
        .iter()
        .map(|finding| {
            let (rank, code, name) = found.section(finding);
            (rank, (if code.is_empty() { OWN } else { code }, name))
        })
        .collect();
    let select = |id: &str, label: &str, chosen: &str, options: Vec<(String, String)>| {
        html! {
            div {
                label for=(id) { (label) }
                select id=(id) name=(id) {
                    option value="" { "All" }
                    @for (value, text) in &options {
                        option value=(Said(value)) selected[value == chosen] { (Said(text)) }
                    }
                }
            }
        }
    };
    let pair = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    html! {
        form #filter method="get" action=(frame.at("results")) {
            div.fields {
                (select("severity", "Severity", &filter.severity, vec![pair("error", "Error"), pair("warning", "Warning"), pair("information", "Note")]))
                (select("partner", "Partner", &filter.partner, partners.values().map(|(code, name)| pair(code, name)).collect()))
                (select("code", "Rule", &filter.code, CATALOGUE.iter().filter(|rule| codes.contains(rule.code.0)).map(|rule| (rule.code.0.to_owned(), format!("{} {}", rule.code, rule.name))).collect()))
                (select("standing", "Standing", &filter.standing, vec![pair("open", "Open"), pair("decided", "Decided"), pair("accepted", "Accepted")]))
                div { label for="words" { "Words" } input #words name="words" type="search" value=(Said(&filter.words)); }
                div.go { button.second { "Show" } " " a href=(frame.at("results")) { "Show all" } }
            }
        }
    }
}
