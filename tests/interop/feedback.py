#!/usr/bin/env python3
"""feedback.py BIN [NAME...]: what each partner gets back, held from outside to what its contract promises.

Some sixty returns with faults are made (by openpyxl, XlsxWriter, LibreOffice where it is there, and by rewriting their parts), each is merged by itself
with --feedback, and of each marked copy it is checked that

1. every part of the original is there, in order, byte for byte, or with bytes put in and none taken out; cells are untouched, new parts are declared;
2. the marks are the areas of the told items, and rules of one sheet have different priorities, the partner's in their order;
3. the notes are the told words at the areas' first cells, the partner's own are as they were, and the list has every item, each link resolving;
4. openpyxl, calamine and LibreOffice read the same from the copy as from the original, and LibreOffice saves the notes word for word;
5. the copy in the original's place gives the same findings with the same ids; so does one saved by LibreOffice; a changed note and a reply are H108;
6. nothing of one return reaches another's folder.

Exit 1 on any difference. Needs openpyxl, XlsxWriter, lxml and python-calamine; LibreOffice's checks are left out where soffice is not there.
"""
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import xlsxwriter
from lxml import etree
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, DataBarRule, FormulaRule
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from python_calamine import CalamineWorkbook

SAMPLES = Path(__file__).resolve().parents[2] / "samples/2022-23"
PLAN = SAMPLES / "action-plan.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FAULTS = []
SOFFICE = shutil.which("soffice")
LIST = "csp-bridge findings"

HEAD = [["Partner:", "Kent Police"], ["Quarter:", "Q2 2022-23"], []]
UPDATES = ["Ref", "Progress this quarter", "Status", "Measure value", "Next steps"]
ROWS = [["SAC-01", "Two operations were run in the town centre.", "On track", 12, "Run a third."],
        ["SAC-03", None, "Purple", 7, "Go on."],
        ["DM-27", "Leaflets were handed out at schools.", "On track", "c. 3k", "More schools."],
        ["ASB-02", "Officers met residents.", "At risk", 4, None],
        ["SAC-04", "As above", "On track", None, "Go on."],
        [None, "A row without a reference.", "On track", 3, "Say which."]]
SPEND = ["Funding line", "Document ref", "Supplier", "Document date", "Amount", "VAT basis", "Kind"]
DOCUMENTS = [["CRG-01", "INV-1", "Example Print Ltd", "2022-08-01", "£1,2500", "Net", "Actual"],
             ["CRG-99", "INV-2", "Example Hall", "2022-08-02", 120.5, "Net", "Actual"],
             ["CRG-02", "INV-3", "Example Vans", "31/06/2022", 80, None, "Actual"]]


def wrong(name, what): FAULTS.append(f"{name}: {what}")


# Returns -----------------------------------------------------------------------------------------------------------------------------------------

def with_openpyxl(path, change=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Updates"
    for row in HEAD + [UPDATES] + ROWS: sheet.append(row)
    spend = book.create_sheet("Spend")
    for row in HEAD + [SPEND] + DOCUMENTS: spend.append(row)
    if change: change(book, sheet, spend)
    book.save(path)


def with_xlsxwriter(path, change=None, options=None):
    book = xlsxwriter.Workbook(path, options or {})
    sheet, spend = book.add_worksheet("Updates"), book.add_worksheet("Spend")
    for at, rows in ((sheet, HEAD + [UPDATES] + ROWS), (spend, HEAD + [SPEND] + DOCUMENTS)):
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None: at.write(r, c, value)
    if change: change(book, sheet, spend)
    book.close()


def formats(book, sheet, spend):
    red, green = PatternFill(bgColor="FFC7CE"), PatternFill(bgColor="C6EFCE")
    sheet.conditional_formatting.add("C5:C20", FormulaRule(formula=['$C5="On track"'], fill=green, stopIfTrue=True))
    sheet.conditional_formatting.add("C5:C20", FormulaRule(formula=['$C5="At risk"'], fill=red))
    sheet.conditional_formatting.add("D5:D20", CellIsRule(operator="greaterThan", formula=["10"], font=Font(bold=True)))
    spend.conditional_formatting.add("E5:E9", ColorScaleRule(start_type="min", start_color="FFFFFF", end_type="max", end_color="63BE7B"))
    spend.conditional_formatting.add("E5:E9", DataBarRule(start_type="min", end_type="max", color="638EC6"))


def lists(book, sheet, spend):
    choices = DataValidation(type="list", formula1='"On track,At risk,Off track"', allow_blank=True)
    sheet.add_data_validation(choices)
    choices.add("C5:C30")
    hidden = book.create_sheet("Lists")
    hidden.append(["Net"]); hidden.append(["Gross"])
    hidden.sheet_state = "hidden"
    other = DataValidation(type="list", formula1="=Lists!$A$1:$A$2")
    spend.add_data_validation(other)
    other.add("F5:F30")


def protected(book, sheet, spend):
    for row in sheet["A5:E12"]:
        for cell in row: cell.protection = Protection(locked=cell.column_letter == "A")
    sheet.protection.sheet = True
    sheet.protection.password = "x"
    book.security.lockStructure = True


def merged(book, sheet, spend):
    sheet.merge_cells("C6:C6")
    sheet.merge_cells("A20:E21")
    sheet["A20"] = "Notes: none"
    sheet.merge_cells("A1:A1")
    spend.merge_cells("A5:A5")


def tables(book, sheet, spend):
    sheet.add_table(Table(displayName="Updates", ref="A4:E10"))
    spend.add_table(Table(displayName="Spend", ref="A4:G7"))


def noted(book, sheet, spend):
    sheet["C6"].comment = Comment("We count this otherwise.", "A partner")
    sheet["D5"].comment = Comment("Checked.", "A partner")
    spend["E5"].comment = Comment("As on the invoice", "A partner")


def named(book, sheet, spend):
    from openpyxl.workbook.defined_name import DefinedName
    book.defined_names["Refs"] = DefinedName("Refs", attr_text="Updates!$A$5:$A$10")
    sheet.print_title_rows = "4:4"
    sheet.print_area = "A1:E12"
    sheet.auto_filter.ref = "A4:E10"
    sheet.freeze_panes = "B5"
    sheet.row_dimensions[8].hidden = True
    sheet.column_dimensions["E"].width = 50
    sheet.row_dimensions[5].height = 60


def filled(book, sheet, spend):
    for row in sheet["A4:E4"]:
        for cell in row: cell.fill = PatternFill("solid", fgColor="1F3864"); cell.font = Font(color="FFFFFF", bold=True, name="Arial", size=10)
    spend["E20"] = "=SUM(E6:E7)"
    sheet["G5"] = "a literal _x0041_ and <angle> & 'quote'"


def long_text(book, sheet, spend):
    sheet["B5"] = "x" * 255
    sheet["C6"] = "_x0041_ & <b>purple</b> \"quoted\""


def taken(book, sheet, spend):
    book.create_sheet("CSP-Bridge Findings").append(["ours"])
    book.create_sheet("csp-bridge findings 2")


def chart(book, sheet, spend):
    from openpyxl.chart import BarChart, Reference
    one = BarChart()
    one.add_data(Reference(sheet, min_col=4, min_row=4, max_row=9), titles_from_data=True)
    sheet.add_chart(one, "H2")


def many(book, sheet, spend):
    for n in range(1300): sheet.append([f"XX-{n:04}", "Said.", "Mauve", n, "Go on."])


def writer_rules(book, sheet, spend):
    bold = book.add_format({"bold": True, "font_color": "#9C0006"})
    sheet.conditional_format("C5:C20", {"type": "cell", "criteria": "==", "value": '"On track"', "format": bold, "stop_if_true": True})
    sheet.conditional_format("D5:D20", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("D5:D20", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    spend.conditional_format("E5:E9", {"type": "2_color_scale"})
    spend.conditional_format("E5:E9", {"type": "formula", "criteria": "=$E5>100", "format": bold})


def writer_controls(book, sheet, spend):
    sheet.insert_button("H2", {"caption": "Send", "macro": "send"})
    sheet.write_comment("C6", "Our own note.")
    spend.insert_checkbox("H5", True) if hasattr(spend, "insert_checkbox") else None
    spend.insert_button("H2", {"caption": "Add"})


def writer_header(book, sheet, spend):
    image = Path(sheet.__dict__.get("_scratch", ".")) / "dot.png"
    import base64
    dot = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
    sheet.set_header("&L&G", {"image_left": "dot.png", "image_data_left": io.BytesIO(dot)})
    sheet.insert_image("H9", "dot.png", {"image_data": io.BytesIO(dot)})
    sheet.add_sparkline("F5", {"range": "Updates!D5:D8"})
    sheet.insert_textbox("H12", "A text box of ours")


def writer_rich(book, sheet, spend):
    bold = book.add_format({"bold": True})
    sheet.write_rich_string("B7", "Leaflets ", bold, "were", " handed out")
    spend.write_dynamic_array_formula("I5:I6", "=E6*{1;2}", None, 120.5)
    spend.write_array_formula("J5:J6", "{=E6:E7*2}", None, 241)
    sheet.add_table("A4:E10", {"columns": [{"header": h} for h in UPDATES]})
    sheet.protect("x", {"format_cells": True})
    sheet.data_validation("C5:C20", {"validate": "list", "source": ["On track", "At risk"]})
    sheet.freeze_panes(4, 1)
    sheet.outline_settings(True)


def rewrite(source, path, change):
    """The same package, in the same order, its parts passed through change(name, bytes) -> bytes, None to leave one out, or a list of (name, bytes)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            out = change(info.filename, old.read(info.filename))
            if out is None: continue
            for name, data in out if isinstance(out, list) else [(info.filename, out)]: new.writestr(name, data)


def prefixed(name, data):
    if not re.match(r"xl/(workbook|styles|worksheets/sheet\d+|sharedStrings|comments.*)\.xml|\[Content_Types\]\.xml|.*\.rels", name): return data
    text = data.decode()
    text = re.sub(r"<(/?)(\w+)(?=[\s/>])", r"<\1x:\2", text)
    text = re.sub(r' xmlns="', ' xmlns:x="', text, count=1)
    return text.encode()


def id_on_each(name, data):
    if name != "xl/workbook.xml": return data
    text = data.decode()
    used = re.search(r'(\w+):id="', text)[1]
    text = re.sub(rf' xmlns:{used}="[^"]*"', "", text)
    return re.sub(rf'<sheet ([^>]*?){used}:id="', r'<sheet xmlns:d3p1="http://schemas.openxmlformats.org/officeDocument/2006/relationships" \1d3p1:id="', text).encode()


def strict(name, data):
    if not name.endswith((".xml", ".rels")): return data
    text = data.decode()
    text = text.replace("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
    text = text.replace("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships")
    return text.encode()


def replaced(part, *pairs):
    def change(name, data):
        if not re.fullmatch(part, name): return data
        text = data.decode()
        for old, new in pairs: text = re.sub(old, new, text, flags=re.S)
        return text.encode()
    return change


def added(*parts):
    def change(name, data):
        return [(name, data), *parts] if name == "[Content_Types].xml" else data
    return change


def chain(*changes):
    def change(name, data):
        for one in changes:
            data = one(name, data)
        return data
    return change


def threads(name, data):
    if name == "[Content_Types].xml":
        return data.replace(b"</Types>", b'<Override PartName="/xl/threadedComments/threadedComment1.xml" ContentType="application/vnd.ms-excel.threadedcomments+xml"/><Override PartName="/xl/persons/person.xml" ContentType="application/vnd.ms-excel.person+xml"/></Types>')
    if name == "xl/workbook.xml":
        return [(name, data), ("xl/persons/person.xml", b'<?xml version="1.0"?><personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><person displayName="A partner" id="{1}" userId="p" providerId="None"/></personList>'),
                ("xl/threadedComments/threadedComment1.xml", b'<?xml version="1.0"?><ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="C7" dT="2022-10-01T10:00:00.00" personId="{1}" id="{2}"><text>Is this right?</text></threadedComment></ThreadedComments>')]
    if name == "xl/worksheets/_rels/sheet1.xml.rels":
        return data.replace(b"</Relationships>", b'<Relationship Id="rIdT" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" Target="../threadedComments/threadedComment1.xml"/></Relationships>')
    if name == "xl/_rels/workbook.xml.rels":
        return data.replace(b"</Relationships>", b'<Relationship Id="rIdP" Type="http://schemas.microsoft.com/office/2017/10/relationships/person" Target="persons/person.xml"/></Relationships>')
    return data


def wrapped_controls(name, data):
    if name != "xl/worksheets/sheet1.xml": return data
    wrap = b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>'
    return data.replace(b"</worksheet>", wrap + b"</worksheet>")


def bad_vml(name, data):
    return data.replace(b"</xml>", b"<br>not well-formed</xml>") if name.endswith(".vml") else data


def all_returns(folder):
    """Every return as (name, path, the kind expected)."""
    out = []
    def add(name, make, kind="marked", ext="xlsx"):
        path = folder / f"{name}.{ext}"
        make(path)
        out.append((name, path, kind))
    for change in (None, formats, lists, protected, merged, tables, noted, named, filled, long_text, taken, chart, many):
        add(f"openpyxl {change.__name__ if change else 'plain'}", lambda p, c=change: with_openpyxl(p, c))
    add("openpyxl all", lambda p: with_openpyxl(p, lambda *a: [c(*a) for c in (formats, lists, tables, noted, named, filled)]))
    for change in (None, writer_rules, writer_controls, writer_header, writer_rich):
        add(f"XlsxWriter {change.__name__ if change else 'plain'}", lambda p, c=change: with_xlsxwriter(p, c))
    add("XlsxWriter constant memory", lambda p: with_xlsxwriter(p, None, {"constant_memory": True}))
    bases = {n: p for n, p, _ in out}
    plain, rules, notes = bases["openpyxl plain"], bases["XlsxWriter writer_rules"], bases["openpyxl noted"]
    controls, everything = bases["XlsxWriter writer_controls"], bases["openpyxl all"]
    def re_add(name, source, change, kind="marked", ext="xlsx"): add(name, lambda p: rewrite(source, p, change), kind, ext)
    for name, base in (("plain", plain), ("rules", rules), ("everything", everything)):
        re_add(f"prefixed {name}", base, prefixed)
    re_add("id on each sheet", plain, id_on_each)
    re_add("id on each sheet, XlsxWriter", rules, id_on_each)
    re_add("strict", plain, strict)
    re_add("strict rules", rules, strict)
    re_add("empty dxfs", plain, replaced("xl/styles.xml", (r"<dxfs[^>]*/>|<dxfs.*?</dxfs>", ""), (r"(<cellStyles.*?</cellStyles>|<cellStyles[^>]*/>)", r"\1<dxfs/>")))
    re_add("no cellStyles, no dxfs", plain, replaced("xl/styles.xml", (r"<cellStyles.*?</cellStyles>", ""), (r"<dxfs[^>]*/>|<dxfs.*?</dxfs>", "")))
    re_add("no dxfs", plain, replaced("xl/styles.xml", (r"<dxfs[^>]*/>|<dxfs.*?</dxfs>", "")))
    re_add("no styles", plain, chain(lambda n, d: None if n == "xl/styles.xml" else d,
                                     lambda n, d: d and re.sub(rb"<Relationship [^>]*styles[^>]*/>|<Override [^>]*styles[^>]*/>", b"", d)), "rendition")
    re_add("document type in a sheet", plain, replaced("xl/worksheets/sheet1.xml", (r"<worksheet", "<!DOCTYPE worksheet><worksheet")), "rendition")
    re_add("sheet in UTF-16", plain, lambda n, d: ('<?xml version="1.0" encoding="UTF-16"?>' + re.sub(r"<\?.*?\?>", "", d.decode())).encode("utf-16") if n == "xl/styles.xml" else d, None)
    re_add("Latin-1 workbook", plain, lambda n, d: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + re.sub(rb"<\?.*?\?>", b"", d) if n == "xl/workbook.xml" else d, "rendition")
    re_add("byte order marks", plain, lambda n, d: b"\xef\xbb\xbf" + d if n.startswith("xl/") and n.endswith(".xml") and b"\xef\xbb\xbf" not in d else d)
    re_add("signed", plain, added(("_xmlsignatures/origin.sigs", b""), ("_xmlsignatures/sig1.xml", b"<Signature/>")), "rendition")
    re_add("controls in AlternateContent", plain, wrapped_controls)
    re_add("threads", notes, threads)
    re_add("notes not well-formed", notes, bad_vml)
    re_add("controls not well-formed", controls, bad_vml)
    re_add("notes without an end", notes, lambda n, d: d.replace(b"</xml>", b"") if n.endswith(".vml") else d, "rendition")
    re_add("notes without a map", notes, lambda n, d: re.sub(rb"<o:shapelayout.*?</o:shapelayout>", b"", d, flags=re.S) if n.endswith(".vml") else d)
    re_add("empty lists of notes", plain, lambda n, d: {"xl/worksheets/sheet1.xml": lambda: [(n, d), ("xl/worksheets/_rels/sheet1.xml.rels", b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="c" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments" Target="/xl/comments9.xml"/></Relationships>'), ("xl/comments9.xml", b'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors/><commentList/></comments>')],
        "[Content_Types].xml": lambda: d.replace(b"</Types>", b'<Override PartName="/xl/comments9.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/></Types>')}.get(n, lambda: d)())
    re_add("single quotes", plain, lambda n, d: re.sub(rb'(\w)="([^"\']*)"', rb"\1='\2'", d) if n in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml") else d)
    re_add("absolute targets", plain, lambda n, d: re.sub(rb'Target="(?!/)(worksheets|styles|theme|sharedStrings)', rb'Target="/xl/\1', d) if n == "xl/_rels/workbook.xml.rels" else d)
    re_add("no bookViews", plain, replaced("xl/workbook.xml", (r"<bookViews>.*?</bookViews>", "")))
    re_add("comments and instructions", plain, lambda n, d: re.sub(rb"(<sheetData>)", rb"<!-- <sheetData> --><?x y?>\1", d) if n == "xl/worksheets/sheet1.xml" else d)
    re_add("without counts", rules, lambda n, d: re.sub(rb' count="\d+"', b"", d) if n == "xl/styles.xml" else d)
    re_add("priority nought", rules, lambda n, d: re.sub(rb'priority="1"', b'priority="0"', d, count=1) if n.startswith("xl/worksheets/") else d)
    re_add("macros", plain, lambda n, d: [(n, d.replace(b"spreadsheetml.sheet.main+xml", b"excel.sheet.macroEnabled.main+xml").replace(b"application/vnd.openxmlformats-officedocument.excel", b"application/vnd.ms-excel").replace(b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>')), ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 no macros")] if n == "[Content_Types].xml" else d, "marked", "xlsm")
    re_add("no spaces before cells", plain, lambda n, d: d.replace(b'<row r="6"', b'<row r="6" ht="40" customHeight="1"') if n == "xl/worksheets/sheet1.xml" else d)
    csv = folder / "plain csv.csv"
    csv.write_text("\r\n".join(",".join('"%s"' % ("" if v is None else v) for v in row) for row in HEAD + [UPDATES] + ROWS))
    out.append(("plain csv", csv, "rendition"))
    if SOFFICE:
        for kind, extension, expected in (("xlsx:Calc MS Excel 2007 XML", "xlsx", "marked"), ("ods", "ods", "rendition"), ("xls", "xls", "rendition")):
            into = folder / f"lo-{extension}"
            into.mkdir()
            sources = [plain, everything, notes, bases["openpyxl merged"], rules] if extension == "xlsx" else [plain, everything]
            soffice(kind, into, sources)
            for source in sources:
                made = into / f"{source.stem}.{extension}"
                path = folder / f"LibreOffice {source.stem}.{extension}"
                if not made.exists(): wrong(source.stem, f"LibreOffice made no {extension}"); continue
                made.rename(path)
                out.append((f"LibreOffice {extension} {source.stem}", path, expected))
    return out


def soffice(kind, into, sources):
    profile = into / "profile"
    subprocess.run([SOFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind, "--outdir", str(into), *map(str, sources)],
                   capture_output=True, timeout=900)
    shutil.rmtree(profile, ignore_errors=True)


# Checks ------------------------------------------------------------------------------------------------------------------------------------------

def merge(binary, returns, folder, feedback=True, *more):
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "report.json"
    args = [binary, "merge", str(PLAN), *map(str, returns), "--quarter", "2022-23-Q2", "--as-of", "2022-10-20", "-o", str(folder / "out.xlsx"), "--force",
            "--report", str(report), "--fail-on", "never", "--quiet", *more]
    if feedback: args += ["--feedback", str(folder / "feedback")]
    run = subprocess.run(args, capture_output=True, text=True)
    if run.returncode: sys.exit(f"merge failed: {run.stderr}")
    return json.loads(report.read_text())


TOKENS = re.compile(rb"<[^>]*>|[^<]+")


def plain_token(token):
    token = re.sub(rb"""( count=)("[^"]*"|'[^']*')""", rb"\1", token)
    token = re.sub(rb"""( priority=)("[^"]*"|'[^']*')""", rb"\1", token)
    return token


def puts_in_only(old, new, is_vml):
    """Whether the new bytes are the old with bytes put in; counts, priorities and the slash of an element that was empty aside."""
    if is_vml:
        at = 0
        for piece in re.split(rb"(?<=,)|(?=</xml>)|(?=\")", old):
            found = new.find(piece, at)
            if found < 0: return False
            at = found + len(piece)
        return True
    a, b = TOKENS.findall(old), TOKENS.findall(new)
    i = 0
    for token in b:
        if i < len(a):
            want = plain_token(a[i])
            have = plain_token(token)
            if have == want or want.endswith(b"/>") and have == want[:-2] + b">" and i < len(a): i += 1
    return i == len(a)


ALLOWED = re.compile(r"xl/[^/]*styles[^/]*\.xml|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|\[Content_Types\]\.xml|xl/worksheets/.*|xl/comments.*|xl/drawings/.*\.vml", re.I)


def parts(name, original, copy, marked_sheets):
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(copy) as new:
        before, after = [i.filename for i in old.infolist()], [i.filename for i in new.infolist()]
        if after[:len(before)] != before: return wrong(name, "parts are missing or in another order")
        for part in before:
            a, b = old.read(part), new.read(part)
            if a == b: continue
            if not ALLOWED.fullmatch(part): wrong(name, f"{part} was changed")
            if not puts_in_only(a, b, part.endswith(".vml")): wrong(name, f"{part}: more was done than putting in")
            cells = lambda text: re.search(rb"<(\w+:)?sheetData.*(</(\w+:)?sheetData>|<(\w+:)?sheetData[^>]*/>)", text, re.S)
            if part.startswith("xl/worksheets/sheet") and cells(a) and cells(a)[0] != cells(b)[0]: wrong(name, f"{part}: cells were touched")
            if part.endswith((".xml", ".rels")): etree.fromstring(b)
        types = etree.fromstring(new.read("[Content_Types].xml"))
        declared = {e.get("PartName", "").lstrip("/").lower() for e in types} | {e.get("Extension", "").lower() for e in types}
        targets = " ".join(new.read(n).decode() for n in after if n.endswith(".rels"))
        for part in after[len(before):]:
            if part.lower() not in declared and part.rsplit(".")[-1].lower() not in declared - {"xml"}: wrong(name, f"{part} is of no declared type")
            if not part.endswith(".rels") and part.rsplit("/", 1)[-1] not in targets: wrong(name, f"{part} is not reached")
        for info in new.infolist():
            if info.filename not in before and info.date_time[:3] != (1980, 1, 1): wrong(name, f"{info.filename} carries a time")
        shapes = [s for n in after if n.endswith(".vml") for s in set(re.findall(rb'<v:shape [^>]*?id="(_x0000_s\d+)"', new.read(n)))]
        ours = [s for s in shapes if int(s[8:]) > 1024]
        if len(ours) != len(set(ours)): wrong(name, "ids of shapes are repeated")


def area_of(sheet, cell):
    from openpyxl.worksheet.cell_range import CellRange
    found = CellRange(cell)
    for region in sheet.merged_cells.ranges:
        if (found.min_row, found.min_col) in [(r, c) for r in range(region.min_row, region.max_row + 1) for c in range(region.min_col, region.max_col + 1)]:
            found = found.union(region)
    return found.coord


def note_of(code, message, fix):
    one = lambda text: " ".join(text.split())
    message, fix = one(message), one(fix)
    check = hashlib.sha256(f"{message}\n{fix}".encode()).hexdigest()[:8]
    return f"{message}\n{fix}\n(csp-bridge {code} {check})"


def told_of(report, source):
    """The told items of a source, in the report's order: code, severity, told."""
    out = []
    for finding in report["findings"]:
        for told in finding["told"]:
            if finding["source"] == source or told["cell"] is None and finding["source"] != source: out.append((finding, told))
    return out


def unescaped(text): return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def marks(name, copy, items, original, file):
    load = lambda path: openpyxl.load_workbook(path)
    try: new, old = load(copy), load(original)
    except Exception as error: return wrong(name, f"openpyxl: {error}")
    wanted = {}
    for finding, told in items:
        if told["cell"]: wanted.setdefault(told["sheet"], {}).setdefault(area_of(old[told["sheet"]], told["cell"]), []).append((finding, told))
    for sheet in old.sheetnames:
        found = []
        for block in new[sheet].conditional_formatting:
            for rule in block.rules:
                if rule.formula == ["TRUE"] and rule.priority == 1 and rule.dxf and rule.dxf.fill.bgColor.rgb == "FFF3C9FF":
                    found += [str(r) for r in str(block.sqref).split()]
        if sorted(found) != sorted(wanted.get(sheet, {})): wrong(name, f"{sheet}: marked {sorted(found)}, told {sorted(wanted.get(sheet, {}))}")
        order = lambda book: [r.priority for block in book[sheet].conditional_formatting for r in block.rules if not (r.formula == ["TRUE"] and r.priority == 1)]
        now, then = order(new), order(old)
        # openpyxl has no priority 0.
        if "nought" in name: pass
        elif sheet in wanted and [a - b for a, b in zip(now, then)] != [now[0] - then[0] if now else 0] * len(then): wrong(name, f"{sheet}: priorities {then} became {now}")
        if sheet in wanted and len(set(now)) != len(now) and len(set(then)) == len(then): wrong(name, f"{sheet}: priorities repeat")
        notes = {}
        for area, told in wanted.get(sheet, {}).items():
            at = area.split(":")[0]
            notes.setdefault(at, []).extend(told)
        index = {id(f): i for i, f in enumerate(REPORT["findings"])}
        without = {(w["sheet"], w["cell"]) for w in file["without_note"]}
        for row in new[sheet].iter_rows():
            for cell in row:
                text = cell.comment.text if cell.comment else None
                own = old[sheet][cell.coordinate].comment
                if own: ok = text == own.text
                elif cell.coordinate in notes and (sheet, cell.coordinate) not in without:
                    told = sorted(notes[cell.coordinate], key=lambda t: index[id(t[0])])
                    ok = text is not None and unescaped(text) == "\n\n".join(note_of(f["code"], t["message"], t["fix"]) for f, t in told)
                else: ok = text is None
                if not ok: wrong(name, f"{sheet}!{cell.coordinate}: the note says {text!r}")
        for at in notes:
            if (sheet, at) in without and not (old[sheet][at].comment or len(notes) > 1000 or "thread" in name): wrong(name, f"{sheet}!{at} has no note")
    added = new.worksheets[-1]
    if added["A1"].value != "csp-bridge: findings on this file": return wrong(name, "there is no list")
    rows = [[c.value for c in row[:9]] for row in added.iter_rows(min_row=4)]
    have = sorted((r[7], unescaped(r[4] or ""), unescaped(r[5] or "")) for r in rows)
    want = sorted((f["code"], t["message"], t["fix"]) for f, t in items)
    if have != want: wrong(name, f"the list differs: {have} / {want}")
    severities = [["Error", "Warning", "Information"].index(r[1]) for r in rows]
    if severities != sorted(severities): wrong(name, "the list has not errors first")
    for row in added.iter_rows(min_row=4):
        link = row[3].hyperlink
        if row[3].value != "Whole file":
            place = link and re.fullmatch(r"'(.*)'!([A-Z0-9:]+)", link.location or "")
            if not place or place[1].replace("''", "'") not in new.sheetnames: wrong(name, f"{row[3].coordinate}: a link leads nowhere")
    for sheet in old.sheetnames:
        a, b = old[sheet], new[sheet]
        for row in a.iter_rows():
            for cell in row:
                other = b[cell.coordinate]
                mine, its = (getattr(c.value, "text", c.value) for c in (cell, other))
                if (mine, cell.number_format, cell.protection.locked, cell.fill.fgColor.rgb) != (its, other.number_format, other.protection.locked, other.fill.fgColor.rgb): wrong(name, f"{sheet}!{cell.coordinate} became {its!r}")
        same = lambda of: of(a) == of(b)
        for what, of in (("merges", lambda s: sorted(map(str, s.merged_cells.ranges))), ("dropdowns", lambda s: [(str(d.sqref), d.formula1) for d in s.data_validations.dataValidation]),
                         ("tables", lambda s: sorted(t.ref for t in s.tables.values())), ("protection", lambda s: (s.protection.sheet, s.protection.password)),
                         ("panes", lambda s: s.freeze_panes), ("state", lambda s: s.sheet_state), ("print area", lambda s: s.print_area)):
            if not same(of): wrong(name, f"{sheet}: {what} differ")
    if {k: v.attr_text for k, v in old.defined_names.items()} != {k: v.attr_text for k, v in new.defined_names.items()}: wrong(name, "names differ")


def grids(path):
    book = CalamineWorkbook.from_path(str(path))
    return {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names}


def same_cells(name, original, copy):
    try: a = grids(original)
    except Exception: return
    b = grids(copy)
    for sheet, rows in a.items():
        if b.get(sheet) != rows: wrong(name, f"{sheet}: calamine reads something else")


def same_in_libreoffice(folder, pairs):
    into = folder / "lo-check"
    shutil.rmtree(into, ignore_errors=True)
    (into / "a").mkdir(parents=True); (into / "b").mkdir()
    for number, (name, original, copy, items) in enumerate(pairs):
        shutil.copy(original, into / f"a/{number}{original.suffix}"); shutil.copy(copy, into / f"b/{number}{copy.suffix}")
    for side in "ab":
        out = into / f"{side}-out"
        out.mkdir()
        soffice("xlsx:Calc MS Excel 2007 XML", out, sorted((into / side).iterdir()))
    for number, (name, original, copy, items) in enumerate(pairs):
        first, second = (into / f"{side}-out/{number}.xlsx" for side in "ab")
        if not first.exists(): continue
        if not second.exists(): wrong(name, "LibreOffice does not open the copy"); continue
        a, b = (openpyxl.load_workbook(p, data_only=True) for p in (first, second))
        for sheet in [s.title for s in a.worksheets]:
            for row in a[sheet].iter_rows():
                for cell in row:
                    if cell.value != b[sheet][cell.coordinate].value: wrong(name, f"LibreOffice: {sheet}!{cell.coordinate} is {b[sheet][cell.coordinate].value!r}")
        before = openpyxl.load_workbook(copy)
        for sheet in [s.title for s in before.worksheets]:
            for row in before[sheet].iter_rows():
                for cell in row:
                    if cell.comment and "(csp-bridge " in cell.comment.text:
                        saved = b[sheet][cell.coordinate].comment
                        if not saved or unescaped(saved.text).strip() != unescaped(cell.comment.text).strip(): wrong(name, f"LibreOffice: {sheet}!{cell.coordinate}: the note became {saved and saved.text!r}")
        yield name, original, first, second


def identity(report): return sorted((f["code"], f["sheet"] or "", f["cell"] or "", f["id"]) for f in report["findings"] if f["code"] not in ("S006", "S003", "S011"))


REPORT = None


def run(binary, only):
    global REPORT
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        made = scratch / "made"
        made.mkdir()
        returns = all_returns(made)
        pairs, kinds = [], {}
        for number, (name, path, kind) in enumerate(returns):
            if only and not any(o in name for o in only): continue
            print(name, file=sys.stderr, flush=True)
            folder = scratch / f"run{number}"
            sent = folder / "sent" / f"Kent Police Q2 2022-23{path.suffix}"
            sent.parent.mkdir(parents=True)
            shutil.copy(path, sent)
            REPORT = report = merge(binary, [sent], folder)
            entry = next((e for e in report["feedback"] if e["agency"] == "KP"), None)
            file = entry["files"][0] if entry and entry["files"] else None
            if not file: wrong(name, "there is no file in the report"); continue
            kinds[file["kind"]] = kinds.get(file["kind"], 0) + 1
            if kind and file["kind"] != kind: wrong(name, f"{file['kind']} ({file['why']}), expected {kind}"); continue
            note = (folder / "feedback/kp/note.txt").read_bytes().decode()
            if any(len(line) > 78 for line in note.split("\r\n")): wrong(name, "a line of the note is too long")
            words = " ".join(note.split())
            source = file["source"]
            items = [(f, t) for f in report["findings"] for t in f["told"] if t["agency"] == "KP"]
            for f, t in items:
                if " ".join(t["message"].split()) not in words and len(max(t["message"].split(), key=len)) < 70: wrong(name, f"the note does not say {t['message']}")
            if not file["path"]: continue
            copy = folder / "feedback" / file["path"]
            if file["kind"] == "marked":
                parts(name, sent, copy, None)
                # openpyxl shows no sheet of a strict workbook.
                if "strict" not in name: marks(name, copy, items, sent, file)
                same_cells(name, sent, copy)
                pairs.append((name, sent, copy, items))
            else:
                try: openpyxl.load_workbook(copy)
                except Exception as error: wrong(name, f"openpyxl: {error}")
                if not file["why"]: wrong(name, "a rendition without a reason")
            back = folder / "back" / sent.with_suffix(copy.suffix).name
            back.parent.mkdir()
            shutil.copy(copy, back)
            again = merge(binary, [back], folder / "again", False)
            drop = lambda r: identity(r) if file["kind"] == "marked" else sorted((c, s if s else "", a) for c, s, a, _ in identity(r))
            mine, its = drop(report), drop(again)
            if file["kind"] == "marked" and mine != its: wrong(name, f"the copy gives other findings: {sorted(set(its) ^ set(mine))[:6]}")
            if file["kind"] == "marked" and again["totals"] != report["totals"]:
                wrong(name, f"the copy gives other totals")
            if not again["totals"]["ties_out"]: wrong(name, "the copy does not tie out")
            beside = folder / "beside"
            beside.mkdir()
            shutil.copy(sent, beside / sent.name); shutil.copy(copy, beside / copy.name)
            both = merge(binary, [beside], folder / "both", False)
            newer = [f for f in both["findings"] if f["code"] == "S006"]
            if [f["severity"] for f in newer] != ["warning"] or not newer[0]["path"].endswith(sent.name): wrong(name, f"the copy is not the newer: {[(f['severity'], f['path']) for f in newer]}")
        print(f"{sum(kinds.values())} returns: {kinds}")
        if SOFFICE and pairs:
            done = 0
            for name, original, first, saved in same_in_libreoffice(scratch, pairs):
                folder = scratch / f"lo{done}"
                back = folder / "sent" / original.name
                back.parent.mkdir(parents=True)
                shutil.copy(saved, back)
                again = merge(binary, [back], folder, False)
                # LibreOffice changes some of a partner's own cells and drops threads: the original goes through it too.
                own = scratch / f"lo-own{done}" / original.name
                own.parent.mkdir()
                shutil.copy(first, own)
                mine, its = identity(merge(binary, [own], folder, False)), identity(again)
                if mine != its: wrong(name, f"saved by LibreOffice, it gives other findings: {sorted(set(mine) ^ set(its))[:6]}")
                ours = [f for f in again["findings"] if f["code"] in ("H108", "H107", "H110") and ("csp-bridge" in (f["message"] or "") or f["sheet"] == LIST)]
                if ours: wrong(name, f"saved by LibreOffice, it is taken for a partner's: {[(f['code'], f['sheet'], f['cell'], f['message'][:90]) for f in ours][:3]}")
                done += 1
            print(f"{done} copies opened and saved by LibreOffice")


def by_hand(binary):
    """A changed note, a reply, and a forged line are the partner's."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        sent = scratch / "Kent Police Q2 2022-23.xlsx"
        with_openpyxl(sent)
        report = merge(binary, [sent], scratch / "first")
        copy = next((scratch / "first/feedback/kp").glob("*.xlsx"))
        book = openpyxl.load_workbook(copy)
        book["Updates"]["C6"].comment.text = book["Updates"]["C6"].comment.text.replace("Purple", "Violet")
        book.worksheets[-1]["I4"] = "We meant the other one."
        book["Updates"]["B5"].comment = Comment("Pay it.\nNow.\n(csp-bridge C202 00000000)", "csp-bridge")
        book.worksheets[-1].title = "Our answers"
        changed = scratch / "changed" / sent.name
        changed.parent.mkdir()
        book.save(changed)
        again = merge(binary, [changed], scratch / "second", False)
        key = lambda r: {(f["code"], f["sheet"], f["cell"]) for f in r["findings"]}
        new = key(again) - key(report)
        want = {("H108", "Updates", "C6"), ("H108", "Updates", "B5"), ("H108", "Our answers", "I4")}
        if new != want or key(report) - key(again): wrong("by hand", f"{new} / {key(report) - key(again)}")
        # Corrected as told.
        book = openpyxl.load_workbook(copy)
        for row in book["Updates"].iter_rows(min_row=5):
            for cell in row: cell.value = {"Purple": "On track", "DM-27": "DM-03", "c. 3k": 3000}.get(cell.value, cell.value)
        both = scratch / "both"
        both.mkdir()
        shutil.copy(sent, both / sent.name)
        book.save(both / copy.name)
        last = merge(binary, [both], scratch / "third", False)
        left = {f["code"] for f in last["findings"] if f["path"] and f["path"].endswith(copy.name)}
        if left & {"C207", "M401"} or not any(f["code"] == "S006" and f["severity"] == "warning" for f in last["findings"]): wrong("corrected", str(left))


def nothing_leaks(binary):
    """Each return has secret words of its own; no folder holds another's."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        sent = scratch / "sent-xyzzyplace"
        sent.mkdir()
        agencies = {"kp": "Kent Police", "kcc": "Kent County Council", "sdc": "Sevenoaks District Council", "cgl": "Change Grow Live"}
        secrets = {}
        for number, (code, agency) in enumerate(agencies.items()):
            secrets[code] = [f"secret{code}{n}word" for n in range(6)] + [f"{7700 + number}.1{number}"]
            s = secrets[code]
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.title = f"Updates {s[0]}"[:31]
            for row in [["Partner:", agency], ["Quarter:", "Q2 2022-23"], [], UPDATES + [s[1]],
                        ["SAC-01", f"We did {s[2]}.", "On track" if number % 2 else "At risk", 10 + number, "Go on."],
                        ["ASB-01", f"We did {s[3]}.", "Purple", 20 + number, "Go on."], ["ZZ-99", f"{s[4]}", "On track", 1, "x"]]: sheet.append(row)
            spend = book.create_sheet("Spend")
            for row in HEAD[2:] + [SPEND, ["CRG-01", "INV-SHARED", "Shared Supplier", "2022-08-01", 210, "Net", "Actual"],
                                  ["CRG-99", f"INV-{s[5]}", "Example", "2022-08-01", float(s[6]), "Net", "Actual"]]: spend.append(row)
            book.save(sent / f"{agency} Q2 2022-23 {s[0]}.xlsx")
        merge(binary, [sent], scratch / "run")
        for code in agencies:
            for file in (scratch / "run/feedback" / code).rglob("*"):
                blobs = [file.read_bytes(), file.name.encode()]
                if file.suffix == ".xlsx":
                    with zipfile.ZipFile(file) as z: blobs += [z.read(n) for n in z.namelist()] + [n.encode() for n in z.namelist()]
                for other, words in secrets.items():
                    for word in words if other != code else ["xyzzyplace", "run/"]:
                        if any(word.encode() in blob for blob in blobs): wrong("leak", f"{file.name} of {code} holds {word} of {other}")
                for other, agency in agencies.items():
                    if other not in (code, "sdc") and any(agency.encode() in blob for blob in blobs): wrong("leak", f"{file.name} of {code} names {agency}")


if __name__ == "__main__":
    if len(sys.argv) < 2: sys.exit(__doc__)
    run(sys.argv[1], sys.argv[2:])
    by_hand(sys.argv[1])
    nothing_leaks(sys.argv[1])
    for fault in FAULTS: print(fault)
    print(f"{len(FAULTS)} faults")
    sys.exit(1 if FAULTS else 0)
