"""Writes a Book as a file, as the many programs that partners use would. The grid of the Book is the truth of where a cell is."""
import datetime as dt
import io
import random
import subprocess
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from hands import AVOID, Err, Formula, a1, col

EPOCH = dt.date(1899, 12, 30)


def write(book, folder):
    path = Path(folder, book.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes_of(book))


def bytes_of(book):
    return {"openpyxl": by_openpyxl, "xlsxwriter": by_xlsxwriter, "raw": by_raw, "xlwt": by_xlwt, "raw-ods": by_raw_ods, "odfpy": by_odfpy, "csv": by_csv}[book.opts["writer"]](book)


def by_openpyxl(book):
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for s in book.sheets:
        ws = wb.create_sheet(s.name)
        for (r, c), x in s.cells.items():
            cell = ws.cell(r + 1, c + 1)
            v = x.v
            if isinstance(v, Formula): cell.value = "=" + v.text
            elif isinstance(v, Err): cell.value = str(v); cell.data_type = "e"
            elif isinstance(v, str): cell.value = v; cell.data_type = "s"
            elif isinstance(v, dt.date): cell.value = v; cell.number_format = "dd/mm/yyyy"
            elif v is not None: cell.value = v; cell.number_format = {"money": '"£"#,##0.00'}.get(x.fmt, "General")
            if x.bold: cell.font = Font(bold=True)
            if x.fill: cell.fill = PatternFill("solid", fgColor="FF" + x.fill)
            if x.note: cell.comment = Comment(x.note, "A")
        for a, b, c, d in s.merges: merge_openpyxl(ws, a, b, c, d)
        for r in s.hidden_rows: ws.row_dimensions[r + 1].hidden = True
        for c in s.hidden_cols: ws.column_dimensions[col(c)].hidden = True
        ws.sheet_state = s.state
        if s.tables and random.Random(book.opts["seed"]).random() < .4: ws.freeze_panes = "B2"
        if book.opts["protected"]: ws.protection.sheet = True
    if book.opts["dropdown"] and not any(s.name == "Lists" for s in book.sheets) and book.sheets:
        from openpyxl.worksheet.datavalidation import DataValidation
        ws = wb.create_sheet("Lists")
        ws.sheet_state = "hidden"
        for i, x in enumerate(("Not started", "On track", "At risk", "Off track", "Complete")): ws.cell(i + 1, 1, x)
        v = DataValidation(type="list", formula1="Lists!$A$1:$A$5", allow_blank=True)
        at = next((s for s in book.sheets if s.tables), book.sheets[0])
        wb[at.name].add_data_validation(v)
        v.add("Z50:Z60")
    out = io.BytesIO()
    wb.save(out)
    return out.getvalue()


def merge_openpyxl(ws, a, b, c, d):
    from openpyxl.worksheet.cell_range import CellRange
    ws.merged_cells.add(CellRange(min_row=a + 1, min_col=b + 1, max_row=c + 1, max_col=d + 1))


def by_xlsxwriter(book):
    import xlsxwriter
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False})
    for s in book.sheets:
        ws = wb.add_worksheet(s.name)
        inside = {}
        for a, b, c, d in s.merges:
            ws.merge_range(a, b, c, d, "")
        for (r, c), x in s.cells.items():
            f = {}
            v = x.v
            if isinstance(v, dt.date): f["num_format"] = "dd mmm yyyy"
            if x.fmt == "money": f["num_format"] = "£#,##0.00"
            if x.bold: f["bold"] = True
            if x.fill: f["bg_color"] = "#" + x.fill
            f = wb.add_format(f) if f else None
            if isinstance(v, Formula): ws.write_formula(r, c, "=" + v.text, f, float(v.cached) if v.cached is not None else "")
            elif isinstance(v, Err): ws.write_formula(r, c, {"#N/A": "=NA()", "#DIV/0!": "=1/0", "#REF!": "=#REF!"}.get(v, "=1/0"), f, str(v))
            elif isinstance(v, str): ws.write_string(r, c, v, f)
            elif isinstance(v, dt.date): ws.write_datetime(r, c, dt.datetime(v.year, v.month, v.day), f)
            elif v is not None: ws.write_number(r, c, v, f)
            else: ws.write_blank(r, c, None, f)
            if x.note: ws.write_comment(r, c, x.note)
        for r in s.hidden_rows: ws.set_row(r, None, None, {"hidden": True})
        for c in s.hidden_cols: ws.set_column(c, c, None, None, {"hidden": True})
        if s.state == "hidden": ws.hide()
        if s.state == "veryHidden": ws.very_hidden()
    if book.sheets and book.sheets[0].state != "visible":
        for ws, s in zip(wb.worksheets(), book.sheets):
            if s.state == "visible": ws.activate(); ws.set_first_sheet(); break
    wb.close()
    return out.getvalue()


def by_raw(book):
    """An xlsx (or xlsm) by hand, as unusual programs write it."""
    rng = random.Random(book.opts["seed"])
    inline = rng.random() < .4
    refs = rng.random() < .75
    if any(s.damaged or s.stray for s in book.sheets): refs = True
    prefix = "x:" if rng.random() < .2 else ""
    epoch04 = rng.random() < .15
    iso_dates = rng.random() < .1 and "iso-cells" not in AVOID
    long_double = rng.random() < .3
    rich = rng.random() < .2
    absolute = rng.random() < .3
    ns = f'xmlns{":x" if prefix else ""}="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    p = prefix
    fills, styles, strings = [], [(0, 0, 0)], {}
    def style(num, bold, fill):
        if fill and fill not in fills: fills.append(fill)
        k = (num, 1 if bold else 0, fills.index(fill) + 2 if fill else 0)
        if k not in styles: styles.append(k)
        return styles.index(k)
    def text(tag, v):
        body = escape(v)
        for bad in "\v\f": body = body.replace(bad, f"_x{ord(bad):04X}_")
        if rich and " " in v and tag == "si" and not v[0].isspace():
            i = body.index(" ")
            if "&" not in body[:i + 1] and "&" not in v: return f'<{p}si><{p}r><{p}rPr><{p}b/></{p}rPr><{p}t xml:space="preserve">{body[:i]}</{p}t></{p}r><{p}r><{p}t xml:space="preserve">{body[i:]}</{p}t></{p}r></{p}si>'
        return f'<{p}{tag}><{p}t xml:space="preserve">{body}</{p}t></{p}{tag}>'
    shared_id = 0
    parts, rels, types, sheets = {}, [], [], []
    for n, s in enumerate(book.sheets, 1):
        rows = {}
        for (r, c), x in s.cells.items(): rows.setdefault(r, {})[c] = x
        xml = [f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{p}worksheet {ns}>']
        if rng.random() < .5 and s.cells and not s.stray: xml.append(f'<{p}dimension ref="A1:{a1(max(r for r, _ in s.cells), max(c for _, c in s.cells))}"/>')
        if s.hidden_cols:
            xml.append(f"<{p}cols>" + "".join(f'<{p}col min="{c + 1}" max="{c + 1}" width="9" hidden="1"/>' for c in sorted(s.hidden_cols)) + f"</{p}cols>")
        xml.append(f"<{p}sheetData>")
        last = -1
        every = sorted(set(rows) | s.hidden_rows)
        for r in every:
            if not refs:
                while last < r - 1: xml.append(f"<{p}row/>"); last += 1
            hidden = ' hidden="1"' if r in s.hidden_rows else ""
            xml.append(f'<{p}row r="{r + 1}"{hidden}>' if refs else f"<{p}row{hidden}>")
            lc = -1
            for c in sorted(rows.get(r, ())):
                x = rows[r][c]
                if not refs:
                    while lc < c - 1: xml.append(f"<{p}c/>"); lc += 1
                at = f' r="{a1(r, c)}"' if refs else ""
                v = x.v
                num = 14 if isinstance(v, dt.date) else 4 if x.fmt == "money" else 0
                st = style(num, x.bold, x.fill)
                sa = f' s="{st}"' if st else ""
                if v is None: xml.append(f"<{p}c{at}{sa}/>")
                elif isinstance(v, Formula):
                    kind = ""
                    if rng.random() < .2: kind = f' t="shared" ref="{a1(r, c)}" si="{shared_id}"'; shared_id += 1
                    val = "" if v.cached is None else f"<{p}v>{escape(str(v.cached))}</{p}v>"
                    t = ' t="str"' if isinstance(v.cached, str) else ""
                    xml.append(f"<{p}c{at}{sa}{t}><{p}f{kind}>{escape(v.text)}</{p}f>{val}</{p}c>")
                elif isinstance(v, Err): xml.append(f'<{p}c{at}{sa} t="e"><{p}v>{v}</{p}v></{p}c>')
                elif isinstance(v, str):
                    if inline: xml.append(f'<{p}c{at}{sa} t="inlineStr">{text("is", v)}</{p}c>')
                    else: xml.append(f'<{p}c{at}{sa} t="s"><{p}v>{strings.setdefault(v, len(strings))}</{p}v></{p}c>')
                elif isinstance(v, dt.date) and iso_dates: xml.append(f'<{p}c{at}{sa} t="d"><{p}v>{v.isoformat()}T00:00:00</{p}v></{p}c>')
                elif isinstance(v, dt.date): xml.append(f"<{p}c{at}{sa}><{p}v>{(v - EPOCH).days - (1462 if epoch04 else 0)}</{p}v></{p}c>")
                else:
                    t = repr(float(v)) if isinstance(v, float) else str(v)
                    if isinstance(v, Decimal) and long_double: t = format(float(v), ".17g")
                    xml.append(f"<{p}c{at}{sa}><{p}v>{t}</{p}v></{p}c>")
                lc = c
            xml.append(f"</{p}row>")
            last = r
        if s.stray: xml.append(f'<{p}row r="{s.stray[0] + 1}"><{p}c r="{a1(*s.stray)}" s="{style(4, True, None)}"/></{p}row>')
        xml.append(f"</{p}sheetData>")
        if s.merges: xml.append(f'<{p}mergeCells count="{len(s.merges)}">' + "".join(f'<{p}mergeCell ref="{a1(a, b)}:{a1(c, d)}"/>' for a, b, c, d in s.merges) + f"</{p}mergeCells>")
        for extra in book.opts.get("sheet_xml", {}).get(s.name, ()): xml.append(extra)
        xml.append(f"</{p}worksheet>")
        body = "".join(xml)
        if s.damaged: body = body[:len(body) * 2 // 3]
        parts[f"xl/worksheets/sheet{n}.xml"] = body
        rels.append((f"rId{n}", "worksheet", ("/xl/" if absolute else "") + f"worksheets/sheet{n}.xml"))
        types.append((f"/xl/worksheets/sheet{n}.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"))
        state = "" if s.state == "visible" else f' state="{s.state}"'
        sheets.append(f'<{p}sheet name={quoteattr(s.name)} sheetId="{n}"{state} r:id="rId{n}"/>')
    n = len(book.sheets)
    if strings:
        parts["xl/sharedStrings.xml"] = f'<?xml version="1.0" encoding="UTF-8"?><{p}sst {ns} count="{len(strings)}" uniqueCount="{len(strings)}">' + "".join(text("si", v) for v in strings) + f"</{p}sst>"
        rels.append((f"rId{n + 1}", "sharedStrings", "sharedStrings.xml"))
        types.append(("/xl/sharedStrings.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"))
    fill_xml = f'<{p}fill><{p}patternFill patternType="none"/></{p}fill><{p}fill><{p}patternFill patternType="gray125"/></{p}fill>' + "".join(f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{f}"/></{p}patternFill></{p}fill>' for f in fills)
    parts["xl/styles.xml"] = (f'<?xml version="1.0" encoding="UTF-8"?><{p}styleSheet {ns}><{p}fonts count="2"><{p}font><{p}sz val="11"/><{p}name val="Arial"/></{p}font><{p}font><{p}b/><{p}sz val="11"/><{p}name val="Arial"/></{p}font></{p}fonts>'
        f'<{p}fills count="{len(fills) + 2}">{fill_xml}</{p}fills><{p}borders count="1"><{p}border/></{p}borders><{p}cellStyleXfs count="1"><{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></{p}cellStyleXfs>'
        f'<{p}cellXfs count="{len(styles)}">' + "".join(f'<{p}xf numFmtId="{a}" fontId="{b}" fillId="{c}" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>' for a, b, c in styles) + f"</{p}cellXfs></{p}styleSheet>")
    rels.append((f"rId{n + 2}", "styles", "styles.xml"))
    types.append(("/xl/styles.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"))
    for name, data, kind, ctype in book.opts.get("parts", ()):
        parts[name] = data
        if kind: rels.append((f"rId{100 + len(rels)}", kind, name.removeprefix("xl/")))
        if ctype: types.append(("/" + name, ctype))
    macro = book.fmt == "xlsm"
    main = "application/vnd.ms-excel.sheet.macroEnabled.main+xml" if macro else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts["xl/workbook.xml"] = f'<?xml version="1.0" encoding="UTF-8"?><{p}workbook {ns}>' + (f'<{p}workbookPr date1904="1"/>' if epoch04 else "") + f"<{p}sheets>" + "".join(sheets) + f"</{p}sheets>" + book.opts.get("workbook_xml", "") + f"</{p}workbook>"
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    full = lambda k: k if ":" in k else base + k
    parts["xl/_rels/workbook.xml.rels"] = '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' + "".join(f'<Relationship Id="{i}" Type="{full(k)}" Target="{t}"/>' for i, k, t in rels) + "</Relationships>"
    parts["_rels/.rels"] = f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{base}officeDocument" Target="{"/" if absolute else ""}xl/workbook.xml"/></Relationships>'
    parts["[Content_Types].xml"] = ('<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>' + "".join(f'<Override PartName="{a}" ContentType="{b}"/>' for a, b in types) + "</Types>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name in ["[Content_Types].xml"] + [k for k in parts if k != "[Content_Types].xml"]: z.writestr(name, parts[name])
    return out.getvalue()


def by_xlwt(book):
    import xlwt
    wb = xlwt.Workbook(encoding="utf-8")
    cache = {}
    def st(fmt, bold, fill):
        k = (fmt, bold, fill)
        if k not in cache:
            s = xlwt.XFStyle()
            if fmt: s.num_format_str = fmt
            s.font.bold = bold
            cache[k] = s
        return cache[k]
    for s in book.sheets:
        ws = wb.add_sheet(s.name, cell_overwrite_ok=True)
        for a, b, c, d in s.merges: ws.merge(a, c, b, d)
        for (r, c), x in s.cells.items():
            v = x.v
            if isinstance(v, Formula): v = v.cached
            if isinstance(v, Err): ws.row(r).set_cell_error(c, {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}[v]); continue
            if isinstance(v, dt.date): ws.write(r, c, dt.datetime(v.year, v.month, v.day), st("DD/MM/YYYY", x.bold, None))
            elif isinstance(v, Decimal): ws.write(r, c, float(v), st("£#,##0.00" if x.fmt == "money" else None, x.bold, None))
            elif v is not None: ws.write(r, c, v, st(None, x.bold, None))
        if s.state == "hidden": ws.visibility = 1
        if s.state == "veryHidden": ws.visibility = 2
    out = io.BytesIO()
    wb.save(out)
    return out.getvalue()


def by_csv(book):
    o = book.opts
    s = book.sheets[0]
    out = io.StringIO(newline="")
    width = s.right() + 1
    if o.get("sep"): out.write(f"sep={o['delimiter']}{o['eol']}")
    def line(row): return o["delimiter"].join('"' + x.replace('"', '""') + '"' if any(ch in x for ch in '"\r\n' + o["delimiter"]) else x for x in row) + o["eol"]
    for r in range(s.bottom() + 1):
        row = []
        for c in range(width):
            x = s.cells.get((r, c))
            v = x.v if x else None
            if isinstance(v, Formula): v = v.cached
            row.append("" if v is None else v.strftime("%d/%m/%Y") if isinstance(v, dt.date) else str(v))
        if not o["pad"]:
            while row and row[-1] == "": row.pop()
        if o["trailing"]: row += ["", ""] if row or o["pad"] else []
        if not row: out.write(o["eol"])
        else: out.write(line(row))
    text = out.getvalue()
    if o["encoding"] == "utf-16" and random.Random(o["seed"]).random() < .3: return b"\xfe\xff" + text.encode("utf-16-be")
    if o["encoding"] == "cp850": return text.encode("cp850", "replace")
    try: return text.encode(o["encoding"])
    except UnicodeEncodeError: return text.encode("utf-8-sig")


def ods_value(x, c):
    """-> (attributes, text) of an OpenDocument cell"""
    v, f = x.v, ""
    if isinstance(v, Formula): f, v = f' table:formula="of:={escape(v.text.replace("SUM(", "SUM([.").replace(":", ":.").replace(")", "])"))}"', v.cached
    if isinstance(v, Err): return f' table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"', str(v)
    if isinstance(v, str): return f + ' office:value-type="string" calcext:value-type="string"', v
    if isinstance(v, dt.date): return f + f' office:value-type="date" office:date-value="{v.isoformat()}" calcext:value-type="date"', v.strftime("%d/%m/%y")
    if v is None: return f, ""
    if x.fmt == "money": return f + f' office:value-type="currency" office:currency="GBP" office:value="{v}" calcext:value-type="currency"', f"£{v:,.2f}"
    return f + f' office:value-type="float" office:value="{v}" calcext:value-type="float"', str(v)


def paragraphs(text):
    out = []
    for line in text.split("\n"):
        b, i = "", 0
        while i < len(line):
            if line[i] == " " and (i == 0 or i == len(line) - 1 or line[i - 1] == " "):
                j = i
                while j < len(line) and line[j] == " ": j += 1
                b += f'<text:s text:c="{j - i}"/>' if j - i > 1 else "<text:s/>"
                i = j
            else: b += escape(line[i]); i += 1
        out.append(f"<text:p>{b}</text:p>")
    return "".join(out)


def by_raw_ods(book):
    rng = random.Random(book.opts["seed"])
    nl = "\n  " if rng.random() < .3 and "pretty-ods" not in AVOID else ""
    to_end = rng.random() < .5
    xml = ['<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
           'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3"><office:automatic-styles>'
           '<style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>']
    for s in book.sheets:
        xml.append(f'{nl}<table:table table:name={quoteattr(s.name)}' + (' table:style-name="hid"' if s.state != "visible" else "") + ">" + f'{nl}<table:table-column table:number-columns-repeated="{s.right() + 1 or 1}"/>')
        covered = {}
        for a, b, c, d in s.merges:
            for r in range(a, c + 1):
                for x in range(b, d + 1): covered[r, x] = (a, b, c, d)
        r, bottom = 0, max(s.bottom(), max((m[2] for m in s.merges), default=0))
        while r <= bottom:
            here = [c for (rr, c) in s.cells if rr == r] + [c for (rr, c) in covered if rr == r]
            if not here:
                k = 1
                while r + k <= bottom and not any(rr == r + k for rr, _ in s.cells) and not any(rr == r + k for rr, _ in covered): k += 1
                xml.append(f'{nl}<table:table-row' + (f' table:number-rows-repeated="{k}"' if k > 1 else "") + "><table:table-cell/></table:table-row>")
                r += k
                continue
            xml.append(f"{nl}<table:table-row>")
            c, end = 0, max(here)
            while c <= end:
                m = covered.get((r, c))
                x = s.cells.get((r, c))
                if m and (m[0], m[1]) != (r, c): xml.append(f"{nl}<table:covered-table-cell/>"); c += 1; continue
                span = f' table:number-columns-spanned="{m[3] - m[1] + 1}" table:number-rows-spanned="{m[2] - m[0] + 1}"' if m else ""
                if x is None:
                    k = 1
                    while not m and c + k <= end and (r, c + k) not in s.cells and (r, c + k) not in covered: k += 1
                    xml.append(f"{nl}<table:table-cell{span}" + (f' table:number-columns-repeated="{k}"' if k > 1 else "") + "/>"); c += k
                    continue
                at, text = ods_value(x, c)
                note = f"<office:annotation><dc:creator>A</dc:creator>{paragraphs(x.note)}</office:annotation>" if x.note else ""
                xml.append(f"{nl}<table:table-cell{span}{at}>{note}{paragraphs(text) if text else ''}</table:table-cell>")
                c += 1
            if to_end: xml.append(f'{nl}<table:table-cell table:number-columns-repeated="{16384 - end - 1}"/>')
            xml.append("</table:table-row>")
            r += 1
        if to_end: xml.append(f'{nl}<table:table-row table:number-rows-repeated="{1048576 - bottom - 1}"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>')
        xml.append("</table:table>")
    xml.append("</office:spreadsheet></office:body></office:document-content>")
    return ods_zip("".join(xml).encode())


def ods_zip(content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        z.writestr("content.xml", content)
        z.writestr("META-INF/manifest.xml", '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>')
    return out.getvalue()


def by_odfpy(book):
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import CoveredTableCell, Table, TableCell, TableRow
    from odf.text import P, LineBreak
    if any(s.state != "visible" for s in book.sheets): return by_raw_ods(book)
    doc = OpenDocumentSpreadsheet()
    for s in book.sheets:
        t = Table(name=s.name)
        covered = {}
        for a, b, c, d in s.merges:
            for r in range(a, c + 1):
                for x in range(b, d + 1): covered[r, x] = (a, b, c, d)
        for r in range(max(s.bottom(), max((m[2] for m in s.merges), default=0)) + 1):
            row = TableRow()
            for c in range(s.right() + 1):
                m, x = covered.get((r, c)), s.cells.get((r, c))
                if m and (m[0], m[1]) != (r, c): row.addElement(CoveredTableCell()); continue
                k = dict(numbercolumnsspanned=m[3] - m[1] + 1, numberrowsspanned=m[2] - m[0] + 1) if m else {}
                v = x.v if x else None
                if isinstance(v, Formula): v = v.cached
                if isinstance(v, Err): k.update(valuetype="string", formula="of:=1/0")
                elif isinstance(v, dt.date): k.update(valuetype="date", datevalue=v.isoformat())
                elif isinstance(v, str): k.update(valuetype="string")
                elif v is not None: k.update(valuetype="float", value=str(v))
                cell = TableCell(**k)
                if v is not None:
                    for line in (v.strftime("%d %b %Y") if isinstance(v, dt.date) else str(v)).split("\n"):
                        from odf import teletype
                        e = P(); teletype.addTextToElement(e, line); cell.addElement(e)
                row.addElement(cell)
            t.addElement(row)
        doc.spreadsheet.addElement(t)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def by_soffice(jobs):
    """jobs: [(an xlsx, wanted format, wanted path)]; one run a target format."""
    by = {}
    for data, ext, path in jobs: by.setdefault(ext, []).append((data, path))
    for ext, pairs in by.items():
        with tempfile.TemporaryDirectory() as t:
            src, dst = Path(t, "in"), Path(t, "out")
            src.mkdir(); dst.mkdir()
            for i, (data, _) in enumerate(pairs): Path(src, f"{i}.xlsx").write_bytes(data)
            subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{t}/profile", "--convert-to", ext, "--outdir", str(dst), *map(str, sorted(src.iterdir()))], check=True, capture_output=True, timeout=600)
            for i, (_, path) in enumerate(pairs):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(Path(dst, f"{i}.{ext}").read_bytes())
