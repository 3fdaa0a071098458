"""The year written down: the officer's plan, and what each partner sends, in its own hand, shape and format.

Written from `truth.py` alone, as a person would who has never seen the program. Forms are not made here: the program makes them and
`run.py` fills them in.
"""

import csv
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import xlwt
from openpyxl.styles import Alignment, Font, PatternFill
from odf import table as odt, text as odp
from odf.opendocument import OpenDocumentSpreadsheet

import truth

WORDS = {"on-track": "Green", "at-risk": "Amber", "off-track": "Red", "complete": "Complete", "not-started": "Not started"}
MONTHS = [["April", "May", "June"], ["July", "August", "September"], ["October", "November", "December"], ["January", "February", "March"]]
SPANS = ["Apr–Jun", "Jul–Sep", "Oct–Dec", "Jan–Mar"]
FILLS = {"Green": "92D050", "Amber": "FFC000", "Red": "FF0000", "Complete": "00B0F0", "Not started": "FFFFFF"}


def money(text):
    return float(Decimal(text))


def shown(value, unit):
    """A figure as a plan shows it: per cent as a percentage cell."""
    return value if value is None or unit != "%" else value / 100


def put(cell, value, unit=None):
    cell.value = shown(value, unit) if unit else value
    if unit == "%" and value is not None:
        cell.number_format = "0%"


# --- the officer's plan -------------------------------------------------------------------------------------------------------------

HEADINGS = ["No.", "What we will do", "Lead", "Supported by", "By when", "Success measure", "Unit", "Basis", "Polarity", "Baseline 2022/23", "Target"]


def priority_sheet(book, code, name, filled):
    sheet = book.create_sheet(f"{code} {name}"[:28].strip())
    sheet["A1"] = f"Priority {code}: {name}"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = "Holmbridge Community Safety Partnership – action plan 2023/24"
    for column, heading in enumerate(HEADINGS, 1):
        sheet.cell(4, column, heading).font = Font(bold=True)
        sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
    for quarter in range(4):
        first = len(HEADINGS) + 1 + 3 * quarter
        sheet.cell(4, first, f"Quarter {quarter + 1} ({SPANS[quarter]})").font = Font(bold=True)
        sheet.merge_cells(start_row=4, end_row=4, start_column=first, end_column=first + 2)
        for step, heading in enumerate(["Update", "RAG", "Figure"]):
            sheet.cell(5, first + step, heading)
    row = 6
    for ref, text, lead, partners, due, measure, unit, basis, polarity, baseline, target in truth.ACTIONS:
        if ref.split(".")[0] != code:
            continue
        names = "\n".join(truth.AGENCIES[p] for p in partners)
        for column, value in enumerate([ref, text, truth.AGENCIES[lead], names, due, measure, unit, basis, polarity], 1):
            sheet.cell(row, column, value or None).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, 1).number_format = "@"
        sheet.cell(row, 5).number_format = "dd mmm yyyy"
        put(sheet.cell(row, 10), baseline, unit)
        put(sheet.cell(row, 11), target, unit)
        for quarter in filled:
            fill_quarter(sheet, row, ref, unit, quarter)
        row += 1
    sheet.cell(row + 1, 1, "Key")
    for step, (word, meaning) in enumerate([("Green", "will be done by the date"), ("Amber", "may not be"), ("Red", "will not be"), ("Complete", "done")]):
        sheet.cell(row + 2 + step, 1, word).fill = PatternFill("solid", fgColor=FILLS[word])
        sheet.cell(row + 2 + step, 2, meaning)
    for column, width in zip("ABCDEF", [7, 50, 26, 26, 13, 30]):
        sheet.column_dimensions[column].width = width


def fill_quarter(sheet, row, ref, unit, quarter):
    said = truth.said(ref, quarter)
    if said is None:
        return
    status, value, text, _ = said
    first = len(HEADINGS) + 1 + 3 * (quarter - 1)
    sheet.cell(row, first, text)
    sheet.cell(row, first + 1, WORDS[status]).fill = PatternFill("solid", fgColor=FILLS[WORDS[status]])
    put(sheet.cell(row, first + 2), value, unit or None)


def plan_book(filled_by=None, quarters=()):
    """The officer's plan; a copy of it with one agency's cells of some quarters filled in."""
    book = openpyxl.Workbook()
    front = book.active
    front.title = "Front page"
    front["B2"] = "Holmbridge Community Safety Partnership"
    front["B3"] = "Action plan 2023 – 24"
    front["B5"] = "Agreed by the partnership board on 14 March 2023. Reviewed every quarter."
    front["B6"] = "Please fill in your own rows only, and send the workbook back within a fortnight of the quarter’s end."
    contacts = book.create_sheet("Contacts")
    contacts.append(["Agency", "Name", "Role"])
    for code, name in list(truth.AGENCIES.items())[:6]:
        contacts.append([name, "To be named", f"Partnership lead, {code}"])
    for code, name in truth.PRIORITIES:
        priority_sheet(book, code, name, ())
        if filled_by:
            sheet = book.worksheets[-1]
            for row in range(6, sheet.max_row + 1):
                ref = sheet.cell(row, 1).value
                if ref in truth.led_by(filled_by):
                    for quarter in quarters:
                        fill_quarter(sheet, row, ref, truth.action(ref)[6], quarter)
    grant = book.create_sheet("Grant")
    grant["A1"] = "Safer Dale Grant 2023/24 (from the Commissioner)"
    grant["A2"], grant["B2"] = "Grant awarded", money(truth.AWARD["Safer Dale Grant"])
    row = money_block(grant, 4, "Safer Dale Grant", filled_by, quarters)
    grant.cell(row + 2, 1, "Borough core budget 2023/24")
    grant.cell(row + 3, 1, "Award")
    grant.cell(row + 3, 2, money(truth.AWARD["Borough core budget"]))
    money_block(grant, row + 5, "Borough core budget", filled_by, quarters)
    words = book.create_sheet("Glossary")
    words.append(["PSPO", "Public spaces protection order"])
    words.append(["RAG", "Red, amber, green"])
    return book


def money_block(sheet, row, stream, filled_by, quarters):
    headings = ["Code", "Project", "Stream", "Delivered by", "Allocation", "Approval", "Q1 spend", "Q2 spend", "Q3 spend", "Q4 spend"]
    for column, heading in enumerate(headings, 1):
        sheet.cell(row, column, heading).font = Font(bold=True)
    first = row + 1
    for line, project, of, agency, allocation, approval in truth.LINES:
        if of != stream:
            continue
        row += 1
        for column, value in enumerate([line, project, of, truth.AGENCIES[agency], money(allocation), approval], 1):
            sheet.cell(row, column, value)
        if agency == filled_by:
            for quarter in quarters:
                sheet.cell(row, 6 + quarter, money(truth.CLAIMED[line][quarter - 1]))
        for column in [5, 7, 8, 9, 10]:
            sheet.cell(row, column).number_format = "£#,##0.00"
    sheet.cell(row + 1, 1, "Total")
    sheet.cell(row + 1, 5, sum(money(x[4]) for x in truth.LINES if x[2] == stream)).number_format = "£#,##0.00"
    return row + 1


# --- the partners' hands ------------------------------------------------------------------------------------------------------------


def reports(agency, quarter):
    """What an agency says: (ref, status, value, text, next step), its own actions first, then what it adds to others'."""
    own = [(ref, *truth.said(ref, quarter)) for ref in truth.led_by(agency) if truth.said(ref, quarter)]
    return own + [(ref, None, None, text, "") for ref, text in truth.added(agency, quarter)]


def unit(ref):
    return truth.action(ref)[6]


def claims(agency, quarter):
    """(line, project, this quarter, to date, forecast) of the lines of which an agency gives only a sum."""
    found = []
    for line, project, _, who, allocation, _ in truth.LINES:
        if who == agency and line in truth.CLAIMED:
            sums = [Decimal(x) for x in truth.CLAIMED[line]]
            found.append((line, project, sums[quarter - 1], sum(sums[:quarter]), Decimal(truth.FORECAST.get(line, allocation))))
    return found


def council(folder, quarter):
    """The host's own copy of the plan, its cells filled in up to this quarter."""
    plan_book("HBC", range(1, quarter + 1)).save(folder / f"HBC action plan 2023-24 Q{quarter}.xlsx")


def police(folder, quarter):
    """An old Excel workbook with a claim below the updates, per cent as text."""
    book = xlwt.Workbook()
    sheet = book.add_sheet(f"Holmbridge Q{quarter}")
    sheet.write(0, 0, "Dale Valley Police: Holmbridge neighbourhood team")
    sheet.write(2, 0, "Reporting period")
    sheet.write(2, 1, f"Quarter {quarter} 2023/24")
    sheet.write(3, 0, "Date submitted")
    sheet.write(3, 1, truth.RETURNED[quarter - 1].strftime("%d/%m/%Y"))
    row = 5
    for column, heading in enumerate(["Action no.", "Progress", "BRAG", "Figure", "Next steps"]):
        sheet.write(row, column, heading)
    for ref, status, value, text, following in reports("DVP", quarter):
        row += 1
        figure = "" if value is None else f"{value}%" if unit(ref) == "%" else value
        for column, cell in enumerate([ref, text, WORDS.get(status, ""), figure, following]):
            sheet.write(row, column, cell)
    row += 3
    for column, heading in enumerate(["Project", "Spend this quarter", "Spend to date", "Forecast for the year"]):
        sheet.write(row, column, heading)
    style = xlwt.easyxf(num_format_str="£#,##0.00")
    for line, project, now, to_date, forecast in claims("DVP", quarter):
        row += 1
        sheet.write(row, 0, project)
        for column, amount in enumerate([now, to_date, forecast], 1):
            sheet.write(row, column, float(amount), style)
    book.save(str(folder / f"DVP return Q{quarter} 23-24.xls"))


def ods_cell(value):
    if isinstance(value, (int, float)):
        cell = odt.TableCell(valuetype="float", value=value)
    else:
        cell = odt.TableCell(valuetype="string") if value else odt.TableCell()
    for part in str("" if value is None else value).split("\n") if value not in (None, "") else []:
        cell.addElement(odp.P(text=part))
    return cell


def fire(folder, quarter):
    """LibreOffice, no word about money, the date of return on a cover sheet of its own."""
    book = OpenDocumentSpreadsheet()
    pages = [("Cover", [["Dale Valley Fire and Rescue Service"], [], ["Return to", "Holmbridge Community Safety Partnership"], ["Period", f"Q{quarter} 2023-24"],
                        ["Date", truth.RETURNED[quarter - 1].strftime("%d %B %Y")]]),
             ("Progress", [["Ref", "Update", "Status", "Measure value", "Next steps"]] +
              [[ref, text, WORDS.get(status, ""), value, following] for ref, status, value, text, following in reports("DVF", quarter)])]
    for name, rows in pages:
        sheet = odt.Table(name=name)
        for row in rows:
            line = odt.TableRow()
            for value in row or [""]:
                line.addElement(ods_cell(value))
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    book.save(str(folder / f"Fire and Rescue - Holmbridge Q{quarter}.ods"))


def county(folder, quarter):
    """Two files out of a database: updates and a claim, semicolons, Windows letters, amounts with a pound sign."""
    with open(folder / f"Dale County Council Q{quarter} 2023-24 updates.csv", "w", encoding="cp1252", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(["Ref", "Action", "Progress this quarter", "Status", "Value", "Next steps"])
        for ref, status, value, text, following in reports("DCC", quarter):
            figure = "" if value is None else f"{value}%" if unit(ref) == "%" else value
            out.writerow([ref, truth.action(ref)[1], text, WORDS.get(status, ""), figure, following])
    with open(folder / f"Dale County Council Q{quarter} 2023-24 claim.csv", "w", encoding="cp1252", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(["Funding line", "Spend this quarter", "Spend to date", "Forecast"])
        for line, _, now, to_date, forecast in claims("DCC", quarter):
            out.writerow([line, f"£{now:,.2f}", f"£{to_date:,.2f}", f"£{forecast:,.2f}"])


def probation(folder, quarter):
    """An e-mail pasted into a workbook: its head, a greeting, the table, a farewell."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["From:", "Dale Probation Delivery Unit"])
    sheet.append(["Sent:", truth.RETURNED[quarter - 1].strftime("%d %B %Y") + " 16:42"])
    sheet.append(["To:", "Community safety, Holmbridge"])
    sheet.append(["Subject:", f"Q{quarter} 2023/24 action plan update"])
    sheet.append([])
    sheet.append(["Hello,"])
    sheet.append([f"Please find below our update for quarter {quarter}. Sorry for the wait."])
    sheet.append([])
    sheet.append(["Ref", "Update", "RAG", "Figure", "Next steps"])
    for ref, status, value, text, following in reports("PRB", quarter):
        sheet.append([ref, text, WORDS.get(status), None, following or None])
        put(sheet.cell(sheet.max_row, 4), value, unit(ref))
    sheet.append([])
    sheet.append(["Kind regards"])
    sheet.append(["Partnerships team"])
    book.save(folder / f"probation q{quarter} update.xlsx")


def health(folder, quarter):
    """A table pasted from a Word document: each paragraph of a cell in a row of its own, the other cells of its row merged down."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    sheet.append(["NHS Dale Integrated Care Board"])
    sheet.append([f"Community safety return, July to September 2023" if quarter == 2 else f"Community safety return, quarter {quarter} 2023/24"])
    sheet.append([])
    sheet.append(["Reference", "Progress", "Status", "Figure", "Next steps"])
    row = 5
    for ref, status, value, text, following in reports("ICB", quarter):
        parts = text.split("\n")
        for step, part in enumerate(parts):
            sheet.cell(row + step, 2, part)
        for column, cell in [(1, ref), (3, WORDS.get(status)), (5, following or None)]:
            sheet.cell(row, column, cell)
        put(sheet.cell(row, 4), value, unit(ref))
        if len(parts) > 1:
            for column in [1, 3, 4, 5]:
                sheet.merge_cells(start_row=row, end_row=row + len(parts) - 1, start_column=column, end_column=column)
        row += len(parts)
    book.save(folder / f"ICB Holmbridge CSP Q{quarter}.xlsx")


def treatment(folder, quarter):
    """One csv with a mark at its front: updates, a blank line, documents, their total."""
    with open(folder / f"turning-tide-q{quarter}-2023-24.csv", "w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Ref", "Update", "Status", "Measure value", "Next steps"])
        for ref, status, value, text, following in reports("TPT", quarter):
            figure = "" if value is None else f"{value}%" if unit(ref) == "%" else value
            out.writerow([ref, text, WORDS.get(status, ""), figure, following])
        out.writerow([])
        out.writerow(["Funding line", "Document ref", "Supplier", "Document date", "Amount", "Description"])
        total = Decimal(0)
        for document, supplier, day, amount, what in truth.DOCUMENTS["SD-05"][quarter]:
            out.writerow(["SD-05", document, supplier, day.strftime("%d/%m/%Y"), amount, what])
            total += Decimal(amount)
        out.writerow(["Total", "", "", "", str(total), ""])


def youth(folder, quarter):
    """Two sheets: the quarter's months beside its sum; documents by month with subtotals and a total in formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Work"
    sheet["A1"], sheet["B1"] = "Organisation:", "Streetreach Youth"
    sheet["A2"], sheet["B2"] = "Quarter:", f"Q{quarter} 2023-24"
    sheet["A3"], sheet["B3"] = "Date of return:", truth.RETURNED[quarter - 1]
    months = MONTHS[quarter - 1]
    for column, heading in enumerate(["Ref", "Action", *months, "Year to date", "Status", "Commentary on progress", "Next steps"], 1):
        sheet.cell(5, column, heading)
    row = 6
    for ref, status, value, text, following in reports("SRY", quarter):
        before = truth.said(ref, quarter - 1)[1] if quarter > 1 and ref in truth.led_by("SRY") else 0
        now = None if value is None else value - before
        parts = [None] * 3 if now is None else [now // 3, now // 3, now - 2 * (now // 3)]
        for column, cell in enumerate([ref, truth.action(ref)[1], *parts, value, WORDS.get(status), text, following or None], 1):
            sheet.cell(row, column, cell)
        row += 1
    spend = book.create_sheet("Spend")
    for column, heading in enumerate(["Project", "Document", "Paid to", "Date", "Amount (£)", "For"], 1):
        spend.cell(1, column, heading)
    row, sums = 2, []
    documents = sorted(truth.DOCUMENTS["SD-02"][quarter], key=lambda d: d[2])
    for document, supplier, day, amount, what in documents:
        for column, cell in enumerate(["Detached youth work", document, supplier, day, money(amount), what], 1):
            spend.cell(row, column, cell)
        spend.cell(row, 4).number_format = "dd/mm/yyyy"
        row += 1
        sums.append(row - 1)
    spend.cell(row, 1, "Total")
    spend.cell(row, 5, f"=SUM(E{sums[0]}:E{sums[-1]})")
    name = folder / f"Streetreach Q{quarter} 2023-24.xlsx"
    book.save(name)
    recalculated(name, "xlsx")


def trading(folder, quarter):
    """Three columns and a title."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = f"Q{quarter}"
    sheet.append(["Trading Standards Dale – return for quarter %d, 2023/24" % quarter])
    sheet.append(["Ref", "Status", "Figure", "Comments"])
    for ref, status, value, text, _ in reports("TSD", quarter):
        sheet.append([ref, WORDS.get(status), value, text])
    book.save(folder / f"Trading Standards Q{quarter}.xlsx")


def recalculated(path, kind):
    """Saved once more by LibreOffice, in another format where one is named."""
    out = path.parent / "again"
    subprocess.run(["soffice", "--headless", "--norestore", "--convert-to", kind, "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=180)
    made = out / (path.stem + "." + kind)
    path.unlink()
    made.rename(path.with_suffix("." + kind))
    out.rmdir()
    return path.with_suffix("." + kind)


BY_HAND = [council, police, fire, county, probation, health, treatment, youth, trading]
BY_FORM = ["MHA", "HAV", "NPS"]


# --- forms --------------------------------------------------------------------------------------------------------------------------


def sheet_with(book, *words):
    for sheet in book.worksheets:
        if any(word in sheet.title.lower() for word in words):
            return sheet
    raise SystemExit(f"the form has no sheet for {words}: {book.sheetnames}")


def columns(sheet, needed):
    """The heading row of a form and its columns by heading, as a person finds them."""
    for row in sheet.iter_rows(min_row=1, max_row=30):
        names = {str(c.value).strip().lower(): c.column for c in row if c.value}
        if needed in names:
            return row[0].row, names
    raise SystemExit(f"{sheet.title} has no heading {needed}")


def fill_form(path, agency, quarter, kind):
    """What a person types into a form: own rows, documents or sums, the date; then saved as `kind` by another program or by openpyxl."""
    book = openpyxl.load_workbook(path)
    sheet = sheet_with(book, "update")
    head, names = columns(sheet, "ref")
    at = {str(sheet.cell(r, names["ref"]).value): r for r in range(head + 1, sheet.max_row + 1) if sheet.cell(r, names["ref"]).value}
    for ref, status, value, text, following in reports(agency, quarter):
        if ref not in at:
            raise SystemExit(f"{path.name}: {ref} is not on the form")
        row = at[ref]
        sheet.cell(row, names["progress this quarter"]).value = text
        if status:
            sheet.cell(row, names["status"]).value = {"Green": "On track", "Amber": "At risk", "Red": "Off track"}.get(WORDS[status], WORDS[status])
        if value is not None:
            cell = sheet.cell(row, names["measure value"])
            cell.value = value / 100 if unit(ref) == "%" and "%" in cell.number_format else f"{value}%" if unit(ref) == "%" else value
        if following:
            sheet.cell(row, names["next steps"]).value = following
    for line in [x[0] for x in truth.LINES if x[3] == agency]:
        documents = truth.DOCUMENTS.get(line, {}).get(quarter, [])
        if documents:
            spend = sheet_with(book, "spend")
            head, names = columns(spend, "document ref")
            row = head + 1
            while any(spend.cell(row, names[n]).value for n in ["document ref", "amount"]):
                row += 1
            for document, supplier, day, amount, what in documents:
                for name, cell in [("funding line", line), ("document ref", document), ("supplier", supplier), ("document date", day), ("amount", money(amount)), ("description", what)]:
                    spend.cell(row, names[name]).value = cell
                row += 1
    for sheet in book.worksheets:  # the date of return, wherever the form asks for it
        for row in sheet.iter_rows(max_row=40):
            for cell in row:
                if isinstance(cell.value, str) and cell.value.strip(" :").lower() in ("date of return", "date returned"):
                    sheet.cell(cell.row, cell.column + 1).value = truth.RETURNED[quarter - 1]
    book.save(path)
    return path if kind == "xlsx" else recalculated(path, kind.removesuffix("+"))
