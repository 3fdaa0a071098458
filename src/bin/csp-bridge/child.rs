//! Reading one file in a process of its own: what its reader does there, however bad, is that file's finding and not the run's end.
//!
//! On Unix the process may ask for no more memory than is stated and use no more processor time; on Windows a job object holds it to the
//! memory, and the clock of whoever waits for it to the time. It ends with the program that started it.

use std::io::{self, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use csp_bridge::grid::Workbook;
use csp_bridge::read::{self, Limits, Unreadable};

/// How the program calls itself.
pub(crate) const COMMAND: &str = "read-one-file";

/// Reads a file, in a process of its own where that is safer.
pub(crate) fn read(bytes: &[u8], limits: Limits) -> Result<Workbook, Unreadable> {
    if !read::wants_own_process(bytes) {
        return read::workbook_within(bytes, limits);
    }
    // Where no process can be started, the file is read here: the checks before reading still hold.
    elsewhere(bytes, &Limits::STATED).unwrap_or_else(|_| read::workbook(bytes))
}

/// What reading a file in a process of its own gives, as it came over the wire, so that it can be kept and taken up again; nothing where
/// it was stopped.
pub(crate) fn wire(bytes: &[u8], stop: &AtomicBool) -> Option<Vec<u8>> {
    let limits = Limits::STATED;
    if let Err(why) = limits.check_size(bytes.len() as u64) {
        return Some(read::to_wire(Err(why)));
    }
    match spoken(bytes, &limits, Some(stop)) {
        Ok(Spoken::Stopped) => None,
        Ok(Spoken::Late) => Some(read::to_wire(Err(late(&limits)))),
        Ok(Spoken::Said(said)) if read::from_wire(&said).is_some() => Some(said),
        Ok(Spoken::Said(_)) => Some(read::to_wire(Err(failed(&limits)))),
        // Where no process can be started, the file is read here: the checks before reading still hold.
        Err(_) => Some(read::to_wire(read::workbook(bytes))),
    }
}

fn elsewhere(bytes: &[u8], limits: &Limits) -> io::Result<Result<Workbook, Unreadable>> {
    Ok(match spoken(bytes, limits, None)? {
        Spoken::Said(said) => read::from_wire(&said).unwrap_or_else(|| Err(failed(limits))),
        Spoken::Late | Spoken::Stopped => Err(late(limits)),
    })
}

fn late(limits: &Limits) -> Unreadable {
    Unreadable::Damaged(format!(
        "the file is damaged: it could not be read within {} seconds",
        limits.time.as_secs()
    ))
}

fn failed(limits: &Limits) -> Unreadable {
    Unreadable::Damaged(format!(
        "the file is damaged: reading it failed, or asked for more than {} MB of memory",
        limits.memory_bytes >> 20
    ))
}

/// What became of the other process.
enum Spoken {
    Said(Vec<u8>),
    Late,
    Stopped,
}

fn spoken(bytes: &[u8], limits: &Limits, stop: Option<&AtomicBool>) -> io::Result<Spoken> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    // Before a byte is sent: until then it reads nothing.
    #[cfg(windows)]
    let _job = confined(&child, limits);
    let (to, from) = (child.stdin.take(), child.stdout.take());
    let until = Instant::now() + limits.time;
    let is_stopped = || stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
    let (has_ended, said) = thread::scope(|scope| {
        // Both ends are served at once, so that neither waits for the other.
        scope.spawn(move || to.map(|mut to| to.write_all(bytes)));
        let reader = scope.spawn(move || {
            let mut said = Vec::new();
            if let Some(mut from) = from {
                let _ = from.read_to_end(&mut said);
            }
            said
        });
        let mut pause = Duration::from_millis(1);
        let has_ended = loop {
            match child.try_wait() {
                Ok(Some(_)) => break true,
                Ok(None) if reader.is_finished() || Instant::now() < until => {}
                Ok(None) | Err(_) => break false,
            }
            if Instant::now() >= until || is_stopped() {
                break false;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        if !has_ended {
            let _ = child.kill();
            let _ = child.wait();
        }
        (has_ended, reader.join().unwrap_or_default())
    });
    Ok(match (has_ended, is_stopped()) {
        (true, _) => Spoken::Said(said),
        (false, true) => Spoken::Stopped,
        (false, false) => Spoken::Late,
    })
}

/// The other end: bytes in, what was read out.
pub(crate) fn serve() -> u8 {
    confine(&Limits::STATED);
    let mut bytes = Vec::new();
    let limit = Limits::STATED.file_bytes as u64 + 1;
    if io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .is_err()
    {
        return 1;
    }
    let said = read::to_wire(read::workbook(&bytes));
    u8::from(io::stdout().lock().write_all(&said).is_err())
}

#[cfg(unix)]
fn confine(limits: &Limits) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |most: u64| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    let _ = setrlimit(Resource::As, at_most(limits.memory_bytes));
    let _ = setrlimit(Resource::Cpu, at_most(limits.time.as_secs()));
    let _ = setrlimit(Resource::Core, at_most(0));
    // Whoever asked is gone: nobody waits for what is read.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}

// The one that starts it has set its limits.
#[cfg(not(unix))]
fn confine(_limits: &Limits) {}

/// Holds a process to the memory that is stated: what it asks for beyond that the system refuses. It ends when what is given back here is
/// let go of, as when this program is ended from outside, and shows no window when it fails.
#[cfg(windows)]
fn confined(child: &std::process::Child, limits: &Limits) -> Option<win32job::Job> {
    use std::os::windows::io::AsRawHandle as _;
    /// Windows' names: `JOB_OBJECT_LIMIT_PROCESS_MEMORY`, `_DIE_ON_UNHANDLED_EXCEPTION` and `_KILL_ON_JOB_CLOSE`.
    const FLAGS: u32 = 0x100 | 0x400 | 0x2000;
    let mut info = win32job::ExtendedLimitInfo::new();
    info.0.ProcessMemoryLimit = usize::try_from(limits.memory_bytes).ok()?;
    info.0.BasicLimitInformation.LimitFlags = FLAGS;
    let job = win32job::Job::create_with_limit_info(&mut info).ok()?;
    job.assign_process(child.as_raw_handle().cast()).ok()?;
    Some(job)
}
