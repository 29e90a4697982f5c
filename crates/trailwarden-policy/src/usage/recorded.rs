//! How CloudTrail records the use of an IAM action: under which source and names, or why its event history never shows it.
//!
//! Sources: Amazon S3 user guide, "Amazon S3 CloudTrail events" (event names that differ from operations, object-level calls as
//! data events); Service Authorization Reference (operations that one action authorizes); for each other service the page on
//! its logging with CloudTrail, where names are those of the operations.

use trailwarden_model::partition::Partition;
use trailwarden_model::usage::Lookup;

/// Records data events only, which are not in the event history.
const OBJECTS: &str = "S3 records it as a data event, which the event history does not hold";
/// Actions that no call of their own uses.
const PERMISSION: &str = "it is a permission that other calls use, and no call of its own";

/// Bucket-level actions whose events have other names, or that authorize several calls.
const BUCKETS: &[(&str, &[&str])] = &[
    ("DeleteBucket", &["DeleteBucket"]),
    ("DeleteBucketPolicy", &["DeleteBucketPolicy"]),
    ("PutBucketAcl", &["PutBucketAcl"]),
    ("PutBucketLogging", &["PutBucketLogging"]),
    ("PutBucketObjectLockConfiguration", &["PutBucketObjectLockConfiguration", "PutObjectLockConfiguration"]),
    ("PutBucketOwnershipControls", &["DeleteBucketOwnershipControls", "PutBucketOwnershipControls"]),
    ("PutBucketPolicy", &["PutBucketPolicy"]),
    ("PutBucketPublicAccessBlock", &["DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"]),
    ("PutBucketVersioning", &["PutBucketVersioning"]),
    ("PutEncryptionConfiguration", &["DeleteBucketEncryption", "PutBucketEncryption"]),
    ("PutLifecycleConfiguration", &["DeleteBucketLifecycle", "PutBucketLifecycle"]),
    ("PutReplicationConfiguration", &["DeleteBucketReplication", "PutBucketReplication"]),
];

/// The events that show the use of an action, `service:Name`, in a partition; the error says why none does.
pub(super) fn recorded(action: &str, partition: &str) -> Result<Vec<Lookup>, &'static str> {
    let (service, name) = action.split_once(':').ok_or("it names no service")?;
    let source = match service {
        "cloudtrail" | "config" | "events" | "iam" | "kms" | "logs" | "organizations" | "s3" => {
            format!("{service}.amazonaws.com")
        }
        "cloudwatch" => "monitoring.amazonaws.com".to_owned(),
        _ => return Err("how its service records it is not known here"),
    };
    let names: &[&str] = match service {
        "s3" => match BUCKETS.iter().find(|(action, _)| *action == name) {
            Some((_, names)) => names,
            None if name.starts_with("Bypass") => return Err(PERMISSION),
            None => return Err(OBJECTS),
        },
        _ => &[name],
    };
    let is_global = service == "organizations" || service == "iam" && records_iam_in_leader(partition);
    let lookup = |name: &&str| Lookup { source: source.clone(), name: (*name).to_owned(), is_global };
    Ok(names.iter().map(lookup).collect())
}

/// In China, IAM answers in another region than the leader.
fn records_iam_in_leader(partition: &str) -> bool {
    Partition::by_id(partition).is_some_and(|partition| partition.id != "aws-cn")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Profile;

    fn names(action: &str) -> Vec<String> {
        recorded(action, "aws").expect(action).into_iter().map(|lookup| lookup.name).collect()
    }

    #[test]
    fn actions_on_buckets_are_looked_up_by_the_names_of_their_records() {
        assert_eq!(names("s3:PutLifecycleConfiguration"), ["DeleteBucketLifecycle", "PutBucketLifecycle"]);
        assert_eq!(names("s3:PutEncryptionConfiguration"), ["DeleteBucketEncryption", "PutBucketEncryption"]);
        let alarm = &recorded("cloudwatch:DeleteAlarms", "aws").expect("recorded")[0];
        assert_eq!((alarm.source.as_str(), alarm.is_global), ("monitoring.amazonaws.com", false));
    }

    #[test]
    fn objects_and_mere_permissions_are_said_not_to_be_seen() {
        assert_eq!(recorded("s3:DeleteObject", "aws"), Err(OBJECTS));
        assert_eq!(recorded("s3:DeleteObjectVersion", "aws"), Err(OBJECTS));
        assert_eq!(recorded("s3:BypassGovernanceRetention", "aws"), Err(PERMISSION));
    }

    #[test]
    fn global_services_are_asked_in_the_leader_region_where_they_record_there() {
        let is_global = |action, partition| recorded(action, partition).expect("recorded")[0].is_global;
        assert!(is_global("organizations:LeaveOrganization", "aws") && is_global("iam:CreateRole", "aws-us-gov"));
        assert!(!is_global("iam:CreateRole", "aws-cn") && is_global("organizations:LeaveOrganization", "aws-cn"));
    }

    #[test]
    fn every_action_of_the_profiles_is_looked_up_or_has_a_reason_not_to_be() {
        let unknown = "how its service records it is not known here";
        for statement in Profile::Strict.statements() {
            for action in &statement.deny {
                assert_ne!(recorded(action, "aws"), Err(unknown), "{action}");
                let is_of_objects = statement.deny.iter().any(|action| action == "s3:DeleteObject");
                assert_eq!(recorded(action, "aws").is_err(), is_of_objects, "{action}");
            }
        }
    }
}
