"""The true content of a quarter: a plan, the returns that partners send, and what a right merge makes of them.

Nothing here knows of cells or files. A `Row` holds true values by field; the hands place it on a sheet and note where each value went.
Everything made here is clean under every rule; only `faults.py` spoils it. All names, documents and amounts are invented.
"""
import datetime as dt
from decimal import Decimal, ROUND_HALF_UP

D = Decimal
PENNY = D("0.01")
YEAR = "2022-23"
DEADLINES = [dt.date(2022, 7, 15), dt.date(2022, 10, 15), dt.date(2023, 1, 15), dt.date(2023, 4, 15)]
STARTS = [dt.date(2022, 4, 1), dt.date(2022, 7, 1), dt.date(2022, 10, 1), dt.date(2023, 1, 1)]
ENDS = [dt.date(2022, 6, 30), dt.date(2022, 9, 30), dt.date(2022, 12, 31), dt.date(2023, 3, 31)]

AGENCIES = {
    "SDC": ["SDC", "Sevenoaks District Council", "Sevenoaks DC"],
    "KP": ["KP", "Kent Police", "Kent Police CSU", "Police"],
    "KFRS": ["KFRS", "Kent Fire & Rescue Service", "Kent Fire and Rescue", "Kent Fire"],
    "KCC": ["KCC", "Kent County Council", "Kent CC"],
    "PS": ["PS", "Probation Service", "Probation", "The Probation Service"],
    "NHS": ["NHS", "NHS Kent and Medway ICB", "Kent & Medway ICB", "ICB"],
    "WKHA": ["WKHA", "West Kent Housing Association", "West Kent Housing"],
    "DAVSS": ["DAVSS", "Domestic Abuse Volunteer Support Services"],
    "CGL": ["CGL", "Change Grow Live", "Change, Grow, Live"],
    "KWT": ["KWT", "Kenward Trust", "The Kenward Trust"],
}
RECOVERS = {"SDC", "KP", "KFRS", "KCC"}
ORDER = list(AGENCIES)

PRIORITIES = [
    ("P1", "SAC", "Serious and Acquisitive Crime including Crime Trends", ["Serious & Acquisitive Crime", "Acquisitive Crime"]),
    ("P2", "ASB", "Anti-Social Behaviour including Environmental Crime & Rogue Trading", ["Anti-Social Behaviour", "Antisocial Behaviour"]),
    ("P3", "DA", "Domestic Abuse", []),
    ("P4", "SG", "Safeguarding (including Mental Health, Prevent, Human Trafficking, Modern Slavery, CSE, Vulnerable Adults and Protecting Children", ["Safeguarding"]),
    ("P5", "VAWG", "Violence against Women & Girls including Stalking & Harassment", ["Violence against Women & Girls", "Violence against Women and Girls (VAWG)"]),
    ("P6", "DM", "Drug Misuse & County Lines", ["Drug Misuse", "Substance Misuse", "County Lines"]),
]
PREFIX = {p[1]: p for p in PRIORITIES}

ACTIONS = {
    "SAC": ["Mark bicycles at the railway stations", "Give rural businesses a security survey", "Hold a shop watch meeting in each town", "Send burglary alerts to neighbourhood groups",
            "Run a scams roadshow for carers", "Manage prolific offenders through a joint panel", "Loan camera doorbells after a burglary", "Brief builders' merchants on tool theft"],
    "ASB": ["Chair the fortnightly case panel", "Clear graffiti from play areas", "Patrol the parks on summer evenings", "Take rogue traders through a joint day of action", "Offer mediation to neighbours",
            "Run detached youth work on two estates", "Serve notices for dumped waste", "Fit covert cameras at dumping spots"],
    "DA": ["Keep the one stop shop open every week", "Train helpline volunteers", "Fit locks and alarms for people at risk", "Put advice cards in surgeries", "Run a programme for people who harm",
           "Plan the autumn conference"],
    "SG": ["Train door staff on exploitation", "Hold assemblies on safety online", "Visit vulnerable adults at home", "Run a drop-in on mental health", "Check taxi operators on safeguarding", "Map missing children's return interviews"],
    "VAWG": ["Survey women on where they feel safe", "Extend the ask for help scheme", "Walk the night-time routes with residents", "Teach healthy relationships in schools", "Train transport staff to step in"],
    "DM": ["Hold outreach sessions at the leisure centre", "Talk to people on the street about treatment", "Hold operation days at stations", "Give brief advice on alcohol", "Teach housing officers to spot cuckooing",
           "Link people leaving custody with treatment"],
}
LEADS = {
    "SAC": ["KP", "KP", "SDC", "KP", "KCC", "PS", "KP", "KP"],
    "ASB": ["SDC", "WKHA", "SDC", "KCC", "WKHA", "KWT", "SDC", "KFRS"],
    "DA": ["DAVSS", "DAVSS", "KFRS", "NHS", "PS", "SDC"],
    "SG": ["KCC", "SDC", "KFRS", "NHS", "SDC", "KCC"],
    "VAWG": ["SDC", "KP", "SDC", "KCC", "KP"],
    "DM": ["CGL", "KWT", "KP", "NHS", "CGL", "PS"],
}
OBJECTIVES = {"SAC": "Fewer people lose what is theirs", "ASB": "Places that people are glad to live in", "DA": "Help sooner, and for longer", "SG": "People at risk are noticed",
              "VAWG": "Women and girls go where they like", "DM": "Fewer lives harmed by drugs"}
MEASURES = ["Bicycles marked", "Surveys given", "People reached", "Visits made", "Sessions held", "Cases closed", "Homes made safer", "Staff trained", "Venues taking part"]
PLACES = ["Swanley", "Edenbridge", "Hextable", "Westerham", "Otford", "Kemsing", "Seal", "Knockholt", "Badgers Mount", "Horton Kirby"]
SUPPLIERS = ["Example Print Ltd", "Sample Training CIC", "Specimen Hire Ltd", "Model Venues", "Demo Catering", "Test Signs Ltd", "Placeholder Media", "Invented & Sons"]
ITEMS = ["Leaflets", "Hall hire", "Trainer's fee", "Travel for volunteers", "Banner", "Session fees", "Refreshments", "Equipment hire"]
OFFICERS = ["CSU Manager", "Community Safety Officer", "District Inspector", "Service Lead", "Team Leader"]


class Row:
    """One record. `v` true values by field, `raw` what a fault writes instead, `at` where each field was put."""
    def __init__(self, table, v, agency=None):
        self.table, self.v, self.agency = table, v, agency
        self.raw, self.at, self.held, self.held_fields, self.style, self.book = {}, {}, False, set(), {}, None

    def hold(self): self.held = True
    def __getitem__(self, k): return self.v.get(k)
    def __setitem__(self, k, x): self.v[k] = x


class Return:
    def __init__(self, agency):
        self.agency, self.updates, self.spend, self.claims = agency, [], [], []
        self.need = {}            # what a fault needs of the layout: formats, fields, drop, label modes
        self.state = "accepted"   # accepted | held | superseded | unreadable
        self.books = []
        self.said_agency = agency
        self.said_quarter = None  # (year label, n), else the run's
        self.claim_only = set()

    def tables(self): return {"updates": self.updates, "spend": self.spend, "claims": self.claims}


class Quarter:
    """The whole truth of a run."""
    def __init__(self, rng, n=None):
        self.rng = rng
        self.n = n or rng.choice([1, 2, 2, 2, 3, 4])
        late = rng.random() < 0.6
        self.as_of = DEADLINES[self.n - 1] + dt.timedelta(days=rng.randint(1, 9)) if late else ENDS[self.n - 1] + dt.timedelta(days=rng.randint(1, 14))
        self.overdue_from = self.as_of
        self.doc = rng.randint(100, 4000)
        self.actions, self.lines, self.virements, self.award = [], [], [], None
        self.returns, self.extra_files, self.used = {}, [], set()
        self.plan_need = {}
        self.make_actions()
        self.make_lines()
        self.make_returns()

    @property
    def id(self): return f"{YEAR}-Q{self.n}"

    def make_actions(self):
        rng = self.rng
        share = rng.choice([0.5, 0.75, 1.0])
        keep_one = set()
        for prefix in ACTIONS:
            n = 0
            for text, lead in zip(ACTIONS[prefix], LEADS[prefix]):
                if rng.random() > share and lead in keep_one: continue
                keep_one.add(lead)
                n += 1
                partners = [a for a in rng.sample(ORDER, rng.randint(1, 3)) if a != lead]
                basis = rng.choice(["in-quarter", "year-to-date", "snapshot"])
                base = rng.randint(12, 400)
                row = Row("actions", dict(ref=f"{prefix}-{n:02d}", priority=prefix, objective=OBJECTIVES[prefix], action=text, lead_agency=lead, lead_officer=rng.choice(OFFICERS), partners=partners,
                                          funding_lines=[], success_measure=rng.choice(MEASURES), unit="count", basis=basis, polarity="higher", baseline=base * 4 - 9, target=base * 4 + 5))
                # how it went, quarter by quarter
                fate = rng.choices(["track", "starts-late", "risk", "off", "done", "was-done"], [60, 8, 10, 5, 10, 7 if self.n > 1 else 0])[0]
                q = {}
                for k in range(1, self.n + 1):
                    status = {"track": "on-track", "starts-late": "not-started", "risk": "on-track" if k < self.n else "at-risk", "off": "on-track" if k < self.n else "off-track",
                              "done": "on-track" if k < self.n else "complete", "was-done": "on-track" if k < self.n - 1 else "complete"}[fate]
                    value = None if status == "not-started" else (base * k + k if basis == "year-to-date" else base + k)
                    q[k] = dict(status=status, value=value, update=self.words(status, k))
                row.q, row.fate = q, fate
                now = q[self.n]["status"]
                if now == "complete" and self.n > 1 and rng.random() < .7: due = rng.choice([ENDS[self.n - 2], STARTS[self.n - 1] + dt.timedelta(days=40)])
                else:
                    future = [d for d in (dt.date(2022, 12, 31), dt.date(2023, 2, 28), dt.date(2023, 3, 31)) if d >= self.as_of]
                    due = rng.choice(future) if future and rng.random() < .85 else "Ongoing"
                row["due"] = due
                self.actions.append(row)

    def words(self, status, k):
        rng = self.rng
        p, m = rng.choice(PLACES), rng.randint(11, 480)
        months = [["April", "May", "June"], ["July", "August", "September"], ["October", "November", "December"], ["January", "February", "March"]][k - 1]
        a, b = months[0], rng.choice(months[1:])
        self.seq = getattr(self, "seq", 0) + 1
        tail = rng.choice(["", "", f" Feedback from {p} was good.", f" {months[1]} was the busiest month.", "\n- posters put up\n- two schools signed up", " The café’s owner gave £20 – a first."])
        if status == "not-started": return rng.choice([f"Begins later in the year; a venue in {p} is agreed ({self.seq}).", f"Set for next quarter, with {p} first in line ({self.seq})."])
        if status == "complete": return f"All work in {p} was finished in {b}, and {m + self.seq} people gained from it.{tail}"
        if status == "at-risk": return f"A vacancy in {p} kept numbers to {m + self.seq} this quarter.{tail}"
        if status == "off-track": return f"The provider in {p} withdrew in {a}; {m + self.seq} people could not be seen.{tail}"
        pool = [f"{m + self.seq} people came to sessions in {p} during {b}.", f"No delays so far: {p} and {rng.choice(PLACES)} are both under way, {m + self.seq} seen.",
                f"One session cancelled in {p} because of heat; the other {m + self.seq} ran.", f"Work in TN13 and TN14 went ahead in {a}; {m + self.seq} households were called on.",
                f"Joint days in {p} in {a} and {b} drew {m + self.seq} residents.", f"- {m + self.seq} visits in {p}\n- two talks in {b}", f"+1 officer joined in {a}; {m + self.seq} residents advised in {p}.",
                f"Total of {m + self.seq} residents helped in {p}, which is more than was hoped."]
        if rng.random() < .02: return ("People in the parish came along to each of the ten meetings " * 40 + "and so on")[:2900].rsplit(" ", 1)[0] + f" {self.seq}."
        return rng.choice(pool) + tail

    def make_lines(self):
        rng = self.rng
        owners = ["SDC", "KP", "KFRS", "DAVSS", "CGL", "KWT", "WKHA", "KCC", "SDC", "KP"]
        k = rng.randint(5, 10)
        projects = ["Town centre marshals", "Rural kits", "Home safety visits", "Helpline training", "Leisure centre outreach", "Street outreach", "Estate days", "Scams roadshow", "Junior citizens", "Station days"]
        core = rng.random() < .2
        for i in range(k):
            alloc = D(rng.choice([rng.randrange(1500, 9000, 50), rng.randrange(1500, 9000)])) + rng.choice([D(0), D(0), D("0.50"), D("0.75")])
            approved = True
            kind = "revenue"
            state = "approved"
            if i == k - 1 and k > 6: state = "proposed"
            if i == k - 2 and k > 8: state = "declined"
            row = Row("funding_lines", dict(line=f"CRG-{i + 1:02d}", project=projects[i], stream="CRG", delivery_agency=owners[i], allocation=alloc, approval=state,
                                            approved_on=dt.date(2022, *rng.choice([(3, 14), (3, 25), (3, 31), (4, 1), (4, 2)])) if state == "approved" else None, kind=kind, spend={}, forecast=None, match_cash=None, decision=None))
            self.lines.append(row)
        if core:
            self.lines.append(Row("funding_lines", dict(line="CORE-01", project="Gate at the depot", stream="CORE", delivery_agency="SDC", allocation=D("3000.00"), approval="approved", approved_on=dt.date(2022, 3, 29),
                                                        kind="capital", spend={}, forecast=None, match_cash=None, decision=None)))
        self.core = core
        live = [l for l in self.lines if l["approval"] == "approved" and l["stream"] == "CRG"]
        if rng.random() < .5:
            a, b = rng.sample(live, 2)
            self.virements.append(Row("virements", dict(from_line=a["line"], to_line=b["line"], amount=D(rng.choice([100, 150, 75])), approved_by="OPCC", approved_on=STARTS[self.n - 1] - dt.timedelta(days=rng.randint(0, 1) or 1) if self.n > 1 else dt.date(2022, 4, 4))))
        if not core and rng.random() < .6: self.award = sum((l["allocation"] for l in self.lines if l["approval"] != "declined"), D(0))
        for l in self.lines:
            if l["approval"] != "approved": continue
            rev = self.revised(l)
            for q in range(1, self.n):
                l["spend"][q] = (rev * D(rng.randint(2300, 2480)) / 10000).quantize(PENNY)
        for row in self.actions:
            if rng.random() < .25: row["funding_lines"] = [rng.choice(live)["line"]]
        self.plan_forecast = rng.random() < .4
        if self.plan_forecast:
            for l in self.lines:
                if l["approval"] == "approved": l["forecast"] = self.revised(l)

    def revised(self, line):
        r = line["allocation"]
        for v in self.virements:
            if v.held or v["approved_by"] is None: continue
            if v["from_line"] == line["line"]: r -= v["amount"]
            if v["to_line"] == line["line"]: r += v["amount"]
        return r

    def line(self, ref): return next(l for l in self.lines if l["line"] == ref)
    def action(self, ref): return next(a for a in self.actions if a["ref"] == ref)

    def date_in(self, lo=None):
        s, e = STARTS[self.n - 1], min(ENDS[self.n - 1], self.as_of)
        return s + dt.timedelta(days=self.rng.randint(3, (e - s).days))

    def next_doc(self, kind="INV"):
        self.doc += self.rng.randint(1, 3)
        return f"{kind}-{self.doc}"

    def make_returns(self):
        rng = self.rng
        for a in ORDER: self.returns[a] = Return(a)
        for act in self.actions:
            lead = act["lead_agency"]
            now = act.q[self.n]
            skip = act.fate == "was-done" and rng.random() < .5
            if not skip: self.returns[lead].updates.append(self.update_row(act, lead, now["update"], now["value"]))
            for s in act["partners"]:
                if not skip and rng.random() < .12:
                    self.returns[s].updates.append(self.update_row(act, s, f"We helped with this in {rng.choice(PLACES)}, on {rng.randint(2, 9)} days.", None if rng.random() < .7 else now["value"]))
        for a, r in self.returns.items():
            if not r.updates:
                for act in self.actions:
                    if act["lead_agency"] == a: r.updates.append(self.update_row(act, a, act.q[self.n]["update"], act.q[self.n]["value"]))
        for l in self.lines:
            if l["approval"] != "approved": continue
            rev, who = self.revised(l), l["delivery_agency"]
            total = (rev * D(rng.randint(2300, 2480)) / 10000).quantize(PENNY)
            if rng.random() < .08 and who not in ("SDC",):
                l.claim_only = True
                self.claim(who, l, total)
                self.returns[who].claim_only.add(l["line"])
                continue
            parts = rng.randint(2, 4)
            cuts, left = [], total
            for i in range(parts - 1):
                x = (left * D(rng.randint(25, 60)) / 100).quantize(PENNY)
                cuts.append(x); left -= x
            cuts.append(left)
            kinds = ["actual"] * parts
            if rng.random() < .3: kinds[-1] = "accrual"
            if l["stream"] == "CORE": kinds[0] = "capital"
            for x, kind in zip(cuts, kinds): self.spend_row(who, l, x, kind)
            if rng.random() < .3:
                c = D(rng.randint(1000, 9000)) / 100
                self.returns[who].spend[-1]["amount"] += c
                self.spend_row(who, l, -c, "credit", doc=self.next_doc("CN"), description="Credit note for hall hire")
            if rng.random() < .3: self.spend_row(who, l, D(rng.randint(2000, 19900)) / 100, "commitment", doc=self.next_doc("PO"), description="Order for leaflets")
            if rng.random() < .3: self.claim(who, l, total)
        for r in self.returns.values(): r.at_risk = any(u["status"] in ("at-risk", "off-track") for u in r.updates)
        if self.n == 4:
            for l in self.lines:
                if self.left_over(l): l["decision"] = rng.choice(["return", "carry-forward"])

    def left_over(self, l):
        return l["approval"] == "approved"

    def update_row(self, act, agency, text, value):
        q = act.q[self.n]
        st = q["status"]
        return Row("updates", dict(ref=act["ref"], update=text, status=st, value=value, as_at=ENDS[self.n - 1], completed_on=self.date_in() if st == "complete" and act.fate == "done" else None,
                                   next_steps=self.rng.choice(["Recruit two more volunteers", "Agree new dates with the hall", "Ask the panel for help in the new quarter"]) if st in ("at-risk", "off-track") else
                                   (self.rng.choice([None, None, "Carry on as planned"])),
                                   action=act["action"], priority=act["priority"], lead_agency=act["lead_agency"], due=act["due"], target=act["target"], act=act), agency)

    def spend_row(self, who, l, amount, kind="actual", doc=None, description=None, date=None, supplier=None):
        rng = self.rng
        row = Row("spend", dict(line=l["line"], project=l["project"], document=doc or self.next_doc(), supplier=supplier or rng.choice(SUPPLIERS), document_date=date or self.date_in(), amount=amount,
                                vat_basis="net" if who in RECOVERS else rng.choice(["gross", "exempt", "net"]), kind=kind, description=description or rng.choice(ITEMS)), who)
        self.returns[who].spend.append(row)
        return row

    def claim(self, who, l, total):
        before = sum(l["spend"].values(), D(0))
        rev = self.revised(l)
        f = rev if self.n < 4 else before + total
        row = Row("claims", dict(line=l["line"], project=l["project"], this_quarter=total, to_date=before + total, forecast=f, explanation=None), who)
        if self.n in (2, 4) or abs(f - rev) > rev / 20: row["explanation"] = self.rng.choice(["Spending is as planned.", "The last bill comes later than thought."])
        self.returns[who].claims.append(row)
        return row

    # --- what a right merge gives -------------------------------------------------------------------------------------------------
    def truth(self):
        n = self.n
        actions, funding, sources = {}, {}, {}
        live = [r for r in self.returns.values() if r.state == "accepted"]
        for act in self.actions:
            if act.held: continue
            reports = [u for r in live for u in r.updates if not u.held and u["act"] is act and "updates" not in getattr(r, "held_tables", ())]
            reports.sort(key=lambda u: (u.agency != act["lead_agency"], ))
            w = dict(status=None, value=None, update=None)
            if reports:
                first = reports[0]
                if "status" not in first.held_fields: w["status"] = first["status"] if len({u["status"] for u in reports}) == 1 else worst(u["status"] for u in reports)
                if first.agency == act["lead_agency"]:
                    if "value" not in first.held_fields: w["value"] = first["value"]
                    if "update" not in first.held_fields and first["update"]: w["update"] = " ".join(first["update"].split("\n")[0].split())
            w.update(getattr(act, "expect", {}))
            actions[act["ref"]] = w
        for l in self.lines:
            if l.held: continue
            if getattr(l, "unchecked", False): continue
            ref = l["line"]
            got = held = D(0)
            forecast, any_f = D(0), False
            hushed = False
            for r in [*self.returns.values(), *self.__dict__.get("extra_returns", [])]:
                if r.state == "accepted" or r.__dict__.get("absent") or not any(x["line"] == ref for x in r.spend + r.claims): continue
                if getattr(r, "money_held", False):
                    held += sum((s["amount"] for s in r.spend if s["line"] == ref and s["kind"] != "commitment"), D(0))
                    if not any(s["line"] == ref for s in r.spend): held += sum((c["this_quarter"] for c in r.claims if c["line"] == ref), D(0))
                elif r.state != "unreadable": hushed = True
            for r in live:
                spend = [s for s in r.spend if s["line"] == ref and s["kind"] != "commitment"]
                for s in spend:
                    if s.held or "spend" in getattr(r, "held_tables", ()): held += 0 if s.style.get("unreadable") else s["amount"]
                    else: got += s["amount"].quantize(PENNY, ROUND_HALF_UP)
                for c in r.claims:
                    if c["line"] != ref: continue
                    if not any(s["line"] == ref for s in r.spend):
                        if c.held: held += 0 if c.style.get("unreadable") else c["this_quarter"]
                        else: got += c["this_quarter"]
                    if c["forecast"] is not None and not c.held and "forecast" not in c.held_fields: forecast += c["forecast"]; any_f = True
            f = forecast if any_f else l["forecast"]
            rev = self.revised(l)
            w = dict(allocation=l["allocation"], revised=rev, this_quarter=got, to_date=sum(l["spend"].values(), D(0)) + got, held=held, forecast=f, variance=None if f is None else rev - f)
            if hushed: w["held"] = None
            w.update(getattr(l, "expect", {}))
            funding[ref] = {k: "" if v is None else str(D(v).quantize(PENNY)) for k, v in w.items()}
        for r in self.returns.values():
            if r.state != "accepted" or getattr(r, "unchecked", False): continue
            for book in r.books:
                tables, money = {}, None
                for t, rows in r.tables().items():
                    rows = [x for x in rows if x.book is book]
                    if not rows: continue
                    whole = t in getattr(r, "held_tables", ())
                    h = len(rows) if whole else sum(x.held for x in rows)
                    tables[t] = dict(accepted=len(rows) - h, held=h)
                spend = [s for s in r.spend if s.book is book]
                claims = [c for c in r.claims if c.book is book and c["line"] not in {s["line"] for s in r.spend}]
                if spend or claims:
                    acc = hel = D(0)
                    for s in spend:
                        if s["kind"] == "commitment": continue
                        if s.held or "spend" in getattr(r, "held_tables", ()): hel += 0 if s.style.get("unreadable") else s["amount"]
                        else: acc += s["amount"].quantize(PENNY, ROUND_HALF_UP)
                    for c in claims:
                        if c.held: hel += 0 if c.style.get("unreadable") else c["this_quarter"]
                        else: acc += c["this_quarter"]
                    money = dict(accepted=str(acc.quantize(PENNY)), held=str(hel.quantize(PENNY)))
                sources[book.path] = dict(tables=tables, money=money)
        return actions, funding, sources


def worst(statuses):
    return max(statuses, key=["closed", "complete", "on-track", "not-started", "at-risk", "off-track"].index)
