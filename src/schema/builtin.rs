//! The configuration built into the program.

/// The built-in configuration's name: its folder under `schemas/`.
pub const BUILT_IN_NAME: &str = "sevenoaks-2022-23";

const FILES: [(&str, &str); 8] = [
    (
        "partnership.toml",
        include_str!("../../schemas/sevenoaks-2022-23/partnership.toml"),
    ),
    (
        "actions.toml",
        include_str!("../../schemas/sevenoaks-2022-23/actions.toml"),
    ),
    (
        "funding_lines.toml",
        include_str!("../../schemas/sevenoaks-2022-23/funding_lines.toml"),
    ),
    (
        "virements.toml",
        include_str!("../../schemas/sevenoaks-2022-23/virements.toml"),
    ),
    (
        "updates.toml",
        include_str!("../../schemas/sevenoaks-2022-23/updates.toml"),
    ),
    (
        "spend.toml",
        include_str!("../../schemas/sevenoaks-2022-23/spend.toml"),
    ),
    (
        "claims.toml",
        include_str!("../../schemas/sevenoaks-2022-23/claims.toml"),
    ),
    (
        "ledger.toml",
        include_str!("../../schemas/sevenoaks-2022-23/ledger.toml"),
    ),
];

/// The built-in files, as name and text, for `schema export`.
#[must_use]
pub fn built_in_files() -> Vec<(String, String)> {
    FILES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// The built-in configuration.
///
/// # Errors
/// Never in a released program: a test reads it. The faults are those of `Schema::parse`.
pub fn built_in(codes: &[&str]) -> Result<super::Schema, Vec<super::Fault>> {
    super::Schema::parse(BUILT_IN_NAME, &built_in_files(), codes)
}
