//! `F527` **virement-across-funders**: one funder's money is moved to another's line.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{cell, held_whole, stream};
use crate::finding::{Code, Severity};
use crate::funding::Virement;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, Rule, Sink};
use crate::schema::Stream;
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F527"),
    name: "virement-across-funders",
    severity: Severity::Error,
    hold: Hold::Row,
    decides: Decides::Accept,
    summary: "Money is moved between lines of two streams with different funders.",
    why: "A grant may be spent on what its funder pays for, and on nothing else; moved to another's line it is owed back.",
    example: "£150.00 from CRG-03, which the PCC pays for, to CORE-01 of the district’s budget.",
    fix: "Take the virement out, or have both funders agree to it in writing and accept it with that.",
    partner: Partner::OfficerOnly,
    check: Check::FundingRow(check),
};

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    for virement in facts.ledger.virements.iter().filter(|v| v.counts) {
        let (Some(from), Some(to)) = (stream(facts, virement.from), stream(facts, virement.to))
        else {
            continue;
        };
        if from.funder.eq_ignore_ascii_case(&to.funder) {
            continue;
        }
        let Some(cell) = cell(facts, virement.at, "to_line") else {
            continue;
        };
        let effect = effect(facts, virement, from, to);
        held_whole(sink.cell(&cell), &cell)
            .seen(virement.amount.to_string())
            .report(
                format!(
                    "{} is moved from the {} ({}) to the {} ({}).{effect} Until it is accepted, neither changes.{}",
                    pounds(virement.amount),
                    from.name,
                    from.funder,
                    to.name,
                    to.funder,
                    approvers(&[from, to])
                ),
                "Take the virement out, or have both funders agree to it in writing and accept it with that.",
            );
    }
}

/// What the streams' lines together may spend without the virement and with it.
fn effect(facts: &FundingFacts<'_>, virement: &Virement, from: &Stream, to: &Stream) -> String {
    let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in facts.ledger.lines.iter().filter(|line| line.is_approved()) {
        let of = line
            .stream
            .and_then(|stream| facts.facts.run.schema.streams.get(stream));
        if let Some(of) = of {
            *sums.entry(&of.code).or_default() += line.allocation.unwrap_or_default();
        }
    }
    let sum = |stream: &Stream| sums.get(stream.code.as_str()).copied().unwrap_or_default();
    format!(
        " The allocations of {} would go from {} to {}, those of {} from {} to {}.",
        from.code,
        pounds(sum(from)),
        pounds(sum(from) - virement.amount),
        to.code,
        pounds(sum(to)),
        pounds(sum(to) + virement.amount)
    )
}

/// Who may approve what is moved from or to the streams, where the configuration says so.
fn approvers(streams: &[&Stream]) -> String {
    let named: Vec<String> = streams
        .iter()
        .filter(|stream| !stream.approvers.is_empty())
        .map(|stream| format!("for {} {}", stream.code, stream.approvers.join(" or ")))
        .collect();
    if named.is_empty() {
        String::new()
    } else {
        format!(" It may be approved {}.", named.join(", "))
    }
}
