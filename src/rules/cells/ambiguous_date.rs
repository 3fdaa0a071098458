//! `C204` **ambiguous-date**: a text date that may be meant the American way.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::value::date::long;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C204"),
    name: "ambiguous-date",
    severity: Severity::Warning,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A text date that lies in the plan year only if the month comes first, or an ambiguous one in a column that writes dates that way.",
    why: "4 July and 7 April are three months apart, and both look right.",
    example: "`05/01/2022` for 1 May 2022.",
    fix: "Write the month as a word, or as a real date cell.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if let State::Fault(Fault::AmbiguousDate {
        day_first,
        month_first,
    }) = &facts.cell.state
    {
        sink.cell(facts).report(
            format!(
                "“{}” may be {} or {}{}.",
                facts.cell.raw_text().trim(),
                long(*day_first),
                long(*month_first),
                if matches!(facts.cell.raw, Some(CellValue::Date(_))) {
                    ": the other dates of its column are text, as where a spreadsheet in American settings has turned day and month round"
                } else {
                    ""
                }
            ),
            "Write the month as a word, such as 4 July 2022.",
        );
    }
}
