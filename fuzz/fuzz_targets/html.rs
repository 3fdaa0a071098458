#![no_main]

mod whole_path;

// A web page from bytes to records.
libfuzzer_sys::fuzz_target!(|input: &[u8]| whole_path::take(input, "kent-police-q2.xls"));
