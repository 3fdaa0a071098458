#!/usr/bin/env python3
"""opens.py BOOK.xlsx: opens our workbook with openpyxl and with LibreOffice, and compares what the two read.

LibreOffice loads and saves it as xlsx (recalculating nothing by itself) and as pdf; every cell must hold the same value afterwards. Exit 1 on any
difference, and where a sheet prints `###`.
"""
import datetime as dt
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl


def soffice(book, kind, folder):
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", kind, "--outdir", folder, str(book)],
                   check=True, capture_output=True, timeout=180)


def cells(book):
    out = {}
    for sheet in openpyxl.load_workbook(book, data_only=True):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None: out[sheet.title, cell.coordinate] = cell.value
    return out


def same(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)): return abs(a - b) < 1e-9
    if isinstance(a, (dt.date, dt.datetime)) or isinstance(b, (dt.date, dt.datetime)): return str(a)[:10] == str(b)[:10]
    return str(a).replace("\r", "") == str(b).replace("\r", "")


def main():
    if len(sys.argv) != 2: sys.exit(__doc__)
    book = Path(sys.argv[1]).resolve()
    ours = cells(book)
    with tempfile.TemporaryDirectory() as folder:
        soffice(book, "pdf", folder)
        words = subprocess.run(["pdftotext", str(Path(folder, book.stem + ".pdf")), "-"], check=True, capture_output=True, text=True).stdout
        soffice(book, "xlsx", folder)
        theirs = cells(Path(folder, book.name))
    wrong = [f"{sheet}!{cell}: {ours.get((sheet, cell))!r} became {theirs.get((sheet, cell))!r}" for sheet, cell in sorted(ours.keys() | theirs.keys())
             if not same(ours.get((sheet, cell)), theirs.get((sheet, cell)))]
    if "###" in words: wrong.append("a printed page shows ### instead of a figure")
    print(*wrong[:40], sep="\n", end="\n" if wrong else "")
    print(f"{len(ours)} cells read by openpyxl and LibreOffice, {len(wrong)} differ")
    sys.exit(bool(wrong) or not ours)


if __name__ == "__main__": main()
