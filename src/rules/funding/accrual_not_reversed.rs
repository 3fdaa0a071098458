//! `F526` **accrual-not-reversed**: the invoice comes, and the accrual that stood for it is still counted.

use super::cell;
use crate::finding::{Code, Severity};
use crate::funding::{self, Kind};
use crate::rules::sink::who;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F526"),
    name: "accrual-not-reversed",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "An actual whose cost was accrued in an earlier quarter, and no credit reverses the accrual.",
    why: "One cost would count twice: once as it was accrued, once as it was invoiced.",
    example: "INV-77 of £231.00 in Q3, accrued in Q2 with £231.00, and no credit of £231.00 since.",
    fix: "Enter a credit that reverses the accrual beside the actual.",
    partner: Partner::AsReported,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let Some(run) = facts.facts.run.quarter.filter(|_| facts.facts.run.is_merge) else {
        return;
    };
    let ledger = facts.ledger;
    let accruals = funding::accruals(ledger, Some(run));
    if accruals.is_empty() {
        return;
    }
    let is_earlier = |accrual: &&funding::Accrual| {
        (accrual.quarter.year, accrual.quarter.number) < (run.year, run.number)
    };
    for entry in ledger.entries.iter().filter(|entry| !entry.is_held) {
        let (Some(line), Some(document), Some(amount)) =
            (entry.line, &entry.document, entry.amount)
        else {
            continue;
        };
        if !matches!(entry.kind, Kind::Actual | Kind::Capital) || amount.is_sign_negative() {
            continue;
        }
        let open = accruals.iter().filter(is_earlier).find(|accrual| {
            accrual.line == line
                && accrual.agency == entry.agency
                && !accrual.open().is_zero()
                && accrual
                    .document
                    .as_ref()
                    .is_some_and(|accrued| accrued.is_same(document))
        });
        let Some((accrual, cell)) = open.zip(cell(facts, entry.at, "document")) else {
            continue;
        };
        let mut draft = sink
            .cell(&cell)
            .seen(amount.to_string())
            .seen(accrual.amount.to_string());
        if let Some(place) = super::plan_cell(facts, accrual.at, "document") {
            draft = draft.related(place);
        }
        draft.report(
            format!(
                "{} accrued {} for {} in {}, and {} of that is not reversed: with this {} the cost would count twice.",
                who(facts.facts.run.schema, cell.row.table.source),
                pounds(accrual.amount),
                cell.cell.raw_text().trim(),
                accrual.quarter.spoken(),
                pounds(accrual.open()),
                pounds(amount)
            ),
            "Enter a credit of the accrual’s amount, with its document, line and supplier, beside the actual.",
        );
    }
}
