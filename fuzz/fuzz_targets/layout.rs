#![no_main]

mod whole_path;

/// Words from which sheets are made: headings, labels, banners, values, and what stands beside tables.
const WORDS: [&str; 44] = [
    "",
    "Ref",
    "Action",
    "Lead agency",
    "Partners",
    "Timescale",
    "Q1 update",
    "Q1 status",
    "Q1 value",
    "Quarter 1",
    "Update",
    "Progress this quarter",
    "Status",
    "Measure value",
    "Next steps",
    "Funding line",
    "Document ref",
    "Document date",
    "Amount",
    "VAT basis",
    "Allocation",
    "Partner:",
    "Kent Police",
    "Quarter:",
    "Q2 2022/23",
    "Domestic Abuse",
    "Total",
    "DA-01",
    "DA-02",
    "ASB-1",
    "CRG-01",
    "Green",
    "At risk",
    "1,250.00",
    "12-14",
    "31/06/2022",
    "05/07/2022",
    "tbc",
    "Please select",
    "INV 7",
    "Grant awarded",
    "Text that goes on",
    "#REF!",
    "From line",
];

// Any arrangement of known words: one byte a cell, 255 ends a row. Each sheet is handed on as a csv, the least that can carry it.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut text = String::new();
    for byte in input {
        if *byte == 255 {
            text.push('\n');
        } else {
            text.push('"');
            text.push_str(WORDS[usize::from(*byte) % WORDS.len()]);
            text.push_str("\",");
        }
    }
    whole_path::take(text.as_bytes(), "kent-police-q2.csv");
});
