//! Plans as files: written in every format, and read back only with their seal unbroken.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{self, Aspect, Plan};
use trailwarden_report::export::{self, Access};
use trailwarden_report::plan as view;

use crate::cli::{Connect, Output, PlanFormat};
use crate::failure::Failure;
use crate::output::{read_file, write_file, write_stdout};
use crate::settings::Settings;

/// A plan and what its readers need besides.
pub(crate) struct Written<'a> {
    /// The plan with its digest.
    pub(crate) plan: &'a Plan,
    /// The file that `apply` takes.
    pub(crate) sealed: &'a str,
    /// What stands at the top of what people read.
    pub(crate) notice: Option<&'a str>,
    /// The account of the credentials.
    pub(crate) caller: &'a AccountId,
    pub(crate) settings: &'a Settings,
}

impl Written<'_> {
    /// Writes one output.
    pub(crate) fn write(&self, output: &Output<PlanFormat>, connect: &Connect) -> Result<(), Failure> {
        let access = Access { role: &connect.role_name, caller: self.caller };
        let text = match output.format {
            PlanFormat::Table => self.table(output.path.is_some())?,
            PlanFormat::Json => self.sealed.to_owned(),
            PlanFormat::Markdown => view::render_markdown(self.plan).map_err(Failure::internal)?,
            PlanFormat::Terraform => export::terraform(self.plan, &access).map_err(Failure::internal)?,
            PlanFormat::AwsCli => export::aws_cli(self.plan, &access),
            PlanFormat::CloudFormation => return self.templates(output.path.as_deref()),
        };
        match &output.path {
            Some(path) => write_file(path, &text),
            None => write_stdout(&text),
        }
    }

    fn table(&self, is_file: bool) -> Result<String, Failure> {
        view::render_text(self.plan, &self.settings.view(is_file, self.notice, "")).map_err(Failure::internal)
    }

    /// One file per template, in a folder.
    fn templates(&self, folder: Option<&Path>) -> Result<(), Failure> {
        let folder = folder.ok_or_else(no_folder)?;
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::usage(format!("making folder {}: {error}", folder.display())))?;
        for (name, text) in export::cloudformation(self.plan).map_err(Failure::internal)? {
            write_file(&folder.join(name), &text)?;
        }
        Ok(())
    }
}

/// Refuses early what could not be written in the end.
pub(crate) fn check_outputs(outputs: &[Output<PlanFormat>]) -> Result<(), Failure> {
    match outputs.iter().any(|output| output.format == PlanFormat::CloudFormation && output.path.is_none()) {
        true => Err(no_folder()),
        false => Ok(()),
    }
}

fn no_folder() -> Failure {
    Failure::usage("templates of CloudFormation go to a folder").hint("name one: -o cloudformation:FOLDER")
}

/// The plan in a file whose seal holds.
pub(crate) fn read_plan(path: &Path) -> Result<(Plan, String), Failure> {
    let text = read_file(path)?;
    let plan = plan::open(&text).map_err(|error| {
        Failure::stale(format!("plan {}: {error}", path.display()))
            .hint("give the file as `trailwarden plan -o json:FILE` wrote it, or plan again")
    })?;
    Ok((plan, text))
}

/// The least policies that applying a plan needs, by account.
pub(crate) fn write_role(path: &Path, plan: &Plan) -> Result<(), Failure> {
    let mut policies = serde_json::Map::new();
    let accounts: BTreeSet<&AccountId> = plan.steps.iter().map(|step| &step.subject.place.account).collect();
    for account in accounts {
        let steps = || plan.steps.iter().filter(|step| step.subject.place.account == *account);
        let actions = steps().flat_map(|step| &step.actions).map(String::as_str);
        let role = |name: &str| format!("arn:{}:iam::{account}:role/{name}", plan.partition);
        let roles = steps().filter_map(|step| match &step.subject.aspect {
            Aspect::Role { name } | Aspect::RolePolicy { role: name, .. } => Some(role(name)),
            _ => None,
        });
        let policy = trailwarden_aws::remediation_policy(&plan.partition, actions, &roles.collect());
        policies.insert(account.to_string(), policy);
    }
    let text = serde_json::to_string_pretty(&json!({"plan": plan.digest, "policies": Value::Object(policies)}))
        .map_err(Failure::internal)?;
    write_file(path, &format!("{text}\n"))
}
