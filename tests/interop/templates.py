#!/usr/bin/env python3
"""templates.py BIN [PLAN] [QUARTER] [AS-OF]: return workbooks, filled in honestly by two other programs, merge without a finding.

Writes the templates of PLAN, fills them with openpyxl and with LibreOffice (which keeps them as xlsx and as ods), merges each lot
with the plan, and exits 1 on any finding in or about a return. Filling is what a partner does: progress and status on every open action it leads, on
every second one that it supports, a figure where there is one, two documents and a claim on a funding line. Needs openpyxl and soffice.
"""
import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import xml.sax.saxutils
from decimal import Decimal
from pathlib import Path

import openpyxl

BASIC = """
Sub Fill(task As String)
  Dim args(0) As New com.sun.star.beans.PropertyValue
  Dim kept(0) As New com.sun.star.beans.PropertyValue
  Dim doc As Object, parts As Variant, entry As String, handle As Integer
  args(0).Name = "Hidden"
  args(0).Value = True
  kept(0).Name = "FilterName"
  handle = FreeFile
  Open task For Input As #handle
  Do While Not EOF(handle)
    Line Input #handle, entry
    parts = Split(entry, Chr(9))
    Select Case parts(0)
      Case "open"
        doc = StarDesktop.loadComponentFromURL(ConvertToURL(parts(1)), "_blank", 0, args())
      Case "words"
        doc.Sheets.getByName(parts(1)).getCellRangeByName(parts(2)).String = parts(3)
      Case "number"
        doc.Sheets.getByName(parts(1)).getCellRangeByName(parts(2)).Value = Val(parts(3))
      Case "keep"
        kept(0).Value = parts(2)
        doc.storeToURL(ConvertToURL(parts(1)), kept())
      Case "close"
        doc.close(True)
    End Select
  Loop
  Close #handle
End Sub
"""


def rows(sheet, first):
    """The table's heading row and its headings: the row whose column A is `first`."""
    for row in sheet.iter_rows():
        if row[0].value == first:
            return row[0].row, {cell.value: cell.column_letter for cell in row if cell.value}
    raise SystemExit(f"{sheet.title}: no heading {first}")


def fills(path, quarter, as_of, only_due=False):
    """What a partner enters: sheet, cell, value."""
    book = openpyxl.load_workbook(path)
    out = []
    if "Updates" in book.sheetnames:
        sheet = book["Updates"]
        partner = next(r[1].value for r in sheet.iter_rows(max_row=6) if r[0].value == "Partner:")
        date_row = next(r[0].row for r in sheet.iter_rows(max_row=6) if r[0].value == "Date of return:")
        out.append(("Updates", f"B{date_row}", as_of - dt.timedelta(days=3)))
        signed = {r[0].value: r[0].row for r in sheet.iter_rows(max_row=7)}
        out.append(("Updates", f"B{signed['Signed off by (role):']}", "Head of Community Safety"))
        out.append(("Updates", f"B{signed['Signed off on:']}", as_of - dt.timedelta(days=4)))
        head, at = rows(sheet, "Ref")
        for n, row in enumerate(range(head + 1, sheet.max_row + 1)):
            get = lambda name: sheet[f"{at[name]}{row}"].value if name in at else None
            ref, leads = get("Ref"), get("Lead agency") == partner
            if not ref or get(f"Q{quarter - 1} status") in ("Complete", "Closed") or (not leads and (only_due or n % 2)):
                continue
            due = get("Timescale")
            over = isinstance(due, dt.datetime) and due.date() < as_of or any(str(due).strip() == f"Q{q}" for q in range(1, quarter + 1))
            put = lambda name, value: out.append(("Updates", f"{at[name]}{row}", value))
            put("Progress this quarter", f"{partner}: {n + 3} sessions were held on {ref} in quarter {quarter}, and {4 * n + 11} people took part.")
            put("Status", "Complete" if over else "On track")
            if leads:
                put("Measure value", (get(f"Q{quarter - 1} value") or 5) + 1)
                put("Data as at", as_of - dt.timedelta(days=20))
            if over:
                put("Completed on", as_of - dt.timedelta(days=30))
            else:
                put("Next steps", f"Hold the next round on {ref} before the quarter ends.")
    if "Spend" in book.sheetnames:
        sheet = book["Spend"]
        head, at = rows(sheet, "Funding line")
        said = [str(r[0].value) for r in sheet.iter_rows(max_row=head - 1)]
        open_lines = [m.groups() for m in (re.match(r"(\S+).* has £([\d,.]+) left of £([\d,.]+) at", s) for s in said) if m]
        for line, left, whole in open_lines[:1]:
            left, whole = (Decimal(x.replace(",", "")) for x in (left, whole))
            amounts = [(left / 10).quantize(Decimal("0.01")), (left / 20).quantize(Decimal("0.01"))]
            for n, amount in enumerate(amounts):
                row = {"Funding line": line, "Document ref": f"INV-{path.stem[:4].upper()}-{n + 1}", "Supplier": "Invented Supplies Ltd",
                       "Document date": as_of - dt.timedelta(days=25 + n), "Amount": amount, "VAT basis": "Net", "Kind": "Actual",
                       "Description": "Printing of leaflets"}
                out += [("Spend", f"{at[name]}{head + 1 + n}", value) for name, value in row.items()]
            sheet = book["Claim"]
            head, at = rows(sheet, "Funding line")
            spent = sum(amounts)
            at_line = next(r for r in range(head + 1, sheet.max_row + 1) if sheet[f"{at['Funding line']}{r}"].value == line)
            row = {"Spend this quarter": spent, "Spend to date": whole - left + spent, "Forecast": whole}
            if quarter == 4:
                row["Forecast"] = row["Spend to date"]
                row["Explanation"] = "Two sessions did not take place because the hall was closed."
            out += [("Claim", f"{at[name]}{at_line}", value) for name, value in row.items()]
    return out


def with_openpyxl(path, target, entries):
    book = openpyxl.load_workbook(path)
    for sheet, cell, value in entries:
        assert not book[sheet][cell].protection.locked, f"{path.name}: {sheet}!{cell} is locked"
        book[sheet][cell] = value
    book.save(target)


def with_libreoffice(jobs, folder):
    """One run of soffice over all files: a macro opens each, fills it and stores it as xlsx and ods."""
    soffice = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
    # The first start makes the profile, with an empty Module1 in it.
    subprocess.run([*soffice, "macro:///Standard.Module1.Main()"], check=True, capture_output=True, timeout=120)
    module = folder / "profile/user/basic/Standard/Module1.xba"
    module.write_text('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">\n'
                      '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">'
                      + xml.sax.saxutils.escape(BASIC) + "</script:module>")
    lines = []
    for path, targets, entries in jobs:
        lines.append(f"open\t{path}")
        for sheet, cell, value in entries:
            if isinstance(value, dt.date):
                lines.append(f"number\t{sheet}\t{cell}\t{(value - dt.date(1899, 12, 30)).days}")
            elif isinstance(value, str):
                lines.append(f"words\t{sheet}\t{cell}\t{value}")
            else:
                lines.append(f"number\t{sheet}\t{cell}\t{value}")
        lines += [f"keep\t{target}\t{filter_name}" for target, filter_name in targets] + ["close"]
    task = folder / "task.tsv"
    task.write_text("\n".join(lines) + "\n")
    subprocess.run([*soffice, f'macro:///Standard.Module1.Fill("{task}")'], check=True, capture_output=True, timeout=300)


def merge(binary, plan, returns, quarter, as_of, folder):
    report = folder / "report.json"
    run = subprocess.run([binary, "merge", str(plan), str(returns), "--quarter", quarter, "--as-of", str(as_of), "-o", str(folder / "out.xlsx"), "--force",
                          "--report", str(report), "--fail-on", "never", "--quiet"], capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"merge failed: {run.stderr}")
    return json.loads(report.read_text())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("binary")
    p.add_argument("plan", nargs="?", default="samples/2022-23/action-plan.xlsx", type=Path)
    p.add_argument("quarter", nargs="?", default="2022-23-Q2")
    p.add_argument("as_of", nargs="?", default="2022-10-12", type=dt.date.fromisoformat)
    a = p.parse_args()
    number = int(a.quarter[-1])
    bad = 0
    with tempfile.TemporaryDirectory() as t:
        t = Path(t)
        subprocess.run([a.binary, "templates", str(a.plan), "--quarter", a.quarter, "-o", str(t / "blank"), "--as-of", str(a.as_of)], check=True, capture_output=True)
        paths = sorted((t / "blank").glob("*.xlsx"))
        entries = {path: fills(path, number, a.as_of) for path in paths}
        lots = {"openpyxl": t / "openpyxl", "openpyxl, only what is due": t / "due", "LibreOffice xlsx": t / "lo-xlsx", "LibreOffice ods": t / "lo-ods"}
        for folder in lots.values():
            folder.mkdir()
        for path in paths:
            with_openpyxl(path, lots["openpyxl"] / path.name, entries[path])
            with_openpyxl(path, lots["openpyxl, only what is due"] / path.name, fills(path, number, a.as_of, True))
        with_libreoffice([(path, [(lots["LibreOffice xlsx"] / path.name, "Calc MS Excel 2007 XML"), (lots["LibreOffice ods"] / f"{path.stem}.ods", "calc8")], entries[path]) for path in paths], t)
        for name, folder in lots.items():
            count = len(list(folder.iterdir()))
            report = merge(a.binary, a.plan, folder, a.quarter, a.as_of, t)
            rows_, money = report["totals"]["rows"], report["totals"]["money"]
            # What the plan raises by itself, such as an underspend at the year's end, is no fault of a return; an action missed by its lead is.
            found = [f for f in report["findings"] if f["path"] != str(a.plan) or f["code"] == "M402"]
            print(f"{name}: {count} returns, {len(found)} findings ({len(report['findings']) - len(found)} of the plan's own), rows {rows_}, money {money}")
            for f in found[:12]:
                print(" ", f["severity"], f["code"], f["path"], f["sheet"], f["cell"], f["message"])
            bad += len(found) + (count != len(paths)) + (money["accepted"] == "0.00")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
