//! How roles look: every colour, font and number format of the workbook, in one place.
//!
//! All text on all fills has a contrast of at least 4.5:1 (WCAG 2.1, 1.4.3); a test computes it.

use crate::grid::Rgb;

/// The role a cell plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Nothing special.
    #[default]
    Plain,
    /// The title of a page.
    Title,
    /// A heading on a page.
    Heading,
    /// A lesser remark.
    Muted,
    /// A label before a value.
    Label,
    /// The protective marking.
    Marking,
    /// A status, with its own fill.
    Status(Rgb),
    /// Kept out of the figures.
    Held,
    /// Something that cannot be trusted.
    Error,
    /// Something to look at.
    Warning,
    /// Something that is as it should be.
    Good,
    /// To be filled in by a person.
    Input,
    /// A subtotal or total.
    Total,
    /// A link.
    Link,
}

/// How something looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The text's colour.
    pub ink: Rgb,
    /// The cell's fill, if it has one.
    pub fill: Option<Rgb>,
    /// Whether the text is bold.
    pub is_bold: bool,
    /// Whether the text is underlined.
    pub is_underlined: bool,
    /// The text's size in points.
    pub points: u8,
}

/// The font of the whole workbook.
pub const FONT: &str = "Calibri";

/// Dark blue: headings and titles.
pub const BRAND: Rgb = [0x1F, 0x38, 0x64];

/// White.
pub const WHITE: Rgb = [0xFF, 0xFF, 0xFF];

/// The lines between cells.
pub const LINE: Rgb = [0xBF, 0xBF, 0xBF];

const INK: Rgb = [0x1A, 0x1A, 0x1A];
const MUTED: Rgb = [0x59, 0x59, 0x59];

/// Pounds and pence: the points of a column stand below one another, negative amounts too.
pub const MONEY_FORMAT: &str = "£#,##0.00;-£#,##0.00";

/// Whole pounds on a chart's axis.
pub const AXIS_MONEY_FORMAT: &str = "£#,##0";

/// A figure as it is: up to six decimals, none shown that is not there.
pub const NUMBER_FORMAT: &str = "#,##0.######";

/// Shares that were rounded to a tenth: the points stand under each other.
pub const TENTH_FORMAT: &str = "#,##0.0";

/// A whole figure.
pub const INTEGER_FORMAT: &str = "#,##0";

/// A percentage with decimals, which stands in its cell as a hundredth of what people say.
pub const PERCENT_FORMAT: &str = "0.0####%";

/// A whole percentage.
pub const WHOLE_PERCENT_FORMAT: &str = "0%";

/// A day as people here write it.
pub const DATE_FORMAT: &str = "dd/mm/yyyy";

/// Colours of a chart's bars where they are no statuses: told apart by lightness too.
pub const SERIES: [Rgb; 3] = [[0x1F, 0x38, 0x64], [0x5B, 0x8D, 0xB8], [0xC5, 0x8B, 0x2A]];

/// A chart's colour for actions without a status.
pub const NO_STATUS: Rgb = [0x8C, 0x8C, 0x8C];

/// A chart's count, shown where it is not nought.
pub const COUNT_FORMAT: &str = "#,##0;;;";

/// How a role looks.
#[must_use]
pub fn style(look: Look) -> Style {
    let plain = Style {
        ink: INK,
        fill: None,
        is_bold: false,
        is_underlined: false,
        points: 10,
    };
    match look {
        Look::Plain => plain,
        Look::Title => Style {
            ink: BRAND,
            is_bold: true,
            points: 18,
            ..plain
        },
        Look::Heading => Style {
            ink: BRAND,
            is_bold: true,
            points: 13,
            ..plain
        },
        Look::Muted => Style {
            ink: MUTED,
            ..plain
        },
        Look::Label => Style {
            is_bold: true,
            ..plain
        },
        Look::Marking => Style {
            is_bold: true,
            points: 12,
            ..plain
        },
        Look::Status(fill) => Style {
            fill: Some(fill),
            ..plain
        },
        Look::Held => Style {
            fill: Some([0xED, 0xE0, 0xF3]),
            ..plain
        },
        Look::Error => Style {
            ink: [0x8A, 0x12, 0x12],
            fill: Some([0xFD, 0xE4, 0xE1]),
            is_bold: true,
            ..plain
        },
        Look::Warning => Style {
            ink: [0x66, 0x45, 0x00],
            fill: Some([0xFF, 0xF2, 0xCC]),
            ..plain
        },
        Look::Good => Style {
            ink: [0x1B, 0x5E, 0x20],
            fill: Some([0xE2, 0xF0, 0xD9]),
            ..plain
        },
        Look::Input => Style {
            fill: Some([0xFF, 0xFB, 0xE6]),
            ..plain
        },
        Look::Total => Style {
            fill: Some([0xE7, 0xEB, 0xF3]),
            is_bold: true,
            ..plain
        },
        Look::Link => Style {
            ink: [0x0B, 0x4F, 0x9E],
            is_underlined: true,
            ..plain
        },
    }
}

/// How a table's headings look.
#[must_use]
pub fn heading() -> Style {
    Style {
        ink: WHITE,
        fill: Some(BRAND),
        is_bold: true,
        is_underlined: false,
        points: 10,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_arithmetic, reason = "luminance is no money")]

    use super::*;

    fn luminance(colour: Rgb) -> f64 {
        let channel = |value: u8| {
            let share = f64::from(value) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = colour.map(channel);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(style: Style) -> f64 {
        let (a, b) = (luminance(style.ink), luminance(style.fill.unwrap_or(WHITE)));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_role_can_be_read() {
        let schema = crate::schema::built_in(&[]).unwrap_or_else(|faults| panic!("{faults:?}"));
        let mut looks = vec![
            Look::Plain,
            Look::Title,
            Look::Heading,
            Look::Muted,
            Look::Label,
            Look::Marking,
            Look::Held,
            Look::Error,
            Look::Warning,
            Look::Good,
            Look::Input,
            Look::Total,
            Look::Link,
        ];
        looks.extend(
            schema
                .statuses
                .iter()
                .map(|status| Look::Status(status.fill)),
        );
        for style in looks.into_iter().map(style).chain([heading()]) {
            assert!(
                contrast(style) >= 4.5,
                "{style:?} has a contrast of {}",
                contrast(style)
            );
        }
    }
}
