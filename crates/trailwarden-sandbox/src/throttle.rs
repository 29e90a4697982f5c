//! Token buckets per operation, account and region, with the rates AWS publishes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::error::AwsError;
use crate::service::Wire;

/// Tokens per second, and how many a full bucket holds.
type Rate = (f64, f64);

/// The buckets in use.
#[derive(Debug, Default)]
pub struct Throttle {
    buckets: BTreeMap<(String, String, String, String), (f64, Timestamp)>,
}

impl Throttle {
    /// Takes a token for the call; false when there is none. Organizations has a second bucket for all its accounts.
    pub fn admits(&mut self, service: &str, operation: &str, account: &str, region: &str, now: Timestamp) -> bool {
        let own = rate(service, operation);
        let shared = if service == "organizations" { shared_rate(operation) } else { None };
        let own = own.is_none_or(|rate| self.take(service, operation, account, region, rate, now));
        own && shared.is_none_or(|rate| self.take(service, operation, "organization", region, rate, now))
    }

    fn take(&mut self, service: &str, operation: &str, who: &str, region: &str, rate: Rate, now: Timestamp) -> bool {
        let key = (service.to_owned(), operation.to_owned(), who.to_owned(), region.to_owned());
        let (tokens, since) = self.buckets.entry(key).or_insert((rate.1, now));
        let seconds = now.duration_since(*since).as_secs_f64().max(0.0);
        *tokens = (*tokens + seconds * rate.0).min(rate.1);
        *since = now;
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

/// The error of a throttled call.
pub fn error(service: &str, wire: Wire) -> AwsError {
    match wire {
        Wire::Json(_) if service == "organizations" => {
            AwsError::bad("TooManyRequestsException", "AWS Organizations can't complete your request at this time.")
        }
        Wire::Json(_) => AwsError::bad("ThrottlingException", "Rate exceeded"),
        Wire::RestJson => AwsError::new(429, "TooManyRequestsException", "Rate exceeded"),
        Wire::Ec2(_) => AwsError::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        Wire::Query(_) | Wire::QueryCompatible { .. } => AwsError::bad("Throttling", "Rate exceeded"),
        Wire::RestXml { .. } => AwsError::new(503, "SlowDown", "Please reduce your request rate."),
    }
}

/// What one account may do, where a rate is published. The others are not throttled.
fn rate(service: &str, operation: &str) -> Option<Rate> {
    match service {
        "cloudtrail" => cloudtrail(operation),
        "organizations" => organizations(operation),
        "logs" => match operation {
            "DescribeLogGroups" | "CreateLogGroup" => Some((10.0, 10.0)),
            "DescribeMetricFilters"
            | "PutMetricFilter"
            | "DeleteMetricFilter"
            | "PutRetentionPolicy"
            | "AssociateKmsKey" => Some((5.0, 5.0)),
            "CreateLogStream" => Some((50.0, 50.0)),
            _ => None,
        },
        "events" => Some((50.0, 50.0)),
        "securityhub" if operation == "BatchImportFindings" => Some((10.0, 30.0)),
        "monitoring" => match operation {
            "DescribeAlarms" => Some((9.0, 9.0)),
            "DescribeAlarmsForMetric"
            | "DeleteAlarms"
            | "DisableAlarmActions"
            | "EnableAlarmActions"
            | "PutMetricAlarm"
            | "PutCompositeAlarm" => Some((3.0, 3.0)),
            _ => None,
        },
        "sns" => match operation {
            "ListTopics" | "ListSubscriptions" | "ListSubscriptionsByTopic" => Some((30.0, 30.0)),
            "Subscribe" | "Unsubscribe" => Some((100.0, 100.0)),
            _ => None,
        },
        "ec2" if operation.starts_with("Describe") => Some((20.0, 100.0)),
        "ec2" => Some((5.0, 50.0)),
        "wafv2" if operation.starts_with("Get") || operation.starts_with("List") => Some((5.0, 5.0)),
        "wafv2" => Some((1.0, 1.0)),
        _ => None,
    }
}

fn cloudtrail(operation: &str) -> Option<Rate> {
    match operation {
        "DescribeTrails"
        | "GetTrail"
        | "GetTrailStatus"
        | "GetEventSelectors"
        | "GetInsightSelectors"
        | "ListTrails"
        | "ListTags"
        | "ListPublicKeys"
        | "ListEventDataStores"
        | "GetEventDataStore"
        | "ListChannels"
        | "GetChannel"
        | "RegisterOrganizationDelegatedAdmin"
        | "DeregisterOrganizationDelegatedAdmin" => Some((10.0, 10.0)),
        "LookupEvents" => Some((2.0, 2.0)),
        "CreateTrail"
        | "UpdateTrail"
        | "DeleteTrail"
        | "StartLogging"
        | "StopLogging"
        | "PutEventSelectors"
        | "PutInsightSelectors"
        | "AddTags"
        | "RemoveTags"
        | "CreateEventDataStore"
        | "UpdateEventDataStore"
        | "DeleteEventDataStore"
        | "ListInsightsMetricData" => Some((1.0, 1.0)),
        "StartQuery" | "CancelQuery" => Some((3.0, 3.0)),
        _ => None,
    }
}

fn organizations(operation: &str) -> Option<Rate> {
    Some(match operation {
        "ListAccounts" => (8.0, 12.0),
        "ListChildren" => (6.0, 10.0),
        "ListParents"
        | "ListAccountsForParent"
        | "ListOrganizationalUnitsForParent"
        | "ListPolicies"
        | "ListPoliciesForTarget"
        | "ListTargetsForPolicy"
        | "ListDelegatedAdministrators" => (5.0, 8.0),
        "ListRoots"
        | "DescribeOrganization"
        | "CreateOrganizationalUnit"
        | "EnableAWSServiceAccess"
        | "DisableAWSServiceAccess"
        | "RegisterDelegatedAdministrator"
        | "DeregisterDelegatedAdministrator" => (1.0, 2.0),
        "DescribeOrganizationalUnit" | "DescribePolicy" => (2.0, 2.0),
        "DescribeAccount" => (20.0, 30.0),
        "ListTagsForResource" => (10.0, 15.0),
        "CreatePolicy" | "DeletePolicy" | "AttachPolicy" | "DetachPolicy" | "UpdatePolicy" => (2.0, 3.0),
        "EnablePolicyType" | "DisablePolicyType" => (1.0, 1.0),
        "ListAWSServiceAccessForOrganization" | "ListDelegatedServicesForAccount" => (1.0, 3.0),
        _ => return None,
    })
}

/// What all accounts of the organization may do together.
fn shared_rate(operation: &str) -> Option<Rate> {
    Some(match operation {
        "ListAccounts" => (9.0, 15.0),
        "ListChildren" => (7.0, 12.0),
        "ListParents"
        | "ListAccountsForParent"
        | "ListOrganizationalUnitsForParent"
        | "ListPolicies"
        | "ListPoliciesForTarget"
        | "ListTargetsForPolicy"
        | "ListDelegatedAdministrators" => (6.0, 10.0),
        "ListRoots" => (1.0, 3.0),
        "DescribeOrganizationalUnit" | "DescribePolicy" => (2.0, 3.0),
        "DescribeAccount" => (24.0, 36.0),
        "ListTagsForResource" => (12.0, 18.0),
        "ListAWSServiceAccessForOrganization" | "ListDelegatedServicesForAccount" => (1.0, 4.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + milliseconds).expect("in range")
    }

    #[test]
    fn a_burst_is_followed_by_the_rate() {
        let mut throttle = Throttle::default();
        let mut ask = |ms: i64| throttle.admits("organizations", "DescribePolicy", "111122223333", "us-east-1", at(ms));
        assert_eq!([ask(0), ask(1), ask(2)], [true, true, false]);
        assert!(ask(600), "half a second refills one token");
        assert!(!ask(601));
    }

    #[test]
    fn accounts_and_regions_have_buckets_of_their_own() {
        let mut throttle = Throttle::default();
        let mut ask =
            |account: &str, region: &str| throttle.admits("cloudtrail", "StopLogging", account, region, at(0));
        assert!(ask("111122223333", "eu-west-1"));
        assert!(!ask("111122223333", "eu-west-1"));
        assert!(ask("111122223333", "us-east-1"));
        assert!(ask("444455556666", "eu-west-1"));
    }

    #[test]
    fn operations_without_a_published_rate_are_never_throttled() {
        let mut throttle = Throttle::default();
        assert!((0..100).all(|_| throttle.admits("kms", "DescribeKey", "111122223333", "eu-west-1", at(0))));
    }
}
