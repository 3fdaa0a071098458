//! Number formats: what a stored number is to a person who sees it. The one place that reads their codes, for every format of file.
//!
//! Codes as in ECMA-376 part 1, 18.8.30 and 18.8.31: up to four sections, of which the number chooses one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::grid::{CellValue, Currency, Figure, Shown};
use crate::value::{amount, date};

/// A number format, taken apart once for all cells that have it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq)]
struct Section {
    condition: Option<(Comparison, f64)>,
    kind: Kind,
    /// Whether it shows its numbers as below nought: a minus, brackets, `CR`.
    is_minus: bool,
    /// Whether it has a colour, which in a section for numbers below nought is the sign.
    has_colour: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    Unequal,
    GreaterOrEqual,
    Greater,
}

/// What a section makes of a number.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Number(Shown),
    Date,
    Time,
    Span,
    /// Words and no number.
    Words(Arc<str>),
    /// Neither number nor words; a dash perhaps.
    Nothing,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self::only(Kind::Number(Shown::Plain))
    }
}

impl NumberFormat {
    fn only(kind: Kind) -> Self {
        Self {
            sections: vec![Section {
                condition: None,
                kind,
                is_minus: false,
                has_colour: false,
            }],
        }
    }

    /// The format with this number, and this code where the file has one for it: a built-in number's own code goes before the built-in one,
    /// whose currency is that of the computer, which here means pounds.
    pub(super) fn of(id: u32, code: Option<&str>) -> Self {
        match code {
            Some(code) => Self::from_code(code),
            None => Self::only(match id {
                9 | 10 => Kind::Number(Shown::Percent),
                14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Kind::Date,
                18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Kind::Time,
                46 => Kind::Span,
                _ => Kind::Number(Shown::Plain),
            }),
        }
    }

    /// The format that a code describes.
    pub(super) fn from_code(code: &str) -> Self {
        if code.trim().is_empty() || code.eq_ignore_ascii_case("general") {
            return Self::default();
        }
        Self {
            sections: sections(code)
                .iter()
                .map(|tokens| section(tokens))
                .collect(),
        }
    }

    /// Whether every number is shown as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.all(|kind| *kind == Kind::Number(Shown::Plain))
            && !self.turns_sign(1.0)
            && !self.turns_sign(-1.0)
    }

    /// Whether a number is shown with a sign that it does not have, or without its own: `(0)`, `0"CR"`, `0.00;0.00`.
    fn turns_sign(&self, number: f64) -> bool {
        let is_by_sign = self
            .sections
            .iter()
            .all(|section| section.condition.is_none());
        match self.sections.as_slice() {
            [only] => only.is_minus,
            [above, ..] if number > 0.0 => is_by_sign && above.is_minus,
            [_, below, ..] if number < 0.0 => {
                is_by_sign
                    && matches!(below.kind, Kind::Number(_))
                    && !below.is_minus
                    && !below.has_colour
            }
            _ => false,
        }
    }

    /// Whether every number is shown as a date.
    pub(super) fn is_date(&self) -> bool {
        self.all(|kind| *kind == Kind::Date)
    }

    fn all(&self, is: impl Fn(&Kind) -> bool) -> bool {
        // The fourth section is for text.
        self.sections
            .iter()
            .take(3)
            .all(|section| is(&section.kind))
    }

    /// Whether any reader that knows dates at all takes this for one: the usual codes, without words, signs or places.
    pub(super) fn is_usual_date(id: u32, code: Option<&str>) -> bool {
        match code {
            None => matches!(id, 14..=17 | 22),
            Some(code) => {
                code.starts_with(['d', 'm', 'y'])
                    && code.contains(['d', 'y'])
                    && code.chars().all(|c| "dmyhs/-.: \\".contains(c))
            }
        }
    }

    /// What a cell with this format holds, of which the file has the number.
    pub(super) fn value(&self, number: f64, is_1904: bool) -> CellValue {
        let figure = |shown| CellValue::Number(Figure { number, shown });
        // Nought is what a link to a blank cell gives, and no day.
        let day = || {
            date::from_serial(number, is_1904)
                .filter(|_| number != 0.0)
                .map_or_else(|| figure(Shown::NoDay), CellValue::Date)
        };
        match self.chosen(number) {
            Some(Kind::Number(_)) if number != 0.0 && self.turns_sign(number) => {
                figure(Shown::Another)
            }
            Some(Kind::Number(shown)) => figure(*shown),
            Some(Kind::Time) if (0.0..1.0).contains(&number) => figure(Shown::TimeOfDay),
            Some(Kind::Date | Kind::Time) => day(),
            Some(Kind::Span) => figure(Shown::Span),
            Some(Kind::Words(words)) if is_another_figure(words, number) => figure(Shown::Another),
            Some(Kind::Words(words)) => CellValue::Text(Arc::clone(words)),
            // A nought that is left out or shown as a dash is a nought.
            Some(Kind::Nothing) if number != 0.0 => figure(Shown::Nothing),
            Some(Kind::Nothing) | None => figure(Shown::Plain),
        }
    }

    fn chosen(&self, number: f64) -> Option<&Kind> {
        let kinds = self.sections.as_slice();
        let at = |index: usize| kinds.get(index).map(|section| &section.kind);
        let meets = |index: usize| {
            kinds
                .get(index)
                .and_then(|section| section.condition)
                .map(|(comparison, bound)| comparison.holds(number, bound))
        };
        match kinds {
            [] => None,
            [only] => Some(&only.kind),
            [_, _] => match (meets(0), meets(1)) {
                (Some(true), _) => at(0),
                (None, _) if number >= 0.0 => at(0),
                _ => at(1),
            },
            _ => match (meets(0), meets(1)) {
                (Some(true), _) => at(0),
                (None, _) if number > 0.0 => at(0),
                (_, Some(true)) => at(1),
                (_, None) if number < 0.0 => at(1),
                _ => at(2),
            },
        }
    }
}

impl Comparison {
    #[expect(
        clippy::float_cmp,
        reason = "a format compares with the number as it is written in it"
    )]
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Equal => number == bound,
            Self::Unequal => number != bound,
            Self::GreaterOrEqual => number >= bound,
            Self::Greater => number > bound,
        }
    }
}

/// One sign of a section.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A character that stands for itself.
    Literal(char),
    /// What stands in brackets.
    Bracket(String),
    /// A character with a meaning, or an unquoted one without.
    Code(char),
}

/// The sections of a code.
fn sections(code: &str) -> Vec<Vec<Token>> {
    let mut out = vec![Vec::new()];
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        let token = match c {
            ';' => {
                out.push(Vec::new());
                continue;
            }
            '"' => {
                let quoted: Vec<Token> = chars
                    .by_ref()
                    .take_while(|c| *c != '"')
                    .map(Token::Literal)
                    .collect();
                if let Some(section) = out.last_mut() {
                    section.extend(quoted);
                }
                continue;
            }
            '\\' => match chars.next() {
                Some(c) => Token::Literal(c),
                None => break,
            },
            // A space as wide as the next character, or one that fills the cell.
            '_' | '*' => {
                chars.next();
                continue;
            }
            '[' => Token::Bracket(chars.by_ref().take_while(|c| *c != ']').collect()),
            c => Token::Code(c),
        };
        if let Some(section) = out.last_mut() {
            section.push(token);
        }
    }
    out
}

/// Signs with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Digit,
    Percent,
    Span,
    /// Days and years.
    Day,
    /// Months, or minutes beside hours or seconds.
    Month,
    /// Hours, seconds, before noon and after.
    Clock,
}

/// What a section's signs amount to.
#[derive(Default)]
struct Signs {
    met: BTreeSet<Sign>,
    divided: u8,
    currency: Option<Currency>,
    /// All that stands for itself.
    words: String,
    /// What of that stands behind the figure.
    tail: String,
}

fn section(tokens: &[Token]) -> Section {
    let mut signs = Signs::default();
    let mut condition = None;
    let mut has_colour = false;
    let mut commas = 0;
    let mut was_digit = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let is_digit = matches!(token, Token::Code('0' | '#' | '?'));
        let is_comma = *token == Token::Code(',') && (was_digit || commas > 0);
        if is_comma {
            commas += 1;
            was_digit = false;
            continue;
        }
        // Commas between digits part thousands; at their end each divides by a thousand.
        if !is_digit {
            signs.divided = signs.divided.saturating_add(commas);
        }
        commas = 0;
        was_digit = is_digit;
        if is_digit {
            signs.meet(Sign::Digit);
            continue;
        }
        match token {
            Token::Literal(c) => signs.literal(*c),
            Token::Bracket(inside) => match inside.strip_prefix('$') {
                Some(sign) => signs.sign(sign),
                None => match comparison(inside) {
                    Some(found) => condition = Some(found),
                    None if is_span(inside) => signs.meet(Sign::Span),
                    None => has_colour |= is_colour(inside),
                },
            },
            Token::Code(c) => at = signs.code(*c, tokens, at),
        }
    }
    signs.divided = signs.divided.saturating_add(commas);
    Section {
        condition,
        is_minus: signs.is_minus(),
        has_colour,
        kind: signs.kind(),
    }
}

/// `[Red]`, `[Color 3]`; black is none.
fn is_colour(inside: &str) -> bool {
    let name = inside.trim().to_ascii_lowercase();
    name.starts_with("color")
        || matches!(
            name.as_str(),
            "red" | "blue" | "green" | "magenta" | "cyan" | "yellow" | "white"
        )
}

impl Signs {
    fn meet(&mut self, sign: Sign) {
        self.met.insert(sign);
    }

    fn has(&self, sign: Sign) -> bool {
        self.met.contains(&sign)
    }

    fn literal(&mut self, c: char) {
        self.words.push(c);
        if self.has(Sign::Digit) {
            self.tail.push(c);
        }
    }

    /// A currency in brackets, `[$€-407]`; a place alone, `[$-809]`, names none.
    fn sign(&mut self, inside: &str) {
        let sign = inside.split_once('-').map_or(inside, |(sign, _)| sign);
        self.currency = self.currency.or_else(|| Currency::of(sign));
    }

    /// A sign with a meaning; where the next one is.
    fn code(&mut self, c: char, tokens: &[Token], at: usize) -> usize {
        let follows = |word: &str| {
            word.chars().enumerate().all(|(index, wanted)| {
                matches!(tokens.get(at + index), Some(Token::Code(c)) if c.eq_ignore_ascii_case(&wanted))
            })
        };
        match c.to_ascii_lowercase() {
            '%' => self.meet(Sign::Percent),
            'g' if follows("eneral") => {
                self.meet(Sign::Digit);
                return at + "eneral".len();
            }
            'a' if follows("m/pm") => {
                self.meet(Sign::Clock);
                return at + "m/pm".len();
            }
            'a' if follows("/p") => {
                self.meet(Sign::Clock);
                return at + "/p".len();
            }
            // A power of ten.
            'e' if follows("+") || follows("-") => return at + 1,
            'd' | 'y' => self.meet(Sign::Day),
            'm' => self.meet(Sign::Month),
            'h' | 's' => self.meet(Sign::Clock),
            '.' | '@' | '/' => {}
            _ => self.literal(c),
        }
        at
    }

    fn kind(self) -> Kind {
        if self.has(Sign::Span) {
            return Kind::Span;
        }
        // Programs write signs of currencies, and letters, without quotes; other letters are a calendar's.
        if self.has(Sign::Day)
            || (self.has(Sign::Month) && !self.has(Sign::Clock) && !self.has(Sign::Digit))
        {
            return Kind::Date;
        }
        if self.has(Sign::Clock) {
            return Kind::Time;
        }
        if !self.has(Sign::Digit) {
            let words = self.words.trim();
            return if words.chars().any(char::is_alphanumeric) {
                Kind::Words(words.into())
            } else {
                Kind::Nothing
            };
        }
        Kind::Number(self.shown())
    }

    /// What stands for itself before the figure.
    fn head(&self) -> &str {
        self.words
            .get(..self.words.len().saturating_sub(self.tail.len()))
            .unwrap_or_default()
    }

    /// Whether what stands around the figure makes it one below nought.
    fn is_minus(&self) -> bool {
        const WORDS: [&str; 6] = ["cr", "credit", "minus", "less", "negative", "neg"];
        let (head, tail) = (self.head().trim_end_matches(['£', ' ']), self.tail.trim());
        let is_sign = |c: char| matches!(c, '-' | '−' | '–' | '(');
        head.ends_with(is_sign)
            || matches!(tail, "-" | "−" | "–")
            || self
                .words
                .split(|c: char| !c.is_alphabetic())
                .any(|word| WORDS.contains(&word.to_lowercase().as_str()))
    }

    /// Whether figures that stand for themselves adjoin those of the number: `0"0"` shows 25 as 250.
    fn adjoins(&self) -> bool {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let mut tail = self.tail.chars();
        let first = tail.next();
        let is_fraction = first == Some('/') && tail.next().is_some_and(|c| c.is_ascii_digit());
        let has_figures = |text: &str| text.chars().any(|c| c.is_ascii_digit());
        self.head().ends_with(is_part) && has_figures(self.head())
            || first.is_some_and(is_part) && has_figures(&self.tail)
            || is_fraction
    }

    /// Whether words or signs stand with the figure that no plain amount of pounds has: `0" pence"`, `"c. "0`, `0" each"`.
    fn says_more(&self) -> bool {
        const PLAIN: [&str; 16] = [
            "gbp", "pound", "pounds", "sterling", "net", "gross", "dr", "debit", "paid", "spent",
            "claimed", "total", "only", "cr", "credit", "minus",
        ];
        self.words.contains(['~', '≈', '<', '>', '≤', '≥'])
            || self
                .words
                .split(|c: char| !c.is_alphabetic())
                .filter(|word| !word.is_empty())
                .any(|word| !PLAIN.contains(&word.to_lowercase().as_str()))
    }

    fn shown(&self) -> Shown {
        if self.has(Sign::Percent) {
            return Shown::Percent;
        }
        if self.words.contains('%') {
            return Shown::PercentSign;
        }
        if let Some(currency) = self.currency.or_else(|| named_currency(&self.words)) {
            return Shown::Currency(currency);
        }
        let scale = scale_of(&self.tail)
            .or_else(|| (self.has(Sign::Month) && self.tail.is_empty()).then_some(2));
        match (self.divided, scale) {
            (0, None) if self.adjoins() => Shown::Another,
            (0, None) if self.says_more() => Shown::Worded,
            (0, None) => Shown::Plain,
            (divided, None) => Shown::Divided(divided),
            (divided, Some(scale)) if divided == scale => Shown::Divided(divided),
            (_, Some(scale)) => Shown::Multiplied(scale),
        }
    }
}

/// How many thousands a letter or word behind a figure makes of it.
fn scale_of(tail: &str) -> Option<u8> {
    let word = tail
        .trim_matches(|c: char| c.is_whitespace() || "()-.".contains(c))
        .to_lowercase();
    match word.as_str() {
        "k" | "000" | "000s" | "'000" | "'000s" | "th" | "thousand" | "thousands" | "tsd" => {
            Some(1)
        }
        "m" | "mn" | "mln" | "mio" | "million" | "millions" => Some(2),
        "bn" | "billion" | "billions" => Some(3),
        _ => None,
    }
}

/// A currency that the words of a format name.
fn named_currency(words: &str) -> Option<Currency> {
    const CODES: [&str; 24] = [
        "EUR", "USD", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "AUD",
        "CAD", "NZD", "INR", "PKR", "CNY", "HKD", "SGD", "TRY", "ZAR", "NGN", "AED",
    ];
    if words.contains('£') {
        return None;
    }
    let sign = words.chars().find(|c| "€$¥￥₹₺₽₩₪₴₦".contains(*c));
    if let Some(sign) = sign {
        return Currency::of(sign.encode_utf8(&mut [0; 4]));
    }
    let is_word = |word: &&str| {
        CODES.contains(word) || matches!(*word, "zł" | "Kč" | "Ft" | "Fr" | "SFr" | "kr")
    };
    words
        .split(|c: char| !c.is_alphabetic())
        .find(is_word)
        .and_then(Currency::of)
}

/// `[>=1000]`
fn comparison(inside: &str) -> Option<(Comparison, f64)> {
    let (comparison, rest) = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<>", Comparison::Unequal),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("=", Comparison::Equal),
    ]
    .into_iter()
    .find_map(|(sign, comparison)| Some((comparison, inside.strip_prefix(sign)?)))?;
    Some((comparison, rest.trim().parse().ok()?))
}

/// `[h]`, `[mm]`, `[ss]`: hours, minutes or seconds beyond a day's.
fn is_span(inside: &str) -> bool {
    let mut letters = inside.chars().map(|c| c.to_ascii_lowercase());
    letters
        .next()
        .is_some_and(|first| "hms".contains(first) && letters.all(|c| c == first))
}

/// Words that say of a figure that there is none.
const NO_FIGURE: [&str; 6] = ["nil", "none", "nought", "zero", "n/a", "na"];

/// Whether letters that stand in the place of a number are a figure, and not that number: `"250.00"` or `"nil"` over 538.20.
fn is_another_figure(words: &str, number: f64) -> bool {
    let said = amount::from_text(words);
    match (said, amount::from_number(number)) {
        (Ok(said), Ok(held)) => said != held,
        _ => number != 0.0 && NO_FIGURE.contains(&words.trim().to_lowercase().as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::NumberFormat;
    use crate::grid::{CellValue, Currency, Figure, Shown};

    fn shown(code: &str, number: f64) -> Shown {
        match NumberFormat::from_code(code).value(number, false) {
            CellValue::Number(Figure { shown, .. }) => shown,
            other => panic!("{code}: {other:?}"),
        }
    }

    fn text(code: &str, number: f64) -> String {
        NumberFormat::from_code(code)
            .value(number, false)
            .to_string()
    }

    #[test]
    fn numbers_and_pounds_are_plain() {
        for code in [
            "General",
            "0",
            "0.00",
            "#,##0.00;[Red]-#,##0.00",
            "£#,##0.00",
            "\"£\"#,##0_);[Red]\\(\"£\"#,##0\\)",
            "[$£-809]#,##0.00",
            "[$-809]#,##0.00",
            "[$-10809]0",
            "[$GBP] #,##0",
            "_-* #,##0.00_-;-* #,##0.00_-;_-* \"-\"??_-;_-@_-",
            "_-[$£-en-GB]* #,##0.00_-",
            "# ?/?",
            "0.00E+00",
            "##0.0E+0",
            "0;-0;;@",
            "[Green]0;[Red]-0",
        ] {
            assert_eq!(shown(code, 5.0), Shown::Plain, "{code}");
            assert_eq!(shown(code, 0.0), Shown::Plain, "{code}");
        }
    }

    #[test]
    fn what_is_shown_otherwise_is_told() {
        let currency = |code: &[u8; 3]| Shown::Currency(Currency(*code));
        for (code, want) in [
            ("0%", Shown::Percent),
            ("0.0 %", Shown::Percent),
            ("+0%;-0%;0%", Shown::Percent),
            ("0\"%\"", Shown::PercentSign),
            ("0\\%", Shown::PercentSign),
            ("[$€-407] #,##0.00", currency(b"EUR")),
            ("#,##0.00 [$€-407]", currency(b"EUR")),
            ("\"€\"#,##0", currency(b"EUR")),
            ("€#,##0", currency(b"EUR")),
            ("#,##0\\ \"EUR\"", currency(b"EUR")),
            ("[$$-409]#,##0.00", currency(b"USD")),
            ("\"$\"#,##0_);(\"$\"#,##0)", currency(b"USD")),
            ("$#,##0", currency(b"USD")),
            ("[$USD] 0", currency(b"USD")),
            ("#,##0 [$kr-41D]", currency(b"???")),
            ("0.0,\"k\"", Shown::Divided(1)),
            ("\"£\"#,##0,", Shown::Divided(1)),
            ("£0.0,\"k\"", Shown::Divided(1)),
            ("0.00,,\"m\"", Shown::Divided(2)),
            ("#,##0,.0", Shown::Divided(1)),
            ("0.0\"k\"", Shown::Multiplied(1)),
            ("£0.0\\k", Shown::Multiplied(1)),
            ("#,##0\"000\"", Shown::Multiplied(1)),
            ("[h]:mm", Shown::Span),
            ("[hh]:mm:ss", Shown::Span),
            ("[mm]:ss", Shown::Span),
            (";;;", Shown::Nothing),
        ] {
            assert_eq!(shown(code, 0.5), want, "{code}");
        }
        assert_eq!(shown("hh:mm", 0.5), Shown::TimeOfDay);
        assert_eq!(shown("h:mm AM/PM", 0.5), Shown::TimeOfDay);
        assert_eq!(shown("[>=1000]0.0,\"k\";0", 5.0), Shown::Plain);
        assert_eq!(shown("[>=1000]0.0,\"k\";0", 5000.0), Shown::Divided(1));
        assert_eq!(shown("dd/mm/yyyy", -1.0), Shown::NoDay);
    }

    #[test]
    fn days_and_words_are_no_numbers() {
        for code in [
            "dd/mm/yyyy",
            "d-mmm-yy",
            "mmmm yyyy",
            "[$-809]d mmmm yyyy",
            "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
            "yyyy\\-mm\\-dd\\ hh:mm:ss",
            "mmm",
        ] {
            assert!(text(code, 44_818.0).starts_with("2022-09-14"), "{code}");
            assert!(NumberFormat::from_code(code).is_date(), "{code}");
        }
        assert_eq!(text("[=1]\"Yes\";[=0]\"No\";0", 1.0), "Yes");
        assert_eq!(text("[=1]\"Yes\";[=0]\"No\";0", 0.0), "No");
        assert_eq!(text("[=1]\"Yes\";[=0]\"No\";0", 3.0), "3");
        assert_eq!(text("0;-0;\"nil\"", 0.0), "nil");
        for code in [
            "\"250.00\"",
            "\"£250\"",
            "\"nil\"",
            "\"0\"",
            "[=538.2]\"None\";0.00",
        ] {
            assert_eq!(shown(code, 538.2), Shown::Another, "{code}");
        }
        assert_eq!(text("\"Green\";\"Red\"", 1.0), "Green");
    }

    #[test]
    fn a_figure_is_quoted_as_it_is_shown() {
        assert_eq!(text("0%", 0.825), "82.5%");
        assert_eq!(text("0%", 0.07), "7%");
        assert_eq!(text("0\"%\"", 82.0), "82%");
        assert_eq!(text("[$€-407]0", 300.0), "€300");
        assert_eq!(text("[$CHF]0", -3.5), "-CHF 3.5");
        for code in [
            "(0)",
            "-0",
            "0-",
            "0\"CR\"",
            "0\"0\"",
            "0\".50\"",
            "0\"/23\"",
            "\"minus \"0",
            "-0;0",
        ] {
            assert_eq!(shown(code, 25.0), Shown::Another, "{code}");
            assert_eq!(
                shown(code, 0.0) == Shown::Another,
                code.contains("0\"0") || code.contains(".50") || code.contains("/23"),
                "{code}"
            );
        }
        assert_eq!(shown("0.00;0.00", -25.0), Shown::Another);
        for code in [
            "0\" pence\"",
            "0\" sessions\"",
            "\"week \"0",
            "0\"p\"",
            "\"c. \"0",
            "0\" each\"",
            "0\" + VAT\"",
            "~0",
        ] {
            assert_eq!(shown(code, 25.0), Shown::Worded, "{code}");
        }
        for code in [
            "0.00;[Red]0.00",
            "0.00;(0.00)",
            "0.00;-0.00",
            "0.00_);(0.00)",
            "#,##0.00\" DR\";#,##0.00\" CR\"",
            "+0;-0",
            "_-£* #,##0.00_-;\\-£* #,##0.00_-;_-£* \"-\"??_-;_-@_-",
            "£#,##0.00;[RED]-£#,##0.00",
            "0.00\" GBP\"",
            "\"Paid \"0.00",
        ] {
            assert_eq!(shown(code, 25.0), Shown::Plain, "{code}");
            assert_eq!(shown(code, -25.0), Shown::Plain, "{code}");
            assert!(NumberFormat::from_code(code).is_plain(), "{code}");
        }
        assert_eq!(text("[h]:mm", 1.520_833_333_333), "36:30");
        assert_eq!(text("hh:mm", 0.25), "06:00");
    }

    #[test]
    fn built_in_money_is_pounds_unless_the_file_says_otherwise() {
        for id in (5..=8).chain(37..=44) {
            assert!(NumberFormat::of(id, None).is_plain(), "{id}");
        }
        let own = NumberFormat::of(44, Some("_-[$€-2]* #,##0.00_-"));
        assert!(!own.is_plain());
        assert!(NumberFormat::of(14, None).is_date());
        assert!(!NumberFormat::of(9, None).is_plain());
    }
}
