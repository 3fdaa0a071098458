//! What is made of a run when it is asked for: statements for funders, tidy data, the public version. The command line's very bytes.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use csp_bridge::decision::Decisions;
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::publish::earlier::{self, Earlier};
use csp_bridge::read::{Limits, Unreadable};
use csp_bridge::render::{public, statement};
use csp_bridge::schema::{Role, Schema, hex};
use csp_bridge::source::Input;
use csp_bridge::watch::Watch;
use csp_bridge::{export, write};
use sha2::{Digest as _, Sha256};

use super::super::child;
use super::super::commands::publish::{fits, is_of_set, is_stopped};
use super::super::commands::statement::Said;
use super::session::{Asked, Done, Parts, Progress, PublicVersion, Statements, decisions};
use super::work::{Failed, from_wire, sentence, sources};

/// The most files of one set that is out, and the most that all of them come to when they are unpacked.
const SET_FILES: usize = 64;
const SET_BYTES: u64 = Limits::STATED.file_bytes as u64;

/// Files in one; their dates say nothing, so that the same files give the same bytes.
pub(super) fn zipped(parts: &[(String, &[u8])]) -> zip::result::ZipResult<Vec<u8>> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .system(zip::System::Unix)
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes) in parts {
        out.start_file(name.as_str(), options)?;
        out.write_all(bytes)?;
    }
    Ok(out.finish()?.into_inner())
}

pub(super) fn zipped_parts(parts: &Parts) -> zip::result::ZipResult<Vec<u8>> {
    let parts: Vec<(String, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
        .collect();
    zipped(&parts)
}

/// A workbook and a page for each funder, from the workbook that the run gave.
pub(super) fn statements(done: &Done, schema: &Schema) -> Statements {
    let workbook = done.output("consolidated.xlsx").unwrap_or_default();
    let wire = child::wire(workbook, &AtomicBool::new(false)).unwrap_or_default();
    let book = from_wire(&wire).map_err(|why| sentence(&why.to_string()))?;
    let as_of = done.asked.as_of;
    let name = done.saved_as();
    let said = Said::of(&book, &name, schema, as_of).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        format!("The decisions cannot be understood: {}.", all.join("; "))
    })?;
    let options = Options {
        quarter: Some(said.quarter.unwrap_or(done.asked.quarter)),
        as_of,
        is_merge: true,
    };
    let input = Input {
        path: name,
        sha256: hex(&Sha256::digest(workbook)),
        role: Some(Role::Plan),
        is_from_folder: false,
        read: Ok(book),
    };
    let sources = vec![pipeline::prepare(schema, input, options, &said.decisions)];
    if let Some(why) = pipeline::lacks_file(&sources) {
        return Err(sentence(&why));
    }
    let outcome = pipeline::run_prepared(schema, sources, options, said.decisions);
    if let Some(why) = outcome.lacks_actions(schema) {
        return Err(sentence(&why));
    }
    let streams = statement::streams(&outcome);
    if streams.is_empty() {
        return Err(
            "The plan has no funding line and no award, so there is nothing to state.".to_owned(),
        );
    }
    streams
        .into_iter()
        .filter_map(|stream| statement::statement(&outcome, schema, stream))
        .map(|made| {
            let workbook = write::xlsx::write(&made.plan)
                .map_err(|error| format!("{}.xlsx could not be made: {error}.", made.file_stem))?;
            let name = schema.streams.get(made.stream).map(|s| s.name.clone());
            Ok((
                made.file_stem,
                name.unwrap_or_default(),
                workbook,
                write::page::page(&made.plan),
            ))
        })
        .collect()
}

/// The quarter as tidy tables, in the folders in which the command line puts them.
pub(super) fn export(outcome: &Outcome, schema: &Schema) -> Option<Vec<u8>> {
    let quarter = outcome.options.quarter?;
    let folder = format!("partnership={}/quarter={quarter}", schema.partnership.code);
    let mut parts: Parts = export::package(outcome, schema)
        .ok()?
        .into_iter()
        .map(|(name, bytes)| (format!("{folder}/{name}"), bytes))
        .collect();
    let script = export::duckdb(outcome, schema);
    parts.push(("duckdb.sql".to_owned(), script.into_bytes()));
    zipped_parts(&parts).ok()
}

/// The sets that are out, from the files that were brought: each zip is a set, and so are files that have a name in common.
///
/// # Errors
/// What is wrong with one of them, in a sentence.
pub(super) fn earlier_sets(
    files: Vec<(String, Vec<u8>)>,
    schema: &Schema,
) -> Result<Vec<Earlier>, String> {
    let mut named: Vec<(String, Parts)> = Vec::new();
    let mut take = |set: String, name: String, bytes: Vec<u8>| match named
        .iter_mut()
        .find(|(own, _)| *own == set)
    {
        Some((_, parts)) => parts.push((name, bytes)),
        None => named.push((set, vec![(name, bytes)])),
    };
    for (name, bytes) in files {
        if name.to_lowercase().ends_with(".zip") {
            for (inner, bytes) in
                unzipped(&bytes).map_err(|why| format!("{name} cannot be read: {why}."))?
            {
                take(name.clone(), inner, bytes);
            }
        } else if is_of_set(&name) || name.to_lowercase().ends_with(".csv") {
            take(stem(&name), name, bytes);
        } else {
            return Err(format!(
                "{name} is no file of a public version. Add the zip that was saved here, or the files of its folder."
            ));
        }
    }
    let read = |bytes: &[u8]| {
        let wire = child::wire(bytes, &AtomicBool::new(false));
        wire.map_or_else(
            || Err(Unreadable::Damaged("it was not read to its end".to_owned())),
            |wire| from_wire(&wire),
        )
    };
    named
        .into_iter()
        .map(|(name, mut parts)| {
            parts.retain(|(name, _)| is_of_set(name));
            parts.sort();
            let set =
                earlier::parse_with(&parts, &read).map_err(|why| format!("{name}: {why}."))?;
            fits(&set, schema).map_err(|why| format!("{name}: {why}"))?;
            Ok(set)
        })
        .collect()
}

/// What the files of one set have in common in their names.
fn stem(name: &str) -> String {
    let lower = name.to_lowercase();
    let ends = [
        "-summary.csv",
        "-actions.csv",
        "-measures.csv",
        "-funding.csv",
        "-notes.csv",
        ".xlsx",
        ".ods",
        ".html",
    ];
    let end = ends.into_iter().find(|end| lower.ends_with(end));
    end.map_or(lower.clone(), |end| {
        lower.strip_suffix(end).unwrap_or(&lower).to_owned()
    })
}

/// The files of a zip by the last part of their names, no more than a set has.
fn unzipped(bytes: &[u8]) -> Result<Parts, String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes))
        .map_err(|_| "it is no zip, or damaged".to_owned())?;
    if zip.len() > SET_FILES {
        return Err(format!("it holds more than {SET_FILES} files"));
    }
    let mut left = SET_BYTES;
    let mut out = Parts::new();
    for index in 0..zip.len() {
        let entry = zip
            .by_index(index)
            .map_err(|_| "it is damaged, or protected with a password".to_owned())?;
        let name = entry.name().map_err(|_| "it is damaged".to_owned())?;
        let name = super::upload::label(&name);
        if entry.is_dir() || !is_of_set(&name) {
            continue;
        }
        let mut bytes = Vec::new();
        let read = entry.take(left + 1).read_to_end(&mut bytes);
        let read = read.map_err(|_| "it is damaged".to_owned())? as u64;
        left = left
            .checked_sub(read)
            .ok_or_else(|| format!("it comes to more than {} MB", SET_BYTES >> 20))?;
        out.push((name, bytes));
    }
    Ok(out)
}

/// The public version of the files of a run, with the decisions that are kept now: nothing of it is written where it must not be.
///
/// # Errors
/// Why it could not be made.
pub(super) fn publish(
    asked: Asked,
    sets: Arc<Vec<Earlier>>,
    schema: &Schema,
) -> Result<PublicVersion, Failed> {
    let mut outcome = publication(&asked, &sets, schema)?;
    let is_stopped = is_stopped(&outcome);
    let mut files = Parts::new();
    if !is_stopped && let Some(set) = public::public(&outcome, schema) {
        files = write::public::files(&set).map_err(|error| {
            Failed::Because(format!("The public version could not be made: {error}."))
        })?;
    }
    if let Some(publication) = &mut outcome.publication {
        publication.files = files
            .iter()
            .map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes))))
            .collect();
    }
    Ok(PublicVersion {
        record: write::Report::Json
            .bytes(&outcome, schema)
            .unwrap_or_default(),
        done: Arc::new(Done::bare(asked, outcome)),
        sets,
        files,
        is_stopped,
    })
}

/// The merge in memory with what of it may be shown.
pub(super) fn publication(
    asked: &Asked,
    sets: &[Earlier],
    schema: &Schema,
) -> Result<Outcome, Failed> {
    let options = asked.options();
    let decisions: Decisions = decisions(asked, schema).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failed::Because(format!(
            "The decisions cannot be understood: {}",
            all.join("; ")
        ))
    })?;
    let progress = Progress::nothing();
    let sources = sources(&asked.files, schema, options, &decisions, &progress)?;
    if let Some(why) = pipeline::lacks_file(&sources) {
        return Err(Failed::Because(sentence(&why)));
    }
    Ok(pipeline::publish(
        schema,
        sources,
        options,
        decisions,
        sets,
        &Watch::nobody(),
    )?)
}
