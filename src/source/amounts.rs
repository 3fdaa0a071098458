//! What a return's amount cells say, added up by column before any row is built: the one side of the money's tie-out.

use rust_decimal::Decimal;

use crate::grid::{CellAddress, CellValue, Worksheet};
use crate::layout::{RowKind, TableLayout};
use crate::schema::{Field, Schema};
use crate::value::amount;
use crate::value::text::fold_word;

/// The columns whose cells are money of the quarter: a document's amount, a claim's spend this quarter.
const COUNTED: [(&str, &str); 2] = [("spend", "amount"), ("claims", "this_quarter")];

/// The sum of a table's amount cells, each to the penny; a cell that is no readable money by itself is nought.
pub(super) fn of_table(sheet: &Worksheet, layout: &TableLayout, schema: &Schema) -> Decimal {
    let Some(table) = schema.tables.get(layout.table) else {
        return Decimal::ZERO;
    };
    let mut out = Decimal::ZERO;
    for column in &layout.columns {
        let Some(field) = table.fields.get(column.field) else {
            continue;
        };
        if !COUNTED.contains(&(table.name.as_str(), field.name.as_str())) {
            continue;
        }
        let rows = layout
            .rows
            .iter()
            .filter(|row| matches!(row.kind, RowKind::Data(_) | RowKind::PassedOver));
        for row in rows {
            let at = CellAddress::new(row.row, column.column);
            let says = sheet
                .value(at)
                .filter(|value| !is_shown_elsewhere(sheet, at, value))
                .and_then(|value| money(value, field));
            if let Some(sum) = says.and_then(|says| out.checked_add(says)) {
                out = sum;
            }
        }
    }
    out
}

/// Whether a merged region shows this very value in its first cell: one amount, however often it is stored.
fn is_shown_elsewhere(sheet: &Worksheet, at: CellAddress, value: &CellValue) -> bool {
    !sheet.merged.is_empty()
        && sheet
            .merged_at(at)
            .is_some_and(|range| range.first != at && sheet.value(range.first) == Some(value))
}

/// What a cell says as money, to the penny, if it says it by itself.
#[must_use]
pub fn money(value: &CellValue, field: &Field) -> Option<Decimal> {
    let read = match value {
        CellValue::Number(figure) => amount::from_number(figure.number).ok()?,
        CellValue::Text(text) if field.zero.contains(&fold_word(text)) => Decimal::ZERO,
        CellValue::Text(text) => match amount::from_text(text) {
            Ok(read) => read,
            Err(_) if field.allows_thousands => amount::from_thousands(text).ok()?,
            Err(_) => return None,
        },
        CellValue::Boolean(_)
        | CellValue::Date(_)
        | CellValue::Error(_)
        | CellValue::NotCalculated => return None,
    };
    Some(amount::to_pence(read).0)
}
