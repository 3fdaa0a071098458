"""The merge as an analyst would script it with polars and fastexcel: python polars_fastexcel.py PLAN RETURNS OUT.xlsx"""

import csv
import sys
from pathlib import Path

import fastexcel
import polars as pl
import xlsxwriter

plan_path, returns_path, out_path = sys.argv[1:]
UPDATES, LINE, PLAN = "Action No.", "Funding line", "Ref"


def sheets(path):
    """Sheets as frames of text: only so do mixed columns come whole."""
    if path.suffix == ".csv":
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        width = max(map(len, rows), default=0)
        rows = [row + [""] * (width - len(row)) for row in rows]
        yield "", pl.DataFrame(rows, schema=[f"c{n}" for n in range(width)], orient="row")
    else:
        book = fastexcel.read_excel(str(path))
        for title in book.sheet_names:
            sheet = book.load_sheet(title, header_row=None, skip_rows=0, dtypes="string")
            frame = sheet.to_polars()
            frame.columns = [f"c{n}" for n in range(frame.width)]
            yield title, frame.fill_null("")


def tables(frame, first_headings):
    """Tables of a sheet: each begins at a row whose first cell is one of these headings and ends at a blank row."""
    if frame.is_empty():
        return
    first = frame["c0"].to_list()
    blank = frame.select(pl.all_horizontal(pl.all() == "")).to_series().to_list()
    for start in (n for n, value in enumerate(first) if value in first_headings):
        end = next((n for n in range(start, len(blank)) if blank[n]), len(blank))
        headings = [value for value in frame.row(start) if value != ""]
        body = frame.slice(start + 1, end - start - 1).select(frame.columns[: len(headings)])
        body.columns = headings
        yield first[start], body.with_row_index("row", offset=start + 2)


plan = lines = None
for _, frame in sheets(Path(plan_path)):
    for first, body in tables(frame, {PLAN, LINE}):
        if first == PLAN:
            plan = body.filter(pl.col("Action") != "").drop("row")
        else:
            lines = body.drop("row")

updates, spends = [], []
for path in sorted(Path(returns_path).iterdir()):
    partner = path.stem
    for title, frame in sheets(path):
        label = frame.filter(pl.col("c0") == "Partner:") if not frame.is_empty() else frame
        if len(label):
            partner = label.row(0)[1]
        for first, body in tables(frame, {UPDATES, LINE}):
            body = body.with_columns(
                partner=pl.lit(partner),
                source=pl.lit(path.name),
                cell=pl.lit(title + "!A") + pl.col("row").cast(pl.String),
            )
            (updates if first == UPDATES else spends).append(body)
updates, spends = pl.concat(updates), pl.concat(spends)

STATUSES = {"green": "On track", "amber": "At risk", "red": "Off track", "blue": "Complete"}


def as_date(name):
    text = pl.col(name)
    return pl.coalesce(
        text.str.to_date("%d/%m/%Y", strict=False),
        text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
    )


def as_number(name):
    return pl.col(name).str.replace_all("[£,]", "").cast(pl.Float64, strict=False)


updates = updates.with_columns(
    status=pl.col("RAG").str.to_lowercase().replace_strict(STATUSES, default=pl.col("RAG")),
    state=pl.when(pl.col(UPDATES).is_in(plan[PLAN].implode())).then(pl.lit("accepted")).otherwise(pl.lit("not in plan")),
    Figure=as_number("Figure"),
    as_at=as_date("Data as at"),
    completed=as_date("Completed on"),
)
lead = (
    updates.join(plan.select(PLAN, "Lead agency"), left_on=UPDATES, right_on=PLAN)
    .filter(pl.col("partner") == pl.col("Lead agency"))
    .unique(UPDATES, keep="first")
    .select(pl.col(UPDATES).alias(PLAN), pl.col("Progress this quarter").alias("Q2 update"), pl.col("status").alias("Q2 status"), pl.col("Figure").alias("Q2 value"))
)
plan = plan.drop("Q2 update", "Q2 status", "Q2 value").join(lead, on=PLAN, how="left", maintain_order="left")
plan = plan.with_columns(as_number("Target"), as_number("Q1 value"))

spends = spends.with_columns(amount=as_number("Amount (£)"), date=as_date("Invoice date"))
good = pl.col("amount").is_not_null() & pl.col("date").is_not_null() & pl.col(LINE).is_in(lines[LINE].implode())
spends = spends.with_columns(state=pl.when(good).then(pl.lit("accepted")).otherwise(pl.lit("to check")))
totals = spends.filter(pl.col("state") == "accepted").group_by(LINE).agg(pl.col("amount").sum().alias("Q2 spend"))
lines = (
    lines.join(totals, on=LINE, how="left", maintain_order="left")
    .with_columns(pl.col("Q2 spend").fill_null(0.0), as_number("Allocation"), as_number("Q1 spend"))
    .with_columns((pl.col("Q1 spend") + pl.col("Q2 spend")).alias("To date"))
    .with_columns((pl.col("Allocation") - pl.col("To date")).alias("Left"))
    .select(LINE, "Project", "Delivery agency", "Allocation", "Q1 spend", "Q2 spend", "To date", "Left")
)
summary = plan.select(pl.col("Q2 status").fill_null("Not reported").alias("Status")).group_by("Status").len("Actions").sort("Status")

with xlsxwriter.Workbook(out_path) as book:
    wrapped = {"text_wrap": True, "valign": "top"}
    money = "£#,##0.00"

    def sheet(title, frame, widths, **options):
        frame.write_excel(book, title, header_format={"bold": True}, freeze_panes=(1, 0), dtype_formats={pl.Date: "dd/mm/yyyy"}, **options)
        page = book.get_worksheet_by_name(title)
        for index, width in enumerate(widths):
            page.set_column(index, index, width)

    sheet("Summary", summary, (20, 10))
    sheet("Action plan", plan, (12, 50, 20, 40, 15, 12, 20, 15, 10, 10, 50, 12, 10, 50, 12, 10), column_formats={name: wrapped for name in ("Action", "Partners", "Q1 update", "Q2 update")})
    columns = [UPDATES, "partner", "status", "Progress this quarter", "Figure", "as_at", "completed", "Next steps", "state", "source", "cell"]
    sheet("Updates", updates.select(columns), (12, 20, 12, 60, 10, 12, 12, 50, 12, 20, 15), column_formats={name: wrapped for name in ("Progress this quarter", "Next steps")})
    sheet("Funding", lines, (12, 20, 20, 14, 14, 14, 14, 14), column_formats={name: money for name in lines.columns[3:]})
    columns = [LINE, "Project", "partner", "Invoice no", "Supplier", "date", "amount", "VAT basis", "Description", "state", "source", "cell"]
    sheet("Spend", spends.select(columns), (12, 16, 20, 18, 26, 12, 12, 10, 40, 10, 20, 15), column_formats={"amount": money})
