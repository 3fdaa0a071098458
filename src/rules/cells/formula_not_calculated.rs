//! `C209` **formula-not-calculated**: a formula without a stored result.

use crate::finding::{Code, Severity};
use crate::record::{Fault, State};
use crate::rules::{Answer, CellFacts, Check, Decides, Hold, Partner, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C209"),
    name: "formula-not-calculated",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A formula without a stored result, or with a stored 0 or blank in a workbook that asks to be calculated on opening; never read as blank or 0.",
    why: "Files made by other software may store formulas that nothing has yet worked out, some with a 0 in place of the result.",
    example: "A sum in a workbook that a database exported.",
    fix: "Open the file in Excel, save it, and send it again.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if facts.cell.state == State::Fault(Fault::NotCalculated) && !is_worked_out_again(facts) {
        sink.cell(facts).report(
            "The cell holds a formula whose result was never worked out.",
            "Open the file in Excel, save it, and send it again.",
        );
    }
}

/// A quarter's spend on our own Funding sheet, which stands on the Spend sheet beside it.
fn is_worked_out_again(facts: &CellFacts<'_>) -> bool {
    let table = &facts.row.table;
    table.source.layout.is_ours
        && table.schema.name == "funding_lines"
        && facts.field.name.ends_with("_spend")
}
