#!/usr/bin/env python3
"""Make the sample action plan and partner returns that stand beside this file.

    python3 samples/make_samples.py

Everything in them is invented: the amounts, the counts, the suppliers and the cases. The agencies are real public
bodies and charities, named because a plan names them; nobody's real return is here.

The content is written once, below, as data. Each partner then has a layout of its own and a writer of its own
(openpyxl, xlsxwriter, LibreOffice, XML written out by hand, csv), for no two partners send the same spreadsheet.
The faulty set is the clean set with the changes in FAULTS; the address of each finding is looked up where the cell
was written, never typed in. Needs openpyxl, xlsxwriter and `soffice` on the path.
"""

import copy
import csv
import io
import re
import shutil
import subprocess
import tempfile
import textwrap
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

HERE = Path(__file__).resolve().parent
YEAR_FOLDER = HERE / "2022-23"
PLAN_NAME = "action-plan.xlsx"
WRITTEN_ON = datetime(2022, 10, 7, 9, 30)  # the "created" and "modified" of every workbook

# ---------------------------------------------------------------------------------------------------------------
# The plan
# ---------------------------------------------------------------------------------------------------------------

AGENCY_NAMES = {
    "SDC": "Sevenoaks District Council",
    "KP": "Kent Police",
    "KFRS": "Kent Fire & Rescue Service",
    "KCC": "Kent County Council",
    "PS": "Probation Service",
    "NHS": "NHS Kent and Medway ICB",
    "WKHA": "West Kent Housing Association",
    "DAVSS": "DAVSS",
    "CGL": "Change Grow Live",
    "KWT": "Kenward Trust",
}

STATUS_WORDS = {
    "on-track": "Green",
    "at-risk": "Amber",
    "off-track": "Red",
    "complete": "Blue",
    "not-started": "Not started",
}
STATUS_LABELS = {
    "on-track": "On track",
    "at-risk": "At risk",
    "off-track": "Off track",
    "complete": "Complete",
    "not-started": "Not started",
}
STATUS_FILLS = {
    "on-track": "C6E0B4",
    "at-risk": "FFE699",
    "off-track": "F8B4A8",
    "complete": "BDD7EE",
    "not-started": "F2F2F2",
}

PRIORITIES = [
    ("SAC", "Serious and Acquisitive Crime including Crime Trends"),
    ("ASB", "Anti-Social Behaviour including Environmental Crime & Rogue Trading"),
    ("DA", "Domestic Abuse"),
    (
        "SG",
        "Safeguarding (including Mental Health, Prevent, Human Trafficking, Modern Slavery, CSE, Vulnerable Adults "
        "and Protecting Children",
    ),
    ("VAWG", "Violence against Women & Girls including Stalking & Harassment"),
    ("DM", "Drug Misuse & County Lines"),
]


@dataclass
class Action:
    ref: str
    lead: str
    partners: str
    lines: str
    officer: str
    action: str
    due: object  # a date, or a word such as Ongoing
    measure: str
    unit: str
    basis: str
    polarity: str
    baseline: object
    target: object
    q1_update: str
    q1_status: str
    q1_value: object

    @property
    def prefix(self):
        return self.ref.split("-")[0]


YEAR_END = date(2023, 3, 31)
QUARTER = "In quarter"
TO_DATE = "Year to date"
SNAPSHOT = "Snapshot"

# Each objective stands over the actions that follow it, as the plan's merged cells do.
OBJECTIVES = [
    ("Fewer homes and vehicles broken into", ["SAC-01", "SAC-02", "SAC-03"]),
    ("Residents and businesses are harder to steal from", ["SAC-04", "SAC-05", "SAC-06", "SAC-07"]),
    ("Repeat problems are dealt with once, together", ["ASB-01", "ASB-02", "ASB-03", "ASB-04"]),
    ("Cleaner, safer and calmer places", ["ASB-05", "ASB-06", "ASB-07", "ASB-08"]),
    ("People experiencing abuse get help sooner", ["DA-01", "DA-02", "DA-03", "DA-04", "DA-05"]),
    ("Those who cause harm are held to account", ["DA-06", "DA-07"]),
    ("Staff and residents know what to look for", ["SG-01", "SG-02", "SG-03", "SG-04"]),
    ("Support is there before a crisis", ["SG-05", "SG-06", "SG-07"]),
    ("Women and girls feel safe in public places", ["VAWG-01", "VAWG-02", "VAWG-03", "VAWG-04", "VAWG-05"]),
    ("Less harm from drugs and alcohol", ["DM-01", "DM-02", "DM-03", "DM-04", "DM-05", "DM-06"]),
]

ACTIONS = [
    Action(
        "SAC-01", "KP", "SDC, WKHA", "", "Neighbourhood Inspector",
        "Visit neighbouring homes within 48 hours of every reported dwelling burglary, giving crime prevention advice "
        "and checking locks with older residents.",
        "Ongoing", "Neighbouring homes visited after a burglary", "count", QUARTER, "Higher", 180, 200,
        "Officers called at 194 homes. Most of the advice asked for was about side gates and sheds.",
        "on-track", 194,
    ),
    Action(
        "SAC-02", "KP", "SDC", "CRG-02", "Neighbourhood Inspector",
        "Hold catalytic converter marking days with local garages and at commuter station car parks.",
        date(2023, 2, 28), "Vehicles marked", "count", TO_DATE, "Higher", 410, 450,
        "Two marking days held, at Swanley station and at a garage in Sevenoaks: 118 vehicles marked.",
        "on-track", 118,
    ),
    Action(
        "SAC-03", "KP", "SDC, KCC", "CRG-02", "Rural Crime Lead",
        "Run rural crime days of action covering farm machinery, plant and fuel theft.",
        YEAR_END, "Days of action held", "count", TO_DATE, "Higher", 8, 8,
        "Days of action held at Edenbridge and Shoreham with the county wardens.",
        "on-track", 2,
    ),
    Action(
        "SAC-04", "SDC", "KP", "", "Community Safety Manager",
        "Widen the town centre radio and information-sharing scheme to independent shops in Sevenoaks, Swanley and "
        "Edenbridge.",
        date(2022, 12, 31), "Businesses in the scheme", "count", SNAPSHOT, "Higher", 62, 70,
        "Four new members since April, all in Sevenoaks High Street.",
        "on-track", 66,
    ),
    Action(
        "SAC-05", "SDC", "KP, WKHA", "CORE-01", "Community Safety Officer",
        "Give home security advice and property-marking packs to residents at market stalls and sheltered housing "
        "events.",
        "Ongoing", "Packs given out", "count", QUARTER, "Higher", 150, 160,
        "Market stalls in Sevenoaks and Westerham; packs were also left with parish clerks.",
        "on-track", 172,
    ),
    Action(
        "SAC-06", "PS", "KP, CGL", "", "Head of Probation Delivery Unit",
        "Manage the people who offend most often through integrated offender management, with housing and treatment "
        "agreed in each plan.",
        "Ongoing", "Cohort with settled housing", "%", SNAPSHOT, "Higher", 71, 75,
        "Cohort reviewed in May. Housing remains the hardest part of each plan to settle.",
        "on-track", 72,
    ),
    Action(
        "SAC-07", "KCC", "SDC, KP", "CRG-09", "Trading Standards Manager",
        "Fit call blockers and give scams advice to residents referred as at risk of doorstep and telephone fraud.",
        YEAR_END, "Residents helped", "count", TO_DATE, "Higher", 96, 110,
        "21 residents visited; the first talks were given to two village groups.",
        "on-track", 21,
    ),
    Action(
        "ASB-01", "SDC", "KP, WKHA", "", "Community Safety Manager",
        "Hold the weekly multi-agency tasking meeting and agree an action plan for every repeat location.",
        "Ongoing", "Cases closed within eight weeks", "%", QUARTER, "Higher", 76, 80,
        "Tasking met every week. Three long-running locations were taken off the list.",
        "on-track", 78,
    ),
    Action(
        "ASB-02", "SDC", "KCC, KFRS", "CRG-03", "Environmental Enforcement Team Leader",
        "Use hired cameras at fly-tipping hot spots and prosecute where there is evidence.",
        YEAR_END, "Fly-tips reported", "count", QUARTER, "Lower", 265, 240,
        "Cameras placed on two lanes in May; the first fixed penalty notices have been served.",
        "on-track", 251,
    ),
    Action(
        "ASB-03", "WKHA", "SDC, KP", "CRG-06", "Neighbourhood Services Manager",
        "Hold estate action days with tenants: clear-ups, bulky waste collections and a drop-in with beat officers.",
        YEAR_END, "Households taking part", "count", TO_DATE, "Higher", 240, 260,
        "Action day held at Northview with 64 households; two skips filled by midday.",
        "on-track", 64,
    ),
    Action(
        "ASB-04", "KWT", "SDC, KP", "CRG-05", "Outreach Manager",
        "Provide evening youth outreach at parks and recreation grounds where complaints have been made.",
        YEAR_END, "Young people spoken to", "count", TO_DATE, "Higher", 480, 520,
        "Sessions began after Easter at three parks. Workers are becoming known to the regular groups.",
        "on-track", 126,
    ),
    Action(
        "ASB-05", "KFRS", "KP, SDC", "", "Group Manager, West Kent",
        "Patrol commons and woodland at risk of deliberate fires and work with the schools nearest to them.",
        "Ongoing", "Deliberate fires attended", "count", QUARTER, "Lower", 21, 18,
        "Assemblies given at four schools before the half-term break.",
        "on-track", 16,
    ),
    Action(
        "ASB-06", "KCC", "KP, SDC", "", "Trading Standards Manager",
        "Join police road stops aimed at rogue traders and unlicensed waste carriers, and set up no cold calling zones.",
        YEAR_END, "Vehicles stopped and checked", "count", TO_DATE, "Higher", 90, 100,
        "One road stop on the A25; 28 vehicles checked and four waste carrier warnings given.",
        "on-track", 28,
    ),
    Action(
        "ASB-07", "WKHA", "SDC", "CRG-06", "Neighbourhood Services Manager",
        "Offer independent mediation early in neighbour disputes, before formal action is taken.",
        "Ongoing", "Disputes referred to mediation", "count", QUARTER, "Higher", 14, 16,
        "Referral form shortened, which housing officers say has helped.",
        "on-track", 15,
    ),
    Action(
        "ASB-08", "SDC", "KP", "", "Community Safety Manager",
        "Review the public spaces protection orders due to lapse, consult residents and bring new orders to committee.",
        date(2022, 9, 30), "Consultation responses", "count", TO_DATE, "Higher", 150, 200,
        "Consultation opened on 6 June; town and parish councils have been written to.",
        "on-track", 84,
    ),
    Action(
        "DA-01", "DAVSS", "SDC, KP", "", "Services Manager",
        "Run the weekly West Kent one stop shop, giving legal, housing and safety advice under one roof.",
        "Ongoing", "Sevenoaks residents seen", "count", QUARTER, "Context", 58, None,
        "Open every Wednesday bar the bank holiday week; the solicitor's slot is always full.",
        "on-track", 61,
    ),
    Action(
        "DA-02", "DAVSS", "SDC", "CRG-04", "Volunteer Manager",
        "Recruit and train volunteers for the telephone helpline and court support.",
        YEAR_END, "Volunteers trained", "count", TO_DATE, "Higher", 18, 20,
        "Spring intake trained and shadowing on the helpline.",
        "on-track", 5,
    ),
    Action(
        "DA-03", "SDC", "DAVSS, KCC", "", "Domestic Abuse Coordinator",
        "Organise the West Kent domestic abuse conference for front-line staff in November.",
        date(2022, 11, 30), "Delegates booked", "count", TO_DATE, "Higher", 140, 150,
        "Date and theme to be agreed by the West Kent group in July.",
        "not-started", None,
    ),
    Action(
        "DA-04", "KFRS", "DAVSS, WKHA", "CRG-07", "Community Safety Team Leader",
        "Fit letterbox guards, alarms and other safety equipment in the homes of people threatened with arson.",
        "Ongoing", "Homes made safer", "count", QUARTER, "Higher", 17, 18,
        "18 homes fitted, all within three working days of the referral.",
        "on-track", 18,
    ),
    Action(
        "DA-05", "NHS", "DAVSS, SDC", "", "Designated Safeguarding Nurse",
        "Train practice teams to ask about domestic abuse and refer on, and keep helpline material in every surgery.",
        YEAR_END, "Surgeries trained", "count", SNAPSHOT, "Higher", 7, 14,
        "Training pack rewritten with the support services; posters sent to all surgeries.",
        "on-track", 8,
    ),
    Action(
        "DA-06", "KP", "DAVSS, SDC", "", "Detective Inspector, Vulnerability",
        "Contact repeat victims the next working day with a safety plan, and share the learning each month.",
        "Ongoing", "Repeat victims contacted the next working day", "%", QUARTER, "Higher", 84, 90,
        "Performance was lowest over the Jubilee weekend; weekend cover has since been changed.",
        "at-risk", 86,
    ),
    Action(
        "DA-07", "PS", "KP, DAVSS", "", "Head of Probation Delivery Unit",
        "Place people sentenced for domestic abuse on an accredited behaviour programme promptly.",
        "Ongoing", "People on the programme", "count", SNAPSHOT, "Higher", 12, 16,
        "The evening group reopened in May, the first since face to face work resumed.",
        "on-track", 13,
    ),
    Action(
        "SG-01", "KCC", "SDC, NHS", "", "Community Safety Team Manager",
        "Train front-line staff and volunteers to spot and refer concerns about radicalisation, trafficking and "
        "exploitation.",
        YEAR_END, "Staff and volunteers trained", "count", TO_DATE, "Higher", 210, 240,
        "Two half-day courses run for district and parish staff.",
        "on-track", 58,
    ),
    Action(
        "SG-02", "SDC", "KP, KCC, KFRS", "CRG-01", "Community Safety Officer",
        "Deliver Junior Citizen and online safety workshops in primary schools.",
        date(2023, 2, 28), "Pupils taking part", "count", TO_DATE, "Higher", 1150, 1200,
        "Junior Citizen ran for a week in June with nine schools.",
        "on-track", 412,
    ),
    Action(
        "SG-03", "KFRS", "NHS, WKHA", "CRG-07", "Community Safety Team Leader",
        "Carry out safe and well visits to older and vulnerable residents referred by health and housing.",
        "Ongoing", "Visits made", "count", QUARTER, "Higher", 230, 250,
        "238 visits. Hospital discharge teams now refer direct.",
        "on-track", 238,
    ),
    Action(
        "SG-04", "SDC", "KP", "", "Licensing Manager",
        "Brief licensed premises, taxi operators and hotel staff on modern slavery and child exploitation.",
        YEAR_END, "People briefed", "count", TO_DATE, "Higher", 70, 90,
        "First evening briefing held for taxi operators, with 24 drivers.",
        "on-track", 24,
    ),
    Action(
        "SG-05", "NHS", "SDC, KCC", "", "Mental Health Commissioning Manager",
        "Open a monthly mental health drop-in at Swanley with peer support.",
        YEAR_END, "People attending", "count", QUARTER, "Higher", None, 45,
        "Scoping only; a venue is being looked for with the town council.",
        "not-started", None,
    ),
    Action(
        "SG-06", "KP", "SDC", "", "Neighbourhood Inspector",
        "Brief hotels and guest houses, ahead of the summer season, on the signs of exploitation.",
        date(2022, 6, 30), "Hotels and guest houses briefed", "count", TO_DATE, "Higher", 12, 14,
        "15 premises briefed by mid-June, one more than planned. A short guide was left with each.",
        "complete", 15,
    ),
    Action(
        "SG-07", "KCC", "KP, NHS", "", "Adolescent Services Manager",
        "Bring agencies together each month to plan for children who go missing repeatedly.",
        "Ongoing", "Meetings held", "count", TO_DATE, "Higher", 12, 12,
        "Met in April, May and June; health joined the group for the first time.",
        "on-track", 3,
    ),
    Action(
        "VAWG-01", "SDC", "KP, KCC", "", "Community Safety Manager",
        "Ask women and girls where they feel unsafe through an online survey, and walk the places that are named.",
        date(2022, 12, 31), "Survey responses", "count", TO_DATE, "Higher", 310, 500,
        "Survey questions drafted; launch planned for August.",
        "not-started", None,
    ),
    Action(
        "VAWG-02", "KP", "SDC", "", "Licensing Officer",
        "Sign venues up to the ask for help scheme and test that staff know what to do.",
        YEAR_END, "Venues in the scheme", "count", SNAPSHOT, "Higher", 22, 34,
        "Three venues joined; door staff at two were given a refresher.",
        "on-track", 25,
    ),
    Action(
        "VAWG-03", "KCC", "DAVSS", "", "Education Safeguarding Adviser",
        "Offer healthy relationships lessons to every secondary school in the district.",
        YEAR_END, "Lessons given", "count", TO_DATE, "Higher", 36, 40,
        "14 lessons given at three schools before the examination season.",
        "on-track", 14,
    ),
    Action(
        "VAWG-04", "SDC", "KCC, KP", "CORE-02", "Community Safety Officer",
        "Audit lighting and sight lines on the walking routes that residents name as feeling unsafe.",
        date(2023, 2, 28), "Routes audited", "count", TO_DATE, "Higher", 6, 10,
        "Station approach and the path behind the leisure centre walked after dark.",
        "on-track", 2,
    ),
    Action(
        "VAWG-05", "DAVSS", "KP, NHS", "", "Services Manager",
        "Provide stalking and harassment advice surgeries with a trained adviser.",
        "Ongoing", "People advised", "count", QUARTER, "Context", 24, None,
        "Surgeries moved to a fortnightly evening so that people in work can come.",
        "on-track", 22,
    ),
    Action(
        "DM-01", "CGL", "SDC, NHS", "CRG-08", "Service Manager, West Kent",
        "Run drop-in sessions for advice, naloxone and treatment referral in Swanley and Edenbridge.",
        YEAR_END, "Sessions held", "count", QUARTER, "Higher", 22, 24,
        "23 sessions. Edenbridge is the quieter of the two and will be advertised again.",
        "on-track", 23,
    ),
    Action(
        "DM-02", "KWT", "SDC, KP", "CRG-05", "Outreach Manager",
        "Carry out street outreach at five agreed places, linking people to treatment and housing help.",
        YEAR_END, "Conversations with people on the street", "count", QUARTER, "Higher", 190, 200,
        "Outreach ran on two evenings a week; the fifth place was swapped at the police's request.",
        "on-track", 187,
    ),
    Action(
        "DM-03", "KP", "SDC, PS", "", "County Lines Sergeant",
        "Disrupt county lines through days at rail stations and visits to people at risk of cuckooing.",
        "Ongoing", "Home visits made", "count", TO_DATE, "Higher", 52, 60,
        "17 home visits made and one day held at Swanley station.",
        "on-track", 17,
    ),
    Action(
        "DM-04", "NHS", "CGL", "", "Public Health Specialist",
        "Offer brief alcohol advice in surgeries and pharmacies.",
        YEAR_END, "People advised", "count", QUARTER, "Higher", 260, 270,
        "Two pharmacies withdrew for want of staff, so fewer people were advised than planned.",
        "at-risk", 243,
    ),
    Action(
        "DM-05", "CGL", "WKHA, SDC", "", "Service Manager, West Kent",
        "Train housing and benefits staff to recognise cuckooing and drug debt.",
        YEAR_END, "Staff trained", "count", TO_DATE, "Higher", 64, 70,
        "First session run for 19 housing officers; feedback was good.",
        "on-track", 19,
    ),
    Action(
        "DM-06", "PS", "CGL", "", "Resettlement Lead",
        "Make sure that people leaving custody with a drug problem are seen by treatment services within five days.",
        "Ongoing", "Seen within five working days", "%", QUARTER, "Higher", 58, 65,
        "Friday releases are the difficulty: appointments cannot be kept before the weekend.",
        "at-risk", 55,
    ),
]
PLAN = {action.ref: action for action in ACTIONS}
PRIORITY_NAMES = dict(PRIORITIES)


@dataclass
class Line:
    line: str
    project: str
    stream: str
    agency: str
    allocation: float
    approval: str
    approved_on: object
    q1: object
    forecast: float
    match: object = None


GRANT_AWARDED = 39661.00
CRG = "Crime Reduction Grant"
CORE = "Core budgets"
LINES = [
    Line("CRG-01", "Junior Citizen and online safety workshops", CRG, "SDC", 5480.00, "Approved", date(2022, 4, 21),
         1218.40, 5480.00),
    Line("CRG-02", "Vehicle and farm machinery marking kits", CRG, "KP", 5925.00, "Approved", date(2022, 4, 21),
         1386.75, 5925.00),
    Line("CRG-03", "Fly-tipping camera hire", CRG, "SDC", 4260.00, "Approved", date(2022, 4, 21), 742.00, 3860.00),
    Line("CRG-04", "Helpline volunteer training", CRG, "DAVSS", 3875.50, "Approved", date(2022, 2, 14), 905.20,
         3875.50),
    Line("CRG-05", "Street and youth outreach", CRG, "KWT", 6540.00, "Approved", date(2022, 4, 21), 1610.00, 6940.00,
         1500.00),
    Line("CRG-06", "Estate action days and mediation", CRG, "WKHA", 2690.50, "Approved", date(2022, 4, 21), 588.35,
         2690.50, 750.00),
    Line("CRG-07", "Home safety equipment", CRG, "KFRS", 3150.00, "Approved", date(2022, 5, 26), 697.90, 3150.00),
    Line("CRG-08", "Community drug and alcohol drop-ins", CRG, "CGL", 4720.00, "Approved", date(2022, 5, 26), 1043.60,
         4720.00),
    Line("CRG-09", "Call blockers for residents at risk of fraud", CRG, "KCC", 3020.00, "Proposed", None, None,
         3020.00),
    Line("CORE-01", "Community Safety Unit campaigns", CORE, "SDC", 2500.00, "Approved", date(2022, 4, 1), 311.25,
         2500.00),
    Line("CORE-02", "Warden equipment and lighting surveys", CORE, "KCC", 1800.00, "Approved", date(2022, 4, 1),
         402.50, 1800.00),
]
FUNDING = {line.line: line for line in LINES}
assert round(sum(line.allocation for line in LINES if line.stream == CRG), 2) == GRANT_AWARDED

# From, to, amount, approved by, approved on.
VIREMENTS = [("CRG-03", "CRG-05", 400.00, "OPCC grants manager", date(2022, 7, 18))]

# ---------------------------------------------------------------------------------------------------------------
# What the partners report for quarter 2 (July to September 2022)
# ---------------------------------------------------------------------------------------------------------------

END_OF_QUARTER = date(2022, 9, 30)


def report(ref, status, value, update, next_steps="", as_at=END_OF_QUARTER, completed_on=None):
    return {
        "key": ref, "ref": ref, "status": status, "value": value, "update": update, "next_steps": next_steps,
        "as_at": as_at, "completed_on": completed_on,
    }


def spent(line, document, supplier, when, amount, description, basis="Net", kind="Actual"):
    return {
        "key": document, "line": line, "document": document, "supplier": supplier, "document_date": when,
        "amount": amount, "vat_basis": basis, "kind": kind, "description": description,
    }


def day(month, number):
    return date(2022, month, number)


UPDATES = {
    "SDC": [
        report("SAC-04", "on-track", 71,
               "Five more shops joined after a walkabout in Swanley with the neighbourhood beat officer.",
               "Meet the Edenbridge traders' group in October."),
        report("SAC-05", "on-track", 165,
               "Packs went out at six events, among them the Swanley family day and two coffee mornings for "
               "sheltered tenants.",
               "Dark nights campaign in November."),
        report("ASB-01", "on-track", 82,
               "Tasking reviewed 34 locations over the quarter. Closing cases faster is down to housing officers "
               "attending in person again.",
               "Invite the two smaller housing associations."),
        report("ASB-02", "at-risk", 268,
               "Reports rose over the summer, chiefly on lanes around Knockholt and Hextable after the cameras had "
               "been moved elsewhere. Three files are with the legal team.",
               "Return the cameras to both lanes in October and publicise the next court results."),
        report("ASB-03", "on-track", 141,
               "The Unit brought the bulky waste vehicle and a stall to the August action day.",
               "Support the Edenbridge day."),
        report("ASB-08", "complete", 226,
               "Consultation closed with 226 responses. Committee made the new orders in September and signs are "
               "being put up.",
               completed_on=day(9, 22)),
        report("DA-03", "on-track", 62,
               "Venue and speakers are confirmed for 25 November. Booking opened at the start of September.",
               "Second invitation to schools and surgeries."),
        report("SG-02", "on-track", 688,
               "Workshops ran in July only, because of the school holidays: seven schools and 276 pupils.",
               "Autumn dates are set with eleven schools."),
        report("SG-04", "on-track", 49,
               "A daytime session for hotel staff and a second evening for taxi operators brought the total to 49.",
               "Briefing for late-night takeaways."),
        report("VAWG-01", "on-track", 194,
               "The survey went live on 15 August and was promoted at both stations and on the leisure centre screens.",
               "Walks at the three places named most often."),
        report("VAWG-04", "on-track", 4,
               "Two more routes walked with residents; one overgrown path has already been cut back.",
               "Send the lighting requests to the county."),
        report("DM-02", "on-track", 214,
               "The Unit joined two outreach evenings and passed on places named by residents."),
    ],
    "KP": [
        report("SAC-01", "on-track", 211,
               "Officers called at 211 homes. A run of shed break-ins around Otford and Kemsing in August accounted "
               "for a third of the visits.",
               "Repeat the shed security message before the clocks change."),
        report("SAC-02", "on-track", 263,
               "Three more marking days, at Edenbridge, Dunton Green and Swanley, marked 145 vehicles.",
               "Winter dates with two garages."),
        report("SAC-03", "at-risk", 3,
               "The Westerham day went ahead in July. The September one was given up when the team was called to "
               "duties outside the district.",
               "Two days are booked for October and November with the county rural team."),
        report("ASB-04", "on-track", 297,
               "Calls about young people at the three parks fell by a fifth against last summer."),
        report("ASB-06", "on-track", None,
               "Roads policing ran the stop in Swanley and seized one uninsured tipper."),
        report("DA-06", "at-risk", 88,
               "The new weekend rota began in August and September was the best month so far.",
               "Fill the vacant support post; review the rota in December."),
        report("VAWG-02", "on-track", 29,
               "Four venues joined. Test visits found staff at one who did not know the scheme, and they have been "
               "trained.",
               "Second round of test visits before Christmas."),
        report("DM-03", "on-track", 36,
               "Days at Sevenoaks and Swanley stations with the transport police, and 19 home visits.",
               "Join the national week of action."),
    ],
    "KFRS": [
        report("ASB-05", "off-track", 33,
               "The dry July and August brought 33 deliberate fires, mostly grass and stubble near footpaths.",
               "Meet landowners in November about firebreaks and agree patrol routes for spring."),
        report("DA-04", "on-track", 20,
               "20 homes fitted. Letterbox guards are the item most often asked for.",
               "Order guards for the winter."),
        report("SG-02", "on-track", None,
               "Crews ran the smoke house at both July workshops."),
        report("SG-03", "on-track", 256,
               "256 visits, helped by a list of referrals from two surgeries in Swanley.",
               "Winter warmth visits with housing staff."),
    ],
    "KCC": [
        report("SAC-07", "at-risk", 47,
               "26 more residents were helped from existing stock. The bid for new call blockers is still with the "
               "Commissioner's office, so a waiting list has opened.",
               "Chase the decision on CRG-09; borrow ten units from the county store."),
        report("ASB-06", "on-track", 57,
               "29 vehicles were checked in Swanley, and two streets in Hartley voted to become no cold calling zones.",
               "Road stop planned for the A20."),
        report("SG-01", "on-track", 131,
               "Three courses, one held online for volunteers who cannot come in the day.",
               "Course for leisure centre staff."),
        report("SG-07", "on-track", 6,
               "All three meetings were held, and the referral threshold has been rewritten in plain words.",
               "Review of the year so far in December."),
        report("VAWG-03", "on-track", 19,
               "Five lessons before the end of term, and autumn bookings taken from four schools.",
               "Begin the autumn lessons."),
        report("VAWG-04", "on-track", 4,
               "Street lighting engineers joined both walks and will replace eleven lamps."),
    ],
    "PS": [
        report("SAC-06", "on-track", 76,
               "Three people moved into supported housing – the best quarter for two years.",
               "Extend the landlord scheme, worth £500 a tenancy, for another year"),
        report("DA-07", "on-track", 15,
               "Two more joined the evening group and nobody has left it early.",
               "Daytime group to be priced"),
        report("DM-03", "on-track", None,
               "Officers shared addresses of concern at the fortnightly meeting."),
        report("DM-06", "at-risk", 57,
               "Slightly better, but people released on a Friday are still waiting until the Tuesday.",
               "Trial Saturday appointments at the Swanley drop-in from November"),
    ],
    "NHS": [
        report("DA-05", "at-risk", 9,
               "One more practice was trained. Two put their session back because of the vaccination programme.",
               "New dates offered in November, with an online version."),
        report("SG-03", "on-track", 256,
               "Two surgeries in Swanley searched their records for patients who would gain from a visit."),
        report("SG-05", "not-started", None,
               "Room booked at the Swanley hub and two peer workers appointed; doors open on 12 October.",
               "First session, then a leaflet to every surgery."),
        report("DM-04", "on-track", 271,
               "A pharmacy in Edenbridge joined and both market towns are now covered.",
               "Alcohol awareness week stall in November."),
    ],
    "WKHA": [
        report("ASB-03", "on-track", 141,
               "The August day in Swanley was the largest yet: 77 households, and four tonnes of waste taken away.",
               "Edenbridge in October."),
        report("ASB-07", "on-track", 17,
               "17 disputes referred; in most the noise or parking trouble was settled at the first meeting.",
               "Leaflet for new tenants."),
        report("ASB-01", "on-track", 82,
               "Housing officers attended every tasking meeting."),
    ],
    "DAVSS": [
        report("DA-01", "on-track", 57,
               "Numbers dipped in August as they usually do. The housing adviser is now there every week.",
               "Advertise through schools in the new term."),
        report("DA-02", "on-track", 11,
               "Six people finished the summer course and have started on the helpline.",
               "Court support training in November."),
        report("DA-03", "on-track", 62,
               "A speaker and a workshop have been offered for the conference."),
        report("DA-06", "at-risk", 88,
               "Referrals now reach us the same day, which has made the safety plans better.",
               "Joint review of the rota in December."),
        report("VAWG-05", "on-track", 31,
               "The busiest quarter since the surgeries began; more people are asking about unwanted messages.",
               "Train a second adviser."),
    ],
    "CGL": [
        report("SAC-06", "on-track", 76,
               "Treatment places were held open for everyone in the cohort."),
        report("DM-01", "on-track", 25,
               "25 sessions held.\nEdenbridge attendance doubled after posters went up at the station.",
               "Flu clinic at the December sessions"),
        report("DM-05", "on-track", 38,
               "A second course trained 19 benefits staff, and two asked for a visit on the strength of it.",
               "Course for sheltered scheme managers"),
        report("DM-06", "at-risk", 57,
               "A worker now phones the prison on the Thursday before each Friday release.",
               "Saturday slots from November"),
    ],
    "KWT": [
        report("ASB-04", "on-track", 297,
               "171 young people were spoken to over the summer. Football sessions at Swanley drew the largest group.",
               "Move indoors for the winter."),
        report("DM-02", "on-track", 214,
               "214 conversations in 26 evenings; nine people took up an offer of treatment.",
               "Agree the winter places with the Unit."),
    ],
}

SPEND = {
    "SDC": [
        spent("CRG-01", "SDC-44171", "Example Print & Design", day(7, 4), 312.60, "Workbooks for Junior Citizen"),
        spent("CRG-01", "SDC-44209", "Sample Coach Hire Ltd", day(7, 15), 486.00, "Coaches for three schools"),
        spent("CRG-01", "SDC-44260", "Specimen Theatre Company", day(7, 22), 650.00, "Online safety play"),
        spent("CRG-01", "SDC-ACC-07", "Example Print & Design", day(9, 30), 225.00, "Autumn workbooks, invoice due",
              kind="Accrual"),
        spent("CRG-03", "SDC-44302", "Demonstration Cameras Ltd", day(7, 29), 232.00, "Camera hire, July"),
        spent("CRG-03", "SDC-44418", "Demonstration Cameras Ltd", day(8, 31), 232.00, "Camera hire, August"),
        spent("CRG-03", "SDC-44533", "Demonstration Cameras Ltd", day(9, 29), 232.00, "Camera hire, September"),
        spent("CORE-01", "SDC-44390", "Example Print & Design", day(8, 18), 164.80, "Survey posters and cards"),
    ],
    "KP": [
        spent("CRG-02", "KPF/22/1873", "Placeholder Forensics Ltd", day(7, 11), 1250.00, "Marking kits, 250"),
        spent("CRG-02", "KPF/22/2046", "Sample Signs Ltd", day(8, 9), 538.20, "Rural watch gate signs"),
        spent("CRG-02", "KPF/22/2391", "Example Garage Services", day(9, 20), 412.50, "Ramp hire for marking days"),
    ],
    "KFRS": [
        spent("CRG-07", "FR-60718", "Model Safety Supplies", day(7, 19), 284.60, "Letterbox guards"),
        spent("CRG-07", "FR-60855", "Model Safety Supplies", day(8, 23), 196.35, "Deaf alarms"),
        spent("CRG-07", "FR-60990", "Specimen Locks Ltd", day(9, 14), 310.00, "Door and window locks"),
    ],
    "KCC": [
        spent("CORE-02", "KCC100-2217", "Sample Lighting Surveys", day(8, 12), 375.00, "Night survey of two routes"),
        spent("CORE-02", "KCC100-2305", "Example Workwear", day(9, 6), 128.40, "Warden jackets"),
    ],
    "WKHA": [
        spent("CRG-06", "W20931", "Demo Skip Hire", day(8, 17), 240.00, "Skips, August", basis="Gross"),
        spent("CRG-06", "W20977", "Sample Mediation CIC", day(8, 30), 185.50, "Mediation sessions", basis="Exempt"),
        spent("CRG-06", "W21044", "Placeholder Catering", day(9, 2), 96.20, "Refreshments", basis="Gross"),
    ],
    "DAVSS": [
        spent("CRG-04", "D-118", "Specimen Training CIC", day(7, 8), 418.00, "Summer course tutor", basis="Exempt"),
        spent("CRG-04", "D-121", "Example Community Hall", day(7, 28), 260.75, "Room hire", basis="Exempt"),
        spent("CRG-04", "D-126", "Sample Print Shop", day(9, 5), 155.00, "Handbooks", basis="Gross"),
    ],
    "CGL": [
        spent("CRG-08", "CG/5512", "Demo Outreach Vehicles", day(7, 26), 590.00, "Van hire", basis="Gross"),
        spent("CRG-08", "CG/5570", "Example Health Supplies", day(8, 16), 347.80, "Wound care packs", basis="Gross"),
        spent("CRG-08", "CG/5634", "Sample Print Shop", day(9, 13), 215.40, "Station posters", basis="Gross"),
    ],
}


def claim(line, this_quarter, forecast, explanation=""):
    earlier = FUNDING[line].q1 or 0
    return {
        "key": line, "line": line, "this_quarter": this_quarter, "to_date": round(earlier + this_quarter, 2),
        "forecast": forecast, "explanation": explanation,
    }


def claims_for(agency):
    """A claim's quarter is the sum of the partner's documents; Kenward Trust sends the claim alone."""

    def summed(line):
        return round(sum(row["amount"] for row in SPEND[agency] if row["line"] == line), 2)

    if agency == "SDC":
        return [
            claim("CRG-01", summed("CRG-01"), 5480.00),
            claim("CRG-03", summed("CRG-03"), 3400.00,
                  "One camera was out of use in June; two cameras are to be hired for shorter spells in the winter."),
            claim("CORE-01", summed("CORE-01"), 2500.00),
        ]
    if agency == "KFRS":
        return [claim("CRG-07", summed("CRG-07"), 3150.00)]
    if agency == "DAVSS":
        return [claim("CRG-04", summed("CRG-04"), 3875.50)]
    if agency == "KWT":
        return [claim("CRG-05", 1626.45, 6940.00)]
    return []


@dataclass
class Return:
    agency: str
    updates: list
    spend: list
    claims: list
    spend_total: float  # what the partner prints under the amounts
    extra_column: tuple = ()  # a heading of the partner's own, and its words by reference


def clean_return(agency):
    rows = copy.deepcopy(SPEND.get(agency, []))
    total = round(sum(row["amount"] for row in rows), 2)
    return Return(agency, copy.deepcopy(UPDATES[agency]), rows, claims_for(agency), total)


# ---------------------------------------------------------------------------------------------------------------
# The honest faults
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Fault:
    agency: str
    code: str
    place: tuple  # looked up in the addresses noted as the cells were written
    what: str
    plant: object  # changes the clean return


def updates_row(sent, key):
    return next(row for row in sent.updates if row["key"] == key)


def spend_row(sent, key):
    return next(row for row in sent.spend if row["key"] == key)


def twice(sent):
    again = report("SAC-05", "on-track", 165, "Stalls at Westerham and Swanley; packs also left at the library.")
    again["key"] = "SAC-05 again"
    sent.updates.insert([row["key"] for row in sent.updates].index("DA-03"), again)


def leave_out(sent):
    sent.updates = [row for row in sent.updates if row["ref"] != "SG-04"]


def claim_unapproved(sent):
    sent.spend.append(
        spent("CRG-09", "KCC100-2361", "Specimen Telecoms Ltd", day(9, 21), 640.00, "Call blockers, eight"))
    sent.spend_total = round(sent.spend_total + 640.00, 2)


FAULTS = [
    Fault("SDC", "R301", ("updates", "SAC-05 again", "ref"),
          "SAC-05 is reported twice, in different words, by two officers of the same team",
          twice),
    Fault("SDC", "M402", ("plan", "SG-04", "ref"),
          "SDC leads SG-04 and leaves it out of its return",
          leave_out),
    Fault("SDC", "F506", ("spend", "total", "amount"),
          "the printed total of the spend sheet is 225.00 short: the accrual was added after the sum was typed",
          lambda sent: setattr(sent, "spend_total", round(sent.spend_total - 225.00, 2))),
    Fault("KP", "C207", ("updates", "VAWG-02", "status"),
          "`Ongoing` is given as a status, which does not say how the action is going",
          lambda sent: updates_row(sent, "VAWG-02").update(status="Ongoing")),
    Fault("KP", "M401", ("updates", "DM-03", "ref"),
          "the plan has no DM-13; the wording is that of DM-03",
          lambda sent: updates_row(sent, "DM-03").update(ref="DM-13")),
    Fault("KP", "C202", ("spend", "KPF/22/1873", "amount"),
          "`£1,2500` may be 1,250.00 or 12,500.00",
          lambda sent: spend_row(sent, "KPF/22/1873").update(amount="£1,2500")),
    Fault("KCC", "C208", ("updates", "SG-01", "value"),
          "`#REF!`: the cell the figure was copied from is gone",
          lambda sent: updates_row(sent, "SG-01").update(value="#REF!")),
    Fault("KCC", "F502", ("spend", "KCC100-2361", "line"),
          "money is spent on CRG-09, which the Commissioner's office has not approved yet",
          claim_unapproved),
    Fault("PS", "C203", ("updates", "SAC-06", "as_at"),
          "`end of Q2` is given where a date is asked for",
          lambda sent: updates_row(sent, "SAC-06").update(as_at="end of Q2")),
    Fault("WKHA", "H102", ("updates", "heading", "extra"),
          "a column of the partner's own that the schema does not know",
          lambda sent: setattr(sent, "extra_column", ("Estate", {
              "ASB-03": "White Oak, Swanley", "ASB-07": "Several", "ASB-01": "Several"}))),
    Fault("WKHA", "M404", ("updates", "ASB-01", "value"),
          "the housing association says 74 % for ASB-01 where the lead, SDC, says 82 %",
          lambda sent: updates_row(sent, "ASB-01").update(value=74)),
    Fault("DAVSS", "C205", ("updates", "DA-01", "as_at"),
          "September has no 31st day",
          lambda sent: updates_row(sent, "DA-01").update(as_at="31/09/2022")),
    Fault("DAVSS", "F504", ("spend", "D-121", "document_date"),
          "an invoice of 28 February 2022 is claimed on a grant that begins on 1 April",
          lambda sent: spend_row(sent, "D-121").update(document_date=date(2022, 2, 28))),
    Fault("CGL", "C201", ("updates", "DM-05", "update"),
          "the progress cell is blank",
          lambda sent: updates_row(sent, "DM-05").update(update="")),
    Fault("CGL", "F501", ("spend", "CG/5570", "line"),
          "the plan has no CRG-18",
          lambda sent: spend_row(sent, "CG/5570").update(line="CRG-18")),
]

# ---------------------------------------------------------------------------------------------------------------
# A small model of a workbook, that every writer can write
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Formula:
    """A sum that the writer's program calculates, and what it comes to."""

    text: str
    result: object


@dataclass
class Sheet:
    name: str
    landscape: bool = True
    cells: dict = field(default_factory=dict)  # (row, column), both from 1 -> (value, style)
    merges: list = field(default_factory=list)  # (first row, first column, last row, last column)
    widths: dict = field(default_factory=dict)  # column -> characters
    heights: dict = field(default_factory=dict)  # row -> points
    freeze: tuple = ()

    def put(self, row, column, value, style="text"):
        self.cells[row, column] = (value, style)
        return f"{get_column_letter(column)}{row}"

    def merge(self, row, column, last_row, last_column, value, style):
        self.merges.append((row, column, last_row, last_column))
        for r in range(row, last_row + 1):
            for c in range(column, last_column + 1):
                self.cells[r, c] = (None, style)
        return self.put(row, column, value, style)

    def lines(self, row, column, values, style="note"):
        for offset, value in enumerate(values):
            self.put(row + offset, column, value, style)
        return row + len(values)

    def labels(self, row, column, pairs):
        for offset, (label, value) in enumerate(pairs):
            self.put(row + offset, column, label, "label")
            self.put(row + offset, column + 1, value, "date-left" if isinstance(value, date) else "value")
        return row + len(pairs)

    @property
    def size(self):
        return max(row for row, _ in self.cells), max(column for _, column in self.cells)


@dataclass
class Look:
    """One author's taste."""

    font: str = "Calibri"
    points: int = 11
    head: str = "1F3864"
    head_text: str = "FFFFFF"
    banner: str = "D9E2F3"
    grid: bool = True


RIGHT = {"money", "total"}
TOP_STYLES = {"text", "number", "money", "date"}


def traits(style, look):
    """What a style name means, for every writer: bold, italic, points, fill, ink, number format, wrap, align, border."""
    rag = STATUS_FILLS.get(style[4:]) if style.startswith("rag:") else None
    boxed = look.grid and (style in TOP_STYLES or style in ("head", "head2", "banner", "total", "total-label", "objective")
                          or rag)
    return {
        "bold": style in ("title", "head", "head2", "banner", "label", "total", "total-label", "subtitle"),
        "italic": style in ("strapline", "note"),
        "points": {"title": look.points + 5, "subtitle": look.points + 1, "note": look.points - 1}.get(
            style, look.points),
        "fill": {"head": look.head, "head2": look.head, "banner": look.banner, "total": "EDEDED",
                 "total-label": "EDEDED"}.get(style, rag),
        "ink": look.head_text if style in ("head", "head2") else "000000",
        "format": {
            "date": "dd/mm/yyyy", "date-left": "d mmmm yyyy", "money": "£#,##0.00_-", "total": "£#,##0.00_-",
        }.get(style, "General"),
        "wrap": style in ("text", "head", "head2", "objective", "date") or rag is not None,
        "across": "center" if style in ("head2", "number") or rag else ("right" if style in RIGHT else "left"),
        "down": "center" if style in ("head", "head2", "banner") else "top",
        "boxed": bool(boxed),
    }


def fit_heights(sheet, look):
    """Rows as tall as their wrapped text, as a person would drag them."""
    merged = {(row, column) for top, left, bottom, right in sheet.merges
              for row in range(top, bottom + 1) for column in range(left, right + 1)}
    lines = {}
    for (row, column), (value, style) in sheet.cells.items():
        t = traits(style, look)
        if style == "title":
            sheet.heights.setdefault(row, round(t["points"] * 1.6, 1))
        if isinstance(value, str) and t["wrap"] and (row, column) not in merged:
            room = max(1, int(sheet.widths.get(column, 8) * (0.9 if t["bold"] else 1.08) * 10 / t["points"]))
            needed = sum(len(textwrap.wrap(part, room)) or 1 for part in value.split("\n"))
            lines[row] = max(lines.get(row, 1), needed)
    for row, count in lines.items():
        if count > 1:
            sheet.heights.setdefault(row, round(count * look.points * 1.3 + 3, 1))


def properties(title, agency):
    return {"title": title, "author": f"{AGENCY_NAMES[agency]}, community safety", "subject": "Quarterly return"}


def write_with_openpyxl(path, sheets, look, props, formulas=False):
    """`formulas` only where another program will calculate them: openpyxl stores no results."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    side = Side(style="thin", color="A6A6A6")
    for sheet in sheets:
        ws = book.create_sheet(sheet.name)
        for (row, column), (value, style) in sheet.cells.items():
            if isinstance(value, Formula):
                value = value.text if formulas else value.result
            cell = ws.cell(row, column, value)
            t = traits(style, look)
            cell.font = Font(name=look.font, size=t["points"], bold=t["bold"], italic=t["italic"], color="FF" + t["ink"])
            if t["fill"]:
                cell.fill = PatternFill("solid", start_color="FF" + t["fill"])
            cell.alignment = Alignment(wrap_text=t["wrap"], vertical=t["down"], horizontal=t["across"])
            if t["boxed"]:
                cell.border = Border(left=side, right=side, top=side, bottom=side)
            cell.number_format = t["format"]
        for row, column, last_row, last_column in sheet.merges:
            ws.merge_cells(start_row=row, start_column=column, end_row=last_row, end_column=last_column)
        for column, width in sheet.widths.items():
            ws.column_dimensions[get_column_letter(column)].width = width
        for row, height in sheet.heights.items():
            ws.row_dimensions[row].height = height
        if sheet.freeze:
            ws.freeze_panes = ws.cell(*sheet.freeze)
        ws.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
        ws.page_setup.paperSize = ws.PAPERSIZE_A4
        ws.page_setup.fitToHeight = 0
        ws.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    book.properties.title = props["title"]
    book.properties.creator = props["author"]
    book.properties.lastModifiedBy = props["author"]
    book.properties.subject = props["subject"]
    book.properties.language = "en-GB"
    book.save(path)


def xlsxwriter_format(book, known, style, look):
    if style not in known:
        t = traits(style, look)
        shape = {
            "font_name": look.font, "font_size": t["points"], "bold": t["bold"], "italic": t["italic"],
            "font_color": "#" + t["ink"], "num_format": t["format"], "text_wrap": t["wrap"], "align": t["across"],
            "valign": "vcenter" if t["down"] == "center" else "top",
        }
        if t["fill"]:
            shape["bg_color"] = "#" + t["fill"]
        if t["boxed"]:
            shape |= {"border": 1, "border_color": "#A6A6A6"}
        known[style] = book.add_format(shape)
    return known[style]


def write_with_xlsxwriter(path, sheets, look, props, finish=None):
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    book.set_properties(props | {"created": WRITTEN_ON})
    known = {}
    for sheet in sheets:
        ws = book.add_worksheet(sheet.name)
        for row, column, last_row, last_column in sheet.merges:
            style = xlsxwriter_format(book, known, sheet.cells[row, column][1], look)
            ws.merge_range(row - 1, column - 1, last_row - 1, last_column - 1, "", style)
        for (row, column), (value, style) in sheet.cells.items():
            shape = xlsxwriter_format(book, known, style, look)
            at = (row - 1, column - 1)
            if value is None:
                ws.write_blank(*at, None, shape)
            elif isinstance(value, Formula):
                ws.write_formula(*at, value.text, shape, value.result)
            elif isinstance(value, date):
                ws.write_datetime(*at, datetime(value.year, value.month, value.day), shape)
            elif isinstance(value, str):
                ws.write_string(*at, value, shape)
            else:
                ws.write_number(*at, value, shape)
        for column, width in sheet.widths.items():
            ws.set_column(column - 1, column - 1, width)
        for row, height in sheet.heights.items():
            ws.set_row(row - 1, height)
        if sheet.freeze:
            ws.freeze_panes(sheet.freeze[0] - 1, sheet.freeze[1] - 1)
        ws.set_landscape() if sheet.landscape else ws.set_portrait()
        ws.set_paper(9)
        ws.fit_to_pages(1, 0)
        if finish:
            finish(book, ws, sheet)
    book.close()


def write_by_hand(path, sheets, look, props):
    """The few parts a workbook must have, as a web form's export writes them: text in the cells, no shared strings."""
    styles = ["text", "title", "head", "date", "money", "total", "label", "note"]
    fonts, fills, formats = [], [], []
    for style in styles:
        t = traits(style, look)
        fonts.append(f'<font>{"<b/>" if t["bold"] else ""}{"<i/>" if t["italic"] else ""}<sz val="{t["points"]}"/>'
                     f'<color rgb="FF{t["ink"]}"/><name val="{look.font}"/></font>')
        fills.append(f'<fill><patternFill patternType="solid"><fgColor rgb="FF{t["fill"]}"/></patternFill></fill>'
                     if t["fill"] else '<fill><patternFill patternType="none"/></fill>')
        number = {"dd/mm/yyyy": 164, "£#,##0.00_-": 165}.get(t["format"], 0)
        formats.append(f'<xf numFmtId="{number}" fontId="{len(fonts) - 1}" fillId="{len(fills) + 1}" borderId="0" '
                       f'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">'
                       f'<alignment horizontal="{t["across"]}" vertical="{t["down"]}" wrapText="{int(t["wrap"])}"/></xf>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts = {}
    numbers = range(1, len(sheets) + 1)
    parts["[Content_Types].xml"] = (
        f'{start}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}styles+xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        + "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}worksheet+xml"/>'
                  for n in numbers) + "</Types>")
    parts["_rels/.rels"] = (
        f'{start}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{rels}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{package}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>")
    parts["docProps/core.xml"] = (
        f'{start}<cp:coreProperties xmlns:cp="{package}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dc:title>{escape(props["title"])}</dc:title><dc:creator>{escape(props["author"])}</dc:creator>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{WRITTEN_ON.isoformat()}Z</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{WRITTEN_ON.isoformat()}Z</dcterms:modified></cp:coreProperties>')
    parts["xl/workbook.xml"] = (
        f'{start}<workbook xmlns="{main}" xmlns:r="{rels}"><sheets>'
        + "".join(f'<sheet name="{escape(s.name)}" sheetId="{n}" r:id="rId{n}"/>' for n, s in zip(numbers, sheets))
        + "</sheets></workbook>")
    parts["xl/_rels/workbook.xml.rels"] = (
        f'{start}<Relationships xmlns="{package}/relationships">'
        + "".join(f'<Relationship Id="rId{n}" Type="{rels}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                  for n in numbers)
        + f'<Relationship Id="rId{len(sheets) + 1}" Type="{rels}/styles" Target="styles.xml"/></Relationships>')
    parts["xl/styles.xml"] = (
        f'{start}<styleSheet xmlns="{main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
        '<numFmt numFmtId="165" formatCode="&quot;£&quot;#,##0.00_-"/></numFmts>'
        f'<fonts count="{len(fonts)}">{"".join(fonts)}</fonts>'
        f'<fills count="{len(fills) + 2}"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{"".join(fills)}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{"".join(formats)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>')
    for number, sheet in zip(numbers, sheets):
        rows = {}
        for (row, column), (value, style) in sorted(sheet.cells.items()):
            if value is None:
                continue
            value = value.result if isinstance(value, Formula) else value
            at = f'r="{get_column_letter(column)}{row}" s="{styles.index(style if style in styles else "text")}"'
            if isinstance(value, date):
                rows.setdefault(row, []).append(f"<c {at}><v>{(value - date(1899, 12, 30)).days}</v></c>")
            elif isinstance(value, str):
                rows.setdefault(row, []).append(
                    f'<c {at} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>')
            else:
                rows.setdefault(row, []).append(f"<c {at}><v>{value}</v></c>")
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{start}<worksheet xmlns="{main}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><cols>'
            + "".join(f'<col min="{c}" max="{c}" width="{w}" customWidth="1"/>' for c, w in sorted(sheet.widths.items()))
            + "</cols><sheetData>"
            + "".join(
                f'<row r="{row}"' + (f' ht="{sheet.heights[row]}" customHeight="1"' if row in sheet.heights else "")
                + f'>{"".join(cells)}</row>' for row, cells in rows.items())
            + '</sheetData><pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/></worksheet>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def write_csv(path, sheet, encoding, delimiter):
    height, width = sheet.size
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    for row in range(1, height + 1):
        values = [sheet.cells.get((row, column), (None, ""))[0] for column in range(1, width + 1)]
        writer.writerow([v.result if isinstance(v, Formula) else ("" if v is None else v) for v in values])
    path.write_bytes(text.getvalue().encode(encoding))


def through_libreoffice(jobs, scratch):
    """Write each job with openpyxl, then let LibreOffice open it, calculate and save it under its own hand."""
    drafts = scratch / "drafts"
    drafts.mkdir(exist_ok=True)
    for number, (path, sheets, look, props) in enumerate(jobs):
        write_with_openpyxl(drafts / f"{number}.xlsx", sheets, look, props, formulas=True)
    saved = scratch / "saved"
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(scratch / 'profile').as_uri()}", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(saved)] + [str(drafts / f"{n}.xlsx") for n in range(len(jobs))],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for number, (path, *_) in enumerate(jobs):
        shutil.copyfile(saved / f"{number}.xlsx", path)


def settle(path):
    """Rewrite a workbook's zip with fixed times and order, so that the same content is the same bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = sorted((info.filename, archive.read(info)) for info in archive.infolist())
    stamp = WRITTEN_ON.isoformat().encode() + b"Z"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            info = zipfile.ZipInfo(name, (2022, 10, 7, 9, 30, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


# ---------------------------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Manner:
    """How an author writes statuses, dates, money and what is missing."""

    statuses: dict
    dates: str = "real"  # real, slashes, words
    money: str = "real"  # real, text
    missing: str = ""
    fills: bool = True


def written_date(value, manner):
    if not isinstance(value, date) or manner.dates == "real":
        return value
    if manner.dates == "slashes":
        return value.strftime("%d/%m/%Y")
    return f"{value.day} {value.strftime('%B %Y')}"


def written_money(value, manner):
    if isinstance(value, (int, float)) and manner.money == "text":
        return f"£{value:,.2f}"
    return value


NUMBERS = {"value", "q1_value"}
DATES = {"as_at", "completed_on", "document_date"}
MONEY = {"amount", "this_quarter", "to_date", "forecast"}


def field_cell(row, name, manner, extra=()):
    """One field of one row, as this author writes it: value and style."""
    if name == "extra":
        return extra[1].get(row["ref"], ""), "text"
    if name in row:
        value = row[name]
    elif name == "project":
        value = FUNDING[row["line"]].project if row["line"] in FUNDING else ""
    else:
        action = PLAN[row["key"].split(" ")[0]]
        value = {
            "action": action.action, "lead_agency": action.lead, "priority": PRIORITY_NAMES[action.prefix],
            "q1_update": action.q1_update, "q1_status": action.q1_status, "q1_value": action.q1_value,
        }[name]
    if name in ("status", "q1_status"):
        return manner.statuses.get(value, value), f"rag:{value}" if manner.fills and value in STATUS_FILLS else "text"
    if name in DATES:
        value = written_date(value, manner)
        return (manner.missing or None) if value is None else value, "date" if isinstance(value, date) else "text"
    if name in MONEY:
        return written_money(value, manner), "money"
    if name in NUMBERS:
        return (manner.missing or None) if value is None else value, "number"
    if name == "next_steps" and not value:
        return manner.missing or None, "text"
    return value or None, "text"


def put_head(sheet, places, table, top, left, columns):
    for offset, (name, heading) in enumerate(columns):
        places[table, "heading", name] = (sheet.name, sheet.put(top, left + offset, heading, "head"))


def put_rows(sheet, places, table, top, left, columns, rows, manner, extra=()):
    for down, row in enumerate(rows):
        for across, (name, _) in enumerate(columns):
            value, style = field_cell(row, name, manner, extra)
            places[table, row["key"], name] = (sheet.name, sheet.put(top + down, left + across, value, style))
    return top + len(rows)


def put_table(sheet, places, table, top, left, columns, rows, manner, extra=()):
    """Headings, then rows. Returns the row after the last."""
    if extra:
        columns = columns + [("extra", extra[0])]
    put_head(sheet, places, table, top, left, columns)
    return put_rows(sheet, places, table, top + 1, left, columns, rows, manner, extra)


def put_total(sheet, places, row, left, columns, sent, manner, formula_from=None):
    """The printed total under the amounts: a live sum where the author uses one and it is right."""
    at = left + [name for name, _ in columns].index("amount")
    value = written_money(sent.spend_total, manner)
    if formula_from is not None:
        letter = get_column_letter(at)
        value = Formula(f"=SUM({letter}{formula_from}:{letter}{row - 1})", sent.spend_total)
    for offset in range(len(columns)):
        sheet.put(row, left + offset, None, "total")
    sheet.put(row, left, "Total", "total-label")
    places["spend", "total", "amount"] = (sheet.name, sheet.put(row, at, value, "total"))
    return row + 1


def put_by_priority(sheet, places, top, left, columns, rows, manner):
    """Updates under a banner a priority."""
    put_head(sheet, places, "updates", top, left, columns)
    row = top + 1
    for prefix, name in PRIORITIES:
        mine = [r for r in rows if PLAN[r["key"].split(" ")[0]].prefix == prefix]
        if mine:
            sheet.merge(row, left, row, left + len(columns) - 1, name, "banner")
            row = put_rows(sheet, places, "updates", row + 1, left, columns, mine, manner)
    return row


def widths(sheet, left, values):
    sheet.widths |= {left + offset: value for offset, value in enumerate(values)}


# ---------------------------------------------------------------------------------------------------------------
# Ten partners' layouts. Each returns its sheets and the address of every cell it wrote.
# ---------------------------------------------------------------------------------------------------------------


def lay_out_sdc(sent):
    """The host's own form: a cover sheet, then a sheet a table."""
    places, manner = {}, Manner(STATUS_LABELS)
    cover = Sheet("Cover", landscape=False, widths={1: 22, 2: 44})
    cover.put(1, 1, "Sevenoaks District Community Safety Partnership", "title")
    cover.put(2, 1, "Quarterly return", "subtitle")
    cover.labels(4, 1, [("Partner:", "Sevenoaks District Council"), ("Quarter:", "Q2 2022-23"),
                        ("Completed by:", "Community Safety Manager"), ("Date of return:", date(2022, 10, 6)),
                        ("Marking:", "OFFICIAL")])
    updates = Sheet("Updates", freeze=(2, 2))
    columns = [("ref", "Ref"), ("action", "Action"), ("update", "Progress this quarter"), ("status", "Status"),
               ("value", "Measure value"), ("as_at", "Data as at"), ("completed_on", "Completed on"),
               ("next_steps", "Next steps")]
    put_table(updates, places, "updates", 1, 1, columns, sent.updates, manner)
    widths(updates, 1, [10, 46, 60, 13, 11, 13, 13, 38])
    spend = Sheet("Spend", freeze=(2, 1))
    columns = [("line", "Funding line"), ("project", "Project"), ("document", "Document ref"),
               ("supplier", "Supplier"), ("document_date", "Document date"), ("amount", "Amount (£)"),
               ("vat_basis", "VAT basis"), ("kind", "Kind"), ("description", "Description")]
    end = put_table(spend, places, "spend", 1, 1, columns, sent.spend, manner)
    put_total(spend, places, end, 1, columns, sent, manner)
    widths(spend, 1, [10, 38, 14, 28, 14, 13, 10, 10, 34])
    claims = Sheet("Claim")
    columns = [("line", "Funding line"), ("this_quarter", "Spend this quarter (£)"), ("to_date", "Spend to date (£)"),
               ("forecast", "Forecast (£)"), ("explanation", "Explanation")]
    put_table(claims, places, "claims", 1, 1, columns, sent.claims, manner)
    widths(claims, 1, [12, 16, 16, 14, 60])
    return [cover, updates, spend, claims], places


def lay_out_kp(sent):
    """Title rows, a banner a priority, and a sheet of expenditure with a live sum."""
    places, manner = {}, Manner(STATUS_WORDS, missing="n/a")
    sheet = Sheet("Q2 Progress", freeze=(8, 1))
    sheet.merge(1, 1, 1, 8, "KENT POLICE", "title")
    sheet.merge(2, 1, 2, 8, "Sevenoaks Community Safety Partnership: quarterly progress", "strapline")
    sheet.labels(4, 1, [("Partner agency:", "Kent Police"), ("Reporting period:", "July to September 2022")])
    columns = [("ref", "Action No."), ("action", "Activity"), ("status", "RAG\nrating"), ("value", "Figure"),
               ("as_at", "As at"), ("update", "Progress update"), ("next_steps", "Next steps")]
    end = put_by_priority(sheet, places, 7, 1, columns, sent.updates, manner)
    sheet.lines(end + 1, 1, ["Key: Green = on track; Amber = at risk; Red = off track; Blue = complete",
                             "Note: SG-06 was completed in quarter 1 and is not reported again."])
    widths(sheet, 1, [17, 42, 12, 10, 13, 58, 36])
    spend = Sheet("Expenditure")
    spend.put(1, 1, "Grant expenditure, July to September 2022", "subtitle")
    columns = [("line", "Project code"), ("project", "Project title"), ("document", "Invoice no."),
               ("document_date", "Invoice date"), ("supplier", "Payee"), ("description", "Details"),
               ("amount", "Net amount (£)"), ("vat_basis", "VAT"), ("kind", "Type")]
    end = put_table(spend, places, "spend", 3, 1, columns, sent.spend, manner)
    readable = all(not isinstance(row["amount"], str) for row in sent.spend)
    put_total(spend, places, end, 1, columns, sent, manner, formula_from=4 if readable else None)
    widths(spend, 1, [13, 40, 16, 13, 28, 30, 15, 8, 10])
    return [sheet, spend], places


def lay_out_kfrs(sent):
    """One sheet, three tables one under another."""
    places, manner = {}, Manner(STATUS_WORDS, dates="words")
    sheet = Sheet("Q2 return")
    sheet.put(1, 1, "Organisation: Kent Fire & Rescue Service", "subtitle")
    sheet.put(2, 1, "Quarter: Quarter 2 2022/23", "subtitle")
    sheet.put(3, 1, "Date submitted: 3 October 2022", "subtitle")
    columns = [("ref", "Ref No"), ("action", "What we will do"), ("update", "Update"), ("status", "BRAG"),
               ("value", "Measure value"), ("as_at", "Data as at"), ("next_steps", "What next")]
    end = put_table(sheet, places, "updates", 5, 1, columns, sent.updates, manner)
    sheet.put(end + 1, 1, "Spend in the quarter", "subtitle")
    columns = [("line", "Funding line"), ("description", "Item"), ("supplier", "Supplier"), ("document", "Document ref"),
               ("document_date", "Document date"), ("amount", "Amount (£)"), ("vat_basis", "VAT basis"),
               ("kind", "Kind")]
    top = end + 2
    end = put_table(sheet, places, "spend", top, 1, columns, sent.spend, manner)
    end = put_total(sheet, places, end, 1, columns, sent, manner, formula_from=top + 1)
    sheet.put(end + 1, 1, "Claim", "subtitle")
    columns = [("line", "Funding line"), ("project", "Project"), ("this_quarter", "This quarter (£)"),
               ("to_date", "To date (£)"), ("forecast", "Forecast outturn (£)")]
    put_table(sheet, places, "claims", end + 2, 1, columns, sent.claims, manner)
    widths(sheet, 1, [14, 44, 54, 16, 22, 18, 36, 10])
    return [sheet], places


def lay_out_kcc(sent):
    """The county's extract of the plan: headings over two rows, quarter 1 repeated, column A left empty."""
    places, manner = {}, Manner(STATUS_WORDS)
    guidance = Sheet("Guidance", landscape=False, widths={1: 90})
    guidance.lines(1, 1, ["How to fill in this extract",
                          "Complete the quarter 2 columns only; earlier quarters are shown for reference.",
                          "Send it to the Community Safety Unit within fifteen days of the end of the quarter."], "text")
    sheet = Sheet("Updates", freeze=(9, 3), widths={1: 3})
    sheet.put(1, 2, "Sevenoaks District CSP action plan: county council extract", "title")
    sheet.labels(3, 2, [("Organisation", "Kent County Council (KCC)"), ("Quarter", "Quarter 2"), ("Year", "2022-23")])
    upper, lower = 7, 8
    single = [("ref", "Action Ref"), ("priority", "Priority area"), ("action", "Action"), ("lead_agency", "Lead")]
    quarters = [("q1_update", "Update"), ("q1_status", "RAG"), ("q1_value", "Figure"),
                ("update", "Update"), ("status", "RAG"), ("value", "Figure")]
    columns = single + quarters + [("next_steps", "Next steps")]
    for offset, (name, heading) in enumerate(columns):
        if (name, heading) in quarters:
            places["updates", "heading", name] = (sheet.name, sheet.put(lower, 2 + offset, heading, "head2"))
        else:
            sheet.merge(upper, 2 + offset, lower, 2 + offset, heading, "head")
    sheet.merge(upper, 6, upper, 8, "Quarter 1", "head2")
    sheet.merge(upper, 9, upper, 11, "Quarter 2", "head2")
    put_rows(sheet, places, "updates", lower + 1, 2, columns, sent.updates, manner)
    widths(sheet, 2, [14, 34, 44, 8, 40, 9, 9, 50, 9, 9, 36])
    spend = Sheet("Spend", widths={1: 3})
    columns = [("line", "Funding line ref"), ("document", "Document number"), ("supplier", "Vendor"),
               ("document_date", "Transaction date"), ("description", "Purpose"), ("vat_basis", "VAT treatment"),
               ("kind", "Entry type"), ("amount", "Value (£)")]
    end = put_table(spend, places, "spend", 2, 2, columns, sent.spend, manner)
    put_total(spend, places, end, 2, columns, sent, manner)
    widths(spend, 2, [12, 18, 28, 14, 32, 12, 11, 13])
    return [guidance, sheet, spend], places


def lay_out_ps(sent):
    """A csv as Excel saves one on an office machine: Windows-1252, semicolons, labels above."""
    places, manner = {}, Manner(STATUS_LABELS, dates="slashes", missing="n/a")
    sheet = Sheet("")
    sheet.labels(1, 1, [("Agency", "Probation Service"), ("Return for", "Q2 2022/23")])
    columns = [("ref", "Reference"), ("update", "Commentary"), ("status", "RAG status"), ("value", "Result"),
               ("as_at", "Data as at"), ("next_steps", "Plans for next quarter")]
    put_table(sheet, places, "updates", 4, 1, columns, sent.updates, manner)
    return [sheet], places


def lay_out_nhs(sent):
    """Starts in column B under a title; the status comes before the words."""
    places, manner = {}, Manner(STATUS_LABELS)
    sheet = Sheet("Return", widths={1: 2})
    sheet.put(1, 2, "Community safety: health return", "title")
    sheet.merge(2, 2, 2, 4, "Organisation: NHS Kent and Medway", "label")
    sheet.merge(3, 2, 3, 4, "Period: Jul–Sep 2022", "label")
    sheet.merge(4, 2, 4, 4, "Date returned: 12/10/2022", "label")
    columns = [("ref", "Action ID"), ("status", "Status"), ("value", "Value"), ("as_at", "Date of data"),
               ("action", "Description of action"), ("update", "Narrative"), ("next_steps", "Next actions")]
    end = put_table(sheet, places, "updates", 6, 2, columns, sent.updates, manner)
    sheet.put(end + 1, 2, "Notes: attendance figures are counted by site and exclude telephone contacts.", "note")
    widths(sheet, 2, [12, 14, 10, 14, 44, 58, 40])
    return [sheet], places


def lay_out_wkha(sent):
    """Spend beside the updates, an empty column between."""
    places, manner = {}, Manner(STATUS_WORDS, fills=False)
    sheet = Sheet("2022-23 Quarter 2")
    sheet.put(1, 1, "West Kent Housing Association", "title")
    sheet.labels(2, 1, [("Partner", "West Kent HA"), ("Quarter", "2022-23 Quarter 2")])
    columns = [("ref", "Ref."), ("update", "Update this quarter"), ("status", "RAG"), ("value", "Figure this quarter"),
               ("next_steps", "Next step")]
    extra = sent.extra_column
    put_table(sheet, places, "updates", 5, 1, columns, sent.updates, manner, extra)
    widths(sheet, 1, [10, 56, 10, 12, 30] + ([22] if extra else []))
    left = 1 + len(columns) + (1 if extra else 0) + 1
    sheet.widths[left - 1] = 4
    columns = [("line", "Grant line"), ("document", "Invoice ref"), ("supplier", "Paid to"),
               ("document_date", "Date of invoice"), ("amount", "Cost (£)"), ("vat_basis", "VAT status"),
               ("description", "What for")]
    end = put_table(sheet, places, "spend", 5, left, columns, sent.spend, manner)
    put_total(sheet, places, end, left, columns, sent, manner, formula_from=6)
    widths(sheet, left, [12, 12, 26, 14, 12, 10, 24])
    return [sheet], places


def lay_out_davss(sent):
    """An online form's export: plain sheets, labels on the first, no colour."""
    places, manner = {}, Manner(STATUS_LABELS, missing="-", fills=False)
    form = Sheet("Form", widths={1: 24, 2: 40})
    form.labels(1, 1, [("Name of organisation", "Domestic Abuse Volunteer Support Services"),
                       ("Reporting quarter", "Q2 (July–September) 2022-23"), ("Submitted on", date(2022, 10, 10))])
    form.cells = {at: (value, "date" if style == "date-left" else style) for at, (value, style) in form.cells.items()}
    updates = Sheet("Progress")
    columns = [("ref", "Action Reference"), ("status", "Current status"), ("update", "Progress made"),
               ("value", "Performance"), ("as_at", "As at date"), ("next_steps", "Planned next quarter")]
    put_table(updates, places, "updates", 1, 1, columns, sent.updates, manner)
    widths(updates, 1, [18, 15, 60, 13, 14, 40])
    spend = Sheet("Invoices")
    columns = [("line", "Funding ref"), ("document", "Voucher"), ("document_date", "Doc date"), ("supplier", "Creditor"),
               ("amount", "Amount claimed"), ("vat_basis", "Net or gross"), ("description", "Detail")]
    put_table(spend, places, "spend", 1, 1, columns, sent.spend, manner)
    widths(spend, 1, [13, 11, 13, 28, 16, 13, 30])
    claims = Sheet("Claim")
    columns = [("line", "Funding ref"), ("this_quarter", "Claim this quarter"), ("to_date", "Year to date"),
               ("forecast", "Full year forecast")]
    put_table(claims, places, "claims", 1, 1, columns, sent.claims, manner)
    widths(claims, 1, [13, 20, 16, 20])
    return [form, updates, spend, claims], places


def lay_out_cgl(sent):
    """A csv in UTF-8 with a byte order mark: the spend under the updates, money as text."""
    places, manner = {}, Manner(STATUS_WORDS, dates="slashes", money="text")
    sheet = Sheet("")
    sheet.put(1, 1, "Change Grow Live: return to the Sevenoaks Community Safety Partnership")
    sheet.labels(2, 1, [("Organisation:", "Change, Grow, Live"), ("Quarter:", "Q2 22/23")])
    columns = [("ref", "Ref Number"), ("action", "Task"), ("update", "Progress in quarter"), ("status", "RAG"),
               ("value", "Measure"), ("as_at", "Figures as at"), ("next_steps", "Next steps")]
    end = put_table(sheet, places, "updates", 5, 1, columns, sent.updates, manner)
    sheet.put(end + 1, 1, "Spend")
    columns = [("line", "Line"), ("document", "Invoice number"), ("supplier", "Supplier name"),
               ("document_date", "Date"), ("amount", "Expenditure"), ("vat_basis", "Net/gross"),
               ("description", "Narrative")]
    end = put_table(sheet, places, "spend", end + 2, 1, columns, sent.spend, manner)
    put_total(sheet, places, end, 1, columns, sent, manner)
    return [sheet], places


def lay_out_kwt(sent):
    """Banners, a claim without documents under them, and who prepared it."""
    places, manner = {}, Manner(STATUS_WORDS)
    sheet = Sheet("Update")
    sheet.merge(1, 1, 1, 6, "Kenward Trust", "title")
    sheet.merge(2, 1, 2, 6, "Outreach in the Sevenoaks district", "strapline")
    sheet.labels(3, 1, [("Return from:", "The Kenward Trust"), ("Quarter:", "Q2 Jul-Sep 2022"),
                        ("Prepared by:", "Outreach Manager")])
    columns = [("ref", "No."), ("action", "Action description"), ("update", "Comments"), ("status", "On target?"),
               ("value", "Actual"), ("next_steps", "Next quarter")]
    end = put_by_priority(sheet, places, 7, 1, columns, sent.updates, manner)
    sheet.put(end + 1, 1, "Claim", "subtitle")
    columns = [("line", "Project ref"), ("project", "Project name"), ("this_quarter", "Claimed this quarter (£)"),
               ("to_date", "Claimed to date (£)"), ("forecast", "Projected outturn (£)"),
               ("explanation", "Variance explanation")]
    end = put_table(sheet, places, "claims", end + 2, 1, columns, sent.claims, manner)
    sheet.put(end + 1, 1, "Signed: Outreach Manager", "note")
    widths(sheet, 1, [14, 44, 60, 16, 16, 32])
    return [sheet], places


# Agency: file name, layout, writer, look.
HANDS = {
    "SDC": ("SDC return Q2 2022-23.xlsx", lay_out_sdc, "openpyxl", Look("Arial", 10, head="00594F", banner="D5E8E4")),
    "KP": ("Kent Police Q2 return (Jul-Sep 2022).xlsx", lay_out_kp, "libreoffice",
           Look("Arial", 10, head="1F2A5C", banner="DDE3F0")),
    "KFRS": ("kfrs-2022-23-q2.xlsx", lay_out_kfrs, "xlsxwriter", Look("Calibri", 11, head="9C1C1C", banner="F4DCDC")),
    "KCC": ("KCC Community Safety Q2 2022-23.xlsx", lay_out_kcc, "openpyxl",
            Look("Calibri", 10, head="D9D9D9", head_text="000000")),
    "PS": ("probation_service_q2_2022-23.csv", lay_out_ps, "csv cp1252 ;", None),
    "NHS": ("NHS Kent and Medway ICB Q2 2022-23.xlsx", lay_out_nhs, "openpyxl", Look("Arial", 11, head="005EB8")),
    "WKHA": ("West Kent HA Q2 update.xlsx", lay_out_wkha, "libreoffice",
             Look("Verdana", 9, head="E2EFDA", head_text="000000")),
    "DAVSS": ("DAVSS quarter 2 2022-23.xlsx", lay_out_davss, "hand", Look("Calibri", 11, head="5B2C83", grid=False)),
    "CGL": ("cgl-sevenoaks-2022-23-q2.csv", lay_out_cgl, "csv utf-8-sig ,", None),
    "KWT": ("Kenward Trust Q2 2022-23.xlsx", lay_out_kwt, "libreoffice",
            Look("Calibri", 11, head="385723", banner="E2EFDA")),
}

# ---------------------------------------------------------------------------------------------------------------
# The plan's layout
# ---------------------------------------------------------------------------------------------------------------

PLAN_LOOK = Look("Arial", 9, head="1F3864", banner="D9E2F3")
QUARTER_COLUMNS = ["Update", "RAG", "Figure"]


def lay_out_plan():
    places = {}
    sheet = Sheet("Action plan", freeze=(10, 3))
    sheet.put(1, 1, "Sevenoaks District Community Safety Partnership", "title")
    sheet.put(2, 1, "Community Safety Action Plan 2022-23", "subtitle")
    sheet.put(3, 1, "Monitored every quarter by the partnership's Strategy Group. Partners send their return to the "
                    "Community Safety Unit within fifteen days of the end of the quarter.", "strapline")
    sheet.labels(4, 1, [("Version:", "4"), ("Last updated:", date(2022, 7, 21)),
                        ("Owner:", "Community Safety Manager"), ("Marking:", "OFFICIAL")])
    headings = ["Ref", "Objective", "Action", "Lead agency", "Lead officer", "Supporting partners", "Funding line(s)",
                "Timescale", "Success measure", "Unit", "Basis", "Polarity", "2021/22 outturn", "Target"]
    upper, lower = 8, 9
    for column, heading in enumerate(headings, 1):
        sheet.merge(upper, column, lower, column, heading, "head")
    for quarter in range(1, 5):
        first = len(headings) + 1 + 3 * (quarter - 1)
        sheet.merge(upper, first, upper, first + 2, f"Quarter {quarter}", "head2")
        for offset, heading in enumerate(QUARTER_COLUMNS):
            sheet.put(lower, first + offset, heading, "head2")
    last = len(headings) + 12
    row = lower + 1
    for number, (prefix, name) in enumerate(PRIORITIES, 1):
        # Not merged: a merged banner as wide as this table is cut off on screen beside the frozen columns.
        for column in range(1, last + 1):
            sheet.put(row, column, None, "banner")
        sheet.put(row, 1, f"Priority {number}: {name}", "banner")
        sheet.heights[row] = 18
        row += 1
        for objective, refs in OBJECTIVES:
            mine = [PLAN[ref] for ref in refs if PLAN[ref].prefix == prefix]
            if not mine:
                continue
            sheet.merge(row, 2, row + len(mine) - 1, 2, objective, "objective")
            for action in mine:
                values = [action.ref, None, action.action, action.lead, action.officer, action.partners, action.lines,
                          action.due, action.measure, action.unit, action.basis, action.polarity, action.baseline,
                          action.target]
                for column, value in enumerate(values, 1):
                    if column != 2:
                        style = "date" if isinstance(value, date) else "number" if column >= 13 else "text"
                        at = sheet.put(row, column, value or None, style)
                        if column == 1:
                            places["plan", action.ref, "ref"] = (sheet.name, at)
                sheet.put(row, 15, action.q1_update)
                sheet.put(row, 16, STATUS_WORDS[action.q1_status], f"rag:{action.q1_status}")
                sheet.put(row, 17, action.q1_value, "number")
                for column in range(18, last + 1):
                    sheet.put(row, column, None, "text")
                row += 1
    sheet.lines(row + 1, 1, [
        "Key: Blue = complete; Green = on track; Amber = at risk; Red = off track; Not started = not yet begun.",
        "Notes: a figure is on the basis shown beside the measure. Police, fire and health figures may be revised.",
        "Signed off by: Chair of the Community Safety Partnership, 21 July 2022"])
    widths(sheet, 1, [13, 20, 38, 9, 20, 14, 11, 12, 24, 8, 11, 9, 9, 9] + [36, 11, 9] + [24, 11, 9] * 3)
    return [sheet, lay_out_funding()], places


def put_funding_total(sheet, row, width, label, formula, lines):
    for column in range(1, width + 1):
        sheet.put(row, column, None, "total")
    sheet.put(row, 1, label, "total-label")
    for letter, name in [("E", "allocation"), ("I", "q1"), ("M", "forecast"), ("N", "match")]:
        result = round(sum(getattr(line, name) or 0 for line in lines), 2)
        sheet.put(row, openpyxl.utils.column_index_from_string(letter), Formula(formula.format(letter=letter), result),
                  "total")


def lay_out_funding():
    sheet = Sheet("PCC Funding", widths={})
    sheet.put(1, 1, "Police and Crime Commissioner funding 2022-23", "title")
    sheet.put(2, 1, "Kent Crime Reduction Grant, with the core budgets that support the plan", "strapline")
    sheet.put(4, 1, "Grant awarded", "label")
    sheet.put(4, 2, GRANT_AWARDED, "total")
    headings = ["Funding line", "Project", "Stream", "Delivery agency", "Allocation (£)", "Approval", "Approved on",
                "Revenue/capital", "Q1 spend (£)", "Q2 spend (£)", "Q3 spend (£)", "Q4 spend (£)",
                "Forecast outturn (£)", "Match (cash) (£)"]
    top = 6
    for column, heading in enumerate(headings, 1):
        sheet.put(top, column, heading, "head")
    money = {5, 9, 10, 11, 12, 13, 14}
    row, subtotals = top + 1, []
    for stream, label in [(CRG, "Sub-total: grant"), (CORE, "Sub-total: core")]:
        first, mine = row, [line for line in LINES if line.stream == stream]
        for line in mine:
            values = [line.line, line.project, line.stream, line.agency, line.allocation, line.approval,
                      line.approved_on, "Revenue", line.q1, None, None, None, line.forecast, line.match]
            for column, value in enumerate(values, 1):
                style = "money" if column in money else "date" if column == 7 else "text"
                sheet.put(row, column, value, style)
            row += 1
        put_funding_total(sheet, row, len(headings), label, "=SUM({letter}%d:{letter}%d)" % (first, row - 1), mine)
        subtotals.append(row)
        row += 1
    put_funding_total(sheet, row, len(headings), "Total", "={letter}%d+{letter}%d" % tuple(subtotals), LINES)
    sheet.put(row + 2, 1, "Virements", "subtitle")
    for column, heading in enumerate(["From line", "To line", "Amount (£)", "Approved by", "Approved on"], 1):
        sheet.put(row + 3, column, heading, "head")
    for offset, (source, target, amount, who, when) in enumerate(VIREMENTS):
        for column, (value, style) in enumerate(
                [(source, "text"), (target, "text"), (amount, "money"), (who, "text"), (when, "date")], 1):
            sheet.put(row + 4 + offset, column, value, style)
    sheet.put(row + 6 + len(VIREMENTS), 1,
              "Note: CRG-09 awaits a decision by the Commissioner's office; nothing is to be spent on it until then.",
              "note")
    widths(sheet, 1, [17, 40, 22, 19, 14, 12, 13, 12, 13, 13, 13, 13, 14, 13])
    return sheet


def finish_plan(book, ws, sheet):
    """What an officer adds by hand: lists for the RAG columns and headings on every printed page."""
    if sheet.name == "Action plan":
        for column in (16, 19, 22, 25):
            ws.data_validation(9, column - 1, 60, column - 1,
                               {"validate": "list", "source": list(STATUS_WORDS.values()), "ignore_blank": True})
        ws.repeat_rows(7, 8)
        ws.set_paper(8)


# ---------------------------------------------------------------------------------------------------------------
# Writing it all
# ---------------------------------------------------------------------------------------------------------------


def write_set(folder, sent_by_agency, scratch):
    """One folder of ten returns. Returns the addresses of every cell, by agency."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    places_by_agency, for_libreoffice = {}, []
    for agency, (name, lay_out, writer, look) in HANDS.items():
        sheets, places_by_agency[agency] = lay_out(sent_by_agency[agency])
        path = folder / name
        for sheet in sheets if look else []:
            fit_heights(sheet, look)
        props = properties(f"{AGENCY_NAMES[agency]}: return for quarter 2 2022-23", agency)
        if writer == "openpyxl":
            write_with_openpyxl(path, sheets, look, props)
        elif writer == "xlsxwriter":
            write_with_xlsxwriter(path, sheets, look, props)
        elif writer == "hand":
            write_by_hand(path, sheets, look, props)
        elif writer == "libreoffice":
            for_libreoffice.append((path, sheets, look, props))
        else:
            _, encoding, delimiter = writer.split(" ")
            write_csv(path, sheets[0], encoding, delimiter)
    through_libreoffice(for_libreoffice, scratch)
    for path in folder.glob("*.xlsx"):
        settle(path)
    return places_by_agency


def main():
    YEAR_FOLDER.mkdir(parents=True, exist_ok=True)
    sheets, plan_places = lay_out_plan()
    for sheet in sheets:
        fit_heights(sheet, PLAN_LOOK)
    props = {"title": "Community Safety Action Plan 2022-23", "author": "Sevenoaks District Council, community safety",
             "subject": "Action plan and PCC funding"}
    write_with_xlsxwriter(YEAR_FOLDER / PLAN_NAME, sheets, PLAN_LOOK, props, finish_plan)
    settle(YEAR_FOLDER / PLAN_NAME)

    clean = {agency: clean_return(agency) for agency in HANDS}
    faulty = copy.deepcopy(clean)
    for fault in FAULTS:
        fault.plant(faulty[fault.agency])
    scratch = Path(tempfile.mkdtemp(prefix="csp-samples-"))
    try:
        write_set(YEAR_FOLDER / "returns-clean", clean, scratch)
        places = write_set(YEAR_FOLDER / "returns", faulty, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

    rows = []
    for fault in FAULTS:
        if fault.place[0] == "plan":
            name, (sheet, cell) = PLAN_NAME, plan_places[fault.place]
        else:
            name, (sheet, cell) = f"returns/{HANDS[fault.agency][0]}", places[fault.agency][fault.place]
        rows.append([name, sheet, cell, fault.code, fault.what])
    with open(YEAR_FOLDER / "faults.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "sheet", "cell", "code", "what"])
        writer.writerows(sorted(rows, key=lambda row: (row[0], row[3])))


if __name__ == "__main__":
    main()
