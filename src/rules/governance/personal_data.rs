//! `G601` **personal-data**: a text that seems to hold a person's details.

use crate::finding::{Code, Severity};
use crate::record::State;
use crate::rules::{CellFacts, Check, Decides, Hold, Rule, Sink};
use crate::value::Value;
use crate::value::personal::{self, Sign};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("G601"),
    name: "personal-data",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "Free text holds an e-mail address, telephone, NHS or National Insurance number, date of birth, full postcode, crime or custody reference, or vehicle registration.",
    why: "The plan goes to every partner, and often to the public; a person must not be found through it.",
    example: "An update that gives the address of the family that was visited.",
    fix: "Take the details out of the text.",
    check: Check::Cell(check),
};

fn check(facts: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let State::Value(Value::Text(text)) = &facts.cell.state else {
        return;
    };
    if !facts.field.is_free_text {
        return;
    }
    let allowed = &facts.row.table.facts.run.schema.publishing.allowed_contacts;
    let signs = personal::signs(text, allowed);
    if signs.is_empty() {
        return;
    }
    let named: Vec<&str> = signs.into_iter().map(Sign::spoken).collect();
    // The message does not repeat what should not be passed on.
    sink.cell(facts).report(
        format!(
            "{} seems to hold {}.",
            facts.field.title,
            named.join(" and ")
        ),
        "Take the details out, or put the contact in the configuration's list if the organisation publishes it.",
    );
}
