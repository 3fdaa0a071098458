//! The disk: what is read, and outputs that appear whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use csp_bridge::read::{Limits, Room, Size, Unreadable};
use csp_bridge::schema::{Role, hex};
use csp_bridge::source::Input;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::fault::{Stage, during, has_written};
use super::folders::Swap;
use super::{Failure, plain};

/// How far the reading of a file is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Begun,
    Done,
}

/// A file to read, with its role.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) path: PathBuf,
    pub(crate) role: Option<Role>,
    pub(crate) is_from_folder: bool,
}

impl Wanted {
    /// One that is named itself.
    pub(crate) fn named(path: &Path, role: Role) -> Self {
        Self {
            path: path.to_owned(),
            role: Some(role),
            is_from_folder: false,
        }
    }
}

/// Files and folders as named, folders walked; lock files, hidden files and the run's own files passed over.
pub(crate) fn walk(
    paths: &[PathBuf],
    role: Option<Role>,
    own: &[&Path],
) -> Result<Vec<Wanted>, Failure> {
    let mut seen: BTreeSet<PathBuf> = own
        .iter()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            folder(path, &mut found).map_err(|error| Failure::unreadable(path, &error))?;
            // A link beside the file that it leads to is that file once more: the file's own name is the one that speaks.
            found.sort_by_cached_key(|path| (path.is_symlink(), path.clone()));
            let mut own: Vec<Wanted> = Vec::new();
            own.extend(
                found
                    .into_iter()
                    .filter(|file| first_time(&mut seen, file))
                    .map(|path| Wanted {
                        path,
                        role,
                        is_from_folder: true,
                    }),
            );
            own.sort_by(|a, b| a.path.cmp(&b.path));
            out.extend(own);
        } else if path.symlink_metadata().is_ok() {
            if first_time(&mut seen, path) {
                out.push(Wanted {
                    path: path.clone(),
                    role,
                    is_from_folder: false,
                });
            }
        } else {
            return Err(Failure {
                code: 4,
                message: format!(
                    "{} is not there. Check the name, or the folder you are in.{}",
                    path.display(),
                    hint(&path.to_string_lossy())
                ),
            });
        }
    }
    Ok(out)
}

/// What in a name that leads nowhere comes of the way in which Windows' command line passes names on.
pub(crate) fn hint(path: &str) -> &'static str {
    if path.contains('"') {
        " It holds a quotation mark: a backslash before the closing mark takes the mark with it, so write \"Q2 returns\" and not \"Q2 returns\\\"."
    } else if path.contains(['*', '?']) {
        " Signs such as * are not looked up here: name the folder itself, and every file in it is read."
    } else {
        ""
    }
}

fn first_time(seen: &mut BTreeSet<PathBuf>, file: &Path) -> bool {
    file.canonicalize().map_or(true, |real| seen.insert(real))
}

/// What is in a folder and those below it. A folder that cannot be opened is named itself, and so is whatever is no file, so that reading
/// says why; folders wait on a list, however deep they are nested.
fn folder(path: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(path)?;
    let mut waiting: Vec<PathBuf> = Vec::new();
    loop {
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_system = matches!(
                name.to_ascii_lowercase().as_str(),
                "thumbs.db" | "desktop.ini"
            );
            if name.starts_with('.') || name.starts_with("~$") || is_system {
                continue;
            }
            // A link to a folder above would never end: it is told, like all that is no file.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push(entry.path());
            } else {
                out.push(entry.path());
            }
        }
        entries = loop {
            let Some(next) = waiting.pop() else {
                return Ok(());
            };
            match fs::read_dir(&next) {
                Ok(entries) => break entries,
                Err(_) => out.push(next),
            }
        };
    }
}

/// A file's bytes, or why there are none: what it is and how large is asked before it is opened.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let limits = Limits::STATED;
    let of = path.metadata().map_err(|error| {
        let is_link = path.symlink_metadata().is_ok_and(|own| own.is_symlink());
        Unreadable::NotOpened(if is_link && error.kind() == io::ErrorKind::NotFound {
            "it is a link to a file that is not there".to_owned()
        } else {
            cannot_be_opened(&error)
        })
    })?;
    if let Some(kind) = no_file(&of) {
        return Err(Unreadable::NotAFile(kind));
    }
    if of.is_dir() && path.is_symlink() {
        return Err(Unreadable::NotAFile("a link to a folder"));
    }
    if of.is_file() {
        limits.check_size(of.len())?;
    }
    let mut out = Vec::with_capacity(usize::try_from(of.len()).unwrap_or_default());
    // It may have grown since: no more is read than is asked for.
    let read = if of.is_dir() {
        fs::read_dir(path).map(|_| 0)
    } else {
        fs::File::open(path).and_then(|file| {
            file.take(limits.file_bytes as u64 + 1)
                .read_to_end(&mut out)
        })
    };
    read.map_err(|error| Unreadable::NotOpened(cannot_be_opened(&error)))?;
    limits.check_size(out.len() as u64)?;
    Ok(out)
}

fn cannot_be_opened(error: &io::Error) -> String {
    if super::is_held(error) {
        return "it is open in another program, most likely in Excel: close it there and run again"
            .to_owned();
    }
    format!("it cannot be opened: {}", plain(error))
}

/// What something is that a folder lists, opens and is no file.
#[cfg(unix)]
fn no_file(of: &fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = of.file_type();
    if kind.is_fifo() {
        Some("a pipe between programs")
    } else if kind.is_socket() {
        Some("a socket between programs")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("a device")
    } else {
        None
    }
}

#[cfg(not(unix))]
fn no_file(of: &fs::Metadata) -> Option<&'static str> {
    (!of.is_file() && !of.is_dir()).then_some("no file")
}

/// Reads files side by side and hands each on at once; what became of them is in the order given.
///
/// All of them together stay within the run's limits, which are filled in the order of the sources whatever was read first: where they
/// do not suffice, what did not fit is settled once more, file by file.
pub(crate) fn read_within<T: Send>(
    wanted: &[Wanted],
    jobs: Option<usize>,
    progress: &(dyn Fn(&Path, Step) + Sync),
    take: impl Fn(Input) -> T + Sync,
    size: impl Fn(&T) -> Size + Sync,
) -> Vec<T> {
    // The first to ask settles how many files are worked on side by side, here and in the library.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(workers(jobs))
        .build_global();
    let called = names(wanted);
    let stated = Limits::STATED.run;
    let (cells, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_full = || {
        cells.load(Ordering::Relaxed) > stated.cells || rows.load(Ordering::Relaxed) > stated.rows
    };
    let first: Vec<Option<(T, Size)>> = wanted
        .par_iter()
        .zip(&called)
        .map(|(file, called)| {
            if is_full() {
                return None;
            }
            progress(&file.path, Step::Begun);
            let taken = during(Stage::Read(&file.path), || {
                let (input, own) = open(file, called, Limits::STATED);
                if cells.fetch_add(own, Ordering::Relaxed).saturating_add(own) > stated.cells {
                    return None;
                }
                let taken = take(input);
                let all = size(&taken);
                cells.fetch_add(all.cells.saturating_sub(own), Ordering::Relaxed);
                rows.fetch_add(all.rows, Ordering::Relaxed);
                (!is_full()).then_some((taken, all))
            });
            progress(&file.path, Step::Done);
            taken
        })
        .collect();
    if first.iter().all(Option::is_some) {
        return first
            .into_iter()
            .flatten()
            .map(|(taken, _)| taken)
            .collect();
    }
    settle(wanted, &called, first, &take, &size)
}

/// The same for files of which nothing is made but what is read of them.
pub(crate) fn read<T: Send>(
    wanted: &[Wanted],
    jobs: Option<usize>,
    progress: &(dyn Fn(&Path, Step) + Sync),
    take: impl Fn(Input) -> T + Sync,
) -> Vec<T> {
    read_within(wanted, jobs, progress, take, |_| Size::default())
}

/// Settles in the order of the sources which files are taken in, where there are more than a run may hold.
fn settle<T: Send>(
    wanted: &[Wanted],
    called: &[String],
    first: Vec<Option<(T, Size)>>,
    take: &(impl Fn(Input) -> T + Sync),
    size: &(impl Fn(&T) -> Size + Sync),
) -> Vec<T> {
    // What the run cannot do without comes first, then what partners sent, by path.
    let rank = |file: &Wanted| match file.role {
        Some(Role::Plan) => 0,
        Some(Role::Previous) => 1,
        Some(Role::Ledger) => 2,
        Some(Role::Return) | None => 3,
    };
    let mut order: Vec<_> = wanted
        .iter()
        .zip(called)
        .zip(first)
        .enumerate()
        .map(|(index, ((file, called), taken))| (index, file, called, taken))
        .collect();
    order.sort_by_key(|(_, file, called, _)| (rank(file), *called));
    let mut room = Room::default();
    let mut out: Vec<(usize, T)> = Vec::with_capacity(order.len());
    for (index, file, called, taken) in order {
        let taken = during(Stage::Read(&file.path), || {
            let may = room.cells();
            let (taken, all) = taken.unwrap_or_else(|| {
                let limits = Limits {
                    cells: Limits::STATED.cells.min(may),
                    ..Limits::STATED
                };
                let (input, own) = open(file, called, limits);
                // What is too large for what is left is not laid out.
                let taken = take(if own > may {
                    without_content(input)
                } else {
                    input
                });
                let all = size(&taken);
                let cells = all.cells.max(own);
                (taken, Size { cells, ..all })
            });
            match room.take(all) {
                Ok(()) => taken,
                Err(why) => {
                    drop(taken);
                    take(refused(file, called, why))
                }
            }
        });
        out.push((index, taken));
    }
    out.sort_by_key(|(index, _)| *index);
    out.into_iter().map(|(_, taken)| taken).collect()
}

/// A file that does not fit any more.
fn refused(file: &Wanted, called: &str, why: Unreadable) -> Input {
    let sha256 = bytes(&file.path).map(|bytes| hex(&Sha256::digest(&bytes)));
    Input {
        path: called.to_owned(),
        sha256: sha256.unwrap_or_default(),
        role: file.role,
        is_from_folder: file.is_from_folder,
        read: Err(why),
    }
}

/// A file whose content is let go of: it is refused in any case.
fn without_content(input: Input) -> Input {
    Input {
        read: Err(Unreadable::Damaged(String::new())),
        ..input
    }
}

/// A file's content within limits, and what it takes of the run's; one that is over the limit of cells takes all that it may.
fn open(file: &Wanted, called: &str, limits: Limits) -> (Input, usize) {
    let (sha256, read) = match bytes(&file.path) {
        Ok(bytes) => (
            hex(&Sha256::digest(&bytes)),
            super::child::read(&bytes, limits),
        ),
        Err(why) => (String::new(), Err(why)),
    };
    let own = match &read {
        Ok(book) => book.size(),
        Err(Unreadable::TooLarge(_)) if limits.cells < Limits::STATED.cells => {
            limits.cells.saturating_add(1)
        }
        Err(_) => 0,
    };
    let input = Input {
        path: called.to_owned(),
        sha256,
        role: file.role,
        is_from_folder: file.is_from_folder,
        read,
    };
    (input, own)
}

/// How many files may be worked on side by side: as asked, but no more than are of any use, since the system refuses threads by the
/// thousand and nothing could be read at all. Nought is one for each processor.
fn workers(jobs: Option<usize>) -> usize {
    const EACH: usize = 4;
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    jobs.unwrap_or(0).min(processors.saturating_mul(EACH))
}

/// What reports call each file: its path as it was given, with forward slashes. Where people are is nobody's business, so that one from the
/// root on is cut to the folder that all of these share.
pub(crate) fn names(wanted: &[Wanted]) -> Vec<String> {
    let mut shared: Option<PathBuf> = None;
    for folder in wanted
        .iter()
        .filter(|file| file.path.is_absolute())
        .filter_map(|file| file.path.parent())
    {
        shared = Some(match shared {
            None => folder.to_owned(),
            Some(shared) => shared
                .components()
                .zip(folder.components())
                .take_while(|(a, b)| a == b)
                .map(|(part, _)| part)
                .collect(),
        });
    }
    let shared = shared.unwrap_or_default();
    let cut = |path: &Path| {
        let inside = path.strip_prefix(&shared).unwrap_or(path);
        shown(inside).trim_start_matches('/').to_owned()
    };
    wanted
        .iter()
        .map(|file| {
            if file.path.is_absolute() {
                cut(&file.path)
            } else {
                shown(&file.path)
            }
        })
        .collect()
}

/// Where each file is, by what reports call it.
pub(crate) fn on_disk(wanted: &[Wanted]) -> BTreeMap<String, PathBuf> {
    let paths = wanted.iter().map(|file| file.path.clone());
    names(wanted).into_iter().zip(paths).collect()
}

/// A path with forward slashes, and without what Windows puts before a long one.
pub(crate) fn shown(path: &Path) -> String {
    plain_path(&path.to_string_lossy()).replace('\\', "/")
}

/// A text with the paths in it as people write them.
pub(crate) fn plain_paths(text: &str) -> String {
    text.replace(r"\\?\UNC\", r"\\").replace(r"\\?\", "")
}

/// A path as people write it: Windows' own spelling of a long one begins with a sign that nobody types.
pub(crate) fn plain_path(path: &str) -> String {
    match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\").unwrap_or(path).to_owned(),
    }
}

/// An output in the making, written beside its place and moved there when all are complete.
pub(crate) struct Staged {
    file: NamedTempFile,
    target: PathBuf,
    keep_old: bool,
}

/// Writes an output's bytes beside where it will be.
pub(crate) fn stage(target: &Path, bytes: &[u8], keep_old: bool) -> Result<Staged, Failure> {
    let attempt = || -> io::Result<NamedTempFile> {
        let mut file = beside(target)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(target).map_or(0o644, |old| old.permissions().mode() & 0o777);
            file.as_file()
                .set_permissions(fs::Permissions::from_mode(mode))?;
        }
        Ok(file)
    };
    let file = attempt().map_err(|error| Failure::unwritable(target, &error))?;
    Ok(Staged {
        file,
        target: target.to_owned(),
        keep_old,
    })
}

/// A file in the making beside its target, under a name of its own, so that two runs never write into one. It is locked while its run
/// lives: by that the next run knows what a killed one left behind, and clears it.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    const TRIES: usize = 16;
    let name = target
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    // A name may have 255 bytes, of which the rest of this one needs some.
    let name: String = name.chars().take(40).collect();
    let prefix = format!(".{name}.csp-bridge-");
    let folder = reachable(folder_of(target));
    clear(&folder, &prefix);
    for _ in 0..TRIES {
        let made = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(TEMPORARY)
            .tempfile_in(&folder)?;
        // Where the file system knows no locks, nobody takes it for left behind either.
        let is_taken = matches!(made.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if !is_taken && made.path().exists() {
            return Ok(made);
        }
    }
    Err(io::Error::other("no file could be made beside it"))
}

/// How the names of files in the making end.
const TEMPORARY: &str = ".tmp";

/// Clears what killed runs left in the making.
fn clear(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(prefix) || !name.ends_with(TEMPORARY) {
            continue;
        }
        let path = entry.path();
        let file = fs::OpenOptions::new().read(true).write(true).open(&path);
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The folder that a path stands in.
pub(crate) fn folder_of(target: &Path) -> &Path {
    target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// Moves every output to its place.
pub(crate) fn commit(staged: Vec<Staged>) -> Result<(), Failure> {
    during(Stage::Place, || {
        try_places(&staged)?;
        place(staged)
    })
}

/// Moves every output to its place, and a folder with them: should one of the files be refused, the folder goes back.
pub(crate) fn commit_with(
    staged: Vec<Staged>,
    folder: impl FnOnce() -> Result<Swap, Failure>,
) -> Result<(), Failure> {
    during(Stage::Place, || {
        try_places(&staged)?;
        let swap = folder()?;
        place(staged)?;
        swap.keep();
        Ok(())
    })
}

/// Every place is tried before the first is changed: a report that is open in another program would be noticed too late.
fn try_places(staged: &[Staged]) -> Result<(), Failure> {
    for output in staged {
        let kept = output.keep_old.then(|| before(&output.target));
        for path in kept.iter().chain([&output.target]) {
            can_be_replaced(path).map_err(|error| Failure::unwritable(path, &error))?;
        }
    }
    Ok(())
}

fn place(staged: Vec<Staged>) -> Result<(), Failure> {
    for output in staged {
        if output.keep_old && output.target.exists() {
            keep(&output.target)
                .map_err(|error| Failure::unwritable(&before(&output.target), &error))?;
            has_written();
        }
        output
            .file
            .persist(reachable(&output.target))
            .map_err(|error| Failure::unwritable(&output.target, &error.error))?;
        has_written();
    }
    Ok(())
}

/// Whether a file that is there may be replaced. On Windows a program that has it open forbids that, and says so when it is opened for
/// writing and to be moved, of which some forbid the one and some the other; elsewhere the folder decides, and what was written beside it
/// has proved that.
fn can_be_replaced(path: &Path) -> io::Result<()> {
    if !cfg!(windows) {
        return Ok(());
    }
    let mut how = fs::OpenOptions::new();
    how.write(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        /// Windows' names: `GENERIC_WRITE` and `DELETE`.
        const ACCESS: u32 = 0x4000_0000 | 0x0001_0000;
        how.access_mode(ACCESS);
    }
    match how.open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A path by which every part of Windows finds a file: one that makes files in the making knows no more than 260 characters, unless a path
/// is spelt in full.
fn reachable(path: &Path) -> PathBuf {
    if !cfg!(windows) {
        return path.to_owned();
    }
    std::path::absolute(path)
        .ok()
        .and_then(|whole| whole.to_str().map(spelt_in_full))
        .map_or_else(|| path.to_owned(), PathBuf::from)
}

/// Windows' spelling of a path from the root on that may be long; one that is short stays as it is.
fn spelt_in_full(path: &str) -> String {
    /// What the name of a file in the making may add to its folder's stays below 260.
    const SHORT: usize = 180;
    if path.encode_utf16().count() <= SHORT
        || path.starts_with(r"\\?\")
        || path.starts_with(r"\\.\")
    {
        return path.to_owned();
    }
    path.strip_prefix(r"\\").map_or_else(
        || format!(r"\\?\{path}"),
        |share| format!(r"\\?\UNC\{share}"),
    )
}

/// Copies the old workbook beside itself, whole or not at all.
fn keep(target: &Path) -> io::Result<()> {
    let kept = before(target);
    let mut copy = beside(&kept)?;
    // Into the file that is held: a second hand on it is not let in everywhere.
    io::copy(&mut fs::File::open(target)?, copy.as_file_mut())?;
    let mode = fs::metadata(target)?.permissions();
    copy.as_file().set_permissions(mode)?;
    copy.persist(reachable(&kept))
        .map_err(|error| error.error)?;
    Ok(())
}

/// Where an output's old version is kept.
pub(crate) fn before(target: &Path) -> PathBuf {
    let stem = target
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    target.with_file_name(format!("{stem}.before.xlsx"))
}

/// A source's path as seen from the output's folder, so that links work wherever the whole folder is moved; empty if there is no such path.
pub(crate) fn link(output: &Path, source: &Path) -> String {
    let (Ok(from), Ok(to)) = (folder_of(output).canonicalize(), source.canonicalize()) else {
        return String::new();
    };
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        // On another drive: no way leads there from here.
        return String::new();
    }
    let up = from.len() - shared;
    let down = to
        .iter()
        .skip(shared)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    std::iter::repeat_n("..".to_owned(), up)
        .chain(down)
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::{Wanted, names};
    use super::{hint, plain_path, spelt_in_full};

    #[cfg(unix)]
    fn called(paths: &[&str]) -> Vec<String> {
        let wanted: Vec<Wanted> = paths
            .iter()
            .map(|path| Wanted {
                path: std::path::PathBuf::from(path),
                role: None,
                is_from_folder: false,
            })
            .collect();
        names(&wanted)
    }

    #[test]
    #[cfg(unix)]
    fn paths_are_as_given_and_from_the_root_on_cut_to_what_is_shared() {
        assert_eq!(
            called(&["plan.xlsx", "in/a.xlsx"]),
            ["plan.xlsx", "in/a.xlsx"]
        );
        assert_eq!(
            called(&["/home/jo/Q2/plan.xlsx", "/home/jo/Q2/returns/a.xlsx"]),
            ["plan.xlsx", "returns/a.xlsx"]
        );
        assert_eq!(called(&["/home/jo/plan.xlsx"]), ["plan.xlsx"]);
        assert_eq!(
            called(&["/a/plan.xlsx", "/b/x.xlsx"]),
            ["a/plan.xlsx", "b/x.xlsx"]
        );
    }

    #[test]
    fn what_the_command_line_did_to_a_name_is_said() {
        assert!(hint("returns\\*.xlsx").contains("name the folder itself"));
        assert!(hint("Q2 returns\" --quarter").contains("quotation mark"));
        assert_eq!(hint("returns"), "");
    }

    #[test]
    fn long_paths_are_spelt_in_full_for_those_that_would_cut_them() {
        let deep = "folder\\".repeat(40);
        assert_eq!(spelt_in_full(r"C:\Q2"), r"C:\Q2");
        assert_eq!(
            spelt_in_full(&format!(r"C:\{deep}")),
            format!(r"\\?\C:\{deep}")
        );
        assert_eq!(
            spelt_in_full(&format!(r"\\server\share\{deep}")),
            format!(r"\\?\UNC\server\share\{deep}")
        );
        let full = format!(r"\\?\C:\{deep}");
        assert_eq!(spelt_in_full(&full), full);
        assert_eq!(plain_path(&spelt_in_full(&full)), format!(r"C:\{deep}"));
    }

    #[test]
    fn long_paths_are_shown_as_people_write_them() {
        assert_eq!(plain_path(r"\\?\C:\Q2\plan.xlsx"), r"C:\Q2\plan.xlsx");
        assert_eq!(
            plain_path(r"\\?\UNC\server\share\plan.xlsx"),
            r"\\server\share\plan.xlsx"
        );
        assert_eq!(plain_path(r"C:\Q2\plan.xlsx"), r"C:\Q2\plan.xlsx");
    }
}
