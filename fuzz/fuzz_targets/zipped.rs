//! A package of one format from a mutated part: the mutator works on plain XML, which the target packs, for a change inside a deflated
//! member would only ever break its checksum. Input that is a package already is taken as it is.

use std::io::{Cursor, Read, Write};

/// The seed's package with one part replaced: the input's first byte chooses the part, the rest is its content.
pub fn packed(template: &[u8], input: &[u8]) -> Vec<u8> {
    if input.starts_with(b"PK") {
        return input.to_vec();
    }
    let Some((choice, content)) = input.split_first() else {
        return Vec::new();
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(template)).expect("the template opens");
    let chosen = usize::from(*choice) % archive.len();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).expect("the member is there");
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("the member inflates");
        let name = member.name().expect("a name").into_owned();
        out.start_file(name, options).expect("a member begins");
        let bytes = if index == chosen { content } else { &bytes };
        out.write_all(bytes).expect("a member is written");
    }
    out.finish().expect("the package ends").into_inner()
}
