//! Worlds made comparable: what no two runs share is left out, and what AWS names at random is named by what it is.

use serde_json::{Map, Value};
use trailwarden_sandbox::world::World;

/// When things happened, unique ids that nothing refers to, and what every call leaves: no part of what is compared.
const LEFT_OUT: [&str; 7] = ["created", "updated", "started", "stopped", "history", "streams", "objects"];

/// The world without what differs between two ways to it: moments, the sessions of callers, the event history, and counters.
/// Keys are called by their aliases, policies by their names.
pub(super) fn canon(world: &World) -> Value {
    let mut text = serde_json::to_string(world).expect("it writes");
    for (account, held) in &world.kms {
        for key in held.keys.iter().filter(|key| !key.aliases.is_empty()) {
            text = text.replace(&key.id, &format!("{account} {:?}", key.aliases).replace('"', ""));
        }
    }
    let organization = world.organization.as_ref().expect("an organization");
    for (id, policy) in &organization.policies {
        text = text.replace(&format!("\"{id}\""), &format!("{:?}", format!("policy {}", policy.name)));
    }
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    for name in ["credentials", "entry", "serial", "settling"] {
        value.as_object_mut().expect("an object").remove(name);
    }
    moments(&mut value["organization"]["trusted_services"]);
    for account in value["iam"].as_object_mut().expect("accounts").values_mut() {
        for role in account["roles"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            role["id"].take();
        }
    }
    for account in value["sns"].as_object_mut().expect("accounts").values_mut() {
        for topic in account["topics"].as_array_mut().into_iter().flatten() {
            for subscription in topic["subscriptions"].as_array_mut().into_iter().flatten() {
                subscription["id"].take();
            }
        }
    }
    tidy(&mut value);
    value
}

/// The same for a world that a plan was rolled back in. Besides what a plan leaves: keys, log groups and targets of access
/// logs of ours, because logs may have arrived by then, and service-linked roles, because their services may be in use.
pub(super) fn canon_but_for_kept(world: &World) -> Value {
    let mut world = world.clone();
    for held in world.kms.values_mut() {
        held.keys.retain(|key| !key.tags.contains_key("trailwarden:key"));
    }
    for held in world.logs.values_mut() {
        held.groups.retain(|group| !group.tags.contains_key("trailwarden"));
    }
    for held in world.s3.values_mut() {
        held.buckets.retain(|name, _| !name.starts_with("s3-access-logs-"));
    }
    for held in world.iam.values_mut() {
        held.roles.retain(|_, role| !role.is_service_linked());
    }
    canon(&world)
}

/// When something began is no part of what is compared; that it did is.
fn moments(value: &mut Value) {
    value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|moment| *moment = Value::Bool(true));
}

/// Without what is left out and what is empty, and lists of named things in the order of their names.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(tidy);
            if items.iter().all(Value::is_object) {
                items.sort_by_key(Value::to_string);
            }
        }
        Value::Object(members) => {
            members.values_mut().for_each(tidy);
            members.retain(|name, value| !LEFT_OUT.contains(&name.as_str()) && !is_empty(value));
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Where two values differ, one line each.
pub(super) fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", one, other, &mut found);
    found
}

fn compare(path: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let (a, b) = (a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null));
                compare(&format!("{path}/{name}"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}/{n}"), a, b, found);
            }
        }
        _ if one != other => found.push(format!("{path}: {one} and {other}")),
        _ => {}
    }
}
