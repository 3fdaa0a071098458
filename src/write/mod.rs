//! Finished plans of outputs to bytes. Nothing here decides what is said, only how it is written.

pub mod csv;
pub mod html;
pub mod json;
mod link;
pub mod markdown;
mod package;
mod row;
pub mod xlsx;
