//! Sts.

use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "sts",
    wire: Wire::Query("https://sts.amazonaws.com/doc/2011-06-15/"),
    denied: "AccessDenied",
    route: no_route,
    access: |request, _| Access::any("sts", request),
    handle,
};

fn handle(request: &Request, _world: &mut World) -> Result<Reply, AwsError> {
    Err(request.not_implemented("sts"))
}
