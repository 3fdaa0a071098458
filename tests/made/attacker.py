"""Attacks what `publish` writes, with everything that was ever published, and shares no code with it.

    python3 tests/made/attacker.py --bin target/debug/csp-bridge --seed 1 --count 20

Makes partnership years with measures of people: single ones, running totals, sums, noughts, targets, revisions; publishes each of their
four quarters beside all earlier ones; and then works out, by searching whole numbers, what each hidden figure and rise can be. It fails
where one can be known too closely, where a small count or rise is printed, where two siblings differ, or where a file holds more than it
shows. `--planted` then plants one leak of each kind in sets that held, and fails where the attack does not find it.
"""

import argparse
import collections
import csv
import html.parser
import io
import itertools
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import openpyxl

THRESHOLD = 5
CAP = 400  # a value that reaches this has no end


# --- made years -----------------------------------------------------------------------------------------------------------------------


def figures(rng, running):
    """Four quarters of a measure, small and large."""
    step = lambda: rng.choice([0, 0, 1, 1, 2, 3, 4, 5, 7, 12, 20, 45])
    if not running:
        return [step() for _ in range(4)]
    out, total = [], 0
    for _ in range(4):
        total += step()
        out.append(total)
    return out


def year(rng):
    """Measures by reference: running or not, summed or not, with figures."""
    measures, sums, number = {}, [], itertools.count(1)
    for _ in range(rng.randint(1, 4)):
        measures[f"DA-{next(number):02}"] = (r := rng.random() < 0.6, figures(rng, r))
    for _ in range(rng.randint(0, 2)):
        running = rng.random() < 0.5
        parts = {f"SG-{next(number):02}": (running, figures(rng, running)) for _ in range(rng.randint(2, 3))}
        total = f"VAWG-{next(number):02}"
        whole = [sum(column) for column in zip(*(f for _, f in parts.values()))]
        measures |= parts | {total: (running, whole)}
        sums.append((total, list(parts)))
    return measures, sums


def revised(rng, measures, sums, upto):
    """Now and then an earlier figure is revised, and the totals with it; a running total still never falls."""
    if rng.random() > 0.4 or upto == 0:
        return
    totals = {total for total, _ in sums}
    ref = rng.choice([r for r in measures if r not in totals])
    running, values = measures[ref]
    quarter = rng.randrange(upto)
    low = values[quarter - 1] if running and quarter else 0
    high = values[quarter + 1] if running and quarter < 3 else values[quarter] + 6
    values[quarter] = rng.randint(low, max(low, high))
    for total, parts in sums:
        measures[total] = (measures[total][0], [sum(c) for c in zip(*(measures[p][1] for p in parts))])


HEADINGS = ["Ref", "Action", "Lead agency", "Success measure", "Unit", "Basis", "Polarity", "Target",
            "Q1 value", "Q2 value", "Q3 value", "Q4 value", "Q1 status", "Q2 status", "Q3 status", "Q4 status"]


def plan(path, measures, quarter):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Action plan"
    sheet.append(["Action plan 2022-23"])
    sheet.append([])
    sheet.append(HEADINGS)
    for ref, (running, values) in measures.items():
        shown = [values[q] if q <= quarter else None for q in range(4)]
        states = ["On track" if q <= quarter else None for q in range(4)]
        sheet.append([ref, f"Help those who ask ({ref})", "DAVSS", "Victims helped", "count",
                      "Year to date" if running else "In quarter", "Higher", 30, *shown, *states])
    book.save(path)


def configuration(program, folder, sums):
    subprocess.run([program, "schema", "export", str(folder)], check=True, capture_output=True)
    own = folder / "partnership.toml"
    text = own.read_text()
    blocks = "".join(f'\n[[publishing.small_numbers.sums]]\ntotal = "{t}"\nparts = {json.dumps(p)}\n' for t, p in sums)
    own.write_text(text.replace("# What is not spoken of in public", blocks + "\n# What is not spoken of in public", 1))


# --- what a set shows -----------------------------------------------------------------------------------------------------------------


class Tables(html.parser.HTMLParser):
    """The tables of a page by id, and whatever a reader would not see."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tables, self.unseen, self.row, self.cell = {}, [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "table":
            self.rows = self.tables.setdefault(attrs["id"], [])
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "br" and self.cell is not None:
            self.cell += "\n"
        if tag in ("script", "iframe", "object", "link") or "hidden" in attrs or "display:none" in attrs.get("style", "").replace(" ", ""):
            self.unseen.append(tag)
        self.unseen += [f"{k}={v}" for k, v in attrs.items() if k.startswith(("data-", "on"))]

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None:
            self.row.append(self.cell)
            self.cell = None
        elif tag == "tr" and self.row is not None:
            self.rows.append(self.row)
            self.row = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_comment(self, data):
        self.unseen.append("comment " + data)


def same(value):
    """A cell as all formats can say it."""
    text = "" if value is None else str(value)
    text = text[1:] if text.startswith("'") else text
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        text = f"{float(text):.6f}".rstrip("0").rstrip(".")
    return text


def below(rows):
    """A sheet's table: what stands below the lines above it."""
    rows = [list(row) for row in rows]
    start = next((i for i, row in enumerate(rows) if sum(v not in (None, "") for v in row) > 1), len(rows))
    return [row for row in rows[start:] if any(v not in (None, "") for v in row)]


def ods(path):
    import odf.opendocument
    from odf.table import Table, TableRow, TableCell
    from odf.text import P

    out = {}
    for sheet in odf.opendocument.load(path).spreadsheet.getElementsByType(Table):
        rows = []
        for row in sheet.getElementsByType(TableRow):
            cells = []
            for cell in row.getElementsByType(TableCell):
                number = cell.getAttribute("value")
                texts = ["".join(text_of(p)) for p in cell.getElementsByType(P)]
                cells.append(number if number is not None else "\n".join(texts))
            rows.append(cells)
        out[sheet.getAttribute("name")] = rows
    return out


def text_of(node):
    for child in node.childNodes:
        if child.nodeType == 3:
            yield child.data
        elif child.qname[1] == "s":
            yield " " * int(child.getAttribute("c") or 1)
        else:
            yield from text_of(child)


def read(folder):
    """Every table by name, once for each format."""
    out = collections.defaultdict(dict)
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            text = path.read_bytes().decode("utf-8-sig")
            out[path.stem.rsplit("-", 1)[1]]["csv"] = list(csv.reader(io.StringIO(text, newline="")))
        elif path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                out[sheet.title.lower()]["xlsx"] = below(sheet.values)
        elif path.suffix == ".ods":
            for name, rows in ods(path).items():
                out[name.lower()]["ods"] = below(rows)
        elif path.suffix == ".html":
            for name, rows in Tables(path.read_text()).tables.items():
                out[name]["html"] = rows
    return out


def siblings(folder):
    """Where formats differ, and what files hold beside what they show."""
    wrong = []
    for name, formats in read(folder).items():
        if name in ("cover", "contents"):
            continue
        plain = {k: [[same(v).replace("\r\n", "\n") for v in row] for row in rows] for k, rows in formats.items()}
        first = plain.get("csv")
        for kind, rows in plain.items():
            if rows != first:
                wrong.append(f"{name}: {kind} differs from csv")
        for row in first or []:
            wrong += [f"{name}: a blank cell" for cell in row if cell == ""]
    for path in folder.iterdir():
        if path.suffix in (".xlsx", ".ods"):
            with zipfile.ZipFile(path) as package:
                for part in package.namelist():
                    if re.search(r"comments|drawing|media|vba|externalLink|customXml|pivot|printerSettings", part):
                        wrong.append(f"{path.name}: {part}")
                    if re.search(rb'state="(very)?[hH]idden"|hidden="(1|true)"|visibility="collapse"|<f>', package.read(part)):
                        wrong.append(f"{path.name}: {part} hides something")
        if path.suffix == ".html":
            wrong += [f"{path.name}: {what}" for what in Tables(path.read_text()).unseen]
    return wrong


# --- the attack -----------------------------------------------------------------------------------------------------------------------


class Snapshot:
    """The figures of one set: numbers, and `c` for what is hidden."""

    def __init__(self, folder):
        tables = read(folder)
        head, *rows = tables["measures"]["csv"]
        self.cells, self.running, self.revised = {}, set(), set()
        columns = [c for c in head if c == "Baseline" or re.match(r"Q\d ", c)]
        for row in rows:
            row = dict(zip(head, row))
            if row["Basis"] == "Year to date":
                self.running.add(row["Ref"])
            for column in columns:
                if row[column] == "[c]":
                    self.cells[row["Ref"], column] = "c"
                elif not row[column].startswith("["):
                    self.cells[row["Ref"], column] = int(float(row[column]))
                if f"[r] {column}" in row["Notes"].split("; "):
                    self.revised.add((row["Ref"], column))
        self.sums = [(r[1], r[2].lstrip("'= ").split(" + ")) for r in tables["notes"]["csv"] if r[0] == "Sum"]


def constraints(snapshot, value, without=()):
    """Orders and sums of a set, over constants and unknowns; those aside that hold a cell of these."""
    out = []
    by = collections.defaultdict(list)
    for ref, column in snapshot.cells:
        if column != "Baseline" and ref in snapshot.running:
            by[ref].append(column)
    for ref, columns in by.items():
        for a, b in itertools.pairwise(sorted(columns)):
            if (ref, a) in without or (ref, b) in without:
                continue
            out.append(("le", [value(snapshot, ref, a)], [value(snapshot, ref, b)]))
    for total, parts in snapshot.sums:
        for ref, column in list(snapshot.cells):
            if ref == total and all((p, column) in snapshot.cells for p in parts) and not any((r, column) in without for r in [total, *parts]):
                out.append(("eq", [value(snapshot, p, column) for p in parts], [value(snapshot, total, column)]))
    return out


def propagate(domains, rows):
    """Narrows ranges until nothing changes; False where nothing is left."""
    changed = True
    while changed:
        changed = False
        for kind, left, right in rows:
            low = lambda terms: sum(t if isinstance(t, int) else domains[t][0] for t in terms)
            high = lambda terms: sum(t if isinstance(t, int) else domains[t][1] for t in terms)
            pairs = [(left, right)] if kind == "le" else [(left, right), (right, left)]
            for less, more in pairs:
                room = high(more) - low(less)
                if room < 0:
                    return False
                for t in less:
                    if not isinstance(t, int) and domains[t][1] > domains[t][0] + room:
                        domains[t] = (domains[t][0], domains[t][0] + room)
                        changed = True
                for t in more:
                    if not isinstance(t, int) and domains[t][0] < domains[t][1] - room:
                        domains[t] = (domains[t][1] - room, domains[t][1])
                        changed = True
    return True


def possible(domains, rows):
    """Whether whole numbers satisfy the rows: narrow, then try the least-open unknown value by value."""
    domains = dict(domains)
    if not propagate(domains, rows):
        return False
    used = {t for _, a, b in rows for t in a + b if not isinstance(t, int)}
    open_ = [v for v in used if domains[v][0] < domains[v][1]]
    if not open_:
        return True
    variable = min(open_, key=lambda v: (domains[v][1] - domains[v][0], v))
    low, high = domains[variable]
    return any(possible({**domains, variable: (x, x)}, rows) for x in range(low, high + 1))


def values(quantity, domains, rows):
    """The values that a figure or a rise can have, from the least on, as far as it matters."""
    before, after = quantity
    domains = dict(domains)
    propagate(domains, rows)
    low = lambda t: t if isinstance(t, int) else domains[t][0]
    high = lambda t: t if isinstance(t, int) else domains[t][1]
    if before is None:
        if isinstance(after, int):
            return [after]
        start, end = low(after), high(after)
        fits = lambda x: possible({**domains, after: (x, x)}, rows)
    else:
        start, end = max(0, low(after) - high(before)), high(after) - low(before)
        fits = lambda x: possible(domains, rows + [("eq", [before, x], [after])])
    found = []
    for x in range(start, end + 1):
        if fits(x):
            found.append(x)
        if len(found) > 6 and found[-1] >= THRESHOLD:
            break
    return found


def leaks(snapshots):
    """What can be known too closely of the newest set, with all that are out."""
    now, earlier = snapshots[-1], snapshots[:-1]
    unknown = {}

    def value(snapshot, ref, column):
        key = (ref, column)
        own = snapshot.cells.get(key)
        if own is not None and own != "c":
            return own
        if now.cells.get(key, "c") != "c":
            return now.cells[key]
        if key not in now.revised:
            for other in reversed(earlier):
                if other.cells.get(key, "c") != "c":
                    return other.cells[key]
        return unknown.setdefault(key, key)

    own = constraints(now, value)
    more = [row for s in earlier for row in constraints(s, value)]
    domains = {key: (1, CAP) for key in unknown}
    for key in [k for k, v in now.cells.items() if v == "c"]:
        if not isinstance(value(now, *key), int):
            domains[key] = (1, CAP)
    # A revised figure is another than it was: where all sets together say that it is not, something beside it was revised as well.
    before = {k: {s.cells[k] for s in earlier if s.cells.get(k, "c") != "c"} for k in now.revised if now.cells[k] == "c"}
    refuted = lambda rows: not possible(domains, rows) or any(set(values((None, k), domains, rows)) <= old for k, old in before.items())
    if refuted(own + more):
        more = [row for s in earlier for row in constraints(s, value, now.revised)]
    if refuted(own + more):
        more = []  # something was revised while it was hidden: only the newest set is of one piece
        if not possible(domains, own):
            return []
    summed = {r for s in snapshots for t, p in s.sums for r in [t, *p]}
    out = []
    quantities = [(None, value(now, *key), key) for key, seen in now.cells.items() if seen == "c"]
    by = collections.defaultdict(list)
    for ref, column in now.cells:
        if column != "Baseline" and ref in now.running:
            by[ref].append(column)
    for ref, columns in by.items():
        for a, b in itertools.pairwise(sorted(columns)):
            if "c" in (now.cells[ref, a], now.cells[ref, b]):
                quantities.append((value(now, ref, a), value(now, ref, b), (ref, f"{a} to {b}")))
    second = dict(domains)
    # The rule of each set that hides it, by what that set shows: where they contradict each other, who uses the rule learns what is not so.
    agrees = True
    for snapshot in snapshots:
        for (ref, column), seen in snapshot.cells.items():
            if seen != "c" or ref in summed or isinstance(value(now, ref, column), int) or (ref, column) not in second:
                continue
            base = 0
            if ref in snapshot.running and column != "Baseline":
                before = sorted(c for r, c in snapshot.cells if r == ref and c != "Baseline" and c < column)
                shown = [snapshot.cells[ref, c] for c in before if snapshot.cells[ref, c] != "c"]
                base = shown[-1] if shown else 0
            low, high = second[ref, column]
            second[ref, column] = (max(low, base + 1), min(high, base + THRESHOLD - 1))
            agrees &= second[ref, column][0] <= second[ref, column][1]
    has_second = agrees and possible(second, own + more)
    for before, after, name in quantities:
        level1 = values((before, after), domains, own + more)
        if not (set(range(1, THRESHOLD)) <= set(level1) or len(level1) > 5):
            out.append(f"{name}: by the figures {level1}")
        if has_second:
            level2 = values((before, after), second, own + more)
            if len(level2) < 3:
                out.append(f"{name}: by the rule {level2}")
    return out


def printed(snapshot, earlier):
    """Small counts and small rises that stand there."""
    out = []
    for (ref, column), seen in snapshot.cells.items():
        if seen == "c":
            continue
        if 0 < seen < THRESHOLD:
            out.append(f"{ref} {column}: {seen} is small")
        if ref in snapshot.running and column != "Baseline":
            for other in [snapshot, *earlier]:
                for (r, c), v in other.cells.items():
                    if r == ref and c not in (column, "Baseline") and v != "c" and 0 < abs(seen - v) < THRESHOLD:
                        out.append(f"{ref} {column}: {seen} lies {abs(seen - v)} from {c}")
    return out


# --- the run --------------------------------------------------------------------------------------------------------------------------


def publish(program, folder, plan_path, schema, quarter, earlier):
    out = folder / f"q{quarter + 1}"
    result = subprocess.run(
        [program, "publish", str(plan_path), "--quarter", f"2022-23-Q{quarter + 1}", "--as-of", "2023-04-01", "--schema", str(schema),
         "-o", str(out), "--report", str(folder / f"q{quarter + 1}.json"), "--earlier", *(map(str, earlier) if earlier else ["none"])],
        capture_output=True, text=True)
    return out, result


def run_year(program, seed, folder, counts):
    rng = random.Random(seed)
    measures, sums = year(rng)
    schema = folder / "schema"
    configuration(program, schema, sums)
    done, wrong, snapshots = [], [], []
    for quarter in range(4):
        revised(rng, measures, sums, quarter)
        plan(folder / f"plan{quarter}.xlsx", measures, quarter)
        out, result = publish(program, folder, folder / f"plan{quarter}.xlsx", schema, quarter, done)
        if not out.exists():
            counts["stopped"] += 1
            if "can be worked out" not in result.stdout and "lies below" not in result.stdout:
                wrong.append(f"seed {seed} Q{quarter + 1}: nothing written, and not for what is out: {result.stdout}{result.stderr}")
            break
        done.append(out)
        snapshots.append(Snapshot(out))
        counts["sets"] += 1
        counts["hidden"] += sum(v == "c" for v in snapshots[-1].cells.values())
        if quarter == 3 or rng.random() < 0.3:
            wrong += [f"seed {seed} Q{quarter + 1}: {w}" for w in siblings(out)]
        wrong += [f"seed {seed} Q{quarter + 1}: {w}" for w in printed(snapshots[-1], snapshots[:-1])]
        wrong += [f"seed {seed} Q{quarter + 1}: {w}" for w in leaks(snapshots)]
    return done, snapshots, wrong


def planted(folder):
    """The test of the test: one leak of each kind, in a set of its own."""
    def made(name, cells, running=(), sums=(), revised=()):
        s = object.__new__(Snapshot)
        s.cells, s.running, s.sums, s.revised = dict(cells), set(running), list(sums), set(revised)
        return name, s
    q = lambda n: f"Q{n} 2022-23"
    cases = [
        ("a part by its total", [made("", {("A", q(1)): "c", ("B", q(1)): 20, ("T", q(1)): 23}, (), [("T", ["A", "B"])])[1]]),
        ("a total too near its least", [made("", {("A", q(1)): "c", ("B", q(1)): "c", ("T", q(1)): 4}, (), [("T", ["A", "B"])])[1]]),
        ("between two quarters", [made("", {("A", q(1)): 7, ("A", q(2)): "c", ("A", q(3)): 9}, ["A"])[1]]),
        ("shown before", [made("", {("A", q(1)): 3})[1], made("", {("A", q(1)): "c"})[1]]),
        ("a total shown before", [made("", {("B", q(1)): 20, ("T", q(1)): 23})[1],
                                  made("", {("A", q(1)): "c", ("B", q(1)): "c", ("T", q(1)): 23}, (), [("T", ["A", "B"])])[1]]),
        ("by the rule", [made("", {("A", q(1)): "c", ("A", q(2)): 6, ("A", q(3)): "c", ("A", q(4)): 7}, ["A"])[1]]),
    ]
    missed = [name for name, sets in cases if not leaks(sets)]
    fine = [("one alone", [made("", {("A", q(1)): "c"})[1]]),
            ("two parts", [made("", {("A", q(1)): "c", ("B", q(1)): "c", ("T", q(1)): 23}, (), [("T", ["A", "B"])])[1]])]
    missed += [f"{name} is no leak" for name, sets in fine if leaks(sets)]
    small = made("", {("A", q(1)): 3, ("B", q(1)): 7, ("B", q(2)): 9}, ["B"])[1]
    if len(printed(small, [])) != 3:
        missed.append("printed small counts and rises")
    own = folder / "siblings"
    source = next(p for p in folder.glob("*/q1"))
    for what, tamper in [
        ("a csv that differs", lambda d: edit(next(d.glob("*-measures.csv")), lambda t: t.replace(",", ",9", 1).replace("[z]", "7", 1))),
        ("a comment in the page", lambda d: edit(next(d.glob("*.html")), lambda t: t.replace("</main>", "<!-- 3 --></main>"))),
        ("a cell of the page", lambda d: edit(next(d.glob("*.html")), lambda t: t.replace("[z]</td>", "[x]</td>", 1))),
    ]:
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(source, own)
        tamper(own)
        if not siblings(own):
            missed.append(what)
    return missed


def edit(path, change):
    path.write_bytes(change(path.read_bytes().decode()).encode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--planted", action="store_true")
    args = parser.parse_args()
    program = str(pathlib.Path(args.bin).resolve())
    counts, wrong = collections.Counter(), []
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for seed in range(args.seed, args.seed + args.count):
            folder = work / str(seed)
            folder.mkdir()
            wrong += run_year(program, seed, folder, counts)[2]
        if args.planted:
            missed = planted(work)
            wrong += [f"the attack missed: {m}" for m in missed]
    print(*wrong, sep="\n")
    print(f"{args.count} years: {counts['sets']} sets, {counts['hidden']} hidden figures, {counts['stopped']} not written for what is out, {len(wrong)} wrong")
    sys.exit(bool(wrong))


main()
