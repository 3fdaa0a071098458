//! The disk: what is read, and outputs that appear whole or not at all.

use std::collections::BTreeSet;
use std::fs;
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
                    "{} is not there. Check the name, or the folder you are in.",
                    path.display()
                ),
            });
        }
    }
    Ok(out)
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
        Unreadable::Damaged(if is_link && error.kind() == io::ErrorKind::NotFound {
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
    read.map_err(|error| Unreadable::Damaged(cannot_be_opened(&error)))?;
    limits.check_size(out.len() as u64)?;
    Ok(out)
}

fn cannot_be_opened(error: &io::Error) -> String {
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
pub(crate) fn read<T: Send>(
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
    let stated = Limits::STATED.run;
    let (cells, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_full = || {
        cells.load(Ordering::Relaxed) > stated.cells || rows.load(Ordering::Relaxed) > stated.rows
    };
    let first: Vec<Option<(T, Size)>> = wanted
        .par_iter()
        .map(|file| {
            if is_full() {
                return None;
            }
            progress(&file.path, Step::Begun);
            let taken = during(Stage::Read(&file.path), || {
                let (input, own) = open(file, Limits::STATED);
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
    settle(wanted, first, &take, &size)
}

/// Settles in the order of the sources which files are taken in, where there are more than a run may hold.
fn settle<T: Send>(
    wanted: &[Wanted],
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
    let mut order: Vec<(usize, &Wanted, Option<(T, Size)>)> = wanted
        .iter()
        .zip(first)
        .enumerate()
        .map(|(index, (file, taken))| (index, file, taken))
        .collect();
    order.sort_by_key(|(_, file, _)| (rank(file), shown(&file.path)));
    let mut room = Room::default();
    let mut out: Vec<(usize, T)> = Vec::with_capacity(order.len());
    for (index, file, taken) in order {
        let taken = during(Stage::Read(&file.path), || {
            let may = room.cells();
            let (taken, all) = taken.unwrap_or_else(|| {
                let limits = Limits {
                    cells: Limits::STATED.cells.min(may),
                    ..Limits::STATED
                };
                let (input, own) = open(file, limits);
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
                    take(refused(file, why))
                }
            }
        });
        out.push((index, taken));
    }
    out.sort_by_key(|(index, _)| *index);
    out.into_iter().map(|(_, taken)| taken).collect()
}

/// A file that does not fit any more.
fn refused(file: &Wanted, why: Unreadable) -> Input {
    let sha256 = bytes(&file.path).map(|bytes| hex(&Sha256::digest(&bytes)));
    Input {
        path: shown(&file.path),
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
fn open(file: &Wanted, limits: Limits) -> (Input, usize) {
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
        path: shown(&file.path),
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

/// A path as reports write it: as given, with forward slashes.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
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

/// A file in the making beside its target. Its name is the target's own, so that what a killed run left behind is cleared by the next one.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let name = target
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name = format!(".{name}.csp-bridge.tmp");
    let folder = folder_of(target);
    match fs::remove_file(folder.join(&name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    tempfile::Builder::new()
        .prefix(&name)
        .rand_bytes(0)
        .tempfile_in(folder)
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
    during(Stage::Place, || place(staged))
}

fn place(staged: Vec<Staged>) -> Result<(), Failure> {
    for output in staged {
        if output.keep_old && output.target.exists() {
            keep(&output.target)
                .map_err(|error| Failure::unwritable(&before(&output.target), &error))?;
        }
        output
            .file
            .persist(&output.target)
            .map_err(|error| Failure::unwritable(&output.target, &error.error))?;
        has_written();
    }
    Ok(())
}

/// Copies the old workbook beside itself, whole or not at all.
fn keep(target: &Path) -> io::Result<()> {
    let kept = before(target);
    let copy = beside(&kept)?;
    fs::copy(target, copy.path())?;
    copy.persist(&kept).map_err(|error| error.error)?;
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
pub(crate) fn link(output: &Path, source: &str) -> String {
    let (Ok(from), Ok(to)) = (
        folder_of(output).canonicalize(),
        Path::new(source).canonicalize(),
    ) else {
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
