//! A partner's file that comes back marked: what this program wrote into it is taken out, and what the partner wrote beside it is kept.

use crate::grid::{CellAddress, CellValue, Workbook, Worksheet};
use crate::value::told::{LIST_HEADINGS, LIST_TITLE, without_ours};

/// Where the added sheet's title and headings stand, and its last column, which is the partner's to fill in.
const TITLE: CellAddress = CellAddress { row: 0, column: 0 };
const HEADINGS_ROW: u32 = 2;
const REPLY: u16 = 8;

/// Takes this program's part out of every note, and its cells out of the added sheet. A second time it changes nothing.
pub(super) fn take_out(workbook: &mut Workbook) {
    for sheet in &mut workbook.sheets {
        sheet.notes.retain_mut(|(_, text)| {
            let left = without_ours(text);
            let is_theirs = !left.is_empty() || text.is_empty();
            if is_theirs && *left != **text {
                *text = left.into();
            }
            is_theirs
        });
        if is_list(sheet) {
            take_list_out(sheet);
        }
    }
}

/// Whether it is the sheet that this program adds, under whatever name.
fn is_list(sheet: &Worksheet) -> bool {
    let says = |at: CellAddress, text: &str| {
        let value = sheet.value(at).and_then(CellValue::as_text);
        value.is_some_and(|value| value.trim() == text)
    };
    says(TITLE, LIST_TITLE)
        && (0_u16..)
            .zip(LIST_HEADINGS)
            .all(|(column, heading)| says(CellAddress::new(HEADINGS_ROW, column), heading))
}

fn take_list_out(sheet: &mut Worksheet) {
    let is_ours = |at: CellAddress| at.column <= REPLY;
    let own = || sheet.cells().iter().filter(|cell| is_ours(cell.address));
    let replies = own()
        .filter(|cell| cell.address.column == REPLY && cell.address.row > HEADINGS_ROW)
        .filter(|cell| cell.is_filled())
        .map(|cell| (cell.address, cell.value.to_string().trim().into()))
        .collect();
    sheet.ours = own().filter(|cell| cell.is_filled()).count();
    sheet.replies = replies;
    sheet.retain(|cell| !is_ours(cell.address));
    let is_beside = |at: &CellAddress| !is_ours(*at);
    sheet.notes.retain(|(at, _)| !is_ours(*at));
    sheet.merged.retain(|range| is_beside(&range.first));
    sheet.fills.retain(|(at, _)| is_beside(at));
    sheet.struck.retain(|(at, _)| is_beside(at));
    sheet.symbols.retain(|(at, _)| is_beside(at));
    sheet.sums.retain(is_beside);
    sheet.stale.retain(is_beside);
}
