//! `H108` **cell-note**: a cell of a table carries a note or comment.

use crate::finding::{Code, Severity};
use crate::grid::{CellAddress, CellValue};
use crate::rules::{
    Check, Decides, Facts, Hold, Partner, Rule, Sink, SourceFacts, TableFacts, Words,
};
use crate::value::personal;
use crate::value::text::visible;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H108"),
    name: "cell-note",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A cell in a table's body carries a note or comment; its text is kept on the Sources sheet.",
    why: "The real news, or a name that must not leave the file, may stand in the note and not in the cell.",
    example: "`Subject to confirmation` noted on an amount.",
    fix: "Read the note; put what matters into the cell and ask for the return without it.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Put what matters in the cell itself; notes are not merged.",
    }]),
    check: Check::Sheets(check),
};

/// A note longer than this is quoted in part; the Sources sheet has it whole.
const QUOTED_CHARS_MAX: usize = 160;

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    for table in facts.tables().filter(|table| !table.is_history()) {
        in_table(&table, sink);
    }
    replies(facts, sink);
}

/// What a partner wrote beside the findings on its own file, on the sheet that this program added to it.
fn replies(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    let sheets = source.workbook().map_or(&[][..], |book| &book.sheets);
    for (index, sheet) in sheets.iter().enumerate() {
        for (at, reply) in &sheet.replies {
            let quoted = quoted(facts.facts, &visible(reply));
            sink.at(source.place_at(index, *at))
                .key("reply")
                .about(None, Some("Reply"))
                .raw(reply.as_ref())
                .report(
                    format!("A reply stands here: “{quoted}”. Replies are not merged."),
                    "Read it; what matters belongs in the return's own cells. The reply is on the Sources sheet.",
                );
        }
    }
}

/// A note's text to be quoted in a finding.
fn quoted(facts: &Facts<'_>, note: &str) -> String {
    // Before it is cut: half a number is not known for one.
    let allowed = &facts.run.schema.publishing.allowed_contacts;
    let whole = personal::without(note, allowed, |_, _| false).unwrap_or_else(|| note.to_owned());
    let mut quoted: String = whole.chars().take(QUOTED_CHARS_MAX).collect();
    if quoted.len() < whole.len() {
        quoted.push('…');
    }
    quoted.replace('\n', " ")
}

fn in_table(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let layout = &facts.table.layout;
    let Some((sheet, body)) = facts
        .source
        .workbook()
        .and_then(|book| book.sheets.get(layout.sheet))
        .zip(layout.body)
    else {
        return;
    };
    for (at, note) in sheet.notes.iter().filter(|(at, _)| body.contains(*at)) {
        let note = visible(note);
        let quoted = quoted(facts.facts, &note);
        let raw = facts
            .source
            .raw(layout.sheet, *at)
            .map(CellValue::to_string)
            .unwrap_or_default();
        let (field, heading) = column(facts, *at);
        sink.table(facts, *at)
            .key(format!("{}\u{1f}{note}", record_key(facts, at.row)))
            .about(field, heading)
            .raw(raw)
            .report(
                format!("This cell carries a note: “{quoted}”. Notes are not merged."),
                "Read it; what matters belongs in the cell. The note's text is on the Sources sheet.",
            );
    }
}

/// The field and heading of a cell's column.
fn column<'a>(facts: &TableFacts<'a>, at: CellAddress) -> (Option<&'a str>, Option<&'a str>) {
    let found = facts
        .table
        .layout
        .columns
        .iter()
        .find(|column| column.column == at.column);
    let field = found
        .and_then(|column| facts.schema.fields.get(column.field))
        .map(|field| field.name.as_str());
    (field, found.map(|column| column.heading.text.as_str()))
}

fn record_key(facts: &TableFacts<'_>, row: u32) -> String {
    facts
        .rows()
        .find(|record| record.record.row == row)
        .map(|record| record.view().key())
        .unwrap_or_default()
}
