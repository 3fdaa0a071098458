#!/usr/bin/env python3
"""layouts.py --bin PATH [--seed 1] [--count 200] [-j 1] [--keep DIR] [--only HABIT,...]: quarters laid out in people's ways, with the truth known from their making.

Every quarter is a clean plan and two to four clean returns; only the way they are laid out differs, by `habits.py`. Each amount has a fate: counted on its line, held (on its line
or on none), named by a finding, or no spend at all. Prints a summary by kind of failure and by habit; a failing quarter is shrunk to the fewest habits, tables and returns that still fail.
"""
import argparse
import collections
import datetime as dt
import json
import random
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import cells
import habits
import program
from paper import Book, Formula, Taken, a1

D = Decimal
ENDS = {1: dt.date(2022, 6, 30), 2: dt.date(2022, 9, 30)}
WHO = {  # agency: its name in a file's name, its actions, its lines
    "KP": ("kent-police", ["SAC-01", "SAC-02", "DM-01", "DM-02"], ["CRG-01", "CRG-02"]), "WKHA": ("west-kent-housing", ["ASB-01", "ASB-02"], ["CRG-03"]),
    "DAVSS": ("davss", ["DA-01", "DA-02", "DA-03"], ["CRG-04", "CRG-05"]), "CGL": ("change-grow-live", ["DM-03", "DM-04"], ["CRG-06"]), "KCC": ("kent-county-council", ["SG-01", "SG-02", "VAWG-01"], ["CRG-07"]),
}
FULL = {"KP": "Kent Police", "WKHA": "West Kent Housing Association", "DAVSS": "DAVSS", "CGL": "Change Grow Live", "KCC": "Kent County Council"}
PROJECTS = {"CRG-01": "Town marshals", "CRG-02": "Rural kits", "CRG-03": "Estate days", "CRG-04": "Helpline training", "CRG-05": "Locks and alarms", "CRG-06": "Street outreach", "CRG-07": "Junior citizens"}
PRIORITY = {"SAC": "Serious and Acquisitive Crime including Crime Trends", "ASB": "Anti-Social Behaviour including Environmental Crime & Rogue Trading", "DA": "Domestic Abuse",
            "SG": "Safeguarding (including Mental Health, Prevent, Human Trafficking, Modern Slavery, CSE, Vulnerable Adults and Protecting Children", "VAWG": "Violence against Women & Girls including Stalking & Harassment", "DM": "Drug Misuse & County Lines"}
WORK = ["Mark bicycles at the stations", "Give farms a security survey", "Hold outreach at the leisure centre", "Brief housing officers on cuckooing", "Chair the case panel", "Clear graffiti from play areas", "Keep the one stop shop open",
        "Train helpline volunteers", "Fit locks for people at risk", "Talk to people on the street", "Link people with treatment", "Train door staff", "Hold assemblies on safety online", "Walk the night-time routes"]
SUPPLIERS = ["Example Print Ltd", "Sample Training CIC", "Specimen Hire Ltd", "Model Venues", "Demo Catering", "Test Signs Ltd"]
ITEMS = ["Leaflets", "Hall hire", "Trainer's fee", "Banner", "Session fees", "Equipment hire"]
HEADS = {"ref": ["Ref", "Action No", "Ref No"], "action": ["Action"], "update": ["Progress this quarter", "Update", "Commentary"], "status": ["Status", "RAG", "BRAG rating"], "value": ["Measure value", "Figure this quarter"], "next_steps": ["Next steps"],
         "line": ["Funding line", "Line ref", "Grant line"], "project": ["Project"], "document": ["Document ref", "Invoice no", "Voucher"], "supplier": ["Supplier", "Payee"], "document_date": ["Document date", "Invoice date"], "amount": ["Amount", "Net amount", "Cost (£)"],
         "vat_basis": ["VAT basis"], "kind": ["Kind"], "description": ["Description", "What for"], "this_quarter": ["Spend this quarter", "This quarter (£)"], "to_date": ["Spend to date"], "forecast": ["Forecast outturn"], "explanation": ["Explanation"]}
FIELDS = {"updates": ["ref", "action", "update", "status", "value", "next_steps"], "spend": ["line", "document", "supplier", "document_date", "amount", "vat_basis", "kind", "description"],
          "claims": ["line", "project", "this_quarter", "to_date", "forecast", "explanation"]}
MONEY = {"spend": "amount", "claims": "this_quarter"}
WRITERS = {"xlsx": ["xlsxwriter", "openpyxl"], "ods": ["odfpy"], "xls": ["xlwt"], "csv": ["csv"]}


class Record:
    """One row of a table. `v` what is written by field, `at` where; `fate` of its amount: counted, held, held-on-no-line, named, ragged (its record is no money), any (not for this
    test to say), none (no spend); of an update: counted or none."""
    def __init__(self, table, v): self.table, self.v, self.at, self.fate, self.amount = table, v, {}, "counted", v.get(MONEY.get(table))


class Table:
    """A table before and after it stands on a sheet. `items` are its rows from above to below: ("head", fields), Record, ("blank",), ("text", column or field, words), ("total", {field or column: value}).
    `after` is what a habit does once it stands; `loose` are amounts that stand outside it: (row, column, amount, fate)."""
    def __init__(self, kind, records, rng, agency):
        self.kind, self.records, self.agency, self.sheet, self.loose, self.after, self.texts = kind, records, agency, None, [], [], []
        self.fields = [f for f in FIELDS[kind] if f in ("ref", "update", "status", "line", "document", "document_date", "this_quarter", "vat_basis", "description", MONEY.get(kind)) or rng.random() < .7]
        self.heads = {f: rng.choice(HEADS[f]) for f in FIELDS[kind]}
        self.title, self.money_style, self.left, self.book = None, rng.choice(["number", "number", "pounds", "commas"]), 0, None
        self.items = [("head", self.fields), *records]
        self.header_row = self.first = self.last = self.end = None

    def column(self, field): return self.left + self.fields.index(field)

    def place(self, sheet, r, c):
        """Puts the items on the sheet from row r, column c."""
        self.sheet, self.left, self.top, fields = sheet, c, r, self.fields
        for item in self.items:
            if isinstance(item, Record):
                item.row, item.sheet = r, sheet
                for i, f in enumerate(fields):
                    x = self.spell(item.v.get(f))
                    if x is not None: sheet.put(r, c + i, x); item.at[f] = (r, c + i)
                self.first = r if self.first is None else self.first
                self.last = r
            elif item[0] == "head":
                fields = item[1]
                for i, f in enumerate(fields): sheet.put(r, c + i, self.heads[f] if f else None)
                self.header_row = r if self.header_row is None else self.header_row
            elif item[0] == "text": sheet.put(r, c + (item[1] if isinstance(item[1], int) else fields.index(item[1])), item[2]); self.texts.append(r)
            elif item[0] == "total":
                for f, x in item[1].items():
                    at = c + (f if isinstance(f, int) else fields.index(f))
                    sheet.put(r, at, x(self, r, at) if callable(x) else self.spell(x))
            r += 1
        self.end, self.right = r - 1, c + len(self.fields) - 1
        for f in self.after: f()

    def spell(self, x):
        if isinstance(x, habits.Worked) and self.book.writer != "csv": return Formula(f"={x}*1", D(x))
        if not isinstance(x, D) or self.money_style == "number" and self.book.writer != "csv": return x
        return {"pounds": f"£{x:,.2f}", "commas": f"{x:,.2f}"}.get(self.money_style, f"{x:.2f}") if x >= 0 else f"-{-x:.2f}"


class Made:
    """A quarter and its truth, made from a spec: {seed, quarter, returns: [{agency, writer, arrange, tables: {kind: [habits]}}]}. The same spec makes the same files."""
    def __init__(self, spec):
        self.spec, self.quarter, self.books, self.tables = spec, spec["quarter"], [], []
        self.expected, self.may, self.docs = [], [], 0
        for r in spec["returns"]: self.ret(r)
        self.books.append(self.plan())

    def args(self): return ["plan.xlsx", "returns", "--quarter", f"2022-23-Q{self.quarter}", "--as-of", (ENDS[self.quarter] + dt.timedelta(days=9)).isoformat()]

    def expect(self, codes, table, *at):
        """A finding of one of these codes stands on each of these cells."""
        self.expected.append(dict(codes=codes.split(), path=table.book.path, sheet=None if table.book.writer == "csv" else table.sheet.name, cells=at))

    def allow(self, codes, table): self.may += [(code, table.book.path) for code in codes.split()]

    def plan(self):
        book = Book("plan.xlsx", "xlsxwriter")
        s = book.add("Action plan")
        for c, h in enumerate(["Ref", "Priority", "Action", "Lead agency", "Timescale"]): s.put(0, c, h)
        refs = [(ref, a) for a in WHO for ref in WHO[a][1]]
        for r, ((ref, agency), text) in enumerate(zip(refs, WORK), 1):
            for c, x in enumerate([ref, PRIORITY[ref.split("-")[0]], text, agency, "Ongoing"]): s.put(r, c, x)
        s = book.add("PCC Funding")
        for c, h in enumerate(["Funding line", "Project", "Stream", "Delivery agency", "Allocation", "Approval", "Q1 spend"]): s.put(0, c, h)
        for r, (line, agency) in enumerate([(line, a) for a in WHO for line in WHO[a][2]], 1):
            for c, x in enumerate([line, PROJECTS[line], "CRG", agency, D("5000.00"), "Approved", self.before(line) if self.quarter > 1 else None]): s.put(r, c, x)
        return book

    @staticmethod
    def before(line): return D(900 + 7 * int(line[-2:])) + D("0.25")

    def ret(self, spec):
        agency = spec["agency"]
        rng = random.Random(f"{self.spec['seed']}/{agency}")
        book = Book(f"returns/{WHO[agency][0]}-q{self.quarter}-2022-23.{next(k for k, v in WRITERS.items() if spec['writer'] in v)}", spec["writer"])
        self.books.append(book)
        made = self.records(agency, spec["tables"], rng)
        for kind in [k for k in spec["tables"] if k.endswith("/2")]:   # the second half of the rows stands in a table of its own
            first = kind[:-2]
            half = len(made[first]) // 2
            made[first], made[kind] = made[first][:half], made[first][half:]
        tables = {kind: Table(kind.split("/")[0], made[kind], random.Random(f"{self.spec['seed']}/{agency}/{kind}"), agency) for kind in spec["tables"]}
        for kind, t in tables.items():
            t.book = book
            self.tables.append(t)
            for h in spec["tables"][kind]: habits.apply(h, self, t, random.Random(f"{self.spec['seed']}/{agency}/{kind}/{h}"))
        self.arrange(book, spec, tables, random.Random(f"{self.spec['seed']}/{agency}/arrange"))

    def arrange(self, book, spec, tables, rng):
        """Where the tables stand: each on a sheet of its own, one below the other with titles, or side by side with headings a row or two apart."""
        how, sheet, names = spec["arrange"], None, {"updates": "Updates", "spend": "Spend", "claims": "Claim"}
        kinds = list(tables)
        for kind, t in tables.items():
            if sheet is None or how == "apart":
                sheet, r, c = book.add(names[t.kind] + kind[len(t.kind):].replace("/", " ")), 0, 0
                if "labels" in spec: r = self.labels(sheet, spec["agency"], rng)
            elif how == "below":
                r, c = sheet.bottom() + 2 + rng.choice([0, 0, 1]), 0
                sheet.put(r, 0, rng.choice({"updates": ["Updates", "Progress"], "spend": ["Spend", "Spend by document", "Expenditure this quarter"], "claims": ["Claim", "Claim summary"]}[t.kind]))
                r += rng.choice([1, 1, 2])
            else: r, c = max(0, tables[kinds[kinds.index(kind) - 1]].header_row + rng.choice([-1, 1, 0, 2])), sheet.right() + 2 + rng.choice([0, 0, 1])
            if t.title: sheet.put(r, c + t.left, t.title); r += rng.choice([1, 2])
            t.place(sheet, r, c + t.left)

    def labels(self, sheet, agency, rng):
        style, q = rng.choice(["pairs", "one", "row"]), rng.choice([f"Q{self.quarter} 2022-23", f"2022/23 Quarter {self.quarter}", ["", "April to June 2022", "July to September 2022"][self.quarter]])
        r = 0
        if rng.random() < .7: sheet.put(0, 0, rng.choice(["Sevenoaks District Community Safety Partnership", "Quarterly return", "OFFICIAL"])); r = rng.choice([1, 2])
        if style == "pairs": sheet.put(r, 0, "Partner:"); sheet.put(r, 1, FULL[agency]); sheet.put(r + 1, 0, "Quarter"); sheet.put(r + 1, 1, q); r += 2
        elif style == "one": sheet.put(r, 0, f"Agency: {FULL[agency]}"); sheet.put(r + 1, 0, f"Reporting period: {q}"); r += 2
        else: sheet.put(r, 0, "Organisation"); sheet.put(r, 1, FULL[agency]); sheet.put(r, 3, "Quarter:"); sheet.put(r, 4, q); r += 1
        return r + rng.choice([0, 1, 1, 2])

    def records(self, agency, kinds, rng):
        out, (_, refs, lines) = {}, WHO[agency]
        text = dict(zip([ref for a in WHO for ref in WHO[a][1]], WORK))
        place = ["Swanley", "Edenbridge", "Westerham", "Otford", "Kemsing"]
        out["updates"] = [Record("updates", dict(ref=ref, action=text[ref], update=f"{rng.randint(21, 480)} people came in {rng.choice(place)}, and we heard no complaint ({ref}).", status=rng.choice(["On track", "Green", "On track", "Not started"]), value=rng.randint(31, 90),
                                             next_steps=rng.choice([None, "Carry on as planned"]))) for ref in refs]
        money, self_lines = collections.defaultdict(D), list(lines)
        only_claimed = {lines[-1]} if "claims" in kinds and ("spend" not in kinds or len(lines) > 1 and rng.random() < .5) else set()
        if "spend" not in kinds: only_claimed = set(lines)
        out["spend"] = []
        for line in self_lines:
            if line in only_claimed: continue
            for i in range(rng.randint(2, 4)):
                self.docs += 1
                v = dict(line=line, document=f"INV-{4100 + self.docs + self.spec['seed'] % 97}", supplier=rng.choice(SUPPLIERS), document_date=ENDS[self.quarter] - dt.timedelta(days=rng.randint(1, 85)), amount=D(rng.randint(2500, 19999)) / 100, vat_basis="Net", kind="Actual", description=rng.choice(ITEMS))
                out["spend"].append(Record("spend", v))
                money[line] += v["amount"]
        for line in only_claimed: money[line] = D(rng.randint(20000, 90000)) / 100
        out["claims"] = []
        for line in self_lines:
            before = self.before(line) if self.quarter > 1 else D(0)
            v = dict(line=line, project=PROJECTS[line], this_quarter=money[line], to_date=before + money[line], forecast=D("5000.00"), explanation="Spending is as planned.")
            rec = Record("claims", v)
            if line not in only_claimed: rec.fate = "none"
            out["claims"].append(rec)
        return out

    # --- the truth ----------------------------------------------------------------------------------------------------------------
    def money(self):
        """Every amount that stands under an amount heading or was put elsewhere: dicts of path, sheet, cell, amount, line, fate, table."""
        out = []
        for t in self.tables:
            sheet = None if t.book.writer == "csv" else t.sheet.name
            for rec in t.records:
                f = MONEY.get(t.kind)
                if f and f in rec.at: out.append(dict(path=t.book.path, sheet=sheet, at=rec.at[f], amount=str(rec.amount), line=rec.v.get("line"), fate=rec.fate, table=t.kind, commitment=rec.v.get("kind") == "Commitment"))
            out += [dict(path=t.book.path, sheet=sheet, at=(r, c), amount=str(x), line=None, fate=fate, table=None, commitment=False) for r, c, x, fate in t.loose]
        return out

    def truth(self):
        updates = {}
        for t in self.tables:
            for rec in t.records if t.kind == "updates" else ():
                if rec.fate == "counted": updates[rec.v["ref"]] = dict(status={"Green": "on-track", "On track": "on-track", "Not started": "not-started"}[rec.v["status"]], value=str(rec.v["value"]) if "value" in t.fields else None, update=rec.v["update"])
        used = {h: habits.HABITS[h].ordinary for r in self.spec["returns"] for hs in r["tables"].values() for h in hs}
        return dict(spec=self.spec, args=self.args(), money=self.money(), updates=updates, expected=self.expected, may=self.may, lines=[line for a in WHO for line in WHO[a][2]], habits=used, ordinary=all(used.values()))

    def write(self, folder):
        for b in self.books: b.write(folder)
        (folder / "truth.json").write_text(json.dumps(self.truth(), indent=1, default=str))


def spec_for(seed, only=()):
    """Which agencies, which tables, in what format, arranged how, with which habits."""
    rng = random.Random(seed)
    returns, tame = [], rng.random() < .5
    for agency in rng.sample(list(WHO), rng.randint(2, 4)):
        tables = rng.choice([["updates", "spend"], ["updates", "spend"], ["updates", "spend", "claims"], ["updates", "claims"], ["updates"]])
        writer = rng.choice(["xlsxwriter"] * 4 + ["openpyxl"] * 2 + ["csv"] * 3 + ["odfpy"] * 2 + ["xlwt"])
        how = "below" if writer == "csv" else rng.choice(["apart", "apart", "below", "beside"])
        if how == "beside" and len(tables) == 3: how = "below"
        elif how != "beside": tables = [x for k in tables for x in ([k, k + "/2"] if k != "claims" and rng.random() < .12 else [k])]
        got = {}
        for kind in tables:
            pool = [h for h in habits.fitting(kind.split("/")[0], writer, how, last=kind == tables[-1]) if (h in only if only else habits.HABITS[h].ordinary or not tame)]
            got[kind] = habits.choose(rng, pool, 1 if only else rng.choice([0, 1, 1, 2, 3]))
        returns.append(dict(agency=agency, writer=writer, arrange=how, tables=got, **({"labels": True} if rng.random() < .5 else {})))
    return dict(seed=seed, quarter=rng.choice([1, 2, 2]), returns=returns)


# --- checking ------------------------------------------------------------------------------------------------------------------------
def judge(truth, report, folder):
    """-> [(kind, sentence)]: silent (lost, and in no finding), lost, doubled, noisy, unsaid, wrong, untied, miscounted."""
    out = []
    findings = [f for f in report["findings"] if f["code"] != "S009"]
    left = list(findings)
    for e in truth["expected"]:
        hits = [f for f in findings if f["code"] in e["codes"]]
        for r, c in e["cells"]:
            if not any(program.speaks_for(f, e["path"], e["sheet"], r, c) for f in hits): out.append(("unsaid", f"{e['path']} {e['sheet'] or ''}!{a1(r, c)}: no {' or '.join(e['codes'])}"))
        left = [f for f in left if not (f["code"] in e["codes"] and any(program.speaks_for(f, e["path"], e["sheet"], r, c) for r, c in e["cells"]))]
    may = {tuple(m) for m in truth["may"]}
    for f in left:
        if (f["code"], f["path"]) not in may: out.append(("noisy", f"{f['code']} {f['path']} {f['sheet'] or ''}!{f['cell']}: {f['message'][:160]}"))
    # money, line by line
    lines = {f["line"]: f for f in report["funding"]}
    totals = report["totals"]["money"]
    def held_by_finding(m): return [f["code"] for f in findings if f["held"] != "none" and (program.speaks_for(f, m["path"], m["sheet"], *m["at"]) or f["held"] in ("return", "table") and f["path"] == m["path"] or f["held"] == "row" and f["path"] == m["path"] and on_row(f, m))]
    for line in truth["lines"]:
        due = [m for m in truth["money"] if m["line"] == line and m["fate"] == "counted"]
        want, got = sum((D(m["amount"]) for m in due), D(0)), D(lines[line]["this_quarter"]) if line in lines else D(0)
        if want == got: continue
        gone = [m for m in due if held_by_finding(m)]
        if got == want - sum((D(m["amount"]) for m in gone), D(0)): out.append(("noisy", f"{line}: {want - got} is held ({', '.join(sorted({c for m in gone for c in held_by_finding(m)}))}) and nothing is wrong with it"))
        elif got < sum((D(m["amount"]) for m in due if not any(program.speaks_for(f, m["path"], m["sheet"], *m["at"]) for f in findings)), D(0)): out.append(("silent", f"{line}: this quarter {got}, the rows say {want}, and not all that is missing stands in a finding; {explain(want - got, truth['money'])}"))
        else: out.append(("lost" if got < want else "doubled", f"{line}: this quarter {got}, the rows say {want}; {explain(want - got, truth['money'])}"))
    held = sum((D(m["amount"]) for m in truth["money"] if m["fate"].startswith("held")), D(0))
    open_ = any(m["fate"] == "any" for m in truth["money"])
    if not open_ and not any(k in ("noisy", "silent", "lost", "doubled") for k, _ in out) and D(totals["held"]) != held: out.append(("lost" if D(totals["held"]) < held else "doubled", f"held {totals['held']}, the rows to be held say {held}"))
    nowhere = sum((D(m["amount"]) for m in truth["money"] if m["fate"] == "held-on-no-line"), D(0))
    if not out and not open_ and "held_on_no_line" in totals and D(totals["held_on_no_line"]) != nowhere: out.append(("wrong", f"held on no line {totals['held_on_no_line']}, should be {nowhere}"))
    for m in truth["money"]:
        if m["fate"] == "named" and not any(program.speaks_for(f, m["path"], m["sheet"], *m["at"]) for f in findings): out.append(("silent", f"{m['path']} {m['sheet'] or ''}!{a1(*m['at'])}: {m['amount']} is in no sum and in no finding"))
    # updates
    actions = {a["ref"]: a for a in report["actions"]}
    for ref, w in truth["updates"].items():
        a = actions.get(ref)
        if a is None or not a["reports"]: out.append(("lost", f"{ref}: its update is not there")); continue
        for k in ("status", "update", "value"):
            if w[k] is not None and " ".join(str(a[k]).split()) != " ".join(w[k].split()): out.append(("wrong", f"{ref}: {k} {str(a[k])[:80]!r}, the return says {w[k][:80]!r}"))
    out += [("untied", x) for x in program.identities(report)]
    for s in report["sources"]:
        if s["role"] == "return" and not any(f["code"] == "H114" and f["path"] == s["path"] for f in findings): out += [("miscounted", f"{s['path']} {x}") for x in cells.differences(s, folder / s["path"])]
    return out


def on_row(f, m):
    if not f["cell"] or m["sheet"] is not None and f["sheet"] != m["sheet"]: return False
    a, _, x, _ = program.corners(f["cell"])
    return a <= m["at"][0] <= x


def explain(difference, money):
    """Which amounts a difference is, where one or two of them say."""
    for m in money:
        if abs(difference) == D(m["amount"]): return f"the difference is {m['path']} {m['sheet'] or ''}!{a1(*m['at'])} ({m['fate']})"
    for i, m in enumerate(money):
        for n in money[:i]:
            if abs(difference) == D(m["amount"]) + D(n["amount"]): return f"the difference is {m['path']} {m['sheet'] or ''}!{a1(*m['at'])} and {a1(*n['at'])}"
    return f"the difference is {difference}"


def trial(binary, spec, keep=None):
    """Makes, runs and judges one quarter."""
    with tempfile.TemporaryDirectory() as t:
        folder = Path(t, "in").resolve()
        try:
            made = Made(spec)
            made.write(folder)
        except Taken: return [("undrawn", "")]
        truth = json.loads((folder / "truth.json").read_text())
        try:
            report, _ = program.merge(binary, folder, truth["args"], Path(t, "out"))
            bad = judge(truth, program.relative(report, folder), folder)
        except program.Crashed as e: bad = [("crashed", str(e))]
        if keep: program.keep(folder, keep)
        return bad


def signature(kind, why):
    """What makes two failures the same: the kind, and for findings the code."""
    return kind, why.split()[0] if kind == "noisy" else why.rsplit(": no ", 1)[1] if kind == "unsaid" else ""


def shrink(binary, spec, sign):
    """The smallest spec that still fails in the same way: returns, tables and habits are left out one at a time. A return without updates is none here: it would leave out actions."""
    def fails(s): return sign in {signature(*x) for x in trial(binary, s)}
    changed = True
    while changed:
        changed = False
        for smaller in smaller_ones(spec):
            if fails(smaller): spec, changed = smaller, True; break
    return spec


def smaller_ones(spec):
    rs = spec["returns"]
    for i, r in enumerate(rs):
        if len(rs) > 1: yield dict(spec, returns=rs[:i] + rs[i + 1:])
        def swap(**k): return dict(spec, returns=rs[:i] + [{**r, **k}] + rs[i + 1:])
        for kind, hs in r["tables"].items():
            if not kind.startswith("updates") and kind + "/2" not in r["tables"]: yield swap(tables={k: v for k, v in r["tables"].items() if k != kind})
            for h in hs: yield swap(tables={**r["tables"], kind: [x for x in hs if x != h]})
        if "labels" in r: yield dict(spec, returns=rs[:i] + [{k: v for k, v in r.items() if k != "labels"}] + rs[i + 1:])
        if r["arrange"] != "apart" and r["writer"] != "csv": yield swap(arrange="apart")


def each(binary, a):
    """One habit a quarter: what fails, habit by habit, and the first reason."""
    for name, h in habits.HABITS.items():
        tried, bad, seed = 0, collections.Counter(), a.seed
        while tried < a.count:
            spec = spec_for(seed, [name])
            seed += 1
            if not any(hs for r in spec["returns"] for hs in r["tables"].values()): continue
            tried += 1
            first = {}
            for kind, why in trial(binary, spec): first.setdefault(signature(kind, why), why)
            for sign, why in first.items(): bad[sign] += 1; bad[sign, "why"] = bad[sign, "why"] or f"{spec['seed']}: {why}"
        signs = [x for x in bad if not isinstance(x[0], tuple)]
        print(f"{'ok  ' if not signs else 'FAIL'} {name}{'' if h.ordinary else ' (faulty)'}", *[f"{bad[x]}/{tried} {' '.join(x)}: {bad[x, 'why'][:200]}" for x in signs], sep="\n       ")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=200)
    p.add_argument("-j", type=int, default=1)
    p.add_argument("--keep", help="where failing quarters are kept, shrunk")
    p.add_argument("--only", default="", help="habits, with commas; each table then has one of them")
    p.add_argument("--each", action="store_true", help="each habit by itself: --count quarters that have it, and a line of what failed")
    p.add_argument("--show", type=int, default=8, help="failures told in full")
    p.add_argument("--write", help="write the quarters here and run nothing")
    a = p.parse_args()
    binary, only = str(Path(a.bin).resolve()), [x for x in a.only.split(",") if x]
    if a.each: return each(binary, a)
    specs = [spec_for(s, only) for s in range(a.seed, a.seed + a.count)]
    if a.write:
        for s in specs: Made(s).write(Path(a.write, str(s["seed"])))
        return
    tally, by_habit, tried, shown, ordinary, bad_quarters = collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter(), 0, 0
    with ThreadPoolExecutor(a.j) as pool:
        for spec, bad in zip(specs, pool.map(lambda s: trial(binary, s), specs)):
            if bad == [("undrawn", "")]: tally["undrawn"] += 1; continue
            used = {h for r in spec["returns"] for hs in r["tables"].values() for h in hs} or {"(none)"}
            tried.update(used)
            ordinary += all(h == "(none)" or habits.HABITS[h].ordinary for h in used)
            bad_quarters += bool(bad)
            tally.update({k for k, _ in bad})
            for sign in sorted({signature(*x) for x in bad}):
                kind, code = sign
                least = shrink(binary, spec, sign) if a.keep or sum(shown.values()) < a.show else None
                if least is None: by_habit[sign, "not shrunk"] += 1; continue
                name = "+".join(sorted({h for r in least["returns"] for hs in r["tables"].values() for h in hs})) or least["returns"][0]["arrange"]
                by_habit[sign, name] += 1
                if shown[sign, name]: continue
                shown[sign, name] += 1
                keep = Path(a.keep, "-".join(x for x in (kind, code.replace(" ", "-"), name, str(spec["seed"])) if x)) if a.keep else None
                why = [w for k, w in trial(binary, least, keep) if signature(k, w) == sign]
                if keep: (keep / "why.txt").write_text("\n".join(why) + "\n")
                print(f"{kind}: quarter {spec['seed']}, {name} ({least['returns'][0]['writer']}, {least['returns'][0]['arrange']})", *why[:3], sep="\n    ")
    print(f"\n{len(specs)} quarters ({ordinary} ordinary), {bad_quarters} with a failure;", ", ".join(f"{k} {tally[k]}" for k in ("silent", "lost", "doubled", "noisy", "unsaid", "wrong", "untied", "miscounted", "crashed", "undrawn")))
    for ((kind, code), name), n in by_habit.most_common(): print(f"  {n:4} {kind} {code}: {name}" + (f" (of {tried[name]})" if name in tried else ""))
    sys.exit(bool(bad_quarters))


if __name__ == "__main__": main()
