//! Plans written for other tools, judged by these tools: shellcheck, the AWS CLI's models, a parser of HCL with the
//! schema of the Terraform provider, cfn-lint; and the script run against moto.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Before, Plan, open};
use trailwarden_report::export::{self, Access};

use crate::support::{Run, acme, program, root};
use crate::venv::{moto, tool};

/// The account that moto takes every caller for.
const CALLER: &str = "123456789012";

fn plan() -> Plan {
    open(&fs::read_to_string(root().join("tests/plans/sample.json")).expect("the sample plan")).expect("it opens")
}

fn account(id: &str) -> AccountId {
    id.parse().expect("an account")
}

fn script(plan: &Plan, folder: &Path) -> String {
    let caller = account(CALLER);
    let path = folder.join("plan.sh");
    fs::write(&path, export::aws_cli(plan, &Access { role: "TrailwardenApply", caller: &caller })).expect("writes");
    path.to_str().expect("UTF-8").to_owned()
}

/// Both outputs of a tool that has nothing to say.
fn silent(output: &Output) {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_script_is_clean_for_shellcheck() {
    let folder = tempfile::tempdir().expect("a folder");
    silent(&tool("shellcheck").arg(script(&plan(), folder.path())).output().expect("shellcheck runs"));
}

#[test]
fn commands_and_inputs_are_those_of_the_aws_cli() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = root().join("tests/clients/cli_inputs.py");
    let sample = root().join("tests/plans/sample.json");
    silent(&tool("python").arg(check).arg(script(&plan(), folder.path())).arg(sample).output().expect("it runs"));
}

#[test]
fn terraform_names_are_those_of_the_provider() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, management) = (folder.path().join("main.tf"), account("111122223333"));
    let access = Access { role: "TrailwardenApply", caller: &management };
    fs::write(&path, export::terraform(&plan(), &access).expect("writes")).expect("writes");
    let check = root().join("tests/clients/terraform_names.py");
    let schema = root().join("tests/terraform/schema.json");
    let output = tool("python").arg(check).arg(path).arg(schema).output().expect("it runs");
    let (said, counted) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.is_empty(), "{said}{counted}");
    assert_eq!(counted.trim(), "30 resources, 3 imports");
}

#[test]
fn templates_are_clean_for_cfn_lint() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = export::cloudformation(&plan()).expect("writes");
    let templates: Vec<_> = files.iter().filter(|(name, _)| name.ends_with(".template.json")).collect();
    assert_eq!((files.len(), templates.len()), (5, 4));
    let mut lint = tool("cfn-lint");
    lint.args(["--non-zero-exit-code", "informational"]);
    for (name, text) in templates {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("writes");
        lint.arg(path);
    }
    silent(&lint.output().expect("cfn-lint runs"));
}

#[test]
fn exports_of_a_company_with_every_flaw_are_clean_for_their_tools() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let [sealed, script, main, templates] = ["plan.json", "plan.sh", "main.tf", "templates"].map(path);
    let mut plan = program(&["plan", "--sandbox", "--snapshot", acme(), "--notify", "you@acme.example"]);
    for output in [("json", &sealed), ("aws-cli", &script), ("terraform", &main), ("cloudformation", &templates)] {
        plan.args(["-o", &format!("{}:{}", output.0, output.1)]);
    }
    let planned: Run = plan.output().expect("the program runs").into();
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
    let plan = open(&fs::read_to_string(&sealed).expect("the plan")).expect("it opens");
    assert!(plan.steps.len() > 100, "{} steps", plan.steps.len());

    let python = |check: &str, arguments: [&String; 2]| {
        let check = root().join("tests/clients").join(check);
        tool("python").arg(check).args(arguments).output().expect("it runs")
    };
    silent(&tool("shellcheck").arg(&script).output().expect("shellcheck runs"));
    silent(&python("cli_inputs.py", [&script, &sealed]));
    let schema = root().join("tests/terraform/schema.json").to_str().expect("UTF-8").to_owned();
    let names = python("terraform_names.py", [&main, &schema]);
    let counted = String::from_utf8_lossy(&names.stderr).into_owned();
    assert!(names.status.success() && names.stdout.is_empty(), "{}{counted}", String::from_utf8_lossy(&names.stdout));
    assert!(counted.contains("resources"), "{counted}");
    let mut lint = tool("cfn-lint");
    lint.args(["--non-zero-exit-code", "informational"]);
    let files = fs::read_dir(&templates).expect("a folder").map(|file| file.expect("a file").path());
    let files: Vec<_> = files.filter(|file| file.to_string_lossy().ends_with(".template.json")).collect();
    assert!(files.len() > 4, "{files:?}");
    silent(&lint.args(files).output().expect("cfn-lint runs"));
}

/// Steps that moto answers as AWS does, with a placeholder, and two accounts entered by role.
const STEPS: [&str; 5] = ["s003", "s006", "s009", "s016", "s017"];

/// bash with the AWS CLI and Python of the environment, and moto in place of AWS.
fn bash(endpoint: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let aws = tool("aws");
    let bin = Path::new(aws.get_program()).parent().expect("a folder").display().to_string();
    let output = Command::new("bash")
        .args(arguments)
        .env("PATH", format!("{bin}:{}", std::env::var("PATH").expect("a PATH")))
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env_remove("AWS_PROFILE")
        .output()
        .expect("bash runs");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn the_script_makes_its_steps_once_and_stops_where_something_moved() {
    let (_server, endpoint) = moto();
    let create =
        "AWS_DEFAULT_REGION=us-east-1 aws organizations create-organization --query Organization.Id --output text";
    let (_, organization) = bash(&endpoint, &["-c", create]);
    let steps = plan().steps.into_iter().filter(|step| STEPS.contains(&step.id.as_str())).collect();
    let mut plan = Plan { organization: organization.trim().to_owned(), steps, ..plan() };
    let folder = tempfile::tempdir().expect("a folder");
    let count = |text: &str, line: &str| text.lines().filter(|one| one.trim().starts_with(line)).count();

    let path = script(&plan, folder.path());
    let (code, looked) = bash(&endpoint, &[&path, "--dry-run"]);
    assert_eq!((code, count(&looked, "would call"), count(&looked, "would be made once")), (Some(0), 4, 1), "{looked}");
    let (code, made) = bash(&endpoint, &[&path]);
    assert_eq!((code, count(&made, "done")), (Some(0), STEPS.len()), "{made}");
    let (code, again) = bash(&endpoint, &[&path]);
    assert_eq!((code, count(&again, "already so")), (Some(0), STEPS.len()), "{again}");

    let keys = "AWS_DEFAULT_REGION=eu-west-1 aws kms list-keys --query 'length(Keys)'";
    assert_eq!(bash(&endpoint, &["-c", keys]).1.trim(), "0", "the caller's own account got the key");

    plan.steps.retain(|step| step.id == "s017");
    let retention = plan.steps.last_mut().expect("a step");
    retention.before = Before::Is(json!({"retentionInDays": 30}));
    retention.after = json!({"retentionInDays": 400});
    let (code, moved) = bash(&endpoint, &[&script(&plan, folder.path())]);
    let stopped =
        r#"stopped: s017: expected {"retentionInDays":30}, and found {"retentionInDays": 365}: make a new plan"#;
    assert!(code == Some(1) && moved.contains(stopped), "{moved}");
}
