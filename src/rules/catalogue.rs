//! Every rule, once, in the order of the codes.

use super::{Rule, cells, funding, governance, headings, matching, rows, sources};

const SCOPES: [&[&Rule]; 7] = [
    sources::RULES,
    headings::RULES,
    cells::RULES,
    rows::RULES,
    matching::RULES,
    funding::RULES,
    governance::RULES,
];

const COUNT: usize = {
    let mut count = 0;
    let mut scope = 0;
    while scope < SCOPES.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated at compile time: a wrong index does not build"
        )]
        {
            count += SCOPES[scope].len();
        }
        scope += 1;
    }
    count
};

const ALL: [&Rule; COUNT] = {
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated at compile time: a wrong index does not build"
    )]
    let mut all = [sources::RULES[0]; COUNT];
    let mut at = 0;
    let mut scope = 0;
    while scope < SCOPES.len() {
        let mut rule = 0;
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated at compile time: a wrong index does not build"
        )]
        while rule < SCOPES[scope].len() {
            all[at] = SCOPES[scope][rule];
            at += 1;
            rule += 1;
        }
        scope += 1;
    }
    all
};

/// Every rule.
pub const CATALOGUE: &[&Rule] = &ALL;

/// Every code.
#[must_use]
pub fn codes() -> Vec<&'static str> {
    CATALOGUE.iter().map(|rule| rule.code.0).collect()
}

/// The rule of a code, in any case.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    CATALOGUE
        .iter()
        .copied()
        .find(|rule| rule.code.0.eq_ignore_ascii_case(code))
}
