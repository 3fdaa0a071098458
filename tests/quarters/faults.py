"""One planter a fault: it spoils the truth (or the sheet, once laid out) and says what must be found, where, and what it takes with it.

A planter is `f(q, rng) -> expectation or list`; an expectation's `where()` is asked after the layout. Keys are a rule's code, with a letter for a
second way to break it. Each planter uses up the agencies, actions and lines it touches, so that several can stand in one quarter.
"""
import datetime as dt
import io
import struct
import zipfile

import model
from hands import FILLS, Err, Formula, a1
from model import AGENCIES, D, DEADLINES, ENDS, PREFIX, RECOVERS, STARTS, Return, Row

PLANTERS, QUARTERS, ALONE = {}, {}, set()


class CannotPlant(Exception): pass


def plant(code, quarters=None, alone=False):
    def wrap(f):
        PLANTERS[code] = f
        if quarters: QUARTERS[code] = set(quarters)
        if alone: ALONE.add(code)
        return f
    return wrap


def quarter_for(codes, rng):
    ok = {1, 2, 3, 4}
    for c in codes: ok &= QUARTERS.get(c, ok)
    if not ok: raise CannotPlant
    if ok == {1, 2, 3, 4} and rng.random() < .5: return 2
    return rng.choice(sorted(ok))


# --- picking ---------------------------------------------------------------------------------------------------------------------
def use(q, *things): q.used.update(things)


def choose(rng, items):
    items = list(items)
    if not items: raise CannotPlant
    return rng.choice(items)


def pick_return(q, rng, pred=lambda r: True):
    r = choose(rng, [r for r in q.returns.values() if r.agency not in q.used and r.updates and pred(r)])
    use(q, r.agency)
    return r


def alone_on(q, act):
    """Leaves the lead's report as the only one on this action."""
    for r in q.returns.values(): r.updates = [u for u in r.updates if u["act"] is not act or u.agency == act["lead_agency"]]


def pick_update(q, rng, pred=lambda u: True, solo=True):
    """A lead's report in a return that no other fault uses."""
    u = choose(rng, [u for r in q.returns.values() if r.agency not in q.used and r.state == "accepted" for u in r.updates if u["act"] and u["act"]["lead_agency"] == r.agency and u["act"]["ref"] not in q.used and pred(u)])
    use(q, u.agency, u["ref"])
    if solo: alone_on(q, u["act"])
    q.plan_need["no_prefill"] = True
    return q.returns[u.agency], u


def pick_spend(q, rng, pred=lambda s: True, kind="actual"):
    s = choose(rng, [s for r in q.returns.values() if r.agency not in q.used for s in r.spend if s["line"] not in q.used and s["line"].startswith("CRG") and (kind is None or s["kind"] == kind) and s["amount"] > 0 and pred(s)])
    use(q, s.agency, s["line"])
    r = q.returns[s.agency]
    r.claims = [c for c in r.claims if c["line"] in r.claim_only]
    l = q.line(s["line"])
    l["forecast"] = None
    return r, s


def pick_claim(q, rng, pred=lambda c: True):
    """A claim beside itemised spend; made where there is none."""
    s = choose(rng, [s for r in q.returns.values() if r.agency not in q.used for s in r.spend if s["line"] not in q.used and s["line"].startswith("CRG") and s["kind"] == "actual" and pred(s)])
    use(q, s.agency, s["line"])
    r, l = q.returns[s.agency], q.line(s["line"])
    got = [c for c in r.claims if c["line"] == s["line"]]
    if got: return r, got[0], l
    total = sum((x["amount"] for x in r.spend if x["line"] == s["line"] and x["kind"] != "commitment"), D(0))
    return r, q.claim(s.agency, l, total), l


def pick_action(q, rng, pred=lambda a: True):
    a = choose(rng, [a for a in q.actions if a["ref"] not in q.used and pred(a)])
    use(q, a["ref"])
    q.plan_need["no_prefill"] = True
    return a


def need(r, **k):
    for key, v in k.items():
        if key == "fields": r.need.setdefault("fields", []).extend(v)
        elif key == "formats" and "formats" in r.need: r.need["formats"] = [f for f in r.need["formats"] if f in v]
        else: r.need[key] = v


def plan_need(q, **k):
    for key, v in k.items():
        if key in ("fields", "funding_fields"): q.plan_need.setdefault(key, []).extend(v)
        elif q.plan_need.get(key, v) != v: raise CannotPlant
        else: q.plan_need[key] = v


def after(q, f): q.__dict__.setdefault("after_layout", []).append(f)
def after_write(q, f): q.__dict__.setdefault("after_write", []).append(f)


# --- saying where ----------------------------------------------------------------------------------------------------------------
def cell(row, field):
    def where():
        book, sheet, r, c = row.at[field]
        return book.place(sheet, a1(r, c))
    return where


def found(code, severity, where, raw=None): return dict(code=code, severity={"E": "error", "W": "warning", "I": "information"}[severity], where=where, raw=None if raw is None else str(raw))
def whole(r): return lambda: r.books[0].place()
def label(r, what): return lambda: r.books[0].place(r.books[0].label_at[what][1], a1(*r.books[0].label_at[what][2:]))


def head(r, table, field):
    def where():
        t = getattr(r, table + "_table")
        at = next(v for k, v in t.head_at.items() if k == field or isinstance(k, tuple) and k[1] == field)
        return t.book.place(t.sheet, a1(*at))
    return where


def header(r, table):
    def where():
        t = getattr(r, table + "_table")
        return t.book.place(t.sheet, t.header)
    return where


def nothing(act, *fields):
    """What a report that is lost leaves of its action: nothing, for the plan has nothing yet."""
    act.expect = {**getattr(act, "expect", {}), **{f: None for f in fields or ("status", "update", "value")}}
    act.expect["null"] = list(fields or ("status", "update", "value"))


# --- S: sources --------------------------------------------------------------------------------------------------------------------
def lose(q, r, state="held", money=False):
    r.state, r.money_held = state, money


@plant("S001")
def s001(q, rng):
    r = pick_return(q, rng)
    lose(q, r, "unreadable"); need(r, label="file", label_quarter="file", formats=["xlsx", "ods", "xls"])
    how = rng.choice(["cut", "empty", "picture", "pdf", "inside"])
    def spoil(folder):
        p = folder / r.books[0].path
        b = p.read_bytes()
        if how == "cut" or how == "inside" and r.books[0].fmt != "xlsx": b = b[:len(b) // 2]
        elif how == "empty": b = b""
        elif how == "picture": b = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
        elif how == "pdf": b = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n" + bytes(900) + b"\n%%EOF\n"
        else:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as z: z.writestr("readme.txt", "nothing here")
            b = out.getvalue()
        p.write_bytes(b)
    after_write(q, spoil)
    return found("S001", "E", whole(r))


def cfb(streams):
    """A compound file of a few streams, each padded past the small-stream limit."""
    data, entries, fat = b"", [], []
    sect = 2
    for name, body in streams:
        body = body.ljust(max(4096, -(-len(body) // 512) * 512), b"\0")
        n = len(body) // 512
        entries.append((name, sect, len(body)))
        fat += list(range(sect + 1, sect + n)) + [0xFFFFFFFE]
        data += body
        sect += n
    fat = [0xFFFFFFFD, 0xFFFFFFFE] + fat
    assert len(fat) <= 128
    fat += [0xFFFFFFFF] * (128 - len(fat))
    def entry(name, kind, start, size, child=0xFFFFFFFF, right=0xFFFFFFFF):
        n = name.encode("utf-16-le") + b"\0\0"
        return n.ljust(64, b"\0") + struct.pack("<HBBIII", len(n) if name else 0, kind, 1, 0xFFFFFFFF, right, child) + bytes(36) + struct.pack("<IQ", start, size)
    d = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1)
    for i, (name, start, size) in enumerate(entries): d += entry(name, 2, start, size, right=i + 2 if i + 1 < len(entries) else 0xFFFFFFFF)
    d = d.ljust(512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff" * (108 * 4)
    return head[:512] + struct.pack("<128I", *fat) + d + data


@plant("S002")
def s002(q, rng):
    r = pick_return(q, rng)
    fmt = rng.choice(["xlsx", "ods", "xls"])
    lose(q, r, "unreadable"); need(r, label="file", label_quarter="file", formats=[fmt])
    def spoil(folder):
        p = folder / r.books[0].path
        if fmt == "xlsx": b = cfb([("EncryptedPackage", bytes(range(256)) * 20), ("EncryptionInfo", struct.pack("<HHI", 4, 4, 0x40) + b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"/>')])
        elif fmt == "xls":
            stream = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6) + struct.pack("<HH", 0x002F, 54) + struct.pack("<HHH", 1, 1, 1) + bytes(48) + bytes(range(256)) * 18
            b = cfb([("Workbook", stream)])
        else:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as z:
                z.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
                z.writestr("content.xml", bytes(range(256)) * 8)
                z.writestr("META-INF/manifest.xml", '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml" manifest:size="2048"><manifest:encryption-data manifest:checksum-type="SHA1/1K" manifest:checksum="x"><manifest:algorithm manifest:algorithm-name="Blowfish CFB" manifest:initialisation-vector="x"/><manifest:key-derivation manifest:key-derivation-name="PBKDF2" manifest:iteration-count="1024" manifest:salt="x"/></manifest:encryption-data></manifest:file-entry></manifest:manifest>')
            b = out.getvalue()
        p.write_bytes(b)
    after_write(q, spoil)
    return found("S002", "E", whole(r))


@plant("S003")
def s003(q, rng):
    r = pick_return(q, rng)
    need(r, formats=[rng.choice(["xlsx", "ods", "xls", "csv"])])
    def rename():
        b = r.books[0]
        wrong = {"xlsx": ["xls", "ods", "csv"], "ods": ["xlsx"], "xls": ["xlsx", "ods"], "csv": ["xls", "xlsx"]}[b.fmt]
        b.path = b.path.rsplit(".", 1)[0] + "." + rng.choice(wrong)
    after(q, rename)
    return found("S003", "W", whole(r))


@plant("S005")
def s005(q, rng):
    r = pick_return(q, rng)
    need(r, plain_files=True)
    # What a line shows as held because of a copy is open: the copy's money is held, and none of it is waiting for anything.
    for l in q.lines:
        if any(x["line"] == l["line"] for x in r.spend + r.claims): l.expect = {**getattr(l, "expect", {}), "held": None}
    def copy(folder):
        b = r.books[0]
        (folder / name()).write_bytes((folder / b.path).read_bytes())
    def name(): return "returns/zz copy of " + r.books[0].path.rsplit("/", 1)[1]
    after_write(q, copy)
    return found("S005", "W", lambda: {"path": name(), "sheet": None, "cell": None})


def second(q, r, rng):
    """An earlier version of a return, with other words and figures."""
    old = Return(r.agency)
    for u in r.updates:
        x = Row("updates", dict(u.v), u.agency); x["update"] = f"Draft: {rng.randint(5, 90)} visits counted so far."; old.updates.append(x)
    for s in r.spend: old.spend.append(Row("spend", dict(s.v), s.agency))
    q.__dict__.setdefault("extra_returns", []).append(old)
    return old


@plant("S006")
def s006(q, rng):
    r = pick_return(q, rng)
    old = second(q, r, rng)
    old.state = "superseded"
    name = AGENCIES[r.agency][1]
    how = rng.choice(["v", "version", "date", "submitted"])
    if how == "v": a, b = {}, {}; fa, fb = f"{name} Q{q.n} 2022-23 v1", f"{name} Q{q.n} 2022-23 v2"
    else:
        fa, fb = f"{name} Q{q.n} 2022-23", f"{name} Q{q.n} 2022-23 corrected"
        k = {"version": "Version", "date": "Date of return", "submitted": "Date submitted"}[how]
        d = q.as_of - dt.timedelta(days=6)
        a, b = (dict(stated=(k, "1")), dict(stated=(k, "2"))) if how == "version" else (dict(stated=(k, d.strftime("%d %B %Y"))), dict(stated=(k, (d + dt.timedelta(days=4)).strftime("%d %B %Y"))))
    need(old, label="cell", label_quarter="cell", file=fa, **a); need(r, label="cell", label_quarter="cell", file=fb, **b)
    return found("S006", "W", whole(old))


@plant("S006b")
def s006b(q, rng):
    r = pick_return(q, rng)
    old = second(q, r, rng)
    old.state = r.state = "held"
    name = AGENCIES[r.agency][1]
    need(old, label="cell", label_quarter="cell", file=f"{name} first"); need(r, label="cell", label_quarter="cell", file=f"{name} second")
    return found("S006", "E", whole(r))


def stranger(q, rng, **k):
    x = Return("SDC")
    for a in rng.sample(q.actions, 2): x.updates.append(q.update_row(a, "SDC", f"We gave {rng.randint(3, 30)} talks.", None))
    for u in x.updates: u["act"] = None
    x.state = "held"
    q.__dict__.setdefault("extra_returns", []).append(x)
    need(x, file=f"partner form {rng.randint(2, 9)}", no_banners=True, no_groups=True, **k)
    return x


@plant("S007")
def s007(q, rng):
    said = rng.choice(["Border Force", "Kent Wildlife Trust", "Parish Council Forum", "Network Rail"])
    x = stranger(q, rng, label="cell", label_quarter="cell", said=said)
    return found("S007", "E", label(x, "partner"), said)


@plant("S007b")
def s007b(q, rng):
    x = stranger(q, rng, label="none", label_quarter="cell")
    return found("S007", "E", whole(x))


def other_quarter(q, rng): return rng.choice([(model.YEAR, rng.choice([k for k in (1, 2, 3, 4) if k != q.n])), ("2021-22", q.n), ("2021-22", q.n)])


@plant("S008")
def s008(q, rng):
    r = pick_return(q, rng)
    r.said_quarter = other_quarter(q, rng)
    lose(q, r, money=True); need(r, label=rng.choice(["cell", "cover"]), label_quarter="cell", no_groups=True)
    return found("S008", "E", label(r, "quarter"))


@plant("S008b")
def s008b(q, rng):
    r = pick_return(q, rng)
    r.said_quarter = other_quarter(q, rng)
    lose(q, r, money=True); need(r, label="file", label_quarter="file", no_groups=True)
    return found("S008", "E", whole(r))


@plant("S009")
def s009(q, rng):
    r = pick_return(q, rng)
    lose(q, r); r.absent = True
    return found("S009", "E" if q.as_of > DEADLINES[q.n - 1] else "I", lambda: {"path": None, "sheet": None, "cell": None}, r.agency)


@plant("S010")
def s010(q, rng):
    r, u = pick_update(q, rng)
    u["update"] = "Visitors from Lüneburg and Düren came to see the scheme."
    for x in r.updates:
        if x is not u: x["update"] = f"{rng.randint(12, 400)} people were seen, {q.rng.randint(1, 999)} of them new."
    need(r, formats=["csv"], encoding="cp850", plain=True, label="cell", no_groups=True)
    u["act"].expect = {"update": None}
    return found("S010", "I", whole(r))


@plant("S011")
def s011(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsm"])
    after(q, lambda: r.books[0].opts.update(parts=[("xl/vbaProject.bin", cfb([("VBA", bytes(64))]), "http://schemas.microsoft.com/office/2006/relationships/vbaProject", None)]))
    return found("S011", "W", whole(r))


@plant("S012")
def s012(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx", "xlsx", "ods", "xls"])
    state = {}
    def add():
        b = r.books[0]
        s = b.add(rng.choice(["Old data", "Working", "Names of victims"]))
        s.state = rng.choice(["hidden", "veryHidden"]) if b.fmt != "ods" else "hidden"
        for i, row in enumerate([("Person", "Street"), ("A. Example", "Sample Road"), ("B. Example", "Model Close")]):
            for j, x in enumerate(row): s.put(i, j, x)
        state["s"] = s
    after(q, add)
    return found("S012", "W", lambda: r.books[0].place(state["s"]))


@plant("S012b")
def s012b(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx"], writer="raw")
    xml = '<?xml version="1.0" encoding="UTF-8"?><externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"><sheetNames><sheetName val="Sheet1"/></sheetNames></externalBook></externalLink>'
    rels = '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="file:///S:/old.xlsx" TargetMode="External"/></Relationships>'
    after(q, lambda: r.books[0].opts.update(parts=[("xl/externalLinks/externalLink1.xml", xml, "externalLink", "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"), ("xl/externalLinks/_rels/externalLink1.xml.rels", rels, None, None)]))
    return found("S012", "W", whole(r))


@plant("S013")
def s013(q, rng):
    r = pick_return(q, rng)
    lose(q, r); r.updates, r.spend, r.claims = [], [], []
    need(r, label="file", label_quarter="file", prose=["Dear all,", "We have had a good quarter and will send the form when it is ready.", "With thanks"], formats=["xlsx", "ods", "xls"])
    return found("S013", "E", whole(r))


@plant("S014")
def s014(q, rng):
    r = pick_return(q, rng)
    other = choose(rng, [a for a in AGENCIES if a not in (r.agency, "SDC")])
    lose(q, r, money=True); need(r, label="cell", label_quarter="cell", file=f"{AGENCIES[other][1]} Q{q.n} 2022-23 form")
    return found("S014", "E", label(r, "partner"))


@plant("S015")
def s015(q, rng):
    r = pick_return(q, rng)
    need(r, label="cell", label_quarter="none", no_groups=True, file=f"{AGENCIES[r.agency][1]} return")
    return found("S015", "W", whole(r))


@plant("S016")
def s016(q, rng):
    r = pick_return(q, rng, lambda r: r.spend)
    lose(q, r); need(r, formats=["xlsx"], writer="raw", together=False, label="file", label_quarter="file")
    state = {}
    def spoil():
        s = r.spend_table.sheet
        s.damaged = True
        state["s"] = s
    after(q, spoil)
    return found("S016", "E", lambda: r.books[0].place(state["s"]))


@plant("S017")
def s017(q, rng):
    name, body = rng.choice([("minutes.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), ("poster.png", b"\x89PNG\r\n\x1a\n" + bytes(400)), ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(400)), ("covering note.eml", b"From: a@example.org\r\nTo: b@example.org\r\nSubject: return\r\n\r\nSee attached.\r\n")])
    after_write(q, lambda folder: (folder / "returns" / name).write_bytes(body))
    return found("S017", "I", lambda: {"path": "returns/" + name, "sheet": None, "cell": None})


# --- H: sheets, headings, layout ---------------------------------------------------------------------------------------------------
@plant("H101")
def h101(q, rng):
    r = pick_return(q, rng)
    r.held_tables = {"updates"}
    need(r, drop=["status"], no_groups=True)
    return found("H101", "E", header(r, "updates"))


@plant("H101b")
def h101b(q, rng):
    r, s = pick_spend(q, rng)
    r.held_tables = {"spend"}
    need(r, drop_spend=[rng.choice(["document", "document_date"])])
    return found("H101", "E", header(r, "spend"))


ODD_HEADINGS = ["Ward", "Weather on the day", "Ticket colour", "Parish", "Seen by legal?"]


@plant("H102")
def h102(q, rng):
    r = pick_return(q, rng)
    for u in r.updates: u["odd"] = rng.choice(["North", "South", "Yes"])
    need(r, extra=[(rng.choice([None, 1]), "odd", rng.choice(ODD_HEADINGS))])
    return found("H102", "I", head(r, "updates", "odd"))


@plant("H102b")
def h102b(q, rng):
    r, s = pick_spend(q, rng)
    for u in r.spend: u["odd"] = rng.choice(["North", "South", "Yes"])
    need(r, extra_spend=[(rng.choice([None, 1]), "odd", rng.choice(ODD_HEADINGS))])
    return found("H102", "I", head(r, "spend", "odd"))


@plant("H103")
def h103(q, rng):
    r = pick_return(q, rng)
    r.held_tables = {"updates"}
    for u in r.updates: u["again"] = "Seen and noted by the team."
    need(r, extra=[(None, "again", rng.choice(["Progress made", "Quarterly update", "Narrative"]))], rename={"update": rng.choice(["Update", "Progress this quarter"])})
    return found("H103", "E", head(r, "updates", "again"))


@plant("H103b")
def h103b(q, rng):
    r = pick_return(q, rng, lambda r: not any(u["status"] in ("at-risk", "off-track") for u in r.updates))
    for u in r.updates: u["again"] = None
    need(r, extra=[(None, "again", "What next")], rename={"next_steps": "Next steps"}, quiet=None)
    return found("H103", "E", head(r, "updates", "again"))


@plant("H104")
def h104(q, rng):
    r = pick_return(q, rng, lambda r: not any(u["status"] in ("at-risk", "off-track") for u in r.updates))
    need(r, rename={"next_steps": rng.choice(["Next stepps", "Next setps", "Nextt steps"])}, no_groups=True)
    return found("H104", "W", head(r, "updates", "next_steps"))


@plant("H105")
def h105(q, rng):
    r = pick_return(q, rng, lambda r: len(r.updates) > 2)
    need(r, formats=["xlsx"], tight=True, no_banners=True, together=False)
    state = {}
    def hide():
        t = r.updates_table
        rows = sorted(u.at["ref"][2] for u in t.rows)
        i = rng.randrange(len(rows) - 1)
        pick = rows[i:i + rng.choice([1, 2])]
        t.sheet.hidden_rows.update(pick)
        c = min(x for _, x in t.head_at.values())
        state["at"] = a1(pick[0], c) if len(pick) == 1 else f"{a1(pick[0], c)}:{a1(pick[-1], c)}"
    after(q, hide)
    return found("H105", "W", lambda: r.books[0].place(r.updates_table.sheet, state["at"]))


@plant("H106")
def h106(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx"], together=False)  # a table below would hide a column of its own
    def hide(): r.updates_table.sheet.hidden_cols.add(next(v for k, v in r.updates_table.head_at.items() if k == "next_steps")[1])
    after(q, hide)
    return found("H106", "W", head(r, "updates", "next_steps"))


BLOCKS = [[("Hall", "Booked", "By"), ("Village hall", "Yes", "A. Example"), ("Scout hut", "No", "B. Example")], [("Month", "Calls"), ("July", 40), ("August", 52), ("September", 31)]]


@plant("H107")
def h107(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx", "ods", "xls"], no_notes=True)
    state = {}
    block = rng.choice(BLOCKS)
    where = rng.choice(["sheet", "below"])
    def add():
        b = r.books[0]
        if where == "sheet": s, r0, c0 = b.add(rng.choice(["Staffing", "Halls", "Sheet2"])), rng.choice([0, 2]), rng.choice([0, 1])
        else: s = b.sheets[-1]; r0, c0 = s.bottom() + 4, rng.choice([0, 2])
        for i, row in enumerate(block):
            for j, x in enumerate(row): s.put(r0 + i, c0 + j, x)
        state["at"] = (s, a1(r0, c0))
    after(q, add)
    return found("H107", "W", lambda: r.books[0].place(*state["at"]))


@plant("H107b")
def h107b(q, rng):
    state = {}
    def add():
        b = q.plan_book
        s = b.add("Meetings")
        for i, row in enumerate([("Month", "Room"), ("May", "Council chamber"), ("June", "Library")]):
            for j, x in enumerate(row): s.put(1 + i, 1 + j, x)
        state["s"] = s
    after(q, add)
    return found("H107", "W", lambda: q.plan_book.place(state["s"], "B2"))


@plant("H108")
def h108(q, rng):
    r, u = pick_update(q, rng)
    need(r, formats=["xlsx"], writer=rng.choice(["openpyxl", "xlsxwriter"]))
    field = rng.choice(["update", "status"])
    def note():
        _, s, a, b = u.at[field]
        s.cells[a, b].note = "Ask the sergeant about this one"
    after(q, note)
    return found("H108", "W", cell(u, field))


@plant("H109")
def h109(q, rng):
    def pairs(r): return [(a, b) for a, b in zip(r.updates, r.updates[1:]) if a["status"] == b["status"] and a["ref"] not in q.used and b["ref"] not in q.used]
    r = pick_return(q, rng, pairs)
    a, b = choose(rng, pairs(r))
    use(q, a["ref"], b["ref"])
    need(r, formats=["xlsx"], tight=True, no_banners=True)
    b.raw["status"] = None
    def merge():
        _, s, ra, c = a.at["status"]
        s.merges.append((ra, c, b.at["status"][2], c))
    after(q, merge)
    return found("H109", "I", lambda: r.books[0].place(a.at["status"][1], f"{a1(*a.at['status'][2:])}:{a1(*b.at['status'][2:])}"))


@plant("H110")
def h110(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx", "ods", "xls"], no_notes=True)
    state = {}
    def add():
        s = r.books[0].sheets[-1]
        at = (s.bottom() + rng.choice([4, 6]), s.right() + 2 + rng.choice([0, 1]))
        s.put(*at, rng.choice([42, D("617.50"), Err("#REF!") if r.books[0].fmt == "xlsx" else 9]))
        state["at"] = (s, a1(*at))
    after(q, add)
    return found("H110", "I", lambda: r.books[0].place(*state["at"]))


# --- C: cells --------------------------------------------------------------------------------------------------------------------
@plant("C201")
def c201(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] != "complete")
    f = rng.choice(["update", "update", "status"])
    u.raw[f] = rng.choice([None, None, "  ", "\u00a0", "tbc", "n/a", "-", "\u200b"]) if f == "update" else rng.choice([None, "n/a", "Please select", "tbc"])
    u.held_fields.add(f)
    nothing(u["act"], f)
    return found("C201", "E", cell(u, f), u.raw[f])


@plant("C201b")
def c201b(q, rng):
    r, s = pick_spend(q, rng)
    f = rng.choice(["document", "document_date", "amount"])
    s.raw[f] = rng.choice([None, "tbc", "n/a", " "])
    s.hold()
    if f == "amount": s.style["unreadable"] = True
    if f == "amount": need(r, no_total=True)
    return found("C201", "E", cell(s, f), s.raw[f])


@plant("C202")
def c202(q, rng):
    r, s = pick_spend(q, rng)
    s.raw["amount"] = rng.choice(["£1,2500", "c. 3k", "about 300", "120-140", "1.250,00", "£300 + VAT", "1OO.00", "200ish", "£12,34.00"])
    s.hold(); s.style["unreadable"] = True
    return found("C202", "E", cell(s, "amount"), s.raw["amount"])


@plant("C202b")
def c202b(q, rng):
    r, u = pick_update(q, rng, lambda u: u["value"] is not None)
    u.raw["value"] = rng.choice(["30+", "12-14", "c. 40", "approx 30", "2 x 15", "<5", "forty"])
    u.held_fields.add("value"); nothing(u["act"], "value")
    return found("C202", "E", cell(u, "value"), u.raw["value"])


@plant("C203")
def c203(q, rng):
    r, s = pick_spend(q, rng)
    s.raw["document_date"] = rng.choice(["end of the quarter", "see invoice", "last week", "awaiting", "end of Q2"])
    s.hold()
    return found("C203", "E", cell(s, "document_date"), s.raw["document_date"])


@plant("C203b")
def c203b(q, rng):
    r, u = pick_update(q, rng)
    need(r, fields=["as_at"])
    u.raw["as_at"] = rng.choice(["when the system was checked", "latest", "end of term"])
    return found("C203", "E", cell(u, "as_at"), u.raw["as_at"])


@plant("C204")
def c204(q, rng):
    r, s = pick_spend(q, rng)
    m = rng.choice([(q.n * 3 + k) % 12 + 1 for k in range(3)])
    d, y = (rng.choice([1, 2, 3]), 2022) if q.n < 4 else (rng.choice([5, 8, 12]), 2023)
    s.raw["document_date"] = rng.choice([f"{m:02d}/{d:02d}/{y}", f"{m}/{d}/{y}"])
    s.hold(); need(r, date=rng.choice(["uk", "iso", "long"]))
    return found("C204", "W", cell(s, "document_date"), s.raw["document_date"])


@plant("C204b")
def c204b(q, rng):
    r, s = pick_spend(q, rng, lambda s: sum(x["line"] == s["line"] for x in q.returns[s.agency].spend) > 1)
    other = next(x for x in r.spend if x is not s)
    m = rng.choice([(q.n * 3 + k) % 12 + 1 for k in range(3)])
    y = 2022 if q.n < 4 else 2023
    s.raw["document_date"] = f"{m:02d}/{rng.choice([4, 5, 6, 8, 12] if q.n < 4 else [1, 2, 3]):02d}/{y}"
    if int(s.raw["document_date"][3:5]) == m: raise CannotPlant
    other.raw["document_date"] = f"{m:02d}/{rng.choice([17, 21, 25]):02d}/{y}"
    s.hold(); need(r, date="iso")
    return found("C204", "W", cell(s, "document_date"), s.raw["document_date"])


@plant("C205")
def c205(q, rng):
    r, s = pick_spend(q, rng)
    s.raw["document_date"] = rng.choice(["31/06/2022", "30/02/2023", "31.09.2022", "31 November 2022", "29/02/2023", "2022-09-31"])
    s.hold()
    return found("C205", "E", cell(s, "document_date"), s.raw["document_date"])


@plant("C205b")
def c205b(q, rng):
    a = pick_action(q, rng, lambda a: a.q[q.n]["status"] != "complete")
    a.raw["due"] = rng.choice(["30/02/2023", "31/11/2022"])
    return found("C205", "E", cell(a, "due"), a.raw["due"])


@plant("C206")
def c206(q, rng):
    a = pick_action(q, rng)
    a["due"] = dt.date(2023, rng.choice([4, 6, 9]), 30)
    if rng.random() < .3 and a.q[q.n]["status"] == "complete": a["due"] = dt.date(2021, 12, 31)
    a.due_fixed = True
    return found("C206", "W", cell(a, "due"), a["due"])


@plant("C206b")
def c206b(q, rng):
    r, u = pick_update(q, rng)
    if u["status"] == "complete" and rng.random() < .6: f, v = "completed_on", dt.date(2021, rng.randint(1, 12), 14)
    else: f, v = "as_at", rng.choice([dt.date(2021, 9, 30), dt.date(2023, 5, 14)])
    u[f] = v; need(r, fields=[f])
    return found("C206", "W", cell(u, f), v)


@plant("C207")
def c207(q, rng):
    r, u = pick_update(q, rng)
    u.raw["status"] = rng.choice(["Ongoing", "In progress", "Purple", "Gren", "Mostly done", "50%"])
    u.held_fields.add("status"); nothing(u["act"], "status")
    return found("C207", "E", cell(u, "status"), u.raw["status"])


@plant("C207b")
def c207b(q, rng):
    a = pick_action(q, rng)
    a.raw["lead_agency"] = rng.choice(["Border Force", "Kent Wildlife Trust", "Partners", "Everyone"])
    a.expect = dict(status=None, value=None, update=None)
    return found("C207", "E", cell(a, "lead_agency"), a.raw["lead_agency"])


@plant("C207c")
def c207c(q, rng):
    r, s = pick_spend(q, rng)
    need(r, fields=["kind"]); s.raw["kind"] = rng.choice(["Donation", "Misc", "Unsure"])
    s.hold()
    return found("C207", "E", cell(s, "kind"), s.raw["kind"])


@plant("C207d")
def c207d(q, rng):
    r, s = pick_spend(q, rng)
    need(r, fields=["vat_basis"]); s.raw["vat_basis"] = rng.choice(["Maybe", "20%", "Both"])
    return found("C207", "E", cell(s, "vat_basis"), s.raw["vat_basis"])


ERRORS = ["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?"]


@plant("C208")
def c208(q, rng):
    r, s = pick_spend(q, rng)
    need(r, formats=["xlsx", "xlsx", "ods", "xls"])
    s.raw["amount"] = (Err(rng.choice(ERRORS)), None); s.hold(); s.style["unreadable"] = True
    return found("C208", "E", cell(s, "amount"), s.raw["amount"][0])


@plant("C208b")
def c208b(q, rng):
    r, u = pick_update(q, rng, lambda u: u["value"] is not None)
    need(r, formats=["xlsx"], writer="raw")
    u.raw["value"] = (Err(rng.choice(ERRORS + ["#SPILL!", "#CALC!"])), None)
    u.held_fields.add("value"); nothing(u["act"], "value")
    return found("C208", "E", cell(u, "value"), u.raw["value"][0])


@plant("C209")
def c209(q, rng):
    r, s = pick_spend(q, rng)
    need(r, formats=["xlsx", "ods"], writer=None)
    s.raw["amount"] = (Formula("SUM(1,2)", None), None); s.hold(); s.style["unreadable"] = True
    def writer():
        b = r.books[0]
        b.opts["writer"] = rng.choice(["openpyxl", "raw"]) if b.fmt == "xlsx" else "raw-ods"
    after(q, writer)
    need(r, no_total=True)
    return found("C209", "E", cell(s, "amount"))


@plant("C209b")
def c209b(q, rng):
    r, u = pick_update(q, rng, lambda u: u["value"] is not None)
    need(r, formats=["xlsx"], writer="raw")
    u.raw["value"] = (Formula("COUNTA(Z1:Z9)", None), None)
    u.held_fields.add("value"); nothing(u["act"], "value")
    return found("C209", "E", cell(u, "value"))


@plant("C210")
def c210(q, rng):
    r, u = pick_update(q, rng)
    text = (f"{rng.randint(12, 90)} visits were made, and " + "people from the parish came along to the hall and heard about the work of the partnership " * 6)[:254]
    u["update"] = text.rstrip().ljust(255, "w")
    assert len(u["update"]) == 255
    return found("C210", "W", cell(u, "update"))


@plant("C211")
def c211(q, rng):
    r, u = pick_update(q, rng)
    need(r, fields=["action"], no_banners=True)
    u.raw["ref"] = rng.choice(["see plan", "ASB/three", "Police action", "three", "A.B.C"])
    u.hold(); nothing(u["act"])
    return found("C211", "E", cell(u, "ref"), u.raw["ref"])


@plant("C212")
def c212(q, rng):
    r, c, l = pick_claim(q, rng)
    c["forecast"] = D("-250.00"); c.held_fields.add("forecast")
    l["forecast"] = None
    return found("C212", "E", cell(c, "forecast"), "-250.00")


@plant("C212b")
def c212b(q, rng):
    l = choose(rng, [l for l in q.lines if l["line"] not in q.used and l["stream"] == "CRG"])
    use(q, l["line"])
    for r in q.returns.values(): r.claims = [c for c in r.claims if c["line"] != l["line"] or c["line"] in r.claim_only]
    q.plan_forecast = True
    l["forecast"] = None; l.raw["forecast"] = "-100.00"
    return found("C212", "E", cell(l, "forecast"), "-100.00")


@plant("C213")
def c213(q, rng):
    r, u = pick_update(q, rng)
    need(r, fields=["action"], formats=["xlsx", "xls", "ods"], no_banners=True)
    u.raw["ref"] = rng.choice([(int(u["ref"].split("-")[1]), None), (dt.date(2022, 2, 1), "date"), (D("1.1"), None)])
    u.hold(); nothing(u["act"])
    return found("C213", "E", cell(u, "ref"), u.raw["ref"][0])


@plant("C214")
def c214(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] in FILLS)
    need(r, formats=["xlsx"])
    u.raw["status"] = None; u.style["status"] = {"fill": FILLS[u["status"]]}
    return found("C214", "W", cell(u, "status"))


@plant("C215")
def c215(q, rng):
    r, s = pick_spend(q, rng)
    s["amount"] = s["amount"] + D(rng.choice(["0.005", "0.001", "0.0055", "0.004"]))
    # Three decimals behind one to three figures may be thousands to a reader of the text, and are another fault.
    text = rng.random() < .4 and (s["amount"] >= 1000 or -s["amount"].as_tuple().exponent > 3)
    s.raw["amount"] = f"£{s['amount']:,}" if text else (s["amount"], None)
    return found("C215", "W", cell(s, "amount"), s["amount"])


@plant("C216")
def c216(q, rng):
    r, u = pick_update(q, rng)
    u["update"] = rng.choice(["=2+2 sessions were held", "=cmd|' /C calc'!A0", '@SUM(1+1)*cmd', '+HYPERLINK("http://example.org","see here")', '=HYPERLINK("http://example.org")', "-SUM(A1:A9) as counted"])
    return found("C216", "W", cell(u, "update"), u["update"])


@plant("C217")
def c217(q, rng):
    r, u = pick_update(q, rng)
    u["update"] = " ".join(["People came along to the meetings and were glad of the help that they had"] * 36)[:10**5] + " in the quarter."
    return found("C217", "W", cell(u, "update"))


@plant("C218")
def c218(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] not in ("at-risk", "off-track"))
    u.raw["next_steps"] = rng.choice(["Enter text here", "Please select", "< Select >", "Click or tap here to enter text."])
    return found("C218", "W", cell(u, "next_steps"), u.raw["next_steps"])


# --- R: rows ---------------------------------------------------------------------------------------------------------------------
@plant("R301")
def r301(q, rng):
    r, u = pick_update(q, rng)
    v = Row("updates", dict(u.v), u.agency); v["update"] = f"Another {rng.randint(5, 40)} people were helped later on."
    v.raw["ref"] = rng.choice([u["ref"].lower(), u["ref"].replace("-", " "), u["ref"]])
    r.updates.append(v); u.hold(); v.hold(); nothing(u["act"])
    return found("R301", "E", cell(v, "ref"), v.raw["ref"])


@plant("R301b")
def r301b(q, rng):
    a = pick_action(q, rng)
    i = q.actions.index(a)
    b = Row("actions", dict(a.v)); b.q, b.fate = a.q, a.fate; b["action"] = "Keep the register of halls up to date"
    j = max(k for k, x in enumerate(q.actions) if x["ref"].split("-")[0] == a["ref"].split("-")[0])
    q.actions.insert(j + 1, b)
    a.held = b.held = True
    for r in q.returns.values():
        if any(u["act"] is a for u in r.updates): r.unchecked = True
    return found("R301", "E", cell(b, "ref"), a["ref"])


@plant("R302")
def r302(q, rng):
    r, u = pick_update(q, rng)
    need(r, fields=["action"], no_banners=True)
    u.raw["ref"] = rng.choice([None, " ", "\u00a0"]); u.hold(); nothing(u["act"])
    return found("R302", "E", cell(u, "ref"))


@plant("R303")
def r303(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] in ("on-track", "not-started", "complete"))
    u["update"] = {"on-track": rng.choice(["Not started: the hall is shut.", "Delayed by the contractor until winter.", "Cancelled after the venue closed."]), "complete": rng.choice(["Not started, as the funding came late.", "Delayed until spring."]),
                   "not-started": rng.choice(["Completed in full; 40 people gained.", "Completed last month."])}[u["status"]]
    return found("R303", "W", cell(u, "status"))


@plant("R304")
def r304(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] != "complete")
    u["act"]["due"] = min(q.as_of - dt.timedelta(days=rng.randint(1, (q.as_of - dt.date(2022, 4, 1)).days)), dt.date(2023, 3, 31))
    u["act"].late = True
    for x in q.returns.values():
        for y in x.updates:
            if y["act"] is u["act"]: y["due"] = u["act"]["due"]
    return found("R304", "W", cell(u, "status"))


@plant("R305")
def r305(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] == "complete")
    u.raw["update"] = None; u.raw["value"] = None; u["update"] = u["value"] = None
    nothing(u["act"], "update", "value")
    return found("R305", "W", cell(u, "status"))


@plant("R306")
def r306(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] in ("at-risk", "off-track"))
    u["next_steps"] = None; u.raw["next_steps"] = rng.choice([None, None, "n/a", "-"])
    return found("R306", "W", cell(u, "status"))


@plant("R307")
def r307(q, rng):
    r, u = pick_update(q, rng, lambda u: u["status"] != "complete")
    u["update"] = rng.choice(["Ongoing", "ongoing.", "As above", "No change", "See police update", "No change."])
    return found("R307", "W", cell(u, "update"), u["update"])


@plant("R308")
def r308(q, rng):
    a = pick_action(q, rng)
    a["partners"] = a["partners"] + [a["lead_agency"]] if rng.random() < .5 else [a["lead_agency"]] + a["partners"]
    return found("R308", "W", cell(a, "partners"))


@plant("R309")
def r309(q, rng):
    a = pick_action(q, rng)
    own = a["ref"].split("-")[0]
    a["priority"] = rng.choice([p for p in PREFIX if p != own])
    plan_need(q, shape="column")
    for r in q.returns.values():
        for u in r.updates:
            if u["act"] is a: need(r, no_banners=True, drop=["priority"])
    return found("R309", "W", cell(a, "ref"), a["ref"])


@plant("R310")
def r310(q, rng):
    a = pick_action(q, rng)
    a.raw["lead_agency"] = rng.choice([None, None, " ", "tbc", "n/a"])
    a.expect = dict(status=None, value=None, update=None)
    return found("R310", "E", cell(a, "lead_agency"))


@plant("R311")
def r311(q, rng):
    a = pick_action(q, rng)
    a["funding_lines"] = [f"CRG-{rng.randint(60, 99)}"]; plan_need(q, fields=["funding_lines"])
    return found("R311", "W", cell(a, "funding_lines"))


# --- M: matching -----------------------------------------------------------------------------------------------------------------
@plant("M401")
def m401(q, rng):
    r = pick_return(q, rng)
    p = rng.choice(list(PREFIX))
    u = Row("updates", dict(ref=f"{p}-{rng.randint(40, 98)}", update=f"Opened in May, {rng.randint(20, 90)} people joined.", status="on-track", value=rng.randint(5, 80), next_steps=None, as_at=ENDS[q.n - 1], completed_on=None, action="Rebuild the bandstand with volunteers",
                            priority=p, lead_agency=r.agency, due=None, target=None, act=None), r.agency)
    u.q = {}
    r.updates.append(u); u.hold(); need(r, no_banners=True)
    return found("M401", "E", cell(u, "ref"), u["ref"])


@plant("M402")
def m402(q, rng):
    r, u = pick_update(q, rng, lambda u: len(q.returns[u.agency].updates) > 1 and u["act"].fate != "was-done")
    r.updates.remove(u); nothing(u["act"])
    return found("M402", "E", cell(u["act"], "ref"), u["ref"])


@plant("M403")
def m403(q, rng):
    r, u = pick_update(q, rng, lambda u: u["due"] != "Ongoing")
    f = rng.choice(["action", "target", "due", "lead_agency"])
    need(r, fields=[f]); plan_need(q, fields=["target"])
    if f == "action": u["action"] = u["action"] + " " + rng.choice(["where money allows", "in two towns only"])
    if f == "target": u["target"] = u["target"] - rng.randint(5, 9)
    if f == "due": u["due"] = dt.date(2023, 1, 31)
    if f == "lead_agency": u["lead_agency"] = rng.choice([x for x in AGENCIES if x != u.agency])
    return found("M403", "W", cell(u, f))


def supporter(q, rng, pred):
    r, u = pick_update(q, rng, pred)
    s = choose(rng, [p for p in u["act"]["partners"] if p not in q.used])
    use(q, s)
    v = q.update_row(u["act"], s, f"We took part on {rng.randint(2, 9)} days in {rng.choice(model.PLACES)}.", None)
    q.returns[s].updates.append(v)
    return u, v


@plant("M404")
def m404(q, rng):
    u, v = supporter(q, rng, lambda u: u["status"] == "on-track")
    v["status"] = rng.choice(["at-risk", "off-track"]); v["next_steps"] = "Find a new hall"
    return found("M404", "W", cell(v, "status"))


@plant("M404b")
def m404b(q, rng):
    u, v = supporter(q, rng, lambda u: u["value"] is not None)
    v["value"] = u["value"] + rng.choice([-3, 4, 11])
    return found("M404", "E", cell(v, "value"), v["value"])


@plant("M405")
def m405(q, rng):
    r, u = pick_update(q, rng)
    s = choose(rng, [a for a in AGENCIES if a not in q.used and a not in u["act"]["partners"] and a != u.agency])
    use(q, s)
    v = q.update_row(u["act"], s, f"We lent a hand on {rng.randint(2, 9)} days.", None)
    q.returns[s].updates.append(v)
    return found("M405", "W", cell(v, "ref"))


@plant("M406", quarters=[2, 3, 4])
def m406(q, rng):
    r, u = pick_update(q, rng)
    need(r, history=True)
    k = rng.randint(1, q.n - 1)
    u.raw[f"q{k}_update"] = "We have since found that 12 more people came."
    return found("M406", "E", cell(u, f"q{k}_update"))


@plant("M407", quarters=[2, 3, 4])
def m407(q, rng):
    r, u = pick_update(q, rng, lambda u: u["act"]["basis"] == "year-to-date" and u["value"])
    last = u["act"].q[q.n - 1]["value"]
    u["value"] = last - rng.randint(2, 5); u.held_fields.add("value"); nothing(u["act"], "value")
    return found("M407", "E", cell(u, "value"), u["value"])


@plant("M408", quarters=[2, 3, 4])
def m408(q, rng):
    r, u = pick_update(q, rng, lambda u: u["act"].fate == "was-done")
    u["act"]["due"] = "Ongoing"; u["due"] = "Ongoing"
    u["status"] = "on-track"; u["completed_on"] = None; u["update"] = f"Opened again in {rng.choice(model.PLACES)}, with {rng.randint(5, 50)} people seen."
    return found("M408", "W", cell(u, "status"))


@plant("M409", quarters=[2, 3, 4])
def m409(q, rng):
    r, u = pick_update(q, rng, lambda u: u["act"].q[q.n - 1]["status"] == u["status"] == "on-track")
    u["update"] = u["act"].q[q.n - 1]["update"]
    return found("M409", "W", cell(u, "update"))


@plant("M410", quarters=[2, 3, 4])
def m410(q, rng):
    r, u = pick_update(q, rng, lambda u: u["act"]["basis"] != "year-to-date" and u["value"] and u["act"].q[q.n - 1]["value"])
    u["value"] = u["act"].q[q.n - 1]["value"] * rng.choice([10, 12])
    return found("M410", "W", cell(u, "value"), u["value"])


@plant("M411")
def m411(q, rng):
    r, u = pick_update(q, rng, lambda u: PREFIX[u["priority"]][3])
    plan_need(q, shape="column", pri="name")
    need(r, fields=["priority"])
    u.raw["priority"] = PREFIX[u["priority"]][3][0]
    return found("M411", "I", cell(u, "priority"), u.raw["priority"])


# --- F: funding ------------------------------------------------------------------------------------------------------------------
@plant("F501")
def f501(q, rng):
    r, s = pick_spend(q, rng)
    s["line"] = f"CRG-{rng.randint(40, 99)}"; s.hold()
    return found("F501", "E", cell(s, "line"), s["line"])


@plant("F502")
def f502(q, rng):
    l = choose(rng, [l for l in q.lines if l["approval"] in ("proposed", "declined") and l["line"] not in q.used and l["delivery_agency"] not in q.used])
    use(q, l["line"], l["delivery_agency"])
    rows = [q.spend_row(l["delivery_agency"], l, D(rng.randint(2000, 30000)) / 100) for _ in range(rng.choice([1, 1, 2]))]
    for s in rows: s.hold()
    return [found("F502", "E", cell(s, "line"), s["line"]) for s in rows]


@plant("F503")
def f503(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    before, rev = sum(l["spend"].values(), D(0)), q.revised(l)
    now = sum((x["amount"] for x in r.spend if x["line"] == s["line"] and x["kind"] != "commitment"), D(0))
    s["amount"] += rev - before - now + D(rng.randint(100, 20000)) / 100
    run, at = before, None
    if any(x["amount"] < 0 for x in r.spend if x["line"] == s["line"]): raise CannotPlant
    for x in r.spend:
        if x["line"] != s["line"] or x["kind"] == "commitment": continue
        run += x["amount"]
        if at is None and run > rev: at = x
    if q.n == 4: l["decision"] = None
    return found("F503", "E", cell(at, "amount"))


@plant("F504")
def f504(q, rng):
    r, s = pick_spend(q, rng)
    s["document_date"] = rng.choice([dt.date(2021, rng.randint(4, 12), 15), dt.date(2022, 3, 31), dt.date(2023, 4, 14)]); s.hold()
    q.line(s["line"])["approved_on"] = None
    return found("F504", "E", cell(s, "document_date"), s["document_date"])


@plant("F504b")
def f504b(q, rng):
    r, s = pick_spend(q, rng, kind="accrual")
    s["document_date"] = dt.date(2023, 5, rng.choice([14, 20])); s.hold(); need(r, fields=["kind"])
    return found("F504", "E", cell(s, "document_date"), s["document_date"])


@plant("F505")
def f505(q, rng):
    r, s = pick_spend(q, rng)
    v = Row("spend", dict(s.v), s.agency)
    if rng.random() < .4: v.raw["document"] = s["document"].lower()
    r.spend.append(v); v.hold()
    return found("F505", "E", cell(v, "document"), v["document"])


@plant("F505b", quarters=[1, 2, 3])
def f505b(q, rng):
    r, s = pick_spend(q, rng, lambda s: any(x["line"] != s["line"] and x["line"].startswith("CRG") and x["line"] not in q.used for x in q.returns[s.agency].spend))
    i = r.spend.index(s)
    other = choose(rng, [x for x in r.spend if x["line"] != s["line"] and x["line"].startswith("CRG") and r.spend.index(x) > i])
    use(q, other["line"])
    v = Row("spend", dict(s.v), s.agency); v["line"] = other["line"]; v["project"] = other["project"]
    r.spend.append(v)
    q.line(other["line"])["forecast"] = None
    r.claims = [c for c in r.claims if c["line"] in r.claim_only]
    return found("F505", "W", cell(v, "document"), v["document"])


def wrong_total(book, t, key, delta):
    _, s, r, c = t.total_at[key]
    x = s.cells[r, c]
    if isinstance(x.v, Formula): x.v = Formula(x.v.text, x.v.cached + delta)
    elif isinstance(x.v, D): x.v += delta
    else: x.v = f"£{D(str(x.v).replace('£', '').replace(',', '').replace('(', '-').replace(')', '')) + delta:,.2f}"


@plant("F506")
def f506(q, rng):
    r, s = pick_spend(q, rng)
    need(r, total=True)
    delta = rng.choice([D("90.00"), D("-0.09"), D("450.00"), D("0.01")])
    after(q, lambda: wrong_total(r.books[0], r.spend_table, "amount", delta))
    return found("F506", "E", lambda: r.books[0].place(r.spend_table.sheet, a1(*r.spend_table.total_at["amount"][2:])))


@plant("F506b")
def f506b(q, rng):
    plan_need(q, total=True)
    state = {}
    def spoil():
        t = q.funding_table
        state["k"] = rng.choice(list(t.total_at))
        wrong_total(q.plan_book, t, state["k"], D("100.00"))
    after(q, spoil)
    return found("F506", "E", lambda: q.plan_book.place(q.funding_table.sheet, a1(*q.funding_table.total_at[state["k"]][2:])))


@plant("F507")
def f507(q, rng):
    if q.core: raise CannotPlant
    s = sum((l["allocation"] for l in q.lines if l["approval"] != "declined"), D(0))
    sev, d = rng.choice([("W", D("1.01")), ("W", D(500)), ("E", D("-1.50")), ("E", D("-200")), ("I", D("1.00")), ("I", D("0.40"))])
    q.award = s + d
    return found("F507", sev, cell(q.lines[0], "allocation"))


@plant("F508")
def f508(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    s["amount"] = (q.revised(l) * 10 + D(rng.choice([0, 155]))).quantize(model.PENNY)
    if q.n == 4: l["decision"] = None
    return found("F508", "W", cell(s, "amount"), s["amount"])


@plant("F509")
def f509(q, rng):
    r, s = pick_spend(q, rng)
    s["amount"] = -s["amount"]; s.hold(); need(r, fields=["kind", "description"])
    return found("F509", "E", cell(s, "amount"), s["amount"])


@plant("F509b")
def f509b(q, rng):
    r, s = pick_spend(q, rng)
    s["kind"] = "credit"; s.hold(); need(r, fields=["kind", "description"]); s["description"] = "Credit note for hall hire"
    return found("F509", "E", cell(s, "amount"), s["amount"])


@plant("F510")
def f510(q, rng):
    r, s = pick_spend(q, rng)
    s["kind"] = "capital"; s.hold(); need(r, fields=["kind"])
    return found("F510", "E", cell(s, "kind"))


@plant("F511")
def f511(q, rng):
    r, s = pick_spend(q, rng, lambda s: s.agency in RECOVERS)
    s["vat_basis"] = rng.choice([None, "gross"]); need(r, fields=["vat_basis"])
    return found("F511", "W", cell(s, "vat_basis"))


@plant("F511b")
def f511b(q, rng):
    r, s = pick_spend(q, rng, lambda s: s.agency in RECOVERS)
    need(r, drop_spend=["vat_basis"])
    return found("F511", "W", header(r, "spend"))


@plant("F512")
def f512(q, rng):
    r, s = pick_spend(q, rng)
    s["kind"] = "in-kind"; s.hold(); need(r, fields=["kind"])
    return found("F512", "E", cell(s, "kind"))


@plant("F513")
def f513(q, rng):
    lines = [l for l in q.lines if l["approval"] == "approved" and l["stream"] == "CRG" and l["line"] not in q.used and not any(c["line"] == l["line"] for r in q.returns.values() for c in r.claims)]
    if len(lines) < 2: raise CannotPlant
    a, b = rng.sample(lines, 2)
    use(q, a["line"], b["line"])
    v = Row("virements", dict(from_line=a["line"], to_line=b["line"], amount=D(rng.choice([60, 85, 120])), approved_by=None, approved_on=None))
    v.hold(); q.virements.append(v)
    return found("F513", "E", lambda: [cell(v, "approved_by")(), cell(v, "approved_on")()])


@plant("F514", quarters=[2])
def f514(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    r.spend = [x for x in r.spend if x["line"] != s["line"]]
    c = q.claim(s.agency, l, D("0"))
    c["this_quarter"] = c["to_date"] = sum(l["spend"].values(), D(0)) + (q.revised(l) * D("0.24")).quantize(model.PENNY)
    r.claim_only.add(l["line"])
    return found("F514", "W", cell(c, "this_quarter"))


@plant("F515", quarters=[4])
def f515(q, rng):
    l = choose(rng, [l for l in q.lines if l["decision"] and l["line"] not in q.used and l["approval"] == "approved"])
    use(q, l["line"]); l["decision"] = None
    return found("F515", "W", cell(l, "line"))


@plant("F516", quarters=[3, 4])
def f516(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    rev = q.revised(l)
    for k in l["spend"]: l["spend"][k] = (rev * D("0.05")).quantize(model.PENNY)
    q.as_of = max(q.as_of, DEADLINES[q.n - 1] + dt.timedelta(days=1))
    return found("F516", "W", cell(l, "line"))


def ledger(q, rng, change):
    rows = [s for s in q.returns["SDC"].spend if s["kind"] != "commitment"]
    if not rows or "SDC" in q.used or q.returns["SDC"].state != "accepted": raise CannotPlant
    use(q, "SDC")
    s = choose(rng, [s for s in rows if s["kind"] == "actual"])
    rows_out = []
    for x in rows:
        amount = x["amount"]
        if x is s and change == "missing": continue
        if x is s and change == "differs": amount = amount + D("0.90")
        rows_out.append((x["document_date"], x["line"], x["document"], x["supplier"], amount, x["description"]))
    if change == "extra": rows_out.append((STARTS[q.n - 1] + dt.timedelta(days=9), s["line"], "INV-77777", "Example Print Ltd", D("61.20"), "Posters"))
    head = ("Posting date", "Funding line", "Document ref", "Supplier", "Amount", "Description")
    if rng.random() < .5:
        name, sheet, top = "ledger.csv", None, 0
        def write(folder): (folder / name).write_text("\n".join([",".join(head)] + [f"{d:%d/%m/%Y},{','.join(map(str, rest))}" for d, *rest in rows_out]) + "\n")
    else:
        name, sheet, top = "ledger.xlsx", "Export", rng.choice([0, 2, 3])
        def write(folder):
            import openpyxl
            wb = openpyxl.Workbook()
            ws = wb.active
            ws.title = sheet
            if top: ws.cell(1, 1, "General ledger: transactions")
            for i, row in enumerate([head, *rows_out]):
                for j, x in enumerate(row): ws.cell(top + i + 1, j + 1, x)
            wb.save(folder / name)
    after_write(q, write)
    q.more_args = [*q.__dict__.get("more_args", []), "--ledger", name]
    return s, {"path": name, "sheet": sheet, "cell": f"E{top + len(rows_out) + 1}"}


@plant("F517")
def f517(q, rng):
    s, _ = ledger(q, rng, rng.choice(["missing", "differs"]))
    return found("F517", "E", cell(s, "amount"))


@plant("F517b")
def f517b(q, rng):
    s, last = ledger(q, rng, "extra")
    return found("F517", "E", lambda: last)


@plant("F518")
def f518(q, rng):
    l = choose(rng, [l for l in q.lines if l["approval"] == "approved" and l["stream"] == "CRG" and l["line"] not in q.used and q.n < 4])
    who = choose(rng, [a for a in AGENCIES if a != l["delivery_agency"] and a not in q.used and a not in RECOVERS or a == "KCC" and a != l["delivery_agency"] and a not in q.used])
    use(q, l["line"], who)
    s = q.spend_row(who, l, D(rng.randint(2000, 9000)) / 100)
    l["forecast"] = None
    return found("F518", "W", cell(s, "line"))


@plant("F519")
def f519(q, rng):
    r, c, l = pick_claim(q, rng)
    c["forecast"] = (q.revised(l) * D("1.06")).quantize(model.PENNY); c["explanation"] = "A second course was asked for."
    return found("F519", "W", cell(c, "forecast"))


@plant("F520")
def f520(q, rng):
    r, c, l = pick_claim(q, rng)
    f = rng.choice(["this_quarter", "to_date"])
    if q.n == 1 and f == "this_quarter": pass
    c[f] = c[f] + D("9.90")
    return found("F520", "E", cell(c, f))


@plant("F521")
def f521(q, rng):
    r, c, l = pick_claim(q, rng)
    c["forecast"] = c["to_date"] - D("55.50"); c["explanation"] = "The scheme ends early."
    return found("F521", "W", cell(c, "forecast"))


@plant("F522", quarters=[2, 3, 4])
def f522(q, rng):
    r, c, l = pick_claim(q, rng, lambda s: not any(x["kind"] == "credit" and x["line"] == s["line"] for x in q.returns[s.agency].spend))
    c["to_date"] = sum(l["spend"].values(), D(0)) - D("10.00")
    return found("F522", "E", cell(c, "to_date"))


@plant("F523", quarters=[2])
def f523(q, rng):
    r, c, l = pick_claim(q, rng)
    c["forecast"] = (q.revised(l) * D("0.80")).quantize(model.PENNY); c["explanation"] = None
    return found("F523", "W", cell(c, "forecast"))


@plant("F524")
def f524(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    rows = [x for x in r.spend if x["line"] == l["line"]]
    s["document_date"] = STARTS[q.n - 1] + dt.timedelta(days=1)
    l["approved_on"] = STARTS[q.n - 1] + dt.timedelta(days=3)
    for x in rows:
        if x is not s: x["document_date"] = max(x["document_date"], l["approved_on"])
    s.hold(); plan_need(q, funding_fields=["approved_on"])
    return found("F524", "E", cell(s, "document_date"))


# --- G: information governance ---------------------------------------------------------------------------------------------------
@plant("G601")
def g601(q, rng):
    r, u = pick_update(q, rng)
    bit = rng.choice(["write to jo.bloggs@example.org", "ring 07700 900123", "the family at TN13 1HG were seen", "NI number AB 12 34 56 C is on file", "NHS number 943 476 5919", "born on 14/02/1987 (date of birth)"])
    u["update"] = f"{rng.randint(5, 90)} visits were made; {bit}."
    return found("G601", "W", cell(u, "update"))


@plant("G601b")
def g601b(q, rng):
    r, s = pick_spend(q, rng)
    s["description"] = "Locks for the flat at TN14 5QT"; need(r, fields=["description"])
    return found("G601", "W", cell(s, "description"))


@plant("G604")
def g604(q, rng):
    r = pick_return(q, rng)
    m = rng.choice(["OFFICIAL-SENSITIVE", "OFFICIAL SENSITIVE", "RESTRICTED", "PROTECT", "NOT PROTECTIVELY MARKED", "Official-Sensitive"])
    need(r, marking=m)
    return found("G604", "W", label(r, "marking"), m)


# --- the plan's own sheets ---------------------------------------------------------------------------------------------------------
ONE_SHEET = ("column", "banners", "banners-column", "prefix")


def one_sheet(q, rng): plan_need(q, shape=rng.choice(ONE_SHEET))


def plan_table(q): return next(t for s in q.plan_book.sheets for t in s.tables if t.name == "actions")


def plan_head(q, field):
    def where():
        t = plan_table(q)
        return t.book.place(t.sheet, a1(*t.head_at[field]))
    return where


@plant("H102c")
def h102c(q, rng):
    one_sheet(q, rng); plan_need(q, extra=("odd", rng.choice(ODD_HEADINGS)))
    for a in q.actions: a["odd"] = rng.choice(["North", "South", "Yes"])
    return found("H102", "I", plan_head(q, "odd"))


@plant("H103c")
def h103c(q, rng):
    one_sheet(q, rng); plan_need(q, extra=("odd", "KPI"), rename={"success_measure": "Success measure"}, fields=["success_measure"])
    for a in q.actions: a["odd"] = "Visits made"
    def where():
        t = plan_table(q)
        return t.book.place(t.sheet, a1(*max((t.head_at["odd"], t.head_at["success_measure"]), key=lambda x: x[1])))
    return found("H103", "E", where)


@plant("H104b")
def h104b(q, rng):
    one_sheet(q, rng); plan_need(q, rename={"objective": rng.choice(["Objectivve", "Objctive", "Obejctive"])}, fields=["objective"])
    return found("H104", "W", plan_head(q, "objective"))


@plant("H105b")
def h105b(q, rng):
    plan_need(q, formats=["xlsx"], shape=rng.choice(["column", "prefix"]))
    state = {}
    def hide():
        t = plan_table(q)
        at = rng.choice(t.rows).at["ref"]
        t.sheet.hidden_rows.add(at[2])
        state["at"] = a1(at[2], min(x for _, x in t.head_at.values()))
    after(q, hide)
    return found("H105", "W", lambda: q.plan_book.place(plan_table(q).sheet, state["at"]))


@plant("H106b")
def h106b(q, rng):
    one_sheet(q, rng); plan_need(q, formats=["xlsx"])
    f = rng.choice(["partners", "due"])
    def hide(): plan_table(q).sheet.hidden_cols.add(plan_table(q).head_at[f][1])
    after(q, hide)
    return found("H106", "W", plan_head(q, f))


@plant("H106c")
def h106c(q, rng):
    r, s = pick_spend(q, rng)
    need(r, formats=["xlsx"], together=False)
    def hide(): r.spend_table.sheet.hidden_cols.update(v[1] for k, v in r.spend_table.head_at.items() if k in ("supplier", "document"))
    def where():
        t = r.spend_table
        return t.book.place(t.sheet, a1(*min((t.head_at["supplier"], t.head_at["document"]), key=lambda x: x[1])))
    after(q, hide)
    return found("H106", "W", where)


@plant("H108b")
def h108b(q, rng):
    a = pick_action(q, rng)
    plan_need(q, formats=["xlsx"], writer=rng.choice(["openpyxl", "xlsxwriter"]))
    f = rng.choice(["action", "lead_agency", "partners"])
    def note():
        _, s, x, y = a.at[f]
        s.cells[x, y].note = "Check with the county"
    after(q, note)
    return found("H108", "W", cell(a, f))


@plant("H109b")
def h109b(q, rng):
    pairs = [(a, b) for a, b in zip(q.actions, q.actions[1:]) if a["lead_agency"] == b["lead_agency"] and a["priority"] == b["priority"] and a["ref"] not in q.used and b["ref"] not in q.used]
    a, b = choose(rng, pairs)
    use(q, a["ref"], b["ref"])
    plan_need(q, formats=["xlsx"], shape="column")
    b.raw["lead_agency"] = None
    def merge():
        if b.at["lead_agency"][2] != a.at["lead_agency"][2] + 1: raise AssertionError("rows apart")
        a.at["lead_agency"][1].merges.append((a.at["lead_agency"][2], a.at["lead_agency"][3], b.at["lead_agency"][2], a.at["lead_agency"][3]))
    after(q, merge)
    return found("H109", "I", lambda: q.plan_book.place(a.at["lead_agency"][1], f"{a1(*a.at['lead_agency'][2:])}:{a1(*b.at['lead_agency'][2:])}"))


@plant("H110b")
def h110b(q, rng):
    state = {}
    def add():
        t = plan_table(q)
        at = (t.sheet.bottom() + 5, t.sheet.right() + 3)
        t.sheet.put(*at, 1250)
        state["at"] = (t.sheet, a1(*at))
    after(q, add)
    return found("H110", "I", lambda: q.plan_book.place(*state["at"]))


@plant("H107c")
def h107c(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx", "ods", "xls"], together=False)
    state = {}
    block, down, gap = rng.choice(BLOCKS), rng.choice([0, 1, 2]), rng.choice([3, 4])
    def add():
        t = r.updates_table
        r0, c0 = t.first_row - 1 + down, t.sheet.right() + gap
        for i, row in enumerate(block):
            for j, x in enumerate(row): t.sheet.put(r0 + i, c0 + j, x)
        state["at"] = (t.sheet, a1(r0, c0))
    after(q, add)
    return found("H107", "W", lambda: r.books[0].place(*state["at"]))


@plant("C201c")
def c201c(q, rng):
    a = pick_action(q, rng)
    for r in q.returns.values():
        if any(u["act"] is a for u in r.updates): need(r, drop=[*r.need.get("drop", ()), "action"])
    a.raw["action"] = rng.choice([None, " ", "tbc"])
    return found("C201", "E", cell(a, "action"))


@plant("C202c")
def c202c(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    l.raw["allocation"] = rng.choice(["c. 4,000", "5k", "3,00.00", "£2000-£3000"])
    q.award = None; l.unchecked = True; l["decision"] = None if q.n < 4 else l["decision"]
    return found("C202", "E", cell(l, "allocation"))


@plant("C207e")
def c207e(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    plan_need(q, funding_fields=["approval"])
    l.raw["approval"] = rng.choice(["Perhaps", "See minutes"])
    l.unchecked = True; r.unchecked = True
    return found("C207", "E", cell(l, "approval"))


@plant("C208c")
def c208c(q, rng):
    a = pick_action(q, rng)
    plan_need(q, formats=["xlsx"], fields=["target"])
    for r in q.returns.values():
        if any(u["act"] is a for u in r.updates): need(r, drop=[*r.need.get("drop", ()), "target"])
    a.raw["target"] = (Err(rng.choice(ERRORS)), None)
    return found("C208", "E", cell(a, "target"))


@plant("C216b")
def c216b(q, rng):
    a = pick_action(q, rng)
    plan_need(q, fields=["lead_officer"])
    a.raw["lead_officer"] = rng.choice(['=HYPERLINK("http://example.org")', "=1+1", "@SUM(1)"])
    return found("C216", "W", cell(a, "lead_officer"))


@plant("C217b")
def c217b(q, rng):
    r, s = pick_spend(q, rng)
    need(r, fields=["description"])
    s["description"] = "Leaflets and posters for the shops and the halls " * 30
    return found("C217", "W", cell(s, "description"))


@plant("C218b")
def c218b(q, rng):
    a = pick_action(q, rng)
    plan_need(q, fields=["unit"]); a.raw["unit"] = rng.choice(["Please select", "< Select >"])
    return found("C218", "W", cell(a, "unit"))


@plant("G601c", quarters=[2, 3, 4])
def g601c(q, rng):
    a = pick_action(q, rng)
    k = rng.randint(1, q.n - 1)
    for r in q.returns.values():
        if any(u["act"] is a for u in r.updates): need(r, no_groups=True)
    a.q[k] = {**a.q[k], "update": f"{rng.randint(5, 90)} visits were made; ring 07700 900123 for more."}
    return found("G601", "W", cell(a, f"q{k}_update"))


@plant("R305b", quarters=[2, 3, 4])
def r305b(q, rng):
    a = pick_action(q, rng, lambda a: a.fate == "was-done")
    k = q.n - 1
    for r in q.returns.values():
        if any(u["act"] is a for u in r.updates): need(r, no_groups=True)
    a.q[k] = {**a.q[k], "update": None, "value": None}
    return found("R305", "W", cell(a, f"q{k}_status"))


@plant("R304b")
def r304b(q, rng):
    r, u = pick_update(q, rng, lambda u: len(q.returns[u.agency].updates) > 1 and u["act"].fate in ("track", "risk", "off"))
    a = u["act"]
    a["due"] = min(q.as_of - dt.timedelta(days=rng.randint(1, 60)), dt.date(2023, 3, 31)); a.late = True
    r.updates.remove(u); nothing(a)
    return [found("M402", "E", cell(a, "ref"), a["ref"]), found("R304", "W", cell(a, "due"))]


@plant("M404c")
def m404c(q, rng):
    u, v = supporter(q, rng, lambda u: u["value"] is not None and u["status"] == "on-track")
    v["status"] = "at-risk"; v["next_steps"] = "Find a new hall"
    v["value"] = u["value"] + rng.choice([-3, 4, 11])
    return found("M404", "E", lambda: [cell(v, "value")(), cell(v, "status")()])


@plant("M406b", quarters=[2, 3, 4])
def m406b(q, rng):
    r, u = pick_update(q, rng, lambda u: u["act"].fate in ("track", "risk"))
    need(r, history=True)
    k = rng.randint(1, q.n - 1)
    u.raw[f"q{k}_status"] = rng.choice(["At risk", "Red"])
    return found("M406", "E", cell(u, f"q{k}_status"))


@plant("F503b", quarters=[2, 3])
def f503b(q, rng):
    r, s = pick_spend(q, rng)
    l = q.line(s["line"])
    k = q.n - 1
    l["spend"][k] += q.revised(l) + D("10.00")
    return found("F503", "E", cell(l, f"q{k}_spend"))


@plant("F505c", quarters=[1, 2, 3])
def f505c(q, rng):
    r, s = pick_spend(q, rng)
    x, t = pick_spend(q, rng, lambda t: t.agency != s.agency and s["amount"] < q.revised(q.line(t["line"])) * D("0.3"))
    t["supplier"], t["document"], t["amount"] = s["supplier"], s["document"], s["amount"]
    def later(): return max((s, t), key=lambda y: y.book.path)
    after(q, lambda: later().hold())
    return found("F505", "E", lambda: cell(later(), "document")())


@plant("F505z", quarters=[1, 2, 3])
def f505z(q, rng):
    """An accrual and the invoice that came for it: nothing is said."""
    r, s = pick_spend(q, rng)
    need(r, fields=["kind"])
    v = Row("spend", dict(s.v), s.agency); v["kind"] = "accrual"; v["amount"] = (s["amount"] / 4).quantize(model.PENNY)
    s["amount"] = v["amount"]
    r.spend.append(v)
    return []


@plant("F504z", quarters=[4])
def f504z(q, rng):
    """An accrual in the weeks after the year: nothing is said."""
    r, s = pick_spend(q, rng, kind="accrual")
    s["document_date"] = dt.date(2023, 4, rng.choice([14, 20, 28])); need(r, fields=["kind"])
    return []


@plant("F506c")
def f506c(q, rng):
    r, c, l = pick_claim(q, rng)
    need(r, claims_total=True, quiet=None)
    f = rng.choice(["this_quarter", "to_date", "forecast"])
    after(q, lambda: wrong_total(r.books[0], r.claims_table, f, D("27.00")))
    return found("F506", "E", lambda: r.books[0].place(r.claims_table.sheet, a1(*r.claims_table.total_at[f][2:])))


@plant("F517z")
def f517z(q, rng):
    """A ledger that agrees: nothing is said."""
    ledger(q, rng, None)
    return []


@plant("F523b", quarters=[4])
def f523b(q, rng):
    r, c, l = pick_claim(q, rng)
    for k in l["spend"]: l["spend"][k] = (l["spend"][k] * D("0.8")).quantize(model.PENNY)
    now = sum((x["amount"] for x in r.spend if x["line"] == l["line"] and x["kind"] != "commitment"), D(0))
    c["to_date"] = c["forecast"] = sum(l["spend"].values(), D(0)) + now; c["explanation"] = None
    return found("F523", "W", cell(c, "forecast"))


@plant("S008c")
def s008c(q, rng):
    r = pick_return(q, rng)
    r.said_quarter = other_quarter(q, rng)
    lose(q, r, money=True); need(r, label="file", label_quarter="sheet", no_groups=True, file=f"{AGENCIES[r.agency][1]} return", formats=["xlsx", "ods", "xls"])
    return found("S008", "E", whole(r))


@plant("S012c")
def s012c(q, rng):
    r = pick_return(q, rng)
    need(r, formats=["xlsx"], writer="raw")
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    cache = f'{head}<pivotCacheDefinition {ns} r:id="rId1" recordCount="1"><cacheSource type="worksheet"><worksheetSource ref="A1:A2" sheet="Gone"/></cacheSource><cacheFields count="1"><cacheField name="Person"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>'
    records = f'{head}<pivotCacheRecords {ns} count="1"><r><s v="A. Example"/></r></pivotCacheRecords>'
    rels = head + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotCacheRecords" Target="pivotCacheRecords1.xml"/></Relationships>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCache"
    after(q, lambda: r.books[0].opts.update(parts=[("xl/pivotCache/pivotCacheDefinition1.xml", cache, "pivotCacheDefinition", kind + "Definition+xml"), ("xl/pivotCache/pivotCacheRecords1.xml", records, None, kind + "Records+xml"), ("xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels", rels, None, None)]))
    return found("S012", "W", whole(r))


@plant("S004")
def s004(q, rng):
    r = pick_return(q, rng)
    lose(q, r, "unreadable"); need(r, label="file", label_quarter="file", formats=["xlsx"], writer="raw")
    how = rng.choice(["blown up", "sheets"])
    if how == "sheets":
        def many():
            for i in range(520): r.books[0].add(f"Tab {i}").put(0, 0, i)
        after(q, many)
    else:
        def blow(folder):
            p = folder / r.books[0].path
            with zipfile.ZipFile(p) as z: parts = {i.filename: z.read(i) for i in z.infolist()}
            name = next(k for k in parts if k.startswith("xl/worksheets/sheet"))
            parts[name] += b" " * (200 << 20)
            with zipfile.ZipFile(p, "w", zipfile.ZIP_DEFLATED) as z:
                for k, v in parts.items(): z.writestr(k, v)
        after_write(q, blow)
    return found("S004", "E", whole(r))


@plant("C202d")
def c202d(q, rng):
    r, c, l = pick_claim(q, rng)
    c.raw["this_quarter"] = rng.choice(["£1,2500", "as invoiced", "300 or so"])
    c.hold(); c.style["unreadable"] = True
    return found("C202", "E", cell(c, "this_quarter"))


def earlier(q, rng, change):
    """Last quarter's consolidated workbook, made by the program from this plan as it was then."""
    import subprocess, sys, tempfile
    from pathlib import Path
    import writers
    a, k = change or (None, None)
    def make(folder):
        book = q.plan_book
        old = None
        if a is not None:
            _, sheet, r, c = a.at[f"q{k}_update"]
            old = sheet.cells[r, c].v
            sheet.cells[r, c].v = "Three halls were booked for the spring."
        with tempfile.TemporaryDirectory() as t:
            Path(t, Path(book.path).name).write_bytes(writers.bytes_of(book))
            subprocess.run([BIN, "merge", str(Path(t, Path(book.path).name)), "--quarter", f"{model.YEAR}-Q{q.n - 1}", "--as-of", q.as_of.isoformat(), "-o", str(folder / "previous.xlsx"), "--fail-on", "never", "--quiet"], check=True, capture_output=True)
        if a is not None: sheet.cells[r, c].v = old
    after_write(q, make)
    q.keep_formats = True
    q.more_args = [*q.__dict__.get("more_args", []), "--previous", "previous.xlsx"]


BIN = None   # the program, where a planter needs last quarter's workbook


@plant("M406c", quarters=[2, 3, 4])
def m406c(q, rng):
    a = pick_action(q, rng)
    k = rng.randint(1, q.n - 1)
    earlier(q, rng, (a, k))
    return found("M406", "E", cell(a, f"q{k}_update"))


@plant("M406z", quarters=[2, 3, 4])
def m406z(q, rng):
    """Last quarter's workbook that agrees: nothing is said."""
    earlier(q, rng, None)
    return []
