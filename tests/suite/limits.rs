//! A file of faults is told in a list that somebody can read, and nothing that it holds is let go of for that.

use std::fmt::Write as _;

use csp_bridge::finding::{Decides, Hold};
use csp_bridge::pipeline::Outcome;

use crate::case;

/// A return in which so many rows have a status that nobody knows, each on an action of its own.
fn with_faults(count: usize) -> Outcome {
    let mut text = String::from(
        "## Many\n\n| plan.xlsx › Action plan | A | B | C | D |\n|---|---|---|---|---|\n",
    );
    let _ = writeln!(text, "| 1 | Ref | Action | Lead agency | Timescale |");
    for row in 0..count {
        let _ = writeln!(
            text,
            "| {} | SAC-{row:04} | Run stall {row} | Kent Police | 2023-03-31 |",
            row + 2
        );
    }
    text.push_str("\n| kent-police-q2-2022-23.xlsx › Updates | A | B | C |\n|---|---|---|---|\n");
    let _ = writeln!(text, "| 1 | Ref | Progress this quarter | Status |");
    for row in 0..count {
        let _ = writeln!(
            text,
            "| {} | SAC-{row:04} | Stall {row} was held. | Purple |",
            row + 2
        );
    }
    let case = case::parse(&text).pop().expect("a case");
    case::run(&case, &case::schema())
}

#[test]
fn a_thousand_findings_of_a_code_are_told_and_one_more_for_the_rest() {
    for (count, told, rest) in [(1_000, 1_000, 0), (1_001, 1_001, 1), (1_250, 1_001, 250)] {
        let outcome = with_faults(count);
        assert!(outcome.ties_out(), "{:?}", outcome.differences());
        let found: Vec<_> = outcome
            .findings
            .iter()
            .filter(|finding| finding.code.0 == "C207")
            .collect();
        assert_eq!(found.len(), told, "{count}");
        let last = found.last().expect("a finding");
        assert_eq!(last.rest, rest, "{count}");
        if rest > 0 {
            assert_eq!(last.place.a1().as_deref(), Some("C1002"));
            assert_eq!(last.decides, Decides::None);
            assert_eq!(last.held, Hold::Value);
            let said = if rest == 1 { "One more" } else { "250 more" };
            assert!(last.message.starts_with(said), "{}", last.message);
        }
        let held = outcome
            .sources
            .iter()
            .flat_map(|source| &source.tables)
            .flat_map(|table| &table.records)
            .flat_map(|record| &record.cells)
            .filter(|cell| cell.is_held())
            .count();
        assert_eq!(
            held, count,
            "what is not told by itself is held all the same"
        );
    }
}
