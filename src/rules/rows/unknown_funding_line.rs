//! `R311` **unknown-funding-line**: an action names a funding line that the plan does not have.

use std::collections::HashSet;

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};
use crate::value::{Value, reference};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R311"),
    name: "unknown-funding-line",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An action names a funding line that the plan does not have.",
    why: "Nobody can tell what the action costs, or whether its money was approved.",
    example: "CRG-77 in a plan whose last line is CRG-09.",
    fix: "Correct the line, or add it to the funding sheet.",
    partner: Partner::OfficerOnly,
    check: Check::Sheets(check),
};

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let lines: Vec<_> = facts
        .tables()
        .filter(|table| table.schema.name == "funding_lines")
        .collect();
    // A plan without a funding table says nothing of its lines; one that cannot be used is H's to tell.
    if lines.is_empty()
        || lines
            .iter()
            .any(|table| !table.table.layout.missing.is_empty())
    {
        return;
    }
    // By code, and by the project's name, which a plan may use instead.
    let known: HashSet<String> = lines
        .iter()
        .flat_map(super::super::facts::TableFacts::rows)
        .flat_map(|row| {
            let view = row.view();
            let code = view.line().map(|line| line.key.to_string());
            let project = view.text("project").map(reference::key);
            [code, project]
        })
        .flatten()
        .collect();
    for row in facts
        .tables()
        .filter(|table| table.schema.name == "actions")
        .flat_map(|table| table.rows())
    {
        let Some(cell) = row.cell("funding_lines") else {
            continue;
        };
        let Some(Value::References(named)) = cell.cell.any_value() else {
            continue;
        };
        // A project's name may have a comma in it.
        if known.contains(&*reference::key(&cell.cell.raw_text())) {
            continue;
        }
        let unknown: Vec<String> = named
            .iter()
            .filter(|line| !known.contains(&*line.key))
            .map(ToString::to_string)
            .collect();
        if !unknown.is_empty() {
            sink.cell(&cell).report(
                format!("The plan has no funding line {}.", unknown.join(", ")),
                "Correct the line, or add it to the funding sheet.",
            );
        }
    }
}
