//! `G601` **personal-data**: a text that seems to hold a person's details.

use crate::finding::{Code, Place, Severity};
use crate::grid::{CellAddress, CellRange, CellValue, FloatingKind};
use crate::publish::{Publication, words};
use crate::record::{Fault, State};
use crate::rules::{
    CellFacts, Check, Decides, Facts, Hold, Partner, Rule, Sink, SourceFacts, TableFacts, Words,
};
use crate::schema::Role;
use crate::source::SourceState;
use crate::value::Value;
use crate::value::personal::{self, Sign};
use crate::value::text::visible;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("G601"),
    name: "personal-data",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Free text, a note, a text box or a column that no field knows holds an e-mail address, telephone, NHS or National Insurance number, date of birth, full postcode, crime or custody reference, or vehicle registration; when publishing, also a person's name (then an error).",
    why: "The plan goes to every partner, and often to the public; a person must not be found through it.",
    example: "An update that gives the address of the family that was visited.",
    fix: "Take the details out of the text.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Take the details out of the text.",
    }]),
    check: Check::Guarded {
        sheets: check,
        published,
    },
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    for answers in facts.answers() {
        for row in answers.rows() {
            row.cells().for_each(|cell| cell_of_field(&cell, sink));
        }
    }
    for table in facts.tables() {
        // Rows that an earlier run judged already.
        if table.is_history() {
            continue;
        }
        for row in table.rows() {
            row.cells().for_each(|cell| cell_of_field(&cell, sink));
        }
        unknown_columns(facts, &table, sink);
    }
    if matches!(facts.source.role, Role::Plan | Role::Return) {
        unheaded(facts, sink);
        around_cells(facts, sink);
    }
}

/// What a text holds, in words; nothing where it holds nothing.
fn held(facts: &SourceFacts<'_>, text: &str) -> Option<String> {
    holds(facts.facts, text)
}

fn holds(facts: &Facts<'_>, text: &str) -> Option<String> {
    let schema = facts.run.schema;
    let signs = personal::signs(text, &schema.publishing.allowed_contacts);
    let mut named: Vec<&str> = signs.into_iter().map(Sign::spoken).collect();
    // Partners know each other's officers; the public does not.
    if let Some(publication) = facts.publication
        && words::has_name(text, &publication.names, schema)
    {
        named.push("a person's name");
    }
    (!named.is_empty()).then(|| named.join(" and "))
}

/// What a text that would be shown to the public tells, in words that go on from its column's name.
pub(super) fn tells(facts: &Facts<'_>, text: &str) -> Option<String> {
    holds(facts, text).map(|named| format!("seems to hold {named}"))
}

/// What would be shown to the public first, each text by itself; then whatever else was read, as for partners.
fn published(facts: &Facts<'_>, publication: &Publication, sink: &mut Sink<'_>) {
    super::judge_texts(publication, sink, RULE.code.0, |text, words| {
        let _ = text;
        tells(facts, words)
    });
    for source in facts.sources {
        if source.state == SourceState::Accepted && source.role != Role::Previous {
            check(&SourceFacts { facts, source }, sink);
        }
    }
}

const FIX: &str = "Take the details out, or put the contact in the configuration's list if the organisation publishes it.";

/// Running text, and what was typed where another kind of value is asked for: that is quoted, and kept as found.
fn cell_of_field(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let raw = facts.cell.raw.as_ref().and_then(CellValue::as_text);
    let text = match &facts.cell.state {
        State::Value(Value::Text(text)) if facts.field.is_free_text => Some(&**text),
        // What asks for an address is told by C219 that it holds half of one.
        State::Fault(Fault::BadFormat) if facts.field.asks_for_contact() => None,
        State::Fault(_) => raw,
        _ => None,
    };
    let source = SourceFacts {
        facts: facts.row.table.facts,
        source: facts.row.table.source,
    };
    let is_shown = |publication: &Publication| publication.shows(&facts.place());
    // Judged already, as what would be shown.
    if text.is_some() && source.facts.publication.is_some_and(is_shown) {
        return;
    }
    let Some(named) = text.and_then(|text| held(&source, text)) else {
        return;
    };
    // The message does not repeat what should not be passed on.
    sink.cell(facts)
        .report(format!("{} seems to hold {named}.", facts.field.title), FIX);
}

/// Columns that are kept beside the rows, though no field knows them.
fn unknown_columns(facts: &SourceFacts<'_>, table: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let is_kept = match table.schema.name.as_str() {
        "actions" | "funding_lines" | "virements" => facts.source.role == Role::Plan,
        _ => facts.source.role == Role::Return,
    };
    if !is_kept {
        return;
    }
    let layout = &table.table.layout;
    for unknown in &layout.unknown {
        let heading = &unknown.heading;
        for row in table.rows() {
            let at = CellAddress::new(row.record.row, heading.at.column);
            let Some(text) = text_at(facts, layout.sheet, at) else {
                continue;
            };
            if let Some(named) = held(facts, text) {
                sink.at(table.place(at))
                    .key(row.view().key())
                    .about(None, Some(&heading.text))
                    .raw(text)
                    .report(
                        format!(
                            "The column “{}” seems to hold {named}.",
                            heading.text.replace('\n', " ")
                        ),
                        FIX,
                    );
            }
        }
    }
}

/// Text beside the rows under no heading, which is kept beside them too.
fn unheaded(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    for beside in facts
        .source
        .layout
        .unheaded
        .iter()
        .filter(|one| !one.is_amount)
    {
        let range: CellRange = beside.range;
        for row in range.first.row..=range.last.row {
            let at = CellAddress::new(row, range.first.column);
            let Some(text) = text_at(facts, beside.sheet, at) else {
                continue;
            };
            if let Some(named) = held(facts, text) {
                sink.at(facts.source.place_at(beside.sheet, at))
                    .key("beside")
                    .raw(text)
                    .report(
                        format!("The text beside the rows seems to hold {named}."),
                        FIX,
                    );
            }
        }
    }
}

fn text_at<'a>(facts: &SourceFacts<'a>, sheet: usize, at: CellAddress) -> Option<&'a str> {
    facts.source.raw(sheet, at).and_then(CellValue::as_text)
}

/// Notes, text boxes, and headers and footers of pages: the Sources sheet has them.
fn around_cells(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    let sheets = source.workbook().map_or(&[][..], |book| &book.sheets);
    for (index, sheet) in sheets.iter().enumerate() {
        let mut tell = |place, what: &str, text: &str| {
            let text = visible(text);
            if let Some(named) = held(facts, &text) {
                sink.at(place)
                    .key(what)
                    .raw(text)
                    .report(format!("{what} seems to hold {named}."), FIX);
            }
        };
        for (at, note) in &sheet.notes {
            tell(source.place_at(index, *at), "The note on this cell", note);
        }
        for (at, reply) in &sheet.replies {
            tell(source.place_at(index, *at), "The reply in this cell", reply);
        }
        let texts = sheet.floating.iter();
        for text in texts.filter(|floating| floating.kind == FloatingKind::Text) {
            let place = source.place_at(index, text.over.first);
            tell(place, "The text box or shape here", &text.text);
        }
        for text in &sheet.page_texts {
            let place = Place {
                source: Some(source.index),
                sheet: Some(source.sheet(index)),
                range: None,
            };
            tell(place, "The page's header or footer", text);
        }
    }
}
