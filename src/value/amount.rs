//! Exact money and figures. The only place where a float becomes a decimal.

use rust_decimal::{Decimal, RoundingStrategy};

/// Why a text is no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be read as a figure")]
pub struct Unreadable;

/// What no figure reaches: 10 to the power of 15. Beyond it a spreadsheet keeps no pence, and sums of what is below it, however many a
/// file can hold and whatever percentage is taken of them, stay within what a decimal holds.
pub const LIMIT: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// A figure below the limit, on either side of nought.
fn within(figure: Decimal) -> Result<Decimal, Unreadable> {
    if figure.abs() < LIMIT {
        Ok(figure)
    } else {
        Err(Unreadable)
    }
}

/// A number cell as Excel shows it: its double to 15 significant digits.
///
/// # Errors
/// `Unreadable` for infinities, NaN and what reaches the limit.
pub fn from_number(number: f64) -> Result<Decimal, Unreadable> {
    if !number.is_finite() {
        return Err(Unreadable);
    }
    let shown = format!("{number:.14e}");
    Decimal::from_scientific(&shown)
        .or_else(|_| {
            // What a decimal has no digits for is nought, or too large, which is told below.
            if number.abs() < 1.0 {
                Decimal::from_str_exact(&format!("{number:.28}"))
            } else {
                Ok(LIMIT)
            }
        })
        .map_err(|_| Unreadable)
        .and_then(within)
        .map(|d| d.normalize())
}

/// Whether a figure is written as one and is too large to be one: it reaches the limit.
#[must_use]
pub fn is_beyond_limit(text: &str) -> bool {
    written(text).is_ok_and(|figure| figure.abs() >= LIMIT)
}

/// A figure typed as text: `£1,250.00`, `(250.00)`, `250-`, `-£250`, `1,250 CR`, `45 %`.
///
/// # Errors
/// `Unreadable` for whatever would need a guess: `£1,2500`, `c. 3k`, `12-14`, `30+`, `12,50`; and for what reaches the limit.
pub fn from_text(text: &str) -> Result<Decimal, Unreadable> {
    written(text).and_then(within)
}

/// A figure as it is written, however large.
fn written(text: &str) -> Result<Decimal, Unreadable> {
    if !may_be_figure(text) {
        return Err(Unreadable);
    }
    let mut rest: String = text
        .chars()
        .filter(|c| !super::text::is_invisible(*c))
        .map(|c| match c {
            '−' | '–' | '‒' | '‐' | '‑' => '-',
            '£' => '£',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    rest = rest.trim().to_owned();
    let mut negative = false;
    if let Some(inside) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        negative = true;
        rest = inside.trim().to_owned();
    }
    let upper = rest.to_ascii_uppercase();
    if let Some(body) = upper.strip_suffix("CR") {
        flip(&mut negative)?;
        rest = body.trim().into();
    } else if let Some(body) = upper.strip_suffix("DR") {
        rest = body.trim().into();
    }
    if let Some(body) = rest.strip_suffix('%') {
        rest = body.trim().to_owned();
    }
    if let Some(body) = rest.strip_suffix('-') {
        flip(&mut negative)?;
        rest = body.trim().to_owned();
    }
    if let Some(body) = rest.get(rest.len().saturating_sub(3)..)
        && body.eq_ignore_ascii_case("GBP")
        && rest.len() > 3
    {
        rest = rest
            .get(..rest.len() - 3)
            .unwrap_or_default()
            .trim_end()
            .to_owned();
    }
    rest = strip_sign(&rest, &mut negative)?;
    if let Some(body) = rest.strip_prefix('£') {
        rest = body.trim_start().to_owned();
    } else if rest
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("GBP"))
    {
        rest = rest.get(3..).unwrap_or_default().trim_start().to_owned();
    }
    rest = strip_sign(&rest, &mut negative)?;
    if let Some(inside) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        flip(&mut negative)?;
        rest = inside.trim().to_owned();
    }
    let figure = digits(&rest)?;
    Ok(if negative { -figure } else { figure }.normalize())
}

/// A quick look, for most texts are words: a figure has a digit, and no letters but those of its pounds and of `CR` and `DR`.
fn may_be_figure(text: &str) -> bool {
    let mut has_digit = false;
    for byte in text.bytes() {
        match byte.to_ascii_uppercase() {
            b'0'..=b'9' => has_digit = true,
            b'G' | b'B' | b'P' | b'C' | b'D' | b'R' => {}
            letter if letter.is_ascii_alphabetic() => return false,
            _ => {}
        }
    }
    has_digit
}

/// Whether a text's point could part thousands as well as pence: one point, exactly three figures behind it, one to three before,
/// and no comma. `£1.250`; not `0.125`, which no thousand begins.
#[must_use]
pub fn is_point_open(text: &str) -> bool {
    let (digits, _) = marks(text);
    digits.split_once('.').is_some_and(|(whole, fraction)| {
        is_digits(whole, 1..=3) && !whole.starts_with('0') && is_digits(fraction, 3..=3)
    })
}

/// Whether a text's only comma could be a decimal one, where its column writes such: `1,250`.
#[must_use]
pub fn is_comma_open(text: &str) -> bool {
    let (digits, _) = marks(text);
    digits
        .split_once(',')
        .is_some_and(|(whole, rest)| is_digits(whole, 1..=3) && is_digits(rest, 3..=3))
}

/// Whether a text writes its pence behind a comma: `12,50`, `1.250,00`.
#[must_use]
pub fn has_decimal_comma(text: &str) -> bool {
    let (digits, is_plain) = marks(text);
    is_plain
        && digits.split_once(',').is_some_and(|(whole, rest)| {
            let groups: Vec<&str> = whole.split('.').collect();
            let is_whole = match groups.as_slice() {
                [whole] => is_digits(whole, 1..=9),
                [first, rest @ ..] => {
                    is_digits(first, 1..=3) && rest.iter().all(|group| is_digits(group, 3..=3))
                }
                [] => false,
            };
            is_whole && is_digits(rest, 1..=2)
        })
}

/// A text's digits, points and commas; and whether there is nothing else to it but signs and a currency.
fn marks(text: &str) -> (String, bool) {
    let is_mark = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let digits = text.chars().filter(|c| is_mark(*c)).collect();
    let is_plain = text.chars().all(|c| {
        is_mark(c) || c.is_whitespace() || super::text::is_invisible(c) || "£€$-−–()+".contains(c)
    });
    (digits, is_plain)
}

fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// A figure in thousands, `£1.2k`, for fields that allow it.
///
/// # Errors
/// `Unreadable` for whatever is no plain figure before the `k`.
pub fn from_thousands(text: &str) -> Result<Decimal, Unreadable> {
    let plain = super::text::visible(text);
    let figure = plain.strip_suffix(['k', 'K']).ok_or(Unreadable)?;
    from_text(figure)?
        .checked_mul(Decimal::ONE_THOUSAND)
        .ok_or(Unreadable)
        .and_then(within)
        .map(|d| d.normalize())
}

fn strip_sign(text: &str, negative: &mut bool) -> Result<String, Unreadable> {
    if let Some(body) = text.strip_prefix('-') {
        flip(negative)?;
        return Ok(body.trim_start().to_owned());
    }
    Ok(text
        .strip_prefix('+')
        .unwrap_or(text)
        .trim_start()
        .to_owned())
}

/// A figure has one sign: two of them would be a guess.
fn flip(negative: &mut bool) -> Result<(), Unreadable> {
    if *negative {
        return Err(Unreadable);
    }
    *negative = true;
    Ok(())
}

/// Digits with thousands separators only where thousands are, and at most one point.
fn digits(text: &str) -> Result<Decimal, Unreadable> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return Err(Unreadable);
    }
    let mut groups = whole.split(',');
    let head = groups.next().unwrap_or_default();
    let tail: Vec<&str> = groups.collect();
    let grouped = !tail.is_empty();
    if !head.bytes().all(|b| b.is_ascii_digit()) || (grouped && (head.is_empty() || head.len() > 3))
    {
        return Err(Unreadable);
    }
    if tail
        .iter()
        .any(|group| group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(Unreadable);
    }
    let mut plain = head.to_owned();
    plain.extend(tail);
    if plain.is_empty() {
        plain.push('0');
    }
    if !fraction.is_empty() {
        plain.push('.');
        plain.push_str(fraction);
    }
    // More digits before the point than a decimal holds are too many; more behind it than it holds cannot be read exactly.
    let digits = plain.split('.').next().unwrap_or_default();
    if digits.trim_start_matches('0').len() > LIMIT_DIGITS {
        return Ok(LIMIT);
    }
    Decimal::from_str_exact(&plain).map_err(|_| Unreadable)
}

/// The most digits that a figure below the limit has before its point.
const LIMIT_DIGITS: usize = 15;

/// So many hundredths of an amount.
#[must_use]
pub fn percent_of(amount: Decimal, percent: u32) -> Decimal {
    times(amount, percent) / Decimal::ONE_HUNDRED
}

/// So many times an amount. The number is the configuration's, which may be anything.
#[must_use]
pub fn times(amount: Decimal, times: u32) -> Decimal {
    amount.saturating_mul(Decimal::from(times))
}

/// Money to the penny, half away from zero; and whether there was a third decimal to round.
#[must_use]
pub fn to_pence(amount: Decimal) -> (Decimal, bool) {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let cut = rounded != amount;
    rounded.rescale(2);
    (rounded, cut)
}

/// Money as a report writes it: two decimals, no separators.
#[must_use]
pub fn plain(amount: Decimal) -> String {
    format!("{:.2}", to_pence(amount).0)
}

/// Money as a sentence writes it: `£1,250.00`, `-£45.50`.
#[must_use]
pub fn pounds(amount: Decimal) -> String {
    let text = plain(amount.abs());
    let (whole, pence) = text.split_once('.').unwrap_or((text.as_str(), "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount.is_sign_negative() && !amount.is_zero() {
        "-"
    } else {
        ""
    };
    format!("{sign}£{grouped}.{pence}")
}

/// A measured figure as a report writes it: no trailing zeros, no exponent.
#[must_use]
pub fn figure(number: Decimal) -> String {
    number.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::{
        Decimal, LIMIT, from_number, from_text, from_thousands, is_beyond_limit, plain, pounds,
        times, to_pence,
    };

    fn dec(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect(text)
    }

    #[test]
    fn usual_spellings_are_read_exactly() {
        for (text, want) in [
            ("£1,250.00", "1250"),
            ("1250", "1250"),
            (" £ 1,250 ", "1250"),
            ("(250.00)", "-250"),
            ("(£45.50)", "-45.5"),
            ("£(45.50)", "-45.5"),
            ("250-", "-250"),
            ("-£250", "-250"),
            ("£-250", "-250"),
            ("−12.5", "-12.5"),
            ("1,250 CR", "-1250"),
            ("1,234,567.89", "1234567.89"),
            ("GBP 12", "12"),
            (".50", "0.5"),
            ("45%", "45"),
            ("+7", "7"),
            ("1,250.00 GBP", "1250"),
            ("£1,250.00 cr", "-1250"),
            ("£\u{a0}1,250", "1250"),
            ("1,250\u{200b}", "1250"),
            ("12.5 %", "12.5"),
        ] {
            assert_eq!(from_text(text), Ok(dec(want)), "{text}");
        }
    }

    #[test]
    fn what_needs_a_guess_is_not_read() {
        for text in [
            "£1,2500", "c. 3k", "12-14", "30+", "12,50", "1.250,00", "", "-", "£", "1 250", "--5",
            "(-5)", "1e3", "ten", "1.2k", "12.5.1", "5 people",
        ] {
            assert!(from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn thousands_are_read_where_they_are_asked_for() {
        assert_eq!(from_thousands("£1.2k"), Ok(dec("1200")));
        assert_eq!(from_thousands("-£3K"), Ok(dec("-3000")));
        for text in ["1.2", "c. 3k", "k", "1.2m", "3kk"] {
            assert!(from_thousands(text).is_err(), "{text}");
        }
    }

    #[test]
    fn figures_end_below_ten_to_the_fifteenth() {
        assert_eq!(LIMIT, dec("1000000000000000"));
        for number in [1e15, -1e15, 1e27, 1e28, 1e29, 1e300, -1e300, f64::MAX] {
            assert!(from_number(number).is_err(), "{number}");
        }
        for text in [
            "1000000000000000",
            "£1,000,000,000,000,000.00",
            "-1000000000000000000000000000",
            "(99999999999999999999999999999999999999999999)",
        ] {
            assert!(from_text(text).is_err() && is_beyond_limit(text), "{text}");
        }
        assert!(from_thousands("1000000000000k").is_err());
        assert_eq!(
            from_text("£999,999,999,999,999.99"),
            Ok(dec("999999999999999.99"))
        );
        assert_eq!(from_number(99_999_999_999_999.0), Ok(dec("99999999999999")));
        assert_eq!(from_text("000000000000000000000012"), Ok(dec("12")));
        assert!(!is_beyond_limit("12") && !is_beyond_limit("1e27"));
    }

    #[test]
    fn what_is_too_small_to_show_is_nought() {
        for number in [5.551_115_123_125_783e-17, 1e-300, -1e-40, f64::MIN_POSITIVE] {
            let read = from_number(number).map(|figure| to_pence(figure).0);
            assert_eq!(read, Ok(dec("0.00")), "{number}");
        }
    }

    #[test]
    fn figures_add_up_and_multiply_without_end() {
        let (largest, smallest) = (dec("999999999999999.99"), dec(&format!("0.{:0>28}", 1)));
        let sum: Decimal = [largest, smallest, largest].into_iter().sum();
        assert_eq!(to_pence(sum).0, dec("1999999999999999.98"));
        let most = dec("99999999999999999999999999.99");
        assert!(times(most, u32::MAX) > most && times(-most, u32::MAX) < -most);
    }

    #[test]
    fn binary_tails_vanish_and_third_decimals_stay() {
        assert_eq!(from_number(0.1 + 0.2), Ok(dec("0.3")));
        assert_eq!(
            to_pence(from_number(87.1255).expect("finite")),
            (dec("87.13"), true)
        );
        assert_eq!(to_pence(dec("2.345")), (dec("2.35"), true));
        assert_eq!(to_pence(dec("-2.345")), (dec("-2.35"), true));
        assert_eq!(plain(dec("5")), "5.00");
        assert_eq!(pounds(dec("-1234567.5")), "-£1,234,567.50");
        assert!(from_number(f64::NAN).is_err());
    }
}
