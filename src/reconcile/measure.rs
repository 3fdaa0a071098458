//! The strategy's second question: is the success measure being met, and is it going the right way?
//!
//! A target is read on its measure's own basis: an in-quarter value is compared with what a quarter should give. Before the year is over a
//! running total is compared with what it should be by now: the quarter's own target, else a quarter of the year's for each quarter gone.
//! Nothing else is prorated, and nothing summed over quarters, for percentages and snapshots must not be.

use rust_decimal::Decimal;

use super::Action;
use crate::record::{Decoded, View};
use crate::schema::{Measures, Schema};
use crate::source::Source;
use crate::value::amount;
use crate::value::period::Quarter;
use crate::value::text::{contains_words, fold};

/// Whether a success measure is met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// The value reaches the target.
    Met,
    /// A running total that stands where it should by now.
    OnCourse,
    /// A running total that does not stand where it should by now.
    Behind,
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
            Self::OnCourse => "on-course",
            Self::Behind => "behind",
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
            Self::OnCourse => "On course",
            Self::Behind => "Behind",
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
pub(super) fn judge(
    view: &View<'_>,
    value: Option<Decimal>,
    measures: &Measures,
    quarter: u8,
) -> Measure {
    let Some(polarity) = view.choice_value("polarity") else {
        return Measure::NotJudged;
    };
    if quarter < 4 && is_running_total(view) {
        return judge_so_far(view, value, measures, quarter, polarity);
    }
    let Some(target) = view.amount("target") else {
        return Measure::NotJudged;
    };
    match (
        value,
        reaches(value.unwrap_or_default(), target, polarity, measures),
    ) {
        (_, None) => Measure::NotJudged,
        // Whether a figure is judged at all does not hang on there being one.
        (None, Some(_)) => Measure::NoData,
        (Some(_), Some(true)) => Measure::Met,
        (Some(_), Some(false)) => Measure::NotMet,
    }
}

/// Whether a value is as good as a target by its polarity, where that tells.
fn reaches(value: Decimal, target: Decimal, polarity: &str, measures: &Measures) -> Option<bool> {
    let room = amount::percent_of(target.abs(), measures.band_percent);
    match polarity {
        "higher" => Some(value >= target),
        "lower" => Some(value <= target),
        "band" => Some((value - target).abs() <= room),
        _ => None,
    }
}

/// Whether a value grows over the year: one that is counted from April on, and is no share of something.
fn is_running_total(view: &View<'_>) -> bool {
    let is_share = view.text("unit").is_some_and(|unit| {
        let folded = fold(unit);
        unit.contains('%')
            || contains_words(&folded, "percent")
            || contains_words(&folded, "per cent")
    }) || view.cell("target").is_some_and(Decoded::is_percentage);
    view.choice_value("basis") == Some("year-to-date") && !is_share
}

/// Judges a running total before the year is over.
fn judge_so_far(
    view: &View<'_>,
    value: Option<Decimal>,
    measures: &Measures,
    quarter: u8,
    polarity: &str,
) -> Measure {
    let of_year = view.amount("target");
    let so_far = view
        .amount(&format!("q{quarter}_target"))
        .or_else(|| of_year.map(|target| target * Decimal::from(quarter) / Decimal::from(4)));
    let Some(so_far) = so_far else {
        return Measure::NotJudged;
    };
    let Some(is_there) = reaches(value.unwrap_or_default(), so_far, polarity, measures) else {
        return Measure::NotJudged;
    };
    let Some(value) = value else {
        return Measure::NoData;
    };
    let is_past = of_year.is_some_and(|target| match polarity {
        "lower" => value > target,
        "band" => value > target && reaches(value, target, polarity, measures) == Some(false),
        _ => value >= target,
    });
    match (is_past, polarity) {
        (true, "lower" | "band") => Measure::NotMet,
        (true, _) => Measure::Met,
        (false, _) if is_there => Measure::OnCourse,
        (false, _) => Measure::Behind,
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
