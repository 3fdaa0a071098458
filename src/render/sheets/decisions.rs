//! The meeting's agenda: what partners disagree on, what is kept out, what may be meant. A person decides; nothing is applied by itself.
//!
//! The sheet is read again by the next run (`--decisions`), so its headings are the decision room's.

use std::collections::{BTreeMap, BTreeSet};

use crate::decision::{About, Decision, HEADINGS, Standing, Verdict, Written};
use crate::finding::{Finding, Hold, Severity};
use crate::reconcile::Report;
use crate::render::{Cell, Column, ColumnKind, Content, Context, Look, Rows, SheetPlan, Table};
use crate::source::Source;
use crate::value::Value;
use crate::value::amount::figure;

/// How wide each column is and how it is written, in the order of the headings.
const FORMS: [(u16, ColumnKind); HEADINGS.len()] = [
    (15, ColumnKind::Prose),
    (11, ColumnKind::Prose),
    (20, ColumnKind::Prose),
    (50, ColumnKind::Prose),
    (40, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (18, ColumnKind::Centred),
    (26, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (12, ColumnKind::Date),
    (12, ColumnKind::Prose),
    (28, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (28, ColumnKind::Prose),
    (18, ColumnKind::Prose),
    (22, ColumnKind::Prose),
    (20, ColumnKind::Text),
];

pub(in crate::render) fn sheet<'a>(context: &'a Context<'a>) -> SheetPlan<'a> {
    let columns: Vec<Column> = HEADINGS
        .iter()
        .zip(FORMS)
        .map(|(heading, (width, kind))| {
            let column = Column::new(*heading, width, kind);
            if *heading == "Decision" {
                column.choose(Verdict::ALL.map(|verdict| verdict.label().to_owned()))
            } else {
                column
            }
        })
        .collect();
    let mut findings: Vec<&Finding> = context
        .outcome
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Information || finding.held != Hold::None)
        .collect();
    // What only people can settle first; then one cause after the other, each partner's together.
    findings.sort_by_cached_key(|finding| {
        let about = about(finding);
        let rank = AGENDA.iter().position(|item| *item == about);
        (rank.unwrap_or(AGENDA.len()), context.partner(finding))
    });
    let decisions = context.outcome.decisions.all();
    let mut others = replaced(context);
    if !decisions.is_empty() {
        // What was decided before and is no finding now stays on the list, for it is what keeps the finding away.
        let listed: BTreeSet<&str> = findings.iter().map(|f| f.id.as_str()).collect();
        others.extend(
            decisions
                .iter()
                .filter(|decision| !listed.contains(decision.written.finding.as_str()))
                .map(|decision| carried(context, decision)),
        );
    }
    let mut before: BTreeMap<&str, &Decision> = BTreeMap::new();
    for decision in decisions {
        before
            .entry(decision.written.finding.as_str())
            .or_insert(decision);
    }
    let rows = Rows::Drawn {
        count: findings.len() + others.len(),
        row: Box::new(move |index| match findings.get(index) {
            Some(finding) => row(context, finding, before.get(finding.id.as_str()).copied()),
            None => others
                .get(index - findings.len())
                .cloned()
                .unwrap_or_default(),
        }),
    };
    SheetPlan {
        name: "Decisions",
        about: "The meeting's agenda: conflicts, what is held, near matches, what may be accepted, and what a return replaced in the plan.".to_owned(),
        content: Content::Table(Table { id: "Decisions", columns, rows, frozen: 2, printed: Some(11), below: Vec::new() }),
    }
}

/// The order of the agenda: what only people can settle, what is proposed, what is kept out, the rest.
const AGENDA: [&str; 11] = [
    About::Conflict.label(),
    About::Reference.label(),
    "Proposal",
    About::Word.label(),
    About::Heading.label(),
    "Missing return",
    "Held return",
    "Held table",
    "Held columns",
    "Held row",
    "Held value",
];

/// What kind of decision a finding asks for, in the words by which the next run tells it.
fn about(finding: &Finding) -> &'static str {
    match (finding.code.0, finding.held) {
        ("M404", _) => About::Conflict.label(),
        ("M401", _) => About::Reference.label(),
        ("C207", _) => About::Word.label(),
        ("H104", _) => About::Heading.label(),
        ("H101", _) if finding.heading.is_some() => About::Heading.label(),
        ("M403" | "M411" | "M405", _) => "Proposal",
        ("S009", _) => "Missing return",
        (_, Hold::Return) => "Held return",
        (_, Hold::Table) => "Held table",
        (_, Hold::Column) => "Held columns",
        (_, Hold::Row) => "Held row",
        (_, Hold::Value) => "Held value",
        (_, Hold::None) => About::Finding.label(),
    }
}

fn row(context: &Context<'_>, finding: &Finding, before: Option<&Decision>) -> Vec<Cell> {
    let source = finding
        .place
        .source
        .and_then(|index| context.outcome.sources.get(index));
    let a1 = finding.place.a1();
    let sheet = finding.place.sheet_name();
    let place = [sheet, a1.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("!");
    let suggestion = suggestion(context, finding, source);
    let read_as = before
        .map(|decision| decision.written.read_as.clone())
        .filter(|text| !text.is_empty())
        .unwrap_or(suggestion.read_as);
    let is_suggestion = !suggestion.field.is_empty() || finding.code.0 == "M404";
    let mut cells = vec![
        Cell::text(about(finding)),
        Cell::text(key(context, finding)),
        context.agency_cell(context.partner(finding)),
        Cell::text(format!("{}{}", finding.message, suggestion.evidence)),
        Cell::text(&finding.fix),
        if is_suggestion {
            Cell::text(read_as).look(Look::Input)
        } else {
            Cell::text(read_as)
        },
    ];
    cells.extend(decided(before.map(|decision| &decision.written)));
    cells.push(match (&finding.accepted, before) {
        (Some(_), _) => Cell::text("Accepted").look(Look::Good),
        (None, Some(decision)) if context.outcome.decisions.is_expired(decision) => {
            Cell::text(Standing::Expired.label()).look(Look::Warning)
        }
        (None, _) => Cell::text("Open"),
    });
    cells.extend([
        source.map_or_else(Cell::blank, |source| {
            context.link(source.index, sheet, a1.as_deref(), source.file_name())
        }),
        Cell::text(place),
        Cell::text(context.related(finding)),
        Cell::text(suggestion.field),
        Cell::text(suggestion.typed),
        Cell::text(&finding.id),
    ]);
    cells
}

/// The cells that a person fills in.
fn decided(written: Option<&Written>) -> [Cell; 4] {
    let text = |of: fn(&Written) -> &String| {
        written
            .map_or_else(Cell::blank, |w| Cell::text(of(w)))
            .look(Look::Input)
    };
    [
        text(|w| &w.decision),
        text(|w| &w.reason),
        text(|w| &w.role),
        Cell::date(written.and_then(|w| w.until)).look(Look::Input),
    ]
}

/// A decision taken before, listed again.
fn carried(context: &Context<'_>, decision: &Decision) -> Vec<Cell> {
    let written = &decision.written;
    let standing = context.outcome.standing(context.schema, decision);
    let mut cells = vec![
        Cell::text(&written.about),
        Cell::text(&written.subject),
        Cell::text(&written.partner),
        Cell::text(&written.question),
        Cell::blank(),
        Cell::text(&written.read_as).look(Look::Input),
    ];
    cells.extend(decided(Some(written)));
    cells.push(Cell::text(standing.label()).look(match standing {
        Standing::InForce => Look::Good,
        Standing::NotUsed | Standing::Expired => Look::Warning,
        Standing::Noted => Look::Plain,
    }));
    cells.extend([Cell::blank(), Cell::blank(), Cell::blank()]);
    cells.extend([&written.field, &written.typed, &written.finding].map(Cell::text));
    cells
}

/// What a finding suggests, in the words that the next run takes up.
#[derive(Default)]
struct Suggestion {
    field: String,
    typed: String,
    read_as: String,
    evidence: String,
}

fn suggestion(context: &Context<'_>, finding: &Finding, source: Option<&Source>) -> Suggestion {
    let Some((source, table)) =
        source.and_then(|source| Some((source, table_of(source, finding)?)))
    else {
        return Suggestion::default();
    };
    let Some(schema) = context.schema.tables.get(table.layout.table) else {
        return Suggestion::default();
    };
    let field = finding
        .field
        .as_deref()
        .and_then(|name| schema.field(name))
        .and_then(|index| schema.fields.get(index));
    match finding.code.0 {
        "H101" | "H104" => {
            let Some(heading) = table
                .layout
                .unknown
                .iter()
                .map(|unknown| &unknown.heading)
                .find(|heading| Some(heading.text.as_str()) == finding.heading.as_deref())
            else {
                return Suggestion::default();
            };
            let samples: Vec<String> = table
                .records
                .iter()
                .filter_map(|record| {
                    let at = crate::grid::CellAddress::new(record.row, heading.at.column);
                    source.raw(table.layout.sheet, at)
                })
                .map(|value| format!("“{}”", shortened(&value.to_string())))
                .take(3)
                .collect();
            Suggestion {
                field: schema.name.clone(),
                typed: heading.text.replace('\n', " "),
                read_as: field.map(|f| f.title.clone()).unwrap_or_default(),
                evidence: if samples.is_empty() {
                    String::new()
                } else {
                    format!(" Below it stand {}.", samples.join(", "))
                },
            }
        }
        "C207" => Suggestion {
            field: field
                .map(|f| format!("{}.{}", schema.name, f.name))
                .unwrap_or_default(),
            typed: finding.raw.clone().unwrap_or_default().trim().to_owned(),
            read_as: nearest(table, finding, schema).unwrap_or_default(),
            evidence: String::new(),
        },
        "M401" => Suggestion {
            field: format!("{}.ref", schema.name),
            typed: finding.raw.clone().unwrap_or_default().trim().to_owned(),
            read_as: finding
                .related
                .first()
                .and_then(|place| {
                    let plan = context.outcome.sources.get(place.source?)?;
                    plan.raw(place.sheet.as_ref()?.0, place.range?.first)
                })
                .map(ToString::to_string)
                .unwrap_or_default(),
            evidence: String::new(),
        },
        _ => Suggestion::default(),
    }
}

/// A sample value that fits beside others.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let plain = text.replace('\n', " ");
    if plain.chars().count() <= CHARS_MAX {
        return plain;
    }
    plain.chars().take(CHARS_MAX).chain(['…']).collect()
}

/// The listed word nearest to the one that a finding is about.
fn nearest(
    table: &crate::record::Table,
    finding: &Finding,
    schema: &crate::schema::Table,
) -> Option<String> {
    let row = finding.place.range?.first.row;
    let record = record_on(table, row)?;
    let field = schema.field(finding.field.as_deref()?)?;
    match &table.cell(record, field)?.state {
        crate::record::State::Fault(crate::record::Fault::UnknownChoice(near)) => {
            near.as_ref().map(|near| near.0.clone())
        }
        _ => None,
    }
}

/// The record of a row: a table's records are in the order of its rows.
fn record_on(table: &crate::record::Table, row: u32) -> Option<&crate::record::Record> {
    let at = table.records.partition_point(|record| record.row < row);
    table.records.get(at).filter(|record| record.row == row)
}

/// The table that a finding lies in.
fn table_of<'s>(source: &'s Source, finding: &Finding) -> Option<&'s crate::record::Table> {
    let (sheet, _) = finding.place.sheet.as_ref()?;
    let at = finding.place.range?.first;
    source.tables.iter().find(|table| {
        table.layout.sheet == *sheet
            && (table.layout.header.contains(at)
                || table.layout.body.is_some_and(|body| body.contains(at)))
    })
}

/// The reference or line of the row that a finding is on.
fn key(context: &Context<'_>, finding: &Finding) -> String {
    let (Some(source), Some((sheet, _)), Some(range)) = (
        finding
            .place
            .source
            .and_then(|i| context.outcome.sources.get(i)),
        &finding.place.sheet,
        finding.place.range,
    ) else {
        return String::new();
    };
    for table in source
        .tables
        .iter()
        .filter(|table| table.layout.sheet == *sheet)
    {
        let Some(schema) = context.schema.tables.get(table.layout.table) else {
            continue;
        };
        let Some(record) = record_on(table, range.first.row) else {
            continue;
        };
        let view = crate::record::View {
            schema,
            table,
            record,
        };
        return ["ref", "line"]
            .iter()
            .find_map(|field| view.cell(field))
            .map(crate::record::Decoded::raw_text)
            .unwrap_or_default();
    }
    String::new()
}

/// A field, its word, the report that gave it, and its value in the plan and now.
type Part<'a> = (
    &'a str,
    &'a str,
    Option<&'a Report>,
    Option<String>,
    Option<String>,
);

/// Filled plan cells of the quarter that a report replaced with something else.
fn replaced(context: &Context<'_>) -> Vec<Vec<Cell>> {
    let number = context.quarter_number();
    let mut out = Vec::new();
    for action in &context.outcome.consolidation.actions {
        let Some(plan) = action.at.view(&context.outcome.sources, context.schema) else {
            continue;
        };
        let result = &action.outcome;
        let found = |index: Option<usize>| {
            index.and_then(|index| context.outcome.consolidation.reports.get(index))
        };
        let parts: [Part<'_>; 3] = [
            (
                "status",
                "status",
                found(result.status_from),
                plan.choice(&format!("q{number}_status"))
                    .map(|s| context.schema.status_label(s).to_owned()),
                result
                    .status
                    .map(|s| context.schema.status_label(s).to_owned()),
            ),
            (
                "update",
                "update",
                found(result.update_from),
                plan.text(&format!("q{number}_update")).map(str::to_owned),
                result.update.as_ref().map(ToString::to_string),
            ),
            (
                "value",
                "figure",
                found(result.value_from),
                plan.value(&format!("q{number}_value"))
                    .and_then(|value| match value {
                        Value::Number(number) => Some(figure(*number)),
                        _ => None,
                    }),
                result.value.map(figure),
            ),
        ];
        for (field, word, report, old, new) in parts {
            let (Some(report), Some(old), Some(new)) = (report, old, new) else {
                continue;
            };
            if old == new {
                continue;
            }
            let Some(view) = report.at.view(&context.outcome.sources, context.schema) else {
                continue;
            };
            let Some(source) = context.outcome.sources.get(report.at.source) else {
                continue;
            };
            let (_, sheet) = source.sheet(view.table.layout.sheet);
            let cell = view
                .address(field)
                .map(|a| a.to_string())
                .unwrap_or_default();
            let plan_cell = plan
                .address(&format!("q{number}_{field}"))
                .map(|a| a.to_string())
                .unwrap_or_default();
            let place = sheet
                .as_deref()
                .map_or_else(|| cell.clone(), |sheet| format!("{sheet}!{cell}"));
            let mut row = vec![
                Cell::text("Replaced in the plan"),
                Cell::text(&action.reference.text),
                context.agency_cell(report.agency),
                Cell::text(format!(
                    "The plan's {word} for this quarter was “{old}”; the return says “{new}”, and the return is used."
                )),
                Cell::text("Confirm that the return is right, or ask the partner."),
                Cell::blank(),
            ];
            row.extend(decided(None));
            row.extend([
                Cell::text("For information"),
                context.link(
                    source.index,
                    sheet.as_deref(),
                    Some(&cell),
                    source.file_name(),
                ),
                Cell::text(place),
                Cell::text(format!("the plan › {plan_cell}")),
                Cell::blank(),
                Cell::blank(),
                Cell::blank(),
            ]);
            out.push(row);
        }
    }
    out
}
