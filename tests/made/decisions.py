#!/usr/bin/env python3
"""decisions.py --bin PATH [--seed 1] [--count 40] [--kind one|mixed] [--codes all] [--keep DIR]: settles the faults of made quarters, each alone and several together, and holds what comes to the contract.

Quarters come from ../quarters/generate.py, or with --kind layouts from layouts.py. Decisions are written both ways: into the Decisions sheet with openpyxl, and as TOML from `--decisions-out`. After each run the sums must tie; what was not
applied must have changed nothing and say why; accepting one finding settles that one (a reading of a word or heading: every finding of that word, field and partner); nothing else that was held comes in.
"""
import argparse
import collections
import datetime as dt
import json
import random
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import layouts
import openpyxl
import program

QUARTERS = Path(__file__).resolve().parents[1] / "quarters" / "generate.py"
IDLE = {"not-applied", "rejected", "asked", "not-corrected", "not-used", "expired", "noted"}   # states that change no figure
WORDS = {"accept": "Accept", "reject": "Reject", "ask": "Ask the partner", "corrected": "Corrected at source"}
READINGS = {"word", "heading"}
MOVING = {"file", "agency", "quarter", "heading", "held-return", "held-table", "held-columns"}   # what takes in a whole file or column moves the sum of cells


def answer(f, report, rng):
    """Something that could be meant, for a finding that asks for it; None where the sheet's own suggestion is the best there is."""
    code, field = f["code"], f["field"] or ""
    if code in ("C211", "C213", "R302", "M401"): return rng.choice(report["actions"])["ref"]
    if code == "F501" or field == "line" and code in ("C201", "C208"): return rng.choice(report["funding"])["line"]
    if code in ("S007", "S014", "M404") or field in ("lead_agency", "delivery_agency"): return rng.choice([a["reports"][0]["agency"] for a in report["actions"] if a["reports"]] or ["KP"])
    if code == "S006": return rng.choice([f["path"], *[x["path"] for x in f["related"]]])
    if code == "R301": return rng.choice([f["cell"], *[x["cell"] for x in f["related"]]])
    if code in ("S008", "S015"): return report["run"]["quarter"]
    if code not in ("C201", "C202", "C203", "C204", "C205", "C207", "C208", "C209", "C219", "C221", "H116"): return None
    words = {"status": "On track", "kind": "Actual", "vat_basis": "Net", "approval": "Approved", "basis": "Snapshot", "polarity": "Higher", "priority": "P1", "update": "All went well in the quarter.", "value": "42", "target": "42", "baseline": "42"}
    if field in words: return words[field]
    if field.endswith(("date", "_on", "as_at", "due")): return {"1": "2022-05-17", "2": "2022-08-17", "3": "2022-11-17", "4": "2023-02-17"}[report["run"]["quarter"][-1]]
    return "INV-77" if field == "document" else "123.45"


def wish(rng, how=None, f=None, report=None):
    """One decision as a person might take it; now and then without its reason, or with an answer that is none."""
    how = how or rng.choice(["accept"] * 6 + ["reject", "ask", "corrected"])
    w = dict(decision=how, reason="Settled at the meeting", role="Finance officer")
    k = rng.random()
    if how == "accept" and k < .1: w.pop(rng.choice(["reason", "role"]))
    elif how == "accept" and k < .2: w["read_as"] = rng.choice(["banana", "", "=1+1", "31/02/2022"])
    elif how == "accept" and k < .85 and (given := answer(f, report, rng)) is not None: w["read_as"] = given
    return w


def toml(entries):
    def value(x): return x.isoformat() if isinstance(x, dt.date) else json.dumps(x, ensure_ascii=False)
    return "\n".join("[[decisions]]\n" + "".join(f"{k} = {value(v)}\n" for k, v in e.items()) for e in entries)


def by_toml(base, wishes, path):
    """`wishes`: {finding's id: wish}."""
    entries = [{**{k: v for k, v in e.items() if k not in WORDS}, **wishes[e["finding"]]} for e in tomllib.loads(base.read_text()).get("decisions", []) if e.get("finding") in wishes]
    path.write_text(toml(entries))
    return len(entries)


def by_sheet(base, wishes, path):
    book = openpyxl.load_workbook(base)
    sheet, n = book["Decisions"], 0
    heads = {str(c.value).strip().casefold(): c.column for c in sheet[1] if c.value}
    for row in range(2, sheet.max_row + 1):
        w = next((wishes[c.value] for c in sheet[row] if c.value in wishes), None)
        if w is None: continue
        n += 1
        for heading, value in (("decision", WORDS[w["decision"]]), ("reason", w.get("reason")), ("role", w.get("role"))): sheet.cell(row, heads[heading]).value = value
        if "read_as" in w: sheet.cell(row, heads["read it as"]).value = w["read_as"]
    book.save(path)
    return n


def figures(report): return {k: report[k] for k in ("funding", "actions", "totals")}


def judge(before, after, code, wishes):
    """-> [(kind, sentence)]."""
    out = [("untied", x) for x in program.identities(after)]
    if (code == 0) != (after["totals"].get("ties_out") is True): out.append(("untied", f"exit {code} with ties_out {after['totals'].get('ties_out')}"))
    was, now = {f["id"]: f for f in before["findings"]}, {f["id"]: f for f in after["findings"]}
    told = {d["finding"]: d for d in after["decisions"] if d.get("finding")}
    live = {i for i, d in told.items() if d["state"] not in IDLE} | {i for i, d in told.items() if d["state"] == "noted"}
    def name(i): f = was.get(i) or now.get(i) or {}; return f"{f.get('code')} {f.get('path')} {f.get('sheet') or ''}!{f.get('cell')}"
    if all(d["state"] in IDLE for d in told.values()):
        for k, v in figures(before).items():
            if figures(after)[k] != v: out.append(("changed", f"{k} differ, though nothing is in force: {first_difference(v, figures(after)[k])}"))
    group = {(f["code"], f["field"], str(f["raw"]).casefold().strip(), f["path"]) for i, f in was.items() if i in live and told[i]["about"] in READINGS}
    files = {was[i]["path"] for i in live if i in was and told[i]["about"] in MOVING}
    def mine(f): return f["id"] in live or any(x["path"] in files for x in f["related"]) or (f["code"], f["field"], str(f["raw"]).casefold().strip(), f["path"]) in group
    for i, w in wishes.items():
        if i not in told: out.append(("untold", f"{name(i)}: {w['decision']} is not among the report's decisions")); continue
        d = told[i]
        if d["state"] in ("not-applied", "not-used", "not-corrected", "expired") and not d.get("why"): out.append(("untold", f"{name(i)}: {d['state']}, and no word why"))
        if w["decision"] == "accept" and not (w.get("reason") and w.get("role")) and d["state"] != "not-applied": out.append(("changed", f"{name(i)}: accepted without a reason or role, and it is {d['state']}"))
        if i in live and i in now and not now[i]["accepted"]: out.append(("idle", f"{name(i)}: {d['state']}, but the finding is as it was"))
        if w["decision"] in ("reject", "ask") and i not in now and not mine(was[i]): out.append(("changed", f"{name(i)}: {w['decision']}, and the finding is gone"))
    rows = {row(was[i]) for i in live if i in was} | {row(r) for i in live if i in was for r in was[i]["related"]}
    for i, f in now.items():
        if f["accepted"] and not mine(f): out.append(("spread", f"{name(i)} is accepted, and nobody decided on it"))
    for i, f in was.items():
        if f["held"] == "none" or mine(f) or f["path"] in files or row(f) in rows or f["accepted"]: continue
        if i not in now: out.append(("spread", f"{name(i)} held {f['held']} and is gone; nobody decided on it"))
        elif now[i]["held"] != f["held"]: out.append(("spread", f"{name(i)} held {f['held']} and holds {now[i]['held']}; nobody decided on it"))
    if not files and not any(d["about"] in MOVING for i, d in told.items() if i in live) and before["totals"]["money"].get("cells") != after["totals"]["money"].get("cells"):
        out.append(("changed", f"what the cells say went from {before['totals']['money'].get('cells')} to {after['totals']['money'].get('cells')}"))
    return out


def row(f): return f["path"], f.get("sheet"), program.corners(f["cell"])[0] if f.get("cell") else None


def first_difference(a, b):
    if isinstance(a, dict): return next((f"{k}: {first_difference(a[k], b.get(k))}" for k in a if a[k] != b.get(k)), "")
    if isinstance(a, list): return next((first_difference(x, y) + f" (of {x.get('line') or x.get('ref')})" for x, y in zip(a, b) if x != y), f"{len(a)} and {len(b)}") if a and isinstance(a[0], dict) else f"{a} and {b}"
    return f"{a} and {b}"


def quarter(binary, case, rng, rounds):
    """All trials on one made quarter: yields (how, wishes, [(kind, sentence)], written decisions)."""
    args = json.loads(next(case / n for n in ("case.json", "truth.json") if (case / n).exists()).read_text())["args"]
    with tempfile.TemporaryDirectory() as t:
        t = Path(t)
        template = t / "all.toml"
        try: before, _ = program.merge(binary, case, args, t / "first", "--decisions-out", template)
        except program.Crashed as e: yield "first run", {}, [("crashed", str(e))], None; return
        sheet = openpyxl.load_workbook(t / "first" / "out.xlsx", read_only=True)["Decisions"]
        ids = {f["id"] for f in before["findings"]}
        asked = [c for row in sheet.iter_rows(values_only=True) for c in row if c in ids]
        listed = {e.get("finding") for e in tomllib.loads(template.read_text()).get("decisions", [])}
        if set(asked) - listed: yield "first run", {}, [("untold", f"{len(set(asked) - listed)} questions of the sheet are not in --decisions-out")], None
        by_id = {f["id"]: f for f in before["findings"]}
        def some(n, how=None): return {i: wish(rng, how, by_id[i], before) for i in rng.sample(asked, n)}
        plans = [some(1, "accept") for _ in range(rounds)] + [some(1) for _ in range(rounds // 2)] if asked else []
        plans += [some(rng.randint(2, len(asked))) for _ in range(rounds // 2) if len(asked) > 1]
        for wishes in plans:
            how = rng.choice(["sheet", "toml"])
            path = t / ("decided.xlsx" if how == "sheet" else "decided.toml")
            n = by_sheet(t / "first" / "out.xlsx", wishes, path) if how == "sheet" else by_toml(template, wishes, path)
            if not n: continue
            try:
                after, code = program.merge(binary, case, args, t / "second", "--decisions", path)
                bad = judge(before, after, code, wishes)
            except program.Crashed as e: bad = [("crashed", str(e))]
            yield how, {f"{f['code']} {f['path']} {f['sheet'] or ''}!{f['cell']}": wishes[f["id"]] for f in before["findings"] if f["id"] in wishes}, bad, path


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=40, help="mixed quarters, or quarters a code")
    p.add_argument("--kind", default="mixed", choices=["one", "mixed", "layouts"])
    p.add_argument("--codes", default="all")
    p.add_argument("--rounds", type=int, default=6, help="findings accepted alone a quarter")
    p.add_argument("--keep", help="where failing quarters are kept, with their decisions")
    p.add_argument("--show", type=int, default=12)
    a = p.parse_args()
    binary, rng = str(Path(a.bin).resolve()), random.Random(a.seed)
    tally, kinds, shown = collections.Counter(), collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as t:
        if a.kind == "layouts":
            for seed in range(a.seed, a.seed + a.count): layouts.Made(layouts.spec_for(seed)).write(Path(t, str(seed)))
        else: subprocess.run([sys.executable, str(QUARTERS), t, "--seed", str(a.seed), "--count", str(a.count), "--kind", a.kind, "--codes", a.codes, "--bin", binary], check=True, stdout=subprocess.DEVNULL)
        for case in sorted(c.parent for c in Path(t).glob("*/*.json")):
            tally["quarters"] += 1
            for how, wishes, bad, path in quarter(binary, case, rng, a.rounds):
                tally["runs"] += 1
                tally["runs with a failure"] += bool(bad)
                for kind, why in {k: w for k, w in reversed(bad)}.items():
                    codes = " ".join(sorted({x.split()[0] + " " + w["decision"] for x, w in wishes.items()})) if len(wishes) == 1 else f"{len(wishes)} together"
                    kinds[kind, codes] += 1
                    shown[kind, codes] += 1
                    if shown[kind, codes] > 1 or sum(1 for x in shown.values() if x) > a.show: continue
                    print(f"{kind}: {case.name}, by {how}: {why[:300]}", *[f"{x}: {w}" for x, w in list(wishes.items())[:6]], sep="\n    ")
                    if a.keep:
                        to = Path(a.keep, f"{kind}-{case.name}-{codes.replace(' ', '-')}")
                        program.keep(case, to)
                        if path: (to / path.name).write_bytes(path.read_bytes())
                        (to / "why.txt").write_text("\n".join(f"{k}: {w}" for k, w in bad) + "\n")
    print(f"\n{tally['quarters']} quarters, {tally['runs']} runs, {tally['runs with a failure']} with a failure")
    for (kind, codes), n in kinds.most_common(): print(f"  {n:4} {kind}: {codes}")
    sys.exit(bool(tally["runs with a failure"]))


if __name__ == "__main__": main()
