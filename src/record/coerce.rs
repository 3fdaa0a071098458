//! One cell to one value, by its field's kind.

use std::sync::Arc;

use validator::ValidateEmail;

use super::{Decoded, Fault, Nearest, Remarks, State, Table};
use crate::grid::{CellValue, Figure, Shown};
use crate::schema::{Field, FieldKind, Format, Limit, Schema, Table as TableSchema};
use crate::value::date::{self, TextDate, Timescale};
use crate::value::reference::{self, Reference};
use crate::value::text::{fold, fold_word, is_blank, likeness_from, visible};
use crate::value::{Decimal, Value, amount};

/// A cell with nothing in it.
pub(super) fn blank() -> Decoded {
    Decoded {
        raw: None,
        state: State::Blank,
        remarks: None,
    }
}

/// Decodes a filled cell.
pub(super) fn decode(raw: &CellValue, field: &Field, schema: &Schema) -> Decoded {
    let mut remarks = Remarks::default();
    let state = match raw {
        CellValue::Error(_) => State::Fault(Fault::FormulaError),
        CellValue::NotCalculated => State::Fault(Fault::NotCalculated),
        CellValue::Text(text) => from_text(text, field, schema, &mut remarks),
        CellValue::Number(figure) => from_number(*figure, raw, field, &mut remarks),
        CellValue::Date(moment) => from_date(moment.date(), raw, field),
        CellValue::Boolean(flag) => from_boolean(*flag, raw, field),
    };
    let state = within_range(state, field);
    Decoded {
        raw: Some(raw.clone()),
        state,
        remarks: (remarks != Remarks::default()).then(|| Box::new(remarks)),
    }
}

fn from_text(text: &Arc<str>, field: &Field, schema: &Schema, remarks: &mut Remarks) -> State {
    if is_blank(text) {
        return State::Blank;
    }
    // A word that the field lists means what it lists, even where it elsewhere stands for nothing: `N/A` among a field's own choices.
    if field.kind == FieldKind::Choice
        && field
            .choices
            .iter()
            .any(|c| c.words.contains(&fold_word(text)))
    {
        return choice(text, field, schema);
    }
    if text.len() <= 64 {
        let plain = fold_word(text);
        if field.zero.contains(&plain) {
            return State::Value(match field.kind {
                FieldKind::Number => Value::Number(Decimal::ZERO),
                _ => Value::Money(Decimal::new(0, 2)),
            });
        }
        if field.missing.contains(&plain) {
            return State::Missing;
        }
        if schema.words.placeholders.contains(&plain) {
            return State::Placeholder;
        }
    }
    match field.kind {
        FieldKind::Text => {
            remark_on(text, field, remarks);
            checked(text, has_form(text, field))
        }
        FieldKind::Reference => reference_text(text, field),
        FieldKind::Line if !has_form(text, field) => State::Fault(Fault::BadFormat),
        FieldKind::Line => State::Value(Value::Reference(Reference::new(text))),
        FieldKind::Lines => State::Value(Value::References(lines(text).into())),
        FieldKind::Money => money(sterling(text, field), remarks),
        FieldKind::Number => number(figure(text, field), field),
        FieldKind::Date => date_text(text, schema),
        FieldKind::Timescale => timescale_text(text, field, schema),
        FieldKind::Choice | FieldKind::Status | FieldKind::Agency => choice(text, field, schema),
        FieldKind::Priority => match crate::layout::priority_of(schema, text) {
            Some(index) => State::Value(Value::Choice(index)),
            None => unknown(text, field, schema),
        },
        FieldKind::Agencies => agencies(text, field, schema),
        FieldKind::Email => checked(text, is_email(&visible(text))),
        FieldKind::Postcode => checked(text, is_postcode(&visible(text))),
    }
}

/// A figure as the field allows it to be written.
fn figure(text: &str, field: &Field) -> Result<Decimal, amount::Unreadable> {
    // The one text with a point that could be read two ways.
    if amount::is_point_open(text) {
        return Err(amount::Unreadable);
    }
    match amount::from_text(text) {
        Err(_) if field.allows_thousands => amount::from_thousands(text),
        read => read,
    }
}

/// A figure that may be money: a percentage is none.
fn sterling(text: &str, field: &Field) -> Result<Decimal, amount::Unreadable> {
    if text.contains('%') {
        return Err(amount::Unreadable);
    }
    figure(text, field)
}

/// What a number cell is in pounds: only what is shown as such, and nought in any format.
pub(crate) fn pounds(figure: Figure) -> Result<Decimal, amount::Unreadable> {
    match figure.shown {
        Shown::Plain => amount::from_number(figure.number),
        Shown::Percent
        | Shown::PercentSign
        | Shown::Currency(_)
        | Shown::Divided(_)
        | Shown::Multiplied(_)
        | Shown::Nothing
        | Shown::Another
        | Shown::Worded
            if figure.number == 0.0 =>
        {
            Ok(Decimal::ZERO)
        }
        Shown::Percent
        | Shown::PercentSign
        | Shown::Currency(_)
        | Shown::Divided(_)
        | Shown::Multiplied(_)
        | Shown::TimeOfDay
        | Shown::Span
        | Shown::NoDay
        | Shown::Another
        | Shown::Worded
        | Shown::Nothing => Err(amount::Unreadable),
    }
}

/// What a number cell measures: a percentage is what it shows, not rounded.
fn measured(figure: Figure) -> Result<Decimal, amount::Unreadable> {
    match figure.shown {
        Shown::Plain | Shown::Worded | Shown::PercentSign | Shown::Divided(_) => {
            amount::from_number(figure.number)
        }
        Shown::Percent => amount::from_number(figure.number)?
            .checked_mul(Decimal::ONE_HUNDRED)
            .map(|percent| percent.normalize())
            .ok_or(amount::Unreadable),
        Shown::Currency(_) | Shown::Multiplied(_) | Shown::Nothing if figure.number == 0.0 => {
            Ok(Decimal::ZERO)
        }
        Shown::Currency(_)
        | Shown::Multiplied(_)
        | Shown::TimeOfDay
        | Shown::Span
        | Shown::NoDay
        | Shown::Another
        | Shown::Nothing => Err(amount::Unreadable),
    }
}

/// What is no text, in a field of texts: as it stands, where it has the field's form. A number that lost its leading nought has not.
fn formed(raw: &CellValue, field: &Field) -> State {
    let text: Arc<str> = raw.to_string().into();
    let is_good = has_form(&text, field)
        && match field.kind {
            FieldKind::Email => is_email(&text),
            FieldKind::Postcode => is_postcode(&text),
            _ => true,
        };
    checked(&text, is_good)
}

fn checked(text: &Arc<str>, is_good: bool) -> State {
    if is_good {
        State::Value(Value::Text(Arc::clone(text)))
    } else {
        State::Fault(Fault::BadFormat)
    }
}

/// A figure that the field can hold: a whole one, where it asks for that.
fn number(read: Result<Decimal, amount::Unreadable>, field: &Field) -> State {
    match read {
        Ok(number) if !field.constraint.is_whole || number.is_integer() => {
            State::Value(Value::Number(number))
        }
        Ok(_) | Err(_) => State::Fault(Fault::UnreadableNumber),
    }
}

/// Whether a text has the form that its field asks for.
fn has_form(text: &str, field: &Field) -> bool {
    let constraint = &field.constraint;
    if constraint.pattern.is_none() && constraint.format.is_none() {
        return true;
    }
    let plain = visible(text);
    constraint
        .pattern
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(&plain))
        && match constraint.format {
            None => true,
            Some(Format::Email) => is_email(&plain),
            Some(Format::Postcode) => is_postcode(&plain),
            Some(Format::Postcodes) => are_postcodes(&plain),
            Some(Format::Telephone) => is_telephone(&plain),
        }
}

fn is_email(plain: &str) -> bool {
    plain.validate_email()
        && plain
            .rsplit_once('@')
            .is_some_and(|(_, host)| host.contains('.'))
}

/// Postcodes parted by commas, semicolons, strokes, line breaks or “and”.
fn are_postcodes(plain: &str) -> bool {
    let mut parts = plain
        .split([',', ';', '/', '\n', '&', '+'])
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .peekable();
    parts.peek().is_some() && parts.all(is_postcode)
}

/// A British number: a nought or +44 and nine or ten figures more, however they are grouped; an extension may follow.
fn is_telephone(plain: &str) -> bool {
    let lower = plain.to_ascii_lowercase();
    let number = ["ext", "x"]
        .iter()
        .find_map(|word| lower.split_once(word))
        .map_or(lower.as_str(), |(number, _)| number);
    if !number
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || "+()-.–".contains(c))
    {
        return false;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let has_plus = number.trim_start().trim_start_matches('(').starts_with('+');
    let national = if has_plus {
        digits.strip_prefix("44")
    } else {
        digits
            .strip_prefix("0044")
            .or_else(|| digits.strip_prefix('0'))
    };
    let Some(national) = national else {
        return false;
    };
    // `+44 (0)1732 227000` is written by many.
    let national = national.strip_prefix('0').unwrap_or(national);
    (9..=10).contains(&national.len()) && !national.starts_with('0')
}

/// The shape of a full British postcode: area, district, space, sector and unit.
fn is_postcode(text: &str) -> bool {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let Some(split) = plain
        .len()
        .checked_sub(3)
        .filter(|split| (2..=4).contains(split) && plain.is_ascii())
    else {
        return false;
    };
    let (outward, inward) = plain.split_at(split);
    let mut inward = inward.bytes();
    let inward_is_good = inward.next().is_some_and(|b| b.is_ascii_digit())
        && inward.all(|b| b.is_ascii_alphabetic());
    let letters = outward.bytes().take_while(u8::is_ascii_alphabetic).count();
    inward_is_good
        && (1..=2).contains(&letters)
        && outward
            .as_bytes()
            .get(letters)
            .copied()
            .is_some_and(|b| b.is_ascii_digit())
}

fn reference_text(text: &str, field: &Field) -> State {
    let plain = visible(text);
    match &field.constraint.pattern {
        Some(pattern) if !pattern.is_match(&plain) => State::Fault(Fault::BadPattern),
        Some(_) | None => State::Value(Value::Reference(Reference::new(text))),
    }
}

/// The funding lines in a cell; words that are no reference (`core budget`) are left aside.
fn lines(text: &str) -> Vec<Reference> {
    text.split([',', ';', '/', '\n', '&', '+'])
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|part| {
            part.chars().any(|c| c.is_ascii_digit())
                && part.split_whitespace().count() <= 2
                && reference::key(part).starts_with(|c: char| c.is_ascii_alphabetic())
        })
        .map(Reference::new)
        .collect()
}

fn money(read: Result<Decimal, amount::Unreadable>, remarks: &mut Remarks) -> State {
    match read {
        Ok(exact) => {
            let (rounded, was_cut) = amount::to_pence(exact);
            remarks.unrounded = was_cut.then_some(exact);
            State::Value(Value::Money(rounded))
        }
        Err(_) => State::Fault(Fault::UnreadableNumber),
    }
}

/// The day of a time stamp with a zone, which is the partnership's day and not the writer's.
fn stamped(text: &str, schema: &Schema) -> Option<jiff::civil::Date> {
    let zone = schema.partnership.timezone.as_ref()?;
    date::day_in_zone(text, zone)
}

fn date_text(text: &str, schema: &Schema) -> State {
    if let Some(day) = stamped(text, schema) {
        return State::Value(Value::Date(day));
    }
    match date::from_text(text) {
        TextDate::Certain(day) | TextDate::MonthFirst(day) => State::Value(Value::Date(day)),
        // Settled for the column as a whole, in `settle_dates`.
        TextDate::Ambiguous { day_first, .. } => State::Value(Value::Date(day_first)),
        TextDate::Impossible => State::Fault(Fault::ImpossibleDate),
        TextDate::Unreadable => State::Fault(Fault::UnreadableDate),
    }
}

fn timescale_text(text: &str, field: &Field, schema: &Schema) -> State {
    if let Some(day) = stamped(text, schema) {
        return State::Value(Value::Timescale(Timescale::By(day)));
    }
    if field.continuous.contains(&fold(text)) {
        return State::Value(Value::Timescale(Timescale::Continuous));
    }
    match date::deadline_from_text(text) {
        TextDate::Certain(day) | TextDate::MonthFirst(day) => {
            State::Value(Value::Timescale(Timescale::By(day)))
        }
        TextDate::Ambiguous { day_first, .. } => {
            State::Value(Value::Timescale(Timescale::By(day_first)))
        }
        TextDate::Impossible => State::Fault(Fault::ImpossibleDate),
        TextDate::Unreadable => {
            // `April 2022 to March 2023`, `Q1 - Q4`: due by the end of the second.
            let second = ["–", "—", " - ", " to ", "-"].iter().find_map(|between| {
                let (first, second) = text.split_once(between)?;
                (date::deadline_from_text(first) != TextDate::Unreadable)
                    .then(|| date::deadline_from_text(second))
            });
            match second {
                Some(TextDate::Certain(day)) => State::Value(Value::Timescale(Timescale::By(day))),
                Some(
                    TextDate::Ambiguous { .. }
                    | TextDate::MonthFirst(_)
                    | TextDate::Impossible
                    | TextDate::Unreadable,
                )
                | None => State::Fault(Fault::UnreadableDate),
            }
        }
    }
}

fn choice(text: &str, field: &Field, schema: &Schema) -> State {
    let folded = fold_word(text);
    let found = match field.kind {
        FieldKind::Status => schema.status_called(&folded),
        FieldKind::Agency => schema.agency_called(&folded),
        FieldKind::Choice => field.choices.iter().position(|c| c.words.contains(&folded)),
        FieldKind::Text
        | FieldKind::Reference
        | FieldKind::Line
        | FieldKind::Lines
        | FieldKind::Money
        | FieldKind::Number
        | FieldKind::Date
        | FieldKind::Timescale
        | FieldKind::Priority
        | FieldKind::Agencies
        | FieldKind::Email
        | FieldKind::Postcode => None,
    };
    found.map_or_else(
        || unknown(text, field, schema),
        |index| State::Value(Value::Choice(index)),
    )
}

/// How alike a word must be to a listed one to be named as the nearest.
const NEAREST_LIKENESS: f64 = 0.6;

fn unknown(text: &str, field: &Field, schema: &Schema) -> State {
    let folded = fold(text);
    let mut nearest: Option<(f64, String)> = None;
    for (_, label, words) in schema.choices(field) {
        let alike = words
            .iter()
            .filter_map(|word| likeness_from(&folded, word, NEAREST_LIKENESS))
            .fold(0.0, f64::max);
        if alike > 0.0 && nearest.as_ref().is_none_or(|(best, _)| alike > *best) {
            nearest = Some((alike, label));
        }
    }
    State::Fault(Fault::UnknownChoice(
        nearest.map(|(_, label)| Box::new(Nearest(label))),
    ))
}

/// Several agencies in one cell, parted by `/ , & ;`, `and` or line breaks; names that hold such signs themselves are kept whole.
fn agencies(text: &str, field: &Field, schema: &Schema) -> State {
    let parts = split_names(text);
    let folded: Vec<String> = parts
        .iter()
        .map(|(start, stop)| fold(text.get(*start..*stop).unwrap_or_default()))
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let run = longest_name(text, &parts, &folded, at, schema);
        if let Some((agency, end)) = run {
            if !found.contains(&agency) {
                found.push(agency);
            }
            at = end + 1;
        } else if let Some(group) = folded.get(at).and_then(|word| schema.agency_group(word)) {
            for agency in group {
                if !found.contains(agency) {
                    found.push(*agency);
                }
            }
            at += 1;
        } else {
            let part = parts
                .get(at)
                .and_then(|(start, stop)| text.get(*start..*stop))
                .unwrap_or_default();
            return unknown(part, field, schema);
        }
    }
    State::Value(Value::Agencies(found.into()))
}

/// The agencies of a cell, where words of it were decided to mean some.
pub(super) fn agencies_with(
    text: &str,
    schema: &Schema,
    decided: &[(String, Vec<usize>)],
) -> Option<Vec<usize>> {
    let parts = split_names(text);
    let words: Vec<String> = parts
        .iter()
        .map(|(start, stop)| fold(text.get(*start..*stop).unwrap_or_default()))
        .collect();
    let whole = fold(text);
    let for_all = decided.iter().find(|(typed, _)| *typed == whole);
    let mut found: Vec<usize> = Vec::new();
    let mut add = |agencies: &[usize]| {
        for agency in agencies {
            if !found.contains(agency) {
                found.push(*agency);
            }
        }
    };
    let mut at = 0;
    while at < parts.len() {
        if let Some((agency, end)) = longest_name(text, &parts, &words, at, schema) {
            add(&[agency]);
            at = end + 1;
            continue;
        }
        if let Some(group) = words.get(at).and_then(|word| schema.agency_group(word)) {
            add(group);
            at += 1;
            continue;
        }
        // The longest run of pieces that somebody said the meaning of: `Fyre and Rescue` is two pieces and one name.
        let read = (at..parts.len()).rev().find_map(|end| {
            let run = text.get(parts.get(at)?.0..parts.get(end)?.1)?;
            let typed = fold(run);
            let (_, agencies) = decided.iter().find(|(word, _)| *word == typed)?;
            Some((agencies, end))
        });
        match (read, for_all) {
            (Some((agencies, end)), _) => {
                add(agencies);
                at = end + 1;
            }
            (None, Some((_, agencies))) => {
                add(agencies);
                at += 1;
            }
            (None, None) => return None,
        }
    }
    Some(found)
}

/// What somebody answered, as a value of the field.
pub(super) fn answered(text: &str, field: &Field, schema: &Schema) -> Result<Value, String> {
    let plain = visible(text);
    let cannot = |what: &str| Err(format!("“{plain}” cannot be read as {what}"));
    let mut remarks = Remarks::default();
    let decoded = from_text(&Arc::from(plain.as_str()), field, schema, &mut remarks);
    let value = match within_range(decoded, field) {
        State::Value(value) if day_of(&value).is_some_and(|day| is_beyond(day, field)) => {
            return Err(format!("“{plain}” is outside what {} may be", field.title));
        }
        State::Value(value) => value,
        State::Fault(Fault::OutOfRange(_)) => {
            return Err(format!("“{plain}” is outside what {} may be", field.title));
        }
        State::Blank | State::Missing | State::Placeholder => {
            return Err(format!("“{plain}” says nothing"));
        }
        State::Fault(_) => {
            return match field.kind {
                FieldKind::Money => cannot("an amount in pounds"),
                FieldKind::Number => cannot("a number"),
                FieldKind::Date | FieldKind::Timescale => cannot("a date"),
                FieldKind::Reference => cannot("a reference of this plan"),
                FieldKind::Email => cannot("an e-mail address"),
                FieldKind::Postcode => cannot("a postcode"),
                FieldKind::Choice
                | FieldKind::Status
                | FieldKind::Priority
                | FieldKind::Agency
                | FieldKind::Agencies
                | FieldKind::Text
                | FieldKind::Line
                | FieldKind::Lines => Err(format!(
                    "“{plain}” is not a word that can stand under {}",
                    field.title
                )),
            };
        }
    };
    if remarks.unrounded.is_some() {
        return Err(format!("“{plain}” is no amount to the penny"));
    }
    if remarks.is_formula_like {
        return Err(format!("“{plain}” could be run by a spreadsheet"));
    }
    if let (
        Value::Date(_),
        TextDate::Ambiguous {
            day_first,
            month_first,
        },
    ) = (&value, date::from_text(&plain))
    {
        let year = &schema.year;
        let inside = |day: jiff::civil::Date| (year.start..=year.end).contains(&day);
        if !inside(day_first) && inside(month_first) {
            return Err(format!(
                "“{plain}” may be two dates; write the month as a word"
            ));
        }
    }
    if let Value::Timescale(Timescale::By(day)) = &value
        && day.year() <= 1
    {
        return cannot("a date with its year");
    }
    Ok(value)
}

/// The agency whose name the most pieces from this one on make together, with the last of them.
///
/// A run of pieces has at least their words, so that no run is tried that is longer than any name.
fn longest_name(
    text: &str,
    parts: &[(usize, usize)],
    folded: &[String],
    at: usize,
    schema: &Schema,
) -> Option<(usize, usize)> {
    let most = schema.agency_words();
    let mut words = 0;
    let mut last = at;
    for (index, piece) in folded.iter().enumerate().skip(at) {
        // A lone sign is a word by itself and none beside words.
        words += piece
            .split(' ')
            .filter(|word| word.contains(char::is_alphanumeric))
            .count();
        if words > most {
            break;
        }
        last = index;
    }
    (at..=last).rev().find_map(|end| {
        let (start, stop) = (parts.get(at)?.0, parts.get(end)?.1);
        let agency = if end == at {
            schema.agency_called(folded.get(at)?)
        } else {
            schema.agency_called(&fold(text.get(start..stop)?))
        };
        agency.map(|agency| (agency, end))
    })
}

/// The pieces between separators, as byte ranges without outer space.
fn split_names(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut push = |from: usize, to: usize| {
        let piece = text.get(from..to).unwrap_or_default();
        let lead = piece.len() - piece.trim_start().len();
        let tail = piece.trim_end().len();
        if tail > lead && !is_blank(piece) {
            out.push((from + lead, from + tail));
        }
    };
    let indices = text.char_indices().peekable();
    for (at, c) in indices {
        if matches!(c, '/' | ',' | '&' | ';' | '\n' | '\r' | '+' | '•' | '|') {
            push(start, at);
            start = at + c.len_utf8();
        } else if c.is_whitespace()
            && text
                .get(at + c.len_utf8()..)
                .is_some_and(|rest| rest.to_ascii_lowercase().starts_with("and "))
        {
            push(start, at);
            start = at + c.len_utf8() + 4;
        }
    }
    push(start.min(text.len()), text.len());
    out
}

fn from_number(figure: Figure, raw: &CellValue, field: &Field, remarks: &mut Remarks) -> State {
    match field.kind {
        FieldKind::Money => money(pounds(figure), remarks),
        FieldKind::Number => number(measured(figure), field),
        FieldKind::Text | FieldKind::Email | FieldKind::Postcode => formed(raw, field),
        FieldKind::Reference => match reference_text(&raw.to_string(), field) {
            State::Value(value) => State::Value(value),
            State::Blank | State::Missing | State::Placeholder | State::Fault(_) => {
                State::Fault(Fault::ReferenceTrap)
            }
        },
        FieldKind::Line if !has_form(&raw.to_string(), field) => State::Fault(Fault::BadFormat),
        FieldKind::Line => State::Value(Value::Reference(Reference::new(&raw.to_string()))),
        // A bare number names no line: a cost, in a column that partners also use for money.
        FieldKind::Lines => State::Value(Value::References(Box::default())),
        // A link to a blank cell gives nought, which a date's format shows as the day before the first.
        FieldKind::Date | FieldKind::Timescale
            if figure.shown == Shown::NoDay && figure.number == 0.0 =>
        {
            State::Blank
        }
        FieldKind::Date | FieldKind::Timescale => State::Fault(Fault::UnreadableDate),
        FieldKind::Choice
        | FieldKind::Status
        | FieldKind::Priority
        | FieldKind::Agency
        | FieldKind::Agencies => State::Fault(Fault::UnknownChoice(None)),
    }
}

fn from_date(day: jiff::civil::Date, raw: &CellValue, field: &Field) -> State {
    match field.kind {
        FieldKind::Date => State::Value(Value::Date(day)),
        FieldKind::Timescale => State::Value(Value::Timescale(Timescale::By(day))),
        FieldKind::Text | FieldKind::Email | FieldKind::Postcode => formed(raw, field),
        FieldKind::Reference => State::Fault(Fault::ReferenceTrap),
        FieldKind::Line if !has_form(&raw.to_string(), field) => State::Fault(Fault::BadFormat),
        FieldKind::Line => State::Value(Value::Reference(Reference::new(&raw.to_string()))),
        FieldKind::Lines => State::Value(Value::References(Box::default())),
        FieldKind::Money | FieldKind::Number => State::Fault(Fault::UnreadableNumber),
        FieldKind::Choice
        | FieldKind::Status
        | FieldKind::Priority
        | FieldKind::Agency
        | FieldKind::Agencies => State::Fault(Fault::UnknownChoice(None)),
    }
}

/// A ticked box is the listed word for yes, an empty one that for no, where the field lists such words.
fn from_boolean(flag: bool, raw: &CellValue, field: &Field) -> State {
    let words: &[&str] = if flag {
        &["true", "yes", "y", "ticked", "checked"]
    } else {
        &["false", "no", "n", "unticked", "unchecked", "not ticked"]
    };
    let listed = || {
        field.choices.iter().position(|choice| {
            choice
                .words
                .iter()
                .any(|word| words.contains(&word.as_str()))
        })
    };
    match field.kind {
        FieldKind::Choice => listed().map_or(State::Fault(Fault::UnknownChoice(None)), |choice| {
            State::Value(Value::Choice(choice))
        }),
        FieldKind::Text | FieldKind::Email | FieldKind::Postcode => formed(raw, field),
        FieldKind::Money | FieldKind::Number => State::Fault(Fault::UnreadableNumber),
        FieldKind::Date | FieldKind::Timescale => State::Fault(Fault::UnreadableDate),
        FieldKind::Reference => State::Fault(Fault::BadPattern),
        FieldKind::Line if !has_form(&raw.to_string(), field) => State::Fault(Fault::BadFormat),
        FieldKind::Line => State::Value(Value::Reference(Reference::new(&raw.to_string()))),
        FieldKind::Lines => State::Value(Value::References(Box::default())),
        FieldKind::Status | FieldKind::Priority | FieldKind::Agency | FieldKind::Agencies => {
            State::Fault(Fault::UnknownChoice(None))
        }
    }
}

fn within_range(state: State, field: &Field) -> State {
    if field.constraint.minimum.is_none() && field.constraint.maximum.is_none() {
        return state;
    }
    let State::Value(value) = &state else {
        return state;
    };
    let Some(figure) = super::amount_of(value) else {
        return state;
    };
    let is_low = field
        .constraint
        .minimum
        .is_some_and(|minimum| matches!(minimum, Limit::Figure(minimum) if figure < minimum));
    let is_high = field
        .constraint
        .maximum
        .is_some_and(|maximum| matches!(maximum, Limit::Figure(maximum) if figure > maximum));
    if is_low || is_high {
        State::Fault(Fault::OutOfRange(Box::new(figure)))
    } else {
        state
    }
}

/// The day of a value, where it is one.
pub(super) fn day_of(value: &Value) -> Option<jiff::civil::Date> {
    match value {
        Value::Date(day) | Value::Timescale(Timescale::By(day)) => Some(*day),
        Value::Text(_)
        | Value::Reference(_)
        | Value::References(_)
        | Value::Money(_)
        | Value::Number(_)
        | Value::Timescale(Timescale::Continuous)
        | Value::Choice(_)
        | Value::Agencies(_) => None,
    }
}

/// Whether a day lies outside its field's limits.
fn is_beyond(day: jiff::civil::Date, field: &Field) -> bool {
    let constraint = &field.constraint;
    constraint
        .minimum
        .is_some_and(|least| matches!(least, Limit::Day(least) if day < least))
        || constraint
            .maximum
            .is_some_and(|most| matches!(most, Limit::Day(most) if day > most))
}

/// Takes back days outside their field's limits, once the columns' text dates are settled.
pub(super) fn limit_days(table: &mut Table, schema: &TableSchema) {
    for (at, column) in table.layout.columns.iter().enumerate() {
        let Some(field) = schema.fields.get(column.field) else {
            continue;
        };
        let is_limited = |limit: Option<Limit>| matches!(limit, Some(Limit::Day(_)));
        if !is_limited(field.constraint.minimum) && !is_limited(field.constraint.maximum) {
            continue;
        }
        let cells = table
            .records
            .iter_mut()
            .filter_map(|record| record.cells.get_mut(at));
        for cell in cells {
            if let State::Value(value) = &cell.state
                && let Some(day) = day_of(value)
                && is_beyond(day, field)
            {
                cell.state = State::Fault(Fault::DayOutOfRange(day));
            }
        }
    }
}

/// The lengths at which Excel 2003 exports and cells cut a text off.
const CUT_LENGTHS: [usize; 2] = [255, 32_767];

fn remark_on(text: &str, field: &Field, remarks: &mut Remarks) {
    if text.len() >= 255 {
        let characters = text.chars().count();
        remarks.cut_at = CUT_LENGTHS.contains(&characters).then_some(characters);
    }
    remarks.is_formula_like = is_formula_like(text);
    if let Some(most) = field.constraint.words_maximum
        && let Ok(most) = usize::try_from(most)
        && text.len() > most * 2
    {
        let words = text.split_whitespace().count();
        remarks.words_over = (words > most).then_some(words);
    }
}

/// Text that a spreadsheet could run: `=…`, or `+ - @` before a function's name and bracket, or before `|`.
#[must_use]
fn is_formula_like(text: &str) -> bool {
    let plain = text.trim_start();
    if plain.starts_with('=') {
        return true;
    }
    let Some(rest) = plain.strip_prefix(['+', '-', '@']) else {
        return false;
    };
    let name = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
        .count();
    let tail = rest.get(name..).unwrap_or_default();
    let is_name = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    // `-session(s) held` is a list, not a function.
    let is_plural = tail.starts_with("(s)") || tail.starts_with("(es)");
    rest.starts_with('|')
        || (is_name && (tail.starts_with('|') || (tail.starts_with('(') && !is_plural)))
}

/// Holds back texts with a lone comma before three figures where their column writes pence behind commas.
pub(super) fn settle_commas(table: &mut Table, schema: &TableSchema) {
    for (at, column) in table.layout.columns.iter().enumerate() {
        let is_figure = schema
            .fields
            .get(column.field)
            .is_some_and(|field| matches!(field.kind, FieldKind::Money | FieldKind::Number));
        if !is_figure {
            continue;
        }
        let text = |cell: &Decoded, is: fn(&str) -> bool| {
            cell.raw
                .as_ref()
                .and_then(CellValue::as_text)
                .is_some_and(is)
        };
        let writes_commas = table
            .records
            .iter()
            .filter_map(|record| record.cells.get(at))
            .any(|cell| text(cell, amount::has_decimal_comma));
        if !writes_commas {
            continue;
        }
        let cells = table
            .records
            .iter_mut()
            .filter_map(|record| record.cells.get_mut(at));
        for cell in cells {
            if matches!(cell.state, State::Value(_)) && text(cell, amount::is_comma_open) {
                cell.state = State::Fault(Fault::UnreadableNumber);
            }
        }
    }
}

/// Whether a column's real dates may have been turned round: its text dates are those that American settings could not read.
fn are_turned_round<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let mut has_figures = false;
    for text in texts {
        if date::names_its_month(text) {
            return false;
        }
        if !date::is_in_figures(text) {
            continue;
        }
        match date::from_text(text) {
            TextDate::Certain(day) if day.day() > 12 => has_figures = true,
            TextDate::Impossible | TextDate::Unreadable => {}
            // What those settings can read they would have made a date.
            TextDate::Certain(_) | TextDate::Ambiguous { .. } | TextDate::MonthFirst(_) => {
                return false;
            }
        }
    }
    has_figures
}

/// Settles text dates that can be read two ways, column by column, and timescales that name a quarter without its year.
pub(super) fn settle_dates(table: &mut Table, schema: &TableSchema, config: &Schema) {
    let year = &config.year;
    for (at, column) in table.layout.columns.iter().enumerate() {
        let Some(field) = schema.fields.get(column.field) else {
            continue;
        };
        if !matches!(field.kind, FieldKind::Date | FieldKind::Timescale) {
            continue;
        }
        let text_date = |cell: &Decoded| {
            cell.raw
                .as_ref()
                .and_then(CellValue::as_text)
                .map(date::from_text)
        };
        let is_month_first = table
            .records
            .iter()
            .filter_map(|r| r.cells.get(at))
            .any(|cell| matches!(text_date(cell), Some(TextDate::MonthFirst(_))));
        let are_turned = are_turned_round(
            table
                .records
                .iter()
                .filter_map(|record| record.cells.get(at)?.raw.as_ref()?.as_text()),
        );
        for record in &mut table.records {
            let Some(cell) = record.cells.get_mut(at) else {
                continue;
            };
            if are_turned
                && let Some(CellValue::Date(moment)) = &cell.raw
                && let Some(other) = date::exchanged(moment.date())
                && (year.start..=year.end).contains(&other)
            {
                cell.state = State::Fault(Fault::AmbiguousDate {
                    day_first: moment.date(),
                    month_first: other,
                });
                continue;
            }
            if let State::Value(Value::Timescale(Timescale::By(day))) = &mut cell.state
                && day.year() <= 1
            {
                // The plan's year has each day of the calendar once.
                let in_year = |calendar: i16| {
                    jiff::civil::Date::new(calendar, day.month(), 1)
                        .ok()
                        .filter(|first| first.last_of_month() >= year.start)
                        .map(|first| {
                            let is_last = day.day() == day.days_in_month();
                            if is_last {
                                first.last_of_month()
                            } else {
                                first.with().day(day.day()).build().unwrap_or(first)
                            }
                        })
                };
                if let Some(found) = in_year(year.start.year()).or_else(|| in_year(year.end.year()))
                {
                    *day = found;
                }
                continue;
            }
            let Some(TextDate::Ambiguous {
                day_first,
                month_first,
            }) = text_date(cell)
            else {
                continue;
            };
            let inside = |day: jiff::civil::Date| (year.start..=year.end).contains(&day);
            if is_month_first || (!inside(day_first) && inside(month_first)) {
                cell.state = State::Fault(Fault::AmbiguousDate {
                    day_first,
                    month_first,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_formula_like, is_postcode, lines};

    #[test]
    fn only_what_could_run_is_formula_like() {
        for text in [
            "=1+1",
            "+SUM(A1)",
            "-HYPERLINK(\"x\")",
            "@SUM(1)",
            "+cmd|' /C calc'!A0",
            "=cmd|'x'",
        ] {
            assert!(is_formula_like(text), "{text}");
        }
        for text in [
            "- four sessions held\n- posters put up",
            "+1 officer",
            "@ the station",
            "-5 on last year",
            "+ (two) more",
        ] {
            assert!(!is_formula_like(text), "{text}");
        }
    }

    #[test]
    fn funding_lines_are_told_from_words() {
        let keys = |text: &str| {
            lines(text)
                .iter()
                .map(|l| l.key.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(keys("CRG-01, CRG-02"), ["CRG1", "CRG2"]);
        assert_eq!(keys("core budget"), [""; 0]);
        assert_eq!(keys("CRG-01 and core budget"), ["CRG1"]);
        assert_eq!(keys("£500"), [""; 0]);
    }

    #[test]
    fn postcodes_have_a_shape() {
        assert!(
            is_postcode("TN13 1HG")
                && is_postcode("sw1a1aa")
                && !is_postcode("TN13")
                && !is_postcode("12345")
        );
    }
}
