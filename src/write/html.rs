//! The findings as one self-contained page: readable, printable, and filtered by severity, partner, rule and words without a server.
//!
//! Invariant: every text goes through `escape`; the page loads nothing, and its policy forbids it to.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::row::{FindingRow, rows, title};
use crate::finding::{Hold, Severity};
use crate::pipeline::Outcome;
use crate::schema::{Role, Schema};
use crate::value::amount::pounds;
use crate::value::date::long;
use crate::value::text::{counted, is_acting};

pub(super) const STYLE: &str = "
:root{color-scheme:light}
body{font:16px/1.45 system-ui,'Segoe UI',Arial,sans-serif;color:#1a1a1a;background:#fff;margin:0 auto;max-width:90rem;padding:1rem 1.25rem 3rem}
h1{font-size:1.6rem;color:#1f3864;margin:.5rem 0}h2{font-size:1.2rem;color:#1f3864;margin:2rem 0 .5rem}
p{margin:.4rem 0}.marking{font-weight:700}.alarm{font-weight:700;color:#fff;background:#9c0006;padding:.75rem 1rem}
form{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:end;background:#f3f5f9;border:1px solid #bfbfbf;padding:.75rem 1rem;margin:1rem 0}
label{display:block;font-weight:600;font-size:.9rem}select,input,button{font:inherit;padding:.3rem .45rem;border:1px solid #595959;border-radius:3px;background:#fff;color:inherit}
:focus-visible{outline:3px solid #0b4f9e;outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.94rem}caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{border:1px solid #bfbfbf;padding:.4rem .5rem;vertical-align:top;text-align:left;overflow-wrap:break-word;unicode-bidi:isolate;white-space:pre-line}
/* A path may be broken anywhere, a word nowhere. */
td.long{overflow-wrap:anywhere;min-width:13rem}
thead th{background:#1f3864;color:#fff}td.n{text-align:right;white-space:nowrap}
.error,.warning,.information{text-transform:capitalize}.error{background:#fde4e1;color:#8a1212;font-weight:700}.warning{background:#fff2cc;color:#664500}.information{background:#f2f2f2}
.accepted{background:#e2f0d9;color:#1b5e20}
small{color:#595959}
[hidden]{display:none}
@media print{form,.skip{display:none}body{max-width:none;padding:0;font-size:10pt}thead{display:table-header-group}tr{break-inside:avoid}}
";

/// Shows the rows that all the chosen filters let through, and says how many.
const SCRIPT: &str = "
(function(){
var form=document.getElementById('filter'),rows=[].slice.call(document.querySelectorAll('#findings tbody tr')),said=document.getElementById('shown');
function show(){var n=0,words=form.words.value.toLowerCase();
rows.forEach(function(r){var ok=['severity','partner','code'].every(function(k){return !form[k].value||r.getAttribute('data-'+k)===form[k].value})&&(!words||r.textContent.toLowerCase().indexOf(words)>=0);r.hidden=!ok;if(ok)n++});
said.textContent=n+' of '+rows.length+' shown'}
form.hidden=false;form.addEventListener('input',show);form.addEventListener('reset',function(){setTimeout(show,0)});form.addEventListener('submit',function(e){e.preventDefault()});show()
})();
";

/// By which a page is known as ours.
pub(super) const MARK: &str = "<meta name=\"generator\" content=\"csp-bridge\">";

/// Whether a file is a report of ours.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    super::head(bytes).contains(MARK)
}

/// The page.
#[must_use]
pub fn findings(outcome: &Outcome, schema: &Schema) -> Vec<u8> {
    let mut rows = rows(outcome, schema);
    rows.retain(|row| !row.finding.is_noted());
    // What cannot be trusted first; what somebody has accepted after the rest of its kind.
    rows.sort_by_key(|row| {
        (
            Reverse(row.finding.severity),
            row.finding.accepted.is_some(),
        )
    });
    let heading = escape(&title(outcome, schema));
    let mut out = String::new();
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n{MARK}\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <title>Findings: {heading}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n<p class=\"marking\">{}</p>\n",
        escape(&schema.publishing.marking)
    );
    let count = |severity: Severity| {
        rows.iter()
            .filter(|row| row.finding.severity == severity)
            .count()
    };
    let _ = write!(
        out,
        "<p>Made for {}. {}, {}, {}.</p>\n<p{}>{}</p>\n",
        escape(&long(outcome.options.as_of)),
        counted(count(Severity::Error), "error", "errors"),
        counted(count(Severity::Warning), "warning", "warnings"),
        counted(
            count(Severity::Information),
            "point for information",
            "points for information"
        ),
        if outcome.ties_out() {
            ""
        } else {
            " class=\"alarm\" role=\"alert\""
        },
        escape(&outcome.tie_out())
    );
    out.push_str("<h2>Findings</h2>\n");
    if outcome.noted() > 0 {
        let _ = writeln!(
            out,
            "<p>{} not listed: a decision notes why.</p>",
            counted(outcome.noted(), "finding is", "findings are")
        );
    }
    if rows.is_empty() {
        out.push_str("<p>Nothing was found that needs anybody's attention.</p>\n");
    } else {
        filters(&mut out, &rows);
        table(&mut out, &rows);
    }
    returns(&mut out, outcome, schema);
    funding(&mut out, outcome);
    out.push_str("</main>\n");
    if !rows.is_empty() {
        let _ = writeln!(out, "<script>{SCRIPT}</script>");
    }
    out.push_str("</body>\n</html>\n");
    out.into_bytes()
}

fn filters(out: &mut String, rows: &[FindingRow<'_>]) {
    // Without scripts nothing could be filtered, so the form shows itself only with them.
    out.push_str("<form id=\"filter\" hidden>\n");
    select(
        out,
        ("severity", "Severity"),
        [Severity::Error, Severity::Warning, Severity::Information]
            .into_iter()
            .filter(|severity| rows.iter().any(|row| row.finding.severity == *severity))
            .map(|severity| (severity.word().to_owned(), severity.word().to_owned())),
    );
    let partners: BTreeSet<&str> = rows.iter().map(|row| row.partner).collect();
    select(
        out,
        ("partner", "Partner"),
        partners
            .into_iter()
            .filter(|partner| !partner.is_empty())
            .map(|partner| (partner.to_owned(), partner.to_owned())),
    );
    let codes: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row.finding.code.0, row.finding.name))
        .collect();
    select(
        out,
        ("code", "Rule"),
        codes
            .into_iter()
            .map(|(code, name)| (code.to_owned(), format!("{code} {name}"))),
    );
    out.push_str("<div><label for=\"words\">Words</label><input id=\"words\" name=\"words\" type=\"search\"></div>\n<button type=\"reset\">Show all</button>\n<p id=\"shown\" role=\"status\" aria-live=\"polite\"></p>\n</form>\n");
}

fn select(
    out: &mut String,
    (name, label): (&str, &str),
    options: impl Iterator<Item = (String, String)>,
) {
    let _ = write!(
        out,
        "<div><label for=\"{name}\">{label}</label><select id=\"{name}\" name=\"{name}\"><option value=\"\">All</option>"
    );
    for (value, text) in options {
        let _ = write!(
            out,
            "<option value=\"{}\">{}</option>",
            escape(&value),
            escape(&text)
        );
    }
    out.push_str("</select></div>\n");
}

fn table(out: &mut String, rows: &[FindingRow<'_>]) {
    out.push_str("<table id=\"findings\">\n<caption>Every finding: errors first, then by file, sheet and cell</caption>\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th scope=\"col\">Partner</th><th scope=\"col\">File and cell</th><th scope=\"col\">What was found</th><th scope=\"col\">What to do</th><th scope=\"col\">Kept out</th></tr></thead>\n<tbody>\n");
    for row in rows {
        let finding = row.finding;
        let severity = finding.severity.word();
        let (class, shown) = match &finding.accepted {
            Some(_) => ("accepted", format!("accepted {severity}")),
            None => (severity, severity.to_owned()),
        };
        let mut found = escape(&finding.message);
        if !row.related.is_empty() {
            let _ = write!(
                found,
                "\n<small>Compared with {}</small>",
                escape(&row.related.join(", "))
            );
        }
        if let Some(accepted) = &finding.accepted {
            let _ = write!(
                found,
                "\n<small>Accepted by {}: {}</small>",
                escape(&accepted.role),
                escape(&accepted.reason)
            );
        }
        let held = match finding.held {
            Hold::None => "nothing",
            Hold::Value | Hold::Column | Hold::Row | Hold::Table | Hold::Return => {
                finding.held.word()
            }
        };
        let _ = writeln!(
            out,
            "<tr id=\"f{}\" data-severity=\"{severity}\" data-partner=\"{}\" data-code=\"{}\"><td class=\"{class}\">{shown}</td><td>{} {}</td><td>{}</td><td class=\"long\">{}\n{}</td><td class=\"long\">{found}</td><td class=\"long\">{}</td><td>{held}</td></tr>",
            escape(&finding.id),
            escape(row.partner),
            finding.code,
            finding.code,
            finding.name,
            escape(row.partner),
            escape(row.path),
            escape(&row.place),
            escape(&finding.fix),
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

fn returns(out: &mut String, outcome: &Outcome, schema: &Schema) {
    out.push_str("<h2>Files</h2>\n<table>\n<caption>What was read, and what became of it</caption>\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\">Partner</th><th scope=\"col\">Role</th><th scope=\"col\">State</th><th scope=\"col\">Rows read</th><th scope=\"col\">Rows used</th><th scope=\"col\">Rows passed over</th><th scope=\"col\">Rows held</th><th scope=\"col\">Money read</th><th scope=\"col\">Money held</th></tr></thead>\n<tbody>\n");
    for source in outcome
        .sources
        .iter()
        .filter(|source| source.role != Role::Previous)
    {
        let (rows, money) = (source.tally(), outcome.ledger.tally(source.index));
        let partner = source
            .statement
            .agency
            .map_or("", |agency| schema.agency_name(agency));
        let _ = writeln!(
            out,
            "<tr><td class=\"long\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&source.path),
            escape(partner),
            source.role.word(),
            source.state.word(),
            rows.read,
            rows.accepted,
            rows.skipped,
            rows.held,
            pounds(money.read),
            pounds(money.held)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

fn funding(out: &mut String, outcome: &Outcome) {
    let ledger = &outcome.ledger;
    if ledger.lines.is_empty() {
        return;
    }
    out.push_str("<h2>Funding</h2>\n<table>\n<caption>Each funding line, to the penny</caption>\n<thead><tr><th scope=\"col\">Line</th><th scope=\"col\">Project</th><th scope=\"col\">Revised allocation</th><th scope=\"col\">This quarter</th><th scope=\"col\">To date</th><th scope=\"col\">Held</th><th scope=\"col\">Forecast</th><th scope=\"col\">Variance</th></tr></thead>\n<tbody>\n");
    for (line, balance) in ledger.lines.iter().zip(&ledger.balances) {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&line.reference.text),
            escape(&line.project),
            pounds(balance.revised),
            pounds(balance.this_quarter),
            pounds(balance.to_date),
            pounds(balance.all_held()),
            balance.forecast.map(pounds).unwrap_or_default(),
            balance.variance.map(pounds).unwrap_or_default()
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// Text that is text in content and in a quoted attribute; what shows nothing and turns what is shown round is left out.
pub(super) fn escape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + raw.len() / 8);
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            _ if is_acting(c) => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            escape("<script>alert('x')</script> & \"more\"\u{202e}"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;"
        );
    }
}
