//! What a rule's finding is to the partner whose file it is in: the third text of a rule, beside its message and fix.
//!
//! Invariant: what a partner is told is its own or the plan's; what another agency, the ledger or an earlier workbook says is in no words here.

use crate::finding::Told;

/// Whether a partner is told of a rule's findings, and how.
#[derive(Clone, Copy, Debug)]
pub enum Partner {
    /// It is the officer's business alone.
    OfficerOnly,
    /// In the report's own message and fix.
    AsReported,
    /// In other words, one set for each case that the rule tells apart; the first is meant where the rule names none.
    Worded(&'static [Words]),
}

/// A partner's words for one case of a rule. `{…}` stands for what the finding fills in.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// The case as the rule calls it; empty where there is no other.
    pub case: &'static str,
    /// What was found; empty for the report's own message.
    pub message: &'static str,
    /// What to do; empty for the report's own.
    pub fix: &'static str,
}

/// What stands for a name in a text.
pub(super) type Filled = (&'static str, String);

impl Partner {
    /// The words for a case, filled in; nothing where no partner is told of it.
    pub(super) fn told(self, case: &str, filled: &[Filled]) -> Option<Told> {
        let cases = match self {
            Self::OfficerOnly => return None,
            Self::AsReported => return Some(Told::default()),
            Self::Worded(cases) => cases,
        };
        // A case that has no words of its own is the officer's alone; `S006` has them for one of its two.
        let words = cases.iter().find(|words| words.case == case)?;
        let fill = |text: &str| {
            let whole = filled_in(text, filled);
            (!whole.is_empty()).then_some(whole)
        };
        Some(Told {
            message: fill(words.message),
            fix: fill(words.fix),
        })
    }
}

/// A text with what stands for its names; a value is never looked into for more.
fn filled_in(text: &str, filled: &[Filled]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let named = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = filled.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        if let Some((value, after)) = named {
            out.push_str(value);
            rest = after;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
