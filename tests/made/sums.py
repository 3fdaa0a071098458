#!/usr/bin/env python3
"""sums.py --bin PATH [--seed 1] [--count 100]: adds the money of made quarters up again from their files, with other readers and Python's decimal, and compares it with the report's totals.

Which cells are amounts, and what becomes of each, is known from the making; what they say is read back from the file. Quarters whose truth leaves an amount open are passed over.
"""
import argparse
import json
import re
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import cells
import layouts
import program
from paper import a1

D = Decimal


def money(x):
    """What an amount cell says: a number as a spreadsheet shows it (15 digits), or a text of pounds."""
    if isinstance(x, (int, float)): x = f"{x:.15g}"
    m = re.fullmatch(r"(-?)£?([\d,]+(?:\.\d+)?)", str(x).strip())
    if not m: raise ValueError(f"{x!r} is no amount")
    return D(m[1] + m[2].replace(",", "")).quantize(D("0.01"), ROUND_HALF_UP)


def add_up(truth, folder):
    """-> {name in the totals: amount} and what of the truth is not so in the files."""
    books, out, wrong = {}, dict.fromkeys(("cells", "read", "accepted", "held", "held_on_no_line", "commitments", "itemised"), D(0)), []
    for m in truth["money"]:
        if m["path"] not in books: books[m["path"]] = cells.filled(folder / m["path"])
        x = money(books[m["path"]][m["sheet"]][tuple(m["at"])])
        if x != D(m["amount"]): wrong.append(f"{m['path']} {m['sheet'] or ''}!{a1(*m['at'])} holds {x}, not {m['amount']}")
        if m["fate"] in ("named", "ragged"): continue
        out["cells"] += x
        for name in {"counted": ("read", "accepted"), "held": ("read", "held"), "held-on-no-line": ("read", "held", "held_on_no_line"), "none": ("commitments" if m["commitment"] else "itemised",)}[m["fate"]]: out[name] += x
    return out, wrong


def trial(binary, seed):
    with tempfile.TemporaryDirectory() as t:
        folder = Path(t, "in")
        made = layouts.Made(layouts.spec_for(seed))
        made.write(folder)
        truth = json.loads((folder / "truth.json").read_text())
        if any(m["fate"] == "any" for m in truth["money"]): return None
        mine, wrong = add_up(truth, folder)
        try: report, _ = program.merge(binary, folder, truth["args"], Path(t, "out"))
        except program.Crashed as e: return [str(e)]
        theirs = report["totals"]["money"]
        return wrong + [f"{k}: the report says {theirs.get(k)}, the files {v}" for k, v in mine.items() if k not in theirs or D(theirs[k]) != v]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--show", type=int, default=10)
    a = p.parse_args()
    bad = passed = 0
    for seed in range(a.seed, a.seed + a.count):
        wrong = trial(str(Path(a.bin).resolve()), seed)
        if wrong is None: passed += 1
        elif wrong:
            bad += 1
            if bad <= a.show: print(f"quarter {seed}:", *wrong[:7], sep="\n    ")
    print(f"{a.count} quarters, {passed} passed over, {bad} whose money differs")
    sys.exit(bool(bad))


if __name__ == "__main__": main()
