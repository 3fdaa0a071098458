//! A stream's own year: when it begins, when claims on it are made and due, and how far it is.

use jiff::civil::Date;
use jiff::{Span, Unit};

use super::{Stream, Year};
use crate::value::period::Quarter;

/// How often money is claimed from a funder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claims {
    /// Every three months.
    #[default]
    Quarterly,
    /// Every six months.
    HalfYearly,
    /// Every month.
    Monthly,
}

impl Claims {
    /// Every way, in the configuration's order.
    pub const ALL: [Self; 3] = [Self::Quarterly, Self::HalfYearly, Self::Monthly];

    /// The word in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Quarterly => "quarterly",
            Self::HalfYearly => "half-yearly",
            Self::Monthly => "monthly",
        }
    }

    /// How many months a claim is for.
    #[must_use]
    pub fn months(self) -> i32 {
        match self {
            Self::Quarterly => 3,
            Self::HalfYearly => 6,
            Self::Monthly => 1,
        }
    }
}

/// One claim's period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimPeriod {
    /// Its first day.
    pub start: Date,
    /// Its last day.
    pub end: Date,
    /// The day by which the claim is due, where the configuration says it.
    pub due: Option<Date>,
}

/// How far a stream's own year is by the end of a quarter.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and several may be so together"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Half of it is gone in this quarter.
    pub is_half: bool,
    /// Three quarters of it are gone in this quarter, and a claim is made.
    pub is_three_quarters: bool,
    /// It ends in this quarter.
    pub is_end: bool,
    /// It ends in this quarter, and the quarter is less than half of what is claimed and of what the plan holds of it.
    pub is_last_of_many: bool,
    /// The day by which the claims of this quarter are due.
    pub due: Option<Date>,
}

/// More claims than any stream has: a period that never ends is not walked for ever.
const PERIODS_MAX: i32 = 60;

fn later(day: Date, months: i32) -> Option<Date> {
    day.checked_add(Span::new().months(months)).ok()
}

/// How many months a period has, from its first day to its last.
fn months(start: Date, end: Date) -> i32 {
    let after = end.tomorrow().unwrap_or(end);
    start
        .until((Unit::Month, after))
        .map_or(0, |span| span.get_months())
}

fn is_in(day: Option<Date>, quarter: Quarter) -> bool {
    day.is_some_and(|day| (quarter.start()..=quarter.end()).contains(&day))
}

impl Stream {
    /// The first and last day on which its spend counts: its own, else the partnership year's.
    #[must_use]
    pub fn whole(&self, year: &Year) -> (Date, Date) {
        (
            self.period_start.unwrap_or(year.start),
            self.period_end.unwrap_or(year.end),
        )
    }

    /// Its claims' periods in their order.
    #[must_use]
    pub fn claim_periods(&self, year: &Year) -> Vec<ClaimPeriod> {
        let (first, last) = self.whole(year);
        let length = self.claims.months();
        let mut out = Vec::new();
        for number in 0..PERIODS_MAX {
            let (Some(start), Some(next)) = (
                later(first, number * length),
                later(first, (number + 1) * length),
            ) else {
                break;
            };
            if start > last {
                break;
            }
            let end = next.yesterday().unwrap_or(next).min(last);
            let own = usize::try_from(number)
                .ok()
                .and_then(|at| self.deadlines.get(at));
            out.push(ClaimPeriod {
                start,
                end,
                due: own.copied().or_else(|| of_quarter(year, end)),
            });
        }
        out
    }

    /// How far its own year is by the end of a quarter.
    #[must_use]
    pub fn progress(&self, year: &Year, quarter: Quarter) -> Progress {
        let (start, end) = self.whole(year);
        let months = months(start, end);
        let gone = |months: i32| later(start, months).and_then(|day| day.yesterday().ok());
        let periods = self.claim_periods(year);
        let claim = periods
            .iter()
            .rfind(|period| is_in(Some(period.end), quarter));
        let is_end = is_in(Some(end), quarter);
        Progress {
            is_half: !is_end && is_in(gone(months / 2), quarter),
            is_three_quarters: !is_end
                && claim.is_some()
                && start >= year.start
                && is_in(gone(months * 3 / 4), quarter),
            is_end,
            // Of a year of which the plan holds a part, no share is known.
            is_last_of_many: is_end
                && start >= year.start
                && months > 6
                && self.claims.months() * 2 < months,
            due: claim.map_or_else(
                || year.deadline(quarter),
                |claim| claim.due.or_else(|| year.deadline(quarter)),
            ),
        }
    }
}

/// The day by which the partnership's own quarter is due, where a period ends with one.
fn of_quarter(year: &Year, end: Date) -> Option<Date> {
    let quarter = (1..=4)
        .map(|number| year.quarter(number))
        .find(|quarter| quarter.end() == end)?;
    year.deadline(quarter)
}

impl Year {
    /// How far the partnership's own year is by the end of a quarter: for lines whose stream nothing tells.
    #[must_use]
    pub fn progress(&self, quarter: Quarter) -> Progress {
        Progress {
            is_half: quarter.number == 2,
            is_three_quarters: quarter.number == 3,
            is_end: quarter.number == 4,
            is_last_of_many: quarter.number == 4,
            due: self.deadline(quarter),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::Claims;
    use crate::schema::{Stream, built_in};

    fn stream(start: Date, end: Date, claims: Claims) -> (Stream, super::Year) {
        let schema = built_in(&[]).unwrap_or_else(|faults| panic!("{faults:?}"));
        let mut found = schema
            .streams
            .first()
            .cloned()
            .unwrap_or_else(|| panic!("no stream"));
        (found.period_start, found.period_end, found.claims) = (Some(start), Some(end), claims);
        (found, schema.year)
    }

    #[test]
    fn half_years_end_at_the_second_and_fourth_quarter() {
        let (own, year) = stream(date(2022, 4, 1), date(2023, 3, 31), Claims::HalfYearly);
        let periods = own.claim_periods(&year);
        let days: Vec<(Date, Date)> = periods.iter().map(|p| (p.start, p.end)).collect();
        assert_eq!(
            days,
            [
                (date(2022, 4, 1), date(2022, 9, 30)),
                (date(2022, 10, 1), date(2023, 3, 31))
            ]
        );
        // Nothing is claimed for the third quarter, and the last claim is half of the year.
        assert!(!own.progress(&year, year.quarter(3)).is_three_quarters);
        assert!(own.progress(&year, year.quarter(2)).is_half);
        assert!(own.progress(&year, year.quarter(4)).is_end);
        assert!(!own.progress(&year, year.quarter(4)).is_last_of_many);
    }

    #[test]
    fn a_stream_from_october_is_half_gone_in_march() {
        let (own, year) = stream(date(2022, 10, 1), date(2023, 9, 30), Claims::Quarterly);
        let last = own.progress(&year, year.quarter(4));
        assert!(last.is_half && !last.is_end);
        assert!(!own.progress(&year, year.quarter(2)).is_half);
        assert_eq!(own.claim_periods(&year).len(), 4);
    }

    #[test]
    fn months_are_twelve_and_a_year_is_as_it_was() {
        let (own, year) = stream(date(2022, 4, 1), date(2023, 3, 31), Claims::Monthly);
        assert_eq!(own.claim_periods(&year).len(), 12);
        for number in 1..=4 {
            let quarter = year.quarter(number);
            let (mine, usual) = (own.progress(&year, quarter), year.progress(quarter));
            assert_eq!(mine, usual, "{quarter}");
        }
    }
}
