//! csp-bridge.
pub mod finding;
pub mod funding;
pub mod grid;
pub mod layout;
pub mod pipeline;
pub mod read;
pub mod reconcile;
pub mod record;
pub mod render;
pub mod rules;
pub mod schema;
pub mod source;
pub mod value;
pub mod write;
