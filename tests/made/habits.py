"""The habits of people who fill in spreadsheets, one function each: what it does to a table, what then happens to the amounts, and what must be said of it.

An ordinary habit must raise nothing and lose nothing. A faulty one states what is expected: `made.expect(codes, table, cells)`, a record's `fate`, an amount in `table.loose`.
A habit changes a table's `items` before it is placed, and may leave a function in `table.after` for when it stands. Two habits of one group do not meet in one table.
"""
import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from paper import Formula, Raw, letters

D = Decimal
HABITS = {}
SPREADSHEETS = "xlsxwriter openpyxl odfpy xlwt"
SUBHEADINGS = ["Late invoice", "Capital", "Project A", "Carried over from last time", "September", "July 2022", "Kent Police", "Added since the meeting", "Other"]


def habit(kinds="updates spend claims", writers=SPREADSHEETS + " csv", group="", ordinary=True, right=False, how="apart below beside"):
    def wrap(f):
        HABITS[f.__name__] = SimpleNamespace(run=f, kinds=kinds.split(), writers=writers.split(), groups=set(group.split()), ordinary=ordinary, right=right, how=how.split())
        return f
    return wrap


def apply(name, made, t, rng): HABITS[name].run(made, t, rng)


def fitting(kind, writer, how, last): return [n for n, h in HABITS.items() if kind in h.kinds and writer in h.writers and how in h.how and (last or not h.right or how != "beside") and (last or "end" not in h.groups)]


def choose(rng, pool, n):
    got, taken = [], set()
    for name in rng.sample(pool, len(pool)):
        if len(got) < n and not HABITS[name].groups & taken: got.append(name); taken |= HABITS[name].groups
    return got


def spread(t): return [i for i, x in enumerate(t.items) if x in t.records]
def need(t, field, at=None):
    if field not in t.fields: t.fields.insert(len(t.fields) if at is None else at, field)


def amounts(t): return {"spend": ["amount"], "claims": ["this_quarter", "to_date", "forecast"], "updates": []}[t.kind]
def sum_of(t, field, records=None): return sum((x.v[field] for x in (t.records if records is None else records)), D(0))


# --- rows apart --------------------------------------------------------------------------------------------------------------------------
@habit(group="apart")
def blank_rows(made, t, rng):
    for i in reversed(spread(t)):
        if rng.random() < .5: t.items[i:i] = [("blank",)] * rng.choice([1, 1, 2])


@habit(group="apart")
def last_row_after_blanks(made, t, rng): t.items[spread(t)[-1]:spread(t)[-1]] = [("blank",)] * rng.choice([1, 1, 2, 4])


@habit(group="apart texts")
def lone_row_under_subheading(made, t, rng): t.items[spread(t)[-1]:spread(t)[-1]] = [("blank",)] * rng.choice([1, 2]) + [("text", 0, rng.choice(SUBHEADINGS))]


@habit(group="apart texts")
def row_under_each_subheading(made, t, rng):
    for i, words in zip(reversed(spread(t)), rng.sample(SUBHEADINGS, len(SUBHEADINGS))): t.items[i:i] = ([("blank",)] if rng.random() < .6 else []) + [("text", 0, words)]


@habit(kinds="spend", group="apart texts")
def headed_by_project(made, t, rng):
    names = {"CRG-01": "Town marshals", "CRG-02": "Rural kits", "CRG-03": "Estate days", "CRG-04": "Helpline training", "CRG-05": "Locks and alarms", "CRG-06": "Street outreach", "CRG-07": "Junior citizens"}
    before = None
    for x in t.records:
        line = x.v.get("line")
        if line and line != before: i = t.items.index(x); t.items[i:i] = [("blank",)] * rng.choice([0, 1]) + [("text", 0, names[line])]
        before = line


@habit(kinds="updates", group="apart texts")
def banners(made, t, rng):
    names, before, merged = {"SAC": "Serious & Acquisitive Crime", "ASB": "Anti-Social Behaviour", "DA": "Domestic Abuse", "SG": "Safeguarding", "VAWG": "Violence against Women & Girls", "DM": "Drug Misuse"}, None, rng.random() < .5
    for x in t.records:
        p = x.v["ref"].split("-")[0]
        if p != before: i = t.items.index(x); t.items[i:i] = [("text", 0, rng.choice([names[p], "Priority: " + names[p]]))]
        before = p
    if merged and t.book.writer != "csv": t.after.append(lambda: t.sheet.merges.extend((r, t.left, r, t.right) for r in t.texts))


@habit(group="apart heads")
def headings_again(made, t, rng):
    for i in reversed(spread(t)[1:]):
        if rng.random() < .5: t.items[i:i] = [("blank",)] * rng.choice([0, 1, 2]) + [("head", t.fields)]


@habit(group="apart heads texts")
def headings_again_after_text(made, t, rng):
    at = spread(t)
    i = at[rng.randrange(1, len(at))] if len(at) > 1 else at[0]
    if len(at) > 1: t.items[i:i] = [("blank",)] * rng.choice([0, 1]) + [("text", 0, rng.choice(["Page 2 of 2", "Continued", "Second half of the quarter"]))] + [("blank",)] * rng.choice([0, 1]) + [("head", t.fields)]


@habit(kinds="spend", group="apart heads total fields tail")
def second_headings_in_another_order(made, t, rng):
    a, b = ("document", "description")
    other = list(t.fields)
    i, j = other.index(a), other.index(b)
    other[i], other[j] = b, a
    at = spread(t)[len(t.records) // 2]
    t.items[at:at] = rng.choice([[("blank",)], [("blank",), ("text", 0, "From the second ledger")]]) + [("head", other)]


# --- totals ------------------------------------------------------------------------------------------------------------------------------
def total(t, label, records=None, at=0, function=None, extra=None):
    """A row that adds up `records` (or all); what it says is worked out when it is placed. With a `function` it is a formula over their rows."""
    def add_up(field):
        def make(t, r, column):
            value = sum_of(t, field, records)
            first, last = (records[0].row, records[-1].row) if records else (t.first, t.last)
            return Formula(f"={function}{letters(column)}{first + 1}:{letters(column)}{last + 1})", value) if function else t.spell(value)
        return make
    return ("total", {**({at: label} if label else {}), **{f: add_up(f) for f in amounts(t) if f in t.fields}, **(extra or {})})


@habit(kinds="spend claims", group="total")
def total_by_word(made, t, rng): t.items += [("blank",)] * rng.choice([0, 0, 1]) + [total(t, rng.choice(["Total", "TOTAL", "Total:", "Totals", "Grand total", "Sub-total", "Overall total"]))]


@habit(kinds="spend claims", group="total apart")
def total_above_its_rows(made, t, rng): t.items.insert(1, total(t, rng.choice(["Total", "Grand total"])))


@habit(kinds="spend claims", group="total")
def total_of_someone(made, t, rng):
    who = rng.choice({"KP": ["Kent Police", "KP"], "WKHA": ["West Kent Housing Association"], "DAVSS": ["DAVSS"], "CGL": ["Change Grow Live", "CGL"], "KCC": ["KCC", "Kent County Council"]}[t.agency] + [f"Q{made.quarter}", t.records[0].v["line"] if len({x.v["line"] for x in t.records}) == 1 else f"Quarter {made.quarter}"])
    t.items.append(total(t, rng.choice([f"{who} total", f"Total {who}", f"Total for {who}", f"{who} Total:"])))


@habit(kinds="spend claims", group="total")
def total_left_of_its_amount(made, t, rng): t.items.append(total(t, rng.choice(["Total", "Total:"]), at=t.fields.index(amounts(t)[0]) - 1))


@habit(kinds="spend claims", group="total")
def total_without_a_word(made, t, rng): t.items += [("blank",)] * rng.choice([0, 0, 1]) + [total(t, None)]


@habit(kinds="spend claims", group="total")
def total_by_formula_alone(made, t, rng):
    t.money_style = "number"
    t.items += [("blank",)] * rng.choice([0, 0, 1]) + [total(t, None, function="SUM(")]


@habit(kinds="spend", group="total fields")
def total_with_a_count(made, t, rng): t.items.append(total(t, "Total", extra={"description": lambda t, r, c: len(t.records)}))


@habit(kinds="spend", writers="xlsxwriter", group="total apart heads fields beside tail")
def totals_row_of_a_table(made, t, rng):
    t.money_style = "number"
    for f in t.fields: t.heads[f] = t.heads[f].replace(" (£)", "")
    n = len(t.records)
    by = {"amount": lambda t, r, c: Formula(f"=SUBTOTAL(109,[{t.heads['amount']}])", sum_of(t, "amount")), rng.choice(["description", "document"]): lambda t, r, c: n and Formula(f"=SUBTOTAL(103,[{t.heads[next(f for f in t.fields if t.left + t.fields.index(f) == c)]}])", n)}
    t.items.append(("total", {0: "Total", **by}))
    columns = [{"header": t.heads[f], **({"total_string": "Total"} if i == 0 else {"total_function": "sum" if f == "amount" else "count"} if f in by else {})} for i, f in enumerate(t.fields)]
    t.after.append(lambda: t.sheet.tables.append(((t.header_row, t.left, t.end, t.right), columns, True)))


def by_line(t):
    groups = []
    for x in t.records:
        if groups and groups[-1][0].v["line"] == x.v["line"]: groups[-1].append(x)
        else: groups.append([x])
    return groups


@habit(kinds="spend", group="total apart tail")
def subtotals(made, t, rng):
    words = rng.choice(["Sub-total", "Subtotal", "{} Total", "Total {}", "Sub-total {}:"])
    for g in by_line(t):
        i = t.items.index(g[-1]) + 1
        t.items[i:i] = [total(t, words.format(g[0].v["line"]), g)] + [("blank",)] * rng.choice([0, 1])
    if rng.random() < .7: t.items.append(total(t, rng.choice(["Total", "Grand total", "Grand Total"])))


@habit(kinds="spend", group="total apart tail")
def subtotals_by_excel(made, t, rng):
    t.money_style = "number"
    for g in by_line(t):
        i = t.items.index(g[-1]) + 1
        t.items[i:i] = [total(t, f"{g[0].v['line']} Total", g, function="SUBTOTAL(9,")]
    t.items.append(total(t, "Grand Total", function="SUBTOTAL(9,"))


@habit(kinds="spend claims", group="total", ordinary=False)
def total_wrong(made, t, rng):
    label, f = rng.choice(["Total", "Grand total"]), amounts(t)[0]
    t.items.append(total(t, label, extra={f: lambda t, r, c: t.spell(sum_of(t, f) + D("18.00"))}))
    t.after.append(lambda: made.expect("F506", t, (t.end, t.column(f))))


# --- words that look like something else ---------------------------------------------------------------------------------------------------
@habit(kinds="spend", group="words")
def suppliers_like_totals(made, t, rng):
    need(t, "supplier", 2)
    for x, name in zip(rng.sample(t.records, min(len(t.records), 3)), rng.sample(["Total Gas & Power", "Grand Hall Hire", "Totally Events", "Total Energies", "Grand Union Canal Trust", "Subtotal Software Ltd"], 3)): x.v["supplier"] = name


@habit(kinds="spend", group="words fields texts")
def last_row_like_a_note(made, t, rng):
    t.fields.remove("description"); t.fields.insert(0, "description")
    t.records[-1].v["description"] = rng.choice(["Key holder's fee", "Notes and leaflets", "Total station hire", "Please-touch stall", "Key worker's travel", "Source of Light banner", "Grand opening"])


@habit(kinds="updates", group="words fields texts tail")
def last_update_like_a_note(made, t, rng):
    t.fields.remove("update"); t.fields.insert(0, "update")
    n = rng.randint(31, 400)
    t.records[-1].v["update"] = rng.choice([f"Key workers called on {n} homes in the quarter.", f"Total of {n} residents came to the open day.", f"Please note that {n} visits were made by bicycle.", f"Notes from {n} visits were shared with the panel.", f"Signed up {n} shops for the watch."])


@habit(kinds="spend", group="kinds tail")
def commitment(made, t, rng):
    need(t, "kind")
    x = type(t.records[0])("spend", {**t.records[-1].v, "document": f"PO-{rng.randint(100, 999)}", "amount": D(rng.randint(3000, 9999)) / 100, "kind": "Commitment"})
    x.fate = "none"
    t.items.insert(t.items.index(t.records[-1]) + 1, x)
    t.records.append(x)


@habit(kinds="spend", group="kinds tail")
def credit_note(made, t, rng):
    need(t, "kind")
    x = type(t.records[0])("spend", {**t.records[-1].v, "document": f"CN-{rng.randint(100, 999)}", "amount": -D(rng.randint(500, 1999)) / 100, "kind": "Credit", "description": "Credit note for hall hire"})
    t.items.insert(t.items.index(t.records[-1]) + 1, x)
    t.records.append(x)
    made.allow("F520", t)


@habit(kinds="spend claims", writers="xlsxwriter odfpy", group="formulas")
def amounts_by_formula(made, t, rng):
    f = amounts(t)[0]
    for x in t.records:
        if rng.random() < .6: x.v[f] = Worked(x.v[f])


class Worked(D):
    """An amount that a formula works out in its own cell."""


@habit(group="fields order")
def columns_in_another_order(made, t, rng):
    rest = t.fields[1:]
    rng.shuffle(rest)
    t.fields[1:] = rest


@habit(group="fields")
def blank_column_between(made, t, rng): t.fields.insert(rng.randrange(1, len(t.fields)), None)


# --- forms -----------------------------------------------------------------------------------------------------------------------------------
@habit(group="tail")
def unused_rows(made, t, rng):
    v = {"updates": dict(status="Please select"), "spend": dict(amount=D(0), vat_basis="Please select", kind="Please select"), "claims": dict(this_quarter=D(0), to_date=D(0), forecast=D(0))}[t.kind]
    if t.kind != "updates" and rng.random() < .5: v = {k: x for k, x in v.items() if x == 0}
    if t.book.writer == "odfpy" and rng.random() < .4: v[{"updates": "update", "spend": "description", "claims": "explanation"}[t.kind]] = Formula('=T("")', "")
    i = t.items.index(t.records[-1]) + 1
    t.items[i:i] = [type(t.records[0])(t.kind, dict(v)) for _ in range(rng.randint(1, 4))]


@habit(group="numbers fields")
def row_numbers(made, t, rng):
    t.left = 1
    t.after.append(lambda: [t.sheet.put(x.row, t.left - 1, i) for i, x in enumerate(t.records, 1)])


@habit(writers=SPREADSHEETS, group="beside", right=True)
def row_numbers_at_the_end(made, t, rng): t.after.append(lambda: [t.sheet.put(x.row, t.right + 1, i) for i, x in enumerate(t.records, 1)])


@habit(how="apart")
def titled(made, t, rng): t.title = rng.choice(["Return of the quarter", "Spend and progress", "Table 1: this quarter"])


# --- below -----------------------------------------------------------------------------------------------------------------------------------
def below(t, rng, least=1): return t.end + 1 + rng.choice([least, least, least + 1, least + 2])


@habit(group="below")
def notes_below(made, t, rng):
    def put():
        r = below(t, rng)
        for i, words in enumerate(rng.sample(["Key: green is on track", "Note: figures are for the district alone", "Please return to the CSU by the 15th", "* includes the summer events", "Green = going well", "Thank you for filling this in", "Note: the £50 refund comes next quarter"], rng.randint(1, 4))): t.sheet.put(r + i, t.left, words)
    t.after.append(put)


@habit(group="below")
def signed_below(made, t, rng):
    def put():
        r = below(t, rng)
        t.sheet.put(r, t.left, "Completed by:"); t.sheet.put(r, t.left + 1, "A. Example")
        t.sheet.put(r + 1, t.left, "Date:"); t.sheet.put(r + 1, t.left + 1, dt.date(2022, [0, 7, 10][made.quarter], 5))
    t.after.append(put)


@habit(kinds="spend claims", group="below")
def balance_below(made, t, rng):
    def put():
        r = below(t, rng)
        t.sheet.put(r, t.left, rng.choice(["Balance", "Remaining", "Left to spend", "Remaining:", "Balance:"])); t.sheet.put(r, t.column(amounts(t)[0]), D(rng.randint(30000, 90000)) / 100)
    t.after.append(put)


@habit(group="below")
def label_below(made, t, rng):
    def put():
        r = below(t, rng)
        t.sheet.put(r, t.left, rng.choice(["Volunteers:", "Number of meetings attended:", "Hours given:"])); t.sheet.put(r, t.left + 1, rng.randint(3, 60))
    t.after.append(put)


@habit(kinds="spend claims", group="below", ordinary=False)
def amount_below(made, t, rng):
    """An amount alone under the amounts that is not their sum."""
    x = D(rng.randint(2011, 9999)) / 100
    def put():
        at = (below(t, rng, 0), t.column(amounts(t)[0]))
        t.sheet.put(*at, t.spell(x)); t.loose.append((*at, x, "named")); made.expect("H115", t, at)
    t.after.append(put)


@habit(kinds="spend claims", group="below", ordinary=False)
def amount_of_an_unknown_word_below(made, t, rng):
    """A word that nobody knows with an amount in the next column: it is named, as whatever it is taken for. Under the amounts it makes a row without a line."""
    x = D(rng.randint(2011, 9999)) / 100
    def put():
        at, row = (below(t, rng), t.left + 1), t.fields[1] == amounts(t)[0]
        t.sheet.put(at[0], t.left, rng.choice(["Petty cash", "Float", "Cash in the tin"])); t.sheet.put(*at, t.spell(x)); t.loose.append((*at, x, "held-on-no-line" if row else "named"))
        if row: made.expect("F501 C201", t, (at[0], t.left))
        made.allow("H110 H115 H116 C201 F501 R302", t)
    t.after.append(put)


@habit(group="below", ordinary=False)
def unknown_block_below(made, t, rng):
    def put():
        r = below(t, rng, 2)
        for i, (a, b) in enumerate([("Ward", "Incidents"), ("Swanley", rng.randint(11, 90)), ("Seal", rng.randint(11, 90))]): t.sheet.put(r + i, t.left, a); t.sheet.put(r + i, t.left + 1, b)
        made.expect("H107", t, *[(r + i, t.left + j) for i in range(3) for j in range(2)])
    t.after.append(put)


@habit(writers=SPREADSHEETS, group="below", ordinary=False)
def number_far_away(made, t, rng):
    def put():
        at = (t.sheet.bottom() + rng.randint(6, 12), t.sheet.right() + rng.randint(4, 9))
        t.sheet.put(*at, rng.choice([rng.randint(11, 5000), dt.date(2022, 8, 3), "£45.00"])); made.expect("H110", t, at)
    t.after.append(put)


# --- beside and between ----------------------------------------------------------------------------------------------------------------------
@habit(writers=SPREADSHEETS, group="beside", right=True, ordinary=False)
def amount_beside(made, t, rng):
    """Amounts under no heading, next to the rows or a column further. In a table of updates they are numbers that fit nowhere."""
    def put():
        c = t.right + rng.choice([1, 1, 2])
        i = rng.randrange(len(t.records))
        for x in t.records[i:i + rng.randint(1, 3)]:
            v = D(rng.randint(2011, 9999)) / 100
            t.sheet.put(x.row, c, rng.choice([v, f"£{v}"])); t.loose.append((x.row, c, v, "named")); made.expect("H110" if t.kind == "updates" else "H115", t, (x.row, c))
    t.after.append(put)


@habit(writers=SPREADSHEETS, group="beside", right=True, ordinary=False)
def words_beside(made, t, rng):
    def put():
        c, x = t.right + 1, rng.choice(t.records)
        t.sheet.put(x.row, c, rng.choice(["checked with Finance", "see e-mail", "paid by card"])); made.expect("H111", t, (x.row, c))
    t.after.append(put)


@habit(kinds="spend claims", group="fields", ordinary=False)
def amount_in_a_column_without_heading(made, t, rng):
    i = rng.randrange(1, len(t.fields))
    t.fields.insert(i, None)
    def put():
        x, v = rng.choice(t.records), D(rng.randint(2011, 9999)) / 100
        t.sheet.put(x.row, t.left + i, v); t.loose.append((x.row, t.left + i, v, "named")); made.expect("H115", t, (x.row, t.left + i))
    t.after.append(put)


@habit(group="fields", ordinary=False)
def words_in_a_column_without_heading(made, t, rng):
    i = rng.randrange(1, len(t.fields))
    t.fields.insert(i, None)
    def put():
        x = rng.choice(t.records)
        t.sheet.put(x.row, t.left + i, "ask Finance"); made.expect("H111", t, (x.row, t.left + i))
    t.after.append(put)


@habit(kinds="updates spend", group="tail total", ordinary=False)
def text_goes_on(made, t, rng):
    """A text that goes on in the row below, under its own column."""
    f, x = {"updates": "update", "spend": "description"}[t.kind], rng.choice(t.records)
    t.items.insert(t.items.index(x) + 1, ("text", f, "and the rest was carried out in the week after"))
    t.after.append(lambda: made.expect("H116", t, (x.row + 1, t.column(f))))


# --- rows of few cells -----------------------------------------------------------------------------------------------------------------------
@habit(kinds="spend", group="tail total claim", ordinary=False)
def amount_with_one_other_cell(made, t, rng):
    f = rng.choice(["description", "document_date", "document"])
    x = type(t.records[0])("spend", {"amount": D(rng.randint(2011, 9999)) / 100, f: t.records[-1].v[f] if f != "document" else "INV-9"})
    x.fate = "held-on-no-line"
    i = t.items.index(t.records[-1]) + 1
    t.items[i:i] = [("blank",)] * rng.choice([0, 1]) + [x]
    t.records.append(x)
    t.after.append(lambda: (made.expect("C201", t, (x.row, t.column("line"))), made.allow("C201", t)))


@habit(kinds="spend", group="lines", ordinary=False)
def row_without_its_line(made, t, rng):
    x = rng.choice([x for x in t.records if x.fate == "counted"])
    x.v["line"], x.fate = None, "held-on-no-line"
    t.after.append(lambda: made.expect("C201", t, (x.row, t.column("line"))))
    made.allow("F520 F506", t)


@habit(kinds="updates", group="tail", ordinary=False)
def reference_alone(made, t, rng):
    x = t.records[-1]
    x.v = {"ref": x.v["ref"]}
    x.fate = "none"
    t.after.append(lambda: made.expect("C201", t, (x.row, t.column("update")), (x.row, t.column("status"))))


@habit(kinds="updates", group="tail", ordinary=False)
def status_alone(made, t, rng):
    x = type(t.records[0])("updates", {"status": "On track"})
    x.fate = "none"
    t.items.insert(t.items.index(t.records[-1]) + 1, x)
    t.after.append(lambda: (made.expect("R302", t, (x.row, t.column("ref"))), made.allow("C201", t)))


@habit(kinds="updates", group="tail", ordinary=False)
def update_without_its_reference(made, t, rng):
    x = type(t.records[0])("updates", {"update": f"Key worker housing: {rng.randint(21, 99)} visits were made.", "status": "On track"})
    t.items.insert(t.items.index(t.records[-1]) + 1, x)
    t.after.append(lambda: made.expect("R302", t, (x.row, t.column("ref"))))


@habit(kinds="spend", group="tail total", ordinary=False)
def date_alone(made, t, rng):
    x = type(t.records[0])("spend", {"document_date": t.records[-1].v["document_date"]})
    t.items.insert(t.items.index(t.records[-1]) + 1, x)
    t.after.append(lambda: (made.expect("C201", t, (x.row, t.column("amount"))), made.allow("C201", t)))


# --- merged and hidden ------------------------------------------------------------------------------------------------------------------------
def pair(t, rng):
    """Two records of a table that stand in rows one below the other."""
    got = [(a, b) for a, b in zip(t.items, t.items[1:]) if a in t.records and b in t.records and a.fate == b.fate == "counted" and a.v.get("line") == b.v.get("line")]
    return rng.choice(got) if got else (None, None)


@habit(kinds="spend", writers=SPREADSHEETS, group="apart lines heads merge tail total", ordinary=False)
def line_merged_down(made, t, rng):
    a, b = pair(t, rng)
    if a is None: return
    def merge():
        c = t.column("line")
        del t.sheet.cells[b.row, c], b.at["line"]
        t.sheet.merges.append((a.row, c, b.row, c)); made.expect("H109", t, (a.row, c))
    t.after.append(merge)


@habit(kinds="spend", writers="xlsxwriter odfpy", group="apart lines heads merge tail total", ordinary=False)
def merge_hides_an_amount(made, t, rng):
    """A merged region that still holds another amount below the one that it shows."""
    a, b = pair(t, rng)
    if a is None: return
    b.fate = "held"
    t.after.append(lambda: (t.sheet.merges.append((a.row, t.column("amount"), b.row, t.column("amount"))), made.expect("H116", t, (b.row, t.column("amount")))))
    made.allow("F520", t)


@habit(kinds="spend", writers=SPREADSHEETS, group="apart lines heads merge tail total", ordinary=False)
def amount_merged_down(made, t, rng):
    """One amount over two rows: it counts once, in its own cell."""
    a, b = pair(t, rng)
    if a is None: return
    def merge():
        at = b.at.pop("amount")
        del t.sheet.cells[at]
        t.sheet.merges.append((*a.at["amount"], *at)); made.expect("C201 H109", t, at)
    t.after.append(merge)
    made.allow("F520", t)


@habit(writers=SPREADSHEETS, how="apart below", ordinary=False)
def hidden_row(made, t, rng):
    x = rng.choice(t.records)
    t.after.append(lambda: (t.sheet.hidden_rows.add(x.row), made.expect("H105", t, (x.row, t.left))))


@habit(writers=SPREADSHEETS, group="heads", how="apart", ordinary=False)
def hidden_column(made, t, rng):
    f = {"updates": "update", "spend": "description", "claims": "to_date"}[t.kind]
    if f not in t.fields: return
    t.after.append(lambda: (t.sheet.hidden_cols.add(t.column(f)), made.expect("H106", t, (t.header_row, t.column(f)))))


# --- text files ---------------------------------------------------------------------------------------------------------------------------------
@habit(writers="csv", group="records")
def short_records(made, t, rng): t.book.pad = False


@habit(writers="csv", group="records")
def commas_at_the_end(made, t, rng): t.book.trail = rng.choice([1, 3])


@habit(kinds="spend", writers="csv", group="records")
def commas_after_some_rows(made, t, rng):
    t.book.pad = False
    t.after.append(lambda: [t.sheet.put(x.row, t.right + 2, Raw("")) for x in t.records[::2]])


@habit(kinds="spend", writers="csv", group="quotes")
def inches(made, t, rng): rng.choice(t.records).v["description"] = Raw(rng.choice(['Pipe 6" wide', 'Hire of "The Stag"', 'Banner 3" by 2"']))


@habit(kinds="spend", writers="csv", group="quotes")
def two_lines_in_a_field(made, t, rng): rng.choice(t.records).v["description"] = "Hall hire\nfor two days"


@habit(kinds="spend", writers="csv", group="quotes records lines total tail claim heads fields", ordinary=False)
def comma_without_quotes(made, t, rng):
    """An unquoted comma shifts the rest of its record: the row is held, and its cells are no money."""
    t.book.pad = False
    x = rng.choice(t.records)
    x.fate = "ragged"
    f = "supplier" if "supplier" in t.fields else "description"
    def shift():
        for g in t.fields[t.fields.index(f) + 1:][::-1]:
            if g in x.at: r, c = x.at.pop(g); t.sheet.cells[r, c + 1] = t.sheet.cells.pop((r, c))
        r, c = x.at[f]
        t.sheet.cells[r, c], t.sheet.cells[r, c + 1] = "Smith", "Jones & Co"
        made.expect("H113", t, (x.row, t.right + 1))
    t.after.append(shift)
    made.allow("F520", t)


@habit(kinds="spend", writers="csv", group="quotes records lines total tail claim heads apart below end", ordinary=False)
def quote_never_closed(made, t, rng):
    """A quotation mark that nothing closes takes the rest of the file: the table is held."""
    x = rng.choice(t.records)
    x.v["description"] = Raw('"' + x.v["description"])
    for y in t.records: y.fate = "any"
    t.after.append(lambda: made.expect("H114", t, (x.row, t.column("description"))))
    made.allow("F520", t)
