//! The whole test suite in one binary: data that people can read, and a few functions that run it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "a test that looks past the end should stop where it is"
)]

mod accessibility;
mod architecture;
mod case;
mod configuration;
mod decisions;
mod extremes;
mod feedback;
mod formats;
mod funding;
mod layouts;
mod limits;
mod links;
mod long_sheets;
mod merging;
mod mhclg;
mod new_year;
mod northbridge;
mod pipeline;
mod program;
mod publish;
mod reading;
mod reports;
mod rules;
mod samples;
mod serve;
mod sheets;
mod shifts;
mod statement;
mod sums;
mod templates;
mod tie;
mod told;
mod workbook;
