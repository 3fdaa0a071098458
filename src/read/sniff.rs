//! What a file is, told by its content; its name proves nothing.

use super::Unreadable;
use super::compound::Compound;
use super::limits::Limits;
use super::package::Package;
use crate::grid::Format;

/// What the content turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A spreadsheet of this format.
    Sheet(Format),
    /// Encrypted, whatever it holds.
    Protected,
    /// Encrypted by a sensitivity label.
    Labelled,
    /// No bytes at all.
    Empty,
    /// Something else, named for a person.
    Other(&'static str),
}

/// The first bytes of well-known files that are no spreadsheet.
const MAGIC: [(&[u8], &str); 11] = [
    (b"%PDF", "a PDF document; ask for the spreadsheet itself"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (
        b"Rar!",
        "a compressed archive; take the spreadsheet out of it and send that",
    ),
    (
        b"7z\xbc\xaf",
        "a compressed archive; take the spreadsheet out of it and send that",
    ),
    (
        b"\x1f\x8b",
        "a compressed archive; take the spreadsheet out of it and send that",
    ),
    (b"SQLite format 3", "a database"),
];

/// Looks at the content.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Content {
    if bytes.is_empty() {
        return Content::Empty;
    }
    if is_package(bytes) {
        let opened = Package::open(bytes, &Limits::STATED);
        return opened
            .and_then(|mut opened| package(&mut opened))
            .unwrap_or(Content::Sheet(Format::Xlsx));
    }
    if is_compound(bytes) {
        return compound(bytes);
    }
    // Any file, wrapped by the protection of a sensitivity label.
    if bytes.starts_with(b".pfile") {
        return Content::Labelled;
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Content::Other(what);
    }
    if let [0x09, 0x00 | 0x02 | 0x04, 0x04 | 0x06, 0x00, ..] = bytes {
        return Content::Other(
            "an Excel workbook from before 1993; open it in LibreOffice and save it as .xlsx",
        );
    }
    if let [0x09, 0x08, 0x08 | 0x10, 0x00, ..] = bytes {
        return Content::Other(
            "an old Excel workbook without its outer wrapping; open it in LibreOffice and save it as .xlsx",
        );
    }
    let inside = |at: usize, words: &[u8]| bytes.get(at..at + words.len()) == Some(words);
    if inside(8, b"WEBP") || inside(4, b"ftyphei") || inside(4, b"ftypmif") {
        return Content::Other("a picture");
    }
    let head = bytes.get(..bytes.len().min(16 << 10)).unwrap_or_default();
    let start = if is_utf16(bytes) {
        super::encoding::decode(head).0
    } else {
        String::from_utf8_lossy(head)
    };
    let start = start
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    if is_message(&start) {
        return Content::Other("an e-mail; take the spreadsheet out of it and send that");
    }
    if let Some(content) = markup(&start) {
        return content;
    }
    if is_utf16(bytes) || !head.contains(&0) {
        Content::Sheet(Format::Csv)
    } else {
        Content::Other("a binary file of an unknown kind")
    }
}

/// What a text in angle brackets is, told by its beginning in lower case; nothing for any other text.
fn markup(start: &str) -> Option<Content> {
    let is_xml = start.starts_with("<?xml") || start.starts_with("<?mso-application");
    if is_xml
        || start.starts_with("<office:document")
        || start.starts_with("<workbook")
        || start.starts_with("<ss:workbook")
    {
        if start.contains("opendocument.spreadsheet") {
            return Some(Content::Sheet(Format::Ods));
        }
        if start.contains("urn:schemas-microsoft-com:office:spreadsheet")
            && start.contains("workbook")
        {
            return Some(Content::Sheet(Format::SpreadsheetMl));
        }
        if !start.contains("<html") && !start.contains("<table") {
            return Some(Content::Other(
                "an XML file, not a workbook; open it in Excel or LibreOffice and save it as .xlsx",
            ));
        }
        return Some(Content::Sheet(Format::Html));
    }
    let element = start.strip_prefix('<')?;
    let is_page = element.starts_with("!doctype html") || element.starts_with("html");
    // A piece of a page, as systems write it that have no more to say.
    let is_piece = element.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!')
        && ["<table", "<html", "<body"]
            .iter()
            .any(|tag| start.contains(tag));
    (is_page || is_piece).then_some(Content::Sheet(Format::Html))
}

/// Whether a text begins as an e-mail does: its first line is a header, and so are two more before the first blank line.
fn is_message(start: &str) -> bool {
    const HEADERS: [&str; 10] = [
        "from:",
        "to:",
        "subject:",
        "received:",
        "return-path:",
        "mime-version:",
        "message-id:",
        "delivered-to:",
        "content-type:",
        "date:",
    ];
    let is_header = |line: &str| HEADERS.iter().any(|name| line.starts_with(name));
    let mut lines = start.lines().take_while(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let opens = is_header(first) || first.starts_with("x-") || first.starts_with("from ");
    opens && lines.filter(|line| is_header(line)).count() >= 2
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

/// Whether these are the first bytes of a zip package.
pub(super) fn is_package(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether these are the first bytes of an OLE compound file.
pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// What a package holds.
///
/// # Errors
/// `TooLarge` over a limit, `Damaged` where the parts that tell it are.
pub(super) fn package(package: &mut Package<'_>) -> Result<Content, Unreadable> {
    let any = |package: &Package<'_>, test: fn(&str) -> bool| package.names().any(test);
    if package.has("encrypted-package") || package.has("EncryptedPackage") {
        return Ok(Content::Protected);
    }
    if package.has("xl/workbook.bin") {
        return Ok(Content::Sheet(Format::Xlsb));
    }
    if package.has("xl/workbook.xml") || any(package, |name| name.contains("worksheets/")) {
        return Ok(Content::Sheet(Format::Xlsx));
    }
    if package.has("word/document.xml") {
        return Ok(Content::Other("a Word document"));
    }
    if package.has("ppt/presentation.xml") {
        return Ok(Content::Other("a PowerPoint presentation"));
    }
    if any(package, |name| {
        name.rsplit_once('.').is_some_and(|(_, end)| end == "iwa") || name == "index.zip"
    }) {
        return Ok(Content::Other(
            "an Apple Numbers file; export it from Numbers as an Excel workbook",
        ));
    }
    if package.has("content.xml") {
        return open_document(package);
    }
    if package.has("[Content_Types].xml") {
        // A workbook may lie wherever the package says.
        let types = package.part("[Content_Types].xml")?.unwrap_or_default();
        return Ok(
            if find(&types, b"spreadsheetml.sheet.main+xml").is_some()
                || find(&types, b"spreadsheetml.template.main+xml").is_some()
            {
                Content::Sheet(Format::Xlsx)
            } else {
                Content::Other("an Office file without a workbook in it")
            },
        );
    }
    Ok(Content::Other(
        "a compressed archive; take the spreadsheet out of it and send that",
    ))
}

fn open_document(package: &mut Package<'_>) -> Result<Content, Unreadable> {
    let manifest = package.part("META-INF/manifest.xml")?.unwrap_or_default();
    if find(&manifest, b"encryption-data").is_some() {
        return Ok(Content::Protected);
    }
    let kind = package.part("mimetype")?.unwrap_or_default();
    let is = |word: &[u8]| find(&kind, word).is_some();
    Ok(if is(b"opendocument.text") {
        Content::Other("a Writer document")
    } else if is(b"opendocument.presentation") {
        Content::Other("an Impress presentation")
    } else if is(b"opendocument.graphics") {
        Content::Other("a Draw picture")
    } else {
        Content::Sheet(Format::Ods)
    })
}

/// Where `needle` begins in `hay`.
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len().max(1))
        .position(|window| window == needle)
}

/// An OLE compound file, told by what its directory lists; a damaged one by the names that are found in it.
fn compound(bytes: &[u8]) -> Content {
    let directory = Compound::open(bytes).ok();
    let holds = |name: &str| {
        directory.as_ref().map_or_else(
            || {
                let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
                find(bytes, &wide).is_some()
            },
            |directory| directory.has(name),
        )
    };
    // Looked for in the bytes as well: no other file carries the names, and a locked file should be called locked even when it is damaged.
    let is_named = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(bytes, &wide).is_some()
    };
    // Rights management: since Excel 2007 a data space beside the encrypted package, before that streams behind a control character.
    let is_managed = directory.as_ref().map_or_else(
        || is_named("DRMEncrypted") || is_named("\tDRMContent"),
        |directory| {
            directory.any(|name| name.trim_start_matches(char::is_control).starts_with("DRM"))
        },
    );
    if is_managed {
        return Content::Labelled;
    }
    if holds("EncryptedPackage") || holds("EncryptionInfo") || is_named("EncryptedPackage") {
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
        assert_eq!(sniff(b"<html><table>"), Content::Sheet(Format::Html));
        assert_eq!(
            sniff(b"<style>td{}</style><TABLE>"),
            Content::Sheet(Format::Html)
        );
        assert_eq!(
            sniff(b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">"),
            Content::Sheet(Format::SpreadsheetMl)
        );
        assert!(matches!(
            sniff(b"<?xml version=\"1.0\"?><note/>"),
            Content::Other(_)
        ));
        assert_eq!(sniff(b"<1 day,2\n"), Content::Sheet(Format::Csv));
        assert!(matches!(
            sniff(b"From: a@example.org\nTo: b@example.org\nSubject: return\n\nSee attached"),
            Content::Other(_)
        ));
        assert_eq!(
            sniff(b"From line,To line,Amount\nASB-01,ASB-02,100\n"),
            Content::Sheet(Format::Csv)
        );
        assert!(matches!(sniff(b"\x00\x01\x02\x03"), Content::Other(_)));
    }
}
