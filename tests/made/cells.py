#!/usr/bin/env python3
"""cells.py --bin PATH FILE_OR_FOLDER...: counts the filled cells of every sheet with other readers and compares them with the `cells` that `csp-bridge check` reports.

Readers: openpyxl (read-only), xlrd, odfpy (covered cells too), Python's csv. A formula is filled unless its stored result is empty text; invisible characters alone are no text.
Also checks that what is filled is the sum of what it was taken for. Files that the program cannot read, and formats with no other reader here, are named and counted.
"""
import argparse
import collections
import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from pathlib import Path

PARTS = ("rows", "headings", "labels", "totals", "text", "named", "ignored")


def visible(text): return any(unicodedata.category(ch) not in ("Cf", "Cc", "Zs", "Zl", "Zp") for ch in text)


def of_xlsx(path):
    """{sheet: {(row, column): value}} of the filled cells; rows and columns count from 0."""
    import openpyxl
    with zipfile.ZipFile(path) as z:
        if b"purl.oclc.org/ooxml" in z.read("xl/workbook.xml"): raise ValueError("openpyxl reads no strict Open XML")
    texts = openpyxl.load_workbook(path, read_only=True)
    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    out, empty = {}, None
    for a, b in zip(texts.worksheets, values.worksheets):
        for s in (a, b): s.reset_dimensions()
        got = out[a.title] = {}
        results = {(x.row, x.column): x.value for row in b.iter_rows() for x in row if x.value is not None}
        for row in a.iter_rows():
            for x in row:
                if x.value is None: continue
                at, value = (x.row - 1, x.column - 1), results.get((x.row, x.column))
                if x.data_type == "f":
                    if value is None:
                        if empty is None: empty = empty_results(path)
                        if (a.title, x.coordinate) in empty: continue
                    if isinstance(value, str) and not value: continue
                    got[at] = value
                elif not isinstance(x.value, str) or visible(x.value): got[at] = x.value
    return out


def empty_results(path):
    """The formulas whose stored result is empty text, which openpyxl does not tell from those that have none."""
    from xml.etree import ElementTree
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    found = set()
    with zipfile.ZipFile(path) as z:
        book = ElementTree.fromstring(z.read("xl/workbook.xml"))
        rels = {r.get("Id"): r.get("Target") for r in ElementTree.fromstring(z.read("xl/_rels/workbook.xml.rels"))}
        for s in book.iter(main + "sheet"):
            target = rels[next(v for k, v in s.attrib.items() if k.endswith("}id"))].lstrip("/")
            for c in ElementTree.fromstring(z.read(target if target.startswith("xl/") else "xl/" + target)).iter(main + "c"):
                v = c.find(main + "v")
                if c.get("t") == "str" and (v is None or not v.text): found.add((s.get("name"), c.get("r")))
    return found


def of_xls(path):
    import xlrd
    book = xlrd.open_workbook(path, logfile=io.StringIO())
    return {s.name: {(r, c): x.value for r in range(s.nrows) for c, x in enumerate(s.row(r)) if x.ctype not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) and (x.ctype != xlrd.XL_CELL_TEXT or visible(x.value))} for s in book.sheets()}


def of_ods(path):
    from odf import teletype
    from odf.opendocument import load
    from odf.table import CoveredTableCell, Table, TableCell, TableRow
    from odf.text import P
    out = {}
    for t in load(path).spreadsheet.getElementsByType(Table):
        got, r = out.setdefault(t.getAttribute("name"), {}), 0
        for row in t.getElementsByType(TableRow):
            c, here = 0, []
            for x in row.childNodes:
                if x.qname not in (TableCell().qname, CoveredTableCell().qname): continue
                n = int(x.getAttribute("numbercolumnsrepeated") or 1)
                typed = x.getAttribute("datevalue") or x.getAttribute("timevalue") or x.getAttribute("booleanvalue") or x.getAttribute("value")
                text = "\n".join(teletype.extractText(p) for p in x.childNodes if p.qname == P().qname) or x.getAttribute("stringvalue") or ""
                if typed is not None or (text if x.getAttribute("formula") else visible(text)): here += [(c + i, typed if typed is not None else text) for i in range(n)]
                c += n
            n = int(row.getAttribute("numberrowsrepeated") or 1)
            if here: got.update({(r + i, c): v for i in range(n) for c, v in here})
            r += n
    return out


def of_csv(path):
    """A text file has one sheet, without a name."""
    raw = path.read_bytes()
    order = [("utf-16-be", raw[:1] == b"\0"), ("utf-16-le", raw[1:2] == b"\0"), ("utf-16", raw[:2] in (b"\xff\xfe", b"\xfe\xff")), ("utf-8-sig", True), ("cp1252", True), ("latin-1", True)]
    for encoding, fits in order:
        try: text = raw.decode(encoding) if fits else None
        except UnicodeDecodeError: continue
        if text is not None: break
    m = re.match(r"sep=(.)\r?\n", text)
    csv.field_size_limit(1 << 30)
    def rows(d): return list(csv.reader(io.StringIO(text[m.end():] if m else text, newline=""), delimiter=d))
    best = rows(m[1]) if m else max((rows(d) for d in ",;\t|"), key=lambda got: sum(max(len(r) - 1, 0) for r in got))
    return {None: {(r, c): x for r, row in enumerate(best, 1 if m else 0) for c, x in enumerate(row) if visible(x)}}


READERS = {"xlsx": of_xlsx, "xlsm": of_xlsx, "xls": of_xls, "ods": of_ods, "csv": of_csv, "tsv": of_csv, "txt": of_csv}


def filled(path): return READERS[path.suffix.lower().lstrip(".")](path)


def differences(source, path):
    """What is wrong with one source's `cells`: a list of sentences. `source` is its entry in a report, `path` the file."""
    told = source.get("cells")
    if told is None: return ["the report has no `cells`"]
    out = [f"{x['sheet']}: {x['filled']} filled, but the parts add up to {sum(x[k] for k in PARTS)}" for x in told if x["filled"] != sum(x[k] for k in PARTS)]
    mine = {k: len(v) for k, v in filled(path).items()}
    if None in mine: theirs = {None: sum(x["filled"] for x in told)}
    else: theirs = {x["sheet"]: x["filled"] for x in told}
    return out + [f"{name}: {theirs.get(name, 0)} filled cells, another reader counts {mine.get(name, 0)}" for name in sorted({*mine, *theirs}, key=str) if theirs.get(name, 0) != mine.get(name, 0)]


def check(binary, path):
    with tempfile.TemporaryDirectory() as t:
        run = subprocess.run([binary, "check", str(path), "--report", f"{t}/x.json", "--fail-on", "never", "--quiet"], capture_output=True, text=True, timeout=120)
        if not Path(t, "x.json").exists(): return "unread", [f"exit {run.returncode}: {run.stderr.strip()[-150:]}"]
        report = json.loads(Path(t, "x.json").read_text())
    source = report["sources"][0]
    if source["state"] == "unreadable": return "unread", [f["code"] for f in report["findings"]][:3]
    if path.suffix.lower().lstrip(".") not in READERS or {"S003", "H114"} & {f["code"] for f in report["findings"]}: return "no other reader", []
    try: wrong = differences(source, path)
    except Exception as e: return "no other reader", [f"{type(e).__name__}: {e}"]
    return ("differs" if wrong else "same"), wrong


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("paths", nargs="+")
    p.add_argument("-v", action="store_true", help="name the files that were passed over")
    a = p.parse_args()
    kinds = {*READERS, "xlsb", "fods"}
    files = [f for x in map(Path, a.paths) for f in (sorted(x.rglob("*")) if x.is_dir() else [x]) if f.is_file() and f.suffix.lower().lstrip(".") in kinds and not f.name.startswith(("~$", "."))]
    tally = collections.Counter()
    for f in files:
        try: kind, why = check(str(Path(a.bin).resolve()), f)
        except subprocess.TimeoutExpired: kind, why = "crashed", ["no answer in two minutes"]
        tally[kind] += 1
        if kind in ("differs", "crashed") or a.v and kind != "same": print(f"{kind}: {f}", *why[:5], sep="\n    ")
    print(f"{len(files)} files:", ", ".join(f"{n} {k}" for k, n in tally.most_common()))
    sys.exit(bool(tally["differs"] or tally["crashed"]))


if __name__ == "__main__": main()
