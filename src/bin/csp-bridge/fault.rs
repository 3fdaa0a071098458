//! A fault of the program itself: it is told in one sentence, with what was being done, and leaves nothing half-written.
//!
//! Outputs are made beside their places and moved there when all are complete, and what was made beside them goes with the run that
//! made it: so a fault leaves the old file or the new one, never a part.

use std::any::Any;
use std::fmt;
use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use csp_bridge::pipeline::Outcome;
use csp_bridge::value::text::is_acting;

/// The exit code of such a fault.
const CODE: u8 = 70;

/// What the program is doing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage<'a> {
    /// Reading one file and finding its tables.
    Read(&'a Path),
    /// Everything between reading and writing.
    Judge,
    /// Making a workbook.
    Make,
    /// Making a report.
    Report,
    /// Putting the outputs in their places.
    Place,
}

impl Stage<'_> {
    /// Its name for the seam by which tests make it fail.
    fn name(self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Judge => "judge",
            Self::Make => "make",
            Self::Report => "report",
            Self::Place => "place",
        }
    }
}

impl fmt::Display for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path) => write!(f, "reading {}", path.display()),
            Self::Judge => f.write_str("checking what it had read"),
            Self::Make => f.write_str("making the workbook"),
            Self::Report => f.write_str("making a report"),
            Self::Place => f.write_str("writing the outputs"),
        }
    }
}

/// What was being done, as a panic carries it up.
struct During(String);

/// Whether an output stands in its place already.
static HAS_WRITTEN: AtomicBool = AtomicBool::new(false);

/// Notes that an output is in its place.
pub(crate) fn has_written() {
    HAS_WRITTEN.store(true, Ordering::Relaxed);
}

/// Whether an output is in its place, so that nobody may say that nothing was changed.
pub(crate) fn is_written() -> bool {
    HAS_WRITTEN.load(Ordering::Relaxed)
}

/// Does a piece of work; should it fail, what was being done goes up with the failure.
pub(crate) fn during<T>(stage: Stage<'_>, work: impl FnOnce() -> T) -> T {
    panic::catch_unwind(AssertUnwindSafe(|| {
        fail_if_asked(stage);
        work()
    }))
    .unwrap_or_else(|payload| {
        // Where one piece of work is part of another, the smaller one says more.
        if payload.is::<During>() {
            panic::resume_unwind(payload)
        }
        panic::resume_unwind(Box::new(During(stage.to_string())))
    })
}

/// Runs the program; a fault of its own becomes a sentence and its exit code.
pub(crate) fn told(program: impl FnOnce() -> ExitCode) -> ExitCode {
    // A trace would only alarm, and a reader's panic on a damaged file is caught and becomes a finding.
    panic::set_hook(Box::new(|_| {}));
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or_else(|payload| {
        let sentence = sentence(payload.as_ref(), is_written());
        let _ = writeln!(io::stderr(), "csp-bridge: {sentence}");
        ExitCode::from(CODE)
    })
}

fn sentence(payload: &(dyn Any + Send), has_written: bool) -> String {
    let doing: String = payload
        .downcast_ref::<During>()
        .map(|during| format!(" while it was {}", during.0))
        .unwrap_or_default()
        .chars()
        .filter(|c| !is_acting(*c))
        .collect();
    let written = if has_written {
        "what it wrote before that is whole"
    } else {
        "nothing was written"
    };
    format!("a fault of the program itself, not of your files, stopped it{doing}; {written}.")
}

/// The seam by which tests lose a penny of the first file, so that the run does not tie out; no program that people get has it.
#[cfg(debug_assertions)]
pub(crate) fn lose_if_asked(outcome: &mut Outcome) {
    if std::env::var_os("CSP_BRIDGE_LOSE_A_PENNY").is_some()
        && let Some(source) = outcome.sources.first_mut()
    {
        source.amounts += rust_decimal::Decimal::new(1, 2);
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn lose_if_asked(_outcome: &mut Outcome) {}

/// The seam by which tests make a stage fail; no program that people get has it.
#[cfg(debug_assertions)]
fn fail_if_asked(stage: Stage<'_>) {
    if std::env::var("CSP_BRIDGE_FAIL_AT").is_ok_and(|name| name == stage.name()) {
        panic::panic_any("asked to fail");
    }
}

#[cfg(not(debug_assertions))]
fn fail_if_asked(stage: Stage<'_>) {
    let _ = stage.name();
}
