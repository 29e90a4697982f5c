//! The scenario format, and the world built from it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use trailwarden_model::ids::{AccountId, Region};

use super::everywhere::{Everywhere, spread};
use crate::error::SandboxError;
use crate::world::iam::{Iam, Role, User};
use crate::world::organizations::{Member, Organization, POLICY_TYPES, Policy, RCP, SCP, Unit};
use crate::world::{
    Account, Credential, Principal, World, cloudtrail, cloudwatch, config, ec2, events, kms, logs, s3, securityhub,
    sns, waf,
};

/// The role that Organizations makes in the accounts it creates.
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";
/// AWS's own policy that allows everything.
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// The access key of every scenario; nothing outside the sandbox knows it.
const ENTRY_KEY: &str = "AKIASANDBOXAUDITOR00";
const ENTRY_SECRET: &str = "sandbox-only-not-a-secret";

/// A scenario as data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub organization: Header,
    #[serde(default)]
    pub unit: Vec<UnitEntry>,
    pub account: Vec<AccountEntry>,
    #[serde(default)]
    pub policy: Vec<PolicyEntry>,
    #[serde(default)]
    pub cloudtrail: BTreeMap<AccountId, cloudtrail::CloudTrail>,
    #[serde(default)]
    pub s3: BTreeMap<AccountId, s3::S3>,
    #[serde(default)]
    pub kms: BTreeMap<AccountId, kms::Kms>,
    #[serde(default)]
    pub logs: BTreeMap<AccountId, logs::Logs>,
    #[serde(default)]
    pub cloudwatch: BTreeMap<AccountId, cloudwatch::CloudWatch>,
    #[serde(default)]
    pub events: BTreeMap<AccountId, events::Events>,
    #[serde(default)]
    pub sns: BTreeMap<AccountId, sns::Sns>,
    #[serde(default)]
    pub iam: BTreeMap<AccountId, Iam>,
    #[serde(default)]
    pub config: BTreeMap<AccountId, config::Config>,
    #[serde(default)]
    pub ec2: BTreeMap<AccountId, ec2::Ec2>,
    #[serde(default)]
    pub securityhub: BTreeMap<AccountId, securityhub::SecurityHub>,
    #[serde(default)]
    pub waf: BTreeMap<AccountId, waf::Waf>,
    #[serde(default)]
    pub everywhere: Everywhere,
}

/// The organization itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub id: String,
    pub root: String,
    pub management: AccountId,
    /// Whether service control policies are enabled.
    #[serde(default)]
    pub scp: bool,
    /// Whether resource control policies are enabled.
    #[serde(default)]
    pub rcp: bool,
    #[serde(default)]
    pub trusted: Vec<String>,
    /// Service principal to the account that administers it.
    #[serde(default)]
    pub delegated: BTreeMap<String, AccountId>,
}

/// An organizational unit; without a parent it lies under the root.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitEntry {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub parent: Option<String>,
}

/// An account; without a unit it lies under the root.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEntry {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default = "active")]
    pub state: String,
    /// Invited accounts have no role for the management account.
    #[serde(default)]
    pub invited: bool,
    #[serde(default)]
    pub opted_in: BTreeSet<Region>,
    pub joined: Timestamp,
}

fn active() -> String {
    "ACTIVE".to_owned()
}

/// The type of a policy, as scenarios write it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PolicyKind {
    #[default]
    Scp,
    Rcp,
}

/// A policy and where it is attached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyEntry {
    pub id: String,
    #[serde(default)]
    pub kind: PolicyKind,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub content: String,
    pub attached: BTreeSet<String>,
}

/// Reads a scenario.
pub(super) fn parse(name: &str, text: &str) -> Result<File, SandboxError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| format!("line {}: ", before.matches('\n').count() + 1)).unwrap_or_default();
        let reason = format!("{line}{}", error.message().trim_end().replace('\n', ", "));
        SandboxError::Scenario { name: name.to_owned(), reason }
    })
}

/// Builds the world of a scenario: the same file gives the same world.
pub(super) fn build(file: &File) -> World {
    let mut world = World {
        organization: Some(organization(file)),
        iam: file.iam.clone(),
        cloudtrail: file.cloudtrail.clone(),
        s3: file.s3.clone(),
        kms: file.kms.clone(),
        logs: file.logs.clone(),
        cloudwatch: file.cloudwatch.clone(),
        events: file.events.clone(),
        sns: file.sns.clone(),
        config: file.config.clone(),
        ec2: file.ec2.clone(),
        securityhub: file.securityhub.clone(),
        waf: file.waf.clone(),
        entry: ENTRY_KEY.to_owned(),
        ..World::default()
    };
    let management = &file.organization.management;
    for entry in &file.account {
        let account = Account { name: entry.name.clone(), opted_in: entry.opted_in.clone() };
        world.accounts.insert(entry.id.clone(), account);
        people(&mut world, entry, management);
    }
    let credential = Credential {
        account: management.clone(),
        principal: Principal::User("auditor".to_owned()),
        secret: ENTRY_SECRET.to_owned(),
        session: None,
    };
    world.credentials.insert(ENTRY_KEY.to_owned(), credential);
    name_past_events(&mut world);
    spread(&file.everywhere, &mut world);
    world
}

/// Gives the planted events their ids.
fn name_past_events(world: &mut World) {
    let mut cloudtrail = std::mem::take(&mut world.cloudtrail);
    let planted = cloudtrail.values_mut().flat_map(|held| &mut held.history).filter(|event| event.id.is_empty());
    planted.for_each(|event| event.id = world.uuid());
    world.cloudtrail = cloudtrail;
}

/// The principals that Organizations and CloudTrail make, and the auditor of the management account.
fn people(world: &mut World, entry: &AccountEntry, management: &AccountId) {
    let is_management = entry.id == *management;
    let trusts_cloudtrail = world
        .organization
        .as_ref()
        .is_some_and(|organization| organization.trusted_services.contains_key("cloudtrail.amazonaws.com"));
    let mut made = Vec::new();
    if !is_management && !entry.invited {
        let role = Role {
            trust: trust(&format!(r#"{{"AWS":"arn:aws:iam::{management}:root"}}"#)),
            attached: [ADMINISTRATOR_ACCESS.to_owned()].into(),
            created: Some(entry.joined),
            ..Role::default()
        };
        made.push((ACCESS_ROLE, role));
    }
    made.extend(Role::linked_to("cloudtrail.amazonaws.com").filter(|_| trusts_cloudtrail));
    let ids: Vec<String> = made.iter().map(|_| world.unique_id("AROA", 21)).collect();
    let auditor = is_management.then(|| world.unique_id("AIDA", 21));
    let iam = world.iam.entry(entry.id.clone()).or_default();
    for ((name, role), id) in made.into_iter().zip(ids) {
        iam.roles.entry(name.to_owned()).or_insert(Role { id, ..role });
    }
    if let Some(id) = auditor {
        let attached = [ADMINISTRATOR_ACCESS.to_owned()].into();
        iam.users.insert("auditor".to_owned(), User { id, attached, ..User::default() });
    }
    for role in iam.roles.values_mut().filter(|role| role.created.is_none()) {
        role.created = Some(entry.joined);
    }
}

fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
    )
}

fn organization(file: &File) -> Organization {
    let header = &file.organization;
    let founder = file.account.iter().find(|entry| entry.id == header.management);
    let since = founder.map(|entry| entry.joined).unwrap_or_default();
    let parent = |parent: &Option<String>| parent.clone().unwrap_or_else(|| header.root.clone());
    let units = file.unit.iter();
    let mut delegated: BTreeMap<AccountId, BTreeMap<String, Timestamp>> = BTreeMap::new();
    for (service, account) in &header.delegated {
        delegated.entry(account.clone()).or_default().insert(service.clone(), since);
    }
    let mut organization = Organization {
        id: header.id.clone(),
        management_account: header.management.clone(),
        feature_set: "ALL".to_owned(),
        root: header.root.clone(),
        units: units
            .map(|unit| (unit.id.clone(), Unit { name: unit.name.clone(), parent: parent(&unit.parent) }))
            .collect(),
        accounts: file.account.iter().map(|entry| (entry.id.clone(), member(entry, parent(&entry.unit)))).collect(),
        policies: BTreeMap::new(),
        attachments: BTreeMap::new(),
        policy_types: BTreeMap::new(),
        trusted_services: header.trusted.iter().map(|service| (service.clone(), since)).collect(),
        delegated,
        tags: BTreeMap::new(),
    };
    attach_policies(&mut organization, file);
    organization
}

fn member(entry: &AccountEntry, parent: String) -> Member {
    Member {
        name: entry.name.clone(),
        email: entry.email.clone(),
        state: entry.state.clone(),
        joined_method: if entry.invited { "INVITED" } else { "CREATED" }.to_owned(),
        joined: entry.joined,
        parent,
    }
}

/// The enabled policy types, and their policies where they are attached.
fn attach_policies(organization: &mut Organization, file: &File) {
    for (is_enabled, kind, name) in
        [(file.organization.scp, PolicyKind::Scp, SCP), (file.organization.rcp, PolicyKind::Rcp, RCP)]
    {
        let Some(of) = POLICY_TYPES.iter().find(|of| of.name == name).filter(|_| is_enabled) else { continue };
        organization.enable(of);
        for entry in file.policy.iter().filter(|entry| entry.kind == kind) {
            let policy = Policy {
                name: entry.name.clone(),
                description: entry.description.clone(),
                kind: name.to_owned(),
                content: entry.content.clone(),
                aws_managed: false,
            };
            organization.policies.insert(entry.id.clone(), policy);
            for node in &entry.attached {
                organization.attachments.entry(node.clone()).or_default().insert(entry.id.clone());
            }
        }
    }
}
