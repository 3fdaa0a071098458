//! Somebody looking on at a run: told how far it is, and free to stop it.
//!
//! Invariant: a stop is an answer of the work that was stopped, never a panic; what was begun is given up whole.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Files are read, each by itself.
    Reading,
    /// What was read is matched, added up and judged.
    Judging,
    /// The outputs are made.
    Writing,
}

impl Step {
    /// The word used for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Judging => "judging",
            Self::Writing => "writing",
        }
    }
}

/// The work was stopped because somebody asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was stopped")]
pub struct Stopped;

/// Who looks on: told of each step, and asked between files, stages and sheets whether to go on.
#[derive(Clone, Copy, Default)]
pub struct Watch<'a> {
    told: Option<&'a (dyn Fn(Step) + Sync)>,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Watch<'a> {
    /// Nobody: nothing is told, and nothing stops the work.
    #[must_use]
    pub const fn nobody() -> Self {
        Self {
            told: None,
            stop: None,
        }
    }

    /// Somebody who is told of each step, and stops the work by setting the flag.
    #[must_use]
    pub const fn new(told: &'a (dyn Fn(Step) + Sync), stop: &'a AtomicBool) -> Self {
        Self {
            told: Some(told),
            stop: Some(stop),
        }
    }

    /// Tells of a step.
    ///
    /// # Errors
    /// That the work is to stop.
    pub fn step(&self, step: Step) -> Result<(), Stopped> {
        if let Some(told) = self.told {
            told(step);
        }
        self.go_on()
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// That the work is to stop.
    pub fn go_on(&self) -> Result<(), Stopped> {
        match self.stop {
            Some(stop) if stop.load(Ordering::Relaxed) => Err(Stopped),
            Some(_) | None => Ok(()),
        }
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("is_stopped", &self.go_on().is_err())
            .finish_non_exhaustive()
    }
}
