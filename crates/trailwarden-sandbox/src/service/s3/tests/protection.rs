//! What S3 demands before it locks, logs or replicates, and what then stays.

use super::*;

fn with(buckets: Value) -> World {
    serde_json::from_value(json!({ "s3": buckets })).expect("a world")
}

fn put(world: &mut World, subresource: &str, body: &str) -> (u16, String) {
    code(call(world, OWNER, "eu-west-1", &format!("PUT /logs-bucket?{subresource}"), body))
}

#[test]
fn object_lock_needs_versioning_and_keeps_it() {
    let mut world = world();
    let lock = |retention: &str| {
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>\
             <Mode>COMPLIANCE</Mode>{retention}</DefaultRetention></Rule></ObjectLockConfiguration>"
        )
    };
    let versioning =
        |status: &str| format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    assert_eq!(put(&mut world, "object-lock", &lock("<Days>365</Days>")), refused(409, "InvalidBucketState"));
    assert_eq!(put(&mut world, "versioning", &versioning("Enabled")), (200, String::new()));
    for (retention, refusal) in [
        ("", refused(400, "MalformedXML")),
        ("<Days>1</Days><Years>1</Years>", refused(400, "MalformedXML")),
        ("<Years>101</Years>", refused(400, "InvalidArgument")),
        ("<Days>365</Days>", (200, String::new())),
    ] {
        assert_eq!(put(&mut world, "object-lock", &lock(retention)), refusal, "{retention}");
    }
    assert_eq!(put(&mut world, "versioning", &versioning("Suspended")), refused(409, "InvalidBucketState"));
    let shown = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?object-lock", ""));
    let retention = shown.child("Rule").and_then(|rule| rule.child("DefaultRetention")).expect("a default retention");
    assert_eq!(retention.child_text("Days"), Some("365"));
}

#[test]
fn mfa_delete_needs_the_device_of_the_root_user() {
    let mut world = world();
    let body =
        "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>";
    assert_eq!(put(&mut world, "versioning", body), refused(403, "AccessDenied"));
    let device = [("x-amz-mfa", "arn:aws:iam::111111111111:mfa/root 123456")];
    let with_device = call_with(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket?versioning", body, &device);
    assert_eq!(code(with_device), (200, String::new()));
    let off = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    assert_eq!(put(&mut world, "versioning", off), refused(403, "AccessDenied"));
    let shown = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?versioning", ""));
    assert_eq!((shown.child_text("Status"), shown.child_text("MfaDelete")), (Some("Enabled"), Some("Enabled")));
}

#[test]
fn access_logs_stay_in_the_account_and_the_region() {
    let mut world = with(json!({
        OWNER: { "buckets": { "logs-bucket": { "region": "eu-west-1" }, "near": { "region": "eu-west-1" },
            "locked": { "region": "eu-west-1", "object_lock": { "mode": "GOVERNANCE", "days": 1 } },
            "old": { "region": "eu-west-1", "ownership": "ObjectWriter" }, "far": { "region": "eu-west-2" } } },
        STRANGER: { "buckets": { "theirs": { "region": "eu-west-1" } } },
    }));
    let to = |bucket: &str| {
        format!(
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{bucket}</TargetBucket><TargetPrefix>a/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
        )
    };
    for (target, refusal) in [
        ("nowhere", refused(400, "InvalidTargetBucketForLogging")),
        ("theirs", refused(400, "InvalidTargetBucketForLogging")),
        ("far", refused(403, "CrossLocationLoggingProhibitted")),
        ("locked", refused(400, "InvalidTargetBucketForLogging")),
        ("old", refused(400, "InvalidTargetBucketForLogging")),
        ("near", (200, String::new())),
    ] {
        assert_eq!(put(&mut world, "logging", &to(target)), refusal, "{target}");
    }
    let target = |world: &mut World| {
        let shown = xml(call(world, OWNER, "eu-west-1", "GET /logs-bucket?logging", ""));
        shown.child("LoggingEnabled").and_then(|enabled| enabled.child_text("TargetBucket").map(str::to_owned))
    };
    assert_eq!(target(&mut world), Some("near".to_owned()));
    assert_eq!(put(&mut world, "logging", "<BucketLoggingStatus/>"), (200, String::new()));
    assert_eq!(target(&mut world), None);
}

#[test]
fn replicas_keep_versions_on_both_sides() {
    let mut world = with(json!({ OWNER: { "buckets": {
        "logs-bucket": { "region": "eu-west-1", "versioning": "enabled" },
        "copy": { "region": "eu-west-2", "versioning": "enabled" },
        "plain": { "region": "eu-west-2" },
    } } }));
    let to = |bucket: &str| {
        format!(
            "<ReplicationConfiguration><Role>arn:aws:iam::{OWNER}:role/copier</Role><Rule><Status>Enabled</Status><Prefix></Prefix>\
                 <Destination><Bucket>arn:aws:s3:::{bucket}</Bucket></Destination></Rule></ReplicationConfiguration>"
        )
    };
    assert_eq!(put(&mut world, "replication", &to("nowhere")), refused(400, "InvalidRequest"));
    assert_eq!(put(&mut world, "replication", &to("plain")), refused(400, "InvalidRequest"));
    assert_eq!(put(&mut world, "replication", &to("copy")), (200, String::new()));
    let off = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    assert_eq!(put(&mut world, "versioning", off), refused(409, "InvalidBucketState"));
    let gone = code(call(&mut world, OWNER, "eu-west-1", "DELETE /logs-bucket?replication", ""));
    assert_eq!(gone, (204, String::new()));
    assert_eq!(put(&mut world, "versioning", off), (200, String::new()));
}

#[test]
fn default_encryption_is_one_rule_and_keeps_what_it_blocks() {
    let mut world = world();
    let rule = "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
        <BucketKeyEnabled>false</BucketKeyEnabled><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>";
    let sent = |rules: &str| format!("<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>");
    assert_eq!(put(&mut world, "encryption", &sent(&format!("{rule}{rule}"))), refused(400, "MalformedXML"));
    assert_eq!(put(&mut world, "encryption", &sent(rule)), (200, String::new()));
    let shown = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?encryption", ""));
    assert_eq!(shown.child("Rule"), Element::parse(&sent(rule)).expect("XML").child("Rule"));
}

#[test]
fn a_policy_names_roles_that_exist() {
    let mut world = world();
    world.accounts.insert(OWNER.parse().expect("an account"), crate::world::Account::default());
    let policy = |named: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": named },
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs-bucket/*" }] })
        .to_string()
    };
    let role = format!("arn:aws:iam::{OWNER}:role/reader");
    assert_eq!(put(&mut world, "policy", &policy(&role)), refused(400, "MalformedPolicy"));
    assert_eq!(put(&mut world, "policy", &policy(OWNER)), (204, String::new()));
    let iam = world.iam.entry(OWNER.parse().expect("an account")).or_default();
    iam.roles.insert("reader".to_owned(), crate::world::iam::Role::default());
    assert_eq!(put(&mut world, "policy", &policy(&role)), (204, String::new()));
}
