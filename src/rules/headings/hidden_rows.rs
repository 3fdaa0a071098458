//! `H105` **hidden-rows**: rows of a table that are hidden or filtered out.

use crate::finding::{Code, Severity};
use crate::grid::{CellAddress, CellRange, Span};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, TableFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("H105"),
    name: "hidden-rows",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Rows inside a table are hidden or filtered out; they were read all the same.",
    why: "Whoever checks the return by eye sees other rows than those that were counted.",
    example: "A filter left on, so that three of eight spend rows are out of sight.",
    fix: "Unhide the rows and look whether they belong in the return.",
    partner: Partner::AsReported,
    check: Check::Table(check),
};

fn check(facts: &TableFacts<'_>, sink: &mut Sink<'_>) {
    let layout = &facts.table.layout;
    let Some((sheet, body)) = facts
        .source
        .workbook()
        .and_then(|book| book.sheets.get(layout.sheet))
        .zip(layout.body)
    else {
        return;
    };
    for run in runs(&sheet.hidden_rows) {
        let (first, last) = (run.first.max(body.first.row), run.last.min(body.last.row));
        let filled = layout
            .rows
            .iter()
            .filter(|row| (first..=last).contains(&row.row))
            .count();
        if filled == 0 {
            continue;
        }
        let keys: Vec<String> = facts
            .rows()
            .filter(|row| (first..=last).contains(&row.record.row))
            .map(|row| row.view().key())
            .collect();
        let column = layout.header.first.column;
        let place = CellRange::new(
            CellAddress::new(first, column),
            CellAddress::new(last, column),
        );
        let what = if first == last {
            format!(
                "Row {} of this table is hidden. It was",
                u64::from(first) + 1
            )
        } else {
            format!(
                "Rows {} to {} of this table are hidden. They were",
                u64::from(first) + 1,
                u64::from(last) + 1
            )
        };
        sink.table(facts, place)
            .key(keys.join("\u{1e}"))
            .report(
                format!("{what} read all the same, and counted."),
                "Unhide the rows, or clear the filter, and look whether they belong in the return; delete them there if they do not.",
            );
    }
}

/// Runs that touch, as one, from the top.
fn runs(spans: &[Span]) -> Vec<Span> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for span in sorted {
        match out.last_mut() {
            Some(run) if span.first <= run.last.saturating_add(1) => {
                run.last = run.last.max(span.last);
            }
            _ => out.push(span),
        }
    }
    out
}
