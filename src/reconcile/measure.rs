//! The strategy's second question: is the success measure being met?

use rust_decimal::Decimal;

use crate::record::View;

/// Whether a success measure is met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// The value reaches the target.
    Met,
    /// It does not.
    NotMet,
    /// There is a target and no value.
    NoData,
    /// No target, no polarity, or a figure for context only.
    #[default]
    NotJudged,
}

impl Measure {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::NoData => "no-data",
            Self::NotJudged => "not-judged",
        }
    }

    /// The words used in the workbook.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Met => "Met",
            Self::NotMet => "Not met",
            Self::NoData => "No data",
            Self::NotJudged => "Not judged",
        }
    }
}

/// Judges a value against the target of an action's row by its polarity.
pub(super) fn judge(view: &View<'_>, value: Option<Decimal>) -> Measure {
    let (Some(target), Some(polarity)) = (view.amount("target"), view.choice_value("polarity"))
    else {
        return Measure::NotJudged;
    };
    let is_met: fn(Decimal, Decimal) -> bool = match polarity {
        "higher" => |value, target| value >= target,
        "lower" => |value, target| value <= target,
        _ => return Measure::NotJudged,
    };
    match value {
        None => Measure::NoData,
        Some(value) if is_met(value, target) => Measure::Met,
        Some(_) => Measure::NotMet,
    }
}
