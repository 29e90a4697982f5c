//! AWS Config: the recorder and the delivery channel of an account and region, and the order they are made and removed in.

use super::json::answer;
use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;
use crate::world::config::{DeliveryChannel, Recorder};

mod channels;
mod put_recorder;
mod recorders;

#[cfg(test)]
mod tests;

/// The service principal.
const PRINCIPAL: &str = "config.amazonaws.com";

/// The service.
pub const SERVICE: Definition = Definition {
    name: "config",
    wire: Wire::Json("StarlingDoveService"),
    denied: "AccessDeniedException",
    route: no_route,
    access,
    handle,
};

/// Whoever gives AWS Config a role must be allowed to pass it.
fn access(request: &Request, _: &World) -> Access {
    let role = request.input.get("ConfigurationRecorder").and_then(|recorder| recorder.get("roleARN")?.as_str());
    let passed = role.map(|role| Access::pass_role(role, PRINCIPAL));
    Access::any("config", request).and(passed)
}

fn handle(request: &Request, world: &mut World) -> Result<Reply, AwsError> {
    let value = match request.operation.as_str() {
        "PutConfigurationRecorder" => put_recorder::put(request, world)?,
        "DescribeConfigurationRecorders" => recorders::describe(request, world)?,
        "DescribeConfigurationRecorderStatus" => recorders::status(request, world)?,
        "ListConfigurationRecorders" => recorders::list(request, world)?,
        "StartConfigurationRecorder" => recorders::set_recording(request, world, true)?,
        "StopConfigurationRecorder" => recorders::set_recording(request, world, false)?,
        "DeleteConfigurationRecorder" => recorders::delete(request, world)?,
        "PutDeliveryChannel" => channels::put(request, world)?,
        "DescribeDeliveryChannels" => channels::describe(request, world)?,
        "DescribeDeliveryChannelStatus" => channels::status(request, world)?,
        "DeleteDeliveryChannel" => channels::delete(request, world)?,
        _ => return Err(request.not_implemented("config")),
    };
    Ok(answer(value))
}

/// The recorders of the caller's account in the region called.
fn recorders<'w>(request: &'w Request, world: &'w World) -> impl Iterator<Item = &'w Recorder> {
    let held = world.config.get(&request.caller.account).map(|held| held.recorders.as_slice()).unwrap_or_default();
    held.iter().filter(|recorder| recorder.region == request.region)
}

/// The customer's own recorder, of which there is at most one.
fn own_recorder<'w>(request: &'w Request, world: &'w World) -> Option<&'w Recorder> {
    recorders(request, world).find(|recorder| recorder.service_principal.is_none())
}

/// The delivery channel, of which there is at most one.
fn channel<'w>(request: &Request, world: &'w World) -> Option<&'w DeliveryChannel> {
    let held = world.config.get(&request.caller.account)?;
    held.channels.iter().find(|channel| channel.region == request.region)
}

fn no_recorder(name: &str) -> AwsError {
    let message = format!("Cannot find configuration recorder with the specified name '{name}'.");
    AwsError::bad("NoSuchConfigurationRecorderException", message)
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::bad("ValidationException", message)
}
