#!/usr/bin/env python3
"""findings.py REPORT.json [ROOT]: opens every finding's cell with another reader and compares it with the raw value that the finding quotes.

Workbooks are opened with openpyxl and text files with Python's csv module; what neither opens is counted and named. Exit 1 on any difference.
"""
import csv
import datetime as dt
import io
import json
import sys
from pathlib import Path

import openpyxl


def shown(value):
    """A value as a finding quotes it: numbers in their shortest form, dates in ISO form."""
    if value is None: return ""
    if isinstance(value, bool): return "TRUE" if value else "FALSE"
    if isinstance(value, float): return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, dt.datetime): return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return str(value)


def text(path):
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        try: return raw.decode(encoding)
        except UnicodeDecodeError: continue
    raise ValueError(f"{path} is in no encoding that this script knows")


def rows(path):
    """A text file's records as a spreadsheet counts them: blank lines count, line breaks in quotes do not."""
    body = text(path)
    def read(delimiter): return list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
    return max((read(d) for d in ",;\t|"), key=lambda found: sum(len(r) for r in found))


def main():
    if len(sys.argv) < 2: sys.exit(__doc__)
    report = json.loads(Path(sys.argv[1]).read_text())
    root = Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    books, wrong, seen, passed = {}, [], 0, 0
    for finding in report["findings"]:
        path, cell, raw = finding["path"], finding["cell"], finding["raw"]
        if path is None or cell is None or raw is None: continue
        if ":" in cell: cell = cell.split(":")[0]
        file = root / path
        kind = next(s["format"] for s in report["sources"] if s["path"] == path)
        if kind == "csv":
            books.setdefault(path, rows(file))
            column, row = openpyxl.utils.cell.coordinate_from_string(cell)
            column = openpyxl.utils.column_index_from_string(column)
            records = books[path]
            found = records[row - 1][column - 1] if row <= len(records) and column <= len(records[row - 1]) else ""
        elif kind == "xlsx":
            if path not in books: books[path] = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), data_only=True)
            found = shown(books[path][finding["sheet"]][cell].value)
        else:
            passed += 1
            continue
        seen += 1
        if found.strip() != raw.strip(): wrong.append(f"{finding['code']} {path} {finding['sheet'] or ''}!{cell}: the finding quotes {raw!r}, the cell holds {found!r}")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{seen} cells compared, {passed} in formats that this script does not open, {len(wrong)} differ")
    sys.exit(bool(wrong) or seen == 0)


if __name__ == "__main__": main()
