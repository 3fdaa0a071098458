//! `F509` **wrong-sign**: a negative amount that is no credit, or a positive one that is.

use rust_decimal::Decimal;

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::Kind;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;
use crate::value::text::fold_prose;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F509"),
    name: "wrong-sign",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "A negative amount that is no credit, refund, reversal or correction; or a credit with a positive amount.",
    why: "A sign the wrong way puts the line out by twice the amount.",
    example: "A credit note of £45.00 entered without its minus.",
    fix: "Correct the sign, or say in the kind or description that it is a credit.",
    partner: Partner::AsReported,
    check: Check::FundingRow(check),
};

/// Beginnings of the words that say why money comes back: credit note, refunded, reversal of accrual, corrects Q1.
const MONEY_BACK: [&str; 4] = ["credit", "refund", "revers", "correct"];

/// Beginnings of words that begin so and say nothing of the kind: a refundable deposit, a correctional facility, creditors.
const NOT_BACK: [&str; 4] = ["refundable", "correctional", "creditor", "reversible"];

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    on_claims_and_virements(facts, sink);
    for entry in facts.ledger.entries.iter().filter(|entry| !entry.is_held) {
        // What is in kind is held for that; let in as it stands it is charged with its sign.
        let Some(amount) = entry.amount else {
            continue;
        };
        let Some(cell) = cell(facts, entry.at, "amount") else {
            continue;
        };
        let is_credit = entry.kind == Kind::Credit || says_credit_note(&cell);
        let twice = (amount + amount).abs();
        if is_credit && amount > Decimal::ZERO {
            sink.cell(&cell).report(
                format!(
                    "A credit of {} is entered as a positive amount; money back is negative. As it stands it would put the line out by {}.",
                    pounds(amount),
                    pounds(twice)
                ),
                "Put a minus before the amount, or correct the kind.",
            );
        } else if !is_credit && amount < Decimal::ZERO && !says_money_back(&cell) {
            sink.cell(&cell).report(
                format!(
                    "{} is negative, but neither the kind nor the description says that it is a credit, refund, reversal or correction. If it is spend, the line would be out by {}.",
                    pounds(amount),
                    pounds(twice)
                ),
                "Take the minus away, or give the kind as Credit.",
            );
        }
    }
}

/// A claim's spend of the quarter, or money moved between lines, that is below nought with no word of money coming back.
fn on_claims_and_virements(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for claim in facts
        .ledger
        .claims
        .iter()
        .filter(|claim| !claim.is_held && !claim.is_itemised)
    {
        let Some(amount) = claim.this_quarter.filter(|amount| *amount < Decimal::ZERO) else {
            continue;
        };
        let Some(cell) =
            cell(facts, claim.at, "this_quarter").filter(|cell| !says_money_back(cell))
        else {
            continue;
        };
        sink.cell(&cell).report(
            format!(
                "{} is negative, but the explanation does not say that it is a credit, refund, reversal or correction. If it is spend, the line would be out by {}.",
                pounds(amount),
                pounds((amount + amount).abs())
            ),
            "Take the minus away, or say in the explanation what came back.",
        );
    }
    for virement in facts.ledger.virements.iter().filter(|found| found.counts) {
        if virement.amount >= Decimal::ZERO {
            continue;
        }
        if let Some(cell) = cell(facts, virement.at, "amount") {
            sink.cell(&cell).report(
                format!(
                    "{} is negative: it would move the money the other way, from the line that it is said to go to.",
                    pounds(virement.amount)
                ),
                "Take the minus away, or exchange the two lines.",
            );
        }
    }
}

/// Whether the description begins by saying that the document is a credit note.
fn says_credit_note(cell: &crate::rules::CellFacts<'_>) -> bool {
    let text = cell
        .row
        .view()
        .cell("description")
        .map(crate::record::Decoded::raw_text)
        .unwrap_or_default();
    fold_prose(&text).starts_with("credit note")
}

fn says_money_back(cell: &crate::rules::CellFacts<'_>) -> bool {
    let view = cell.row.view();
    ["description", "kind", "explanation"]
        .into_iter()
        .any(|field| {
            let text = view
                .cell(field)
                .map(crate::record::Decoded::raw_text)
                .unwrap_or_default();
            let text = fold_prose(&text);
            let words: Vec<&str> = text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect();
            (0..words.len()).any(|at| is_money_back(&words, at))
        })
}

/// Whether a word says that money came back: not a refundable deposit, a credit card or “no refund”.
fn is_money_back(words: &[&str], at: usize) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
    let (before, own, after) = (word(at.checked_sub(1)), word(Some(at)), word(Some(at + 1)));
    let begins = |starts: &[&str]| starts.iter().any(|start| own.starts_with(start));
    let is_of_a_bank = own == "credit" && matches!(after, "card" | "cards" | "union" | "unions");
    let is_denied = matches!(before, "no" | "not" | "non");
    begins(&MONEY_BACK) && !begins(&NOT_BACK) && !is_of_a_bank && !is_denied
}
