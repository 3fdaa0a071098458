//! The manual page: every command on one page, and what the help texts have no room for.

use std::fmt::Write as _;
use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args::{Cli, EXIT_CODES};

/// What each format tells and what it cannot.
const FORMATS: [(&str, &str); 6] = [
    (
        "xlsx, xlsm",
        "Everything that is looked for: values, formulas without a stored result, merged cells, hidden sheets, hidden and filtered rows, hidden columns, notes, fills. A macro is noticed and never run.",
    ),
    (
        "ods",
        "Values, formulas without a stored result, merged cells, hidden sheets, rows and columns, notes. Not fills, so a status told by colour alone is a blank one.",
    ),
    (
        "xlsb",
        "Values, merged cells, hidden sheets and rows. Not notes or fills: ask for an xlsx where these matter.",
    ),
    (
        "xls",
        "Values, hidden sheets and merged cells. Not hidden rows or columns, notes or fills; a sheet ends at row 65,536, and what was cut off there cannot be told.",
    ),
    (
        "csv, tsv",
        "Text alone, in one sheet without a name. Dates and figures are read as they are spelt; a code that a spreadsheet turned into a date before saving cannot be told from a date.",
    ),
    (
        "anything else",
        "Is named for what it is and kept out. What a file is shows in its content, not in its name.",
    ),
];

const FILES: [(&str, &str); 5] = [
    (
        "OUT.xlsx",
        "The consolidated workbook, and next quarter's plan. It appears whole or not at all; with --force the one it replaces is kept as OUT.before.xlsx.",
    ),
    (
        "report.json",
        "Everything found, with stable ids, for other programs. Its JSON Schema is schemas/report-1.schema.json.",
    ),
    (
        "report.csv, report.html, report.md",
        "The same findings with the same ids: for a spreadsheet, for a browser (one page that loads nothing), for a mail.",
    ),
    (
        "DIR/STREAM.xlsx, DIR/STREAM.html",
        "What a funder is sent of a stream: two pages, and its documents, accruals and what was found as annexes. With --force an old workbook is kept as STREAM.before.xlsx.",
    ),
    (
        "DIR/PARTNER-return-YEAR-qN.xlsx",
        "A return to be filled in. Only the pale yellow cells can be changed; there is no password.",
    ),
];

const EXAMPLES: [(&str, &str); 6] = [
    (
        "csp-bridge merge plan.xlsx returns --quarter 2022-23-Q2 -o consolidated.xlsx --report findings.html",
        "Merges every return in the folder, and writes the findings as a page.",
    ),
    (
        "csp-bridge check return.xlsx",
        "Checks one return on its own, before the quarter ends.",
    ),
    (
        "csp-bridge templates consolidated.xlsx --quarter 2022-23-Q3 -o to-send",
        "Writes next quarter's returns from this quarter's workbook.",
    ),
    (
        "csp-bridge statement consolidated.xlsx -o statements",
        "Writes what each funder is sent, to the end of the workbook's quarter.",
    ),
    (
        "csp-bridge new-year consolidated-q4.xlsx --schema 2023-24 -o plan-2023-24.xlsx",
        "Writes next year's plan from the last workbook of this year and next year's configuration; its sheet To settle lists what is open.",
    ),
    (
        "csp-bridge explain C202",
        "Says what a finding means and what to do.",
    ),
];

/// Words that the outputs use in a sense of their own.
const GLOSSARY: [(&str, &str); 17] = [
    ("action", "A row of the plan, known by its reference."),
    (
        "plan",
        "The partnership's action plan: the officer's own, or the consolidated workbook of an earlier quarter.",
    ),
    ("return", "What a partner sends for a quarter."),
    (
        "lead, supporting partner",
        "The agency that answers for an action, and one that helps: the lead's status and figure count.",
    ),
    (
        "funding line",
        "A project that money is set aside for, with its allocation.",
    ),
    (
        "stream",
        "The grant or budget that pays for funding lines, such as the Crime Reduction Grant.",
    ),
    (
        "award, allocation",
        "What a funder gives a stream, and what of that a line may spend.",
    ),
    (
        "virement",
        "Money moved from one line to another, which counts once it is approved.",
    ),
    (
        "revised allocation",
        "The allocation with approved virements in and out.",
    ),
    (
        "forecast, variance",
        "What a line will have spent by the end of the year, and the revised allocation less that: a positive variance is an underspend.",
    ),
    (
        "accrual, commitment",
        "A cost of this quarter whose invoice is still to come, which counts as spend; and an order that has not been delivered, which does not.",
    ),
    (
        "in kind",
        "Time or goods that somebody gives: no money, so no spend.",
    ),
    (
        "finding",
        "Something that a person should know: an error (a figure or text cannot be trusted, or is kept out), a warning (merged, but somebody should look) or a point for information.",
    ),
    (
        "held",
        "Kept out of the figures until it is corrected or a decision lets it in.",
    ),
    (
        "set aside",
        "Kept out for good, because another file stands in its place.",
    ),
    (
        "passed over",
        "Read and not needed: a total, a blank row of a form, a file that is no return.",
    ),
    (
        "ties out",
        "What was read is what was used, held and passed over, in rows and in pounds, and every filled cell is accounted for.",
    ),
];

/// A file of decisions: its keys, one a line of a `[[decisions]]` entry.
const DECISIONS: [(&str, &str); 15] = [
    (
        "about",
        "What the decision is about: conflict, reference, line, word, heading, value, agency, quarter, file, row, proposal, missing-return, held-return, held-table, held-columns, held-row, held-value or finding. `csp-bridge explain CODE` says which, and what a decision can do.",
    ),
    (
        "action",
        "The action's reference or the funding line, as on the sheet's Ref or line.",
    ),
    (
        "partner",
        "The agency by code, name or alias; none is all of them.",
    ),
    ("question", "What is to be decided, as the sheet puts it."),
    (
        "field",
        "The table and field, such as updates.status; of a heading the table alone.",
    ),
    (
        "typed",
        "The word, heading or value as it stands in the file.",
    ),
    (
        "finding",
        "The finding's id. All keys but about and decision may be left out, as far as the others single out one thing. A reading of a word or a heading holds for all of that word, field and partner; any other decision is for its finding alone.",
    ),
    (
        "read_as",
        "The answer, where one is needed: a value, a listed word (agencies parted by a semicolon), a field, a reference, a funding line, the cell of the row that stands, the name of the file that stands, an agency, a quarter.",
    ),
    (
        "decision",
        "Accept, Reject, Ask the partner or Corrected at source. An entry with an empty one is left aside.",
    ),
    ("reason", "Why. Accept needs it."),
    ("role", "In which role. Accept needs it."),
    (
        "until",
        "The last day on which the decision holds, such as 2023-03-31.",
    ),
    (
        "asked",
        "The day on which the partner was asked; written by --decisions-out.",
    ),
    (
        "receipts",
        "In entries of their own, [[receipts]]: the day on which a return arrived that does not say when it was sent. Keys: partner or file (the file's name), received (2022-10-12), and quarter (2022-23-Q2) where it is not the run's. The Received column of the sheet Returns says the same, and the next run reads it with --decisions. It dates the return before what its cover says.",
    ),
    (
        "what becomes of it",
        "in-force, not-applied (it changed nothing; the report says why), rejected, asked, not-corrected, noted, not-used or expired: on the Decisions sheet, on the terminal and in the JSON report.",
    ),
];

/// The page in the manual's format.
pub(crate) fn page() -> io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let man = Man::new(command.clone());
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    let mut text = String::from_utf8_lossy(&out).into_owned();
    text.push_str(&part(|w| man.render_name_section(w))?);
    text.push_str(".SH SYNOPSIS\n\\fBcsp\\-bridge\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n");
    text.push_str(&part(|w| man.render_description_section(w))?);
    text.push_str(".SH COMMANDS\n");
    for sub in command.get_subcommands() {
        add(&mut text, sub, "csp-bridge")?;
    }
    section(&mut text, "FILE FORMATS", &FORMATS);
    section(&mut text, "WORDS", &GLOSSARY);
    section(&mut text, "DECISIONS", &DECISIONS);
    section(&mut text, "FILES", &FILES);
    let codes: Vec<(String, &str)> = EXIT_CODES
        .iter()
        .map(|(code, said)| (code.to_string(), *said))
        .collect();
    let codes: Vec<(&str, &str)> = codes
        .iter()
        .map(|(code, said)| (code.as_str(), *said))
        .collect();
    section(&mut text, "EXIT STATUS", &codes);
    section(&mut text, "EXAMPLES", &EXAMPLES);
    Ok(text.into_bytes())
}

/// A command with its arguments, and the commands under it.
fn add(text: &mut String, command: &Command, above: &str) -> io::Result<()> {
    if command.get_name() == "help" {
        return Ok(());
    }
    let name = format!("{above} {}", command.get_name());
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let _ = writeln!(text, ".SS {}\n{}", escape(&name), escape(&about));
    if command.get_subcommands().next().is_some() {
        for sub in command.get_subcommands() {
            add(text, sub, &name)?;
        }
        return Ok(());
    }
    let man = Man::new(command.clone());
    for section in [
        part(|w| man.render_synopsis_section(w))?,
        part(|w| man.render_options_section(w))?,
    ] {
        // The page has one section of each name; here they are paragraphs under the command.
        for line in section.lines() {
            if line.starts_with(".SH ") {
                text.push_str(".PP\n");
            } else {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    Ok(())
}

/// A rendered section without the definitions that every one repeats.
fn part(render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<String> {
    let mut out = Vec::new();
    render(&mut out)?;
    Ok(String::from_utf8_lossy(&out)
        .lines()
        .filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "))
        .fold(String::new(), |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        }))
}

fn section(text: &mut String, heading: &str, entries: &[(&str, &str)]) {
    let _ = writeln!(text, ".SH \"{heading}\"");
    for (name, said) in entries {
        let _ = writeln!(text, ".TP\n\\fB{}\\fR\n{}", escape(name), escape(said));
    }
}

/// Text in which the formatter finds no instruction.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}
