//! `M402` **action-not-reported**: an agency left out an action that it leads.

use std::collections::BTreeSet;

use crate::finding::{Code, Severity};
use crate::grid::CellValue;
use crate::reconcile::{Action, PROPOSAL_LIKENESS, Report, SAME_WORDING_LIKENESS};
use crate::rules::{Check, Decides, Hold, MatchingFacts, Partner, RowFacts, Rule, Sink, Words};
use crate::schema::Role;
use crate::source::SourceState;
use crate::value::{Value, reference};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M402"),
    name: "action-not-reported",
    severity: Severity::Error,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An agency that sent a return leads an action that the return does not mention.",
    why: "The plan goes on showing last quarter's status for it.",
    example: "Kent Police report on six of the seven actions they lead.",
    fix: "Ask the lead for the missing update.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "You lead {ref}, and your return for {quarter} does not mention it.",
        fix: "Add a row for {ref}.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let Some(quarter) = facts.facts.run.quarter else {
        return;
    };
    let schema = facts.facts.run.schema;
    if schema
        .table("actions")
        .is_some_and(|(_, table)| table.field("lead_agency").is_none())
    {
        without_leads(facts, sink);
        return;
    }
    let mut led: Vec<Vec<(usize, &Action)>> = vec![Vec::new(); schema.agencies.len()];
    for (index, action) in facts.consolidation.actions.iter().enumerate() {
        if let Some(led) = action.lead.and_then(|lead| led.get_mut(lead)) {
            led.push((index, action));
        }
    }
    let mut sent: Vec<Vec<&Report>> = vec![Vec::new(); schema.agencies.len()];
    for report in &facts.consolidation.reports {
        if let Some(sent) = report.agency.and_then(|agency| sent.get_mut(agency)) {
            sent.push(report);
        }
    }
    for (agency, (led, sent)) in led.iter().zip(&sent).enumerate() {
        if led.is_empty() {
            continue;
        }
        let returns = || {
            facts.facts.sources.iter().filter(move |s| {
                s.role == Role::Return
                    && s.state == SourceState::Accepted
                    && s.statement.agency == Some(agency)
            })
        };
        // What a held table took with it is told by the finding that holds it; a return without updates is its agency's other part.
        let has_held_table = returns().any(|source| {
            source
                .tables_named(schema, "updates")
                .any(|table| table.is_held)
        });
        // Nobody knows what a file that cannot be read mentions; the finding on it speaks.
        let has_unreadable = facts.facts.sources.iter().any(|source| {
            source.role == Role::Return
                && source.state == SourceState::Unreadable
                && source.statement.agency == Some(agency)
                && !source.is_passed_over()
        });
        if returns().next().is_none() || has_held_table || has_unreadable {
            continue;
        }
        let (mentioned, unknown) = mentioned(facts, sent);
        let missing: Vec<&Action> = led
            .iter()
            .filter(|(index, action)| !mentioned.contains(index) && !is_over(facts, action))
            .map(|(_, action)| *action)
            .collect();
        // Rows that are held because nobody can tell their action already say what is missing.
        if missing.len() <= unknown {
            continue;
        }
        for action in missing {
            let Some(row) = facts.row(action.at) else {
                continue;
            };
            let Some(cell) = row.cell("ref") else {
                continue;
            };
            sink.cell(&cell)
                .names(agency)
                .with("ref", action.reference.to_string())
                .with("quarter", quarter.spoken())
                .key(format!(
                    "{}\u{1f}{}",
                    schema.agency_code(agency),
                    action.reference.key
                ))
                .report(
                    format!(
                        "{} leads {} and its return for {} does not mention it.",
                        schema.agency_name(agency),
                        action.reference,
                        quarter.spoken()
                    ),
                    format!(
                        "Ask {} for its update on {}.",
                        schema.agency_name(agency),
                        action.reference
                    ),
                );
        }
    }
}

/// Where the plan has no leads, an action is everybody's: it is missing where no return mentions it.
fn without_leads(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let Some(quarter) = facts.facts.run.quarter else {
        return;
    };
    let schema = facts.facts.run.schema;
    let returns = || {
        let sources = facts.facts.sources.iter();
        sources.filter(|source| source.role == Role::Return && !source.is_passed_over())
    };
    let is_unknown = returns().any(|source| {
        // What a file mentions that cannot be read, or is kept out, is told by its own finding.
        matches!(source.state, SourceState::Unreadable | SourceState::Held)
            || source
                .tables_named(schema, "updates")
                .any(|table| table.is_held)
    });
    if is_unknown || !returns().any(|source| source.state == SourceState::Accepted) {
        return;
    }
    let sent: Vec<&Report> = facts.consolidation.reports.iter().collect();
    let (mentioned, unknown) = mentioned(facts, &sent);
    let missing: Vec<&Action> = facts
        .consolidation
        .actions
        .iter()
        .enumerate()
        .filter(|(index, action)| !mentioned.contains(index) && !is_over(facts, action))
        .map(|(_, action)| action)
        .collect();
    if missing.len() <= unknown {
        return;
    }
    for action in missing {
        let Some(cell) = facts.row(action.at).and_then(|row| row.cell("ref")) else {
            continue;
        };
        sink.cell(&cell)
            .key(action.reference.key.to_string())
            .report(
                format!(
                    "No return for {} mentions {}.",
                    quarter.spoken(),
                    action.reference
                ),
                format!("Ask whoever works on {} for an update.", action.reference),
            );
    }
}

/// The actions that an agency's returns mention, held rows included, and how many of its held rows no action can be told for.
fn mentioned(facts: &MatchingFacts<'_>, sent: &[&Report]) -> (BTreeSet<usize>, usize) {
    let mut out = BTreeSet::new();
    let mut unknown = 0;
    let schema = facts.facts.run.schema;
    for report in sent.iter().filter(|report| {
        facts
            .facts
            .sources
            .get(report.at.source)
            .is_some_and(|source| {
                // What a newer return left out is not mentioned any more.
                source.state != SourceState::Superseded
            })
    }) {
        if let Some(action) = report.action {
            if !facts.says_something(report) {
                continue;
            }
            out.insert(action);
            out.extend(with_its_nought(facts, report));
            continue;
        }
        let needed = if has_reference(facts, report) {
            PROPOSAL_LIKENESS
        } else {
            SAME_WORDING_LIKENESS
        };
        match facts
            .consolidation
            .likeliest(report, facts.facts.sources, schema)
            .filter(|(_, alike)| *alike >= needed)
        {
            Some((action, _)) => {
                out.insert(action);
            }
            None if !has_reference(facts, report) => unknown += 1,
            None => {}
        }
    }
    (out, unknown)
}

/// The action `1.10` of a held row whose reference is kept as the number 1.1: either may be meant.
fn with_its_nought(facts: &MatchingFacts<'_>, report: &Report) -> Option<usize> {
    let row = facts.row(report.at).filter(RowFacts::is_held)?;
    let cell = row.cell("ref")?;
    let Some(CellValue::Number(_)) = cell.cell.raw else {
        return None;
    };
    let longer = reference::key(&format!("{}0", cell.cell.raw_text()));
    facts
        .consolidation
        .actions
        .iter()
        .position(|action| *action.reference.key == *longer)
}

fn has_reference(facts: &MatchingFacts<'_>, report: &Report) -> bool {
    facts
        .row(report.at)
        .is_some_and(|row| row.view().reference("ref").is_some())
}

/// Whether the action is over already: by what the plan says for this quarter, else by the latest earlier quarter that says anything.
fn is_over(facts: &MatchingFacts<'_>, action: &Action) -> bool {
    let (schema, sources) = (facts.facts.run.schema, facts.facts.sources);
    let Some(quarter) = facts.facts.run.quarter else {
        return false;
    };
    let history = &facts.consolidation.history;
    match history.shown(action, "status", quarter, sources, schema) {
        Some(now) => {
            matches!(now.cell.value(), Some(Value::Choice(status)) if schema.is_over(*status))
        }
        None => facts.over_before(action).is_some(),
    }
}
