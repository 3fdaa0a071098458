"""An officer's year, as it is meant: an invented borough, its plan, who says what in each quarter and what was spent.

Nothing here knows how csp-bridge reads a file. All names, figures and events are invented. `hands.py` writes it down as the partners
would, `run.py` runs the year and compares.
"""

from datetime import date

YEAR = "2023-24"
STARTS = [date(2023, 4, 1), date(2023, 7, 1), date(2023, 10, 1), date(2024, 1, 1)]
AS_OF = ["2023-07-20", "2023-10-20", "2024-01-20", "2024-04-20"]

AGENCIES = {
    "HBC": "Holmbridge Borough Council", "DVP": "Dale Valley Police", "DVF": "Dale Valley Fire and Rescue Service",
    "DCC": "Dale County Council", "PRB": "Dale Probation Delivery Unit", "ICB": "NHS Dale Integrated Care Board",
    "MHA": "Millrace Homes", "HAV": "Haven House", "TPT": "Turning Tide", "SRY": "Streetreach Youth",
    "TSD": "Trading Standards Dale", "NPS": "Holmbridge Night Pastors",
}
PRIORITIES = [
    ("1", "Anti-social behaviour and the town centre"), ("2", "Burglary and vehicle crime"),
    ("3", "Domestic abuse and violence against women and girls"), ("4", "Exploitation and drugs"), ("5", "Safer roads"),
]

# ref, action, lead, supporters, due, measure, unit, basis, polarity, baseline, target
ACTIONS = [
    ("1.1", "Run high-visibility warden patrols in the High Street and bus station", "HBC", ["DVP"], date(2024, 3, 31), "Patrol hours", "hours", "in quarter", "higher", 310, 340),
    ("1.2", "Hold a problem-solving meeting for each repeat location", "HBC", ["DVP", "MHA"], date(2024, 3, 31), "Locations taken through the meeting", "number", "year to date", "higher", 14, 16),
    ("1.3", "Detached youth sessions on the Mallow and Priory estates", "SRY", ["HBC"], date(2024, 3, 31), "Young people engaged", "number", "year to date", "higher", 420, 480),
    ("1.4", "Mediation offered in every neighbour dispute that is opened", "MHA", [], date(2024, 3, 31), "Disputes offered mediation", "%", "in quarter", "higher", 71, 85),
    ("1.5", "Remove graffiti from public land within five days", "HBC", [], date(2024, 3, 31), "Removed within five days", "%", "in quarter", "higher", 88, 90),
    ("1.6", "Train shop staff in reporting through the retail radio scheme", "DVP", ["HBC"], date(2023, 12, 31), "Shops trained", "number", "year to date", "higher", 0, 40),
    ("1.7", "Deliberate fire reduction visits to the three hotspot parks", "DVF", ["HBC", "SRY"], date(2024, 3, 31), "Deliberate fires", "number", "year to date", "lower", 64, 60),
    ("1.8", "Publish a leaflet on how to report noise at night", "HBC", [], date(2023, 9, 30), "", "", "", "", None, None),
    ("1.9", "Review of the alcohol public space order", "HBC", ["DVP", "ICB"], date(2023, 12, 15), "", "", "", "", None, None),
    ("1.10", "Test purchases of alcohol, tobacco and vapes", "TSD", ["DVP"], date(2024, 3, 31), "Test purchases made", "number", "year to date", "higher", 30, 36),
    ("1.11", "Street pastor and welfare patrols on Friday and Saturday nights", "HBC", ["NPS"], date(2024, 3, 31), "Nights covered", "number", "in quarter", "higher", None, 24),
    ("2.1", "Visit every burgled home within ten days with prevention advice", "DVP", ["MHA"], date(2024, 3, 31), "Homes visited within ten days", "%", "in quarter", "higher", 79, 90),
    ("2.2", "Fit locks and lights for repeat and vulnerable victims", "MHA", ["DVP"], date(2024, 3, 31), "Homes made secure", "number", "year to date", "higher", 52, 60),
    ("2.3", "Catalytic converter marking days", "DVP", ["HBC"], date(2023, 10, 31), "Vehicles marked", "number", "year to date", "higher", 0, 200),
    ("2.4", "Meet every prolific burglar on release to agree a plan", "PRB", ["DVP"], date(2024, 3, 31), "Met within two days of release", "%", "in quarter", "higher", 90, 100),
    ("3.1", "Outreach worker for those who do not come to the refuge", "HAV", ["HBC"], date(2024, 3, 31), "People supported", "number", "year to date", "higher", 96, 110),
    ("3.2", "Train front-line staff to ask about abuse", "HAV", ["HBC", "ICB", "MHA"], date(2024, 3, 31), "Staff trained", "number", "year to date", "higher", 140, 150),
    ("3.3", "Safe spaces in shops and libraries signed and staffed", "DCC", ["HBC"], date(2023, 12, 31), "Safe spaces open", "number", "snapshot", "higher", 6, 12),
    ("3.4", "Health visitors to ask the routine question at each core contact", "ICB", [], date(2024, 3, 31), "Core contacts at which it was asked", "%", "in quarter", "higher", 68, 80),
    ("3.5", "Behaviour change programme for those who cause harm", "PRB", ["HAV"], date(2024, 3, 31), "Men starting the programme", "number", "year to date", "higher", 11, 16),
    ("4.1", "Joint visits to addresses at risk of cuckooing", "DVP", ["MHA", "TPT"], date(2024, 3, 31), "Addresses visited", "number", "year to date", "context", 27, None),
    ("4.2", "Naloxone and needle outreach in the town centre", "TPT", ["ICB"], date(2024, 3, 31), "Naloxone kits given out", "number", "year to date", "higher", 118, 140),
    ("4.3", "Treatment places taken up from probation referrals", "TPT", ["PRB"], date(2024, 3, 31), "Referrals taken up", "%", "in quarter", "higher", 55, 60),
    ("4.4", "Lessons on exploitation in all eight secondary schools", "SRY", ["DCC"], date(2024, 3, 31), "Schools reached", "number", "year to date", "higher", 5, 8),
    ("4.5", "Young people missing from home offered a return interview", "DCC", ["DVP"], date(2024, 3, 31), "Interviews within three days", "%", "in quarter", "higher", 74, 85),
    ("5.1", "Speed indicator boards moved to the six worst roads", "DCC", ["DVP"], date(2023, 9, 30), "Boards in place", "number", "snapshot", "higher", 2, 6),
    ("5.2", "Community speed watch in five parishes", "DVP", [], date(2024, 3, 31), "Sessions held", "number", "year to date", "higher", 22, 30),
    ("5.3", "Young driver days at the fire station", "DVF", ["DVP"], date(2024, 3, 31), "Young drivers attending", "number", "year to date", "higher", 160, 180),
]

# What the lead says in each quarter: (status, value, text, next step). None: the action was Complete before, nothing is said.
G, A, R, B, N = "on-track", "at-risk", "off-track", "complete", "not-started"
SAID = {
    "1.1": [(G, 352, "Two wardens out six days a week; bus station now first call at school closing time.", ""), (G, 347, "Evening patrols added from August after traders asked for them.", ""), (A, 298, "One warden off sick for five weeks, so Sundays were dropped.", "Agency cover from 8 January"), (G, 361, "Back to full strength, and Sunday patrols restored.", "")],
    "1.2": [(G, 4, "Four locations taken through the meeting, two closed.", ""), (G, 9, "Five more, among them the Priory underpass.", ""), (G, 12, "Three further locations. Mallow garages reported quiet since October.", ""), (B, 17, "Seventeen in the year against sixteen planned.", "")],
    "1.3": [(G, 131, "Summer timetable agreed with both estates’ residents’ groups.\nThree sessions a week from 5 June.", ""), (G, 287, "Busiest August since we began – 156 young people new to us.", ""), (G, 398, "Sessions moved indoors in November; numbers held up.", ""), (B, 502, "Year’s target passed in the second week of March.", "")],
    "1.4": [(A, 78, "Mediation offered in most disputes but two caseworkers still new.", "Refresher for all caseworkers in July"), (G, 86, "Refresher held; every file checked since.", ""), (G, 88, "Offered in 44 of 50 disputes.", ""), (G, 91, "Offered in nine of ten disputes over the quarter.", "")],
    "1.5": [(G, 93, "All but four jobs done in time.", ""), (G, 91, "New contractor from July, no drop in speed.", ""), (G, 94, "Underpass repainted and coated.", ""), (G, 92, "Quarter closed with no job outstanding.", "")],
    "1.6": [(G, 12, "First twelve shops trained, all on the High Street.", ""), (G, 29, "Second round in the retail park.", ""), (B, 41, "Forty-one shops trained by the end of November.", ""), None],
    "1.7": [(G, 12, "Visits to all three parks at half-term.", ""), (A, 33, "A bad August in Priory Park: eleven fires in a fortnight.", "Joint visits with youth workers through October"), (G, 41, "Eight over bonfire season, the lowest for six years.", ""), (G, 48, "Finished the year well under the figure we feared.", "")],
    "1.8": [(G, None, "Text agreed with environmental health, with the printers.", ""), (B, None, "Leaflet published 4 September and sent with council tax letters.", ""), None, None],
    "1.9": [(N, None, "Officer to be appointed in September.", ""), (G, None, "Consultation opened 18 September with 212 answers so far.", ""), (A, None, "Answers in, report to committee put back to February.", "Report to committee 20 February"), (B, None, "Order renewed by committee on 20 February.", "")],
    "1.10": [(G, 8, "Eight made, one sale of vapes to a volunteer aged 15.", ""), (G, 19, "Eleven this quarter, two sales followed up.", ""), (G, 27, "Christmas round done in one weekend.", ""), (B, 37, "Thirty-seven made; one premises licence reviewed.", "")],
    "1.11": [(N, None, "Waiting for the grant decision before volunteers are recruited.", ""), (N, None, "Grant agreed in September. Training starts in October.", ""), (G, 22, "Out on 22 nights, 310 people helped.", ""), (G, 26, "All but one weekend covered.", "")],
    "2.1": [(A, 81, "Fell behind in May when the crime prevention post was empty.", "Post filled from 3 July"), (G, 90, "Post filled; visits made within ten days in nine cases of ten.", ""), (G, 92, "Dark nights campaign leaflets left at each visit.", ""), (G, 94, "Best quarter of the year.", "")],
    "2.2": [(G, 13, "Thirteen homes fitted, nine after police referral.", ""), (G, 31, "Eighteen more; lights now come as standard.", ""), (G, 47, "Sixteen in the quarter, four on the Mallow estate.", ""), (B, 63, "Sixty-three homes, all inside the budget.", "")],
    "2.3": [(G, 84, "One marking day at the leisure centre.", ""), (B, 211, "Second day at the park and ride took us past 200 vehicles.", ""), None, None],
    "2.4": [(G, 100, "All seven met on the day of release.", ""), (G, 100, "All five met, one at the gate.", ""), (A, 86, "One of seven released early without notice to us.", "Prison to send its list twice a week"), (G, 100, "Lists now come twice a week and nobody was missed.", "")],
    "3.1": [(G, 29, "29 people seen, eleven of them for the first time.", ""), (G, 57, "Referrals from GPs have doubled.", ""), (G, 84, "Worker now has a desk in the hospital on Tuesdays.", ""), (B, 116, "116 people over the year.", "")],
    "3.2": [(G, 38, "Two half-day courses at the town hall.", ""), (A, 61, "July course called off for want of a room.", "Double course on 12 October"), (G, 118, "Double course full, waiting list for January.", ""), (B, 155, "Last course held 7 March, 155 trained in all.", "")],
    "3.3": [(G, 7, "Central library signed and staff briefed.", ""), (G, 10, "Three shops in the Arcade came on in September.", ""), (B, 12, "Twelfth space opened 11 December.", ""), None],
    "3.4": [(A, 70, "Figures late from one team.", "Weekly list to team leaders"), (A, 76, "Better, still short.\nTwo teams above 80 per cent.", "Short film for staff in November"), (G, 81, "Over the line for the first time.", ""), (G, 83, "Held, with every team above 78 per cent.", "")],
    "3.5": [(G, 4, "Four men started in May.", ""), (G, 8, "Second group of four began 4 September.", ""), (R, 8, "No group this quarter: the tutor left.", "New tutor starts 15 January"), (A, 13, "Five began in February. Year’s figure missed by three.", "Two groups booked for April")],
    "4.1": [(G, 9, "Nine addresses; two tenancies ended at the tenant’s own wish.", ""), (G, 15, "Six visited, all with housing staff.", ""), (G, 22, "Seven, and two safeguarding referrals.", ""), (G, 30, "Eight addresses this quarter.", "")],
    "4.2": [(G, 31, "31 kits, most from the van on Thursdays.", ""), (G, 74, "Van now parks behind the library as well.", ""), (G, 109, "Kits with every first appointment from November.", ""), (B, 146, "Passed the year’s figure on 14 March.", "")],
    "4.3": [(A, 52, "Eleven of 21 took up a place.", "Worker to sit in the probation office on Mondays"), (G, 61, "Mondays in the probation office have worked.", ""), (G, 64, "Sixteen of 25.", ""), (G, 62, "Thirteen of 21 took up a place.", "")],
    "4.4": [(N, 0, "Lesson written; schools asked for dates in the autumn term.", ""), (G, 2, "First two schools visited in September.", ""), (G, 5, "Three more, over 600 pupils.", ""), (B, 8, "All eight secondary schools reached.", "")],
    "4.5": [(G, 86, "Interviews held in three days in 24 cases of 28.", ""), (A, 79, "Summer holidays left us short of two interviewers.", "Two sessional interviewers from October"), (G, 87, "Sessional interviewers in place.", ""), (G, 88, "Steady. One young person declined.", "")],
    "5.1": [(G, 4, "Boards moved to Mill Lane and Station Road.", ""), (B, 6, "All six boards up by 21 September.", ""), None, None],
    "5.2": [(G, 8, "Eight sessions, 61 letters sent.", ""), (G, 17, "Nine more sessions; Thornley parish joined.", ""), (A, 21, "Four only, the weather was against us.", "Extra sessions in March as evenings lighten"), (B, 31, "Thirty-one in the year.", "")],
    "5.3": [(G, 42, "First day 17 June with the sixth form college.", ""), (G, 88, "Second day held for apprentices.", ""), (G, 131, "Third day in November, mock trial added.", ""), (B, 190, "Fourth day 9 March, the largest so far.", "")],
}

# What a supporter adds: quarter, reference, agency, text. No status, no figure.
ADDED = [
    (1, "2.1", "MHA", "Two caretakers went along on the visits in Priory."),
    (2, "1.7", "SRY", "Two of our workers walked the park with the fire crew in August."),
    (2, "1.9", "ICB", "Public health gave the order’s consultation a page of evidence."),
    (3, "2.1", "MHA", "Caretakers now carry the prevention leaflet."),
    (3, "4.1", "TPT", "Worker joined four of the visits."),
    (4, "1.10", "DVP", "Officer present at each purchase."),
]

# line, project, stream, agency, allocation, approval
LINES = [
    ("SD-01", "Town centre wardens", "Safer Dale Grant", "HBC", "14000.00", "Approved"),
    ("SD-02", "Detached youth work", "Safer Dale Grant", "SRY", "9600.00", "Approved"),
    ("SD-03", "Target hardening", "Safer Dale Grant", "MHA", "6250.00", "Approved"),
    ("SD-04", "Refuge outreach worker", "Safer Dale Grant", "HAV", "8400.00", "Approved"),
    ("SD-05", "Naloxone outreach", "Safer Dale Grant", "TPT", "5500.00", "Approved"),
    ("SD-06", "Speed indicator boards", "Safer Dale Grant", "DCC", "2500.00", "Approved"),
    ("SD-07", "Retail radio", "Safer Dale Grant", "DVP", "2000.00", "Approved"),
    ("SD-08", "Night-time welfare", "Safer Dale Grant", "NPS", "1500.00", "Proposed"),  # approved in September
    ("BC-01", "CCTV upkeep", "Borough core budget", "HBC", "7200.00", "Approved"),
    ("BC-02", "Community safety week", "Borough core budget", "HBC", "1800.00", "Approved"),
]
AWARD = {"Safer Dale Grant": "49750.00", "Borough core budget": "9000.00"}

# Documents: line -> quarter -> (document, supplier, date, net amount, what for)
DOCUMENTS = {
    "SD-02": {1: [("SRY-0411", "Priory Hall Trust", date(2023, 4, 28), "640.00", "Hall hire April to June"), ("SRY-0415", "Sessional workers", date(2023, 6, 30), "1812.50", "Sessional pay")],
              2: [("SRY-0428", "Sessional workers", date(2023, 9, 29), "2304.75", "Sessional pay"), ("SRY-0431", "Dale Minibus Hire", date(2023, 8, 11), "186.40", "Minibus, two days")],
              3: [("SRY-0452", "Sessional workers", date(2023, 12, 22), "1998.35", "Sessional pay"), ("SRY-0455", "Priory Hall Trust", date(2023, 11, 3), "480.00", "Hall hire, winter")],
              4: [("SRY-0470", "Sessional workers", date(2024, 3, 28), "2178.00", "Sessional pay")]},
    "SD-03": {1: [("PO 7714", "Castle Locks Ltd", date(2023, 5, 19), "1377.20", "Locks, 13 homes")],
              2: [("PO 7790", "Castle Locks Ltd", date(2023, 8, 25), "1906.80", "Locks, 18 homes"), ("PO 7802", "Brightlight Electrical", date(2023, 9, 14), "214.00", "Sensor lights")],
              3: [("PO 7861", "Castle Locks Ltd", date(2023, 11, 30), "1694.90", "Locks, 16 homes")],
              4: [("PO 7930", "Castle Locks Ltd", date(2024, 2, 27), "1057.10", "Locks, 16 homes")]},
    "SD-04": {1: [("HH/23/06", "Payroll", date(2023, 6, 28), "2100.00", "Outreach post, quarter")], 2: [("HH/23/09", "Payroll", date(2023, 9, 28), "2100.00", "Outreach post, quarter 2")],
              3: [("HH/23/12", "Payroll", date(2023, 12, 20), "2100.00", "Outreach post, quarter 3")], 4: [("HH/24/03", "Payroll", date(2024, 3, 27), "2100.00", "Outreach post, quarter 4")]},
    "SD-05": {1: [("TT1021", "Frontier Medical", date(2023, 5, 3), "512.16", "Naloxone kits"), ("TT1033", "Van hire Dale", date(2023, 6, 16), "735.00", "Van, Thursdays")],
              2: [("TT1060", "Frontier Medical", date(2023, 7, 21), "688.80", "Naloxone kits"), ("TT1071", "Van hire Dale", date(2023, 9, 15), "735.00", "Van, Thursdays")],
              3: [("TT1102", "Frontier Medical", date(2023, 10, 20), "602.70", "Naloxone kits"), ("TT1109", "Van hire Dale", date(2023, 12, 15), "735.00", "Van, Thursdays")],
              4: [("TT1140", "Frontier Medical", date(2024, 2, 2), "731.85", "Naloxone kits"), ("TT1144", "Van hire Dale", date(2024, 3, 15), "735.00", "Van, Thursdays")]},
    "SD-08": {3: [("NP-1", "Dale Workwear", date(2023, 10, 18), "418.50", "Jackets"), ("NP-2", "St John Training", date(2023, 10, 27), "360.00", "First aid course")],
              4: [("NP-3", "Dale Printers", date(2024, 1, 12), "221.50", "Cards"), ("NP-4", "St John Training", date(2024, 2, 9), "480.00", "Second first aid course")]},
}
# Lines of which only a sum is said: line -> four quarters
CLAIMED = {
    "SD-01": ["3512.40", "3498.15", "3210.00", "3779.45"], "SD-06": ["0.00", "2487.00", "0.00", "0.00"], "SD-07": ["450.00", "512.50", "560.00", "470.00"],
    "BC-01": ["1800.00", "1800.00", "1800.00", "1800.00"], "BC-02": ["0.00", "0.00", "1764.30", "0.00"],
}
# What a partner thinks the whole year will come to; the plan's own allocation where it is not here.
FORECAST = {"SD-06": "2487.00", "SD-07": "2000.00", "BC-02": "1800.00"}

RETURNED = [date(2023, 7, 11), date(2023, 10, 12), date(2024, 1, 10), date(2024, 4, 11)]


def action(ref):
    return next(a for a in ACTIONS if a[0] == ref)


def led_by(agency):
    return [a[0] for a in ACTIONS if a[2] == agency]


def said(ref, quarter):
    return SAID[ref][quarter - 1]


def added(agency, quarter):
    return [(ref, text) for q, ref, who, text in ADDED if q == quarter and who == agency]
