//! The calls with which an account could blind its trails or reach around them, with resources as AWS authorizes them.
//!
//! Which actions these are is decided by the profiles of `policies/scp/`.

use crate::Call;
use crate::compose::{Profile, ProfileStatement, Target};

/// Actions on a trail. Source: Service Authorization Reference of AWS CloudTrail, September 2026; the first two are the ones the
/// CloudTrail security best practices name.
pub const TRAIL_TAMPER_ACTIONS: &[&str] = &[
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:PutEventConfiguration",
];

/// Leaving takes the account out of reach of the organization trail and of every SCP. It is authorized on no resource (`*`).
pub const LEAVE_ORGANIZATION: &str = "organizations:LeaveOrganization";

/// The core set on one trail, given by its ARN.
pub fn on_trail(trail: &str) -> Vec<Call> {
    TRAIL_TAMPER_ACTIONS.iter().map(|action| call(action, trail)).collect()
}

/// The call that takes an account out of the organization.
pub fn leave() -> Call {
    call(LEAVE_ORGANIZATION, "*")
}

/// Destructive calls on a log bucket (`arn:aws:s3:::NAME`), and on these objects of it, given by their ARNs. An object stands for
/// all that a policy does not tell from it, so give one below every prefix of interest.
pub fn on_bucket(bucket: &str, objects: &[String]) -> Vec<Call> {
    let on_objects = objects.iter().flat_map(|object| {
        of(Target::LogObjects).flat_map(move |statement| statement.deny.iter().map(move |action| call(action, object)))
    });
    on(&[Target::LogBucket], bucket).into_iter().chain(on_objects).collect()
}

/// Destructive calls on a trail key, given by its key ARN.
pub fn on_key(key: &str) -> Vec<Call> {
    on(&[Target::TrailKey], key)
}

/// Destructive calls on a log group, given by its ARN without `:*`, on its streams, and on all log groups of its account.
pub fn on_log_group(log_group: &str) -> Vec<Call> {
    on(&[Target::LogGroup, Target::LogStreams, Target::LogGroupAccount], log_group)
}

/// Destructive calls on a role with which CloudTrail writes to a log group, given by its ARN with the path.
pub fn on_role(role: &str) -> Vec<Call> {
    on(&[Target::DeliveryRole], role)
}

/// The calls of the strict profile on one resource, taken as each of these kinds.
fn on(targets: &[Target], resource: &str) -> Vec<Call> {
    targets
        .iter()
        .flat_map(|target| {
            let authorized = target.authorized(resource);
            of(*target).flat_map(move |statement| {
                statement.deny.iter().map(|action| call(action, &authorized)).collect::<Vec<_>>()
            })
        })
        .collect()
}

fn of(target: Target) -> impl Iterator<Item = &'static ProfileStatement> {
    Profile::Strict.statements().into_iter().filter(move |statement| statement.on == target)
}

fn call(action: &str, resource: &str) -> Call {
    Call { action: action.to_owned(), resource: resource.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_core_set_is_the_standard_profile() {
        let profile =
            Profile::Standard.statements().into_iter().flat_map(|statement| &statement.deny).map(String::as_str);
        let core = TRAIL_TAMPER_ACTIONS.iter().copied().chain([LEAVE_ORGANIZATION]);
        assert_eq!(profile.collect::<BTreeSet<_>>(), core.collect::<BTreeSet<_>>());
    }

    #[test]
    fn leaving_is_denied_to_exceptions_too() {
        let leaving =
            Profile::Standard.statements().into_iter().filter(|t| t.deny.iter().any(|a| a == LEAVE_ORGANIZATION));
        assert_eq!(leaving.map(|statement| statement.spares_exceptions).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn a_bucket_is_asked_about_itself_and_its_objects() {
        let object = "arn:aws:s3:::logs/AWSLogs/111122223333/x".to_owned();
        let calls = on_bucket("arn:aws:s3:::logs", std::slice::from_ref(&object));
        assert!(calls.contains(&call("s3:PutBucketPolicy", "arn:aws:s3:::logs")));
        assert!(calls.contains(&call("s3:DeleteObjectVersion", &object)));
        assert!(!calls.contains(&call("s3:DeleteObject", "arn:aws:s3:::logs")));
    }

    #[test]
    fn a_log_group_is_named_as_its_service_authorizes_it() {
        let group = "arn:aws:logs:eu-west-1:111122223333:log-group:trail";
        let calls = on_log_group(group);
        assert!(calls.contains(&call("logs:DeleteLogGroup", &format!("{group}:log-stream:"))));
        assert!(calls.contains(&call("logs:PutAccountPolicy", "*")));
        let streams = calls.iter().filter(|call| call.action == "logs:DeleteLogStream").map(|call| &call.resource);
        assert_eq!(streams.collect::<Vec<_>>(), [&format!("{group}:log-stream:any-stream")]);
    }
}
