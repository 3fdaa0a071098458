//! `R306` **no-next-step**: At risk or Off track, and nothing is planned.

use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{Check, Decides, Hold, Partner, RowFacts, Rule, Sink};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("R306"),
    name: "no-next-step",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An action is At risk or Off track with no next step.",
    why: "The meeting cannot decide on a problem that comes without a proposal.",
    example: "Off track, and Next steps left blank.",
    fix: "Ask what will be done, by whom and by when.",
    partner: Partner::AsReported,
    check: Check::Across(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let view = row.view();
    // A return without the column was not asked; a form's own words left in it are C218's.
    let (Some(cell), Some(status), Some(State::Blank | State::Missing)) = (
        row.cell("status"),
        view.choice("status"),
        view.cell("next_steps").map(|cell| &cell.state),
    ) else {
        return;
    };
    let schema = row.table.facts.run.schema;
    if matches!(schema.status_counts_as(status), "at-risk" | "off-track") {
        sink.cell(&cell).report(
            format!(
                "{} is {}, and no next step is given.",
                crate::rules::sink::record_name(&view),
                schema.status_label(status)
            ),
            "Say under Next steps what will be done, and by when.",
        );
    }
}
