//! Account.

use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "account",
    wire: Wire::RestJson,
    denied: "AccessDeniedException",
    route: no_route,
    access: |request, _| Access::any("account", request),
    handle,
};

fn handle(request: &Request, _world: &mut World) -> Result<Reply, AwsError> {
    Err(request.not_implemented("account"))
}
