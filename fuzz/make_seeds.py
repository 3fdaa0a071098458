#!/usr/bin/env python3
"""Writes the fuzz targets' templates and seeds: one small return in each format, by hand, so that every byte in them has a reason.

    python3 fuzz/make_seeds.py      (needs xlwt for the old binary format)

Seeds of the zipped formats are one part of the template each: a byte that says which, then its content.
"""

import io
import struct
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROWS = [
    ["Partner:", "Kent Police"],
    ["Quarter:", "Q2 2022/23"],
    [],
    ["Ref", "Progress this quarter", "Status", "Measure value"],
    ["DA-01", "Twelve sessions were held", "On track", 12],
    ["DA-02", "Referrals came in at a steady pace", "At risk", 4.5],
    [],
    ["Funding line", "Document ref", "Document date", "Amount (£)", "VAT basis"],
    ["CRG-01", "INV 7", "05/07/2022", 1250, "Net"],
    ["Total", "", "", 1250, ""],
]
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            # A fixed date: the same script gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (2022, 10, 1, 0, 0, 0)), content)
    return out.getvalue()


def relations(*pairs):
    lines = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(pairs, 1))
    return f'<Relationships xmlns="{RELATIONS}">{lines}</Relationships>'


def filled():
    for row, values in enumerate(ROWS):
        for column, value in enumerate(values):
            if value != "":
                yield row, column, value


def xlsx():
    texts = sorted({value for _, _, value in filled() if isinstance(value, str)})
    rows = []
    for row, values in enumerate(ROWS):
        cells = "".join(
            f'<c r="{chr(65 + column)}{row + 1}" t="s"><v>{texts.index(value)}</v></c>' if isinstance(value, str)
            else f'<c r="{chr(65 + column)}{row + 1}"><v>{value}</v></c>'
            for column, value in enumerate(values) if value != ""
        )
        rows.append(f'<row r="{row + 1}">{cells}</row>')
    rows[-1] = rows[-1].replace("<v>1250</v>", "<f>SUM(D9:D9)</f><v>1250</v>")
    merged = '<mergeCells count="1"><mergeCell ref="A11:D11"/></mergeCells>'
    return packed({
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Updates" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fills count="1"><fill><patternFill patternType="none"/></fill></fills><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><dimension ref="A1:E10"/><cols><col min="5" max="5" hidden="1"/></cols><sheetData>{"".join(rows)}</sheetData>{merged}</worksheet>',
    })  # fmt: skip


def record(kind, body=b""):
    """One record of a binary workbook: kind and length in seven-bit groups."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while length > 0x7F:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return head + size + bytes([length]) + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb():
    sheet = record(0x81) + record(0x94, struct.pack("<4I", 0, 9, 0, 4)) + record(0x91)
    last = None
    for row, column, value in filled():
        if row != last:
            sheet += record(0x00, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))
            last = row
        head = struct.pack("<II", column, 0)
        sheet += record(0x06, head + wide(value)) if isinstance(value, str) else record(0x05, head + struct.pack("<d", value))
    sheet += record(0x92) + record(0x82)
    tab = record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("Updates"))
    return packed({
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": relations(("worksheet", "worksheets/sheet1.bin")),
        "xl/workbook.bin": record(0x83) + record(0x99, struct.pack("<II", 0, 0) + wide("")) + record(0x8F) + tab + record(0x90) + record(0x84),
        "xl/worksheets/sheet1.bin": sheet,
    })  # fmt: skip


def ods():
    def cell(value):
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, values)) or '<table:table-cell/>'}</table:table-row>" for values in ROWS)
    spaces = f'xmlns:office="{ODF}:office:1.0" xmlns:table="{ODF}:table:1.0" xmlns:text="{ODF}:text:1.0"'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'xmlns:manifest="{ODF}:manifest:1.0"'
    return packed({
        "mimetype": kind,
        "content.xml": f'<office:document-content {spaces} office:version="1.3"><office:body><office:spreadsheet><table:table table:name="Updates">{rows}</table:table></office:spreadsheet></office:body></office:document-content>',
        "META-INF/manifest.xml": f'<manifest:manifest {manifest}><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
    })  # fmt: skip


def xls():
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Updates")
    for row, column, value in filled():
        sheet.write(row, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def html():
    """A page with what the reader looks for: styles, spans, a number behind its text, a note, a table within a cell, what is hidden."""
    def cell(value):
        return f"<td class=n x:num>{value}</td>" if not isinstance(value, str) else f"<td>{value}</td>"

    rows = "".join(f"<tr>{''.join(map(cell, values)) or '<td colspan=2 rowspan=1>&nbsp;</td>'}</tr>" for values in ROWS)
    return (
        '<html><meta charset=utf-8><style>.n{mso-number-format:"\\#\\,\\#\\#0\\.00"} .x{display:none;text-decoration:line-through}</style>'
        f"<!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>Updates</x:Name></x:ExcelWorksheet></xml><![endif]--><body><p>Return</p>"
        f"<table><col span=2><col class=x>{rows}<tr class=x><td><s>a</s><br>b<comment>note</comment><td><table><tr><td>in</table></table></html>"
    ).encode()


def spreadsheetml():
    def cell(value):
        return f'<Cell><Data ss:Type="{"String" if isinstance(value, str) else "Number"}">{value}</Data></Cell>'

    space = "urn:schemas-microsoft-com:office:spreadsheet"
    rows = "".join(f"<Row>{''.join(map(cell, values))}</Row>" for values in ROWS)
    more = ('<Row ss:Index="12" ss:Hidden="1"><Cell ss:Index="3" ss:MergeAcross="1" ss:MergeDown="1" ss:StyleID="d"><Data ss:Type="DateTime">2022-07-01T00:00:00.000</Data>'
            '<Comment><ss:Data>note</ss:Data></Comment></Cell></Row>')
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Styles><Style ss:ID="d"><Font ss:StrikeThrough="1"/><NumberFormat ss:Format="Short Date"/></Style></Styles>'
        f'<Worksheet ss:Name="Updates"><Table><Column ss:Index="4" ss:Hidden="1"/>{rows}{more}</Table></Worksheet></Workbook>'
    ).encode()


def seed(target, name, content):
    path = HERE / "seeds" / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


(HERE / "templates").mkdir(exist_ok=True)
for form, package in {"xlsx": xlsx(), "xlsb": xlsb(), "ods": ods()}.items():
    (HERE / "templates" / f"return.{form}").write_bytes(package)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for index, name in enumerate(archive.namelist()):
            seed(form, name.replace("/", "-").replace("[", "").replace("]", ""), bytes([index]) + archive.read(name))
    seed(form, f"whole.{form}", package)
seed("xls", "return.xls", xls())
seed("html", "return.html", html())
seed("spreadsheetml", "return.xml", spreadsheetml())
for name, encoding, separator in [("comma", "utf-8-sig", ","), ("semicolon", "cp1252", ";"), ("tab", "utf-16", "\t"), ("macintosh", "mac-roman", ","), ("dos", "cp850", ",")]:
    lines = [separator.join(f'"{value}"' if isinstance(value, str) else str(value) for value in row) for row in ROWS]
    seed("csv", f"{name}.csv", "\n".join(lines).encode(encoding))
# Words by their number in fuzz_targets/layout.rs; 255 ends a row.
seed("layout", "updates", bytes([21, 22, 255, 23, 24, 255, 255, 1, 11, 12, 13, 255, 27, 41, 31, 33, 255, 28, 41, 32, 34]))
seed("layout", "spend", bytes([15, 16, 17, 18, 19, 255, 30, 39, 36, 33, 42, 255, 26, 0, 0, 33]))
seed("layout", "plan", bytes([1, 2, 3, 4, 5, 6, 7, 255, 25, 255, 27, 41, 22, 0, 36, 41, 31]))
for index, path in enumerate(sorted((HERE.parent / "schemas/sevenoaks-2022-23").glob("*.toml"))):
    # The order of the built-in files is the program's; any of them in any place is a seed.
    seed("schema", path.name, bytes([index]) + path.read_bytes())
