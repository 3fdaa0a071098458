"""Paper: a sheet as people fill it in, and the writers that put it into a file. Nothing here knows of a funding line or of the program."""
import datetime as dt
import io
from decimal import Decimal


def letters(c):
    s = ""
    while c >= 0: s, c = chr(65 + c % 26) + s, c // 26 - 1
    return s


def a1(r, c): return f"{letters(c)}{r + 1}"


class Taken(ValueError):
    """Two habits ask for one cell: such a quarter cannot be drawn, and is none."""


class Formula:
    """A formula and the result that a spreadsheet has stored with it. `text` is written as Excel writes it."""
    def __init__(self, text, value): self.text, self.value = text, value


class Sheet:
    def __init__(self, name):
        self.name, self.cells, self.merges, self.hidden_rows, self.hidden_cols, self.tables = name, {}, [], set(), set(), []

    def put(self, r, c, value):
        if value is None: return
        if (r, c) in self.cells: raise Taken(f"{self.name}!{a1(r, c)} is taken")
        self.cells[r, c] = value

    def bottom(self): return max((r for r, _ in self.cells), default=-1)
    def right(self): return max((c for _, c in self.cells), default=-1)


class Book:
    """`writer`: xlsxwriter, openpyxl, xlwt, odfpy or csv. Formulas and what a merge hides need xlsxwriter; where a writer stores no result, the result is written."""
    def __init__(self, path, writer): self.path, self.writer, self.sheets, self.text, self.pad, self.trail = path, writer, [], None, True, 0

    def add(self, name):
        self.sheets.append(Sheet(name))
        return self.sheets[-1]

    def write(self, folder):
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes({"xlsxwriter": by_xlsxwriter, "openpyxl": by_openpyxl, "xlwt": by_xlwt, "odfpy": by_odfpy, "csv": by_csv}[self.writer](self))


def plain(x): return x.value if isinstance(x, Formula) else x
def number(x): return float(x) if isinstance(x, Decimal) else x


def by_xlsxwriter(book):
    import xlsxwriter
    out = io.BytesIO()
    w = xlsxwriter.Workbook(out, {"in_memory": True})
    date, money = w.add_format({"num_format": "dd/mm/yyyy"}), w.add_format({"num_format": "£#,##0.00"})
    for s in book.sheets:
        t = w.add_worksheet(s.name)
        for m in s.merges: t.merge_range(*m, "")
        for r in s.hidden_rows: t.set_row(r, None, None, {"hidden": True})
        for c in s.hidden_cols: t.set_column(c, c, None, None, {"hidden": True})
        for at, columns, total in s.tables: t.add_table(*at, {"columns": columns, "total_row": total, "style": None, "autofilter": False})
        for (r, c), x in s.cells.items():
            if isinstance(x, Formula): t.write_formula(r, c, x.text, None, number(x.value))
            elif isinstance(x, dt.date): t.write_datetime(r, c, dt.datetime.combine(x, dt.time()), date)
            elif isinstance(x, str): t.write_string(r, c, x)
            else: t.write_number(r, c, number(x), money if isinstance(x, Decimal) else None)
    w.close()
    return out.getvalue()


def by_openpyxl(book):
    import openpyxl
    w = openpyxl.Workbook()
    w.remove(w.active)
    for s in book.sheets:
        t = w.create_sheet(s.name)
        for (r, c), x in s.cells.items():
            cell = t.cell(r + 1, c + 1, number(plain(x)))
            if isinstance(x, str): cell.data_type = "s"
            if isinstance(x, dt.date): cell.number_format = "dd/mm/yyyy"
        for a, b, c, d in s.merges: t.merge_cells(start_row=a + 1, start_column=b + 1, end_row=c + 1, end_column=d + 1)
        for r in s.hidden_rows: t.row_dimensions[r + 1].hidden = True
        for c in s.hidden_cols: t.column_dimensions[letters(c)].hidden = True
    out = io.BytesIO()
    w.save(out)
    return out.getvalue()


def by_xlwt(book):
    import xlwt
    w = xlwt.Workbook()
    date = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for s in book.sheets:
        t = w.add_sheet(s.name)
        for (r, c), x in s.cells.items():
            m = next((m for m in s.merges if m[:2] == (r, c)), None)
            x, style = number(plain(x)), date if isinstance(x, dt.date) else xlwt.Style.default_style
            if m: t.write_merge(m[0], m[2], m[1], m[3], x, style)
            else: t.write(r, c, x, style)
        for r in s.hidden_rows: t.row(r).hidden = True
        for c in s.hidden_cols: t.col(c).hidden = True
    out = io.BytesIO()
    w.save(out)
    return out.getvalue()


def by_odfpy(book):
    from odf import teletype
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableRow
    from odf.text import P
    doc = OpenDocumentSpreadsheet()
    for s in book.sheets:
        t = Table(name=s.name)
        starts = {m[:2]: m for m in s.merges}
        covered = {(r, c) for m in s.merges for r in range(m[0], m[2] + 1) for c in range(m[1], m[3] + 1)} - set(starts)
        for c in range(s.right() + 1): t.addElement(TableColumn(visibility="collapse" if c in s.hidden_cols else "visible"))
        for r in range(s.bottom() + 1):
            row = TableRow(visibility="collapse" if r in s.hidden_rows else "visible")
            for c in range(s.right() + 1):
                x, k = s.cells.get((r, c)), {}
                if isinstance(x, Formula): k["formula"] = "of:" + to_open_formula(x.text)
                x = plain(x)
                if isinstance(x, dt.date): k.update(valuetype="date", datevalue=x.isoformat())
                elif isinstance(x, str): k.update(valuetype="string")
                elif x is not None: k.update(valuetype="float", value=str(x))
                if (r, c) in starts:
                    m = starts[r, c]
                    k.update(numberrowsspanned=m[2] - m[0] + 1, numbercolumnsspanned=m[3] - m[1] + 1)
                cell = (CoveredTableCell if (r, c) in covered else TableCell)(**k)
                for line in [] if x is None else (x.strftime("%d/%m/%Y") if isinstance(x, dt.date) else str(x)).split("\n"):
                    p = P()
                    teletype.addTextToElement(p, line)
                    cell.addElement(p)
                row.addElement(cell)
            t.addElement(row)
        doc.spreadsheet.addElement(t)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def to_open_formula(text):
    import re
    return re.sub(r"([A-Z]+\d+):([A-Z]+\d+)", r"[.\1:.\2]", text).replace("(9,", "(9;")


def by_csv(book):
    """One sheet. `pad`: every record as long as the longest; `trail`: commas after that; a value of type Raw is written as it stands, quotes and all."""
    s, = book.sheets
    out = io.StringIO()
    for r in range(s.bottom() + 1):
        row = [s.cells.get((r, c)) for c in range(s.right() + 1)]
        if not book.pad:
            while row and row[-1] is None: row.pop()
        row += [None] * book.trail
        out.write(",".join(field(x) for x in row) + "\r\n")
    return out.getvalue().encode("utf-8-sig")


class Raw(str):
    """Characters that are written into a text file as they stand."""


def field(x):
    x = plain(x)
    if isinstance(x, Raw): return str(x)
    if x is None: return ""
    if isinstance(x, dt.date): return x.strftime("%d/%m/%Y")
    x = str(x)
    return '"' + x.replace('"', '""') + '"' if any(ch in x for ch in ',"\r\n') else x
