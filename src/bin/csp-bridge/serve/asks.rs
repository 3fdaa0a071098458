//! The agenda of the last run with what was decided since: which questions there are, where each stands, what is in its form.

use std::collections::BTreeSet;

use csp_bridge::decision::{Written, about_of};
use csp_bridge::page::decisions::{Ask, SAVED, Typed};
use csp_bridge::render::{self, Context};
use csp_bridge::schema::Schema;
use csp_bridge::value::date::long;

use super::session::{Done, Kept, Session};

/// One row: a question of the run, or a decision that nothing asks for.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    /// Its place on the run's agenda.
    item: Option<usize>,
    /// The finding that it is about.
    pub(super) finding: Option<String>,
    /// The decision that is kept for it now.
    pub(super) kept: Option<usize>,
    /// Where it stands, as a word.
    pub(super) standing: String,
    /// Whether it keeps something out until it is settled.
    pub(super) is_pressing: bool,
}

/// The agenda with the session's decisions laid over it.
pub(super) struct Asks<'a> {
    session: &'a Session,
    done: &'a Done,
    context: Context<'a>,
    agenda: render::Agenda<'a>,
    pub(super) rows: Vec<Row>,
}

impl<'a> Asks<'a> {
    pub(super) fn of(session: &'a Session, done: &'a Done, schema: &'a Schema) -> Self {
        let context = Context::new(&done.outcome, schema, &[]);
        let agenda = render::Agenda::of(&context);
        let mut rows = Vec::new();
        let mut used: BTreeSet<usize> = BTreeSet::new();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut left = 0;
        let mut id_of = |finding: &str| {
            if !finding.is_empty() && ids.insert(finding.to_owned()) {
                return finding.to_owned();
            }
            left += 1;
            format!("x{left}")
        };
        let findings: Vec<_> = agenda.findings().collect();
        for (index, finding) in findings.into_iter().enumerate() {
            let of_run = agenda
                .decision(index)
                .and_then(|decision| done.asked.kept.get(decision));
            let kept = session
                .kept
                .iter()
                .find(|kept| finding.is_some_and(|f| kept.written.finding == f.id))
                .or_else(|| {
                    let own = of_run?.serial;
                    session.kept.iter().find(|kept| kept.serial == own)
                });
            // A decision that was taken back and that nothing asks for is gone.
            if finding.is_none() && kept.is_none() {
                continue;
            }
            let is_in_force = match (kept, of_run) {
                (Some(kept), Some(run)) => kept.is_same(run),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            let standing = match (kept, is_in_force) {
                (Some(_), false) => SAVED.to_owned(),
                (None, _) => "open".to_owned(),
                (Some(_), true) => agenda
                    .standing(index, &context)
                    .map_or_else(|| "open".to_owned(), |standing| standing.word().to_owned()),
            };
            used.extend(kept.map(|kept| kept.serial));
            let written = kept.map_or("", |kept| kept.written.finding.as_str());
            rows.push(Row {
                id: id_of(finding.map_or(written, |finding| finding.id.as_str())),
                item: Some(index),
                finding: finding.map(|finding| finding.id.clone()),
                kept: kept.map(|kept| kept.serial),
                standing,
                is_pressing: finding.is_some_and(|finding| {
                    finding.would_hold != csp_bridge::finding::Hold::None
                        && finding.decides != csp_bridge::finding::Decides::None
                }),
            });
        }
        for kept in session.kept.iter().filter(|k| !used.contains(&k.serial)) {
            rows.push(Row {
                id: id_of(&kept.written.finding),
                item: None,
                finding: None,
                kept: Some(kept.serial),
                standing: SAVED.to_owned(),
                is_pressing: false,
            });
        }
        Self {
            session,
            done,
            context,
            agenda,
            rows,
        }
    }

    fn kept(&self, row: &Row) -> Option<&'a Kept> {
        let all = self.session.kept.iter();
        all.into_iter().find(|kept| Some(kept.serial) == row.kept)
    }

    /// What only informs: what, whose, and a sentence.
    pub(super) fn informed(&self) -> Vec<[String; 3]> {
        let text = |cells: &[render::Cell], at: usize| {
            cells
                .get(at)
                .and_then(|cell| cell.value.as_text())
                .unwrap_or_default()
                .to_owned()
        };
        render::replaced(&self.context)
            .iter()
            .map(|cells| [text(cells, 1), text(cells, 2), text(cells, 3)])
            .collect()
    }

    /// A decision about a row as it is to be kept, but for what is typed: what it is about comes from here and never from the browser.
    pub(super) fn written(&self, row: &Row) -> Written {
        let item = row
            .item
            .filter(|_| row.finding.is_some())
            .and_then(|item| self.agenda.row(item, &self.context));
        match (item, self.kept(row)) {
            (Some(item), _) => {
                let mut written = item.written;
                if let Some(about) = about_of(&written.about) {
                    about.word().clone_into(&mut written.about);
                }
                written
            }
            (None, Some(kept)) => kept.written.clone(),
            (None, None) => Written::default(),
        }
    }

    /// A row in full, with what somebody has just typed into its form, where this is the row.
    pub(super) fn ask_with(&self, row: &Row, typed: Option<(&str, &Typed)>) -> Ask {
        let mut ask = self.ask(row);
        if let Some((_, typed)) = typed.filter(|(id, _)| *id == row.id) {
            typed.clone_into(&mut ask.typed);
            // What was typed is in a form, also where the decision stands among those that are left.
            ask.is_left = false;
        }
        ask
    }

    /// A row in full, with what is in its form.
    pub(super) fn ask(&self, row: &Row) -> Ask {
        let item = row
            .item
            .and_then(|item| self.agenda.row(item, &self.context));
        let kept = self.kept(row);
        let is_left = row.finding.is_none();
        let own = match (&item, kept) {
            (Some(item), _) if !is_left => item.written.clone(),
            (_, Some(kept)) => kept.written.clone(),
            (Some(item), None) => item.written.clone(),
            (None, None) => Written::default(),
        };
        let (may_accept, wanted) = item
            .as_ref()
            .and_then(|item| item.finding)
            .map_or((true, None), Ask::kind);
        // The run's own decision fills a form only while it is kept.
        let mut typed = match kept {
            Some(kept) => Typed {
                decision: label(&kept.written.decision),
                read_as: kept.written.read_as.clone(),
                reason: kept.written.reason.clone(),
                role: kept.written.role.clone(),
                until: kept.written.until.map(long).unwrap_or_default(),
            },
            None => Typed {
                read_as: own.read_as.clone(),
                role: self.session.last_role.clone(),
                ..Typed::default()
            },
        };
        if wanted.is_none() {
            typed.read_as.clear();
        }
        Ask {
            id: row.id.clone(),
            finding: row.finding.clone(),
            about: about_of(&own.about)
                .map_or_else(|| own.about.clone(), |about| about.label().to_owned()),
            subject: own.subject.clone(),
            partner: own.partner.clone(),
            question: own.question.clone(),
            suggestion: item
                .as_ref()
                .map(|i| i.suggestion.clone())
                .unwrap_or_default(),
            standing: row.standing.clone(),
            state: match (row.standing.as_str(), &item) {
                ("open", _) => String::new(),
                (SAVED, _) => "Saved; in force once it is run again.".to_owned(),
                (_, Some(item)) => item.state.clone(),
                (_, None) => String::new(),
            },
            may_accept,
            wanted,
            shown: item
                .as_ref()
                .and_then(|item| item.finding)
                .filter(|finding| csp_bridge::page::publish::is_asked(finding))
                .and_then(|finding| finding.raw.clone()),
            choices: item.map(|item| item.choices).unwrap_or_default(),
            typed,
            is_left,
        }
    }

    /// The first question that is still to be settled.
    pub(super) fn first_open(&self) -> Option<&Row> {
        let mut all = self.rows.iter();
        all.find(|row| row.standing == "open" && row.is_pressing)
    }

    pub(super) fn open(&self) -> usize {
        let all = self.rows.iter();
        all.filter(|row| row.standing == "open" && row.is_pressing)
            .count()
    }

    /// The findings about which a decision is kept.
    pub(super) fn decided(&self) -> BTreeSet<String> {
        let all = self.rows.iter().filter(|row| row.kept.is_some());
        all.filter_map(|row| row.finding.clone()).collect()
    }

    pub(super) fn done(&self) -> &'a Done {
        self.done
    }
}

/// The decision's word as the form has it.
fn label(decision: &str) -> String {
    use csp_bridge::decision::Verdict;
    let all = Verdict::ALL.into_iter();
    all.into_iter()
        .find(|verdict| {
            verdict.label().eq_ignore_ascii_case(decision) || verdict.word() == decision
        })
        .map_or_else(|| decision.to_owned(), |verdict| verdict.label().to_owned())
}
