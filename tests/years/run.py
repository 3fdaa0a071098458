"""Runs an officer's year, Q1 to Q4 and on into the next, and compares every figure and text with what was meant.

    python3 tests/years/run.py --bin target/debug/csp-bridge [--keep DIR] [-v]

Each quarter: forms from the plan, filled in; eleven returns in their own hands; a run; the officer's decisions (a file in Q1 and Q3, the
Decisions sheet in Q2 and Q4); the run again. Its workbook is the next quarter's plan. A figure, status or text that is not as meant has to
be named by a finding on its file; what is found has to be on the list of what is argued as real (`found.csv`), or is noise. Exit 0: nothing
wrong in silence, and no noise.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parent))
import hands
import truth

FOUND_FILE = Path(__file__).with_name("found.csv")


class Year:
    def __init__(self, binary, folder, loud):
        self.bin, self.dir, self.loud = binary, folder, loud
        self.wrong, self.noise, self.named, self.checked = [], [], [], 0
        self.argued = []
        for line in FOUND_FILE.read_text(encoding="utf-8").splitlines()[1:]:
            quarter, file, code, where, why = line.split(",", 4)
            self.argued.append((quarter, file, code, where, why))
        self.used, self.told = set(), set()

    def call(self, *args, allowed=(0, 1)):
        done = subprocess.run([str(self.bin), *map(str, args)], cwd=self.dir, capture_output=True, text=True, timeout=300)
        if done.returncode not in allowed:
            raise SystemExit(f"{' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    # --- one quarter ---

    def merge(self, plan, quarter, decisions=None):
        out = f"consolidated-q{quarter}.xlsx"
        args = ["merge", plan, f"returns-q{quarter}", "--quarter", f"{truth.YEAR}-Q{quarter}", "--as-of", truth.AS_OF[quarter - 1], "--schema", "schema",
                "-o", out, "--force", "--report", f"report-q{quarter}.json", "--report", f"report-q{quarter}.html", "--decisions-out", f"open-q{quarter}.toml"]
        self.said = self.call(*args, *(["--decisions", decisions] if decisions else []))
        return json.loads((self.dir / f"report-q{quarter}.json").read_text()), out

    def quarter(self, plan, quarter):
        returns = self.dir / f"returns-q{quarter}"
        returns.mkdir()
        for hand in hands.BY_HAND:
            hand(returns, quarter)
        self.call("templates", plan, "--quarter", f"{truth.YEAR}-Q{quarter}", "-o", f"forms-q{quarter}", "--schema", "schema", "--as-of", truth.AS_OF[quarter - 1])
        for agency in hands.BY_FORM:
            if agency == "NPS" and quarter < 3:
                continue
            found = [p for p in (self.dir / f"forms-q{quarter}").iterdir() if squeezed(re.sub("[^a-z]", " ", truth.AGENCIES[agency].lower())).replace(" ", "-") in p.stem]
            if not found:
                raise SystemExit(f"no form for {agency} in Q{quarter}: {sorted(p.name for p in (self.dir / f'forms-q{quarter}').iterdir())}")
            mine = returns / found[0].name
            shutil.copy(found[0], mine)
            hands.fill_form(mine, agency, quarter, {"MHA": "xlsx", "HAV": "ods" if quarter % 2 else "xlsx+", "NPS": "xlsx"}[agency])
        report, out = self.merge(plan, quarter)
        taken = self.decide(report, out, quarter, before=getattr(self, "kept", ""))
        if taken:
            report, out = self.merge(plan, quarter, taken)
        self.compare(report, quarter)
        self.workbook(out, quarter)
        return out

    # --- decisions ---

    ANSWERS = {"commentary on progress": "Progress this quarter", "paid to": "Supplier", "for": "Description", "year to date": "Measure value",
               "forecast for the year": "Forecast", "baseline 2022/23": "Baseline"}

    def answer(self, finding):
        """What the officer settles, as a person who knows what was meant: headings in the partners' words; columns that say nothing new."""
        heading = (finding["heading"] or finding["raw"] or "").lower()
        if finding["code"] == "H102" and any(month.lower() == heading for months in hands.MONTHS for month in months):
            return None
        if finding["code"] in ("H101", "H102", "H104"):
            for word, means in self.ANSWERS.items():
                if heading == word or finding["code"] == "H101" and word in finding["message"].lower():
                    return {"read_as": means}
        return None

    def decide(self, report, out, quarter, before):
        told = [(f, self.answer(f)) for f in report["findings"]]
        told = [(f, a) for f, a in told if a]
        # What one heading means is for every finding of it in its partner's files: it is said once.
        told = list({(f["heading"], f["path"]): (f, a) for f, a in told}.values())
        if not told and not before:
            return None
        if quarter in (1, 3):
            text = before
            for finding, answer in told:
                text += f'\n[[decisions]]\nabout = "heading"\nfinding = "{finding["id"]}"\nread_as = "{answer["read_as"]}"\ndecision = "Accept"\nreason = "Asked by telephone"\nrole = "Partnership officer"\n'
            # What could not say when it was sent.
            text += f'\n[[receipts]]\npartner = "TSD"\nquarter = "{truth.YEAR}-Q{quarter}"\nreceived = {truth.RETURNED[quarter - 1]}\n'
            path = self.dir / f"decisions-q{quarter}.toml"
            path.write_text(text, encoding="utf-8")
        else:
            path = self.dir / f"decided-q{quarter}.xlsx"
            book = openpyxl.load_workbook(self.dir / out)
            if told:
                sheet = book["Decisions"]
                at = {c.value: c.column for c in sheet[1]}
                for finding, answer in told:
                    rows = [r for r in range(2, sheet.max_row + 1) if sheet.cell(r, at["Finding"]).value == finding["id"]]
                    for row in rows[:1]:
                        for heading, value in [("Read it as", answer["read_as"]), ("Decision", "Accept"), ("Reason", "Asked by telephone"), ("Role", "Partnership officer")]:
                            sheet.cell(row, at[heading]).value = value
            sheet = book["Returns"]
            at = {c.value: c.column for c in sheet[1]}
            for row in range(2, sheet.max_row + 1):
                if sheet.cell(row, at["Partner"]).value == truth.AGENCIES["TSD"]:
                    sheet.cell(row, at["Received"]).value = truth.RETURNED[quarter - 1]
            book.save(path)
        return path.name

    # --- what was meant ---

    def expect(self, what, is_so, report, file, got=None, meant=None):
        self.checked += 1
        if is_so:
            return
        named = [f for f in report["findings"] if file and file in f["path"] and f["severity"] != "information"]
        line = f"{what}: meant {meant!r}, got {got!r}" + (f" (named: {', '.join(sorted({f['code'] for f in named}))})" if named else "")
        (self.named if named else self.wrong).append(line)

    def file_of(self, report, agency):
        return next((s["path"] for s in report["sources"] if s["role"] == "return" and s["agency"] == agency), None)

    def compare(self, report, quarter):
        self.expect(f"Q{quarter} ties out", report["totals"]["ties_out"], report, None)
        for source in report["sources"]:
            if source["role"] == "return":
                self.expect(f"Q{quarter} {source['path']} is used", source["state"] == "accepted", report, source["path"], source["state"], "accepted")
        by_ref = {a["ref"]: a for a in report["actions"]}
        for row in truth.ACTIONS:
            ref, lead = row[0], row[2]
            got = by_ref.get(ref)
            if got is None:
                self.expect(f"Q{quarter} {ref} is there", False, report, None)
                continue
            said, file = truth.said(ref, quarter), self.file_of(report, lead)
            if said is None:
                self.expect(f"Q{quarter} {ref} status", got["status"] == "complete", report, file, got["status"], "complete")
                continue
            status, value, text, _ = said
            self.expect(f"Q{quarter} {ref} status", got["status"] == status, report, file, got["status"], status)
            value = None if value is None else str(value)
            same = got["value"] == value or (value is not None and got["value"] is not None and Decimal(got["value"]) == Decimal(value))
            self.expect(f"Q{quarter} {ref} value", same, report, file, got["value"], value)
            before = len(self.named)
            self.expect(f"Q{quarter} {ref} text", squeezed(got["update"]) == squeezed(text), report, file, got["update"], text)
            if len(self.named) > before:
                self.told.add((ref, quarter))
            who = [r["agency"] for r in got["reports"]]
            for agency in [a for q, r, a, _ in truth.ADDED if q == quarter and r == ref]:
                self.expect(f"Q{quarter} {ref} has the word of {agency}", agency in who, report, self.file_of(report, agency), who, agency)
        lines = {line["line"]: line for line in report["funding"]}
        for line, _, _, agency, allocation, _ in truth.LINES:
            got = lines.get(line)
            if got is None:
                self.expect(f"Q{quarter} {line} is there", False, report, None)
                continue
            spent = [spend(line, q) for q in range(1, quarter + 1)]
            file = self.file_of(report, agency)
            for name, meant in [("this_quarter", spent[-1]), ("to_date", sum(spent)), ("held", Decimal(0)), ("allocation", Decimal(allocation))]:
                self.expect(f"Q{quarter} {line} {name}", Decimal(got[name]) == meant, report, file, got[name], str(meant))
        for finding in report["findings"]:
            key = (finding["code"], finding["path"] or "", finding["cell"] or "", finding["message"])
            for row in self.argued:
                if row[0] in ("", str(quarter)) and row[1] in key[1] and row[2] == key[0] and (row[3] in key[2] or row[3] in key[3] or row[3] == finding["sheet"]):
                    self.used.add(row)
                    break
            else:
                self.noise.append(f"Q{quarter} {finding['severity']} {key[0]} {key[1]} {finding['sheet'] or ''}!{key[2]} {'(accepted) ' if finding['accepted'] else ''}{key[3]}")

    def workbook(self, out, quarter):
        """The same figures again, as another program reads them from the workbook."""
        book = openpyxl.load_workbook(self.dir / out, data_only=True)
        rows = list(book["Action plan"].iter_rows(values_only=True))
        at = {h: i for i, h in enumerate(rows[0])}
        got = {r[at["Ref"]]: r for r in rows[1:]}
        for action in truth.ACTIONS:
            ref = action[0]
            for q in range(1, quarter + 1):
                said = truth.said(ref, q)
                if said is None:
                    continue
                cell = got[ref][at[f"Q{q} value"]]
                meant = None if said[1] is None else Decimal(said[1]) / (100 if action[6] == "%" else 1)
                same = cell is None if meant is None else cell is not None and abs(Decimal(str(cell)) - meant) < Decimal("1e-9")
                self.expect(f"Q{quarter} workbook {ref} Q{q} value", same, {"findings": []}, None, cell, meant)
                text = got[ref][at[f"Q{q} update"]]
                # What was named when it came is not asked again.
                same = squeezed(text) == squeezed(said[2]) or (ref, q) in self.told
                self.expect(f"Q{quarter} workbook {ref} Q{q} update", same, {"findings": []}, None, text, said[2])
        rows = list(book["Funding"].iter_rows(values_only=True))
        at = {h: i for i, h in enumerate(rows[0])}
        got = {r[0]: r for r in rows[1:]}
        for line in truth.LINES:
            for q in range(1, quarter + 1):
                cell = got[line[0]][at[f"Q{q} spend"]]
                # Nobody speaks of a line before its partner joins.
                same = spend(line[0], q) == Decimal(cell or 0).quantize(Decimal("0.01"))
                self.expect(f"Q{quarter} workbook {line[0]} Q{q}", same, {"findings": []}, None, cell, spend(line[0], q))

    # --- between quarters ---

    def officer(self, out, quarter):
        """What the officer changes in the workbook before it is the next quarter's plan."""
        book = openpyxl.load_workbook(self.dir / out)
        sheet = book["Funding"]
        at = {c.value: c.column for c in sheet[1]}
        rows = {sheet.cell(r, 1).value: r for r in range(2, sheet.max_row + 1)}
        if quarter == 2:
            sheet.cell(rows["SD-08"], at["Approval"]).value = "Approved"
        if quarter == 4:
            for line, word in [("SD-05", "Carry forward"), ("SD-06", "Return"), ("SD-07", "Return"), ("SD-08", "Carry forward"), ("BC-02", "Return")]:
                sheet.cell(rows[line], at["Decision"]).value = word
        path = self.dir / f"plan-after-q{quarter}.xlsx"
        book.save(path)
        return path.name

    # --- the next year ---

    def next_year(self, plan):
        self.call("new-year", plan, "--schema", "next", "--from", "schema", "-o", "plan-next.xlsx", "--as-of", "2024-04-22", "--force")
        book = openpyxl.load_workbook(self.dir / "plan-next.xlsx")
        rows = list(book["Action plan"].iter_rows(values_only=True))
        at = {h: i for i, h in enumerate(rows[0])}
        got = {r[at["Carried from"]]: r for r in rows[1:]}
        meant = [a for a in truth.ACTIONS if not any(s and s[0] in ("complete", "closed") for s in truth.SAID[a[0]])]
        self.expect("new year: the actions that go on", sorted(got) == sorted(f"{truth.YEAR} {a[0]}" for a in meant), {"findings": []}, None, sorted(got), len(meant))
        for action in meant:
            row = got.get(f"{truth.YEAR} {action[0]}")
            if row is None:
                continue
            ytd = action[7] in ("year to date", "snapshot")
            outturn = truth.said(action[0], 4)[1] if ytd else None
            cell = row[at["Baseline"]]
            self.expect(f"new year {action[0]} baseline", (cell is None and outturn is None) or (cell is not None and outturn is not None and Decimal(str(cell)) == outturn), {"findings": []}, None, cell, outturn)
            target = None if action[10] is None else Decimal(action[10]) / (100 if action[6] == "%" else 1)
            cell = row[at["Target"]]
            self.expect(f"new year {action[0]} target", (cell is None and target is None) or Decimal(str(cell)) == target, {"findings": []}, None, cell, target)
            for heading, value in [("Ref", action[0]), ("Action", action[1]), ("Lead agency", truth.AGENCIES[action[2]])]:
                self.expect(f"new year {action[0]} {heading}", row[at[heading]] == value, {"findings": []}, None, row[at[heading]], value)
            for q in range(1, 5):
                self.expect(f"new year {action[0]} Q{q} is empty", row[at[f"Q{q} update"]] is None, {"findings": []}, None)
        money = {r[0]: r for r in book["Funding"].iter_rows(min_row=2, values_only=True)}
        head = {c.value: i for i, c in enumerate(book["Funding"][1])}
        for line, left in [("SD-05", Decimal("24.49")), ("SD-08", Decimal("20.00"))]:
            cell = money.get(line, [None] * 9)[head["Allocation"]]
            self.expect(f"new year {line}", cell is not None and Decimal(str(cell)) == left, {"findings": []}, None, cell, left)
        named = {(r[5] or "", r[6] or "") for r in book["To settle"].iter_rows(min_row=2, values_only=True)}
        self.call("merge", "plan-next.xlsx", "--quarter", "2024-25-Q1", "--schema", "next", "-o", "next-q1.xlsx", "--as-of", "2024-04-22", "--report", "next-q1.json", "--force")
        report = json.loads((self.dir / "next-q1.json").read_text())
        for finding in report["findings"]:
            known = any(code == finding["code"] and (finding["cell"] or "") in cell for code, cell in named)
            self.expect(f"next Q1 {finding['code']} {finding['cell']} is named by To settle", known, {"findings": []}, None, finding["message"], "")


def squeezed(text):
    return re.sub(r"\s+", " ", text or "").strip()


def spend(line, quarter):
    if line in truth.CLAIMED:
        return Decimal(truth.CLAIMED[line][quarter - 1])
    return sum((Decimal(d[3]) for d in truth.DOCUMENTS.get(line, {}).get(quarter, [])), Decimal(0))


def schema(binary, folder, name, year):
    """The partnership's own configuration: the exported one, its partnership file written anew, references with a point."""
    subprocess.run([str(binary), "schema", "export", name], cwd=folder, check=True, capture_output=True)
    start = int(year[:4])
    text = f"""[partnership]
name = "Holmbridge Community Safety Partnership"
host = "HBC"
ledger_agency = "HBC"
returns_to = "community.safety@holmbridge.example"

[year]
label = "{year}"
start = {start}-04-01
end = {start + 1}-03-31
deadlines = [{start}-07-15, {start}-10-15, {start + 1}-01-15, {start + 1}-04-15]
"""
    for code, long in truth.PRIORITIES:
        text += f'\n[[priorities]]\ncode = "P{code}"\nprefix = "{code}."\nname = "{long}"\naliases = ["{code} {long}", "Priority {code}"]\n'
    for code, long in truth.AGENCIES.items():
        text += f'\n[[agencies]]\ncode = "{code}"\nname = "{long}"\naliases = {json.dumps(ALIASES.get(code, []))}\nrecovers_vat = false\nreports = "{"optional" if code == "NPS" else "expected"}"\n'
    text += f"""
[[streams]]
code = "SDG"
name = "Safer Dale Grant"
aliases = ["Safer Dale"]
funder = "PCC"
period_start = {start}-04-01
period_end = {start + 1}-03-31
tolerance = "1.00"
revenue_only = true
virement_needs_approval = true

[[streams]]
code = "CORE"
name = "Borough core budget"
funder = "district"
tolerance = "1.00"
"""
    own = folder / name / "partnership.toml"
    rest = own.read_text(encoding="utf-8")
    # Statuses, words, labels and thresholds are kept as exported.
    keep = re.split(r"(?m)^(?=\[\[?[a-z_]+\]?\])", rest)
    keep = [part for part in keep if re.match(r"\[\[?(statuses|thresholds|measures|publishing|labels|words|rules|agency_groups)\]", part)]
    own.write_text(text + "\n" + "".join(keep), encoding="utf-8")
    for table in ["actions", "updates"]:
        path = folder / name / f"{table}.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")


ALIASES = {"HBC": ["Holmbridge Council", "Holmbridge BC"], "DVF": ["Fire and Rescue", "Dale Fire"], "PRB": ["Probation"], "ICB": ["NHS Dale", "ICB"],
           "SRY": ["Streetreach"], "TSD": ["Trading Standards"], "DVP": ["Police"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--quarters", type=int, default=4)
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.keep or Path(made)
        if args.keep and args.keep.exists():
            shutil.rmtree(args.keep)
        folder.mkdir(exist_ok=True, parents=True)
        binary = args.bin.resolve()
        schema(binary, folder, "schema", truth.YEAR)
        schema(binary, folder, "next", "2024-25")
        year = Year(binary, folder, args.v)
        hands.plan_book().save(folder / "Holmbridge CSP action plan 2023-24 v3 FINAL.xlsx")
        plan = "Holmbridge CSP action plan 2023-24 v3 FINAL.xlsx"
        for quarter in range(1, args.quarters + 1):
            out = year.quarter(plan, quarter)
            plan = year.officer(out, quarter)
        if args.quarters == 4:
            year.next_year(plan)
    for title, lines in [("wrong in silence", year.wrong), ("not as meant, and named", year.named), ("noise", year.noise)]:
        print(f"{title}: {len(lines)}")
        for line in lines if args.v or title != "not as meant, and named" else []:
            print("  " + line)
    for row in year.argued:
        if row not in year.used and args.quarters == 4:
            print("  argued, and not found: " + ",".join(row))
    print(f"{year.checked} figures, texts and states compared; {len(year.used)} kinds of finding argued as real")
    raise SystemExit(1 if year.wrong or year.noise else 0)


if __name__ == "__main__":
    main()
