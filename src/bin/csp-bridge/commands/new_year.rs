//! `new-year`: next year's plan from the workbook of the year that ends.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use csp_bridge::decision::Decisions;
use csp_bridge::layout;
use csp_bridge::pipeline::{self, Options};
use csp_bridge::render::{self, Context, NewYear};
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::Input;
use csp_bridge::value::amount::pounds;
use csp_bridge::value::period::Quarter;
use csp_bridge::value::text::counted;
use csp_bridge::write;

use crate::fault::{Stage, during};
use crate::{
    Failure, apart, are_readable, check_free, check_name, check_place, files, have_actions,
    is_there, judge, load, print, today,
};

/// What `new-year` is asked.
#[derive(Debug, Args)]
pub(crate) struct NewYearArgs {
    /// The last consolidated workbook of the year that ends, or its plan
    plan: PathBuf,
    /// Next year's configuration
    #[arg(long, value_name = "DIR")]
    schema: PathBuf,
    /// Next year's plan, to be written
    #[arg(short, long, value_name = "OUT.xlsx")]
    output: PathBuf,
    /// The configuration of the year that ends; default: the built-in one where it is of that partnership and year, else next year's put back
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Replace an existing workbook; the old one is kept beside it as NAME.before.xlsx
    #[arg(long)]
    force: bool,
    /// The day that the workbook carries; default: today
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
    /// Say nothing on the terminal but errors
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn new_year(args: &NewYearArgs) -> Result<u8, Failure> {
    let next = load(Some(&args.schema))?;
    check_name(&args.output)?;
    apart::check(
        &[args.output.clone(), files::before(&args.output)],
        [&args.plan].into_iter(),
    )?;
    is_there("the plan", &args.plan)?;
    check_place(&args.output)?;
    check_free(&args.output, args.force)?;
    let wanted = [files::Wanted::named(&args.plan, Role::Plan)];
    let inputs = files::read(&wanted, None, &|_, _| {}, |input| input);
    let ending = ending(args, &next, &inputs)?;
    let as_of = args.as_of.unwrap_or_else(today);
    let options = Options {
        quarter: Some(Quarter {
            year: ending.year.start.year(),
            number: 4,
        }),
        as_of,
        is_merge: true,
    };
    let decisions = Decisions::default();
    let sources = inputs
        .into_iter()
        .map(|input| pipeline::prepare(&ending, input, options, &decisions))
        .collect::<Vec<_>>();
    are_readable(&sources)?;
    let outcome = judge(&ending, sources, options, decisions);
    have_actions(&outcome, &ending)?;
    let links = vec![String::new(); outcome.sources.len()];
    let context = Context::new(&outcome, &ending, &links);
    let make = |found: &[csp_bridge::finding::Finding]| {
        let made = during(Stage::Make, || render::new_year(&context, &next, found));
        let bytes = during(Stage::Make, || write::xlsx::write(&made.plan));
        bytes.map(|bytes| (made, bytes)).map_err(|error| Failure {
            code: 5,
            message: format!("the workbook could not be made: {error}"),
        })
    };
    // What a first merge of the new plan would say is said now, on the sheet To settle.
    let (_, first) = make(&[])?;
    let (made, bytes) = make(&findings(args, &next, &first))?;
    files::commit(vec![files::stage(&args.output, &bytes, true)?])?;
    if !args.quiet {
        print(&told(
            &made,
            &ending,
            &next,
            &args.output.display().to_string(),
        ));
    }
    Ok(0)
}

/// The configuration of the year that ends.
fn ending(args: &NewYearArgs, next: &Schema, inputs: &[Input]) -> Result<Schema, Failure> {
    let schema = if let Some(dir) = &args.from {
        load(Some(dir))?
    } else {
        let book = inputs.first().and_then(|input| input.read.as_ref().ok());
        let said = book.map(layout::made_for).unwrap_or_default();
        let year = said.year.unwrap_or(next.year.start.year() - 1);
        let built_in = load(None)?;
        let name = &built_in.partnership.name;
        let names_it = book
            .and_then(|book| book.sheets.first())
            .is_some_and(|sheet| {
                let mut cells = sheet.cells().iter();
                cells.any(|cell| cell.value.as_text() == Some(name))
            });
        let is_its = names_it || next.partnership.name == *name;
        if is_its && built_in.year.start.year() == year {
            built_in
        } else {
            next.put_back(year)
        }
    };
    if schema.year.start >= next.year.start {
        return Err(Failure::usage(format!(
            "the configuration {} is for {}, and the plan {} is of {}: set the [year] of the new configuration to the year that begins",
            args.schema.display(),
            next.year.label,
            args.plan.display(),
            schema.year.label
        )));
    }
    Ok(schema)
}

/// What a merge of the new plan alone finds, on the first day of its year.
fn findings(args: &NewYearArgs, next: &Schema, bytes: &[u8]) -> Vec<csp_bridge::finding::Finding> {
    let input = Input {
        path: args.output.display().to_string(),
        sha256: String::new(),
        role: Some(Role::Plan),
        is_from_folder: false,
        read: csp_bridge::read::workbook(bytes),
    };
    let options = Options {
        quarter: Some(Quarter {
            year: next.year.start.year(),
            number: 1,
        }),
        as_of: next.year.start,
        is_merge: true,
    };
    during(Stage::Judge, || {
        pipeline::run(next, vec![input], options).findings
    })
}

fn told(made: &NewYear, ending: &Schema, next: &Schema, output: &str) -> String {
    let mut out = format!(
        "{} carried from {} to {}; {} complete or closed.\n",
        counted(made.carried, "action", "actions"),
        ending.year.label,
        next.year.label,
        counted(made.over, "is", "are"),
    );
    if made.brought > 0 {
        let _ = writeln!(
            out,
            "{} brought forward on {}.",
            pounds(made.money),
            counted(made.brought, "line", "lines")
        );
    }
    if made.points.is_empty() {
        out.push_str("Nothing is left to settle.\n");
    } else {
        let _ = writeln!(
            out,
            "{} to settle, listed on the sheet To settle.",
            counted(made.points.len(), "point is", "points are")
        );
    }
    let _ = writeln!(out, "Written to {output}.");
    out
}
