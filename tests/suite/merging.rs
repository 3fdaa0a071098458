//! What merging may not depend on: the order of returns, what else was sent, and being done again.

use std::fmt::Write as _;

use csp_bridge::change;
use csp_bridge::grid::{FileFacts, Format, Workbook};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::render::{self, Context};
use csp_bridge::rules;
use csp_bridge::schema::{self, Role, Schema};
use csp_bridge::source::{Input, Source};
use csp_bridge::write;
use jiff::civil::date;
use proptest::prelude::*;

use crate::case;

/// Agencies as files name them, the two that lead an action of the shared plan first.
const AGENCIES: [&str; 4] = ["kent-police", "davss", "kfrs", "kcc"];

/// One row of a return: reference, update, status, figure, target as restated.
type Row = [&'static str; 5];

fn row() -> impl Strategy<Value = Row> {
    let pick = prop::sample::select::<&'static str>;
    (
        pick(vec!["SAC-01", "DA-01", "sac 1", "SAC-77", ""]),
        pick(vec![
            "Three stalls were held.",
            "Two stalls held in May.",
            "Eleven came.",
            "",
        ]),
        pick(vec!["On track", "Amber", "Red", "Complete", "Whatever", ""]),
        pick(vec!["12", "90", "91", "c. 3k", ""]),
        pick(vec!["250", "240", ""]),
    )
        .prop_map(|(reference, update, status, figure, target)| {
            [reference, update, status, figure, target]
        })
}

/// The returns of a quarter: for each agency its rows, or none.
fn returns() -> impl Strategy<Value = Vec<Vec<Row>>> {
    prop::collection::vec(prop::collection::vec(row(), 0..4), AGENCIES.len())
}

fn book(title: &str, sheets: &str) -> Workbook {
    let found = case::parse(&format!("## {title}\n\n{sheets}\n"))
        .pop()
        .unwrap();
    let sheets = found
        .files
        .into_values()
        .find_map(|file| match file {
            case::File::Sheets(sheets) => Some(sheets),
            case::File::Unreadable(_) => None,
        })
        .unwrap();
    Workbook {
        format: Format::Xlsx,
        sheets,
        facts: FileFacts::default(),
    }
}

fn input(path: String, role: Role, book: Workbook) -> Input {
    Input {
        sha256: format!("{path:0>64}"),
        path,
        role: Some(role),
        is_from_folder: false,
        read: Ok(book),
    }
}

fn plan() -> Input {
    let shared = case::parse(include_str!("../rules/plan.md")).pop().unwrap();
    let Some(case::File::Sheets(sheets)) = shared.files.get("plan.xlsx") else {
        panic!("the shared plan has sheets")
    };
    let book = Workbook {
        format: Format::Xlsx,
        sheets: sheets.clone(),
        facts: FileFacts::default(),
    };
    input("plan.xlsx".to_owned(), Role::Plan, book)
}

fn sent(agency: usize, rows: &[Row]) -> Input {
    let name = format!("{}-q2-2022-23.xlsx", AGENCIES[agency]);
    let mut text = format!(
        "| {name} › Updates | A | B | C | D | E |\n|---|---|---|---|---|---|\n| 1 | Ref | Progress this quarter | Status | Measure value | Target |\n"
    );
    for (at, row) in rows.iter().enumerate() {
        let _ = writeln!(text, "| {} | {} |", at + 2, row.join(" | "));
    }
    input(format!("returns/{name}"), Role::Return, book(&name, &text))
}

fn run(inputs: Vec<Input>, schema: &Schema) -> Outcome {
    pipeline::run(
        schema,
        inputs,
        Options {
            quarter: "2022-23-Q2".parse().ok(),
            as_of: date(2022, 10, 20),
            is_merge: true,
        },
    )
}

fn merged(order: &[usize], returns: &[Vec<Row>], schema: &Schema) -> Outcome {
    let mut inputs = vec![plan()];
    inputs.extend(order.iter().map(|agency| sent(*agency, &returns[*agency])));
    run(inputs, schema)
}

/// An action's outcome with the findings on what was reported on it.
fn told(outcome: &Outcome, reference: &str) -> String {
    let action = outcome
        .consolidation
        .actions
        .iter()
        .find(|action| &*action.reference.text == reference)
        .unwrap();
    let result = &action.outcome;
    format!(
        "{:?} {:?} {:?} {:?}",
        result.status, result.update, result.value, result.measure
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_returns_does_not_matter(returns in returns(), order in Just(vec![0, 1, 2, 3]).prop_shuffle()) {
        let schema = case::schema();
        let (plain, shuffled) = (merged(&[0, 1, 2, 3], &returns, &schema), merged(&order, &returns, &schema));
        prop_assert_eq!(write::json::report(&plain, &schema), write::json::report(&shuffled, &schema));
        let links = vec![String::new(); plain.sources.len()];
        let written = |outcome: &Outcome| {
            let context = Context::new(outcome, &schema, &links);
            let plan = render::workbook(&context);
            format!("{plan:?}")
        };
        prop_assert_eq!(written(&plain), written(&shuffled));
    }

    #[test]
    fn another_return_changes_only_what_it_is_on(returns in returns()) {
        let schema = case::schema();
        let (without, with) = (merged(&[0, 1, 2], &returns, &schema), merged(&[0, 1, 2, 3], &returns, &schema));
        for reference in ["SAC-01", "DA-01"] {
            let key = csp_bridge::value::reference::key(reference);
            let is_on = returns[3].iter().any(|row| csp_bridge::value::reference::key(row[0]) == key);
            if !is_on {
                prop_assert_eq!(told(&without, reference), told(&with, reference));
            }
        }
        // What was found in the files that were there before is found still, but for conflicts with the new one.
        let found = |outcome: &Outcome| -> Vec<String> {
            outcome
                .findings
                .iter()
                .filter(|f| f.code.0 != "M404" && f.code.0 != "S009")
                .filter(|f| f.place.source.is_some_and(|source| !outcome.sources[source].path.contains("kcc")))
                .map(|f| format!("{} {} {:?} {}", f.code, f.id, f.place.a1(), f.held.word()))
                .collect()
        };
        let mut before = found(&without);
        let mut after = found(&with);
        before.sort();
        after.sort();
        prop_assert_eq!(before, after);
        for (before, after) in without.sources.iter().zip(&with.sources).filter(|(a, b)| a.path == b.path) {
            prop_assert_eq!(before.tally(), after.tally());
        }
    }
}

/// The sheets of an output as the reader would give them, without going through a file.
fn read_back(outcome: &Outcome, schema: &Schema) -> Source {
    let links = vec![String::new(); outcome.sources.len()];
    let written =
        write::xlsx::write(&render::workbook(&Context::new(outcome, schema, &links))).unwrap();
    let read = csp_bridge::read::workbook(&written).unwrap();
    Source::new(
        0,
        input("plan.xlsx".to_owned(), Role::Plan, read),
        schema,
        Some(2),
    )
}

#[test]
fn merging_nothing_changes_nothing() {
    let schema = case::schema();
    let outcome = run(vec![plan()], &schema);
    assert!(outcome.findings.is_empty(), "{:#?}", outcome.findings);
    let before = Source::new(0, plan(), &schema, Some(2));
    let after = read_back(&outcome, &schema);
    for table in change::between(&before, &after, &schema) {
        for row in table.changes {
            // A plan without streams has only one: that is written out.
            let is_stream =
                |cell: &change::CellChange| cell.title == "Stream" && cell.old.is_empty();
            assert!(
                row.cells.iter().all(is_stream) && !row.cells.is_empty(),
                "{row:#?}"
            );
        }
    }
}

#[test]
fn a_merge_changes_the_quarter_and_nothing_before_it() {
    let schema = case::schema();
    let rows: Vec<Vec<Row>> = vec![
        vec![["SAC-01", "Three stalls were held.", "Amber", "90", "240"]],
        vec![["DA-01", "Eleven came.", "On track", "91", ""]],
    ];
    let outcome = merged(&[0, 1], &rows, &schema);
    let before = Source::new(0, plan(), &schema, Some(2));
    let changes = change::between(&before, &read_back(&outcome, &schema), &schema);
    let titles: Vec<String> = changes
        .iter()
        .filter(|table| table.title == "Action plan")
        .flat_map(|table| &table.changes)
        .flat_map(|change| {
            change.cells.iter().map(|cell| {
                format!(
                    "{} {}: {} → {}",
                    change.reference, cell.title, cell.old, cell.new
                )
            })
        })
        .collect();
    assert_eq!(
        titles,
        [
            "SAC-01 Q2 update:  → Three stalls were held.",
            "SAC-01 Q2 status:  → At risk",
            "SAC-01 Q2 value:  → 90",
            "DA-01 Q2 update:  → Eleven came.",
            "DA-01 Q2 status:  → On track",
            "DA-01 Q2 value:  → 91",
        ]
    );
}

#[test]
fn last_quarters_workbook_is_in_no_total() {
    let schema = case::schema();
    let first = run(vec![plan()], &schema);
    let mut previous = plan();
    previous.path = "previous.xlsx".to_owned();
    previous.role = Some(Role::Previous);
    let second = run(vec![plan(), previous], &schema);
    assert_eq!(first.rows(), second.rows());
    assert_eq!(
        second.sources.last().map(|source| source.role),
        Some(Role::Previous)
    );
    assert!(second.findings.is_empty(), "{:#?}", second.findings);
}

/// The strategy's second question, by polarity; and the direction, which a year-to-date value takes from what each quarter added.
#[test]
fn measures_are_judged_by_polarity_and_travel_by_performance() {
    let text = "\
| plan.xlsx › Action plan | A | B | C | D | E | F | G |
|---|---|---|---|---|---|---|---|
| 1 | Ref | Action | Lead agency | Basis | Polarity | Target | Q1 value |
| 2 | SAC-01 | Hold stalls | Kent Police | In quarter | Higher | 90 | 80 |
| 3 | SAC-02 | Cut waits | Kent Police | In quarter | Lower | 90 | 80 |
| 4 | SAC-03 | Keep numbers | Kent Police | Snapshot | Band | 100 | 90 |
| 5 | SAC-04 | Count calls | Kent Police | In quarter | Context | 90 | 80 |
| 6 | SAC-05 | Visit farms | Kent Police | Year to date | Higher | 200 | 80 |
| 7 | SAC-06 | Lend locks | Kent Police | In quarter | Higher | 90 | 80 |
";
    let schema = case::schema();
    let plan = input("plan.xlsx".to_owned(), Role::Plan, book("plan", text));
    let rows: Vec<Row> = vec![
        ["SAC-01", "Eleven came.", "On track", "90", ""],
        ["SAC-02", "Twelve came.", "On track", "91", ""],
        ["SAC-03", "Nine came.", "On track", "105", ""],
        ["SAC-04", "Ten came.", "On track", "95", ""],
        ["SAC-05", "Seven came.", "On track", "150", ""],
        ["SAC-06", "Six came.", "On track", "", ""],
    ];
    let outcome = run(vec![plan, sent(0, &rows)], &schema);
    let told: Vec<String> = outcome
        .consolidation
        .actions
        .iter()
        .map(|action| {
            let result = &action.outcome;
            format!(
                "{} {} {}",
                action.reference,
                result.measure.word(),
                result.travel.label()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "SAC-01 met Better",
            "SAC-02 not-met Worse",
            "SAC-03 met Better",
            "SAC-04 not-judged Up",
            "SAC-05 on-course Worse",
            "SAC-06 no-data ",
        ]
    );
}

/// Where the plan has no leads, an action that no return mentions is nobody's in particular, and still missing.
#[test]
fn without_leads_an_action_is_missing_where_no_return_mentions_it() {
    let mut files = schema::built_in_files();
    for (name, text) in &mut files {
        if name == "actions.toml" {
            let start = text.find("[[fields]]\nname = \"lead_agency\"").unwrap();
            let end = text[start + 1..].find("[[fields]]").unwrap() + start + 1;
            text.replace_range(start..end, "");
        }
    }
    let schema = Schema::parse("leads none", &files, &rules::codes()).unwrap();
    let text = "\
| plan.xlsx › Action plan | A | B | C | D |
|---|---|---|---|---|
| 1 | Ref | Action | Q1 update | Q1 status |
| 2 | SAC-01 | Hold stalls | Two held. | On track |
| 3 | SAC-02 | Cut waits | They are cut. | Complete |
| 4 | SAC-03 | Keep numbers | They are kept. | On track |
";
    let plan = || input("plan.xlsx".to_owned(), Role::Plan, book("plan", text));
    let found = |returns: Vec<Input>| -> Vec<String> {
        let mut inputs = vec![plan()];
        inputs.extend(returns);
        let outcome = run(inputs, &schema);
        let all = outcome.findings.iter();
        all.filter(|finding| finding.code.0 == "M402")
            .map(|finding| finding.place.a1().unwrap_or_default())
            .collect()
    };
    let row = |reference| vec![[reference, "Eleven came.", "On track", "", ""]];
    assert_eq!(found(vec![sent(0, &row("SAC-01"))]), ["A4"]);
    let both = vec![sent(0, &row("SAC-01")), sent(1, &row("SAC-03"))];
    assert_eq!(found(both), [""; 0]);
}
