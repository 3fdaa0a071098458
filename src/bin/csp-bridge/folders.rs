//! Folders that are replaced whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use csp_bridge::schema::Schema;
use csp_bridge::value::period::Quarter;

use super::Failure;
use super::fault::has_written;

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

/// A folder moved to its place, with the moves that brought it there: until it is kept, they can be taken back, and are if it is let go of.
pub(crate) struct Swap {
    moves: Vec<(PathBuf, PathBuf)>,
    leaving: PathBuf,
}

impl Swap {
    /// Moves what was made to its place. What stands there is kept under another name, and what has that name goes: moved first, since a
    /// folder in which another program has a file open is not moved on Windows, whereas to empty it would stop halfway.
    pub(crate) fn new(
        made: &Path,
        target: &Path,
        kept: Option<&Path>,
        leaving: &Path,
    ) -> io::Result<Self> {
        let mut swap = Self {
            moves: Vec::new(),
            leaving: leaving.to_owned(),
        };
        if target.symlink_metadata().is_ok() {
            if let Some(kept) = kept.filter(|kept| kept.symlink_metadata().is_ok()) {
                swap.step(kept, leaving)?;
            }
            swap.step(target, kept.unwrap_or(leaving))?;
        }
        swap.step(made, target)?;
        Ok(swap)
    }

    fn step(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        self.moves.push((from.to_owned(), to.to_owned()));
        Ok(())
    }

    /// It stays where it is, and what had to go for it is gone for good.
    pub(crate) fn keep(mut self) {
        self.moves.clear();
        has_written();
        // What cannot be cleared now is cleared by the next run.
        let _ = fs::remove_dir_all(&self.leaving);
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        for (from, to) in self.moves.drain(..).rev() {
            if fs::rename(&to, &from).is_err() {
                has_written();
            }
        }
    }
}

/// Writes files to a folder beside, and moves that to its place: whoever looks finds the old one, none or the new one, each whole.
pub(crate) fn place(
    folder: &Path,
    made: &[(String, Vec<u8>)],
    keep_old: bool,
) -> Result<Swap, Failure> {
    let real = resolved(folder);
    let making = beside(folder, ".", ".csp-bridge.tmp");
    let leaving = beside(folder, ".", ".csp-bridge.old");
    // In a tree of packages whatever lies beside a quarter is taken for another.
    let kept = keep_old.then(|| before(folder));
    let attempt = || -> io::Result<Swap> {
        if let Some(parent) = real.parent() {
            fs::create_dir_all(parent)?;
        }
        for path in [&making, &leaving] {
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            }
        }
        fs::create_dir(&making)?;
        for (name, bytes) in made {
            let mut file = fs::File::create(making.join(name))?;
            file.write_all(bytes)?;
            // By the hand that wrote it: Windows lets no other do this.
            file.sync_all()?;
        }
        Swap::new(&making, &real, kept.as_deref(), &leaving)
    };
    attempt().map_err(|error| {
        let _ = fs::remove_dir_all(&making);
        Failure::unwritable(folder, &error)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::Swap;

    fn folder(at: &Path, says: &str) {
        fs::create_dir(at).expect("a folder of the test");
        fs::write(at.join("it.txt"), says).expect("a folder of the test");
    }

    fn says(at: &Path) -> Option<String> {
        fs::read_to_string(at.join("it.txt")).ok()
    }

    #[test]
    fn a_folder_that_could_not_be_placed_leaves_every_other_where_it_was() {
        let dir = tempfile::tempdir().expect("a folder of the test");
        let [target, kept, leaving] = ["set", "set.before", ".leaving"].map(|n| dir.path().join(n));
        folder(&target, "old");
        folder(&kept, "older");
        // Nothing was made: the last move fails, after the other two.
        let none = dir.path().join("made");
        assert!(Swap::new(&none, &target, Some(&kept), &leaving).is_err());
        assert_eq!(says(&target).as_deref(), Some("old"));
        assert_eq!(says(&kept).as_deref(), Some("older"));
        assert!(!leaving.exists());
    }

    #[test]
    fn a_folder_goes_back_unless_it_is_kept() {
        let dir = tempfile::tempdir().expect("a folder of the test");
        let [made, target, kept, leaving] =
            ["made", "set", "set.before", ".leaving"].map(|n| dir.path().join(n));
        folder(&made, "new");
        folder(&target, "old");
        folder(&kept, "older");
        drop(Swap::new(&made, &target, Some(&kept), &leaving).expect("a folder of the test"));
        assert_eq!(says(&made).as_deref(), Some("new"));
        assert_eq!(says(&target).as_deref(), Some("old"));
        assert_eq!(says(&kept).as_deref(), Some("older"));
        Swap::new(&made, &target, Some(&kept), &leaving)
            .expect("a folder of the test")
            .keep();
        assert_eq!(says(&target).as_deref(), Some("new"));
        assert_eq!(says(&kept).as_deref(), Some("old"));
        assert!(!made.exists() && !leaving.exists());
    }
}
