//! A configuration put back to an earlier year, for a plan of a year whose own configuration is not at hand.

use jiff::civil::Date;

use super::Schema;
use crate::value::period::Quarter;

impl Schema {
    /// The same configuration for the partnership year that begins in `year`: dates moved by whole years, awards left open.
    #[must_use]
    pub fn put_back(&self, year: i16) -> Self {
        let mut out = self.clone();
        let years = self.year.start.year() - year;
        let moved = |day: Date| {
            day.checked_sub(jiff::Span::new().years(years))
                .unwrap_or(day)
        };
        out.year.start = moved(self.year.start);
        out.year.end = moved(self.year.end);
        for deadline in &mut out.year.deadlines {
            *deadline = moved(*deadline);
        }
        for stream in &mut out.streams {
            stream.period_start = stream.period_start.map(moved);
            stream.period_end = stream.period_end.map(moved);
            stream.award = None;
        }
        out.year.label = Quarter { year, number: 1 }.year_label();
        out
    }
}
