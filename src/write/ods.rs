//! The public version in the `OpenDocument` format, 1.3: a small writer of our own.
//!
//! The set needs sheets of text and figures with one named table each, column widths, row heights and properties. The crate that writes this
//! format (`spreadsheet-ods`) brings some thirty others, a reader among them, and stamps the clock into what it writes; these few elements
//! are checked against the format's schema and by two other readers instead.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write as _};

use super::public;
use crate::render::public::{PublicSet, PublicTable, Value};

const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";

const SPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" xmlns:number=\"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0\" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" xmlns:config=\"urn:oasis:names:tc:opendocument:xmlns:config:1.0\" xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// How wide column A of a page of lines is, in characters.
const PAGE_WIDTH: u16 = 90;

/// The workbook's bytes; the same set gives the same bytes.
///
/// # Errors
/// If the package cannot be put together.
pub(super) fn write(set: &PublicSet) -> io::Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default()
        // On each system the same sign of the one that made it.
        .system(zip::System::Unix)
        .last_modified_time(zip::DateTime::default())
        .compression_method(zip::CompressionMethod::Stored);
    let packed = plain.compression_method(zip::CompressionMethod::Deflated);
    // Readers tell the format by this part, which stands first and unpacked.
    zip.start_file("mimetype", plain)?;
    zip.write_all(MIME.as_bytes())?;
    for (name, text) in [
        ("content.xml", content(set)),
        ("styles.xml", styles()),
        ("meta.xml", meta(set)),
        ("settings.xml", settings()),
        ("META-INF/manifest.xml", manifest()),
    ] {
        zip.start_file(name, packed)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// A text in an element or an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// A text as paragraphs: a line each, with more than one space kept.
fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    for line in text.split('\n') {
        out.push_str("<text:p>");
        let mut is_space = true;
        for c in line.chars() {
            if c == ' ' && is_space {
                out.push_str("<text:s/>");
            } else {
                out.push_str(&escaped(&c.to_string()));
            }
            is_space = c == ' ';
        }
        out.push_str("</text:p>");
    }
    out
}

/// A width in characters or a height in lines, in points.
fn column_points(characters: u16) -> u32 {
    u32::from(characters) * 7 + 5
}

fn row_points(lines: usize) -> u32 {
    u32::try_from(lines)
        .unwrap_or(30)
        .saturating_mul(16)
        .saturating_add(6)
}

/// Styles of columns and rows by their size, made as they are met.
#[derive(Default)]
struct Sizes {
    columns: std::collections::BTreeSet<u32>,
    rows: std::collections::BTreeSet<u32>,
}

impl Sizes {
    fn column(&mut self, characters: u16) -> String {
        let points = column_points(characters);
        self.columns.insert(points);
        format!("co{points}")
    }

    fn row(&mut self, lines: usize) -> String {
        let points = row_points(lines);
        self.rows.insert(points);
        format!("ro{points}")
    }
}

fn content(set: &PublicSet) -> String {
    let mut sizes = Sizes::default();
    let mut sheets = String::new();
    cover(set, &mut sizes, &mut sheets);
    let mut ranges = String::new();
    for table in std::iter::once(&public::contents(set)).chain(&set.tables) {
        sheet(set, table, &mut sizes, &mut sheets);
        let top = public::above(set, table).len();
        let last = crate::render::a1(
            top + table.rows.len(),
            table.columns.len().saturating_sub(1),
        );
        let _ = write!(
            ranges,
            "<table:database-range table:name=\"{}\" table:target-range-address=\"{name}.A{}:{name}.{last}\" table:contains-header=\"true\" table:display-filter-buttons=\"false\"/>",
            public::table_name(set, table),
            top + 1,
            name = table.name,
        );
    }
    let mut own = String::new();
    for points in &sizes.columns {
        let _ = write!(
            own,
            "<style:style style:name=\"co{points}\" style:family=\"table-column\"><style:table-column-properties style:column-width=\"{points}pt\"/></style:style>"
        );
    }
    for points in &sizes.rows {
        let _ = write!(
            own,
            "<style:style style:name=\"ro{points}\" style:family=\"table-row\"><style:table-row-properties style:row-height=\"{points}pt\" style:use-optimal-row-height=\"false\"/></style:style>"
        );
    }
    own.push_str("<style:style style:name=\"ta\" style:family=\"table\" style:master-page-name=\"Default\"><style:table-properties table:display=\"true\"/></style:style>");
    format!(
        "{HEAD}<office:document-content {SPACES} office:version=\"1.3\"><office:automatic-styles>{own}</office:automatic-styles><office:body><office:spreadsheet>{sheets}<table:database-ranges>{ranges}</table:database-ranges></office:spreadsheet></office:body></office:document-content>\n"
    )
}

fn cell(style: &str, text: &str) -> String {
    format!(
        "<table:table-cell table:style-name=\"{style}\" office:value-type=\"string\">{}</table:table-cell>",
        paragraphs(text)
    )
}

fn cover(set: &PublicSet, sizes: &mut Sizes, out: &mut String) {
    let _ = write!(
        out,
        "<table:table table:name=\"Cover\" table:style-name=\"ta\"><table:table-column table:style-name=\"{}\" table:default-cell-style-name=\"Plain\"/>",
        sizes.column(PAGE_WIDTH)
    );
    let lines =
        std::iter::once((&set.title, "Title")).chain(set.cover.iter().map(|l| (l, "Plain")));
    for (text, style) in lines {
        let height = sizes.row(public::lines([(text.as_str(), PAGE_WIDTH)].into_iter()));
        let _ = write!(
            out,
            "<table:table-row table:style-name=\"{height}\">{}</table:table-row>",
            cell(style, text)
        );
    }
    out.push_str("</table:table>");
}

fn sheet(set: &PublicSet, table: &PublicTable, sizes: &mut Sizes, out: &mut String) {
    let _ = write!(
        out,
        "<table:table table:name=\"{}\" table:style-name=\"ta\">",
        table.name
    );
    for (_, width) in &table.columns {
        let _ = write!(
            out,
            "<table:table-column table:style-name=\"{}\" table:default-cell-style-name=\"Plain\"/>",
            sizes.column(*width)
        );
    }
    for (row, text) in public::above(set, table).iter().enumerate() {
        let style = if row == 0 { "Title" } else { "Line" };
        let _ = write!(
            out,
            "<table:table-row table:style-name=\"{}\">{}</table:table-row>",
            sizes.row(1),
            cell(style, text)
        );
    }
    let headings = table
        .columns
        .iter()
        .map(|(heading, width)| (heading.as_str(), *width));
    let _ = write!(
        out,
        "<table:table-header-rows><table:table-row table:style-name=\"{}\">",
        sizes.row(public::lines(headings))
    );
    for (heading, _) in &table.columns {
        out.push_str(&cell("Heading", heading));
    }
    out.push_str("</table:table-row></table:table-header-rows>");
    for row in &table.rows {
        let texts: Vec<String> = row.iter().map(Value::plain).collect();
        let widths = table.columns.iter().map(|(_, width)| *width);
        let lines = public::lines(texts.iter().map(String::as_str).zip(widths));
        let _ = write!(
            out,
            "<table:table-row table:style-name=\"{}\">",
            sizes.row(lines)
        );
        for (value, text) in row.iter().zip(&texts) {
            match value {
                Value::Text(text) => out.push_str(&cell("Plain", text)),
                Value::Number(_) | Value::Money(_) => {
                    let style = if matches!(value, Value::Money(_)) {
                        "Money"
                    } else {
                        "Number"
                    };
                    let _ = write!(
                        out,
                        "<table:table-cell table:style-name=\"{style}\" office:value-type=\"float\" office:value=\"{text}\"><text:p>{text}</text:p></table:table-cell>"
                    );
                }
            }
        }
        out.push_str("</table:table-row>");
    }
    out.push_str("</table:table>");
}

fn styles() -> String {
    let cell = |name: &str, cell: &str, paragraph: &str, text: &str, data: &str| {
        format!(
            "<style:style style:name=\"{name}\" style:family=\"table-cell\" style:parent-style-name=\"Default\"{data}><style:table-cell-properties style:vertical-align=\"top\"{cell}/>{paragraph}{text}</style:style>"
        )
    };
    let wrap = " fo:wrap-option=\"wrap\"";
    let bold = "<style:text-properties fo:font-weight=\"bold\"/>";
    let title = "<style:text-properties fo:font-size=\"15pt\" fo:font-weight=\"bold\"/>";
    let right = "<style:paragraph-properties fo:text-align=\"end\"/>";
    let own = [
        cell("Plain", wrap, "", "", ""),
        cell("Line", " fo:wrap-option=\"no-wrap\"", "", "", ""),
        cell("Title", " fo:wrap-option=\"no-wrap\"", "", title, ""),
        cell("Heading", wrap, "", bold, ""),
        cell("Number", wrap, right, "", ""),
        cell("Money", wrap, right, "", " style:data-style-name=\"N2\""),
    ]
    .concat();
    format!(
        "{HEAD}<office:document-styles {SPACES} office:version=\"1.3\"><office:font-face-decls><style:font-face style:name=\"Arial\" svg:font-family=\"Arial\" style:font-family-generic=\"swiss\"/></office:font-face-decls><office:styles><style:default-style style:family=\"table-cell\"><style:text-properties style:font-name=\"Arial\" fo:font-size=\"12pt\" fo:language=\"en\" fo:country=\"GB\"/></style:default-style><number:number-style style:name=\"N2\"><number:number number:decimal-places=\"2\" number:min-decimal-places=\"2\" number:min-integer-digits=\"1\" number:grouping=\"true\"/></number:number-style><style:style style:name=\"Default\" style:family=\"table-cell\"/>{own}</office:styles><office:automatic-styles><style:page-layout style:name=\"pm\"><style:page-layout-properties style:print-orientation=\"landscape\" fo:page-width=\"29.7cm\" fo:page-height=\"21cm\" style:scale-to-X=\"1\"/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page style:name=\"Default\" style:page-layout-name=\"pm\"/></office:master-styles></office:document-styles>\n"
    )
}

fn meta(set: &PublicSet) -> String {
    format!(
        "{HEAD}<office:document-meta {SPACES} office:version=\"1.3\"><office:meta><meta:generator>csp-bridge</meta:generator><dc:title>{}</dc:title><dc:subject>{}</dc:subject><meta:initial-creator>{}</meta:initial-creator><meta:creation-date>{}T00:00:00</meta:creation-date><dc:language>en-GB</dc:language></office:meta></office:document-meta>\n",
        escaped(&set.title),
        escaped(&set.quarter.spoken()),
        escaped(&set.partnership),
        set.as_of,
    )
}

/// Opens at A1 of the first sheet.
fn settings() -> String {
    format!(
        "{HEAD}<office:document-settings {SPACES} office:version=\"1.3\"><office:settings><config:config-item-set config:name=\"ooo:view-settings\"><config:config-item-map-indexed config:name=\"Views\"><config:config-item-map-entry><config:config-item config:name=\"ViewId\" config:type=\"string\">view1</config:config-item><config:config-item config:name=\"ActiveTable\" config:type=\"string\">Cover</config:config-item></config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings></office:document-settings>\n"
    )
}

fn manifest() -> String {
    let mut parts = String::new();
    for name in ["content.xml", "styles.xml", "meta.xml", "settings.xml"] {
        let _ = write!(
            parts,
            "<manifest:file-entry manifest:full-path=\"{name}\" manifest:media-type=\"text/xml\"/>"
        );
    }
    format!(
        "{HEAD}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\"><manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" manifest:media-type=\"{MIME}\"/>{parts}</manifest:manifest>\n"
    )
}
