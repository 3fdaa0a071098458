#!/usr/bin/env python3
"""hostile.py --bin PATH [--short] [--only PART,...] [-j 2] [--slower 1] [--keep DIR] [--curves]: files made to do harm, one beside good returns.

Each case is a clean plan, two good returns and one thing that is hostile, and the program is run on them from outside. What must hold, whatever the thing is: an answer within the limits
of time and memory, with an exit code of the contract; no trace of a crash; no input changed, nothing left behind; the thing is said, and the good returns are merged and tie out; no
output passes on what a terminal, a browser or a spreadsheet would obey, nor the path of the folder. `--curves` measures how the time grows where the size doubles. Python's own library alone.
"""
import argparse
import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

QUARTER = "2022-23-Q2"
SECONDS, MEGABYTES = 20, 1000
CODES = {0, 1, 2, 3, 4, 5}
# Nothing that a terminal, a browser or an editor obeys: controls but tab and line ends, and signs that turn the direction of writing.
ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Paper -----------------------------------------------------------------------------------------------------------------------------------


def letters(c):
    s = ""
    while c >= 0: s, c = chr(65 + c % 26) + s, c // 26 - 1
    return s


CONTENT = '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>%s</Types>'
RELS = '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def cell(c, r, value):
    at = f"{letters(c)}{r}"
    if value is None: return ""
    if isinstance(value, tuple): return f'<c r="{at}" t="str"><f>{escape(value[0])}</f><v>{escape(str(value[1]))}</v></c>'
    if isinstance(value, (int, float)): return f'<c r="{at}"><v>{value}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def rows_xml(rows, first=1):
    for r, row in enumerate(rows, first):
        yield f'<row r="{r}">' + "".join(cell(c, r, v) for c, v in enumerate(row)) + "</row>"


def xlsx(sheets, extra=None, before="", after="", parts=None):
    """`sheets`: (name, rows) or (name, text of <sheetData>)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        over = "".join(f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>' for i in range(1, len(sheets) + 1))
        z.writestr("[Content_Types].xml", CONTENT % over)
        z.writestr("_rels/.rels", RELS % f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>')
        z.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>' + "".join(f'<sheet name={quoteattr(n)} sheetId="{i}" r:id="s{i}"/>' for i, (n, _) in enumerate(sheets, 1)) + f"</sheets>{extra or ''}</workbook>")
        z.writestr("xl/_rels/workbook.xml.rels", RELS % "".join(f'<Relationship Id="s{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in range(1, len(sheets) + 1)))
        for i, (_, rows) in enumerate(sheets, 1):
            with z.open(f"xl/worksheets/sheet{i}.xml", "w") as part:
                part.write(f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>'.encode())
                for row in [rows] if isinstance(rows, str) else rows_xml(rows): part.write(row.encode("utf-8", "surrogatepass"))
                part.write(f"</sheetData>{after}</worksheet>".encode())
        for name, text in (parts or {}).items(): z.writestr(name, text)
    return out.getvalue()


ODS = '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2"><office:body><office:spreadsheet>%s</office:spreadsheet></office:body></office:document-content>'


def ods_cell(value, times=1):
    n = f' table:number-columns-repeated="{times}"' if times > 1 else ""
    if value is None: return f"<table:table-cell{n}/>"
    if isinstance(value, (int, float)): return f'<table:table-cell{n} office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell{n} office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def ods_row(cells, times=1):
    n = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{n}>" + "".join(ods_cell(*c) if isinstance(c, tuple) else ods_cell(c) for c in cells) + "</table:table-row>"


def ods(*sheets):
    """`sheets`: (name, text of its rows)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        z.writestr("content.xml", ODS % "".join(f"<table:table table:name={quoteattr(n)}>{rows}</table:table>" for n, rows in sheets))
    return out.getvalue()


def csv_text(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["" if v is None else v for v in row] for row in rows])
    return out.getvalue().encode("utf-8", "surrogatepass")


# The quarter ------------------------------------------------------------------------------------------------------------------------------
PLAN = [["Ref", "Priority", "Action", "Lead agency", "Timescale"], ["SAC-01", None, "Mark bicycles at the stations", "Kent Police", "2023-03-31"], ["ASB-01", None, "Brief housing officers", "West Kent Housing Association", "2023-03-31"], ["DA-01", None, "Train helpline volunteers", "DAVSS", "2023-03-31"]]
LINES = [["Funding line", "Project", "Delivery agency", "Allocation", "Approval"], ["CRG-01", "Town marshals", "Kent Police", 5000, "Approved"], ["CRG-03", "Estate days", "West Kent Housing Association", 4000, "Approved"], ["CRG-04", "Helpline", "DAVSS", 3000, "Approved"]]
UPDATES, SPEND = ["Ref", "Progress this quarter", "Status", "Next steps"], ["Funding line", "Document ref", "Supplier", "Document date", "Amount", "VAT basis", "Kind"]


def good(agency, ref, line, amount):
    return xlsx([("Updates", [["Partner:", agency], ["Quarter:", QUARTER], [], UPDATES, [ref, "Two events were held in August.", "On track", "Hold two more."]]),
                 ("Spend", [SPEND, [line, "INV-1", "Example Print Ltd", "2022-07-14", amount, "Net", "Actual"]])])


def quarter(folder):
    (folder / "returns").mkdir(parents=True)
    (folder / "plan.xlsx").write_bytes(xlsx([("Action plan", PLAN), ("PCC Funding", LINES)]))
    (folder / "returns/kent-police-q2.xlsx").write_bytes(good("Kent Police", "SAC-01", "CRG-01", 100.10))
    (folder / "returns/west-kent-housing-q2.xlsx").write_bytes(good("West Kent Housing Association", "ASB-01", "CRG-03", 200.20))


GOOD = {"returns/kent-police-q2.xlsx", "returns/west-kent-housing-q2.xlsx"}
HEAD = [["Partner:", "DAVSS"], ["Quarter:", QUARTER], []]
ROW = ["DA-01", "Two events were held in August.", "On track", "Hold two more."]
PAID = ["CRG-04", "INV-9", "Example Print Ltd", "2022-07-14", 10, "Net", "Actual"]


class Case:
    """`files` by name in the returns folder; `make` does what a file's bytes cannot; `said` must be among what is printed or found (a code, or a pattern); `args` in the place of the usual ones."""
    def __init__(self, part, name, files=None, make=None, said=None, args=None, code=None, merged=True, check=None, short=False):
        self.part, self.name, self.files, self.make, self.said, self.args, self.code, self.merged, self.check, self.short = part, name, files or {}, make, said, args, code, merged, check, short


# Sizes ------------------------------------------------------------------------------------------------------------------------------------
def bombs():
    near = lambda n: [(f"Progres this quartr {i:04}" if i % 2 else f"Documnt dat {i:04}", 1) for i in range(n)]
    long = lambda n: [("Progress this quarte" + "r" * 90 + str(i), 1) for i in range(n)]
    # A few hundred bytes that unfold into millions of cells.
    for rows, columns in ((1_000_000, 1), (1_000_000, 5), (300_000, 16), (300, 16_384), (1_048_576, 16_384), (60_000, 100)):
        for value, word in ((1, "numbers"), ("x", "texts"), ("£1.00", "amounts"), ("=cmd|' /C calc'!A0", "formulas")):
            yield Case("bombs", f"ods-{word}-{rows}x{columns}", {"davss-q2.ods": ods(("Updates", ods_row([(value, columns)], rows)))}, short=rows == 300_000 and value == 1)
    for rows in (1_000, 100_000, 550_000, 1_000_000):
        yield Case("bombs", f"ods-faulty-rows-{rows}", {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + ods_row(["CRG-99", "INV-1", "Example", "31/06/2022", "c. 3k", "both", "odd"], rows)))}, said="C2|S004|F5", short=rows == 100_000)
        yield Case("bombs", f"ods-faulty-updates-{rows}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row([None, "jane@example.org rang 01732 123456", "Purple", "tbc"], rows)))}, said="R302|S004", short=rows == 1_000)
        yield Case("bombs", f"ods-rows-in-words-{rows}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row(ROW, rows)))}, said="R301|S004")
        yield Case("bombs", f"ods-strays-beside-{rows}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row(ROW + [None, None, 5], 1) + ods_row([None] * 6 + [7], rows)))}, said="H110|H115|H107|S004|R301")
        yield Case("bombs", f"ods-strays-apart-{rows}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row(ROW) + (ods_row([None]) + ods_row([None] * 9 + [7])) * min(rows, 20_000)))}, said="H11|H107|S004")
    for n in (500, 4_000, 16_000):
        yield Case("bombs", f"ods-near-headings-{n}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES + near(n)) + ods_row(ROW)))}, said="H10|S004", short=n == 4_000)
        yield Case("bombs", f"ods-long-headings-{n}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES + long(n)) + ods_row(ROW)))}, said="H10|S004")
        yield Case("bombs", f"ods-headings-again-{n}", {"davss-q2.ods": ods(("Updates", ods_row(["Ref", "Status"] + near(n), 300)))}, short=n == 500)
        yield Case("bombs", f"ods-headings-repeated-{n}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES * (n // 4), 200) + ods_row(ROW)))})
        yield Case("bombs", f"ods-side-by-side-{n}", {"davss-q2.ods": ods(("Updates", ods_row((UPDATES + [None]) * (n // 5), 100) + ods_row((ROW + [None]) * (n // 5))))})
        yield Case("bombs", f"ods-alternate-headings-{n}", {"davss-q2.ods": ods(("Updates", (ods_row(UPDATES) + ods_row(ROW) + ods_row(["Ref", "Progress this quarter", "Colour", "Status"]) + ods_row(ROW)) * n))})
        yield Case("bombs", f"ods-spaced-headings-{n}", {"davss-q2.ods": ods(("Updates", ods_row(["Ref", None, "Status", None, "Next steps", None, "Ref", None, "Progress this quarter", None, "Status", None, "Ref", None, "Document ref", None, "Amount"], n * 4)))}, short=n == 500)
        yield Case("bombs", f"ods-banners-{n}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + (ods_row(["Domestic Abuse"]) + ods_row(ROW)) * n))})
        yield Case("bombs", f"ods-totals-{n}", {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + (ods_row(PAID) + ods_row(["Total", None, None, None, 10])) * n))}, short=n == 500)
        yield Case("bombs", f"ods-titles-{n}", {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + (ods_row(PAID) + ods_row([None]) + ods_row(["Serious Violence Fund 2022-23"])) * n))})
        yield Case("bombs", f"ods-lone-amounts-{n}", {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + (ods_row(PAID) + ods_row([None]) + ods_row([None, None, None, None, 3])) * n))})
        yield Case("bombs", f"ods-labels-{n}", {"davss-q2.ods": ods(("Updates", "".join(ods_row([f"Partner {i}:", f"Quarter {i}"]) for i in range(n)) + ods_row(UPDATES) + ods_row(ROW)))})
        yield Case("bombs", f"ods-labels-same-{n}", {"davss-q2.ods": ods(("Updates", ods_row(["Partner:", "DAVSS", "Quarter:", "Q2 2022-23", "Date of return:", "12/10/2022"], n) + ods_row(UPDATES) + ods_row(ROW)))})
        yield Case("bombs", f"ods-text-runs-{n}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + (ods_row(ROW) + ods_row([None, "and so it went on"])) * n))})
        yield Case("bombs", f"ods-sheets-{n}", {"davss-q2.ods": ods(*[(f"Updates {i}", ods_row(UPDATES) + ods_row(ROW)) for i in range(n)])}, said="S004|R30")
        yield Case("bombs", f"ods-merges-{n}", {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + '<table:table-row><table:table-cell table:number-rows-spanned="9000" table:number-columns-spanned="9000" office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>' * n))})
    for n in (10_000, 100_000):
        mess = "".join(f'<row r="{r}"><c r="A{r}" t="inlineStr"><is><t>DA-01</t></is></c></row>' for r in range(2, n))
        heads = next(rows_xml([UPDATES]))
        yield Case("bombs", f"xlsx-merges-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + mess)], after="<mergeCells>" + "".join(f'<mergeCell ref="A{r}:D{r + 3}"/>' for r in range(2, n, 2)) + "</mergeCells>")})
        yield Case("bombs", f"xlsx-merges-all-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + mess)], after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * n + "</mergeCells>")})
        yield Case("bombs", f"xlsx-hidden-rows-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + "".join(f'<row r="{r}" hidden="1"><c r="A{r}" t="inlineStr"><is><t>DA-{r}</t></is></c></row><row r="{r + 1}"><c r="A{r + 1}" t="inlineStr"><is><t>DA-{r}</t></is></c></row>' for r in range(2, n, 2)))])})
        yield Case("bombs", f"xlsx-hidden-columns-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + mess)], before="<cols>" + "".join(f'<col min="{i}" max="{i}" hidden="1"/>' for i in range(1, 16_384, 2)) * (n // 10_000) + "</cols>")})
        notes = f'<comments xmlns="{MAIN}"><authors><author>x</author></authors><commentList>' + "".join(f'<comment ref="A{r}" authorId="0"><text><t>note {r} \u202etxt\u202c</t></text></comment>' for r in range(2, n)) + "</commentList></comments>"
        rel = RELS % f'<Relationship Id="c1" Type="{OFFICE}/comments" Target="../comments1.xml"/>'
        yield Case("bombs", f"xlsx-notes-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + mess)], parts={"xl/comments1.xml": notes, "xl/worksheets/_rels/sheet1.xml.rels": rel})}, said="H108|S004", short=n == 10_000)
        yield Case("bombs", f"xlsx-same-cell-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + '<row r="2">' + '<c r="A2" t="inlineStr"><is><t>DA-01</t></is></c>' * n + "</row>")])})
        yield Case("bombs", f"xlsx-rows-upwards-{n}", {"davss-q2.xlsx": xlsx([("Updates", heads + "".join(f'<row r="{r}"><c r="A{r}" t="inlineStr"><is><t>DA-01</t></is></c></row>' for r in range(n, 1, -1)))])})
        yield Case("bombs", f"xlsx-names-{n}", {"davss-q2.xlsx": xlsx([("Updates", [UPDATES, ROW])], extra="<definedNames>" + "".join(f'<definedName name="n{i}">Updates!$A$1</definedName>' for i in range(n)) + "</definedNames>")})
        yield Case("bombs", f"xlsx-formulas-{n}", {"davss-q2.xlsx": xlsx([("Spend", [SPEND] + [PAID[:4] + [("SUM(E1:E1048576)" + "+A1" * 50, 1)] + PAID[5:]] * n)])})
    for size in (1, 8, 60):
        text = "x" * (size << 20)
        yield Case("bombs", f"xlsx-one-text-{size}m", {"davss-q2.xlsx": xlsx([("Updates", [UPDATES, ["DA-01", text, "On track", "y"]])])}, short=size == 60)
        yield Case("bombs", f"csv-one-text-{size}m", {"davss-q2.csv": csv_text([UPDATES, ["DA-01", text, "On track", "y"]])})
        yield Case("bombs", f"csv-one-line-{size}m", {"davss-q2.csv": b"a," * (size << 19)})
        yield Case("bombs", f"csv-quotes-{size}m", {"davss-q2.csv": b'"' * (size << 20)})
        yield Case("bombs", f"csv-open-quote-{size}m", {"davss-q2.csv": csv_text([UPDATES]) + b'"' + b"DA-01,done,On track,x\n" * (size << 15)})
        yield Case("bombs", f"csv-lines-{size}m", {"davss-q2.csv": b"\n" * (size << 20)})
        yield Case("bombs", f"csv-zeros-{size}m", {"davss-q2.csv": bytes(size << 20)})
        yield Case("bombs", f"csv-spend-{size}m", {"davss-q2.csv": csv_text([SPEND]) + b"CRG-04,INV-9,Example,2022-07-14,10,Net,Actual\n" * (size << 14)}, short=size == 8)
        yield Case("bombs", f"csv-personal-{size}m", {"davss-q2.csv": csv_text([UPDATES]) + b'DA-01,"' + b"0 1 2 3 4 5 6 7 8 9 " * (size * 52_000) + b'",On track,x\n'})
        yield Case("bombs", f"csv-digits-{size}m", {"davss-q2.csv": csv_text([SPEND, ["CRG-04", "1", "x", "2022-07-14", "1" * (size << 20), "Net", "Actual"]])})
        yield Case("bombs", f"html-table-{size}m", {"davss-q2.xls": b"<html><table>" + b"<tr><td>DA-01<td>x<td>y</tr>" * (size << 15)})
        yield Case("bombs", f"html-nested-{size}m", {"davss-q2.xls": b"<html>" + b"<table><tr><td>" * (size << 15)})
        yield Case("bombs", f"html-spans-{size}m", {"davss-q2.xls": b"<html><table>" + b'<tr><td rowspan=65534 colspan=1000>DA-01</tr>' * (size << 10)})
        yield Case("bombs", f"html-css-{size}m", {"davss-q2.xls": b"<html><style>" + b".a .b > .c td:first-child{mso-number-format:\"0\"}" * (size << 13) + b"</style><table><tr><td class='a b c'>1</table>"})
        yield Case("bombs", f"xml-deep-{size}m", {"davss-q2.xml": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">' + b"<Worksheet><Table>" * (size << 15)})
        yield Case("bombs", f"xlsx-deep-{size}m", {"davss-q2.xlsx": xlsx([("Updates", "<row><c>" * (size << 16))])})
    for n in (1, 30):
        zeros = io.BytesIO()
        with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("[Content_Types].xml", CONTENT % "")
            z.writestr("xl/workbook.xml", "<workbook/>")
            for i in range(n): z.writestr(f"xl/worksheets/sheet{i}.xml", bytes(60 << 20))
        yield Case("bombs", f"zip-zeros-{n}", {"davss-q2.xlsx": zeros.getvalue()}, said="S00[14]", short=n == 1)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as z:
        for i in range(60_000): z.writestr(f"x/{i}", b"")
    yield Case("bombs", "zip-parts", {"davss-q2.xlsx": many.getvalue()}, said="S00[14]")
    laughs = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(12)) + "]>"
    yield Case("bombs", "xml-entities", {"davss-q2.xml": f'<?xml version="1.0"?>{laughs}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell><Data>&m;</Data></Cell></Row></Table></Worksheet></Workbook>'.encode()}, short=True)
    sheet = xlsx([("Updates", [UPDATES, ROW])])
    yield Case("bombs", "xlsx-in-entity", {"davss-q2.xlsx": swap(sheet, "xl/worksheets/sheet1.xml", lambda t: (laughs + t.decode().replace("DA-01", "&m;")).encode())})


def swap(package, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as a, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as b:
        for n in a.namelist(): b.writestr(n, change(a.read(n)) if n == name else a.read(n))
    return out.getvalue()


def crowds():
    """Many files, each small."""
    bomb = lambda rows, columns, value, i: ods(("Updates", ods_row([(value, columns)], rows) + f"<!--{i}-->"))
    for name, make in (("numbers", lambda i: bomb(1_000_000, 4, 1, i)), ("texts", lambda i: bomb(40_000, 100, "x" * 50, i)), ("words", lambda i: bomb(1_000, 3, "x", i)),
                       ("faulty", lambda i: ods(("Spend", ods_row(SPEND) + ods_row([f"CRG-9{i}", "INV-1", "Example", "31/06/2022", "c. 3k", "both", "odd"], 60_000)))),
                       ("rows", lambda i: ods(("Updates", ods_row(UPDATES) + ods_row(ROW[:1] + [f"Event {i} was held."] + ROW[2:], 60_000)))),
                       ("headings", lambda i: ods(("Updates", ods_row([("Progres this quartr", 16_000), f"{i}"], 100)))),
                       ("same", lambda i: good("DAVSS", "DA-01", "CRG-04", 10)),
                       ("versions", lambda i: good("DAVSS", "DA-01", "CRG-04", 10 + i)),
                       ("parts", lambda i: xlsx([("Updates", [["Partner:", "DAVSS"], ["Quarter:", QUARTER], [], UPDATES, [f"DA-{i:02}", "x", "On track", "y"]])])),
                       ("empty", lambda i: b""), ("noise", lambda i: hashlib.sha512(str(i).encode()).digest() * 14)):
        for n in (100, 1_000):
            yield Case("crowds", f"{name}-{n}", {f"davss-{i:04}-q2.{'xlsx' if name in ('same', 'versions', 'parts') else 'ods'}": make(i) for i in range(n)}, short=n == 100 and name in ("numbers", "versions"))


def places():
    """What stands in the folder that is no file to be read."""
    def fifo(folder): os.mkfifo(folder / "returns/davss-q2.xlsx")
    def sock(folder):
        s = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        s.bind(os.path.relpath(folder / "returns/davss-q2.xlsx", here)) if len(str(folder)) < 60 else s.bind(str(folder / "returns/d"))
    def link(target): return lambda folder: os.symlink(target, folder / "returns/davss-q2.xlsx")
    def deep(folder):
        at = os.open(folder / "returns", os.O_RDONLY)
        for _ in range(20_000):
            os.mkdir("d", dir_fd=at)
            at, old = os.open("d", os.O_RDONLY, dir_fd=at), at
            os.close(old)
        os.close(at)
    def sparse(size): return lambda folder: os.truncate(os.open(folder / "returns/davss-q2.xlsx", os.O_CREAT | os.O_RDWR), size)
    def name(raw): return lambda folder: Path(os.fsdecode(os.fsencode(folder / "returns") + b"/" + raw)).write_bytes(good("DAVSS", "DA-01", "CRG-04", 10))
    yield Case("places", "pipe", make=fifo, said="S017", short=True)
    yield Case("places", "socket", make=sock, said="S017")
    yield Case("places", "device", make=link("/dev/zero"), said="S017", short=True)
    yield Case("places", "random", make=link("/dev/urandom"), said="S017")
    yield Case("places", "link-to-nothing", make=link("nowhere.xlsx"), said="S001", short=True)
    yield Case("places", "link-to-itself", make=link("davss-q2.xlsx"), said="S001")
    yield Case("places", "link-to-folder", make=link("."), said="S017|S001")
    yield Case("places", "link-to-root", make=link("/"), said="S017|S001")
    yield Case("places", "link-to-plan", make=link("../plan.xlsx"))
    yield Case("places", "link-to-return", make=link("kent-police-q2.xlsx"))
    yield Case("places", "deep-folder", make=deep, short=True)
    yield Case("places", "sparse-40g", make=sparse(40 << 30), said="S004", short=True)
    yield Case("places", "sparse-99m", make=sparse(99 << 20), said="S001|S004")
    yield Case("places", "closed-folder", make=lambda f: (f / "returns/closed").mkdir(mode=0))
    for raw in (b"davss-\xff\xfe-q2.xlsx", b"davss \x1b[31mred\x1b[0m q2.xlsx", "davss-q2-\u202exslx.xlsx".encode(), b"davss\nq2.xlsx", b"davss\r\x08\x08q2.xlsx", b"-o davss q2.xlsx", b"davss<script>alert(1)<q2.xlsx", b"davss](javascript:alert(1)) q2.xlsx",
                b"davss|q2.xlsx", b"=HYPERLINK(davss)q2.xlsx", "davss\u0000".encode()[:5] + b"'\"&q2.xlsx", b"davss %00%2e%2e q2.xlsx", "dávss-q2.xlsx".encode(), b"davss" + b"x" * 240 + b".xlsx", b"davss q2 .xlsx ", b"..davss q2.xlsx", b"davss#q2?.xlsx"):
        yield Case("places", f"name-{raw.hex()[:40]}", make=name(raw), short=raw.startswith((b"davss-\xff", b"davss \x1b")))
    for a, b in (("davss-q2.xlsx", "DAVSS-Q2.xlsx"), ("dávss-q2.xlsx", "da\u0301vss-q2.xlsx"), ("davss-q2.xlsx", "davss-q2.XLSX")):
        yield Case("places", f"two-names-{a}-{len(b)}", {a: good("DAVSS", "DA-01", "CRG-04", 10), b: good("DAVSS", "DA-01", "CRG-04", 11)}, said="S006")
    yield Case("places", "lock-file", {"~$davss-q2.xlsx": b"x" * 165, ".hidden.xlsx": b"x"})
    yield Case("places", "documents", {"a.pdf": b"%PDF-1.7 x", "b.docx": xlsx([("a", [["b"]])]), "c.eml": b"From: a@example.org\nSubject: return\n\nhello", "d.png": b"\x89PNG\r\n\x1a\nxxxx", "e.exe": b"MZ" + bytes(400), "f.zip": b"PK\x05\x06" + bytes(18), "g": b"", "h.txt": b"hello"}, said="S0")


ACTS = ["\x1b[2J\x1b[1;31mgone", "\x1b]0;title\x07", "\u202egpj.exe", "\u2066x\u2069", "\x9b31m", "a\x08\x08\x08b", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![a](http://example.org/x.png)", "=cmd|' /C calc'!A0", ";=cmd|' /C calc'!A0", "x;=1+1", "x\t=1+1",
        "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "=HYPERLINK(\"http://example.org\",\"x\")", "\"=1+1", "a\n;=1+1", "\u0000x", "\ufeff=1+1", "＝1+1", "| a | b |\n|--|--|", "`code`", "a\u2028b\u2029c", "</td></table><h1>x", "&lt;b&gt;", "%0a%0d", "{{7*7}}", "\ud800x"]


def texts():
    """Words that a terminal, a browser, a spreadsheet or a wiki would obey, wherever words are carried."""
    for i, text in enumerate(ACTS):
        rows = lambda t: [["Partner:", "DAVSS"], ["Quarter:", QUARTER], ["Contact:", t], [], UPDATES + [t, "Notes"], ["DA-01", t, "On track", t, t, t], [t, t, t, t, t, t], [None, None, None, None, None, None, None, t]]
        paid = lambda t: [SPEND + ["Description", t], ["CRG-04", t, t, "2022-07-14", 10, "Net", "Actual", t, t], [t, t, t, t, t, t, t, t, t], ["CRG-04", "INV-3", "Example", "2022-07-15", t, "Net", "Actual", "", ""]]
        plain = "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32 and not 0xd800 <= ord(c) < 0xe000)
        yield Case("texts", f"csv-{i}", {"davss-q2.csv": csv_text(rows(text)), "davss-spend-q2.csv": csv_text(paid(text))}, short=i in (0, 2, 10, 11))
        yield Case("texts", f"semicolons-{i}", {"davss-q2.csv": csv_text(rows(text), ";")})
        yield Case("texts", f"xlsx-{i}", {"davss-q2.xlsx": xlsx([("Updates", rows(plain)), ("Spend", paid(plain)), (plain[:20].translate({ord(c): "_" for c in "\\/?*[]:\r\n\t"}) or "x", [["a", "b"], [1, 2]])])}, short=i in (6, 10))
        yield Case("texts", f"ods-{i}", {"davss-q2.ods": ods((plain[:25] or "x", "".join(ods_row(r) for r in rows(plain))))})


def breaks(fixtures):
    """Workbooks cut short and with bytes turned."""
    import random
    for path in sorted(fixtures.glob("*")):
        if not path.is_file() or path.suffix in (".py", ".md"): continue
        data, rng = path.read_bytes(), random.Random(path.name)
        if len(data) > 3_000_000: continue
        yield Case("breaks", f"whole-{path.name}", {"davss-" + path.name: data})
        if len(data) < 20: continue
        yield Case("breaks", f"cut-{path.name}", {"davss-" + path.name: data[:rng.randrange(1, len(data))]}, short=path.suffix in (".xls", ".xlsb") and "content" in path.name)
        for i in range(2):
            turned = bytearray(data)
            for _ in range(rng.choice((1, 5, 40))): turned[rng.randrange(len(turned))] = rng.randrange(256)
            yield Case("breaks", f"turned-{i}-{path.name}", {"davss-" + path.name: bytes(turned)}, short=i == 0 and path.suffix in (".xls", ".xlsb", ".ods") and "shown" in path.name)


def outputs():
    """Outputs that would be inputs, in every spelling."""
    usual = ["merge", "plan.xlsx", "returns", "--quarter", QUARTER, "--as-of", "2022-10-20", "--fail-on", "never"]
    def link(kind, a, b): return lambda folder: (os.link if kind == "hard" else os.symlink)(folder / a if kind == "hard" else a, folder / b)
    spellings = {"plan.xlsx": None, "./plan.xlsx": None, "returns/../plan.xlsx": None, "PLAN.XLSX": None, "returns/kent-police-q2.xlsx": None, "returns/KENT-police-q2.xlsx": None, "out.xlsx": link("hard", "plan.xlsx", "out.xlsx"), "soft.xlsx": lambda f: os.symlink("plan.xlsx", f / "soft.xlsx"), "returns//kent-police-q2.xlsx": None}
    for spelling, make in spellings.items():
        yield Case("outputs", f"workbook-{spelling.replace('/', '!')}", make=make, args=[*usual, "-o", spelling, "--force"], code=2, merged=False, short=True)
    for spelling, make in {"returns/kent-police-q2.json": lambda f: (f / "returns/kent-police-q2.json").write_bytes(b"[]"), "plan.csv": lambda f: os.link(f / "plan.xlsx", f / "plan.csv"), "returns/x.csv": lambda f: (f / "returns/x.csv").write_bytes(csv_text([UPDATES, ROW]))}.items():
        yield Case("outputs", f"report-{spelling.replace('/', '!')}", make=make, args=[*usual, "-o", "out.xlsx", "--report", spelling], code={2, 5}, merged=False, short=True)
    yield Case("outputs", "before-is-plan", make=lambda f: os.rename(f / "plan.xlsx", f / "out.before.xlsx"), args=["merge", "out.before.xlsx", "returns", "--quarter", QUARTER, "-o", "out.xlsx"], code=2, merged=False, short=True)
    yield Case("outputs", "before-is-return", make=lambda f: os.rename(f / "returns/kent-police-q2.xlsx", f / "returns/out.before.xlsx"), args=[*usual, "-o", "returns/out.xlsx"], code=2, merged=False)
    yield Case("outputs", "before-by-link", make=lambda f: os.symlink("plan.xlsx", f / "out.before.xlsx"), args=[*usual, "-o", "out.xlsx"], code=2, merged=False)
    yield Case("outputs", "twice", args=[*usual, "-o", "out.xlsx", "--report", "r.json", "--report", "./R.json"], code=2, merged=False)
    yield Case("outputs", "into-a-folder", args=[*usual, "-o", "returns"], code={2, 5}, merged=False)
    yield Case("outputs", "into-nowhere", args=[*usual, "-o", "no/such/out.xlsx"], code=5, merged=False)
    yield Case("outputs", "into-a-pipe", make=lambda f: os.mkfifo(f / "out.xlsx"), args=[*usual, "-o", "out.xlsx", "--force"], code=5, merged=False)
    yield Case("outputs", "foreign-report", make=lambda f: (f / "r.json").write_text('{"mine": 1}'), args=[*usual, "-o", "out.xlsx", "--report", "r.json"], code=5, merged=False)
    yield Case("outputs", "foreign-decisions", make=lambda f: (f / "d.toml").write_text('mine = 1\n'), args=[*usual, "-o", "out.xlsx", "--decisions-out", "d.toml"], code=5, merged=False)
    yield Case("outputs", "over-itself", args=[*usual, "-o", "out.xlsx"], check=over_itself, short=True)
    yield Case("outputs", "two-at-once", args=[*usual, "-o", "out.xlsx", "--force"], check=two_at_once, short=True)
    yield Case("outputs", "killed", args=[*usual, "-o", "out.xlsx", "--force"], check=killed)


def over_itself(run, folder):
    first = (folder / "out.xlsx").read_bytes()
    if run(code=None).code != 5: yield "an existing workbook was replaced without --force"
    if (folder / "out.xlsx").read_bytes() != first: yield "an existing workbook was changed"
    again = run("--force")
    if not (folder / "out.before.xlsx").is_file() or (folder / "out.before.xlsx").read_bytes() != first: yield f"the old workbook is not kept: exit {again.code}"
    if (folder / "out.xlsx").read_bytes() != first: yield "the same inputs gave other bytes"


def two_at_once(run, folder):
    whole = (folder / "out.xlsx").read_bytes()
    for _ in range(6):
        with ThreadPoolExecutor(4) as pool: ends = list(pool.map(lambda _: run("--quiet"), range(4)))
        if any(end.code not in (0, 1, 5) for end in ends): yield f"exits {[end.code for end in ends]}"
        for name in ("out.xlsx", "out.before.xlsx"):
            if (folder / name).exists() and (folder / name).read_bytes() != whole: yield f"{name} is neither the one nor the other"
    yield from left_behind(folder)


def killed(run, folder):
    whole = (folder / "out.xlsx").read_bytes()
    for i in range(12):
        run("--quiet", kill_after=0.01 + i * 0.02)
        if (folder / "out.xlsx").read_bytes() != whole: yield "killed, and the workbook is no longer whole"
    run("--quiet")
    yield from left_behind(folder)


def left_behind(folder):
    for path in folder.rglob("*"):
        if ".tmp" in path.name: yield f"left behind: {path.name}"


# Running ------------------------------------------------------------------------------------------------------------------------------------
class End:
    def __init__(self, code, said, seconds, megabytes): self.code, self.said, self.seconds, self.megabytes = code, said, seconds, megabytes


def kill(group):
    try: os.killpg(group, signal.SIGKILL)
    except ProcessLookupError: pass


def run(binary, args, folder, limit, kill_after=None):
    """Runs the program, with what it used: seconds of the processors, so that a busy machine is no fault of its, and memory at its highest, in whichever process."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([binary, *args], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "HOME": str(folder)}, start_new_session=True)
        timer = threading.Timer(kill_after or limit, kill, (child.pid,))
        timer.start()
        _, status, used = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return End(child.returncode, out.read().decode(errors="replace"), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def snapshot(folder):
    """What each input holds; what is no file is told by its kind."""
    out = {}
    stack = [folder]
    while stack:
        here = stack.pop()
        try: entries = list(os.scandir(here))
        except OSError: continue
        if len(str(here)) > 3_000: continue
        for e in entries:
            if e.is_symlink(): out[e.path] = os.readlink(e.path)
            elif e.is_dir(): stack.append(e.path)
            elif e.is_file(): out[e.path] = hashlib.sha256(open(e.path, "rb").read()).hexdigest() if e.stat().st_size < 1 << 28 else e.stat().st_size
            else: out[e.path] = "other"
    return out


def judge(case, binary, slower, keep):
    """-> (what is wrong, seconds, megabytes)"""
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    wrong, most = [], [0.0, 0.0]
    try:
        quarter(folder)
        for name, data in case.files.items(): (folder / "returns" / name).write_bytes(data)
        if case.make: case.make(folder)
        before = snapshot(folder)
        args = case.args or ["merge", "plan.xlsx", "returns", "--quarter", QUARTER, "--as-of", "2022-10-20", "-o", "out.xlsx", "--fail-on", "never", *(f"--report=r.{kind}" for kind in ("json", "csv", "html", "md"))]
        def go(*more, code=CODES, **kw):
            end = run(binary, [*args, *more], folder, SECONDS * slower * 6, **kw)
            most[0], most[1] = max(most[0], end.seconds), max(most[1], end.megabytes)
            return end
        end = go()
        allowed = CODES if case.code is None else case.code if isinstance(case.code, set) else {case.code}
        if end.code not in allowed: wrong.append(f"exit {end.code}: {end.said.strip()[-200:]!r}")
        if end.seconds > SECONDS * slower: wrong.append(f"{end.seconds:.0f} s")
        if end.megabytes > MEGABYTES: wrong.append(f"{end.megabytes:.0f} MB")
        if re.search(r"panicked|RUST_BACKTRACE|stack overflow", end.said): wrong.append("a trace is printed")
        after = snapshot(folder)
        wrong += [f"an input was changed: {os.path.relpath(p, folder)}" for p, was in before.items() if after.get(p) != was and not (case.check and p.endswith("out.xlsx"))]
        if case.merged and end.code in (0, 1): wrong += merged(case, folder, end)
        wrong += harmless(folder, end.said)
        if case.check: wrong += list(case.check(go, folder))
        wrong += left_behind(folder) if "deep" not in case.name else []
        if not end.said.strip(): wrong.append("silence")
    except Exception as why:  # a case that cannot be made is no case passed
        wrong.append(f"{type(why).__name__}: {why}")
    finally:
        if wrong and keep: shutil.copytree(folder, Path(keep) / case.part / case.name, dirs_exist_ok=True, symlinks=True, ignore_dangling_symlinks=True, ignore=lambda d, names: [n for n in names if n == "d" or not (os.path.isfile(os.path.join(d, n)) or os.path.isdir(os.path.join(d, n)))])
        subprocess.run(["rm", "-rf", folder])
    return wrong, *most


def merged(case, folder, end):
    """The good returns are in, the sums tie, and what is hostile is told."""
    if case.args: return
    report = json.loads((folder / "r.json").read_text())
    if report["totals"]["ties_out"] is not True: yield "it does not tie out"
    for source in report["sources"]:
        if source["path"] in GOOD and source["state"] != "accepted": yield f"{source['path']} is {source['state']}"
    lines = {line["line"]: line["this_quarter"] for line in report["funding"]}
    if lines.get("CRG-01") != "100.10" or lines.get("CRG-03") != "200.20": yield f"figures: {lines}"
    told = end.said + "".join(f"{f['code']}: {f['message']}\n" for f in report["findings"])
    if case.said and not re.search(case.said, told): yield f"nothing says {case.said}"
    of = {}
    for f in report["findings"]: of[f["code"], f["path"]] = of.get((f["code"], f["path"]), 0) + 1
    for (code, path), n in of.items():
        if n > 1_001: yield f"{n} findings {code} on {path}"
    if len({f["id"] for f in report["findings"]}) != len(report["findings"]): yield "two findings have one id"
    if case.part == "bombs" and not any(f["path"] and f["path"] not in GOOD and f["path"] != "plan.xlsx" for f in report["findings"]) and not any(s["path"] not in GOOD and s.get("state") == "accepted" for s in report["sources"] if s["role"] == "return"): yield "the file is neither merged nor told of"


def harmless(folder, said):
    if ACTING.search(said): yield f"printed: {ACTING.search(said)[0]!r}"
    if str(folder) in said: yield "printed: the folder's path"
    for name in ("r.json", "r.csv", "r.html", "r.md", "out.xlsx"):
        path = folder / name
        if not path.is_file(): continue
        if name == "out.xlsx":
            try:
                with zipfile.ZipFile(path) as z: text = "".join(z.read(n).decode(errors="replace") for n in z.namelist() if n.endswith((".xml", ".rels")) and z.getinfo(n).file_size < 5 << 20)
            except zipfile.BadZipFile: continue  # what stood there before
        else: text = path.read_text(errors="replace")
        if str(folder) in text: yield f"{name} has the folder's path"
        if name in ("r.html", "r.md", "r.csv") and ACTING.search(text): yield f"{name} passes on {ACTING.search(text)[0]!r}"
        if name == "r.html" and re.search(r"<script>alert|<img|<h1>x", text, re.I): yield "r.html has markup from a file"
        if name == "r.md" and re.search(r"(?<!\\)\]\(javascript|(?<!\\)!\[a\]|(?<!\\)<script|(?<!\\)<img", text): yield "r.md has markup from a file"
        if name == "r.csv":
            for separator in ",;\t":
                for row in csv.reader(io.StringIO(text), delimiter=separator):
                    bad = next((v for v in row if re.match(r"\s*\"?[=@]|\s*[+-](?=\S*[a-zA-Z(|])", v)), None)
                    if bad: yield f"r.csv, opened at {separator!r}, has {bad[:40]!r}"; return


# Curves -------------------------------------------------------------------------------------------------------------------------------------
def curves(binary, slower, only):
    """How the time grows where the size doubles; the least of three runs each."""
    repeated = {
        "headings of a row": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES + [f"Progres this quartr {i:05}" for i in range(n // 4)]) + ods_row(ROW)))},
        "headings again and again": lambda n: {"davss-q2.ods": ods(("Updates", (ods_row(["Ref", "Status"] + [f"Progres this quartr {i:05}" for i in range(200)]) + ods_row([None])) * (n // 100)))},
        "tables below each other": lambda n: {"davss-q2.ods": ods(("Updates", (ods_row(UPDATES) + ods_row(ROW) + ods_row(["Ref", "Progress this quarter", "Colour", "Status"]) + ods_row(ROW)) * (n // 16)))},
        "tables side by side": lambda n: {"davss-q2.ods": ods(("Updates", ods_row((UPDATES + [None]) * 12) + ods_row((ROW + [None]) * 12, n // 16)))},
        "tables side by side, in columns": lambda n: {"davss-q2.ods": ods(("Updates", ods_row((UPDATES + [None]) * (n // 32)) + ods_row((ROW + [None]) * (n // 32), 3)))},
        "blocks beside tables": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + (ods_row(ROW + [None, None, 1]) + ods_row([None])) * n))},
        "strays": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row(ROW) + (ods_row([None]) + ods_row([None] * 9 + [7])) * n))},
        "faulty rows": lambda n: {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + ods_row(["CRG-99", "INV-1", "Example", "31/06/2022", "c. 3k", "both", "odd"], n)))},
        "rows": lambda n: {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + "".join(ods_row(["CRG-04", f"INV-{i}", "Example", "2022-07-14", 1, "Net", "Actual"]) for i in range(n))))},
        "rows alike": lambda n: {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + ods_row(PAID, n)))},
        "references alike": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row(ROW, n)))},
        "references not in the plan": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + "".join(ods_row([f"DA-{i}", "Two events were held.", "On track", "x"]) for i in range(2, n))))},
        "totals": lambda n: {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + (ods_row(PAID) + ods_row(["Total", None, None, None, 10])) * n))},
        "banners": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + (ods_row(["Domestic Abuse"]) + ods_row(ROW)) * n))},
        "titles over nothing": lambda n: {"davss-q2.ods": ods(("Updates", ods_row(UPDATES) + ods_row(ROW) + (ods_row([None]) + ods_row(["Something else"])) * n))},
        "lone amounts": lambda n: {"davss-q2.ods": ods(("Spend", ods_row(SPEND) + (ods_row(PAID) + ods_row([None]) + ods_row([None] * 4 + [3])) * n))},
        "merges": lambda n: {"davss-q2.xlsx": xlsx([("Updates", [UPDATES] + [ROW] * n)], after="<mergeCells>" + "".join(f'<mergeCell ref="B{r}:B{r + 1}"/>' for r in range(2, n, 2)) + "</mergeCells>")},
        "notes": lambda n: {"davss-q2.xlsx": xlsx([("Updates", [UPDATES] + [ROW] * n)], parts={"xl/comments1.xml": f'<comments xmlns="{MAIN}"><commentList>' + "".join(f'<comment ref="B{r}"><text><t>note {r}</t></text></comment>' for r in range(2, n)) + "</commentList></comments>", "xl/worksheets/_rels/sheet1.xml.rels": RELS % f'<Relationship Id="c1" Type="{OFFICE}/comments" Target="../comments1.xml"/>'})},
        "labels": lambda n: {"davss-q2.ods": ods(("Updates", "".join(ods_row([f"Contact {i}:", "x"]) for i in range(n)) + ods_row(UPDATES) + ods_row(ROW)))},
        "unclosed quotes": lambda n: {"davss-q2.csv": csv_text([UPDATES]) + b'DA-01,"done,On track,x\n' * n},
        "ragged records": lambda n: {"davss-q2.csv": csv_text([UPDATES]) + b"DA-01,done, and more,On track,x,y,z\n" * n},
        "returns of one agency, in parts": lambda n: {f"davss-{i:04}-q2.csv": csv_text([["Partner:", "DAVSS"], [], UPDATES, [f"DA-{i}", "x", "On track", "y"]]) for i in range(n // 32)},
        "returns of one agency, newer and newer": lambda n: {f"davss-{i:04}-q2.csv": csv_text([["Partner:", "DAVSS"], ["Date of return:", f"{1 + i % 28:02}/10/2022"], [], UPDATES, ["DA-01", f"Event {i}.", "On track", "y"]]) for i in range(n // 32)},
        "returns of one agency, spend alike": lambda n: {f"davss-{i:04}-q2.csv": csv_text([["Partner:", "DAVSS"], [], SPEND, ["CRG-04", f"INV-{i}", "Example", "2022-07-14", 10, "Net", "Actual"]]) for i in range(n // 32)},
        "inspect: unknown rows": lambda n: {"davss-q2.csv": csv_text([["a", "b", "c"]] + [["x", i, "z"] for i in range(n * 2)])},
        "inspect: words for headings": lambda n: {"davss-q2.csv": csv_text([["Ref", "x", "Status"]] * n)},
    }
    worst = 0
    for name, make in repeated.items():
        if only and only not in name: continue
        times = []
        for n in (4_000, 8_000, 16_000, 32_000):
            folder = Path(tempfile.mkdtemp(prefix="hostile-"))
            quarter(folder)
            for file, data in make(n).items(): (folder / "returns" / file).write_bytes(data)
            args = ["inspect", "returns/davss-q2.csv"] if name.startswith("inspect") else ["merge", "plan.xlsx", "returns", "--quarter", QUARTER, "--as-of", "2022-10-20", "-o", "out.xlsx", "--fail-on", "never", "--force", "--report=r.json", "--quiet"]
            ends = [run(binary, args, folder, 120 * slower) for _ in range(3 if not times or times[-1] < 3 else 1)]
            times.append(min(end.seconds for end in ends))
            peak = max(end.megabytes for end in ends)
            subprocess.run(["rm", "-rf", folder])
        # What starting costs is no growth.
        grown = [b / max(a, 0.05 * slower) for a, b in zip(times, times[1:])]
        worst = max(worst, *grown)
        print(f"{'SLOW' if max(grown) > 2.2 else '    '} {name:42} " + "  ".join(f"{t:7.2f}" for t in times) + " s   × " + " ".join(f"{g:.2f}" for g in grown) + f"   {peak:.0f} MB", flush=True)
    print(f"the worst doubling takes {worst:.2f} times the time")
    return int(worst > 2.2)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True, type=lambda b: str(Path(b).resolve()))
    p.add_argument("--short", action="store_true", help="some of each kind")
    p.add_argument("--only", help="parts or pieces of names, by commas")
    p.add_argument("-j", type=int, default=1)
    p.add_argument("--slower", type=float, default=1, help="how many times slower this build is than a release")
    p.add_argument("--keep", help="a folder for the inputs of what fails")
    p.add_argument("--curves", nargs="?", const="", default=None, metavar="NAME")
    a = p.parse_args()
    if a.curves is not None: sys.exit(curves(a.bin, a.slower, a.curves))
    fixtures = Path(__file__).resolve().parent.parent / "fixtures"
    cases = (c for part in (places(), outputs(), texts(), breaks(fixtures), bombs(), crowds()) for c in part)
    wanted = lambda c: (not a.short or c.short) and (not a.only or any(w in f"{c.part}/{c.name}" for w in a.only.split(",")))
    count, bad, slowest, largest = 0, 0, (0, ""), (0, "")
    def one(c): return c, judge(c, a.bin, a.slower, a.keep)
    with ThreadPoolExecutor(a.j) as pool:
        waiting = []
        def report(future):
            nonlocal count, bad, slowest, largest
            c, (wrong, seconds, megabytes) = future.result()
            count += 1
            slowest, largest = max(slowest, (seconds, f"{c.part}/{c.name}")), max(largest, (megabytes, f"{c.part}/{c.name}"))
            if wrong:
                bad += 1
                print(f"FAIL {c.part}/{c.name}: " + " | ".join(wrong[:4]), flush=True)
        for c in cases:
            if not wanted(c): continue
            waiting.append(pool.submit(one, c))
            if len(waiting) > 2 * a.j: report(waiting.pop(0))
        for future in waiting: report(future)
    print(f"{count - bad} passed, {bad} failed; the slowest {slowest[0]:.1f} s ({slowest[1]}), the largest {largest[0]:.0f} MB ({largest[1]})")
    sys.exit(1 if bad else 0)


if __name__ == "__main__": main()
