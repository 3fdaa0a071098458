//! The ledger's keeper against its ledger: which claims no posting answers, and which postings nobody claimed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Entry, Ledger, Posting};
use crate::value::period::Quarter;

/// One point on which claims and ledger differ. Figures are indexes into the ledger's entries, claims and postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// A document that the ledger does not have.
    NotPosted {
        /// The claim's row of spend.
        entry: usize,
    },
    /// A document that the ledger has on another line.
    OtherLine {
        /// The claim's row of spend.
        entry: usize,
        /// The ledger's row.
        posting: usize,
    },
    /// A document whose amounts differ.
    Amount {
        /// The claim's row of spend.
        entry: usize,
        /// The ledger's row.
        posting: usize,
        /// What is claimed for the document.
        claimed: Decimal,
        /// What the ledger has for it.
        posted: Decimal,
    },
    /// A claim without documents that differs from the line's postings.
    Line {
        /// The claim.
        claim: usize,
        /// What the ledger has on the line for the quarter.
        posted: Decimal,
    },
    /// A posting that nobody claimed.
    NotClaimed {
        /// The ledger's row.
        posting: usize,
    },
}

/// A document on a line, however the rows are split.
type Key = (Arc<str>, String);

/// Compares the keeper's claims with its ledger, in both directions.
#[must_use]
pub fn disagreements(ledger: &Ledger, keeper: usize, quarter: Quarter) -> Vec<Disagreement> {
    let mut out = Vec::new();
    let mut posted: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, posting) in ledger.postings.iter().enumerate() {
        if let Some(key) = key(posting.reference.as_ref(), posting.document.as_ref()) {
            posted.entry(key).or_default().push(index);
        }
    }
    let mut claimed: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    let own = |entry: &Entry| entry.agency == Some(keeper) && entry.is_money() && !entry.is_gone();
    for (index, entry) in ledger.entries.iter().enumerate().filter(|(_, e)| own(e)) {
        if let Some(key) = key(entry.reference.as_ref(), entry.document.as_ref()) {
            claimed.entry(key).or_default().push(index);
        }
    }
    let mut spoken: BTreeSet<usize> = BTreeSet::new();
    for (key, entries) in &claimed {
        match posted.get(key) {
            Some(postings) => {
                out.extend(amounts(ledger, entries, postings));
            }
            None => out.extend(elsewhere(
                ledger,
                key,
                entries,
                &posted,
                &claimed,
                &mut spoken,
            )),
        }
    }
    let in_quarter = |posting: &Posting| {
        posting
            .date
            .is_some_and(|date| (quarter.start()..=quarter.end()).contains(&date))
    };
    let undocumented: BTreeSet<usize> = ledger
        .claims
        .iter()
        .filter(|claim| !claim.is_itemised)
        .filter_map(|claim| claim.line)
        .collect();
    for (index, claim) in ledger.claims.iter().enumerate() {
        let (Some(line), Some(this_quarter)) = (claim.line, claim.this_quarter) else {
            continue;
        };
        if claim.agency != Some(keeper) || claim.is_itemised || claim.is_held {
            continue;
        }
        let on_line = || {
            ledger
                .postings
                .iter()
                .filter(|p| p.line == Some(line) && (p.date.is_none() || in_quarter(p)))
        };
        if on_line().any(|p| p.is_held || p.amount.is_none()) {
            continue;
        }
        let total: Decimal = on_line().filter_map(|p| p.amount).sum();
        if total != this_quarter {
            out.push(Disagreement::Line {
                claim: index,
                posted: total,
            });
        }
    }
    let known: BTreeSet<Key> = ledger
        .entries
        .iter()
        .filter_map(|e| key(e.reference.as_ref(), e.document.as_ref()))
        .chain(
            ledger
                .kept(Some(quarter))
                .filter_map(|p| key(p.reference.as_ref(), p.document.as_ref())),
        )
        .collect();
    for (index, posting) in ledger.postings.iter().enumerate() {
        let Some(line) = posting.line.filter(|_| !posting.is_held) else {
            continue;
        };
        let is_known = key(posting.reference.as_ref(), posting.document.as_ref())
            .is_none_or(|key| known.contains(&key));
        if in_quarter(posting)
            && !is_known
            && !spoken.contains(&index)
            && !undocumented.contains(&line)
        {
            out.push(Disagreement::NotClaimed { posting: index });
        }
    }
    out
}

fn key(
    reference: Option<&crate::value::reference::Reference>,
    document: Option<&super::Document>,
) -> Option<Key> {
    Some((Arc::clone(&reference?.key), document?.number.clone()))
}

/// The amounts of one document on one line. Held rows answer postings, but nothing is said of them.
fn amounts(ledger: &Ledger, entries: &[usize], postings: &[usize]) -> Option<Disagreement> {
    let rows: Vec<(usize, &Entry)> = entries
        .iter()
        .filter_map(|index| Some((*index, ledger.entries.get(*index)?)))
        .collect();
    let posts: Vec<(usize, &Posting)> = postings
        .iter()
        .filter_map(|index| Some((*index, ledger.postings.get(*index)?)))
        .collect();
    if posts.iter().any(|(_, p)| p.is_held || p.amount.is_none()) {
        return None;
    }
    let posted: Decimal = posts.iter().filter_map(|(_, p)| p.amount).sum();
    let all: Option<Decimal> = rows.iter().map(|(_, e)| e.amount).sum();
    let accepted = || rows.iter().filter(|(_, e)| !e.is_held);
    let claimed: Decimal = accepted().filter_map(|(_, e)| e.amount).sum();
    if all.is_none_or(|all| all == posted) || claimed == posted || accepted().next().is_none() {
        return None;
    }
    // Where a number stands for several documents, the finding is about the row that no posting answers.
    let mut left: Vec<(usize, &Posting)> = posts.clone();
    let mut unanswered: Vec<(usize, &Entry)> = Vec::new();
    for (index, entry) in accepted() {
        match left.iter().position(|(_, p)| p.amount == entry.amount) {
            Some(at) => {
                left.remove(at);
            }
            None => unanswered.push((*index, entry)),
        }
    }
    let supplier = |entry: &Entry| entry.document.as_ref().map(|d| d.supplier.clone());
    let (entry, row) = unanswered
        .first()
        .copied()
        .or_else(|| accepted().next_back().copied())?;
    let of_supplier = |p: &Posting| p.document.as_ref().map(|d| d.supplier.clone());
    let posting = left
        .iter()
        .find(|(_, p)| of_supplier(p) == supplier(row))
        .or_else(|| left.first())
        .or_else(|| posts.first())?;
    if let ([(_, row)], [(_, post)]) = (unanswered.as_slice(), left.as_slice()) {
        return Some(Disagreement::Amount {
            entry,
            posting: posting.0,
            claimed: row.amount?,
            posted: post.amount?,
        });
    }
    Some(Disagreement::Amount {
        entry,
        posting: posting.0,
        claimed,
        posted,
    })
}

/// A document that the ledger does not have on the line: on another one, or not at all.
fn elsewhere(
    ledger: &Ledger,
    key: &Key,
    entries: &[usize],
    posted: &BTreeMap<Key, Vec<usize>>,
    claimed: &BTreeMap<Key, Vec<usize>>,
    spoken: &mut BTreeSet<usize>,
) -> Vec<Disagreement> {
    let others: Vec<usize> = posted
        .iter()
        .filter(|(other, _)| other.1 == key.1 && !claimed.contains_key(*other))
        .flat_map(|(_, postings)| postings.iter().copied())
        .collect();
    spoken.extend(&others);
    entries
        .iter()
        .filter(|index| ledger.entries.get(**index).is_some_and(|e| !e.is_held))
        .map(|entry| match others.first() {
            Some(posting) => Disagreement::OtherLine {
                entry: *entry,
                posting: *posting,
            },
            None => Disagreement::NotPosted { entry: *entry },
        })
        .collect()
}
