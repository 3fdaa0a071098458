//! A long sheet is written row by row, and holds what a short one does.

use std::io::{Cursor, Read as _};

use csp_bridge::read;
use csp_bridge::render::{
    Cell, Column, ColumnKind, Content, Look, Rows, SheetPlan, Table, Target, Value, WorkbookPlan,
};
use csp_bridge::write::xlsx;
use jiff::civil::date;
use rust_decimal::Decimal;

/// Rows of every kind of cell, enough for a sheet to be long.
const ROWS: usize = 1_203;

fn row(index: usize) -> Vec<Cell> {
    let number = i64::try_from(index).unwrap();
    vec![
        Cell::text(format!("ASB-{index:04}")),
        Cell::text(format!(
            "Patrols on {} nights;\nthe barrier was repaired, and residents were written to again & again",
            index % 31
        )),
        Cell::text("On track").look(Look::Status([0xC6, 0xE0, 0xB4])),
        if index.is_multiple_of(7) {
            Cell::blank()
        } else {
            Cell::money(Decimal::new(number * 1_237, 2))
        },
        Value::Number(Decimal::new(number, 1)).into(),
        Cell::date(Some(date(2022, 7, 1))),
        Cell {
            value: Value::Link {
                text: "kent-police.xlsx".to_owned(),
                target: Target::File {
                    path: "returns/kent-police.xlsx".to_owned(),
                    place: Some(format!("'Updates'!A{}", index + 8)),
                },
                tip: "Open kent-police.xlsx".to_owned(),
            },
            look: Look::Link,
        },
        Cell::formula(format!("=D{}*2", index + 2), Decimal::from(number)),
        odd(index),
    ]
}

/// What the two ways could write otherwise: ends, escapes, figures that no spreadsheet holds, days that it does not count.
fn odd(index: usize) -> Cell {
    let number = i64::try_from(index).unwrap();
    let linked = |value: Value| Value::Linked {
        value: Box::new(value),
        target: Target::File {
            path: "returns/Q2 & Q3: 50% \u{e9}.xlsx".to_owned(),
            place: Some(format!("'Tom''s <b>'!B{}", index + 2)),
        },
        tip: "Open \"this\" & that".to_owned(),
    };
    let values = [
        Value::Text("  ends with a break\n".into()),
        Value::Text("_x0041_ and _x00 and \u{1}\u{b}\r\u{1f} <&> \u{ffff} \"'\u{1f600}".into()),
        Value::Text("=1+1".into()),
        Value::Text("a".repeat(40_000).into()),
        Value::Percent(Decimal::new(number, 0)),
        Value::Percent(Decimal::new(1_234_567_890_123_456_789, 1)),
        Value::Money(Decimal::new(-number * 100_000, 3)),
        Value::Number(Decimal::new(1_234_567_890_123_456_789, 4)),
        Value::Number(Decimal::new(1, 20)),
        Value::Date(date(1899, 1, 1)),
        Value::Date(date(1900, 2, 28)),
        Value::Date(date(2024, 2, 29)),
        Value::Formula {
            formula: "=IF(A1<\"&\",1,2)".to_owned(),
            result: Decimal::new(150, 2),
        },
        Value::Formula {
            formula: "=1".to_owned(),
            result: Decimal::new(1_234_567_890_123_456_789, 1),
        },
        linked(Value::Money(Decimal::new(number, 2))),
        linked(Value::Text("text that leads".into())),
        linked(Value::Blank),
    ];
    values[index % values.len()].clone().into()
}

/// A workbook of one sheet between two short ones. A total keeps it in memory, for a total is written after the rows.
fn workbook(rows: Rows<'_>, has_total: bool) -> Vec<u8> {
    let mut columns = vec![
        Column::new("Ref", 10, ColumnKind::Text),
        Column::new("Update", 40, ColumnKind::Prose),
        Column::new("Status", 13, ColumnKind::Centred)
            .choose(["On track", "At risk"].map(str::to_owned)),
        Column::new("Amount", 13, ColumnKind::Money),
        Column::new("Figure", 10, ColumnKind::Number),
        Column::new("Day", 12, ColumnKind::Date),
        Column::new("File", 30, ColumnKind::Prose),
        Column::new("Twice", 13, ColumnKind::Money),
        Column::new("Odd", 30, ColumnKind::Number),
    ];
    columns[2].is_status = true;
    if has_total {
        columns[3] = columns[3].clone().sum(Decimal::from(5));
    }
    let sheet = |name: &'static str, rows| SheetPlan {
        name,
        about: "Rows.".to_owned(),
        content: Content::Table(Table {
            id: name,
            columns: columns.clone(),
            rows,
            frozen: 1,
            printed: Some(6),
            below: Vec::new(),
        }),
    };
    let plan = WorkbookPlan {
        title: "Rows".to_owned(),
        author: "A partnership".to_owned(),
        subject: "Quarter 2".to_owned(),
        marking: "OFFICIAL".to_owned(),
        as_of: date(2022, 10, 20),
        sheets: vec![
            sheet("Before", vec![row(1)].into()),
            sheet("Long", rows),
            sheet("After", vec![row(2)].into()),
        ],
        statuses: vec![("On track".to_owned(), [0xC6, 0xE0, 0xB4])],
        is_form: false,
    };
    xlsx::write(&plan).unwrap()
}

/// A workbook's sheets as their cells in words, the total row aside.
fn cells(bytes: &[u8]) -> Vec<String> {
    let book = read::workbook(bytes).unwrap();
    let mut out = Vec::new();
    for sheet in &book.sheets {
        let name = sheet.name.as_deref().unwrap_or_default();
        let last = if name == "Long" { ROWS } else { 1 };
        for cell in sheet.cells() {
            if usize::try_from(cell.address.row).unwrap() <= last {
                out.push(format!("{name}!{} {:?}", cell.address, cell.value));
            }
        }
    }
    out
}

/// Rows drawn one by one.
fn drawn() -> Rows<'static> {
    Rows::of((0..ROWS).collect(), |index| row(*index))
}

/// The same, held all at once.
fn held() -> Rows<'static> {
    (0..ROWS).map(row).collect::<Vec<_>>().into()
}

#[test]
fn a_long_sheet_holds_what_a_short_one_does() {
    let long = cells(&workbook(drawn(), false));
    let whole = cells(&workbook(held(), true));
    assert_eq!(long.len(), whole.len());
    for (long, whole) in long.iter().zip(&whole) {
        assert_eq!(long, whole);
    }
    assert!(long.len() > ROWS * 7);
}

#[test]
fn a_long_sheet_gives_the_same_bytes_twice() {
    assert!(workbook(drawn(), false) == workbook(drawn(), false));
}

/// A part of a workbook's package.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = String::new();
    let mut part = archive.by_name(name).unwrap();
    part.read_to_string(&mut out).unwrap();
    out
}

/// The pieces of a text that begin so and end so.
fn pieces<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    text.split(from)
        .skip(1)
        .map(|piece| piece.split_once(to).map_or(piece, |(inside, _)| inside))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    Some(after.split_once('"')?.0)
}

/// How each cell of the second sheet looks, whatever numbers its styles have; the total row and the heights' own order aside.
fn looks(bytes: &[u8]) -> Vec<String> {
    let styles = part(bytes, "xl/styles.xml");
    let within =
        |list: &str| pieces(&styles, &format!("<{list} "), &format!("</{list}>"))[0].to_owned();
    let (fonts, fills, borders) = (within("fonts"), within("fills"), within("borders"));
    let fonts = pieces(&fonts, "<font>", "</font>");
    let fills = pieces(&fills, "<fill>", "</fill>");
    let borders = pieces(&borders, "<border>", "</border>");
    let formats = within("cellXfs");
    let formats: Vec<String> = pieces(&formats, "<xf ", "<xf ")
        .into_iter()
        .map(|format| {
            let format = format!(" {format}");
            let number = |name| attribute(&format, name).unwrap().parse::<usize>().unwrap();
            let alignment = format.split_once("<alignment").map(|(_, after)| after);
            format!(
                "{} | {} | {} | {} | {alignment:?}",
                number("numFmtId"),
                fonts[number("fontId")],
                fills[number("fillId")],
                borders[number("borderId")],
            )
        })
        .collect();
    let sheet = part(bytes, "xl/worksheets/sheet2.xml");
    let columns = pieces(&sheet, "<cols>", "</cols>")[0];
    let mut out = vec![columns.to_owned()];
    for row in pieces(&sheet, "<row ", "</row>").into_iter().take(ROWS + 1) {
        let (tag, cells) = row.split_once('>').unwrap();
        out.push(format!("{:?}", attribute(&format!(" {tag}"), "ht")));
        for cell in pieces(cells, "<c ", ">") {
            let cell = format!(" {cell}");
            let style = attribute(&cell, "s").map_or(0, |style| style.parse().unwrap());
            out.push(format!("{:?} {}", attribute(&cell, "r"), formats[style]));
        }
    }
    out
}

#[test]
fn a_long_sheet_looks_as_a_short_one_does() {
    let long = looks(&workbook(drawn(), false));
    let whole = looks(&workbook(held(), true));
    assert_eq!(long.len(), 1 + (ROWS + 1) * 10);
    assert_eq!(long.len(), whole.len());
    for (long, whole) in long.iter().zip(&whole) {
        assert_eq!(long, whole);
    }
    // Below the table the columns look like nothing.
    assert!(!long[0].contains("style="), "{}", long[0]);
}

/// Where each cell of the second sheet leads: its cell, file, place, and what it says when pointed at.
fn leads(bytes: &[u8]) -> Vec<String> {
    let relations = part(bytes, "xl/worksheets/_rels/sheet2.xml.rels");
    let relations = pieces(&relations, "<Relationship ", "/>");
    let file = |id: &str| {
        let of = |tag: &&&str| attribute(&format!(" {tag}"), "Id") == Some(id);
        let tag = format!(" {}", relations.iter().find(of).unwrap());
        attribute(&tag, "Target").unwrap().to_owned()
    };
    let sheet = part(bytes, "xl/worksheets/sheet2.xml");
    pieces(&sheet, "<hyperlink ", "/>")
        .iter()
        .map(|tag| {
            let tag = format!(" {tag}");
            let [cell, place, tip] =
                ["ref", "location", "tooltip"].map(|name| attribute(&tag, name));
            format!(
                "{cell:?} {place:?} {tip:?} {:?}",
                attribute(&tag, "r:id").map(file)
            )
            .replace("&apos;", "'")
        })
        .collect()
}

#[test]
fn a_long_sheet_leads_where_a_short_one_does() {
    let long = leads(&workbook(drawn(), false));
    let whole = leads(&workbook(held(), true));
    assert_eq!(long.len(), ROWS + ROWS / 17 * 3);
    assert_eq!(long, whole);
}

#[test]
fn a_long_table_reaches_from_its_headings_to_its_last_row() {
    let bytes = workbook(drawn(), false);
    for (number, range) in [(1, "A1:I2"), (2, "A1:I1204"), (3, "A1:I2")] {
        let table = part(&bytes, &format!("xl/tables/table{number}.xml"));
        assert_eq!(
            table.matches(&format!("ref=\"{range}\"")).count(),
            2,
            "{table}"
        );
    }
}
