//! `M406` **history-changed**: an earlier quarter is not what it was.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::finding::{Code, Place, Severity};
use crate::funding::COUNTED;
use crate::reconcile::{Action, quarter_field, say_the_same};
use crate::record::Decoded;
use crate::rules::{
    CellFacts, Check, Decides, Facts, Hold, MatchingFacts, Partner, RowFacts, Rule, Sink,
    SourceFacts, TableFacts, Words,
};
use crate::schema::Role;
use crate::source::Source;
use crate::value::Value;
use crate::value::amount::pounds;
use crate::value::period::{self, Quarter};
use crate::value::text::{fold, letters_and_figures, visible};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("M406"),
    name: "history-changed",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Accept,
    summary: "A return restates an earlier quarter differently from the plan, or the plan's earlier quarter differs from last quarter's workbook.",
    why: "What the partnership was told and published would change without anybody having decided it.",
    example: "The plan's Q1 figure is 40; the Q2 return says that Q1 was 52.",
    fix: "Ask why it changed. If the new text is right, correct the plan; until then the plan's is kept.",
    partner: Partner::Worded(&[Words {
        case: "",
        message: "",
        fix: "Tell us why it changed, or put the plan's back.",
    }]),
    check: Check::Matching(check),
};

fn check(facts: &MatchingFacts<'_>, sink: &mut Sink<'_>) {
    let Some(quarter) = facts.facts.run.quarter else {
        return;
    };
    for (_, _, action, row) in facts.reports() {
        let Some(plan) = facts.row(action.at) else {
            continue;
        };
        let earlier = |cell: &CellFacts<'_>| {
            cell.field.is_restated && cell.field.quarter.is_some_and(|of| of < quarter.number)
        };
        for cell in row.cells().filter(earlier) {
            let Some(ours) = plan
                .cell(&cell.field.name)
                .filter(|ours| !ours.cell.is_held() && cell.cell.value().is_some())
            else {
                continue;
            };
            if say_the_same(cell.cell, ours.cell) != Some(false) {
                continue;
            }
            sink.cell(&cell).related(ours.place()).report(
                format!(
                    "On {}, the return gives the {} as {}; the plan has {}, which is kept.",
                    action.reference,
                    named(&cell),
                    shown(cell.cell),
                    shown(ours.cell)
                ),
                "Ask the partner why it changed. If the new text is right, correct the plan's earlier quarter.",
            );
        }
    }
    for source in facts.facts.sources {
        if source.role == Role::Return && !source.is_out() {
            on_other_sheets(facts, source, quarter, sink);
            money_on_other_sheets(facts, source, quarter, sink);
            in_copy(facts, source, quarter, sink);
        }
    }
    for action in &facts.consolidation.actions {
        let previous = facts.consolidation.history.previous(action);
        let Some((plan, previous)) = facts
            .row(action.at)
            .zip(previous.and_then(|at| facts.row(at)))
        else {
            continue;
        };
        for of in 1..quarter.number {
            against_previous(&plan, &previous, of, action, sink);
        }
    }
    spend_against_previous(facts, quarter.number, sink);
    documents_against_previous(facts.facts, quarter.number, sink);
}

/// A return's sheets for earlier quarters, beside the one for the run's own.
fn on_other_sheets(
    facts: &MatchingFacts<'_>,
    source: &Source,
    quarter: Quarter,
    sink: &mut Sink<'_>,
) {
    let run = facts.facts;
    for (table_index, table) in source.restated.iter().enumerate() {
        let said = source.layout.other_quarters.get(&table.layout.sheet);
        let of = said
            .filter(|said| said.year.is_none_or(|year| year == quarter.year))
            .and_then(|said| said.quarter)
            .filter(|of| *of < quarter.number);
        let schema = run.run.schema.tables.get(table.layout.table);
        let (Some(of), Some(schema)) = (of, schema.filter(|schema| schema.name == "updates"))
        else {
            continue;
        };
        let found = TableFacts {
            facts: run,
            source,
            table,
            table_index,
            schema,
        };
        for row in found.rows() {
            let view = row.view();
            let Some(plan) = view
                .reference("ref")
                .and_then(|reference| run.plan_action(reference))
            else {
                continue;
            };
            for field in ["update", "status", "value"] {
                let Some((cell, ours)) = row
                    .cell(field)
                    .zip(plan.cell(quarter_field(field, of)))
                    .filter(|(cell, ours)| {
                        !ours.cell.is_held() && !ours.cell.is_empty() && cell.cell.value().is_some()
                    })
                else {
                    continue;
                };
                if say_the_same(cell.cell, ours.cell) != Some(false) {
                    continue;
                }
                sink.cell(&cell).left_out().related(ours.place()).report(
                    format!(
                        "On {}, this sheet gives the {} as {}; the plan has {}, which is kept.",
                        view.text("ref").unwrap_or_default(),
                        named(&ours),
                        shown(cell.cell),
                        shown(ours.cell)
                    ),
                    "Ask the partner why it changed. If the new text is right, correct the plan's earlier quarter.",
                );
            }
        }
    }
}

/// Money on a return's sheets for other quarters: line by line, where it is not what the plan has of the quarter.
fn money_on_other_sheets(
    facts: &MatchingFacts<'_>,
    source: &Source,
    quarter: Quarter,
    sink: &mut Sink<'_>,
) {
    let run = facts.facts;
    for (table_index, table) in source.restated.iter().enumerate() {
        let said = source.layout.other_quarters.get(&table.layout.sheet);
        let schema = run.run.schema.tables.get(table.layout.table);
        let (Some(said), Some(schema)) = (said, schema) else {
            continue;
        };
        let amount = match schema.name.as_str() {
            "spend" => "amount",
            "claims" => "this_quarter",
            _ => continue,
        };
        let found = TableFacts {
            facts: run,
            source,
            table,
            table_index,
            schema,
        };
        let mut by_line: BTreeMap<String, (Decimal, RowFacts<'_>)> = BTreeMap::new();
        for row in found.rows() {
            let view = row.view();
            let Some(paid) = view.amount(amount) else {
                continue;
            };
            let line = view.line().map(|line| line.key.to_string());
            let entry = by_line
                .entry(line.unwrap_or_default())
                .or_insert((Decimal::ZERO, row));
            entry.0 = entry.0.saturating_add(paid);
        }
        let is_this_year = said.year.is_none_or(|year| year == quarter.year);
        let of = said.quarter.filter(|_| is_this_year);
        for (key, (sum, row)) in by_line {
            let Some(cell) = row.cell(amount) else {
                continue;
            };
            let ours = of.and_then(|of| plans_spend(run, &key, of));
            let listed = of.map(|of| plans_documents(run, source.statement.agency, &key, of));
            let is_same =
                ours.as_ref().is_some_and(|(spend, _)| *spend == sum) || listed == Some(sum);
            if sum == Decimal::ZERO || is_same {
                continue;
            }
            let line = row
                .view()
                .line()
                .map_or_else(|| "no line".to_owned(), |line| line.text.to_string());
            let when = match (said.quarter, said.year) {
                (Some(number), Some(year)) => Quarter { year, number }.spoken(),
                (Some(number), None) => format!("Q{number}"),
                (None, _) => "another quarter".to_owned(),
            };
            let mut draft = sink.cell(&cell).left_out();
            let plan_has = match &ours {
                Some((spend, place)) => {
                    draft = draft.related(place.clone());
                    pounds(*spend)
                }
                None => "nothing".to_owned(),
            };
            draft.report(
                format!(
                    "This sheet gives {} for {when} on {line}; the plan has {plan_has}, which is kept. What stands here is in no figure.",
                    pounds(sum)
                ),
                "Ask the partner which is right. What belongs to an earlier quarter is corrected in the plan; what belongs to this one goes on its own sheet.",
            );
        }
    }
}

/// What the plan has as a line's spend of a quarter.
fn plans_spend(run: &Facts<'_>, key: &str, of: u8) -> Option<(Decimal, Place)> {
    let field = format!("q{of}_spend");
    rows(run, Role::Plan, "funding_lines")
        .filter(|row| row.view().line().is_some_and(|line| *line.key == *key))
        .find_map(|row| {
            let cell = row.cell(&field)?;
            Some((row.view().amount(&field)?, cell.place()))
        })
}

/// What the plan's own list of documents has of an agency's on a line in a quarter.
fn plans_documents(run: &Facts<'_>, agency: Option<usize>, key: &str, of: u8) -> Decimal {
    rows(run, Role::Plan, "spend")
        .filter(|row| {
            let view = row.view();
            let quarter = view.text("quarter").map(period::mention);
            view.line().is_some_and(|line| *line.key == *key)
                && quarter.is_some_and(|said| said.quarter == Some(of))
                && (view.choice("agency").is_none() || view.choice("agency") == agency)
        })
        .filter_map(|row| row.view().amount("amount"))
        .fold(Decimal::ZERO, Decimal::saturating_add)
}

/// Earlier quarters' spend that a copy of the plan has otherwise.
fn in_copy(facts: &MatchingFacts<'_>, source: &Source, quarter: Quarter, sink: &mut Sink<'_>) {
    let differs = source.copied.iter().flat_map(|copied| &copied.differs);
    for cell in differs.filter(|cell| cell.quarter.is_some_and(|of| of < quarter.number)) {
        sink.elsewhere(facts.facts, source, cell).report(
            format!(
                "On {}, the return gives the {} as “{}”; the plan has {}, which is kept.",
                cell.subject,
                cell.field,
                cell.said,
                if cell.plan_says.is_empty() {
                    "nothing".to_owned()
                } else {
                    format!("“{}”", cell.plan_says)
                }
            ),
            "Ask the partner why it changed. If the new figure is right, correct the plan's earlier quarter.",
        );
    }
}

/// The rows of a table of every source in a role.
fn rows<'a>(
    facts: &'a Facts<'a>,
    role: Role,
    table: &'static str,
) -> impl Iterator<Item = RowFacts<'a>> {
    facts
        .sources
        .iter()
        .filter(move |source| source.role == role)
        .flat_map(move |source| SourceFacts { facts, source }.tables())
        .filter(move |found| found.schema.name == table)
        .flat_map(|found| found.rows())
}

/// The plan's spend of earlier quarters against last quarter's workbook, line by line.
fn spend_against_previous(facts: &MatchingFacts<'_>, quarter: u8, sink: &mut Sink<'_>) {
    for plan in rows(facts.facts, Role::Plan, "funding_lines") {
        let Some(line) = plan.view().reference("line") else {
            continue;
        };
        let Some(previous) = rows(facts.facts, Role::Previous, "funding_lines").find(|row| {
            row.view()
                .reference("line")
                .is_some_and(|old| old.key == line.key)
        }) else {
            continue;
        };
        let is_earlier = |cell: &CellFacts<'_>| cell.field.quarter.is_some_and(|of| of < quarter);
        for ours in plan.cells().filter(is_earlier) {
            let Some(old) = previous.cell(&ours.field.name) else {
                continue;
            };
            let (Some(Value::Money(now)), Some(Value::Money(then))) =
                (ours.cell.value(), old.cell.value())
            else {
                continue;
            };
            if now == then {
                continue;
            }
            sink.cell(&ours).hold_nothing().related(old.place()).report(
                format!(
                    "On {line}, the plan has {} as the {}; last quarter's workbook has {}: they differ by {}. The plan's is kept.",
                    pounds(*now),
                    named(&ours),
                    pounds(*then),
                    pounds((*now - *then).abs())
                ),
                "Check who changed it and why. If last quarter's is right, put it back in the plan.",
            );
        }
    }
}

/// What identifies a document of the year's list: its quarter, agency, line and number.
fn document_key(row: &RowFacts<'_>) -> Option<(u8, Option<usize>, String, String)> {
    let view = row.view();
    let quarter = period::mention(view.text("quarter")?).quarter?;
    let line = view.line()?.key.to_string();
    let document = letters_and_figures(&fold(view.text("document").unwrap_or_default()));
    Some((quarter, view.choice("agency"), line, document))
}

/// The plan's list of earlier quarters' documents against that of last quarter's workbook: amounts that changed, and documents that are gone.
fn documents_against_previous(facts: &Facts<'_>, quarter: u8, sink: &mut Sink<'_>) {
    let mut ours: BTreeMap<_, Vec<RowFacts<'_>>> = BTreeMap::new();
    for row in rows(facts, Role::Plan, "spend") {
        if let Some(key) = document_key(&row) {
            ours.entry(key).or_default().push(row);
        }
    }
    // A plan without such a list never carried one.
    if ours.is_empty() {
        return;
    }
    // As often as a document stands there it has to stand here.
    let mut left = ours.clone();
    let mut differing = Vec::new();
    for old in rows(facts, Role::Previous, "spend") {
        let Some(key) = document_key(&old).filter(|key| key.0 < quarter) else {
            continue;
        };
        let Some(then) = old.view().amount("amount") else {
            continue;
        };
        // What was held then may have been settled since.
        let state = old.table.source.computed(&old.view(), "State");
        if state.is_some_and(|state| !state.to_string().starts_with(COUNTED)) {
            continue;
        }
        let same = left.get_mut(&key).and_then(|here| {
            let at = here
                .iter()
                .position(|row| row.view().figure("amount") == Some(then))?;
            Some(here.remove(at))
        });
        if same.is_none() {
            differing.push((key, old, then));
        }
    }
    for (key, old, then) in differing {
        let Some(before) = old.cell("amount") else {
            continue;
        };
        let document = old
            .view()
            .text("document")
            .unwrap_or("a claim")
            .trim()
            .to_owned();
        let now = left.get_mut(&key).and_then(Vec::pop);
        if let Some(cell) = now.as_ref().and_then(|row| row.cell("amount")) {
            sink.cell(&cell).hold_nothing().related(before.place()).report(
                format!(
                    "The plan’s list of spend has “{}” for {document} of Q{}; last quarter’s workbook has {}. The plan’s is kept.",
                    visible(&cell.cell.raw_text()),
                    key.0,
                    pounds(then)
                ),
                "Check who changed it and why. If last quarter's is right, put it back in the plan.",
            );
            continue;
        }
        // Where it is gone the line's own row in the plan is the nearest that is left of it.
        let line = rows(facts, Role::Plan, "funding_lines")
            .find(|row| row.view().line().is_some_and(|line| *line.key == *key.2));
        let field = format!("q{}_spend", key.0);
        let Some(cell) = line
            .as_ref()
            .and_then(|row| row.cell(&field).or_else(|| row.cell("line")))
        else {
            continue;
        };
        sink.cell(&cell)
            .hold_nothing()
            .key(format!("{}\u{1f}{}", key.2, key.3))
            .seen(then.to_string())
            .related(before.place())
            .report(
                format!(
                    "Last quarter’s workbook lists {document} of Q{}, {}, and the plan’s list of spend does not. The plan’s is kept.",
                    key.0,
                    pounds(then)
                ),
                "Check who took it out and why. If last quarter's is right, put it back in the plan.",
            );
    }
}

fn against_previous(
    plan: &RowFacts<'_>,
    previous: &RowFacts<'_>,
    of: u8,
    action: &Action,
    sink: &mut Sink<'_>,
) {
    let pairs: Vec<(CellFacts<'_>, CellFacts<'_>)> = ["update", "status", "value"]
        .into_iter()
        .map(|field| quarter_field(field, of))
        .filter_map(|field| plan.cell(field).zip(previous.cell(field)))
        .collect();
    // A quarter of which one of the two has nothing at all was never carried over: lacking is not differing.
    let has_any = |side: fn(&(CellFacts<'_>, CellFacts<'_>)) -> bool| pairs.iter().any(side);
    if !has_any(|(ours, _)| !ours.cell.is_empty()) || !has_any(|(_, old)| !old.cell.is_empty()) {
        return;
    }
    for (ours, old) in &pairs {
        if ours.cell.is_held() || say_the_same(ours.cell, old.cell) != Some(false) {
            continue;
        }
        // The plan wins, so nothing of it is kept out.
        sink.cell(ours).hold_nothing().related(old.place()).report(
            format!(
                "On {}, the plan has {} as the {}; last quarter's workbook has {}. The plan's is kept.",
                action.reference,
                shown(ours.cell),
                named(ours),
                shown(old.cell)
            ),
            "Check who changed it and why. If last quarter's is right, put it back in the plan.",
        );
    }
}

/// The field as a sentence names it: `Q1 update`.
fn named<'a>(cell: &CellFacts<'a>) -> &'a str {
    &cell.field.title
}

/// A cell as a sentence quotes it.
fn shown(cell: &Decoded) -> String {
    let text = visible(&cell.raw_text());
    if text.is_empty() {
        "nothing".to_owned()
    } else {
        format!("“{text}”")
    }
}
