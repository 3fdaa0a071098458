#!/usr/bin/env python3
"""generate.py OUTDIR [--seed N] [--count N] [--kind clean|one|mixed|all] [--codes C201,C202|built|all] [--quarter N] [--soffice]

Writes labelled quarters: a plan, returns and a case.json of what a right merge says of them. `compare.py BIN OUTDIR` runs them.
"""
import argparse
import datetime as dt
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import faults
import hands
import model
import writers

BIN = str(Path(__file__).resolve().parents[2] / "target/release/csp-bridge")


def build(folder, name, kind, codes, seed, n=None, soffice=None):
    for attempt in range(60):
        rng = random.Random(f"{seed}/{name}/{attempt}")
        try: q = model.Quarter(rng, n if n else faults.quarter_for(codes, rng))
        except faults.CannotPlant: return None
        try:
            planted = [faults.PLANTERS[c](q, rng) for c in codes]
            nothing_overdue(q)
            nobody_silenced(q)
        except faults.CannotPlant: continue
        break
    else: return None
    planted = [e for p in planted for e in (p if isinstance(p, list) else [p])]
    lay = hands.Layout(q, rng)
    plan = lay.plan()
    for r in q.returns.values():
        if not r.__dict__.get("absent"): lay.ret(r)
    for r in q.__dict__.get("extra_returns", []): lay.ret(r)
    books = [plan] + [b for r in [*q.returns.values(), *q.__dict__.get("extra_returns", [])] for b in r.books]
    seen = set()
    for b in books:
        while b.path.casefold() in seen:
            stem, ext = b.path.rsplit(".", 1)
            b.path = f"{stem} b.{ext}"
        seen.add(b.path.casefold())
    if soffice is not None and not q.__dict__.get("keep_formats"):
        for b in books:
            if b.opts["writer"] not in ("openpyxl", "xlsxwriter") or "writer" in b.need or rng.random() > .4: continue
            fmt = rng.choice([f for f in ("ods", "xls", "xlsx") if f in b.need.get("formats", (f,))] or ["xlsx"])
            b.opts["by_soffice"] = True
            b.opts["dropdown"] = False  # an xls does not tell that a hidden sheet serves dropdowns only
            new = b.path.rsplit(".", 1)[0] + "." + fmt
            if new.casefold() in seen: fmt = "xlsx"
            else: b.path = new
            b.fmt = fmt
            seen.add(b.path.casefold())
    for hook in q.__dict__.get("after_layout", []): hook()
    folder.mkdir(parents=True)
    (folder / "returns").mkdir()
    for b in books:
        if not b.opts.get("by_soffice"): writers.write(b, folder)
        else: soffice.append((writers.bytes_of(b), b.fmt, folder / b.path))
    if rng.random() < .1: (folder / "returns" / "~$form.xlsx").write_bytes(b"\x05owner" + bytes(150)); (folder / "returns" / ".DS_Store").write_bytes(bytes(40))
    if soffice is None: return finish(folder, name, kind, codes, q, planted, plan, books)
    return lambda: finish(folder, name, kind, codes, q, planted, plan, books)


def nothing_overdue(q):
    """An action that is done is no longer done where a fault loses the word of it: its date is then put off, for nobody meant it to be late."""
    for a in q.actions:
        if not isinstance(a["due"], dt.date) or a["due"] >= q.as_of or "due" in a.raw or a.__dict__.get("late"): continue
        said = [u for r in q.returns.values() if r.state == "accepted" and "updates" not in getattr(r, "held_tables", ()) for u in r.updates if u["act"] is a and not u.held and "status" not in u.held_fields]
        before = a.q.get(q.n - 1, {}).get("status")
        if any(u["status"] in ("complete", "closed") for u in said) or not said and before in ("complete", "closed"): continue
        if a.__dict__.get("due_fixed"): raise faults.CannotPlant
        a["due"] = "Ongoing"
        for r in [*q.returns.values(), *q.__dict__.get("extra_returns", [])]:
            for u in r.updates:
                if u["act"] is a: u["due"] = "Ongoing"


def nobody_silenced(q):
    """A return whose only rows another fault took away would be an empty form."""
    for r in q.returns.values():
        if r.state == "accepted" and not r.__dict__.get("absent") and not (r.updates or r.spend or r.claims): raise faults.CannotPlant


def finish(folder, name, kind, codes, q, planted, plan, books):
    """What spoils the files once they are written, and the label."""
    for hook in q.__dict__.get("after_write", []): hook(folder)
    actions, funding, sources = q.truth()
    expected = []
    for e in planted:
        places = e["where"]()
        expected.append(dict(code=e["code"], places=places if isinstance(places, list) else [places], severity=e["severity"], raw=e.get("raw"), exact_raw=False))
    case = dict(name=name, kind=kind, rule=codes[0] if kind == "one" else None, args=["plan." + plan.fmt, "returns", "--quarter", q.id, "--as-of", q.as_of.isoformat(), *q.__dict__.get("more_args", [])], expected=expected, may=q.__dict__.get("may", []), actions=actions, funding=funding,
                sources=sources, layout=dict(plan=q.plan_shape, books={b.path: b.opts["writer"] for b in books}, codes=codes))
    case["args"][0] = plan.path
    (folder / "case.json").write_text(json.dumps(case, indent=1, default=str))
    return case


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out"); p.add_argument("--seed", type=int, default=1); p.add_argument("--count", type=int, default=10); p.add_argument("--kind", default="all", choices=["clean", "one", "mixed", "all"])
    p.add_argument("--codes", default="built"); p.add_argument("--quarter", type=int); p.add_argument("--soffice", action="store_true"); p.add_argument("--bin", default=BIN)
    p.add_argument("--avoid", default="", help="habits left out: pretty-ods, #, host-sheet or any one heading")
    a = p.parse_args()
    hands.AVOID.update(x for x in a.avoid.split(",") if x)
    faults.BIN = a.bin
    out = Path(a.out)
    if out.exists():
        for c in out.glob("*/case.json"): shutil.rmtree(c.parent)
    if a.codes == "built":
        built = {l.split()[0] for l in subprocess.run([a.bin, "rules"], capture_output=True, text=True, check=True).stdout.splitlines() if l.strip()}
        codes = [c for c in faults.PLANTERS if c[:4] in built]
        print("not built, left out:", " ".join(sorted({c for c in faults.PLANTERS if c[:4] not in built})) or "none")
    elif a.codes == "all": codes = list(faults.PLANTERS)
    else: codes = list(dict.fromkeys(c for w in a.codes.split(",") for c in faults.PLANTERS if c == w or c[:4] == w))
    jobs = [] if a.soffice else None
    made, finishers = 0, []
    def one(name, kind, codes):
        nonlocal made
        c = build(out / name, name, kind, codes, a.seed, a.quarter, jobs)
        if c is None: print(f"{name}: could not be planted")
        else:
            made += 1
            if jobs is not None: finishers.append(c)
    if a.kind in ("clean", "all"):
        for i in range(a.count): one(f"clean-{a.seed}-{i:03d}", "clean", [])
    if a.kind in ("one", "all"):
        for c in codes:
            for i in range(max(1, a.count // 4) if a.kind == "all" else a.count): one(f"{c.lower()}-{a.seed}-{i:02d}", "one", [c])
    if a.kind in ("mixed", "all"):
        rng = random.Random(a.seed)
        pool = [c for c in codes if c not in faults.ALONE]
        for i in range(a.count): one(f"mixed-{a.seed}-{i:03d}", "mixed", rng.sample(pool, min(len(pool), rng.randint(3, 7))))
    if jobs: writers.by_soffice(jobs)
    for f in finishers: f()
    print(f"{made} cases in {out}")


if __name__ == "__main__": main()
