//! What a funder is sent of a stream: its lines to the penny, its documents, what was found and how it was settled, and lines to sign.
//!
//! Invariant: every figure is the consolidated workbook's; nothing of another stream is told, not even a line's name.

mod annex;
mod found;
mod papers;
mod sheet;

use std::collections::BTreeSet;

use super::{Context, WorkbookPlan};
use crate::funding::{Balance, Line, StreamTotal};
use crate::pipeline::Outcome;
use crate::schema::{Schema, Stream};
use crate::value::period::Quarter;
use crate::value::personal;
use crate::value::text::{contains_words, fold, is_device};

/// The statement of one stream, ready to be written.
#[derive(Debug)]
pub struct Statement {
    /// The stream, as an index into the configuration's.
    pub stream: usize,
    /// The name of its files without an ending: the stream's code, in letters that every system takes.
    pub file_stem: String,
    /// How many lines it tells of.
    pub lines: usize,
    /// How many documents are in its annex, sums without documents not counted.
    pub documents: usize,
    /// Its content.
    pub plan: WorkbookPlan<'static>,
}

/// The streams of which there is something to state: a line, or an award.
#[must_use]
pub fn streams(outcome: &Outcome) -> Vec<usize> {
    let ledger = &outcome.ledger;
    let has_lines = |stream: usize| ledger.lines.iter().any(|line| line.stream == Some(stream));
    ledger
        .streams
        .iter()
        .filter(|total| has_lines(total.stream) || total.award.is_some())
        .map(|total| total.stream)
        .collect()
}

/// The statement of a stream up to the run's quarter; nothing without a quarter, or where the configuration has no such stream.
#[must_use]
pub fn statement(outcome: &Outcome, schema: &Schema, stream: usize) -> Option<Statement> {
    let context = Context::new(outcome, schema, &[]);
    let of = Of::new(&context, stream)?;
    let papers = papers::papers(&of);
    let found = found::found(&of, &papers);
    let documents = papers.iter().filter(|paper| paper.is_document).count();
    let title = format!("Statement of the {}", of.stream.name);
    let mut sheets: Vec<_> = sheet::sheets(&of, &papers, &found).into();
    sheets.extend(annex::sheets(&of, &papers, found));
    Some(Statement {
        stream,
        file_stem: file_stem(&of.stream.code),
        lines: of.rows.len(),
        documents,
        plan: WorkbookPlan {
            title: format!(
                "{}: {title}, {}",
                schema.partnership.name,
                of.quarter.spoken()
            ),
            author: schema.partnership.name.clone(),
            subject: format!("{title}, {}", of.quarter.spoken()),
            marking: schema.publishing.marking.clone(),
            as_of: outcome.options.as_of,
            sheets,
            statuses: Vec::new(),
            is_form: false,
        },
    })
}

/// A code as a file's name: what some system takes for more than a letter becomes a hyphen.
fn file_stem(code: &str) -> String {
    let stem: String = code
        .trim()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    if stem.is_empty() {
        "stream".to_owned()
    } else if is_device(&stem) {
        format!("{stem}-stream")
    } else {
        stem
    }
}

/// One line of the stream.
struct Row<'a> {
    /// Its index in the ledger.
    index: usize,
    line: &'a Line,
    balance: &'a Balance,
}

/// The stream at hand, with all that its sheets ask.
struct Of<'a, 'c> {
    context: &'a Context<'c>,
    index: usize,
    stream: &'a Stream,
    quarter: Quarter,
    /// Nothing where the plan's money was not added up.
    total: &'a StreamTotal,
    /// Its lines: approved ones in the plan's order, then the others.
    rows: Vec<Row<'a>>,
    /// How many of them are approved.
    approved: usize,
    /// Folded names of other streams' lines.
    others: Vec<String>,
    /// Folded names of its own lines.
    own: Vec<String>,
    /// Codes of other streams.
    codes: Vec<&'a str>,
}

impl<'a, 'c> Of<'a, 'c> {
    fn new(context: &'a Context<'c>, index: usize) -> Option<Self> {
        let outcome = context.outcome;
        let ledger = &outcome.ledger;
        let stream = context.schema.streams.get(index)?;
        let total = ledger.streams.iter().find(|total| total.stream == index)?;
        let all = || {
            let lines = ledger.lines.iter().zip(&ledger.balances).enumerate();
            lines.map(|(index, (line, balance))| Row {
                index,
                line,
                balance,
            })
        };
        let mut rows: Vec<Row<'a>> = all().filter(|row| row.line.stream == Some(index)).collect();
        rows.sort_by_key(|row| !row.line.is_approved());
        let approved = rows.iter().filter(|row| row.line.is_approved()).count();
        let names = |is_own: bool| -> Vec<String> {
            let lines = all().filter(|row| (row.line.stream == Some(index)) == is_own);
            let names =
                lines.flat_map(|row| [fold(&row.line.reference.text), fold(&row.line.project)]);
            // A word of two or three letters stands in any sentence.
            let names: BTreeSet<String> = names.filter(|name| name.len() > 3).collect();
            names.into_iter().collect()
        };
        let own = names(true);
        let streams = || {
            let others = context.schema.streams.iter().enumerate();
            others
                .filter(move |(at, _)| *at != index)
                .map(|(_, stream)| stream)
        };
        // A name of several words is no word of a sentence.
        let titles = streams()
            .map(|stream| fold(&stream.name))
            .filter(|name| name.contains(' '));
        let mut others = names(false);
        others.extend(titles);
        others.retain(|name| !own.contains(name));
        let codes = streams().map(|stream| stream.code.as_str());
        let codes = codes
            .filter(|code| code.len() > 1 && code.chars().any(|c| c.is_ascii_uppercase()))
            .collect();
        Some(Self {
            context,
            index,
            stream,
            quarter: outcome.options.quarter?,
            total,
            rows,
            approved,
            others,
            own,
            codes,
        })
    }

    /// Whether a text names a line of the stream.
    fn is_of_it(&self, text: &str) -> bool {
        let folded = fold(text);
        self.own.iter().any(|name| contains_words(&folded, name))
    }

    /// Whether a text names another stream, or a line of one.
    fn is_of_others(&self, text: &str) -> bool {
        let folded = fold(text);
        if self.others.iter().any(|name| contains_words(&folded, name)) {
            return true;
        }
        // A code is a word of its own in capitals: `core` and `other` are in many a sentence.
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| self.codes.contains(&word))
    }

    /// A partner's text as a funder may see it: without what points to a person or names another stream, and nothing where that cannot be
    /// taken out.
    fn told(&self, text: &str) -> String {
        let allowed = &self.context.schema.publishing.allowed_contacts;
        let text =
            personal::without(text, allowed, |_, _| false).unwrap_or_else(|| text.to_owned());
        if !self.is_of_others(&text) {
            return text;
        }
        let lines = self.context.outcome.ledger.lines.iter();
        let others = lines.filter(|line| line.stream != Some(self.index));
        let mut out = text;
        for name in others.flat_map(|line| [&*line.reference.text, &*line.project]) {
            if name.chars().count() > 3 {
                out = out.replace(name, "[another stream’s line]");
            }
        }
        if self.is_of_others(&out) {
            return "[left out: it speaks of another stream]".to_owned();
        }
        out
    }

    /// The quarters up to the run's.
    fn quarters(&self) -> impl Iterator<Item = Quarter> + use<> {
        let run = self.quarter;
        (1..=run.number).map(move |number| Quarter { number, ..run })
    }

    /// Whether the stream has a line of this index in the ledger.
    fn has(&self, line: Option<usize>) -> bool {
        line.is_some_and(|line| self.rows.iter().any(|row| row.index == line))
    }
}
