//! Everything found, linked to the cell it is about.

use std::cmp::Reverse;

use crate::finding::Finding;
use crate::render::context::severity;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, Rows, SheetPlan, Table};

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let columns = vec![
        Column::new("Severity", 11, ColumnKind::Centred),
        Column::new("Code", 8, ColumnKind::Text),
        Column::new("What was found", 52, ColumnKind::Prose),
        Column::new("What to do", 40, ColumnKind::Prose),
        Column::new("Partner", 18, ColumnKind::Prose),
        Column::new("File", 30, ColumnKind::Prose),
        Column::new("Sheet", 15, ColumnKind::Prose),
        Column::new("Cell", 10, ColumnKind::Text),
        Column::new("Kept out", 11, ColumnKind::Centred),
        Column::new("Accepted", 22, ColumnKind::Prose),
        // What is said in words already is not printed.
        Column::new("Heading", 20, ColumnKind::Prose),
        Column::new("As typed", 24, ColumnKind::Prose),
        Column::new("Compared with", 34, ColumnKind::Prose),
        Column::new("Rule", 24, ColumnKind::Text),
        Column::new("Finding", 20, ColumnKind::Text),
    ];
    let mut findings: Vec<&Finding> = context
        .outcome
        .findings
        .iter()
        .filter(|finding| !finding.is_noted())
        .collect();
    // What cannot be trusted first; then each partner's together, by cause, in the order of their cells.
    findings.sort_by_cached_key(|finding| {
        (
            Reverse(finding.severity),
            context.partner(finding),
            finding.code,
        )
    });
    // The last column on paper, where it has anything to say.
    let printed = if findings.iter().any(|finding| finding.accepted.is_some()) {
        10
    } else {
        9
    };
    let rows = Rows::of(findings, |finding| row(context, finding));
    SheetPlan {
        name: "Findings",
        about: match context.outcome.noted() {
            0 => "Everything found, with what to do, linked to the file and cell it is about."
                .to_owned(),
            noted => format!(
                "Everything found, with what to do, linked to the file and cell it is about; but {noted} that a decision notes (see Decisions)."
            ),
        },
        content: Content::Table(Table {
            id: "Findings",
            columns,
            rows,
            frozen: 2,
            printed: Some(printed),
            below: Vec::new(),
        }),
    }
}

fn row(context: &Context<'_>, finding: &Finding) -> Vec<Cell> {
    let source = finding
        .place
        .source
        .and_then(|index| context.outcome.sources.get(index));
    let a1 = finding.place.a1();
    let file = source.map_or_else(Cell::blank, |source| {
        context.link(
            source.index,
            finding.place.sheet_name(),
            a1.as_deref(),
            source.file_name(),
        )
    });
    let held = match finding.held {
        crate::finding::Hold::None => Cell::blank(),
        held => Cell::text(format!("The {}", held.word())),
    };
    let accepted = finding
        .accepted
        .as_ref()
        .map_or_else(Cell::blank, |accepted| {
            Cell::text(accepted.spoken()).look(Look::Good)
        });
    vec![
        severity(finding.severity),
        Cell::text(finding.code.0),
        Cell::text(&finding.message),
        Cell::text(&finding.fix),
        context.agency_cell(context.partner(finding)),
        file,
        Cell::text(finding.place.sheet_name().unwrap_or_default()),
        Cell::text(a1.unwrap_or_default()),
        held,
        accepted,
        Cell::text(finding.heading.as_deref().unwrap_or_default()),
        Cell::text(finding.raw.as_deref().unwrap_or_default()),
        Cell::text(context.related(finding)),
        Cell::text(finding.name.replace('-', " ")),
        Cell::text(&finding.id),
    ]
}
