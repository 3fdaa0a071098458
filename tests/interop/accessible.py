"""The public version by the Analysis Function's checklist, and by other readers: each point by program, on xlsx, ods and html.

    python3 tests/interop/accessible.py FOLDER

FOLDER is one that `publish` wrote. openpyxl and odfpy read; LibreOffice (soffice) opens both workbooks and has to show the same cells.
"""

import csv
import html.parser
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile
from xml.etree import ElementTree

import odf.grammar
import odf.namespaces
import openpyxl

SHEETS = ["Cover", "Contents", "Summary", "Actions", "Measures", "Funding", "Notes"]
wrong = []


def must(holds, what):
    if not holds:
        wrong.append(what)


def tables(folder):
    out = {}
    for path in folder.glob("*.csv"):
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
        out[path.stem.rsplit("-", 1)[1].capitalize()] = rows
        raw = path.read_bytes()
        must(raw.startswith(b"\xef\xbb\xbf"), f"{path.name}: no byte order mark")
        must(b"\r\n" in raw, f"{path.name}: lines do not end in CRLF")
    return out


def xlsx(path, want):
    book = openpyxl.load_workbook(path)
    names = [s for s in SHEETS if s in want or s in ("Cover", "Contents")]
    must(book.sheetnames == names, f"xlsx: sheets {book.sheetnames}")
    must(len({n.casefold() for n in book.sheetnames}) == len(book.sheetnames), "xlsx: sheet names not unique")
    must(all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,30}", n) for n in book.sheetnames), "xlsx: sheet names of letters")
    properties = book.properties
    must(properties.title and properties.subject and properties.language, "xlsx: title, subject and language in the properties")
    must(properties.creator and not properties.lastModifiedBy, f"xlsx: author {properties.creator}, editor {properties.lastModifiedBy}")
    must(book.active.title == "Cover", "xlsx: opens on Cover")
    for sheet in book:
        at = f"xlsx {sheet.title}"
        must(sheet.sheet_state == "visible", f"{at}: hidden")
        must(not sheet.merged_cells.ranges, f"{at}: merged cells")
        must(not any(d.hidden for d in sheet.row_dimensions.values()), f"{at}: hidden rows")
        must(not any(d.hidden for d in sheet.column_dimensions.values()), f"{at}: hidden columns")
        must(sheet.freeze_panes is None, f"{at}: frozen panes")
        must(sheet.auto_filter.ref is None, f"{at}: a filter")
        must(not sheet._images and not sheet._charts, f"{at}: pictures")
        must(not sheet.conditional_formatting and not sheet.data_validations.dataValidation, f"{at}: rules on cells")
        for part in (sheet.oddHeader, sheet.oddFooter):
            must(not any(p.text for p in (part.left, part.center, part.right)), f"{at}: header or footer")
        view = sheet.sheet_view.selection
        must(all(s.activeCell in (None, "A1") for s in view), f"{at}: cursor not on A1")
        for row in sheet.iter_rows():
            for cell in row:
                must(cell.data_type != "f", f"{at}: formula in {cell.coordinate}")
                must(cell.comment is None and cell.hyperlink is None, f"{at}: note or link in {cell.coordinate}")
                must(cell.fill.fill_type in (None, "none"), f"{at}: fill in {cell.coordinate}")
                must(cell.font.color is None or cell.font.color.rgb in (None, "FF000000") or cell.font.color.type != "rgb", f"{at}: colour in {cell.coordinate}")
        values = list(sheet.values)
        must(values and values[0][0], f"{at}: no title in A1")
        must(all(any(v not in (None, "") for v in row) for row in values), f"{at}: a blank row")
        if sheet.title == "Cover":
            must(not sheet.tables, f"{at}: a table")
            continue
        must(len(sheet.tables) == 1, f"{at}: {len(sheet.tables)} tables")
        table = next(iter(sheet.tables.values()))
        first, last = table.ref.split(":")
        must(first.startswith("A") and first[1:].isdigit(), f"{at}: its table does not start in column A")
        must(table.autoFilter is None and not re.search(r"\s", table.name), f"{at}: filter, or space in the table's name")
        top = int(first[1:])
        must("one table" in str(values[1][0]), f"{at}: does not say how many tables")
        body = values[top - 1:]
        must(len(body) + top - 1 == sheet.max_row and last == openpyxl.utils.get_column_letter(sheet.max_column) + str(sheet.max_row), f"{at}: something beside or below its table")
        must(len(set(body[0])) == len(body[0]) and all(body[0]), f"{at}: headings not unique")
        must(all(v not in (None, "") for row in body for v in row), f"{at}: a blank cell")
        must(all(sheet.cell(top, c + 1).alignment.wrap_text for c in range(len(body[0]))), f"{at}: headings not wrapped")
        must(all(sheet.column_dimensions[openpyxl.utils.get_column_letter(c + 1)].width > 5 for c in range(len(body[0]))), f"{at}: widths not set")
        must(all(sheet.row_dimensions[r].height for r in range(1, sheet.max_row + 1)), f"{at}: heights not set")
    with zipfile.ZipFile(path) as package:
        for part in package.namelist():
            must(not re.search(r"drawing|media|vba|external|comments|printerSettings|custom", part), f"xlsx: has {part}")
            if part.endswith(".xml") or part.endswith(".rels"):
                ElementTree.fromstring(package.read(part))


def ods(path, want):
    """Every element and attribute where the format's grammar has it, as odfpy carries it from the schema."""
    with zipfile.ZipFile(path) as package:
        first = package.infolist()[0]
        must(first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED, "ods: mimetype is not first and unpacked")
        listed = set(re.findall(r'full-path="([^"/]+)"', package.read("META-INF/manifest.xml").decode()))
        must(listed == set(package.namelist()) - {"mimetype", "META-INF/manifest.xml"}, "ods: manifest and parts differ")
        split = lambda name: tuple(name[1:].split("}"))
        new = {"min-decimal-places", "scale-to-X"}  # of version 1.3
        for part in ("content.xml", "styles.xml", "meta.xml", "settings.xml"):
            root = ElementTree.fromstring(package.read(part))
            must(root.attrib.get(f"{{{odf.namespaces.OFFICENS}}}version") == "1.3", f"ods: {part} is not 1.3")
            for parent in root.iter():
                own = split(parent.tag)
                allowed = odf.grammar.allowed_attributes.get(own)
                for name in parent.attrib:
                    uri, local = split(name)
                    must(local in new or allowed is None or (uri, local) in allowed, f"ods: {part}: {own[1]} has no {local}")
                children = odf.grammar.allowed_children.get(own)
                for child in parent:
                    must(children is None or split(child.tag) in children, f"ods: {part}: {split(child.tag)[1]} in {own[1]}")
        content = package.read("content.xml").decode()
        meta = package.read("meta.xml").decode()
    for word in ("dc:title", "dc:subject", "dc:language", "meta:initial-creator"):
        must(f"<{word}>" in meta, f"ods: no {word}")
    must("<dc:creator>" not in meta, "ods: a last editor")
    for word in ("covered-table-cell", "number-columns-spanned", "visibility", "office:annotation", "draw:", "table:formula", "xlink:", "background-color"):
        must(word not in content, f"ods: has {word}")
    must(content.count("<table:table-header-rows>") == len(want) + 1, "ods: heading rows are not marked")
    must(content.count("<table:database-range ") == len(want) + 1, "ods: tables are not named")


class Page(html.parser.HTMLParser):
    VOID = {"meta", "br", "rect", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.stack, self.levels, self.captions, self.tables, self.ids, self.scopes, self.bad = [], [], 0, [], [], 0, []
        self.lang = None
        self.feed(text)
        self.bad += [f"{tag} is not closed" for tag in self.stack]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.VOID:
            self.stack.append(tag)
        if tag == "html":
            self.lang = attrs.get("lang")
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "table":
            self.tables.append(attrs.get("id"))
        self.captions += tag == "caption"
        if tag == "th":
            self.scopes += 1
            if "scope" not in attrs:
                self.bad.append("th without scope")
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag in ("script", "link", "img", "iframe", "form") or any(k in ("src", "hidden") or k.startswith("on") for k in attrs):
            self.bad.append(f"{tag} {attrs}")
        if attrs.get("href", "#")[0] != "#":
            self.bad.append(f"leads out: {attrs['href']}")
        if tag == "svg" and attrs.get("role") != "img":
            self.bad.append("svg without a role")

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.bad.append(f"{tag} is closed out of turn")

    def handle_comment(self, data):
        self.bad.append("a comment")


def page(path, want):
    text = path.read_text()
    found = Page(text)
    must(found.lang, "html: no lang")
    must(found.levels.count(1) == 1 and found.levels[0] == 1, "html: not one h1")
    must(all(b - a <= 1 for a, b in zip(found.levels, found.levels[1:])), "html: headings out of order")
    must(sorted(found.tables) == sorted(name.lower() for name in want), f"html: tables {found.tables}")
    must(found.captions == len(want), "html: a table without caption")
    must(len(set(found.ids)) == len(found.ids), "html: ids not unique")
    must("display:none" not in text.replace(" ", "") and "visibility:hidden" not in text.replace(" ", ""), "html: hides something")
    must("url(" not in text and "@import" not in text, "html: loads something")
    wrong.extend(f"html: {b}" for b in found.bad)


def opened(path):
    """What LibreOffice shows of each sheet."""
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to",
             'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1', "--outdir", work, str(path)],
            check=True, capture_output=True)
        return {p.stem.rsplit("-", 1)[1]: list(csv.reader(io.StringIO(p.read_text("utf-8"), newline=""))) for p in pathlib.Path(work).glob("*.csv")}


def plain(value):
    text = value.replace("\r\n", "\n").lstrip("'")
    bare = text.replace(",", "")
    return f"{float(bare):.6f}" if re.fullmatch(r"-?\d+(\.\d+)?", bare) else re.sub(r"\s+", " ", text)


def main():
    folder = pathlib.Path(sys.argv[1])
    want = tables(folder)
    xlsx(next(folder.glob("*.xlsx")), want)
    ods(next(folder.glob("*.ods")), want)
    page(next(folder.glob("*.html")), want)
    for path in (next(folder.glob("*.xlsx")), next(folder.glob("*.ods"))):
        shown = opened(path)
        for name, rows in want.items():
            got = shown.get(name, [])[-len(rows):]
            same = [[plain(v) for v in row] for row in got] == [[plain(v) for v in row] for row in rows]
            must(same, f"{path.name}: LibreOffice shows another {name}")
    print(*wrong, sep="\n")
    print(f"{folder}: {len(want)} tables in four formats, {len(wrong)} wrong")
    sys.exit(bool(wrong))


main()
