//! Documented facts about event names: sources, data events, what reads, and what is recorded in the leader region.

/// Where the events of a source are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::coverage) enum Home {
    /// Where they happen.
    Region,
    /// Where they happen, or in the leader region as an event of a global service, by the endpoint that was called.
    Both,
    /// In the leader region; the documentation does not say whether as an event of a global service.
    Leader,
    /// In the leader region, as an event of a global service.
    Global,
}

/// The data events of one source.
pub(super) struct DataEvents {
    source: &'static str,
    /// Their usual `resources.type`.
    pub(super) resource_type: &'static str,
    /// How the ARNs of that type start, after the partition.
    pub(super) arn_start: &'static str,
    /// Their names.
    pub(super) names: &'static [&'static str],
    /// How the names of the management events of the source start.
    management: &'static [&'static str],
}

impl DataEvents {
    pub(super) fn is_management(&self, name: &str) -> bool {
        !self.names.contains(&name) && self.management.iter().any(|start| name.starts_with(start))
    }
}

const DATA_EVENTS: [DataEvents; 5] = [
    DataEvents {
        source: "s3.amazonaws.com",
        resource_type: "AWS::S3::Object",
        arn_start: "s3:::",
        names: &[
            "AbortMultipartUpload",
            "CompleteMultipartUpload",
            "CopyObject",
            "CreateMultipartUpload",
            "DeleteObject",
            "DeleteObjectTagging",
            "DeleteObjects",
            "GetObject",
            "GetObjectAcl",
            "GetObjectAttributes",
            "GetObjectLegalHold",
            "GetObjectRetention",
            "GetObjectTagging",
            "GetObjectTorrent",
            "HeadObject",
            "ListParts",
            "PutObject",
            "PutObjectAcl",
            "PutObjectLegalHold",
            "PutObjectRetention",
            "PutObjectTagging",
            "RestoreObject",
            "SelectObjectContent",
            "UploadPart",
            "UploadPartCopy",
        ],
        management: &[
            "CreateBucket",
            "DeleteBucket",
            "DeletePublicAccessBlock",
            "GetBucket",
            "GetPublicAccessBlock",
            "ListBuckets",
            "PutBucket",
            "PutPublicAccessBlock",
        ],
    },
    DataEvents {
        source: "lambda.amazonaws.com",
        resource_type: "AWS::Lambda::Function",
        arn_start: "lambda:",
        names: &["Invoke"],
        management: &["Add", "Create", "Delete", "Get", "List", "Publish", "Put", "Remove", "Tag", "Untag", "Update"],
    },
    DataEvents {
        source: "dynamodb.amazonaws.com",
        resource_type: "AWS::DynamoDB::Table",
        arn_start: "dynamodb:",
        names: &[
            "BatchExecuteStatement",
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "ExecuteStatement",
            "ExecuteTransaction",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        ],
        management: &["CreateTable", "DeleteTable", "DescribeTable", "ListTables", "RestoreTable", "UpdateTable"],
    },
    DataEvents {
        source: "sns.amazonaws.com",
        resource_type: "AWS::SNS::Topic",
        arn_start: "sns:",
        names: &["Publish", "PublishBatch"],
        management: &["CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "Unsubscribe"],
    },
    DataEvents {
        source: "sqs.amazonaws.com",
        resource_type: "AWS::SQS::Queue",
        arn_start: "sqs:",
        names: &[
            "ChangeMessageVisibility",
            "ChangeMessageVisibilityBatch",
            "DeleteMessage",
            "DeleteMessageBatch",
            "ReceiveMessage",
            "SendMessage",
            "SendMessageBatch",
        ],
        management: &["CreateQueue", "DeleteQueue", "PurgeQueue", "SetQueueAttributes"],
    },
];

/// Sources for which the CloudTrail User Guide lists no data event type.
const MANAGEMENT_ONLY: [&str; 12] = [
    "account.amazonaws.com",
    "autoscaling.amazonaws.com",
    "cloudformation.amazonaws.com",
    "cloudfront.amazonaws.com",
    "ec2.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "iam.amazonaws.com",
    "kms.amazonaws.com",
    "organizations.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "signin.amazonaws.com",
    "sts.amazonaws.com",
];

/// Services whose event source is not their IAM prefix.
const SOURCES: [(&str, &str); 2] = [("cloudwatch", "monitoring"), ("rds-data", "rdsdata")];

/// Names that read although they do not look so, and the other way round.
const HALVES: [(&str, &str, bool); 25] = [
    ("kms.amazonaws.com", "Decrypt", true),
    ("kms.amazonaws.com", "Encrypt", true),
    ("kms.amazonaws.com", "GenerateDataKey", true),
    ("kms.amazonaws.com", "GenerateDataKeyPair", true),
    ("kms.amazonaws.com", "GenerateDataKeyPairWithoutPlaintext", true),
    ("kms.amazonaws.com", "GenerateDataKeyWithoutPlaintext", true),
    ("kms.amazonaws.com", "GenerateMac", true),
    ("kms.amazonaws.com", "GenerateRandom", true),
    ("kms.amazonaws.com", "ReEncrypt", true),
    ("kms.amazonaws.com", "Sign", true),
    ("kms.amazonaws.com", "Verify", true),
    ("kms.amazonaws.com", "VerifyMac", true),
    ("sts.amazonaws.com", "AssumeRole", true),
    ("sts.amazonaws.com", "AssumeRoleWithSAML", true),
    ("sts.amazonaws.com", "AssumeRoleWithWebIdentity", true),
    ("signin.amazonaws.com", "ConsoleLogin", false),
    ("dynamodb.amazonaws.com", "BatchWriteItem", false),
    ("dynamodb.amazonaws.com", "Query", true),
    ("dynamodb.amazonaws.com", "Scan", true),
    ("dynamodb.amazonaws.com", "TransactGetItems", true),
    ("dynamodb.amazonaws.com", "TransactWriteItems", false),
    ("s3.amazonaws.com", "AbortMultipartUpload", false),
    ("s3.amazonaws.com", "CompleteMultipartUpload", false),
    ("s3.amazonaws.com", "UploadPart", false),
    ("s3.amazonaws.com", "UploadPartCopy", false),
];

/// How names start that only read, by the convention that CloudTrail follows.
const READS: [&str; 7] = ["BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search"];

/// How names start that change something.
const WRITES: [&str; 36] = [
    "Add",
    "Associate",
    "Attach",
    "Authorize",
    "Cancel",
    "Copy",
    "Create",
    "Deactivate",
    "Delete",
    "Deregister",
    "Detach",
    "Disable",
    "Disassociate",
    "Enable",
    "Import",
    "Invoke",
    "Invite",
    "Leave",
    "Modify",
    "Move",
    "Publish",
    "Put",
    "Register",
    "Remove",
    "Replace",
    "Restore",
    "Revoke",
    "Run",
    "Schedule",
    "Send",
    "Set",
    "Start",
    "Stop",
    "Tag",
    "Terminate",
    "Update",
];

/// `kms` and `kms.amazonaws.com` are both `kms.amazonaws.com`.
pub(super) fn source_of(service: &str) -> String {
    if service.contains('.') {
        return service.to_owned();
    }
    let known = SOURCES.iter().find(|(prefix, _)| *prefix == service);
    format!("{}.amazonaws.com", known.map_or(service, |(_, source)| source))
}

pub(super) fn data_events(source: &str) -> Option<&'static DataEvents> {
    DATA_EVENTS.iter().find(|events| events.source == source)
}

fn of_type(resource_type: &str) -> Option<&'static DataEvents> {
    DATA_EVENTS.iter().find(|events| events.resource_type == resource_type)
}

/// The one source of the data events of a resource type, where it is known here.
pub(in crate::coverage) fn source_of_type(resource_type: &str) -> Option<&'static str> {
    of_type(resource_type).map(|events| events.source)
}

/// How the ARNs of a resource type start, after the partition.
pub(in crate::coverage) fn arn_start_of(resource_type: &str) -> Option<&'static str> {
    of_type(resource_type).map(|events| events.arn_start)
}

/// Names of events of a source that people know, for examples.
pub(in crate::coverage) fn usual_names(source: &str, is_read: bool) -> &'static [&'static str] {
    match (source, is_read) {
        ("dynamodb.amazonaws.com", true) => &["GetItem", "Query", "Scan"],
        ("dynamodb.amazonaws.com", false) => &["PutItem", "DeleteItem", "UpdateItem"],
        ("ec2.amazonaws.com", true) => &["DescribeInstances"],
        ("ec2.amazonaws.com", false) => &["RunInstances", "TerminateInstances"],
        ("iam.amazonaws.com", true) => &["ListUsers"],
        ("iam.amazonaws.com", false) => &["CreateUser", "CreateAccessKey"],
        ("kms.amazonaws.com", true) => &["Decrypt", "GenerateDataKey"],
        ("kms.amazonaws.com", false) => &["ScheduleKeyDeletion", "DisableKey"],
        ("lambda.amazonaws.com", false) => &["Invoke"],
        ("rdsdata.amazonaws.com", true) => &["ExecuteSql"],
        ("rdsdata.amazonaws.com", false) => &["ExecuteStatement"],
        ("s3.amazonaws.com", true) => &["GetObject", "HeadObject"],
        ("s3.amazonaws.com", false) => &["PutObject", "DeleteObject", "DeleteObjects"],
        ("sns.amazonaws.com", false) => &["Publish"],
        ("sqs.amazonaws.com", false) => &["SendMessage", "DeleteMessage"],
        _ => &[],
    }
}

pub(super) fn is_management_only(source: &str) -> bool {
    MANAGEMENT_ONLY.contains(&source)
}

/// `readOnly` of an event; none when the lists do not say.
pub(super) fn read_only_of(source: &str, name: &str) -> Option<bool> {
    if let Some((_, _, half)) = HALVES.iter().find(|(of, known, _)| *of == source && *known == name) {
        return Some(*half);
    }
    let starts = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    match (starts(&READS), starts(&WRITES)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

pub(in crate::coverage) fn home_of(source: &str) -> Home {
    match source {
        "iam.amazonaws.com" | "cloudfront.amazonaws.com" => Home::Global,
        "organizations.amazonaws.com" | "account.amazonaws.com" | "route53.amazonaws.com" => Home::Leader,
        "sts.amazonaws.com" | "signin.amazonaws.com" => Home::Both,
        _ => Home::Region,
    }
}
