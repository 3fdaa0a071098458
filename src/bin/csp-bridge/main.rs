//! The program: it reads files, knows the date, writes outputs and speaks on the terminal. Everything else is the library's.

mod apart;
mod args;
mod child;
mod commands;
mod console;
mod fault;
mod feedback;
mod files;
mod folders;
mod manual;
mod serve;

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use csp_bridge::decision::{self, Decisions};
use csp_bridge::feedback::Feedback;
use csp_bridge::finding::Severity;
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::render::{self, Context};
use csp_bridge::rules;
use csp_bridge::schema::{self, Role, Schema};
use csp_bridge::source::Source;
use csp_bridge::value::text::is_acting;
use csp_bridge::write::{self, Report};

use fault::{Stage, during};

use args::{Cli, Command, Common, FailOn};

/// Why the run stopped, with its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            message: message.into(),
        }
    }

    fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self {
            code: 4,
            message: format!("{} cannot be opened: {}.", path.display(), plain(error)),
        }
    }

    fn unwritable(path: &Path, error: &io::Error) -> Self {
        let hint = match error.kind() {
            _ if is_held(error) => {
                " It is open in another program, most likely in Excel: close it there and run again."
            }
            io::ErrorKind::PermissionDenied => {
                " It may be open in Excel, or it or its folder may be read-only."
            }
            io::ErrorKind::NotFound => " The folder is not there.",
            io::ErrorKind::StorageFull => " The disk is full.",
            _ => "",
        };
        let state = if fault::is_written() {
            "Other outputs of this run are in their places already; each file is whole, the old one or the new one."
        } else {
            "Nothing was changed."
        };
        Self {
            code: 5,
            message: format!(
                "{} could not be written: {}.{hint} {state}",
                path.display(),
                plain(error)
            ),
        }
    }
}

/// Whether another program holds a file: Windows' errors 32, a sharing violation, and 33, a lock.
fn is_held(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33))
}

/// An operating system's reason without its error number, as part of a sentence: Windows gives sentences of its own.
fn plain(error: &io::Error) -> String {
    reason(&error.to_string())
}

fn reason(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text);
    text.trim().trim_end_matches('.').to_lowercase()
}

#[test]
fn a_system_s_reason_is_part_of_a_sentence() {
    assert_eq!(reason("Access is denied. (os error 5)"), "access is denied");
    assert_eq!(
        reason("Permission denied (os error 13)"),
        "permission denied"
    );
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

fn main() -> ExitCode {
    fault::told(program)
}

fn program() -> ExitCode {
    // The program calls itself so, to read a file in a process of its own; it is no command for people.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == child::COMMAND)
    {
        return ExitCode::from(child::serve());
    }
    // A double click gives no command: on Windows, where officers have one, it opens the page.
    if cfg!(windows) && std::env::args_os().len() <= 1 {
        return clicked();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let result = match cli.command {
        Command::Merge(args) => commands::merge::merge(&args),
        Command::Publish(args) => commands::publish::publish(&args),
        Command::Export(args) => commands::publish::export(&args),
        Command::Check(args) => commands::check::check(&args),
        Command::Diff(args) => commands::diff::diff(&args),
        Command::Inspect(args) => commands::inspect::inspect(&args),
        Command::Templates(args) => commands::templates::templates(&args),
        Command::NewYear(args) => commands::new_year::new_year(&args),
        Command::Statement(args) => commands::statement::statement(&args),
        Command::Schema(command) => commands::configure::command(command),
        Command::Serve(args) => serve::serve(&args),
        Command::Rules => Ok(print(&console::rules())),
        Command::Explain { code } => explain(&code),
        Command::Completions { shell } => Ok(completions(shell)),
        Command::Man => man(),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => told(&failure),
    }
}

/// What clap says of a command line, and what Windows may have done to it. Help and version come this way, too.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() {
        // Of a name that leads nowhere its sentence tells, and of a sign such as * in an option's value this would say too much.
        let swallowed = std::env::args_os()
            .skip(1)
            .map(|arg| arg.to_string_lossy().into_owned())
            .find(|arg| arg.contains('"'));
        if let Some(arg) = swallowed {
            let _ = writeln!(
                io::stderr(),
                "\n{}{}",
                harmless(&format!("One part of the command came as [{arg}].")),
                files::hint(&arg)
            );
        }
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn told(failure: &Failure) -> ExitCode {
    let said = files::plain_paths(&harmless(&failure.to_string()));
    let _ = writeln!(io::stderr(), "csp-bridge: {said}");
    ExitCode::from(failure.code)
}

/// The page, as a double click opens it: a failure waits to be read, for the window closes with the program.
fn clicked() -> ExitCode {
    print("csp-bridge --help lists the commands.\n");
    match serve::serve(&args::Serve::default()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let code = told(&failure);
            print("Press Enter to close this window.\n");
            let _ = io::stdin().read_line(&mut String::new());
            code
        }
    }
}

/// Prints to the terminal; a reader that has gone away is no error. Text from a file may hold what a terminal would obey, so
/// nothing is passed on but what shows, line breaks and tabs. Figures that do not tie out are told in red where a person looks on.
fn print(text: &str) -> u8 {
    let text = harmless(text);
    let is_red = console::is_alarm(&text)
        && io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none()
        && knows_colours();
    let text = match text.split_once('\n').filter(|_| is_red) {
        Some((alarm, rest)) => format!("\u{1b}[1;31m{alarm}\u{1b}[0m\n{rest}"),
        None => text,
    };
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    0
}

/// Whether the terminal obeys the signs for colours. Windows' older ones do when they are asked to, and print them otherwise.
fn knows_colours() -> bool {
    #[cfg(windows)]
    return winapi_util::console::Console::stdout()
        .and_then(|mut console| console.set_virtual_terminal_processing(true))
        .is_ok();
    #[cfg(not(windows))]
    true
}

/// A text in which nothing acts on a terminal but line breaks and tabs.
fn harmless(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\n' | '\t') || !is_acting(*c))
        .collect()
}

fn load(dir: Option<&Path>) -> Result<Schema, Failure> {
    let codes = rules::codes();
    let parsed = match dir {
        None => schema::built_in(&codes),
        Some(dir) => {
            let (name, files) = schema_files(dir)?;
            Schema::parse(&name, &files, &codes)
        }
    };
    parsed.map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        let count = if lines.len() == 1 {
            "one mistake".to_owned()
        } else {
            format!("{} mistakes", lines.len())
        };
        Failure {
            code: 3,
            message: format!("the configuration has {count}:\n{}", lines.join("\n")),
        }
    })
}

/// What a person has settled, if a file of it was named.
fn decisions(common: &Common, schema: &Schema) -> Result<Decisions, Failure> {
    let as_of = common.as_of.unwrap_or_else(today);
    match &common.decisions {
        Some(path) => decisions_of(path, schema, as_of),
        None => Ok(Decisions::on(Vec::new(), as_of)),
    }
}

/// What a file says a person has settled.
fn decisions_of(
    path: &Path,
    schema: &Schema,
    as_of: jiff::civil::Date,
) -> Result<Decisions, Failure> {
    let name = path.display().to_string();
    let invalid = |message: String| Failure { code: 3, message };
    let bytes = files::bytes(path)
        .map_err(|why| invalid(format!("the decisions {name} cannot be read: {why}")))?;
    let read = if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
    {
        let text = String::from_utf8(bytes).map_err(|_| {
            invalid(format!(
                "the decisions {name} are not text in UTF-8. {SAVED_OTHERWISE}"
            ))
        })?;
        decision::from_toml(&name, &text, schema).map(|all| Decisions::on(all, as_of))
    } else {
        let book = csp_bridge::read::workbook(&bytes)
            .map_err(|why| invalid(format!("the decisions {name} cannot be read: {why}")))?;
        let is_ours = csp_bridge::layout::is_our_workbook(&book);
        let said = csp_bridge::layout::made_for(&book);
        decision::from_workbook(&name, &book, is_ours, schema)
            .map(|all| Decisions::on(all, as_of).made_for(said))
    };
    read.map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        invalid(format!(
            "the decisions cannot be understood:\n{}",
            lines.join("\n")
        ))
    })
}

/// What to do with a text in another encoding: Windows' Notepad offers some.
const SAVED_OTHERWISE: &str = "Open it in the editor that wrote it, and save it with the encoding UTF-8 (in Notepad: Save as).";

fn schema_files(dir: &Path) -> Result<(String, Vec<(String, String)>), Failure> {
    let fail = |error: io::Error| Failure {
        code: 3,
        message: format!(
            "the configuration {} cannot be read: {}",
            dir.display(),
            plain(&error)
        ),
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        // Names are told apart without regard to case where people use Windows.
        if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
            && path.is_file()
        {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().to_lowercase())
                .unwrap_or_default();
            let bytes = std::fs::read(&path).map_err(fail)?;
            let text = String::from_utf8(bytes).map_err(|_| Failure {
                code: 3,
                message: format!(
                    "the configuration's file {} is not text in UTF-8. {SAVED_OTHERWISE}",
                    path.display()
                ),
            })?;
            files.push((name, text));
        }
    }
    files.sort();
    let name = dir.canonicalize().ok().and_then(|real| {
        real.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    });
    Ok((name.unwrap_or_else(|| "schema".to_owned()), files))
}

fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

fn report_kind(path: &Path) -> Result<Report, Failure> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    Report::by_extension(&extension).ok_or_else(|| {
        Failure::usage(format!(
            "--report {}: the name must end in .json, .csv, .html or .md",
            path.display()
        ))
    })
}

/// The ledger, if one was named. One that is there and cannot be read is a finding, like any other file.
fn ledger(path: Option<&Path>, plan: &Path) -> Result<Option<files::Wanted>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    is_there("the ledger", path)?;
    if apart::is_same(path, plan) {
        return Err(Failure::usage(format!(
            "{} is named as the plan and as the ledger",
            path.display()
        )));
    }
    Ok(Some(files::Wanted::named(path, Role::Ledger)))
}

/// What the command line names of a quarter.
struct Inputs<'a> {
    plan: &'a Path,
    returns: &'a [PathBuf],
    previous: Option<&'a Path>,
    ledger: Option<&'a Path>,
    decisions: Option<&'a Path>,
}

impl Inputs<'_> {
    /// The files to be read: those that are named, and the returns without what else lies in their folders.
    fn wanted(&self, outputs: &[PathBuf]) -> Result<Vec<files::Wanted>, Failure> {
        is_there("the plan", self.plan)?;
        if let Some(previous) = self.previous {
            is_there("last quarter's workbook", previous)?;
        }
        let mut own: Vec<&Path> = vec![self.plan];
        own.extend(self.previous);
        own.extend(self.decisions);
        own.extend(self.ledger);
        let returns = files::walk(self.returns, Some(Role::Return), &own)?;
        let returns = apart::leave_out(returns, outputs)?;
        if returns.is_empty() && !self.returns.is_empty() {
            return Err(Failure {
                code: 4,
                message: "no return was found where you named them. Check the folder's name."
                    .to_owned(),
            });
        }
        let mut out = vec![files::Wanted::named(self.plan, Role::Plan)];
        out.extend(returns);
        out.extend(
            self.previous
                .map(|path| files::Wanted::named(path, Role::Previous)),
        );
        out.extend(ledger(self.ledger, self.plan)?);
        Ok(out)
    }
}

fn is_there(what: &str, path: &Path) -> Result<(), Failure> {
    if path.is_file() {
        return Ok(());
    }
    Err(Failure {
        code: 4,
        message: format!(
            "{what} {} is not there, or is no file.{}",
            path.display(),
            files::hint(&path.to_string_lossy())
        ),
    })
}

fn are_readable(sources: &[Source]) -> Result<(), Failure> {
    gate(pipeline::lacks_file(sources))
}

fn have_actions(outcome: &Outcome, schema: &Schema) -> Result<(), Failure> {
    gate(outcome.lacks_actions(schema))
}

fn gate(why: Option<String>) -> Result<(), Failure> {
    why.map_or(Ok(()), |message| Err(Failure { code: 4, message }))
}

/// Every file that a run may write, the old workbook that it keeps among them.
fn outputs(common: &Common, workbook: Option<&Path>) -> Vec<PathBuf> {
    let workbook = workbook.into_iter();
    workbook
        .flat_map(|path| [path.to_owned(), files::before(path)])
        .chain(common.report.iter().cloned())
        .chain(common.decisions_out.clone())
        .collect()
}

/// A file of decisions to be filled in has the name of one, and replaces nothing but one of its own kind.
fn check_decisions_out(path: &Path, force: bool) -> Result<(), Failure> {
    if !path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
    {
        return Err(Failure::usage(format!(
            "--decisions-out {}: decisions to fill in are written as a .toml file",
            path.display()
        )));
    }
    if !force && path.exists() && !files::bytes(path).is_ok_and(|text| decision::is_ours(&text)) {
        return Err(Failure {
            code: 5,
            message: format!(
                "{} is there already and is no file of decisions that this program wrote; give another name",
                path.display()
            ),
        });
    }
    Ok(())
}

/// An output workbook's name says what it is.
fn check_name(output: &Path) -> Result<(), Failure> {
    if !output
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("xlsx"))
    {
        return Err(Failure::usage(format!(
            "-o {}: the output is an Excel workbook, so its name must end in .xlsx",
            output.display()
        )));
    }
    Ok(())
}

/// An output has a folder to stand in.
fn check_place(target: &Path) -> Result<(), Failure> {
    if target.is_dir() {
        return Err(Failure {
            code: 5,
            message: format!("{} is a folder; name a file in it", target.display()),
        });
    }
    if target.exists() && !target.is_file() {
        return Err(Failure {
            code: 5,
            message: format!(
                "{} is no file but a pipe or a device; give another name",
                target.display()
            ),
        });
    }
    let folder = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Failure {
            code: 5,
            message: format!(
                "{} could not be written: its folder is not there",
                target.display()
            ),
        });
    }
    Ok(())
}

/// An existing workbook is replaced only when that is asked for.
fn check_free(output: &Path, force: bool) -> Result<(), Failure> {
    if output.exists() && !force {
        return Err(Failure {
            code: 5,
            message: format!(
                "{} exists already. Give another name, or --force to replace it (the old one is kept beside it).",
                output.display()
            ),
        });
    }
    Ok(())
}

/// Reads the files of a run and lays each out as soon as it is there.
fn read(
    wanted: &[files::Wanted],
    common: &Common,
    schema: &Schema,
    options: Options,
    decisions: &Decisions,
) -> Vec<Source> {
    let sizes = wanted.iter().filter_map(|file| file.path.metadata().ok());
    let bytes = sizes.map(|file| file.len()).sum();
    let progress = console::Progress::new(wanted.len(), bytes, common.quiet);
    let step = |path: &Path, step| progress.step(path, step);
    let take = |input| pipeline::prepare(schema, input, options, decisions);
    let sources = files::read_within(wanted, common.jobs, &step, take, Source::size);
    progress.finish();
    sources
}

/// Runs the stages after reading.
fn judge(schema: &Schema, sources: Vec<Source>, options: Options, decisions: Decisions) -> Outcome {
    let mut outcome = during(Stage::Judge, || {
        pipeline::run_prepared(schema, sources, options, decisions)
    });
    fault::lose_if_asked(&mut outcome);
    outcome
}

fn stage_reports(
    outcome: &Outcome,
    schema: &Schema,
    common: &Common,
    told: Option<&Feedback>,
) -> Result<Vec<files::Staged>, Failure> {
    let mut out = Vec::new();
    for path in &common.report {
        let kind = report_kind(path)?;
        let bytes = during(Stage::Report, || match kind {
            Report::Json => Ok(write::json::report_with(outcome, schema, told)),
            _ => kind.bytes(outcome, schema),
        });
        let bytes = bytes.map_err(|error| Failure::unwritable(path, &error))?;
        out.push(files::stage(path, &bytes, false)?);
    }
    Ok(out)
}

/// Every question of the run as a decision to fill in, and those already taken, if a file was named for them.
fn stage_decisions(
    outcome: &Outcome,
    schema: &Schema,
    common: &Common,
) -> Result<Option<files::Staged>, Failure> {
    let Some(path) = &common.decisions_out else {
        return Ok(None);
    };
    let links = vec![String::new(); outcome.sources.len()];
    let context = Context::new(outcome, schema, &links);
    let text = decision::to_toml(&render::questions(&context))
        + &decision::receipts_to_toml(outcome.decisions.all_receipts(), schema);
    Ok(Some(files::stage(path, text.as_bytes(), false)?))
}

fn exit_code(outcome: &Outcome, fail_on: FailOn) -> u8 {
    // Figures that do not add up are worse than anything found in them.
    if !outcome.ties_out() {
        return 1;
    }
    let least = match fail_on {
        FailOn::Never => return 0,
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
    };
    u8::from(
        outcome
            .findings
            .iter()
            .any(|finding| finding.accepted.is_none() && finding.severity >= least),
    )
}

fn explain(code: &str) -> Result<u8, Failure> {
    match rules::rule(code) {
        Some(rule) => Ok(print(&console::explain(rule))),
        None => Err(Failure::usage(format!(
            "there is no rule {code}; `csp-bridge rules` lists them"
        ))),
    }
}

fn completions(shell: clap_complete::Shell) -> u8 {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "csp-bridge", &mut out);
    print(&String::from_utf8_lossy(&out))
}

fn man() -> Result<u8, Failure> {
    let page = manual::page().map_err(|error| Failure {
        code: 5,
        message: error.to_string(),
    })?;
    Ok(print(&String::from_utf8_lossy(&page)))
}
