"""The merge as an analyst would script it with pandas and openpyxl: python pandas_openpyxl.py PLAN RETURNS OUT.xlsx"""

import csv
import sys
from pathlib import Path

import pandas as pd
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

plan_path, returns_path, out_path = sys.argv[1:]
UPDATES, LINE, PLAN = "Action No.", "Funding line", "Ref"


def sheets(path):
    if path.suffix == ".csv":
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        width = max(map(len, rows), default=0)
        yield "", pd.DataFrame([row + [""] * (width - len(row)) for row in rows])
    else:
        # Without these two, pandas takes `N/A` and the like for nothing.
        for title, frame in pd.read_excel(path, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_values=[""], engine="openpyxl").items():
            yield title, frame.fillna("")


def tables(frame, first_headings):
    """Tables of a sheet: each begins at a row whose first cell is one of these headings and ends at a blank row."""
    if frame.empty:
        return
    starts = [n for n, value in enumerate(frame[0]) if value in first_headings]
    blank = (frame == "").all(axis=1)
    for start in starts:
        after = blank.iloc[start:]
        end = after.idxmax() if after.any() else len(frame)
        headings = [value for value in frame.iloc[start] if value != ""]
        body = frame.iloc[start + 1 : end, : len(headings)].copy()
        body.columns = headings
        body["row"] = body.index + 1
        yield frame.iat[start, 0], body


plan = lines = None
for _, frame in sheets(Path(plan_path)):
    for first, body in tables(frame, {PLAN, LINE}):
        if first == PLAN:
            plan = body[body["Action"] != ""].drop(columns="row").reset_index(drop=True)
        else:
            lines = body.drop(columns="row")

updates, spends = [], []
for path in sorted(Path(returns_path).iterdir()):
    partner = path.stem
    for title, frame in sheets(path):
        label = frame[frame[0] == "Partner:"] if not frame.empty else frame
        if len(label):
            partner = label.iat[0, 1]
        for first, body in tables(frame, {UPDATES, LINE}):
            body["partner"], body["source"] = partner, path.name
            body["cell"] = title + "!A" + body["row"].astype(str)
            (updates if first == UPDATES else spends).append(body)
updates = pd.concat(updates, ignore_index=True)
spends = pd.concat(spends, ignore_index=True)

statuses = {"green": "On track", "amber": "At risk", "red": "Off track", "blue": "Complete"}
updates["status"] = updates["RAG"].astype(str).str.lower().map(statuses).fillna(updates["RAG"])
updates["state"] = updates[UPDATES].isin(plan[PLAN]).map({True: "accepted", False: "not in plan"})
updates["Figure"] = pd.to_numeric(updates["Figure"], errors="coerce")
merged = updates.merge(plan[[PLAN, "Lead agency"]], left_on=UPDATES, right_on=PLAN, how="left")
lead = merged[merged["partner"] == merged["Lead agency"]].drop_duplicates(UPDATES).set_index(UPDATES)
for target, source in (("Q2 update", "Progress this quarter"), ("Q2 status", "status"), ("Q2 value", "Figure")):
    plan[target] = plan[PLAN].map(lead[source])

spends["amount"] = pd.to_numeric(spends["Amount (£)"].astype(str).str.replace("[£,]", "", regex=True), errors="coerce")
as_text = spends["Invoice date"].map(lambda value: isinstance(value, str))
spends["date"] = pd.to_datetime(spends["Invoice date"].where(~as_text), errors="coerce")
spends.loc[as_text, "date"] = pd.to_datetime(spends.loc[as_text, "Invoice date"], format="%d/%m/%Y", errors="coerce")
good = spends["amount"].notna() & spends["date"].notna() & spends[LINE].isin(lines[LINE])
spends["state"] = good.map({True: "accepted", False: "to check"})
lines["Q2 spend"] = lines[LINE].map(spends[good].groupby(LINE)["amount"].sum()).fillna(0.0)
lines["To date"] = lines["Q1 spend"].astype(float) + lines["Q2 spend"]
lines["Left"] = lines["Allocation"].astype(float) - lines["To date"]
summary = plan["Q2 status"].fillna("Not reported").value_counts().rename_axis("Status").reset_index(name="Actions")

columns = [UPDATES, "partner", "status", "Progress this quarter", "Figure", "Data as at", "Completed on", "Next steps", "state", "source", "cell"]
spend_columns = [LINE, "Project", "partner", "Invoice no", "Supplier", "date", "amount", "VAT basis", "Description", "state", "source", "cell"]
bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
with pd.ExcelWriter(out_path, engine="openpyxl", datetime_format="DD/MM/YYYY") as book:
    for title, frame, widths, money, prose in (
        ("Summary", summary, (20, 10), (), ()),
        ("Action plan", plan, (12, 50, 20, 40, 15, 12, 20, 15, 10, 10, 50, 12, 10, 50, 12, 10), (), (2, 4, 11, 14)),
        ("Updates", updates[columns], (12, 20, 12, 60, 10, 12, 12, 50, 12, 20, 15), (), (4, 8)),
        ("Funding", lines, (12, 20, 20, 14, 12, 12, 14, 14, 14, 14, 14), (4, 7, 8, 9, 10, 11), ()),
        ("Spend", spends[spend_columns], (12, 16, 20, 18, 26, 12, 12, 10, 40, 10, 20, 15), (7,), ()),
    ):
        frame.to_excel(book, sheet_name=title, index=False)
        page = book.sheets[title]
        for cell in page[1]:
            cell.font = bold
        for index in money:
            for (cell,) in page.iter_rows(min_row=2, min_col=index, max_col=index):
                cell.number_format = "£#,##0.00"
        for index in prose:
            for (cell,) in page.iter_rows(min_row=2, min_col=index, max_col=index):
                cell.alignment = wrapped
        for index, width in enumerate(widths, 1):
            page.column_dimensions[get_column_letter(index)].width = width
        page.freeze_panes = "A2"
        page.auto_filter.ref = page.dimensions
