#!/usr/bin/env python3
"""Recalculates a consolidated workbook in LibreOffice and compares it with what the program stored, cell by cell.

    funding_recalc.py OUT.xlsx [OUT.xlsx ...]

For each workbook: every formula's recalculated figure must be the stored one. Then one counted amount of the Spend sheet is changed, the
workbook is recalculated, and the line on Funding, its stream on Streams and the check row must follow. Needs `soffice`; nothing else.
"""
import re
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Excel files are recalculated on loading, whatever they say of themselves.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def sheet_paths(book):
    """Sheet name -> part name."""
    links = {r.get("Id"): r.get("Target") for r in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))}
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).find(f"{MAIN}sheets")
    return {s.get("name"): "xl/" + links[s.get(f"{REL}id")].removeprefix("/xl/") for s in sheets}


def read(path):
    """Sheet name -> cell -> (value, whether it is a formula)."""
    with zipfile.ZipFile(path) as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            shared = ["".join(t.text or "" for t in item.iter(f"{MAIN}t")) for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        out = {}
        for name, part in sheet_paths(book).items():
            cells = out[name] = {}
            for c in ElementTree.fromstring(book.read(part)).iter(f"{MAIN}c"):
                v = c.find(f"{MAIN}v")
                text = None if v is None else v.text
                if c.get("t") == "s" and text is not None: text = shared[int(text)]
                if c.get("t") == "inlineStr": text = "".join(t.text or "" for t in c.iter(f"{MAIN}t"))
                if text is not None or c.find(f"{MAIN}f") is not None: cells[c.get("r")] = (text, c.find(f"{MAIN}f") is not None)
        return out


def recalculated(path, folder):
    profile = folder / "profile"
    if not profile.exists():
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS)
    out = folder / "out"
    subprocess.run(["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out, path], check=True, capture_output=True, timeout=300)
    return read(out / path.name)


def number(text):
    try: return Decimal(text).quantize(Decimal("0.0001"))
    except Exception: return None


def compare(stored, live):
    wrong, count = [], 0
    for sheet, cells in stored.items():
        for at, (text, is_formula) in cells.items():
            if not is_formula: continue
            count += 1
            again = live.get(sheet, {}).get(at, (None, False))[0]
            if number(text) != number(again) or number(text) is None: wrong.append(f"{sheet}!{at}: stored {text}, recalculated {again}")
    return count, wrong


def columns(cells):
    return {text: re.match("[A-Z]+", at)[0] for at, (text, _) in cells.items() if re.fullmatch("[A-Z]+1", at)}


def edit(path, target, part, at, figure):
    """A copy of the workbook with another figure in one cell."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == part:
                data, n = re.subn(rf'(<c r="{at}"[^>]*>\s*<v>)[^<]*(</v>)'.encode(), rb"\g<1>" + str(figure).encode() + rb"\g<2>", data)
                if n != 1: raise SystemExit(f"{path}: {at} could not be changed")
            new.writestr(item, data)


def follows(path, stored, folder):
    """Changes one counted amount; says what did not follow."""
    if "Spend" not in stored or "Funding" not in stored: return None
    spend, funding, streams = stored["Spend"], stored["Funding"], stored["Streams"]
    s, f, t = columns(spend), columns(funding), columns(streams)
    value = lambda cells, column, row: cells.get(f"{column}{row}", (None, False))[0]
    lines = {value(funding, f["Funding line"], row): row for row in range(2, 2000) if value(funding, f["Funding line"], row)}
    approved = lambda row: "Approval" not in f or value(funding, f["Approval"], row) == "Approved"
    found = next((row for row in range(2, 20000)
                  if (value(spend, s["State"], row) or "") == "Counted" and lines.get(value(spend, s["Funding line"], row)) and approved(lines[value(spend, s["Funding line"], row)])
                  and spend.get(f"{s['Amount']}{row}") and number(value(spend, s["Amount"], row)) is not None
                  and funding.get(f"{f['Q' + value(spend, s['Quarter'], row)[-1] + ' spend']}{lines[value(spend, s['Funding line'], row)]}", (None, False))[1]), None)
    if found is None: return None
    line = lines[value(spend, s["Funding line"], found)]
    more = Decimal("12.34")
    with zipfile.ZipFile(path) as book: part = sheet_paths(book)["Spend"]
    target = folder / f"edited-{path.name}"
    edit(path, target, part, f"{s['Amount']}{found}", Decimal(value(spend, s["Amount"], found)) + more)
    live = recalculated(target, folder)
    quarter = f"Q{value(spend, s['Quarter'], found)[-1]} spend"
    wrong = []

    def wants(sheet, at, by, what):
        before, after = number(stored[sheet][at][0]), number(live[sheet].get(at, (None,))[0])
        if after is None or after - before != by: wrong.append(f"{what} {sheet}!{at}: {before} became {after}, not {by} more")
    wants("Funding", f"{f[quarter]}{line}", more, "the line's quarter")
    wants("Funding", f"{f['Spend to date']}{line}", more, "the line to date")
    wants("Funding", f"{f['Remaining']}{line}", -more, "what remains on the line")
    code = value(funding, f["Stream"], line)
    for row in range(2, 200):
        level, name = value(streams, t["Level"], row), value(streams, t["Name"], row) or ""
        if level == "Stream" and code and name.startswith(code + " "): wants("Streams", f"{t['Spend to date']}{row}", more, "the stream")
        if level == "Check":
            for column in t.values():
                at = f"{column}{row}"
                if streams.get(at, (None, False))[1] and number(live["Streams"].get(at, (None,))[0]) != 0: wrong.append(f"the check row Streams!{at} is {live['Streams'].get(at)}")
    return wrong


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for path in map(Path, sys.argv[1:]):
            stored = read(path)
            count, wrong = compare(stored, recalculated(path, folder))
            moved = follows(path, stored, folder)
            told = "nothing to change" if moved is None else "an edited amount is followed" if not moved else "an edited amount is NOT followed"
            print(f"{path}: {count} formulas, {len(wrong)} differ; {told}")
            for line in wrong + (moved or []): print(f"  {line}")
            bad += len(wrong) + len(moved or [])
    return 1 if bad or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
