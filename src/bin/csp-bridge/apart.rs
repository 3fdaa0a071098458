//! Inputs and outputs kept apart: whether two paths are one file, however each is spelt.
//!
//! Invariant: where it cannot be told that two paths are two files, they count as one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use csp_bridge::decision;
use csp_bridge::layout::is_our_whole_workbook;
use csp_bridge::read;
use csp_bridge::write;
use unicode_normalization::UnicodeNormalization as _;

use super::Failure;
use super::files::{self, Wanted, folder_of};

/// What a path leads to.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The name as it stands in its folder, and the one to which its links lead; in one case and composed, as systems that are used
    /// for sharing files compare names.
    names: [OsString; 2],
    /// The file itself, which may have other names.
    node: Option<(u64, u64)>,
}

impl Identity {
    pub(crate) fn of(path: &Path) -> Self {
        let own = path.file_name().and_then(|name| {
            let folder = folder_of(path).canonicalize().ok()?;
            Some(folder.join(name))
        });
        let own = own
            .or_else(|| std::path::absolute(path).ok())
            .unwrap_or_else(|| path.to_owned());
        let led = path.canonicalize().unwrap_or_else(|_| own.clone());
        Self {
            names: [folded(&own), folded(&led)],
            node: node(path),
        }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.node.is_some() && self.node == other.node
            || self.names.iter().any(|name| other.names.contains(name))
    }
}

fn folded(path: &Path) -> OsString {
    path.to_str().map_or_else(
        || path.as_os_str().to_owned(),
        |text| {
            let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
            OsString::from(lower)
        },
    )
}

#[cfg(unix)]
fn node(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    path.metadata().ok().map(|of| (of.dev(), of.ino()))
}

#[cfg(windows)]
fn node(path: &Path) -> Option<(u64, u64)> {
    let file = std::fs::File::open(path).ok()?;
    let of = winapi_util::file::information(&file).ok()?;
    // Some servers number no files: by that all of them would be one.
    (of.file_index() != 0).then(|| (of.volume_serial_number(), of.file_index()))
}

#[cfg(not(any(unix, windows)))]
fn node(_path: &Path) -> Option<(u64, u64)> {
    None
}

/// Whether two paths are one file.
pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    Identity::of(a).is(&Identity::of(b))
}

/// Refuses an output that is one of the files named as inputs.
pub(crate) fn check<'a>(
    outputs: &[PathBuf],
    inputs: impl Iterator<Item = &'a PathBuf>,
) -> Result<(), Failure> {
    let inputs: Vec<Identity> = inputs.map(|path| Identity::of(path)).collect();
    for output in outputs {
        let identity = Identity::of(output);
        if inputs.iter().any(|input| input.is(&identity)) {
            return Err(is_an_input(output));
        }
    }
    Ok(())
}

/// Takes this program's own reports out of what was met in folders, and refuses an output that is there and is not ours. Our own
/// workbooks stay in: they are told as passed over.
pub(crate) fn leave_out(wanted: Vec<Wanted>, outputs: &[PathBuf]) -> Result<Vec<Wanted>, Failure> {
    let outputs: Vec<(Identity, &PathBuf)> = outputs
        .iter()
        .map(|path| (Identity::of(path), path))
        .collect();
    let mut out = Vec::with_capacity(wanted.len());
    for file in wanted {
        let identity = Identity::of(&file.path);
        let Some((_, output)) = outputs.iter().find(|(output, _)| output.is(&identity)) else {
            out.push(file);
            continue;
        };
        match ours(&file.path).filter(|_| file.is_from_folder) {
            Some(Ours::Workbook) => out.push(file),
            Some(Ours::Report) => {}
            None => return Err(is_an_input(output)),
        }
    }
    Ok(out)
}

fn is_an_input(output: &Path) -> Failure {
    Failure::usage(format!(
        "the output {} is one of the inputs; give it another name",
        output.display()
    ))
}

/// What this program writes.
enum Ours {
    Workbook,
    Report,
}

fn ours(path: &Path) -> Option<Ours> {
    let bytes = files::bytes(path).ok()?;
    if write::is_ours(&bytes) || decision::is_ours(&bytes) {
        return Some(Ours::Report);
    }
    read::workbook(&bytes)
        .is_ok_and(|book| is_our_whole_workbook(&book))
        .then_some(Ours::Workbook)
}

/// Refuses to replace a report that is none of ours; what is empty holds nothing.
pub(crate) fn check_report(path: &Path) -> Result<(), Failure> {
    let is_free = !path.is_file()
        || files::bytes(path).is_ok_and(|bytes| bytes.is_empty() || write::is_ours(&bytes));
    if is_free {
        return Ok(());
    }
    Err(Failure {
        code: 5,
        message: format!(
            "{} is there already and is no report that this program wrote; give another name",
            path.display()
        ),
    })
}
