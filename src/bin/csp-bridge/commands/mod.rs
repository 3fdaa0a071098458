//! The commands, one a file. What several of them need is beside them.

pub(crate) mod check;
pub(crate) mod configure;
pub(crate) mod diff;
pub(crate) mod inspect;
pub(crate) mod merge;
pub(crate) mod new_year;
pub(crate) mod publish;
pub(crate) mod statement;
pub(crate) mod templates;
