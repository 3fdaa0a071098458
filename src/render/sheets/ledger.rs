//! What of the claims and of the finance system's ledger answers what.

use crate::funding::{Agreement, Match, MatchKind, agreement};
use crate::reconcile::RecordRef;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, SheetPlan, Table};
use crate::schema::{Field, Role};
use crate::value::text::counted;

/// The sheet, where a ledger was given to the run.
pub(in crate::render) fn sheet(context: &Context<'_>) -> Option<SheetPlan<'static>> {
    let outcome = context.outcome;
    let has_ledger = outcome
        .sources
        .iter()
        .any(|source| source.role == Role::Ledger);
    let keeper = context
        .schema
        .agency(&context.schema.partnership.ledger_agency);
    let found = match (keeper, outcome.options.quarter) {
        (Some(keeper), Some(quarter)) if has_ledger => agreement(&outcome.ledger, keeper, quarter),
        _ if has_ledger => Agreement::default(),
        _ => return None,
    };
    let text = |heading: &str, width: u16| Column::new(heading, width, ColumnKind::Prose);
    let money = |heading: &str| Column::new(heading, 13, ColumnKind::Money);
    let columns = vec![
        text("Result", 26),
        text("Rows", 16),
        Column::new("Funding line", 13, ColumnKind::Text),
        text("Agency", 24),
        text("Document ref", 18),
        text("Supplier", 24),
        money("Claimed"),
        money("In the ledger"),
        money("Difference"),
        text("Claimed in", 40),
        text("Ledger rows", 40),
    ];
    let declared = context.declared("ledger");
    let columns: Vec<Column> = columns
        .into_iter()
        .chain(declared.iter().map(|field| text(&field.title, 22)))
        .collect();
    let rows: Vec<Vec<Cell>> = found
        .matches
        .iter()
        .map(|found| row(context, found, &declared))
        .collect();
    // An Excel table has a row at least.
    (!rows.is_empty()).then(|| SheetPlan {
        name: "Ledger",
        about: "What of the claims and of the finance system’s ledger answers what, one to one or several to one, and what stands alone.".to_owned(),
        content: Content::Table(Table {
            id: "Ledger",
            columns,
            rows: rows.into(),
            frozen: 1,
            printed: Some(9),
            below: Vec::new(),
        }),
    })
}

fn row(context: &Context<'_>, found: &Match, declared: &[&Field]) -> Vec<Cell> {
    let ledger = &context.outcome.ledger;
    let entries = || {
        found
            .entries
            .iter()
            .filter_map(|at| ledger.entries.get(*at))
    };
    let claims = || found.claims.iter().filter_map(|at| ledger.claims.get(*at));
    let postings = || {
        found
            .postings
            .iter()
            .filter_map(|at| ledger.postings.get(*at))
    };
    let claimed: Vec<RecordRef> = entries()
        .map(|entry| entry.at)
        .chain(claims().map(|claim| claim.at))
        .collect();
    let posted: Vec<RecordRef> = postings().map(|posting| posting.at).collect();
    let line = entries()
        .map(|entry| entry.reference.as_ref())
        .chain(claims().map(|claim| claim.reference.as_ref()))
        .chain(postings().map(|posting| posting.reference.as_ref()))
        .next()
        .flatten()
        .map(ToString::to_string)
        .unwrap_or_default();
    let agency = entries()
        .map(|entry| entry.agency)
        .chain(claims().map(|claim| claim.agency))
        .next()
        .flatten();
    let said = |field: &str| {
        let rows = claimed.iter().chain(&posted);
        let mut texts: Vec<String> = Vec::new();
        for at in rows {
            let view = at.view(&context.outcome.sources, context.schema);
            let cell = view.and_then(|view| view.cell(field));
            let text = cell.map(|cell| cell.raw_text().trim().to_owned());
            if let Some(text) = text.filter(|text| !text.is_empty() && !texts.contains(text)) {
                texts.push(text);
            }
        }
        texts.join(", ")
    };
    let sum_claimed = entries()
        .filter_map(|entry| entry.amount)
        .chain(claims().filter_map(|claim| claim.this_quarter))
        .sum();
    // VAT in rows of its own counts where that is what was claimed.
    let whole: rust_decimal::Decimal = postings().filter_map(|p| p.amount).sum();
    let net: rust_decimal::Decimal = postings()
        .filter(|p| !p.is_vat)
        .filter_map(|p| p.amount)
        .sum();
    let sum_posted = if whole == sum_claimed || postings().all(|p| p.is_vat) {
        whole
    } else {
        net
    };
    let (result, look) = match found.kind {
        MatchKind::Agrees => ("Agrees", Look::Good),
        MatchKind::Differs => ("Amounts differ", Look::Error),
        MatchKind::OtherLine => ("On another line in the ledger", Look::Error),
        MatchKind::NotPosted => ("Not in the ledger", Look::Error),
        MatchKind::NotPaid => ("Not paid to the partner yet", Look::Muted),
        MatchKind::NotClaimed => ("Nobody claimed it", Look::Error),
    };
    let of_postings = |field: &&Field| {
        let mut texts: Vec<String> = Vec::new();
        for at in &posted {
            let view = at.view(&context.outcome.sources, context.schema);
            let cell = view.and_then(|view| view.cell(&field.name));
            let text = cell.map(|cell| cell.raw_text().trim().to_owned());
            if let Some(text) = text.filter(|text| !text.is_empty() && !texts.contains(text)) {
                texts.push(text);
            }
        }
        Cell::text(texts.join(", "))
    };
    let own: Vec<Cell> = declared.iter().map(of_postings).collect();
    let many = |count: usize| if count == 1 { "one" } else { "many" };
    let rows = match (claimed.len(), posted.len()) {
        (0, count) => counted(count, "posting", "postings"),
        (count, 0) => counted(count, "claim", "claims"),
        (claims, posts) => format!("{} to {}", many(claims), many(posts)),
    };
    let mut out = vec![
        Cell::text(result).look(look),
        Cell::text(rows),
        Cell::text(line),
        context.agency_cell(agency),
        Cell::text(said("document")),
        Cell::text(said("supplier")),
        if claimed.is_empty() {
            Cell::blank()
        } else {
            Cell::money(sum_claimed)
        },
        if posted.is_empty() {
            Cell::blank()
        } else {
            Cell::money(sum_posted)
        },
        Cell::money(sum_claimed - sum_posted),
        Cell::text(places(context, &claimed)),
        Cell::text(places(context, &posted)),
    ];
    out.extend(own);
    out
}

/// Where rows stand: the file, the sheet and the rows on it.
fn places(context: &Context<'_>, rows: &[RecordRef]) -> String {
    let mut out: Vec<String> = Vec::new();
    for at in rows {
        let sources = &context.outcome.sources;
        let Some((source, view)) = sources.get(at.source).zip(at.view(sources, context.schema))
        else {
            continue;
        };
        let sheet = source
            .workbook()
            .and_then(|book| book.sheets.get(view.table.layout.sheet))
            .and_then(|sheet| sheet.name.as_deref())
            .map(|name| format!(" › {name}"))
            .unwrap_or_default();
        out.push(format!(
            "{}{sheet}, row {}",
            source.file_name(),
            view.record.row + 1
        ));
    }
    out.join("; ")
}
