#!/usr/bin/env python3
"""compare.py BIN DIR [NAME...] [-j N] [-v]: runs `csp-bridge merge` on every labelled quarter under DIR and prints each difference.

A finding is the same when code, file, sheet and cell are; a csv or tsv has no sheet. Exit 1 when anything differs.
"""
import argparse
import collections
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path


def place(f):
    name = Path(f["path"]).name.casefold() if f.get("path") else None
    cell = (f.get("cell") or "").replace("$", "").upper() or None
    if cell and ":" in cell and len(set(cell.split(":"))) == 1: cell = cell.split(":")[0]
    return name, None if name and name.endswith((".csv", ".tsv")) else f.get("sheet"), cell


def same(ref):
    """A reference without case, spaces, hyphens and leading zeros."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\s\-\u2010-\u2015]", "", ref).upper())


def show(p): return " ".join(str(x) for x in p if x) or "the run"


def compare(binary, folder):
    want = json.loads((folder / "case.json").read_text())
    out = []
    with tempfile.TemporaryDirectory() as t:
        report = Path(t, "report.json")
        try:
            run = subprocess.run([binary, "merge", *want["args"], "-o", str(Path(t, "out.xlsx")), "--report", str(report), "--fail-on", "never", "--quiet"], cwd=folder, capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired: return [("run", "timed out")]
        if run.returncode or not report.exists(): return [("run", f"exit {run.returncode}: {run.stderr.strip()[-300:]}")]
        got = json.loads(report.read_text())
    left = list(got["findings"])
    for e in want["expected"]:
        places = [place(p) for p in e["places"]]
        hit = next((f for f in left if f["code"] == e["code"] and place(f) in places and (e["code"] != "S009" or f["raw"] == e["raw"])), None)
        if hit is None: out.append(("missing", e["code"], f"at {show(places[0])} (raw {e.get('raw')!r})"))
        else:
            left.remove(hit)
            if hit["severity"] != e["severity"]: out.append(("severity", e["code"], f"{hit['severity']}, expected {e['severity']}"))
    may = {m["code"] for m in want["may"]}
    out += [("unexpected", f["code"], f"at {show(place(f))}: {f['message'][:130]}") for f in left if f["code"] not in may]
    actions = {same(a["ref"]): a for a in got["actions"]}
    for ref, w in want["actions"].items():
        a = actions.get(same(ref))
        if a is None: out.append(("action", ref, "is not in the report")); continue
        if w.get("status") and a["status"] != w["status"]: out.append(("action", ref, f"status {a['status']}, expected {w['status']}"))
        if w.get("update") and " ".join(w["update"].split()) not in " ".join((a["update"] or "").split()): out.append(("action", ref, f"update {(a['update'] or '')[:60]!r}, expected {w['update'][:60]!r}"))
        if w.get("value") is not None and (a["value"] is None or Decimal(str(a["value"])) != Decimal(str(w["value"]))): out.append(("action", ref, f"value {a['value']}, expected {w['value']}"))
        for k in w.get("null", ()):
            if a[k] not in (None, ""): out.append(("action", ref, f"{k} {a[k]!r}, expected none"))
    lines = {same(x["line"]): x for x in got["funding"]}
    for line, w in want["funding"].items():
        for k, v in w.items():
            if v in ("", None): continue
            g = lines.get(same(line), {}).get(k)
            if g is None or Decimal(g) != Decimal(v): out.append(("funding", line, f"{k} {g}, expected {v}"))
    sources = {s["path"]: s for s in got["sources"]}
    for path, w in want["sources"].items():
        s = sources.get(path)
        if s is None: out.append(("source", path, "is not in the report")); continue
        for name, rows in w["tables"].items():
            mine = [t["rows"] for t in s["tables"] if t["table"] == name]
            for k, v in rows.items():
                if sum(t[k] for t in mine) != v: out.append(("rows", path, f"{name} {k} {sum(t[k] for t in mine)}, expected {v}"))
        if w.get("money"):
            for k, v in w["money"].items():
                if s.get("money") is None or Decimal(s["money"][k]) != Decimal(v): out.append(("money", path, f"{k} {s.get('money') and s['money'][k]}, expected {v}"))
    for s in got["sources"]:
        for t in s.get("tables", []):
            r = t["rows"]
            if r["read"] != r["accepted"] + r["skipped"] + r["held"]: out.append(("rows", s["path"], f"{t['table']} does not tie out {r}"))
        m = s.get("money")
        if m and Decimal(m["read"]) != Decimal(m["accepted"]) + Decimal(m["held"]) + Decimal(m.get("set_aside", "0")): out.append(("money", s["path"], f"does not tie out {m}"))
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("bin"); p.add_argument("dir"); p.add_argument("names", nargs="*"); p.add_argument("-j", type=int, default=2); p.add_argument("-n", type=int, default=6, help="differences shown a case")
    a = p.parse_args()
    binary = str(Path(a.bin).resolve())
    cases = sorted(c.parent for c in Path(a.dir).glob("*/case.json"))
    if a.names: cases = [c for c in cases if any(c.name.startswith(n) for n in a.names)]
    tally, bad = collections.Counter(), 0
    with ThreadPoolExecutor(a.j) as pool:
        for c, diffs in zip(cases, pool.map(lambda c: compare(binary, c), cases)):
            if not diffs: continue
            bad += 1
            print(f"{c.name}: {len(diffs)} differences")
            for d in diffs[:a.n]: print("   ", *d)
            for d in diffs: tally[" ".join(d[:2] if d[0] in ("missing", "unexpected", "severity", "run") else d[:1])] += 1
    print(f"{len(cases) - bad} of {len(cases)} as labelled")
    for k, v in tally.most_common(): print(f"  {v:5} {k}")
    sys.exit(bool(bad))


if __name__ == "__main__": main()
