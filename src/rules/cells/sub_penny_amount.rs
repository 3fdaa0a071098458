//! `C215` **sub-penny-amount**: money with a third decimal.

use crate::finding::{Code, Severity};
use crate::rules::{CellFacts, Check, Decides, Hold, Partner, Rule, Sink};
use crate::value::amount;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C215"),
    name: "sub-penny-amount",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Money with a third decimal; rounded half away from zero, each row before any sum.",
    why: "Spreadsheets sum the hidden decimals and print the rounded ones, so columns come out a penny wrong.",
    example: "87.1255 shown as 87.13.",
    fix: "Type the amount as on the document.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let Some(exact) = facts.cell.remarks().unrounded else {
        return;
    };
    let rounded = amount::to_pence(exact).0;
    sink.cell(facts).report(
        format!(
            "{} is {}, finer than a penny. It was taken as {}.",
            facts.field.title,
            amount::figure(exact),
            amount::pounds(rounded)
        ),
        "Type the amount to the penny, as on the document.",
    );
}
