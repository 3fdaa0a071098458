//! The command line as typed.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use csp_bridge::value::period::Quarter;

/// What the exit codes say.
pub(crate) const EXIT_CODES: [(u8, &str); 7] = [
    (
        0,
        "Nothing was found at or above the level of --fail-on (errors, unless it says otherwise); accepted findings do not count.",
    ),
    (
        1,
        "There are findings at or above that level. The outputs are written all the same.",
    ),
    (
        2,
        "The command line is wrong, or an output is one of the inputs.",
    ),
    (
        3,
        "The configuration is not valid, or the file of decisions cannot be understood at all.",
    ),
    (
        4,
        "The plan cannot be read, or returns were named and none is there.",
    ),
    (
        5,
        "An output could not be written, or exists already and --force was not given.",
    ),
    (
        70,
        "A fault of the program itself, told in one sentence; no output is half-written.",
    ),
];

fn exit_codes() -> String {
    let lines = EXIT_CODES.map(|(code, said)| format!("  {code:<3} {said}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// Merges partner spreadsheets into a Community Safety Partnership's action plan, checks them, and writes one consolidated workbook.
#[derive(Debug, Parser)]
#[command(name = "csp-bridge", version, max_term_width = 100, after_help = exit_codes())]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The quarterly job: returns into the plan, one consolidated workbook out
    Merge(Merge),
    /// Check any plan or return on its own, with the same findings
    Check(Check),
    /// The version for the public: no person, no small count, nothing to work one out from; xlsx, ods, html and csv
    Publish(Publish),
    /// Tidy data for analysts and engines: a Data Package a quarter
    Export(Export),
    /// Show what is seen in a file: sheets, tables, headings and their fields, rows passed over and why
    Inspect(Inspect),
    /// What changed between two plans or consolidated workbooks, by reference
    Diff(Diff),
    /// Write a pre-filled return workbook for every partner
    Templates(Templates),
    /// Next year's plan from this year's last workbook
    NewYear(crate::commands::new_year::NewYearArgs),
    /// What a funder is sent: one workbook and one page a stream
    Statement(Statement),
    /// The configuration in force
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// List every rule
    Rules,
    /// Explain one rule: what it finds, why it matters, an example, what to do
    Explain {
        /// The rule's code, such as C202
        code: String,
    },
    /// The same on a local page in the browser, for people who do not use a terminal
    Serve(Serve),
    /// Write shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The partnership's action plan
    pub(crate) plan: PathBuf,
    /// Partners' returns: files or folders. With none, the plan itself is checked and rewritten
    pub(crate) returns: Vec<PathBuf>,
    /// The quarter, such as 2022-23-Q2
    #[arg(long)]
    pub(crate) quarter: Quarter,
    /// The consolidated workbook to write
    #[arg(short, long, value_name = "OUT.xlsx")]
    pub(crate) output: PathBuf,
    /// Last quarter's consolidated workbook, for what has changed since; its rows are counted nowhere
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// The finance system's export, csv or workbook, to compare the claims of its keeper with
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Also write what each partner gets back: a folder for each with a note and its own file, marked
    #[arg(long, value_name = "DIR")]
    pub(crate) feedback: Option<PathBuf>,
    /// The day by which the notes ask for corrections; default: a week after the run's day, or the quarter's deadline if that is later
    #[arg(long, value_name = "DATE", requires = "feedback")]
    pub(crate) reply_by: Option<jiff::civil::Date>,
    /// Replace an existing output workbook; the old one is kept beside it as NAME.before.xlsx, and the folder of --feedback as DIR.before
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What `publish` and `export` share with a merge.
#[derive(Clone, Debug, Args)]
pub(crate) struct Quarterly {
    /// The quarter's consolidated workbook, with its decisions taken; or the plan
    pub(crate) plan: PathBuf,
    /// Partners' returns: files or folders. With none, the plan speaks for itself
    pub(crate) returns: Vec<PathBuf>,
    /// The quarter, such as 2022-23-Q2; a consolidated workbook says its own
    #[arg(long)]
    pub(crate) quarter: Option<Quarter>,
    /// The folder to write
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Last quarter's consolidated workbook, for what has changed since; its rows are counted nowhere
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// The finance system's export, csv or workbook, to compare the claims of its keeper with
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Replace what is there; the old folder is kept beside it as DIR.before
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    pub(crate) quarterly: Quarterly,
    /// Every folder that `publish` wrote before and whose figures are out; `none` where there is none. It must be given
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    pub(crate) earlier: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) quarterly: Quarterly,
    /// The published figures alone, with the same proof; needs --earlier
    #[arg(long)]
    pub(crate) public: bool,
    /// With --public: every folder that `publish` wrote before and whose figures are out; `none` where there is none
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    pub(crate) earlier: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_long_help = limits())]
pub(crate) struct Check {
    /// Plans or returns: files or folders
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The quarter, such as 2022-23-Q2; without it, periods are not judged
    #[arg(long)]
    pub(crate) quarter: Option<Quarter>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older plan or consolidated workbook
    pub(crate) old: PathBuf,
    /// The newer one
    pub(crate) new: PathBuf,
    /// Also write the changes as a workbook
    #[arg(short, long, value_name = "OUT.xlsx")]
    pub(crate) output: Option<PathBuf>,
    /// Replace an existing output workbook; the old one is kept beside it as NAME.before.xlsx
    #[arg(long)]
    pub(crate) force: bool,
    /// The day that the workbook carries; default: today
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<jiff::civil::Date>,
    /// Another partnership's configuration; default: the built-in one
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
    /// Say nothing on the terminal but errors; the exit code tells
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Templates {
    /// The partnership's action plan, or last quarter's consolidated workbook
    pub(crate) plan: PathBuf,
    /// The quarter that partners will report on, such as 2022-23-Q3
    #[arg(long)]
    pub(crate) quarter: Quarter,
    /// The folder to write to; made if it is not there
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Only for this partner, by its code or name; repeatable
    #[arg(long = "for", value_name = "AGENCY")]
    pub(crate) agencies: Vec<String>,
    /// Replace return workbooks that are there already
    #[arg(long)]
    pub(crate) force: bool,
    /// What today is, for the workbooks' properties; default: today
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<jiff::civil::Date>,
    /// Another partnership's configuration; default: the built-in one
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
    /// Say nothing on the terminal but errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Statement {
    /// The consolidated workbook of the quarter, or any plan
    pub(crate) plan: PathBuf,
    /// The quarter up to which money is stated, such as 2022-23-Q2; default: the workbook's own, else the year's last
    #[arg(long)]
    pub(crate) quarter: Option<Quarter>,
    /// Only this stream, by its code or name; default: every stream with a line or an award
    #[arg(long, value_name = "CODE")]
    pub(crate) stream: Option<String>,
    /// The folder to write to, CODE.xlsx and CODE.html for each stream; made if it is not there
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// What a person has settled: an earlier output or a .toml file; default: the plan's own Decisions sheet, where it has one
    #[arg(long, value_name = "FILE")]
    pub(crate) decisions: Option<PathBuf>,
    /// Replace statements that are there already; an old workbook is kept beside it as CODE.before.xlsx
    #[arg(long)]
    pub(crate) force: bool,
    /// The day that the statements carry; default: today
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<jiff::civil::Date>,
    /// Another partnership's configuration; default: the built-in one
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
    /// Say nothing on the terminal but errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The file
    pub(crate) file: PathBuf,
    /// Another partnership's configuration; default: the built-in one
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port to answer on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Do not open the browser; print nothing but the link, and one more for each line on standard input
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Stop after so long without a request: 30s, 90m, 12h, or never
    #[arg(long, value_name = "TIME", default_value = "12h")]
    pub(crate) idle_exit: Idle,
    /// Another partnership's configuration; default: the built-in one
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
}

/// As a double click starts it.
impl Default for Serve {
    fn default() -> Self {
        Self {
            port: 0,
            no_open: false,
            idle_exit: Idle(Some(Duration::from_secs(12 * 3_600))),
            schema: None,
        }
    }
}

/// How long nobody may ask for anything; nothing is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Idle(pub(crate) Option<Duration>);

impl FromStr for Idle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no time: write 30s, 90m, 2h or never");
        if text == "never" {
            return Ok(Self(None));
        }
        let unit = text.chars().last().ok_or_else(wrong)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return Err(wrong()),
        };
        let count: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
        // Beyond a year it is for ever to a clock, too.
        let total = count
            .checked_mul(seconds)
            .filter(|s| (1..=31_536_000).contains(s));
        Ok(Self(Some(Duration::from_secs(total.ok_or_else(wrong)?))))
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Also write a report: .json, .csv, .html or .md, by extension; repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Vec<PathBuf>,
    /// What today is, for late returns and overdue actions; default: today
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<jiff::civil::Date>,
    /// What a person has settled: an earlier output, its Decisions sheet filled in, or a .toml file
    #[arg(long, value_name = "FILE")]
    pub(crate) decisions: Option<PathBuf>,
    /// Also write every question of this run, and what was settled before, as decisions to fill in: a .toml file
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) decisions_out: Option<PathBuf>,
    /// Another partnership's configuration; default: the built-in one
    #[arg(long, value_name = "DIR")]
    pub(crate) schema: Option<PathBuf>,
    /// From which severity findings make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
    /// Say nothing on the terminal but errors
    #[arg(long)]
    pub(crate) quiet: bool,
    /// How many files to read side by side, at most four for each processor; default: one for each
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
}

/// What is refused as too large, and what the formats do not tell: for the help and the manual.
fn limits() -> String {
    let mut out = "What is refused as too large, each file by itself:\n".to_owned();
    for (limit, reason) in csp_bridge::read::Limits::STATED.spoken() {
        let _ = writeln!(out, "  {limit}: {reason}");
    }
    out.push_str(
        "\nWhat a format does not tell: hidden rows and columns are known in xlsx, xlsb and ods, notes in xlsx and ods, fills and \
         formulas without a result in xlsx (the latter in ods too). In xls and xlsb a hidden sheet counts as a list for dropdowns \
         where a name refers to it. Macros are noticed and never run; files locked with a password are not opened.\n",
    );
    out
}

/// From which severity a run counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Warnings and errors
    Warning,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Show the configuration in force: the year, agencies, priorities, tables and fields
    Show {
        /// The folder; default: the built-in one
        dir: Option<PathBuf>,
    },
    /// Say whether a configuration is valid, naming every mistake by file and line
    Check {
        /// The folder; default: the built-in one
        dir: Option<PathBuf>,
        /// Also say what it would read of a plan and of returns, files or folders: which headings match, which words are unknown
        #[arg(long = "try", value_name = "FILE", num_args = 1..)]
        tried: Vec<PathBuf>,
    },
    /// Write the built-in configuration to a folder, to be edited
    Export {
        /// The folder, which must not exist or be empty
        dir: PathBuf,
    },
    /// Start another partnership's configuration: asks, or takes flags
    New(NewSchema),
}

#[derive(Debug, Args)]
pub(crate) struct NewSchema {
    /// The folder, which must not exist or be empty
    pub(crate) dir: PathBuf,
    /// The partnership's full name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its year, such as 2025-26
    #[arg(long)]
    pub(crate) year: Option<String>,
    /// The agency that receives the returns, by code; default: the first
    #[arg(long, value_name = "CODE")]
    pub(crate) host: Option<String>,
    /// An agency that takes part; repeatable
    #[arg(long = "agency", value_name = "CODE=NAME")]
    pub(crate) agencies: Vec<String>,
    /// A priority, with what its references begin with; repeatable
    #[arg(long = "priority", value_name = "PREFIX=NAME")]
    pub(crate) priorities: Vec<String>,
    /// A stream of money with who pays; repeatable
    #[arg(long = "stream", value_name = "CODE=NAME=FUNDER")]
    pub(crate) streams: Vec<String>,
}
