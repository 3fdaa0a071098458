#!/usr/bin/env python3
"""links.py BOOK.xlsx: follows every link to a file, as openpyxl and as LibreOffice read it, from where the workbook is saved.

Each must lead to a file that is there. LibreOffice keeps the workbook as ods in the same folder (removed again), whose links are relative to
inside the package; it is asked for the very links that openpyxl saw, cell's place included. Exit 1 on a link that leads nowhere, on a difference,
and where a row of Findings, Updates, Spend or Sources names a file and leads to none.
"""
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import openpyxl

HREF = "{http://www.w3.org/1999/xlink}href"
FILES = {"Findings": "File", "Updates": "Source file", "Spend": "Source file", "Sources": "File"}


def with_openpyxl(book):
    """(file, place) of every link to a file, and the cells that name a file and lead to none."""
    links, bare = [], []
    for sheet in openpyxl.load_workbook(book):
        heading = FILES.get(sheet.title)
        column = next((cell.column for cell in sheet[1] if cell.value == heading), None) if heading else None
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                link = cell.hyperlink
                if link is not None and link.target:
                    links.append(((book.parent / unquote(link.target)).resolve(), link.location or ""))
                elif cell.column == column and cell.value:
                    bare.append(f"{sheet.title}!{cell.coordinate} names {cell.value} and leads nowhere")
    return links, bare


def with_libreoffice(book):
    with tempfile.TemporaryDirectory() as folder:
        # Relative links are kept as such only beside where they lead from.
        kept = book.with_suffix(".ods")
        if kept.exists(): sys.exit(f"{kept} is in the way")
        try:
            subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "ods", "--outdir", book.parent, book],
                           check=True, capture_output=True, timeout=180)
            root = ElementTree.fromstring(zipfile.ZipFile(kept).read("content.xml"))
        finally:
            kept.unlink(missing_ok=True)
    links = []
    for element in root.iter():
        href = element.get(HREF)
        if not href or href.startswith(("#", "./Object", "Pictures/")): continue
        path, _, place = href.partition("#")
        path = unquote(path)
        # A package counts as a folder of its own.
        target = Path(path[7:]) if path.startswith("file://") else book / path
        links.append((target.resolve(), unquote(place)))
    return links


def place(text):
    return re.sub(r"['$]", "", text.replace(".", "!"))


def main():
    if len(sys.argv) != 2: sys.exit(__doc__)
    book = Path(sys.argv[1]).resolve()
    ours, wrong = with_openpyxl(book)
    theirs = with_libreoffice(book)
    for name, links in (("openpyxl", ours), ("LibreOffice", theirs)):
        wrong += sorted({f"{name}: {target} is not there" for target, _ in links if not target.is_file()})
    # LibreOffice has a link on each line of a cell.
    seen = [{(str(target), place(at)) for target, at in links} for links in (ours, theirs)]
    wrong += [f"only one of the two readers has {link}" for link in sorted(seen[0] ^ seen[1])]
    print(*wrong[:40], sep="\n", end="\n" if wrong else "")
    print(f"{len(ours)} links to files read by openpyxl, {len(theirs)} by LibreOffice, {len(wrong)} faults")
    sys.exit(bool(wrong) or not ours)


if __name__ == "__main__": main()
