"""The merge as an analyst who cares for speed would script it: python calamine_xlsxwriter.py PLAN RETURNS OUT.xlsx"""

import csv
import sys
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

plan_path, returns_path, out_path = sys.argv[1:]
UPDATES, LINE, PLAN = "Action No.", "Funding line", "Ref"


def tables(rows, first_headings):
    """Tables of a sheet: each begins at a row whose first cell is one of these headings and ends at a blank row."""
    current = None
    for number, row in enumerate(rows, 1):
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
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def number(value):
    try:
        return float(str(value).replace("£", "").replace(",", ""))
    except ValueError:
        return None


def day(value):
    if isinstance(value, str):
        try:
            return datetime.strptime(value, "%d/%m/%Y").date()
        except ValueError:
            return None
    return value


STATUSES = {"green": "On track", "amber": "At risk", "red": "Off track", "blue": "Complete"}

actions, plan_headings, lines, line_headings = [], [], [], []
for _, rows in sheets(Path(plan_path)):
    for first, headings, body in list(tables(rows, {PLAN, LINE})):
        if first == PLAN:
            plan_headings = headings
            actions = [row for _, row in body if row[1] != ""]
        else:
            line_headings, lines = headings, [row for _, row in body]

updates, spends = [], []
for path in sorted(Path(returns_path).iterdir()):
    partner = path.stem
    for title, rows in sheets(path):
        for row in rows[:4]:
            if row and row[0] == "Partner:":
                partner = row[1]
        for first, headings, body in list(tables(rows, {UPDATES, LINE})):
            for n, row in body:
                record = dict(zip(headings, row))
                record.update(partner=partner, source=path.name, cell=f"{title}!A{n}")
                (updates if first == UPDATES else spends).append(record)

column = {name: index for index, name in enumerate(plan_headings)}
by_ref = {row[0]: row for row in actions}
for record in updates:
    action = by_ref.get(record[UPDATES])
    record["status"] = STATUSES.get(str(record["RAG"]).lower(), record["RAG"])
    record["state"] = "accepted" if action else "not in plan"
    if action and action[column["Lead agency"]] == record["partner"]:
        action[column["Q2 update"]] = record["Progress this quarter"]
        action[column["Q2 status"]] = record["status"]
        action[column["Q2 value"]] = number(record["Figure"])

known = {row[0] for row in lines}
totals = defaultdict(float)
for record in spends:
    record["amount"], record["date"] = number(record["Amount (£)"]), day(record["Invoice date"])
    good = record["amount"] is not None and record["date"] is not None and record[LINE] in known
    record["state"] = "accepted" if good else "to check"
    if good:
        totals[record[LINE]] += record["amount"]

book = xlsxwriter.Workbook(out_path)
bold = book.add_format({"bold": True, "text_wrap": True})
wrapped = book.add_format({"text_wrap": True, "valign": "top"})
money = book.add_format({"num_format": "£#,##0.00"})
dated = book.add_format({"num_format": "dd/mm/yyyy"})


def sheet(title, headings, rows, widths, looks=None):
    page = book.add_worksheet(title)
    looks = looks or {}
    page.write_row(0, 0, headings, bold)
    n = 0
    for n, row in enumerate(rows, 1):
        for index, value in enumerate(row):
            if value == "" or value is None:
                continue
            if isinstance(value, date):
                page.write_datetime(n, index, value, dated)
            elif isinstance(value, str):
                page.write_string(n, index, value, looks.get(index))
            else:
                page.write_number(n, index, value, looks.get(index))
    for index, width in enumerate(widths):
        page.set_column(index, index, width)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, n, len(headings) - 1)


summary = defaultdict(int)
for row in actions:
    summary[row[column["Q2 status"]]] += 1
sheet("Summary", ["Status", "Actions"], [[status or "Not reported", count] for status, count in sorted(summary.items())], (20, 10))
sheet("Action plan", plan_headings, actions, (12, 50, 20, 40, 15, 12, 20, 15, 10, 10, 50, 12, 10, 50, 12, 10), {1: wrapped, 3: wrapped, 10: wrapped, 13: wrapped})
columns = [UPDATES, "partner", "status", "Progress this quarter", "Figure", "Data as at", "Completed on", "Next steps", "state", "source", "cell"]
sheet("Updates", columns, ([r.get(c, "") for c in columns] for r in updates), (12, 20, 12, 60, 10, 12, 12, 50, 12, 20, 15), {3: wrapped, 7: wrapped})
allocation, earlier = line_headings.index("Allocation"), line_headings.index("Q1 spend")
funding = []
for row in lines:
    to_date = row[earlier] + totals[row[0]]
    funding.append([row[0], row[1], row[2], row[allocation], row[earlier], totals[row[0]], to_date, row[allocation] - to_date])
sheet("Funding", ["Funding line", "Project", "Delivery agency", "Allocation", "Q1 spend", "Q2 spend", "To date", "Left"], funding, (12, 20, 20, 14, 14, 14, 14, 14), {i: money for i in range(3, 8)})
columns = [LINE, "Project", "partner", "Invoice no", "Supplier", "date", "amount", "VAT basis", "Description", "state", "source", "cell"]
sheet("Spend", columns, ([r.get(c, "") for c in columns] for r in spends), (12, 16, 20, 18, 26, 12, 12, 10, 40, 10, 20, 15), {6: money})
book.close()
