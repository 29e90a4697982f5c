//! Whether a service control policy would deny a step to whoever applies it: then it is not planned.

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Aspect, Hindrance, Subject};
use trailwarden_policy::{ChainVerdict, Context, Principal, Request};

use crate::bench::{Bench, Draft};
use crate::facts::Stop;

/// Actions that go along with others, on resources of their own: AWS asks for them, we do not ask the policies.
const ALONG: [&str; 5] = [
    "iam:PassRole",
    "iam:CreateServiceLinkedRole",
    "iam:GetRole",
    "organizations:DescribeOrganization",
    "organizations:ListAWSServiceAccessForOrganization",
];

impl Bench<'_> {
    /// Stops when a policy denies the call. What cannot be decided is left to AWS, whose refusal changes nothing.
    pub(crate) fn check_guardrails(&self, draft: &Draft) -> Result<(), Stop> {
        let account = &draft.subject.place.account;
        let Some(chains) = self.guardrails() else { return Ok(()) };
        let chain = chains.of(account)?;
        let (principal, role) = self.applicant(account)?;
        for action in draft.call.actions().into_iter().filter(|action| !ALONG.contains(action)) {
            let context = Context::new()
                .with("aws:PrincipalArn", role.as_str())
                .with("aws:PrincipalAccount", account.as_str())
                .with("aws:PrincipalOrgID", self.inputs.snapshot.organization.id.as_str())
                .with("aws:PrincipalIsAWSService", "false")
                .with("aws:PrincipalType", "AssumedRole")
                .with("aws:RequestedRegion", draft.subject.place.region.as_str())
                .with("aws:ResourceAccount", account.as_str())
                .with("aws:SecureTransport", "true")
                .with("aws:ViaAWSService", "false");
            let resource = self.resource_arn(&draft.subject);
            let request =
                Request { principal: Principal::Aws(principal.clone()), action: action.to_owned(), resource, context };
            let by = match chain.evaluate(&request) {
                ChainVerdict::ExplicitDeny(place) => place.to_string(),
                ChainVerdict::ImplicitDeny { node } => {
                    format!("no service control policy at {node}, which allows it not")
                }
                ChainVerdict::Allowed(_) | ChainVerdict::NotBound(_) | ChainVerdict::Undecided(_) => continue,
            };
            let reason = format!("{action} is denied to {role}: {by}");
            let hint = "apply with a role that the policy exempts (--apply-role), or change the policy";
            return Err(Stop::new(Hindrance::Denied, reason).hint(hint));
        }
        Ok(())
    }

    /// Who will make the calls in an account: the session's ARN and the role behind it.
    fn applicant(&self, account: &AccountId) -> Result<(String, String), Stop> {
        let snapshot = self.inputs.snapshot;
        let caller = &snapshot.caller;
        let partition = self.partition();
        let entered = match snapshot.accounts.get(account) {
            Some(entered) => entered.entered_as.get()?.clone(),
            None => None,
        };
        let role = match (&self.inputs.options.apply_role, entered) {
            (Some(role), _) if caller.account != *account => format!("arn:{partition}:iam::{account}:role/{role}"),
            (_, Some(role)) => role.to_string(),
            _ => return Ok((caller.arn.to_string(), caller.arn.to_string())),
        };
        let name = role.rsplit('/').next().unwrap_or_default();
        Ok((format!("arn:{partition}:sts::{account}:assumed-role/{name}/trailwarden"), role))
    }

    /// The ARN that AWS authorizes a change of the subject on.
    pub(crate) fn resource_arn(&self, subject: &Subject) -> String {
        let (partition, account, region) = (self.partition(), &subject.place.account, &subject.place.region);
        match &subject.aspect {
            Aspect::TrustedAccess { .. }
            | Aspect::PolicyType { .. }
            | Aspect::AuthorizationPolicy { .. }
            | Aspect::PolicyAttachment { .. }
            | Aspect::TaggedKey { .. }
            | Aspect::ConfigRecorder
            | Aspect::ConfigChannel
            | Aspect::ConfigRecording => "*".to_owned(),
            Aspect::Role { name } | Aspect::RolePolicy { role: name, .. } => {
                format!("arn:{partition}:iam::{account}:role/{name}")
            }
            Aspect::KeyAlias { name } => format!("arn:{partition}:kms:{region}:{account}:{name}"),
            Aspect::Key { key }
            | Aspect::KeyDeletion { key }
            | Aspect::KeyPolicy { key }
            | Aspect::KeyRotation { key } => key.clone(),
            Aspect::Bucket { bucket }
            | Aspect::BucketPolicy { bucket }
            | Aspect::BucketPublicAccess { bucket }
            | Aspect::BucketVersioning { bucket }
            | Aspect::BucketEncryption { bucket }
            | Aspect::BucketOwnership { bucket }
            | Aspect::BucketObjectLock { bucket }
            | Aspect::BucketLifecycle { bucket }
            | Aspect::BucketLogging { bucket } => format!("arn:{partition}:s3:::{bucket}"),
            Aspect::LogGroup { group }
            | Aspect::LogGroupRetention { group }
            | Aspect::LogGroupKey { group }
            | Aspect::MetricFilter { group, .. } => {
                format!("arn:{partition}:logs:{region}:{account}:log-group:{group}")
            }
            Aspect::Alarm { name } => format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"),
            Aspect::Topic { topic } | Aspect::TopicPolicy { topic } | Aspect::Subscription { topic, .. } => {
                topic.clone()
            }
            Aspect::Trail { trail }
            | Aspect::TrailLogging { trail }
            | Aspect::TrailSelectors { trail }
            | Aspect::TrailInsights { trail } => trail.clone(),
            Aspect::EventDataStore { store } => store.clone(),
            Aspect::Tags { resource } => resource.clone(),
        }
    }
}
