#![no_main]

use std::sync::LazyLock;

use csp_bridge::rules;
use csp_bridge::schema::{Schema, built_in_files};

static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(built_in_files);

// One file of the configuration replaced: the first byte chooses it. Parsing gives a schema or every mistake, and never panics.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first() else {
        return;
    };
    let mut files = FILES.clone();
    let count = files.len();
    if let Some((_, file)) = files.get_mut(usize::from(*choice) % count) {
        *file = String::from_utf8_lossy(text).into_owned();
    }
    if let Err(faults) = Schema::parse("fuzz", &files, &rules::codes()) {
        assert!(!faults.is_empty(), "a refusal without a reason");
    }
});
