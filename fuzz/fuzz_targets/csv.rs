#![no_main]

mod whole_path;

// A csv file from bytes to records.
libfuzzer_sys::fuzz_target!(|input: &[u8]| whole_path::take(input, "kent-police-q2.csv"));
