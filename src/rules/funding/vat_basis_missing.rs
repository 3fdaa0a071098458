//! `F511` **vat-basis-missing**: an agency that recovers VAT does not say that its claim is net of it.

use crate::finding::{Code, Severity};
use crate::funding::{Entry, Kind};
use crate::record::State;
use crate::rules::{Check, Decides, FundingFacts, Hold, Partner, RowFacts, Rule, Sink};
use crate::value::amount::pounds;

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("F511"),
    name: "vat-basis-missing",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "An agency that recovers VAT gives no VAT basis, or claims gross.",
    why: "The grant pays net of VAT that can be recovered; a gross claim is a fifth too high.",
    example: "The council claims £120.00 gross for an invoice of £100.00 net.",
    fix: "Give the basis, and claim the amount net of VAT.",
    partner: Partner::AsReported,
    check: Check::FundingTotal(check),
};

const FIELD: &str = "vat_basis";

fn check(facts: &FundingFacts<'_>, sink: &mut Sink<'_>) {
    let mut told: Option<(usize, usize)> = None;
    for entry in facts.ledger.entries.iter().filter(|e| is_claimed(e)) {
        let schema = facts.facts.run.schema;
        let recovers = entry
            .agency
            .and_then(|agency| schema.agencies.get(agency))
            .filter(|agency| agency.recovers_vat);
        let (Some(agency), Some(row)) = (recovers, facts.row(entry.at)) else {
            continue;
        };
        // A row that gives its VAT in pounds tells its basis by the figures.
        let view = row.view();
        if let Some(vat) = view.any_amount("vat_amount") {
            let is_basis_told = row.cell(FIELD).is_some_and(|cell| !cell.cell.is_empty());
            let amount = row.cell("amount");
            let is_net = vat.is_zero()
                || amount.as_ref().is_some_and(|cell| says_net(cell))
                || view
                    .any_amount("gross_amount")
                    .is_some_and(|gross| Some(gross) != entry.amount);
            if is_net && !is_basis_told {
                continue;
            }
            let is_gross = view.any_amount("gross_amount") == entry.amount;
            if let Some(cell) = row.cell("vat_amount").filter(|_| !is_basis_told) {
                let claimed = entry.amount.map(pounds).unwrap_or_default();
                let message = if is_gross {
                    format!(
                        "{} recovers VAT, but claims {claimed} with {} of VAT in it. The grant pays the amount net of VAT.",
                        agency.name,
                        pounds(vat)
                    )
                } else {
                    format!(
                        "{} recovers VAT, but nothing says whether {claimed} is with its VAT of {} or without.",
                        agency.name,
                        pounds(vat)
                    )
                };
                sink.cell(&cell)
                    .report(message, "Give the basis, and claim the amount net of VAT.");
                continue;
            }
        }
        let has_vat = row.cell("vat_amount").is_some();
        let Some(cell) = row.cell(FIELD) else {
            if has_vat {
                continue;
            }
            // One finding for the table, where no other finding tells of the missing column.
            let here = (entry.at.source, entry.at.table);
            if told != Some(here) && !is_told_elsewhere(&row) {
                let header = row.table.table.layout.header;
                sink.table(&row.table, header)
                    .about(Some(FIELD), None)
                    .report(
                        format!(
                            "{} recovers VAT, but the table has no column for the VAT basis, so nothing says that the amounts are net.",
                            agency.name
                        ),
                        "Add a column VAT basis with Net, Gross or Exempt on each row.",
                    );
            }
            told = Some(here);
            continue;
        };
        let is_gross = row.view().choice_value(FIELD) == Some("gross");
        let is_blank = matches!(
            cell.cell.state,
            State::Blank | State::Missing | State::Placeholder
        );
        if !is_gross && !is_blank {
            continue;
        }
        let amount = entry.amount.map(pounds).unwrap_or_default();
        let message = if is_gross {
            format!(
                "{} recovers VAT, but claims {amount} gross. The grant pays the amount net of VAT.",
                agency.name
            )
        } else {
            format!(
                "{} recovers VAT, but nothing says whether {amount} is net or gross.",
                agency.name
            )
        };
        sink.cell(&cell)
            .report(message, "Give the basis, and claim the amount net of VAT.");
    }
}

/// What is claimed: an order is not yet, and what is in kind never is.
fn is_claimed(entry: &Entry) -> bool {
    !entry.is_held && !matches!(entry.kind, Kind::Commitment | Kind::InKind)
}

/// Two columns that claim to be the basis, or a heading close to it, are told of by their own rules.
fn is_told_elsewhere(row: &RowFacts<'_>) -> bool {
    let layout = &row.table.table.layout;
    let field = row.table.schema.field(FIELD);
    field.is_some_and(|field| {
        layout.duplicates.iter().any(|d| d.field == field)
            || layout.unknown.iter().any(|u| u.near == Some(field))
    })
}

/// Whether the heading over an amount says that it is net: `Net amount`.
fn says_net(cell: &crate::rules::CellFacts<'_>) -> bool {
    let field = cell.row.table.schema.field("amount");
    cell.row
        .table
        .table
        .layout
        .columns
        .iter()
        .filter(|column| Some(column.field) == field)
        .any(|column| {
            let folded = crate::value::text::fold(&column.heading.text);
            folded.split(' ').any(|word| word == "net")
        })
}
