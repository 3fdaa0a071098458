//! The cover: what this workbook is, whether it ties out, what is inside.

use crate::finding::Severity;
use crate::layout::{OUR_MARK, OUR_QUARTER};
use crate::render::{Block, Cell, Content, Context, Look, Page, SheetPlan, Target, Value};
use crate::source::SourceState;
use crate::value::date::long;
use crate::value::text::counted;

pub(in crate::render) fn sheet(
    context: &Context<'_>,
    sheets: &[SheetPlan<'_>],
) -> SheetPlan<'static> {
    let schema = context.schema;
    let outcome = context.outcome;
    let line = |cells: Vec<Cell>| Block::Line(cells);
    let pair =
        |label: &str, value: Cell| Block::Line(vec![Cell::text(label).look(Look::Label), value]);
    let mut blocks = vec![
        line(vec![Cell::text(&schema.partnership.name).look(Look::Title)]),
        line(vec![
            Cell::text(format!(
                "Consolidated action plan, {}",
                context.quarter_spoken()
            ))
            .look(Look::Heading),
        ]),
        line(vec![
            Cell::text(&schema.publishing.marking).look(Look::Marking),
        ]),
        Block::Gap,
    ];
    let is_even = outcome.ties_out();
    if !is_even {
        // What must not be used says so before anything else.
        blocks.insert(0, pair("Ties out", tie_out(context)));
    }
    blocks.extend([
        // Read again when this workbook is the plan, so that a second run of the quarter knows it for one.
        pair(OUR_QUARTER, Cell::text(context.quarter_spoken())),
        pair("Made for", Cell::text(long(outcome.options.as_of))),
        pair("Returns", Cell::text(returns(context))),
        pair("Not received", Cell::text(missing(context))),
        pair("Findings", Cell::text(findings(context))),
    ]);
    if is_even {
        blocks.push(pair("Ties out", tie_out(context)));
    }
    // Read again when this workbook is next quarter's plan: the Funding sheet is a table, with no room above it.
    blocks.extend(
        outcome
            .ledger
            .streams
            .iter()
            .filter(|total| total.award_at.is_some())
            .filter_map(|total| {
                let mut cells = vec![
                    Cell::text("Grant awarded").look(Look::Label),
                    Cell::money(total.award?),
                ];
                // Whose award it is, where it is not that of the only stream of the PCC.
                if schema.only_pcc_stream() != Some(total.stream) {
                    let stream = schema.streams.get(total.stream)?;
                    cells.insert(0, Cell::text(&stream.name));
                }
                Some(line(cells))
            }),
    );
    blocks.extend([
        Block::Gap,
        line(vec![Cell::text("What is inside").look(Look::Heading)]),
    ]);
    blocks.extend(sheets.iter().map(|sheet| {
        let link = Value::Link {
            text: sheet.name.to_owned(),
            target: Target::Here(format!("'{}'!A1", sheet.name)),
            tip: format!("Go to {}", sheet.name),
        };
        Block::Line(vec![
            Cell {
                value: link,
                look: Look::Link,
            },
            Cell::text(&sheet.about),
        ])
    }));
    blocks.extend([
        Block::Gap,
        line(vec![Cell::text("How to read it").look(Look::Heading)]),
        pair("Colours", Cell::text("A status is a word and a colour. Cells in pale violet are held: they are shown, and are in no figure until they are corrected or accepted. Why stands beside them in red on pale pink, in Remarks or State.")),
        pair("Tracing a figure", Cell::text("Click a current status or value on Action plan, or a quarter's figure on Funding: it leads to the report on Updates or the documents on Spend, and from there the source file's name leads to the cell it was read from. Findings leads to each cell too.")),
        pair("Next quarter", Cell::text("Action plan, Funding, Virements, Updates and Spend carry the whole year: this workbook is next quarter's plan. Change wording, leads, timescales, targets and allocations there, and add rows; columns headed Current, and sums, are worked out anew.")),
        Block::Gap,
        line(vec![Cell::text(OUR_MARK).look(Look::Muted)]),
    ]);
    SheetPlan {
        name: "Cover",
        about: "What this workbook is.".to_owned(),
        content: Content::Page(Page {
            widths: vec![20, 84],
            blocks,
            is_fitted: false,
        }),
    }
}

fn returns(context: &Context<'_>) -> String {
    let states: Vec<SourceState> = context.returns().map(|source| source.state).collect();
    let count = |state: SourceState| states.iter().filter(|s| **s == state).count();
    let mut parts = vec![format!("{} merged", count(SourceState::Accepted))];
    for (state, word) in [
        (SourceState::Held, "held as a whole"),
        (SourceState::Superseded, "set aside"),
        (SourceState::Unreadable, "could not be read"),
    ] {
        if count(state) > 0 {
            parts.push(format!("{} {word}", count(state)));
        }
    }
    format!(
        "{} into {} actions",
        parts.join(", "),
        context.outcome.consolidation.actions.len()
    )
}

fn missing(context: &Context<'_>) -> String {
    let names: Vec<&str> = context
        .outcome
        .findings
        .iter()
        .filter(|finding| finding.code.0 == "S009")
        .filter_map(|finding| finding.raw.as_deref())
        .map(|code| context.agency(context.schema.agency(code)))
        .collect();
    if !names.is_empty() {
        return names.join(", ");
    }
    if context.returns().next().is_none() {
        "No returns were given to this run".to_owned()
    } else {
        "Nothing: every expected partner has sent a return".to_owned()
    }
}

fn findings(context: &Context<'_>) -> String {
    let count = |severity: Severity| {
        context
            .outcome
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    };
    format!(
        "{}, {}, {}",
        counted(count(Severity::Error), "error", "errors"),
        counted(count(Severity::Warning), "warning", "warnings"),
        counted(
            count(Severity::Information),
            "point for information",
            "points for information"
        )
    )
}

fn tie_out(context: &Context<'_>) -> Cell {
    let outcome = context.outcome;
    Cell::text(outcome.tie_out()).look(if outcome.ties_out() {
        Look::Good
    } else {
        Look::Error
    })
}
