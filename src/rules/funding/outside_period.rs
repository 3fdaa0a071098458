//! `F504` **outside-period**: a document dated outside the stream's period.

use super::{cell, held_whole, stream};
use crate::finding::{Code, Severity};
use crate::funding::{Entry, Kind};
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::value::date::long;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F504"),
    name: "outside-period",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "A document is dated outside the stream's funding period.",
    why: "Only spend within the period of the award is paid, whenever the invoice arrived.",
    example: "An invoice of 15 July 2021 claimed in 2022-23.",
    fix: "Correct the date, or take the document out of the claim.",
    partner: Partner::AsReported,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for entry in facts.ledger.entries.iter().filter(|entry| !entry.is_held) {
        if !is_outside(facts, entry) {
            continue;
        }
        let Some((stream, date)) = stream(facts, entry.line).zip(entry.date) else {
            continue;
        };
        let Some(cell) = cell(facts, entry.at, "document_date") else {
            continue;
        };
        let period = match (stream.period_start, stream.period_end) {
            (Some(start), Some(end)) => format!("{} to {}", long(start), long(end)),
            (Some(start), None) => format!("from {}", long(start)),
            (None, Some(end)) => format!("up to {}", long(end)),
            (None, None) => continue,
        };
        held_whole(sink.cell(&cell), &cell).report(
            format!(
                "The document is dated {}, outside the period of the {} ({period}).",
                long(date),
                stream.name
            ),
            "Correct the date, or take the document out of the claim.",
        );
    }
}

/// Whether a document's date lies outside its stream's period; an accrual or credit has some days' grace after its end.
pub(super) fn is_outside(facts: &FundingFacts<'_>, entry: &Entry) -> bool {
    let Some((stream, date)) = stream(facts, entry.line).zip(entry.date) else {
        return false;
    };
    let grace = if matches!(entry.kind, Kind::Accrual | Kind::Credit) {
        i64::from(facts.facts.run.schema.thresholds.accrual_grace_days)
    } else {
        0
    };
    let is_early = stream.period_start.is_some_and(|start| date < start);
    let is_late = stream.period_end.is_some_and(|end| {
        end.checked_add(jiff::Span::new().days(grace))
            .is_ok_and(|last| date > last)
    });
    is_early || is_late
}
