//! `check`: any plan or return on its own, with the same findings.

use std::path::Path;
use std::path::PathBuf;

use csp_bridge::pipeline::Options;

use crate::args::Check;
use crate::{
    Failure, apart, check_decisions_out, check_place, console, decisions, exit_code, files, judge,
    load, outputs, print, read, report_kind, stage_decisions, stage_reports, today,
};

pub(crate) fn check(args: &Check) -> Result<u8, Failure> {
    let common = &args.common;
    let schema = load(common.schema.as_deref())?;
    let decisions = decisions(common, &schema)?;
    for report in &common.report {
        report_kind(report)?;
    }
    if let Some(decisions) = &common.decisions_out {
        check_decisions_out(decisions, false)?;
    }
    let outputs = outputs(common, None);
    apart::check(&outputs, args.files.iter().chain(&common.decisions))?;
    for report in &common.report {
        check_place(report)?;
        apart::check_report(report)?;
    }
    let own: Vec<&Path> = common.decisions.iter().map(PathBuf::as_path).collect();
    let wanted = apart::leave_out(files::walk(&args.files, None, &own)?, &outputs)?;
    if wanted.is_empty() {
        return Err(Failure {
            code: 4,
            message: "there is no file to check where you named it".to_owned(),
        });
    }
    let options = Options {
        quarter: args.quarter,
        as_of: common.as_of.unwrap_or_else(today),
        is_merge: false,
    };
    let sources = read(&wanted, common, &schema, options, &decisions);
    let outcome = judge(&schema, sources, options, decisions);
    let mut staged = stage_reports(&outcome, &schema, common, None)?;
    staged.extend(stage_decisions(&outcome, &schema, common)?);
    files::commit(staged)?;
    if !common.quiet {
        print(&console::check(&outcome, &schema));
    }
    Ok(exit_code(&outcome, common.fail_on))
}
