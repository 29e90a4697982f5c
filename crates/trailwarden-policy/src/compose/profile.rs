//! The profiles of `policies/scp/`: which actions on which kind of resource are denied.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

use super::target::Target;

/// How far the composed policies go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Stopping and deleting trails.
    Minimal,
    /// The core set: whatever blinds a trail, and leaving the organization.
    Standard,
    /// Standard, and whatever reaches around a trail, in the accounts that own its resources.
    Strict,
}

/// One entry of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileStatement {
    /// What somebody could do who is not denied, in words.
    pub(crate) about: String,
    /// The actions, spelt out.
    pub(crate) deny: Vec<String>,
    /// The kind of resource.
    pub(crate) on: Target,
    /// Whether the declared exceptions may still do it.
    pub(crate) spares_exceptions: bool,
}

/// One entry of a profile for resource control policies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceControl {
    /// What somebody could do who is not denied, in words.
    pub(crate) about: String,
    /// The actions: patterns such as `s3:*`.
    pub(crate) deny: Vec<String>,
    /// The kinds of resource, which one statement names together.
    pub(crate) on: Vec<Target>,
    /// Whom it stops.
    pub(crate) to: Stranger,
}

/// Whom a resource control policy stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stranger {
    /// Everybody who is neither of the organization nor an AWS service.
    Outsiders,
    /// An AWS service that acts for an account outside the organization.
    ServicesForOutsiders,
}

/// A name that is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no profile: they are minimal, standard and strict")]
pub struct UnknownProfile(String);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    includes: Vec<String>,
    statements: Vec<ProfileStatement>,
    #[serde(default)]
    resource_controls: Vec<ResourceControl>,
}

struct Files {
    minimal: File,
    standard: File,
    strict: File,
}

static FILES: LazyLock<Files> = LazyLock::new(|| Files {
    minimal: file(include_str!("../../../../policies/scp/minimal.json")),
    standard: file(include_str!("../../../../policies/scp/standard.json")),
    strict: file(include_str!("../../../../policies/scp/strict.json")),
});

#[expect(clippy::expect_used, reason = "the files are compiled in, and a test reads each")]
fn file(text: &str) -> File {
    serde_json::from_str(text).expect("a profile in the format of policies/scp/README.md")
}

impl Profile {
    /// All profiles, each of which denies more than the one before.
    pub const ALL: [Self; 3] = [Self::Minimal, Self::Standard, Self::Strict];

    /// Its name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Standard => "standard",
            Self::Strict => "strict",
        }
    }

    /// What it is for, in one sentence.
    pub fn about(self) -> &'static str {
        &self.file().about
    }

    /// What it denies, the entries of included profiles first.
    pub(crate) fn statements(self) -> Vec<&'static ProfileStatement> {
        let file = self.file();
        let included =
            Self::ALL.into_iter().filter(|profile| file.includes.iter().any(|name| name == profile.as_str()));
        included.flat_map(Self::statements).chain(&file.statements).collect()
    }

    /// What it has resource control policies deny, in the accounts that own the resources.
    pub(crate) fn resource_controls(self) -> &'static [ResourceControl] {
        &self.file().resource_controls
    }

    fn file(self) -> &'static File {
        match self {
            Self::Minimal => &FILES.minimal,
            Self::Standard => &FILES.standard,
            Self::Strict => &FILES.strict,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == name);
        found.ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::document::covered_by_resource_control;
    use crate::reference::reference;

    fn actions(profile: Profile) -> BTreeSet<&'static str> {
        profile.statements().into_iter().flat_map(|statement| &statement.deny).map(String::as_str).collect()
    }

    #[test]
    fn minimal_is_the_two_actions_of_the_guidance() {
        assert_eq!(actions(Profile::Minimal), BTreeSet::from(["cloudtrail:DeleteTrail", "cloudtrail:StopLogging"]));
    }

    #[test]
    fn each_profile_denies_all_that_the_one_before_denies() {
        assert!(actions(Profile::Minimal).is_subset(&actions(Profile::Standard)));
        assert!(actions(Profile::Standard).is_subset(&actions(Profile::Strict)));
    }

    #[test]
    fn included_names_are_profiles() {
        for profile in Profile::ALL {
            for name in &profile.file().includes {
                assert!(name.parse::<Profile>().is_ok_and(|included| included < profile), "{profile} includes {name}");
            }
        }
    }

    #[test]
    fn actions_are_spelt_out_sorted_and_listed_once() {
        for statement in Profile::Strict.statements() {
            assert!(statement.deny.is_sorted() && !statement.deny.is_empty(), "{}", statement.about);
            let unique: BTreeSet<_> = statement.deny.iter().collect();
            assert_eq!(unique.len(), statement.deny.len(), "{}", statement.about);
            assert!(!statement.deny.iter().any(|action| action.contains(['*', '?'])), "{}", statement.about);
        }
    }

    #[test]
    fn every_action_exists_and_is_authorized_on_its_kind_of_resource() {
        for statement in Profile::Strict.statements() {
            for action in &statement.deny {
                let (prefix, name) = action.split_once(':').expect("service:Action");
                let (_, service) = reference().service(prefix).expect(action);
                let types = service.actions.get(name).unwrap_or_else(|| panic!("AWS has no {action}"));
                match (statement.on.resource_type(), types) {
                    (Some(wanted), Some(types)) => assert!(types.iter().any(|known| known == wanted), "{action}"),
                    (Some(_), None) => panic!("the resources of {action} are not kept"),
                    (None, types) => {
                        let has_none = types.as_ref().is_some_and(Vec::is_empty);
                        assert!(has_none || statement.on == Target::Anything, "{action} has resources of its own");
                    }
                }
            }
        }
    }

    #[test]
    fn resource_controls_deny_all_that_a_service_does_on_a_kind_of_resource() {
        assert!(Profile::Standard.resource_controls().is_empty());
        for statement in Profile::Strict.resource_controls() {
            assert!(!statement.about.is_empty() && !statement.on.is_empty());
            for (action, on) in statement.deny.iter().flat_map(|action| statement.on.iter().map(move |on| (action, on)))
            {
                let (prefix, names) = action.split_once(':').expect("service:Action");
                let (_, service) = reference().service(prefix).expect(action);
                assert!(
                    service.actions_on(names, on.resource_type().expect("a type")).count() > 0,
                    "{action} on {on:?}"
                );
                assert!(covered_by_resource_control(action), "{action}");
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        assert!("Strict".parse::<Profile>().is_err());
    }
}
