//! What a file is, told by its content; its name proves nothing.

use std::io::Cursor;

use zip::ZipArchive;

use crate::grid::Format;

/// What the content turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A spreadsheet of this format.
    Sheet(Format),
    /// Encrypted, whatever it holds.
    Protected,
    /// No bytes at all.
    Empty,
    /// Something else, named for a person.
    Other(&'static str),
}

/// The first bytes of well-known files that are no spreadsheet.
const MAGIC: [(&[u8], &str); 12] = [
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"Rar!", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"From ", "an e-mail"),
    (b"Received:", "an e-mail"),
    (b"MIME-Version:", "an e-mail or web archive"),
    (b"SQLite format 3", "a database"),
];

/// Looks at the content.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Content {
    if bytes.is_empty() {
        return Content::Empty;
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return package(bytes);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(bytes);
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Content::Other(what);
    }
    if let [0x09, 0x00 | 0x02 | 0x04, 0x04 | 0x06, 0x00, ..] = bytes {
        return Content::Other("an Excel file from before 1993 (save it as .xlsx in Excel)");
    }
    let head = bytes.get(..bytes.len().min(2048)).unwrap_or_default();
    let start = String::from_utf8_lossy(head)
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    if start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || start.starts_with("<table")
        || start.starts_with("<head")
    {
        return Content::Other("a web page (open it in Excel and save it as .xlsx)");
    }
    if is_mail(&start) {
        return Content::Other("an e-mail");
    }
    if start.starts_with("<?xml") || start.starts_with("<office:document") {
        return Content::Other(
            "an XML document (open it in Excel or LibreOffice and save it as .xlsx)",
        );
    }
    if is_utf16(bytes) || !head.contains(&0) {
        Content::Sheet(Format::Csv)
    } else {
        Content::Other("a binary file of an unknown kind")
    }
}

/// Whether a text begins with the headers of a message: at least two of its first lines are, and every one until then.
fn is_mail(start: &str) -> bool {
    const HEADERS: [&str; 10] = [
        "from:",
        "to:",
        "cc:",
        "subject:",
        "date:",
        "received:",
        "return-path:",
        "delivered-to:",
        "message-id:",
        "mime-version:",
    ];
    start
        .lines()
        .take_while(|line| HEADERS.iter().any(|header| line.starts_with(header)))
        .count()
        >= 2
}

/// A byte order mark, or every other byte of the start nought.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    let noughts = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let half = head.len() / 2;
    half >= 4
        && ((noughts(1) * 10 >= half * 7 && noughts(0) == 0)
            || (noughts(0) * 10 >= half * 7 && noughts(1) == 0))
}

fn package(bytes: &[u8]) -> Content {
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Content::Sheet(Format::Xlsx);
    };
    let has = |name: &str| {
        archive
            .file_names()
            .flatten()
            .any(|n| n.trim_start_matches('/').eq_ignore_ascii_case(name))
    };
    let any = |test: fn(&str) -> bool| archive.file_names().flatten().any(|n| test(&n));
    if has("xl/workbook.bin") {
        return Content::Sheet(Format::Xlsb);
    }
    if has("xl/workbook.xml") || any(|n| n.to_ascii_lowercase().starts_with("xl/worksheets/")) {
        return Content::Sheet(Format::Xlsx);
    }
    if has("word/document.xml") {
        return Content::Other("a Word document");
    }
    if has("ppt/presentation.xml") {
        return Content::Other("a PowerPoint presentation");
    }
    if any(|n| n.to_ascii_lowercase().ends_with(".iwa") || n == "Index.zip") {
        return Content::Other("an Apple Numbers file (export it as Excel)");
    }
    if has("content.xml") && has("META-INF/manifest.xml") {
        return open_document(bytes);
    }
    if has("[Content_Types].xml") {
        return Content::Other("an Office file without a workbook in it");
    }
    Content::Other("a compressed archive (send the spreadsheet itself)")
}

fn open_document(bytes: &[u8]) -> Content {
    let part = |name: &str| super::package::part(bytes, name, 1 << 20).unwrap_or_default();
    if super::package::find(&part("META-INF/manifest.xml"), b"encryption-data").is_some() {
        return Content::Protected;
    }
    let kind = part("mimetype");
    if super::package::find(&kind, b"opendocument.text").is_some() {
        return Content::Other("a Writer document");
    }
    if super::package::find(&kind, b"opendocument.presentation").is_some() {
        return Content::Other("an Impress presentation");
    }
    Content::Sheet(Format::Ods)
}

/// An OLE compound file: its directory names are UTF-16, so a search for them tells what it holds.
fn compound(bytes: &[u8]) -> Content {
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        super::package::find(bytes, &wide).is_some()
    };
    if holds("EncryptedPackage") || holds("EncryptionInfo") {
        return Content::Protected;
    }
    if holds("Workbook") || holds("Book") {
        return Content::Sheet(Format::Xls);
    }
    if holds("WordDocument") {
        return Content::Other("a Word document");
    }
    if holds("PowerPoint Document") {
        return Content::Other("a PowerPoint presentation");
    }
    if holds("__properties_version1.0") {
        return Content::Other("an Outlook message");
    }
    Content::Sheet(Format::Xls)
}

#[cfg(test)]
mod tests {
    use super::{Content, Format, sniff};

    #[test]
    fn content_tells_what_a_file_is() {
        assert_eq!(sniff(b""), Content::Empty);
        assert_eq!(
            sniff(b"Ref,Status\nASB-01,Green\n"),
            Content::Sheet(Format::Csv)
        );
        assert_eq!(sniff(b"\xff\xfeR\0e\0f\0"), Content::Sheet(Format::Csv));
        assert!(matches!(sniff(b"%PDF-1.7"), Content::Other(_)));
        assert!(matches!(sniff(b"<html><table>"), Content::Other(_)));
        assert!(matches!(sniff(b"\x00\x01\x02\x03"), Content::Other(_)));
    }
}
