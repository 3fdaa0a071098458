#!/usr/bin/env python3
"""ledger.py --bin PATH [--seed 1] [--count 3] [--rows 2000] [--claims 400] [--seconds S] [--keep DIR]: a made ledger against made claims, with every mismatch known.

Debit and Credit, cost centres and accounts that `[[ledger_map]]` takes to lines, some rows with a period instead of a day; documents in one row or several, claimed in one or several; VAT in rows of its own, claimed or not; postings reversed under their own number or another; the
host's payments to partners under the document's number or lumped together; documents missing, on the wrong line, with two digits exchanged, or claimed by nobody; other cost centres, earlier quarters, and lines of noise. Every F517 of the
report must be one that was made, every one made must be told at its cell, and the sheet Ledger must have every document once.
"""
import argparse
import csv
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import xlsxwriter

PARTNERS = {"KP": "Kent Police", "KWT": "Kenward Trust", "CGL": "Change Grow Live", "WKHA": "West Kent Housing Association"}
START = date(2022, 7, 1)
SUPPLIERS = ["Example Supplies", "Sample Hire Ltd", "Made-up Media", "Placeholder Print", "Anywhere Training"]


def money(p): return f"{'-' if p < 0 else ''}{abs(p) // 100}.{abs(p) % 100:02d}"


def parts(r, total, n):
    """A total in n amounts."""
    cuts = sorted(r.sample(range(1, total), n - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total])]


class Made:
    def __init__(self, seed, rows, claims):
        self.r = r = random.Random(seed)
        self.is_recovered = seed % 2 == 1
        self.lines = [f"CRG-{n:02d}" for n in range(1, 25)]
        self.centre = {line: f"CS{100 + n}" for n, line in enumerate(self.lines)}
        self.own, self.partners, self.ledger, self.truth, self.n = [], {code: [] for code in PARTNERS}, [], [], 0
        # A line is the host's or one partner's, so that a lump sum to a partner is on a line of its own.
        self.of_host, self.of_partner = self.lines[:16], dict(zip(PARTNERS, (self.lines[16 + 2 * n:18 + 2 * n] for n in range(4))))
        while len(self.own) < claims * 3 // 4: self.host_document()
        lumped = {code: r.random() < 0.5 for code in PARTNERS}
        while sum(map(len, self.partners.values())) < claims - len(self.own):
            code = r.choice(list(PARTNERS))
            self.partner_document(code, lumped[code])
        for code, is_lumped in lumped.items():
            # The first of a partner's two lines is paid in one sum where it is lumped; the second is never lumped.
            total = sum(a for line, _, _, a, *_ in self.partners[code] if line == self.of_partner[code][0])
            if is_lumped and total: self.post(self.of_partner[code][0], f"PAY-{code}", PARTNERS[code], total)
        for _ in range(max(8, claims // 25)): self.unclaimed()
        while len(self.ledger) < rows: self.noise()
        r.shuffle(self.ledger)

    def number(self): self.n += 1; return f"{self.r.choice(['INV', 'SI', 'DOC'])}-{10_000 + self.n}"

    def post(self, line, doc, supplier, amount, account="4400", description="Goods and services", day=None, period=None, centre=None):
        self.ledger.append({"centre": centre or self.centre[line], "account": account, "doc": doc, "supplier": supplier, "amount": amount, "description": description, "day": day or START + timedelta(days=self.r.randint(0, 90)), "period": period})

    def claim(self, rows, line, doc, supplier, amounts):
        for a in amounts: rows.append((line, doc, supplier, a, START + timedelta(days=self.r.randint(0, 90))))
        return len(rows) - len(amounts)

    def host_document(self):
        r, doc, supplier, amount = self.r, self.number(), self.r.choice(SUPPLIERS), self.r.randint(2_000, 60_000)
        line = r.choice(self.of_host)
        claimed = parts(r, amount, r.randint(2, 3)) if r.random() < 0.1 else [amount]
        at = self.claim(self.own, line, doc, supplier, claimed)
        how = r.choices(["one", "split", "vat", "reversed", "gross", "digits", "amount", "missing", "other line"], [45, 14, 10, 8, 3, 4, 4, 6, 4])[0]
        if how == "one": self.post(line, doc, supplier, amount)
        elif how == "split":
            for a in parts(r, amount, r.randint(2, 4)): self.post(line, doc, supplier, a)
        elif how == "vat":
            self.post(line, doc, supplier, amount)
            self.post(line, doc, supplier, amount // 5, account="9990", description="VAT input")
        elif how == "reversed":
            # Booked with the wrong amount, taken back, and booked again.
            wrong = amount + r.randint(1, 900)
            self.post(line, doc, supplier, wrong); self.post(line, doc, supplier, -wrong, description="Reversal of posting"); self.post(line, doc, supplier, amount)
        elif how == "gross":
            # Claimed with its VAT, which stands in a row of its own.
            if len(claimed) > 1: self.post(line, doc, supplier, amount)
            else:
                net = amount * 5 // 6
                self.post(line, doc, supplier, net); self.post(line, doc, supplier, amount - net, description="VAT")
        elif how in ("digits", "amount"):
            off = amount
            if how == "digits":
                s = str(amount); i = next((i for i in range(len(s) - 1) if s[i] != s[i + 1] and (i or s[1] != "0")), None)
                off = int(s[:i] + s[i + 1] + s[i] + s[i + 2:]) if i is not None else amount + 100
            else: off = amount + r.choice([-1, 1]) * r.randint(1, 1_500)
            self.post(line, doc, supplier, off)
            self.truth.append(("claim", "SDC", range(at, at + len(claimed)), "differ"))
        elif how == "missing": self.truth.extend(("claim", "SDC", range(i, i + 1), "is not in the ledger") for i in range(at, at + len(claimed)))
        else:
            other = r.choice([x for x in self.of_host if x != line])
            self.post(other, doc, supplier, amount)
            self.truth.extend(("claim", "SDC", range(i, i + 1), "has the document on") for i in range(at, at + len(claimed)))

    def partner_document(self, code, is_lumped):
        r, doc, supplier, amount = self.r, self.number(), self.r.choice(SUPPLIERS), self.r.randint(2_000, 60_000)
        line = self.of_partner[code][0] if is_lumped and r.random() < 0.6 else self.of_partner[code][1]
        at = self.claim(self.partners[code], line, doc, supplier, [amount])
        if is_lumped and line == self.of_partner[code][0]: return
        how = r.choices(["paid", "unpaid", "amount"], [6, 3, 1])[0]
        if how == "paid": self.post(line, doc, PARTNERS[code], amount)
        elif how == "amount":
            self.post(line, doc, PARTNERS[code], amount + r.choice([-1, 1]) * r.randint(1, 1_500))
            self.truth.append(("claim", code, range(at, at + 1), "differ"))

    def unclaimed(self):
        r, doc, supplier, amount, line = self.r, self.number(), self.r.choice(SUPPLIERS), self.r.randint(2_000, 60_000), self.r.choice(self.of_host)
        how = r.choice(["one", "split", "reversed", "reversed elsewhere", "before", "period", "period before"])
        if how == "one": self.post(line, doc, supplier, amount); self.truth.append(("ledger", doc, None, "nobody claimed"))
        elif how == "split":
            for a in parts(r, amount, 3): self.post(line, doc, supplier, a)
            self.truth.append(("ledger", doc, None, "nobody claimed"))
        elif how == "reversed": self.post(line, doc, supplier, amount); self.post(line, doc, supplier, -amount, description="Reversal")
        elif how == "reversed elsewhere": self.post(line, doc, supplier, amount); self.post(line, self.number(), supplier, -amount, description=f"Reversal of {doc}")
        elif how == "before": self.post(line, doc, supplier, amount, day=date(2022, 5, 3))
        elif how == "period": self.post(line, doc, supplier, amount, period=r.choice(["P04", "Period 5", "September"])); self.truth.append(("ledger", doc, None, "nobody claimed"))
        else: self.post(line, doc, supplier, amount, period=r.choice(["P02", "Period 3", "October"]))

    def noise(self): self.post(None, self.number(), self.r.choice(SUPPLIERS), self.r.choice([1, 1, 1, -1]) * self.r.randint(500, 90_000), account="7100", centre=f"HS{self.r.randint(100, 400)}")

    def write(self, folder, binary):
        returns = folder / "returns"
        returns.mkdir(parents=True)
        w = xlsxwriter.Workbook(str(folder / "plan.xlsx"))
        s = w.add_worksheet("Action plan")
        s.write_row(0, 0, ["Ref", "Priority", "Action", "Lead agency", "Timescale"])
        for n, code in enumerate(["SDC", *PARTNERS], 1): s.write_row(n, 0, [f"SAC-{n:02d}", "P1", f"Visit homes in ward {n}", code, "Ongoing"])
        s = w.add_worksheet("Funding")
        s.write_row(0, 0, ["Funding line", "Project", "Stream", "Delivery agency", "Allocation", "Approval", "Q1 spend"])
        of = {line: code for code, lines in self.of_partner.items() for line in lines}
        for n, line in enumerate(self.lines, 1): s.write_row(n, 0, [line, f"Project {n}", "Crime Reduction Grant", of.get(line, "SDC"), 900_000, "Approved", 0])
        w.close()
        for n, (code, name, rows) in enumerate([("SDC", "Sevenoaks District Council", self.own), *((c, PARTNERS[c], self.partners[c]) for c in PARTNERS)], 1):
            w = xlsxwriter.Workbook(str(returns / f"{name} Q2 2022-23.xlsx"), {"default_date_format": "dd/mm/yyyy"})
            s = w.add_worksheet("Updates")
            s.write_row(0, 0, ["Ref", "Progress this quarter", "Status"]); s.write_row(1, 0, [f"SAC-{n:02d}", "Visits made as planned.", "On track"])
            s = w.add_worksheet("Spend")
            s.write_row(0, 0, ["Funding line", "Document ref", "Supplier", "Document date", "Amount", "VAT basis", "Kind"])
            for i, (line, doc, supplier, amount, day) in enumerate(rows, 1):
                s.write_row(i, 0, [line, doc, supplier]); s.write_datetime(i, 3, day); s.write_row(i, 4, [amount / 100, "Net", "Actual"])
            w.close()
        with open(folder / "ledger.csv", "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f)
            has_period = any(p["period"] for p in self.ledger)
            out.writerow(["Posting date", "Period", "Cost centre", "Account", "Document ref", "Supplier", "Debit", "Credit", "Description"])
            for p in self.ledger:
                debit, credit = (money(p["amount"]), "") if p["amount"] >= 0 else ("", money(-p["amount"]))
                out.writerow(["" if p["period"] else p["day"].strftime("%d/%m/%Y"), p["period"] or f"P{(p['day'].month + 8) % 12 + 1:02d}", p["centre"], p["account"], p["doc"], p["supplier"], debit, credit, p["description"]])
        subprocess.run([binary, "schema", "export", folder / "schema"], check=True, capture_output=True)
        text = (folder / "schema" / "partnership.toml").read_text()
        maps = "".join(f'[[ledger_map]]\ncost_centre = "{c}"\naccount = "4400"\nline = "{line}"\n\n' for line, c in self.centre.items())
        # VAT under its own account is on the line of its cost centre; the word says what it is.
        # Or VAT is recovered, and its account is no line's.
        maps += '[[ledger_map]]\naccount = "9990"\nvat = true\n\n' if self.is_recovered else "".join(f'[[ledger_map]]\ncost_centre = "{c}"\nline = "{line}"\n\n' for line, c in self.centre.items())
        (folder / "schema" / "partnership.toml").write_text(text.replace("[thresholds]", maps + "[thresholds]", 1))


def trial(binary, seed, a):
    wrong = []
    with tempfile.TemporaryDirectory() as t:
        folder, made = Path(t), Made(seed, a.rows, a.claims)
        made.write(folder, binary)
        command = [binary, "merge", "plan.xlsx", "returns", "--quarter", "2022-23-Q2", "-o", "out.xlsx", "--report", "r.json", "--ledger", "ledger.csv", "--schema", "schema", "--as-of", "2022-10-20", "--quiet", "--fail-on", "never", "--force"]
        began = time.perf_counter()
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        took = time.perf_counter() - began
        if run.returncode: return [f"exit {run.returncode}: {run.stderr[-300:]}"], took, 0
        report = json.loads((folder / "r.json").read_text())
        said = [f for f in report["findings"] if f["code"] == "F517"]
        others = {f["code"] for f in report["findings"] if f["code"] not in ("F517", "F505", "F508", "F503", "F516", "S009")}
        if others: wrong.append(f"other findings: {sorted(others)}: {next(f['message'] for f in report['findings'] if f['code'] in others)}")
        rows = {code: [f for f in said if Path(f["path"]).name.startswith(name)] for code, name in {"SDC": "Sevenoaks District Council", **PARTNERS}.items()}
        left = list(said)
        for kind, who, at, words in made.truth:
            if kind == "claim":
                found = next((f for f in rows[who] if f in left and words in f["message"] and int(re.search(r"\d+", f["cell"])[0]) - 2 in at), None)
                if not found: wrong.append(f"not told: {who} rows {[i + 2 for i in at]} {words}")
            else:
                found = next((f for f in left if f["path"].endswith("ledger.csv") and words in f["message"] and who in f["message"]), None)
                if not found: wrong.append(f"not told: {who} {words}")
            if found: left.remove(found)
        wrong += [f"invented: {f['path']} {f['cell']} {f['message']}" for f in left]
        sheet = list(openpyxl.load_workbook(folder / "out.xlsx", data_only=True)["Ledger"].iter_rows(values_only=True))
        bad = sum(row[0] in ("Amounts differ", "On another line in the ledger", "Not in the ledger", "Nobody claimed it") for row in sheet[1:])
        if bad < len({(k, w, tuple(a or ())) for k, w, a, _ in made.truth}) - sum(len(list(a or ())) > 1 for _, _, a, _ in made.truth) - len(made.truth) // 3: wrong.append(f"the sheet Ledger has {bad} faults of {len(made.truth)}")
        claimed = sum(x for row in sheet[1:] if isinstance(x := row[6], (int, float)))
        total = sum(r[3] for r in made.own) + sum(r[3] for rows in made.partners.values() for r in rows)
        if round(claimed * 100) != total: wrong.append(f"the sheet Ledger has claims of {claimed}, not {money(total)}")
        if a.seconds and took > a.seconds: wrong.append(f"it took {took:.2f} s")
        if wrong and a.keep:
            import shutil
            shutil.copytree(folder, Path(a.keep) / f"ledger-{seed}", dirs_exist_ok=True)
    return wrong, took, len(made.truth)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=3)
    p.add_argument("--rows", type=int, default=2000)
    p.add_argument("--claims", type=int, default=400)
    p.add_argument("--seconds", type=float)
    p.add_argument("--keep")
    a = p.parse_args()
    bad, binary = 0, str(Path(a.bin).resolve())
    for seed in range(a.seed, a.seed + a.count):
        wrong, took, truth = trial(binary, seed, a)
        print(f"ledger {seed}: {truth} mismatches made, {took:.2f} s" + ("" if wrong else ", each told and none invented"))
        for line in wrong[:8]: print(f"    {line}")
        bad += bool(wrong)
    sys.exit(bool(bad))


if __name__ == "__main__": main()
