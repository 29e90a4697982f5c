//! `scp generate`: composed policies on standard output or in files, with words for people beside them.

use std::fs;

use serde_json::Value;

use crate::support::{Run, root, trailwarden};
use crate::venv::{sandbox, tool};

fn generate(scenario: &str, profile: &str, more: &[&str]) -> Run {
    let scenario = format!("--sandbox={scenario}");
    let mut arguments = vec!["scp", "generate", &scenario, "--profile", profile];
    arguments.extend(more);
    trailwarden(&arguments)
}

#[test]
fn the_minimal_profile_is_the_two_actions_of_the_guidance() {
    let run = generate("acme", "minimal", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let wanted = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":[\"cloudtrail:DeleteTrail\",\
                  \"cloudtrail:StopLogging\"],\"Resource\":\"*\"}]}\n";
    assert_eq!(run.stdout, wanted);
    for text in ["trailwarden-minimal-1  attach to the root (r-ac7f)", "of 10240 characters", "✓ proved", "SANDBOX"] {
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
    }
}

#[test]
fn equal_organizations_give_equal_bytes() {
    let [first, second] = [(); 2].map(|()| generate("clean", "strict", &[]));
    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(first.stdout, second.stdout);
    assert!(first.stdout.lines().count() > 1, "{}", first.stdout);
}

#[test]
fn files_hold_what_is_to_be_sent_and_standard_output_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = folder.path().join("policies");
    let new = new.to_str().expect("UTF-8");
    let run = generate("acme", "strict", &["-o", new]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(11), ""), "some accounts could not be read: {}", run.stderr);
    assert!(run.stderr.contains("! left out  account globex-logistics (835702946618)"), "{}", run.stderr);
    assert!(run.stderr.contains("the management account owns it"), "{}", run.stderr);
    let names: Vec<String> = fs::read_dir(new)
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("UTF-8"))
        .collect();
    assert_eq!(names.len(), 13, "{names:?}");
    let bucket =
        fs::read_to_string(format!("{new}/trailwarden-strict-310245871102-1.json")).expect("of the log archive");
    assert!(bucket.contains("arn:aws:s3:::acme-org-cloudtrail/*") && !bucket.contains('\n'), "{bucket}");
    for (kind, is_rcp) in [("scp", false), ("rcp", true)] {
        let of_kind = names.iter().filter(|name| name.contains("-rcp-") == is_rcp);
        let files: Vec<String> = of_kind.map(|name| format!("{new}/{name}")).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let linted = trailwarden(&[&["scp", "lint", "--kind", kind], files.as_slice()].concat());
        assert_eq!(linted.code, Some(0), "what we compose has nothing suspicious: {}", linted.stdout);
    }
}

#[test]
fn json_says_where_each_policy_belongs_and_what_was_left_out() {
    let set = generate("acme", "strict", &["--format", "json"]).json();
    assert_eq!((&set["format"], &set["profile"]), (&"trailwarden.scp-composition/1.1".into(), &"strict".into()));
    let kinds: Vec<&Value> = set["policies"].as_array().expect("policies").iter().map(|it| &it["kind"]).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), (&"scp".into(), &"rcp".into()), "{kinds:?}");
    let first = &set["policies"][0];
    assert_eq!(first["attach_to"], "r-ac7f");
    let document = first["document"].as_str().expect("a text");
    assert_eq!(first["characters"], document.chars().count());
    assert!(serde_json::from_str::<Value>(document).is_ok(), "{document}");
    assert!(set["left_out"].as_array().is_some_and(|left| left.len() > 2), "{set}");
}

#[test]
fn exceptions_are_spared_and_documents_may_be_indented() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("baseline.toml");
    fs::write(&path, "tamper_exceptions = [\"arn:aws:iam::*:role/trail-admin\"]\n").expect("writes");
    let path = path.to_str().expect("UTF-8");
    let run = generate("clean", "standard", &["--baseline", path, "--pretty"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("\n    ") && run.stdout.contains("arn:aws:iam::*:role/trail-admin"), "{}", run.stdout);
    assert!(run.stderr.contains("whom they spare: arn:aws:iam::*:role/trail-admin"), "{}", run.stderr);
    fs::write(path, "tamper_exceptions = [\"arn:aws:iam::*:role/trail-admin\"]\nscp_policy_characters = 150\n")
        .expect("writes");
    let tight = generate("clean", "standard", &["--baseline", path]);
    assert_eq!((tight.code, tight.stdout.as_str()), (Some(2), ""), "{tight:?}");
    assert!(tight.stderr.contains("error: composing the standard profile: "), "{}", tight.stderr);
}

#[test]
fn what_cannot_be_written_or_is_no_profile_is_refused() {
    trailwarden(&["scp", "generate", "--sandbox", "--profile", "tight"]).assert_refused("\"tight\" is no profile");
    trailwarden(&["scp", "generate", "--sandbox"]).assert_refused("--profile");
    trailwarden(&["scp", "generate", "--sandbox", "--profile", "minimal", "-o", "/dev/null/x"])
        .assert_refused("making the folder /dev/null/x");
}

/// A trail that delivers from the management account into the bucket and key of the log archive, which an outsider may use.
#[test]
fn the_archive_is_closed_to_outsiders_and_open_to_cloudtrail() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let run = generate("clean", "strict", &["-o", path]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for text in ["trailwarden-strict-rcp-227733449955-1  attach to", "of 5120", "characters  resource control policy"] {
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
    }
    let (_server, exports) = sandbox(&["--scenario", "clean"]);
    let script = root().join("tests/clients/perimeter.py");
    let file = folder.path().join("trailwarden-strict-rcp-227733449955-1.json");
    let tried = tool("python").arg(script).arg(file).envs(exports).output().expect("boto3 runs");
    assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
}

#[test]
fn limits_of_resource_control_policies_are_those_of_the_baseline() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("baseline.toml");
    fs::write(&path, "rcp_policies_per_node = 1\n").expect("writes");
    let tight = generate("clean", "strict", &["--baseline", path.to_str().expect("UTF-8")]);
    assert_eq!((tight.code, tight.stdout.as_str()), (Some(2), ""), "{tight:?}");
    assert!(tight.stderr.contains("account 227733449955 would need 1 policy "), "{}", tight.stderr);
}
