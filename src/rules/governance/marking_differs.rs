//! `G604` **marking-differs**: an input is marked higher than the output, or with a marking no longer in use.

use crate::finding::{Code, Severity};
use crate::grid::{CellValue, Visibility};
use crate::layout::marking_of;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("G604"),
    name: "marking-differs",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An input is marked higher than the output, or with a withdrawn marking.",
    why: "What a partner marked as sensitive would go out under a lower marking.",
    example: "A return marked OFFICIAL-SENSITIVE, merged into a plan marked OFFICIAL.",
    fix: "Ask the partner whether the content may go out, or mark the output as the input is.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Tell us whether the content may go out as {marking}.",
    }]),
    check: Check::Sheets(check),
};

/// A file has one marking, however often it repeats it: the first cell that differs speaks.
fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let schema = facts.facts.run.schema;
    let publishing = &schema.publishing;
    let rank = |marking: &str| publishing.markings.iter().position(|m| m == marking);
    let own = rank(&publishing.marking);
    let mut cells = facts.source.layout.markings.clone();
    cells.sort_unstable();
    let mut differing = cells.into_iter().filter_map(|(sheet, at)| {
        let text = facts.source.raw(sheet, at).and_then(CellValue::as_text)?;
        let marking = marking_of(schema, text)?;
        let is_withdrawn = publishing.withdrawn.iter().any(|m| m == marking);
        (is_withdrawn || rank(marking) > own).then(|| {
            (
                facts.source.place_at(sheet, at),
                text,
                marking,
                is_withdrawn,
            )
        })
    });
    let Some((place, text, marking, is_withdrawn)) = differing.next() else {
        outside_cells(facts, sink);
        return;
    };
    let message = message(&publishing.marking, "file", marking, is_withdrawn);
    differing
        .fold(
            sink.at(place)
                .with("marking", publishing.marking.as_str())
                .key(marking)
                .raw(text.trim()),
            |draft, (other, ..)| draft.related(other),
        )
        .report(message, FIX);
}

const FIX: &str = "Ask the sender whether the content may go out under the output's marking.";

/// Markings that stand in no cell: page headers and footers, and the labels of the file's properties.
fn outside_cells(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Some(book) = facts.source.workbook() else {
        return;
    };
    let schema = facts.facts.run.schema;
    let publishing = &schema.publishing;
    let rank = |marking: &str| publishing.markings.iter().position(|m| m == marking);
    let pages = book
        .sheets
        .iter()
        .filter(|sheet| sheet.visibility == Visibility::Visible)
        .flat_map(|sheet| &sheet.page_texts)
        .flat_map(|text| text.lines())
        .map(|line| ("page header or footer", line));
    let labels = book
        .facts
        .labels
        .iter()
        .map(|label| ("label in the file's properties", &**label));
    let differing = pages.chain(labels).find_map(|(what, text)| {
        let marking = marking_of(schema, text)?;
        let is_withdrawn = publishing.withdrawn.iter().any(|m| m == marking);
        (is_withdrawn || rank(marking) > rank(&publishing.marking)).then_some((
            what,
            text,
            marking,
            is_withdrawn,
        ))
    });
    if let Some((what, text, marking, is_withdrawn)) = differing {
        sink.at(facts.source.place())
            .with("marking", publishing.marking.as_str())
            .key(marking)
            .raw(text.trim())
            .report(
                message(&publishing.marking, what, marking, is_withdrawn),
                FIX,
            );
    }
}

fn message(output: &str, what: &str, marking: &str, is_withdrawn: bool) -> String {
    match (what, is_withdrawn) {
        ("file", true) => format!("The file is marked {marking}, which is no longer in use."),
        ("file", false) => format!("The file is marked {marking}, and the output {output}."),
        (what, true) => {
            format!("The file is marked {marking} in a {what}; that marking is no longer in use.")
        }
        (what, false) => {
            format!("The file is marked {marking} in a {what}, and the output {output}.")
        }
    }
}
