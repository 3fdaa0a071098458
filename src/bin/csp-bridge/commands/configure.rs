//! `schema`: the configuration in force, whether one is valid and what it would read, and one to begin with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use csp_bridge::decision::Decisions;
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::schema::{self, FieldKind, Role, Schema, Start};
use csp_bridge::source::Source;

use crate::args::{NewSchema, SchemaCommand};
use crate::{Failure, console, files, load, plain, print, today};

pub(crate) fn command(command: SchemaCommand) -> Result<u8, Failure> {
    match command {
        SchemaCommand::Show { dir } => Ok(print(&console::schema(&load(dir.as_deref())?))),
        SchemaCommand::Check { dir, tried } => check(dir.as_deref(), &tried),
        SchemaCommand::Export { dir } => {
            write(&dir, &schema::built_in_files())?;
            Ok(print(&format!(
                "Written to {}. Edit the files there and use them with --schema {}.\n",
                dir.display(),
                dir.display()
            )))
        }
        SchemaCommand::New(args) => start(args),
    }
}

/// Writes files to a folder that is not there yet, or empty.
fn write(dir: &Path, contents: &[(String, String)]) -> Result<(), Failure> {
    let fail = |error: io::Error| Failure {
        code: 5,
        message: format!("{} could not be written: {}", dir.display(), plain(&error)),
    };
    if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure {
            code: 5,
            message: format!("{} is not empty; name a new folder", dir.display()),
        });
    }
    std::fs::create_dir_all(dir).map_err(fail)?;
    let staged: Result<Vec<files::Staged>, Failure> = contents
        .iter()
        .map(|(name, text)| files::stage(&dir.join(name), text.as_bytes(), false))
        .collect();
    files::commit(staged?)
}

/// Whether a configuration is valid, what each table will not find, and what it would read of some files.
fn check(dir: Option<&Path>, tried: &[PathBuf]) -> Result<u8, Failure> {
    let schema = load(dir)?;
    let mut out = format!(
        "{} is valid: {} tables, {} agencies, {} priorities.\n",
        schema.name,
        schema.tables.len(),
        schema.agencies.len(),
        schema.priorities.len()
    );
    // The built-in one is as it is meant to be.
    if dir.is_some() {
        for note in schema.notes() {
            let _ = writeln!(out, "  {note}");
        }
    }
    if let Some((plan, returns)) = tried.split_first() {
        out.push_str(&attempt(&schema, plan, returns)?);
    }
    Ok(print(&out))
}

fn attempt(schema: &Schema, plan: &Path, returns: &[PathBuf]) -> Result<String, Failure> {
    let mut wanted = files::walk(&[plan.to_path_buf()], Some(Role::Plan), &[])?;
    wanted.extend(files::walk(returns, Some(Role::Return), &[plan])?);
    let options = Options {
        quarter: None,
        as_of: today(),
        is_merge: false,
    };
    let decisions = Decisions::default();
    let take = |input| pipeline::prepare(schema, input, options, &decisions);
    let sources = files::read(&wanted, None, &|_, _| {}, take);
    let outcome = pipeline::run_prepared(schema, sources, options, Decisions::default());
    let mut out = String::new();
    for source in &outcome.sources {
        let _ = write!(out, "\n{}", of_file(&outcome, source, schema));
    }
    Ok(out)
}

/// What a configuration reads of one file, and what it would take to read the rest.
fn of_file(outcome: &Outcome, source: &Source, schema: &Schema) -> String {
    let mut out = format!("{} ({})\n", source.path, source.role.word());
    if source.tables.is_empty() {
        out.push_str("  No table of it is known.\n");
    }
    for table in &source.tables {
        let Some(found) = schema.tables.get(table.layout.table) else {
            continue;
        };
        let (_, sheet) = source.sheet(table.layout.sheet);
        let _ = writeln!(
            out,
            "  {}: {}, {}, {} rows",
            sheet.as_deref().unwrap_or("the file"),
            found.title,
            table.layout.header,
            table.records.len()
        );
        let named: Vec<String> = table
            .layout
            .columns
            .iter()
            .filter_map(|column| {
                let field = found.fields.get(column.field)?;
                Some(format!(
                    "“{}” is {}",
                    column.heading.text.trim(),
                    field.name
                ))
            })
            .collect();
        let _ = writeln!(out, "    Read: {}", named.join(", "));
        for missing in &table.layout.missing {
            if let Some(field) = found.fields.get(missing.field) {
                let near = missing.near.as_ref().map_or_else(String::new, |near| {
                    format!(
                        "; “{}” ({}) may be it: add it to its aliases",
                        near.text.trim(),
                        near.at
                    )
                });
                let _ = writeln!(out, "    Missing: {} ({}){near}", field.title, field.name);
            }
        }
        for unknown in &table.layout.unknown {
            let heading = unknown.heading.text.trim();
            let near = unknown.near.and_then(|field| found.fields.get(field));
            let what = near.map_or_else(
                || "add it to the aliases of a field, or declare a field of that title".to_owned(),
                |field| {
                    format!(
                        "is it {}? Then add it to the aliases of `{}`",
                        field.title, field.name
                    )
                },
            );
            let _ = writeln!(
                out,
                "    Not read: the column “{heading}” ({}); {what}, in {}",
                unknown.heading.at, found.file
            );
        }
    }
    if let Some(label) = source
        .statement
        .partner_label
        .as_ref()
        .filter(|_| source.statement.agency.is_none())
    {
        let _ = writeln!(
            out,
            "  Sender not known: “{}” ({}); add it to the aliases of an agency in partnership.toml",
            label.text(),
            label.at
        );
    }
    words(&mut out, outcome, source, schema);
    for (sheet, range, _) in &source.layout.unread {
        let (_, name) = source.sheet(*sheet);
        let _ = writeln!(
            out,
            "  Not read: the block {range} of “{}”{}",
            name.as_deref().unwrap_or("the file"),
            console::why_no_table(source, *sheet, range.first.row, schema)
        );
    }
    out
}

/// Words of listed fields that nothing covers, each once, with where they would be added.
fn words(out: &mut String, outcome: &Outcome, source: &Source, schema: &Schema) {
    let mut unknown: BTreeMap<(String, String), (usize, String, String)> = BTreeMap::new();
    let own = outcome
        .findings
        .iter()
        .filter(|finding| finding.place.source == Some(source.index) && finding.code.0 == "C207");
    for finding in own {
        let field = finding.field.clone().unwrap_or_default();
        let raw = finding.raw.clone().unwrap_or_default();
        let at = format!(
            "{}!{}",
            finding.place.sheet_name().unwrap_or_default(),
            finding.place.a1().unwrap_or_default()
        );
        let kind = schema
            .tables
            .iter()
            .flat_map(|table| &table.fields)
            .find(|own| own.name == field)
            .map(|own| own.kind);
        let whither = match kind {
            Some(FieldKind::Status) => "the synonyms of a status in partnership.toml".to_owned(),
            Some(FieldKind::Agency | FieldKind::Agencies) => {
                "the aliases of an agency in partnership.toml".to_owned()
            }
            Some(FieldKind::Priority) => "the aliases of a priority in partnership.toml".to_owned(),
            _ => format!("the synonyms of one of the choices of `{field}`"),
        };
        let entry = unknown.entry((field, raw)).or_insert((0, at, whither));
        entry.0 += 1;
    }
    for ((field, word), (times, at, whither)) in unknown {
        let times = if times == 1 {
            "once".to_owned()
        } else {
            format!("{times} times, first")
        };
        let _ = writeln!(
            out,
            "  Unknown word: “{}” in {field}, {times} at {at}; add it to {whither}",
            word.trim()
        );
    }
}

/// Starts a configuration from flags, or by asking where a person looks on.
fn start(args: NewSchema) -> Result<u8, Failure> {
    let is_asked = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut missing = Vec::new();
    let mut one =
        |given: Option<String>, flag: &'static str, question: &str| -> Result<String, Failure> {
            match given {
                Some(text) => Ok(text),
                None if is_asked => ask(question),
                None => {
                    missing.push(flag);
                    Ok(String::new())
                }
            }
        };
    let name = one(args.name, "--name", "The partnership’s full name")?;
    let year = one(args.year, "--year", "The year, such as 2025-26")?;
    let mut many =
        |given: Vec<String>, flag: &'static str, question: &str| -> Result<Vec<String>, Failure> {
            if given.is_empty() && is_asked {
                return ask_many(question);
            }
            if given.is_empty() {
                missing.push(flag);
            }
            Ok(given)
        };
    let agencies = many(
        args.agencies,
        "--agency",
        "An agency as CODE=Name, the host first",
    )?;
    let priorities = many(
        args.priorities,
        "--priority",
        "A priority as PREFIX=Name, where PREFIX begins its references",
    )?;
    let streams = many(
        args.streams,
        "--stream",
        "A stream of money as CODE=Name=FUNDER",
    )?;
    if !missing.is_empty() {
        return Err(Failure::usage(format!(
            "schema new needs {}; for example: csp-bridge schema new DIR --name \"Northbridge Safer Communities Partnership\" --year 2025-26 --agency \"NCC=Northbridge City Council\" --priority \"1=Serious violence\" --stream \"VRU=Violence Reduction Unit=PCC\"",
            missing.join(", ")
        )));
    }
    let parts = |text: &str, count: usize, flag: &str| -> Result<Vec<String>, Failure> {
        let parts: Vec<String> = text
            .splitn(count, '=')
            .map(|part| part.trim().to_owned())
            .collect();
        if parts.len() == count && parts.iter().all(|part| !part.is_empty()) {
            Ok(parts)
        } else {
            Err(Failure::usage(format!(
                "{flag} \"{text}\": {count} parts with = between are needed"
            )))
        }
    };
    let pair = |text: &String, flag: &str| {
        parts(text, 2, flag).map(|parts| {
            let mut parts = parts.into_iter();
            (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            )
        })
    };
    let agencies: Vec<(String, String)> = agencies
        .iter()
        .map(|text| pair(text, "--agency"))
        .collect::<Result<_, _>>()?;
    let said = Start {
        year: first_year(&year)?,
        host: args
            .host
            .or_else(|| agencies.first().map(|(code, _)| code.clone()))
            .unwrap_or_default(),
        agencies,
        priorities: priorities
            .iter()
            .map(|text| pair(text, "--priority"))
            .collect::<Result<_, _>>()?,
        streams: streams
            .iter()
            .map(|text| {
                parts(text, 3, "--stream").map(|parts| {
                    let mut parts = parts.into_iter();
                    let mut next = || parts.next().unwrap_or_default();
                    (next(), next(), next())
                })
            })
            .collect::<Result<_, _>>()?,
        name,
    };
    let contents = schema::start(&said);
    Schema::parse("new", &contents, &csp_bridge::rules::codes()).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        Failure::usage(format!(
            "what was said makes no valid configuration:\n{}",
            lines.join("\n")
        ))
    })?;
    write(&args.dir, &contents)?;
    Ok(print(&format!(
        "Written to {dir}. Add what your partners call things to the aliases there, then see what it reads:\n  csp-bridge schema check {dir} --try PLAN.xlsx RETURNS\n",
        dir = args.dir.display()
    )))
}

/// `2025-26` or `2025` is the year that begins in 2025.
fn first_year(text: &str) -> Result<i16, Failure> {
    let said = csp_bridge::value::period::mention(text).year;
    said.or_else(|| text.trim().parse().ok())
        .filter(|year| (1990..=2199).contains(year))
        .ok_or_else(|| Failure::usage(format!("--year \"{text}\" is no year: write 2025-26")))
}

fn ask(question: &str) -> Result<String, Failure> {
    let fail = |error: io::Error| Failure::usage(format!("no answer could be read: {error}"));
    let mut out = io::stdout().lock();
    write!(out, "{question}: ")
        .and_then(|()| out.flush())
        .map_err(fail)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(fail)?;
    Ok(line.trim().to_owned())
}

fn ask_many(question: &str) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    loop {
        let said = ask(&format!("{question} (nothing: no more)"))?;
        if said.is_empty() {
            return Ok(out);
        }
        out.push(said);
    }
}
