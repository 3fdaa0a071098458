#!/usr/bin/env python3
"""years.py --bin PATH [--seed 1] [--count 20] [-j 2] [--keep DIR]: random years of money, four quarters chained through the program's own workbooks.

A year has lines in three streams, approved and not; virements within and between streams, approved or not; every quarter actuals, accruals, their reversals by credit or by a negative accrual, orders, late
invoices, documents claimed twice, spend on lines that are not approved, claims without documents; and decisions that let some of what is held in. What every line comes to is added up here by itself, in
pence, from the making; the report, the workbook's Funding and Streams and the statement of every stream are compared with that to the penny, and raised less reversed with outstanding. It shares no code with the program.
"""
import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import xlsxwriter

AGENCIES = {"SDC": ("Sevenoaks District Council", True), "KP": ("Kent Police", True), "KWT": ("Kenward Trust", False), "CGL": ("Change Grow Live", False), "WKHA": ("West Kent Housing Association", False)}
STREAMS = {"CRG": "Crime Reduction Grant", "CORE": "District and partner core budgets", "OTHER": "Other external funding"}
FUNDER = {"CRG": "PCC", "CORE": "district", "OTHER": "other"}
STARTS = [date(2022, 4, 1), date(2022, 7, 1), date(2022, 10, 1), date(2023, 1, 1)]
DEADLINES = ["2022-07-20", "2022-10-20", "2023-01-20", "2023-04-20"]


def pounds(pence): return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
def pence(x):
    if x in (None, ""): return None
    if isinstance(x, str):
        m = re.fullmatch(r"(-?)(\d+)\.(\d\d)", x)
        return (-1 if m[1] else 1) * (int(m[2]) * 100 + int(m[3]))
    return round(float(x) * 100)


class Year:
    """What happens, and what it comes to."""
    def __init__(self, seed):
        self.r = r = random.Random(seed)
        self.lines = {}
        for stream in STREAMS:
            for n in range(1, r.randint(2, 5)):
                ref = f"{stream}-{n:02d}"
                approval = r.choices(["Approved", "Proposed", "Declined"], [8, 1, 0.5])[0] if n > 1 else "Approved"
                self.lines[ref] = {"ref": ref, "stream": stream, "agency": r.choice(list(AGENCIES)), "allocation": r.randint(100_000, 900_000), "approval": approval, "project": f"Project {ref} {r.randint(100, 999)}",
                                   "spend": [0, 0, 0, 0], "sent": [False] * 4, "held": [0, 0, 0, 0], "orders": [0, 0, 0, 0], "raised": 0, "reversed": 0, "in": 0, "out": 0, "forecast": r.choice([None, r.randint(50_000, 950_000)])}
        self.virements, refs = [], list(self.lines)
        for _ in range(r.randint(0, 4)):
            a, b = r.sample(refs, 2)
            by = r.choice(["OPCC grants manager", "OPCC grants manager", "", "Pending"])
            v = {"from": a, "to": b, "amount": r.randint(1_000, 40_000), "by": by}
            across = FUNDER[self.lines[a]["stream"]] != FUNDER[self.lines[b]["stream"]]
            needs = "CRG" in (self.lines[a]["stream"], self.lines[b]["stream"])
            # F527 holds what crosses funders, F513 what the grant's funder has not approved.
            v["held"] = across or needs and by in ("", "Pending", "Proposed")
            v["release"] = v["held"] and r.random() < 0.4
            if not v["held"] or v["release"]: self.lines[a]["out"] += v["amount"]; self.lines[b]["in"] += v["amount"]
            self.virements.append(v)
        self.papers, self.number = [], 0
        self.accrued = []

    def paper(self, line, q, amount, kind, **more):
        self.number += 1
        start = STARTS[q]
        p = {"line": line["ref"], "agency": line["agency"], "q": q, "doc": f"INV-{self.number:05d}", "supplier": self.r.choice(["Example Supplies", "Sample Hire Ltd", "Made-up Media"]), "date": start + timedelta(days=self.r.randint(0, 85)),
             "amount": amount, "kind": kind, "description": "Materials and room hire", "held": False, "release": False}
        p.update(more)
        self.papers.append(p)
        return p

    def quarter(self, q):
        """Invents a quarter's documents and books them."""
        r, new = self.r, []
        for line in self.lines.values():
            for _ in range(r.randint(0, 3)):
                kind = r.choices(["Actual", "Accrual", "Commitment"], [6, 2, 1])[0]
                late = q > 0 and r.random() < 0.15
                p = self.paper(line, q, r.randint(1_000, 90_000), kind)
                if late: p["date"] = STARTS[q - 1] + timedelta(days=r.randint(0, 85))
                if line["approval"] != "Approved": p["held"], p["release"] = True, r.random() < 0.4
                new.append(p)
                if kind == "Accrual" and not p["held"]: self.accrued.append({"p": p, "open": p["amount"], "closed": False})
            if r.random() < 0.12 and line["approval"] == "Approved":
                # A document that was claimed before: kept out until somebody lets it in.
                old = [p for p in self.papers if p["line"] == line["ref"] and p["kind"] == "Actual" and not p["held"] and not p.get("twice") and not p.get("again") and p["q"] <= q and not p.get("invoice")]
                if old:
                    first = r.choice(old)
                    first["twice"] = True
                    new.append(self.paper(line, q, first["amount"], "Actual", doc=first["doc"], supplier=first["supplier"], date=first["date"], held=True, release=r.random() < 0.4, again=True))
        for a in self.accrued:
            if a["closed"] or a["p"]["q"] >= q or r.random() < 0.35: continue
            line, p = self.lines[a["p"]["line"]], a["p"]
            how = r.choice(["credit", "credit", "negative", "part", "none"])
            back = a["open"] // 3 if how == "part" else a["open"]  # never the amount of a part before: that would be the same document twice
            if how == "none":
                # The invoice without a reversal: F526.
                new.append(self.paper(line, q, p["amount"], "Actual", doc=p["doc"], supplier=p["supplier"], held=True, release=r.random() < 0.4, invoice=True))
                a["closed"] = True
                continue
            kind, description = ("Accrual", "Reversal of accrual") if how == "negative" else ("Credit", "Reversal of accrual")
            new.append(self.paper(line, q, -back, kind, doc=p["doc"], supplier=p["supplier"], description=description, invoice=True))
            a["open"] -= back
            line["reversed"] += back
            if how != "part":
                a["closed"] = True
                new.append(self.paper(line, q, p["amount"] + r.randint(-500, 500), "Actual", doc=p["doc"], supplier=p["supplier"], invoice=True))
        return new

    def book(self, q, new, released):
        for p in new:
            line, out = self.lines[p["line"]], p["held"] and not (released and p["release"])
            line["sent"][q] = True
            if p["kind"] == "Commitment":
                if not out: line["orders"][q] += p["amount"]
            elif out: line["held"][q] += p["amount"]
            else: line["spend"][q] += p["amount"]
            if p["kind"] == "Accrual" and p["amount"] > 0 and not out: line["raised"] += p["amount"]

    def revised(self, line): return line["allocation"] + line["in"] - line["out"]


def book_of(path): return xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})


def write_plan(year, path):
    w = book_of(path)
    s = w.add_worksheet("Action plan")
    s.write_row(0, 0, ["Ref", "Priority", "Objective", "Action", "Lead agency", "Timescale", "Q1 update", "Q1 status", "Q2 update", "Q2 status", "Q3 update", "Q3 status", "Q4 update", "Q4 status"])
    for n, code in enumerate(AGENCIES, 1):
        s.write_row(n, 0, [f"SAC-{n:02d}", "P1", "Fewer burglaries", f"Visit homes in ward {n} and give advice", code, "Ongoing"])
    s = w.add_worksheet("Funding")
    s.write_row(0, 0, ["Funding line", "Project", "Stream", "Delivery agency", "Allocation", "Approval", "Q1 spend", "Q2 spend", "Q3 spend", "Q4 spend", "Forecast outturn", "Decision"])
    for n, line in enumerate(year.lines.values(), 1):
        s.write_row(n, 0, [line["ref"], line["project"], STREAMS[line["stream"]], line["agency"], line["allocation"] / 100, line["approval"]])
        if line["forecast"] is not None: s.write_number(n, 10, line["forecast"] / 100)
    if year.virements:
        s = w.add_worksheet("Virements")
        s.write_row(0, 0, ["From line", "To line", "Amount", "Approved by"])
        for n, v in enumerate(year.virements, 1): s.write_row(n, 0, [v["from"], v["to"], v["amount"] / 100, v["by"]])
    w.close()


def write_return(agency, q, papers, path):
    name, recovers = AGENCIES[agency]
    w = book_of(path)
    s = w.add_worksheet("Updates")
    s.write_row(0, 0, ["Partner", name])
    s.write_row(1, 0, ["Quarter", f"Q{q + 1} 2022-23"])
    s.write_row(3, 0, ["Ref", "Progress this quarter", "Status"])
    s.write_row(4, 0, [f"SAC-{list(AGENCIES).index(agency) + 1:02d}", f"Visits made in quarter {q + 1} as planned.", "On track"])
    if papers:
        s = w.add_worksheet("Spend")
        s.write_row(0, 0, ["Funding line", "Document ref", "Supplier", "Document date", "Amount", "VAT basis", "Kind", "Description"])
        for n, p in enumerate(papers, 1):
            s.write_row(n, 0, [p["line"], p["doc"], p["supplier"]])
            s.write_datetime(n, 3, p["date"])
            s.write_row(n, 4, [p["amount"] / 100, "Net" if recovers else "Gross", p["kind"], p["description"]])
    w.close()


def table(sheet):
    rows = list(sheet.iter_rows(values_only=True))
    return [dict(zip(rows[0], row)) for row in rows[1:]] if rows else []


class Wrong(Exception): pass


def run(*command):
    p = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120)
    if p.returncode not in (0, 1): raise Wrong(f"exit {p.returncode}: {p.stderr.strip()[-300:]}")
    return p


def check(year, q, folder, out, statements, wrong):
    """Compares what the program says after a quarter with what was booked."""
    report = json.loads((folder / "r.json").read_text())
    want = {}
    for ref, line in year.lines.items():
        spend = line["spend"][:q + 1]
        revised = year.revised(line)
        want[ref] = {"allocation": line["allocation"], "revised": revised, "this_quarter": spend[q], "to_date": sum(spend), "held": line["held"][q], "forecast": line["forecast"], "variance": None if line["forecast"] is None else revised - line["forecast"]}

    def differ(what, is_, should):
        if is_ != should: wrong.append(f"Q{q + 1} {what}: {is_} is not {should}")
    if report["totals"]["ties_out"] is not True: wrong.append(f"Q{q + 1} does not tie out")
    for f in report["funding"]:
        for k, v in want[f["line"]].items(): differ(f"report {f['line']} {k}", pence(f.get(k)), v)
    differ("report lines", len(report["funding"]), len(want))
    book = openpyxl.load_workbook(out, data_only=True)
    for row in table(book["Funding"]):
        line = year.lines.get(row["Funding line"])
        if not line: continue
        w, ref = want[line["ref"]], line["ref"]
        for heading, k in (("Revised allocation", "revised"), ("Spend to date", "to_date"), ("Held", "held"), ("Forecast outturn", "forecast"), ("Variance", "variance")): differ(f"Funding {ref} {heading}", pence(row[heading]), w[k])
        differ(f"Funding {ref} raised", pence(row["Accruals raised"]), line["raised"])
        differ(f"Funding {ref} reversed", pence(row["Accruals reversed"]), line["reversed"])
        differ(f"Funding {ref} open", pence(row["Accruals open"]), line["raised"] - line["reversed"])
        differ(f"Funding {ref} committed", pence(row["Committed"]), line["orders"][q])
    by_stream = {}
    for code in STREAMS:
        own = [l for l in year.lines.values() if l["stream"] == code and l["approval"] == "Approved"]
        fc = None if any(l["forecast"] is None for l in own) else sum(l["forecast"] for l in own)
        by_stream[code] = {"Allocated": sum(l["allocation"] for l in own), "Revised allocation": sum(year.revised(l) for l in own), "Spend to date": sum(sum(l["spend"][:q + 1]) for l in own), "Held": sum(l["held"][q] for l in own),
                           "Forecast outturn": fc, "Accruals raised": sum(l["raised"] for l in own), "Accruals reversed": sum(l["reversed"] for l in own)}
    for row in table(book["Streams"]):
        if row["Level"] == "Check":
            for k, v in row.items():
                if isinstance(v, (int, float)) and k != "Lines" and round(v * 100): wrong.append(f"Q{q + 1} check row {k} is {v}")
        code = next((c for c in STREAMS if row["Level"] == "Stream" and (row["Name"].startswith(c + " ") or row["Name"] == STREAMS[c])), None)
        if code:
            for k, v in by_stream[code].items(): differ(f"Streams {code} {k}", pence(row[k]), v)
    for code in STREAMS:
        own = {ref: l for ref, l in year.lines.items() if l["stream"] == code}
        path = statements / f"{code}.xlsx"
        if not path.exists():
            wrong.append(f"Q{q + 1} no statement of {code}")
            continue
        told = openpyxl.load_workbook(path, data_only=True)
        rows = [(*row, *[None] * 12) for name in ("Statement", "Reconciliation") for row in told[name].iter_rows(values_only=True)]
        text = path.with_suffix(".html").read_text()
        for other in year.lines:
            if other not in own and (other in text or any(other in str(c) for sheet in told for row in sheet.iter_rows(values_only=True) for c in row)): wrong.append(f"Q{q + 1} the statement of {code} names {other}")
        heads, seen = None, 0
        for row in rows:
            if row[0] == "Line": heads = row
            elif heads and heads != "check" and row[0] in own:
                seen += "Spend to date" in heads
                line, w, cell = own[row[0]], want[row[0]], dict(zip(heads, row))
                pairs = {"Allocation": line["allocation"], "Virements, net": line["in"] - line["out"], "Revised allocation": w["revised"], "Spend to date": w["to_date"], "Accruals outstanding": line["raised"] - line["reversed"], "Held": w["held"],
                         "Committed": line["orders"][q], "Forecast outturn": w["forecast"], "Variance": w["variance"], "Left to spend": w["revised"] - w["to_date"], **{f"Q{n + 1} spend": line["spend"][n] if n <= q else None for n in range(4)}}
                for k, v in pairs.items():
                    if k in cell: differ(f"Statement {row[0]} {k}", pence(cell[k]), v)
            elif heads and heads != "check" and row[0] == "Total":
                cell, s = dict(zip(heads, row)), by_stream[code]
                for k, v in {"Allocation": s["Allocated"], "Revised allocation": s["Revised allocation"], "Spend to date": s["Spend to date"], "Held": s["Held"], "Forecast outturn": s["Forecast outturn"], "Accruals outstanding": s["Accruals raised"] - s["Accruals reversed"]}.items():
                    if k in cell: differ(f"Statement {code} total {k}", pence(cell[k]), v)
            elif row[3:6] == ("On the lines", "In annexes", "Difference"): heads = "check"
            elif heads == "check" and isinstance(row[5], (int, float)):
                if round(row[5] * 100): wrong.append(f"Q{q + 1} the statement of {code}, {row[1]}: {row[5]}")
        if seen < 2 * len(own): wrong.append(f"Q{q + 1} the statement of {code} shows {seen} rows of {len(own)} lines")


def trial(binary, seed, keep=None):
    wrong = []
    with tempfile.TemporaryDirectory() as t:
        folder, year, decided = Path(t), Year(seed), []
        plan = folder / "plan.xlsx"
        write_plan(year, plan)
        try:
            for q in range(4):
                here = folder / f"q{q + 1}"
                (here / "returns").mkdir(parents=True)
                new = year.quarter(q)
                for agency in AGENCIES: write_return(agency, q, [p for p in new if p["agency"] == agency], here / "returns" / f"{AGENCIES[agency][0]} Q{q + 1} 2022-23.xlsx")
                out, report = here / f"out{q + 1}.xlsx", here / "r.json"
                merge = [binary, "merge", plan, here / "returns", "--quarter", f"2022-23-Q{q + 1}", "-o", out, "--report", report, "--as-of", DEADLINES[q], "--quiet", "--force"]
                run(*merge)
                released = any(p["release"] for p in new)
                # What was decided before holds on; what moves between lines is decided in the first quarter.
                if released or decided or q == 0 and any(v["release"] for v in year.virements):
                    # What may be let in is found by its document's cell; the officer accepts it.
                    found = json.loads(report.read_text())
                    rows = {(AGENCIES[p["agency"]][0], i): p for agency in AGENCIES for i, p in enumerate([p for p in new if p["agency"] == agency], 2)}
                    for f in found["findings"]:
                        at = re.fullmatch(r"[A-Z]+(\d+)", f["cell"] or "")
                        p = at and f["sheet"] == "Spend" and rows.get((Path(f["path"]).name.rsplit(" Q", 1)[0], int(at[1])))
                        v = at and f["sheet"] == "Virements" and year.virements[int(at[1]) - 2]
                        if (p and p["release"] or v and v["release"]) and f["held"] == "row": decided.append(f'[[decisions]]\nabout = "finding"\nfinding = "{f["id"]}"\ndecision = "accept"\nreason = "Agreed with the funder"\nrole = "Section 151 officer"\n')
                    (here / "d.toml").write_text("\n".join(decided))
                    run(*merge, "--decisions", here / "d.toml")
                year.book(q, new, released)
                run(binary, "statement", out, "-o", here / "statements", "--as-of", DEADLINES[q], "--quiet")
                check(year, q, here, out, here / "statements", wrong)
                plan = out
        except Wrong as e: wrong.append(f"Q{q + 1}: {e}")
        except subprocess.TimeoutExpired: wrong.append(f"Q{q + 1}: no answer in two minutes")
        if wrong and keep:
            import shutil
            shutil.copytree(folder, Path(keep) / f"year-{seed}", dirs_exist_ok=True)
    return seed, wrong


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=20)
    p.add_argument("-j", type=int, default=2)
    p.add_argument("--keep")
    p.add_argument("--show", type=int, default=10)
    a = p.parse_args()
    binary, bad = str(Path(a.bin).resolve()), 0
    with ThreadPoolExecutor(a.j) as pool:
        for seed, wrong in pool.map(lambda seed: trial(binary, seed, a.keep), range(a.seed, a.seed + a.count)):
            if wrong:
                bad += 1
                if bad <= a.show: print(f"year {seed}:", *wrong[:8], sep="\n    ", flush=True)
    print(f"{a.count} years, {4 * a.count} quarters: {bad} years that differ")
    sys.exit(bool(bad))


if __name__ == "__main__": main()
