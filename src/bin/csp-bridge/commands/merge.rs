//! `merge`: the quarterly job, returns into the plan, one consolidated workbook out.

use csp_bridge::pipeline::Options;
use csp_bridge::watch::Watch;
use csp_bridge::write;

use crate::args::Merge;
use crate::fault::{Stage, during};
use crate::{
    Failure, Inputs, apart, are_readable, check_decisions_out, check_free, check_name, check_place,
    console, decisions, exit_code, feedback, files, have_actions, judge, load, outputs, print,
    read, report_kind, stage_decisions, stage_reports, today,
};

pub(crate) fn merge(args: &Merge) -> Result<u8, Failure> {
    let common = &args.common;
    let schema = load(common.schema.as_deref())?;
    check_outputs(args)?;
    feedback::check(args)?;
    let decisions = decisions(common, &schema)?;
    let inputs = Inputs {
        plan: &args.plan,
        returns: &args.returns,
        previous: args.previous.as_deref(),
        ledger: args.ledger.as_deref(),
        decisions: common.decisions.as_deref(),
    };
    let wanted = inputs.wanted(&outputs(common, Some(&args.output)))?;
    let options = Options {
        quarter: Some(args.quarter),
        as_of: common.as_of.unwrap_or_else(today),
        is_merge: true,
    };
    let sources = read(&wanted, common, &schema, options, &decisions);
    are_readable(&sources)?;
    let outcome = judge(&schema, sources, options, decisions);
    have_actions(&outcome, &schema)?;
    let paths = files::on_disk(&wanted);
    let links: Vec<String> = outcome
        .sources
        .iter()
        .map(|source| {
            let path = paths.get(&source.path);
            path.map_or_else(String::new, |path| files::link(&args.output, path))
        })
        .collect();
    let workbook = during(Stage::Make, || {
        write::consolidated(&outcome, &schema, &links, &Watch::nobody())
    })
    .map_err(|error| Failure {
        code: 5,
        message: format!("the workbook could not be made: {error}"),
    })?;
    let mut staged = vec![files::stage(&args.output, &workbook, true)?];
    let given_back = feedback::make(args, &wanted, &outcome, &schema)?;
    let told = given_back.as_ref().map(|(told, _)| told);
    staged.extend(stage_reports(&outcome, &schema, common, told)?);
    staged.extend(stage_decisions(&outcome, &schema, common)?);
    let mut said = console::merge(&outcome, &schema, &args.output);
    if let (Some((told, making)), Some(dir)) = (given_back, &args.feedback) {
        files::commit_with(staged, || making.place())?;
        said.push_str(&console::feedback(&told, &outcome, &schema, dir));
    } else {
        files::commit(staged)?;
    }
    if !common.quiet {
        print(&said);
    }
    let code = exit_code(&outcome, common.fail_on);
    // The program ends here: giving back every record by itself would cost as much as writing a sheet.
    std::mem::forget(outcome);
    Ok(code)
}

/// Whatever would stop the outputs from being written is said before any work is done.
fn check_outputs(args: &Merge) -> Result<(), Failure> {
    let output = &args.output;
    check_name(output)?;
    let mut targets = vec![output.as_path()];
    for report in &args.common.report {
        report_kind(report)?;
        if targets.iter().any(|other| apart::is_same(other, report)) {
            return Err(Failure::usage(format!(
                "{} is named for two outputs",
                report.display()
            )));
        }
        targets.push(report);
    }
    if let Some(decisions) = &args.common.decisions_out {
        check_decisions_out(decisions, args.force)?;
        if targets.iter().any(|other| apart::is_same(other, decisions)) {
            return Err(Failure::usage(format!(
                "{} is named for two outputs",
                decisions.display()
            )));
        }
        targets.push(decisions);
    }
    let inputs = std::iter::once(&args.plan)
        .chain(&args.returns)
        .chain(&args.common.decisions)
        .chain(&args.previous)
        .chain(&args.ledger);
    apart::check(&outputs(&args.common, Some(output)), inputs)?;
    for target in targets {
        check_place(target)?;
    }
    for report in args.common.report.iter().filter(|_| !args.force) {
        apart::check_report(report)?;
    }
    check_free(output, args.force)
}
