//! Folders that are replaced whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use csp_bridge::schema::Schema;
use csp_bridge::value::period::Quarter;

use super::fault::has_written;
use super::{Failure, files};

/// A path with its links followed as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    match path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        Some(parent) if parent != path => resolved(parent).join(name),
        _ => std::env::current_dir()
            .and_then(|here| here.canonicalize())
            .map_or_else(|_| path.to_owned(), |here| here.join(name)),
    }
}

/// Whether a path is a folder or lies in it, however both are spelt.
pub(crate) fn is_within(path: &Path, folder: &Path) -> bool {
    let fold = |path: &Path| PathBuf::from(resolved(path).to_string_lossy().to_lowercase());
    fold(path).starts_with(fold(folder))
}

/// Where a folder's old contents are kept.
pub(crate) fn before(folder: &Path) -> PathBuf {
    beside(folder, "", ".before")
}

fn beside(folder: &Path, start: &str, end: &str) -> PathBuf {
    let real = resolved(folder);
    let name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    real.with_file_name(format!("{start}{name}{end}"))
}

/// A folder that is there is replaced only when that is asked for, and only one of our own kind is let go of for good.
pub(crate) fn check_free(folder: &Path, force: bool) -> Result<(), Failure> {
    let refuse = |message: String| Err(Failure { code: 5, message });
    if folder.is_file() {
        return refuse(format!("{} is a file; name a folder", folder.display()));
    }
    if fs::symlink_metadata(folder).is_ok() && !force {
        return refuse(format!(
            "{} exists already. Give another folder, or --force to replace it (the old one is kept beside it as {}).",
            folder.display(),
            before(folder).display()
        ));
    }
    let parent = resolved(folder)
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default();
    if !parent.is_dir() {
        return refuse(format!(
            "{} could not be written: its folder is not there",
            folder.display()
        ));
    }
    let old = before(folder);
    if folder.is_dir() && old.exists() && !is_ours(&old) {
        return refuse(format!(
            "{} is there and is no set that this program wrote, so the old set cannot be kept under that name; move it away",
            old.display()
        ));
    }
    Ok(())
}

/// Whether a folder holds files alone, as ours do, each of a kind that we write.
fn is_ours(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().all(|entry| {
        let path = entry.path();
        let kind = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        path.is_file()
            && matches!(
                kind.as_deref(),
                Some("xlsx" | "ods" | "html" | "csv" | "json")
            )
    })
}

/// Where a quarter's package stands in a tree of packages.
pub(crate) fn partition(folder: &Path, schema: &Schema, quarter: Quarter) -> PathBuf {
    folder
        .join(format!("partnership={}", schema.partnership.code))
        .join(format!("quarter={quarter}"))
}

/// A tree of packages may be there, and be added to; its packages are all internal or all for the public, for the views are over all.
pub(crate) fn check_tree(folder: &Path, is_public: bool) -> Result<(), Failure> {
    let below = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let other = if is_public { "false" } else { "true" };
    let mark = format!("\"public\": {other}");
    for package in below(folder).iter().flat_map(|own| below(own)) {
        let said = fs::read_to_string(package.join("datapackage.json")).unwrap_or_default();
        if said.contains(&mark) {
            let (there, asked) = if is_public {
                ("internal", "for the public")
            } else {
                ("for the public", "internal")
            };
            return Err(Failure {
                code: 5,
                message: format!(
                    "{} holds packages that are {there}, and this one is {asked}: give it a folder of its own",
                    folder.display()
                ),
            });
        }
    }
    if folder.exists() && !folder.is_dir() {
        return Err(Failure {
            code: 5,
            message: format!("{} is a file; name a folder", folder.display()),
        });
    }
    let parent = resolved(folder)
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default();
    if !parent.is_dir() {
        return Err(Failure {
            code: 5,
            message: format!(
                "{} could not be written: its folder is not there",
                folder.display()
            ),
        });
    }
    Ok(())
}

/// Writes files to a folder beside, and moves that to its place: whoever looks finds the old one, none or the new one, each whole.
pub(crate) fn place(
    folder: &Path,
    made: &[(String, Vec<u8>)],
    keep_old: bool,
) -> Result<(), Failure> {
    let attempt = || -> io::Result<()> {
        let real = resolved(folder);
        if let Some(parent) = real.parent() {
            fs::create_dir_all(parent)?;
        }
        let making = beside(folder, ".", ".csp-bridge.tmp");
        let leaving = beside(folder, ".", ".csp-bridge.old");
        for path in [&making, &leaving] {
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            }
        }
        fs::create_dir(&making)?;
        for (name, bytes) in made {
            let path = making.join(name);
            fs::write(&path, bytes)?;
            fs::File::open(&path)?.sync_all()?;
        }
        if real.exists() {
            // In a tree of packages whatever lies beside a quarter is taken for another.
            let old = if keep_old {
                before(folder)
            } else {
                leaving.clone()
            };
            if keep_old && old.exists() {
                fs::rename(&old, &leaving)?;
            }
            fs::rename(&real, &old)?;
            if let Err(error) = fs::rename(&making, &real) {
                // The old one goes back to its place.
                fs::rename(&old, &real)?;
                return Err(error);
            }
        } else {
            fs::rename(&making, &real)?;
        }
        if leaving.is_dir() {
            fs::remove_dir_all(&leaving)?;
        }
        Ok(())
    };
    attempt().map_err(|error| Failure::unwritable(folder, &error))?;
    has_written();
    Ok(())
}

/// Writes one file whole.
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::commit(vec![files::stage(path, bytes, false)?])
}
