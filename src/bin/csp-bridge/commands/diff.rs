//! `diff`: what changed between two plans, by reference.

use csp_bridge::change;
use csp_bridge::render;
use csp_bridge::schema::Role;
use csp_bridge::source::Source;
use csp_bridge::write;

use crate::args::Diff;
use crate::fault::{Stage, during};
use crate::{
    Failure, apart, check_free, check_name, check_place, console, files, load, print, today,
};

pub(crate) fn diff(args: &Diff) -> Result<u8, Failure> {
    let schema = load(args.schema.as_deref())?;
    if let Some(output) = &args.output {
        check_name(output)?;
        let outputs = [output.clone(), files::before(output)];
        apart::check(&outputs, [&args.old, &args.new].into_iter())?;
        check_place(output)?;
        check_free(output, args.force)?;
    }
    let mut sources = Vec::new();
    for path in [&args.old, &args.new] {
        if !path.is_file() {
            return Err(Failure {
                code: 4,
                message: format!("{} is not there, or is no file", path.display()),
            });
        }
        let wanted = files::Wanted::named(path, Role::Plan);
        for input in files::read(&[wanted], None, &|_, _| {}, |input| input) {
            if let Err(why) = &input.read {
                return Err(Failure {
                    code: 4,
                    message: format!("{} cannot be read: {why}", input.path),
                });
            }
            let index = sources.len();
            let source = during(Stage::Read(path), || {
                Source::new(index, input, &schema, None)
            });
            if source.tables.is_empty() {
                return Err(Failure {
                    code: 4,
                    message: format!(
                        "no table of actions or funding lines was found in {}; `csp-bridge inspect` shows what was seen.",
                        source.path
                    ),
                });
            }
            sources.push(source);
        }
    }
    let [old, new] = sources.as_slice() else {
        return Err(Failure::usage("two files are to be named"));
    };
    let changes = during(Stage::Judge, || change::between(old, new, &schema));
    if let Some(output) = &args.output {
        let as_of = args.as_of.unwrap_or_else(today);
        let made = during(Stage::Make, || {
            let (old, new) = (old.file_name(), new.file_name());
            write::xlsx::write(&render::changes(&changes, old, new, &schema, as_of))
        });
        let workbook = made.map_err(|error| Failure {
            code: 5,
            message: format!("the workbook could not be made: {error}"),
        })?;
        files::commit(vec![files::stage(output, &workbook, true)?])?;
    }
    if !args.quiet {
        print(&console::changes(
            old,
            new,
            &changes,
            args.output.as_deref(),
        ));
    }
    Ok(u8::from(
        changes.iter().any(|table| !table.changes.is_empty()),
    ))
}
