//! `S016` **damaged-sheet**: one sheet cannot be read, the others can.

use crate::finding::{Code, Place, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S016"),
    name: "damaged-sheet",
    severity: Severity::Error,
    hold: Hold::Return,
    decides: Decides::None,
    summary: "One sheet of a workbook cannot be read; the others can.",
    why: "What stands on that sheet would silently be missing, so the whole return waits.",
    example: "A sheet whose part was cut off when the file was repaired.",
    fix: "Open the workbook, save it again as .xlsx, and send that.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Open it, save it again as an .xlsx workbook, and send that.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Some(workbook) = facts.source.workbook() else {
        return;
    };
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        if let Some(why) = &sheet.damage {
            let place = Place {
                source: Some(facts.source.index),
                sheet: Some(facts.source.sheet(index)),
                range: None,
            };
            sink.source(facts.source, place)
                .key(sheet.name.as_deref().unwrap_or_default())
                .report(
                    format!(
                        "The sheet “{}” cannot be read: {why}.",
                        sheet.name.as_deref().unwrap_or_default()
                    ),
                    "Ask the partner to open the workbook, save it again as .xlsx and resend it.",
                );
        }
    }
}
