//! What lies over the cells of an xlsx sheet: text boxes, shapes and buttons, and pictures that stand in cells.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::xml::{Met, attribute, is_set, walk};
use crate::grid::{COLUMNS_MAX, CellAddress, CellRange, Floating, FloatingKind, ROWS_MAX};

/// What a drawing part holds of text, in its order; what is damaged in it ends the list.
pub(super) fn floating(part: &[u8]) -> Vec<Floating> {
    let mut out = Vec::new();
    let mut anchor: Option<Anchor> = None;
    let mut inside = "";
    let mut is_text = false;
    let mut fallbacks = 0_usize;
    let _ = walk(part, |met| match met {
        // The same once more, for older programs.
        Met::Begin("Fallback", _) => fallbacks += 1,
        Met::End("Fallback") => fallbacks = fallbacks.saturating_sub(1),
        _ if fallbacks > 0 => {}
        Met::Begin("twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor", _) => {
            anchor = Some(Anchor::default());
        }
        Met::End("twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor") => {
            out.extend(anchor.take().and_then(Anchor::finished));
        }
        Met::Begin("from", _) => inside = "from",
        Met::Begin("to", _) => inside = "to",
        Met::End("from" | "to") => inside = "",
        Met::Begin("row" | "col", _) if !inside.is_empty() => is_text = true,
        Met::End(which @ ("row" | "col")) if !inside.is_empty() => {
            if let Some(anchor) = anchor.as_mut() {
                anchor.place(inside, which);
            }
            is_text = false;
        }
        Met::Begin("sp", element) => {
            if let Some(anchor) = anchor.as_mut() {
                let said = |name| attribute(element, name).is_some_and(|text| !text.is_empty());
                anchor.is_control |= said("macro");
                anchor.is_of_cell |= said("textlink");
            }
        }
        Met::Begin("cNvPr", element) => {
            if let Some(anchor) = anchor.as_mut() {
                // A form's control is drawn twice, here without being seen.
                anchor.is_control |= is_set(element, "hidden");
            }
        }
        Met::Begin("t", _) => is_text = true,
        Met::End("t") => {
            is_text = false;
            if let Some(anchor) = anchor.as_mut() {
                anchor.text.push_str(&std::mem::take(&mut anchor.piece));
            }
        }
        Met::End("p") | Met::Begin("br", _) => {
            if let Some(anchor) = anchor.as_mut()
                && !anchor.text.is_empty()
            {
                anchor.text.push('\n');
            }
        }
        Met::Text(piece) if is_text => {
            if let Some(anchor) = anchor.as_mut() {
                anchor.piece.push_str(piece);
            }
        }
        Met::Begin(..) | Met::End(_) | Met::Text(_) => {}
    });
    out
}

#[derive(Default)]
struct Anchor {
    from: (Option<u32>, Option<u32>),
    to: (Option<u32>, Option<u32>),
    /// Started by its click, or a form's control.
    is_control: bool,
    /// Its text is a cell's.
    is_of_cell: bool,
    piece: String,
    text: String,
}

impl Anchor {
    fn place(&mut self, corner: &str, which: &str) {
        let found = std::mem::take(&mut self.piece).trim().parse().ok();
        let corner = if corner == "from" {
            &mut self.from
        } else {
            &mut self.to
        };
        if which == "row" {
            corner.0 = found;
        } else {
            corner.1 = found;
        }
    }

    fn finished(self) -> Option<Floating> {
        let text = self.text.trim();
        if text.is_empty() || self.is_of_cell {
            return None;
        }
        let cell = |(row, column): (Option<u32>, Option<u32>)| {
            let column = u16::try_from(column?).ok()?.min(COLUMNS_MAX - 1);
            Some(CellAddress::new(row?.min(ROWS_MAX - 1), column))
        };
        // What is fixed to the page alone is over its first cell.
        let first = cell(self.from).unwrap_or(CellAddress::new(0, 0));
        let last = cell(self.to)
            .filter(|last| last.row >= first.row && last.column >= first.column)
            .unwrap_or(first);
        Some(Floating {
            over: CellRange::new(first, last),
            kind: if self.is_control {
                FloatingKind::Control
            } else {
                FloatingKind::Text
            },
            text: Arc::from(text),
        })
    }
}

/// Which of a workbook's rich values, as cells count them from one, are pictures: from its metadata, the values and their structures.
pub(super) fn pictures(metadata: &[u8], values: &[u8], structures: &[u8]) -> BTreeSet<usize> {
    let mut is_picture: Vec<bool> = Vec::new();
    let _ = walk(structures, |met| {
        if let Met::Begin("s", element) = met {
            let kind = attribute(element, "t").unwrap_or_default();
            is_picture.push(kind.to_ascii_lowercase().contains("image"));
        }
    });
    let mut structure_of: Vec<usize> = Vec::new();
    let _ = walk(values, |met| {
        if let Met::Begin("rv", element) = met {
            let structure = attribute(element, "s").and_then(|text| text.parse().ok());
            structure_of.push(structure.unwrap_or(usize::MAX));
        }
    });
    let mut types: Vec<String> = Vec::new();
    let mut inside = "";
    let mut rich: Vec<usize> = Vec::new();
    // A cell's value: the kind of its metadata, counted from one, and the place in that kind's list.
    let mut cells: Vec<Option<(usize, usize)>> = Vec::new();
    let mut is_rich_list = false;
    let _ = walk(metadata, |met| match met {
        Met::Begin("metadataType", element) => {
            types.push(attribute(element, "name").unwrap_or_default());
        }
        Met::Begin("futureMetadata", element) => {
            is_rich_list = attribute(element, "name").as_deref() == Some("XLRICHVALUE");
        }
        Met::End("futureMetadata") => is_rich_list = false,
        Met::Begin("rvb", element) if is_rich_list => {
            let value = attribute(element, "i").and_then(|text| text.parse().ok());
            rich.push(value.unwrap_or(usize::MAX));
        }
        Met::Begin("valueMetadata", _) => inside = "valueMetadata",
        Met::End("valueMetadata") => inside = "",
        Met::Begin("bk", _) if inside == "valueMetadata" => cells.push(None),
        Met::Begin("rc", element) if inside == "valueMetadata" => {
            let place = |name| attribute(element, name).and_then(|text| text.parse().ok());
            if let Some(cell) = cells.last_mut() {
                *cell = place("t").zip(place("v"));
            }
        }
        Met::Begin(..) | Met::End(_) | Met::Text(_) => {}
    });
    cells
        .into_iter()
        .enumerate()
        .filter_map(|(index, cell)| {
            let (kind, place) = cell?;
            let is_rich = types.get(kind.checked_sub(1)?)? == "XLRICHVALUE";
            let structure = structure_of.get(*rich.get(place)?)?;
            (is_rich && *is_picture.get(*structure)?).then_some(index + 1)
        })
        .collect()
}

/// A header's or footer's text without its codes: `&L&"Arial,Bold"&8OFFICIAL` is OFFICIAL.
pub(super) fn page_text(coded: &str) -> String {
    let mut out = String::new();
    let mut chars = coded.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '&' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push('&'),
            Some('"') => {
                chars.by_ref().find(|c| *c == '"');
            }
            Some('K') => {
                for _ in 0..6 {
                    if chars
                        .next_if(|c| c.is_ascii_hexdigit() || "+-".contains(*c))
                        .is_none()
                    {
                        break;
                    }
                }
            }
            Some('L' | 'C' | 'R') if !out.is_empty() => out.push('\n'),
            Some(c) if c.is_ascii_digit() => while chars.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{floating, page_text, pictures};
    use crate::grid::FloatingKind;

    #[test]
    fn shapes_are_told_from_buttons_and_from_what_a_cell_says() {
        let shape = |attributes: &str, name: &str, text: &str| {
            format!(
                r#"<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>5</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>
                <xdr:to><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>8</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>
                <xdr:sp {attributes}><xdr:nvSpPr><xdr:cNvPr id="2" {name}/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>{text}</a:t></a:r><a:r><a:t> &amp; more</a:t></a:r></a:p><a:p/></xdr:txBody></xdr:sp></xdr:twoCellAnchor>"#
            )
        };
        let part = format!(
            "<xdr:wsDr>{}{}{}{}</xdr:wsDr>",
            shape(r#"macro="" textlink="""#, r#"name="Text""#, "£300 late"),
            shape(r#"macro="[0]!Send""#, r#"name="Go""#, "Send"),
            shape("", r#"name="Button 1" hidden="1""#, "Press"),
            shape(r#"textlink="$A$1""#, r#"name="Linked""#, "seen in A1"),
        );
        let found = floating(part.as_bytes());
        let told: Vec<(String, FloatingKind, &str)> = found
            .iter()
            .map(|f| (f.over.to_string(), f.kind, &*f.text))
            .collect();
        assert_eq!(
            told,
            [
                ("B6:D9".to_owned(), FloatingKind::Text, "£300 late & more"),
                ("B6:D9".to_owned(), FloatingKind::Control, "Send & more"),
                ("B6:D9".to_owned(), FloatingKind::Control, "Press & more"),
            ]
        );
    }

    #[test]
    fn a_picture_in_a_cell_is_told_from_an_error() {
        let metadata = br#"<metadata><metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>
            <futureMetadata name="XLRICHVALUE" count="2"><bk><extLst><ext><xlrd:rvb i="1"/></ext></extLst></bk><bk><extLst><ext><xlrd:rvb i="0"/></ext></extLst></bk></futureMetadata>
            <valueMetadata count="2"><bk><rc t="1" v="0"/></bk><bk><rc t="1" v="1"/></bk></valueMetadata></metadata>"#;
        let values = br#"<rvData><rv s="0"><v>8</v></rv><rv s="1"><v>0</v><v>5</v></rv></rvData>"#;
        let structures = br#"<rvStructures><s t="_error"><k n="errorType"/></s><s t="_localImage"><k n="_rvRel:LocalImageIdentifier"/></s></rvStructures>"#;
        assert_eq!(
            pictures(metadata, values, structures)
                .into_iter()
                .collect::<Vec<_>>(),
            [1]
        );
    }

    #[test]
    fn headers_are_read_without_their_codes() {
        for (coded, text) in [
            (
                "&L&\"Arial,Bold\"&8OFFICIAL&RPage &P of &N",
                "OFFICIAL\nPage  of",
            ),
            ("&C&K01+000OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"),
            ("&CCrime && disorder", "Crime & disorder"),
            ("", ""),
        ] {
            assert_eq!(page_text(coded), text, "{coded}");
        }
    }
}
