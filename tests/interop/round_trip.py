#!/usr/bin/env python3
"""round_trip.py BIN [TRIPS]: the consolidated workbook is the next plan, whoever saved it last.

1. The samples' workbook goes TRIPS times (10) in turn through a merge of nothing and through LibreOffice, which saves it as xlsx: no value on Action
   plan, Funding, Virements, Updates or Spend changes.
2. Quarter 3: an officer edits the workbook with openpyxl (a new action, a reworded one, another deadline), two partners fill in the templates made from
   it, and the merge keeps the edits, the earlier quarters and every earlier row, and takes up the new reports.
3. A late return is merged into the workbook: partners whose rows stand in it have sent theirs.

Exit 1 on any difference. Needs openpyxl and soffice.
"""
import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

from opens import cells, same, soffice
from templates import fills, with_openpyxl

CARRIED = ["Action plan", "Funding", "Virements", "Updates", "Spend"]
SAMPLES = Path(__file__).resolve().parents[2] / "samples/2022-23"
WRONG = []


def merge(binary, plan, returns, quarter, as_of, out):
    report = out.with_suffix(".json")
    run = subprocess.run([binary, "merge", str(plan), *map(str, returns), "--quarter", quarter, "--as-of", str(as_of), "-o", str(out), "--force",
                          "--report", str(report), "--fail-on", "never", "--quiet"], capture_output=True, text=True)
    if run.returncode: sys.exit(f"merge failed: {run.stderr}")
    return json.loads(report.read_text())


def carried(book):
    return {at: value for at, value in cells(book).items() if at[0] in CARRIED}


def compare(what, old, new):
    found = [f"{what}: {sheet}!{cell}: {old.get((sheet, cell))!r} became {new.get((sheet, cell))!r}" for sheet, cell in sorted(old.keys() | new.keys())
             if not same(old.get((sheet, cell)), new.get((sheet, cell)))]
    print(f"{what}: {len(old)} cells, {len(found)} differ")
    WRONG.extend(found)


def check(what, holds):
    if not holds: WRONG.append(what)


def table(book, sheet):
    rows = list(openpyxl.load_workbook(book, data_only=True)[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def trips(binary, first, count, folder):
    start, last = carried(first), first
    for n in range(1, count + 1):
        if n % 2:
            new = folder / f"trip-{n}.xlsx"
            report = merge(binary, last, [], "2022-23-Q2", "2022-10-20", new)
            check(f"trip {n}: the workbook merged with nothing raises {[(f['code'], f['sheet'], f['cell']) for f in report['findings']]}", not report["findings"])
            compare(f"trip {n}, merged", start, carried(new))
        else:
            home = folder / f"office-{n}"
            home.mkdir()
            soffice(last, "xlsx", home)
            new = home / last.name
            compare(f"trip {n}, saved by LibreOffice", start, carried(new))
        last = new
    return last


def next_quarter(binary, second, folder):
    edited = folder / "edited.xlsx"
    book = openpyxl.load_workbook(second)
    sheet = book["Action plan"]
    at = {cell.value: cell.column for cell in sheet[1]}
    new = sheet.max_row + 1
    words = {"Ref": "SG-08", "Priority": "P4 Safeguarding", "Action": "Check that taxi drivers know how to report a concern.", "Lead agency": "Sevenoaks District Council",
             "Timescale": dt.datetime(2023, 3, 31), "Target": 40}
    for heading, value in words.items(): sheet.cell(new, at[heading], value)
    sheet.cell(2, at["Action"], "Visit neighbours within a day of every burglary.")
    sheet.cell(3, at["Timescale"], dt.datetime(2023, 3, 15))
    for t in sheet.tables.values(): t.ref = f"A1:{t.ref.split(':')[1].rstrip('0123456789')}{new}"
    book.save(edited)
    # As a spreadsheet program leaves it: openpyxl stores no results of formulas.
    home = folder / "saved"
    home.mkdir()
    soffice(edited, "xlsx", home)
    edited = home / edited.name

    as_of = dt.date(2023, 1, 12)
    blank, filled = folder / "blank", folder / "filled"
    filled.mkdir()
    subprocess.run([binary, "templates", str(edited), "--quarter", "2022-23-Q3", "-o", str(blank), "--as-of", str(as_of)], check=True, capture_output=True)
    for path in sorted(blank.glob("*.xlsx")): with_openpyxl(path, filled / path.name, fills(path, 3, as_of))
    out = folder / "third.xlsx"
    report = merge(binary, edited, [filled], "2022-23-Q3", as_of, out)
    about_returns = [f for f in report["findings"] if "filled" in (f["path"] or "")]
    for f in about_returns: WRONG.append(f"quarter 3: {f['code']} {f['path']} {f['sheet']} {f['cell']} {f['message']}")

    plan, before = {r["Ref"]: r for r in table(out, "Action plan")}, {r["Ref"]: r for r in table(second, "Action plan")}
    check("quarter 3: the new action is not in the workbook", plan.get("SG-08", {}).get("Action") == words["Action"])
    check("quarter 3: the new action has no report", plan.get("SG-08", {}).get("Q3 status") == "On track")
    first, second_row = list(before)[:2]
    check("quarter 3: the rewording is lost", plan[first]["Action"] == "Visit neighbours within a day of every burglary.")
    check("quarter 3: the deadline is lost", str(plan[second_row]["Timescale"])[:10] == "2023-03-15")
    for ref, row in before.items():
        for heading, value in row.items():
            if heading and heading[:2] in ("Q1", "Q2"): check(f"quarter 3: {ref} {heading}: {value!r} became {plan[ref][heading]!r}", same(value, plan[ref][heading]))
    for sheet in ("Updates", "Spend"):
        old, new = table(second, sheet), table(out, sheet)
        check(f"quarter 3: earlier rows on {sheet} changed", all(all(same(o[h], n[h]) for h in o) for o, n in zip(old, new)) and len(new) > len(old))
    for old, new in zip(table(second, "Funding"), table(out, "Funding")):
        for heading in ("Allocation", "Q1 spend", "Q2 spend", "Revised allocation"):
            check(f"quarter 3: Funding {old['Funding line']} {heading}: {old[heading]!r} became {new[heading]!r}", same(old[heading] or 0, new[heading] or 0))
    print(f"quarter 3: {len(plan)} actions, {len(about_returns)} findings about returns")


def late(binary, folder):
    """All returns but one, then that one alone into what they gave."""
    returns = sorted((SAMPLES / "returns-clean").iterdir())
    last = next(path for path in returns if "DAVSS" in path.name)
    early = folder / "early.xlsx"
    merge(binary, SAMPLES / "action-plan.xlsx", [p for p in returns if p != last], "2022-23-Q2", "2022-10-20", early)
    report = merge(binary, early, [last], "2022-23-Q2", "2022-10-20", folder / "late.xlsx")
    for f in report["findings"]: WRONG.append(f"late return: {f['code']} {f['path']} {f['sheet']} {f['cell']} {f['message']}")
    whole = merge(binary, SAMPLES / "action-plan.xlsx", returns, "2022-23-Q2", "2022-10-20", folder / "whole.xlsx")
    for a, b in zip(report["actions"], whole["actions"]):
        for key in ("status", "update", "value", "measure"): check(f"late return: {a['ref']} {key} is {a[key]!r}, at once {b[key]!r}", a[key] == b[key])
    check("late return: the funding lines differ from those merged at once", report["funding"] == whole["funding"])
    print(f"late return: {len(report['findings'])} findings")


def main():
    if len(sys.argv) not in (2, 3): sys.exit(__doc__)
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 10
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        second = folder / "second.xlsx"
        merge(binary, SAMPLES / "action-plan.xlsx", [SAMPLES / "returns"], "2022-23-Q2", "2022-10-20", second)
        trips(binary, second, count, folder)
        next_quarter(binary, second, folder)
        late(binary, folder)
    print(*WRONG[:60], sep="\n", end="\n" if WRONG else "")
    sys.exit(bool(WRONG))


if __name__ == "__main__": main()
