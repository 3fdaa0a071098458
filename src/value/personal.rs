//! Signs of personal data in running text.
//!
//! Invariant: a sign must be complete. An outward postcode, an amount, a date or a document's reference is none.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What a text seems to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Telephone,
    /// An NHS number whose check digit is right.
    NhsNumber,
    /// A National Insurance number.
    NationalInsurance,
    /// A date of birth.
    DateOfBirth,
    /// A full postcode.
    Postcode,
    /// A crime or custody reference.
    CrimeReference,
    /// A vehicle's registration mark.
    Registration,
}

impl Sign {
    /// The sign as a sentence names it.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address",
            Self::Telephone => "a telephone number",
            Self::NhsNumber => "an NHS number",
            Self::NationalInsurance => "a National Insurance number",
            Self::DateOfBirth => "a date of birth",
            Self::Postcode => "a full postcode",
            Self::CrimeReference => "a crime or custody reference",
            Self::Registration => "a vehicle registration",
        }
    }
}

/// Where one sign stands in a text, allowed contacts aside.
type Check = fn(&str, &[String]) -> Vec<Range<usize>>;

/// A pattern that never fails at run time: a test compiles every one. Figures and the edges of words are those of plain text: those of all
/// scripts make a pattern ten times as large and keep the engine from its fast ways, and what is found is read as plain figures anyway.
type Pattern = LazyLock<Option<Regex>>;

static EMAIL: Pattern =
    LazyLock::new(|| Regex::new(r"(?i)[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+").ok());

static TELEPHONE: Pattern = LazyLock::new(|| {
    Regex::new(r"(?:(?:\+|(?-u:\b)00)44[\s-]?(?:\(0\)[\s-]?)?[0-9]{2,5}|\(0[0-9]{2,5}\)|(?-u:\b)0[0-9]{2,10})(?:[\s\p{Pd}]{0,2}[0-9]{2,8}){0,4}").ok()
});

static TEN_DIGITS: Pattern = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)[0-9]{3}[\s\p{Pd}]?[0-9]{3}[\s\p{Pd}]?[0-9]{4}(?-u:\b)").ok()
});

static NATIONAL_INSURANCE: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?-u:\b)([a-ceghj-prtw-z][a-ceghj-nprtw-z])[\s-]?[0-9]{2}[\s-]?[0-9]{2}[\s-]?[0-9]{2}[\s-]?[a-d](?-u:\b)",
    )
    .ok()
});

const DAY: &str = r"(?:[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[a-z]{3,9}\.?,?\s+[0-9]{2,4})";

static BORN: Pattern = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?:(?-u:\b)(?:d\.?\s?o\.?\s?b(?-u:\b)\.?|date\s+of\s+birth|born)(?:\s+(?:is|was|on))?\s*[:;,=(-]?\s*(?:on\s+)?{DAY}|{DAY}\s*[(,-]?\s*(?:d\.?o\.?b(?-u:\b)|date\s+of\s+birth))"
    ))
    .ok()
});

static POSTCODE: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)([a-z]{1,2})([0-9][a-z0-9]?)([\s\u{a0}]{0,2})([0-9])([abd-hjlnp-uw-z]{2})(?-u:\b)").ok()
});

static CRIME: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:(?:crime|custody|occurrence|cad|urn)\s*(?:ref(?:erence)?|report|record|number|no)?s?(?-u:\b)\.?\s*(?:no(?-u:\b)\.?|number)?\s*[:#(-]?\s*(?:is\s+|was\s+)?(?:[0-9]{0,2}[a-z]{0,4}[0-9]{0,2}/[0-9]{2,7}(?:/[0-9]{2,4})?|[a-z]{1,3}[/-]?[0-9]{4,}|[0-9]{6,})(?-u:\b)|[0-9]{2}/[0-9]{4,7}/[0-9]{2}(?-u:\b))").ok()
});

static REGISTRATION: Pattern =
    LazyLock::new(|| Regex::new(r"(?-u:\b)([A-Z]{2})([0-9]{2})(\s?)([A-HJ-PR-Z]{3})(?-u:\b)").ok());

static OLD_REGISTRATION: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?-u:\b)(?:[A-HJ-NP-TV-Y][0-9]{1,3}\s?[A-Z]{3}|[A-Z]{3}\s?[0-9]{1,3}[A-Y])(?-u:\b)",
    )
    .ok()
});

static VEHICLE: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:vehicles?|cars?|vans?|registrations?|registered|reg|vrm|index|plates?|drivers?|driving|drove|mopeds?|motor\w*|lorry|truck|parked|seized|stopped)(?-u:\b)").ok()
});

/// Words of business papers that come just before their own number.
static PAPER: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:invoices?|inv|purchase\s+order|order|po|receipt|voucher|journal|document|doc|quote|contract|account|a/c|vat|company|charity|cost\s+centre|project|grant)\s*(?:reg(?:istration)?)?\s*(?:ref(?:erence)?|number|no|code)?\.?\s*[:#]?\s*$").ok()
});

/// The postcode areas of the United Kingdom.
const AREAS: &str = " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE ";

fn is_area(letters: &str) -> bool {
    AREAS.contains(&format!(" {} ", letters.to_ascii_uppercase()))
}

/// What a text holds that points to a person; `allowed` are contacts that an organisation publishes itself.
#[must_use]
pub fn signs(text: &str, allowed: &[String]) -> Vec<Sign> {
    let mut out: Vec<Sign> = found(text, allowed).map(|(sign, _)| sign).collect();
    out.dedup();
    out
}

/// The text without what points to a person, each such part replaced by what it is; nothing where there is none. A part of which `keep`
/// says so stays.
#[must_use]
pub fn without(
    text: &str,
    allowed: &[String],
    keep: impl Fn(Sign, &Range<usize>) -> bool,
) -> Option<String> {
    let mut parts: Vec<(Sign, Range<usize>)> = found(text, allowed)
        .filter(|(sign, range)| !keep(*sign, range))
        .collect();
    if parts.is_empty() {
        return None;
    }
    parts.sort_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)));
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (sign, range) in parts {
        // Of two that overlap the first one names both.
        if range.start >= done {
            out.push_str(text.get(done..range.start).unwrap_or_default());
            out.push('[');
            out.push_str(sign.spoken());
            out.push(']');
        }
        done = done.max(range.end);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Some(out)
}

/// Every sign with where it stands, sign by sign.
fn found<'a>(
    text: &'a str,
    allowed: &'a [String],
) -> impl Iterator<Item = (Sign, Range<usize>)> + 'a {
    let look = Look::at(text);
    // Every sign but an e-mail address has a figure in it.
    let checks: [(Sign, bool, Check); 8] = [
        (Sign::Email, text.contains('@'), emails),
        (Sign::Telephone, look.figures >= 10, telephones),
        (Sign::NhsNumber, look.figures >= 10, nhs_numbers),
        (
            Sign::NationalInsurance,
            look.figures >= 6,
            national_insurance_numbers,
        ),
        (
            Sign::DateOfBirth,
            look.figures >= 3 && speaks_of_birth(text),
            |text, _| all(&BORN, text, |_, _| true),
        ),
        (Sign::Postcode, look.has_figure_and_letters, postcodes),
        (
            Sign::CrimeReference,
            look.figures >= 4 || look.has_stroke && look.figures > 0,
            |text, _| {
                all(&CRIME, text, |_, before| {
                    !is_paper(before) && !ends_joined(before)
                })
            },
        ),
        (
            Sign::Registration,
            look.has_capital_beside_figure,
            registrations,
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, may_be, _)| *may_be)
        .flat_map(move |(sign, _, check)| {
            let ranges = check(text, allowed);
            ranges.into_iter().map(move |range| (sign, range))
        })
}

/// What one quick look at a text tells: most texts hold nothing that a pattern could find, and are not searched.
#[derive(Debug, Default, PartialEq)]
struct Look {
    /// How many figures it has, of any script.
    figures: usize,
    has_stroke: bool,
    /// A figure right before two letters, as a postcode ends.
    has_figure_and_letters: bool,
    /// A figure right before or behind a capital, as in every registration.
    has_capital_beside_figure: bool,
}

impl Look {
    fn at(text: &str) -> Self {
        if text.is_ascii() {
            Self::at_plain(text)
        } else {
            Self::at_any(text)
        }
    }

    fn at_any(text: &str) -> Self {
        let mut out = Self::default();
        let is_figure = |c: char| c.is_ascii_digit() || !c.is_ascii() && c.is_numeric();
        // A sign outside plain text may be a letter in disguise.
        let is_letter = |c: char| c.is_ascii_alphabetic() || !c.is_ascii();
        let (mut before, mut last) = (' ', ' ');
        for c in text.chars() {
            if is_figure(c) {
                out.figures += 1;
                out.has_capital_beside_figure |= last.is_ascii_uppercase();
            }
            out.has_stroke |= c == '/';
            out.has_figure_and_letters |= is_figure(before) && is_letter(last) && is_letter(c);
            // `P123 ABC`: a space may stand between.
            out.has_capital_beside_figure |= c.is_ascii_uppercase()
                && (is_figure(last) || last.is_whitespace() && is_figure(before));
            (before, last) = (last, c);
        }
        out
    }

    /// The same for plain text, which nearly all of it is, by what its figures have beside them.
    fn at_plain(text: &str) -> Self {
        let bytes = text.as_bytes();
        let at = |index: Option<usize>| index.and_then(|index| bytes.get(index)).copied();
        let is_letter = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic());
        let is_capital = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_uppercase());
        let is_space = |byte: Option<u8>| byte.is_some_and(|byte| char::from(byte).is_whitespace());
        let mut out = Self {
            has_stroke: bytes.contains(&b'/'),
            ..Self::default()
        };
        for (index, _) in bytes.iter().enumerate().filter(|(_, b)| b.is_ascii_digit()) {
            out.figures += 1;
            let before = at(index.checked_sub(1));
            let (next, second) = (at(Some(index + 1)), at(Some(index + 2)));
            out.has_figure_and_letters |= is_letter(next) && is_letter(second);
            // `P123 ABC`: a space may stand between.
            out.has_capital_beside_figure |=
                is_capital(before) || is_capital(next) || is_space(next) && is_capital(second);
        }
        out
    }
}

/// Whether a text has the letters of `born`, `birth` or `d.o.b.`.
fn speaks_of_birth(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("born") || lower.contains("birth") || {
        let bare: String = lower
            .chars()
            .filter(|c| *c != '.' && !c.is_whitespace())
            .collect();
        bare.contains("dob")
    }
}

/// Where a pattern is found and the test holds; the test sees what was found and what stands before it.
fn all(pattern: &Pattern, text: &str, test: impl Fn(&str, &str) -> bool) -> Vec<Range<usize>> {
    let Some(regex) = pattern.as_ref() else {
        return Vec::new();
    };
    let before = |start: usize| text.get(..start).unwrap_or_default();
    regex
        .find_iter(text)
        .filter(|found| test(found.as_str(), before(found.start())))
        .map(|found| found.range())
        .collect()
}

fn emails(text: &str, allowed: &[String]) -> Vec<Range<usize>> {
    all(&EMAIL, text, |found, _| !is_allowed(found, allowed))
}

fn is_allowed(found: &str, allowed: &[String]) -> bool {
    let plain = |text: &str| {
        text.to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == '@')
            .collect::<String>()
    };
    let found = plain(found);
    allowed.iter().any(|contact| plain(contact) == found)
}

fn is_paper(before: &str) -> bool {
    PAPER.as_ref().is_some_and(|regex| regex.is_match(before))
}

/// Whether what was found goes on to the left: part of a longer reference, date or amount.
fn ends_joined(before: &str) -> bool {
    before
        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '.' | '£' | '#' | '_'))
}

fn telephones(text: &str, allowed: &[String]) -> Vec<Range<usize>> {
    all(&TELEPHONE, text, |found, before| {
        let after = text.get(before.len() + found.len()..).unwrap_or_default();
        let digits: String = found
            .replace("(0)", "")
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let national = digits
            .strip_prefix("0044")
            .or_else(|| digits.strip_prefix("44").filter(|_| found.starts_with('+')))
            .map_or_else(|| digits.clone(), |rest| format!("0{rest}"));
        // Two numbers side by side make one long run: the first eleven figures are one of them.
        let is_number = (10..=11).contains(&national.len()) || national.len() >= 20;
        let starts_well = national.starts_with('0')
            && national
                .get(1..2)
                .is_some_and(|digit| "1235789".contains(digit));
        is_number
            && starts_well
            && !ends_joined(before)
            && !is_paper(before)
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '/')
            && !is_allowed(found, allowed)
            && !is_allowed(&national, allowed)
    })
}

fn nhs_numbers(text: &str, _: &[String]) -> Vec<Range<usize>> {
    all(&TEN_DIGITS, text, |found, before| {
        let digits: Vec<u32> = found.chars().filter_map(|c| c.to_digit(10)).collect();
        let is_one_digit = digits
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a == b));
        let sum: u32 = digits
            .iter()
            .take(9)
            .zip((2..=10).rev())
            .map(|(digit, weight)| digit * weight)
            .sum();
        let check = match 11 - sum % 11 {
            11 => 0,
            other => other,
        };
        !is_one_digit
            && digits.first() != Some(&0)
            && digits.get(9) == Some(&check)
            && !ends_joined(before)
            && !is_paper(before)
    })
}

fn national_insurance_numbers(text: &str, _: &[String]) -> Vec<Range<usize>> {
    all(&NATIONAL_INSURANCE, text, |found, before| {
        let head = found.get(..2).unwrap_or_default().to_ascii_uppercase();
        !matches!(
            head.as_str(),
            "BG" | "GB" | "NK" | "KN" | "TN" | "NT" | "ZZ"
        ) && !ends_joined(before)
            && !is_paper(before)
    })
}

fn postcodes(text: &str, _: &[String]) -> Vec<Range<usize>> {
    parted(&POSTCODE, text, |part, before, _| {
        // `M2 1st` is no place; `Q1 2nd` neither.
        let is_ordinal = matches!(part(5), "st" | "nd" | "rd" | "th");
        is_area(part(1)) && !is_ordinal && !ends_joined(before) && !is_paper(before)
    })
}

/// As `all`, for a pattern whose parts are looked at: the test sees each by its number, what stands before, and where it starts.
fn parted<'t>(
    pattern: &Pattern,
    text: &'t str,
    test: impl Fn(&dyn Fn(usize) -> &'t str, &str, usize) -> bool,
) -> Vec<Range<usize>> {
    let Some(regex) = pattern.as_ref() else {
        return Vec::new();
    };
    regex
        .captures_iter(text)
        .filter_map(|found| {
            let range = found.get(0)?.range();
            let before = text.get(..range.start).unwrap_or_default();
            let part = |index: usize| found.get(index).map_or("", |m| m.as_str());
            test(&part, before, range.start).then_some(range)
        })
        .collect()
}

fn registrations(text: &str, _: &[String]) -> Vec<Range<usize>> {
    let speaks_of_vehicle = |at: usize| {
        let around = sentence(text, at);
        VEHICLE.as_ref().is_some_and(|regex| regex.is_match(around))
    };
    let mut out = parted(&REGISTRATION, text, |part, before, start| {
        // `TN13 ASB hot spots`: an outward postcode before a word in capitals looks the same.
        let could_be_place = is_area(part(1)) && !part(3).is_empty();
        !ends_joined(before) && !is_paper(before) && (!could_be_place || speaks_of_vehicle(start))
    });
    out.extend(all(&OLD_REGISTRATION, text, |_, before| {
        !ends_joined(before) && !is_paper(before) && speaks_of_vehicle(before.len())
    }));
    out
}

/// The sentence around a place in a text.
fn sentence(text: &str, at: usize) -> &str {
    let start = text
        .get(..at)
        .and_then(|before| before.rfind(['.', ';', '\n']))
        .map_or(0, |end| end + 1);
    let end = text
        .get(at..)
        .and_then(|after| after.find(['.', ';', '\n']))
        .map_or(text.len(), |end| at + end);
    text.get(start..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{
        BORN, CRIME, EMAIL, Look, NATIONAL_INSURANCE, OLD_REGISTRATION, PAPER, POSTCODE,
        REGISTRATION, Sign, TELEPHONE, TEN_DIGITS, VEHICLE, signs, speaks_of_birth,
    };

    #[test]
    fn every_pattern_compiles() {
        for pattern in [
            &EMAIL,
            &TELEPHONE,
            &TEN_DIGITS,
            &NATIONAL_INSURANCE,
            &BORN,
            &POSTCODE,
            &CRIME,
            &REGISTRATION,
            &OLD_REGISTRATION,
            &VEHICLE,
            &PAPER,
        ] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn plain_text_is_looked_at_like_any_other() {
        let signs = ["7", "4a", "A", "Z9", " ", "\t", "/", "b", "-"];
        for number in 0..9_usize.pow(5) {
            let text: String = (0..5)
                .filter_map(|place| signs.get(number / 9_usize.pow(place) % 9))
                .copied()
                .collect();
            assert_eq!(Look::at_plain(&text), Look::at_any(&text), "{text:?}");
        }
    }

    #[test]
    fn each_sign_is_seen() {
        for (text, want) in [
            ("write to jo.bloggs@example.org", Sign::Email),
            ("ring 07700 900123", Sign::Telephone),
            ("Tel: 01632 960 001.", Sign::Telephone),
            ("call (01632) 960001 or visit", Sign::Telephone),
            ("+44 7700 900123", Sign::Telephone),
            ("+44 (0)7700 900123", Sign::Telephone),
            ("mobile 07700900123", Sign::Telephone),
            ("020 7946 0018", Sign::Telephone),
            ("phone 020-7946-0018", Sign::Telephone),
            ("ring 0808 157 0192", Sign::Telephone),
            ("NHS number 943 476 5919", Sign::NhsNumber),
            ("NHS no. 9434765919", Sign::NhsNumber),
            (
                "NI number AB 12 34 56 C is on file",
                Sign::NationalInsurance,
            ),
            ("NINO AB123456C", Sign::NationalInsurance),
            ("born on 14/02/1987 (date of birth)", Sign::DateOfBirth),
            ("DOB 14.02.87", Sign::DateOfBirth),
            ("date of birth: 14 February 1987", Sign::DateOfBirth),
            ("a resident, 14/02/1987 (DOB)", Sign::DateOfBirth),
            ("d.o.b. 1987-02-14", Sign::DateOfBirth),
            ("the family at TN13 1HG were seen", Sign::Postcode),
            ("Locks for the flat at TN14 5QT", Sign::Postcode),
            ("at tn131hg", Sign::Postcode),
            ("crime reference 46/12345/22", Sign::CrimeReference),
            ("see 46/123456/22 for more", Sign::CrimeReference),
            ("Crime no. KP123456", Sign::CrimeReference),
            ("custody record NK/1234/22", Sign::CrimeReference),
            ("custody ref 46NK/1234/22", Sign::CrimeReference),
            ("the car GN21 ABC was stopped", Sign::Registration),
            ("vehicle AB12 CDE was seen", Sign::Registration),
            ("AB12CDE left the scene", Sign::Registration),
            ("a van, reg P123 ABC", Sign::Registration),
        ] {
            assert!(
                signs(text, &[]).contains(&want),
                "{text}: {:?}",
                signs(text, &[])
            );
        }
    }

    #[test]
    fn a_quick_look_misses_nothing() {
        let born = |text: &str| BORN.as_ref().is_some_and(|regex| regex.is_match(text));
        for text in ["D . o. b 14.02.87", "DOB 14.02.87", "born 1 May 87"] {
            assert!(!born(text) || speaks_of_birth(text), "{text}");
        }
        for text in ["P1 ABC", "ABC 1A", "ABC1A", "AB12CDE", "A1 BCD"] {
            assert!(Look::at(text).has_capital_beside_figure, "{text}");
        }
        for text in ["tn13 1hg", "TN131HG", "n1 9gu", "N1  9\u{212a}G"] {
            assert!(Look::at(text).has_figure_and_letters, "{text}");
        }
    }

    #[test]
    fn ordinary_updates_show_none() {
        for text in [
            "Work in TN13 and TN14 went ahead in July; 260 households were reached.",
            "TN13 ASB hot spots were visited; TN14 CSU too.",
            "Spent £12,345.67 of £1,250,000.00; 0.5% left.",
            "Invoice INV-100234 of 01/07/2022, order 4500123456.",
            "Purchase order no. 9434765919",
            "From 01.07.2022 - 30.09.2022 and 2022-07-01 to 2022-09-30.",
            "01-07-2022 to 30-09-2022",
            "Q2 2nd session and Q1 1st; M2 3rd exit, E10 2nd.",
            "Crime fell by 12% in 2022/23; crime numbers fell from 1,204 to 1,100.",
            "Crime report for 2022 went to the board.",
            "45 crimes per 1,000 people against 61 in Kent",
            "see SAC-01 and DA-03; CRG-01 and CRG 02 were used.",
            "SG05 DAY of action; DA01 AND DA02",
            "3 babies were born in 2022.",
            "Dial 101 or 999.",
            "1000 2000 3000 leaflets; 300 000 0000",
            "Grants 22/23 and 23/24; minutes 22/2023",
            "Journal KP22INV posted; invoice KP22INV",
            "101 homes, 37 vehicles and 12 drivers stopped in Q2",
            "The A25 and M25 were checked on 14 and 15 July, 12 cars seized.",
            "Doc ref 46/12345/22",
            "x3 sessions delivered, 87 pupils",
        ] {
            assert_eq!(signs(text, &[]), [], "{text}");
        }
    }

    #[test]
    fn a_text_is_quoted_without_its_signs() {
        let without =
            |text: &str| super::without(text, &["csu@example.org".to_owned()], |_, _| false);
        assert_eq!(
            without("Ring Jo on 07700 900123 (NHS 943 476 5919), or jo@example.org."),
            Some(
                "Ring Jo on [a telephone number] (NHS [an NHS number]), or [an e-mail address]."
                    .to_owned()
            )
        );
        assert_eq!(
            without("the grey car GN21 ABC from TN13 1HG"),
            Some("the grey car [a vehicle registration] from [a full postcode]".to_owned())
        );
        assert_eq!(
            without("Write to csu@example.org; £12,345.67 in TN13."),
            None
        );
    }

    #[test]
    fn published_contacts_are_allowed() {
        let allowed = ["01632 960999".to_owned(), "csu@example.org".to_owned()];
        assert_eq!(
            signs("Write to CSU@example.org or ring 01632 960 999.", &allowed),
            []
        );
        assert_eq!(signs("Write to jo@example.org", &allowed), [Sign::Email]);
    }
}
