//! Formats, each made once: what a cell looks like by its look, its column's kind and its figure.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};

use crate::grid::Rgb;
use crate::render::theme::{self, Look};
use crate::render::{Column, ColumnKind, Value};

/// What a cell's format depends on, the last being whether it stands in a table.
pub(super) type Style = (Look, ColumnKind, Number, bool);

/// Each format that cells share, made once.
pub(super) struct Formats {
    is_form: bool,
    made: BTreeMap<Style, Format>,
}

impl Formats {
    /// None yet; a form's cells for input are unlocked.
    pub(super) fn new(is_form: bool) -> Self {
        Self {
            is_form,
            made: BTreeMap::new(),
        }
    }

    pub(super) fn of(&mut self, style: Style) -> &Format {
        let (look, kind, number, on_table) = style;
        let is_open = self.is_form && look == Look::Input;
        self.made.entry(style).or_insert_with(|| {
            let mut out = format(look, kind, number);
            if is_open {
                out = out.set_unlocked();
            }
            if on_table { bordered(out) } else { out }
        })
    }
}

/// Which number format a cell needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Number {
    General,
    Integer,
    Decimal,
    Tenth,
    Percent,
    WholePercent,
    Money,
    Date,
}

pub(super) fn kind_of(value: &Value) -> ColumnKind {
    match value {
        Value::Money(_) | Value::Formula { .. } => ColumnKind::Money,
        Value::Number(_) | Value::Percent(_) => ColumnKind::Number,
        Value::Date(_) => ColumnKind::Date,
        Value::Blank | Value::Text(_) | Value::Link { .. } => ColumnKind::Centred,
        Value::Linked { value, .. } => kind_of(value),
    }
}

/// How most cells of each column look.
pub(super) fn usual(columns: &[Column]) -> Vec<Style> {
    let style = |column: &Column| {
        let number = match column.kind {
            ColumnKind::Money | ColumnKind::Figure => Number::Money,
            ColumnKind::Number => Number::Integer,
            ColumnKind::Date => Number::Date,
            ColumnKind::Text | ColumnKind::Prose | ColumnKind::Centred => Number::General,
        };
        (Look::Plain, column.kind, number, true)
    };
    columns.iter().map(style).collect()
}

pub(super) fn number(value: &Value, kind: ColumnKind) -> Number {
    match value {
        Value::Linked { value, .. } => number(value, kind),
        Value::Formula { .. } if kind == ColumnKind::Number => Number::Tenth,
        Value::Money(_) | Value::Formula { .. } => Number::Money,
        // One that keeps a decimal shows it also where it is nought, as its column does.
        Value::Number(number) if number.scale() == 1 => Number::Tenth,
        Value::Number(number) if number.fract().is_zero() => Number::Integer,
        Value::Number(_) => Number::Decimal,
        Value::Percent(percent) if percent.fract().is_zero() => Number::WholePercent,
        Value::Percent(_) => Number::Percent,
        Value::Date(_) => Number::Date,
        Value::Blank if matches!(kind, ColumnKind::Money | ColumnKind::Figure) => Number::Money,
        Value::Blank if kind == ColumnKind::Number => Number::Integer,
        Value::Blank if kind == ColumnKind::Date => Number::Date,
        Value::Blank | Value::Text(_) | Value::Link { .. } => Number::General,
    }
}

pub(super) fn format(look: Look, kind: ColumnKind, number: Number) -> Format {
    let style = theme::style(look);
    let mut out = Format::new()
        .set_font_name(theme::FONT)
        .set_font_size(style.points)
        .set_font_color(colour(style.ink))
        .set_align(FormatAlign::Top);
    if let Some(fill) = style.fill {
        out = out.set_background_color(colour(fill));
    }
    if style.is_bold {
        out = out.set_bold();
    }
    if style.is_underlined {
        out = out.set_underline(FormatUnderline::Single);
    }
    out = match kind {
        ColumnKind::Text => out,
        ColumnKind::Prose => out.set_text_wrap(),
        ColumnKind::Centred => out.set_align(FormatAlign::Center).set_text_wrap(),
        ColumnKind::Figure => match number {
            Number::General => out.set_text_wrap(),
            _ => out.set_align(FormatAlign::Right),
        },
        ColumnKind::Money | ColumnKind::Number => match number {
            // A word among figures stands to the left, so that it is not taken for one.
            Number::General => out.set_text_wrap(),
            Number::Integer
            | Number::Decimal
            | Number::Tenth
            | Number::Percent
            | Number::WholePercent
            | Number::Money
            // To the very edge: not every spreadsheet keeps an indent, and a total has to stand under its figures.
            | Number::Date => out.set_align(FormatAlign::Right),
        },
        ColumnKind::Date => out.set_align(FormatAlign::Left).set_text_wrap(),
    };
    match number {
        Number::General => out,
        Number::Integer => out.set_num_format(theme::INTEGER_FORMAT),
        Number::Decimal => out.set_num_format(theme::NUMBER_FORMAT),
        Number::Tenth => out.set_num_format(theme::TENTH_FORMAT),
        Number::Percent => out.set_num_format(theme::PERCENT_FORMAT),
        Number::WholePercent => out.set_num_format(theme::WHOLE_PERCENT_FORMAT),
        Number::Money => out.set_num_format(theme::MONEY_FORMAT),
        Number::Date => out.set_num_format(theme::DATE_FORMAT),
    }
}

pub(super) fn bordered(format: Format) -> Format {
    format
        .set_border(FormatBorder::Thin)
        .set_border_color(colour(theme::LINE))
}

/// Headings stand as what is below them does.
pub(super) fn heading_format(kind: ColumnKind) -> Format {
    let style = theme::heading();
    let mut out = Format::new()
        .set_font_name(theme::FONT)
        .set_font_size(style.points)
        .set_font_color(colour(style.ink))
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    if let Some(fill) = style.fill {
        out = out.set_background_color(colour(fill));
    }
    if style.is_bold {
        out = out.set_bold();
    }
    match kind {
        ColumnKind::Money | ColumnKind::Number => out.set_align(FormatAlign::Right).set_indent(1),
        ColumnKind::Figure => out.set_align(FormatAlign::Right),
        ColumnKind::Centred => out.set_align(FormatAlign::Center),
        ColumnKind::Text | ColumnKind::Prose | ColumnKind::Date => out,
    }
}

pub(super) fn colour([red, green, blue]: Rgb) -> Color {
    Color::RGB(u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue))
}
