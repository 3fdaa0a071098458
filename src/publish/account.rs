//! What a public version shows, hides and proves, a sentence each, as the terminal and the page say it.

use super::Publication;
use super::choose::Why;
use crate::value::text::counted;

impl Publication {
    /// How many actions and figures are shown, left out and hidden.
    #[must_use]
    pub fn counts(&self) -> String {
        let hidden = || {
            self.actions
                .iter()
                .flat_map(|action| action.figures.iter().filter_map(|figure| figure.why))
        };
        let protecting = hidden().filter(|why| *why == Why::Protects).count();
        format!(
            "{} shown, {} left out. {} hidden, {protecting} of them to protect others.",
            counted(self.actions.len(), "action", "actions"),
            self.left_out,
            counted(hidden().count(), "figure is", "figures are"),
        )
    }

    /// How many texts are withheld.
    #[must_use]
    pub fn texts_withheld(&self) -> usize {
        let mut texts: Vec<usize> = self.withheld.iter().map(|(text, _)| *text).collect();
        texts.dedup();
        texts.len()
    }

    /// Over what it was proved that nothing can be worked out, and how closely; nothing where no figure is hidden.
    #[must_use]
    pub fn proved(&self) -> Option<String> {
        let width = |level: Option<i128>| {
            level.map_or_else(
                || "without end".to_owned(),
                |level| format!("{level} values"),
            )
        };
        (self.proof.figures > 0).then(|| {
            format!(
                "Proved over {} and {}, {} that are out with them: the narrowest range is {} for who knows the figures, {} for who knows the rule as well.",
                counted(self.proof.figures, "hidden figure", "hidden figures"),
                counted(self.proof.rises, "rise", "rises"),
                counted(self.earlier.len(), "quarter", "quarters"),
                width(self.proof.level1),
                width(self.proof.level2),
            )
        })
    }

    /// How many percentages a person should look at, since few people may stand behind them; nothing where there is none.
    #[must_use]
    pub fn percentages(&self) -> Option<String> {
        (self.check_base > 0).then(|| {
            format!(
                "{} of people in sensitive matters: look whether few people stand behind {}.",
                counted(
                    self.check_base,
                    "percentage, rate or average is",
                    "percentages, rates or averages are"
                ),
                if self.check_base == 1 { "it" } else { "them" },
            )
        })
    }
}
