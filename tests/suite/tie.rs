//! “It ties out” can be false: each comparison fails when one side of it is touched, and is then said before anything else.

use csp_bridge::layout::{BodyRow, RowKind};
use csp_bridge::pipeline::Outcome;
use csp_bridge::render::Context;
use csp_bridge::schema::Role;
use csp_bridge::{read, render, write};
use rust_decimal::Decimal;

use crate::case;
use crate::workbook::{plan, returns, run};

/// A penny too many.
fn penny() -> Decimal {
    Decimal::new(1, 2)
}

/// What is touched, by name, and a piece of what is then said.
type Touch = (&'static str, fn(&mut Outcome), &'static str);

const TOUCHES: [Touch; 7] = [
    (
        "a penny that stands on a line and was not accepted",
        |outcome| outcome.ledger.balances[0].this_quarter += penny(),
        "of the returns is accepted, but",
    ),
    (
        "a penny that is held on a line and in no return",
        |outcome| outcome.ledger.balances[0].held += penny(),
        "of the returns is held, but",
    ),
    (
        "a penny in an amount cell that no row has",
        |outcome| first_return(outcome).amounts += penny(),
        "stands in the amount cells of the returns, but",
    ),
    (
        "a document that was read and lost",
        |outcome| {
            let last = outcome.ledger.entries.len() - 1;
            outcome.ledger.entries.remove(last);
        },
        "stands in the amount cells of the returns, but",
    ),
    (
        "a row of a table that is neither used, passed over nor held",
        |outcome| {
            first_return(outcome).tables[0].layout.rows.push(BodyRow {
                row: 900,
                kind: RowKind::Data(None),
            });
        },
        "accepted, skipped or held",
    ),
    (
        "a filled cell that nobody took",
        |outcome| first_return(outcome).layout.accounts[0].text -= 1,
        "accounted for",
    ),
    (
        "a filled cell that two took",
        |outcome| first_return(outcome).layout.accounts[0].rows += 1,
        "accounted for",
    ),
];

fn first_return(outcome: &mut Outcome) -> &mut csp_bridge::source::Source {
    let mut sources = outcome.sources.iter_mut();
    sources
        .find(|source| {
            source.role == Role::Return
                && !source.is_out()
                && source
                    .layout
                    .accounts
                    .first()
                    .is_some_and(|sheet| sheet.text > 0)
        })
        .unwrap()
}

#[test]
fn every_comparison_can_fail_and_is_then_said_first() {
    let schema = case::schema();
    let (plan, returns) = (plan(), returns());
    let right = run(&plan, &returns);
    assert!(right.ties_out(), "{}", right.tie_out());
    for (what, touch, said) in TOUCHES {
        let mut outcome = run(&plan, &returns);
        touch(&mut outcome);
        assert!(!outcome.ties_out(), "{what} goes unnoticed");
        let sentence = outcome.tie_out();
        assert!(
            sentence.starts_with("IT DOES NOT TIE OUT") && sentence.contains(said),
            "{what}: {sentence}"
        );
        let context = Context::new(&outcome, &schema, &[]);
        let book = render::workbook(&context);
        let book = read::workbook(&write::xlsx::write(&book).unwrap()).unwrap();
        let (_, first) = book.sheets[0].rows().next().unwrap();
        assert!(
            first
                .iter()
                .any(|cell| cell.value.as_text() == Some(&sentence)),
            "{what}: the Cover begins with {first:?}"
        );
        let report: serde_json::Value =
            serde_json::from_slice(&write::json::report(&outcome, &schema)).unwrap();
        assert_eq!(report["totals"]["ties_out"], false, "{what}");
        let html = String::from_utf8(write::html::findings(&outcome, &schema)).unwrap();
        assert!(
            html.contains("role=\"alert\">IT DOES NOT TIE OUT"),
            "{what}"
        );
    }
}

#[test]
fn what_was_read_is_used_held_or_set_aside() {
    let money = csp_bridge::funding::MoneyTally {
        read: penny(),
        ..csp_bridge::funding::MoneyTally::default()
    };
    assert!(!money.ties_out());
}
