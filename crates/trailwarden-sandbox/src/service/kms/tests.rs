//! Names of keys, who reads a key policy, and what each state refuses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing::{self, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111111111111";

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, account, operation, input)
}

fn world(key: Value) -> World {
    let mut whole = json!({ "id": "0000-key", "region": "eu-west-1", "aliases": ["alias/trail"] });
    whole.as_object_mut().expect("object").extend(key.as_object().expect("object").clone());
    serde_json::from_value(json!({ "kms": { ACCOUNT: { "keys": [whole] } } })).expect("a world")
}

#[test]
fn describe_takes_every_name_and_the_policy_only_ids() {
    let mut world = world(json!({}));
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/0000-key";
    for name in ["0000-key", arn, "alias/trail", "arn:aws:kms:eu-west-1:111111111111:alias/trail"] {
        let described = json_of(call(&mut world, ACCOUNT, "DescribeKey", json!({ "KeyId": name })));
        assert_eq!(described["KeyMetadata"]["Arn"], arn, "{name}");
    }
    assert_eq!(code(call(&mut world, ACCOUNT, "DescribeKey", json!({ "KeyId": "alias/none" }))), "NotFoundException");
    assert_eq!(
        code(call(&mut world, ACCOUNT, "GetKeyPolicy", json!({ "KeyId": "alias/trail" }))),
        "InvalidArnException"
    );
    let policy = json_of(call(&mut world, ACCOUNT, "GetKeyPolicy", json!({ "KeyId": arn })));
    assert!(policy["Policy"].as_str().expect("text").contains("arn:aws:iam::111111111111:root"));
    assert_eq!(
        code(call(&mut world, "222222222222", "GetKeyPolicy", json!({ "KeyId": arn }))),
        "AccessDeniedException"
    );
}

#[test]
fn rotation_depends_on_material_and_state() {
    let on = |key: Value| {
        let mut world = world(key);
        code(call(&mut world, ACCOUNT, "EnableKeyRotation", json!({ "KeyId": "0000-key" })))
    };
    assert_eq!(on(json!({})), "");
    assert_eq!(on(json!({ "origin": "EXTERNAL" })), "UnsupportedOperationException");
    assert_eq!(on(json!({ "spec": "RSA_2048", "usage": "SIGN_VERIFY" })), "UnsupportedOperationException");
    assert_eq!(on(json!({ "state": "Disabled" })), "DisabledException");
    assert_eq!(on(json!({ "state": "PendingDeletion" })), "KMSInvalidStateException");
    let mut doomed = world(json!({ "state": "PendingDeletion", "rotation": true }));
    let status = json_of(call(&mut doomed, ACCOUNT, "GetKeyRotationStatus", json!({ "KeyId": "0000-key" })));
    assert_eq!(status["KeyRotationEnabled"], false);
}

#[test]
fn a_cancelled_deletion_leaves_the_key_disabled() {
    let mut world = world(json!({}));
    let key = || json!({ "KeyId": "0000-key" });
    let scheduled = json_of(call(&mut world, ACCOUNT, "ScheduleKeyDeletion", key()));
    assert_eq!((&scheduled["KeyState"], &scheduled["PendingWindowInDays"]), (&json!("PendingDeletion"), &json!(30)));
    assert_eq!(code(call(&mut world, ACCOUNT, "EnableKey", key())), "KMSInvalidStateException");
    json_of(call(&mut world, ACCOUNT, "CancelKeyDeletion", key()));
    let described = json_of(call(&mut world, ACCOUNT, "DescribeKey", key()));
    assert_eq!(described["KeyMetadata"]["KeyState"], "Disabled");
}

#[test]
fn a_new_policy_names_principals_that_exist_and_tags_come_once() {
    let mut world = world(json!({}));
    world.accounts.insert(ACCOUNT.parse().expect("an account"), crate::world::Account::default());
    let policy = |named: &str| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }, "Action": "kms:*", "Resource": "*" },
            { "Effect": "Allow", "Principal": { "AWS": named }, "Action": "kms:Decrypt", "Resource": "*" },
        ] })
        .to_string()
    };
    let mut create = |input: Value| code(call(&mut world, ACCOUNT, "CreateKey", input));
    let (own, foreign) = (format!("arn:aws:iam::{ACCOUNT}:role/none"), "arn:aws:iam::999999999999:role/reader");
    assert_eq!(create(json!({ "Policy": policy(&own) })), "MalformedPolicyDocumentException");
    assert_eq!(create(json!({ "Policy": policy(foreign) })), "");
    let tag = json!({ "TagKey": "a", "TagValue": "b" });
    assert_eq!(create(json!({ "Tags": [tag, tag] })), "TagException");
    assert_eq!(create(json!({ "Description": "x".repeat(8193) })), "ValidationException");
}

#[test]
fn while_changes_settle_others_see_the_policy_before() {
    let mut world = world(json!({ "policy": "{}" }));
    world.settling.milliseconds = 2_000;
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*" }] })
    .to_string();
    json_of(call(&mut world, ACCOUNT, "PutKeyPolicy", json!({ "KeyId": "0000-key", "Policy": policy })));
    let made = json_of(call(&mut world, ACCOUNT, "CreateKey", json!({})));
    let shown = json_of(call(&mut world, ACCOUNT, "GetKeyPolicy", json!({ "KeyId": "0000-key" })));
    assert_eq!(shown["Policy"], policy);
    let keys = |world: &World| {
        let held = world.kms.values().flat_map(|held| &held.keys);
        held.map(|key| (key.id.clone(), key.policy.clone())).collect::<Vec<_>>()
    };
    assert_eq!(keys(&world.as_seen()), [("0000-key".to_owned(), Some("{}".to_owned()))]);
    world.settle("2026-11-20T12:00:02Z".parse().expect("a time"));
    assert_eq!(keys(&world.as_seen()).len(), 2, "{made}");
}

#[test]
fn a_key_that_signs_signs_digests_and_confirms_only_its_own() {
    let mut world = world(json!({ "spec": "ECC_NIST_P256", "usage": "SIGN_VERIFY" }));
    let digest = STANDARD.encode([7; 32]);
    let asked = |more: Value| {
        let mut asked = json!({
            "KeyId": "alias/trail", "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"
        });
        asked.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        asked
    };
    let signed = json_of(call(&mut world, ACCOUNT, "Sign", asked(json!({}))));
    let signature = json!({ "Signature": signed["Signature"] });
    assert_eq!(json_of(call(&mut world, ACCOUNT, "Verify", asked(signature.clone())))["SignatureValid"], true);
    let other = json!({ "Signature": signed["Signature"], "Message": STANDARD.encode([8; 32]) });
    assert_eq!(code(call(&mut world, ACCOUNT, "Verify", asked(other))), "KMSInvalidSignatureException");
    let mut refused = |more: Value| code(call(&mut world, ACCOUNT, "Sign", asked(more)));
    assert_eq!(refused(json!({ "Message": STANDARD.encode([7; 31]) })), "ValidationException");
    assert_eq!(refused(json!({ "Message": STANDARD.encode([7; 4097]), "MessageType": "RAW" })), "ValidationException");
    assert_eq!(refused(json!({ "SigningAlgorithm": "RSASSA_PSS_SHA_256" })), "InvalidKeyUsageException");
    assert_eq!(refused(json!({ "KeyId": "alias/none" })), "NotFoundException");
    let other_account = code(call(&mut world, "222222222222", "Sign", asked(json!({}))));
    assert_eq!(other_account, "NotFoundException", "an alias is one of the caller's own");
}

#[test]
fn only_keys_that_sign_sign_and_only_asymmetric_ones_have_a_public_half() {
    let on = |key: Value, operation: &str| {
        let input = json!({
            "KeyId": "0000-key", "Message": STANDARD.encode([7; 32]), "MessageType": "DIGEST",
            "SigningAlgorithm": "ECDSA_SHA_256"
        });
        code(call(&mut world(key), ACCOUNT, operation, input))
    };
    let signs = |state: &str| json!({ "spec": "ECC_NIST_P256", "usage": "SIGN_VERIFY", "state": state });
    assert_eq!(on(json!({}), "Sign"), "InvalidKeyUsageException");
    assert_eq!(on(json!({}), "GetPublicKey"), "UnsupportedOperationException");
    assert_eq!(on(json!({ "spec": "ECC_NIST_P256", "usage": "KEY_AGREEMENT" }), "Sign"), "InvalidKeyUsageException");
    assert_eq!(on(json!({ "spec": "RSA_2048", "usage": "SIGN_VERIFY" }), "GetPublicKey"), "NotImplemented");
    for operation in ["Sign", "GetPublicKey"] {
        assert_eq!(on(signs("Enabled"), operation), "");
        assert_eq!(on(signs("Disabled"), operation), "DisabledException");
        assert_eq!(on(signs("PendingDeletion"), operation), "KMSInvalidStateException");
    }
    let create = |spec: &str, usage: &str| {
        let input = json!({ "KeySpec": spec, "KeyUsage": usage });
        code(call(&mut World::default(), ACCOUNT, "CreateKey", input))
    };
    assert_eq!(create("ECC_NIST_P256", "SIGN_VERIFY"), "");
    assert_eq!(create("ECC_NIST_P256", "ENCRYPT_DECRYPT"), "ValidationException");
    assert_eq!(create("HMAC_256", "SIGN_VERIFY"), "ValidationException");
}
