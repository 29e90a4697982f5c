//! `-o FORMAT[:PATH]`.

use std::path::PathBuf;
use std::str::FromStr;

use crate::nearest::nearest;

/// A format that an assessment can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// `trailwarden.assessment/1.3`, for scripts.
    Json,
    /// One finding a line.
    Ndjson,
    /// For spreadsheets.
    Csv,
    /// For tickets and pull requests.
    Markdown,
    /// One page for people, with everything inside.
    Html,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// OCSF 1.8 compliance findings.
    Ocsf,
    /// The AWS Security Finding Format.
    Asff,
}

impl Format {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::Table,
        Self::Json,
        Self::Ndjson,
        Self::Csv,
        Self::Markdown,
        Self::Html,
        Self::Sarif,
        Self::Junit,
        Self::Ocsf,
        Self::Asff,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
        }
    }

    /// What it is good for.
    pub fn about(self) -> &'static str {
        match self {
            Self::Table => "for people: the verdict on one screen, then what fails and what is unknown, worst first",
            Self::Json => {
                "for scripts: trailwarden.assessment/1.3, every finding with its evidence, whatever the least severity; \
                 `report` and `diff` read it back"
            }
            Self::Ndjson => "for streams and data frames: trailwarden.finding/1.1, one finding a line",
            Self::Csv => {
                "for spreadsheets: a header and one finding a row. A cell that would be a formula, or begins with an \
                 apostrophe, gets an apostrophe before it"
            }
            Self::Markdown => "for tickets and pull requests: verdicts, what fails, what is unknown, what is waived",
            Self::Html => {
                "for people and auditors: one page that needs no network, with everything inside; findings to filter, search, \
                 sort and print"
            }
            Self::Sarif => "for code scanning: SARIF 2.1.0; what fails or is unknown, the rest counted",
            Self::Junit => {
                "for CI: JUnit XML, a suite per control; unknown findings are errors, waived ones are skipped"
            }
            Self::Ocsf => {
                "for data lakes: OCSF 1.8 compliance findings (class 2003), one array; unknown is Warning, not-applicable Other"
            }
            Self::Asff => {
                "for Security Hub: one BatchImportFindings request a line, each of one account and region, to be sent from there"
            }
        }
    }
}

/// What `-o` chooses from.
pub trait Choice: Copy + Sized + 'static {
    /// Every format, in the order in which they are listed.
    fn all() -> &'static [Self];

    /// The name on the command line.
    fn name(self) -> &'static str;
}

impl Choice for Format {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn name(self) -> &'static str {
        Self::name(self)
    }
}

/// One output asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<F = Format> {
    /// The format.
    pub format: F,
    /// The file; standard output when none.
    pub path: Option<PathBuf>,
}

impl<F: Choice> FromStr for Output<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once(':').map_or((text, None), |(name, path)| (name, Some(path)));
        let Some(format) = F::all().iter().copied().find(|format| format.name() == name) else {
            let names: Vec<&str> = F::all().iter().map(|format| format.name()).collect();
            let meant = nearest(name, names.iter().copied()).map(|meant| format!("did you mean {meant}? "));
            let meant = meant.unwrap_or_default();
            return Err(format!("unknown format {name:?}; {meant}the formats are {}", names.join(", ")));
        };
        match path {
            Some("") => Err(format!("{text:?} names no file after the colon")),
            path => Ok(Self { format, path: path.map(PathBuf::from) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_hold_colons() {
        let output: Output<Format> = "json:C:/audit.json".parse().expect("parses");
        assert_eq!(output, Output { format: Format::Json, path: Some(PathBuf::from("C:/audit.json")) });
    }

    #[test]
    fn an_unknown_format_lists_the_known_ones() {
        assert_eq!(
            "xml".parse::<Output<Format>>(),
            Err("unknown format \"xml\"; the formats are table, json, ndjson, csv, markdown, html, sarif, junit, ocsf, asff"
                .to_owned())
        );
        let error = "sarf:x".parse::<Output<Format>>().expect_err("unknown");
        assert!(error.contains("did you mean sarif?"), "{error}");
        assert!("json:".parse::<Output<Format>>().is_err());
    }
}
