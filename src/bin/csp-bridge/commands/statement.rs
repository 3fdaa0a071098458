//! `statement`: what a funder is sent, a workbook and a page a stream.

use std::fmt::Write as _;
use std::path::Path;

use csp_bridge::decision::{self, Decisions};
use csp_bridge::finding::Severity;
use csp_bridge::grid::Workbook;
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::render::statement::{self, Statement};
use csp_bridge::schema::{Fault, Role, Schema};
use csp_bridge::value::amount::pounds;
use csp_bridge::value::period::Quarter;
use csp_bridge::value::text::{counted, fold};
use csp_bridge::{layout, write};

use crate::fault::{Stage, during};
use crate::{
    Failure, apart, are_readable, args, check_free, check_place, decisions_of, files, have_actions,
    is_there, judge, load, print, today,
};

pub(crate) fn statement(args: &args::Statement) -> Result<u8, Failure> {
    let schema = load(args.schema.as_deref())?;
    is_there("the plan", &args.plan)?;
    if args.output.exists() && !args.output.is_dir() {
        return Err(Failure {
            code: 5,
            message: format!("{} is a file; name a folder", args.output.display()),
        });
    }
    let as_of = args.as_of.unwrap_or_else(today);
    let said = said(&args.plan, &schema, as_of)?;
    let decisions = match &args.decisions {
        Some(path) => decisions_of(path, &schema, as_of)?,
        None => said.decisions,
    };
    let quarter = args
        .quarter
        .or(said.quarter)
        .unwrap_or_else(|| schema.year.quarter(4));
    let options = Options {
        quarter: Some(quarter),
        as_of,
        is_merge: true,
    };
    let wanted = [files::Wanted::named(&args.plan, Role::Plan)];
    let take = |input| pipeline::prepare(&schema, input, options, &decisions);
    let sources = files::read(&wanted, None, &|_, _| {}, take);
    are_readable(&sources)?;
    let outcome = judge(&schema, sources, options, decisions);
    have_actions(&outcome, &schema)?;
    let made = made(args, &outcome, &schema)?;
    let targets: Vec<_> = made
        .iter()
        .flat_map(|statement| {
            ["xlsx", "html"].map(|ending| {
                args.output
                    .join(format!("{}.{ending}", statement.file_stem))
            })
        })
        .collect();
    let inputs = std::iter::once(&args.plan).chain(&args.decisions);
    let with_old: Vec<_> = targets
        .iter()
        .flat_map(|path| [path.clone(), files::before(path)])
        .collect();
    apart::check(&with_old, inputs)?;
    for (index, target) in targets.iter().enumerate() {
        if targets
            .iter()
            .take(index)
            .any(|other| apart::is_same(other, target))
        {
            return Err(Failure::usage(format!(
                "two streams of the configuration would both be written to {}",
                target.display()
            )));
        }
        if args.output.is_dir() {
            check_place(target)?;
        }
        let is_page = target.extension().is_some_and(|ending| ending == "html");
        if is_page && !args.force {
            apart::check_report(target)?;
        } else {
            check_free(target, args.force)?;
        }
    }
    std::fs::create_dir_all(&args.output)
        .map_err(|error| Failure::unwritable(&args.output, &error))?;
    let mut staged = Vec::new();
    for statement in &made {
        let workbook =
            during(Stage::Make, || write::xlsx::write(&statement.plan)).map_err(|error| {
                Failure {
                    code: 5,
                    message: format!("{}.xlsx could not be made: {error}", statement.file_stem),
                }
            })?;
        let page = during(Stage::Make, || write::page::page(&statement.plan));
        let file = |ending: &str| {
            args.output
                .join(format!("{}.{ending}", statement.file_stem))
        };
        staged.push(files::stage(&file("xlsx"), &workbook, true)?);
        staged.push(files::stage(&file("html"), &page, false)?);
    }
    files::commit(staged)?;
    if !args.quiet {
        print(&told(&outcome, &schema, &made, quarter, &args.output));
    }
    let is_faulty = outcome
        .findings
        .iter()
        .any(|found| found.severity == Severity::Error && found.accepted.is_none());
    Ok(u8::from(is_faulty || !outcome.ties_out()))
}

/// What a plan that is our own workbook says of itself: its quarter, and what was settled in it.
pub(crate) struct Said {
    pub(crate) quarter: Option<Quarter>,
    pub(crate) decisions: Decisions,
}

fn said(plan: &Path, schema: &Schema, as_of: jiff::civil::Date) -> Result<Said, Failure> {
    let nothing = || Said {
        quarter: None,
        decisions: Decisions::on(Vec::new(), as_of),
    };
    // A plan that cannot be read is told of where it is read for the run.
    let Some(book) = files::bytes(plan)
        .ok()
        .and_then(|bytes| csp_bridge::read::workbook(&bytes).ok())
    else {
        return Ok(nothing());
    };
    let name = plan.display().to_string();
    Said::of(&book, &name, schema, as_of).map_err(|faults| Failure {
        code: 3,
        message: format!(
            "the decisions in {name} cannot be understood:\n{}",
            faults
                .iter()
                .map(|fault| format!("  {fault}"))
                .collect::<Vec<_>>()
                .join("\n")
        ),
    })
}

impl Said {
    /// What a workbook says of itself; one that is not ours says nothing.
    ///
    /// # Errors
    /// What cannot be understood of its decisions.
    pub(crate) fn of(
        book: &Workbook,
        name: &str,
        schema: &Schema,
        as_of: jiff::civil::Date,
    ) -> Result<Self, Vec<Fault>> {
        if !layout::is_our_workbook(book) {
            return Ok(Self {
                quarter: None,
                decisions: Decisions::on(Vec::new(), as_of),
            });
        }
        let mention = layout::made_for(book);
        let quarter = mention
            .quarter
            .zip(mention.year)
            .map(|(number, year)| Quarter { year, number });
        let decisions = decision::from_workbook(name, book, true, schema)?;
        Ok(Self {
            quarter,
            decisions: Decisions::on(decisions, as_of).made_for(mention),
        })
    }
}

/// The statements asked for: of one stream, or of all that have anything to state.
fn made(
    args: &args::Statement,
    outcome: &Outcome,
    schema: &Schema,
) -> Result<Vec<Statement>, Failure> {
    let has = statement::streams(outcome);
    let wanted = match &args.stream {
        None => has,
        Some(name) => {
            let folded = fold(name);
            let is_it = |stream: &&usize| {
                schema
                    .streams
                    .get(**stream)
                    .is_some_and(|s| fold(&s.code) == folded || s.words.contains(&folded))
            };
            let all: Vec<usize> = (0..schema.streams.len()).collect();
            let found = all.iter().find(is_it).copied().ok_or_else(|| {
                let known: Vec<String> = schema.streams.iter().map(|s| format!("{} ({})", s.code, s.name)).collect();
                Failure::usage(format!("--stream {name}: the configuration has no stream of that code or name. It has {}", known.join(", ")))
            })?;
            if !has.contains(&found) {
                return Err(nothing_to_state(
                    args,
                    &format!("a line or an award of the stream {name}"),
                ));
            }
            vec![found]
        }
    };
    if wanted.is_empty() {
        return Err(nothing_to_state(args, "a funding line or an award"));
    }
    Ok(during(Stage::Make, || {
        wanted
            .into_iter()
            .filter_map(|stream| statement::statement(outcome, schema, stream))
            .collect()
    }))
}

fn nothing_to_state(args: &args::Statement, what: &str) -> Failure {
    Failure {
        code: 4,
        message: format!(
            "the plan {} has not {what}, so there is nothing to state. Nothing was written.",
            args.plan.display()
        ),
    }
}

/// What was written, and what of the money is on no statement.
fn told(
    outcome: &Outcome,
    schema: &Schema,
    made: &[Statement],
    quarter: Quarter,
    folder: &Path,
) -> String {
    let mut out = format!(
        "{}, statements to the end of {}\n\n",
        schema.partnership.name,
        quarter.spoken()
    );
    for statement in made {
        let name = schema
            .streams
            .get(statement.stream)
            .map_or("", |stream| stream.name.as_str());
        let _ = writeln!(
            out,
            "{name}: {}, {}: {} and .html",
            counted(statement.lines, "line", "lines"),
            counted(statement.documents, "document", "documents"),
            folder
                .join(format!("{}.xlsx", statement.file_stem))
                .display()
        );
    }
    let ledger = &outcome.ledger;
    let unknown: Vec<String> = ledger
        .lines
        .iter()
        .filter(|line| line.stream.is_none())
        .map(|line| line.reference.to_string())
        .collect();
    if !unknown.is_empty() {
        let _ = writeln!(
            out,
            "\nOn no statement, for nothing tells their stream (F525): {}.",
            unknown.join(", ")
        );
    }
    if !ledger.held_keys.is_empty() {
        out.push_str("\nFunding lines whose own row in the plan is held are on no statement: run `csp-bridge check` on the plan.\n");
    }
    let sums = outcome.sums();
    let on_no_line = sums.held_on_no_line + sums.held_before_on_no_line;
    if on_no_line != csp_bridge::value::Decimal::ZERO {
        let _ = writeln!(
            out,
            "\nHeld on no line of the plan, and on no statement: {}.",
            pounds(on_no_line)
        );
    }
    let _ = writeln!(out, "\n{}", outcome.tie_out());
    out
}
