//! One file from bytes to records and findings, as a run takes it: shared by the targets of the formats.

use csp_bridge::pipeline::{self, Options};
use csp_bridge::read;
use csp_bridge::schema::{self, Role, Schema};
use csp_bridge::source::Input;
use std::cell::Cell;
use std::sync::LazyLock;

thread_local! {
    static IS_READING: Cell<bool> = const { Cell::new(false) };
}

/// Reading catches a reader's panics by contract; the fuzzer's own hook would end the process at each of them. Any other still ends it.
static HOOK: LazyLock<()> = LazyLock::new(|| {
    let fatal = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !IS_READING.get() {
            fatal(info);
        }
    }));
});

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    schema::built_in(&csp_bridge::rules::codes()).expect("the built-in one is valid")
});

/// Reads, lays out, decodes and judges a file on its own, as a plan and as a return. Whatever it holds, every row and penny must be
/// accounted for.
pub fn take(bytes: &[u8], name: &str) {
    LazyLock::force(&HOOK);
    for role in [Role::Plan, Role::Return] {
        IS_READING.set(true);
        let read = read::workbook(bytes);
        IS_READING.set(false);
        let input = Input {
            path: format!("returns/{name}"),
            sha256: String::new(),
            role: Some(role),
            is_from_folder: false,
            read,
        };
        let options = Options {
            quarter: "2022-23-Q2".parse().ok(),
            as_of: "2022-10-20".parse().expect("a date"),
            is_merge: false,
        };
        let outcome = pipeline::run(&SCHEMA, vec![input], options);
        assert!(outcome.ties_out(), "rows or money do not tie out");
    }
}
