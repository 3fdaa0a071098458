"""Tidy data as others read it: frictionless over every package, DuckDB over three partnerships and four quarters.

    python3 tests/interop/export.py PROGRAM

Exports the samples for three partnerships (the built-in one under three codes) and four quarters; frictionless has to find each package
valid, foreign keys included, and has to find a key that is broken by hand; DuckDB runs `duckdb.sql` and the README's example, and its sums
have to be the report's to the penny.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal

import duckdb
import frictionless

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples" / "2022-23"
CODES = ["sevenoaks", "otherplace", "third-place"]
QUARTERS = [f"2022-23-Q{n}" for n in range(1, 5)]


def run(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done


def main():
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        tidy, reports = work / "tidy", {}
        for code in CODES:
            schema = work / code
            run("schema", "export", schema)
            own = schema / "partnership.toml"
            own.write_text(own.read_text().replace("[partnership]\n", f'[partnership]\ncode = "{code}"\n', 1))
            for quarter in QUARTERS:
                report = work / f"{code}-{quarter}.json"
                run("export", SAMPLES / "action-plan.xlsx", SAMPLES / ("returns" if code == "sevenoaks" else "returns-clean"),
                    "--quarter", quarter, "--as-of", "2022-10-20", "--schema", schema, "-o", tidy, "--report", report)
                reports[code, quarter] = json.loads(report.read_text())
        packages = sorted(tidy.glob("*/*/datapackage.json"))
        assert len(packages) == len(CODES) * len(QUARTERS), packages
        for package in packages:
            found = frictionless.validate(str(package))
            assert found.valid, (package, found.flatten(["type", "note"])[:5])

        db = duckdb.connect()
        sql = (tidy / "duckdb.sql").read_text().replace("'*/*/", f"'{tidy}/*/*/")
        db.execute(sql)
        for (code, quarter), report in reports.items():
            counted = db.execute(
                "SELECT coalesce(sum(amount), 0) FROM spend WHERE partnership = ? AND quarter = ? AND for_quarter = ? AND state = 'counted' AND kind <> 'commitment'",
                [code, quarter, quarter]).fetchone()[0]
            totals = report["totals"]
            assert Decimal(counted) == Decimal(totals["money"]["accepted"]), (code, quarter, counted, totals)
            rows = db.execute(
                "SELECT sum(rows_read), sum(rows_accepted), sum(rows_skipped), sum(rows_held) FROM sources WHERE partnership = ? AND quarter = ?",
                [code, quarter]).fetchone()
            assert tuple(map(int, rows)) == tuple(totals["rows"][k] for k in ("read", "accepted", "skipped", "held")), (code, quarter, rows, totals)
            for table in ("actions", "findings", "funding_lines"):
                count = db.execute(f"SELECT count(*) FROM {table} WHERE partnership = ? AND quarter = ?", [code, quarter]).fetchone()[0]
                assert count == len(report[{"funding_lines": "funding"}.get(table, table)]), (table, count)
        example = db.execute(
            "SELECT partnership, line, sum(amount) FROM spend WHERE quarter = '2022-23-Q2' AND state = 'counted' GROUP BY ALL").fetchall()
        assert {row[0] for row in example} == set(CODES), example
        money = {row[0]: row[1] for row in db.execute("DESCRIBE spend").fetchall()}
        assert money["amount"] == "DECIMAL(18,2)" and money["document_date"] == "DATE", money

        # A key that is broken by hand is found.
        broken = packages[0].parent
        spend = broken / "progress.csv"
        spend.write_bytes(spend.read_bytes().replace(b"SAC-01,", b"SAC-99,", 1))
        assert not frictionless.validate(str(broken / "datapackage.json")).valid, "a broken key is not found"

        # For the public: valid, and nothing of the rest.
        open_ = work / "open"
        run("export", SAMPLES / "action-plan.xlsx", SAMPLES / "returns-clean", "--quarter", "2022-23-Q2", "--as-of", "2022-10-20",
            "-o", open_, "--public", "--earlier", "none")
        package = next(open_.glob("*/*/datapackage.json"))
        assert frictionless.validate(str(package)).valid
        assert sorted(p.name for p in package.parent.iterdir()) == [
            "actions.csv", "agencies.csv", "datapackage.json", "funding_lines.csv", "line_quarters.csv", "progress.csv"]
        public = duckdb.connect()
        public.execute((open_ / "duckdb.sql").read_text().replace("'*/*/", f"'{open_}/*/*/"))
        assert public.execute("SELECT count(*) FROM progress WHERE value IS NOT NULL OR shorthand IS NOT NULL").fetchone()[0] == 80
        shutil.rmtree(open_)
    print(f"{len(packages)} packages valid, {len(reports)} quarters' sums to the penny")


main()
