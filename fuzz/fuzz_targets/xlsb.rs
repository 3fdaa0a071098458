#![no_main]

mod whole_path;
mod zipped;

// One part of a small xlsb package, or a whole package, from bytes to records.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let bytes = zipped::packed(include_bytes!("../templates/return.xlsb"), input);
    whole_path::take(&bytes, "kent-police-q2.xlsb");
});
