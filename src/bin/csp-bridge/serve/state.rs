//! Where everything stands, as JSON: for the script, and for tests.

use csp_bridge::page;
use csp_bridge::value::text::one_line;
use serde::Serialize;

use super::answer::day;
use super::session::RunState;
use super::{App, lock};

#[derive(Serialize)]
struct State<'a> {
    format: &'static str,
    version: &'static str,
    schema: &'a str,
    quarter: String,
    as_of: Option<String>,
    changed: bool,
    files: Vec<StateFile<'a>>,
    run: StateRun<'a>,
    decisions: StateDecisions,
}

#[derive(Serialize)]
struct StateDecisions {
    taken: usize,
    pending: usize,
}

#[derive(Serialize)]
struct StateFile<'a> {
    id: &'a str,
    name: &'a str,
    role: &'static str,
    state: &'static str,
    agency: Option<&'a str>,
    quarter: Option<String>,
    tables: Vec<StateTable<'a>>,
    note: String,
}

#[derive(Serialize)]
struct StateTable<'a> {
    table: &'a str,
    rows: usize,
}

#[derive(Serialize)]
struct StateRun<'a> {
    number: usize,
    state: &'static str,
    step: Option<&'static str>,
    done: usize,
    total: usize,
    now: Option<String>,
    /// What the page of the run says, for its script.
    status: Option<String>,
    message: Option<&'a str>,
}

/// Where everything stands, for the script and for tests.
pub(super) fn state(app: &App) -> Vec<u8> {
    let session = lock(&app.session);
    let at = lock(&session.progress.at).clone();
    let beside = session.beside();
    let is_running = session.state == RunState::Running;
    let schema = &app.schema;
    let files = session
        .rows(&beside)
        .into_iter()
        .map(|row| {
            let (state, note, _) = row.state(schema, session.quarter);
            StateFile {
                id: row.id,
                name: row.name,
                role: row.role.word(),
                state: state.word(),
                agency: row.facts.agency.map(|agency| schema.agency_code(agency)),
                quarter: row.facts.period(schema).map(|quarter| quarter.to_string()),
                tables: row
                    .facts
                    .tables
                    .iter()
                    .map(|(table, _, rows)| StateTable { table, rows: *rows })
                    .collect(),
                note,
            }
        })
        .collect();
    let as_of = day(&session.typed_day).ok().flatten();
    let state = State {
        format: "csp-bridge-serve/1",
        version: env!("CARGO_PKG_VERSION"),
        schema: &schema.name,
        quarter: session.quarter.to_string(),
        as_of: as_of.map(|day| day.to_string()),
        changed: session.is_changed(),
        files,
        run: StateRun {
            number: session.number,
            state: session.state.word(),
            step: (session.state != RunState::None).then(|| at.step.word()),
            done: at.done,
            total: at.total,
            status: is_running
                .then(|| page::run::status(at.step, at.done, at.total, &one_line(&at.now))),
            now: Some(at.now).filter(|now| is_running && !now.is_empty()),
            message: session.message.as_deref(),
        },
        decisions: StateDecisions {
            taken: session.kept.len(),
            pending: session.pending(),
        },
    };
    serde_json::to_vec(&state).unwrap_or_default()
}
