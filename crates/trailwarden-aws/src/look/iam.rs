//! IAM: trust and inline policies of a role.

use serde_json::{Value, json};
use trailwarden_model::plan::normal_document;

use crate::gap::Failure;
use crate::read::iam;
use crate::session::{Session, Site};

pub(super) async fn role(session: &Session, site: &Site, name: &str) -> Result<Value, Failure> {
    let trust = iam::trust(session, site, name).await?;
    Ok(json!({ "AssumeRolePolicyDocument": normal_document(&trust) }))
}

pub(super) async fn role_policy(session: &Session, site: &Site, role: &str, name: &str) -> Result<Value, Failure> {
    Ok(normal_document(&iam::inline_policy(session, site, role, name).await?))
}
