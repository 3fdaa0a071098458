//! `C221` **against-the-other-field**: a value that another field of its row does not allow.

use crate::finding::{Code, Severity};
use crate::rules::{Answer, Check, Decides, Hold, Partner, RowFacts, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C221"),
    name: "against-the-other-field",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A value that breaks what ties it to another field of its row: an amount and its VAT that do not come to the gross amount.",
    why: "One of the figures is wrong, and nothing in the row says which.",
    example: "£100.00 net and £20.00 of VAT beside £125.00 gross.",
    fix: "Compare the figures with the document, and correct the one that is wrong.",
    partner: Partner::AsReported,
    check: Check::Row(check),
};

fn check(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
    let view = row.view();
    let figure = |field: &str| view.any_amount(field);
    let (Some(amount), Some(vat), Some(gross)) = (
        figure("amount"),
        figure("vat_amount"),
        figure("gross_amount"),
    ) else {
        return;
    };
    // An amount that is the gross one already is a matter of its basis.
    if amount + vat == gross || amount == gross {
        return;
    }
    let Some(cell) = row.cell("amount") else {
        return;
    };
    let mut draft = sink
        .cell(&cell)
        .seen(vat.to_string())
        .seen(gross.to_string());
    for other in ["vat_amount", "gross_amount"] {
        if let Some(other) = row.cell(other) {
            draft = draft.related(other.place());
        }
    }
    draft.report(
        format!(
            "{} and {} of VAT come to {}, and the row gives {} gross: they differ by {}.",
            pounds(amount),
            pounds(vat),
            pounds(amount + vat),
            pounds(gross),
            pounds((amount + vat - gross).abs())
        ),
        "Compare the figures with the document, and correct the one that is wrong.",
    );
}
