//! Ready-made organizations, each with the outcomes that an exact audit of it must find.

use crate::error::SandboxError;
use crate::world::World;

mod check;
mod everywhere;
mod file;
mod fleet;
pub mod truth;

pub use truth::Truth;

/// An embedded scenario: name, one line about it, the world and its truth as TOML.
struct Embedded {
    name: &'static str,
    about: &'static str,
    world: &'static str,
    truth: &'static str,
}

const EMBEDDED: &[Embedded] = &[
    Embedded {
        name: "acme",
        about: "a company of 14 accounts with every kind of flaw beside good practice",
        world: include_str!("../scenarios/acme.toml"),
        truth: include_str!("../scenarios/acme.truth.toml"),
    },
    Embedded {
        name: "clean",
        about: "6 accounts behind one organization trail; everything passes",
        world: include_str!("../scenarios/clean.toml"),
        truth: include_str!("../scenarios/clean.truth.toml"),
    },
    Embedded {
        name: "blank",
        about: "4 accounts; all features, and nothing turned on",
        world: include_str!("../scenarios/blank.toml"),
        truth: include_str!("../scenarios/blank.truth.toml"),
    },
    Embedded {
        name: "lapsed",
        about: "3 accounts whose organization trail quietly became a plain one",
        world: include_str!("../scenarios/lapsed.toml"),
        truth: include_str!("../scenarios/lapsed.truth.toml"),
    },
];

/// Name and one line about each scenario, the default first.
pub fn list() -> Vec<(&'static str, &'static str)> {
    let mut list: Vec<_> = EMBEDDED.iter().map(|scenario| (scenario.name, scenario.about)).collect();
    list.push((
        "fleet:N",
        "N generated accounts (3 to 5000) behind one organization trail, some with trails of their own",
    ));
    list
}

/// The world of a scenario.
///
/// # Errors
/// When no scenario has this name.
pub fn world(name: &str) -> Result<World, SandboxError> {
    match fleet_size(name) {
        Some(size) => fleet::generate(size?).map(|file| file::build(&file)),
        None => parse(name, embedded(name)?.world),
    }
}

/// The world that a text in the format of the embedded scenarios describes; `name` stands in the messages.
///
/// # Errors
/// When the text is not a scenario; the message names the line.
pub fn parse(name: &str, text: &str) -> Result<World, SandboxError> {
    let file = file::parse(name, text)?;
    check::check(name, &file)?;
    Ok(file::build(&file))
}

/// The outcomes that an exact audit of the scenario finds, with the default baseline.
///
/// # Errors
/// When no scenario has this name.
pub fn truth(name: &str) -> Result<Truth, SandboxError> {
    match fleet_size(name) {
        Some(size) => fleet::generate(size?).map(|file| fleet::truth(&file)),
        None => {
            let scenario = embedded(name)?;
            truth::parse(name, scenario.truth, &file::parse(name, scenario.world)?)
        }
    }
}

/// A baseline for scenario `acme` that asks for everything that only a baseline asks for, as a file, and the outcomes of the
/// controls that it changes.
///
/// # Errors
/// When the embedded files do not say what they should.
pub fn demanding() -> Result<(&'static str, Truth), SandboxError> {
    const NAME: &str = "acme";
    let text = include_str!("../scenarios/acme.demanding.truth.toml");
    let truth = truth::parse(NAME, text, &file::parse(NAME, embedded(NAME)?.world)?)?;
    Ok((include_str!("../scenarios/acme.baseline.toml"), truth))
}

fn embedded(name: &str) -> Result<&'static Embedded, SandboxError> {
    EMBEDDED.iter().find(|scenario| scenario.name == name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> SandboxError {
    let known: Vec<&str> = list().into_iter().map(|(name, _)| name).collect();
    SandboxError::UnknownScenario { name: name.to_owned(), known: known.join(", ") }
}

/// The N of `fleet:N`; none for any other name.
fn fleet_size(name: &str) -> Option<Result<usize, SandboxError>> {
    let size = name.strip_prefix("fleet:")?;
    Some(size.parse().ok().filter(|size| (3..=5000).contains(size)).ok_or_else(|| unknown(name)))
}

#[cfg(test)]
mod tests;
