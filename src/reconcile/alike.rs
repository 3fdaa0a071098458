//! When two cells say the same: what people write differently without meaning anything else is no change.

use crate::record::{Decoded, State};
use crate::value::Value;
use crate::value::text::is_same_prose;

/// Whether two cells say the same: agencies by any of their names, dates and figures by their value, text without regard to case, white
/// space, dashes and quotes. `None` where one of them cannot be read, and so cannot be compared.
#[must_use]
pub fn say_the_same(a: &Decoded, b: &Decoded) -> Option<bool> {
    if is_same_prose(&a.raw_text(), &b.raw_text()) {
        return Some(true);
    }
    match (&a.state, &b.state) {
        (State::Fault(_), _) | (_, State::Fault(_)) => None,
        (State::Value(a), State::Value(b)) => Some(are_same(a, b)),
        _ => Some(a.is_empty() && b.is_empty()),
    }
}

fn are_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => is_same_prose(a, b),
        (Value::Reference(a), Value::Reference(b)) => a.key == b.key,
        (Value::References(a), Value::References(b)) => {
            a.iter()
                .all(|one| b.iter().any(|other| other.key == one.key))
                && b.iter()
                    .all(|one| a.iter().any(|other| other.key == one.key))
        }
        (Value::Agencies(a), Value::Agencies(b)) => {
            a.iter().all(|one| b.contains(one)) && b.iter().all(|one| a.contains(one))
        }
        (a, b) => match (crate::record::amount_of(a), crate::record::amount_of(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}
