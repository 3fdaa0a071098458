//! `C213` **reference-trap**: a reference that a spreadsheet turned into a number or date.

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::record::{Fault, State};
use crate::rules::{
    Answer, CellFacts, Check, Decides, Hold, Partner, RowFacts, Rule, Sink, TableFacts,
};
use crate::schema::FieldKind;
use crate::value::reference::Reference;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C213"),
    name: "reference-trap",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Answer(Answer::Reference),
    summary: "A reference that a spreadsheet turned into a number or a date.",
    why: "Action 1.10 becomes 1.1, and its news lands on another action.",
    example: "`1-2` stored as 1 February.",
    fix: "Format the column as text, then type the reference again.",
    partner: Partner::AsReported,
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    if !is_trapped(facts) {
        return;
    }
    let raw = facts.cell.raw_text();
    let message = match facts.cell.state {
        State::Fault(_) => format!(
            "The reference is stored as the number or date “{raw}”, so which action is meant is not sure."
        ),
        State::Blank | State::Missing | State::Placeholder | State::Value(_) => format!(
            "The reference is stored as the number {raw}, and both {raw} and {raw}0 may be meant."
        ),
    };
    sink.cell(facts).report(
        message,
        "Format the column as text, then type the reference again.",
    );
}

/// Whether a spreadsheet changed the reference so that it is no longer sure.
pub(in crate::rules) fn is_trapped(facts: &CellFacts<'_>) -> bool {
    if facts.field.kind != FieldKind::Reference || facts.cell.is_decided() {
        return false;
    }
    facts.cell.state == State::Fault(Fault::ReferenceTrap)
        || (matches!(facts.cell.raw, Some(CellValue::Number(_)))
            && facts
                .row
                .view()
                .reference(&facts.field.name)
                .is_some_and(|found| may_have_lost_a_nought(facts, found)))
}

/// Whether `1.1`, held as a number, may be `1.10`: where 1.10 is known or due, and the rows around do not say that 1.1 is meant.
fn may_have_lost_a_nought(facts: &CellFacts<'_>, found: &Reference) -> bool {
    let Some((group, item)) = dotted(&found.key) else {
        return false;
    };
    let Some(longer) = item.checked_mul(10).filter(|longer| *longer > 0) else {
        return false;
    };
    let table = facts.row.table;
    let row = facts.row.record_index;
    let around = |mut rows: Box<dyn Iterator<Item = RowFacts<'_>> + '_>| {
        rows.find_map(|row| dotted(&row.view().reference(&facts.field.name)?.key))
    };
    let before: Vec<RowFacts<'_>> = table.rows().take(row).collect();
    let previous = around(Box::new(before.into_iter().rev()));
    let next = around(Box::new(table.rows().skip(row + 1)));
    let is_known = |table: &TableFacts<'_>, wanted: (u32, u32)| {
        table.rows().any(|row| {
            row.view()
                .reference(&facts.field.name)
                .is_some_and(|other| dotted(&other.key) == Some(wanted))
        })
    };
    let in_plan = Reference::new(&format!("{}0", found.text));
    let is_due = is_known(&table, (group, longer - 1))
        || (!table.is_plan() && table.facts.plan_action(&in_plan).is_some());
    if !is_due {
        return false;
    }
    let fits = |own: (u32, u32)| {
        previous.is_none_or(|other| other < own) && next.is_none_or(|other| own < other)
    };
    !fits((group, item)) || fits((group, longer))
}

/// The two numbers of a dotted reference.
fn dotted(key: &str) -> Option<(u32, u32)> {
    let (group, item) = key.split_once('.')?;
    Some((group.parse().ok()?, item.parse().ok()?))
}
