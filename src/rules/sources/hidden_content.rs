//! `S012` **hidden-content**: a hidden sheet, a link to another workbook, or a pivot table's copy of its rows.

use crate::finding::{Code, Place, Severity};
use crate::grid::Visibility;
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts, Words};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S012"),
    name: "hidden-content",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A workbook holds what its reader does not see: a hidden sheet, a link to another workbook, or rows kept behind a pivot table.",
    why: "What is hidden is not read, and it travels with the file: names and addresses have been published that way.",
    example: "A hidden sheet `Names of victims` in a return.",
    fix: "Look at it; have it removed if it is not meant for the partnership, or shown if it belongs in the return.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Unhide it and look: what belongs in the return goes on a visible sheet; personal details come out.",
    }]),
    check: Check::Source(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let source = facts.source;
    let Some(workbook) = source.workbook() else {
        return;
    };
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let how = match sheet.visibility {
            Visibility::Visible => continue,
            Visibility::Hidden => "hidden",
            Visibility::VeryHidden => "hidden so that Excel's menu does not list it",
        };
        let name = sheet.name.as_deref().unwrap_or_default();
        let is_plans = source
            .copied
            .as_ref()
            .is_some_and(|copied| copied.sheets.contains(&index));
        if is_plans || workbook.facts.list_sheets.contains(name) {
            continue;
        }
        let place = Place {
            source: Some(source.index),
            sheet: Some(source.sheet(index)),
            range: None,
        };
        sink.source(source, place).key(name).report(
            format!("The sheet “{name}” is {how}. It was not read, and nothing of it is in the result."),
            "Unhide it and look; if it holds personal details, tell the partner and delete the file safely. If it belongs in the return, ask for it on a visible sheet.",
        );
    }
    let links = workbook.facts.external_links;
    if links > 0 {
        let what = if links == 1 {
            "links to another workbook".to_owned()
        } else {
            format!("links to {links} other workbooks")
        };
        sink.file(facts).key("links").report(
            format!("This workbook {what}. The figures stored in it were read; the links were not followed."),
            "Check that linked figures are up to date; ask for the next return with values in place of links.",
        );
    }
    let caches = workbook.facts.pivot_caches;
    if caches > 0 {
        let what = if caches == 1 {
            "a pivot table keeps its source rows".to_owned()
        } else {
            format!("{caches} pivot tables keep their source rows")
        };
        sink.file(facts).key("pivots").report(
            format!("Behind what this workbook shows, {what}. They were not read, and nothing of them is in the result."),
            "If those rows hold personal details, tell the partner and delete the file safely; ask for the next return without pivot tables.",
        );
    }
}
