//! Clients that know AWS and not us, unmodified, against the embedded sandbox.

use crate::support::{program, root};
use crate::venv::{sandbox, tool};

fn boto3(script: &str, scenario: &str) {
    let (_server, exports) = sandbox(&["--scenario", scenario]);
    let script = root().join("tests/clients").join(script);
    let checks = tool("python").arg(script).arg(scenario).envs(exports).output().expect("boto3 runs");
    assert!(checks.status.success(), "{}", String::from_utf8_lossy(&checks.stdout));
}

#[test]
fn boto3_writes_a_blank_organization_and_is_refused_where_aws_refuses() {
    boto3("boto3_checks.py", "blank");
}

#[test]
fn boto3_sees_of_acme_what_each_account_may_see() {
    boto3("boto3_checks.py", "acme");
}

#[test]
fn boto3_finds_the_other_logs_what_protects_buckets_and_the_event_history() {
    for scenario in ["blank", "acme"] {
        boto3("boto3_log_sources.py", scenario);
    }
}

#[test]
fn boto3_writes_everything_that_a_plan_may_write() {
    boto3("boto3_writes.py", "blank");
}

#[test]
fn boto3_signs_with_keys_and_sends_findings_as_aws_lets_it() {
    boto3("boto3_results.py", "blank");
}

#[test]
fn the_aws_cli_works_against_acme() {
    let (_server, exports) = sandbox(&["--scenario", "acme"]);
    let path = std::env::var("PATH").unwrap_or_default();
    let here = tool("aws");
    let here = here.get_program().to_owned();
    let bin = std::path::Path::new(&here).parent().expect("a folder").display().to_string();
    let checks = std::process::Command::new("bash")
        .arg(root().join("tests/clients/aws_cli_checks.sh"))
        .envs(exports)
        .env("PATH", format!("{bin}:{path}"))
        .output()
        .expect("the AWS CLI runs");
    let said = format!("{}{}", String::from_utf8_lossy(&checks.stdout), String::from_utf8_lossy(&checks.stderr));
    assert!(checks.status.success(), "{said}");
}

const SMALL: &str = r#"
[organization]
id = "o-small12345"
root = "r-sm4l"
management = "111111111111"

[[account]]
id = "111111111111"
name = "management"
email = "a@b.example"
joined = "2026-01-01T00:00:00Z"
"#;

#[test]
fn a_scenario_of_ones_own_is_served_and_what_was_written_is_audited_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (scenario, state) = (file("small.toml"), file("small.json"));
    std::fs::write(&scenario, SMALL).expect("written");
    let (server, exports) = sandbox(&["--scenario", &scenario, "--state", &state, "--propagation", "1s"]);
    let create = "import boto3; boto3.client('s3', region_name='us-east-1').create_bucket(Bucket='kept-bucket')";
    let created = tool("python").args(["-c", create]).envs(exports).status().expect("boto3 runs");
    assert!(created.success());
    drop(server);
    assert!(std::fs::read_to_string(&state).expect("kept").contains("kept-bucket"));
    let audited =
        program(&["audit", "--region", "us-east-1", &format!("--sandbox={state}")]).output().expect("it runs");
    assert_eq!(audited.status.code(), Some(10), "{}", String::from_utf8_lossy(&audited.stderr));
}
