//! Whether the principals that a resource policy names exist: AWS refuses those it does not find.

use serde_json::Value;
use trailwarden_model::ids::Arn;

use super::texts;
use crate::world::World;

/// The first role or user that statements name and that does not exist. Accounts outside the sandbox may hold anybody.
pub fn unknown<'a>(world: &World, statements: &'a [Value]) -> Option<&'a str> {
    let principals =
        statements.iter().filter_map(|statement| statement.get("Principal").or(statement.get("NotPrincipal")));
    principals.flat_map(|principal| texts(principal.get("AWS"))).find(|named| !exists(world, named))
}

fn exists(world: &World, named: &str) -> bool {
    let Ok(arn) = named.parse::<Arn>() else { return true };
    let Some(account) = arn.account().filter(|account| arn.service() == "iam" && world.accounts.contains_key(account))
    else {
        return true;
    };
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let iam = world.iam.get(&account);
    match arn.resource().split_once('/') {
        Some(("role", _)) => iam.is_some_and(|iam| {
            iam.roles.contains_key(name) && iam.role_arn(world.partition_id(), &account, name) == named
        }),
        Some(("user", _)) => iam.is_some_and(|iam| iam.users.contains_key(name)),
        _ => true,
    }
}
