//! What each stage costs by itself: `cargo bench --bench stages`, after `benches/compare S M L` has written the quarters to `target/bench/`.
//!
//! A stage's time here is without the stages before it, so that a change can be weighed where it was made; what a whole run costs
//! is `benches/compare`'s to say.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion};
use csp_bridge::layout::{self, Layout};
use csp_bridge::pipeline::{self, Options, Outcome};
use csp_bridge::render::{self, Context};
use csp_bridge::rules::{self, Facts, Run};
use csp_bridge::schema::{Role, Schema};
use csp_bridge::source::{self, Input};
use csp_bridge::value::period::Quarter;
use csp_bridge::{funding, read, reconcile, record, write};
use jiff::civil::date;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for size in ["S", "M", "L"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("target/bench")
            .join(size);
        if folder.join("plan.xlsx").is_file() {
            measure(&mut criterion, size, &folder)?;
        }
    }
    criterion.final_summary();
    Ok(())
}

/// The files of a folder in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder)? {
        out.push(entry?.path());
    }
    out.sort();
    Ok(out)
}

/// One file's bytes, with its path and role.
struct Sent {
    path: String,
    role: Role,
    bytes: Vec<u8>,
}

impl Sent {
    fn new(path: &Path, role: Role) -> Result<Self> {
        Ok(Self {
            path: path.to_string_lossy().into_owned(),
            role,
            bytes: fs::read(path)?,
        })
    }

    fn input(&self) -> Input {
        Input {
            path: self.path.clone(),
            // Only equal bytes matter to the rules, and no two files here have them.
            sha256: self.path.clone(),
            role: Some(self.role),
            is_from_folder: false,
            read: read::workbook(&self.bytes),
        }
    }
}

fn measure(criterion: &mut Criterion, size: &str, folder: &Path) -> Result<()> {
    let mut texts = Vec::new();
    for path in files(&folder.join("schema"))? {
        texts.push((
            source::file_name(&path.to_string_lossy()).to_owned(),
            fs::read_to_string(&path)?,
        ));
    }
    let schema = Schema::parse(size, &texts, &rules::codes())
        .map_err(|faults| format!("the configuration: {faults:?}"))?;
    let mut sent = vec![Sent::new(&folder.join("plan.xlsx"), Role::Plan)?];
    for path in files(&folder.join("returns"))? {
        sent.push(Sent::new(&path, Role::Return)?);
    }
    let quarter: Quarter = "2022-23-Q2".parse()?;
    let options = Options {
        quarter: Some(quarter),
        as_of: date(2022, 10, 20),
        is_merge: true,
    };
    let inputs: Vec<Input> = sent.iter().map(Sent::input).collect();
    let mut group = criterion.benchmark_group(size);

    group.bench_function("read", |b| {
        b.iter(|| {
            for file in &sent {
                let _ = black_box(read::workbook(&file.bytes));
            }
        });
    });
    let lay_out = || -> Vec<Layout> {
        inputs
            .iter()
            .filter_map(|input| Some((input, input.read.as_ref().ok()?)))
            .map(|(input, workbook)| {
                let context = layout::Context {
                    said: None,
                    schema: &schema,
                    role: input.role,
                    file_name: source::file_name(&input.path),
                    quarter: Some(quarter.number),
                    may_be_ours: input.role != Some(Role::Return),
                };
                layout::interpret(workbook, context)
            })
            .collect()
    };
    group.bench_function("layout", |b| b.iter(lay_out));
    group.bench_function("decode", |b| {
        b.iter_batched(
            lay_out,
            |layouts| {
                for (layout, input) in layouts.into_iter().zip(&inputs) {
                    let Ok(workbook) = &input.read else { continue };
                    for table in layout.tables {
                        black_box(record::decode(workbook, table, &schema));
                    }
                }
            },
            BatchSize::LargeInput,
        );
    });
    let outcome: Outcome = pipeline::run(&schema, inputs, options);
    let sources = &outcome.sources;
    group.bench_function("reconcile", |b| {
        b.iter(|| {
            let mut matched = reconcile::matched(sources, &schema, options.quarter);
            reconcile::settle(&mut matched, sources, &schema, options.quarter);
            matched
        });
    });
    group.bench_function("funding", |b| b.iter(|| funding::gather(sources, &schema)));
    let facts = Facts {
        run: Run {
            schema: &schema,
            quarter: options.quarter,
            as_of: options.as_of,
            is_merge: true,
            has_returns: true,
            is_public: false,
        },
        sources,
        plan: &rules::PlanRows::of(sources, &schema),
        publication: None,
    };
    group.bench_function("rules", |b| {
        b.iter(|| {
            (
                rules::judge_sources(&facts),
                rules::judge_records(&facts),
                rules::judge_matching(&facts, &outcome.consolidation),
                rules::judge_funding(&facts, &outcome.ledger, None, false),
                rules::judge_funding(&facts, &outcome.ledger, None, true),
            )
        });
    });
    let links: Vec<String> = sources.iter().map(|source| source.path.clone()).collect();
    group.bench_function("render", |b| {
        // Long sheets' rows are made while they are written, and count there.
        b.iter(|| {
            black_box(
                render::workbook(&Context::new(&outcome, &schema, &links))
                    .sheets
                    .len(),
            )
        });
    });
    let context = Context::new(&outcome, &schema, &links);
    let plan = render::workbook(&context);
    group.bench_function("write", |b| b.iter(|| write::xlsx::write(&plan)));
    group.finish();
    Ok(())
}
