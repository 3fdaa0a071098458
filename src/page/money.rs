//! The money: what was read and what became of it, each stream, each line.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::{Frame, Said, Step, Told, wide};
use crate::pipeline::Outcome;
use crate::value::amount::pounds;

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, outcome: &Outcome, told: &Told) -> String {
    let sums = outcome.sums();
    let aside = sums.money.set_aside;
    let ledger = &outcome.ledger;
    let on_no_line = sums.held_on_no_line + sums.held_before_on_no_line;
    let body = html! {
        @if !outcome.ties_out() { p.alarm { (Said(&outcome.tie_out())) } }
        p #money-tie {
            (pounds(sums.money.read)) " read = " (pounds(sums.money.accepted)) " accepted + " (pounds(sums.money.held)) " held"
            @if !aside.is_zero() { " + " (pounds(aside)) " set aside" }
            "."
        }
        @if !on_no_line.is_zero() {
            p { (pounds(on_no_line)) " of what is held is on no line of the plan. " a href=(frame.at("results?severity=error")) { "See the errors" } "." }
        }
        @if ledger.lines.is_empty() {
            p.empty { "The plan has no funding lines." }
        } @else {
            h2 { "Streams" }
            (wide("streams-caption", &streams(frame, outcome)))
            h2 { "Lines" }
            (wide("lines-caption", &lines(frame, outcome)))
            p.hint { "Revised is the allocation after virements. Variance is revised less forecast: what is over is forecast to be overspent." }
        }
    };
    frame.page("money", Some(Step::Money), "Money", told, &body)
}

fn variance(amount: Decimal) -> Markup {
    html! { (pounds(amount)) @if amount.is_sign_negative() && !amount.is_zero() { " over" } }
}

fn streams(frame: &Frame<'_>, outcome: &Outcome) -> Markup {
    html! {
        table #streams {
            caption #streams-caption { "What each stream comes to: approved lines, where the plan tells" }
            thead { tr {
                @for heading in ["Stream", "Award", "Revised", "To date", "Held", "Forecast", "Variance"] { th scope="col" { (heading) } }
            } }
            tbody {
                @for total in &outcome.ledger.streams {
                    @let stream = frame.schema.streams.get(total.stream);
                    tr data-stream=(stream.map_or("", |s| s.code.as_str())) {
                        th scope="row" { (Said(stream.map_or("", |s| s.name.as_str()))) }
                        td.n data-field="award" { @if let Some(award) = total.award { (pounds(award)) } }
                        td.n data-field="revised" { (pounds(total.totals.revised)) }
                        td.n data-field="to_date" { (pounds(total.totals.to_date)) }
                        td.n data-field="held" { (pounds(total.totals.held)) }
                        td.n data-field="forecast" { @if let Some(forecast) = total.totals.forecast { (pounds(forecast)) } }
                        td.n data-field="variance" { @if let Some(amount) = total.totals.underspend() { (variance(amount)) } }
                    }
                }
            }
        }
    }
}

fn lines(frame: &Frame<'_>, outcome: &Outcome) -> Markup {
    let ledger = &outcome.ledger;
    html! {
        table #lines {
            caption #lines-caption { "Each funding line, to the penny" }
            thead { tr {
                @for heading in ["Line", "Allocation", "Revised", "This quarter", "To date", "Held", "Forecast", "Variance"] { th scope="col" { (heading) } }
            } }
            tbody {
                @for (line, balance) in ledger.lines.iter().zip(&ledger.balances) {
                    @let name: &str = &line.reference.text;
                    tr data-line=(Said(name)) {
                        th scope="row" { (Said(name)) span.file { (Said(&line.project)) } }
                        td.n data-field="allocation" { @if let Some(amount) = line.allocation { (pounds(amount)) } }
                        td.n data-field="revised" { (pounds(balance.revised)) }
                        td.n data-field="this_quarter" { (pounds(balance.this_quarter)) }
                        td.n data-field="to_date" { (pounds(balance.to_date)) }
                        td.n data-field="held" {
                            @if balance.held.is_zero() { (pounds(balance.held)) }
                            @else { a href={ (frame.at("results")) "?words=" (encoded(name)) } { (pounds(balance.held)) } }
                        }
                        td.n data-field="forecast" { @if let Some(amount) = balance.forecast { (pounds(amount)) } }
                        td.n data-field="variance" { @if let Some(amount) = balance.variance { (variance(amount)) } }
                    }
                }
            }
        }
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
