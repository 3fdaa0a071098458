//! Names of what goes back: safe on every system that a partner may use, and told apart without regard to case.

use std::collections::BTreeSet;

use crate::source::{Source, next_version as marked_anew};
use crate::value::text::{is_acting, is_device};

/// The longest stem in bytes: with folder and extension it fits where a path has 260 characters.
const STEM_MAX: usize = 120;

/// A text as a part of a path.
fn clean(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !is_acting(*c) && !c.is_control()) {
        let c = match c {
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if out.len() + c.len_utf8() > STEM_MAX {
            break;
        }
        out.push(c);
    }
    let trimmed = out.trim_matches([' ', '.']);
    let (first, rest) = trimmed.split_at(trimmed.find('.').unwrap_or(trimmed.len()));
    match trimmed {
        "" => "return".to_owned(),
        // What stands behind a point does not make another name of a device's.
        _ if is_device(first.trim_end()) => format!("{} return{rest}", first.trim_end()),
        fine => fine.to_owned(),
    }
}

/// The name, or the first with a number behind it that is not taken.
fn free(wanted: impl Fn(usize) -> String, taken: &mut BTreeSet<String>) -> String {
    let mut number = 1;
    loop {
        let name = wanted(number);
        if taken.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

/// An agency's folder.
pub(super) fn folder(code: &str, taken: &mut BTreeSet<String>) -> String {
    let code = clean(&code.to_lowercase());
    free(
        |number| match number {
            1 => code.clone(),
            number => format!("{code} {number}"),
        },
        taken,
    )
}

/// A file's name without its extension, as a name of ours.
pub(super) fn stem(file_name: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = clean(crate::layout::stem(file_name));
    free(
        |number| match number {
            1 => stem.clone(),
            number => format!("{stem} {number}"),
        },
        taken,
    )
}

/// The name by which a corrected file is newer than the one that came: its version mark is one more.
pub(super) fn next_version(file_name: &str, taken: &mut BTreeSet<String>) -> String {
    let (name, number) = marked_anew(crate::layout::stem(file_name));
    let name = clean(&name);
    free(
        |again| match again {
            1 => format!("{name} v{number}"),
            again => format!("{name} ({again}) v{number}"),
        },
        taken,
    )
}

/// The extension that a marked copy keeps. A file whose name says something else than it holds gets the one that it should have.
pub(super) fn extension(source: &Source) -> &'static str {
    let name = source.file_name().to_lowercase();
    let said = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let has_macros = source.workbook().is_some_and(|book| book.facts.has_macros);
    match (said, has_macros) {
        ("xlsm", _) => "xlsm",
        ("xltx", _) => "xltx",
        ("xltm", _) => "xltm",
        ("xlsx", _) | (_, false) => "xlsx",
        (_, true) => "xlsm",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{clean, next_version, stem};

    #[test]
    fn a_corrected_file_is_named_as_the_newer_one() {
        for (came, goes) in [
            ("Kent Police Q2.xlsx", "Kent Police Q2 v2"),
            ("Q2 v2.xlsx", "Q2 v3"),
            ("Q2 V9.xlsm", "Q2 v10"),
            ("kent_police_q2_v2.xlsx", "kent_police_q2 v3"),
            ("Q2 v2 Kent Police.xlsx", "Q2 Kent Police v3"),
            ("Q2 return (v1.1).xlsx", "Q2 return v2"),
            ("Q2 corrected.csv", "Q2 corrected v2"),
        ] {
            assert_eq!(next_version(came, &mut BTreeSet::new()), goes, "{came}");
        }
    }

    #[test]
    fn two_files_of_one_name_get_two() {
        let mut taken = BTreeSet::new();
        assert_eq!(next_version("Q2.xlsx", &mut taken), "Q2 v2");
        assert_eq!(next_version("q2.csv", &mut taken), "q2 (2) v2");
        assert_eq!(stem("q2 v2.csv", &mut taken), "q2 v2 2");
    }

    #[test]
    fn no_name_leads_elsewhere() {
        assert_eq!(clean("..\\..\\x\u{7}y"), "-..-xy");
        assert_eq!(clean("CON"), "CON return");
        assert_eq!(clean("con.v2"), "con return.v2");
        assert_eq!(clean("com1"), "com1 return");
        assert_eq!(clean("  ..  "), "return");
        assert_eq!(clean(&"é".repeat(250)).len(), 120);
    }
}
