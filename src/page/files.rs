//! The files of a session: what each is, as it was recognised, and what a person says of it.

use maud::{Markup, html};

use super::{Frame, Said, Step, Told, wide};
use crate::decision::Taken;
use crate::read::Unreadable;
use crate::schema::{Fault, Role, Schema};
use crate::source::{Input, Source};
use crate::value::period::Quarter;
use crate::value::text::counted;

/// What a file is in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// The action plan.
    Plan,
    /// A partner's return.
    Return,
    /// Last quarter's workbook.
    Previous,
    /// The finance system's export.
    Ledger,
    /// Decisions taken before.
    Decisions,
}

impl FileRole {
    /// Every role, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Plan,
        Self::Return,
        Self::Previous,
        Self::Ledger,
        Self::Decisions,
    ];

    /// The word used for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Return => "return",
            Self::Previous => "previous",
            Self::Ledger => "ledger",
            Self::Decisions => "decisions",
        }
    }

    /// The words used for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Plan => "Action plan",
            Self::Return => "Return",
            Self::Previous => "Last quarter's workbook",
            Self::Ledger => "Ledger export",
            Self::Decisions => "Decisions",
        }
    }

    /// The role that a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The role of a file that a run reads; decisions are none.
    #[must_use]
    pub fn in_run(self) -> Option<Role> {
        match self {
            Self::Plan => Some(Role::Plan),
            Self::Return => Some(Role::Return),
            Self::Previous => Some(Role::Previous),
            Self::Ledger => Some(Role::Ledger),
            Self::Decisions => None,
        }
    }

    /// The path of a file of this role in the folder where the command line would give the same.
    #[must_use]
    pub fn path(self, name: &str) -> String {
        match self {
            Self::Return => format!("returns/{name}"),
            Self::Plan | Self::Previous | Self::Ledger | Self::Decisions => name.to_owned(),
        }
    }
}

/// Whether a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// As it is.
    Ready,
    /// A person should look.
    Attention,
    /// Not at all.
    Refused,
}

impl FileState {
    /// The word used for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Attention => "attention",
            Self::Refused => "refused",
        }
    }

    /// The words used for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Attention => "Look at this",
            Self::Refused => "Cannot be used",
        }
    }
}

/// What can be told of a file without a run.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// Whether this program wrote it.
    pub is_ours: bool,
    /// The agency that it names.
    pub agency: Option<usize>,
    /// What stands where it names its sender, where that is no agency.
    pub unknown_sender: Option<String>,
    /// The quarter that it says.
    pub quarter: Option<u8>,
    /// The year that it says.
    pub year: Option<i16>,
    /// Its tables: name, title and rows.
    pub tables: Vec<(String, String, usize)>,
    /// Why it cannot be read.
    pub unreadable: Option<Unreadable>,
    /// Whether it is of a kind that is never a return.
    pub is_passed_over: bool,
    /// For decisions: how many it holds, or why it cannot be understood.
    pub decisions: Option<Result<(usize, usize), String>>,
    /// The role that its tables tell.
    pub told: Option<Role>,
}

impl FileFacts {
    /// What a file tells, read in the role that the input has; in none, its tables tell.
    #[must_use]
    pub fn of(input: Input, schema: &Schema, quarter: u8) -> Self {
        let source = Source::new(0, input, schema, Some(quarter));
        let said = &source.statement;
        let mut tables: Vec<(String, String, usize)> = Vec::new();
        for table in &source.tables {
            let Some(found) = schema.tables.get(table.layout.table) else {
                continue;
            };
            let rows = table.tally(source.fate()).read;
            match tables.iter_mut().find(|(name, ..)| *name == found.name) {
                Some(known) => known.2 += rows,
                None => tables.push((found.name.clone(), found.title.clone(), rows)),
            }
        }
        Self {
            is_ours: source.layout.is_ours
                || source
                    .workbook()
                    .is_some_and(crate::layout::is_our_workbook),
            agency: said.agency,
            unknown_sender: said
                .partner_label
                .as_ref()
                .filter(|_| said.label_agency.is_none())
                .map(crate::layout::Label::text),
            quarter: said.quarter,
            year: said.year,
            told: (!tables.is_empty()).then_some(source.role),
            tables,
            unreadable: source.read.as_ref().err().cloned(),
            is_passed_over: source.is_passed_over(),
            decisions: None,
        }
    }

    /// What a file of decisions tells.
    #[must_use]
    pub fn of_decisions(read: &Result<Taken, Vec<Fault>>) -> Self {
        let told = match read {
            Ok(all) => Ok((all.decisions.len(), all.receipts.len())),
            Err(faults) => Err(faults
                .iter()
                .map(|fault| fault.message.clone())
                .collect::<Vec<_>>()
                .join("; ")),
        };
        Self {
            decisions: Some(told),
            ..Self::default()
        }
    }

    /// The role of a dropped file: a workbook of ours is the plan, one that names a partner is a return, else its tables say.
    #[must_use]
    pub fn role(&self, schema: &Schema) -> Option<FileRole> {
        let host = schema.agency(&schema.partnership.host);
        if self.is_ours && self.told == Some(Role::Plan) {
            return Some(FileRole::Plan);
        }
        if self.agency.is_some() && self.agency != host {
            return Some(FileRole::Return);
        }
        Some(match self.told? {
            Role::Plan => FileRole::Plan,
            Role::Return => FileRole::Return,
            Role::Ledger => FileRole::Ledger,
            Role::Previous => FileRole::Previous,
        })
    }

    /// The quarter that it says, where it says one.
    #[must_use]
    pub fn period(&self, schema: &Schema) -> Option<Quarter> {
        let number = self.quarter?;
        Some(match self.year {
            Some(year) => Quarter { year, number },
            None => schema.year.quarter(number),
        })
    }
}

/// A file as the list shows it.
#[derive(Clone, Debug)]
pub struct FileRow<'a> {
    /// Its id in the session.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub role: FileRole,
    /// What it tells.
    pub facts: &'a FileFacts,
    /// The day on which it arrived, as it stands in its field; only a return has one.
    pub received: String,
    /// What is wrong with it beside the others: a second plan, the same as another.
    pub beside: Option<&'a str>,
}

impl FileRow<'_> {
    /// Whether it can be used, and why not or what to look at; the rule that tells more.
    #[must_use]
    pub fn state(
        &self,
        schema: &Schema,
        run: Quarter,
    ) -> (FileState, String, Option<&'static str>) {
        let facts = self.facts;
        if let Some(told) = &facts.decisions {
            return match told {
                Ok((0, 0)) => (
                    FileState::Attention,
                    "There is no decision in it.".to_owned(),
                    None,
                ),
                Ok(_) => (FileState::Ready, String::new(), None),
                Err(why) => (
                    FileState::Refused,
                    format!("It cannot be understood: {why}."),
                    None,
                ),
            };
        }
        if let Some(why) = &facts.unreadable {
            return refused(why, facts.is_passed_over);
        }
        if let Some(beside) = self.beside {
            return (FileState::Attention, beside.to_owned(), None);
        }
        if facts.tables.is_empty() {
            return (
                FileState::Attention,
                "No table was recognised.".to_owned(),
                Some("S013"),
            );
        }
        let has = |name: &str| facts.tables.iter().any(|(table, ..)| table == name);
        match self.role {
            FileRole::Plan | FileRole::Previous if !has("actions") => (
                FileState::Attention,
                "No table of actions was recognised in it.".to_owned(),
                Some("S013"),
            ),
            FileRole::Return => {
                if facts.agency.is_none() {
                    let note = match &facts.unknown_sender {
                        Some(said) => {
                            format!("“{said}” is not one of the partnership's agencies (S007).")
                        }
                        None => "Nothing in it says who sent it (S007).".to_owned(),
                    };
                    return (FileState::Attention, note, None);
                }
                match facts.period(schema) {
                    Some(said) if said != run => (
                        FileState::Attention,
                        format!(
                            "It says {} and this run is for {}: it will be kept out (S008).",
                            said.spoken(),
                            run.spoken()
                        ),
                        None,
                    ),
                    Some(_) => (FileState::Ready, String::new(), None),
                    None => (
                        FileState::Ready,
                        format!(
                            "Nothing in it says for which quarter it is; it is taken as {} (S015).",
                            run.spoken()
                        ),
                        None,
                    ),
                }
            }
            FileRole::Ledger if !has("ledger") => (
                FileState::Attention,
                "No postings were recognised in it.".to_owned(),
                Some("S013"),
            ),
            FileRole::Plan | FileRole::Previous | FileRole::Ledger | FileRole::Decisions => {
                (FileState::Ready, String::new(), None)
            }
        }
    }

    /// What was recognised in it, in a sentence.
    #[must_use]
    pub fn recognised(&self) -> String {
        if let Some(Ok((decisions, days))) = self.facts.decisions {
            let mut out = format!("{}.", counted(decisions, "decision", "decisions"));
            if days > 0 {
                let days = counted(days, "day of receipt", "days of receipt");
                out.push(' ');
                out.push_str(&days);
                out.push('.');
            }
            return out;
        }
        let tables = self.facts.tables.iter();
        tables
            .map(|(_, title, rows)| format!("{title}: {}.", counted(*rows, "row", "rows")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Why a file cannot be read, and what helps.
fn refused(why: &Unreadable, is_passed_over: bool) -> (FileState, String, Option<&'static str>) {
    let said = why.to_string();
    let said = said
        .strip_prefix("the file is ")
        .map_or_else(|| said.clone(), |rest| format!("it is {rest}"));
    if is_passed_over {
        return (
            FileState::Refused,
            format!("It is never a return and will be passed over (S017): {said}."),
            None,
        );
    }
    let help = match why {
        Unreadable::Protected => " Ask for a copy without one.",
        Unreadable::Labelled => " Ask for a copy without the protection.",
        Unreadable::TooLarge(_) => " Ask for the sheets that are needed alone.",
        Unreadable::NotOpened(_) => " See that it opens on this computer, and close it there.",
        Unreadable::Damaged(_)
        | Unreadable::NotASpreadsheet(_)
        | Unreadable::OwnOutput
        | Unreadable::NotAFile(_) => " Ask for it again, saved as .xlsx.",
    };
    (
        FileState::Refused,
        format!("It cannot be read: {said}.{help}"),
        None,
    )
}

/// What the page of files shows.
#[derive(Clone, Debug)]
pub struct Files<'a> {
    /// The files.
    pub rows: Vec<FileRow<'a>>,
    /// The quarter that is chosen.
    pub quarter: Quarter,
    /// The day as typed; empty is today.
    pub as_of: &'a str,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, files: &Files<'_>, told: &Told) -> String {
    let schema = frame.schema;
    let mut frame = frame.clone();
    let has = |role: FileRole| files.rows.iter().any(|row| row.role == role);
    frame.next = Some(if !has(FileRole::Plan) {
        (
            "#plan-file".to_owned(),
            "To do: bring in the plan".to_owned(),
        )
    } else if !has(FileRole::Return) {
        (
            "#return-files".to_owned(),
            "To do: bring in what partners sent".to_owned(),
        )
    } else {
        ("#run-form".to_owned(), "To do: run the check".to_owned())
    });
    let more_is_open = [FileRole::Previous, FileRole::Ledger, FileRole::Decisions]
        .iter()
        .any(|role| told.of(&format!("{}-file", role.word())).is_some());
    let body = html! {
        p { "Files are added as soon as you choose them. You can also drop them anywhere on this page." }
        div.adds {
            (add(&frame, told, ("plan", "plan-file", false), "Action plan", "Add the action plan"))
            (add(&frame, told, ("return", "return-files", true), "Returns from partners", "Add these returns"))
        }
        details open[more_is_open] {
            summary { "More files" }
            div.adds {
                (add(&frame, told, ("previous", "previous-file", false), "Last quarter's workbook (optional)", "Add last quarter's workbook"))
                (add(&frame, told, ("ledger", "ledger-file", false), "Ledger export (optional)", "Add the ledger export"))
                (add(&frame, told, ("decisions", "decisions-file", false), "Decisions taken before (optional)", "Add the decisions"))
            }
        }
        @if files.rows.is_empty() {
            p.empty { "No files yet. They stay in the program's memory, and only while it runs." }
        } @else {
            (wide("files-caption", &table(&frame, files, schema)))
            @if has(FileRole::Return) { (received(&frame, files, told)) }
        }
        form #run-form method="post" action=(frame.at("run")) {
            h2 { "When everything is here" }
            div.fields {
                div {
                    label for="quarter" { "Quarter" }
                    select #quarter name="quarter" {
                        @for number in 1..=4 {
                            @let quarter = schema.year.quarter(number);
                            option value=(quarter.to_string()) selected[quarter == files.quarter] { (quarter.spoken()) }
                        }
                    }
                }
            }
            details open[!files.as_of.is_empty() || told.of("as-of").is_some()] {
                summary { "Another day than today" }
                label for="as-of" { "As of" }
                p.hint #as-of-hint { "Day, month, year, such as 31/03/2023. It decides what is late and what is overdue." }
                @if let Some(why) = told.of("as-of") { p.wrong #as-of-wrong { (Said(why)) } }
                input #as-of name="as_of" type="text" autocomplete="off" value=(Said(files.as_of))
                    aria-describedby=(if told.of("as-of").is_some() { "as-of-wrong as-of-hint" } else { "as-of-hint" })
                    aria-invalid=[told.of("as-of").map(|_| "true")];
            }
            button { "Check and merge" }
        }
    };
    frame.page("files", Some(Step::Files), "Files", told, &body)
}

/// On which days returns arrived, for those that do not say so.
fn received(frame: &Frame<'_>, files: &Files<'_>, told: &Told) -> Markup {
    let own: Vec<&FileRow<'_>> = files
        .rows
        .iter()
        .filter(|row| row.role == FileRole::Return)
        .collect();
    let wrong = |row: &FileRow<'_>| told.of(&format!("received-{}", row.id));
    let is_open = own
        .iter()
        .any(|row| !row.received.is_empty() || wrong(row).is_some());
    html! {
        details open[is_open] {
            summary { "Days on which returns arrived" }
            form #received-form method="post" action=(frame.at("received")) {
                p.hint #received-hint { "Optional: day, month, year, such as 12/10/2022. A return counts as late by this day, or by the one that it states." }
                div.fields {
                    @for row in &own {
                        @let id = format!("received-{}", row.id);
                        div {
                            label for=(id) { (Said(row.name)) }
                            @if let Some(why) = wrong(row) { p.wrong id={ (id) "-wrong" } { (Said(why)) } }
                            input id=(id) name=(row.id) type="text" autocomplete="off" value=(Said(&row.received))
                                aria-describedby=(if wrong(row).is_some() { format!("{id}-wrong received-hint") } else { "received-hint".to_owned() })
                                aria-invalid=[wrong(row).map(|_| "true")];
                        }
                    }
                    div.go { button.second { "Keep these days" } }
                }
            }
        }
    }
}

/// A form that adds files of one role.
fn add(
    frame: &Frame<'_>,
    told: &Told,
    (role, id, is_several): (&str, &str, bool),
    label: &str,
    button: &str,
) -> Markup {
    let wrong = told.of(id);
    html! {
        form data-role=(role) method="post" action=(frame.at("files")) enctype="multipart/form-data" {
            input type="hidden" name="role" value=(role);
            label for=(id) { (label) }
            @if let Some(why) = wrong { p.wrong id={ (id) "-wrong" } { (Said(why)) } }
            input id=(id) type="file" name="file" multiple[is_several]
                aria-describedby=[wrong.map(|_| format!("{id}-wrong"))];
            button.second { (button) }
        }
    }
}

fn table(frame: &Frame<'_>, files: &Files<'_>, schema: &Schema) -> Markup {
    html! {
        table #files {
            caption #files-caption { "Files added" }
            thead {
                tr {
                    @for heading in ["File", "What it is", "Partner", "Quarter", "Recognised", "Note", "Remove"] {
                        th scope="col" { (heading) }
                    }
                }
            }
            tbody {
                @for row in &files.rows {
                    @let (state, note, rule) = row.state(schema, files.quarter);
                    tr data-file=(row.id) data-name=(Said(row.name)) data-role=(row.role.word()) data-state=(state.word()) {
                        th scope="row" { (Said(row.name)) }
                        td {
                            form.inline method="post" action=(frame.at(&format!("files/{}/role", row.id))) {
                                label.hidden for={ "role-" (row.id) } { "What " (Said(row.name)) " is" }
                                select id={ "role-" (row.id) } name="role" {
                                    @for role in FileRole::ALL {
                                        option value=(role.word()) selected[role == row.role] { (role.label()) }
                                    }
                                }
                                button.second { "Change" }
                            }
                        }
                        td { @if let Some(agency) = row.facts.agency { (Said(schema.agency_name(agency))) } }
                        td { @if let Some(quarter) = row.facts.period(schema) { (quarter.spoken()) } }
                        td { (row.recognised()) }
                        td {
                            span.tag data-look=(state.word()) { (state.label()) }
                            @if !note.is_empty() { span.hidden { "." } " " (Said(&note)) }
                            @if let Some(code) = rule { " " a href=(frame.at(&format!("rules/{code}"))) { "See what a table needs." } }
                        }
                        td {
                            form.inline method="post" action=(frame.at(&format!("files/{}/remove", row.id))) {
                                button.quiet { "Remove" span.hidden { " " (Said(row.name)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
