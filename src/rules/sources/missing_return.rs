//! `S009` **missing-return**: an agency that is expected to report sent nothing.

use super::partner_mismatch;
use crate::finding::{Code, Place, Severity};
use crate::rules::{Check, Decides, Facts, Hold, Partner, Rule, Sink, Words};
use crate::schema::{Reporting, Role};
use crate::source;
use crate::value::date;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S009"),
    name: "missing-return",
    severity: Severity::Information,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An agency that is expected to report sent nothing for the quarter: information until the deadline's day has passed, then an error.",
    why: "Its actions show last quarter's news as if nothing had happened, and its spend is missing.",
    example: "No return from the Probation Service on 20 October, five days after the deadline.",
    fix: "Chase the return; run again when it has come.",
    partner: Partner::Worded(&[
        Words {
            case: "",
            message: "We have received no return from you for {quarter}. It was due by {deadline}.",
            fix: "Send it by {reply by}.",
        },
        Words {
            case: "no deadline",
            message: "We have received no return from you for {quarter}.",
            fix: "Send it by {reply by}.",
        },
    ]),
    check: Check::Run(check),
};

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let run = facts.run;
    let Some(quarter) = run.quarter.filter(|_| run.is_merge && run.has_returns) else {
        return;
    };
    let deadline = run.schema.year.deadline(quarter);
    let is_late = deadline.is_some_and(|deadline| run.as_of > deadline);
    for (index, agency) in run.schema.agencies.iter().enumerate() {
        let has_sent = facts.sources.iter().any(|source| {
            let said = &source.statement;
            source.role == Role::Return
                && !source.is_passed_over()
                && (said.agency == Some(index)
                    || said.file_agency == Some(index)
                        && (source.workbook().is_none()
                            || said.agency.is_none()
                            // Which of the two sent it, S014 asks.
                            || partner_mismatch::names(facts, source).is_some()))
        });
        // A late return of another is merged into what an earlier run made: what stands there was sent.
        let has_sent = has_sent || source::sent_before(facts.sources, run.schema, quarter, index);
        if agency.reporting != Reporting::Expected || has_sent {
            continue;
        }
        let due = deadline
            .map(|deadline| format!(" It was due on {}.", date::long(deadline)))
            .filter(|_| is_late);
        let coming = deadline
            .map(|deadline| format!(" It is due by {}.", date::long(deadline)))
            .filter(|_| !is_late);
        sink.at(Place::nowhere())
            .names(index)
            .case(if deadline.is_some() {
                ""
            } else {
                "no deadline"
            })
            .with("quarter", quarter.spoken())
            .with("deadline", deadline.map(date::long).unwrap_or_default())
            .key(agency.code.clone())
            .raw(agency.code.clone())
            .severity(if is_late {
                Severity::Error
            } else {
                Severity::Information
            })
            .report(
                format!(
                    "{} has sent no return for {}.{}",
                    agency.name,
                    quarter.spoken(),
                    due.or(coming).unwrap_or_default()
                ),
                format!(
                    "Ask {} for its return and run again when it has come.",
                    agency.name
                ),
            );
    }
}
