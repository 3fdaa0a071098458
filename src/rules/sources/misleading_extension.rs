//! `S003` **misleading-extension**: the content is another format than the name says.

use crate::finding::{Code, Severity};
use crate::rules::{Check, Decides, Hold, Partner, Rule, Sink, SourceFacts};

pub(in crate::rules) const RULE: Rule = Rule {
    code: Code("S003"),
    name: "misleading-extension",
    severity: Severity::Warning,
    hold: Hold::None,
    decides: Decides::Note,
    summary: "A file's content is another format than its name says; it is read as what it is.",
    why: "Such files come from renaming instead of saving, and other programs may refuse them or read them wrongly.",
    example: "A comma-separated file renamed to .xlsx.",
    fix: "Save it again in the format that its name says.",
    partner: Partner::AsReported,
    check: Check::Source(check),
};

/// Extensions that say what a file is; any other, such as the `2` of `return v1.2`, says nothing.
const SAYING: [&str; 33] = [
    "xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "ods", "ots", "fods", "csv", "tsv",
    "txt", "prn", "doc", "docx", "odt", "rtf", "pdf", "ppt", "pptx", "htm", "html", "mht", "xml",
    "json", "zip", "eml", "msg", "png", "jpg", "jpeg", "numbers",
];

fn check(facts: &SourceFacts<'_>, sink: &mut Sink<'_>) {
    let Some(workbook) = facts.source.workbook() else {
        return;
    };
    let extension = facts
        .source
        .file_name()
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default();
    let says_another = SAYING.contains(&extension.as_str())
        && !workbook.format.extensions().contains(&extension.as_str());
    if says_another {
        sink.file(facts).report(
            format!("The file's name ends in .{extension}, but it holds {} data. It was read as what it is.", workbook.format.word()),
            "Save it again in the format that its name says.",
        );
    }
}
