//! Organizations.

use super::{Access, Definition, Wire, no_route};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// The service.
pub const SERVICE: Definition = Definition {
    name: "organizations",
    wire: Wire::Json("AWSOrganizationsV20161128"),
    denied: "AccessDeniedException",
    route: no_route,
    access: |request, _| Access::any("organizations", request),
    handle,
};

fn handle(request: &Request, _world: &mut World) -> Result<Reply, AwsError> {
    Err(request.not_implemented("organizations"))
}
