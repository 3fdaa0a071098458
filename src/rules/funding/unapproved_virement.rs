//! `F513` **unapproved-virement**: money moved between lines with no approval recorded.

use super::stream;
use crate::finding::{Code, Severity};
use crate::funding::Virement;
use crate::rules::{CellFacts, Check, Decides, FundingFacts, Hold, Partner, RowFacts, Rule, Sink};
use crate::schema::{Schema, Stream};
use crate::value::amount::pounds;
use crate::value::text::{contains_words, fold};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F513"),
    name: "unapproved-virement",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "Money is moved between lines with no approval recorded.",
    why: "The funder must agree in writing before money moves; until then both lines keep their allocations.",
    example: "£150.00 from CRG-02 to CRG-05, and nobody named as having approved it.",
    fix: "Record who approved it and when, or take the virement out.",
    partner: Partner::OfficerOnly,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for virement in facts.ledger.virements.iter().filter(|v| v.counts) {
        if !needs_approval(facts, virement) {
            continue;
        }
        let Some(row) = facts.row(virement.at) else {
            continue;
        };
        let refused = not_an_approver(facts, virement, &row);
        if refused.is_none() && is_approved(&row, facts.facts.run.schema) {
            continue;
        }
        let Some(cell) = approval_cell(&row) else {
            continue;
        };
        let line = |field: &str| {
            row.view()
                .reference(field)
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        let what = refused.map_or_else(
            || "no approval is recorded".to_owned(),
            |(named, stream)| {
                format!(
                    "“{named}” may not approve that for the {}, but {}",
                    stream.name,
                    stream.approvers.join(" or ")
                )
            },
        );
        sink.cell(&cell).hold_nothing().hold_row(&row).report(
            format!(
                "{} is moved from {} to {}, and {what}. Until there is an approval, neither allocation changes.",
                pounds(virement.amount),
                line("from_line"),
                line("to_line")
            ),
            "Record who approved it and when, or take the virement out.",
        );
    }
}

fn needs_approval(facts: &FundingFacts<'_>, virement: &Virement) -> bool {
    [virement.from, virement.to]
        .into_iter()
        .any(|line| stream(facts, line).is_some_and(|stream| stream.virement_needs_approval))
}

/// Who is named as having approved, where one of the streams asks for an approver of its own and they are none.
fn not_an_approver<'a>(
    facts: &FundingFacts<'a>,
    virement: &Virement,
    row: &RowFacts<'_>,
) -> Option<(String, &'a Stream)> {
    let cell = row
        .view()
        .cell("approved_by")
        .filter(|cell| !cell.is_empty())?;
    let named = cell.raw_text();
    let folded = fold(&named);
    let stream = [virement.from, virement.to]
        .into_iter()
        .filter_map(|line| stream(facts, line))
        .filter(|stream| stream.virement_needs_approval && !stream.approvers.is_empty())
        .find(|stream| {
            let mut approvers = stream.approvers.iter().map(|approver| fold(approver));
            // `A. Example, OPCC` names the office.
            !approvers.any(|approver| contains_words(&folded, &approver))
        })?;
    Some((named.trim().to_owned(), stream))
}

/// A name or a date is an approval; a word such as `Pending` in their place is none.
fn is_approved(row: &RowFacts<'_>, schema: &Schema) -> bool {
    let view = row.view();
    let is_named = view
        .cell("approved_by")
        .filter(|cell| !cell.is_empty())
        .is_some_and(|cell| !is_refusal(&cell.raw_text(), schema));
    let is_dated = view
        .cell("approved_on")
        .is_some_and(|cell| !cell.is_empty());
    let is_refused = view
        .cell("approved_by")
        .is_some_and(|cell| is_refusal(&cell.raw_text(), schema));
    is_named || is_dated && !is_refused
}

/// Words with which somebody says that nobody has approved yet, or that somebody will not.
const NOT_YET: [&str; 20] = [
    "no",
    "not",
    "none",
    "nobody",
    "never",
    "yet",
    "tbc",
    "tba",
    "tbd",
    "pending",
    "awaiting",
    "awaited",
    "outstanding",
    "unapproved",
    "proposed",
    "declined",
    "refused",
    "rejected",
    "requested",
    "unconfirmed",
];

/// Whether the words are those by which a funding line is proposed or declined, or begin with one that says so: `Not yet`, `TBC – Jo`.
fn is_refusal(text: &str, schema: &Schema) -> bool {
    let folded = fold(text);
    let mut words = folded.split(' ');
    let first = words.next().unwrap_or_default();
    let begins = NOT_YET.contains(&first) || folded.starts_with("to be ");
    // `Pending` alone at the end, behind what it is about: `Approval pending`, `OPCC decision awaited`.
    let last = folded.rsplit(' ').next().unwrap_or_default();
    let ends = matches!(
        last,
        "pending" | "awaited" | "tbc" | "requested" | "outstanding"
    ) && [
        "approval",
        "decision",
        "sign off",
        "signature",
        "panel",
        "board",
        "opcc",
        "pcc",
    ]
    .iter()
    .any(|word| contains_words(&folded, word));
    if begins || ends {
        return true;
    }
    let approval = schema
        .table("funding_lines")
        .and_then(|(_, table)| table.fields.get(table.field("approval")?));
    approval.is_some_and(|field| {
        field
            .choices
            .iter()
            .filter(|choice| choice.value != "approved")
            .any(|choice| choice.words.contains(&folded))
    })
}

/// Where the approval should stand: who approved it, else when; a table with neither column shows the amount.
fn approval_cell<'a>(row: &RowFacts<'a>) -> Option<CellFacts<'a>> {
    ["approved_by", "approved_on", "amount"]
        .into_iter()
        .find_map(|field| row.cell(field))
}
