//! The role that CloudTrail assumes to write to a log group.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::plan::{Aspect, Call, DELIVERY_ROLE_PREFIX, Hindrance, Rollback, Subject, Tag};
use trailwarden_policy::{Document, Kind, Principal, Request, Verdict, evaluate_identity_policies};

use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::requests::{Source, ask};
use crate::statements::{policy, trust, with_more};

/// The name of the inline policy that plans write.
const POLICY: &str = "trailwarden-cloudtrail-delivery";

/// The longest name of a role.
const LONGEST: usize = 64;

impl Bench<'_> {
    /// The role of ours for a trail, made when there is none.
    pub(super) fn delivery_role(
        &mut self,
        source: &Source,
        trail: &str,
        group: &str,
        findings: &Findings,
    ) -> Result<(String, BTreeSet<Subject>), Stop> {
        let name: String = format!("{DELIVERY_ROLE_PREFIX}{trail}").chars().take(LONGEST).collect();
        let arn = format!("arn:{}:iam::{}:role/{name}", self.partition(), source.owner);
        let needs = self.role_ready(source, &name, &arn, group, findings)?;
        Ok((arn, needs))
    }

    /// Mends the role that a trail names for a log group.
    pub(super) fn mend_role(&mut self, source: &Source, group: &Arn, findings: &Findings) -> Result<(), Stop> {
        let role = self.inputs.snapshot.trails.values().find(|trail| trail.arn.as_str() == source.arn);
        let Some(arn) = role.and_then(|trail| trail.log_role.clone()) else {
            return Err(Stop::new(Hindrance::Manual, format!("trail {} names no delivery role", source.arn)));
        };
        let name = arn.as_str().rsplit('/').next().unwrap_or_default().to_owned();
        let leader = self.leader()?;
        self.check_owner(&source.owner, &leader, arn.as_str(), &name)?;
        self.role_ready(source, &name, arn.as_str(), group.as_str(), findings).map(drop)
    }

    /// Creates a role or lets CloudTrail in, then allows what delivery needs.
    fn role_ready(
        &mut self,
        source: &Source,
        name: &str,
        arn: &str,
        group: &str,
        findings: &Findings,
    ) -> Result<BTreeSet<Subject>, Stop> {
        let (account, leader) = (source.owner.clone(), self.leader()?);
        let aspect = Aspect::Role { name: name.to_owned() };
        let before = self.look(&account, &leader, aspect.clone())?;
        let mut needs = BTreeSet::new();
        let created = if before.is_null() {
            let step = self.create_role(&account, &leader, name, findings)?;
            needs.insert(step.clone());
            Some(step)
        } else {
            needs.extend(self.trusted(source, &leader, name, arn, &before, findings)?);
            None
        };
        needs.extend(self.permitted(source, (&leader, name, arn), group, created, findings)?);
        Ok(needs)
    }

    fn create_role(
        &mut self,
        account: &AccountId,
        leader: &Region,
        name: &str,
        findings: &Findings,
    ) -> Result<Subject, Stop> {
        let document = policy(vec![trust()]);
        self.step(Draft {
            phase: Phase::LogGroup,
            title: format!("create role {name} for CloudTrail"),
            subject: subject(account, leader, Aspect::Role { name: name.to_owned() }),
            call: Call::CreateRole {
                role_name: name.to_owned(),
                assume_role_policy_document: document.to_string(),
                description: "CloudTrail writes to CloudWatch Logs with it".to_owned(),
                tags: vec![Tag { key: "trailwarden".to_owned(), value: "cloudtrail".to_owned() }],
            },
            before: Earlier::Is(Value::Null),
            after: json!({ "AssumeRolePolicyDocument": document }),
            guards: vec![],
            needs: BTreeSet::new(),
            findings: findings.clone(),
            rollback: Rollback::Undo(Call::DeleteRole { role_name: name.to_owned() }),
            cost: None,
        })
    }

    fn trusted(
        &mut self,
        source: &Source,
        leader: &Region,
        name: &str,
        arn: &str,
        before: &Value,
        findings: &Findings,
    ) -> Result<Option<Subject>, Stop> {
        let document = before.get("AssumeRolePolicyDocument").cloned().unwrap_or_default();
        match ask(Kind::Trust, &document, &self.assume_request(source, arn))? {
            Verdict::Allowed(_) => return Ok(None),
            Verdict::ExplicitDeny(statement) => {
                let reason = format!("{statement} of the trust policy of role {name} denies CloudTrail");
                return Err(Stop::new(Hindrance::Manual, reason));
            }
            Verdict::ImplicitDeny | Verdict::Undecided(_) => {}
        }
        let after = with_more(&document, vec![trust()]);
        let put = |document: &Value| Call::UpdateAssumeRolePolicy {
            role_name: name.to_owned(),
            policy_document: document.to_string(),
        };
        let step = self.step(Draft {
            phase: Phase::LogGroup,
            title: format!("let CloudTrail assume role {name}"),
            subject: subject(&source.owner, leader, Aspect::Role { name: name.to_owned() }),
            call: put(&after),
            rollback: Rollback::Undo(put(&document)),
            before: Earlier::Is(before.clone()),
            after: json!({ "AssumeRolePolicyDocument": after }),
            guards: vec![],
            needs: BTreeSet::new(),
            findings: findings.clone(),
            cost: None,
        })?;
        Ok(Some(step))
    }

    /// Allows the streams of a trail in a policy of our own, where what the role has does not.
    fn permitted(
        &mut self,
        source: &Source,
        (leader, name, arn): (&Region, &str, &str),
        group: &str,
        created: Option<Subject>,
        findings: &Findings,
    ) -> Result<Option<Subject>, Stop> {
        if created.is_none() && self.is_permitted(source, arn, group)? {
            return Ok(None);
        }
        let aspect = Aspect::RolePolicy { role: name.to_owned(), name: POLICY.to_owned() };
        let before = match &created {
            Some(_) => Value::Null,
            None => self.look(&source.owner, leader, aspect.clone())?,
        };
        let streams = self.streams(source, group, "*");
        let after = policy(vec![json!({"Sid": "TrailwardenDelivery", "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": streams})]);
        if before == after {
            return Ok(None);
        }
        let put = |document: &Value| Call::PutRolePolicy {
            role_name: name.to_owned(),
            policy_name: POLICY.to_owned(),
            policy_document: document.to_string(),
        };
        let undo = match &before {
            Value::Null => Call::DeleteRolePolicy { role_name: name.to_owned(), policy_name: POLICY.to_owned() },
            before => put(before),
        };
        let step = self.step(Draft {
            phase: Phase::LogGroup,
            title: format!("let role {name} write the streams of the trail"),
            subject: subject(&source.owner, leader, aspect),
            call: put(&after),
            rollback: Rollback::Undo(undo),
            before: Earlier::Is(before),
            after,
            guards: vec![],
            needs: created.into_iter().collect(),
            findings: findings.clone(),
            cost: None,
        })?;
        Ok(Some(step))
    }

    /// Whether the policies that were seen on the role allow the streams already.
    fn is_permitted(&self, source: &Source, arn: &str, group: &str) -> Result<bool, Stop> {
        let groups = self.inputs.snapshot.log_groups.values();
        let Some(role) = groups.flat_map(|group| &group.roles).find(|(role, _)| role.as_str() == arn) else {
            return Ok(false);
        };
        let Some(role) = role.1.get()? else { return Ok(false) };
        let documents: Vec<Document> =
            role.policies.iter().filter_map(|text| Document::parse(Kind::Identity, text).ok()).collect();
        let request = |stream: String, action: &str| Request {
            principal: Principal::Aws(arn.to_owned()),
            action: action.to_owned(),
            resource: stream,
            context: trailwarden_policy::Context::new(),
        };
        let streams = self.streams(source, group, "");
        let mut asked = streams.iter().flat_map(|stream| {
            ["logs:CreateLogStream", "logs:PutLogEvents"].map(|action| request(stream.clone(), action))
        });
        Ok(asked.all(|request| evaluate_identity_policies(&documents, &request).is_allowed()))
    }

    /// The streams of a trail: those of its owner, and of an organization trail those that begin with the organization's id.
    fn streams(&self, source: &Source, group: &str, end: &str) -> BTreeSet<String> {
        let region = group.split(':').nth(3).unwrap_or_default();
        let group = group.strip_suffix(":*").unwrap_or(group);
        let mut streams = BTreeSet::from([format!("{group}:log-stream:{}_CloudTrail_{region}{end}", source.owner)]);
        if source.is_organization {
            streams.insert(format!("{group}:log-stream:{}_{end}", self.inputs.snapshot.organization.id));
        }
        streams
    }
}
