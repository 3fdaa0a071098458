//! The strategy's second question: is the success measure being met, and is it going the right way?
//!
//! A target is read on its measure's own basis: an in-quarter value is compared with what a quarter should give, a year-to-date value with what
//! the year should. Nothing is prorated or summed over quarters, for percentages and snapshots must not be.

use rust_decimal::Decimal;

use super::Action;
use crate::record::View;
use crate::schema::{Measures, Schema};
use crate::source::Source;
use crate::value::amount;
use crate::value::period::Quarter;

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

/// How a value stands against last quarter's: about performance, not about the figure's sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Travel {
    /// Nearer to what is wanted.
    Better,
    /// As it was.
    Same,
    /// Further from what is wanted.
    Worse,
    /// More than last quarter, where nobody has said whether more is better.
    Up,
    /// Less than last quarter, where nobody has said whether less is better.
    Down,
    /// One of the two values is missing.
    #[default]
    NotJudged,
}

impl Travel {
    /// The words used in the workbook.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Better => "Better",
            Self::Same => "Same",
            Self::Worse => "Worse",
            Self::Up => "Up",
            Self::Down => "Down",
            Self::NotJudged => "",
        }
    }
}

/// Judges a value against the target of an action's row by its polarity.
pub(super) fn judge(view: &View<'_>, value: Option<Decimal>, measures: &Measures) -> Measure {
    let (Some(target), Some(polarity)) = (view.amount("target"), view.choice_value("polarity"))
    else {
        return Measure::NotJudged;
    };
    let room = amount::percent_of(target.abs(), measures.band_percent);
    let is_met = |value: Decimal| match polarity {
        "higher" => Some(value >= target),
        "lower" => Some(value <= target),
        "band" => Some((value - target).abs() <= room),
        _ => None,
    };
    match value {
        // Whether a figure is judged at all does not hang on there being one.
        None if is_met(target).is_some() => Measure::NoData,
        None => Measure::NotJudged,
        Some(value) => match is_met(value) {
            Some(true) => Measure::Met,
            Some(false) => Measure::NotMet,
            None => Measure::NotJudged,
        },
    }
}

/// Compares an action's value with last quarter's; a year-to-date value by what each quarter added, for its sum rises whatever happens.
pub(super) fn travel(
    action: &Action,
    quarter: Quarter,
    past: &dyn Fn(Quarter) -> Option<Decimal>,
    sources: &[Source],
    schema: &Schema,
) -> Travel {
    let compared = || {
        let plan = action.at.view(sources, schema)?;
        let (mut now, mut then) = (action.outcome.value?, past(super::before(quarter)?)?);
        if plan.choice_value("basis") == Some("year-to-date") {
            let earlier = match super::before(quarter).and_then(super::before) {
                Some(earlier) => past(earlier)?,
                None => Decimal::ZERO,
            };
            (now, then) = (now - then, then - earlier);
        }
        Some((plan, now, then))
    };
    let Some((plan, now, then)) = compared() else {
        return Travel::NotJudged;
    };
    let towards = |is_good: bool| {
        if is_good {
            Travel::Better
        } else {
            Travel::Worse
        }
    };
    match (plan.choice_value("polarity"), plan.amount("target")) {
        _ if now == then => Travel::Same,
        (Some("higher"), _) => towards(now > then),
        (Some("lower"), _) => towards(now < then),
        (Some("band"), Some(target)) => {
            let (near, far) = ((now - target).abs(), (then - target).abs());
            if near == far {
                Travel::Same
            } else {
                towards(near < far)
            }
        }
        _ if now > then => Travel::Up,
        _ => Travel::Down,
    }
}
