//! `DeleteAlarms`, and whether actions are taken.

use super::put::short;
use super::{alarm_names, own, rule, validation};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::cloudwatch::{Alarm, Watches};

/// `DeleteAlarms`: all or none; a composite alarm goes alone, and nothing that one watches goes before it.
pub fn delete(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let names = alarm_names(request)?;
    let held = own(request, world);
    let found: Vec<&&Alarm> = held.iter().filter(|alarm| names.contains(&alarm.name)).collect();
    let is_composite = |alarm: &&&Alarm| matches!(alarm.watches, Watches::Rule(_));
    if found.iter().filter(|alarm| is_composite(alarm)).count() > 1 {
        return Err(validation("At most one composite alarm can be deleted in one call."));
    }
    if let Some(missing) = names.iter().find(|name| !held.iter().any(|alarm| alarm.name == **name)) {
        return Err(AwsError::missing("ResourceNotFound", format!("Unknown alarm: {missing}")));
    }
    for alarm in &held {
        let Watches::Rule(text) = &alarm.watches else { continue };
        let children = rule::alarms(text).unwrap_or_default();
        let watched = children.iter().map(|child| short(child)).find(|child| names.iter().any(|name| name == child));
        if let Some(watched) = watched.filter(|_| !names.contains(&alarm.name)) {
            let message = format!("Cannot delete {watched} as there are composite alarm(s) depending on it.");
            return Err(validation(message));
        }
    }
    if let Some(held) = world.cloudwatch.get_mut(&request.caller.account) {
        held.alarms.retain(|alarm| alarm.region != request.region || !names.contains(&alarm.name));
    }
    Ok(Reply::empty())
}

/// `EnableAlarmActions` and `DisableAlarmActions`; names that are not there are passed over.
pub fn set_actions(request: &Request, world: &mut World, enabled: bool) -> Result<Reply, AwsError> {
    let names = alarm_names(request)?;
    let alarms = world.cloudwatch.get_mut(&request.caller.account).map(|held| held.alarms.as_mut_slice());
    for alarm in alarms.unwrap_or_default() {
        if alarm.region == request.region && names.contains(&alarm.name) {
            alarm.actions_enabled = enabled;
        }
    }
    Ok(Reply::empty())
}
