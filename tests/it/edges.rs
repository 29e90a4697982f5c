//! Which crate may know which: the table of the architecture, compared with the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Our crates, and which of ours each may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("trailwarden-model", &[]),
    ("trailwarden-policy", &["trailwarden-model"]),
    ("trailwarden-audit", &["trailwarden-model", "trailwarden-policy"]),
    ("trailwarden-report", &["trailwarden-model", "trailwarden-policy"]),
    ("trailwarden-plan", &["trailwarden-model", "trailwarden-policy"]),
    ("trailwarden-apply", &["trailwarden-model"]),
    ("trailwarden-aws", &["trailwarden-apply", "trailwarden-model"]),
    ("trailwarden-sandbox", &["trailwarden-model"]),
    (
        "trailwarden",
        &[
            "trailwarden-apply",
            "trailwarden-audit",
            "trailwarden-aws",
            "trailwarden-model",
            "trailwarden-plan",
            "trailwarden-policy",
            "trailwarden-report",
            "trailwarden-sandbox",
        ],
    ),
    ("xtask", &[]),
];

/// Every crate of the workspace with the names of all its dependencies, whatever their kind.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1", "--manifest-path", manifest])
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            (name(package), dependencies.iter().map(name).collect())
        })
        .collect()
}

#[test]
fn crates_see_only_whom_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let found = dependencies();
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), allowed.keys().copied().collect());
    for (package, dependencies) in &found {
        for dependency in dependencies.iter().filter(|name| allowed.contains_key(name.as_str())) {
            assert!(allowed[package.as_str()].contains(&dependency.as_str()), "{package} must not know {dependency}");
        }
    }
}

#[test]
fn only_one_crate_knows_the_aws_sdk() {
    for (package, dependencies) in dependencies() {
        let sdk: Vec<&String> = dependencies.iter().filter(|name| name.starts_with("aws-")).collect();
        assert!(package == "trailwarden-aws" || sdk.is_empty(), "{package} must not know {sdk:?}");
    }
}

#[test]
fn pure_crates_know_neither_network_nor_runtime() {
    let found = dependencies();
    for package in
        ["trailwarden-model", "trailwarden-policy", "trailwarden-audit", "trailwarden-plan", "trailwarden-report"]
    {
        for impure in ["tokio", "futures", "hyper", "clap", "terminal_size"] {
            assert!(!found[package].contains(impure), "{package} must not know {impure}");
        }
    }
}
