//! `publish` and `export`: the merge in memory, and from it the public version or tidy data, each in a folder of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use csp_bridge::decision::Decisions;
use csp_bridge::export;
use csp_bridge::finding::Severity;
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::publish::earlier::{self, Earlier};
use csp_bridge::render::public;
use csp_bridge::schema::{Role, Schema, hex};
use csp_bridge::source::Input;
use csp_bridge::value::period::Quarter;
use csp_bridge::value::text::counted;
use csp_bridge::watch::Watch;
use csp_bridge::write;
use sha2::{Digest, Sha256};

use crate::args::{Export, Publish, Quarterly};
use crate::fault::{self, Stage, during};
use crate::{Failure, apart, console, files, folders};

/// The sets that are out, as the command line names them.
#[derive(Debug)]
struct Named<'a> {
    folders: Vec<&'a Path>,
}

/// The folders after `--earlier`, or that there is none.
fn named<'a>(earlier: &'a [PathBuf], what: &str) -> Result<Named<'a>, Failure> {
    if earlier.is_empty() {
        return Err(Failure::usage(format!(
            "--earlier is missing: {what} needs every folder that `publish` wrote before and whose figures are out, or `--earlier none` where there is none. What is out cannot be taken back, and without it nothing can be guaranteed."
        )));
    }
    let is_none = |path: &PathBuf| path.as_os_str() == "none";
    if earlier.iter().any(is_none) {
        return if earlier.len() == 1 {
            Ok(Named {
                folders: Vec::new(),
            })
        } else {
            Err(Failure::usage(
                "--earlier says `none` and names folders: it is one or the other",
            ))
        };
    }
    let mut folders: Vec<&Path> = Vec::new();
    for path in earlier {
        if folders.iter().any(|other| apart::is_same(other, path)) {
            return Err(Failure::usage(format!(
                "--earlier names {} twice",
                path.display()
            )));
        }
        folders.push(path);
    }
    Ok(Named { folders })
}

/// Reads every set that is out.
fn read_earlier(named: &Named<'_>, schema: &Schema) -> Result<Vec<Earlier>, Failure> {
    let fail = |path: &Path, why: &str| Failure {
        code: 4,
        message: format!("the earlier set {}: {why}", path.display()),
    };
    let mut out = Vec::new();
    for path in &named.folders {
        let entries = std::fs::read_dir(path).map_err(|error| {
            fail(
                path,
                &format!("the folder cannot be read: {}", crate::plain(&error)),
            )
        })?;
        let mut read = Vec::new();
        for entry in entries {
            let entry = entry
                .map_err(|error| fail(path, &crate::plain(&error)))?
                .path();
            let name = entry
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            if is_of_set(&name) && entry.is_file() {
                let bytes = files::bytes(&entry).map_err(|why| fail(path, &why.to_string()))?;
                read.push((name, bytes));
            }
        }
        read.sort();
        let set = earlier::parse(&read).map_err(|why| fail(path, &format!("{why}.")))?;
        fits(&set, schema).map_err(|why| fail(path, &why))?;
        out.push(set);
    }
    Ok(out)
}

/// Whether a file's name is one of those by which a set that is out is read back.
pub(crate) fn is_of_set(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ends = ["-measures.csv", "-notes.csv", ".xlsx", ".ods", ".html"];
    !name.starts_with('.') && ends.iter().any(|end| lower.ends_with(end))
}

/// Whether a set that is out is this partnership's, under this threshold.
///
/// # Errors
/// Why not, in a sentence that goes on from its name.
pub(crate) fn fits(set: &Earlier, schema: &Schema) -> Result<(), String> {
    if set.partnership != schema.partnership.name {
        return Err(format!(
            "it is of another partnership, {}; this one is {}.",
            set.partnership, schema.partnership.name
        ));
    }
    let own = schema.publishing.small.threshold;
    if set.threshold != own {
        return Err(format!(
            "it was published with a threshold of {}, and this one is {own}; what the one hides the other would give away.",
            set.threshold
        ));
    }
    Ok(())
}

/// The quarter that is named, or that the plan is the consolidated workbook of.
fn quarter(args: &Quarterly, schema: &Schema) -> Result<Quarter, Failure> {
    if let Some(quarter) = args.quarter {
        return Ok(quarter);
    }
    let wanted = [files::Wanted::named(&args.plan, Role::Plan)];
    let inputs = files::read(&wanted, args.common.jobs, &|_, _| {}, |input: Input| input);
    let said = inputs
        .into_iter()
        .next()
        .and_then(|input| input.read.ok())
        .map(|book| csp_bridge::layout::made_for(&book))
        .unwrap_or_default();
    let year = said.year.unwrap_or_else(|| schema.year.start.year());
    said.quarter
        .map(|number| Quarter { year, number })
        .ok_or_else(|| {
            Failure::usage(format!(
                "--quarter is missing, and {} is no consolidated workbook that says it",
                args.plan.display()
            ))
        })
}

/// Whatever would stop the folder from being written is said before any work is done.
fn check_folder(args: &Quarterly, named: &Named<'_>) -> Result<(), Failure> {
    let common = &args.common;
    let output = &args.output;
    let own = crate::outputs(common, None);
    for report in &common.report {
        crate::report_kind(report)?;
    }
    for path in &own {
        if folders::is_within(path, output) {
            return Err(Failure::usage(format!(
                "{} lies in {}: the report holds what the public must not see, and the folder holds the published set and nothing else",
                path.display(),
                output.display()
            )));
        }
    }
    for (index, path) in own.iter().enumerate() {
        if own
            .iter()
            .skip(index + 1)
            .any(|other| apart::is_same(path, other))
        {
            return Err(Failure::usage(format!(
                "{} is named for two outputs",
                path.display()
            )));
        }
    }
    let inputs: Vec<&Path> = std::iter::once(args.plan.as_path())
        .chain(args.returns.iter().map(PathBuf::as_path))
        .chain(common.decisions.as_deref())
        .chain(args.previous.as_deref())
        .chain(args.ledger.as_deref())
        .chain(named.folders.iter().copied())
        .collect();
    let before = folders::before(output);
    for input in &inputs {
        if folders::is_within(input, output) || folders::is_within(input, &before) {
            return Err(Failure::usage(format!(
                "{} is, or lies in, the folder {} that would be replaced; give another folder with -o",
                input.display(),
                output.display()
            )));
        }
        if folders::is_within(output, input) {
            return Err(Failure::usage(format!(
                "the folder {} lies in {}, which is one of the inputs; give another folder with -o",
                output.display(),
                input.display()
            )));
        }
    }
    let owned: Vec<PathBuf> = inputs.iter().map(|path| (*path).to_owned()).collect();
    apart::check(&own, owned.iter())?;
    if let Some(decisions) = &common.decisions_out {
        crate::check_decisions_out(decisions, args.force)?;
    }
    for path in &own {
        crate::check_place(path)?;
    }
    for report in common.report.iter().filter(|_| !args.force) {
        apart::check_report(report)?;
    }
    Ok(())
}

/// The whole merge in memory, for the public where the sets that are out are given.
fn run(
    args: &Quarterly,
    schema: &Schema,
    decisions: Decisions,
    earlier: Option<&[Earlier]>,
) -> Result<Outcome, Failure> {
    let common = &args.common;
    let inputs = crate::Inputs {
        plan: &args.plan,
        returns: &args.returns,
        previous: args.previous.as_deref(),
        ledger: args.ledger.as_deref(),
        decisions: common.decisions.as_deref(),
    };
    let wanted = inputs.wanted(&crate::outputs(common, None))?;
    let options = Options {
        quarter: Some(quarter(args, schema)?),
        as_of: common.as_of.unwrap_or_else(crate::today),
        is_merge: true,
    };
    let sources = crate::read(&wanted, common, schema, options, &decisions);
    crate::are_readable(&sources)?;
    let mut outcome = during(Stage::Judge, || match earlier {
        Some(earlier) => pipeline::publish(
            schema,
            sources,
            options,
            decisions,
            earlier,
            &Watch::nobody(),
        ),
        None => Ok(pipeline::run_prepared(schema, sources, options, decisions)),
    })
    .map_err(|stopped| Failure {
        code: 70,
        message: stopped.to_string(),
    })?;
    fault::lose_if_asked(&mut outcome);
    crate::have_actions(&outcome, schema)?;
    Ok(outcome)
}

/// Whether nothing may be written (PUBLISH.md 6), or the figures do not tie out.
pub(crate) fn is_stopped(outcome: &Outcome) -> bool {
    let is_known = outcome
        .publication
        .as_ref()
        .is_some_and(csp_bridge::publish::Publication::is_stopped);
    let is_marked = outcome
        .findings
        .iter()
        .any(|finding| finding.code.0 == "G604" && finding.accepted.is_none());
    is_known || is_marked || !outcome.ties_out()
}

/// The public version.
pub(crate) fn publish(args: &Publish) -> Result<u8, Failure> {
    let quarterly = &args.quarterly;
    let named = named(&args.earlier, "publishing")?;
    let schema = crate::load(quarterly.common.schema.as_deref())?;
    check_folder(quarterly, &named)?;
    let decisions = crate::decisions(&quarterly.common, &schema)?;
    let earlier = read_earlier(&named, &schema)?;
    folders::check_free(&quarterly.output, quarterly.force)?;
    let mut outcome = run(quarterly, &schema, decisions, Some(&earlier))?;
    let is_stopped = is_stopped(&outcome);
    let made = if is_stopped {
        Vec::new()
    } else {
        during(Stage::Make, || {
            public::public(&outcome, &schema)
                .map(|set| write::public::files(&set))
                .transpose()
        })
        .map_err(|error| Failure {
            code: 5,
            message: format!("the public version could not be made: {error}"),
        })?
        .unwrap_or_default()
    };
    finish(
        quarterly,
        &schema,
        &mut outcome,
        &made,
        is_stopped,
        (&quarterly.output, true),
        None,
    )
}

/// Puts the files in their place, then the reports, and says so.
fn finish(
    args: &Quarterly,
    schema: &Schema,
    outcome: &mut Outcome,
    made: &[(String, Vec<u8>)],
    is_stopped: bool,
    (folder, keep_old): (&Path, bool),
    beside: Option<files::Staged>,
) -> Result<u8, Failure> {
    if let Some(publication) = &mut outcome.publication {
        publication.files = made
            .iter()
            .map(|(name, bytes)| {
                let path = folder.join(name).to_string_lossy().replace('\\', "/");
                (path, hex(&Sha256::digest(bytes)))
            })
            .collect();
    }
    let mut staged = crate::stage_reports(outcome, schema, &args.common, None)?;
    staged.extend(crate::stage_decisions(outcome, schema, &args.common)?);
    let count = made.len();
    staged.extend(beside);
    if is_stopped {
        files::commit(staged)?;
    } else {
        files::commit_with(staged, || folders::place(folder, made, keep_old))?;
    }
    if !args.common.quiet {
        crate::print(&said(args, schema, outcome, count, is_stopped, folder));
    }
    if is_stopped {
        return Ok(1);
    }
    Ok(crate::exit_code(outcome, args.common.fail_on))
}

/// What is said on the terminal.
fn said(
    args: &Quarterly,
    schema: &Schema,
    outcome: &Outcome,
    files: usize,
    is_stopped: bool,
    folder: &Path,
) -> String {
    let mut out = String::new();
    console::alarm(&mut out, outcome);
    let quarter = outcome
        .options
        .quarter
        .map(Quarter::spoken)
        .unwrap_or_default();
    let _ = writeln!(out, "{}, {quarter}", schema.partnership.name);
    if let Some(publication) = &outcome.publication {
        let sentences = [
            Some(publication.counts()),
            publication.proved(),
            publication.percentages(),
        ];
        for sentence in sentences.into_iter().flatten() {
            let _ = writeln!(out, "{sentence}");
        }
        let texts = publication.texts_withheld();
        if texts > 0 {
            let _ = writeln!(
                out,
                "\n{} withheld until somebody decides, by the finding's id:",
                counted(texts, "text is", "texts are")
            );
        }
    }
    let mut others = 0;
    for finding in &outcome.findings {
        if finding.accepted.is_some() || finding.severity < Severity::Error {
            continue;
        }
        if finding.code.0.starts_with('G') {
            let _ = writeln!(
                out,
                "  {} {}: {}",
                finding.code, finding.id, finding.message
            );
        } else {
            others += 1;
        }
    }
    if others > 0 {
        let _ = writeln!(
            out,
            "\n{} in the plan or the returns {} open; `csp-bridge merge` lists them.",
            counted(others, "error", "errors"),
            if others == 1 { "is" } else { "are" }
        );
    }
    console::decisions(&mut out, outcome);
    if is_stopped {
        let _ = writeln!(out, "\nNothing was written to {}.", folder.display());
    } else {
        let _ = writeln!(
            out,
            "\nWritten: {} in {}",
            counted(files, "file", "files"),
            folder.display()
        );
    }
    if outcome.publication.is_some() && !args.common.report.is_empty() {
        let _ = writeln!(
            out,
            "The report holds what the public must not see: keep it inside the partnership."
        );
    }
    out
}

/// Tidy data.
pub(crate) fn export(args: &Export) -> Result<u8, Failure> {
    let quarterly = &args.quarterly;
    if !args.public && !args.earlier.is_empty() {
        return Err(Failure::usage(
            "--earlier belongs to --public: an internal export hides nothing",
        ));
    }
    let named = if args.public {
        named(&args.earlier, "a public export")?
    } else {
        Named {
            folders: Vec::new(),
        }
    };
    let schema = crate::load(quarterly.common.schema.as_deref())?;
    let quarter = quarter(quarterly, &schema);
    let partition = quarter
        .as_ref()
        .ok()
        .map(|quarter| folders::partition(&quarterly.output, &schema, *quarter));
    check_folder(
        &Quarterly {
            output: partition
                .clone()
                .unwrap_or_else(|| quarterly.output.clone()),
            ..quarterly.clone()
        },
        &named,
    )?;
    for path in crate::outputs(&quarterly.common, None) {
        if folders::is_within(&path, &quarterly.output) {
            return Err(Failure::usage(format!(
                "{} lies in {}: the folder holds the packages and nothing else",
                path.display(),
                quarterly.output.display()
            )));
        }
    }
    let decisions = crate::decisions(&quarterly.common, &schema)?;
    let earlier = read_earlier(&named, &schema)?;
    crate::is_there("the plan", &quarterly.plan)?;
    quarter?;
    let Some(partition) = partition else {
        return Err(Failure::usage("--quarter is missing"));
    };
    folders::check_tree(&quarterly.output, args.public)?;
    let mut outcome = run(
        quarterly,
        &schema,
        decisions,
        args.public.then_some(earlier.as_slice()),
    )?;
    let is_stopped = args.public && is_stopped(&outcome);
    let made = if is_stopped {
        Vec::new()
    } else {
        during(Stage::Make, || export::package(&outcome, &schema)).map_err(|error| Failure {
            code: 5,
            message: format!("the package could not be made: {error}"),
        })?
    };
    let views = if is_stopped {
        None
    } else {
        std::fs::create_dir_all(&quarterly.output)
            .map_err(|error| Failure::unwritable(&quarterly.output, &error))?;
        let views = export::duckdb(&outcome, &schema);
        Some(files::stage(
            &quarterly.output.join("duckdb.sql"),
            views.as_bytes(),
            false,
        )?)
    };
    let mut code = finish(
        quarterly,
        &schema,
        &mut outcome,
        &made,
        is_stopped,
        (&partition, false),
        views,
    )?;
    if !is_stopped && !quarterly.common.quiet && !args.public {
        crate::print(&format!(
            "This export is internal and marked {}: it holds names and texts as they are.\n",
            schema.publishing.marking
        ));
    }
    if is_stopped {
        code = 1;
    }
    Ok(code)
}
