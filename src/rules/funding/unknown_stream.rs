//! `F525` **unknown-stream**: nothing says which funder's money a line is.

use super::{cell, filled, line_cell};
use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F525"),
    name: "unknown-stream",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A line of the plan whose stream the configuration does not have, or of which nothing says which of several streams pays for it.",
    why: "Each funder is told what its own money was spent on; a line of another's in its total is a wrong return.",
    example: "Lines of the Crime Reduction Grant and of core budgets, and one line with a blank Stream cell.",
    fix: "Write the stream's code beside the line, or name the stream in the title of its block.",
    partner: Partner::OfficerOnly,
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let ledger = facts.ledger;
    let any_known = ledger.lines.iter().any(|line| line.stream.is_some());
    for line in ledger.lines.iter().filter(|line| line.stream.is_none()) {
        let typed = filled(facts, line.at, "stream");
        if typed.is_none() && !any_known {
            continue;
        }
        let Some(place) = cell(facts, line.at, "stream").or_else(|| line_cell(facts, line.at))
        else {
            continue;
        };
        let what = match typed {
            Some(cell) => format!(
                "The configuration has no stream “{}”",
                cell.cell.raw_text().trim()
            ),
            None => "Several streams have lines, and neither a Stream cell, the title of its block nor the sheet says which of them this one belongs to".to_owned(),
        };
        sink.cell(&place).key(line.reference.key.to_string()).report(
            format!(
                "{what}: {} is counted by itself, as “Stream not known”, and in no funder’s total.",
                line.reference
            ),
            "Write the stream’s code in the line’s Stream cell, or add the stream to the configuration.",
        );
    }
}
