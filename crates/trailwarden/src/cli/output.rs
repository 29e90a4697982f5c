//! `-o FORMAT[:PATH]`.

use std::path::PathBuf;
use std::str::FromStr;

/// A format that an assessment can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// `trailwarden.assessment/1.1`, for scripts.
    Json,
}

impl Format {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::Table, Self::Json];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
        }
    }

    /// What it is good for.
    pub fn about(self) -> &'static str {
        match self {
            Self::Table => "for people: the verdict on one screen, then what fails and what is unknown, worst first",
            Self::Json => "for scripts: trailwarden.assessment/1.1, every finding with its evidence",
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
            return Err(format!("unknown format {name:?}; the formats are {}", names.join(", ")));
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
            Err("unknown format \"xml\"; the formats are table, json".to_owned())
        );
        assert!("json:".parse::<Output<Format>>().is_err());
    }
}
