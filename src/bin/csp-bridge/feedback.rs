//! What partners get back, on the disk: made beside its place, and moved there when it is whole.
//!
//! Invariant: a folder of an earlier run is kept, and nothing of an input or of another output is ever moved with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use csp_bridge::feedback::{self, Feedback, Made};
use csp_bridge::pipeline::Outcome;
use csp_bridge::read::Limits;
use csp_bridge::schema::{Schema, hex};
use csp_bridge::source::Source;
use csp_bridge::write;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::args::Merge;
use super::fault::{Stage, during};
use super::files::{self, Wanted, folder_of};
use super::folders::Swap;
use super::{Failure, child};

/// By its first line the index of an earlier run is known.
const INDEX_BEGINS: &[u8] = b"\xef\xbb\xbfcode,name,folder,files,errors,warnings,state,reply by";

/// Whatever would stop the folder from being written is said before any work is done.
pub(crate) fn check(args: &Merge) -> Result<(), Failure> {
    let Some(dir) = &args.feedback else {
        return Ok(());
    };
    if dir.file_name().is_none() {
        return Err(Failure::usage(format!(
            "--feedback {}: name a folder that is not there yet",
            dir.display()
        )));
    }
    let common = &args.common;
    let own = place(dir);
    let kept = place(&before(dir));
    let inputs = std::iter::once(&args.plan)
        .chain(&args.returns)
        .chain(&common.decisions)
        .chain(&args.previous)
        .chain(&args.ledger)
        .chain(&common.schema);
    for input in inputs {
        let input_place = place(input);
        if input_place.starts_with(&own) || input_place.starts_with(&kept) {
            return Err(Failure::usage(format!(
                "--feedback {}: the input {} is, or lies in, that folder or the one that an earlier run's is kept in; give another name",
                dir.display(),
                input.display()
            )));
        }
    }
    for returns in args.returns.iter().filter(|path| path.is_dir()) {
        let folder = place(returns);
        if own.starts_with(&folder) || kept.starts_with(&folder) {
            return Err(Failure::usage(format!(
                "--feedback {}: that lies in the folder of returns {}, where a marked copy would be read as a return; give another name",
                dir.display(),
                returns.display()
            )));
        }
    }
    let outputs = std::iter::once(&args.output)
        .chain(&common.report)
        .chain(&common.decisions_out);
    for output in outputs {
        let output_place = place(output);
        if output_place.starts_with(&own) || output_place.starts_with(&kept) {
            return Err(Failure::usage(format!(
                "the output {} lies in the folder of --feedback; give another name",
                output.display()
            )));
        }
    }
    let failed = |message: String| Err(Failure { code: 5, message });
    if !folder_of(dir).is_dir() {
        return failed(format!(
            "{} could not be written: the folder that it is to stand in is not there",
            dir.display()
        ));
    }
    if dir.symlink_metadata().is_err() {
        return Ok(());
    }
    if !args.force {
        return failed(format!(
            "{} exists already. Give another name, or --force to replace it (the old one is kept beside it).",
            dir.display()
        ));
    }
    if !dir.is_dir() {
        return failed(format!("{} is a file; name a folder", dir.display()));
    }
    let old = before(dir);
    if old.symlink_metadata().is_ok() && !is_ours(&old) {
        return failed(format!(
            "{} is where the old folder would be kept, and it holds something else; give another name",
            old.display()
        ));
    }
    Ok(())
}

/// A path as it is compared: every link followed as far as it is there, in one case and composed.
fn place(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest: Vec<std::ffi::OsString> = Vec::new();
    let mut there = absolute.as_path();
    let real = loop {
        if let Ok(real) = there.canonicalize() {
            break real;
        }
        let Some(parent) = there.parent() else {
            break absolute.clone();
        };
        rest.extend(there.file_name().map(ToOwned::to_owned));
        there = parent;
    };
    let whole = rest.iter().rev().fold(real, |path, name| path.join(name));
    match whole.to_str() {
        Some(text) => PathBuf::from(text.nfc().flat_map(char::to_lowercase).collect::<String>()),
        None => whole,
    }
}

/// Where a folder's old version is kept.
fn before(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".before");
    dir.with_file_name(name)
}

/// Whether a folder is one that an earlier run made.
fn is_ours(dir: &Path) -> bool {
    fs::read(dir.join("index.csv")).is_ok_and(|bytes| bytes.starts_with(INDEX_BEGINS))
}

/// A folder in the making. What is left of it goes with the run, unless it was placed.
pub(crate) struct Making {
    at: PathBuf,
    target: PathBuf,
    is_placed: bool,
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.is_placed {
            let _ = fs::remove_dir_all(&self.at);
        }
    }
}

impl Making {
    fn new(target: &Path) -> io::Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let at = folder_of(target).join(format!(".{name}.csp-bridge.tmp"));
        // What a killed run left behind.
        match fs::remove_dir_all(&at) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        fs::create_dir(&at)?;
        Ok(Self {
            at,
            target: target.to_owned(),
            is_placed: false,
        })
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.at.join(path);
        fs::create_dir_all(folder_of(&path))?;
        fs::write(path, bytes)
    }

    /// Moves the folder to its place; one that is there is kept beside it.
    pub(crate) fn place(mut self) -> Result<Swap, Failure> {
        let kept = before(&self.target);
        let attempt = || -> io::Result<Swap> {
            let leaving = self.leaving();
            match fs::remove_dir_all(&leaving) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            Swap::new(&self.at, &self.target, Some(&kept), &leaving)
        };
        let swap = attempt().map_err(|error| Failure::unwritable(&self.target, &error))?;
        self.is_placed = true;
        Ok(swap)
    }

    /// Where the folder that was kept before goes until the new one is in its place.
    fn leaving(&self) -> PathBuf {
        let name = self.target.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        folder_of(&self.target).join(format!(".{name}.csp-bridge.old"))
    }
}

/// Makes everything that partners get back, beside its place.
pub(crate) fn make(
    args: &Merge,
    wanted: &[Wanted],
    outcome: &Outcome,
    schema: &Schema,
) -> Result<Option<(Feedback, Making)>, Failure> {
    let Some(dir) = &args.feedback else {
        return Ok(None);
    };
    let quarter = args.quarter;
    let reply_by = args
        .reply_by
        .unwrap_or_else(|| feedback::reply_by(schema, quarter, outcome.options.as_of));
    let mut all = during(Stage::Make, || {
        feedback::gather(outcome, schema, quarter, reply_by)
    });
    let failed = |error: io::Error| Failure::unwritable(dir, &error);
    let making = Making::new(dir).map_err(failed)?;
    let paths = files::on_disk(wanted);
    let bytes = |source: &Source| {
        let bytes = files::bytes(paths.get(&source.path)?).ok()?;
        (hex(&Sha256::digest(&bytes)) == source.sha256).then_some(bytes)
    };
    let read = |bytes: &[u8]| child::read(bytes, Limits::STATED).ok();
    let originals = write::feedback::Originals {
        bytes: &bytes,
        read: &read,
    };
    // Side by side, each written at once: no more copies are held than are being made.
    let jobs: Vec<(usize, usize)> = all
        .folders
        .iter()
        .enumerate()
        .flat_map(|(folder, of)| (0..of.files.len()).map(move |file| (folder, file)))
        .collect();
    let made: Vec<Result<Made, io::Error>> = jobs
        .par_iter()
        .map(|(folder, file)| {
            let Some((folder, file)) = all
                .folders
                .get(*folder)
                .and_then(|folder| Some((folder, folder.files.get(*file)?)))
            else {
                return Ok(Made::default());
            };
            let items = feedback::items_of(Some(folder), file, outcome);
            let (made, bytes) = during(Stage::Make, || {
                write::feedback::copy(&items, file, outcome, &originals)
            });
            if let (Some(name), Some(bytes)) = (&made.name, bytes) {
                making.write(&format!("{}/{name}", folder.name), &bytes)?;
            }
            Ok(made)
        })
        .collect();
    for ((folder, file), made) in jobs.into_iter().zip(made) {
        let made = made.map_err(failed)?;
        if let Some(file) = all
            .folders
            .get_mut(folder)
            .and_then(|folder| folder.files.get_mut(file))
        {
            file.made = made;
        }
    }
    if let Some(file) = &all.plan {
        let items = feedback::items_of(None, file, outcome);
        let (made, bytes) = during(Stage::Make, || {
            write::feedback::copy(&items, file, outcome, &originals)
        });
        if let (Some(name), Some(bytes)) = (&made.name, bytes) {
            making
                .write(&format!("plan/{name}"), &bytes)
                .map_err(failed)?;
        }
    }
    for folder in all.folders.iter().chain(&all.unknown) {
        let notes = write::feedback::notes(&all, folder, outcome, schema);
        // A sender that is not known is written to by hand: the text is enough.
        let count = if folder.agency.is_some() { 2 } else { 1 };
        for (path, bytes) in notes.into_iter().take(count) {
            making.write(&path, &bytes).map_err(failed)?;
        }
    }
    let index = write::feedback::index(&all, outcome, schema).map_err(failed)?;
    making.write("index.csv", &index).map_err(failed)?;
    Ok(Some((all, making)))
}
