//! **csp-bridge** merges the spreadsheets that partners send into a Community Safety Partnership's action plan, checks them and the
//! money, and writes one consolidated workbook. This page is the architecture: read it before adding a room.
//!
//! # The way of the data
//!
//! ```text
//! bytes ─ read ─▶ Workbook ─ layout ─▶ Layout ─ record ─▶ Table ─ reconcile ─▶ Consolidation ─ funding ─▶ Ledger
//!                                                            │                      │                      │
//!                                                          rules                  rules                  rules
//!                                                            ▼                      ▼                      ▼
//!                                                         Findings: what was found, where, what to do, what is kept out
//!
//! Outcome ─ render ─▶ WorkbookPlan ─ write ─▶ bytes (xlsx, json, csv, html, md)
//! Outcome ─ feedback ─▶ notes, marks and lists ─ mark, write ─▶ each partner's own file, marked
//! ```
//!
//! - [`read`] turns bytes into a [`grid::Workbook`]: every filled cell once, at its true address, whatever the format.
//! - [`layout`] says where the tables, headings, labels and banners are. [`record`] turns rows into typed records.
//! - [`source`] is one file with all of this: who it is from, which quarter it says.
//! - [`reconcile`] matches reports to the plan's actions; [`funding`] adds up the money, line by line.
//! - [`mod@publish`] says, for the public version alone, which texts would be shown, hides figures, and proves in exact whole numbers that no
//!   hidden one can be worked out from all that was ever published.
//! - [`rules`] judges what the stages found: one rule a file, the only place where findings are made.
//! - [`settlement`] brings a person's decisions to what was found: what each changes, and what became of it.
//! - [`pipeline`] names every stage once, and judges between them, so that a later stage sees the records less what is held.
//! - [`change`] compares two plans by reference, for `diff`: it stands beside the run and takes no part in it.
//! - [`feedback`] says what each partner hears of its own files after a run, and [`mark`] puts bytes into a partner's workbook, and takes none
//!   out, so that it hears it there; what comes back marked is taken out again where a [`source`] is made.
//! - [`render`] says what the workbook, a return to be filled in, and a funder's statement hold, as plain data; [`mod@write`] puts plans and reports into bytes.
//! - [`export`] makes a Data Package of a run, or of its public version, for engines.
//! - [`page`] is the local page: what a session holds and what a run gave, as HTML; the binary's `serve` puts it on the wire.
//! - [`schema`] is the configuration: TOML files in `schemas/`, so that a new year, partner, heading or status word needs no Rust.
//! - [`decision`] is what a person has settled: suggestions taken up, conflicts decided, findings accepted until a day.
//! - [`value`], [`grid`] and [`finding`] are what all of these speak of; [`watch`] is who looks on at a run and may stop it.
//!
//! # Invariants
//!
//! - **The library does no input or output and knows no clock.** Bytes in, bytes out; the day is given. The binary reads, writes and knows the date.
//!   A large workbook's scratch aside: a file without a name, which the system forgets with the program.
//! - **Imports go one way**, in the order above. A test holds it (`tests/suite/architecture.rs`).
//! - **Stages state facts, rules judge.** A stage never makes a finding; a rule's predicate and what it holds are written once, in its file.
//! - **An address comes from the reader**, never from counting.
//! - **Money is decimal.** A float is met where a spreadsheet's number enters and where one leaves, and nowhere else.
//! - **Nothing is guessed.** Likeness proposes; only a reference merges. What cannot be read stays text, is left out of sums, and is counted.
//! - **“It ties out” can be false.** Rows, money and every filled cell are counted from both ends: by the reader before anything is
//!   understood ([`grid::Worksheet::filled`], [`source::Source::amounts`]), and by what became of them ([`layout::Accounts`],
//!   [`funding::Sums`]). [`pipeline::Outcome::differences`] compares; nothing is worked out from its opposite, and a cell that nobody
//!   took stays untaken (`tests/suite/tie.rs` makes each comparison fail).
//! - **A table goes on** until another table or the end of its sheet; what stands under its headings and is no row is named, never passed
//!   over.
//! - **What goes to the public is made of the publication alone**: a text or figure that its stage does not list is shown nowhere, and each
//!   format and the public export are written from the same tables (`publish/`, `render/public.rs`, `tests/made/attacker.py`).
//! - **A decision does what its rule says, or nothing**, and says which.
//! - **Text from a partner is text**, in every output, never a formula.
//! - **The same inputs give the same bytes**: everything is ordered, and dates in outputs are the run's.
//! - **The plan's rows are never dropped.** What is held in the plan is written as found and marked.
//!
//! # Where to touch
//!
//! | to add | touch | what tells you if you forgot |
//! |--|--|--|
//! | a rule | its file in `src/rules/<family>/`, two lines in that family's `mod.rs`, its case in `tests/rules/` | `architecture::rules_cases_and_readme_agree` |
//! | a column, a heading's spelling, a status word | the table's file in `schemas/` | `csp-bridge schema check`; the near-miss finding |
//! | a field that a stage asks for by name | its row in `schema/known.rs` | `configuration::every_field_that_the_stages_ask_for_is_known` |
//! | a key of the configuration | the parser, its row in `schema/reference.rs` | `configuration::the_reference_has_every_key_that_the_parser_asks_for` |
//! | a field kind | `schema::FieldKind`, an arm in `record/coerce.rs` | the compiler |
//! | a sheet | one file in `render/sheets/`, one line in `render::workbook` | `workbook::sheets_stand_in_their_order` |
//! | a format of the public version | one file in `write/`, one arm in `write/public.rs`, a word in `schema/publishing.rs` | the compiler; `publish::siblings_hold_the_same_cells` |
//! | a report format | one file in `write/`, a variant of `write::Report` | the compiler; `reports::every_report_tells_the_same_findings` |
//! | a command | its options in the binary's `args.rs`, a file in `commands/`, its arm in `main.rs` | the compiler |
//!
//! The README's part for engineers says the same at more length.

pub mod change;
pub mod decision;
pub mod export;
pub mod feedback;
pub mod finding;
pub mod funding;
pub mod grid;
pub mod layout;
pub mod mark;
pub mod page;
pub mod pipeline;
pub mod publish;
pub mod read;
pub mod reconcile;
pub mod record;
pub mod render;
pub mod rules;
pub mod schema;
pub mod settlement;
pub mod source;
pub mod value;
pub mod watch;
pub mod write;
