//! Delimited text: its encoding, its delimiter, and rows counted as a spreadsheet counts them.

use std::borrow::Cow;
use std::sync::Arc;

use super::Unreadable;
use super::encoding;
use super::limits::Limits;
use crate::grid::{
    COLUMNS_MAX, Cell, CellAddress, CellValue, Delimited, FileFacts, Format, LooseQuote, QuoteEnd,
    ROWS_MAX, Untold, Workbook, Worksheet,
};

/// Reads delimited text.
///
/// # Errors
/// `Damaged` where it holds no text, `TooLarge` over a limit.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let (decoded, guessed_encoding) = encoding::decode(bytes);
    let body = lines_ended(&decoded);
    let delimiter = delimiter(&body);
    let (cells, delimited) = cells(unnamed(&body), delimiter, limits)?;
    let mut sheet = Worksheet::new(None, cells);
    sheet.delimited = Some(Box::new(delimited));
    Ok(Workbook {
        format: Format::Csv,
        sheets: vec![sheet],
        facts: FileFacts {
            guessed_encoding: guessed_encoding.map(Into::into),
            // A text has its letters alone.
            untold: Untold::ALL.into(),
            ..FileFacts::default()
        },
    })
}

/// The text with `\n` at its end, and with old Macintosh line ends made usual ones, so that lines can be counted.
fn lines_ended(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') && text.contains('\r') {
        return Cow::Owned(text.replace('\r', "\n") + "\n");
    }
    if text.ends_with('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n"))
    }
}

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const SNIFFED_RECORDS: usize = 60;

/// The text without the line that names its delimiter, which a spreadsheet takes in and does not count.
fn unnamed(text: &str) -> &str {
    // The line may end in a return alone, although a quoted text further down breaks its lines otherwise.
    match text.split_once(['\r', '\n']) {
        Some((first, rest)) if is_naming(first) => match text.get(first.len()..) {
            Some(ended) if ended.starts_with("\r\n") => rest.get(1..).unwrap_or_default(),
            _ => rest,
        },
        _ => text,
    }
}

fn is_naming(line: &str) -> bool {
    line.trim_end_matches([',', ';', '"'])
        .trim_start_matches('"')
        .strip_prefix("sep=")
        .is_some_and(|delimiter| delimiter.len() <= 1)
}

/// The delimiter under which the records agree best on how many fields they have.
fn delimiter(text: &str) -> u8 {
    // Excel writes the delimiter itself on the first line, on request.
    if let Some(named) = text
        .trim_start_matches('"')
        .strip_prefix("sep=")
        .and_then(|rest| rest.bytes().next())
        && DELIMITERS.contains(&named)
    {
        return named;
    }
    let score = |delimiter: u8| {
        let mut widths: Vec<usize> = Vec::new();
        let mut filled = 0_usize;
        let mut reader = reader(text.as_bytes(), delimiter);
        for record in reader.records().take(SNIFFED_RECORDS).flatten() {
            widths.push(record.len());
            filled += record
                .iter()
                .filter(|field| !field.trim().is_empty())
                .count();
        }
        widths.sort_unstable();
        let mut best = 0;
        let mut run = 0;
        let mut last = 0;
        for width in widths.into_iter().filter(|width| *width > 1) {
            run = if width == last { run + 1 } else { 1 };
            last = width;
            best = best.max(run * width);
        }
        (best, filled)
    };
    // One that is nowhere parts nothing, and the comma wins where none does.
    DELIMITERS
        .into_iter()
        .rev()
        .filter(|d| *d == b',' || text.as_bytes().contains(d))
        .max_by_key(|d| score(*d))
        .unwrap_or(b',')
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
}

fn cells(text: &str, delimiter: u8, limits: &Limits) -> Result<(Vec<Cell>, Delimited), Unreadable> {
    let mut cells = Vec::new();
    let mut delimited = Delimited::by(char::from(delimiter));
    let mut reader = reader(text.as_bytes(), delimiter);
    let mut record = csv::StringRecord::new();
    let mut row = 0_u32;
    loop {
        let before = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok((cells, delimited)),
            Err(_) => return Err(Unreadable::Damaged("the text is damaged".to_owned())),
        }
        // Blank lines are passed over by the reader but count as rows; line breaks inside quotes do not.
        row = row.saturating_add(blank_lines(
            text.as_bytes(),
            before,
            reader.position().byte(),
        ));
        if row >= ROWS_MAX {
            return Err(Unreadable::TooLarge(format!(
                "the file has more than {ROWS_MAX} rows, which is what a sheet can hold"
            )));
        }
        delimited.add_width(row, u32::try_from(record.len()).unwrap_or(u32::MAX));
        let raw = raw(text.as_bytes(), before, reader.position().byte());
        if raw.contains(&b'"') {
            loose_quotes(raw, delimiter, row, &mut delimited.quotes);
        }
        for (column, field) in record.iter().enumerate() {
            if field.is_empty() {
                continue;
            }
            let Some(column) = u16::try_from(column).ok().filter(|at| *at < COLUMNS_MAX) else {
                return Err(Unreadable::TooLarge(format!(
                    "the file has more than {COLUMNS_MAX} columns, which is what a sheet can hold"
                )));
            };
            cells.push(Cell {
                address: CellAddress::new(row, column),
                value: if super::office::is_error(field) {
                    CellValue::Error(Arc::from(field))
                } else {
                    let field = super::unwrapped(field).map_or(Cow::Borrowed(field), Cow::Owned);
                    CellValue::Text(Arc::from(super::lines(&field)))
                },
            });
        }
        limits.check_cells(cells.len())?;
        row += 1;
    }
}

/// What the reader passed between two of its positions.
fn raw(bytes: &[u8], before: u64, after: u64) -> &[u8] {
    usize::try_from(before)
        .ok()
        .zip(usize::try_from(after).ok())
        .and_then(|(before, after)| bytes.get(before..after))
        .unwrap_or_default()
}

/// Adds the quoted fields of a record that do not end as they should: right before a delimiter, a line's end or the spaces before either.
///
/// A mark opens a quoted field only at its very beginning; elsewhere it is a mark like any other (`6" nails`), and two in a row within
/// a quoted field stand for one.
fn loose_quotes(record: &[u8], delimiter: u8, row: u32, out: &mut Vec<LooseQuote>) {
    let start = record
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let mut rest = record.get(start..).unwrap_or_default();
    let is_end = |byte: &u8| *byte == delimiter || matches!(byte, b'\r' | b'\n');
    for column in 0..COLUMNS_MAX {
        if let [b'"', quoted @ ..] = rest {
            let at = CellAddress::new(row, column);
            let (inside, Some(after)) = until_closed(quoted) else {
                out.push(LooseQuote {
                    at,
                    end: QuoteEnd::Never,
                });
                return;
            };
            let text = after.iter().position(|byte| *byte != b' ');
            let is_closed = text.and_then(|at| after.get(at)).is_none_or(is_end);
            let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let last = inside.iter().rfind(|byte| **byte != b' ');
            let end = if last.is_some_and(is_end) {
                Some(QuoteEnd::AtAnother)
            } else if inside.iter().any(is_break) {
                Some(QuoteEnd::AfterLines)
            } else {
                inside.contains(&delimiter).then_some(QuoteEnd::AfterFields)
            };
            if let Some(end) = end.filter(|_| !is_closed) {
                out.push(LooseQuote { at, end });
            }
            rest = after;
        }
        match rest.iter().position(|byte| *byte == delimiter) {
            Some(at) => rest = rest.get(at + 1..).unwrap_or_default(),
            None => return,
        }
    }
}

/// A quoted field's text after its opening mark, and what follows the mark that closes it.
fn until_closed(quoted: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut at = 0;
    while let Some(byte) = quoted.get(at) {
        if *byte == b'"' {
            if quoted.get(at + 1) == Some(&b'"') {
                at += 1;
            } else {
                return (
                    quoted.get(..at).unwrap_or_default(),
                    Some(quoted.get(at + 1..).unwrap_or_default()),
                );
            }
        }
        at += 1;
    }
    (quoted, None)
}

/// How many blank lines stand before the record between two positions of the reader.
fn blank_lines(bytes: &[u8], before: u64, after: u64) -> u32 {
    let passed = raw(bytes, before, after);
    let follows_return = usize::try_from(before)
        .ok()
        .and_then(|before| before.checked_sub(1))
        .and_then(|at| bytes.get(at))
        == Some(&b'\r');
    let mut last = if follows_return { b'\r' } else { 0 };
    let mut lines = 0;
    for byte in passed
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
    {
        // The second half of a Windows line end belongs to the first.
        if !(*byte == b'\n' && last == b'\r') {
            lines += 1;
        }
        last = *byte;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Limits, delimiter, read};
    use crate::grid::QuoteEnd;

    fn addresses(text: &str) -> Vec<String> {
        let book = read(text.as_bytes(), &Limits::STATED).expect("text is read");
        book.sheets
            .iter()
            .flat_map(crate::grid::Worksheet::cells)
            .map(|c| format!("{}={}", c.address, c.value))
            .collect()
    }

    #[test]
    fn rows_count_as_a_spreadsheet_counts_them() {
        assert_eq!(
            addresses("a,b\n\n\nc,\"d\ne\"\n,f"),
            ["A1=a", "B1=b", "A4=c", "B4=d\ne", "B5=f"]
        );
        assert_eq!(addresses("\r\n\r\na\r\n\r\nb"), ["A3=a", "A5=b"]);
        assert_eq!(addresses("a\rb\r"), ["A1=a", "A2=b"]);
        assert_eq!(addresses("sep=;\r\na;b\r\n"), ["A1=a", "B1=b"]);
        assert_eq!(
            addresses("sep=,\ra,\"b\nc\"\rd\r"),
            ["A1=a", "B1=b\nc", "A2=d"]
        );
    }

    #[test]
    fn quotation_marks_end_where_their_field_does() {
        let loose = |text: &str| -> Vec<(String, QuoteEnd)> {
            let book = read(text.as_bytes(), &Limits::STATED).expect("text is read");
            let sheets = book.sheets.iter();
            let quotes = sheets.filter_map(|sheet| sheet.delimited.as_deref());
            quotes
                .flat_map(|records| &records.quotes)
                .map(|quote| (quote.at.to_string(), quote.end))
                .collect()
        };
        for clean in [
            "a,\"b, c\"\nd,\"e\nf\"\n",
            "a,\"b \"\"c\"\", d\"\r\n\"\",\"\"\n",
            "a,6\" nails\nb,\"c\" , d\n",
            "a,\"Safe\" project\n",
            "a;\"b;c\"\n",
            "a,\"b\"",
        ] {
            assert_eq!(loose(clean), [], "{clean}");
        }
        let one = |at: &str, end| vec![(at.to_owned(), end)];
        assert_eq!(loose("a,b\n\nc,\"d\ne,f\n"), one("B3", QuoteEnd::Never));
        assert_eq!(
            loose("a,b\nc,\"d\ne,\"f\"\n"),
            one("B2", QuoteEnd::AtAnother)
        );
        assert_eq!(
            loose("a,b,c\nd,\"e,\"f\"\n"),
            one("B2", QuoteEnd::AtAnother)
        );
        assert_eq!(
            loose("a,b,c\nd,\"e, f\" g\n"),
            one("B2", QuoteEnd::AfterFields)
        );
        assert_eq!(
            loose("a,b,c\nd,\"e\nf\" g\n"),
            one("B2", QuoteEnd::AfterLines)
        );
        assert_eq!(loose("a\tb\nc\t\""), one("B2", QuoteEnd::Never));
    }

    #[test]
    fn records_keep_how_many_fields_they_have() {
        let book = read(b"a,b,c\n\nd,e,f,,\ng\n", &Limits::STATED).expect("text is read");
        let records = book
            .sheets
            .first()
            .and_then(|sheet| sheet.delimited.as_deref());
        let records = records.expect("delimited");
        assert_eq!([0, 2, 3].map(|row| records.width(row)), [3, 5, 1]);
        assert_eq!(records.delimiter, ',');
    }

    #[test]
    fn delimiters_are_told_by_the_records() {
        assert_eq!(
            delimiter("Ref;Update\nA-1;one, two, three\nA-2;four, five\n"),
            b';'
        );
        assert_eq!(delimiter("Ref,Update\nA-1,one; two\n"), b',');
        assert_eq!(delimiter("Ref\tUpdate\nA-1\tone, two\n"), b'\t');
        assert_eq!(delimiter("Ref|Update\nA-1|one\n"), b'|');
    }
}
