//! `F517` **ledger-mismatch**: what the ledger's keeper claims and what its ledger has differ.

use rust_decimal::Decimal;

use super::{cell, filled};
use crate::finding::{Code, Severity};
use crate::funding::{Disagreement, agreement};
use crate::rules::{CellFacts, Check, Decides, FundingFacts, Hold, Partner, Rule, Sink, Words};
use crate::schema::Role;
use crate::value::amount::{pounds, times};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F517"),
    name: "ledger-mismatch",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A claim of the ledger's keeper is not in the ledger, a posting was claimed by nobody, or the amounts of one document, whoever claims it, differ.",
    why: "The funder pays what the accounts show; a claim that they do not show cannot be signed for.",
    example: "£1,245.00 claimed for INV-7 and £1,254.00 posted: two digits changed places.",
    fix: "Compare both with the document, and correct the one that is wrong.",
    partner: Partner::Worded(&[
        Words {
            case: "the ledger's keeper",
            message: "",
            fix: "",
        },
        Words {
            case: "another agency",
            message: "Another record of {document} has a different amount.",
            fix: "Compare yours with the document, and correct it or tell us that it is right.",
        },
    ]),
    check: Check::FundingTotal(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let run = facts.facts.run;
    let keeper = run
        .schema
        .agencies
        .iter()
        .position(|agency| agency.code == run.schema.partnership.ledger_agency);
    // A ledger that could not be read says nothing about anybody's claims.
    let has_ledger = facts.facts.sources.iter().any(|source| {
        source.role == Role::Ledger
            && !source.is_out()
            && source
                .tables_named(run.schema, "ledger")
                .any(|table| !table.is_held)
    });
    // Where nobody was asked yet, nobody has failed to claim.
    let is_asked = run.is_merge && (run.has_returns || !facts.ledger.past.is_empty());
    let (Some(keeper), Some(quarter), true, true) = (keeper, run.quarter, has_ledger, is_asked)
    else {
        return;
    };
    for found in agreement(facts.ledger, keeper, quarter).disagreements {
        say(facts, &found, sink);
    }
}

fn say(facts: &FundingFacts<'_>, found: &Disagreement, sink: &mut Sink<'_>) {
    let entry = |index: usize| {
        let row = facts.ledger.entries.get(index)?;
        Some((cell(facts, row.at, "amount")?, row.amount?))
    };
    let posting = |index: usize| {
        let row = facts.ledger.postings.get(index)?;
        let cell = filled(facts, row.at, "amount")
            .or_else(|| filled(facts, row.at, "debit"))
            .or_else(|| filled(facts, row.at, "credit"))
            .or_else(|| cell(facts, row.at, "amount"))?;
        Some((cell, row.amount?))
    };
    let _: Option<()> = match found {
        Disagreement::NotPosted { entry: index } => entry(*index).map(|(cell, amount)| {
            sink.cell(&cell).case(case(facts, &cell, "")).seen(amount.to_string()).report(
                format!(
                    "{} for {} is claimed and is not in the ledger.",
                    pounds(amount),
                    document(&cell)
                ),
                "Post the document, correct its number, or take it out of the claim.",
            );
        }),
        Disagreement::OtherLine {
            entry: index,
            posting: other,
        } => entry(*index)
            .zip(posting(*other))
            .map(|((cell, amount), (posted, _))| {
                let line = |cell: &CellFacts<'_>| {
                    let line = cell.row.view().line();
                    line.map(|line| line.to_string()).unwrap_or_default()
                };
                sink.cell(&cell).case(case(facts, &cell, "")).seen(posted.cell.raw_text()).seen(line(&posted)).related(posted.place()).report(
                    format!(
                        "{} for {} is claimed on {}, and the ledger has the document on {}.",
                        pounds(amount),
                        document(&cell),
                        line(&cell),
                        line(&posted)
                    ),
                    "Correct the line in the claim or in the ledger.",
                );
            }),
        Disagreement::Amount {
            entry: index,
            posting: other,
            claimed,
            posted,
        } => entry(*index)
            .zip(posting(*other))
            .map(|((cell, _), (place, _))| {
                sink.cell(&cell).case(case(facts, &cell, "another agency")).with("document", document(&cell)).seen(claimed.to_string()).seen(posted.to_string()).related(place.place()).report(
                    format!(
                        "For {} {} is claimed and {} is in the ledger: they differ by {}.{}",
                        document(&cell),
                        pounds(*claimed),
                        pounds(*posted),
                        pounds((claimed - posted).abs()),
                        transposed(claimed - posted)
                    ),
                    "Compare both with the document, and correct the one that is wrong.",
                );
            }),
        Disagreement::Line { claim, posted } => facts.ledger.claims.get(*claim).and_then(|claim| {
            let (cell, claimed) = (cell(facts, claim.at, "this_quarter")?, claim.this_quarter?);
            sink.cell(&cell).case(case(facts, &cell, "")).seen(posted.to_string()).report(
                format!(
                    "{} is claimed without documents, and the ledger has {} on the line for the quarter: they differ by {}.{}",
                    pounds(claimed),
                    pounds(*posted),
                    pounds((claimed - posted).abs()),
                    transposed(claimed - posted)
                ),
                "List the documents on a Spend sheet, or correct the figure that is wrong.",
            );
            Some(())
        }),
        Disagreement::NotClaimed {
            posting: index,
            posted,
        } => posting(*index).map(|(cell, _)| {
            sink.cell(&cell).report(
                format!(
                    "{} for {} is in the ledger for this quarter, and nobody claimed it.",
                    pounds(*posted),
                    document(&cell)
                ),
                "Ask whose it is: it is missing from a claim, or on the wrong line in the ledger.",
            );
        }),
    };
}

/// The words for the partner: what the ledger has is told to its keeper alone.
fn case(facts: &FundingFacts<'_>, cell: &CellFacts<'_>, other: &'static str) -> &'static str {
    let schema = facts.facts.run.schema;
    let own = cell.row.table.source.statement.agency;
    if own.is_some_and(|own| schema.agency_code(own) == schema.partnership.ledger_agency) {
        KEEPER
    } else {
        other
    }
}

/// The partner that keeps the ledger.
const KEEPER: &str = "the ledger's keeper";

/// The document of a row as typed.
fn document(cell: &CellFacts<'_>) -> String {
    cell.row
        .cell("document")
        .map(|cell| cell.cell.raw_text())
        .unwrap_or_default()
}

/// Two digits that change places put a figure out by a multiple of nine.
fn transposed(difference: Decimal) -> &'static str {
    let pence = times(difference.abs(), 100);
    if (pence % Decimal::from(9)).is_zero() {
        " A difference divisible by nine often means that two digits changed places."
    } else {
        ""
    }
}
