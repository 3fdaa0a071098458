//! How high rows are: spreadsheets fit heights to text only where none is set, and not all of them do.

use crate::render::theme;
use crate::render::{Block, Cell};

/// A row's least height, what each line of text adds, and the most that a row can have, in points.
pub(super) const ROW_HEIGHT: (f64, f64, f64) = (4.0, 13.0, 409.0);

/// How high a page's rows are together, charts aside.
#[expect(clippy::float_arithmetic, reason = "a page's height is no money")]
pub(super) fn points(blocks: &[Block], widths: &[u16]) -> f64 {
    const GAP: f64 = 15.0;
    let mut out = 0.0;
    for block in blocks {
        match block {
            Block::Gap | Block::Chart(_) => out += GAP,
            Block::Paragraph(cell) => out += height(lines(std::slice::from_ref(cell), widths)),
            Block::Line(cells) => {
                let points = cells
                    .iter()
                    .map(|cell| theme::style(cell.look).points)
                    .max();
                let points = points.unwrap_or_default();
                out += height(1).max(f64::from(points + points / 2));
            }
            Block::Grid { rows, .. } => {
                out += height(2)
                    + rows
                        .iter()
                        .map(|cells| height(lines(cells, widths)))
                        .sum::<f64>();
            }
            Block::Columns { headings, rows } => {
                let of = headings
                    .iter()
                    .zip(widths)
                    .map(|((text, _), width)| wrapped(text, usize::from(*width)));
                out += height(of.max().unwrap_or(1));
                out += rows
                    .iter()
                    .map(|cells| height(lines(cells, widths)))
                    .sum::<f64>();
            }
        }
    }
    out
}

/// How many lines the cells of a row need in columns of these widths.
pub(super) fn lines(cells: &[Cell], widths: &[u16]) -> usize {
    let of = |(cell, width): (&Cell, &u16)| {
        let text = cell.value.as_text().unwrap_or_default();
        // Letters are narrower than the digit that widths are counted in, by a sixth and more.
        let width = usize::from(*width) * 23 / 20;
        // Most cells are short: no more bytes than a line has letters.
        if text.len() <= width && !text.contains('\n') {
            return 1;
        }
        text.split('\n').map(|line| wrapped(line, width)).sum()
    };
    cells.iter().zip(widths).map(of).max().unwrap_or(1)
}

/// How many lines a paragraph takes: words are not broken unless they are longer than a line.
pub(super) fn wrapped(paragraph: &str, width: usize) -> usize {
    let mut lines = 1;
    let mut used = 0;
    let mut take = |length: usize| {
        if used > 0 && used + 1 + length > width {
            lines += 1;
            used = 0;
        }
        used += length + usize::from(used > 0);
        if used > width && width > 0 {
            lines += (used - 1) / width;
            used = (used - 1) % width + 1;
        }
    };
    let is_plain = paragraph.is_ascii();
    let mut rest = paragraph.as_bytes();
    loop {
        let end = memchr::memchr(b' ', rest);
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        take(if is_plain {
            word.len()
        } else {
            // A letter of several bytes is counted by its first.
            word.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
        });
        match after.get(1..) {
            Some(next) => rest = next,
            None => return lines,
        }
    }
}

#[expect(clippy::float_arithmetic, reason = "a row's height is no money")]
pub(super) fn height(lines: usize) -> f64 {
    let (least, line, most) = ROW_HEIGHT;
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    (least + line * f64::from(lines)).min(most)
}
