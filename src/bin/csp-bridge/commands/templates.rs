//! `templates`: a return to be filled in for every partner.

use csp_bridge::decision::Decisions;
use csp_bridge::pipeline::{self, Options};
use csp_bridge::render;
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::Source;
use csp_bridge::write;

use crate::args::Templates;
use crate::fault::{Stage, during};
use crate::{
    Failure, apart, are_readable, console, files, have_actions, is_there, judge, load, print, today,
};

pub(crate) fn templates(args: &Templates) -> Result<u8, Failure> {
    let schema = load(args.schema.as_deref())?;
    let asked = agencies(&args.agencies, &schema)?;
    is_there("the plan", &args.plan)?;
    if args.output.exists() && !args.output.is_dir() {
        return Err(Failure {
            code: 5,
            message: format!("{} is a file; name a folder", args.output.display()),
        });
    }
    let wanted = [files::Wanted::named(&args.plan, Role::Plan)];
    let options = Options {
        quarter: Some(args.quarter),
        as_of: args.as_of.unwrap_or_else(today),
        is_merge: true,
    };
    let decisions = Decisions::default();
    let take = |input| pipeline::prepare(&schema, input, options, &decisions);
    let sources = files::read_within(&wanted, None, &|_, _| {}, take, Source::size);
    are_readable(&sources)?;
    let outcome = judge(&schema, sources, options, decisions);
    have_actions(&outcome, &schema)?;
    let mut made = during(Stage::Make, || {
        render::templates::templates(&outcome, &schema, args.quarter)
    });
    for agency in &asked {
        if !made.iter().any(|template| template.agency == *agency) {
            return Err(Failure {
                code: 4,
                message: format!(
                    "the plan {} has no action that {} leads or supports, and no funding line that it delivers, so there is nothing to ask it. Nothing was written.",
                    args.plan.display(),
                    schema.agency_name(*agency)
                ),
            });
        }
    }
    made.retain(|template| asked.is_empty() || asked.contains(&template.agency));
    if made.is_empty() {
        return Err(Failure {
            code: 4,
            message: format!(
                "no action of the plan {} names a partner that the configuration knows, so there is nobody to ask. `csp-bridge check` says what is wrong with it.",
                args.plan.display()
            ),
        });
    }
    let there: Vec<&str> = made
        .iter()
        .map(|template| template.file_name.as_str())
        .filter(|name| args.output.join(name).exists())
        .collect();
    if !args.force && !there.is_empty() {
        return Err(Failure {
            code: 5,
            message: format!(
                "{} holds {} already. Name another folder, or --force to replace them. Nothing was changed.",
                args.output.display(),
                there.join(", ")
            ),
        });
    }
    for template in &made {
        if apart::is_same(&args.output.join(&template.file_name), &args.plan) {
            return Err(Failure::usage(format!(
                "the plan {} would be replaced by a return workbook of that name; name another folder",
                args.plan.display()
            )));
        }
    }
    std::fs::create_dir_all(&args.output)
        .map_err(|error| Failure::unwritable(&args.output, &error))?;
    let mut staged = Vec::new();
    for template in &made {
        let made = during(Stage::Make, || write::xlsx::write(&template.plan));
        let bytes = made.map_err(|error| Failure {
            code: 5,
            message: format!("{} could not be made: {error}", template.file_name),
        })?;
        staged.push(files::stage(
            &args.output.join(&template.file_name),
            &bytes,
            false,
        )?);
    }
    files::commit(staged)?;
    if !args.quiet {
        print(&console::templates(&outcome, &schema, &made, &args.output));
    }
    Ok(0)
}

/// The agencies named on the command line, by code, name or alias.
fn agencies(named: &[String], schema: &Schema) -> Result<Vec<usize>, Failure> {
    let find = |name: &String| {
        let folded = csp_bridge::value::text::fold(name);
        schema
            .agency(name)
            .or_else(|| schema.agency_called(&folded))
            .ok_or_else(|| {
                let known: Vec<String> = (0..schema.agencies.len())
                    .map(|agency| {
                        format!("{} ({})", schema.agency_code(agency), schema.agency_name(agency))
                    })
                    .collect();
                Failure::usage(format!(
                    "--for {name}: the configuration has no partner of that code or name. It has {}",
                    known.join(", ")
                ))
            })
    };
    named.iter().map(find).collect()
}
