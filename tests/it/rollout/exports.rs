//! A rollout written for other tools, judged by these tools; and its script run against the sandbox.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::scripts::{SECURITY, SHOP, unguarded};
use super::{kept, operations, organization, planned};
use crate::remedy::Desk;
use crate::support::root;
use crate::venv::tool;

/// Strict, in stages, and the policy type disabled: every kind of step that a rollout makes but for a replaced policy.
const ARGUMENTS: [&str; 6] = ["--profile", "strict", "--deny-own-role", "--stages", SHOP, SECURITY];

fn desk() -> Desk {
    unguarded(super::disable)
}

/// The plan in this format.
fn exported(desk: &Desk, arguments: &[&str], format: &str, name: &str) -> String {
    let path = desk.folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let output = format!("{format}:{path}");
    let run = desk.run(&[&["scp", "plan", "--no-usage", "-o", &output], arguments].concat());
    assert!(matches!(run.code, Some(0 | 21)), "{run:?}");
    path
}

/// Both outputs of a tool that has nothing to say.
fn silent(output: &Output) {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// Our own policy says too little: it is replaced, and attached by an id that is known.
fn weak() -> Desk {
    let desk = unguarded(|world| {
        let weak = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:DeleteTrail","Resource":"*"}]}"#;
        super::attach(world, ("p-ownpolic", "trailwarden-standard-1"), weak, &[]);
        let own = [("trailwarden".to_owned(), "rollout".to_owned())].into();
        organization(world).tags.insert("p-ownpolic".to_owned(), own);
    });
    assert_eq!(operations(&planned(&desk, &REPLACING)), ["UpdatePolicy", "AttachPolicy"]);
    desk
}

const REPLACING: [&str; 2] = ["--profile", "standard"];

#[test]
fn terraform_has_every_policy_and_attachment_in_words_of_the_provider() {
    for (desk, arguments, counted) in
        [(desk(), &ARGUMENTS[..], None), (weak(), &REPLACING[..], Some("2 resources, 1 imports"))]
    {
        let path = exported(&desk, arguments, "terraform", "main.tf");
        let (check, schema) =
            (root().join("tests/clients/terraform_names.py"), root().join("tests/terraform/schema.json"));
        let output = tool("python").arg(check).arg(&path).arg(schema).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.is_empty(), "{said}\n{}", fs::read_to_string(&path).expect("reads"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let n_written = operations(&planned(&desk, arguments)).iter().filter(|one| *one != "EnablePolicyType").count();
        let expected = counted.map_or_else(|| format!("{n_written} resources, 0 imports"), str::to_owned);
        assert_eq!(said.trim(), expected);
    }
}

#[test]
fn templates_are_clean_for_cfn_lint() {
    let desk = desk();
    let folder = exported(&desk, &ARGUMENTS, "cloudformation", "templates");
    let templates: Vec<_> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".template.json"))
        .collect();
    assert_eq!(templates.len(), 1, "{folder}");
    let mut lint = tool("cfn-lint");
    lint.args(["--non-zero-exit-code", "informational"]).args(&templates);
    silent(&lint.output().expect("cfn-lint runs"));
}

#[test]
fn markdown_is_recorded() {
    let desk = desk();
    let path = exported(&desk, &ARGUMENTS, "markdown", "plan.md");
    let text = fs::read_to_string(path).expect("reads");
    let is_of_the_run = |line: &&str| line.starts_with("| snapshot") || line.contains("digest");
    let lines: Vec<&str> = text.lines().filter(|line| !is_of_the_run(line)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// bash with the AWS CLI and Python of the environment, and the sandbox in place of AWS.
fn bash(desk: &Desk, arguments: &[&str]) -> (Option<i32>, String) {
    let aws = tool("aws");
    let bin = Path::new(aws.get_program()).parent().expect("a folder").display().to_string();
    let output = Command::new("bash")
        .args(arguments)
        .env("PATH", format!("{bin}:{}", std::env::var("PATH").expect("a PATH")))
        .envs(desk.served.sandbox().environment())
        .env_remove("AWS_PROFILE")
        .output()
        .expect("bash runs");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn count(text: &str, line: &str) -> usize {
    text.lines().filter(|one| one.trim().starts_with(line)).count()
}

#[test]
fn the_script_is_clean_and_ends_where_applying_ends() {
    for (desk, arguments) in [(desk(), &ARGUMENTS[..]), (weak(), &REPLACING[..])] {
        let path = exported(&desk, arguments, "aws-cli", "plan.sh");
        silent(&tool("shellcheck").arg(&path).output().expect("shellcheck runs"));
        let plan = planned(&desk, arguments);
        let check = root().join("tests/clients/cli_inputs.py");
        silent(&tool("python").arg(check).arg(&path).arg(&plan.file).output().expect("it runs"));

        let before = kept(&desk);
        let (code, looked) = bash(&desk, &[&path, "--dry-run"]);
        assert_eq!((code, kept(&desk)), (Some(0), before), "{looked}");
        let n_steps = plan.plan.steps.len();
        let (code, made) = bash(&desk, &[&path]);
        assert_eq!((code, count(&made, "done")), (Some(0), n_steps), "{made}");
        let (code, again) = bash(&desk, &[&path]);
        assert_eq!((code, count(&again, "already so")), (Some(0), n_steps), "{again}");
        assert_eq!(operations(&planned(&desk, arguments)), [""; 0], "nothing is left to do");
    }
}
