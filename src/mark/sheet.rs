//! One sheet's part: the conditional format that marks its areas, and the link to the drawing of its notes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Unmarkable;
use super::scan::{ById, Edits, Part, TagKind, attribute, attributes, local};
use crate::grid::{COLUMNS_MAX, CellAddress, CellRange, ROWS_MAX};

/// What stands before conditional formats.
const BEFORE_FORMATS: [&str; 16] = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
];

/// What stands behind the drawing of notes.
const BEHIND_DRAWING: [&str; 8] = [
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
];

/// A sheet's part, gone over once.
pub(super) struct Sheet<'a> {
    part: Part<'a>,
    root: &'a str,
    prefix: &'a str,
    /// Where the conditional format goes.
    format_at: usize,
    /// Where the link to the drawing of notes goes.
    drawing_at: usize,
    /// The relationship of the drawing of notes that is there.
    pub(super) drawing: Option<String>,
    /// A sibling's tag that names a relationship.
    sibling: Option<&'a str>,
    /// The priorities of the sheet's own rules: where each value stands, and what it is.
    priorities: Vec<(usize, usize, i64)>,
    is_protected: bool,
    /// The formats of the cells that were asked for, of their rows, and of columns.
    cell_styles: BTreeMap<CellAddress, usize>,
    row_styles: BTreeMap<u32, usize>,
    column_styles: Vec<(u16, u16, usize)>,
    pub(super) grid: Grid,
}

impl<'a> Sheet<'a> {
    /// Goes over a sheet, with an eye on some of its cells.
    pub(super) fn read(part: Part<'a>, asked: &BTreeSet<CellAddress>) -> Result<Self, Unmarkable> {
        let mut out = Found::default();
        let rows: BTreeSet<u32> = asked.iter().map(|at| at.row).collect();
        let mut row = 0_u32;
        let mut column = 0_u16;
        let mut is_row_asked = false;
        let mut wraps_controls = false;
        let mut wrapper: Option<usize> = None;
        part.walk(|tag| {
            let name = tag.local();
            if tag.depth == 0 {
                if tag.kind == TagKind::End {
                    out.end = tag.at;
                } else {
                    out.root = tag.raw;
                    out.prefix = tag.prefix();
                    out.is_empty = tag.kind == TagKind::Empty;
                    out.format_at = tag.end();
                }
                return;
            }
            if tag.depth == 1 {
                let is_own = tag.prefix() == out.prefix;
                if name == "AlternateContent" {
                    match tag.kind {
                        TagKind::Start => {
                            wrapper = Some(tag.at);
                            wraps_controls = false;
                        }
                        TagKind::End => {
                            if wraps_controls && out.drawing_at.is_none() {
                                out.drawing_at = wrapper;
                            }
                            wrapper = None;
                        }
                        TagKind::Empty => {}
                    }
                    return;
                }
                if !is_own {
                    return;
                }
                if BEFORE_FORMATS.contains(&name) && tag.kind != TagKind::Start {
                    if !out.has_formats {
                        out.format_at = tag.end();
                    }
                } else if name == "conditionalFormatting"
                    && tag.kind != TagKind::End
                    && !out.has_formats
                {
                    out.has_formats = true;
                    out.format_at = tag.at;
                }
                if tag.kind == TagKind::End {
                    return;
                }
                match name {
                    "legacyDrawing" => out.drawing = attribute(tag.raw, "id"),
                    "sheetProtection" => {
                        out.is_protected = attribute(tag.raw, "sheet")
                            .is_some_and(|value| matches!(value.as_str(), "1" | "true"));
                    }
                    "sheetFormatPr" => out.grid.set_usual(tag.raw),
                    _ if BEHIND_DRAWING.contains(&name) && out.drawing_at.is_none() => {
                        out.drawing_at = Some(tag.at);
                    }
                    _ => {}
                }
            }
            if tag.kind == TagKind::End {
                return;
            }
            match name {
                "oleObjects" | "controls" => wraps_controls = true,
                "cfRule" => {
                    let found = attributes(tag.raw).find(|a| local(a.name) == "priority");
                    if let Some(found) = found
                        && let Ok(priority) = found.value.trim().parse::<i64>()
                    {
                        out.priorities.push((
                            tag.at + found.place.start,
                            tag.at + found.place.end,
                            priority,
                        ));
                    }
                }
                "col" if tag.depth == 2 => out.column(tag.raw),
                "row" if tag.depth == 2 => {
                    column = 0;
                    row = attribute(tag.raw, "r")
                        .and_then(|text| text.parse::<u32>().ok())
                        .map_or(row.saturating_add(1), |r| r);
                    let index = row.saturating_sub(1);
                    is_row_asked = rows.contains(&index);
                    out.row(tag.raw, index, is_row_asked);
                }
                "c" if tag.depth == 3 && is_row_asked => {
                    let at = attribute(tag.raw, "r")
                        .and_then(|text| text.parse::<CellAddress>().ok())
                        .unwrap_or(CellAddress::new(row.saturating_sub(1), column));
                    column = at.column.saturating_add(1);
                    if asked.contains(&at)
                        && let Some(style) =
                            attribute(tag.raw, "s").and_then(|text| text.parse().ok())
                    {
                        out.cell_styles.insert(at, style);
                    }
                }
                "drawing" | "pageSetup" | "tablePart" | "hyperlink" | "picture"
                | "legacyDrawingHF"
                    if out.sibling.is_none()
                        && attributes(tag.raw).any(|a| {
                            local(a.name) == "id"
                                && a.name.contains(':')
                                && !a.name.starts_with("xmlns")
                        }) =>
                {
                    out.sibling = Some(tag.raw);
                }
                _ => {}
            }
        })?;
        if out.is_empty || out.root.is_empty() {
            return Err(Unmarkable::new("one of its sheets is empty"));
        }
        Ok(Self {
            part,
            root: out.root,
            prefix: out.prefix,
            format_at: out.format_at,
            drawing_at: out.drawing_at.unwrap_or(out.end),
            drawing: out.drawing,
            sibling: out.sibling,
            priorities: out.priorities,
            is_protected: out.is_protected,
            cell_styles: out.cell_styles,
            row_styles: out.row_styles,
            column_styles: out.column_styles,
            grid: out.grid,
        })
    }

    /// The format of a cell on a protected sheet; nothing where the sheet is not.
    pub(super) fn style_if_protected(&self, at: CellAddress) -> Option<usize> {
        self.is_protected.then(|| {
            let of_column = || {
                self.column_styles
                    .iter()
                    .find(|(first, last, _)| (*first..=*last).contains(&at.column))
                    .map(|(_, _, style)| *style)
            };
            self.cell_styles
                .get(&at)
                .or_else(|| self.row_styles.get(&at.row))
                .copied()
                .or_else(of_column)
                .unwrap_or(0)
        })
    }

    /// The part with its areas marked, and with a link to a drawing of notes where one is put in.
    pub(super) fn marked(
        &self,
        areas: &[CellRange],
        format: usize,
        drawing: Option<&str>,
        is_strict: bool,
    ) -> Vec<u8> {
        let mut edits = Edits::default();
        let p = self.prefix;
        let mut places = String::new();
        for area in areas {
            let space = if places.is_empty() { "" } else { " " };
            let _ = write!(places, "{space}{area}");
        }
        edits.insert(
            self.format_at,
            &format!(
                "<{p}conditionalFormatting sqref=\"{places}\"><{p}cfRule type=\"expression\" dxfId=\"{format}\" priority=\"1\"><{p}formula>TRUE</{p}formula></{p}cfRule></{p}conditionalFormatting>"
            ),
        );
        // Two rules of one priority override each other in Excel.
        let least = self
            .priorities
            .iter()
            .map(|(_, _, priority)| *priority)
            .min();
        let raise = least.map_or(1, |least| (2_i64.saturating_sub(least)).max(1));
        for (start, end, priority) in &self.priorities {
            edits.replace(*start..*end, priority.saturating_add(raise).to_string());
        }
        if let Some(id) = drawing {
            let by_id = ById::like(self.sibling, &[self.root], is_strict);
            edits.insert(
                self.drawing_at,
                &format!("<{p}legacyDrawing{}/>", by_id.attribute(id)),
            );
        }
        self.part.with(edits)
    }
}

/// What a walk over a sheet finds.
#[derive(Default)]
struct Found<'a> {
    root: &'a str,
    prefix: &'a str,
    is_empty: bool,
    end: usize,
    format_at: usize,
    has_formats: bool,
    drawing_at: Option<usize>,
    drawing: Option<String>,
    sibling: Option<&'a str>,
    priorities: Vec<(usize, usize, i64)>,
    is_protected: bool,
    cell_styles: BTreeMap<CellAddress, usize>,
    row_styles: BTreeMap<u32, usize>,
    column_styles: Vec<(u16, u16, usize)>,
    grid: Grid,
}

impl Found<'_> {
    fn column(&mut self, raw: &str) {
        let number = |name: &str| attribute(raw, name).and_then(|text| text.parse::<u16>().ok());
        let (Some(min), Some(max)) = (number("min"), number("max")) else {
            return;
        };
        let (first, last) = (min.saturating_sub(1), max.saturating_sub(1));
        if let Some(style) = attribute(raw, "style").and_then(|text| text.parse().ok()) {
            self.column_styles.push((first, last, style));
        }
        let is_hidden =
            attribute(raw, "hidden").is_some_and(|v| matches!(v.as_str(), "1" | "true"));
        let width = attribute(raw, "width").and_then(|text| text.parse::<f64>().ok());
        if is_hidden {
            self.grid.columns.push((first, last, 0));
        } else if let Some(width) = width {
            self.grid.columns.push((first, last, column_pixels(width)));
        }
    }

    fn row(&mut self, raw: &str, index: u32, is_asked: bool) {
        if is_asked
            && attribute(raw, "customFormat").is_some_and(|v| matches!(v.as_str(), "1" | "true"))
            && let Some(style) = attribute(raw, "s").and_then(|text| text.parse().ok())
        {
            self.row_styles.insert(index, style);
        }
        let is_hidden =
            attribute(raw, "hidden").is_some_and(|v| matches!(v.as_str(), "1" | "true"));
        let height = attribute(raw, "ht").and_then(|text| text.parse::<f64>().ok());
        if is_hidden {
            self.grid.rows.insert(index, 0);
        } else if let Some(height) = height {
            self.grid.rows.insert(index, row_pixels(height));
        }
    }
}

/// How wide and high a sheet's columns and rows are, in pixels: where a note's box ends depends on it.
pub(super) struct Grid {
    columns: Vec<(u16, u16, u32)>,
    rows: BTreeMap<u32, u32>,
    usual_width: u32,
    usual_height: u32,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            rows: BTreeMap::new(),
            usual_width: 64,
            usual_height: 20,
        }
    }
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a width on the screen, bounded first; no figure of anybody's"
)]
fn column_pixels(width: f64) -> u32 {
    (width.clamp(0.0, 255.0) * 7.0 + 5.0) as u32
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a height on the screen, bounded first; no figure of anybody's"
)]
fn row_pixels(height: f64) -> u32 {
    (height.clamp(0.0, 409.5) * 4.0 / 3.0) as u32
}

impl Grid {
    fn set_usual(&mut self, raw: &str) {
        let of = |name: &str| attribute(raw, name).and_then(|text| text.parse::<f64>().ok());
        if let Some(width) = of("defaultColWidth") {
            self.usual_width = column_pixels(width).max(1);
        }
        if let Some(height) = of("defaultRowHeight") {
            self.usual_height = row_pixels(height).max(1);
        }
    }

    fn width(&self, column: u16) -> u32 {
        self.columns
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&column))
            .map_or(self.usual_width, |(_, _, width)| *width)
    }

    fn height(&self, row: u32) -> u32 {
        self.rows.get(&row).copied().unwrap_or(self.usual_height)
    }

    /// Where the box of a cell's note begins and ends: right of the cell, or left of it at the sheet's edge.
    pub(super) fn anchor(&self, at: CellAddress, width: u32, height: u32) -> String {
        const GAP: u32 = 12;
        const NEAR_EDGE: u16 = COLUMNS_MAX - 64;
        let column = if at.column >= NEAR_EDGE {
            at.column.saturating_sub(8)
        } else {
            at.column.saturating_add(1)
        };
        let row = at.row.saturating_sub(1).min(ROWS_MAX - 40);
        let (mut last_column, mut left) = (column, width + GAP);
        while left > self.width(last_column) && last_column + 1 < COLUMNS_MAX {
            left -= self.width(last_column);
            last_column += 1;
        }
        let (mut last_row, mut below) = (row, height + GAP / 2);
        while below > self.height(last_row) && last_row + 1 < ROWS_MAX {
            below -= self.height(last_row);
            last_row += 1;
        }
        format!(
            "{column}, {GAP}, {row}, {}, {last_column}, {left}, {last_row}, {below}",
            GAP / 2
        )
    }
}
