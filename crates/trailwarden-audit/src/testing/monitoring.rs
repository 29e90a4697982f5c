//! The alarms of the clean organization: a filter, an alarm and a line to somebody for each family of monitored events.

use std::collections::BTreeSet;

use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::Arn;
use trailwarden_model::monitoring::{
    Alarm, EventRule, Metric, MetricFilter, Subscription, Topic, Watched, WatchedMetric,
};
use trailwarden_model::observed::Observed::{self, Known};

use super::{HOME, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, arn, hours_ago, region};

pub(crate) const TOPIC_ARN: &str = "arn:aws:sns:eu-west-1:111111111111:security";
const NAMESPACE: &str = "CISBenchmark";

/// A filter of this name with a pattern in the words of the benchmark.
const PATTERNS: [(&str, &str); 16] = [
    ("unauthorized-api-calls", "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }"),
    (
        "console-sign-in-without-mfa",
        "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") }",
    ),
    (
        "root-usage",
        "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }",
    ),
    (
        "iam-policy-changes",
        "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||($.eventName=PutRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||($.eventName=DeletePolicy)||($.eventName=CreatePolicyVersion)||($.eventName=DeletePolicyVersion)||($.eventName=AttachRolePolicy)||($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||($.eventName=DetachUserPolicy)||($.eventName=AttachGroupPolicy)||($.eventName=DetachGroupPolicy)}",
    ),
    (
        "cloudtrail-configuration-changes",
        "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }",
    ),
    (
        "console-authentication-failures",
        "{ ($.eventName = ConsoleLogin) && ($.errorMessage = \"Failed authentication\") }",
    ),
    (
        "cmk-disabling-or-deletion",
        "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }",
    ),
    (
        "s3-bucket-policy-changes",
        "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }",
    ),
    (
        "config-configuration-changes",
        "{ ($.eventSource = config.amazonaws.com) && (($.eventName=StopConfigurationRecorder)||($.eventName=DeleteDeliveryChannel)||($.eventName=PutDeliveryChannel)||($.eventName=PutConfigurationRecorder)) }",
    ),
    (
        "security-group-changes",
        "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }",
    ),
    (
        "network-acl-changes",
        "{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }",
    ),
    (
        "network-gateway-changes",
        "{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }",
    ),
    (
        "route-table-changes",
        "{ ($.eventSource = ec2.amazonaws.com) && ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) }",
    ),
    (
        "vpc-changes",
        "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) || ($.eventName = AttachClassicLinkVpc) || ($.eventName = DetachClassicLinkVpc) || ($.eventName = DisableVpcClassicLink) || ($.eventName = EnableVpcClassicLink) }",
    ),
    (
        "organizations-changes",
        "{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = \"AcceptHandshake\") || ($.eventName = \"AttachPolicy\") || ($.eventName = \"CreateAccount\") || ($.eventName = \"CreateOrganizationalUnit\") || ($.eventName = \"CreatePolicy\") || ($.eventName = \"DeclineHandshake\") || ($.eventName = \"DeleteOrganization\") || ($.eventName = \"DeleteOrganizationalUnit\") || ($.eventName = \"DeletePolicy\") || ($.eventName = \"DetachPolicy\") || ($.eventName = \"DisablePolicyType\") || ($.eventName = \"EnablePolicyType\") || ($.eventName = \"InviteAccountToOrganization\") || ($.eventName = \"LeaveOrganization\") || ($.eventName = \"MoveAccount\") || ($.eventName = \"RemoveAccountFromOrganization\") || ($.eventName = \"UpdatePolicy\") || ($.eventName = \"UpdateOrganizationalUnit\")) }",
    ),
    (
        "trail-tampering",
        "{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = PutEventSelectors) || ($.eventName = PutInsightSelectors) || ($.eventName = PutEventConfiguration)) }",
    ),
];

pub(super) fn filters() -> Vec<MetricFilter> {
    let filter = |(name, pattern): (&str, &str)| MetricFilter {
        name: name.to_owned(),
        pattern: pattern.to_owned(),
        field_selection: None,
        metrics: BTreeSet::from([Metric {
            namespace: NAMESPACE.to_owned(),
            name: name.to_owned(),
            value: "1".to_owned(),
            has_dimensions: false,
        }]),
    };
    PATTERNS.map(filter).into()
}

pub(super) fn alarms() -> Vec<Alarm> {
    PATTERNS.map(|(name, _)| alarm(name)).into()
}

fn alarm(name: &str) -> Alarm {
    Alarm {
        arn: arn(&format!("arn:aws:cloudwatch:eu-west-1:111111111111:alarm:{name}")),
        name: name.to_owned(),
        watches: Watched::Metrics {
            metrics: BTreeSet::from([WatchedMetric {
                namespace: NAMESPACE.to_owned(),
                name: name.to_owned(),
                has_dimensions: false,
            }]),
            comparison: Some("GreaterThanOrEqualToThreshold".to_owned()),
            threshold: Some("1".to_owned()),
            statistic: Some("Sum".to_owned()),
            points_to_alarm: Some(1),
        },
        actions_enabled: true,
        alarm_actions: BTreeSet::from([TOPIC_ARN.to_owned()]),
    }
}

pub(super) fn topic() -> (Arn, Topic) {
    let subscription = Subscription { protocol: "email".to_owned(), is_confirmed: true };
    (arn(TOPIC_ARN), Topic { arn: arn(TOPIC_ARN), subscriptions: Known(Some(vec![subscription])) })
}

/// An enabled rule of the default event bus with a target.
pub(crate) fn rule(name: &str, pattern: &str) -> EventRule {
    EventRule {
        arn: arn(&format!("arn:aws:events:{HOME}:{WORKLOAD}:rule/{name}")),
        name: name.to_owned(),
        state: "ENABLED".to_owned(),
        pattern: Some(pattern.to_owned()),
        targets: Known(BTreeSet::from([format!("arn:aws:events:{HOME}:{MANAGEMENT}:event-bus/security")])),
    }
}

/// An event of the organization trail in the workload account, so many hours ago, done by somebody in a role.
pub(crate) fn past(name: &str, hours: i64) -> PastEvent {
    PastEvent {
        id: format!("{name}-{hours}"),
        time: hours_ago(hours),
        source: "cloudtrail.amazonaws.com".to_owned(),
        name: name.to_owned(),
        region: region(HOME),
        principal: Some(format!("arn:aws:sts::{WORKLOAD}:assumed-role/Ops/jo")),
        session_issuer: Some(format!("arn:aws:iam::{WORKLOAD}:role/Ops")),
        invoked_by: None,
        source_ip: Some("203.0.113.7".to_owned()),
        resources: vec![ORG_TRAIL.to_owned()],
        error_code: None,
    }
}

impl World {
    /// Changes the filter of this name.
    pub(crate) fn filter(self, name: &str, change: impl FnOnce(&mut MetricFilter)) -> Self {
        self.group(|group| match &mut group.metric_filters {
            Known(filters) => {
                change(filters.iter_mut().find(|filter| filter.name == name).expect("a filter of this name"))
            }
            Observed::Gap(_) => panic!("the filters are a gap"),
        })
    }

    /// Changes the alarm of this name.
    pub(crate) fn alarm(self, name: &str, change: impl FnOnce(&mut Alarm)) -> Self {
        self.group(|group| match &mut group.alarms {
            Known(alarms) => change(alarms.iter_mut().find(|alarm| alarm.name == name).expect("an alarm of this name")),
            Observed::Gap(_) => panic!("the alarms are a gap"),
        })
    }

    /// Changes what the alarm of this name watches.
    pub(crate) fn watched(self, name: &str, change: impl FnOnce(&mut WatchedMetric)) -> Self {
        self.alarm(name, |alarm| {
            if let Watched::Metrics { metrics, .. } = &mut alarm.watches {
                let mut metric = metrics.pop_first().expect("a metric");
                change(&mut metric);
                metrics.insert(metric);
            }
        })
    }

    /// Sets the threshold of the alarm of this name.
    pub(crate) fn threshold(self, name: &str, value: &str) -> Self {
        self.alarm(name, |alarm| {
            if let Watched::Metrics { threshold, .. } = &mut alarm.watches {
                *threshold = Some(value.to_owned());
            }
        })
    }

    /// Adds a composite alarm that notifies the topic.
    pub(crate) fn composite(self, name: &str, rule: &str) -> Self {
        self.group(|group| match &mut group.alarms {
            Known(alarms) => alarms.push(Alarm { watches: Watched::Alarms(rule.to_owned()), ..alarm(name) }),
            Observed::Gap(_) => panic!("the alarms are a gap"),
        })
    }

    /// Replaces the subscriptions of the topic that all alarms notify.
    pub(crate) fn subscriptions(self, subscriptions: Observed<Option<Vec<Subscription>>>) -> Self {
        self.edit(|snapshot| {
            snapshot.topics.insert(arn(TOPIC_ARN), Topic { arn: arn(TOPIC_ARN), subscriptions });
        })
    }
}
