//! The frameworks that the program reports by: `policies/frameworks.toml`, part of the program.

use serde::Deserialize;
use trailwarden_model::framework::Framework;

/// The file as a whole.
#[derive(Deserialize)]
struct File {
    framework: Vec<Framework>,
}

/// Every framework, in the order of the file.
///
/// # Errors
/// When the file that was built in does not fit its format, which a test rules out.
pub fn frameworks() -> Result<Vec<Framework>, toml::de::Error> {
    toml::from_str(include_str!("../../../policies/frameworks.toml")).map(|file: File| file.framework)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_and_its_ids_are_distinct() {
        let frameworks = frameworks().expect("the list");
        let ids: std::collections::BTreeSet<&str> = frameworks.iter().map(|framework| framework.id.as_str()).collect();
        assert_eq!(ids.len(), frameworks.len());
        for id in ["cis-aws-3.0.0", "cis-aws-5.0.0", "cis-aws-7.0.0", "nist-800-53-r5", "pci-dss-4.0.1"] {
            assert!(ids.contains(id), "{id}");
        }
    }
}
