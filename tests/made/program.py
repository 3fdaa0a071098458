"""Runs `csp-bridge merge` and holds its report to what it must say of itself: the identities of rows, money and cells."""
import json
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

D = Decimal


class Crashed(Exception): pass


def merge(binary, folder, args, out, *more):
    """-> (report, exit code). `out` is a folder for what is written."""
    out.mkdir(parents=True, exist_ok=True)
    command = [binary, "merge", *args, "-o", str(out / "out.xlsx"), "--report", str(out / "report.json"), "--fail-on", "never", "--quiet", "--force", *map(str, more)]
    try: run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired: raise Crashed("no answer in a minute") from None
    if run.returncode not in (0, 1) or not (out / "report.json").exists(): raise Crashed(f"exit {run.returncode}: {run.stderr.strip()[-300:]}")
    return json.loads((out / "report.json").read_text()), run.returncode


def identities(report):
    """What does not add up in a report, as sentences."""
    out, rows, money = [], dict.fromkeys(("read", "accepted", "skipped", "held"), 0), {}
    for s in report["sources"]:
        for t in s.get("tables", []):
            r = t["rows"]
            if r["read"] != r["accepted"] + r["skipped"] + r["held"]: out.append(f"rows of {s['path']} {t['sheet']} {t['table']}: {r}")
            for k in rows: rows[k] += r[k]
        m = {k: D(v) for k, v in (s.get("money") or {}).items()}
        if m and m["read"] != m["accepted"] + m["held"] + m.get("set_aside", 0): out.append(f"money of {s['path']}: {s['money']}")
        for k, v in m.items(): money[k] = money.get(k, D(0)) + v
        for c in s.get("cells", []):
            parts = sum(v for k, v in c.items() if k not in ("sheet", "visible", "filled"))
            if c["filled"] != parts: out.append(f"cells of {s['path']} {c['sheet']}: {c['filled']} filled, the parts are {parts}")
    t = report["totals"]
    said = {k: D(v) for k, v in t["money"].items()}
    if "ties_out" not in t: return out + ["the report has no `ties_out`"]
    if t["ties_out"] is not True: out.append("`ties_out` is false")
    if t["rows"] != rows: out.append(f"rows of the run {t['rows']}, of the sources {rows}")
    for k in ("read", "accepted", "held", "set_aside"):
        if said[k] != money.get(k, 0): out.append(f"money {k} of the run {said[k]}, of the sources {money.get(k, 0)}")
    lines = sum((D(f["this_quarter"]) for f in report["funding"]), D(0)) - said["from_plan"]
    held = sum((D(f["held"]) for f in report["funding"]), D(0)) + said["held_on_no_line"]
    for name, a, b in (("accepted and charged", said["accepted"], said["charged"]), ("charged and the lines' this_quarter", said["charged"], lines), ("held and the lines' held", said["held"], held),
                       ("cells and what was read of them", said["cells"] + said["read_by_decision"], said["read"] + said["commitments"] + said["itemised"] + said["restated"])):
        if a != b: out.append(f"{name} differ: {a} and {b}")
    return out


def corners(reference):
    """`B3:D5` -> (row, column, row, column) from 0."""
    def one(x):
        m = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", x)
        c = 0
        for ch in m[1]: c = c * 26 + ord(ch) - 64
        return int(m[2]) - 1, c - 1
    a, _, b = reference.partition(":")
    return (*one(a), *one(b or a))


def speaks_for(finding, path, sheet, r, c):
    """Whether a finding stands on this cell: its `cell` or what it `covers`."""
    if finding["path"] != path or sheet is not None and finding["sheet"] not in (sheet, None): return False
    for reference in (finding["cell"], finding.get("covers")):
        if reference:
            a, b, x, y = corners(reference)
            if a <= r <= x and b <= c <= y: return True
    return False


def relative(report, folder):
    """Cuts the paths of a report to what stands below `folder`."""
    prefix = str(Path(folder).resolve()) + "/"
    for f in report["findings"]:
        for x in (f, *f["related"]):
            if x.get("path"): x["path"] = x["path"].removeprefix(prefix)
    for s in report["sources"]: s["path"] = s["path"].removeprefix(prefix)
    for a in report["actions"]:
        for x in a["reports"]: x["path"] = x["path"].removeprefix(prefix)
    return report


def keep(folder, to):
    if to.exists(): shutil.rmtree(to)
    shutil.copytree(folder, to)
