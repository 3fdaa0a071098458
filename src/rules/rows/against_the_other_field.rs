//! `C221` **against-the-other-field**: a value that another field of its row, or the same field of another row, does not allow.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::finding::{Code, Severity};
use crate::record::{amount_of, day_of};
use crate::rules::{
    Answer, CellFacts, Check, Decides, Hold, Partner, RowFacts, Rule, Sink, SourceFacts,
};
use crate::schema::FieldKind;
use crate::value::Value;
use crate::value::amount::pounds;
use crate::value::text::{fold_prose, visible};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("C221"),
    name: "against-the-other-field",
    severity: Severity::Error,
    hold: Hold::Value,
    decides: Decides::Answer(Answer::Value),
    summary: "A value that breaks what ties it to another field of its row, or to the same field of another row: an amount and its VAT that do not come to the gross amount, an end before its start, a name that may stand once and stands twice.",
    why: "One of the values is wrong, and nothing in the row says which.",
    example: "£100.00 net and £20.00 of VAT beside £125.00 gross.",
    fix: "Compare the two values, and correct the one that is wrong.",
    partner: Partner::AsReported,
    check: Check::Sheets(check),
};

/// Over the whole file, for what may stand once may not stand on two sheets either.
fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let judged = facts
        .tables()
        .filter(|table| !table.is_history())
        .chain(facts.answers());
    let mut seen: BTreeMap<(usize, usize, String), CellFacts<'_>> = BTreeMap::new();
    for table in judged {
        for row in table.rows().filter(|row| !row.is_out_of_place()) {
            of_vat(&row, sink);
            for cell in row.cells() {
                compared(&cell, sink);
                chosen(&cell, sink);
            }
            once(&row, &mut seen, sink);
        }
    }
}

/// A value beside the field of its row that it may not be above, below or before.
fn compared(cell: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let constraint = &cell.field.constraint;
    let Some(own) = cell.cell.any_value() else {
        return;
    };
    for (name, allowed, word) in [
        (
            &constraint.at_most,
            &[Ordering::Less, Ordering::Equal][..],
            "at most",
        ),
        (
            &constraint.at_least,
            &[Ordering::Greater, Ordering::Equal][..],
            "at least",
        ),
        (&constraint.after, &[Ordering::Greater][..], "after"),
    ] {
        let Some(name) = name else { continue };
        let Some(other) = cell.row.cell(name) else {
            continue;
        };
        let Some(theirs) = other.cell.any_value() else {
            continue;
        };
        if order(own, theirs).is_none_or(|order| allowed.contains(&order)) {
            continue;
        }
        sink.cell(cell)
            .seen(other.cell.raw_text())
            .related(other.place())
            .report(
                format!(
                    "{} is “{}”, and it must be {word} {}, which is “{}”.",
                    cell.field.title,
                    visible(&cell.cell.raw_text()),
                    other.field.title,
                    visible(&other.cell.raw_text())
                ),
                "Compare the two, and correct the one that is wrong.",
            );
    }
}

fn order(own: &Value, theirs: &Value) -> Option<Ordering> {
    match (amount_of(own), amount_of(theirs)) {
        (Some(own), Some(theirs)) => Some(own.cmp(&theirs)),
        _ => Some(day_of(own)?.cmp(&day_of(theirs)?)),
    }
}

/// A value that another field of the row does not let be chosen.
fn chosen(cell: &CellFacts<'_>, sink: &mut Sink<'_>) {
    let Some(by) = &cell.field.constraint.enum_by else {
        return;
    };
    if cell.cell.any_value().is_none() {
        return;
    }
    let schema = cell.row.table.facts.run.schema;
    let view = cell.row.view();
    let Some((word, list)) = by
        .lists
        .iter()
        .find(|(word, _)| view.says(&by.field, word, schema))
    else {
        return;
    };
    let typed = cell.cell.said();
    let own = fold_prose(&typed);
    if list.iter().any(|allowed| fold_prose(allowed) == own) {
        return;
    }
    let mut draft = sink.cell(cell);
    if let Some(other) = cell.row.cell(&by.field) {
        draft = draft.seen(other.cell.raw_text()).related(other.place());
    }
    draft.report(
        format!(
            "“{}” is not among what {} may be beside “{word}”.",
            visible(&typed),
            cell.field.title
        ),
        format!("Choose one of: {}.", shortened(list)),
    );
}

/// The first words of a list, as a sentence gives them.
fn shortened(list: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut shown: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
    if list.len() > SHOWN {
        shown.push("and others of its list");
    }
    shown.join(", ")
}

/// What may stand on one row only: single fields, and fields taken together.
fn once<'a>(
    row: &RowFacts<'a>,
    seen: &mut BTreeMap<(usize, usize, String), CellFacts<'a>>,
    sink: &mut Sink<'_>,
) {
    let table = row.table;
    let index = table.table.layout.table;
    let unique = table
        .schema
        .fields
        .iter()
        .enumerate()
        // The same reference or line on two rows is R301's.
        .filter(|(_, field)| {
            field.constraint.unique && !matches!(field.kind, FieldKind::Reference | FieldKind::Line)
        })
        .map(|(at, field)| (at, vec![field.name.as_str()]));
    let sets = table.schema.unique.iter().enumerate().map(|(at, set)| {
        let at = table.schema.fields.len() + at;
        (at, set.iter().map(String::as_str).collect::<Vec<_>>())
    });
    for (at, names) in unique.chain(sets) {
        let cells: Vec<CellFacts<'_>> = names.iter().filter_map(|name| row.cell(name)).collect();
        let said: Vec<String> = cells.iter().map(said).collect();
        let Some(cell) = cells.first().copied() else {
            continue;
        };
        // Rows that say nothing in all of them are not the same.
        if cells.len() < names.len() || said.iter().all(String::is_empty) {
            continue;
        }
        let Some(first) = seen.get(&(index, at, said.join("\u{1f}"))) else {
            seen.insert((index, at, said.join("\u{1f}")), cell);
            continue;
        };
        let (here, there) = (cell.place(), first.place());
        let elsewhere = if here.sheet == there.sheet {
            first.address.to_string()
        } else {
            let sheet = there.sheet_name().unwrap_or_default();
            format!("{} on the sheet “{sheet}”", first.address)
        };
        let titles: Vec<&str> = cells.iter().map(|cell| cell.field.title.as_str()).collect();
        let (what, fix) = match titles.as_slice() {
            [title] => (
                format!(
                    "“{}” stands in {title} twice, here and in {elsewhere}; it may stand once.",
                    visible(&cell.cell.raw_text())
                ),
                format!("Correct {title} on one of the rows, or delete the row that is left over."),
            ),
            _ => (
                format!(
                    "{} together say the same here and in {elsewhere}; they may do so on one row only.",
                    titles.join(" and ")
                ),
                "Correct one of the rows, or delete the one that is left over.".to_owned(),
            ),
        };
        let mut draft = sink.cell(&cell).related(first.place());
        for other in cells.iter().skip(1) {
            draft = draft.seen(other.cell.raw_text());
        }
        draft.report(what, fix);
    }
}

/// What a cell says for being compared with others: its value, in whatever words.
fn said(cell: &CellFacts<'_>) -> String {
    match cell.cell.any_value() {
        None => String::new(),
        Some(Value::Reference(reference)) => reference.key.to_string(),
        Some(Value::Choice(index)) => index.to_string(),
        Some(Value::Agencies(agencies)) => format!("{agencies:?}"),
        Some(value) => amount_of(value)
            .map(|figure| figure.normalize().to_string())
            .or_else(|| day_of(value).map(|day| day.to_string()))
            .unwrap_or_else(|| fold_prose(&cell.cell.said())),
    }
}

/// An amount and its VAT that do not come to the gross amount.
fn of_vat(row: &RowFacts<'_>, sink: &mut Sink<'_>) {
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
