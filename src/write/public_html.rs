//! The public version as one page that a resident can read: how it is going in words, a chart a section, every table in full. Nothing is
//! loaded, nothing runs, nothing is hidden.

use std::fmt::Write as _;

use crate::grid::Rgb;
use crate::render::public::{NO_REPORT, PublicSet, PublicTable, Value};
use crate::value::amount;

/// What a text is in a page.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "
:root { color-scheme: light; }
body { font: 1rem/1.5 Arial, Helvetica, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 2rem; line-height: 1.2; }
h2 { font-size: 1.5rem; margin-top: 2.5rem; border-top: 3px solid #1d3c5a; padding-top: .75rem; }
h3 { font-size: 1.15rem; margin-bottom: .25rem; }
p { max-width: 48rem; }
a { color: #1d3c5a; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; max-width: 48rem; }
dt { font-weight: bold; }
dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .92rem; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid #8a8a8a; padding: .4rem .55rem; text-align: left; vertical-align: top; }
thead th { background: #e8eef4; }
tbody th { font-weight: bold; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.25rem 0; }
figcaption { font-weight: bold; }
svg { display: block; max-width: 100%; height: auto; margin: .75rem 0; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { font-size: 9.5pt; max-width: none; padding: 0; }
  nav { display: block; }
  .wide { overflow: visible; }
  table { font-size: 7.5pt; }
  thead { display: table-header-group; }
  tr, figure { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
";

/// The page.
#[must_use]
pub(super) fn page(set: &PublicSet) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        escaped(&set.title),
        escaped(&set.title)
    );
    out.push_str("<dl>\n");
    for line in &set.cover {
        if let Some((label, text)) = line.split_once(": ") {
            let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(label), escaped(text));
        }
    }
    out.push_str("</dl>\n<nav aria-label=\"On this page\">\n<ul>\n");
    for table in &set.tables {
        let _ = writeln!(
            out,
            "<li><a href=\"#section-{}\">{}</a></li>",
            table.name.to_lowercase(),
            escaped(heading(table))
        );
    }
    out.push_str("</ul>\n</nav>\n");
    for table in &set.tables {
        let _ = write!(
            out,
            "<section id=\"section-{}\">\n<h2>{}</h2>\n<p>{}</p>\n",
            table.name.to_lowercase(),
            escaped(heading(table)),
            escaped(&table.about)
        );
        if table.name == "Summary" {
            for (priority, words) in &set.words {
                let _ = writeln!(
                    out,
                    "<h3>{}</h3>\n<p>{}</p>",
                    escaped(priority),
                    escaped(words)
                );
            }
        }
        if let Some(chart) = chart(set, table) {
            out.push_str(&chart);
        }
        if table.name != "Notes" {
            let _ = writeln!(
                out,
                "<p>{}</p>",
                escaped(
                    &set.shorthand
                        .replace("The worksheet Notes says", "The notes below say")
                )
            );
        }
        out.push_str(&table_of(table));
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn heading(table: &PublicTable) -> &'static str {
    match table.name {
        "Summary" => "How it is going",
        "Actions" => "What is being done",
        "Measures" => "What is measured",
        "Funding" => "What is spent",
        _ => "Notes",
    }
}

fn table_of(table: &PublicTable) -> String {
    let mut out = format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table id=\"{}\">\n<caption>{}</caption>\n<thead>\n<tr>",
        escaped(&table.title),
        table.name.to_lowercase(),
        escaped(&table.title)
    );
    for (heading, _) in &table.columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(heading));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (column, value) in row.iter().enumerate() {
            let text = escaped(&value.plain());
            let is_figure = matches!(value, Value::Number(_) | Value::Money(_));
            let _ = if column == 0 {
                write!(out, "<th scope=\"row\">{text}</th>")
            } else if is_figure {
                write!(out, "<td class=\"n\">{text}</td>")
            } else {
                write!(out, "<td>{text}</td>")
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
    out
}

/// A bar of a chart: its name and its parts.
struct Bar {
    name: String,
    parts: Vec<(usize, u64)>,
}

/// The chart of a section, made of what its table shows: its words are the table's.
fn chart(set: &PublicSet, table: &PublicTable) -> Option<String> {
    match table.name {
        "Summary" => {
            let labels: Vec<&str> = set
                .statuses
                .iter()
                .map(|(label, _)| label.as_str())
                .chain([NO_REPORT])
                .collect();
            let colours: Vec<Rgb> = set
                .statuses
                .iter()
                .map(|(_, fill)| *fill)
                .chain([[217, 217, 217]])
                .collect();
            Some(bars(
                "Actions under each priority by status",
                &labels,
                &colours,
                &counts(table, 0, &labels),
                "",
            ))
        }
        "Actions" => {
            let summary = set.table("Summary")?;
            let labels = ["Actions shown"];
            Some(bars(
                "Actions shown under each priority",
                &labels,
                &[[157, 195, 230]],
                &counts(summary, 0, &labels),
                "",
            ))
        }
        "Measures" => {
            let summary = set.table("Summary")?;
            let labels = [
                "Measures met",
                "Measures not met",
                "Measures with no data",
                "Measures hidden",
            ];
            Some(bars(
                "Success measures under each priority",
                &labels,
                &[
                    [169, 208, 142],
                    [244, 176, 132],
                    [217, 217, 217],
                    [180, 199, 231],
                ],
                &counts(summary, 0, &labels),
                "",
            ))
        }
        "Funding" => {
            let name = usize::from(table.columns.iter().any(|(h, _)| h == "Project"));
            let labels = ["Revised", "Spend to date"];
            let found = side_by_side(table, name, &labels);
            Some(bars(
                "Revised allocation and spend to date, in whole pounds",
                &labels,
                &[[189, 215, 238], [143, 170, 220]],
                &found,
                "£",
            ))
        }
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    use rust_decimal::prelude::ToPrimitive as _;
    match value {
        Value::Number(number) | Value::Money(number) => number.round().to_u64(),
        Value::Text(_) => None,
    }
}

/// A bar a row, with a part for each of these columns.
fn counts(table: &PublicTable, name: usize, labels: &[&str]) -> Vec<Bar> {
    let column = |label: &&str| {
        table
            .columns
            .iter()
            .position(|(heading, _)| heading == label)
    };
    let places: Vec<Option<usize>> = labels.iter().map(column).collect();
    table
        .rows
        .iter()
        .map(|row| Bar {
            name: row.get(name).map(Value::plain).unwrap_or_default(),
            parts: places
                .iter()
                .enumerate()
                .filter_map(|(kind, place)| Some((kind, number(row.get((*place)?)?)?)))
                .filter(|(_, value)| *value > 0)
                .collect(),
        })
        .collect()
}

/// A bar a row and column.
fn side_by_side(table: &PublicTable, name: usize, labels: &[&str]) -> Vec<Bar> {
    let whole = counts(table, name, labels);
    whole
        .into_iter()
        .flat_map(|bar| {
            (0..labels.len()).map(move |kind| Bar {
                name: if kind == 0 {
                    bar.name.clone()
                } else {
                    String::new()
                },
                parts: bar
                    .parts
                    .iter()
                    .copied()
                    .filter(|(own, _)| *own == kind)
                    .collect(),
            })
        })
        .collect()
}

fn hex(colour: Rgb) -> String {
    let [red, green, blue] = colour;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Black or white, whichever can be read on a colour.
fn ink(colour: Rgb) -> &'static str {
    let [red, green, blue] = colour.map(u32::from);
    if red * 299 + green * 587 + blue * 114 > 128_000 {
        "#000"
    } else {
        "#fff"
    }
}

const NAMES: u64 = 330;
const BARS: u64 = 560;
const ROW: u64 = 30;

/// Bars of parts, each part with its figure in it; the key stands above.
fn bars(title: &str, labels: &[&str], colours: &[Rgb], all: &[Bar], sign: &str) -> String {
    let most = all
        .iter()
        .map(|bar| bar.parts.iter().map(|(_, value)| value).sum::<u64>())
        .max()
        .unwrap_or_default()
        .max(1);
    let colour = |kind: usize| colours.get(kind).copied().unwrap_or([217, 217, 217]);
    let mut key = String::new();
    let (mut x, mut y) = (0, 20);
    for (kind, label) in labels.iter().enumerate() {
        let width = 30 + label.chars().count() as u64 * 8;
        if x > 0 && x + width > NAMES + BARS {
            x = 0;
            y += 24;
        }
        let _ = write!(
            key,
            "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"14\" fill=\"{}\" stroke=\"#444\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 12,
            hex(colour(kind)),
            x + 20,
            escaped(label)
        );
        x += width;
    }
    let top = y + 16;
    let height = top + ROW * all.len() as u64 + 8;
    let mut drawn = String::new();
    let mut said = Vec::new();
    for (place, bar) in all.iter().enumerate() {
        let y = top + ROW * place as u64;
        let name = short(&bar.name);
        if !name.is_empty() {
            let _ = write!(
                drawn,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                NAMES - 10,
                y + 19,
                escaped(&name)
            );
        }
        let mut from = NAMES;
        let mut parts = Vec::new();
        for (kind, value) in &bar.parts {
            let width = (value * BARS / most).max(2);
            let own = colour(*kind);
            let figure = format!("{sign}{}", grouped(*value));
            let _ = write!(
                drawn,
                "<rect x=\"{from}\" y=\"{}\" width=\"{width}\" height=\"22\" fill=\"{}\" stroke=\"#444\"/>",
                y + 3,
                hex(own)
            );
            if width > figure.chars().count() as u64 * 9 + 6 {
                let _ = write!(
                    drawn,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{}\">{figure}</text>",
                    from + width / 2,
                    y + 19,
                    ink(own)
                );
            }
            from += width;
            parts.push(format!(
                "{} {figure}",
                labels.get(*kind).copied().unwrap_or_default()
            ));
        }
        if !parts.is_empty() {
            let who = if bar.name.is_empty() {
                String::new()
            } else {
                format!("{}: ", bar.name)
            };
            said.push(format!("{who}{}", parts.join(", ")));
        }
    }
    let id = title.split(' ').next().unwrap_or_default().to_lowercase();
    let id = format!("chart-{id}-{}", labels.len());
    let width = NAMES + BARS + 10;
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"Arial, Helvetica, sans-serif\" font-size=\"15\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}. The table below has the same figures.</desc>\n{key}{drawn}\n</svg>\n</figure>\n",
        escaped(title),
        escaped(title),
        escaped(&said.join("; "))
    )
}

/// A name that fits beside its bar.
fn short(name: &str) -> String {
    const MOST: usize = 42;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let kept: String = name.chars().take(MOST - 1).collect();
    format!("{}…", kept.trim_end())
}

fn grouped(value: u64) -> String {
    let text = amount::pounds(rust_decimal::Decimal::from(value));
    let bare = text.trim_start_matches('£');
    bare.strip_suffix(".00").unwrap_or(bare).to_owned()
}
