//! The note for the body of an e-mail, and the same for reading and printing: in plain words, the report's own figures.

use std::fmt::Write as _;

use super::{Feedback, File, Folder, Item, Kind, State};
use crate::finding::Severity;
use crate::pipeline::Outcome;
use crate::record::Tally;
use crate::schema::Schema;
use crate::source::{Source, SourceState};
use crate::value::amount::pounds;
use crate::value::date::long;
use crate::value::text::{counted, is_acting, one_line};
use crate::value::told::on_one_line;

/// The longest line of a note as text.
const WIDTH: usize = 78;

/// A note before it is written.
struct Letter {
    subject: String,
    greeting: String,
    opening: Vec<String>,
    parts: Vec<Part>,
}

/// A part under a heading.
struct Part {
    heading: &'static str,
    /// What stands above its list.
    says: Vec<String>,
    lists: Vec<(Option<&'static str>, Vec<String>)>,
}

impl Part {
    fn says(heading: &'static str, says: Vec<String>) -> Self {
        Self {
            heading,
            says,
            lists: Vec::new(),
        }
    }
}

/// The note as text: UTF-8, lines of at most 78 characters that end in CRLF.
#[must_use]
pub fn text(feedback: &Feedback, folder: &Folder, outcome: &Outcome, schema: &Schema) -> String {
    let letter = letter(feedback, folder, outcome, schema);
    let mut out = String::new();
    wrapped(&mut out, "Subject: ", "  ", &letter.subject);
    out.push('\n');
    wrapped(&mut out, "", "", &letter.greeting);
    out.push('\n');
    for line in &letter.opening {
        wrapped(&mut out, "", "", line);
    }
    for part in &letter.parts {
        let _ = write!(out, "\n{}\n", part.heading.to_uppercase());
        for line in &part.says {
            wrapped(&mut out, "", "", line);
        }
        for (heading, items) in &part.lists {
            if let Some(heading) = heading {
                let _ = writeln!(out, "{heading}:");
            }
            for item in items {
                wrapped(&mut out, "- ", "  ", item);
            }
        }
    }
    out.replace('\n', "\r\n")
}

/// The note as a page: headings and lists, no script, nothing loaded from elsewhere.
#[must_use]
pub fn html(feedback: &Feedback, folder: &Folder, outcome: &Outcome, schema: &Schema) -> String {
    let letter = letter(feedback, folder, outcome, schema);
    let subject = escape(&letter.subject);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <title>{subject}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{subject}</h1>\n<p>{}</p>\n",
        escape(&letter.greeting)
    );
    let _ = writeln!(out, "<p>{}</p>", lines(&letter.opening));
    for part in &letter.parts {
        let _ = writeln!(out, "<h2>{}</h2>", escape(part.heading));
        if !part.says.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", lines(&part.says));
        }
        for (heading, items) in &part.lists {
            if let Some(heading) = heading {
                let _ = writeln!(out, "<h3>{}</h3>", escape(heading));
            }
            out.push_str("<ul>\n");
            for item in items {
                let _ = writeln!(out, "<li>{}</li>", escape(item));
            }
            out.push_str("</ul>\n");
        }
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

const STYLE: &str = "
:root{color-scheme:light}
body{font:16px/1.5 system-ui,'Segoe UI',Arial,sans-serif;color:#1a1a1a;background:#fff;margin:0 auto;max-width:46rem;padding:1rem 1.25rem 3rem}
h1{font-size:1.4rem;color:#1f3864}h2{font-size:1.15rem;color:#1f3864;margin:1.6rem 0 .4rem}h3{font-size:1rem;margin:.8rem 0 .2rem}
li{margin:.35rem 0;overflow-wrap:break-word;unicode-bidi:isolate}
@media print{body{max-width:none;padding:0;font-size:11pt}li{break-inside:avoid}}
";

fn lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    lines.join("<br>\n")
}

fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !is_acting(*c))
        .collect::<String>()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Writes a text in lines, broken between words, and within one only where it is longer than a line.
fn wrapped(out: &mut String, first: &str, next: &str, text: &str) {
    let mut line = first.to_owned();
    let mut is_begun = false;
    let text: String = text.chars().filter(|c| !is_acting(*c)).collect();
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let gap = usize::from(is_begun);
            let room = WIDTH.saturating_sub(line.chars().count() + gap);
            if word.len() <= room {
                line.extend(std::iter::repeat_n(' ', gap));
                line.extend(word);
                is_begun = true;
                break;
            }
            if is_begun {
                out.push_str(&line);
                out.push('\n');
                next.clone_into(&mut line);
                is_begun = false;
                continue;
            }
            let rest = word.split_off(room.max(1).min(word.len()));
            line.extend(word);
            out.push_str(&line);
            out.push('\n');
            next.clone_into(&mut line);
            word = rest;
        }
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

fn letter(feedback: &Feedback, folder: &Folder, outcome: &Outcome, schema: &Schema) -> Letter {
    let quarter = feedback.quarter.spoken();
    let name = folder
        .agency
        .map_or("colleague", |agency| schema.agency_name(agency));
    let greeting = schema
        .feedback
        .greeting
        .as_deref()
        .unwrap_or("Dear {agency}")
        .replace("{agency}", name);
    let names: Vec<String> = folder
        .files
        .iter()
        .filter_map(|file| outcome.sources.get(file.source))
        .map(|source| one_line(source.file_name()))
        .collect();
    let thanks = match names.as_slice() {
        [] => format!("Thank you: your return for {quarter} is in."),
        [one] => format!("Thank you for your return for {quarter}: {one}."),
        several => format!(
            "Thank you for your returns for {quarter}: {}.",
            several.join(", ")
        ),
    };
    let day = long(feedback.reply_by);
    match folder.state {
        State::NoReturn => {
            let asked: Vec<String> = folder.items.iter().map(said).collect();
            let is_excused = asked.is_empty() && is_excused(folder, outcome, schema);
            let opening = if is_excused {
                vec![format!(
                    "We have no return from you for {quarter}, and nothing is asked of you now."
                )]
            } else if asked.is_empty() && has_returns(outcome) {
                vec![format!(
                    "We have no return for {quarter} that says plainly that it is from you. If you have sent one, tell us; otherwise send it by {day}."
                )]
            } else if asked.is_empty() {
                vec![format!(
                    "We have received no return from you for {quarter}. Send it by {day}."
                )]
            } else {
                asked
            };
            Letter {
                subject: format!("Your return for {quarter}"),
                greeting,
                opening,
                parts: vec![ask(schema)],
            }
        }
        State::NothingToDo => {
            let mut opening = vec![thanks];
            opening.extend(used(folder, outcome));
            opening.push("There is nothing to correct.".to_owned());
            Letter {
                subject: format!("Thank you for your return for {quarter}"),
                greeting,
                opening,
                parts: Vec::new(),
            }
        }
        State::ToCorrect => {
            let mut parts = Vec::new();
            let used = used(folder, outcome);
            if !used.is_empty() {
                parts.push(Part::says("What was used", used));
            }
            parts.extend(correct(folder, outcome));
            let missing: Vec<String> = folder
                .items
                .iter()
                .filter(|item| item.place.source.is_none())
                .map(said)
                .collect();
            if !missing.is_empty() {
                parts.push(Part {
                    heading: "Not in your return",
                    says: Vec::new(),
                    lists: vec![(None, missing)],
                });
            }
            parts.push(Part::says("How", how(folder, outcome)));
            parts.push(Part::says(
                "By when",
                vec![format!("Please send it by {day}.")],
            ));
            parts.push(ask(schema));
            let points = counted(folder.items.len(), "point", "points");
            let opening = if folder.agency.is_some() {
                vec![thanks]
            } else {
                vec![format!(
                    "Thank you for the return {}. We could not tell which agency it is from.",
                    names.join(", ")
                )]
            };
            Letter {
                subject: format!("Your return for {quarter}: {points} to correct by {day}"),
                greeting,
                opening,
                parts,
            }
        }
    }
}

/// Whether anybody sent anything, so that it was asked who sent nothing.
fn has_returns(outcome: &Outcome) -> bool {
    outcome
        .sources
        .iter()
        .any(|source| source.role == crate::schema::Role::Return)
}

/// Whether somebody let it stand that an agency sent nothing.
fn is_excused(folder: &Folder, outcome: &Outcome, schema: &Schema) -> bool {
    let code = folder.agency.map(|agency| schema.agency_code(agency));
    outcome.findings.iter().any(|finding| {
        finding.code.0 == "S009" && finding.accepted.is_some() && finding.names.as_deref() == code
    })
}

/// What became of each file: the report's own figures.
fn used(folder: &Folder, outcome: &Outcome) -> Vec<String> {
    let mut out = Vec::new();
    for file in &folder.files {
        let Some(source) = outcome.sources.get(file.source) else {
            continue;
        };
        let prefix = if folder.files.len() > 1 {
            format!("{}: ", one_line(source.file_name()))
        } else {
            String::new()
        };
        out.push(format!("{prefix}{}", figures(source, outcome)));
    }
    out
}

fn figures(source: &Source, outcome: &Outcome) -> String {
    if source.state == SourceState::Unreadable {
        return "The file could not be read, so nothing of it was used.".to_owned();
    }
    let Tally {
        read,
        accepted,
        skipped,
        held,
    } = source.tally();
    let mut out = format!(
        "{} read: {accepted} used, {skipped} passed over, {held} kept out.",
        counted(read, "row was", "rows were")
    );
    let money = outcome.ledger.tally(source.index);
    // An amount that could not be read is in none of the sums, and is kept out all the same.
    let unknown = outcome.ledger.unknown_amounts_of(source.index);
    let is_claimed = !money.read.is_zero() || !money.held.is_zero() || !money.accepted.is_zero();
    if is_claimed || unknown > 0 {
        let _ = write!(
            out,
            " {} was claimed: {} used, {} kept out",
            pounds(money.read),
            pounds(money.accepted),
            pounds(money.held)
        );
        if !money.set_aside.is_zero() {
            let _ = write!(out, ", {} set aside", pounds(money.set_aside));
        }
        if unknown > 0 {
            let _ = write!(
                out,
                ", and {} kept out that could not be read",
                counted(unknown, "amount", "amounts")
            );
        }
        out.push('.');
    }
    if source.is_set_aside() {
        out.push_str(" The file was set aside: another of yours stands in its place.");
    }
    out
}

/// What is to be corrected, errors first.
fn correct(folder: &Folder, outcome: &Outcome) -> Option<Part> {
    let is_one_of_several = folder.files.len() > 1;
    let of = |severity: Severity| -> Vec<String> {
        folder
            .items
            .iter()
            .filter(|item| item.severity == severity)
            .filter_map(|item| {
                let source = outcome.sources.get(item.place.source?)?;
                let file = is_one_of_several.then(|| one_line(source.file_name()));
                Some(format!("{}: {}", place(item, file), said(item)))
            })
            .collect()
    };
    let lists: Vec<(Option<&str>, Vec<String>)> = [
        (Some("Errors"), of(Severity::Error)),
        (Some("Warnings"), of(Severity::Warning)),
    ]
    .into_iter()
    .filter(|(_, items)| !items.is_empty())
    .collect();
    (!lists.is_empty()).then_some(Part {
        heading: "What to correct",
        says: Vec::new(),
        lists,
    })
}

/// Where an item stands: `Expenditure, cell G4, Net amount (£)`.
fn place(item: &Item, file: Option<String>) -> String {
    let mut out: Vec<String> = file.into_iter().collect();
    match (&item.place.sheet, item.place.range) {
        (None, _) => out.push(
            if out.is_empty() {
                "The file"
            } else {
                "the file"
            }
            .to_owned(),
        ),
        (Some((_, name)), range) => {
            let name = name.as_deref().map(one_line);
            match range {
                None => out.push(format!("sheet {}", name.unwrap_or_default())),
                Some(range) => {
                    out.extend(name);
                    let word = if range.first == range.last {
                        "cell"
                    } else {
                        "cells"
                    };
                    out.push(format!("{word} {range}"));
                }
            }
        }
    }
    out.extend(
        item.heading
            .as_deref()
            .map(one_line)
            .filter(|h| !h.is_empty()),
    );
    out.join(", ")
}

/// An item's words with the reference at their end.
fn said(item: &Item) -> String {
    format!(
        "{} {} [{}]",
        on_one_line(&item.message),
        on_one_line(&item.fix),
        item.code
    )
}

/// Which file to open, what is marked, and what to do with it.
fn how(folder: &Folder, outcome: &Outcome) -> Vec<String> {
    let mut out = Vec::new();
    for file in &folder.files {
        let Some(source) = outcome.sources.get(file.source) else {
            continue;
        };
        let has_items = folder
            .items
            .iter()
            .any(|item| item.place.source == Some(file.source));
        if has_items {
            out.push(how_with(file, source));
        }
    }
    if out.is_empty() {
        // What is missing is to be added to the return, which then has to be the newer one.
        out.extend(folder.files.iter().filter_map(|file| {
            let source = outcome.sources.get(file.source)?;
            (source.state == SourceState::Accepted).then(|| own_file(file, source))
        }));
        out.truncate(1);
    }
    out
}

fn how_with(file: &File, source: &Source) -> String {
    let came = one_line(source.file_name());
    let why = file.made.why.as_deref().unwrap_or_default();
    match (file.made.kind, &file.made.name) {
        (Kind::Marked, Some(name)) => format!(
            "Open {name}, which is with this note. It is your own file; the cells to look at are marked, and a note on each says what was found. \
             Correct them in place, save, and send the file back under the name it has."
        ),
        (Kind::Rendition, Some(name)) => format!(
            "Open {name}, which is with this note. It is not your file but shows what was read from {came}: {why}. The cells to look at are marked, \
             and a note on each says what was found. Correct them there, or in your own file, which then has to be called {}; save, and send back \
             either under that name.",
            own_name(file, source)
        ),
        (Kind::Marked | Kind::Rendition | Kind::None, _) => {
            let own = own_file(file, source);
            if why.is_empty() {
                own
            } else {
                format!("No copy of {came} could be marked: {why}. {own}")
            }
        }
    }
}

fn own_file(file: &File, source: &Source) -> String {
    format!(
        "Correct your own file {}, save it as {}, and send that back.",
        one_line(source.file_name()),
        own_name(file, source)
    )
}

/// The name by which a partner's own file, corrected, is the newer one.
fn own_name(file: &File, source: &Source) -> String {
    let name = source.file_name();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match extension {
        Some(extension) => format!("{}.{}", file.stem, one_line(extension)),
        None => file.stem.clone(),
    }
}

fn ask(schema: &Schema) -> Part {
    let host = schema
        .agency(&schema.partnership.host)
        .map_or(schema.partnership.host.as_str(), |agency| {
            schema.agency_name(agency)
        });
    let mut says = vec![host.to_owned()];
    says.extend(schema.feedback.contact.clone());
    Part::says("Who to ask", says)
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn no_line_is_longer_than_a_note_allows() {
        let mut out = String::new();
        let long = format!("short words then {} and more", "x".repeat(200));
        wrapped(&mut out, "- ", "  ", &long);
        assert!(out.lines().all(|line| line.chars().count() <= 78), "{out}");
        let joined: String = out.split_whitespace().skip(1).collect();
        assert_eq!(joined, long.replace(' ', ""));
    }
}
