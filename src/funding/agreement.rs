//! Claims against the finance system's ledger: which claims no posting answers, which postings nobody claimed, and what answers what.

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
        /// The ledger's first row of it.
        posting: usize,
        /// What the ledger has for the document.
        posted: Decimal,
    },
}

/// What became of a claim or posting when they were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKind {
    /// Both say the same.
    Agrees,
    /// The amounts differ.
    Differs,
    /// The ledger has it on another line.
    OtherLine,
    /// The keeper's claim is not in the ledger.
    NotPosted,
    /// A partner's claim that the keeper has not paid: no fault, but to be known.
    NotPaid,
    /// Nobody claimed the posting.
    NotClaimed,
}

/// Rows of claims and of the ledger that were brought together, or stand alone. Figures are indexes into the ledger's entries, claims and postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What became of them.
    pub kind: MatchKind,
    /// The rows of spend.
    pub entries: Vec<usize>,
    /// The claims without documents.
    pub claims: Vec<usize>,
    /// The ledger's rows.
    pub postings: Vec<usize>,
}

/// Claims and ledger compared, in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Where they differ.
    pub disagreements: Vec<Disagreement>,
    /// What was brought together, and what stands alone.
    pub matches: Vec<Match>,
}

/// A document on a line, however the rows are split.
type Key = (Arc<str>, String);

/// Compares claims with the ledger of its keeper, in both directions. A partner's document is compared where the ledger has it.
#[must_use]
pub fn agreement(ledger: &Ledger, keeper: usize, quarter: Quarter) -> Agreement {
    let mut out = Agreement::default();
    let mut posted: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, posting) in ledger.postings.iter().enumerate() {
        if let Some(key) = key(posting.reference.as_ref(), posting.document.as_ref()) {
            posted.entry(key).or_default().push(index);
        }
    }
    let mut claimed: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    let counts = |entry: &Entry| entry.is_money() && !entry.is_gone();
    for (index, entry) in ledger.entries.iter().enumerate().filter(|(_, e)| counts(e)) {
        if let Some(key) = key(entry.reference.as_ref(), entry.document.as_ref()) {
            claimed.entry(key).or_default().push(index);
        }
    }
    let mut spoken: BTreeSet<usize> = BTreeSet::new();
    // Partners' documents that the ledger has not under their own numbers: it may have paid them together.
    let mut unpaid: Vec<usize> = Vec::new();
    for (key, entries) in &claimed {
        let (own, others): (Vec<usize>, Vec<usize>) = entries
            .iter()
            .copied()
            .partition(|index| is_of(ledger, *index, keeper));
        let Some(postings) = posted.get(key) else {
            if !own.is_empty() {
                let (found, postings) = elsewhere(ledger, key, &own, &posted, &claimed);
                spoken.extend(&postings);
                // However many rows it was claimed or posted in, it is one document.
                if !found.is_empty() {
                    out.matches.push(Match {
                        kind: if postings.is_empty() {
                            MatchKind::NotPosted
                        } else {
                            MatchKind::OtherLine
                        },
                        entries: own.clone(),
                        claims: Vec::new(),
                        postings,
                    });
                }
                out.disagreements.extend(found);
            }
            unpaid.extend(others);
            continue;
        };
        // One number may be the document of two agencies; what agrees with all of them, or with one, is theirs.
        let groups: Vec<&[usize]> = [entries.as_slice(), own.as_slice(), others.as_slice()]
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect();
        let agreed = groups
            .iter()
            .find(|group| amounts(ledger, group, postings).is_none())
            .copied();
        let together = agreed.unwrap_or(entries);
        let found = amounts(ledger, together, postings);
        out.matches.push(Match {
            kind: if found.is_some() {
                MatchKind::Differs
            } else {
                MatchKind::Agrees
            },
            entries: together.to_vec(),
            claims: Vec::new(),
            postings: postings.clone(),
        });
        out.disagreements.extend(found);
        for index in entries.iter().filter(|index| !together.contains(index)) {
            let is_held = ledger.entries.get(*index).is_none_or(|entry| entry.is_held);
            if !is_of(ledger, *index, keeper) {
                unpaid.push(*index);
            } else if !is_held {
                out.disagreements
                    .push(Disagreement::NotPosted { entry: *index });
                out.matches.push(Match {
                    kind: MatchKind::NotPosted,
                    entries: vec![*index],
                    claims: Vec::new(),
                    postings: Vec::new(),
                });
            }
        }
    }
    // The ledger's rows of the quarter on a line that were paid to an agency and answer no document of their own.
    let payments = |agency: Option<usize>, line: usize| -> Vec<usize> {
        let is_document = |posting: &Posting| {
            key(posting.reference.as_ref(), posting.document.as_ref())
                .is_some_and(|key| claimed.contains_key(&key))
        };
        let rows = ledger.postings.iter().enumerate();
        rows.filter(|(_, p)| {
            agency.is_some()
                && p.payee == agency
                && p.line == Some(line)
                && is_in(p, quarter)
                && !p.is_held
                && !is_document(p)
        })
        .map(|(index, _)| index)
        .collect()
    };
    let sum_of = |rows: &[usize]| -> Option<Decimal> {
        let posts = rows.iter().filter_map(|index| ledger.postings.get(*index));
        posts.filter(|p| !p.is_vat).map(|p| p.amount).sum()
    };
    let mut by_partner: BTreeMap<(Option<usize>, Option<usize>), Vec<usize>> = BTreeMap::new();
    for index in unpaid {
        if let Some(entry) = ledger.entries.get(index) {
            let of = (entry.agency, entry.line);
            by_partner.entry(of).or_default().push(index);
        }
    }
    for ((agency, line), entries) in by_partner {
        let total: Option<Decimal> = entries
            .iter()
            .filter_map(|index| ledger.entries.get(*index))
            .map(|entry| entry.amount)
            .sum();
        let paid = line.map(|line| payments(agency, line)).unwrap_or_default();
        let is_paid = !paid.is_empty() && total.is_some() && sum_of(&paid) == total;
        let postings = if is_paid { paid } else { Vec::new() };
        spoken.extend(&postings);
        out.matches.push(Match {
            kind: if is_paid {
                MatchKind::Agrees
            } else {
                MatchKind::NotPaid
            },
            entries,
            claims: Vec::new(),
            postings,
        });
    }
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
        if claim.is_itemised || claim.is_held {
            continue;
        }
        let own = claim.agency == Some(keeper);
        let rows: Vec<usize> = if own {
            ledger
                .postings
                .iter()
                .enumerate()
                .filter(|(_, p)| {
                    let is_undated = p.date.is_none() && p.period.is_none();
                    p.line == Some(line) && (is_undated || is_in(p, quarter))
                })
                .map(|(index, _)| index)
                .collect()
        } else {
            payments(claim.agency, line)
        };
        let is_unread = |index: &usize| {
            let posting = ledger.postings.get(*index);
            posting.is_none_or(|p| p.is_held || p.amount.is_none())
        };
        if rows.iter().any(is_unread) {
            continue;
        }
        let total = sum_of(&rows).unwrap_or_default();
        // What is paid in arrears is an earlier quarter's claim.
        let is_earlier = || {
            let line = ledger.lines.get(line);
            let before = usize::from(quarter.number.saturating_sub(1));
            line.is_some_and(|line| {
                line.plan_spend
                    .iter()
                    .take(before)
                    .any(|q| *q == Some(total))
            })
        };
        let kind = if total == this_quarter {
            MatchKind::Agrees
        } else if !own && (rows.is_empty() || is_earlier()) {
            MatchKind::NotPaid
        } else {
            MatchKind::Differs
        };
        if kind == MatchKind::Differs {
            out.disagreements.push(Disagreement::Line {
                claim: index,
                posted: total,
            });
        }
        out.matches.push(Match {
            kind,
            entries: Vec::new(),
            claims: vec![index],
            postings: if kind == MatchKind::NotPaid {
                Vec::new()
            } else {
                rows
            },
        });
    }
    not_claimed(ledger, quarter, &spoken, &undocumented, &mut out);
    out
}

fn is_of(ledger: &Ledger, entry: usize, agency: usize) -> bool {
    let entry = ledger.entries.get(entry);
    entry.is_some_and(|entry| entry.agency == Some(agency))
}

/// Whether a posting is of the quarter: by its day, else by its period.
fn is_in(posting: &Posting, quarter: Quarter) -> bool {
    match posting.date {
        Some(date) => (quarter.start()..=quarter.end()).contains(&date),
        None => posting.period == Some(quarter.number),
    }
}

/// The quarter's postings on lines that no claim answers, a document at a time: one that was posted and reversed is none.
fn not_claimed(
    ledger: &Ledger,
    quarter: Quarter,
    spoken: &BTreeSet<usize>,
    undocumented: &BTreeSet<usize>,
    out: &mut Agreement,
) {
    let known: BTreeSet<Key> = ledger
        .entries
        .iter()
        .filter_map(|e| key(e.reference.as_ref(), e.document.as_ref()))
        .chain(
            ledger
                .history()
                .iter()
                .filter_map(|p| key(p.reference.as_ref(), p.document.as_ref())),
        )
        .collect();
    let mut documents: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, posting) in ledger.postings.iter().enumerate() {
        let Some(line) = posting.line.filter(|_| !posting.is_held) else {
            continue;
        };
        let Some(key) = key(posting.reference.as_ref(), posting.document.as_ref()) else {
            continue;
        };
        let is_open = is_in(posting, quarter)
            && !known.contains(&key)
            && !spoken.contains(&index)
            && !undocumented.contains(&line);
        if is_open {
            documents.entry(key).or_default().push(index);
        }
    }
    let sum = |rows: &[usize]| -> Decimal {
        let posts = rows.iter().filter_map(|index| ledger.postings.get(*index));
        posts.filter_map(|p| p.amount).sum()
    };
    // A reversal may have a number of its own: it takes back what was posted on the line for the supplier with the amount.
    let mut taken_back: BTreeSet<Key> = BTreeSet::new();
    let supplier = |rows: &[usize]| {
        let first = rows.first().and_then(|index| ledger.postings.get(*index));
        first
            .and_then(|p| p.document.as_ref())
            .map(|d| d.supplier.clone())
            .unwrap_or_default()
    };
    for (key, rows) in documents
        .iter()
        .filter(|(_, rows)| sum(rows) < Decimal::ZERO)
    {
        let found = documents.iter().find(|(other, posted)| {
            other.0 == key.0
                && !taken_back.contains(*other)
                && sum(posted) == -sum(rows)
                && !supplier(rows).is_empty()
                && supplier(posted) == supplier(rows)
        });
        if let Some((other, _)) = found {
            taken_back.insert(other.clone());
            taken_back.insert(key.clone());
        }
    }
    let mut found: Vec<(usize, Vec<usize>)> = documents
        .into_iter()
        .filter(|(key, rows)| !taken_back.contains(key) && !sum(rows).is_zero())
        .filter_map(|(_, rows)| Some((*rows.first()?, rows)))
        .collect();
    found.sort();
    for (first, rows) in found {
        out.disagreements.push(Disagreement::NotClaimed {
            posting: first,
            posted: sum(&rows),
        });
        out.matches.push(Match {
            kind: MatchKind::NotClaimed,
            entries: Vec::new(),
            claims: Vec::new(),
            postings: rows,
        });
    }
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
    // A document's VAT may stand in a row of its own, and be claimed or not.
    let whole: Decimal = posts.iter().filter_map(|(_, p)| p.amount).sum();
    let net: Decimal = posts
        .iter()
        .filter(|(_, p)| !p.is_vat)
        .filter_map(|(_, p)| p.amount)
        .sum();
    let posted = if posts.iter().all(|(_, p)| p.is_vat) {
        whole
    } else {
        net
    };
    let all: Option<Decimal> = rows.iter().map(|(_, e)| e.amount).sum();
    let accepted = || rows.iter().filter(|(_, e)| !e.is_held);
    let claimed: Decimal = accepted().filter_map(|(_, e)| e.amount).sum();
    let is_posted = |claimed: Decimal| claimed == posted || claimed == whole;
    if all.is_none_or(is_posted) || is_posted(claimed) || accepted().next().is_none() {
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

/// A document that the ledger does not have on the line: on another one, whose postings these are, or not at all.
fn elsewhere(
    ledger: &Ledger,
    key: &Key,
    entries: &[usize],
    posted: &BTreeMap<Key, Vec<usize>>,
    claimed: &BTreeMap<Key, Vec<usize>>,
) -> (Vec<Disagreement>, Vec<usize>) {
    let others: Vec<usize> = posted
        .iter()
        .filter(|(other, _)| other.1 == key.1 && !claimed.contains_key(*other))
        .flat_map(|(_, postings)| postings.iter().copied())
        .collect();
    let found = entries
        .iter()
        .filter(|index| ledger.entries.get(**index).is_some_and(|e| !e.is_held))
        .map(|entry| match others.first() {
            Some(posting) => Disagreement::OtherLine {
                entry: *entry,
                posting: *posting,
            },
            None => Disagreement::NotPosted { entry: *entry },
        })
        .collect();
    (found, others)
}
