//! What a past call was made on, as its service authorizes it: records name most resources by less than their ARN.

use std::collections::BTreeSet;

use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::AccountId;

/// The ARNs that the names in a record may stand for; none when it names nothing that can be told.
///
/// `roles` are ARNs of roles, with `*` for any account, that the new policies name: a record has no path of a role.
pub(super) fn resources(
    event: &PastEvent,
    account: &AccountId,
    partition: &str,
    roles: &BTreeSet<String>,
) -> BTreeSet<String> {
    let region = &event.region;
    let service = event.source.split('.').next().unwrap_or_default();
    let here = |kind: &str, name: &str| format!("arn:{partition}:{service}:{region}:{account}:{kind}{name}");
    let mut found = BTreeSet::new();
    for name in &event.resources {
        let is_arn = name.starts_with("arn:");
        match service {
            "s3" if is_arn => _ = found.insert(name.split('/').next().unwrap_or_default().to_owned()),
            "s3" => _ = found.insert(format!("arn:{partition}:s3:::{name}")),
            "kms" if is_arn && name.contains(":key/") => _ = found.insert(name.clone()),
            "kms" if !is_arn && !name.starts_with("alias/") => _ = found.insert(here("key/", name)),
            "logs" => {
                let arn = if is_arn { name.trim_end_matches(":*").to_owned() } else { here("log-group:", name) };
                found.insert(format!("{arn}:log-stream:"));
            }
            "iam" if !is_arn => found.extend(roles_named(name, account, partition, roles)),
            "iam" if name.contains(":role/") => _ = found.insert(name.clone()),
            "cloudtrail" if is_arn => _ = found.insert(name.clone()),
            "cloudtrail" => {
                let kind = match event.name.as_str() {
                    word if word.ends_with("Channel") => "channel/",
                    word if word.contains("EventDataStore") || word.ends_with("Federation") => "eventdatastore/",
                    _ => "trail/",
                };
                found.insert(here(kind, name));
            }
            _ => {}
        }
    }
    found
}

/// A role of this name without a path, and with each path that a policy has it with.
fn roles_named(
    name: &str,
    account: &AccountId,
    partition: &str,
    roles: &BTreeSet<String>,
) -> impl Iterator<Item = String> {
    let path_of = move |role: &String| {
        let (_, resource) = role.split_once(":role/")?;
        let (path, _) = resource.rsplit_once('/')?;
        (!path.contains(['*', '?'])).then(|| format!("{path}/"))
    };
    let paths: BTreeSet<String> = roles.iter().filter_map(path_of).chain([String::new()]).collect();
    paths.into_iter().map(move |path| format!("arn:{partition}:iam::{account}:role/{path}{name}"))
}
