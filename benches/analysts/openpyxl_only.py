"""The merge as an analyst would script it with openpyxl alone: python openpyxl_only.py PLAN RETURNS OUT.xlsx"""

import csv
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

plan_path, returns_path, out_path = sys.argv[1:]
UPDATES, SPEND, PLAN, FUNDING = "Action No.", "Funding line", "Ref", "Funding line"


def tables(rows, first_headings):
    """Tables of a sheet: each begins at a row whose first cell is one of these headings and ends at a blank row."""
    current = None
    for number, row in enumerate(rows, 1):
        row = ["" if value is None else value for value in row]
        first = row[0] if row else ""
        if first in first_headings:
            current = []
            yield first, row, current
        elif not any(value != "" for value in row):
            current = None
        elif current is not None:
            current.append((number, row))


def sheets(path):
    if path.suffix == ".csv":
        with open(path, newline="", encoding="utf-8") as file:
            yield "", list(csv.reader(file))
    else:
        book = load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield sheet.title, list(sheet.iter_rows(values_only=True))
        book.close()


def number(value):
    try:
        return float(str(value).replace("£", "").replace(",", ""))
    except ValueError:
        return None


def date(value):
    if isinstance(value, str):
        try:
            return datetime.strptime(value, "%d/%m/%Y")
        except ValueError:
            return None
    return value


STATUSES = {"green": "On track", "amber": "At risk", "red": "Off track", "blue": "Complete"}

actions, plan_headings, lines, line_headings = [], [], [], []
for title, rows in sheets(Path(plan_path)):
    for first, headings, body in list(tables(rows, {PLAN, FUNDING})):
        body = [row for _, row in body]
        if first == PLAN:
            plan_headings = headings
            actions = [row for row in body if row[1] != ""]
        else:
            line_headings, lines = headings, body

updates, spends = [], []
for path in sorted(Path(returns_path).iterdir()):
    partner = path.stem
    for title, rows in sheets(path):
        for row in rows[:4]:
            if row and row[0] == "Partner:":
                partner = row[1]
        for first, headings, body in list(tables(rows, {UPDATES, SPEND})):
            for n, row in body:
                record = dict(zip(headings, row))
                record.update(partner=partner, source=path.name, cell=f"{title}!A{n}")
                (updates if first == UPDATES else spends).append(record)

column = {name: index for index, name in enumerate(plan_headings)}
by_ref = {row[0]: row for row in actions}
for record in updates:
    action = by_ref.get(record[UPDATES])
    record["status"] = STATUSES.get(str(record["RAG"]).lower(), record["RAG"])
    if action is None:
        record["state"] = "not in plan"
        continue
    record["state"] = "accepted"
    action.extend([""] * (len(plan_headings) - len(action)))
    if action[column["Lead agency"]] == record["partner"]:
        action[column["Q2 update"]] = record["Progress this quarter"]
        action[column["Q2 status"]] = record["status"]
        action[column["Q2 value"]] = number(record["Figure"])

known = {row[0] for row in lines}
totals = defaultdict(float)
for record in spends:
    amount, day = number(record["Amount (£)"]), date(record["Invoice date"])
    record["amount"], record["date"] = amount, day
    good = amount is not None and day is not None and record[SPEND] in known
    record["state"] = "accepted" if good else "to check"
    if good:
        totals[record[SPEND]] += amount

book = Workbook()
bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")


def sheet(title, headings, rows, widths=(), money=(), dates=(), prose=()):
    page = book.create_sheet(title)
    page.append(list(headings))
    for cell in page[1]:
        cell.font = bold
        cell.alignment = wrapped
    for n, row in enumerate(rows, 2):
        page.append(row)
        for index in money:
            page.cell(n, index).number_format = "£#,##0.00"
        for index in dates:
            page.cell(n, index).number_format = "dd/mm/yyyy"
        for index in prose:
            page.cell(n, index).alignment = wrapped
    for index, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(index)].width = width
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions


book.remove(book.active)
summary = defaultdict(int)
for row in actions:
    summary[row[column["Q2 status"]] if len(row) > column["Q2 status"] else ""] += 1
sheet("Summary", ["Status", "Actions"], [[status or "Not reported", count] for status, count in sorted(summary.items())], (20, 10))
sheet("Action plan", plan_headings, actions, (12, 50, 20, 40, 15, 12, 20, 15, 10, 10, 50, 12, 10, 50, 12, 10), prose=(2, 4, 11, 14))
columns = [UPDATES, "partner", "status", "Progress this quarter", "Figure", "Data as at", "Completed on", "Next steps", "state", "source", "cell"]
sheet("Updates", columns, ([r.get(c, "") for c in columns] for r in updates), (12, 20, 12, 60, 10, 12, 12, 50, 12, 20, 15), dates=(6, 7), prose=(4, 8))
funding = []
allocation, earlier = line_headings.index("Allocation"), line_headings.index("Q1 spend")
for row in lines:
    to_date = row[earlier] + totals[row[0]]
    funding.append([row[0], row[1], row[2], row[allocation], row[earlier], totals[row[0]], to_date, row[allocation] - to_date])
sheet("Funding", ["Funding line", "Project", "Delivery agency", "Allocation", "Q1 spend", "Q2 spend", "To date", "Left"], funding, (12, 20, 20, 14, 14, 14, 14, 14), money=(4, 5, 6, 7, 8))
columns = [SPEND, "Project", "partner", "Invoice no", "Supplier", "date", "amount", "VAT basis", "Description", "state", "source", "cell"]
sheet("Spend", columns, ([r.get(c, "") for c in columns] for r in spends), (12, 16, 20, 18, 26, 12, 12, 10, 40, 10, 20, 15), money=(7,), dates=(6,))
book.save(out_path)
