//! `inspect`: what is seen in a file, and why.

use csp_bridge::pipeline::{self, Options};

use crate::args::Inspect;
use crate::fault::{Stage, during};
use crate::{Failure, console, files, load, print, today};

pub(crate) fn inspect(args: &Inspect) -> Result<u8, Failure> {
    let schema = load(args.schema.as_deref())?;
    let wanted = files::walk(std::slice::from_ref(&args.file), None, &[])?;
    let inputs = files::read(&wanted, None, &|_, _| {}, |input| input);
    let options = Options {
        quarter: None,
        as_of: today(),
        is_merge: false,
    };
    let outcome = during(Stage::Judge, || pipeline::run(&schema, inputs, options));
    Ok(print(&console::inspect(&outcome, &schema)))
}
