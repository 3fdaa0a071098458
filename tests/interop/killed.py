#!/usr/bin/env python3
"""killed.py BIN [TIMES]: kills a merge at random moments; afterwards the old workbook or the new one is there whole, and a second run clears up.

Runs on the samples in a folder of its own. Exit 1 if a part of a workbook is ever found, or anything is left behind.
"""
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "samples/2022-23"


def digest(path): return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    if len(sys.argv) < 2: sys.exit(__doc__)
    binary, times = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rng, wrong, killed = random.Random(1), [], 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copytree(SAMPLES, folder / "in")
        out = folder / "out"
        out.mkdir()
        def job(returns): return [str(binary), "merge", "in/action-plan.xlsx", f"in/{returns}", "--quarter", "2022-23-Q2", "--as-of", "2022-10-20", "-o", "out/plan.xlsx", "--report", "out/report.json", "--force", "--quiet", "--fail-on", "never"]
        whole = set()
        for returns in ("returns", "returns-clean"):
            start = time.monotonic()
            subprocess.run(job(returns), cwd=folder, check=True)
            span = time.monotonic() - start
            whole.add(digest(out / "plan.xlsx"))
        for turn in range(times):
            run = subprocess.Popen(job(("returns", "returns-clean")[turn % 2]), cwd=folder)
            time.sleep(rng.uniform(0, span * 1.2))
            if run.poll() is None: killed += 1
            run.kill()
            run.wait()
            for name in ("plan.xlsx", "plan.before.xlsx"):
                if (out / name).exists() and digest(out / name) not in whole: wrong.append(f"turn {turn}: {name} is no whole workbook")
            if not (out / "plan.xlsx").exists(): wrong.append(f"turn {turn}: the workbook is gone")
        subprocess.run(job("returns"), cwd=folder, check=True)
        left = sorted(p.name for p in out.iterdir())
        if left != ["plan.before.xlsx", "plan.xlsx", "report.json"]: wrong.append(f"left behind: {left}")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{times} turns, {killed} killed while running, {len(wrong)} wrong")
    sys.exit(bool(wrong) or killed == 0)


if __name__ == "__main__": main()
