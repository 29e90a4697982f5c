//! Organizations: trusted access.

use serde_json::Value;

use crate::gap::Failure;
use crate::read::organizations::guards;
use crate::session::{Session, Site};

pub(super) async fn trusted_access(session: &Session, site: &Site, service: &str) -> Result<Value, Failure> {
    Ok(Value::Bool(guards::trusted_services(session, site).await?.contains(service)))
}
