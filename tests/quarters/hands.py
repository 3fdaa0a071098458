"""The hands that fill in spreadsheets: where a partner puts its title, its labels, its tables, and how it spells what it knows.

A hand turns the truth of model.py into a `Book` of `Sheet`s, and writes into each `Row.at` the cell it used. Nothing here reads a file.
"""
import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path

import model
from model import AGENCIES, ENDS, PRIORITIES, PREFIX, RECOVERS, D

AVOID = set()   # habits left out of this run (generate.py --avoid): known quarrels that would drown the rest

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "sevenoaks-2022-23"
FIELDS = {p.stem: {f["name"]: f for f in tomllib.loads(p.read_text())["fields"] if not (f.get("quarterly") and f["name"] == "target")} for p in SCHEMA.glob("*.toml") if p.stem != "partnership"}
STATUS = {s["value"]: [s["label"], *s["synonyms"]] for s in tomllib.loads((SCHEMA / "partnership.toml").read_text())["statuses"]}
FILLS = {"on-track": "00B050", "at-risk": "FFC000", "off-track": "FF0000", "complete": "0070C0"}


def col(c):
    s = ""
    while True:
        s = chr(65 + c % 26) + s
        c = c // 26 - 1
        if c < 0: return s


def a1(r, c): return f"{col(c)}{r + 1}"


class Err(str): """An error value, such as #REF!"""


class Formula:
    def __init__(self, text, cached): self.text, self.cached = text, cached


class Cell:
    __slots__ = ("v", "fmt", "fill", "note", "bold")
    def __init__(self, v, fmt=None, fill=None, note=None, bold=False): self.v, self.fmt, self.fill, self.note, self.bold = v, fmt, fill, note, bold


class Sheet:
    def __init__(self, name):
        self.name, self.cells, self.merges, self.hidden_rows, self.hidden_cols, self.state, self.tables, self.stray, self.damaged = name, {}, [], set(), set(), "visible", [], None, False

    def put(self, r, c, v, **k):
        if v is None and not k: return
        self.cells[r, c] = Cell(v, **k)

    def bottom(self): return max((r for r, _ in self.cells), default=-1)
    def right(self): return max((c for _, c in self.cells), default=-1)


class Book:
    def __init__(self, role, agency=None):
        self.role, self.agency, self.sheets, self.path, self.fmt, self.label_at, self.opts, self.need = role, agency, [], None, "xlsx", {}, {}, {}

    def add(self, name):
        s = Sheet(name)
        self.sheets.append(s)
        return s

    def place(self, sheet=None, cell=None):
        name = sheet.name if isinstance(sheet, Sheet) else sheet
        return {"path": self.path, "sheet": None if self.fmt in ("csv", "tsv") else name, "cell": cell}


class Table:
    """Where a table came to stand."""
    def __init__(self): self.name = self.sheet = None; self.cols, self.head_at, self.header, self.rows, self.total_at, self.first_row, self.last_row = [], {}, None, [], {}, None, None


class Hand:
    """One person's habits, kept for a whole file."""
    def __init__(self, rng, fmt, need=None):
        self.rng, self.fmt, self.need = rng, fmt, need or {}
        self.text_only = fmt in ("csv", "tsv")
        self.top = rng.choice([0, 0, 1, 2])
        self.left = rng.choice([0, 0, 0, 1, 2])
        self.date = rng.choice(["excel", "excel", "iso", "uk", "long", "short", "ordinal", "dashes", "dots", "uk1", "mixed", "weekday"])
        if self.text_only and self.date == "excel": self.date = rng.choice(["iso", "uk"])
        self.money = rng.choice(["number", "number", "pounds", "commas", "plain", "mixed", "accounts", "trailing"])
        if self.text_only and self.money == "number": self.money = "plain"
        self.ref = rng.choice(["same", "same", "same", "space", "lower", "bare", "none", "nbsp"])
        self.agency = rng.choice([0, 0, 1, 2, None])
        self.status = {s: self.pick_status(s) for s in STATUS}
        self.status_case = rng.choice([str, str, str.upper, str.lower, lambda s: s + " ", lambda s: s.replace(" ", "\u00a0"), lambda s: "  " + s])
        self.quiet = rng.choice([None, None, "n/a", "-"])
        self.numbers_text = rng.random() < .15 or self.text_only
        self.vary = rng.random() < .5

    def pick_status(self, s):
        words = [w for w in STATUS[s]]
        if s == "not-started": words = ["Not started", "Not yet started", "NS", "Yet to start", "Not started"]
        return self.rng.choice(words)

    # --- how values are spelt
    def heading(self, table, field, exact=None):
        rng = self.rng
        if exact is not None: return exact
        f = FIELDS[table].get(field)
        if f is None: return field
        words = [f["title"]] * 3 + [a for a in f.get("aliases", []) if a]
        h = rng.choice([w for w in words if w not in AVOID])
        if not self.vary: return h
        k = rng.random()
        if k < .12: h = h.upper()
        elif k < .2: h = h.lower()
        elif k < .28: h = h.replace(" ", "\u00a0", 1)
        elif k < .36 and " " in h: h = h.replace(" ", "\n", 1)
        elif k < .44: h = h.replace(" ", "  ", 1) if " " in h else " " + h
        elif k < .5: h = h + " "
        elif k < .54: h = h.replace(" ", " \u200b", 1)
        k = rng.random()
        required = f.get("constraints", {}).get("required")
        if required and k < .25: h += " *"
        elif f["type"] == "money" and k < .5: h += " (£)"
        elif k < .08: h += ":"
        return h

    def spell_ref(self, ref, strict=False):
        p, n = ref.rsplit("-", 1)
        k = "same" if strict else self.ref
        return {"same": ref, "space": f"{p} {int(n)}", "lower": ref.lower(), "bare": f"{p}{n}", "none": f"{p}{int(n)}", "nbsp": f"{p}\u00a0{n}"}[k]

    def spell_agency(self, code):
        names = AGENCIES[code]
        return self.rng.choice(names) if self.agency is None else names[min(self.agency, len(names) - 1)]

    def spell_date(self, d):
        if not isinstance(d, dt.date): return d, None
        k = self.date
        if k == "mixed":
            k = self.rng.choice(["long", "short", "uk", "ordinal"] + ([] if self.text_only else ["excel"]))
            # Figures that only the British order can read, beside real dates, are the mark of American settings: another fault.
            if k == "uk" and not self.text_only and d.day > 12: k = "long"
        if k == "excel": return d, "date"
        months = d.strftime("%B")
        suffix = "th" if 10 <= d.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10, "th")
        return {"iso": d.isoformat(), "uk": d.strftime("%d/%m/%Y"), "uk1": f"{d.day}/{d.month}/{d:%y}", "long": f"{d.day} {months} {d.year}", "short": f"{d.day:02d} {months[:3]} {d.year}", "ordinal": f"{d.day}{suffix} {months} {d.year}",
                "weekday": f"{d:%a} {d.day} {months[:3]} {d.year}", "dashes": f"{d.day:02d}-{months[:3]}-{d:%y}", "dots": d.strftime("%d.%m.%Y")}[k], None

    def spell_money(self, x):
        if x is None: return None, None
        k = self.money
        if k == "mixed": k = self.rng.choice(["pounds", "commas", "plain"] + ([] if self.text_only else ["number", "number"]))
        if k == "number": return x, "money"
        neg, y = x < 0, abs(x)
        if k == "trailing": return f"{y:,.2f}" + ("-" if neg else ""), None
        if k == "accounts": return (f"(£{y:,.2f})" if neg else f"£{y:,.2f}"), None
        return {"pounds": ("-" if neg else "") + f"£{y:,.2f}", "commas": ("-" if neg else "") + f"{y:,.2f}", "plain": ("-" if neg else "") + f"{y:.2f}"}[k], None

    def spell_status(self, s): return self.status_case(self.status[s])

    def value(self, table, field, row):
        """-> (what stands in the cell, number format)"""
        if field in row.raw:
            x = row.raw[field]
            return x if isinstance(x, tuple) else (x, None)
        x = row[field]
        rng = self.rng
        f = FIELDS[table][field] if field in FIELDS[table] else FIELDS["actions"].get(field, {"type": "string"})
        kind = f["type"]
        if x is None or x == [] or x == "":
            if field in ("next_steps", "value", "completed_on", "forecast", "explanation", "match_cash") and table in ("updates", "claims") and self.quiet: return self.quiet, None
            return None, None
        if kind == "reference": return self.spell_ref(x, "strict_ref" in row.style), None
        if kind == "line": return self.spell_ref(x), None
        if kind == "lines": return rng.choice([", ", "; ", "\n"]).join(self.spell_ref(y) for y in x), None
        if kind == "agency": return self.spell_agency(x), None
        if kind == "agencies": return self.joiner.join(self.spell_agency(y) for y in x), None
        if kind in ("date", "timescale"): return self.spell_date(x)
        if kind == "money": return self.spell_money(x)
        if kind == "status": return self.spell_status(x), None
        if kind == "number":
            if self.numbers_text: return (f"{x:,}" if rng.random() < .3 else str(x)), None
            return x, None
        if kind == "choice":
            c = next(c for c in f["choices"] if c["value"] == x)
            key = (table, field, x)
            if not hasattr(self, "choices"): self.choices = {}
            if key not in self.choices: self.choices[key] = rng.choice([c["label"]] * 2 + c.get("synonyms", []))
            return self.choices[key], None
        if kind == "priority": return self.priority(x), None
        if kind == "string" and field == "stream": return {"CRG": self.stream, "CORE": "CORE"}[x], None
        return x, None

    @property
    def joiner(self):
        if not hasattr(self, "_join"): self._join = self.rng.choice([", ", " / ", "; ", "\n", " & "])
        return self._join

    @property
    def stream(self):
        if not hasattr(self, "_stream"): self._stream = self.rng.choice(["Crime Reduction Grant", "CRG", "PCC", "PCC Crime Reduction Grant"])
        return self._stream

    def priority(self, prefix):
        if not hasattr(self, "_pri"): self._pri = self.rng.choice(["name", "name", "code", "alias", "both"])
        code, _, name, aliases = PREFIX[prefix]
        if self._pri == "code": return code
        if self._pri == "alias" and aliases: return aliases[0]
        if self._pri == "both": return f"{code}: {name}"
        return name


def banner_text(style, prefix):
    code, _, name, aliases = PREFIX[prefix]
    short = aliases[0] if aliases else name
    return {"code-name": f"{code}: {name}", "priority-n": f"Priority {code[1]}: {name}", "dash": f"Priority {code[1]} – {short}", "name": name, "short": short, "upper": f"PRIORITY {code[1]}: {name.upper()}", "n-only": f"Priority {code[1]}"}[style]


BANNERS = ["code-name", "priority-n", "dash", "name", "short", "upper", "n-only"]


def quarter_words(rng, n, year="2022-23"):
    y1 = int(year[:4])
    months = [("Apr", "Jun", "April", "June"), ("Jul", "Sep", "July", "September"), ("Oct", "Dec", "October", "December"), ("Jan", "Mar", "January", "March")][n - 1]
    cal = y1 + (n == 4)
    return rng.choice([f"Q{n} {year}", f"Q{n} {y1}/{year[-2:]}", f"{year} Quarter {n}", f"Quarter {n} {year}", f"{months[0]}–{months[1]} {cal}", f"{months[2]} to {months[3]} {cal}", f"Q{n} {str(y1)[2:]}/{year[-2:]}",
                       f"{y1}/{year[-2:]} Q{n}", f"Quarter {n} ({months[2]} to {months[3]} {cal})", f"Q{n} ({months[0]}-{months[1]}) {year}", f"{months[0]} - {months[1]} {cal}", f"Quarter {n} - {y1}/{year[-2:]}"])


def lay_table(hand, book, sheet, r, c, table, columns, items, *, two_row=None, total=None, repeat_every=0, heads=None, merge_down=(), banner_merge=False):
    """Puts a table on a sheet. `columns`: field names, '' for a spacer, ('group', 'field') under a group. `items`: Rows, ('banner', text), 'blank'.
    `total`: {field: label}; returns the Table."""
    t = Table()
    t.name, t.sheet, t.book = table, sheet, book
    heads = heads or {}
    t.cols = columns
    head_row = r + 1 if two_row else r
    c0 = c
    lo, hi = None, None

    def write_header(r):
        # r: the lower header row
        nonlocal lo, hi
        groups = {}
        for i, f in enumerate(columns):
            if f == "": continue
            x = c0 + i
            lo, hi = (x if lo is None else lo), x
            if isinstance(f, tuple):
                g, field = f
                groups.setdefault(g, []).append(x)
                sheet.put(r, x, heads[f], bold=True)
                if r == head_row: t.head_at[f] = (r, x)
            else:
                up = two_row == "merged"
                sheet.put(r - 1 if up else r, x, heads[f], bold=True)
                if up: sheet.merges.append((r - 1, x, r, x))
                if r == head_row: t.head_at[f] = (r - 1 if up else r, x)
        for g, xs in groups.items():
            sheet.put(r - 1, xs[0], g, bold=True)
            if len(xs) > 1: sheet.merges.append((r - 1, xs[0], r - 1, xs[-1]))
    write_header(head_row)
    t.header = (f"{a1(r, lo)}:{a1(head_row, hi)}")
    r = head_row + 1
    t.first_row = r
    count = 0
    previous = {}
    runs = {}
    for item in items:
        if item == "blank": r += 1; continue
        if isinstance(item, Sub):
            i = next(i for i, f in enumerate(columns) if f == item.field)
            first = next(i for i, f in enumerate(columns) if f != "")
            if first != i: sheet.put(r, c0 + first, item.label, bold=True)
            v, fmt = hand.spell_money(item.amount)
            sheet.put(r, c0 + i, v, fmt=fmt)
            r += 1
            continue
        if isinstance(item, tuple):
            sheet.put(r, c0, item[1], bold=True)
            if banner_merge: sheet.merges.append((r, lo, r, hi))
            previous = {}
            r += 1
            continue
        if repeat_every and count and count % repeat_every == 0 and not two_row:
            write_header(r)
            previous = {}
            r += 1
        for i, f in enumerate(columns):
            if f == "": continue
            field = f.key if isinstance(f, QField) else f[1] if isinstance(f, tuple) else f
            x = c0 + i
            if isinstance(field, tuple):  # a quarter's field: (q, name)
                q, name = field
                key = f"q{q}_{name}"
                if key in item.raw: v, fmt = item.raw[key], None
                elif table == "funding_lines": v, fmt = hand.spell_money(item["spend"].get(q))
                else:
                    got = item.q.get(q) if q < hand.quarter or (q == hand.quarter and hand.prefill) else None
                    if getattr(item, "act", None): got = item.act.q.get(q)
                    shadow = model.Row(table, {name: got and got[name]})
                    v, fmt = hand.value(table if name in FIELDS[table] else "actions", name, shadow)
            else:
                key = field
                v, fmt = hand.value(table, field, item)
                if field in merge_down:
                    if previous.get(field) == v and v is not None:
                        runs[field, x][1] = r
                        v = None
                    else:
                        previous[field] = v
                        runs[field, x] = [r, r]
                        t.__dict__.setdefault("runs", []).append((x, runs[field, x]))
            if v is not None or key in item.style:
                k = {}
                if key in item.style and isinstance(item.style[key], dict): k = item.style[key]
                sheet.put(r, x, v, fmt=fmt, **k)
            item.at[key] = (book, sheet, r, x)
        item.book, item.table_at = book, t
        t.rows.append(item)
        t.last_row = r
        count += 1
        r += 1
    for x, (a, b) in t.__dict__.get("runs", []):
        if b > a: sheet.merges.append((a, x, b, x))
    if total:
        label, fields, gap = total
        r += gap
        first_text = next(i for i, f in enumerate(columns) if f != "")
        label_at = c0 + first_text
        if hand.rng.random() < .2 and len(fields) == 1:
            key = next(iter(fields))
            i = next(i for i, f in enumerate(columns) if (f.key if isinstance(f, QField) else f) == key)
            if i > 0 and columns[i - 1] != "": label_at = c0 + i - 1
        if columns[first_text] in fields: label_at = None
        if label_at is not None: sheet.put(r, label_at, label, bold=True)
        for i, f in enumerate(columns):
            key = f.key if isinstance(f, QField) else f[1] if isinstance(f, tuple) else f
            if key not in fields: continue
            amount = fields[key]
            v, fmt = hand.spell_money(amount)
            x = c0 + i
            summed = [sheet.cells[y, x].v for y in range(t.first_row, t.last_row + 1) if (y, x) in sheet.cells] if t.rows else []
            if fmt and hand.formulas and summed and not any(isinstance(x, Sub) for x in items) and all(isinstance(y, Decimal) and y == y.quantize(model.PENNY) for y in summed): v = Formula(f"SUM({a1(t.first_row, x)}:{a1(t.last_row, x)})", amount)
            sheet.put(r, x, v, fmt=fmt, bold=True)
            t.total_at[key] = (book, sheet, r, x)
        r += 1
    t.end = r
    sheet.tables.append(t)
    return t


NOTES = ["Key: Green = on track; Amber = at risk; Red = off track; Blue = complete", "Note: figures are provisional and may be revised next quarter.", "Please return this form to the Community Safety Unit.",
         "NB only figures for the district should be given.", "Source: partner records.", "End of return"]


class Layout:
    def __init__(self, quarter, rng, allowed=None):
        self.q, self.rng, self.allowed = quarter, rng, allowed

    # --- the plan ---------------------------------------------------------------------------------------------------------------
    def plan(self):
        q, rng, need = self.q, self.rng, self.q.plan_need
        book = Book("plan")
        book.need = need
        book.fmt, book.opts = pick_format(rng, need.get("formats") or ["xlsx"] * 6 + ["ods", "xls", "xlsm"], need)
        hand = Hand(rng, book.fmt, need)
        hand.quarter, hand.prefill, hand.formulas = q.n, rng.random() < .15 and not need.get("no_prefill"), book.opts.get("formulas", False) and rng.random() < .6
        if need.get("money"): hand.money = need["money"]
        if need.get("pri"): hand._pri = need["pri"]
        shape = need.get("shape") or rng.choice(["column", "column-merged", "banners", "banners-column", "sheets", "sheets-column", "prefix"])
        q.plan_shape = shape
        if rng.random() < .6: hand.ref = "same"
        guidance = rng.random() < .4
        if guidance:
            s = book.add(rng.choice(["Guidance", "Introduction", "Contents", "Read me", "Guidance notes"]))
            for i, x in enumerate(["Community safety action plan", "Year 2022 - 23", "This plan is looked at every quarter.", "Partners send a form; the officer fills in the plan."]): s.put(i, 0, x)
            if s.name == "Guidance" and rng.random() < .5:
                for i, (x, y) in enumerate([("Colour", "Meaning"), ("Green", "On track"), ("Amber", "At risk"), ("Red", "Off track")]): s.put(6 + i, 0, x); s.put(6 + i, 1, y)
        optional = ["objective", "lead_officer", "partners", "funding_lines", "due", "success_measure", "unit", "basis", "polarity", "baseline", "target"]
        must = set(need.get("fields", [])) | {"partners", "due", "basis"}
        fields = ["ref"] + (["priority"] if shape in ("column", "column-merged", "banners-column", "sheets-column") else []) + ["action", "lead_agency"]
        extra = [f for f in optional if f in must or rng.random() < .7]
        if not any(a["funding_lines"] for a in q.actions): extra = [f for f in extra if f != "funding_lines" or f in need.get("fields", [])]
        order = fields + extra
        if rng.random() < .25 and shape not in ("banners", "banners-column"):
            rest = order[1:]; rng.shuffle(rest); order = ["ref"] + rest
        elif "objective" in order:
            order.remove("objective"); order.insert(order.index("action"), "objective")
        two = rng.choice([None, None, "low", "merged"])
        shown = q.n if rng.random() < .6 else 4
        columns, heads = list(order), {}
        for f in order: heads[f] = hand.heading("actions", f)
        # a heading must not be the same twice
        measure = {k: hand.heading("actions", k) for k in ("update", "status", "value")}
        style = rng.choice(["q1", "paren", "colon", "long"])
        for k in range(1, shown + 1):
            g = {0: f"Quarter {k}", 1: f"Q{k}", 2: ["Q1 (Apr-Jun)", "Q2 (Jul-Sep)", "Q3 (Oct-Dec)", "Q4 (Jan-Mar)"][k - 1], 3: ["April to June 2022", "July to September 2022", "October to December 2022", "January to March 2023"][k - 1]}[rng.__dict__.setdefault("_g", rng.randrange(4))]
            for name in ("update", "status", "value"):
                if two:
                    key = (g, (k, name))
                    heads[key] = measure[name]
                else:
                    key = (None, (k, name))
                    title = FIELDS["actions"][name]["title"].lower()
                    word = measure[name].strip(" *:(£)") if style != "q1" else title
                    heads[key] = {"q1": f"Q{k} {title}", "paren": f"{word} (Q{k})", "colon": f"Q{k}: {word}", "long": f"Quarter {k} {word}"}[style]
                columns.append(key)
        if rng.random() < .12: columns.insert(columns.index("action") + 1, "")
        for f, h in need.get("rename", {}).items(): heads[f] = h
        if need.get("extra"): columns.insert(columns.index("action") + 1, need["extra"][0]); heads[need["extra"][0]] = need["extra"][1]
        if not two: columns, heads = flat(columns, heads)
        title = ["Sevenoaks District Community Safety Partnership", rng.choice(["Community Safety Action Plan 2022-23", "Action Plan 2022 - 23", "Action plan 2022/23: agreed version"])]
        marking = rng.random() < .2
        groups = []
        for p in PREFIX:
            rows = [a for a in q.actions if a["ref"].startswith(p + "-")]
            if rows: groups.append((p, rows))
        head_kw = dict(two_row=two, heads=heads, merge_down=("priority", "objective") if shape == "column-merged" else ())
        bstyle = rng.choice(BANNERS)
        # fields of a merged column read by colour only or by position are covered elsewhere
        def top(s, extra=None):
            r = hand.top
            if marking: s.put(0, hand.left, "OFFICIAL"); r = max(r, 1)
            if rng.random() < .85:
                s.put(r, hand.left, title[0], bold=True); s.put(r + 1, hand.left, title[1]); r += 2
                if rng.random() < .2: s.merges.append((r - 2, hand.left, r - 2, hand.left + 4))
            if extra: s.put(r, hand.left, extra); r += 1
            return r + rng.choice([0, 1, 1, 2]) if r else 0
        if shape.startswith("sheets"):
            for p, rows in groups:
                code, _, name, aliases = PREFIX[p]
                label = rng.choice([f"{code} {p}", f"{code}", f"{(aliases or [name])[0][:25]}", f"Priority {code[1]}"]) if False else {0: f"{code} {p}", 1: f"Priority {code[1]}", 2: (aliases or [name])[0][:31]}[q.__dict__.setdefault("_sheet_style", rng.randrange(3))]
                s = book.add(clean_name(label))
                r = top(s, rng.choice([f"Priority {code[1]}: {name}", name, f"{code}: {name}"]) if rng.random() < .6 else None)
                lay_table(hand, book, s, r, hand.left, "actions", columns, rows, **head_kw)
        else:
            s = book.add(rng.choice(["Action plan", "Action Plan 2022-23", "Actions", "Plan"]))
            r = top(s)
            items = []
            for p, rows in groups:
                if shape.startswith("banners"):
                    if items and rng.random() < .3: items.append("blank")
                    items.append(("banner", banner_text(bstyle, p)))
                items += rows
            repeat = 12 if rng.random() < .15 and not shape.startswith("column-m") else 0
            t = lay_table(hand, book, s, r, hand.left, "actions", columns, items, repeat_every=repeat, banner_merge=rng.random() < .5, **head_kw)
            if rng.random() < .3:
                for i, x in enumerate(rng.sample(NOTES, 2)): s.put(t.end + 1 + i, hand.left, x)
        self.funding(book, hand)
        if rng.random() < .15:
            s = book.add(rng.choice(["Key", "Lists"]))
            for i, (x, y) in enumerate([("Colour", "Meaning"), ("Green", "On track"), ("Amber", "At risk")]): s.put(i, 0, x); s.put(i, 1, y)
        book.path = f"plan.{book.fmt}"
        book.hand = hand
        q.plan_book = book
        return book

    def funding(self, book, hand):
        q, rng, need = self.q, self.rng, self.q.plan_need
        s = book.add(rng.choice(["PCC Funding", "Funding", "Budget", "Grant", "Finance"]))
        r, c = 0, rng.choice([0, 0, 1])
        if rng.random() < .7: s.put(0, c, "PCC funded projects 2022-23"); r = rng.choice([1, 2])
        if q.award is not None:
            label = rng.choice(["Grant awarded", "Award", "Total award", "Amount awarded"])
            v, fmt = hand.spell_money(q.award)
            s.put(r, c, label + rng.choice(["", ":"])); s.put(r, c + 1, v, fmt=fmt)
            book.label_at["award"] = (book, s, r, c + 1)
            r += 2
        elif r: r += rng.choice([0, 1])
        shown = q.n if rng.random() < .6 else 4
        columns = ["line"] + [f for f in ("project", "stream", "delivery_agency", "allocation", "approval", "approved_on", "kind") if f in ("allocation", "delivery_agency") or f == "approval" and (any(l["approval"] != "approved" or "approval" in l.raw for l in q.lines) or rng.random() < .8) or f == "approved_on" and rng.random() < .7 or f in need.get("funding_fields", ()) or (f == "stream" and q.core) or rng.random() < .75]
        if rng.random() < .2:
            rest = columns[1:]; rng.shuffle(rest); columns = ["line"] + rest
        heads = {f: hand.heading("funding_lines", f) for f in columns}
        for k in range(1, shown + 1):
            key = (None, (k, "spend"))
            columns.append(key)
            heads[key] = f"Q{k} spend" + rng.choice(["", " (£)"])
        columns, heads = flat(columns, heads)
        if q.plan_forecast: columns.append("forecast"); heads["forecast"] = hand.heading("funding_lines", "forecast")
        if q.n == 4 or rng.random() < .2: columns.append("decision"); heads["decision"] = hand.heading("funding_lines", "decision")
        fix_heads(hand, "funding_lines", heads)
        total = None
        if need.get("total") or rng.random() < .5:
            sums = {"allocation": sum((l["allocation"] for l in q.lines), D(0))}
            for k in range(1, q.n):
                sums[k, "spend"] = sum((l["spend"].get(k, D(0)) for l in q.lines), D(0))
            total = (rng.choice(["Total", "TOTAL", "Total:", "Grand total"]), sums, rng.choice([0, 0, 1]) if False else 0)
        t = lay_table(hand, book, s, r, c, "funding_lines", columns, q.lines, heads=heads, total=total)
        q.funding_table = t
        if q.virements:
            cols = ["from_line", "to_line", "amount", "approved_by", "approved_on"]
            vh = {f: hand.heading("virements", f) for f in cols}
            fix_heads(hand, "virements", vh)
            where = rng.choice(["below", "below", "sheet", "beside"])
            if where == "sheet": s2 = book.add("Virements"); vr, vc = rng.choice([(0, 0), (2, 0)]); 
            elif where == "beside": s2, vr, vc = s, r, c + len(columns) + 2
            else:
                s2, vr, vc = s, t.end + 2, c
                if rng.random() < .5: s2.put(vr - 1, vc, "Virements")
            if where == "sheet" and vr: s2.put(0, 0, "Money moved between projects")
            lay_table(hand, book, s2, vr, vc, "virements", cols, q.virements, heads=vh)

    # --- a return ---------------------------------------------------------------------------------------------------------------
    def ret(self, ret, parts=None, suffix=""):
        """Lays one return out as one book, or as two where its updates and spend come apart."""
        rng, need = self.rng, ret.need
        if parts is None:
            if ret.spend and ret.updates and not need and rng.random() < .05 and not ret.claims:
                ret.books = [self.book(ret, ("updates",), " progress"), self.book(ret, ("spend", "claims"), " spend")]
                return
            parts = ("updates", "spend", "claims")
        ret.books = [self.book(ret, parts, suffix)]

    def book(self, ret, parts, suffix):
        q, rng, need = self.q, self.rng, ret.need
        book = Book("return", ret.agency)
        book.need = need
        book.fmt, book.opts = pick_format(rng, need.get("formats") or ["xlsx"] * 6 + ["ods"] * 2 + ["xls"] + ["csv"] * 3 + ["tsv", "xlsm"], need)
        hand = Hand(rng, book.fmt, need)
        book.hand = hand
        hand.quarter, hand.prefill, hand.formulas = q.n, False, book.opts.get("formulas", False) and rng.random() < .6
        for k in ("date", "money", "quiet", "agency", "ref"):
            if k in need: setattr(hand, k, need[k])
        csv = hand.text_only
        if suffix: need = {**need, "label": rng.choice(["cell", "file"])}
        if need.get("plain"): hand.ref, hand.vary, hand.money, hand.status_case = "same", False, "plain" if csv else "number", str
        label_who = need.get("label", rng.choice(["cell", "cell", "cell", "cover", "sheet", "file", "file"]))
        if "host-sheet" in AVOID and ret.said_agency == "SDC" and label_who == "sheet": label_who = "cell"
        label_when = need.get("label_quarter", label_who if rng.random() < .8 else rng.choice(["cell", "file"]))
        if csv: label_who, label_when = [("cell" if x in ("cover", "sheet") else x) for x in (label_who, label_when)]
        who = need.get("said", None) or rng.choice(AGENCIES[ret.said_agency][:3])
        year, n = ret.said_quarter or (model.YEAR, q.n)
        when = quarter_words(rng, n, year)
        if rng.random() < .3 and not csv and not need.get("no_guidance"):
            g = book.add(rng.choice(["Guidance", "Instructions"]))
            for i, x in enumerate(["How to fill in this form", "One line for each action that you lead.", "Send it back within two weeks of the end of the quarter."]): g.put(i, 0, x)
        if "cover" in (label_who, label_when):
            # On a sheet of its own: guidance, which the schema ignores, holds no labels.
            s = book.add(rng.choice(["Cover", "Front sheet", "Details"]))
            s.put(0, 0, "Quarterly return")
            r = 2
            if label_who == "cover": r = self.label(book, s, r, rng.choice([0, 1]), "partner", who)
            if label_when == "cover": r = self.label(book, s, r, 0, "quarter", when)
            if rng.random() < .4: s.put(r, 0, "Date of return"); s.put(r, 1, (q.as_of - dt.timedelta(days=1)).strftime("%d %B %Y"))
        short = {"SDC": "Sevenoaks DC"}.get(ret.said_agency, ret.said_agency)
        names = {"updates": rng.choice(["Updates", f"Q{n} Updates" if not need.get("no_groups") else "Form", "Progress", "Return", "Update", "Sheet1"]), "spend": rng.choice(["Spend", "Spend", "Expenditure", "Invoices"]), "claims": rng.choice(["Claim", "Claims"])}
        if label_who == "sheet": names["updates"] = rng.choice([x for x in (AGENCIES[ret.said_agency][1], short, f"{short} Q{n}") if len(x) < 32])
        if label_when == "sheet": names["updates"] = clean_name((short if label_who == "sheet" else "Updates") + f" Q{n} {year}")[:31]
        first = True
        sheet, r = None, 0
        together = csv or (rng.random() < .3 and need.get("together", True)) or need.get("together")
        left = hand.left
        for t in parts:
            rows = ret.tables()[t]
            if not rows and not (t == "updates" and ret.updates is rows): continue
            if not rows: continue
            fresh = sheet is None or not together
            side = False
            if fresh:
                sheet = book.add(unique(book, names[t]))
                r, left = 0, hand.left
                if csv: left = 0
            if first:
                marked = need.get("marking") or (rng.choice(["OFFICIAL", None, None, None]))
                if marked: sheet.put(0, left, marked); book.label_at["marking"] = (book, sheet, 0, left); r = 1
                r += 0 if csv else hand.top
                if rng.random() < .6:
                    sheet.put(r, left, "Sevenoaks District Community Safety Partnership"); r += 1
                    if rng.random() < .5: sheet.put(r, left, "Quarterly return of progress and spend"); r += 1
                if label_who == label_when == "cell" and rng.random() < .12 and not csv and "row-labels" not in AVOID:
                    sheet.put(r, left, "Partner:"); sheet.put(r, left + 1, who); sheet.put(r, left + 3, "Quarter:"); sheet.put(r, left + 4, when)
                    book.label_at["partner"], book.label_at["quarter"] = (book, sheet, r, left + 1), (book, sheet, r, left + 4)
                    r += 1
                    label_who_done = True
                elif label_who == "cell": r = self.label(book, sheet, r, left, "partner", who)
                if label_when == "cell" and "quarter" not in book.label_at: r = self.label(book, sheet, r, left, "quarter", when, year, n)
                if label_who == "cell" and not need and rng.random() < .15:
                    k, v = rng.choice([("Date of return", (q.as_of - dt.timedelta(days=1)).strftime("%d %B %Y")), ("Date submitted:", (q.as_of - dt.timedelta(days=2)).strftime("%d/%m/%Y")), ("Version", "1")])
                    sheet.put(r, left, k); sheet.put(r, left + 1, v); r += 1
                if need.get("stated"): 
                    k, v = need["stated"]
                    sheet.put(r, left, k); sheet.put(r, left + 1, v); r += 1
                if r: r += 1
                first = False
            elif not fresh:
                r += rng.choice([1, 2])
                side = not csv and t == "spend" and rng.random() < .2 and not (getattr(sheet.tables[-1], "two", None) and "beside-two" in AVOID)
                if rng.random() < .5 and not side: sheet.put(r, left, {"spend": "Spend this quarter", "claims": "Claim summary", "updates": "Updates"}[t]); r += 1
            elif not side and rng.random() < .3:
                sheet.put(0, left, {"spend": "Spend by document", "claims": "Claim", "updates": "Progress"}[t]); r = 1 + rng.choice([0, 1])
            if side and sheet.tables:
                up = sheet.tables[-1]
                tb = getattr(self, "table_" + t)(hand, book, sheet, up.head_row, left + len(up.cols) + 2, ret)
                r = max(tb.end, up.end)
            else:
                tb = getattr(self, "table_" + t)(hand, book, sheet, r, left, ret)
                r = tb.end
        if sheet is None:
            sheet = book.add("Updates")
        for i, x in enumerate(need.get("prose", ())): sheet.put(i, 0, x)
        if need.get("prose"): sheet.name = "Letter"
        if rng.random() < .35 and not need.get("no_notes") and not need.get("prose"):
            r = max(r, sheet.bottom() + 1) + 1
            for i, x in enumerate(rng.sample(NOTES, 2)): sheet.put(r + i, left, x)
            r += 3
            if rng.random() < .4:
                sheet.put(r, left, "Completed by:"); sheet.put(r, left + 1, rng.choice(OFFICER))
                sheet.put(r + 1, left, "Date:"); sheet.put(r + 1, left + 1, (q.as_of - dt.timedelta(days=2)).strftime("%d/%m/%Y"))
        if rng.random() < .1 and book.fmt == "xlsx" and book.opts["writer"] == "raw": sheet.stray = (rng.choice([1048575, 60000]), rng.choice([16383, 40]))
        book.path = "returns/" + self.file_name(ret, label_who, label_when, n, year, suffix, need)
        book.path += "." + (book.fmt.upper() if rng.random() < .06 else book.fmt)
        if rng.random() < .06 and not need.get("file"): book.path = "returns/" + rng.choice(["late", "Sent in by e-mail", "round 1/b"]) + "/" + book.path.removeprefix("returns/")
        return book

    def label(self, book, s, r, c, what, value, year=None, n=None):
        rng = self.rng
        words = {"partner": ["Partner", "Agency", "Organisation", "Name of organisation", "Reporting agency", "Return from"], "quarter": ["Quarter", "Period", "Reporting period", "Return for", "Reporting quarter"]}[what]
        word = rng.choice(words)
        if what == "quarter" and year and rng.random() < .06 and "ending" not in AVOID:
            y1 = int(year[:4])
            word, value = "Quarter ending", {1: f"30 June {y1}", 2: f"30 September {y1}", 3: f"31 December {y1}", 4: f"31 March {y1 + 1}"}[n]
            year = None
        split = what == "quarter" and year and year == model.YEAR and n == self.q.n and rng.random() < .15
        if split:
            value = f"Q{n}"
        style = rng.choice(["right", "right", "right-colon", "same", "two", "below"] if what == "partner" else ["right", "right", "right-colon", "same", "two"])
        if style == "below": style = "right"
        if style == "same":
            s.put(r, c, f"{word}: {value}")
            book.label_at[what] = (book, s, r, c)
        else:
            s.put(r, c, word + (":" if style != "right" or rng.random() < .3 else ""))
            x = c + (2 if style == "two" else 1)
            s.put(r, x, value)
            book.label_at[what] = (book, s, r, x)
        r += 1
        if split:
            s.put(r, c, rng.choice(["Year", "Financial year"])); s.put(r, c + 1, rng.choice([year, year.replace("-", "/"), year.replace("-", " - ")]))
            r += 1
        return r

    def file_name(self, ret, label_who, label_when, n, year, suffix, need):
        rng = self.rng
        if need.get("file"): return need["file"]
        y = rng.choice([year, year[2:], ""]) if label_when != "file" else rng.choice([year, year[2:]])
        whoname = AGENCIES[ret.agency][1 if len(AGENCIES[ret.agency][0]) < 3 and rng.random() < .9 else rng.randrange(2)]
        silent = "file" not in (label_who, label_when) and rng.random() < .3 and not need.get("named")
        tag = {"SDC": "a", "KP": "b", "KFRS": "c", "KCC": "d", "PS": "e", "NHS": "f", "WKHA": "g", "DAVSS": "h", "CGL": "i", "KWT": "j"}[ret.agency]
        if silent: name = rng.choice([f"return {tag}", f"form_{tag}", f"CSP form ({ord(tag) - 96})"])
        elif label_when != "file" and rng.random() < .4: name = rng.choice([f"{whoname}", f"{whoname} return", f"Return to Sevenoaks DC - {whoname}" if ret.agency != "SDC" else whoname])
        else:
            name = rng.choice([f"Q{n} {y} {whoname.lower()}", f"{whoname.lower().replace(' ', '-').replace('&', 'and')}-{y}-q{n}", f"{whoname} Q{n} {y} return", f"{y}_Q{n}_{whoname.replace(' ', '_')}", f"CSP return {whoname} Q{n} {y} FINAL"])
        return " ".join(name.split()).replace("--", "-").replace("/", "-").lstrip("_- ") + suffix

    def table_updates(self, hand, book, sheet, r, c, ret):
        q, rng, need = self.q, self.rng, ret.need
        rows = ret.updates
        drop = need.get("drop", ())
        fields = ["ref"]
        if ("action" in need.get("fields", ()) or rng.random() < .7): fields.append("action")
        if q.plan_shape in ("column", "column-merged") and rng.random() < .2 and "priority" not in drop or "priority" in need.get("fields", ()): fields.append("priority")
        hand._pri = self.q.plan_book.hand._pri if hasattr(self.q.plan_book.hand, "_pri") else "name"
        if "lead_agency" in need.get("fields", ()) or rng.random() < .1: fields.append("lead_agency")
        if "due" in need.get("fields", ()): fields.append("due")
        if "target" in need.get("fields", ()): fields.append("target")
        fields += ["update", "status", "value", "next_steps"]
        for f in ("as_at", "completed_on"):
            if f in need.get("fields", ()) or rng.random() < .6: fields.append(f)
        if rng.random() < .25:
            rest = fields[1:]; rng.shuffle(rest); fields = ["ref"] + rest
        two = None
        heads = {f: hand.heading("updates" if f in FIELDS["updates"] else "actions", f) for f in fields}
        columns = list(fields)
        history = need.get("history") or (q.n > 1 and rng.random() < .08 and not need.get("no_groups"))
        if history:
            for k in range(1, q.n):
                for name in ("update", "status"):
                    key = (None, (k, name)); columns.append(key); heads[key] = f"Q{k} {name}"
            for u in rows: u.q = u["act"].q if u["act"] else {}; u.act = u["act"]
            columns, heads = flat(columns, heads)
        elif rng.random() < .12 and not need.get("no_groups") and not need.get("extra") and not need.get("rename"):
            # the quarter over its own columns
            two = rng.choice(["low", "merged"])
            g = f"Quarter {q.n}"
            inner = [f for f in fields if f in ("update", "status", "value")]
            at = min(columns.index(f) for f in inner)
            columns = [f for f in columns if f not in inner]
            for i, f in enumerate(inner):
                columns.insert(at + i, (g, f))
                heads[g, f] = heads.pop(f)
                short = {"update": ["Update", "Progress", "Commentary"], "status": ["Status", "RAG", "BRAG"], "value": ["Value", "Figure", "Actual"]}
                heads[g, f] = rng.choice(short[f])
        elif rng.random() < .1 and "own-quarter" not in AVOID and not need.get("no_groups") and not need.get("extra") and not need.get("rename"):
            style = rng.choice(["Q{n} {w}", "{w} (Q{n})", "Quarter {n} {w}", "Q{n}: {w}"])
            for f, ws in (("update", ["update", "progress", "commentary"]), ("status", ["status", "RAG"]), ("value", ["value", "figure"])): heads[f] = style.format(n=q.n, w=rng.choice(ws))
        for f in drop:
            columns = [x for x in columns if x != f and not (isinstance(x, tuple) and x[1] == f)]
        if need.get("rename"):
            for f, h in need["rename"].items():
                if f in heads: heads[f] = h
        for at, key, h in need.get("extra", ()):
            columns.insert(at if at is not None else len(columns), key); heads[key] = h
        if rng.random() < .08: columns.insert(rng.randrange(1, len(columns)) if not two else len(columns), "")
        columns = trim_tail(columns)
        items = []
        banners = rng.random() < .25 and "priority" not in fields and not need.get("no_banners")
        style = rng.choice(BANNERS)
        last = None
        order = sorted(rows, key=lambda u: 0) if not banners else sorted(rows, key=lambda u: list(PREFIX).index(u["ref"].split("-")[0]) if u["act"] else 99)
        for u in order:
            p = u["priority"]
            if banners and p and p != last: items.append(("banner", banner_text(style, p))); last = p
            items.append(u)
            if rng.random() < .03 and not need.get("tight"): items.append("blank")
        if banners: ret.updates[:] = [x for x in items if isinstance(x, model.Row)]
        t = lay_table(hand, book, sheet, r, c, "updates", columns, items, two_row=two, heads=heads, repeat_every=5 if rng.random() < .06 and not two and not need.get("tight") else 0, banner_merge=rng.random() < .4)
        t.head_row, t.two = t.first_row - 1, two
        ret.updates_table = t
        return t

    def table_spend(self, hand, book, sheet, r, c, ret):
        q, rng, need = self.q, self.rng, ret.need
        rows = ret.spend
        kinds = {s["kind"] for s in rows}
        fields = ["line"] + (["project"] if rng.random() < .4 else []) + ["document", "supplier", "document_date", "amount"]
        if ret.agency in RECOVERS or rng.random() < .6 or "vat_basis" in need.get("fields", ()): fields.append("vat_basis")
        if kinds - {"actual"} or rng.random() < .6 or "kind" in need.get("fields", ()): fields.append("kind")
        fields.append("description") if rng.random() < .8 or "description" in need.get("fields", ()) or any(s["amount"] < 0 for s in rows) else None
        if rng.random() < .3:
            rest = fields[1:]; rng.shuffle(rest); fields = ["line"] + rest
        heads = {f: hand.heading("spend", f) for f in fields}
        fix_heads(hand, "spend", heads)
        columns = [f for f in fields if f not in need.get("drop_spend", ())]
        for at, key, h in need.get("extra_spend", ()):
            columns.insert(at if at is not None else len(columns), key); heads[key] = h
        total = None
        if need.get("total") or rng.random() < .4:
            total = (rng.choice(["Total", "TOTAL", "Total:", "Grand total", "Totals"]), {"amount": sum((s["amount"].quantize(model.PENNY, "ROUND_HALF_UP") for s in rows), D(0))}, rng.choice([0, 0, 0, 1]))
            if need.get("no_total"): total = None
        items, start = [], 0
        subs = total and not need and rng.random() < .25 and len({s["line"] for s in rows}) > 1 and "subtotals" not in AVOID
        for i, s in enumerate(rows):
            items.append(s)
            if subs and (i + 1 == len(rows) or rows[i + 1]["line"] != s["line"]):
                items.append(Sub(rng.choice(["Sub-total", "Subtotal", "Sub-total:"]), "amount", sum((x["amount"].quantize(model.PENNY, "ROUND_HALF_UP") for x in rows[start:i + 1]), D(0))))
                start = i + 1
            elif rng.random() < .03 and not need.get("tight"): items.append("blank")
        t = lay_table(hand, book, sheet, r, c, "spend", columns, items, heads=heads, total=total)
        t.head_row = t.first_row - 1
        ret.spend_table = t
        return t

    def table_claims(self, hand, book, sheet, r, c, ret):
        rng, need = self.rng, ret.need
        fields = ["line"] + (["project"] if rng.random() < .3 else []) + ["this_quarter", "to_date", "forecast", "explanation"]
        heads = {f: hand.heading("claims", f) for f in fields}
        fix_heads(hand, "claims", heads)
        total = None
        if (need.get("claims_total") or not need and rng.random() < .3) and not any(hand.quiet and x["forecast"] is None for x in ret.claims):
            total = (rng.choice(["Total", "TOTAL", "Total:"]), {f: sum((x[f] or D(0) for x in ret.claims), D(0)) for f in ("this_quarter", "to_date", "forecast")}, 0)
        t = lay_table(hand, book, sheet, r, c, "claims", fields, ret.claims, heads=heads, total=total)
        t.head_row = t.first_row - 1
        ret.claims_table = t
        return t


OFFICER = ["A. Example", "The CSU", "Sample Officer"]


def trim_tail(columns):
    while columns and columns[-1] == "": columns = columns[:-1]
    return columns


def flat(columns, heads):
    """One header row: a quarter's field stands by its own full heading."""
    out = []
    for f in columns:
        if isinstance(f, tuple) and f[0] is None:
            out.append(QField(f[1])); heads[QField(f[1])] = heads.pop(f)
        else: out.append(f)
    return out, heads


class Sub:
    """A subtotal among the rows."""
    def __init__(self, label, field, amount): self.label, self.field, self.amount = label, field, amount


class QField:
    """A quarter's field without a group over it."""
    def __init__(self, key): self.key = key
    def __hash__(self): return hash(self.key)
    def __eq__(self, o): return isinstance(o, QField) and o.key == self.key


def fix_heads(hand, table, heads):
    """Two fields of one table must not get the same heading."""
    seen = set()
    for f in list(heads):
        h = "".join(ch for ch in heads[f].casefold() if ch.isalnum())
        name = f if isinstance(f, str) else None
        if h in seen and name: heads[f] = FIELDS[table][name]["title"]
        seen.add("".join(ch for ch in heads[f].casefold() if ch.isalnum()))


def clean_name(s):
    return "".join("-" if ch in "[]:*?/\\" else ch for ch in s)[:31].strip()


def unique(book, name):
    name = clean_name(name)
    have = {s.name.casefold() for s in book.sheets}
    n, out = 2, name
    while out.casefold() in have: out = f"{name[:27]} ({n})"; n += 1
    return out


def pick_format(rng, formats, need):
    fmt = rng.choice(formats)
    writer = {"xlsx": rng.choice(["openpyxl", "xlsxwriter", "raw", "raw"]), "xlsm": "raw", "ods": rng.choice(["raw-ods", "raw-ods", "odfpy"]), "xls": "xlwt", "csv": "csv", "tsv": "csv"}[fmt]
    if need.get("writer"): writer = need["writer"]
    opts = {"dropdown": rng.random() < .2, "protected": rng.random() < .2, "writer": writer, "formulas": writer in ("xlsxwriter", "raw", "raw-ods"), "seed": rng.random()}
    if fmt in ("csv", "tsv"):
        opts["encoding"] = need.get("encoding") or rng.choice(["utf-8", "utf-8-sig", "utf-8-sig", "cp1252", "utf-16"])
        opts["delimiter"] = "\t" if fmt == "tsv" or opts["encoding"] == "utf-16" and rng.random() < .5 else rng.choice([",", ",", ",", ";"])
        opts["trailing"] = rng.random() < .4
        opts["eol"] = rng.choice(["\r\n", "\r\n", "\n", "\r\n", "\n"])
        opts["sep"] = rng.random() < .06 and opts["delimiter"] in ",;" and "sep" not in AVOID
        opts["lead"] = rng.choice([0, 0, 0, 0, 2])
        opts["pad"] = rng.random() < .6
    return fmt, opts
