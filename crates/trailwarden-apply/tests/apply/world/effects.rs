//! What calls change in the small AWS, and why it refuses them.

use std::time::Duration;

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Place, Subject, TrailInput, normal_document};

use super::State;

const SCP: &str = "SERVICE_CONTROL_POLICY";

type Changes = Result<Vec<(Subject, Value)>, &'static str>;

/// What a call would change now.
pub fn changes(state: &mut State, now: Duration, place: &Place, call: &Call) -> Changes {
    let here = |aspect: Aspect| Subject { place: place.clone(), aspect };
    let one = |aspect: Aspect, value: Value| Ok(vec![(here(aspect), value)]);
    match call {
        Call::EnableAwsServiceAccess { service_principal } => {
            one(Aspect::TrustedAccess { service: service_principal.clone() }, json!(true))
        }
        Call::DisableAwsServiceAccess { service_principal } => {
            one(Aspect::TrustedAccess { service: service_principal.clone() }, json!(false))
        }
        Call::CreateTrail(_)
        | Call::UpdateTrail(_)
        | Call::DeleteTrail { .. }
        | Call::StartLogging { .. }
        | Call::StopLogging { .. } => trail(state, now, place, call),
        Call::Subscribe { topic_arn, protocol, endpoint } => {
            let (topic, protocol, endpoint) = (topic_arn.clone(), protocol.clone(), endpoint.clone());
            one(Aspect::Subscription { topic, protocol, endpoint }, json!({"Confirmed": false}))
        }
        Call::CreateLogGroup { log_group_name: group, .. } => {
            let created = json!({"logGroupClass": "STANDARD"});
            new(state, here(Aspect::LogGroup { group: group.clone() }), created, "ResourceAlreadyExistsException")
        }
        Call::PutRetentionPolicy { log_group_name, retention_in_days } => {
            retention(state, here(Aspect::LogGroup { group: log_group_name.clone() }), Some(*retention_in_days))
        }
        Call::DeleteRetentionPolicy { log_group_name } => {
            retention(state, here(Aspect::LogGroup { group: log_group_name.clone() }), None)
        }
        Call::EnablePolicyType { .. }
        | Call::CreatePolicy { .. }
        | Call::DeletePolicy { .. }
        | Call::AttachPolicy { .. }
        | Call::DetachPolicy { .. } => policy(state, place, call),
        _ => storage(state, place, call),
    }
}

fn policy(state: &mut State, place: &Place, call: &Call) -> Changes {
    let here = |aspect: Aspect| Subject { place: place.clone(), aspect };
    let attachment = |policy: &str, target: &str| {
        here(Aspect::PolicyAttachment {
            policy_type: SCP.to_owned(),
            policy: policy.to_owned(),
            target: target.to_owned(),
        })
    };
    let of_id = |state: &State, id: &str| {
        let found = state.written.iter().find(|(subject, values)| {
            matches!(subject.aspect, Aspect::AuthorizationPolicy { .. })
                && values.last().is_some_and(|(_, policy)| policy["Id"] == *id)
        });
        found.map(|(subject, _)| subject.clone()).ok_or("PolicyNotFoundException")
    };
    match call {
        Call::EnablePolicyType { policy_type, .. } => new(
            state,
            here(Aspect::PolicyType { policy_type: policy_type.clone() }),
            json!(true),
            "PolicyTypeAlreadyEnabledException",
        ),
        Call::CreatePolicy { name, description, content, r#type, tags } => {
            let id = format!("p-{}", state.n_policies + 1);
            let tags: serde_json::Map<_, _> = tags.iter().map(|tag| (tag.key.clone(), json!(tag.value))).collect();
            let policy =
                json!({"Id": id, "Content": normal_document(content), "Description": description, "Tags": tags});
            let aspect = Aspect::AuthorizationPolicy { policy_type: r#type.clone(), name: name.clone() };
            let created = new(state, here(aspect), policy, "DuplicatePolicyException")?;
            state.n_policies += 1;
            Ok(created)
        }
        Call::DeletePolicy { policy_id } => {
            let policy = of_id(state, policy_id)?;
            let is_attached = state.written.iter().any(|(subject, values)| {
                matches!(&subject.aspect, Aspect::PolicyAttachment { policy, .. } if policy == policy_id)
                    && values.last().is_some_and(|(_, value)| *value == json!(true))
            });
            if is_attached { Err("PolicyInUseException") } else { Ok(vec![(policy, Value::Null)]) }
        }
        Call::AttachPolicy { policy_id, target_id } => {
            of_id(state, policy_id)?;
            let of_type = here(Aspect::PolicyType { policy_type: SCP.to_owned() });
            exists(state, &of_type, "PolicyTypeNotEnabledException")?;
            new(state, attachment(policy_id, target_id), json!(true), "DuplicatePolicyAttachmentException")
        }
        Call::DetachPolicy { policy_id, target_id } => {
            exists(state, &attachment(policy_id, target_id), "PolicyNotAttachedException")?;
            Ok(vec![(attachment(policy_id, target_id), Value::Null)])
        }
        _ => unreachable!("calls about policies only"),
    }
}

fn storage(state: &mut State, place: &Place, call: &Call) -> Changes {
    let here = |aspect: Aspect| Subject { place: place.clone(), aspect };
    let of_bucket = |state: &State, bucket: &str, aspect: Aspect, value: Value| {
        exists(state, &here(Aspect::Bucket { bucket: bucket.to_owned() }), "NoSuchBucket")?;
        Ok(vec![(here(aspect), value)])
    };
    match call {
        Call::CreateKey { tags, .. } => {
            state.n_keys += 1;
            let arn = key_arn(place, state.n_keys);
            let key = json!({"Arn": arn, "KeyId": key_id(state.n_keys), "KeyState": "Enabled"});
            Ok(vec![
                (here(Aspect::TaggedKey { tag: tags[0].tag_value.clone() }), key),
                (here(Aspect::KeyRotation { key: arn }), json!(false)),
            ])
        }
        Call::ScheduleKeyDeletion { key_id, .. } => {
            let gone = state.written.iter().filter(|(subject, values)| match &subject.aspect {
                Aspect::TaggedKey { .. } => values.last().is_some_and(|(_, key)| key["KeyId"] == **key_id),
                Aspect::KeyRotation { key } => key.ends_with(key_id),
                _ => false,
            });
            Ok(gone.map(|(subject, _)| (subject.clone(), Value::Null)).collect())
        }
        Call::EnableKeyRotation { key_id } => {
            exists(state, &here(Aspect::KeyRotation { key: key_id.clone() }), "NotFoundException")?;
            Ok(vec![(here(Aspect::KeyRotation { key: key_id.clone() }), json!(true))])
        }
        Call::DisableKeyRotation { key_id } => {
            Ok(vec![(here(Aspect::KeyRotation { key: key_id.clone() }), json!(false))])
        }
        Call::CreateAlias { alias_name, target_key_id } => {
            let target = json!({"TargetKeyId": target_key_id});
            new(state, here(Aspect::KeyAlias { name: alias_name.clone() }), target, "AlreadyExistsException")
        }
        Call::DeleteAlias { alias_name } => {
            Ok(vec![(here(Aspect::KeyAlias { name: alias_name.clone() }), Value::Null)])
        }
        Call::CreateBucket { bucket, .. } => {
            let created = json!({"Region": place.region});
            let mut changes =
                new(state, here(Aspect::Bucket { bucket: bucket.clone() }), created, "BucketAlreadyOwnedByYou")?;
            changes.push((here(Aspect::BucketVersioning { bucket: bucket.clone() }), json!({})));
            let ownership = json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]});
            changes.push((here(Aspect::BucketOwnership { bucket: bucket.clone() }), ownership));
            Ok(changes)
        }
        Call::DeleteBucket { bucket } => Ok([
            Aspect::Bucket { bucket: bucket.clone() },
            Aspect::BucketVersioning { bucket: bucket.clone() },
            Aspect::BucketOwnership { bucket: bucket.clone() },
            Aspect::BucketPolicy { bucket: bucket.clone() },
        ]
        .map(|aspect| (here(aspect), Value::Null))
        .to_vec()),
        Call::PutBucketPolicy { bucket, policy } => {
            of_bucket(state, bucket, Aspect::BucketPolicy { bucket: bucket.clone() }, normal_document(policy))
        }
        Call::DeleteBucketPolicy { bucket } => {
            of_bucket(state, bucket, Aspect::BucketPolicy { bucket: bucket.clone() }, Value::Null)
        }
        Call::PutBucketVersioning { bucket, versioning_configuration } => of_bucket(
            state,
            bucket,
            Aspect::BucketVersioning { bucket: bucket.clone() },
            versioning_configuration.clone(),
        ),
        other => panic!("the small AWS does not know {other:?}"),
    }
}

fn trail(state: &State, now: Duration, place: &Place, call: &Call) -> Changes {
    let arn = |name: &str| match name.starts_with("arn:") {
        true => name.to_owned(),
        false => format!("arn:aws:cloudtrail:{}:{}:trail/{name}", place.region, place.account),
    };
    let trail = |name: &str| Subject { place: place.clone(), aspect: Aspect::Trail { trail: arn(name) } };
    let logging = |name: &str| Subject { place: place.clone(), aspect: Aspect::TrailLogging { trail: arn(name) } };
    match call {
        Call::CreateTrail(input) => {
            has_policy(state, now, input)?;
            let mut shown = serde_json::to_value(input).unwrap();
            shown["TrailARN"] = json!(arn(&input.name));
            let mut changes = new(state, trail(&input.name), shown, "TrailAlreadyExistsException")?;
            changes.push((logging(&input.name), json!(false)));
            Ok(changes)
        }
        Call::UpdateTrail(input) => {
            exists(state, &trail(&input.name), "TrailNotFoundException")?;
            let mut shown = state.truth(&trail(&input.name)).unwrap().clone();
            for (member, value) in serde_json::to_value(input).unwrap().as_object().unwrap() {
                if member != "Name" {
                    shown[member] = value.clone();
                }
            }
            Ok(vec![(trail(&input.name), shown)])
        }
        Call::DeleteTrail { name } => Ok(vec![(trail(name), Value::Null), (logging(name), Value::Null)]),
        Call::StartLogging { name } | Call::StopLogging { name } => {
            exists(state, &trail(name), "TrailNotFoundException")?;
            Ok(vec![(logging(name), json!(matches!(call, Call::StartLogging { .. })))])
        }
        _ => unreachable!("calls of CloudTrail only"),
    }
}

/// The bucket's policy must have been there for a while.
fn has_policy(state: &State, now: Duration, input: &TrailInput) -> Result<(), &'static str> {
    let bucket = input.s3_bucket_name.as_deref().unwrap_or_default();
    let counts = state.written.iter().any(|(subject, values)| match &subject.aspect {
        Aspect::BucketPolicy { bucket: one } if one == bucket => {
            values.last().is_some_and(|(at, value)| !value.is_null() && *at + state.spread <= now)
        }
        _ => false,
    });
    counts.then_some(()).ok_or("InsufficientS3BucketPolicyException")
}

fn retention(state: &State, group: Subject, days: Option<i32>) -> Changes {
    exists(state, &group, "ResourceNotFoundException")?;
    let mut shown = state.truth(&group).unwrap().clone();
    match days {
        Some(days) => shown["retentionInDays"] = json!(days),
        None => drop(shown.as_object_mut().unwrap().remove("retentionInDays")),
    }
    Ok(vec![(group, shown)])
}

fn new(state: &State, subject: Subject, value: Value, already: &'static str) -> Changes {
    match state.truth(&subject) {
        None | Some(Value::Null) => Ok(vec![(subject, value)]),
        Some(_) => Err(already),
    }
}

fn exists(state: &State, subject: &Subject, missing: &'static str) -> Result<(), &'static str> {
    match state.truth(subject) {
        None | Some(Value::Null) => Err(missing),
        Some(_) => Ok(()),
    }
}

fn key_id(n: u32) -> String {
    format!("key-{n}")
}

fn key_arn(place: &Place, n: u32) -> String {
    format!("arn:aws:kms:{}:{}:key/{}", place.region, place.account, key_id(n))
}
